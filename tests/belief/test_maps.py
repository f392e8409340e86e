"""Whole maps as sources: each left out and foretold from the others, on maps whose truth is known."""

from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from state_maps import MAKERS, START, Maps, maps

from qsim.belief.scores import left_out_source


@cache
def benchmark() -> ModuleType:
    spec = spec_from_file_location("maps_benchmark", Path(__file__).parents[2] / "benchmarks" / "maps.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def made(seed: int = 1) -> Maps:
    return maps(seed, places=30, days=90)


def test_the_same_seed_makes_the_same_maps_and_they_differ() -> None:
    assert made().ledger.claims == maps(1, places=30, days=90).ledger.claims
    shown = made().shown
    agree = {name: float((shown[name] == made().truth).mean()) for name in MAKERS}
    assert all(0.6 < share < 0.99 for share in agree.values()), agree
    assert (shown["encyclopedia"] == shown["agency"]).mean() > (shown["volunteers"] == shown["agency"]).mean()


def test_a_map_is_foretold_on_each_week_of_what_it_shows() -> None:
    found = left_out_source(made().theatre, made().ledger, "institute", policy="vote")
    index = made().theatre.index
    for each in found:
        d = int((np.datetime64(each.claim.window.start) - START).astype(int))
        assert made().shown["institute"][d, index[each.claim.place]] == each.said
    assert len(found) >= 30 * 90 / 7


@pytest.fixture(scope="module")
def rows() -> list[Any]:
    found: list[Any] = benchmark().table(made().theatre, made().ledger)
    return found


def test_every_map_is_foretold_by_every_policy_and_the_look_up(rows: list[Any]) -> None:
    told = {(row.source, row.policy): row for row in rows}
    assert {source for source, _ in told} == set(MAKERS)
    assert {policy for _, policy in told} == {*benchmark().POLICIES, "look-up"}
    assert all(0 <= row.brier < 0.7 for row in told.values())
    assert all(row.interval[0] <= row.over_vote <= row.interval[1] for row in told.values())
    assert all(told[source, "vote"].over_vote == 0 for source in MAKERS)
    # One-hot majorities cannot be better than shares of votes by the rule of scores; who copied is best foretold from the original.
    assert all(told[source, "majority"].brier >= told[source, "vote"].brier - 0.02 for source in MAKERS)
    assert "| agency (" in benchmark().report(rows)


def test_a_ledger_of_one_map_has_nothing_to_foretell_it_from() -> None:
    alone = benchmark()._alone(made().ledger, "agency")
    assert benchmark().table(made().theatre, alone) == []
