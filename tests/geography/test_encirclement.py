import dataclasses

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import claim, grid, histories, line, replayed, ring, theatre

import qsim
from qsim.belief.timeline import Ensemble
from qsim.geography.encirclement import chokepoints, encirclement, exit_counts, exits, roads, spread, supply
from qsim.geography.reachability import nearest_known, passage, shut_links
from qsim.record.theatre import Group, Theatre, TheatreError

# places of ring(): centre n e s r l; a day is a letter for each
CLOSING = ("rrrrrb", "rbrbrb", "rbbbrb")


def tail() -> Theatre:
    """
    A centre with a short way through b and a long one through c and d, which share the last place e before red's base.

        centre-b-e-r    1 km each
          |      |
          c------d      1 km each; blue's base is beyond d
    """
    points = {"centre": (0.0, 0.0), "b": (0.1, 0.0), "e": (0.2, 0.0), "r": (0.3, 0.0), "c": (0.0, -0.1), "d": (0.2, -0.1), "l": (0.3, -0.1)}
    return theatre(points, ["centre-b", "b-e", "e-r", "centre-c", "c-d", "d-e", "d-l"], red=("r",), blue=("l",))


def many(where: Theatre, *runs: tuple[str, ...]) -> Ensemble:
    """Return several histories, each of as many days."""
    each = [histories(where, *days) for days in runs]
    return Ensemble(where, None, each[0].days, np.concatenate([one.status for one in each]))


def test_a_ring_of_three_days() -> None:
    days = histories(ring(), *CLOSING)
    assert encirclement(days, "centre", "red").tolist() == [[False, False, True]]
    assert exit_counts(days, "centre", "red").tolist() == [[3, 1, 0]]
    assert [way.bottleneck for way in exits(days, "centre", "red")] == [("n", "e", "s"), ("e",), ()]


def test_what_cuts_is_the_nearest_smallest_set() -> None:
    assert exits(histories(tail(), "rrrrrrb"), "centre", "red")[0].bottleneck == ("e",)


def test_ways_out_are_together_as_short_as_can_be_and_their_roads_have_names() -> None:
    (way,) = exits(histories(tail(), "rrrrrrb"), "centre", "red")
    assert way.routes == (("b", "e", "r"),)
    assert [road.id for road in roads(tail(), "centre", way.routes[0])] == ["centre-b", "b-e", "e-r"]


def test_a_place_with_a_base_inside_is_not_cut_off() -> None:
    days = histories(line(), "rbbbb")
    assert exits(days, "r", "red")[0].routes == (("r",),)
    assert exit_counts(days, "r", "red").tolist() == [[1]]
    assert encirclement(days, "r", "red").tolist() == [[False]]


def test_a_link_straight_to_a_base_is_a_way_of_its_own() -> None:
    days = histories(line(), "rrbbb")
    assert exits(days, "a", "red")[0].routes == (("r",),)
    assert exits(days, "a", "red")[0].bottleneck == ()
    assert exit_counts(days, "a", "red").tolist() == [[1]]


def test_the_spread_tells_all_three_readings() -> None:
    unknown_b = histories(line(), "rbr.b", "r.r.b")  # a is blue, then unknown between the known r and b
    found = {reading: p.tolist() for reading, p in spread(unknown_b, "b", "red").items()}
    assert found == {"nearest": [1, 0], "open": [1, 0], "closed": [1, 1]}


def test_supply_is_the_shortest_safe_route_and_counts_the_days_since() -> None:
    days = histories(tail(), "rrrrrrb", "rbrrrrb", "rbbrrrb", "rbbrrrb")
    found = supply(days, "centre", "red")
    assert found.bases == ("r",)
    assert found.nearest_km.tolist() == [[3, 4, np.inf, np.inf]]
    assert found.since_open[0, :, 0].tolist() == [0, 0, 1, 2]
    never = supply(histories(tail(), "rbbrrrb", "rbbrrrb"), "centre", "red")
    assert never.since_open[0, :, 0].tolist() == [-1, -1]


def test_chokepoints_cut_or_lengthen_with_a_probability() -> None:
    both = many(tail(), ("rrrrrrb",), ("rrrrbrb",), ("rbbrrrb",))  # both ways; only the short one; none
    found = chokepoints(both, "centre", "red", "2001-01-01")
    assert [each.place for each in found] == ["e", "b"]
    assert [(each.cuts, each.lengthens, each.longer_km) for each in found] == [
        pytest.approx((2 / 3, 0, 0)),
        pytest.approx((1 / 3, 1 / 3, 1)),
    ]
    assert str(found[1]) == "b: cuts 0.33, lengthens 0.33 (by 1.0 km)"
    with pytest.raises(TheatreError, match="2001-01-02 lies outside these histories"):
        chokepoints(both, "centre", "red", "2001-01-02")


def test_a_place_never_named_follows_the_nearest_known_one() -> None:
    toy = line()
    follow = nearest_known(toy, np.array([place.id in "ac" for place in toy.places]))
    assert [toy.places[i].id for i in follow] == ["a", "a", "a", "c", "c"]


def test_who_is_followed_may_differ_by_run() -> None:
    runs = many(line(), ("r.rbb",), ("rb..b",))
    assert passage(runs, "red").open[:, 0].tolist() == [[True, True, True, False, False], [True, False, False, False, False]]


def test_the_last_claim_about_a_way_shuts_or_opens_it() -> None:
    timeline = replayed(line(), claim("a-b", "cuts", "blue", "2001-01-02"), claim("a-b", "opens", "red", "2001-01-03"), days=3)
    assert shut_links(timeline.most_likely(), "red")[:, 1].tolist() == [False, True, False]
    assert shut_links(timeline.most_likely(), "blue")[:, 1].tolist() == [False, False, True]


def test_bad_questions_are_refused() -> None:
    days = histories(line(), "rrbbb")
    bare = dataclasses.replace(line(), sides=tuple(dataclasses.replace(side, bases=()) for side in line().sides))
    empty = Ensemble(line(), None, days.days, np.zeros((0, 1, 5), dtype=np.int8))
    building = dataclasses.replace(line(), places=(*line().places[:4], dataclasses.replace(line().places[4], within="c")))
    for ask in (encirclement, exits, exit_counts, supply, spread):
        for place, side, message in (("z", "red", "unknown place 'z'"), ("a", "green", "unknown side 'green'")):
            with pytest.raises(TheatreError, match=message):
                ask(days, place, side)
        with pytest.raises(TheatreError, match="has no bases"):
            ask(histories(bare, "rrbbb"), "a", "red")
        with pytest.raises(TheatreError, match="an empty ensemble"):
            ask(empty, "a", "red")
        with pytest.raises(TheatreError, match="is a building"):
            ask(histories(building, "rrbbb"), "l", "red")
    with pytest.raises(TheatreError, match="no run 3"):
        exits(days, "a", "red", run=3)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.text(alphabet="rbx.", min_size=9, max_size=9), min_size=1, max_size=4))
def test_ways_out_are_disjoint_routes_and_their_number_is_the_connectivity(maps: list[str]) -> None:
    city = grid()
    days = histories(city, *("xrb" + each for each in maps))
    for target in ("b2", "c3"):
        found = exits(days, target, "red", unreported="closed")
        cut = encirclement(days, target, "red", unreported="closed")[0]
        assert exit_counts(days, target, "red", unreported="closed")[0].tolist() == [len(way) for way in found]
        km = supply(days, target, "red", unreported="closed").nearest_km[0]
        for d, way in enumerate(found):
            inner = [place for route in way.routes for place in route[:-1]]
            assert len(inner) == len(set(inner))
            assert {route[-1] for route in way.routes} <= {"r"}
            held = [p.id for i, p in enumerate(city.places) if days.status[0, d, i] in (0, 2) or p.id == "r"]
            graph = city.graph().subgraph(held)
            reachable = target in graph and nx.has_path(graph, target, "r")
            assert (len(way) == 0) == cut[d] == (not reachable)
            assert len(way) == (nx.node_connectivity(graph, target, "r") if reachable else 0)
            assert km[d] == (nx.shortest_path_length(graph, target, "r", weight="length_km") if reachable else np.inf)


def test_the_ring_around_al_qusayr_is_unlikely_until_26_may_2013_and_rises_from_there() -> None:
    theatre, book = qsim.load("qusayr")
    timeline = qsim.reconstruct(theatre, book, start="2013-04-04", end="2013-06-08", policy="hmm")
    p = encirclement(timeline.sample(1000, seed=7), "qusayr", "opposition").mean(axis=0)
    assert p[: timeline.position("2013-05-27")].max() < 0.45
    assert p[timeline.position("2013-05-31")] > p[timeline.position("2013-05-26")] + 0.15
    assert p[timeline.position("2013-06-05") :].min() > 0.95
    ways = exits(timeline.most_likely(), "qusayr", "opposition")
    assert len(ways[timeline.position("2013-06-05")]) == 0


def test_claims_on_all_the_ways_into_a_city_shut_none_of_them() -> None:
    ways = Group("ways", "all ways in", ("r-a1", "l-c1"), of="links")
    where = dataclasses.replace(grid(), groups=(*grid().groups, ways))
    held = claim("t", "holds", "red", "2001-01-01")
    shut = [replayed(where, held, claim(place, "cuts", "blue", "2001-01-02"), days=2).most_likely() for place in ("ways", "r-a1")]
    assert [encirclement(each, "t", "red")[0].tolist() for each in shut] == [[False, False], [False, True]]
