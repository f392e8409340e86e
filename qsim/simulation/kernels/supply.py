"""Which places are joined to a side's bases, all runs of a tile at once."""

import numpy as np

from qsim.record.kernels.compiled import njit


@njit(cache=True, nogil=True)
def supply(ground, shut, state, fed):  # type: ignore[no-untyped-def]
    """
    Fill `fed` (sides, places, lanes) with whether a side's hold on a place would be joined to its bases, through places that it holds or
    contests: the places are swept to and fro until nothing is added.
    """
    sides, places, lanes = fed.shape
    for s in range(sides):
        for p in range(places):
            fed[s, p].fill(ground.base[s, p])
        adding, back = True, False
        while adding:
            adding = False
            for n in range(places):
                p = places - 1 - n if back else n
                known, got = state[ground.follow[p]], fed[s, p]
                for e in range(ground.start[p], ground.start[p + 1]):
                    if shut[s, ground.link[e]]:
                        continue
                    there, fresh = fed[s, ground.heads[e]], False
                    for lane in range(lanes):
                        more = there[lane] & ~got[lane] & ((known[lane] == s) | (known[lane] == sides))
                        got[lane] |= more
                        fresh |= more
                    adding |= fresh
            back = not back


@njit(cache=True, nogil=True)
def supplied(ground, shut, status, out):  # type: ignore[no-untyped-def]
    """Fill `out` (runs, sides, days, places) with the same of whole histories, `status` (runs, days, places); `shut` (days, sides, links)."""
    runs, days, places = status.shape
    state, fed = np.empty((places, runs), dtype=np.int8), np.empty((out.shape[1], places, runs), dtype=np.bool_)
    for d in range(days):
        for p in range(places):
            for run in range(runs):
                state[p, run] = ground.owner[p] if ground.owner[p] >= 0 else status[run, d, p]
        supply(ground, shut[d], state, fed)
        for run in range(runs):
            for s in range(out.shape[1]):
                for p in range(places):
                    out[run, s, d, p] = fed[s, p, run]
