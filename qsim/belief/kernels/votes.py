"""The count of votes: each origin's newest in each place, fading with the days."""

from qsim.record.kernels.compiled import njit

BLOCK = 64  # places counted side by side, so that what is written of one day lies together


@njit(cache=True, nogil=True)
def count(start, since, origin, ballot, ends, ballots, says, days, half_life, fading, flat, cast, belief, history):  # type: ignore[no-untyped-def]
    """
    Fill `belief` (days, places, statuses) with each status's part of the votes, and `history` (days, places) with the status that leads.

    Belief is even and history -1 where the two largest parts are nearer than `flat`, or nobody voted. The votes of place p are
    `start[p]` to `start[p + 1]`, in the order in which they count: from the day `since` (a number, as in `days`), by `origin`, the row
    `ballot` of `ballots` (ballots, statuses), of which those that `says` count, fading after the day `ends`. A vote of age a beside a
    newest one of age n weighs `fading[a, n]` = 0.5 ** (a / half-life - n / half-life); older ones than it holds are worked out. `cast`
    (BLOCK, origins) is for work.
    """
    places, statuses = belief.shape[1], belief.shape[2]
    for begin in range(0, places, BLOCK):
        after = min(places, begin + BLOCK)
        here = start[begin:after].copy()
        cast[:] = -1
        for d in range(len(days)):
            for p in range(begin, after):
                mine = cast[p - begin]
                n = here[p - begin]
                while n < start[p + 1] and since[n] <= days[d]:
                    mine[origin[n]] = n if says[ballot[n]] else -1
                    n += 1
                here[p - begin] = n
                history[d, p] = _one(mine, ballot, ends, ballots, days[d], half_life, fading, flat, belief[d, p], statuses)


@njit(cache=True, nogil=True)
def _one(cast, ballot, ends, ballots, day, half_life, fading, flat, belief, statuses):  # type: ignore[no-untyped-def]
    """Fill `belief` (statuses,) with the count of one place on one day, and return who leads, -1 for nobody."""
    newest = -1
    for n in cast:
        if n >= 0 and (newest < 0 or max(0, day - ends[n]) < newest):
            newest = max(0, day - ends[n])
    belief[:] = 0.0
    for n in cast:
        if n >= 0:
            age = max(0, day - ends[n])
            weight = fading[age, newest] if age < len(fading) else 0.5 ** min(1000.0, age / half_life - newest / half_life)
            for s in range(statuses):
                belief[s] += ballots[ballot[n], s] * weight
    total = 0.0
    for s in range(statuses):
        total += belief[s]
    first, second, leads = -1.0, -1.0, -1
    for s in range(statuses):
        part = belief[s] / total if total > 0 else 0.0
        belief[s] = part
        if part > first:
            first, second, leads = part, first, s
        elif part > second:
            second = part
    if first - second < flat:
        belief[:] = 1 / statuses
        return -1
    return leads
