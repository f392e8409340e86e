"""What a belief rests on: each claim left out in turn."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from qsim.belief.reconstruct import Policy, believe
from qsim.record.dates import Day, day_range
from qsim.record.ledger import Claim, Ledger
from qsim.record.scope import reach
from qsim.record.theatre import Theatre
from qsim.record.values import keep


@dataclass(frozen=True, slots=True)
class Influence:
    """
    One claim and the belief that would stand without it, by status; `moved` is how far the claim moves belief, 0..1.

    `moved` is half the summed absolute difference of the two beliefs (their total variation distance).
    """

    claim: Claim
    belief: Mapping[str, float]
    without: Mapping[str, float]
    moved: float

    def __post_init__(self) -> None:
        keep(self, "belief", "without")

    def __str__(self) -> str:
        most = max(self.belief, key=lambda status: abs(self.belief[status] - self.without[status]))
        return f"{self.claim.id}: {most} {self.belief[most]:.2f}, without it {self.without[most]:.2f}"


def influence(theatre: Theatre, ledger: Ledger, place: str, moment: Day, *, policy: str | Policy = "hmm") -> list[Influence]:
    """
    Return what the belief in a place on a day rests on: every claim that speaks of it, left out in turn, the weightiest first.

    Exact: for each claim the whole reconstruction is run again without it, activity and reliabilities included. Claims that do not
    speak of the place, of a group that holds it or of a part of it can move it only through the reliabilities, and are not listed.

    Parameters
    ----------
    theatre, ledger
        A scenario.
    place, moment
        Whose belief, on which day.
    policy
        As for `reconstruct`.

    Raises
    ------
    TheatreError
        When the place is unknown.
    DateError, TimelineError
        When `moment` is no day, or the policy is unknown.
    """
    id = theatre.id_of(place)
    targets = {*theatre.members(id), *([theatre.index[id]] if id in theatre.index else [])}

    def believed(book: Ledger) -> dict[str, float]:
        return believe(theatre, book, day_range(moment, moment), policy=policy).at(moment)[id]

    belief = believed(ledger)
    speaking = [claim for claim in ledger.claims if claim.of_control and targets & set(reach(theatre, claim))]
    with ThreadPoolExecutor() as pool:  # the kernels let go of the interpreter
        without = list(pool.map(lambda claim: believed(ledger.without(claim.id)), speaking))
    moved = [float(np.abs(np.subtract(list(belief.values()), list(each.values()))).sum() / 2) for each in without]
    found = [Influence(*each) for each in zip(speaking, [belief] * len(speaking), without, moved, strict=True)]
    return sorted(found, key=lambda each: (-each.moved, each.claim.id))
