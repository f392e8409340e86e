"""What a ledger says of each place and status: which a claim supports, from which day, and which claim of several is the best attested."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qsim.belief.evidence import meant, reading
from qsim.belief.timeline import Timeline
from qsim.record.dates import Window
from qsim.record.ledger import EVENTS, Claim, Ledger
from qsim.record.packed import day_number, day_of_number, joint, stable_order
from qsim.record.scope import attestation, first_line, place_apart, reach, reached
from qsim.record.theatre import CONTESTED, Theatre

DATED_DAYS = 3  # an event of which only a longer window than this is known is told as a window, not as a day


def supports(theatre: Theatre, claim: Claim) -> frozenset[int]:
    """
    Return the statuses, by position, that a claim says a place has, or may have, from then on; none where it says none.

    A share is of a side and leaves the rest to others, a bound to one of them alone. Part of a place held leaves it contested. A loss
    or a withdrawal is to any other. That somebody denies a gain is no event.
    """
    everything = range(len(theatre.statuses))
    own = theatre.statuses.index(claim.side) if claim.side else None
    others = frozenset(code for code in everything if code != own)
    contested = theatre.statuses.index(CONTESTED)
    if claim.kind in ("loses", "withdraws"):
        return others if own is not None else frozenset()
    if claim.kind == "share":
        mine = frozenset() if own is None or claim.bound == "at_most" or claim.value == 0 else frozenset({own})
        return mine if claim.bound == "at_least" or claim.value == 1 else mine | others
    said = reading(theatre, claim)
    if said is None or claim.kind == "denies":
        return frozenset()
    return frozenset({theatre.statuses.index(said), *([contested] if claim.quantifier in ("part", "most") else [])})


def is_event(claim: Claim) -> bool:
    """Return whether a claim tells of something that happened some time in its window, not of what was so throughout."""
    return claim.kind in EVENTS or claim.kind == "withdraws"


def is_loose(claim: Claim) -> bool:
    """Return whether a claim tells of an event that is dated to no day."""
    return Saying(claim.row, claim.window, is_event(claim)).loose


def _is_of(claim: Claim, moment: date, near: timedelta) -> bool:
    """Return whether a claim is made of a day, or of one as `near` after it; what stands until further notice is of its first day."""
    first, last = claim.window.start, claim.window.start if claim.window.open_end else claim.window.end
    return first <= moment + near and last >= moment


def _known(claim: Claim) -> tuple[date, str]:
    """Return the order in which claims became known."""
    return claim.known, claim.id


def _is_told_of(theatre: Theatre, claim: Claim, place: int) -> bool:
    """Return whether a claim that reaches a place says something of it: of a building only what names it, of a group no mere part."""
    found = theatre.places[place]
    if found.within is not None:
        return claim.place == found.id
    return claim.quantifier != "part" or found.parent is not None or len(theatre.members(claim.place)) == 1


class Saying(NamedTuple):
    """What a claim says of a place, by its row: the days that it speaks of, and whether it is of an event."""

    row: int
    window: Window
    event: bool

    @property
    def loose(self) -> bool:
        """Whether it tells of an event that is dated to no day."""
        return self.event and self.window.length > DATED_DAYS


class Book:
    """
    What a ledger says of each place and status, by the first day that each claim speaks of; the place last asked about lies open.

    Of each place it holds the rows of the claims on it, and days as numbers; a `Claim` is made of those that are told.
    """

    def __init__(self, timeline: Timeline) -> None:
        assert timeline.ledger is not None
        self.ledger: Ledger = timeline.ledger
        self._theatre, self._claims = timeline.theatre, timeline.ledger.columns
        few, self._of = self._claims.alike("kind", "side", "quantifier", "bound", "value")
        self._supported, self._partly = [supports(timeline.theatre, claim) for claim in few], [claim.quantifier == "part" for claim in few]
        self._event = [is_event(claim) for claim in few]
        place, row = reached(timeline.theatre, self._claims, np.array([bool(codes) for codes in self._supported], dtype=bool)[self._of])
        first = int(self._claims.start.min(initial=0))
        days = self._claims.start[row] - first, int(self._claims.start.max(initial=0)) - first + 1
        order = stable_order(*joint([(place, len(timeline.theatre.places)), days]))
        self._row, self._begins = row[order], np.searchsorted(place[order], np.arange(len(timeline.theatre.places) + 1))
        self._windows = self._claims.column("window")
        self._itself = place_apart(timeline.theatre, self._claims) >= 0
        self._place = -1

    def places_told(self, moment: date) -> NDArray[np.int64]:
        """Return the places, by position, some more than once, of which a claim speaks that begins on a day."""
        places = np.repeat(np.arange(len(self._begins) - 1), np.diff(self._begins))
        return np.asarray(places[self._claims.start[self._row] == day_number(moment)])

    def _open(self, place: int) -> None:
        """Lay the claims on a place open: of each row its days, and by status the rows and their first days."""
        if place == self._place:
            return
        rows = self._row[self._begins[place] : self._begins[place + 1]]
        self._place = place
        self._made: dict[int, Claim] = {}
        self._told: dict[int, list[int]] = defaultdict(list)
        self._starts: dict[int, list[int]] = defaultdict(list)
        self._longest: dict[int, int] = defaultdict(int)
        self._alone: list[tuple[int, frozenset[int]]] = []
        columns = (rows, self._claims.start[rows], self._claims.end[rows], self._of[rows], self._itself[rows])
        self._days = {row: (first, last, of) for row, first, last, of, _ in zip(*(each.tolist() for each in columns), strict=True)}
        for (row, (first, last, of)), itself in zip(self._days.items(), columns[-1].tolist(), strict=True):
            codes = self._supported[of]
            for code in codes if itself or _is_told_of(self._theatre, self.claim(row), place) else ():
                self._told[code].append(row)
                self._starts[code].append(first)
                self._longest[code] = max(self._longest[code], last - first + 1)
            if not self._partly[of] and (itself or len(self._theatre.members(self.claim(row).place)) == 1):
                self._alone.append((first, codes))

    def claim(self, row: int) -> Claim:
        """Return the claim of a row; those on the place that lies open are made once."""
        if row not in self._made:
            self._made[row] = self._claims[row]
        return self._made[row]

    def saying(self, place: int, code: int, since: date, last: date) -> list[Saying]:
        """
        Return what is said that a place is of a status, or became so, after the day `since` and up to `last`.

        An event counts while its window reaches to `since`, for belief may lag behind its day; a state only where it was said to begin
        after it: one that began before was overtaken by what was surely so on that day.
        """
        self._open(place)
        starts, after, found = self._starts[code], day_number(since), []
        for row in self._told[code][bisect_left(starts, after - self._longest[code]) : bisect_right(starts, day_number(last))]:
            begins, ends, of = self._days[row]
            if ends >= after if self._event[of] else begins > after:
                found.append(Saying(row, self._windows[row], self._event[of]))
        return found

    def overtaken(self, place: int, code: int, moment: date) -> date | None:
        """
        Return the last day before one of which somebody says of this very place that it was of another status; none where nobody does.

        That part of it was held or fought for, at its edge perhaps, takes nothing back.
        """
        self._open(place)
        before = bisect_left(self._alone, day_number(moment), key=lambda told: told[0])
        found = next((start for start, codes in reversed(self._alone[:before]) if code not in codes), None)
        return None if found is None else day_of_number(found)

    def dispute(self, place: int, code: int, moment: date) -> tuple[Claim, Claim] | None:
        """
        Return the claim by which a place passed from a status about a day, and the one by which it had not; none where not both are made.

        The first is made of a day within `DATED_DAYS`; the second of that day, or of one as near after it, and not until further notice. Of
        several the one known last.
        """
        self._open(place)
        near, today = timedelta(days=DATED_DAYS), day_number(moment)
        rows = {row for told in self._told.values() for row in told}
        rows = {row for row in rows if self._days[row][0] <= today + DATED_DAYS and self._days[row][1] >= today - DATED_DAYS}
        told = [claim for row in rows if (claim := self.claim(row)).kind != "contests"]
        of_it = {self.claim(row).id for row in rows.intersection(self._told[code])}
        passed = [claim for claim in told if claim.id not in of_it and abs(claim.window.start - moment) <= near]
        kept = [claim for claim in (*told, *self._denials.get(place, ())) if claim.id in of_it or code in meant(self._theatre, claim)]
        kept = [claim for claim in kept if claim not in passed and _is_of(claim, moment, near)]
        if not passed or not kept:
            return None
        return max(passed, key=_known), max(kept, key=_known)

    @cached_property
    def _denials(self) -> dict[int, list[Claim]]:
        """The denials, by the place that each is of."""
        found: dict[int, list[Claim]] = defaultdict(list)
        for row in np.flatnonzero(self._claims.of_kind("denies")).tolist():
            claim = self._claims[row]
            for place in reach(self._theatre, claim) if claim.side else ():
                found[place].append(claim)
        return found

    def best(self, told: Sequence[Saying], code: int) -> Claim:
        """
        Return the best attested claim of a status on the place that lies open, of equals the one dated best, then the most specific, the one known first, by line.

        Of shares the one that says most for the status.
        """
        if len(told) == 1:
            return self.claim(told[0].row)
        return min(
            (self.claim(each.row) for each in told),
            key=lambda claim: (
                self.ledger.sources[claim.source].origin is not None,
                -attestation(claim),
                claim.window.length if is_event(claim) else DATED_DAYS,
                len(self._theatre.members(claim.place)),
                self._against(claim, code),
                claim.known,
                first_line(claim),
                claim.id,
            ),
        )

    def _against(self, claim: Claim, code: int) -> float:
        """Return how much of a place a share leaves to other statuses; 0 for any other claim."""
        if claim.kind != "share" or claim.side is None or claim.value is None:
            return 0.0
        return 1 - claim.value if self._theatre.statuses.index(claim.side) == code else claim.value
