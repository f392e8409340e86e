"""Shares by day: the same in every window and table, with a band where a place has parts, and none where nothing is known."""

import numpy as np
import pytest
from toys import claim, line, replayed

import qsim
from qsim.geography import tables
from qsim.geography.shares import share_by_day

TOLD = [
    claim("a", "holds", "red", "2001-01-01"),
    claim("c", "holds", "blue", "2001-01-02"),
    claim("b", "contests", None, "2001-01-04/2001-01-08"),
]


def test_a_share_and_its_band_are_the_same_in_every_window_and_in_the_table() -> None:
    whole = qsim.reconstruct(*qsim.load("example"))
    city = str(whole.theatre.in_question)
    found = share_by_day(whole, city, "league", 500, 7)
    assert found[0] == pytest.approx(whole.share(city, "league"))
    part = whole["2091-03-10":"2091-03-16"]
    span = slice(whole.position("2091-03-10"), whole.position("2091-03-16") + 1)
    assert share_by_day(part, city, "league", 500, 7) == pytest.approx(found[:, span], abs=1e-12)
    rows = tables.metrics_by_day(part, tables.witnesses(part, city, "league", runs=500), city, "league")
    told = np.array([[row["share"], row["share_low"], row["share_high"]] for row in rows], dtype=float)
    assert told == pytest.approx(found[:, span].T, abs=1e-12)


def test_the_band_is_that_of_whole_histories() -> None:
    timeline = replayed(line(), *TOLD, policy="hmm")
    low, high = qsim.metrics.interval(qsim.metrics.share(timeline.sample(4000, 7), "all", "red", by="places"))
    assert share_by_day(timeline, "all", "red", 4000, 7)[1:] == pytest.approx(
        np.stack([low, high]), abs=0.17
    )  # one part of three, half of it


def test_a_place_without_parts_has_no_band_and_one_of_which_nobody_speaks_no_share() -> None:
    timeline = replayed(line(), *TOLD, policy="hmm")
    alone = share_by_day(timeline, "a", "red", 50, 7)
    assert np.isfinite(alone[0]).all()
    assert np.isnan(alone[1:]).all()
    assert np.isnan(share_by_day(replayed(line(), TOLD[0], policy="hmm"), "c", "red", 50, 7)).all()
