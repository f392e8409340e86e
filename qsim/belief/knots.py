"""The days of each place that matter to the belief model, and what moves its place from one to the next."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.belief.columns import Floats, Ints
from qsim.belief.statements import Observations


@dataclass(frozen=True, eq=False, slots=True)
class Knots:
    """
    The places with a chain, and the days of each on which something is said of it (`day`, place after place from `start`); the days from which
    its days are of another kind (`turn`, place after place from `turning`, the first day the first of each), and of which (`code`).
    """

    places: Ints
    day: Ints
    start: Ints
    turn: NDArray[np.int32]
    turning: Ints
    code: NDArray[np.int16]
    days: int

    def at(self, place: Ints, day: Ints) -> Ints:
        """Return the knots of these places (positions of the theatre) on these days; -1 where the day is."""
        column = np.searchsorted(self.places, place)
        keys = np.repeat(np.arange(len(self.places)), np.diff(self.start)) * self.days + self.day
        return np.where(day < 0, -1, np.searchsorted(keys, column * self.days + day))

    def nearest(self, some: Ints) -> Floats:
        """Return how many days are nearer to each of some knots than to the others of these at its place, (some,)."""
        place, day = np.searchsorted(self.start, some, "right"), self.day[some]
        middle = np.where(np.diff(place) == 0, (day[1:] + day[:-1]) / 2, np.nan)
        since, until = np.append(np.nan, middle), np.append(middle, np.nan)
        return np.where(np.isnan(until), self.days, until) - np.where(np.isnan(since), 0.0, since)


def knots_of(said: Observations) -> Knots:
    """Return the days of each place on which something is said of it, and those from which its days are of another kind."""
    places, codes = said.speaks_of(), said.moves.codes
    column = np.full(codes.shape[1], -1)
    column[places] = np.arange(len(places))
    marked = np.zeros((len(places), said.days), dtype=bool)
    st = said.statements
    at = column[np.repeat(st.place, np.diff(st.start))]
    marked[at, st.day] = True
    marked[at[st.eve >= 0], st.eve[st.eve >= 0]] = True
    for of in (said.wholes, said.shares):
        marked[column[of.members], np.repeat(of.day, np.diff(of.start))] = True
    day, start = _ragged(marked)
    marked[:, 0] = True
    marked[:, 1:] = (codes[1:, places] != codes[:-1, places]).T
    turn, turning = _ragged(marked)
    return Knots(places, day, start, turn.astype(np.int32), turning, codes[turn, np.repeat(places, np.diff(turning))], said.days)


def _ragged(marked: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Return the days that are marked, place after place, and where those of each place start."""
    places, days = marked.shape
    at = np.flatnonzero(marked)
    return at % days, np.searchsorted(at, np.arange(places + 1) * days).astype(np.int64)


def steps_of(said: Observations, knots: Knots) -> Floats:
    """Return what moves each knot's place there from the knot before, the first from the eve of all days, shape (knots, statuses, statuses)."""
    from qsim.belief.kernels import chain

    table = said.moves.matrices
    used, row = np.flatnonzero(np.bincount(knots.code, minlength=len(table))), np.full(len(table), -1, dtype=np.int64)
    row[used] = np.arange(len(used))
    longest = min(_longest(knots.turn, knots.turning, knots.days), _longest(knots.day + 1, knots.start, knots.days))
    powers = np.empty((len(used), longest + 1, *table.shape[1:]))
    chain.raise_powers(table[used], powers)
    out = np.empty((len(knots.day), *table.shape[1:]))
    chain.steps(knots.day, knots.start, knots.turn, knots.turning, row[knots.code], powers, out)
    return out


def _longest(day: NDArray[np.integer[Any]], start: Ints, days: int) -> int:
    """Return how far apart days of one place are at most, the first from 0 and the last from the end of all `days`."""
    apart = np.diff(day, prepend=0, append=days)
    apart[start[:-1]] = day[start[:-1]]
    return int(max(apart.max(), (days - day[start[1:] - 1]).max()))
