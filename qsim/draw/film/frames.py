"""Many frames of one picture, fast: what stands still is rendered once, cells are looked up in a table, and only the rest is drawn."""

from collections.abc import Sequence
from itertools import product

import numpy as np
from matplotlib.colors import to_rgb
from numpy.typing import NDArray
from PIL import Image

from qsim.draw.cells import status_of_look, undecided_look
from qsim.draw.film.raster import DOTS, Picture, Stills
from qsim.draw.film.sheet import Sheet
from qsim.draw.palette import grounds
from qsim.draw.style import Look
from qsim.record.theatre import Theatre

COLOURS = 255  # of the 256 that a GIF knows; the last stands for "as before"
_EXACT_COLOURS = 128
_LEVELS = 24  # steps to which colour and cover of what lies over a cell are rounded, each


class Grounds:
    """
    The ground colours of a theatre's cells: `colours` (grounds, 3), and which of them a pixel has, `at` (looks, patterns).

    The look of a cell is that of `Patchwork`, the pattern that of `Stills`; `figure` is the side that stands out.
    """

    def __init__(self, theatre: Theatre, look: Look, figure: str | None = None) -> None:
        bands = max(2, len(theatre.sides))
        found: dict[tuple[float, ...], int] = {}
        self.at = np.zeros((1 + undecided_look(theatre), DOTS * 2 * bands), dtype=np.uint8)
        for code in range(len(self.at)):
            told = grounds(theatre, *status_of_look(theatre, code), palette=look, figure=figure)
            for pattern, (phase, dot) in enumerate(product(range(2 * bands), range(DOTS))):
                one, other = told[phase // 2 % len(told)], told[(phase // 2 + 1) % bands % len(told)]
                dotted = code == 0
                mixed = _mixed(look.unknown, look.unknown_dot, dot / (DOTS - 1)) if dotted else _mixed(one, other, phase % 2 / 2)
                self.at[code, pattern] = found.setdefault(mixed, len(found))
        self.colours = np.array(list(found), dtype=np.uint8)


def _mixed(one: str, other: str, share: float) -> tuple[float, ...]:
    """Return the mean of two colours, the `other` by its share, as numbers from 0 to 255."""
    return tuple(round(255 * ((1 - share) * a + share * b)) for a, b in zip(to_rgb(one), to_rgb(other), strict=True))


class Film:
    """
    Frames of a picture as codes of one palette of at most 255 colours.

    Three kinds of pixels make a frame. Those that never change were rendered once. Those of cells are looked up: by the look of the
    cell, by where the pixel lies in stripes and dots, and by what lies over it (edges, roads, labels, in any transparency); only
    cells that changed since the frame before are looked up again. What moves, such as the front line and the words of the day, is
    drawn anew, between the still layers under and over it, and each of its pixels gets the nearest colour of the palette.

    The budget of colours: the grounds are exact, 6 for each side (its tints, and the mean of each with the next side's at the rim of a
    stripe) and 3 of the unknown; so are the commonest 128 of the sampled days; the rest of the 255 goes to rims and to what lies
    thinly over grounds, by median cut. However many kinds of overlay there are, each has the nearest colour over each ground.

    Parameters
    ----------
    picture
        What to film.
    stills
        What stands still in it: see `qsim.draw.film.raster.stills`.
    samples
        Positions of the days that the palette is made for.
    """

    def __init__(self, picture: Picture, stills: Stills, samples: Sequence[int]) -> None:
        self._picture, self._stills = picture, stills
        some = picture.patchworks[0]
        self._grounds = Grounds(some.theatre, some.look, some.figure)
        self._sheets = [Sheet(picture.figure) for _ in stills.layers]
        self._layers = np.stack([layer.reshape(-1, 4) for layer in stills.layers], axis=1)  # (pixels, layers, 4)
        ranked = zip(picture.moving, stills.ranks.tolist(), strict=True)
        self._moving = sorted(ranked, key=lambda each: each[0].get_zorder())
        self._at = np.full(self._shape[0] * self._shape[1], -1, dtype=np.int32)  # where each pixel stands among those of cells
        self._at[stills.pixel] = np.arange(len(stills.pixel), dtype=np.int32)
        self._starts = np.searchsorted(stills.cell, np.arange(sum(len(patchwork.ids) for patchwork in picture.patchworks) + 1))
        self._cover, self._through = self._overlay()
        self._paper = self._stood()
        self._drawn: dict[int, tuple[NDArray[np.int64], NDArray[np.uint32]]] = {}  # of the days that were sampled
        self._looks, self._ground = np.full(len(self._starts) - 1, -1), np.zeros(len(stills.pixel), dtype=np.uint8)
        self._still = np.zeros(0, dtype=np.uint8)  # the codes of the sheet without what moves, once there is a palette
        self.palette = palette([self._exact(position) for position in samples], self._grounds.colours)
        self._code = np.full(1 << 24, -1, dtype=np.int16)
        from scipy.spatial import cKDTree

        self._tree = cKDTree(self.palette)
        kinds, self._kind = _rounded(self._cover, self._through)
        mixed = np.round(kinds[:, None, :3] + kinds[:, None, 3:] * self._grounds.colours)  # (kinds, grounds, 3)
        self._table = self._nearest(packed(mixed.astype(np.uint8)))
        self._still = self._nearest(self._paper)
        self._still[stills.pixel] = self._table[self._kind, self._ground]

    @property
    def _shape(self) -> tuple[int, int]:
        return self._stills.paper.shape[:2]

    def frame(self, position: int) -> NDArray[np.uint8]:
        """Return the codes of the picture on a day, shape (height, width)."""
        pixel, drawn = self._moved(position)
        frame = self._still.copy()
        frame[pixel] = self._nearest(drawn)
        return frame.reshape(self._shape)

    def between(self, before: NDArray[np.uint8], after: NDArray[np.uint8], share: float) -> NDArray[np.uint8]:
        """Return the codes of a frame whose colours lie between those of two, the `after` by its share."""
        differs = before != after
        mixed = (1 - share) * self.palette[before[differs]] + share * self.palette[after[differs]]
        frame = after.copy()
        frame[differs] = self._nearest(packed(np.round(mixed).astype(np.uint8)))
        return frame

    def _look(self) -> None:
        """Look up the grounds of the cells whose looks changed, and their pixels."""
        stills, looks = self._stills, np.concatenate([patchwork.looks for patchwork in self._picture.patchworks])
        cells = np.flatnonzero(looks != self._looks)
        where = _ranges(self._starts[cells], self._starts[cells + 1])
        self._ground[where] = self._grounds.at[looks[stills.cell[where]], stills.pattern[where]]
        if len(self._still):
            self._still[stills.pixel[where]] = self._table[self._kind[where], self._ground[where]]
        self._looks = looks

    def _moved(self, position: int) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
        """Show a day; return the pixels that something which moves covers, and their exact colours, packed."""
        self._picture.show(position)
        self._look()
        if position in self._drawn:
            return self._drawn[position]
        for sheet in self._sheets:
            sheet.wipe()
        for artist, rank in self._moving:
            self._sheets[rank].draw(artist)
        touched = np.zeros(self._shape, dtype=bool)
        for sheet in self._sheets:
            sheet.mark(touched)
        pixel = np.flatnonzero(touched)
        return pixel, self._blended(pixel)

    def _blended(self, pixel: NDArray[np.int64]) -> NDArray[np.uint32]:
        """Return the exact colours of pixels, packed, with all that moves and stands still over them."""
        from qsim.draw.film.paint import packed_over

        drawn = np.zeros((len(self._sheets), len(pixel)), dtype=np.uint32)
        for sheet, found in zip(self._sheets, drawn, strict=True):
            if sheet.is_used:
                np.take(sheet.pixels, pixel, out=found)
        paper, rgba = self._stills.paper.reshape(-1, 3), drawn.view(np.uint8).reshape(*drawn.shape, 4)
        return np.asarray(packed_over(pixel, paper, self._at, self._ground, self._grounds.colours, self._layers, rgba))

    def _overlay(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return what the still layers add to the pixels of cells, (pixels, 3), and the share of the ground that shows, (pixels, 1)."""
        from qsim.draw.film.paint import thinned

        through = np.ones((len(self._stills.pixel), 1), dtype=np.float32)
        drawn = np.zeros((len(self._stills.pixel), 3), dtype=np.float32)
        thinned(self._stills.pixel, self._layers, drawn, through)
        return drawn, through

    def _stood(self) -> NDArray[np.uint32]:
        """Return the sheet as if it had no cells, with what stands still on it, packed, (pixels,)."""
        from qsim.draw.film.paint import over

        colour = self._stills.paper.reshape(-1, 3).astype(np.float32)
        over(self._layers, colour)
        return packed(np.round(colour).astype(np.uint8))

    def _exact(self, position: int) -> NDArray[np.uint32]:
        """Return a frame in exact colours, packed, (pixels,)."""
        from qsim.draw.film.paint import packed_cells

        frame = self._paper.copy()
        pixel, drawn = self._drawn[position] = self._moved(position)
        frame[self._stills.pixel] = packed_cells(self._cover, self._through, self._grounds.colours, self._ground)
        frame[pixel] = drawn
        return frame

    def _nearest(self, packed: NDArray[np.uint32]) -> NDArray[np.uint8]:
        """Return the code of the nearest colour of the palette for colours packed into numbers; each is looked for once."""
        found = self._code[packed]
        unseen = np.unique(packed[found < 0])
        if len(unseen):
            self._code[unseen] = self._tree.query(unpacked(unseen))[1]
            found = self._code[packed]
        return found.astype(np.uint8)


def palette(frames: Sequence[NDArray[np.uint32]], needed: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return at most 255 colours for frames of packed colours: those needed and the commonest exactly, the rest by median cut."""
    found, counts = np.unique(np.concatenate(frames), return_counts=True)
    common = found[np.argsort(-counts, kind="stable")][:_EXACT_COLOURS]
    exact = np.union1d(common, packed(needed))
    rest = found[~np.isin(found, exact)]
    if not len(rest):
        return unpacked(exact)
    spare = COLOURS - len(exact)
    cut = Image.fromarray(unpacked(rest)[None]).quantize(spare, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    others = np.array(cut.getpalette(), dtype=np.uint8).reshape(-1, 3)[:spare]
    return np.concatenate([unpacked(exact), others])


def _rounded(over: NDArray[np.float32], through: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the kinds of overlay there are, (kinds, 4), when colours and covers are rounded, and of which kind each pixel is."""
    levels = np.round(np.concatenate([over / 255, through], axis=1) * _LEVELS).astype(np.int64)
    numbers, kind = np.unique(levels @ (_LEVELS + 1) ** np.arange(4), return_inverse=True)
    digits = numbers[:, None] // (_LEVELS + 1) ** np.arange(4) % (_LEVELS + 1)
    return (digits / _LEVELS * [255, 255, 255, 1]).astype(np.float32), kind


def _ranges(starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the numbers of several half-open ranges, one after the other."""
    lengths = ends - starts
    before = np.cumsum(lengths) - lengths
    return np.asarray(np.arange(lengths.sum()) + np.repeat(starts - before, lengths))


def packed(colours: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Return colours (..., 3) as one number each."""
    wide = colours.astype(np.uint32)
    return np.asarray(wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2])


def unpacked(packed: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Return the red, green and blue of such numbers, (colours, 3)."""
    return np.stack([packed >> 16, packed >> 8 & 255, packed & 255], axis=1).astype(np.uint8)
