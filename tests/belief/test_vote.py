"""The vote: one for each origin in each place, fading with the days; and where policies differ."""

from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toys import claim, grid, ledger, line, replayed, theatre

import qsim
from qsim.belief.timeline import TimelineError
from qsim.belief.vote import ballot, vote
from qsim.record.ledger import Claim
from qsim.record.theatre import Group

SIDES = st.sampled_from(["red", "blue"])
CLAIMS = st.builds(
    lambda place, kind, side, day, source: claim(place, kind, side, f"2001-01-{day:02}", source=source),
    st.sampled_from(["a", "b", "c", "all"]),
    st.sampled_from(["holds", "takes", "loses", "contests", "repulses"]),
    SIDES,
    st.integers(1, 10),
    st.sampled_from(["teller", "copyist", "press", "red_voice", "blue_voice"]),
)
LEDGERS = st.lists(CLAIMS, max_size=12, unique_by=lambda each: each.id)


def voted(where: qsim.Theatre, *claims: Claim, **options: Any) -> qsim.Timeline:
    return qsim.reconstruct(where, ledger(*claims), start="2001-01-01", end="2001-01-20", policy=partial(vote, **options))


def belief(timeline: qsim.Timeline, place: str, day: int) -> list[float]:
    return [round(p, 4) for p in timeline.at(f"2001-01-{day:02}")[place].values()]


def test_a_single_vote_stands_until_somebody_else_speaks() -> None:
    timeline = voted(line(), claim("a", "takes", "red", "2001-01-02"))
    assert [timeline.at(f"2001-01-{day:02}").most_likely("a") for day in (1, 2, 20)] == ["unknown", "red", "red"]
    assert belief(timeline, "a", 20) == [1, 0, 0]


def test_a_vote_halves_with_every_half_life_after_its_window() -> None:
    old = claim("a", "holds", "blue", "2001-01-02/2001-01-04", source="press")
    timeline = voted(line(), old, claim("a", "takes", "red", "2001-01-14"), half_life_days=5)
    assert belief(timeline, "a", 14) == [0.8, 0.2, 0]
    assert belief(timeline, "a", 20) == [0.8, 0.2, 0]
    assert timeline.model == {"half_life_days": 5}


def test_a_half_life_is_a_week_where_none_is_given() -> None:
    old = claim("a", "holds", "blue", "2001-01-02", source="press")
    assert belief(voted(line(), old, claim("a", "takes", "red", "2001-01-09")), "a", 9) == [0.6667, 0.3333, 0]


def test_each_origin_has_one_vote_its_newest() -> None:
    again = [claim("a", "holds", "blue", f"2001-01-{day:02}", source="blue_voice") for day in (2, 3, 4)]
    timeline = voted(line(), *again, claim("a", "takes", "red", "2001-01-04"), claim("a", "holds", "red", "2001-01-04", source="press"))
    assert belief(timeline, "a", 4) == [0.6667, 0.3333, 0]
    assert voted(line(), *again, claim("a", "loses", "blue", "2001-01-06", source="blue_voice")).at("2001-01-06").most_likely("a") == "red"


def test_copies_count_once() -> None:
    claims = [claim("a", "takes", "red", "2001-01-02"), claim("a", "holds", "blue", "2001-01-02", source="press")]
    copied = voted(line(), *claims, claim("a", "takes", "red", "2001-01-02", source="copyist"))
    assert np.array_equal(copied.belief, voted(line(), *claims).belief)


def test_a_tie_is_left_flat_and_unknown() -> None:
    timeline = voted(line(), claim("a", "takes", "red", "2001-01-02"), claim("a", "holds", "blue", "2001-01-02", source="press"))
    assert belief(timeline, "a", 2) == [0.3333, 0.3333, 0.3333]
    assert timeline.at("2001-01-02").most_likely("a") == "unknown"


@pytest.mark.parametrize(("bound", "expected"), [("exact", 0.7), ("approx", 0.7), ("at_least", 1.0), ("at_most", 0.0)])
def test_a_share_votes_in_every_part_for_no_more_than_it_says(bound: str, expected: float) -> None:
    timeline = voted(grid(), claim("t", "share", "red", "2001-01-02", value=0.7, bound=bound))
    assert timeline.share("t", "red")[1] == pytest.approx(expected)
    assert belief(timeline, "a1", 2) == belief(timeline, "c3", 2)


def test_a_bounded_share_weighs_by_what_it_asserts() -> None:
    whole = claim("t", "holds", "blue", "2001-01-02", source="press")
    timeline = voted(grid(), whole, claim("t", "share", "red", "2001-01-02", value=0.25, bound="at_least"))
    assert belief(timeline, "b2", 2) == [0.2, 0.8, 0]


def test_most_and_part_of_a_city_and_fighting_in_it() -> None:
    whole = claim("t", "holds", "blue", "2001-01-02", source="press")
    assert belief(voted(grid(), whole, claim("t", "takes", "red", "2001-01-02", quantifier="most")), "a1", 2) == [0.3333, 0.6667, 0]
    assert belief(voted(grid(), whole, claim("t", "takes", "red", "2001-01-02", quantifier="part")), "a1", 2) == [0.1, 0.9, 0]
    assert belief(voted(grid(), whole, claim("t", "contests", None, "2001-01-02")), "a1", 2) == [0, 1, 0]
    assert belief(voted(line(), claim("a", "takes", "red", "2001-01-02", quantifier="part")), "a", 2) == [0.3333, 0.3333, 0.3333]


def test_three_sides_and_a_denial() -> None:
    three = theatre({"a": (0, 0), "b": (1, 0)}, ["a-b"], green=())
    said = claim("a", "takes", "green", "2001-01-02")
    denial = claim("a", "denies", "green", "2001-01-03", source="press", denies=said.id)
    assert belief(voted(three, said), "a", 2) == [0, 0, 1, 0]
    assert belief(voted(three, denial), "a", 3) == [0, 0, 0, 1]


def test_very_old_votes_do_not_vanish_in_rounding() -> None:
    old = claim("a", "takes", "red", "1701-01-02")
    assert belief(voted(line(), old, half_life_days=0.01), "a", 20) == [1, 0, 0]


@pytest.mark.parametrize("year", [2000, 1999, 1960])
def test_very_old_votes_weigh_against_each_other_as_they_did(year: int) -> None:
    told = [claim("a", "takes", "red", f"{year}-01-01"), claim("a", "holds", "blue", f"{year}-01-04", source="press")]
    assert belief(voted(line(), *told, half_life_days=1), "a", 20) == [0.1111, 0.8889, 0]


def test_the_same_words_of_a_city_and_of_a_place_vote_as_each_would_alone() -> None:
    of_city, of_place = (claim(place, "takes", "red", "2001-01-02", quantifier="part") for place in ("t", "r"))
    both, alone = voted(grid(), of_city, of_place), (voted(grid(), of_city), voted(grid(), of_place))
    assert belief(both, "r", 2) == belief(alone[1], "r", 2) == [0.3333, 0.3333, 0.3333]
    assert belief(both, "a1", 2) == belief(alone[0], "a1", 2) == [1, 0, 0]


def test_the_half_life_is_positive() -> None:
    with pytest.raises(TimelineError, match="half-life of -1"):
        voted(line(), half_life_days=-1)


@given(LEDGERS, st.randoms())
def test_belief_sums_to_one_whatever_the_order_of_claims(claims: list[Claim], random: object) -> None:
    timeline = voted(line(), *claims)
    assert np.allclose(timeline.belief.sum(axis=-1), 1)
    random.shuffle(claims)  # type: ignore[attr-defined]
    assert np.array_equal(voted(line(), *claims).belief, timeline.belief)


@given(LEDGERS)
def test_swapping_the_sides_swaps_the_belief(claims: list[Claim]) -> None:
    swap = {"red": "blue", "blue": "red"}
    swapped = [claim(c.place, c.kind, swap[c.side or ""], str(c.window.start), source=c.source, id=c.id) for c in claims]
    assert np.allclose(voted(line(), *swapped).belief, voted(line(), *claims).belief[..., [1, 0, 2]])


@given(LEDGERS)
def test_the_history_names_the_largest_vote_and_is_unknown_where_belief_is_flat(claims: list[Claim]) -> None:
    timeline = voted(line(), *claims)
    flat = np.ptp(timeline.belief, axis=-1) < 1e-9
    assert np.array_equal(timeline.history == -1, flat)
    assert np.array_equal(timeline.history[~flat], timeline.belief.argmax(axis=-1)[~flat])


@given(LEDGERS, st.sampled_from(["last_claim", "vote"]))
def test_as_known_is_each_day_as_it_looked(claims: list[Claim], policy: str) -> None:
    late = [claim("b", "takes", "red", "2001-01-02", source="press", reported="2001-01-07"), *claims]
    told = qsim.as_known(line(), ledger(*late), start="2001-01-01", end="2001-01-10", policy=policy)
    for day in told.days:
        then = qsim.reconstruct(line(), ledger(*late).known_by(day), start="2001-01-01", end="2001-01-10", policy=policy).at(day)
        assert np.array_equal(then.belief, told.at(day).belief)
        assert np.array_equal(then.status, told.at(day).status)
        assert np.array_equal(then.last_report, told.at(day).last_report, equal_nan=True)


def test_as_known_holds_the_belief_of_the_model_as_well() -> None:
    late = [claim("b", "takes", "red", "2001-01-02", source="press", reported="2001-01-07"), claim("a", "holds", "blue", "2001-01-03")]
    told = qsim.as_known(line(), ledger(*late), start="2001-01-01", end="2001-01-10", policy="hmm")
    for day in told.days:
        then = qsim.reconstruct(line(), ledger(*late).known_by(day), start="2001-01-01", end="2001-01-10", policy="hmm").at(day)
        assert np.allclose(then.belief, told.at(day).belief)


def test_what_was_reported_late_was_not_known_before() -> None:
    late = claim("b", "takes", "red", "2001-01-02", reported="2001-01-07")
    told = qsim.as_known(line(), ledger(late), start="2001-01-01", end="2001-01-10", policy="last_claim")
    assert [told.at(f"2001-01-{day:02}").most_likely("b") for day in (2, 6, 7)] == ["unknown", "unknown", "red"]


def test_sensitivity_tells_spans_by_distance() -> None:
    told = [claim("a", "holds", "blue", "2001-01-02", source=source) for source in ("teller", "press", "blue_voice")]
    told += [claim("a", "takes", "red", "2001-01-03", source="red_voice"), claim("b", "takes", "red", "2001-01-03")]
    told += [claim("c", "holds", source.partition("_")[0], "2001-01-05", source=source) for source in ("red_voice", "blue_voice")]
    found = qsim.belief.sensitivity.sensitivity(
        line(), ledger(*told), start="2001-01-01", end="2001-01-08", policies=("last_claim", "vote")
    )
    assert [(each.place, each.days) for each in found] == [("a", 6), ("c", 4)]
    assert found[0].status == {"last_claim": "red", "vote": "blue"}
    assert str(found[0].window) == "2001-01-03/2001-01-08"
    assert found[0].distance > found[1].distance == pytest.approx(2 / 3)
    assert "a: last_claim red, vote blue" in str(found[0])


def test_sensitivity_needs_two_known_policies() -> None:
    with pytest.raises(TimelineError, match="at least two"):
        qsim.belief.sensitivity.sensitivity(line(), ledger(), start="2001-01-01", end="2001-01-08", policies=("vote",))
    with pytest.raises(TimelineError, match="unknown policy"):
        qsim.belief.sensitivity.sensitivity(line(), ledger(), start="2001-01-01", end="2001-01-08", policies=("vote", "oracle"))


def test_the_record_disagrees_most_in_the_city() -> None:
    theatre, record = qsim.load("qusayr")
    found = qsim.belief.sensitivity.sensitivity(theatre, record, start="2013-05-19", end="2013-06-05", policies=("last_claim", "vote"))
    assert found
    assert all(each.distance > 0 and each.place not in theatre.parts for each in found)
    assert {place.parent for each in found if (place := theatre.place(each.place)).parent} == {"qusayr"}
    assert replayed(line(), policy="vote").policy == "vote"


def test_a_group_of_two_and_a_single_place_vote_as_they_are_many() -> None:
    where = theatre({id: (x, 0) for x, id in enumerate("ab")}, ["a-b"], groups=(Group("both", "both", ("a", "b")),))
    assert ballot(where, claim("both", "contests", None, "2001-01-01")) is None
    assert ballot(where, claim("both", "repulses", "red", "2001-01-01")) is None
    votes = [
        ballot(where, claim(place, "holds", "red", "2001-01-01", quantifier=much))
        for place, much in (("both", "most"), ("both", "part"), ("a", "most"), ("a", "part"))
    ]
    assert [None if each is None else each.tolist() for each in votes] == [[0.5, 0, 0], [0.5, 0, 0], [1, 0, 0], [0.5, 0, 0.5]]


@pytest.mark.parametrize(
    ("kind", "side", "rest", "expected"),
    [
        ("holds", "red", {}, [1, 0, 0]), ("loses", "red", {}, [0, 1, 0]), ("contests", None, {}, [0, 0, 1]), ("repulses", "red", {}, [1, 0, 0]),
        ("share", "red", {"value": 0.7, "bound": "exact"}, [0.7, 0.3, 0]), ("share", "red", {"value": 0.7, "bound": "at_least"}, [0.7, 0, 0]),
        ("share", "red", {"value": 0.7, "bound": "at_most"}, [0, 0.3, 0]), ("share", "red", {"value": None, "bound": "exact"}, [0, 1, 0]),
        ("contests", "red", {"quantifier": "part"}, [0, 0, 0.5]), ("bombards", "red", {}, None),
    ],
)  # fmt: skip
def test_what_one_claim_votes_in_a_single_place(kind: str, side: str | None, rest: dict[str, Any], expected: list[float] | None) -> None:
    votes = ballot(line(), claim("a", kind, side, "2001-01-01", **rest))
    assert (None if votes is None else votes.round(9).tolist()) == expected


def test_votes_fade_from_the_day_after_their_window_and_the_half_life_is_finite() -> None:
    old = claim("a", "holds", "blue", "2001-01-02", source="press")
    for day, share in ((2, 0.5), (3, 2 / 3), (4, 0.8)):
        timeline = voted(line(), old, claim("a", "holds", "red", f"2001-01-02/2001-01-{day:02}"), half_life_days=1)
        assert timeline.at(f"2001-01-{day:02}")["a"]["red"] == pytest.approx(share if day > 2 else 1 / 3)
    for wrong in (0, float("inf"), float("nan")):
        with pytest.raises(TimelineError, match="expected a positive number"):
            voted(line(), old, half_life_days=wrong)


def test_a_claim_on_a_way_or_an_empty_ledger_votes_nowhere() -> None:
    assert ballot(line(), claim("a-b", "holds", "red", "2001-01-01")) is None
    assert {voted(line()).at("2001-01-20").most_likely(place.id) for place in line().places} == {"unknown"}
