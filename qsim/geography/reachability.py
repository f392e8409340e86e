"""What a side can pass: places and links, in many histories at once, and the graph that they make; under encirclement, supply and pockets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from heapq import heappop, heappush
from typing import TypeVar
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from qsim.belief.drawing import Drawn
from qsim.belief.draws import Draws
from qsim.belief.enclosure import trust
from qsim.belief.evidence import reading_of_ring
from qsim.belief.timeline import Ensemble, TimelineError
from qsim.record.ledger import Claim, Ledger
from qsim.record.scope import in_order
from qsim.record.settings import Model
from qsim.record.theatre import CONTESTED, Theatre, TheatreError

UNREPORTED = ("nearest", "open", "closed")
CONTESTED_LETS_THROUGH = 0.5  # the share of histories in which contested ground can be passed: nobody says, so an even chance
_GROUND, _WORD = 1, 2  # what coins are thrown for
_MONTH, _BYTES = 32, 40_000_000  # days that are asked at once, fewer where a map is large
_KEPT = 100_000_000  # bytes of draws that are kept whole
T = TypeVar("T")


@dataclass(frozen=True, eq=False, slots=True)
class Network:
    """
    The links of a theatre as compressed rows: the neighbours of place p are `heads[start[p]:start[p + 1]]`, over the links `link[...]`.

    `length` (links,) is in km. The order of neighbours is that of the links.
    """

    start: NDArray[np.int32]
    heads: NDArray[np.int32]
    link: NDArray[np.int32]
    length: NDArray[np.float64]

    @classmethod
    def of(cls, places: int, a: NDArray[np.int_], b: NDArray[np.int_], length: NDArray[np.float64]) -> "Network":
        """Return the network of links between the positions `a` and `b`."""
        tails, heads, link = np.concatenate([a, b]), np.concatenate([b, a]), np.tile(np.arange(len(a)), 2)
        order = np.lexsort((link, tails))
        start = np.concatenate([[0], np.cumsum(np.bincount(tails, minlength=places))])
        return cls(start.astype(np.int32), heads[order].astype(np.int32), link[order].astype(np.int32), length)

    @property
    def rows(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
        """What every kernel begins with: start, heads, link."""
        return self.start, self.heads, self.link


@dataclass(frozen=True, eq=False, slots=True)
class Passage:
    """
    What `side` can pass in many histories of one theatre.

    `open` (runs, days, places) is whether it can pass the place; one of its `bases` (positions) is open while not another side's, a
    gateway always. `shut` (runs, days, links) tells which links are closed to it, with one run where all are alike.
    """

    theatre: Theatre
    side: str
    network: Network
    open: NDArray[np.bool_]
    shut: NDArray[np.bool_]
    bases: NDArray[np.int64]

    def at(self, d: int) -> "Passage":
        """Return one day, by its position."""
        return replace(self, open=np.ascontiguousarray(self.open[:, d : d + 1]), shut=np.ascontiguousarray(self.shut[:, d : d + 1]))

    def run(self, run: int) -> "Passage":
        """Return one run; raise `TheatreError` when there is none of this number."""
        if not -len(self.open) <= run < len(self.open):
            raise TheatreError(f"no run {run}: there are {len(self.open)}")
        return replace(self, open=self.open[run][None], shut=self.shut[run if len(self.shut) > 1 else 0][None])

    def targets(self, place: str) -> NDArray[np.int64]:
        """
        Return the positions that a place stands for: its parts, a group's members, or itself, without buildings, which have no links.

        Raise `TheatreError` for a building.
        """
        found = self.theatre.members(self.theatre.id_of(place))
        linked = [i for i in found if self.theatre.places[i].within is None]
        if not linked:
            first = self.theatre.places[found[0]]
            raise TheatreError(f"{first.id!r} is a building, to which no link leads; ask of {first.within!r}, in which it stands")
        return np.array(linked, dtype=np.int64)

    def reached(self) -> NDArray[np.bool_]:
        """Return whether each place is joined to a base, shape (runs, days, places)."""
        from qsim.geography.kernels.graph import reach

        found = np.zeros(self.open.shape, dtype=bool)
        reach(*self.network.rows, self.shut, self.open, self.bases, found)
        return found


def passage(
    histories: Ensemble, side: str, *, unreported: str = "nearest", contested: float = CONTESTED_LETS_THROUGH, documented: bool = False
) -> Passage:
    """
    Return what `side` can pass in each run and on each day: what it holds, and what is contested in some of the runs.

    Where a claim cuts or opens a named way, it does so in as many runs as it is to be trusted (`qsim.belief.enclosure.trust`); in the
    others the claim before stands. A way that is said to be open to the side on some days can be passed on these, whoever holds the
    ground. One history that was not drawn has no such luck: its contested ground is passed, and every claim on a way holds.

    Parameters
    ----------
    histories
        Many histories of one theatre.
    side
        Whose places and links.
    unreported
        How places that no claim names behave: "nearest" (as the nearest place of which something is known, by length of links), "open" or "closed".
    contested
        The probability that a contested place lets through; a history has it so, or not, on all of its days.
    documented
        Whether only links count of which a document tells; without it the estimated ones do too.

    Raises
    ------
    TheatreError
        When the side is not of the theatre or has no bases, `contested` is no probability, `unreported` is none of the three, or there is no history to ask.
    """
    from qsim.geography.kernels.graph import hold_up, look_up

    theatre = checked(histories, side)
    if unreported not in UNREPORTED:
        raise TheatreError(f"unknown reading {unreported!r} of places that no claim names; expected one of {', '.join(UNREPORTED)}")
    if not 0 <= contested <= 1:
        raise TheatreError(f"contested ground lets through with probability {contested}; expected a number from 0 to 1")
    bases = bases_of(theatre, side)
    answer = np.zeros(len(theatre.statuses) + 1, dtype=bool)
    answer[[1 + theatre.statuses.index(side), 1 + theatre.statuses.index(CONTESTED)]] = True
    answer[0] = unreported == "open"
    follow, pattern = followed(histories) if unreported == "nearest" else _itself(histories)
    passable = np.empty(histories.status.shape, dtype=bool)
    look_up(histories.status, follow, pattern, answer, passable)
    if contested < 1 and (len(histories) > 1 or histories.numbers is not None):
        stopped = coins(histories, range(len(theatre.places)), _GROUND) >= contested
        hold_up(histories.status, follow, pattern, theatre.statuses.index(CONTESTED), stopped, passable)
    holds = _holding(histories)
    _open_ways(histories, side, holds, passable)
    _serving(histories, side, bases, passable)
    shut = _shut_by(histories, side, holds)
    if documented:
        shut = shut | np.array([link.basis != "documented" for link in theatre.links])
    return Passage(theatre, side, network(theatre), passable, np.ascontiguousarray(shut), bases)


def _serving(histories: Ensemble, side: str, bases: NDArray[np.int64], passable: NDArray[np.bool_]) -> None:
    """Open, in place, the bases that serve: those within the frame while no other side is known to hold them, gateways beyond it always."""
    theatre = histories.theatre
    own = [theatre.statuses.index(side), theatre.statuses.index(CONTESTED), -1]
    for base in bases.tolist():
        passable[..., base] = theatre.places[base].gateway or np.isin(histories.status[..., base], own)


def coins(histories: Ensemble, names: Sequence[int], purpose: int) -> NDArray[np.float64]:
    """Return a number in [0, 1) for each run and name, shape (runs, names), that goes with a history wherever it is chosen."""
    from qsim.geography.kernels import graph

    numbers = np.arange(len(histories)) if histories.numbers is None else histories.numbers
    found = np.empty((len(numbers), len(names)))
    graph.coins(numbers, np.asarray(names, dtype=np.uint32), purpose, found)
    return found


def as_read(histories: Ensemble) -> NDArray[np.int8]:
    """Return the statuses (runs, days, places), every unknown place with that of the nearest known one on that day."""
    from qsim.geography.kernels.graph import look_up

    checked(histories, histories.theatre.sides[0].id)
    filled = np.empty_like(histories.status)
    look_up(histories.status, *followed(histories), np.arange(-1, len(histories.theatre.statuses), dtype=np.int8), filled)
    return filled


def of_days(histories: Ensemble, at: slice | Sequence[int] | NDArray[np.int_]) -> Ensemble:
    """Return the histories of some days alone, by their positions."""
    return replace(histories, days=histories.days[at], status=np.ascontiguousarray(histories.status[:, at]))


def by_month(histories: Ensemble | Draws, ask: Callable[[slice, Ensemble], T], *, at: Sequence[int] | None = None) -> list[T]:
    """
    Return what `ask` tells of some days at a time, given which they are and their histories: the spans in order.

    What is asked of a long window takes no more memory. `at` are the only days (positions, in order) that are asked, where they are few. Draws
    of which most days are asked are drawn once and kept, where they are small: several questions are asked of them.
    """
    most = max(1, min(_MONTH, _BYTES // (len(histories) * len(histories.theatre.places)))) if len(histories) else _MONTH
    asked = np.arange(len(histories.days)) if at is None else np.asarray(at)
    if isinstance(histories, Draws) and 2 * len(asked) > len(histories.days) and histories.size <= _KEPT:
        histories = histories.whole
    runs = np.split(asked, np.flatnonzero(np.diff(asked) != 1) + 1)
    spans = [slice(int(run[i]), int(run[min(i + most, len(run)) - 1]) + 1) for run in runs for i in range(0, len(run), most)]
    found: list[T] = []
    before: tuple[int, Drawn | None] = -1, None  # the first day that was drawn last
    for span in reversed(spans):
        if isinstance(histories, Draws):
            drawn = histories.drawn(span.start, span.stop, before[1] if before[0] == span.stop else None)
            before = span.start, np.ascontiguousarray(drawn[:, 0])
            found.append(ask(span, histories.as_histories(drawn, span.start)))
        else:
            found.append(ask(span, of_days(histories, span)))
    return found[::-1]


def unspoken(histories: Ensemble, place: str, reported: NDArray[np.bool_]) -> Ensemble:
    """Return histories in which nothing is known of a place on the days on which it is not `reported`, (days, places); the parts of `place` stay."""
    itself = mask(histories.theatre.members(place), len(histories.theatre.places))
    return replace(histories, status=np.where(reported | itself, histories.status, np.int8(-1)))


def checked(histories: Ensemble, side: str | None = None) -> Theatre:
    """
    Return the theatre of the histories.

    Raises
    ------
    TimelineError
        When they are no histories, but a belief, of which each place is known for itself alone.
    TheatreError
        When `side` is not of the theatre, or there is no run or day.
    """
    if not isinstance(histories, Ensemble):
        raise TimelineError(
            f"{type(histories).__name__} given; expected whole histories: `timeline.most_likely()` for the likeliest one, "
            "`timeline.sample(1000, seed=7)` for many"
        )
    theatre = histories.theatre
    if side is not None:
        theatre.side(side)
    if histories.status.ndim != 3 or 0 in histories.status.shape[:2]:
        raise TheatreError(f"an empty ensemble: {histories!r}; expected at least one run of at least one day")
    return theatre


def bases_of(theatre: Theatre, side: str) -> NDArray[np.int64]:
    """Return the positions of a side's bases; raise `TheatreError` when it has none."""
    bases = [theatre.index[base.place] for base in theatre.side(side).bases]
    if not bases:
        raise TheatreError(f"side {side!r} has no bases; encirclement needs some")
    return np.array(bases, dtype=np.int64)


@lru_cache(maxsize=8)
def network(theatre: Theatre) -> Network:
    """Return the links of a theatre as compressed rows."""
    ends = np.array([(theatre.index[link.a], theatre.index[link.b]) for link in theatre.links], dtype=np.int64).reshape(-1, 2)
    return Network.of(len(theatre.places), ends[:, 0], ends[:, 1], np.array([link.length_km for link in theatre.links], dtype=float))


def nearest_known(theatre: Theatre, known: NDArray[np.bool_]) -> NDArray[np.int_]:
    """
    Return for each place the position of the nearest one, by length of links, of which something is known; its own where that is so.

    `known` is (places,). A place that no claim names follows this one. Ties go to the earlier place; one without any way keeps itself.
    """
    roads = network(theatre)
    follow = np.arange(len(theatre.places))
    settled: set[int] = set()
    ahead = [
        (0.0, int(i), int(i)) for i in np.flatnonzero(known)
    ]  # distance, the known place, the place reached: Dijkstra from all at once
    while ahead:
        distance, source, here = heappop(ahead)
        if here not in settled:
            settled.add(here)
            follow[here] = source
            for e in range(roads.start[here], roads.start[here + 1]):
                heappush(ahead, (distance + float(roads.length[roads.link[e]]), source, int(roads.heads[e])))
    return follow


def followed(histories: Ensemble) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """
    Return whom each place follows: rows (patterns, places) of positions, and which row is that of each run and day, (runs, days).

    Which places are known differs by day where a policy waits for a first report, and by run hardly ever.
    """
    from qsim.geography.kernels.graph import known_alike

    runs, days, places = histories.status.shape
    known, alike = known_alike(histories.status)
    rows = known if alike else (histories.status != -1).reshape(-1, places)
    rows[:, [histories.theatre.index[city] for city in histories.theatre.parts]] = True  # a city is its parts
    packed, pattern = np.unique(np.packbits(rows, axis=1), axis=0, return_inverse=True)
    distinct = np.unpackbits(packed, axis=1, count=places).astype(bool)
    follow = np.array([nearest_known(histories.theatre, each) for each in distinct])
    shaped = np.broadcast_to(pattern.reshape(-1, days), (runs, days))
    return follow, np.ascontiguousarray(shaped)


def _itself(histories: Ensemble) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    runs, days, places = histories.status.shape
    return np.arange(places)[None], np.zeros((runs, days), dtype=int)


def shut_links(histories: Ensemble, side: str) -> NDArray[np.bool_]:
    """
    Return which links are shut to `side`, shape (days, links), by the last claim about each.

    What another side cuts, or has open to itself (a road it secured), is shut; what this side cuts or has open is not. Claims on all
    the ways into a city speak of its ring, not of named ways: they are an independent witness (`Timeline.enclosure`) and shut nothing.
    """
    return np.asarray(_shut_by(histories, side, np.ones((1, len(of_ways(histories.theatre, histories.ledger))), dtype=bool))[0])


def _holding(histories: Ensemble) -> NDArray[np.bool_]:
    """Return which claims on named ways hold in each run, shape (runs, claims), or (1, claims) where they hold in every one."""
    told, ledger = of_ways(histories.theatre, histories.ledger), histories.ledger
    if ledger is None or not told or not histories.sources:
        return np.ones((1, len(told)), dtype=bool)
    model = Model.from_settings(histories.theatre.model)
    trusted = np.array([trust(model, ledger, histories.sources, claim) for claim in told])
    thrown = coins(histories, [crc32(claim.id.encode()) for claim in told], _WORD)
    return np.asarray(thrown < trusted)


def _open_ways(histories: Ensemble, side: str, holds: NDArray[np.bool_], passable: NDArray[np.bool_]) -> None:
    """Open, in place, the ground along a named way on the days on which a claim that holds has it open to the side; a city itself it opens not."""
    theatre, days = histories.theatre, histories.days
    for claim, believed in zip(of_ways(histories.theatre, histories.ledger), holds.T, strict=True):
        if claim.kind == "opens" and claim.side == side:
            links = [theatre.link(id) for id in theatre.link_members(claim.place)]
            ends = sorted({theatre.index[end] for link in links for end in (link.a, link.b) if theatre.place(end).parent is None})
            spoken = np.flatnonzero((days >= np.datetime64(claim.window.start)) & (days <= np.datetime64(claim.window.end)))
            runs = np.flatnonzero(np.broadcast_to(believed, len(passable)))
            passable[np.ix_(runs, spoken, np.array(ends, dtype=int))] = True


def of_ways(theatre: Theatre, ledger: Ledger | None) -> list[Claim]:
    """Return the claims on named ways, in the order in which they count; not those on the ring of a city, nor on some ways of many."""
    claims = () if ledger is None else ledger.columns.only("cuts", "opens")
    told = in_order(c for c in claims if c.quantifier not in ("part", "most"))
    return [claim for claim in told if all(reading_of_ring(theatre, claim, city) is None for city in theatre.parts)]


def _shut_by(histories: Ensemble, side: str, holds: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which links are shut, shape (runs, days, links), by the last claim that holds in a run; `holds` is (runs, claims)."""
    theatre, days = histories.theatre, histories.days
    shut = np.zeros((len(holds), len(days), len(theatre.links)), dtype=bool)
    place = {link.id: i for i, link in enumerate(theatre.links)}
    for claim, believed in zip(of_ways(histories.theatre, histories.ledger), holds.T, strict=True):
        closing = claim.kind == "cuts" if claim.side is None else claim.side != side
        links = [place[id] for id in theatre.link_members(claim.place)]
        later = np.flatnonzero(days >= np.datetime64(claim.effective))
        shut[np.ix_(np.flatnonzero(believed), later, np.array(links, dtype=int))] = closing
    return shut


def mask(places: Sequence[int] | NDArray[np.int64], count: int) -> NDArray[np.bool_]:
    """Return positions as a mask of so many places."""
    found = np.zeros(count, dtype=bool)
    found[list(places)] = True
    return found
