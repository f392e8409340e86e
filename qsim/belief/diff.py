"""Two releases of a record compared: which claims came, went and changed, and which places on which days are believed otherwise."""

from dataclasses import dataclass, fields
from datetime import date

import numpy as np

from qsim.belief.timeline import Timeline, TimelineError
from qsim.record.dates import day
from qsim.record.ledger import Claim, Ledger
from qsim.record.scope import bears_on

MOVED = 0.05  # how far the belief in a status must move for a day to be told


@dataclass(frozen=True, slots=True)
class Moved:
    """A place whose belief moved from `start` to `end`, both included: by how much at most, towards which status, and by which claims."""

    place: str
    start: date
    end: date
    by: float
    towards: str
    causes: tuple[str, ...]

    def __str__(self) -> str:
        days = f"{self.start}" if self.start == self.end else f"{self.start} to {self.end}"
        return f"{self.place}, {days}: up to {self.by:+.2f} {self.towards} ({', '.join(self.causes) or 'through other places or sources'})"


@dataclass(frozen=True, slots=True)
class Diff:
    """What differs between two ledgers, and in what is believed: `changed` has (id, fields that differ)."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[tuple[str, tuple[str, ...]], ...]
    moved: tuple[Moved, ...]

    def __str__(self) -> str:
        lines = [f"claims: {len(self.added)} added, {len(self.removed)} removed, {len(self.changed)} changed"]
        lines += [f"  + {id}" for id in self.added] + [f"  - {id}" for id in self.removed]
        lines += [f"  ~ {id}: {', '.join(names)}" for id, names in self.changed]
        lines.append(f"belief: {len(self.moved)} spans of days moved by more than {MOVED}")
        return "\n".join([*lines, *(f"  {each}" for each in self.moved)])


def diff(before: Timeline, after: Timeline, *, moved: float = MOVED) -> Diff:
    """
    Return what differs between two timelines of one map and the same days: their claims, and the places and days believed otherwise.

    Parameters
    ----------
    before, after
        Timelines with ledgers; places are matched by id, and those that only one has are left out of what moved.
    moved
        The least change of the belief in a status that is told.

    Raises
    ------
    TimelineError
        When the days or statuses differ, or a timeline has no ledger.
    """
    if not np.array_equal(before.days, after.days) or before.statuses != after.statuses:
        raise TimelineError("the two timelines differ in their days or sides; reconstruct both over the same window")
    if before.ledger is None or after.ledger is None:
        raise TimelineError("a timeline without a ledger has no claims to compare")
    added, removed, changed = _claims(before.ledger, after.ledger)
    touched = [after.ledger.claim(id) for id in (*added, *(id for id, _ in changed))] + [before.ledger.claim(id) for id in removed]
    return Diff(added, removed, changed, tuple(_moved(before, after, touched, moved)))


def _claims(before: Ledger, after: Ledger) -> tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[str, tuple[str, ...]], ...]]:
    """Return the ids of the claims that came and went, and those that changed with the names of their fields that did."""
    old, new = ({claim.id: claim for claim in ledger.claims} for ledger in (before, after))
    differing = {id: _fields(old[id], new[id]) for id in old if id in new and old[id] != new[id]}
    return tuple(id for id in new if id not in old), tuple(id for id in old if id not in new), tuple(differing.items())


def _fields(a: Claim, b: Claim) -> tuple[str, ...]:
    return tuple(each.name for each in fields(Claim) if each.compare and getattr(a, each.name) != getattr(b, each.name))


def _moved(before: Timeline, after: Timeline, touched: list[Claim], least: float) -> list[Moved]:
    """Return the spans of days on which a place's belief moved by more than `least`, with the claims that bear on it."""
    found = []
    for place, i in before.theatre.index.items():
        if place not in after.theatre.index:
            continue
        change = after.belief[:, after.theatre.index[place]] - before.belief[:, i]
        is_moved = np.abs(change).max(axis=1) > least
        edges = np.flatnonzero(np.diff(np.r_[False, is_moved, False]))
        for first, end in edges.reshape(-1, 2).tolist():
            span = change[first:end]
            d, status = np.unravel_index(int(span.argmax()), span.shape)
            causes = tuple(claim.id for claim in touched if _bears(after, before, claim, place))
            found.append(
                Moved(place, day(before.days[first]), day(before.days[end - 1]), float(span[d, status]), before.statuses[status], causes)
            )
    return sorted(found, key=lambda each: (each.start, -each.by, each.place))


def _bears(after: Timeline, before: Timeline, claim: Claim, place: str) -> bool:
    """Return whether a claim of either ledger bears on the place."""
    theatre = after.theatre if claim.place in after.theatre.index else before.theatre
    return place in theatre.index and bears_on(theatre, claim, place)
