"""Plain objects: the facts of a record pickle, copy, compare by value, cannot be changed, and are containers of what they hold."""

import copy
import pickle
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from toys import claim, grid, ledger, line

import qsim
from qsim.record.dates import DateError
from qsim.record.ledger import LedgerError
from qsim.record.theatre import TheatreError
from qsim.record.values import FrozenDict

THEATRE, LEDGER = qsim.load("example")
SAID = claim("a", "holds", "red", "2001-01-01", id="one"), claim("b", "takes", "blue", "2001-01-03", id="two", source="press")
FACTS = [THEATRE, LEDGER, THEATRE["tarnby"], THEATRE.sides[0], THEATRE.links[0], LEDGER[0], LEDGER[0].window, qsim.Model()]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: type(fact).__name__)
def test_facts_pickle_copy_and_compare_by_value(fact: Any) -> None:
    for again in (pickle.loads(pickle.dumps(fact)), copy.deepcopy(fact), copy.copy(fact)):
        assert again == fact
        assert hash(again) == hash(fact)
        assert repr(again) == repr(fact)


def test_two_loads_are_equal_and_what_differs_is_not() -> None:
    theatre, book = qsim.load("example")
    assert theatre is not THEATRE
    assert (theatre, book) == (THEATRE, LEDGER)
    assert replace(theatre, title="Another") != theatre
    assert replace(theatre, places=theatre.places[:-1]) != theatre
    moved = replace(theatre.places[0], polygon=None) if theatre.places[0].polygon else replace(theatre.places[0], lon=0.0)
    assert replace(theatre, places=(moved, *theatre.places[1:])) != theatre
    assert book.without(book[0].id) != book
    assert book != theatre


def test_no_mapping_of_a_fact_can_be_changed() -> None:
    theatre, book = copy.deepcopy((THEATRE, LEDGER))
    held: list[Any] = [
        theatre.index,
        theatre.documents,
        theatre.model,
        theatre.parts,
        theatre.sides[0].actors,
        book.sources,
        qsim.Model().reliability,
    ]
    for mapping in held:
        for change in ("clear", "popitem"):
            with pytest.raises(TypeError, match="cannot be changed"):
                getattr(mapping, change)()
        with pytest.raises(TypeError, match="cannot be changed"):
            mapping["x"] = 1
        assert mapping == pickle.loads(pickle.dumps(mapping)) == dict(mapping)


def test_what_the_caller_holds_may_still_be_changed() -> None:
    sources = dict(LEDGER.sources)
    book = qsim.Ledger(sources, LEDGER.claims)
    sources.clear()
    assert book == LEDGER
    assert FrozenDict({"a": 1}) | {"b": 2} == {"a": 1, "b": 2}


def test_a_ledger_is_a_container_of_claims() -> None:
    book = ledger(*SAID)
    assert list(book) == list(SAID)
    assert (book["two"], book[0], book[-1], book[1:]) == (SAID[1], SAID[0], SAID[1], ledger(SAID[1]))
    assert "one" in book
    assert SAID[1] in book
    assert "three" not in book
    assert book._ipython_key_completions_() == ["one", "two"]
    with pytest.raises(LedgerError, match=r"unknown claim 'on'; did you mean 'one'\?"):
        book["on"]
    with pytest.raises(IndexError):
        book[2]


def test_a_ledger_is_changed_into_another() -> None:
    book = ledger(*SAID)
    assert book.without("one", "two") == ledger()
    assert book.without("press") == ledger(SAID[0])
    assert ledger().plus(*SAID) == book
    assert book.replace("one", side="blue", note="Corrected.")[0].side == "blue"
    assert [claim.id for claim in book.replace("one", side="blue")] == ["one", "two"]
    with pytest.raises(LedgerError, match=r"a claim has no 'sid'; did you mean 'side'\?"):
        book.replace("one", sid="blue")
    for wrong in ({"id": "two"}, {"source": "nobody"}):
        with pytest.raises(LedgerError):
            book.replace("one", **wrong)
    with pytest.raises(LedgerError, match="the id 'one' is taken"):
        ledger().plus(SAID[0], SAID[0])


def test_a_claim_takes_days_as_they_are_written() -> None:
    window = qsim.Window(date(2001, 1, 2), date(2001, 1, 4))
    for given in ("2001-01-02/2001-01-04", window):
        made = qsim.Claim("x", "a", "holds", given, "press", "red", reported="2001-01-05", cites=["004:9"])  # type: ignore[arg-type]
        assert (made.window, made.known, made.cites) == (window, date(2001, 1, 5), ("004:9",))
        assert ledger().plus(made)["x"] == made
    assert ledger(*SAID).replace("one", window=date(2001, 1, 9))["one"].window == qsim.Window(date(2001, 1, 9), date(2001, 1, 9))
    with pytest.raises(DateError, match="in May"):
        ledger(*SAID).replace("one", window="in May")


def test_what_is_no_name_is_told() -> None:
    for wrong in (None, 3.5, ["a"]):
        with pytest.raises(TheatreError, match="is no name of a place; expected its id, name or spelling"):
            line()[wrong]  # type: ignore[call-overload]
        with pytest.raises(LedgerError, match="is no id of a claim"):
            ledger(*SAID)[wrong]  # type: ignore[call-overload]
    assert line()[:2] == line().places[:2]


def test_a_theatre_is_a_container_of_places() -> None:
    theatre = line()
    assert [place.id for place in theatre] == list(theatre.index)
    assert theatre["a"] is theatre["A"] is theatre[1] is theatre.place("a")
    assert all(name in theatre for name in ("a", "A", theatre.places[0]))
    assert "all" not in theatre
    assert "z" not in theatre
    assert len(theatre) == 5
    with pytest.raises(TheatreError, match="unknown place 'z'"):
        theatre["z"]


def test_a_group_is_found_as_a_place_is() -> None:
    theatre = grid()
    assert [theatre.id_of(name) for name in ("t", "T", "north", "NORTH")] == ["t", "t", "north", "north"]
    assert theatre.names_of("north") == ("north",)
    with pytest.raises(TheatreError, match=r"unknown place 'nort'; did you mean 'north'\?"):
        theatre.id_of("nort")
    assert theatre.weights([0, 1]).tolist() == [0.5, 0.5]
