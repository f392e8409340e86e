"""The days of each place that matter to the belief model, and what moves its place from one to the next."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qsim.belief.columns import Floats, Ints
from qsim.belief.statements import Observations


@dataclass(frozen=True, eq=False, slots=True)
class Knots:
    """The places with a chain, and the days of each that matter (`day`, place after place from `start`), with their kind (`code`)."""

    places: Ints
    day: Ints
    start: Ints
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
    """Return the days of each place on which something is said of it, or from which its days are of another kind."""
    places, codes = said.speaks_of(), said.moves.codes
    column = np.full(codes.shape[1], -1)
    column[places] = np.arange(len(places))
    marked = np.zeros((len(places), said.days), dtype=bool)
    marked[:, 0] = True
    marked[:, 1:] |= (codes[1:, places] != codes[:-1, places]).T
    st = said.statements
    at = column[np.repeat(st.place, np.diff(st.start))]
    marked[at, st.day] = True
    marked[at[st.eve >= 0], st.eve[st.eve >= 0]] = True
    for of in (said.wholes, said.shares):
        marked[column[of.members], np.repeat(of.day, np.diff(of.start))] = True
    p, day = np.nonzero(marked)
    start = np.concatenate([[0], np.cumsum(marked.sum(axis=1))]).astype(np.int64)
    return Knots(places, day.astype(np.int64), start, codes[day, places[p]], said.days)


def steps_of(said: Observations, knots: Knots) -> Floats:
    """Return what moves each knot's place there from the knot before, shape (knots, statuses, statuses)."""
    from qsim.belief.kernels import chain

    table = said.moves.matrices
    gaps = np.diff(knots.day, prepend=0)
    gaps[knots.start[:-1]] = 1
    rest = np.concatenate([[0], knots.code[:-1]])
    used, row = np.unique(rest[gaps > 1]), np.full(len(table), -1, dtype=np.int64)
    row[used] = np.arange(len(used))
    powers = np.empty((max(1, len(used)), max(1, int(gaps.max())), *table.shape[1:]))
    powers[:, 0] = np.eye(table.shape[1])
    for g in range(1, powers.shape[1]):
        powers[: len(used), g] = powers[: len(used), g - 1] @ table[used]
    out = np.empty((len(knots.day), *table.shape[1:]))
    chain.steps(knots.day, knots.start, knots.code, table, powers, row, out)
    return out
