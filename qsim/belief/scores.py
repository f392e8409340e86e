"""
How well a policy foretells what it has not been told: claims, sources and sides left out, proper scores, calibration.

Scores are means over what was left out. Claims about one place are no independent trials, so every interval comes from a bootstrap
over places, and differences between policies are paired: both are asked of the same claims (Efron and Tibshirani, An introduction to
the bootstrap, 1993; Gneiting and Raftery, Strictly proper scoring rules, 2007). How they are told stands in `qsim.belief.verdict`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qsim.belief.baselines import dawid_skene, flat, persistence
from qsim.belief.foretelling import SEED, left_out, left_out_source, predicted
from qsim.belief.foretold import Foretold, Prediction
from qsim.belief.reconstruct import Policy

__all__ = [
    "SCORED",
    "Level",
    "Prediction",
    "Score",
    "calibration_error",
    "chosen",
    "diagram",
    "left_out",
    "left_out_source",
    "predicted",
    "reliability",
    "score",
]
Which = Literal["all", "turning", "quiet", "end"]
Interval = tuple[float, float]
Floats = NDArray[np.float64]

LEVELS = (0.5, 0.7, 0.85, 0.95)
MASS, RESAMPLES = 0.9, 2000

# What is scored, in the order of the tables: the default first, with which all others are compared.
SCORED: Mapping[str, str | Policy] = MappingProxyType(
    {
        "hmm": "hmm",
        "vote": "vote",
        "last_claim": "last_claim",
        "Dawid-Skene by weeks": dawid_skene,
        "persistence": persistence,
        "flat guess": flat,
    }
)


@dataclass(frozen=True, slots=True)
class Level:
    """Of `claims` claims a policy believes a side with more than `above`; it says so with `said` on average, and is right `right` of the time."""

    above: float
    claims: int
    said: float
    right: float


@dataclass(frozen=True, slots=True)
class Score:
    """
    The scores of one policy on some left-out claims, each with the interval that holds 90 % of a bootstrap over places.

    `behind` is by how much its log score falls behind the first policy's on the same claims, `brier_behind` by how much its Brier score
    exceeds it: both are above 0 where the first is better. Intervals are NaN where all claims are about one place.
    """

    policy: str
    claims: int
    places: int
    log_score: float
    log_interval: Interval
    brier: float
    brier_interval: Interval
    behind: float
    behind_interval: Interval
    brier_behind: float
    brier_behind_interval: Interval
    levels: tuple[Level, ...]


def score(predictions: Mapping[str, Sequence[Prediction]], *, which: Which = "all") -> list[Score]:
    """
    Return the scores of several policies on the same claims, each paired with the first.

    `which` keeps the claims of days of change (`"turning"`) or of quiet days (`"quiet"`), or asks of the last word on each place whether it
    is still expected on the last day (`"end"`). No score where none is left.
    """
    kept = {policy: chosen(found, which) for policy, found in predictions.items()}
    first = next(iter(kept.values()), None)
    if not first:
        return []
    owner, places = first.claims.column("place").ranks()
    mean = _Means(owner, _resampled(places))
    return [_score(policy, found, first, mean) for policy, found in kept.items()]


def chosen(predictions: Iterable[Prediction], which: Which) -> Foretold:
    """Return the predictions of a kind, as `score` has them; those of `"end"` with what was expected on the last day."""
    told = Foretold.of(predictions)
    if which == "end":
        return told.of_the_end()
    return told if which == "all" else told.take(told.turning if which == "turning" else told.quiet)


def reliability(predictions: Iterable[Prediction], *, bins: int = 10) -> Floats:
    """
    Return a reliability diagram, shape (bins, 3): mean probability said, share that came true, number, for every reading foretold.

    Bins without any prediction are NaN.
    """
    told = Foretold.of(predictions)
    true = np.arange(told.p.shape[1]) == told.said[:, None]
    return diagram(told.p.ravel(), true.ravel().astype(np.float64), bins)


def diagram(said: Floats, true: Floats, bins: int = 10) -> Floats:
    """Return the mean of what was said, of what came true, and the number, by bins of what was said, (bins, 3); NaN where nothing was."""
    where = np.minimum((said * bins).astype(int), bins - 1)
    number = np.bincount(where, minlength=bins).astype(float)
    with np.errstate(invalid="ignore"):
        return np.column_stack([*(np.bincount(where, each, minlength=bins) / number for each in (said, true)), number])


def calibration_error(diagram: Floats) -> float:
    """Return the expected calibration error of a reliability diagram: the mean distance between said and true, weighted by number."""
    known = diagram[diagram[:, 2] > 0]
    return float((np.abs(known[:, 0] - known[:, 1]) * known[:, 2]).sum() / known[:, 2].sum())


class _Means:
    """Means of what was scored claim by claim, and their intervals over resampled places; `weights` is (resamples, places)."""

    def __init__(self, owner: NDArray[np.int64], weights: Floats) -> None:
        self._owner, self._weights = owner, weights
        self.places = weights.shape[1]

    def __call__(self, values: Floats) -> tuple[float, Interval]:
        if self.places < 2:
            return float(values.mean()), (float("nan"), float("nan"))
        sums, counts = (np.bincount(self._owner, each, minlength=self.places) for each in (values, np.ones(len(values))))
        low, high = np.quantile((self._weights @ sums) / (self._weights @ counts), [(1 - MASS) / 2, (1 + MASS) / 2])
        return float(values.mean()), (float(low), float(high))


def _resampled(places: int) -> Floats:
    """Return how often each place is drawn in each resample, shape (RESAMPLES, places)."""
    return np.random.default_rng(SEED).multinomial(places, np.full(places, 1 / places), size=RESAMPLES).astype(float)


def _score(policy: str, found: Foretold, first: Foretold, mean: _Means) -> Score:
    logs, briers = found.log_scores, found.briers
    behind = mean(first.log_scores - logs), mean(briers - first.briers)
    return Score(policy, len(found), mean.places, *mean(logs), *mean(briers), *behind[0], *behind[1], _levels(found))


def _levels(found: Foretold) -> tuple[Level, ...]:
    """Return what is said and what is right above each of `LEVELS`, of the side that is believed most."""
    side, row = np.argmax(found.belief[:, :-1], axis=1), np.arange(len(found))
    belief, said, right = found.belief[row, side], found.p[row, side], (found.said == side).astype(np.float64)
    levels = []
    for above in LEVELS:
        sure = belief > above
        told = (float(said[sure].mean()), float(right[sure].mean())) if sure.any() else (float("nan"), float("nan"))
        levels.append(Level(above, int(sure.sum()), *told))
    return tuple(levels)
