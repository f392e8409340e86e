import re
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qsim.record.ledger import SOURCE_KINDS
from qsim.record.settings import RELIABILITY, Model, ModelError


def test_what_an_informed_source_says_of_two_sides() -> None:
    model = Model()
    assert model.saying(2, taken=False) == pytest.approx(np.array([[0.70, 0.08, 0.22], [0.08, 0.70, 0.22], [0.15, 0.15, 0.70]]))
    assert model.saying(2, taken=True) == pytest.approx(np.array([[0.92, 0.02, 0.06], [0.02, 0.92, 0.06], [0.10, 0.10, 0.80]]))
    assert model.part_of(2, 1) == pytest.approx([0.10, 0.20, 0.70])


@given(st.integers(2, 6))
def test_every_row_is_a_distribution_for_any_number_of_sides(sides: int) -> None:
    model = Model()
    for matrix in (model.saying(sides, taken=False), model.saying(sides, taken=True)):
        assert matrix.sum(axis=1) == pytest.approx(1)
        assert (matrix >= 0).all()
    assert model.part_of(sides, 0).sum() == pytest.approx(1)


def test_every_kind_of_source_has_a_reliability() -> None:
    assert set(RELIABILITY) == set(SOURCE_KINDS)


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"stay": [0.9, 0.9, 0.9]}, "stay is .* expected 2 numbers from 0 to 1"),
        ({"cover_building": 2}, "cover_building is 2; expected a number from 0 to 1"),
        ({"rounds": 0}, "rounds is 0; expected a whole number from 1"),
        ({"coverbuilding": 1}, "unknown parameter 'coverbuilding'; did you mean 'cover_building'"),
        ({"reliability": {"pres": [0.5, 1]}}, "unknown kind 'pres'; did you mean 'press'"),
        ({"reliability": {"press": [1.5, 1]}}, "reliability of press"),
        ({"right_takes": 0.99, "wrong_takes": 0.9}, "right_takes and wrong_takes sum to more than 1"),
        ({"stay": [0.9, 0.9], "to_other": [0.05, 0.5]}, "sum to more than 1 on turning days"),
        ({"part_contested": 0.9}, "part_contested and part_held sum to more than 1"),
        ({"learn": "no"}, "learn is 'no'; expected true or false"),
        ({"quiet_days": 0}, "quiet_days is 0; expected a number above 0"),
    ],
)
def test_a_parameter_out_of_range_is_told(settings: dict[str, object], what: str) -> None:
    with pytest.raises(ModelError, match=what):
        Model.from_settings(settings)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(ModelError, match="the model has 2 problems"):
        Model(cover_building=-1, rounds=0)


def test_the_page_of_the_model_names_every_parameter_with_its_default() -> None:
    page = (Path(__file__).parents[2] / "docs" / "model.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:3]] for line in page.splitlines() if line.startswith("| `")]
    told: dict[str, str] = {}
    for names, defaults in rows:
        found, values = re.findall(r"`(\w+)`", names), defaults.split(", ")
        if found[0] in SOURCE_KINDS:
            continue  # the voices have a table of their own
        told |= {found[0]: defaults} if len(found) == 1 else dict(zip(found, values, strict=True))
    assert set(told) == {each.name for each in fields(Model)}
    for each in fields(Model):
        value = getattr(Model(), each.name)
        expected = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value).lower()
        assert each.name == "reliability" or told[each.name] == expected
