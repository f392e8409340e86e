"""A whole country of a thousand places, made up, shown: its page, a picture of a day, whether its pocket is cut off, and what is exported of it."""

import json
import zlib
from base64 import b64decode
from pathlib import Path

import countries
import numpy as np
import pytest
import shapely
from matplotlib.image import imread

import qsim
from qsim import page
from qsim.belief.events import events
from qsim.belief.timeline import Timeline
from qsim.draw.labels import MOST_DOTS
from qsim.draw.multiples import Telling
from qsim.draw.style import LIGHT
from qsim.exchange.export import export

pandas = pytest.importorskip("pandas")
pytest.importorskip("pyarrow")
PLACES, DAYS, CLAIMS = 1000, 120, 12_000


@pytest.fixture(scope="module")
def timeline(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    folder = tmp_path_factory.mktemp("country")
    made = countries.write(countries.country(PLACES, DAYS, CLAIMS, seed=3), folder / "made", parquet=True)
    return qsim.reconstruct(*qsim.load(made), store=folder / "belief")


def test_its_page_holds_every_place_and_claim(timeline: Timeline) -> None:
    text = page.document(timeline)
    block = zlib.decompress(b64decode(text.partition('id="data">')[2].partition("</script>")[0]), -15)
    head = json.loads(block[4 : 4 + int.from_bytes(block[:4], "little")])
    assert [place["id"] for place in head["map"]["places"]] == list(timeline.theatre.index)
    assert head["claims"]["count"] == CLAIMS
    fields = {name for column in head["claims"]["columns"] for name in column["fields"]}
    assert {"about", "on", "kind", "source", "when", "reported", "says"} <= fields
    assert sum(head["tellings"][0]["reports"]) == CLAIMS
    assert head["tellings"][0]["events"]


def test_what_changed_on_a_day_is_what_changed_of_all_days(timeline: Timeline) -> None:
    everything = events(timeline)
    for moment in timeline.days[::7].astype(object):
        assert events(timeline, moment) == [event for event in everything if event.day == moment]


def test_a_picture_of_very_many_places_tells_the_day_as_one_of_fewer(timeline: Timeline, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(timeline.theatre.places) < MOST_DOTS
    few = Telling(timeline, LIGHT, place=None, side=None)
    monkeypatch.setattr("qsim.draw.multiples.MOST_DOTS", 10)
    monkeypatch.setattr("qsim.draw.multiples._FEW_DAYS", 2)
    many = Telling(timeline, LIGHT, place=None, side=None)
    told = [[each._events(position) for position in (30, 60, 90)] for each in (few, many)]
    assert told[0] == told[1]
    assert any(told[0])


def test_a_legend_lists_what_its_map_shows(timeline: Timeline, monkeypatch: pytest.MonkeyPatch) -> None:
    def listed(scene_of: Timeline) -> set[str]:
        picture = Telling(scene_of, LIGHT, place=None, side=None)
        assert picture.scene.sheet is not None
        return {text.get_text() for text in picture.scene.sheet.texts}

    marks = {"front line", "front the day before", "changed this day", "no report for 30 days"}
    assert marks <= listed(timeline)
    monkeypatch.setattr("qsim.draw.scene.MOST_DOTS", 10)
    monkeypatch.setattr("qsim.draw.cells._DENSE_PX", 100.0)
    assert not marks & listed(timeline)


def test_a_picture_is_written(timeline: Timeline, tmp_path: Path) -> None:
    path = tmp_path / "day.png"
    qsim.render(timeline, path, day=timeline.days[60])
    colours = np.unique(imread(path)[..., :3].reshape(-1, 3), axis=0)
    assert len(colours) > 10


def test_its_pocket_is_cut_off_where_nobody_of_its_side_is_around(timeline: Timeline) -> None:
    cut = qsim.encirclement(timeline.sample(4, seed=1), "pocket", "west")
    assert cut.shape == (4, DAYS)
    lost = timeline.with_status("pocket", "east", start=timeline.days[50], end=timeline.days[60])
    assert qsim.encirclement(lost.sample(4, seed=1), "pocket", "west")[:, 50:61].all()


def test_what_is_exported_is_read_back(timeline: Timeline, tmp_path: Path) -> None:
    frame = pandas.read_parquet(export(timeline["2001-03-01":"2001-03-05"], tmp_path / "belief.parquet"))
    assert len(frame) == 5 * PLACES * 3
    at = timeline.position("2001-03-02")
    some = frame[(frame.day.astype("datetime64[ns]") == pandas.Timestamp("2001-03-02")) & (frame.place == timeline.theatre.places[7].id)]
    assert some.probability.to_numpy() == pytest.approx(timeline.belief[at, 7], abs=1e-6)


def test_its_places_lie_in_its_cells(timeline: Timeline) -> None:
    assert all(place.polygon is not None and place.polygon.covers(shapely.Point(place.lon, place.lat)) for place in timeline.theatre.places)
