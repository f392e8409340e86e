"""The parts of a film: grounds, patterns, letters, palettes, GIF blocks, and maps kept on disk."""

import io
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

import qsim
from qsim.draw.cells import Patchwork
from qsim.draw.figure import font
from qsim.draw.film import cache
from qsim.draw.film.frames import COLOURS, Film, Grounds, packed, palette, unpacked
from qsim.draw.film.gif import write_gif
from qsim.draw.film.lzw import compressed
from qsim.draw.film.paint import over, packed_over
from qsim.draw.film.raster import DOTS, Stills, new_renderer, stills
from qsim.draw.glyphs import Rim, is_simple, line_width, paste, paste_rimmed
from qsim.draw.multiples import Telling
from qsim.draw.palette import TINTS, tint
from qsim.draw.style import LIGHT, LOOK
from qsim.record.kept import KEPT, digest
from qsim.record.theatre import Place, Side, Theatre

GREYS = np.repeat(np.arange(COLOURS, dtype=np.uint8)[:, None], 3, axis=1)


def example(days: int = 2) -> qsim.Timeline:
    theatre, ledger = qsim.load("example")
    return qsim.reconstruct(theatre, ledger, start="2091-03-15", end=f"2091-03-{14 + days}", policy="last_claim")


@pytest.fixture(scope="module")
def picture() -> Telling:
    return Telling(example(), LOOK, place=None, side=None)


@pytest.fixture(scope="module")
def kept(picture: Telling) -> Stills:
    return stills(picture)


@given(st.lists(arrays(np.uint8, (6, 9), elements=st.integers(0, COLOURS - 1)), min_size=1, max_size=5), st.data())
@settings(max_examples=60, deadline=None)
def test_a_gif_holds_any_frames_exactly(frames: list[NDArray[np.uint8]], data: st.DataObject) -> None:
    times = data.draw(st.lists(st.integers(2, 400).map(lambda n: 10 * n), min_size=len(frames), max_size=len(frames)))
    file = io.BytesIO()
    write_gif(file, zip(frames, times, strict=True), GREYS)
    shown: list[tuple[NDArray[np.uint8], int]] = []
    for frame, time in zip(frames, times, strict=True):
        if shown and (shown[-1][0] == frame).all():
            shown[-1] = (frame, shown[-1][1] + time)
        else:
            shown.append((frame, time))
    with Image.open(file) as image:
        assert getattr(image, "n_frames", 1) == len(shown)
        for i, (frame, time) in enumerate(shown):
            image.seek(i)
            assert (np.asarray(image.convert("L")) == frame).all()
            assert image.info["duration"] == time


def test_a_palette_keeps_what_is_needed_and_what_is_common() -> None:
    random = np.random.default_rng(7)
    noise = random.integers(0, 256, size=(40_000, 3), dtype=np.uint8)
    plain = np.full((500, 3), [12, 34, 56], dtype=np.uint8)
    needed = np.array([[1, 2, 3], [250, 1, 1]], dtype=np.uint8)
    found = {tuple(colour) for colour in palette([packed(noise), packed(plain)], needed).tolist()}
    assert len(found) <= COLOURS
    assert {(12, 34, 56), (1, 2, 3), (250, 1, 1)} <= found


def test_every_look_and_pattern_has_its_ground() -> None:
    theatre = example().theatre
    grounds, sides = Grounds(theatre, LIGHT), theatre.sides
    for s, side in enumerate(sides):
        for step in range(len(TINTS)):
            colour = tuple(int(tint(side.colour, step)[i : i + 2], 16) for i in (1, 3, 5))
            assert {tuple(row) for row in grounds.colours[grounds.at[1 + s * len(TINTS) + step]].tolist()} == {colour}
            contested = grounds.colours[grounds.at[1 + len(sides) * len(TINTS) + step, 2 * s * DOTS]]
            assert tuple(contested.tolist()) == colour
    assert len(np.unique(grounds.at[0])) == DOTS


def test_the_colours_of_four_sides_fit_one_palette() -> None:
    colours, random = ("#0072b2", "#e69f00", "#6ca854", "#cc79a7"), np.random.default_rng(7)
    sides = tuple(Side(f"side{i}", f"Side {i}", colour) for i, colour in enumerate(colours))
    cells = [shapely.box(i % 6, i // 6, i % 6 + 1, i // 6 + 1) for i in range(24)]
    places = tuple(Place(f"p{i}", f"Place {i}", c.centroid.x, c.centroid.y, polygon=c, area_km2=1.0) for i, c in enumerate(cells))
    theatre = Theatre("four", "Four sides", places, (), sides, frame=(0.0, 0.0, 6.0, 4.0))
    belief = random.dirichlet([0.3] * 5, size=(6, 24))
    days, never = np.arange("2013-05-01", "2013-05-07", dtype="datetime64[D]"), np.full((6, 24), np.datetime64("NaT", "D"))
    timeline = qsim.Timeline(theatre, None, days, belief, belief.argmax(axis=2).astype(np.int8), never, "drawn")
    four = Telling(timeline, LOOK, place=None, side=None)
    film = Film(four, stills(four), [0, 5])
    for day in range(6):
        apart = np.abs(film.palette[film.frame(day)].reshape(-1, 3).astype(int) - unpacked(film._exact(day)).astype(int)).max(axis=1)
        assert (apart == 0).mean() > 0.93
        assert (apart > 24).mean() < 0.002


def test_cells_have_the_pixels_that_they_cover(picture: Telling, kept: Stills) -> None:
    patchwork = picture.patchworks[0]
    area = np.bincount(kept.cell[kept.cell < len(patchwork.ids)], minlength=len(patchwork.ids))
    per_px = np.abs(np.linalg.det(patchwork.ax.transData.get_affine().get_matrix()[:2, :2]))
    exact = np.array([polygon.area * per_px for id in patchwork.ids if (polygon := patchwork.theatre.place(id).polygon)])
    assert area == pytest.approx(exact, rel=0.03, abs=30)
    assert len(np.unique(kept.pixel)) == len(kept.pixel)


def test_stripes_have_equal_shares(picture: Telling, kept: Stills) -> None:
    phases = np.bincount(kept.pattern // DOTS, minlength=2 * len(picture.timeline.theatre.sides)).astype(float)
    assert phases[::2] / phases[::2].sum() == pytest.approx([1 / 3] * 3, abs=0.02)


def test_layers_lie_over_each_other_as_alpha_says() -> None:
    random = np.random.default_rng(7)
    layers, colour = random.integers(0, 256, size=(50, 2, 4), dtype=np.uint8), random.uniform(0, 255, size=(50, 3)).astype(np.float32)
    expected = colour.astype(float)
    for layer in layers.astype(float).transpose(1, 0, 2):
        expected = layer[:, 3:] / 255 * layer[:, :3] + (1 - layer[:, 3:] / 255) * expected
    over(layers, colour)
    assert colour == pytest.approx(expected, abs=1e-2)


def test_what_moves_lies_between_the_layers_that_stand_still_on_paper_or_ground() -> None:
    random = np.random.default_rng(7)
    stills, drawn = random.integers(0, 256, size=(50, 2, 4), dtype=np.uint8), random.integers(0, 256, size=(2, 20, 4), dtype=np.uint8)
    drawn[:, ::2, 3], stills[::3, :, 3] = 0, 0
    paper, colours = random.integers(0, 256, size=(50, 3), dtype=np.uint8), random.integers(0, 256, size=(4, 3), dtype=np.uint8)
    at, ground, pixel = (
        np.where(np.arange(50) % 3, np.arange(50), -1).astype(np.int32),
        random.integers(0, 4, 50, dtype=np.uint8),
        np.arange(5, 25),
    )
    expected = np.where(at[pixel, None] < 0, paper[pixel], colours[ground[at[pixel]]]).astype(float)
    for k in range(2):
        for layer in (drawn[k].astype(float), stills[pixel, k].astype(float)):
            expected = layer[:, 3:] / 255 * layer[:, :3] + (1 - layer[:, 3:] / 255) * expected
    found = packed_over(pixel, paper, at, ground, colours, stills, drawn)
    assert np.abs(unpacked(found) - expected).max() <= 0.51


def test_a_frame_does_not_depend_on_the_frames_before_it(picture: Telling, kept: Stills) -> None:
    film = Film(picture, kept, [0, 1])
    last = film.frame(1)
    assert (film.frame(0) != last).any()
    assert (film.frame(1) == last).all()
    assert (Film(picture, kept, [0, 1]).frame(1) == last).all()


@given(st.lists(st.tuples(st.integers(0, 255), st.integers(1, 9000)), min_size=1, max_size=30), st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_long_runs_are_compressed_and_read_again(runs: list[tuple[int, int]], noise: int) -> None:
    random = np.random.default_rng(noise)
    codes = np.concatenate([np.full(length, code, dtype=np.uint8) for code, length in runs])
    codes[random.integers(0, len(codes), noise * len(codes) // 9)] = 255
    codes = codes[:65535]  # no wider picture is known to the format
    head = b"GIF89a" + struct.pack("<HHBBB", len(codes), 1, 0xF7, 0, 0) + np.repeat(np.arange(256, dtype=np.uint8), 3).tobytes()
    block = b"\x2c" + struct.pack("<HHHHB", 0, 0, len(codes), 1, 0) + compressed(codes, 255)
    with Image.open(io.BytesIO(head + block + b";")) as image:
        assert (np.asarray(image.convert("L"))[0] == codes).all()


@pytest.mark.parametrize("pt", [8.0, 9.5, 30.0])
def test_letters_stand_where_matplotlib_puts_them(pt: float) -> None:
    words, figure = "Hamidiya: opposition (SOHR; 003:186)", Figure((6, 1), dpi=100)
    text = figure.text(0.02, 0.8, words, fontproperties=font(pt), va="top", linespacing=1.25)
    drawn, pasted = RendererAgg(600, 100, 100), np.zeros((100, 600, 4), dtype=np.uint8)  # type: ignore[no-untyped-call]
    text.draw(drawn)
    paste(pasted, text, 100)
    expected = np.asarray(drawn.buffer_rgba())[..., 3].astype(float)  # type: ignore[no-untyped-call]
    shifted = min(np.abs(np.roll(pasted[..., 3], shift, axis=0) - expected).sum() for shift in (-1, 0, 1))
    assert shifted / expected.sum() < 0.45
    assert line_width(words, font(pt), 100) == pytest.approx(drawn.get_text_width_height_descent(words, font(pt), False)[0], abs=pt / 5)  # type: ignore[no-untyped-call]


def test_letters_that_join_are_left_to_a_text_engine() -> None:
    assert is_simple("Al-Qusayr: 2 ways out, 58 % (50–69 %) → é")
    assert not is_simple("القصير")
    assert not is_simple("e\u0301")


def test_a_map_that_was_prepared_is_read_again(picture: Telling, kept: Stills, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QSIM_CACHE", str(tmp_path / "maps"))
    made = []
    first = cache.kept(picture.content, lambda: made.append(1) or kept)  # type: ignore[func-returns-value]
    again = cache.kept(picture.content, lambda: made.append(1) or kept)  # type: ignore[func-returns-value]
    assert made == [1]
    assert np.array_equal(first.paper, kept.paper)
    assert all((a == b).all() for a, b in zip(again.layers, kept.layers, strict=True))
    assert (again.paper == kept.paper).all()
    assert (again.pattern == kept.pattern).all()


def test_another_content_is_another_map_and_a_broken_file_is_made_anew(
    picture: Telling, kept: Stills, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QSIM_CACHE", str(tmp_path))
    cache.kept(picture.content, lambda: kept)
    moved = replace(picture.timeline.theatre.places[0], lon=picture.timeline.theatre.places[0].lon + 1e-9)
    theatre = replace(picture.timeline.theatre, places=(moved, *picture.timeline.theatre.places[1:]))
    assert digest(picture.timeline.theatre) != digest(theatre)
    (file,) = tmp_path.iterdir()
    for broken in (b"PK broken", b"", file.read_bytes()[:-900], file.read_bytes().replace(b"\x00", b"\x01")):
        file.write_bytes(broken)
        assert (cache.kept(picture.content, lambda: kept).paper == kept.paper).all()
    assert (cache.kept(picture.content, lambda: 1 / 0).paper == kept.paper).all()  # type: ignore[arg-type,return-value]


def test_only_the_last_maps_are_kept_and_none_where_none_is_wished(kept: Stills, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = replace(kept, layers=(), pixel=kept.pixel[:1], cell=kept.cell[:1], pattern=kept.pattern[:1], paper=kept.paper[:1])
    monkeypatch.setenv("QSIM_CACHE", str(tmp_path))
    np.savez(tmp_path / "mine.npz", mine=[1])
    for i in range(KEPT + 3):
        cache.kept(i, lambda: small)
    assert len(list(tmp_path.iterdir())) == KEPT + 1
    assert (tmp_path / "mine.npz").exists()
    monkeypatch.setenv("QSIM_CACHE", "")
    assert np.array_equal(cache.kept("new", lambda: small).paper, small.paper)
    monkeypatch.setenv("QSIM_CACHE", str(tmp_path / "file" / "below"))
    (tmp_path / "file").write_text("a file where a folder should be")
    assert np.array_equal(cache.kept("new", lambda: small).paper, small.paper)


def test_cells_too_small_for_lines_have_none() -> None:
    theatre = example().theatre
    ax = Figure((1, 1), dpi=100).add_axes((0, 0, 1, 1))
    assert Patchwork(ax, theatre, (place.id for place in theatre.places)).dense == (len(theatre.places) > 100)
    tiny = Figure((0.2, 0.2), dpi=100).add_axes((0, 0, 1, 1))
    assert Patchwork(tiny, theatre, (place.id for place in theatre.places)).dense


@pytest.mark.parametrize("words", ["open in 48 of 100", "way to (Qusayr):\nopen in 48 of 100"])  # of full height, all lines
def test_words_with_a_rim_are_written_as_matplotlib_draws_them_and_cover_what_stood_there(words: str) -> None:
    figure = Figure((3, 0.6), dpi=100)
    text = figure.text(0.1, 0.5, words, va="center", fontproperties=font(8.5, "bold"), color="#111111", linespacing=1.2)
    rim = Rim(3.2, "#ffffff")
    text.set_path_effects([rim])
    renderer = new_renderer(figure)
    text.draw(renderer)
    expected = np.asarray(renderer.buffer_rgba()).astype(float)  # type: ignore[no-untyped-call]
    sheet = np.zeros((60, 300, 4), dtype=np.uint8)
    sheet[:, 90:] = (200, 40, 40, 255)
    paste_rimmed(sheet, text, rim, 100)
    rows, columns = (np.flatnonzero((expected[..., 3] > 128).any(axis=axis)) for axis in (1, 0))
    mine = sheet[:, :90, 3] > 128
    assert abs(np.flatnonzero(mine.any(axis=1))[[0, -1]] - rows[[0, -1]]).max() <= 1
    assert abs(int(np.flatnonzero(mine.any(axis=0))[0]) - int(columns[0])) <= 1
    assert (sheet[:, 90:, 3] == 255).all()
    assert (sheet[:, 90:, :3] < 60).all(axis=-1).any()
    assert (sheet[:, 90:, :3] > 240).all(axis=-1).any()
