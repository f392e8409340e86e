"""
The pace of a war of many places: by how much more often places change than was counted, how much more so where more goes on near by, and how
long fighting lasts.

Where claims are few for each place, most of what changes between two of them is told by nobody, and the hazard counted of what is told
(`qsim.belief.activity`) is too low. So, of a sample of places, that pace is taken under which what is said of them is likeliest, what is known
of sources given (empirical Bayes, by a grid: Efron and Morris, 1973); sources are judged anew at it, and so on until it stays. Much is said
where much goes on, and of the rest little: each day of a place on which something is said weighs as many days as none other is nearer to, as points
that lie in clusters do by their polygons (Isaaks and Srivastava, An Introduction to Applied Geostatistics, 1989). The sample stands for all: what
was supposed of sources weighs as little beside it as beside all. What was learned of them by then all places begin with.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import product

from qsim.belief.activity import AS_COUNTED, Pace, is_local
from qsim.belief.blocks import sample_of
from qsim.belief.learning import Learned, Prior
from qsim.belief.resting import until_at_rest
from qsim.belief.rounds import Run
from qsim.belief.statements import Observations
from qsim.belief.workers import Here
from qsim.record.settings import Model
from qsim.record.threads import in_threads

QUIET = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)  # times the counted hazard
CONTRASTS = (1.0, 1.5, 2.0, 2.5, 3.0)  # powers of how much more goes on near by
ENDS = (1.0, 0.5, 0.25, 0.125)  # times the chances that fighting ends on busy days
_TURNS = 4


def at_its_pace(model: Model, prior: Prior, said: Observations) -> tuple[Observations, Learned]:
    """Return what is said, with moves at the pace of a war of many places, and what is learned of sources so; of fewer, as they are."""
    learned = prior.begin()
    if not is_local(model, len(said.speaks_of())) or not len(said.voice):
        return said, learned
    block, pace = sample_of(said), AS_COUNTED
    prior = prior.of_part(len(block.said.voice) / len(said.voice))
    for _ in range(_TURNS):
        work = Here(model, [replace(block, said=replace(block.said, moves=block.said.moves.at(model, pace)))], learned)
        learned = until_at_rest(model, prior, work, learned, tied=said.tied(), progress=False).learned
        before, pace = pace, _likeliest(model, block.said, work.run(0), pace)
        if pace == before:
            break
    return replace(said, moves=said.moves.at(model, pace)), learned


def _likeliest(model: Model, said: Observations, run: Run, pace: Pace) -> Pace:
    """Return the pace of the grid under which what is said is likeliest, by steps from one: to the best of those next to it."""
    days, said_so = run.days_nearest(), run.likelihoods()

    @cache
    def likely(each: Pace) -> float:
        return run.log_likelihood(said.moves.at(model, each), said_so, days)

    while True:
        around = [Pace(*each) for each in product(*map(_next_to, pace, (QUIET, CONTRASTS, ENDS)))]

        def ask(first: int, after: int, those: Sequence[Pace] = around) -> None:
            for each in those[first:after]:
                likely(each)

        in_threads(ask, len(around))  # all are asked at once, and remembered
        better = max(around, key=likely)
        if likely(better) <= likely(pace):
            return pace
        pace = better


def _next_to(value: float, grid: Sequence[float]) -> Sequence[float]:
    """Return a value of a grid with those before and after it."""
    at = grid.index(value)
    return grid[max(0, at - 1) : at + 2]
