"""Who says so: for, against, contradicted by whom, and what is in a historian's words."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from toys import SOURCES, claim, grid, ledger, line, replayed

import qsim
from qsim.belief.timeline import NEITHER
from qsim.belief.why import why
from qsim.record.places import Group
from qsim.record.theatre import TheatreError
from qsim.terminal.text import why_text

THEATRE, LEDGER = qsim.load("qusayr")
TIMELINE = qsim.reconstruct(THEATRE, LEDGER, start="2013-04-04", end="2013-06-08", policy="last_claim")


def words(timeline: qsim.Timeline, place: str, day: str) -> str:
    return " ".join(why_text(why(timeline, place, day), colour="none").split())


def test_it_names_the_capture_its_reporters_and_who_confirmed_it_when() -> None:
    told = why(TIMELINE, "dabaa_airbase", "2013-05-29")
    voices = {(t.claim.source, t.claim.reported.end.isoformat() if t.claim.reported else None) for t in told.supporting}
    assert {("state_media", None), ("sohr", "2013-05-30"), ("farouq_spokesman", "2013-05-30")} <= voices
    assert told.status == "government"
    assert all(t.against_interest for t in told.supporting if t.source_side == "opposition")
    assert "after five hours of fighting" in str(told)
    assert all(t.says != "government" for t in told.opposing)


def test_it_is_newest_first_and_speaks_of_no_later_day() -> None:
    told = why(TIMELINE, "abil", "2013-05-12")
    days = [t.claim.effective for t in told.supporting]
    assert days == sorted(days, reverse=True)
    assert all(t.claim.window.start <= told.day for t in (*told.supporting, *told.opposing, *told.beside))


def test_of_a_simulation_nobody_says_so() -> None:
    with pytest.raises(qsim.TimelineError, match="nobody says so"):
        why(TIMELINE.most_likely().mean(), "abil", "2013-05-12")
    with pytest.raises(TheatreError, match="unknown place 'atlantis'"):
        why(TIMELINE, "atlantis", "2013-05-12")


def test_the_head_is_what_is_drawn_and_the_belief_beside_it_the_days() -> None:
    """A place that two voices give to two sides alike is undecided, one of which nobody speaks is unknown; so is a city that two sides share."""
    said = [claim("a", "holds", "red", "2001-01-02", source="press"), claim("a", "holds", "blue", "2001-01-02", source="teller")]
    timeline = replayed(line(), *said, policy="vote")
    assert words(timeline, "b", "2001-01-03").startswith("B on 3 January 2001: unknown")
    half = replace(timeline, belief=np.where(np.arange(3) == 2, 0.04, 0.48) * np.ones_like(timeline.belief))
    assert words(half, "a", "2001-01-03").startswith("A on 3 January 2001: undecided Belief: Red 48%, Blue 48%, contested 4%.")
    city = replayed(grid(), claim("north", "holds", "red", "2001-01-02"), claim("south", "holds", "blue", "2001-01-02"))
    assert why(city, "t", "2001-01-03").status == city.at("2001-01-03").status_of("t") == "undecided"
    assert city.status[-1, city.theatre.index["t"]] == NEITHER
    most = replayed(grid(), claim("t", "holds", "red", "2001-01-02"), claim("c1", "takes", "blue", "2001-01-03"))
    assert most.at("2001-01-03")["t"]["red"] > 0.5
    assert most.at("2001-01-03").status_of("t") == why(most, "t", "2001-01-03").status == "red"


def test_only_others_who_say_otherwise_of_those_days_contradict() -> None:
    made = [
        claim("a", "takes", "red", "2001-01-05", id="mine"),
        claim("a", "holds", "blue", "2001-01-06", id="same voice"),
        claim("a", "holds", "blue", "2001-01-07", id="other", source="press"),
        claim("a", "holds", "blue", "2001-01-07", id="again", source="press"),
        claim("a", "holds", "blue", "2001-02-07", id="later", source="blue_voice"),
        claim("b", "holds", "blue", "2001-01-05", id="elsewhere", source="blue_voice"),
        claim("a", "holds", "red", "2001-01-05", id="agrees", source="red_voice"),
    ]
    told = why(replayed(line(), *made, days=60), "a", "2001-02-20")
    counted = {t.claim.id: t.contradicted for t in (*told.supporting, *told.opposing, *told.earlier)}
    assert counted == {"mine": 1, "same voice": 1, "other": 2, "again": 2, "later": 0, "agrees": 2}


@pytest.mark.parametrize(
    ("side", "value", "bound", "says"),
    [
        ("red", 0.6, "exact", "red"),
        ("red", 0.4, "approx", "blue"),
        ("red", 0.25, "at_least", "red"),
        ("red", 0.8, "at_most", "blue"),
        ("red", 0.5, "exact", None),
    ],
)
def test_what_a_figure_speaks_for(side: str, value: float, bound: str, says: str | None) -> None:
    made = claim("t", "share", side, "2001-01-02", value=value, bound=bound)
    told = why(replayed(grid(), made), "a1", "2001-01-03")
    assert [t.says for t in (*told.supporting, *told.opposing, *told.earlier, *told.beside)] == [says]


def test_nobody_contradicts_is_said_only_where_so() -> None:
    made = claim("a", "takes", "red", "2001-01-02")
    assert "held by Red" in words(replayed(line(), made), "a", "2001-01-03")
    assert "No claim up to this day contradicts it." in words(replayed(line(), made), "a", "2001-01-03")
    more = claim("a", "holds", "blue", "2001-01-03", source="blue_voice", confidence="unconfirmed")
    text = words(replayed(line(), made, more, policy="hmm"), "a", "2001-01-04")
    assert "No claim up to this day contradicts it." not in text
    assert "1 claim says otherwise." in text
    assert "1 other of those days contradicts it" in text


def test_a_weak_claim_that_nobody_contradicts_is_not_said_to_be_contradicted() -> None:
    alone = claim("a", "holds", "blue", "2001-01-03", source="blue_voice", confidence="unconfirmed")
    timeline = replayed(line(), alone, policy="hmm")
    weak = replace(timeline, informed={alone.id: 0.2})
    assert "though nobody of those days contradicts it: what else is believed does" in words(weak, "a", "2001-01-04")


def test_later_claims_that_belief_has_heard_are_told_the_next_first() -> None:
    late = [claim("a", "holds", "red", f"2001-01-0{n}", source=voice) for n, voice in ((7, "press"), (5, "teller"), (9, "press"))]
    timeline = replayed(line(), *late, policy="hmm", days=9)
    told = why(timeline, "a", "2001-01-02")
    assert [str(t.claim.window) for t in told.later] == ["2001-01-05", "2001-01-07", "2001-01-09"]
    text = words(timeline, "a", "2001-01-02")
    assert "Nothing had been reported by then of who holds it: what is believed comes from later claims." in text
    assert "Of later days, heard too (3)" in text
    assert "... and 1 later" in text
    assert why(replayed(line(), *late, days=9), "a", "2001-01-02").later == ()  # the last claim looks at no later one


def test_a_claim_against_is_of_earlier_days_only_where_all_its_days_are() -> None:
    """What was said while nobody was likelier, or goes on past the change, is told against what is believed now."""
    made = [
        claim("a", "holds", "blue", "2001-01-01", id="before"),
        claim("a", "contests", None, "2001-01-03/2001-01-20", id="fighting", source="press"),
        claim("a", "takes", "red", "2001-01-04", id="mine"),
        claim("a", "holds", "blue", "2001-01-06", id="between", source="blue_voice"),
    ]
    timeline = replayed(line(), *made, days=12)
    belief, at = timeline.belief.copy(), timeline.theatre.index["a"]
    belief[:3, at], belief[3:8, at], belief[8:, at] = (0.1, 0.8, 0.1), (0.4, 0.4, 0.2), (0.8, 0.1, 0.1)
    doubtful = replace(timeline, belief=belief)
    told = why(doubtful, "a", "2001-01-10")
    assert [[t.claim.id for t in some] for some in (told.supporting, told.opposing, told.earlier)] == [
        ["mine"],
        ["between", "fighting"],
        ["before"],
    ]
    assert "2 claims say otherwise." in words(doubtful, "a", "2001-01-10")
    quiet = replayed(line(), made[0], made[2], days=12)
    assert [t.claim.id for t in why(quiet, "a", "2001-01-10").earlier] == ["before"]
    assert "No claim since it last changed contradicts it." in words(quiet, "a", "2001-01-10")
    standing = replayed(line(), claim("a", "holds", "blue", "2001-01-01/..", id="before"), made[2], days=12)
    assert [t.claim.id for t in why(standing, "a", "2001-01-10").earlier] == ["before"]


def test_where_nobody_says_so_by_then_the_later_claims_are_named_as_the_reason() -> None:
    late = [claim("a", "holds", "blue", f"2001-01-{day:02}", source=voice) for day in (7, 8) for voice in ("teller", "press")]
    timeline = replayed(
        line(), claim("a", "holds", "red", "2001-01-02", source="red_voice", confidence="unconfirmed"), *late, policy="hmm", days=9
    )
    assert why(timeline, "a", "2001-01-03").status == "blue"
    text = words(timeline, "a", "2001-01-03")
    assert (
        "No claim up to this day says so: what is believed comes from claims of later days, since places seldom change hands untold."
        in text
    )
    assert "1 claim says otherwise." in text


def test_sides_have_their_names() -> None:
    text = words(replayed(line(), claim("a", "holds", "blue", "2001-01-03", source="red_voice")), "a", "2001-01-04")
    assert "A: held by Blue" in text.replace("A on 4 January 2001", "A")
    assert "For Blue (1)" in text
    assert "A red voice (Red), stated, against the speaker's own side" in text
    assert SOURCES["red_voice"].side == "red"


SHARES: list[tuple[str, str, dict[str, Any], bool]] = [
    ("red", "share", {"value": 0.25, "bound": "at_least"}, False),
    ("red", "share", {"value": 0.4, "bound": "exact"}, False),
    ("red", "share", {"value": 0.4, "bound": "at_most"}, True),
    ("blue", "share", {"value": 0.4, "bound": "at_least"}, True),
    ("blue", "share", {"value": 0.6, "bound": "approx"}, True),
    ("blue", "share", {"value": 0.2, "bound": "exact"}, False),
    ("blue", "share", {"value": 0.2, "bound": "at_most"}, False),
    ("blue", "holds", {}, True),
    ("blue", "holds", {"quantifier": "part"}, False),
    ("blue", "takes", {"quantifier": "part"}, True),
    ("red", "loses", {}, True),
    ("red", "denies", {}, True),
    ("blue", "denies", {}, False),
]


@pytest.mark.parametrize(("side", "kind", "rest", "against"), SHARES)
def test_against_the_speakers_own_side_is_whom_it_favours_not(side: str, kind: str, rest: dict[str, Any], against: bool) -> None:
    made = claim("t", kind, side, "2001-01-02", source="red_voice", **rest)
    assert ledger(made).against_interest(made) is against


def test_what_would_be_believed_without_each_claim_is_told_where_it_moves_anything() -> None:
    made = claim("a", "takes", "red", "2001-01-05", note="Red takes A."), claim("a", "holds", "blue", "2001-01-01", source="press")
    timeline = replayed(line(), *made, policy="hmm")
    told = why(timeline, "a", "2001-01-06")
    assert "rests on" not in str(told)
    full = replace(told, rests_on=tuple(qsim.influence(line(), ledger(*made), "a", "2001-01-06")))
    text = " ".join(why_text(full, colour="none").split())
    assert "What it rests on most: without this one claim it would be 2001-01-05 The teller: Red takes A. Without it: Blue" in text
    weak = replace(told, rests_on=tuple(replace(each, moved=0.001) for each in full.rests_on))
    assert "It rests on no single claim: leaving out any one moves the belief by less than 1%." in " ".join(str(weak).split())


def test_what_a_claim_without_a_note_says_is_a_sentence_with_the_name_of_its_side() -> None:
    made = claim("a", "takes", "red", "2001-01-05"), claim("a", "holds", "blue", "2001-01-01", source="press")
    where, told = line(), ledger(*made)
    timeline = qsim.reconstruct(where, told, start="2001-01-01", end="2001-01-06", policy="last_claim")
    why = replace(
        qsim.why(timeline, "a", "2001-01-06"), rests_on=tuple(qsim.influence(where, told, "a", "2001-01-06", policy="last_claim"))
    )
    text = " ".join(why_text(why).split())
    assert "A taken by Red. Without it: Blue" in text
    assert "takes" not in text


def test_a_figure_without_a_note_is_told_with_its_number_its_side_and_its_place() -> None:
    made = claim("ab", "share", "red", "2001-01-03", value=0.3, bound="approx"), claim("a", "holds", "blue", "2001-01-01", source="press")
    where = replace(line(), groups=(Group("ab", "Both", ("a", "b")),))
    text = " ".join(why_text(why(replayed(where, *made, policy="last_claim"), "a", "2001-01-04"), colour="none").split())
    assert "Red about 30 % (Both)" in text
    assert "told of" not in text
