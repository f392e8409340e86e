"""A side's share of a place over the days of a timeline: expected, with its interval, and as it was reported."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from qsim.belief.timeline import Timeline
from qsim.geography.shares import share_by_day
from qsim.record.ledger import Claim, Ledger, Source
from qsim.record.scope import in_order

SEED = 7
_OPPOSITE = {"at_least": "at_most", "at_most": "at_least"}
_WORDS = {"approx": "about ", "at_least": "at least ", "at_most": "at most "}


@dataclass(frozen=True, eq=False, slots=True)
class Course:
    """
    The share of a place that a side holds, day by day, 0..1: `expected` (days,), and between `low` and `high` (days,) with 90 %.

    `expected` is nan where nothing is known. A timeline that draws no histories has no interval, nor has a place without parts: `low` and `high` are then None.
    """

    place: str
    side: str
    expected: NDArray[np.float64]
    low: NDArray[np.float64] | None = None
    high: NDArray[np.float64] | None = None

    def told(self, position: int) -> str:
        """Return the share of one day in words: `58 % (50–69 %)`."""
        if np.isnan(self.expected[position]):
            return "not known"
        text = f"{100 * self.expected[position]:.0f} %"
        if self.low is None or self.high is None:
            return text
        return f"{text} ({100 * self.low[position]:.0f}–{100 * self.high[position]:.0f} %)"


@dataclass(frozen=True, slots=True)
class Report:
    """One reported share of a place, as the share of one side: `value` 0..1, `bound` as in the ledger, on the day it counts from."""

    claim: Claim
    source: Source
    day: date
    value: float
    bound: str

    @property
    def told(self) -> str:
        """The share in words: `at least 50 %`."""
        return f"{_WORDS.get(self.bound, '')}{100 * self.value:.0f} %"

    @property
    def citation(self) -> str:
        """Where the documents say so."""
        return self.claim.cites[0] if self.claim.cites else ""


def course(timeline: Timeline, place: str, side: str, *, runs: int, seed: int) -> Course:
    """
    Return the share of `place` that `side` holds by day, with the 90 % interval of `runs` draws where the policy has any.

    Raises
    ------
    TheatreError
        When `place` or `side` is not of the theatre.
    """
    expected, low, high = share_by_day(timeline, place, side, runs, seed)
    return Course(place, side, expected) if np.isnan(low).all() else Course(place, side, expected, low, high)


def reported(timeline: Timeline, place: str, side: str) -> list[Report]:
    """
    Return every reported share of `place` within the timeline's days, as shares of `side`, in order of days.

    With two sides, what is said of the other is the complement, and its bound turns round; with more, it says nothing of this one.
    A share of "most" has no number that could be shown, and is left out.
    """
    ledger, theatre = timeline.ledger, timeline.theatre
    found = []
    for claim in in_order(ledger.columns.only("share")) if ledger else ():
        inside = timeline.start <= claim.effective <= timeline.end
        mine = claim.side == side or len(theatre.sides) == 2
        if claim.place == place and inside and mine and claim.value is not None and claim.quantifier != "most":
            assert ledger is not None
            bound = claim.bound or "exact"
            value, bound = (claim.value, bound) if claim.side == side else (1 - claim.value, _OPPOSITE.get(bound, bound))
            found.append(Report(claim, ledger.source(claim.source), claim.effective, value, bound))
    return found


def claims_a_day(timeline: Timeline) -> NDArray[np.int64]:
    """Return the number of claims of control that count from each day, shape (days,); none for a timeline without a ledger."""
    counted = Counter(claim.effective for claim in _claims(timeline.ledger) if claim.of_control)
    return np.array([counted[moment] for moment in timeline.days.astype(object)], dtype=np.int64)


def share_table(timeline: Timeline, place: str, side: str, *, runs: int = 1000, seed: int = SEED) -> str:
    """
    Return the reported shares of a place beside the expected ones as a Markdown table, a row a report.

    "Weighed" is the probability that the claim was informed, where the policy learned one; the share is what is believed of the day
    after all claims, with the interval that holds 90 % of `runs` histories.

    Raises
    ------
    TheatreError
        When `place` or `side` is not of the theatre.
    """
    shares, name = course(timeline, place, side, runs=runs, seed=seed), timeline.theatre.side(side).name
    lines = [f"| day | {name}: expected | reported | by | citation | weighed |", "|---|---|---|---|---|---|"]
    for each in reported(timeline, place, side):
        weight = timeline.informed.get(each.claim.id)
        expected = shares.told(timeline.position(each.day))
        voice = f"{each.source.name} ({timeline.theatre.side(each.source.side).name if each.source.side else 'neutral'})"
        cites = ", ".join(each.claim.cites)
        lines.append(f"| {each.day} | {expected} | {each.told} | {voice} | {cites} | {'' if weight is None else f'{weight:.2f}'} |")
    return "\n".join(lines)


def _claims(ledger: Ledger | None) -> Sequence[Claim]:
    return ledger.claims if ledger is not None else ()
