"""Where on a map there is room for a box: along its edges, where it covers least of what matters."""

from collections.abc import Sequence

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from qsim.draw.ground import pixel
from qsim.record.theatre import Theatre

_STEP_PX, _AROUND_PX, _LINE_PX = 10.0, 8.0, 40.0
_GRAIN_PX = 2.0  # how finely what is covered is counted


def room(
    ax: Axes, theatre: Theatre, size: tuple[float, float], taken: Sequence[Bbox], avoid: BaseGeometry, *, edge_px: float = 8.0
) -> tuple[Bbox, bool] | None:
    """
    Return the best box of a size (the sheet's pixels) along the edges of the map, in pixels of the picture, and whether it is clear.

    A clear box covers no line of `avoid` (degrees), no border and no place. Among boxes as clear as each other, the one that covers least of
    rivers, roads and borders is best, then the one nearest to a corner. None overlaps the boxes `taken`; where each would, or the
    map is too small, there is none at all.
    """
    px = pixel(ax)
    frame, wide, high = ax.bbox.padded(-edge_px * px), size[0] * px, size[1] * px
    if wide > 0.45 * frame.width or high > 0.45 * frame.height:
        return None
    x, y = _along_the_edges(frame, wide, high, _STEP_PX * px)
    ways, places, lines = (_covered(ax, points, x, y, wide, high) for points in _what_matters(ax, theatre, avoid))
    far = np.minimum(x - frame.x0, frame.x1 - wide - x) + np.minimum(y - frame.y0, frame.y1 - high - y)
    for i in np.lexsort((far, np.ceil(lines * _GRAIN_PX / _LINE_PX), places, ways)).tolist():
        box = Bbox.from_bounds(x[i], y[i], wide, high)
        if not any(box.padded(_AROUND_PX * px).overlaps(other) for other in taken):
            return box, not (ways[i] or places[i])
    return None


def _along_the_edges(frame: Bbox, wide: float, high: float, step: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the lower left corners (x, y) of boxes that touch an edge of the frame."""
    right, top = frame.x1 - wide, frame.y1 - high
    across, upwards = np.append(np.arange(frame.x0, right, step), right), np.append(np.arange(frame.y0, top, step), top)
    x = np.concatenate([across, across, np.full(len(upwards), frame.x0), np.full(len(upwards), right)])
    return x, np.concatenate([np.full(len(across), frame.y0), np.full(len(across), top), upwards, upwards])


def _what_matters(ax: Axes, theatre: Theatre, avoid: BaseGeometry) -> list[NDArray[np.float64]]:
    """Return points (n, 2), pixels: along the ways and borders, of the places, and along all lines of the backdrop."""
    to_px, grain = ax.transData.transform, _GRAIN_PX * pixel(ax)
    borders = [feature.geometry for feature in theatre.backdrop if feature.kind == "border"]
    kept = [np.array([avoid, *borders]), np.array([feature.geometry for feature in theatre.backdrop], dtype=object)]
    ways, lines = (shapely.get_coordinates(shapely.segmentize(shapely.transform(each, to_px), grain)) for each in kept)
    places = np.array([(place.lon, place.lat) for place in theatre.places if not place.gateway]).reshape(-1, 2)
    return [ways, to_px(places), lines]


def _covered(
    ax: Axes, points: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64], wide: float, high: float
) -> NDArray[np.float64]:
    """Return how many points lie in each box with the lower left corner (x, y), and around it: from sums over a grid."""
    px, frame = pixel(ax), ax.bbox
    grain, around = _GRAIN_PX * px, _AROUND_PX * px
    columns, rows = int(np.ceil(frame.width / grain)), int(np.ceil(frame.height / grain))
    inside = (points >= frame.p0).all(axis=1) & (points <= frame.p1).all(axis=1)
    cell = ((points[inside] - frame.p0) // grain).astype(int)
    counts = np.zeros((columns + 2, rows + 2))
    np.add.at(counts, (cell[:, 0] + 1, cell[:, 1] + 1), 1)
    sums = counts.cumsum(axis=0).cumsum(axis=1)
    left, right = (((edge - frame.x0) // grain).astype(int).clip(0, columns) for edge in (x - around, x + wide + around + grain))
    low, top = (((edge - frame.y0) // grain).astype(int).clip(0, rows) for edge in (y - around, y + high + around + grain))
    return np.asarray(sums[right, top] - sums[left, top] - sums[right, low] + sums[left, low])
