"""Dates as people spell them, and the EDTF dates that they can mean: for questions, nothing is read so."""

import re
from calendar import monthrange
from datetime import date, timedelta

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip

_NUMBER = {name.casefold(): n for n, whole in enumerate(MONTHS, 1) for name in (whole, whole[:3], f"{whole[:3]}.")} | {
    "sept": 9,
    "sept.": 9,
}


_PART = re.compile(
    r"(?:in\s+)?(?:the\s+)?(?:(?P<early>early|beginning of|start of)|(?P<mid>mid|middle of)|late|end of)[\s-]+(?P<month>[^\W\d_]+\.?),?\s+(?P<year>\d{4})",
    re.IGNORECASE,
)
_OF_YEAR = {"spring": 21, "summer": 22, "autumn": 23, "fall": 23}  # a winter lies in two years


def with_year(text: str, first: date, last: date) -> str:
    """
    Return `; write ...`, what a date without a year means in one that is known, or nothing where none is seen.

    Examples
    --------
    >>> with_year("Early October", date(1991, 8, 20), date(1991, 11, 25))
    '; write 1991-10-01/1991-10-10, if 1991 is meant'
    """
    if re.search(r"\d{3}", text):
        return ""
    if first.year == last.year and (found := hint_of(f"{text} {first.year:04}")):
        return f"{found}, if {first.year} is meant"
    found = hint_of(f"{text} 2001")
    return f"{found.replace('2001', 'YYYY')}, with the year for YYYY" if found else ""


def hint_of(text: object) -> str:
    """Return `; write 2016-10-20`, the EDTF spelling that a date written another way can mean, or nothing where none is seen."""
    meant = sorted({each for each in _meant(str(text).strip()) if each != str(text).strip()})
    if not meant:
        return ""
    if len(meant) == 1:
        return f"; write {meant[0]}"
    return "; write " + " or ".join(f"{each} ({_in_words(each.partition('T')[0])})" for each in meant)


def _meant(text: str) -> list[str]:
    """Return the EDTF spellings that a date in another spelling can mean: `20/10/2016`, `19 May 2013`, `2013-5-9`, `41413`."""
    text = re.sub("[\u2010-\u2015]", "-", text)
    clock = re.fullmatch(r"(.+?)[ T]+(\d{1,2}:\d\d(?::\d\d)?)", text)
    if clock:
        return [f"{each}T{clock[2].zfill(5)}" for each in (_meant(clock[1]) or [clock[1]]) if _is_day(each)]
    about = re.fullmatch(r"(?:c\.?|ca\.?|circa|about)\s*(\d{4}.*)", text, re.IGNORECASE)
    if about:
        return [f"{about[1]}~"]
    span = re.fullmatch(r"(\d{4}-\d\d(?:-\d\d)?)\s*(?:-|to|until)\s*(\d{4}-\d\d(?:-\d\d)?)", text)
    if span:
        return [f"{span[1]}/{span[2]}"]
    if re.fullmatch(r"[2-6]\d{4}", text):
        return [str(date(1899, 12, 30) + timedelta(days=int(text)))]  # the day number of a spreadsheet
    numbers = re.fullmatch(r"(\d{1,4})[/. -](\d{1,2})[/. -](\d{1,4})|(\d{4})(\d\d)(\d\d)", text)
    if numbers:
        a, b, c = (int(n) for n in numbers.groups() if n is not None)
        orders = [(a, b, c)] if a > 31 else [(c, b, a), (c, a, b)] if c > 31 else []
        return [f"{y:04}-{m:02}-{d:02}" for y, m, d in orders if _is_day(f"{y:04}-{m:02}-{d:02}")]
    part = _PART.fullmatch(text)
    if part and (month := _NUMBER.get(part["month"].casefold())):
        year, last = int(part["year"]), monthrange(int(part["year"]), month)[1]
        begin, end = (1, 10) if part["early"] else (11, 20) if part["mid"] else (21, last)
        return [f"{year:04}-{month:02}-{begin:02}/{year:04}-{month:02}-{end:02}"]
    season = re.fullmatch(r"(?:in\s+)?(?:the\s+)?(\w+)(?:\s+of)?,?\s+(\d{4})", text)
    if season and season[1].casefold() in _OF_YEAR:
        return [f"{season[2]}-{_OF_YEAR[season[1].casefold()]}"]
    words = re.findall(r"[^\W\d_]+\.?|\d+", text)
    months = [_NUMBER[word.casefold()] for word in words if word.casefold() in _NUMBER]
    figures = [int(word) for word in words if word.isdecimal() and len(word) <= 4]
    if len(months) == 1 and len(figures) in (1, 2) and max(figures) > 31:
        found = f"{max(figures):04}-{months[0]:02}" + (f"-{min(figures):02}" if len(figures) == 2 else "")
        return [found] if len(figures) == 1 or _is_day(found) else []
    return []


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _in_words(text: str) -> str:
    year, month, day = map(int, text.split("-"))
    return f"{day} {MONTHS[month - 1]} {year}"
