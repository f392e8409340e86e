"""A city that fills the map: its parts and buildings by name, the rest at the edge; names of parts that are no squares."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.text import Text

import qsim
from qsim.draw.figure import new_figure
from qsim.draw.focus import focused, landmarks
from qsim.draw.multiples import Telling
from qsim.draw.parts import name_parts
from qsim.draw.scene import Scene
from qsim.draw.style import LIGHT, look
from qsim.record.geometry import frame_box
from qsim.record.theatre import Place, Side, Theatre, TheatreError


@pytest.fixture(scope="module")
def qusayr() -> qsim.Timeline:
    return qsim.reconstruct(*qsim.load("qusayr"), start="2013-05-30", end="2013-05-31", policy="last_claim")


@pytest.fixture(scope="module")
def close(qusayr: qsim.Timeline) -> Telling:
    telling = Telling(qusayr, LIGHT, place="qusayr", side="opposition", focus="qusayr")
    telling.show(1)
    return telling


def words(scene: Scene) -> list[str]:
    return [text.get_text() for text in scene.figure.findobj(Text) if text.get_text()]


def test_the_frame_is_the_city_with_a_rim(qusayr: qsim.Timeline) -> None:
    whole, near = qusayr.theatre, focused(qusayr.theatre, "Al-Qusayr")
    city = shapely.union_all([whole.place(part).polygon for part in whole.parts["qusayr"]])
    assert frame_box(near.frame).contains(city)
    assert city.area > 0.4 * frame_box(near.frame).area
    assert [place.id for place in near.places] == [place.id for place in whole.places]


def test_what_lies_beyond_is_at_the_edge_and_no_cell_leaves_the_frame(qusayr: qsim.Timeline) -> None:
    near = focused(qusayr.theatre, "qusayr")
    box = frame_box(near.frame).buffer(1e-9)
    assert all(box.contains(place.polygon) for place in near.places if place.polygon is not None)
    assert near.place("jawadiyah").gateway
    assert not near.place("qusayr_a1").gateway


def test_a_place_without_parts_cannot_be_in_focus(qusayr: qsim.Timeline) -> None:
    with pytest.raises(TheatreError, match="no parts with an area; expected one of qusayr"):
        focused(qusayr.theatre, "jawadiyah")


def test_squares_landmarks_and_neighbours_are_named(close: Telling) -> None:
    found = words(close.scene)
    assert {"a1", "b2", "d4", "Church", "Main square", "Jawadiyeh", "Where Al-Qusayr lies"} <= set(found)


def test_every_landmark_that_is_marked_is_named(close: Telling) -> None:
    ax = close.scene.ax
    marked = {line.get_gid() for line in ax.lines if str(line.get_gid()).startswith("landmark-")}
    assert len(marked) >= 8
    assert marked <= {f"landmark-{place.id}" for place in landmarks(close.scene.theatre, "qusayr")}


def test_the_map_in_focus_wears_the_same_looks_as_the_whole(close: Telling, qusayr: qsim.Timeline) -> None:
    whole = Telling(qusayr, LIGHT, place="qusayr", side="opposition")
    whole.show(1)
    near, far = close.patchworks[0], whole.patchworks[0]
    of_near = dict(zip(near.ids, near.looks.tolist(), strict=True))
    of_far = dict(zip(far.ids, far.looks.tolist(), strict=True))
    assert len(of_near) > 16
    assert all(of_far[id] == worn for id, worn in of_near.items())


def city_of(count: int) -> Theatre:
    """A city of so many districts with long names, in rows of five, and nothing around it."""
    names = ["Sheikh Maqsoud", "Old Harbour", "Salah al-Din", "North-western Industrial Zone", "Karm al-Jabal", "Port"]
    squares = [shapely.box(i % 5 * 0.01, i // 5 * 0.01, (i % 5 + 1) * 0.01, (i // 5 + 1) * 0.01) for i in range(count)]
    parts = tuple(
        Place(f"district_{i}", f"{names[i % 6]} {i}", box.centroid.x, box.centroid.y, "district", parent="city", polygon=box, area_km2=1)
        for i, box in enumerate(squares)
    )
    city = Place("city", "City", 0.025, 0.02, "city")
    return Theatre(
        "city", "A city", (city, *parts), (), (Side("red", "Red", "#D55E00"), Side("blue", "Blue", "#0072B2")), frame=(0, 0, 0.05, 0.04)
    )


@pytest.mark.parametrize("size", [(1280, 800), (1080, 1350)])
def test_each_of_nineteen_districts_is_named_or_numbered_and_none_over_another(size: tuple[int, int]) -> None:
    theatre = city_of(19)
    scene = Scene(theatre, place="city", look=look(size=size))
    assert scene.panel is not None
    assert scene.panel.city is not None
    inset = scene.panel.city.ax
    texts = [text for text in inset.texts if text.get_text()]
    boxes = [text.get_window_extent(RendererAgg(1, 1, scene.figure.dpi)) for text in texts]  # type: ignore[no-untyped-call]
    assert len(texts) == 19
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    numbers = sorted(int(text.get_text()) for text in texts if text.get_text().isdigit())
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_name_that_fits_nowhere_gets_a_number_and_stands_in_the_list() -> None:
    theatre = city_of(19)
    ax = new_figure(LIGHT).add_axes((0, 0, 0.06, 0.06))
    ax.set(xlim=(0, 0.05), ylim=(0, 0.04))
    shapes = {part: theatre.place(part).polygon for part in theatre.parts["city"]}
    named = name_parts(ax, theatre, shapes, LIGHT, 8, 3)  # type: ignore[arg-type]
    assert set(named.numbered) == {theatre.place(part).name for part in theatre.parts["city"]}
    assert sorted(int(text.get_text()) for text in ax.texts) == list(np.arange(1, 20))


@pytest.mark.parametrize(("size", "shown"), [((390, 844), True), ((600, 400), True), ((390, 600), False), ((568, 320), False)])
def test_a_small_sheet_has_the_city_where_there_is_room(qusayr: qsim.Timeline, size: tuple[int, int], shown: bool) -> None:
    scene = Scene(qusayr.theatre, place="qusayr", look=look(size=size))
    assert scene.panel is not None
    assert (scene.panel.city is not None) is shown


@pytest.mark.parametrize("size", [(640, 400), (568, 320), (390, 600)])
def test_a_small_sheet_says_what_its_colours_stand_for_where_it_has_no_city(size: tuple[int, int]) -> None:
    theatre = qsim.load("example")[0]
    bare = replace(theatre, places=tuple(place for place in theatre.places if place.parent is None), city="")
    scene = Scene(bare, place=None, look=look(size=size))
    assert scene.sheet is not None
    assert {side.name for side in theatre.sides} <= {text.get_text() for text in scene.sheet.texts}


def test_a_long_headline_takes_two_lines_and_stays_on_the_sheet(qusayr: qsim.Timeline) -> None:
    scene = Scene(qusayr.theatre, place="qusayr", look=look(size=(390, 844)))
    scene.show(qusayr.at("2013-05-31"), headline=("A headline of very many words that no telephone has in one line", ""))
    (text,) = (each for each in scene.figure.findobj(Text) if each.get_text().startswith("A headline"))
    assert text.get_text().count("\n") == 1
    assert text.get_window_extent(RendererAgg(1, 1, scene.figure.dpi)).x1 <= scene.figure.bbox.width  # type: ignore[no-untyped-call]


def test_a_city_is_enlarged_also_where_the_place_in_question_has_no_parts() -> None:
    theatre = qsim.load("example")[0]
    village = next(place.id for place in theatre.places if place.id not in theatre.parts and place.parent is None and not place.gateway)
    scene = Scene(theatre, place=village)
    assert scene.place == village
    assert scene.panel is not None
    assert scene.panel.city is not None
    assert set(scene.panel.city.cells.ids) == {part for part in theatre.parts["tarnby"] if theatre.place(part).polygon is not None}
