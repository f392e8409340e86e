"""One rule for days: every day that a person writes is included, and what is no day of the scenario is told, not cut."""

from datetime import date, datetime
from typing import Any

import numpy as np
import pytest
from toys import claim, ledger, line, replayed

import qsim
from qsim.record.dates import DateError
from qsim.simulation.interventions import Hold, schedule

THEATRE, LEDGER = qsim.load("qusayr")
MAY = qsim.reconstruct(THEATRE, LEDGER, start="2013-04-04", end="2013-06-08", policy="last_claim")


def test_the_last_day_is_one_of_the_days() -> None:
    assert len(MAY) == 66
    assert (MAY.start, MAY.end) == (date(2013, 4, 4), date(2013, 6, 8))
    assert len(MAY["2013-05-20":"2013-05-29"]) == 10
    assert len(MAY["2013-05-20":"2013-05-20"]) == 1
    assert MAY[MAY.start : MAY.end].belief.shape == MAY.belief.shape
    assert qsim.Window(MAY.start, MAY.end).length == 66
    assert len(qsim.as_known(THEATRE, LEDGER, start="2013-05-29", end="2013-05-30", policy="last_claim")) == 2


def test_without_days_the_scenario_gives_its_own() -> None:
    assert (THEATRE.start, THEATRE.end) == (date(2011, 11, 1), date(2013, 6, 8))
    whole = qsim.reconstruct(THEATRE, LEDGER, policy="last_claim")
    assert (whole.start, whole.end) == (THEATRE.start, THEATRE.end)
    assert qsim.reconstruct(THEATRE, LEDGER, start="2013-06-01", policy="last_claim").end == THEATRE.end
    with pytest.raises(DateError, match="does not say which days it covers; expected start and end"):
        qsim.reconstruct(line(), ledger(), policy="last_claim")


def test_what_is_supposed_lasts_through_its_last_day() -> None:
    timeline = replayed(line(), claim("a", "holds", "red", "2001-01-01"))
    held = timeline.with_status("a", "blue", start="2001-01-03", end="2001-01-04")
    assert [snapshot.most_likely("a") for snapshot in held][:6] == ["red", "red", "blue", "blue", "red", "red"]
    forced = schedule(line(), timeline.days, [Hold("a", "blue", "2001-01-03", "2001-01-04")]).forced
    assert np.flatnonzero(forced[:, 1] >= 0).tolist() == [2, 3]


def test_records_are_asked_for_with_both_days() -> None:
    tolls = {toll.claim.id for toll in qsim.casualties(THEATRE, LEDGER, start="2013-05-19", end="2013-05-19")}
    assert tolls == {c.id for c in LEDGER.claims if c.kind == "casualties" and date(2013, 5, 19) in c.window}


@pytest.mark.parametrize("start", [datetime(2013, 5, 19, 12), np.datetime64("2013-05-19T12:00"), "1913-05-19", "2113-05-19", "2013-05"])
def test_an_hour_a_month_and_another_century_are_told(start: Any) -> None:
    with pytest.raises(DateError, match="expected the day alone|is the year right|is not a day"):
        qsim.reconstruct(THEATRE, LEDGER, start=start, policy="last_claim")
    with pytest.raises(ValueError, match="expected the day alone|is the year right|is not a day|lies outside"):
        MAY.at(start)
