"""
Chances of all lanes at once: neighbours that press on a place, counted in bits, and one uniform draw compared with a threshold a count.

A class is the lanes that share a threshold: a mask of four words, and the threshold, floor(p 2^32). Counting adds bits as an adder of gates
does, 64 lanes to a word (bit slicing: Knuth, The Art of Computer Programming 4A, 7.1.3); comparing goes through the ten highest bits of
draw and threshold from the top, and leaves those lanes equal (one in 1024) whose further bits are to be drawn. One uniform serves all
thresholds, so that more pressure never undoes a change (Glasserman and Yao 1992).
"""

from collections import namedtuple

import numpy as np
from numba import njit

from qsim.belief.kernels.compiled import inlined, inside
from qsim.belief.kernels.philox import PLANES
from qsim.simulation.kernels.lanes import WORDS, alike, highest, load, nowhere, store
from qsim.simulation.kernels.tiles import ONE

MOST = 31  # neighbours that can be counted
BELOW = np.uint32((1 << 32 - PLANES) - 1)  # the bits of a threshold that the planes do not decide
REST, DROPPED = np.uint32(32 - PLANES), np.uint32(PLANES)  # the further bits of a draw, and how many of a word they do not need
TWICE, EIGHT_TIMES, EIGHTH = np.uint64(0x100000001), np.uint64(0x800000008), np.uint32(1 << 29)
FULL = 2.0**32 - 1

# Rows of the bench (row, word): the draws by bit, counts by bit, what came of the comparison, and a mask for every class.
DRAWS, COUNTS, LESS, EQUAL, TIED, MASKS = 0, 10, 15, 16, 17, 18
# Of the place at hand: the bench, the same memory as words, the threshold of every class; thresholds by count, the pressure of each
# neighbour, and what each status becomes (-1: to be looked at).
Classes = namedtuple("Classes", "bench flat limit near press becomes")


@inside
def empty_classes(sides):  # type: ignore[no-untyped-def]
    """Return room for the classes of one place."""
    most = (sides + 1) * (MOST + 1)
    bench = np.zeros((MASKS + most, WORDS), dtype=np.uint64)
    return Classes(
        bench,
        bench.reshape(-1),
        np.zeros(most, dtype=np.uint32),
        np.zeros(MOST + 1, dtype=np.uint32),
        np.zeros(MOST + 1),
        np.zeros(sides + 1, dtype=np.int64),
    )


@njit("uint32(float64, int64)", cache=True, nogil=True)
def threshold(rate, steps):  # type: ignore[no-untyped-def]
    """Return the threshold of a hazard per day over one of `steps` steps, at most 2^32 - 1."""
    return np.uint32(min(-np.expm1(-rate / steps) * 2.0**32, FULL))


@inlined
def add_class(bench, limit, n, lanes, bound):  # type: ignore[no-untyped-def]
    """Add lanes as a class, and return how many classes there are."""
    store(bench, MASKS + n, lanes)
    limit[n] = bound
    return n + 1


@inlined
def count_neighbours(bits, row, heads, a, b, bench):  # type: ignore[no-untyped-def]
    """Count in which lanes how many of the neighbours `heads[a:b]` have the status whose bits begin at `row`: the adders of five bits."""
    c0, c1, c2, c3, c4 = nowhere(), nowhere(), nowhere(), nowhere(), nowhere()
    for e in range(a, b):
        carry = load(bits, row + heads[e])
        c0, carry = c0 ^ carry, c0 & carry
        c1, carry = c1 ^ carry, c1 & carry
        c2, carry = c2 ^ carry, c2 & carry
        c3, carry = c3 ^ carry, c3 & carry
        c4 = c4 ^ carry
    store(bench, COUNTS, c0)
    store(bench, COUNTS + 1, c1)
    store(bench, COUNTS + 2, c2)
    store(bench, COUNTS + 3, c3)
    store(bench, COUNTS + 4, c4)


@inlined
def add_counts(bench, limit, near, base, n, held, lowest, degree):  # type: ignore[no-untyped-def]
    """Add a class for every count from `lowest` to `degree` among the lanes `held`; `near` has the thresholds by count, from `base` on."""
    c0, c1, c2, c3, c4 = (
        load(bench, COUNTS),
        load(bench, COUNTS + 1),
        load(bench, COUNTS + 2),
        load(bench, COUNTS + 3),
        load(bench, COUNTS + 4),
    )
    for k in range(lowest, degree + 1):
        lanes = held & (c0 if k & 1 else ~c0) & (c1 if k & 2 else ~c1)
        if degree > 3:
            lanes = lanes & (c2 if k & 4 else ~c2)
        if degree > 7:
            lanes = lanes & (c3 if k & 8 else ~c3) & (c4 if k & 16 else ~c4)
        store(bench, MASKS + n, lanes)
        limit[n] = near[base + k]
        n += 1
    return n


@inlined
def compare(bench, limit, n):  # type: ignore[no-untyped-def]
    """
    Find the lanes of the first `n` classes whose first ten bits drawn are less than their threshold's, and those where they are equal.

    Without branches: they would be guessed wrong. Each threshold stands twice in a word, and is doubled from bit to bit.
    """
    one, less, equal = alike(ONE), nowhere(), nowhere()
    b0, b1, b2, b3, b4 = nowhere(), nowhere(), nowhere(), nowhere(), nowhere()
    b5, b6, b7, b8, b9 = nowhere(), nowhere(), nowhere(), nowhere(), nowhere()
    largest = np.uint32(0)
    for k in range(n):
        largest |= limit[k]
    if largest >= EIGHTH:  # else the first three bits of all thresholds are 0
        for k in range(n):
            lanes, bits = load(bench, MASKS + k), alike(np.uint64(limit[k]) * TWICE)
            b0, bits = b0 | (lanes & highest(bits)), bits << one
            b1, bits = b1 | (lanes & highest(bits)), bits << one
            b2 = b2 | (lanes & highest(bits))
    for k in range(n):
        lanes, bits = load(bench, MASKS + k), alike(np.uint64(limit[k]) * EIGHT_TIMES)
        equal = equal | lanes
        b3, bits = b3 | (lanes & highest(bits)), bits << one
        b4, bits = b4 | (lanes & highest(bits)), bits << one
        b5, bits = b5 | (lanes & highest(bits)), bits << one
        b6, bits = b6 | (lanes & highest(bits)), bits << one
        b7, bits = b7 | (lanes & highest(bits)), bits << one
        b8, bits = b8 | (lanes & highest(bits)), bits << one
        b9 = b9 | (lanes & highest(bits))
    less, equal = _less(less, equal, b0, load(bench, DRAWS))
    less, equal = _less(less, equal, b1, load(bench, DRAWS + 1))
    less, equal = _less(less, equal, b2, load(bench, DRAWS + 2))
    less, equal = _less(less, equal, b3, load(bench, DRAWS + 3))
    less, equal = _less(less, equal, b4, load(bench, DRAWS + 4))
    less, equal = _less(less, equal, b5, load(bench, DRAWS + 5))
    less, equal = _less(less, equal, b6, load(bench, DRAWS + 6))
    less, equal = _less(less, equal, b7, load(bench, DRAWS + 7))
    less, equal = _less(less, equal, b8, load(bench, DRAWS + 8))
    less, equal = _less(less, equal, b9, load(bench, DRAWS + 9))
    store(bench, LESS, less)
    store(bench, EQUAL, equal)


@inlined
def _less(less, equal, bound, drawn):  # type: ignore[no-untyped-def]
    """Go on to the next bit: equal so far and now less, and equal still."""
    return less | (equal & bound & ~drawn), equal & ~(bound ^ drawn)
