"""The ring on the map: as solid as it is likely closed, roads that keep to their own ground, and colours that can be told apart."""

from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
import shapely

import qsim
from qsim.draw.ground import px_per_degree
from qsim.draw.multiples import Telling
from qsim.draw.palette import SIDE_COLOURS, TINTS, contrast, grounds, strengths
from qsim.draw.ring import odds, route_line
from qsim.draw.style import DARK, LIGHT, LOOK, Look
from qsim.geography.encirclement import Way
from qsim.record.theatre import CONTESTED, Place, Side, Theatre


@pytest.fixture(scope="module")
def timeline() -> qsim.Timeline:
    return qsim.reconstruct(*qsim.load("qusayr"), start="2013-05-17", end="2013-06-08")


@pytest.fixture(scope="module")
def picture(timeline: qsim.Timeline) -> Telling:
    return Telling(timeline, LOOK, place="qusayr", side="opposition")


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


PALETTES = {name: tuple(side.colour for side in qsim.load(name)[0].sides) for name in ("qusayr", "example", "kobani")}
# What others may bring: the four colours proposed, and strong ones that nobody chose for this.
PALETTES |= {"four": SIDE_COLOURS, "primary": ("#dd3333", "#229922", "#3366ee", "#a07800")}
STEPS = range(len(TINTS))


def solid(theatre: Theatre, look: Look, figure: str) -> tuple[dict[str, list[str]], dict[str, tuple[str, ...]]]:
    """Return the plain grounds of each side by its tints, and what has a pattern of its own, on a map of a ring."""
    plain = {side.id: [grounds(theatre, side.id, step, palette=look, figure=figure)[0] for step in STEPS] for side in theatre.sides}
    patterns: dict[str, tuple[str, ...]] = {"unknown": (look.unknown, look.unknown_dot), "undecided": (look.undecided, look.undecided_line)}
    patterns |= {f"contested {step}": grounds(theatre, CONTESTED, step, palette=look, figure=figure) for step in STEPS}
    return plain, patterns


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", PALETTES)
def test_what_must_be_told_apart_can_be_also_in_grey(name: str, look: Look) -> None:
    """
    By luminance alone: the figure from all other ground, whatever the tints, by 1.3 : 1; patterns by themselves; lines from all they lie on.

    Grounds of two other sides have a line between them (`test_a_line_parts_the_other_sides_and_leaves_the_figure_to_its_ring`), by 3 : 1 from both.
    """
    theatre = replace(sides_of(len(PALETTES[name])), sides=tuple(Side(f"s{i}", f"S {i}", c) for i, c in enumerate(PALETTES[name])))
    for figure in (side.id for side in theatre.sides):
        plain, patterns = solid(theatre, look, figure)
        others = [ground for side, tints in plain.items() if side != figure for ground in tints]
        assert min(contrast(own, ground) for own, ground in product(plain[figure], [*others, look.water, look.paper])) >= 1.3
        assert min(contrast(own, look.unknown) for own in plain[figure]) >= 1.3
        assert min(max(contrast(*pair) for pair in pairwise(bands)) for bands in patterns.values()) >= 1.2
        striped = [(own, other) for key, bands in patterns.items() if key.startswith("contested") for own, other in pairwise(bands)]
        mine = [pair for pair in striped if set(pair) & set(plain[figure])]
        assert min(contrast(*pair) for pair in mine) >= 1.3
        assert min(contrast(look.front, ground) for ground in [*others, look.unknown, look.undecided, look.water]) >= 3
        assert min(max(contrast(line, own) for line in (look.front, look.casing)) for own in plain[figure]) >= 3  # the line or its rim
        assert min(contrast(look.neutral, ground) for ground in others) >= 3
        assert len({*others}) == len(others)


def test_a_side_too_pale_for_a_map_of_its_ring_is_as_strong_as_can_be() -> None:
    theatre = replace(sides_of(2), sides=(Side("s0", "S 0", "#ffff00"), Side("s1", "S 1", "#0072b2")))
    assert strengths(theatre, "s0", "s0") == (1.0, 1.0, 1.0)
    assert strengths(theatre, "s0") == TINTS


def sides_of(count: int) -> Theatre:
    """Return a theatre of so many sides, of one place."""
    return Theatre("one", "One", (Place("a", "A", 0.0, 0.0),), (), tuple(Side(f"s{i}", f"S {i}", "#000000") for i in range(count)))


def test_a_line_parts_the_other_sides_and_leaves_the_figure_to_its_ring() -> None:
    timeline = qsim.reconstruct(*qsim.load("kobani"))
    picture, day = Telling(timeline, LOOK, place="kobani", side="kurds"), "2014-10-10"
    picture.show(timeline.position(day))
    drawn = shapely.MultiLineString(picture.scene._front.line.get_segments())
    snapshot = timeline.at(day)
    land = {
        side.id: shapely.union_all(
            [p.polygon for p in picture.scene.theatre.places if p.polygon is not None and snapshot.status_of(p.id) == side.id]
        )
        for side in timeline.theatre.sides
    }
    assert drawn.length > 0
    assert all(shapely.distance(land[side], shapely.points(shapely.get_coordinates(drawn))).max() < 1e-5 for side in ("isil", "turkey"))
    assert shapely.intersection(drawn, land["kurds"].buffer(-1e-5)).is_empty


def test_between_two_sides_there_is_the_ring_alone(picture: Telling) -> None:
    assert not picture.scene._front.line.get_segments()


def test_what_the_figure_contests_is_striped_with_paper_and_no_colour_of_others() -> None:
    theatre = qsim.load("example")[0]
    for step in STEPS:
        own = grounds(theatre, "league", step, figure="league")[0]
        assert grounds(theatre, CONTESTED, step, figure="league") == (own, LIGHT.paper, LIGHT.paper)
        assert len({*grounds(theatre, CONTESTED, step)}) == 3


def test_the_ring_lies_around_its_ground_and_leaves_the_smallest_visible(timeline: qsim.Timeline, picture: Telling) -> None:
    ring = picture.scene._ring
    assert ring is not None
    position = timeline.position("2013-05-31")
    picture.show(position)
    cells = [ring.theatre.places[i].polygon for i in np.flatnonzero(ring.perimeter.ground[position]).tolist()]
    ground, half = shapely.union_all(cells), ring.look.ring_line_pt / 2 * 100 / 72
    line = shapely.MultiLineString(ring.line.get_segments()).buffer(half / px_per_degree(ring.ax).mean())
    assert shapely.intersection(ground, line).area < 0.2 * ground.area


def test_no_odds_are_written_of_a_road_that_is_not_drawn() -> None:
    """In the invented valley on 30 March 2091 a whole road lies on the ground of another side: it is drawn broken, where its odds stand."""
    timeline = qsim.reconstruct(*qsim.load("example"))
    picture = Telling(timeline, LOOK, place="tarnby", side="league")
    ring, px, lone = picture.scene._ring, px_per_degree(picture.scene.ax), 0
    assert ring is not None
    for position in range(len(timeline)):
        picture.show(position)
        drawn = [*ring.own.get_segments(), *ring.broken.get_segments()]
        roads = shapely.MultiLineString([line * px for line in drawn])
        for text in (each for each in ring.words if each.get_text()):
            x, y = ring.ax.transData.transform(text.get_position())
            width = ring._measure(text.get_text())
            box = shapely.box(*(ring.ax.transData.inverted().transform([(x, y - 8), (x + width, y + 8)]) * np.tile(px, (2, 1))).ravel())
            assert not roads.is_empty
            assert roads.distance(box) < 45, (timeline.days[position], text.get_text())
        lone += len(ring.own.get_segments()) == 0 and len(drawn) > 0
    assert lone
