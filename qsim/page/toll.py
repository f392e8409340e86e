"""The toll for a page: who was killed, wounded, captured or driven out, by who says so; no figure is added to another."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from qsim.belief.timeline import Timeline
from qsim.record.casualties import casualties, heading_of
from qsim.record.packed import Claims


def toll_of(timelines: Iterable[Timeline], claims: Claims) -> list[dict[str, Any]]:
    """
    Return every figure of the toll that speaks of the timelines' days, civilians first, in the order of `qsim casualties`.

    Of each: the position of its claim among those of the page (`claim`), the last day that it counts (`until`, a day of the timelines), whose toll it is (`of`), what
    became of them, how many, which people, and where.
    """
    position = {claims[row]: row for row in np.flatnonzero(claims.of_kind("casualties")).tolist()} if len(claims) else {}
    found: dict[int, dict[str, Any]] = {}
    for timeline in timelines:
        theatre = timeline.theatre
        for toll in casualties(theatre, timeline.ledger, start=timeline.start, end=timeline.end) if timeline.ledger else ():
            if toll.claim in position:
                found.setdefault(
                    position[toll.claim],
                    {
                        "claim": position[toll.claim],
                        "until": (toll.claim.window.end - timeline.start).days,
                        "of": heading_of(theatre, toll),
                        "outcome": toll.outcome,
                        "figure": toll.claim.figure,
                        "people": toll.people,
                        "where": theatre.named(toll.claim.place),
                    },
                )
    return list(found.values())
