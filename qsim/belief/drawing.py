"""
Histories drawn from chains: day by day backwards, or by some days first.

Forward filtering, backward sampling (Carter and Kohn, On Gibbs sampling for state space models, 1994). A history that is drawn on some days
first, its *stops*, and between them afterwards, is the same on a day in whatever window it is asked for: each day is drawn given the next and
the stop before, of which the chain of a place tells how likely it was of each state.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.belief.estimate import Chains
from qsim.record.threads import in_threads

_PLAIN = 0  # what numbers are drawn for

Drawn = NDArray[np.int8]


def days_drawn(chains: Chains, first: int, after: int, last: NDArray[Any], numbers: NDArray[np.int_], seed: int) -> Drawn:
    """
    Return the histories of these `numbers` (runs,) on the chains' days `first..after`, shape (runs, days, chains).

    `last` (chains, statuses) is what is believed of the last of these days from everything.
    """
    from qsim.belief.kernels.drawing import draw

    found = np.empty((len(numbers), after - first, len(chains.places)), dtype=np.int8)
    model = chains.filtered[first:after], last, chains.activity[first:after], chains.moving

    def some(begin: int, end: int) -> None:
        draw(*model, chains.places, numbers[begin:end], _keys(chains, first), _key(seed), found[begin:end])

    in_threads(some, len(numbers))
    return found


@dataclass(frozen=True, eq=False, slots=True)
class Stops:
    """
    Days of chains on which histories are drawn first: `rows` (stops,), in order, and how likely a place was of each state on the stop
    before, given its state on the days that `at` (days,) numbers: `since` (numbered, chains, statuses, statuses). `belief` is of the last stop.
    """

    chains: Chains
    rows: NDArray[np.int64]
    at: NDArray[np.int64]
    since: NDArray[np.float64]
    belief: NDArray[np.float64]

    @classmethod
    def of(cls, chains: Chains, rows: NDArray[np.int64], first: int, after: int) -> "Stops":
        """Return the stops on these days of the chains, for histories of the days `first..after`."""
        from qsim.belief.kernels.drawing import hark_back

        following = rows[rows >= after - 1]
        wanted = np.zeros(len(chains), dtype=bool)
        wanted[rows] = True
        wanted[first : int(following[0]) if len(following) else len(chains)] = True
        wanted[: rows[0] + 1] = False
        at = np.where(wanted, np.cumsum(wanted) - 1, -1)
        shape = int(wanted.sum()), len(chains.places), *chains.moving.shape[1:]
        since = np.zeros(shape)

        def some(begin: int, end: int) -> None:
            here = slice(begin, end)
            part = np.empty((shape[0], end - begin, *shape[2:]))
            hark_back(
                np.ascontiguousarray(chains.filtered[:, here]),
                np.ascontiguousarray(chains.activity[:, here]),
                chains.moving,
                rows,
                at,
                part,
            )
            since[:, here] = part

        in_threads(some, len(chains.places))
        return cls(chains, rows, at, since, chains.believed(int(rows[-1])))

    def drawn(self, numbers: NDArray[np.int_], seed: int) -> Drawn:
        """Return the histories of these numbers on the stops alone, shape (runs, stops, chains)."""
        from qsim.belief.kernels.drawing import draw_stops

        found = np.empty((len(numbers), len(self.rows), len(self.chains.places)), dtype=np.int8)
        known = self.belief, self.since, self.at, self.rows, self.chains.places

        def some(begin: int, end: int) -> None:
            draw_stops(*known, numbers[begin:end], _keys(self.chains), _key(seed), found[begin:end])

        in_threads(some, len(numbers))
        return found

    def between(self, first: int, after: int, numbers: NDArray[np.int_], seed: int) -> Drawn:
        """Return the same histories on every day of `first..after`, shape (runs, days, chains)."""
        from qsim.belief.kernels.drawing import draw_between

        chains, stopped = self.chains, self.drawn(numbers, seed)
        found = np.empty((len(numbers), after - first, len(chains.places)), dtype=np.int8)
        model = chains.filtered, chains.last, chains.activity, chains.moving, self.since, self.at, self.rows

        def some(begin: int, end: int) -> None:
            runs = slice(begin, end)
            draw_between(*model, stopped[runs], first, after, chains.places, numbers[runs], _keys(chains), _key(seed), found[runs])

        in_threads(some, len(numbers))
        return found


def _keys(chains: Chains, first: int = 0) -> NDArray[np.int64]:
    return np.array([chains.first_day + first, _PLAIN], dtype=np.int64)


def _key(seed: int) -> np.uint64:
    return np.uint64(int(seed) % 2**64)
