"""Signs on a map that come and go with the day: what is cut off, what changed today; and circles of what is not known exactly."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.path import Path
from matplotlib.patheffects import AbstractPathEffect, Normal, TickedStroke
from numpy.typing import NDArray

from qsim.draw.ground import FRONT, POINTS, ROUTE, as_path
from qsim.draw.style import LOOK, Look
from qsim.record.geometry import EARTH_RADIUS_KM
from qsim.record.theatre import Theatre

_HEAL = 1e-7  # degrees: cells that share a border are joined over gaps of rounding as wide as this
DOTS, DASHES = (0, (1.0, 1.3)), (0, (2.4, 1.6))


@dataclass(slots=True)
class PocketEdge:
    """The edge of what is cut off: a line with teeth that point inwards; and the last way out, broken, where there is none any more."""

    theatre: Theatre
    casing: PathCollection
    edge: PathCollection
    last_casing: LineCollection
    last: LineCollection
    _known: dict[tuple[str, ...], list[Path]] = field(default_factory=dict)

    @classmethod
    def on(cls, ax: Axes, theatre: Theatre, *, look: Look = LOOK) -> "PocketEdge":
        """Add no pocket yet to axes."""
        casing = PathCollection(
            [], facecolors="none", edgecolors=look.casing, linewidths=look.pocket_pt + look.casing_pt, zorder=FRONT + 0.2
        )
        edge = PathCollection([], facecolors="none", edgecolors=look.front, linewidths=look.pocket_pt, zorder=FRONT + 0.3)
        edge.set_path_effects(teeth())
        last_casing = LineCollection([], colors=look.casing, linewidths=look.route_pt + look.casing_pt, zorder=ROUTE - 0.2)
        last = LineCollection([], colors=look.front, linewidths=look.route_pt, linestyles=[DASHES], capstyle="butt", zorder=ROUTE - 0.1)
        for collection in (casing, edge, last_casing, last):
            collection.set_joinstyle("round")
            ax.add_collection(collection, autolim=False)
        return cls(theatre, casing, edge, last_casing, last)

    @property
    def artists(self) -> list[PathCollection | LineCollection]:
        """What `show` changes."""
        return [self.casing, self.edge, self.last_casing, self.last]

    def show(self, places: tuple[str, ...], last: Sequence[NDArray[np.float64]]) -> None:
        """Show these places (ids) as cut off, and these last ways (points, 2), degrees."""
        if places not in self._known:
            self._known[places] = outline(self.theatre, places)
        for collection in (self.casing, self.edge):
            collection.set_paths(self._known[places])
        for way in (self.last_casing, self.last):
            way.set_segments(list(last))


def teeth() -> list[AbstractPathEffect]:
    """Return how the edge of a pocket is drawn: a line, and teeth on its left."""
    return [Normal(), TickedStroke(angle=90, spacing=7, length=0.75)]


def outline(theatre: Theatre, places: Iterable[str]) -> list[Path]:
    """Return the outlines of the cells of these places together, inside the frame alone; the land lies to the left of each."""
    cells = [polygon for id in places if (polygon := theatre.place(id).polygon) is not None]
    if not cells:
        return []
    whole = shapely.orient_polygons(shapely.union_all(shapely.buffer(cells, _HEAL)))
    rings = [ring for part in shapely.get_parts(whole) for ring in (part.exterior, *part.interiors)]
    return [Path(line) for ring in rings for line in _inside(np.asarray(ring.coords), theatre.frame)]


def _inside(ring: NDArray[np.float64], frame: tuple[float, float, float, float]) -> list[NDArray[np.float64]]:
    """Return a closed ring of points (n, 2) without what runs along the frame, as one or more lines in its direction."""
    west, south, east, north = frame
    rim = np.stack([ring[:, 0] - west, ring[:, 1] - south, east - ring[:, 0], north - ring[:, 1]]) < 3 * _HEAL
    along = (rim[:, :-1] & rim[:, 1:]).any(axis=0)  # (segments,)
    if not along.any():
        return [ring]
    first = int(np.flatnonzero(along)[0]) + 1  # begin after a piece of the frame, so that no line is cut where the ring happens to begin
    points, gone = np.roll(ring[:-1], -first, axis=0), np.roll(along, -first)
    lines: list[NDArray[np.float64]] = []
    start = 0
    for i in np.flatnonzero(gone).tolist():
        if i > start:
            lines.append(points[start : i + 1])
        start = i + 1
    return lines


@dataclass(slots=True)
class Flash:
    """The cells that changed today, with a bright edge and a dotted line on it."""

    theatre: Theatre
    ids: frozenset[str]
    glow: PathCollection
    line: PathCollection

    @classmethod
    def on(cls, ax: Axes, theatre: Theatre, ids: Iterable[str], *, look: Look = LOOK) -> "Flash":
        """Add nothing that changed yet to axes."""
        glow = PathCollection([], facecolors="none", edgecolors=look.flash, linewidths=look.flash_pt, zorder=FRONT - 0.3)
        line = PathCollection(
            [], facecolors="none", edgecolors=look.flash_line, linewidths=look.flash_line_pt, linestyles=[DOTS], zorder=FRONT - 0.2
        )
        for collection in (glow, line):
            collection.set_joinstyle("round")
            ax.add_collection(collection, autolim=False)
        return cls(theatre, frozenset(ids), glow, line)

    @property
    def artists(self) -> list[PathCollection]:
        """What `show` changes."""
        return [self.glow, self.line]

    def show(self, changed: Sequence[str]) -> None:
        """Show the cells of these places (ids)."""
        cells = [self.theatre.place(id).polygon for id in changed if id in self.ids]
        paths = [as_path(cell) for cell in cells if cell is not None]
        for collection in self.artists:
            collection.set_paths(paths)


def draw_precision(ax: Axes, theatre: Theatre, *, look: Look = LOOK) -> PathCollection:
    """Draw around each estimated place inside the frame the circle within which it is trusted to lie, and return the circles."""
    places = [p for p in theatre.places if p.basis == "estimated" and p.precision_km and p.parent is None and not p.gateway]
    angles = np.linspace(0, 2 * np.pi, 49)
    circles = []
    for place in places:
        high = np.degrees((place.precision_km or 0.0) / EARTH_RADIUS_KM)
        wide = high / np.cos(np.radians(place.lat))
        circles.append(Path(np.c_[place.lon + wide * np.cos(angles), place.lat + high * np.sin(angles)]))
    style: dict[str, Any] = {"facecolors": "none", "linewidths": look.precision_pt, "zorder": POINTS - 0.2, "gid": "precision"}
    drawn = PathCollection(circles, edgecolors=look.ink, linestyles=[(0, (1.2, 1.8))], **style)
    ax.add_collection(drawn, autolim=False)
    return drawn
