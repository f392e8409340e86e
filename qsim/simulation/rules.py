"""The rules of a simulation, hazards with their units, and the map as its kernel reads it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.geography.reachability import nearest_known, network
from qsim.record.names import nearest
from qsim.record.theatre import Theatre
from qsim.record.values import FrozenDict, keep

CROSSINGS = ("river_crossing", "border_crossing")
DEFENDED = {"hill": "hill", "hill_village": "hill", "airbase": "airbase", "square": "square"}  # kind of place -> kind of defence
TERMS = ("pressure", "tempo", "supply", "defence", "pocket", "storm", "crossing", "spill", "unprovoked")


class RulesError(ValueError):
    """Rules, a start or an intervention that cannot be simulated, with every problem at once."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        super().__init__(f"the simulation has {count} problem{'s' if count != 1 else ''}\n  " + "\n  ".join(self.problems))

    def __reduce__(self) -> tuple[type, tuple[tuple[str, ...]]]:
        return type(self), (self.problems,)


@dataclass(frozen=True, slots=True)
class Rules:
    """
    The parameters of the simulation; `qsim.simulation.model` has the equations they stand in.

    `errors` are the standard errors that `fit` found, by the name in `table()`; none for rules that were not fitted.
    """

    tempo: Mapping[str, float] = FrozenDict()  # per day and hostile neighbour, by side: `pace` where it is not named
    pace: float = 0.02  # per day and hostile neighbour
    resolve: float = 0.15  # per day: a contested place goes to a side
    storm: float = 0.3  # probability that an attack takes a place within the day, and does not leave it contested
    foothold: float = 0.5  # neighbours: what being in a contested place is worth to each side
    starved: float = 0.5  # factor, 0..1, on what a place cut off from its bases presses
    yielding: float = 1.5  # factor, from 0, on the hazard of a place cut off from its bases
    crossing: float = 0.5  # factor, from 0, on pressure across a river or a border
    defence: Mapping[str, float] = FrozenDict({"hill": 0.5, "airbase": 0.5, "square": 0.5})  # factor on the hazard
    spill: float = 0.0  # per day and contested neighbour: fighting next door draws a place in
    unprovoked: float = 0.0  # per day: what no neighbour explains
    surrender: float = 0.0  # per day and pocket of two places or more, once long cut off: it yields as a whole
    patience_days: int = 7  # days after which a pocket is long cut off
    errors: Mapping[str, float] = FrozenDict()

    def __post_init__(self) -> None:
        problems = list(_problems(self))
        if problems:
            raise RulesError(problems)
        keep(self, "tempo", "defence", "errors")

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
    settled = known.copy()
    settled[[theatre.index[city] for city in theatre.parts]] = True  # a city is its parts, and has no links
    within: dict[str | None, list[int]] = {}
    for i, place in enumerate(places):
        within.setdefault(place.within, []).append(i)
    units = [within.get(each.id, []) for each in places]
    return Terrain(
        *roads.rows,
        np.array([rules.crossing if link.kind in CROSSINGS else 1.0 for link in theatre.links], dtype=float),
        theatre.with_own_status & known,
        nearest_known(theatre, settled).astype(np.int64),
        base,
        owner,
        np.array([rules.defence.get(DEFENDED.get(place.kind, ""), 1.0) for place in places]),
        np.concatenate([[0], np.cumsum([len(each) for each in units])]).astype(np.int64),
        np.array([i for each in units for i in each], dtype=np.int64),
    )


def hazard(theatre: Theatre, rules: Rules, steps: int) -> tuple[Any, ...]:
    """Return the rules as the kernel reads them: the tempo of each side (sides,), and the other numbers in the order of its `Hazard`."""
    names = ("resolve", "storm", "foothold", "starved", "yielding", "spill", "unprovoked", "surrender")
    tempo = np.array([rules.tempo.get(side.id, rules.pace) for side in theatre.sides], dtype=float)
    return (tempo, *(float(getattr(rules, name)) for name in names), rules.patience_days, int(steps))


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
