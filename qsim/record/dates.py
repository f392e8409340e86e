"""Days and windows of days, and the EDTF dates of the data files (ISO 8601-2, the parts a historian needs)."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

Day = date | str | np.datetime64
Days = NDArray[np.datetime64]

_DATE = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2}))?)?(?P<qualifier>[~?%]?)")


class DateError(ValueError):
    """A text that is not a date of the kinds that qsim reads, or a window that ends before it starts."""


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A half-open span of days `[start, end)`; `approximate` when the source marks it so (`~`, `?` or `%`)."""

    start: date
    end: date
    approximate: bool = False

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise DateError(f"a window from {self.start} to {self.last} ends before it starts")

    @property
    def last(self) -> date:
        """The last day inside the window."""
        return self.end - timedelta(days=1)

    @property
    def length(self) -> int:
        """The number of days inside the window."""
        return (self.end - self.start).days

    def __contains__(self, moment: date) -> bool:
        return self.start <= moment < self.end

    def __str__(self) -> str:
        mark = "~" if self.approximate else ""
        return f"{self.start}{mark}" if self.length == 1 else f"{self.start}{mark}/{self.last}{mark}"


def day(value: Day) -> date:
    """
    Return the calendar day that `value` names: an ISO text `2013-05-19`, a `date` or a `datetime64`.

    Raises
    ------
    DateError
        When `value` is not a whole day.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, np.datetime64):
        if np.isnat(value):
            raise DateError("NaT is not a day")
        moment = value.astype("datetime64[D]").item()
        assert isinstance(moment, date)
        return moment
    try:
        return date.fromisoformat(value)
    except (ValueError, TypeError):
        raise DateError(f"{value!r} is not a day; expected year-month-day, such as 2013-05-19") from None


def parse_edtf(text: str) -> Window:
    """
    Return the window that an EDTF text spans: a day, a month, a year, or an interval of them, each perhaps marked `~`.

    Raises
    ------
    DateError
        When `text` is no such date, or an interval ends before it starts.

    Examples
    --------
    >>> parse_edtf("2012-07")
    Window(start=datetime.date(2012, 7, 1), end=datetime.date(2012, 8, 1), approximate=False)
    >>> str(parse_edtf("2013-05-17/2013-05-19"))
    '2013-05-17/2013-05-19'
    """
    first, _, last = text.strip().partition("/")
    if "/" in last or (last == "" and "/" in text):
        raise DateError(_not_edtf(text))
    opening = _span(first, text)
    closing = _span(last, text) if last else opening
    if closing.end <= opening.start:
        raise DateError(f"{text!r} ends before it starts")
    return Window(opening.start, closing.end, opening.approximate or closing.approximate)


def day_range(start: Day, end: Day) -> Days:
    """
    Return the days of the half-open window `[start, end)`, datetime64[D], shape (days,).

    Raises
    ------
    DateError
        When the window holds no day.
    """
    first, after = day(start), day(end)
    if after <= first:
        raise DateError(f"the window [{first}, {after}) holds no day; `end` is the day after the last")
    return np.arange(np.datetime64(first), np.datetime64(after), dtype="datetime64[D]")


def after(moment: Day) -> date:
    """Return the next day: the half-open end of a window whose last day is `moment`."""
    return day(moment) + timedelta(days=1)


def long_day(moment: Day) -> str:
    """Return the day as a reader writes it: `19 May 2013`."""
    moment = day(moment)
    return f"{moment.day} {moment:%B %Y}"


def _span(text: str, whole: str) -> Window:
    """Return the window of one EDTF date without an interval."""
    match = _DATE.fullmatch(text.strip())
    if match is None:
        raise DateError(_not_edtf(whole))
    year, month = int(match["year"]), int(match["month"] or 1)
    try:
        start = date(year, month, int(match["day"] or 1))
        if match["day"]:
            end = start + timedelta(days=1)
        elif match["month"]:
            end = date(year + month // 12, month % 12 + 1, 1)
        else:
            end = date(year + 1, 1, 1)
    except (ValueError, OverflowError) as problem:
        raise DateError(f"{whole!r} is not a date: {problem}") from None
    return Window(start, end, bool(match["qualifier"]))


def _not_edtf(text: str) -> str:
    return f"{text!r} is not an EDTF date; expected 2013-05-19, 2012-07, 2013-05-17/2013-05-19 or 2013-05-22~"
