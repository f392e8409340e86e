"""Days and windows of days, and the EDTF dates of the data files (ISO 8601-2, the parts a historian needs)."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time

import numpy as np
from numpy.typing import NDArray

Day = date | str | np.datetime64
Days = NDArray[np.datetime64]

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATE = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2}))?)?(?P<qualifier>[~?%]?)")


class DateError(ValueError):
    """A text that is not a date of the kinds that qsim reads, or a window that ends before it starts."""


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """
    The days from `start` to `end`, both included; `approximate` when the source marks it so (`~`, `?` or `%`).

    Raises
    ------
    DateError
        When one is not a day, or `end` lies before `start`.

    Examples
    --------
    >>> Window(date(2013, 5, 17), date(2013, 5, 19)).length
    3
    """

    start: date
    end: date
    approximate: bool = False

    def __post_init__(self) -> None:
        for name in ("start", "end"):
            object.__setattr__(self, name, day(getattr(self, name)))
        if self.end < self.start:
            raise DateError(f"a window from {self.start} to {self.end} ends before it starts")

    @property
    def last(self) -> date:
        """The last day, which is `end`."""
        return self.end

    @property
    def length(self) -> int:
        """The number of days inside the window."""
        return (self.end - self.start).days + 1

    def __contains__(self, moment: date) -> bool:
        return self.start <= moment <= self.end

    def meets(self, other: "Window") -> bool:
        """Return whether the two have a day in common."""
        return self.start <= other.end and other.start <= self.end

    def __str__(self) -> str:
        mark = "~" if self.approximate else ""
        return f"{self.start}{mark}" if self.length == 1 else f"{self.start}{mark}/{self.end}{mark}"


def day(value: Day) -> date:
    """
    Return the calendar day that `value` names: an ISO text `2013-05-19`, a `date` or a `datetime64`.

    Raises
    ------
    DateError
        When `value` is not a whole day: a month, or a moment with an hour, is told and never rounded.
    """
    if isinstance(value, np.datetime64):
        return _from_numpy(value)
    if isinstance(value, datetime):
        if value != datetime.combine(value.date(), time(), value.tzinfo):
            raise DateError(f"{value} is an hour of a day; expected the day alone, {value.date()}")
        return value.date()
    if isinstance(value, date):
        return value
    try:
        if _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except (ValueError, TypeError):
        pass
    raise DateError(f"{value!r} is not a day; expected year-month-day, such as 2013-05-19")


def _from_numpy(value: np.datetime64) -> date:
    """Return the day that a datetime64 names."""
    if np.isnat(value):
        raise DateError("NaT is not a day")
    whole = value.astype("datetime64[D]")
    if whole != value:
        raise DateError(f"{value} is an hour of a day; expected the day alone, {whole}")
    if np.datetime_data(value.dtype)[0] in ("Y", "M", "W"):
        raise DateError(f"{value} is not a day; expected year-month-day, such as {whole}")
    moment = whole.item()
    if not isinstance(moment, date):
        raise DateError(f"{value} lies outside the calendar")
    return moment


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
    Window(start=datetime.date(2012, 7, 1), end=datetime.date(2012, 7, 31), approximate=False)
    >>> str(parse_edtf("2013-05-17/2013-05-19"))
    '2013-05-17/2013-05-19'
    """
    first, _, last = text.strip().partition("/")
    if "/" in last or (last == "" and "/" in text):
        raise DateError(_not_edtf(text))
    opening = _span(first, text)
    closing = _span(last, text) if last else opening
    if closing.end < opening.start:
        raise DateError(f"{text!r} ends before it starts")
    return Window(opening.start, closing.end, opening.approximate or closing.approximate)


def day_range(start: Day, end: Day) -> Days:
    """
    Return the days from `start` to `end`, both included, datetime64[D], shape (days,).

    Raises
    ------
    DateError
        When `end` lies before `start`.
    """
    first, last = day(start), day(end)
    if last < first:
        raise DateError(f"the window from {first} to {last} ends before it starts")
    return np.arange(np.datetime64(first), np.datetime64(last) + 1, dtype="datetime64[D]")


def long_day(moment: Day) -> str:
    """Return the day as a reader writes it: `19 May 2013`."""
    moment = day(moment)
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def _span(text: str, whole: str) -> Window:
    """Return the window of one EDTF date without an interval."""
    match = _DATE.fullmatch(text.strip())
    if match is None:
        raise DateError(_not_edtf(whole))
    year, month = int(match["year"]), int(match["month"] or 1)
    try:
        start = date(year, month, int(match["day"] or 1))
        if match["day"]:
            end = start
        elif match["month"]:
            end = date(year, month, monthrange(year, month)[1])
        else:
            end = date(year, 12, 31)
    except (ValueError, OverflowError) as problem:
        raise DateError(f"{whole!r} is not a date: {problem}") from None
    return Window(start, end, bool(match["qualifier"]))


def _not_edtf(text: str) -> str:
    return f"{text!r} is not an EDTF date; expected 2013-05-19, 2012-07, 2013-05-17/2013-05-19 or 2013-05-22~"
