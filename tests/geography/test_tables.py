import csv
import io
import re

import numpy as np
import pytest
from toys import claim, ledger, line, replayed

import qsim
from qsim.belief.timeline import Timeline, TimelineError
from qsim.geography import tables
from qsim.record.theatre import TheatreError


@pytest.fixture(scope="module")
def told() -> Timeline:
    """Red holds a and b until blue takes a on the 4th; a voice calls b encircled on the 5th; c is fought over and never resolved."""
    return replayed(
        line(),
        claim("a", "holds", "red", "2001-01-01"),
        claim("b", "holds", "red", "2001-01-01"),
        claim("c", "contests", None, "2001-01-02"),
        claim("a", "takes", "blue", "2001-01-04", cites=("001:4",)),
        claim("b", "encircles", "blue", "2001-01-05", cites=("001:5",)),
        claim("b-c", "cuts", "blue", "2001-01-03"),
        days=7,
        policy="hmm",
    )


@pytest.fixture(scope="module")
def qusayr() -> Timeline:
    theatre, ledger = qsim.load("qusayr")
    return qsim.reconstruct(theatre, ledger, start="2013-05-20", end="2013-06-02", policy="hmm")


def peopled(timeline: Timeline) -> Timeline:
    """Return the timeline on a map with cells, so that shares have an area."""
    from dataclasses import replace

    import shapely

    places = tuple(replace(p, polygon=shapely.box(p.lon - 0.05, -0.05, p.lon + 0.05, 0.05), area_km2=10.0) for p in timeline.theatre.places)
    return replace(timeline, theatre=replace(timeline.theatre, places=places, frame=(-0.05, -0.05, 0.45, 0.05)))


def test_a_row_a_day_as_text_and_as_csv(told: Timeline) -> None:
    timeline = peopled(told)
    heard = tables.witnesses(timeline, "b", "red", runs=200)
    found = tables.metrics_by_day(timeline, heard, "b", "red")
    rows = list(csv.DictReader(io.StringIO(tables.metrics_csv(found))))
    assert [row["day"] for row in rows] == [str(day) for day in told.days]
    assert float(rows[0]["cut_off_map"]) < 0.2 < 0.6 < float(rows[4]["cut_off_map"])
    text = tables.metrics_table(timeline, heard, "b", "red", rows=found)
    assert len(re.split(r"  +", text.splitlines()[1])) == len(rows[0]) - 1  # the effective sample stands in the first line
    assert max(map(len, text.splitlines())) <= 130
    assert "the map alone 2001-01-04, the words alone 2001-01-05." in " ".join(text.split())


def test_every_enclosure_claim_stands_beside_the_three_probabilities(told: Timeline) -> None:
    text = tables.enclosure_table(told, tables.witnesses(told, "b", "red", runs=200), "b", "red")
    row = next(line for line in text.splitlines() if line.startswith("2001-01-05"))
    assert row.split()[1] == "closed"
    assert all(0 <= float(number) <= 1 for number in row.split()[2:5])
    assert re.search(r"The teller \[\S*b-encircles-blue\S*; 001:5\]", " ".join(text.split()))
    assert tables.never_resolved(told) == ["c"]


def test_what_decides_is_named(told: Timeline) -> None:
    everything, *leans = tables.sensitivities(told, tables.witnesses(told, "b", "red", runs=200), "b", "red", "2001-01-02")
    assert everything.what == "all"
    assert {lean.kind for lean in leans} == {"link", "base", "claim"}
    assert {lean.what for lean in leans if abs(lean.change) > 0.5} == {"r-a", "a-b", "r"}  # the one road and the one base
    text = tables.sensitivity_table(told, tables.witnesses(told, "b", "red", runs=200), "b", "red", "2001-01-02")
    assert "What decides: link a-b" in text or "What decides: base r" in text


def test_holding_the_last_road_keeps_a_way_open(told: Timeline) -> None:
    supposed = told.with_status("a", "red", start="2001-01-04")
    names, *rows = tables.whatif_table(told, supposed, "b", "red", since="2001-01-04", runs=200).splitlines()
    assert len(rows) == 4
    assert all(float(row.split()[names.split().index("more_exits")]) > 0.5 for row in rows)
    short = told.with_status("a", "red", start="2001-01-04", end="2001-01-05")
    assert float(tables.whatif_table(told, short, "b", "red", since="2001-01-04", runs=200).splitlines()[-1].split()[3]) == 0


def test_a_long_table_is_told_by_week_or_by_change_and_its_first_day_is_that_of_all_days(told: Timeline) -> None:
    timeline = peopled(told)
    heard = tables.witnesses(timeline, "b", "red", runs=50)
    days = {by: [row["day"] for row in tables.metrics_by_day(timeline, heard, "b", "red", by=by)] for by in tables.BY}
    assert days["week"] == ["2001-01-01", "2001-01-07"]
    assert days["change"] == sorted({"2001-01-01", "2001-01-07", *(str(change.day) for change in timeline.changes())})
    assert days["day"] == [str(day) for day in timeline.days]
    week, every = (
        tables.metrics_table(timeline, heard, "b", "red", rows=tables.metrics_by_day(timeline, heard, "b", "red", by=by))
        for by in ("week", "day")
    )
    assert week.rpartition("First day")[2] == every.rpartition("First day")[2]
    assert "5 of 7 days are left out" in week
    assert "left out" not in every
    with pytest.raises(TimelineError, match="unknown rows 'month'; expected one of day, week, change"):
        tables.metrics_by_day(timeline, heard, "b", "red", by="month")


def test_blocks_of_days_change_nothing(told: Timeline, monkeypatch: pytest.MonkeyPatch) -> None:
    timeline = peopled(told)
    heard = tables.witnesses(timeline, "b", "red", runs=50)
    whole = tables.as_text(tables.metrics_by_day(timeline, heard, "b", "red"))
    monkeypatch.setattr("qsim.geography.reachability._MONTH", 2)
    assert tables.as_text(tables.metrics_by_day(timeline, heard, "b", "red")) == whole


def test_a_policy_that_draws_no_histories_is_asked_by_the_one_it_has(told: Timeline) -> None:
    timeline = qsim.reconstruct(told.theatre, told.ledger or ledger(), start="2001-01-01", end="2001-01-07", policy="last_claim")
    heard = tables.witnesses(timeline, "b", "red")
    assert len(heard.given) == 1
    assert "(the one history that this policy has)" in " ".join(tables.enclosure_table(timeline, heard, "b", "red").split())


def test_bad_questions_are_refused(told: Timeline) -> None:
    with pytest.raises(TheatreError, match="unknown place"):
        tables.witnesses(told, "z", "red", runs=5)
    with pytest.raises(TheatreError, match="unknown side"):
        tables.witnesses(told, "b", "green", runs=5)
    mean = told.most_likely().mean()
    with pytest.raises(TimelineError, match="no ledger"):
        tables.enclosure_table(mean, tables.witnesses(mean, "b", "red"), "b", "red")


def test_the_ring_of_may_2013_beside_what_was_said(qusayr: Timeline) -> None:
    heard = tables.witnesses(qusayr, "qusayr", "opposition", runs=300)
    text = tables.enclosure_table(qusayr, heard, "qusayr", "opposition")
    assert "20130530-qusayr-encircles-rebels; 003:188#1" in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 100
    rows = {row["day"]: row for row in tables.metrics_by_day(qusayr, heard, "qusayr", "opposition")}
    assert float(rows["2013-05-26"]["cut_off"]) < 0.5 < float(rows["2013-05-31"]["cut_off"])
    (lean,) = [each for each in tables.sensitivities(qusayr, heard, "qusayr", "opposition", "2013-05-30") if each.what == "shamsin"]
    assert lean.change > 0.2  # a road to Shamsin is what kept the computed ring open


def test_what_is_without_end_is_none_and_columns_of_a_what_if_are_explained() -> None:
    assert tables.as_text([{"km": np.inf, "p": np.nan}]).split() == ["km", "p", "none", "-"]
    for name in ("exits", "encircled", "supply_km", "_if", "more_exits"):
        assert f"{name}:" in tables.WHATIF_COLUMNS
