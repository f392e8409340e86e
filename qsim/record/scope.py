"""Which places a claim speaks of, and the order in which claims count."""

from collections.abc import Callable, Collection, Iterable

import numpy as np
from numpy.typing import NDArray

from qsim.record.citations import Citation
from qsim.record.ledger import CONFIDENCES, Claim
from qsim.record.packed import Claims, Ints, Lists
from qsim.record.theatre import Theatre


def reach(theatre: Theatre, claim: Claim) -> tuple[int, ...]:
    """
    Return the positions of the places whose control a claim speaks of: its members, and the buildings in them where it says that a
    side holds, takes or loses a whole group or city.
    """
    members = theatre.members(claim.place)
    whole = len(members) > 1 and claim.kind in ("holds", "takes", "loses") and claim.quantifier in (None, "all")
    return (*members, *theatre.buildings(members)) if whole else members


def place_apart(theatre: Theatre, claims: Claims) -> Ints:
    """Return the position of the place that each claim speaks of, (claims,), where it stands for itself alone, -1 where it does not."""
    return claims.column("place").each(lambda name: theatre.index[name] if name in theatre.apart else -1, np.int64)


def reached(
    theatre: Theatre, claims: Claims, wanted: NDArray[np.bool_], of: Callable[[Theatre, Claim], Collection[int]] = reach
) -> tuple[Ints, Ints]:
    """
    Return the places that some of the claims (a mask) reach, and the row of the claim that reaches each; in no order.

    Of places that do not stand for themselves, and of links, `of` tells which: of those of one subject, kind and extent once.
    """
    alone = place_apart(theatre, claims)
    here, others = np.flatnonzero(wanted & (alone >= 0)), np.flatnonzero(wanted & (alone < 0))
    few, alike = claims.take(others).alike("place", "kind", "quantifier")
    several, row = Lists.of_each(of(theatre, each) for each in few).gathered(alike)
    return np.concatenate([alone[here], several]), np.concatenate([here, others[row]])


def bears_on(theatre: Theatre, claim: Claim, place: str) -> bool:
    """
    Return whether the claim speaks of a place or group (by id): itself, a group or city that holds it, a part or building of it, or a
    way at it.
    """
    targets = {place} if place in theatre.index else {theatre.places[i].id for i in theatre.members(place)}
    if claim.place == place or any(theatre.places[i].id in targets for i in reach(theatre, claim)):
        return True
    if claim.place in theatre.index and targets & {theatre.place(claim.place).parent, theatre.place(claim.place).within}:
        return True
    if set(theatre.members(place)) & set(theatre.members(claim.place)):
        return True
    return any(targets & {theatre.link(id).a, theatre.link(id).b} for id in theatre.link_members(claim.place))


def bearing(theatre: Theatre, claims: Claims, place: str) -> Claims:
    """Return the claims that bear on a place or group (by id), as `bears_on` says; those of one subject, kind and extent are asked about once."""
    near = {place, *(theatre.places[i].id for i in theatre.members(place))}
    some = claims.take(claims.column("place").each(lambda name: name in near or name not in theatre.apart, bool))
    few, of = some.alike("place", "kind", "quantifier")
    bears = np.array([bears_on(theatre, claim, place) for claim in few], dtype=bool)
    return some.take(bears[of])


def attestation(claim: Claim) -> int:
    """Return how well a claim is attested: 0 unconfirmed, 1 claimed by one voice, 2 stated as fact, 3 confirmed."""
    return CONFIDENCES.index(claim.confidence)


def in_order(claims: Iterable[Claim]) -> list[Claim]:
    """
    Return the claims by the day from which they count and its hour where one is told, then the worse attested first, then by line of the
    documents, then by source and place: what is said again in the same words stands beside itself, whatever its id.
    """
    packed = Claims.of(claims)
    return [packed[row] for row in rows_in_order(packed).tolist()]


def rows_in_order(claims: Claims) -> Ints:
    """Return the positions of claims in the order of `in_order`, shape (claims,)."""
    days = claims.effective
    first = int(days.min(initial=0))
    return claims.ordered(
        (days - first, int(days.max(initial=0)) - first + 1),
        claims.column("window").ranks(lambda window: window.time),
        claims.column("confidence").ranks(CONFIDENCES.index),
        claims.column("cites").ranks(_first_line),
        *(claims.column(name).ranks() for name in ("source", "place", "kind")),
        claims.column("quantifier").ranks(lambda quantifier: quantifier or ""),
        claims.column("value").ranks(lambda value: value or 0.0),
        claims.column("bound").ranks(lambda bound: bound or ""),
    )


def first_line(claim: Claim) -> tuple[str, int, int]:
    """Return the first line and sentence of the documents that a claim cites; what is no sentence of one comes first."""
    return _first_line(claim.cites)


def _first_line(cites: tuple[str, ...]) -> tuple[str, int, int]:
    cited = Citation.parse(cites[0]) if cites else None
    return (cited.document, cited.line, cited.sentence or 0) if cited and cited.kind == "sentence" else ("", 0, 0)
