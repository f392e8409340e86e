"""What must be true of belief by `policy="hmm"`, whatever the claims."""

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import SOURCES, claim, grid, ledger, line, theatre

import qsim
from qsim.belief.hmm import hmm
from qsim.belief.timeline import TimelineError
from qsim.record.dates import parse_edtf
from qsim.record.ledger import Claim, Ledger, Source
from qsim.record.settings import Model, ModelError
from qsim.record.theatre import Theatre

FIXED = Model(learn=False)
SQUARES = [f"{row}{column}" for row in "abc" for column in (1, 2, 3)]
SWAPPED = {"red": "blue", "blue": "red", None: None}
few = settings(max_examples=60, deadline=None)


def told(where: Theatre, *claims: Claim, days: int = 12, start: str = "2001-01-01", model: Model | None = None) -> qsim.Timeline:
    """Return belief in the first days of 2001 under these claims."""
    end = np.datetime64("2001-01-01") + np.timedelta64(days - 1, "D")
    return qsim.reconstruct(where, ledger(*claims), start=start, end=end, policy=partial(hmm, model=model))


def belief(timeline: qsim.Timeline, place: str, day: int, status: str) -> float:
    """Return the belief in a status of a place on a day of January."""
    return timeline.at(np.datetime64("2000-12-31") + np.timedelta64(day, "D"))[place][status]


@st.composite
def claims(draw: st.DrawFn, most: int = 8) -> list[Claim]:
    """Draw a few claims on the grid by all sources, with windows, parts, shares and doubts."""
    made = []
    for n in range(draw(st.integers(0, most))):
        kind = draw(st.sampled_from(["holds", "takes", "loses", "contests", "denies", "repulses", "share", "encircles", "withdraws"]))
        rest: dict[str, Any] = {"confidence": draw(st.sampled_from(["unconfirmed", "claimed", "stated"]))}
        if kind == "share":
            rest |= {"value": draw(st.integers(0, 9)) / 9, "bound": draw(st.sampled_from(["exact", "approx", "at_least", "at_most"]))}
        else:
            rest["quantifier"] = draw(st.sampled_from([None, None, "part", "most", "all"]))
        first = draw(st.integers(1, 9))
        window = f"2001-01-0{first}/2001-01-0{draw(st.integers(first, min(9, first + 3)))}"
        place = "t" if kind == "share" else draw(st.sampled_from(["t", "north", "south", "a1", "b2", "c3"]))
        source = draw(st.sampled_from(["teller", "press", "red_voice", "blue_voice"]))
        made.append(claim(place, kind, draw(st.sampled_from(["red", "blue"])), window, source=source, id=f"c{n}", **rest))
    return made


@few
@given(claims())
def test_belief_sums_to_one_and_is_never_certain(made: list[Claim]) -> None:
    found = told(grid(), *made)
    assert found.belief.sum(axis=-1) == pytest.approx(1)
    assert (found.belief >= 0).all()
    assert (found.belief < 1).all()


@few
@given(claims(), st.randoms())
def test_the_order_of_claims_does_not_matter(made: list[Claim], random: Any) -> None:
    one, other = told(grid(), *made), told(grid(), *random.sample(made, len(made)))
    assert one.belief.tobytes() == other.belief.tobytes()
    assert one.history.tobytes() == other.history.tobytes()
    assert one.sources == other.sources


@few
@given(claims())
def test_swapping_the_names_of_the_sides_swaps_the_belief(made: list[Claim]) -> None:
    sources = {id: replace(source, side=SWAPPED[source.side]) for id, source in SOURCES.items()}
    mirror = Ledger(sources, tuple(replace(each, side=SWAPPED[each.side]) for each in made))
    one = told(grid(), *made)
    other = qsim.reconstruct(grid(), mirror, start=one.start, end=one.end, policy="hmm")
    assert one.belief == pytest.approx(other.belief[..., [1, 0, 2]], abs=1e-6)


@few
@given(claims())
def test_copies_change_nothing(made: list[Claim]) -> None:
    heard = [each for each in made if each.source == "teller"]
    copies = [replace(each, id=f"{prefix}{each.id}", source="copyist") for each in heard for prefix in ("a", "z")]
    one, other = told(grid(), *made), told(grid(), *made, *copies)
    assert one.belief.tobytes() == other.belief.tobytes()
    assert one.sources.get("teller") == other.sources.get("teller")


@few
@given(claims(), st.sampled_from(["red", "blue"]), st.sampled_from(["a1", "b2", "north", "t"]), st.integers(1, 9))
def test_a_voice_more_that_says_holds_never_lowers_belief_there_and_then(made: list[Claim], side: str, place: str, day: int) -> None:
    """Of a voice that spoke before this does not hold: its wordings of one day are weighed together, and a plainer one beside a stronger may cost a little."""
    heard = [each for each in made if each.source != "press"]
    more = claim(place, "holds", side, f"2001-01-0{day}", id="more", source="press")
    one, other = told(grid(), *heard, model=FIXED), told(grid(), *heard, more, model=FIXED)
    squares = list(grid().members(place))
    column = one.statuses.index(side)
    named = [p for p in squares if one.history[0, p] >= 0]  # a place that was flat has no belief to lower
    assert (other.belief[day - 1, named, column] >= one.belief[day - 1, named, column] - 1e-5).all()


@few
@given(claims(), st.integers(1, 6), st.integers(1, 40), st.integers(0, 40))
def test_belief_of_a_day_does_not_depend_on_the_window_asked_for(made: list[Claim], first: int, before: int, after: int) -> None:
    whole = told(grid(), *made)
    part = told(grid(), *made, start=f"2001-01-0{first}", days=10)
    wide = told(grid(), *made, start=str(np.datetime64("2001-01-01") - np.timedelta64(before, "D")), days=12 + after)
    assert part.belief == pytest.approx(whole.belief[first - 1 : 10], abs=1e-6)
    assert wide.belief[before : before + 12] == pytest.approx(whole.belief, abs=1e-6)


@few
@given(claims(), st.integers(1, 9))
def test_known_by_uses_no_later_claim(made: list[Claim], day: int) -> None:
    late = {each.id for each in made if each.id[-1] in "13579"}
    reported = [replace(each, reported=parse_edtf("2001-02-01")) if each.id in late else each for each in made]
    moment = f"2001-01-0{day}"
    known = [each for each in reported if each.id not in late and each.window.end <= qsim.record.dates.day(moment)]
    now = told(grid(), *ledger(*reported).known_by(moment).claims)
    assert now.belief.tobytes() == told(grid(), *known).belief.tobytes()
    assert now.ledger is not None
    assert {each.id for each in now.ledger.claims} == {each.id for each in known}


@few
@given(claims(), st.booleans())
def test_the_interval_of_a_reliability_holds_its_mean(made: list[Claim], learn: bool) -> None:
    found = told(grid(), *made, model=Model(learn=learn))
    for reliability in found.sources.values():
        low, high = reliability.interval()
        assert 0 <= low <= reliability.mean <= high <= 1
        assert 0 <= reliability.informed <= reliability.claims
    assert all(0 <= p <= 1 for p in found.informed.values())


def test_an_empty_ledger_is_flat_and_its_chains_are_none() -> None:
    found = told(grid())
    assert (found.belief == 1 / 3).all()
    assert (found.history == -1).all()
    assert found.chains is not None
    assert len(found.chains.places) == 0
    assert (found.sample(3, seed=1).status == -1).all()


def test_an_unseen_place_stays_exactly_flat() -> None:
    found = told(line(), claim("a", "takes", "red", "2001-01-03"))
    unseen = [found.theatre.index[place] for place in ("r", "b", "c", "l")]
    assert (found.belief[:, unseen] == 1 / 3).all()
    assert (found.history[:, unseen] == -1).all()
    assert (found.sample(5, seed=1).status[:, :, unseen] == -1).all()


def test_claims_of_one_day_multiply_as_bayes_has_it() -> None:
    """The press says that red held a, a red voice that blue did: a statement against interest."""
    made = claim("a", "holds", "red", "2001-01-01", source="press"), claim("a", "holds", "blue", "2001-01-01", source="red_voice")
    deaf = replace(FIXED, right_holds=1 / 3, wrong_holds=1 / 3, contested_holds=1 / 3)
    before, after = (told(line(), *said, model=model).belief[0, 1] for said, model in ((made[:1], deaf), (made, FIXED)))
    expected = before
    for heard, side, gain in ((made[0], 0, 1.0), (made[1], 1, FIXED.against_interest)):
        trust, says = FIXED.reliability[SOURCES[heard.source].kind][0], FIXED.saying(2, taken=False)[:, side]
        expected = expected * (trust * gain * says / says.mean() + 1 - trust)
    assert after == pytest.approx(expected / expected.sum(), abs=1e-6)


def test_a_long_silence_returns_slowly_to_doubt_not_to_peace() -> None:
    found = told(line(), claim("a", "takes", "red", "2001-01-02"), days=2000)
    red, blue, contested = found.belief[1:, found.theatre.index["a"]].T
    assert red[0] > 0.8
    assert (np.diff(red) <= 1e-12).all()
    assert (np.diff(blue) >= -1e-12).all()
    assert red[30] > red[0] - 0.15
    assert red[-1] == pytest.approx(blue[-1], abs=1e-3)
    assert contested.max() < 0.25


def test_fighting_long_ago_does_not_stay_certain() -> None:
    found = told(line(), claim("a", "contests", None, "2001-01-02", source="press"), days=400)
    contested = found.belief[1:, found.theatre.index["a"], 2]
    assert 0.25 < contested[0] < 0.95
    assert (np.diff(contested) <= 1e-12).all()
    assert contested[-1] < 0.25


def test_the_most_likely_history_hears_what_belief_hears() -> None:
    made = claim("a", "takes", "blue", "2001-01-03"), claim("a", "holds", "blue", "2001-01-04"), claim("a", "takes", "red", "2001-01-08")
    for start in ("2000-12-20", "2001-01-01", "2001-01-03"):
        found = told(line(), *made, start=start)
        history, sure = found.history[-9:, 1], found.belief[-9:, 1].max(axis=-1) > 0.8
        assert (history == found.belief[-9:, 1].argmax(axis=-1))[sure].all()
        assert sure.sum() > 4


def test_three_sides_work_and_swap() -> None:
    three = theatre({"a": (0, 0), "b": (1, 0)}, ["a-b"], green=())
    made = claim("a", "takes", "green", "2001-01-02"), claim("a", "loses", "green", "2001-01-06"), claim("b", "holds", "red", "2001-01-03")
    found = told(three, *made)
    assert found.belief.sum(axis=-1) == pytest.approx(1)
    assert belief(found, "a", 2, "green") > 0.7
    assert belief(found, "a", 2, "red") > 10 * belief(found, "a", 2, "blue")  # red is next to it, and nobody speaks of blue
    assert belief(found, "a", 6, "green") < 0.3
    assert found.sample(50, seed=1).status.max() <= 3


@pytest.mark.parametrize("value", [0, 3, 6, 9])
def test_an_exact_share_moves_the_expected_share_towards_it(value: int) -> None:
    before = told(grid(), claim("t", "holds", "red", "2001-01-01"), model=FIXED)
    after = told(grid(), claim("t", "holds", "red", "2001-01-01"), share(value, "exact"), model=FIXED)
    was, now = (abs(found.share("t", "red")[4] - value / 9) for found in (before, after))
    assert now < was


def share(ninths: int, bound: str) -> Claim:
    """Return a figure for red's share of the city on the fifth day."""
    return claim("t", "share", "red", "2001-01-05", value=ninths / 9, bound=bound, source="press")


@pytest.mark.parametrize(
    ("bound", "side"),
    [
        ("at_least", "red"),
        ("at_least", "blue"),
        ("at_most", "red"),
    ],
)
def test_bounds_act_one_way_only(bound: str, side: str) -> None:
    sign = 1 if bound == "at_least" else -1
    city = claim("t", "holds", side, "2001-01-04")
    now, bounded = (told(grid(), city, *more, model=FIXED).share("t", "red")[4] for more in ((), (share(5, bound),)))
    assert sign * (bounded - now) > -0.01
    if (now - 5 / 9) * sign < 0:
        assert sign * (bounded - now) > 0.02


def test_an_unconfirmed_report_counts_less() -> None:
    sure, doubted = (
        told(line(), claim("a", "takes", "red", "2001-01-03", confidence=how), model=FIXED) for how in ("stated", "unconfirmed")
    )
    assert belief(sure, "a", 3, "red") > belief(doubted, "a", 3, "red") + 0.05


def test_a_statement_against_interest_weighs_more() -> None:
    against, neutral, own = (
        told(line(), claim("a", "holds", "blue", "2001-01-03", source=who), model=replace(FIXED, reliability=EQUAL))
        for who in ("red_voice", "press", "blue_voice")
    )
    assert belief(against, "a", 3, "blue") > belief(neutral, "a", 3, "blue") + 0.05
    assert belief(neutral, "a", 3, "blue") == pytest.approx(belief(own, "a", 3, "blue"))


EQUAL = {source.kind: (0.6, 10.0) for source in SOURCES.values()}


def test_reliability_is_learned_from_agreement_and_contradiction() -> None:
    made = [claim("abc"[n % 3], "holds", "red", f"2001-01-{n + 1:02d}", source="press") for n in range(20)]
    liar = [claim("abc"[n % 3], "holds", "blue", f"2001-01-{n + 1:02d}", source="blue_voice") for n in range(20)]
    also = [replace(each, id=f"also {each.id}", source="red_voice") for each in made]
    found = told(line(), *made, *liar, *also, days=25)
    assert found.sources["press"].mean > found.sources["press"].prior
    assert found.sources["blue_voice"].mean < found.sources["blue_voice"].prior - 0.1
    assert found.sources["blue_voice"].for_interest == 20
    assert found.informed[made[5].id] > 0.8 > 0.5 > found.informed[liar[5].id]


def test_a_slice_draws_from_the_same_histories() -> None:
    found = told(grid(), claim("t", "holds", "red", "2001-01-02"), share(5, "exact"), claim("a1", "takes", "blue", "2001-01-08"))
    whole = found.sample(3000, seed=3).status
    assert np.array_equal(found["2001-01-05":].sample(3000, seed=3).status, whole[:, 4:])
    cut = found["2001-01-03":"2001-01-06"].sample(3000, seed=3).status
    for n, squares in ((0, SQUARES), (3, SQUARES)):
        columns = [found.theatre.index[square] for square in squares]
        assert (cut[:, n][:, columns] == 0).mean(axis=0) == pytest.approx(found.belief[n + 2, columns, 0], abs=0.05)
    assert (cut[:, 1:] != cut[:, :-1]).mean() == pytest.approx((whole[:, 3:6] != whole[:, 2:5]).mean(), abs=0.01)


def test_an_estimate_without_chains_draws_no_histories() -> None:
    found = qsim.reconstruct(line(), ledger(), start="2001-01-01", end="2001-01-02", policy="vote")
    with pytest.raises(TimelineError, match="policy 'vote' draws no histories: its estimate has no chains"):
        found.sample(2, seed=1)
    with pytest.raises(TimelineError, match="0 runs; expected a whole number from 1"):
        told(line()).sample(0, seed=1)


def test_a_scenario_may_override_the_model() -> None:
    made = claim("a", "holds", "red", "2001-01-02"), claim("t", "holds", "red", "2001-01-02")
    plain, sceptic = (
        told(replace(line(), model=given), made[0]) for given in ({}, {"right_holds": 0.5, "reliability": {"narration": [0.5, 10]}})
    )
    assert belief(sceptic, "a", 2, "red") < belief(plain, "a", 2, "red") - 0.05
    assert sceptic.sources["teller"].prior < plain.sources["teller"].prior - 0.1
    with pytest.raises(ModelError, match="unknown parameter 'right_hold'; did you mean 'right_holds'"):
        told(replace(line(), model={"right_hold": 0.5}), made[0])


@pytest.mark.parametrize(
    ("parameter", "value", "made"),
    [
        ("not_before", 0.0, claim("a", "takes", "red", "2001-01-05")),
        ("weight_repulses", 0.1, claim("a", "repulses", "red", "2001-01-05")),
        ("weight_siege", 1.0, claim("a", "encircles", "red", "2001-01-05")),
        ("part_contested", 0.3, claim("a", "holds", "red", "2001-01-05", quantifier="part")),
        ("clear_held", 0.1, claim("all", "holds", "red", "2001-01-05")),
        ("clear_taken", 0.1, claim("all", "takes", "red", "2001-01-05")),
        ("clear_all", 0.1, claim("all", "holds", "red", "2001-01-05", quantifier="all")),
        ("weight_withdraws", 0.1, claim("a", "withdraws", "red", "2001-01-05")),
        ("doubt_unconfirmed", 0.9, claim("a", "holds", "red", "2001-01-05", confidence="unconfirmed")),
        ("right_holds", 0.9, claim("a", "holds", "red", "2001-01-05")),
        ("against_interest", 1.0, claim("a", "holds", "blue", "2001-01-05", source="red_voice")),
    ],
)
def test_each_parameter_has_an_effect(parameter: str, value: float, made: Claim) -> None:
    plain, changed = told(line(), made), told(line(), made, model=replace(Model(), **{parameter: value}))  # type: ignore[arg-type]
    assert np.abs(plain.belief - changed.belief).max() > 0.003


def test_a_source_that_repeats_a_repetition_goes_back_to_the_first() -> None:
    sources = {**SOURCES, "third": Source("third", "Third hand", "press", origin="copyist")}
    one = claim("a", "takes", "red", "2001-01-03", id="m")
    found = [
        qsim.reconstruct(line(), Ledger(sources, made), start="2001-01-01", end="2001-01-05", policy="hmm").belief
        for made in ((one,), (one, replace(one, id="a", source="third")))
    ]
    assert np.array_equal(found[0], found[1])


@pytest.mark.parametrize("window", ["2001-01-08", "2001-01-08/2001-01-10"])
def test_a_source_is_judged_by_what_the_others_say(window: str) -> None:
    """One round of learning by hand: the belief without the newspaper, through its readings, against its prior reliability."""
    made = claim("a", "holds", "red", "2001-01-05"), claim("a", "holds", "blue", window, source="press", confidence="unconfirmed")
    deaf = told(line(), *made, model=Model(doubt_unconfirmed=0.0, learn=False)).belief[7 : 8 + (window != "2001-01-08") * 2, 1].mean(axis=0)
    heard = told(line(), *made, model=Model(doubt_unconfirmed=1.0, rounds=1)).sources["press"].trust
    says, (theta, strength) = Model().saying(2, taken=False)[:, 1], Model().reliability_of("press")
    odds = theta / (1 - theta) * (deaf @ says) / says.mean()
    assert heard == pytest.approx((strength * theta + odds / (1 + odds)) / (strength + 1), abs=1e-4)
