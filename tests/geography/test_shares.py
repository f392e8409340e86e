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
    whole = replayed(line(), *TOLD, policy="hmm")
    found = share_by_day(whole, "all", "red", 500, 7)
    assert ((found[1] <= found[0]) & (found[0] <= found[2])).all()
    assert found[0] == pytest.approx(whole.share("all", "red"))
    part = whole["2001-01-04":"2001-01-06"]
    assert share_by_day(part, "all", "red", 500, 7) == pytest.approx(found[:, 3:6], abs=1e-12)
    rows = tables.metrics_by_day(part, tables.witnesses(part, "all", "red", runs=500), "all", "red")
    assert np.array([[row["share"], row["share_low"], row["share_high"]] for row in rows], dtype=float) == pytest.approx(
        found[:, 3:6].T, abs=1e-12
    )


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
