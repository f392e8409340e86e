"""
Made-up maps of who holds what, several of one war whose truth is known: definitions, lags, errors and copying differ.

Nothing here is of the belief model. A front crosses a country from west to east and back, at its own pace north and south; each map
redraws it every few days, some days late, calls a belt of its own width contested, errs place by place for weeks at a time, and one of
them takes most of what it shows from another. What a map shows is told as a scenario has it: one claim a place and stretch of days.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from synthetic import country

from qsim.record.dates import Window, day
from qsim.record.ledger import Claim, Ledger, Source
from qsim.record.theatre import Theatre

START = np.datetime64("2001-01-01")
Status = NDArray[np.int8]


@dataclass(frozen=True)
class Maker:
    """How a map is made: days between two drawings and until news is drawn, the contested belt's half width, its error, whom it copies."""

    every_days: int
    lag_days: int
    belt: float
    error: float
    copies: str | None = None


MAKERS = {
    "agency": Maker(1, 1, 0.02, 0.02),
    "institute": Maker(3, 2, 0.05, 0.04),
    "volunteers": Maker(2, 6, 0.01, 0.08),
    "encyclopedia": Maker(5, 3, 0.03, 0.03, copies="agency"),
}


@dataclass(frozen=True)
class Maps:
    """A theatre, the claims of all maps, the truth and what each map shows, shapes (days, places): 0 red, 1 blue, 2 contested."""

    theatre: Theatre
    ledger: Ledger
    truth: Status
    shown: dict[str, Status]


def maps(seed: int, *, places: int = 60, days: int = 150) -> Maps:
    """Return the maps of a war; the same seed gives the same ones."""
    random = np.random.default_rng(seed)
    where = country(random, places)
    x, y = where.points.T
    phase = random.uniform(0, 2 * np.pi)
    time = np.arange(days)[:, None] / days
    beyond = x - (0.5 + 0.22 * np.sin(2 * np.pi * time + phase + 1.2 * y))
    shown: dict[str, Status] = {}
    for name, maker in MAKERS.items():
        shown[name] = _shown(random, beyond, maker, shown.get(maker.copies or ""))
    sources = {name: Source(name, f"The {name}'s map", "press") for name in MAKERS}
    claims = tuple(each for name, status in shown.items() for each in _claims(where, name, status))
    return Maps(where, Ledger(sources, claims), _drawn(beyond, 0.02), shown)


def _drawn(beyond: NDArray[np.float64], belt: float) -> Status:
    """Return who holds what by how far each place lies beyond the front: red behind it, contested within the belt."""
    return np.where(np.abs(beyond) < belt, 2, (beyond > 0).astype(int)).astype(np.int8)


def _shown(random: np.random.Generator, beyond: NDArray[np.float64], maker: Maker, copied: Status | None) -> Status:
    """Return what a map shows on each day."""
    days, places = beyond.shape
    seen = np.maximum(0, np.arange(days) // maker.every_days * maker.every_days - maker.lag_days)
    status = _drawn(beyond, maker.belt)[seen]
    weeks = random.random((days // 21 + 1, places)) < maker.error  # an error stands for three weeks before somebody mends it
    wrong = np.repeat(weeks, 21, axis=0)[:days]
    status = np.where(wrong, random.integers(0, 3, places), status).astype(np.int8)
    if copied is None:
        return status
    taken = random.random(places) < 0.8  # four fifths of the places follow the other map, errors and all
    return np.where(taken, copied[np.maximum(0, seen - 1)], status).astype(np.int8)


def _claims(where: Theatre, source: str, status: Status) -> Iterator[Claim]:
    """Yield a claim for each stretch of days on which a map shows a place alike."""
    for p, place in enumerate(where.places):
        turns = [0, *(np.flatnonzero(status[1:, p] != status[:-1, p]) + 1).tolist(), len(status)]
        for first, after in pairwise(turns):
            code = int(status[first, p])
            window = Window(day(START + np.timedelta64(int(first), "D")), day(START + np.timedelta64(int(after), "D")) - timedelta(days=1))
            kind, side = ("contests", None) if code == 2 else ("holds", where.statuses[code])
            yield Claim(f"{source}-{place.id}-{first}", place.id, kind, window, source, side)


def without_copying(made: Maps) -> Maps:
    """Return the maps without the one that copies."""
    kept = tuple(claim for claim in made.ledger.claims if MAKERS[claim.source].copies is None)
    return replace(made, ledger=replace(made.ledger, claims=kept))
