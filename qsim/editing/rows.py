"""One more row of a table, or feature of a map file, as bytes: everything that is there keeps its own."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from json import JSONDecodeError, JSONDecoder
from typing import Any

from qsim.record.names import slug
from qsim.record.problems import Table
from qsim.record.reading import decoded, has_decimal_commas, separator_of
from qsim.record.schema import Column, columns

_NUMBERS = ("number", "fraction", "distance")
_BLANK = re.compile(r"[\s\ufeff]*")
Record = tuple[int, list[str]]  # the last line of a row, counted from 0, and its cells


class EditError(ValueError):
    """An edit that cannot be made: what would be written is wrong, or the file cannot take it. Nothing was written."""


def with_row(data: bytes, table: str, row: Mapping[str, str]) -> bytes:
    """
    Return the bytes of a CSV file with one row more at its end; `row` is the text of each field by its name in the schema.

    Separator, decimal mark, line ends and encoding are the file's own. A field without a column gets one, the last, and no other cell
    changes. Of a file that is empty the row's fields become the headings.

    Raises
    ------
    EditError
        When a field is none of the table, or the file is no table that a row can be added to.

    Examples
    --------
    >>> with_row(b"place;day\\r\\nAbel;1798-05-01", "claims", {"place": "Brunn", "start": "1798-05-02", "kind": "holds"})
    b'place;day;kind\\r\\nAbel;1798-05-01;\\r\\nBrunn;1798-05-02;holds\\r\\n'
    """
    known = columns(table)
    cells = {name: text.strip() for name, text in row.items() if text.strip()}
    if wrong := cells.keys() - {column.name for column in known}:
        raise EditError(f"{', '.join(sorted(wrong))}: no field of {table}; expected some of {', '.join(column.name for column in known)}")
    text, encoding = _decoded(data)
    if not text.strip("\ufeff\r\n\t ,;"):
        text += _line(list(cells), ",", "\n")
    made = _added(text, known, cells)
    try:
        return made.encode(encoding)
    except UnicodeEncodeError as problem:
        raise EditError(f"{problem.object[problem.start]!r} is no character that a file can hold") from None


def with_feature(data: bytes, feature: Mapping[str, Any]) -> bytes:
    """
    Return the bytes of a GeoJSON FeatureCollection with one feature more at its end, on a line of its own.

    Raises
    ------
    EditError
        When the file is no FeatureCollection.

    Examples
    --------
    >>> with_feature(b'{"features": [{"a": 1.50}], "name": "x"}', {"b": 2})
    b'{"features": [{"a": 1.50},\\n{"b": 2}], "name": "x"}'
    """
    text, encoding = _decoded(data)
    text = text if text.strip("\ufeff\r\n\t ") else '{"type": "FeatureCollection", "features": [\n]}\n'
    try:
        close, before = _end_of_features(text)
        at = len(text[:close].rstrip())
        comma = "," if before else ""
        made = f"{text[:at]}{comma}{_ending(text)}{json.dumps(feature, ensure_ascii=False)}{text[at:]}"
        if _end_of_features(made)[1] != [*before, feature]:
            raise EditError("the file would lose a feature by it; nothing was written")
        return made.encode(encoding)
    except (JSONDecodeError, RecursionError) as problem:
        raise EditError(f"not JSON: {problem}; mend the file first") from None
    except UnicodeEncodeError as problem:
        raise EditError(f"{problem.object[problem.start]!r} is no character that a file can hold") from None


def _decoded(data: bytes) -> tuple[str, str]:
    """Return the text of a file, its byte order mark and line ends as they are, and the encoding that gives the bytes again."""
    marks = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
    encoding = marks.get(data[:2], "utf-8")
    try:
        return data.decode(encoding), encoding
    except UnicodeDecodeError:
        table = Table("")
        decoded(data, table)
        raise EditError("; ".join(map(str, table.said)) or f"not a text in {encoding}") from None


def _added(text: str, known: tuple[Column, ...], cells: Mapping[str, str]) -> str:
    """Return the text of a table with a row at its end; raise where any other row would change by it."""
    alike = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    separator, _ = separator_of(alike, known)
    lines = list(io.StringIO(text, newline=""))
    before = _records(lines, separator)
    header = before[0][1]
    at = _columns_of(header, known)
    fresh = [name for name in cells if name not in at]
    at |= {name: len(header) + n for n, name in enumerate(fresh)}
    comma = separator != "," and has_decimal_commas(alike, separator)
    numbers = {column.name for column in known if column.type in _NUMBERS}
    row = [""] * (len(header) + len(fresh))
    for name, cell in cells.items():
        row[at[name]] = cell.replace(".", ",") if comma and name in numbers else cell
    lines = _wider(lines, before, fresh, separator)
    ending = _ending(lines[before[0][0]])
    last = "" if lines[-1].endswith(("\n", "\r")) else ending
    made = "".join(lines) + last + _line(row, separator, ending)
    wanted = [_padded(cells, fresh if n == 0 else [""] * len(fresh), len(header)) for n, (_, cells) in enumerate(before)]
    if [cells for _, cells in _records(list(io.StringIO(made, newline="")), separator)] != [*wanted, row]:
        raise EditError("another row would change by it; nothing was written")
    return made


def _records(lines: list[str], separator: str) -> list[Record]:
    """Return the rows that are not blank, the headings first; Excel's `sep=` line is none."""
    first = lines[0].lstrip("\ufeff")
    reader = csv.reader(iter([first, *lines[1:]]), delimiter=separator, strict=True)
    try:
        found = [(reader.line_num - 1, cells) for cells in reader if any(cells)]
    except csv.Error as problem:
        raise EditError(f"row {reader.line_num}: not a CSV row: {problem}; mend the file first") from None
    return found[1:] if first.strip().strip('"').lower().startswith("sep=") else found


def _columns_of(header: list[str], known: tuple[Column, ...]) -> dict[str, int]:
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


def _wider(lines: list[str], records: list[Record], fresh: list[str], separator: str) -> list[str]:
    """Return the lines with new headings, and as many blank cells at the end of every row."""
    lines = list(lines)
    width = len(records[0][1])
    for n, (end, cells) in enumerate(records if fresh else ()):
        bare = lines[end].rstrip("\r\n")
        more = _padded(cells, fresh if n == 0 else [""] * len(fresh), width)[len(cells) :]
        lines[end] = bare + "".join(separator + cell for cell in more) + lines[end][len(bare) :]
    return lines


def _padded(cells: list[str], more: list[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells)), *more] if more else cells


def _line(cells: list[str], separator: str, ending: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator=ending).writerow(cells)
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
