"""The ground around a place and how likely it is shut in: in one piece, without the bases, closed where nobody gets through."""

import numpy as np
import pytest

import qsim
from qsim.geography.encirclement import encirclement
from qsim.geography.perimeter import RUNS, SEED, Perimeter, perimeter


@pytest.fixture(scope="module")
def timeline() -> qsim.Timeline:
    return qsim.reconstruct(*qsim.load("qusayr"), start="2013-05-17", end="2013-06-08")


@pytest.fixture(scope="module")
def around(timeline: qsim.Timeline) -> Perimeter:
    return perimeter(timeline, "qusayr", "opposition")


def test_the_ground_is_what_the_side_holds_or_contests_without_its_bases(timeline: qsim.Timeline, around: Perimeter) -> None:
    statuses = timeline.statuses
    own = timeline.belief[..., [statuses.index("opposition"), statuses.index("contested")]].sum(axis=-1)
    assert (own[around.ground] > 0.5).all()
    bases = [timeline.theatre.index[base.place] for base in timeline.theatre.side("opposition").bases]
    assert not around.ground[:, bases].any()
    assert around.ground[0].sum() > around.ground[-1].sum()


def test_it_is_as_likely_closed_as_the_place_is_cut_off(timeline: qsim.Timeline, around: Perimeter) -> None:
    drawn = timeline.sample(RUNS, SEED, given="ring")
    assert np.allclose(around.closed, encirclement(drawn, "qusayr", "opposition").mean(axis=0))
    assert ((around.passable >= 0) & (around.passable <= 1)).all()
    assert not around.passable[around.ground].any()


def test_where_every_history_is_cut_off_no_way_is_left(around: Perimeter) -> None:
    for closed, ways in zip(around.closed, around.ways, strict=True):
        assert (closed < 1) or not ways
        assert all(0 < way.open <= 1 - closed + 1e-9 for way in ways)


def test_the_most_likely_history_is_asked_where_none_can_be_drawn() -> None:
    told = qsim.reconstruct(*qsim.load("qusayr"), start="2013-06-01", end="2013-06-03", policy="last_claim")
    found = perimeter(told, "qusayr", "opposition")
    assert found.runs == 1
    assert set(found.closed.tolist()) <= {0.0, 1.0}


def test_a_theatre_without_cells_has_ways_and_no_ground(line_timeline: qsim.Timeline) -> None:
    found = perimeter(line_timeline, "a", "red")
    assert not found.ground.any()
    assert any(found.ways)
