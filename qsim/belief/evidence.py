"""What a claim of control says about places: which status, of which places, how much of them, from which day."""

from collections.abc import Iterator

import numpy as np

from qsim.record.dates import Days
from qsim.record.ledger import Claim, Ledger
from qsim.record.packed import Ints
from qsim.record.scope import reach, reached
from qsim.record.theatre import CONTESTED, Theatre

_NONE = np.datetime64("NaT", "D").astype(np.int64)  # no report, as a number


def reading(theatre: Theatre, claim: Claim) -> str | None:
    """
    Return the status that a control claim asserts, or None where it asserts none.

    Holding or taking a place gives it to the side, losing it or being denied it to the other (contested, where there are several
    others); repulsing an attack keeps it; fighting makes it contested. A share is read as the side's.
    """
    if not claim.of_control:
        return None
    if claim.kind == "contests":
        return CONTESTED
    if claim.kind in ("loses", "denies"):
        return other_side(theatre, claim.side)
    return claim.side


def meant(theatre: Theatre, claim: Claim) -> tuple[int, ...]:
    """Return the positions of the statuses that a claim may mean: one, or every other side where a side lost, left or is denied a place."""
    if claim.kind in ("loses", "denies", "withdraws"):
        return tuple(i for i, side in enumerate(theatre.sides) if side.id != claim.side)
    return (theatre.statuses.index(CONTESTED if claim.kind == "contests" else claim.side or CONTESTED),)


def other_side(theatre: Theatre, side: str | None) -> str:
    """Return the one other side, or contested where there are several."""
    others = [each.id for each in theatre.sides if each.id != side]
    return others[0] if len(others) == 1 else CONTESTED


def reading_of_ring(theatre: Theatre, claim: Claim, place: str) -> bool | None:
    """
    Return whether a claim says that the ring around `place` is closed (True) or open (False), or None where it says nothing of it.

    It speaks of the ring when it names the place, or a group of ways of which several lead into it. Encircled, or all ways cut, is
    closed; a partial siege, most ways cut, a gap, "not yet" are open. One way by its name, cut or open, says nothing of the others, nor
    some of several that are cut: that is a matter of the map (`qsim.geography.ways_said`).
    """
    if claim.kind not in ("encircles", "cuts", "opens"):
        return None
    if claim.place != place:
        inside = {theatre.places[i].id for i in theatre.members(place)}
        into = {way.id for way in theatre.links if (way.a in inside) != (way.b in inside)}
        named = into.intersection(theatre.link_members(claim.place))
        if len(named) < 2 or (claim.kind == "cuts" and claim.quantifier is None and named != into):
            return None
    return claim.kind != "opens" and claim.quantifier in (None, "all")


def first_day_of_rings(ledger: Ledger) -> np.datetime64 | None:
    """Return the first day of which anybody speaks of a ring, or of a way that is cut or open; None where nobody does."""
    said = ledger.columns
    spoken = said.of_kind("encircles", "cuts", "opens")
    return np.datetime64(int(said.start[spoken].min()), "D") if spoken.any() else None


def last_reports(theatre: Theatre, ledger: Ledger, days: Days, *, as_known: bool = False) -> Days:
    """
    Return the last day up to each day that a claim of control, or of a withdrawal, was a report of each place, shape (days, places), NaT for none.

    Where `as_known`, a claim counts from the day on which it was known. Which places a claim is a report of, `reported` says.
    """
    return next(last_reports_by_block(theatre, ledger, days, max(1, len(days)), as_known=as_known))


def last_reports_by_block(theatre: Theatre, ledger: Ledger, days: Days, step: int, *, as_known: bool = False) -> Iterator[Days]:
    """Give what `last_reports` returns in blocks of `step` days, so that no more than one is held."""
    told = _told(theatre, ledger, days, as_known=as_known)
    before = np.full(len(theatre.places), _NONE)
    for begin in range(0, max(1, len(days)), step):
        latest = _latest(told, days[begin : begin + step], begin, before)
        before = latest[-1] if len(latest) else before
        yield latest.view("datetime64[D]")


def last_reports_by_places(theatre: Theatre, ledger: Ledger, days: Days, step: int, *, as_known: bool = False) -> Iterator[Days]:
    """Give what `last_reports` returns in blocks of `step` places, of all days each."""
    told = _told(theatre, ledger, days, as_known=as_known)
    for begin in range(0, len(theatre.places), step):
        size = min(step, len(theatre.places) - begin)
        mine = told[:, (told[0] >= begin) & (told[0] < begin + size)]
        mine[0] -= begin
        yield _latest(mine, days, 0, np.full(size, _NONE)).view("datetime64[D]")


def reports(theatre: Theatre, ledger: Ledger, *, as_known: bool = False) -> Ints:
    """
    Return what is told of places, shape (3, reports): the place, the day from which the report counts, and the last that it speaks of, as
    numbers of days since 1970. What stands until further notice is a report of the day on which it was made: nobody says it anew on the next.
    """
    claims = ledger.columns
    sided = claims.column("side").each(lambda side: side is not None, bool)
    place, row = reached(theatre, claims, claims.of_control | (claims.of_kind("withdraws") & sided), reported)
    made = np.maximum(claims.start, claims.known)
    standing = claims.column("window").each(lambda window: window.open_end, bool)
    since, last = np.where(standing | as_known, made, claims.start), claims.until
    return np.stack([place, since[row], last[row]])


def last_reports_of_day(told: Ints, moment: np.datetime64, places: int) -> Days:
    """Return the last day up to one that reports spoke of each place, shape (places,), NaT for none."""
    number = moment.astype("datetime64[D]").astype(np.int64)
    place, _, last = told[:, told[1] <= number]
    latest = np.full(places, _NONE)
    np.maximum.at(latest, place, np.minimum(last, number))
    return latest.view("datetime64[D]")


def _told(theatre: Theatre, ledger: Ledger, days: Days, *, as_known: bool) -> Ints:
    """
    Return what is told of places, shape (5, reports): the place, the positions of the first day told of and of the day after the last,
    that of the day after it or on which it was known, and the last day itself as a number.
    """
    numbers = days.astype("datetime64[D]").view(np.int64)
    place, since, last = reports(theatre, ledger, as_known=as_known)
    first, after = np.searchsorted(numbers, since), np.searchsorted(numbers, last + 1)
    return np.array([place, first, after, np.maximum(first, after), last], dtype=np.int64)


def _latest(told: Ints, days: Days, begin: int, before: Ints) -> Ints:
    """Return the last reports of the days from position `begin` on as numbers, shape (days, places); `before` are those of the day before."""
    place, first, after, then, last = told
    numbers, end = days.astype("datetime64[D]").view(np.int64), begin + len(days)
    latest = np.full((len(days), len(before)), _NONE)
    latest[:1] = before
    some = np.flatnonzero((first < end) & (then >= begin))
    lasting = np.maximum(0, np.minimum(after[some], end) - np.maximum(first[some], begin))
    row = np.arange(lasting.sum()) + np.repeat(np.maximum(first[some], begin) - (np.cumsum(lasting) - lasting), lasting)
    latest[row - begin, np.repeat(place[some], lasting)] = numbers[row - begin]
    seen = some[then[some] < end]
    np.maximum.at(latest, (then[seen] - begin, place[seen]), last[seen])
    return np.maximum.accumulate(latest, axis=0, out=latest)


def reported(theatre: Theatre, claim: Claim) -> list[int]:
    """
    Return the positions of the places that a claim is a report of: those whose control it speaks of, and its own; none of other kinds.

    That a side withdrew is a report of who holds the place, as that it lost it is.
    That a side holds part of a group of places, as part of the villages around, says of none of them which, and is no report of it; of
    a city it is one.
    """
    told = claim.of_control or (claim.kind == "withdraws" and claim.side is not None)
    if not told or (claim.quantifier == "part" and _is_a_group_apart(theatre, claim)):
        return []
    return list({*reach(theatre, claim), *([theatre.index[claim.place]] if claim.place in theatre.index else [])})


def _is_a_group_apart(theatre: Theatre, claim: Claim) -> bool:
    """Return whether a claim is about several places that are not the parts of one city."""
    members = theatre.members(claim.place)
    return len(members) > 1 and any(theatre.places[i].parent is None for i in members)
