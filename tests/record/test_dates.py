import re
from datetime import date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qsim.record.dates import MOST_DAYS, DateError, Relative, Window, day, day_range, long_day, parse_edtf, parse_when
from qsim.record.spellings import with_year


@pytest.mark.parametrize(
    ("text", "start", "end", "approximate"),
    [
        ("2013-05-19", date(2013, 5, 19), date(2013, 5, 19), False),
        ("2012-07", date(2012, 7, 1), date(2012, 7, 31), False),
        ("2012-12", date(2012, 12, 1), date(2012, 12, 31), False),
        ("2012", date(2012, 1, 1), date(2012, 12, 31), False),
        ("2013-05-22~", date(2013, 5, 22), date(2013, 5, 22), True),
        ("2013-05-17/2013-05-19", date(2013, 5, 17), date(2013, 5, 19), False),
        ("2011-11/2012-02-10~", date(2011, 11, 1), date(2012, 2, 10), True),
    ],
)
def test_edtf_dates_become_windows_both_ends_included(text: str, start: date, end: date, approximate: bool) -> None:
    assert parse_edtf(text) == Window(start, end, approximate)


@pytest.mark.parametrize("text", ["", "2013-13-01", "2013-02-30", "19 May 2013", "2013-05-19/", "2013/2012", "a/b/c", "13-05-19"])
def test_what_is_no_date_says_so(text: str) -> None:
    with pytest.raises(DateError, match=text.split("/", maxsplit=1)[0] or "EDTF"):
        parse_edtf(text)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(1, 400))
def test_a_window_reads_back_from_its_text(start: date, length: int) -> None:
    window = Window(start, start + timedelta(days=length - 1))
    assert parse_edtf(str(window)) == window
    assert window.length == length
    assert window.end in window
    assert window.end + timedelta(days=1) not in window


def test_days_of_a_window_hold_its_end() -> None:
    assert day_range("2013-05-30", "2013-06-01").astype(str).tolist() == ["2013-05-30", "2013-05-31", "2013-06-01"]
    with pytest.raises(DateError, match="ends before it starts"):
        day_range("2013-05-30", "2013-05-29")


@pytest.mark.parametrize(
    "value", [date(2013, 5, 19), "2013-05-19", np.datetime64("2013-05-19"), np.datetime64("2013-05-19T00:00"), datetime(2013, 5, 19)]
)
def test_a_day_is_a_day_however_it_is_given(value: date | str | np.datetime64) -> None:
    assert day(value) == date(2013, 5, 19)


@pytest.mark.parametrize(
    "value",
    [
        "May",
        "20130519",
        "2013-W20-7",
        "2013-05-19T12:00",
        datetime(2013, 5, 19, 12),
        np.datetime64("2013-05-19T12:00"),
        np.datetime64("2013-05"),
        np.datetime64("NaT", "D"),
        None,
        5,
    ],
)
def test_what_is_no_day_says_so(value: object) -> None:
    with pytest.raises(DateError):
        day(value)  # type: ignore[arg-type]


# Spellings of EDTF (ISO 8601-2) levels 0 and 1 and some of level 2, made from parts; winter is left out, where the oracle ends in December.
PLAIN = st.one_of(
    st.dates(date(1000, 1, 1), date(2999, 12, 31)).map(str),
    st.builds("{:04}-{:02}".format, st.integers(1000, 2999), st.integers(1, 12)),
    st.builds("{:04}-{:02}".format, st.integers(1000, 2999), st.sampled_from([21, 22, 23])),
    st.builds("{:04}-{:02}-XX".format, st.integers(1000, 2999), st.integers(1, 12)),
    st.builds("{:04}".format, st.integers(1000, 2999)),
    st.builds("{:03}X".format, st.integers(100, 299)),
    st.builds("{:02}XX".format, st.integers(10, 29)),
    st.builds("{:04}-XX-XX".format, st.integers(1000, 2999)),
)


@given(PLAIN, st.sampled_from(["", "~", "?", "%"]))
def test_dates_span_what_the_edtf_package_says(text: str, mark: str) -> None:
    edtf = pytest.importorskip("edtf")
    oracle = edtf.parse_edtf(text)
    window = parse_edtf(text + mark)
    assert (window.start, window.end) == (date(*oracle.lower_strict()[:3]), date(*oracle.upper_strict()[:3]))
    assert (window.approximate, window.uncertain) == (mark in ("~", "%"), mark in ("?", "%"))


@given(st.lists(st.dates(date(1900, 1, 1), date(2100, 1, 1)), min_size=2, max_size=2, unique=True))
def test_intervals_span_what_the_edtf_package_says(days: list[date]) -> None:
    edtf = pytest.importorskip("edtf")
    text = f"{min(days)}/{max(days)}"
    oracle = edtf.parse_edtf(text)
    assert (parse_edtf(text).start, parse_edtf(text).end) == (date(*oracle.lower_strict()[:3]), date(*oracle.upper_strict()[:3]))


def test_an_open_end_is_bounded_by_the_scenario_and_says_so() -> None:
    window = parse_edtf("2013-05-03/..")
    assert (str(window), window.open_end) == ("2013-05-03/..", True)
    assert window.within(date(2013, 5, 1), date(2013, 6, 8)).end == date(2013, 6, 8)
    assert parse_edtf("../2013-05-03").within(date(2013, 5, 1), date(2013, 6, 8)).start == date(2013, 5, 1)
    assert str(window.within(date(2013, 5, 1), date(2013, 6, 8))) == "2013-05-03/.."


def test_one_of_a_set_leaves_out_the_days_between() -> None:
    window = parse_edtf("[2013-05-03,2013-05-05]")
    assert [d in window for d in (date(2013, 5, 3), date(2013, 5, 4), date(2013, 5, 5))] == [True, False, True]
    assert parse_edtf("[2013-05-03..2013-05-05]") == parse_edtf("2013-05-03/2013-05-05")


def test_a_time_of_day_is_kept() -> None:
    assert (parse_edtf("2013-05-19T05:30").time, str(parse_edtf("2013-05-19T05:30Z"))) == ("05:30", "2013-05-19T05:30Z")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("20/10/2016", "2016-10-20"),
        ("10/20/2016", "2016-10-20"),
        ("20.10.2016", "2016-10-20"),
        ("2016/10/20", "2016-10-20"),
        ("2016-5-9", "2016-05-09"),
        ("03/05/2013", r"2013-03-05 \(5 March 2013\) or 2013-05-03 \(3 May 2013\)"),
        ("05/05/2013", "2013-05-05"),
        ("19 May 2013", "2013-05-19"),
        ("May 19, 2013", "2013-05-19"),
        ("Sept. 2016", "2016-09"),
        ("c. 1916", "1916~"),
        ("2013-05-03 14:00", "2013-05-03T14:00"),
        ("2013-05-17 to 2013-05-19", "2013-05-17/2013-05-19"),
        ("41413", "2013-05-19"),
    ],
)
def test_a_date_in_another_spelling_tells_the_one_that_is_meant(text: str, meant: str) -> None:
    with pytest.raises(DateError, match=f"is not an EDTF date; write {meant}$"):
        parse_edtf(text)


@pytest.mark.parametrize("text", ["9999", "9999-12", "999X"])
def test_the_last_year_of_the_calendar_is_a_year_like_others(text: str) -> None:
    assert parse_edtf(text).end == date(9999, 12, 31)


def test_the_ends_of_the_calendar_and_mistyped_years_are_told() -> None:
    with pytest.raises(DateError, match="runs from year 1 to 9999"):
        Relative(3, "a").beside(Window(date(9999, 12, 30), date(9999, 12, 31)))
    with pytest.raises(DateError, match="spans 887 years; expected at most 200: is a year mistyped"):
        day_range("2013-05-01", "2900-05-01")


def test_relative_dates_count_from_the_whole_window() -> None:
    anchor = parse_edtf("2013-05-17/2013-05-19")
    assert parse_when("2 days after x") == Relative(2, "x")
    assert Relative(2, "x").beside(anchor) == Window(date(2013, 5, 19), date(2013, 5, 21))
    assert (parse_when("1 week before x"), parse_when("same day as x")) == (Relative(-7, "x"), Relative(0, "x"))


@pytest.mark.parametrize(
    ("number", "first", "last"),
    [
        (21, "2013-03-01", "2013-05-31"), (22, "2013-06-01", "2013-08-31"), (23, "2013-09-01", "2013-11-30"), (24, "2013-12-01", "2014-02-28"),
        (25, "2013-03-01", "2013-05-31"), (26, "2013-06-01", "2013-08-31"), (27, "2013-09-01", "2013-11-30"), (28, "2013-12-01", "2014-02-28"),
        (29, "2013-09-01", "2013-11-30"), (30, "2013-12-01", "2014-02-28"), (31, "2013-03-01", "2013-05-31"), (32, "2013-06-01", "2013-08-31"),
        (33, "2013-01-01", "2013-03-31"), (34, "2013-04-01", "2013-06-30"), (35, "2013-07-01", "2013-09-30"), (36, "2013-10-01", "2013-12-31"),
        (37, "2013-01-01", "2013-04-30"), (38, "2013-05-01", "2013-08-31"), (39, "2013-09-01", "2013-12-31"),
        (40, "2013-01-01", "2013-06-30"), (41, "2013-07-01", "2013-12-31"),
    ],
)  # fmt: skip
def test_seasons_quarters_thirds_and_halves_of_a_year(number: int, first: str, last: str) -> None:
    assert parse_edtf(f"2013-{number}") == Window(day(first), day(last))


def test_a_plain_date_is_read_where_a_relative_one_may_stand_and_both_read_back() -> None:
    assert parse_when("2013-05-19") == parse_edtf("2013-05-19")
    for text in ("same day as a", "1 day after a", "2 days before a"):
        assert str(parse_when(text)) == text


def test_a_window_with_both_ends_stays_and_an_open_one_shows_that_it_is() -> None:
    closed, last = parse_edtf("2013-05-03/2013-05-05"), parse_edtf("9999-12-31/..")
    assert closed.within(date(2013, 5, 4), date(2013, 5, 4)) is closed
    assert (str(last), last.length) == ("9999-12-31/..", 1)


def test_a_time_opens_an_interval_and_a_mark_ends_a_set() -> None:
    assert (parse_edtf("2013-05-19T05:30/2013-05-20").time, parse_edtf("../2013-05-20").time) == ("05:30", "")
    about = parse_edtf("[2013-05-03,2013-05-05]~")
    assert (about.approximate, about.uncertain, str(about)) == (True, False, "[2013-05-03,2013-05-05]~")
    assert not parse_edtf("[2013-05-03,2013-05-05]").approximate


def test_windows_are_facts_in_the_order_of_their_days() -> None:
    early, late = parse_edtf("2013-05-03"), parse_edtf("2013-05-04")
    assert sorted([late, early]) == [early, late]
    assert len({early, parse_edtf("2013-05-03")}) == 1
    with pytest.raises(AttributeError):
        early.start = date(2013, 5, 1)  # type: ignore[misc]


def test_a_day_in_words_with_a_time_is_asked_about() -> None:
    with pytest.raises(DateError, match="2013-05-19T05:30"):
        parse_edtf("19 May 2013 5:30")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("31/12/1999", "1999-12-31"),
        ("1.2.31", None),
        ("32/1/2", "0032-01-02"),
        ("2013-1-31", "2013-01-31"),
        ("31/02/2013", None),
        ("20130519", "2013-05-19"),
        ("20001", "1954-10-04"),
        ("69999", "2091-08-24"),
        ("70000", None),
        ("19999", None),
        ("May 2013", "2013-05"),
        ("Early October 1991", "1991-10-01/1991-10-10"),
        ("the beginning of Oct. 1991", "1991-10-01/1991-10-10"),
        ("mid-October 1991", "1991-10-11/1991-10-20"),
        ("in the middle of June, 1991", "1991-06-11/1991-06-20"),
        ("late February 1992", "1992-02-21/1992-02-29"),
        ("end of November 1991", "1991-11-21/1991-11-30"),
        ("Autumn 1991", "1991-23"),
        ("the summer of 1991", "1991-22"),
        ("winter 1991", None),
        ("early spring", None),
        ("sept 2016", "2016-09"),
        ("31 May 2013", "2013-05-31"),
        ("31 June 2013", None),
        ("May", None),
        ("3 May", None),
        ("1 2 May 2013", None),
        ("19 May June 2013", None),
        ("about 1916", "1916~"),
        ("CIRCA 1916-05", "1916-05~"),
        ("2013-05 until 2013-06", "2013-05/2013-06"),
        ("2013\u201305\u201303", "2013-05-03"),
        ("2013-05-03 9:05", "2013-05-03T09:05"),
        ("2013-05-03 14:00:30", "2013-05-03T14:00:30"),
        ("3/5/2013 14:00", r"2013-03-05T14:00 \(5 March 2013\) or 2013-05-03T14:00 \(3 May 2013\)"),
        ("tomorrow 14:00", None),
    ],
)
def test_another_spelling_is_asked_about_where_it_can_mean_a_date_and_only_there(text: str, meant: str | None) -> None:
    with pytest.raises(DateError, match=f"write {meant}" if meant else "is not an EDTF date; expected 2013-05-19") as told:
        parse_edtf(text)
    assert ("write" in str(told.value)) == (meant is not None)


@pytest.mark.parametrize(
    "text", ["Early October", "mid October", "late Feb.", "3 May", "March", "autumn", "3/12", "soon", "12", "Early October 1991", "May 13"]
)
def test_a_date_without_a_year_means_one_in_the_scenarios_own(text: str) -> None:
    """... what is written is then a date of that year; where there are several years it is said where the year goes."""
    told = with_year(text, date(1992, 2, 1), date(1992, 12, 31))
    dates = re.findall(r"1992-[\d/-]+", told)
    assert all(parse_edtf(each).start.year == parse_edtf(each).end.year == 1992 for each in dates)
    assert bool(dates) == (text not in ("soon", "12", "Early October 1991"))
    assert bool(re.search(r"YYYY-\d\d", with_year(text, date(1992, 2, 1), date(1993, 1, 1)))) == bool(dates)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("/2013", "leaves its start unknown"),
        ("2013/", "leaves its end unknown"),
        ("../..", "no bound at all"),
        ("2013-05-05/2013-05-03", "ends before it starts"),
        ("{2013-05-03,2013-05-05}", "means all of these days"),
        ("[]", "not an EDTF date"),
        ("[2013-05-03", "not an EDTF date"),
        ("[2013-05-03..]", "has no bound on one side"),
        ("[..2013-05-03]", "has no bound on one side"),
        ("[2011..2013]", "spans more than a year"),
        ("201X-05", "leaves out more than it says"),
        ("2013-XX-05", "leaves out more than it says"),
        ("2013-21-05", "is not a date"),
        ("2013-42", "is not a date"),
        ("0000", "is not a date"),
        ("2013-05-19T25:00", "not an EDTF date"),
        ("2013-05-19T24:01", "not an EDTF date"),
        ("9999-24", "outside the calendar"),
    ],
)
def test_what_is_wrong_with_a_date_is_told(text: str, what: str) -> None:
    with pytest.raises(DateError, match=what):
        parse_edtf(text)


def test_a_set_may_span_a_year_and_its_days_are_sorted_and_told_once() -> None:
    leap = parse_edtf("[2012]")
    assert (leap.start, leap.end, leap.among) == (date(2012, 1, 1), date(2012, 12, 31), ())
    assert parse_edtf("[2013-05-05,2013-05-03,2013-05-05]").among == (date(2013, 5, 3), date(2013, 5, 5))
    assert parse_edtf("[2013-05-03,2013-05-04]").among == ()
    assert str(parse_edtf("[2013-05-03,2013-05-05]?")) == "[2013-05-03,2013-05-05]?"
    assert str(parse_edtf("[2013-05-03,2013-05-05]%")) == "[2013-05-03,2013-05-05]%"


@pytest.mark.parametrize(
    "text", ["2013-05-19?", "2013-05-19~", "2013-05-19%", "2013-05-17?/2013-05-19?", "../2013-05-19", "2013-05-19T24:00"]
)
def test_marks_and_open_ends_read_back(text: str) -> None:
    window = parse_edtf(text)
    assert str(window) == text
    assert parse_edtf(str(window)) == window


def test_a_mark_on_either_end_marks_the_whole() -> None:
    first, last = parse_edtf("2013-05-17~/2013-05-19"), parse_edtf("2013-05-17/2013-05-19?")
    assert (first.approximate, first.uncertain, last.approximate, last.uncertain) == (True, False, False, True)


def test_windows_meet_where_they_share_a_day() -> None:
    may, end, june = parse_edtf("2013-05"), parse_edtf("2013-05-31/2013-06-02"), parse_edtf("2013-06-01")
    assert may.meets(end)
    assert end.meets(may)
    assert not may.meets(june)
    assert not june.meets(may)
    assert end.meets(june)
    with pytest.raises(DateError, match="ends before it starts"):
        Window(date(2013, 5, 2), date(2013, 5, 1))


def test_open_sides_are_bounded_and_never_turned_round() -> None:
    first, last = date(2013, 5, 1), date(2013, 6, 8)
    assert parse_edtf("../2013-04-01").within(first, last) == Window(date(2013, 4, 1), date(2013, 4, 1), open_start=True)
    assert parse_edtf("2013-07-01/..").within(first, last) == Window(date(2013, 7, 1), date(2013, 7, 1), open_end=True)
    both = Window(date.min, date.max, open_start=True, open_end=True).within(first, last)
    assert (both.start, both.end) == (first, last)


def test_the_longest_window_is_two_hundred_years() -> None:
    assert len(day_range("1900-01-01", date(1900, 1, 1) + timedelta(days=MOST_DAYS))) == MOST_DAYS + 1
    with pytest.raises(DateError, match="at most 200"):
        day_range("1900-01-01", date(1900, 1, 1) + timedelta(days=MOST_DAYS + 1))
    assert len(day_range("2013-05-01", "2013-05-01")) == 1


def test_relative_dates_keep_marks_and_say_one_day_in_the_singular() -> None:
    beside = Relative(-1, "x").beside(parse_edtf("2013-05-01?"))
    assert (beside.start, beside.uncertain, beside.approximate) == (date(2013, 4, 30), True, False)
    assert [str(Relative(n, "x")) for n in (-2, -1, 0, 1, 2)] == [
        "2 days before x", "1 day before x", "same day as x", "1 day after x", "2 days after x",
    ]  # fmt: skip
    assert parse_when("the same day as x") == Relative(0, "x")
    assert parse_when("3 weeks after x") == Relative(21, "x")


def test_a_day_is_written_as_a_reader_writes_it() -> None:
    assert [long_day(each) for each in ("2013-01-01", date(2013, 12, 31))] == ["1 January 2013", "31 December 2013"]


def test_numpy_days_of_other_units_are_told() -> None:
    assert day(np.datetime64("2013-05-19T00:00:00")) == date(2013, 5, 19)
    for value, what in (
        (np.datetime64("2013-05"), "expected year-month-day, such as 2013-05-01"),
        (np.datetime64("2013-05-19T01"), "is an hour of a day"),
        (np.datetime64("NaT", "D"), "NaT"),
    ):
        with pytest.raises(DateError, match=what):
            day(value)
    with pytest.raises(DateError, match="outside the calendar"):
        day(np.datetime64(10**6 * 365, "D"))
    with pytest.raises(DateError, match="is an hour of a day; expected the day alone, 2013-05-19"):
        day(datetime(2013, 5, 19, 1))
    assert day(datetime(2013, 5, 19)) == date(2013, 5, 19)
