"""Stepping through a timeline day by day, and asking who says so."""

from collections.abc import Iterator
from datetime import date, timedelta

from qsim.belief.events import Event, events
from qsim.belief.timeline import Change, Snapshot, Timeline, TimelineError
from qsim.belief.why import Why, why
from qsim.record.dates import Day
from qsim.record.dates import day as day_of


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
        return day_of(self.timeline.days[self._position])

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
