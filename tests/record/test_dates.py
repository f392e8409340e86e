from datetime import date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qsim.record.dates import DateError, Window, day, day_range, parse_edtf


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
    window = Window(start, day(np.datetime64(start) + length - 1))
    assert parse_edtf(str(window)) == window
    assert window.length == length
    assert window.end in window
    assert day(np.datetime64(window.end) + 1) not in window


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
        np.datetime64("NaT"),
        None,
        5,
    ],
)
def test_what_is_no_day_says_so(value: object) -> None:
    with pytest.raises(DateError):
        day(value)  # type: ignore[arg-type]
