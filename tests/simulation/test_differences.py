"""Differences between a simulation and its counterfactual: exactly nothing where nothing is imposed, and less noise by common draws."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from toys import histories, line

import qsim
from qsim.belief.timeline import Ensemble
from qsim.geography import metrics
from qsim.simulation.differences import Difference, difference, first_time
from qsim.simulation.interventions import Reinforce
from qsim.simulation.model import LANES, simulate
from qsim.simulation.rules import Rules, RulesError

RULES = Rules(tempo={"red": 0.1, "blue": 0.1}, surrender=0.1)


def share(side: str, place: str = "all") -> Callable[[Ensemble], NDArray[np.float64]]:
    return lambda histories: metrics.share(histories, place, side, by="places")


def test_paired_differences_are_zero_without_interventions_and_not_with() -> None:
    start = histories(line(), "rrbbb")
    a, b = (simulate(start, RULES, days=20, runs=2000, seed=6) for _ in range(2))
    none = difference(a, b, share("red"))
    assert (none.values == 0).all()
    assert (none.mean == 0).all()
    helped = simulate(start, RULES, days=20, runs=2000, seed=6, interventions=[Reinforce("red", "a", 5.0, start="2001-01-06")])
    found = difference(a, helped, share("red"))
    assert (found.values[:, :5] == 0).all()  # not before it begins
    low, high = found.interval()
    assert low[-1] > 0.1
    assert (low <= found.mean).all()
    assert (found.mean <= high).all()
    apart = simulate(start, RULES, days=20, runs=2000, seed=7, interventions=[Reinforce("red", "a", 5.0, start="2001-01-06")])
    assert found.se[-1] < difference(a, apart, share("red")).se[-1]  # what common random numbers are for
    assert found.range(0.5)[1].shape == (21,)
    assert repr(difference(a, helped, lambda h: share("red")(h)[:, -1])).startswith("Difference(0.")


def test_the_day_something_first_happens() -> None:
    happened = np.array([[False, True, True], [True, False, False], [False, False, False]])
    assert first_time(happened).tolist() == [1, 0, 3]


def test_two_loads_of_one_scenario_can_be_paired() -> None:
    starts = [qsim.reconstruct(*qsim.load("example"), policy="last_claim").at("2091-03-20") for _ in range(2)]
    a, b = (simulate(start, Rules(), days=2, runs=10, seed=1) for start in starts)
    assert a.theatre is not b.theatre
    assert (difference(a, b, lambda h: metrics.share(h, "tarnby", "league")).values == 0).all()


def test_what_cannot_be_paired_is_an_error() -> None:
    start = histories(line(), "rrbbb")
    a, b = simulate(start, RULES, days=2, runs=10, seed=1), simulate(start, RULES, days=3, runs=10, seed=1)
    with pytest.raises(RulesError, match="cannot be paired"):
        difference(a, b, share("red"))
    with pytest.raises(RulesError, match="a value a run|expected \\(runs, ...\\)"):
        difference(a, a, lambda h: np.zeros(3))
    with pytest.raises(RulesError, match="between 0 and 1"):
        difference(a, a, share("red")).interval(1.0)


def test_what_the_rules_leave_open_is_read_off_the_tiles_that_share_them() -> None:
    values = np.repeat([1.0, 2.0, 3.0, 5.0], LANES)  # the first and third tile have one rule, the second and fourth the other
    low, high = Difference(values).over_rules(2, mass=0.999)
    assert (low, high) == pytest.approx((2.0, 3.5), abs=0.01)
