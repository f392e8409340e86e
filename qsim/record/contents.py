"""Everything read from a scenario before it is known to be sound."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from qsim.record.claims import Vocabulary
from qsim.record.columnar import Columnar
from qsim.record.dates import Window
from qsim.record.documents import Document
from qsim.record.geometry import distances_km
from qsim.record.ledger import Claim
from qsim.record.names import Index
from qsim.record.packed import Claims, Coded, firsts, joint
from qsim.record.picture import Picture
from qsim.record.problems import Problem, Table
from qsim.record.schema import columns
from qsim.record.theatre import Feature, Place

TABLES = ("scenario", "places", "links", "groups", "sources", "claims", "backdrop")
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9")  # Okabe and Ito, Color universal design, 2008

_OF_PLACE: Any = itemgetter(*(field.name for field in fields(Place)[:-1]))  # all but the area of its cell

T = TypeVar("T")


@dataclass(slots=True)
class Contents:
    """
    Everything read from a folder or a workbook before it is known to be sound; `tables` by the names of `TABLES`.

    Once `filled`, rows do not change any more, and what is made of them is made once; what is `settled` is so before.
    """

    path: Path
    settings: dict[str, Any] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    backdrop: list[Feature] = field(default_factory=list)
    picture: Picture | None = None
    tables: dict[str, Table] = field(default_factory=lambda: {name: Table(name) for name in TABLES})
    missing: set[str] = field(default_factory=set)
    filled: bool = False
    settled: set[str] = field(default_factory=set)
    _kept: dict[str, Any] = field(default_factory=dict)

    @property
    def said(self) -> list[Problem]:
        """Everything said of all files, in the order of the files and their rows."""
        return [each for name in TABLES for each in sorted(self.tables[name].all_said(), key=lambda each: (each.row, each.column))]

    @property
    def problems(self) -> list[Problem]:
        """What must be mended."""
        return [each for name in TABLES for each in sorted(self.tables[name].problems, key=lambda each: (each.row, each.column))]

    @property
    def notices(self) -> list[Problem]:
        """What is worth a look."""
        found = [(name, each) for name in TABLES for each in self.tables[name].said if each.level == "notice"]
        return [each for _, each in sorted(found, key=lambda of: (TABLES.index(of[0]), of[1].row, of[1].column))]

    def rows(self, table: str) -> Sequence[tuple[int, dict[str, Any]]]:
        """Return the rows of a table."""
        return self.claim_rows if table == "claims" else self.tables[table].rows

    @property
    def claim_rows(self) -> Columnar:
        """The rows of claims, as columns."""
        table = self.tables["claims"]
        if table.columns is None:
            none = {column.name: Coded.of(()) for column in columns("claims")}
            table.columns = Columnar(np.empty(0, dtype=np.int64), none)
        return table.columns

    def places(self) -> list[tuple[int, Place]]:
        """Return the places that have an id, a name and a point, and their rows."""
        rows = self.rows("places")
        return self._once("places", lambda: [(row, place_from(c)) for row, c in rows if c["id"] and c["name"] and c["lon"] is not None])

    def claims(self) -> Claims:
        """Return the claims of all rows, those of no known day left out; made once, for the check and for the ledger."""
        return self._once("claims", lambda: claims_from(self.claim_rows))

    def place_index(self) -> Index:
        """Return the ids of all places by their names, of those whose point could not be read as well."""
        return self._once("place_index", lambda: Index(self._place_names()))

    def _place_names(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(c["id"], (c["name"], c["name_ar"], *c["local_names"].values(), *c["variants"])) for _, c in self.rows("places") if c["id"]]

    def straight_lines(self) -> NDArray[np.float64]:
        """Return how far the ends of each link lie apart, (links,), km; not a number where one is not known."""
        return self._once("straight_lines", self._straight_lines)

    def _straight_lines(self) -> NDArray[np.float64]:
        places = [place for _, place in self.places()]
        at = {place.id: n for n, place in enumerate(places)}
        ends = np.array([(at.get(cells["a"], -1), at.get(cells["b"], -1)) for _, cells in self.rows("links")], dtype=np.int64).reshape(
            -1, 2
        )
        found, known = np.full(len(ends), np.nan), (ends >= 0).all(axis=1)
        if known.any():
            points = np.array([(place.lon, place.lat) for place in places])
            found[known] = distances_km(*points[ends[known].T])
        return found

    def _once(self, name: str, make: Callable[[], T]) -> T:
        """Return what is made of the rows: anew while they are being filled, once afterwards."""
        if not self.filled and name not in self.settled:
            return make()
        if name not in self._kept:
            self._kept[name] = make()
        found: T = self._kept[name]
        return found

    def vocabulary(self) -> Vocabulary:
        """Return what a claim of this scenario may speak of."""
        return self._once("vocabulary", self._vocabulary)

    def _vocabulary(self) -> Vocabulary:
        groups = [cells for _, cells in self.rows("groups") if cells["id"]]
        links = {cells["id"]: cells["name"] for _, cells in self.rows("links") if cells["id"]}
        named = [(group["id"], (group["name"], *group["variants"])) for group in groups]
        sources = [(c["id"], (c["name"], *c["variants"])) for _, c in self.rows("sources") if c["id"]]
        sides, table = self.settings.get("sides") or [], self.tables["scenario"]
        no_sides, no_documents = (table.spoilt(0, name) for name in ("sides", "documents"))
        return Vocabulary(
            subjects=self._once(
                "subjects", lambda: Index([*self.place_index().named, *named, *((id, (name,)) for id, name in links.items())])
            ),
            ways=frozenset(links) | {group["id"] for group in groups if set(group["members"]) & set(links)},
            sides=None if no_sides else Index((side["id"], (side["name"],)) for side in sides if side["id"]),
            actors=None if no_sides else Index((a["id"], (a["name"],)) for side in sides for a in side["actors"] if a["id"]),
            sources=self._once("sources", lambda: Index(sources)),
            documents=None if no_documents else self.documents,
            first=self.settings.get("start"),
            last=self.settings.get("end"),
            actor_sides={} if no_sides else _sides_of_actors(sides),
        )


def _sides_of_actors(sides: Sequence[Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    """Return the sides that each actor fights for: one, or several where they share a name."""
    pairs = [(actor["id"], side["id"]) for side in sides for actor in side["actors"] if actor["id"] and side["id"]]
    return {actor: frozenset(side for each, side in pairs if each == actor) for actor, _ in pairs}


def place_from(cells: Mapping[str, Any]) -> Place:
    """Return the place that one parsed row spells."""
    return Place(*_OF_PLACE(cells))


def claim_from(cells: Mapping[str, Any], row: int = 0) -> Claim:
    """Return the claim that one parsed row of claims spells: its start and end become one window."""
    rest = {name: value for name, value in cells.items() if name not in ("start", "end", "actor")}
    return Claim(**rest, window=joined(cells["start"], cells["end"]), actors=cells["actor"], row=row)


def claims_from(rows: Columnar) -> Claims:
    """Return the claims that the rows of a known day spell, as `claim_from` does."""
    known = rows.where("start", bool)
    cells = {name: column if known.all() else column.take(known) for name, column in rows.columns.items()}
    start, end = cells.pop("start"), cells.pop("end")
    first, of = firsts(*joint([start.coded, end.coded]))
    window = Coded(range(len(first)), of.astype(np.int32)).mapped(lambda n: joined(start[first[n]], end[first[n]]))
    numbers = rows.numbers[known]
    in_line = bool(len(numbers)) and bool((np.diff(numbers) == 1).all())
    row = Coded(range(int(numbers[0]), int(numbers[-1]) + 1) if in_line else numbers.tolist(), np.arange(len(numbers), dtype=np.int32))
    return Claims((), {**cells, "actors": cells.pop("actor"), "window": window, "row": row})


def joined(start: Window, end: Window | None) -> Window:
    """Return the window from the start of one to the end of another, open where either is."""
    if end is None:
        return start
    return Window(
        start.start,
        max(end.end, start.end),
        start.approximate or end.approximate,
        start.uncertain or end.uncertain,
        open_start=start.open_start,
        open_end=end.open_end,
        time=start.time,
    )
