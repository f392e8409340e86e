"""What was said of ways into a place by their name: the map hears it, and it is told beside the words on the ring."""

import textwrap

from qsim.belief.enclosure import other_rings, trust
from qsim.belief.evidence import reading_of_ring
from qsim.belief.timeline import Timeline
from qsim.geography.reachability import of_ways
from qsim.record.conflicts_text import claim_text
from qsim.record.ledger import Claim
from qsim.record.scope import in_order
from qsim.record.settings import Model
from qsim.record.signs import visible

_WIDTH = 100
_HEAD = (
    "Said of ways into it by their name, heard by the map and not as words on the ring. heard: the share of histories in which the claim shuts or opens "
    "its way; -: in none, for it is of part of them, or of another ring. An open way leads from what is held of a city to the way's other "
    "end, whoever holds that: whether it goes on from there to a base is asked of the map."
)


def claims_on_ways_into(timeline: Timeline, place: str) -> list[tuple[Claim, float | None]]:
    """
    Return the claims up to the end of the timeline on ways into a place by their name, in order, each with the share of histories in which the map
    hears it; None where it never does. Those that are words on the ring (`qsim.belief.enclosure.ring_claims`) are not among them.

    Raise `TheatreError` when the place is unknown.
    """
    theatre, ledger = timeline.theatre, timeline.ledger
    id = theatre.id_of(place)
    if ledger is None:
        return []
    inside, model = {theatre.places[i].id for i in theatre.members(id)}, Model.from_settings(theatre.model)
    into = {way.id for way in theatre.links if (way.a in inside) != (way.b in inside)}
    spoken = (c for c in ledger.columns.only("cuts", "opens") if c.window.start <= timeline.end)
    said = [c for c in spoken if into.intersection(theatre.link_members(c.place)) and reading_of_ring(theatre, c, id) is None]
    heard = {claim.id for claim in of_ways(theatre, ledger)}
    sure = {c.id: trust(model, ledger, timeline.sources, c) if timeline.sources else 1.0 for c in said if c.id in heard}
    return [(claim, sure.get(claim.id)) for claim in in_order(said)]


def not_on_the_ring(timeline: Timeline, place: str) -> list[str]:
    """Return what is told beside the words on a place's ring: a sentence on other rings, and `ways_text`; empty where there is neither."""
    others = other_rings(timeline.theatre, timeline.ledger, place) if timeline.ledger else ""
    return [text for text in (textwrap.fill(others, _WIDTH, break_on_hyphens=False), ways_text(timeline, place)) if text]


def ways_text(timeline: Timeline, place: str) -> str:
    """Return `claims_on_ways_into` a place as a table under its heading, with who says so and where; blank where nobody speaks of one."""
    theatre, ledger, told = timeline.theatre, timeline.ledger, claims_on_ways_into(timeline, place)
    if not told or ledger is None:
        return ""
    lines = ["", textwrap.fill(_HEAD, _WIDTH), f"{'day':<22} heard  what was said, who [claim; citation]"]
    for claim, share in told:
        row = f"{claim.window!s:<22} {'-' if share is None else f'{share:.2f}':<6} "
        said = f"{claim_text(theatre, ledger, claim)}{f' ({claim.quantifier} of it)' if claim.quantifier else ''}"
        who = f"{said}, {ledger.source(claim.source).name} [{claim.id}; {', '.join(claim.cites)}]"
        lines += textwrap.wrap(row + who, _WIDTH, subsequent_indent=" " * len(row), break_on_hyphens=False)
    return visible("\n".join(lines))
