"""What one claim says about places: whose they are, of which ring it speaks, of what it is a report."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from toys import claim, grid, ledger, line, theatre

import qsim
from qsim.belief.evidence import (
    last_reports,
    last_reports_by_block,
    last_reports_by_places,
    last_reports_of_day,
    meant,
    other_side,
    reading,
    reading_of_ring,
    reported,
    reports,
)
from qsim.record.dates import day_range
from qsim.record.ledger import KINDS
from qsim.record.theatre import Group

THREE = theatre({"a": (0, 0), "b": (1, 0)}, ["a-b"], green=())
DAYS = day_range("2001-01-01", "2001-01-08")


@pytest.mark.parametrize(
    ("kind", "two", "three"),
    [
        ("holds", "red", "red"), ("takes", "red", "red"), ("repulses", "red", "red"), ("share", "red", "red"),
        ("loses", "blue", "contested"), ("denies", "blue", "contested"), ("contests", "contested", "contested"),
    ],
)  # fmt: skip
def test_what_a_claim_of_control_asserts(kind: str, two: str, three: str) -> None:
    said = claim("a", kind, "red", "2001-01-01", denies="x" if kind == "denies" else None)
    assert (reading(line(), said), reading(THREE, said)) == (two, three)


def test_other_kinds_assert_nothing_of_control() -> None:
    asserted = {kind for kind in KINDS if reading(line(), claim("a", kind, "red", "2001-01-01")) is not None}
    assert asserted == {"holds", "takes", "loses", "contests", "denies", "share", "repulses"}


@pytest.mark.parametrize(
    ("kind", "side", "statuses"),
    [
        ("holds", "red", (0,)), ("holds", "green", (2,)), ("holds", None, (3,)), ("contests", "red", (3,)),
        ("loses", "red", (1, 2)), ("denies", "green", (0, 1)), ("withdraws", "blue", (0, 2)),
    ],
)  # fmt: skip
def test_what_a_claim_may_mean_among_three_sides(kind: str, side: str | None, statuses: tuple[int, ...]) -> None:
    assert meant(THREE, claim("a", kind, side, "2001-01-01")) == statuses


def test_the_other_side_is_one_of_two_and_open_among_three() -> None:
    assert [other_side(line(), side) for side in ("red", "blue", None)] == ["blue", "red", "contested"]
    assert other_side(THREE, "red") == "contested"


def ways() -> qsim.Theatre:
    groups = (Group("both", "both ways", ("r-a1", "l-c1"), of="links"), Group("some", "some", ("r-a1", "a1-a2"), of="links"))
    return replace(grid(), groups=(*grid().groups, *groups))


@pytest.mark.parametrize(
    ("place", "kind", "quantifier", "closed"),
    [
        ("t", "encircles", None, True), ("t", "encircles", "all", True), ("t", "encircles", "part", False), ("t", "encircles", "most", False),
        ("t", "opens", None, False), ("t", "opens", "all", False), ("t", "cuts", None, True), ("t", "cuts", "most", False),
        ("both", "cuts", None, True), ("both", "cuts", "all", True), ("both", "cuts", "most", False), ("both", "opens", None, False),
        ("some", "cuts", None, None), ("r-a1", "cuts", None, None), ("a1", "encircles", None, None), ("t", "holds", None, None),
    ],
)  # fmt: skip
def test_of_which_ring_a_claim_speaks(place: str, kind: str, quantifier: str | None, closed: bool | None) -> None:
    assert reading_of_ring(ways(), claim(place, kind, "blue", "2001-01-01", quantifier=quantifier), "t") is closed


def test_a_group_of_several_of_many_ways_into_a_city_speaks_of_its_ring_only_where_it_says_how_many() -> None:
    three = replace(ways(), links=(*ways().links, replace(ways().links[0], id="r-a3", a="r", b="a3")))
    assert reading_of_ring(three, claim("both", "cuts", "blue", "2001-01-01"), "t") is None
    assert reading_of_ring(three, claim("both", "cuts", "blue", "2001-01-01", quantifier="most"), "t") is False
    assert reading_of_ring(three, claim("both", "opens", "red", "2001-01-01"), "t") is False


@pytest.mark.parametrize(
    ("place", "kind", "side", "rest", "places"),
    [
        ("a", "holds", "red", {}, "a"), ("all", "holds", "red", {}, "abc"), ("all", "holds", "red", {"quantifier": "part"}, ""),
        ("all", "holds", "red", {"quantifier": "most"}, "abc"), ("a", "holds", "red", {"quantifier": "part"}, "a"), ("a", "withdraws", "red", {}, "a"),
        ("a", "withdraws", None, {}, ""), ("a", "bombards", "red", {}, ""), ("a", "encircles", "red", {}, ""), ("a", "contests", None, {}, "a"),
    ],
)  # fmt: skip
def test_of_which_places_a_claim_is_a_report(place: str, kind: str, side: str | None, rest: dict[str, Any], places: str) -> None:
    found = reported(line(), claim(place, kind, side, "2001-01-01", **rest))
    assert "".join(sorted(line().places[i].id for i in found)) == places


def test_part_of_a_city_is_a_report_of_it_and_its_parts() -> None:
    found = {grid().places[i].id for i in reported(grid(), claim("t", "takes", "red", "2001-01-01", quantifier="part"))}
    assert found == {"t", *grid().parts["t"]}


def test_the_last_report_is_the_last_day_told_of_and_known() -> None:
    told = ledger(
        claim("a", "holds", "red", "2001-01-02/2001-01-04"),
        claim("a", "holds", "red", "2001-01-03", source="press", reported="2001-01-06"),
        claim("b", "takes", "red", "2001-01-07", source="press"),
        claim("c", "holds", "red", "1999-12-31"),
    )
    by_place = {place.id: last_reports(line(), told, DAYS)[:, i].astype(str).tolist() for i, place in enumerate(line().places)}
    fourth = "2001-01-04"
    assert by_place["a"] == ["NaT", "2001-01-02", "2001-01-03", fourth, fourth, fourth, fourth, fourth]
    assert by_place["b"] == ["NaT"] * 6 + ["2001-01-07"] * 2
    assert by_place["c"] == ["1999-12-31"] * 8
    late = ledger(claim("a", "holds", "red", "2001-01-03", reported="2001-01-06"))
    assert last_reports(line(), late, DAYS, as_known=True)[:, 1].astype(str).tolist() == ["NaT"] * 5 + ["2001-01-03"] * 3
    assert last_reports(line(), late, DAYS)[:, 1].astype(str).tolist() == ["NaT"] * 2 + ["2001-01-03"] * 6


@pytest.mark.parametrize("as_known", [False, True])
def test_what_stands_until_further_notice_is_a_report_of_the_day_on_which_it_was_made_alone(as_known: bool) -> None:
    standing = ledger(
        claim("a", "holds", "red", "2001-01-02/.."),
        claim("b", "holds", "red", "2001-01-02/..", reported="2001-01-05"),
        claim("c", "holds", "red", "1999-12-31/.."),
    )
    found = last_reports(line(), standing, DAYS, as_known=as_known).astype(str)
    assert found[:, line().index["a"]].tolist() == ["NaT"] + ["2001-01-02"] * 7
    assert found[:, line().index["b"]].tolist() == ["NaT"] * 4 + ["2001-01-05"] * 4
    assert found[:, line().index["c"]].tolist() == ["1999-12-31"] * 8


@pytest.mark.parametrize("step", [1, 2, 3, 8, 100])
@pytest.mark.parametrize("as_known", [False, True])
def test_blocks_of_days_and_of_places_are_the_whole(step: int, as_known: bool) -> None:
    told = ledger(
        claim("all", "holds", "red", "2001-01-02/2001-01-05", reported="2001-01-04"),
        claim("b", "takes", "blue", "2001-01-05"),
        claim("r", "holds", "red", "2000-12-31/2001-01-01"),
    )
    whole = last_reports(line(), told, DAYS, as_known=as_known)
    assert np.isnat(whole).any()
    assert np.array_equal(np.concatenate([*last_reports_by_block(line(), told, DAYS, step, as_known=as_known)]), whole, equal_nan=True)
    by_places = np.concatenate([*last_reports_by_places(line(), told, DAYS, step, as_known=as_known)], axis=1)
    assert np.array_equal(by_places, whole, equal_nan=True)
    blocks = [*last_reports_by_block(line(), told, DAYS, step, as_known=as_known)]
    assert [len(each) for each in blocks[:-1]] == [step] * (len(blocks) - 1)
    assert 0 < len(blocks[-1]) <= step
    assert [len(each) for each in last_reports_by_block(line(), told, DAYS[:1], 1, as_known=as_known)] == [1]


@pytest.mark.parametrize("side", ["red", None])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_of_what_a_claim_of_each_kind_is_a_report(kind: str, side: str | None) -> None:
    """Claims of control are, and withdrawals of a named side: of the places that `reported` tells, from the first day told of on."""
    for place in ("r", "t", "a1", "l"):
        said = claim(place, kind, side, "2001-01-03/2001-01-04", denies="x" if kind == "denies" else None)
        told = said.of_control or (kind == "withdraws" and side is not None)
        found = last_reports(grid(), ledger(said), DAYS)
        for n, moment in enumerate(DAYS):
            day = np.minimum(moment, np.datetime64("2001-01-04")) if moment >= np.datetime64("2001-01-03") else np.datetime64("NaT", "D")
            expected = [day if told and p in set(reported(grid(), said)) else np.datetime64("NaT", "D") for p in range(len(grid().places))]
            assert np.array_equal(found[n], np.array(expected), equal_nan=True), (kind, place, moment)
            alone = last_reports_of_day(reports(grid(), ledger(said)), moment, len(grid().places))
            assert np.array_equal(alone, found[n], equal_nan=True), (kind, place, moment)
