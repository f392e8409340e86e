"""
Ties: lanes whose first ten bits drawn are those of their threshold. Each draws 22 further bits from a counter of its own.
"""

from collections import namedtuple

import numpy as np
from numba.cpython.unsafe.numbers import trailing_zeros

from qsim.belief.kernels.compiled import inlined, inside
from qsim.belief.kernels.philox import words
from qsim.simulation.kernels.lanes import WORDS, word
from qsim.simulation.kernels.odds import BELOW, DROPPED
from qsim.simulation.kernels.tiles import LANES, NONE, ONE

FINE = 4  # the purpose of its draws
TIES = 1024  # lanes put by until their further bits are drawn
# Rows of the ties, lanes whose ten bits were equal (row, n): run and place, what they draw, the further bits of the threshold, the position
# of their word before and after the change, and their bit there.
RUN, PLACE, WORD, BELOW_IT, FROM, TO, SHIFT = 0, 1, 2, 3, 4, 5, 6
# The lanes tied at each place touched (row, word), which of these words are not 0, and the rows above.
Ties = namedtuple("Ties", "lanes list words")


@inside
def empty_ties(places):  # type: ignore[no-untyped-def]
    """Return room for the ties of one step."""
    return Ties(
        np.zeros((places, WORDS), dtype=np.uint64), np.zeros(places * WORDS + 1, dtype=np.int64), np.zeros((7, TIES), dtype=np.uint32)
    )


@inside
def break_ties(ground, odds, ties, bits, after, shown, touched, flips, tile, step, k0, k1):  # type: ignore[no-untyped-def]
    """Draw the further bits of the lanes that are sure and equal, and change those that fall; return whether a place shows a new status."""
    tied, mine, lines, count, n, news = ties.lanes, ties.list, ties.words, np.int64(0), np.int64(0), False
    for k in range(WORDS * flips):  # without a branch, which would be guessed wrong
        mine[count] = k
        count += np.int64(tied[k >> 2, k & 3] != NONE)
    for k in range(count):
        row, w = mine[k] >> 2, mine[k] & 3
        p, m = touched[row], tied[row, w]
        while m != NONE:
            shift = np.uint64(trailing_zeros(m))  # type: ignore[call-arg]
            m &= m - ONE
            _put_by(ground, odds, bits, lines, n, tile, p, w, shift)
            n += 1
        if n > TIES - 64:
            news |= _decide(lines, n, step, k0, k1, after, shown)
            n = np.int64(0)
    return news | _decide(lines, n, step, k0, k1, after, shown)


@inlined
def _put_by(ground, odds, bits, lines, n, tile, place, w, shift):  # type: ignore[no-untyped-def]
    """Put by one lane, with the further bits of its threshold."""
    sides, places = bits.shape[0] - 1, bits.shape[1]
    s = sides
    for r in range(sides):
        s = r if (word(bits, WORDS * (r * places + place) + w) >> shift) & ONE else s
    to, side = (odds.winner if s == sides else sides), min(s, sides - 1)
    kind = max(odds.kind[side, place], 0)
    at = ((place * sides + side) * (sides + 1) + kind) * odds.counts
    for e in range(ground.start[place], ground.start[place + 1]):
        at += np.int64((word(bits, WORDS * (kind * places + ground.heads[e]) + w) >> shift) & ONE)
    limit = odds.limit[at]
    lines[RUN, n], lines[PLACE, n], lines[SHIFT, n] = tile * LANES + 64 * w + np.int64(shift), place, shift
    lines[BELOW_IT, n] = (odds.resolve if s == sides else limit) & BELOW
    lines[FROM, n], lines[TO, n] = WORDS * (s * places + place) + w, WORDS * (to * places + place) + w


@inside
def _decide(lines, count, step, k0, k1, after, shown):  # type: ignore[no-untyped-def]
    """Decide the lanes put by; return whether a place shows a new status."""
    words(lines[RUN], np.uint32(step), lines[PLACE], np.uint32(FINE), k0, k1, count, lines[WORD])
    flat, news = after.reshape(-1), False
    for n in range(count):
        falls = lines[WORD, n] >> DROPPED < lines[BELOW_IT, n]
        one = np.uint64(falls) << np.uint64(lines[SHIFT, n])
        flat[lines[FROM, n]] ^= one
        flat[lines[TO, n]] ^= one
        news |= falls and not shown[lines[TO, n] >> np.uint32(2)]
        shown[lines[TO, n] >> np.uint32(2)] |= falls
    return news
