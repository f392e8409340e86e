"""The figures of a day in one line: the share of the city, its ways out, how likely it is cut off."""

from functools import lru_cache
from threading import Thread

import numpy as np

from qsim.belief.draws import Draws
from qsim.belief.enclosure import ring_claims
from qsim.belief.timeline import Timeline
from qsim.geography.conditioning import draws_given
from qsim.geography.encirclement import encirclement, exit_counts, whose
from qsim.geography.perimeter import RUNS, SEED
from qsim.geography.reachability import by_month
from qsim.record.dates import Day

AWAITED = "ring: working it out"


def figures(timeline: Timeline, moment: Day, place: str | None = None, side: str | None = None) -> str:
    """
    Return the figures of a day; empty where the theatre has no city of parts, or no side that could be cut off.

    Place and side are by default those of `whose`. Where something was said of the ring, histories are weighted by it, once; of these, those
    of the one day are drawn: days alone are quick, however long the timeline.
    """
    place, side = whose(timeline, place, side)
    if place is None or side is None:
        return ""
    theatre, day = timeline.theatre, timeline[moment:moment]
    name = theatre.place(place).name
    if (day.history[:, list(theatre.members(place))] < 0).all():
        return f"{name}: not known"
    if day.chains is None:
        drawn = day.most_likely()
    else:
        [drawn] = by_month(_given(timeline, place, side), lambda _, histories: histories, at=[timeline.position(moment)])
    cut, ways = float(encirclement(drawn, place, side).mean()), int(np.median(exit_counts(drawn, place, side)))
    ways_out = f"{ways} way{'s' if ways != 1 else ''} out"
    return f"{name}: {theatre.side(side).name} {day.share(place, side)[0]:.0%}  ·  {ways_out}  ·  cut off: {cut:.0%}"


class Ahead:
    """
    The figures of days beside a reader's keys: told at once but for the ring, which is worked out meanwhile where something was said of it.

    `waiting` says that it is being worked out, `whole` that what was last told was everything.
    """

    def __init__(self, timeline: Timeline, place: str | None = None, side: str | None = None) -> None:
        self._timeline, self._asked = timeline, whose(timeline, place, side)
        self._work: Thread | None = None
        self.whole = True

    @property
    def waiting(self) -> bool:
        """Whether the ring is being worked out."""
        return self._work is not None and self._work.is_alive()

    def told(self, moment: Day) -> str:
        """Return the figures of a day, as far as they are there."""
        place, side = self._asked
        self.whole = True
        ledger = self._timeline.ledger
        if (
            place is None
            or side is None
            or self._timeline.chains is None
            or ledger is None
            or not ring_claims(self._timeline.theatre, ledger, place)
        ):
            return figures(self._timeline, moment, place, side)
        if self._work is None:
            self._work = Thread(target=_given, args=(self._timeline, place, side), daemon=True)
            self._work.start()
        elif not self._work.is_alive():
            return figures(self._timeline, moment, place, side)
        self.whole, theatre = False, self._timeline.theatre
        share = self._timeline[moment:moment].share(place, side)[0]
        return f"{theatre.place(place).name}: {theatre.side(side).name} {share:.0%}  ·  {AWAITED}"

    def wait(self) -> None:
        """Wait until everything can be told."""
        if self._work is not None:
            self._work.join()


@lru_cache(maxsize=2)
def _given(timeline: Timeline, place: str, side: str) -> Draws:
    return draws_given(timeline, place, side, RUNS, SEED)
