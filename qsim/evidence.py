"""What a claim of control says about places: which status, of which places, how much of them, from which day."""

from collections.abc import Iterable

import numpy as np

from qsim.dates import Days
from qsim.ledger import CONFIDENCES, Claim, Ledger
from qsim.theatre import CONTESTED, Theatre


def reading(theatre: Theatre, claim: Claim) -> str | None:
    """
    Return the status that a control claim asserts, or None where it asserts none.

    Holding or taking a place gives it to the side, losing it or being denied it to the other (contested, where there are several
    others); repulsing an attack keeps it; fighting makes it contested. A share is read as the side's.
    """
    if not claim.of_control:
        return None
    if claim.kind == "contests":
        return CONTESTED
    if claim.kind in ("loses", "denies"):
        return other_side(theatre, claim.side)
    return claim.side


def other_side(theatre: Theatre, side: str | None) -> str:
    """Return the one other side, or contested where there are several."""
    others = [each.id for each in theatre.sides if each.id != side]
    return others[0] if len(others) == 1 else CONTESTED


def reading_of_ring(theatre: Theatre, claim: Claim, place: str) -> bool | None:
    """
    Return whether a claim says that the ring around `place` is closed (True) or open (False), or None where it says nothing of it.

    It speaks of the ring when it names the place, or a group of ways of which several lead into it. Encircled, or all ways cut, is
    closed; a partial siege, most ways cut, a gap, "not yet" are open.
    """
    if claim.kind not in ("encircles", "cuts", "opens"):
        return None
    if claim.place != place:
        inside = {theatre.places[i].id for i in theatre.members(place)}
        ways = [theatre.link(id) for id in theatre.link_members(claim.place)]
        if sum((way.a in inside) != (way.b in inside) for way in ways) < 2:
            return None
    return claim.kind != "opens" and claim.quantifier in (None, "all")


def reach(theatre: Theatre, claim: Claim) -> tuple[int, ...]:
    """
    Return the positions of the places whose control a claim speaks of: its members, and the buildings in them where it says that a
    side holds, takes or loses a whole group or city.
    """
    members = theatre.members(claim.place)
    whole = len(members) > 1 and claim.kind in ("holds", "takes", "loses") and claim.quantifier in (None, "all")
    return (*members, *theatre.buildings(members)) if whole else members


def attestation(claim: Claim) -> int:
    """Return how well a claim is attested: 0 unconfirmed, 1 claimed by one voice, 2 stated as fact, 3 confirmed."""
    return CONFIDENCES.index(claim.confidence)


def in_order(claims: Iterable[Claim]) -> list[Claim]:
    """Return the claims by the day from which they count, then the worse attested first, then by line of the documents, then by id."""
    return sorted(claims, key=lambda claim: (claim.effective, attestation(claim), _line(claim), claim.id))


def bears_on(theatre: Theatre, claim: Claim, place: str) -> bool:
    """Return whether the claim speaks of the place: itself, a group or city that holds it, a part or building of it, or a way at it."""
    target = theatre.index[place]
    if target in reach(theatre, claim) or claim.place == place:
        return True
    if claim.place in theatre.index and place in (theatre.place(claim.place).parent, theatre.place(claim.place).within):
        return True
    if set(theatre.members(place)) & set(theatre.members(claim.place)):
        return True
    return any(place in (theatre.link(id).a, theatre.link(id).b) for id in theatre.link_members(claim.place))


def last_reports(theatre: Theatre, ledger: Ledger, days: Days) -> Days:
    """Return the last day up to each day that a control claim spoke of each place, shape (days, places), NaT for none."""
    latest = np.full((len(days), len(theatre.places)), np.datetime64("NaT"), dtype="datetime64[D]")
    for claim in sorted((c for c in ledger.claims if c.of_control), key=lambda c: c.window.last):
        members = list({*reach(theatre, claim), *([theatre.index[claim.place]] if claim.place in theatre.index else [])})
        first = np.datetime64(claim.window.start)
        for d in np.flatnonzero(days >= first):
            latest[d, members] = min(days[d], np.datetime64(claim.window.last))
    return latest


def _line(claim: Claim) -> tuple[str, int, int]:
    """Return the first line and sentence of the documents that a claim cites."""
    document, _, rest = (claim.cites[0] if claim.cites else ":0").partition(":")
    line, _, sentence = rest.partition("#")
    return document, int(line or 0), int(sentence or 0)
