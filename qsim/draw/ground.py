"""The pieces of a map on matplotlib axes: cells that change colour, the backdrop, the front line, routes, and the scale bar."""

from collections.abc import Iterable, Sequence
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

from qsim.draw.look import LOOK, STALE_DAYS, fill, tint, tint_steps
from qsim.geometry import frame_box, shared_borders
from qsim.theatre import CONTESTED, Theatre
from qsim.timeline import UNKNOWN, Snapshot

# What lies over what, from below.
WATER, FILL, STRIPES, EDGES, ROADS, BORDER, FRONT, ROUTE, POINTS, HALO, LABELS = range(1, 12)


def set_frame(ax: Axes, bounds: Sequence[float], latitude: float) -> None:
    """Set the limits of a map's axes to `bounds` (west, south, east, north) in degrees, true to scale at `latitude`."""
    west, south, east, north = bounds
    ax.set(xlim=(west, east), ylim=(south, north), xticks=[], yticks=[])
    ax.set_aspect(1 / np.cos(np.radians(latitude)))
    ax.apply_aspect()


def px_per_degree(ax: Axes) -> NDArray[np.float64]:
    """Return how many pixels a degree of longitude and a degree of latitude take on these axes."""
    corners = ax.transData.transform([(0, 0), (1, 1)])
    return np.asarray(corners[1] - corners[0])


def as_path(geometry: BaseGeometry) -> Path:
    """Return a polygon, with its holes and all of its parts, as one matplotlib path."""
    polygons = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    rings = [ring for polygon in polygons for ring in (polygon.exterior, *polygon.interiors)]
    return Path.make_compound_path(*(Path(np.asarray(ring.coords), closed=True) for ring in rings)) if rings else Path(np.empty((0, 2)))


def stripes(geometry: BaseGeometry, step: tuple[float, float], count: int) -> list[BaseGeometry]:
    """
    Return diagonal bands of a polygon for each of `count` colours, except the first, whose bands are the ground left between.

    `step` is the width and the height, in the polygon's own units, over which one band runs; bands of neighbours join up.
    """
    (west, south, east, north), (dx, dy) = geometry.bounds, step
    bands = range(int(np.floor(west / dx + south / dy)), int(np.ceil(east / dx + north / dy)))
    found = []
    for colour in range(1, count):
        slants = [
            shapely.Polygon(
                [((b - y) * dx, y * dy), ((b + 1 - y) * dx, y * dy), ((b + 1 - top) * dx, top * dy), ((b - top) * dx, top * dy)]
            )
            for b in bands
            if b % count == colour
            for y, top in [(south / dy - 1, north / dy + 1)]
        ]
        found.append(shapely.intersection(geometry, shapely.MultiPolygon(slants)))
    return found


@dataclass(slots=True)
class Patchwork:
    """The cells of some places on axes: `paint` gives them a day's colours, stripes and dots."""

    theatre: Theatre
    ids: tuple[str, ...]
    cells: PathCollection
    dotted: PathCollection
    striped: PathCollection
    paths: list[Path]
    bands: list[list[Path]]

    @classmethod
    def on(cls, ax: Axes, theatre: Theatre, ids: Iterable[str], *, stripe_px: float = LOOK.stripe_px) -> "Patchwork":
        """Add the cells of `ids` to axes whose limits and aspect are set."""
        found = {id: polygon for id in ids if (polygon := theatre.place(id).polygon) is not None and not polygon.is_empty}
        paths = [as_path(polygon) for polygon in found.values()]
        dx, dy = stripe_px * np.sqrt(2) / px_per_degree(ax)
        bands = [[as_path(b) for b in stripes(polygon, (dx, dy), len(theatre.sides))] for polygon in found.values()]
        cells = PathCollection(paths, linewidths=0, zorder=FILL)
        dotted = PathCollection([], facecolors="none", edgecolors=LOOK.unknown_dot, hatch="..", linewidths=0, zorder=STRIPES)
        striped = PathCollection([], linewidths=0, zorder=STRIPES)
        edges = PathCollection(paths, facecolors="none", edgecolors=LOOK.cell_edge, linewidths=LOOK.cell_edge_pt, zorder=EDGES)
        for collection in (cells, dotted, striped, edges):
            ax.add_collection(collection, autolim=False)
        return cls(theatre, tuple(found), cells, dotted, striped, paths, bands)

    def paint(self, snapshot: Snapshot) -> None:
        """Show one day: each place's status, in the step of tint of the belief in it; the stripes of a contested one have the same."""
        at = [self.theatre.index[id] for id in self.ids]
        statuses = [snapshot.name_of(int(code)) for code in snapshot.status[at]]
        steps = tint_steps(snapshot.belief[at], snapshot.status[at]).tolist()
        self.cells.set_facecolor([fill(self.theatre, status, step) for status, step in zip(statuses, steps, strict=True)])
        self.dotted.set_paths([path for path, status in zip(self.paths, statuses, strict=True) if status == UNKNOWN])
        contested = [i for i, status in enumerate(statuses) if status == CONTESTED]
        self.striped.set_paths([band for i in contested for band in self.bands[i]])
        self.striped.set_facecolor([tint(side.colour, steps[i]) for i in contested for side in self.theatre.sides[1:]] or "none")


@dataclass(slots=True)
class Ages:
    """Small open circles on places of which something is known but nothing was reported for thirty days or more."""

    theatre: Theatre
    ids: tuple[str, ...]
    marks: Line2D

    @classmethod
    def on(cls, ax: Axes, theatre: Theatre, ids: Iterable[str]) -> "Ages":
        """Add no mark yet to axes."""
        marks = age_mark()
        ax.add_line(marks)
        return cls(theatre, tuple(ids), marks)

    def show(self, snapshot: Snapshot) -> None:
        """Mark the places that are old on this day."""
        known = [id for id in self.ids if snapshot.status[self.theatre.index[id]] >= 0]
        old = [self.theatre.place(id) for id in known if (snapshot.silent_days(id) or 0) >= STALE_DAYS]
        self.marks.set_data([place.lon for place in old], [place.lat for place in old])


def age_mark() -> Line2D:
    """Return the mark of an old report, as a line without points yet."""
    style: dict[str, Any] = {"marker": "o", "ms": LOOK.age_pt, "mfc": LOOK.paper, "mec": LOOK.ink, "mew": 0.8}
    return Line2D([], [], ls="none", zorder=POINTS + 0.05, **style)


def draw_backdrop(ax: Axes, theatre: Theatre) -> None:
    """Draw lakes, rivers, roads, runways and borders, inside the frame."""
    box = frame_box(theatre.frame)
    for feature in theatre.backdrop:
        shape = shapely.intersection(feature.geometry, box)
        if feature.kind == "lake":
            ax.add_collection(
                PathCollection(
                    [as_path(shape)], facecolors=LOOK.water, edgecolors=LOOK.water_line, hatch="---", linewidths=0, zorder=EDGES
                ),
                autolim=False,
            )
            ax.add_collection(
                PathCollection([as_path(shape)], facecolors="none", edgecolors=LOOK.river, linewidths=1.0, zorder=EDGES), autolim=False
            )
        elif feature.kind == "road":
            _cased(ax, shape, LOOK.road, LOOK.road_pt, LOOK.road_casing, ROADS)
        elif feature.kind == "river":
            _cased(ax, shape, LOOK.river, LOOK.river_pt, LOOK.casing, ROADS)
        elif feature.kind == "runway":
            _cased(ax, shape, LOOK.runway, 2.6, LOOK.casing, ROADS)
        elif feature.kind == "border":
            _cased(ax, shape, LOOK.border, LOOK.border_pt, LOOK.casing, BORDER, (0, (9, 2.5, 1.5, 2.5)))


def _cased(ax: Axes, shape: BaseGeometry, colour: str, width: float, casing: str, order: int, dashes: Any = "solid") -> None:
    lines = line_strings(shape)
    ax.add_collection(LineCollection(lines, colors=casing, linewidths=width + 1.4, zorder=order), autolim=False)
    ax.add_collection(LineCollection(lines, colors=colour, linewidths=width, linestyles=dashes, zorder=order + 0.1), autolim=False)


def line_strings(shape: BaseGeometry) -> list[NDArray[np.float64]]:
    """Return the lines of a geometry as arrays (points, 2)."""
    return [np.asarray(part.coords) for part in shapely.get_parts(shape) if part.geom_type in ("LineString", "LinearRing")]


@dataclass(slots=True)
class Front:
    """The front line: the borders between cells that different sides hold."""

    pairs: list[tuple[int, int]]
    borders: list[list[NDArray[np.float64]]]
    casing: LineCollection
    line: LineCollection

    @classmethod
    def on(cls, ax: Axes, theatre: Theatre) -> "Front":
        """Add an empty front line to axes."""
        polygons = {place.id: place.polygon for place in theatre.places if place.polygon is not None}
        shared = shared_borders(polygons) if polygons else {}
        casing = LineCollection([], colors=LOOK.casing, linewidths=LOOK.front_pt + LOOK.casing_pt, capstyle="round", zorder=FRONT)
        line = LineCollection([], colors=LOOK.front, linewidths=LOOK.front_pt, capstyle="round", zorder=FRONT + 0.1)
        for collection in (casing, line):
            ax.add_collection(collection, autolim=False)
        pairs = [(theatre.index[a], theatre.index[b]) for a, b in shared]
        return cls(pairs, [line_strings(border) for border in shared.values()], casing, line)

    def trace(self, snapshot: Snapshot) -> None:
        """Show one day."""
        sides = range(len(snapshot.theatre.sides))
        status = snapshot.status.tolist()
        hostile = [status[a] != status[b] and status[a] in sides and status[b] in sides for a, b in self.pairs]
        segments = [line for lines, is_front in zip(self.borders, hostile, strict=True) if is_front for line in lines]
        self.casing.set_segments(segments)
        self.line.set_segments(segments)


@dataclass(slots=True)
class Routes:
    """The ways out of a place: cased lines, each with a head that points where it leads."""

    ax: Axes
    casing: LineCollection
    lines: LineCollection
    heads: PolyCollection

    @classmethod
    def on(cls, ax: Axes) -> "Routes":
        """Add no routes yet to axes."""
        casing = LineCollection([], colors=LOOK.route_casing, linewidths=LOOK.route_pt + LOOK.route_casing_pt, zorder=ROUTE)
        lines = LineCollection([], colors=LOOK.route, linewidths=LOOK.route_pt, zorder=ROUTE + 0.1)
        heads = PolyCollection([], facecolors=LOOK.route, edgecolors=LOOK.route_casing, linewidths=1.2, zorder=ROUTE + 0.2)
        for collection in (casing, lines, heads):
            collection.set_joinstyle("round")
            ax.add_collection(collection, autolim=False)
        return cls(ax, casing, lines, heads)

    def show(self, ways: Sequence[NDArray[np.float64]]) -> None:
        """Show these ways, each an array (points, 2) of degrees from the place outwards."""
        self.casing.set_segments(list(ways))
        self.lines.set_segments(list(ways))
        self.heads.set_verts([arrow_head(self.ax, way[-1], way[-1] - way[-2], LOOK.arrow_px * 1.5) for way in ways])


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
