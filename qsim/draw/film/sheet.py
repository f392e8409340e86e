"""A clear sheet on which what moves is drawn, day after day; it knows what part of it may have been drawn on."""

import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from qsim.draw.film.raster import new_renderer
from qsim.draw.glyphs import Rim, is_simple, paste, paste_rimmed

_CLEAR = np.array([255, 255, 255, 0], dtype=np.uint8).view(np.uint32)[0]  # a pixel on which matplotlib drew nothing


class Sheet:
    """A clear sheet of the size of a figure; `pixels` (height * width,) are its straight RGBA as numbers."""

    def __init__(self, figure: Figure) -> None:
        self._renderer = new_renderer(figure)
        self._drawn = np.asarray(self._renderer.buffer_rgba())  # type: ignore[no-untyped-call]
        self._table = self._drawn.view(np.uint32)[..., 0]
        self.pixels: NDArray[np.uint32] = self._table.reshape(-1)
        self._boxes: list[tuple[slice, slice]] = []

    @property
    def is_used(self) -> bool:
        """Whether anything was drawn since it was wiped."""
        return bool(self._boxes)

    def wipe(self) -> None:
        """Make the sheet clear again."""
        for box in self._boxes:
            self._table[box] = _CLEAR
        self._boxes = []

    def mark(self, touched: NDArray[np.bool_]) -> None:
        """Mark the pixels that are drawn on, (height, width)."""
        for box in self._boxes:
            touched[box] |= self._table[box] != _CLEAR

    def draw(self, artist: Artist) -> None:
        """Draw what moves, if there is anything of it; plain words from letters that were rendered before."""
        if _is_empty(artist):
            return
        rows = _written(artist, self._drawn, self._renderer.dpi) if isinstance(artist, Text) else None
        if rows is None:
            artist.draw(self._renderer)
        box = self._within(artist) if rows is None else (rows, slice(None))
        if box not in self._boxes:
            self._boxes.append(box)

    def _within(self, artist: Artist) -> tuple[slice, slice]:
        """Return the part of the sheet that an artist which is cut off at its axes may be drawn on."""
        high, wide = self._table.shape
        if artist.axes is None or not artist.get_clip_on():
            return slice(None), slice(None)
        box = artist.axes.bbox
        if isinstance(artist, Line2D) and not artist.get_path_effects():
            points = (artist.get_linewidth() + artist.get_markersize()) / 2 + artist.get_markeredgewidth()
            around = artist.get_window_extent(self._renderer).padded(points * self._renderer.dpi / 72 + 2)
            box = Bbox.intersection(box, around) or Bbox.null()
        x0, x1 = np.clip([box.x0 - 1, box.x1 + 2], 0, wide)
        y0, y1 = np.clip([high - box.y1 - 1, high - box.y0 + 2], 0, high)
        return slice(int(y0), int(y1)), slice(int(x0), int(x1))


def _is_empty(artist: Artist) -> bool:
    """Return whether there is nothing of an artist to draw."""
    if isinstance(artist, Text):
        return not artist.get_text()
    if isinstance(artist, Line2D):
        return not len(np.asarray(artist.get_xdata()))
    return isinstance(artist, Collection) and not len(artist.get_paths())


def _written(text: Text, drawn: NDArray[np.uint8], dpi: float) -> slice | None:
    """Write plain words from letters that were rendered before, and return the rows they stand on; None where they are left to matplotlib."""
    if not is_simple(text.get_text()):
        return None
    if text.get_verticalalignment() == "top":
        return paste(drawn, text, dpi)
    rims = [each for each in text.get_path_effects() if isinstance(each, Rim)]
    return paste_rimmed(drawn, text, rims[0], dpi) if rims else None
