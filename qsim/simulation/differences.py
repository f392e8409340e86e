"""What a metric is more in one simulation than in another, run by run: both share their draws, so that luck cancels."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.belief.timeline import Ensemble
from qsim.record.values import by_fields, equal
from qsim.simulation.model import LANES
from qsim.simulation.rules import RulesError


@dataclass(frozen=True, eq=False, slots=True)
class Difference:
    """
    What a metric is more in `b` than in `a`, run by run with common random numbers: `values` (runs, ...).

    `mean` and its standard error `se` have the metric's shape without runs.
    """

    values: NDArray[np.float64]

    __eq__ = equal
    __reduce__ = by_fields

    @property
    def mean(self) -> NDArray[np.float64]:
        """The mean over runs."""
        return np.asarray(self.values.mean(axis=0))

    @property
    def se(self) -> NDArray[np.float64]:
        """The standard error of the mean."""
        return np.asarray(self.values.std(axis=0, ddof=1) / np.sqrt(len(self.values)))

    def interval(self, mass: float = 0.9) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the interval (low, high) in which the *mean* lies with this confidence, by the normal distribution."""
        from scipy.special import ndtri

        half = ndtri((1 + _mass(mass)) / 2) * self.se
        return self.mean - half, self.mean + half

    def range(self, mass: float = 0.9) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the quantiles (low, high) between which the middle `mass` of the *runs* lies."""
        low, high = np.quantile(self.values, [(1 - _mass(mass)) / 2, (1 + mass) / 2], axis=0)
        return low, high

    def over_rules(self, count: int, mass: float = 0.9) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """
        Return the quantiles (low, high) of the mean difference over `count` rules drawn by `Fitted.draw`, which the runs took in turn.

        Between them lies the effect as far as the record tells the rules; the luck of the runs of each adds a little to it.
        """
        of = np.arange(len(self.values)) // LANES % count
        means = [self.values[of == k].mean(axis=0) for k in range(count) if (of == k).any()]
        low, high = np.quantile(means, [(1 - _mass(mass)) / 2, (1 + mass) / 2], axis=0)
        return low, high

    def __repr__(self) -> str:
        low, high = self.interval()
        return f"Difference({np.array2string(self.mean, precision=3)}, 90% {np.array2string(low, precision=3)} to {np.array2string(high, precision=3)}, {len(self.values)} runs)"


def difference(a: Ensemble, b: Ensemble, metric: Callable[[Ensemble], NDArray[Any]]) -> Difference:
    """
    Return what `metric` is more in `b` than in `a`, run by run; both simulated with one seed from one start, so that luck cancels.

    `metric` takes an Ensemble and returns (runs, ...), such as `lambda h: qsim.metrics.share(h, "qusayr", "government")`.

    Raises
    ------
    RulesError
        When the ensembles are not of one theatre, window and number of runs, or the metric does not return a value a run.
    """
    if a.theatre != b.theatre or a.status.shape != b.status.shape or a.days[0] != b.days[0]:
        raise RulesError([f"{a!r} and {b!r} cannot be paired; expected one theatre, the same days and as many runs"])
    values = np.asarray(metric(b), dtype=float) - np.asarray(metric(a), dtype=float)
    if values.shape[:1] != (len(a),) or len(a) < 2:
        raise RulesError([f"the metric gives the shape {values.shape} for {len(a)} runs; expected (runs, ...), and at least two runs"])
    return Difference(values)


def first_time(happened: NDArray[np.bool_]) -> NDArray[np.int_]:
    """
    Return how many days after the first it first happened, per run, shape (runs,); `happened` is (runs, days).

    Where it never did, the number of days: a mean of it is one restricted to the window (and so are differences).
    """
    return np.asarray(np.where(happened.any(axis=1), happened.argmax(axis=1), happened.shape[1]))


def _mass(mass: float) -> float:
    if not 0 < mass < 1:
        raise RulesError([f"an interval of {mass}; expected a number between 0 and 1"])
    return mass
