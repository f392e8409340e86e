"""What became of every record of an imported file: read = mapped + dropped by reason, and what was changed on the way in."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

SHOWN_ROWS = 5


@dataclass(frozen=True, slots=True)
class Dropped:
    """`count` records of one row that were not taken over: why, where they stand, what was found there, and whether to look again."""

    reason: str
    file: str
    row: int
    what: str = ""
    count: int = 1
    quarantine: bool = True


@dataclass(slots=True)
class Tally:
    """The sum of one kind of record ("row", "cell", "polygon"): how many were read, mapped, dropped. `read` is counted apart."""

    unit: str
    read: int = 0
    mapped: int = 0
    dropped: list[Dropped] = field(default_factory=list)

    @property
    def lost(self) -> int:
        """The number of records dropped."""
        return sum(each.count for each in self.dropped)

    @property
    def holds(self) -> bool:
        """Whether read = mapped + dropped."""
        return self.read == self.mapped + self.lost

    def by_reason(self) -> Mapping[str, int]:
        """Return how many records were dropped for each reason, the commonest first."""
        found: Counter[str] = Counter()
        for each in self.dropped:
            found[each.reason] += each.count
        return dict(found.most_common())

    def __str__(self) -> str:
        return f"{self.read:,} {self.unit}s read = {self.mapped:,} mapped + {self.lost:,} dropped"


@dataclass(slots=True)
class Report:
    """
    The report of one import, filled while the files are read.

    `mended` counts what was changed on the way in, `unmapped` the terms (colours, statuses, precisions) that no map or legend
    knows; both by the rows in which they stand. `notes` say what a reader of the figures must know, such as time zones.
    """

    format: str
    tallies: dict[str, Tally] = field(default_factory=dict)
    mended: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    unmapped: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def tally(self, unit: str) -> Tally:
        """Return the sum of one kind of record, begun at its first use."""
        return self.tallies.setdefault(unit, Tally(unit))

    def drop(self, unit: str, reason: str, at: tuple[str, int], what: str = "", *, count: int = 1, quarantine: bool = True) -> None:
        """Note records that are not taken over; `quarantine` for those that somebody should look at again."""
        self.tally(unit).dropped.append(Dropped(reason, *at, what, count, quarantine))

    def mend(self, what: str, at: tuple[str, int]) -> None:
        """Note a value that was changed, or left out of a record that is otherwise taken over."""
        self.mended.setdefault(what, []).append(at)

    def unknown(self, term: str, at: tuple[str, int]) -> None:
        """Note a term that no map or legend knows."""
        self.unmapped.setdefault(term, []).append(at)

    def note(self, text: str) -> None:
        """Note once what a reader of the figures must know."""
        if text not in self.notes:
            self.notes.append(text)

    @property
    def holds(self) -> bool:
        """Whether every sum holds."""
        return all(tally.holds for tally in self.tallies.values())

    @property
    def quarantined(self) -> list[Dropped]:
        """The records to look at again, by file and row."""
        found = [each for tally in self.tallies.values() for each in tally.dropped if each.quarantine]
        return sorted(found, key=lambda each: (each.file, each.row))

    def text(self, *, short: bool = False) -> str:
        """Return the report as Markdown; `short` for the terminal: the same sums, with the first rows only."""
        most = SHOWN_ROWS if short else None
        lines = []
        for tally in self.tallies.values():
            lines.append(str(tally) + (":" if tally.dropped else ""))
            for reason, count in tally.by_reason().items():
                at = [(each.file, each.row) for each in tally.dropped if each.reason == reason]
                lines.append(f"- {count:,} {reason}{_rows(at, most)}")
        lines += _section("Changed on the way in", self.mended, most)
        lines += _section("Terms that no map or legend knows", self.unmapped, most)
        lines += ["", *(f"- {note}" for note in self.notes)] if self.notes else []
        return "\n".join(lines)


def _section(title: str, found: Mapping[str, list[tuple[str, int]]], most: int | None) -> list[str]:
    if not found:
        return []
    ordered = sorted(found.items(), key=lambda item: -len(item[1]))
    shown = ordered if most is None else ordered[: 2 * most]
    rest = [f"- ... and {len(ordered) - len(shown)} more"] if len(shown) < len(ordered) else []
    return ["", f"{title}:", *(f"- {len(at):,} x {what}{_rows(at, most)}" for what, at in shown), *rest]


def _rows(at: Iterable[tuple[str, int]], most: int | None) -> str:
    """Return ` (file: rows 2-14, 20)`: the rows of each file, neighbours joined, `most` spans of each when given."""
    files: dict[str, set[int]] = {}
    for file, row in at:
        files.setdefault(file, set()).add(row)
    told = []
    for file, rows in files.items():
        if rows == {0}:
            told.append(file)
            continue
        all_spans = spans(rows)
        shown = all_spans if most is None else all_spans[:most]
        told.append(f"{file}: row{'s' if len(rows) > 1 else ''} {', '.join(shown)}{', ...' if len(shown) < len(all_spans) else ''}")
    if most is not None and len(told) > most:
        told = [*told[:most], f"{len(told) - most} more files"]
    return f" ({'; '.join(told)})" if told else ""


def spans(rows: Iterable[int]) -> list[str]:
    """
    Return row numbers as a reader writes them.

    >>> spans([2, 3, 4, 9])
    ['2-4', '9']
    """
    found: list[list[int]] = []
    for row in sorted(set(rows)):
        if found and row == found[-1][1] + 1:
            found[-1][1] = row
        else:
            found.append([row, row])
    return [str(a) if a == b else f"{a}-{b}" for a, b in found]
