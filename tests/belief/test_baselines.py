"""The simple policies that others are measured by."""

import numpy as np
import pytest
from synthetic import dawid_skene as dense
from synthetic import war
from toys import claim, grid, line, replayed

import qsim
from qsim.belief.baselines import copy_one, dawid_skene, flat, majority, persistence
from qsim.belief.statements import distinct


def test_flat_knows_nothing_and_draws_nothing() -> None:
    timeline = replayed(line(), claim("a", "takes", "red", "2001-01-02"), policy=flat)
    assert timeline.belief == pytest.approx(1 / 3)
    assert timeline.at("2001-01-05").most_likely("a") == "unknown"


def test_persistence_is_a_day_late() -> None:
    told = claim("a", "takes", "red", "2001-01-02"), claim("a", "takes", "blue", "2001-01-06", source="press")
    late, now = (replayed(line(), *told, policy=policy).history for policy in (persistence, "last_claim"))
    assert np.array_equal(late[1:], now[:-1])


def test_the_majority_takes_all() -> None:
    told = [
        claim("a", "holds", side, "2001-01-02", source=source)
        for side, source in (("red", "teller"), ("red", "press"), ("blue", "blue_voice"))
    ]
    timeline = replayed(line(), *told, policy=majority)
    assert list(timeline.at("2001-01-03")["a"].values()) == [1, 0, 0]
    assert list(timeline.at("2001-01-03")["b"].values()) == pytest.approx([1 / 3] * 3)


def test_the_one_that_agrees_with_the_others_is_copied() -> None:
    told = [claim(place, "holds", side, "2001-01-02", source=source)
            for source, said in (("teller", "red red blue"), ("press", "red blue blue"), ("blue_voice", "blue red red"))
            for place, side in zip("abc", said.split(), strict=True)]  # fmt: skip
    timeline = replayed(line(), *told, policy=copy_one)
    assert [timeline.at("2001-01-03").most_likely(place) for place in "abc"] == ["red", "red", "blue"]
    assert replayed(line(), policy=copy_one).belief == pytest.approx(1 / 3)


@pytest.mark.parametrize("seed", range(2))
def test_dawid_and_skene_equal_their_dense_twin(seed: int) -> None:
    """... on claims of one day, none a copy: the twin takes copies for voices of their own, and windows for their first day."""
    made = war(seed, claims=600)
    plain = [each for each in distinct(made.ledger) if made.ledger.sources[each.source].origin is None and each.window.length == 1]
    start, days = np.datetime64("2001-01-01"), len(made.status)
    sources = {id: source for id, source in made.ledger.sources.items() if source.origin is None}
    twin = dense(type(made)(made.theatre, qsim.Ledger(sources, tuple(plain)), made.status, made.activity, made.reliability))
    mine = dawid_skene(made.theatre, qsim.Ledger(sources, tuple(plain)), start + np.arange(days)).belief
    assert mine == pytest.approx(twin, abs=1e-6)


def test_dawid_and_skene_stand_until_somebody_speaks_and_are_flat_before() -> None:
    timeline = replayed(
        line(), claim("a", "holds", "red", "2001-01-09"), claim("b", "holds", "red", "2001-01-01"), days=30, policy=dawid_skene
    )
    assert timeline.at("2001-01-03")["a"]["red"] == pytest.approx(1 / 3)
    assert timeline.at("2001-01-09")["a"] == timeline.at("2001-01-29")["a"]
    assert timeline.at("2001-01-29")["a"]["red"] > 0.9


@pytest.mark.parametrize("policy", [flat, persistence, majority, copy_one, dawid_skene])
def test_nothing_said_is_nothing_known(policy: qsim.belief.reconstruct.Policy) -> None:
    assert replayed(grid(), policy=policy).belief == pytest.approx(1 / 3)
