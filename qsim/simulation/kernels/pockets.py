"""Pockets: how long each place has been cut off, and which parts that are cut off yield as a whole, a run at a time."""

import numpy as np

from qsim.belief.kernels.compiled import inside
from qsim.belief.kernels.philox import philox4x32
from qsim.simulation.kernels.tiles import LANES, ONE, bit

POCKET = 3  # the purpose of its draws
_SCALE = 2.0**32


@inside
def age(ground, here, sides, lanes):  # type: ignore[no-untyped-def]
    """Count the days that each held place has been cut off from its side's bases."""
    free, state, supplied, cut_off = ground.free, here.state, here.supplied, here.cut
    for p in range(len(free)):
        if free[p]:
            for lane in range(lanes):
                s = state[p, lane]
                cut = 0 <= s < sides and not (supplied[s, p, lane >> 6] >> np.uint64(lane & 63)) & ONE
                cut_off[p, lane] = cut_off[p, lane] + 1 if cut else 0


@inside
def pockets(ground, hazard, shut, tile, step, lanes, seed, here, found, count):  # type: ignore[no-untyped-def]
    """Note the pockets that yield in this step: two or more places, joined to each other and not to a base, one of them long cut off."""
    places, sides, state, cut_off = len(ground.free), len(hazard.tempo), here.state, here.cut
    k0, k1 = np.uint32(seed & np.uint64(0xFFFFFFFF)), np.uint32(seed >> np.uint64(32))
    limit = np.uint64(-np.expm1(-hazard.surrender) * _SCALE)
    seen, members, press = np.zeros(places, dtype=np.int64), np.empty(places, dtype=np.int64), np.empty(sides)
    for lane in range(lanes):
        for p in range(places):
            s = state[p, lane]
            if cut_off[p, lane] < hazard.patience or s < 0 or s >= sides or seen[p] == lane * sides + s + 1:
                continue
            size, held, lowest = _part(ground, shut, here, p, lane, s, lane * sides + s + 1, seen, members)
            if held < 2:
                continue
            word = philox4x32(np.uint32(tile * LANES + lane), np.uint32(step), np.uint32(lowest), np.uint32(POCKET), k0, k1)[0]
            if word < limit:
                taker = _besieger(ground, hazard, here, members[:size], lane, s, press)
                for n in range(size):
                    if ground.free[members[n]] and taker >= 0 and here.state[members[n], lane] >= 0:
                        found[count, 0], found[count, 1], found[count, 2] = members[n], lane, taker
                        count += 1
    return count


@inside
def _part(ground, shut, here, place, lane, side, stamp, seen, members):  # type: ignore[no-untyped-def]
    """List in `members` what hangs together with a place that is cut off; return how many, how many of them the side holds, and the lowest."""
    sides = here.supplied.shape[0]
    size, held, lowest, n = 1, 0, place, 0
    members[0], seen[place] = place, stamp
    while n < size:
        p = members[n]
        n += 1
        held += here.state[p, lane] == side
        lowest = min(lowest, p)
        for e in range(ground.start[p], ground.start[p + 1]):
            q = ground.heads[e]
            known = ground.follow[q]
            passable = here.state[known, lane] == side or here.state[known, lane] == sides
            if seen[q] != stamp and passable and not shut[side, ground.link[e]] and not bit(here.supplied[side, q], lane):
                members[size], seen[q] = q, stamp
                size += 1
    return size, held, lowest


@inside
def _besieger(ground, hazard, here, members, lane, side, press):  # type: ignore[no-untyped-def]
    """Return the other side that presses most on a pocket, the earlier of equals, -1 where none does."""
    press[:] = 0.0
    for p in members:
        for e in range(ground.start[p], ground.start[p + 1]):
            there = ground.heads[e]
            holder = here.state[there, lane] if ground.owner[there] < 0 else ground.owner[there]
            if 0 <= holder < len(press) and holder != side:
                press[holder] += ground.weight[ground.link[e]] * hazard.tempo[holder]
    best = -1
    for r in range(len(press)):
        if press[r] > 0.0 and (best < 0 or press[r] > press[best]):
            best = r
    return best
