"""A scenario and its belief as a Frictionless Data Package: CSV files beside a `datapackage.json` that says what each column means."""

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from qsim import __version__
from qsim.belief.timeline import Timeline
from qsim.exchange.spans import licences
from qsim.exchange.tables import claim_row, place_row, write_csv
from qsim.record.documents import Document
from qsim.record.progress import tracked
from qsim.record.schema import SCHEMA
from qsim.record.signs import inert
from qsim.record.theatre import Theatre

_TYPES = {"number": "number", "distance": "number", "fraction": "number", "whole": "integer", "flag": "boolean"}
_APOSTROPHES = (
    "Before a text that a spreadsheet would take for a formula (=, +, -, @ first), and before apostrophes before one, stands an apostrophe."
)
_BELIEF = {
    "day": ("date", "the day"),
    "place": ("string", "the place"),
    "name": ("string", "its name"),
    "status": ("string", "a side that may hold it, or contested"),
    "probability": ("number", "how far that is believed"),
    "most_likely": ("string", "the status it is drawn with"),
    "last_report": ("date", "the last day that a claim of control spoke of it"),
    "claims": ("integer", "how many claims of control speak of that day"),
}


def write_package(timeline: Timeline, folder: Path, places: Sequence[str] | None = None, *, progress: bool = False) -> None:
    """
    Write the claims, sources, places, links and the belief into `folder` as CSV, and `datapackage.json` with a Table Schema each.

    The descriptions of the columns are those of the format of a scenario (Frictionless Data Package and Table Schema, v1). A text that a
    spreadsheet would take for a formula stands behind an apostrophe, which `datapackage.json` says and qsim takes off again.
    """
    theatre, ledger = timeline.theatre, timeline.ledger
    tables: dict[str, list[dict[str, Any]]] = {
        "places": [place_row(place) for place in theatre.places],
        "links": [_row(link) for link in theatre.links],
        "sources": [_row(source) for source in ledger.sources.values()] if ledger else [],
        "claims": [claim_row(claim) for claim in tracked(ledger.claims, "writing claims", shown=progress)] if ledger else [],
    }
    resources = []
    for name, rows in tables.items():
        if rows:
            _write(folder / f"{name}.csv", rows)
            resources.append(_resource(name, _fields(name, rows), "id"))
    with (folder / "belief.csv").open("w", encoding="utf-8", newline="") as file:
        write_csv(timeline, file, places, progress=progress)
    fields = [{"name": name, "type": type, "description": told} for name, (type, told) in _BELIEF.items()]
    resources.append(_resource("belief", fields, ["day", "place", "status"]))
    package = {
        "name": theatre.name.lower().replace("_", "-"),
        "title": theatre.title,
        "description": f"Belief by the policy {timeline.policy!r}, {timeline.start} to {timeline.days[-1]}. Places: {licences(timeline)}. {_APOSTROPHES}",
        "profile": "tabular-data-package",
        "version": __version__,
        **_terms(theatre),
        "resources": resources,
    }
    (folder / "datapackage.json").write_text(json.dumps(package, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _terms(theatre: Theatre) -> dict[str, Any]:
    """Return on what terms the data are, where they come from, and whom to name."""
    items: list[Any] = [*theatre.documents.values(), *theatre.places, *theatre.backdrop]
    texts = dict.fromkeys([theatre.licence, *(each.licence for each in items)])
    origins = dict.fromkeys(each.origin or each.title if isinstance(each, Document) else each.source for each in items)
    named = [{"title": theatre.attribution, "role": "author"}] if theatre.attribution else []
    terms = {
        "licenses": [{"name": re.sub(r"[^\w.-]+", "-", text).strip("-") or "other", "title": text} for text in texts if text],
        "sources": [{"title": text} for text in origins if text],
        "contributors": named,
    }
    return {name: found for name, found in terms.items() if found}


def _resource(name: str, fields: list[dict[str, Any]], key: str | list[str]) -> dict[str, Any]:
    schema = {"fields": fields, "primaryKey": key, "missingValues": [""]}
    return {"name": name, "path": f"{name}.csv", "profile": "tabular-data-resource", "encoding": "utf-8", "format": "csv", "schema": schema}


def _fields(table: str, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the Table Schema of a table: types and descriptions from the format, texts for what the format does not know."""
    known = {column.name: column for column in SCHEMA if column.file.split(".")[0] == table}
    fields = []
    for name in rows[0]:
        column = known.get(name)
        numbers = [row[name] for row in rows if row[name] not in (None, "")]
        type = "boolean" if numbers and all(isinstance(n, bool) for n in numbers) else _TYPES.get(column.type, "string") if column else None
        type = type or ("number" if numbers and all(isinstance(n, int | float) for n in numbers) else "string")
        fields.append({"name": name, "type": type} | ({"description": column.description} if column else {}))
    return fields


def _row(item: Any) -> dict[str, Any]:
    return {name: ";".join(map(str, value)) if isinstance(value := getattr(item, name), tuple) else value for name in type(item).__slots__}


def _write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as CSV; a flag as true or false, none as a blank, no text as a formula."""
    rows = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(rows[0])
        writer.writerows([[str(value).lower() if isinstance(value, bool) else inert(value) for value in row.values()] for row in rows])
