"""Files hold a frame a day, and are whole or not there at all."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.text import Text
from PIL import Image

import qsim
from qsim import replay
from qsim.draw import movie
from qsim.draw.look import LOOK
from qsim.draw.trend import Trend
from qsim.metrics import Exits
from qsim.ring import whose
from qsim.theatre import Place, Side, Theatre

SIZE = (LOOK.width_px, LOOK.height_px)


@pytest.fixture(scope="module")
def timeline() -> qsim.Timeline:
    theatre, ledger = qsim.load("qusayr")
    return qsim.reconstruct(theatre, ledger, start="2013-05-28", end="2013-05-31", policy="last_claim")


@pytest.fixture(scope="module")
def gif(timeline: qsim.Timeline, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return movie.render(timeline, tmp_path_factory.mktemp("gif") / "new" / "folder" / "three.gif")


@pytest.fixture(scope="module")
def toy() -> qsim.Timeline:
    """Three days of two squares: red, then contested, then blue's."""
    squares = [shapely.box(x, 0, x + 1, 1) for x in range(2)]
    places = tuple(
        Place(id, id, x + 0.5, 0.5, polygon=square, area_km2=1) for x, (id, square) in enumerate(zip("ab", squares, strict=True))
    )
    theatre = Theatre(
        "toy", "A toy", places, (), (Side("red", "Red", "#D55E00"), Side("blue", "Blue", "#0072B2")), frame=(0.0, 0.0, 2.0, 1.0)
    )
    days = np.arange("2013-05-28", "2013-05-31", dtype="datetime64[D]")
    return qsim.Ensemble(theatre, None, days, np.array([[[0, 0], [2, 0], [1, 0]]], dtype=np.int8)).mean()


def interrupted(*_: object, **__: object) -> Iterator[Image.Image]:
    yield Image.new("RGB", SIZE, "#0072B2")
    raise KeyboardInterrupt


def test_a_gif_has_one_frame_a_day_and_holds_the_last(gif: Path, timeline: qsim.Timeline) -> None:
    durations = []
    with Image.open(gif) as image:
        assert image.size == SIZE
        assert image.info["loop"] == 0
        assert image.n_frames == len(timeline)  # type: ignore[attr-defined]
        for i in range(len(timeline)):
            image.seek(i)
            durations.append(image.info["duration"])
    assert durations == [330, 330, movie.HOLD_MS]
    assert [path.name for path in gif.parent.iterdir()] == ["three.gif"]


def test_a_gif_shows_what_was_drawn(gif: Path, timeline: qsim.Timeline) -> None:
    place, side = whose(timeline)
    *_, drawn = movie.frames(timeline, range(len(timeline)), place=place, side=side)
    with Image.open(gif) as image:
        image.seek(len(timeline) - 1)
        shown = np.asarray(image.convert("RGB")).astype(int)
    apart = np.abs(shown - np.asarray(drawn).astype(int)).max(axis=2)
    assert (apart == 0).mean() > 0.88
    assert apart.max() < 96


def test_a_folder_holds_a_named_frame_a_day_and_keeps_what_is_there(toy: qsim.Timeline, tmp_path: Path) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    (folder / "0009_1999-01-01.png").write_bytes(b"mine")
    (folder / "0001_2013-05-28.png").write_bytes(b"old")
    movie.render(toy, folder)
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["0001_2013-05-28.png", "0002_2013-05-29.png", "0003_2013-05-30.png", "0009_1999-01-01.png"]
    assert (folder / "0009_1999-01-01.png").read_bytes() == b"mine"
    with Image.open(folder / names[0]) as image:
        assert image.size == SIZE


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_one_day_is_the_last_unless_another_is_asked_for_and_twice_the_same(toy: qsim.Timeline, tmp_path: Path, suffix: str) -> None:
    last, first = movie.render(toy, tmp_path / f"last.{suffix}"), movie.render(toy, tmp_path / f"first.{suffix}", day="2013-05-28")
    again = movie.render(toy, tmp_path / f"again.{suffix}", day="2013-05-30")
    assert last.read_bytes() == again.read_bytes() != first.read_bytes()
    if suffix == "svg":
        assert "2013-05-28" in first.read_text(encoding="utf-8")


def test_a_frame_is_the_picture_of_its_day(timeline: qsim.Timeline, tmp_path: Path) -> None:
    """Layers laid over each other give what drawing everything at once gives, but for rounding."""
    place, side = whose(timeline)
    (frame,) = movie.frames(timeline, [1], place=place, side=side)
    with Image.open(movie.render(timeline, tmp_path / "day.png", day="2013-05-29")) as image:
        apart = np.abs(np.asarray(image.convert("RGB")).astype(int) - np.asarray(frame).astype(int))
    assert apart.max() < 24
    assert (apart > 3).mean() < 0.001


@pytest.mark.parametrize("name", ["movie.gif", "frames"])
def test_an_interrupted_render_leaves_the_old_file_and_nothing_else(
    toy: qsim.Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    old = tmp_path / "movie.gif"
    old.write_bytes(b"old")
    monkeypatch.setattr(movie, "frames", interrupted)
    monkeypatch.setattr(movie, "_palette", lambda samples: np.zeros((1, 3), dtype=np.uint8))
    if name == "movie.gif":
        monkeypatch.setattr(movie, "_SAMPLED_FRAMES", 0)
    with pytest.raises(KeyboardInterrupt):
        movie.render(toy, tmp_path / name)
    assert old.read_bytes() == b"old"
    left = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(left) == (["movie.gif"] if name == "movie.gif" else ["0001_2013-05-28.png", "movie.gif"])


def test_a_picture_that_fails_leaves_no_temporary_file(toy: qsim.Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="no space"):
        movie.render(toy, tmp_path / "day.svg")
    assert not list(tmp_path.iterdir())


def test_an_unknown_suffix_or_speed_is_told(toy: qsim.Timeline, tmp_path: Path) -> None:
    with pytest.raises(movie.RenderError, match=r"'movie\.mp4'.*'\.mp4'.*\.gif, \.png, \.svg, \.pdf, or none"):
        movie.render(toy, tmp_path / "movie.mp4")
    with pytest.raises(movie.RenderError, match="fps=0"):
        movie.render(toy, tmp_path / "movie.gif", fps=0)
    assert not list(tmp_path.iterdir())
    assert issubclass(movie.RenderError, ValueError)


def test_ways_out_are_shown_for_the_side_that_is_said_to_be_besieged(timeline: qsim.Timeline) -> None:
    assert whose(timeline) == ("qusayr", "opposition")
    assert whose(timeline, "arjoun", "government") == ("arjoun", "government")


def test_a_theatre_without_city_or_bases_has_nobodys_ways_out(toy: qsim.Timeline) -> None:
    assert whose(toy) == (None, None)


def test_progress_is_told_on_the_standard_error(toy: qsim.Timeline, capsys: pytest.CaptureFixture[str]) -> None:
    assert list(movie._tracked(toy, True)) == [0, 1, 2]
    assert capsys.readouterr().out == ""


def test_the_panel_charts_the_share_of_the_city_with_a_cursor_on_the_day(timeline: qsim.Timeline) -> None:
    scene = movie.scene_of(timeline)
    assert scene.panel is not None
    chart = scene.panel.chart
    assert chart is not None
    assert chart.trend.title == "Share of Al-Qusayr: Government and allies"
    assert chart.trend.course.low is None
    assert chart.trend.claims.sum() > 0
    cursor = []
    for i in range(len(timeline)):
        scene.show(timeline._snapshot(i))
        cursor.append(float(np.asarray(chart._dot.get_ydata())[0]))
    rise = np.sign(np.diff(timeline.share("qusayr", "government")))
    assert np.sign(np.diff(cursor)).tolist() == rise.tolist()
    assert scene.figure is not None
    told = {text.get_text() for text in scene.figure.findobj(Text)}
    assert {"28 May 2013", "30 May 2013", "0 %", "50 %", "100 %", "claims of control a day"} <= told


def test_the_panel_has_a_band_where_histories_can_be_drawn() -> None:
    theatre, ledger = qsim.load("example")
    shares = Trend.of(qsim.reconstruct(theatre, ledger, start="2091-03-01", end="2091-03-06", policy="hmm"))
    assert shares is not None
    assert shares.course.low is not None
    assert shares.course.high is not None
    assert (shares.course.low <= shares.course.high).all()


def test_a_theatre_without_city_has_no_chart(toy: qsim.Timeline) -> None:
    assert Trend.of(toy) is None
    panel = movie.scene_of(toy).panel
    assert panel is not None
    assert panel.chart is None


def test_nothing_on_the_sheet_leaves_it(timeline: qsim.Timeline) -> None:
    """Texts of the panel, the legend and the caption end within the sheet, also where names are long."""
    scene = movie.scene_of(timeline, side="government")
    scene.show(timeline._snapshot(2), events=replay.events(timeline), exits=Exits(()))
    renderer = RendererAgg(*SIZE, LOOK.dpi)  # type: ignore[no-untyped-call]
    assert scene.sheet is not None
    boxes = {text.get_text(): text.get_window_extent(renderer) for text in scene.sheet.texts if text.get_text()}
    assert not [text for text, box in boxes.items() if box.x0 < 0 or box.x1 > LOOK.width_px or box.y0 < 0 or box.y1 > LOOK.height_px]
    written = list(boxes.values())
    assert not [(a, b) for i, a in enumerate(written) for b in written[i + 1 :] if a.padded(-1.5).overlaps(b.padded(-1.5))]
