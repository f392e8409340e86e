"""Pictures carry the right colours and words; labels neither overlap nor leave the frame."""

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
from numpy.typing import NDArray

import qsim
from qsim import draw
from qsim.belief.events import Event, events
from qsim.belief.timeline import Snapshot
from qsim.draw import Scene
from qsim.draw.cells import Patchwork
from qsim.draw.figure import text_width
from qsim.draw.palette import HOW_SURE, NO_CHANGE, grounds, tint, tint_steps
from qsim.draw.style import LOOK, caption, wrapped
from qsim.geography.metrics import Exits
from qsim.record.theatre import Base, Place, Side, Theatre

DAY = "2013-05-29"
PROTAN = np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]])
DEUTAN = np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]])
TRITAN = np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]])
XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])


@pytest.fixture(scope="module")
def timeline() -> qsim.Timeline:
    theatre, ledger = qsim.load("qusayr")
    return qsim.reconstruct(theatre, ledger, start="2013-05-27", end="2013-06-05", policy="last_claim")


@pytest.fixture(scope="module")
def scene(timeline: qsim.Timeline) -> Scene:
    return Scene(timeline.theatre, side="opposition", certain=True, alone=True)


def three_sides() -> Theatre:
    """Four squares in a row, a field of red, blue and green; no city, no lake, no documents."""
    sides = tuple(Side(id, id.title(), colour, {}, ()) for id, colour in (("red", "#D55E00"), ("blue", "#0072B2"), ("green", "#009E73")))
    squares = [shapely.box(x, 0, x + 1, 1) for x in range(4)]
    places = [Place(id, id, x + 0.5, 0.5, polygon=square, area_km2=1) for x, (id, square) in enumerate(zip("abcd", squares, strict=True))]
    far = Place("far", "Far $5 & <more>", 9.0, 0.5, gateway=True)
    sides = (Side("red", "Red", "#D55E00", {}, (Base("far"),)), *sides[1:])
    return Theatre("toy", "A toy", (*places, far), (), sides, frame=(0.0, 0.0, 4.0, 1.0))


def toy_day(theatre: Theatre, *codes: int, belief: float = 1.0, reported: str = "NaT") -> Snapshot:
    """The squares have the statuses of `codes`, each believed so much, and were last reported that day."""
    status = np.array([*codes, -1], dtype=np.int8)
    held = np.full((len(status), 4), 0.25)
    held[status >= 0] = (1 - belief) / 3
    held[status >= 0, status[status >= 0]] = belief
    silent = np.full(len(status), np.datetime64(reported, "D"), dtype="datetime64[D]")
    return Snapshot(date(2000, 1, 2), theatre, held, status, silent)


def shown(patchwork: Patchwork) -> tuple[list[str], list[str]]:
    """Return the colours of the cells and of their stripes as they are now."""
    patchwork.paint()
    return hexes(patchwork.cells), hexes(patchwork.striped)


def hexes(collection: Collection) -> list[str]:
    return [to_hex(tuple(colour)) for colour in np.atleast_2d(np.asarray(collection.get_facecolor(), dtype=float))]


def lab(seen: NDArray[np.float64], colour: str) -> NDArray[np.float64]:
    """Return the CIELAB coordinates of a colour as it is seen through a matrix on linear red, green and blue."""
    shares = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    xyz = XYZ @ np.clip(seen @ linear, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    x, y, z = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def words(ax: Axes) -> str:
    assert ax.figure is not None
    return "\n".join(text.get_text() for text in ax.figure.findobj(Text))


def test_cells_carry_their_sides_colours(scene: Scene, timeline: qsim.Timeline) -> None:
    snapshot = timeline.at(DAY)
    scene.show(snapshot)
    colours, _ = shown(scene._cells)
    steps = tint_steps(snapshot.belief, snapshot.status)[[timeline.theatre.index[id] for id in scene._cells.ids]]
    told = zip(scene._cells.ids, steps.tolist(), strict=True)
    expected = [grounds(timeline.theatre, snapshot.status_of(id), step, figure=scene.side)[0].lower() for id, step in told]
    assert colours == expected
    assert len(set(colours)) >= 3


def test_contested_cells_are_striped_in_the_other_sides_colours() -> None:
    theatre = three_sides()
    scene = Scene(theatre)
    scene.show(toy_day(theatre, 0, 3, 3, -1))
    assert shown(scene._cells) == (["#d55e00", "#d55e00", "#d55e00", LOOK.unknown], ["#0072b2", "#009e73"] * 2)
    assert len(scene._cells.dotted.get_paths()) == 1


def test_stripes_share_a_cell_equally() -> None:
    scene = Scene(three_sides())
    areas = [sum(shapely.Polygon(np.asarray(ring)).area for ring in band.to_polygons()) for band in scene._cells.bands(1)]
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
    scene.show(timeline.at("2013-05-28"), events=events(timeline, "2013-05-28"), exits=Exits((("burak", "arjoun"),)))
    scene.show(timeline.at(DAY))
    again = scene.svg()
    assert again == draw.snapshot_svg(timeline.at(DAY), side="opposition")


def test_the_sheet_tells_the_day_the_ways_out_and_what_changed(timeline: qsim.Timeline) -> None:
    changed = events(timeline, DAY)
    ax = draw.snapshot(timeline.at(DAY), events=changed, exits=Exits((("burak", "hamidiya", "hamidiya_gateway"),)), side="opposition")
    told = words(ax)
    expected = ["29 May 2013", "Al-Qusayr: 1 way out", changed[0].text, "Areas are nearest-place estimates.", "10 km", "CC BY-SA 4.0"]
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
    changed = events(timeline, DAY)
    svg = draw.snapshot_svg(timeline.at(DAY), events=changed)
    root = ElementTree.fromstring(svg)
    text = " ".join(root.itertext())
    assert f"{DAY}. government: " in text
    claim = changed[0].claim
    assert claim is not None
    assert claim.cites[0] in text
    assert "Al-Dab'a Air Base" in text
    written = " ".join(element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}text"))
    assert not [each for each in ("29 May 2013", "Hamidiya", "Lake Qattinah") if each not in written]
    assert len({e.get("id") for e in root.iter() if e.get("id")}) == len([e for e in root.iter() if e.get("id")])


def test_svg_is_the_same_each_time_and_undated(timeline: qsim.Timeline) -> None:
    first, second = (draw.snapshot_svg(timeline.at(DAY), events=events(timeline, DAY)) for _ in range(2))
    assert first == second
    assert "dc:date" not in first


def test_three_sides_and_no_city_draw_too() -> None:
    theatre = three_sides()
    ax = draw.snapshot(toy_day(theatre, 0, 1, 2, 3), exits=Exits(()))
    told = words(ax)
    assert {"A toy", "2 January 2000", "Red", "Blue", "Green", NO_CHANGE, "a", "d", "Far $5 & <more>"} <= set(told.splitlines())
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


def test_captions_begin_a_line_an_event_and_count_the_rest() -> None:
    told = [(f"{name}: red", "The teller; x:1") for name in ("Aa", "Bb", "Cc", "Dd", "Ee")]
    assert caption(told[:2], 15, 4, len) == ["Aa: red (The", "teller; x:1)", "Bb: red (The", "teller; x:1)"]
    assert caption(told, 50, 3, len) == [
        *(f"{name}: red (The teller; x:1)" for name in ("Aa", "Bb")),
        "Cc: red (The teller; x:1) – and 2 more",
    ]
    assert caption([], 30, 3, len) == [NO_CHANGE]
    assert caption([("same", "x"), ("same", "y")], 30, 3, len) == ["same (x; y)"]
    assert wrapped("one two three", 7, len) == ["one two", "three"]


def test_a_caption_that_is_too_long_loses_words_but_not_its_source() -> None:
    assert caption([("word " * 60, "x:1")], 30, 1, len) == ["word word word word ... (x:1)"]
    lines = caption([("word " * 60, "x:1")], 30, 3, len)
    assert [len(line) <= 30 for line in lines] == [True] * 3
    assert lines[-1].endswith("... (x:1)")
    (line,) = caption([("word", "a very long name of a source indeed; x:1")], 30, 1, len)
    assert len(line) <= 30
    assert line.endswith("x:1)")


def test_events_of_the_record_fit_two_lines() -> None:
    theatre, ledger = qsim.load("qusayr")
    timeline = qsim.reconstruct(theatre, ledger, start="2011-11-01", end="2013-06-08", policy="last_claim")
    measure, width = text_width(LOOK.dpi, LOOK.text_pt), LOOK.width_px - 2 * LOOK.margin_px
    assert not [event for event in events(timeline) if measure(str(event)) > 2 * width]


def test_belief_is_tint_in_three_steps() -> None:
    scene = Scene(three_sides())
    for step, belief in enumerate((0.81, 0.8, 0.6)):
        scene.show(toy_day(scene.theatre, 0, 1, 3, -1, belief=belief))
        expected = [tint(colour, step) for colour in ("#d55e00", "#0072b2", "#d55e00")]
        assert shown(scene._cells) == ([*expected, LOOK.unknown], [tint("#0072b2", step), tint("#009e73", step)])


def test_tints_of_two_sides_stay_apart_for_colour_blind_readers() -> None:
    """Every pair of tints and grounds differs by a CIELAB distance of 15 or more, as seen without each kind of cone (Machado 2009)."""
    shown = [tint(colour, step) for colour in ("#0072B2", "#E69F00") for step in range(3)] + [LOOK.unknown]
    for seen in (np.eye(3), PROTAN, DEUTAN, TRITAN):
        colours = np.array([lab(seen, colour) for colour in shown])
        apart = np.linalg.norm(colours[:, None] - colours, axis=2) + 99 * np.eye(len(shown))
        assert apart.min() > 15


def test_the_legend_tells_how_sure_only_where_it_is_not_certain() -> None:
    theatre = three_sides()
    assert HOW_SURE not in words(draw.snapshot(toy_day(theatre, 0, 1, 2, 3)))
    assert HOW_SURE in words(draw.snapshot(toy_day(theatre, 0, 1, 2, 3, belief=0.7)))
    assert "80 %" in HOW_SURE


def test_a_place_without_report_for_thirty_days_carries_a_mark() -> None:
    scene = Scene(three_sides())
    scene.show(toy_day(scene.theatre, 0, 1, 2, -1, reported="1999-12-03"))
    assert np.asarray(scene._ages.marks.get_xdata()).tolist() == [0.5, 1.5, 2.5]
    scene.show(toy_day(scene.theatre, 0, 1, 2, -1, reported="1999-12-04"))
    assert not len(np.asarray(scene._ages.marks.get_xdata()))
    assert "no report for 30 days" in words(scene.ax)


def test_where_nothing_is_known_no_ways_out_are_told() -> None:
    theatre = three_sides()
    scene = Scene(theatre, place="a", side="red")
    assert scene._ways_out(toy_day(theatre, -1, 0, 0, 0), Exits(())) == "a: ways out unknown"
    assert scene._ways_out(toy_day(theatre, 1, 0, 0, 0), Exits(())) == "a: Red holds no part"


def test_quarters_bear_their_names_in_the_enlarged_city_where_there_is_room_and_apart() -> None:
    theatre, ledger = qsim.load("kobani")
    scene = Scene(theatre)
    scene.show(qsim.reconstruct(theatre, ledger, start="2014-10-06", end="2014-10-06", policy="last_claim").at("2014-10-06"))
    (city,) = [axes for axes in scene.figure.axes if axes.get_label() == "city"]
    named = [text for text in city.texts if str(text.get_gid()).startswith("part-")]
    boxes = [text.get_window_extent() for text in named]
    assert {"Botan Gharbi", "Kani Arab", "North-west"} <= {text.get_text().replace("\n", " ") for text in named}
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    edge = city.get_window_extent().padded(5)
    assert all(edge.x0 <= box.x0 and box.x1 <= edge.x1 and edge.y0 <= box.y0 and box.y1 <= edge.y1 for box in boxes)
