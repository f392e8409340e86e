from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qsim.record.dates import DateError, Window, day, day_range, parse_edtf


@pytest.mark.parametrize(
    ("text", "start", "end", "approximate"),
    [
        ("2013-05-19", date(2013, 5, 19), date(2013, 5, 20), False),
        ("2012-07", date(2012, 7, 1), date(2012, 8, 1), False),
        ("2012-12", date(2012, 12, 1), date(2013, 1, 1), False),
        ("2012", date(2012, 1, 1), date(2013, 1, 1), False),
        ("2013-05-22~", date(2013, 5, 22), date(2013, 5, 23), True),
        ("2013-05-17/2013-05-19", date(2013, 5, 17), date(2013, 5, 20), False),
        ("2011-11/2012-02-10~", date(2011, 11, 1), date(2012, 2, 11), True),
    ],
)
def test_edtf_dates_become_half_open_windows(text: str, start: date, end: date, approximate: bool) -> None:
    assert parse_edtf(text) == Window(start, end, approximate)


@pytest.mark.parametrize("text", ["", "2013-13-01", "2013-02-30", "19 May 2013", "2013-05-19/", "2013/2012", "a/b/c", "13-05-19"])
def test_what_is_no_date_says_so(text: str) -> None:
    with pytest.raises(DateError, match=text.split("/", maxsplit=1)[0] or "EDTF"):
        parse_edtf(text)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(1, 400))
def test_a_window_reads_back_from_its_text(start: date, length: int) -> None:
    window = Window(start, day(np.datetime64(start) + length))
    assert parse_edtf(str(window)) == window
    assert window.length == length
    assert window.last in window
    assert window.end not in window


def test_days_of_a_window_leave_out_its_end() -> None:
    assert day_range("2013-05-30", "2013-06-02").astype(str).tolist() == ["2013-05-30", "2013-05-31", "2013-06-01"]
    with pytest.raises(DateError, match="no day"):
        day_range("2013-05-30", "2013-05-30")


@pytest.mark.parametrize("value", [date(2013, 5, 19), "2013-05-19", np.datetime64("2013-05-19"), np.datetime64("2013-05-19T12:00")])
def test_a_day_is_a_day_however_it_is_given(value: date | str | np.datetime64) -> None:
    assert day(value) == date(2013, 5, 19)


@pytest.mark.parametrize("value", ["May", np.datetime64("NaT"), None, 5])
def test_what_is_no_day_says_so(value: object) -> None:
    with pytest.raises(DateError):
        day(value)  # type: ignore[arg-type]
