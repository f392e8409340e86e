"""The ground that a side holds or contests around a place, and how likely it is shut in on every side: what a map of a ring shows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qsim.belief.draws import Draws
from qsim.belief.timeline import NOBODY, Ensemble, Timeline
from qsim.geography.conditioning import draws_given
from qsim.geography.encirclement import Way, encirclement, ways_out
from qsim.geography.metrics import borders
from qsim.geography.reachability import bases_of, by_month, passage
from qsim.record.theatre import CONTESTED

RUNS, SEED = 1000, 7  # as many as `qsim metrics` and the page draw, so that map, table and page give one number


@dataclass(frozen=True, eq=False, slots=True)
class Perimeter:
    """
    Around `place`, what `side` has, and what surrounds it.

    `ground` (days, places) is whether a place belongs to the ground that the side holds or contests around `place`, in one piece;
    `passable` (days, places) the share of histories in which the side, once outside, can reach a base of its from there; `closed` (days,) the
    share in which it is cut off; `ways` the ways out of each day. `known` (days,) is whether anything is known of the place, `runs` how many
    histories were asked, and `effective` how many independent ones they are worth.
    """

    place: str
    side: str
    ground: NDArray[np.bool_]
    passable: NDArray[np.float64]
    closed: NDArray[np.float64]
    ways: tuple[tuple[Way, ...], ...]
    known: NDArray[np.bool_]
    runs: int = RUNS
    effective: float = float(RUNS)


def perimeter(
    timeline: Timeline,
    place: str,
    side: str,
    *,
    runs: int = RUNS,
    seed: int = SEED,
    histories: Ensemble | Draws | None = None,
    at: Sequence[int] | None = None,
) -> Perimeter:
    """
    Return the ground of `side` around `place` on each day, and how likely it is shut in, from histories by the map and the words.

    A place is of the ground where more than half of the belief says that the side holds or contests it, and it joins on to `place` by such
    places whose cells touch; the bases of the side, unless they are `place` itself, lie outside: to reach one is to be out. Of a timeline from which no histories can be drawn, the most likely one is asked.
    `histories` are those of `qsim.geography.conditioning.draws_given`, where they are at hand. Where only the days `at` (positions, in order)
    are asked, nothing is told of the others but the ground of the first.

    Raises
    ------
    TheatreError
        When `place` or `side` is not of the theatre, or the side has no bases.
    """
    if histories is None:
        histories = draws_given(timeline, place, side, runs, seed) if timeline.chains is not None else timeline.most_likely()
    members = list(timeline.theatre.members(timeline.theatre.place(place).id))
    asked = list(range(len(timeline)) if at is None else at)
    ground, known = np.zeros(timeline.history.shape, dtype=bool), np.zeros(len(timeline), dtype=bool)
    passable, closed = np.zeros(timeline.history.shape), np.zeros(len(timeline))
    ways: list[tuple[Way, ...]] = [()] * len(timeline)
    shown = sorted({0, *asked})
    ground[shown] = _ground(timeline, shown, members, side)
    known[asked] = (timeline.status[np.ix_(asked, members)] != NOBODY).any(axis=1)

    def of_month(span: slice, month: Ensemble) -> None:
        passable[span] = _passable(month, side, ground[span])
        closed[span] = encirclement(month, place, side).mean(axis=0)
        ways[span] = [tuple(day) for day in ways_out(month, place, side)]

    by_month(histories, of_month, at=asked)
    effective = len(histories) if histories.effective is None else histories.effective
    return Perimeter(place, side, ground, passable, closed, tuple(ways), known, len(histories), float(effective))


def _ground(timeline: Timeline, days: list[int], members: list[int], side: str) -> NDArray[np.bool_]:
    """Return which places are of the ground around the members on some days, shape (days, places)."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    theatre = timeline.theatre
    own = timeline.belief[days][..., [theatre.statuses.index(side), theatre.statuses.index(CONTESTED)]].sum(axis=-1) > 0.5
    has_cell = np.array([place.polygon is not None and place.within is None for place in theatre.places])
    own = own & has_cell & (timeline.status[days] != NOBODY)
    own[:, np.setdiff1d(bases_of(theatre, side), members)] = False
    if has_cell.sum() < 2:
        return np.zeros_like(own)
    pairs = borders(theatre)[0]
    found = np.zeros_like(own)
    for d, held in enumerate(own):
        joined = pairs[held[pairs].all(axis=1)]
        links = coo_array((np.ones(len(joined)), (joined[:, 0], joined[:, 1])), shape=(len(held), len(held)))
        label = connected_components(links, directed=False)[1]
        found[d] = held & np.isin(label, label[[i for i in members if held[i]]])
    return np.asarray(found)


def _passable(histories: Ensemble, side: str, ground: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the share of histories in which a base can be reached from each place without the ground, shape (days, places)."""
    ways = passage(histories, side)
    outside = replace(ways, open=np.ascontiguousarray(ways.open & ~ground))
    return np.asarray(outside.reached().mean(axis=0))
