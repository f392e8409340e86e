"""
The pace of a war of many places: by how much more often places change than was counted, and how long fighting lasts.

Where claims are few for each place, most of what changes between two of them is told by nobody, and the hazard counted of what is told
(`qsim.belief.activity`) is too low. So, of a sample of places, that pace is taken under which what is said of them is likeliest, what is known
of sources given (empirical Bayes, by a grid: Efron and Morris, 1973); sources are judged anew at it, and so on until it stays. What was learned of
sources by then all places begin with.
"""

from dataclasses import replace

from qsim.belief.activity import is_local
from qsim.belief.blocks import sample_of
from qsim.belief.learning import Learned, Prior
from qsim.belief.resting import until_at_rest
from qsim.belief.rounds import Run
from qsim.belief.statements import Observations
from qsim.belief.workers import Here
from qsim.record.settings import Model

PACES = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)  # times the counted hazard
ENDS = (1.0, 0.5, 0.25)  # times the chances that fighting ends on busy days
_TURNS = 4


def at_its_pace(model: Model, prior: Prior, said: Observations) -> tuple[Observations, Learned]:
    """Return what is said, with moves at the pace of a war of many places, and what is learned of sources so; of fewer, as they are."""
    learned = prior.begin()
    if not is_local(model, len(said.speaks_of())) or not len(said.voice):
        return said, learned
    block, pace, ends = sample_of(said), 1.0, 1.0
    for _ in range(_TURNS):
        there = replace(block, said=replace(block.said, moves=block.said.moves.at(model, pace, ends)))
        learned = until_at_rest(model, prior, Here(model, [there], learned), learned, tied=said.tied(), progress=False).learned
        run, before = Run(model, there.said, learned), (pace, ends)
        run.round(learned, keep=0.0, hear=False)
        pace = max(PACES, key=lambda each: run.log_likelihood(block.said.moves.at(model, each, ends)))
        ends = max(ENDS, key=lambda each: run.log_likelihood(block.said.moves.at(model, pace, each)))
        if (pace, ends) == before:
            break
    return replace(said, moves=said.moves.at(model, pace, ends)), learned
