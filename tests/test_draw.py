"""Pictures carry the right colours and words; labels neither overlap nor leave the frame."""

import re
from datetime import date
from xml.etree import ElementTree

import numpy as np
import pytest
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.collections import Collection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text

import qsim
from qsim import draw, replay
from qsim.draw import Scene
from qsim.draw.look import LOOK, NO_CHANGE, caption, fill, wrapped
from qsim.metrics import Exits
from qsim.replay import Event
from qsim.theatre import Base, Place, Side, Theatre
from qsim.timeline import Snapshot

DAY = "2013-05-29"


@pytest.fixture(scope="module")
def timeline() -> qsim.Timeline:
    theatre, ledger = qsim.load("qusayr")
    return qsim.reconstruct(theatre, ledger, start="2013-05-27", end="2013-06-06", policy="last_claim")


@pytest.fixture(scope="module")
def scene(timeline: qsim.Timeline) -> Scene:
    return Scene(timeline.theatre, side="opposition")


def three_sides() -> Theatre:
    """Four squares in a row, a field of red, blue and green; no city, no lake, no documents."""
    sides = tuple(Side(id, id.title(), colour, {}, ()) for id, colour in (("red", "#D55E00"), ("blue", "#0072B2"), ("green", "#009E73")))
    squares = [shapely.box(x, 0, x + 1, 1) for x in range(4)]
    places = [Place(id, id, x + 0.5, 0.5, polygon=square, area_km2=1) for x, (id, square) in enumerate(zip("abcd", squares, strict=True))]
    far = Place("far", "Far $5 & <more>", 9.0, 0.5, gateway=True)
    sides = (Side("red", "Red", "#D55E00", {}, (Base("far"),)), *sides[1:])
    return Theatre("toy", "A toy", (*places, far), (), sides, frame=(0.0, 0.0, 4.0, 1.0))


def toy_day(theatre: Theatre, *codes: int) -> Snapshot:
    status = np.array([*codes, -1], dtype=np.int8)
    silent = np.full(len(status), np.datetime64("NaT"), dtype="datetime64[D]")
    return Snapshot(date(2000, 1, 2), theatre, np.full((len(status), 4), 0.25), status, silent)


def hexes(collection: Collection) -> list[str]:
    return [to_hex(tuple(colour)) for colour in np.atleast_2d(np.asarray(collection.get_facecolor(), dtype=float))]


def words(ax: Axes) -> str:
    assert ax.figure is not None
    return "\n".join(text.get_text() for text in ax.figure.findobj(Text))


def test_cells_carry_their_sides_colours(scene: Scene, timeline: qsim.Timeline) -> None:
    snapshot = timeline.at(DAY)
    scene.show(snapshot)
    colours = hexes(scene._cells.cells)
    expected = [fill(timeline.theatre, snapshot.most_likely(id)).lower() for id in scene._cells.ids]
    assert colours == expected
    assert len(set(colours)) >= 3


def test_contested_cells_are_striped_in_the_other_sides_colours() -> None:
    theatre = three_sides()
    scene = Scene(theatre)
    scene.show(toy_day(theatre, 0, 3, 3, -1))
    assert hexes(scene._cells.cells) == ["#d55e00", "#d55e00", "#d55e00", LOOK.unknown]
    assert hexes(scene._cells.striped) == ["#0072b2", "#009e73"] * 2
    assert len(scene._cells.dotted.get_paths()) == 1


def test_stripes_share_a_cell_equally() -> None:
    scene = Scene(three_sides())
    areas = [sum(shapely.Polygon(np.asarray(ring)).area for ring in band.to_polygons()) for band in scene._cells.bands[1]]
    assert areas == pytest.approx([1 / 3, 1 / 3], abs=0.04)


def test_the_front_line_runs_between_hostile_cells_only() -> None:
    theatre = three_sides()
    scene = Scene(theatre)
    scene.show(toy_day(theatre, 0, 1, 3, 2))
    assert [segment[:, 0].tolist() for segment in scene._front.line.get_segments()] == [[1, 1]]
    scene.show(toy_day(theatre, 0, 0, -1, 2))
    assert not scene._front.line.get_segments()


def test_labels_do_not_overlap_and_lie_within_the_frame(scene: Scene) -> None:
    renderer = RendererAgg(LOOK.width_px, LOOK.height_px, LOOK.dpi)  # type: ignore[no-untyped-call]
    boxes = [text.get_window_extent(renderer) for text in scene.labels.texts]
    frame = scene.ax.bbox
    assert len(boxes) > 30
    for i, box in enumerate(boxes):
        assert frame.x0 <= box.x0 < box.x1 <= frame.x1
        assert frame.y0 <= box.y0 < box.y1 <= frame.y1
        assert not any(box.overlaps(other) for other in boxes[i + 1 :])


def test_gateways_are_named_outside_the_frame_and_do_not_overlap(scene: Scene) -> None:
    renderer = RendererAgg(LOOK.width_px, LOOK.height_px, LOOK.dpi)  # type: ignore[no-untyped-call]
    boxes = [text.get_window_extent(renderer) for text in scene.gateway_labels]
    assert {"Homs", "Hermel", "Arsal"} <= {text.get_text() for text in scene.gateway_labels}
    for i, box in enumerate(boxes):
        assert not box.overlaps(scene.ax.bbox)
        assert box.x0 >= 0
        assert 0 <= box.y0 < box.y1 <= LOOK.height_px
        assert not any(box.overlaps(other) for other in boxes[i + 1 :])


def test_the_names_that_matter_are_on_the_map(scene: Scene) -> None:
    names = {text.get_text() for text in scene.labels.texts}
    assert {"Al-Qusayr", "Al-Dab'a Air Base", "Lake Qattinah", "Hamidiya", "Arjoun", "SYRIA", "LEBANON"} <= names


def test_a_day_leaves_no_trace_of_the_one_before(timeline: qsim.Timeline, scene: Scene) -> None:
    scene.show(timeline.at("2013-05-28"), events=replay.events(timeline, "2013-05-28"), exits=Exits((("burak", "arjoun"),)))
    scene.show(timeline.at(DAY))
    again = scene.svg()
    assert again == draw.snapshot_svg(timeline.at(DAY), side="opposition")


def test_the_sheet_tells_the_day_the_ways_out_and_what_changed(timeline: qsim.Timeline) -> None:
    events = replay.events(timeline, DAY)
    ax = draw.snapshot(timeline.at(DAY), events=events, exits=Exits((("burak", "hamidiya", "hamidiya_gateway"),)), side="opposition")
    told = words(ax)
    expected = [DAY, "Al-Qusayr: 1 way out", events[0].text, "Areas are nearest-place estimates.", "10 km", "CC BY-SA 4.0"]
    assert not [each for each in expected if each not in told.replace("\n", " ")]
    assert {"a1", "d4", "Government and allies", "contested", "unknown", "front line"} <= set(told.splitlines())


def test_ways_out_lead_from_the_city_to_the_frame(scene: Scene, timeline: qsim.Timeline) -> None:
    scene.show(timeline.at(DAY), exits=Exits((("burak", "hamidiya", "hamidiya_gateway"),)))
    (way,) = scene._routes.lines.get_segments()
    city, north = timeline.theatre.place("qusayr"), timeline.theatre.frame[3]
    assert way[0].tolist() == [city.lon, city.lat]
    assert way[-1][1] == pytest.approx(north)
    assert len(way) == 4


def test_a_city_that_the_side_no_longer_holds_is_not_called_cut_off(scene: Scene, timeline: qsim.Timeline) -> None:
    last = timeline.at("2013-06-05")
    assert scene._ways_out(last, Exits(())) == "Al-Qusayr: Opposition holds no part"
    assert scene._ways_out(timeline.at(DAY), Exits(())) == "Al-Qusayr: cut off"


def test_svg_carries_its_text_as_text(timeline: qsim.Timeline) -> None:
    events = replay.events(timeline, DAY)
    svg = draw.snapshot_svg(timeline.at(DAY), events=events)
    root = ElementTree.fromstring(svg)
    text = " ".join(root.itertext())
    assert f"{DAY}. government: " in text
    claim = events[0].claim
    assert claim is not None
    assert claim.cites[0] in text
    assert "Al-Dab'a Air Base" in text
    written = " ".join(element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}text"))
    assert not [each for each in (DAY, "Hamidiya", "Lake Qattinah") if each not in written]
    assert len({e.get("id") for e in root.iter() if e.get("id")}) == len([e for e in root.iter() if e.get("id")])


def test_svg_is_the_same_each_time_and_undated(timeline: qsim.Timeline) -> None:
    first, second = (draw.snapshot_svg(timeline.at(DAY), events=replay.events(timeline, DAY)) for _ in range(2))
    assert first == second
    assert "dc:date" not in first


def test_three_sides_and_no_city_draw_too() -> None:
    theatre = three_sides()
    ax = draw.snapshot(toy_day(theatre, 0, 1, 2, 3), exits=Exits(()))
    told = words(ax)
    assert {"A toy", "2000-01-02", "Red", "Blue", "Green", NO_CHANGE, "a", "d", "Far $5 & <more>"} <= set(told.splitlines())
    assert "enlarged" not in told
    assert "way" not in told
    ElementTree.fromstring(draw.snapshot_svg(toy_day(theatre, 0, 1, 2, 3)))


def test_a_theatre_of_one_place_without_area_draws() -> None:
    theatre = Theatre("dot", "A dot", (Place("a", "a", 0.5, 0.5),), (), (Side("red", "Red", "#D55E00"),))
    snapshot = Snapshot(
        date(2000, 1, 1), theatre, np.ones((1, 2)) / 2, np.array([-1], dtype=np.int8), np.array(["NaT"], dtype="datetime64[D]")
    )
    assert draw.snapshot(snapshot).figure is not None


def test_the_map_is_drawn_on_axes_that_are_given() -> None:
    theatre, figure = three_sides(), Figure()
    ax = figure.subplots()
    event = Event(date(2000, 1, 2), ("a",), "a: unknown → red", None, "The teller; x:1")
    assert draw.snapshot(toy_day(theatre, 0, 1, 2, 3), ax, events=[event]) is ax
    assert ax.get_title() == "A toy\n2000-01-02"
    assert ax.get_xlabel() == "a: unknown → red (The teller; x:1)"
    assert ax.get_aspect() == pytest.approx(1 / np.cos(np.radians(0.5)))


def test_drawing_touches_no_global_state() -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    draw.snapshot_svg(toy_day(three_sides(), 0, 1, 2, 3))
    assert dict(matplotlib.rcParams) == before


def test_captions_fit_their_lines_and_count_the_rest() -> None:
    told = [(f"{name}: red", "The teller; x:1") for name in ("Aa", "Bb", "Cc", "Dd", "Ee")]
    lines = caption(told, 30, 3, len)
    assert lines == ["Aa: red (The teller; x:1)", "Bb: red (The teller; x:1)", "and 3 more"] or len(lines) == 3
    assert re.search(r"and \d more$", lines[-1])
    assert caption([], 30, 3, len) == [NO_CHANGE]
    assert caption([("same", "x"), ("same", "y")], 30, 3, len) == ["same (x; y)"]
    assert len(caption([("word " * 60, "")], 30, 3, len)) == 3
    assert wrapped("one two three", 7, len) == ["one two", "three"]


def test_where_nothing_is_known_no_ways_out_are_told() -> None:
    theatre = three_sides()
    scene = Scene(theatre, place="a", side="red")
    assert scene._ways_out(toy_day(theatre, -1, 0, 0, 0), Exits(())) == "a: ways out unknown"
    assert scene._ways_out(toy_day(theatre, 1, 0, 0, 0), Exits(())) == "a: Red holds no part"
