import pickle

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure
from toys import claim, grid, ledger, line, replayed

import qsim
from qsim.belief.estimate import OfClaims
from qsim.belief.timeline import TimelineError, most_likely_status
from qsim.record.packed import Claims
from qsim.record.theatre import TheatreError

TAKEN = claim("a", "takes", "red", "2001-01-03"), claim("a", "takes", "blue", "2001-01-06")


def test_belief_sums_to_one_and_is_read_only() -> None:
    timeline = replayed(line(), *TAKEN)
    assert timeline.belief.shape == (10, 5, 3)
    assert timeline.belief.sum(axis=-1) == pytest.approx(1)
    with pytest.raises(ValueError, match="read-only"):
        timeline.belief[0, 0, 0] = 1


def test_a_day_is_looked_up_by_place() -> None:
    timeline = replayed(line(), *TAKEN)
    assert timeline.at("2001-01-03")["a"] == {"red": 1.0, "blue": 0.0, "contested": 0.0}
    assert timeline.at("2001-01-06").most_likely("A") == "blue"
    assert timeline.at("2001-01-02")["a"] == pytest.approx({"red": 1 / 3, "blue": 1 / 3, "contested": 1 / 3})
    assert timeline.at("2001-01-02").most_likely("a") == "unknown"


@pytest.mark.parametrize("moment", ["2000-12-31", "2001-01-11"])
def test_a_day_outside_says_what_the_timeline_spans(moment: str) -> None:
    with pytest.raises(TimelineError, match=f"{moment} lies outside this timeline, which runs from 2001-01-01 to 2001-01-10"):
        replayed(line(), *TAKEN).at(moment)


def test_slices_include_both_ends_and_keep_the_days() -> None:
    timeline = replayed(line(), *TAKEN)
    cut = timeline["2001-01-03":"2001-01-05"]
    assert len(cut) == 3
    assert cut.at("2001-01-05") == timeline.at("2001-01-05")
    for wrong in (slice("2001-01-03", "2001-01-02"), slice("2001-01-03", "2001-01-12"), slice(None, None, 2)):
        with pytest.raises(TimelineError):
            timeline[wrong]


def test_changes_are_those_of_the_history() -> None:
    changes = [str(change) for change in replayed(line(), *TAKEN).changes()]
    assert changes == ["2001-01-03 a: unknown -> red", "2001-01-06 a: red -> blue"]


def test_last_report_tells_silence_from_a_tie() -> None:
    timeline = replayed(line(), *TAKEN)
    assert timeline.at("2001-01-02").silent_days("a") is None
    assert timeline.at("2001-01-03").silent_days("a") == 0
    assert timeline.at("2001-01-10").silent_days("a") == 4
    assert timeline.at("2001-01-10").silent_days("b") is None


@pytest.mark.parametrize("policy", ["hmm", "last_claim"])
def test_a_withdrawal_is_a_report_and_what_ends_is_not_renewed(policy: str) -> None:
    left = claim("b", "withdraws", "red", "2001-01-04", source="press")
    lasted = claim("a", "holds", "red", "2001-01-02/2001-01-05", source="press")
    timeline = qsim.reconstruct(line(), ledger(lasted, left), start="2001-01-01", end="2001-01-10", policy=policy)
    assert [timeline.at(f"2001-01-{d:02}").silent_days("b") for d in (3, 4, 10)] == [None, 0, 6]
    assert [timeline.at(f"2001-01-{d:02}").silent_days("a") for d in (1, 3, 5, 8)] == [None, 0, 0, 3]
    assert timeline.at("2001-01-10").silent_days("c") is None


def test_a_share_weighs_parts_and_counts_contested_half() -> None:
    city = grid()
    timeline = replayed(city, claim("t", "holds", "red", "2001-01-01"), claim("a1", "contests", None, "2001-01-02"))
    assert timeline.share("t", "red")[:2] == pytest.approx([1, 8.5 / 9])
    assert timeline.share("north", "blue")[1] == pytest.approx(0.5 / 3)
    assert timeline.at("2001-01-02")["t"] == pytest.approx({"red": 8 / 9, "blue": 0, "contested": 1 / 9})
    with pytest.raises(TheatreError, match="unknown place .a1-a2"):
        timeline.share("a1-a2", "red")


def test_a_city_is_of_a_side_only_when_all_of_it_is() -> None:
    timeline = replayed(grid(), claim("t", "holds", "red", "2001-01-01"), claim("a1", "takes", "blue", "2001-01-02"))
    assert [snapshot.most_likely("t") for snapshot in timeline][:2] == ["red", "contested"]


def test_a_flat_belief_is_unknown_and_never_contested() -> None:
    assert most_likely_status(np.array([[1 / 3, 1 / 3, 1 / 3], [0.2, 0.2, 0.6], [0.5, 0.4, 0.1]])).tolist() == [-1, 2, 0]


def test_the_mean_of_histories_is_a_timeline_without_a_ledger() -> None:
    timeline = replayed(grid(), claim("t", "holds", "red", "2001-01-01"), claim("a1", "takes", "blue", "2001-01-02"))
    mean = timeline.most_likely().mean()
    assert mean.belief == pytest.approx(timeline.belief)
    assert np.array_equal(mean.history, timeline.history)
    assert mean.ledger is None


def test_snapshots_know_counts_and_print_their_own_line() -> None:
    snapshot = replayed(line(), *TAKEN).at("2001-01-03")
    assert len(snapshot) == 5
    assert list(snapshot) == ["r", "a", "b", "c", "l"]
    assert repr(snapshot).startswith("Snapshot(2001-01-03, toy: ")
    assert snapshot != replayed(line(), *TAKEN).at("2001-01-04")


def test_a_place_or_a_group_gives_its_days_by_status(line_timeline: qsim.Timeline) -> None:
    found = line_timeline["b"]
    assert list(found) == list(line_timeline.statuses)
    assert np.allclose(sum(found.values()), 1)
    for name in ("b", "B", "all"):
        for status, course in line_timeline[name].items():
            assert np.allclose(course, [snapshot[name][status] for snapshot in line_timeline])
    assert line_timeline["B"] == found != line_timeline["a"]
    assert pickle.loads(pickle.dumps(found)) == found
    assert ("blue" in found, "bleu" in found, found.get("bleu")) == (True, False, None)
    assert repr(found).startswith("PlaceBelief(b: 10 days 2001-01-01 - ")
    with pytest.raises(TheatreError, match="did you mean 'blue'"):
        found["bleu"]
    with pytest.raises(TheatreError, match="unknown place"):
        line_timeline["nowhere"]
    with pytest.raises(TimelineError, match="at\\(day\\)"):
        line_timeline["2001-01-05"]
    with pytest.raises(ValueError, match="read-only"):
        found["blue"][0] = 1


def test_a_place_draws_its_days_on_axes(line_timeline: qsim.Timeline) -> None:
    ax = Figure().subplots()
    assert line_timeline["b"].plot(ax) is ax
    bands = {band.get_gid(): band.get_paths() for band in ax.collections}
    assert set(bands) == {*line_timeline.statuses, "unknown"}
    course, known = line_timeline["b"], line_timeline.status[:, line_timeline.theatre.index["b"]] != -1
    for d, number in enumerate(line_timeline.days.astype(int)):
        below = 0.0
        for status in ("red", "contested", "blue") if known[d] else ():
            middle = below + course[status][d] / 2
            assert course[status][d] < 0.01 or any(path.contains_point((number, middle)) for path in bands[status])
            below += course[status][d]
        assert known[d] or any(path.contains_point((number, 0.5)) for path in bands["unknown"])
    assert ax.get_title(loc="left").startswith("B: ")
    own = line_timeline["all"].plot()
    assert own.get_xlim() == ax.get_xlim()
    pyplot.close("all")


def test_a_number_by_claim_is_a_mapping_of_the_claims_that_have_one() -> None:
    said = Claims.of(claim(place, "holds", "red", "2001-01-01") for place in "abc")
    ids = [each.id for each in said]
    known = OfClaims(said, np.array([0.25, np.nan, 0.75]))
    assert known == {ids[0]: 0.25, ids[2]: 0.75}
    assert (list(known), len(known), list(known.values())) == ([ids[0], ids[2]], 2, [0.25, 0.75])
    assert ids[1] not in known
    assert known.get("nobody's") is None
    assert pickle.loads(pickle.dumps(known)) == known
    with pytest.raises(TypeError, match="cannot be changed"):
        known[ids[0]] = 1.0
