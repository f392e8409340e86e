"""
The state of 256 runs side by side: who holds what as bits (64 lanes to a word), the same as int8 [place, lane], and supply in one sweep.

What goes on in all lanes at once works on the bits; what goes on in one lane reads the bytes, which `refresh` makes anew from the bits.
"""

from collections import namedtuple

import numpy as np
from numba import njit

from qsim.belief.kernels.compiled import inlined, inside
from qsim.simulation.kernels.lanes import WORDS, alike, anywhere, bytes_of, load, nowhere, scatter, store, store_bytes

LANES, BLOCK = 256, 64
ALL, ONE, NONE = np.uint64(0xFFFFFFFFFFFFFFFF), np.uint64(1), np.uint64(0)
_EACH = np.uint64(0x0101010101010101)
# The halves, pairs and single bytes of a word that change places where bytes are turned.
_HALVES, _PAIRS, _SINGLES = np.uint64(0x00000000FFFFFFFF), np.uint64(0x0000FFFF0000FFFF), np.uint64(0x00FF00FF00FF00FF)

# One tile: state [place, lane] and the same memory as words of eight lanes; the bits of each status [status, place, word], and the bits
# after the step; those supplied [side, place, word]; days cut off [place, lane]; shown [status, place]: whether any lane may have the status
# (it may say so in vain), and news (1,): whether that has changed; stale [place]: whether the bytes are behind the bits.
Tile = namedtuple("Tile", "state eights bits after supplied cut shown news stale")


@njit(cache=True, nogil=True)
def empty_tile(sides, places):  # type: ignore[no-untyped-def]
    """Return a tile in which nothing is known."""
    eights = np.full(((places + 7) // 8 * 8, LANES // 8), ALL)
    return Tile(
        eights.view(np.int8),
        eights,
        np.zeros((sides + 1, places, WORDS), dtype=np.uint64),
        np.zeros((sides + 1, places, WORDS), dtype=np.uint64),
        np.zeros((sides, places, WORDS), dtype=np.uint64),
        np.zeros((places, LANES), dtype=np.int16),
        np.zeros((sides + 1, places), dtype=np.bool_),
        np.ones(1, dtype=np.bool_),
        np.zeros(places, dtype=np.bool_),
    )


@inside
def bit(words, lane):  # type: ignore[no-untyped-def]
    """Return whether the bit of a lane is set."""
    return (words[lane >> 6] >> np.uint64(lane & 63)) & ONE != NONE


@njit(cache=True, nogil=True)
def fill(owner, here, status):  # type: ignore[no-untyped-def]
    """Set a tile to the statuses (lanes, places); an unknown base is its side's."""
    for s in range(here.bits.shape[0]):
        for p in range(here.bits.shape[1]):
            store(here.bits, s * here.bits.shape[1] + p, nowhere())
    for p in range(status.shape[1]):
        for lane in range(status.shape[0]):
            code = status[lane, p]
            here.state[p, lane] = code
            if code >= 0:
                here.bits[code, p, lane >> 6] |= ONE << np.uint64(lane & 63)
        if owner[p] >= 0:
            store(here.bits, owner[p] * here.bits.shape[1] + p, ~nowhere())
    for s in range(here.bits.shape[0]):
        for p in range(here.bits.shape[1]):
            store(here.after, s * here.bits.shape[1] + p, load(here.bits, s * here.bits.shape[1] + p))
    look(here)


@inside
def look(here):  # type: ignore[no-untyped-def]
    """Find which places show which status in any lane."""
    bits, shown, places = here.bits, here.shown, here.bits.shape[1]
    for s in range(bits.shape[0]):
        for p in range(places):
            here.news[0] |= show(shown, s, p, load(bits, s * places + p))


@inlined
def show(shown, s, p, lanes):  # type: ignore[no-untyped-def]
    """Note whether any lane has a status; return whether that is new."""
    before, shown[s, p] = shown[s, p], anywhere(lanes)
    return before != shown[s, p]


@inside
def change(here, units_start, units, place, lane, code):  # type: ignore[no-untyped-def]
    """Give one place in one lane a status, and its buildings."""
    refresh(here, place)
    state, bits = here.state, here.bits
    before, word, one = state[place, lane], lane >> 6, ONE << np.uint64(lane & 63)
    if before == code:
        return
    if before >= 0:
        bits[before, place, word] &= ~one
    bits[code, place, word] |= one
    state[place, lane] = code
    here.news[0] |= not here.shown[code, place]
    here.shown[code, place] = True
    here.cut[place, lane] = 0
    for k in range(units_start[place], units_start[place + 1]):
        state[units[k], lane] = code


@inside
def turn(here):  # type: ignore[no-untyped-def]
    """Return the tile with the bits after the step for its bits, and the other way about."""
    return Tile(here.state, here.eights, here.after, here.bits, here.supplied, here.cut, here.shown, here.news, here.stale)


@inside
def follow(here, units_start, units, touched, count):  # type: ignore[no-untyped-def]
    """Note that the bytes of the first `count` places of `touched` are behind, and give their buildings the status they have after the step."""
    for n in range(count):
        p = touched[n]
        here.stale[p] = True
        if units_start[p + 1] > units_start[p]:
            _flip_units(here.bits, here.after, here.state, units[units_start[p] : units_start[p + 1]], p)


@inside
def _flip_units(bits, after, state, units, place):  # type: ignore[no-untyped-def]
    for s in range(bits.shape[0]):
        for lane in range(LANES):
            if bit(after[s, place], lane) and not bit(bits[s, place], lane):
                for k in range(len(units)):
                    state[units[k], lane] = s


@inside
def refresh(here, place):  # type: ignore[no-untyped-def]
    """Bring the bytes of a place up to its bits."""
    bits, eights, last, places = here.bits, here.eights, here.bits.shape[0], here.bits.shape[1]
    if not here.stale[place]:
        return
    here.stale[place] = False
    for half in range(2 * WORDS):
        known, codes = nowhere(), nowhere()
        for s in range(last):
            lanes = bytes_of(bits, 2 * WORDS * (s * places + place) + half)
            known, codes = known | lanes, codes | (lanes & alike(np.uint64(s) * _EACH))
        store(eights, 8 * place + half, codes | ~known)


@njit(cache=True, nogil=True)
def write(here, block, out, first, lanes, day):  # type: ignore[no-untyped-def]
    """Write the bytes of all places to a day of the runs from `first` on in `out` (runs, days, places), by way of `block`, uint64 (lanes, 8)."""
    days, places = out.shape[1], out.shape[2]
    codes = block.view(np.int8)
    for p in range(0, places, BLOCK):
        width = min(BLOCK, places - p)
        for n in range(width):
            refresh(here, p + n)
        for k in range((width + 7) // 8):
            _turn(here.eights, p + 8 * k, block, k)
        for lane in range(lanes):
            if width == BLOCK:
                at = ((first + lane) * days + day) * places + p
                store_bytes(out, at, load(block, 2 * lane))
                store_bytes(out, at + BLOCK // 2, load(block, 2 * lane + 1))
            else:
                for n in range(width):
                    out[first + lane, day, p + n] = codes[lane, n]


@inlined
def _exchange(a, b, shift, mask):  # type: ignore[no-untyped-def]
    t = ((a >> shift) ^ b) & mask
    return a ^ (t << shift), b ^ t


@inside
def _turn(eights, p, block, k):  # type: ignore[no-untyped-def]
    """Turn the bytes of eight places, eight lanes a word, into a word a lane: halves, pairs and single bytes change places in turn."""
    for g in range(8):
        row = 8 * p + g
        a, b, c, d = load(eights, row), load(eights, row + 8), load(eights, row + 16), load(eights, row + 24)
        e, f, h, i = load(eights, row + 32), load(eights, row + 40), load(eights, row + 48), load(eights, row + 56)
        shift, mask = alike(np.uint64(32)), alike(_HALVES)
        a, e = _exchange(a, e, shift, mask)
        b, f = _exchange(b, f, shift, mask)
        c, h = _exchange(c, h, shift, mask)
        d, i = _exchange(d, i, shift, mask)
        shift, mask = alike(np.uint64(16)), alike(_PAIRS)
        a, c = _exchange(a, c, shift, mask)
        b, d = _exchange(b, d, shift, mask)
        e, h = _exchange(e, h, shift, mask)
        f, i = _exchange(f, i, shift, mask)
        shift, mask = alike(np.uint64(8)), alike(_SINGLES)
        a, b = _exchange(a, b, shift, mask)
        c, d = _exchange(c, d, shift, mask)
        e, f = _exchange(e, f, shift, mask)
        h, i = _exchange(h, i, shift, mask)
        at = 256 * g + k  # four words of a row are eight lanes apart
        scatter(block, at, 64, a)
        scatter(block, at + 8, 64, b)
        scatter(block, at + 16, 64, c)
        scatter(block, at + 24, 64, d)
        scatter(block, at + 32, 64, e)
        scatter(block, at + 40, 64, f)
        scatter(block, at + 48, 64, h)
        scatter(block, at + 56, 64, i)


@inside
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
