"""Files as people have them: what spreadsheets, statistics programs and map programs write by default is read in silence."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from qsim.record.cells import none_of, parse
from qsim.record.names import nearest, slug
from qsim.record.problems import Table
from qsim.record.schema import Column, columns, with_languages

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_MOST_BYTES = 2_000_000_000


def read_text(path: Path, table: Table) -> str | None:
    """Return the text of a data file, its line ends made alike, or None with the reason noted in `table`."""
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


def read_table(path: Path, *, optional: bool = False, known: Sequence[Column] = ()) -> Table:
    """
    Return the rows of a CSV file with every cell parsed by the schema; cells with a problem are left out as None.

    Its fields are those of the table that the file is named after, or those given.
    """
    table = Table(path.name)
    if optional and not path.exists():
        return table
    text = read_text(path, table)
    if text is None:
        return table
    known = known or columns(path.stem)
    separator, text = separator_of(text, known)
    if separator != ",":
        table.comma = has_decimal_commas(text, separator)
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    rows: list[tuple[int, list[str]]] = []
    try:
        while True:
            row = reader.line_num + 1
            rows.append((row, next(reader)))
    except StopIteration:
        pass
    except csv.Error as problem:
        table.problem(f"not a CSV row: {problem}", reader.line_num)
    tabulate(rows, known, table)
    return table


def separator_of(text: str, known: Sequence[Column]) -> tuple[str, str]:
    """Return what parts the cells, told by the headings that are recognised, and the text without Excel's `sep=` line."""
    first, _, rest = text.partition("\n")
    if first.strip().strip('"').lower().startswith("sep=") and first.strip().strip('"')[4:] in ("", *_SEPARATORS):
        return first.strip().strip('"')[4:] or "\t", "\n" + rest
    headings = _headings(known)
    found = {sep: sum(slug(cell.strip('" ')) in headings for cell in first.split(sep)) for sep in _SEPARATORS}
    return max(found, key=lambda sep: found[sep]), text


def has_decimal_commas(text: str, separator: str) -> bool:
    """Return whether commas in the numbers of a table with another separator are decimal ones: no cell has a decimal point."""
    cells = (cell.strip('" ') for line in text.split("\n")[1:] for cell in line.split(separator))
    return not any(cell.count(".") == 1 and cell.replace(".", "").lstrip("-").isdecimal() for cell in cells)


def _headings(known: Sequence[Column]) -> dict[str, Column]:
    named = {slug(alias): column for column in known for alias in column.aliases}
    return {**named, **{column.name: column for column in known}}


def tabulate(rows: Iterable[tuple[int, Sequence[str]]], known: Sequence[Column], table: Table) -> None:
    """Fill `table` with the rows under a heading row; blank rows and columns are passed over, unknown columns told once."""
    filled = [(row, [cell.strip() for cell in cells]) for row, cells in rows]
    filled = [(row, cells) for row, cells in filled if any(cells)]
    if not filled:
        table.problem("the file is empty")
        return
    (top, header), *body = filled
    known = with_languages(known, header)
    width = max(len(cells) for _, cells in filled)
    header = header + [""] * (width - len(header))
    used = _used(body, width)
    places = _placed(header, used, known, table, top)
    if not places:
        return
    last = max(n for n in range(width) if header[n]) + 1
    there = [(column, places[column.name], _Parsed()) for column in known if column.name in places]
    absent = {column.name: none_of(column) for column in known if column.name not in places}
    for row, cells in body:
        if len(cells) > last and any(cells[last:]):
            table.problem(f"the row has {len(cells)} cells; expected {last}", row)
        found = dict(absent)
        for column, n, parsed in there:
            text = cells[n] if n < len(cells) else ""
            found[column.name] = parsed[text] if text in parsed else parsed.of(column, text, table, row)
        table.rows.append((row, found))


def _used(body: Sequence[tuple[int, list[str]]], width: int) -> list[bool]:
    """Return which columns have a cell that is not blank."""
    used = [False] * width
    for _, cells in body:
        if not all(used):
            for n, cell in enumerate(cells):
                used[n] = used[n] or bool(cell)
    return used


class _Parsed(dict[str, Any]):
    """What the cells of one column mean, by their text: what is written a thousand times is read once, unless something is wrong with it."""

    def of(self, column: Column, text: str, table: Table, row: int) -> Any:
        """Return what a cell that is not among them means, and keep it where nothing was said of it."""
        before = len(table.said)
        value = parse(column, text, table, row)
        if len(table.said) == before and column.type != "outline":
            self[text] = value
        return value


def _placed(header: list[str], used: list[bool], known: Sequence[Column], table: Table, top: int) -> dict[str, int]:
    """Return where each field stands, by the headings; say what is missing, stands twice, or is not known."""
    headings = _headings(known)
    places: dict[str, int] = {}
    strangers: list[str] = []
    for exact in (True, False):  # a field's own name goes before its aliases
        for n, name in enumerate(header):
            column = headings.get(slug(name))
            if not name or column is None or (slug(name) == column.name) != exact:
                continue
            if column.name in places and exact:
                table.problem(f"the column {name!r} stands twice", top, name)
            elif column.name in places:
                strangers.append(name)
            else:
                places[column.name] = n
                if not exact:
                    table.default(f"the column {name!r} is read as {column.name!r}", top)
    strangers += [name for name in header if name and slug(name) not in headings]
    missing = [column.name for column in known if column.required and not column.default and column.name not in places]
    _tell_strangers(strangers, [column.name for column in known if column.name not in places], known, table, top)
    if not places:
        table.problem(f"no column is known; expected {', '.join(c.name for c in known if c.required)} and others in the first row", top)
        return {}
    for name in missing:
        table.problem("the column is missing", top, name)
    for n, name in enumerate(header):
        if not name and used[n] and n < max((k for k, other in enumerate(header) if other), default=0):
            table.problem(f"column {n + 1} has cells, and no heading", top)
    return places


def _tell_strangers(strangers: Iterable[str], free: list[str], known: Sequence[Column], table: Table, top: int) -> None:
    """Tell unknown columns: near to a field that is not there, it is a slip; else it is passed over, and said once."""
    over = []
    for name in dict.fromkeys(strangers):
        close = nearest(name, free)
        if close and len(name) > 3 and name.lower() not in ("fid", "ogc_fid", "objectid", "shape_area", "shape_leng"):
            table.problem(f"unknown column {name!r}{close}", top, name)
        else:
            over.append(name)
    if over:
        table.notice(f"not read: the column{'s' if len(over) > 1 else ''} {', '.join(over)}")


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
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} stands twice in one object ({found.get('id') or found.get('name') or 'unnamed'})")
        found[key] = value
    return found


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number of JSON; expected a finite number")
