"""
What the simulation would have foretold on a day from what was known then, and how that compares with simpler guesses.

A forecast sees `ledger.known_by(day)` alone: its start and its rules come from that. It is scored against the reconstruction from the
whole record, itself a belief: each score is its expectation under that belief. Beside it stand persistence (the belief of the start
stays) and the average pace (each place on its own, at the rate at which statuses changed in the days that were fitted).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from qsim.dates import Day, day
from qsim.fitting import fit
from qsim.ledger import Ledger
from qsim.reconstruct import reconstruct
from qsim.rules import Rules, RulesError, reported_cuts
from qsim.simulation import expected
from qsim.theatre import Theatre
from qsim.timeline import FLAT, Timeline

Floats = NDArray[np.float64]
UNIFORM = 0.03  # mixed into every forecast, as in `qsim.scores`, so that certainty can be compared
WAYS = ("simulated", "persistence", "average pace")


@dataclass(frozen=True, eq=False, slots=True)
class Forecast:
    """
    A forecast made on `day` from what was known then: its `rules`, and for each way of foretelling a belief (days + 1, places, statuses)
    from that day on. `known` is the reconstruction that it started from, `simulated` the mean of the histories.
    """

    day: date
    rules: Rules
    known: Timeline
    simulated: Timeline
    beliefs: Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The scores of one way of foretelling, so many days ahead, over `places`; larger log scores and smaller Brier scores are better."""

    day: date
    way: str
    ahead_days: int
    changing: bool
    places: int
    log_score: float
    brier: float
    calibration: float
    better: float  # the log score above that of persistence, place by place
    better_se: float


def forecast(theatre: Theatre, ledger: Ledger, moment: Day, *, since: Day, days: int, runs: int = 10_000, seed: int = 7) -> Forecast:
    """
    Return what would have been foretold at the end of `moment` for the `days` after it.

    Parameters
    ----------
    theatre, ledger
        A scenario; of the ledger only what was known by `moment` is used.
    moment
        The day of the forecast.
    since
        The first day of the phase whose tempo is learned, by `fit`.
    days, runs, seed
        As in `simulate`.

    Raises
    ------
    RulesError
        When `since` does not lie before the day, or the numbers are wrong.
    """
    today = day(moment)
    if day(since) >= today:
        raise RulesError([f"the phase to learn from begins on {day(since)}; expected a day before {today}"])
    told = ledger.known_by(today)
    known = reconstruct(theatre, told, start=since, end=today + timedelta(days=1))
    rules = fit(known, seed=seed)
    cuts = reported_cuts(theatre, told, today)
    simulated = expected(known.at(today), rules, days=days, runs=runs, seed=seed, interventions=cuts)
    now = known.belief[-1]
    pace = average_pace(known, seed)
    beliefs = {
        "simulated": simulated.belief,
        "persistence": np.broadcast_to(now, simulated.belief.shape),
        "average pace": np.stack([now @ np.linalg.matrix_power(pace, ahead) for ahead in range(days + 1)]),
    }
    return Forecast(today, rules, known, simulated, beliefs)


def average_pace(timeline: Timeline, seed: int, histories: int = 50) -> Floats:
    """Return how often a status turned into another from one day to the next in histories drawn from the belief, (statuses, statuses)."""
    status = timeline.sample(histories, seed).status
    kinds = len(timeline.statuses)
    before, after = status[:, :-1].ravel(), status[:, 1:].ravel()
    both = (before != -1) & (after != -1)
    counts = np.bincount(before[both] * kinds + after[both], minlength=kinds**2).reshape(kinds, kinds) + np.eye(kinds)
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def outcomes(made: Forecast, record: Timeline, *, ahead_days: Sequence[int]) -> list[Outcome]:
    """
    Return the scores of a forecast and of its rivals against the record, for all places and for those that change in the days foretold.

    Places count that both the forecast and the record know something of; buildings, gateways and whole cities do not, their parts do.
    """
    theatre = record.theatre
    first = record.position(made.day)
    last = first + max(ahead_days)
    own = np.array([place.id not in theatre.parts and place.within is None and not place.gateway for place in theatre.places])
    heard = own & (np.ptp(made.known.belief[-1], axis=-1) >= FLAT) & (np.ptp(record.belief[last], axis=-1) >= FLAT)
    changing = heard & (record.history[first : last + 1] != record.history[first]).any(axis=0)
    return [
        _outcome(made, way, ahead, where is changing, record.belief[first + ahead, where], where)
        for ahead in ahead_days
        for where in (heard, changing)
        for way in WAYS
        if where.any()
    ]


def report(found: Sequence[Outcome]) -> str:
    """Return the outcomes as a Markdown table."""
    lines = [
        "| known by | days ahead | places | forecast | log score | Brier | calibration error | better than persistence |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for each in found:
        which = f"{each.places}{' that change' if each.changing else ''}"
        better = "" if each.way == "persistence" else f"{each.better:+.3f} ± {each.better_se:.3f}"
        lines.append(
            f"| {each.day} | {each.ahead_days} | {which} | {each.way} | {each.log_score:.3f} | {each.brier:.3f} | {each.calibration:.3f} | {better} |"
        )
    return "\n".join(
        [*lines, "", "After ±: one standard error of the paired difference in log score over places, which are not independent."]
    )


def _outcome(made: Forecast, way: str, ahead: int, changing: bool, truth: Floats, where: NDArray[np.bool_]) -> Outcome:
    said = _softened(made.beliefs[way][ahead, where])
    logs = (truth * np.log(said)).sum(axis=-1)
    stayed = (truth * np.log(_softened(made.beliefs["persistence"][ahead, where]))).sum(axis=-1)
    briers = (said**2).sum(axis=-1) - 2 * (said * truth).sum(axis=-1) + 1
    better = logs - stayed
    error = float(better.std(ddof=1) / np.sqrt(len(better))) if len(better) > 1 else float("nan")
    return Outcome(
        made.day,
        way,
        ahead,
        changing,
        len(logs),
        float(logs.mean()),
        float(briers.mean()),
        _calibration(said, truth),
        float(better.mean()),
        error,
    )


def _softened(belief: Floats) -> Floats:
    return np.asarray((1 - UNIFORM) * belief + UNIFORM / belief.shape[-1])


def _calibration(said: Floats, truth: Floats, bins: int = 10) -> float:
    """Return the expected calibration error: how far the probabilities said lie from what came true, in bins of a tenth."""
    flat, true = said.ravel(), truth.ravel()
    where = np.minimum((flat * bins).astype(int), bins - 1)
    apart = [abs(flat[where == b].sum() - true[where == b].sum()) for b in range(bins)]
    return float(sum(apart) / len(flat))
