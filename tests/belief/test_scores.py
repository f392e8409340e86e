"""Left-out claims and their scores: nothing leaks, and known numbers come out."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_ledgers import LEDGERS, country
from toys import SOURCES, claim, grid, ledger, line

import qsim
from qsim.belief import foretelling
from qsim.belief.baselines import flat
from qsim.belief.foretold import Foretold
from qsim.belief.reconstruct import believe
from qsim.belief.scores import Prediction, calibration_error, left_out, left_out_source, predicted, reliability, score
from qsim.belief.statements import distinct
from qsim.belief.timeline import Timeline, TimelineError
from qsim.record.conflicts import days_apart
from qsim.record.dates import Days, Window, day_range
from qsim.record.ledger import Claim, Ledger, LedgerError, Source
from qsim.record.scope import reach
from qsim.record.settings import Model
from qsim.record.theatre import Theatre


def guess(said: int, *p: float, place: str = "a", belief: tuple[float, ...] | None = None, **rest: Any) -> Prediction:
    """Return a hand-made prediction of a claim about a place that turned out to say `said`."""
    return Prediction(claim(place, "holds", "red", "2001-01-01"), said, p, belief or p, **rest)


def record() -> list[Claim]:
    """Return forty claims about a line: red has a, blue takes b on the tenth, c is fought over; the red voice is wrong of b."""
    made = []
    for n in range(10):
        made.append(claim("a", "holds", "red", f"2001-01-{n + 1:02d}", source="press"))
        made.append(claim("b", "holds", "red" if n < 5 else "blue", f"2001-01-{2 * n + 1:02d}"))
        made.append(claim("b", "holds", "red", f"2001-01-{2 * n + 2:02d}", source="red_voice"))
        made.append(claim("c", "contests", None, f"2001-01-{n + 3:02d}", source="blue_voice"))
    return made


def seen(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """Return a list that fills with the ids of the claims that each reconstruction is given."""
    given: list[set[str]] = []

    def watched(theatre: Theatre, ledger: Ledger, days: Days, **rest: Any) -> Timeline:
        given.append({each.id for each in ledger.claims})
        return believe(theatre, ledger, days, **rest)

    monkeypatch.setattr(foretelling, "believe", watched)
    return given


def test_log_score_and_brier_are_known_numbers() -> None:
    right, wrong = guess(0, 0.5, 0.3, 0.2), guess(2, 0.5, 0.3, 0.2)
    assert right.log_score == pytest.approx(np.log(0.5))
    assert right.brier == pytest.approx(0.25 + 0.09 + 0.04)
    assert wrong.log_score == pytest.approx(np.log(0.2))
    assert wrong.brier == pytest.approx(0.25 + 0.09 + 0.64)


def test_a_score_is_the_mean_over_claims() -> None:
    (found,) = score({"mine": [guess(0, 0.5, 0.3, 0.2), guess(0, 0.25, 0.5, 0.25), guess(0, 1.0, 0.0, 0.0)]})
    assert (found.policy, found.claims, found.places) == ("mine", 3, 1)
    assert found.log_score == pytest.approx(np.log([0.5, 0.25, 1.0]).mean())
    assert found.brier == pytest.approx((0.38 + 0.875 + 0) / 3)
    assert (found.behind, found.brier_behind) == (0, 0)


def test_the_paired_difference_is_the_difference_of_the_means() -> None:
    first = [guess(0, 0.5, 0.3, 0.2), guess(1, 0.2, 0.6, 0.2, place="b"), guess(2, 0.1, 0.1, 0.8, place="c")]
    second = [guess(0, 0.4, 0.4, 0.2), guess(1, 0.5, 0.3, 0.2, place="b"), guess(2, 0.2, 0.2, 0.6, place="c")]
    one, other = score({"first": first, "second": second})
    assert other.behind == pytest.approx(one.log_score - other.log_score)
    assert other.brier_behind == pytest.approx(other.brier - one.brier)


def test_intervals_come_from_places_and_not_from_claims() -> None:
    """Ten claims about one place are one trial: repeating them all changes no interval, more places make it narrower."""
    two = [guess(0, 0.9, 0.05, 0.05, place="a"), guess(0, 0.2, 0.4, 0.4, place="b")]
    (once,), (often,) = score({"mine": two}), score({"mine": two * 10})
    assert often.log_interval == pytest.approx(once.log_interval)
    assert once.log_interval == pytest.approx((np.log(0.2), np.log(0.9)))
    more = [replace(each, claim=claim(f"{each.claim.place}{n}", "holds", "red", "2001-01-01")) for each in two for n in range(10)]
    (wide,) = score({"mine": more})
    assert once.log_interval[0] < wide.log_interval[0] < wide.log_score < wide.log_interval[1] < once.log_interval[1]
    (alone,) = score({"mine": two[:1]})
    assert np.isnan(alone.log_interval).all()


def test_said_and_right_are_told_at_several_levels() -> None:
    sure = [guess(0, 0.8, 0.1, 0.1, belief=(0.9, 0.05, 0.05)), guess(1, 0.7, 0.1, 0.2, belief=(0.96, 0.04, 0.0))]
    unsure = [guess(0, 0.8, 0.1, 0.1, belief=(0.84, 0.1, 0.06)), guess(2, 0.0, 0.1, 0.9, belief=(0.0, 0.05, 0.95))]
    (found,) = score({"mine": sure + unsure})
    assert [(level.above, level.claims) for level in found.levels] == [(0.5, 3), (0.7, 3), (0.85, 2), (0.95, 1)]
    assert (found.levels[2].said, found.levels[2].right) == pytest.approx((0.75, 0.5))


def test_days_of_change_and_quiet_days_are_scored_apart() -> None:
    quiet, turning = guess(0, 0.5, 0.3, 0.2, quiet=True), guess(1, 0.2, 0.6, 0.2, turning=True)
    ((one,), (other,)) = (score({"mine": [quiet, turning]}, which=which) for which in ("quiet", "turning"))
    assert (one.claims, one.log_score) == pytest.approx((1, np.log(0.5)))
    assert (other.claims, other.log_score) == pytest.approx((1, np.log(0.6)))
    assert score({"mine": [turning]}, which="quiet") == []


def test_what_is_quiet_and_what_is_of_a_day_of_change() -> None:
    made = [
        claim("a", "holds", "red", "2001-01-01", id="0 quiet"),
        claim("a", "holds", "red", "2001-02-10", id="1 near fighting"),
        claim("a", "contests", None, "2001-02-15", id="2 fighting"),
        claim("a", "holds", "blue", "2001-04-02", id="3 near change", source="press"),
        claim("a", "takes", "blue", "2001-04-01", id="4 change"),
        claim("b", "holds", "blue", "2001-02-14", id="5 elsewhere"),
    ]
    found = left_out(line(), ledger(*made), policy="vote", folds=2)
    assert sorted(each.claim.id[0] for each in found if each.quiet) == ["0", "5"]
    assert sorted(each.claim.id[0] for each in found if each.turning) == ["3", "4"]


def test_the_last_word_on_a_place_is_asked_of_the_last_day() -> None:
    made = [
        claim("a", "holds", "red", "2001-01-01", id="early", source="press"),
        claim("a", "holds", "red", "2001-01-05", id="last", source="red_voice"),
        claim("b", "holds", "blue", "2001-03-01", id="end"),
    ]
    found = left_out(line(), ledger(*made), policy="last_claim", folds=10)
    last = {each.claim.id: each.end for each in found}
    assert last["early"] is None
    assert last["last"] == next(each.p for each in found if each.claim.id == "last")  # red by the press on both days
    assert score({"mine": found}, which="end")[0].claims == 2


def test_the_reliability_diagram_of_a_hand_made_example() -> None:
    rows = reliability([guess(0, 0.95, 0.05, 0.0), guess(1, 0.91, 0.05, 0.04), guess(2, 0.32, 0.33, 0.35)])
    assert rows.shape == (10, 3)
    assert rows[0] == pytest.approx([0.14 / 4, 1 / 4, 4])
    assert rows[3] == pytest.approx([1 / 3, 1 / 3, 3])
    assert rows[9] == pytest.approx([0.93, 0.5, 2])
    assert np.isnan(rows[5, :2]).all()
    assert rows[5, 2] == 0
    assert calibration_error(rows) == pytest.approx((4 * abs(0.035 - 0.25) + 3 * 0 + 2 * 0.43) / 9)


def test_certainty_falls_into_the_last_bin() -> None:
    rows = reliability([guess(0, 1.0, 0.0, 0.0)])
    assert rows[9].tolist() == [1, 1, 1]
    assert calibration_error(rows) == 0


@pytest.mark.parametrize("policy", ["last_claim", "vote", "hmm"])
def test_every_claim_is_foretold_by_a_reconstruction_without_it(policy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given = seen(line(), monkeypatch)
    found = left_out(line(), ledger(*record()), policy=policy, folds=5)
    assert {each.claim.id for each in found} == {each.id for each in record()}
    assert all(sum(each.claim.id not in ids for ids in given) == 1 for each in found)
    assert all(sum(each.p) == pytest.approx(1) and min(each.p) >= 0.01 - 1e-9 for each in found)


def parted(claims: list[Claim], folds: int, seed: int) -> dict[str, int]:
    """Return the part that each claim is left out with, by its id."""
    ids = [each.id for each in claims]
    return dict(zip(ids, foretelling._parts(ledger(*claims), ids, "claim", folds, seed).tolist(), strict=True))


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 12), st.integers(0, 99), st.randoms())
def test_folds_keep_copies_and_sentences_together(folds: int, seed: int, random: Random) -> None:
    copies = [replace(each, id=f"copy-{each.id}", source="copyist") for each in record() if each.source == "teller"]
    halves = [replace(each, id=f"half-{each.id}", kind="takes", source="press", cites=("004:7",)) for each in record()[:4:2]]
    sentence = [replace(each, cites=("004:7",)) for each in record()]
    made = [*sentence, *copies, *halves]
    fold = parted(random.sample(made, len(made)), folds, seed)
    assert set(fold.values()) <= set(range(folds))
    assert all(fold[each.id] == fold[each.id.removeprefix("copy-")] for each in copies)
    assert all(len({fold[each.id] for each in (*sentence, *halves) if each.place == place}) == 1 for place in "abc")


def test_the_row_of_a_table_is_no_sentence() -> None:
    """An imported place has all its claims from one row; leaving them out together would leave nothing to foretell them from."""
    rows = [replace(each, cites=("record:list/7",)) for each in record() if each.place == "a"]
    assert len(set(parted(rows, 5, 7).values())) > 1


def test_folds_do_not_depend_on_the_order_of_claims_but_on_the_seed() -> None:
    assert parted(record(), 5, 7) == parted(record()[::-1], 5, 7) != parted(record(), 5, 8)


def test_leaving_a_side_out_uses_none_of_its_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    given = seen(line(), monkeypatch)
    found = left_out(line(), ledger(*record()), policy="hmm", by="side")
    by_side = {side: {each.id for each in record() if SOURCES[each.source].side == side} for side in (None, "red", "blue")}
    everything = {each.id for each in record()}
    assert sorted(map(sorted, given)) == sorted(sorted(everything - said) for said in by_side.values())
    assert len(found) == len(everything)


def test_leaving_a_side_out_leaves_out_its_echoes(monkeypatch: pytest.MonkeyPatch) -> None:
    given = seen(line(), monkeypatch)
    sources = {**SOURCES, "echo": Source("echo", "An echo", "press", origin="red_voice")}
    said = claim("a", "takes", "red", "2001-01-02", source="red_voice", id="said")
    left_out(line(), Ledger(sources, (said, replace(said, id="echoed", source="echo"), *record())), policy="hmm", by="side")
    assert all("echoed" not in ids for ids in given if "said" not in ids)


def test_leaving_sources_out_leaves_out_all_of_them_and_their_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    given = seen(line(), monkeypatch)
    copies = [replace(each, id=f"copy-{each.id}", source="copyist") for each in record() if each.source == "teller"]
    made = ledger(*record(), *copies)
    assert len(left_out(line(), made, policy="vote", by="source", folds=3)) == len(record())
    for kept in given:
        silent = {made.origin(each) for each in made.claims if each.id not in kept}
        assert silent
        assert all((each.id in kept) == (made.origin(each) not in silent) for each in made.claims)


def test_a_source_is_foretold_from_the_others_on_each_of_its_weeks() -> None:
    mine = [
        claim("a", "holds", "red", "2001-01-01/2001-01-21", id="long"),
        claim("b", "takes", "blue", "2001-01-05/2001-01-20", id="event"),
    ]
    copied = replace(mine[0], id="copy", source="copyist")
    other = claim("a", "holds", "red", "2001-01-08/2001-01-21", source="press")
    found = left_out_source(line(), ledger(*mine, copied, other), "teller", policy="last_claim")
    assert sorted((each.claim.id, each.claim.window.start.day, float(each.belief[0])) for each in found) == [
        ("event", 5, pytest.approx(1 / 3)),
        ("long", 1, pytest.approx(1 / 3)),
        ("long", 8, 1.0),
        ("long", 15, 1.0),
    ]
    with pytest.raises(LedgerError, match="unknown source 'nobody'"):
        left_out_source(line(), ledger(*mine), "nobody", policy="vote")
    with pytest.raises(TimelineError, match="says of no place who holds it"):
        left_out_source(line(), ledger(*mine), "press", policy="vote")


def test_any_function_can_be_scored() -> None:
    found = left_out(line(), ledger(*record()), policy=flat, folds=2)
    assert all(each.belief == pytest.approx((1 / 3, 1 / 3, 1 / 3)) for each in found)


def test_who_knows_the_truth_scores_better_than_who_knows_nothing() -> None:
    model, made = Model(), [each for each in record() if each.source in ("press", "teller")]
    truth = qsim.reconstruct(line(), ledger(*made), start="2001-01-01", end="2001-01-31", policy="last_claim")
    unsure = replace(truth, belief=np.full_like(truth.belief, 1 / 3))

    def told(timeline: Timeline, each: Claim) -> Prediction:
        p, belief = predicted(timeline, each, model)
        return Prediction(each, line().statuses.index(each.side or ""), tuple(p.tolist()), tuple(belief.tolist()))

    knows, nothing = score({name: [told(timeline, each) for each in made] for name, timeline in (("knows", truth), ("nothing", unsure))})
    assert nothing.behind_interval[0] > 0
    assert nothing.behind > 0.5
    assert knows.brier < nothing.brier


def test_what_is_expected_of_a_claim_is_belief_seen_through_reading_errors() -> None:
    truth = qsim.reconstruct(
        line(), ledger(claim("a", "holds", "red", "2001-01-01")), start="2001-01-01", end="2001-01-04", policy="last_claim"
    )
    saying, mixed = Model().saying(2, taken=True), 0.97
    p, belief = predicted(truth, claim("a", "takes", "red", "2001-01-02/2001-01-03"), Model())
    assert belief.tolist() == [1, 0, 0]
    assert p == pytest.approx(mixed * saying[0] + 0.01)
    unknown, even = predicted(truth, claim("b", "takes", "red", "2001-01-02"), Model())
    assert even == pytest.approx(1 / 3)
    assert unknown == pytest.approx(mixed * saying.mean(axis=0) + 0.01)


def test_shares_and_vague_claims_are_not_foretold() -> None:
    vague = [
        claim("t", "share", "red", "2001-01-02", value=0.5, bound="exact"),
        claim("t", "contests", None, "2001-01-03"),
        claim("t", "holds", "red", "2001-01-04", quantifier="part"),
        claim("a1", "bombards", "red", "2001-01-05"),
    ]
    clear = [claim("t", "holds", "red", "2001-01-06", quantifier="all"), claim("a1", "contests", None, "2001-01-07")]
    found = left_out(grid(), ledger(*vague, *clear), policy="hmm", folds=2)
    assert [each.claim.id for each in found] == sorted(each.id for each in clear)


def test_too_few_folds_and_nothing_to_predict_are_errors() -> None:
    with pytest.raises(TimelineError, match="1 folds; expected at least two"):
        left_out(line(), ledger(*record()), policy="hmm", folds=1)
    for policy, what in product(("hmm", "vote"), ((), (claim("a", "bombards", "red", "2001-01-05"),))):
        with pytest.raises(TimelineError, match="no claim to predict"):
            left_out(line(), ledger(*what), policy=policy)


@settings(max_examples=40, deadline=None)
@given(LEDGERS, st.integers(0, 3))
def test_what_is_asked_in_columns_is_what_is_asked_of_each_claim(told: Ledger, behind: int) -> None:
    theatre, model = country(), Model()
    wanted = foretelling.foretellable(theatre, told)
    assert list(wanted) == [each for each in distinct(told) if foretelling.can_be_predicted(theatre, each)]
    if not len(wanted):
        return
    start, end = min(each.window.start for each in wanted), max(each.window.end for each in wanted)
    timeline = believe(theatre, told, day_range(start, end), policy="vote")
    asked = foretelling._Asked.of(theatre, told, wanted)
    control = [(set(reach(theatre, each)), each) for each in told.claims if each.of_control]
    for found in asked.foretold(asked.expected(timeline, behind)):
        claim, places = found.claim, set(theatre.members(found.claim.place))
        near = [(each.kind, days_apart(each.window, claim.window)) for of, each in control if of & places and each.id != claim.id]
        is_change = claim.kind in ("takes", "loses")
        assert found.turning == (is_change or any(kind in ("takes", "loses") and days <= 3 for kind, days in near))
        news = [days for kind, days in near if kind in ("takes", "loses", "repulses", "contests")]
        assert found.quiet == (claim.kind in ("holds", "denies") and not any(days <= 14 for days in news))
        late = timedelta(days=behind if claim.kind in ("holds", "contests") else 0)
        seen = Window(max(start, claim.window.start - late), max(start, claim.window.end - late))
        p, belief = predicted(timeline, claim, model, seen)
        assert (found.p, found.belief) == (tuple(p.tolist()), tuple(belief.tolist()))
        last = not any(of & places and each.kind != "share" and each.window.end > claim.window.end for of, each in control)
        assert found.end == (tuple(predicted(timeline, claim, model, Window(end, end))[0].tolist()) if last else None)


def test_predictions_are_the_same_in_columns_and_one_by_one() -> None:
    made = [guess(0, 0.7, 0.2, 0.1, turning=True), guess(2, 0.3, 0.3, 0.4, place="b", quiet=True, end=(0.2, 0.2, 0.6))]
    columns = Foretold.of(made)
    assert list(columns) == made
    assert Foretold.of(columns) is columns
    assert (columns[1], columns[-2], list(columns[1:])) == (made[1], made[0], made[1:])
    assert columns.log_scores.tolist() == [each.log_score for each in made]
    assert columns.briers.tolist() == [each.brier for each in made]
    assert list(columns.of_the_end()) == [replace(made[1], p=(0.2, 0.2, 0.6))]
    assert repr(columns) == "Foretold(2 claims)"
    assert not len(Foretold.of([]))
    with pytest.raises(IndexError):
        columns[2]
