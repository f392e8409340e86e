"""Layers of colour, one over the other, and letters with their rims."""

import numpy as np
from numpy.typing import NDArray

from qsim.record.kernels.compiled import njit


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def over(pixel: NDArray[np.int64], layer: NDArray[np.uint8], colour: NDArray[np.float32]) -> None:
    """
    Lay the pixels of a straight RGBA `layer` (all pixels, 4) over the colours of some of them, in place.

    `pixel` (n,) says which, `colour` (n, 3) is from 0 to 255.
    """
    for i in range(len(pixel)):
        cover = layer[pixel[i], 3]
        if cover:
            share = np.float32(cover) / np.float32(255)
            for c in range(3):
                colour[i, c] += (np.float32(layer[pixel[i], c]) - colour[i, c]) * share


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def packed_over(pixel: NDArray[np.int64], under: NDArray[np.uint8], stills: NDArray[np.uint8], drawn: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """
    Return the colours of pixels with what lies over them, as one number each, shape (n,).

    `pixel` (n,) says which, `under` (n, 3) are the colours below; over these lie, in turn, a layer of `drawn` (layers, n, 4) and one of
    `stills` (all pixels, layers, 4), straight RGBA.
    """
    found = np.empty(len(pixel), dtype=np.uint32)
    for i in range(len(pixel)):
        number = np.uint32(0)
        for c in range(3):
            colour = np.float32(under[i, c])
            for k in range(len(drawn)):
                if drawn[k, i, 3]:
                    colour += (np.float32(drawn[k, i, c]) - colour) * (np.float32(drawn[k, i, 3]) / np.float32(255))
                if stills[pixel[i], k, 3]:
                    colour += (np.float32(stills[pixel[i], k, c]) - colour) * (np.float32(stills[pixel[i], k, 3]) / np.float32(255))
            number = (number << np.uint32(8)) | np.uint32(np.rint(colour))
        found[i] = number
    return found


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def packed_cells(
    cover: NDArray[np.float32], through: NDArray[np.float32], under: NDArray[np.uint8], ground: NDArray[np.uint8]
) -> NDArray[np.uint32]:
    """Return the colours of pixels with what covers them, `cover` (n, 3), and the share of the ground, one of `under` (grounds, 3), that shows."""
    found = np.empty(len(ground), dtype=np.uint32)
    for i in range(len(ground)):
        number = np.uint32(0)
        for c in range(3):
            colour = cover[i, c] + through[i, 0] * np.float32(under[ground[i], c])
            number = (number << np.uint32(8)) | np.uint32(np.rint(colour))
        found[i] = number
    return found


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def lay(sheet: NDArray[np.uint8], cover: NDArray[np.uint8], left: int, top: int, colour: NDArray[np.float32]) -> None:
    """Lay a colour (3,), 0 to 255, over a sheet of straight RGBA (height, width, 4) where it covers, as far as it lies on it."""
    for y in range(max(0, -top), min(cover.shape[0], sheet.shape[0] - top)):
        for x in range(max(0, -left), min(cover.shape[1], sheet.shape[1] - left)):
            if cover[y, x]:
                share = np.float32(cover[y, x]) / np.float32(255)
                kept = (np.float32(1) - share) * np.float32(sheet[top + y, left + x, 3]) / np.float32(255)
                whole = share + kept
                for c in range(3):
                    mixed = share * colour[c] + kept * np.float32(sheet[top + y, left + x, c])
                    sheet[top + y, left + x, c] = np.uint8(np.rint(mixed / whole))
                sheet[top + y, left + x, 3] = np.uint8(np.rint(np.float32(255) * whole))


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def spread(cover: NDArray[np.uint8], radius: float) -> NDArray[np.uint8]:
    """Return a cover (height, width), 0 to 255, grown by a radius, pixels, on all sides."""
    reach, (high, wide) = int(np.ceil(radius)), cover.shape
    grown = cover.astype(np.float64)
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            share = min(1.0, radius + 0.5 - np.hypot(down, right))
            if share > 0:
                for y in range(max(0, -down), min(high, high - down)):
                    for x in range(max(0, -right), min(wide, wide - right)):
                        grown[y + down, x + right] = max(grown[y + down, x + right], share * cover[y, x])
    return np.rint(grown).astype(np.uint8)
