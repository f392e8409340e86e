"""Plain NumPy twins of the kernels, written from their definitions: slow, short, and what the tests hold the kernels to."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, pi, sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Chains:
    """
    Chains of several places: the kind of every day `codes` (days, places), what each kind moves by `table` (kinds, statuses, statuses),
    the belief before the first day `initial` (places, statuses), and knots, of each place one at least, with their evidence.
    """

    codes: NDArray[np.int16]
    table: Floats
    initial: Floats
    day: Ints
    start: Ints
    evidence: Floats

    @property
    def days(self) -> int:
        """The number of days."""
        return len(self.codes)

    @property
    def turns(self) -> tuple[Ints, Ints, NDArray[np.int16]]:
        """The days from which days are of another kind, place after place, where those of each place start, and the kinds."""
        turned = np.ones(self.codes.shape, dtype=bool)
        turned[1:] = self.codes[1:] != self.codes[:-1]
        place, day = np.nonzero(turned.T)
        return day, np.concatenate([[0], np.cumsum(turned.sum(axis=0))]), self.codes[day, place]

    def knots(self, place: int) -> range:
        """The positions of a place's knots."""
        return range(self.start[place], self.start[place + 1])

    def every_day(self, place: int) -> Floats:
        """Return a place's log-likelihood (days, statuses) on every day, gaps included."""
        evidence = np.zeros((self.days, self.initial.shape[1]))
        evidence[self.day[self.knots(place)]] = self.evidence[self.knots(place)]
        return evidence


def random_chains(seed: int, *, places: int = 4, days: int = 25, sides: int = 2, every: float = 0.4) -> Chains:
    """Return chains with something said on about `every` day in one, strong and weak alike, of kinds that last some days."""
    random, n = np.random.default_rng(seed), sides + 1
    codes = np.repeat(random.integers(0, 4, (days // 3 + 1, places)), 3, axis=0)[:days].astype(np.int16)
    said = random.random((days, places)) < every
    said[random.integers(0, days, places), np.arange(places)] = True
    day = np.nonzero(said.T)[1]
    start = np.concatenate([[0], np.cumsum(said.sum(axis=0))]).astype(np.int64)
    table, initial = random.dirichlet(np.ones(n), (4, n)) + 4 * np.eye(n), random.dirichlet(np.ones(n), places)
    return Chains(codes, table / table.sum(axis=-1, keepdims=True), initial, day, start, random.normal(0, 2, (len(day), n)))


def dense(chains: Chains, place: int) -> tuple[Floats, Floats]:
    """Return a place's (filtered, smoothed) belief on every day, by forward-backward over all days."""
    evidence, moves = chains.every_day(place), chains.table[chains.codes[:, place]]
    alpha, belief = np.empty_like(evidence), chains.initial[place]
    for d in range(chains.days):
        belief = belief @ moves[d] * np.exp(evidence[d])
        alpha[d] = belief = belief / belief.sum()
    gamma, beta = np.empty_like(alpha), np.ones(chains.initial.shape[1])
    for d in reversed(range(chains.days)):
        gamma[d] = alpha[d] * beta / (alpha[d] * beta).sum()
        beta = moves[d] @ (beta * np.exp(evidence[d]))
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
    """What `weigh` reads, in its order, but for the beliefs."""

    row: Ints
    start: Ints
    at: Ints
    eve: Ints
    weight: Floats
    length: Floats
    like: Floats
    kept: Floats


@dataclass(frozen=True)
class Wholes:
    """What `weigh_wholes` reads, in its order."""

    start: Ints
    members: Ints
    told: Floats
    weight: Floats
    trust: Floats
    gain: Floats


@dataclass(frozen=True)
class Shares:
    """What `weigh_shares` reads, in its order."""

    start: Ints
    members: Ints
    value: Floats
    bound: Ints
    sd: Floats
    side: Ints
    bluff: Floats
    weight: Floats
    trust: Floats


def weigh(statements: Statements, gamma: Floats) -> tuple[Floats, Floats]:
    """Return what each mention adds to the log-likelihood of its knot and of its eve, shapes (mentions, statuses)."""
    said, before = np.zeros((2, len(statements.at), gamma.shape[1]))
    for i, row in enumerate(statements.row):
        own = np.arange(statements.start[i], statements.start[i + 1])
        dated = statements.eve[own] >= 0
        earlier = np.where(dated, gamma[statements.eve[own]] @ statements.kept[row], 1.0)
        fits = gamma[statements.at[own]] @ statements.like[row] * earlier * statements.length[own]
        share = statements.weight[i] * fits[:, None] / fits.sum()
        said[own] = share * np.log(statements.like[row])
        before[own] = share * np.log(statements.kept[row]) * dated[:, None]
    return said, before


def cavity(gamma: Floats, messages: Floats) -> Floats:
    """Return beliefs without what messages say there, shape (n, statuses)."""
    rest = gamma * np.exp(-messages)
    return np.asarray(rest / rest.sum(axis=1, keepdims=True))


def weigh_wholes(wholes: Wholes, gamma: Floats, messages: Floats, keep: float) -> tuple[Floats, Floats]:
    """Return the new messages of claims about whole groups to their parts, and how likely each is informed."""
    new, informed = np.zeros_like(messages), np.zeros(len(wholes.weight))
    for i, told in enumerate(wholes.told):
        own = np.arange(wholes.start[i], wholes.start[i + 1])
        fits = cavity(gamma[wholes.members[own]], messages[own]) @ told
        odds = wholes.trust[i] / (1 - wholes.trust[i]) * wholes.gain[i]
        for m, fit in zip(own, fits, strict=True):
            z = odds * (fits.prod() / fit) ** (len(own) ** -0.5)
            new[m] = wholes.weight[i] * np.log1p(z / (1 + z) * (told - 1))
        whole = odds * fits.prod() ** (len(own) ** -0.5)
        informed[i] = whole / (1 + whole)
    return (1 - keep) * new + keep * messages, informed


def weigh_shares(shares: Shares, gamma: Floats, messages: Floats, keep: float) -> tuple[Floats, Floats]:
    """Return the new messages of reported shares to their parts, and how likely each is informed."""
    new, informed = np.zeros_like(messages), np.zeros(len(shares.weight))
    for i, side in enumerate(shares.side):
        t, bluff = shares.trust[i], shares.bluff[i]
        worth = np.zeros(gamma.shape[1])
        worth[side], worth[-1] = 1, 0.5
        own = np.arange(shares.start[i], shares.start[i + 1])
        rest = cavity(gamma[shares.members[own]], messages[own])
        mean, spread = rest @ worth, rest @ worth**2 - (rest @ worth) ** 2
        parts = len(mean)

        def fit(f: float, variance: float, i: int = i, parts: int = parts, t: float = t, bluff: float = bluff) -> tuple[float, float]:
            like = t * share_likelihood(shares.value[i], int(shares.bound[i]), shares.sd[i], f, variance, parts)
            return like, like + (1 - t) * bluff

        for m in range(parts):
            others, variance = np.delete(mean, m).sum(), np.delete(spread, m).sum() / parts**2
            new[own[m]] = [shares.weight[i] * np.log(fit((others + w) / parts, variance)[1]) for w in worth]
        like, total = fit(mean.sum() / parts, spread.sum() / parts**2)
        informed[i] = like / total
    return (1 - keep) * new + keep * messages, informed


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
    filtered: Floats, last: Floats, codes: NDArray[np.int16], table: Floats, counters: Sequence[tuple[int, ...]], seed: int
) -> list[int]:
    """Return one history of one place, drawn backwards; `counters` is a day's counter each."""
    states = [0] * len(filtered)
    for d in reversed(range(len(filtered))):
        weight = last if d == len(filtered) - 1 else filtered[d] * table[codes[d + 1], :, states[d + 1]]
        number = philox4x32(counters[d], (seed % 2**32, seed >> 32))[0] / 2**32
        states[d] = int(np.searchsorted(np.cumsum(weight), number * weight.sum(), side="right"))
    return states
