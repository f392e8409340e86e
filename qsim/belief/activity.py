"""
What was going on: the daily chances of each place to change hands, from what was reported, and how often places changed here at all.

A day moves a place by a matrix made of three chances: `o` that a side loses it to another, `c` that it becomes contested, `e` that
fighting goes on. Rows of sides: to other sides o w_t / sum of w, to contested c; of contested: to sides (1 - e) w_t / sum of w.
w is 1 for the sides that somebody puts at the place or next to it, `elsewhere` for others.

*Quiet* days: the hazard h = lambda_p (1 - rho q), half to contested, half to the other sides. lambda = (2 + changes) / (1000 + days of
all places), of a place lambda_p = (1 + k_p) / (1/lambda + days), rounded to lambda x 1/4 .. 8: the posterior means of a Gamma prior and
its child. k_p are the changes of the place, reported (episodes of takes or loses) and not (a source's word that changed without any).
rho is the part of changes that gets reported, q = 1 - exp(-m / 5) how well a day is covered by its m claims: where changes get
reported, silence says that there was none (as in capture-recapture; Otis et al., Statistical inference from capture data, 1978).

*Busy* and *turning* days have fixed chances; fighting somewhere in a group of n parts divides them by sqrt(n); fighting said to last w
days goes on with 1 - 1/w. A turning dated to w days is spread: the matrix of each is the w-th root. Figures of a group by neutral
voices that differ make an undated change in between: *drift*, hazard |difference| / days.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qsim.belief.evidence import meant
from qsim.record.ledger import Claim, Ledger
from qsim.record.settings import Model
from qsim.record.theatre import Theatre

Floats = NDArray[np.float64]
Kind = tuple[float, float, float, int]  # o, c, e, and the days that a turning is spread over; 0 days: before the first claim
Going = tuple[int, Kind, list[int], int, int]  # whose claim, the kind of day, the places, the first and last day
_LEVELS = 2.0 ** np.arange(-2, 4)
_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)
_EPISODE_DAYS = 10
_DRIFTS = np.array([0.002, 0.005, 0.012, 0.03, 0.08])
_DRIFT_TO_OTHER = 0.7
_WHOLE_HELD, _WHOLE_LOST = 0.9, 0.1  # the share that "the city is held" stands for, "is lost"


@dataclass(frozen=True, eq=False, slots=True)
class Moves:
    """
    How places move: `codes` (days, places) says which of the `matrices` (codes, statuses, statuses), row the day before, moves each on
    each day, from `initial` (places, statuses) on the eve. `hazard` is the learned lambda, `detection` the learned rho, `going` what claims say was going on, the weaker first.
    """

    codes: NDArray[np.int16]
    matrices: Floats
    initial: Floats
    hazard: float
    detection: float
    going: tuple[Going, ...]


def spans_of(
    theatre: Theatre, ledger: Ledger, model: Model, claims: Sequence[Claim], late: Mapping[str, int], first: date
) -> list[tuple[int, int]]:
    """
    Return the first and last day (positions) that each claim may speak of: its window, an approximate event's wider, a state of a source
    that is behind events so much earlier (`qsim.belief.delays`).

    An event of a place in whose window another of the same meaning is more exactly dated is the same event, and is dated by that.
    """
    spans = []
    for claim in claims:
        slack = model.approximate_days if claim.window.approximate and claim.kind in ("takes", "loses") else 0
        spans.append((max(0, (claim.window.start - first).days - slack), (claim.window.end - first).days + slack))
    ends = _ends(ledger, claims) if late else {}
    for n, claim in enumerate(claims):
        who = ledger.origin(claim)
        if who in late and claim.kind in ("holds", "contests"):
            a, b = spans[n]
            start = a if claim.window.start == ends[who][0] else max(0, a - late[who])
            spans[n] = start, b if claim.window.end == ends[who][1] else max(start, b - late[who])
    known = dated_events(theatre, claims, spans)
    for n, claim in enumerate(claims):
        a, b = spans[n]
        if b > a and _of_one_place(theatre, claim):
            meaning, place = frozenset(meant(theatre, claim)), theatre.members(claim.place)[0]
            same = [each for each in known[place] if each[2] == meaning and a <= each[0] and each[1] <= b and each[1] - each[0] < b - a]
            if same:
                spans[n] = min(same, key=lambda each: (each[1] - each[0], each[0]))[:2]
    return spans


def _ends(ledger: Ledger, claims: Sequence[Claim]) -> dict[str, tuple[date, date]]:
    """Return the first and the last day that each origin speaks of."""
    found: dict[str, tuple[date, date]] = {}
    for claim in claims:
        who, window = ledger.origin(claim), claim.window
        first, last = found.get(who, (window.start, window.end))
        found[who] = min(first, window.start), max(last, window.end)
    return found


def dated_events(
    theatre: Theatre, claims: Sequence[Claim], spans: Sequence[tuple[int, int]]
) -> dict[int, list[tuple[int, int, frozenset[int]]]]:
    """Return the takings and losses of each single place (a position), by day: first and last day, and the statuses they may mean."""
    found: dict[int, list[tuple[int, int, frozenset[int]]]] = {}
    for claim, (a, b) in zip(claims, spans, strict=True):
        if _of_one_place(theatre, claim):
            found.setdefault(theatre.members(claim.place)[0], []).append((a, b, frozenset(meant(theatre, claim))))
    return {place: sorted(events, key=lambda each: (each[0], each[1], sorted(each[2]))) for place, events in found.items()}


def _of_one_place(theatre: Theatre, claim: Claim) -> bool:
    return claim.kind in ("takes", "loses") and claim.quantifier != "part" and len(theatre.members(claim.place)) == 1


def moves(
    theatre: Theatre, ledger: Ledger, model: Model, claims: Sequence[Claim], spans: Sequence[tuple[int, int]], *, first: date, days: int
) -> Moves:
    """Return how places move on the `days` days from `first`, of which those before the eve of the first claim are nobody's."""
    eve = min(a for a, _ in spans) - 1 if claims else 0
    rate, detection, level = hazards(theatre, ledger, model, claims)
    covered = _covered(model, claims, first, days)
    kinds: dict[Kind, int] = {}
    quiet = np.array([[kinds.setdefault(_quiet(model, rate * times, detection * q), len(kinds)) for q in _QUARTERS] for times in _LEVELS])
    quarter = np.round(covered * 4).astype(int)
    codes = quiet.T.astype(np.int16)[quarter][:, level]  # (days, places)
    _drift(theatre, ledger, model, claims, first, kinds, codes)
    going = tuple(sorted(going_on(theatre, ledger, model, claims, spans), key=lambda each: strength_of(each[1])))
    for _, kind, places, a, b in going:
        codes[a : b + 1, places] = kinds.setdefault(kind, len(kinds))
    before = np.array([kinds.setdefault((rate * times, 0.0, 0.0, 0), len(kinds)) for times in _LEVELS])
    codes[: max(0, eve)] = before[level]
    return _tabled(theatre, model, claims, list(kinds), codes, rate, detection, going)


def going_on(theatre: Theatre, ledger: Ledger, model: Model, claims: Sequence[Claim], spans: Sequence[tuple[int, int]]) -> Iterator[Going]:
    """
    Yield what each claim (a position) says was going on: the kind of day, the places, and the first and last day (positions).

    Fighting said to last goes on where nobody else says meanwhile that a side held the place; else it is a state like theirs.
    """
    held: dict[str, list[tuple[int, int, str]]] = {}
    for claim, (a, b) in zip(claims, spans, strict=True):
        if claim.kind == "holds":
            held.setdefault(claim.place, []).append((a, b, ledger.origin(claim)))
    for number, (claim, (a, b)) in enumerate(zip(claims, spans, strict=True)):
        members = list(theatre.members(claim.place))
        if not members or claim.kind not in ("takes", "loses", "contests", "repulses", "withdraws"):
            continue
        if claim.kind == "contests" and b - a >= model.lasting_days:
            who = ledger.origin(claim)
            if any(first <= b and last >= a and other != who for first, last, other in held.get(claim.place, ())):
                continue
        whole = len(members) == 1 or (claim.kind in ("takes", "loses") and claim.quantifier in (None, "all"))
        within = theatre.place(claim.place).within if claim.place in theatre.index else None
        kind = _kind(model, claim, b - a + 1, 1.0 if whole else len(members) ** model.somewhere)
        yield number, kind, members + ([theatre.index[within]] if within else []), a, b


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


def _quiet(model: Model, hazard: float, detected: float) -> Kind:
    h = min(hazard, model.most_hazard) * (1 - detected)
    return h / 2, h / 2, model.still_contested[0], 1


def hazards(theatre: Theatre, ledger: Ledger, model: Model, claims: Sequence[Claim]) -> tuple[float, float, NDArray[np.int_]]:
    """Return the learned hazard of a quiet day, the learned detection, and each place's level, shape (places,), of `_LEVELS`."""
    reported, unreported, spoken = _changes(theatre, ledger, claims)
    days = (max(c.window.end for c in claims) - min(c.window.start for c in claims)).days + 1 if claims else 0
    told, untold = reported.sum(), unreported.sum()
    rate = (model.quiet_changes + told + untold) / (model.quiet_days + spoken * days)
    own = (1 + reported + unreported) / (1 / rate + days)
    level = np.clip(np.round(np.log2(own / rate)), -2, 3).astype(int) + 2
    return rate, model.detection * (told + 1) / (told + untold + 2) if told else 0.0, level


def _changes(theatre: Theatre, ledger: Ledger, claims: Sequence[Claim]) -> tuple[Floats, Floats, int]:
    """Return the changes of each place that were reported, that were not, shapes (places,), and how many places are spoken of."""
    events: dict[int, list[int]] = {}
    states: dict[tuple[int, str], list[tuple[int, str]]] = {}
    spoken: set[int] = set()
    for claim in claims:
        members = theatre.members(claim.place)
        spoken |= set(members)
        when = claim.window.end.toordinal()
        if claim.kind in ("takes", "loses") and (len(members) == 1 or claim.quantifier in (None, "all")):
            for place in members:
                events.setdefault(place, []).append(when)
        elif claim.kind in ("holds", "contests") and len(members) == 1 and claim.quantifier is None:
            said = "" if claim.kind == "contests" else claim.side or ""
            states.setdefault((members[0], ledger.origin(claim)), []).append((claim.window.start.toordinal(), said))
    reported, unreported = np.zeros(len(theatre.places)), np.zeros(len(theatre.places))
    for place, when_ in events.items():
        reported[place] = 1 + int((np.diff(np.sort(when_)) > _EPISODE_DAYS).sum())
    counts: dict[int, list[float]] = {}
    for (place, _), told in states.items():
        known = np.sort(events.get(place, []))
        count, told = 0.0, sorted(told)
        for (a, said), (b, now) in pairwise(told):
            if said != now and np.searchsorted(known, a, "right") == np.searchsorted(known, b, "right"):
                count += 1.0 if said and now else 0.5
        if len(told) > 1:
            counts.setdefault(place, []).append(count)
    for place, told_ in counts.items():
        unreported[place] = np.mean(told_)
    return reported, unreported, len(spoken)


def _covered(model: Model, claims: Sequence[Claim], first: date, days: int) -> Floats:
    """Return how well each day is covered by claims near it, shape (days,), to the quarter."""
    steps = np.zeros(days + 1)
    for claim in claims:
        a = max(0, (claim.window.start - first).days - model.coverage_days)
        b = min(days, (claim.window.end - first).days + model.coverage_days + 1)
        steps[a] += 1
        steps[b] -= 1
    return np.round(4 * (1 - np.exp(-steps[:-1].cumsum() / model.coverage_claims))) / 4


def _drift(
    theatre: Theatre, ledger: Ledger, model: Model, claims: Sequence[Claim], first: date, kinds: dict[Kind, int], codes: NDArray[np.int16]
) -> None:
    """Raise, in place, the hazard of the parts of a group between two figures of neutral voices that differ."""
    figures: dict[tuple[str, str], list[tuple[int, int, float]]] = {}
    for claim in claims:
        value = _figure(claim)
        if value is None or ledger.sources[claim.source].side is not None or len(theatre.members(claim.place)) < 2:
            continue
        a, b = (claim.window.start - first).days, (claim.window.end - first).days
        figures.setdefault((claim.place, claim.side or ""), []).append((a, b, value))
        if len(theatre.sides) == 2:
            other = next(side.id for side in theatre.sides if side.id != claim.side)
            figures.setdefault((claim.place, other), []).append((a, b, 1 - value))
    strength = np.array([kind[0] + kind[1] for kind in kinds])
    for (name, _), told in sorted(figures.items()):
        members = np.array(theatre.members(name))
        for (_, a, one), (b, _, two) in pairwise(sorted(told)):
            if abs(two - one) > model.drift + 1e-9 and b - a > 1:
                h = float(_DRIFTS[np.abs(np.log(_DRIFTS * (b - a) / abs(two - one))).argmin()])
                kind = (_DRIFT_TO_OTHER * h, (1 - _DRIFT_TO_OTHER) * h, model.still_contested[0], 1)
                code = kinds.setdefault(kind, len(kinds))
                strength = np.append(strength, h) if code == len(strength) else strength
                here = codes[a + 1 : b + 1, members]
                codes[a + 1 : b + 1, members] = np.where(strength[here] < h, np.int16(code), here)


def _figure(claim: Claim) -> float | None:
    """Return the share of a group that a claim gives its side, where it gives a figure."""
    if claim.kind == "share" and claim.bound in ("exact", "approx"):
        return claim.value
    if claim.quantifier in (None, "all") and claim.kind in ("holds", "takes"):
        return _WHOLE_HELD
    return _WHOLE_LOST if claim.kind == "loses" and claim.quantifier in (None, "all") else None


def plausible(theatre: Theatre, claims: Iterable[Claim]) -> NDArray[np.bool_]:
    """
    Return which sides somebody puts at a place or next to it, shape (places, sides): by a claim, or by a base of theirs.

    Where that leaves fewer than two, it is next but one, and so on; where the whole map has fewer, all of them.
    """
    sides = {side.id: i for i, side in enumerate(theatre.sides)}
    near = np.zeros((len(theatre.places), len(sides)), dtype=bool)
    for side in theatre.sides:
        for base in side.bases:
            near[theatre.index[base.place], sides[side.id]] = True
    for name, side_ in {(claim.place, claim.side) for claim in claims if claim.side and claim.kind != "denies"}:
        near[list(theatre.members(name)), sides[side_]] = True
    ties = _ties(theatre)
    for p, place in enumerate(theatre.places):
        if place.within:
            near[p] |= near[theatre.index[place.within]]
    found = _spread(near, ties)
    while len(ties[0]):
        few = found.sum(axis=1) < 2
        wider = np.where(few[:, None], _spread(found, ties), found)
        if (wider == found).all():
            break
        found = wider
    found[found.sum(axis=1) < 2] = True
    return found


def _ties(theatre: Theatre) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """Return the places that are next to one another, as two arrays of positions: linked, or a building and its part."""
    pairs = [(theatre.index[link.a], theatre.index[link.b]) for link in theatre.links]
    pairs += [(p, theatre.index[place.within]) for p, place in enumerate(theatre.places) if place.within]
    both = np.array([*pairs, *((b, a) for a, b in pairs)], dtype=int).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _spread(near: NDArray[np.bool_], ties: tuple[NDArray[np.int_], NDArray[np.int_]]) -> NDArray[np.bool_]:
    """Return `near` with what is next to each place."""
    wider = near.copy()
    np.logical_or.at(wider, ties[0], near[ties[1]])
    return wider


def _tabled(
    theatre: Theatre,
    model: Model,
    claims: Sequence[Claim],
    kinds: Sequence[Kind],
    codes: NDArray[np.int16],
    rate: float,
    detection: float,
    going: tuple[Going, ...],
) -> Moves:
    """Return moves whose codes tell the kind of day and the sides that a place may go to."""
    weights = np.where(plausible(theatre, claims), 1.0, model.elsewhere)
    rows, group = np.unique(weights, axis=0, return_inverse=True)
    group = group.reshape(-1)
    found = np.zeros((len(rows), len(kinds)), dtype=bool)
    for each in range(len(rows)):
        found[each, np.unique(codes[:, group == each])] = True
    used = np.flatnonzero(found)
    at = np.zeros(found.size, dtype=np.int16)
    at[used] = np.arange(len(used))
    for each in range(len(rows)):
        codes[:, group == each] = at[each * len(kinds) + codes[:, group == each]]
    table = np.array([matrix_of(model, kinds[int(code) % len(kinds)], rows[code // len(kinds)]) for code in used])
    initial = np.array([initially(model, row) for row in weights]).reshape(len(weights), -1)
    return Moves(codes, table, initial, rate, detection, going)


def initially(model: Model, weights: Floats) -> Floats:
    """Return the belief in a place of which nothing was said, by the weights of its sides: shape (statuses,), contested last."""
    return np.array([*((1 - model.initial_contested) * weights / weights.sum()), model.initial_contested])


def matrix_of(model: Model, kind: Kind, weights: Floats) -> Floats:
    """Return the matrix of a kind of day, shape (statuses, statuses), row the day before."""
    o, c, e, spread = kind
    n = len(weights) + 1
    if spread == 0:  # before the first claim nothing is known, and time changes nothing about that
        return (1 - o) * np.eye(n) + o * initially(model, weights)
    matrix = np.empty((n, n))
    for s in range(n - 1):
        others = np.where(np.arange(n - 1) == s, 0.0, weights)
        matrix[s, :-1] = o * others / others.sum()
        matrix[s, s], matrix[s, -1] = 1 - o - c, c
    matrix[-1, :-1], matrix[-1, -1] = (1 - e) * weights / weights.sum(), e
    return matrix if spread == 1 else _root(matrix, spread)


def _root(matrix: Floats, days: int) -> Floats:
    """Return the matrix of one of `days` days that together move as `matrix` does."""
    values, vectors = np.linalg.eig(matrix)
    root = np.real(vectors @ np.diag(values.astype(complex) ** (1 / days)) @ np.linalg.inv(vectors))
    root = np.maximum(root, 0.0)
    return np.asarray(root / root.sum(axis=1, keepdims=True))
