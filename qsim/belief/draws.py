"""Histories that are drawn when they are asked for, some days at a time: a long window and a large map take no more memory than a few days."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qsim.belief.drawing import Drawn, Stops, each_day_drawn
from qsim.belief.timeline import Ensemble, Timeline
from qsim.record.dates import Days
from qsim.record.theatre import Theatre


@dataclass(frozen=True, eq=False, repr=False)
class Draws:
    """
    Histories of a timeline by their `numbers` (runs,) and a seed, for what is asked of each day alone; a day has the same in every window.

    With `stops` they are the whole histories that pass these days; without, what is drawn of each day by itself (`each_day_drawn`). `effective` is
    that of `Ensemble`.

    Raises
    ------
    TimelineError
        When no histories can be drawn from the timeline.
    """

    timeline: Timeline
    numbers: NDArray[np.int_]
    seed: int
    stops: Stops | None = None
    effective: float | None = None

    def __post_init__(self) -> None:
        self.timeline.drawable()

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def theatre(self) -> Theatre:
        """The theatre of the timeline."""
        return self.timeline.theatre

    @property
    def size(self) -> int:
        """How many bytes all of them take."""
        return len(self) * self.timeline.history.size

    @property
    def days(self) -> Days:
        """The days of the timeline."""
        return self.timeline.days

    @cached_property
    def _stopped(self) -> Drawn | None:
        return None if self.stops is None else self.stops.drawn(self.numbers, self.seed)

    def drawn(self, first: int, after: int, following: Drawn | None = None) -> Drawn:
        """
        Return the places with a chain on the days `first..after`, by their positions, shape (runs, days, chains).

        Where the day `after` was drawn before, `following` (runs, chains) spares to draw what lies between.
        """
        chains = self.timeline.drawable()
        if self.stops is None:
            return each_day_drawn(self.timeline.belief[first:after, chains.places], chains.places, self.numbers, self.seed)
        begin = int(chains.rows(self.days[:1])[0])
        return self.stops.between(begin + first, begin + after, self.numbers, self.seed, stopped=self._stopped, following=following)

    def as_histories(self, drawn: Drawn, first: int) -> Ensemble:
        """Return what was drawn of the days from a position on as an ensemble."""
        days = self.days[first : first + drawn.shape[1]]
        return replace(self.timeline.ensemble(drawn, self.numbers, days), effective=self.effective)

    @cached_property
    def whole(self) -> Ensemble:
        """All days at once."""
        return self.as_histories(self.drawn(0, len(self.days)), 0)
