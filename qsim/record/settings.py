"""The parameters of the belief model, in one frozen place; a scenario may override them under `[model]` in scenario.toml."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.record.names import nearest
from qsim.record.values import FrozenDict, keep
from qsim.record.words import SOURCE_ALIASES, SOURCE_KINDS


class ModelError(ValueError):
    """A parameter of the model that is unknown or out of its range; the message lists all of them."""


# Prior reliability of each kind of voice: the mean of a Beta distribution, and how many claims it is worth.
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
        "civilian": (0.60, 10.0),
        "activist": (0.60, 10.0),
        "state_media": (0.60, 10.0),
        "military": (0.60, 10.0),
        "militia": (0.60, 10.0),
        "unspecified": (0.60, 10.0),
        "armed_group": (0.55, 10.0),
        "politician": (0.55, 10.0),
        "official": (0.55, 10.0),
    }
)


@dataclass(frozen=True, slots=True)
class Model:
    """
    Parameters of `policy="hmm"`; all probabilities, none of them learned but the reliabilities of the sources.

    Days are quiet, busy (fighting, an attack beaten off, a withdrawal) or turning (a place reported taken or lost). `stay` is a
    side's daily chance to keep a place on such days, `to_other` and `to_contested` how what leaves is split; `still_contested` the
    chance that fighting goes on. An informed source names the side that holds a place with chance `right_...`, another with
    `wrong_...`, and says contested of what is so with chance `contested_...`. `cover_...` is how much of a group or city a claim about
    it speaks of. What is not said here stands beside each parameter.
    """

    stay: tuple[float, float, float] = (0.992, 0.82, 0.55)  # quiet, busy, turning
    to_other: tuple[float, float, float] = (0.004, 0.05, 0.30)
    still_contested: tuple[float, float, float] = (0.90, 0.70, 0.40)
    right_holds: float = 0.70  # an informed `holds` of what a side holds
    wrong_holds: float = 0.08  # ... of what another side holds
    right_takes: float = 0.92
    wrong_takes: float = 0.02
    contested_holds: float = 0.70  # contested, and said to be so
    contested_takes: float = 0.80
    bluff_own: float = 0.72  # an uninformed partisan names their own side ...
    bluff_contested: float = 0.18  # ... says contested; the rest names another side
    cover_sector: float = 0.80
    cover_city_held: float = 0.60
    cover_city_taken: float = 0.75
    cover_all: float = 0.90  # "all of it", said of a group or city
    cover_part: float = 0.35  # of a single place
    least_part: float = 0.125  # "part of" a group or city is at least this share of it, and at least one member
    cover_building: float = 0.50  # of the part that a building stands in
    weight_repulses: float = 0.60
    weight_advance: float = 0.50  # fighting at the edge of a place
    weight_siege: float = 0.30  # a siege says that the besieger does not hold the place
    doubt_unconfirmed: float = 0.40  # reliability of a report said not to be confirmed is multiplied by this
    not_before: float = 0.90  # a place reported taken was, so far as the report is trusted, not held the day before
    share_sd_exact: float = 0.05
    share_sd_approx: float = 0.08
    turning_days: int = 5  # a window no longer than this makes its days turning
    busy_days: int = 14
    held_every_days: int = 14  # what was held through a long span is said again so often
    enclosure_hazard: float = 0.03  # daily chance that a ring closes or opens
    enclosure_interest: float = 0.60  # reliability of a besieger who says it is closed is multiplied by this
    reliability: Mapping[str, tuple[float, float]] = RELIABILITY
    learn: bool = True  # learn reliabilities by EM
    rounds: int = 60
    tolerance: float = 1e-6

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
        if "reliability" in given:
            pairs = given["reliability"]
            if isinstance(pairs, Mapping):
                given["reliability"] = {
                    **RELIABILITY,
                    **{SOURCE_ALIASES.get(kind, kind): tuple(pair) if isinstance(pair, list) else pair for kind, pair in pairs.items()},
                }
        return cls(**given)

    def initial(self, sides: int) -> NDArray[np.float64]:
        """
        Return the prior belief, shape (sides + 1,), contested last: what quiet days left alone settle to, symmetric in the sides.

        With any other prior the belief in a day would depend on how long before the first report the window begins.
        """
        leaving, ending = 1 - self.stay[0] - self.to_other[0], 1 - self.still_contested[0]
        contested = leaving / (leaving + ending) if leaving + ending > 0 else 1 / (sides + 1)
        return np.array([*[(1 - contested) / sides] * sides, contested])

    def transitions(self, sides: int) -> NDArray[np.float64]:
        """
        Return the daily transition matrices of quiet, busy and turning days, shape (3, statuses, statuses), row the day before.

        With more than two sides the chance to stay is kept; what leaves goes to contested and to the other sides in the same
        proportion, the other sides sharing equally.
        """
        matrices = np.zeros((3, sides + 1, sides + 1))
        for kind in range(3):
            matrices[kind, :sides, :sides] = self.to_other[kind] / max(1, sides - 1)
            matrices[kind, :sides, sides] = 1 - self.stay[kind] - self.to_other[kind]
            matrices[kind, sides, :sides] = (1 - self.still_contested[kind]) / sides
            np.fill_diagonal(matrices[kind], [*[self.stay[kind]] * sides, self.still_contested[kind]])
        return matrices

    def saying(self, sides: int, *, taken: bool) -> NDArray[np.float64]:
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

    def bluff(self, sides: int, own: int | None) -> NDArray[np.float64]:
        """Return what an uninformed source says, shape (readings,): each alike for a neutral one, mostly its own side for a partisan."""
        if own is None:
            return np.full(sides + 1, 1 / (sides + 1))
        said = np.full(sides + 1, (1 - self.bluff_own - self.bluff_contested) / max(1, sides - 1))
        said[own], said[sides] = self.bluff_own, self.bluff_contested
        return said


def _is_probability(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _problems(model: Model) -> list[str]:
    """Return what is wrong with the numbers of a model."""
    found = []
    whole = ("turning_days", "busy_days", "held_every_days", "rounds")
    for each in fields(model):
        value = getattr(model, each.name)
        three = isinstance(each.default, tuple)
        numbers = value if isinstance(value, tuple) else (value,)
        if each.name == "learn":
            if not isinstance(value, bool):
                found.append(f"learn is {value!r}; expected true or false")
        elif each.name in whole:
            if isinstance(value, bool) or not (isinstance(value, int) and 1 <= value <= 100_000):
                found.append(f"{each.name} is {value!r}; expected a whole number from 1 to 100,000")
        elif each.name != "reliability" and (
            isinstance(value, tuple) != three or len(numbers) != (3 if three else 1) or not all(_is_probability(n) for n in numbers)
        ):
            found.append(f"{each.name} is {value!r}; expected {'three numbers' if three else 'a number'} from 0 to 1")
    if not found:
        found += [
            f"stay and to_other sum to more than 1 on {day} days"
            for day, a, b in zip(("quiet", "busy", "turning"), model.stay, model.to_other, strict=True)
            if a + b > 1
        ]
        found += [
            f"right_{kind} and wrong_{kind} sum to more than 1"
            for kind in ("holds", "takes")
            if getattr(model, f"right_{kind}") + getattr(model, f"wrong_{kind}") > 1
        ]
        if model.bluff_own + model.bluff_contested >= 1 or model.bluff_contested == 0:
            found.append("bluff_own and bluff_contested leave no chance to something that a source may say")
    if not isinstance(model.reliability, Mapping):
        return [*found, f"reliability is {model.reliability!r}; expected a table of kind = [mean, strength]"]
    for kind, pair in model.reliability.items():
        if kind not in SOURCE_KINDS and (close := nearest(kind, SOURCE_KINDS)):  # a kind of one's own is welcome, a slip is not
            found.append(f"reliability of unknown kind {kind!r}{close}")
        elif not (
            isinstance(pair, tuple)
            and len(pair) == 2
            and all(isinstance(n, int | float) for n in pair)
            and 1e-6 <= pair[0] <= 1 - 1e-6
            and 1e-3 <= pair[1] <= 1e6
        ):
            found.append(f"reliability of {kind} is {pair}; expected a mean between 0 and 1 and a strength above 0")
    return found
