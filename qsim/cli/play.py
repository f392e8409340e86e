"""Play on from a day many times, as `qsim simulate` does: a question asked of a scenario, what is counted, and the answer in words."""

import os
import sys
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.belief.reconstruct import reconstruct
from qsim.belief.reconstruct import told_by as by_one_side
from qsim.belief.timeline import FLAT, Ensemble, Snapshot, Timeline
from qsim.geography.metrics import share, shares
from qsim.record import dates
from qsim.record.cluster import check_installed
from qsim.record.dates import Day, day_range
from qsim.record.ledger import Ledger
from qsim.record.scenario import load, locate
from qsim.record.theatre import Theatre
from qsim.simulation.differences import Difference
from qsim.simulation.fitting import fit
from qsim.simulation.interventions import Cut, Intervention, read_intervention, reported_cuts, schedule, with_ids
from qsim.simulation.model import Counts, Simulation, Summed, mean_of, statuses_counted, summed
from qsim.simulation.rules import Rules, RulesError

GRAIN = 10_000  # shares are counted in hundredths of a per cent, so that they can be added up without an error
LEARNED_DAYS = 45
NO_FORECAST = "Such runs are no forecast of a battle: read the difference that something makes, not the level."


@dataclass(frozen=True, eq=False, slots=True)
class Question:
    """
    What is simulated: the `start`, the `rules` fitted to what was known, the `cuts` reported by then, and what is `imposed` besides.

    `recorded` is the share of the place of each status on the last day by the whole record, and last what nothing is known of, none where
    the record ends before; `page` is the scenario's page, where it has one.
    """

    theatre: Theatre
    start: Snapshot
    rules: Rules
    cuts: tuple[Cut, ...]
    imposed: tuple[Intervention, ...]
    place: str
    days: int
    runs: int
    seed: int
    cluster: str | None
    recorded: tuple[float, ...] = ()
    page: Path | None = None

    @property
    def branches(self) -> list[tuple[Intervention, ...]]:
        """What is imposed on each branch: as it is, and with what is supposed, if anything is."""
        return [self.cuts, *([(*self.cuts, *self.imposed)] if self.imposed else [])]


def ask(
    scenario: str,
    day: str,
    *,
    place: str = "",
    since: str | None = None,
    days: int = 21,
    runs: int = 10_000,
    seed: int = 7,
    what_if: Iterable[str] = (),
    policy: str = "hmm",
    told_by: str | None = None,
    cluster: str | None = None,
) -> Question:
    """
    Check a question, and fit the rules to what was known on the day, by a policy and of what one side told or all.

    The words of `what_if` are those of `read_intervention`.

    Raises
    ------
    RulesError
        With every problem, before any work is done.
    ScenarioError, ClusterError
        When the scenario cannot be read, or a cluster is asked for and dask.distributed is not installed.
    """
    theatre, ledger = load(scenario, progress=sys.stderr.isatty())
    if told_by is not None:
        theatre, ledger = by_one_side(theatre, ledger, told_by)
    if cluster is not None:
        check_installed()
    problems: list[str] = []
    covered = theatre.window()
    first, last = covered.start, covered.end
    start = _or_told(problems, partial(dates.day, day)) or last
    learned = _or_told(problems, partial(dates.day, since)) if since else _or_told(problems, lambda: dates.shifted(start, -LEARNED_DAYS))
    where = place or theatre.in_question or theatre.places[0].id
    _or_told(problems, lambda: share(_blank(theatre), where, theatre.sides[0].id))
    imposed = [with_ids(theatre, found) for words in what_if if (found := _or_told(problems, partial(read_intervention, words, theatre)))]
    problems += [
        f"{name} is {n}; expected a whole number from {least}" for name, n, least in (("days", days, 1), ("runs", runs, 2)) if n < least
    ]
    if not first < start <= last:
        problems.append(f"{start} cannot be played on from; expected a day after {first}, the first of the record, and up to {last}")
    elif learned and learned >= start:
        problems.append(f"--since is {learned}; expected a day before {start}")
    _or_told(problems, lambda: schedule(theatre, day_range(start, dates.shifted(start, max(days, 1))), imposed))
    if problems:
        raise RulesError(problems)
    known = ledger.known_by(start)
    before = reconstruct(theatre, known, start=max(first, learned or first), end=start, policy=policy)
    cuts = reported_cuts(theatre, known, start)
    until, page = dates.shifted(start, days), locate(scenario) / "README.md"
    return Question(
        theatre, before.at(start), fit(before, seed=seed), cuts, tuple(imposed), where, days, runs, seed, cluster,
        recorded_shares(theatre, ledger, where, start, until, policy) if until <= last else (), page if page.is_file() else None,
    )  # fmt: skip


def recorded_shares(theatre: Theatre, ledger: Ledger, place: str, start: date, until: date, policy: str) -> tuple[float, ...]:
    """
    Return how much of a place is of each status on the day `until` by the whole record, replayed from `start` on.

    The last is what nothing is known of; they sum to 1.
    """
    last = reconstruct(theatre, ledger, start=start, end=until, policy=policy).at(until)
    members = list(theatre.members(theatre.id_of(place)))
    area, belief = theatre.area_km2[members], last.belief[members]
    unknown = np.ptp(belief, axis=-1) < FLAT
    of = np.column_stack([np.where(unknown[:, None], 0.0, belief), unknown])
    return tuple((area / area.sum() @ of).tolist())


def play(asked: Question, *, progress: bool = False) -> Summed:
    """Simulate, and count what `told` and `mean` need: whole numbers alone, in flat memory."""
    simulation = Simulation(asked.start, asked.rules, days=asked.days, runs=asked.runs, seed=asked.seed)
    tally = partial(_counted, place=asked.place)
    return summed(simulation, tally, branches=asked.branches, progress=progress, cluster=asked.cluster)


def answer_text(asked: Question, found: Summed, *, rules: bool = False) -> str:
    """
    Return the shares of the place on the last day in words, beside the record; `rules` adds theirs.

    What is imposed comes first, since the difference is what such runs are for; a level between 0 and 100 % is not known.
    """
    theatre = asked.theatre
    _, *counted = _split(asked, found.counts)
    where = theatre.named(asked.place)
    lines = [NO_FORECAST, ""]
    if asked.cuts:
        lines.append(f"Reported cut by {asked.start.day}, and so throughout: {', '.join(cut.link for cut in asked.cuts)}.")
    if again := _cut_already(asked):
        lines.append(f"Imposed, but reported cut already, so that little or nothing changes by it: {', '.join(again)}.")
    lines.append(f"{found.runs} runs from what was known on {asked.start.day}; shares of {where} after {asked.days} days:")
    for name, held, apart in zip(_names(theatre), counted[::2], counted[1::2], strict=True):
        mean, _, low, high = _moments(held, 0)
        if name in _names(theatre)[-2:] and held[0] == apart[GRAIN] == found.runs:
            continue  # nothing is contested, or unknown, in any run
        text = level(mean, low, high)
        if asked.imposed:
            mean, error, low, high = (100 * value for value in _moments(apart, GRAIN))
            ends = f"{mean - 1.645 * error:+.1f} to {mean + 1.645 * error:+.1f}"
            text = f"what is imposed changes it by {mean:+.1f} points ({ends}); without it {text}"
        lines.append(f"{name}: {text}")
    if asked.imposed:
        lines.append("In brackets: the 90 % interval of the mean difference, of luck alone; the rules are taken as fitted.")
    until = dates.shifted(asked.start.day, asked.days)
    lines += ["", beside_the_record(theatre, until, asked.recorded, asked.page)]
    text = "\n".join(textwrap.fill(line, 100, subsequent_indent="  ", break_on_hyphens=False) for line in lines)
    return text + (f"\n\nThe rules, fitted to what was known on {asked.start.day}:\n{asked.rules.table()}" if rules else "")


def _cut_already(asked: Question) -> list[str]:
    """Return the names of the ways that are to be cut and are so as it is, and to whom they are open nevertheless."""
    theatre, shut = asked.theatre, {cut.link: cut.by for cut in asked.cuts}
    found = []
    for each in asked.imposed:
        links = theatre.link_members(each.link) if isinstance(each, Cut) else ()
        if isinstance(each, Cut) and links and all(id in shut for id in links):
            to = sorted({theatre.side(by).name for id in links if (by := shut[id])})
            found.append(theatre.named(each.link) + (f" (to all but {' and '.join(to)})" if to else ""))
    return found


def level(mean: float, low: float, high: float) -> str:
    """
    Return a share that was simulated in words: its mean, and what 5 and 95 % of the runs lie below.

    Examples
    --------
    >>> level(0.61, 0.4, 0.9)
    '61.0%, in 9 of 10 runs 40% to 90%'
    >>> level(0.61, 0.0, 1.0)
    'not known: in 9 of 10 runs 0% to 100% (mean 61.0%)'
    """
    ends = f"in 9 of 10 runs {low:.0%} to {high:.0%}"
    return f"not known: {ends} (mean {mean:.1%})" if (f"{low:.0%}", f"{high:.0%}") == ("0%", "100%") else f"{mean:.1%}, {ends}"


def beside_the_record(theatre: Theatre, until: Day, recorded: Sequence[float], page: Path | None) -> str:
    """
    Return what the whole record has on the last day, and where it is told how well such runs foretell, as a paragraph.

    `recorded` are those of `recorded_shares`, none where the record ends before; `page` is where it is told how well such runs foretell.
    """
    if recorded:
        held = ", ".join(f"{name} {share:.0%}" for name, share in zip(_names(theatre), recorded, strict=True) if share >= 0.005)
        record = f"The whole record has on {dates.day(until)}: {held}."
    else:
        record = f"The record ends before {dates.day(until)}, so that nothing stands beside these shares."
    told = f" How well they foretell is told in {min(str(page), os.path.relpath(page), key=len)}." if page else ""
    return f"{record}{told}"


def in_words(apart: Difference, draws: int) -> str:
    """Return a mean difference with its 90 % intervals: of luck alone, and over so many rules drawn, which the runs took in turn."""
    (low, high), (less, more) = apart.interval(), apart.over_rules(draws)
    return f"{apart.mean:+.2f} (luck {low:+.2f} to {high:+.2f}; rules {less:+.2f} to {more:+.2f})"


def mean(asked: Question, found: Summed) -> Timeline:
    """Return the mean of the histories, with what is imposed if anything is."""
    counts = _split(asked, found.counts)[0].reshape(len(found.days), len(asked.theatre.places), -1)
    return mean_of(asked.theatre, found.days, counts, found.runs, asked.rules)


def _counted(*branches: Ensemble, place: str) -> Counts:
    """Count the statuses of the last branch, and of each its share on the last day and what the last branch differs by, end to end."""
    parts = [statuses_counted(branches[-1]).ravel()]
    ends = [_grains(histories, place) for histories in (branches[0], branches[-1])]
    for first, last in zip(ends[0].T, ends[1].T, strict=True):
        parts += [np.bincount(first, minlength=GRAIN + 1), np.bincount(last - first + GRAIN, minlength=2 * GRAIN + 1)]
    return np.concatenate(parts)


def _grains(histories: Ensemble, place: str) -> NDArray[np.int64]:
    """Return how much of a place is of each status, and unknown, on the last day of each history, (runs, statuses + 1), in grains."""
    ends = Ensemble(histories.theatre, histories.ledger, histories.days[-1:], histories.status[:, -1:])
    return np.rint(shares(ends, place)[:, 0] * GRAIN).astype(np.int64)


def _names(theatre: Theatre) -> list[str]:
    """Return what the shares are of."""
    return [*(side.name for side in theatre.sides), "Contested", "Nothing known"]


def _split(asked: Question, counts: Counts) -> list[Counts]:
    """Take what `_counted` put end to end apart again."""
    kinds, each = len(_names(asked.theatre)), (GRAIN + 1, 2 * GRAIN + 1)
    ends = np.cumsum([len(counts) - kinds * sum(each), *each * kinds])
    return np.split(counts, ends[:-1])


def _moments(counted: Counts, zero: int) -> tuple[float, float, float, float]:
    """Return the mean of what was counted in grains, its standard error, and the values that 5 and 95 % of the runs lie below."""
    values, runs = (np.arange(len(counted)) - zero) / GRAIN, int(counted.sum())
    middle = float(counted @ values / runs)
    error = float(np.sqrt(counted @ (values - middle) ** 2 / max(1, runs - 1) / runs))
    low, high = (float(values[np.searchsorted(counted.cumsum(), q * runs)]) for q in (0.05, 0.95))
    return middle, error, low, high


def _blank(theatre: Theatre) -> Ensemble:
    """Return a history of one day on which nothing is known, to ask whether a question can be asked."""
    return Ensemble(theatre, None, day_range("2000-01-01", "2000-01-01"), np.full((1, 1, len(theatre.places)), -1, dtype=np.int8))


def _or_told(problems: list[str], work: Callable[[], Any]) -> Any:
    """Return what some work gives, or None after adding to the problems why there is nothing."""
    try:
        return work()
    except RulesError as wrong:
        problems += wrong.problems
    except ValueError as wrong:
        problems.append(str(wrong))
    return None
