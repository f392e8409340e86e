"""A workbook as a scenario: a sheet a table, as good as a folder; and an empty one to fill in, with drop-downs and comments."""

import csv
import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from qsim.record.contents import Contents
from qsim.record.features import place_rows
from qsim.record.files import beside
from qsim.record.names import nearest, slug
from qsim.record.options import typed
from qsim.record.problems import Table
from qsim.record.reading import tabulate
from qsim.record.schema import Column, columns
from qsim.record.sheets import Rows, WorkbookError, openpyxl_for, read_sheets
from qsim.record.words import SOURCE_KINDS

_TABLES = ("places", "claims", "sources", "links", "groups")
_SETTINGS = ("scenario", "sides", "documents")
_ALIASES = {"settings": "scenario", "claim": "claims", "place": "places", "source": "sources", "side": "sides", "read_me": "", "readme": ""}
_LAST_ROW = 2000  # of the drop-downs
# What stands first on a sheet, names before all; and where a cell names something of another sheet: that sheet.
_FIRST = {
    "places": ("name", "lon", "lat", "kind"),
    "claims": ("place", "kind", "side", "start", "source"),
    "sources": ("name", "kind", "side"),
    "links": ("a", "b"),
    "groups": ("name", "members"),
}
_NAMED = {"place": "places", "a": "places", "b": "places", "parent": "places", "side": "sides", "source": "sources", "origin": "sources"}


def read_workbook(contents: Contents) -> None:
    """Read the sheets of a workbook into `contents`; places and claims must be there, all else may be left out."""
    tables = contents.tables = {name: Table(f"sheet {name}") for name in contents.tables}
    try:
        sheets = read_sheets(contents.path)
    except WorkbookError as problem:
        tables["scenario"].file = ""
        tables["scenario"].problem(str(problem))
        sheets = {}
    found: dict[str, Rows] = {}
    for title, rows in sheets.items():
        name = _ALIASES.get(slug(title), slug(title))
        if name in (*_TABLES, *_SETTINGS):
            found[name] = rows
            tables.setdefault(name, Table("")).file = f"sheet {title}"
        elif name and rows:
            tables["scenario"].notice(f"not read: the sheet {title!r}{nearest(title, (*_TABLES, *_SETTINGS))}")
    contents.settings = _settings(found, tables)
    for name in _TABLES:
        rows = found.get(name, [])
        if len(rows) > 1:
            _lettered(tables[name], rows[0][1], columns(name))
            tabulate(rows, columns(name), tables[name])
        elif name in ("places", "claims") and sheets:
            tables[name].problem("the sheet is missing, or has no rows below its headings")
        else:
            contents.missing.add(name)
    place_rows(tables["places"])


def _lettered(table: Table, header: Iterable[str], known: Iterable[Column]) -> None:
    """Note in which column of the sheet each field stands, so that problems name it."""
    names = {alias: column.name for column in known for alias in (*column.aliases, column.name)}
    for n, heading in enumerate(header):
        table.letters.setdefault(names.get(slug(heading), heading), _letter(n))


def _letter(n: int) -> str:
    return (_letter(n // 26 - 1) if n >= 26 else "") + chr(ord("A") + n % 26)


def _settings(found: Mapping[str, Rows], tables: dict[str, Table]) -> dict[str, Any]:
    """Return the settings of a workbook: a key and its value a row, and a sheet each for sides and documents."""
    pairs = [(slug(cells[0]), cells[1]) for _, cells in found.get("scenario", ()) if len(cells) > 1 and cells[0] and cells[1]]
    given: dict[str, Any] = {key: value for key, value in pairs if (key, value) not in (("key", "value"), ("field", "value"))}
    for name in ("sides", "documents"):
        if rows := found.get(name):
            header = [slug(cell) for cell in rows[0][1]]
            given[name] = [{key: cell for key, cell in zip(header, cells, strict=False) if key and cell} for _, cells in rows[1:]]
    settings = typed(given, tables["scenario"])
    for name in ("sides", "documents"):  # what is said of their fields belongs to their sheets
        tables.pop(name, None)
    return settings


def write_workbook(path: Path, folder: Path) -> None:
    """
    Write a workbook to fill in, with the example of a scenario folder in it: a sheet a table, drop-downs and comments from the format.

    Raises
    ------
    WorkbookError
        When openpyxl is missing.
    """
    book = openpyxl_for("writing a workbook").Workbook()
    book.remove(book.active)
    for name, rows in _example(folder).items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        sheet.freeze_panes = "A2"
        _explained(sheet, [str(cell) for cell in rows[0]], name)
    with beside(path) as made:
        book.save(made)


def _example(folder: Path) -> dict[str, list[list[Any]]]:
    """Return the rows of each sheet of the example, headings first, with names in the place of ids; documents are cited in words."""
    settings = tomllib.loads((folder / "scenario.toml").read_text(encoding="utf-8"))
    features = json.loads((folder / "places.geojson").read_text(encoding="utf-8"))["features"]
    places = [{**f["properties"], **dict(zip(("lon", "lat"), f["geometry"]["coordinates"], strict=True))} for f in features]
    tables: dict[str, list[dict[str, Any]]] = {"places": places}
    for name in ("claims", "sources", "links", "groups"):
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            tables[name] = [
                {**row, "cites": "The report of the valley, p. 1"} if row.get("cites") else dict(row) for row in csv.DictReader(file)
            ]
    named = {row["id"]: row["name"] for name in ("places", "links", "groups", "sources") for row in tables[name]}
    named |= {side["id"]: side["name"] for side in settings["sides"]}
    named |= {actor["id"]: actor["name"] for side in settings["sides"] for actor in side.get("actors", ())}
    sheets = {name: _table(name, tables[name], named) for name in _TABLES}
    sides = [["name", "colour", "actors", "bases"]]
    for side in settings["sides"]:
        actors = ";".join(actor["name"] for actor in side.get("actors", ()))
        bases = ";".join(named[base["place"]] for base in side.get("bases", ()))
        sides.append([side["name"], side["colour"], actors, bases])
    keys = [[key, settings[key]] for key in ("title", "summary", "start", "end")]
    frame = ["frame", ", ".join(str(edge) for edge in settings["frame"])]
    return {**sheets, "sides": sides, "scenario": [["key", "value"], *keys, frame]}


def _table(name: str, rows: list[dict[str, Any]], named: Mapping[str, str]) -> list[list[Any]]:
    """Return the rows of a table with all the columns of the format, those that must be filled first; ids of other tables as names."""
    known = [column for column in columns(name) if column.name != "outline"]
    first = _FIRST.get(name, ())
    order = [*first, *(column.name for column in known if column.name not in first)]
    names = {column.name for column in known if column.type == "name" and column.name != "denies"} | {"actor", "members"}
    made = []
    for row in rows:
        cells = {column: _cell(row.get(column)) for column in order}
        for column in names & set(order):
            cells[column] = ";".join(named.get(part, part) for part in str(cells[column]).split(";"))
        made.append([cells[column] for column in order])
    return [order, *made]


def _cell(value: Any) -> Any:
    return ";".join(value) if isinstance(value, list) else "" if value is None or value is False else value


def _explained(sheet: Any, header: list[str], name: str) -> None:
    """Give each heading a comment that says what the column means, and each choice a drop-down."""
    from openpyxl.comments import Comment
    from openpyxl.styles import Font
    from openpyxl.worksheet.datavalidation import DataValidation

    prefix = "sides[]." if name == "sides" else ""
    known = {c.name.removeprefix(prefix): c for c in columns("scenario" if name in _SETTINGS else name)}
    for n, heading in enumerate(header):
        column, letter = known.get(heading), _letter(n)
        sheet.column_dimensions[letter].width = 24 if heading in ("name", "note", "cites", "value", "summary") else 14
        if column is None:
            continue
        cell = sheet[f"{letter}1"]
        cell.font = Font(bold=column.required)
        blank = f" Blank: {column.default}." if column.default else " Must be filled." if column.required else ""
        cell.comment = Comment(f"{column.description}{f' ({column.unit})' if column.unit else ''}.{blank}", "qsim", height=120, width=260)
        offered = _offered(column, heading, name)
        if offered:
            rule = DataValidation(type="list", formula1=offered, allow_blank=True, showErrorMessage=False)
            rule.add(f"{letter}2:{letter}{_LAST_ROW}")
            sheet.add_data_validation(rule)


def _offered(column: Column, heading: str, name: str) -> str:
    """Return what a drop-down offers: the choices of a field, or the names on another sheet; blank for none."""
    choices = SOURCE_KINDS if (name, heading) == ("sources", "kind") else column.choices
    if choices:
        return f'"{",".join(choices)}"'
    if heading in _NAMED and name not in _SETTINGS:
        return f"={_NAMED[heading]}!$A$2:$A${_LAST_ROW}"
    return ""
