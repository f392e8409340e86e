"""
Claims as columns: the different values of each field once, and a code for each claim. What depends on few fields is asked once for
each set of their values, and gathered; a `Claim` is made when somebody asks for it.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from qsim.record.claim import Claim
from qsim.record.texts import Texts
from qsim.record.words import CONTROL, EVENTS

Ints = NDArray[np.int64]
Rows = NDArray[np.integer[Any]] | NDArray[np.bool_]
FIELDS = tuple(field.name for field in fields(Claim))
_KEPT = 100_000  # of so many claims those that were made are kept; of more each is made when it is asked for, and let go
_LOOKED = 5  # ids looked for before it is worth its time to put all in order
_MOST = 2**62
_FIRST = 719163  # the first day of 1970, as Python counts days


@dataclass(frozen=True, eq=False, slots=True)
class Coded:
    """
    A column in codes: `values` are the different values, each once, and `codes` (rows,) the position of each row's.
    """

    values: Sequence[Any]
    codes: NDArray[np.int32]

    @classmethod
    def of(cls, values: Iterable[Hashable]) -> "Coded":
        """Return a column of these values."""
        found: dict[Hashable, int] = {}
        codes = [found.setdefault(value, len(found)) for value in values]
        return cls(list(found), np.array(codes, dtype=np.int32))

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> Any:
        return self.values[self.codes[row]]

    def __iter__(self) -> Iterator[Any]:
        return map(self.values.__getitem__, self.codes.tolist())

    def take(self, rows: Rows) -> "Coded":
        """Return the column of some rows, by position or by a mask."""
        return Coded(self.values, self.codes[rows])

    @property
    def coded(self) -> tuple[NDArray[np.int32], int]:
        """The codes, and how many there are: rows of one value have one code, in no order."""
        return self.codes, max(1, len(self.values))

    def used(self) -> NDArray[np.bool_]:
        """Return which values a row has, shape (values,)."""
        if len(self.values) == 1:
            return np.array([len(self.codes) > 0])
        return np.bincount(self.codes, minlength=len(self.values)) > 0

    def each(self, asked: Callable[[Any], Any], dtype: Any) -> NDArray[Any]:
        """Return what a function says of every row, shape (rows,): it is asked once for each different value."""
        said = np.zeros(len(self.values), dtype=dtype)
        used = np.flatnonzero(self.used())
        said[used] = np.fromiter((asked(self.values[i]) for i in used.tolist()), dtype=dtype, count=len(used))
        return np.asarray(said[self.codes]) if len(said) != 1 else np.repeat(said, len(self.codes))

    def ranks(self, key: Callable[[Any], Any] = lambda value: value) -> tuple[Ints, int]:
        """Return the rank of every row by a key of its value, (rows,), equal keys alike; and how many ranks there are."""
        used = np.flatnonzero(self.used()).tolist()
        keys = [key(self.values[i]) for i in used]
        place = {each: n for n, each in enumerate(sorted(set(keys)))}
        ranks = np.zeros(len(self.values), dtype=np.int64)
        ranks[used] = [place[each] for each in keys]
        return ranks[self.codes], max(1, len(place))

    def mapped(self, meant: Callable[[Any], Any]) -> "Coded":
        """Return the column with what is meant by each value in its place, each different one once."""
        found: dict[Any, int] = {}
        anew = [found.setdefault(meant(value), len(found)) for value in self.values]
        if anew == list(range(len(anew))):
            return Coded(list(found), self.codes)
        return Coded(list(found), np.array(anew, dtype=np.int32)[self.codes])

    def put(self, value: Any, rows: Rows) -> "Coded":
        """Return the column with one value in some rows."""
        values = list(self.values)
        codes = self.codes.copy()
        codes[rows] = values.index(value) if value in values else len(values)
        return Coded(values if value in values else [*values, value], codes)

    def counts(self) -> dict[Any, int]:
        """Return how many rows have each value, in the order in which values are first met."""
        first, _ = firsts(self.codes.astype(np.int64), max(1, len(self.values)))
        count = np.bincount(self.codes, minlength=len(self.values))
        return {self.values[code]: int(count[code]) for code in self.codes[np.sort(first)].tolist()}

    def joined(self, other: "Coded") -> "Coded":
        """Return the column with another's rows after its own."""
        place = {value: i for i, value in enumerate(self.values)}
        anew = np.array([place.setdefault(value, len(place)) for value in other.values], dtype=np.int32)
        return Coded(list(place), np.concatenate([self.codes, anew[other.codes]]))

    def same(self, other: "Coded") -> bool:
        """Return whether all rows have the values of another column's."""
        place = {value: i for i, value in enumerate(other.values)}
        anew = np.array([place.get(value, -1) for value in self.values], dtype=np.int32)
        return np.array_equal(anew[self.codes], other.codes)


class Claims(Sequence[Claim]):
    """
    Claims in their order, immutable: a sequence of `Claim` that is kept as columns, as objects, or both, whichever was asked for.

    Columns are packed from claims, or taken from those that these are some of, one field at a time, when they are first asked for.
    """

    __slots__ = ("_columns", "_found", "_lookups", "_made", "_of", "_row", "_size")

    def __init__(self, claims: Iterable[Claim] = (), columns: Mapping[str, Coded] | None = None) -> None:
        self._made: tuple[Claim, ...] | None = tuple(claims) if columns is None else None
        self._columns: dict[str, Coded] = dict(columns or {})
        self._of: tuple[Claims, Ints] | None = None  # some of others, by position
        self._found: dict[str, Ints] = {}
        self._row: Callable[[str], int] | None = None
        self._lookups = 0
        self._size = len(self._columns["id"]) if self._made is None else len(self._made)

    @classmethod
    def of(cls, claims: Iterable[Claim]) -> "Claims":
        """Return these claims: themselves, where they are `Claims` already."""
        return claims if isinstance(claims, Claims) else cls(claims)

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, key: int) -> Claim: ...

    @overload
    def __getitem__(self, key: slice) -> "Claims": ...

    def __getitem__(self, key: int | slice) -> "Claim | Claims":
        if isinstance(key, slice):
            return self.take(np.arange(self._size)[key])
        if self._made is not None or self._size <= _KEPT:
            return self._all()[key]
        row = range(self._size)[key]
        return Claim(**{name: self.column(name)[row] for name in FIELDS})

    def __iter__(self) -> Iterator[Claim]:
        return iter(self._all()) if self._made is not None or self._size <= _KEPT else self._each()

    def __contains__(self, claim: object) -> bool:
        if not isinstance(claim, Claim):
            return False
        ids = self.column("id")
        rows = np.flatnonzero(ids.codes == (ids.values.index(claim.id) if claim.id in ids.values else -1))
        return any(self[row] == claim for row in rows.tolist())

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if isinstance(other, Claims) and self._made is None and other._made is None:
            return self._size == other._size and all(self.column(name).same(other.column(name)) for name in FIELDS if name != "row")
        if isinstance(other, Claims | tuple | list):
            return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))
        return NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self.column("id")))

    def __repr__(self) -> str:
        return f"Claims({self._size:,})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (Claims, (self._made,)) if self._made is not None else (Claims, ((), {name: self.column(name) for name in FIELDS}))

    def _each(self) -> Iterator[Claim]:
        return (Claim(*cells) for cells in zip(*(self.column(name) for name in FIELDS), strict=True))

    def _all(self) -> tuple[Claim, ...]:
        if self._made is None:
            self._made = tuple(self._each())
        return self._made

    def column(self, name: str) -> Coded:
        """Return the column of one field of `Claim`."""
        if name not in self._columns:
            if self._of is not None:
                whole, rows = self._of
                self._columns[name] = whole.column(name).take(rows)
            else:
                self._columns[name] = Coded.of(getattr(claim, name) for claim in self._all())
        return self._columns[name]

    def row_of(self, id: str) -> int:
        """Return the position of the claim with an id, -1 where there is none: among many the first few are looked for, then they are put in order."""
        ids, self._lookups = self.column("id"), self._lookups + 1
        if self._row is None and isinstance(ids.values, Texts) and self._lookups < _LOOKED:
            rows = np.flatnonzero(ids.codes == ids.values.find(id))
            return int(rows[0]) if len(rows) else -1
        if self._row is None:
            self._row = _row_finder(ids)
        return self._row(id)

    def take(self, rows: Rows) -> "Claims":
        """Return some of the claims, by position or by a mask, in the order asked for."""
        at: Ints = np.flatnonzero(rows) if rows.dtype == bool else rows.astype(np.int64, copy=False)
        if self._made is None:
            whole, of = (self, at) if self._of is None else (self._of[0], self._of[1][at])
            some = Claims((), {"id": whole.column("id").take(of)})
            some._of = whole, of
            return some
        taken = Claims(map(self._made.__getitem__, at.tolist()))
        taken._columns = {name: column.take(at) for name, column in self._columns.items()}
        return taken

    def differing(self, other: "Claims", rows: Ints, others: Ints) -> NDArray[np.bool_]:
        """Return which of some claims, by position, are other than those of the same ids at the positions `others` of other claims, shape (rows,)."""
        found = np.zeros(len(rows), dtype=bool)
        for name in FIELDS[1:-1]:  # without the id, and the row of the file, which is no part of what is said
            mine, theirs = self.column(name), other.column(name)
            place = {value: i for i, value in enumerate(theirs.values)}
            anew = np.array([place.get(value, -1) for value in mine.values], dtype=np.int32)
            found |= anew[mine.codes[rows]] != theirs.codes[others]
        return found

    def plus(self, more: Iterable[Claim]) -> "Claims":
        """Return the claims with others after them."""
        if self._made is not None:
            return Claims((*self._made, *more))
        added = Claims.of(more)
        return Claims((), {name: self.column(name).joined(added.column(name)) for name in FIELDS})

    def alike(self, *names: str, by: tuple[Ints, int] | None = None) -> tuple["Claims", Ints]:
        """
        Return claims that stand for all: the first of each set of values of these fields; and the position of that which stands for
        each, shape (claims,). What depends on these fields alone is asked of the former and gathered by the latter. `by` are numbers
        of each claim, and one more than the largest, by which claims differ as well.
        """
        key, size = joint([*(self.column(name).coded for name in names), *([by] if by else [])])
        if size == 1 and self._size:
            return self.take(np.zeros(1, dtype=np.int64)), np.zeros(self._size, dtype=np.int64)
        first, of = firsts(key, size)
        return self.take(first), of

    def examples(self, *names: str) -> "Claims":
        """Return a claim for each set of values of these fields, in no order: the claims that `alike` says stand for all."""
        if len(names) > 1:
            return self.alike(*names)[0]
        codes, number = self.column(names[0]).coded
        some = np.full(number, -1, dtype=np.int64)
        some[codes] = np.arange(self._size)
        return self.take(some[some >= 0])

    @property
    def start(self) -> Ints:
        """The first day that each speaks of, (claims,), in days since 1970."""
        return self._once("start", lambda: self.column("window").each(lambda window: day_number(window.start), np.int64))

    @property
    def end(self) -> Ints:
        """The last day that each speaks of, (claims,), in days since 1970."""
        return self._once("end", lambda: self.column("window").each(lambda window: day_number(window.end), np.int64))

    @property
    def known(self) -> Ints:
        """The day on which each was known, (claims,), in days since 1970: `Claim.known`."""
        return self._once("known", lambda: self._asked(("reported", "window"), lambda claim: day_number(claim.known), np.int64))

    @property
    def effective(self) -> Ints:
        """The day from which each counts, (claims,), in days since 1970: `Claim.effective`."""
        return np.where(self.column("kind").each(EVENTS.__contains__, bool), self.end, self.start)

    @property
    def until(self) -> Ints:
        """The last day that each speaks of, (claims,), in days since 1970: `Claim.until`."""
        standing = self.column("window").each(lambda window: window.open_end, bool)
        return np.where(standing, np.maximum(self.start, self.known), self.end)

    @property
    def of_control(self) -> NDArray[np.bool_]:
        """Which are evidence on who held a place, (claims,)."""
        return self.column("kind").each(CONTROL.__contains__, bool)

    def of_kind(self, *kinds: str) -> NDArray[np.bool_]:
        """Return which are of one of these kinds, (claims,)."""
        return self.column("kind").each(kinds.__contains__, bool)

    def only(self, *kinds: str) -> "Claims":
        """Return those that are of one of these kinds."""
        return self.take(self.of_kind(*kinds))

    def _asked(self, names: Sequence[str], what: Callable[[Claim], Any], dtype: Any) -> NDArray[Any]:
        few, of = self.alike(*names)
        return np.fromiter(map(what, few), dtype=dtype, count=len(few))[of]

    def _once(self, name: str, make: Callable[[], Ints]) -> Ints:
        if name not in self._found:
            self._found[name] = make()
        return self._found[name]

    def ordered(self, *keys: tuple[NDArray[Any], int]) -> Ints:
        """Return the positions of the claims by these keys (ranks, and how many there are), the first the weightiest, and then by id."""
        key, size = joint(keys)
        order = stable_order(key, size)
        sorted_key = key[order]
        same = sorted_key[1:] == sorted_key[:-1]
        tied = np.flatnonzero(np.concatenate([same, [False]]) | np.concatenate([[False], same]))
        if len(tied):
            rows = order[tied]  # those of one key stand together, and are put among themselves in the order of their ids
            order[tied] = rows[stable_order(*joint([(key[rows], size), self.column("id").take(rows).ranks()]))]
        return order


def _row_finder(ids: Coded) -> Callable[[str], int]:
    """Return what gives the row of an id, -1 for none."""
    if not isinstance(ids.values, Texts):
        rows = {each: n for n, each in enumerate(ids)}
        return lambda id: rows.get(id, -1)
    find, at = ids.values.finder(), np.full(len(ids.values) + 1, -1)  # the last is that of what is not found
    at[ids.codes[::-1]] = np.arange(len(ids))[::-1]
    return lambda id: int(at[find(id)])


@dataclass(frozen=True, eq=False, slots=True)
class Lists:
    """Lists of numbers, one after another: list i is `values[start[i]:start[i + 1]]`."""

    values: Ints
    start: Ints

    @classmethod
    def of_each(cls, lists: Iterable[Iterable[int]]) -> "Lists":
        """Return these lists."""
        made = [list(each) for each in lists]
        start = np.concatenate([[0], np.cumsum([len(each) for each in made], dtype=np.int64)]).astype(np.int64)
        return cls(np.array([value for each in made for value in each], dtype=np.int64), start)

    @property
    def sizes(self) -> Ints:
        """How long each list is."""
        return np.diff(self.start)

    def gathered(self, which: Ints) -> tuple[Ints, Ints]:
        """Return the numbers of many of the lists, one list after another, and of which in `which` (its position) each is."""
        size = self.sizes[which]
        before = np.cumsum(size) - size
        return self.values[np.arange(size.sum()) + np.repeat(self.start[which] - before, size)], np.repeat(np.arange(len(which)), size)


def joint(keys: Iterable[tuple[NDArray[Any], int]]) -> tuple[Ints, int]:
    """Return one key, (rows,), that is ordered as these are, the first the weightiest, each 0 .. its number; and how large it gets."""
    (first, size), *rest = keys
    key = first.astype(np.int64)
    for codes, number in rest:
        if number == 1:
            continue
        if size * number > _MOST:
            different, key = np.unique(key, return_inverse=True)
            key, size = key.reshape(-1).astype(np.int64), len(different)
        key, size = key * number + codes, size * number
    return key, size


def stable_order(key: Ints, size: int) -> Ints:
    """Return the positions of the rows in the order of a key 0 .. size, equal ones as they stand: what a stable `argsort` gives."""
    rows = max(1, len(key))
    if size > _MOST // rows:
        return np.argsort(key, kind="stable")
    return np.sort(key.astype(np.int64) * rows + np.arange(len(key))) % rows  # one sort of numbers is many times as quick


def firsts(key: Ints, size: int) -> tuple[Ints, Ints]:
    """Return where each different key stands first, in the order of keys, and which of these each row has."""
    if size > 4 * len(key) + 1000:  # too large for a table
        _, first, of = np.unique(key, return_index=True, return_inverse=True)
        return first, of.reshape(-1)
    first = np.full(size, -1, dtype=np.int64)
    first[key[::-1]] = np.arange(len(key))[::-1]
    return first[first >= 0], (np.cumsum(first >= 0) - 1)[key]


def day_number(day: date) -> int:
    """Return a day as a number, 0 the first of 1970, as NumPy counts days."""
    return day.toordinal() - _FIRST


def day_of_number(number: int) -> date:
    """Return the day of a number, as `day_number` has it."""
    return date.fromordinal(number + _FIRST)
