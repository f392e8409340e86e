from dataclasses import replace
from pathlib import Path

import pytest
from toys import grid, islands, line

import qsim
from qsim.record.new import new
from qsim.record.theatre import Place, Theatre, TheatreError

THEATRE, LEDGER = qsim.load("qusayr")


def test_a_place_is_found_by_any_of_its_names() -> None:
    for name in ("dabaa_airbase", "Al-Dab'a Air Base", "QUSAYR AIR BASE"):
        assert THEATRE.place(name).id == "dabaa_airbase"
    assert THEATRE.place("Tel Qadesh").id == "tell_nabi_mando"


def test_an_unknown_name_tells_the_nearest() -> None:
    with pytest.raises(TheatreError, match="did you mean 'dabaa_airbase'"):
        THEATRE.place("dabaa_airbse")
    for lookup in (THEATRE.group, THEATRE.link, THEATRE.side):
        with pytest.raises(TheatreError, match="'nowhere'"):
            lookup("nowhere")


def test_a_city_stands_for_its_parts_and_a_group_for_its_members() -> None:
    toy = grid()
    assert [toy.places[i].id for i in toy.members("t")] == ["a1", "a2", "a3", "b1", "b2", "b3", "c1", "c2", "c3"]
    assert [toy.places[i].id for i in toy.members("north")] == ["a1", "a2", "a3"]
    assert toy.members("a1-a2") == ()


def test_sectors_of_the_city_are_rows_columns_and_corners_of_its_squares() -> None:
    assert THEATRE.group("qusayr_north").members == tuple(f"qusayr_a{c}" for c in range(1, 5))
    assert THEATRE.group("qusayr_east").members == tuple(f"qusayr_{r}4" for r in "abcd")
    assert set(THEATRE.group("qusayr_centre").members) == {"qusayr_b2", "qusayr_b3", "qusayr_c2", "qusayr_c3"}
    assert set(THEATRE.group("qusayr_southwest").members) == {"qusayr_d1", "qusayr_c1", "qusayr_d2"}


def test_the_graph_carries_coordinates_polygons_and_attributes() -> None:
    import networkx as nx

    graph = THEATRE.graph()
    node = graph.nodes["dabaa_airbase"]
    assert node["pos"] == (node["lon"], node["lat"]) == pytest.approx((36.573, 34.569), abs=0.01)
    assert node["polygon"].area > 0
    assert all(edge["length_km"] > 0 for _, _, edge in graph.edges(data=True))
    linked = [id for id in graph if graph.degree(id)]
    assert nx.is_connected(graph.subgraph(linked))
    assert {id for id in graph if not graph.degree(id)} == {p.id for p in THEATRE.places if p.within or p.id == "qusayr"}


def test_every_base_is_cited_and_both_sides_have_some() -> None:
    for side in THEATRE.sides:
        assert side.bases
        assert all(base.cites for base in side.bases)


def test_estimates_do_not_pass_for_sourced() -> None:
    for place in THEATRE.places:
        assert place.licence, place
        assert (place.basis == "estimated") or not place.source.startswith("estimated"), place


def test_a_link_can_be_taken_away() -> None:
    toy = line()
    assert len(toy.without("a-b").links) == len(toy.links) - 1
    assert len(toy.links) == 4
    with pytest.raises(TheatreError, match="unknown link"):
        toy.without("a-z")


def test_reprs_say_counts() -> None:
    assert repr(islands()) == "Theatre('toy': 4 places, 2 links, 0 groups, 2 sides)"
    assert repr(THEATRE.side("opposition")).startswith("Side('opposition'")


def test_the_place_in_question_is_the_one_named_else_the_first_with_parts() -> None:
    parts = [Place(f"{city}_{side}", side, 0.0, 0.0, parent=city) for city in ("here", "there") for side in ("east", "west")]
    cities = [Place(name, name, 0.0, 0.0) for name in ("here", "there", "hamlet")]
    theatre = Theatre("t", "T", (*cities, *parts), (), ())
    assert theatre.in_question == "here"
    assert [replace(theatre, city=name).in_question for name in ("there", "hamlet", "a group")] == ["there", "hamlet", "here"]
    assert replace(theatre, places=tuple(cities)).in_question is None


def test_the_city_of_a_scenario_may_be_named_by_any_of_its_names(tmp_path: Path) -> None:
    new(tmp_path / "mine")
    file = tmp_path / "mine" / "scenario.toml"
    file.write_text('city = "Low Mead"\n' + file.read_text(encoding="utf-8"), encoding="utf-8")
    theatre, _ = qsim.load(tmp_path / "mine")
    assert theatre.city == theatre.in_question == "lowmead"
    file.write_text(file.read_text(encoding="utf-8").replace("Low Mead", "Low Meed"), encoding="utf-8")
    assert [problem.column for problem in qsim.check(tmp_path / "mine")] == ["city"]


def test_a_part_is_called_by_its_coordinates_or_by_its_name_without_the_citys() -> None:
    city = Place("ville", "Ville", 0.0, 0.0)
    parts = [
        Place("ville_b2", "Ville, square B2", 0.0, 0.0, parent="ville"),
        Place("ville_east", "East of Ville", 0.1, 0.0, parent="ville"),
    ]
    theatre = Theatre("t", "T", (city, *parts, Place("docks", "Docks", 0.2, 0.0, parent="ville")), (), ())
    assert [theatre.part_name(part) for part in theatre.parts["ville"]] == ["b2", "East", "Docks"]
