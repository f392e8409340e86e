"""The figures of a day in one line: the share of the city, its ways out, how likely it is cut off."""

import numpy as np

from qsim.belief.timeline import Timeline
from qsim.geography.encirclement import encirclement, exit_counts, whose
from qsim.record.dates import Day

RUNS, SEED = 400, 7


def figures(timeline: Timeline, moment: Day, place: str | None = None, side: str | None = None) -> str:
    """
    Return the figures of a day; empty where the theatre has no city of parts, or no side that could be cut off.

    Place and side are by default those of `whose`. Histories of the one day are drawn: days alone are quick, however long the timeline.
    """
    place, side = whose(timeline, place, side)
    if place is None or side is None:
        return ""
    theatre, day = timeline.theatre, timeline[moment:moment]
    name = theatre.place(place).name
    if (day.history[:, list(theatre.members(place))] < 0).all():
        return f"{name}: not known"
    drawn = day.sample(RUNS, seed=SEED) if day.chains is not None else day.most_likely()
    cut, ways = float(encirclement(drawn, place, side).mean()), int(np.median(exit_counts(drawn, place, side)))
    ways_out = f"{ways} way{'s' if ways != 1 else ''} out"
    return f"{name}: {theatre.side(side).name} {day.share(place, side)[0]:.0%}  ·  {ways_out}  ·  cut off: {cut:.0%}"
