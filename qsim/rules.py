"""The rules of a simulation and what may be imposed on it: hazards with their units, and interventions with their days."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.dates import Day, Days, Window, day, parse_edtf
from qsim.evidence import in_order, reading_of_ring
from qsim.ledger import Claim, Ledger, Source
from qsim.passage import nearest_known, network
from qsim.theatre import Theatre, nearest

CROSSINGS = ("river_crossing", "border_crossing")
DEFENDED = {"hill": "hill", "hill_village": "hill", "airbase": "airbase", "square": "square"}  # kind of place -> kind of defence
TERMS = ("pressure", "tempo", "supply", "defence", "pocket", "storm", "crossing", "spill", "unprovoked")


class RulesError(ValueError):
    """Rules, a start or an intervention that cannot be simulated, with every problem at once."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        super().__init__(f"the simulation has {count} problem{'s' if count != 1 else ''}\n  " + "\n  ".join(self.problems))


@dataclass(frozen=True, slots=True)
class Rules:
    """
    The parameters of the simulation; `qsim.simulation` has the equations they stand in.

    `errors` are the standard errors that `fit` found, by the name in `table()`; none for rules that were not fitted.
    """

    tempo: Mapping[str, float] = field(default_factory=dict)  # per day and hostile neighbour, by side: `pace` where it is not named
    pace: float = 0.02  # per day and hostile neighbour
    resolve: float = 0.15  # per day: a contested place goes to a side
    storm: float = 0.3  # probability that an attack takes a place within the day, and does not leave it contested
    foothold: float = 0.5  # neighbours: what being in a contested place is worth to each side
    starved: float = 0.5  # factor, 0..1, on what a place cut off from its bases presses
    yielding: float = 1.5  # factor, from 0, on the hazard of a place cut off from its bases
    crossing: float = 0.5  # factor, from 0, on pressure across a river or a border
    defence: Mapping[str, float] = field(default_factory=lambda: {"hill": 0.5, "airbase": 0.5, "square": 0.5})  # factor on the hazard
    spill: float = 0.0  # per day and contested neighbour: fighting next door draws a place in
    unprovoked: float = 0.0  # per day: what no neighbour explains
    surrender: float = 0.0  # per day and pocket of two places or more, once long cut off: it yields as a whole
    patience_days: int = 7  # days after which a pocket is long cut off
    errors: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problems = list(_problems(self))
        if problems:
            raise RulesError(problems)
        for name in ("tempo", "defence", "errors"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def __repr__(self) -> str:
        return f"Rules({', '.join(f'{name} {value:.3g}' for name, value in self.values().items())})"

    def values(self) -> dict[str, float]:
        """Return every parameter by its name; those of a side or a kind of defence as `tempo red`, `defence hill`."""
        found: dict[str, float] = {f"tempo {side}": value for side, value in self.tempo.items()}
        found |= {} if self.tempo else {"pace": self.pace}
        for each in fields(self)[2:-1]:
            value = getattr(self, each.name)
            found |= {f"{each.name} {key}": v for key, v in value.items()} if isinstance(value, Mapping) else {each.name: value}
        return found

    def table(self) -> str:
        """Return the parameters with unit and standard error (none where the parameter was not fitted), a line each."""
        lines = [f"{'parameter':<20}{'value':>9}{'± s.e.':>9}  unit"]
        for name, value in self.values().items():
            error = f"{self.errors[name]:>9.4f}" if name in self.errors else f"{'fixed':>9}"
            lines.append(f"{name:<20}{value:>9.4f}{error}  {UNITS[name.split()[0]]}")
        return "\n".join(lines)

    def without(self, *terms: str) -> "Rules":
        """
        Return the rules with terms switched off: `pressure` (nobody presses), `tempo` (all sides the mean one), `supply`, `defence`,
        `pocket`, `storm`, `crossing` (as any link), `spill`, `unprovoked`.
        """
        unknown = [
            f"unknown term {term!r}{nearest(term, TERMS)}; expected one of {', '.join(TERMS)}" for term in terms if term not in TERMS
        ]
        if unknown:
            raise RulesError(unknown)
        mean = float(np.exp(np.mean(np.log(list(self.tempo.values()))))) if self.tempo and min(self.tempo.values()) > 0 else self.pace
        off: dict[str, dict[str, Any]] = {
            "pressure": {"tempo": dict.fromkeys(self.tempo, 0.0), "pace": 0.0},
            "tempo": {"tempo": {}, "pace": mean},
            "supply": {"starved": 1.0, "yielding": 1.0},
            "defence": {"defence": {}},
            "pocket": {"surrender": 0.0},
            "storm": {"storm": 0.0},
            "crossing": {"crossing": 1.0},
            "spill": {"spill": 0.0},
            "unprovoked": {"unprovoked": 0.0},
        }
        changes: dict[str, Any] = {}
        for term in sorted(terms, key=TERMS.index, reverse=True):  # `pressure` comes last: it leaves no tempo to average
            changes |= off[term]
        return replace(self, errors={}, **changes)


UNITS = {
    "tempo": "per day and hostile neighbour",
    "pace": "per day and hostile neighbour",
    "resolve": "per day",
    "storm": "probability",
    "foothold": "neighbours",
    "starved": "factor",
    "yielding": "factor",
    "crossing": "factor",
    "defence": "factor",
    "spill": "per day and contested neighbour",
    "unprovoked": "per day",
    "surrender": "per day and pocket",
    "patience_days": "days",
}


@dataclass(frozen=True, slots=True)
class Hold:
    """A place, or every part of a city or group, is a side's on the days `[start, end)`, whatever presses on it."""

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
    """A link, or every link of a group, is shut on the days `[start, end)`: to everybody, or to all but the side `by` that cut it."""

    link: str
    start: Day | None = None
    end: Day | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """A link, or every link of a group, is open to everybody on the days `[start, end)`, whoever cut it."""

    link: str
    start: Day | None = None
    end: Day | None = None


@dataclass(frozen=True, slots=True)
class Reinforce:
    """
    In a place or group a side is `factor` times as strong on the days `[start, end)`.

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


def read_intervention(text: str) -> Intervention:
    """
    Return an intervention from words: `hold PLACE SIDE`, `take PLACE SIDE`, `cut LINK`, `open LINK`, `reinforce SIDE GROUP FACTOR`.

    A day or window of days may follow, both ends included: `hold dabaa_airbase opposition 2013-05-19/2013-06-01`; `take` needs one.

    Examples
    --------
    >>> read_intervention("cut supply_line_hamidiya 2013-05-24/2013-05-26")
    Cut(link='supply_line_hamidiya', start=datetime.date(2013, 5, 24), end=datetime.date(2013, 5, 27), by=None)
    """
    verb, *words = text.split() or [""]
    count = {"hold": 2, "take": 2, "cut": 1, "open": 1, "reinforce": 3}.get(verb, -1)
    try:
        window = parse_edtf(words[count]) if 0 < count < len(words) else None
        start, end = (window.start, window.end) if window else (None, None)
        if count > 0 and len(words) in (count, count + 1) and (window or verb != "take"):
            if verb == "take" and start:
                return Take(words[0], words[1], start)
            if verb == "reinforce":
                return Reinforce(words[0], words[1], float(words[2]), start, end)
            if verb == "hold":
                return Hold(words[0], words[1], start, end)
            return (Cut if verb == "cut" else Open)(words[0], start, end)
    except ValueError as problem:
        raise RulesError([f"{text!r}: {problem}"]) from None
    expected = "hold PLACE SIDE, take PLACE SIDE DAY, cut LINK, open LINK or reinforce SIDE GROUP FACTOR, and days"
    raise RulesError([f"{text!r} is no intervention; expected {expected}"])


def reported_cuts(theatre: Theatre, ledger: Ledger, moment: Day) -> tuple[Cut, ...]:
    """
    Return what was cut by the last claim about each link up to a day, as interventions from that day on.

    Claims on all the ways into a city speak of its ring and shut no named way, as in `qsim.passage`.
    """
    last: dict[str, Claim] = {}
    for claim in in_order(c for c in ledger.claims if c.kind in ("cuts", "opens") and c.effective <= day(moment)):
        of_a_ring = any(reading_of_ring(theatre, claim, city) is not None for city in theatre.parts)
        if not of_a_ring and claim.quantifier not in ("part", "most"):
            last |= dict.fromkeys(theatre.link_members(claim.place), claim)
    # A road that one side opened to itself is shut to the other, as in `qsim.passage`.
    return tuple(Cut(id, start=moment, by=claim.side) for id, claim in last.items() if claim.kind == "cuts" or claim.side is not None)


@dataclass(frozen=True, eq=False, slots=True)
class Terrain:
    """
    The map as the kernel reads it: compressed links with weights, and of each place (places,) whether it may change (`free`), whom it
    follows while nothing is known of it, whose unknown base it is (-1: nobody's), the factor that its defence leaves of the hazard,
    `base` (sides, places), and the buildings in it, whose status is its own from its first change on.
    """

    start: NDArray[np.int32]
    heads: NDArray[np.int32]
    link: NDArray[np.int32]
    weight: NDArray[np.float64]
    free: NDArray[np.bool_]
    follow: NDArray[np.int64]
    base: NDArray[np.bool_]
    owner: NDArray[np.int8]
    shield: NDArray[np.float64]
    units_start: NDArray[np.int64]
    units: NDArray[np.int64]


def terrain(theatre: Theatre, rules: Rules, known: NDArray[np.bool_]) -> Terrain:
    """Return the map as the kernel reads it; `known` (places,) says of which places something is known."""
    roads, places = network(theatre), theatre.places
    base = np.zeros((len(theatre.sides), len(places)), dtype=bool)
    for s, side in enumerate(theatre.sides):
        base[s, [theatre.index[each.place] for each in side.bases]] = True
    owner = np.where(base.any(axis=0) & ~known, base.argmax(axis=0), -1).astype(np.int8)
    own = np.array([place.id not in theatre.parts and place.within is None and not place.gateway for place in places])
    settled = known.copy()
    settled[[theatre.index[city] for city in theatre.parts]] = True  # a city is its parts, and has no links
    units = [[i for i, place in enumerate(places) if place.within == each.id] for each in places]
    return Terrain(
        *roads.rows,
        np.array([rules.crossing if link.kind in CROSSINGS else 1.0 for link in theatre.links], dtype=float),
        own & known,
        nearest_known(theatre, settled).astype(np.int64),
        base,
        owner,
        np.array([rules.defence.get(DEFENDED.get(place.kind, ""), 1.0) for place in places]),
        np.concatenate([[0], np.cumsum([len(each) for each in units])]).astype(np.int64),
        np.array([i for each in units for i in each], dtype=np.int64),
    )


def _problems(rules: Rules) -> Iterable[str]:
    rates = {"pace", "resolve", "foothold", "yielding", "crossing", "spill", "unprovoked", "surrender", "tempo", "defence"}
    for name, value in rules.values().items():
        first, number = name.split()[0], isinstance(value, int | float) and np.isfinite(value)
        if first in rates and not (number and value >= 0):
            yield f"{name} is {value!r}; expected a number from 0 ({UNITS[first]})"
        elif first in ("storm", "starved") and not (number and 0 <= value <= 1):
            yield f"{name} is {value!r}; expected a number from 0 to 1 ({UNITS[first]})"
    if not (isinstance(rules.patience_days, int) and rules.patience_days >= 0):
        yield f"patience_days is {rules.patience_days!r}; expected a whole number from 0"
    for kind in rules.defence:
        if kind not in DEFENDED.values():
            yield f"unknown kind of defence {kind!r}{nearest(kind, list(DEFENDED.values()))}"


def _wrong(theatre: Theatre, days: Days, each: Intervention) -> Iterable[str]:
    """Return what is wrong with an intervention."""
    side = each.by if isinstance(each, Cut) else getattr(each, "side", None)
    allowed = theatre.statuses if isinstance(each, Hold | Take) else theatre.statuses[:-1]
    if side is not None and side not in allowed:
        yield f"unknown side {side!r}; expected one of {', '.join(allowed)}"
    if isinstance(each, Cut | Open):
        if not theatre.link_members(each.link):
            known = [link.id for link in theatre.links] + [group.id for group in theatre.groups if group.of == "links"]
            yield f"unknown link {each.link!r}{nearest(each.link, known)}"
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
    after = len(days) if each.end is None else int((np.datetime64(day(each.end)) - days[0]).astype(int))
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
            window = Window(day(days[d]), day(days[d] + 1))
            claims.append(Claim(f"supposed-{d}-{i}", theatre.links[i].id, kind, window, "supposed", by))
        before = now
    return Ledger({"supposed": Source("supposed", "What is supposed", "narration")}, tuple(claims))
