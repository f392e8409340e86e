"""How claims are heard: the statements about places, the words on whole groups and the figures of shares that each comes to."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.belief.columns import Floats, Forms, Ints, Shares, Statements, Wholes
from qsim.belief.evidence import meant, reading
from qsim.belief.going import dated_events, single
from qsim.record.ledger import Claim, Ledger
from qsim.record.packed import Claims, Lists, firsts, joint, stable_order
from qsim.record.scope import reach
from qsim.record.settings import Model
from qsim.record.theatre import CONTESTED, Theatre

FIGURE, AT_LEAST, AT_MOST = 0, 1, 2
STATE, EVENT, PART, SIEGE = range(4)
Form = tuple[int, tuple[int, ...], float]  # what kind of saying, the statuses (positions) it may mean, how much of a place it speaks of


def clear(model: Model, claim: Claim) -> float:
    """Return how much a claim about a whole group says of each of its parts."""
    if claim.quantifier == "all" and claim.kind != "withdraws":  # all of a force may have left, and not from all of a city
        return model.clear_all
    return model.clear_taken if claim.kind in ("takes", "loses") else model.clear_held


class Heard:
    """Gathers the columns, claim by claim."""

    def __init__(self, theatre: Theatre, ledger: Ledger, model: Model, claims: Claims, spans: tuple[Ints, Ints]) -> None:
        self.theatre, self.ledger, self.model, self.claims, self.spans = theatre, ledger, model, claims, spans
        self.forms: dict[Form, int] = {}
        self.plain: list[NDArray[Any]] = []  # as the columns of rows, then the first day, the last, and the eve of the last
        self.rows: list[tuple[int, int, int, float, int]] = []  # claim, place, form, weight, what it is about
        self.mentions: list[list[tuple[int, int]]] = []  # of each row: days and their eves
        self.wholes: list[tuple[int, str, int, float, Form, float]] = []
        self.shares: list[tuple[int, tuple[int, ...], int, float, float, int, float, int, float]] = []
        self.events = dated_events(theatre, claims, spans)
        self.specific = _Specific(theatre, ledger, claims, spans)

    def hear_all(self) -> None:
        """Take in all claims: those that say one plain thing of one place together, others one by one."""
        plain = self._plain()
        for n in np.flatnonzero(~plain).tolist():
            self.hear(n, self.claims[n])
        rows = np.flatnonzero(plain)
        few, of = self.claims.take(rows).alike("kind", "side", "quantifier")
        forms = [self._form(claim) for claim in few]
        number = np.array([self.forms.setdefault(form, len(self.forms)) for form, _ in forms], dtype=np.int64)[of]
        weight = np.array([each for _, each in forms], dtype=float)[of]
        place, (a, b) = single(self.theatre, self.claims)[rows], (each[rows] for each in self.spans)
        turning = np.array(
            [form[0] == EVENT and claim.kind != "withdraws" for claim, (form, _) in zip(few, forms, strict=True)], dtype=bool
        )[of]
        self.plain = [rows, place, number, weight, a, b, np.where(turning, a - 1, -1)]

    def _plain(self) -> NDArray[np.bool_]:
        """Return which claims make one statement of a place that is no building: on one day, or of a state on one day of a few, (claims,)."""
        a, b = self.spans
        villages = self.claims.column("place").each(
            lambda id: len(members := self.theatre.members(id)) == 1 and self.theatre.places[members[0]].within is None, bool
        )
        said = self.claims.column("side").each(bool, bool) | self.claims.of_kind("contests")
        states = ~self.claims.of_kind("takes", "loses", "withdraws", "share")
        events = (a == b) & ~self.claims.of_kind("share")
        return np.asarray(villages & said & np.where(states, b - a < self.model.lasting_days, events))

    def hear(self, number: int, claim: Claim) -> None:
        """Take in one claim."""
        members = self.theatre.members(claim.place)
        if not members or (claim.side is None and claim.kind != "contests"):
            return
        if claim.kind == "share" or (len(members) > 1 and claim.quantifier in ("most", "part")):
            if claim.of_control and claim.kind not in ("contests", "repulses"):
                self.shares += _figures(self.theatre, self.model, self.ledger, claim, number, self._span(number))
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
        a, b = self._span(number)
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
        form = (EVENT if event else STATE, meant(self.theatre, claim), clear(self.model, claim))
        weight = {"repulses": self.model.weight_repulses, "withdraws": self.model.weight_withdraws}.get(claim.kind, 1.0)
        a, b = self._span(number)
        if claim.kind == "holds" and claim.quantifier is None and self.model.loose_days:
            weight /= 1 + self.specific.others(claim.place, self.ledger.origin(claim), a - self.model.loose_days, a)
        buildings = set(reach(self.theatre, claim)) - set(self.theatre.members(claim.place))
        for days in [(b,)] if event else _laid(self.model, a, b):
            for d in days:
                self.wholes.append((number, claim.place, d, weight, form, 1 / len(days)))
            for place in sorted(buildings):
                self._add(number, place, (form[0], form[1], self.model.cover_inside), weight, place, [(d, -1) for d in days])

    def _span(self, number: int) -> tuple[int, int]:
        return int(self.spans[0][number]), int(self.spans[1][number])

    def _add(self, number: int, place: int, form: Form, weight: float, about: int, mentions: list[tuple[int, int]]) -> None:
        self.rows.append((number, place, self.forms.setdefault(form, len(self.forms)), weight, about))
        self.mentions.append(mentions)

    def columns(self, voice: Ints) -> tuple[Statements, Wholes]:
        """Return what was gathered of places and of whole groups, weighed by runs."""
        claim, place, form, weight, about, days, eves = self._rows()
        day, eve, start = days.values, eves.values, days.start
        forms = list(self.forms)
        meaning = {
            each: i
            for i, each in enumerate(dict.fromkeys((f[0] == PART, f[0] == SIEGE, f[1]) for f in [*forms, *(w[4] for w in self.wholes)]))
        }

        def means(each: Form) -> tuple[int, bool]:
            return meaning[each[0] == PART, each[0] == SIEGE, each[1]], each[0] == EVENT

        kinds = np.array([means(each) for each in forms], dtype=np.int64).reshape(-1, 2)
        weight = runs(self.model, weight, np.ones(len(weight)), voice[claim], place, about, kinds[form, 0], kinds[form, 1], day[start[:-1]])
        statements = Statements(claim, place, form, weight, start, day, eve)
        return statements, self._whole_columns(voice, means)

    def _rows(self) -> tuple[Ints, Ints, Ints, Floats, Ints, Lists, Lists]:
        """Return what is said of single places in the order of claims: claim, place, form, weight, what it is about, days and their eves."""
        number, place, form, weight, first, last, eve = self.plain
        rows = [np.array([row[i] for row in self.rows], dtype=float if i == 3 else np.int64) for i in range(5)]
        columns = [np.concatenate(pair) for pair in zip((number, place, form, weight, place), rows, strict=True)]
        lasting = last - first + 1
        run = np.arange(lasting.sum()) - np.repeat(np.cumsum(lasting) - lasting, lasting) + np.repeat(first, lasting)
        mentions = np.array([each for told in self.mentions for each in told], dtype=np.int64).reshape(-1, 2)
        start = _starts(np.concatenate([lasting, np.diff(_starts(map(len, self.mentions)))]))
        order = np.argsort(columns[0], kind="stable")
        days, eves = (Lists(np.concatenate(each), start) for each in ((run, mentions[:, 0]), (np.repeat(eve, lasting), mentions[:, 1])))
        ordered = _starts(days.sizes[order])
        claim, place, form, weight, about = (each[order] for each in columns)
        form = self._renumbered(form)
        return claim, place, form, weight, about, Lists(days.gathered(order)[0], ordered), Lists(eves.gathered(order)[0], ordered)

    def _renumbered(self, form: Ints) -> Ints:
        """Return the forms of statements, numbered in the order in which they are first said."""
        order = form[np.sort(firsts(form, max(1, len(self.forms)))[0])]
        forms, anew = list(self.forms), np.full(len(self.forms), -1, dtype=np.int64)
        anew[order] = np.arange(len(order))
        self.forms = {forms[i]: n for n, i in enumerate(order.tolist())}
        return np.asarray(anew[form])

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

    def __init__(self, theatre: Theatre, ledger: Ledger, claims: Claims, spans: tuple[Ints, Ints]) -> None:
        self.theatre = theatre
        self.told: dict[int, list[tuple[int, int, str, str, bool]]] = {}
        several = {place for id in claims.column("place").counts() if len(members := theatre.members(id)) > 1 for place in members}
        for n in np.flatnonzero(claims.column("place").each(lambda id: not several.isdisjoint(theatre.members(id)), bool)).tolist():
            claim, a, b = claims[n], int(spans[0][n]), int(spans[1][n])
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
    keys = [(each, int(each.max()) + 1) for each in (voice, place, about, day, meaning)]
    order = stable_order(*joint(keys))
    said, which = joint([*keys[:3], keys[4]])[0][order], np.empty(len(order), dtype=np.int64)
    begins = np.concatenate([[True], said[1:] != said[:-1]])
    which[order] = 2 * begins.cumsum()
    _, of = firsts(which + event, 2 * len(order) + 2)
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


def forms_of(model: Model, sides: int, forms: Sequence[Form]) -> Forms:
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


def _starts(sizes: Iterable[int] | Ints) -> Ints:
    each = sizes if isinstance(sizes, np.ndarray) else np.array([*sizes], dtype=np.int64)
    return np.concatenate([[0], np.cumsum(each, dtype=np.int64)]).astype(np.int64)


def _flat(rows: Sequence[Sequence[int]]) -> Ints:
    return np.array([each for row in rows for each in row], dtype=np.int64)
