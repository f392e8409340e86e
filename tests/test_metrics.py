import dataclasses

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import claim, grid, histories, islands, line, replayed, ring

import qsim
from qsim.metrics import encirclement, exits, interval, nearest_known, share
from qsim.theatre import TheatreError


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


def test_a_place_never_named_follows_the_nearest_known_one() -> None:
    toy = line()
    follow = nearest_known(toy, np.array([place.id in "ac" for place in toy.places]))
    assert [toy.places[i].id for i in follow] == ["a", "a", "a", "c", "c"]


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


@settings(deadline=None)
@given(st.lists(st.text(alphabet="rbx.", min_size=9, max_size=9), min_size=1, max_size=4))
def test_ways_out_are_disjoint_routes_and_their_number_is_the_connectivity(maps: list[str]) -> None:
    city = grid()
    days = histories(city, *("xrb" + each for each in maps))
    for target in ("b2", "c3"):
        found = exits(days, target, "red", unreported="closed")
        cut = encirclement(days, target, "red", unreported="closed")[0]
        for d, way in enumerate(found):
            inner = [place for route in way.routes for place in route[:-1]]
            assert len(inner) == len(set(inner))
            assert {route[-1] for route in way.routes} <= {"r"}
            assert (len(way) == 0) == cut[d]
            held = [p.id for i, p in enumerate(city.places) if days.status[0, d, i] in (0, 2) or p.id == "r"]
            graph = city.graph().subgraph(held)
            reachable = target in graph and nx.has_path(graph, target, "r")
            assert bool(len(way)) == reachable
            if reachable:
                assert len(way) == nx.node_connectivity(graph, target, "r") or graph.has_edge(target, "r")


def test_the_city_is_cut_off_by_the_end_of_may_2013() -> None:
    theatre, book = qsim.load("qusayr")
    timeline = qsim.reconstruct(theatre, book, start="2013-04-04", end="2013-06-09", policy="last_claim")
    ways = exits(timeline.most_likely(), "qusayr", "opposition")
    assert len(ways[0]) >= 1
    assert all(len(way) == 0 for way in ways[timeline.position("2013-05-31") :])
    assert np.array_equal([len(way) == 0 for way in ways], encirclement(timeline.most_likely(), "qusayr", "opposition")[0])


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
    timeline = qsim.reconstruct(theatre, book, start="2013-05-19", end="2013-06-06", policy="hmm")
    runs = share(timeline.sample(4000, seed=3), "qusayr", "government")
    assert runs.mean(axis=0) == pytest.approx(timeline.share("qusayr", "government"), abs=0.01)
    low, high = interval(runs)
    assert (low <= high).all()
    assert low[timeline.position("2013-05-29")] <= 13 / 16
    assert high[timeline.position("2013-05-29")] >= 9 / 16
    assert low[timeline.position("2013-06-05")] > 0.9
