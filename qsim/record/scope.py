"""Which places a claim speaks of, and the order in which claims count."""

from collections.abc import Iterable

from qsim.record.citations import Citation
from qsim.record.ledger import CONFIDENCES, Claim
from qsim.record.theatre import Theatre


def reach(theatre: Theatre, claim: Claim) -> tuple[int, ...]:
    """
    Return the positions of the places whose control a claim speaks of: its members, and the buildings in them where it says that a
    side holds, takes or loses a whole group or city.
    """
    members = theatre.members(claim.place)
    whole = len(members) > 1 and claim.kind in ("holds", "takes", "loses") and claim.quantifier in (None, "all")
    return (*members, *theatre.buildings(members)) if whole else members


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


def attestation(claim: Claim) -> int:
    """Return how well a claim is attested: 0 unconfirmed, 1 claimed by one voice, 2 stated as fact, 3 confirmed."""
    return CONFIDENCES.index(claim.confidence)


def in_order(claims: Iterable[Claim]) -> list[Claim]:
    """
    Return the claims by the day from which they count and its hour where one is told, then the worse attested first, then by line of the
    documents, then by source and place: what is said again in the same words stands beside itself, whatever its id.
    """

    def rank(claim: Claim) -> tuple[object, ...]:
        said = (claim.source, claim.place, claim.kind, claim.quantifier or "", claim.value or 0.0, claim.bound or "")
        return claim.effective, claim.window.time, attestation(claim), first_line(claim), *said, claim.id

    return sorted(claims, key=rank)


def first_line(claim: Claim) -> tuple[str, int, int]:
    """Return the first line and sentence of the documents that a claim cites; what is no sentence of one comes first."""
    cited = Citation.parse(claim.cites[0]) if claim.cites else None
    return (cited.document, cited.line, cited.sentence or 0) if cited and cited.kind == "sentence" else ("", 0, 0)
