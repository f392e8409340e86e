"""Looks: colours that everybody can tell apart, text that can be read, signs that mean what they say, and sheets of every size."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations, pairwise

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

import qsim
from qsim.belief.events import Event, events
from qsim.belief.timeline import Snapshot
from qsim.draw import Scene
from qsim.draw.charts.trend import Trend
from qsim.draw.figure import left_to_right, new_figure, whole
from qsim.draw.labels import place_labels, ways
from qsim.draw.layout import Layout, layout
from qsim.draw.legend import Legend
from qsim.draw.multiples import Telling
from qsim.draw.palette import SIDE_COLOURS, TINTS, tint
from qsim.draw.style import DARK, LEAST, LIGHT, Look, LookError, least_size, look
from qsim.geography.encirclement import exits
from qsim.geography.pockets import Isolated, isolated
from qsim.record.geometry import distance_km
from qsim.record.theatre import Base, Link, Place, Side, Theatre

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
SIZES = ((960, 600), (1280, 800), (1920, 1080), (1080, 1350), (1080, 1080), (1080, 1920))
# Machado, Oliveira and Fernandes, A physiologically-based model for simulation of color vision deficiency, 2009; severity 1.
PROTAN = np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]])
DEUTAN = np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]])
TRITAN = np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]])
XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])


def linear(colour: str) -> NDArray[np.float64]:
    """Return red, green and blue of `#rrggbb`, linear, 0..1."""
    shares = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def lab(seen: NDArray[np.float64], colour: str) -> NDArray[np.float64]:
    """Return the CIELAB coordinates of a colour as it is seen through a matrix on linear red, green and blue."""
    xyz = XYZ @ np.clip(seen @ linear(colour), 0, 1) / np.array([0.95047, 1.0, 1.08883])
    x, y, z = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def least_apart(pairs: list[tuple[str, str]]) -> float:
    """Return the smallest CIELAB distance of any pair, as seen with all cones and without each kind of them."""
    return min(float(np.linalg.norm(lab(seen, a) - lab(seen, b))) for seen in (np.eye(3), PROTAN, DEUTAN, TRITAN) for a, b in pairs)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as the Web Content Accessibility Guidelines 2.1 define it: 1 to 21."""
    dark, light = sorted(float(linear(colour) @ XYZ[1]) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("theme", "sides", "least"), [(LIGHT, 2, 15), (LIGHT, 3, 11), (LIGHT, 4, 9.3), (DARK, 2, 12.1), (DARK, 3, 11.1), (DARK, 4, 9)]
)
def test_grounds_that_mean_different_things_stay_apart_for_all_readers(theme: Look, sides: int, least: float) -> None:
    """Sides in each tint, and the unknown. The nearest are steps of one side (two sides), and the palest ones and the unknown (more)."""
    grounds = [tint(colour, step, palette=theme) for colour in SIDE_COLOURS[:sides] for step in range(len(TINTS))]
    assert least_apart(list(combinations([*grounds, theme.unknown], 2))) >= least


@pytest.mark.parametrize(
    ("theme", "sides", "least"), [(LIGHT, 2, 41), (LIGHT, 3, 17.5), (LIGHT, 4, 9.5), (DARK, 2, 39), (DARK, 3, 11.1), (DARK, 4, 9.9)]
)
def test_the_stripes_of_a_contested_place_differ_in_every_tint(theme: Look, sides: int, least: float) -> None:
    striped = [[tint(colour, step, palette=theme) for colour in SIDE_COLOURS[:sides]] for step in range(len(TINTS))]
    assert least_apart([pair for same in striped for pair in combinations(same, 2)]) >= least


def test_the_bundled_scenarios_use_these_colours() -> None:
    for name in ("qusayr", "example"):
        sides = qsim.load(name)[0].sides
        assert tuple(side.colour for side in sides) == SIDE_COLOURS[: len(sides)]


@THEMES
def test_every_text_can_be_read_on_its_ground(theme: Look) -> None:
    grounds = [(theme.ink, theme.paper), (theme.faint_ink, theme.paper), (theme.ink, theme.casing), (theme.faint_ink, theme.casing)]
    grounds += [
        (theme.water_ink, theme.casing),
        (theme.water_ink, theme.water),
        (theme.ink, theme.unknown),
        (theme.flash_line, theme.flash),
    ]
    assert min(contrast(*pair) for pair in grounds) >= 4.5
    assert contrast(theme.front, theme.casing) >= 4.5


def three_in_a_row() -> Theatre:
    """
    Three squares in a row, b's base beyond the eastern edge: [a] - [b] - [c] - far. Towns beyond the frame are known to the west and north.

    Blue holds what it holds by way of far; red has none.
    """
    squares = {id: shapely.box(x, 0, x + 1, 1) for x, id in enumerate("abc")}
    places = [
        Place(id, id.upper(), x + 0.5, 0.5, polygon=square, area_km2=1, name_ar="القصير") for x, (id, square) in enumerate(squares.items())
    ]
    far = [Place("far", "Far", 4.0, 0.5, gateway=True), Place("west", "West", -1.0, 0.5, gateway=True, population=9)]
    links = [Link(f"{a}{b}", f"{a}{b}", a, b, length_km=1.0) for a, b in (("a", "b"), ("b", "c"), ("c", "far"))]
    sides = (Side("blue", "Blue", SIDE_COLOURS[0], {}, (Base("far"),)), Side("red", "Red", SIDE_COLOURS[1]))
    return Theatre("row", "A row", (*places, *far), tuple(links), sides, frame=(0.0, 0.0, 3.0, 1.0))


def on_day(theatre: Theatre, codes: str) -> Snapshot:
    """Return a day on which the places are blue (b), red (r), contested (x) or unknown (-), and the rest unknown."""
    status = np.array(["brx".find(code) for code in codes] + [-1] * (len(theatre.places) - len(codes)), dtype=np.int8)
    belief = np.where(status[:, None] < 0, 1 / 3, np.arange(3) == status[:, None])
    return Snapshot(date(2000, 1, 2), theatre, belief, status, np.full(len(status), np.datetime64("NaT", "D"), dtype="datetime64[D]"))


def row_timeline(*days: str) -> qsim.Timeline:
    """Return the row's history, a word of codes a day."""
    theatre = three_in_a_row()
    status = np.stack([on_day(theatre, codes).status for codes in days])
    return qsim.Ensemble(theatre, None, np.datetime64("2000-01-01") + np.arange(len(days)).astype("timedelta64[D]"), status[None]).mean()


def made(size: tuple[int, int], shape: float, title: str, *, city: bool, chart: bool, sides: int = 2) -> tuple[Look, Layout]:
    """Return the layout of a theatre whose map is so many times wider than high."""
    shown = look("light", size)
    theatre = Theatre(
        "toy", title, (), (), tuple(Side(f"s{i}", f"Side {i}", c) for i, c in enumerate(SIDE_COLOURS[:sides])), frame=(0, 0, shape, 1)
    )
    legend = Legend(shown, theatre, place=None, side=None, certain=False)
    return shown, layout(shown, theatre, title, legend.height, city=city, chart=chart)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(900, 2600),
    st.integers(700, 2000),
    st.floats(0.5, 2.5),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["A war", "A war " * 12]),
)
def test_nothing_collides_on_a_sheet_of_any_size(wide: int, high: int, shape: float, city: bool, chart: bool, title: str) -> None:
    assume(wide >= least_size((wide, high))[0] and high >= least_size((wide, high))[1])
    shown, places = made((wide, high), shape, title, city=city, chart=chart)
    boxes = [box for box in (places.map.padded(shown.collar_px), places.legend, places.city, places.chart) if box is not None]
    sheet = Bbox.from_bounds(0, 0, shown.width_px, shown.height_px)
    for i, box in enumerate(boxes):
        assert box.width > 0 < box.height
        assert sheet.padded(0.5).contains(*box.min)
        assert sheet.padded(0.5).contains(*box.max)
        assert not any(box.padded(-0.5).overlaps(other) for other in boxes[i + 1 :])
    assert places.map.width / places.map.height == pytest.approx(aspect_of(shape), rel=1e-6)


@pytest.mark.parametrize("size", [(1280, 800), (1600, 900)])
def test_a_legend_with_nothing_above_it_stands_below_the_words_of_the_panel(size: tuple[int, int]) -> None:
    _, places = made(size, 1.0, "A war", city=False, chart=False)
    assert places.legend is not None
    assert 20 < places.status[1] - places.legend.y1 < 60
    _, charted = made(size, 1.0, "A war", city=False, chart=True)
    assert charted.legend is not None
    assert charted.legend.y1 < places.legend.y1 - 100


def test_what_the_headline_says_is_not_said_again_below_and_full_colours_are_explained(timeline: qsim.Timeline) -> None:
    scene = Scene(timeline.theatre, side="opposition")
    assert scene.panel is not None
    scene.show(timeline.at("2013-05-29"), events=(found := events(timeline, "2013-05-29"))[:1], headline=(found[0].text, ""))
    said = scene.panel._caption.get_text()
    assert said.startswith(f"Told by {found[0].said_by.partition(';')[0]}"[:20])
    assert found[0].text not in said
    scene.show(timeline.at("2013-05-29"), events=found[:1], headline=("The road is cut", ""))
    assert found[0].text[:20] in scene.panel._caption.get_text()
    assert scene.sheet is not None
    assert "Full colours: Opposition." in " ".join(text.get_text() for text in scene.sheet.texts).replace("\n", " ")
    sides = tuple(replace(each, name="Free republic of the upper valley") for each in timeline.theatre.sides)
    long = Scene(replace(timeline.theatre, sides=sides), side="opposition")
    assert long.sheet is not None
    told = " ".join(text.get_text() for text in long.sheet.texts).replace("\n", " ")
    assert "Full colours: Free republic of…" in told
    assert "…." not in told


def test_names_for_which_there_is_no_room_beside_their_place_are_led_to_it_by_a_line() -> None:
    close = [Place(f"p{i}", f"A village of name {i}", 0.5 + 0.012 * (i % 3), 0.5 + 0.012 * (i // 3)) for i in range(9)]
    theatre = replace(three_in_a_row(), places=tuple(close), links=(), frame=(0.0, 0.0, 1.0, 1.0))
    ax = new_figure(LIGHT).add_axes((0.05, 0.05, 0.6, 0.9))
    ax.set(xlim=(0, 1), ylim=(0, 1))
    labels = place_labels(ax, theatre, [])
    assert {text.get_text() for text in labels.texts} == {place.name for place in close}
    lines = [line for line in ax.get_lines() if str(line.get_gid()).startswith("leader-")]
    assert lines
    for line in lines:
        text = labels.texts[int(str(line.get_gid()).removeprefix("leader-"))]
        place = next(place for place in close if place.name == text.get_text())
        assert np.asarray(line.get_xydata())[0].tolist() == pytest.approx([place.lon, place.lat])


def aspect_of(shape: float) -> float:
    return float(shape * np.cos(np.radians(0.5)))


def test_a_larger_sheet_has_larger_type_and_a_finer_one_more_pixels() -> None:
    usual, large, fine = look(), look(size=(2560, 1600)), look(scale=2)
    assert (usual.pixels, large.pixels, fine.pixels) == ((1280, 800), (2560, 1600), (2560, 1600))
    assert (large.width_px, large.dpi) == (fine.width_px, fine.dpi) == (1280, 200)
    assert not usual.stacked
    assert look(size=(1080, 1350)).stacked


@pytest.mark.parametrize(("size", "scale"), [((1280, 800), 1.0), ((1920, 1080), 1.0), ((1081, 1351), 1.0), ((961, 601), 1.5)])
def test_a_picture_has_the_size_that_was_asked_for(size: tuple[int, int], scale: float) -> None:
    scene = Scene(three_in_a_row(), look=look("light", size, scale))
    assert scene.figure.canvas.get_width_height(physical=True) == scene.look.pixels == (round(size[0] * scale), round(size[1] * scale))


def test_a_sheet_too_small_for_its_text_is_refused_and_the_least_size_named() -> None:
    with pytest.raises(LookError, match=f"300x200 is too small.*at least {LEAST[0]}x{LEAST[1]}"):
        look(size=(300, 200))


@pytest.mark.parametrize("size", [(320, 480), (390, 844), (600, 400)])
def test_a_small_sheet_has_the_map_and_the_words_of_the_day_within_it(size: tuple[int, int]) -> None:
    theatre, ledger = qsim.load("qusayr")
    timeline = qsim.reconstruct(theatre, ledger, start="2013-05-27", end="2013-05-29")
    small = look(size=size)
    assert small.compact
    assert not look(size=(1200, 630)).compact
    scene = Telling(timeline, small, place="qusayr", side="opposition").scene
    scene.show(timeline.at("2013-05-29"), position=2, headline=("A headline", ""))
    assert scene.sheet is not None
    renderer = RendererAgg(*small.pixels, small.dpi)  # type: ignore[no-untyped-call]
    boxes = {text.get_text(): text.get_window_extent(renderer) for text in scene.sheet.texts if text.get_text()}
    assert {"A headline", "29 May 2013"} <= set(boxes)
    assert not [text for text, box in boxes.items() if box.x0 < 0 or box.x1 > size[0] or box.y0 < 0 or box.y1 > size[1]]
    assert scene.ax.bbox.width > 0.3 * size[0]


@pytest.fixture(scope="module")
def timeline() -> qsim.Timeline:
    theatre, ledger = qsim.load("qusayr")
    return qsim.reconstruct(theatre, ledger, start="2013-05-17", end="2013-06-05", policy="hmm")


def whole_picture(timeline: qsim.Timeline, moment: str, look: Look) -> Scene:
    """Return the whole picture of a day, with all that can be on it."""
    history, i = timeline.most_likely(), timeline.position(moment)
    scene = Scene(timeline.theatre, place="qusayr", side="opposition", trend=Trend.of(timeline), look=look, precision=True)
    out, pocket = exits(history, "qusayr", "opposition")[i], isolated(history, "qusayr", "opposition")[i]
    changed = events(timeline, moment)
    scene.show(timeline.at(moment), events=changed, exits=out, before=timeline._snapshot(max(i - 1, 0)), pocket=pocket)
    return scene


def extents(scene: Scene, texts: Sequence[Text]) -> list[tuple[str, Bbox]]:
    """Return the words and boxes, pixels, of texts that are not empty."""
    renderer = RendererAgg(*scene.look.pixels, scene.look.dpi)  # type: ignore[no-untyped-call]
    return [(text.get_text(), text.get_window_extent(renderer)) for text in texts if text.get_text()]


def overlapping(boxes: list[tuple[str, Bbox]], px: float) -> list[tuple[str, str]]:
    return [(a, b) for (a, one), (b, other) in combinations(boxes, 2) if one.padded(-1.5 * px).overlaps(other.padded(-1.5 * px))]


@pytest.mark.parametrize(
    ("size", "names"), [*((size, "latin") for size in SIZES), ((960, 600), "both"), ((1080, 1080), "both"), ((1280, 800), "ar")], ids=str
)
def test_words_neither_overlap_nor_leave_their_frame(timeline: qsim.Timeline, size: tuple[int, int], names: str) -> None:
    theme = "dark" if size[0] == 1080 else "light"
    scene = whole_picture(timeline, "2013-05-19", look(theme, size, names=names))
    px = scene.look.dpi / 100
    labels = extents(scene, scene.labels.texts)
    assert len(labels) >= 20
    assert not overlapping(labels, 0)
    frame = scene.ax.bbox
    assert all(frame.contains(*box.min) and frame.contains(*box.max) for _, box in labels)
    assert scene.sheet is not None
    written = extents(scene, [*scene.sheet.texts, *scene.gateway_labels])
    whole = Bbox.from_bounds(0, 0, *scene.look.pixels)
    assert not [text for text, box in written if not (whole.contains(*box.min) and whole.contains(*box.max))]
    assert not overlapping(written, px)
    assert not [text for text, box in extents(scene, scene.sheet.texts) if box.overlaps(frame)]


def test_the_front_of_the_day_before_is_the_front_that_was_shown_then(timeline: qsim.Timeline) -> None:
    scene, i = Scene(timeline.theatre), timeline.position("2013-05-29")
    scene.show(timeline._snapshot(i - 1))
    then = scene._front.line.get_segments()
    assert not scene._front.before.get_segments()
    scene.show(timeline._snapshot(i), before=timeline._snapshot(i - 1))
    assert [line.tolist() for line in scene._front.before.get_segments()] == [line.tolist() for line in then]
    assert [line.tolist() for line in scene._front.line.get_segments()] != [line.tolist() for line in then]


def test_what_changed_flashes_for_one_day() -> None:
    theatre = three_in_a_row()
    scene = Scene(theatre)
    scene.show(on_day(theatre, "bbr"), events=[Event(date(2000, 1, 2), ("b",), "B: red → blue", None, "")])
    (path,) = scene._flash.glow.get_paths()
    assert shapely.Polygon(np.asarray(path.vertices)[:-1]).equals(theatre.place("b").polygon)
    scene.show(on_day(theatre, "bbr"))
    assert not scene._flash.glow.get_paths()
    assert not len(np.asarray(scene._rings.get_xdata()))


def test_what_no_way_joins_to_a_base_is_a_pocket_and_the_last_way_is_remembered() -> None:
    """Red takes the middle of blue's row, then the end; then all is blue again. Of what is unknown nothing is cut off, nor has it a last way."""
    found = isolated(row_timeline("bbb", "brb", "brr", "bxb", "-rr").most_likely(), "a", "blue")
    way = ("b", "c", "far")
    assert found[0] == found[3] == Isolated()
    assert found[1] == Isolated(("a",), way, date(2000, 1, 2))
    assert found[2] == Isolated(("a",), way, date(2000, 1, 2))
    assert found[4] == Isolated()


def test_a_pocket_is_drawn_inside_the_frame_with_its_land_on_the_left() -> None:
    theatre = three_in_a_row()
    scene = Scene(theatre, place="a", side="blue")
    scene.show(on_day(theatre, "brb"), pocket=Isolated(("a",), ("b", "c", "far"), date(2000, 1, 2)))
    (edge,) = scene._pocket.edge.get_paths()
    assert np.round(np.asarray(edge.vertices), 3).tolist() == [[1, 0], [1, 1]]
    (way,) = scene._pocket.last.get_segments()
    assert way[:, 0].tolist() == [0.5, 1.5, 2.5, 3.0]
    scene.show(on_day(theatre, "bbb"))
    assert not scene._pocket.edge.get_paths()
    assert not scene._pocket.last.get_segments()


def test_the_legend_names_every_sign_that_a_day_may_carry(timeline: qsim.Timeline) -> None:
    legend = Legend(LIGHT, timeline.theatre, place="qusayr", side="opposition", certain=False, precision=True)
    keys = {key for _, key in legend.entries}
    assert keys == {
        "government",
        "opposition",
        "contested",
        "undecided",
        "unknown",
        "age",
        "front",
        "before",
        "ring",
        "precision",
        "route",
        "pocket",
        "last",
        "arrow",
    }
    alone = {key for _, key in Legend(LIGHT, three_in_a_row(), place=None, side=None, certain=True).entries}
    assert not alone & {"precision", "route", "pocket", "last"}
    weekly = {key: text for text, key in Legend(LIGHT, timeline.theatre, place=None, side=None, certain=True, every=7).entries}
    assert (weekly["before"], weekly["ring"]) == ("front 7 days before", "changed in 7 days")
    scene = whole_picture(timeline, "2013-05-29", look())
    assert scene.sheet is not None
    assert {text for text, _ in legend.entries} <= {text.get_text() for text in scene.sheet.texts}


@pytest.mark.parametrize("sides", [2, 4])
def test_words_of_the_legend_stand_clear_of_its_swatches(sides: int) -> None:
    named = tuple(Side(f"s{i}", f"Side {i}", SIDE_COLOURS[i]) for i in range(sides))
    legend = Legend(LIGHT, replace(three_in_a_row(), sides=named), place=None, side=None, certain=False)
    sheet = whole(new_figure(LIGHT), LIGHT)
    legend.draw(sheet, Bbox.from_bounds(800, 100, 404, legend.height(404)))
    boxes = [patch.get_window_extent() for patch in sheet.patches]
    words = {text.get_text(): text.get_window_extent() for text in sheet.texts}
    assert len(boxes) > sides
    assert not [text for text, box in words.items() if any(box.padded(-1).overlaps(other) for other in boxes)]


def test_arabic_names_are_joined_and_kept_as_text() -> None:
    theatre = three_in_a_row()
    scene = Scene(theatre, look=look(names="ar"))
    scene.show(on_day(theatre, "brx"))
    assert {text.get_text() for text in scene.labels.texts} == {"القصير"}
    assert "القصير" in scene.svg()
    joined = scene.labels.size("القصير", 20)[0]
    assert joined < 0.9 * sum(scene.labels.size(letter, 20)[0] for letter in "القصير")
    both = Scene(theatre, look=look(names="both"))
    assert {text.get_text() for text in both.labels.texts} == {"A\nالقصير", "B\nالقصير", "C\nالقصير"}


def test_arabic_names_in_latin_lines_keep_their_place() -> None:
    assert left_to_right("القصير، 2013") == "القصير، 2013"
    assert left_to_right("Al-Qusayr: 1 way out") == "Al-Qusayr: 1 way out"
    assert left_to_right("A\nالقصير: 1 way out") == "A\n\u200eالقصير\u200e: 1 way out"


def test_circles_of_precision_are_as_wide_as_told() -> None:
    theatre = three_in_a_row()
    (a, *others) = theatre.places
    theatre = replace(theatre, places=(replace(a, precision_km=20.0, basis="estimated"), *others))
    scene = Scene(theatre, precision=True)
    (circles,) = [each for each in scene.ax.collections if each.get_gid() == "precision"]
    (path,) = circles.get_paths()
    lon = np.asarray(path.vertices)[:, 0]
    west, east = float(lon.min()), float(lon.max())
    assert distance_km((west, 0.5), (east, 0.5)) == pytest.approx(40, rel=0.01)


@pytest.mark.parametrize("name", ["qusayr", "example"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_neither_scale_bar_nor_locator_covers_a_way_or_a_place(name: str, size: tuple[int, int]) -> None:
    theatre = qsim.load(name)[0]
    scene = Scene(theatre, look=look(size=size))
    to_px = scene.ax.transData.transform
    lines = shapely.transform(ways(theatre, scene._anchors.values()), to_px)
    dots = shapely.transform(shapely.MultiPoint([(p.lon, p.lat) for p in theatre.places if not p.gateway]), to_px)
    boxes = [shapely.box(*box.extents) for box in scene.covered]
    assert not [box for box in boxes if box.intersects(lines) or box.intersects(dots)]
    assert len(boxes) in ((1, 2) if name == "qusayr" else (1,))  # a locator only where there is room


def test_days_without_claims_for_long_are_a_gap_in_the_strip() -> None:
    theatre, ledger = qsim.load("qusayr")
    course = qsim.reconstruct(theatre, ledger, start="2012-04-01", end="2013-04-30", policy="last_claim")
    trend = Trend.of(course)
    assert trend is not None
    inside = np.zeros(len(trend.days), dtype=bool)
    for first, last in trend.reported:
        inside[first : last + 1] = True
    assert inside[trend.claims > 0].all()
    assert len(trend.reported) > 1
    assert min(later - earlier for (_, earlier), (later, _) in pairwise(trend.reported)) >= 30
    assert trend.changes.sum() == len({change.day for change in course.changes()})
