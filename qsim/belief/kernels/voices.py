"""
The loop that judges every voice by what the others say: the chain of a place passed over without it, for several voices side by side.

The voices of a place are lanes, side by side: they share the moves of the place and differ in the evidence at the days of which they speak
themselves. `tests/twins.py` has it one voice at a time.
"""

import numpy as np

from qsim.belief.kernels.compiled import inside
from qsim.record.kernels.compiled import njit

LANES = 16  # voices of a place side by side: as many as are done at once


@inside
def forward(statuses, lanes, step, likely, initial, alpha, rows):  # type: ignore[no-untyped-def]
    """
    Fill `alpha` (knots, statuses, lanes), filtered; `step` (knots, statuses, statuses), `likely` as alpha, `initial` (statuses,), `rows` (statuses,
    lanes) is scratch. Only so many lanes are filled.
    """
    n = len(statuses)
    if n == 3:
        forward_of_three(lanes, step, likely, initial, alpha, rows)
        return
    for k in range(len(step)):
        for lane in range(lanes):
            total = 0.0
            for t in range(n):
                carried = 0.0
                for s in range(n):
                    carried += (initial[s] if k == 0 else alpha[k - 1, s, lane]) * step[k, s, t]
                carried *= likely[k, t, lane]
                alpha[k, t, lane] = carried
                total += carried
            scale = 1.0 / total
            for t in range(n):
                alpha[k, t, lane] *= scale


@inside
def backward(statuses, lanes, step, likely, beta, rows):  # type: ignore[no-untyped-def]
    """Fill `beta` (knots, statuses, lanes): how likely what is said after each knot is under each status there, to a factor."""
    n, last = len(statuses), len(step) - 1
    beta[last] = 1.0
    if n == 3:
        backward_of_three(lanes, step, likely, beta, rows)
        return
    for k in range(last - 1, -1, -1):
        for lane in range(lanes):
            total = 0.0
            for s in range(n):
                carried = 0.0
                for t in range(n):
                    carried += step[k + 1, s, t] * (beta[k + 1, t, lane] * likely[k + 1, t, lane])
                beta[k, s, lane] = carried
                total += carried
            scale = 1.0 / total
            for s in range(n):
                beta[k, s, lane] *= scale


@inside
def forward_of_three(lanes, step, likely, initial, alpha, rows):  # type: ignore[no-untyped-def]
    """Do what `forward` does for three statuses, a war of two sides, in loops that LLVM turns into vector instructions: twice as fast."""
    x, y, z = rows[0], rows[1], rows[2]
    for lane in range(lanes):
        x[lane], y[lane], z[lane] = initial[0], initial[1], initial[2]
    for k in range(len(step)):
        xx, xy, xz = step[k, 0, 0], step[k, 0, 1], step[k, 0, 2]
        yx, yy, yz = step[k, 1, 0], step[k, 1, 1], step[k, 1, 2]
        zx, zy, zz = step[k, 2, 0], step[k, 2, 1], step[k, 2, 2]
        to_x, to_y, to_z = likely[k, 0], likely[k, 1], likely[k, 2]
        for lane in range(lanes):
            a, b, c = x[lane], y[lane], z[lane]
            u = (a * xx + b * yx + c * zx) * to_x[lane]
            v = (a * xy + b * yy + c * zy) * to_y[lane]
            w = (a * xz + b * yz + c * zz) * to_z[lane]
            scale = 1.0 / (u + v + w)
            x[lane], y[lane], z[lane] = u * scale, v * scale, w * scale
        for s in range(3):
            for lane in range(lanes):
                alpha[k, s, lane] = rows[s, lane]


@inside
def backward_of_three(lanes, step, likely, beta, rows):  # type: ignore[no-untyped-def]
    """Do what `backward` does for three statuses, likewise."""
    x, y, z = rows[0], rows[1], rows[2]
    for lane in range(lanes):
        x[lane], y[lane], z[lane] = 1.0, 1.0, 1.0
    last = len(step) - 1
    for since in range(last):  # counted upwards: where days are counted down, LLVM makes no vector instructions
        k = last - since
        xx, xy, xz = step[k, 0, 0], step[k, 0, 1], step[k, 0, 2]
        yx, yy, yz = step[k, 1, 0], step[k, 1, 1], step[k, 1, 2]
        zx, zy, zz = step[k, 2, 0], step[k, 2, 1], step[k, 2, 2]
        from_x, from_y, from_z = likely[k, 0], likely[k, 1], likely[k, 2]
        for lane in range(lanes):
            a, b, c = x[lane] * from_x[lane], y[lane] * from_y[lane], z[lane] * from_z[lane]
            u = xx * a + xy * b + xz * c
            v = yx * a + yy * b + yz * c
            w = zx * a + zy * b + zz * c
            scale = 1.0 / (u + v + w)
            x[lane], y[lane], z[lane] = u * scale, v * scale, w * scale
        for s in range(3):
            for lane in range(lanes):
                beta[k - 1, s, lane] = rows[s, lane]


@njit(cache=True, nogil=True, error_model="numpy")
def overhear(statuses, chains, pairs, spoken, sent, statements, trust, told, reading, evidence, base, informed, counts):  # type: ignore[no-untyped-def]
    """
    Fill `informed` (statements,) with how likely each statement is informed by what *others* say of its place, and count its readings.

    `chains` are `start` (places + 1,), `step` and `initial` as in `chain.smooth`. `pairs` (pairs, 6), by place: the place, the voice, and
    its ranges in `spoken` (statements in order of place and voice) and in `sent` (messages likewise: the knot, and what is sent), for every
    voice at a place of which another speaks too. The chain of the place is passed over without what the voice says; `base` is `evidence`
    as a likelihood. `told[row]` (statuses,) is T / mean T; `counts` (voices, statuses, readings) gathers how often a voice, informed, was
    heard to say a reading in each status: weight x z x the belief in it after that.
    """
    start, step, initial = chains
    knots, order = sent
    row, mention, at, eve, weight, length, said, before, messages = statements
    n, longest = len(statuses), np.diff(start).max()
    likely, alpha, beta = np.empty((longest, n, LANES)), np.empty((longest, n, LANES)), np.empty((longest, n, LANES))
    rows = np.empty((n, LANES))
    where = np.empty(2 * len(at) + len(order), dtype=np.int64)  # at most so many knots one voice speaks of, and what it says there
    says, without, here, belief = np.empty((len(where), n)), np.empty((longest, n)), np.empty(n), np.empty(n)
    first = 0
    while first < len(pairs):
        p, after = pairs[first, 0], first
        while after < len(pairs) and after < first + LANES and pairs[after, 0] == p:
            after += 1
        a, b, lanes = start[p], start[p + 1], after - first
        if 2 * lanes > LANES:  # all at once are no more work than more than half of them
            lanes = LANES
        for k in range(b - a):
            for s in range(n):
                for lane in range(lanes):
                    likely[k, s, lane] = base[a + k, s]
        for j in range(first, after):
            number = 0
            for q in range(pairs[j, 2], pairs[j, 3]):
                for m in range(mention[spoken[q]], mention[spoken[q] + 1]):
                    where[number] = at[m] - a
                    for s in range(n):
                        says[number, s] = said[m, s]
                    number += 1
                    if eve[m] >= 0:
                        where[number] = eve[m] - a
                        for s in range(n):
                            says[number, s] = before[m, s]
                        number += 1
            for q in range(pairs[j, 4], pairs[j, 5]):
                where[number] = knots[order[q]] - a
                for s in range(n):
                    says[number, s] = messages[order[q], s]
                number += 1
            for i in range(number):
                for s in range(n):
                    without[where[i], s] = evidence[a + where[i], s]
            for i in range(number):
                for s in range(n):
                    without[where[i], s] -= says[i, s]
            for i in range(number):
                k = where[i]
                top = without[k, 0]
                for s in range(1, n):
                    top = max(top, without[k, s])
                for s in range(n):
                    likely[k, s, j - first] = 1.0 if without[k, s] == top else np.exp(without[k, s] - top)
        forward(statuses, lanes, step[a:b], likely, initial[p], alpha, rows)
        backward(statuses, lanes, step[a:b], likely, beta, rows)
        for j in range(first, after):
            for q in range(pairs[j, 2], pairs[j, 3]):
                i = spoken[q]
                r, days = row[i], 0.0
                for s in range(n):
                    belief[s] = 0.0
                for m in range(mention[i], mention[i + 1]):
                    days += length[m]
                    total = 0.0
                    for s in range(n):
                        here[s] = alpha[at[m] - a, s, j - first] * beta[at[m] - a, s, j - first]
                        total += here[s]
                    for s in range(n):
                        belief[s] += length[m] * (here[s] / total)
                fit = 0.0
                for s in range(n):
                    belief[s] = belief[s] / days * told[r, s]
                    fit += belief[s]
                z = trust[r] * fit / (trust[r] * fit + 1.0 - trust[r])
                informed[i] = z
                if reading[r] >= 0:
                    for s in range(n):
                        counts[pairs[j, 1], s, reading[r]] += weight[i] * z * belief[s] / fit
        first = after
