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

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qsim.belief.timeline import Ensemble, Timeline, fill_cities, fill_city_status, most_likely_status
from qsim.record.dates import Days
from qsim.record.theatre import Theatre
from qsim.simulation.cluster import pieces
from qsim.simulation.interventions import Intervention
from qsim.simulation.rules import Rules
from qsim.simulation.setup import BATCH, Prepared, Start, prepare

Counts = NDArray[np.int64]
Tally = Callable[..., Counts]


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
    Return `runs` histories from the day of `start` on: the start itself and `days` days after it.

    Parameters
    ----------
    start
        One day of a timeline: each run draws its own map from the belief, place by place. Or an Ensemble: run k begins where its
        history k (counted round and round) ends; with one history all runs begin with one map.
    rules
        The hazards; `fit` estimates them. Or several, each for a tile of 256 runs in turn: `Fitted.draw` draws them from what the
        record leaves open, so that the histories differ by that as well.
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
    prepared = prepare(start, rules, days=days, runs=runs, interventions=interventions, steps=steps)
    status = np.empty((runs, days + 1, len(prepared.theatre.places)), dtype=np.int8)
    done = 0
    with _advancing(runs, progress) as advance:
        for first in range(0, runs, BATCH):
            batch = status[first : first + BATCH]
            prepared.run(first, seed, batch)
            done = first + len(batch)
            advance(len(batch))
    return Ensemble(prepared.theatre, prepared.ledger, prepared.days, status[:done])


def expected(
    start: Start,
    rules: Rules | Sequence[Rules],
    *,
    days: int,
    runs: int,
    seed: int,
    interventions: Iterable[Intervention] = (),
    steps: int = 1,
    progress: bool = False,
    cluster: str | None = None,
) -> Timeline:
    """
    Return the mean of `runs` histories as a timeline, without keeping them: whole numbers are added up, in the memory of one batch.

    It is `simulate(...).mean()` to the last bit but for rounding, and `model` tells how many runs were done ("runs"). Parameters and
    errors are those of `simulate`, and `cluster` that of `summed`.
    """
    found = summed(
        start,
        rules,
        statuses_counted,
        days=days,
        runs=runs,
        seed=seed,
        branches=[interventions],
        steps=steps,
        progress=progress,
        cluster=cluster,
    )
    return mean_of(start.theatre, found.days, found.counts, found.runs, rules)


@dataclass(frozen=True, eq=False, slots=True)
class Summed:
    """What was counted over so many `runs`: `counts` has the shape that the tally returns, `days` are those of the histories."""

    counts: Counts
    runs: int
    days: Days


def summed(
    start: Start,
    rules: Rules | Sequence[Rules],
    tally: Tally,
    *,
    days: int,
    runs: int,
    seed: int,
    branches: Iterable[Iterable[Intervention]] = ((),),
    steps: int = 1,
    progress: bool = False,
    cluster: str | None = None,
) -> Summed:
    """
    Return what a tally counts over `runs` histories, added up batch by batch in flat memory: a million runs need no more than 4,096.

    Parameters
    ----------
    start, rules, days, runs, seed, steps, progress
        As in `simulate`. Ctrl-C ends the work: the sums are those of the first runs, so many as `runs` of the answer says.
    tally
        Takes an Ensemble for each branch, of the same runs, and returns whole numbers, an array that can be added to the next one.
    branches
        The interventions of each branch; branches share their draws, run by run.
    cluster
        The address of a scheduler of dask.distributed, such as tcp://host:8786, or "local" for the processors of this machine. The
        sums are the same whole numbers with a cluster as without. A script that asks for "local" guards its work by
        `if __name__ == "__main__":`, as all that start processes do.

    Raises
    ------
    RulesError
        As `simulate`.
    ClusterError
        When the cluster cannot be reached, or dask.distributed is not installed.
    """
    asked = [list(each) for each in branches]
    ready = [prepare(start, rules, days=days, runs=runs, interventions=each, steps=steps) for each in asked]
    work = _Work(tuple(ready), int(seed), tally)
    counted: tuple[Counts | int, int] = (0, 0)
    with _advancing(runs, progress) as advance:
        for found, count in _pieces(work, runs, cluster):
            counted = counted[0] + found, counted[1] + count  # at one stroke: Ctrl-C may come between any two
            advance(count)
    return Summed(np.asarray(counted[0]), counted[1], ready[0].days)


def mean_of(theatre: Theatre, days: Days, counts: Counts, runs: int, rules: Rules | Sequence[Rules]) -> Timeline:
    """Return the timeline of how many of `runs` histories had each status, `counts` (days, places, statuses); unknown counts for all alike."""
    unknown = runs - counts.sum(axis=-1)
    belief = (counts + unknown[..., None] / counts.shape[-1]) / runs
    fill_cities(theatre, belief)
    history = np.where(unknown == runs, np.int8(-1), most_likely_status(belief))
    fill_city_status(theatre, history)
    silent = np.full(history.shape, np.datetime64("NaT"), dtype="datetime64[D]")
    return Timeline(theatre, None, days, belief, history, silent, policy="mean of histories", model={"rules": rules, "runs": runs})


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

    branches: tuple[Prepared, ...]
    seed: int
    tally: Tally

    def __call__(self, first: int, count: int) -> Counts:
        """Return what is counted of `count` runs from `first` on, whole batches but for the last."""
        total: Counts | int = 0
        for begin in range(first, first + count, BATCH):
            histories = []
            for each in self.branches:
                status = np.empty((min(BATCH, first + count - begin), len(each.days), len(each.theatre.places)), dtype=np.int8)
                each.run(begin, self.seed, status)
                histories.append(Ensemble(each.theatre, each.ledger, each.days, status))
            total = total + self.tally(*histories)
        return np.asarray(total)


def _pieces(work: _Work, runs: int, cluster: str | None) -> Iterator[tuple[Counts, int]]:
    """Yield what is counted of one piece of the runs after the other, in order, and how many runs it had."""
    if cluster is not None:
        yield from pieces(work, runs, cluster, least=BATCH)
        return
    for first in range(0, runs, BATCH):
        count = min(BATCH, runs - first)
        yield work(first, count), count


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
