"""What is said of a scenario: what is wrong with it, what is worth a look, and what was taken for what is left blank."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from qsim.record.columnar import Columnar

_ROWS, _LINES = 3, 60  # rows named of one problem, and problems told of one file


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """
    One thing said of a scenario: where it stands, what is wrong, what is expected or nearest.

    A `problem` must be mended; a `notice` is worth a look; a `default` says what was taken for what is left blank.
    """

    file: str
    row: int
    column: str
    what: str
    level: str = "problem"

    def __str__(self) -> str:
        return _line([self.row] if self.row else [], self.column, self.what)


@dataclass(slots=True)
class Table:
    """
    A file, or a sheet of a workbook, as read: its rows (line number, field -> value), and what was met on the way.

    Claims lie in `columns` instead of rows; `many` is what was taken for something in many rows: the same in all, or what gives it by their order.
    """

    file: str
    rows: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    columns: "Columnar | None" = None
    many: list[tuple[str | Callable[[int], str], NDArray[np.int64], str]] = field(default_factory=list)
    letters: dict[str, str] = field(default_factory=dict)
    comma: bool | None = None
    _noted: list[tuple[int, str, str, str]] = field(default_factory=list)  # row, column, what, level
    _taken: dict[tuple[str, str], list[int]] = field(default_factory=dict)  # what was taken, column: in which rows
    _spoilt: set[tuple[int, str]] = field(default_factory=set)

    @property
    def said(self) -> list[Problem]:
        """Everything said of this file as it was met, and then what was taken for something, but in many rows at once."""
        taken = [(row, column, what, "default") for (what, column), rows in self._taken.items() for row in rows]
        return [Problem(self.file, row, self._shown(column), what, level) for row, column, what, level in [*self._noted, *taken]]

    @property
    def problems(self) -> list[Problem]:
        """What must be mended."""
        return [each for each in self.said if each.level == "problem"] if self._spoilt else []

    def heard(self) -> bool:
        """Return whether anything was said, and forget it."""
        any_said = bool(self._noted or self._taken)
        for each in (self._noted, self._taken, self._spoilt):
            each.clear()
        return any_said

    def problem(self, what: str, row: int = 0, column: str = "") -> None:
        """Note one more problem of this file."""
        self._spoilt.add((row, column))
        self._say(what, row, column, "problem")

    def notice(self, what: str, row: int = 0, column: str = "") -> None:
        """Note something that is worth a look, and no obstacle."""
        self._say(what, row, column, "notice")

    def defaults(self, what: str | Callable[[int], str], rows: NDArray[np.int64], column: str) -> None:
        """Note what was taken for something that is left blank in many rows; of each its own, where `what` gives it by its place among them."""
        if len(rows):
            self.many.append((what, rows, column))

    def all_said(self) -> list[Problem]:
        """Return everything that was said, of many rows at once as well."""
        many = [
            Problem(self.file, row, self._shown(column), what if isinstance(what, str) else what(n), "default")
            for what, rows, column in self.many
            for n, row in enumerate(rows.tolist())
        ]
        return [*self.said, *many]

    def reword(self, column: str, worded: Callable[[str], str]) -> None:
        """Put other words in the place of what is said of a column, once more is known."""
        self._noted = [(row, name, worded(what) if name == column else what, level) for row, name, what, level in self._noted]

    def spoilt_rows(self, column: str) -> list[int]:
        """Return the rows of which a problem is noted in this column already."""
        return sorted(row for row, name in self._spoilt if name == column)

    def default(self, what: str, row: int = 0, column: str = "") -> None:
        """Note what was taken for something that is left blank."""
        self._taken.setdefault((what, column), []).append(row)

    def spoilt(self, row: int, column: str) -> bool:
        """Return whether a problem is noted of this cell already."""
        return (row, column) in self._spoilt

    def _say(self, what: str, row: int, column: str, level: str) -> None:
        self._noted.append((row, column, what, level))

    def _shown(self, column: str) -> str:
        return f"column {self.letters[column]} ({column})" if column in self.letters else column


def problems_text(said: Iterable[Problem], folder: str = "") -> str:
    """
    Return what is said, file by file; the same thing of many rows is one line, and a file's first sixty lines stand for all.

    Examples
    --------
    >>> print(problems_text(Problem("a.csv", row, "note", "note is blank") for row in range(2, 1196)))
    a.csv has 1 problem
      rows 2, 3, 4 and 1,191 more, note: note is blank
    """
    said = list(said)
    lines = []
    for file in dict.fromkeys(each.file for each in said):
        folded = _folded(each for each in said if each.file == file)
        shown = f"{folder}{_parted(file)}{file}" if folder and file else file or folder
        level = next(each.level for each in said if each.file == file)
        if level == "problem":
            lines.append(f"{shown} has {len(folded):,} problem{'s' if len(folded) > 1 else ''}")
        else:
            lines.append(f"{shown}:")
        lines += [f"  {line}" for line in folded[:_LINES]]
        if len(folded) > _LINES:
            lines.append(f"  ... and {len(folded) - _LINES:,} more")
    return "\n".join(lines)


def _parted(file: str) -> str:
    return ", " if file.startswith("sheet ") else "/"


def _folded(said: Iterable[Problem]) -> list[str]:
    """Return a line for each thing that is said of a column, with the rows of which it is said."""
    rows: dict[tuple[str, str], list[int]] = {}
    for each in said:
        rows.setdefault((each.column, each.what), []).append(each.row)
    return [_line([row for row in of if row], column, what) for (column, what), of in rows.items()]


def _line(rows: list[int], column: str, what: str) -> str:
    named = ", ".join(str(row) for row in rows[:_ROWS])
    more = f" and {len(rows) - _ROWS:,} more" if len(rows) > _ROWS else ""
    where = ", ".join(([f"row{'s' if len(rows) > 1 else ''} {named}{more}"] if rows else []) + ([column] if column else []))
    return f"{where}: {what}" if where else what
