"""
What could have gone otherwise: control spreading day by day over the theatre's links, by rules that can be fitted to the record.

The model. Every place that something is known of is, on each day, held by a side or contested. Time is discrete, a step a day (`steps`
makes it finer; a daily step is a model of its own, not an approximation of a continuous one). In a step of length dt all places change
at once, by the state before it.

Pressure of side r on place i, over the open links l between i and its neighbours j::

    P_ir = sum_j w_l F_rj u_rj [j is held by r]

where w is 1, or `crossing` across a river or border; F is 1 but for reinforcements; and u is 1 where j is joined to a base of r through
places that r holds or contests, else `starved`.

A place held by s is attacked with the hazard (per day)::

    h_i = sum over r != s of h_ir  +  v_i spill C_i,      h_ir = v_i tempo_r P_ir + unprovoked / (sides - 1)
    v_i = defence_i yielding^[i is cut off from the bases of s] / F_si

with C_i the weighted number of contested neighbours. It is attacked with probability 1 - exp(-h_i dt), by r with probability
h_ir / h_i; the attack takes the place at once with probability `storm`, else, and where fighting next door spilled over, it becomes
contested.

A contested place is resolved with probability 1 - exp(-resolve dt), for side s with a probability proportional to
tempo_s F_si u_si (foothold + P_is).

A pocket is a part of two or more places of one side, joined to each other and to no base. Once one of them has been cut off for
`patience_days`, all of it, what is contested in it included, passes to the side that presses most on it with probability
1 - exp(-surrender) a day: the negotiated withdrawal.

Gateways beyond the frame do not change; an unknown base is its side's; other unknown places stay unknown, press on nobody, and for supply
follow the nearest known place, as in `qsim.encirclement`. A building follows its square from the square's first change on. With one
side's contested places alone spreading (`spill`) and settling (`resolve`) the model is the SIS epidemic (Kiss, Miller and Simon,
Mathematics of epidemics on networks, 2017).

Draws are Philox numbers of (seed, run, step, place, purpose) (Salmon et al. 2011), so that results depend on neither threads nor order, and
a run and its counterfactual share theirs: common random numbers (Glasserman and Yao, Some guidelines and guarantees for common random
numbers, 1992).
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.dates import Days, day
from qsim.ensemble import Ensemble
from qsim.rules import Intervention, Rules, RulesError, Schedule, schedule, terrain
from qsim.theatre import Theatre
from qsim.timeline import FLAT, Snapshot, Timeline, fill_cities, fill_city_status, most_likely_status

LANES = 256  # runs of a tile
BATCH = 16 * LANES  # runs between two looks at the keyboard

Start = Snapshot | Ensemble


@dataclass(frozen=True, eq=False, slots=True)
class Difference:
    """
    What a metric is more in `b` than in `a`, run by run with common random numbers: `values` (runs, ...).

    `mean` and its standard error `se` have the metric's shape without runs.
    """

    values: NDArray[np.float64]

    @property
    def mean(self) -> NDArray[np.float64]:
        """The mean over runs."""
        return np.asarray(self.values.mean(axis=0))

    @property
    def se(self) -> NDArray[np.float64]:
        """The standard error of the mean."""
        return np.asarray(self.values.std(axis=0, ddof=1) / np.sqrt(len(self.values)))

    def interval(self, mass: float = 0.9) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the interval (low, high) in which the *mean* lies with this confidence, by the normal distribution."""
        from scipy.special import ndtri

        half = ndtri((1 + _mass(mass)) / 2) * self.se
        return self.mean - half, self.mean + half

    def range(self, mass: float = 0.9) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the quantiles (low, high) between which the middle `mass` of the *runs* lies."""
        low, high = np.quantile(self.values, [(1 - _mass(mass)) / 2, (1 + mass) / 2], axis=0)
        return low, high

    def __repr__(self) -> str:
        low, high = self.interval()
        return f"Difference({np.array2string(self.mean, precision=3)}, 90% {np.array2string(low, precision=3)} to {np.array2string(high, precision=3)}, {len(self.values)} runs)"


def simulate(
    start: Start,
    rules: Rules,
    *,
    days: int,
    runs: int,
    seed: int,
    interventions: Iterable[Intervention] = (),
    steps: int = 1,
    progress: bool = False,
) -> Ensemble:
    """
    Return `runs` histories from the day of `start` on: the start itself and `days` days after it.

    Parameters
    ----------
    start
        One day of a timeline: each run draws its own map from the belief, place by place. Or an Ensemble: run k begins where its
        history k (counted round and round) ends; with one history all runs begin with one map.
    rules
        The hazards; `fit` estimates them.
    days, runs
        How many days after the start, how many histories. Results of N runs are the first N of those of 2N.
    seed
        Of the draws: the same seed, the same bytes, whatever the number of threads.
    interventions
        `Hold`, `Take`, `Cut`, `Open`, `Reinforce`, each with its days; the later over the earlier.
    steps
        Steps of a day.
    progress
        Whether to show a bar with the time left. Ctrl-C ends the simulation: the runs that are done are returned.

    Returns
    -------
    histories
        `status` of shape (runs, days + 1, places); `ledger` says of links what the interventions did, and is none without any.

    Raises
    ------
    RulesError
        With every problem of the start, the numbers or the interventions.
    """
    prepared = _prepare(start, rules, days, runs, interventions, steps)
    status = np.full((runs, days + 1, len(prepared.theatre.places)), -1, dtype=np.int8)
    done = 0
    with _advancing(runs, progress) as advance:
        for first in range(0, runs, BATCH):
            batch = status[first : first + BATCH]
            prepared.run(first, seed, batch)
            fill_city_status(prepared.theatre, batch)
            done = first + len(batch)
            advance(len(batch))
    return Ensemble(prepared.theatre, prepared.plan.ledger, prepared.days, status[:done])


def expected(
    start: Start,
    rules: Rules,
    *,
    days: int,
    runs: int,
    seed: int,
    interventions: Iterable[Intervention] = (),
    steps: int = 1,
    progress: bool = False,
) -> Timeline:
    """
    Return the mean of `runs` histories as a timeline, without keeping them: whole numbers are added up, in the memory of one batch.

    It is `simulate(...).mean()` to the last bit but for rounding, and `model` tells how many runs were done ("runs"). Parameters and
    errors are those of `simulate`.
    """
    prepared = _prepare(start, rules, days, runs, interventions, steps)
    theatre = prepared.theatre
    counts = np.zeros((days + 1, len(theatre.places), len(theatre.statuses)), dtype=np.int64)
    status = np.empty((min(runs, BATCH), days + 1, len(theatre.places)), dtype=np.int8)
    done = 0
    with _advancing(runs, progress) as advance:
        for first in range(0, runs, BATCH):
            batch = status[: min(BATCH, runs - first)]
            batch[:] = -1
            prepared.run(first, seed, batch)
            fill_city_status(theatre, batch)
            for code in range(len(theatre.statuses)):
                counts[..., code] += (batch == code).sum(axis=0)
            done += len(batch)
            advance(len(batch))
    unknown = done - counts.sum(axis=-1)
    belief = (counts + unknown[..., None] / counts.shape[-1]) / done
    fill_cities(theatre, belief)
    history = np.where(unknown == done, np.int8(-1), most_likely_status(belief))
    fill_city_status(theatre, history)
    silent = np.full(history.shape, np.datetime64("NaT"), dtype="datetime64[D]")
    return Timeline(theatre, None, prepared.days, belief, history, silent, policy="mean of histories", model={"rules": rules, "runs": done})


def difference(a: Ensemble, b: Ensemble, metric: Callable[[Ensemble], NDArray[Any]]) -> Difference:
    """
    Return what `metric` is more in `b` than in `a`, run by run; both simulated with one seed from one start, so that luck cancels.

    `metric` takes an Ensemble and returns (runs, ...), such as `lambda h: qsim.metrics.share(h, "qusayr", "government")`.

    Raises
    ------
    RulesError
        When the ensembles are not of one theatre, window and number of runs, or the metric does not return a value a run.
    """
    if a.theatre is not b.theatre or a.status.shape != b.status.shape or a.days[0] != b.days[0]:
        raise RulesError([f"{a!r} and {b!r} cannot be paired; expected one theatre, the same days and as many runs"])
    values = np.asarray(metric(b), dtype=float) - np.asarray(metric(a), dtype=float)
    if values.shape[:1] != (len(a),) or len(a) < 2:
        raise RulesError([f"the metric gives the shape {values.shape} for {len(a)} runs; expected (runs, ...), and at least two runs"])
    return Difference(values)


def first_time(happened: NDArray[np.bool_]) -> NDArray[np.int_]:
    """
    Return how many days after the first it first happened, per run, shape (runs,); `happened` is (runs, days).

    Where it never did, the number of days: a mean of it is one restricted to the window (and so are differences).
    """
    return np.asarray(np.where(happened.any(axis=1), happened.argmax(axis=1), happened.shape[1]))


@dataclass(frozen=True, eq=False, slots=True)
class _Prepared:
    """A simulation ready to run, batch by batch."""

    theatre: Theatre
    days: Days
    plan: Schedule
    begin: Callable[[int, int, NDArray[np.int8]], None]
    arguments: tuple[object, object, object]

    def run(self, first: int, seed: int, batch: NDArray[np.int8]) -> None:
        """Fill a batch (runs, days, places), -1 throughout, with the runs from `first` on."""
        from qsim.kernels.spread import spread

        self.begin(first, seed, batch)
        forced = self.plan.forced[0]
        batch[:, 0, forced >= 0] = forced[forced >= 0]
        spread(*self.arguments, first, np.uint64(seed % 2**64), batch)


def _prepare(start: Start, rules: Rules, days: int, runs: int, interventions: Iterable[Intervention], steps: int) -> _Prepared:
    """Check everything at once, and lay the map, the hazards and the plan out for the kernel."""
    problems = [
        f"{name} is {value!r}; expected a whole number from {least}"
        for name, value, least in (("days", days, 1), ("runs", runs, 1), ("steps", steps, 1))
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least
    ]
    if not isinstance(start, Snapshot | Ensemble):
        raise RulesError(
            [*problems, f"start is {type(start).__name__}; expected one day of a timeline (`timeline.at(day)`) or an Ensemble"]
        )
    theatre = start.theatre
    names = [side.id for side in theatre.sides]
    problems += [
        f"the rules give a tempo to unknown side {side!r}; expected one of {', '.join(names)}" for side in rules.tempo if side not in names
    ]
    if isinstance(start, Ensemble) and 0 in start.status.shape:
        problems.append(f"the start is empty: {start!r}")
    if problems:
        raise RulesError(problems)
    from qsim.kernels.spread import Ground, Hazard, Plan

    first = day(start.days[-1]) if isinstance(start, Ensemble) else start.day
    calendar = np.arange(np.datetime64(first), np.datetime64(first) + days + 1, dtype="datetime64[D]")
    plan = schedule(theatre, calendar, interventions)
    known, begin = _beginning(start)
    ground = terrain(theatre, rules, known | (plan.forced >= 0).any(axis=0))
    hazard = Hazard(
        np.array([rules.tempo.get(side, rules.pace) for side in names]),
        float(rules.resolve),
        float(rules.storm),
        float(rules.foothold),
        float(rules.starved),
        float(rules.yielding),
        float(rules.spill),
        float(rules.unprovoked),
        float(rules.surrender),
        rules.patience_days,
        int(steps),
    )
    slots = (getattr(ground, name) for name in Ground._fields)
    return _Prepared(theatre, calendar, plan, begin, (Ground(*slots), hazard, Plan(plan.forced, plan.shut, plan.strength)))


def _beginning(start: Start) -> tuple[NDArray[np.bool_], Callable[[int, int, NDArray[np.int8]], None]]:
    """Return of which places (places,) something is known at the start, and what fills day 0 of a batch."""
    if isinstance(start, Ensemble):
        last = start.status[:, -1]

        def repeat(first: int, seed: int, batch: NDArray[np.int8]) -> None:
            batch[:, 0] = last[np.arange(first, first + len(batch)) % len(last)]

        return (last != -1).any(axis=0), repeat
    known = np.ptp(start.belief, axis=-1) >= FLAT
    thresholds = np.floor(np.minimum(start.belief.cumsum(axis=-1), 1.0) * 2.0**32).astype(np.uint64) * known[:, None].astype(np.uint64)

    def draw(first: int, seed: int, batch: NDArray[np.int8]) -> None:
        from qsim.kernels.spread import draw_start

        drawn = np.full((len(batch), len(known)), -1, dtype=np.int8)
        draw_start(thresholds, first, np.uint64(seed % 2**64), drawn)
        batch[:, 0] = drawn

    return known, draw


@contextmanager
def _advancing(runs: int, shown: bool) -> Iterator[Callable[[int], None]]:
    """Give what is called with every batch of runs done; Ctrl-C after the first batch ends the work and keeps what is done."""
    import sys

    done = 0

    def count(more: int) -> None:
        nonlocal done
        done += more
        if bar is not None:
            bar.advance(task, more)

    bar = None
    if shown:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        bar = Progress(TextColumn("runs"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=Console(stderr=True))
        bar.start()
        task = bar.add_task("runs", total=runs)
    try:
        yield count
    except KeyboardInterrupt:
        if not done:
            raise
        print(f"stopped: {done} of {runs} runs are done and kept", file=sys.stderr)
    finally:
        if bar is not None:
            bar.stop()


def _mass(mass: float) -> float:
    if not 0 < mass < 1:
        raise RulesError([f"an interval of {mass}; expected a number between 0 and 1"])
    return mass
