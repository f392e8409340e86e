"""What leans on the defaults of the model: each halved and doubled."""

from dataclasses import fields

import pytest
from toys import claim, grid, ledger, line

from qsim.belief.defaults import changes, defaults, effects_text
from qsim.record.settings import Model, ModelError

MADE = [
    claim("a", "takes", "red", "2001-01-03"),
    claim("a", "holds", "blue", "2001-01-05", source="blue_voice"),
    claim("all", "holds", "blue", "2001-01-08", source="press"),
    claim("b", "contests", None, "2001-01-09", source="press"),
]


def test_every_number_of_the_model_is_halved_and_doubled() -> None:
    names = [each.name for each in fields(Model)]
    seen = {parameter.split(" ")[0] for parameter, *_ in changes(Model(), names)}
    assert seen == {each.name for each in fields(Model) if not isinstance(getattr(Model(), each.name), bool)}
    for parameter, how, was, became, changed in changes(Model(), names):
        assert was != became, (parameter, how)
        assert isinstance(changed, Model) or changed
        assert changed != Model()


def test_a_chance_changes_in_its_odds_and_a_count_stays_whole() -> None:
    found = {(parameter, how): became for parameter, how, _, became, _ in changes(Model(), ["not_before", "rounds"])}
    assert found["not_before", "halved"] == "0.818"
    assert found["not_before", "doubled"] == "0.947"
    assert found["rounds", "doubled"] == str(2 * Model().rounds)


def test_what_matters_comes_first_and_is_told_in_words() -> None:
    found = defaults(line(), ledger(*MADE), start="2001-01-01", end="2001-01-12", only=["right_takes", "reliability", "enclosure_hazard"])
    assert [each.moved for each in found] == sorted((each.moved for each in found), reverse=True)
    ring = [each for each in found if each.parameter == "enclosure_hazard"]
    assert len(ring) == 2
    assert all(each.moved == 0 and not each.otherwise for each in ring)  # of rings, not of places
    assert max(each.moved for each in found) > 0
    text = effects_text(line(), found)
    assert "of 8 changes leave every place what it is on the last day" in text or "of 6 changes" in text


def test_what_cannot_be_is_told_and_an_unknown_parameter_refused() -> None:
    found = defaults(grid(), ledger(claim("a1", "takes", "red", "2001-01-03")), start="2001-01-01", end="2001-01-05", only=["stay"])
    assert all(each.problem == "" or "more than 1" in each.problem for each in found)
    with pytest.raises(ModelError, match="unknown parameter 'rigth_takes'; did you mean 'right_takes'"):
        defaults(line(), ledger(*MADE), only=["rigth_takes"])


def test_a_ledger_without_claims_leans_on_nothing() -> None:
    found = defaults(line(), ledger(), start="2001-01-01", end="2001-01-05", only=["right_takes"])
    assert all(each.moved == 0 and not each.otherwise for each in found)
