"""
The `hmm` policy: one hidden Markov chain a place, tied by claims about groups and shares, reliabilities of sources learned by EM.

Each place's status is a chain whose daily chance to change follows what was reported to go on there. A claim is either informed, with
the reliability of its source, or a bluff; an informed claim says what is so, with errors that depend on its kind and on how much of a
group it speaks of. Claims about shares tie the squares of a city. Inference is mean field over exact forward-backward chains
(Ghahramani and Jordan, Factorial hidden Markov models, 1997), damped; reliabilities are the posterior means of Beta priors.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qsim.belief.estimate import Chains, Estimate, Reliability
from qsim.belief.statements import Said, listen
from qsim.record.dates import Days
from qsim.record.ledger import Ledger
from qsim.record.settings import Model
from qsim.record.theatre import Theatre

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
_TIE = 1e-4  # beliefs nearer than this are told apart by rounding alone


@dataclass(frozen=True, eq=False, slots=True)
class Knots:
    """The days of each place that matter (`day`, place after place from `start`), their activity, and the places in order."""

    places: Ints
    day: Ints
    start: Ints
    activity: NDArray[np.int8]
    at: Ints  # (days, places): the position of a place's knot on a day, -1 for none


def hmm(theatre: Theatre, ledger: Ledger, days: Days, *, model: Model | None = None) -> Estimate:
    """
    Return belief, most likely history, chains, reliabilities and which claims were informed, for the days asked for.

    The chains run over the whole ledger, so that what is believed of a day does not depend on the window it is asked in. A place
    that no claim speaks of stays flat. Deterministic, and independent of the order of claims. `model` is the scenario's where none is
    given: `Model()` but for its `[model]` table.
    """
    model = model or Model.from_settings(theatre.model)
    said = listen(theatre, ledger, model, start=days[0], end=days[-1])
    statuses = len(theatre.statuses)
    belief = np.full((len(days), len(theatre.places), statuses), 1 / statuses)
    history = np.full(belief.shape[:2], -1, dtype=np.int8)
    knots = _knots(said)
    moving, initial = model.transitions(statuses - 1), model.initial(statuses - 1)
    if len(knots.places) == 0:
        return Estimate(belief, history, _no_chains(days, moving), options={"model": model})
    from qsim.belief.kernels import chain

    first = int((days[0] - said.start).astype(int))
    quiet = _powers(moving[0], said.days + 1)
    sources = sorted({claim.source for claim in said.claims})
    _, alpha, evidence, theta, informed, _ = chain.infer(
        (knots.day, knots.start, knots.activity, quiet, moving, initial),
        _pack_statements(said, knots, statuses),
        _pack_shares(said, knots),
        _voices(ledger, model, said, sources),
        model.not_before,
        model.learn,
        model.rounds,
        model.tolerance,
    )
    smoothed, filtered = (np.empty((len(days), len(knots.places), statuses)) for _ in range(2))
    chain.fill(said.days, knots.day, knots.start, knots.activity, evidence, alpha, quiet, moving, initial, first, smoothed, filtered)
    path = np.empty((said.days, len(knots.places)), dtype=np.int8)
    chain.viterbi(said.days, said.first, said.last, knots.day, knots.start, knots.activity, evidence, moving, initial, path)
    belief[:, knots.places] = smoothed
    history[:, knots.places] = _settled(path[first : first + len(days)], smoothed)
    activity = said.activity[first : first + len(days), knots.places]
    return Estimate(
        belief,
        history,
        Chains(knots.places, filtered, smoothed[-1], activity, moving, int(days[0].astype(int))),
        _reliabilities(ledger, model, said, sources, informed, theta),
        {claim.id: float(p) for claim, p in zip(said.claims, informed, strict=True) if not np.isnan(p)},
        {"model": model},
    )


def _no_chains(days: Days, moving: Floats) -> Chains:
    """Return the chains of a ledger that speaks of no place: histories can be drawn, and say nothing."""
    none, statuses = np.empty(0, dtype=np.int64), moving.shape[1]
    nothing = np.empty((len(days), 0, statuses))
    return Chains(none, nothing, nothing[-1], np.empty((len(days), 0), dtype=np.int8), moving, int(days[0].astype(int)))


def _settled(path: NDArray[np.int8], belief: Floats) -> NDArray[np.int8]:
    """Return the histories with -1 where belief is tied between the status they have and another: nothing tells them apart."""
    mine = np.take_along_axis(belief, path[..., None].astype(np.int64), axis=-1)
    tied = (np.abs(belief - mine) < _TIE).sum(axis=-1) > 1
    return np.where(tied, np.int8(-1), path)


def _knots(said: Said) -> Knots:
    """Return the days of each place on which something is said of it, or is going on."""
    places = said.speaks_of()
    found: dict[int, set[int]] = {int(p): set(np.flatnonzero(said.activity[:, p]).tolist()) for p in places}
    for s in said.statements:
        found[s.place] |= set(range(s.first - (s.before >= 0), s.last + 1))
    for share in said.shares:
        for p in share.places:
            found[p].add(share.day)
    days = [np.array(sorted(found[int(p)]), dtype=np.int64) for p in places]
    start = np.concatenate([[0], np.cumsum([len(d) for d in days])]).astype(np.int64)
    day = np.concatenate(days) if days else np.empty(0, dtype=np.int64)
    activity = np.concatenate([said.activity[d, p] for d, p in zip(days, places, strict=True)]) if days else np.empty(0, dtype=np.int8)
    at = np.full(said.activity.shape, -1, dtype=np.int64)
    at[day, np.repeat(places, np.diff(start))] = np.arange(len(day))
    return Knots(places, day, start, activity, at)


def _powers(matrix: Floats, most: int) -> Floats:
    """Return the powers 0..most of a matrix, shape (most + 1, n, n)."""
    powers = np.empty((most + 1, *matrix.shape))
    powers[0] = np.eye(len(matrix))
    for g in range(most):
        powers[g + 1] = powers[g] @ matrix
    return powers


def _voices(ledger: Ledger, model: Model, said: Said, sources: list[str]) -> tuple[Ints, Floats, Floats, Floats]:
    """Return the source of each claim, its doubt, and each source's prior mean and strength."""
    place = {id: i for i, id in enumerate(sources)}
    priors = np.array([model.reliability[ledger.sources[id].kind] for id in sources])
    doubt = [model.doubt_unconfirmed if claim.confidence == "unconfirmed" else 1.0 for claim in said.claims]
    return np.array([place[c.source] for c in said.claims], dtype=np.int64), np.array(doubt), priors[:, 0].copy(), priors[:, 1].copy()


def _pack_statements(said: Said, knots: Knots, statuses: int) -> tuple[NDArray[np.generic], ...]:
    """Return the statements as the arrays that the kernel reads."""
    first = knots.at[[s.first for s in said.statements], [s.place for s in said.statements]]
    return (
        np.array([s.claim for s in said.statements], dtype=np.int64),
        first,
        np.array([s.last - s.first + 1 for s in said.statements], dtype=np.int64),
        np.array([s.told for s in said.statements]).reshape(-1, statuses),
        np.array([s.bluff for s in said.statements]),
        np.array([s.weight for s in said.statements]),
        np.array([s.before for s in said.statements], dtype=np.int64),
    )


def _pack_shares(said: Said, knots: Knots) -> tuple[NDArray[np.generic], ...]:
    """Return the shares as the arrays that the kernel reads."""
    at = np.concatenate([[0], np.cumsum([len(s.places) for s in said.shares])]).astype(np.int64)
    return (
        np.array([s.claim for s in said.shares], dtype=np.int64),
        at,
        np.array([knots.at[s.day, p] for s in said.shares for p in s.places], dtype=np.int64),
        np.array([s.value for s in said.shares]),
        np.array([s.bound for s in said.shares], dtype=np.int64),
        np.array([s.sd for s in said.shares]),
        np.array([s.side for s in said.shares], dtype=np.int64),
        np.array([s.bluff for s in said.shares]),
        np.array([s.weight for s in said.shares]),
    )


def _reliabilities(ledger: Ledger, model: Model, said: Said, sources: list[str], informed: Floats, theta: Floats) -> dict[str, Reliability]:
    """Return what was learned of each source: the mean of its Beta posterior, the strength behind it, and its claims."""
    found = {}
    for i, id in enumerate(sources):
        mine = [n for n, claim in enumerate(said.claims) if claim.source == id]
        heard = np.array([informed[n] for n in mine if not np.isnan(informed[n])])
        known = float(((heard / theta[i] - (1 - heard) / (1 - theta[i])) ** 2).sum()) if model.learn else 0.0
        mean, strength = model.reliability[ledger.sources[id].kind]
        against = sum(ledger.against_interest(said.claims[n]) for n in mine)
        partisan = ledger.sources[id].side is not None
        found[id] = Reliability(
            float(theta[i]), mean, strength, len(heard), float(heard.sum()), known, len(mine) - against if partisan else 0, against
        )
    return found
