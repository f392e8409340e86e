"""From snapshots to intervals: the same status in one list after another is one statement with a start and an end, not many."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Protocol, TypeVar

from qsim.exchange.report import Report

LONGEST_GAP = timedelta(days=31)


class Record(Protocol):
    """Anything with a name that stands in a row of a file."""

    @property
    def at(self) -> tuple[str, int]:
        """The file and the row."""

    @property
    def name(self) -> str:
        """What the record calls its place."""


R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Run:
    """
    One status of one place in one list, from the first to the last snapshot that shows it, both included.

    Where the list ends, the run ends: of the days after its last snapshot it says nothing. `seen` is the number of snapshots that show
    it, `row` the first row that says so.
    """

    status: str
    start: datetime
    end: datetime
    seen: int
    row: int


@dataclass(slots=True)
class Stretch:
    """One status over neighbouring snapshots, by their position in the list, both included; `row` is the first that says so."""

    first: int
    last: int
    status: str
    row: int


def extend(stretches: list[Stretch], first: int, last: int, status: str, row: int) -> None:
    """Add what some snapshots show of a place: to its last stretch where it goes on, else as a new one. In order this takes no memory."""
    end = stretches[-1] if stretches else None
    if end is not None and end.last + 1 == first and end.status == status:
        end.last = last
    else:
        stretches.append(Stretch(first, last, status, row))


def runs(seen: Iterable[tuple[datetime, str, int]], snapshots: Sequence[datetime], *, longest_gap: timedelta = LONGEST_GAP) -> list[Run]:
    """
    Return the runs of one place in one list.

    Parameters
    ----------
    seen
        (instant, status, row) of every snapshot that shows the place, one for each instant.
    snapshots
        All instants of the list, sorted: a snapshot that does not show the place ends its run.
    longest_gap
        Snapshots further apart than this are no interval: nobody saw what was so between them.

    Examples
    --------
    >>> days = [datetime(2031, 5, day) for day in (1, 2, 3, 4)]
    >>> [(run.status, run.start.day, run.end.day) for run in runs([(day, "red", 2) for day in days[:2]], days)]
    [('red', 1, 2)]
    """
    position = {moment: i for i, moment in enumerate(snapshots)}
    stretches: list[Stretch] = []
    for moment, status, row in sorted(seen):
        extend(stretches, position[moment], position[moment], status, row)
    return joined(stretches, snapshots, longest_gap=longest_gap)


def joined(stretches: Iterable[Stretch], snapshots: Sequence[datetime], *, longest_gap: timedelta = LONGEST_GAP) -> list[Run]:
    """Return the runs that stretches of one place make, whatever their order: neighbours of one status joined, parted at long gaps."""
    whole: list[Stretch] = []
    for each in sorted(stretches, key=lambda each: each.first):
        extend(whole, each.first, each.last, each.status, each.row)
    gaps = [i for i in range(1, len(snapshots)) if snapshots[i] - snapshots[i - 1] > longest_gap]
    found = []
    for each in whole:
        edges = [each.first, *(i for i in gaps if each.first < i <= each.last), each.last + 1]
        for first, after in pairwise(edges):
            found.append(Run(each.status, snapshots[first], snapshots[after - 1], after - first, each.row))
    return found


def agreed(shown: Mapping[datetime, Sequence[tuple[str, R]]], report: Report, unit: str) -> dict[datetime, tuple[str, R]]:
    """
    Return the one status, and the record, of a place in each snapshot, and count all of them.

    Records that repeat the first are dropped. Where they contradict each other none is right more than another - they may be two towns
    of one name and one wrong point - and all of them are put aside.
    """
    found: dict[datetime, tuple[str, R]] = {}
    for moment, records in shown.items():
        if len({status for status, _ in records}) > 1:
            for _, record in records:
                others = ", ".join(f"{status} in row {each.at[1]}" for status, each in records)
                report.drop(unit, "of a name and point that one snapshot gives to several sides", record.at, f"{record.name}: {others}")
            continue
        found[moment] = records[0]
        report.tally(unit).mapped += 1
        for _, record in records[1:]:
            report.drop(unit, "that repeat another of the same snapshot", record.at, record.name, quarantine=False)
    return found
