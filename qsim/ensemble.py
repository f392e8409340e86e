"""Many whole histories of one theatre: drawn from a belief, or made by a simulation."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qsim.dates import Days, day
from qsim.theatre import Theatre
from qsim.timeline import Timeline, fill_cities, fill_city_status, most_likely_status

if TYPE_CHECKING:
    from qsim.ledger import Ledger


@dataclass(frozen=True, eq=False, repr=False)
class Ensemble:
    """
    Whole histories: `status` (runs, days, places) int8 is a position in the theatre's statuses, -1 where nothing is known.

    `ledger` is the record that the histories came from, and tells which links were reported cut; none for a simulation without.
    """

    theatre: Theatre
    ledger: "Ledger | None"
    days: Days
    status: NDArray[np.int8]

    def __post_init__(self) -> None:
        self.status.flags.writeable = False

    def __len__(self) -> int:
        return len(self.status)

    def __repr__(self) -> str:
        runs, days, places = self.status.shape
        return (
            f"Ensemble({self.theatre.name}: {runs} run{'s' if runs != 1 else ''} of {days} days from {day(self.days[0])}, {places} places)"
        )

    def mean(self) -> Timeline:
        """
        Return the timeline whose belief is the share of runs with each status; unknown counts for all statuses alike.

        The timeline has no ledger to ask `why`: a mean of histories is no report.
        """
        statuses = np.arange(len(self.theatre.statuses), dtype=np.int8)
        belief = (self.status[..., None] == statuses).mean(axis=0) + (self.status == -1).mean(axis=0)[..., None] / len(statuses)
        fill_cities(self.theatre, belief)
        history = np.where((self.status == -1).all(axis=0), np.int8(-1), most_likely_status(belief))
        fill_city_status(self.theatre, history)
        silent = np.full(history.shape, np.datetime64("NaT"), dtype="datetime64[D]")
        return Timeline(self.theatre, None, self.days, belief, history, silent, policy="mean of histories")
