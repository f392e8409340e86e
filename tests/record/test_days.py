"""The days of a scenario that tells none, and of claims whose year or spelling is a slip."""

from pathlib import Path

import pytest

import qsim
from qsim.record.days_by_numbers import by_numbers
from qsim.record.problems import problems_text
from qsim.record.scenario import explain

PLACES = "name,lon,lat\nAltdorf,8.64,46.88\nBrunnen,8.60,46.99\n"


def case(folder: Path, *days: str, sides: tuple[str, ...] = ("Red", "Blue")) -> Path:
    """Return a scenario of two places and a claim on each of the days, by two sides in turn; no day of its own is given."""
    folder.mkdir(exist_ok=True)
    (folder / "places.csv").write_text(PLACES, encoding="utf-8")
    rows = [f"Altdorf,holds,{sides[n % len(sides)]},{day},The Post\n" for n, day in enumerate(days)]
    (folder / "claims.csv").write_text("place,what,who,day,source\n" + "".join(rows), encoding="utf-8")
    return folder


def told(folder: Path) -> str:
    return problems_text(qsim.check(folder))


def test_a_mistyped_year_is_asked_about_in_its_own_row_where_no_days_are_given(tmp_path: Path) -> None:
    folder = case(tmp_path / "case", "1991-09-01", "1099-09-02", "1991-09-03", "1991-09-04")
    assert told(folder).splitlines() == [
        "claims.csv has 1 problem",
        "  row 3, start: 1099-09-02 lies 892 years outside the scenario, 1991-09-01 to 1991-09-04; is the year mistyped?",
    ]


def test_a_mistyped_year_of_one_century_is_found_as_well(tmp_path: Path) -> None:
    folder = case(tmp_path / "case", "1991-09-01", "2091-09-02", "1991-09-03")
    assert "row 3, start: 2091-09-02 lies 100 years outside the scenario" in told(folder)


def test_days_that_are_given_or_years_of_which_no_half_stands_together_are_left_alone(tmp_path: Path) -> None:
    folder = case(tmp_path / "case", "1890-09-01", "1991-09-02")
    assert [str(day) for day in (qsim.load(folder)[0].start, qsim.load(folder)[0].end)] == ["1890-09-01", "1991-09-02"]
    given = case(tmp_path / "given", "1950-09-01", "1991-09-02", "1991-09-03")
    (given / "scenario.toml").write_text('start = "1950-01-01"\n', encoding="utf-8")
    assert str(qsim.load(given)[0].start) == "1950-01-01"


@pytest.mark.parametrize(
    ("days", "first", "last"),
    [
        (("1991-09-01", "1991-09-05/.."), "1991-09-01", "1991-09-05"),
        (("../1991-08-20", "1991-09-01"), "1991-08-20", "1991-09-01"),
        (("1991-09-01", "2091-09-05/.."), "1991-09-01", "1991-09-01"),  # a century later is asked about, not believed
    ],
)
def test_the_closed_end_of_an_open_window_is_a_day_that_a_claim_speaks_of(
    days: tuple[str, ...], first: str, last: str, tmp_path: Path
) -> None:
    folder = case(tmp_path / "case", *days)
    taken = {each.column: each.what for each in explain(folder) if each.level == "default"}
    assert f"start is taken to be {first}" in taken["start"]
    assert f"end is taken to be {last}" in taken["end"]


def test_what_began_long_before_does_not_make_the_scenario_long(tmp_path: Path) -> None:
    theatre, ledger = qsim.load(case(tmp_path / "case", "1991-09-01", "1967-06-11/1991-09-30", "1991-09-03"))
    assert (str(theatre.start), str(theatre.end), len(ledger)) == ("1967-06-11", "1991-09-30", 3)


@pytest.mark.parametrize("bad", ["caf\xe9", '"a"b'])
def test_claims_that_cannot_be_read_are_one_problem_and_none_of_the_settings(bad: str, tmp_path: Path) -> None:
    folder = case(tmp_path / "case", "1991-09-01", "1991-09-02")
    text = (folder / "claims.csv").read_text(encoding="utf-8").replace("The Post", bad)
    (folder / "claims.csv").write_bytes(text.encode("cp1252"))
    assert [problem.file for problem in qsim.check(folder)] == ["claims.csv"] * len(qsim.check(folder))
    assert "no claim has a day" not in told(folder)
    assert "fewer than two sides" not in told(folder)


def test_claims_without_any_are_still_asked_for_days_and_sides(tmp_path: Path) -> None:
    assert "start: start is not given, and no claim has a day" in told(case(tmp_path / "case"))


def test_days_by_numbers_are_one_line_a_column_with_the_order_that_fits_all(tmp_path: Path) -> None:
    days = ("18.11.1991", "01.10.1991", "1991-10-03", "24.08.1991", "05.11.1991", "20.10.1991")
    (line,) = told(case(tmp_path / "case", *days)).splitlines()[1:]
    assert line.startswith("  rows 2, 3, 5 and 2 more, start: 5 dates are days by their numbers, and all can only be day.month.year")
    assert "such as '18.11.1991', which is 1991-11-18: write year-month-day" in line


def test_two_of_them_are_told_one_by_one(tmp_path: Path) -> None:
    assert "row 3, start: bad date: '01.10.1991' is not an EDTF date" in told(case(tmp_path / "case", "18.11.1991", "01.10.1991"))


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["11/18/1991", "10/01/1991"], "all can only be month/day/year, such as '11/18/1991', which is 1991-11-18"),
        (["18/11/1991", "11/18/1991"], "some can only be day first, such as '18/11/1991', others only month first, such as '11/18/1991'"),
        (["1/1/1991", "1/2/1991"], "each can be read in two ways, such as '1/2/1991', which is 1991-02-01 or 1991-01-02"),
    ],
)
def test_the_order_is_told_where_one_fits_all_and_asked_where_not(texts: list[str], said: str) -> None:
    assert said in by_numbers(texts)


def test_a_side_that_does_nothing_is_asked_about(tmp_path: Path) -> None:
    folder = case(tmp_path / "case", "1991-09-01", "1991-09-02")
    sides = 'sides = [{name = "Red"}, {name = "Blue"}, {name = "Monitors"}, {name = "Green", bases = ["Brunnen"]}]\n'
    (folder / "scenario.toml").write_text(sides, encoding="utf-8")
    asked = [each.what for each in explain(folder) if each.level == "notice" and each.column == "sides"]
    assert len(asked) == 1
    assert asked[0].startswith("the side 'monitors' has no base, and no claim says that it holds, takes or fights for anything")


def test_parts_that_are_points_are_one_problem_with_the_remedy(tmp_path: Path) -> None:
    folder = case(tmp_path / "case", "1991-09-01", "1991-09-02")
    parts = "name,lon,lat,parent\nAltdorf,8.64,46.88,\nBrunnen,8.60,46.99,\nMill,8.641,46.881,Altdorf\nMarket,8.639,46.879,Altdorf\n"
    (folder / "places.csv").write_text(parts, encoding="utf-8")
    (line,) = told(folder).splitlines()[1:]
    assert line.startswith("  rows 4, 5, parent: 'mill', 'market' have a parent, but neither a polygon (a part) nor `within` (a building)")
    assert line.endswith("call qsim sectors FOLDER altdorf --around TABLE")


def test_a_length_that_is_taken_says_between_which_places(tmp_path: Path) -> None:
    taken = [each.what for each in explain(case(tmp_path / "case", "1991-09-01", "1991-09-02")) if each.column == "length_km"]
    assert len(taken) == 1
    assert taken[0].endswith(", the straight line from altdorf to brunnen")


def test_a_date_without_a_year_is_told_with_that_of_the_scenario(tmp_path: Path) -> None:
    said = told(case(tmp_path / "case", "1991-09-01", "Early October", "1991-11-02"))
    assert "start: bad date: 'Early October' is not an EDTF date; write 1991-10-01/1991-10-10, if 1991 is meant" in said
    said = told(case(tmp_path / "more", "1991-09-01", "Early October", "1992-11-02"))
    assert "start: bad date: 'Early October' is not an EDTF date; write YYYY-10-01/YYYY-10-10, with the year for YYYY" in said


def test_rows_whose_days_cannot_be_read_are_no_copies_of_each_other(tmp_path: Path) -> None:
    folder = case(tmp_path / "case", "1991-09-01", "sometime", "one day", "later", "1991-09-01")
    assert [each.row for each in explain(folder) if "is it there twice" in each.what] == [6]
