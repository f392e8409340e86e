"""
Policies: ways from contradictory claims to one belief a day.

A policy is a function `policy(theatre, ledger, days) -> Estimate`: `days` (days,) are consecutive, datetime64[D], and all claims of the
ledger count, earlier ones too. The `Estimate` must hold a belief (days, places, statuses) that sums to 1, and may hold a history, chains
to draw histories from, and what was learned of the sources; what a timeline can do follows from what is there. `POLICIES` names those
that come with qsim; options of theirs are given by `functools.partial(vote, half_life_days=30)`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from qsim.belief.estimate import Estimate
from qsim.belief.evidence import other_side, reading
from qsim.belief.hmm import hmm
from qsim.belief.statements import distinct
from qsim.belief.timeline import Timeline, TimelineError, fill_cities, fill_city_status, most_likely_status
from qsim.belief.vote import vote
from qsim.record.dates import Day, Days, day, day_range
from qsim.record.ledger import NEUTRAL, Claim, Ledger
from qsim.record.scope import in_order, reach
from qsim.record.theatre import CONTESTED, Theatre
from qsim.record.values import sealed

Belief = NDArray[np.float64]
Policy = Callable[[Theatre, Ledger, Days], Estimate]
LEANING_HALF_LIFE_DAYS = 7.0


def reconstruct(
    theatre: Theatre, ledger: Ledger, *, start: Day | None = None, end: Day | None = None, policy: str | Policy = "hmm"
) -> Timeline:
    """
    Return the belief of every day from `start` to `end`, both included, by a policy.

    Parameters
    ----------
    theatre, ledger
        A scenario, as `qsim.load` returns it; claims from before `start` count.
    start, end
        The first and the last day; by default those of the scenario, `theatre.start` and `theatre.end`.
    policy
        `"last_claim"`: the scripted replay, in which the last claim stands until the next. `"vote"`: every origin has one vote in
        each place, which fades with the days (`qsim.belief.vote`). `"hmm"`: a hidden Markov chain a place, reliabilities learned
        (`qsim.belief.hmm`), with the scenario's `[model]`. Or a function of your own, `policy(theatre, ledger, days) -> Estimate`
        (see `qsim.belief.reconstruct`); `functools.partial(hmm, model=...)` and `partial(vote, half_life_days=...)` are such functions.

    Raises
    ------
    TimelineError
        When the policy is unknown, or what it returns is no estimate of these days and places; when the window ends before the first
        claim of control. (A ledger without any gives a flat belief, and its timeline says so.)
    DateError
        When one is no day or lies far outside the scenario, or `end` lies before `start`.
    """
    days, spoken = _days(theatre, start, end), [claim.window for claim in ledger.claims if claim.of_control]
    if spoken:
        first, last = min(window.start for window in spoken), max(window.end for window in spoken)
        if day(days[-1]) < first:
            raise TimelineError(f"no claim speaks of {day(days[0])} to {day(days[-1])}: those of this ledger speak of {first} to {last}")
    return believe(theatre, ledger, days, policy=policy)


def believe(theatre: Theatre, ledger: Ledger, days: Days, *, policy: str | Policy = "hmm") -> Timeline:
    """Return the belief on consecutive days (days,) as `reconstruct` does, also where all claims speak of later times."""
    estimate = policy_of(policy)(theatre, ledger, days)
    _check(theatre, days, estimate, named(policy))
    belief = np.array(estimate.belief, dtype=float)  # a policy may keep what it returned
    history = most_likely_status(belief) if estimate.history is None else np.array(estimate.history, dtype=np.int8)
    fill_cities(theatre, belief)
    fill_city_status(theatre, history)
    return Timeline(
        theatre,
        ledger,
        days,
        sealed(belief),
        sealed(history),
        None,
        named(policy),
        {**(policy.keywords if isinstance(policy, partial) else {}), **estimate.options},
        estimate.chains,
        estimate.sources,
        estimate.informed,
    )


def named(policy: str | Policy) -> str:
    """Return the name of a policy: its own, or that of the function."""
    if isinstance(policy, partial):
        return named(policy.func)
    return policy if isinstance(policy, str) else getattr(policy, "__name__", type(policy).__name__)


def policy_of(policy: str | Policy) -> Policy:
    """Return the function of a policy."""
    if callable(policy):
        return policy
    if policy not in POLICIES:
        raise TimelineError(f"unknown policy {policy!r}; expected one of {', '.join(POLICIES)}, or a function")
    return POLICIES[policy]


def _check(theatre: Theatre, days: Days, estimate: object, policy: str) -> None:
    """Raise `TimelineError` with all that is wrong with what a policy returned."""
    if not isinstance(estimate, Estimate):
        raise TimelineError(f"policy {policy!r} returned a {type(estimate).__name__}; expected a qsim.belief.estimate.Estimate")
    shape, problems = (len(days), len(theatre.places), len(theatre.statuses)), []
    belief, history = np.asarray(estimate.belief), estimate.history
    if belief.shape != shape:
        problems.append(f"belief has shape {belief.shape}; expected {shape}: days, places, statuses")
    elif not (np.isfinite(belief).all() and belief.min() >= 0 and np.allclose(belief.sum(axis=-1), 1, atol=1e-6)):
        problems.append("belief is no probability: it must be finite, not negative, and sum to 1 over statuses")
    if history is not None and history.shape != shape[:2]:
        problems.append(f"history has shape {history.shape}; expected {shape[:2]}: days, places")
    elif history is not None and not (history.min() >= -1 and history.max() < shape[2]):
        problems.append(f"history has codes beyond -1..{shape[2] - 1}")
    if problems:
        raise TimelineError(
            f"the estimate of policy {policy!r} has {len(problems)} problem{'s' if len(problems) > 1 else ''}\n  " + "\n  ".join(problems)
        )


def _days(theatre: Theatre, start: Day | None, end: Day | None) -> Days:
    """Return the days asked for, both included, by default the scenario's own."""
    window = theatre.window(start, end)
    return day_range(window.start, window.end)


def as_known(
    theatre: Theatre, ledger: Ledger, *, start: Day | None = None, end: Day | None = None, policy: str | Policy = "hmm"
) -> Timeline:
    """
    Return each day as it looked at its end: from what had been reported by then, `ledger.known_by(that day)`.

    Later confirmations, corrections and rumours that took days to arrive are not yet there, so the most likely history may change on
    a day on which nothing happened: it is the knowledge that changed. Days without news share the reconstruction of the last day that
    had some, whose most likely history runs to the eve of the next. The timeline's own ledger is the one known at its end.
    Parameters and errors are those of `reconstruct`.
    """
    days = _days(theatre, start, end)
    known = {np.datetime64(claim.known) for claim in ledger.claims}
    news = [0, *(d for d in range(1, len(days)) if days[d] in known), len(days)]
    spans = []
    for a, b in pairwise(news):
        # What is known stands still between two days of news, so one reconstruction serves them all.
        spans.append(believe(theatre, ledger.known_by(days[a]), days[a:b], policy=policy))
    belief, history = (sealed(np.concatenate([getattr(span, name) for span in spans])) for name in ("belief", "history"))
    return Timeline(
        theatre, ledger.known_by(days[-1]), days, belief, history, None, named(policy), model={**spans[0].model, "as_known": True}
    )


def told_by(theatre: Theatre, ledger: Ledger, side: str) -> tuple[Theatre, Ledger]:
    """
    Return a scenario as one side tells it, ready for `reconstruct`: its sources' claims alone, and a title that says whose they are.

    `side` is a side's id, or `"neutral"` for the voices that belong to none. Raises `LedgerError` when no source belongs to it.
    """
    told = ledger.by_side(side)
    whose = "neutral voices" if side == NEUTRAL else theatre.side(side).name
    return replace(theatre, title=f"{theatre.title}, told by: {whose}"), told


def last_claim(theatre: Theatre, ledger: Ledger, days: Days) -> Estimate:
    """
    Return the scripted replay: for each place the last control claim stands until the next.

    The rules. An event (takes, loses, repulses) counts from the last day of its window, a state (holds, contests, share, denies)
    from the first. Claims of one day are applied the worse attested first, then by line of the documents, so that the best
    attested, and then the later line, stands; what an origin says again counts once; shares come after the day's other claims. A claim about a group, or a city, sets all
    of its places and the buildings in them, but

    - fighting in it, or an attack on it beaten off, sets none: it does not say where;
    - *part* of it makes, where the side has no foothold yet, one place contested (its own, where nothing was known);
    - *most* of it is a share of more than half;
    - a share moves the fewest places that make it true, rounded to whole places of equal weight. Places go to a side in the order
      in which other claims place it there: those about a sector or building that put the side there count for it, those that put
      another side there against it, half as much with every week; ties go to the place nearest to one that the side holds, then by the order of ids. A place
      that a falling share takes from a side goes to the other (contested, where there are several).

    Of a single place, *part* of it held makes it contested where another side was, and fighting at its edge changes nothing known.

    What no claim has named yet is unknown: a flat belief.
    """
    history = np.full((len(days), len(theatre.places)), -1, dtype=np.int8)
    map_now = np.full(len(theatre.places), -1, dtype=np.int8)
    leaning = np.zeros((len(theatre.sides), len(theatre.places)))
    told = groupby(in_order(claim for claim in distinct(ledger) if claim.of_control), key=lambda claim: claim.effective)
    news = next(told, None)
    yesterday = news[0] if news else None
    for d, moment in enumerate(days):
        while news is not None and np.datetime64(news[0]) <= moment:
            leaning *= 0.5 ** ((news[0] - yesterday).days / LEANING_HALF_LIFE_DAYS)
            yesterday = news[0]
            claims = sorted(news[1], key=lambda claim: claim.kind == "share")
            for claim in claims:
                _lean(theatre, claim, leaning)
            for claim in claims:
                _apply(theatre, claim, map_now, leaning)
            news = next(told, None)
        history[d] = map_now
    return Estimate(_certain(history, len(theatre.statuses)), history)


POLICIES: Mapping[str, Policy] = {"last_claim": last_claim, "vote": vote, "hmm": hmm}


def _apply(theatre: Theatre, claim: Claim, map_now: NDArray[np.int8], leaning: NDArray[np.float64]) -> None:
    """Change the map as one claim says."""
    said = reading(theatre, claim)
    members = np.array(sorted(theatre.members(claim.place), key=lambda i: theatre.places[i].id), dtype=int)  # no tie rests on an order
    if said is None or members.size == 0:
        return
    code = theatre.statuses.index(said)
    contested = theatre.statuses.index(CONTESTED)
    alone = len(members) == 1
    if claim.kind == "share":
        _apply_share(theatre, claim, members, map_now, leaning)
    elif alone and claim.quantifier == "part" and claim.kind == "contests":
        map_now[members] = np.where(map_now[members] == -1, code, map_now[members])
    elif alone and claim.quantifier == "part":
        map_now[members] = code if map_now[members[0]] in (-1, code) else contested
    elif alone:
        map_now[members] = code
    elif claim.kind in ("contests", "repulses"):
        return
    elif claim.quantifier == "part":
        _give_foothold(code, contested, members, map_now, leaning)
    elif claim.quantifier == "most":
        _give(theatre, said, members, len(members) // 2 + 1, map_now, leaning, at_least=True)
    else:
        map_now[list(reach(theatre, claim))] = code


def _apply_share(
    theatre: Theatre, claim: Claim, members: NDArray[np.int_], map_now: NDArray[np.int8], leaning: NDArray[np.float64]
) -> None:
    """Change the map so that a reported share is true, to the nearest whole place."""
    assert claim.side is not None
    assert claim.value is not None
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
    order = members[np.lexsort((_distance(theatre, members, map_now == code), -leaning[code, members]))]
    held = map_now[order] == code
    missing = wanted - int(held.sum())
    if missing > 0:
        map_now[order[~held][:missing]] = code
    elif missing < 0 and not at_least:
        map_now[order[held][missing:]] = theatre.statuses.index(other_side(theatre, side))
    rest = members[map_now[members] == -1]
    if not at_least:
        map_now[rest] = theatre.statuses.index(other_side(theatre, side))


def _distance(theatre: Theatre, members: NDArray[np.int_], held: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return how far each member lies from the nearest place that is held, in degrees of latitude; 0 where none is held."""
    if not held.any():
        return np.zeros(len(members))
    apart = theatre.points[members][:, None] - theatre.points[held][None]
    return np.asarray(np.sqrt((apart**2).sum(axis=-1)).min(axis=1).round(6))


def _give_foothold(code: int, contested: int, members: NDArray[np.int_], map_now: NDArray[np.int8], leaning: NDArray[np.float64]) -> None:
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
