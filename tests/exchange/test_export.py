"""Every export is read back by a library of its format, with nothing lost: belief, days, status, citations, licences."""

import gc
import io
import json
import os
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import networkx as nx
import numpy as np
import pytest
import toys
from shapely.geometry import Point, box, shape

import qsim
from qsim.belief.timeline import Timeline
from qsim.exchange import arrays, tables
from qsim.exchange.arrays import histories_to_xarray, read_saved, save, to_xarray
from qsim.exchange.export import FORMATS, export, format_of
from qsim.exchange.extras import ExportError
from qsim.exchange.geojson import within_180
from qsim.exchange.graphs import day_graph, graphml
from qsim.exchange.spans import claims_by_place, licences, spans
from qsim.exchange.tables import COLUMNS, read_belief, spans_to_geodataframe, theatre_to_geodataframe, to_dataframe
from qsim.record.schema import columns
from qsim.record.theatre import Place, Theatre
from qsim.record.values import sealed


@pytest.fixture(scope="module")
def timeline() -> Timeline:
    return qsim.reconstruct(*qsim.load("example"), start="2091-03-01", end="2091-03-20")


def test_spans_tell_every_day_of_every_place_once(timeline: Timeline) -> None:
    told = list(spans(timeline))
    days = sum((each.end - each.start).days + 1 for each in told)
    assert days == len(timeline) * sum(not place.gateway for place in timeline.theatre.places)
    assert all(0 <= each.lowest <= each.probability <= 1 for each in told)
    assert all(claim.of_control for each in told for claim in each.claims)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_table_of_belief_is_read_back_as_it_was(timeline: Timeline, tmp_path: Path, suffix: str) -> None:
    path = export(timeline, tmp_path / f"belief{suffix}")
    assert path is not None
    back = read_belief(path, timeline.theatre, timeline.ledger)
    known = [not place.gateway for place in timeline.theatre.places]
    assert np.allclose(back.belief[:, known], timeline.belief[:, known], atol=1e-6)
    assert np.array_equal(back.status[:, known], timeline.status[:, known])
    assert np.array_equal(back.last_report[:, known], timeline.last_report[:, known], equal_nan=True)
    assert np.array_equal(back.days, timeline.days)


def test_a_saved_timeline_is_read_back_to_the_last_bit_and_is_no_pickle(timeline: Timeline, tmp_path: Path) -> None:
    save(timeline, tmp_path / "t.qsim")
    back = read_saved(tmp_path / "t.qsim", timeline.theatre, timeline.ledger)
    assert back.belief.tobytes() == timeline.belief.tobytes()
    assert np.array_equal(back.history, timeline.history)
    assert back.policy == timeline.policy
    save(back, tmp_path / "again.qsim")
    assert (tmp_path / "again.qsim").read_bytes() == (tmp_path / "t.qsim").read_bytes()
    assert timeline != back  # chains to draw from are not kept
    other, _ = qsim.load("qusayr")
    with pytest.raises(ExportError, match="places or sides differ"):
        read_saved(tmp_path / "t.qsim", other)
    (tmp_path / "x.qsim").write_bytes(b"no zip")
    with pytest.raises(ExportError, match="no saved timeline"):
        read_saved(tmp_path / "x.qsim", timeline.theatre)


def test_geojson_has_both_days_the_citations_and_the_licences(timeline: Timeline, tmp_path: Path) -> None:
    path = export(timeline, tmp_path / "map.geojson")
    assert path is not None
    made = json.loads(path.read_text())
    told = list(spans(timeline))
    assert len(made["features"]) == len(told)
    assert made["licence"]
    for feature, span in zip(made["features"], told, strict=True):
        assert (feature["properties"]["start"], feature["properties"]["end"]) == (str(span.start), str(span.end))
        assert feature["properties"]["citations"] == list(span.cites)
        assert feature["properties"]["start"] < feature["properties"]["end_exclusive"]
        assert feature["geometry"]["type"] in ("Point", "Polygon", "MultiPolygon")


def test_points_and_chosen_places(timeline: Timeline, tmp_path: Path) -> None:
    path = export(timeline, tmp_path / "map.geojson", places=["Tarnby"], geometry="points")
    assert path is not None
    made = json.loads(path.read_text())
    assert {feature["properties"]["place"] for feature in made["features"]} == {"tarnby"}
    assert {feature["geometry"]["type"] for feature in made["features"]} == {"Point"}


JSON_FG = {
    "required": ["conformsTo", "type", "features", "featureType"],
    "properties": {
        "conformsTo": {"contains": {"const": "http://www.opengis.net/spec/json-fg-1/1.0/conf/core"}},
        "type": {"const": "FeatureCollection"},
        "featureType": {"type": "string"},
        "features": {
            "minItems": 1,
            "items": {
                "required": ["type", "time", "place", "geometry", "properties"],
                "properties": {
                    "type": {"const": "Feature"},
                    "place": {"type": "null"},
                    "time": {
                        "required": ["interval"],
                        "properties": {
                            "interval": {
                                "type": "array",
                                "minItems": 2,
                                "maxItems": 2,
                                "items": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
                            }
                        },
                    },
                },
            },
        },
    },
}


def test_json_fg_has_what_the_standard_requires(timeline: Timeline, tmp_path: Path) -> None:
    """
    OGC 21-045r1: /req/core/metadata, `conformsTo` with the core; /req/core/schema-valid, the members that the schema of a feature
    requires; /req/core/interval, two full dates, both included; /req/core/place, WGS 84 shapes stand in `geometry` and not in `place`;
    /req/core/geometry-wgs84, degrees; /req/types-schemas/metadata and feature-type, the collection or each feature has a `featureType`.
    """
    jsonschema: Any = pytest.importorskip("jsonschema")
    path = export(timeline, tmp_path / "map.fg.json")
    assert path is not None
    made = json.loads(path.read_text())
    jsonschema.validate(made, JSON_FG)
    assert "http://www.opengis.net/spec/json-fg-1/1.0/conf/types-schemas" in made["conformsTo"]
    for feature, span in zip(made["features"], spans(timeline), strict=True):
        assert feature["time"]["interval"] == [str(span.start), str(span.end)]
        west, south, east, north = shape(feature["geometry"]).bounds
        assert -180 <= west <= east <= 180
        assert -90 <= south <= north <= 90


ADDRESS = {"type": "string", "pattern": r"^(https?://[\w.-]+\.[a-z]{2,63}(/.*)?|\w+:[^\s]+)$"}
WHEN = {
    "required": ["timespans"],
    "properties": {
        "timespans": {
            "items": {
                "additionalProperties": False,
                "required": ["start"],
                "properties": {
                    end: {"required": ["in"], "properties": {"in": {"pattern": r"^\d{4}-\d{2}-\d{2}$"}}} for end in ("start", "end")
                },
            }
        }
    },
}
CERTAINTY = {"enum": ["certain", "less-certain", "uncertain"]}
LINKED_PLACES = {
    "required": ["type", "@context", "features"],
    "properties": {
        "features": {
            "items": {
                "required": ["@id", "type", "properties", "names", "geometry"],
                "properties": {
                    "@id": ADDRESS,
                    "properties": {
                        "required": ["title", "fclasses"],
                        "properties": {"fclasses": {"minItems": 1, "items": {"enum": ["A", "H", "L", "P", "R", "S", "T"]}}},
                    },
                    "names": {"minItems": 1, "items": {"required": ["toponym"]}, "contains": {"required": ["citations"]}},
                    "types": {"items": {"required": ["label"], "properties": {"identifier": ADDRESS}}},
                    "when": WHEN,
                    "geometry": {
                        "required": ["geometries"],
                        "properties": {"geometries": {"minItems": 1, "items": {"properties": {"certainty": CERTAINTY}}}},
                    },
                    "links": {"items": {"properties": {"type": {"enum": ["exactMatch"]}, "identifier": ADDRESS}}},
                    "relations": {
                        "items": {
                            "required": ["relationType", "relationTo"],
                            "properties": {"relationType": ADDRESS, "relationTo": ADDRESS, "when": WHEN, "certainty": CERTAINTY},
                        }
                    },
                },
            }
        }
    },
}


@pytest.mark.parametrize("name", ["example", "kobani"])
def test_linked_places_are_as_their_format_asks(name: str, tmp_path: Path) -> None:
    """
    Linked Places v1.3 (24 June 2024), Feature elements: @context, @id, properties with title and `fclasses` (one of seven of GeoNames'),
    names of which one has a citation, geometry as a collection; `when` has timespans with a start; certainty is one of three words.
    """
    jsonschema: Any = pytest.importorskip("jsonschema")
    timeline = qsim.reconstruct(*qsim.load(name), policy="last_claim")
    path = export(timeline, tmp_path / "map.lpf.json")
    assert path is not None
    made = json.loads(path.read_text())
    jsonschema.validate(made, LINKED_PLACES)
    assert len(made["features"]) == sum(not place.gateway for place in timeline.theatre.places)
    dated = [relation for feature in made["features"] for relation in feature["relations"] if "when" in relation]
    assert len(dated) == len(list(spans(timeline)))
    assert all(relation["certainty"] for relation in dated)


def test_kml_is_well_formed_and_has_a_timespan_a_span(timeline: Timeline, tmp_path: Path) -> None:
    path = export(timeline, tmp_path / "map.kml")
    assert path is not None
    root = ElementTree.fromstring(path.read_text())
    space = "{http://www.opengis.net/kml/2.2}"
    marks = root.findall(f".//{space}Placemark")
    assert len(marks) == len(list(spans(timeline)))
    for mark in marks:
        begin, end = (mark.findtext(f"{space}TimeSpan/{space}{name}") or "" for name in ("begin", "end"))
        assert "" < begin <= end
        assert mark.findtext(f"{space}styleUrl", "").lstrip("#") in {style.get("id") for style in root.findall(f".//{space}Style")}


def test_geopandas_reads_what_is_written(timeline: Timeline, tmp_path: Path) -> None:
    geopandas: Any = pytest.importorskip("geopandas")
    path = export(timeline, tmp_path / "map.geoparquet")
    back = geopandas.read_parquet(path)
    assert list(back["start"]) == [str(span.start) for span in spans(timeline)]
    assert len(geopandas.read_file(export(timeline, tmp_path / "map.kml"))) == len(back)  # one layer, not one a place
    assert len(back) == len(spans_to_geodataframe(timeline)) == len(list(spans(timeline)))
    assert back.crs.to_epsg() == 4326
    places = theatre_to_geodataframe(timeline.theatre)
    assert list(places["id"]) == list(timeline.theatre.index)


@pytest.mark.parametrize("suffix", [".nc", ".zarr"])
def test_xarray_reads_what_is_written(timeline: Timeline, tmp_path: Path, suffix: str) -> None:
    xarray: Any = pytest.importorskip("xarray")
    path = export(timeline, tmp_path / f"belief{suffix}")
    with xarray.open_dataset(path, engine="zarr" if suffix == ".zarr" else "h5netcdf") as back:
        assert back["belief"].dims == ("day", "place", "status")
        assert np.allclose(back["belief"].values, timeline.belief, atol=1e-6)
        assert list(back["place"].values) == list(timeline.theatre.index)
        assert np.array_equal(back["day"].values.astype("datetime64[D]"), timeline.days)
        assert np.array_equal(back["most_likely"].values, timeline.status)
        for side in timeline.theatre.sides:
            assert back.attrs[f"side_{side.id}"] == side.name
        assert "CC0" in back.attrs["license"]
        assert qsim.__version__ in back.attrs["source"]
    again = export(timeline, path)  # type: ignore[arg-type]
    assert again == path


def test_arrays_are_chunked_by_place_and_zarr_is_written_block_by_block(
    timeline: Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zarr, xarray = (pytest.importorskip(name) for name in ("zarr", "xarray"))
    monkeypatch.setattr(arrays, "_PLACES", 5)
    path = export(timeline, tmp_path / "belief.zarr")
    assert zarr.open_group(path, mode="r")["belief"].chunks == (len(timeline), 5, len(timeline.statuses))
    with xarray.open_dataset(path, engine="zarr") as back, xarray.open_dataset(export(timeline, tmp_path / "belief.nc")) as other:
        assert back.identical(other)
        assert other["belief"].encoding["chunksizes"] == (len(timeline), 5, len(timeline.statuses))
        assert other.identical(timeline.to_xarray())


def test_histories_are_an_array_of_runs(timeline: Timeline) -> None:
    pytest.importorskip("xarray")
    made = histories_to_xarray(timeline.sample(5, seed=1))
    assert made["status"].dims == ("run", "day", "place")
    assert to_xarray(timeline).attrs["policy"] == timeline.policy


def test_graphs_are_read_back_equal(timeline: Timeline, tmp_path: Path) -> None:
    day = str(timeline.days[3])
    graph = day_graph(timeline.at(day), licences(timeline))
    assert export(timeline, tmp_path / "g.graphml", day=day)
    back = nx.read_graphml(tmp_path / "g.graphml")
    assert {id: back.nodes[id] for id in back} == {id: graph.nodes[id] for id in graph}
    assert {frozenset((a, b)): kept for a, b, kept in back.edges(data=True)} == {
        frozenset((a, b)): kept for a, b, kept in graph.edges(data=True)
    }
    path = export(timeline, tmp_path / "g.graph.json", day=day)
    assert path is not None
    theirs = io.BytesIO()
    nx.write_graphml(graph, theirs)
    theirs.seek(0)
    assert nx.utils.graphs_equal(nx.read_graphml(theirs), back)
    linked = nx.node_link_graph(json.loads(path.read_text()), edges="links")
    assert nx.utils.graphs_equal(linked, graph)


def test_graphml_holds_texts_of_any_kind() -> None:
    odd: Any = nx.Graph(name='a "name" & <more>')
    odd.add_node("a&b", note="two\r\nlines  ", seen=True, count=3, share=0.1)
    odd.add_node("c", note="1", seen=False, count=-1, share="none")
    odd.add_edge("a&b", "c", **{"a <b>": 1e-300})
    back = nx.parse_graphml("\n".join(graphml(odd)))
    assert (back.nodes(data=True), list(back.edges(data=True))) == (odd.nodes(data=True), list(odd.edges(data=True)))
    assert back.graph["name"] == odd.graph["name"]


def test_names_by_language_are_attributes_of_their_own(timeline: Timeline) -> None:
    first, *rest = timeline.theatre.places
    named = replace(timeline.theatre, places=(replace(first, local_names={"ku": "Bajar"}), *rest))
    node = day_graph(replace(timeline, theatre=named).at(timeline.end)).nodes[first.id]
    assert node["name_ku"] == "Bajar"
    assert "local_names" not in node


def test_a_data_package_is_valid(timeline: Timeline, tmp_path: Path) -> None:
    frictionless: Any = pytest.importorskip("frictionless")
    folder = export(timeline, tmp_path / "case.datapackage")
    assert folder is not None
    package = json.loads((folder / "datapackage.json").read_text())
    described = {
        field["name"]: field.get("description")
        for each in package["resources"]
        if each["name"] == "claims"
        for field in each["schema"]["fields"]
    }
    assert {name: described[name] for name in ("kind", "cites")} == {
        c.name: c.description for c in columns("claims") if c.name in ("kind", "cites")
    }
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert report.valid, report.to_summary()
    assert {resource["name"] for resource in json.loads((folder / "datapackage.json").read_text())["resources"]} == {
        "places", "links", "sources", "claims", "belief",
    }  # fmt: skip


def test_prov_reads_the_provenance(timeline: Timeline, tmp_path: Path) -> None:
    model: Any = pytest.importorskip("prov.model")
    path = export(timeline, tmp_path / "case.prov.json")
    assert path is not None
    document = model.ProvDocument.deserialize(content=path.read_text(), format="json")
    assert timeline.ledger is not None
    assert len(list(document.get_records(model.ProvEntity))) == len(timeline.ledger) + 1
    assert len(list(document.get_records(model.ProvUsage))) == len(timeline.ledger)


def test_data_frames(timeline: Timeline) -> None:
    pytest.importorskip("pandas")
    long = timeline.to_dataframe()
    assert tuple(long.columns) == COLUMNS == ("day", "place", "name", "status", "probability", "most_likely", "last_report", "claims")
    assert np.allclose(long.groupby(["day", "place"])["probability"].sum(), 1)
    wide = to_dataframe(timeline, wide=True)
    i = timeline.theatre.index["tarnby_mill"]
    assert np.allclose(wide["tarnby_mill"].to_numpy(), timeline.belief[:, i])


def test_a_ledger_goes_through_a_data_frame_and_back(timeline: Timeline) -> None:
    ledger = timeline.ledger
    assert ledger is not None
    frame = ledger.to_dataframe()
    assert len(frame) == len(ledger)
    assert list(ledger.from_dataframe(frame)) == list(ledger)
    frame.loc[0, "kind"] = "holdz"
    with pytest.raises(qsim.LedgerError, match="did you mean 'holds'"):
        ledger.from_dataframe(frame)


def test_the_objects_hand_themselves_on(timeline: Timeline, tmp_path: Path) -> None:
    assert len(timeline.to_dataframe(places=["tarnby_mill"])) == len(timeline) * len(timeline.statuses)
    assert timeline.to_xarray().sizes["place"] == timeline.sample(2, seed=1).to_xarray().sizes["place"] == len(timeline.theatre.places)
    assert len(timeline.theatre.to_geodataframe(points=True)) == len(timeline.theatre.places)
    back = Timeline.load(timeline.save(tmp_path / "t.qsim"), timeline.theatre, timeline.ledger)
    assert np.array_equal(back.belief, timeline.belief)


def test_every_format_has_a_suffix_of_its_own_and_wrong_ones_are_told() -> None:
    for name, (suffix, _) in FORMATS.items():
        assert format_of(f"x{suffix}", None) == name
    with pytest.raises(ExportError, match="did you mean 'geojson'"):
        format_of("x", "geojsn")
    with pytest.raises(ExportError, match="names no format"):
        format_of("x.docx", None)


def test_options_without_effect_are_refused(timeline: Timeline, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="a day is for graphs"):
        export(timeline, tmp_path / "x.csv", day="2091-03-10")
    with pytest.raises(ExportError, match="geometry is for maps"):
        export(timeline, tmp_path / "x.csv", geometry="points")
    with pytest.raises(qsim.TheatreError, match="did you mean"):
        export(timeline, tmp_path / "x.csv", places=["tarnbi"])
    assert not list(tmp_path.iterdir())


def test_a_block_of_days_is_what_the_whole_is(timeline: Timeline, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pandas")
    whole = timeline.to_dataframe()
    monkeypatch.setattr(tables, "ROWS", 3 * 16 * len(timeline.statuses))
    pieces = list(tables.blocks(timeline))
    assert len(pieces) == 7
    assert timeline.to_dataframe().equals(whole)
    assert np.array_equal(np.concatenate([piece["last_report"] for piece in pieces]), whole["last_report"], equal_nan=True)
    first = next(iter(timeline.theatre.places)).id
    said = [sum(day in claim.window for claim in claims_by_place(timeline)[0]) for day in timeline.days.astype(object)]
    assert list(whole[(whole["place"] == first) & (whole["status"] == "contested")]["claims"]) == said


def flat(days: int) -> Timeline:
    """Return a timeline of sixty places and so many days, with a claim a place."""
    places = tuple(Place(f"p{i}", f"Place {i}", i / 100, 0.5) for i in range(60))
    theatre = Theatre("flat", "Flat", places, (), toys.line().sides)
    said = [toys.claim(f"p{i}", "holds", "red", f"2001-01-{1 + i % 28:02d}") for i in range(60)]
    belief = sealed(np.full((days, 60, 3), 1 / 3))
    history = sealed(np.zeros((days, 60), dtype=np.int8))
    return Timeline(
        theatre,
        toys.ledger(*said),
        np.datetime64("2001-01-01") + np.arange(days).astype("timedelta64[D]"),
        belief,
        history,
        None,
        policy="flat",
    )


def most_held(write: Callable[[], object]) -> int:
    """Return the most bytes that are held at once while something is written, what is made once being there.

    The less of two times: threads that write beside each other, and what waits to be collected, only add to it.
    """
    write()
    most = []
    for _ in range(2):
        gc.collect()
        tracemalloc.start()
        write()
        most.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    return min(most)


def test_memory_does_not_grow_with_the_days(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a table of four times as many days no more is held at once: last reports, statuses and counts of claims too are made by blocks."""
    monkeypatch.setattr(tables, "ROWS", 900)
    monkeypatch.setattr(tables, "_TOGETHER", 300)

    def csv_of(days: int) -> int:
        timeline = flat(days)
        with open(os.devnull, "w", encoding="utf-8") as nowhere:
            return most_held(lambda: tables.write_csv(timeline, nowhere))

    assert csv_of(160) < 1.3 * csv_of(40)


@pytest.mark.parametrize("suffix", [".zarr", ".nc", ".qsim"])
def test_memory_of_arrays_does_not_grow_with_the_days(suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chunk of more days is one of fewer places: belief alone, held whole, would be 2.3 MB of 1600 days, and 5.8 MB of 4000."""
    pytest.importorskip("xarray")
    monkeypatch.setattr(arrays, "_NUMBERS", 24_000)
    few, many = flat(1600), flat(4000)

    def held(timeline: Timeline) -> int:
        return most_held(lambda: export(timeline, tmp_path / f"x{suffix}"))

    assert held(many) - held(few) < (many.belief.nbytes - few.belief.nbytes) / 6


def test_licences_travel_in_every_format_that_has_a_place_for_them(tmp_path: Path) -> None:
    """A table of CSV has none: its package has."""
    for extra in ("geopandas", "xarray", "openpyxl"):
        pytest.importorskip(extra)
    theatre, ledger = qsim.load("example")
    theatre = replace(theatre, licence="CC BY 4.0", attribution="The archive of the valley")
    timeline = qsim.reconstruct(theatre, ledger, policy="last_claim")
    for name, (suffix, _) in FORMATS.items():
        made = export(timeline, tmp_path / f"x{suffix}")
        assert made is not None
        files = [made] if made.is_file() else [each for each in made.rglob("*") if each.is_file()]
        data = b"".join(each.read_bytes() for each in files)
        if name in ("xlsx", "timeline"):
            with zipfile.ZipFile(made) as packed:
                data = b"".join(packed.read(each) for each in packed.namelist())
        assert (b"CC BY 4.0" in data and b"The archive of the valley" in data) or name == "csv", name


def test_a_map_that_crosses_the_180th_meridian_is_cut_there() -> None:
    """RFC 7946, 3.1.9: no longitude beyond 180, a shape on both sides is two."""
    made = within_180(box(177, -20, 183, -16))
    assert {part.bounds for part in made.geoms} == {(177, -20, 180, -16), (-180, -20, -177, -16)}
    assert within_180(Point(182, 5)).equals(Point(-178, 5))
    assert within_180(box(0, 0, 1, 1)).equals(box(0, 0, 1, 1))


def test_a_missing_library_is_told_with_the_extra_that_brings_it(
    timeline: Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, suffix, extra in (
        ("pyarrow", ".parquet", "tables"), ("geopandas", ".geoparquet", "geo"), ("xarray", ".nc", "arrays"), ("openpyxl", ".xlsx", "xlsx"),
    ):  # fmt: skip
        with monkeypatch.context() as without:
            without.setitem(sys.modules, module, None)
            with pytest.raises(ExportError, match=rf"needs {module}: pip install {module} \(it is of the extra '{extra}'\)"):
                export(timeline, tmp_path / f"x{suffix}")
    assert not list(tmp_path.iterdir())
