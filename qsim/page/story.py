"""Chapters as a story: a day, a headline, two sentences that say what is believed of it, and one named source a side."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from qsim.belief.events import Event, events
from qsim.belief.statuses import UNDECIDED, UNKNOWN, status_names
from qsim.belief.timeline import Timeline
from qsim.belief.why import Testimony, why
from qsim.record.dates import long_day
from qsim.record.theatre import Place

MOST_EVENTS = 5000
NEAR_DAYS = 7  # how long before a chapter a source may have spoken, to be heard in it before others of its side
FEW = 3  # places told one by one; more are counted
_MOST_ASKED = 12  # places of which it is asked who spoke
NEUTRAL = "Neutral"


@dataclass(frozen=True, slots=True)
class Voice:
    """One source heard in a chapter: for which `side` it speaks, who it is, of which day, in our words, and the sentence cited; blank where a side has none."""

    side: str
    source: str = ""
    when: str = ""
    note: str = ""
    cite: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A day of the story: `place` is the id of what it is about, where it is about one place or city."""

    day: date
    headline: str
    sentences: tuple[str, ...]
    voices: tuple[Voice, ...]
    place: str | None


def events_shown(timeline: Timeline, *, progress: bool = False) -> list[Event]:
    """Return what changed, day by day; where that is more than anybody reads, a count a day."""
    found = events(timeline, progress=progress)
    if len(found) <= MOST_EVENTS:
        return found
    counted: Counter[date] = Counter()
    for event in found:
        counted[event.day] += len(event.places)
    return [Event(moment, (), f"{count} places change hands", None, "") for moment, count in counted.items()]


def turning_points(timeline: Timeline, most: int = 6, *, events: Sequence[Event] | None = None) -> list[tuple[date, str]]:
    """
    Return chapters that a timeline suggests by itself: its first and last day, the days on which most ground changed, in order.

    Each square of a city counts as a place; the title is what became of the places of the day's event with most of them, by belief. What nobody dates to a few days, or
    is only no longer confirmed, turned on no day. `events` are those of `events_shown`, where they are at hand.
    """
    found = events_shown(timeline) if events is None else events
    dated = [event for event in found if event.window is None and (event.claim is not None or timeline.ledger is None)]
    changes: Counter[date] = Counter()
    titles: dict[date, Event] = {}
    for event in dated:
        changes[event.day] += len(event.places)
        titles[event.day] = max(titles.get(event.day, event), event, key=lambda each: len(each.places))
    busiest = sorted(titles, key=lambda when: (-changes[when], when))[:most]
    ends = {timeline.start: "The first day", timeline.end: "The last day"}
    return sorted({**ends, **{when: _title(timeline, titles[when]) for when in busiest}}.items())


def _title(timeline: Timeline, event: Event) -> str:
    return turned(timeline, event.places, event.day) if event.places else event.text


def chapters_told(
    timeline: Timeline, chapters: Sequence[tuple[date, str, str]], told: Sequence[Event], ring: Mapping[str, Any] | None
) -> list[Chapter]:
    """
    Return the story of a timeline: of each chapter (day, headline, sentence or nothing) what is believed of the places that its day changed.

    `told` are the events of the timeline, `ring` what a page knows of the ring (`qsim.page.pack`). Each status that is named has more than half of
    the day's belief, or is called undecided or unknown; what somebody wrote stands as it was written.
    """
    found = []
    for day, headline, sentence in chapters:
        places = strongest([event for event in told if event.day == day])
        said = [
            sentence or believed(timeline, places, day),
            believed(timeline, places, day) if sentence else ring_told(timeline, day, ring),
        ]
        place = subject(timeline, places)
        found.append(
            Chapter(day, headline, tuple(each for each in said if each), voices(timeline, [place] if place else places, day), place)
        )
    return found


def strongest(events: Sequence[Event]) -> tuple[str, ...]:
    """Return the places of the event that changed most of them, the first among equals."""
    return max(events, key=lambda event: len(event.places)).places if events else ()


def subject(timeline: Timeline, places: Sequence[str]) -> str | None:
    """Return the one place that some stand for: itself, or the city whose parts they are."""
    parents = {timeline.theatre.place(id).parent for id in places}
    return places[0] if len(places) == 1 else parents.pop() if len(parents) == 1 else None


def turned(timeline: Timeline, places: Sequence[str], day: date) -> str:
    """
    Return what became of places as a headline, by belief alone: what they are on a day, and what they were the day before where that is another.

    Examples
    --------
    >>> import qsim
    >>> timeline = qsim.reconstruct(*qsim.load("example"))
    >>> turned(timeline, ["dunmoor"], timeline.start)
    'Dunmoor: Salt Company'
    """
    theatre, names = timeline.theatre, status_names(timeline.theatre)
    city = _city(timeline, places)
    mine = theatre.parts[city.id] if city else places
    now, before = _statuses(timeline, mine, day)
    together = f"{city.name}, {len(mine)} {theatre.parts_named(city.id)}" if city else None
    if len(set(zip(now, before, strict=True))) == 1:
        called = together or _listed([theatre.place(id).name for id in mine], FEW)
        return f"{called}: {names[now[0]]}" if now[0] == before[0] else f"{called}: {names[before[0]]} → {names[now[0]]}"
    here, there = Counter(now), Counter(before)
    counts = (f"{names[status]} {here[status]} (was {there[status]})" for status in _order(timeline) if here[status] or there[status])
    return f"{together or f'{len(mine)} places'}: {', '.join(counts)}"


def believed(timeline: Timeline, places: Sequence[str], day: date) -> str:
    """
    Return a sentence or a few: who most likely holds places on a day, how sure that is, and what they were the day before.

    Of a part of a city, all its parts are told; without places, all places.
    """
    theatre, city = timeline.theatre, _city(timeline, places)
    mine = list(theatre.parts[city.id] if city else places) or [p.id for p in theatre.places if not p.gateway and p.id not in theatre.parts]
    now, before = _statuses(timeline, mine, day)
    if len(mine) <= FEW:
        return " ".join(_one(timeline, id, day, *pair) for id, pair in zip(mine, zip(now, before, strict=True), strict=True))
    here, there = Counter(now), Counter(before)
    what = f"{len(mine)} {theatre.parts_named(city.id)} of {city.name}" if city else f"{len(mine)} places"
    if len(set(now)) == 1:
        return f"On {long_day(day)}, all {what} were {_held(timeline, now[0])}{_was(timeline, day, there[now[0]], len(mine))}."
    what = f"the {what}" if city else what
    shown = [status for status in _order(timeline) if here[status]]
    counts = [
        f"{here[status]} {('was' if here[status] == 1 else 'were') if n == 0 else ''} {_held(timeline, status)}{_was(timeline, day, there[status], here[status])}"
        for n, status in enumerate(shown)
    ]
    return f"On {long_day(day)}, of {what}, {re.sub(' +', ' ', _listed(counts, len(counts)))}."


def ring_told(timeline: Timeline, day: date, ring: Mapping[str, Any] | None) -> str:
    """Return a sentence: how likely the besieged side was cut off, and by which way it most likely was not; nothing where nobody knows."""
    if ring is None or ring.get("cut_off", [None] * len(timeline))[timeline.position(day)] is None:
        return ""
    d, theatre = timeline.position(day), timeline.theatre
    cut, ways = ring["cut_off"][d], [(share, route) for share, route in zip(ring["open"][d], ring["exits"][d], strict=True) if route]
    who = f"{theatre.sides[ring['side']].name} in {theatre.places[ring['place']].name}"
    told = f"In {cut or 'none'} of 100 courses that events may have taken, {who} was cut off"
    if not ways or cut == 100:
        return f"{told}."
    share, route = max(ways, key=lambda way: way[0])
    return f"{told}; the likeliest way out, to {theatre.places[route[-1]].name}, was open in {share}."


def voices(timeline: Timeline, places: Sequence[str], day: date) -> tuple[Voice, ...]:
    """Return one source of each side and one of none, of those that spoke of who held places by a day: the nearest to it, the weightiest first."""
    if timeline.ledger is None or not places:
        return ()
    asked = [why(timeline, place, day) for place in places[:_MOST_ASKED]]
    heard = list({told.claim.id: told for each in asked for told in (*each.supporting, *each.opposing, *each.earlier)}.values())
    found = []
    for side, name in [*((side.id, side.name) for side in timeline.theatre.sides), (None, NEUTRAL)]:
        mine = [told for told in heard if told.source_side == side]
        found.append(_voice(name, min(mine, key=lambda told: _rank(told, day))) if mine else Voice(name))
    return tuple(found)


def _rank(told: Testimony, day: date) -> tuple[Any, ...]:
    """Return how soon a voice is to be heard: of the last days before those of earlier ones, the weightiest, those with words to cite, the newest."""
    away = abs((day - told.claim.effective) // timedelta(days=1))
    return max(0, away - NEAR_DAYS), not told.cited, -(told.informed or 0.0), away, told.claim.id


def _voice(side: str, told: Testimony) -> Voice:
    claim = told.claim
    cite, words = told.cited[0] if told.cited else ("", "")
    reported = f", reported {claim.reported}" if claim.reported else ""
    return Voice(side, told.source, f"{claim.window}{reported}", told.said, cite, words or "")


def _statuses(timeline: Timeline, places: Sequence[str], day: date) -> tuple[list[str], list[str]]:
    """Return the status of places on a day, and on the day before it or, on the first, the same."""
    d, columns = timeline.position(day), [timeline.theatre.index[id] for id in places]
    snapshot = timeline.at(day)
    now, before = (timeline.status[at, columns].tolist() for at in (d, max(0, d - 1)))
    return [snapshot.name_of(code) for code in now], [snapshot.name_of(code) for code in before]


def _city(timeline: Timeline, places: Sequence[str]) -> Place | None:
    """Return the city whose parts several places are."""
    parents = {timeline.theatre.place(id).parent for id in places} if len(places) > 1 else set()
    city = parents.pop() if len(parents) == 1 else None
    return timeline.theatre.place(city) if city is not None else None


def _one(timeline: Timeline, id: str, day: date, now: str, before: str) -> str:
    """Return one place in a sentence: what it is, how sure that is, and what it was."""
    d, i = timeline.position(day), timeline.theatre.index[id]
    name = timeline.theatre.place(id).name
    code = int(timeline.status[d, i])
    how = "" if code < 0 or id in timeline.theatre.parts else f" (belief {_share(float(timeline.belief[d, i, code]))})"
    was = "" if d == 0 else ", as the day before" if now == before else f"; the day before it was {_held(timeline, before)}"
    return f"On {long_day(day)} {name} was {_held(timeline, now)}{how}{was}."


def _held(timeline: Timeline, status: str) -> str:
    """Return a status in a sentence: likely held by a side, or the word that it is."""
    name = status_names(timeline.theatre)[status]
    return name if name == status else f"most likely held by {name}"


def _order(timeline: Timeline) -> list[str]:
    return [*timeline.theatre.statuses, UNDECIDED, UNKNOWN]


def _was(timeline: Timeline, day: date, before: int, now: int) -> str:
    return f" ({before or 'none'} the day before)" if day > timeline.start and before != now else ""


def _share(share: float) -> str:
    """Return a belief in per cent; nothing that is not certain reads as all."""
    return "over 99 %" if 0.995 <= share < 0.9995 else f"{100 * share:.0f} %"


def _listed(words: Sequence[str], most: int) -> str:
    """Return words in a row, the last after `and`; those beyond `most` are counted."""
    shown = [*words[:most], *([f"{len(words) - most} more"] if len(words) > most else [])]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
