"""Layers of colour, one over the other, and letters with their rims."""

import numpy as np
from numpy.typing import NDArray

from qsim.record.kernels.compiled import njit


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def over(layers: NDArray[np.uint8], colour: NDArray[np.float32]) -> None:
    """Lay straight RGBA layers (pixels, layers, 4), from below, over colours (pixels, 3), 0 to 255, in place."""
    for i in range(len(layers)):
        for k in range(layers.shape[1]):
            cover = layers[i, k, 3]
            if cover:
                share = np.float32(cover) / np.float32(255)
                for c in range(3):
                    colour[i, c] += (np.float32(layers[i, k, c]) - colour[i, c]) * share


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def thinned(pixel: NDArray[np.int32], layers: NDArray[np.uint8], drawn: NDArray[np.float32], through: NDArray[np.float32]) -> None:
    """Add layers (all pixels, layers, 4) at some pixels to what is `drawn` there, (n, 3), and to the share of the ground that shows, (n, 1)."""
    for i in range(len(pixel)):
        for k in range(layers.shape[1]):
            share = np.float32(layers[pixel[i], k, 3]) / np.float32(255)
            for c in range(3):
                drawn[i, c] = share * np.float32(layers[pixel[i], k, c]) + (np.float32(1) - share) * drawn[i, c]
            through[i, 0] = (np.float32(1) - share) * through[i, 0]


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def packed_over(
    pixel: NDArray[np.int64],
    paper: NDArray[np.uint8],
    at: NDArray[np.int32],
    ground: NDArray[np.uint8],
    colours: NDArray[np.uint8],
    stills: NDArray[np.uint8],
    drawn: NDArray[np.uint8],
) -> NDArray[np.uint32]:
    """
    Return the colours of pixels with all that lies over them, as one number each, shape (n,).

    `pixel` (n,) says which of all. Below is the `paper` (all, 3), or where `at` (all,) is not negative a ground: one of `colours` (grounds, 3), by
    `ground`, that tells which. Over it lie, in turn, a layer of `drawn` (layers, n, 4) and one of `stills` (all, layers, 4), straight RGBA.
    """
    found = np.empty(len(pixel), dtype=np.uint32)
    for i in range(len(pixel)):
        p = pixel[i]
        if at[p] < 0:
            red, green, blue = np.float32(paper[p, 0]), np.float32(paper[p, 1]), np.float32(paper[p, 2])
        else:
            g = ground[at[p]]
            red, green, blue = np.float32(colours[g, 0]), np.float32(colours[g, 1]), np.float32(colours[g, 2])
        for k in range(len(drawn)):
            if drawn[k, i, 3]:
                share = np.float32(drawn[k, i, 3]) / np.float32(255)
                red += (np.float32(drawn[k, i, 0]) - red) * share
                green += (np.float32(drawn[k, i, 1]) - green) * share
                blue += (np.float32(drawn[k, i, 2]) - blue) * share
            if stills[p, k, 3]:
                share = np.float32(stills[p, k, 3]) / np.float32(255)
                red += (np.float32(stills[p, k, 0]) - red) * share
                green += (np.float32(stills[p, k, 1]) - green) * share
                blue += (np.float32(stills[p, k, 2]) - blue) * share
        found[i] = np.uint32(np.rint(red)) << np.uint32(16) | np.uint32(np.rint(green)) << np.uint32(8) | np.uint32(np.rint(blue))
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
def put(
    sheet: NDArray[np.uint8],
    covers: NDArray[np.uint8],
    letters: NDArray[np.int64],
    left: NDArray[np.int64],
    top: NDArray[np.int64],
    colour: NDArray[np.uint8],
) -> None:
    """
    Put letters on a sheet of straight RGBA (height, width, 4), as far as they lie on it; where two touch, the darker pixel stays.

    Of each, `letters` (n, 3) tells where its pixels begin in `covers`, its height and its width, and `left` and `top` (n,) where it stands.
    """
    for i in range(len(letters)):
        start, high, wide = letters[i]
        for y in range(max(0, -top[i]), min(high, sheet.shape[0] - top[i])):
            for x in range(max(0, -left[i]), min(wide, sheet.shape[1] - left[i])):
                cover = covers[start + y * wide + x]
                if cover:
                    for c in range(3):
                        sheet[top[i] + y, left[i] + x, c] = colour[c]
                    sheet[top[i] + y, left[i] + x, 3] = max(sheet[top[i] + y, left[i] + x, 3], cover)


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
    shares = np.zeros((2 * reach + 1, 2 * reach + 1))
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            shares[down + reach, right + reach] = max(0.0, min(1.0, radius + 0.5 - np.hypot(down, right)))
    grown = np.zeros(cover.shape)
    for y in range(high):
        for x in range(wide):
            if cover[y, x]:
                for v in range(max(0, y - reach), min(high, y + reach + 1)):
                    for u in range(max(0, x - reach), min(wide, x + reach + 1)):
                        grown[v, u] = max(grown[v, u], shares[v - y + reach, u - x + reach] * cover[y, x])
    return np.rint(grown).astype(np.uint8)
