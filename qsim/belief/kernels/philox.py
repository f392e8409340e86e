"""A counter-based random generator: the same key and counter give the same number, whoever asks and in whatever order."""

import numpy as np

from qsim.record.kernels.compiled import njit

_MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)


@njit(cache=True, nogil=True)
def _rounds(a, b, c, d, x, y):  # type: ignore[no-untyped-def]
    """Return the four words of a counter after ten rounds; all are uint64 of which the upper half is zero."""
    for _ in range(10):
        left, right = _MULTIPLIERS[0] * a, _MULTIPLIERS[1] * c
        a, b, c, d = (right >> _SHIFT) ^ b ^ x, right & _LOW, (left >> _SHIFT) ^ d ^ y, left & _LOW
        x, y = (x + _WEYL[0]) & _LOW, (y + _WEYL[1]) & _LOW
    return a, b, c, d


@njit("UniTuple(uint32, 4)(uint32, uint32, uint32, uint32, uint32, uint32)", cache=True, nogil=True)
def philox4x32(c0, c1, c2, c3, k0, k1):  # type: ignore[no-untyped-def]
    """
    Return four random 32-bit words for a counter of four words and a key of two: Philox4x32 with ten rounds.

    Salmon, Moraes, Dror and Shaw, Parallel random numbers: as easy as 1, 2, 3 (SC 2011).
    """
    a, b, c, d = _rounds(np.uint64(c0), np.uint64(c1), np.uint64(c2), np.uint64(c3), np.uint64(k0), np.uint64(k1))
    return np.uint32(a), np.uint32(b), np.uint32(c), np.uint32(d)


@njit("float64(uint32, uint32, uint32, uint32, uint32, uint32)", cache=True, nogil=True)
def uniform(c0, c1, c2, c3, k0, k1):  # type: ignore[no-untyped-def]
    """Return the uniform number in [0, 1) of a counter and a key."""
    return philox4x32(c0, c1, c2, c3, k0, k1)[0] * 2.0**-32


@njit("void(uint64, uint64, uint64, uint64, uint64, uint32[:, ::1])", cache=True, nogil=True)
def fill_words(first, c1, c2, c3, seed, out):  # type: ignore[no-untyped-def]
    """Fill `out` (4, counters) with the four words of each of the counters (first, c1, c2, c3), (first + 1, c1, c2, c3) and so on."""
    x, y = seed & _LOW, seed >> _SHIFT
    for n in range(out.shape[1]):
        a, b, c, d = _rounds((first + np.uint64(n)) & _LOW, c1, c2, c3, x, y)
        out[0, n], out[1, n], out[2, n], out[3, n] = a, b, c, d
