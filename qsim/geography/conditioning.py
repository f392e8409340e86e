"""
Histories weighted by what was said of the ring: the map and the words, two witnesses, heard together.

The map makes a ring of its own in every history drawn from the belief; voices said of some days that the ring was closed, or that there
was a way out. Each history is weighted by the likelihood of these claims under its own ring, and histories are drawn anew by their
weights (importance resampling: Rubin, Using the SIR algorithm to simulate posterior distributions, 1988). A claim on the ring is used
here and nowhere else in the map: it shuts no link.
"""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.belief.drawing import Stops
from qsim.belief.draws import Draws
from qsim.belief.enclosure import enclosure, ring_claims, ring_evidence
from qsim.belief.timeline import Ensemble, Timeline
from qsim.geography.encirclement import Exits, encirclement, exits, likely_exits, whose
from qsim.geography.reachability import by_month, unspoken
from qsim.record.dates import Window, day
from qsim.record.values import by_fields, equal, keep

DRAWS = 8000  # histories drawn, of which those asked for are chosen
FEW = 200  # independent histories below which shares are too rough
_BATCH, _BYTES = 1000, 200_000_000  # histories held at once, fewer where a map is large


class RingWarning(UserWarning):
    """The map and the words agree in so few histories that what follows is rough."""


@dataclass(frozen=True, eq=False, slots=True)
class Ring:
    """
    The probability on each day, shape (days,), that a side is cut off in a place: `by_map` alone, `by_words` alone, and `both` together.

    `both` is the answer; the other two tell what it rests on. `by_words` is nan before anybody speaks of the ring, and `by_map` where
    nothing is known of any place. `effective` is how many independent histories `both` is worth; `documented` is `both` with only
    the links of which a document tells, so that the difference is what it owes to estimated ones, and nan where no document tells of any.
    """

    by_map: NDArray[np.float64]
    by_words: NDArray[np.float64]
    both: NDArray[np.float64]
    documented: NDArray[np.float64]
    effective: float

    __eq__ = equal
    __reduce__ = by_fields

    def __post_init__(self) -> None:
        keep(self, "by_map", "by_words", "both", "documented")


def ring(
    timeline: Timeline,
    place: str,
    side: str,
    *,
    runs: int = 1000,
    seed: int = 7,
    histories: Ensemble | Draws | None = None,
    alone: Ensemble | Draws | None = None,
) -> Ring:
    """
    Return how likely `side` was cut off in `place` on each day, by the map, by the words, and by both together.

    `histories` are those of `draws_given`, or of `timeline.sample(runs, seed, given="ring")`, and `alone` those of the map alone, where they are at hand.

    Raises
    ------
    TheatreError
        When `place` or `side` is not of the theatre, or the side has no bases.
    TimelineError
        When histories cannot be drawn from the timeline.
    """
    by_words = words_alone(timeline, place)
    given = draws_given(timeline, place, side, runs, seed) if histories is None else histories
    alone = map_alone(timeline, given, runs, seed) if alone is None else alone
    by_map, some = _told(alone, place, side)
    both = by_map if given is alone else _told(given, place, side)[0]
    if any(link.basis == "documented" for link in timeline.theatre.links):
        documented = np.where(some, _told(given, place, side, documented=True)[0], np.nan)
    else:
        documented = np.full(len(timeline), np.nan)
    effective = float(len(given)) if given.effective is None else given.effective
    return Ring(np.where(some, by_map, np.nan), by_words, np.where(some, both, by_words), documented, effective)


def closed_by_map(timeline: Timeline, place: str, side: str, runs: int, seed: int) -> NDArray[np.float64]:
    """Return how likely the ring is closed on each day by the map alone, (days,); parameters and errors are those of `ring`."""
    return _told(Draws(timeline, np.arange(runs), seed), place, side)[0]


def words_alone(timeline: Timeline, place: str) -> NDArray[np.float64]:
    """Return how likely the ring is closed by what was said of it alone, (days,): `enclosure`, nan before anybody speaks of it."""
    said = [] if timeline.ledger is None else ring_claims(timeline.theatre, timeline.ledger, place)
    if not said:
        return np.full(len(timeline), np.nan)
    first = min(np.datetime64(claim.window.start) for claim, _ in said)
    return np.where(timeline.days < first, np.nan, enclosure(timeline, place))


def unheard(timeline: Timeline, place: str) -> str:
    """Return a sentence on what was said of the ring beyond the days that histories are drawn of, which they do not hear; blank where nothing was."""
    said = [] if timeline.ledger is None else [claim for claim, _ in ring_claims(timeline.theatre, timeline.ledger, place)]
    chains = timeline.chains
    first, days = (timeline.days[0], len(timeline)) if chains is None else (np.datetime64(chains.first_day, "D"), len(chains))
    drawn = Window(day(first), day(first + days - 1))
    outside = sum(not claim.window.meets(drawn) for claim in said)
    told = f" Of {len(said)} claims on the ring {outside} speak of other days: the words alone hear them too, these histories do not"
    return f"{told}, and over all days of the record the odds may differ." if outside else ""


def _told(histories: Ensemble | Draws, place: str, side: str, **asked: Any) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return how likely the ring is closed on each day, (days,), and whether anything is known of any place; `asked` are the options of `encirclement`."""

    def of_month(_: slice, month: Ensemble) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        return encirclement(month, place, side, **asked).mean(axis=0), (month.status != -1).any(axis=(0, 2))

    closed, known = zip(*by_month(histories, of_month), strict=True)
    return np.concatenate(closed), np.concatenate(known)


def sample_given_ring(timeline: Timeline, runs: int, seed: int) -> Ensemble:
    """
    Return `runs` whole histories weighted by what was said of the ring around the place that a ring is asked of (`whose`).

    They are chosen, with repetition, among `DRAWS` histories of the map alone, so that the first N of 2N runs are the N runs;
    `effective` tells how many independent ones they are worth (Kish, Survey sampling, 1965). Where nobody speaks of a ring, or there is none to
    speak of, they are those of the map alone.

    Warns
    -----
    RingWarning
        When the effective sample is below `FEW`, or below the runs asked for where these are fewer.
    """
    place, side = whose(timeline)
    return timeline.sample(runs, seed) if place is None or side is None else given_ring(timeline, place, side, runs, seed)


def given_ring(timeline: Timeline, place: str, side: str, runs: int, seed: int) -> Ensemble:
    """Return histories weighted by what was said of the ring around `place`, in which `side` sits; for the rest as `sample_given_ring`."""
    draws = draws_given(timeline, place, side, runs, seed)
    return timeline.sample(runs, seed) if draws.stops is None else draws.whole


def draws_given(timeline: Timeline, place: str, side: str, runs: int, seed: int) -> Draws:
    """
    Return the histories of `given_ring`, to be drawn some days at a time; where nobody speaks of the ring, what the map alone gives of each day.

    All that was said counts, of days outside the window too: histories are drawn first on the days that it is said of, weighted, and those
    chosen are then drawn between (`qsim.belief.drawing`), so that a day has the same odds in every window. Errors are those of `sample_given_ring`.
    """
    chains, alone = timeline.drawable(), Draws(timeline, np.arange(runs), seed)
    if timeline.ledger is None or not ring_claims(timeline.theatre, timeline.ledger, place):
        return alone
    days, evidence = ring_evidence(timeline, place)
    rows = chains.rows(days)
    heard = (rows >= 0) & (rows < len(chains))
    if not heard.any() or not len(chains.places):
        return alone
    days, evidence, stops = days[heard], evidence[heard], Stops.of(chains, rows[heard])
    batch = max(1, min(_BATCH, _BYTES // (len(days) * len(timeline.theatre.places))))

    def log_weight(numbers: NDArray[np.int_]) -> NDArray[np.float64]:
        drawn = timeline.ensemble(stops.drawn(numbers, seed), numbers, days)
        closed = encirclement(drawn, place, side)
        return np.asarray(np.where(closed, evidence[:, 0], evidence[:, 1]).sum(axis=1))

    weight = np.concatenate([log_weight(np.arange(begin, min(begin + batch, DRAWS))) for begin in range(0, DRAWS, batch)])
    weight = np.exp(weight - weight.max())
    weight /= weight.sum()
    effective = float(1 / (weight**2).sum())
    tell_if_few(place, effective, runs)
    # One pointer a run, keyed by the run's number: more runs add to these and change none of them.
    pointers = np.random.Generator(np.random.Philox(seed)).random(runs)
    numbers = np.minimum(np.searchsorted(np.cumsum(weight), pointers), DRAWS - 1)
    return Draws(timeline, numbers, seed, stops, effective)


def map_alone(timeline: Timeline, given: Ensemble | Draws, runs: int, seed: int) -> Draws:
    """Return the histories of the map alone: those `given` a ring, where these are of days by themselves because nobody speaks of it."""
    return given if isinstance(given, Draws) and given.stops is None else Draws(timeline, np.arange(runs), seed)


def tell_if_few(place: str, effective: float, runs: int) -> None:
    """Warn where histories given the ring around `place` are worth few independent ones."""
    if effective < min(FEW, runs):
        told = f"the map and what was said of the ring around {place!r} agree in few histories: {effective:.0f} effective ones of {DRAWS}"
        warnings.warn(f"{told}; read the probabilities as rough", RingWarning, stacklevel=4)


def exits_told(timeline: Timeline, place: str, side: str, *, runs: int = 1000, seed: int = 7) -> list[Exits]:
    """
    Return the ways out of `place` on each day as they are shown: over histories given the ring, or of the one history there is.

    Parameters and errors are those of `ring`.
    """
    if timeline.chains is None:
        return exits(timeline.most_likely(), place, side)
    return likely_exits(draws_given(timeline, place, side, runs, seed), place, side)


def without_word(timeline: Timeline, histories: Ensemble | Draws, place: str, side: str) -> NDArray[np.float64]:
    """
    Return how likely the ring is closed with every place passable, and with none, of which nobody had spoken by the day: (2, days).

    `histories` are of all days of the timeline. How far the two lie apart is what the answer owes to days before the first reports.
    Errors are those of `ring`.
    """
    reported = ~np.isnat(timeline.last_report)

    def of_month(span: slice, month: Ensemble) -> NDArray[np.float64]:
        bare = unspoken(month, place, reported[span])
        return np.stack([encirclement(bare, place, side, unreported=reading).mean(axis=0) for reading in ("open", "closed")])

    return np.concatenate(by_month(histories, of_month), axis=1)
