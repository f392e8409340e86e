"""Pockets: how long each place has been cut off, and which parts that are cut off yield as a whole, a run at a time."""

import numpy as np

from qsim.belief.kernels.philox import philox4x32
from qsim.record.kernels.compiled import njit

POCKET = 2  # the purpose of its draws


@njit(cache=True, nogil=True)
def age(ground, state, fed, cut):  # type: ignore[no-untyped-def]
    """Count the days that each held place has been cut off from its side's bases."""
    sides, places, lanes = fed.shape
    for p in range(places):
        for lane in range(lanes):
            s = state[p, lane]
            cut[p, lane] = cut[p, lane] + 1 if ground.free[p] and 0 <= s < sides and not fed[s, p, lane] else 0


@njit(cache=True, nogil=True)
def surrender(ground, hazard, shut, step, first, seed, state, fed, cut, after):  # type: ignore[no-untyped-def]
    """Let pockets yield: two or more places, joined to each other and not to a base, one of them cut off for `patience` days."""
    sides, places, lanes = fed.shape
    bound = (1.0 - np.exp(-hazard.surrender)) * 2.0**32
    seen, members, press = np.zeros(places, dtype=np.int64), np.empty(places, dtype=np.int64), np.empty(sides)
    k0, k1 = np.uint32(seed & np.uint64(0xFFFFFFFF)), np.uint32(seed >> np.uint64(32))
    for lane in range(lanes):
        for p in range(places):
            if cut[p, lane] < hazard.patience or not ground.free[p]:
                continue
            s = np.int64(state[p, lane])
            stamp = lane * sides + s + 1
            if s < 0 or s >= sides or fed[s, p, lane] or seen[p] == stamp:
                continue
            size, held, lowest = pocket(ground, shut, state, fed, p, lane, s, stamp, seen, members)
            if held < 2:
                continue
            drawn = philox4x32(np.uint32(first + lane), np.uint32(step), np.uint32(lowest), np.uint32(POCKET), k0, k1)[0]
            taker = besieger(ground, hazard, state, members, size, lane, s, press)
            if drawn < bound and taker >= 0:
                for n in range(size):
                    q = members[n]
                    if ground.free[q] and state[q, lane] >= 0:
                        after[q, lane] = taker


@njit(cache=True, nogil=True)
def pocket(ground, shut, state, fed, place, lane, side, stamp, seen, members):  # type: ignore[no-untyped-def]
    """List in `members` what hangs together with a place that is cut off; return how many, how many of them the side holds, and the lowest."""
    sides, size, held, lowest, n = len(fed), 1, 0, place, 0
    members[0], seen[place] = place, stamp
    while n < size:
        p = members[n]
        n += 1
        held += state[p, lane] == side
        lowest = min(lowest, p)
        for e in range(ground.start[p], ground.start[p + 1]):
            q = ground.heads[e]
            known = state[ground.follow[q], lane]
            if seen[q] != stamp and known in (side, sides) and not shut[side, ground.link[e]] and not fed[side, q, lane]:
                members[size], seen[q] = q, stamp
                size += 1
    return size, held, lowest


@njit(cache=True, nogil=True)
def besieger(ground, hazard, state, members, size, lane, side, press):  # type: ignore[no-untyped-def]
    """Return the other side that presses most on a pocket, the earlier of equals, -1 where none does."""
    press.fill(0.0)
    for n in range(size):
        p = members[n]
        for e in range(ground.start[p], ground.start[p + 1]):
            holder = state[ground.heads[e], lane]
            if 0 <= holder < len(press) and holder != side:
                press[holder] += ground.weight[ground.link[e]] * hazard.tempo[holder]
    best = -1
    for r in range(len(press)):
        if press[r] > 0.0 and (best < 0 or press[r] > press[best]):
            best = r
    return best
