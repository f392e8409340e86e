"""
What every claim amounts to for the belief model: statements about places and days, about whole groups, and figures of shares.

A statement is kept by its *form*, how likely an informed source is to say it under each status, and by the days it may speak of, its
*mentions*. A state said of a few days speaks of one of them; a state that lasts is said again every week. An event in a window is
evidence where the window ends: held then, and not on its eve. Where something more exactly dated lies inside the window, an event of the
same meaning is the same event and lends its day; one that contradicts it splits the window, and the event may lie on either side.

*Runs*: what one origin says of one place again and again, nothing else between, counts together as 1 + span / 120 days, spread over the
times it is said. An interval and its restatements so weigh alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from qsim.belief.activity import Moves, moves
from qsim.belief.columns import Floats, Forms, Ints, Shares, Statements, Wholes
from qsim.belief.delays import delays
from qsim.belief.going import spans_of
from qsim.belief.hearing import Heard, clear, forms_of
from qsim.record.dates import Day, day
from qsim.record.ledger import Claim, Ledger
from qsim.record.packed import Claims, day_number, joint
from qsim.record.settings import Model
from qsim.record.theatre import Theatre

_SAID = ("place", "kind", "side", "quantifier", "value", "bound", "window")


@dataclass(frozen=True, eq=False, slots=True)
class Observations:
    """
    All that a ledger says, on the days from `start` (a date's position 0) for `days` days.

    `first` and `last` are the positions of the first and last day that a claim speaks of. Of each claim: `voice`, the position of its
    origin in `voices`; `trust`, what its voice's reliability is multiplied by; `gain`, its weight against interest; whether it is `against` its source's
    interest and `first_hand`. `delays` are
    the days by which origins that describe states are behind.
    """

    start: np.datetime64
    days: int
    first: int
    last: int
    claims: Claims
    voices: tuple[str, ...]
    voice: Ints
    trust: Floats
    gain: Floats
    against: NDArray[np.bool_]
    first_hand: NDArray[np.bool_]
    forms: Forms
    statements: Statements
    wholes: Wholes
    shares: Shares
    moves: Moves
    delays: Mapping[str, int]

    def speaks_of(self) -> Ints:
        """Return the positions of the places that any evidence speaks of, in order."""
        named = np.zeros(self.moves.codes.shape[1], dtype=bool)
        for places in (self.statements.place, self.wholes.members, self.shares.members):
            named[places] = True
        return np.flatnonzero(named)

    def tied(self) -> bool:
        """Return whether a claim ties places to one another: one about a whole group, or a share of it."""
        return bool(len(self.wholes.claim) or len(self.shares.claim))


def distinct(ledger: Ledger) -> Claims:
    """
    Return the claims by day, place, kind and source, whatever their ids, each statement once: a copy, from a source that repeats another or from the same
    source again, of the same thing about the same place and days is neither evidence nor activity.
    """
    claims = ledger.columns
    if not len(claims):
        return claims
    said = joint([claims.column("source").ranks(ledger.origin_of), *(claims.column(name).coded for name in _SAID)])
    copies = claims.column("source").each(lambda id: ledger.sources[id].origin is not None, np.int64)
    order = claims.ordered(said, (copies, 2))
    claims = claims.take(order[np.concatenate([[True], np.diff(said[0][order]) != 0])])
    first, last = int(claims.start.min()), int(claims.end.max())
    days = [(each - first, last - first + 1) for each in (claims.start, claims.end)]
    place, kind, source = (claims.column(name).ranks() for name in ("place", "kind", "source"))
    return claims.take(claims.ordered(days[0], place, kind, source, days[1], claims.column("quantifier").ranks(lambda each: each or "")))


def observations(theatre: Theatre, ledger: Ledger, model: Model, *, start: Day, end: Day) -> Observations:
    """
    Return what the ledger says, from `start` to `end`, both included, widened so that every claim of control falls inside.
    """
    claims = distinct(ledger)
    claims = claims.take(claims.of_control | claims.column("kind").each(("encircles", "withdraws").__contains__, bool))
    asked = day_number(day(start)), day_number(day(end))
    spoken = (int(claims.start.min()), int(claims.end.max())) if len(claims) else asked
    # The eve of the first claim is spoken of, too, and an approximate date may be out by some days.
    begin = min(asked[0], spoken[0]) - 1 - model.approximate_days
    first = date.fromordinal(begin + date(1970, 1, 1).toordinal())
    days = max(asked[1], spoken[1]) - begin + 1 + model.approximate_days
    voices = sorted({ledger.origin_of(source) for source in claims.column("source").counts()})
    few, of = claims.alike("source", "side", "kind", "value", "bound", "quantifier")
    against = np.array([ledger.against_interest(claim) for claim in few], dtype=bool)[of]
    late = delays(theatre, ledger, claims) if model.delays else {}
    spans = spans_of(theatre, ledger, model, claims, late, first)
    heard = Heard(theatre, ledger, model, claims, spans)
    heard.hear_all()
    voice = claims.column("source").ranks(ledger.origin_of)[0]
    statements, wholes = heard.columns(voice)
    return Observations(
        np.datetime64(first),
        days,
        spoken[0] - begin,
        spoken[1] - begin,
        claims,
        tuple(voices),
        voice,
        claims.column("confidence").each(lambda word: model.doubt_unconfirmed if word == "unconfirmed" else 1.0, float),
        np.where(against, model.against_interest, 1.0),
        against,
        claims.column("source").each(lambda id: ledger.sources[id].origin is None, bool),
        forms_of(model, len(theatre.sides), list(heard.forms)),
        statements,
        wholes,
        heard.figures(),
        moves(theatre, ledger, model, claims, spans, first=first, days=days),
        late,
    )


def coverage(theatre: Theatre, model: Model, claim: Claim) -> float:
    """Return how much of each place a claim about `claim.place` speaks of: 1 for a single place, less for groups, cities and parts."""
    if len(theatre.members(claim.place)) == 1:
        return model.part_held if claim.quantifier == "part" else 1.0
    return clear(model, claim)
