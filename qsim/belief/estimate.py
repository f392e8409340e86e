"""What a policy returns: belief, the history to draw, the chains that histories are drawn from, and what was learned of sources."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qsim.record.values import FrozenDict, by_fields, equal, keep


@dataclass(frozen=True, slots=True)
class Reliability:
    """
    What a policy learned of a source: the probability `mean` that a claim of its is informed, against `prior` before any claim.

    `claims` were heard, `informed` of them (expected) were so; `for_interest` and `against_interest` count those of a partisan.
    `information` is what the claims tell of the reliability, less for each whose truth is itself in doubt.
    """

    mean: float
    prior: float
    strength: float
    claims: int
    informed: float
    information: float
    for_interest: int
    against_interest: int

    def interval(self, mass: float = 0.9) -> tuple[float, float]:
        """
        Return the central interval that holds this much of the posterior: a Beta with the mean and the observed information.

        Which claims were informed is itself inferred, so that they tell less than so many coins (Louis, Finding the observed
        information matrix when using the EM algorithm, 1982).
        """
        from scipy.special import betaincinv

        prior = self.strength * self.prior / self.mean**2 + self.strength * (1 - self.prior) / (1 - self.mean) ** 2
        worth = max(1.0, self.mean * (1 - self.mean) * (self.information + prior) - 1)
        a, b = worth * self.mean, worth * (1 - self.mean)
        return float(betaincinv(a, b, (1 - mass) / 2)), float(betaincinv(a, b, (1 + mass) / 2))


@dataclass(frozen=True, eq=False, slots=True)
class Chains:
    """
    What histories are drawn from: for the `places` (positions) with a chain, the belief of each day from what was said up to it
    (`filtered`, (days, chains, statuses)), of the last day from everything (`last`), the activity of each day (days, chains), the
    transition matrices (kinds of day, statuses, statuses), and the number of the first day, which keys the draws.
    """

    places: NDArray[np.int64]
    filtered: NDArray[np.float64]
    last: NDArray[np.float64]
    activity: NDArray[np.int8]
    moving: NDArray[np.float64]
    first_day: int

    __eq__ = equal
    __reduce__ = by_fields

    def __post_init__(self) -> None:
        keep(self, "places", "filtered", "last", "activity", "moving")

    def cut(self, first: int, after: int, belief: NDArray[np.float64]) -> "Chains":
        """Return the chains of the days `first..after`, the last of which is believed as `belief` (places, statuses) says."""
        span = slice(first, after)
        return replace(
            self,
            filtered=self.filtered[span],
            last=belief[self.places],
            activity=self.activity[span],
            first_day=self.first_day + first,
        )


@dataclass(frozen=True, eq=False, slots=True)
class Estimate:
    """
    What a policy returns: belief (days, places, statuses), which sums to 1 over statuses, and as much as it knows of how it came about.

    `history` (days, places) is what is drawn, codes of statuses, -1 unknown; without one it is the likeliest of each day. Where there
    are `chains`, histories can be sampled. `sources` and `informed` are what was learned of each source and claim, `options` what it was
    made with. The arrays become the timeline's.
    """

    belief: NDArray[np.float64]
    history: NDArray[np.int8] | None = None
    chains: Chains | None = None
    sources: Mapping[str, Reliability] = FrozenDict()
    informed: Mapping[str, float] = FrozenDict()
    options: Mapping[str, object] = FrozenDict()

    __eq__ = equal
    __reduce__ = by_fields
