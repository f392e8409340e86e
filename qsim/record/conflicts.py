"""Claims that cannot all be true, side by side: who held a place, how much of it, whether a ring was closed, how many there were."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice

import numpy as np
from numpy.typing import NDArray

from qsim.record.dates import Day, Window
from qsim.record.ledger import CONTEXT, ENCLOSURE, Claim, Ledger
from qsim.record.progress import MANY, tracked
from qsim.record.scope import bearing, bears_on
from qsim.record.theatre import Theatre

NEAR_DAYS = 3
SHARE_DAYS = 2
RING_DAYS = 10
ABOUT_DAYS = 2  # by which a day that is marked approximate may be out, as in the model
SUBJECTS = {
    "control": "Who held it",
    "share": "How much of it was held",
    "ring": "Whether the ring was closed",
    "casualties": "Killed, wounded, captured",
    "strength": "Strength and reinforcements",
    "other": "What else happened",
}
_SLACK = {"exact": 0.025, "approx": 0.08}
_UP_TO = 0.2
_ROUNDING = 1.1

Pair = tuple[Claim, Claim, str]


@dataclass(frozen=True, slots=True)
class Conflict:
    """
    Claims about one place that cannot all be true, by day; `subject` is a key of `SUBJECTS`, `reason` says why they clash.

    `beside` are claims that touch the same question without contradicting: a figure in between, a count without a figure, what is
    otherwise told of a building.
    """

    subject: str
    place: str
    claims: tuple[Claim, ...]
    beside: tuple[Claim, ...]
    reason: str

    @property
    def window(self) -> Window:
        """The days from the first of the contradictory claims to the last."""
        return Window(min(claim.window.start for claim in self.claims), max(claim.window.end for claim in self.claims))

    def __repr__(self) -> str:
        return f"Conflict({self.subject} of {self.place}, {self.window}: {len(self.claims)} claims; {self.reason})"


def conflicts(
    theatre: Theatre,
    ledger: Ledger,
    *,
    start: Day | None = None,
    end: Day | None = None,
    place: str | None = None,
    progress: bool = False,
) -> list[Conflict]:
    """
    Return the contradictions of a ledger, by day of their first claim.

    What counts as one, always about the same place, group or people:

    - *control*: a denial and what it denies. One side holds it and another does (or the same does not) at most 3 days apart, and
      no capture or loss between explains it. A hold by another that outlasts or follows a capture within 3 days, or that a voice of
      another side tells of the very day. Captures by two sides in overlapping windows; one after the other is a change, not a contradiction. A single place taken twice by one side,
      however far apart, and nobody says that it was lost between: a hold by another between the two says so, unless it contradicts the
      first. Days marked approximate (`~`) count as 2 more on either side. Fighting, and *part* of a place, contradict nobody.
    - *share*: figures at most 2 days apart that leave no common value. Exact means within 2.5 points, approximate within 8 (a
      rounded fraction), at least is open above, up to means no more than 20 points below. Two sides together may not pass the whole.
    - *ring*: closed, and open at most 10 days before or after; or closed while a way at the place is said to be open to those inside
      within a day. A siege of *part* of it is no closed ring.
    - *casualties*, *strength* (reinforcements too): ranges given by different origins for the same people, further apart than a
      tenth. For casualties, of the same days, or of days within the other's of which more are counted than of the whole; for strength,
      of days at most 3 apart.

    Parameters
    ----------
    theatre, ledger
        A scenario.
    start, end
        Only contradictions with a claim that speaks of a day from `start` to `end`, both included.
    place
        Only contradictions that bear on this place or group: an id, name or spelling.
    progress
        Whether bars on the standard error follow, where claims are many.

    Raises
    ------
    TheatreError
        When the place is unknown.
    DateError
        When `start` or `end` is not a day, or lies far outside the scenario.
    """
    first, last = (theatre.day(start) if start else None), (theatre.day(end) if end else None)
    wanted = theatre.id_of(place) if place else None
    if wanted is not None:
        ledger = _about(theatre, ledger, wanted)
    shown = progress and len(ledger) > MANY
    found: list[Conflict] = []
    for subject, rule in _RULES.items():
        pairs = _control(theatre, ledger, shown=shown) if rule is _control else rule(theatre, ledger)
        found += _gather(theatre, ledger, subject, pairs, shown=shown)
    kept = [
        each
        for each in found
        if any((first is None or c.window.end >= first) and (last is None or c.window.start <= last) for c in each.claims)
        and (wanted is None or any(bears_on(theatre, claim, wanted) for claim in each.claims))
    ]
    return sorted(kept, key=lambda each: (each.window.start, list(SUBJECTS).index(each.subject), each.place, each.claims[0].id))


def _about(theatre: Theatre, ledger: Ledger, place: str) -> Ledger:
    """
    Return the ledger of all claims that a contradiction bearing on a place may have: those on what bears on it, those that deny them or
    are denied by them, and so on; and rings, which ways anywhere may be open in.
    """
    claims = ledger.columns
    column = claims.column("place")
    names = {
        *bearing(theatre, claims, place).column("place").counts(),
        *claims.take(claims.of_kind("encircles", "opens")).column("place").counts(),
    }
    denials = claims.take(claims.of_kind("denies") & claims.column("denies").each(lambda id: id is not None, bool))
    tied = [{denial.place, ledger.claim(str(denial.denies)).place} for denial in denials if denial.denies in ledger]
    while joined := [pair for pair in tied if pair & names and not pair <= names]:
        names = names.union(*joined)
    return replace(ledger, claims=claims.take(column.each(names.__contains__, bool)))


def share_range(claim: Claim) -> tuple[float, float]:
    """Return the lowest and the highest share, 0..1, that a share claim is taken to mean."""
    value = claim.value or 0.0
    if claim.bound in ("at_least", "at_most"):
        return (value, 1.0) if claim.bound == "at_least" else (max(0.0, value - _UP_TO), value)
    slack = _SLACK.get(claim.bound or "exact", 0.0)
    return max(0.0, value - slack), min(1.0, value + slack)


def days_apart(a: Window, b: Window) -> int:
    """Return the number of days between two windows; 0 when they overlap, 1 when one follows the other."""
    return max(0, (b.start - a.end).days, (a.start - b.end).days)


def _days_between(a: Claim, b: Claim) -> int:
    """Return the number of days between two claims, at the least where one's are marked approximate."""
    return max(0, days_apart(a.window, b.window) - ABOUT_DAYS * (a.window.approximate + b.window.approximate))


def _gather(theatre: Theatre, ledger: Ledger, subject: str, pairs: Iterable[Pair], *, shown: bool) -> Iterator[Conflict]:
    """Yield a conflict for every set of claims that hang together by contradictory pairs."""
    import networkx as nx

    graph: nx.Graph[str] = nx.Graph()
    known: dict[str, Claim] = {}
    for a, b, reason in pairs:
        known |= {a.id: a, b.id: b}
        graph.add_edge(a.id, b.id, reason=reason)
    near = _by_place(ledger, ledger.columns.of_kind("other" if subject == "control" else subject)) if known else {}
    for ids in tracked(list(nx.connected_components(graph)), "what hangs together", shown=shown and len(known) > 0):
        claims = sorted((known[id] for id in ids), key=lambda c: (c.window, c.id))
        reasons = sorted({graph.edges[edge]["reason"] for edge in graph.subgraph(ids).edges})
        others = (c for place in dict.fromkeys(each.place for each in claims) for c in near.get(place, ()))
        beside = [c for c in others if c.id not in ids and _touches(theatre, subject, c, claims)]
        where = next((claim.place for claim in claims if claim.place in theatre.index), claims[0].place)
        yield Conflict(subject, where, tuple(claims), tuple(sorted(beside, key=lambda c: (c.window, c.id))), "; ".join(reasons))


def _by_place(ledger: Ledger, wanted: NDArray[np.bool_], *, shown: bool = False) -> dict[str, list[Claim]]:
    """Return some of the claims (a mask) by what they speak of, each in the order of the ledger."""
    found: dict[str, list[Claim]] = {}
    for claim in tracked(ledger.columns.take(wanted), "claims by place", shown=shown):
        found.setdefault(claim.place, []).append(claim)
    return found


def _touches(theatre: Theatre, subject: str, claim: Claim, claims: Sequence[Claim]) -> bool:
    """Return whether a claim stands beside a conflict: the same count of near days, or what else is told of a building in it."""
    if subject in ("casualties", "strength"):
        return any(_counted(claim) == _counted(each) and _same_days(claim, each) for each in claims)
    if subject != "control" or claim.kind != "other" or claim.place != claims[0].place or claim.place not in theatre.index:
        return False
    return theatre.place(claim.place).within is not None and claim.window.start <= max(each.window.end for each in claims)


def _control(theatre: Theatre, ledger: Ledger, *, shown: bool = False) -> Iterator[Pair]:
    """Yield pairs of claims that put different sides into one place at the same time."""
    yield from _denials(ledger, lambda target: target.of_control)
    columns = ledger.columns
    plain = columns.of_control & ~columns.of_kind("share", "contests") & columns.column("side").each(bool, bool)
    told = _by_place(ledger, plain & columns.column("quantifier").each(lambda quantifier: quantifier != "part", bool), shown=shown)
    for claims in tracked(told.values(), "contradictions", shown=shown):
        claims.sort(key=lambda c: (c.effective, c.window, c.id))
        for a, b in _near(claims, NEAR_DAYS + 2 * ABOUT_DAYS):
            if _disagree(a, b) and (clash := _clash(a, b, claims) or _of_one_day(ledger, a, b)):
                yield a, b, clash
        if len(theatre.members(claims[0].place)) == 1:
            yield from _taken_twice(claims)


def _near(claims: Sequence[Claim], days: int) -> Iterator[tuple[Claim, Claim]]:
    """Yield pairs of claims, which stand by the days from which they count: all that lie so many days apart or fewer, and some others."""
    longest = max(claim.window.length for claim in claims)
    for n, a in enumerate(claims):
        for b in islice(claims, n + 1, None):
            if (b.effective - a.window.end).days > days + longest:
                break
            yield a, b


def _denials(ledger: Ledger, wanted: Callable[[Claim], bool]) -> Iterator[Pair]:
    """Yield each denial with the claim that it denies, where the ledger has both."""
    for claim in ledger.columns.take(ledger.columns.column("denies").each(bool, bool)):
        if claim.denies is not None and claim.denies in ledger and wanted(target := ledger.claim(claim.denies)):
            yield target, claim, "denied"


def _disagree(a: Claim, b: Claim) -> bool:
    """Return whether two control claims cannot be true on one day: two sides there, or one that is there and is not."""
    there_a, there_b = (claim.kind not in ("loses", "denies") for claim in (a, b))
    return (there_a and there_b and a.side != b.side) or (there_a != there_b and a.side == b.side)


def _clash(a: Claim, b: Claim, claims: Sequence[Claim]) -> str:
    """Return why `a` and the later `b`, which disagree, cannot both be right; blank where a change explains them."""
    changes = [claim.kind in ("takes", "loses") for claim in (a, b)]
    overlap = days_apart(a.window, b.window) == 0
    if "denies" in (a.kind, b.kind) and overlap:
        return "denied"
    if all(changes):
        return "taken by two sides at once" if overlap else ""
    if any(changes):
        change, state = (a, b) if changes[0] else (b, a)
        if state.window.end <= change.window.end or _days_between(change, state) > NEAR_DAYS:
            return ""
        return "" if _explained(change, state, claims) else "held by another after its capture"
    if _days_between(a, b) > NEAR_DAYS or (not overlap and _explained(a, b, claims)):
        return ""
    return "held by two sides at once"


def _of_one_day(ledger: Ledger, a: Claim, b: Claim) -> str:
    """
    Return why a capture and what is told of that very day cannot both be right: where voices of two sides tell them.

    From one voice, or from one that takes no side, the place may have been the other's until it was taken later that day.
    """
    voices = {ledger.source(claim.source).side for claim in (a, b)}
    one_change = (a.kind in ("takes", "loses")) != (b.kind in ("takes", "loses"))
    if not one_change or a.window != b.window or a.window.length > 1 or None in voices or len(voices) < 2:
        return ""
    return "held by another on the day of its capture"


def _explained(a: Claim, b: Claim, claims: Sequence[Claim]) -> bool:
    """Return whether some claim tells a change between `a` and the later state `b` that agrees with `b`."""
    return any(
        c.kind in ("takes", "loses")
        and c is not a
        and a.effective <= c.effective <= b.window.end
        and not _disagree(c, b)
        and _disagree(c, a)
        for c in claims
    )


def _taken_twice(claims: Sequence[Claim]) -> Iterator[Pair]:
    """Yield captures of one place by one side, each with the next one on later days, where no claim says that it was lost between."""
    for side in dict.fromkeys(claim.side for claim in claims):
        taken = [claim for claim in claims if claim.kind == "takes" and claim.side == side]
        for n, a in enumerate(taken):
            later = [b for b in taken[n + 1 :] if days_apart(a.window, b.window) > 0]
            for b in [b for b in later if b.window == later[0].window]:
                if not any(_lost_between(a, c, b, claims) for c in claims):
                    yield a, b, "taken twice, not lost between"


def _lost_between(a: Claim, c: Claim, b: Claim, claims: Sequence[Claim]) -> bool:
    """Return whether `c` says that what was taken (`a`) was lost before it was taken again (`b`); a hold that contradicts `a` does not."""
    if not _disagree(c, b) or not a.window.end < c.effective <= b.window.end:
        return False
    return c.kind in ("takes", "loses") or not _clash(a, c, claims)


def _shares(theatre: Theatre, ledger: Ledger) -> Iterator[Pair]:
    """Yield pairs of shares of one place, given for near days, that leave no common value."""
    shares = _by_place(ledger, ledger.columns.of_kind("share")).values()
    for a, b in (pair for told in shares for pair in combinations(told, 2)):
        if days_apart(a.window, b.window) > SHARE_DAYS:
            continue
        (low_a, high_a), (low_b, high_b) = share_range(a), share_range(b)
        if a.side == b.side and (low_a > high_b or low_b > high_a):
            yield a, b, f"no share fits both, at most {SHARE_DAYS} days apart"
        elif a.side != b.side and low_a + low_b > 1:
            yield a, b, "together more than the whole"


def _rings(theatre: Theatre, ledger: Ledger) -> Iterator[Pair]:
    """Yield pairs of a closed ring and an opening in it within days."""
    yield from _denials(ledger, lambda target: target.kind in ENCLOSURE)
    opened = list(ledger.columns.take(ledger.columns.of_kind("opens")))
    for ring in (c for c in ledger.columns.take(ledger.columns.of_kind("encircles")) if c.quantifier in (None, "all")):
        inside = set(theatre.members(ring.place))
        for claim in opened:
            apart = days_apart(ring.window, claim.window)
            ways = [theatre.link(id) for id in theatre.link_members(claim.place)]
            if claim.side == ring.side:
                continue
            if claim.place == ring.place and apart <= RING_DAYS:
                yield ring, claim, f"closed and open within {RING_DAYS} days"
            elif apart <= 1 and any(inside & {theatre.index[way.a], theatre.index[way.b]} for way in ways):
                yield ring, claim, "closed, and a way into it open"


def _counts(kind: str) -> Callable[[Theatre, Ledger], Iterator[Pair]]:
    """Return the rule for counts of one kind, casualties or strength."""

    def rule(theatre: Theatre, ledger: Ledger) -> Iterator[Pair]:
        yield from _denials(ledger, lambda target: target.kind == kind)
        counts = _by_place(ledger, ledger.columns.of_kind(kind)).values()
        for a, b in (pair for told in counts for pair in combinations([claim for claim in told if claim.numbers], 2)):
            if _counted(a) == _counted(b) and ledger.origin(a) != ledger.origin(b) and _counts_clash(a, b):
                yield a, b, "ranges that do not meet"

    return rule


def _counted(claim: Claim) -> tuple[object, ...]:
    """Return whom a claim counts, and where."""
    return claim.kind, claim.place, claim.side, frozenset(claim.actors), claim.of.casefold()


def _counts_clash(a: Claim, b: Claim) -> bool:
    """Return whether two counts of the same people contradict each other, given the days they speak of."""
    assert a.numbers is not None
    assert b.numbers is not None
    more_in_a, more_in_b = a.numbers[0] > b.numbers[1] * _ROUNDING, b.numbers[0] > a.numbers[1] * _ROUNDING
    if a.kind == "strength":
        return days_apart(a.window, b.window) <= NEAR_DAYS and (more_in_a or more_in_b)
    if a.window == b.window:
        return more_in_a or more_in_b
    a_in_b = b.window.start <= a.window.start and a.window.end <= b.window.end
    b_in_a = a.window.start <= b.window.start and b.window.end <= a.window.end
    return (a_in_b and more_in_a) or (b_in_a and more_in_b)


def _same_days(a: Claim, b: Claim) -> bool:
    """Return whether two counts speak of the same days: within one for what happened, within three for what was there."""
    if a.kind == "strength":
        return days_apart(a.window, b.window) <= NEAR_DAYS
    return abs((a.window.start - b.window.start).days) <= 1 and abs((a.window.end - b.window.end).days) <= 1


def _others(theatre: Theatre, ledger: Ledger) -> Iterator[Pair]:
    """Yield denials of what is neither control, nor a ring, nor a count."""
    return _denials(ledger, lambda target: target.kind in CONTEXT and target.kind not in ("casualties", "strength"))


_RULES: dict[str, Callable[[Theatre, Ledger], Iterator[Pair]]] = {
    "control": _control,
    "share": _shares,
    "ring": _rings,
    "casualties": _counts("casualties"),
    "strength": _counts("strength"),
    "other": _others,
}
