"""Against a made-up war whose truth is known: belief by `hmm` is calibrated, and better than voting or Dawid-Skene."""

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from synthetic import START, War, dawid_skene, war

import qsim
from qsim.belief.scores import calibration_error

WARS = 8
Belief = NDArray[np.float64]


@cache
def fought(seed: int) -> tuple[War, qsim.Timeline]:
    """Return a war and belief in it by hmm."""
    made = war(seed)
    return made, told(made, "hmm")


def told(made: War, policy: str) -> qsim.Timeline:
    """Return belief in a war by a policy."""
    return qsim.reconstruct(made.theatre, made.ledger, start=START, end=START + len(made.status) - 1, policy=policy)


def truth(made: War) -> Belief:
    """Return the truth as belief, shape (days, places, statuses)."""
    return np.asarray(made.status[..., None] == np.arange(3), dtype=float)


def brier(made: War, belief: Belief, *, near: bool) -> float:
    """Return the squared distance of belief from the truth, 0..2, over all place-days or those near the front."""
    distance = ((belief - truth(made)) ** 2).sum(axis=-1)
    return float(distance[made.near_front].mean() if near else distance.mean())


def diagram(beliefs: list[Belief], truths: list[Belief], bins: int = 10) -> NDArray[np.float64]:
    """Return a reliability diagram (bins, 3) of every belief in every status of every place and day."""
    said, true = (np.concatenate([each.ravel() for each in of]) for of in (beliefs, truths))
    where = np.minimum((said * bins).astype(int), bins - 1)
    return np.array([(said[where == b].mean(), true[where == b].mean(), (where == b).sum()) for b in range(bins) if (where == b).any()])


def test_the_same_seed_makes_the_same_war_and_its_front_moves() -> None:
    one, again, other = war(3), war(3), war(4)
    assert one.ledger.claims == again.ledger.claims
    assert np.array_equal(one.status, again.status)
    assert one.ledger.claims != other.ledger.claims
    assert 40 < (one.status[1:] != one.status[:-1]).sum() < 400
    assert {source.side for source in one.ledger.sources.values()} == {None, "red", "blue"}
    assert sum(source.origin is not None for source in one.ledger.sources.values()) == 3
    assert any(claim.known > claim.window.end for claim in one.ledger.claims)
    assert all(0.3 <= p <= 0.95 for p in one.reliability.values())


@pytest.mark.parametrize("seed", range(3))
def test_dawid_skene_beats_a_majority_where_every_voice_speaks_of_everything(seed: int) -> None:
    """A check of the twin itself: with many claims a week it must recover most of the truth."""
    made = war(seed, claims=6000)
    belief = dawid_skene(made)
    weekly = truth(made)[3::7].argmax(axis=-1)
    assert (belief[3::7].argmax(axis=-1) == weekly).mean() > 0.7


@pytest.mark.parametrize("seed", range(4))
def test_hmm_is_closer_to_the_truth_than_any_other_policy(seed: int) -> None:
    made, found = fought(seed)
    others = {policy: told(made, policy).belief for policy in ("vote", "last_claim")}
    others |= {f"dawid_skene_{days}": dawid_skene(made, window_days=days) for days in (5, 7, 14)}
    for near in (False, True):
        mine = brier(made, found.belief, near=near)
        assert mine < 0.3
        assert mine < min(brier(made, belief, near=near) for belief in others.values()) - 0.05


def test_belief_is_calibrated_to_three_hundredths() -> None:
    wars = [fought(seed) for seed in range(WARS)]
    rows = diagram([found.belief for _, found in wars], [truth(made) for made, _ in wars])
    assert calibration_error(rows) <= 0.03


def test_calibration_error_sees_belief_that_is_too_sure() -> None:
    wars = [fought(seed) for seed in range(WARS)]
    sharper = [found.belief**2 / (found.belief**2).sum(axis=-1, keepdims=True) for _, found in wars]
    assert calibration_error(diagram(sharper, [truth(made) for made, _ in wars])) > 0.04


def within() -> float:
    """Return the share of all sources of all wars whose true reliability lies in its 0.9 interval."""
    hits = []
    for made, found in (fought(seed) for seed in range(WARS)):
        for id, true in made.reliability.items():
            low, high = found.sources[id].interval()
            hits.append(low <= true <= high)
    return float(np.mean(hits))


def test_true_reliabilities_lie_in_their_intervals_about_as_often_as_they_should() -> None:
    """Of 96 sources, their reliabilities drawn from the prior, 0.9 should; the standard error is 0.03, and 2.6 of it are allowed."""
    assert 0.82 <= within() <= 0.98


def test_learned_reliabilities_follow_the_true_ones() -> None:
    pairs = [
        (true, found.sources[id].mean) for made, found in (fought(seed) for seed in range(WARS)) for id, true in made.reliability.items()
    ]
    true, learned = np.array(pairs).T
    assert np.corrcoef(true, learned)[0, 1] > 0.75
    assert abs((learned - true).mean()) < 0.03
