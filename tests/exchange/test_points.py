"""Points to ask maps about, and areas, however a user has them."""

import json
from pathlib import Path

import pytest
import shapely

import qsim
from qsim.exchange.files import ImportProblem
from qsim.exchange.imported import options
from qsim.exchange.points import areas, grid, read_places

BOX = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}


def test_a_list_may_be_a_scenario_a_map_a_dump_or_a_table(tmp_path: Path) -> None:
    theatre, _ = qsim.load("example")
    scenario = Path(qsim.record.scenario.locate("example"))
    assert {place["id"] for place in read_places(scenario)} == {place.id for place in theatre.places}
    dump = tmp_path / "XX.txt"
    cells = ["700001", "Bucha", "Bucha", "Butscha,Буча", "0.1", "0.2", "P", "PPL", "XX", *[""] * 5, "900", *[""] * 4]
    dump.write_text("\t".join(cells) + "\n" + "\t".join([*cells[:6], "H", "STM", *cells[8:]]) + "\n", encoding="utf-8")
    assert read_places(dump) == [{"id": "g700001", "name": "Bucha", "lon": 0.2, "lat": 0.1, "variants": ["Butscha", "Буча"]}]
    table = tmp_path / "places.csv"
    table.write_text("Name;Longitude;Latitude\nAlton;0,5;0,25\nNowhere;;\n", encoding="utf-8")
    assert read_places(table) == [{"id": "alton", "name": "Alton", "lon": 0.5, "lat": 0.25, "variants": []}]
    table.write_text("town,about\nAlton,nothing\n", encoding="utf-8")
    with pytest.raises(ImportProblem, match="no columns for name, longitude and latitude"):
        read_places(table)


def test_an_area_is_a_box_or_the_polygons_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "area.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [{"type": "Feature", "properties": None, "geometry": BOX}]}))
    for area in ("0,0,1,1", str(path)):
        asked = options(area=area)
        assert not asked.outside(0.5, 0.5)
        assert asked.outside(1.5, 0.5)
    path.write_text(json.dumps({"type": "Point", "coordinates": [0, 0]}))
    with pytest.raises(ImportProblem, match="no polygon"):
        options(area=str(path))


@pytest.mark.parametrize(
    ("geometry", "km2", "said"),
    [
        (BOX, 1.0, ""),
        ({"type": "GeometryCollection", "geometries": [BOX, {"type": "Point", "coordinates": [5, 5]}]}, 1.0, "collection"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}, 0.5, "cross themselves"),
        ({"type": "LineString", "coordinates": [[0, 0], [1, 1]]}, None, "no area, but a LineString"),
        ({"type": "LineString", "coordinates": []}, None, "an empty geometry"),
        ({"type": "Polygon"}, None, "not a geometry"),
        (None, None, "not a geometry"),
    ],
)
def test_what_of_a_geometry_is_area(geometry: object, km2: float | None, said: str) -> None:
    found, what = areas(geometry)
    assert (found.area if found is not None else None) == (pytest.approx(km2) if km2 else None)
    assert said in what


def test_a_grid_is_square_on_the_ground_and_keeps_within_its_area() -> None:
    area = shapely.Polygon([(30, 60), (31, 60), (31, 61)])
    points = grid(area, 4)
    assert all(shapely.contains_xy(area, point["lon"], point["lat"]) for point in points)
    assert len(points) == pytest.approx(area.area * 111.195**2 * 0.492 / 16, rel=0.08)
    rows: dict[str, list[float]] = {}
    for point in points:
        rows.setdefault(point["id"].split("_")[1], []).append(point["lon"])
    widest = max(rows.values(), key=len)
    assert widest[1] - widest[0] == pytest.approx(4 / 111.195 / 0.492, rel=0.02)  # the cosine of 60.5 degrees
    with pytest.raises(ImportProblem, match="more than 0"):
        grid(area, 0)
