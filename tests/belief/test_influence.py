from functools import partial

import numpy as np
import pytest
from toys import claim, grid, ledger, line

import qsim
from qsim.belief.hmm import hmm
from qsim.belief.influence import influence
from qsim.record.settings import Model
from qsim.record.theatre import TheatreError

FOR, AGAINST = claim("a", "takes", "red", "2001-01-03"), claim("a", "holds", "blue", "2001-01-04", source="press")
ELSEWHERE = claim("c", "takes", "blue", "2001-01-03", source="press")


def test_each_claim_that_speaks_of_the_place_is_left_out_in_turn() -> None:
    found = influence(line(), ledger(FOR, AGAINST, ELSEWHERE), "a", "2001-01-04")
    assert {each.claim for each in found} == {FOR, AGAINST}
    for each in found:
        rest = ledger(FOR, AGAINST, ELSEWHERE).without(each.claim.id)
        again = qsim.reconstruct(line(), rest, start="2001-01-04", end="2001-01-04").at("2001-01-04")["a"]
        assert each.without == again


def test_the_weightiest_comes_first_and_the_distance_is_the_total_variation() -> None:
    found = influence(line(), ledger(FOR, AGAINST), "a", "2001-01-04")
    assert [each.moved for each in found] == sorted((each.moved for each in found), reverse=True)
    for each in found:
        assert each.moved == pytest.approx(sum(abs(each.belief[s] - each.without[s]) for s in each.belief) / 2)


def test_a_claim_about_the_city_moves_its_squares() -> None:
    found = influence(grid(), ledger(claim("t", "takes", "red", "2001-01-03")), "b2", "2001-01-03")
    assert found[0].belief["red"] > found[0].without["red"] == pytest.approx(1 / 3)


def test_a_copy_left_out_changes_nothing() -> None:
    copy = claim("a", "takes", "red", "2001-01-03", source="copyist")
    assert [each.moved for each in influence(line(), ledger(FOR, copy), "a", "2001-01-03")] == [0, 0]


def test_arjoun_on_30_may_rests_on_reuters_and_state_media() -> None:
    theatre, book = qsim.load("qusayr")
    found = influence(theatre, book, "arjoun", "2013-05-30")
    assert {"reuters", "state_media"} <= {each.claim.source for each in found[:3]}
    assert "Arjoun" in theatre.place("arjoun").name
    assert str(found[0]).startswith(found[0].claim.id)


def test_one_step_is_near_what_everything_anew_says() -> None:
    """On the city of al-Qusayr: the ten weightiest claims by one step, each beside the exact answer, and a place of its own."""
    theatre, book = qsim.load("qusayr")
    quick = {each.claim.id: each for each in influence(theatre, book, "qusayr", "2013-05-22", exact=0)}
    sure = [each for each in influence(theatre, book, "qusayr", "2013-05-22", exact=10) if each.exact]
    assert len(sure) == 10
    assert not any(each.exact for each in quick.values())
    apart = [abs(each.moved - quick[each.claim.id].moved) for each in sure]
    assert np.mean(apart) < 0.03
    assert max(apart) < 0.15
    one, other = (influence(theatre, book, "arjoun", "2013-05-30", exact=exact) for exact in (0, 10_000))
    assert {each.claim.id: each.moved for each in one} == pytest.approx({each.claim.id: each.moved for each in other}, abs=0.01)


def test_a_claim_alone_on_its_place_is_left_out_exactly_by_one_step() -> None:
    """No run, no group, no source learned from others: the chain of the place is all there is, and a day of change becomes a quiet one."""
    made = ledger(claim("a", "holds", "blue", "2001-01-01", source="press"), claim("a", "takes", "red", "2001-01-10"))
    one, other = (influence(line(), made, "a", "2001-01-10", policy=partial(hmm, model=Model(learn=False)), exact=n) for n in (0, 10_000))
    assert [each.claim.id for each in one] == [each.claim.id for each in other]
    for quick, exact in zip(one, other, strict=True):
        assert quick.without["red"] == pytest.approx(exact.without["red"], abs=0.05)


def test_any_policy_can_be_asked() -> None:
    found = influence(line(), ledger(FOR, AGAINST), "a", "2001-01-04", policy="vote")
    assert all(each.exact for each in found)
    assert sum(each.moved for each in found) == pytest.approx(1)


def test_one_step_without_no_claim_is_the_belief_itself() -> None:
    theatre, book = qsim.load("qusayr")
    timeline = qsim.reconstruct(theatre, book, start="2013-05-22", end="2013-05-22")
    (first, *_) = influence(theatre, book, "qusayr", "2013-05-22", exact=0)
    assert dict(first.belief) == pytest.approx(timeline.at("2013-05-22")["qusayr"], abs=1e-9)


def test_an_unknown_place_is_refused() -> None:
    with pytest.raises(TheatreError, match="unknown place"):
        influence(line(), ledger(FOR), "atlantis", "2001-01-03")
