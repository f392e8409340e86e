"""What is told as a change, and what is not: somebody must say so, and it must be believed."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import SOURCES, claim, grid, ledger, line, replayed

import qsim
from qsim.belief.book import supports
from qsim.belief.estimate import Estimate
from qsim.belief.events import ANNOUNCED, events
from qsim.record.dates import Days, Window
from qsim.record.ledger import Claim, Ledger, Source
from qsim.record.scope import reach
from qsim.record.theatre import Theatre

CLAIMS = st.lists(
    st.builds(
        lambda place, kind, side, first, length, source: claim(
            place, kind, side, f"2001-01-{first:02}/2001-01-{first + length:02}", source=source
        ),
        st.sampled_from(["a", "b", "c", "all"]),
        st.sampled_from(["holds", "takes", "loses", "contests", "repulses", "withdraws", "denies"]),
        st.sampled_from(["red", "blue"]),
        st.integers(1, 10),
        st.integers(0, 6),
        st.sampled_from(["teller", "copyist", "press", "red_voice", "blue_voice"]),
    ),
    max_size=10,
    unique_by=lambda each: each.id,
)


def rises(*belief: float) -> qsim.Timeline:
    """Return a timeline of place a alone, believed red so much on each day, else blue, with claims that a test puts in its ledger."""
    return believed(ledger(), *belief)


def believed(book: Ledger, *belief: float) -> qsim.Timeline:
    """Return the timeline in which red is believed to have a with these probabilities, a day each, whatever the ledger says."""

    def policy(theatre: Theatre, ledger: Ledger, days: Days) -> Estimate:
        made = np.full((len(days), len(theatre.places), 3), 1 / 3)
        made[:, theatre.index["a"]] = [[p, 1 - p, 0] for p in belief]
        return Estimate(made)

    return qsim.reconstruct(
        line(), book, start="2001-01-01", end=np.datetime64("2000-12-31") + np.timedelta64(len(belief), "D"), policy=policy
    )


def told(timeline: qsim.Timeline) -> list[str]:
    return [f"{event.day.day} {event.text}" for event in events(timeline)]


@settings(deadline=None)
@given(CLAIMS, st.sampled_from(["hmm", "vote", "last_claim"]))
def test_every_change_is_believed_and_somebody_says_so(made: list[Claim], policy: str) -> None:
    timeline = replayed(line(), *made, policy=policy, days=20)
    for event in events(timeline):
        if event.claim is None:
            assert event.text.endswith("no longer confirmed") or ": disputed, " in event.text
            continue
        for place in event.places:
            p = line().index[place]
            assert p in reach(line(), event.claim)
            believed = timeline.belief[timeline.position(event.day), p]
            assert believed[list(supports(line(), event.claim))].max() > ANNOUNCED or event.day == event.claim.window.start


@settings(deadline=None)
@given(CLAIMS, st.sampled_from(["hmm", "vote", "last_claim"]))
def test_what_is_told_of_a_day_is_what_is_told_of_it_among_all(made: list[Claim], policy: str) -> None:
    timeline = replayed(line(), *made, policy=policy, days=20)
    everything = events(timeline)
    for moment in timeline.days.astype(object):
        assert events(timeline, moment) == [event for event in everything if event.day == moment]


def test_a_change_is_told_on_the_day_that_belief_in_it_passes() -> None:
    takes = claim("a", "takes", "red", "2001-01-02")
    assert told(believed(ledger(takes), 0.2, 0.55, 0.61, 0.9)) == ["3 A: Blue → Red, some day between 2 January and 3 January 2001"]
    assert told(believed(ledger(takes), 0.2, 0.7, 0.5, 0.9)) == ["2 A: Blue → Red"]
    assert told(believed(ledger(takes), 0.2, 0.55, 0.55, 0.6)) == ["2 A: Blue, no longer confirmed"]


def test_what_nobody_says_is_no_change_but_no_longer_confirmed() -> None:
    holds = claim("a", "holds", "blue", "2001-01-01")
    assert told(believed(ledger(holds), 0.2, 0.45, 0.55, 0.7)) == ["3 A: Blue, no longer confirmed"]
    denies = claim("a", "denies", "blue", "2001-01-03")
    assert told(believed(ledger(holds, denies), 0.2, 0.45, 0.55, 0.7)) == ["3 A: Blue, no longer confirmed"]
    assert told(believed(ledger(), 0.4, 0.5, 0.9)) == []


def test_what_rivals_report_within_three_days_and_neither_is_believed_is_disputed_with_both_sources() -> None:
    takes, holds = claim("a", "takes", "red", "2001-01-03", source="press"), claim("a", "holds", "blue", "2001-01-05", source="blue_voice")
    belief = 0.2, 0.2, 0.55, 0.55, 0.55
    (event,) = events(believed(ledger(takes, holds), *belief))
    assert (event.day, event.text) == (date(2001, 1, 3), "A: disputed, taken by Red or held by Blue")
    assert event.claim is None
    assert event.said_by == f"{SOURCES['press'].name}, 3 January 2001, and {SOURCES['blue_voice'].name}, 5 January 2001"
    denies = claim("a", "denies", "red", "2001-01-04", source="blue_voice")
    assert told(believed(ledger(takes, denies), *belief)) == ["3 A: disputed, taken by Red, which is denied"]


@pytest.mark.parametrize(
    "other",
    [
        claim("a", "holds", "blue", "2001-01-02", source="blue_voice"),  # before it was taken
        claim("a", "holds", "blue", "2001-01-07", source="blue_voice"),  # too late to speak of that day
        claim("a", "holds", "blue", "2001-01-01/..", source="blue_voice"),  # stands until further notice: no report of that day
        claim("b", "holds", "blue", "2001-01-03", source="blue_voice"),
        claim("a", "takes", "red", "2001-01-04", source="press"),
    ],
)
def test_nothing_is_disputed_where_nobody_confirms_it_of_that_day(other: Claim) -> None:
    takes = claim("a", "takes", "red", "2001-01-03", source="press")
    assert told(believed(ledger(takes, other), 0.2, 0.2, 0.55, 0.55, 0.55, 0.55, 0.55)) == ["3 A: Blue, no longer confirmed"]


def test_what_was_said_before_the_place_was_last_sure_is_no_news() -> None:
    early = claim("a", "takes", "red", "2001-01-01"), claim("a", "holds", "red", "2001-01-01/2001-01-06")
    assert told(believed(ledger(*early), 0.2, 0.2, 0.3, 0.7)) == ["4 A: Blue, no longer confirmed"]


def test_what_comes_back_after_a_lapse_is_told_as_it_is_now() -> None:
    again = claim("a", "holds", "red", "2001-01-04")
    assert told(believed(ledger(again), 0.9, 0.2, 0.2, 0.8)) == ["2 A: Red, no longer confirmed", "4 A: now Red"]


def test_an_event_is_told_on_its_own_day_where_belief_runs_ahead() -> None:
    assert told(believed(ledger(claim("a", "takes", "red", "2001-01-04")), 0.2, 0.5, 0.7, 0.9)) == ["4 A: Blue → Red"]
    first = claim("a", "holds", "red", "2001-01-03")
    assert told(believed(ledger(first), 0.5, 0.7, 0.8, 0.9)) == ["3 A: unknown → Red"]


def test_an_undated_fall_is_told_as_a_window() -> None:
    vague = claim("a", "takes", "red", "2001-01-02/2001-01-09")
    (event,) = events(believed(ledger(vague), 0.1, 0.3, 0.5, 0.5, 0.7, 0.8, 0.9, 0.9, 0.9))
    assert (event.day, event.window, event.claim) == (date(2001, 1, 5), vague.window, vague)
    assert event.text == "A: Blue → Red, some day between 2 and 9 January 2001".replace("2 and", "2 January and")
    later = claim("a", "holds", "red", "2001-01-06")
    (event,) = events(believed(ledger(later), 0.1, 0.3, 0.5, 0.7, 0.7, 0.8))
    assert (event.day, event.window) == (date(2001, 1, 4), Window(date(2001, 1, 3), date(2001, 1, 6)))


def test_the_best_attested_of_that_day_is_named_not_the_nearest_and_no_copy() -> None:
    day = "2001-01-03"
    made = [
        claim("a", "takes", "red", day, id="1", confidence="unconfirmed"),
        claim("a", "takes", "red", "2001-01-02/2001-01-03", id="2", confidence="confirmed", source="press"),
        claim("a", "takes", "red", day, id="3", confidence="stated", source="red_voice"),
        claim("a", "takes", "red", day, id="4", confidence="confirmed", source="copyist"),
    ]
    belief = 0.1, 0.4, 0.9

    def named(*book: Claim) -> str:
        (event,) = events(believed(ledger(*book), *belief))
        assert event.claim is not None
        return event.claim.id

    assert SOURCES["copyist"].origin is not None
    assert named(*made) == "2"
    assert named(made[0], made[2], made[3]) == "3"
    assert named(made[3]) == "4"


def test_among_equals_the_first_known_is_named() -> None:
    sources = {**SOURCES, "other": Source("other", "Another newspaper", "press")}
    one = claim("a", "takes", "red", "2001-01-02", id="b", source="press")
    late = claim("a", "takes", "red", "2001-01-02", id="a", source="other", reported="2001-01-08")
    (event,) = events(believed(Ledger(sources, (late, one)), 0.1, 0.9))
    assert event.claim == one


def test_a_mean_of_histories_tells_its_changes_without_a_voice() -> None:
    mean = replayed(line(), claim("a", "takes", "red", "2001-01-02")).most_likely().mean()
    assert [(event.text, event.claim, event.said_by) for event in events(mean)] == [("A: unknown → Red", None, "")]


def test_the_squares_of_a_city_are_told_as_counts() -> None:
    toy = replayed(grid(), claim("t", "holds", "red", "2001-01-01"), claim("t", "share", "blue", "2001-01-03", value=1 / 3, bound="exact"))
    assert [event.text for event in events(toy)] == ["T, 9 squares: Red 6 (was 9), Blue 3 (was 0)"]


def test_the_counts_of_a_city_are_those_of_the_map_also_where_belief_is_not_sure_enough_to_tell() -> None:
    def policy(theatre: Theatre, ledger: Ledger, days: Days) -> Estimate:
        made = np.full((len(days), len(theatre.places), 3), 1 / 3)
        red = {"a1": (0.1, 0.9, 0.9), "a2": (0.1, 0.55, 0.55), "a3": (0.1, 0.5, 0.9)}
        for part in theatre.parts["t"]:
            made[:, theatre.index[part]] = [[p, 1 - p, 0] for p in red.get(part, (0.1, 0.1, 0.1))]
        return Estimate(made)

    book = ledger(claim("t", "takes", "red", "2001-01-02", id="2"), claim("a3", "takes", "red", "2001-01-03", id="3"))
    timeline = qsim.reconstruct(grid(), book, start="2001-01-01", end="2001-01-03", policy=policy)
    assert told(timeline) == [
        "2 T, 9 squares: Red 2 (was 0), Blue 6 (was 9), undecided 1 (was 0)",
        "3 T, 9 squares: Red 3 (was 2), Blue 6, undecided 0 (was 1)",
    ]
    seen = timeline.at("2001-01-02")
    assert sorted(seen.status_of(part) for part in timeline.theatre.parts["t"]) == sorted(["red"] * 2 + ["blue"] * 6 + ["undecided"])


def test_the_counts_of_a_window_are_compared_with_its_eve() -> None:
    timeline = qsim.reconstruct(*qsim.load("kobani"))
    parts = list(timeline.theatre.members("kobani"))
    compared = [(event, event.window.start) for event in events(timeline) if event.window and "14 quarters" in event.text]
    assert compared
    for event, since in compared:
        now = timeline.status[timeline.position(event.day)][parts]
        eve = timeline.status[min(timeline.position(event.day), (since - timeline.start).days) - 1][parts]
        for code, side in enumerate(timeline.theatre.sides):
            here, there = (now == code).sum(), (eve == code).sum()
            assert not here + there or (f"{side.name} {here} (was {there})" if here != there else f"{side.name} {here}") in event.text


def test_an_event_of_one_claim_names_the_places_and_the_voice() -> None:
    toy = replayed(line(), claim("all", "takes", "red", "2001-01-02", source="press", cites=("004:9", "003:2")))
    assert str(events(toy)[0]) == "A, B, C: unknown → Red (A newspaper; 004:9, 003:2)"


@settings(deadline=None)
@given(CLAIMS)
def test_the_events_of_a_day_are_those_of_all_days(made: list[Claim]) -> None:
    timeline = replayed(line(), *made, days=12)
    assert [event for day in timeline.days for event in events(timeline, day)] == sorted(events(timeline), key=lambda event: event.day)


@pytest.mark.parametrize(
    ("kind", "rest", "expected"),
    [
        ("takes", {}, {"red"}),
        ("loses", {}, {"blue", "contested"}),
        ("withdraws", {}, {"blue", "contested"}),
        ("denies", {}, set()),
        ("holds", {"quantifier": "part"}, {"red", "contested"}),
        ("share", {"value": 0.6, "bound": "exact"}, {"red", "blue", "contested"}),
        ("share", {"value": 0.6, "bound": "at_least"}, {"red"}),
        ("share", {"value": 0.6, "bound": "at_most"}, {"blue", "contested"}),
        ("share", {"value": 1.0, "bound": "exact"}, {"red"}),
    ],
)
def test_what_a_claim_says_a_place_may_have_become(kind: str, rest: dict[str, Any], expected: set[str]) -> None:
    where = line()
    assert {where.statuses[code] for code in supports(where, claim("a", kind, "red", "2001-01-02", **rest))} == expected


def test_of_a_building_only_what_names_it_is_told_and_of_a_village_no_part_of_a_group() -> None:
    theatre, ledger = qsim.load("qusayr")
    pincer = events(qsim.reconstruct(theatre, ledger, start="2013-04-04", end="2013-06-08"))
    buildings = [(place, event) for event in pincer for place in event.places if theatre.place(place).within]
    assert buildings
    assert all(event.claim is not None and event.claim.place == place for place, event in buildings)
    villages = [e for e in pincer if e.claim and e.claim.quantifier == "part" and theatre.place(e.places[0]).parent is None]
    assert all(len(theatre.members(event.claim.place)) == 1 for event in villages if event.claim)


def test_a_report_that_was_overtaken_explains_no_later_change() -> None:
    """Haret al-Turkumen was fought for on 27 May: that most villages fell a month before does not explain its fall."""
    theatre, ledger = qsim.load("qusayr")
    told = events(qsim.reconstruct(theatre, ledger, start="2013-04-04", end="2013-06-08"))
    lost = [e for e in told if "haret_al_turkumen" in e.places and e.text.split(": ")[-1].startswith(("unknown → Gov", "Opposition → Gov"))]
    assert not [event for event in lost if event.claim and event.claim.window.end.isoformat() < "2013-05-27"]


def test_a_change_from_what_nobody_was_sure_of_is_told_from_what_the_map_showed() -> None:
    book = ledger(claim("a", "takes", "red", "2001-01-02"))
    (told,) = events(believed(book, 0.48, 0.9))
    assert told.text == "A: Blue → Red"
    (told,) = events(believed(book, 0.5, 0.9))
    assert told.text == "A: unknown → Red"
