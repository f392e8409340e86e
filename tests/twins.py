"""Plain NumPy twins of the kernels, written from their definitions: slow, short, and what the tests hold the kernels to."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from qsim.record.settings import Model

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Chains:
    """Chains of several places over `days` days: knots, activity and evidence there, and the matrices of `sides` sides."""

    days: int
    day: Ints
    start: Ints
    activity: NDArray[np.int8]
    evidence: Floats
    moving: Floats
    initial: Floats

    @property
    def quiet(self) -> Floats:
        """The powers of the quiet day's matrix, shape (days + 2, statuses, statuses)."""
        return np.array([np.linalg.matrix_power(self.moving[0], g) for g in range(self.days + 2)])

    def knots(self, place: int) -> range:
        """The positions of a place's knots."""
        return range(self.start[place], self.start[place + 1])

    def every_day(self, place: int) -> tuple[NDArray[np.int8], Floats]:
        """Return a place's activity (days,) and log-likelihood (days, statuses) on every day, gaps included."""
        activity, evidence = np.zeros(self.days, dtype=np.int8), np.zeros((self.days, len(self.initial)))
        activity[self.day[self.knots(place)]] = self.activity[self.knots(place)]
        evidence[self.day[self.knots(place)]] = self.evidence[self.knots(place)]
        return activity, evidence


def random_chains(seed: int, *, places: int = 4, days: int = 25, sides: int = 2, every: float = 0.4) -> Chains:
    """Return chains with knots on about `every` day in one, strong and weak evidence alike."""
    random = np.random.default_rng(seed)
    knots = [np.flatnonzero(random.random(days) < every) for _ in range(places)]
    knots = [k if len(k) else np.array([days // 2]) for k in knots]
    start = np.concatenate([[0], np.cumsum([len(k) for k in knots])]).astype(np.int64)
    model = Model()
    return Chains(
        days,
        np.concatenate(knots).astype(np.int64),
        start,
        random.integers(0, 3, start[-1]).astype(np.int8),
        random.normal(0, 2, (start[-1], sides + 1)),
        model.transitions(sides),
        model.initial(sides),
    )


def smooth(chains: Chains) -> tuple[Floats, Floats]:
    """Return (filtered, smoothed) belief at the knots, the gaps bridged by matrix powers."""
    alpha, gamma = np.empty_like(chains.evidence), np.empty_like(chains.evidence)
    for place in range(len(chains.start) - 1):
        knots, crossing, before = chains.knots(place), {}, -1
        for k in knots:
            quiet = np.linalg.matrix_power(chains.moving[0], int(chains.day[k]) - before - 1)
            crossing[k], before = quiet @ chains.moving[chains.activity[k]], int(chains.day[k])
            carried = (chains.initial if k == knots[0] else alpha[k - 1]) @ crossing[k]
            alpha[k] = carried * np.exp(chains.evidence[k])
            alpha[k] /= alpha[k].sum()
        beta = np.ones(len(chains.initial))
        for k in reversed(knots):
            gamma[k] = alpha[k] * beta / (alpha[k] * beta).sum()
            beta = crossing[k] @ (beta * np.exp(chains.evidence[k]))
            beta /= beta.sum()
    return alpha, gamma


def dense(chains: Chains, place: int) -> tuple[Floats, Floats]:
    """Return a place's (filtered, smoothed) belief on every day, by forward-backward over all days."""
    activity, evidence = chains.every_day(place)
    alpha, belief = np.empty_like(evidence), chains.initial
    for d in range(chains.days):
        belief = belief @ chains.moving[activity[d]] * np.exp(evidence[d])
        alpha[d] = belief = belief / belief.sum()
    gamma, beta = np.empty_like(alpha), np.ones(len(chains.initial))
    for d in reversed(range(chains.days)):
        gamma[d] = alpha[d] * beta / (alpha[d] * beta).sum()
        beta = chains.moving[activity[d]] @ (beta * np.exp(evidence[d]))
        beta /= beta.sum()
    return alpha, gamma


def share_likelihood(value: float, bound: int, sd: float, f: float, variance: float, parts: int) -> float:
    """Return the density of a figure, or how well a bound fits."""
    if bound == 0:
        spread = sqrt(sd**2 + variance)
        return exp(-((f - value) ** 2) / (2 * spread**2)) / sqrt(2 * pi * spread**2) / parts
    if bound == 1:
        return 0.01 + 0.8 / (1 + exp((value - f) / sqrt(0.05**2 + variance)))
    return 0.01 + 0.8 * exp(-((f - value) ** 2) / (2 * ((0.05 if f > value else 0.2) ** 2 + variance)))


@dataclass(frozen=True)
class Statements:
    """What `weigh` reads, in its order."""

    claim: Ints
    first: Ints
    length: Ints
    told: Floats
    bluff: Floats
    weight: Floats
    before: Ints


@dataclass(frozen=True)
class Shares:
    """What `weigh_shares` reads, in its order."""

    claim: Ints
    at: Ints
    members: Ints
    value: Floats
    bound: Ints
    sd: Floats
    side: Ints
    bluff: Floats
    weight: Floats


def weigh(statements: Statements, trust: Floats, gamma: Floats, not_before: float) -> tuple[Floats, Floats, Floats]:
    """Return what statements add to the evidence at the knots, to the claims' probability to be informed, and to their count."""
    evidence, informed, counted = np.zeros_like(gamma), np.zeros(len(trust)), np.zeros(len(trust))
    for i, claim in enumerate(statements.claim):
        t, told, bluff, before = trust[claim], statements.told[i], statements.bluff[i], statements.before[i]
        knots = np.arange(statements.first[i], statements.first[i] + statements.length[i])
        unlike = 1 - not_before * gamma[knots - 1, before] if before >= 0 else np.ones(len(knots))
        fits = t * (gamma[knots] @ told) * unlike + (1 - t) * bluff
        share = fits / fits.sum()
        like = t * told + (1 - t) * bluff
        evidence[knots] += statements.weight[i] * share[:, None] * np.log(like)
        if before >= 0:
            evidence[knots - 1, before] += statements.weight[i] * share * np.log(1 - not_before * t)
        informed[claim] += share @ gamma[knots] @ (t * told / like)
        counted[claim] += 1
    return evidence, informed, counted


def weigh_shares(shares: Shares, trust: Floats, gamma: Floats, messages: Floats, damping: float) -> tuple[Floats, Floats, Floats]:
    """Return the new messages of reported shares to their parts, the claims' probability to be informed, and their count."""
    new, informed, counted = np.zeros_like(messages), np.zeros(len(trust)), np.zeros(len(trust))
    for i, claim in enumerate(shares.claim):
        t, side, bluff = trust[claim], shares.side[i], shares.bluff[i]
        worth = np.zeros(gamma.shape[1])
        worth[side], worth[-1] = 1, 0.5
        own = slice(shares.at[i], shares.at[i + 1])
        cavity = gamma[shares.members[own]] * np.exp(-messages[own])
        cavity /= cavity.sum(axis=1, keepdims=True)
        mean, spread = cavity @ worth, cavity @ worth**2 - (cavity @ worth) ** 2
        parts = len(mean)

        def fit(f: float, variance: float, i: int = i, parts: int = parts, t: float = t, bluff: float = bluff) -> tuple[float, float]:
            like = t * share_likelihood(shares.value[i], int(shares.bound[i]), shares.sd[i], f, variance, parts)
            return like, like + (1 - t) * bluff

        for m in range(parts):
            others, variance = np.delete(mean, m).sum(), np.delete(spread, m).sum() / parts**2
            new[own.start + m] = [shares.weight[i] * np.log(fit((others + w) / parts, variance)[1]) for w in worth]
        like, total = fit(mean.sum() / parts, spread.sum() / parts**2)
        informed[claim] += shares.weight[i] * like / total
        counted[claim] += shares.weight[i]
    return (1 - damping) * new + damping * messages, informed, counted


def philox4x32(counter: tuple[int, ...], key: tuple[int, ...], rounds: int = 10) -> tuple[int, ...]:
    """Return Philox4x32 in whole numbers of any size (Salmon et al. 2011)."""
    a, b, c, d = counter
    x, y = key
    for _ in range(rounds):
        left, right = 0xD2511F53 * a, 0xCD9E8D57 * c
        a, b, c, d = right >> 32 ^ b ^ x, right % 2**32, left >> 32 ^ d ^ y, left % 2**32
        x, y = (x + 0x9E3779B9) % 2**32, (y + 0xBB67AE85) % 2**32
    return a, b, c, d


def draw_one(
    filtered: Floats, last: Floats, activity: NDArray[np.int8], moving: Floats, counters: Sequence[tuple[int, ...]], seed: int
) -> list[int]:
    """Return one history of one place, drawn backwards; `counters` is a day's counter each."""
    states = [0] * len(filtered)
    for d in reversed(range(len(filtered))):
        weight = last if d == len(filtered) - 1 else filtered[d] * moving[activity[d + 1], :, states[d + 1]]
        number = philox4x32(counters[d], (seed % 2**32, seed >> 32))[0] / 2**32
        states[d] = int(np.searchsorted(np.cumsum(weight), number * weight.sum(), side="right"))
    return states
