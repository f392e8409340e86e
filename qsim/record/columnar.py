"""The rows of a table as columns: read, filled in and checked by their different values, and given as a row where one is asked for."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from qsim.record.packed import Coded, Ints

Row = tuple[int, dict[str, Any]]
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 by the golden ratio (Knuth, The Art of Computer Programming 3, 6.4): spreads numbers evenly


class Columnar(Sequence[Row]):
    """
    A table by its columns, which may be filled in: `numbers` (rows,) are the numbers of its rows in the file. As a sequence it gives
    each row as it is now: its number, and its fields by name.
    """

    def __init__(self, numbers: Ints, columns: dict[str, Coded]) -> None:
        self.numbers, self.columns = numbers, columns

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, key: int) -> Row: ...

    @overload
    def __getitem__(self, key: slice) -> list[Row]: ...

    def __getitem__(self, key: int | slice) -> Row | list[Row]:
        if isinstance(key, slice):
            return [self[n] for n in range(len(self))[key]]
        return int(self.numbers[key]), {name: column[key] for name, column in self.columns.items()}

    def __iter__(self) -> Iterator[Row]:
        cells = zip(*self.columns.values(), strict=True)
        return ((row, dict(zip(self.columns, each, strict=True))) for row, each in zip(self.numbers.tolist(), cells, strict=True))

    def take(self, rows: NDArray[np.bool_]) -> "Columnar":
        """Return some of the rows."""
        return Columnar(self.numbers[rows], {name: column.take(rows) for name, column in self.columns.items()})

    def named(self, *names: str) -> "Columnar":
        """Return the same rows with some of the columns alone."""
        return Columnar(self.numbers, {name: self.columns[name] for name in names})

    def where(self, name: str, asked: Callable[[Any], bool]) -> NDArray[np.bool_]:
        """Return in which rows a field has a value that something is so of, (rows,)."""
        return self.columns[name].each(asked, bool)

    def blank(self, name: str) -> NDArray[np.bool_]:
        """Return in which rows a field is none, (rows,)."""
        column = self.columns[name]
        return np.asarray(column.codes == (column.values.index(None) if None in column.values else -1))

    def change(self, name: str, meant: Callable[[Any], Any]) -> None:
        """Put something in the place of every value of a column."""
        self.columns[name] = self.columns[name].mapped(meant)

    def put(self, name: str, value: Any, rows: NDArray[np.bool_]) -> None:
        """Put one value into some rows of a column."""
        self.columns[name] = self.columns[name].put(value, rows)


def perhaps_alike(key: Ints) -> Ints:
    """Return the positions of rows, in their order, among which are all those of a key that others have as well, and few others."""
    bits = min(23, max(10, 4 * len(key)).bit_length())
    spread = key.astype(np.uint64) * _SPREAD
    spread ^= spread >> np.uint64(32)
    spread *= _SPREAD
    place = (spread >> np.uint64(64 - bits)).astype(np.int32)
    newest = np.zeros(1 << bits, dtype=np.int32)
    newest[place] = np.arange(len(key))
    shared = np.zeros(1 << bits, dtype=bool)
    shared[place[newest[place] != np.arange(len(key))]] = True
    return np.flatnonzero(shared[place])
