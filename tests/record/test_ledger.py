import pytest
from toys import SOURCES, claim, ledger

import qsim
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
    ],
)
def test_a_statement_against_interest_gives_ground_to_the_other_side(
    kind: str, side: str, source: str, value: float | None, expected: bool
) -> None:
    said = claim("a", kind, side, "2001-01-02", source=source, value=value)
    assert ledger(said).against_interest(said) is expected


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
