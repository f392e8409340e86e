import dataclasses
import inspect
from datetime import date
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import claim, grid, histories, islands, line, replayed, ring

import qsim
from qsim.belief.timeline import Ensemble, TimelineError
from qsim.geography.metrics import (
    articulation_points,
    closure,
    encirclement,
    exits,
    first_day,
    front,
    front_length,
    interval,
    pocket_sizes,
    pockets,
    share,
    tempo,
)
from qsim.record.dates import day_range
from qsim.record.theatre import Theatre, TheatreError

KM = 11.119  # a tenth of a degree along a meridian


def tiles() -> Theatre:
    """
    The line of five places, each the middle of a cell a tenth of a degree wide and high, on the equator: r | a | b | c | l
    """
    toy = line()
    places = tuple(
        dataclasses.replace(p, polygon=shapely.box(p.lon - 0.05, -0.05, p.lon + 0.05, 0.05), area_km2=10.0, population=100)
        for p in toy.places
    )
    return dataclasses.replace(toy, places=places, frame=(-0.05, -0.05, 0.45, 0.05))


def test_the_ring_closes_when_its_last_way_falls() -> None:
    # places: centre n e s r l
    days = histories(ring(), "rrrrrb", "rbrrrb", "rbrbrb", "rbbbrb")
    assert encirclement(days, "centre", "red").tolist() == [[False, False, False, True]]
    assert [str(each) for each in exits(days, "centre", "red")] == ["3 ways out", "2 ways out", "1 way out", "cut off"]
    assert exits(days, "centre", "red")[2].routes == (("e", "r"),)


def test_a_contested_place_lets_through_and_counts_as_held() -> None:
    days = histories(ring(), "xbxbrb", "bbrrrb")
    assert encirclement(days, "centre", "red").tolist() == [[False, True]]


def test_a_place_is_cut_off_when_no_part_of_it_is_held() -> None:
    # places: t, then the nine squares by rows, r l
    city = grid()
    order = [place.id for place in city.places]
    assert order[:3] == ["t", "r", "l"]
    days = histories(city, "xrb" + "rrrrrrbbb", "xrb" + "bbbbbbbbr", "brb" + "bbbbbbbbb")
    assert encirclement(days, "t", "red").tolist() == [[False, True, True]]


def test_no_way_leads_over_water() -> None:
    days = histories(islands(), "rrrb")
    assert encirclement(days, "b", "red").tolist() == [[False]]
    assert encirclement(days, "c", "red").tolist() == [[True]]


def test_the_three_readings_of_places_that_no_claim_names() -> None:
    timeline = replayed(line(), claim("b", "holds", "red", "2001-01-01"), days=1)
    found = {
        reading: bool(encirclement(timeline.most_likely(), "b", "red", unreported=reading)[0, 0])
        for reading in ("nearest", "open", "closed")
    }
    assert found == {"nearest": False, "open": False, "closed": True}


def test_a_cut_shuts_a_link_until_it_is_opened() -> None:
    timeline = replayed(
        line(),
        claim("b", "holds", "red", "2001-01-01"),
        claim("a-b", "cuts", "blue", "2001-01-02"),
        claim("a-b", "opens", "red", "2001-01-04"),
        days=4,
    )
    assert encirclement(timeline.most_likely(), "b", "red").tolist() == [[False, True, True, False]]


def test_what_one_side_cuts_is_shut_to_the_other_and_open_to_itself() -> None:
    timeline = replayed(line(), claim("b", "contests", None, "2001-01-01"), claim("a-b", "cuts", "red", "2001-01-02"), days=2)
    assert encirclement(timeline.most_likely(), "b", "red").tolist() == [[False, False]]


def test_bad_questions_are_refused() -> None:
    days = histories(line(), "rrbbb")
    with pytest.raises(TheatreError, match="unknown place 'z'"):
        encirclement(days, "z", "red")
    with pytest.raises(TheatreError, match="unknown side 'green'"):
        encirclement(days, "a", "green")
    with pytest.raises(TheatreError, match="unknown reading 'maybe'"):
        encirclement(days, "a", "red", unreported="maybe")
    bare = dataclasses.replace(line(), sides=tuple(dataclasses.replace(side, bases=()) for side in line().sides))
    with pytest.raises(TheatreError, match="has no bases"):
        encirclement(histories(bare, "rrbbb"), "a", "red")


def test_a_share_is_counted_by_places_area_or_people() -> None:
    days = histories(line(), "rrbbb", "rrrxb")
    assert share(days, "all", "red", by="places").tolist() == pytest.approx(np.array([[1 / 3, 2.5 / 3]]))
    peopled = dataclasses.replace(
        line(), places=tuple(dataclasses.replace(p, population=900 if p.id == "a" else 50 if p.id in "bc" else None) for p in line().places)
    )
    assert share(histories(peopled, "rrbbb"), "all", "red", by="people")[0, 0] == pytest.approx(0.9)
    for question in ({"by": "area"}, {"by": "goats"}):
        with pytest.raises(TheatreError):
            share(days, "all", "red", **question)


def test_what_is_unknown_or_contested_counts_half_and_sides_add_up() -> None:
    city = histories(grid(), "xrb" + "rrrbbb..x")
    red, blue = (share(city, "t", side, by="places")[0, 0] for side in ("red", "blue"))
    assert red == blue == pytest.approx(4.5 / 9)


def test_an_interval_holds_the_middle_of_the_runs() -> None:
    runs = np.arange(101.0)[:, None] * np.array([[1.0, 2.0]])
    low, high = interval(runs, 0.9)
    assert low == pytest.approx([5, 10])
    assert high == pytest.approx([95, 190])
    with pytest.raises(TheatreError):
        interval(runs, 1.5)


def test_the_expected_share_is_the_mean_of_sampled_ones() -> None:
    theatre, book = qsim.load("qusayr")
    timeline = qsim.reconstruct(theatre, book, start="2013-05-19", end="2013-06-05", policy="hmm")
    runs = share(timeline.sample(4000, seed=3), "qusayr", "government")
    assert runs.mean(axis=0) == pytest.approx(timeline.share("qusayr", "government"), abs=0.01)
    low, high = interval(runs)
    assert (low <= high).all()
    assert low[timeline.position("2013-05-29")] <= 13 / 16
    assert high[timeline.position("2013-05-29")] >= 9 / 16
    assert low[timeline.position("2013-06-05")] > 0.9


def test_the_front_lies_between_hostile_cells_and_yesterdays_beside_it() -> None:
    days = front(histories(tiles(), "rrrbb", "rrxbb", "rr.bb"))
    assert [day.length_km for day in days] == pytest.approx([KM, 0, 0], rel=1e-3)
    assert [day.margin_km for day in days] == pytest.approx([0, 2 * KM, 0], rel=1e-3)  # a contested cell has a margin to each side
    assert days[0].line.bounds == pytest.approx((0.25, -0.05, 0.25, 0.05))
    assert days[0].before.is_empty
    assert days[1].before.equals(days[0].line)
    assert days[1].day == date(2001, 1, 2)


def test_the_length_of_the_front_counts_half_of_the_margins() -> None:
    assert front_length(histories(tiles(), "rrrbb", "rrxbb", "rxxbb")) == pytest.approx(np.array([[KM, KM, KM]]), rel=1e-3)
    with pytest.raises(TheatreError, match="has 0 cells"):
        front_length(histories(line(), "rrrbb"))


def test_a_pocket_is_born_shrinks_and_ends() -> None:
    days = histories(tiles(), "rrrrb", "rbrrb", "rbrxb", "rbrbb", "rbbbb")
    (pocket,) = pockets(days, "red")
    assert (pocket.places, len(pocket), pocket.km2, pocket.people) == (("b", "c"), 2, 20, 200)
    assert (pocket.window.start, pocket.window.end, pocket.lasts) == (date(2001, 1, 2), date(2001, 1, 4), False)
    assert pocket_sizes(days, "red").tolist() == [[0, 2, 1.5, 1, 0]]
    assert pocket_sizes(days, "red", by="area").tolist() == [[0, 20, 15, 10, 0]]


def test_pockets_that_part_are_two_and_a_contested_place_alone_is_none() -> None:
    days = histories(line(), "rbrrr", "rbrbr", "rbxbr")
    found = [(pocket.places, pocket.window.length, pocket.lasts) for pocket in pockets(days, "red")]
    assert found == [(("b", "c", "l"), 2, False), (("l",), 2, True)]  # it lives on in b, the first of two alike
    assert pocket_sizes(days, "red").tolist() == [[3, 2, 1]]


def test_closure_is_the_hostile_part_of_the_compass() -> None:
    days = histories(tiles(), "rrrrb", "rbrrb", "rbrbb", "rxrbb")
    found = closure(days, "b", "red", radius_km=10.0)[0]  # the square cells beside b fill a quarter of the compass each
    assert found == pytest.approx([0, 0.25, 0.5, 0.25], abs=0.01)
    assert closure(days, "b", "red", radius_km=1.0)[0].tolist() == [0, 0, 0, 0]
    with pytest.raises(TheatreError, match="radius"):
        closure(days, "b", "red", radius_km=0)


def test_what_holds_ground_together_would_split_it_if_it_fell() -> None:
    names = [place.id for place in ring().places]  # centre n e s r l
    days = histories(ring(), "rrrrrb", "rbrbrb", "bbrbrb")
    told = [{names[p] for p in np.flatnonzero(found)} for found in articulation_points(days, "red")[0]]
    assert told[0] == set()  # three ways round
    assert told[1] == {"e"}
    assert told[2] == set()  # e and the base alone
    assert articulation_points(histories(line(), "rrrbb"), "red")[0, 0].tolist() == [False, True, False, False, False]


def test_tempo_counts_changes_and_ground_gained_and_lost() -> None:
    days = histories(tiles(), "rrrb.", "rrxbb", "rrbrb")
    red = tempo(days, "red")
    assert red.changes.tolist() == [[0, 2, 2]]
    assert red.gained_km2.tolist() == [[0, 0, 10]]
    assert red.lost_km2.tolist() == [[0, 5, 5]]  # the first report of l is news, not a loss
    blue = tempo(days, "blue")
    assert np.array_equal(blue.gained_km2, red.lost_km2)
    assert np.array_equal(blue.lost_km2, red.gained_km2)


def test_the_first_day_above_a_bound() -> None:
    days = day_range("2001-01-01", "2001-01-03")
    assert first_day(days, np.array([0.2, 0.5, 0.6])) == date(2001, 1, 3)
    assert first_day(days, np.array([0.2, 0.5, 0.6]), above=0.1) == date(2001, 1, 1)
    assert first_day(days, np.array([0.2, 0.5, 0.5])) is None


def test_an_empty_ensemble_is_refused_by_every_metric() -> None:
    days = histories(tiles(), "rrrrb")
    empty = Ensemble(days.theatre, None, days.days, days.status[:0])
    for ask in (
        lambda: share(empty, "a", "red"),
        lambda: front(empty),
        lambda: front_length(empty),
        lambda: pockets(empty, "red"),
        lambda: pocket_sizes(empty, "red"),
        lambda: closure(empty, "b", "red"),
        lambda: tempo(empty, "red"),
    ):
        with pytest.raises(TheatreError, match="an empty ensemble"):
            ask()


@settings(deadline=None, max_examples=40)
@given(st.lists(st.text(alphabet="rbx.", min_size=9, max_size=9), min_size=1, max_size=4))
def test_what_is_in_no_pocket_is_reached_by_a_base(maps: list[str]) -> None:
    city = histories(grid(), *("xrb" + each for each in maps))
    for pocket in pockets(city, "red"):
        for d in range(pocket.window.length):
            where = int((np.datetime64(pocket.window.start) - city.days[0]).astype(int)) + d
            assert any(encirclement(city, place, "red")[0, where] for place in pocket.places)
    total = pocket_sizes(city, "red", by="places")[0]
    assert (total > 0).tolist() == [any(day in p.window for p in pockets(city, "red")) for day in city.days.astype(object).tolist()]


def test_a_counterfactual_holds_a_place_and_leaves_all_else() -> None:
    told = [claim("a", "holds", "red", "2001-01-01"), claim("a", "takes", "blue", "2001-01-05"), claim("b", "holds", "red", "2001-01-02")]
    timeline = replayed(line(), *told, policy="hmm")
    held = timeline.with_status("a", "red", start="2001-01-05", end="2001-01-07")
    column = line().index["a"]
    assert (held.belief[4:7, column] == [1, 0, 0]).all()
    assert (held.history[4:7, column] == 0).all()
    assert np.array_equal(np.delete(held.belief, np.s_[4:7], axis=0), np.delete(timeline.belief, np.s_[4:7], axis=0))
    before, after = timeline.sample(2000, seed=1), held.sample(2000, seed=1)
    others = [i for i in range(5) if i != column]
    assert np.array_equal(before.status[..., others], after.status[..., others])
    assert (after.status[:, 4:7, column] == 0).all()
    assert np.array_equal(before.status[:, 7:, column], after.status[:, 7:, column])
    assert after.mean().belief[:, column] == pytest.approx(held.belief[:, column], abs=0.04)


def test_what_cannot_be_supposed_is_told() -> None:
    timeline = replayed(line(), claim("a", "holds", "red", "2001-01-01"), policy="hmm")
    with pytest.raises(TheatreError, match="unknown status 'green'"):
        timeline.with_status("a", "green")
    with pytest.raises(TheatreError, match="unknown place"):
        timeline.with_status("z", "red")
    with pytest.raises(TimelineError, match="no claim names 'b'"):
        timeline.with_status("b", "red")
    with pytest.raises(TimelineError, match="ends before it starts"):
        timeline.with_status("a", "red", start="2001-01-05", end="2001-01-04")


def test_a_city_is_supposed_with_all_its_parts() -> None:
    timeline = replayed(grid(), claim("t", "holds", "blue", "2001-01-01"))
    held = timeline.with_status("t", "red", start="2001-01-03")
    assert share(held.most_likely(), "t", "red", by="places")[0, :3].tolist() == [0, 0, 1]
    assert held.at("2001-01-03").most_likely("t") == "red"


@pytest.mark.parametrize("ask", [encirclement, exits, share, closure, pocket_sizes, tempo, front])
def test_a_belief_is_no_history_and_what_to_do_is_told(ask: Any) -> None:
    timeline = replayed(line(), claim("a", "holds", "red", "2001-01-01"))
    words = {"place": "a", "side": "red"}
    with pytest.raises(
        TimelineError, match=r"Timeline given; expected whole histories: `timeline.most_likely\(\)`.*`timeline.sample\(1000, seed=7\)`"
    ):
        ask(timeline, **{name: words[name] for name in inspect.signature(ask).parameters if name in words})


def test_a_group_is_cut_off_when_all_of_it_is() -> None:
    days = histories(line(), "rrrbb", "rrbbb", "brrbb", "bbbbb")
    assert encirclement(days, "all", "red")[0].tolist() == [False, False, True, True]
    assert [len(each) for each in exits(days, "all", "red")] == [1, 1, 0, 0]
