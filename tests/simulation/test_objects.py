"""Plain objects: rules, interventions and simulations pickle, copy, compare by value and cannot be changed."""

import copy
import pickle
from typing import Any

import pytest
from toys import claim, line, replayed

from qsim import Rules, Simulation
from qsim.geography.encirclement import supply
from qsim.geography.metrics import tempo
from qsim.simulation.differences import difference
from qsim.simulation.fitting import fit, fitted
from qsim.simulation.interventions import Hold, Take

TIMELINE = replayed(line(), claim("a", "holds", "red", "2001-01-01"), claim("c", "holds", "blue", "2001-01-02"), policy="hmm")
RULES = Rules(tempo={"red": 0.1, "blue": 0.2}, errors={"pace": 0.01})
ASKED = Simulation(TIMELINE.at("2001-01-05"), RULES, days=4, runs=10, seed=7, interventions=[Hold("a", "red", end="2001-01-06")])
HISTORIES = ASKED.batch(0, 10)
ITEMS = [
    Rules(), RULES, Hold("a", "red"), Take("a", "red", "2001-01-05"), ASKED, ASKED.batch(0, 10), fit(TIMELINE), fitted(TIMELINE),
    supply(HISTORIES, "a", "red"), tempo(HISTORIES, "red"),
    difference(HISTORIES, ASKED.batch(0, 10), lambda histories: histories.status[:, -1, 1] == 0),
]  # fmt: skip


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: type(item).__name__)
def test_simulations_pickle_copy_and_compare_by_value(item: Any) -> None:
    for again in (pickle.loads(pickle.dumps(item)), copy.deepcopy(item)):
        assert again == item
        assert repr(again) == repr(item)


def test_rules_are_values_that_cannot_be_changed() -> None:
    tempo = {"red": 0.1, "blue": 0.2}
    rules = Rules(tempo=tempo, errors={"pace": 0.01})
    tempo["red"] = 9.0
    assert (rules, hash(rules)) == (RULES, hash(RULES))
    for mapping in (rules.tempo, rules.defence, rules.errors):
        with pytest.raises(TypeError, match="cannot be changed"):
            mapping["red"] = 1.0  # type: ignore[index]


def test_what_was_pickled_plays_on_with_the_same_bytes() -> None:
    assert pickle.loads(pickle.dumps(ASKED)).batch(0, 10) == ASKED.batch(0, 10)
