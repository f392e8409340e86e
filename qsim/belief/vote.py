"""The `vote` policy: in each place every origin has one vote, and votes fade with the days. A baseline, simple and fair."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from qsim.belief.estimate import Estimate
from qsim.belief.evidence import other_side, reading
from qsim.belief.store import Store
from qsim.belief.timeline import FLAT, TimelineError
from qsim.record.dates import Days
from qsim.record.ledger import Claim, Ledger
from qsim.record.packed import Claims, Ints, joint, stable_order
from qsim.record.progress import MANY, tracked
from qsim.record.scope import reached, rows_in_order
from qsim.record.theatre import CONTESTED, Theatre
from qsim.record.threads import in_threads

HALF_LIFE_DAYS = 7.0
_TOGETHER = 4096  # places that are counted at a time
_TABLED_DAYS = 4096  # the weights of votes up to this age lie in a table
Ballots = NDArray[np.float64]


def vote(theatre: Theatre, ledger: Ledger, days: Days, *, half_life_days: float = HALF_LIFE_DAYS, progress: bool = False) -> Estimate:
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
    progress
        Show on a terminal, where claims are many, how far it has come.

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
    from qsim.belief.kernels.votes import count

    claims = ledger.columns.take(ledger.columns.of_control)
    claims = claims.take(rows_in_order(claims))
    said, of_claim = claims.alike("kind", "side", "quantifier", "value", "bound", by=sizes(theatre, claims))
    told = [ballot(theatre, claim) for claim in said]
    ballots = np.array([np.zeros(len(theatre.statuses)) if votes is None else votes for votes in told]).reshape(-1, len(theatre.statuses))
    origins = claims.column("source").ranks(ledger.origin_of)
    place, claim = _cast(theatre, claims, np.array([votes is not None for votes in told], dtype=bool)[of_claim])
    start = np.searchsorted(place, np.arange(len(theatre.places) + 1))
    shape = (len(days), len(theatre.places), len(theatre.statuses))
    belief = np.empty(shape, dtype=Store().precision(shape))
    history = np.empty(belief.shape[:2], dtype=np.int8)
    moments = days.astype("datetime64[D]").astype(np.int64)
    oldest = int(moments[-1] - claims.end.min(initial=moments[-1])) + 1
    fading = _fading(min(oldest, _TABLED_DAYS), half_life_days)
    votes = start, claims.effective[claim], origins[0][claim], of_claim[claim], claims.end[claim], ballots, ballots.any(axis=1)

    def count_from(here: int, first: int, after: int) -> None:
        count(*votes, moments, float(half_life_days), fading, FLAT, origins[1], here + first, here + after, belief, history)

    places = len(theatre.places)
    for here in tracked(range(0, places, _TOGETHER), "counting votes", shown=progress and len(claims) > MANY):
        in_threads(partial(count_from, here), min(_TOGETHER, places - here))
    return Estimate(belief, history)


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


def sizes(theatre: Theatre, claims: Claims) -> tuple[Ints, int]:
    """Return of how many places each claim speaks, (claims,), and one more than the most."""
    sizes = claims.column("place").each(lambda id: len(theatre.members(id)), np.int64)
    return sizes, int(sizes.max(initial=0)) + 1


def _cast(theatre: Theatre, claims: Claims, votes: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Return the places in which claims vote, one after another, and which claim each vote is; those of a place in the order of claims."""
    place, claim = reached(theatre, claims, votes)
    order = stable_order(*joint([(place, len(theatre.places)), (claim, max(1, len(claims)))]))
    return place[order], claim[order]


def _fading(ages: int, half_life_days: float) -> NDArray[np.float64]:
    """
    Return the weight of a vote that is so many days older than the newest, by the age of the newest, (ages, ages); counted from the newest,
    very old votes do not vanish in rounding. While nobody speaks, days go along a row.
    """
    half_lives = np.arange(2 * max(1, ages)) / half_life_days
    newest = np.arange(max(1, ages))
    return np.asarray(0.5 ** np.clip(half_lives[newest[:, None] + newest] - half_lives[newest], 0.0, 1000.0))
