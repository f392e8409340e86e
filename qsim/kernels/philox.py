"""A counter-based random generator: the same key and counter give the same number, whoever asks and in whatever order."""

import numpy as np
from numba import njit

_MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)


@njit("UniTuple(uint32, 4)(uint32, uint32, uint32, uint32, uint32, uint32)", cache=True, nogil=True)
def philox4x32(c0, c1, c2, c3, k0, k1):  # type: ignore[no-untyped-def]
    """
    Return four random 32-bit words for a counter of four words and a key of two: Philox4x32 with ten rounds.

    Salmon, Moraes, Dror and Shaw, Parallel random numbers: as easy as 1, 2, 3 (SC 2011).
    """
    a, b, c, d = np.uint64(c0), np.uint64(c1), np.uint64(c2), np.uint64(c3)
    x, y = np.uint64(k0), np.uint64(k1)
    for _ in range(10):
        left, right = _MULTIPLIERS[0] * a, _MULTIPLIERS[1] * c
        a, b, c, d = (right >> _SHIFT) ^ b ^ x, right & _LOW, (left >> _SHIFT) ^ d ^ y, left & _LOW
        x, y = (x + _WEYL[0]) & _LOW, (y + _WEYL[1]) & _LOW
    return np.uint32(a), np.uint32(b), np.uint32(c), np.uint32(d)


@njit("float64(uint32, uint32, uint32, uint32, uint32, uint32)", cache=True, nogil=True)
def uniform(c0, c1, c2, c3, k0, k1):  # type: ignore[no-untyped-def]
    """Return the uniform number in [0, 1) of a counter and a key."""
    return philox4x32(c0, c1, c2, c3, k0, k1)[0] * 2.0**-32
