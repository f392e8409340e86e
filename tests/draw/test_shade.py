"""The picture of the ground that a scenario brings: a shade on the colours of the map, in stills and films; and seas, which no cell covers."""

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
import toys
from matplotlib.collections import LineCollection
from matplotlib.text import Text
from numpy.typing import NDArray
from PIL import Image

import qsim
from qsim.draw.film.frames import Film, unpacked
from qsim.draw.film.raster import stills
from qsim.draw.multiples import Telling
from qsim.draw.shade import shadow
from qsim.draw.style import DARK, LIGHT, Look
from qsim.record.picture import Picture
from qsim.record.theatre import Feature


def as_picture(pixels: NDArray[np.uint8]) -> Picture:
    """Return a picture of these pixels, over a square of a degree."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG")
    return Picture(file.getvalue(), "png", (0.0, 0.0, 1.0, 1.0), "A survey, 1998")


def told(picture: Picture | None, look: Look = LIGHT) -> Telling:
    """Return one place that fills a square, over which the picture lies."""
    theatre = toys.theatre({"a": (0.5, 0.5), "b": (0.9, 0.9)}, ["a-b"])
    cells = {"a": shapely.box(0, 0, 1, 0.8), "b": shapely.box(0, 0.8, 1, 1)}
    places = tuple(replace(place, polygon=cells[place.id], area_km2=1.0) for place in theatre.places)
    theatre = replace(theatre, places=places, frame=(0.0, 0.0, 1.0, 1.0), picture=picture)
    return Telling(toys.replayed(theatre, toys.claim("a", "holds", "red", "2001-01-01")), look, place=None, side=None)


def pixel(telling: Telling, image: NDArray[np.uint8], lon: float, lat: float) -> NDArray[np.int64]:
    """Return the colour of a point of the map."""
    x, y = telling.scene.ax.transData.transform((lon, lat))
    return np.asarray(image[image.shape[0] - 1 - round(y), round(x)].astype(int))


def film(telling: Telling) -> tuple[Film, NDArray[np.uint8]]:
    found = Film(telling, stills(telling), [0])
    return found, found.palette[found.frame(0)]


HALVES = np.concatenate([np.full((40, 20), 20, dtype=np.uint8), np.full((40, 20), 250, dtype=np.uint8)], axis=1)  # dark in the west


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
def test_where_the_picture_is_dark_the_colour_below_is_darker_and_the_same_else(look: Look) -> None:
    shaded, plain = told(as_picture(HALVES), look), told(None, look)
    with_it, without = film(shaded)[1], film(plain)[1]
    west, east = (pixel(shaded, with_it, lon, 0.3) for lon in (0.2, 0.8))
    bare = pixel(plain, without, 0.2, 0.3)
    assert (np.abs(east - bare) <= 3).all()
    assert (west <= east).all()
    assert west.sum() < 0.9 * east.sum()
    assert west / max(west.max(), 1) == pytest.approx(east / max(east.max(), 1), abs=0.03)  # of the same hue


def test_a_film_has_it_as_a_still_has() -> None:
    shaded = told(as_picture(HALVES))
    found, frame = film(shaded)
    exact = unpacked(found._exact(0)).reshape(frame.shape).astype(int)
    assert (np.abs(frame.astype(int) - exact).max(axis=2) <= 6).mean() > 0.99


def test_it_throws_no_more_shade_than_lets_colours_be_told_apart_and_none_where_it_is_clear() -> None:
    random = np.random.default_rng(7)
    assert shadow(as_picture(random.integers(0, 256, (30, 50), dtype=np.uint8))).max() <= 0.25 * 255
    clear = np.zeros((30, 50, 4), dtype=np.uint8)
    assert shadow(as_picture(clear)).max() == 0
    assert shadow(as_picture(np.zeros((30, 50), dtype=np.uint8))).max() <= 0.25 * 255


def test_whose_it_is_stands_at_the_foot() -> None:
    words = " ".join(text.get_text() for text in told(as_picture(HALVES)).figure.findobj(Text))
    assert "picture of the ground: A survey, 1998" in words


def test_a_sea_is_drawn_named_and_covered_by_no_cell(tmp_path: Path) -> None:
    folder = qsim.new(tmp_path / "coast")
    plain = qsim.load(folder)[0]
    west, south, east, north = plain.frame
    sea = shapely.box(west, south, west + 0.3 * (east - west), north)
    properties = {"id": "sea", "name": "The Grey Sea", "kind": "sea"}
    shape = {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(sea))}
    (folder / "backdrop.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [shape]}), encoding="utf-8")
    theatre, ledger = qsim.load(folder)
    assert [feature.kind for feature in theatre.backdrop] == ["sea"]
    cells = shapely.union_all([place.polygon for place in theatre.places if place.polygon is not None])
    assert shapely.intersection(cells, sea).area < 1e-9
    telling = Telling(qsim.reconstruct(theatre, ledger), LIGHT, place=None, side=None)
    assert "The Grey Sea" in {text.get_text() for text in telling.scene.labels.texts}
    at = (west + 0.05 * (east - west), south + 0.85 * (north - south))
    assert tuple(pixel(telling, film(telling)[1], *at)) == tuple(int(LIGHT.water[i : i + 2], 16) for i in (1, 3, 5))


def test_a_sea_given_by_its_shore_alone_is_a_line() -> None:
    shore = Feature("sea", "The Grey Sea", "sea", shapely.LineString([(0, 0.5), (1, 0.5)]))
    telling = told(None)
    theatre = replace(telling.timeline.theatre, backdrop=(shore,))
    drawn = Telling(replace(telling.timeline, theatre=theatre), LIGHT, place=None, side=None)
    lines = [each.get_segments() for each in drawn.scene.ax.collections if isinstance(each, LineCollection) and len(each.get_segments())]
    assert np.array(lines[0]).tolist() == [[[0, 0.5], [1, 0.5]]]
