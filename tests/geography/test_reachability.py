"""What a side can pass: whom unknown places follow, luck of contested ground, bases that serve, ways that claims shut and open."""

from dataclasses import replace

import numpy as np
import pytest
from toys import claim, histories, islands, line, replayed, ring

import qsim
from qsim.belief.timeline import Ensemble, TimelineError
from qsim.geography.reachability import as_read, checked, coins, mask, nearest_known, network, passage, shut_links
from qsim.record.theatre import Place, Theatre, TheatreError


def test_neighbours_stand_in_the_order_of_links() -> None:
    roads, where = network(ring()), ring()
    around = {
        place.id: [where.places[i].id for i in roads.heads[roads.start[p] : roads.start[p + 1]]] for p, place in enumerate(where.places)
    }
    assert around == {
        "centre": ["n", "e", "s"],
        "n": ["centre", "r", "l"],
        "e": ["centre", "r"],
        "s": ["centre", "r"],
        "r": ["n", "e", "s"],
        "l": ["n"],
    }
    assert [where.links[i].id for i in roads.link[roads.start[1] : roads.start[2]]] == ["centre-n", "n-r", "l-n"]
    assert roads.length.tolist() == [1.0] * 7


def test_a_tie_goes_to_the_earlier_place_and_a_place_without_ways_keeps_itself() -> None:
    assert nearest_known(line(), np.array([True, False, True, False, True])).tolist() == [0, 0, 2, 2, 4]
    assert nearest_known(islands(), np.array([True, False, False, False])).tolist() == [0, 0, 2, 3]
    assert nearest_known(line(), np.zeros(5, dtype=bool)).tolist() == [0, 1, 2, 3, 4]


def test_lengths_say_who_is_nearest() -> None:
    far = replace(line(), links=(replace(line().links[0], length_km=5.0), *line().links[1:]))
    assert nearest_known(far, np.array([True, False, False, True, False])).tolist() == [0, 3, 3, 3, 3]


def test_unknown_places_are_read_as_the_nearest() -> None:
    assert as_read(histories(line(), "r..b.", ".....")).tolist() == [[[0, 0, 1, 1, 1], [-1, -1, -1, -1, -1]]]


@pytest.mark.parametrize(("unreported", "passed"), [("nearest", "rab"), ("open", "rabc"), ("closed", "ra")])
def test_three_readings_of_places_that_no_claim_names(unreported: str, passed: str) -> None:
    found = passage(histories(line(), "rr..b"), "red", unreported=unreported).open[0, 0]
    assert "".join(place.id for place, can in zip(line().places, found, strict=True) if can) == passed


def test_contested_ground_is_passed_in_one_history_and_by_luck_in_drawn_ones() -> None:
    one = histories(line(), "rxbbb", "rxbbb")
    assert passage(one, "red").open[0, :, 1].tolist() == [True, True]
    runs = Ensemble(line(), None, one.days, np.repeat(one.status, 400, axis=0))
    lucky = passage(runs, "red").open[:, :, 1]
    assert np.array_equal(lucky[:, 0], lucky[:, 1])
    assert 0.4 < lucky[:, 0].mean() < 0.6
    assert passage(runs, "red", contested=1.0).open[:, :, 1].all()
    assert not passage(runs, "red", contested=0.0).open[:, :, 1].any()
    assert passage(runs, "red", contested=0.9).open[:, 0, 1].mean() > lucky[:, 0].mean()
    two = replace(runs, status=runs.status[:2])
    assert not passage(two, "red", contested=0.0).open[:, :, 1].any()
    drawn = replace(one, numbers=np.array([7]))
    assert not passage(drawn, "red", contested=0.0).open.reshape(2, 5)[:, 1].any()


def test_luck_goes_with_a_history_wherever_it_stands_and_differs_by_place_and_purpose() -> None:
    runs = Ensemble(line(), None, histories(line(), "rrrrb").days, np.repeat(histories(line(), "rrrrb").status, 50, axis=0))
    whole = coins(runs, range(5), 1)
    assert whole.shape == (50, 5)
    assert ((whole >= 0) & (whole < 1)).all()
    assert np.array_equal(coins(replace(runs, numbers=np.arange(50)), range(5), 1), whole)
    few = replace(runs, status=runs.status[10:20], numbers=np.arange(10, 20))
    assert np.array_equal(coins(few, range(5), 1), whole[10:20])
    assert not np.array_equal(coins(runs, range(5), 2), whole)
    assert len(np.unique(whole)) == whole.size


def test_a_base_serves_while_it_is_no_other_sides_and_a_gateway_always() -> None:
    lost = passage(histories(line(), "rrrrb", "xrrrb", ".rrrb", "brrrb"), "red")
    assert lost.open[0, :, 0].tolist() == [True, True, True, False]
    gateway = replace(line(), places=(replace(line().places[0], gateway=True), *line().places[1:]))
    assert passage(histories(gateway, "brrrb"), "red").open[0, 0, 0]
    assert passage(histories(line(), ".bbbb"), "red", unreported="closed").open[0, 0].tolist() == [True, False, False, False, False]


def test_reached_is_what_is_joined_to_a_base_over_ways_that_are_not_shut() -> None:
    days = histories(line(), "rrrrb", "rrbrb")
    assert passage(days, "red").reached()[0].tolist() == [[True] * 4 + [False], [True, True, False, False, False]]
    documented = replace(
        line(), links=tuple(replace(link, basis="estimated" if link.id == "a-b" else "documented") for link in line().links)
    )
    assert passage(histories(documented, "rrrrb"), "red", documented=True).reached()[0, 0].tolist() == [True, True, False, False, False]
    assert passage(histories(documented, "rrrrb"), "red").reached()[0, 0].tolist() == [True] * 4 + [False]


def test_one_day_and_one_run_of_a_passage_are_those_of_the_whole() -> None:
    both = histories(line(), "rrrrb", "rrbrb")
    runs = Ensemble(line(), None, both.days, np.concatenate([both.status, both.status[:, ::-1]]))
    whole = passage(runs, "red")
    assert np.array_equal(whole.at(1).reached()[:, 0], whole.reached()[:, 1])
    for run in (0, 1, -1, -2):
        assert np.array_equal(whole.run(run).reached()[0], whole.reached()[run])
    for run in (2, -3):
        with pytest.raises(TheatreError, match=f"no run {run}: there are 2"):
            whole.run(run)
    barred = replace(whole, shut=np.concatenate([whole.shut[:1], ~whole.shut[:1]]))
    assert [np.array_equal(barred.run(run).shut[0], barred.shut[run]) for run in (0, 1)] == [True, True]


def test_each_side_passes_what_it_holds_and_what_is_contested() -> None:
    day = histories(line(), "rxb.b")
    found = {side: passage(day, side, unreported="closed").open[0, 0].tolist() for side in ("red", "blue")}
    assert found == {"red": [True, True, False, False, False], "blue": [False, True, True, False, True]}


@pytest.mark.parametrize(
    ("kind", "by", "red", "blue"),
    [
        ("cuts", "blue", True, False),
        ("cuts", "red", False, True),
        ("cuts", None, True, True),
        ("opens", "red", False, True),
        ("opens", None, False, False),
    ],
)
def test_whom_a_claim_on_a_way_shuts_out(kind: str, by: str | None, red: bool, blue: bool) -> None:
    most = replayed(line(), claim("a-b", kind, by, "2001-01-02"), days=3).most_likely()
    assert [[bool(shut_links(most, side)[d, 1]) for d in range(3)] for side in ("red", "blue")] == [[False, red, red], [False, blue, blue]]
    assert not shut_links(most, "red")[:, [0, 2, 3]].any()


@pytest.mark.parametrize("quantifier", ["part", "most"])
def test_some_of_a_way_cut_shuts_nothing(quantifier: str) -> None:
    most = replayed(line(), claim("a-b", "cuts", "blue", "2001-01-02", quantifier=quantifier), days=3).most_likely()
    assert not shut_links(most, "red").any()


def test_a_way_said_to_be_open_is_passed_on_those_days_whoever_holds_the_ground() -> None:
    held = claim("b", "holds", "blue", "2001-01-01")
    opened = claim("a-b", "opens", "red", "2001-01-03/2001-01-04")
    most = replayed(line(), held, opened, days=6).most_likely()
    assert passage(most, "red").open[0, :, 2].tolist() == [False, False, True, True, False, False]
    by_blue = replayed(line(), held, replace(opened, side="blue"), days=6).most_likely()
    assert not passage(by_blue, "red").open[0, :, 2].any()


def test_questions_that_cannot_be_asked_are_refused() -> None:
    days = histories(line(), "rrbbb")
    with pytest.raises(TheatreError, match="unknown reading 'near'"):
        passage(days, "red", unreported="near")
    for contested in (-0.1, 1.1, float("nan")):
        with pytest.raises(TheatreError, match="expected a number from 0 to 1"):
            passage(days, "red", contested=contested)
    with pytest.raises(TimelineError, match="Timeline given; expected whole histories"):
        checked(replayed(line(), days=2))  # type: ignore[arg-type]
    with pytest.raises(TheatreError, match="an empty ensemble"):
        checked(Ensemble(line(), None, days.days[:0], days.status[:, :0]))
    assert checked(days) is days.theatre


def test_a_mask_of_positions() -> None:
    assert mask([1, 3], 4).tolist() == [False, True, False, True]
    assert mask([], 2).tolist() == [False, False]


def test_words_on_a_way_hold_in_as_many_runs_as_they_are_trusted() -> None:
    told = [claim("b", "holds", "red", "2001-01-01"), claim("a-b", "cuts", "blue", "2001-01-02", source="press")]
    timeline = replayed(line(), *told, days=3, policy="hmm")
    runs = timeline.sample(400, seed=3)
    shut = passage(runs, "red").shut[:, :, 1]
    assert not shut[:, 0].any()
    assert 0.05 < shut[:, 1].mean() < 0.95
    assert np.array_equal(shut[:, 1], shut[:, 2])
    assert np.array_equal(passage(runs, "red").run(5).shut[0], passage(runs, "red").shut[5])


def test_a_place_stands_for_its_parts_and_a_theatre_of_one_place_has_no_ways() -> None:
    alone = Theatre("one", "One", (Place("a", "A", 0.0, 0.0),), (), line().sides)
    assert network(alone).rows[0].tolist() == [0, 0]
    whole = passage(histories(line(), "rrrrb"), "red")
    assert whole.targets("all").tolist() == [1, 2, 3]
    assert whole.targets("B").tolist() == [2]
    assert qsim.encirclement(histories(line(), "rrrrb"), "all", "red").tolist() == [[False]]
