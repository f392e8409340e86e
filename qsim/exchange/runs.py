"""From snapshots to intervals: the same status in one list after another is one statement with a start and an end, not many."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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

    `open` when the last snapshot of the list still shows it: the list ends there, the status does not. `seen` is the number of
    snapshots that show it, `row` the first row that says so.
    """

    status: str
    start: datetime
    end: datetime
    open: bool
    seen: int
    row: int


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
    >>> [(run.status, run.start.day, run.end.day, run.open) for run in runs([(day, "red", 2) for day in days[:2]], days)]
    [('red', 1, 2, False)]
    """
    position = {moment: i for i, moment in enumerate(snapshots)}
    found: list[Run] = []
    for moment, status, row in sorted(seen):
        last = found[-1] if found else None
        follows = last is not None and position[moment] == position[last.end] + 1 and moment - last.end <= longest_gap
        ends_list = position[moment] == len(snapshots) - 1
        if last is not None and follows and last.status == status:
            found[-1] = Run(status, last.start, moment, ends_list, last.seen + 1, last.row)
        else:
            found.append(Run(status, moment, moment, ends_list, 1, row))
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
