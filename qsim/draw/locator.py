"""What stands on a map in a spot that is free: the scale bar, and a small map that shows where the frame lies."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.collections import PathCollection
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from qsim.draw.countries import Country, seen
from qsim.draw.figure import font
from qsim.draw.free_space import room
from qsim.draw.ground import POINTS, as_path, pixel, scale_km
from qsim.draw.style import LOOK, Look
from qsim.record.geometry import distance_km, frame_box
from qsim.record.theatre import Theatre

_REACH_DEGREES, _MARGIN = 5.0, 1.16  # how far a country is shown, degrees of latitude, and what is around it
_LINES_PX, _LEAST_MARK_PX = 34.0, 7.0
_ON_LAND = 0.8  # of a neighbour's name
_SHARES = (1.3, 1.1, 0.9)  # of the usual size, the largest for which there is room
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
    Draw where the frame lies, in its country with coast and neighbours, where it covers least; return its box, pixels of the picture.

    It covers no place, nothing in `taken` (boxes, pixels) and no line of `avoid` (degrees): the ways that may be shown. None is drawn, and
    None returned, where there is no such room, or the frame lies on no land.
    """
    home = _home(theatre)
    if home is None:
        return None
    bounds, (wide, high) = _bounds(theatre, home)
    sizes = [share * look.locator_px for share in _SHARES]
    found = (room(ax, theatre, (wide * px, high * px), taken, avoid) for px in sizes)
    box = next((each[0] for each in found if each is not None and each[1]), None)
    if box is None:
        return None

    def spot(points: NDArray[np.float64]) -> NDArray[np.float64]:
        share = (points - bounds[:2]) / (bounds[2:] - bounds[:2])
        return np.asarray(ax.transData.inverted().transform(box.p0 + share * (box.p1 - box.p0)))

    corners = ax.transData.inverted().transform(box.get_points())
    ax.add_patch(Rectangle(corners[0], *(corners[1] - corners[0]), fc=look.water, ec="none", zorder=_ORDER, gid="locator"))
    lands = seen(shapely.box(*bounds))
    for country in lands:
        ground = look.paper if country.name == home else look.unknown
        style: dict[str, Any] = {"facecolors": ground, "edgecolors": look.neutral, "linewidths": 0.7, "zorder": _ORDER}
        ax.add_collection(PathCollection([as_path(shapely.transform(country.land, spot))], **style), autolim=False)
    ax.add_patch(Rectangle(corners[0], *(corners[1] - corners[0]), fc="none", ec=look.neatline, lw=0.8, zorder=_ORDER + 0.3))
    framed = _mark(ax, theatre, spot, look)
    _name_countries(ax, lands, home, spot, box.padded(-2 * pixel(ax)), [framed], look)
    return box


def _mark(ax: Axes, theatre: Theatre, spot: Callable[[NDArray[np.float64]], NDArray[np.float64]], look: Look) -> Bbox:
    """Draw the frame on the locator, large enough to be seen, and return its box, pixels."""
    west, south, east, north = theatre.frame
    (x0, y0), (x1, y1) = ax.transData.transform(spot(np.array([[west, south], [east, north]])))
    least = _LEAST_MARK_PX * pixel(ax)
    grow = max(0.0, least - (x1 - x0)) / 2, max(0.0, least - (y1 - y0)) / 2
    framed = Bbox.from_extents(x0 - grow[0], y0 - grow[1], x1 + grow[0], y1 + grow[1])
    (x0, y0), (x1, y1) = ax.transData.inverted().transform(framed.get_points())
    ax.add_patch(Rectangle((x0, y0), x1 - x0, y1 - y0, fc=look.ink, ec=look.casing, lw=1.0, zorder=_ORDER + 0.1, gid="locator-frame"))
    return framed


def _home(theatre: Theatre) -> str | None:
    """Return the name of the country in which most of the frame lies; None on the open sea."""
    inside = seen(frame_box(theatre.frame))
    return max(inside, key=lambda country: country.land.area).name if inside else None


def _bounds(theatre: Theatre, home: str) -> tuple[NDArray[np.float64], tuple[float, float]]:
    """Return what the locator shows (west, south, east, north): the country around the frame; and its width and height, the longer of which is 1."""
    west, south, east, north = theatre.frame
    middle = np.array([(west + east) / 2, (south + north) / 2])
    squeeze = np.array([max(np.cos(np.radians(middle[1])), 0.2), 1.0])
    reach = np.maximum(_REACH_DEGREES / squeeze, [1.5 * (east - west), 1.5 * (north - south)])
    around = shapely.box(*(middle - reach), *(middle + reach))
    country = next(each.land for each in seen(around) if each.name == home)
    near = max(shapely.get_parts(country), key=lambda part: (part.contains(shapely.Point(middle)), part.area))
    bounds = np.array(shapely.union_all([near.envelope, frame_box(theatre.frame)]).bounds)
    middle, size = (bounds[:2] + bounds[2:]) / 2, (bounds[2:] - bounds[:2]) * squeeze * _MARGIN
    size = np.maximum(size, _SLIMMEST * size.max())
    wide, high = size / size.max()
    return np.concatenate([middle - size / squeeze / 2, middle + size / squeeze / 2]), (float(wide), float(high))


def _name_countries(
    ax: Axes,
    lands: Sequence[Country],
    home: str,
    spot: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    box: Bbox,
    taken: list[Bbox],
    look: Look,
) -> None:
    """Name the country, and those around it for whose names there is room."""
    renderer = RendererAgg(1, 1, ax.figure.dpi)  # type: ignore[no-untyped-call]
    for country in sorted(lands, key=lambda each: (each.name != home, -each.land.area)):
        weight = "bold" if country.name == home else "normal"
        land = shapely.transform(country.land, lambda points: ax.transData.transform(spot(points)))
        words: dict[str, Any] = {
            "fontproperties": font(look.small_pt - 0.5, weight, look.family),
            "color": look.ink,
            "zorder": _ORDER + 0.2,
        }
        text: Text = ax.text(0, 0, country.name, ha="center", va="center", parse_math=False, gid=f"locator-{country.name}", **words)
        own = text.get_window_extent(renderer)
        for at in _inside(land):
            extent = own.translated(*(at - (own.p0 + own.p1) / 2))
            inside = box.x0 <= extent.x0 and extent.x1 <= box.x1 and box.y0 <= extent.y0 and extent.y1 <= box.y1
            whole = shapely.box(*extent.extents)
            enough = shapely.intersection(whole, land).area >= (_ON_LAND if country.name != home else 0.6) * whole.area
            if inside and enough and not any(extent.padded(2 * pixel(ax)).overlaps(other) for other in taken):
                taken.append(extent)
                text.set_position(tuple(ax.transData.inverted().transform(at)))
                break
        else:
            text.remove()


def _inside(land: BaseGeometry) -> list[NDArray[np.float64]]:
    """Return points, pixels, on a land: its middle, then a grid."""
    west, south, east, north = land.bounds
    grid = [np.array([x, y]) for y in np.linspace(south, north, 13)[1:-1] for x in np.linspace(west, east, 13)[1:-1]]
    middle = np.array(land.centroid.coords[0])
    return sorted((at for at in [middle, *grid] if land.contains(shapely.Point(at))), key=lambda at: float(np.hypot(*(at - middle))))
