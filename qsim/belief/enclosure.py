"""
Whether a place was closed in, from what was said of its ring alone: an independent witness beside the map.

Claims that a place is encircled, that all ways into it are cut, or that it still has a way out feed a two-state chain of their own;
they are never mixed with the ring that the map computes (`qsim.encirclement`).
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qsim.belief.estimate import Reliability
from qsim.belief.evidence import reading_of_ring
from qsim.belief.statements import distinct
from qsim.belief.timeline import Timeline, TimelineError
from qsim.record.ledger import Claim, Ledger
from qsim.record.settings import Model
from qsim.record.theatre import Theatre

_SAID_RIGHT = 0.9  # an informed source tells open from closed so often
_LONG_DAYS = 7


def ring_claims(theatre: Theatre, ledger: Ledger, place: str) -> list[tuple[Claim, bool]]:
    """Return every claim on the ring of a place, each once, and whether it says that the ring is closed; in the order of their ids."""
    id = theatre.id_of(place)
    told = [(claim, reading_of_ring(theatre, claim, id)) for claim in distinct(ledger)]
    return [(claim, closed) for claim, closed in told if closed is not None]


def enclosure(timeline: Timeline, place: str) -> NDArray[np.float64]:
    """
    Return the probability that `place` is closed in, from enclosure claims alone, shape (days,).

    A chain of two states, closed and open, with a small daily hazard; a claim is informed with the learned reliability of its
    source, less where a besieger says that the ring is closed. Before anything is said it is an even chance.

    Raises
    ------
    TheatreError
        When the place is unknown.
    TimelineError
        When the timeline has no ledger.
    """
    if timeline.ledger is None:
        raise TimelineError("this timeline has no ledger, so nobody speaks of a ring")
    if timeline.model.get("as_known"):
        known = [replace(timeline, ledger=timeline.ledger.known_by(moment), model={}) for moment in timeline.days]
        return np.array([enclosure(each, place)[d] for d, each in enumerate(known)])
    given = timeline.model.get("model")
    model = given if isinstance(given, Model) else Model.from_settings(timeline.theatre.model)
    told = ring_claims(timeline.theatre, timeline.ledger, place)
    first = min([np.datetime64(claim.window.start) for claim, _ in told] + [timeline.days[0]])
    last = max([np.datetime64(claim.window.last) for claim, _ in told] + [timeline.days[-1]])
    evidence = np.zeros((int((last - first).astype(int)) + 1, 2))
    for claim, closed in told:
        likely = _likelihood(timeline.ledger, model, timeline.sources, claim, closed)
        begin = int((np.datetime64(claim.window.start) - first).astype(int))
        days, weight = _days_of(claim, model)
        evidence[begin + days] += weight * np.log(likely)
    smoothed = _smooth(evidence, model.enclosure_hazard)
    begin = int((timeline.days[0] - first).astype(int))
    return smoothed[begin : begin + len(timeline), 0]


def _days_of(claim: Claim, model: Model) -> tuple[NDArray[np.int_], float]:
    """Return the days of its window on which a claim is evidence, and with what weight: spread, or again and again through a long one."""
    if claim.window.length > _LONG_DAYS:
        return np.unique([*range(0, claim.window.length, model.held_every_days), claim.window.length - 1]), 1.0
    return np.arange(claim.window.length), 1 / claim.window.length


def _likelihood(ledger: Ledger, model: Model, learned: Mapping[str, Reliability], claim: Claim, closed: bool) -> NDArray[np.float64]:
    """Return how likely the claim is to be made when the ring is (closed, open)."""
    source = ledger.sources[claim.source]
    trust = learned[source.id].mean if source.id in learned else model.reliability[source.kind][0]
    if claim.confidence == "unconfirmed":
        trust *= model.doubt_unconfirmed
    besieger = source.side is not None and (claim.side == source.side) == (claim.kind != "opens")
    if besieger and closed:
        trust *= model.enclosure_interest
    right, wrong = trust * _SAID_RIGHT + (1 - trust) / 2, trust * (1 - _SAID_RIGHT) + (1 - trust) / 2
    return np.array([right, wrong] if closed else [wrong, right])


def _smooth(evidence: NDArray[np.float64], hazard: float) -> NDArray[np.float64]:
    """Return the smoothed probabilities of a symmetric two-state chain, shape (days, 2)."""
    likelihood = np.exp(evidence - evidence.max(axis=1, keepdims=True))
    step = np.array([[1 - hazard, hazard], [hazard, 1 - hazard]])
    forward, backward = np.empty_like(likelihood), np.ones_like(likelihood)
    carried = np.array([0.5, 0.5])
    for d, like in enumerate(likelihood):
        forward[d] = carried * like / (carried * like).sum()
        carried = forward[d] @ step
    for d in range(len(likelihood) - 2, -1, -1):
        backward[d] = step @ (backward[d + 1] * likelihood[d + 1])
        backward[d] /= backward[d].sum()
    smoothed = forward * backward
    return np.asarray(smoothed / smoothed.sum(axis=1, keepdims=True))
