"""What if a place had been of another status: a belief, and the chains from which histories are drawn, with that supposed."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qsim.theatre import TheatreError
from qsim.timeline import Chains, Timeline, TimelineError, fill_cities, fill_city_status


def with_status(timeline: Timeline, place: str, status: str, first: int, after: int) -> Timeline:
    """Return the timeline in which `place` is of that status on the days at `first..after`; see `Timeline.with_status`."""
    theatre, statuses = timeline.theatre, timeline.statuses
    if status not in statuses:
        raise TheatreError(f"unknown status {status!r}; expected one of {', '.join(statuses)}")
    members, code = list(theatre.members(theatre.place(place).id)), statuses.index(status)
    belief, history, chains = timeline.belief.copy(), timeline.history.copy(), timeline.chains
    belief[first:after, members], history[first:after, members] = np.eye(len(statuses))[code], code
    fill_cities(theatre, belief)
    fill_city_status(theatre, history)
    if chains is not None:
        columns = np.flatnonzero(np.isin(chains.places, members))
        if len(columns) < len(members):
            raise TimelineError(f"no claim names {place!r}, so no history of it can be drawn")
        chains = held(chains, first, after, columns, code, timeline.belief)
    return replace(timeline, belief=belief, history=history, chains=chains)


def held(chains: Chains, first: int, after: int, columns: NDArray[np.int_], code: int, belief: NDArray[np.float64]) -> Chains:
    """Return chains of which some are of one status on the days `first..after`; the days before are drawn from `belief`, as they were."""
    filtered, last, activity = chains.filtered.copy(), chains.last.copy(), chains.activity.copy()
    certain = np.eye(filtered.shape[-1])[code]
    filtered[first:after, columns] = certain
    if after == len(filtered):
        last[columns] = certain
    if first > 0:  # a step that tells nothing parts the days before from what is supposed of those that follow
        filtered[first - 1, columns] = belief[first - 1, chains.places[columns]]
        activity[first, columns] = len(chains.moving)
    moving = np.concatenate([chains.moving, np.ones_like(chains.moving[:1])])
    return replace(chains, filtered=filtered, last=last, activity=activity, moving=moving)
