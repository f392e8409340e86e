"""How well a policy foretells claims that it has not seen: left-out claims, proper scores, calibration."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.belief.evidence import reading
from qsim.belief.reconstruct import Policy, believe, named
from qsim.belief.statements import coverage, distinct
from qsim.belief.timeline import Timeline, TimelineError
from qsim.record.dates import day_range
from qsim.record.ledger import Claim, Ledger
from qsim.record.settings import Model
from qsim.record.theatre import CONTESTED, Theatre

UNIFORM = 0.03  # mixed into every prediction, so that one-hot beliefs can be compared
SURE = 0.85
POLICIES_SCORED = ("hmm", "last_claim", "vote")  # the first is the one that the others are compared with


@dataclass(frozen=True, slots=True)
class Prediction:
    """
    What a policy that had not seen a claim expected it to say: `p` (statuses,) by reading, `belief` (statuses,) where it speaks of;
    `said` is the position of what it did say, `changes` whether its places ever change hands in the record.
    """

    claim: Claim
    said: int
    p: tuple[float, ...]
    belief: tuple[float, ...]
    changes: bool

    @property
    def log_score(self) -> float:
        """The natural logarithm of the probability given to what was said; larger is better."""
        return float(np.log(self.p[self.said]))

    @property
    def brier(self) -> float:
        """The squared distance between the prediction and what was said, 0..2; smaller is better."""
        return float(sum((p - (i == self.said)) ** 2 for i, p in enumerate(self.p)))


@dataclass(frozen=True, slots=True)
class Score:
    """
    The scores of one policy on some left-out claims, with standard errors of the mean.

    `behind` is by how much its log score falls behind the first policy's on the same claims (paired), with its standard error.
    `sure` counts the claims of which it says a side with more than 0.85; of those it says `said` on average and is right `right`.
    """

    policy: str
    claims: int
    log_score: float
    log_score_se: float
    brier: float
    brier_se: float
    behind: float
    behind_se: float
    sure: int
    said: float
    right: float


def left_out(
    theatre: Theatre,
    ledger: Ledger,
    *,
    policy: str | Policy,
    folds: int = 10,
    seed: int = 7,
    progress: Callable[[str], None] | None = None,
) -> list[Prediction]:
    """
    Return a prediction for every control claim on places, each by a reconstruction from the other folds.

    Claims of one origin about one place and window, and claims about one place that cite one sentence, are left out together: a copy
    must not foretell its original. Shares, fighting in groups, and parts of groups are not predicted; they stay in as evidence.

    Raises
    ------
    TimelineError
        When there are fewer than two folds, or nothing to predict.
    """
    if folds < 2:
        raise TimelineError(f"{folds} folds; expected at least two")
    fold = _folds(ledger, folds, seed)
    return _predictions(theatre, ledger, sorted(set(fold.values())), lambda claim: fold[claim.id], policy, progress)


def left_out_sides(theatre: Theatre, ledger: Ledger, *, policy: str | Policy) -> list[Prediction]:
    """Return a prediction for every control claim from what the *other* sides and the neutral voices said: leave one side out."""
    side = {claim.id: ledger.sources[ledger.origin(claim)].side or "neutral" for claim in ledger.claims}
    return _predictions(theatre, ledger, sorted(set(side.values())), lambda claim: side[claim.id], policy, None)


def score(predictions: Mapping[str, Sequence[Prediction]], *, changing: bool = False) -> list[Score]:
    """Return the scores of several policies on the same claims, each paired with the first; `changing` keeps places that change."""
    kept = {policy: [each for each in found if each.changes or not changing] for policy, found in predictions.items()}
    first = np.array([each.log_score for each in next(iter(kept.values()))])
    return [_score(policy, found, first) for policy, found in kept.items()]


def report(found: Mapping[str, Sequence[Prediction]], sides: Mapping[str, Sequence[Prediction]]) -> str:
    """Return the scores of the policies as a Markdown table: folds and one side left out, all places and those that change hands."""
    lines = [
        "| left out | places | policy | claims | log score | Brier | behind the first | says > 0.85 of | says | right |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for what, predictions in (("a fold", found), ("a side", sides)):
        for changing in (False, True):
            for each in score(predictions, changing=changing):
                behind = "" if each.behind == 0 else f"{each.behind:.3f} ± {each.behind_se:.3f}"
                lines.append(
                    f"| {what} | {'that change' if changing else 'all'} | {each.policy} | {each.claims} | {each.log_score:.3f} ± {each.log_score_se:.3f} "
                    f"| {each.brier:.3f} ± {each.brier_se:.3f} | {behind} | {each.sure} | {each.said:.2f} | {each.right:.2f} |"
                )
    errors = ", ".join(f"{policy} {calibration_error(reliability(each)):.3f}" for policy, each in found.items())
    return "\n".join(
        [*lines, "", f"Expected calibration error over all readings: {errors}. After ±: one standard error; differences are paired."]
    )


def reliability(predictions: Iterable[Prediction], *, bins: int = 10) -> NDArray[np.float64]:
    """
    Return a reliability diagram, shape (bins, 3): mean probability said, share that came true, number, for every reading foretold.

    Bins without any prediction are NaN.
    """
    said = np.array([p for each in predictions for p in each.p])
    true = np.array([float(i == each.said) for each in predictions for i in range(len(each.p))])
    return diagram(said, true, bins)


def diagram(said: NDArray[np.float64], true: NDArray[np.float64], bins: int = 10) -> NDArray[np.float64]:
    """Return the mean of what was said, of what came true, and the number, by bins of what was said, (bins, 3); NaN where nothing was."""
    where = np.minimum((said * bins).astype(int), bins - 1)
    number = np.bincount(where, minlength=bins).astype(float)
    with np.errstate(invalid="ignore"):
        return np.column_stack([*(np.bincount(where, each, minlength=bins) / number for each in (said, true)), number])


def calibration_error(diagram: NDArray[np.float64]) -> float:
    """Return the expected calibration error of a reliability diagram: the mean distance between said and true, weighted by number."""
    known = diagram[diagram[:, 2] > 0]
    return float((np.abs(known[:, 0] - known[:, 1]) * known[:, 2]).sum() / known[:, 2].sum())


def predicted(timeline: Timeline, claim: Claim, model: Model) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """
    Return what a claim is expected to say, shape (statuses,), and the belief where it speaks of: the mean over its places and days.

    The prediction is the belief seen through the reading errors of an informed source (`Model.saying`) and the claim's coverage,
    mixed with 3 % of a uniform guess.
    """
    theatre = timeline.theatre
    first, last = (timeline.position(moment) for moment in (claim.window.start, claim.window.last))
    belief = timeline.belief[first : last + 1, list(theatre.members(claim.place))].mean(axis=(0, 1))
    statuses = len(theatre.statuses)
    cover = coverage(theatre, model, claim)
    saying = model.saying(statuses - 1, taken=claim.kind in ("takes", "loses"))
    said = belief @ (cover * saying + (1 - cover) / statuses)
    return (1 - UNIFORM) * said + UNIFORM / statuses, belief


def can_be_predicted(theatre: Theatre, claim: Claim) -> bool:
    """Return whether a claim says one status of some places: no share, no fighting somewhere in a group, no part of one."""
    said, members = reading(theatre, claim), theatre.members(claim.place)
    alone = len(members) == 1
    return (
        said is not None
        and bool(members)
        and claim.kind != "share"
        and (alone or (said != CONTESTED and claim.quantifier in (None, "all")))
    )


def _predictions(
    theatre: Theatre,
    ledger: Ledger,
    folds: Sequence[Any],
    fold_of: Callable[[Claim], Any],
    policy: str | Policy,
    progress: Callable[[str], None] | None,
) -> list[Prediction]:
    """Reconstruct once a fold, without it, and predict what it says."""
    wanted = [claim for claim in distinct(ledger) if can_be_predicted(theatre, claim)]
    if not wanted:
        raise TimelineError("the ledger has no claim to predict")
    start, end = min(c.window.start for c in wanted), max(c.window.end for c in wanted)
    changing = _changing(theatre, wanted)
    reader = Model.from_settings(theatre.model)
    found = {}
    for fold in folds:
        rest = Ledger(ledger.sources, tuple(claim for claim in ledger.claims if fold_of(claim) != fold))
        timeline = believe(theatre, rest, day_range(start, end), policy=policy)
        for claim in wanted:
            if fold_of(claim) == fold:
                p, belief = predicted(timeline, claim, reader)
                said = theatre.statuses.index(reading(theatre, claim) or "")
                members = theatre.members(claim.place)
                found[claim.id] = Prediction(claim, said, tuple(p.tolist()), tuple(belief.tolist()), bool(changing & set(members)))
        if progress:
            progress(f"{named(policy)}, fold {fold}")
    return [found[claim.id] for claim in wanted]


def _folds(ledger: Ledger, folds: int, seed: int) -> dict[str, int]:
    """Return the fold of every claim; claims that must be left out together share one."""
    group: dict[object, object] = {}

    def root(item: object) -> object:
        while group.setdefault(item, item) != item:
            item = group[item]
        return item

    for claim in ledger.claims:
        group[root(claim.id)] = root((ledger.origin(claim), claim.place, claim.window))
        for citation in claim.cites[:1]:
            group[root(claim.id)] = root((citation, claim.place))
    together: dict[object, list[str]] = {}
    for claim in sorted(ledger.claims, key=lambda c: c.id):
        together.setdefault(root(claim.id), []).append(claim.id)
    order = np.random.default_rng(seed).permutation(len(together))
    return {id: int(order[n] % folds) for n, ids in enumerate(together.values()) for id in ids}


def _changing(theatre: Theatre, claims: Iterable[Claim]) -> set[int]:
    """Return the positions of the places of which the record says more than one status."""
    said: dict[int, set[str | None]] = {}
    for claim in claims:
        for place in theatre.members(claim.place):
            said.setdefault(place, set()).add(reading(theatre, claim))
    return {place for place, statuses in said.items() if len(statuses) > 1}


def _score(policy: str, found: Sequence[Prediction], first: NDArray[np.float64]) -> Score:
    logs, briers = np.array([each.log_score for each in found]), np.array([each.brier for each in found])
    sides = [(max(range(len(each.p) - 1), key=lambda i: each.belief[i]), each) for each in found]
    sure = [(side, each) for side, each in sides if each.belief[side] > SURE]
    said = [each.p[side] for side, each in sure]
    right = [float(each.said == side) for side, each in sure]
    return Score(
        policy,
        len(found),
        float(logs.mean()),
        _error(logs),
        float(briers.mean()),
        _error(briers),
        float((first - logs).mean()),
        _error(first - logs),
        len(sure),
        float(np.mean(said)) if said else float("nan"),
        float(np.mean(right)) if right else float("nan"),
    )


def _error(values: NDArray[np.float64]) -> float:
    """Return the standard error of a mean."""
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")
