"""Claims as columns: whatever is asked of the columns is what the claims say one by one."""

import pickle
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_ledgers import LEDGERS, claims
from toys import claim

import qsim
from qsim.record.dates import day
from qsim.record.ledger import Claim, Ledger
from qsim.record.packed import FIELDS, Claims, Coded, Lists, firsts, joint
from qsim.record.scope import attestation, first_line, in_order


def in_columns(ledger: Ledger) -> Ledger:
    """Return the ledger with its claims kept as columns alone."""
    return replace(ledger, claims=Claims((), {name: ledger.columns.column(name) for name in FIELDS}))


def exactly(said: Claim) -> list[Any]:
    return [getattr(said, name) for name in FIELDS]


@given(LEDGERS)
def test_claims_made_of_columns_are_the_claims(ledger: Ledger) -> None:
    packed = in_columns(ledger)
    assert [exactly(each) for each in packed.claims] == [exactly(each) for each in ledger.claims]
    assert packed == ledger
    assert hash(packed) == hash(ledger)
    assert repr(packed) == repr(ledger)
    assert packed.counts() == ledger.counts()
    assert list(packed.counts()) == list(ledger.counts())
    assert pickle.loads(pickle.dumps(in_columns(ledger))) == ledger


@given(LEDGERS, st.integers(1, 40), st.sampled_from(["red", "blue", "neutral"]), st.data())
def test_selections_are_those_of_claims_one_by_one(ledger: Ledger, days: int, side: str, data: st.DataObject) -> None:
    moment = day("2001-01-01") + timedelta(days=days)
    gone = data.draw(st.lists(st.sampled_from([each.id for each in ledger]), max_size=3)) if len(ledger) else []
    for book in (ledger, in_columns(ledger)):
        assert book.known_by(moment).claims == tuple(each for each in ledger if each.known <= moment)
        spoken = tuple(each for each in ledger if (ledger.sources[each.source].side or "neutral") == side)
        assert book.by_side(side).claims == spoken
        kept = tuple(each for each in ledger if each.id not in gone and each.source != "press")
        assert book.without(*gone, "press").claims == kept
        assert book[1:4].claims == tuple(ledger)[1:4]
        assert all(each in book and each.id in book and book[each.id] == each for each in ledger)


@given(LEDGERS, st.lists(claims(), max_size=3))
def test_more_claims_stand_after_the_others(ledger: Ledger, more: list[Claim]) -> None:
    both = (*ledger.claims, *more)
    for book in (ledger, in_columns(ledger)):
        assert book.columns.plus(more) == both
        assert [exactly(each) for each in book.columns.plus(more)] == [exactly(each) for each in both]


@given(LEDGERS)
def test_days_and_control_are_those_of_each_claim(ledger: Ledger) -> None:
    for found in (ledger.columns, in_columns(ledger).columns):
        for name in ("known", "effective"):
            assert getattr(found, name).astype("datetime64[D]").tolist() == [getattr(each, name) for each in ledger]
        assert found.start.astype("datetime64[D]").tolist() == [each.window.start for each in ledger]
        assert found.end.astype("datetime64[D]").tolist() == [each.window.end for each in ledger]
        assert found.of_control.tolist() == [each.of_control for each in ledger]


@given(LEDGERS)
def test_claims_stand_in_order(ledger: Ledger) -> None:
    def rank(each: Claim) -> tuple[object, ...]:
        said = (each.source, each.place, each.kind, each.quantifier or "", each.value or 0.0, each.bound or "")
        return each.effective, each.window.time, attestation(each), first_line(each), *said, each.id

    assert in_order(ledger.claims) == sorted(ledger.claims, key=rank) == in_order(in_columns(ledger).claims)


@given(LEDGERS, st.sets(st.sampled_from(["place", "kind", "side", "window", "value"]), min_size=1))
def test_claims_alike_have_one_that_stands_for_them(ledger: Ledger, names: set[str]) -> None:
    few, of = ledger.columns.alike(*names)
    says = [tuple(getattr(each, name) for name in names) for each in ledger]
    assert [tuple(getattr(few[n], name) for name in names) for n in of] == says
    assert len(few) == len(set(says))
    assert all(ledger.claims[says.index(said)] is each for each in few for said in [tuple(getattr(each, name) for name in names)])


def test_a_changed_claim_keeps_its_place_and_a_large_ledger_makes_its_claims_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    _, ledger = qsim.load("example")
    packed = in_columns(ledger)
    id = ledger[3].id
    assert packed.replace(id, note="anew").claims == tuple(replace(each, note="anew") if each.id == id else each for each in ledger)
    monkeypatch.setattr("qsim.record.packed._KEPT", 10)
    large = in_columns(ledger)
    assert large[5] == ledger[5]
    assert large[5] is not large[5]
    assert list(large) == list(ledger)
    assert large[-1] == ledger[-1]


def test_only_values_that_a_row_has_are_asked_about() -> None:
    column = Coded.of(["a", "b", "a", "c"]).take(np.array([0, 2]))
    assert column.each({"a": 7}.__getitem__, int).tolist() == [7, 7]
    assert column.ranks({"a": 7}.__getitem__)[0].tolist() == [0, 0]
    assert column.counts() == {"a": 2}
    assert claim("a", "holds", "red", "2001-01-01") not in Claims()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1))
def test_a_joint_key_is_ordered_as_its_parts(rows: list[tuple[int, int]]) -> None:
    a, b = np.array(rows).T
    for most in (4, 2**61):  # so large that keys are numbered anew between
        key, size = joint([(a, most), (b, 3)])
        assert sorted(range(len(rows)), key=lambda n: rows[n]) == np.argsort(key, kind="stable").tolist()
        first, of = firsts(key, size)
        assert [rows[first[n]] for n in of] == rows
        assert first.tolist() == [rows.index(each) for each in sorted(set(rows))]


def test_lists_are_gathered_one_after_another() -> None:
    values, of = Lists.of_each([[5, 6], [], [7]]).gathered(np.array([2, 0, 1, 0]))
    assert values.tolist() == [7, 5, 6, 5, 6]
    assert of.tolist() == [0, 1, 1, 3, 3]
