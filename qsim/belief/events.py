"""
What changed, told day by day: only what somebody reported, and only what is believed.

A change is told on the first day on which the belief in a place's new status passes `ANNOUNCED`, and only where a claim says so: of a
taking, a loss or a withdrawal, or of the new state, made since the place was last surely what it was before. What belief does by
itself, as reports grow old, is never told as a change but as "no longer confirmed"; where of that
day, or within three of it, one voice says that the place passed and another that it had not, as "disputed", with both.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from qsim.belief.book import Book, is_event, is_loose
from qsim.belief.statuses import likeliest
from qsim.belief.timeline import NEITHER, NOBODY, UNDECIDED, UNKNOWN, Timeline
from qsim.record.dates import Day, Window, long_day
from qsim.record.ledger import Claim
from qsim.record.progress import MANY, tracked
from qsim.record.theatre import CONTESTED, Theatre

ANNOUNCED = 0.6  # belief from which a new status is told: clearly more likely than not, so that no other can have it as well
UNCONFIRMED, DISPUTED = "no longer confirmed", "disputed"
_NEVER, _LAPSED = -1, -3  # unlike the codes of what is undecided
_TOGETHER = 2048  # places whose days are looked at at once


@dataclass(frozen=True, slots=True)
class Event:
    """
    What one claim changed on one day: the places, told in words, and the claim it rests on (none in a timeline without a ledger).

    `window` is set where nobody says on which day it was: the days between which it fell, `day` the one on which belief passes over.
    An event without a claim, in a timeline with a ledger, tells that something is no longer confirmed, or is disputed, and then by whom.
    """

    day: date
    places: tuple[str, ...]
    text: str
    claim: Claim | None
    said_by: str
    window: Window | None = None

    def __str__(self) -> str:
        return f"{self.text} ({self.said_by})" if self.said_by else self.text


@dataclass(frozen=True, slots=True)
class _Turn:
    """What is told of one place: on the day `at` (a position) it goes `before` -> `now` (codes), by a claim, within a window of days, or who disputes that."""

    at: int
    place: int
    before: int
    now: int
    claim: Claim | None = None
    window: Window | None = None
    dispute: tuple[Claim, Claim] | None = None


@dataclass(frozen=True, slots=True)
class _Spell:
    """The days from `start` to before `end` on which `code` is the last status whose belief passed; on `last` it still did."""

    code: int
    start: int
    last: int
    end: int


@dataclass(frozen=True, slots=True)
class _Spelt:
    """A place, by position, with its belief (days, statuses) and its spells in order of days."""

    place: int
    belief: NDArray[np.float64]
    spells: Sequence[_Spell]


def events(timeline: Timeline, moment: Day | None = None, *, progress: bool = False) -> list[Event]:
    """
    Return what changed on a day (or on every day): places that changed because of one claim make one event.

    The claim is the best attested of those that say so of that day; among equals the most specific, then the one known first, and no
    copy where its origin says so too. A change that nobody dates to a few days is told as a window. The parts of a city are told
    together, as counts, by the claim that most of them rest on. With `progress` a bar follows the places, where claims are many. Of a building only what somebody says of itself is told: what becomes
    of its city is told of that. That part of a group fell says of none of its places which.
    """
    wanted = None if moment is None else timeline.position(moment)
    shown = progress and timeline.ledger is not None and len(timeline.ledger) > MANY
    turns = _turns(timeline, wanted, shown=shown)
    together: dict[tuple[int, str, str], list[_Turn]] = defaultdict(list)
    for turn in tracked(turns, "what changed together", shown=shown):
        if wanted is None or turn.at == wanted:
            place = timeline.theatre.places[turn.place]
            city = place.parent if place.parent and not place.within else ""
            why = turn.claim.id if turn.claim else f"{turn.before} {turn.place if turn.now != _LAPSED else ''}"
            disputed = "" if turn.dispute is None else f" {turn.place}"
            together[turn.at, city, "" if city else f"{turn.now} {why} {turn.window}{disputed}"].append(turn)
    return [_event(timeline, city, found) for (_, city, _), found in tracked(together.items(), "what changed, in words", shown=shown)]


def _turns(timeline: Timeline, wanted: int | None, *, shown: bool) -> list[_Turn]:
    """Return what is told of every place but cities, by day and then by place; where one day is wanted, of those at least of which something is told on it."""
    book = Book(timeline) if timeline.ledger is not None else None
    cities = {timeline.theatre.index[city] for city in timeline.theatre.parts}
    some = np.arange(len(timeline.theatre.places)) if wanted is None else _that_may_turn(timeline, book, wanted)
    spells = _spells(timeline.belief, some, shown=shown)
    found = [turn for spelt in spells if spelt.place not in cities for turn in _place_turns(timeline, book, spelt)]
    buildings = {i for i, place in enumerate(timeline.theatre.places) if place.within is not None}
    told = [turn for turn in found if turn.now != _LAPSED or turn.place not in buildings]
    return sorted(_at_once(timeline, told), key=lambda turn: (turn.at, turn.place))


def _at_once(timeline: Timeline, turns: Sequence[_Turn]) -> list[_Turn]:
    """Return the turns, those of the parts of one city that rest on one undated claim all on the last day of them: nobody tells them apart."""
    parents = [place.parent for place in timeline.theatre.places]

    def key(turn: _Turn) -> tuple[str | None, int, str]:
        return parents[turn.place], turn.now, turn.claim.id if turn.claim else ""

    last: dict[tuple[str | None, int, str], int] = {}
    for turn in turns:
        if turn.window and turn.claim and parents[turn.place]:
            last[key(turn)] = max(turn.at, last.get(key(turn), turn.at))
    return [replace(turn, at=last[key(turn)]) if turn.window and key(turn) in last else turn for turn in turns]


def _that_may_turn(timeline: Timeline, book: Book | None, at: int) -> NDArray[np.int64]:
    """
    Return the places, by position, of which something may be told on a day: on which belief passes `ANNOUNCED` or a half, of which a claim is made, and the parts of
    cities, which are told together.
    """
    now, before = timeline.belief[at], timeline.belief[max(at - 1, 0)]
    passes = ((now > ANNOUNCED) != (before > ANNOUNCED)) | ((now < 0.5) != (before < 0.5))
    found = passes.any(axis=1) | np.array([place.parent is not None for place in timeline.theatre.places], dtype=bool)
    if book is not None:
        found[book.places_told(timeline.start + timedelta(days=at))] = True
    return np.flatnonzero(found)


def _spells(belief: NDArray[np.float64], places: NDArray[np.int64], *, shown: bool) -> Iterator[_Spelt]:
    """Yield some places, by position, with their spells; those of which nothing is ever sure have none and are passed over."""
    for first in tracked(range(0, len(places), _TOGETHER), "what changed", shown=shown):
        these = places[first : first + _TOGETHER]
        whole = these[-1] - these[0] + 1 == len(these)
        some = belief[:, these[0] : these[-1] + 1] if whole else belief[:, these]
        by_place = np.ascontiguousarray(some.transpose(1, 0, 2))
        yield from (_Spelt(int(these[place]), by_place[place], spells) for place, spells in _spells_of(some).items())


def _spells_of(belief: NDArray[np.float64]) -> dict[int, list[_Spell]]:
    days = len(belief)
    top, code = likeliest(belief)
    sure = np.where(top > ANNOUNCED, code, np.int8(_NEVER))
    at = np.maximum.accumulate(np.where(sure >= 0, np.arange(days)[:, None], -1), axis=0)
    held = np.where(at >= 0, np.take_along_axis(sure, np.maximum(at, 0), axis=0), np.int8(_NEVER))
    begins = held >= 0
    begins[1:] &= held[1:] != held[:-1]
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for place, start in np.argwhere(begins.T).tolist():
        found[place].append((int(held[start, place]), start))
    return {
        place: [
            _Spell(code, start, int(at[end - 1, place]), end)
            for (code, start), end in zip(starts, [*(start for _, start in starts[1:]), days], strict=True)
        ]
        for place, starts in found.items()
    }


def _place_turns(timeline: Timeline, book: Book | None, spelt: _Spelt) -> Iterator[_Turn]:
    """
    Yield what is told of one place: its changes where somebody reports them, else that what it was is no longer confirmed.

    What a place first is, by what was said before the timeline begins, is no change and is not told.
    """
    place, told, previous = spelt.place, _NEVER, None
    for spell in spelt.spells:
        turn = None
        if spell.start > 0:
            turn = _reported(timeline, book, place, told, previous.last if previous else -1, spell)
            if turn:
                yield turn
            elif previous and told >= 0:
                yield _lapse(timeline, book, spelt, previous)
        told = spell.code if turn or previous is None else _LAPSED
        previous = spell
    if book is not None and previous and told >= 0 and spelt.belief[-1, told] < 0.5:
        yield _lapse(timeline, book, spelt, previous)


def _lapse(timeline: Timeline, book: Book | None, spelt: _Spelt, spell: _Spell) -> _Turn:
    """Return that what a place was, in a spell, is no longer believed: no longer confirmed, or disputed where of that day both are said."""
    place, at = spelt.place, _faded(spelt.belief, spell)
    dispute = book.dispute(place, spell.code, timeline.start + timedelta(days=at)) if book else None
    return _Turn(at, place, spell.code, _LAPSED, dispute=dispute)


def _faded(belief: NDArray[np.float64], spell: _Spell) -> int:
    """Return the first day after a spell's last sure one on which its status has less than half of the belief."""
    return spell.last + 1 + int(np.argmax(belief[spell.last + 1 :, spell.code] < 0.5))


def _reported(timeline: Timeline, book: Book | None, place: int, before: int, until: int, spell: _Spell) -> _Turn | None:
    """
    Return the change of a place into a spell as it was reported, none where nobody did.

    `until` is the last day on which it was surely what it was before, -1 where nothing was. Belief may pass over before the day of
    which an event is reported, by what is said later, or long after it, where the report was doubted: an event is told on its own day
    in the first case, and as a window in the second. A state of which only later days are told leaves open when it began.
    """
    if book is None:
        return _Turn(spell.start, place, before, spell.code)
    since, moment, last = (timeline.start + timedelta(days=d) for d in (until, spell.start, spell.end - 1))
    since = max(since, book.overtaken(place, spell.code, moment) or since)
    said = book.saying(place, spell.code, since, last)
    of_the_day = [each for each in said if moment in each.window and not each.loose]
    heard = [each for each in said if each.window.start <= moment]
    if of_the_day:
        return _Turn(spell.start, place, before, spell.code, book.best(of_the_day, spell.code))
    if heard:
        best = book.best([each for each in heard if not each.loose] or heard, spell.code)
        return _Turn(spell.start, place, before, spell.code, best, best.window if is_loose(best) else Window(best.window.start, moment))
    if not said:
        return None
    soonest = min(each.window.start for each in said)
    best = book.best([each for each in said if each.window.start == soonest], spell.code)
    if until < 0 or (is_event(best) and not is_loose(best)):
        return _Turn((soonest - timeline.start).days, place, before, spell.code, best)
    return _Turn(spell.start, place, before, spell.code, best, Window(since + timedelta(days=1), soonest))


def _event(timeline: Timeline, city: str, turns: Sequence[_Turn]) -> Event:
    """Tell changes that belong together, and whose word they rest on."""
    theatre, moment = timeline.theatre, timeline.start + timedelta(days=turns[0].at)
    turns = [_from_what_is_seen(timeline, turn) for turn in turns]
    window = _window(turns)
    text = _city_text(timeline, city, turns[0].at, window) if city else _places_text(theatre, turns)
    if window:
        text += f", {between(window)}"
    places = tuple(theatre.places[turn.place].id for turn in turns)
    claims = {turn.claim.id: turn.claim for turn in turns if turn.claim}
    causes = Counter(turn.claim.id for turn in turns if turn.claim)
    if (dispute := turns[0].dispute) and timeline.ledger is not None and not city:
        sources = (f"{timeline.ledger.source(claim.source).name}, {long_day(claim.window.start)}" for claim in dispute)
        cites = ", ".join(cites for claim in dispute for cites in claim.cites[:1])
        return Event(moment, places, text, None, "; ".join(filter(None, [", and ".join(sources), cites])))
    if not causes or timeline.ledger is None:
        return Event(moment, places, text, None, "", window)
    claim = claims[min(causes, key=lambda id: (-causes[id], id))]
    others = len(causes) - 1
    voice = timeline.ledger.source(claim.source).name + (f" and {others} more claim{'s' if others > 1 else ''}" if others else "")
    return Event(moment, places, text, claim, "; ".join([voice, *([", ".join(claim.cites[:2])] if claim.cites else [])]), window)


def _from_what_is_seen(timeline: Timeline, turn: _Turn) -> _Turn:
    """Return a change from what nobody was sure of as one from the status that more than half of the belief was in on the eve, as the map shows it."""
    seen = int(timeline.status[turn.at - 1, turn.place]) if turn.before == _NEVER and turn.at else -1
    return replace(turn, before=seen) if seen >= 0 and seen != turn.now else turn


def between(window: Window) -> str:
    """
    Return a window in words.

    Examples
    --------
    >>> between(Window(date(2013, 4, 30), date(2013, 5, 3)))
    'some day between 30 April and 3 May 2013'
    """
    first, last = long_day(window.start), long_day(window.end)
    return f"some day between {first.removesuffix(f' {window.end.year}')} and {last}"


def _window(turns: Sequence[_Turn]) -> Window | None:
    """Return the days between which changes fell that nobody dates; none where one of them is dated."""
    windows = [turn.window for turn in turns if turn.window]
    if len(windows) < len(turns):
        return None
    return Window(min(window.start for window in windows), max(window.end for window in windows))


def _places_text(theatre: Theatre, turns: Sequence[_Turn]) -> str:
    names = [theatre.places[turn.place].name for turn in turns]
    now = named(theatre, turns[0].now)
    shown = f"{len(names)} places ({', '.join(names[:3])} ...)" if len(names) > 3 else ", ".join(names)
    if turns[0].dispute:
        passed, kept = (_in_words(theatre, claim) for claim in turns[0].dispute)
        return f"{shown}: {DISPUTED}, {passed}{kept if turns[0].dispute[1].kind == 'denies' else f' or {kept}'}"
    if turns[0].now == _LAPSED:
        return f"{shown}: {named(theatre, turns[0].before)}, {UNCONFIRMED}"
    befores = {turn.before for turn in turns}
    if len(befores) > 1 or len(names) > 3 or befores & {_LAPSED, turns[0].now}:
        return f"{shown}: now {now}"
    return f"{shown}: {named(theatre, befores.pop())} → {now}"


def _in_words(theatre: Theatre, claim: Claim) -> str:
    """Return what one of two who contradict each other says became of a place."""
    if claim.kind == "denies":
        return ", which is denied"
    verb = {"takes": "taken", "loses": "lost", "withdraws": "left"}.get(claim.kind, "held")
    return f"{verb} by {theatre.side(claim.side).name}" if claim.side else verb


def _city_text(timeline: Timeline, city: str, at: int, window: Window | None) -> str:
    """
    Tell how many parts of a city are of each status on the day at a position, and how many were on the eve, as every picture shows it.

    The eve is that of the `window`, where it is not known on which of its days something changed.
    """
    theatre = timeline.theatre
    eve = at - 1 if window is None else min(at, (window.start - timeline.start).days) - 1
    then, now = timeline.status[[max(eve, 0), at]][:, list(theatre.members(city))]
    counts = [
        f"{named(theatre, code)} {here}{f' (was {there})' if there != here else ''}"
        for code in (*range(len(theatre.statuses)), NEITHER, NOBODY)
        if (here := (now == code).sum()) + (there := (then == code).sum())
    ]
    return f"{theatre.place(city).name}, {len(now)} {theatre.parts_named(city)}: {', '.join(counts)}"


def named(theatre: Theatre, code: int) -> str:
    """Return the name of a status by position: a side's name, contested, undecided, or unknown."""
    if code < 0:
        return UNDECIDED if code == NEITHER else UNKNOWN
    return theatre.sides[code].name if code < len(theatre.sides) else CONTESTED
