"""Loops over the ways through a graph, kept as in `qsim.geography.kernels.graph`: how many share no place, and how long the shortest are."""

import numpy as np

from qsim.record.kernels.compiled import njit

_NOBODY, _SOURCE, _SINK = -1, -2, -3
_LESS = 1e-9  # km by which a way must be shorter to count as shorter, so that rounding never makes a circle


@njit(cache=True, nogil=True)
def _improve(state, value, origin, dist, back, touched, count, queue, tail, queued):  # type: ignore[no-untyped-def]
    """Note a shorter way to a state and queue it; return how many states were touched and where the queue ends."""
    if dist[state] - value > _LESS:
        if dist[state] == np.inf:
            touched[count] = state
            count += 1
        dist[state] = value
        back[state] = origin
        if not queued[state]:
            queued[state] = True
            queue[tail] = state
            tail += 1
            if tail == len(queue):
                tail = 0
    return count, tail


@njit(cache=True, nogil=True)
def disjoint(start, heads, link, length, shut, alive, inside, base, by_km, work, after, before, cut):  # type: ignore[no-untyped-def]
    """
    Return how many routes lead from inside to the bases that share no place but these, and fill `after`, `before` and `cut` (places,).

    A place on a route is followed by `after[p]` and preceded by `before[p]`; -1 is none, -2 for before is the inside, -3 for after a
    base. `cut` marks a smallest set of places that would close all routes but the direct links from inside to a base, each of which
    counts as a route. With `by_km` the routes are together as short as can be, else any.

    Maximum flow with unit places by successive (shortest) augmenting paths (Ford and Fulkerson 1956; Suurballe 1974), where every place
    is two states, entered (2p) and left (2p + 1). Only what can be reached from the inside is ever looked at. `work` comes from `workspace`.
    """
    dist, back, touched, queue, queued = work
    after[:] = before[:] = _NOBODY
    cut[:] = False
    within = np.flatnonzero(inside)
    some = len(shut) > 0
    routes = 0
    while True:
        count, head, tail = 0, 0, 0
        direct = 0
        for s in within:
            if not alive[s] or base[s]:
                continue
            for e in range(start[s], start[s + 1]):
                v = heads[e]
                if not alive[v] or (inside[v] and not base[v]) or (some and shut[link[e]]):
                    continue
                if base[v]:
                    direct += 1
                else:
                    km = length[link[e]] if by_km else 0.0
                    count, tail = _improve(2 * v, km, _SOURCE, dist, back, touched, count, queue, tail, queued)
        best, last = np.inf, _NOBODY
        while head != tail and not (last >= 0 and not by_km):
            x = queue[head]
            head += 1
            if head == len(queue):
                head = 0
            queued[x] = False
            v, here = x >> 1, dist[x]
            if x & 1 == 0:
                if before[v] == _NOBODY:
                    count, tail = _improve(x + 1, here, x, dist, back, touched, count, queue, tail, queued)
                elif before[v] >= 0:
                    u = before[v]
                    km = _between(start, heads, link, length, u, v) if by_km else 0.0
                    count, tail = _improve(2 * u + 1, here - km, x, dist, back, touched, count, queue, tail, queued)
                continue
            if before[v] != _NOBODY:
                count, tail = _improve(x - 1, here, x, dist, back, touched, count, queue, tail, queued)
            for e in range(start[v], start[v + 1]):
                w = heads[e]
                if not alive[w] or (some and shut[link[e]]):
                    continue
                km = length[link[e]] if by_km else 0.0
                if base[w]:
                    if best - here - km > _LESS:
                        best, last = here + km, v
                elif not inside[w]:
                    count, tail = _improve(2 * w, here + km, x, dist, back, touched, count, queue, tail, queued)
        if last >= 0:
            routes += 1
            _augment(last, back, after, before)
        else:
            for i in range(count):
                p = touched[i] // 2
                cut[p] = dist[2 * p] < np.inf and dist[2 * p + 1] == np.inf
        for i in range(count):
            dist[touched[i]] = np.inf
            queued[touched[i]] = False
        if last < 0:
            return routes + direct


@njit(cache=True, nogil=True)
def _between(start, heads, link, length, u, v):  # type: ignore[no-untyped-def]
    for e in range(start[u], start[u + 1]):
        if heads[e] == v:
            return length[link[e]]
    return 0.0


@njit(cache=True, nogil=True)
def _augment(last, back, after, before):  # type: ignore[no-untyped-def]
    """Lay the new route that ends at the place `last` over the old ones, and undo what it walks backwards."""
    state = 2 * last + 1
    after[last] = _SINK
    while True:
        origin = back[state]
        v = state // 2
        if origin == _SOURCE:
            before[v] = _SOURCE
            return
        u = origin // 2
        if state % 2 == 0 and u == v:  # left, then un-entered: the place drops out of its route
            after[v] = before[v] = _NOBODY
        elif state % 2 == 0:
            after[u] = v
            before[v] = u
        state = origin


@njit(cache=True, nogil=True)
def workspace(places):  # type: ignore[no-untyped-def]
    """Return the arrays that `disjoint` works in, for a graph of so many places: made once, clean again after every call."""
    return (
        np.full(2 * places, np.inf),
        np.empty(2 * places, dtype=np.int32),
        np.empty(2 * places, dtype=np.int32),
        np.empty(2 * places + 1, dtype=np.int32),
        np.zeros(2 * places, dtype=np.bool_),
    )


@njit(cache=True, nogil=True)
def count_routes(start, heads, link, length, shut, alive, inside, base, out):  # type: ignore[no-untyped-def]
    """Fill `out` (runs, days) with the number of routes that `disjoint` finds."""
    runs, days, places = alive.shape
    after, before = np.empty(places, dtype=np.int32), np.empty(places, dtype=np.int32)
    cut = np.empty(places, dtype=np.bool_)
    work = workspace(places)
    for run in range(runs):
        for d in range(days):
            closed = shut[min(run, shut.shape[0] - 1), d]
            out[run, d] = disjoint(start, heads, link, length, closed, alive[run, d], inside, base, False, work, after, before, cut)


@njit(cache=True, nogil=True)
def shortest(start, heads, link, length, shut, alive, inside, lost, out, back):  # type: ignore[no-untyped-def]
    """
    Fill `out` (runs, days, places) with the km from the nearest place inside, through places that are alive; inf where there is no way.

    The place `lost` is not alive in any of them; -1 is none. `back` (runs, days, places) is the place before on that way, -1
    at its beginning. Labels are corrected until nothing is shorter (Moore 1959); lengths are not negative.
    """
    runs, days, places = alive.shape
    queue, queued = np.empty(places + 1, dtype=np.int64), np.zeros(places, dtype=np.bool_)
    some = shut.shape[2] > 0
    for run in range(runs):
        for d in range(days):
            far, behind, closed = out[run, d], back[run, d], shut[min(run, shut.shape[0] - 1), d]
            far[:] = np.inf
            behind[:] = -1
            head, tail = 0, 0
            for s in inside:
                if alive[run, d, s] and s != lost:
                    far[s] = 0.0
                    queue[tail] = s
                    queued[s] = True
                    tail += 1
            while head != tail:
                u = queue[head]
                head = (head + 1) % len(queue)
                queued[u] = False
                for e in range(start[u], start[u + 1]):
                    v = heads[e]
                    if v == lost or not alive[run, d, v] or (some and closed[link[e]]):
                        continue
                    if far[v] - far[u] - length[link[e]] > _LESS:
                        far[v] = far[u] + length[link[e]]
                        behind[v] = u
                        if not queued[v]:
                            queued[v] = True
                            queue[tail] = v
                            tail = (tail + 1) % len(queue)
