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

A contested place is resolved with probability 1 - exp(-resolve dt), for side s with a probability proportional to::

    tempo_s F_si u_si (foothold [s is there] + P_is) + unprovoked

A side is there where it held the place last, or presses on it (P_is > 0); where nobody knows who held it last, all sides are. With no
weight for any side it stays contested: nobody wins what nobody reaches.

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

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.belief.timeline import FLAT, Ensemble, Snapshot, Timeline, fill_cities, fill_city_status, most_likely_status
from qsim.record.dates import Days
from qsim.record.names import nearest
from qsim.record.theatre import Theatre
from qsim.record.threads import in_threads
from qsim.record.values import sealed
from qsim.simulation.cluster import pieces
from qsim.simulation.interventions import Intervention, Schedule, schedule
from qsim.simulation.rules import Rules, RulesError, hazard, terrain

LANES = 256  # runs of a tile
BATCH = 16 * LANES  # runs between two looks at the keyboard

Start = Snapshot | Ensemble
Counts = NDArray[np.int64]
Tally = Callable[..., Counts]


@dataclass(frozen=True)
class Simulation:
    """
    What is simulated: `runs` histories from the day of `start` on, the start itself and `days` days after it.

    `start` is one day of a timeline: each run draws its own map from the belief, place by place. Or an Ensemble: run k begins where its
    history k (counted round and round) ends; with one history all runs begin with one map. `rules` are the hazards, which `fit`
    estimates; or several, each for a tile of 256 runs in turn (`Fitted.draw` draws them from what the record leaves open). Results of N
    runs are the first N of those of 2N; the same `seed`, the same bytes, whatever the number of threads. Of `interventions`, each with
    its days, the later go over the earlier. `steps` are those of a day. Raise `RulesError` with every problem of all this.
    """

    start: Start
    rules: Rules | Sequence[Rules]
    _: KW_ONLY
    days: int
    runs: int
    seed: int
    interventions: Iterable[Intervention] = ()
    steps: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "interventions", tuple(self.interventions))
        if not isinstance(self.rules, Rules):
            object.__setattr__(self, "rules", tuple(self.rules))
        problems = list(_problems(self))
        if isinstance(self.start, Snapshot | Ensemble):
            try:
                self.schedule  # noqa: B018 (it is checked as it is made)
            except RulesError as wrong:
                problems += wrong.problems
        if problems:
            raise RulesError(problems)

    @property
    def theatre(self) -> Theatre:
        """The map."""
        return self.start.theatre

    @property
    def drawn(self) -> tuple[Rules, ...]:
        """The rules, which the tiles take in turn."""
        return (self.rules,) if isinstance(self.rules, Rules) else tuple(self.rules)

    @property
    def calendar(self) -> Days:
        """The days of the histories, the start's own first."""
        first = self.start.days[-1] if isinstance(self.start, Ensemble) else np.datetime64(self.start.day)
        count = self.days if _whole(self.days) else 1
        return np.asarray(first.astype("datetime64[D]") + np.arange(count + 1).astype("timedelta64[D]"))

    @cached_property
    def schedule(self) -> Schedule:
        """What is imposed, day by day."""
        return schedule(self.theatre, self.calendar, self.interventions)

    def batch(self, first: int, count: int, *, threads: int | None = None) -> Ensemble:
        """Return `count` of the histories from the run `first`, a multiple of 256, on; by default in as many threads as processors."""
        status = np.full((count, len(self.calendar), len(self.theatre.places)), -1, dtype=np.int8)
        _begin(self, first, status)
        _spread(self, first, status, threads)
        fill_city_status(self.theatre, status)
        return Ensemble(self.theatre, self.schedule.ledger, self.calendar, sealed(status))

    @cached_property
    def _holders(self) -> NDArray[np.int8]:
        """Which side held each place last, (histories, places), -1 where it is not known: in a belief, the likeliest side."""
        if isinstance(self.start, Ensemble):
            return last_holders(self.start.status, len(self.theatre.sides))[:, -1]
        return np.where(_known(self.start), self.start.belief[:, :-1].argmax(axis=-1), -1).astype(np.int8)[None]

    @cached_property
    def _laid_out(self) -> tuple[tuple[Any, Any, Any], ...]:
        """The kernel's arguments, one triple for each of the rules."""
        from qsim.simulation.kernels.spread import Ground, Hazard, Plan

        plan = Plan(self.schedule.forced, self.schedule.shut, self.schedule.strength)
        known = _known(self.start) | (self.schedule.forced >= 0).any(axis=0)
        grounds = [terrain(self.theatre, each, known) for each in self.drawn]
        return tuple(
            (Ground(*(getattr(ground, name) for name in Ground._fields)), Hazard(*hazard(self.theatre, each, self.steps)), plan)
            for ground, each in zip(grounds, self.drawn, strict=True)
        )


def simulate(
    start: Start,
    rules: Rules | Sequence[Rules],
    *,
    days: int,
    runs: int,
    seed: int,
    interventions: Iterable[Intervention] = (),
    steps: int = 1,
    progress: bool = False,
) -> Ensemble:
    """
    Return the histories of `Simulation(start, rules, days=days, ...)`, which says what the parameters are.

    Parameters
    ----------
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
    asked = Simulation(start, rules, days=days, runs=runs, seed=seed, interventions=interventions, steps=steps)
    status, done = np.empty((runs, days + 1, len(asked.theatre.places)), dtype=np.int8), 0
    with _advancing(runs, progress) as advance:
        for first in range(0, runs, BATCH):
            count = min(BATCH, runs - first)
            status[first : first + count] = asked.batch(first, count).status
            done = first + count
            advance(count)
    return Ensemble(asked.theatre, asked.schedule.ledger, asked.calendar, sealed(status[:done]))


def expected(asked: Simulation, *, progress: bool = False, cluster: str | None = None) -> Timeline:
    """
    Return the mean of the histories as a timeline, without keeping them: whole numbers are added up, in the memory of one batch.

    It is the mean of what `simulate` gives to the last bit but for rounding, and `model` tells how many runs were done ("runs").
    Parameters and errors are those of `summed`.
    """
    found = summed(asked, statuses_counted, progress=progress, cluster=cluster)
    return mean_of(asked.theatre, found.days, found.counts, found.runs, asked.rules)


@dataclass(frozen=True, eq=False, slots=True)
class Summed:
    """What was counted over so many `runs`: `counts` has the shape that the tally returns, `days` are those of the histories."""

    counts: Counts
    runs: int
    days: Days


def summed(
    asked: Simulation,
    tally: Tally,
    *,
    branches: Iterable[Iterable[Intervention]] | None = None,
    progress: bool = False,
    cluster: str | None = None,
) -> Summed:
    """
    Return what a tally counts over the histories, added up batch by batch in flat memory: a million runs need no more than 4,096.

    Parameters
    ----------
    asked
        What is simulated.
    tally
        Takes an Ensemble for each branch, of the same runs, and returns whole numbers, an array that can be added to the next one.
    branches
        The interventions of each branch, in place of those of `asked`; branches share their draws, run by run.
    progress
        Whether to show a bar. Ctrl-C ends the work: the sums are those of the first runs, so many as `runs` of the answer says.
    cluster
        The address of a scheduler of dask.distributed, such as tcp://host:8786, or "local" for the processors of this machine. The
        sums are the same whole numbers with a cluster as without. A script that asks for "local" guards its work by
        `if __name__ == "__main__":`, as all that start processes do.

    Raises
    ------
    RulesError
        As `Simulation`.
    ClusterError
        When the cluster cannot be reached, or dask.distributed is not installed.
    """
    each = [asked] if branches is None else [replace(asked, interventions=tuple(branch)) for branch in branches]
    work = _Work(tuple(each), tally)
    counted: tuple[Counts | int, int] = (0, 0)
    with _advancing(asked.runs, progress) as advance:
        for found, count in _pieces(work, asked.runs, cluster):
            counted = counted[0] + found, counted[1] + count  # at one stroke: Ctrl-C may come between any two
            advance(count)
    return Summed(np.asarray(counted[0]), counted[1], asked.calendar)


def mean_of(theatre: Theatre, days: Days, counts: Counts, runs: int, rules: Rules | Sequence[Rules]) -> Timeline:
    """Return the timeline of how many of `runs` histories had each status, `counts` (days, places, statuses); unknown counts for all alike."""
    unknown = runs - counts.sum(axis=-1)
    belief = (counts + unknown[..., None] / counts.shape[-1]) / runs
    fill_cities(theatre, belief)
    history = np.where(unknown == runs, np.int8(-1), most_likely_status(belief))
    fill_city_status(theatre, history)
    return Timeline(
        theatre, None, days, sealed(belief), sealed(history), None, policy="mean of histories", model={"rules": rules, "runs": runs}
    )


def statuses_counted(histories: Ensemble) -> Counts:
    """Return in how many of the histories each place has each status on each day, (days, places, statuses): a tally."""
    status = histories.status
    counts = np.zeros((*status.shape[1:], len(histories.theatre.statuses)), dtype=np.int64)
    for first in range(0, len(status), 255):  # so many fit a byte, which adds up many times as fast
        some = status[first : first + 255]
        for code in range(counts.shape[-1]):
            counts[..., code] += np.add.reduce((some == code).view(np.uint8), axis=0, dtype=np.uint8)
    return counts


@dataclass(frozen=True, eq=False, slots=True)
class _Work:
    """What is counted of each batch of runs."""

    branches: tuple[Simulation, ...]
    tally: Tally

    def __call__(self, first: int, count: int, threads: int | None = None) -> Counts:
        """Return what is counted of `count` runs from `first` on, whole batches but for the last."""
        total: Counts | int = 0
        for begin in range(first, first + count, BATCH):
            some = min(BATCH, first + count - begin)
            total = total + self.tally(*(each.batch(begin, some, threads=threads) for each in self.branches))
        return np.asarray(total)


def _pieces(work: _Work, runs: int, cluster: str | None) -> Iterator[tuple[Counts, int]]:
    """Yield what is counted of one piece of the runs after the other, in order, and how many runs it had."""
    if cluster is not None:
        yield from pieces(work, runs, cluster, least=BATCH)
        return
    for first in range(0, runs, BATCH):
        count = min(BATCH, runs - first)
        yield work(first, count), count


def _whole(value: object) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | np.integer) and bool(value >= 1)


def _problems(asked: Simulation) -> Iterator[str]:
    """Yield what is wrong, but for the interventions."""
    for name in ("days", "runs", "steps"):
        if not _whole(getattr(asked, name)):
            yield f"{name} is {getattr(asked, name)!r}; expected a whole number from 1"
    if not asked.drawn or not all(isinstance(each, Rules) for each in asked.drawn):
        yield f"rules is {asked.rules!r}; expected Rules, or several"
    if not isinstance(asked.start, Snapshot | Ensemble):
        yield f"start is {type(asked.start).__name__}; expected one day of a timeline (`timeline.at(day)`) or an Ensemble"
        return
    if isinstance(asked.start, Ensemble) and 0 in asked.start.status.shape:
        yield f"the start is empty: {asked.start!r}"
    names = [side.id for side in asked.theatre.sides]
    for side in sorted({side for each in asked.drawn if isinstance(each, Rules) for side in each.tempo if side not in names}):
        yield f"the rules give a tempo to unknown side {side!r}{nearest(side, names)}; expected one of {', '.join(names)}"


def _known(start: Start) -> NDArray[np.bool_]:
    """Return of which places (places,) something is known."""
    return np.asarray((start.status[:, -1] != -1).any(axis=0) if isinstance(start, Ensemble) else np.ptp(start.belief, axis=-1) >= FLAT)


def last_holders(status: NDArray[np.int8], sides: int) -> NDArray[np.int8]:
    """Return which side held each place last up to each day, `status` (runs, days, places) alike; -1 where none is known to have."""
    held, days = (status >= 0) & (status < sides), np.arange(status.shape[1])[None, :, None]
    since = np.maximum.accumulate(np.where(held, days, -1), axis=1)
    return np.where(since < 0, np.int8(-1), np.take_along_axis(status, np.maximum(since, 0), axis=1))


def _begin(asked: Simulation, first: int, status: NDArray[np.int8]) -> None:
    """Fill the first day of a batch, -1 throughout, with the runs from `first` on."""
    from qsim.simulation.kernels.spread import draw_start

    start, forced = asked.start, asked.schedule.forced[0]
    if isinstance(start, Ensemble):
        status[:, 0] = start.status[np.arange(first, first + len(status)) % len(start.status), -1]
    else:
        thresholds = np.floor(np.minimum(start.belief.cumsum(axis=-1), 1.0) * 2.0**32).astype(np.uint64)
        drawn = np.full((len(status), status.shape[2]), -1, dtype=np.int8)
        draw_start(thresholds * _known(start)[:, None].astype(np.uint64), first, np.uint64(asked.seed % 2**64), drawn)
        status[:, 0] = drawn
    status[:, 0, forced >= 0] = forced[forced >= 0]


def _spread(asked: Simulation, first: int, status: NDArray[np.int8], threads: int | None) -> None:
    """Fill the days after the first of a batch, its tiles shared among threads: compiled, they let go of the interpreter."""
    from qsim.simulation.kernels.spread import run_tile

    holders, seed = asked._holders, np.uint64(asked.seed % 2**64)

    def some(begin: int, after: int) -> None:
        for tile in range(begin, after):
            at = tile * LANES
            rules = asked._laid_out[(first + at) // LANES % len(asked.drawn)]
            run_tile(*rules, holders, first + at, seed, status[at : at + LANES])

    in_threads(some, -(-len(status) // LANES), threads=threads)


@contextmanager
def _advancing(runs: int, shown: bool) -> Iterator[Callable[[int], None]]:
    """Give what is called with every batch of runs done; Ctrl-C after the first batch ends the work and keeps what is done."""
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
