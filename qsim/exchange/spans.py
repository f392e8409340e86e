"""Belief as spans: for each place the runs of days on which it is of one status, with how sure that is and who says so."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from qsim.belief.timeline import NEITHER, UNDECIDED, UNKNOWN, Timeline
from qsim.record.dates import day
from qsim.record.ledger import Claim
from qsim.record.progress import tracked
from qsim.record.scope import in_order, reach
from qsim.record.theatre import Feature, Place


@dataclass(frozen=True, slots=True)
class Span:
    """
    A place of one status from `start` to `end`, both included; `probability` is its mean belief over these days, `lowest` the least.

    `claims` are the claims of control that speak of the place within the span or, where none does, the last before it.
    """

    place: Place
    start: date
    end: date
    status: str
    label: str
    probability: float
    lowest: float
    claims: tuple[Claim, ...]

    @property
    def cites(self) -> tuple[str, ...]:
        """The citations of the claims, each once."""
        return tuple(dict.fromkeys(str(cite) for claim in self.claims for cite in claim.cites))

    @property
    def sources(self) -> tuple[str, ...]:
        """The ids of the sources of the claims, each once."""
        return tuple(dict.fromkeys(claim.source for claim in self.claims))


def spans(timeline: Timeline, places: Sequence[str] | None = None, *, progress: bool = False) -> Iterator[Span]:
    """
    Give the spans of the places of a timeline, place by place and day by day; those of `places` alone where it is given.

    Gateways, which have no status of their own, are left out. With `progress` a bar on the standard error follows the places.

    Raises
    ------
    TheatreError
        When a place is not of the theatre.
    """
    said = claims_by_place(timeline)
    for i in tracked(positions(timeline, places), "writing places", shown=progress):
        codes = timeline.status[:, i]
        starts = np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]])
        for first, after in zip(starts, [*starts[1:], len(codes)], strict=True):
            yield _span(timeline, i, int(first), int(after), said.get(i, ()))


def positions(timeline: Timeline, places: Sequence[str] | None) -> list[int]:
    """Return the positions of the places that are asked for, or of all but the gateways; a group stands for its members."""
    theatre = timeline.theatre
    if places is None:
        return [i for i, place in enumerate(theatre.places) if not place.gateway]
    groups = {group.id for group in theatre.groups}
    ids = [theatre.id_of(name) for name in places]
    asked = [theatre.members(id) if id in groups else (theatre.index[id],) for id in ids]
    return list(dict.fromkeys(i for members in asked for i in members))


def claims_by_place(timeline: Timeline) -> dict[int, list[Claim]]:
    """Return the claims of control that speak of each place (position), in order; none for a timeline without a ledger."""
    said: dict[int, list[Claim]] = defaultdict(list)
    if timeline.ledger is not None:
        for claim in in_order(claim for claim in timeline.ledger.claims if claim.of_control):
            for i in reach(timeline.theatre, claim):
                said[i].append(claim)
    for city, parts in timeline.theatre.parts.items():
        members = [timeline.theatre.index[part] for part in parts]
        said[timeline.theatre.index[city]] = in_order({claim.id: claim for i in members for claim in said[i]}.values())
    return said


def licences(timeline: Timeline) -> str:
    """
    Return the licences that travel with what is made from a record, as one line: of the record and whom to name with it, of its
    documents, and of the places and the backdrop, the most frequent first.
    """
    theatre = timeline.theatre
    whole = [f"record: {theatre.licence}"] if theatre.licence else []
    whole += [f"attribution: {theatre.attribution}"] if theatre.attribution else []
    texts = [f"{each.origin or each.title} ({each.licence})" for each in theatre.documents.values() if each.licence]
    named: list[Place | Feature] = [*theatre.places, *theatre.backdrop]
    told = Counter(f"{each.source} ({each.licence})" for each in named if each.licence and each.source)
    drawn = sorted(told, key=lambda each: (-told[each], each))
    rest = [f"and {len(drawn) - 8} more, see the places"] if len(drawn) > 8 else []
    return "; ".join([*whole, *dict.fromkeys(texts), *drawn[:8], *rest])


def _span(timeline: Timeline, i: int, first: int, after: int, said: Sequence[Claim]) -> Span:
    """Return the span of the days at `first..after` of the place at position `i`."""
    theatre, code = timeline.theatre, int(timeline.status[first, i])
    start, end = day(timeline.days[first]), day(timeline.days[after - 1])
    belief = timeline.belief[first:after, i]
    p = belief[:, code] if code >= 0 else belief.max(axis=1)
    within = [claim for claim in said if claim.window.start <= end and claim.window.end >= start]
    earlier = [claim for claim in said if claim.window.end < start]
    status = theatre.statuses[code] if code >= 0 else UNDECIDED if code == NEITHER else UNKNOWN
    label = {side.id: side.name for side in theatre.sides}.get(status, status)
    return Span(theatre.places[i], start, end, status, label, float(p.mean()), float(p.min()), tuple(within or earlier[-1:]))
