"""Where changes are looked for in a wide country: what goes on near by, its pace, and the sample by which that is learned."""

from dataclasses import astuple, replace
from datetime import date
from functools import cache, partial
from pathlib import Path
from tempfile import mkdtemp

import countries
import numpy as np
import pytest
from toys import line

import qsim
from qsim.belief.activity import Pace
from qsim.belief.blocks import sample_of
from qsim.belief.going import Going
from qsim.belief.hmm import hmm
from qsim.belief.knots import Knots
from qsim.belief.learning import Heard, Prior
from qsim.belief.nearby import times_average
from qsim.belief.pace import at_its_pace
from qsim.belief.rounds import Run
from qsim.belief.statements import Observations, observations
from qsim.record.packed import Lists
from qsim.record.settings import Model

pytest.importorskip("pyarrow")
MONDAY = date(2001, 1, 4)  # weeks of the calendar are counted from 1 January 1970, a Thursday


def going(place: int, first: int, last: int) -> Going:
    one = np.array([0])
    return Going(((0.05, 0.13, 0.8, 1),), one, one, Lists.of_each([[place]]), np.array([first]), np.array([last]))


@cache
def wide() -> tuple[countries.Country, qsim.Theatre, qsim.Ledger]:
    made = countries.country(400, 300, 4800, seed=2)
    theatre, ledger = qsim.load(countries.write(made, Path(mkdtemp()) / "country", parquet=True))
    return made, theatre, ledger


@cache
def heard() -> Observations:
    made, theatre, ledger = wide()
    return observations(
        theatre, ledger, Model(local_places=0), start=countries.START, end=countries.START + np.timedelta64(len(made.status) - 1, "D")
    )


def test_a_place_is_astir_by_what_goes_on_there_and_next_to_it_a_week_around() -> None:
    """Of A - B - C over five weeks A is astir in three, as fighting there lasts for the third: q is 3 of 15."""
    times, week = times_average(line(), going(0, 14, 14), np.arange(3), 1.0, first=MONDAY, days=35)
    assert week.tolist() == np.repeat(np.arange(5), 7).tolist()
    stirred, calm = (0.2 + 1) / 0.2, 0.2 / 0.2
    np.testing.assert_allclose(times[2, :3], [stirred / 3, stirred / 4, calm / 3])  # two, three and two places together, and one more
    np.testing.assert_allclose(times[4], [calm / 3, calm / 4, calm / 3, 1, 1])


def test_nothing_is_nearer_where_nothing_goes_on_or_nothing_is_said() -> None:
    nothing = replace(going(0, 0, 0), claim=np.empty(0, dtype=int), kind=np.empty(0, dtype=int), places=Lists.of_each(()))
    for each, spoken in ((nothing, np.arange(3)), (going(0, 3, 3), np.empty(0, dtype=int))):
        assert (times_average(line(), each, spoken, 1.0, first=MONDAY, days=20)[0] == 1).all()


def test_a_pace_multiplies_the_chances_of_quiet_days_and_how_seldom_fighting_ends() -> None:
    moves = heard().moves
    faster = moves.at(Model(), Pace(quiet=2.0, ends=0.25))
    np.testing.assert_allclose(faster.matrices.sum(axis=2), 1)
    changes = [1 - each.matrices[moves.quiet, 0, 0] for each in (moves, faster)]
    np.testing.assert_allclose(changes[1], np.minimum(2 * changes[0], Model().most_hazard))
    ends = [1 - each.matrices[moves.busy, -1, -1] for each in (moves, faster)]
    np.testing.assert_allclose(ends[1], ends[0] / 4)
    other = ~(moves.quiet | moves.busy)
    assert (faster.matrices[other] == moves.matrices[other]).all()
    for some in (moves.quiet, moves.busy, other):
        assert some.any()


def test_a_contrast_raises_how_much_more_goes_on_near_by_to_a_power() -> None:
    moves = heard().moves
    sharper = moves.at(Model(), Pace(contrast=3.0))
    changes = [1 - each.matrices[moves.quiet, 0, 0] for each in (moves, sharper)]
    np.testing.assert_allclose(changes[1], np.minimum(changes[0] * moves.times[moves.quiet] ** 2, Model().most_hazard))
    assert set(moves.times[moves.quiet]) >= {1.0, 2.0, 4.0}
    assert (moves.times[~moves.quiet] == 1).all()


def test_a_day_on_which_something_is_said_stands_for_those_that_none_other_is_nearer_to() -> None:
    """Of two places over ten days, of which something is said on days 1, 2 and 8, and on day 4."""
    kinds = np.zeros(2, dtype=np.int32), np.array([0, 1, 2]), np.zeros(2, dtype=np.int16)
    knots = Knots(np.arange(2), np.array([0, 1, 2, 8, 0, 4]), np.array([0, 4, 6]), *kinds, 10)
    assert knots.nearest(np.array([1, 2, 3, 5])).tolist() == [1.5, 3.5, 5.0, 10.0]


def test_what_is_heard_of_a_part_is_worth_what_all_would_be() -> None:
    """The posterior of a third of the claims, with a third of the prior, is that of three times as many with the whole."""
    prior = Prior(np.array([0.7]), np.array([6.0]), np.full((1, 3, 3), 1 / 3), 30.0)
    part = Heard(0.0, 0, 1, np.array([8.0]), np.array([9.0]), np.arange(9.0).reshape(1, 3, 3))
    whole = replace(part, informed=3 * part.informed, weight=3 * part.weight, counts=3 * part.counts)
    for one, other in zip(astuple(prior.of_part(1 / 3).learn(part)), astuple(prior.learn(whole)), strict=True):
        np.testing.assert_allclose(one, other)


def test_the_pace_found_is_likelier_than_those_next_to_it() -> None:
    model, said = Model(local_places=0), heard()
    prior = Prior.of(wide()[2], model, said.voices, 2)
    at, learned = at_its_pace(model, prior, said)
    run = Run(model, at, learned)
    run.round(learned, keep=0.0, hear=False)
    given, found = (run.likelihoods(), run.days_nearest()), at.moves.pace
    likely = {pace: run.log_likelihood(said.moves.at(model, pace), *given) for pace in (found, Pace(), Pace(8.0, 1.0, 1.0), Pace(0.125))}
    assert max(likely, key=lambda pace: likely[pace]) == found


def test_a_sample_has_all_that_is_said_of_its_places() -> None:
    said, block = heard(), sample_of(heard())
    of = np.isin(said.statements.place, block.places)
    assert np.unique(said.statements.claim[of]).tolist() == block.claims.tolist()
    rows = np.flatnonzero(of)[np.argsort(said.statements.place[of], kind="stable")]  # place after place
    assert (block.places[block.said.statements.place] == said.statements.place[rows]).all()
    assert (block.claims[block.said.statements.claim] == said.statements.claim[rows]).all()


def test_near_the_front_a_wide_country_is_believed_better_by_what_goes_on_near_by() -> None:
    made, theatre, ledger = wide()
    brier = {}
    for places in (0, 1000):
        found = qsim.reconstruct(theatre, ledger, policy=partial(hmm, model=Model(local_places=places)))
        apart = ((found.belief - np.eye(3)[made.status]) ** 2).sum(axis=-1)
        brier[places] = apart.mean(), apart[made.near].mean()
    assert brier[0][0] < brier[1000][0]
    assert brier[0][1] < brier[1000][1] - 0.02
