"""How claims are heard: together where they are plain, and as if one by one."""

from dataclasses import fields
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from random_ledgers import LEDGERS, country

from qsim.belief import going
from qsim.belief.activity import _EPISODE_DAYS, _changes
from qsim.belief.going import going_on, spans_of, strength_of
from qsim.belief.hearing import Heard
from qsim.belief.statements import Observations, observations
from qsim.record.dates import day
from qsim.record.ledger import Ledger
from qsim.record.settings import Model

THEATRE, MODEL = country(), Model()


def heard(ledger: Ledger) -> Observations:
    return observations(THEATRE, ledger, MODEL, start="2001-01-01", end="2001-01-20")


def columns(table: Any) -> list[Any]:
    return [getattr(table, each.name) for each in fields(table)]


@given(LEDGERS)
def test_plain_claims_are_heard_as_if_one_by_one(ledger: Ledger) -> None:
    together = heard(ledger)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Heard, "_plain", lambda self: np.zeros(len(self.claims), dtype=bool))
        alone = heard(ledger)
    for name in ("forms", "statements", "wholes", "shares"):
        for one, other in zip(columns(getattr(together, name)), columns(getattr(alone, name)), strict=True):
            assert np.array_equal(one, other), name


@given(LEDGERS, st.integers(1, 30))
def test_what_goes_on_is_filled_in_the_weaker_first(ledger: Ledger, together: int) -> None:
    claims = ledger.columns.take(ledger.columns.of_control)
    spans = spans_of(THEATRE, ledger, MODEL, claims, {}, day("2000-12-01"))
    found = going_on(THEATRE, ledger, MODEL, claims, spans)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(going, "_TOGETHER", together)
        told = list(found.days())
    filled = [row for some in told for row in zip(*(each.tolist() for each in some), strict=True)]
    expected = []
    for n in range(len(found.claim)):
        where = found.places.values[found.places.start[n] : found.places.start[n + 1]].tolist()
        expected += [(d, p, int(found.kind[n])) for p in where for d in range(int(found.first[n]), int(found.last[n]) + 1)]
    assert filled == expected
    strengths = [strength_of(found.kinds[kind]) for kind in found.kind]
    assert strengths == sorted(strengths)
    for place in range(len(THEATRE.places)):
        assert {(n, a) for n, _, a, _ in found.at(place)} == {
            (int(found.claim[n]), int(found.first[n]))
            for n in range(len(found.claim))
            if place in found.places.values[found.places.start[n] : found.places.start[n + 1]]
        }


def changes_one_by_one(ledger: Ledger) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    events: dict[int, list[int]] = {}
    states: dict[tuple[int, str], list[tuple[int, str]]] = {}
    spoken: set[int] = set()
    for claim in ledger.claims:
        members = THEATRE.members(claim.place)
        spoken |= set(members)
        if claim.kind in ("takes", "loses") and (len(members) == 1 or claim.quantifier in (None, "all")):
            for place in members:
                events.setdefault(place, []).append(claim.window.end.toordinal())
        elif claim.kind in ("holds", "contests") and len(members) == 1 and claim.quantifier is None:
            said = "" if claim.kind == "contests" else claim.side or ""
            states.setdefault((members[0], ledger.origin(claim)), []).append((claim.window.start.toordinal(), said))
    reported, unreported = np.zeros(len(THEATRE.places)), np.zeros(len(THEATRE.places))
    for place, when in events.items():
        reported[place] = 1 + int((np.diff(np.sort(when)) > _EPISODE_DAYS).sum())
    counts: dict[int, list[float]] = {}
    for (place, _), told in states.items():
        known = np.sort(events.get(place, []))
        count = sum(
            1.0 if said and now else 0.5
            for (a, said), (b, now) in pairwise(sorted(told))
            if said != now and np.searchsorted(known, a, "right") == np.searchsorted(known, b, "right")
        )
        if len(told) > 1:
            counts.setdefault(place, []).append(count)
    for place, found in counts.items():
        unreported[place] = np.mean(found)
    return reported, unreported, len(spoken)


@given(LEDGERS)
def test_changes_are_counted_as_one_by_one(ledger: Ledger) -> None:
    found, expected = _changes(THEATRE, ledger, ledger.columns), changes_one_by_one(ledger)
    assert found[0].tolist() == expected[0].tolist()
    assert found[1].tolist() == expected[1].tolist()
    assert found[2] == expected[2]
