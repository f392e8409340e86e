"""
Made-up wars whose truth is known, and which owe nothing to the belief model.

The front moves by offensives: one side attacks some neighbouring places at once, fights for each some days, and takes it or not; now
and then places are given up without a fight. Voices tell of what they hear: neutral ones of most events, late by days of their own; those
of a side readily of its gains, seldom of its losses, and sometimes of gains that were none; all of them of who holds a place, as they
knew it some days before. Dates are often a window. Echoes repeat a voice, some days later, and sometimes date it anew.

`maps` makes of such a war what rival maps of it say: each with its own idea of contested, its own delay, and one a copy of another.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray
from synthetic import START, country

from qsim.record.dates import Window, day
from qsim.record.ledger import Claim, Ledger, Source
from qsim.record.theatre import Theatre

RED, BLUE, CONTESTED = range(3)
NAMES = ("red", "blue")
Status = NDArray[np.int8]


@dataclass(frozen=True)
class Event:
    """What happened at a place on a day: `takes`, `contests` or `repulses`, by a side (who holds it now, or attacked)."""

    day: int
    place: int
    kind: str
    side: int


@dataclass(frozen=True)
class Voice:
    """How somebody speaks: of which share of events, how late, how often wrong, how often of a state, as known how many days before."""

    source: Source
    heard: float
    late: float
    wrong: float
    states: float
    behind: int
    side: int | None = None


@dataclass(frozen=True)
class War:
    """A theatre, what was said, and the truth: `status` (days, places), and of each source the share of its claims that were so, `right`."""

    theatre: Theatre
    ledger: Ledger
    status: Status
    right: dict[str, float] = field(default_factory=dict)

    @property
    def near_front(self) -> NDArray[np.bool_]:
        """Whether a place is contested or has a neighbour of another status, shape (days, places)."""
        joined = _joined(self.theatre)
        return np.array([(joined & (now[:, None] != now)).any(axis=1) | (now == CONTESTED) for now in self.status])


@cache
def war(seed: int, *, places: int = 45, days: int = 150, lag: bool = True) -> War:
    """Return a war; the same seed gives the same one. Without `lag` everybody tells the state of the day itself."""
    random = np.random.default_rng([2, seed])
    where = country(random, places)
    status, events = fought(random, where, days)
    told = [claim for voice in _voices(random, lag=lag) for claim in _said(random, where, status, events, voice)]
    sources = {claim.source: source for claim, source in told}
    claims = [claim for claim, _ in told]
    for n, origin in enumerate(("press0", "red1", "blue1")):
        echo = Source(f"echo{n}", f"Echo {n}", "activist", sources[origin].side, origin=origin)
        sources[echo.id] = echo
        claims += list(_echoed(random, [c for c in claims if c.source == origin], echo.id))
    ledger = Ledger(sources, tuple(replace(claim, id=f"c{n:05d}") for n, claim in enumerate(claims)))
    return War(where, ledger, status, {id: _right(where, status, [c for c in claims if c.source == id]) for id in sources})


def fought(random: np.random.Generator, where: Theatre, days: int) -> tuple[Status, list[Event]]:
    """Return who held what, shape (days, places), and what happened: offensives of some days each, and places given up."""
    joined = _joined(where)
    now = np.array([RED if place.lon < 0.5 else BLUE for place in where.places], dtype=np.int8)
    status, events = np.empty((days, len(now)), dtype=np.int8), []
    until: dict[int, tuple[int, int, int]] = {}  # of each place fought for: the last day, the attacker, the defender
    for d in range(days):
        for fought_for, (end, attacker, defender) in list(until.items()):
            if end <= d:
                won = random.random() < 0.6
                now[fought_for] = attacker if won else defender
                events.append(Event(d, fought_for, "takes" if won else "repulses", int(now[fought_for])))
                del until[fought_for]
        if random.random() < 0.25:
            attacker = int(random.random() < 0.5 - 0.3 * np.sin(2 * np.pi * d / days))
            front = np.flatnonzero((now == 1 - attacker) & (joined & (now == attacker)).any(axis=1))
            if len(front):
                first = int(random.choice(front))
                for place in [first, *(int(p) for p in front if joined[first, p] and random.random() < 0.6)]:
                    now[place] = CONTESTED
                    until[place] = (d + int(random.integers(1, 8)), attacker, 1 - attacker)
                    events.append(Event(d, place, "contests", attacker))
        if random.random() < 0.06:
            lost = int(random.integers(2))
            edge = np.flatnonzero((now == lost) & (joined & (now == 1 - lost)).any(axis=1))
            if len(edge):
                place = int(random.choice(edge))
                now[place] = 1 - lost
                events.append(Event(d, place, "takes", 1 - lost))
        status[d] = now
    return status, events


def _voices(random: np.random.Generator, *, lag: bool) -> Iterator[Voice]:
    """Yield two newspapers, two observatories and three voices of each side, of different worth."""
    for n, kind in enumerate(("press", "press", "monitor", "monitor")):
        behind = int(random.integers(0, 8)) if lag else 0
        source = Source(f"{kind}{n % 2}", f"{kind} {n % 2}", kind)
        yield Voice(source, random.uniform(0.1, 0.4), random.uniform(0, 2), random.uniform(0.02, 0.45), random.uniform(0.2, 0.6), behind)
    for side, name in enumerate(NAMES):
        for n, kind in enumerate(("military", "activist", "state_media")):
            behind = int(random.integers(0, 5)) if lag else 0
            source = Source(f"{name}{n}", f"{name} {n}", kind, name)
            yield Voice(
                source, random.uniform(0.1, 0.5), random.uniform(0, 2), random.uniform(0.05, 0.7), random.uniform(0.1, 0.6), behind, side
            )


def _said(random: np.random.Generator, where: Theatre, status: Status, events: list[Event], voice: Voice) -> Iterator[tuple[Claim, Source]]:
    """Yield what a voice says of the events, and of who holds what."""
    for event in events:
        kind, side, chance = event.kind, event.side, voice.heard
        if voice.side is not None:
            boast = kind == "repulses" and side != voice.side and random.random() < 1.5 * voice.wrong
            if boast:
                kind, side = "takes", voice.side
            chance *= 1.2 if side == voice.side or kind == "contests" else 0.25
        elif random.random() < voice.wrong / 2 and kind == "takes":
            side = 1 - side
        if random.random() < chance:
            yield _claim(random, where, voice, event.day, event.place, kind, None if kind == "contests" else side), voice.source
    near = War(where, Ledger({}, ()), status).near_front
    for d in range(len(status)):
        for _ in range(random.poisson(voice.states)):
            weights = np.where(near[d], 3.0, 1.0)
            place = int(random.choice(len(weights), p=weights / weights.sum()))
            said = int(status[max(0, d - voice.behind), place])
            if random.random() < voice.wrong:
                said = voice.side if voice.side is not None else int(random.integers(3))
            elif voice.side is not None and said == CONTESTED and random.random() < 0.5:
                said = voice.side
            kind = "contests" if said == CONTESTED else "holds"
            yield _claim(random, where, voice, d, place, kind, None if said == CONTESTED else said), voice.source


def _claim(random: np.random.Generator, where: Theatre, voice: Voice, d: int, place: int, kind: str, side: int | None) -> Claim:
    """Return a claim, its date a window now and then, reported some days later."""
    event = kind in ("takes", "repulses")
    before, after = 0, 0
    if event and random.random() < 0.25:
        width = int(random.choice([2, 4, 14]))
        before = int(random.integers(0, width))
        after = width - 1 - before
    window = Window(day(START + np.timedelta64(max(0, d - before), "D")), day(START + np.timedelta64(d + after, "D")))
    late = window.end + timedelta(days=int(random.poisson(voice.late)))
    said = None if side is None else NAMES[side]
    return Claim("", where.places[place].id, kind, window, voice.source.id, said, reported=Window(late, late))


def _echoed(random: np.random.Generator, claims: list[Claim], source: str) -> Iterator[Claim]:
    """Yield what an echo repeats of some claims, some days later, a few dated anew."""
    for claim in claims:
        if random.random() < 0.6:
            shift = timedelta(days=int(random.random() < 0.2))
            window = Window(claim.window.start + shift, claim.window.end + shift)
            late = window.end + timedelta(days=int(random.integers(1, 5)))
            yield replace(claim, source=source, window=window, reported=Window(late, late))


def _right(where: Theatre, status: Status, claims: list[Claim]) -> float:
    """Return the share of claims that were so, on some day of their window."""
    right = []
    for claim in claims:
        first, last = (int((np.datetime64(moment) - START).astype(int)) for moment in (claim.window.start, claim.window.end))
        said = CONTESTED if claim.kind == "contests" else NAMES.index(claim.side or "")
        right.append(bool((status[first : last + 1, where.index[claim.place]] == said).any()))
    return float(np.mean(right))


def _joined(where: Theatre) -> NDArray[np.bool_]:
    """Return which places have a link, shape (places, places)."""
    joined = np.zeros((len(where.places), len(where.places)), dtype=bool)
    for link in where.links:
        a, b = where.index[link.a], where.index[link.b]
        joined[a, b] = joined[b, a] = True
    return joined


@cache
def maps(seed: int, *, places: int = 45, days: int = 150) -> tuple[War, dict[str, Status]]:
    """Return a war told by four maps alone, as runs of one state each, and what each map shows, (days, places) by its name."""
    random = np.random.default_rng([3, seed])
    where = country(random, places)
    status, _ = fought(random, where, days)
    drawn = {
        "strict": _shown(random, np.where(status == CONTESTED, CONTESTED, status), late=1, wrong=0.01),
        "wary": _shown(random, _long_contested(status, days=5), late=3, wrong=0.015),
        "certain": _shown(random, _without_contested(status), late=5, wrong=0.02),
    }
    copied = np.concatenate([drawn["strict"][:1].repeat(4, axis=0), drawn["strict"][:-4]])
    drawn["copy"] = np.where(random.random(places) < 0.1, drawn["certain"], copied).astype(np.int8)
    sources = {name: Source(name, name, "map") for name in drawn}
    claims = [claim for name, shown in drawn.items() for claim in _runs(where, shown, name)]
    ledger = Ledger(sources, tuple(replace(claim, id=f"m{n:05d}") for n, claim in enumerate(claims)))
    return War(where, ledger, status), drawn


def _shown(random: np.random.Generator, status: Status, *, late: int, wrong: float) -> Status:
    """Return a map of a status that is so many days late, renewed twice a week, and wrong about some places for some weeks."""
    days, places = status.shape
    seen = np.maximum(0, np.arange(days) // 3 * 3 - late)
    shown = status[seen].astype(np.int8)
    for place in range(places):
        for d in range(0, days, 20):
            if random.random() < 3 * wrong:
                shown[d : d + 20, place] = random.integers(3)
    return shown


def _long_contested(status: Status, *, days: int) -> Status:
    """Return a status in which a place stays contested some days longer than it is fought for."""
    long = status.copy()
    for d in range(1, len(status)):
        recent = (status[max(0, d - days) : d + 1] == CONTESTED).any(axis=0)
        long[d] = np.where(recent, CONTESTED, status[d])
    return long


def _without_contested(status: Status) -> Status:
    """Return a status in which who held a place holds it until it is lost."""
    held = status.copy()
    for d in range(1, len(held)):
        held[d] = np.where(held[d] == CONTESTED, held[d - 1], held[d])
    held[0] = np.where(held[0] == CONTESTED, RED, held[0])
    return held


def _runs(where: Theatre, shown: Status, source: str) -> Iterator[Claim]:
    """Yield the runs of a map as claims."""
    for place in range(shown.shape[1]):
        turns = np.flatnonzero(np.diff(shown[:, place])) + 1
        for span in np.split(np.arange(len(shown)), turns):
            window, said = (
                Window(day(START + np.timedelta64(int(span[0]), "D")), day(START + np.timedelta64(int(span[-1]), "D"))),
                int(shown[span[0], place]),
            )
            kind, side = ("contests", None) if said == CONTESTED else ("holds", NAMES[said])
            yield Claim("", where.places[place].id, kind, window, source, side)
