from dataclasses import replace
from typing import Any

import pytest
from toys import SOURCES, claim, ledger

import qsim
from qsim.record.dates import parse_edtf
from qsim.record.ledger import Ledger, LedgerError, Source

THEATRE, LEDGER = qsim.load("qusayr")


def test_known_by_uses_no_claim_reported_later() -> None:
    for moment in ("2012-07-10", "2013-05-01", "2013-05-29", "2013-06-30"):
        known = LEDGER.known_by(moment)
        assert all((each.reported or each.window).end <= qsim.record.dates.day(moment) for each in known.claims)
        assert set(known.claims) <= set(LEDGER.claims)


def test_a_claim_is_known_from_the_end_of_its_report_window() -> None:
    late = claim("a", "takes", "red", "2001-01-02", reported="2001-01-05/2001-01-07")
    book = ledger(late)
    assert len(book.known_by("2001-01-06")) == 0
    assert len(book.known_by("2001-01-07")) == 1


def test_by_side_splits_the_ledger_without_loss() -> None:
    tellings = [LEDGER.by_side(side) for side in ("government", "opposition", "neutral")]
    assert sorted(c.id for t in tellings for c in t.claims) == sorted(c.id for c in LEDGER.claims)
    assert all(LEDGER.source(c.source).side == "government" for c in tellings[0].claims)
    with pytest.raises(LedgerError, match="expected one of"):
        LEDGER.by_side("purple")


def test_without_takes_a_claim_or_a_voice_and_plus_adds_one() -> None:
    one, two = claim("a", "takes", "red", "2001-01-02"), claim("b", "takes", "red", "2001-01-02", source="press")
    book = ledger(one, two)
    assert book.without(one.id).claims == (two,)
    assert book.without("press").claims == (one,)
    assert ledger(one).plus(two).claims == (one, two)
    with pytest.raises(LedgerError, match="is taken"):
        book.plus(one)
    with pytest.raises(LedgerError, match="unknown claim"):
        book.without("nothing")


def test_copies_go_back_to_one_origin() -> None:
    told, copied = claim("a", "takes", "red", "2001-01-02"), claim("a", "takes", "red", "2001-01-02", source="copyist")
    book = ledger(told, copied)
    assert book.origin(told) == book.origin(copied) == "teller"


@pytest.mark.parametrize(
    ("kind", "side", "source", "value", "expected"),
    [
        ("takes", "blue", "red_voice", None, True),
        ("takes", "red", "red_voice", None, False),
        ("loses", "red", "red_voice", None, True),
        ("holds", "blue", "teller", None, False),
        ("share", "blue", "red_voice", 0.6, True),
        ("share", "blue", "red_voice", 0.2, False),
        ("share", "red", "red_voice", 0.4, False),
        ("share", "red", "red_voice", 0.5, False),
        ("contests", "blue", "red_voice", None, False),
        ("denies", "red", "red_voice", None, True),
        ("denies", "blue", "red_voice", None, False),
        ("holds", "blue", "red_voice", None, True),
        ("holds", None, "red_voice", None, False),
        ("share", "blue", "red_voice", 0.5, False),
        ("share", "red", "red_voice", None, False),
    ],
)
def test_a_statement_against_interest_gives_ground_to_the_other_side(
    kind: str, side: str, source: str, value: float | None, expected: bool
) -> None:
    said = claim("a", kind, side, "2001-01-02", source=source, value=value)
    assert ledger(said).against_interest(said) is expected


@pytest.mark.parametrize(
    ("kind", "side", "rest", "expected"),
    [
        ("share", "red", {"value": 0.4, "bound": "at_most"}, True),
        ("share", "red", {"value": 0.5, "bound": "at_most"}, False),
        ("share", "red", {"value": None, "bound": "at_most"}, True),
        ("share", "red", {"value": 0.4, "bound": "at_least"}, False),
        ("share", "blue", {"value": 0.2, "bound": "at_least"}, True),
        ("share", "blue", {"value": 0.8, "bound": "at_most"}, False),
        ("share", "blue", {"value": 0.51, "bound": "approx"}, True),
        ("holds", "blue", {"quantifier": "part"}, False),
        ("holds", "blue", {"bound": "at_most"}, False),
        ("holds", "blue", {"quantifier": "most"}, True),
        ("takes", "blue", {"quantifier": "part"}, True),
        ("takes", "blue", {"bound": "at_most"}, True),
    ],
)
def test_a_bound_or_a_part_admits_only_what_it_says(kind: str, side: str, rest: dict[str, Any], expected: bool) -> None:
    said = claim("a", kind, side, "2001-01-02", source="red_voice", **rest)
    assert ledger(said).against_interest(said) is expected


def test_a_ledger_is_a_container_of_its_claims() -> None:
    one, two = claim("a", "takes", "red", "2001-01-02", id="one"), claim("b", "holds", "red", "2001-01-02", id="two")
    book = ledger(one, two)
    assert (list(book), len(book), book["two"], book[0], book[1:].claims) == ([one, two], 2, two, one, (two,))
    assert ("one" in book, one in book, "three" in book) == (True, True, False)
    assert book._ipython_key_completions_() == ["one", "two"]
    assert dict(book.counts()) == {"takes": 1, "holds": 1}
    with pytest.raises(LedgerError, match="5 is no id of a claim"):
        book.claim(5)  # type: ignore[arg-type]


def test_open_ends_of_claims_that_are_added_lie_within_the_days_of_the_scenario() -> None:
    theatre, example = qsim.load("example")
    said = replace(example.claims[0], id="open", window=parse_edtf("2091-03-09/.."))
    assert example.plus(said)["open"].window.end == theatre.end
    assert Ledger(example.sources, ()).plus(said)["open"].window == said.window


def test_a_field_is_changed_and_no_other_and_a_wrong_one_is_told() -> None:
    one = claim("a", "takes", "red", "2001-01-02", id="one")
    book = ledger(claim("b", "holds", "red", "2001-01-02"), one, claim("c", "holds", "red", "2001-01-02"))
    assert book.replace("one", note="said").claims == (book[0], replace(one, note="said"), book[2])
    with pytest.raises(LedgerError, match="a claim has no 'nota'; did you mean 'note'"):
        book.replace("one", nota="said")
    with pytest.raises(LedgerError, match="unknown source"):
        book.replace("one", source="nobody")


def test_all_that_is_wrong_with_claims_is_told_at_once() -> None:
    book = ledger(claim("a", "takes", "red", "2001-01-02", id="one"))
    twice = claim("a", "takes", "red", "2001-01-02", id="two")
    with pytest.raises(LedgerError) as told:
        book.plus(claim("a", "holds", "red", "2001-01-02", id="one", source="prss", denies="x"), twice, twice)
    lines = str(told.value).split("\n")
    assert lines[0] == "claim 'one' has 3 problems"
    assert [line.split(":")[0] for line in lines[1:4]] == ["  id", "  source", "  denies"]
    assert lines[4:] == ["claim 'two' has 1 problem", "  id: the id 'two' is taken"]


def test_sources_and_claims_that_are_not_there_are_named() -> None:
    with pytest.raises(LedgerError, match="did you mean 'sohr'"):
        LEDGER.source("sorh")
    with pytest.raises(LedgerError, match="unknown claim 'x'"):
        Ledger(SOURCES, ()).claim("x")


def test_repr_counts() -> None:
    assert repr(ledger(claim("a", "takes", "red", "2001-01-02"))) == f"Ledger(1 claims, 1 of them of control, by {len(SOURCES)} sources)"


@pytest.mark.parametrize(
    ("low", "best", "high", "numbers", "figure"),
    [
        (431, None, 500, (431, 500), "431-500"),
        (None, 1257, None, (1257, 1257), "1,257"),
        (500, None, None, (500, float("inf")), "500 or more"),
        (None, None, 40, (0, 40), "up to 40"),
        (0, 0, 0, (0, 0), "0"),
        (3, 5, None, (3, 5), "3-5"),
        (None, None, None, None, "no figure"),
    ],
)
def test_a_figure_is_written_as_a_reader_writes_it(
    low: int | None, best: int | None, high: int | None, numbers: tuple[float, float] | None, figure: str
) -> None:
    counted = claim("a", "casualties", None, "2001-01-01", low=low, best=best, high=high, of="people killed")
    assert (counted.numbers, counted.figure) == (numbers, figure)


def test_sources_that_repeat_each_other_in_a_circle_are_told() -> None:
    sources = {id: Source(id, id, "press", origin=origin) for id, origin in (("a", "b"), ("b", "c"), ("c", "b"))}
    told = Ledger(sources, (claim("a", "holds", "red", "2001-01-01", source="a"),))
    with pytest.raises(LedgerError, match="the sources a, b, c, b repeat each other in a circle"):
        told.origin(told[0])


def test_a_denial_of_a_claim_that_is_there_is_added_and_of_another_is_not() -> None:
    book = ledger(claim("a", "takes", "red", "2001-01-02", id="taken"))
    assert len(book.plus(claim("a", "denies", "red", "2001-01-02", denies="taken"))) == 2
    with pytest.raises(LedgerError, match="unknown claim 'take'; did you mean 'taken'"):
        book.plus(claim("a", "denies", "red", "2001-01-02", denies="take"))


def test_a_ledger_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        LEDGER.sources = {}  # type: ignore[misc]
