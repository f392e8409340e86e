"""Land beyond a border, and the small map of where a frame lies."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
import toys
from matplotlib.text import Text

import qsim
from qsim.draw.borders import bounded
from qsim.draw.countries import seen
from qsim.draw.ground import BORDER
from qsim.draw.multiples import Telling
from qsim.draw.style import LIGHT
from qsim.record.geometry import shared_borders
from qsim.record.theatre import Feature, Link, Place, Side, Theatre

SIDES = (Side("red", "Red", "#D55E00"), Side("blue", "Blue", "#0072B2"))


def two_lands(*, west: float = 0.0, south: float = 0.0) -> Theatre:
    """Two places, `near` and `far`, whose cells meet at x = 1.2, and a border at x = 1 between them."""
    cells = {"near": shapely.box(west, south, west + 1.2, south + 1), "far": shapely.box(west + 1.2, south, west + 2, south + 1)}
    places = tuple(
        Place(id, id.title(), west + x, south + 0.5, polygon=cell, area_km2=1)
        for (id, cell), x in zip(cells.items(), (0.5, 1.5), strict=True)
    )
    border = Feature("b", "Near-Far border", "border", geometry=shapely.LineString([(west + 1, south - 1), (west + 1, south + 2)]))
    return Theatre("lands", "Two lands", places, (), SIDES, frame=(west, south, west + 2, south + 1), backdrop=(border,))


def area(theatre: Theatre, id: str) -> float:
    polygon = theatre.place(id).polygon
    return float(polygon.area) if polygon is not None else 0.0


def test_land_beyond_a_border_of_which_nobody_speaks_has_no_cell() -> None:
    timeline = toys.replayed(two_lands(), toys.claim("near", "holds", "red", "2001-01-01"))
    cut = bounded(timeline)
    assert area(cut, "near") == pytest.approx(1.0, abs=1e-6)
    assert area(cut, "far") == 0


def test_where_claims_speak_of_the_far_side_each_cell_ends_at_the_border() -> None:
    claims = [toys.claim(place, "holds", "red", "2001-01-01", id=place) for place in ("near", "far")]
    cut = bounded(toys.replayed(two_lands(), *claims))
    assert area(cut, "near") == pytest.approx(1.0, abs=1e-6)
    assert area(cut, "far") == pytest.approx(1.0, abs=1e-6)
    assert cut.place("near").polygon.bounds[2] == pytest.approx(1.0, abs=1e-6)  # type: ignore[union-attr]


def test_cells_of_one_land_still_share_the_line_between_them() -> None:
    split = replace(two_lands(), places=_halved(two_lands()))
    cut = bounded(
        toys.replayed(split, toys.claim("near", "holds", "red", "2001-01-01"), toys.claim("south", "holds", "blue", "2001-01-01"))
    )
    shared = shared_borders({place.id: place.polygon for place in cut.places if place.polygon is not None})
    assert shared["near", "south"].length == pytest.approx(1.0, abs=1e-6)


def _halved(theatre: Theatre) -> tuple[Place, ...]:
    """Return the places with the cell of `near` in two: its own northern half, and that of `south`."""
    near, far = theatre.places
    halves = shapely.box(0, 0.5, 1.2, 1), shapely.box(0, 0, 1.2, 0.5)
    return replace(near, lat=0.75, polygon=halves[0]), Place("south", "South", 0.5, 0.25, polygon=halves[1], area_km2=1), far


def test_without_a_border_or_a_ledger_the_theatre_stays_as_it_is() -> None:
    timeline = toys.replayed(replace(two_lands(), backdrop=()), toys.claim("near", "holds", "red", "2001-01-01"))
    assert bounded(timeline) is timeline.theatre
    simulated = toys.replayed(two_lands()).most_likely().mean()
    assert bounded(simulated) is simulated.theatre


def test_a_claim_beyond_the_border_does_not_change_what_is_known() -> None:
    timeline = toys.replayed(two_lands(), toys.claim("near", "holds", "red", "2001-01-01"))
    assert [place.id for place in bounded(timeline).places] == [place.id for place in timeline.theatre.places]
    assert np.array_equal(timeline.theatre.area_km2, bounded(timeline).area_km2)


@pytest.mark.parametrize(
    ("box", "names"),
    [
        ((36.0, 34.0, 37.0, 35.0), {"Lebanon", "Syria"}),
        ((38.0, 36.5, 38.7, 37.1), {"Syria", "Turkey"}),
        ((-30.0, 40.0, -28.0, 42.0), set()),
    ],
)
def test_countries_lie_where_they_lie(box: tuple[float, float, float, float], names: set[str]) -> None:
    assert {country.name for country in seen(shapely.box(*box))} == names


def test_a_hole_in_a_country_is_another_country() -> None:
    inside = shapely.Point(28.2, -29.6)
    assert [country.name for country in seen(shapely.box(16, -35, 33, -22)) if country.land.contains(inside)] == ["Lesotho"]


def drawn(theatre: Theatre) -> Telling:
    return Telling(toys.replayed(theatre, toys.claim("near", "holds", "red", "2001-01-01")), LIGHT, place=None, side=None)


def words(telling: Telling) -> set[str]:
    return {text.get_text() for text in telling.figure.findobj(Text)}


def test_the_small_map_names_the_country_and_says_whose_it_is() -> None:
    found = words(drawn(replace(two_lands(west=36.5, south=34.0), backdrop=())))
    assert "Syria" in found
    assert any("Natural Earth" in text for text in found)


def test_on_the_open_sea_there_is_no_small_map() -> None:
    found = words(drawn(replace(two_lands(west=-30.0, south=40.0), backdrop=())))
    assert not any("Natural Earth" in text for text in found)


def test_cells_that_a_border_cut_keep_their_front_line() -> None:
    timeline = qsim.reconstruct(*qsim.load("kobani"))
    whole, cut = (
        {place.id: place.polygon for place in theatre.places if place.polygon is not None}
        for theatre in (timeline.theatre, bounded(timeline))
    )
    kept = shared_borders(cut, tolerance=1e-7)
    assert sum(line.length for line in kept.values()) > 0.9 * sum(line.length for line in shared_borders(whole).values())


def misplaced(precision_km: float, *, ways: str = "adjacency") -> Theatre:
    """Three places on the near side of a coarse border, of which one, `edge`, has its point .3 km beyond it; and one on the far side."""
    theatre, beyond = two_lands(), 0.3 / 111.0
    near, far = theatre.places
    edge = Place("edge", "Edge", 1 + beyond, 0.8, precision_km=precision_km, polygon=shapely.box(0.7, 0.6, 1.1, 1), area_km2=1)
    inner = Place("inner", "Inner", 0.3, 0.8, polygon=shapely.box(0, 0.6, 0.7, 1), area_km2=1)
    near = replace(near, polygon=shapely.box(0, 0, 1.1, 0.6))
    far = replace(far, polygon=shapely.box(1.1, 0, 2, 1))
    links = tuple(
        Link(f"way_{id}", "Way", "edge", id, kind, 1.0) for id, kind in (("near", ways), ("inner", ways), ("far", "border_crossing"))
    )
    return replace(theatre, places=(near, far, edge, inner), links=links)


@pytest.mark.parametrize(
    ("theatre", "near"), [(misplaced(0.7), True), (misplaced(0.1), False), (misplaced(0.7, ways="border_crossing"), False)]
)
def test_a_point_just_beyond_a_coarse_border_is_of_the_side_that_its_ways_lead_to(theatre: Theatre, near: bool) -> None:
    claims = [toys.claim(place, "holds", "red", "2001-01-01", id=place) for place in ("near", "edge", "inner", "far")]
    cut = bounded(toys.replayed(theatre, *claims))
    cell = cut.place("edge").polygon
    assert cell is not None
    assert bool(cell.bounds[2] <= 1 + 1e-9) == near
    assert sum(area(cut, id) for id in ("near", "edge", "inner", "far")) == pytest.approx(2.0, abs=1e-6)


def test_of_a_small_cell_what_lies_beyond_the_border_is_not_left_there_though_the_frame_is_large() -> None:
    theatre = two_lands()
    near, far = theatre.places
    small = Place("small", "Small", 0.995, 0.5, polygon=shapely.box(0.99, 0.49, 1.005, 0.505), area_km2=1)  # a third of it beyond
    west = shapely.Polygon(
        [(0, 0), (1.2, 0), (1.2, 1), (0, 1)], [small.polygon.exterior.coords] if isinstance(small.polygon, shapely.Polygon) else []
    )
    parted = [replace(near, polygon=west), far]
    claims = [toys.claim(place, "holds", "red", "2001-01-01", id=place) for place in ("near", "far", "small")]
    cut = bounded(toys.replayed(replace(theatre, places=(*parted, small)), *claims)).place("small").polygon
    assert cut is not None
    assert cut.bounds[2] == pytest.approx(1.0, abs=1e-9)


def test_a_thin_front_hides_no_border() -> None:
    timeline = qsim.reconstruct(*qsim.load("kobani"), start="2014-10-09", end="2014-10-10")
    picture = Telling(timeline, LIGHT, place="kobani", side="kurds")
    borders = [each for each in picture.scene.ax.collections if BORDER <= each.get_zorder() < BORDER + 1]
    assert borders
    assert all(front.get_zorder() < min(each.get_zorder() for each in borders) for front in picture.scene._front.artists)
