"""
What every claim amounts to for the belief model: statements about places and days, about whole groups, and figures of shares.

A statement is kept by its *form*, how likely an informed source is to say it under each status, and by the days it may speak of, its
*mentions*. A state said of a few days speaks of one of them; a state that lasts is said again every week. An event in a window is
evidence where the window ends: held then, and not on its eve. Where something more exactly dated lies inside the window, an event of the
same meaning is the same event and lends its day; one that contradicts it splits the window, and the event may lie on either side.

*Runs*: what one origin says of one place again and again, nothing else between, counts together as 1 + span / 120 days, spread over the
times it is said. An interval and its restatements so weigh alike.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from qsim.belief.activity import Moves, dated_events, moves, spans_of
from qsim.belief.columns import Floats, Forms, Ints, Shares, Statements, Wholes
from qsim.belief.delays import delays
from qsim.belief.evidence import meant, reading
from qsim.record.dates import Day, Window, day
from qsim.record.ledger import Claim, Ledger
from qsim.record.packed import Claims, joint
from qsim.record.scope import reach
from qsim.record.settings import Model
from qsim.record.theatre import CONTESTED, Theatre

FIGURE, AT_LEAST, AT_MOST = 0, 1, 2
STATE, EVENT, PART, SIEGE = range(4)
_SAID = ("place", "kind", "side", "quantifier", "value", "bound", "window")
Form = tuple[int, tuple[int, ...], float]  # what kind of saying, the statuses (positions) it may mean, how much of a place it speaks of


@dataclass(frozen=True, eq=False, slots=True)
class Observations:
    """
    All that a ledger says, on the days from `start` (a date's position 0) for `days` days.

    `first` and `last` are the positions of the first and last day that a claim speaks of. Of each claim: `voice`, the position of its
    origin in `voices`; `trust`, what its voice's reliability is multiplied by; `gain`, its weight against interest; whether it is `against` its source's
    interest and `first_hand`. `delays` are
    the days by which origins that describe states are behind.
    """

    start: np.datetime64
    days: int
    first: int
    last: int
    claims: Claims
    voices: tuple[str, ...]
    voice: Ints
    trust: Floats
    gain: Floats
    against: NDArray[np.bool_]
    first_hand: NDArray[np.bool_]
    forms: Forms
    statements: Statements
    wholes: Wholes
    shares: Shares
    moves: Moves
    delays: Mapping[str, int]

    def speaks_of(self) -> Ints:
        """Return the positions of the places that any evidence speaks of, in order."""
        return np.unique(np.concatenate([self.statements.place, self.wholes.members, self.shares.members]))

    def tied(self) -> bool:
        """Return whether a claim ties places to one another: one about a whole group, or a share of it."""
        return bool(len(self.wholes.claim) or len(self.shares.claim))


def distinct(ledger: Ledger) -> Claims:
    """
    Return the claims by day, place, kind and source, whatever their ids, each statement once: a copy, from a source that repeats another or from the same
    source again, of the same thing about the same place and days is neither evidence nor activity.
    """
    claims = ledger.columns
    if not len(claims):
        return claims
    said = joint([claims.column("source").ranks(ledger.origin_of), *(claims.column(name).coded for name in _SAID)])
    copies = claims.column("source").each(lambda id: ledger.sources[id].origin is not None, np.int64)
    order = claims.ordered(said, (copies, 2))
    claims = claims.take(order[np.concatenate([[True], np.diff(said[0][order]) != 0])])
    first, last = int(claims.start.min()), int(claims.end.max())
    days = [(each - first, last - first + 1) for each in (claims.start, claims.end)]
    place, kind, source = (claims.column(name).ranks() for name in ("place", "kind", "source"))
    return claims.take(claims.ordered(days[0], place, kind, source, days[1], claims.column("quantifier").ranks(lambda each: each or "")))


def observations(theatre: Theatre, ledger: Ledger, model: Model, *, start: Day, end: Day) -> Observations:
    """
    Return what the ledger says, from `start` to `end`, both included, widened so that every claim of control falls inside.
    """
    claims = distinct(ledger)
    claims = claims.take(claims.of_control | claims.column("kind").each(("encircles", "withdraws").__contains__, bool))
    windows = [Window(day(start), day(end)), *(claim.window for claim in claims)]
    # The eve of the first claim is spoken of, too, and an approximate date may be out by some days.
    first = min(window.start for window in windows) - timedelta(days=1 + model.approximate_days)
    days = (max(window.end for window in windows) - first).days + 1 + model.approximate_days
    voices = sorted({ledger.origin_of(source) for source in claims.column("source").counts()})
    few, of = claims.alike("source", "side", "kind", "value", "bound", "quantifier")
    against = np.array([ledger.against_interest(claim) for claim in few], dtype=bool)[of]
    late = delays(theatre, ledger, claims) if model.delays else {}
    spans = spans_of(theatre, ledger, model, claims, late, first)
    heard = _Heard(theatre, ledger, model, claims, spans)
    for number, claim in enumerate(claims):
        heard.hear(number, claim)
    voice = claims.column("source").ranks(ledger.origin_of)[0]
    statements, wholes = heard.columns(voice)
    return Observations(
        np.datetime64(first),
        days,
        min((window.start - first).days for window in windows[1:] or windows),
        max((window.end - first).days for window in windows[1:] or windows),
        claims,
        tuple(voices),
        voice,
        claims.column("confidence").each(lambda word: model.doubt_unconfirmed if word == "unconfirmed" else 1.0, float),
        np.where(against, model.against_interest, 1.0),
        against,
        claims.column("source").each(lambda id: ledger.sources[id].origin is None, bool),
        _forms(model, len(theatre.sides), list(heard.forms)),
        statements,
        wholes,
        heard.figures(),
        moves(theatre, ledger, model, claims, spans, first=first, days=days),
        late,
    )


def coverage(theatre: Theatre, model: Model, claim: Claim) -> float:
    """Return how much of each place a claim about `claim.place` speaks of: 1 for a single place, less for groups, cities and parts."""
    if len(theatre.members(claim.place)) == 1:
        return model.part_held if claim.quantifier == "part" else 1.0
    return _clear(model, claim)


def _clear(model: Model, claim: Claim) -> float:
    """Return how much a claim about a whole group says of each of its parts."""
    if claim.quantifier == "all" and claim.kind != "withdraws":  # all of a force may have left, and not from all of a city
        return model.clear_all
    return model.clear_taken if claim.kind in ("takes", "loses") else model.clear_held


class _Heard:
    """Gathers the columns, claim by claim."""

    def __init__(self, theatre: Theatre, ledger: Ledger, model: Model, claims: Sequence[Claim], spans: Sequence[tuple[int, int]]) -> None:
        self.theatre, self.ledger, self.model, self.claims, self.spans = theatre, ledger, model, claims, spans
        self.forms: dict[Form, int] = {}
        self.rows: list[tuple[int, int, int, float, int]] = []  # claim, place, form, weight, what it is about
        self.mentions: list[list[tuple[int, int]]] = []  # of each row: days and their eves
        self.wholes: list[tuple[int, str, int, float, Form, float]] = []
        self.shares: list[tuple[int, tuple[int, ...], int, float, float, int, float, int, float]] = []
        self.events = dated_events(theatre, claims, spans)
        self.specific = _Specific(theatre, ledger, claims, spans)

    def hear(self, number: int, claim: Claim) -> None:
        """Take in one claim."""
        members = self.theatre.members(claim.place)
        if not members or (claim.side is None and claim.kind != "contests"):
            return
        if claim.kind == "share" or (len(members) > 1 and claim.quantifier in ("most", "part")):
            if claim.of_control and claim.kind not in ("contests", "repulses"):
                self.shares += _figures(self.theatre, self.model, self.ledger, claim, number, self.spans[number])
        elif len(members) == 1:
            self._single(number, claim, members[0])
        elif claim.kind not in ("contests", "encircles"):
            self._whole(number, claim)

    def _single(self, number: int, claim: Claim, place: int) -> None:
        """Take in what is said of one place, and of the part that a building stands in."""
        form, weight = self._form(claim)
        within = self.theatre.places[place].within
        for mentions in self._mentions(number, claim, place, form):
            self._add(number, place, form, weight, place, mentions)
            if within is not None:
                half = (form[0], form[1], self.model.cover_building)
                self._add(number, self.theatre.index[within], half, weight, place, [(d, -1) for d, _ in mentions])

    def _form(self, claim: Claim) -> tuple[Form, float]:
        """Return the form of a claim about a single place, and its weight."""
        model, meaning = self.model, meant(self.theatre, claim)
        weight = {"repulses": model.weight_repulses, "withdraws": model.weight_withdraws, "encircles": model.weight_siege}.get(
            claim.kind, 1.0
        )
        if claim.kind == "encircles":
            return (SIEGE, meaning, 1.0), weight
        if claim.quantifier == "part" and claim.kind == "contests":
            return (STATE, meaning, 1.0), model.weight_advance
        if claim.quantifier == "part" and claim.kind != "repulses":
            return (PART, (self.theatre.statuses.index(claim.side or CONTESTED),), 1.0), weight
        return (EVENT if claim.kind in ("takes", "loses", "withdraws") else STATE, meaning, 1.0), weight

    def _mentions(self, number: int, claim: Claim, place: int, form: Form) -> list[list[tuple[int, int]]]:
        """Return the days, with their eves, of each statement that a claim about a place makes."""
        a, b = self.spans[number]
        if claim.kind in ("takes", "loses"):
            if form[0] == PART:
                return [[(b, -1)]]
            return [self._turns(a, b, frozenset(form[1]), place)]
        if claim.kind == "withdraws":
            return [[(b, -1)]]
        return [[(d, -1) for d in days] for days in _laid(self.model, a, b)]

    def _turns(self, a: int, b: int, meaning: frozenset[int], place: int) -> list[tuple[int, int]]:
        """Return the days on which an event in a window may be over, with the eve of each: by what is more exactly dated inside it."""
        turns, eve = [], a - 1
        for first, last, other in self.events.get(place, ()):
            if a <= first and last <= b and last - first < b - a and other != meaning:
                if first - 1 > eve:
                    turns.append((first - 1, eve))
                eve = last
        return [*turns, (b, eve)] if b > eve else turns or [(b, -1)]

    def _whole(self, number: int, claim: Claim) -> None:
        """Take in what is said of a whole group, and of the buildings in it."""
        event = claim.kind in ("takes", "loses", "withdraws")
        form = (EVENT if event else STATE, meant(self.theatre, claim), _clear(self.model, claim))
        weight = {"repulses": self.model.weight_repulses, "withdraws": self.model.weight_withdraws}.get(claim.kind, 1.0)
        a, b = self.spans[number]
        if claim.kind == "holds" and claim.quantifier is None and self.model.loose_days:
            weight /= 1 + self.specific.others(claim.place, self.ledger.origin(claim), a - self.model.loose_days, a)
        buildings = set(reach(self.theatre, claim)) - set(self.theatre.members(claim.place))
        for days in [(b,)] if event else _laid(self.model, a, b):
            for d in days:
                self.wholes.append((number, claim.place, d, weight, form, 1 / len(days)))
            for place in sorted(buildings):
                self._add(number, place, (form[0], form[1], self.model.cover_inside), weight, place, [(d, -1) for d in days])

    def _add(self, number: int, place: int, form: Form, weight: float, about: int, mentions: list[tuple[int, int]]) -> None:
        self.rows.append((number, place, self.forms.setdefault(form, len(self.forms)), weight, about))
        self.mentions.append(mentions)

    def columns(self, voice: Ints) -> tuple[Statements, Wholes]:
        """Return what was gathered of places and of whole groups, weighed by runs."""
        claim, place, form, about = (np.array([row[i] for row in self.rows], dtype=np.int64) for i in (0, 1, 2, 4))
        sizes = [len(each) for each in self.mentions]
        day, eve = np.array([each for mentions in self.mentions for each in mentions], dtype=np.int64).reshape(-1, 2).T
        start = _starts(sizes)
        forms = list(self.forms)
        meaning = {
            each: i
            for i, each in enumerate(dict.fromkeys((f[0] == PART, f[0] == SIEGE, f[1]) for f in [*forms, *(w[4] for w in self.wholes)]))
        }

        def means(each: Form) -> tuple[int, bool]:
            return meaning[each[0] == PART, each[0] == SIEGE, each[1]], each[0] == EVENT

        kinds = np.array([means(each) for each in forms], dtype=np.int64).reshape(-1, 2)
        weight = np.array([row[3] for row in self.rows])
        weight = runs(self.model, weight, np.ones(len(weight)), voice[claim], place, about, kinds[form, 0], kinds[form, 1], day[start[:-1]])
        statements = Statements(claim, place, form, weight, start, day.copy(), eve.copy())
        return statements, self._whole_columns(voice, means)

    def _whole_columns(self, voice: Ints, means) -> Wholes:  # type: ignore[no-untyped-def]
        claim, day = (np.array([row[i] for row in self.wholes], dtype=np.int64) for i in (0, 2))
        names = {name: i for i, name in enumerate(sorted({row[1] for row in self.wholes}))}
        group = np.array([names[row[1]] for row in self.wholes], dtype=np.int64)
        kinds = np.array([means(row[4]) for row in self.wholes], dtype=np.int64).reshape(-1, 2)
        weight, part = np.array([row[3] for row in self.wholes]), np.array([row[5] for row in self.wholes])
        weight = runs(self.model, weight, part, voice[claim], group, group, kinds[:, 0], kinds[:, 1], day)
        sides = len(self.theatre.sides)
        told = np.array([_clearly(sides, row[4]) for row in self.wholes]).reshape(-1, sides + 1)
        members = [self.theatre.members(row[1]) for row in self.wholes]
        return Wholes(claim, day, weight, told, _starts(map(len, members)), _flat(members))

    def figures(self) -> Shares:
        """Return the figures of shares that were gathered."""
        members = [row[1] for row in self.shares]
        ints, floats = (
            [np.array([row[i] for row in self.shares], dtype=dtype) for i in of]
            for dtype, of in ((np.int64, (0, 2, 5, 7)), (float, (3, 4, 6, 8)))
        )
        return Shares(
            ints[0], ints[1], floats[0], floats[1], ints[2], floats[2], ints[3], floats[3], _starts(map(len, members)), _flat(members)
        )


class _Specific:
    """Who spoke of a share, part or sector of a group, and when."""

    def __init__(self, theatre: Theatre, ledger: Ledger, claims: Sequence[Claim], spans: Sequence[tuple[int, int]]) -> None:
        self.theatre = theatre
        self.told: dict[int, list[tuple[int, int, str, str, bool]]] = {}
        for claim, (a, b) in zip(claims, spans, strict=True):
            of_part = claim.kind == "share" or claim.quantifier in ("most", "part")
            for place in theatre.members(claim.place):
                self.told.setdefault(place, []).append((a, b, ledger.origin(claim), claim.place, of_part))

    def others(self, name: str, origin: str, first: int, last: int) -> int:
        """Return how many origins did so on the days `first..last`, the speaker's own only where it gave a share or part of the whole."""
        whole = set(self.theatre.members(name))
        found = set()
        for place in whole:
            for a, b, who, about, of_part in self.told.get(place, ()):
                if who not in found and a <= last and b >= first:
                    members = set(self.theatre.members(about))
                    if (of_part and members == whole) or (members < whole and who != origin):
                        found.add(who)
        return len(found)


def _laid(model: Model, a: int, b: int) -> list[list[int]]:
    """Return the days that each statement of a state in a window speaks of: one of a few, or days along it where it lasted."""
    if b - a >= model.lasting_days:
        return [[d] for d in sorted({*range(a, b, model.lasting_days), b})]
    return [list(range(a, b + 1))]


def runs(
    model: Model, weight: Floats, part: Floats, voice: Ints, place: Ints, about: Ints, meaning: Ints, event: Ints, day: Ints
) -> Floats:
    """
    Return the weights of statements, (statements,), such that a run counts as its weightiest and as much more as it lasts: 1 + span / 120.

    `part` is how much of a statement each is, where one is spread over several days. A run is what one voice says of one place, nothing of another meaning between; the events in it count apart from the states.
    """
    if len(voice) == 0:
        return weight
    order = np.lexsort((meaning, day, about, place, voice))
    keys = np.stack([voice, place, about, meaning])[:, order]
    begins = np.concatenate([[True], (keys[:, 1:] != keys[:, :-1]).any(axis=0)])
    run = np.empty(len(order), dtype=np.int64)
    run[order] = 2 * begins.cumsum()
    of = np.unique(run + event, return_inverse=True)[1].reshape(-1)
    total, number = np.bincount(of, weight * part), of.max() + 1
    first, last, most = np.full(number, np.iinfo(np.int64).max), np.full(number, -1), np.zeros(number)
    for ufunc, to, what in ((np.minimum, first, day), (np.maximum, last, day), (np.maximum, most, weight)):
        ufunc.at(to, of, what)
    return np.asarray(weight * part * np.minimum(1.0, (1 + (last - first) / model.run_days) * most / np.maximum(total, 1e-12))[of])


def _figures(
    theatre: Theatre, model: Model, ledger: Ledger, claim: Claim, number: int, span: tuple[int, int]
) -> Iterator[tuple[int, tuple[int, ...], int, float, float, int, float, int, float]]:
    """Yield one claim's figure for each day it may speak of, equally likely; *most* of a city is a share of at least half."""
    said, own = reading(theatre, claim), ledger.sources[claim.source].side
    if said is None or said == CONTESTED:
        return
    members = theatre.members(claim.place)
    least = 0.5 if claim.quantifier == "most" else max(model.least_part, 1 / len(members))
    value, bound = (claim.value, claim.bound) if claim.kind == "share" else (least, "at_least")
    assert value is not None
    code = {"at_least": AT_LEAST, "at_most": AT_MOST}.get(bound or "", FIGURE)
    sd = model.share_sd_approx if bound == "approx" else model.share_sd_exact
    lean = 1.0 if own is None else 2 * value if own == said else 2 * (1 - value)
    bluff = max(lean / len(members) if code == FIGURE else 0.5 * lean if own else 0.4, 1e-3)
    days = (span[1],) if claim.kind in ("takes", "loses") else range(span[0], span[1] + 1)
    for d in days:
        yield number, members, d, 1 / len(days), value, code, sd, theatre.statuses.index(said), bluff


def _forms(model: Model, sides: int, forms: Sequence[Form]) -> Forms:
    """Return the forms as columns."""
    told = np.empty((len(forms), sides + 1))
    meant = np.zeros((len(forms), sides + 1), dtype=bool)
    reading = np.full(len(forms), -1, dtype=np.int64)
    for i, (kind, codes, cover) in enumerate(forms):
        meant[i, list(codes)] = True
        if kind == SIEGE:
            told[i] = np.where(meant[i], 0.2, 0.8)
        elif kind == PART:
            told[i] = model.part_of(sides, codes[0])
        else:
            said = model.saying(sides, taken=kind == EVENT)[:, list(codes)].mean(axis=1)
            told[i] = cover * said + (1 - cover) / (sides + 1)
            if kind == STATE and len(codes) == 1 and cover == 1.0:
                reading[i] = codes[0]
    return Forms(told, meant, reading)


def _clearly(sides: int, form: Form) -> Floats:
    """Return what a claim about a whole group says of the status of one of its parts, shape (statuses,), 1 on average."""
    told = np.full(sides + 1, (1 - form[2]) / (sides + 1))
    told[list(form[1])] += form[2]
    return np.asarray(told / told.mean())


def _starts(sizes: Iterable[int]) -> Ints:
    return np.concatenate([[0], np.cumsum([*sizes], dtype=np.int64)]).astype(np.int64)


def _flat(rows: Sequence[Sequence[int]]) -> Ints:
    return np.array([each for row in rows for each in row], dtype=np.int64)
