"""What a script tells of a record, wrapped to eighty columns: its days, events, claims and toll; what stories have in common."""

import os
from collections.abc import Mapping

from qsim.belief.events import events
from qsim.belief.timeline import Timeline
from qsim.record.casualties import casualties, casualties_text
from qsim.record.ledger import Claim, Ledger
from qsim.terminal.text import wrapped


def quick() -> bool:
    """Return whether a script is only tried, and plays a few days (`QSIM_QUICK`)."""
    return bool(os.environ.get("QSIM_QUICK"))


def days(first: str, last: str, *, tried: tuple[str, str]) -> tuple[str, str]:
    """Return the first and the last day that a script plays: its own, or those with which it is tried."""
    return tried if quick() else (first, last)


def chapters(timeline: Timeline, titles: Mapping[str, str]) -> dict[str, str]:
    """Return the chapters of a player, by day, that lie within the days of a timeline."""
    return {day: title for day, title in titles.items() if day in timeline}


def told(ledger: Ledger, claim: Claim, *, cites: int = 1) -> str:
    """Return one claim: when, who says so, what, and where it stands."""
    return wrapped(f"{claim.window}  {ledger.source(claim.source)}: {claim.note} ({', '.join(claim.cites[:cites])})")


def events_told(timeline: Timeline, city: str = "") -> str:
    """Return what changed, on whose word; of a `city` alone where one is named. Nothing is told that nobody reports."""
    theatre = timeline.theatre
    chosen = [
        event for event in events(timeline) if not city or any(theatre.place(place).parent == theatre.id_of(city) for place in event.places)
    ]
    return "\n".join(wrapped(f"{event.day}  {event}") for event in chosen)


def toll_told(timeline: Timeline) -> str:
    """Return the toll among civilians and people of no side in these days, as the sources give it: no figure is added to another."""
    if timeline.ledger is None:
        return ""
    theatre = timeline.theatre
    tolls = casualties(theatre, timeline.ledger, start=timeline.start, end=timeline.end)
    text = casualties_text(theatre, [toll for toll in tolls if toll.side is None])
    head = f"The toll among civilians, and among people for whom no side is given\n(that of fighters: `qsim casualties {theatre.name}`):"
    return f"{head}\n\n{text}"
