"""The order in which anything stands in the files, and a thing said twice in the same words, change no result."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

import qsim
from qsim.belief.events import events
from qsim.belief.reconstruct import POLICIES
from qsim.belief.timeline import Timeline
from qsim.record.ledger import Ledger
from qsim.record.theatre import Theatre

WINDOWS: dict[str, dict[str, Any]] = {
    "example": {},
    "qusayr": {"start": "2013-05-10", "end": "2013-06-08"},
    "kobani": {"end": "2014-11-15"},
}


def shuffled(items: Iterable[Any], seed: int) -> tuple[Any, ...]:
    found = list(items)
    random.Random(seed).shuffle(found)
    return tuple(found)


def permuted(theatre: Theatre, ledger: Ledger, seed: int) -> tuple[Theatre, Ledger]:
    lists: dict[str, Any] = {name: shuffled(getattr(theatre, name), seed) for name in ("sides", "places", "links", "groups", "backdrop")}
    return replace(theatre, **lists), said_in_another_order(ledger, seed)


def said_in_another_order(ledger: Ledger, seed: int) -> Ledger:
    return replace(ledger, sources=dict(shuffled(ledger.sources.items(), seed)), claims=shuffled(ledger.claims, seed))


def told(timeline: Timeline) -> dict[str, Any]:
    """Return what a timeline tells, under the ids of places and statuses, whatever their order."""
    theatre, ledger = timeline.theatre, timeline.ledger
    assert ledger is not None
    assert timeline.last_report is not None
    places, statuses = np.argsort(list(theatre.index)), np.argsort(theatre.statuses)
    roads = [place.id for place in theatre.places if place.within is None]
    ask = [(place, side.id) for place in sorted(roads)[:12] for side in theatre.sides if side.bases]
    most_likely = timeline.most_likely()
    return {
        "history": np.array([*theatre.statuses, "unknown"])[timeline.history][:, places].tolist(),
        "last report": timeline.last_report[:, places].astype(str).tolist(),
        "changes": sorted((c.day, c.place, c.before, c.after, round(c.p, 8)) for c in timeline.changes()),
        "events": sorted((e.day, sorted(e.places), e.claim.id if e.claim else "", e.said_by) for e in events(timeline)),
        "conflicts": sorted(map(str, qsim.conflicts(theatre, ledger))),
        "rings": {asked: qsim.encirclement(most_likely, *asked).tolist() for asked in sorted(ask)},
        "front": sorted(qsim.metrics.front_length(most_likely).ravel().round(9).tolist()),
        "belief": timeline.belief[:, places][:, :, statuses],
    }


def alike(one: dict[str, Any], two: dict[str, Any]) -> None:
    assert np.abs(one.pop("belief") - two.pop("belief")).max() <= 1e-9
    for what, answer in one.items():
        assert answer == two[what], what


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("case", WINDOWS)
def test_the_order_of_anything_changes_nothing(case: str, policy: str) -> None:
    theatre, ledger = qsim.load(case)
    one, two = (
        qsim.reconstruct(*record, policy=policy, **WINDOWS[case]) for record in ((theatre, ledger), permuted(theatre, ledger, seed=5))
    )
    alike(told(one), told(two))


def test_histories_given_the_ring_do_not_rest_on_the_order_of_claims_and_sources() -> None:
    theatre, ledger = qsim.load("example")
    one, two = (qsim.reconstruct(theatre, each, policy="hmm") for each in (ledger, said_in_another_order(ledger, seed=2)))
    assert np.array_equal(one.sample(200, seed=7, given="ring").status, two.sample(200, seed=7, given="ring").status)


def test_the_first_that_would_be_asked_of_does_not_rest_on_the_order_of_claims() -> None:
    theatre, ledger = qsim.load("kobani")
    days: dict[str, Any] = {"start": date(2014, 9, 15), "end": date(2014, 9, 20)}
    asked = {
        qsim.geography.encirclement.whose(qsim.reconstruct(*permuted(theatre, ledger, seed), policy="vote", **days)) for seed in range(3)
    }
    assert len(asked) == 1


@pytest.mark.parametrize("policy", POLICIES)
def test_a_claim_said_again_in_the_same_words_changes_nothing(policy: str) -> None:
    theatre, ledger = qsim.load("example")
    one = qsim.reconstruct(theatre, ledger, policy=policy)
    for claim in ledger.claims:
        for id in (f"0-{claim.id}", f"z-{claim.id}"):
            more = replace(ledger, claims=(*ledger.claims, replace(claim, id=id)))
            two = qsim.reconstruct(theatre, more, policy=policy)
            assert np.abs(one.belief - two.belief).max() <= 1e-9, id
            assert np.array_equal(one.history, two.history), id
            assert np.array_equal(one.last_report, two.last_report, equal_nan=True), id
            assert [str(event) for event in events(two)] == [str(event) for event in events(one)], id


@pytest.mark.parametrize("id", ["20130502-jusiyah-contests", "20130525-hamidiya-holds-opposition"])
def test_neither_does_its_id(id: str) -> None:
    theatre, ledger = qsim.load("qusayr")
    more = replace(ledger, claims=(*ledger.claims, replace(ledger.claim(id), id=f"0-{id}")))
    one, two = (qsim.reconstruct(theatre, each, policy="hmm", **WINDOWS["qusayr"]) for each in (ledger, more))
    assert np.abs(one.belief - two.belief).max() <= 1e-9


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("case", ["qusayr", "kobani"])
def test_one_claim_in_seven_said_again_changes_nothing_in_a_whole_record(case: str, policy: str) -> None:
    theatre, ledger = qsim.load(case)
    again = tuple(replace(claim, id=f"z-{claim.id}") for claim in list(ledger.claims)[::7])
    more = replace(ledger, claims=(*again, *ledger.claims))
    one, two = (qsim.reconstruct(theatre, each, policy=policy, **WINDOWS[case]) for each in (ledger, more))
    assert np.abs(one.belief - two.belief).max() <= 1e-9
    assert np.array_equal(one.history, two.history)
    assert [str(event) for event in events(two)] == [str(event) for event in events(one)]
