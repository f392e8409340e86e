"""Two releases of a record compared: which claims came, went and changed, and which places on which days are believed otherwise."""

from dataclasses import dataclass, fields
from datetime import date

import numpy as np

from qsim.belief.statuses import status_names
from qsim.belief.timeline import Timeline, TimelineError
from qsim.record.dates import Window, day
from qsim.record.ledger import Claim, Ledger
from qsim.record.scope import bears_on

MOVED = 0.05  # how far the belief in a status must move for a day to be told


@dataclass(frozen=True, slots=True)
class Moved:
    """
    A place whose belief moved from `start` to `end`, both included: by how much at most, towards which status, and by which claims.

    `place`, `towards` and `causes` are ids; `name` and `status` tell the first two in words.
    """

    place: str
    start: date
    end: date
    by: float
    towards: str
    causes: tuple[str, ...]
    name: str
    status: str

    def __str__(self) -> str:
        days = f"{self.start}" if self.start == self.end else f"{self.start} to {self.end}"
        return f"{self.name}, {days}: up to {self.by:+.2f} {self.status} ({', '.join(self.causes) or 'through other places or sources'})"


@dataclass(frozen=True, slots=True)
class Diff:
    """
    What differs between two ledgers, `changed` with (id, fields that differ); and in what is believed, by more than `least`, over the
    days of `window` that both have.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[tuple[str, tuple[str, ...]], ...]
    moved: tuple[Moved, ...]
    window: Window
    least: float = MOVED

    def __str__(self) -> str:
        lines = [f"claims: {len(self.added)} added, {len(self.removed)} removed, {len(self.changed)} changed"]
        lines += [f"  + {id}" for id in self.added] + [f"  - {id}" for id in self.removed]
        lines += [f"  ~ {id}: {', '.join(names)}" for id, names in self.changed]
        days = sum((each.end - each.start).days + 1 for each in self.moved)
        places = len({each.place for each in self.moved})
        lines.append(f"belief, {self.window.start} to {self.window.end}: {days} days of {places} places moved by more than {self.least:g}")
        return "\n".join([*lines, *(f"  {each}" for each in self.moved)])


def diff(before: Timeline, after: Timeline, *, moved: float = MOVED) -> Diff:
    """
    Return what differs between two timelines of one map: their claims, and the places and days believed otherwise.

    Parameters
    ----------
    before, after
        Timelines with ledgers; places are matched by id, and places and days that only one has are left out of what moved.
    moved
        The least change of the belief in a status that is told.

    Raises
    ------
    TimelineError
        When no day is of both, the statuses differ, or a timeline has no ledger.
    """
    old, new = before.ledger, after.ledger
    if old is None or new is None:
        raise TimelineError("a timeline without a ledger has no claims to compare")
    if before.statuses != after.statuses:
        told = " and ".join(", ".join(each.statuses) for each in (before, after))
        raise TimelineError(f"the two timelines differ in their sides, and no belief of one is of the other: {told}")
    start, end = max(before.start, after.start), min(before.end, after.end)
    if end < start:
        raise TimelineError(f"no day is of both timelines: {before.start} to {before.end}, {after.start} to {after.end}")
    before, after = before[start:end], after[start:end]
    added, removed, changed = claims_between(old, new)
    touched = [new.claim(id) for id in (*added, *(id for id, _ in changed))] + [old.claim(id) for id in removed]
    return Diff(added, removed, changed, tuple(_moved(before, after, touched, moved)), Window(start, end), moved)


def claims_between(before: Ledger, after: Ledger) -> tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[str, tuple[str, ...]], ...]]:
    """Return the ids of the claims that came and went, and those that changed with the names of their fields that did."""
    old, new = before.columns, after.columns
    here, there = ({id: n for n, id in enumerate(claims.column("id"))} for claims in (old, new))
    both = [id for id in here if id in there]
    rows, others = (np.array([place[id] for id in both], dtype=np.int64) for place in (here, there))
    differing = np.flatnonzero(old.differing(new, rows, others)).tolist()
    changed = tuple((both[n], _fields(old[rows[n]], new[others[n]])) for n in differing)
    return tuple(id for id in there if id not in here), tuple(id for id in here if id not in there), changed


def _fields(a: Claim, b: Claim) -> tuple[str, ...]:
    return tuple(each.name for each in fields(Claim) if each.compare and getattr(a, each.name) != getattr(b, each.name))


def _moved(before: Timeline, after: Timeline, touched: list[Claim], least: float) -> list[Moved]:
    """
    Return the spans of days on which a place's belief moved by more than `least`, with the claims that bear on it. A claim that alone is
    another is the cause of all that moved, elsewhere too: through its source's reliability, or through what it tells of other places.
    """
    found, names = [], status_names(after.theatre)
    for place, i in before.theatre.index.items():
        if place not in after.theatre.index:
            continue
        change = after.belief[:, after.theatre.index[place]] - before.belief[:, i]
        is_moved = np.abs(change).max(axis=1) > least
        edges = np.flatnonzero(np.diff(np.r_[False, is_moved, False]))
        for first, end in edges.reshape(-1, 2).tolist():
            span = change[first:end]
            d, status = np.unravel_index(int(span.argmax()), span.shape)
            causes = tuple(claim.id for claim in touched if len(touched) == 1 or _bears(after, before, claim, place))
            towards, window = before.statuses[status], (day(before.days[first]), day(before.days[end - 1]))
            found.append(Moved(place, *window, float(span[d, status]), towards, causes, after.theatre.named(place), names[towards]))
    return sorted(found, key=lambda each: (each.start, -each.by, each.place))


def _bears(after: Timeline, before: Timeline, claim: Claim, place: str) -> bool:
    """Return whether a claim of either ledger bears on the place."""
    theatre = after.theatre if claim.place in after.theatre.index else before.theatre
    return place in theatre.index and bears_on(theatre, claim, place)
