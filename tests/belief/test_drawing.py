"""Histories that are drawn on some days first and between them afterwards have the law of those drawn day by day, and pass those days."""

from itertools import product

import numpy as np
import pytest
from twins import dense, random_chains

from qsim.belief.drawing import Stops, days_drawn, each_day_drawn
from qsim.belief.estimate import Chains

RUNS = 40_000


def chains_of(seed: int) -> Chains:
    """Return random chains of 25 days, four places and three statuses, as histories are drawn from them."""
    made = random_chains(seed)
    filtered, smoothed = (np.stack(each, axis=1) for each in zip(*(dense(made, place) for place in range(4)), strict=True))
    return Chains(np.arange(4), filtered, smoothed[-1], made.codes.astype(np.int16), made.table, 15_000)


def exact(chains: Chains, place: int, days: tuple[int, ...]) -> np.ndarray:
    """Return how likely each way of a place through these days is, (statuses, ...), by the sum over all days between."""
    joint = np.diag(chains.last[place])  # (status of the day last told, status of the day at hand) of what is told so far
    told = [len(chains) - 1]
    for d in range(len(chains) - 2, -1, -1):
        step = chains.filtered[d, place][:, None] * chains.moving[chains.activity[d + 1, place]]
        back = step / step.sum(axis=0)
        joint = np.einsum("...b,ab->...a", joint, back)
        if d in days:
            joint = joint[..., None] * np.eye(joint.shape[-1])
            told.append(d)
    joint = joint.sum(axis=-1)
    if len(chains) - 1 not in days:
        joint = joint.sum(axis=0)
    return np.moveaxis(joint, range(joint.ndim), range(joint.ndim)[::-1])  # the first day first


@pytest.mark.parametrize(
    ("stops", "first", "after"), [((3, 9, 20), 0, 25), ((9,), 5, 15), ((2, 24), 6, 12), ((0, 1, 2), 10, 25), ((20,), 0, 8)]
)
def test_days_are_distributed_as_the_chain_has_them_together_with_the_stops(stops: tuple[int, ...], first: int, after: int) -> None:
    chains = chains_of(5)
    histories = Stops.of(chains, np.array(stops))
    known, found = histories.drawn(np.arange(RUNS), 7), histories.between(first, after, np.arange(RUNS), 7)
    for place, stop, day in product(range(2), range(len(stops)), range(first, after, 3)):
        if stops[stop] == day:
            assert np.array_equal(known[:, stop, place], found[:, day - first, place])
            continue
        one, two = sorted([(stops[stop], known[:, stop, place]), (day, found[:, day - first, place])], key=lambda each: each[0])
        often = np.bincount(one[1] * 3 + two[1], minlength=9).reshape(3, 3) / RUNS
        assert often == pytest.approx(exact(chains, place, (one[0], two[0])), abs=5 * 0.5 / np.sqrt(RUNS))


def test_a_day_goes_with_the_next_and_with_the_stop_before_as_in_the_chain() -> None:
    chains = chains_of(8)
    found = Stops.of(chains, np.array([4, 16])).between(0, 25, np.arange(RUNS), 7)
    for days in ((4, 9, 10), (9, 10, 16), (15, 16, 17), (16, 23, 24), (2, 3, 4)):
        codes = (found[:, days, 1] * [9, 3, 1]).sum(axis=1)
        often = np.bincount(codes, minlength=27).reshape(3, 3, 3) / RUNS
        assert often == pytest.approx(exact(chains, 1, days), abs=5 * 0.5 / np.sqrt(RUNS))


def test_whatever_window_is_asked_for_the_days_of_a_history_are_the_same() -> None:
    chains, numbers = chains_of(2), np.array([5, 2, 2, 900])
    stops = Stops.of(chains, np.array([6, 15]))
    whole = stops.between(0, 25, numbers, 3)
    for first, after in ((0, 3), (4, 11), (6, 7), (8, 16), (14, 25), (20, 22)):
        assert np.array_equal(stops.between(first, after, numbers, 3), whole[:, first:after])
        if after < 25:
            assert np.array_equal(stops.between(first, after, numbers, 3, following=whole[:, after]), whole[:, first:after])


def test_days_drawn_by_themselves_are_of_the_belief_and_change_with_it_alone() -> None:
    belief = np.random.default_rng(0).dirichlet(np.ones(3), (6, 4))
    belief[3] = belief[2]
    found = each_day_drawn(belief, np.arange(4), np.arange(RUNS), 7)
    for day, place in product(range(6), range(4)):
        assert np.bincount(found[:, day, place], minlength=3) / RUNS == pytest.approx(belief[day, place], abs=5 * 0.5 / np.sqrt(RUNS))
    assert np.array_equal(found[:, 2], found[:, 3])
    assert np.array_equal(each_day_drawn(belief[1:3, 2:], np.arange(2, 4), np.arange(10), 7), found[:10, 1:3, 2:])


def test_what_is_believed_of_a_day_goes_back_from_the_last() -> None:
    chains, made = chains_of(4), random_chains(4)
    for place in range(4):
        smoothed = dense(made, place)[1]
        for day in (0, 7, 24):
            assert chains.believed(day)[place] == pytest.approx(smoothed[day], abs=1e-9)


def test_a_window_drawn_day_by_day_begins_with_what_is_believed_of_its_last_day() -> None:
    chains = chains_of(6)
    found = days_drawn(chains, 3, 11, chains.believed(10), np.arange(RUNS), 7)
    for days in ((3, 4), (9, 10), (3, 10)):
        often = np.bincount(found[:, days[0] - 3, 2] * 3 + found[:, days[1] - 3, 2], minlength=9).reshape(3, 3) / RUNS
        assert often == pytest.approx(exact(chains, 2, days), abs=5 * 0.5 / np.sqrt(RUNS))
