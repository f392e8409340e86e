from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qsim
from qsim.belief.replay import Replay
from qsim.belief.timeline import TimelineError

THEATRE, LEDGER = qsim.load("qusayr")
TIMELINE = qsim.reconstruct(THEATRE, LEDGER, start="2013-04-04", end="2013-06-08", policy="last_claim")
DAYS = [str(day) for day in TIMELINE.days]


@pytest.mark.parametrize("moment", DAYS)
def test_playing_to_a_day_jumping_to_it_and_stepping_back_to_it_are_the_same(moment: str) -> None:
    played = Replay(TIMELINE).forward(DAYS.index(moment)).snapshot
    jumped = Replay(TIMELINE).goto(moment).snapshot
    stepped_back = Replay(TIMELINE, DAYS[-1]).back(len(DAYS) - 1 - DAYS.index(moment)).snapshot
    assert played == jumped == stepped_back == TIMELINE.at(moment)


@given(st.lists(st.integers(-5, 5), max_size=12))
def test_forward_then_back_is_identity(steps: list[int]) -> None:
    replay = Replay(TIMELINE, "2013-05-05")
    for step in steps:
        before = replay.snapshot
        assert replay.forward(step).back(step).snapshot == before
        replay.goto("2013-05-05")


def test_a_state_is_the_same_whatever_window_it_is_read_from() -> None:
    later = qsim.reconstruct(THEATRE, LEDGER, start="2013-05-29", end="2013-06-08", policy="last_claim")
    assert np.array_equal(later.belief, TIMELINE["2013-05-29":].belief)


def test_next_change_finds_each_day_with_a_change_in_turn() -> None:
    replay, found = Replay(TIMELINE), []
    for _ in {change.day for change in TIMELINE.changes()}:
        found.append(replay.next_change().day)
    with pytest.raises(TimelineError, match="nothing changes after"):
        replay.next_change()
    assert found == sorted({change.day for change in TIMELINE.changes()})
    assert replay.previous_change().day == found[-2]


def test_leaving_the_timeline_is_refused_and_leaves_the_cursor_where_it_was() -> None:
    replay = Replay(TIMELINE)
    with pytest.raises(TimelineError, match="lies outside"):
        replay.back()
    assert replay.day == TIMELINE.start


def test_iterating_goes_through_all_days_and_leaves_the_cursor_alone() -> None:
    replay = Replay(TIMELINE, "2013-06-06")
    assert [snapshot.day for snapshot in replay] == [snapshot.day for snapshot in replay] == TIMELINE.days.tolist()
    assert replay.day == date(2013, 6, 6)
    assert "2013-06-06" in replay
    assert "2013-06-09" not in replay
    assert len(replay) == 66
    assert len(replay["2013-05-19":"2013-06-05"]) == 18


def test_repr_fits_a_line() -> None:
    assert repr(Replay(TIMELINE, "2013-04-18")) == "Replay(qusayr: 2013-04-18, day 15 of 66, 2 changes today)"
    assert repr(Replay(TIMELINE, "2013-04-22")).endswith("changes today)")
    told = Replay(TIMELINE, "2013-05-29").why("dabaa_airbase")
    counts = [len(each) for each in (told.supporting, told.opposing, told.earlier, told.beside)]
    assert repr(told) == "Why(dabaa_airbase on 2013-05-29: government; {} for, {} against, {} earlier, {} beside)".format(*counts)
