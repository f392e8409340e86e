"""Files hold a frame a day, are what they say, and are whole or not there at all."""

import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from matplotlib import style
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.text import Text
from PIL import Image

import qsim
from qsim.belief.events import events
from qsim.draw import render
from qsim.draw.charts.trend import Trend
from qsim.draw.film import pace
from qsim.draw.film.frames import Film
from qsim.draw.multiples import Telling
from qsim.draw.style import LOOK, look
from qsim.geography.encirclement import whose
from qsim.geography.metrics import Exits
from qsim.record.theatre import Place, Side, Theatre

SIZE = LOOK.pixels


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QSIM_CACHE", str(tmp_path_factory.getbasetemp() / "prepared"))


@pytest.fixture(scope="module")
def timeline() -> qsim.Timeline:
    theatre, ledger = qsim.load("qusayr")
    return qsim.reconstruct(theatre, ledger, start="2013-05-28", end="2013-05-30", policy="last_claim")


@pytest.fixture(scope="module")
def gif(timeline: qsim.Timeline, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render.render(timeline, tmp_path_factory.mktemp("gif") / "new" / "folder" / "three.gif", fps=3)


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


def telling(timeline: qsim.Timeline, **options: object) -> Telling:
    place, side = whose(timeline)
    return Telling(timeline, LOOK, place=place, side=side, **options)  # type: ignore[arg-type]


def durations(path: Path) -> list[int]:
    found = []
    with Image.open(path) as image:
        for i in range(image.n_frames):  # type: ignore[attr-defined]
            image.seek(i)
            found.append(image.info["duration"])
    return found


def test_a_gif_has_one_frame_a_day_and_holds_the_last(gif: Path) -> None:
    with Image.open(gif) as image:
        assert image.size == SIZE
        assert image.info["loop"] == 0
    assert durations(gif) == [330, 330, pace.HOLD_MS]
    assert [path.name for path in gif.parent.iterdir()] == ["three.gif"]


def test_a_gif_shows_exactly_what_was_drawn(gif: Path, timeline: qsim.Timeline) -> None:
    film = render.filmed(telling(timeline), range(len(timeline)))
    with Image.open(gif) as image:
        for i in range(len(timeline)):
            image.seek(i)
            assert (np.asarray(image.convert("RGB")) == film.palette[film.frame(i)]).all()


def test_a_gif_is_read_alike_by_another_reader(gif: Path) -> None:
    av = pytest.importorskip("av")
    with av.open(str(gif)) as container, Image.open(gif) as image:
        frames = list(container.decode(video=0))
        assert len(frames) == 3
        for i, frame in enumerate(frames):
            image.seek(i)
            assert (frame.to_ndarray(format="rgb24") == np.asarray(image.convert("RGB"))).all()


@pytest.mark.parametrize(("suffix", "name"), [(".mp4", "h264"), (".webm", "vp9")])
def test_a_video_has_the_days_their_times_and_its_colours(timeline: qsim.Timeline, tmp_path: Path, suffix: str, name: str) -> None:
    av = pytest.importorskip("av")
    path = render.render(timeline, tmp_path / f"three{suffix}", size=(1081, 801), fps=3)
    film = render.filmed(Telling(timeline, look(size=(1081, 801)), place="qusayr", side="opposition"), range(3))
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        frames = list(container.decode(video=0))
        assert (context.name, context.width, context.height) == (name, 1082, 802)
        assert (context.color_primaries, context.color_trc, context.colorspace, context.color_range) == (1, 1, 1, 1)
    starts = [float(frame.pts * frame.time_base) for frame in frames]
    assert starts == pytest.approx([0, 0.333, 0.666, 3.666])
    for i, frame in enumerate(frames[:3]):
        luma = np.frombuffer(frame.planes[0], dtype=np.uint8).reshape(frame.planes[0].height, -1)[:801, :1081].astype(float)
        exact = 16 + 219 / 255 * (film.palette[film.frame(i)] @ [0.2126, 0.7152, 0.0722])
        assert np.abs(luma - exact).mean() < 3


def test_a_video_without_its_extra_says_what_to_install(toy: qsim.Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(render.RenderError, match=r"'a\.mp4'.*pip install av.*\.gif"):
        render.render(toy, tmp_path / "a.mp4")
    assert not list(tmp_path.iterdir())


def test_the_same_timeline_gives_the_same_bytes_prepared_or_not(
    timeline: qsim.Timeline, gif: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = render.render(timeline, tmp_path / "again.gif", fps=3)
    monkeypatch.setenv("QSIM_CACHE", "")
    anew = render.render(timeline, tmp_path / "anew.gif", fps=3)
    assert gif.read_bytes() == again.read_bytes() == anew.read_bytes()


def test_every_so_many_days_tells_all_that_changed_between(tmp_path: Path) -> None:
    theatre, ledger = qsim.load("qusayr")
    timeline = qsim.reconstruct(theatre, ledger, start="2013-05-19", end="2013-05-28", policy="last_claim")
    folder = render.render(timeline, tmp_path / "frames", every=4)
    assert sorted(path.name[5:15] for path in folder.iterdir()) == ["2013-05-19", "2013-05-23", "2013-05-27", "2013-05-28"]
    picture = telling(timeline, every=4)
    picture.show(8)
    changed = [change.place for change in timeline.changes() if "2013-05-24" <= str(change.day) <= "2013-05-27"]
    assert changed
    told = " ".join(text.get_text() for text in picture.figure.findobj(Text))
    names = {theatre.place(id).name for id in changed if theatre.place(id).parent is None}
    assert any(name in told for name in names)
    assert picture.changes(8)


def test_a_day_is_held_as_long_as_its_words_take_to_read(tmp_path: Path) -> None:
    theatre, ledger = qsim.load("qusayr")
    timeline = qsim.reconstruct(theatre, ledger, start="2013-05-14", end="2013-05-20", policy="last_claim")
    picture, chapter = telling(timeline, chapters={date(2013, 5, 16): ("A chapter", "")}), 2
    for position in range(len(timeline)):
        picture.show(position)
        held = pace.Pace().held_ms(picture, position, position == len(timeline) - 1)
        read = round(1000 * picture.words() / pace.WORDS_A_SECOND)
        if position in (chapter, len(timeline) - 1):
            assert held == max(pace.HOLD_MS, pace.EVENT_MS, read)
        else:
            assert held == (max(pace.EVENT_MS, read) if picture.changes(position) else pace.QUIET_MS)
    told = durations(render.render(timeline, tmp_path / "a.gif", chapters={"2013-05-16": "A chapter"}))
    assert sum(told) >= pace.HOLD_MS * 2


def test_no_large_area_flashes_more_than_three_times_a_second(tmp_path: Path) -> None:
    """WCAG 2.2, 2.3.1: a flash is a pair of opposing changes of relative luminance of a tenth and more, over a quarter of the picture."""
    theatre, ledger = qsim.load("qusayr")
    timeline = qsim.reconstruct(theatre, ledger, start="2013-05-17", end="2013-05-22")
    path = render.render(timeline, tmp_path / "a.gif", size=(960, 600))
    changes: list[tuple[float, int]] = []
    with Image.open(path) as image:
        now, before = 0.0, None
        for i in range(image.n_frames):  # type: ignore[attr-defined]
            image.seek(i)
            light = np.asarray(image.convert("L")).astype(float) / 255
            if before is not None:
                apart = light - before
                changes += [(now, sign) for sign in (1, -1) if (sign * apart >= 0.1).mean() >= 0.25]
            now, before = now + image.info["duration"] / 1000, light
    for start, _ in changes:
        within = [sign for when, sign in changes if start <= when < start + 1]
        assert sum(a != b for a, b in itertools.pairwise(within)) <= 6


def test_frames_of_an_earlier_run_go_and_what_a_user_put_there_stays(toy: qsim.Timeline, tmp_path: Path) -> None:
    folder = tmp_path / "frames"
    render.render(toy, folder)
    (folder / "notes.txt").write_text("mine")
    (folder / "0009_2001-01-09.png").write_bytes(b"left by an earlier run")
    render.render(toy, folder, every=2)
    assert "0009_2001-01-09.png" not in {path.name for path in folder.iterdir()}
    assert (folder / "notes.txt").read_text() == "mine"
    assert len(list(folder.glob("*.png"))) == len(range(0, len(toy), 2)) + (len(toy) % 2 == 0)


def test_a_film_may_end(toy: qsim.Timeline, tmp_path: Path) -> None:
    assert b"NETSCAPE2.0" in render.render(toy, tmp_path / "a.gif").read_bytes()
    assert b"NETSCAPE2.0" not in render.render(toy, tmp_path / "b.gif", loop=False).read_bytes()


def test_the_headline_is_the_chapter_or_the_strongest_event(timeline: qsim.Timeline) -> None:
    picture = telling(timeline, chapters={timeline.days[0].item(): ("The base falls", "So both sides say.")})
    panel = picture.scene.panel
    assert panel is not None
    picture.show(0)
    assert (panel._headline.get_text(), panel._sentence.get_text()) == ("The base falls", "So both sides say.")
    for position in range(1, len(timeline)):
        picture.show(position)
        assert bool(panel._headline.get_text()) == picture.changes(position)
        assert panel._count.get_text().startswith(f"day {position + 1} of {len(timeline)}")


def test_the_film_is_the_picture(timeline: qsim.Timeline, tmp_path: Path) -> None:
    """Looking up and laying over each other gives what drawing everything at once gives, but for letters and rims."""
    film = render.filmed(telling(timeline), range(len(timeline)))
    with Image.open(render.render(timeline, tmp_path / "day.png", day="2013-05-29")) as image:
        apart = np.abs(np.asarray(image.convert("RGB")).astype(int) - film.palette[film.frame(1)].astype(int)).max(axis=2)
    assert (apart <= 8).mean() > 0.95
    assert (apart > 12).mean() < 0.04
    assert apart.mean() < 3


def test_a_frame_does_not_depend_on_the_frames_before(timeline: qsim.Timeline) -> None:
    film = render.filmed(telling(timeline), range(len(timeline)))
    forward = [film.frame(i).copy() for i in (0, 1, 2)]
    back = [film.frame(i).copy() for i in (2, 0, 1)]
    assert all((forward[i] == frame).all() for i, frame in zip((2, 0, 1), back, strict=True))


def test_a_folder_holds_a_named_frame_a_day_and_keeps_what_is_there(toy: qsim.Timeline, tmp_path: Path) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    (folder / "notes_1999-01-01.png").write_bytes(b"mine")
    (folder / "0001_2013-05-28.png").write_bytes(b"old")
    render.render(toy, folder)
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["0001_2013-05-28.png", "0002_2013-05-29.png", "0003_2013-05-30.png", "notes_1999-01-01.png"]
    assert (folder / "notes_1999-01-01.png").read_bytes() == b"mine"
    with Image.open(folder / names[0]) as image:
        assert image.size == SIZE


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_one_day_is_the_last_unless_another_is_asked_for_and_twice_the_same(toy: qsim.Timeline, tmp_path: Path, suffix: str) -> None:
    last, first = render.render(toy, tmp_path / f"last.{suffix}"), render.render(toy, tmp_path / f"first.{suffix}", day="2013-05-28")
    again = render.render(toy, tmp_path / f"again.{suffix}", day="2013-05-30")
    with style.context({"savefig.dpi": 50, "savefig.bbox": "tight", "hatch.linewidth": 4, "text.hinting": "none"}):
        styled = render.render(toy, tmp_path / f"styled.{suffix}")
    assert styled.read_bytes() == last.read_bytes() == again.read_bytes() != first.read_bytes()
    if suffix == "svg":
        assert "2013-05-28" in first.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("size", "scale", "theme"), [((960, 600), 1, "dark"), ((1920, 1080), 1, "light"), ((1080, 1350), 1, "dark"), ((960, 600), 2, "light")]
)
def test_frames_have_the_size_and_theme_that_is_asked_for(
    toy: qsim.Timeline, tmp_path: Path, size: tuple[int, int], scale: float, theme: str
) -> None:
    path = render.render(toy, tmp_path / "a.gif", size=size, scale=scale, theme=theme, title="A title of my own")
    with Image.open(path) as image:
        assert image.size == (size[0] * scale, size[1] * scale)
        corner = image.convert("RGB").getpixel((2, 2))
    assert isinstance(corner, tuple)
    assert "#{:02x}{:02x}{:02x}".format(*corner) == look(theme).paper


def test_several_stand_side_by_side_in_every_form(toy: qsim.Timeline, tmp_path: Path) -> None:
    several = {"one": toy, "<other>": toy}
    with (
        Image.open(render.render(several, tmp_path / "a.gif", fps=3)) as moving,
        Image.open(render.render(several, tmp_path / "a.png")) as still,
    ):
        assert moving.size == still.size
        assert moving.size[0] == 2 * render.SIZE_ABREAST[0]
        assert moving.n_frames == 3  # type: ignore[attr-defined]
    text = render.render(several, tmp_path / "a.svg").read_text(encoding="utf-8")
    assert text.count("A toy") >= 2
    assert "&lt;other&gt;" in text
    assert render.render(several, tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")


def fails(*_: object, **__: object) -> Iterator[object]:
    raise KeyboardInterrupt


@pytest.mark.parametrize("name", ["movie.gif", "frames"])
def test_an_interrupted_render_leaves_the_old_file_and_nothing_else(
    toy: qsim.Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    old = tmp_path / "movie.gif"
    old.write_bytes(b"old")
    drawn = Film.frame
    monkeypatch.setattr(Film, "frame", lambda film, position: fails() if position else drawn(film, position))
    with pytest.raises(KeyboardInterrupt):
        render.render(toy, tmp_path / name)
    assert old.read_bytes() == b"old"
    left = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(left) == (["movie.gif"] if name == "movie.gif" else ["0001_2013-05-28.png", "movie.gif"])


KILLED = """
import sys, threading, qsim
theatre, ledger = qsim.load("example")
timeline = qsim.reconstruct(theatre, ledger, start="2091-03-01", end="2091-03-20", policy="last_claim")
qsim.render(timeline, sys.argv[1], fps=3)
print("ready", flush=True)
while True:
    qsim.render(timeline, sys.argv[1], fps=3)
"""


@pytest.mark.slow
def test_a_render_that_is_killed_at_any_moment_leaves_a_whole_file_or_none(tmp_path: Path) -> None:
    """Ten times, at moments that nobody chose; only what its name shows as unfinished may lie beside."""
    waits, path, mine = random.Random(7), tmp_path / "out" / "killed.gif", tmp_path / "out" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("mine")
    whole: set[str] = set()
    for _ in range(10):
        with subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, cwd=tmp_path) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(waits.uniform(0.0, 2.0))
            process.send_signal(signal.SIGKILL)
        if path.exists():
            with Image.open(path) as image:
                assert image.n_frames == 20  # type: ignore[attr-defined]
            whole.add(sha256(path.read_bytes()).hexdigest())
        others = [each.name for each in path.parent.iterdir() if each not in (path, mine)]
        assert all(name.startswith(".qsim-") and name.endswith(".part") for name in others)
        assert mine.read_text() == "mine"
    assert len(whole) == 1


def test_a_picture_that_fails_leaves_no_temporary_file(toy: qsim.Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="no space"):
        render.render(toy, tmp_path / "day.svg")
    assert not list(tmp_path.iterdir())


def test_everything_that_is_wrong_is_told_at_once(toy: qsim.Timeline, timeline: qsim.Timeline, tmp_path: Path) -> None:
    with pytest.raises(render.RenderError) as told:
        render.render(
            {"a": toy, "b": timeline},
            tmp_path / "movie.avi",
            fps=0,
            pace="readin",
            every=0,
            theme="drak",
            size=(100, 80),
            scale=-1,
            names="x",
        )
    message = str(told.value)
    for part in (
        "'movie.avi'",
        ".webm",
        "fps=0",
        "did you mean 'reading'",
        "every=0",
        "'b' does not have the days",
        "'drak'",
        "100x80",
        "scale -1",
        "names 'x'",
    ):
        assert part in message, part
    assert not list(tmp_path.iterdir())
    assert issubclass(render.RenderError, ValueError)


def test_a_folder_is_no_movie_and_a_file_no_folder(toy: qsim.Timeline, tmp_path: Path) -> None:
    (tmp_path / "a.gif").mkdir()
    (tmp_path / "b").write_text("mine")
    for name, is_a in (("a.gif", "folder"), ("b", "file")):
        with pytest.raises(render.RenderError, match=f"'{name}' is a {is_a}"):
            render.render(toy, tmp_path / name)


def test_a_size_is_written_with_an_x() -> None:
    assert render.size_of("1920x1080") == (1920, 1080)
    assert render.size_of(None) is None
    with pytest.raises(render.RenderError, match="1280x800"):
        render.size_of("1920 by 1080")


def test_ways_out_are_shown_for_the_side_that_is_said_to_be_besieged(timeline: qsim.Timeline) -> None:
    assert whose(timeline) == ("qusayr", "opposition")
    assert whose(timeline, "arjoun", "government") == ("arjoun", "government")


def test_a_theatre_without_city_or_bases_has_nobodys_ways_out(toy: qsim.Timeline) -> None:
    assert whose(toy) == (None, None)


def test_progress_is_told_on_the_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(render._tracked(range(3), True)) == [0, 1, 2]
    assert capsys.readouterr().out == ""


def test_the_panel_charts_the_share_of_the_city_with_a_cursor_on_the_day(timeline: qsim.Timeline) -> None:
    picture = telling(timeline)
    assert picture.scene.panel is not None
    chart = picture.scene.panel.chart
    assert chart is not None
    assert chart.trend.title == "Share of Al-Qusayr: Government and allies"
    assert chart.trend.course.low is None
    assert chart.trend.claims.sum() > 0
    cursor = []
    for i in range(len(timeline)):
        picture.show(i)
        cursor.append(float(np.asarray(chart._dot.get_ydata())[0]))
    rise = np.sign(np.diff(timeline.share("qusayr", "government")))
    assert np.sign(np.diff(cursor)).tolist() == rise.tolist()
    told = {text.get_text() for text in picture.figure.findobj(Text)}
    assert {"28 May 2013", "30 May 2013", "0 %", "50 %", "100 %"} <= told


def test_the_panel_has_a_band_where_histories_can_be_drawn() -> None:
    theatre, ledger = qsim.load("example")
    shares = Trend.of(qsim.reconstruct(theatre, ledger, start="2091-03-01", end="2091-03-05", policy="hmm"))
    assert shares is not None
    assert shares.course.low is not None
    assert shares.course.high is not None
    assert (shares.course.low <= shares.course.high).all()


def test_a_theatre_without_city_has_no_chart(toy: qsim.Timeline) -> None:
    assert Trend.of(toy) is None
    panel = telling(toy).scene.panel
    assert panel is not None
    assert panel.chart is None


def test_nothing_on_the_sheet_leaves_it(timeline: qsim.Timeline) -> None:
    """Texts of the panel, the legend and the caption end within the sheet, also where names are long."""
    scene = Telling(timeline, LOOK, place="qusayr", side="government").scene
    scene.show(timeline._snapshot(2), events=events(timeline), exits=Exits(()))
    renderer = RendererAgg(*SIZE, LOOK.dpi)  # type: ignore[no-untyped-call]
    assert scene.sheet is not None
    boxes = {text.get_text(): text.get_window_extent(renderer) for text in scene.sheet.texts if text.get_text()}
    assert not [text for text, box in boxes.items() if box.x0 < 0 or box.x1 > LOOK.width_px or box.y0 < 0 or box.y1 > LOOK.height_px]
    written = list(boxes.values())
    assert not [(a, b) for i, a in enumerate(written) for b in written[i + 1 :] if a.padded(-1.5).overlaps(b.padded(-1.5))]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("x.html", {"fps": -3, "theme": "nope", "every": 0, "pace": "zzz", "size": (3, 3), "day": "2013-05-29", "precision": True}),
        ("x.gif", {"day": "2013-05-29"}),
        ("x.png", {"fps": 5, "pace": "even", "loop": False}),
        ("frames", {"fps": 5, "pace": "even", "loop": False, "day": "2013-05-29"}),
    ],
)
def test_what_has_no_effect_is_refused_all_of_it_at_once(toy: qsim.Timeline, tmp_path: Path, name: str, options: dict[str, Any]) -> None:
    with pytest.raises(render.RenderError) as told:
        render.render(toy, tmp_path / name, **options)
    assert all(f"{option}={value!r}: has no effect on" in str(told.value) for option, value in options.items())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [".png", ".svg", ".gif", ".html"])
def test_an_open_file_gets_the_same_bytes_and_a_notebook_shows_them(toy: qsim.Timeline, tmp_path: Path, suffix: str) -> None:
    on_disk = render.render(toy, tmp_path / f"toy{suffix}")
    memory = BytesIO()
    into_memory = render.render(toy, memory, format=suffix)
    with (tmp_path / f"again{suffix}").open("wb") as file:
        into_file = render.render(toy, file)
    assert memory.getvalue() == on_disk.read_bytes() == (tmp_path / f"again{suffix}").read_bytes()
    kind = {".png": "image/png", ".svg": "image/svg+xml", ".gif": "image/gif", ".html": "text/html"}[suffix]
    assert on_disk._repr_mimebundle_() == into_memory._repr_mimebundle_() == into_file._repr_mimebundle_()
    assert list(on_disk._repr_mimebundle_()) == [kind]
    assert Path(on_disk) == tmp_path / f"toy{suffix}"


def test_a_file_that_cannot_be_drawn_into_is_told(toy: qsim.Timeline, tmp_path: Path) -> None:
    with pytest.raises(render.RenderError, match=r"format=None for the open file '': expected one of \.gif"):
        render.render(toy, BytesIO())
    with pytest.raises(render.RenderError, match="expected a path, or a file that is open for writing bytes"):
        render.render(toy, StringIO(), format=".svg")  # type: ignore[arg-type]
    with pytest.raises(render.RenderError, match="format='png': expected only for an open file"):
        render.render(toy, tmp_path / "a.gif", format="png")


@pytest.mark.parametrize("name", ["map.svg", "map.png", "map.gif", "frames"])
def test_the_map_alone_has_the_sheet_to_itself(name: str, timeline: qsim.Timeline, tmp_path: Path) -> None:
    options: dict[str, Any] = {"size": (640, 480), "map_alone": True} | ({"day": "2013-05-29"} if name in ("map.svg", "map.png") else {})
    written = render.render(timeline, tmp_path / name, **options)
    if name == "map.svg":
        told = written.read_text(encoding="utf-8")
        drawn = told.partition("</desc>")[2]
        assert timeline.theatre.title not in drawn
        assert "29 May 2013" not in drawn
        assert "contested" not in drawn
        assert "Jawadiyeh" in drawn
    for path in sorted(written.iterdir()) if name == "frames" else [written] if name != "map.svg" else []:
        with Image.open(path) as image:
            assert image.size == (640, 480)


def test_the_map_alone_is_larger_and_whole(timeline: qsim.Timeline) -> None:
    alone, beside = telling(timeline, map_alone=True).scene, telling(timeline).scene
    assert alone.panel is None
    assert alone.words() == 0
    assert alone.ax.bbox.width * alone.ax.bbox.height > 1.2 * beside.ax.bbox.width * beside.ax.bbox.height
    assert alone.ax.bbox.width / alone.ax.bbox.height == pytest.approx(beside.ax.bbox.width / beside.ax.bbox.height, rel=1e-3)
    assert 0 <= alone.ax.bbox.x0 < alone.ax.bbox.x1 <= SIZE[0]
    assert 0 <= alone.ax.bbox.y0 < alone.ax.bbox.y1 <= SIZE[1]
