"""Claims as columns: whatever is asked of the columns is what the claims say one by one."""

import pickle
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from random_ledgers import LEDGERS, claims
from toys import claim

import qsim
from qsim.record.columnar import perhaps_alike
from qsim.record.dates import day
from qsim.record.ledger import Claim, Ledger
from qsim.record.packed import FIELDS, Claims, Coded, Lists, day_number, day_of_number, firsts, joint, stable_order
from qsim.record.scope import attestation, first_line, in_order
from qsim.record.texts import Texts


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


@given(LEDGERS, st.data())
def test_some_of_some_claims_are_those_of_the_whole(ledger: Ledger, data: st.DataObject) -> None:
    """Columns of what is taken twice are made when they are asked for, of the whole."""
    packed, rows = in_columns(ledger).columns, np.arange(len(ledger))
    some = np.array(data.draw(st.lists(st.sampled_from(rows.tolist()), max_size=6)) if len(rows) else [], dtype=np.int64)
    again = np.arange(len(some))[::-2]
    taken = packed.take(some).take(again)
    for each in (taken, pickle.loads(pickle.dumps(taken))):
        assert [exactly(claim) for claim in each] == [exactly(ledger.claims[row]) for row in some[again].tolist()]


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


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("bcd")), st.data())
def test_a_column_is_the_list_of_its_values(said: list[str], more: list[str], data: st.DataObject) -> None:
    column, other = Coded.of(said), Coded.of(more)
    assert (list(column), len(column), [column[n] for n in range(len(said))]) == (said, len(said), said)
    assert list(column.joined(other)) == [*said, *more]
    assert column.same(other) is (said == more)
    assert column.same(Coded(["d", "c", "b", "a"], np.array(["dcba".index(each) for each in said], dtype=np.int32)))
    assert column.counts() == dict(Counter(said))
    assert list(column.counts()) == list(dict.fromkeys(said))
    meant = column.mapped({"a": "x", "b": "y", "c": "x"}.__getitem__)
    assert list(meant) == [{"b": "y"}.get(each, "x") for each in said]
    assert len(set(meant.values)) == len(meant.values)
    rows = np.array(data.draw(st.lists(st.booleans(), min_size=len(said), max_size=len(said))), dtype=bool)
    for value in ("b", "new"):
        assert list(column.put(value, rows)) == [value if here else each for each, here in zip(said, rows.tolist(), strict=True)]
    assert list(column) == said
    assert column.take(rows).used().tolist() == [any(np.array(said)[rows] == each) for each in column.values]
    assert column.each(ord, int).tolist() == [ord(each) for each in said]
    assert column.ranks()[0].tolist() == [sorted(set(said)).index(each) for each in said]
    assert (column.ranks()[1], column.coded[1]) == (max(1, len(set(said))),) * 2


def test_a_column_of_one_value_is_asked_once_and_not_where_no_row_has_it() -> None:
    asked: list[str] = []
    column = Coded.of(["a", "a"])
    assert column.each(lambda value: asked.append(value) or 3, int).tolist() == [3, 3]  # type: ignore[func-returns-value]
    assert column.take(np.array([], dtype=int)).each(lambda value: asked.append(value) or 3, int).tolist() == []  # type: ignore[func-returns-value]
    assert asked == ["a"]


@given(LEDGERS)
def test_claims_are_found_and_are_equal_by_what_they_say(ledger: Ledger) -> None:
    for found in (ledger.columns, in_columns(ledger).columns):
        assert [found.row_of(each.id) for each in ledger] == list(range(len(ledger)))
        assert found.row_of("nobody said it") == -1
        assert found == list(ledger) == found
        assert (found == [*ledger, claim("a", "holds", "red", "2001-01-01")], found == 5) == (False, False)
        assert all(each in found and replace(each, note="other") not in found for each in ledger)
        nothing: object = "text"
        assert nothing not in found
        assert repr(found) == f"Claims({len(ledger):,})"
        one, two = (found.take(np.arange(len(ledger))[::step]) for step in (1, -1))
        assert (one == two) is (list(one) == list(two))
    few = in_columns(ledger).columns
    changed = Claims((), {name: few.column(name) for name in FIELDS} | {"note": Coded.of(["other"] * len(ledger))})
    assert (changed == few) is (not len(ledger))


@given(LEDGERS, st.sampled_from([("place",), ("place", "kind"), ("reported",)]))
def test_examples_have_every_set_of_values_once(ledger: Ledger, names: tuple[str, ...]) -> None:
    said = [tuple(getattr(each, name) for name in names) for each in ledger.columns.examples(*names)]
    assert len(said) == len(set(said))
    assert set(said) == {tuple(getattr(each, name) for name in names) for each in ledger}


def test_an_id_is_looked_for_a_few_times_and_then_listed() -> None:
    _, ledger = qsim.load("example")
    ids = [each.id for each in ledger]
    columns = {name: ledger.columns.column(name) for name in FIELDS}
    packed = Claims((), columns | {"id": Coded(Texts.of(ids), np.arange(len(ids), dtype=np.int32))})
    for _ in range(2):
        assert [packed.row_of(id) for id in ids] == list(range(len(ids)))
        assert packed.row_of("nobody") == -1


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["a", "b", "c", "d", "e"])), unique=True))
def test_claims_of_one_key_stand_by_their_ids(rows: list[tuple[int, str]]) -> None:
    told = Claims(claim("a", "holds", "red", "2001-01-01", id=f"{id}{n}") for n, (_, id) in enumerate(rows))
    keys = np.array([key for key, _ in rows], dtype=np.int64)
    wanted = sorted(range(len(rows)), key=lambda n: (rows[n][0], told[n].id))
    assert told.ordered((keys, 3)).tolist() == wanted
    assert told.ordered((keys, 2**62)).tolist() == wanted


@given(st.lists(st.integers(0, 5)), st.sampled_from([1, 2**59]))
@example([5, 0, 3, 1, 2, 4, 0, 5], 2**59)  # numbered by row, these do not fit into 64 bits
def test_an_order_is_stable_however_large_its_key(few: list[int], each: int) -> None:
    key, size = [n * each for n in few], 6 * each
    assert stable_order(np.array(key, dtype=np.int64), size).tolist() == sorted(range(len(key)), key=lambda n: key[n])


def test_days_as_numbers_are_those_of_numpy() -> None:
    for each in ("0001-01-01", "1970-01-01", "2091-03-09"):
        assert day_number(day(each)) == int(np.datetime64(each).astype(int))
        assert day_of_number(day_number(day(each))) == day(each)


@given(st.lists(st.integers(0, 2**62) | st.integers(0, 30)))
def test_rows_that_are_perhaps_alike_are_all_that_are_and_stand_in_order(keys: list[int]) -> None:
    found = perhaps_alike(np.array(keys, dtype=np.int64)).tolist()
    count = Counter(keys)
    assert found == sorted(set(found))
    assert {n for n, key in enumerate(keys) if count[key] > 1} <= set(found)


def test_few_rows_are_perhaps_alike_where_none_are() -> None:
    assert len(perhaps_alike(np.arange(0, 7_000_000, 7))) < 300_000
