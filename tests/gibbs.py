"""
A blocked Gibbs sampler of the belief model, the reference for its mean-field inference (Carter and Kohn, On Gibbs sampling, 1994).

What it draws from, the reliabilities given: every place a chain; every statement about a place, every claim about a whole group and
every figure of a share a mixture of informed and not, raised to its weight. Whether a claim was informed is summed out; which mention a
statement speaks of is drawn. A block is the whole history of one place, given the other places, by forward filtering and backward
sampling. A claim about a whole group has no joint likelihood in the model, only what it says to one part given the others: the sampler
draws from those conditionals.
"""

import numpy as np
from numpy.typing import NDArray
from twins import share_likelihood

from qsim.belief.estimate import Reliability
from qsim.belief.statements import Observations
from qsim.record.settings import Model

Floats = NDArray[np.float64]


def trust(said: Observations, sources: dict[str, Reliability]) -> Floats:
    """Return the probability that each claim is informed, before what it says: its source's reliability, less where unconfirmed."""
    return np.array([sources[claim.source].trust for claim in said.claims]) * said.trust


def likelihood(said: Observations, i: int, trusted: Floats, model: Model) -> tuple[Floats, Floats]:
    """Return how likely statement i is by the status of its day and by that of its eve, shapes (statuses,), raised to its weight."""
    claim, form = said.statements.claim[i], said.statements.form[i]
    told, t = said.forms.told[form], trusted[claim]
    day = t * said.gain[claim] * told / told.mean() + 1 - t
    eve = np.where(said.forms.meant[form], 1 - model.not_before * t, 1.0)
    return day ** said.statements.weight[i], eve ** said.statements.weight[i]


def share_table(said: Observations, i: int, trusted: Floats) -> Floats:
    """Return the log-likelihood of a figure by twice the number of parts held (contested a half each), shape (2 parts + 1,)."""
    shares, t = said.shares, trusted[said.shares.claim[i]]
    parts = shares.start[i + 1] - shares.start[i]
    likely = [share_likelihood(shares.value[i], shares.bound[i], shares.sd[i], f / 2 / parts, 0.0, parts) for f in range(2 * parts + 1)]
    return np.asarray(shares.weight[i] * np.log(t * np.array(likely) + (1 - t) * shares.bluff[i]))


def halves(said: Observations, i: int) -> NDArray[np.int64]:
    """Return what each status of a part counts for the side of a share, in halves, shape (statuses,)."""
    worth = np.zeros(said.forms.told.shape[1] or 3, dtype=np.int64)
    worth[said.shares.side[i]], worth[-1] = 2, 1
    return worth


def whole_message(said: Observations, i: int, trusted: Floats, others: NDArray[np.int64]) -> Floats:
    """Return what a claim about a whole group says to one part, given the states (chains, other parts): likelihoods (chains, statuses)."""
    wholes, t = said.wholes, trusted[said.wholes.claim[i]]
    odds = t / (1 - t) * said.gain[wholes.claim[i]] * wholes.told[i][others].prod(axis=1) ** ((others.shape[1] + 1) ** -0.5)
    z = (odds / (1 + odds))[:, None]
    return np.asarray((1 + z * (wholes.told[i] - 1)) ** wholes.weight[i])


def gibbs(said: Observations, model: Model, trusted: Floats, *, chains: int, sweeps: int, burn: int, seed: int) -> Floats:
    """
    Return the marginal belief (days, places, statuses) of the places that the claims speak of, in order, by sampling.

    `chains` samplers run side by side from random starts; of `sweeps` through all places the first `burn` are thrown away.
    """
    random, n, places = np.random.default_rng(seed), said.moves.matrices.shape[1], said.speaks_of()
    states = random.integers(0, n, (chains, said.days, said.moves.codes.shape[1]))
    st, everyone = said.statements, np.arange(chains)
    likely = [likelihood(said, i, trusted, model) for i in range(len(st.claim))]
    tables = [share_table(said, i, trusted) for i in range(len(said.shares.claim))]
    counts = np.zeros((said.days, len(places), n))
    for sweep in range(sweeps):
        for p in places:
            weights = np.ones((chains, said.days, n))
            for i in np.flatnonzero(st.place == p).tolist():
                mention = _mention(said, i, likely[i], states[:, :, p], random)
                weights[everyone, st.day[mention]] *= likely[i][0]
                dated = st.eve[mention] >= 0
                weights[everyone[dated], st.eve[mention[dated]]] *= likely[i][1]
            for i, day, others in _ties(said.shares, p):
                worth = halves(said, i)
                held = worth[states[:, day, others]].sum(axis=1)
                weights[:, day] *= np.exp(tables[i][held[:, None] + worth])
            for i, day, others in _ties(said.wholes, p):
                weights[:, day] *= whole_message(said, i, trusted, states[:, day, others])
            states[:, :, p] = _history(said.moves.matrices[said.moves.codes[:, p]], weights, said.moves.initial[p], random)
        if sweep >= burn:
            counts += (states[:, :, places, None] == np.arange(n)).sum(axis=0)
    return np.asarray(counts / counts.sum(axis=-1, keepdims=True))


def exact(said: Observations, model: Model, trusted: Floats) -> Floats:
    """Return the same marginals by forward-backward over all joint states: for a few places, no windows and no whole groups."""
    n, places = said.moves.matrices.shape[1], said.speaks_of().tolist()
    assert len(said.wholes.claim) == 0
    joint = np.stack(np.unravel_index(np.arange(n ** len(places)), [n] * len(places)), axis=1)
    moves, weights = np.ones((said.days, len(joint), len(joint))), np.ones((said.days, len(joint)))
    for i, p in enumerate(places):
        moves *= said.moves.matrices[said.moves.codes[:, p]][:, joint[:, i][:, None], joint[:, i]]
    for i, p in enumerate(said.statements.place):
        (day,) = said.statements.day[said.statements.start[i] : said.statements.start[i + 1]]
        now, before = likelihood(said, i, trusted, model)
        weights[day] *= now[joint[:, places.index(p)]]
        eve = said.statements.eve[said.statements.start[i]]
        if eve >= 0:
            weights[eve] *= before[joint[:, places.index(p)]]
    for i, day in enumerate(said.shares.day):
        members = said.shares.members[said.shares.start[i] : said.shares.start[i + 1]]
        held = halves(said, i)[joint[:, [places.index(p) for p in members]]].sum(axis=1)
        weights[day] *= np.exp(share_table(said, i, trusted))[held]
    forward, backward = [np.prod(said.moves.initial[places, joint], axis=1)], [np.ones(len(joint))]
    for d in range(said.days):
        ahead = forward[-1] @ moves[d] * weights[d]
        back = moves[-1 - d] @ (weights[-1 - d] * backward[-1])
        forward.append(ahead / ahead.sum())
        backward.append(back / back.sum())
    belief = np.array(forward[1:]) * np.array(backward[-2::-1])
    belief /= belief.sum(axis=1, keepdims=True)
    return np.stack([belief @ (joint[:, i][:, None] == np.arange(n)) for i in range(len(places))], axis=1)


def _ties(of, place: int):  # type: ignore[no-untyped-def]
    """Yield the rows, days and other members of what is said of several places, `place` among them."""
    for i, day in enumerate(of.day):
        members = of.members[of.start[i] : of.start[i + 1]]
        if place in members:
            yield i, day, members[members != place]


def _mention(
    said: Observations, i: int, likely: tuple[Floats, Floats], states: NDArray[np.int64], random: np.random.Generator
) -> NDArray[np.int64]:
    """Return which mention statement i speaks of, drawn given the states (chains, days) of its place, shape (chains,)."""
    st = said.statements
    mentions = np.arange(st.start[i], st.start[i + 1])
    if len(mentions) == 1:
        return np.full(len(states), mentions[0])
    length = np.where(st.eve[mentions] >= 0, st.day[mentions] - st.eve[mentions], 1)
    before = np.where(st.eve[mentions] >= 0, likely[1][states[:, st.eve[mentions]]], 1.0)
    weights = (length * likely[0][states[:, st.day[mentions]]] * before).cumsum(axis=1)
    return np.asarray(mentions[(random.random(len(states))[:, None] * weights[:, -1:] >= weights).sum(axis=1)])


def _history(moves: Floats, weights: Floats, initial: Floats, random: np.random.Generator) -> NDArray[np.int64]:
    """Return histories (chains, days) drawn backwards after filtering forwards: `moves` (days, from, to), `weights` (chains, days, status)."""
    chains, days, n = weights.shape
    alpha, belief = np.empty((chains, days, n)), np.tile(initial, (chains, 1))
    for d in range(days):
        belief = belief @ moves[d] * weights[:, d]
        alpha[:, d] = belief = belief / belief.sum(axis=1, keepdims=True)
    states = np.empty((chains, days), dtype=np.int64)
    for d in reversed(range(days)):
        chances = alpha[:, d] if d == days - 1 else alpha[:, d] * moves[d + 1][:, states[:, d + 1]].T
        total = chances.cumsum(axis=1)
        states[:, d] = (random.random(chains) * total[:, -1] >= total.T).sum(axis=0)
    return states
