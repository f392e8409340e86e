"""scenario.toml, field by field: every value has the type that the format gives it, and every key is one that is known."""

import tomllib
from typing import Any

from qsim.record.cells import parse
from qsim.record.names import nearest
from qsim.record.problems import Table
from qsim.record.schema import Column, columns


def read_settings(text: str | None, table: Table) -> dict[str, Any]:
    """Return the settings that a TOML text spells, every field there; what is wrong is noted in `table`."""
    try:
        given = tomllib.loads(text or "")
    except tomllib.TOMLDecodeError as problem:
        table.problem(f"not TOML: {problem}")
        given = {}
    except (RecursionError, ValueError) as problem:
        table.problem(f"not read: {'its brackets are nested thousands deep' if isinstance(problem, RecursionError) else problem}")
        given = {}
    return typed(given, table)


def typed(given: dict[str, Any], table: Table, prefix: str = "") -> dict[str, Any]:
    """Return the fields below `prefix` (such as `sides[].`) by their types; blank ones are there as none, `()` or an empty text."""
    fields = {
        c.name.removeprefix(prefix): c for c in columns("scenario") if c.name.startswith(prefix) and "." not in c.name.removeprefix(prefix)
    }
    also = {alias: name for name, column in fields.items() for alias in column.aliases}
    given = {also.get(key, key): value for key, value in given.items()}
    for key in given:
        if key not in fields:
            hint = nearest(key, fields) or f"; expected one of {', '.join(fields)}"
            table.problem(f"unknown key {key!r}{hint}", column=f"{prefix}{key}")
    return {name: _field(column, given.get(name), table) for name, column in fields.items()}


def _field(column: Column, value: Any, table: Table) -> Any:
    if column.type != "tables":
        return parse(column, value, table, 0)
    key = column.name.rpartition(".")[2]
    if isinstance(value, str):  # a cell of a workbook
        value = [part.strip() for part in value.split(";") if part.strip()]
    if isinstance(value, dict) and column.name in ("sides", "documents"):
        table.problem(f"[{key}] is one table; expected [[{key}]], one for each of the {key}", column=column.name)
        return []
    if value is None:
        return []
    if not isinstance(value, list):
        table.problem(f"{key} = {str(value)[:40]} is not a list of tables", column=column.name)
        return []
    found = []
    for entry in value:
        if isinstance(entry, str):
            entry = {column.short: entry}
        if isinstance(entry, dict):
            found.append(typed(entry, table, f"{column.name}[]."))
        else:
            table.problem(f"{str(entry)[:40]!r} is not a table {{{', '.join(_keys(column))}}}", column=column.name)
    return found


def _keys(column: Column) -> list[str]:
    prefix = f"{column.name}[]."
    return [c.name.removeprefix(prefix) for c in columns("scenario") if c.name.startswith(prefix)]
