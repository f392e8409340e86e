"""The claims that a page holds: in words, the places that they speak of and bear on, what they cite."""

from collections.abc import Mapping, Sequence
from typing import Any

from qsim.belief.timeline import Timeline
from qsim.belief.why import testimony
from qsim.page.bidi import short
from qsim.record.citations import Citation
from qsim.record.documents import Document, quote
from qsim.record.ledger import Claim
from qsim.record.scope import reach
from qsim.record.theatre import Theatre


def claims_told(tellings: Mapping[str, Timeline], claims: Sequence[Claim]) -> list[dict[str, Any]]:
    """Return each claim in words, with the positions of the places that it speaks of (`on`) and those it stands beside (`by`)."""
    known = [timeline for timeline in tellings.values() if timeline.ledger is not None]
    teller = {claim: timeline for timeline in reversed(known) for claim in (timeline.ledger.claims if timeline.ledger else ())}
    if not known:
        return []
    start, some = known[0].start, known[0].theatre
    holders = holding(some)
    found = []
    for claim in claims:
        timeline = teller[claim]
        theatre, ledger = timeline.theatre, timeline.ledger
        assert ledger is not None
        said = testimony(timeline, ledger, claim)
        direct = [*reach(theatre, claim), *([theatre.index[claim.place]] if claim.place in theatre.index else [])]
        on = sorted(set(direct)) if said.says is not None else []
        beside = sorted(touched(theatre, claim, holders) - set(on))
        each = {
            "id": claim.id, "about": short(theatre.named(claim.place)), "kind": claim.kind, "when": str(claim.window),
            "from": (claim.window.start - start).days, "known": (claim.known - start).days, "at": (claim.effective - start).days,
            "reported": str(claim.reported or ""), "source": claim.source, "confidence": claim.confidence, "cites": list(claim.cites),
            "note": claim.note, "says": said.says or "", "against": said.against_interest, "on": on, "by": beside,
        }  # fmt: skip
        found.append({key: value for key, value in each.items() if value not in ("", []) and value is not False})
    return found


def holding(theatre: Theatre) -> list[set[int]]:
    """Return of each place, by position, the places that stand for it among others: itself, and the city of which it is a part."""
    found: list[set[int]] = [set() for _ in theatre.places]
    for i, place in enumerate(theatre.places):
        for member in theatre.members(place.id):
            found[member].add(i)
    return found


def touched(theatre: Theatre, claim: Claim, holders: Sequence[set[int]]) -> set[int]:
    """
    Return the positions of the places that a claim bears on, as `qsim.record.scope.bears_on` has it, for all places at once.

    `holders` are those of `holding`.
    """
    index = theatre.index
    found = set(reach(theatre, claim)).union(*(holders[member] for member in theatre.members(claim.place)))
    if claim.place in index:
        place = theatre.place(claim.place)
        found |= {index[id] for id in (place.id, place.parent, place.within) if id is not None}
    ways = [theatre.link(id) for id in theatre.link_members(claim.place)]
    return found | {index[end] for way in ways for end in (way.a, way.b)}


def quotes(documents: Any, claims: Sequence[Claim]) -> dict[str, str]:
    """Return the words of each citation of a document; what no document of the scenario holds has none."""
    return {citation: words for claim in claims for citation in claim.cites if (words := quote(documents, citation))}


def addresses(documents: Mapping[str, Document], claims: Sequence[Claim]) -> dict[str, str]:
    """Return where what is cited without its words can be read: a page of the web, a DOI, a document that is elsewhere; blank for a book."""
    cited = {text: Citation.parse(text) for claim in claims for text in claim.cites}
    elsewhere = {
        text: documents[each.document].url for text, each in cited.items() if each.kind == "sentence" and not documents[each.document].lines
    }
    return {text: each.address for text, each in cited.items() if each.kind != "sentence"} | elsewhere
