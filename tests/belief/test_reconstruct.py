"""The rules of the scripted replay, one by one, on toys."""

from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toys import claim, grid, ledger, line, replayed, theatre

import qsim
from qsim.belief.estimate import Estimate
from qsim.belief.hmm import hmm
from qsim.belief.last_claim import last_claim
from qsim.belief.timeline import TimelineError
from qsim.belief.vote import vote
from qsim.record.dates import Days
from qsim.record.ledger import Claim, Ledger
from qsim.record.theatre import Theatre

SQUARES = [f"{row}{column}" for row in "abc" for column in (1, 2, 3)]


def status(timeline: qsim.Timeline, place: str, day: int) -> str:
    return timeline.at(np.datetime64("2000-12-31") + np.timedelta64(day, "D")).most_likely(place)


def held(timeline: qsim.Timeline, side: str, day: int) -> list[str]:
    return [square for square in SQUARES if status(timeline, square, day) == side]


def test_the_last_claim_stands_until_the_next() -> None:
    timeline = replayed(line(), claim("a", "takes", "red", "2001-01-02"), claim("a", "loses", "red", "2001-01-05"))
    assert [status(timeline, "a", day) for day in (1, 2, 4, 5, 10)] == ["unknown", "red", "red", "blue", "blue"]


def test_an_event_counts_from_the_last_day_of_its_window_and_a_state_from_the_first() -> None:
    timeline = replayed(line(), claim("a", "takes", "red", "2001-01-03/2001-01-05"), claim("b", "holds", "red", "2001-01-03/2001-01-05"))
    assert [status(timeline, "a", day) for day in (4, 5)] == ["unknown", "red"]
    assert [status(timeline, "b", day) for day in (2, 3)] == ["unknown", "red"]


def test_of_one_day_the_better_attested_stands_then_the_later_line() -> None:
    weak = claim("a", "takes", "red", "2001-01-02", confidence="claimed", cites=("004:9",))
    strong = claim("a", "takes", "blue", "2001-01-02", confidence="confirmed", cites=("004:3",))
    assert status(replayed(line(), strong, weak), "a", 2) == "blue"
    early, late = (claim("a", "takes", side, "2001-01-02", cites=(f"004:{n}",)) for side, n in (("red", 3), ("blue", 20)))
    assert status(replayed(line(), late, early), "a", 2) == "blue"


@pytest.mark.parametrize(
    ("kind", "side", "expected"),
    [
        ("holds", "red", "red"),
        ("loses", "red", "blue"),
        ("denies", "red", "blue"),
        ("repulses", "red", "red"),
        ("contests", "red", "contested"),
    ],
)
def test_what_each_kind_says_of_a_place(kind: str, side: str, expected: str) -> None:
    assert status(replayed(line(), claim("a", kind, side, "2001-01-02")), "a", 2) == expected


def test_with_three_sides_the_loss_of_one_leaves_a_place_contested() -> None:
    three = theatre({"a": (0, 0), "b": (1, 0)}, ["a-b"], green=())
    assert status(replayed(three, claim("a", "loses", "red", "2001-01-02")), "a", 2) == "contested"


def test_context_is_no_evidence_of_control() -> None:
    kinds = ("reinforces", "bombards", "casualties", "strength", "other", "encircles", "cuts", "opens")
    timeline = replayed(line(), *(claim("a", kind, "red", "2001-01-02") for kind in kinds))
    assert (timeline.history == -1).all()
    assert np.ptp(timeline.belief) == pytest.approx(0)
    assert np.isnat(timeline.last_report).all()


def test_fighting_in_a_city_sets_none_of_its_squares() -> None:
    timeline = replayed(grid(), claim("t", "holds", "red", "2001-01-01"), claim("t", "contests", "blue", "2001-01-02"))
    assert held(timeline, "red", 2) == SQUARES


def test_part_of_a_city_gives_a_foothold_only_where_there_is_none() -> None:
    first = claim("t", "holds", "red", "2001-01-01"), claim("south", "takes", "blue", "2001-01-02", quantifier="part")
    timeline = replayed(grid(), *first, claim("t", "holds", "blue", "2001-01-03", quantifier="part"))
    assert held(timeline, "contested", 2) == ["c1"]
    assert held(timeline, "contested", 3) == ["c1"]
    assert len(held(timeline, "red", 3)) == 8


def test_most_of_a_city_is_more_than_half() -> None:
    timeline = replayed(grid(), claim("t", "holds", "red", "2001-01-01"), claim("t", "holds", "blue", "2001-01-02", quantifier="most"))
    assert len(held(timeline, "blue", 2)) == 5


def test_a_share_fills_squares_where_other_claims_place_the_side() -> None:
    timeline = replayed(
        grid(),
        claim("t", "holds", "red", "2001-01-01"),
        claim("south", "takes", "blue", "2001-01-02", quantifier="part"),
        claim("t", "share", "blue", "2001-01-03", value=4 / 9, bound="exact"),
    )
    assert held(timeline, "blue", 3) == ["a1", "c1", "c2", "c3"]


def test_a_falling_share_gives_up_the_squares_that_lean_least_to_the_side() -> None:
    timeline = replayed(
        grid(),
        claim("t", "holds", "blue", "2001-01-01"),
        claim("south", "holds", "blue", "2001-01-02"),
        claim("t", "share", "blue", "2001-01-03", value=1 / 3, bound="exact"),
    )
    assert held(timeline, "blue", 3) == ["c1", "c2", "c3"]
    assert len(held(timeline, "red", 3)) == 6


@pytest.mark.parametrize(
    ("before", "value", "bound", "after"),
    [(6, 3, "at_least", 6), (2, 3, "at_least", 3), (6, 3, "at_most", 3), (2, 3, "at_most", 2), (6, 3, "approx", 3), (0, 9, "exact", 9)],
)
def test_bounds_move_the_fewest_squares_that_make_them_true(before: int, value: int, bound: str, after: int) -> None:
    timeline = replayed(
        grid(),
        claim("t", "share", "blue", "2001-01-01", value=before / 9, bound="exact"),
        claim("t", "share", "blue", "2001-01-02", value=value / 9, bound=bound),
    )
    assert len(held(timeline, "blue", 1)) == before
    assert len(held(timeline, "blue", 2)) == after


def test_claims_from_before_the_window_count() -> None:
    assert status(replayed(line(), claim("a", "takes", "red", "2000-06")), "a", 1) == "red"


def test_an_unknown_policy_tells_the_known() -> None:
    with pytest.raises(TimelineError, match="unknown policy 'guess'; expected one of last_claim"):
        qsim.reconstruct(line(), ledger(), start="2001-01-01", end="2001-01-01", policy="guess")


def even(theatre: Theatre, ledger: Ledger, days: Days) -> Estimate:
    """A policy of one's own: the first side is a little more likely, everywhere and always."""
    belief = np.full((len(days), len(theatre.places), len(theatre.statuses)), 0.3)
    belief[..., 0] = 0.4
    return Estimate(belief)


def test_a_policy_is_a_function_that_returns_an_estimate() -> None:
    timeline = qsim.reconstruct(line(), ledger(), start="2001-01-01", end="2001-01-04", policy=even)
    assert (timeline.policy, timeline.at("2001-01-02")["a"]["red"]) == ("even", 0.4)
    assert timeline.at("2001-01-02").most_likely("a") == "red"
    with pytest.raises(TimelineError, match="'even' draws no histories: its estimate has no chains"):
        timeline.sample(10, seed=1)


@pytest.mark.parametrize("policy", [hmm, last_claim, vote])
def test_a_name_stands_for_the_function(policy: Any) -> None:
    told = claim("a", "takes", "red", "2001-01-03"), claim("a", "holds", "blue", "2001-01-05", source="press")
    by_name, by_function, with_options = (replayed(line(), *told, policy=p) for p in (policy.__name__, policy, partial(policy)))
    assert by_name.policy == by_function.policy == with_options.policy
    assert np.array_equal(by_name.belief, by_function.belief)
    assert np.array_equal(by_name.belief, with_options.belief)


def test_what_is_no_estimate_is_refused_with_every_problem() -> None:
    def wrong(theatre: Theatre, ledger: Ledger, days: Days) -> Estimate:
        return Estimate(np.ones((len(days), len(theatre.places), 3)), np.zeros((1, 1), dtype=np.int8))

    with pytest.raises(TimelineError, match=r"(?s)'wrong' has 2 problems.*sum to 1.*history has shape \(1, 1\); expected \(10, 5\)"):
        replayed(line(), policy=wrong)
    with pytest.raises(TimelineError, match="returned a int; expected a qsim.belief.estimate.Estimate"):
        replayed(line(), policy=lambda theatre, ledger, days: 3)  # type: ignore[arg-type, return-value]


def test_histories_of_an_empty_ledger_say_nothing() -> None:
    assert (replayed(line(), policy="hmm").sample(3, seed=1).status == -1).all()


def test_a_period_before_the_first_claim_is_refused_and_says_of_which_they_speak() -> None:
    book = ledger(claim("a", "takes", "red", "2001-01-03"), claim("a", "takes", "blue", "2001-02-06"))
    for policy in ("hmm", "last_claim", "vote"):
        with pytest.raises(
            TimelineError, match="no claim speaks of 2000-01-01 to 2000-01-04: those of this ledger speak of 2001-01-03 to 2001-02-06"
        ):
            qsim.reconstruct(line(), book, start="2000-01-01", end="2000-01-04", policy=policy)
        assert len(qsim.reconstruct(line(), book, start="2001-05-10", end="2001-05-14", policy=policy)) == 5


@pytest.mark.parametrize("policy", ["hmm", "last_claim", "vote"])
def test_an_empty_ledger_leaves_everything_unknown_and_says_so(policy: str) -> None:
    timeline = replayed(line(), policy=policy)
    assert "0 claims, none of control: nothing is known" in repr(timeline)
    assert timeline.belief == pytest.approx(1 / 3)
    assert timeline.changes() == []


@st.composite
def claims(draw: st.DrawFn) -> list[Claim]:
    """Draw a few claims on the grid."""
    made = []
    for n in range(draw(st.integers(0, 8))):
        kind = draw(st.sampled_from(["holds", "takes", "loses", "contests", "denies", "repulses", "share"]))
        rest: dict[str, Any] = (
            {"value": draw(st.integers(0, 9)) / 9, "bound": draw(st.sampled_from(["exact", "at_least", "at_most"]))}
            if kind == "share"
            else {}
        )
        place = "t" if kind == "share" else draw(st.sampled_from(["t", "north", "south", "a1", "b2", "c3"]))
        rest |= {
            "quantifier": draw(st.sampled_from([None, "part", "most"])),
            "confidence": draw(st.sampled_from(["claimed", "stated", "confirmed"])),
        }
        made.append(
            claim(
                place,
                kind,
                draw(st.sampled_from(["red", "blue"])),
                f"2001-01-0{draw(st.integers(1, 9))}",
                id=f"c{n}",
                cites=(f"d:{n + 1}",),
                **rest,
            )
        )
    return made


@given(claims(), st.randoms())
def test_the_order_of_claims_does_not_matter(made: list[Claim], random: Any) -> None:
    shuffled = random.sample(made, len(made))
    assert np.array_equal(replayed(grid(), *made).belief, replayed(grid(), *shuffled).belief)


@given(claims(), st.integers(1, 9))
def test_what_comes_later_does_not_change_what_came_before(made: list[Claim], day: int) -> None:
    early = [each for each in made if each.effective <= qsim.record.dates.day(f"2001-01-0{day}")]
    assert np.array_equal(replayed(grid(), *made).history[:day], replayed(grid(), *early).history[:day])


@given(claims())
def test_one_more_holds_makes_it_so(made: list[Claim]) -> None:
    more = claim("b2", "holds", "red", "2001-01-09", id="more", confidence="confirmed", cites=("z:99",))
    made = [each for each in made if each.effective < qsim.record.dates.day("2001-01-09")]
    assert status(replayed(grid(), *made, more), "b2", 9) == "red"


@given(claims())
def test_belief_is_certain_or_flat(made: list[Claim]) -> None:
    timeline = replayed(grid(), *made)
    squares = timeline.belief[:, [timeline.theatre.index[s] for s in SQUARES]]
    assert timeline.belief.sum(axis=-1) == pytest.approx(1)
    assert set(np.unique(squares.round(6)).tolist()) <= {0.0, 0.333333, 1.0}


def test_claims_of_any_century_are_dated_by_their_own_days() -> None:
    made = [claim("a", "holds", "red", "1798-05-04", id="then", source="press")]
    said = ledger(*made)
    assert len(qsim.reconstruct(line(), said, start="1798-05-01", end="1798-05-06", policy="vote")) == 6
    with pytest.raises(qsim.TimelineError, match="those of this ledger speak of 1798-05-04 to 1798-05-04"):
        qsim.reconstruct(line(), said, start="1798-04-01", end="1798-04-06", policy="vote")
