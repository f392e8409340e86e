"""Every export is read back by a library of its format, with nothing lost: belief, days, status, citations, licences."""

import csv
import json
import os
import threading
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import networkx as nx
import numpy as np
import pytest

import qsim
from qsim.belief.timeline import Timeline
from qsim.exchange.arrays import histories_to_xarray, read_saved, save, to_xarray
from qsim.exchange.export import FORMATS, export, format_of
from qsim.exchange.extras import ExportError
from qsim.exchange.graphs import day_graph
from qsim.exchange.spans import spans
from qsim.exchange.tables import read_belief, spans_to_geodataframe, theatre_to_geodataframe, to_dataframe


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


def test_json_fg_has_closed_intervals_and_the_members_that_the_standard_requires(timeline: Timeline, tmp_path: Path) -> None:
    """OGC 21-045r1, 7.2: `conformsTo`, and of each feature `time`, `place`, `geometry`, `featureType`; 7.5.2: an interval is two dates."""
    path = export(timeline, tmp_path / "map.fg.json")
    assert path is not None
    made = json.loads(path.read_text())
    assert any("json-fg" in each for each in made["conformsTo"])
    for feature in made["features"]:
        assert {"time", "place", "geometry", "featureType", "properties"} <= set(feature)
        start, end = feature["time"]["interval"]
        assert start <= end


def test_linked_places_have_dated_relations_with_certainty(timeline: Timeline, tmp_path: Path) -> None:
    """Linked Places, README: @id, properties.title, names with toponym, types, geometry, relations with relationType and relationTo."""
    path = export(timeline, tmp_path / "map.lpf.json")
    assert path is not None
    made = json.loads(path.read_text())
    assert made["@context"].endswith(".jsonld")
    assert len(made["features"]) == sum(not place.gateway for place in timeline.theatre.places)
    for feature in made["features"]:
        assert feature["@id"]
        assert feature["properties"]["title"]
        assert all(name["toponym"] for name in feature["names"])
        assert feature["geometry"]["type"] == "GeometryCollection"
        for relation in feature["relations"]:
            assert relation["certainty"] in ("certain", "less-certain", "uncertain")
            assert relation["relationType"]
            assert relation["relationTo"]
            assert set(relation["when"]["timespans"][0]) == {"start", "end"}


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
    again = export(timeline, path)  # type: ignore[arg-type]
    assert again == path


def test_histories_are_an_array_of_runs(timeline: Timeline) -> None:
    pytest.importorskip("xarray")
    made = histories_to_xarray(timeline.sample(5, seed=1))
    assert made["status"].dims == ("run", "day", "place")
    assert to_xarray(timeline).attrs["policy"] == timeline.policy


def test_graphs_are_read_back_equal(timeline: Timeline, tmp_path: Path) -> None:
    day = str(timeline.days[3])
    graph = day_graph(timeline.at(day))
    assert export(timeline, tmp_path / "g.graphml", day=day)
    back = nx.read_graphml(tmp_path / "g.graphml")
    assert {id: back.nodes[id] for id in back} == {id: graph.nodes[id] for id in graph}
    assert {frozenset(edge) for edge in back.edges} == {frozenset(edge) for edge in graph.edges}
    path = export(timeline, tmp_path / "g.graph.json", day=day)
    assert path is not None
    linked = nx.node_link_graph(json.loads(path.read_text()), edges="links")
    assert nx.utils.graphs_equal(linked, graph)


def test_a_data_package_is_valid(timeline: Timeline, tmp_path: Path) -> None:
    frictionless: Any = pytest.importorskip("frictionless")
    folder = export(timeline, tmp_path / "case.datapackage")
    assert folder is not None
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert report.valid, report.to_summary()
    assert {resource["name"] for resource in json.loads((folder / "datapackage.json").read_text())["resources"]} == {
        "places", "links", "sources", "claims", "belief",
    }  # fmt: skip


def test_prov_reads_the_provenance(timeline: Timeline, tmp_path: Path) -> None:
    model: Any = pytest.importorskip("prov.model")
    path = export(timeline, tmp_path / "case.prov.json", version="1.2.3")
    assert path is not None
    document = model.ProvDocument.deserialize(content=path.read_text(), format="json")
    assert timeline.ledger is not None
    assert len(list(document.get_records(model.ProvEntity))) == len(timeline.ledger) + 1
    assert len(list(document.get_records(model.ProvUsage))) == len(timeline.ledger)


def test_data_frames(timeline: Timeline) -> None:
    pytest.importorskip("pandas")
    long = to_dataframe(timeline)
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


def test_a_pipe_is_written_into(timeline: Timeline, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("no named pipes on this system")
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    export(timeline, pipe, format="csv", places=["tarnby_mill"])
    reader.join()
    assert export(timeline, "-", format="csv", places=["tarnby_mill"]) is None
    assert capsys.readouterr().out == read[0]
    assert len(list(csv.reader(read[0].splitlines()))) == len(timeline) * len(timeline.statuses) + 1
    assert pipe.is_fifo()
