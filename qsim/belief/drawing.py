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

_PATH, _DAY = 0, 1  # what numbers are drawn for

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


def each_day_drawn(belief: NDArray[Any], places: NDArray[np.int_], numbers: NDArray[np.int_], seed: int) -> Drawn:
    """
    Return what is drawn of some places on each day by itself, (runs, days, places), from the belief in them, (days, places, statuses).

    Days are not joined to histories: they are for what is asked of each day alone. What is drawn of a day is the same in every window.
    """
    from qsim.belief.kernels.drawing import draw_days

    found, belief = np.empty((len(numbers), *belief.shape[:2]), dtype=np.int8), np.ascontiguousarray(belief)
    names, asked = np.array(places), np.array(numbers)  # copies: for arrays that cannot be written to the loop would be compiled anew

    def some(begin: int, end: int) -> None:
        draw_days(belief, names, asked[begin:end], _DAY, _key(seed), found[begin:end])

    in_threads(some, len(numbers))
    return found


@dataclass(frozen=True, eq=False, slots=True)
class Stops:
    """
    Days of chains on which histories are drawn first: `rows` (stops,), in order; how likely a place was of each state on a stop given
    the stop after, `since` (stops - 1, chains, statuses, statuses); and what is believed of the last from everything, (chains, statuses).
    """

    chains: Chains
    rows: NDArray[np.int64]
    since: NDArray[np.float64]
    belief: NDArray[np.float64]

    @classmethod
    def of(cls, chains: Chains, rows: NDArray[np.int64]) -> "Stops":
        """Return the stops on these days of the chains."""
        at = np.full(len(chains), -1)
        at[rows[1:]] = np.arange(len(rows) - 1)
        return cls(chains, rows, _since(chains, rows, at, 0, int(rows[-1])), chains.believed(int(rows[-1])))

    def drawn(self, numbers: NDArray[np.int_], seed: int) -> Drawn:
        """Return the histories of these numbers on the stops alone, shape (runs, stops, chains)."""
        from qsim.belief.kernels.drawing import draw_stops

        found = np.empty((len(numbers), len(self.rows), len(self.chains.places)), dtype=np.int8)
        known = self.belief, self.since, self.rows, self.chains.places

        def some(begin: int, end: int) -> None:
            draw_stops(*known, numbers[begin:end], _keys(self.chains), _key(seed), found[begin:end])

        in_threads(some, len(numbers))
        return found

    def between(
        self, first: int, after: int, numbers: NDArray[np.int_], seed: int, *, stopped: Drawn | None = None, following: Drawn | None = None
    ) -> Drawn:
        """
        Return the same histories on every day of `first..after`, shape (runs, days, chains).

        `stopped` is what `drawn` returns, and `following` (runs, chains) what they are on the day `after`, where these are at hand.
        """
        from qsim.belief.kernels.drawing import draw_between

        chains, beyond = self.chains, self.rows[self.rows >= after - 1]
        end = after - 1 if following is not None else int(beyond[0]) if len(beyond) else len(chains) - 1
        stopped = self.drawn(numbers, seed) if stopped is None else stopped
        following = np.empty((0, 0), dtype=np.int8) if following is None else following
        at = np.full(len(chains), -1)
        at[first : end + 1] = np.arange(end + 1 - first)
        since = _since(chains, self.rows, at, first, end)
        found = np.empty((len(numbers), after - first, len(chains.places)), dtype=np.int8)
        model = chains.filtered, chains.last, chains.activity, chains.moving, since, at, self.rows

        def some(begin: int, until: int) -> None:
            runs = slice(begin, until)
            known = stopped[runs], following[runs], first, end
            draw_between(*model, *known, chains.places, numbers[runs], _keys(chains), _key(seed), found[runs])

        in_threads(some, len(numbers))
        return found


def _since(chains: Chains, stops: NDArray[np.int64], at: NDArray[np.int64], first: int, last: int) -> NDArray[np.float64]:
    """Return how likely places were of each state on the stop before each of the days `first..last` that `at` (days,) numbers, given their state there."""
    from qsim.belief.kernels.drawing import hark_back

    found = np.zeros((int(at.max()) + 1, len(chains.places), *chains.moving.shape[1:]))

    def some(begin: int, end: int) -> None:
        here = slice(begin, end)
        part = np.zeros((len(found), end - begin, *found.shape[2:]))
        model = np.ascontiguousarray(chains.filtered[:, here]), np.ascontiguousarray(chains.activity[:, here]), chains.moving
        hark_back(*model, stops, at, first, last, part)
        found[:, here] = part

    in_threads(some, len(chains.places))
    return found


def _keys(chains: Chains, first: int = 0) -> NDArray[np.int64]:
    return np.array([chains.first_day + first, _PATH], dtype=np.int64)


def _key(seed: int) -> np.uint64:
    return np.uint64(int(seed) % 2**64)
