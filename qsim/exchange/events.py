"""What event data have in common: places of a district or province only, several sources in one cell, days known to a week or a month."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol, TypeVar

from qsim.exchange.files import clean, slug
from qsim.exchange.imported import Imported
from qsim.exchange.report import Report

LONGEST_FIGHT_DAYS = 14
LEVELS = ("country", "province", "district")


@dataclass(slots=True)
class Areas:
    """Which places lie in which country, province and district; an area is named from the widest name to the narrowest."""

    members: dict[tuple[str, ...], list[str]] = field(default_factory=dict)

    def add(self, place: str, area: Sequence[str]) -> None:
        """Note that a place lies in an area, and so in the wider ones."""
        for depth in range(1, len(area) + 1):
            if area[depth - 1]:
                inside = self.members.setdefault(tuple(area[:depth]), [])
                if place not in inside:
                    inside.append(place)

    def group(self, found: Imported, event: "InArea") -> str | None:
        """
        Return the id of a group for the narrowest area of an event that holds at least two known places; None, reported, where none does.

        An event "in this district" is true of the province as well, and fighting somewhere in a group of several places says of none of
        them who holds it; a single village must never stand for its district.
        """
        area = event.area
        for depth in range(len(area), 0, -1):
            members = self.members.get(tuple(area[:depth]), ())
            if area[depth - 1] and len(members) >= 2:
                level = LEVELS[depth - 1]
                if depth < len(area):
                    found.report.mend(f"{LEVELS[len(area) - 1]} without two known places: told of the {level}", event.at)
                note = f"The places of this data that lie in the {level}; there are others."
                return found.group("area_" + "_".join(slug(name) for name in area[:depth]), f"{area[depth - 1]} ({level})", members, note)
        found.report.drop("row", "in an area of which no two places are known", event.at, f"{event.id}: {' / '.join(area)}")
        return None


class Identified(Protocol):
    """An event with an id of its own, in a row of a file."""

    @property
    def at(self) -> tuple[str, int]:
        """The file and the row."""

    @property
    def id(self) -> str:
        """The id that the data give it."""


class InArea(Identified, Protocol):
    """An event that may be known to a country, province or district only."""

    @property
    def area(self) -> Sequence[str]:
        """The names of its area, from the widest to the narrowest."""


E = TypeVar("E", bound=Identified)


def once(events: Iterable[E], report: Report) -> list[E]:
    """Return the first of the events that share an id; files of releases overlap, and the same event is no second one."""
    seen: dict[str, E] = {}
    for event in events:
        if seen.setdefault(event.id, event) is not event:
            report.drop("row", "of an event that has stood before", event.at, event.id)
    return list(seen.values())


def row_id(cell: str, at: tuple[str, int]) -> str:
    """Return the id that a cell gives, without what parts citations, or one made of the row where it is blank."""
    return clean(cell.replace(";", " ")) or f"row{at[1]}"


def parted(cell: str, separator: str = ";") -> list[str]:
    """Return the values that one cell joins, in order and once each."""
    return list(dict.fromkeys(each for part in cell.split(separator) if (each := clean(part))))


def some_day(first: date, last: date) -> str:
    """Return how claims.csv spells one unknown day within a span: the span itself."""
    return f"{first}" if first == last else f"{first}/{last}"


def fighting(found: Imported, first: date, last: date, at: tuple[str, int]) -> str:
    """
    Return the kind of claim that fighting on some day of a span makes: `contests`, or `other` where the span is longer than a fortnight.

    A place said to be contested over a window is contested on all of its days; one event on an unknown day of some months is not that.
    """
    if (last - first).days < LONGEST_FIGHT_DAYS:
        return "contests"
    found.report.mend(
        "fighting on an unknown day of more than a fortnight: kept as context, not as evidence that the place was contested", at
    )
    return "other"


def around(day: date, precision: int) -> tuple[date, date]:
    """Return the span that a day known to the day (1), the week (2) or the month (3) may lie in."""
    if precision == 2:
        return day - timedelta(days=3), day + timedelta(days=3)
    if precision >= 3:
        first = day.replace(day=1)
        return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return day, day


def ordered(*numbers: int | None) -> bool:
    """Return whether the numbers that are given do not fall."""
    given = [number for number in numbers if number is not None]
    return given == sorted(given)


def named_place(text: str, kinds: Iterable[str]) -> tuple[str, str]:
    """
    Return the name and the kind of a place whose name ends in what it is.

    >>> named_place("Teir Maaleh village", ("village", "town"))
    ('Teir Maaleh', 'village')
    """
    name = clean(text)
    head, _, tail = name.rpartition(" ")
    return (head, tail.casefold()) if head and tail.casefold() in kinds else (name, "village")
