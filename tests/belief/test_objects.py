"""Plain objects: beliefs and histories pickle, copy, compare by value, cannot be changed, and are containers of what they hold."""

import copy
import pickle
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from toys import claim, grid, ledger, replayed

import qsim
from qsim.belief.estimate import Estimate
from qsim.belief.evidence import last_reports, reported
from qsim.belief.influence import influence
from qsim.belief.timeline import Snapshot, Timeline, TimelineError
from qsim.record.conflicts import conflicts
from qsim.record.ledger import Ledger
from qsim.record.theatre import Theatre, TheatreError

SAID = [
    claim("t", "holds", "red", "2001-01-01", id="city"),
    claim("north", "takes", "blue", "2001-01-03", id="north", source="press"),
    claim("b2", "contests", None, "2001-01-05/2001-01-06", id="fight", reported="2001-01-08"),
    claim("t", "share", "red", "2001-01-07", id="share", source="red_voice", value=0.6, bound="approx"),
]
TIMELINE = replayed(grid(), *SAID, policy="hmm")
HISTORIES = TIMELINE.sample(20, seed=7)
ITEMS = [
    TIMELINE, replayed(grid(), *SAID), TIMELINE.at("2001-01-04"), HISTORIES, TIMELINE.chains, qsim.Replay(TIMELINE, "2001-01-04"),
    qsim.why(TIMELINE, "b2", "2001-01-06"), TIMELINE.changes()[0], qsim.as_known(grid(), ledger(*SAID), start="2001-01-01", end="2001-01-09"),
    influence(grid(), ledger(*SAID), "b2", "2001-01-06")[0], TIMELINE.sources["press"], HISTORIES.mean(), qsim.ring(TIMELINE, "t", "red", runs=20),
]  # fmt: skip


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: type(item).__name__)
def test_beliefs_pickle_copy_and_compare_by_value(item: Any) -> None:
    for again in (pickle.loads(pickle.dumps(item)), copy.deepcopy(item), copy.copy(item)):
        assert again == item
        assert repr(again) == repr(item)
    assert item != "something else"


def test_what_was_pickled_is_as_good_as_new() -> None:
    again = pickle.loads(pickle.dumps(TIMELINE))
    assert again.sample(20, seed=7) == HISTORIES
    assert hash(again) == hash(TIMELINE)
    assert again["2001-01-02":"2001-01-04"] == TIMELINE["2001-01-02":"2001-01-04"]
    for array in (again.belief, again.history, again.days, again.last_report, again.at("2001-01-04").belief, again.chains.filtered):
        assert not array.flags.writeable


def test_what_differs_is_not_equal() -> None:
    assert replace(TIMELINE, policy="other") != TIMELINE
    assert replace(TIMELINE, belief=np.roll(TIMELINE.belief, 1, axis=0)) != TIMELINE
    assert replace(TIMELINE, ledger=None) != TIMELINE
    assert TIMELINE.at("2001-01-04") != TIMELINE.at("2001-01-05")
    assert qsim.Replay(TIMELINE) != qsim.Replay(TIMELINE, "2001-01-02")
    assert TIMELINE.sample(20, seed=8) != HISTORIES


def test_no_mapping_of_a_belief_can_be_changed() -> None:
    told = qsim.why(TIMELINE, "b2", "2001-01-06")
    for mapping in (TIMELINE.model, TIMELINE.sources, TIMELINE.informed, told.belief, told.documents):
        with pytest.raises(TypeError, match="cannot be changed"):
            mapping["as_known"] = True  # type: ignore[index]


@pytest.mark.parametrize("item", [*ITEMS[:5], *ITEMS[6:]], ids=lambda item: type(item).__name__)
def test_nothing_that_is_held_can_be_written_to(item: Any) -> None:
    assert str(item)
    for name in {field.name for field in fields(item)} | set(getattr(item, "__dict__", {})):
        held = getattr(item, name)
        assert type(held) is not dict
        assert not (isinstance(held, np.ndarray) and held.flags.writeable)


def test_what_the_caller_holds_may_still_be_changed() -> None:
    days, belief, history = TIMELINE.days.copy(), TIMELINE.belief.copy(), TIMELINE.history.copy()
    made = Timeline(grid(), None, days, belief, history, None, "mine")
    before = made.belief.copy()
    belief[:] = 0
    history[:] = 0
    days[:] = days[0]
    assert np.array_equal(made.belief, before)
    assert made.end == TIMELINE.end
    status = HISTORIES.status.copy()
    histories = qsim.Ensemble(grid(), None, TIMELINE.days, status)
    status[:] = -1
    assert np.array_equal(histories.status, HISTORIES.status)


def test_what_a_policy_keeps_is_not_written_to() -> None:
    even = np.full((10, 12, 3), 1 / 3)
    even[:, 3] = 1, 0, 0

    def mine(theatre: Theatre, ledger: Ledger, days: NDArray[np.datetime64]) -> Estimate:
        return Estimate(even)

    timeline = replayed(grid(), *SAID, policy=mine)
    assert even.flags.writeable
    assert even[0, 0].tolist() == [1 / 3] * 3
    assert not np.array_equal(timeline.belief, even)  # the city's row is filled from its parts


def test_a_snapshot_is_a_mapping_of_places() -> None:
    snapshot = TIMELINE.at("2001-01-04")
    assert list(snapshot) == list(snapshot.keys()) == list(grid().index)
    assert dict(snapshot)["b2"] == snapshot["b2"] == snapshot["B2"]
    assert len(snapshot.items()) == len(snapshot.values()) == len(snapshot)
    assert ("b2" in snapshot, "north" in snapshot, "z" in snapshot) == (True, True, False)
    assert (snapshot.get("b2"), snapshot.get("z"), snapshot.get("z", {})) == (snapshot["b2"], None, {})
    assert isinstance(snapshot, Snapshot)
    assert "b2" in snapshot._ipython_key_completions_()
    with pytest.raises(TheatreError, match="unknown place 'z'"):
        snapshot["z"]


def test_an_ensemble_is_a_container_of_runs() -> None:
    assert np.array_equal(HISTORIES[3].status, HISTORIES.status[3:4])
    assert np.array_equal(HISTORIES[:5].status, TIMELINE.sample(5, seed=7).status)
    assert [len(run) for run in HISTORIES] == [1] * 20
    assert list(HISTORIES)[-1] == HISTORIES[-1]
    assert HISTORIES[7] in HISTORIES
    with pytest.raises(IndexError):
        HISTORIES[20]


def test_a_group_is_taken_where_a_place_is() -> None:
    snapshot = TIMELINE.at("2001-01-04")
    parts = [snapshot[id] for id in ("a1", "a2", "a3")]
    assert snapshot["north"] == pytest.approx({status: sum(part[status] for part in parts) / 3 for status in parts[0]})
    assert snapshot.most_likely("north") == "blue"
    assert snapshot.silent_days("north") == 1
    told = qsim.why(TIMELINE, "north", "2001-01-04")
    assert (told.place, told.status, {t.claim.id for t in told.supporting}) == ("north", "blue", {"north"})
    assert {t.claim.id for t in told.opposing + told.earlier} == {"city"}
    held = TIMELINE.with_status("north", "red", start="2001-01-04")
    assert [held.at("2001-01-09").most_likely(id) for id in ("a1", "a2", "a3")] == ["red"] * 3
    assert [each.claim.id for each in influence(grid(), ledger(*SAID), "north", "2001-01-04")]
    assert TIMELINE.share("north", "blue")[3] == pytest.approx(snapshot["north"]["blue"] + snapshot["north"]["contested"] / 2)
    assert conflicts(grid(), ledger(*SAID), place="north") == conflicts(grid(), ledger(*SAID), place="a1")
    assert qsim.belief.enclosure.enclosure(TIMELINE, "north").shape == (10,)


def test_a_day_is_in_a_timeline_or_not() -> None:
    assert "2001-01-10" in TIMELINE
    assert "2001-01-11" not in TIMELINE
    assert "May" not in TIMELINE


@pytest.mark.parametrize(("runs", "seed", "words"), [(10, None, "seed is None; expected a whole number"), (10, "a", "seed is 'a'"),
    (10, 1.5, "seed is 1.5"), (0, 1, "0 runs"), (1.5, 1, "1.5 runs")])  # fmt: skip
def test_a_sample_without_a_seed_says_what_it_needs(runs: Any, seed: Any, words: str) -> None:
    with pytest.raises(TimelineError, match=words):
        TIMELINE.sample(runs, seed)
    with pytest.raises(TimelineError, match=r"as in sample\(1000, seed=7\)"):
        TIMELINE.sample(10)


def said_one_by_one(theatre: Theatre, book: Ledger, days: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    """Return `last_reports`, claim by claim and day by day."""
    latest = np.full((len(days), len(theatre.places)), np.datetime64("NaT", "D"), dtype="datetime64[D]")
    for each in sorted(book.claims, key=lambda claim: claim.window.end):
        members = reported(theatre, each)
        for d in np.flatnonzero(days >= np.datetime64(each.window.start)):
            latest[d, members] = min(days[d], np.datetime64(each.window.end))
    return latest


def test_last_reports_equal_those_found_claim_by_claim_and_day_by_day() -> None:
    theatre, book = qsim.load("qusayr")
    for start, end in (("2011-11-01", "2013-06-08"), ("2012-07-01", "2012-07-20")):
        days = qsim.record.dates.day_range(start, end)
        assert np.array_equal(last_reports(theatre, book, days), said_one_by_one(theatre, book, days), equal_nan=True)


def test_last_reports_as_known_are_those_of_what_was_known_each_day() -> None:
    theatre, book = qsim.load("example")
    days = qsim.record.dates.day_range("2091-03-01", "2091-03-30")
    found = last_reports(theatre, book, days, as_known=True)
    for d, moment in enumerate(days):
        assert np.array_equal(found[d], last_reports(theatre, book.known_by(moment), days[d : d + 1])[0], equal_nan=True)
