"""What a belief rests on: each claim left out in turn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from qsim.belief.reconstruct import Policy, believe, policy_of
from qsim.record.dates import Day, day_range
from qsim.record.ledger import Claim, Ledger
from qsim.record.progress import Moved, unmoved
from qsim.record.scope import reach
from qsim.record.theatre import Theatre
from qsim.record.values import keep

EXACT, EXACT_CLAIMS = 10, 4000  # so many are left out exactly, fewer in a ledger of so many claims and more
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Influence:
    """
    One claim and the belief that would stand without it, by status; `moved` is how far the claim moves belief, 0..1.

    `moved` is half the summed absolute difference of the two beliefs (their total variation distance). `exact` where everything was
    reconstructed without the claim; else it is worked out in one step (see `influence`).
    """

    claim: Claim
    belief: Mapping[str, float]
    without: Mapping[str, float]
    moved: float
    exact: bool = True

    def __post_init__(self) -> None:
        keep(self, "belief", "without")

    def __str__(self) -> str:
        most = max(self.belief, key=lambda status: abs(self.belief[status] - self.without[status]))
        return f"{self.claim.id}: {most} {self.belief[most]:.2f}, without it {self.without[most]:.2f}"


def influence(
    theatre: Theatre,
    ledger: Ledger,
    place: str,
    moment: Day,
    *,
    policy: str | Policy = "hmm",
    exact: int | None = None,
    moved: Moved = unmoved,
) -> list[Influence]:
    """
    Return what the belief in a place on a day rests on: every claim that speaks of it, left out in turn, the weightiest first.

    Where the policy's estimate can tell (that of `hmm` can), what would be believed without a claim is first worked out in one step: the
    claim's evidence and the kind of day it makes are taken out of the chains of the place, and other places, other claims and
    reliabilities are left as they are. The `exact` weightiest are then reconstructed without it, reliabilities and all, and
    so is every claim where the estimate cannot tell; they come first. Of the 118 claims that speak of the city of al-Qusayr the one step
    was out by .004 on average on three days (total variation), by .016 or less in nineteen of twenty, and by .13 at worst, where two
    claims of one day answer each other. Claims that do not speak of the place, of a group that holds it or of a part of it can move it
    only through the reliabilities, and are not listed.

    Parameters
    ----------
    theatre, ledger
        A scenario.
    place, moment
        Whose belief, on which day; a group's is that of its members by area.
    policy
        As for `reconstruct`.
    exact
        How many claims to leave out exactly; by default as many as a second or two allow: ten in a ledger of some hundred claims, one in
        four thousand, none beyond.
    moved
        Is told how far it has come.

    Raises
    ------
    TheatreError
        When the place is unknown.
    DateError, TimelineError
        When `moment` is no day, or the policy is unknown.
    """
    id, days = theatre.id_of(place), day_range(moment, moment)
    members = list(theatre.members(id))

    def exactly(book: Ledger) -> Floats:
        return np.array(list(believe(theatre, book, days, policy=policy).at(moment)[id].values()))

    weights = theatre.weights(members)
    estimate = policy_of(policy)(theatre, ledger, days)
    without = estimate.without
    belief = exactly(ledger) if without is None else _mean(lambda place: estimate.belief[:, place], members, weights)
    targets = {*members, *([theatre.index[id]] if id in theatre.index else [])}
    few, of = ledger.columns.alike("place", "kind", "quantifier")
    reaches = np.array([claim.of_control and not targets.isdisjoint(reach(theatre, claim)) for claim in few], dtype=bool)
    speaking = ledger.columns.take(reaches[of])
    quick, all_heard = {}, belief  # each way is held against what it gives itself: the two round differently
    if without is not None:
        all_heard = _mean(partial(without, ""), members, weights)
        quick = {claim.id: _mean(partial(without, claim.id), members, weights) for claim in speaking}
    order = sorted(speaking, key=lambda claim: (-_moved(all_heard, quick.get(claim.id, all_heard)), claim.id))
    most = min(EXACT, EXACT_CLAIMS // max(1, len(ledger))) if exact is None else exact
    surely = {claim.id for claim in (order if without is None else order[:most])}
    found = []
    for n, claim in enumerate(order):
        moved((n + 1) / (len(order) + 1))
        found.append((claim, exactly(ledger.without(claim.id)) if claim.id in surely else quick[claim.id], claim.id in surely))
    told = [
        Influence(claim, _by_status(theatre, belief), _by_status(theatre, rest), _moved(belief if sure else all_heard, rest), sure)
        for claim, rest, sure in found
    ]
    return sorted(told, key=lambda each: (not each.exact, -each.moved, each.claim.id))


def _mean(belief: Callable[[int], Floats], members: list[int], weights: Floats) -> Floats:
    """Return the mean belief (statuses,) of some places by their weights, on the first day of that of each, (days, statuses)."""
    return np.asarray(sum(weight * belief(place)[0] for place, weight in zip(members, weights, strict=True)))


def _moved(one: Floats, other: Floats) -> float:
    """Return the total variation distance of two beliefs."""
    return float(np.abs(one - other).sum() / 2)


def _by_status(theatre: Theatre, belief: Floats) -> dict[str, float]:
    return dict(zip(theatre.statuses, belief.tolist(), strict=True))
