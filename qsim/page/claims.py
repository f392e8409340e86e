"""The claims that a page holds, as columns: in words, the places that they speak of and bear on, what they cite."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.belief.timeline import Timeline
from qsim.belief.why import says
from qsim.page.bidi import plain, short
from qsim.page.blobs import Blobs
from qsim.record.citations import Citation
from qsim.record.documents import Document, quote
from qsim.record.ledger import Claim
from qsim.record.packed import Claims, Ints, day_number, firsts, joint
from qsim.record.progress import MANY, tracked
from qsim.record.scope import reach, rows_in_order
from qsim.record.theatre import Theatre

Key = tuple[NDArray[Any], int]  # numbers (claims,), and one more than the largest: by what claims differ


@dataclass(frozen=True, eq=False, slots=True)
class Told:
    """
    The claims of all tellings that begin within their days or before, each once, in the order in which they count.

    `of` has of each telling with a ledger the positions of its claims, in order; `teller` (claims,) is the first of these tellings that has each.
    """

    claims: Claims
    of: Mapping[str, Ints]
    teller: Ints


def told_by(tellings: Mapping[str, Timeline]) -> Told:
    """Return the claims of all tellings."""
    known = {name: timeline.ledger for name, timeline in tellings.items() if timeline.ledger is not None}
    last = day_number(max(timeline.end for timeline in tellings.values()))
    ledgers = list(known.values())
    if all(each.claims == ledgers[0].claims for each in ledgers[1:]):
        found = ledgers[0].columns if ledgers else Claims()
        found = found.take(found.start <= last) if ledgers else found
        found = found.take(rows_in_order(found))
        return Told(found, {name: np.arange(len(found)) for name in known}, np.zeros(len(found), dtype=np.int64))
    first = {claim: n for n in reversed(range(len(ledgers))) for claim in ledgers[n].claims}
    found = Claims(claim for claim in first if day_number(claim.window.start) <= last)
    found = found.take(rows_in_order(found))
    position = {claim: i for i, claim in enumerate(found)}
    of = {name: sorted(position[claim] for claim in ledger.claims if claim in position) for name, ledger in known.items()}
    return Told(found, {name: np.array(each, dtype=np.int64) for name, each in of.items()}, np.array([first[claim] for claim in found]))


def claims_told(tellings: Mapping[str, Timeline], told: Told, blobs: Blobs, *, progress: bool = False) -> dict[str, Any]:
    """
    Return the claims: how many (`count`), their ids (`letters`, one after another, and `lengths`), and `columns`.

    Each column holds `codes` of the claims, and of each code the values of some `fields`: what a claim says in words, who says so, and the positions of the
    places that it speaks of (`on`) and those it stands beside (`by`). What a claim has nothing of is none.
    """
    timelines = [timeline for timeline in tellings.values() if timeline.ledger is not None]
    columns = tracked(
        _Columns(timelines, told, blobs).made() if len(told.claims) else (),
        "packing claims",
        shown=progress and len(told.claims) > MANY,
        total=_Columns.NUMBER,
    )
    made = [column for column in columns if column is not None]
    names = tracked(told.claims.column("id") if len(told.claims) else (), "packing ids", shown=progress and len(told.claims) > MANY)
    ids = [plain(id).encode() for id in names]
    return {
        "count": len(told.claims),
        "letters": blobs.add("u", np.frombuffer(b"".join(ids), dtype=np.uint8)),
        "lengths": blobs.add("i", [len(id) for id in ids]),
        "columns": made,
    }


class _Columns:
    """Makes the columns: what depends on some fields of a claim alone is asked once for each set of their values."""

    NUMBER = 13  # of columns that are made, those of nothing included

    def __init__(self, timelines: Sequence[Timeline], told: Told, blobs: Blobs) -> None:
        self.timelines, self.claims, self.teller, self.blobs = timelines, told.claims, told.teller, blobs
        self.holders, self.start = holding(timelines[0].theatre), day_number(timelines[0].start)

    def made(self) -> Iterator[dict[str, Any] | None]:
        """Yield all columns; none for one that has nothing of any claim."""
        claims, apart = self.claims, self._apart()
        whom, number = claims.column("place").coded
        rows, codes = self._differing("kind", "side", "value", "bound", more=(np.where(apart, 0, whom + 1), number + 1))
        said = [says(timeline.theatre, claim) for timeline, claim in self._at(rows)]
        yield self._column(codes, says=said)
        yield self._places(apart, np.array([each is None for each in said], dtype=bool)[codes])
        rows, codes = self._differing("kind", "side", "source", "value", "bound", "quantifier")
        yield self._column(
            codes, against=[timeline.ledger is not None and timeline.ledger.against_interest(claim) for timeline, claim in self._at(rows)]
        )
        for name in ("kind", "source", "confidence", "note", "cites"):
            yield self._field(name, name, lambda value: list(value) if isinstance(value, tuple) else value)
        yield self._field("window", "when", str)
        yield self._field("reported", "reported", lambda window: str(window or ""))
        for name, days in (("from", claims.start), ("known", claims.known), ("until", claims.until)):
            rows, codes = _differing((days - days.min(), int(np.ptp(days)) + 1))
            yield self._column(codes, **{name: (days[rows] - self.start).tolist()})

    def _apart(self) -> NDArray[np.bool_]:
        """Return which claims are about one place that stands for itself alone, (claims,)."""
        place = self.claims.column("place")
        found = [place.each(partial(_stands_alone, timeline.theatre), bool) for timeline in self.timelines]
        return np.asarray(np.stack(found)[self.teller, np.arange(len(self.claims))])

    def _places(self, apart: NDArray[np.bool_], silent: NDArray[np.bool_]) -> dict[str, Any] | None:
        """Return what claims are about; `silent` are those that say nothing of who holds it, (claims,)."""
        extent, number = joint([self.claims.column(name).coded for name in ("kind", "quantifier")])
        rows, codes = self._differing("place", more=joint([(np.where(apart, 0, extent + 1), number + 1), (silent, 2)]))
        asked = [(timeline.theatre, claim) for timeline, claim in self._at(rows)]
        about = [short(theatre.named(claim.place)) for theatre, claim in asked]
        told = zip(asked, silent[rows].tolist(), apart[rows].tolist(), strict=True)
        on, by = zip(*(_reached(each, self.holders, silent=says_nothing, alone=alone) for each, says_nothing, alone in told), strict=True)
        return self._column(codes, about=about, on=on, by=by)

    def _field(self, name: str, called: str, shown: Callable[[Any], Any]) -> dict[str, Any] | None:
        """Return a field of claims as it is shown, under the name that it has in a page."""
        column = self.claims.column(name)
        rows, codes = _differing(column.coded)
        return self._column(codes, **{called: [shown(column[row]) for row in rows.tolist()]})

    def _differing(self, *names: str, more: Key | None = None) -> tuple[Ints, Ints]:
        """Return the rows where each set of values of these fields first stands, and which of these each claim has; claims differ by some numbers as well."""
        codes = [self.claims.column(name).coded for name in names]
        return _differing(joint([*codes, *([more] if more else []), (self.teller, len(self.timelines))]))

    def _at(self, rows: Ints) -> Iterator[tuple[Timeline, Claim]]:
        """Yield the claims of some rows, each with the telling that tells it."""
        return ((self.timelines[self.teller[row]], self.claims[row]) for row in rows.tolist())

    def _column(self, codes: Ints, **fields: Sequence[Any]) -> dict[str, Any] | None:
        """Return a column; without those of its fields that say nothing of any claim, and none where it has no others."""
        kept = {name: [None if value in ("", []) or value is False else value for value in values] for name, values in fields.items()}
        kept = {name: values for name, values in kept.items() if any(value is not None for value in values)}
        count = max((len(values) for values in kept.values()), default=0)
        return {"codes": self.blobs.codes(codes, count), "fields": kept} if kept else None


def _differing(key: Key) -> tuple[Ints, Ints]:
    """Return the rows where each different number first stands, in their order, and which of these each row has."""
    first, of = firsts(key[0].astype(np.int64), key[1])
    order = np.argsort(first)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return first[order], place[of]


def _stands_alone(theatre: Theatre, name: str) -> bool:
    return name in theatre.apart and not theatre.link_members(name)


def _reached(asked: tuple[Theatre, Claim], holders: Sequence[set[int]], *, silent: bool, alone: bool) -> tuple[list[int], list[int]]:
    """Return the positions of the places that a claim speaks of, and of those that it stands beside: all, where it is `silent` of who holds them."""
    theatre, claim = asked
    if alone:
        at = [theatre.index[claim.place]]
        return ([], at) if silent else (at, [])
    direct = {*reach(theatre, claim), *([theatre.index[claim.place]] if claim.place in theatre.index else [])}
    on = set() if silent else direct
    return sorted(on), sorted(touched(theatre, claim, holders) - on)


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


def quotes(documents: Any, claims: Claims) -> dict[str, str]:
    """Return the words of each citation of a document; what no document of the scenario holds has none."""
    return {citation: words for citation in _cited(claims) if (words := quote(documents, citation))}


def addresses(documents: Mapping[str, Document], claims: Claims) -> dict[str, str]:
    """Return where what is cited without its words can be read: a page of the web, a DOI, a document that is elsewhere; blank for a book."""
    cited = {text: Citation.parse(text) for text in _cited(claims)}
    elsewhere = {
        text: documents[each.document].url for text, each in cited.items() if each.kind == "sentence" and not documents[each.document].lines
    }
    return {text: each.address for text, each in cited.items() if each.kind != "sentence"} | elsewhere


def _cited(claims: Claims) -> Iterator[str]:
    """Yield each citation; some more than once."""
    column = claims.column("cites")
    rows, _ = _differing(column.coded)
    return (citation for row in rows.tolist() for citation in column[row])
