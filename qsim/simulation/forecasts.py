"""
What the simulation would have foretold on a day from what was known then, and how that compares with simpler guesses.

A forecast sees `ledger.known_by(day)` alone: its start, its rules and the links it finds cut come from that. It is scored against the
reconstruction from the whole record, itself a belief: each score is its expectation under that belief. Beside it stand persistence (the
belief of the start stays) and the average pace (each place on its own, at the rate at which each side's places changed in the days that
were fitted).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from qsim.belief.reconstruct import reconstruct
from qsim.belief.scores import calibration_error, diagram
from qsim.belief.timeline import FLAT, Ensemble, Timeline
from qsim.geography.metrics import encirclement, share
from qsim.record.dates import Day, day
from qsim.record.ledger import Ledger
from qsim.record.theatre import Theatre
from qsim.record.values import by_fields, equal, keep
from qsim.simulation.differences import first_time
from qsim.simulation.fitting import Fitted, fitted
from qsim.simulation.interventions import Cut, reported_cuts
from qsim.simulation.model import Simulation, expected
from qsim.simulation.rules import Rules, RulesError

Floats = NDArray[np.float64]
UNIFORM = 0.03  # mixed into every forecast, as in `qsim.scores`, so that certainty can be compared
WAYS = ("simulated", "persistence", "average pace")
WHOLLY = 0.97  # of a city's area: it has fallen


@dataclass(frozen=True, eq=False, slots=True)
class Forecast:
    """
    A forecast made on `day` from what was known then, and for each way of foretelling a belief (days + 1, places, statuses) from that
    day on. `known` is the reconstruction that it started from, `fitted` what was learned of the rules, `cuts` the links that were
    reported cut, which stay so, and `simulated` the mean of the histories.
    """

    day: date
    known: Timeline
    fitted: Fitted
    cuts: tuple[Cut, ...]
    simulated: Timeline
    beliefs: Mapping[str, Floats]

    __eq__ = equal
    __reduce__ = by_fields

    def __post_init__(self) -> None:
        keep(self, "beliefs")

    @property
    def rules(self) -> Rules:
        """The most likely rules."""
        return self.fitted.rules


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    The scores of a forecast so many days ahead over `places`: those that ever change in the record (`changing`), or all.

    By way of foretelling: `log_score` (larger is better), `brier` and `calibration`, the expected calibration error (smaller is better).
    `above` is by how much the simulation's log score is above a rival's, with the standard error of the paired difference over places.
    """

    day: date
    ahead_days: int
    changing: bool
    places: int
    log_score: Mapping[str, float]
    brier: Mapping[str, float]
    calibration: Mapping[str, float]
    above: Mapping[str, tuple[float, float]]

    def __post_init__(self) -> None:
        keep(self, "log_score", "brier", "calibration", "above")


@dataclass(frozen=True, slots=True)
class Check:
    """
    What was simulated of one quantity, beside the record: 5, 50 and 95 % of the histories of each.

    `below` is the share of simulated histories that lie below the record's, ties half: the quantile at which the record falls.
    """

    what: str
    simulated: tuple[float, float, float]
    recorded: tuple[float, float, float]
    below: float


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
    known = reconstruct(theatre, told, start=since, end=today)
    learned = fitted(known, seed=seed)
    cuts = reported_cuts(theatre, told, today)
    simulated = expected(Simulation(known.at(today), learned.rules, days=days, runs=runs, seed=seed, interventions=cuts))
    now = known.belief[-1]
    pace = average_pace(known, seed)
    beliefs = {
        "simulated": simulated.belief,
        "persistence": np.broadcast_to(now, simulated.belief.shape),
        "average pace": np.stack([now @ np.linalg.matrix_power(pace, ahead) for ahead in range(days + 1)]),
    }
    return Forecast(today, known, learned, cuts, simulated, beliefs)


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
    Return the scores of a forecast and of its rivals against the record, for all places and for those that ever change in the record.

    Places count that both the forecast and the record know something of; buildings, gateways and whole cities do not, their parts do.
    Those that change are told apart where not all do.
    """
    first = record.position(made.day)
    heard = _heard(made, record, first + max(ahead_days))
    before, after = record.history[:-1], record.history[1:]
    changing = heard & ((before != after) & (before != -1) & (after != -1)).any(axis=0)
    groups = [(False, heard), *([(True, changing)] if 0 < changing.sum() < heard.sum() else [])]
    return [_outcome(made, ahead, *group, record.belief[first + ahead]) for ahead in ahead_days for group in groups if heard.any()]


def reliability(made: Forecast, record: Timeline, *, way: str, ahead_days: Sequence[int], bins: int = 10) -> Floats:
    """
    Return a reliability diagram of one way of foretelling over some horizons, (bins, 3): mean probability said, how much of it came
    true by the record, and how many probabilities; NaN where none was said.
    """
    first = record.position(made.day)
    where = _heard(made, record, first + max(ahead_days))
    said = np.concatenate([_softened(made.beliefs[way][ahead, where]).ravel() for ahead in ahead_days])
    true = np.concatenate([record.belief[first + ahead, where].ravel() for ahead in ahead_days])
    return diagram(said, true, bins)


def predictive_checks(simulated: Ensemble, recorded: Ensemble, *, place: str, inside: str, by: str, on: Day) -> list[Check]:
    """
    Return what histories foretold of a siege, beside histories of the record over the same days: the day on which the hold of the side
    `inside` on `place` was first cut off, the day on which the side `by` first had all of it, and the share that `by` had `on` a day.

    Days are counted from the first; where it never came about, it counts as the day after the last.
    """
    measured = []
    for histories in (simulated, recorded):
        held = share(histories, place, by)
        that = int((np.datetime64(day(on)) - histories.days[0]).astype(int))
        measured.append((first_time(encirclement(histories, place, inside)), first_time(held > WHOLLY), held[:, that]))
    names = ("the ring closes, days on", "the city falls, days on", f"share on {day(on)}")
    return [_check(what, *pair) for what, *pair in zip(names, *measured, strict=True)]


def report(found: Sequence[Outcome]) -> str:
    """Return the outcomes as a Markdown table: by way of foretelling, in the order of `WAYS`."""
    lines = [
        "| known by | days ahead | places | log score: simulated, persistence, average pace | Brier | calibration error | above persistence | above average pace |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for each in found:
        scores = " | ".join(", ".join(f"{by[way]:.3f}" for way in WAYS) for by in (each.log_score, each.brier, each.calibration))
        above = " | ".join("{:+.3f} ± {:.3f}".format(*each.above[way]) for way in WAYS[1:])
        which = f"{each.places}{' that change' if each.changing else ''}"
        lines.append(f"| {each.day} | {each.ahead_days} | {which} | {scores} | {above} |")
    return "\n".join(lines)


def checks_report(found: Sequence[Check]) -> str:
    """Return predictive checks as a Markdown table."""
    lines = ["| | simulated: 5 %, 50 %, 95 % | record: 5 %, 50 %, 95 % | simulated below the record |", "|---|---|---|---|"]
    for each in found:
        scale, unit = (100, " %") if each.what.startswith("share") else (1, "")
        told = (", ".join(f"{scale * value:.0f}{unit}" for value in values) for values in (each.simulated, each.recorded))
        lines.append(f"| {each.what} | {' | '.join(told)} | {100 * each.below:.0f} % |")
    return "\n".join(lines)


def _heard(made: Forecast, record: Timeline, last: int) -> NDArray[np.bool_]:
    """Return of which places (places,) both the forecast and the record know something, buildings, gateways and whole cities left out."""
    theatre = record.theatre
    return np.asarray(
        theatre.with_own_status & (np.ptp(made.known.belief[-1], axis=-1) >= FLAT) & (np.ptp(record.belief[last], axis=-1) >= FLAT)
    )


def _outcome(made: Forecast, ahead: int, changing: bool, where: NDArray[np.bool_], belief: Floats) -> Outcome:
    truth = belief[where]
    said = {way: _softened(made.beliefs[way][ahead, where]) for way in WAYS}
    logs = {way: (truth * np.log(said[way])).sum(axis=-1) for way in WAYS}
    briers = {way: float(((said[way] ** 2).sum(axis=-1) - 2 * (said[way] * truth).sum(axis=-1) + 1).mean()) for way in WAYS}
    errors = {way: calibration_error(diagram(said[way].ravel(), truth.ravel())) for way in WAYS}
    apart = {way: logs[WAYS[0]] - logs[way] for way in WAYS[1:]}
    count = int(where.sum())
    above = {way: (float(d.mean()), float(d.std(ddof=1) / np.sqrt(count)) if count > 1 else float("nan")) for way, d in apart.items()}
    return Outcome(made.day, ahead, changing, count, {way: float(logs[way].mean()) for way in WAYS}, briers, errors, above)


def _check(what: str, simulated: NDArray[np.generic], recorded: NDArray[np.generic]) -> Check:
    """Compare the distributions (runs,) of one quantity; shares that differ by less than a thousandth are equal."""
    ours, theirs = np.sort(np.round(simulated.astype(float), 3)), np.round(recorded.astype(float), 3)
    below = (np.searchsorted(ours, theirs, side="left") + np.searchsorted(ours, theirs, side="right")).mean() / 2 / len(ours)
    spans = [tuple(float(q) for q in np.quantile(each, (0.05, 0.5, 0.95))) for each in (ours, theirs)]
    return Check(what, (spans[0][0], spans[0][1], spans[0][2]), (spans[1][0], spans[1][1], spans[1][2]), float(below))


def _softened(belief: Floats) -> Floats:
    return np.asarray((1 - UNIFORM) * belief + UNIFORM / belief.shape[-1])
