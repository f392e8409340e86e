"""
Loops that draw histories from chains, backwards: a day given the next, of every place by itself.

`filtered` (days, places, statuses) is the belief of each day from what was said up to it, `last` (places, statuses) that of the last day from
everything, and `code` (days, places) tells which matrix of `table` moves a place on each day. The number drawn for a run, day and place
depends on the seed, the run's number, the day's number (`keys[0]` the first), the place's name (a number in `names`) and the purpose `keys[1]`
alone. Every kernel lets go of the interpreter and none starts threads.
"""

import numpy as np

from qsim.belief.kernels.philox import uniform
from qsim.record.kernels.compiled import njit


@njit(cache=True, nogil=True)
def chosen(weight, total, share):  # type: ignore[no-untyped-def]
    """Return the first state up to which the weights add to more than a `share` of their total, the last where none does."""
    left = share * total
    for s in range(len(weight)):
        left -= weight[s]
        if left < 0.0:
            return s
    return len(weight) - 1


@njit(cache=True, nogil=True)
def draw(filtered, last, code, table, names, numbers, keys, seed, out):  # type: ignore[no-untyped-def]
    """Fill `out` (runs, days, places) with the histories of these `numbers` (runs,)."""
    runs, days, places = out.shape
    n = filtered.shape[2]
    k0, k1 = np.uint32(seed & np.uint64(0xFFFFFFFF)), np.uint32(seed >> np.uint64(32))
    weight = np.empty(n)
    for run in range(runs):
        for p in range(places):
            state = 0
            for d in range(days - 1, -1, -1):
                total = 0.0
                for s in range(n):
                    weight[s] = last[p, s] if d == days - 1 else filtered[d, p, s] * table[code[d + 1, p], s, state]
                    total += weight[s]
                share = uniform(np.uint32(numbers[run]), np.uint32(keys[0] + d), np.uint32(names[p]), np.uint32(keys[1]), k0, k1)
                state = chosen(weight, total, share)
                out[run, d, p] = state


@njit(cache=True, nogil=True)
def step_back(filtered, table, d, p, code, step):  # type: ignore[no-untyped-def]
    """Fill `step` (statuses, statuses): how likely place p was of the row's state on day d - 1, given the column's on day d; 0 for one it cannot be of."""
    n = step.shape[0]
    for b in range(n):
        total = 0.0
        for a in range(n):
            step[a, b] = filtered[d - 1, p, a] * table[code[d, p], a, b]
            total += step[a, b]
        for a in range(n):
            step[a, b] = step[a, b] / total if total > 0.0 else 0.0


@njit(cache=True, nogil=True)
def backwards(filtered, code, table, row, belief):  # type: ignore[no-untyped-def]
    """Turn `belief` (places, statuses) of the last day from everything, in place, into that of the day `row`."""
    days, places, n = filtered.shape
    step, before = np.empty((n, n)), np.empty(n)
    for p in range(places):
        for d in range(days - 1, row, -1):
            step_back(filtered, table, d, p, code, step)
            total = 0.0
            for a in range(n):
                before[a] = 0.0
                for b in range(n):
                    before[a] += step[a, b] * belief[p, b]
                total += before[a]
            for a in range(n):
                belief[p, a] = before[a] / total


@njit(cache=True, nogil=True)
def draw_days(belief, names, numbers, purpose, seed, out):  # type: ignore[no-untyped-def]
    """
    Fill `out` (runs, days, places) with what is drawn from the `belief` (days, places, statuses) of each day by itself.

    One number serves all days of a run and place, so that where belief stays nothing changes.
    """
    runs, days, places = out.shape
    k0, k1 = np.uint32(seed & np.uint64(0xFFFFFFFF)), np.uint32(seed >> np.uint64(32))
    for run in range(runs):
        for p in range(places):
            share = uniform(np.uint32(numbers[run]), np.uint32(0), np.uint32(names[p]), np.uint32(purpose), k0, k1)
            for d in range(days):
                out[run, d, p] = chosen(belief[d, p], belief[d, p].sum(), share)


@njit(cache=True, nogil=True)
def hark_back(filtered, code, table, stops, at, first, last, out):  # type: ignore[no-untyped-def]
    """
    Fill `out[at[d]]` (places, statuses, statuses) for each of the days `first..last` with `at[d]` from 0: how likely a place was of the row's
    state on the stop before (the last of `stops`, in order, before d), given the column's on day d. Before the first stop there is nothing to write.
    """
    places, n = filtered.shape[1:]
    step, since, now = np.empty((n, n)), np.empty((n, n)), np.empty((n, n))
    begin = max(0, np.searchsorted(stops, first) - 1)
    for p in range(places):
        since[:] = np.eye(n)
        following = begin + 1
        for d in range(stops[begin] + 1, last + 1):
            step_back(filtered, table, d, p, code, step)
            for a in range(n):
                for b in range(n):
                    now[a, b] = 0.0
                    for s in range(n):
                        now[a, b] += since[a, s] * step[s, b]
            if d >= first and at[d] >= 0:
                out[at[d], p] = now
            if following < len(stops) and stops[following] == d:
                since[:] = np.eye(n)
                following += 1
            else:
                since[:] = now


@njit(cache=True, nogil=True)
def draw_stops(belief, since, stops, names, numbers, keys, seed, out):  # type: ignore[no-untyped-def]
    """
    Fill `out` (runs, stops, places): of histories what they are on the days `stops`.

    `belief` (places, statuses) is of the last from everything, `since[i]` tells of stop i given the one that follows, as `hark_back` has it.
    """
    runs, count, places = out.shape
    n = belief.shape[1]
    k0, k1 = np.uint32(seed & np.uint64(0xFFFFFFFF)), np.uint32(seed >> np.uint64(32))
    weight = np.empty(n)
    for run in range(runs):
        for p in range(places):
            state = 0
            for i in range(count - 1, -1, -1):
                total = 0.0
                for s in range(n):
                    weight[s] = belief[p, s] if i == count - 1 else since[i, p, s, state]
                    total += weight[s]
                share = uniform(np.uint32(numbers[run]), np.uint32(keys[0] + stops[i]), np.uint32(names[p]), np.uint32(keys[1]), k0, k1)
                state = chosen(weight, total, share)
                out[run, i, p] = state


@njit(cache=True, nogil=True)
def draw_between(filtered, last, code, table, since, at, stops, stopped, following, first, end, names, numbers, keys, seed, out):  # type: ignore[no-untyped-def]
    """
    Fill `out` (runs, days, places) with days from `first` on of histories that are known on the days `stops`, `stopped` (runs, stops, places).

    Days are drawn from `end` on backwards, each given the next and the stop before. `following` (runs, places) is of the day after `end`; where
    there is none, it is (0, 0): then `end` is a stop or the last day of all.
    """
    runs, days, places = out.shape
    n = filtered.shape[2]
    k0, k1 = np.uint32(seed & np.uint64(0xFFFFFFFF)), np.uint32(seed >> np.uint64(32))
    weight = np.empty(n)
    begin = np.searchsorted(stops, end + 1) - 1
    for run in range(runs):
        for p in range(places):
            state, i = following[run, p] if len(following) else 0, begin
            for d in range(end, first - 1, -1):
                while i >= 0 and stops[i] > d:
                    i -= 1
                if i >= 0 and stops[i] == d:
                    state = stopped[run, i, p]
                else:
                    total = 0.0
                    for s in range(n):
                        weight[s] = last[p, s] if d == len(filtered) - 1 else filtered[d, p, s] * table[code[d + 1, p], s, state]
                        if i >= 0:
                            weight[s] *= since[at[d], p, stopped[run, i, p], s]
                        total += weight[s]
                    share = uniform(np.uint32(numbers[run]), np.uint32(keys[0] + d), np.uint32(names[p]), np.uint32(keys[1]), k0, k1)
                    state = chosen(weight, total, share)
                if d < first + days:
                    out[run, d - first, p] = state
