"""
What was going on: the daily chances of each place to change hands, from what was reported, and how often places changed here at all.

A day moves a place by a matrix made of three chances: `o` that a side loses it to another, `c` that it becomes contested, `e` that
fighting goes on. Rows of sides: to other sides o w_t / sum of w, to contested c; of contested: to sides (1 - e) w_t / sum of w.
w is 1 for the sides that somebody puts at the place or next to it, `elsewhere` for others.

*Quiet* days: the hazard h = lambda_p (1 - rho q), half to contested, half to the other sides. lambda = (2 + changes) / (1000 + days of
all places), of a place lambda_p = (1 + k_p) / (1/lambda + days), rounded to lambda x 1/4 .. 8: the posterior means of a Gamma prior and
its child. k_p are the changes of the place, reported (episodes of takes or loses) and not (a source's word that changed without any).
Where claims speak of many places (`local_places`), the hazard of a place is not that of a child but lambda by how much more is going on near it
that week than on average (`qsim.belief.nearby`), at a pace that is learned (`qsim.belief.pace`): a front is a small part of a country.
rho is the part of changes that gets reported, q = 1 - exp(-m / 5) how well a day is covered by its m claims: where changes get
reported, silence says that there was none (as in capture-recapture; Otis et al., Statistical inference from capture data, 1978).

*Busy* and *turning* days have fixed chances; fighting somewhere in a group of n parts divides them by sqrt(n); fighting said to last w
days goes on with 1 - 1/w. A turning dated to w days is spread: the matrix of each is the w-th root. Figures of a group by neutral
voices that differ make an undated change in between: *drift*, hazard |difference| / days.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qsim.belief.going import Going, Kind, going_on, single
from qsim.belief.nearby import times_average
from qsim.record.ledger import Claim, Ledger
from qsim.record.packed import Claims, Ints, Lists, day_number
from qsim.record.settings import Model
from qsim.record.theatre import Theatre

Floats = NDArray[np.float64]
_OF_PLACE = 2.0 ** np.arange(-2, 4)
_NEAR_BY = 2.0 ** np.arange(-4, 7)
_NEAR_STRENGTH = 1.0  # places
_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)
_EPISODE_DAYS = 10
_MOST_DAYS = 10_000_000  # more than the calendar has
_DRIFTS = np.array([0.002, 0.005, 0.012, 0.03, 0.08])
_DRIFT_TO_OTHER = 0.7
_WHOLE_HELD, _WHOLE_LOST = 0.9, 0.1  # the share that "the city is held" stands for, "is lost"


class Pace(NamedTuple):
    """By what the hazard of `quiet` days is multiplied, to which power how much more goes on near by, and by what the chances that fighting `ends`."""

    quiet: float = 1.0
    contrast: float = 1.0
    ends: float = 1.0


AS_COUNTED = Pace()


@dataclass(frozen=True, eq=False, slots=True)
class Moves:
    """
    How places move: `codes` (days, places) says which of the `matrices` (codes, statuses, statuses), row the day before, moves each on
    each day, from `initial` (places, statuses) on the eve. `hazard` is the learned lambda, `detection` the learned rho, `going` what claims say was going on, the weaker first.
    `quiet` and `busy` tell which matrices are of such days, (codes,), and `times` by how much more the hazard of a quiet one is than lambda.
    """

    codes: NDArray[np.int16]
    matrices: Floats
    initial: Floats
    hazard: float
    detection: float
    going: Going
    quiet: NDArray[np.bool_]
    busy: NDArray[np.bool_]
    times: Floats
    pace: Pace = AS_COUNTED

    def at(self, model: Model, pace: Pace) -> "Moves":
        """Return the same at another pace than that of the model."""
        assert self.pace == AS_COUNTED
        matrices, n = self.matrices.copy(), self.matrices.shape[1]
        by = pace.quiet * self.times[self.quiet] ** (pace.contrast - 1)
        changes = np.where(np.eye(n, dtype=bool), 0.0, matrices[self.quiet])[:, :-1] * by[:, None, None]
        changes *= np.minimum(1.0, model.most_hazard / np.maximum(changes.sum(axis=-1, keepdims=True), 1e-300))
        changes[:, np.arange(n - 1), np.arange(n - 1)] = 1 - changes.sum(axis=-1)
        matrices[self.quiet, :-1] = changes
        matrices[self.busy] = lasting(matrices[self.busy], pace.ends)
        return replace(self, matrices=matrices, pace=pace)


def moves(theatre: Theatre, ledger: Ledger, model: Model, claims: Claims, spans: tuple[Ints, Ints], *, first: date, days: int) -> Moves:
    """Return how places move on the `days` days from `first`, of which those before the eve of the first claim are nobody's."""
    eve = int(spans[0].min()) - 1 if len(claims) else 0
    rate, detection, own = hazards(theatre, ledger, model, claims)
    going = going_on(theatre, ledger, model, claims, spans)
    times, level, week = _levels(theatre, model, claims, going, own, first=first, days=days)
    kinds: dict[Kind, int] = {}
    quiet = np.array(
        [[kinds.setdefault(_quiet(model, rate * each, detection * q), len(kinds)) for q in _QUARTERS] for each in times], dtype=np.int16
    )
    quarter = np.round(_covered(model, claims, first, days) * 4).astype(int)
    codes = np.empty((days, level.shape[1]), dtype=np.int16)
    for d in range(days):
        codes[d] = quiet[:, quarter[d]][level[week[d]]]
    calm = dict(zip(quiet.ravel().tolist(), np.repeat(times, len(_QUARTERS)).tolist(), strict=True))
    _drift(theatre, ledger, model, claims, first, kinds, codes)
    numbers = np.array([kinds.setdefault(kind, len(kinds)) for kind in going.kinds], dtype=np.int16)
    for day, place, kind in going.days():
        codes[day, place] = numbers[kind]  # of several on one day the strongest, which comes last
    before = np.array([kinds.setdefault((rate * each, 0.0, 0.0, 0), len(kinds)) for each in times], dtype=np.int16)
    for d in range(max(0, eve)):
        codes[d] = before[level[week[d]]]
    return _tabled(theatre, model, claims, list(kinds), calm, codes, rate, detection, going)


def is_local(model: Model, places: int) -> bool:
    """Return whether so many places that are spoken of are too many to share one hazard."""
    return places >= model.local_places


def _levels(
    theatre: Theatre, model: Model, claims: Claims, going: Going, own: Ints, *, first: date, days: int
) -> tuple[Floats, Ints, Ints]:
    """Return levels of the hazard, which of them each place has, (weeks, places), and the week of each day: by place, or by what goes on near by."""
    spoken = np.unique([place for id in claims.column("place").counts() for place in theatre.members(id)]).astype(np.int64)
    if not is_local(model, len(spoken)):
        return np.asarray(_OF_PLACE), own[None], np.zeros(days, dtype=np.int64)
    times, week = times_average(theatre, going, spoken, _NEAR_STRENGTH, first=first, days=days)
    return np.asarray(_NEAR_BY), np.clip(np.round(np.log2(times)) + 4, 0, len(_NEAR_BY) - 1).astype(np.int64), week


def _quiet(model: Model, hazard: float, detected: float) -> Kind:
    h = min(hazard, model.most_hazard) * (1 - detected)
    return h / 2, h / 2, model.still_contested[0], 1


def hazards(theatre: Theatre, ledger: Ledger, model: Model, claims: Claims) -> tuple[float, float, NDArray[np.int_]]:
    """Return the learned hazard of a quiet day, the learned detection, and each place's level, shape (places,), of `_OF_PLACE`."""
    reported, unreported, spoken = _changes(theatre, ledger, claims)
    days = int(claims.end.max() - claims.start.min()) + 1 if len(claims) else 0
    told, untold = reported.sum(), unreported.sum()
    rate = (model.quiet_changes + told + untold) / (model.quiet_days + spoken * days)
    own = (1 + reported + unreported) / (1 / rate + days)
    level = np.clip(np.round(np.log2(own / rate)), -2, 3).astype(int) + 2
    return rate, model.detection * (told + 1) / (told + untold + 2) if told else 0.0, level


def _changes(theatre: Theatre, ledger: Ledger, claims: Claims) -> tuple[Floats, Floats, int]:
    """Return the changes of each place that were reported, that were not, shapes (places,), and how many places are spoken of."""
    spoken = {place for id in claims.column("place").counts() for place in theatre.members(id)}
    sizes = claims.column("place").each(lambda id: len(theatre.members(id)), np.int64)
    whole = claims.column("quantifier").each((None, "all").__contains__, bool)
    events = np.flatnonzero(claims.of_kind("takes", "loses") & ((sizes == 1) | whole))
    names = claims.column("place")
    place, row = Lists.of_each(map(theatre.members, names.values)).gathered(names.codes[events].astype(np.int64))
    first = int(claims.start.min(initial=0))
    known = np.sort(place * _MOST_DAYS + claims.end[events][row] - first)  # of each place its days, place after place
    at, day = np.divmod(known, _MOST_DAYS)
    begins = (np.diff(at, prepend=-1) > 0) | (np.diff(day, prepend=0) > _EPISODE_DAYS)
    reported = np.bincount(at[begins], minlength=len(theatre.places)).astype(float)
    return reported, _unreported(theatre, ledger, claims, known, first), len(spoken)


def _unreported(theatre: Theatre, ledger: Ledger, claims: Claims, known: Ints, first: int) -> Floats:
    """Return how often, on average of the voices, what one says of a place changed, (places,), and nobody reported an event (`known`) between."""
    plain = claims.column("quantifier").each(lambda quantifier: quantifier is None, bool)
    at = single(theatre, claims)
    rows = np.flatnonzero(claims.of_kind("holds", "contests") & plain & (at >= 0))
    told = claims.take(rows)
    voice, voices = told.column("source").ranks(ledger.origin_of)
    held = told.of_kind("holds")
    side = told.column("side").ranks(lambda side: side or "")[0]
    sided = told.column("side").each(bool, bool) & held
    said = np.where(held, side, -1) + 1  # fighting before sides: it is no side's
    said[~sided] = 0
    key = at[rows] * voices + voice
    order = np.lexsort((said, told.start, key))
    key, said, day, place = key[order], said[order], told.start[order] - first, at[rows][order]
    same = key[1:] == key[:-1]
    before = np.searchsorted(known, place * _MOST_DAYS + day, "right")
    changed = same & (said[1:] != said[:-1]) & (before[1:] == before[:-1])
    count = np.where(changed, np.where((said[1:] > 0) & (said[:-1] > 0), 1.0, 0.5), 0.0)
    number = len(theatre.places)
    heard = np.unique(key[1:][same])  # the voices that speak of a place more than once
    most = np.bincount(place[1:], count * same, number) if len(place) else np.zeros(number)
    return np.asarray(most / np.maximum(1, np.bincount(heard // max(1, voices), minlength=number)))


def _covered(model: Model, claims: Claims, first: date, days: int) -> Floats:
    """Return how well each day is covered by claims near it, shape (days,), to the quarter."""
    a = np.maximum(0, claims.start - day_number(first) - model.coverage_days)
    b = np.minimum(days, claims.end - day_number(first) + model.coverage_days + 1)
    steps = (np.bincount(a, minlength=days + 1) - np.bincount(b, minlength=days + 1)).astype(float)
    return np.round(4 * (1 - np.exp(-steps[:-1].cumsum() / model.coverage_claims))) / 4


def _drift(
    theatre: Theatre, ledger: Ledger, model: Model, claims: Claims, first: date, kinds: dict[Kind, int], codes: NDArray[np.int16]
) -> None:
    """Raise, in place, the hazard of the parts of a group between two figures of neutral voices that differ."""
    figures: dict[tuple[str, str], list[tuple[int, int, float]]] = {}
    several = claims.column("place").each(lambda id: len(theatre.members(id)) > 1, bool)
    for claim in claims.take(several & claims.column("source").each(lambda id: ledger.sources[id].side is None, bool)):
        value = _figure(claim)
        if value is None:
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
    packed = Claims.of(claims)
    told = packed.take(~packed.of_kind("denies") & packed.column("side").each(bool, bool))
    names, whose = told.column("place"), told.column("side").each(lambda id: sides.get(id or "", -1), np.int64)
    at, row = Lists.of_each(map(theatre.members, names.values)).gathered(names.codes.astype(np.int64))
    near[at, whose[row]] = True
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
    claims: Claims,
    kinds: Sequence[Kind],
    calm: dict[int, float],
    codes: NDArray[np.int16],
    rate: float,
    detection: float,
    going: Going,
) -> Moves:
    """Return moves whose codes tell the kind of day, of which those of `calm` are quiet (by how much more than on average), and the sides that a place may go to."""
    weights = np.where(plausible(theatre, claims), 1.0, model.elsewhere)
    rows, group = np.unique(weights, axis=0, return_inverse=True)
    group = group.reshape(-1)
    first = group * len(kinds)
    found = np.zeros(len(rows) * len(kinds), dtype=bool)
    for on_a_day in codes:
        found[first + on_a_day] = True
    used = np.flatnonzero(found)
    at = np.zeros(found.size, dtype=np.int16)
    at[used] = np.arange(len(used))
    for on_a_day in codes:
        on_a_day[:] = at[first + on_a_day]
    table = np.array([matrix_of(model, kinds[int(code) % len(kinds)], rows[code // len(kinds)]) for code in used])
    initial = np.array([initially(model, row) for row in rows]).reshape(len(rows), -1)[group]
    kind = used % len(kinds)
    busy = np.array([is_busy(model, each) for each in kinds], dtype=bool)[kind]
    quiet, more = np.array([(each in calm, calm.get(each, 1.0)) for each in range(len(kinds))]).reshape(-1, 2).T
    return Moves(codes, table, initial, rate, detection, going, quiet[kind] > 0, busy & (quiet[kind] == 0), more[kind])


def is_busy(model: Model, kind: Kind) -> bool:
    """Return whether something goes on, on days of a kind that is not quiet, and no place is reported to have turned."""
    return kind[3] == 1 and kind[2] != model.still_contested[2]


def lasting(matrix: Floats, times: float) -> Floats:
    """Return a matrix with the chances that fighting ends multiplied."""
    changed = matrix.copy()
    changed[..., -1, :-1] *= times
    changed[..., -1, -1] = 1 - changed[..., -1, :-1].sum(axis=-1)
    return changed


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
