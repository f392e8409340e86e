"""
How many days behind events a source is that describes states: a map, a monitor that renews its list now and then.

Changes to one status at one place that several origins tell of within two weeks are one change; the first to tell of it has it on its
day, the others so many days later. A source's delay is the mean of that over its changes, drawn towards none: sum of days behind /
(changes + 5), rounded; only sources that tell of states alone have one. What they say of their states is heard so many days earlier,
but for the first state and the last, which begin and end with the source.
"""

from itertools import pairwise

import numpy as np

from qsim.belief.evidence import meant
from qsim.record.ledger import Ledger
from qsim.record.packed import Claims
from qsim.record.theatre import Theatre

_SAME_CHANGE_DAYS = 14
_PRIOR_CHANGES = 5.0
_LEAST_CHANGES = 5


def delays(theatre: Theatre, ledger: Ledger, claims: Claims) -> dict[str, int]:
    """Return the delay in days of every origin that describes states and is behind others."""
    voices = claims.column("source")
    if {ledger.origin_of(id) for id in voices.counts()} == {
        ledger.origin_of(id) for id in voices.take(claims.of_kind("takes", "loses", "repulses")).counts()
    }:
        return {}  # whoever tells of events as well describes no states alone
    changes: dict[tuple[int, tuple[int, ...]], list[tuple[int, str]]] = {}
    told: dict[tuple[str, int], list[tuple[int, tuple[int, ...]]]] = {}
    eventful: set[str] = set()
    for claim in claims:
        members, who = theatre.members(claim.place), ledger.origin(claim)
        if claim.kind in ("takes", "loses", "repulses"):
            eventful.add(who)
        if len(members) != 1 or claim.quantifier is not None:
            continue
        if claim.kind in ("takes", "loses"):
            changes.setdefault((members[0], meant(theatre, claim)), []).append((claim.window.end.toordinal(), who))
        elif claim.kind in ("holds", "contests"):
            told.setdefault((who, members[0]), []).append((claim.window.start.toordinal(), meant(theatre, claim)))
    for (who, place), states in told.items():
        for (_, before), (day, now) in pairwise(sorted(states)):
            if before != now:
                changes.setdefault((place, now), []).append((day, who))
    behind: dict[str, list[int]] = {}
    for together in changes.values():
        for who, days in _behind(sorted(together)):
            behind.setdefault(who, []).append(days)
    found = {who: round(sum(days) / (len(days) + _PRIOR_CHANGES)) for who, days in behind.items() if len(days) >= _LEAST_CHANGES}
    return {who: days for who, days in found.items() if days > 0 and who not in eventful}


def _behind(changes: list[tuple[int, str]]) -> list[tuple[str, int]]:
    """Return how many days after the first each origin tells of a change, for changes that several tell of."""
    days = np.array([day for day, _ in changes])
    apart = np.flatnonzero(np.diff(days) > _SAME_CHANGE_DAYS) + 1
    found = []
    for one in np.split(np.arange(len(days)), apart):
        if len({changes[n][1] for n in one}) > 1:
            found += [(changes[n][1], int(days[n] - days[one[0]])) for n in one]
    return found
