"""The count of votes: each origin's newest in each place, fading with the days."""

import numpy as np

from qsim.record.kernels.compiled import njit

BLOCK = 64  # places counted side by side, so that what is written of one day lies together


@njit(cache=True, nogil=True)
def count(start, since, origin, ballot, ends, ballots, says, days, half_life, fading, flat, origins, first, last, belief, history):  # type: ignore[no-untyped-def]
    """
    Fill `belief` (days, places, statuses) with each status's part of the votes, and `history` (days, places) with the status that leads,
    of the places from `first` to before `last`.

    Belief is even and history -1 where the two largest parts are nearer than `flat`, or nobody voted. The votes of place p are
    `start[p]` to `start[p + 1]`, in the order in which they count: from the day `since` (a number, as in `days`), by `origin`, the row
    `ballot` of `ballots` (ballots, statuses), of which those that `says` count, fading after the day `ends`. A vote of age a beside a
    newest one of age n weighs `fading[a - n, n]` = 0.5 ** (a / half-life - n / half-life); older ones than it holds are worked out.
    """
    statuses = belief.shape[2]
    parts = np.empty(statuses, dtype=np.float64)
    cast, till = np.empty((BLOCK, origins), dtype=np.int64), np.empty((BLOCK, origins), dtype=np.int64)
    latest = np.empty(BLOCK, dtype=np.int64)  # the last day of any vote that stands
    for begin in range(first, last, BLOCK):
        after = min(last, begin + BLOCK)
        here = start[begin:after].copy()
        cast[:] = -1
        latest[:] = 0
        for d in range(len(days)):
            for p in range(begin, after):
                b = p - begin
                n = here[b]
                if n < start[p + 1] and since[n] <= days[d]:
                    while n < start[p + 1] and since[n] <= days[d]:
                        cast[b, origin[n]] = ballot[n] if says[ballot[n]] else -1
                        till[b, origin[n]] = ends[n]
                        n += 1
                    here[b] = n
                    latest[b] = _latest(cast[b], till[b])
                history[d, p] = _one(cast[b], till[b], max(0, days[d] - latest[b]), ballots, days[d], half_life, fading, flat, parts)
                for s in range(statuses):
                    belief[d, p, s] = parts[s]


@njit(cache=True, nogil=True)
def _latest(cast, till):  # type: ignore[no-untyped-def]
    """Return the last day of the votes that were cast, any day where none was."""
    found, any_cast = 0, False
    for o in range(len(cast)):
        if cast[o] >= 0 and (not any_cast or till[o] > found):
            found, any_cast = till[o], True
    return found


@njit(cache=True, nogil=True)
def _one(cast, till, newest, ballots, day, half_life, fading, flat, parts):  # type: ignore[no-untyped-def]
    """Fill `parts` (statuses,) with the count of one place on one day, its newest vote being so old, and return who leads, -1 for nobody."""
    statuses = len(parts)
    parts[:] = 0.0
    for o in range(len(cast)):
        if cast[o] >= 0:
            age = max(0, day - till[o])
            weight = fading[age - newest, newest] if age < len(fading) else 0.5 ** min(1000.0, age / half_life - newest / half_life)
            for s in range(statuses):
                parts[s] += ballots[cast[o], s] * weight
    total = 0.0
    for s in range(statuses):
        total += parts[s]
    first, second, leads = -1.0, -1.0, -1
    for s in range(statuses):
        part = parts[s] / total if total > 0 else 0.0
        parts[s] = part
        if part > first:
            first, second, leads = part, first, s
        elif part > second:
            second = part
    if first - second < flat:
        parts[:] = 1 / statuses
        return -1
    return leads
