"""A simulation ready to run: a start, rules and interventions, checked at once and laid out for the kernel, batch by batch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.belief.timeline import FLAT, Ensemble, Snapshot, fill_city_status
from qsim.record.dates import Days, day
from qsim.record.ledger import Ledger
from qsim.record.names import nearest
from qsim.record.theatre import Theatre
from qsim.simulation.interventions import Intervention, schedule
from qsim.simulation.rules import Rules, RulesError, terrain

LANES = 256  # runs of a tile
BATCH = 16 * LANES  # runs between two looks at the keyboard

Start = Snapshot | Ensemble


@dataclass(frozen=True, eq=False, slots=True)
class Beginning:
    """
    How day 0 is filled: `known` (places,) is of what something is known; histories to repeat, `last` (histories, places), or else
    thresholds (places, statuses) of the belief to draw from.
    """

    known: NDArray[np.bool_]
    last: NDArray[np.int8] | None
    thresholds: NDArray[np.uint64] | None

    def fill(self, first: int, seed: int, batch: NDArray[np.int8]) -> None:
        """Fill the first day of a batch (runs, days, places), -1 throughout, with the runs from `first` on."""
        from qsim.simulation.kernels.spread import draw_start

        if self.last is not None:
            batch[:, 0] = self.last[np.arange(first, first + len(batch)) % len(self.last)]
        else:
            drawn = np.full((len(batch), len(self.known)), -1, dtype=np.int8)
            draw_start(self.thresholds, first, np.uint64(seed % 2**64), drawn)
            batch[:, 0] = drawn


@dataclass(frozen=True, eq=False, slots=True)
class Prepared:
    """
    A simulation ready to run: `forced` (places,) is imposed on day 0, `ledger` says what is imposed on links, none without any, and
    `variants` are the kernel's arguments, one for all runs, or one for each tile of 256 in turn, where rules were drawn.
    """

    theatre: Theatre
    days: Days
    ledger: Ledger | None
    beginning: Beginning
    forced: NDArray[np.int8]
    variants: tuple[tuple[Any, Any, Any], ...]

    def run(self, first: int, seed: int, batch: NDArray[np.int8]) -> None:
        """Fill a batch (runs, days, places) with the runs from `first`, a multiple of 256, on."""
        from qsim.simulation.kernels.spread import spread

        batch[:] = -1
        self.beginning.fill(first, seed, batch)
        batch[:, 0, self.forced >= 0] = self.forced[self.forced >= 0]
        size = LANES if len(self.variants) > 1 else len(batch)
        for k in range(0, len(batch), size):
            rules = self.variants[(first + k) // LANES % len(self.variants)]
            spread(*rules, first + k, np.uint64(seed % 2**64), batch[k : k + size])
        fill_city_status(self.theatre, batch)


def prepare(
    start: Start, rules: Rules | Sequence[Rules], *, days: int, runs: int, interventions: Iterable[Intervention] = (), steps: int = 1
) -> Prepared:
    """Check everything and lay the map, the hazards and the plan out for the kernel; raise `RulesError` with every problem."""
    drawn = [rules] if isinstance(rules, Rules) else list(rules)
    problems = [
        f"{name} is {value!r}; expected a whole number from 1"
        for name, value in (("days", days), ("runs", runs), ("steps", steps))
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1
    ]
    if not drawn or not all(isinstance(each, Rules) for each in drawn):
        problems.append(f"rules is {rules!r}; expected Rules, or several")
    if not isinstance(start, Snapshot | Ensemble):
        problems.append(f"start is {type(start).__name__}; expected one day of a timeline (`timeline.at(day)`) or an Ensemble")
        raise RulesError(problems)
    theatre, first = start.theatre, day(start.days[-1]) if isinstance(start, Ensemble) else start.day
    if isinstance(start, Ensemble) and 0 in start.status.shape:
        problems.append(f"the start is empty: {start!r}")
    problems += _strangers(theatre, drawn)
    window = days if not any(problem.startswith("days") for problem in problems) else 1
    calendar = np.arange(np.datetime64(first), np.datetime64(first) + window + 1, dtype="datetime64[D]")
    try:
        plan = schedule(theatre, calendar, interventions)
    except RulesError as wrong:
        problems += wrong.problems
    if problems:
        raise RulesError(problems)
    from qsim.simulation.kernels.spread import Ground, Plan

    beginning, imposed = _beginning(start), Plan(plan.forced, plan.shut, plan.strength)
    known = beginning.known | (plan.forced >= 0).any(axis=0)
    grounds = [terrain(theatre, each, known) for each in drawn]
    variants = tuple(
        (Ground(*(getattr(ground, name) for name in Ground._fields)), _hazard(theatre, each, steps), imposed)
        for ground, each in zip(grounds, drawn, strict=True)
    )
    return Prepared(theatre, calendar, plan.ledger, beginning, plan.forced[0], variants)


def _strangers(theatre: Theatre, drawn: Sequence[Rules]) -> list[str]:
    """Return which tempos are given to sides that are not there."""
    names = [side.id for side in theatre.sides]
    unknown = {side for each in drawn if isinstance(each, Rules) for side in each.tempo if side not in names}
    return [
        f"the rules give a tempo to unknown side {side!r}{nearest(side, names)}; expected one of {', '.join(names)}"
        for side in sorted(unknown)
    ]


def _hazard(theatre: Theatre, rules: Rules, steps: int) -> Any:
    """Return the rules as the kernel reads them."""
    from qsim.simulation.kernels.spread import Hazard

    return Hazard(
        np.array([rules.tempo.get(side.id, rules.pace) for side in theatre.sides]),
        float(rules.resolve),
        float(rules.storm),
        float(rules.foothold),
        float(rules.starved),
        float(rules.yielding),
        float(rules.spill),
        float(rules.unprovoked),
        float(rules.surrender),
        rules.patience_days,
        int(steps),
    )


def _beginning(start: Start) -> Beginning:
    """Return how day 0 is filled: from the ends of histories, or drawn from a belief, place by place."""
    if isinstance(start, Ensemble):
        last = start.status[:, -1]
        return Beginning((last != -1).any(axis=0), last, None)
    known = np.ptp(start.belief, axis=-1) >= FLAT
    thresholds = np.floor(np.minimum(start.belief.cumsum(axis=-1), 1.0) * 2.0**32).astype(np.uint64)
    return Beginning(known, None, thresholds * known[:, None].astype(np.uint64))
