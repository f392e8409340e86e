"""Stepping through a timeline day by day, and asking who says so."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from qsim.dates import Day, day
from qsim.evidence import bears_on, in_order, reading
from qsim.ledger import Claim, Ledger
from qsim.theatre import Theatre
from qsim.timeline import UNKNOWN, Change, Snapshot, Timeline, TimelineError


@dataclass(frozen=True, slots=True)
class Testimony:
    """One claim that bears on a place, with the words it rests on; `says` is the status it asserts, none where it speaks of a way or a ring."""

    claim: Claim
    source: str
    source_side: str | None
    says: str | None
    against_interest: bool
    cited: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class Why:
    """The claims for and against what is believed of a place on a day, newest first; `print` shows them."""

    place: str
    names: tuple[str, ...]
    day: date
    status: str
    belief: dict[str, float]
    silent_days: int | None
    supporting: tuple[Testimony, ...]
    opposing: tuple[Testimony, ...]
    beside: tuple[Testimony, ...]
    documents: dict[str, str]

    @property
    def name(self) -> str:
        """The name of the place."""
        return self.names[1] if len(self.names) > 1 else self.place

    def __repr__(self) -> str:
        return f"Why({self.place} on {self.day}: {self.status}; {len(self.supporting)} for, {len(self.opposing)} against, {len(self.beside)} beside)"

    def __str__(self) -> str:
        from qsim.text import why_text

        return why_text(self)


@dataclass(frozen=True, slots=True)
class Event:
    """What one claim changed on one day: the places, told in words, and the claim it rests on (none in a timeline without a ledger)."""

    day: date
    places: tuple[str, ...]
    text: str
    claim: Claim | None
    said_by: str

    def __str__(self) -> str:
        return f"{self.text} ({self.said_by})" if self.said_by else self.text


class Replay:
    """
    A cursor over a timeline: the one mutable object of the package.

    State is a pure function of the day: going to a day, playing forward to it and stepping back to it are the same thing.
    """

    def __init__(self, timeline: Timeline, day: Day | None = None) -> None:
        self.timeline = timeline
        self._position = 0 if day is None else timeline.position(day)

    @property
    def day(self) -> date:
        """The day the cursor is on."""
        return self.snapshot.day

    @property
    def snapshot(self) -> Snapshot:
        """The day the cursor is on, with its belief."""
        return self.timeline._snapshot(self._position)

    def goto(self, moment: Day) -> "Replay":
        """Go to a day; raise `TimelineError` when it lies outside the timeline."""
        self._position = self.timeline.position(moment)
        return self

    def forward(self, days: int = 1) -> "Replay":
        """Go on by some days; raise `TimelineError` when that passes an end."""
        return self.goto(self.day + timedelta(days=days))

    def back(self, days: int = 1) -> "Replay":
        """Go back by some days; raise `TimelineError` when that passes an end."""
        return self.forward(-days)

    def next_change(self) -> "Replay":
        """Go to the next day on which the most likely history changes; raise `TimelineError` when none follows."""
        later = [change.day for change in self.timeline.changes() if change.day > self.day]
        if not later:
            raise TimelineError(f"nothing changes after {self.day} in this timeline")
        return self.goto(later[0])

    def previous_change(self) -> "Replay":
        """Go back to the last day before this one with a change; raise `TimelineError` when none came before."""
        earlier = [change.day for change in self.timeline.changes() if change.day < self.day]
        if not earlier:
            raise TimelineError(f"nothing changes before {self.day} in this timeline")
        return self.goto(earlier[-1])

    @property
    def changes(self) -> list[Change]:
        """What changed on the cursor's day."""
        return [change for change in self.timeline.changes() if change.day == self.day]

    @property
    def events(self) -> list[Event]:
        """What changed on the cursor's day, told claim by claim."""
        return events(self.timeline, self.day)

    def why(self, place: str) -> Why:
        """Return the claims for and against what is believed of `place` on the cursor's day."""
        return why(self.timeline, place, self.day)

    def __iter__(self) -> Iterator[Snapshot]:
        """Play on from the cursor's day to the last; the cursor follows."""
        for i in range(self._position, len(self.timeline)):
            self._position = i
            yield self.snapshot

    def __len__(self) -> int:
        return len(self.timeline)

    def __getitem__(self, span: slice) -> "Replay":
        """Return a replay of a half-open span of days."""
        return Replay(self.timeline[span])

    def __repr__(self) -> str:
        return f"Replay({self.timeline.theatre.name}: {self.day}, day {self._position + 1} of {len(self)}, {len(self.changes)} changes today)"

    def __str__(self) -> str:
        from qsim.text import replay_text

        return replay_text(self)

    def _repr_svg_(self) -> str:
        return self.snapshot._repr_svg_()


def why(timeline: Timeline, place: str, moment: Day) -> Why:
    """
    Return the claims for and against what is believed of `place` on a day, newest first.

    A claim counts as for or against when it speaks of control; those on rings, roads, reinforcement and the like stand beside.
    Claims speak of days up to this one; they may have been reported later, and say when.

    Raises
    ------
    TheatreError
        When the place is unknown.
    TimelineError
        When the day lies outside the timeline, or the timeline has no ledger (a simulation has nobody to ask).
    """
    if timeline.ledger is None:
        raise TimelineError("this timeline has no ledger: it is a mean of histories, and nobody says so")
    theatre, ledger, snapshot = timeline.theatre, timeline.ledger, timeline.at(moment)
    id = theatre.place(place).id
    status = snapshot.most_likely(id)
    found = [claim for claim in ledger.claims if claim.window.start <= snapshot.day and bears_on(theatre, claim, id)]
    told = [testimony(theatre, ledger, claim) for claim in reversed(in_order(ledger, found))]
    direct = [t for t in told if t.says is not None and theatre.index[id] in (*theatre.members(t.claim.place), *_itself(theatre, t.claim))]
    beside = [t for t in told if t not in direct]
    return Why(
        id,
        theatre.place(id).names,
        day(snapshot.day),
        status,
        snapshot[id],
        snapshot.silent_days(id),
        tuple(t for t in direct if t.says == status),
        tuple(t for t in direct if t.says != status and status != UNKNOWN),
        tuple(beside),
        {document.id: document.title for document in theatre.documents.values()},
    )


def events(timeline: Timeline, moment: Day | None = None) -> list[Event]:
    """
    Return what changed on a day (or on every day), told claim by claim: places that changed because of one claim make one event.

    The claim is the best attested of those that count from that day and say what the place became; where there is none, the
    newest that says so. Squares of a city are told as a count.
    """
    theatre = timeline.theatre
    told: dict[tuple[date, str | None, str, str], list[Change]] = {}
    for change in timeline.changes():
        if (moment is None or change.day == day(moment)) and change.place not in theatre.parts:
            claim = _cause(timeline, change)
            parent = theatre.place(change.place).parent if not theatre.place(change.place).within else None
            told.setdefault((change.day, claim.id if claim else None, parent or "", change.after), []).append(change)
    return [_event(timeline, changes, claim_id, parent) for (_, claim_id, parent, _), changes in told.items()]


def _event(timeline: Timeline, changes: list[Change], claim_id: str | None, parent: str) -> Event:
    """Tell changes that one claim made."""
    theatre, first = timeline.theatre, changes[0]
    if parent:
        position = timeline.position(first.day)
        columns = [theatre.index[part] for part in theatre.parts[parent]]
        code = theatre.statuses.index(first.after) if first.after != UNKNOWN else -1
        before, after = ((timeline.history[d][columns] == code).sum() for d in (position - 1, position))
        text = f"{theatre.place(parent).name}: {first.after} in {after} of {len(columns)} squares (before: {before})"
    elif len(changes) > 3:
        text = f"{len(changes)} places: now {first.after} ({', '.join(theatre.place(c.place).name for c in changes[:3])} ...)"
    else:
        names = ", ".join(theatre.place(change.place).name for change in changes)
        befores = {change.before for change in changes}
        text = f"{names}: {befores.pop()} → {first.after}" if len(befores) == 1 else f"{names}: now {first.after}"
    if claim_id is None or timeline.ledger is None:
        return Event(first.day, tuple(change.place for change in changes), text, None, "")
    claim = timeline.ledger.claim(claim_id)
    said_by = f"{timeline.ledger.source(claim.source).name}; {', '.join(claim.cites)}"
    return Event(first.day, tuple(change.place for change in changes), text, claim, said_by)


def _cause(timeline: Timeline, change: Change) -> Claim | None:
    """Return the claim that a change rests on."""
    if timeline.ledger is None:
        return None
    theatre, target = timeline.theatre, timeline.theatre.index[change.place]
    found = [c for c in timeline.ledger.claims if c.of_control and c.effective <= change.day and target in theatre.members(c.place)]
    agreeing = [c for c in found if reading(theatre, c) == change.after]
    today = [c for c in agreeing or found if c.effective == change.day]
    shares = [c for c in found if c.effective == change.day and c.kind == "share"]
    ordered = in_order(timeline.ledger, today or shares or agreeing)
    return ordered[-1] if ordered else None


def testimony(theatre: Theatre, ledger: Ledger, claim: Claim) -> Testimony:
    """Return a claim with its source and the words that it cites."""
    from qsim.seeds import quote

    source = ledger.sources[claim.source]
    cited = tuple((citation, quote(theatre.documents, citation)) for citation in claim.cites)
    return Testimony(claim, source.name, source.side, reading(theatre, claim), ledger.against_interest(claim), cited)


def _itself(theatre: Theatre, claim: Claim) -> tuple[int, ...]:
    return (theatre.index[claim.place],) if claim.place in theatre.index else ()
