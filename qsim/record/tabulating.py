"""Rows of text made into a table: headings understood, every cell parsed by the schema, each different text of a column once."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import Any

import numpy as np

from qsim.record.cells import none_of, parse
from qsim.record.columnar import Columnar
from qsim.record.days_by_numbers import by_numbers, is_by_numbers
from qsim.record.names import nearest, slug
from qsim.record.packed import Coded, Ints
from qsim.record.problems import Table
from qsim.record.schema import Column, with_languages
from qsim.record.signs import spoken
from qsim.record.texts import Texts

_TOGETHER = 65_536  # rows put into columns at a time
_ALIKE = 3  # different dates of a column that are days by their numbers are told of at once
_NO_ID = re.compile(r"[^\w.+\-\n]|\n\n|^\n|\n$")
_EDGED = re.compile(r"^ | \n|\n | $")


@dataclass(frozen=True, eq=False, slots=True)
class Sheet:
    """
    What a table holds, as text: the headings, in the row `top`; `rows` (rows,), the numbers of those below that are not blank, and their
    cells as columns. `longer` are rows with cells beyond the last heading, and how many they have.
    """

    header: list[str]
    top: int
    rows: Ints
    columns: list[Coded]
    longer: list[tuple[int, int]]

    @classmethod
    def of(cls, rows: Iterable[tuple[int, Sequence[str]]]) -> "Sheet | None":
        """Return the sheet of numbered rows of cells, of which the first that is not blank are the headings; none where all are blank."""
        coming = iter(rows)
        for top, cells in coming:
            header = [cell.strip() for cell in cells]
            if any(header):
                return cls.below(top, header, coming)
        return None

    @classmethod
    def below(cls, top: int, header: list[str], rows: Iterator[tuple[int, Sequence[str]]]) -> "Sheet":
        """Return the sheet of headings and the numbered rows below them, which are put into columns some at a time."""
        last = max(n for n in range(len(header)) if header[n]) + 1
        found: list[defaultdict[str, int]] = []
        codes: list[list[Ints]] = []
        numbers: list[int] = []
        longer: list[tuple[int, int]] = []
        while some := list(islice(rows, _TOGETHER)):
            if max(len(cells) for _, cells in some) > last:
                longer += [(row, len(cells)) for row, cells in some if len(cells) > last and any(cell.strip() for cell in cells[last:])]
            columns = list(zip_longest(*(cells for _, cells in some), fillvalue=""))
            while len(found) < len(columns):
                found.append(_numbered())
                codes.append([np.full(len(numbers), found[-1][""], dtype=np.int32)] if numbers else [])
            for n, known in enumerate(found):
                cells = columns[n] if n < len(columns) else [""] * len(some)
                codes[n].append(np.fromiter(map(known.__getitem__, cells), dtype=np.int32, count=len(some)))
            numbers += [row for row, _ in some]
        texts = [Coded(list(known), np.concatenate(code)) for known, code in zip(found, codes, strict=True)]
        return cls(header, top, np.array(numbers, dtype=np.int64), texts, longer).stripped()

    def stripped(self) -> "Sheet":
        """Return the sheet with cells without blanks around them, and without rows of nothing else."""
        columns = []
        for column in self.columns:
            columns.append(_stripped(column))
        filled = np.zeros(len(self.rows), dtype=bool)
        for column in columns:
            filled |= column.codes != (column.values.index("") if "" in column.values else -1)
        if filled.all():
            return Sheet(self.header, self.top, self.rows, columns, self.longer)
        return Sheet(self.header, self.top, self.rows[filled], [column.take(filled) for column in columns], self.longer)

    def spoken(self) -> "Sheet":
        """Return the sheet of a CSV file, in which texts that a spreadsheet would take for formulas stand behind an apostrophe, with what they say."""
        columns = [
            column.mapped(spoken) if not _is_kept_plain(column) and any(text[:1] == "'" for text in column.values) else column
            for column in self.columns
        ]
        return Sheet(self.header, self.top, self.rows, columns, self.longer)


def _is_kept_plain(column: Coded) -> bool:
    """Return whether a column is kept as a table of texts that are letters, digits and the like."""
    return isinstance(column.values, Texts) and column.values.are_plain


def _stripped(column: Coded) -> Coded:
    """Return a column of texts without blanks around them."""
    if _is_kept_plain(column):
        return column
    bare = list(map(str.strip, column.values))
    return column if bare == list(column.values) else Coded(bare, column.codes).mapped(str)


def _numbered() -> defaultdict[str, int]:
    """Return a dictionary that numbers what it is asked for, in the order in which it is first met."""
    found: defaultdict[str, int] = defaultdict()
    found.default_factory = found.__len__
    return found


def tabulate(sheet: Sheet | None, known: Sequence[Column], table: Table) -> None:
    """Fill `table` with the rows under a heading row; blank rows and columns are passed over, unknown columns told once."""
    if sheet is None:
        table.problem("the file is empty")
        return
    known = with_languages(known, sheet.header)
    header = sheet.header + [""] * (len(sheet.columns) - len(sheet.header))
    used = [bool(len(column)) and any(column.values) for column in sheet.columns] + [False] * (len(header) - len(sheet.columns))
    places = _placed(header, used, known, table, sheet.top)
    if not places:
        return
    last = max(n for n in range(len(header)) if header[n]) + 1
    trouble: list[tuple[int, int, str]] = []  # row, column, text
    cells: dict[str, Coded] = {column.name: _all(none_of(column), len(sheet.rows)) for column in known if column.name not in places}
    blank = _all("", len(sheet.rows))
    for order, column in enumerate(known):
        if column.name in places:
            n = places[column.name]
            texts = sheet.columns[n] if n < len(sheet.columns) else blank
            cells[column.name], troubled = _parsed(column, texts, table)
            trouble += [(row, order, texts[row]) for row in troubled]
    _tell(trouble, sheet, last, known, table)
    filled = Columnar(sheet.rows, cells)
    if known[0].table == "claims":
        table.columns = filled
    else:
        table.rows += filled


def _all(value: Any, rows: int) -> Coded:
    """Return a column of one value."""
    return Coded([value], np.zeros(rows, dtype=np.int32))


def _parsed(column: Column, texts: Coded, table: Table) -> tuple[Coded, list[int]]:
    """Return what the cells of a column mean, each different text read once; and the rows of which something is to be said."""
    if is_plain(column, texts.values):
        return Coded(list(texts.values), texts.codes) if column.type == "name" else texts, []
    trial = Table(table.file, letters=table.letters, comma=table.comma)
    values, told = [], np.zeros(len(texts.values), dtype=bool)
    for n, text in enumerate(texts.values):
        values.append(parse(column, text, trial, 0))
        told[n] = trial.heard()
    meant = dict(enumerate(values))
    found = Coded(range(len(values)), texts.codes).mapped(meant.__getitem__)
    return found, np.flatnonzero(told[texts.codes]).tolist() if told.any() else []


def is_plain(column: Column, texts: Sequence[str]) -> bool:
    """Return whether every text means itself: ids of nothing but letters, digits and the like, words without anything odd."""
    if column.type not in ("id", "text", "name") or not texts:
        return False
    if isinstance(texts, Texts) and texts.are_plain:
        return True
    if (column.required or column.type == "name") and "" in texts:
        return False
    together = "\n".join(texts)
    if together.count("\n") != len(texts) - 1:
        return False
    if column.type == "id":
        return bool(together) and not _NO_ID.search(together)
    return together.replace("\n", "").isprintable() and not _EDGED.search(together)


def _tell(trouble: list[tuple[int, int, str]], sheet: Sheet, last: int, known: Sequence[Column], table: Table) -> None:
    """Tell what is wrong with rows and their cells, row by row and in each by column."""
    together = _dates_alike(trouble, known)
    number = {int(row): n for n, row in enumerate(sheet.rows)} if sheet.longer else {}
    said = sorted([*trouble, *((number[row], -1, str(size)) for row, size in sheet.longer)])
    for at, order, text in said:
        row = int(sheet.rows[at])
        if order < 0:
            table.problem(f"the row has {text} cells; expected {last}", row)
        elif order in together and is_by_numbers(text):
            table.problem(together[order], row, known[order].name)
        else:
            parse(known[order], text, table, row)


def _dates_alike(trouble: list[tuple[int, int, str]], known: Sequence[Column]) -> dict[int, str]:
    """Return what is said at once of many dates of a column that are days by their numbers, such as 18.11.1991, by its position."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for _, order, text in trouble:
        if known[order].type in ("when", "edtf") and is_by_numbers(text):
            found[order].append(text)
    return {order: by_numbers(texts) for order, texts in found.items() if len(set(texts)) >= _ALIKE}


def headings(known: Sequence[Column]) -> dict[str, Column]:
    """Return the fields of a table by every heading that they are known under."""
    named = {slug(alias): column for column in known for alias in column.aliases}
    return {**named, **{column.name: column for column in known}}


def _placed(header: list[str], used: list[bool], known: Sequence[Column], table: Table, top: int) -> dict[str, int]:
    """Return where each field stands, by the headings; say what is missing, stands twice, or is not known."""
    under = headings(known)
    places: dict[str, int] = {}
    strangers: list[str] = []
    for exact in (True, False):  # a field's own name goes before its aliases
        for n, name in enumerate(header):
            column = under.get(slug(name))
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
    strangers += [name for name in header if name and slug(name) not in under]
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
