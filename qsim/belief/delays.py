"""
How many days behind events a source is that describes states: a map, a monitor that renews its list now and then.

Changes to one status at one place that several origins tell of within two weeks are one change; the first to tell of it has it on its
day, the others so many days later. A source's delay is the mean of that over its changes, drawn towards none: sum of days behind /
(changes + 5), rounded; only sources that tell of states alone have one. What they say of their states is heard so many days earlier,
but for the first state and the last, which begin and end with the source.
"""

import numpy as np
from numpy.typing import NDArray

from qsim.belief.evidence import meant
from qsim.record.ledger import Ledger
from qsim.record.packed import Claims, Ints
from qsim.record.theatre import Theatre

_SAME_CHANGE_DAYS = 14
_PRIOR_CHANGES = 5.0
_LEAST_CHANGES = 5


def delays(theatre: Theatre, ledger: Ledger, claims: Claims) -> dict[str, int]:
    """Return the delay in days of every origin that describes states and is behind others."""
    eventful, origins = _origins(ledger, claims.only("takes", "loses", "repulses")), _origins(ledger, claims)
    if origins == eventful:
        return {}  # whoever tells of events as well describes no states alone
    place, meaning, who, alone = _said(theatre, ledger, claims)
    states, events = alone & claims.of_kind("holds", "contests"), alone & claims.of_kind("takes", "loses")
    rows = np.concatenate([_first_told(place, meaning, who, claims.start, np.flatnonzero(states)), np.flatnonzero(events)])
    days = np.where(events, claims.end, claims.start)
    behind, changes = _behind(place[rows] * (meaning.max(initial=0) + 1) + meaning[rows], days[rows], who[rows])
    found = {}
    for n, origin in enumerate(origins):
        if n < len(changes) and changes[n] >= _LEAST_CHANGES and origin not in eventful:
            found[origin] = round(int(behind[n]) / (int(changes[n]) + _PRIOR_CHANGES))
    return {origin: days for origin, days in found.items() if days > 0}


def _origins(ledger: Ledger, claims: Claims) -> list[str]:
    """Return the ids of the origins of claims, in order."""
    return sorted({ledger.origin_of(id) for id in claims.column("source").counts()})


def _said(theatre: Theatre, ledger: Ledger, claims: Claims) -> tuple[Ints, Ints, Ints, NDArray[np.bool_]]:
    """
    Return of each claim, (claims,), the place it is about, -1 where these are not one, the rank of the statuses that it may mean, that of its origin, and whether
    it is about all of one place.
    """
    place = claims.column("place").each(lambda name: members[0] if len(members := theatre.members(name)) == 1 else -1, np.int64)
    few, of = claims.alike("kind", "side")
    means = [meant(theatre, claim) if claim.kind in ("holds", "contests", "takes", "loses") else () for claim in few]
    ranks = {each: n for n, each in enumerate(sorted(set(means)))}
    origins = {id: n for n, id in enumerate(_origins(ledger, claims))}
    who = claims.column("source").each(lambda id: origins[ledger.origin_of(id)], np.int64)
    whole = claims.column("quantifier").each(lambda quantifier: quantifier is None, bool)
    return place, np.array([ranks[each] for each in means], dtype=np.int64)[of], who, whole & (place >= 0)


def _first_told(place: Ints, meaning: Ints, who: Ints, start: Ints, rows: Ints) -> Ints:
    """Return those of some rows in which an origin first tells of another state of a place than before; its first of all is no change."""
    rows = rows[np.lexsort((meaning[rows], start[rows], place[rows], who[rows]))]
    same = (who[rows][1:] == who[rows][:-1]) & (place[rows][1:] == place[rows][:-1])
    return np.asarray(rows[1:][same & (meaning[rows][1:] != meaning[rows][:-1])])


def _behind(subject: Ints, days: Ints, who: Ints) -> tuple[Ints, Ints]:
    """Return how many days after the first to tell of them each origin tells of changes that several tell of, in all, and of how many changes; by origin."""
    order = np.lexsort((who, days, subject))
    subject, days, who = subject[order], days[order], who[order]
    begins = np.ones(len(order), dtype=bool)
    begins[1:] = (np.diff(subject) != 0) | (np.diff(days) > _SAME_CHANGE_DAYS)
    first = np.flatnonzero(begins)
    of = np.cumsum(begins) - 1
    if not len(first):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    several = (np.maximum.reduceat(who, first) != np.minimum.reduceat(who, first))[of]
    late = days - days[first][of]
    return np.bincount(who[several], late[several]).astype(np.int64), np.bincount(who[several])
