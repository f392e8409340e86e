"""Who says so: the claims for and against what is believed of a place on a day, with the words they rest on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from qsim.belief.evidence import last_reports_of_day, other_side, reading, reports
from qsim.belief.influence import Influence
from qsim.belief.snapshot import Snapshot
from qsim.belief.statuses import status_names, status_of_belief
from qsim.belief.timeline import Timeline, TimelineError
from qsim.record.conflicts_text import claim_text
from qsim.record.dates import Day, day
from qsim.record.documents import quote
from qsim.record.ledger import Claim, Ledger
from qsim.record.packed import Claims
from qsim.record.scope import bearing, in_order, reach
from qsim.record.theatre import Theatre
from qsim.record.values import keep, sealed

AT_ONE_TIME_DAYS = 3  # claims that lie further apart speak of different times, and do not contradict each other


@dataclass(frozen=True, slots=True)
class Testimony:
    """
    One claim that bears on a place, with the words it rests on; `said` is what it says, its note or by its kind, and `says` the status it
    asserts, none where it asserts none of it.

    `contradicted` counts the other origins that say another status of about the same days. Where a policy learned it: `informed`, the
    probability that the claim was informed, and the `reliability` of its source.
    """

    claim: Claim
    source: str
    source_side: str | None
    said: str
    says: str | None
    against_interest: bool
    cited: tuple[tuple[str, str], ...]
    informed: float | None = None
    reliability: float | None = None
    contradicted: int = 0


@dataclass(frozen=True)
class Why:
    """
    The claims for and against what is believed of a place on a day, newest first; `print` shows them.

    `status` is what has more than half of the belief on that day, undecided where nothing has, unknown where nothing is known. Claims
    against it that speak only of days before the place last changed are told apart as `earlier`: before the first claim for it since anything
    else was last believed, or before the day on which it came to be believed. `later` are those of days after this one, the next first, where the belief has heard them too. `named` are statuses in words,
    `elsewhere` tells where documents can be read that are not here. `rests_on` are claims with what would be believed without each
    (`qsim.belief.influence`), where somebody worked that out.
    """

    place: str
    names: tuple[str, ...]
    day: date
    status: str
    belief: Mapping[str, float]
    silent_days: int | None
    supporting: tuple[Testimony, ...]
    opposing: tuple[Testimony, ...]
    earlier: tuple[Testimony, ...]
    beside: tuple[Testimony, ...]
    documents: Mapping[str, str]
    named: Mapping[str, str]
    elsewhere: Mapping[str, str]
    rests_on: tuple[Influence, ...] = ()
    later: tuple[Testimony, ...] = ()

    def __post_init__(self) -> None:
        keep(self, "belief", "documents", "named", "elsewhere")

    @property
    def name(self) -> str:
        """The name of the place."""
        return self.names[1] if len(self.names) > 1 else self.place

    def __repr__(self) -> str:
        counts = {"for": self.supporting, "against": self.opposing, "earlier": self.earlier, "beside": self.beside}
        return f"Why({self.place} on {self.day}: {self.status}; {', '.join(f'{len(told)} {name}' for name, told in counts.items())})"

    def __str__(self) -> str:
        from qsim.terminal.text import why_text

        return why_text(self)


def why(timeline: Timeline, place: str, moment: Day) -> Why:
    """
    Return the claims for and against what is believed of `place`, which may be a group, on a day, newest first.

    A claim counts as for or against when it speaks of control; those on rings, roads, reinforcement and the like stand beside.
    Those speak of days up to this one; they may have been reported later, and say when.

    Raises
    ------
    TheatreError
        When the place is unknown.
    TimelineError
        When the day lies outside the timeline, or the timeline has no ledger (a simulation has nobody to ask).
    """
    if timeline.ledger is None:
        raise TimelineError("this timeline has no ledger: it is a mean of histories, and nobody says so")
    theatre, ledger = timeline.theatre, timeline.ledger
    id = theatre.id_of(place)
    claims = bearing(theatre, ledger.columns, id)
    snapshot = _by_claims(timeline, moment, claims)
    status = snapshot.status_of(id)
    itself = {theatre.index[id]} if id in theatre.index else set(theatre.members(id))
    told = [testimony(timeline, ledger, claim) for claim in reversed(in_order(claims))]
    speaking = [t for t in told if t.says is not None and (t.claim.place == id or itself <= set(reach(theatre, t.claim)))]
    direct = [replace(t, contradicted=_contradicted(ledger, t, speaking)) for t in speaking if t.claim.window.start <= snapshot.day]
    ids = {t.claim.id for t in speaking}
    beside = [t for t in told if t.claim.id not in ids and t.claim.window.start <= snapshot.day]
    heard = timeline.chains is not None and not timeline.model.get("as_known")
    later = [t for t in reversed(speaking) if t.claim.window.start > snapshot.day] if heard else []
    supporting, against = [t for t in direct if t.says == status], [t for t in direct if t.says != status]
    since = _changed(timeline, sorted(itself), snapshot.day, [t.claim for t in supporting])
    return Why(
        id,
        theatre.names_of(id),
        day(snapshot.day),
        status,
        snapshot[id],
        snapshot.silent_days(id),
        tuple(supporting),
        tuple(t for t in against if t.claim.until >= since),
        tuple(t for t in against if t.claim.until < since),
        tuple(beside),
        {document.id: document.title for document in theatre.documents.values()},
        status_names(theatre),
        {document.id: document.elsewhere for document in theatre.documents.values() if document.elsewhere},
        later=tuple(later),
    )


def _by_claims(timeline: Timeline, moment: Day, claims: Claims) -> Snapshot:
    """Return one day with last reports by some of the claims alone; raise `TimelineError` when it lies outside the timeline."""
    i, theatre = timeline.position(moment), timeline.theatre
    if timeline.reported is not None or timeline.ledger is None:
        return timeline.at(moment)
    told = reports(theatre, replace(timeline.ledger, claims=claims), as_known=bool(timeline.model.get("as_known")))
    heard = last_reports_of_day(told, timeline.days[i], len(theatre.places))
    return Snapshot(day(timeline.days[i]), theatre, timeline.belief[i], timeline.history[i], sealed(heard))


def _changed(timeline: Timeline, places: list[int], moment: date, supporting: Sequence[Claim]) -> date:
    """
    Return the day on which places last changed to what they are drawn as on a day; the first of all days where they never did.

    Of one place that is the day of the first claim for it since it was last drawn as anything else, where it was undecided between.
    """
    drawn = status_of_belief(timeline.belief[: timeline.position(moment) + 1, places])
    turns = np.flatnonzero((drawn[1:] != drawn[:-1]).any(axis=1)) + 1
    if not len(turns):
        return date.min
    turn, now = day(timeline.days[turns[-1]]), drawn[-1, 0]
    if len(places) > 1 or now < 0:
        return turn
    otherwise = np.flatnonzero((drawn[:, 0] >= 0) & (drawn[:, 0] != now))
    free = day(timeline.days[otherwise[-1] + 1]) if len(otherwise) else date.min
    return min([turn, *(max(claim.window.start, free) for claim in supporting if claim.until >= free)])


def testimony(timeline: Timeline, ledger: Ledger, claim: Claim) -> Testimony:
    """Return a claim with its source and the words that it cites."""
    source, learned = ledger.sources[claim.source], timeline.sources.get(claim.source)
    return Testimony(
        claim,
        source.name,
        source.side,
        claim.note or _in_words(timeline.theatre, ledger, claim),
        says(timeline.theatre, claim),
        ledger.against_interest(claim),
        tuple((citation, quote(timeline.theatre.documents, citation)) for citation in claim.cites),
        timeline.informed.get(claim.id),
        learned.mean if learned else None,
    )


def _in_words(theatre: Theatre, ledger: Ledger, claim: Claim) -> str:
    """Return what a claim without a note says; of a figure, of what place."""
    said = claim_text(theatre, ledger, claim)
    return f"{said} ({theatre.named(claim.place)})" if claim.kind in ("share", "casualties", "strength") else said


def says(theatre: Theatre, claim: Claim) -> str | None:
    """
    Return the status that a claim speaks for in each place it is about, none where it speaks for none.

    A figure of more than half speaks for its side, of less for the other; a lower bound only for its side, an upper one only for the
    other, and half for neither. Fighting somewhere in a group says nothing of any one place.
    """
    if claim.kind == "share":
        value = {"at_least": 1.0, "at_most": 0.0}.get(claim.bound or "", claim.value or 0.0)
        return None if value == 0.5 else claim.side if value > 0.5 else other_side(theatre, claim.side)
    if claim.kind == "contests" and len(theatre.members(claim.place)) > 1:
        return None
    return reading(theatre, claim)


def _contradicted(ledger: Ledger, told: Testimony, others: Sequence[Testimony]) -> int:
    """Return how many other origins say another status of about the days of a claim."""
    mine, near = ledger.origin(told.claim), timedelta(days=AT_ONE_TIME_DAYS)
    days = told.claim.window
    voices = {
        ledger.origin(other.claim)
        for other in others
        if other.says != told.says and other.claim.window.start - days.end <= near and days.start - other.claim.window.end <= near
    }
    return len(voices - {mine})
