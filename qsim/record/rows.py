"""More rows of a table, or features of a map file, as bytes: everything that is there keeps its own spelling."""

import csv
import io
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from json import JSONDecodeError, JSONDecoder
from typing import Any

from qsim.record.names import slug
from qsim.record.problems import Table
from qsim.record.reading import decoded, has_decimal_commas, separator_of
from qsim.record.schema import Column, columns
from qsim.record.signs import inert, spoken

_NUMBERS = ("number", "fraction", "distance")
_BLANK = re.compile(r"[\s\ufeff]*")
_BOM = "\ufeff"
_NOTHING = "\ufeff\r\n\t ,;"
Row = Mapping[str, str]


class EditError(ValueError):
    """An edit that cannot be made: what would be written is wrong, or the file cannot take it. Nothing was written."""


@dataclass(frozen=True, slots=True)
class _Record:
    """A row that is not blank: its first and last line, counted from 0, and its cells."""

    first: int
    last: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A table as it stands: its lines, its rows, the headings first, where each field stands, and how it is spelt."""

    lines: list[str]
    records: list[_Record]
    at: dict[str, int]
    separator: str
    ending: str
    quoting: Any
    numbers: frozenset[str]  # fields whose decimal mark is a comma

    def line(self, cells: Sequence[str], ending: str) -> str:
        """Return a row as the file would have it."""
        return _line(cells, self.separator, ending, self.quoting)


def with_rows(
    data: bytes, table: str, rows: Sequence[Row], changes: Mapping[int, Row] | None = None, without: Collection[int] = ()
) -> bytes:
    """
    Return the bytes of a CSV file with more rows at its end; a row is the text of each field by its name in the schema.

    Separator, decimal mark, line ends, quotes and encoding are the file's own. A field without a column gets one, the last, and no other
    cell changes but those of `changes`, fields by the position of a row, as `rows_of` counts: one that is blank there is emptied. The rows
    at the positions of `without` are left out. Of a file that is empty the rows' fields become the headings.

    Raises
    ------
    EditError
        When a field is none of the table, or the file is no table that a row can be added to.

    Examples
    --------
    >>> with_rows(b"place;day\\r\\nAbel;1798-05-01", "claims", [{"place": "Brunn", "start": "1798-05-02", "kind": "holds"}])
    b'place;day;kind\\r\\nAbel;1798-05-01;\\r\\nBrunn;1798-05-02;holds\\r\\n'
    """
    known = columns(table)
    added = [_filled(row, known) for row in rows]
    changed = {n: _filled(row, known) | {name: "" for name, text in row.items() if not text.strip()} for n, row in (changes or {}).items()}
    if not added and not changed and not without:
        return data
    text, encoding = text_of(data)
    if not text.strip(_NOTHING):
        named = {name for row in added for name in row}
        text += _line([column.name for column in known if column.name in named], ",", "\n")
    return as_bytes(_added(_sheet(text, known), added, changed, without), encoding)


def rows_of(data: bytes, table: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file as they are spelt, each the text of its fields by their names in the schema; raise `EditError`."""
    text, _ = text_of(data)
    if not text.strip(_NOTHING):
        return []
    sheet = _sheet(text, columns(table))
    return [{name: spoken(each.cells[n]) for name, n in sheet.at.items() if n < len(each.cells)} for each in sheet.records[1:]]


def lines_of(data: bytes, table: str) -> list[int]:
    """Return the line, counted from 1, in which each row of a CSV file begins, as `rows_of` has them; raise `EditError`."""
    text, _ = text_of(data)
    return [each.first + 1 for each in _sheet(text, columns(table)).records[1:]] if text.strip(_NOTHING) else []


def with_features(data: bytes, features: Sequence[Mapping[str, Any]]) -> bytes:
    """
    Return the bytes of a GeoJSON FeatureCollection with more features at its end, each on a line of its own.

    Raises
    ------
    EditError
        When the file is no FeatureCollection.

    Examples
    --------
    >>> with_features(b'{"features": [{"a": 1.50}], "name": "x"}', [{"b": 2}])
    b'{"features": [{"a": 1.50},\\n{"b": 2}], "name": "x"}'
    """
    if not features:
        return data
    text, encoding = text_of(data)
    text = text if text.strip("\ufeff\r\n\t ") else '{"type": "FeatureCollection", "features": [\n]}\n'
    try:
        close, before = _end_of_features(text)
        at = len(text[:close].rstrip())
        more = f",{_ending(text)}".join(json.dumps(feature, ensure_ascii=False) for feature in features)
        made = f"{text[:at]}{',' if before else ''}{_ending(text)}{more}{text[at:]}"
        if _end_of_features(made)[1] != [*before, *features]:
            raise EditError("the file would lose a feature by it; nothing was written")
    except (JSONDecodeError, RecursionError) as problem:
        raise EditError(f"not JSON: {problem}; mend the file first") from None
    return as_bytes(made, encoding)


def text_of(data: bytes) -> tuple[str, str]:
    """Return the text of a file, its byte order mark and line ends as they are, and the encoding that gives the bytes again."""
    marks = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
    encoding = marks.get(data[:2], "utf-8")
    try:
        return data.decode(encoding), encoding
    except UnicodeDecodeError:
        table = Table("")
        decoded(data, table)
        raise EditError("; ".join(map(str, table.said)) or f"not a text in {encoding}") from None


def as_bytes(text: str, encoding: str) -> bytes:
    """Return a text in the encoding of its file; raise `EditError` where a character cannot be written."""
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as problem:
        raise EditError(f"{problem.object[problem.start]!r} is no character that a file can hold") from None


def joined_text(data: bytes, more: str, between: str = "\n\n") -> bytes:
    """Return the bytes of a text file with more text, after a blank line, in its encoding and with its line ends."""
    text, encoding = text_of(data)
    before = text.rstrip()
    return as_bytes(before + f"{between if before.strip(_BOM) else ''}{more}".replace("\n", _ending(text)), encoding)


def _filled(row: Row, known: Sequence[Column]) -> dict[str, str]:
    """Return the fields of a row that are not blank, none a formula; raise where one is none of the table."""
    cells = {name: inert(text.strip()) for name, text in row.items() if text.strip()}
    names = [column.name for column in known]
    if wrong := cells.keys() - set(names):
        raise EditError(f"{', '.join(sorted(wrong))}: no field of {known[0].table}; expected some of {', '.join(names)}")
    return cells


def _sheet(text: str, known: Sequence[Column]) -> _Sheet:
    """Return a table as it stands; raise where it is none."""
    alike = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    separator, _ = separator_of(alike, known)
    lines = list(io.StringIO(text, newline=""))
    records = _records(lines, separator)
    header = records[0].cells
    bare = lines[records[0].first].lstrip("\ufeff").rstrip("\r\n")
    all_quoted = _line(header, separator, "", csv.QUOTE_ALL) == bare
    comma = separator != "," and has_decimal_commas(alike, separator)
    return _Sheet(
        lines,
        records,
        _columns_of(header, known),
        separator,
        _ending(lines[records[0].last]),
        csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL,
        frozenset(column.name for column in known if comma and column.type in _NUMBERS),
    )


def _added(sheet: _Sheet, rows: Sequence[Row], changes: Mapping[int, Row], without: Collection[int]) -> str:
    """Return the text of a table with rows at its end, some cells changed and some rows left out; raise where anything else would change."""
    width = len(sheet.records[0].cells)
    if gone := [n for n in (*changes, *without) if not 0 <= n < len(sheet.records) - 1]:
        raise EditError(f"there is no row at position {gone[0]}; nothing was written")
    filled = dict.fromkeys(name for row in (*rows, *changes.values()) for name, text in row.items() if text)
    fresh = [name for name in filled if name not in sheet.at]
    at = sheet.at | {name: width + n for n, name in enumerate(fresh)}
    lines = _wider(sheet, fresh)
    wanted = [_padded(each.cells, fresh if n == 0 else [""] * len(fresh), width) for n, each in enumerate(sheet.records)]
    for n, row in changes.items():
        record, cells = sheet.records[n + 1], wanted[n + 1]
        wanted[n + 1] = _with(cells + [""] * (width + len(fresh) - len(cells)), row, at, sheet)
        end = lines[record.last][len(lines[record.last].rstrip("\r\n")) :]
        lines[record.first : record.last + 1] = ["" for _ in range(record.first, record.last)] + [sheet.line(wanted[n + 1], end)]
    for n in without:
        record = sheet.records[n + 1]
        lines[record.first : record.last + 1] = ["" for _ in range(record.first, record.last + 1)]
    wanted = [cells for n, cells in enumerate(wanted) if n - 1 not in without]
    made = [_with([""] * (width + len(fresh)), row, at, sheet) for row in rows]
    last = "" if not made or "".join(lines).endswith(("\n", "\r")) else sheet.ending
    text = "".join(lines) + last + "".join(sheet.line(cells, sheet.ending) for cells in made)
    if [each.cells for each in _records(list(io.StringIO(text, newline="")), sheet.separator)] != [*wanted, *made]:
        raise EditError("another row would change by it; nothing was written")
    return text


def _with(cells: list[str], row: Row, at: Mapping[str, int], sheet: _Sheet) -> list[str]:
    """Return the cells of a row with some fields filled, decimal marks as the file has them."""
    cells = list(cells)
    for name, cell in row.items():
        if name not in at:
            continue  # blank, and there is no column of it
        cells[at[name]] = cell.replace(".", ",") if name in sheet.numbers else cell
    return cells


def _records(lines: list[str], separator: str) -> list[_Record]:
    """Return the rows that are not blank, the headings first; Excel's `sep=` line is none."""
    head = lines[0].lstrip("\ufeff")
    reader = csv.reader(iter([head, *lines[1:]]), delimiter=separator, strict=True)
    found, first = [], 0
    try:
        for cells in reader:
            if any(cells):
                found.append(_Record(first, reader.line_num - 1, cells))
            first = reader.line_num
    except csv.Error as problem:
        raise EditError(f"row {reader.line_num}: not a CSV row: {problem}; mend the file first") from None
    return found[1:] if head.strip().strip('"').lower().startswith("sep=") else found


def _columns_of(header: list[str], known: Sequence[Column]) -> dict[str, int]:
    """Return where each field stands; a field's own name goes before its aliases."""
    also = {slug(alias): column.name for column in known for alias in column.aliases} | {column.name: column.name for column in known}
    named = sorted(enumerate(header), key=lambda each: slug(each[1]) != also.get(slug(each[1])))
    found: dict[str, int] = {}
    for n, heading in named:
        if slug(heading) in also:
            found.setdefault(also[slug(heading)], n)
    if not found:
        raise EditError(f"no column is known; expected {', '.join(column.name for column in known if column.required)} in the first row")
    return found


def _wider(sheet: _Sheet, fresh: list[str]) -> list[str]:
    """Return the lines with new headings, and as many blank cells at the end of every row."""
    lines = list(sheet.lines)
    width, quote = len(sheet.records[0].cells), '"' if sheet.quoting == csv.QUOTE_ALL else ""
    for n, each in enumerate(sheet.records if fresh else ()):
        bare = lines[each.last].rstrip("\r\n")
        more = _padded(each.cells, fresh if n == 0 else [""] * len(fresh), width)[len(each.cells) :]
        lines[each.last] = bare + "".join(f"{sheet.separator}{quote}{cell}{quote}" for cell in more) + lines[each.last][len(bare) :]
    return lines


def _padded(cells: list[str], more: list[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells)), *more] if more else cells


def _line(cells: Sequence[str], separator: str, ending: str, quoting: Any = csv.QUOTE_MINIMAL) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator=ending, quoting=quoting).writerow(cells)
    return out.getvalue()


def _ending(text: str) -> str:
    found = re.search(r"\r\n|\n|\r", text)
    return found[0] if found else "\n"


def _end_of_features(text: str) -> tuple[int, list[Any]]:
    """Return where the bracket stands that closes the features of a collection, and what they are."""
    for key, value, end in _members(text):
        if key == "features" and isinstance(value, list):
            return end - 1, value
    raise EditError("not a GeoJSON FeatureCollection; expected a list named 'features'")


def _members(text: str) -> Iterator[tuple[str, Any, int]]:
    """Yield the keys and values of a JSON object, and where each value ends."""
    decoder, here = JSONDecoder(), _past(text, 0, "{")
    while text[here : here + 1] == '"':
        key, here = decoder.raw_decode(text, here)
        value, end = decoder.raw_decode(text, _past(text, here, ":"))
        yield key, value, end
        here = _skip(text, end)
        if text[here : here + 1] != ",":
            return
        here = _past(text, here, ",")


def _past(text: str, at: int, mark: str) -> int:
    at = _skip(text, at)
    if text[at : at + 1] != mark:
        raise JSONDecodeError(f"expected {mark!r}", text, at)
    return _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at
