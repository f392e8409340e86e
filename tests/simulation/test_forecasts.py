"""Forecasts see what was known then and no more; their scores are expectations under the record; what is certain and right scores best."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from toys import claim, ledger, line

import qsim
from qsim.belief.timeline import Ensemble
from qsim.record.dates import day_range
from qsim.simulation.forecasts import (
    WAYS,
    Forecast,
    average_pace,
    checks_report,
    forecast,
    outcomes,
    predictive_checks,
    reliability,
    report,
)
from qsim.simulation.interventions import Cut
from qsim.simulation.rules import RulesError

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
    assert blind.cuts == seeing.cuts == (Cut("b-c", date(2001, 1, 10), by="red"),)


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
    where, told = line(), ledger(*CLAIMS, *LATER)
    record = qsim.reconstruct(where, told, start="2001-01-01", end="2001-01-19")
    one = forecast(where, told, "2001-01-10", since="2001-01-01", days=8, runs=500)
    found = outcomes(one, record, ahead_days=(1, 8))
    assert [(each.ahead_days, each.changing, each.places) for each in found] == [(1, False, 3), (1, True, 1), (8, False, 3), (8, True, 1)]
    for each in found:
        assert set(each.log_score) == set(each.brier) == set(each.calibration) == set(WAYS)
        assert all(score < 0 for score in each.log_score.values())
        for rival in WAYS[1:]:
            assert each.above[rival][0] == pytest.approx(each.log_score["simulated"] - each.log_score[rival])
    assert found[-1].above["persistence"][0] > 0.1  # b fell; only a forecast that moves can say so
    text = report(found)
    assert "| 2001-01-10 | 8 | 1 that change |" in text
    assert text.count("\n") == len(found) + 1


def test_a_forecast_of_what_came_about_scores_best_and_lies_on_the_diagonal() -> None:
    record = qsim.reconstruct(line(), ledger(*CLAIMS, *LATER), start="2001-01-01", end="2001-01-19")
    one = made()
    first = record.position(one.day)
    knowing = replace(one, beliefs={**one.beliefs, "simulated": record.belief[first : first + 9]})
    best = outcomes(knowing, record, ahead_days=(8,))[0]
    assert best.log_score["simulated"] > max(best.log_score[rival] for rival in WAYS[1:])
    assert best.brier["simulated"] < min(best.brier[rival] for rival in WAYS[1:])
    told = reliability(knowing, record, way="simulated", ahead_days=(2, 8))
    heard = told[told[:, 2] > 0]
    assert heard[:, 2].sum() == 2 * 3 * 3
    assert np.abs(heard[:, 0] - heard[:, 1]).max() < 0.04  # no further than the 3 % of a uniform guess
    assert best.calibration["simulated"] < best.calibration["persistence"]


def ends(*stories: tuple[str, int]) -> Ensemble:
    """Histories in which all of al-Qusayr is the government's or the opposition's, a letter a day: each story so many times."""
    theatre, _ = qsim.load("qusayr")
    days = [[[0 if letter == "g" else 1] * len(theatre.places) for letter in story] for story, times in stories for _ in range(times)]
    return Ensemble(theatre, None, day_range("2001-01-01", "2001-01-04"), np.array(days, dtype=np.int8))


def test_predictive_checks_say_where_the_record_falls() -> None:
    simulated, recorded = ends(("oooo", 60), ("ooog", 20), ("oggg", 20)), ends(("oogg", 10))
    ring, fall, share = predictive_checks(simulated, recorded, place="qusayr", inside="opposition", by="government", on="2001-01-03")
    assert (fall.recorded, fall.simulated) == ((2, 2, 2), (1, 4, 4))
    assert fall.below == pytest.approx(0.2)  # 20 of 100 fell earlier, none on that day
    assert share.recorded == (1, 1, 1)
    assert share.below == pytest.approx(0.9)  # 80 below, 20 equal
    assert ring.recorded == (2, 2, 2)
    assert "| the city falls, days on | 1, 4, 4 | 2, 2, 2 | 20 % |" in checks_report([ring, fall, share])


def test_a_phase_must_lie_before_the_forecast() -> None:
    with pytest.raises(RulesError, match="expected a day before 2001-01-10"):
        forecast(line(), ledger(*CLAIMS), "2001-01-10", since="2001-01-10", days=8)
