"""
Loops over the chains of the belief model: one chain a place, its states the statuses.

A chain is kept at its *knots*, the days on which something is said of the place; `step[k]` (statuses, statuses) moves it from the knot before to
knot k, row the day before. Knots of all places lie one after another; `start[p]` is the first
of place p, `start[-1]` their number. Every kernel lets go of the interpreter and none starts threads.
"""

import numpy as np

from qsim.belief.kernels.compiled import inside
from qsim.record.kernels.compiled import njit

_TINY = 1e-300
_TIE = 1e-4  # beliefs nearer than this are told apart by rounding alone
_SIDE_BY_SIDE = 16  # places whose days are written together
_EVEN = 1e-7  # histories whose log-likelihoods differ by less are equally likely: the belief of each day decides


@njit(cache=True, nogil=True)
def raise_powers(table, out):  # type: ignore[no-untyped-def]
    """Fill `out` (kinds, powers, statuses, statuses) with each matrix of `table` (kinds, statuses, statuses) to the powers 0, 1 and so on."""
    n = table.shape[1]
    for i in range(len(table)):
        for g in range(out.shape[1]):
            for s in range(n):
                for t in range(n):
                    total = 1.0 if g == 0 and s == t else 0.0
                    for u in range(n if g else 0):
                        total += out[i, g - 1, s, u] * table[i, u, t]
                    out[i, g, s, t] = total


@njit(cache=True, nogil=True)
def steps(day, start, turn, turning, row, powers, out):  # type: ignore[no-untyped-def]
    """
    Fill `out` (knots, statuses, statuses) with the moves from knot to knot; the first of a place is moved from the eve of all days.

    From day `turn[j]` on the days of place p are of another kind, for j in `turning[p]:turning[p + 1]`: `powers[row[j], g]` is g such days.
    """
    n = out.shape[1]
    before = np.empty((n, n))
    for p in range(len(start) - 1):
        j, since = turning[p], 0
        for k in range(start[p], start[p + 1]):
            first = since
            while since <= day[k]:
                while j + 1 < turning[p + 1] and turn[j + 1] <= since:
                    j += 1
                until = min(day[k] + 1, turn[j + 1]) if j + 1 < turning[p + 1] else day[k] + 1
                by = powers[row[j], until - since]
                if since == first:
                    out[k] = by
                else:
                    before[:] = out[k]
                    for s in range(n):
                        for t in range(n):
                            out[k, s, t] = 0.0
                            for u in range(n):
                                out[k, s, t] += before[s, u] * by[u, t]
                since = until


@njit(cache=True, nogil=True)
def pass_over(a, b, step, likely, initial, alpha, gamma):  # type: ignore[no-untyped-def]
    """
    Fill rows a..b-1 of `alpha` (filtered) and `gamma` (smoothed), shapes (knots, statuses), by a scaled forward-backward pass.

    `likely` (knots, statuses) is the evidence as a likelihood, 1 at its greatest; `initial` (statuses,) the belief on the day before.
    """
    n = len(initial)
    beta, following = np.ones(n), np.empty(n)
    for k in range(a, b):
        total = 0.0
        for t in range(n):
            carried = 0.0
            for s in range(n):
                carried += (initial[s] if k == a else alpha[k - 1, s]) * step[k, s, t]
            alpha[k, t] = carried * likely[k, t]
            total += alpha[k, t]
        for t in range(n):
            alpha[k, t] /= total
    for k in range(b - 1, a - 1, -1):
        if k < b - 1:
            total = 0.0
            for t in range(n):
                following[t] = beta[t] * likely[k + 1, t]
            for s in range(n):
                beta[s] = 0.0
                for t in range(n):
                    beta[s] += step[k + 1, s, t] * following[t]
                total += beta[s]
            for s in range(n):
                beta[s] /= total
        total = 0.0
        for s in range(n):
            gamma[k, s] = alpha[k, s] * beta[s]
            total += gamma[k, s]
        for s in range(n):
            gamma[k, s] /= total


@njit(cache=True, nogil=True)
def likelihoods(evidence, out):  # type: ignore[no-untyped-def]
    """Fill `out` with exp(evidence), each row 1 at its greatest."""
    for k in range(len(evidence)):
        top = evidence[k].max()
        for s in range(evidence.shape[1]):
            out[k, s] = 1.0 if evidence[k, s] == top else np.exp(evidence[k, s] - top)


@njit(cache=True, nogil=True)
def smooth(start, step, evidence, initial, tolerance, likely, alpha, gamma):  # type: ignore[no-untyped-def]
    """
    Fill `alpha` (filtered) and `gamma` (smoothed), shapes (knots, statuses), place by place; `initial` is (places, statuses).

    Return by how much `gamma` is changed at most, and at how many knots by the tolerance or more.
    """
    likelihoods(evidence, likely)
    most, moving, before = 0.0, 0, np.empty((np.diff(start).max() if len(start) > 1 else 0, evidence.shape[1]))
    for p in range(len(start) - 1):
        a, b = start[p], start[p + 1]
        before[: b - a] = gamma[a:b]
        pass_over(a, b, step, likely, initial[p], alpha, gamma)
        for k in range(a, b):
            apart = 0.0
            for s in range(evidence.shape[1]):
                apart = max(apart, abs(gamma[k, s] - before[k - a, s]))
            most = max(most, apart)
            moving += apart >= tolerance
    return most, moving


@njit(cache=True, nogil=True)
def log_likelihood(start, step, likely, initial, weight):  # type: ignore[no-untyped-def]
    """Return the sum over the knots of `weight` (knots,) times the logarithm of how likely what is said there is, by what was said before."""
    n, found = step.shape[1], 0.0
    before, now = np.empty(n), np.empty(n)
    for p in range(len(start) - 1):
        before[:] = initial[p]
        for k in range(start[p], start[p + 1]):
            total = 0.0
            for t in range(n):
                now[t] = 0.0
                for s in range(n):
                    now[t] += before[s] * step[k, s, t]
                now[t] *= likely[k, t]
                total += now[t]
            for t in range(n):
                before[t] = now[t] / total
            if weight[k] > 0.0:
                found += weight[k] * np.log(total)
    return found


@njit(cache=True, nogil=True)
def weigh(row, start, at, eve, weight, length, like, kept, log_like, log_kept, gamma, said, before):  # type: ignore[no-untyped-def]
    """
    Fill `said` (mentions, statuses), what each mention of a statement adds to the log-likelihood of its knot `at`, and `before`, of `eve`.

    Statement i has the mentions `start[i]:start[i + 1]`. `like[row[i]]` (statuses,) is how likely its voice is to say so under each
    status of the day, `kept[row[i]]` under each of the eve. Where there are several mentions, the weight of the statement is spread by how
    well each fits and how many days it stands for (`length`).
    """
    n = gamma.shape[1]
    for i in range(len(row)):
        r, total = row[i], 0.0
        for m in range(start[i], start[i + 1]):
            fit, earlier = 0.0, 1.0
            for s in range(n):
                fit += gamma[at[m], s] * like[r, s]
            if eve[m] >= 0:
                earlier = 0.0
                for s in range(n):
                    earlier += gamma[eve[m], s] * kept[r, s]
            said[m, 0] = fit * earlier * length[m]
            total += said[m, 0]
        for m in range(start[i], start[i + 1]):
            share = weight[i] * said[m, 0] / total
            for s in range(n):
                said[m, s] = share * log_like[r, s]
                before[m, s] = share * log_kept[r, s] if eve[m] >= 0 else 0.0


@njit(cache=True, nogil=True)
def cavity(gamma, messages, k, m, out):  # type: ignore[no-untyped-def]
    """Write into `out` the belief at knot k without what message m says there (Minka, Expectation propagation, 2001)."""
    total = 0.0
    for s in range(len(out)):
        out[s] = gamma[k, s] * np.exp(-messages[m, s])
        total += out[s]
    for s in range(len(out)):
        out[s] /= total


@njit(cache=True, nogil=True)
def weigh_wholes(start, members, told, weight, trust, gain, gamma, messages, keep, informed):  # type: ignore[no-untyped-def]
    """
    Renew `messages` (members, statuses): what each claim about a whole group says to each of its parts, given the others.

    Row i speaks of the parts at the knots `members[start[i]:start[i + 1]]`; `told[i]` (statuses,) is t, with mean 1. Whether it is
    informed has the odds trust / (1 - trust) x gain x (product over the other parts of E[t])^(1 / sqrt n): z; the message is
    log(1 + z (t - 1)), of which `keep` is the part of the old one that is kept. `informed` (rows,) is z over all parts.
    """
    n = gamma.shape[1]
    rest = np.empty(n)
    for i in range(len(weight)):
        parts = start[i + 1] - start[i]
        fits = np.empty(parts)
        for m in range(start[i], start[i + 1]):
            cavity(gamma, messages, members[m], m, rest)
            fits[m - start[i]] = np.log((rest * told[i]).sum())
        odds, power, total = np.log(trust[i] / (1.0 - trust[i]) * gain[i]), parts**-0.5, fits.sum()
        informed[i] = 1.0 / (1.0 + np.exp(-odds - power * total))
        for m in range(start[i], start[i + 1]):
            z = 1.0 / (1.0 + np.exp(-odds - power * (total - fits[m - start[i]])))
            for s in range(n):
                new = weight[i] * np.log(1.0 + z * (told[i, s] - 1.0))
                messages[m, s] = (1.0 - keep) * new + keep * messages[m, s]


@njit(cache=True, nogil=True)
def share_likelihood(value, bound, sd, f, variance, parts):  # type: ignore[no-untyped-def]
    """Return how likely an informed voice is to say `value` of a share that is `f`, give or take: bounds 0 a figure, 1 at least, 2 at most."""
    if bound == 0:
        spread = np.sqrt(sd * sd + variance)
        return np.exp(-0.5 * ((f - value) / spread) ** 2) / (spread * np.sqrt(2.0 * np.pi)) / parts
    if bound == 1:
        spread = np.sqrt(0.05**2 + variance)
        return 0.01 + 0.8 / (1.0 + np.exp(-(f - value) / spread))
    spread = np.sqrt((0.05 if f > value else 0.2) ** 2 + variance)
    return 0.01 + 0.8 * np.exp(-0.5 * ((f - value) / spread) ** 2)


@njit(cache=True, nogil=True)
def weigh_shares(start, members, value, bound, sd, side, bluff, weight, trust, gamma, messages, keep, informed):  # type: ignore[no-untyped-def]
    """
    Renew `messages` (members, statuses): the log-likelihood that every reported share sends to each of its parts, given the others.

    Row i speaks of the parts at the knots `members[start[i]:start[i + 1]]`; a part counts 1 for its side, contested (the last status)
    half. `keep` is the part of the old message that is kept; `informed` (rows,) how likely each is informed.
    """
    n = gamma.shape[1]
    rest = np.empty(n)
    for i in range(len(weight)):
        parts = start[i + 1] - start[i]
        means, variances = np.empty(parts), np.empty(parts)
        for m in range(parts):
            cavity(gamma, messages, members[start[i] + m], start[i] + m, rest)
            means[m] = rest[side[i]] + 0.5 * rest[n - 1]
            variances[m] = rest[side[i]] + 0.25 * rest[n - 1] - means[m] * means[m]
        mean, variance = means.sum(), variances.sum()
        for m in range(parts):
            for s in range(n):
                held = 1.0 if s == side[i] else 0.5 if s == n - 1 else 0.0
                f = (mean - means[m] + held) / parts
                like = share_likelihood(value[i], bound[i], sd[i], f, max(0.0, variance - variances[m]) / parts**2, parts)
                new = weight[i] * np.log(trust[i] * like + (1.0 - trust[i]) * bluff[i])
                messages[start[i] + m, s] = (1.0 - keep) * new + keep * messages[start[i] + m, s]
        like = share_likelihood(value[i], bound[i], sd[i], mean / parts, max(0.0, variance) / parts**2, parts)
        informed[i] = trust[i] * like / (trust[i] * like + (1.0 - trust[i]) * bluff[i])


@njit(cache=True, nogil=True)
def gather(at, said, evidence):  # type: ignore[no-untyped-def]
    """Add each row of `said` (n, statuses) to the row of `evidence` that `at` names; -1 for none."""
    for m in range(len(at)):
        if at[m] >= 0:
            for s in range(evidence.shape[1]):
                evidence[at[m], s] += said[m, s]


@inside
def each_day(statuses, p, knots, code, table, extra, alpha, initial, forward, smoothed):  # type: ignore[no-untyped-def]
    """Fill `forward` and `smoothed` (days, statuses) of place p, whose knots are of the days `knots`; `extra` is the evidence of each day, elsewhere 0."""
    n, days, k = len(statuses), len(code), 0
    for d in range(days):
        c = code[d, p]
        if k < len(knots) and knots[k] == d:
            for t in range(n):
                forward[d, t] = alpha[k, t]
            k += 1
        else:
            for t in range(n):
                carried = 0.0
                for s in range(n):
                    carried += (initial[p, s] if d == 0 else forward[d - 1, s]) * table[c, s, t]
                forward[d, t] = carried
    beta, following, k = np.ones(n), np.empty(n), len(knots) - 1
    for d in range(days - 1, -1, -1):
        if d < days - 1:
            c, said = code[d + 1, p], k >= 0 and knots[k] == d + 1
            for t in range(n):
                following[t] = beta[t]
            if said:
                k, top = k - 1, extra[d + 1].max()
                for t in range(n):
                    following[t] *= 1.0 if extra[d + 1, t] == top else np.exp(extra[d + 1, t] - top)
            total = 0.0
            for s in range(n):
                carried = 0.0
                for t in range(n):
                    carried += table[c, s, t] * following[t]
                beta[s] = carried
                total += carried
            if said:  # a day moves belief by rows that sum to one, so that the sum stays where nothing is said
                for s in range(n):
                    beta[s] /= total
        total = 0.0
        for s in range(n):
            smoothed[d, s] = forward[d, s] * beta[s]
            total += smoothed[d, s]
        for s in range(n):
            smoothed[d, s] /= total


@inside
def likeliest(statuses, p, code, log_table, extra, initial, smoothed, first, last, back, states):  # type: ignore[no-untyped-def]
    """Fill `states` (days,) with the most likely history of place p of the days `first..last`; `back` (days, statuses) is scratch."""
    n = len(statuses)
    score, best = np.empty(n), np.empty(n)
    for s in range(n):
        score[s] = np.log(initial[p, s] + _TINY)
    for d in range(first, last + 1):
        c = code[d, p]
        for t in range(n):
            origin = t
            top = score[t] + log_table[c, t, t]
            for s in range(n):
                value = score[s] + log_table[c, s, t]
                if value > top - _EVEN and (value > top + _EVEN or (d > first and smoothed[d - 1, s] > smoothed[d - 1, origin] + _EVEN)):
                    top, origin = value, s
            best[t] = top + extra[d, t]
            back[d, t] = origin
        for t in range(n):
            score[t] = best[t]
    state = 0
    for s in range(n):
        if score[s] > score[state] + _EVEN or (score[s] > score[state] - _EVEN and smoothed[last, s] > smoothed[last, state] + _EVEN):
            state = s
    for d in range(len(states) - 1, -1, -1):
        states[d] = state
        if first < d <= last:
            state = back[d, state]


@njit(cache=True, nogil=True, error_model="numpy")
def unroll(  # type: ignore[no-untyped-def]
    statuses, day, start, code, table, evidence, alpha, initial, first, last, begin, belief, filtered, path
):
    """
    Fill `belief` (smoothed) and `filtered`, (days, places, statuses), and `path` (days, places), of the days from `begin`.

    `path` is the most likely history of each place (Viterbi 1967) of the days `first..last`, from the first claim to the last; before
    and after it stands still. Of equally likely histories it is the one with more of the daily belief; it is -1 on days on which belief is tied
    between its status and another. `statuses` is a tuple of as many, by whose length loops are unrolled.
    """
    days, n, window = code.shape[0], len(statuses), belief.shape[0]
    forward, smoothed = np.empty((_SIDE_BY_SIDE, days, n)), np.empty((_SIDE_BY_SIDE, days, n))
    states, back = np.empty((_SIDE_BY_SIDE, days), dtype=np.int8), np.empty((days, n), dtype=np.int8)
    extra, log_table = np.zeros((days, n)), np.log(table + _TINY)
    for some in range(0, len(start) - 1, _SIDE_BY_SIDE):  # written together, so that what lies side by side is written at once
        number = min(_SIDE_BY_SIDE, len(start) - 1 - some)
        for i in range(number):
            p = some + i
            a, b = start[p], start[p + 1]
            for k in range(a, b):
                for s in range(n):
                    extra[day[k], s] = evidence[k, s]
            each_day(statuses, p, day[a:b], code, table, extra, alpha[a:b], initial, forward[i], smoothed[i])
            likeliest(statuses, p, code, log_table, extra, initial, smoothed[i], first, last, back, states[i])
            for k in range(a, b):
                for s in range(n):
                    extra[day[k], s] = 0.0
        for d in range(window):
            for i in range(number):
                state, tied = states[i, begin + d], 0
                mine = smoothed[i, begin + d, state]
                for s in range(n):
                    belief[d, some + i, s] = smoothed[i, begin + d, s]
                    filtered[d, some + i, s] = forward[i, begin + d, s]
                    tied += abs(smoothed[i, begin + d, s] - mine) < _TIE
                path[d, some + i] = -1 if tied > 1 else state
