"""What a claim of control says about places: which status, of which places, how much of them, from which day."""

from collections.abc import Iterable

from qsim.dates import Days
from qsim.ledger import CONFIDENCES, Claim, Ledger
from qsim.theatre import CONTESTED, Theatre

import numpy as np


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


def attestation(claim: Claim) -> int:
    """Return how well a claim is attested: 0 unconfirmed, 1 claimed by one voice, 2 stated as fact, 3 confirmed."""
    return CONFIDENCES.index(claim.confidence)


def in_order(claims: Iterable[Claim]) -> list[Claim]:
    """Return the claims by the day from which they count, then the worse attested first, then by line of the documents, then by id."""
    return sorted(claims, key=lambda claim: (claim.effective, attestation(claim), _line(claim), claim.id))


def bears_on(theatre: Theatre, claim: Claim, place: str) -> bool:
    """Return whether the claim speaks of the place: itself, a group or city that holds it, a part or building of it, or a way at it."""
    target = theatre.index[place]
    if target in theatre.members(claim.place) or claim.place == place:
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
        members = list({*theatre.members(claim.place), *([theatre.index[claim.place]] if claim.place in theatre.index else [])})
        first = np.datetime64(claim.window.start)
        for d in np.flatnonzero(days >= first):
            latest[d, members] = min(days[d], np.datetime64(claim.window.last))
    return latest


def _line(claim: Claim) -> tuple[str, int]:
    """Return the first line of the documents that a claim cites."""
    document, _, rest = (claim.cites[0] if claim.cites else ":0").partition(":")
    return document, int(rest.partition("#")[0] or 0)
