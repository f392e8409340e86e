"""Spill and resolve alone are the SIS epidemic: held against the exact Markov chain of a small ring, in the mean and in distribution."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import expm
from toys import histories, theatre

from qsim.record.theatre import Theatre
from qsim.simulation.model import Simulation, expected, simulate
from qsim.simulation.rules import Rules


def chain_means(places: int, beta: float, gamma: float, days: int) -> NDArray[np.float64]:
    """Return the exact mean number of infected places of the continuous SIS on a ring from place 0, by its whole Markov chain."""
    states = 2**places
    rates = np.zeros((states, states))
    for state in range(states):
        for p in range(places):
            near = sum(state >> q & 1 for q in ((p - 1) % places, (p + 1) % places))
            rates[state, state ^ 1 << p] += gamma if state >> p & 1 else beta * near
        rates[state, state] = -rates[state].sum()
    infected = np.array([bin(state).count("1") for state in range(states)])
    return np.array([expm(rates * d)[1] @ infected for d in range(days + 1)])


def daily_chances(places: int, beta: float, gamma: float) -> NDArray[np.float64]:
    """Return the exact chances (states, states) of the daily SIS on a ring, in which all places change at once."""
    bits = np.array([[state >> p & 1 for p in range(places)] for state in range(2**places)])
    near = np.roll(bits, 1, axis=1) + np.roll(bits, -1, axis=1)
    infected = np.where(bits == 1, np.exp(-gamma), 1 - np.exp(-beta * near))  # of each place tomorrow, by today's state
    return np.asarray(np.prod(np.where(bits[None] == 1, infected[:, None], 1 - infected[:, None]), axis=2))


def daily_means(places: int, beta: float, gamma: float, days: int) -> NDArray[np.float64]:
    """Return the exact mean number of infected places of the daily SIS."""
    moving, infected = daily_chances(places, beta, gamma), np.array([bin(state).count("1") for state in range(2**places)])
    return np.array([np.linalg.matrix_power(moving, d)[1] @ infected for d in range(days + 1)])


def ring_of(places: int) -> Theatre:
    points = {f"p{i}": (float(np.cos(i)), float(np.sin(i))) for i in range(places)}
    return theatre(points, [f"p{i}-p{(i + 1) % places}" for i in range(places)], red=("p0",), blue=("p0",))


def test_with_spill_and_resolve_alone_it_is_the_sis_epidemic_in_the_mean() -> None:
    rules = Rules(tempo={"red": 1.0, "blue": 0.0}, resolve=0.4, spill=0.5).without("supply", "defence", "pocket")
    start = histories(ring_of(6), "x" + "r" * 5)
    daily = expected(Simulation(start, rules, days=12, runs=60_000, seed=5))
    assert daily.belief[:, :, 2].sum(axis=1) == pytest.approx(daily_means(6, 0.5, 0.4, 12), rel=0.02)
    fine = expected(Simulation(start, rules, days=12, runs=60_000, seed=5, steps=64))
    assert fine.belief[:, :, 2].sum(axis=1) == pytest.approx(chain_means(6, 0.5, 0.4, 12), rel=0.025)
    assert (fine.belief[:, :, 1] == 0).all()


def test_the_whole_state_of_the_epidemic_has_the_chain_s_distribution() -> None:
    rules = Rules(tempo={"red": 1.0, "blue": 0.0}, resolve=0.4, spill=0.5).without("supply", "defence", "pocket")
    found = simulate(histories(ring_of(4), "xrrr"), rules, days=6, runs=100_000, seed=8).status == 2
    for d in (1, 3, 6):
        counts = np.bincount(found[:, d] @ (1 << np.arange(4)), minlength=16)
        assert counts / 100_000 == pytest.approx(np.linalg.matrix_power(daily_chances(4, 0.5, 0.4), d)[1], abs=0.006)
