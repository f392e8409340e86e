"""A city cut into parts: they tile what they should, and the scenario stays sound."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import qsim
from qsim.exchange.joining import join_claims
from qsim.record.sectors import add_parts, grid, read_outline, read_points, sectors

OUTLINE = shapely.box(0.08, 0.06, 0.12, 0.1)


@pytest.fixture
def valley(tmp_path: Path) -> Path:
    return qsim.new(tmp_path / "valley")


def test_a_grid_tiles_its_extent_from_the_north_west(valley: Path) -> None:
    theatre, _ = qsim.load(valley)
    parts = grid(theatre, "Mossford", 3, 2, (0.08, 0.06, 0.12, 0.1))
    assert [part.id for part in parts] == [f"mossford_{row}{column}" for row in "abc" for column in (1, 2)]
    assert shapely.union_all([part.polygon for part in parts]).equals(OUTLINE)
    assert (parts[0].lon, parts[0].lat) == pytest.approx((min(part.lon for part in parts), max(part.lat for part in parts)))


def test_without_an_extent_it_reaches_half_the_way_to_the_next_place_at_most(valley: Path) -> None:
    theatre, _ = qsim.load(valley)
    area = shapely.union_all([part.polygon for part in grid(theatre, "mossford", 4, 4)])
    assert area.contains(shapely.Point(0.1, 0.08))
    assert not any(area.intersects(shapely.Point(p.lon, p.lat)) for p in theatre.places if p.id != "mossford")


POINTS = st.lists(
    st.tuples(st.floats(0.081, 0.119), st.floats(0.061, 0.099)),
    min_size=2,
    max_size=8,
    unique_by=lambda at: (round(at[0], 3), round(at[1], 3)),
)


@given(POINTS)
def test_sectors_tile_the_outline_and_each_holds_its_point(points: list[tuple[float, float]]) -> None:
    theatre, _ = qsim.load("example")
    city = next(p for p in theatre.places if p.parent is None and not p.gateway and p.id not in theatre.parts)
    named = [(f"quarter {n}", lon, lat) for n, (lon, lat) in enumerate(points)]
    parts = sectors(theatre, city.id, named, OUTLINE)
    assert sum(part.polygon.area for part in parts if part.polygon) == pytest.approx(OUTLINE.area, rel=1e-3)
    assert all(
        part.polygon.buffer(1e-5).contains(shapely.Point(lon, lat))
        for part, (_, lon, lat) in zip(parts, named, strict=True)
        if part.polygon
    )
    assert len({part.id for part in parts}) == len(parts)
    made = replace(theatre, places=(*theatre.places, *parts))
    assert [made.place(name).id for name, _, _ in named] == [part.id for part in parts]
    assert {part.licence for part in parts} == {""}  # nobody asked for one


@pytest.mark.parametrize("suffix", ["csv", "geojson"])
def test_claims_go_on_to_speak_of_a_point_as_it_was_called(suffix: str, valley: Path, tmp_path: Path) -> None:
    """... by its name, its spellings and its id, whether places stand in a map file or a table; a name of another place stays that one's."""
    theatre, _ = qsim.load(valley)
    if suffix == "csv":
        rows = [f"{p.id},{p.name},{p.lon},{p.lat},{str(p.gateway).lower()}" for p in theatre.places]
        (valley / "places.csv").write_text("\n".join(["id,name,lon,lat,gateway", *rows]), encoding="utf-8")
        (valley / "places.geojson").unlink()
    table = 'id,name,lon,lat,variants\n,Mill,0.095,0.08,\nold_market,Market,0.105,0.08,Trg; Agora\n,Lowmead,0.1,0.09,\n,"Mossford, Quay",0.1,0.07,\n'
    (tmp_path / "quarters.csv").write_text(table, encoding="utf-8")
    add_parts(valley, "mossford", sectors(theatre, "mossford", read_points(tmp_path / "quarters.csv"), OUTLINE))
    said = "place,kind,side,start,source\n" + "".join(
        f"{name},holds,{theatre.sides[0].id},{theatre.start},reporter\n"
        for name in ("Mill", "old_market", "Market", "Agora", "Lowmead", "Quay")
    )
    (tmp_path / "more.csv").write_text(said, encoding="utf-8")
    with pytest.raises(qsim.ScenarioError, match=r"unknown place 'Quay'; did you mean 'Mossford, Quay'\?"):
        join_claims([tmp_path / "more.csv"], valley)
    (tmp_path / "more.csv").write_text(said.replace("Quay,", '"Mossford, Quay",'), encoding="utf-8")
    before = len(qsim.load(valley)[1])
    join_claims([tmp_path / "more.csv"], valley)
    told = [claim.place for claim in qsim.load(valley)[1].claims[before:]]
    assert told == ["mossford_mill", "old_market", "old_market", "old_market", "lowmead", "mossford_quay"]


def test_parts_are_added_to_the_files_and_links_go_to_the_nearest(valley: Path) -> None:
    theatre, _ = qsim.load(valley)
    add_parts(valley, "mossford", grid(theatre, "mossford", 2, 2))
    assert qsim.check(valley) == []
    made, _ = qsim.load(valley)
    assert made.parts == {"mossford": ("mossford_a1", "mossford_a2", "mossford_b1", "mossford_b2")}
    assert {frozenset((made.link(id).a, made.link(id).b)) for id in ("hill_track", "mill_road")} == {
        frozenset(("alder_hill", "mossford_a1")),
        frozenset(("mossford_b2", "lowmead")),
    }
    assert sum(link.kind == "adjacency" for link in made.links) == 4
    with pytest.raises(qsim.ScenarioError, match="Mossford has 4 parts already"):
        grid(made, "mossford", 2, 2)


def test_parts_are_written_as_the_files_are_spelt(valley: Path) -> None:
    """... under other headings, with semicolons, decimal commas, quotes and Windows line ends; rows that do not change keep their bytes."""
    theatre, _ = qsim.load(valley)
    rows = [f'"{p.name}";"{p.lon:.4f}";"{p.lat:.4f}";"{"ja" if p.gateway else ""}"'.replace(".", ",") for p in theatre.places]
    table = '"town";"x";"y";"gateway"\r\n' + "\r\n".join(rows).replace('"ja"', '"true"')
    (valley / "places.geojson").unlink()
    (valley / "places.csv").write_bytes(table.encode())
    links = b"id;from;to;km;Bemerkung\r\nmill_road;mossford;lowmead;;x\r\n;lowmead;east_gate;;  y\r\nhill;alder_hill;Mossford;;"
    (valley / "links.csv").write_bytes(links)
    add_parts(valley, "mossford", grid(qsim.load(valley)[0], "mossford", 2, 2))
    assert qsim.check(valley) == []
    assert (valley / "places.csv").read_bytes().startswith(table.replace('"gateway"', '"gateway";"id"').split("\r\n")[0].encode())
    assert b'"Mossford, square A1";"0,0' in (valley / "places.csv").read_bytes()
    after = (valley / "links.csv").read_bytes().split(b"\r\n")
    assert after[:4] == [
        b"id;from;to;km;Bemerkung",
        b"mill_road;mossford_b2;lowmead;;x",
        b";lowmead;east_gate;;  y",
        b"hill;alder_hill;mossford_a1;;",
    ]
    assert len(after) == 4 + 4 + 1


def test_parts_that_would_make_it_unsound_are_not_written(valley: Path) -> None:
    theatre, _ = qsim.load(valley)
    parts = grid(theatre, "mossford", 1, 2)
    before = {path.name: path.read_bytes() for path in valley.glob("*.*")}
    with pytest.raises(qsim.ScenarioError, match="overlap"):
        add_parts(valley, "mossford", [*parts, *(replace(part, id=f"{part.id}_again") for part in parts)])
    assert {path.name: path.read_bytes() for path in valley.glob("*.*")} == before


def test_points_and_outlines_come_from_files(valley: Path, tmp_path: Path) -> None:
    (tmp_path / "quarters.csv").write_text("name;lon;lat\nMill;0,095;0,08\nMarket;0,105;0,08\n", encoding="utf-8")
    feature = {"type": "Feature", "properties": {}, "geometry": json.loads(shapely.to_geojson(OUTLINE))}
    (tmp_path / "town.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    theatre, _ = qsim.load(valley)
    parts = sectors(theatre, "mossford", read_points(tmp_path / "quarters.csv"), read_outline(tmp_path / "town.geojson"))
    assert [part.id for part in parts] == ["mossford_mill", "mossford_market"]
    add_parts(valley, "mossford", parts)
    assert qsim.check(valley) == []


@pytest.mark.parametrize(
    ("points", "what"),
    [
        ([("a", 0.1, 0.08)], "1 named points; expected two or more"),
        ([("a", 0.1, 0.08), ("b", 0.1, 0.08)], "'a' and 'b' lie at one point"),
        ([("a", 0.1, 0.08), ("b", 0.3, 0.08)], "b outside the outline"),
    ],
)
def test_points_that_cannot_be_sectors_are_told(points: list[tuple[str, float, float]], what: str, valley: Path) -> None:
    with pytest.raises(qsim.ScenarioError, match=what):
        sectors(qsim.load(valley)[0], "mossford", points, OUTLINE)
