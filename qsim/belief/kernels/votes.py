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
    of_block = np.empty((len(days), BLOCK, belief.shape[2]), dtype=belief.dtype)
    leads = np.empty((len(days), BLOCK), dtype=history.dtype)
    for begin in range(first, last, BLOCK):
        after = min(last, begin + BLOCK)
        for p in range(begin, after):
            votes = slice(start[p], start[p + 1])
            cast = since[votes], origin[votes], ballot[votes], ends[votes]
            _of_place(cast, ballots, says, days, half_life, fading, flat, origins, of_block[:, p - begin], leads[:, p - begin])
        for d in range(len(days)):
            belief[d, begin:after] = of_block[d, : after - begin]
            history[d, begin:after] = leads[d, : after - begin]


@njit(cache=True, nogil=True)
def _of_place(votes, ballots, says, days, half_life, fading, flat, origins, belief, history):  # type: ignore[no-untyped-def]
    """Fill `belief` (days, statuses) and `history` (days,) of one place with the count of its votes, a span of days without another vote at a time."""
    since, origin, ballot, ends = votes
    cast, till = np.full(origins, -1, dtype=np.int64), np.zeros(origins, dtype=np.int64)
    parts, sums = np.empty(belief.shape[1], dtype=np.float64), np.empty((belief.shape[1], len(days)), dtype=np.float64)
    n, d, latest, oldest = 0, 0, 0, 0
    while d < len(days):
        if n < len(since) and since[n] <= days[d]:
            while n < len(since) and since[n] <= days[d]:
                cast[origin[n]] = ballot[n] if says[ballot[n]] else -1
                till[origin[n]] = ends[n]
                n += 1
            latest, oldest = _ends(cast, till)
        after = len(days) if n == len(since) else min(len(days), d + since[n] - days[d])
        while d < after:
            together = min(after, d + oldest + len(fading) - days[d])  # while none is older than the table holds
            if days[d] >= latest and together > d + 1:
                _together(cast, till, latest, ballots, days[d], together - d, fading, sums)
                for k in range(together - d):
                    parts[:] = sums[:, k]
                    history[d + k] = _leads(parts, flat)
                    belief[d + k] = parts
                d = together
            else:
                history[d] = _one(cast, till, max(0, days[d] - latest), ballots, days[d], half_life, fading, flat, parts)
                belief[d] = parts
                d += 1


@njit(cache=True, nogil=True)
def _together(cast, till, latest, ballots, day, count, fading, sums):  # type: ignore[no-untyped-def]
    """Fill `sums` (statuses, days) with the count of so many days from one on, by when all votes fade: along the rows of their weights."""
    sums[:, :count] = 0.0
    newest = day - latest
    for o in range(len(cast)):
        if cast[o] >= 0:
            weights = fading[latest - till[o], newest : newest + count]
            for s in range(len(sums)):
                votes = ballots[cast[o], s]
                if votes > 0:
                    of_status = sums[s]
                    for k in range(count):
                        of_status[k] += votes * weights[k]


@njit(cache=True, nogil=True)
def _ends(cast, till):  # type: ignore[no-untyped-def]
    """Return the last day of the newest of the votes that were cast and of the oldest, any days where none was."""
    latest, oldest, any_cast = 0, 0, False
    for o in range(len(cast)):
        if cast[o] >= 0:
            latest = max(latest, till[o]) if any_cast else till[o]
            oldest = min(oldest, till[o]) if any_cast else till[o]
            any_cast = True
    return latest, oldest


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
    return _leads(parts, flat)


@njit(cache=True, nogil=True)
def _leads(parts, flat):  # type: ignore[no-untyped-def]
    """Turn counts, in place, into parts of their sum, even ones where the two largest are nearer than `flat`; return who leads, -1 for nobody."""
    statuses = len(parts)
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
