"""
What the map means, as plain functions on histories: shares, the front line, pockets, closure, tempo, and the ring (from `qsim.geography.encirclement`).

One rule for what is not settled holds throughout: a contested cell counts for all sides alike (half for each of two) where ground is measured, lets both sides
through, and is hostile to neither; an unknown one counts half in a share, and elsewhere follows the nearest known place where that is said.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qsim.belief.timeline import Ensemble
from qsim.geography.encirclement import Chokepoint, Exits, Supply, chokepoints, encirclement, exit_counts, exits, roads, spread, supply
from qsim.geography.reachability import as_read, checked, nearest_known, passage
from qsim.geography.shares import interval, measure, share, shares
from qsim.record.dates import Days, Window, day
from qsim.record.geometry import project, shared_borders
from qsim.record.theatre import CONTESTED, Theatre, TheatreError
from qsim.record.values import by_fields, equal

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

__all__ = [
    "Chokepoint",
    "Exits",
    "Front",
    "Pocket",
    "Supply",
    "Tempo",
    "articulation_points",
    "chokepoints",
    "closure",
    "encirclement",
    "exit_counts",
    "exits",
    "first_day",
    "front",
    "front_length",
    "interval",
    "nearest_known",
    "pocket_sizes",
    "pockets",
    "roads",
    "share",
    "shares",
    "spread",
    "supply",
    "tempo",
]  # fmt: skip

_BEARINGS = 360


@dataclass(frozen=True, eq=False, slots=True)
class Front:
    """
    The front line of one day: `line`, where a cell held by one side meets a cell held by another, beside that of the day `before`.

    `margin` is where a contested cell meets a held one: the front lies somewhere between its margins. Two contested cells have no line
    between them, and unknown cells none at all. Lines are shapely geometries in (lon, lat) degrees.
    """

    day: date
    line: "BaseGeometry"
    margin: "BaseGeometry"
    before: "BaseGeometry"
    length_km: float
    margin_km: float

    __eq__ = equal
    __reduce__ = by_fields


@dataclass(frozen=True, slots=True)
class Pocket:
    """
    A connected part of a side that no base reaches, from the day it was cut off until it was joined again or fell (`window`).

    `places` (ids) are those that were in it on the first day, `largest` the most on any; `km2` and `people` are of that day, and what
    is contested counts half. `lasts` says whether it was still there on the last day of the history.
    """

    window: Window
    places: tuple[str, ...]
    largest: tuple[str, ...]
    km2: float
    people: float
    lasts: bool

    def __len__(self) -> int:
        return len(self.largest)


@dataclass(frozen=True, eq=False, slots=True)
class Tempo:
    """
    How fast ground changes hands: `changes`, places whose status differs from the day before, and km² `gained` and `lost` by a side.

    Each (runs, days), 0 on the first day. A contested place counts half for each side; a first report out of the unknown is news, not a move.
    """

    changes: NDArray[np.int_]
    gained_km2: NDArray[np.float64]
    lost_km2: NDArray[np.float64]

    __eq__ = equal
    __reduce__ = by_fields


def first_day(days: Days, probability: NDArray[np.float64], above: float = 0.5) -> date | None:
    """Return the first day on which a probability (days,) lies above a bound, or None where it never does."""
    found = np.flatnonzero(np.asarray(probability) > above)
    return day(days[found[0]]) if len(found) else None


def front(histories: Ensemble, *, run: int = 0) -> list[Front]:
    """
    Return the front line on each day of one history, with yesterday's beside it (empty on the first day).

    Errors are those of `front_length`.
    """
    import shapely

    theatre = checked(histories, histories.theatre.sides[0].id)
    pairs, lines, km = borders(theatre)
    hostile, margin = _meeting(theatre, histories.status[run], pairs)
    before: BaseGeometry = shapely.MultiLineString()
    found = []
    for d in range(len(histories.days)):
        line, beside = (shapely.line_merge(shapely.union_all(lines[chosen[d]])) for chosen in (hostile, margin))
        found.append(Front(day(histories.days[d]), line, beside, before, float(km[hostile[d]].sum()), float(km[margin[d]].sum())))
        before = line
    return found


def front_length(histories: Ensemble) -> NDArray[np.float64]:
    """
    Return the length of the front line in km, shape (runs, days): borders between hostile cells, and half of the margins of contested ones.

    A contested cell between two sides has a front along it and two margins; half of both together is about its length.

    Raises
    ------
    TheatreError
        When no two places of the theatre have cells, or there is no history.
    """
    theatre = checked(histories, histories.theatre.sides[0].id)
    pairs, _, km = borders(theatre)
    found = np.empty(histories.status.shape[:2])
    for run, status in enumerate(histories.status):
        hostile, margin = _meeting(theatre, status, pairs)
        found[run] = hostile @ km + 0.5 * (margin @ km)
    return found


def pockets(histories: Ensemble, side: str, *, run: int = 0, unreported: str = "nearest") -> list[Pocket]:
    """
    Return the pockets of `side` in one history, by the day on which they were cut off: parts of its ground that no base reaches.

    Parts hang together over open links through places it holds or contests; one that holds no place outright is no pocket. A pocket
    lives on in the largest one of the next day that shares a place with it. Errors are those of `encirclement`.
    """
    labels, status = _pocket_labels(histories, side, unreported)
    theatre, code = histories.theatre, histories.theatre.statuses.index(side)
    alive: list[tuple[int, list[frozenset[int]]]] = []  # the day of birth, and what was in it on each day
    done: list[tuple[int, list[frozenset[int]]]] = []
    for d in range(len(histories.days)):
        now = [frozenset(np.flatnonzero(labels[run, d] == part).tolist()) for part in np.unique(labels[run, d]) if part >= 0]
        left = sorted(now, key=lambda part: (-len(part), min(part)))
        going: list[tuple[int, list[frozenset[int]]]] = []
        for born, told in alive:
            heir = next((part for part in left if part & told[-1]), None)
            (done if heir is None else going).append((born, told if heir is None else [*told, heir]))
            left = [part for part in left if part is not heir]
        alive = [*going, *((d, [part]) for part in left)]
    found = [_pocket(theatre, histories.days, status[run], code, born, told) for born, told in [*done, *alive]]
    return sorted(found, key=lambda pocket: (pocket.window.start, pocket.places))


def pocket_sizes(histories: Ensemble, side: str, *, by: str = "places", unreported: str = "nearest") -> NDArray[np.float64]:
    """
    Return how much of `side` is cut off from its bases, in all pockets together, shape (runs, days).

    `by` is "places", "area" (km²) or "people"; contested and unknown ones count half. Parameters and errors are those of `pockets`.
    """
    theatre = checked(histories, side)
    weights = measure(theatre, by)
    labels, status = _pocket_labels(histories, side, unreported)
    worth = np.where(status == theatre.statuses.index(side), 1.0, 0.5) * (labels >= 0)
    return np.asarray(worth @ weights)


def articulation_points(histories: Ensemble, side: str, *, unreported: str = "nearest") -> NDArray[np.bool_]:
    """
    Return which places hold `side`'s ground together, shape (runs, days, places): the loss of one would split a connected part of it.

    For a whole country at once, in time linear in places and links; `chokepoints` asks what one loss does to the supply of one place.
    Ground hangs together over open links through places that the side holds or contests. The mean over runs is a probability.
    (Hopcroft and Tarjan, Efficient algorithms for graph manipulation, 1973.) Parameters and errors are those of `encirclement`.
    """
    from qsim.geography.kernels.graph import articulation

    ways = passage(histories, side, unreported=unreported)
    alive = ways.open & ~_composed(histories.theatre)
    labels, joint = np.empty(alive.shape, dtype=np.int32), np.empty(alive.shape, dtype=bool)
    articulation(*ways.network.rows, ways.shut, alive, labels, joint)
    return joint


def closure(histories: Ensemble, place: str, side: str, *, radius_km: float = 10.0) -> NDArray[np.float64]:
    """
    Return the fraction of the compass around `place` that is hostile to `side`, shape (runs, days).

    Of 360 bearings from the middle of the place, those count on which the straight way out meets, within the radius, a cell that
    another side holds; its own parts are left out, contested cells are not hostile, unknown ones follow the nearest known place.

    Raises
    ------
    TheatreError
        When `place` or `side` is not of the theatre, the radius is not positive, or there is no history.
    """
    theatre = checked(histories, side)
    if radius_km <= 0:
        raise TheatreError(f"a radius of {radius_km} km; expected a positive one")
    rays, bearings = np.unique(_rays(theatre, theatre.place(place).id, radius_km), axis=0, return_counts=True)
    status = as_read(histories)
    hostile = (status != theatre.statuses.index(side)) & (status != theatre.statuses.index(CONTESTED)) & (status != -1)
    met = rays.T.astype(np.float32)
    return np.stack([(run.astype(np.float32) @ met > 0) @ (bearings / _BEARINGS) for run in hostile])


def tempo(histories: Ensemble, side: str) -> Tempo:
    """Return how many places change status a day, and how many km² `side` gains and loses. Errors are those of `share`."""
    theatre = checked(histories, side)
    own = ~_composed(theatre)
    area = np.where(own, theatre.area_km2, 0.0)
    worth = np.zeros(len(theatre.statuses))
    worth[[theatre.statuses.index(side), theatre.statuses.index(CONTESTED)]] = 1.0, 0.5
    runs, days, _ = histories.status.shape
    changes, gained, lost = np.zeros((runs, days), dtype=int), np.zeros((runs, days)), np.zeros((runs, days))
    for run, status in enumerate(histories.status):
        then, now = status[:-1], status[1:]
        moved = np.where((then != -1) & (now != -1), worth[now] - worth[then], 0.0)
        changes[run, 1:] = ((then != now) & own).sum(axis=1)
        gained[run, 1:], lost[run, 1:] = np.maximum(moved, 0) @ area, np.maximum(-moved, 0) @ area
    return Tempo(changes, gained, lost)


def _composed(theatre: Theatre) -> NDArray[np.bool_]:
    """Return which places only repeat what others say: cities that consist of parts, and buildings within a part."""
    return np.array([place.id in theatre.parts or place.within is not None for place in theatre.places])


@lru_cache(maxsize=8)
def borders(theatre: Theatre) -> tuple[NDArray[np.int_], NDArray[np.object_], NDArray[np.float64]]:
    """Return the borders between cells: pairs of positions (borders, 2), shapely lines (borders,), and their lengths in km."""
    import shapely

    cells = {place.id: place.polygon for place in theatre.places if place.polygon is not None}
    if len(cells) < 2:
        raise TheatreError(f"theatre {theatre.name!r} has {len(cells)} cells; a front line needs at least two")
    shared = shared_borders(cells)
    pairs = np.array([(theatre.index[a], theatre.index[b]) for a, b in shared], dtype=int).reshape(-1, 2)
    lines = np.array(list(shared.values()), dtype=object)
    km = np.array([shapely.transform(line, lambda points: project(points, theatre.frame)).length for line in lines])
    return pairs, lines, km


def _meeting(theatre: Theatre, status: NDArray[np.int8], pairs: NDArray[np.int_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return on which borders (days, borders) two sides meet, and on which a contested cell meets a held one."""
    contested = theatre.statuses.index(CONTESTED)
    a, b = status[:, pairs[:, 0]], status[:, pairs[:, 1]]
    differ = (a != b) & (a != -1) & (b != -1)
    margin = differ & ((a == contested) | (b == contested))
    return differ & ~margin, margin


def _pocket_labels(histories: Ensemble, side: str, unreported: str) -> tuple[NDArray[np.int32], NDArray[np.int8]]:
    """Return the number of the pocket of each place (runs, days, places), -1 for none, and the statuses by which it was drawn."""
    from qsim.geography.kernels.graph import components, keep_parts

    ways = passage(histories, side, unreported=unreported)
    stranded = ways.open & ~ways.reached() & ~_composed(histories.theatre)
    labels = np.empty(stranded.shape, dtype=np.int32)
    components(*ways.network.rows, ways.shut, stranded, labels)
    status = as_read(histories) if unreported == "nearest" else histories.status
    keep_parts(labels, status == histories.theatre.statuses.index(side))
    return labels, status


def _pocket(theatre: Theatre, days: Days, status: NDArray[np.int8], code: int, born: int, told: list[frozenset[int]]) -> Pocket:
    """Return a pocket from what was in it on each day since it was cut off."""
    widest = max(range(len(told)), key=lambda d: len(told[d]))
    members = sorted(told[widest])
    worth = np.where(status[born + widest, members] == code, 1.0, 0.5)
    km2, people = (float(worth @ measure(theatre, by)[members]) for by in ("area", "people"))
    end = born + len(told)
    first, largest = (tuple(theatre.places[i].id for i in sorted(told[d])) for d in (0, widest))
    return Pocket(Window(day(days[born]), day(days[end - 1])), first, largest, km2, people, end == len(days))


def _rays(theatre: Theatre, place: str, radius_km: float) -> NDArray[np.bool_]:
    """Return which cells the straight way out on each bearing meets, shape (bearings, places)."""
    import shapely

    here = theatre.place(place)
    own = set(theatre.members(place)) | {theatre.index[place]}
    cells = {i: p.polygon for i, p in enumerate(theatre.places) if p.polygon is not None and i not in own}
    flat = shapely.transform(np.array(list(cells.values())), lambda points: project(points, theatre.frame))
    middle = project(np.array([[here.lon, here.lat]]), theatre.frame)[0]
    angles = np.radians(np.arange(_BEARINGS) * 360 / _BEARINGS)
    ends = middle + radius_km * np.column_stack([np.sin(angles), np.cos(angles)])
    rays = shapely.linestrings(np.stack([np.broadcast_to(middle, ends.shape), ends], axis=1))
    met = np.zeros((_BEARINGS, len(theatre.places)), dtype=bool)
    bearing, cell = shapely.STRtree(flat).query(rays, predicate="intersects")
    met[bearing, np.array(list(cells), dtype=int)[cell]] = True
    return met
