"""A workbook as a scenario: a sheet a table, as good as a folder; the documents and the backdrop may be sheets as well."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from qsim.record.contents import Contents
from qsim.record.documents import Document
from qsim.record.features import backdrop_of, place_rows
from qsim.record.names import closest, nearest, slug
from qsim.record.options import typed
from qsim.record.picture import kept_picture
from qsim.record.problems import Table
from qsim.record.schema import Column, columns, with_languages
from qsim.record.sheets import Rows, WorkbookError, letter, read_sheets
from qsim.record.tabulating import Sheet, tabulate

TABLES = ("places", "claims", "sources", "links", "groups")
SETTINGS = ("scenario", "sides", "actors", "bases", "documents", "lines", "picture", "backdrop")
MODEL = "model."  # what the key of a parameter of the belief model begins with
_ALIASES = {"settings": "scenario", "claim": "claims", "place": "places", "source": "sources", "side": "sides", "read_me": "", "readme": ""}


def read_workbook(contents: Contents) -> None:
    """Read the sheets of a workbook into `contents`; places must be there, all else may be left out."""
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
        if name in (*TABLES, *SETTINGS):
            found[name] = rows
            tables.setdefault(name, Table("")).file = f"sheet {title}"
        elif name and rows:
            tables["scenario"].notice(f"not read: the sheet {title!r}{nearest(title, (*TABLES, *SETTINGS))}")
    contents.settings = _settings(found, tables)
    contents.documents = _documents(contents.settings["documents"], found.get("lines", []), tables["scenario"])
    parts = [cells.get("data", "") for _, cells in _by_heading(found.get("picture", []))]
    contents.picture = kept_picture(parts, contents.settings, tables["scenario"])
    contents.backdrop = _backdrop(found.get("backdrop", []), tables["backdrop"])
    for name in TABLES:
        rows = found.get(name, [])
        if len(rows) > 1:
            header = rows[0][1]
            _lettered(tables[name], header, with_languages(columns(name), header))
            tabulate(Sheet.of(rows), columns(name), tables[name])
        elif name == "places" and sheets:
            tables[name].problem("the sheet is missing, or has no rows below its headings")
        else:
            contents.missing.add(name)
    strangers = [title for title, rows in sheets.items() if rows and slug(title) and _ALIASES.get(slug(title), slug(title)) not in found]
    if "claims" not in found and (meant := closest("claims", strangers, 0.75)):
        tables["claims"].problem(f"the sheet is missing, and {meant!r} is not read; is that the table of claims? rename it")
    place_rows(tables["places"])


def _lettered(table: Table, header: Iterable[str], known: Iterable[Column]) -> None:
    """Note in which column of the sheet each field stands, so that problems name it."""
    names = {alias: column.name for column in known for alias in (*column.aliases, column.name)}
    for n, heading in enumerate(header):
        table.letters.setdefault(names.get(slug(heading), heading), letter(n))


def _settings(found: Mapping[str, Rows], tables: dict[str, Table]) -> dict[str, Any]:
    """Return the settings of a workbook: a key and its value a row, and a sheet each for sides, their actors and bases, and documents."""
    pairs = [(cells[0].strip(), cells[1]) for _, cells in found.get("scenario", ()) if len(cells) > 1 and cells[0] and cells[1]]
    given: dict[str, Any] = {slug(key): value for key, value in pairs if (slug(key), slug(value)) not in (("key", "value"), ("field", "value"))
                             and not key.startswith(MODEL)}  # fmt: skip
    for key, value in pairs:
        if key.startswith(MODEL):
            _deep(given.setdefault("model", {}), key.removeprefix(MODEL).split("."), _value(value))
    for name in ("sides", "documents"):
        if name in found:
            given[name] = [dict(cells) for _, cells in _by_heading(found[name])]
    for name in ("actors", "bases"):
        for row, cells in _by_heading(found.get(name, [])):
            side = cells.pop("side", "")
            owner = next((each for each in given.get("sides", ()) if slug(side) in (each.get("id"), slug(each.get("name", "")))), None)
            if owner is None:
                tables["scenario"].problem(f"sheet {name}, row {row}: {side!r} is no side of the sheet 'sides'", column="sides")
            else:
                owner[name] = [*(owner[name] if isinstance(owner.get(name), list) else ()), cells]
    settings = typed(given, tables["scenario"])
    for name in SETTINGS[1:-1]:  # what is said of their fields belongs to their sheets
        tables.pop(name, None)
    return settings


def _by_heading(rows: Rows) -> list[tuple[int, dict[str, str]]]:
    """Return the cells of a sheet that are filled, by the heading above each, with the numbers of their rows."""
    header = [slug(cell) for cell in rows[0][1]] if rows else []
    return [(row, {key: cell for key, cell in zip(header, cells, strict=False) if key and cell}) for row, cells in rows[1:]]


def _deep(into: dict[str, Any], path: list[str], value: Any) -> None:
    """Put a value into nested tables: `reliability.press`."""
    for name in path[:-1]:
        into = into.setdefault(name, {})
    into[path[-1]] = value


def _value(text: str) -> Any:
    """Return what a cell spells: a number, true, a list; or the text that it is."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _documents(listed: Iterable[Mapping[str, Any]], rows: Rows, table: Table) -> dict[str, Document]:
    """Return the documents whose text stands on the sheet `lines`, a line a row, and those that are elsewhere, with a url."""
    texts: dict[str, dict[int, str]] = {}
    for row, cells in _by_heading(rows):
        try:
            texts.setdefault(cells.get("document", "").strip(), {})[int(cells.get("line", ""))] = cells.get("text", "")
        except ValueError:
            table.problem(f"sheet lines, row {row}: {cells.get('line', '')!r} is no number of a line", column="documents")
    found = {}
    for entry in listed:
        numbered, id = texts.get(entry["id"], {}), entry["id"]
        if id and (numbered or entry["url"]):
            about = {name: entry[name] for name in ("title", "language", "origin", "licence", "url", "accessed")}
            lines = tuple(numbered.get(n, "") for n in range(1, max(numbered, default=0) + 1))
            found[id] = Document(id=id, lines=lines, **{**about, "title": about["title"] or id})
    return found


def _backdrop(rows: Rows, table: Table) -> list[Any]:
    """Return the backdrop of the sheet, whose outlines are WKT."""
    import shapely

    features = []
    for row, cells in _by_heading(rows):
        try:
            shape = shapely.geometry.mapping(shapely.from_wkt(cells.pop("outline", "")))
        except shapely.errors.ShapelyError:
            table.problem("the outline is not WKT, such as LINESTRING (36.5 34.5, 36.6 34.5)", row)
        else:
            features.append((row, {"properties": cells, "geometry": json.loads(json.dumps(shape))}))
    return backdrop_of(features, table)
