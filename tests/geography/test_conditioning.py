"""The map and the words, heard together: what was said of a ring weighs histories, once, and nothing else changes."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from toys import claim, ledger, replayed, ring, theatre

import qsim
from qsim.belief.enclosure import other_rings
from qsim.belief.timeline import Timeline, TimelineError
from qsim.geography import conditioning
from qsim.geography.conditioning import DRAWS, FEW, RingWarning, unheard
from qsim.geography.encirclement import encirclement, ways_out
from qsim.geography.reachability import by_month, passage
from qsim.record.places import Group

HELD = [claim(place, "holds", "red", "2001-01-01") for place in ("centre", "e")]
LOST = [claim(place, "takes", "blue", "2001-01-02") for place in ("n", "s")]
CONTESTED = claim("e", "contests", None, "2001-01-04/2001-01-10")


def told(*more: qsim.Claim) -> Timeline:
    """Return ten days of a ring of which two gates are lost and the third is fought for."""
    return replayed(ring(), *HELD, *LOST, CONTESTED, *more, policy="hmm")


def closed(timeline: Timeline, *, given: str | None = "ring", runs: int = 1000) -> np.ndarray:
    return np.asarray(encirclement(timeline.sample(runs, 7, given=given), "centre", "red").mean(axis=0))


def test_where_nobody_speaks_of_a_ring_nothing_changes() -> None:
    timeline = told()
    alone, given = timeline.sample(50, 7), timeline.sample(50, 7, given="ring")
    assert given.status.tobytes() == alone.status.tobytes()
    assert given.effective is None
    found = qsim.ring(timeline, "centre", "red", runs=50)
    assert np.array_equal(found.both, found.by_map)
    assert np.isnan(found.by_words).all()


def test_said_to_be_closed_it_is_likelier_closed_and_said_to_be_open_likelier_open() -> None:
    alone = closed(told())[6]
    shut, gap = (closed(told(claim("centre", kind, side, "2001-01-07")))[6] for kind, side in (("encircles", "blue"), ("opens", "red")))
    assert gap + 0.1 < alone < shut - 0.1


def test_words_that_say_closed_more_surely_than_the_map_raise_it() -> None:
    found = qsim.ring(told(claim("centre", "encircles", "blue", "2001-01-07", source="press")), "centre", "red")
    assert found.by_map[6] + 0.1 < found.both[6]


def test_more_runs_add_to_the_first_and_change_none() -> None:
    timeline = told(claim("centre", "encircles", "blue", "2001-01-07"))
    few, many = (timeline.sample(runs, 3, given="ring") for runs in (40, 80))
    assert np.array_equal(many.status[:40], few.status)
    assert many.effective == few.effective
    assert few.effective is not None
    assert FEW < few.effective < DRAWS


def test_what_was_not_known_yet_weighs_nothing() -> None:
    late = claim("centre", "encircles", "blue", "2001-01-07", reported="2001-01-09")
    book = ledger(*HELD, *LOST, CONTESTED, late)
    start, end = "2001-01-01", "2001-01-10"
    before, after = (qsim.reconstruct(ring(), book.known_by(day), start=start, end=end) for day in ("2001-01-08", "2001-01-09"))
    assert np.array_equal(closed(before), closed(before, given=None))
    assert closed(after)[6] > closed(before)[6]


def test_few_histories_in_which_both_agree_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    sure = [claim("e", "holds", "red", f"2001-01-{day:02}", source=who) for day in (5, 6, 7, 8) for who in ("teller", "press")]
    shut = [claim("centre", "encircles", "blue", f"2001-01-{day:02}", source=who) for day in (6, 7) for who in ("teller", "press")]
    timeline = replayed(ring(), *HELD, *LOST, *sure, *shut, policy="hmm")
    monkeypatch.setattr(conditioning, "FEW", 900)
    with pytest.warns(RingWarning, match="agree in few histories"):
        assert (timeline.sample(1000, 7, given="ring").effective or 0) < 900


def test_of_a_map_of_which_nothing_is_known_nothing_is_said() -> None:
    found = qsim.ring(replayed(ring(), policy="hmm"), "centre", "red", runs=20)
    assert np.isnan([found.by_map, found.by_words, found.both]).all()


def test_only_the_ring_can_be_given() -> None:
    with pytest.raises(TimelineError, match="expected 'ring'"):
        told().sample(5, 1, given="weather")


def test_contested_ground_lets_through_in_half_of_the_histories_and_in_each_on_all_days_alike() -> None:
    histories = replayed(ring(), *HELD, *LOST, policy="hmm").sample(2000, 7)
    fought = np.full_like(histories.status, histories.theatre.statuses.index("contested"))
    ways = passage(replace(histories, status=fought), "red")
    through = ways.open[:, :, histories.theatre.index["e"]]
    assert 0.45 < through.mean() < 0.55
    assert (through == through[:, :1]).all()
    assert passage(replace(histories, status=fought), "red", contested=1.0).open.all()


def test_a_reported_cut_holds_as_often_as_its_source_is_to_be_trusted() -> None:
    one_road = theatre({"centre": (0.0, 0.0), "r": (0.1, 0.0), "l": (0.2, 0.0)}, ["centre-r"], red=("r",), blue=("l",))
    timeline = replayed(
        one_road, claim("centre", "holds", "red", "2001-01-01"), claim("centre-r", "cuts", "blue", "2001-01-03"), policy="hmm"
    )
    shut = passage(timeline.sample(2000, 7), "red").shut[:, 5, 0].mean()
    assert abs(shut - timeline.sources["teller"].trust) < 0.04


def test_a_way_said_to_be_open_is_open_on_that_day_whoever_holds_the_ground() -> None:
    timeline = replayed(
        ring(), *HELD[:1], *LOST, claim("e", "takes", "blue", "2001-01-02"), claim("e-r", "opens", "red", "2001-01-06"), policy="hmm"
    )
    p = encirclement(timeline.sample(1000, 7), "centre", "red").mean(axis=0)
    assert p[5] + 0.3 < min(p[4], p[6])


def test_ways_out_are_told_by_the_share_of_histories_in_which_they_are_open() -> None:
    histories = told().sample(500, 7)
    ways = ways_out(histories, "centre", "red")
    open_share = 1 - encirclement(histories, "centre", "red").mean(axis=0)
    assert [sum(way.open for way in today) for today in ways] == pytest.approx(open_share.tolist())
    assert all(way.base == "r" for today in ways for way in today)


def test_the_ring_around_al_qusayr_by_the_map_and_the_words_together() -> None:
    theatre, book = qsim.load("qusayr")
    timeline = qsim.reconstruct(theatre, book, start="2013-04-04", end="2013-06-08")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = qsim.ring(timeline, "qusayr", "opposition")
    on = {str(day): p for day, p in zip(timeline.days, found.both, strict=True)}
    assert found.effective > FEW
    assert max(p for day, p in on.items() if day <= "2013-05-26") < 0.3
    assert str(qsim.metrics.first_day(timeline.days, found.both)) in ("2013-05-29", "2013-05-30")
    assert on["2013-05-31"] > 0.85
    assert on["2013-06-04"] < on["2013-06-03"]
    assert min(p for day, p in on.items() if day >= "2013-06-05") > 0.95


def test_of_a_ring_of_which_nothing_is_known_no_number_is_told() -> None:
    timeline = replayed(ring(), policy="hmm")
    today = conditioning.exits_told(timeline, "centre", "red", runs=10)[0]
    assert (today.known, today.cut_off, today.routes, str(today)) == (False, None, (), "ways out not known")


def test_before_anybody_speaks_of_a_ring_the_words_alone_tell_nothing() -> None:
    timeline = told(claim("centre", "encircles", "blue", "2001-01-06"))
    found = qsim.ring(timeline, "centre", "red", runs=50).by_words
    assert np.isnan(found).tolist() == (timeline.days < np.datetime64("2001-01-06")).tolist()
    assert (found[timeline.position("2001-01-06") :] > 0.5).all()


RING = claim("centre", "encircles", "blue", "2001-01-03"), claim("centre", "opens", "red", "2001-01-08")


def test_a_day_has_the_same_odds_and_histories_in_every_window() -> None:
    whole = told(*RING)
    asked = whole.sample(300, 7, given="ring")
    for first, last in (
        ("2001-01-01", "2001-01-04"),
        ("2001-01-04", "2001-01-06"),
        ("2001-01-06", "2001-01-10"),
        ("2001-01-09", "2001-01-09"),
    ):
        anew = qsim.reconstruct(whole.theatre, whole.ledger, start=first, end=last)  # type: ignore[arg-type]
        span = slice(whole.position(first), whole.position(last) + 1)
        for part in (anew, whole[first:last]):
            drawn = part.sample(300, 7, given="ring")
            assert np.array_equal(drawn.status, asked.status[:, span])
            assert drawn.effective == asked.effective
            assert unheard(part, "centre") == ""


@pytest.mark.parametrize("said", [(), RING])
def test_histories_drawn_some_days_at_a_time_are_those_drawn_at_once(said: tuple[qsim.Claim, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    timeline = told(*said)
    draws = conditioning.draws_given(timeline, "centre", "red", 200, 7)
    whole = draws.whole.status
    for month in (1, 3, 4, 32):
        monkeypatch.setattr("qsim.geography.reachability._MONTH", month)
        assert np.array_equal(np.concatenate(by_month(draws, lambda _, some: some.status), axis=1), whole)
        few = by_month(draws, lambda span, some: (span, some.status), at=[1, 2, 3, 7])
        assert all(np.array_equal(status, whole[:, span]) for span, status in few)
        assert sum(span.stop - span.start for span, _ in few) == 4


def test_by_the_map_alone_a_day_has_the_same_odds_in_every_window() -> None:
    whole = told()
    found = qsim.ring(whole, "centre", "red", runs=300)
    for first, last in (("2001-01-01", "2001-01-03"), ("2001-01-04", "2001-01-08"), ("2001-01-07", "2001-01-07")):
        span = slice(whole.position(first), whole.position(last) + 1)
        assert np.array_equal(qsim.ring(whole[first:last], "centre", "red", runs=300).by_map, found.by_map[span])
    # It is what whole histories come to.
    assert found.by_map == pytest.approx(closed(whole, given=None, runs=4000), abs=0.1)


def test_what_is_said_of_a_ring_on_other_days_counts() -> None:
    """The way said to be open on the last day makes it less likely to have been lost on the days before."""
    later = told(*RING)["2001-01-03":"2001-01-06"]
    without = told(RING[0])["2001-01-03":"2001-01-06"]
    assert (closed(later)[1:] < closed(without)[1:] - 0.05).all()


def test_what_is_not_heard_of_other_days_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qsim.belief.hmm._MOST_KEPT", 0)
    whole = told(*RING)
    part = qsim.reconstruct(whole.theatre, whole.ledger, start="2001-01-05", end="2001-01-10")  # type: ignore[arg-type]
    assert "Of 2 claims on the ring 1 speak of other days" in unheard(part, "centre")


def test_a_ring_around_a_group_is_told_as_not_heard_of_the_place() -> None:
    where = replace(ring(), groups=(Group("gates", "Gates", ("centre", "n")),))
    said = ledger(claim("gates", "encircles", "blue", "2001-01-03"), claim("centre", "encircles", "blue", "2001-01-03"))
    assert "Gates (1)" in other_rings(where, said, "centre")
    assert other_rings(where, said, "e") == ""


def test_a_side_that_tells_alone_weighs_its_own_words_alone() -> None:
    gap = claim("centre", "opens", "red", "2001-01-07", source="red_voice")
    shut = claim("centre", "encircles", "blue", "2001-01-07", source="blue_voice")
    said = [c for held in (HELD, LOST) for c in held]
    book = ledger(
        *(replace(c, id=f"{c.id}-{who}", source=who) for c in (*said, CONTESTED) for who in ("red_voice", "blue_voice")), gap, shut
    )
    told_by = (qsim.told_by(ring(), book, side) for side in ("red", "blue"))
    mine, theirs = (qsim.reconstruct(where, words, start="2001-01-01", end="2001-01-10") for where, words in told_by)
    red, blue = (qsim.ring(each, "centre", "red") for each in (mine, theirs))
    assert red.both[6] < red.by_map[6]
    assert blue.both[6] > blue.by_map[6]


def test_what_the_ring_owes_to_places_of_which_nobody_had_spoken_yet_is_told() -> None:
    """All gates are spoken of on the fifth day alone: until then all are open, or none; from then on the two readings are one."""
    late = [claim(place, "holds", "red", "2001-01-05") for place in ("centre", "n", "s", "e")]
    timeline = replayed(ring(), *late, policy="hmm", days=8)
    passable, barred = conditioning.without_word(timeline, timeline.sample(200, 7), "centre", "red")
    told = encirclement(timeline.sample(200, 7), "centre", "red").mean(axis=0)
    assert barred[:4].tolist() == [1.0] * 4
    assert (passable[:4] <= told[:4]).all()
    assert np.array_equal(passable[4:], told[4:])
    assert np.array_equal(barred[4:], told[4:])


def test_where_no_document_tells_of_a_way_there_are_no_odds_by_documented_ways() -> None:
    timeline = told()
    bare = replace(
        timeline, theatre=replace(timeline.theatre, links=tuple(replace(each, basis="estimated") for each in timeline.theatre.links))
    )
    assert np.isnan(qsim.ring(bare, "centre", "red", runs=50).documented).all()
    some = replace(
        timeline, theatre=replace(timeline.theatre, links=tuple(replace(each, basis="documented") for each in timeline.theatre.links))
    )
    assert np.array_equal(qsim.ring(some, "centre", "red", runs=50).documented, qsim.ring(some, "centre", "red", runs=50).both)
