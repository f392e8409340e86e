"""Rules found again by `fit` from histories that they made; priors where the record is silent; rules drawn from what is left open."""

from dataclasses import replace

import numpy as np
import pytest
from toys import claim, histories, ledger, line, replayed, theatre

import qsim
from qsim.record.theatre import Theatre
from qsim.simulation.fitting import PRIORS, fit, fit_histories, fitted
from qsim.simulation.model import simulate
from qsim.simulation.rules import Rules, RulesError


def lattice(side: int) -> Theatre:
    """A square lattice of places, red's base in one corner and blue's in the other; every fifth a hill."""
    points = {f"p{x}_{y}": (0.1 * x, 0.1 * y) for x in range(side) for y in range(side)}
    pairs = [f"p{x}_{y}-p{x + 1}_{y}" for x in range(side - 1) for y in range(side)]
    pairs += [f"p{x}_{y}-p{x}_{y + 1}" for x in range(side) for y in range(side - 1)]
    where = theatre(points, pairs, red=("p0_0",), blue=(f"p{side - 1}_{side - 1}",))
    return replace(where, places=tuple(replace(p, kind="hill" if i % 5 == 0 else "village") for i, p in enumerate(where.places)))


def test_fit_finds_the_rules_that_made_the_histories_within_its_errors() -> None:
    where = lattice(7)
    truth = Rules(
        tempo={"red": 0.08, "blue": 0.03}, resolve=0.25, storm=0.4, foothold=0.8, starved=0.4, yielding=2.0,
        defence={"hill": 0.4}, spill=0.02, unprovoked=0.002, surrender=0.05, patience_days=7,
    )  # fmt: skip
    start = histories(where, "".join("r" if i % 7 + i // 7 < 6 else "b" for i in range(49)))
    found = fit_histories(simulate(start, truth, days=60, runs=150, seed=9))
    wanted, got = truth.values(), found.values()
    checked = [name for name in wanted if name in found.errors and name not in ("crossing", "defence airbase", "defence square")]
    assert len(checked) == 11
    z = {name: (got[name] - wanted[name]) / found.errors[name] for name in checked}
    assert all(abs(each) < 3.5 for each in z.values()), z
    assert np.mean(np.square(list(z.values()))) < 3
    assert all(found.errors[name] < 0.25 * wanted[name] for name in checked if name != "surrender"), found.table()
    assert got["crossing"] == pytest.approx(PRIORS["crossing"][0], rel=0.01)  # the record is silent: the prior stands


def test_fit_reads_a_reconstruction_and_tells_its_errors() -> None:
    claims = [
        claim("a", "holds", "red", "2001-01-02"),
        claim("c", "holds", "blue", "2001-01-02"),
        claim("b", "holds", "blue", "2001-01-03"),
    ]
    claims += [claim("b", "takes", "red", "2001-01-06"), claim("c", "contests", None, "2001-01-08")]
    timeline = replayed(line(), *claims, days=12, policy="hmm")
    rules = fit(timeline, histories=30)
    assert rules == fit(timeline, histories=30)
    assert set(rules.tempo) == {"red", "blue"}
    assert all(error > 0 for error in rules.errors.values())
    assert fit(timeline, start="2001-01-05", histories=30) != rules
    with pytest.raises(RulesError, match="at least two days"):
        fit(timeline, start="2001-01-05", end="2001-01-05")
    with pytest.raises(RulesError, match="nothing to fit"):
        fit(qsim.reconstruct(line(), ledger(), start="2001-01-01", end="2001-01-04"))


def test_a_record_in_which_nothing_stands_open_leaves_the_priors() -> None:
    rules = fit_histories(histories(line(), *["rrrrr"] * 2))
    for name in ("resolve", "storm", "foothold", "yielding", "spill", "tempo blue", "crossing", "defence hill"):
        assert rules.values()[name] == pytest.approx(PRIORS[name.split()[0]][0], rel=0.02), name


def test_rules_are_drawn_as_widely_as_their_errors_say() -> None:
    claims = [claim("a", "holds", "red", "2001-01-02"), claim("c", "holds", "blue", "2001-01-02"), claim("b", "takes", "red", "2001-01-06")]
    found = fitted(replayed(line(), *claims, days=12, policy="hmm"), histories=30)
    draws = found.draw(4000, seed=1)
    assert draws == found.draw(4000, seed=1)
    spread, wanted = np.log([each.resolve for each in draws]), found.rules
    assert spread.mean() == pytest.approx(np.log(wanted.resolve), abs=0.1)
    assert spread.std() == pytest.approx(wanted.errors["resolve"] / wanted.resolve, rel=0.1)
    rates = np.array([each.surrender for each in draws])
    assert (rates.mean(), rates.std()) == pytest.approx((wanted.surrender, wanted.errors["surrender"]), rel=0.1)
    with pytest.raises(RulesError, match="count is 0"):
        found.draw(0, seed=1)
