"""Chains from which histories are drawn, with a place supposed to be of another status for a while: a counterfactual."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qsim.belief.estimate import Chains


def held(chains: Chains, first: int, after: int, columns: NDArray[np.int_], code: int) -> Chains:
    """Return chains of which some are of one status on the days `first..after`; the days before are drawn as they were."""
    filtered, last, activity = chains.filtered.copy(), chains.last.copy(), chains.activity.copy()
    certain = np.eye(filtered.shape[-1])[code]
    filtered[first:after, columns] = certain
    if after == len(filtered):
        last[columns] = certain
    if first > 0:  # a step that tells nothing parts the days before from what is supposed of those that follow
        filtered[first - 1, columns] = chains.believed(first - 1)[columns]
        activity[first, columns] = len(chains.moving)
    moving = np.concatenate([chains.moving, np.ones_like(chains.moving[:1])])
    return replace(chains, filtered=filtered, last=last, activity=activity, moving=moving)
