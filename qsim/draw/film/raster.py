"""What stands still in a picture, as pixels: the paper, what lies over the cells, and which pixels are whose cell."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray

from qsim.draw.cells import Patchwork
from qsim.draw.ground import FILL

DOTS = 3  # how much of a dot of the unknown covers a pixel: nothing, part of it, all of it
_HALF_PX = 0.35  # from the rim of a stripe, within which a pixel gets the mean of two colours


class Picture(Protocol):
    """What can be filmed: its figure, the artists that `show` changes, and the patchworks of cells."""

    figure: Figure
    moving: list[Artist]
    patchworks: list[Patchwork]

    def show(self, position: int) -> None:
        """Put a day on the picture."""


@dataclass(frozen=True, eq=False, slots=True)
class Stills:
    """
    What stands still in a picture.

    `paper` (height, width, 3) is the sheet under everything. `layers` are straight RGBA (height, width, 4), from below; `ranks`
    tells for each moving artist under which of them it lies. `pixel` (n,) are the positions of the pixels of cells on the
    flattened sheet, cell by cell; `cell` (n,) says whose each is, counted through all patchworks; `pattern` (n,) where it lies in
    the stripes and dots: `DOTS` times twice the number of the stripe, one more on the rim to the next, plus the cover of the dot.
    """

    paper: NDArray[np.uint8]
    layers: tuple[NDArray[np.uint8], ...]
    ranks: NDArray[np.int64]
    pixel: NDArray[np.int32]
    cell: NDArray[np.int32]
    pattern: NDArray[np.uint8]


def stills(picture: Picture) -> Stills:
    """Render what stands still in a picture, once."""
    figure, canvas = picture.figure, FigureCanvasAgg(picture.figure)
    ground = [artist for patchwork in picture.patchworks for artist in patchwork.artists]
    layered, ranks = _in_layers(figure, picture.moving, ground)
    apart = [*picture.moving, *ground, *(artist for layer in layered for artist in layer)]
    for artist in apart:
        artist.set_animated(True)
    canvas.draw()  # type: ignore[no-untyped-call]
    paper = np.asarray(canvas.buffer_rgba())[..., :3].copy()  # type: ignore[no-untyped-call]
    layers = tuple(_rendered(figure, layer) for layer in layered)
    for artist in apart:
        artist.set_animated(False)
    cells = _cells(picture.patchworks, paper.shape[:2])
    return Stills(paper, layers, np.array([ranks[artist] for artist in picture.moving], dtype=np.int64), *cells)


def _in_layers(figure: Figure, moving: Sequence[Artist], ground: Sequence[Artist]) -> tuple[list[list[Artist]], dict[Artist, int]]:
    """
    Sort the artists of maps into still layers over the cells, from below, and say under how many of them each moving one lies.

    Maps do not overlap, so that what lies in the same layer on each can be rendered together.
    """
    layers: list[list[Artist]] = [[]]
    ranks = {}
    for axes in figure.axes:
        rank, begun, on_map = 0, False, any(artist in ground for artist in axes.get_children())
        for artist in sorted(axes.get_children(), key=lambda artist: artist.get_zorder()):
            if artist in moving:
                # A still layer that has begun is finished by what moves over it.
                rank, begun = rank + begun, False
                ranks[artist] = rank
                if rank == len(layers):
                    layers.append([])
            elif on_map and artist not in ground and artist.get_zorder() > FILL and artist is not axes.patch:
                layers[rank].append(artist)
                begun = True
    return layers, ranks


def _rendered(figure: Figure, artists: Sequence[Artist]) -> NDArray[np.uint8]:
    """Return artists on a clear sheet, straight RGBA."""
    renderer = new_renderer(figure)
    for artist in artists:
        artist.draw(renderer)
    return np.asarray(renderer.buffer_rgba()).copy()  # type: ignore[no-untyped-call]


def new_renderer(figure: Figure) -> RendererAgg:
    """Return a clear sheet of the size of a figure."""
    width, height = figure.canvas.get_width_height(physical=True)
    return RendererAgg(width, height, figure.dpi)  # type: ignore[no-untyped-call]


def _cells(patchworks: Sequence[Patchwork], shape: tuple[int, int]) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint8]]:
    """Return the pixels of all cells, whose each is, and its pattern, cell by cell."""
    pixels, cells, patterns = [], [], []
    before = 0
    for patchwork in patchworks:
        index = _index(patchwork).ravel()
        pixel = np.flatnonzero(index >= 0)
        order = np.argsort(index[pixel], kind="stable")
        pixel = pixel[order]
        pixels.append(pixel.astype(np.int32))
        cells.append((index[pixel] + before).astype(np.int32))
        patterns.append(_pattern(patchwork, pixel, shape))
        before += len(patchwork.ids)
    return np.concatenate(pixels), np.concatenate(cells), np.concatenate(patterns)


def _index(patchwork: Patchwork) -> NDArray[np.int32]:
    """Return which cell of a patchwork covers most of each pixel of the sheet, shape (height, width); -1 is none."""
    figure = patchwork.ax.get_figure(root=True)
    assert figure is not None
    number = np.arange(1, len(patchwork.paths) + 1)
    colours = np.stack([number >> 16, number >> 8 & 255, number & 255], axis=1) / 255
    cells = PathCollection(patchwork.paths, facecolors=colours, linewidths=0, antialiaseds=False)
    cells.set_transform(patchwork.ax.transData)
    cells.set_clip_box(patchwork.ax.bbox)
    cells.set_figure(figure)
    drawn = _rendered(figure, [cells]).astype(np.int32)
    index = np.where(drawn[..., 3] > 0, (drawn[..., 0] << 16) + (drawn[..., 1] << 8) + drawn[..., 2], 0) - 1
    # Where cells meet, a pixel may lie in none for the greater part: it goes with its neighbours.
    for shift, axis in ((1, 0), (-1, 0), (1, 1), (-1, 1)):
        beside, across = np.roll(index, shift, axis), np.roll(index, -shift, axis)
        index = np.where((index < 0) & (beside >= 0) & (across >= 0), beside, index)
    return index


def _pattern(patchwork: Patchwork, pixel: NDArray[np.int64], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Return where pixels lie in the stripes of contested cells and the dots of unknown ones."""
    rows, columns = np.divmod(pixel, shape[1])
    at = patchwork.ax.transData.inverted().transform(np.stack([columns + 0.5, shape[0] - rows - 0.5], axis=1))
    bands = (at / patchwork.stripe).sum(axis=1)
    sides = max(2, len(patchwork.theatre.sides))
    off = (bands - np.round(bands)) * patchwork.stripe_px
    phase = np.where(np.abs(off) < _HALF_PX, 2 * (np.round(bands) - 1) + 1, 2 * np.floor(bands)).astype(int) % (2 * sides)
    figure = patchwork.ax.get_figure(root=True)
    assert figure is not None
    dots = _rendered(figure, [patchwork.dots_everywhere()])[..., 3].ravel()[pixel]
    return np.asarray(phase * DOTS + (dots > 64) + (dots > 176), dtype=np.uint8)
