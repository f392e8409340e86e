"""What every claim amounts to for the belief model: statements about places and days, shares of cities, and activity."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from qsim.belief.evidence import reading
from qsim.record.dates import Day, Window, day
from qsim.record.ledger import Claim, Ledger
from qsim.record.scope import reach
from qsim.record.settings import Model
from qsim.record.theatre import CONTESTED, Theatre

FIGURE, AT_LEAST, AT_MOST = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Statement:
    """
    One claim's say on one place, some time in the days `first..last` (positions, both included).

    `told` (statuses,) is how likely an informed source is to say so under each status, `bluff` an uninformed one; `before` is the
    status that the place did not have on the day before, -1 where nothing is said of that.
    """

    claim: int
    place: int
    first: int
    last: int
    told: NDArray[np.float64]
    bluff: float
    weight: float = 1.0
    before: int = -1


@dataclass(frozen=True, slots=True)
class ShareOf:
    """One claim's figure for the share that a side (a position) holds of some places, on one day; `weight` spreads a window."""

    claim: int
    places: tuple[int, ...]
    day: int
    value: float
    bound: int
    sd: float
    side: int
    bluff: float
    weight: float


@dataclass(frozen=True, eq=False, slots=True)
class Said:
    """
    All that a ledger says, on the days from `start` (a date's position 0) for `days` days; `activity` is (days, places), 0..2.

    `first` and `last` are the positions of the first and the last day that a claim speaks of.
    """

    start: np.datetime64
    days: int
    first: int
    last: int
    claims: tuple[Claim, ...]
    statements: tuple[Statement, ...]
    shares: tuple[ShareOf, ...]
    activity: NDArray[np.int8]

    def speaks_of(self) -> NDArray[np.int_]:
        """Return the positions of the places that any evidence speaks of, in order."""
        return np.array(sorted({s.place for s in self.statements} | {p for share in self.shares for p in share.places}), dtype=int)


def distinct(ledger: Ledger) -> list[Claim]:
    """
    Return the claims in the order of their ids, each statement once: a copy, from a source that repeats another or from the same
    source again, of the same thing about the same place and days is neither evidence nor activity.
    """
    kept: dict[tuple[object, ...], Claim] = {}
    for claim in sorted(ledger.claims, key=lambda c: (ledger.sources[c.source].origin is not None, c.id)):
        key = (ledger.origin(claim), claim.place, claim.kind, claim.side, claim.quantifier, claim.value, claim.bound, claim.window)
        kept.setdefault(key, claim)
    return sorted(kept.values(), key=lambda claim: claim.id)


def listen(theatre: Theatre, ledger: Ledger, model: Model, *, start: Day, end: Day) -> Said:
    """
    Return what the ledger says, from `start` to `end`, both included, widened so that every claim of control falls inside.
    """
    claims = [c for c in distinct(ledger) if c.of_control or c.kind in ("encircles", "withdraws")]
    windows = [Window(day(start), day(end)), *(claim.window for claim in claims)]
    first = min(window.start for window in windows) - timedelta(days=1)  # the eve of the first claim is spoken of, too
    days = (max(window.end for window in windows) - first).days + 1
    statements: list[Statement] = []
    shares: list[ShareOf] = []
    for number, claim in enumerate(claims):
        span = (claim.window.start - first).days, (claim.window.last - first).days
        own = ledger.sources[claim.source].side
        bluff = model.bluff(len(theatre.sides), theatre.statuses.index(own) if own else None)
        if claim.kind == "share" or (claim.quantifier in ("most", "part") and len(theatre.members(claim.place)) > 1):
            shares += _shares(theatre, model, claim, number, span, own)
        else:
            statements += _statements(theatre, model, claim, number, span, bluff)
    earliest = min((window.start - first).days for window in windows[1:] or windows)
    latest = max((window.last - first).days for window in windows[1:] or windows)
    return Said(
        np.datetime64(first),
        days,
        earliest,
        latest,
        tuple(claims),
        tuple(statements),
        tuple(shares),
        _activity(theatre, model, claims, first, days),
    )


def coverage(theatre: Theatre, model: Model, claim: Claim) -> float:
    """Return how much of each place a claim about `claim.place` speaks of: 1 for a single place, less for groups, cities and parts."""
    if claim.quantifier == "part":
        return model.cover_part
    if len(theatre.members(claim.place)) == 1:
        return 1.0
    if claim.quantifier == "all":
        return model.cover_all
    if not _is_wide(theatre, claim.place):
        return model.cover_sector
    return model.cover_city_taken if claim.kind in ("takes", "loses") else model.cover_city_held


def told(model: Model, sides: int, said: int, *, taken: bool, cover: float) -> NDArray[np.float64]:
    """Return how likely an informed source is to say `said` under each status, shape (statuses,), given how much it speaks of."""
    return cover * model.saying(sides, taken=taken)[:, said] + (1 - cover) / (sides + 1)


def _statements(
    theatre: Theatre, model: Model, claim: Claim, number: int, span: tuple[int, int], bluff: NDArray[np.float64]
) -> Iterable[Statement]:
    """Yield what one claim says of each of its places."""
    members, sides = theatre.members(claim.place), len(theatre.sides)
    if claim.kind == "encircles":
        yield from _siege(theatre, model, claim, number, span)
        return
    said = reading(theatre, claim)
    if said is None or (claim.kind == "contests" and len(members) > 1):
        return
    codes, taken, cover = _codes(theatre, claim, said), claim.kind in ("takes", "loses"), coverage(theatre, model, claim)
    weight = model.weight_repulses if claim.kind == "repulses" else 1.0
    if claim.kind == "contests" and claim.quantifier == "part":
        weight, cover = model.weight_advance, 1.0
    before = codes[0] if taken and len(members) == 1 and len(codes) == 1 else -1
    likely, half = (
        np.mean([told(model, sides, code, taken=taken, cover=c) for code in codes], axis=0) for c in (cover, cover * model.cover_building)
    )
    bluffed = float(np.mean(bluff[codes]))
    for first, last in _moments(model, claim, span):
        for place in reach(theatre, claim):
            yield Statement(number, place, first, last, likely, bluffed, weight, before)
        for place in _around(theatre, claim):
            yield Statement(number, place, first, last, half, bluffed, weight)


def _codes(theatre: Theatre, claim: Claim, said: str) -> list[int]:
    """Return the positions of the statuses that a claim may mean: one, or every other side where a side lost or is denied a place."""
    if claim.kind in ("loses", "denies"):
        return [i for i, side in enumerate(theatre.sides) if side.id != claim.side]
    return [theatre.statuses.index(said)]


def _around(theatre: Theatre, claim: Claim) -> tuple[int, ...]:
    """Return the part that a building stands in, on which a claim about the building bears too."""
    within = theatre.place(claim.place).within if claim.place in theatre.index else None
    return (theatre.index[within],) if within else ()


def _siege(theatre: Theatre, model: Model, claim: Claim, number: int, span: tuple[int, int]) -> Iterable[Statement]:
    """Yield that the besieger does not hold the besieged places: weak evidence."""
    if claim.side is None:
        return
    likely = np.full(len(theatre.statuses), 0.8)
    likely[theatre.statuses.index(claim.side)] = 0.2
    if len(theatre.members(claim.place)) == 1:  # a city may be besieged by those who hold most of it
        for first, last in _moments(model, claim, span):
            yield Statement(number, theatre.members(claim.place)[0], first, last, likely, 0.5, model.weight_siege)


def _moments(model: Model, claim: Claim, span: tuple[int, int]) -> list[tuple[int, int]]:
    """Return the day spans of which a claim is full evidence: its window, or for a state that lasted, days along it."""
    first, last = span
    if claim.kind in ("holds", "encircles") and last - first >= 7:
        return [(d, d) for d in sorted({*range(first, last, model.held_every_days), last})]
    return [span]


def _shares(theatre: Theatre, model: Model, claim: Claim, number: int, span: tuple[int, int], own: str | None) -> Iterable[ShareOf]:
    """Yield one claim's figure for each day of its window, equally likely; *most* of a city is a share of at least half."""
    said = reading(theatre, claim)
    if said is None or said == CONTESTED:
        return
    members = theatre.members(claim.place)
    foothold = max(model.least_part, 1 / len(members))
    least = 0.5 if claim.quantifier == "most" else foothold
    value, bound = (claim.value, claim.bound) if claim.kind == "share" else (least, "at_least")
    assert value is not None
    code = {"at_least": AT_LEAST, "at_most": AT_MOST}.get(bound or "", FIGURE)
    sd = model.share_sd_approx if bound == "approx" else model.share_sd_exact
    lean = 1.0 if own is None else 2 * value if own == said else 2 * (1 - value)
    bluff = lean / len(members) if code == FIGURE else 0.5 * lean if own else 0.4
    length = span[1] - span[0] + 1
    for d in range(span[0], span[1] + 1):
        yield ShareOf(number, members, d, value, code, sd, theatre.statuses.index(said), max(bluff, 1e-3), 1 / length)


def _activity(theatre: Theatre, model: Model, claims: Iterable[Claim], first: date, days: int) -> NDArray[np.int8]:
    """Return what was going on at each place on each day: 0 quiet, 1 busy, 2 turning, shape (days, places)."""
    activity = np.zeros((days, len(theatre.places)), dtype=np.int8)
    for claim in claims:
        level, longest = 0, 0
        if claim.kind in ("takes", "loses"):
            level, longest = 2, model.turning_days
        elif claim.kind in ("contests", "repulses", "withdraws"):
            level, longest = 1, model.busy_days
        if level and claim.window.length <= longest:
            places = [*theatre.members(claim.place), *_around(theatre, claim)]
            begin = (claim.window.start - first).days
            span = slice(begin, begin + claim.window.length)
            activity[span, places] = np.maximum(activity[span, places], level)
    return activity


def _is_wide(theatre: Theatre, name: str) -> bool:
    """Return whether a name stands for a whole city, or for a region that holds one."""
    members = set(theatre.members(name))
    return any(members >= set(theatre.members(city)) for city in theatre.parts)
