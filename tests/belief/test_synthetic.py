"""Against a made-up war whose truth is known: belief by `hmm` is calibrated, and better than voting or Dawid-Skene."""

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import spearmanr
from synthetic import START, War, dawid_skene, war

import qsim
from qsim.belief.evidence import reading
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


def told_right(made: War, found: qsim.Timeline) -> list[tuple[float, float, float, float]]:
    """Return of each first-hand source the share of its claims that were so, the reliability reported, and the ends of its interval."""
    rows = []
    for id in made.reliability:
        said = [claim for claim in made.ledger.claims if claim.source == id]
        right = [
            made.status[(np.datetime64(claim.effective) - START).astype(int), made.theatre.index[claim.place]]
            == made.theatre.statuses.index(reading(made.theatre, claim) or "")
            for claim in said
            if claim.window.length == 1
        ]
        rows.append((float(np.mean(right)), found.sources[id].mean, *found.sources[id].interval()))
    return rows


def test_reported_reliabilities_follow_the_true_ones() -> None:
    rows = np.array([row for seed in range(WARS) for row in told_right(*fought(seed))])
    true, reported, low, high = rows.T
    assert spearmanr(true, reported).statistic >= 0.8
    assert abs((reported - true).mean()) < 0.05
    assert ((low <= true) & (true <= high)).mean() > 0.75
