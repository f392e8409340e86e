"""
Loops over one graph for all histories: what is joined to what, and which places hold it together.

A graph is kept once for all runs and days, as compressed rows: the neighbours of place p are `heads[start[p]:start[p + 1]]`, over the
links `link[...]`, each `length[link]` km long. What differs by day and run are masks: `shut` (runs, days, links), bool, the links that
are closed - one run for all where they are the same in each, and no links where none is ever closed - and `alive` (runs, days, places),
bool, the places that can be passed.
"""

import numpy as np

from qsim.belief.kernels.philox import uniform
from qsim.record.kernels.compiled import njit

_UNSEEN = -2


@njit(cache=True, nogil=True)
def known_alike(status):  # type: ignore[no-untyped-def]
    """Return which places (days, places) are known in the first run, and whether that is so in every run."""
    runs, days, places = status.shape
    known = status[0] != -1
    for run in range(1, runs):
        for d in range(days):
            for p in range(places):
                if (status[run, d, p] != -1) != known[d, p]:
                    return known, False
    return known, True


@njit(cache=True, nogil=True)
def look_up(status, follow, pattern, answer, out):  # type: ignore[no-untyped-def]
    """Fill `out` (runs, days, places) with `answer[1 + status]` of the place that each follows: `follow[pattern[run, day], place]`."""
    runs, days, places = status.shape
    for run in range(runs):
        for d in range(days):
            row = follow[pattern[run, d]]
            for p in range(places):
                out[run, d, p] = answer[1 + status[run, d, row[p]]]


@njit(cache=True, nogil=True)
def hold_up(status, follow, pattern, code, stopped, out):  # type: ignore[no-untyped-def]
    """Set `out` (runs, days, places) to False where the place that each follows has the status `code` and is `stopped` (runs, places)."""
    runs, days, places = status.shape
    for run in range(runs):
        for d in range(days):
            row = follow[pattern[run, d]]
            for p in range(places):
                if status[run, d, row[p]] == code and stopped[run, row[p]]:
                    out[run, d, p] = False


@njit(cache=True, nogil=True)
def pack(alive, first, d, words):  # type: ignore[no-untyped-def]
    """Fill `words` (places,), uint64: bit k of a word is whether the place is alive in run `first + k` on day d."""
    words[:] = np.uint64(0)
    for k in range(min(64, alive.shape[0] - first)):
        row = alive[first + k, d]
        for p in range(len(words)):
            words[p] |= np.uint64(row[p]) << np.uint64(k)


@njit(cache=True, nogil=True)
def _pack_links(shut, first, d, ways):  # type: ignore[no-untyped-def]
    """Fill `ways` (links,), uint64: bit k of a word is whether the link is open in run `first + k` on day d."""
    ways[:] = ~np.uint64(0)
    if shut.shape[0] == 1:
        for e in range(len(ways)):
            if shut[0, d, e]:
                ways[e] = np.uint64(0)
        return
    for k in range(min(64, shut.shape[0] - first)):
        row = shut[first + k, d]
        for e in range(len(ways)):
            ways[e] ^= np.uint64(row[e]) << np.uint64(k)


@njit(cache=True, nogil=True)
def _spread(start, heads, link, ways, words, queue, queued, reached):  # type: ignore[no-untyped-def]
    """Let every bit of `reached` flow to neighbours whose word and whose link have it, until nothing moves; the queue holds where it may move from."""
    places, some = len(words), len(ways) > 0
    head, size = 0, 0
    for p in range(places):
        queued[p] = reached[p] != 0
        if queued[p]:
            queue[size] = p
            size += 1
    while size > 0:
        u = queue[head]
        head = (head + 1) % places
        size -= 1
        queued[u] = False
        for e in range(start[u], start[u + 1]):
            v = heads[e]
            fresh = reached[u] & words[v] & ~reached[v]
            if some:
                fresh &= ways[link[e]]
            if fresh != 0:
                reached[v] |= fresh
                if not queued[v]:
                    queued[v] = True
                    queue[(head + size) % places] = v
                    size += 1


@njit(cache=True, nogil=True)
def _reach_word(start, heads, link, shut, alive, sources, d, first, words, ways, queue, queued, reached):  # type: ignore[no-untyped-def]
    """Fill `reached` (places,) with a word a place: whether each of 64 runs from `first` joins it to a source on day d."""
    pack(alive, first, d, words)
    _pack_links(shut, first, d, ways)
    reached[:] = np.uint64(0)
    for s in sources:
        reached[s] = words[s]
    _spread(start, heads, link, ways, words, queue, queued, reached)


@njit(cache=True, nogil=True)
def reach(start, heads, link, shut, alive, sources, out):  # type: ignore[no-untyped-def]
    """Fill `out` (runs, days, places) with whether each place is joined to a source through places that are alive; 64 runs in a word."""
    runs, days, places = alive.shape
    words, reached, ways = np.empty(places, dtype=np.uint64), np.empty(places, dtype=np.uint64), np.empty(shut.shape[2], dtype=np.uint64)
    queue, queued = np.empty(places, dtype=np.int64), np.zeros(places, dtype=np.bool_)
    for d in range(days):
        for first in range(0, runs, 64):
            _reach_word(start, heads, link, shut, alive, sources, d, first, words, ways, queue, queued, reached)
            for k in range(min(64, runs - first)):
                for p in range(places):
                    out[first + k, d, p] = (reached[p] >> np.uint64(k)) & np.uint64(1)


@njit(cache=True, nogil=True)
def cut_off(start, heads, link, shut, alive, targets, sources, out):  # type: ignore[no-untyped-def]
    """
    Fill `out` (runs, days) with whether no target is joined to a source through places that are alive; 64 runs in a word.
    """
    runs, days, places = alive.shape
    words, reached, ways = np.empty(places, dtype=np.uint64), np.empty(places, dtype=np.uint64), np.empty(shut.shape[2], dtype=np.uint64)
    queue, queued = np.empty(places, dtype=np.int64), np.zeros(places, dtype=np.bool_)
    for d in range(days):
        for first in range(0, runs, 64):
            _reach_word(start, heads, link, shut, alive, sources, d, first, words, ways, queue, queued, reached)
            joined = np.uint64(0)
            for t in targets:
                joined |= reached[t]
            for k in range(min(64, runs - first)):
                out[first + k, d] = (joined >> np.uint64(k)) & np.uint64(1) == 0


@njit(cache=True, nogil=True)
def components(start, heads, link, shut, alive, labels):  # type: ignore[no-untyped-def]
    """
    Fill `labels` (runs, days, places), int32: the number of the connected part of each place that is alive, -1 where it is not.

    Parts are numbered from 0 in the order of their first place.
    """
    runs, days, places = alive.shape
    stack = np.empty(places, dtype=np.int32)
    for run in range(runs):
        for d in range(days):
            row, living, closed = labels[run, d], alive[run, d], shut[min(run, shut.shape[0] - 1), d]
            some = len(closed) > 0
            for p in range(places):
                row[p] = _UNSEEN if living[p] else -1
            parts = 0
            for root in range(places):
                if row[root] != _UNSEEN:
                    continue
                row[root] = parts
                stack[0] = root
                height = 1
                while height > 0:
                    height -= 1
                    u = stack[height]
                    for e in range(start[u], start[u + 1]):
                        v = heads[e]
                        if row[v] == _UNSEEN and not (some and closed[link[e]]):
                            row[v] = parts
                            stack[height] = v
                            height += 1
                parts += 1


@njit(cache=True, nogil=True)
def articulation(start, heads, link, shut, alive, labels, joint):  # type: ignore[no-untyped-def]
    """
    Fill `labels` as `components` does and `joint` (runs, days, places) with whether losing the place would split its part, in one pass.

    Depth first with low points (Hopcroft and Tarjan, Efficient algorithms for graph manipulation, 1973), without recursion.
    """
    runs, days, places = alive.shape
    seen, low = np.empty(places, dtype=np.int32), np.empty(places, dtype=np.int32)
    parent, arc = np.empty(places, dtype=np.int32), np.empty(places, dtype=np.int32)
    for run in range(runs):
        for d in range(days):
            row, living, closed, found = labels[run, d], alive[run, d], shut[min(run, shut.shape[0] - 1), d], joint[run, d]
            some = len(closed) > 0
            for p in range(places):
                row[p] = _UNSEEN if living[p] else -1
            found[:] = False
            parts, clock = 0, 0
            for root in range(places):
                if row[root] != _UNSEEN:
                    continue
                row[root] = parts
                seen[root] = low[root] = clock
                clock += 1
                parent[root], arc[root] = -1, start[root]
                branches = 0
                u = root
                while u >= 0:
                    if arc[u] < start[u + 1]:
                        e = arc[u]
                        arc[u] += 1
                        v = heads[e]
                        if v == parent[u] or row[v] == -1 or (some and closed[link[e]]):
                            continue
                        if row[v] >= 0:
                            if seen[v] < low[u]:
                                low[u] = seen[v]
                            continue
                        row[v] = parts
                        seen[v] = low[v] = clock
                        clock += 1
                        parent[v], arc[v] = u, start[v]
                        u = v
                        continue
                    above = parent[u]
                    if above == root:
                        branches += 1
                    elif above >= 0 and low[u] >= seen[above]:
                        found[above] = True
                    if above >= 0 and low[u] < low[above]:
                        low[above] = low[u]
                    u = above
                found[root] = branches > 1
                parts += 1


@njit(cache=True, nogil=True)
def keep_parts(labels, wanted):  # type: ignore[no-untyped-def]
    """Set to -1, in place, the `labels` (runs, days, places) of every part that holds no place that is `wanted` (the same shape)."""
    runs, days, places = labels.shape
    kept = np.empty(places, dtype=np.bool_)
    for run in range(runs):
        for d in range(days):
            kept[:] = False
            for p in range(places):
                if labels[run, d, p] >= 0 and wanted[run, d, p]:
                    kept[labels[run, d, p]] = True
            for p in range(places):
                if labels[run, d, p] >= 0 and not kept[labels[run, d, p]]:
                    labels[run, d, p] = -1


@njit(cache=True, nogil=True)
def coins(numbers, names, purpose, out):  # type: ignore[no-untyped-def]
    """
    Fill `out` (runs, names) with a number in [0, 1) that depends on the number of the run, the name and the purpose alone.

    A run keeps its coins for all of its days, and takes them along when it is chosen out of many.
    """
    for run in range(len(numbers)):
        for n in range(len(names)):
            out[run, n] = uniform(
                np.uint32(numbers[run]), np.uint32(names[n]), np.uint32(purpose), np.uint32(0), np.uint32(0), np.uint32(0)
            )
