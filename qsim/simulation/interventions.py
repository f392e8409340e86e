"""What may be imposed on a simulation: places held or taken, links cut or opened, sides reinforced, each on its days."""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.belief.evidence import reading_of_ring
from qsim.record.dates import Day, Days, Window, day, parse_edtf
from qsim.record.ledger import Claim, Ledger, Source
from qsim.record.names import folded, nearest
from qsim.record.scope import in_order
from qsim.record.theatre import Theatre
from qsim.simulation.rules import RulesError


@dataclass(frozen=True, slots=True)
class Hold:
    """A place, or every part of a city or group, is a side's on the days from `start` to `end`, both included, whatever presses on it."""

    place: str
    side: str
    start: Day | None = None
    end: Day | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """A place, or every part of a city or group, passes to a side on the day `start`; what follows is open."""

    place: str
    side: str
    start: Day


@dataclass(frozen=True, slots=True)
class Cut:
    """A link, or every link of a group, is shut on the days from `start` to `end`, both included: to everybody, or to all but the side `by` that cut it."""

    link: str
    start: Day | None = None
    end: Day | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """A link, or every link of a group, is open to everybody on the days from `start` to `end`, both included, whoever cut it."""

    link: str
    start: Day | None = None
    end: Day | None = None


@dataclass(frozen=True, slots=True)
class Reinforce:
    """
    In a place or group a side is `factor` times as strong on the days from `start` to `end`, both included.

    What it holds there presses so many times as hard, its weight in what is contested there is so many times as large, and the hazard
    of what it holds there is so many times smaller.
    """

    side: str
    group: str
    factor: float
    start: Day | None = None
    end: Day | None = None


Intervention = Hold | Take | Cut | Open | Reinforce


@dataclass(frozen=True, eq=False, slots=True)
class Schedule:
    """
    Interventions day by day: `forced` (days, places) int8 a status or -1, `shut` (days, sides, links), `strength` (days, sides, places).

    `ledger` says the same of the links, so that encirclement sees on simulated histories what the simulation saw; none without any.
    """

    forced: NDArray[np.int8]
    shut: NDArray[np.bool_]
    strength: NDArray[np.float64]
    ledger: Ledger | None


def schedule(theatre: Theatre, days: Days, interventions: Iterable[Intervention]) -> Schedule:
    """
    Return interventions day by day over `days`, the later in the list over the earlier; factors of one side multiply.

    Raises
    ------
    RulesError
        With every problem: an unknown place, side, link or group, a factor that is not positive, a window that holds no day of these.
    """
    sides = len(theatre.sides)
    forced = np.full((len(days), len(theatre.places)), -1, dtype=np.int8)
    shut = np.zeros((len(days), sides, len(theatre.links)), dtype=bool)
    strength = np.ones((len(days), sides, len(theatre.places)))
    asked = list(interventions)
    problems = [f"{each}: {problem}" for each in asked for problem in _wrong(theatre, days, each)]
    if problems:
        raise RulesError(problems)
    names, links = theatre.statuses, {link.id: i for i, link in enumerate(theatre.links)}
    for each in asked:
        span = slice(*_span(days, each))
        if isinstance(each, Hold | Take):
            forced[span, list(theatre.members(_named(theatre, each.place)))] = names.index(each.side)
        elif isinstance(each, Reinforce):
            strength[span, names.index(each.side), list(theatre.members(_named(theatre, each.group)))] *= each.factor
        else:
            of = [links[id] for id in theatre.link_members(each.link)]
            for s in range(sides):
                shut[span, s, of] = isinstance(each, Cut) and each.by != names[s]
    return Schedule(forced, shut, strength, _told(theatre, days, shut))


_SLOTS = {
    "hold": ("place", "side"),
    "take": ("place", "side"),
    "cut": ("link",),
    "open": ("link",),
    "reinforce": ("side", "place", "factor"),
}


def read_intervention(text: str, theatre: Theatre | None = None) -> Intervention:
    """
    Return an intervention from words: `hold PLACE SIDE`, `take PLACE SIDE`, `cut LINK`, `open LINK`, `reinforce SIDE GROUP FACTOR`.

    A day or window of days may follow, both ends included: `hold dabaa_airbase opposition 2013-05-19/2013-06-01`, or `2013-05-19/..` from
    a day on; `take` needs a day.

    Names of several words stand in quotation marks, `hold "Old Town" opposition`; of a `theatre` they need none where its names, the longest
    first, leave no doubt.

    Examples
    --------
    >>> read_intervention("cut supply_line_hamidiya 2013-05-24/2013-05-26")
    Cut(link='supply_line_hamidiya', start=datetime.date(2013, 5, 24), end=datetime.date(2013, 5, 26), by=None)
    """
    verb, *words = _words(text) or [""]
    slots = _SLOTS.get(verb, ())
    if theatre is not None and slots:
        words = _joined(theatre, words, slots) or _joined(theatre, words, slots, strange=True) or words
    count = len(slots) or -1
    quoted = "; names of several words stand in quotation marks, such as 'hold \"Old Town\" opposition'" if len(words) > count > 0 else ""
    try:
        window = parse_edtf(words[count]) if 0 < count < len(words) else None
        start = window.start if window and not window.open_start else None
        end = window.end if window and not window.open_end else None
        if count > 0 and len(words) in (count, count + 1) and (start or verb != "take"):
            if verb == "take" and start is not None:
                return Take(words[0], words[1], start)
            if verb == "reinforce":
                return Reinforce(words[0], words[1], float(words[2]), start, end)
            if verb == "hold":
                return Hold(words[0], words[1], start, end)
            return (Cut if verb == "cut" else Open)(words[0], start, end)
    except ValueError as problem:
        raise RulesError([f"{text!r}: {problem}{quoted}"]) from None
    expected = "hold PLACE SIDE, take PLACE SIDE DAY, cut LINK, open LINK or reinforce SIDE GROUP FACTOR, and days"
    raise RulesError([f"{text!r} is no intervention; expected {expected}{quoted}"])


def _words(text: str) -> list[str]:
    """Return the words of a text, those in quotation marks together; a lone apostrophe is a letter of its word."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _joined(theatre: Theatre, words: list[str], slots: tuple[str, ...], *, strange: bool = False) -> list[str]:
    """
    Return words as names that fill the slots, and perhaps a date: each the longest that leaves known names to the others; none where none do.

    With `strange` a place or link may be one that nobody knows, so that it is told by its whole name.
    """
    if not slots:
        return words if not words or (len(words) == 1 and _is_date(words[0])) else []
    for n in range(len(words) - len(slots) + 1, 0, -1):
        name = " ".join(words[:n])
        if _known(theatre, slots[0], name) or (strange and slots[0] in ("place", "link") and not _is_date(words[n - 1])):
            rest = _joined(theatre, words[n:], slots[1:], strange=strange)
            if rest or (len(slots) == 1 and n == len(words)):
                return [name, *rest]
    return []


def _is_date(text: str) -> bool:
    try:
        parse_edtf(text)
    except ValueError:
        return False
    return True


def _known(theatre: Theatre, slot: str, name: str) -> bool:
    """Return whether a name is one that may fill a slot."""
    if slot == "side":
        return name in theatre.statuses or folded(name) in {folded(side.name) for side in theatre.sides}
    if slot == "link":
        return bool(_ways(theatre, name))
    return name in theatre or bool(theatre.members(name)) if slot == "place" else name.replace(".", "", 1).isdecimal()


def _ways(theatre: Theatre, name: str) -> list[str]:
    """Return the ids of the links and groups of links that an id, or a name, stands for."""
    if theatre.link_members(name):
        return [name]
    return [id for id, called in _names_of_ways(theatre) if folded(called) == folded(name)]


def _names_of_ways(theatre: Theatre) -> list[tuple[str, str]]:
    """Return the id and the name of each link and group of links."""
    return [(link.id, link.name) for link in theatre.links] + [(group.id, group.name) for group in theatre.groups if group.of == "links"]


def with_ids(theatre: Theatre, each: Intervention) -> Intervention:
    """Return an intervention with the ids of its side and its way, where these are told by their names."""
    if isinstance(each, Cut | Open) and len(ways := _ways(theatre, each.link)) == 1:
        each = replace(each, link=ways[0])
    field = "by" if isinstance(each, Cut) else "side"
    name = getattr(each, field, None)
    if name is None or name in theatre.statuses:
        return each
    ids = [side.id for side in theatre.sides if folded(side.name) == folded(name)]
    named: dict[str, Any] = {field: ids[0]} if len(ids) == 1 else {}
    return replace(each, **named)


def reported_cuts(theatre: Theatre, ledger: Ledger, moment: Day) -> tuple[Cut, ...]:
    """
    Return what was cut by the last claim about each link up to a day, as interventions from that day on.

    Claims on all the ways into a city speak of its ring and shut no named way, as in `qsim.geography.reachability`.
    """
    last: dict[str, Claim] = {}
    for claim in in_order(c for c in ledger.columns.only("cuts", "opens") if c.effective <= day(moment)):
        of_a_ring = any(reading_of_ring(theatre, claim, city) is not None for city in theatre.parts)
        if not of_a_ring and claim.quantifier not in ("part", "most"):
            last |= dict.fromkeys(theatre.link_members(claim.place), claim)
    # A road that one side opened to itself is shut to the other, as in `qsim.geography.reachability`.
    return tuple(Cut(id, start=moment, by=claim.side) for id, claim in last.items() if claim.kind == "cuts" or claim.side is not None)


def _wrong(theatre: Theatre, days: Days, each: Intervention) -> Iterable[str]:
    """Return what is wrong with an intervention."""
    side = each.by if isinstance(each, Cut) else getattr(each, "side", None)
    allowed = theatre.statuses if isinstance(each, Hold | Take) else theatre.statuses[:-1]
    if side is not None and side not in allowed:
        yield f"unknown side {side!r}; expected one of {', '.join(allowed)}"
    if isinstance(each, Cut | Open):
        if not theatre.link_members(each.link):
            several = _ways(theatre, each.link)
            near = nearest(each.link, dict.fromkeys(name for way in _names_of_ways(theatre) for name in way))
            yield (
                f"{each.link!r} names several ways: {', '.join(several)}; give one of these ids"
                if several
                else f"unknown link {each.link!r}{near}"
            )
    else:
        name = each.group if isinstance(each, Reinforce) else each.place
        try:
            members = theatre.members(_named(theatre, name))
        except ValueError as problem:
            yield str(problem)
        else:
            blind = [theatre.places[i].id for i in members if theatre.places[i].within is not None]
            if blind:
                yield f"{', '.join(blind)} is a building; name the square it stands in"
    if isinstance(each, Reinforce) and not (np.isfinite(each.factor) and each.factor > 0):
        yield f"the factor is {each.factor!r}; expected a positive number"
    first, after = _span(days, each)
    if not first < after:
        yield f"its days hold none of {day(days[0])} - {day(days[-1])}"


def _named(theatre: Theatre, name: str) -> str:
    """Return the id of a place or group of places; raise `TheatreError` when there is none."""
    return name if theatre.members(name) else theatre.place(name).id


def _span(days: Days, each: Intervention) -> tuple[int, int]:
    """Return the positions of the days of an intervention, cut to those there are."""
    first = 0 if each.start is None else int((np.datetime64(day(each.start)) - days[0]).astype(int))
    if isinstance(each, Take):
        return (first, first + 1) if 0 <= first < len(days) else (0, 0)
    after = len(days) if each.end is None else int((np.datetime64(day(each.end)) - days[0]).astype(int)) + 1
    return max(first, 0), min(after, len(days))


def _told(theatre: Theatre, days: Days, shut: NDArray[np.bool_]) -> Ledger | None:
    """Return a ledger of what is supposed of the links, a claim for every day and link on which it changes; None where nothing is shut."""
    if not shut.any():
        return None
    claims = []
    before = np.zeros_like(shut[0])
    for d, now in enumerate(shut):
        for i in np.flatnonzero((now != before).any(axis=0)).tolist():
            open_to = [side.id for s, side in enumerate(theatre.sides) if not now[s, i]]
            kind = "cuts" if now[:, i].any() else "opens"
            by = open_to[0] if kind == "cuts" and open_to else None
            window = Window(day(days[d]), day(days[d]))
            claims.append(Claim(f"supposed-{d}-{i}", theatre.links[i].id, kind, window, "supposed", by))
        before = now
    return Ledger({"supposed": Source("supposed", "What is supposed", "narration")}, tuple(claims))
