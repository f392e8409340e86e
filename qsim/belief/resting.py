"""The rounds of all blocks, until what is believed and what is learned of sources have come to rest."""

from dataclasses import dataclass

import numpy as np

from qsim.belief.learning import Ahead, Learned, Prior
from qsim.belief.workers import Workers
from qsim.record.progress import tracked
from qsim.record.settings import Model

_THETA_TOLERANCE = 2.0  # times the tolerance of beliefs
_STIRRING = 1e-4  # of the beliefs may move still: of fewer than ten thousand none
_DAMPED = 0.5  # of what was said is kept from round to round, where one belief leans on another


@dataclass(frozen=True, eq=False, slots=True)
class Ended:
    """
    How the rounds ended: what is learned, how many there were, how far the last moved a belief, the share of beliefs that it moved by more
    than the tolerance, and whether all had come to rest.
    """

    learned: Learned
    rounds: int
    moved: float
    moving: float
    at_rest: bool


def until_at_rest(model: Model, prior: Prior, work: Workers, learned: Learned, *, tied: bool, progress: bool) -> Ended:
    """
    Go round, beginning with what is `learned`, until no belief and no reliability moves any more, or the rounds are up. One belief in ten
    thousand may still move: of two million there are always some on the edge.

    Where no claim ties places to one another sources are judged in every round, and where that leads is guessed; else every second one.
    """
    ahead, moved, moving, rounds, at_rest = Ahead(), 1.0, 1.0, 0, False
    for turn in tracked(range(model.rounds), f"rounds, at most {model.rounds}", shown=progress):
        hear = model.learn and (not tied or turn % 2 == 1)
        heard = work.round(learned, keep=_DAMPED if turn else 0.0, hear=hear)
        rounds, moved, moving, before = turn + 1, heard.moved, heard.moving / max(1, heard.beliefs), learned
        after = prior.learn(heard) if hear else learned
        learned = ahead(before, after) if hear and not tied else after
        quiet = np.abs(after.theta - before.theta).max() < _THETA_TOLERANCE * model.tolerance
        at_rest = bool(moving <= _STIRRING and (hear or not model.learn) and quiet)
        if at_rest:
            break
    return Ended(learned, rounds, moved, moving, at_rest)
