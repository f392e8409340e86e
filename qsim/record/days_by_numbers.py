"""Days by their numbers, 18.11.1991: what is asked of a whole column of them, since one alone may be read in two ways."""

import re
from collections.abc import Sequence

_FORM = re.compile(r"(\d{1,2})([./ -])(\d{1,2})\2(\d{4})")
_HOW = "write year-month-day (in a spreadsheet: mark the column, and give its cells the format yyyy-mm-dd)"


def is_by_numbers(text: str) -> bool:
    """Return whether a text is two numbers of a day and a month, in whichever order, and a year."""
    return _FORM.fullmatch(text.strip()) is not None


def by_numbers(texts: Sequence[str]) -> str:
    """
    Return what is wrong with the dates of a column that are days by their numbers, and how they are to be written.

    Whichever order all of them can have is told; where they can have both, or neither, that is asked.

    Examples
    --------
    >>> by_numbers(["18.11.1991", "01.10.1991"]).partition(": write")[0]
    "2 dates are days by their numbers, and all can only be day.month.year, such as '18.11.1991', which is 1991-11-18"
    """
    parts = [(text, *match.groups()) for text in texts if (match := _FORM.fullmatch(text.strip()))]
    late_day = next((each for each in parts if int(each[1]) > 12), None)
    late_month = next((each for each in parts if int(each[3]) > 12), None)
    said = f"{len(parts):,} dates are days by their numbers, and "
    if late_day and late_month:
        said += f"some can only be day first, such as {late_day[0]!r}, others only month first, such as {late_month[0]!r}"
    elif late_day:
        text, day, sign, month, year = late_day
        said += f"all can only be day{sign}month{sign}year, such as {text!r}, which is {_iso(year, month, day)}"
    elif late_month:
        text, month, sign, day, year = late_month
        said += f"all can only be month{sign}day{sign}year, such as {text!r}, which is {_iso(year, month, day)}"
    else:
        text, one, _, other, year = next((each for each in parts if each[1] != each[3]), parts[0])
        said += f"each can be read in two ways, such as {text!r}, which is {_iso(year, other, one)} or {_iso(year, one, other)}"
    return f"{said}: {_HOW}"


def _iso(year: str, month: str, day: str) -> str:
    return f"{year}-{month.zfill(2)}-{day.zfill(2)}"
