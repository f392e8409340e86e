"""Mean-field belief against a Gibbs sampler of the same model, and the sampler against exact sums."""

from functools import partial

import numpy as np
import pytest
from gibbs import exact, gibbs, trust
from numpy.typing import NDArray
from toys import claim, grid, ledger, line

import qsim
from qsim.belief.hmm import hmm
from qsim.belief.statements import Observations, observations
from qsim.record.ledger import Claim
from qsim.record.settings import Model
from qsim.record.theatre import Theatre

DAYS = 24
MODEL = Model(readings_strength=1e9, tolerance=1e-7)  # the readings stay what they are, so that the sampler can be told them


def heard(where: Theatre, *claims: Claim) -> tuple[qsim.Timeline, Observations, NDArray[np.float64]]:
    """Return belief by hmm in the first days of 2001, what was said, and the trust in each claim at the learned reliabilities."""
    days = np.datetime64("2001-01-01"), np.datetime64("2001-01-01") + np.timedelta64(DAYS - 1, "D")
    found = qsim.reconstruct(where, ledger(*claims), start=days[0], end=days[1], policy=partial(hmm, model=MODEL))
    said = observations(where, ledger(*claims), MODEL, start=days[0], end=days[1])
    return found, said, trust(said, dict(found.sources))


def battle() -> list[Claim]:
    """Return the story of a city of nine squares: sectors, windows, shares that disagree, fighting, a doubtful report."""
    return [
        claim("t", "holds", "red", "2001-01-02"),
        claim("south", "takes", "blue", "2001-01-04/2001-01-06", source="press"),
        claim("t", "share", "red", "2001-01-08", value=0.6, bound="approx", source="red_voice"),
        claim("b2", "contests", "blue", "2001-01-09"),
        claim("a1", "holds", "red", "2001-01-09/2001-01-11", source="red_voice"),
        claim("t", "share", "blue", "2001-01-12", value=7 / 9, bound="exact", source="blue_voice"),
        claim("t", "share", "blue", "2001-01-14", value=0.5, bound="at_least", source="press"),
        claim("b2", "takes", "blue", "2001-01-14/2001-01-17", source="press"),
        claim("north", "holds", "red", "2001-01-16", source="red_voice", quantifier="part"),
        claim("c1", "repulses", "blue", "2001-01-18", confidence="unconfirmed", source="blue_voice"),
        claim("t", "share", "red", "2001-01-20", value=2 / 9, bound="at_most", source="press"),
        claim("a3", "loses", "red", "2001-01-21", source="press"),
    ]


def distance(found: qsim.Timeline, said: Observations, reference: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the total variation between belief and a reference, shape (days, places spoken of)."""
    first = int((found.days[0] - said.start).astype(int))
    return np.asarray(np.abs(found.belief[:, said.speaks_of()] - reference[first : first + len(found)]).sum(axis=-1) / 2)


def short() -> list[Claim]:
    """Return a story of three places, each claim of one day, that exact sums can follow."""
    return [
        claim("a", "holds", "red", "2001-01-02"),
        claim("b", "takes", "blue", "2001-01-05"),
        claim("all", "share", "blue", "2001-01-08", value=2 / 3, bound="exact", source="press"),
        claim("c", "contests", None, "2001-01-10", source="press"),
        claim("all", "share", "red", "2001-01-12", value=0.5, bound="at_least", source="red_voice"),
    ]


def test_the_sampler_equals_exact_sums_over_joint_histories() -> None:
    _, said, trusted = heard(line(), *short())
    sampled = gibbs(said, MODEL, trusted, chains=200, sweeps=120, burn=20, seed=1)
    assert sampled == pytest.approx(exact(said, MODEL, trusted), abs=0.02)


def test_a_taking_in_a_window_is_inferred_as_exactly_as_one_of_a_day() -> None:
    found, said, trusted = heard(line(), claim("a", "holds", "blue", "2001-01-02"), claim("a", "takes", "red", "2001-01-06/2001-01-12"))
    assert distance(found, said, exact(said, MODEL, trusted)).max() < 1e-5


def test_a_window_that_something_splits_is_near_the_sampler() -> None:
    """Blue took it in the first half of the month, and red on the ninth: blue before that or after."""
    made = claim("a", "takes", "blue", "2001-01-03/2001-01-16"), claim("a", "takes", "red", "2001-01-09", source="press")
    found, said, trusted = heard(line(), *made)
    sampled = gibbs(said, MODEL, trusted, chains=200, sweeps=120, burn=20, seed=1)
    assert np.diff(said.statements.start).max() == 2
    assert distance(found, said, sampled).mean() < 0.05


def test_claims_about_places_are_inferred_exactly() -> None:
    found, said, trusted = heard(line(), *[each for each in short() if each.kind != "share"])
    assert distance(found, said, exact(said, MODEL, trusted)).max() < 1e-5


def test_belief_in_a_city_is_within_five_hundredths_of_the_sampler() -> None:
    found, said, trusted = heard(grid(), *battle())
    sampled = gibbs(said, MODEL, trusted, chains=100, sweeps=300, burn=50, seed=1)
    assert distance(found, said, sampled).mean() < 0.05


@pytest.mark.parametrize("kind", ["holds", "takes", "loses", "denies"])
def test_claims_about_whole_groups_are_within_five_hundredths_of_the_sampler(kind: str) -> None:
    """The city is said to be red's, whose middle is blue's by a newspaper, and the west half by a red voice against itself."""
    made = [
        claim("t", kind, "red" if kind in ("holds", "takes") else "blue", "2001-01-05"),
        *(claim(place, "holds", "blue", "2001-01-05", source="press") for place in ("b1", "b2", "b3")),
        claim("south", "holds", "blue", "2001-01-06", source="red_voice"),
        claim("north", "holds", "red", "2001-01-08", source="red_voice", quantifier="all"),
    ]
    found, said, trusted = heard(grid(), *made)
    sampled = gibbs(said, MODEL, trusted, chains=150, sweeps=200, burn=40, seed=1)
    assert len(said.wholes.claim) >= 3
    assert distance(found, said, sampled).mean() < 0.05


def test_shares_that_nothing_else_checks_are_within_five_hundredths_of_exact_sums() -> None:
    found, said, trusted = heard(line(), *short())
    assert distance(found, said, exact(said, MODEL, trusted)).mean() < 0.05
