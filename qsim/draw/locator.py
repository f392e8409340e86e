"""What stands on a map in a spot that is free: the scale bar, and a small map that shows where the frame lies."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from qsim.draw.figure import font
from qsim.draw.free_space import room
from qsim.draw.ground import POINTS, line_strings, pixel, scale_km
from qsim.draw.labels import shown_name
from qsim.draw.style import LOOK, Look
from qsim.record.geometry import distance_km
from qsim.record.theatre import Place, Theatre

_REACH = 3.2  # how far towns are looked for, in widths of the frame
_LEAST_TOWNS, _MOST_TOWNS = 2, 6
_PAD_PX, _LINES_PX = 14.0, 34.0
_SHARES = (1.0, 0.8)  # of the usual size, the largest for which there is room
_SLIMMEST = 0.8  # the width of the locator over its height is at least this, and at most its inverse
_ORDER = POINTS + 0.5


def draw_scale_bar(ax: Axes, theatre: Theatre, *, avoid: BaseGeometry | None = None, look: Look = LOOK) -> Bbox:
    """Draw a scale bar where it covers least, above all of `avoid` (lines, degrees); return its box, pixels of the picture."""
    west, south, east, north = theatre.frame
    middle, px = (south + north) / 2, pixel(ax)
    width_km = distance_km((west, middle), (east, middle))
    length = scale_km(width_km)
    long_px = ax.bbox.width * length / width_km
    found = room(ax, theatre, (long_px / px + 16, _LINES_PX), [], avoid if avoid is not None else shapely.MultiLineString(), edge_px=5)
    box = found[0] if found else Bbox.from_bounds(ax.bbox.x0 + 5 * px, ax.bbox.y0 + 5 * px, long_px + 16 * px, _LINES_PX * px)
    left, bottom = box.x0 + 8 * px, box.y0 + 7 * px
    to_data = ax.transData.inverted()
    frame = Bbox(to_data.transform(box.get_points()))
    ax.add_patch(Rectangle(frame.p0, frame.width, frame.height, fc=look.paper, ec="none", zorder=POINTS))
    rise = bottom + 6 * px
    ends = to_data.transform([(left, rise), (left, bottom), (left + long_px, bottom), (left + long_px, rise)])
    ax.plot(*ends.T, "-", color=look.ink, lw=1.4, zorder=POINTS, solid_joinstyle="miter")
    x, y = to_data.transform((left + long_px / 2, bottom + 9 * px))
    words: dict[str, Any] = {"fontproperties": font(look.small_pt, family=look.family), "color": look.ink, "ha": "center", "va": "bottom"}
    ax.text(x, y, f"{length} km", zorder=POINTS, **words)
    return box


def draw_locator(ax: Axes, theatre: Theatre, taken: Sequence[Bbox], avoid: BaseGeometry, *, look: Look = LOOK) -> Bbox | None:
    """
    Draw the locator where it covers least and return its box, pixels of the picture; None, and nothing drawn, where there is no room.

    It covers no place, nothing in `taken` (boxes, pixels) and no line of `avoid` (degrees): the ways that may be shown. Nor is there
    one where the theatre knows fewer than two towns beyond the frame that are near enough.
    """
    towns = neighbours(theatre)
    if len(towns) < _LEAST_TOWNS:
        return None
    bounds, (wide, high) = _bounds(theatre, towns)
    sizes = [share * look.locator_px for share in _SHARES]
    found = (room(ax, theatre, (wide * px + 2 * _PAD_PX, high * px + 2 * _PAD_PX), taken, avoid) for px in sizes)
    box = next((each[0] for each in found if each is not None and each[1]), None)
    if box is None:
        return None
    inner = box.padded(-_PAD_PX * pixel(ax))

    def spot(points: NDArray[np.float64]) -> NDArray[np.float64]:
        share = (points - bounds[:2]) / (bounds[2:] - bounds[:2])
        return np.asarray(ax.transData.inverted().transform(inner.p0 + share * (inner.p1 - inner.p0)))

    corners = ax.transData.inverted().transform(box.get_points())
    ax.add_patch(Rectangle(corners[0], *(corners[1] - corners[0]), fc=look.paper, ec=look.neatline, lw=0.8, zorder=_ORDER, gid="locator"))
    for feature in theatre.backdrop:
        if feature.kind == "border":
            for line in line_strings(shapely.intersection(feature.geometry, shapely.box(*bounds))):
                ax.add_line(Line2D(*spot(line).T, color=look.faint_ink, lw=0.8, ls=(0, (4, 1.5, 1, 1.5)), zorder=_ORDER))
    west, south, east, north = theatre.frame
    (x0, y0), (x1, y1) = spot(np.array([[west, south], [east, north]]))
    ax.add_patch(Rectangle((x0, y0), x1 - x0, y1 - y0, fc=look.rule, ec="none", zorder=_ORDER))
    ax.add_patch(Rectangle((x0, y0), x1 - x0, y1 - y0, fc="none", ec=look.ink, lw=1.2, zorder=_ORDER))
    framed = Bbox(ax.transData.transform([(x0, y0), (x1, y1)]))
    _name(ax, towns, spot(np.array([(town.lon, town.lat) for town in towns])), box.padded(-2 * pixel(ax)), framed, look)
    return box


def neighbours(theatre: Theatre) -> list[Place]:
    """Return the towns beyond the frame, places with a known population, that are near enough to tell where it lies; the largest first."""
    west, south, east, north = theatre.frame
    middle, squeeze = np.array([(west + east) / 2, (south + north) / 2]), np.cos(np.radians((south + north) / 2))
    reach = _REACH * max((east - west) * squeeze, north - south)
    beyond = [p for p in theatre.places if p.gateway and p.population]
    near = [p for p in beyond if np.hypot((p.lon - middle[0]) * squeeze, p.lat - middle[1]) <= reach]
    return sorted(near, key=lambda p: (-(p.population or 0), p.id))


def _bounds(theatre: Theatre, towns: Iterable[Place]) -> tuple[NDArray[np.float64], tuple[float, float]]:
    """Return what the locator shows (west, south, east, north), and its width and height, the longer of which is 1."""
    west, south, east, north = theatre.frame
    lon, lat = [west, east, *(town.lon for town in towns)], [south, north, *(town.lat for town in towns)]
    middle = np.array([min(lon) + max(lon), min(lat) + max(lat)]) / 2
    squeeze = np.array([np.cos(np.radians(middle[1])), 1.0])
    size = np.array([max(lon) - min(lon), max(lat) - min(lat)]) * squeeze
    size = np.maximum(size, _SLIMMEST * size.max())
    wide, high = size / size.max()
    return np.concatenate([middle - size / squeeze / 2, middle + size / squeeze / 2]), (float(wide), float(high))


def _name(ax: Axes, towns: Sequence[Place], spots: NDArray[np.float64], box: Bbox, framed: Bbox, look: Look) -> None:
    """Draw the largest towns for whose names there is room."""
    renderer, px, taken = RendererAgg(1, 1, ax.figure.dpi), pixel(ax), [framed]  # type: ignore[no-untyped-call]
    named: list[int] = []
    for i, (town, spot) in enumerate(zip(towns, ax.transData.transform(spots), strict=True)):
        dot = Bbox.from_bounds(spot[0] - 3 * px, spot[1] - 3 * px, 6 * px, 6 * px)
        if len(named) == _MOST_TOWNS or any(dot.overlaps(other) for other in taken):
            continue
        words: dict[str, Any] = {"fontproperties": font(look.small_pt - 1, family=look.family), "color": look.ink, "zorder": _ORDER + 0.2}
        text: Text = ax.text(0, 0, shown_name(town, look).split("\n")[0], **words)
        text.set(parse_math=False, gid=f"locator-{town.id}")
        for ha, va, dx, dy in (("left", "center", 5, 0), ("right", "center", -5, 0), ("center", "bottom", 0, 5), ("center", "top", 0, -5)):
            text.set(ha=ha, va=va, position=tuple(ax.transData.inverted().transform(spot + np.array([dx, dy]) * px)))
            extent = text.get_window_extent(renderer)
            inside = box.x0 <= extent.x0 and extent.x1 <= box.x1 and box.y0 <= extent.y0 and extent.y1 <= box.y1
            if inside and not any(extent.overlaps(other) for other in taken):
                taken += [extent, dot]
                named.append(i)
                break
        else:
            text.remove()
    ax.plot(*spots[named].T, "o", ms=2.6, color=look.ink, mew=0, zorder=_ORDER + 0.1)
