"""On which days each claim may speak, and what it says was going on there: columns in the order of the claims."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from qsim.belief.evidence import meant
from qsim.record.ledger import Claim, Ledger
from qsim.record.packed import Claims, Ints, Lists, day_number
from qsim.record.settings import Model
from qsim.record.theatre import Theatre

Kind = tuple[float, float, float, int]  # o, c, e, and the days that a turning is spread over; 0 days: before the first claim
_TOGETHER = 1_000_000  # days of places filled in together


@dataclass(frozen=True, eq=False, slots=True)
class Going:
    """
    What claims say was going on, the weaker first: whose `claim` (a position), the `kind` of day (a position in `kinds`), the `places`
    and the `first` and `last` day.
    """

    kinds: tuple[Kind, ...]
    claim: Ints
    kind: Ints
    places: Lists
    first: Ints
    last: Ints

    def at(self, place: int) -> list[tuple[int, Kind, int, int]]:
        """Return what was going on at one place: by whose claim, what kind of day it makes, its first and last day."""
        rows = np.repeat(np.arange(len(self.claim)), self.places.sizes)[self.places.values == place]
        columns = (each[rows].tolist() for each in (self.claim, self.kind, self.first, self.last))
        return [(n, self.kinds[kind], a, b) for n, kind, a, b in zip(*columns, strict=True)]

    def days(self) -> Iterator[tuple[Ints, Ints, Ints]]:
        """Yield the days, the places and the kinds of day of all of it, some at a time, the weaker first."""
        lasting = (self.last - self.first + 1) * self.places.sizes
        parts = np.searchsorted(np.cumsum(lasting), np.arange(_TOGETHER, lasting.sum() + _TOGETHER, _TOGETHER))
        for a, b in zip([0, *(parts + 1)], [*(parts + 1)], strict=False):
            rows = np.arange(a, min(b, len(lasting)))
            place, of = self.places.gathered(rows)
            span = (self.last - self.first + 1)[rows][of]
            at = np.repeat(np.arange(len(of)), span)
            day = self.first[rows][of][at] + np.arange(len(at)) - np.repeat(np.cumsum(span) - span, span)
            yield day, place[at], self.kind[rows][of][at]


_NONE = np.empty(0, dtype=np.int64)
NOTHING = Going((), _NONE, _NONE, Lists.of_each(()), _NONE, _NONE)


def single(theatre: Theatre, claims: Claims) -> Ints:
    """Return the one place that each claim speaks of, (claims,), a position; -1 where it speaks of none or several."""
    return claims.column("place").each(lambda id: members[0] if len(members := theatre.members(id)) == 1 else -1, np.int64)


def spans_of(theatre: Theatre, ledger: Ledger, model: Model, claims: Claims, late: Mapping[str, int], first: date) -> tuple[Ints, Ints]:
    """
    Return the first and last day (positions) that each claim may speak of, (claims,): its window, an approximate event's wider, a state of
    a source that is behind events so much earlier (`qsim.belief.delays`).

    An event of a place in whose window another of the same meaning is more exactly dated is the same event, and is dated by that.
    """
    about = claims.column("window").each(lambda window: window.approximate, bool) & claims.of_kind("takes", "loses")
    slack = np.where(about, model.approximate_days, 0)
    a, b = np.maximum(0, claims.start - day_number(first) - slack), claims.end - day_number(first) + slack
    if late:
        a, b = _earlier(ledger, claims, late, a, b)
    places, known = single(theatre, claims), dated_events(theatre, claims, (a, b))
    dated = a.copy(), b.copy()
    for n in np.flatnonzero((b > a) & _of_one_place(theatre, claims)).tolist():
        meaning = frozenset(meant(theatre, claims[n]))
        same = [
            each
            for each in known[int(places[n])]
            if each[2] == meaning and a[n] <= each[0] and each[1] <= b[n] and each[1] - each[0] < b[n] - a[n]
        ]
        if same:
            dated[0][n], dated[1][n] = min(same, key=lambda each: (each[1] - each[0], each[0]))[:2]
    return dated


def _earlier(ledger: Ledger, claims: Claims, late: Mapping[str, int], a: Ints, b: Ints) -> tuple[Ints, Ints]:
    """Return the spans with the states of sources that are behind so much earlier, but for where each source begins and ends."""
    voice, number = claims.column("source").ranks(ledger.origin_of)
    begins, ends = np.full(number, np.iinfo(np.int64).max), np.full(number, np.iinfo(np.int64).min)
    np.minimum.at(begins, voice, claims.start)
    np.maximum.at(ends, voice, claims.end)
    behind = claims.column("source").each(lambda source: late.get(ledger.origin_of(source), 0), np.int64)
    moved = (behind > 0) & claims.of_kind("holds", "contests")
    start = np.where(moved & (claims.start != begins[voice]), np.maximum(0, a - behind), a)
    return start, np.where(moved & (claims.end != ends[voice]), np.maximum(start, b - behind), b)


def dated_events(theatre: Theatre, claims: Claims, spans: tuple[Ints, Ints]) -> dict[int, list[tuple[int, int, frozenset[int]]]]:
    """
    Return the takings and losses of each single place (a position) one of which is dated to more than a day: first and last day of each,
    and the statuses they may mean, in order. Events of a day each are told apart by their days.
    """
    place, event = single(theatre, claims), _of_one_place(theatre, claims)
    vague = np.unique(place[event & (spans[1] > spans[0])])
    rows = np.flatnonzero(event & np.isin(place, vague))
    few, of = claims.take(rows).alike("kind", "side")
    meaning = [frozenset(meant(theatre, claim)) for claim in few]
    found: dict[int, list[tuple[int, int, frozenset[int]]]] = {}
    for p, a, b, n in zip(place[rows].tolist(), spans[0][rows].tolist(), spans[1][rows].tolist(), of.tolist(), strict=True):
        found.setdefault(p, []).append((a, b, meaning[n]))
    return {p: sorted(events, key=lambda each: (each[0], each[1], sorted(each[2]))) for p, events in found.items()}


def _of_one_place(theatre: Theatre, claims: Claims) -> NDArray[np.bool_]:
    whole = claims.column("quantifier").each(lambda quantifier: quantifier != "part", bool)
    return np.asarray(claims.of_kind("takes", "loses") & whole & (single(theatre, claims) >= 0))


def going_on(theatre: Theatre, ledger: Ledger, model: Model, claims: Claims, spans: tuple[Ints, Ints]) -> Going:
    """
    Return what each claim says was going on, the weaker first.

    Fighting said to last goes on where nobody else says meanwhile that a side held the place; else it is a state like theirs.
    """
    a, b = spans
    size = claims.column("place").each(lambda id: len(theatre.members(id)), np.int64)
    rows = np.flatnonzero(
        (size > 0) & claims.of_kind("takes", "loses", "contests", "repulses", "withdraws") & ~_quiet_states(ledger, model, claims, spans)
    )
    length = (b - a + 1)[rows]
    told, of_place = claims.take(rows), Lists.of_each
    few, of = told.alike(
        "kind",
        "quantifier",
        by=(size[rows] * (length.max(initial=0) + 1) + length, int((size[rows].max(initial=0) + 1) * (length.max(initial=0) + 1))),
    )
    representative = np.zeros(len(few), dtype=np.int64)
    representative[of] = np.arange(len(of))
    each = [
        _kind(model, claim, int(length[n]), _among(theatre, model, claim)) for claim, n in zip(few, representative.tolist(), strict=True)
    ]
    kinds = sorted(set(each), key=strength_of)
    kind = np.array([kinds.index(one) for one in each], dtype=np.int64)[of]
    order = np.argsort(kind, kind="stable")
    names = told.column("place")
    places = of_place(_with_part(theatre, id) for id in names.values)
    values, _ = places.gathered(names.codes[order].astype(np.int64))
    sizes = places.sizes[names.codes[order]]
    return Going(
        tuple(kinds), rows[order], kind[order], Lists(values, np.concatenate([[0], np.cumsum(sizes)])), a[rows][order], b[rows][order]
    )


def _quiet_states(ledger: Ledger, model: Model, claims: Claims, spans: tuple[Ints, Ints]) -> NDArray[np.bool_]:
    """Return which claims of lasting fighting others contradict meanwhile, who say that a side held the place, (claims,)."""
    a, b = spans
    quiet = np.zeros(len(claims), dtype=bool)
    lasting = np.flatnonzero(claims.of_kind("contests") & (b - a >= model.lasting_days))
    if not len(lasting):
        return quiet
    names, voice = claims.column("place").codes, claims.column("source").ranks(ledger.origin_of)[0]
    held: dict[int, list[int]] = {}
    for n in np.flatnonzero(claims.of_kind("holds") & np.isin(names, names[lasting])).tolist():
        held.setdefault(int(names[n]), []).append(n)
    for n in lasting.tolist():
        others = held.get(int(names[n]), [])
        quiet[n] = bool(((a[others] <= b[n]) & (b[others] >= a[n]) & (voice[others] != voice[n])).any())
    return quiet


def _among(theatre: Theatre, model: Model, claim: Claim) -> float:
    """Return by what the chances of an event are divided that is somewhere in a group."""
    members = theatre.members(claim.place)
    whole = len(members) == 1 or (claim.kind in ("takes", "loses") and claim.quantifier in (None, "all"))
    return 1.0 if whole else len(members) ** model.somewhere


def _with_part(theatre: Theatre, id: str) -> list[int]:
    """Return the places that an event at a place or group concerns: of a building, the part it stands in as well."""
    within = theatre.place(id).within if id in theatre.index else None
    return [*theatre.members(id), *([theatre.index[within]] if within else [])]


def _kind(model: Model, claim: Claim, length: int, among: float) -> Kind:
    """Return the kind of day of an event in a window of some days, somewhere `among` so many places (a root)."""
    event = claim.kind in ("takes", "loses")
    stay, other, still = model.stay[event], model.to_other[event], model.still_contested[1 + event]
    if event and claim.quantifier == "part" and among == 1.0:
        other = 1 - stay - other  # who takes part of a place fights for it: what leaves goes where fighting is
    if claim.kind == "contests" and among == 1.0:
        still = max(still, 1 - 1 / length)
    spread = 1 if claim.kind == "contests" else length
    return other / among, (1 - stay - other) / among, still, spread


def strength_of(kind: Kind) -> tuple[float, float, Kind]:
    """Return what kinds of day are ordered by: of several on one day the strongest counts."""
    o, c, e, spread = kind
    return (o + c) / max(1, spread), e, kind
