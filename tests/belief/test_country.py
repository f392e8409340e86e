"""A whole country of a thousand places, made up, through every step at once: what is believed is right where it is sure."""

from collections import Counter

import countries
import numpy as np
import pytest
from numpy.typing import NDArray

import qsim
from qsim.belief.timeline import Timeline

pytest.importorskip("pyarrow")
PLACES, DAYS, CLAIMS = 1000, 200, 20_000
FLAT_GUESS = 2 / 3  # the Brier score, 0..2, of a third for each


@pytest.fixture(scope="module")
def made() -> countries.Country:
    return countries.country(PLACES, DAYS, CLAIMS, seed=3)


@pytest.fixture(scope="module")
def believed(made: countries.Country, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Timeline]:
    folder = countries.write(made, tmp_path_factory.mktemp("country") / "made", parquet=True)
    theatre, ledger = qsim.load(folder)
    return {policy: qsim.reconstruct(theatre, ledger, policy=policy) for policy in ("hmm", "vote")}


def brier(made: countries.Country, timeline: Timeline, where: NDArray[np.bool_]) -> float:
    return float(((timeline.belief - np.eye(3)[made.status]) ** 2).sum(axis=-1)[where].mean())


def test_the_same_seed_makes_the_same_country(made: countries.Country) -> None:
    again = countries.country(PLACES, DAYS, CLAIMS, seed=3)
    assert (again.status == made.status).all()
    assert all((again.claims[name] == column).all() for name, column in made.claims.items())


def test_all_of_it_is_read(made: countries.Country, believed: dict[str, Timeline]) -> None:
    timeline = believed["hmm"]
    assert timeline.ledger is not None
    assert timeline.belief.shape == (DAYS, PLACES, 3)
    assert [claim.id for claim in timeline.ledger] == made.claims["id"].tolist()
    assert [claim.place for claim in timeline.ledger] == made.claims["place"].tolist()
    np.testing.assert_allclose(timeline.belief.sum(axis=-1), 1)


def test_belief_is_better_than_a_guess_and_than_a_vote(made: countries.Country, believed: dict[str, Timeline]) -> None:
    everywhere = np.ones_like(made.near)
    assert brier(made, believed["hmm"], made.near) < FLAT_GUESS
    for where in (everywhere, made.near):
        assert brier(made, believed["hmm"], where) < brier(made, believed["vote"], where) - 0.05


def test_what_it_is_sure_of_is_so(made: countries.Country, believed: dict[str, Timeline]) -> None:
    belief = believed["hmm"].belief
    sure = belief.max(axis=-1) > 0.9
    assert sure.mean() > 0.3
    assert (belief.argmax(axis=-1) == made.status)[sure].mean() > 0.9


def test_why_names_the_claims_of_its_place_alone(believed: dict[str, Timeline]) -> None:
    timeline = believed["hmm"]
    assert timeline.ledger is not None
    place, number = Counter(claim.place for claim in timeline.ledger).most_common(1)[0]
    why = qsim.Replay(timeline, timeline.days[-1]).why(place)
    told = [each.claim for each in (*why.supporting, *why.opposing, *why.earlier, *why.beside)]
    assert {claim.place for claim in told} == {place}
    assert len(told) == number


def test_the_last_report_is_the_day_of_the_last_claim(made: countries.Country, believed: dict[str, Timeline]) -> None:
    last: NDArray[np.datetime64] = np.full(PLACES, np.datetime64("NaT", "D"), dtype="datetime64[D]")
    where = np.char.lstrip(made.claims["place"], "p").astype(int)
    for day in np.unique(made.claims["start"]):
        last[where[made.claims["start"] == day]] = np.datetime64(day)
    np.testing.assert_array_equal(believed["hmm"].last_report[-1], last)
