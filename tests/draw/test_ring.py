"""The ring on the map: as solid as it is likely closed, roads that keep to their own ground, and colours that can be told apart."""

from itertools import combinations

import numpy as np
import pytest
import shapely

import qsim
from qsim.belief.timeline import UNDECIDED, UNKNOWN
from qsim.draw.multiples import Telling
from qsim.draw.palette import GROUND_TINTS, grounds, tint
from qsim.draw.ring import odds, route_line
from qsim.draw.style import DARK, LIGHT, LOOK, Look
from qsim.geography.encirclement import Way


@pytest.fixture(scope="module")
def timeline() -> qsim.Timeline:
    return qsim.reconstruct(*qsim.load("qusayr"), start="2013-05-17", end="2013-06-08")


@pytest.fixture(scope="module")
def picture(timeline: qsim.Timeline) -> Telling:
    return Telling(timeline, LOOK, place="qusayr", side="opposition")


def light(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2)."""
    shares = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_ring_is_solid_exactly_where_it_is_closed(timeline: qsim.Timeline, picture: Telling) -> None:
    ring = picture.scene._ring
    assert ring is not None
    for position in range(len(timeline)):
        picture.show(position)
        pieces, widths = ring.line.get_segments(), np.atleast_1d(ring.line.get_linewidth())
        ground = ring.perimeter.ground[position]
        assert bool(len(pieces)) == bool(ground.any())
        if len(pieces) and not ring.perimeter.passable[position].any():
            assert np.allclose(widths, LOOK.ring_line_pt)
        length = sum(shapely.LineString(piece).length for piece in pieces)
        frame = shapely.box(*timeline.theatre.frame).buffer(-1e-3)
        whole = shapely.intersection(ring._shape(ground).boundary, frame).length
        assert length == pytest.approx(whole, rel=0.05, abs=1e-3)


def test_a_road_keeps_to_the_ground_of_its_own_places(timeline: qsim.Timeline) -> None:
    theatre = timeline.theatre
    points = route_line(theatre, "qusayr", ("jawadiyah", "dabaa_village"))
    cells = [theatre.place(id).polygon for id in ("jawadiyah", "dabaa_village", *theatre.parts["qusayr"])]
    own = shapely.union_all([cell for cell in cells if cell is not None]).buffer(1e-3)
    assert shapely.LineString(points).difference(own).length < 0.25 * shapely.LineString(points).length


def test_odds_are_told_in_hundredths_and_certainty_is_not() -> None:
    assert odds(Way(("a",), 0.48, False)) == "open in 48 of 100"
    assert odds(Way(("a",), 0.98, False)) == "open"


def test_a_map_of_a_ring_names_what_changes_and_only_a_few_others(timeline: qsim.Timeline, picture: Telling) -> None:
    theatre = timeline.theatre
    written = {text.get_text() for text in picture.scene.labels.texts}
    named = {place.name for place in theatre.places if place.name in written and place.parent is None}
    changing = {theatre.place(id).name for id in picture._names()}
    assert len(named & changing) > len(named - changing)


@pytest.mark.parametrize("look", [LIGHT, DARK])
@pytest.mark.parametrize("name", ["qusayr", "example"])
def test_what_must_be_told_apart_can_be_also_in_grey(name: str, look: Look) -> None:
    """The figure from every ground by 1.35 : 1 in luminance alone; the ring's line from all of them by 3 : 1."""
    theatre, _ = qsim.load(name)
    for side in theatre.sides:
        figure = grounds(theatre, side.id, 0, palette=look, figure=side.id)[0]
        others = [grounds(theatre, other.id, 0, palette=look, figure=side.id)[0] for other in theatre.sides if other != side]
        plain = [grounds(theatre, status, palette=look)[0] for status in (UNDECIDED, UNKNOWN)]
        assert all(contrast(figure, ground) >= 1.35 for ground in (*others, *plain))
        assert all(contrast(look.front, ground) >= 3 for ground in (*others, *plain))
    assert contrast(look.undecided, look.undecided_line) >= 1.2
    pale = [tint(side.colour, 0, palette=look, strengths=GROUND_TINTS) for side in theatre.sides]
    assert len({*pale}) == len(pale)
    assert all(a != b for a, b in combinations([*pale, look.unknown, look.undecided], 2))
