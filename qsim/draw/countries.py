"""The countries of the world, coarsely, for the small map that shows where a frame lies: Natural Earth, 1:50m, public domain."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

_FILE = Path(__file__).with_name("countries.json")
CREDIT = "small map: Natural Earth"


@dataclass(frozen=True, eq=False, slots=True)
class Country:
    """A country by its name, and its land, degrees, as Natural Earth draws it: by who controls it, not by who claims it."""

    name: str
    land: BaseGeometry


def seen(box: shapely.Polygon) -> list[Country]:
    """
    Return the countries that lie in a box (degrees), each as far as it does, by name; small islands are left out.

    Examples
    --------
    >>> [country.name for country in seen(shapely.box(35.5, 33.5, 36.5, 34.5))]
    ['Lebanon', 'Syria']
    """
    west, south, east, north = box.bounds
    found = []
    for name, rings in _rings():
        near = [r for r in rings if r[:, 0].min() < east and r[:, 0].max() > west and r[:, 1].min() < north and r[:, 1].max() > south]
        land = shapely.intersection(_land(near), box) if near else None
        if land is not None and land.area:
            found.append(Country(name, land))
    return found


@lru_cache(maxsize=1)
def _rings() -> tuple[tuple[str, list[NDArray[np.float64]]], ...]:
    """Return the rings (points, 2) of each country, degrees: in the file they are steps, in hundredths of a degree."""
    data = json.loads(_FILE.read_text(encoding="utf-8"))["countries"]
    return tuple((name, [np.cumsum(np.reshape(ring, (-1, 2)), axis=0) / 100 for ring in rings]) for name, rings in data.items())


def _land(rings: list[NDArray[np.float64]]) -> BaseGeometry:
    """Return the area of rings; one inside another is a hole."""
    whole: BaseGeometry = shapely.Polygon()
    for ring in rings:
        whole = shapely.symmetric_difference(whole, shapely.make_valid(shapely.Polygon(ring)))
    return whole
