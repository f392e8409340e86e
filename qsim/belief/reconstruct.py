"""
Policies: ways from contradictory claims to one belief a day.

A policy is a function `policy(theatre, ledger, days) -> Estimate`: `days` (days,) are consecutive, datetime64[D], and all claims of the
ledger count, earlier ones too. The `Estimate` must hold a belief (days, places, statuses) that sums to 1, and may hold a history, chains
to draw histories from, and what was learned of the sources; what a timeline can do follows from what is there. `POLICIES` names those
that come with qsim; options of theirs are given by `functools.partial(vote, half_life_days=30)`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.belief.estimate import Estimate
from qsim.belief.hmm import hmm
from qsim.belief.last_claim import last_claim
from qsim.belief.store import Store
from qsim.belief.timeline import Timeline, TimelineError, fill_cities, fill_city_status, most_likely_status
from qsim.belief.vote import vote
from qsim.record.dates import Day, Days, day, day_range
from qsim.record.ledger import NEUTRAL, Ledger
from qsim.record.names import folded
from qsim.record.theatre import Theatre
from qsim.record.values import sealed

Belief = NDArray[np.float64]
Policy = Callable[[Theatre, Ledger, Days], Estimate]
_NUMBERS = 4_000_000  # of a belief, looked at at a time


def reconstruct(
    theatre: Theatre,
    ledger: Ledger,
    *,
    start: Day | None = None,
    end: Day | None = None,
    policy: str | Policy = "hmm",
    store: str | Path | None = None,
    cluster: str | None = None,
    progress: bool = False,
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
    store
        A folder for the large arrays of the timeline, in single precision: they are read from there as they are asked for, and the
        timeline needs it as long as it is used. One of an earlier belief is replaced; it is there whole, or not at all.
    cluster
        The address of a dask.distributed scheduler, or "local": blocks of places are believed there, with the same answer to the last
        bit. For `"hmm"` alone, and worth while from some ten million claims on.
    progress
        Show on a terminal how far it has come.

    Raises
    ------
    TimelineError
        When the policy is unknown, or what it returns is no estimate of these days and places; when the window ends before the first
        claim of control. (A ledger without any gives a flat belief, and its timeline says so.)
    DateError
        When one is no day or lies far outside the scenario, or `end` lies before `start`.
    StoreError
        When the folder holds anything else.
    ClusterError
        When the cluster cannot be used: see `qsim.record.cluster`.
    """
    days, said = _days(theatre, start, end), ledger.columns
    spoken = np.flatnonzero(said.of_control)
    if len(spoken):
        first, last = (day(np.datetime64(int(each), "D")) for each in (said.start[spoken].min(), said.end[spoken].max()))
        if day(days[-1]) < first:
            raise TimelineError(f"no claim speaks of {day(days[0])} to {day(days[-1])}: those of this ledger speak of {first} to {last}")
    return believe(theatre, ledger, days, policy=policy, store=store, cluster=cluster, progress=progress)


def believe(
    theatre: Theatre,
    ledger: Ledger,
    days: Days,
    *,
    policy: str | Policy = "hmm",
    store: str | Path | None = None,
    cluster: str | None = None,
    progress: bool = False,
) -> Timeline:
    """Return the belief on consecutive days (days,) as `reconstruct` does, also where all claims speak of later times."""
    with Store(store) as kept:
        if _function(policy) is hmm:
            estimate = policy_of(policy)(theatre, ledger, days, store=kept, cluster=cluster, progress=progress)  # type: ignore[call-arg]
        elif cluster is not None:
            raise TimelineError(f"policy {named(policy)!r} is worked out on this machine alone; a cluster is for 'hmm'")
        else:
            shown = {"progress": progress} if _function(policy) in POLICIES.values() else {}
            estimate = policy_of(policy)(theatre, ledger, days, **shown)
        _check(theatre, days, estimate, named(policy), kept)
        belief, history = _own(estimate, kept, ours=_function(policy) in POLICIES.values())
        for some in _spans(belief, kept):
            fill_cities(theatre, belief[some])
            fill_city_status(theatre, history[some])
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


def _function(policy: str | Policy) -> Policy:
    """Return the function that a policy is, without its options."""
    made = policy_of(policy)
    return made.func if isinstance(made, partial) else made


def _spans(belief: NDArray[Any], store: Store) -> Iterator[slice]:
    """Yield spans of days, of some millions of numbers each; what lies in files leaves the memory after each."""
    step = max(1, _NUMBERS // max(1, belief[0].size))
    for first in range(0, len(belief), step):
        yield slice(first, first + step)
        store.let_go()


def _own(estimate: Estimate, store: Store, *, ours: bool) -> tuple[NDArray[Any], NDArray[np.int8]]:
    """Return belief and history for a timeline alone: copied where a policy may keep what it returned, or it is to lie in a folder."""
    belief, history = estimate.belief, estimate.history
    if store.holds(belief) or (ours and store.folder is None and history is not None):
        return belief, history if history is not None else most_likely_status(belief)
    into = store.array("belief", belief.shape, store.precision(belief.shape)), store.array("history", belief.shape[:2], np.int8)
    for some in _spans(belief, store):
        into[0][some] = belief[some]
        into[1][some] = most_likely_status(belief[some]) if history is None else history[some]
    return into


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


def _check(theatre: Theatre, days: Days, estimate: object, policy: str, store: Store) -> None:
    """Raise `TimelineError` with all that is wrong with what a policy returned."""
    if not isinstance(estimate, Estimate):
        raise TimelineError(f"policy {policy!r} returned a {type(estimate).__name__}; expected a qsim.belief.estimate.Estimate")
    shape, problems = (len(days), len(theatre.places), len(theatre.statuses)), []
    belief, history = estimate.belief, estimate.history
    if belief.shape != shape:
        problems.append(f"belief has shape {belief.shape}; expected {shape}: days, places, statuses")
    elif not all(_is_probability(belief[some]) for some in _spans(belief, store)):
        problems.append("belief is no probability: it must be finite, not negative, and sum to 1 over statuses")
    if history is not None and history.shape != shape[:2]:
        problems.append(f"history has shape {history.shape}; expected {shape[:2]}: days, places")
    elif history is not None and not (history.min() >= -1 and history.max() < shape[2]):
        problems.append(f"history has codes beyond -1..{shape[2] - 1}")
    if problems:
        raise TimelineError(
            f"the estimate of policy {policy!r} has {len(problems)} problem{'s' if len(problems) > 1 else ''}\n  " + "\n  ".join(problems)
        )


def _is_probability(belief: NDArray[Any]) -> bool:
    total = sum(belief[..., k] for k in range(1, belief.shape[-1])) + belief[..., 0]
    return bool(belief.min() >= 0 and (np.abs(total - 1) <= 1e-5).all())  # false of what is not finite, too


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
    known = set(np.unique(ledger.columns.known).astype("datetime64[D]"))
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

    `side` is a side's id or name, or `"neutral"` for the voices that belong to none. Raises `LedgerError` when no source belongs to it.
    """
    side = next((each.id for each in theatre.sides if side not in (each.id, NEUTRAL) and folded(each.name) == folded(side)), side)
    told = ledger.by_side(side)
    whose = "neutral voices" if side == NEUTRAL else theatre.side(side).name
    return replace(theatre, title=f"{theatre.title}, told by: {whose}"), told


POLICIES: Mapping[str, Policy] = {"last_claim": last_claim, "vote": vote, "hmm": hmm}
