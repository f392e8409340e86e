"""How much of a place or a group a side holds in many histories, by area, places or people."""

import numpy as np
from numpy.typing import NDArray

from qsim.belief.drawing import each_day_drawn
from qsim.belief.timeline import NOBODY, Ensemble, Timeline
from qsim.geography.reachability import checked
from qsim.record.theatre import Theatre, TheatreError


def share(histories: Ensemble, place: str, side: str, *, by: str = "area") -> NDArray[np.float64]:
    """
    Return the share of a place or group that `side` holds, per run and day, shape (runs, days).

    What is contested or unknown counts for every side alike, half with two sides, so that the shares of all sides sum to 1; `shares`
    tells them apart.

    Parameters
    ----------
    histories
        Many histories of one theatre.
    place
        A place, a city of parts, or a group of places.
    side
        Whose share.
    by
        "area" (km² of the cells), "places" (each place alike) or "people" (population, where it is known).

    Raises
    ------
    TheatreError
        When the place or side is unknown, nothing of the place has the measure asked for, or there is no history.
    """
    theatre = checked(histories, side)
    return _of_side(theatre, shares(histories, place, by=by), side)


def share_by_day(timeline: Timeline, place: str, side: str, runs: int, seed: int) -> NDArray[np.float64]:
    """
    Return the share of a place that `side` holds on each day by what is believed, and the ends of the band that holds 90 % of the draws, shape (3, days).

    What is drawn is of each day by itself and of the place alone, so that neither window nor map matter. There is no band (nan) where the policy draws
    none, nor of a place without parts, which is held or not; no share either where nothing is known of the place.

    Raises
    ------
    TheatreError
        When the place or side is unknown.
    """
    theatre, chains = timeline.theatre, timeline.chains
    found = np.full((3, len(timeline)), np.nan)
    members = np.array(theatre.members(theatre.id_of(place)))
    known = (timeline.status[:, members] != NOBODY).any(axis=1)
    found[0, known] = timeline.share(place, side)[known]
    if chains is not None and len(members) > 1:
        drawn = np.full((runs, len(timeline), len(members)), -1, dtype=np.int8)
        spoken = np.flatnonzero(np.isin(members, chains.places))
        drawn[..., spoken] = each_day_drawn(timeline.belief[:, members[spoken]], members[spoken], np.arange(runs), seed)
        found[1:, known] = np.stack(interval(_of_side(theatre, _shares(theatre, drawn, theatre.weights(list(members))), side)))[:, known]
    return found


def _of_side(theatre: Theatre, of: NDArray[np.float64], side: str) -> NDArray[np.float64]:
    sides = len(theatre.sides)
    return np.asarray(of[..., theatre.statuses.index(side)] + of[..., sides:].sum(axis=-1) / sides)


def shares(histories: Ensemble, place: str, *, by: str = "area") -> NDArray[np.float64]:
    """
    Return how much of a place or group is of each status, shape (runs, days, statuses + 1): the last is what nothing is known of.

    They sum to 1. Parameters and errors are those of `share`.
    """
    theatre = checked(histories, histories.theatre.sides[0].id)
    members = list(theatre.members(theatre.id_of(place)))
    weights = measure(theatre, by)[members]
    if weights.sum() == 0:
        raise TheatreError(f"{place!r} has no {by} to share")
    return _shares(theatre, histories.status[..., members], weights / weights.sum())


def _shares(theatre: Theatre, status: NDArray[np.int8], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return `shares` of the statuses of a place's members, (runs, days, members), which weigh so much, (members,)."""
    return np.stack([(status == code) @ weights for code in [*range(len(theatre.statuses)), -1]], axis=-1)


def interval(values: NDArray[np.float64], mass: float = 0.9) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """
    Return the quantiles over runs, the first axis, between which the middle `mass` of them lies: (low, high), each without that axis.
    """
    if not 0 < mass < 1:
        raise TheatreError(f"an interval of {mass}; expected a number between 0 and 1")
    low, high = np.quantile(values, [(1 - mass) / 2, (1 + mass) / 2], axis=0)
    return low, high


def measure(theatre: Theatre, by: str) -> NDArray[np.float64]:
    """Return what each place weighs by a measure."""
    people = np.array([float(each.population or 0) for each in theatre.places])
    measures = {"area": theatre.area_km2, "places": np.ones(len(theatre.places)), "people": people}
    if by not in measures:
        raise TheatreError(f"unknown measure {by!r}; expected one of {', '.join(measures)}")
    return np.asarray(measures[by])
