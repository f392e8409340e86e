"""Layers of colour, one over the other."""

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
