"""Rules, their table and switches; interventions by the day; every error at once."""

import copy
import pickle
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from toys import claim, grid, ledger, line

from qsim.belief.timeline import Ensemble
from qsim.geography.reachability import shut_links
from qsim.record.dates import day_range
from qsim.simulation.interventions import (
    Cut,
    Hold,
    Intervention,
    Open,
    Reinforce,
    Take,
    read_intervention,
    reported_cuts,
    schedule,
    with_ids,
)
from qsim.simulation.rules import TERMS, Rules, RulesError

DAYS = day_range("2001-01-01", "2001-01-10")


def test_a_table_says_value_error_and_unit_of_each_parameter() -> None:
    text = Rules(tempo={"red": 0.04}, errors={"tempo red": 0.012}).table()
    assert "tempo red              0.0400   0.0120  per day and hostile neighbour" in text
    assert "defence hill           0.5000    fixed  factor" in text
    assert "pace" not in text
    assert "pace" in Rules().table()
    assert repr(Rules()).startswith("Rules(pace 0.02, resolve 0.15, storm 0.3")


@pytest.mark.parametrize(
    "each",
    [
        Rules(tempo={"red": 0.04}, errors={"tempo red": 0.012}),
        Hold("b", "red", "2001-01-02", "2001-01-04"),
        Take("b", "red", "2001-01-02"),
        Cut("b-c", by="red"),
        Open("b-c"),
        Reinforce("red", "all", 2.0),
        RulesError(["one", "two"]),
    ],
)
def test_rules_and_interventions_pickle_and_copy(each: object) -> None:
    for other in (pickle.loads(pickle.dumps(each)), copy.deepcopy(each), copy.copy(each)):
        assert type(other) is type(each)
        assert (str(other), repr(other)) == (str(each), repr(each))
        assert isinstance(each, Exception) or (other == each and hash(other) == hash(each))


def test_rules_hide_no_writable_dict() -> None:
    given = {"red": 0.04}
    rules = Rules(tempo=given)
    given["red"] = 1.0
    assert rules.tempo == {"red": 0.04}
    with pytest.raises(TypeError):
        rules.tempo["red"] = 1.0  # type: ignore[index]


def test_every_wrong_number_is_told_at_once() -> None:
    with pytest.raises(RulesError) as told:
        Rules(tempo={"red": -1.0}, storm=1.5, resolve=float("nan"), patience_days=-1, defence={"castle": 0.5})
    assert "5 problems" in str(told.value)
    for words in (
        "tempo red is -1.0",
        "storm is 1.5; expected a number from 0 to 1",
        "resolve is nan",
        "patience_days",
        "kind of defence 'castle'",
    ):
        assert words in str(told.value)


def test_terms_are_switched_off_by_name() -> None:
    rules = Rules(tempo={"red": 0.04, "blue": 0.01}, spill=0.1, unprovoked=0.1, surrender=0.2)
    bare = rules.without(*TERMS)
    assert (dict(bare.tempo), bare.pace, bare.starved, bare.yielding, bare.spill, bare.surrender) == (
        {"red": 0.0, "blue": 0.0},
        0.0,
        1.0,
        1.0,
        0.0,
        0.0,
    )
    assert rules.without("tempo").pace == pytest.approx(0.02)
    assert rules.without("pressure").tempo == {"red": 0.0, "blue": 0.0}
    with pytest.raises(RulesError, match="unknown term 'suply'; did you mean 'supply'"):
        rules.without("suply")


def test_interventions_last_from_their_first_day_to_the_eve_of_their_end() -> None:
    where = line()
    imposed = (
        Hold("all", "red", end="2001-01-02"),
        Take("c", "blue", "2001-01-05"),
        Reinforce("blue", "all", 2.0),
        Reinforce("blue", "c", 3.0),
    )
    plan = schedule(where, DAYS, imposed)
    c = where.index["c"]
    assert plan.forced[:, c].tolist() == [0, 0, -1, -1, 1, -1, -1, -1, -1, -1]
    assert plan.strength[0, 1].tolist() == [1, 2, 2, 6, 1]
    assert not plan.shut.any()
    assert plan.ledger is None


def test_the_later_intervention_stands() -> None:
    plan = schedule(line(), DAYS, (Cut("a-b"), Open("a-b", start="2001-01-04", end="2001-01-05")))
    assert plan.shut[:, 0, 1].tolist() == [True, True, True, False, False, True, True, True, True, True]


def test_metrics_see_the_links_that_the_simulation_saw() -> None:
    where = line()
    imposed = (Cut("a-b", start="2001-01-03", end="2001-01-05", by="red"), Cut("b-c", start="2001-01-05"))
    plan = schedule(where, DAYS, imposed)
    histories = Ensemble(where, plan.ledger, DAYS, np.zeros((1, len(DAYS), 5), dtype=np.int8))
    for s, side in enumerate(("red", "blue")):
        assert np.array_equal(shut_links(histories, side), plan.shut[:, s])


def test_a_city_and_a_group_stand_for_their_members() -> None:
    plan = schedule(grid(), DAYS, (Hold("t", "red"), Hold("north", "blue")))
    assert np.bincount(plan.forced[0] + 1).tolist() == [3, 6, 3]


def test_what_was_reported_cut_can_be_imposed() -> None:
    told = ledger(
        claim("a-b", "cuts", "blue", "2001-01-02"), claim("b-c", "cuts", "blue", "2001-01-02"), claim("b-c", "opens", None, "2001-01-04")
    )
    assert reported_cuts(line(), told, "2001-01-03") == (Cut("a-b", "2001-01-03", by="blue"), Cut("b-c", "2001-01-03", by="blue"))
    assert reported_cuts(line(), told, "2001-01-05") == (Cut("a-b", "2001-01-05", by="blue"),)


def test_wrong_interventions_are_told_at_once() -> None:
    wrong: list[Intervention] = [
        Hold("aa", "red"),
        Take("a", "green", "2001-01-02"),
        Cut("a-c"),
        Reinforce("red", "all", -2.0),
        Hold("b", "red", start="2002-01-01"),
        Take("b", "red", "2000-01-01"),
        Reinforce("contested", "a", 2.0),
    ]
    with pytest.raises(RulesError) as told:
        schedule(line(), DAYS, wrong)
    text = str(told.value)
    assert "7 problems" in text
    for words in (
        "unknown place 'aa'",
        "unknown side 'green'; expected one of red, blue, contested",
        "unknown link 'a-c'; did you mean",
        "the factor is -2.0; expected a positive number",
        "its days hold none of 2001-01-01 - 2001-01-10",
        "unknown side 'contested'; expected one of red, blue",
    ):
        assert words in text


def test_interventions_are_read_from_words() -> None:
    assert read_intervention("hold a red 2001-01-02/2001-01-04") == Hold("a", "red", date(2001, 1, 2), date(2001, 1, 4))
    assert read_intervention("take a red 2001-01-02") == Take("a", "red", date(2001, 1, 2))
    assert read_intervention("reinforce red all 2.5") == Reinforce("red", "all", 2.5)
    assert read_intervention("open a-b") == Open("a-b")
    for wrong in ("", "hold a", "take a red", "nuke a", "reinforce red all many", "cut a-b c-d", "open a-b 2001-02-30"):
        with pytest.raises(RulesError):
            read_intervention(wrong)


def test_names_of_several_words_need_no_quotation_marks_where_they_leave_no_doubt() -> None:
    """... in any quoting the same is read; a name that nobody knows is told whole, and days stay days."""
    there = line()
    theatre = replace(
        there,
        places=tuple(
            replace(place, name=name)
            for place, name in zip(there.places, ("R", "Old Town", "Old", "Town of the Red Army", "L"), strict=True)
        ),
        sides=tuple(replace(side, name=name) for side, name in zip(there.sides, ("Red Army", "Army"), strict=True)),
        links=tuple(
            replace(link, name=name) for link, name in zip(there.links, ("West", "Corn road", "Old Corn road", "East"), strict=True)
        ),
    )

    def read(text: str) -> Intervention:
        return with_ids(theatre, read_intervention(text, theatre))

    days = date(2001, 1, 2), date(2001, 1, 4)
    for words in ("hold Old Town Red Army", 'hold "Old Town" Red Army', "hold old town 'Red Army'", 'hold "Old Town" red'):
        assert read(f"{words} 2001-01-02/2001-01-04") == Hold(read(words).place, "red", *days)  # type: ignore[union-attr]
        assert theatre.place(read(words).place).id == "a"  # type: ignore[union-attr]
    assert read("hold Old Army") == Hold("Old", "blue")
    assert read("hold Town of the Red Army Army") == Hold("Town of the Red Army", "blue")
    assert (read("open Corn road"), read("cut old corn road 2001-01-02")) == (Open("a-b"), Cut("b-c", days[0], days[0]))
    assert read("reinforce Red Army Old Town 2.5") == Reinforce("red", "Old Town", 2.5)
    with pytest.raises(RulesError, match="unknown link 'Korn road'; did you mean 'Corn road'"):
        schedule(theatre, DAYS, [read("open Korn road")])
    with pytest.raises(RulesError, match="unknown place 'Odl Town'; did you mean 'Old Town'"):
        schedule(theatre, DAYS, [read("hold Odl Town Army")])
    with pytest.raises(RulesError, match='names of several words stand in quotation marks, such as .hold "Old Town" opposition'):
        read("hold Old Town the army of nobody")
