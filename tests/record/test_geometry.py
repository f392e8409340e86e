import networkx as nx
import numpy as np
import pytest
import shapely

import qsim
from qsim.record import geometry
from qsim.record.theatre import Place

THEATRE, _ = qsim.load("qusayr")
CELLS = {place.id: place.polygon for place in THEATRE.places if place.polygon is not None}
LAKE = next(feature.geometry for feature in THEATRE.backdrop if feature.kind == "lake")


def test_cells_tile_the_frame_less_the_lake() -> None:
    land = geometry.frame_box(THEATRE.frame).difference(LAKE)
    total = sum(geometry.area_km2(cell, THEATRE.frame) for cell in CELLS.values())
    assert total == pytest.approx(geometry.area_km2(land, THEATRE.frame), rel=1e-6)
    assert geometry.area_km2(shapely.union_all(list(CELLS.values())), THEATRE.frame) == pytest.approx(total, rel=1e-6)


def test_squares_tile_the_extent_of_the_city() -> None:
    squares = [CELLS[part] for part in THEATRE.parts["qusayr"]]
    assert len(squares) == 16
    extent = shapely.box(36.56, 34.496, 36.598, 34.526)
    assert shapely.union_all(squares).symmetric_difference(extent).area < 1e-12
    assert THEATRE.area_km2[THEATRE.index["qusayr"]] == pytest.approx(geometry.area_km2(extent, THEATRE.frame))


def test_cells_are_the_tiles_cut_by_the_frame_corner_by_corner() -> None:
    frame, random = (30.0, 46.0, 38.0, 52.0), np.random.default_rng(3)
    points = random.uniform((30.1, 46.1), (37.9, 51.9), (60, 2))
    found = geometry.cells([Place(f"p{n}", "", lon, lat) for n, (lon, lat) in enumerate(points.tolist())], frame)
    box = geometry.frame_box(frame)
    inner = [cell for cell in found.values() if box.contains_properly(cell)]
    assert 0 < len(inner) < len(found)
    assert all(cell.is_valid for cell in found.values())
    assert all(shapely.intersection(cell, box).equals(cell) for cell in found.values())
    tiles = np.array(
        [shapely.Polygon([(1, 1), (2, 3), (3, 1)]), shapely.box(-1, 0, 1, 4), shapely.box(1, 1, 2, 2, ccw=False)], dtype=object
    )
    cut = geometry._within(tiles, shapely.box(0, 0, 5, 5))
    assert shapely.get_coordinates(cut).tolist() == shapely.get_coordinates(shapely.intersection(tiles, shapely.box(0, 0, 5, 5))).tolist()


def test_every_point_lies_in_its_own_cell() -> None:
    for place in THEATRE.places:
        if place.polygon is not None:
            assert place.polygon.distance(shapely.Point(place.lon, place.lat)) < 0.02, place


def test_the_projection_keeps_areas_of_the_sphere_and_comes_back() -> None:
    west, south, east, north = frame = (36.0, 34.0, 37.0, 35.0)
    zone = geometry.EARTH_RADIUS_KM**2 * np.radians(east - west) * (np.sin(np.radians(north)) - np.sin(np.radians(south)))
    assert geometry.area_km2(shapely.box(*frame), frame) == pytest.approx(zone, rel=1e-12)
    points = np.array([[36.2, 34.1], [36.9, 34.9]])
    assert geometry.unproject(geometry.project(points, frame), frame) == pytest.approx(points)


def test_distance_is_that_of_the_sphere() -> None:
    assert geometry.distance_km((0.0, 0.0), (0.0, 90.0)) == pytest.approx(np.pi / 2 * geometry.EARTH_RADIUS_KM)
    city, base = THEATRE.place("qusayr"), THEATRE.place("dabaa_airbase")
    assert geometry.distance_km((city.lon, city.lat), (base.lon, base.lat)) == pytest.approx(6.3, abs=0.1)


def test_neighbouring_cells_share_a_border_and_others_none() -> None:
    borders = geometry.shared_borders(CELLS)
    assert ("qusayr_a1", "qusayr_a2") in borders
    assert borders["qusayr_a1", "qusayr_a2"].length == pytest.approx(0.0075, rel=0.01)
    assert ("qusayr_a1", "qusayr_d4") not in borders


def test_borders_are_found_whether_corners_meet_or_not() -> None:
    left, above, below = shapely.box(0, 0, 1, 2), shapely.box(1, 1, 2, 2), shapely.box(1, 0, 2, 1)
    hole = shapely.Polygon(shapely.box(3, 0, 6, 3).exterior, [shapely.box(4, 1, 5, 2).exterior.coords])
    island = shapely.MultiPolygon([shapely.box(4, 1, 5, 2), shapely.box(9, 9, 10, 10)])
    borders = geometry.shared_borders({"left": left, "above": above, "below": below, "hole": hole, "island": island})
    lengths = {pair: round(line.length, 9) for pair, line in borders.items()}
    assert lengths == {("left", "above"): 1, ("left", "below"): 1, ("above", "below"): 1, ("hole", "island"): 4}


def test_suggested_links_are_the_gabriel_graph() -> None:
    places = [Place("a", "a", 0, 0), Place("b", "b", 0.1, 0.001), Place("c", "c", 0.2, 0), Place("d", "d", 0.1, 0.2)]
    pairs = geometry.suggest_links(places, (-0.1, -0.1, 0.3, 0.3))
    assert {frozenset(pair) for pair in pairs} == {frozenset("ab"), frozenset("bc"), frozenset("bd")}
    wall = shapely.LineString([(0.05, -1), (0.05, 1)])
    assert ("a", "b") not in geometry.suggest_links(places, (-0.1, -0.1, 0.3, 0.3), [wall])


def test_suggested_links_hang_together() -> None:
    places = [p for p in THEATRE.places if p.id in CELLS and p.parent is None]
    assert nx.is_connected(nx.Graph(geometry.suggest_links(places, THEATRE.frame)))


def test_no_link_of_the_map_crosses_the_lake() -> None:
    at = {place.id: (place.lon, place.lat) for place in THEATRE.places}
    for link in THEATRE.links:
        if not (THEATRE.place(link.a).gateway or THEATRE.place(link.b).gateway):
            assert not shapely.LineString([at[link.a], at[link.b]]).crosses(LAKE), link


def test_two_places_of_one_point_halve_a_cell_whatever_stands_around_them() -> None:
    points = {"a": (0.1, 0.1), "b": (0.3, 0.1), "twin": (0.2, 0.2), "c": (0.1, 0.3), "d": (0.3, 0.3), "other_twin": (0.2, 0.2)}
    frame = (0.05, 0.05, 0.35, 0.35)
    cells = geometry.cells([Place(id, id, *point) for id, point in points.items()], frame)
    areas = {id: geometry.area_km2(cell, frame) for id, cell in cells.items()}
    assert all(cell.is_valid for cell in cells.values())
    assert areas["twin"] == pytest.approx(areas["other_twin"], rel=1e-3)
    assert sum(areas.values()) == pytest.approx(geometry.area_km2(geometry.frame_box(frame), frame))
