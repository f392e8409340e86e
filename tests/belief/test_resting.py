"""When the rounds are said to have come to rest."""

import numpy as np
import pytest
from toys import claim, ledger

from qsim.belief.learning import Heard, Learned, Prior
from qsim.belief.resting import until_at_rest
from qsim.record.settings import Model


class Told:
    """Workers who tell the same of every round: one belief moves, of so many."""

    def __init__(self, beliefs: int) -> None:
        self.beliefs = beliefs

    def round(self, learned: Learned, *, keep: float, hear: bool) -> Heard:
        return Heard(0.5, 1, self.beliefs, np.zeros(1), np.zeros(1), np.zeros_like(learned.readings))

    def rest(self, *_: object, **__: object) -> None:
        raise AssertionError


@pytest.mark.parametrize(("beliefs", "rounds"), [(9_999, 7), (10_000, 1)])
def test_of_ten_thousand_beliefs_one_may_still_move_of_fewer_none(beliefs: int, rounds: int) -> None:
    model = Model(rounds=7)
    prior = Prior.of(ledger(claim("a", "holds", "red", "2001-01-01")), model, ("teller",), 2)
    ended = until_at_rest(model, prior, Told(beliefs), prior.begin(), tied=False, progress=False)
    assert (ended.rounds, ended.at_rest) == (rounds, beliefs == 10_000)
    assert ended.moved == 0.5
    assert ended.moving == pytest.approx(1 / beliefs)
