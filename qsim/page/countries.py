"""Where the names of countries stand on a page's map: one spot each, the same at every width, well on its own side of the border."""

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from shapely.ops import split

from qsim.record.geometry import frame_box
from qsim.record.theatre import Theatre

KIND = "country"
_EM, _SPACED = 0.62, 0.06  # width of a letter in capitals, and of the space between, in sizes of its type
_STEPS = 48  # spots tried along each side of the frame
_STEP = 40.0  # units; what is nearer to the border by less is no worse
_LEAST_PX, _MIDDLE_PX = 320, 560  # a narrow map, on which a name must stand clear of bar and buttons, and a middling one
WIDTH = 1000.0
_ROOM = 1.25  # times the name's own box that the border must stay away


def countries_fixed(theatre: Theatre, plane: Any, levels: Sequence[dict[str, Any]]) -> None:
    """
    Give each country's name one spot in all `levels` (labels by width of the map), where fewest places lie under it; names in its way go.

    Where a width has no room for a name between the border and the frame, it has none.
    """
    told = {label[0]: label for level in reversed(levels) for label in level["labels"] if label[5] == KIND}
    spots = {name: _spot(theatre, plane, label) for name, label in told.items()}
    for level in levels:
        labels = [label for label in level["labels"] if label[5] != KIND]
        for name, spot in spots.items():
            if spot is not None:
                label = [name, *spot, *told[name][3:]]
                box = _box(label, level["px"])
                firm = [other for other in labels if other[5] in ("major", KIND)]
                if not _meets(box, firm, level["px"]):
                    labels = [other for other in labels if not _meets(box, [other], level["px"])] + [label]
        level["labels"] = labels


def _spot(theatre: Theatre, plane: Any, label: Sequence[Any]) -> list[float] | None:
    """Return the middle of the name, in units: on the piece of land where it stood, clear of the border, over the fewest places, far from the rest."""
    borders = [feature.geometry for feature in theatre.backdrop if feature.kind == "border"]
    frame = frame_box(theatre.frame)
    pieces: list[BaseGeometry] = [frame]
    for border in borders:
        pieces = [part for piece in pieces for part in split(piece, border).geoms]
    land = next((piece for piece in _on(plane, pieces) if piece.contains(shapely.Point(label[1:3]))), None)
    if land is None:
        return None
    places = np.array([plane.point(place.lon, place.lat) for place in theatre.places if not place.gateway])
    whole = shapely.box(0, 0, WIDTH, plane.height)
    border = land.boundary.difference(whole.boundary.buffer(1))
    free = shapely.difference(whole, shapely.union_all(_furniture(plane.height)))
    spots = [
        (x, y)
        for x, y in product(np.linspace(0, WIDTH, _STEPS), np.linspace(0, plane.height, _STEPS))
        if land.contains(shapely.box(*_box([label[0], x, y, *label[3:]], _MIDDLE_PX, _ROOM)))
        and free.contains(shapely.box(*_box([label[0], x, y, *label[3:]], _LEAST_PX, _ROOM)))
    ]
    if not spots:
        return None

    def worth(spot: tuple[float, float]) -> tuple[float, ...]:
        covered = _covered(places, _box([label[0], *spot, *label[3:]], _MIDDLE_PX, _ROOM))
        return covered, -(border.distance(shapely.Point(spot)) // _STEP), *spot

    return [round(float(value), 1) for value in min(spots, key=worth)]


def _furniture(height: float) -> list[BaseGeometry]:
    """Return where the scale bar and the buttons stand on a narrow map, units."""
    unit = WIDTH / _LEAST_PX
    return [
        shapely.box(0, height - 42 * unit, 0.28 * WIDTH + 24 * unit, height),
        shapely.box(WIDTH - 44 * unit, height - 118 * unit, WIDTH, height),
    ]


def _on(plane: Any, pieces: Iterable[BaseGeometry]) -> list[BaseGeometry]:
    return [shapely.transform(piece, plane.points) for piece in pieces]


def _covered(places: NDArray[np.float64], box: tuple[float, float, float, float]) -> int:
    """Return how many places lie within a box."""
    x, y = places.T
    return int(((box[0] <= x) & (x <= box[2]) & (box[1] <= y) & (y <= box[3])).sum())


def _box(label: Sequence[Any], px: float, times: float = 1.0) -> tuple[float, float, float, float]:
    """Return the box of a label, level or upright, in units, on a map so many pixels wide."""
    text, x, y, size, turn, _ = label
    wide, high = times * 500 / px * size * len(text) * (_EM + _SPACED), times * 500 / px * size * 1.2
    if abs(turn) > 45:
        wide, high = high, wide
    return x - wide, y - high, x + wide, y + high


def _meets(box: tuple[float, float, float, float], labels: Iterable[Sequence[Any]], px: float) -> bool:
    others = (_box(label, px) for label in labels)
    return any(box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3] for other in others)
