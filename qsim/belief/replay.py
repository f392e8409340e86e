"""Stepping through a timeline day by day, and asking who says so."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from qsim.belief.events import Event, events
from qsim.belief.evidence import other_side, reading
from qsim.belief.timeline import UNKNOWN, Change, Snapshot, Timeline, TimelineError
from qsim.record.dates import Day, day
from qsim.record.documents import quote
from qsim.record.ledger import Claim, Ledger
from qsim.record.scope import bears_on, in_order, reach
from qsim.record.values import keep


@dataclass(frozen=True, slots=True)
class Testimony:
    """
    One claim that bears on a place, with the words it rests on; `says` is the status it asserts, none where it asserts none of it.

    Where a policy learned it: `informed`, the probability that the claim was informed, and the `reliability` of its source.
    """

    claim: Claim
    source: str
    source_side: str | None
    says: str | None
    against_interest: bool
    cited: tuple[tuple[str, str], ...]
    informed: float | None = None
    reliability: float | None = None


@dataclass(frozen=True)
class Why:
    """
    The claims for and against what is believed of a place on a day, newest first; `print` shows them.

    `status` is the likeliest on that day, `in_history` that of the most likely history as a whole, which may differ. Claims against it
    that were right in their time, before the place last changed, are told apart as `earlier`.
    """

    place: str
    names: tuple[str, ...]
    day: date
    status: str
    in_history: str
    belief: Mapping[str, float]
    silent_days: int | None
    supporting: tuple[Testimony, ...]
    opposing: tuple[Testimony, ...]
    earlier: tuple[Testimony, ...]
    beside: tuple[Testimony, ...]
    documents: Mapping[str, str]

    def __post_init__(self) -> None:
        keep(self, "belief", "documents")

    @property
    def name(self) -> str:
        """The name of the place."""
        return self.names[1] if len(self.names) > 1 else self.place

    def __repr__(self) -> str:
        counts = {"for": self.supporting, "against": self.opposing, "earlier": self.earlier, "beside": self.beside}
        return f"Why({self.place} on {self.day}: {self.status}; {', '.join(f'{len(told)} {name}' for name, told in counts.items())})"

    def __str__(self) -> str:
        from qsim.terminal.text import why_text

        return why_text(self)


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
        """Go through all days; the cursor stays where it is."""
        return iter(self.timeline)

    def __contains__(self, moment: object) -> bool:
        """Return whether a day is one of the timeline's."""
        return moment in self.timeline

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Replay) and self._position == other._position and self.timeline == other.timeline

    __hash__ = None  # type: ignore[assignment]

    def __len__(self) -> int:
        return len(self.timeline)

    def __getitem__(self, span: slice) -> "Replay":
        """Return a replay of a span of days, both ends included."""
        return Replay(self.timeline[span])

    def __repr__(self) -> str:
        changes = f"{len(self.changes)} change{'s' if len(self.changes) != 1 else ''} today"
        return f"Replay({self.timeline.theatre.name}: {self.day}, day {self._position + 1} of {len(self)}, {changes})"

    def __str__(self) -> str:
        from qsim.terminal.text import replay_text

        return replay_text(self)

    def _repr_html_(self) -> str:
        from qsim.page import notebook

        return notebook(self.timeline, day=self.day)


def why(timeline: Timeline, place: str, moment: Day) -> Why:
    """
    Return the claims for and against what is believed of `place`, which may be a group, on a day, newest first.

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
    id = theatre.id_of(place)
    status = likeliest(snapshot[id])
    found = [claim for claim in ledger.claims if claim.window.start <= snapshot.day and bears_on(theatre, claim, id)]
    told = [testimony(timeline, ledger, claim) for claim in reversed(in_order(found))]
    itself = {theatre.index[id]} if id in theatre.index else set(theatre.members(id))
    direct = [t for t in told if t.says is not None and (t.claim.place == id or itself <= set(reach(theatre, t.claim)))]
    beside = [t for t in told if not any(t is other for other in direct)]
    against = [t for t in direct if t.says != status]
    since = max(
        (each.day for each in timeline.changes() if theatre.index[each.place] in itself and each.day <= snapshot.day), default=date.min
    )
    return Why(
        id,
        theatre.names_of(id),
        day(snapshot.day),
        status,
        snapshot.most_likely(id),
        snapshot[id],
        snapshot.silent_days(id),
        tuple(t for t in direct if t.says == status),
        tuple(t for t in against if t.claim.effective >= since),
        tuple(t for t in against if t.claim.effective < since),
        tuple(beside),
        {document.id: document.title for document in theatre.documents.values()},
    )


def likeliest(belief: Mapping[str, float]) -> str:
    """Return the status believed most, or unknown where two are believed alike."""
    first, second = sorted(belief.values(), reverse=True)[:2]
    return max(belief, key=lambda status: belief[status]) if first - second > 1e-4 else UNKNOWN


def testimony(timeline: Timeline, ledger: Ledger, claim: Claim) -> Testimony:
    """Return a claim with its source and the words that it cites; a share of less than half speaks for the other side."""
    source, learned = ledger.sources[claim.source], timeline.sources.get(claim.source)
    says = reading(timeline.theatre, claim)
    if claim.kind == "share" and (claim.value or 0) < 0.5:
        says = other_side(timeline.theatre, claim.side)
    if claim.kind == "contests" and len(timeline.theatre.members(claim.place)) > 1:
        says = None  # fighting somewhere in a group says nothing of any one place
    return Testimony(
        claim,
        source.name,
        source.side,
        says,
        ledger.against_interest(claim),
        tuple((citation, quote(timeline.theatre.documents, citation)) for citation in claim.cites),
        timeline.informed.get(claim.id),
        learned.mean if learned else None,
    )
