"""The pieces of a map on matplotlib axes: cells that change colour, the backdrop, the front line, routes, and the scale bar."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection, PolyCollection
from matplotlib.lines import Line2D
from matplotlib.path import Path
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from qsim.belief.timeline import Snapshot
from qsim.draw.palette import STALE_DAYS
from qsim.draw.style import BASE_DPI, LOOK, Look
from qsim.record.geometry import frame_box, shared_borders
from qsim.record.places import WATERS
from qsim.record.theatre import Theatre

_GAP = 1e-7  # degrees, a centimetre: cells that were cut at a border of a country touch again over gaps as wide as this
_TOUCH_PX = 2.0  # cells that share less than this in one piece touch at a corner, where a front line would be a dot

# What lies over what, from below.
WATER, FILL, STRIPES, EDGES, ROADS, BORDER, FRONT, ROUTE, POINTS, HALO, LABELS = range(1, 12)


def set_frame(ax: Axes, bounds: Sequence[float], latitude: float) -> None:
    """Set the limits of a map's axes to `bounds` (west, south, east, north) in degrees, true to scale at `latitude`."""
    west, south, east, north = bounds
    ax.set(xlim=(west, east), ylim=(south, north), xticks=[], yticks=[])
    ax.set_aspect(1 / np.cos(np.radians(latitude)))
    ax.apply_aspect()


def pixel(ax: Axes) -> float:
    """Return how many pixels of the picture a pixel of the sheet takes, on which all lengths are told."""
    assert ax.figure is not None
    return float(ax.figure.dpi) / BASE_DPI


def px_per_degree(ax: Axes) -> NDArray[np.float64]:
    """Return how many pixels of the sheet a degree of longitude and a degree of latitude take on these axes."""
    corners = ax.transData.transform([(0, 0), (1, 1)])
    return np.asarray(corners[1] - corners[0]) / pixel(ax)


def as_path(geometry: BaseGeometry) -> Path:
    """Return a polygon, with its holes and all of its parts, as one matplotlib path."""
    if isinstance(geometry, shapely.Polygon) and not geometry.interiors and not geometry.is_empty:
        return Path(shapely.get_coordinates(geometry), closed=True)
    polygons = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    rings = [ring for polygon in polygons for ring in (polygon.exterior, *polygon.interiors)]
    return Path.make_compound_path(*(Path(np.asarray(ring.coords), closed=True) for ring in rings)) if rings else Path(np.empty((0, 2)))


@dataclass(slots=True)
class Ages:
    """Small open circles on places of which something is known but nothing was reported for thirty days or more."""

    positions: NDArray[np.int64]
    points: NDArray[np.float64]
    marks: Line2D

    @classmethod
    def on(cls, ax: Axes, theatre: Theatre, ids: Iterable[str], *, look: Look = LOOK) -> "Ages":
        """Add no mark yet to axes."""
        marks = age_mark(look)
        ax.add_line(marks)
        places = [theatre.place(id) for id in ids]
        positions = np.array([theatre.index[place.id] for place in places], dtype=np.int64)
        return cls(positions, np.array([(place.lon, place.lat) for place in places]).reshape(-1, 2), marks)

    def show(self, snapshot: Snapshot) -> None:
        """Mark the places that are old on this day."""
        silent = np.datetime64(snapshot.day) - snapshot.last_report[self.positions]
        old = (snapshot.status[self.positions] >= 0) & (silent >= np.timedelta64(STALE_DAYS, "D"))
        self.marks.set_data(*self.points[old].T)


def age_mark(look: Look = LOOK) -> Line2D:
    """Return the mark of an old report, as a line without points yet."""
    style: dict[str, Any] = {"marker": "o", "ms": look.age_pt, "mfc": look.paper, "mec": look.ink, "mew": 0.8}
    return Line2D([], [], ls="none", zorder=POINTS + 0.05, **style)


def draw_backdrop(ax: Axes, theatre: Theatre, *, kinds: Collection[str] | None = None, look: Look = LOOK) -> None:
    """Draw seas, lakes, rivers, roads, runways and borders, or only some `kinds` of these, inside the frame."""
    box = frame_box(theatre.frame)
    for feature in theatre.backdrop:
        if kinds is not None and feature.kind not in kinds:
            continue
        shape = shapely.intersection(feature.geometry, box)
        if feature.kind in WATERS:
            hatch = "---" if feature.kind == "lake" else None  # over a whole sea lines would be too many
            water: dict[str, Any] = {"facecolors": look.water, "edgecolors": look.water_line, "hatch": hatch, "linewidths": 0}
            shore: dict[str, Any] = {"facecolors": "none", "edgecolors": look.river, "linewidths": 1.0}
            for style in (water, shore):
                ax.add_collection(PathCollection([as_path(shape)], zorder=EDGES, **style), autolim=False)
            if line_strings(shape):  # a shore alone
                _cased(ax, shape, look.river, 1.0, look.casing, ROADS)
        elif feature.kind == "road":
            _cased(ax, shape, look.road, look.road_pt, look.road_casing, ROADS)
        elif feature.kind == "river":
            _cased(ax, shape, look.river, look.river_pt, look.casing, ROADS)
        elif feature.kind == "runway":
            _cased(ax, shape, look.runway, 2.6, look.casing, ROADS)
        elif feature.kind == "border":
            _cased(ax, shape, look.border, look.border_pt, look.casing, BORDER, (0, (9, 2.5, 1.5, 2.5)))


def _cased(ax: Axes, shape: BaseGeometry, colour: str, width: float, casing: str, order: int, dashes: Any = "solid") -> None:
    lines = line_strings(shape)
    ax.add_collection(LineCollection(lines, colors=casing, linewidths=width + 1.4, zorder=order), autolim=False)
    ax.add_collection(LineCollection(lines, colors=colour, linewidths=width, linestyles=dashes, zorder=order + 0.1), autolim=False)


def line_strings(shape: BaseGeometry) -> list[NDArray[np.float64]]:
    """Return the lines of a geometry as arrays (points, 2)."""
    lines = (part for part in shapely.get_parts(shape) if part.geom_type in ("LineString", "LinearRing"))
    return [np.asarray(line.coords) for line in lines if not line.is_empty]


@dataclass(slots=True)
class Front:
    """
    The front line, the borders between cells that different sides hold; and, thin, where it ran on the day before.

    Where a ring is drawn around the ground of one side, `figure` (a status by position), the front is that of the others alone, and thin.
    """

    pairs: NDArray[np.int64]
    borders: list[list[NDArray[np.float64]]]
    before_casing: LineCollection
    before: LineCollection
    casing: LineCollection
    line: LineCollection
    figure: int | None = None

    @classmethod
    def on(cls, ax: Axes, theatre: Theatre, *, look: Look = LOOK, dense: bool = False, figure: str | None = None) -> "Front":
        """Add an empty front line to axes; it stays empty where cells are so small, `dense`, that it would hide them."""
        dense = dense or (figure is not None and len(theatre.sides) < 3)  # two sides with a ring between them have no other front
        polygons = {place.id: place.polygon for place in theatre.places if place.polygon is not None and not dense}
        least = _TOUCH_PX / px_per_degree(ax).mean()
        shared = {
            pair: lines
            for pair, border in (shared_borders(polygons, tolerance=_GAP) if polygons else {}).items()
            if (lines := [np.asarray(part.coords) for part in shapely.get_parts(border) if part.length > least])
        }
        strokes = [(look.casing, look.before_pt + look.casing_pt / 2), (look.neutral, look.before_pt)]
        if figure is None:
            strokes += [(look.casing, look.front_pt + look.casing_pt), (look.front, look.front_pt)]
        else:
            strokes += [(look.casing, look.before_pt + 1), (look.neutral, look.before_pt)]
        order = FRONT if figure is None or dense else BORDER - 0.2  # a thin front hides no border
        drawn = [
            LineCollection([], colors=colour, linewidths=width, capstyle="round", zorder=order + (i - 2) / 20)
            for i, (colour, width) in enumerate(strokes)
        ]
        for collection in drawn:
            ax.add_collection(collection, autolim=False)
        pairs = np.array([(theatre.index[a], theatre.index[b]) for a, b in shared], dtype=np.int64).reshape(-1, 2)
        before_casing, before, casing, line = drawn
        left_out = None if figure is None else theatre.statuses.index(figure)
        return cls(pairs, list(shared.values()), before_casing, before, casing, line, left_out)

    @property
    def artists(self) -> list[LineCollection]:
        """What `trace` changes."""
        return [self.before_casing, self.before, self.casing, self.line]

    def trace(self, snapshot: Snapshot, before: Snapshot | None = None) -> None:
        """Show one day, and the day before where it is given."""
        earlier, now = self.segments(before) if before is not None and self.figure is None else [], self.segments(snapshot)
        for collection, segments in zip(self.artists, (earlier, earlier, now, now), strict=True):
            collection.set_segments(segments)

    def segments(self, snapshot: Snapshot) -> list[NDArray[np.float64]]:
        """Return the front line of one day, as lines (points, 2) of degrees."""
        one, other = snapshot.status[self.pairs].T
        hostile = (one != other) & (np.minimum(one, other) >= 0) & (np.maximum(one, other) < len(snapshot.theatre.sides))
        if self.figure is not None:
            hostile &= (one != self.figure) & (other != self.figure)
        return [line for i in np.flatnonzero(hostile).tolist() for line in self.borders[i]]


@dataclass(slots=True)
class Routes:
    """The ways out of a place: cased lines, each with a head that points where it leads."""

    ax: Axes
    look: Look
    casing: LineCollection
    lines: LineCollection
    heads: PolyCollection

    @classmethod
    def on(cls, ax: Axes, *, look: Look = LOOK) -> "Routes":
        """Add no routes yet to axes."""
        casing = LineCollection([], colors=look.route_casing, linewidths=look.route_pt + look.route_casing_pt, zorder=ROUTE)
        lines = LineCollection([], colors=look.route, linewidths=look.route_pt, zorder=ROUTE + 0.1)
        heads = PolyCollection([], facecolors=look.route, edgecolors=look.route_casing, linewidths=1.2, zorder=ROUTE + 0.2)
        for collection in (casing, lines, heads):
            collection.set_joinstyle("round")
            ax.add_collection(collection, autolim=False)
        return cls(ax, look, casing, lines, heads)

    def show(self, ways: Sequence[NDArray[np.float64]]) -> None:
        """Show these ways, each an array (points, 2) of degrees from the place outwards."""
        self.casing.set_segments(list(ways))
        self.lines.set_segments(list(ways))
        self.heads.set_verts([arrow_head(self.ax, way[-1], way[-1] - way[-2], self.look.arrow_px * 1.5) for way in ways])


def arrow_head(ax: Axes, tip: NDArray[np.float64], along: NDArray[np.float64], size_px: float) -> NDArray[np.float64]:
    """Return the triangle (3, 2), in degrees, of an arrow head with its tip at `tip` that points `along`; its length in pixels."""
    scale = px_per_degree(ax)
    forward = along * scale / (np.hypot(*(along * scale)) or 1.0)
    across = np.array([-forward[1], forward[0]])
    return np.asarray(tip + np.array([0 * forward, -forward + 0.42 * across, -forward - 0.42 * across]) * size_px / scale)


def scale_km(width_km: float) -> int:
    """Return the length of a scale bar: 1, 2 or 5 times a power of ten, at most 0.3 of the width, and at least 1 km."""
    lengths = [factor * 10**power for power in range(4) for factor in (1, 2, 5)]
    return max((length for length in lengths if length <= 0.3 * width_km), default=1)
