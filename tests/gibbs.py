"""
A blocked Gibbs sampler of the belief model, the reference for its mean-field inference (Carter and Kohn, On Gibbs sampling, 1994).

The joint that it draws from, the reliabilities given: every place a chain; every statement of a claim about a place, and every figure
of a share, a mixture of informed and not, raised to its weight. Whether a claim was informed is summed out; the day of a statement
that speaks of several is drawn (each is as likely before); the day of a share with a window is not, since the model spreads its weight.
A block is the whole history of one place, given the other places, by forward filtering and backward sampling.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from twins import share_likelihood

from qsim.belief.estimate import Reliability
from qsim.belief.statements import Said, ShareOf, Statement
from qsim.record.ledger import Ledger
from qsim.record.settings import Model

Floats = NDArray[np.float64]


def trust(said: Said, ledger: Ledger, model: Model, sources: Mapping[str, Reliability]) -> Floats:
    """Return the probability that each claim is informed, before what it says: its source's reliability, less where unconfirmed."""
    doubt = {True: model.doubt_unconfirmed, False: 1.0}
    return np.array([sources[claim.source].mean * doubt[claim.confidence == "unconfirmed"] for claim in said.claims])


def likelihood(statement: Statement, trusted: float, model: Model) -> Floats:
    """Return how likely a statement is, shape (statuses the day before, statuses on its day)."""
    informed = np.tile(statement.told, (len(statement.told), 1))
    if statement.before >= 0 and statement.first > 0:
        informed[statement.before] *= 1 - model.not_before
    return np.asarray((trusted * informed + (1 - trusted) * statement.bluff) ** statement.weight)


def share_table(share: ShareOf, trusted: float) -> Floats:
    """Return the log-likelihood of a figure by twice the number of parts held (contested a half each), shape (2 parts + 1,)."""
    parts = len(share.places)
    likely = [share_likelihood(share.value, share.bound, share.sd, f / 2 / parts, 0.0, parts) for f in range(2 * parts + 1)]
    return np.asarray(share.weight * np.log(trusted * np.array(likely) + (1 - trusted) * share.bluff))


def halves(share: ShareOf, statuses: int) -> NDArray[np.int64]:
    """Return what each status of a part counts for the side of a share, in halves, shape (statuses,)."""
    worth = np.zeros(statuses, dtype=np.int64)
    worth[share.side], worth[-1] = 2, 1
    return worth


def gibbs(said: Said, sides: int, model: Model, trusted: Floats, *, chains: int, sweeps: int, burn: int, seed: int) -> Floats:
    """
    Return the marginal belief (days, places, statuses) of the places that the claims speak of, in order, by sampling.

    `chains` samplers run side by side from random starts; of `sweeps` through all places the first `burn` are thrown away.
    """
    random, n, places = np.random.default_rng(seed), sides + 1, said.speaks_of()
    states = random.integers(0, n, (chains, said.days, said.activity.shape[1]))
    matrices = [likelihood(s, trusted[s.claim], model) for s in said.statements]
    tables = [share_table(s, trusted[s.claim]) for s in said.shares]
    counts = np.zeros((said.days, len(places), n))
    for sweep in range(sweeps):
        for p in places:
            moves = np.tile(model.transitions(sides)[said.activity[:, p]], (chains, 1, 1, 1))
            for s, matrix in zip(said.statements, matrices, strict=True):
                if s.place == p:
                    moves[np.arange(chains), _days(s, matrix, states[:, :, p], random)] *= matrix
            for share, table in zip(said.shares, tables, strict=True):
                if p in share.places:
                    worth = halves(share, n)
                    others = worth[states[:, share.day, [q for q in share.places if q != p]]].sum(axis=1)
                    moves[:, share.day] *= np.exp(table[others[:, None] + worth])[:, None, :]
            states[:, :, p] = _history(moves, model.initial(sides), random)
        if sweep >= burn:
            counts += (states[:, :, places, None] == np.arange(n)).sum(axis=0)
    return np.asarray(counts / counts.sum(axis=-1, keepdims=True))


def exact(said: Said, sides: int, model: Model, trusted: Floats) -> Floats:
    """Return the same marginals by forward-backward over all joint states: for a few places and single days alone."""
    n, places = sides + 1, said.speaks_of().tolist()
    joint = np.stack(np.unravel_index(np.arange(n ** len(places)), [n] * len(places)), axis=1)
    moves = np.ones((said.days, len(joint), len(joint)))
    for i, p in enumerate(places):
        own = model.transitions(sides)[said.activity[:, p]]
        for s in said.statements:
            assert s.first == s.last
            if s.place == p:
                own[s.first] *= likelihood(s, trusted[s.claim], model)
        moves *= own[:, joint[:, i][:, None], joint[:, i]]
    for share in said.shares:
        held = halves(share, n)[joint[:, [places.index(p) for p in share.places]]].sum(axis=1)
        moves[share.day] *= np.exp(share_table(share, trusted[share.claim]))[held]
    forward, backward = [np.prod(model.initial(sides)[joint], axis=1)], [np.ones(len(joint))]
    for d in range(said.days):
        forward.append(forward[-1] @ moves[d] / (forward[-1] @ moves[d]).sum())
        backward.append(moves[-1 - d] @ backward[-1] / (moves[-1 - d] @ backward[-1]).sum())
    belief = np.array(forward[1:]) * np.array(backward[-2::-1])
    belief /= belief.sum(axis=1, keepdims=True)
    return np.stack([belief @ (joint[:, i][:, None] == np.arange(n)) for i in range(len(places))], axis=1)


def _days(statement: Statement, matrix: Floats, states: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.int64]:
    """Return the day that a statement speaks of, drawn given the states (chains, days) of its place, shape (chains,)."""
    if statement.first == statement.last:
        return np.full(len(states), statement.first)
    days = np.arange(statement.first, statement.last + 1)
    weights = matrix[states[:, np.maximum(days - 1, 0)], states[:, days]].cumsum(axis=1)
    return np.asarray(days[(random.random(len(states)) * weights[:, -1] >= weights.T).sum(axis=0)])


def _history(moves: Floats, initial: Floats, random: np.random.Generator) -> NDArray[np.int64]:
    """Return histories (chains, days) drawn backwards after filtering forwards over `moves` (chains, days, statuses, statuses)."""
    chains, days, n, _ = moves.shape
    alpha, belief = np.empty((chains, days, n)), np.tile(initial, (chains, 1))
    for d in range(days):
        belief = np.einsum("cs,cst->ct", belief, moves[:, d])
        alpha[:, d] = belief = belief / belief.sum(axis=1, keepdims=True)
    states, everyone = np.empty((chains, days), dtype=np.int64), np.arange(chains)
    for d in reversed(range(days)):
        weights = alpha[:, d] if d == days - 1 else alpha[:, d] * moves[everyone, d + 1, :, states[:, d + 1]]
        total = weights.cumsum(axis=1)
        states[:, d] = (random.random(chains) * total[:, -1] >= total.T).sum(axis=0)
    return states
