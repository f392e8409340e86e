"""What a policy returns: belief, the history to draw, the chains that histories are drawn from, and what was learned of sources."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qsim.record.dates import Days
from qsim.record.packed import Claims
from qsim.record.values import FrozenDict, by_fields, equal, keep, refuse


@dataclass(frozen=True, slots=True)
class Reliability:
    """
    What a policy learned of a source: the probability `mean` that it says what is so, against `prior` before any claim of its.

    `mean` is by what is believed of the places it spoke of, its `prior` worth `strength` claims beside the `claims` that were heard;
    `doubt` is the variance of how many of these were right. `trust` is the probability that a claim is informed, learned from others, and
    `informed` how many claims were (expected); `for_interest` and `against_interest` count those of a partisan.
    """

    mean: float
    prior: float
    strength: float
    claims: int
    trust: float
    informed: float
    doubt: float
    for_interest: int
    against_interest: int

    def interval(self, mass: float = 0.9) -> tuple[float, float]:
        """
        Return the central interval of `mean` that holds this much of the posterior: a Beta of its mean and variance.

        Which claims were right is itself believed, not seen: the variance of that is added to the Beta's.
        """
        from scipy.special import betaincinv

        worth = self.strength + self.claims
        spread = self.mean * (1 - self.mean)
        worth = max(1.0, spread / (spread / (worth + 1) + self.doubt / worth**2) - 1)
        a, b = worth * self.mean, worth * (1 - self.mean)
        return float(betaincinv(a, b, (1 - mass) / 2)), float(betaincinv(a, b, (1 + mass) / 2))


@dataclass(frozen=True, eq=False, slots=True)
class Chains:
    """
    What histories are drawn from: for the `places` (positions) with a chain, the belief of each day from what was said up to it
    (`filtered`, (days, chains, statuses)), of the last day from everything (`last`), the kind of each day (days, chains), the
    transition matrices of all kinds (kinds, statuses, statuses), and the number of the first day, which keys the draws.

    Its days may be more than a timeline's: where rings are spoken of, they reach to all days on which they are.
    """

    places: NDArray[np.int64]
    filtered: NDArray[np.float64]
    last: NDArray[np.float64]
    activity: NDArray[np.int16]
    moving: NDArray[np.float64]
    first_day: int

    __eq__ = equal
    __reduce__ = by_fields

    def __post_init__(self) -> None:
        keep(self, "places", "filtered", "last", "activity", "moving")

    def __len__(self) -> int:
        return len(self.filtered)

    def rows(self, days: Days) -> NDArray[np.int64]:
        """Return which of its days these are; beyond the ends for those it has not."""
        return days.astype("datetime64[D]").astype(np.int64) - self.first_day

    def believed(self, row: int) -> NDArray[np.float64]:
        """Return what is believed of one of its days from everything that was said, (chains, statuses)."""
        from qsim.belief.kernels.drawing import backwards

        found = np.array(self.last, dtype=np.float64)
        backwards(self.filtered, self.activity, self.moving, row, found)
        return found


@dataclass(frozen=True, eq=False, repr=False)
class OfClaims(Mapping[str, float]):
    """A number by the id of a claim, as `numbers` (claims,), NaN for those without one: of millions no dictionary is made."""

    claims: Claims
    numbers: NDArray[np.float64]

    __setitem__ = __delitem__ = refuse

    def __getitem__(self, id: str) -> float:
        row = self.claims.row_of(id)
        if row < 0 or np.isnan(self.numbers[row]):
            raise KeyError(id)
        return float(self.numbers[row])

    def __iter__(self) -> Iterator[str]:
        return iter(self.claims.column("id").take(np.flatnonzero(~np.isnan(self.numbers))))

    def __len__(self) -> int:
        return int(np.count_nonzero(~np.isnan(self.numbers)))

    def __repr__(self) -> str:
        return f"OfClaims({len(self):,})"


@dataclass(frozen=True, eq=False, slots=True)
class Estimate:
    """
    What a policy returns: belief (days, places, statuses), which sums to 1 over statuses, and as much as it knows of how it came about.

    `history` (days, places) is what is drawn, codes of statuses, -1 unknown; without one it is the likeliest of each day. Where there
    are `chains`, histories can be sampled. `sources` and `informed` are what was learned of each source and claim, `options` what it was
    made with. `without` tells quickly what would be believed without one claim: a claim's id and a place's position give (days, statuses).
    The arrays become the timeline's.
    """

    belief: NDArray[np.float64]
    history: NDArray[np.int8] | None = None
    chains: Chains | None = None
    sources: Mapping[str, Reliability] = FrozenDict()
    informed: Mapping[str, float] = FrozenDict()
    options: Mapping[str, object] = FrozenDict()
    without: Callable[[str, int], NDArray[np.float64]] | None = field(default=None, compare=False, repr=False)

    __eq__ = equal
    __reduce__ = by_fields
