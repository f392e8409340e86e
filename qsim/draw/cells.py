"""The cells of places on a map: which look each has on a day, and its colours, stripes and dots."""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.collections import PathCollection
from matplotlib.path import Path
from shapely.geometry.base import BaseGeometry

from qsim.belief.timeline import NEITHER, UNDECIDED, UNKNOWN, Snapshot
from qsim.draw.ground import EDGES, FILL, STRIPES, as_path, px_per_degree
from qsim.draw.palette import TINTS, grounds, tint_steps
from qsim.draw.style import LOOK, Look
from qsim.record.theatre import Theatre

_STEPS = len(TINTS)
_DENSE_PX = 10.0  # the width of a cell, pixels of the sheet, below which lines along its edges would cover more than they tell


class _Cells(PathCollection):
    """Cells that ask for their colours when they are drawn, not before."""

    def __init__(self, paint: Callable[[], None], paths: list[Path], **style: Any) -> None:
        super().__init__(paths, **style)
        self._paint = paint

    def draw(self, renderer: RendererBase) -> None:
        """Draw the cells as they look now."""
        self._paint()
        super().draw(renderer)


class Patchwork:
    """
    The cells of some places on axes whose limits and aspect are set; `show` gives them the looks of a day.

    A look is 0 where nothing is known, else one more than the number of the status times the number of tints, plus the step of tint;
    the last of all is the undecided.
    The colours are put on when the cells are drawn, which a film, that looks them up by itself, never asks for.

    Parameters
    ----------
    ax, theatre, ids
        Axes of a map, and the places; `ids` keeps those that have a cell.
    stripe_px
        How wide a stripe of a contested cell is, pixels of the sheet; by default that of the look.
    look
        Colours and sizes.
    figure
        The side that stands out, see `qsim.draw.palette.grounds`.

    Attributes
    ----------
    dense
        Whether the cells are so small that lines along their edges would hide them: such a map has none, and no front line either.
    """

    def __init__(
        self,
        ax: Axes,
        theatre: Theatre,
        ids: Iterable[str],
        *,
        stripe_px: float | None = None,
        look: Look = LOOK,
        figure: str | None = None,
    ) -> None:
        found = {id: polygon for id in ids if (polygon := theatre.place(id).polygon) is not None and not polygon.is_empty}
        self.ax, self.theatre, self.look, self.ids, self.figure = ax, theatre, look, tuple(found), figure
        self.stripe_px = (stripe_px or look.stripe_px) * look.unit * look.scale
        self.stripe = (stripe_px or look.stripe_px) * np.sqrt(2) / px_per_degree(ax)
        self.looks = np.zeros(len(found), dtype=np.int64)
        self._polygons = list(found.values())
        self._positions = np.array([theatre.index[id] for id in found], dtype=np.int64)
        self._bands: dict[int, list[Path]] = {}
        self.cells = _Cells(self.paint, [], linewidths=0, zorder=FILL)
        self.dotted = PathCollection([], facecolors="none", edgecolors=look.unknown_dot, hatch="..", linewidths=0, zorder=STRIPES)
        self.striped = PathCollection([], linewidths=0, zorder=STRIPES)
        self.artists: list[Artist] = [self.cells, self.dotted, self.striped]
        for collection in (self.cells, self.dotted, self.striped):
            ax.add_collection(collection, autolim=False)
        self.dense = len(found) * (_DENSE_PX * look.unit * look.scale) ** 2 > ax.bbox.width * ax.bbox.height
        if not self.dense:
            edges = PathCollection(
                self.paths,
                facecolors="none",
                edgecolors=look.cell_edge,
                linewidths=look.cell_edge_pt,
                zorder=EDGES,
                gid=f"edges-{ax.get_label()}",
            )
            ax.add_collection(edges, autolim=False)

    @cached_property
    def paths(self) -> list[Path]:
        """The outlines of the cells."""
        return [as_path(polygon) for polygon in self._polygons]

    def show(self, snapshot: Snapshot) -> None:
        """Take the looks of a day."""
        status = snapshot.status[self._positions]
        steps = tint_steps(snapshot.belief[self._positions], status)
        known = np.where(status < 0, 0, 1 + status.astype(np.int64) * _STEPS + steps)
        self.looks = np.where(status == NEITHER, undecided_look(self.theatre), known)

    def paint(self) -> None:
        """Put the colours of the looks on the cells: stripes where contested, dots where unknown."""
        told = [status_of_look(self.theatre, look) for look in self.looks.tolist()]
        painted = [grounds(self.theatre, *each, palette=self.look, figure=self.figure) for each in told]
        if len(self.cells.get_paths()) != len(self.ids):
            self.cells.set_paths(self.paths)
        self.cells.set_facecolor([colours[0] for colours in painted])
        self.dotted.set_paths([path for path, (status, _) in zip(self.paths, told, strict=True) if status == UNKNOWN])
        striped = [i for i, colours in enumerate(painted) if len(colours) > 1]
        self.striped.set_paths([band for i in striped for band in self.bands(i)])
        self.striped.set_facecolor([colour for i in striped for colour in painted[i][1:]] or "none")

    def bands(self, position: int) -> list[Path]:
        """Return the stripes of a cell for each side but the first, whose stripes are the ground between."""
        if position not in self._bands:
            cut = stripes(self._polygons[position], tuple(self.stripe), max(2, len(self.theatre.sides)))
            self._bands[position] = [as_path(band) for band in cut]
        return self._bands[position]

    def dots_everywhere(self) -> PathCollection:
        """Return the dots of the unknown all over the map, where they are on every cell that shows some."""
        sheet = Path.unit_rectangle()
        dots = PathCollection([sheet], facecolors="none", edgecolors=self.look.unknown_dot, hatch="..", linewidths=0)
        dots.set_transform(self.ax.transAxes)
        dots.set_figure(self.ax.figure)
        return dots


def undecided_look(theatre: Theatre) -> int:
    """Return the look of the undecided."""
    return 1 + _STEPS * len(theatre.statuses)


def status_of_look(theatre: Theatre, look: int) -> tuple[str, int]:
    """Return the status and the step of tint of a look."""
    if look == 0 or look == undecided_look(theatre):
        return (UNDECIDED if look else UNKNOWN), 0
    return theatre.statuses[(look - 1) // _STEPS], (look - 1) % _STEPS


def stripes(geometry: BaseGeometry, step: tuple[float, ...], count: int) -> list[BaseGeometry]:
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
