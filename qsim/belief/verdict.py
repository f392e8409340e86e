"""What the scores of several policies come to: tables, and whether the default is worth its trouble on this ledger."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qsim.belief.foretelling import By, left_out
from qsim.belief.foretold import Prediction
from qsim.belief.reconstruct import POLICIES, Policy
from qsim.belief.scores import MASS, SCORED, Interval, Score, Which, calibration_error, reliability, score
from qsim.belief.timeline import TimelineError
from qsim.record.ledger import Ledger
from qsim.record.theatre import Theatre

Predictions = Mapping[str, Sequence[Prediction]]

# The rows of the table: what is left out, and which of it is asked of.
QUESTIONS: tuple[tuple[By, Which, str], ...] = (
    ("claim", "all", "claims"),
    ("claim", "turning", "claims of days of change"),
    ("claim", "quiet", "claims of quiet days"),
    ("claim", "end", "the last word on each place, asked of the last day"),
    ("source", "all", "whole sources"),
    ("side", "all", "a whole side, or all neutral voices"),
)


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that policies were scored on: what was left out, in words, and their scores, the default's first."""

    what: str
    scores: tuple[Score, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that policies were scored on, what cannot be asked of this ledger, and the predictions of left-out claims by policy."""

    questions: tuple[Question, ...]
    missing: tuple[str, ...]
    found: Predictions

    def warnings(self) -> list[str]:
        """Return where the first policy is no better than a simpler one, each as a sentence that names it; none where it is."""
        said = []
        for question in self.questions:
            default, *others = question.scores
            worse = [each.policy for each in others if each.behind_interval[1] < 0 or each.brier_behind_interval[1] < 0]
            alike = [each.policy for each in others if each.policy not in worse and not (each.behind_interval[0] > 0)]
            if worse:
                said.append(f"On {question.what}, {default.policy} foretells worse than {_listed(worse)}.")
            if alike:
                said.append(f"On {question.what}, {default.policy} is not shown to foretell better than {_listed(alike)}.")
        return said

    @property
    def charted(self) -> Predictions:
        """The predictions of the policies that can be asked for by name, for a chart; of all where none can."""
        return {name: found for name, found in self.found.items() if name in POLICIES} or self.found

    def best(self) -> str:
        """Return the policy that foretells left-out claims best by its mean log score."""
        return max(self.questions[0].scores, key=lambda each: each.log_score).policy


def verdict(
    theatre: Theatre,
    ledger: Ledger,
    *,
    policies: Mapping[str, str | Policy] = SCORED,
    folds: int = 10,
    progress: Callable[[str], None] | None = None,
    cluster: str | None = None,
) -> Verdict:
    """
    Return how well policies foretell what they are not told: claims, whole sources, whole sides.

    Parameters
    ----------
    theatre, ledger
        A scenario.
    policies
        By name; the first is the one that the others are compared with.
    folds, progress, cluster
        As for `qsim.scores.left_out`.

    Raises
    ------
    TimelineError
        When no claim can be foretold, or no policy is given.
    """
    if not policies:
        raise TimelineError("no policy to score; expected at least one")
    voices, sides = _voices(ledger)
    missing = []
    if len(voices) < 2:
        missing.append("One source says everything: without it nothing is known, and whole sources are not left out.")
    elif len(sides) < 2:
        missing.append("All voices belong to one side, or to none: whole sides are not left out.")
    asked: list[By] = [
        by
        for by in ("claim", "source", "side")
        if by == "claim" or (by == "source" and len(voices) > 1) or (by == "side" and len(sides) > 1)
    ]

    def asked_of(policy: str | Policy, by: By) -> Sequence[Prediction]:
        away = cluster if policy == "hmm" else None  # the others are quick
        return left_out(theatre, ledger, policy=policy, by=by, folds=folds, progress=progress, cluster=away)

    found = {by: {name: asked_of(policy, by) for name, policy in policies.items()} for by in asked}
    questions = [Question(what, tuple(score(found[by], which=which))) for by, which, what in QUESTIONS if by in found]
    missing += [f"There are no {question.what} to foretell." for question in questions if not question.scores]
    return Verdict(tuple(question for question in questions if question.scores), tuple(missing), found["claim"])


def steps(ledger: Ledger, *, policies: int = len(SCORED), folds: int = 10) -> int:
    """Return how many reconstructions `verdict` makes at most, each of which its `progress` is told of."""
    voices, sides = _voices(ledger)
    return policies * (folds + (min(folds, len(voices)) if len(voices) > 1 else 0) + (len(sides) if len(sides) > 1 else 0))


def _voices(ledger: Ledger) -> tuple[set[str], set[str | None]]:
    """Return the sources to which claims of control go back, and the sides that they belong to."""
    voices = {ledger.origin_of(source) for source in ledger.columns.take(ledger.columns.of_control).column("source").counts()}
    return voices, {ledger.sources[voice].side for voice in voices}


def report(told: Verdict) -> str:
    """Return the scores as Markdown: what they come to in sentences, a table a question, and calibration by levels."""
    default = told.questions[0].scores[0].policy
    lines = [*conclusions(told), ""]
    for question in told.questions:
        claims, places = question.scores[0].claims, question.scores[0].places
        lines += [
            f"Left out: {question.what} ({claims}, about {places} place{'s' if places != 1 else ''})",
            "",
            f"| policy | log score | behind {default} | Brier | behind {default} |",
            "|---|---|---|---|---|",
            *(_row(each, first=each.policy == default) for each in question.scores),
            "",
        ]
    lines += _calibration(told)
    lines += told.missing
    return "\n".join(lines)


def conclusions(told: Verdict) -> list[str]:
    """Return what the scores come to, in sentences: a warning where the default is no better than simpler policies."""
    default, warnings = told.questions[0].scores[0].policy, told.warnings()
    if not warnings:
        return [f"On this ledger {default} foretells better than every simpler policy, on all that was asked, beyond chance."]
    best = told.best()
    if best != default:
        asked = f": --policy {best} asks it" if best in POLICIES else ""
        warnings.append(f"Of left-out claims {best} foretells best on this ledger{asked}.")
    return [f"Warning: {each}" for each in warnings]


def _row(each: Score, *, first: bool) -> str:
    behind = "" if first else f"{each.behind:+.3f}{_interval(each.behind_interval)}"
    brier_behind = "" if first else f"{each.brier_behind:+.3f}{_interval(each.brier_behind_interval)}"
    scores = f"{each.log_score:.3f}{_interval(each.log_interval)}", f"{each.brier:.3f}{_interval(each.brier_interval)}"
    return f"| {each.policy} | {scores[0]} | {behind} | {scores[1]} | {brier_behind} |"


def _interval(interval: Interval) -> str:
    """Return an interval in brackets, nothing where there is none."""
    return "" if np.isnan(interval[0]) else f" [{interval[0]:.3f}, {interval[1]:.3f}]"


def _calibration(told: Verdict) -> list[str]:
    """Return how often each policy is right where it is sure, at several levels, and its expected calibration error."""
    scores = told.questions[0].scores
    levels = [level.above for level in scores[0].levels]
    lines = [
        "Where a policy believes a side with more than so much: left-out claims, what it says of them on average, how often it is right",
        "",
        "| policy | " + " | ".join(f"> {level:g}" for level in levels) + " | calibration error |",
        "|---" * (len(levels) + 2) + "|",
    ]
    for each in scores:
        cells = [f"{level.claims}: {level.said:.2f}, {level.right:.2f}" if level.claims else "0" for level in each.levels]
        lines.append(f"| {each.policy} | {' | '.join(cells)} | {calibration_error(reliability(told.found[each.policy])):.3f} |")
    return [
        *lines,
        "",
        f"In brackets: {MASS:.0%} intervals, by resampling places; differences are paired, above 0 where the default is better.",
        "",
    ]


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
