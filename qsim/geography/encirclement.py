"""The ring around a place: whether it is closed, the ways out that are left, how long supply has to go, and where it could be cut."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qsim.belief.draws import Draws
from qsim.belief.timeline import Ensemble, Timeline
from qsim.geography.reachability import CONTESTED_LETS_THROUGH, UNREPORTED, Passage, by_month, checked, mask, passage, unspoken
from qsim.record.dates import Day, day
from qsim.record.theatre import Link, Theatre, TheatreError
from qsim.record.values import by_fields, equal


@dataclass(frozen=True, slots=True)
class Exits:
    """
    The ways out of a place on one day: routes from it to bases that share no place, each a tuple of place ids, shortest first.

    `bottleneck` is a smallest set of places whose fall would close them all, the nearest such (a direct link to a base closes with none).
    Over many histories (`likely_exits`) the routes are those to the bases that most can reach, `open` the share of histories for each,
    and `cut_off` the share of those without any way. Where nothing is `known` of any place, nothing is said of the ring either.
    """

    routes: tuple[tuple[str, ...], ...]
    bottleneck: tuple[str, ...] = ()
    open: tuple[float, ...] = ()
    cut_off: float | None = None
    known: bool = True

    def __len__(self) -> int:
        return len(self.routes)

    def __str__(self) -> str:
        count = len(self.routes)
        if not self.known:
            return "ways out not known"
        if self.cut_off is not None:
            sure = self.cut_off < 0.005 or self.cut_off > 0.995  # histories that are drawn are never certain
            return f"cut off {('under 1%' if self.cut_off < 0.5 else 'over 99%') if sure else f'{self.cut_off:.0%}'}"
        return "cut off" if count == 0 else f"{count} way{'s' if count > 1 else ''} out"


@dataclass(frozen=True, eq=False, slots=True)
class Supply:
    """
    How far it is from a place to each of its side's `bases` (ids), in many histories.

    `length_km` (runs, days, bases) is that of the shortest route through places the side holds or contests, infinite where there is none;
    `since_open` (runs, days, bases) the days since there last was one: 0 today, -1 when there has been none in the window so far.
    """

    bases: tuple[str, ...]
    length_km: NDArray[np.float64]
    since_open: NDArray[np.int_]

    __eq__ = equal
    __reduce__ = by_fields

    @property
    def nearest_km(self) -> NDArray[np.float64]:
        """The length of the shortest route to any base, shape (runs, days), infinite where there is none."""
        return np.asarray(self.length_km.min(axis=2))


@dataclass(frozen=True, slots=True)
class Way:
    """
    A way out of a place to the base at its end on one day: the share of histories in which that base can be reached, `open`, and the
    `route` (place ids, the base last) by which most of these reach it. `estimated` is whether the route uses a link that no document tells of.
    """

    route: tuple[str, ...]
    open: float
    estimated: bool

    @property
    def base(self) -> str:
        """The base at the end of the way."""
        return self.route[-1]


@dataclass(frozen=True, slots=True)
class Chokepoint:
    """
    A place that matters for another's supply on one day: the probability over histories that its loss alone `cuts` that off, and
    that it `lengthens` the shortest route to a base without cutting it, then by `longer_km` on average (0 where it never does).
    """

    place: str
    cuts: float
    lengthens: float
    longer_km: float

    def __str__(self) -> str:
        return f"{self.place}: cuts {self.cuts:.2f}, lengthens {self.lengthens:.2f} (by {self.longer_km:.1f} km)"


def encirclement(
    histories: Ensemble,
    place: str,
    side: str,
    *,
    unreported: str = "nearest",
    contested: float = CONTESTED_LETS_THROUGH,
    documented: bool = False,
) -> NDArray[np.bool_]:
    """
    Return whether `side`'s hold on `place` is cut off from all of that side's bases, per run and day.

    A place is cut off when no path of open links through places that `side` can pass joins it to a base, and also when it can pass no
    part of it. A side passes what it holds, and contested ground in a share `contested` of the histories. A gateway always serves as a
    base, one within the frame while no other side holds it. A link is shut while the last claim about it is that another side cut it,
    in as many histories as that claim is to be trusted.

    Parameters
    ----------
    histories
        Many histories of one theatre.
    place
        A place id; a city counts as cut off when all of its parts are.
    side
        The side inside the pocket.
    unreported
        How places that no claim names behave: "nearest" (as the nearest place of which something is known, by length of links), "open" or "closed".
    contested
        The probability that a contested place lets through; a history has it so, or not, on all of its days.
    documented
        Whether only links count of which a document tells; without it the estimated ones do too.

    Returns
    -------
    cut_off
        Shape (runs, days), bool; a day on which nothing is known of any place counts as cut off, and is no finding: `qsim.ring` has nan.

    Raises
    ------
    TheatreError
        When `place` or `side` is not of the theatre, the side has no bases, `unreported` is none of the three, `contested` is no
        probability, or there is no history.
    """
    from qsim.geography.kernels.graph import cut_off

    ways = passage(histories, side, unreported=unreported, contested=contested, documented=documented)
    found = np.empty(ways.open.shape[:2], dtype=bool)
    cut_off(*ways.network.rows, ways.shut, ways.open, ways.targets(place), ways.bases, found)
    return found


def whose(timeline: Timeline, place: str | None = None, side: str | None = None) -> tuple[str | None, str | None]:
    """
    Return of which place and side a ring is asked, where it is not said: (None, None) where there is none.

    The place is the one in question (`Theatre.in_question`), or where there is none the one of whose ring most is said. The side is the one that the record speaks of as besieged there, by claims that another
    encircles it; where nobody is, the one that holds most of the place on the first day.
    """
    theatre = timeline.theatre
    claims = () if timeline.ledger is None else timeline.ledger.columns.only("encircles", "cuts", "opens")
    spoken = Counter(claim.place for claim in claims if claim.place in theatre.index and not theatre.place(claim.place).gateway)
    place = theatre.place(place).id if place is not None else theatre.in_question or next((id for id, _ in spoken.most_common(1)), None)
    side = theatre.side_id(side) if side is not None else None
    with_bases = [each.id for each in theatre.sides if each.bases]
    if side is None and place is not None and with_bases:
        besiegers = Counter(claim.side for claim in claims if claim.kind == "encircles" and claim.place == place)
        side = max(reversed(with_bases), key=lambda each: (besiegers.total() - besiegers[each], timeline.share(place, each)[0]))
    return (place, side) if place is not None and side is not None else (None, None)


def spread(histories: Ensemble, place: str, side: str, *, reported: NDArray[np.bool_] | None = None) -> dict[str, NDArray[np.float64]]:
    """
    Return the probability that `place` is cut off by each reading of the places that no claim names: {reading: (days,)}.

    How far they lie apart is what the answer owes to places of which nothing was said. With `reported`, shape (days, places), the
    readings "open" and "closed" are also those of a place on the days on which nobody had spoken of it yet, whatever later claims make
    likely; the parts of `place` itself stay as they are. Errors are those of `encirclement`.
    """
    early = histories if reported is None else unspoken(histories, place, reported)
    asked = {reading: histories if reading == "nearest" else early for reading in UNREPORTED}
    return {reading: encirclement(each, place, side, unreported=reading).mean(axis=0) for reading, each in asked.items()}


def exits(histories: Ensemble, place: str, side: str, *, run: int = 0, unreported: str = "nearest") -> list[Exits]:
    """
    Return the ways out of `place` for `side` on each day of one history.

    Ways out are routes to the side's bases that share no place but a base, together as short as can be: their number is how many
    places would have to fall to cut the place off (Menger 1927). A link that leads straight to a base is a way of its own, and a
    place with a base inside has that one. On a day on which nothing is known of any place, so are they not. Parameters and errors are
    those of `encirclement`; `run` picks the history.
    """
    ways = passage(histories, side, unreported=unreported).run(run)
    heard = (histories.status[run] != -1).any(axis=-1).tolist()
    targets = ways.targets(place)
    known: dict[bytes, Exits] = {}
    found: list[Exits] = []
    for d in range(ways.open.shape[1]):
        key = ways.shut[0, d].tobytes() + ways.open[0, d].tobytes()
        if key not in known:
            known[key] = _exits(ways.at(d), targets)
        found.append(known[key] if heard[d] else Exits((), known=False))
    return found


def exit_counts(histories: Ensemble, place: str, side: str, *, unreported: str = "nearest") -> NDArray[np.int_]:
    """
    Return the number of ways out of `place` for `side`, shape (runs, days): 0 is cut off, 1 is one last road.

    What counts as one is told at `exits`; parameters and errors are those of `encirclement`.
    """
    from qsim.geography.kernels.routes import count_routes

    ways = passage(histories, side, unreported=unreported)
    targets, places = ways.targets(place), ways.open.shape[-1]
    count = np.zeros(ways.open.shape[:2], dtype=np.int64)
    inside, base = mask(targets, places), mask(ways.bases, places)
    count_routes(*ways.network.rows, ways.network.length, ways.shut, ways.open, inside, base, count)
    own = ways.open[..., inside & base].sum(axis=-1)
    return np.where(own > 0, own, count)


def ways_out(histories: Ensemble, place: str, side: str, *, unreported: str = "nearest") -> list[list[Way]]:
    """
    Return the ways out of `place` for `side` on each day, by the share of histories in which each is open: one for every base that any reaches.

    Of the routes to a base the one is told that is shortest in most histories; one through another base is left to that. Parameters
    and errors are those of `encirclement`.
    """
    checked(histories, side)

    def of_month(_: slice, month: Ensemble) -> list[list[Way]]:
        ways = passage(month, side, unreported=unreported)
        far, back = _shortest(ways, ways.targets(place))
        return [_ways_on(ways, place, far[:, d], back[:, d]) for d in range(far.shape[1])]

    return [day for month in by_month(histories, of_month) for day in month]


def likely_exits(histories: Ensemble | Draws, place: str, side: str) -> list[Exits]:
    """
    Return the ways out of `place` for `side` on each day over many histories: those open in more than half of them, and P(cut off).

    Errors are those of `encirclement`.
    """

    def of_month(_: slice, month: Ensemble) -> list[Exits]:
        closed = encirclement(month, place, side).mean(axis=0).tolist()
        known = (month.status != -1).any(axis=(0, 2)).tolist()
        return [_likely(*each) for each in zip(closed, known, ways_out(month, place, side), strict=True)]

    return [day for month in by_month(histories, of_month) for day in month]


def _likely(closed: float, known: bool, ways: list[Way]) -> Exits:
    most = [way for way in ways if way.open > 0.5 and known]
    return Exits(tuple(way.route for way in most), open=tuple(way.open for way in most), cut_off=closed if known else None, known=known)


def _ways_on(ways: Passage, place: str, far: NDArray[np.float64], back: NDArray[np.int32]) -> list[Way]:
    """Return the ways out on one day, from the km to every place and the place before it, each (runs, places)."""
    ids, found = np.array(list(ways.theatre.index)), []
    for base in ways.bases.tolist():
        reached = np.flatnonzero(np.isfinite(far[:, base]))
        traced = _trace(back[reached], base)
        direct = traced[~np.isin(traced[:, 1:], ways.bases).any(axis=1)]
        if len(direct):
            routes, counts = np.unique(direct, axis=0, return_counts=True)
            likely = routes[counts.argmax()]
            route = tuple(ids[likely[likely >= 0][::-1]].tolist())
            route = route[1:] if len(route) > 1 else route  # the first is the part of the place that it leaves by
            basis = {link.basis for link in roads(ways.theatre, place, route)}
            found.append(Way(route, len(reached) / len(far), basis != {"documented"}))
    return sorted(found, key=lambda way: (-way.open, way.route))


def _trace(back: NDArray[np.int32], end: int) -> NDArray[np.int64]:
    """Return the places on the way to `end`, backwards from it, shape (runs, steps), -1 behind the beginning."""
    steps = [np.full(len(back), end)]
    rows = np.arange(len(back))
    while len(back) and (steps[-1] >= 0).any():
        here = steps[-1]
        steps.append(np.where(here >= 0, back[rows, here], -1))
    return np.stack(steps, axis=1)


def roads(theatre: Theatre, place: str, route: Sequence[str]) -> tuple[Link, ...]:
    """Return the links of a route out of `place`, as `exits` tells it; the first is the shortest that leads from the place to the route."""
    longest_first = sorted(theatre.links, key=lambda link: -link.length_km)
    lengths = {frozenset((link.a, link.b)): link for link in longest_first}  # the shortest of several between two places
    ends = [theatre.places[i].id for i in theatre.members(theatre.id_of(place))]
    first = [lengths[pair] for end in ends if (pair := frozenset((end, route[0]))) in lengths]
    rest = [lengths[frozenset(pair)] for pair in pairwise(route)]
    return (*sorted(first, key=lambda link: link.length_km)[:1], *rest)


def supply(histories: Ensemble, place: str, side: str, *, unreported: str = "nearest") -> Supply:
    """
    Return how far it is from `place` to each base of `side`, by the shortest route through places it holds or contests, and since when not.

    A place that `side` neither holds nor contests has no supply. Parameters and errors are those of `encirclement`.
    """
    ways = passage(histories, side, unreported=unreported)
    far, _ = _shortest(ways, ways.targets(place))
    length = far[..., ways.bases]
    since = np.full(length.shape, -1)
    for d in range(length.shape[1]):
        before = since[:, d - 1] if d else since[:, 0]
        since[:, d] = np.where(np.isfinite(length[:, d]), 0, np.where(before >= 0, before + 1, -1))
    return Supply(tuple(ways.theatre.places[base].id for base in ways.bases), length, since)


def chokepoints(histories: Ensemble, place: str, side: str, moment: Day, *, unreported: str = "nearest") -> list[Chokepoint]:
    """
    Return the places whose loss on a day would cut `place` off or lengthen its way to the nearest base, those that cut most first.

    Only one place is lost at a time; bases and the parts of the place itself are not asked. Probabilities are over all
    histories, those in which the place is cut off already included. Other parameters and errors are those of `encirclement`.
    """
    ways = _on(histories, passage(histories, side, unreported=unreported), moment)
    targets = ways.targets(place)
    far, back = _shortest(ways, targets)
    now = far[:, 0, ways.bases].min(axis=1)
    on_route = _on_route(far[:, 0], back[:, 0], ways.bases)
    on_route[:, [*targets, *ways.bases]] = False
    found = []
    for p in np.flatnonzero(on_route.any(axis=0)):
        asked = np.flatnonzero(on_route[:, p])
        without, _ = _shortest(ways, targets, runs=asked, lost=int(p))
        longer = without[:, 0, ways.bases].min(axis=1) - now[asked]
        more = longer[np.isfinite(longer) & (longer > 1e-9)]
        cuts = float(np.isinf(longer).sum() / len(now))
        found.append(Chokepoint(ways.theatre.places[p].id, cuts, len(more) / len(now), float(more.mean()) if len(more) else 0.0))
    return sorted((c for c in found if c.cuts or c.lengthens), key=lambda c: (-c.cuts, -c.lengthens * c.longer_km, c.place))


def _exits(ways: Passage, targets: NDArray[np.int64]) -> Exits:
    """Return the ways out on the one day of the one run that `ways` has."""
    from qsim.geography.kernels.routes import disjoint, workspace

    ids, places = list(ways.theatre.index), ways.open.shape[-1]
    own = [base for base in ways.bases.tolist() if base in targets and ways.open[0, 0, base]]
    if own:
        return Exits(tuple((ids[base],) for base in own))
    after, before = np.empty(places, dtype=np.int32), np.empty(places, dtype=np.int32)
    cut, passable = np.zeros(places, dtype=bool), ways.open[0, 0]
    inside, base = mask(targets, places), mask(ways.bases, places)
    roads = ways.network
    disjoint(*roads.rows, roads.length, ways.shut[0, 0], passable, inside, base, True, workspace(places), after, before, cut)
    routes: list[tuple[str, ...]] = [(ids[b],) for t in targets if passable[t] for b in _bases_beside(ways, int(t))]
    for first in np.flatnonzero(before == -2).tolist():
        route = [first]
        while after[route[-1]] >= 0:
            route.append(int(after[route[-1]]))
        routes.append((*(ids[p] for p in route), ids[_bases_beside(ways, route[-1])[0]]))
    return Exits(tuple(sorted(routes, key=lambda route: (len(route), route))), tuple(ids[p] for p in np.flatnonzero(cut)))


def _bases_beside(ways: Passage, place: int) -> list[int]:
    """Return the bases at the other end of the open links of a place, the nearest first."""
    roads = ways.network
    arcs = range(roads.start[place], roads.start[place + 1])
    found = [(roads.length[roads.link[e]], int(roads.heads[e])) for e in arcs if not ways.shut[0, 0, roads.link[e]]]
    return [there for _, there in sorted(found) if there in ways.bases and ways.open[0, 0, there]]


def _shortest(
    ways: Passage, targets: NDArray[np.int64], *, runs: NDArray[np.int_] | None = None, lost: int = -1
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Return the km from the targets to every place, and the place before it on that way, each (runs, days, places)."""
    from qsim.geography.kernels.routes import shortest

    passable = ways.open if runs is None else ways.open[runs]
    shut = ways.shut if runs is None or len(ways.shut) == 1 else ways.shut[runs]
    far, back = np.empty(passable.shape), np.empty(passable.shape, dtype=np.int32)
    shortest(*ways.network.rows, ways.network.length, shut, passable, targets, lost, far, back)
    return far, back


def _on_route(far: NDArray[np.float64], back: NDArray[np.int32], bases: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return whether each place lies on the shortest way to the nearest base, shape (runs, places)."""
    found = np.zeros(far.shape, dtype=bool)
    rows = np.arange(len(far))
    here = bases[far[:, bases].argmin(axis=1)]
    here = np.where(np.isfinite(far[rows, here]), here, -1)
    while (here >= 0).any():
        alive = here >= 0
        found[rows[alive], here[alive]] = True
        here = np.where(alive, back[rows, here], -1)
    return found


def _on(histories: Ensemble, ways: Passage, moment: Day) -> Passage:
    """Return one day of a passage; raise `TheatreError` when it lies outside the histories."""
    found = np.flatnonzero(histories.days == np.datetime64(day(moment)))
    if not len(found):
        raise TheatreError(f"{day(moment)} lies outside these histories, which run from {histories.days[0]} to {histories.days[-1]}")
    return ways.at(int(found[0]))
