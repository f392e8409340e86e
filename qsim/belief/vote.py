"""The `vote` policy: in each place every origin has one vote, and votes fade with the days. A baseline, simple and fair."""

import numpy as np
from numpy.typing import NDArray

from qsim.belief.estimate import Estimate
from qsim.belief.evidence import other_side, reading
from qsim.belief.timeline import FLAT, TimelineError, most_likely_status
from qsim.record.dates import Days
from qsim.record.ledger import Claim, Ledger
from qsim.record.scope import in_order, reach
from qsim.record.theatre import CONTESTED, Theatre

HALF_LIFE_DAYS = 7.0
Ballots = NDArray[np.float64]


def vote(theatre: Theatre, ledger: Ledger, days: Days, *, half_life_days: float = HALF_LIFE_DAYS) -> Estimate:
    """
    Return the share of votes for each status as belief, and the winner of each day as history.

    The rules. Each origin has one vote in each place: its newest control claim there, by the day from which it counts; a source that
    repeats another votes with it. A vote is whole while the claim's window lasts and halves with every `half_life_days` after it.
    Belief is each status's part of all votes cast, so that a single old vote still stands until somebody else speaks. Where the two
    largest parts are equal the belief is flat and the history unknown. A claim votes in every place it speaks of, but

    - a share of 0.6 is six tenths of a vote for the side in each part, four tenths for the other (contested, where there are several);
      `at_least` casts only the first, `at_most` only the second: a bound votes for no more than it says;
    - *most* of a group or city is at least half of it, *part* of it at least one place, and they vote so;
    - *part* of a single place is half a vote for the side and half for contested; fighting at its edge is half a vote for contested;
    - fighting in a group or city, or an attack on it beaten off, does not say where, and does not vote;
    - a whole group or city that is held, taken or lost counts for the buildings in it as well.

    Parameters
    ----------
    theatre, ledger
        A scenario; claims from before the first day count.
    days
        Shape (days,), consecutive.
    half_life_days
        Days after which a vote counts half; a week by default, which nobody has tuned.

    Returns
    -------
    belief, history
        Shapes (days, places, statuses), sums to 1, and (days, places), -1 unknown.

    Raises
    ------
    TimelineError
        When the half-life is not a positive number of days.
    """
    if not 0 < half_life_days < float("inf"):
        raise TimelineError(f"a half-life of {half_life_days} days; expected a positive number")
    pending = in_order(claim for claim in ledger.claims if claim.of_control)
    origins = {origin: i for i, origin in enumerate(sorted({ledger.origin(claim) for claim in pending}))}
    shape = (max(1, len(origins)), len(theatre.places))
    ballots = np.zeros((*shape, len(theatre.statuses)))
    last = np.zeros(shape, dtype="datetime64[D]")
    belief = np.empty((len(days), len(theatre.places), len(theatre.statuses)))
    done = 0
    for d, moment in enumerate(days):
        while done < len(pending) and np.datetime64(pending[done].effective) <= moment:
            claim = pending[done]
            _cast(theatre, claim, ballots[origins[ledger.origin(claim)]], last[origins[ledger.origin(claim)]])
            done += 1
        belief[d] = _counted(ballots, np.maximum(0, (moment - last).astype(int)) / half_life_days)
    return Estimate(belief, most_likely_status(belief))


def ballot(theatre: Theatre, claim: Claim) -> Ballots | None:
    """Return what one control claim votes in each place it speaks of, shape (statuses,); none where it does not say where."""
    said, size = reading(theatre, claim), len(theatre.members(claim.place))
    if said is None or size == 0 or (claim.kind in ("contests", "repulses") and size > 1):
        return None
    votes = np.zeros(len(theatre.statuses))
    own, other = theatre.statuses.index(said), theatre.statuses.index(other_side(theatre, claim.side))
    if claim.kind == "share":
        value = claim.value or 0.0
        votes[own] += value if claim.bound != "at_most" else 0
        votes[other] += 1 - value if claim.bound != "at_least" else 0
    elif claim.quantifier == "part" and size == 1:
        votes[own] = votes[theatre.statuses.index(CONTESTED)] = 0.5
    else:
        votes[own] = {"most": 0.5 if size > 1 else 1.0, "part": 1 / size}.get(claim.quantifier or "", 1.0)
    return votes


def _cast(theatre: Theatre, claim: Claim, ballots: Ballots, last: Days) -> None:
    """Replace an origin's votes, (places, statuses), in the places of a claim; `last` (places,) is the day from which they fade."""
    votes = ballot(theatre, claim)
    if votes is not None:
        members = list(reach(theatre, claim))
        ballots[members], last[members] = votes, np.datetime64(claim.window.end)


def _counted(ballots: Ballots, half_lives: NDArray[np.float64]) -> Ballots:
    """Return the parts of the votes cast, (places, statuses), from `ballots` (origins, places, statuses); flat where nobody leads."""
    cast = ballots.any(axis=-1)
    newest = np.where(cast, half_lives, np.inf).min(axis=0)
    # Ages count from the newest vote of each place, so that very old votes do not vanish in rounding.
    weights = np.where(cast, 0.5 ** np.minimum(1000.0, half_lives - np.where(np.isinf(newest), 0, newest)), 0.0)
    votes = np.einsum("ops,op->ps", ballots, weights)
    total = votes.sum(axis=-1, keepdims=True)
    parts = np.divide(votes, total, out=np.full_like(votes, 1 / votes.shape[-1]), where=total > 0)
    ranked = np.sort(parts, axis=-1)
    return np.asarray(np.where((ranked[:, -1] - ranked[:, -2] < FLAT)[:, None], 1 / votes.shape[-1], parts))
