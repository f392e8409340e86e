"""
The parameters of the belief model, in one frozen place; a scenario may override them under `[model]` in scenario.toml.

They were chosen on left-out claims, left-out sources and made-up wars, never on known answers (`benchmarks/belief.py` shows what each
part is worth). Beside each stands its reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.record.names import nearest
from qsim.record.values import FrozenDict, keep
from qsim.record.words import SOURCE_ALIASES, SOURCE_KINDS

Floats = NDArray[np.float64]


class ModelError(ValueError):
    """A parameter of the model that is unknown or out of its range; the message lists all of them."""


# Prior reliability of each kind of voice: the mean of a Beta distribution, and how many claims it is worth. A partisan is believed
# more often than not, for what he says of his own side weighs less by itself (see `against_interest`).
RELIABILITY: Mapping[str, tuple[float, float]] = FrozenDict(
    {
        "narration": (0.90, 60.0),
        "scholar": (0.85, 30.0),
        "press": (0.85, 30.0),
        "imagery": (0.85, 30.0),
        "monitor": (0.75, 20.0),
        "humanitarian": (0.75, 20.0),
        "map": (0.75, 20.0),
        "dataset": (0.75, 20.0),
        "civilian": (0.70, 10.0),
        "activist": (0.70, 10.0),
        "state_media": (0.70, 10.0),
        "military": (0.70, 10.0),
        "militia": (0.70, 10.0),
        "unspecified": (0.70, 10.0),
        "armed_group": (0.70, 10.0),
        "politician": (0.70, 10.0),
        "official": (0.70, 10.0),
    }
)


@dataclass(frozen=True, slots=True)
class Model:
    """
    Parameters of `policy="hmm"`: chances a day, chances of what is said, weights and days. What is learned says so.

    Days are quiet, busy (fighting, an attack beaten off, a withdrawal) or turning (a place reported taken or lost). On busy and turning
    days `stay` is a side's chance to keep the place, `to_other` to lose it to another side; the rest goes to contested.
    """

    # Quiet days: the hazard is learned from the ledger; these are its prior and what silence is worth.
    quiet_changes: float = 2.0  # two changes ...
    quiet_days: float = 1000.0  # ... in a thousand days of one place: what is supposed before any claim is read
    most_hazard: float = 0.2  # a day, whatever was learned: places that change weekly
    detection: float = 0.95  # at best so many changes are reported
    coverage_claims: float = 5.0  # so many claims near a day make it covered to 1 - 1/e
    coverage_days: int = 15  # "near": before or after
    local_places: int = 1000  # where claims speak of so many places, the hazard is counted near by, and its pace is learned
    initial_contested: float = 0.04  # of a place before anything is said of it
    elsewhere: float = 0.01  # of a side that nobody puts at a place or next to it, beside 1 of one that somebody does
    # Days on which something goes on.
    stay: tuple[float, float] = (0.82, 0.55)  # busy, turning
    to_other: tuple[float, float] = (0.05, 0.30)
    still_contested: tuple[float, float, float] = (0.90, 0.80, 0.60)  # quiet, busy, turning
    somewhere: float = 0.5  # fighting somewhere in n parts: the hazards of each are divided by n to this power
    drift: float = 0.2  # neutral figures of a group that differ by more: an undated change between them
    # What an informed source says of what is so; learned for each source from there (`holds` and `contests`).
    right_holds: float = 0.70  # an informed `holds` of what a side holds
    wrong_holds: float = 0.08  # ... of what another side holds
    right_takes: float = 0.92
    wrong_takes: float = 0.02
    contested_holds: float = 0.70  # contested, and said to be so
    contested_takes: float = 0.80
    part_contested: float = 0.70  # part of a place is a side's, and the place is contested
    part_held: float = 0.20  # ... or the side's; the rest another's
    readings_strength: float = 30.0  # so many claims of a source the table above is worth
    # What is said of several places.
    clear_held: float = 0.60  # "the city is held": how much it says of each part
    clear_taken: float = 0.75
    clear_all: float = 0.90  # "all of it"
    loose_days: int = 14  # a loose "held" yields to what others said of its parts in so many days; 0: to nothing
    least_part: float = 0.125  # "part of" a group or city is at least this share of it, and at least one member
    cover_building: float = 0.50  # a building speaks of the part it stands in
    cover_inside: float = 0.45  # a whole group of the buildings in it
    share_sd_exact: float = 0.05
    share_sd_approx: float = 0.08
    # Weights of what is said beside the point.
    weight_repulses: float = 0.60
    weight_withdraws: float = 0.60
    weight_advance: float = 0.50  # fighting at the edge of a place
    weight_siege: float = 0.30  # a siege says that the besieger does not hold the place
    doubt_unconfirmed: float = 0.40  # reliability of a report said not to be confirmed is multiplied by this
    against_interest: float = 3.0  # a statement against the speaker's own side weighs as so much more
    not_before: float = 0.90  # a place reported taken was, so far as the report is trusted, not held the day before
    # Days.
    approximate_days: int = 2  # an approximate date may be out by so many days
    lasting_days: int = 7  # what is held or fought over for longer is said again so often
    run_days: float = 120.0  # a source that says the same for so long says it twice
    enclosure_hazard: float = 0.03  # daily chance that a ring closes or opens
    enclosure_interest: float = 0.60  # reliability of a besieger who says it is closed is multiplied by this
    reliability: Mapping[str, tuple[float, float]] = RELIABILITY
    delays: bool = True  # learn how many days a source is behind that describes states alone
    learn: bool = True  # learn the reliability and readings of each source from the others
    rounds: int = 60
    tolerance: float = 1e-3  # stop when no belief moves by more

    def __post_init__(self) -> None:
        problems = list(_problems(self))
        if problems:
            raise ModelError(f"the model has {len(problems)} problem{'s' if len(problems) > 1 else ''}\n  " + "\n  ".join(problems))
        keep(self, "reliability")

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "Model":
        """Return the default model with the settings of a `[model]` table; raise `ModelError` with every problem at once."""
        known = {each.name for each in fields(cls)}
        unknown = [f"unknown parameter {name!r}{nearest(name, sorted(known))}" for name in settings if name not in known]
        if unknown:
            raise ModelError(f"the model has {len(unknown)} problem{'s' if len(unknown) > 1 else ''}\n  " + "\n  ".join(unknown))
        given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()}
        if isinstance(given.get("reliability"), Mapping):
            pairs = {
                SOURCE_ALIASES.get(kind, kind): tuple(pair) if isinstance(pair, list) else pair
                for kind, pair in given["reliability"].items()
            }
            given["reliability"] = {**RELIABILITY, **pairs}
        return cls(**given)

    def reliability_of(self, kind: str) -> tuple[float, float]:
        """Return the prior reliability of a kind of voice: its mean, and how many claims it is worth; a kind of one's own is unspecified."""
        return self.reliability.get(kind) or self.reliability.get("unspecified") or RELIABILITY["unspecified"]

    def saying(self, sides: int, *, taken: bool) -> Floats:
        """Return what an informed source says of each status, shape (statuses, readings), row the true status."""
        right, wrong, still = (
            (self.right_takes, self.wrong_takes, self.contested_takes)
            if taken
            else (self.right_holds, self.wrong_holds, self.contested_holds)
        )
        matrix = np.full((sides + 1, sides + 1), wrong / max(1, sides - 1))
        matrix[:sides, sides] = 1 - right - wrong
        matrix[sides, :sides] = (1 - still) / sides
        np.fill_diagonal(matrix, [*[right] * sides, still])
        return matrix

    def part_of(self, sides: int, side: int) -> Floats:
        """Return how likely an informed source is to give a side part of a place, by the true status, shape (statuses,)."""
        told = np.full(sides + 1, (1 - self.part_contested - self.part_held) / max(1, sides - 1))
        told[side], told[sides] = self.part_held, self.part_contested
        return told


_WHOLE = {
    "coverage_days": 1,
    "loose_days": 0,
    "local_places": 0,
    "approximate_days": 0,
    "lasting_days": 1,
    "rounds": 1,
}  # the least of each
_ABOVE_0 = ("quiet_changes", "quiet_days", "coverage_claims", "readings_strength", "against_interest", "run_days")


def _problems(model: Model) -> list[str]:
    """Return what is wrong with the numbers of a model."""
    found = []
    for each in fields(model):
        value = getattr(model, each.name)
        if each.name == "reliability":
            continue
        if each.name in ("learn", "delays"):
            if not isinstance(value, bool):
                found.append(f"{each.name} is {value!r}; expected true or false")
            continue
        found += _problem_of(each.name, value, each.default)
    if not found:
        found += _sums(model)
    return [*found, *_reliability_problems(model.reliability)]


def _problem_of(name: str, value: object, default: object) -> list[str]:
    """Return what is wrong with one number or row of numbers."""
    if name in _WHOLE:
        least = _WHOLE[name]
        sound = isinstance(value, int) and not isinstance(value, bool) and least <= value <= 100_000
        return [] if sound else [f"{name} is {value!r}; expected a whole number from {least} to 100,000"]
    if name in _ABOVE_0:
        return [] if _is_number(value) and 0 < value < float("inf") else [f"{name} is {value!r}; expected a number above 0"]  # type: ignore[operator]
    numbers = value if isinstance(value, tuple) else (value,)
    length = len(default) if isinstance(default, tuple) else None
    alike = isinstance(value, tuple) == (length is not None) and (length is None or len(numbers) == length)
    if alike and all(_is_number(n) and 0 <= n <= 1 for n in numbers):
        return []
    return [f"{name} is {value!r}; expected {f'{length} numbers' if length else 'a number'} from 0 to 1"]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _sums(model: Model) -> list[str]:
    """Return which chances sum to more than one."""
    found = [
        f"stay and to_other sum to more than 1 on {day} days"
        for day, a, b in zip(("busy", "turning"), model.stay, model.to_other, strict=True)
        if a + b > 1
    ]
    found += [
        f"right_{kind} and wrong_{kind} sum to more than 1"
        for kind in ("holds", "takes")
        if getattr(model, f"right_{kind}") + getattr(model, f"wrong_{kind}") > 1
    ]
    if model.part_contested + model.part_held > 1:
        found.append("part_contested and part_held sum to more than 1")
    return found


def _reliability_problems(table: object) -> list[str]:
    """Return what is wrong with the table of prior reliabilities."""
    if not isinstance(table, Mapping):
        return [f"reliability is {table!r}; expected a table of kind = [mean, strength]"]
    found = []
    for kind, pair in table.items():
        if kind not in SOURCE_KINDS and (close := nearest(kind, SOURCE_KINDS)):  # a kind of one's own is welcome, a slip is not
            found.append(f"reliability of unknown kind {kind!r}{close}")
        elif not (
            isinstance(pair, tuple)
            and len(pair) == 2
            and all(map(_is_number, pair))
            and 1e-6 <= pair[0] <= 1 - 1e-6
            and 1e-3 <= pair[1] <= 1e6
        ):
            found.append(f"reliability of {kind} is {pair}; expected a mean between 0 and 1 and a strength above 0")
    return found
