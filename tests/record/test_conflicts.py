"""What counts as a contradiction, on invented ledgers, and the worst of the record of al-Qusayr."""

from dataclasses import replace
from functools import cache
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_ledgers import LEDGERS, country
from toys import claim, grid, ledger, line, ring, theatre
from typer.testing import CliRunner

import qsim
from qsim.cli.app import app
from qsim.record.conflicts import Conflict, _near, conflicts, days_apart, share_range
from qsim.record.conflicts_text import claim_text, conflicts_text
from qsim.record.dates import parse_edtf
from qsim.record.ledger import Claim, Ledger
from qsim.record.scope import bears_on
from qsim.record.theatre import TheatreError


def found(where: qsim.Theatre, *claims: Claim) -> list[Conflict]:
    return qsim.conflicts(where, ledger(*claims))


def reasons(*claims: Claim) -> list[str]:
    return [conflict.reason for conflict in found(line(), *claims)]


@cache
def record(place: str = "qusayr") -> tuple[qsim.Theatre, qsim.Ledger, list[Conflict]]:
    where, told = qsim.load("qusayr")
    return where, told, qsim.conflicts(where, told, place=place)


def of(subject: str, start: str, end: str, place: str = "qusayr") -> list[Claim]:
    """Return the claims of all contradictions of one subject that lie in a window, those beside them included."""
    window = parse_edtf(f"{start}/{end}")
    return [
        claim
        for conflict in record(place)[2]
        if conflict.subject == subject
        for claim in (*conflict.claims, *conflict.beside)
        if days_apart(window, claim.window) == 0
    ]


def test_two_sides_in_one_place_within_three_days() -> None:
    red = claim("a", "holds", "red", "2001-01-02")
    assert reasons(red, claim("a", "holds", "blue", "2001-01-05", source="press")) == ["held by two sides at once"]
    assert reasons(red, claim("a", "holds", "blue", "2001-01-06", source="press")) == []
    assert reasons(red, claim("b", "holds", "blue", "2001-01-02")) == []


def test_a_change_explains_what_comes_after_it() -> None:
    red, blue = claim("a", "holds", "red", "2001-01-02"), claim("a", "holds", "blue", "2001-01-04")
    assert reasons(red, blue, claim("a", "takes", "blue", "2001-01-03")) == []
    assert reasons(red, claim("a", "takes", "blue", "2001-01-03"), claim("a", "takes", "red", "2001-01-04")) == []


def test_a_hold_of_another_after_a_capture() -> None:
    taken = claim("a", "takes", "red", "2001-01-02")
    assert reasons(taken, claim("a", "holds", "blue", "2001-01-04")) == ["held by another after its capture"]
    assert reasons(taken, claim("a", "holds", "blue", "2001-01-02")) == []
    assert reasons(taken, claim("a", "loses", "red", "2001-01-03"), claim("a", "holds", "blue", "2001-01-04")) == []


def test_a_capture_and_a_hold_of_one_day_by_voices_of_two_sides() -> None:
    taken = claim("a", "takes", "red", "2001-01-02", source="red_voice")
    assert reasons(taken, claim("a", "holds", "blue", "2001-01-02", source="blue_voice")) == ["held by another on the day of its capture"]
    assert reasons(taken, claim("a", "holds", "red", "2001-01-02", source="blue_voice")) == []
    assert reasons(taken, claim("a", "holds", "blue", "2001-01-02", source="press")) == []
    assert reasons(taken, claim("a", "holds", "blue", "2001-01-02", source="red_voice")) == []
    assert (
        reasons(claim("a", "takes", "red", "2001-01", source="red_voice"), claim("a", "holds", "blue", "2001-01", source="blue_voice"))
        == []
    )


def test_a_statement_without_a_side_reads_as_a_sentence() -> None:
    told = ledger(
        claim("a", "contests", None, "2001-01-02"), claim("a", "bombards", None, "2001-01-02"), claim("a", "contests", "red", "2001-01-03")
    )
    assert [claim_text(line(), told, each) for each in told] == ["fighting for A", "A fired on by somebody", "A attacked by Red"]


def test_captures_by_two_sides_and_captures_twice() -> None:
    first = claim("a", "takes", "red", "2001-01-02/2001-01-04")
    assert reasons(first, claim("a", "takes", "blue", "2001-01-03")) == ["taken by two sides at once"]
    again = claim("a", "takes", "red", "2001-01-20", source="press")
    assert reasons(first, again) == ["taken twice, not lost between"]
    assert reasons(first, again, claim("a", "takes", "blue", "2001-01-10")) == []
    assert reasons(first, claim("a", "takes", "red", "2001-01-04", source="press")) == []


def test_a_denial_stands_with_what_it_denies_whatever_that_is() -> None:
    taken = claim("a", "takes", "red", "2001-01-02", id="taken")
    denial = claim("a", "denies", "red", "2001-01-09", source="blue_voice", denies="taken")
    assert reasons(taken, denial) == ["denied"]
    bombed = claim("a", "bombards", "red", "2001-01-02", id="bombed")
    (told,) = found(line(), bombed, claim("a", "other", None, "2001-01-02", source="red_voice", denies="bombed"))
    assert (told.subject, told.reason) == ("other", "denied")


def test_fighting_and_parts_contradict_nobody() -> None:
    held = claim("a", "holds", "red", "2001-01-02")
    assert reasons(held, claim("a", "contests", "blue", "2001-01-02")) == []
    assert reasons(held, claim("a", "holds", "blue", "2001-01-02", quantifier="part")) == []


def test_three_sides_may_lose_a_place_without_saying_to_whom() -> None:
    three = theatre({"a": (0, 0), "b": (1, 0)}, ["a-b"], green=())
    lost = claim("a", "loses", "red", "2001-01-02")
    assert found(three, lost, claim("a", "holds", "green", "2001-01-02")) == []
    assert [each.reason for each in found(three, lost, claim("a", "holds", "red", "2001-01-03"))] == ["held by another after its capture"]


@pytest.mark.parametrize(
    ("value", "bound", "expected"),
    [(0.4, "exact", (0.375, 0.425)), (0.6, "approx", (0.52, 0.68)), (0.5, "at_least", (0.5, 1)), (0.8, "at_most", (0.6, 0.8))],
)
def test_what_a_bound_allows(value: float, bound: str, expected: tuple[float, float]) -> None:
    assert share_range(claim("t", "share", "red", "2001-01-01", value=value, bound=bound)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("side", "value", "bound", "day", "clash"),
    [
        ("red", 0.55, "approx", 2, 1),
        ("red", 0.45, "approx", 2, 0),
        ("red", 0.5, "at_most", 2, 0),
        ("red", 0.7, "at_most", 2, 1),
        ("red", 0.5, "approx", 4, 0),
        ("blue", 0.7, "at_least", 1, 1),
        ("blue", 0.5, "at_least", 1, 0),
    ],
)
def test_shares_that_cannot_both_be_true(side: str, value: float, bound: str, day: int, clash: int) -> None:
    first = claim("t", "share", "red", "2001-01-01", value=0.4, bound="exact")
    other = claim("t", "share", side, f"2001-01-{day:02}", value=value, bound=bound, source="press")
    assert len(found(grid(), first, other)) == clash


def test_a_ring_closed_and_open() -> None:
    closed = claim("centre", "encircles", "blue", "2001-01-01")
    assert [c.subject for c in found(ring(), closed, claim("centre", "opens", "red", "2001-01-11"))] == ["ring"]
    assert found(ring(), closed, claim("centre", "opens", "red", "2001-01-12")) == []
    assert (
        found(ring(), claim("centre", "encircles", "blue", "2001-01-01", quantifier="part"), claim("centre", "opens", "red", "2001-01-01"))
        == []
    )
    assert [c.reason for c in found(ring(), closed, claim("centre-n", "opens", "red", "2001-01-02"))] == ["closed, and a way into it open"]
    assert found(ring(), closed, claim("n-r", "opens", "red", "2001-01-02")) == []


def toll(low: int | None, best: int | None, when: str, source: str, **rest: object) -> Claim:
    return claim(
        "a", "casualties", "red", when, source=source, low=low, best=best, of="soldiers killed", id=f"{source}{when}{low}{best}", **rest
    )


def test_counts_of_the_same_days_and_of_days_within() -> None:
    whole = toll(None, 10, "2001-01-01/2001-01-09", "press")
    assert len(found(line(), whole, toll(None, 20, "2001-01-01/2001-01-09", "teller"))) == 1
    assert len(found(line(), whole, toll(None, 20, "2001-01-03", "teller"))) == 1
    assert found(line(), whole, toll(None, 3, "2001-01-03", "teller")) == []
    assert found(line(), whole, toll(5, None, "2001-01-01/2001-01-09", "teller")) == []
    assert found(line(), whole, toll(None, 11, "2001-01-01/2001-01-09", "teller")) == []
    for days in ("2001-01-01/2001-01-03", "2001-01-07/2001-01-09"):  # days within that begin or end with the whole
        assert len(found(line(), whole, toll(None, 20, days, "teller"))) == 1
        assert len(found(line(), toll(None, 20, days, "teller"), whole)) == 1
    assert repr(found(line(), whole, toll(None, 20, "2001-01-03", "teller"))[0]).startswith("Conflict(")


def test_a_share_without_a_figure_is_none_at_all() -> None:
    assert share_range(claim("a", "share", "red", "2001-01-01", bound="exact")) == share_range(
        claim("a", "share", "red", "2001-01-01", value=0.0, bound="exact")
    )


def test_a_copy_does_not_contradict_its_origin_in_counts() -> None:
    assert found(line(), toll(None, 10, "2001-01-01", "teller"), toll(None, 20, "2001-01-01", "copyist")) == []


def test_reinforcements_of_near_days_with_those_without_a_figure_beside() -> None:
    few = claim("a", "strength", "red", "2001-01-01", best=300, of="reinforcements", id="few")
    many = claim("a", "strength", "red", "2001-01-02", low=1000, of="reinforcements", id="many", source="red_voice")
    some = claim("a", "strength", "red", "2001-01-02", of="reinforcements", id="some", source="press")
    (conflict,) = found(line(), few, many, some)
    assert [each.id for each in conflict.claims] == ["few", "many"]
    assert [each.id for each in conflict.beside] == ["some"]


def test_window_and_place_choose_and_order_is_by_day() -> None:
    told = [
        claim(p, "holds", s, f"2001-01-{d:02}", source=v)
        for p, d in (("b", 2), ("a", 8))
        for s, v in (("red", "teller"), ("blue", "press"))
    ]
    book = ledger(*reversed(told))
    assert [each.place for each in qsim.conflicts(line(), book)] == ["b", "a"]
    assert [each.place for each in qsim.conflicts(line(), book, start="2001-01-03")] == ["a"]
    assert [each.place for each in qsim.conflicts(line(), book, end="2001-01-07")] == ["b"]
    assert [each.place for each in qsim.conflicts(line(), book, place="A")] == ["a"]
    with pytest.raises(TheatreError):
        qsim.conflicts(line(), book, place="nowhere")


@pytest.mark.parametrize(("days", "clash"), [(3, 1), (4, 0)])
def test_a_hold_of_another_lies_at_most_three_days_after_a_capture(days: int, clash: int) -> None:
    taken = claim("a", "takes", "red", "2001-01-02")
    assert len(reasons(taken, claim("a", "holds", "blue", f"2001-01-{2 + days:02}"))) == clash


@pytest.mark.parametrize("day", ["2001-01-03", "2001-02-07", "2003-01-02"])
def test_a_second_capture_contradicts_the_first_however_far_apart(day: str) -> None:
    assert len(reasons(claim("a", "takes", "red", "2001-01-02"), claim("a", "takes", "red", day, source="press"))) == 1


def test_a_hold_between_two_captures_explains_the_second_unless_it_contradicts_the_first() -> None:
    first, again = claim("a", "takes", "red", "2001-01-17"), claim("a", "takes", "red", "2001-01-18", source="press")
    held = claim("a", "holds", "blue", "2001-01-18", source="blue_voice")
    (told,) = found(line(), first, again, held)
    assert (told.reason, len(told.claims)) == ("held by another after its capture; taken twice, not lost between", 3)
    later, much_later = replace(held, window=parse_edtf("2001-02-20")), replace(again, window=parse_edtf("2001-02-25"))
    assert reasons(first, later, much_later) == []


@pytest.mark.parametrize(("day", "clash"), [("2001-01-15", 0), ("2001-01-15~", 1), ("2001-01-14~", 0)])
def test_a_capture_of_an_approximate_day_may_have_been_two_days_later(day: str, clash: int) -> None:
    assert len(reasons(claim("a", "takes", "red", day), claim("a", "holds", "blue", "2001-01-20"))) == clash


def test_a_loss_explains_a_second_capture_when_it_lies_between() -> None:
    first, again = claim("a", "takes", "red", "2001-01-02"), claim("a", "takes", "red", "2001-01-09", source="press")
    for day, clash in (("2001-01-02", 1), ("2001-01-03", 0), ("2001-01-09", 0), ("2001-01-10", 1)):
        lost = claim("a", "loses", "red", day, source="blue_voice")
        assert len([reason for reason in reasons(first, again, lost) if "taken twice" in reason]) == clash, day
    group = [replace(each, place="all") for each in (first, again)]
    assert reasons(*group) == []


def test_a_change_is_told_between_what_it_explains() -> None:
    red, blue = claim("a", "holds", "red", "2001-01-02"), claim("a", "holds", "blue", "2001-01-04", source="press")
    for day, clash in (("2001-01-01", 1), ("2001-01-02", 0), ("2001-01-04", 0), ("2001-01-05", 1)):
        assert len([r for r in reasons(red, blue, claim("a", "takes", "blue", day)) if "two sides" in r]) == clash, day
    assert "held by two sides at once" in "".join(reasons(red, blue, claim("b", "takes", "blue", "2001-01-03")))


def test_figures_of_two_sides_may_fill_the_whole_and_days_two_apart_are_near() -> None:
    half = claim("t", "share", "red", "2001-01-01", value=0.5, bound="at_least")
    for day, clash in (("2001-01-03", 1), ("2001-01-04", 0)):
        assert len(found(grid(), half, claim("t", "share", "blue", day, value=0.6, bound="at_least"))) == clash
    assert found(grid(), half, claim("t", "share", "blue", "2001-01-01", value=0.5, bound="at_least")) == []
    assert found(grid(), half, claim("a1", "share", "blue", "2001-01-01", value=0.9, bound="at_least")) == []
    meeting = claim("t", "share", "red", "2001-01-01", value=0.5, bound="at_most", source="press")
    assert found(grid(), half, meeting) == []


@pytest.mark.parametrize(
    ("value", "bound", "expected"),
    [
        (0.01, "exact", (0, 0.035)),
        (0.99, "exact", (0.965, 1)),
        (0.1, "at_most", (0, 0.1)),
        (0.95, "approx", (0.87, 1)),
        (0.05, "approx", (0, 0.13)),
    ],
)
def test_a_share_lies_between_none_and_all(value: float, bound: str, expected: tuple[float, float]) -> None:
    assert share_range(claim("t", "share", "red", "2001-01-01", value=value, bound=bound)) == pytest.approx(expected)


def test_a_way_out_is_open_on_the_day_or_the_next_and_for_another_side() -> None:
    closed = claim("centre", "encircles", "blue", "2001-01-05", quantifier="all")
    for day, clash in (("2001-01-03", 0), ("2001-01-04", 1), ("2001-01-06", 1), ("2001-01-07", 0)):
        assert len(found(ring(), closed, claim("centre-n", "opens", "red", day))) == clash, day
    assert found(ring(), closed, claim("centre", "opens", "blue", "2001-01-05")) == []
    denial = claim("centre", "denies", "blue", "2001-01-20", source="red_voice", denies=closed.id)
    assert [(each.subject, each.reason) for each in found(ring(), closed, denial)] == [("ring", "denied")]


@pytest.mark.parametrize(
    ("best", "day", "clash"), [(110, "2001-01-04", 0), (111, "2001-01-04", 1), (111, "2001-01-05", 0), (90, "2001-01-02", 1)]
)
def test_strengths_of_three_days_apart_by_more_than_a_tenth(best: int, day: str, clash: int) -> None:
    first = claim("a", "strength", "red", "2001-01-01", best=100, of="fighters", id="first")
    other = claim("a", "strength", "red", day, best=best, of="Fighters", id="other", source="press")
    assert len(found(line(), first, other)) == clash
    assert found(line(), first, replace(other, of="tanks")) == []
    assert found(line(), first, replace(other, side="blue")) == []
    assert found(line(), first, replace(other, place="b")) == []


def test_a_count_of_days_that_only_overlap_clashes_with_none() -> None:
    first, other = toll(None, 10, "2001-01-01/2001-01-05", "press"), toll(None, 20, "2001-01-04/2001-01-09", "teller")
    assert found(line(), first, other) == []


def test_counts_beside_are_of_the_same_days() -> None:
    few, many = toll(None, 10, "2001-01-02", "press"), toll(None, 20, "2001-01-02", "teller")
    for day, beside in (("2001-01-01", 1), ("2001-01-03", 1), ("2001-01-04", 0), ("2001-01-01/2001-01-09", 0)):
        silent = claim("a", "casualties", "red", day, source="red_voice", of="soldiers killed", id="silent")
        (conflict,) = found(line(), few, many, silent)
        assert len(conflict.beside) == beside, day


def test_the_text_counts_and_indents() -> None:
    two = [claim("a", "holds", side, "2001-01-02", source=voice) for side, voice in (("red", "teller"), ("blue", "press"))]
    told = conflicts_text(line(), ledger(*two), qsim.conflicts(line(), ledger(*two)))
    assert told.split("\n")[:2] == ["Who held it (1)", "==============="]
    assert "\n\n1 contradiction, by subject and then by day.\n\nSought among what is told of one place" in told
    assert conflicts_text(line(), ledger(), []).startswith("0 contradictions, by subject and then by day.\n\nSought")
    assert "at most 3 days apart" in " ".join(told.split())
    assert repr(qsim.conflicts(line(), ledger(*two))[0]) == "Conflict(control of a, 2001-01-02: 2 claims; held by two sides at once)"


@pytest.mark.parametrize(
    ("kind", "side", "rest", "text"),
    [
        ("share", "red", {"value": 0.8, "bound": "at_most"}, "Red up to 80 %"),
        ("share", "red", {"value": 0.8, "bound": "exact"}, "Red 80 %"),
        ("share", "red", {"value": 0.8, "bound": "approx"}, "Red about 80 %"),
        ("strength", "red", {"best": 300, "of": "men"}, "300 men"),
        ("encircles", "red", {}, "A closed by Red"),
        ("opens", None, {}, "A open for somebody"),
        ("cuts", "red", {}, "A cut by Red"),
        ("other", None, {}, "told of A"),
        ("takes", "red", {}, "A taken by Red"),
    ],
)
def test_a_claim_in_a_few_words(kind: str, side: str | None, rest: dict[str, Any], text: str) -> None:
    said = claim("a", kind, side, "2001-01-02", id="said", **rest)
    denial = claim("a", "denies", "blue", "2001-01-03", denies="said")
    book = ledger(said, denial)
    assert claim_text(line(), book, said) == text
    assert claim_text(line(), book, denial) == f"denies: {text}"


def test_the_city_shares_of_22_may() -> None:
    claims = of("share", "2013-05-22", "2013-05-22")
    assert {(claim.value, claim.bound) for claim in claims} >= {(0.4, "exact"), (0.6, "approx"), (0.8, "at_most")}


def test_a_fifth_on_28_may_against_13_of_16_a_day_later() -> None:
    assert {claim.value for claim in of("share", "2013-05-28", "2013-05-29")} >= {0.2, 0.8125}


def test_the_town_hall_taken_demolished_and_taken() -> None:
    days = {(claim.kind, str(claim.window.start)[:7]) for claim in of("control", "2012-07-01", "2013-06-05", "qusayr_town_hall")}
    assert days >= {("takes", "2013-05"), ("denies", "2013-05"), ("other", "2012-07")}


def test_jawadiyah_taken_on_31_may_and_held_on_3_june() -> None:
    claims = of("control", "2013-05-31", "2013-06-03", "jawadiyah")
    assert {("takes", "government", "2013-05-31"), ("holds", "opposition", "2013-06-03")} <= {
        (claim.kind, claim.side, str(claim.window.start)) for claim in claims
    }


def test_the_ring_complete_and_not_yet() -> None:
    told = {(claim.kind, str(claim.window)) for claim in of("ring", "2013-05-05", "2013-05-31")}
    assert told >= {("encircles", f"2013-05-{day}") for day in ("05", "30", "31")} | {("opens", f"2013-05-{day}") for day in ("13", "27")}


def test_300_or_over_1000_reinforcements() -> None:
    assert {claim.numbers for claim in of("strength", "2013-05-30", "2013-05-31")} >= {(300, 300), (1000, float("inf"))}


def test_431_to_500_killed_or_1257() -> None:
    assert {claim.numbers for claim in of("casualties", "2013-05-19", "2013-06-05")} >= {(431, 500), (1257, 1257)}


def test_the_command_prints_it_all_at_80_columns() -> None:
    result = CliRunner().invoke(app, ["conflicts", "qusayr"])
    assert result.exit_code == 0
    assert max(map(len, result.output.splitlines())) <= 80
    text = " ".join(result.output.split())
    for words in (
        "Government and allies 40 %",
        "Government and allies about 60 %",
        "Government and allies up to 80 %",
        "Government and allies 20 %",
        "Government and allies 81 %",
        "1,257",
        "431-500",
        "1,000 or more",
    ):
        assert words in text
    assert "contradictions, by subject and then by day." in text


def test_the_command_narrows_and_fails_plainly() -> None:
    run = CliRunner().invoke
    only = run(app, ["conflicts", "qusayr", "--from", "2013-05-31", "--to", "2013-06-03", "--place", "Jawadiyeh"])
    assert "Jawadiyeh" in only.output
    assert "40 %" not in only.output
    assert run(app, ["conflicts", "qusayr", "--from", "2011-01-01", "--to", "2011-02-01"]).output.startswith("0 contradictions")
    assert "is the year right?" in run(app, ["conflicts", "qusayr", "--from", "1913-01-01"]).output
    wrong = run(app, ["conflicts", "qusayr", "--place", "nowhere"])
    assert wrong.exit_code == 1
    assert "unknown place 'nowhere'" in wrong.output


def test_every_contradiction_is_told_with_source_side_and_citation() -> None:
    where, told, all_of_them = record()
    text = " ".join(conflicts_text(where, told, all_of_them).split())
    for each in (each for conflict in all_of_them for each in conflict.claims):
        assert told.source(each.source).name in text
        assert " ".join(each.note.split()) in text
        assert each.cites[0] in text
        assert claim_text(where, told, each).split()[0] in text


@given(LEDGERS, st.sampled_from(["a", "b", "t", "t1", "shop", "both", "north"]))
def test_those_of_a_place_are_those_of_all_that_bear_on_it(ledger: Ledger, place: str) -> None:
    theatre = country()
    some = [each for each in conflicts(theatre, ledger) if any(bears_on(theatre, claim, place) for claim in each.claims)]
    assert conflicts(theatre, ledger, place=place) == some


@given(LEDGERS, st.integers(0, 30))
def test_no_pair_of_near_days_is_left_out(ledger: Ledger, days: int) -> None:
    told = sorted(ledger, key=lambda each: (each.effective, each.window, each.id))
    near = list(_near(told, days)) if told else []
    assert [pair for pair in combinations(told, 2) if pair in near or days_apart(pair[0].window, pair[1].window) <= days] == near


def test_sides_are_named_and_the_sentence_fits_one_or_many() -> None:
    red = replace(line().sides[0], name="Reds and their allies")
    where = replace(line(), sides=(red, *line().sides[1:]))
    two = ledger(claim("a", "takes", "red", "2001-01-02"), claim("a", "holds", "blue", "2001-01-03", source="press"))
    text = conflicts_text(where, two, conflicts(where, two))
    assert "A taken by Reds and their allies - " in text
    assert "A held by Blue - " in text
    assert "red takes" not in text
