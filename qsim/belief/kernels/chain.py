"""
Loops over the chains of the belief model: one chain a place, its states the statuses.

A chain is kept at its *knots*, the days on which something is said of the place or is going on there; between them the quiet
transition matrix applies, whose powers bridge any gap exactly. `quiet` holds them: `quiet[g]` is g quiet days, shape (gaps, statuses,
statuses), row the day before. Knots of all places lie one after another; `start[p]` is the first of place p, `start[-1]` their number.
"""

import numpy as np
from numba import njit

from qsim.belief.kernels.philox import uniform

_TINY = 1e-300


@njit(cache=True, nogil=True)
def step(p, gap, activity, quiet, moving, out):  # type: ignore[no-untyped-def]
    """Write into `out` the belief `p` carried over `gap` days, the last of them with that activity."""
    n = len(p)
    for t in range(n):
        total = 0.0
        for s in range(n):
            total += p[s] * _over(gap, activity, quiet, moving, s, t)
        out[t] = total


@njit(cache=True, nogil=True)
def _over(gap, activity, quiet, moving, s, t):  # type: ignore[no-untyped-def]
    """Return the probability to go from s to t over `gap` days, the last of them with that activity."""
    if activity == 0:
        return quiet[gap, s, t]
    if gap == 1:
        return moving[activity, s, t]
    total = 0.0
    for u in range(moving.shape[1]):
        total += quiet[gap - 1, s, u] * moving[activity, u, t]
    return total


@njit(cache=True, nogil=True)
def smooth(day, start, activity, evidence, quiet, moving, initial, alpha, gamma):  # type: ignore[no-untyped-def]
    """
    Fill `alpha` (filtered) and `gamma` (smoothed), shapes (knots, statuses), by scaled forward-backward passes, place by place.

    `evidence` is the log-likelihood at each knot; `initial` the belief on the day before the first.
    """
    n = len(initial)
    carried, beta, following = np.empty(n), np.empty(n), np.empty(n)
    for p in range(len(start) - 1):
        for k in range(start[p], start[p + 1]):
            if k == start[p]:
                step(initial, day[k] + 1, activity[k], quiet, moving, carried)
            else:
                step(alpha[k - 1], day[k] - day[k - 1], activity[k], quiet, moving, carried)
            top = evidence[k].max()
            total = 0.0
            for s in range(n):
                alpha[k, s] = carried[s] * np.exp(evidence[k, s] - top)
                total += alpha[k, s]
            alpha[k] /= total
        beta[:] = 1.0
        for k in range(start[p + 1] - 1, start[p] - 1, -1):
            if k < start[p + 1] - 1:
                top = evidence[k + 1].max()
                for s in range(n):
                    following[s] = beta[s] * np.exp(evidence[k + 1, s] - top)
                gap = day[k + 1] - day[k]
                total = 0.0
                for s in range(n):
                    beta[s] = 0.0
                    for t in range(n):
                        beta[s] += _over(gap, activity[k + 1], quiet, moving, s, t) * following[t]
                    total += beta[s]
                beta /= total
            total = 0.0
            for s in range(n):
                gamma[k, s] = alpha[k, s] * beta[s]
                total += gamma[k, s]
            gamma[k] /= total


@njit(cache=True, nogil=True)
def weigh(theta, not_before, claim, first, length, told, bluff, weight, before, doubt, source, gamma, evidence, informed, counted):  # type: ignore[no-untyped-def]
    """
    Add the log-likelihood of every statement to `evidence` (knots, statuses), and its probability to be informed to its claim.

    A statement speaks of the `length` knots from `first`. Where there are several, its evidence is spread over them by how well each
    day fits it; where `before` names a status, the place is said not to have been of that status on the day before.
    """
    n = gamma.shape[1]
    for i in range(len(claim)):
        trust = theta[source[claim[i]]] * doubt[claim[i]]
        fits = np.empty(length[i])
        total = 0.0
        for j in range(length[i]):
            k = first[i] + j
            fit = 0.0
            for s in range(n):
                fit += gamma[k, s] * told[i, s]
            fit *= trust
            if before[i] >= 0:
                fit *= 1.0 - not_before * gamma[k - 1, before[i]]
            fits[j] = fit + (1.0 - trust) * bluff[i]
            total += fits[j]
        known = 0.0
        for j in range(length[i]):
            k = first[i] + j
            share = fits[j] / total
            for s in range(n):
                like = trust * told[i, s] + (1.0 - trust) * bluff[i]
                evidence[k, s] += share * weight[i] * np.log(like)
                known += share * gamma[k, s] * trust * told[i, s] / like
            if before[i] >= 0:
                evidence[k - 1, before[i]] += share * weight[i] * np.log(1.0 - not_before * trust)
        informed[claim[i]] += known
        counted[claim[i]] += 1.0


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
def weigh_shares(  # type: ignore[no-untyped-def]
    theta, claim, at, members, value, bound, sd, side, bluff, weight, doubt, source, gamma, messages, damping, informed, counted
):
    """
    Renew `messages` (members, statuses): the log-likelihood that every reported share sends to each of its parts, given the others.

    Row i speaks of the parts at the knots `members[at[i]:at[i + 1]]`; a part counts 1 for its side, contested (the last status) half.
    What a share itself said before is first divided out of the parts' marginals, lest it hear its own echo (the cavity of belief
    propagation; Minka, Expectation propagation, 2001). `damping` is the part of the old message that is kept.
    """
    n = gamma.shape[1]
    for i in range(len(claim)):
        parts = at[i + 1] - at[i]
        trust = theta[source[claim[i]]] * doubt[claim[i]]
        means, variances = np.empty(parts), np.empty(parts)
        for m in range(parts):
            total, full, half = 0.0, 0.0, 0.0
            for s in range(n):
                rest = gamma[members[at[i] + m], s] * np.exp(-messages[at[i] + m, s])
                total += rest
                if s == side[i]:
                    full = rest
                elif s == n - 1:
                    half = rest
            means[m] = (full + 0.5 * half) / total
            variances[m] = (full + 0.25 * half) / total - means[m] * means[m]
        mean, variance = means.sum(), variances.sum()
        for m in range(parts):
            for s in range(n):
                held = 1.0 if s == side[i] else 0.5 if s == n - 1 else 0.0
                f = (mean - means[m] + held) / parts
                like = share_likelihood(value[i], bound[i], sd[i], f, max(0.0, variance - variances[m]) / parts**2, parts)
                new = weight[i] * np.log(trust * like + (1.0 - trust) * bluff[i])
                messages[at[i] + m, s] = (1.0 - damping) * new + damping * messages[at[i] + m, s]
        like = share_likelihood(value[i], bound[i], sd[i], mean / parts, max(0.0, variance) / parts**2, parts)
        informed[claim[i]] += weight[i] * trust * like / (trust * like + (1.0 - trust) * bluff[i])
        counted[claim[i]] += weight[i]


@njit(cache=True, nogil=True)
def infer(chains, statements, shares, voices, not_before, learn, rounds, tolerance):  # type: ignore[no-untyped-def]
    """
    Return (gamma, alpha, evidence, theta, informed, rounds done) after mean-field rounds over exact chains, reliabilities by EM.

    `chains` is (day, start, activity, quiet, moving, initial); `statements` and `shares` what `weigh` and `weigh_shares` read;
    `voices` (source of each claim, doubt of each claim, prior mean of each source, prior strength of each source).
    """
    day, start, activity, quiet, moving, initial = chains
    source, doubt, mean, strength = voices
    knots, n = len(day), len(initial)
    gamma, alpha = np.empty((knots, n)), np.empty((knots, n))
    before, evidence, messages = np.zeros((knots, n)), np.zeros((knots, n)), np.zeros((len(shares[2]), n))
    informed, counted = np.zeros(len(source)), np.zeros(len(source))
    theta = mean.copy()
    smooth(day, start, activity, evidence, quiet, moving, initial, alpha, gamma)
    done = 0
    for turn in range(rounds):
        previous = gamma.copy()
        damping = 0.5 if turn > 0 else 0.0
        evidence[:] = 0.0
        informed[:] = 0.0
        counted[:] = 0.0
        weigh(theta, not_before, *statements, doubt, source, gamma, evidence, informed, counted)  # type: ignore[call-arg]
        weigh_shares(theta, *shares, doubt, source, gamma, messages, damping, informed, counted)  # type: ignore[call-arg]
        evidence[:] = (1.0 - damping) * evidence + damping * before
        before[:] = evidence
        for m in range(len(messages)):
            evidence[shares[2][m]] += messages[m]
        smooth(day, start, activity, evidence, quiet, moving, initial, alpha, gamma)
        if learn:
            trusted, told = strength * mean, strength.copy()
            for c in range(len(source)):
                if counted[c] > 0:
                    knew = informed[c] / counted[c]
                    if doubt[c] < 1.0:  # an unconfirmed report that was not informed may be one that a good source passed on
                        knew += (1.0 - knew) * theta[source[c]] * (1.0 - doubt[c]) / (1.0 - theta[source[c]] * doubt[c])
                    trusted[source[c]] += knew
                    told[source[c]] += 1.0
            theta = trusted / told
        done = turn + 1
        if np.abs(gamma - previous).max() < tolerance:
            break
    for c in range(len(source)):
        informed[c] = informed[c] / counted[c] if counted[c] > 0 else np.nan
    return gamma, alpha, evidence, theta, informed, done


@njit(cache=True, nogil=True)
def fill(days, day, start, activity, evidence, alpha, quiet, moving, initial, first, gamma, filtered):  # type: ignore[no-untyped-def]
    """
    Fill `gamma` (smoothed) and `filtered`, shapes (days, places, statuses), for the days from `first`, knots and gaps alike.
    """
    n = len(initial)
    window = gamma.shape[0]
    beta, following, here = np.empty(n), np.empty(n), np.empty(n)
    for p in range(len(start) - 1):
        a, b = start[p], start[p + 1]
        beta[:] = 1.0
        k = b - 1
        for d in range(days - 1, first - 1, -1):
            # beta is what the days after d say of d; k the last knot not after d
            if d < days - 1:
                later = 0
                for j in range(n):
                    following[j] = beta[j]
                if k + 1 < b and day[k + 1] == d + 1:
                    later = activity[k + 1]
                    top = evidence[k + 1].max()
                    for j in range(n):
                        following[j] *= np.exp(evidence[k + 1, j] - top)
                total = 0.0
                for s in range(n):
                    beta[s] = 0.0
                    for t in range(n):
                        beta[s] += moving[later, s, t] * following[t]
                    total += beta[s]
                beta /= total
            while k >= a and day[k] > d:
                k -= 1
            if k >= a and day[k] == d:
                here[:] = alpha[k]
            elif k >= a:
                step(alpha[k], d - day[k], 0, quiet, moving, here)
            else:
                step(initial, d + 1, 0, quiet, moving, here)
            if k >= a and day[k] == d:
                k -= 1
            if d - first < window:
                total = 0.0
                for s in range(n):
                    filtered[d - first, p, s] = here[s]
                    gamma[d - first, p, s] = here[s] * beta[s]
                    total += gamma[d - first, p, s]
                gamma[d - first, p] /= total


@njit(cache=True, nogil=True)
def viterbi(days, first, last, day, start, activity, evidence, moving, initial, path):  # type: ignore[no-untyped-def]
    """
    Fill `path` (days, places) with the most likely history of each place (Viterbi 1967), ties to the earlier status.

    The history is that of the days `first..last`, between the first claim and the last; before and after it stands still.
    """
    n = len(initial)
    back = np.empty((days, n), dtype=np.int8)
    score, best = np.empty(n), np.empty(n)
    for p in range(len(start) - 1):
        k = start[p]
        while k < start[p + 1] and day[k] < first:  # the eve of the first claim
            k += 1
        score[:] = np.log(initial + _TINY)
        for d in range(first, last + 1):
            active = 0
            said = k < start[p + 1] and day[k] == d
            if said:
                active = activity[k]
            for t in range(n):
                top, origin = -np.inf, 0
                for s in range(n):
                    value = score[s] + np.log(moving[active, s, t] + _TINY)
                    if value > top + 1e-12:
                        top, origin = value, s
                best[t] = top + (evidence[k, t] if said else 0.0)
                back[d, t] = origin
            score[:] = best
            if said:
                k += 1
        state = 0
        for s in range(n):
            if score[s] > score[state] + 1e-12:
                state = s
        path[last:, p] = state
        for d in range(last, first - 1, -1):
            path[d, p] = state
            state = back[d, state]
        path[:first, p] = path[first, p]


@njit(cache=True, nogil=True)
def draw(filtered, last, activity, moving, names, numbers, keys, seed, out):  # type: ignore[no-untyped-def]
    """
    Fill `out` (runs, days, places) with the histories of these `numbers` (runs,), drawn backwards from the filtered belief (days, places,
    statuses).

    `last` (places, statuses) is the smoothed belief of the last day, `activity` (days, places) that of each day. The number drawn for
    a run, day and place depends on the seed, the run's number, the day's number (`keys[0]` the first), the place's name (a number in `names`)
    and the purpose `keys[1]` alone.
    """
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
                    weight[s] = last[p, s] if d == days - 1 else filtered[d, p, s] * moving[activity[d + 1, p], s, state]
                    total += weight[s]
                chosen = uniform(np.uint32(numbers[run]), np.uint32(keys[0] + d), np.uint32(names[p]), np.uint32(keys[1]), k0, k1) * total
                state = n - 1
                for s in range(n):
                    chosen -= weight[s]
                    if chosen < 0.0:
                        state = s
                        break
                out[run, d, p] = state
