"""
The state of 256 runs side by side: statuses, who holds what as bits (64 lanes to a word), and the supply of all lanes in one sweep.
"""

from collections import namedtuple

import numpy as np
from numba import njit

LANES, WORDS = 256, 4
ALL, ONE, NONE = np.uint64(0xFFFFFFFFFFFFFFFF), np.uint64(1), np.uint64(0)

# One tile: state [place, lane], the bits of each status [status, place, word], those supplied [side, place, word], days cut off [place, lane].
Tile = namedtuple("Tile", "state bits supplied cut")


@njit(cache=True, nogil=True)
def empty_tile(ground, sides, places):  # type: ignore[no-untyped-def]
    """Return a tile in which nothing is known."""
    return Tile(
        np.full((places, LANES), np.int8(-1)),
        np.zeros((sides + 1, places, WORDS), dtype=np.uint64),
        np.zeros((sides, places, WORDS), dtype=np.uint64),
        np.zeros((places, LANES), dtype=np.int16),
    )


@njit(cache=True, nogil=True)
def bit(words, lane):  # type: ignore[no-untyped-def]
    """Return whether the bit of a lane is set."""
    return (words[lane >> 6] >> np.uint64(lane & 63)) & ONE != NONE


@njit(cache=True, nogil=True)
def fill(ground, here, status):  # type: ignore[no-untyped-def]
    """Set a tile to the statuses (lanes, places); an unknown base is its side's."""
    here.bits[:] = NONE
    for p in range(status.shape[1]):
        for lane in range(status.shape[0]):
            code = status[lane, p]
            here.state[p, lane] = code
            if code >= 0:
                here.bits[code, p, lane >> 6] |= ONE << np.uint64(lane & 63)
        if ground.owner[p] >= 0:
            here.bits[ground.owner[p], p] = ALL


@njit(cache=True, nogil=True)
def settle(ground, here, forced, changes, count):  # type: ignore[no-untyped-def]
    """Make the first `count` of the changes (place, lane, status), and in the buildings of each place, but where a status is forced."""
    state, bits, cut, start, units = here.state, here.bits, here.cut, ground.units_start, ground.units
    for n in range(count):
        place, lane, code = changes[n, 0], changes[n, 1], changes[n, 2]
        before = state[place, lane]
        if before == code or forced[place] >= 0:
            continue
        word, one = lane >> 6, ONE << np.uint64(lane & 63)
        if before >= 0:
            bits[before, place, word] &= ~one
        bits[code, place, word] |= one
        state[place, lane] = code
        cut[place, lane] = 0
        for k in range(start[place], start[place + 1]):
            state[units[k], lane] = code


@njit(cache=True, nogil=True)
def force(ground, forced, lanes, here):  # type: ignore[no-untyped-def]
    """Set the forced places of all lanes."""
    change, free = np.empty((1, 3), dtype=np.int32), np.full(len(forced), np.int8(-1))
    for p in range(len(forced)):
        if forced[p] >= 0:
            for lane in range(lanes):
                change[0, 0], change[0, 1], change[0, 2] = p, lane, forced[p]
                settle(ground, here, free, change, 1)


@njit(cache=True, nogil=True)
def supply(ground, shut, here):  # type: ignore[no-untyped-def]
    """Find what is joined to each side's bases, all lanes at once: sweep the places to and fro until nothing is added."""
    sides, places = here.supplied.shape[0], here.supplied.shape[1]
    start, heads, link, follow, bits = ground.start, ground.heads, ground.link, ground.follow, here.bits
    for s in range(sides):
        reached = here.supplied[s]
        for p in range(places):
            reached[p] = ALL if ground.base[s, p] else NONE
        adding, forth = True, True
        while adding:
            adding = False
            for n in range(places):
                p = n if forth else places - 1 - n
                known = follow[p]
                for w in range(WORDS):
                    wanted = (bits[s, known, w] | bits[sides, known, w]) & ~reached[p, w]
                    if wanted == NONE:
                        continue
                    got = NONE
                    for e in range(start[p], start[p + 1]):
                        if not shut[s, link[e]]:
                            got |= reached[heads[e], w]
                    got &= wanted
                    if got != NONE:
                        reached[p, w] |= got
                        adding = True
            forth = not forth


@njit(cache=True, nogil=True)
def some(words):  # type: ignore[no-untyped-def]
    """Return whether any bit of any lane is set."""
    return (words[0] | words[1] | words[2] | words[3]) != NONE
