"""
Whether a place was closed in, from what was said of its ring alone: an independent witness beside the map.

Claims that a place is encircled, that all ways into it are cut, or that it still has a way out feed a two-state chain of their own.
The ring that the map computes (`qsim.encirclement`) is the other witness; `timeline.sample(..., given="ring")` hears both.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qsim.belief.estimate import Reliability
from qsim.belief.evidence import reading_of_ring
from qsim.belief.statements import distinct
from qsim.belief.timeline import Timeline, TimelineError
from qsim.record.dates import Days
from qsim.record.ledger import Claim, Ledger
from qsim.record.scope import bearing
from qsim.record.settings import Model
from qsim.record.theatre import Theatre

_SAID_RIGHT = 0.9  # an informed source tells open from closed so often
_LONG_DAYS = 7


def ring_claims(theatre: Theatre, ledger: Ledger, place: str) -> list[tuple[Claim, bool]]:
    """Return every claim on the ring of a place, each once, and whether it says that the ring is closed; in the order of their ids."""
    id, spoken = theatre.id_of(place), replace(ledger, claims=ledger.columns.only("encircles", "cuts", "opens"))
    told = [(claim, reading_of_ring(theatre, claim, id)) for claim in distinct(spoken)]
    return [(claim, closed) for claim, closed in told if closed is not None]


def other_rings(theatre: Theatre, ledger: Ledger, place: str) -> str:
    """Return a sentence on claims that a part of a place, or a group with ground in it, is encircled: they say nothing of its own ring. Blank for none."""
    id, spoken = theatre.id_of(place), ledger.columns.only("encircles")
    said = Counter(claim.place for claim in bearing(theatre, spoken, id) if reading_of_ring(theatre, claim, id) is None)
    told = ", ".join(f"{theatre.named(other)} ({count})" for other, count in sorted(said.items()))
    return (
        f"Not heard, for it is said of other rings, of parts or groups: {told}. A ring is asked of a place; name it in the claim where it is meant."
        if told
        else ""
    )


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
    first, evidence = _evidence(timeline, place)
    smoothed = _smooth(evidence, _model(timeline).enclosure_hazard)
    begin = int((timeline.days[0] - first).astype(int))
    return smoothed[begin : begin + len(timeline), 0]


def ring_evidence(timeline: Timeline, place: str) -> tuple[Days, NDArray[np.float64]]:
    """
    Return the days on which anything that was said of the ring bears, in the window or out of it, (days,), and how: the log-likelihood that it is (closed, open), shape (days, 2).

    Errors are those of `enclosure`.
    """
    first, evidence = _evidence(timeline, place)
    spoken = np.flatnonzero(evidence.any(axis=1))
    return first + spoken, evidence[spoken]


def trust(model: Model, ledger: Ledger, learned: Mapping[str, Reliability], claim: Claim) -> float:
    """
    Return the probability that a claim on a ring or a way is informed: its source's reliability, as `learned` or as its kind has it.

    Less where nobody could confirm it, and where the side that closes something says itself that it is closed; more, in odds, where it
    is said against the speaker's own side.
    """
    source = ledger.sources[claim.source]
    found = learned[source.id].trust if source.id in learned else model.reliability_of(source.kind)[0]
    if claim.confidence == "unconfirmed":
        found *= model.doubt_unconfirmed
    closes = claim.kind != "opens" and claim.quantifier in (None, "all")
    if closes and source.side is not None and claim.side == source.side:
        found *= model.enclosure_interest
    if ledger.against_interest(claim):
        odds = model.against_interest * found / max(1 - found, 1e-9)
        found = odds / (1 + odds)
    return float(found)


def _model(timeline: Timeline) -> Model:
    given = timeline.model.get("model")
    return given if isinstance(given, Model) else Model.from_settings(timeline.theatre.model)


def _evidence(timeline: Timeline, place: str) -> tuple[np.datetime64, NDArray[np.float64]]:
    """Return the first day on which anything bears, and the evidence from there on, to the last, shape (days, 2)."""
    if timeline.ledger is None:
        raise TimelineError("this timeline has no ledger, so nobody speaks of a ring")
    told = ring_claims(timeline.theatre, timeline.ledger, place)
    first = min([np.datetime64(claim.window.start) for claim, _ in told] + [timeline.days[0]])
    last = max([np.datetime64(claim.window.end) for claim, _ in told] + [timeline.days[-1]])
    evidence = np.zeros((int((last - first).astype(int)) + 1, 2))
    alike = Counter((claim.source, claim.window, closed) for claim, closed in told)
    for claim, closed in told:
        # One voice that says the same twice of one day is one witness, whatever it names: the city, or all the ways into it.
        begin = int((np.datetime64(claim.window.start) - first).astype(int))
        days, weight = _days_of(claim, _model(timeline))
        likely = _likelihood(trust(_model(timeline), timeline.ledger, timeline.sources, claim), closed)
        evidence[begin + days] += weight / alike[claim.source, claim.window, closed] * np.log(likely)
    return first, evidence


def _days_of(claim: Claim, model: Model) -> tuple[NDArray[np.int_], float]:
    """Return the days of its window on which a claim is evidence, and with what weight: spread, or again and again through a long one."""
    if claim.window.length > _LONG_DAYS:
        return np.unique([*range(0, claim.window.length, model.lasting_days), claim.window.length - 1]), 1.0
    return np.arange(claim.window.length), 1 / claim.window.length


def _likelihood(trusted: float, closed: bool) -> NDArray[np.float64]:
    """Return how likely a claim trusted so far is to be made when the ring is (closed, open)."""
    right, wrong = trusted * _SAID_RIGHT + (1 - trusted) / 2, trusted * (1 - _SAID_RIGHT) + (1 - trusted) / 2
    return np.array([right, wrong] if closed else [wrong, right])


def _smooth(evidence: NDArray[np.float64], hazard: float) -> NDArray[np.float64]:
    """Return the smoothed probabilities of a symmetric two-state chain that begins even, shape (days, 2)."""
    from qsim.belief.kernels import chain

    days = len(evidence)
    step = np.tile(np.array([[1 - hazard, hazard], [hazard, 1 - hazard]]), (days, 1, 1))
    likely, filtered, smoothed = (np.zeros((days, 2)) for _ in range(3))
    chain.smooth(np.array([0, days]), step, evidence, np.full((1, 2), 0.5), 0.0, likely, filtered, smoothed)
    return smoothed
