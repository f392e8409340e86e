"""Forecasts see what was known then and no more; their scores are expectations under the record; what is certain and right scores best."""

import numpy as np
import pytest
from toys import claim, ledger, line

import qsim
from qsim.forecasts import WAYS, Forecast, average_pace, forecast, outcomes, report
from qsim.rules import RulesError

CLAIMS = [
    claim("a", "holds", "red", "2001-01-02"),
    claim("c", "holds", "blue", "2001-01-02"),
    claim("b", "holds", "blue", "2001-01-03"),
    claim("b-c", "cuts", "red", "2001-01-06"),
]
LATER = [claim("b", "takes", "red", "2001-01-12"), claim("b", "holds", "red", "2001-01-13", source="press")]


def made(*later: qsim.Claim) -> Forecast:
    return forecast(line(), ledger(*CLAIMS, *later), "2001-01-10", since="2001-01-01", days=8, runs=500)


def test_a_forecast_knows_nothing_of_what_came_later() -> None:
    blind, seeing = made(), made(*LATER)
    assert np.array_equal(blind.simulated.belief, seeing.simulated.belief)
    assert blind.rules == seeing.rules
    assert (blind.known.ledger and len(blind.known.ledger)) == 4


def test_all_ways_of_foretelling_begin_with_what_was_known() -> None:
    one = made()
    assert set(one.beliefs) == set(WAYS)
    for belief in one.beliefs.values():
        assert belief.shape == (9, 5, 3)
        assert belief.sum(axis=-1) == pytest.approx(1)
        assert belief[0] == pytest.approx(one.known.belief[-1], abs=0.06)
    assert (one.beliefs["persistence"][-1] == one.known.belief[-1]).all()


def test_the_pace_is_a_matrix_of_chances() -> None:
    pace = average_pace(made().known, seed=1)
    assert pace.sum(axis=1) == pytest.approx(1)
    assert (np.diag(pace) > 0.5).all()


def test_outcomes_are_scored_for_all_places_and_for_those_that_change() -> None:
    where = line()
    told = ledger(*CLAIMS, *LATER)
    record = qsim.reconstruct(where, told, start="2001-01-01", end="2001-01-20")
    found = outcomes(forecast(where, told, "2001-01-10", since="2001-01-01", days=8, runs=500), record, ahead_days=(1, 8))
    assert [(each.ahead_days, each.changing, each.way) for each in found] == [
        (ahead, changing, way) for ahead in (1, 8) for changing in (False, True) for way in WAYS
    ]
    assert {each.places for each in found} == {3, 1}
    for each in found:
        assert each.log_score < 0
        assert 0 <= each.brier <= 2
        assert 0 <= each.calibration <= 1
        assert each.way != "persistence" or each.better == 0
    late = {each.way: each for each in found if each.ahead_days == 8 and each.changing}
    assert late["simulated"].log_score > late["persistence"].log_score  # b fell; only a forecast that moves can say so
    text = report(found)
    assert "| 2001-01-10 | 8 | 1 that change | persistence |" in text
    assert text.count("\n") == len(found) + 3


def test_a_phase_must_lie_before_the_forecast() -> None:
    with pytest.raises(RulesError, match="expected a day before 2001-01-10"):
        forecast(line(), ledger(*CLAIMS), "2001-01-10", since="2001-01-10", days=8)
