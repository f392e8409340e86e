"""A counter-based random generator: the same key and counter give the same number, whoever asks and in whatever order."""

import numpy as np
from numba import njit

from qsim.belief.kernels.compiled import inlined

_MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
PLANES, CALLS = 10, 20  # bits of each of 256 lanes, and the calls that give them


@inlined
def _rounds(c0, c1, c2, c3, k0, k1, rounds):  # type: ignore[no-untyped-def]
    """Return the four words after some rounds, as uint64 of which the upper half is zero."""
    a, b, c, d = np.uint64(c0), np.uint64(c1), np.uint64(c2), np.uint64(c3)
    x, y = np.uint64(k0), np.uint64(k1)
    for _ in range(rounds):
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
    a, b, c, d = _rounds(c0, c1, c2, c3, k0, k1, 10)
    return np.uint32(a), np.uint32(b), np.uint32(c), np.uint32(d)


@njit("float64(uint32, uint32, uint32, uint32, uint32, uint32)", cache=True, nogil=True)
def uniform(c0, c1, c2, c3, k0, k1):  # type: ignore[no-untyped-def]
    """Return the uniform number in [0, 1) of a counter and a key."""
    return philox4x32(c0, c1, c2, c3, k0, k1)[0] * 2.0**-32


@inlined
def planes(c0, first, c2, c3, k0, k1, out):  # type: ignore[no-untyped-def]
    """
    Fill the first 40 words of `out` with ten random bits for each of 256 lanes: four words of 64 lanes for every bit.

    They are the words of twenty counters (c0, first + i, c2, c3), the first two of each in order and then the last two. Seven rounds are
    the fewest that pass BigCrush (Salmon et al., table 2); LLVM runs four counters side by side.
    """
    for i in range(CALLS):
        a, b, c, d = _rounds(c0, (np.uint64(first) + np.uint64(i)) & _LOW, c2, c3, k0, k1, 7)
        out[i], out[CALLS + i] = a | b << _SHIFT, c | d << _SHIFT


@njit("void(uint32[::1], uint32, uint32[::1], uint32, uint32, uint32, int64, uint32[::1])", cache=True, nogil=True)
def words(c0, c1, c2, c3, k0, k1, count, out):  # type: ignore[no-untyped-def]
    """Fill the first `count` of `out` with the first word of the counters (c0[n], c1, c2[n], c3), four counters side by side."""
    for n in range(count):
        out[n] = np.uint32(_rounds(c0[n], c1, c2[n], c3, k0, k1, 10)[0])
