"""What a policy expects of what it has not been told: claims, whole sources and sides left out, and foretold from the rest."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qsim.belief.evidence import reading
from qsim.belief.reconstruct import Policy, believe, named
from qsim.belief.statements import coverage, distinct
from qsim.belief.timeline import Timeline, TimelineError
from qsim.record.dates import Window, day_range
from qsim.record.ledger import Claim, Ledger
from qsim.record.scope import reach
from qsim.record.settings import Model
from qsim.record.theatre import CONTESTED, Theatre

By = Literal["claim", "source", "side"]
Floats = NDArray[np.float64]

UNIFORM = 0.03  # mixed into every prediction, so that one-hot beliefs can be compared
TURNING_DAYS = 3  # a claim is of a day of change where a change of its place is reported within so many days
QUIET_DAYS = 14  # and of a quiet day where neither change nor fighting is reported there within so many
SEED = 7
_ROW = "record:"  # cites a row of an imported table, which may hold the whole history of a place: no sentence


@dataclass(frozen=True, slots=True)
class Prediction:
    """
    What a policy that had not seen a claim expected it to say: `p` (statuses,) by reading, `belief` (statuses,) where it speaks of.

    `said` is the position of what it did say. `turning` and `quiet` tell what else is reported of its place about that time. `end`
    (statuses,) is what was expected of it on the last day of the record, where it is the last word on its place: what nobody has
    contradicted should still stand then.
    """

    claim: Claim
    said: int
    p: tuple[float, ...]
    belief: tuple[float, ...]
    turning: bool = False
    quiet: bool = False
    end: tuple[float, ...] | None = None

    @property
    def log_score(self) -> float:
        """The natural logarithm of the probability given to what was said; larger is better."""
        return float(np.log(self.p[self.said]))

    @property
    def brier(self) -> float:
        """The squared distance between the prediction and what was said, 0..2; smaller is better."""
        return float(sum((p - (i == self.said)) ** 2 for i, p in enumerate(self.p)))


def left_out(
    theatre: Theatre,
    ledger: Ledger,
    *,
    policy: str | Policy,
    by: By = "claim",
    folds: int = 10,
    seed: int = SEED,
    progress: Callable[[str], None] | None = None,
    cluster: str | None = None,
) -> list[Prediction]:
    """
    Return a prediction for every control claim on places, each by a reconstruction that has not seen it.

    Parameters
    ----------
    theatre, ledger
        A scenario.
    policy
        A name, or a function as for `qsim.reconstruct`.
    by
        What is left out together. `"claim"`: claims are dealt into `folds` parts; those of one origin about one place and window, and
        those about one place that cite one sentence, into the same: a copy must not foretell its original. `"source"`: whole sources,
        with all that repeat them, are dealt into `folds` parts. `"side"`: all voices of one side at a time, and the neutral ones.
    folds, seed
        The number of parts, and what they are dealt by.
    progress
        Called with what was just done.
    cluster
        Where `"hmm"` is worked out, as for `qsim.reconstruct`.

    Returns
    -------
    predictions
        In the order of the claims' ids. Shares, fighting in groups, and parts of groups are not predicted; they stay in as evidence.

    Raises
    ------
    TimelineError
        When there are fewer than two folds, or nothing to predict.
    """
    if folds < 2:
        raise TimelineError(f"{folds} folds; expected at least two")
    wanted = foretellable(theatre, ledger)
    if not wanted:
        raise TimelineError("the ledger has no claim to predict: none says of one place, or of all of a group, who holds it")
    part = _parts(ledger, by, folds, seed)
    days = day_range(min(claim.window.start for claim in wanted), max(claim.window.end for claim in wanted))
    about, reader = _About(theatre, ledger, wanted), Model.from_settings(theatre.model)
    found: dict[str, Prediction] = {}
    for number in sorted({part[claim.id] for claim in wanted}):
        stays = np.array([part[id] != number for id in ledger.columns.column("id")], dtype=bool)
        rest = replace(ledger, claims=ledger.columns.take(stays))
        timeline = believe(theatre, rest, days, policy=policy, cluster=cluster)
        found |= {claim.id: _prediction(timeline, claim, reader, about) for claim in wanted if part[claim.id] == number}
        if progress:
            progress(f"{named(policy)}: {by} part {number + 1}")
    return [found[claim.id] for claim in wanted]


def left_out_source(
    theatre: Theatre, ledger: Ledger, source: str, *, policy: str | Policy, every_days: int = 7, cluster: str | None = None
) -> list[Prediction]:
    """
    Return predictions of all that one source says, from what the others say: of a map of who holds what, each of its states.

    All that goes back to the same origin is left out with it. A state (`holds`, `contests`) is foretold on every `every_days`-th day that it
    is said to last, so that a map which shows it for months is asked as often as it can be checked; anything else once, as in `left_out`.
    Where a policy found that those who describe states are some days behind events, a state is foretold as late as they are on average.
    `cluster` is that of `left_out`.

    Raises
    ------
    LedgerError
        When there is no such source.
    TimelineError
        When it says nothing that can be foretold.
    """
    ledger.source(source)
    mine = [claim for claim in foretellable(theatre, ledger) if claim.source == source]
    if not mine:
        raise TimelineError(f"source {source!r} says of no place who holds it; nothing can be foretold")
    origin = ledger.origin(mine[0])
    rest = replace(
        ledger, claims=ledger.columns.take(ledger.columns.column("source").each(lambda id: ledger.origin_of(id) != origin, bool))
    )
    days = day_range(min(claim.window.start for claim in mine), max(claim.window.end for claim in mine))
    timeline = believe(theatre, rest, days, policy=policy, cluster=cluster)
    about, reader = _About(theatre, ledger, mine), Model.from_settings(theatre.model)
    behind = _usual_delay(timeline)
    return [_prediction(timeline, each, reader, about, behind) for claim in mine for each in _by_days(claim, every_days)]


def _usual_delay(timeline: Timeline) -> int:
    """Return by how many days the sources of a ledger are behind on average, as far as its policy says so."""
    delays, ledger = timeline.model.get("delays"), timeline.ledger
    if not isinstance(delays, Mapping) or ledger is None:
        return 0
    origins = {ledger.origin_of(source) for source in ledger.columns.column("source").counts()}
    return round(sum(delays.values()) / max(1, len(origins)))


def predicted(timeline: Timeline, claim: Claim, model: Model, window: Window | None = None) -> tuple[Floats, Floats]:
    """
    Return what a claim is expected to say, shape (statuses,), and the belief where it speaks of: the mean over its places and days.

    The prediction is the belief seen through the reading errors of an informed source (`Model.saying`) and the claim's coverage,
    mixed with 3 % of a uniform guess. `window` are the days asked of, by default those that the claim speaks of.
    """
    theatre, span = timeline.theatre, window or claim.window
    first, last = (timeline.position(moment) for moment in (span.start, span.end))
    belief = timeline.belief[first : last + 1, list(theatre.members(claim.place))].mean(axis=(0, 1))
    statuses = len(theatre.statuses)
    cover = coverage(theatre, model, claim)
    saying = model.saying(statuses - 1, taken=claim.kind in ("takes", "loses"))
    said = belief @ (cover * saying + (1 - cover) / statuses)
    return (1 - UNIFORM) * said + UNIFORM / statuses, belief


def can_be_predicted(theatre: Theatre, claim: Claim) -> bool:
    """Return whether a claim says one status of some places: no share, no fighting somewhere in a group, no part of one."""
    said, members = reading(theatre, claim), theatre.members(claim.place)
    if said is None or not members or claim.kind == "share":
        return False
    return len(members) == 1 or (said != CONTESTED and claim.quantifier in (None, "all"))


def foretellable(theatre: Theatre, ledger: Ledger) -> list[Claim]:
    """Return the claims that can be predicted, each statement once, in the order of their ids."""
    return [claim for claim in distinct(ledger) if can_be_predicted(theatre, claim)]


class _About:
    """What else is said about the places of some claims, and when."""

    def __init__(self, theatre: Theatre, ledger: Ledger, wanted: Sequence[Claim]) -> None:
        self.end = max(claim.window.end for claim in wanted)
        self._members = {claim.id: theatre.members(claim.place) for claim in wanted}
        self._news: dict[int, list[tuple[Claim, bool]]] = {}
        self._latest: dict[int, Claim] = {}
        for claim in ledger.claims:
            if not claim.of_control:
                continue
            for place in reach(theatre, claim):
                if claim.kind != "share":
                    self._latest[place] = max(self._latest.get(place, claim), claim, key=lambda c: (c.window.end, c.window.start, c.id))
                if claim.kind in ("takes", "loses", "repulses", "contests"):
                    self._news.setdefault(place, []).append((claim, claim.kind in ("takes", "loses")))

    def turning(self, claim: Claim) -> bool:
        """Return whether a claim is of a day of change: it tells of one, or another does, of about that time."""
        return claim.kind in ("takes", "loses") or any(
            change and _apart(claim.window, other.window) <= TURNING_DAYS for other, change in self._others(claim)
        )

    def quiet(self, claim: Claim) -> bool:
        """Return whether a claim is of a quiet day: it tells a state, and nobody tells of change or fighting about that time."""
        state = claim.kind in ("holds", "denies")
        return state and not any(_apart(claim.window, other.window) <= QUIET_DAYS for other, _ in self._others(claim))

    def last_word(self, claim: Claim) -> bool:
        """Return whether nobody speaks of the claim's place after it."""
        return all(self._latest.get(place, claim).window.end <= claim.window.end for place in self._members[claim.id])

    def _others(self, claim: Claim) -> Iterator[tuple[Claim, bool]]:
        return (each for place in self._members[claim.id] for each in self._news.get(place, ()) if each[0].id != claim.id)


def _prediction(timeline: Timeline, claim: Claim, reader: Model, about: _About, behind: int = 0) -> Prediction:
    """Return what a timeline that has not heard a claim expects of it, a state as it was some days before."""
    theatre, seen = timeline.theatre, claim.window
    if behind and claim.kind in ("holds", "contests"):
        first, last = (max(timeline.start, moment - timedelta(days=behind)) for moment in (seen.start, seen.end))
        seen = Window(first, last)
    p, belief = predicted(timeline, claim, reader, seen)
    end = predicted(timeline, claim, reader, Window(about.end, about.end))[0] if about.last_word(claim) else None
    return Prediction(
        claim,
        theatre.statuses.index(reading(theatre, claim) or ""),
        tuple(p.tolist()),
        tuple(belief.tolist()),
        about.turning(claim),
        about.quiet(claim),
        None if end is None else tuple(end.tolist()),
    )


def _by_days(claim: Claim, every_days: int) -> Iterator[Claim]:
    """Yield a claim of a state once for each day on which it is asked, any other as it is."""
    if claim.kind not in ("holds", "contests"):
        yield claim
        return
    for days in range(0, claim.window.length, every_days):
        moment = claim.window.start + timedelta(days=days)
        yield replace(claim, window=Window(moment, moment))


def _apart(one: Window, other: Window) -> int:
    """Return by how many days two windows miss each other, 0 where they meet."""
    return max(0, (other.start - one.end).days, (one.start - other.end).days)


def _parts(ledger: Ledger, by: By, folds: int, seed: int) -> dict[str, int]:
    """Return the part that each claim is left out with."""
    if by == "claim":
        return _dealt(_together(ledger), folds, seed)
    if by == "source":
        return _dealt({claim.id: ledger.origin(claim) for claim in ledger.claims}, folds, seed)
    side = {claim.id: ledger.sources[ledger.origin(claim)].side or "" for claim in ledger.claims}
    order = sorted(set(side.values()))
    return {id: order.index(mine) for id, mine in side.items()}


def _together(ledger: Ledger) -> dict[str, Hashable]:
    """Return for each claim what it must be left out with: those of one origin, place and window, and of one sentence and place."""
    group: dict[Hashable, Hashable] = {}

    def root(item: Hashable) -> Hashable:
        while group.setdefault(item, item) != item:
            item = group[item]
        return item

    for claim in ledger.claims:
        group[root(claim.id)] = root((ledger.origin(claim), claim.place, claim.window))
        for citation in claim.cites[:1]:
            if not citation.startswith(_ROW):
                group[root(claim.id)] = root((citation, claim.place))
    return {claim.id: root(claim.id) for claim in ledger.claims}


def _dealt(group: Mapping[str, Hashable], folds: int, seed: int) -> dict[str, int]:
    """Return a part for each claim, the same for all of a group, whatever the order of claims."""
    together: dict[Hashable, list[str]] = {}
    for id in sorted(group):
        together.setdefault(group[id], []).append(id)
    order = np.random.default_rng(seed).permutation(len(together))
    return {id: int(order[n] % folds) for n, ids in enumerate(together.values()) for id in ids}
