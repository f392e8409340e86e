"""Policies: named ways from contradictory claims to one belief a day."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from qsim.dates import Day, Days, day_range
from qsim.evidence import in_order, last_reports, other_side, reading
from qsim.ledger import Claim, Ledger
from qsim.theatre import CONTESTED, Theatre
from qsim.timeline import Timeline, TimelineError, fill_cities, fill_city_status

Belief = NDArray[np.float64]


def reconstruct(theatre: Theatre, ledger: Ledger, *, start: Day, end: Day, policy: str = "last_claim") -> Timeline:
    """
    Return the belief over the half-open window `[start, end)` by a named policy.

    Parameters
    ----------
    theatre, ledger
        A scenario, as `qsim.load` returns it; claims from before `start` count.
    start, end
        The first day, and the day after the last.
    policy
        `"last_claim"`: the scripted replay, in which the last claim stands until the next.

    Raises
    ------
    TimelineError
        When the policy is unknown.
    DateError
        When the window holds no day.
    """
    if policy not in POLICIES:
        raise TimelineError(f"unknown policy {policy!r}; expected one of {', '.join(POLICIES)}")
    days = day_range(start, end)
    belief, history = POLICIES[policy](theatre, ledger, days)
    fill_cities(theatre, belief)
    fill_city_status(theatre, history)
    return Timeline(theatre, ledger, days, belief, history, last_reports(theatre, ledger, days), policy)


def last_claim(theatre: Theatre, ledger: Ledger, days: Days) -> tuple[Belief, NDArray[np.int8]]:
    """
    Return the scripted replay: for each place the last control claim stands until the next.

    The rules. An event (takes, loses, repulses) counts from the last day of its window, a state (holds, contests, share, denies)
    from the first. Claims of one day are applied the worse attested first, then by line of the documents, so that the best
    attested, and then the later line, stands. A claim about a group, or a city, sets all of its places, but

    - fighting in it, or in parts of it, sets none: it does not say where;
    - *part* of it makes, where the side has no foothold yet, one place contested (its own, where nothing was known);
    - *most* of it is a share of more than half;
    - a share moves the fewest places that make it true, rounded to whole places of equal weight. Places go to a side in the order
      in which other claims place it there: those about a sector or building that put the side there count for it, those that put
      another side there against it; ties go by the theatre's order. A place that a falling share takes from a side goes to the
      other (contested, where there are several).

    What no claim has named yet is unknown: a flat belief.
    """
    history = np.full((len(days), len(theatre.places)), -1, dtype=np.int8)
    map_now = np.full(len(theatre.places), -1, dtype=np.int8)
    leaning = np.zeros((len(theatre.sides), len(theatre.places)))
    pending = in_order(claim for claim in ledger.claims if claim.of_control)
    done = 0
    for d, moment in enumerate(days):
        upto = done
        while upto < len(pending) and np.datetime64(pending[upto].effective) <= moment:
            _lean(theatre, pending[upto], leaning)
            upto += 1
        for claim in pending[done:upto]:
            _apply(theatre, claim, map_now, leaning)
        done = upto
        history[d] = map_now
    return _certain(history, len(theatre.statuses)), history


POLICIES: Mapping[str, Callable[[Theatre, Ledger, Days], tuple[Belief, NDArray[np.int8]]]] = {"last_claim": last_claim}


def _apply(theatre: Theatre, claim: Claim, map_now: NDArray[np.int8], leaning: NDArray[np.float64]) -> None:
    """Change the map as one claim says."""
    said = reading(theatre, claim)
    members = np.array(theatre.members(claim.place), dtype=int)
    if said is None or members.size == 0:
        return
    code = theatre.statuses.index(said)
    contested = theatre.statuses.index(CONTESTED)
    alone = len(members) == 1
    if claim.kind == "share":
        _apply_share(theatre, claim, members, map_now, leaning)
    elif alone and claim.quantifier == "part":
        map_now[members] = code if map_now[members[0]] in (-1, code) else contested
    elif alone:
        map_now[members] = code
    elif said == CONTESTED:
        return
    elif claim.quantifier == "part":
        _give_foothold(code, contested, members, map_now, leaning)
    elif claim.quantifier == "most":
        _give(theatre, said, members, len(members) // 2 + 1, map_now, leaning, at_least=True)
    else:
        map_now[members] = code


def _apply_share(theatre: Theatre, claim: Claim, members: NDArray[np.int_], map_now: NDArray[np.int8], leaning: NDArray[np.float64]) -> None:
    """Change the map so that a reported share is true, to the nearest whole place."""
    assert claim.side is not None and claim.value is not None
    wanted = round(claim.value * len(members))
    if claim.bound == "at_least":
        _give(theatre, claim.side, members, wanted, map_now, leaning, at_least=True)
    elif claim.bound == "at_most":
        held = int((map_now[members] == theatre.statuses.index(claim.side)).sum())
        _give(theatre, claim.side, members, min(wanted, held) if held else wanted, map_now, leaning)
    else:
        _give(theatre, claim.side, members, wanted, map_now, leaning)


def _give(
    theatre: Theatre,
    side: str,
    members: NDArray[np.int_],
    wanted: int,
    map_now: NDArray[np.int8],
    leaning: NDArray[np.float64],
    *,
    at_least: bool = False,
) -> None:
    """Let `side` hold `wanted` of the members: take those that lean to it most, give up those that lean to it least."""
    code = theatre.statuses.index(side)
    order = members[np.argsort(-leaning[code, members], kind="stable")]
    held = map_now[order] == code
    missing = wanted - int(held.sum())
    if missing > 0:
        map_now[order[~held][:missing]] = code
    elif missing < 0 and not at_least:
        map_now[order[held][missing:]] = theatre.statuses.index(other_side(theatre, side))
    rest = members[map_now[members] == -1]
    if not at_least:
        map_now[rest] = theatre.statuses.index(other_side(theatre, side))


def _give_foothold(
    code: int, contested: int, members: NDArray[np.int_], map_now: NDArray[np.int8], leaning: NDArray[np.float64]
) -> None:
    """Let a side into the member that leans to it most, unless it is in one already."""
    if not np.isin(map_now[members], (code, contested)).any():
        first = members[np.argmax(leaning[code, members])]
        map_now[first] = code if map_now[first] == -1 else contested


def _lean(theatre: Theatre, claim: Claim, leaning: NDArray[np.float64]) -> None:
    """Note where a claim about a sector or a building of a city places the sides."""
    said = reading(theatre, claim)
    if said is None or said == CONTESTED or claim.kind == "share" or claim.place in theatre.parts:
        return
    within = theatre.place(claim.place).within if claim.place in theatre.index else None
    members = list(theatre.members(within or claim.place))
    if members:
        code = theatre.statuses.index(said)
        leaning[:, members] -= 1
        leaning[code, members] += 2


def _certain(history: NDArray[np.int8], statuses: int) -> Belief:
    """Return the belief of a history that is taken at its word: 1 for its status, flat where it is unknown."""
    sure = (history[..., None] == np.arange(statuses, dtype=np.int8)).astype(float)
    return np.where((history == -1)[..., None], 1 / statuses, sure)
