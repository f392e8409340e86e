"""A whole scenario as the sheets of a workbook, from its theatre and its ledger: what `load` reads back as both, equal."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from qsim.exchange.extras import ExportError
from qsim.exchange.tables import claim_row
from qsim.record.drop_downs import Rows, ordered, write_sheets
from qsim.record.ledger import Ledger
from qsim.record.picture import picture_parts
from qsim.record.progress import tracked
from qsim.record.schema import FORMAT
from qsim.record.sheets import WorkbookError
from qsim.record.theatre import Theatre
from qsim.record.workbook import MODEL

_SIDES = ("id", "name", "colour")
_ACTORS, _BASES = ("side", "id", "name"), ("side", "place", "cites", "note")
_DOCUMENTS = ("id", "title", "language", "origin", "licence", "url", "accessed")
_BACKDROP = ("id", "name", "kind", "basis", "source", "licence")


def write_workbook(theatre: Theatre, ledger: Ledger, path: Path, *, progress: bool = False) -> None:
    """
    Write a scenario as a workbook: a sheet a table, the documents line by line, drop-downs for what another sheet lists.

    Raises
    ------
    ExportError
        When openpyxl is missing (extra `xlsx`), or something is longer than a workbook can hold.
    """
    try:
        write_sheets(path, sheets(theatre, ledger, progress=progress), progress=progress)
    except WorkbookError as problem:
        raise ExportError(str(problem)) from None


def sheets(theatre: Theatre, ledger: Ledger, *, progress: bool = False) -> dict[str, Rows]:
    """Return the rows of every sheet, headings first; ids stand where one table names something of another."""
    claims = tracked(ledger.claims, "writing claims", shown=progress)
    sides, documents = theatre.sides, theatre.documents.values()
    found: dict[str, Rows] = {
        "places": _places(theatre),
        "claims": _table("claims", ({**claim_row(each), "implied": each.implied} for each in claims)),
        "sources": _table("sources", map(_fields, ledger.sources.values())),
        "links": _table("links", map(_fields, theatre.links)),
        "groups": _table("groups", map(_fields, theatre.groups)),
        "sides": [_SIDES, *([getattr(side, name) for name in _SIDES] for side in sides)],
        "actors": [_ACTORS, *([side.id, *actor] for side in sides for actor in side.actors.items())],
        "bases": [_BASES, *([side.id, base.place, _cited(base.cites), base.note] for side in sides for base in side.bases)],
        "documents": [_DOCUMENTS, *([getattr(each, name) for name in _DOCUMENTS] for each in documents)],
        "lines": [
            ("document", "line", "text"),
            *((each.id, n, line) for each in documents for n, line in enumerate(each.lines, 1)),
        ],
        "backdrop": [
            (*_BACKDROP, "outline"),
            *([*(getattr(each, name) for name in _BACKDROP), _wkt(each.geometry)] for each in theatre.backdrop),
        ],
        "picture": [("part", "data"), *(enumerate(picture_parts(theatre.picture), 1) if theatre.picture is not None else ())],
        "scenario": [("key", "value"), *_settings(theatre)],
    }
    must = ("places", "claims", "sources", "links", "sides", "scenario")
    return {name: rows for name, rows in found.items() if name in must or len(rows) > 1}


def _settings(theatre: Theatre) -> Iterator[tuple[str, Any]]:
    """Give the keys of the sheet `scenario` and their values; parameters of the belief model as JSON."""
    yield "format", FORMAT
    for name in ("name", "title", "summary", "start", "end", "city", "licence", "attribution"):
        if value := getattr(theatre, name):
            yield name, str(value)
    yield "frame", ", ".join(map(repr, theatre.frame))
    if theatre.picture is not None:
        yield "picture", f"backdrop.{theatre.picture.kind}"
        yield "picture_bounds", ", ".join(map(repr, theatre.picture.bounds))
        yield from [("picture_credit", theatre.picture.credit)] * bool(theatre.picture.credit)
    yield from _parameters(theatre.model, MODEL)


def _parameters(model: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in model.items():
        if isinstance(value, Mapping):
            yield from _parameters(value, f"{prefix}{name}.")
        else:
            yield prefix + name, json.dumps(value, ensure_ascii=False)


def _places(theatre: Theatre) -> Rows:
    """Return the rows of the places; those of parts have their outline, all other ground is worked out from the points."""
    rows = _table("places", map(_fields, theatre.places))
    codes = sorted({code for place in theatre.places for code in place.local_names})
    more = [[place.local_names.get(code, "") for code in codes] for place in theatre.places]
    outlines = [_wkt(place.polygon) if place.parent is not None and place.polygon is not None else "" for place in theatre.places]
    told = zip(rows[1:], more, outlines, strict=True)
    return [[*rows[0], *(f"name_{code}" for code in codes), "outline"], *([*row, *names, outline] for row, names, outline in told)]


def _table(name: str, rows: Iterable[Mapping[str, Any]]) -> Rows:
    """Return rows under the headings of the format, the id first; lists as text."""
    header = ordered(name, ("id",))
    return [header, *([_cited(row.get(heading)) if heading == "cites" else _text(row.get(heading)) for heading in header] for row in rows)]


def _fields(item: Any) -> dict[str, Any]:
    return {name: getattr(item, name) for name in type(item).__slots__}


def _text(value: Any) -> Any:
    """Return a value as a cell has it: a list joined by `;`, as JSON where its parts hold what parts lists; blank for none and false."""
    if not isinstance(value, tuple):
        return "" if value is None or value is False else value
    parts = [str(part) for part in value]
    return json.dumps(parts, ensure_ascii=False) if any(c in part for part in parts for c in ";,") else ";".join(parts)


def _cited(cites: Any) -> str:
    return ";".join(map(str, cites)) if isinstance(cites, tuple) else cites


def _wkt(shape: Any) -> str:
    """Return a shape as WKT: in short decimals where they are all of it."""
    import shapely

    short: str = shapely.to_wkt(shape, rounding_precision=-1)
    return short if shapely.from_wkt(short).equals_exact(shape, 0) else str(shapely.to_wkt(shape, rounding_precision=17))
