"""Files as people have them: what spreadsheets, statistics programs and map programs write by default is read in silence."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from qsim.record.names import slug
from qsim.record.parquet import sheet_of_long
from qsim.record.problems import Table
from qsim.record.schema import Column, columns
from qsim.record.tabulating import Sheet, headings, tabulate

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_MOST_BYTES = 2_000_000_000
_LONG = 1_000_000  # letters from which pyarrow reads a table where it can


def read_text(path: Path, table: Table, *, blank: bool = False) -> str | None:
    """Return the text of a data file, its line ends made alike, or None with the reason noted in `table`; nothing in it is one, unless it may be `blank`."""
    if not path.exists():
        table.problem("the file is missing")
        return None
    if not path.is_file():
        table.problem("not a regular file")
        return None
    try:
        if path.stat().st_size > _MOST_BYTES:
            table.problem("the file is larger than 2 GB")
            return None
        text = decoded(path.read_bytes(), table)
    except OSError as problem:
        table.problem(f"cannot be read: {problem.strerror}")
        return None
    if text is not None and not text.strip():
        if not blank:
            table.problem("the file is empty")
        return None
    return text


def decoded(data: bytes, table: Table) -> str | None:
    """Return the text of a file's bytes: UTF-8, or what a byte order mark says; other encodings cannot be told apart."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as problem:
        row = data[: problem.start].count(b"\n") + 1
        byte = data[problem.start] if problem.start < len(data) else 0
        table.problem(f"byte {byte:#04x} is not UTF-8; save the file as UTF-8 (in Excel: CSV UTF-8)", row)
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_table(path: Path, *, optional: bool = False, blank: bool = False, known: Sequence[Column] = ()) -> Table:
    """
    Return the rows of a CSV file with every cell parsed by the schema; cells with a problem are left out as None.

    Its fields are those of the table that the file is named after, or those given. An `optional` file may be missing, a `blank` one has no rows.
    """
    table = Table(path.name)
    if optional and not path.exists():
        return table
    text = read_text(path, table, blank=blank)
    if text is None:
        return table
    known = known or columns(path.stem)
    separator, text = separator_of(text, known)
    if separator != ",":
        table.comma = has_decimal_commas(text, separator)
    sheet = (sheet_of_long(text, separator) if len(text) > _LONG else None) or Sheet.of(_rows(text, separator, table))
    tabulate(sheet and sheet.spoken(), known, table)
    return table


def _rows(text: str, separator: str, table: Table) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a CSV text, each with the number of its first line."""
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    row = 1
    try:
        for cells in reader:
            yield row, cells
            row = reader.line_num + 1
    except csv.Error as problem:
        table.problem(f"not a CSV row: {problem}", reader.line_num)


def separator_of(text: str, known: Sequence[Column]) -> tuple[str, str]:
    """Return what parts the cells, told by the headings that are recognised, and the text without Excel's `sep=` line."""
    first, _, rest = text.partition("\n")
    if first.strip().strip('"').lower().startswith("sep=") and first.strip().strip('"')[4:] in ("", *_SEPARATORS):
        return first.strip().strip('"')[4:] or "\t", "\n" + rest
    known_ones = headings(known)
    found = {sep: sum(slug(cell.strip('" ')) in known_ones for cell in first.split(sep)) for sep in _SEPARATORS}
    return max(found, key=lambda sep: found[sep]), text


def has_decimal_commas(text: str, separator: str) -> bool:
    """Return whether commas in the numbers of a table with another separator are decimal ones: no cell has a decimal point."""
    cells = (cell.strip('" ') for line in text.split("\n")[1:] for cell in line.split(separator))
    return not any(cell.count(".") == 1 and cell.replace(".", "").lstrip("-").isdecimal() for cell in cells)


def read_json(path: Path, table: Table) -> Any:
    """Return what a JSON file holds, or None with the reason noted: no JSON, a key twice in one object, no finite number, too deep."""
    text = read_text(path, table)
    if text is None:
        return None
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except json.JSONDecodeError as problem:
        table.problem(f"not JSON: {problem.msg}", problem.lineno)
    except RecursionError:
        table.problem("not read: its brackets are nested thousands deep")
    except ValueError as problem:
        table.problem(str(problem) if "digits" not in str(problem) else "a number has thousands of digits")
    return None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    found.clear()
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} stands twice in one object ({found.get('id') or found.get('name') or 'unnamed'})")
        found[key] = value
    return found


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number of JSON; expected a finite number")
