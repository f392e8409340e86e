"""The format of a scenario folder as one small table; the checks and the documentation of the format are made from it."""

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qsim.record import ledger
from qsim.record.dates import DateError, parse_edtf
from qsim.record.documents import Citation, CitationError
from qsim.record.theatre import nearest

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Column:
    """One column (or GeoJSON property) of a file: its type, unit, whether a row must fill it, and what it means."""

    file: str
    name: str
    type: str
    description: str
    unit: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with a scenario: where it stands, what is wrong, what is expected or nearest."""

    file: str
    row: int
    column: str
    what: str

    def __str__(self) -> str:
        where = ", ".join(([f"row {self.row}"] if self.row else []) + ([self.column] if self.column else []))
        return f"{where}: {self.what}" if where else self.what


@dataclass(slots=True)
class Table:
    """A file as read: its rows (line number, column -> value), and the problems met on the way."""

    file: str
    rows: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, what: str, row: int = 0, column: str = "") -> None:
        """Note one more problem of this file."""
        self.problems.append(Problem(self.file, row, column, what))


SCHEMA = (
    Column("places.geojson", "id", "id", "stable id, lower case with underscores", required=True),
    Column("places.geojson", "name", "text", "name in English transliteration", required=True),
    Column("places.geojson", "name_ar", "text", "name in Arabic"),
    Column("places.geojson", "variants", "texts", "other spellings, as the documents have them"),
    Column("places.geojson", "kind", "text", "city, town, village, hill, airbase, crossing, square, building, ...", required=True),
    Column("places.geojson", "parent", "id", "the place this one is a part or a building of"),
    Column("places.geojson", "within", "id", "the part that a building stands in"),
    Column("places.geojson", "population", "whole", "people, from the source named", unit="people"),
    Column("places.geojson", "elevation_m", "number", "height above the sea", unit="m"),
    Column("places.geojson", "precision_km", "number", "radius within which the point is trusted", unit="km"),
    Column("places.geojson", "basis", "choice", "whether a source gives the point or we placed it", required=True, choices=("sourced", "estimated")),
    Column("places.geojson", "source", "text", "where the point comes from, or how it was estimated", required=True),
    Column("places.geojson", "licence", "text", "licence of this row", required=True),
    Column("places.geojson", "gateway", "flag", "true for a place beyond the frame: no cell, drawn at the edge"),
    Column("places.geojson", "note", "text", "anything a user should know"),
    Column("links.csv", "id", "id", "stable id", required=True),
    Column("links.csv", "name", "text", "name of the road, track or crossing"),
    Column("links.csv", "a", "id", "place at one end", required=True),
    Column("links.csv", "b", "id", "place at the other end", required=True),
    Column("links.csv", "kind", "choice", "what kind of way it is", required=True, choices=("road", "track", "river_crossing", "border_crossing", "adjacency")),
    Column("links.csv", "length_km", "number", "length along the ground", unit="km", required=True),
    Column("links.csv", "basis", "choice", "whether a document names it", required=True, choices=("documented", "estimated")),
    Column("links.csv", "cites", "citations", "where the documents name it"),
    Column("links.csv", "note", "text", "anything a user should know"),
    Column("groups.csv", "id", "id", "stable id", required=True),
    Column("groups.csv", "name", "text", "readable name", required=True),
    Column("groups.csv", "variants", "texts", "the words of the documents that stand for it"),
    Column("groups.csv", "members", "ids", "places, or links, never mixed", required=True),
    Column("groups.csv", "basis", "choice", "whether a document lists the members", choices=("documented", "estimated")),
    Column("groups.csv", "cites", "citations", "where the documents speak of it"),
    Column("groups.csv", "note", "text", "the rule by which members were chosen"),
    Column("sources.csv", "id", "id", "stable id", required=True),
    Column("sources.csv", "name", "text", "who it is, by office or role", required=True),
    Column("sources.csv", "kind", "choice", "kind of voice", required=True, choices=ledger.SOURCE_KINDS),
    Column("sources.csv", "side", "side", "the side it belongs to; blank when neutral"),
    Column("sources.csv", "origin", "id", "the source that it merely repeats"),
    Column("sources.csv", "variants", "texts", "the words by which documents call the voice"),
    Column("sources.csv", "note", "text", "anything a user should know"),
    Column("claims.csv", "id", "id", "stable id", required=True),
    Column("claims.csv", "place", "id", "a place, group, link or group of links", required=True),
    Column("claims.csv", "kind", "choice", "what the claim says", required=True, choices=ledger.KINDS),
    Column("claims.csv", "side", "side", "who holds, takes, loses, attacks, besieges, suffers"),
    Column("claims.csv", "actor", "ids", "which actors of the side"),
    Column("claims.csv", "quantifier", "choice", "how much of the place", choices=ledger.QUANTIFIERS),
    Column("claims.csv", "value", "fraction", "the side's share of the place", unit="0..1"),
    Column("claims.csv", "bound", "choice", "how the share is meant", choices=ledger.BOUNDS),
    Column("claims.csv", "low", "whole", "lowest number given"),
    Column("claims.csv", "best", "whole", "the number given"),
    Column("claims.csv", "high", "whole", "highest number given"),
    Column("claims.csv", "of", "text", "what is counted; casualties end in an outcome: 'soldiers killed'"),
    Column("claims.csv", "start", "edtf", "the day or window the claim speaks of", required=True),
    Column("claims.csv", "end", "edtf", "its last day, for what lasted"),
    Column("claims.csv", "reported", "edtf", "when it was said; blank is the same day"),
    Column("claims.csv", "source", "id", "who says so", required=True),
    Column("claims.csv", "confidence", "choice", "how firmly", required=True, choices=ledger.CONFIDENCES),
    Column("claims.csv", "denies", "id", "the claim that this one denies"),
    Column("claims.csv", "cites", "citations", "document:line#sentence, joined by ;", required=True),
    Column("claims.csv", "implied", "texts", "what the cited words leave unsaid: place, source, number, date"),
    Column("claims.csv", "note", "text", "the claim in our own words", required=True),
    Column("coverage.csv", "citation", "citations", "one sentence of a document", required=True),
    Column("coverage.csv", "use", "choice", "cited, or why not", required=True, choices=("cited", "heading", "metadata", "background", "opinion", "forecast", "repeats", "detail", "elsewhere")),
    Column("coverage.csv", "note", "text", "anything a reader should know"),
)  # fmt: skip


def columns(file: str) -> tuple[Column, ...]:
    """Return the columns of one file, in their order."""
    return tuple(column for column in SCHEMA if column.file == file)


def describe() -> str:
    """Return the format of a scenario folder as a Markdown table, for the documentation."""
    lines = ["| file | column | type | unit | required | description |", "|---|---|---|---|---|---|"]
    for c in SCHEMA:
        kind = " / ".join(f"`{choice}`" for choice in c.choices) or c.type
        lines.append(f"| {c.file} | `{c.name}` | {kind} | {c.unit} | {'yes' if c.required else ''} | {c.description} |")
    return "\n".join(lines)


def read_text(path: Path, table: Table) -> str | None:
    """Return the text of a data file, or None with the reason noted in `table`: missing, wrong encoding, BOM, CRLF, empty."""
    if not path.is_file():
        table.problem("the file is missing")
        return None
    data = path.read_bytes()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as problem:
        row = data[: problem.start].count(b"\n") + 1
        table.problem(f"byte {data[problem.start]:#04x} is not UTF-8; save the file as UTF-8", row)
        return None
    if text.startswith("\ufeff"):
        table.problem("the file starts with a byte order mark; save it as UTF-8 without BOM")
        text = text[1:]
    if "\r" in text:
        row = text[: text.index("\r")].count("\n") + 1
        table.problem("the line ends in CR; save the file with LF line ends", row)
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        table.problem("the file is empty")
        return None
    return text


def read_table(path: Path, shown: str) -> Table:
    """Return the rows of a CSV file with every cell parsed by the schema; cells with a problem are left out as None."""
    table = Table(shown)
    text = read_text(path, table)
    if text is None:
        return table
    known = {column.name: column for column in columns(path.name)}
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        header = next(reader)
        _check_header(header, known, table)
        while True:
            row = reader.line_num + 1
            cells = next(reader)
            if len(cells) > len(header) or (len(cells) < len(header) and cells):
                table.problem(f"the row has {len(cells)} cells; expected {len(header)}", row)
            if any(cells):
                found = dict(zip(header, cells, strict=False))
                table.rows.append((row, {name: parse(column, found.get(name, ""), table, row) for name, column in known.items()}))
    except StopIteration:
        pass
    except csv.Error as problem:
        table.problem(f"not a CSV row: {problem}", reader.line_num)
    return table


def parse(column: Column, value: Any, table: Table, row: int) -> Any:
    """Return the value of one cell by its column's type, or None, with any problem noted in `table`."""
    text = value.strip() if isinstance(value, str) else value
    if text in ("", None, []):
        if column.required:
            table.problem(f"{column.name} is blank; expected {column.description}", row, column.name)
        return () if column.type in ("ids", "texts", "citations") else "" if column.type == "text" else None
    try:
        return _PARSERS[column.type](text, column)
    except (ValueError, TypeError) as problem:
        table.problem(str(problem), row, column.name)
        return () if column.type in ("ids", "texts", "citations") else None


def _check_header(header: list[str], known: Mapping[str, Column], table: Table) -> None:
    for name in known:
        if name not in header:
            table.problem("the column is missing", 1, name)
    for name in header:
        if name not in known:
            table.problem(f"unknown column {name!r}{nearest(name, known) or '; expected one of ' + ', '.join(known)}", 1, name)
    for name in {name for name in header if header.count(name) > 1}:
        table.problem(f"the column {name!r} stands twice", 1, name)


def _list(text: Any) -> tuple[str, ...]:
    parts = text if isinstance(text, list) else str(text).split(";")
    return tuple(str(part).strip() for part in parts if str(part).strip())


def _id(text: Any, column: Column) -> str:
    if not isinstance(text, str) or not re.fullmatch(r"[\w-]+", text):
        raise ValueError(f"{text!r} is not an id; expected letters, digits, _ and -")
    return text


def _whole(text: Any, column: Column) -> int:
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < 0 or (isinstance(text, float) and text != number):
        raise ValueError(f"{text!r} is not a whole number from 0")
    return number


def _number(text: Any, column: Column) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not abs(number) < float("inf"):
        raise ValueError(f"{text!r} is not a number{' in ' + column.unit if column.unit else ''}")
    return number


def _fraction(text: Any, column: Column) -> float:
    number = _number(text, column)
    if not 0 <= number <= 1:
        raise ValueError(f"{text} lies outside 0..1; a share is a fraction, so 60 % is 0.6")
    return number


def _choice(text: Any, column: Column) -> str:
    if text not in column.choices:
        raise ValueError(f"unknown {column.name} {text!r}; expected one of {', '.join(column.choices)}{nearest(str(text), column.choices)}")
    return str(text)


def _flag(text: Any, column: Column) -> bool:
    if not isinstance(text, bool):
        raise ValueError(f"{text!r} is not true or false")
    return text


def _edtf(text: Any, column: Column) -> Any:
    try:
        return parse_edtf(str(text))
    except DateError as problem:
        raise ValueError(f"bad date: {problem}") from None


def _citations(text: Any, column: Column) -> tuple[str, ...]:
    found = _list(text)
    for citation in found:
        try:
            Citation.parse(citation)
        except CitationError as problem:
            raise ValueError(str(problem)) from None
    return found


_PARSERS: Mapping[str, Callable[[Any, Column], Any]] = {
    "id": _id,
    "side": _id,
    "ids": lambda text, column: _list(text),
    "texts": lambda text, column: _list(text),
    "text": lambda text, column: str(text),
    "whole": _whole,
    "number": _number,
    "fraction": _fraction,
    "choice": _choice,
    "flag": _flag,
    "edtf": _edtf,
    "citations": _citations,
}
