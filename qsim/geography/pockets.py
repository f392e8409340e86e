"""What is cut off: the places of a side that no open way joins to its bases, day by day, and the last way that was open."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from qsim.belief.timeline import Ensemble
from qsim.geography.encirclement import Exits, exits
from qsim.geography.reachability import passage
from qsim.record.dates import day
from qsim.record.theatre import CONTESTED


@dataclass(frozen=True, slots=True)
class Isolated:
    """
    What is cut off on one day: the `places` of a side, ids, that nothing joins to its bases.

    `last` is the last way out of the place that was asked for, ids as in `Exits.routes`, where there is none any more, and `since` the
    first day without; both are empty while there is one, where there never was any in these days, and where the side holds no part.
    """

    places: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    since: date | None = None

    def __str__(self) -> str:
        count = len(self.places)
        return f"{count} place{'' if count == 1 else 's'} cut off" if count else "no pocket"


def isolated(histories: Ensemble, place: str, side: str, *, run: int = 0, unreported: str = "nearest") -> list[Isolated]:
    """
    Return what is cut off of `side` on each day of one history, and the last way out of `place` where it is.

    A place is cut off when the side is said to hold or contest it, and no path of open links through such places joins it to a base.
    Places of which nothing is known make ways, as `unreported` says, but no pocket. With several ways the last is the shortest of
    those that were open on the last day with any. Parameters and errors are those of `qsim.encirclement`; `run` picks the history.
    """
    theatre = histories.theatre
    ways = passage(histories, side, unreported=unreported).run(run)
    status = histories.status[run]
    of_side = (status == theatre.statuses.index(side)) | (status == theatre.statuses.index(CONTESTED))
    with_area = np.array([each.polygon is not None for each in theatre.places])
    apart = of_side & with_area & ~ways.reached()[0]
    holds = of_side[:, ways.targets(place)].any(axis=1)
    ids = np.array(list(theatre.index))
    found: list[Isolated] = []
    last: Exits | None = None
    since: date | None = None
    for d, out in enumerate(exits(histories, place, side, run=run, unreported=unreported)):
        if len(out):
            last, since = out, None
        elif since is None:
            since = day(histories.days[d])
        closed = last is not None and not len(out) and bool(holds[d])
        route = last.routes[0] if closed and last is not None else ()
        found.append(Isolated(tuple(ids[apart[d]].tolist()), route, since if closed else None))
    return found
