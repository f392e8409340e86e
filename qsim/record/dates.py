"""Days and windows of days, and the EDTF dates of the data files (ISO 8601-2: level 1, sets, and a few more that historians write)."""

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qsim.record.spellings import MONTHS, hint_of

Day = date | str | np.datetime64
Days = NDArray[np.datetime64]

MOST_DAYS = 366 * 200  # a window longer than this is a mistyped year, and would only fill the memory
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATE = re.compile(
    r"(?P<year>\d{4}|\d{3}X|\d{2}XX)(?:-(?P<month>\d{2}|XX)(?:-(?P<day>\d{2}|XX)(?:T(?P<time>[0-9:.]+(?:Z|[+-]\d\d(?::?\d\d)?)?))?)?)?"
)
_TIME = re.compile(r"(?:[01]\d|2[0-3])(?::[0-5]\d(?::[0-5]\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d(?::?\d\d)?)?|24:00(?::00)?")
_RELATIVE = re.compile(
    r"(?:(?P<count>\d{1,4})\s+(?P<unit>day|week)s?\s+(?P<way>after|before)|(?P<same>(?:the\s+)?same\s+day\s+as))\s+(?P<claim>\S+)"
)
# Seasons, quarters, thirds and halves of a year by their EDTF number: the first month, and how many.
_SEASONS = {
    21: (3, 3), 22: (6, 3), 23: (9, 3), 24: (12, 3),
    25: (3, 3), 26: (6, 3), 27: (9, 3), 28: (12, 3), 29: (9, 3), 30: (12, 3), 31: (3, 3), 32: (6, 3),
    33: (1, 3), 34: (4, 3), 35: (7, 3), 36: (10, 3), 37: (1, 4), 38: (5, 4), 39: (9, 4), 40: (1, 6), 41: (7, 6),
}  # fmt: skip


class DateError(ValueError):
    """A text that is not a date of the kinds that qsim reads, or a window that ends before it starts."""


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """
    The days from `start` to `end`, both included, as a source gives them.

    `approximate` and `uncertain` are its marks `~` and `?` (`%` is both). An open side (`..`) has no known bound: its day is the end of
    the calendar, until `within` bounds it by those of a scenario. `among` are the single days of which one is meant (`[a,b]`), none
    where it may be any; `time` is the time of day as written, such as 05:30.
    """

    start: date
    end: date
    approximate: bool = False
    uncertain: bool = False
    open_start: bool = False
    open_end: bool = False
    among: tuple[date, ...] = ()
    time: str = ""

    def __post_init__(self) -> None:
        for name in ("start", "end"):
            object.__setattr__(self, name, day(getattr(self, name)))
        if self.end < self.start:
            raise DateError(f"a window from {self.start} to {self.end} ends before it starts")

    @property
    def length(self) -> int:
        """The number of days inside the window."""
        return (self.end - self.start).days + 1

    def __contains__(self, moment: date) -> bool:
        return self.start <= moment <= self.end and (not self.among or moment in self.among)

    def meets(self, other: "Window") -> bool:
        """Return whether the two have a day in common."""
        return self.start <= other.end and other.start <= self.end

    def __str__(self) -> str:
        mark = ("", "~", "?", "%")[self.approximate + 2 * self.uncertain]
        if self.among:
            return f"[{','.join(map(str, self.among))}]{mark}"
        first = ".." if self.open_start else f"{self.start}{'T' + self.time if self.time else ''}{mark}"
        if self.length == 1 and not (self.open_start or self.open_end):
            return first
        return f"{first}/{'..' if self.open_end else f'{self.end}{mark}'}"

    def within(self, first: date, last: date) -> "Window":
        """Return the window with its open sides bounded by these days (both included); others stay as they are."""
        if not (self.open_start or self.open_end):
            return self
        start = min(first, self.end) if self.open_start else self.start
        return replace(self, start=start, end=max(last, start) if self.open_end else self.end)


@dataclass(frozen=True, slots=True)
class Relative:
    """A date told by another claim's: so many `days` after (or, below zero, before) the window of `claim`."""

    days: int
    claim: str

    def __str__(self) -> str:
        if self.days == 0:
            return f"same day as {self.claim}"
        return f"{abs(self.days)} day{'s' if abs(self.days) > 1 else ''} {'after' if self.days > 0 else 'before'} {self.claim}"

    def beside(self, window: Window) -> Window:
        """Return the window that lies so many days from the other claim's; raise `DateError` at the ends of the calendar."""
        return Window(shifted(window.start, self.days), shifted(window.end, self.days), window.approximate, window.uncertain)


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
    raise DateError(f"{value!r} is not a day; expected year-month-day, such as 2013-05-19{hint_of(value)}")


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
        raise DateError(f"{value} lies outside the calendar, which runs from year 1 to 9999")
    return moment


@lru_cache(maxsize=65536)
def parse_edtf(text: str) -> Window:
    """
    Return the window that an EDTF text spans.

    A day, a month, a year, a season (`2013-21`), digits left open (`2013-05-XX`, `201X`), one day of a set (`[2013-05-03,2013-05-05]`), a
    day with its hour (`2013-05-19T05:30`), or an interval of them, either end open (`2013-05-03/..`); each may be marked `~`, `?` or `%`.

    Raises
    ------
    DateError
        When `text` is no such date, or an interval ends before it starts.

    Examples
    --------
    >>> parse_edtf("2012-07").end
    datetime.date(2012, 7, 31)
    >>> str(parse_edtf("2013-05-17/2013-05-19"))
    '2013-05-17/2013-05-19'
    >>> str(parse_edtf("2013-05-XX?"))
    '2013-05-01?/2013-05-31?'
    """
    text = text.strip()
    if text.startswith(("[", "{")):
        return _one_of(text)
    if text.count("/") > 1:
        raise DateError(_not_edtf(text))
    first, slash, last = text.partition("/")
    if not slash:
        return _span(first, text)
    if not first or not last:
        raise DateError(f"{text!r} leaves {'its start' if last else 'its end'} unknown; write .. for an open one, or leave the slash out")
    return _interval(first, last, text)


def parse_when(text: str) -> Window | Relative:
    """
    Return the window of an EDTF text, or what `2 days after CLAIM`, `1 week before CLAIM`, `same day as CLAIM` mean; raise `DateError`.

    Examples
    --------
    >>> parse_when("2 weeks before 0503-mossford-takes")
    Relative(days=-14, claim='0503-mossford-takes')
    """
    match = _RELATIVE.fullmatch(text.strip())
    if match is None:
        return parse_edtf(text)
    days = 0 if match["same"] else int(match["count"]) * (7 if match["unit"] == "week" else 1)
    return Relative(-days if match["way"] == "before" else days, match["claim"])


def day_range(start: Day, end: Day) -> Days:
    """
    Return the days from `start` to `end`, both included, datetime64[D], shape (days,).

    Raises
    ------
    DateError
        When `end` lies before `start`, or centuries after it.
    """
    first, last = day(start), day(end)
    if last < first:
        raise DateError(f"the window from {first} to {last} ends before it starts")
    if (last - first).days > MOST_DAYS:
        raise DateError(
            f"the window from {first} to {last} spans {last.year - first.year} years; expected at most 200: is a year mistyped?"
        )
    return np.datetime64(first, "D") + np.arange((last - first).days + 1).astype("timedelta64[D]")


def shifted(moment: date, days: int) -> date:
    """Return the day so many days later; raise `DateError` where the calendar ends (year 1 and year 9999)."""
    try:
        return moment + timedelta(days=days)
    except OverflowError:
        raise DateError(f"{days} days from {moment} lies outside the calendar, which runs from year 1 to 9999") from None


def long_day(moment: Day) -> str:
    """Return the day as a reader writes it: `19 May 2013`."""
    moment = day(moment)
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"


def _interval(first: str, last: str, whole: str) -> Window:
    """Return the window from one EDTF date to another, `..` for an open end."""
    if first == last == "..":
        raise DateError(f"{whole!r} has no bound at all; expected a day on one side")
    opening = _span(last if first == ".." else first, whole)
    closing = _span(first if last == ".." else last, whole)
    start, end = date.min if first == ".." else opening.start, date.max if last == ".." else closing.end
    if end < start:
        raise DateError(f"{whole!r} ends before it starts")
    return Window(
        start,
        end,
        opening.approximate or closing.approximate,
        opening.uncertain or closing.uncertain,
        open_start=first == "..",
        open_end=last == "..",
        time=opening.time if first != ".." else "",
    )


def _one_of(text: str) -> Window:
    """Return the window of a set of which one day is meant: `[2013-05-03,2013-05-05]`, `[2013-05-03..2013-05-05]`."""
    mark = text[-1] if text[-1] in "~?%" else ""
    inside = text.removesuffix(mark)
    if text[0] == "{":
        raise DateError(f"{text!r} means all of these days; write a claim for each, or an interval")
    if not inside.endswith("]") or not inside[1:-1].strip():
        raise DateError(_not_edtf(text))
    among: list[date] = []
    for member in inside[1:-1].split(","):
        first, dots, last = member.strip().partition("..")
        window = _interval(first or "..", last or "..", text) if dots else _span(first, text)
        if window.open_start or window.open_end:
            raise DateError(f"{text!r} has no bound on one side; write an interval, such as {window}")
        among += [shifted(window.start, n) for n in range(window.length)] if window.length <= 366 else []
    if not among:
        raise DateError(f"{text!r} spans more than a year; write an interval")
    among = sorted(set(among))
    whole = len(among) == (among[-1] - among[0]).days + 1
    return Window(among[0], among[-1], mark in ("~", "%"), mark in ("?", "%"), among=() if whole else tuple(among))


def _span(text: str, whole: str) -> Window:
    """Return the window of one EDTF date without an interval; a mark on a part of it (level 2) marks the whole."""
    marks, bare = set(text) & set("~?%"), re.sub("[~?%]", "", text.strip())
    match = _DATE.fullmatch(bare)
    if match is None or (match["time"] and not _TIME.fullmatch(match["time"])):
        raise DateError(_not_edtf(whole))
    open_digits = match["year"].count("X")
    year = int(match["year"].replace("X", "0"))
    if (open_digits and match["month"]) or (match["month"] == "XX" and match["day"] not in (None, "XX")):
        raise DateError(f"{whole!r} leaves out more than it says; leave digits open from the right, such as 2013-05-XX or 201X")
    try:
        start, months = _parts(year, match["month"], match["day"])
        end = start if months == 0 else _last_of(start, months if months < 12 else 12 * 10**open_digits)
    except ValueError as problem:
        raise DateError(f"{whole!r} is not a date: {problem}") from None
    return Window(start, end, bool(marks & {"~", "%"}), bool(marks & {"?", "%"}), time=match["time"] or "")


def _parts(year: int, month: str | None, day_: str | None) -> tuple[date, int]:
    """Return the first day of a date, and how many months it spans, 0 for a day."""
    if month is None or month == "XX":
        return date(year, 1, 1), 12
    number = int(month)
    if number in _SEASONS and day_ is None:
        return date(year, _SEASONS[number][0], 1), _SEASONS[number][1]
    if day_ in (None, "XX"):
        return date(year, number, 1), 1
    return date(year, number, int(day_ or 0)), 0


def _last_of(start: date, months: int) -> date:
    """Return the last day of so many months from the first of one."""
    year, month = divmod(start.year * 12 + start.month - 1 + months - 1, 12)
    if year > 9999:
        raise DateError(f"year {year} lies outside the calendar, which runs from year 1 to 9999")
    return date(year, month + 1, monthrange(year, month + 1)[1])


def _not_edtf(text: str) -> str:
    hint = hint_of(text)
    return f"{text!r} is not an EDTF date; " + (
        hint.removeprefix("; ") if hint else "expected 2013-05-19, 2012-07, 2013-05-17/2013-05-19 or 2013-05-22~"
    )
