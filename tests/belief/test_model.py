import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qsim.record.ledger import SOURCE_KINDS
from qsim.record.settings import RELIABILITY, Model, ModelError


def test_the_matrices_for_two_sides() -> None:
    model = Model()
    quiet, busy, turning = model.transitions(2)
    assert quiet == pytest.approx(np.array([[0.992, 0.004, 0.004], [0.004, 0.992, 0.004], [0.05, 0.05, 0.90]]))
    assert busy == pytest.approx(np.array([[0.82, 0.05, 0.13], [0.05, 0.82, 0.13], [0.15, 0.15, 0.70]]))
    assert turning == pytest.approx(np.array([[0.55, 0.30, 0.15], [0.30, 0.55, 0.15], [0.30, 0.30, 0.40]]))
    assert model.saying(2, taken=False) == pytest.approx(np.array([[0.70, 0.08, 0.22], [0.08, 0.70, 0.22], [0.15, 0.15, 0.70]]))
    assert model.saying(2, taken=True) == pytest.approx(np.array([[0.92, 0.02, 0.06], [0.02, 0.92, 0.06], [0.10, 0.10, 0.80]]))
    assert model.bluff(2, 1) == pytest.approx([0.10, 0.72, 0.18])
    assert model.initial(2) == pytest.approx([0.5 * 25 / 26, 0.5 * 25 / 26, 1 / 26])


@given(st.integers(2, 6))
def test_every_row_is_a_distribution_for_any_number_of_sides(sides: int) -> None:
    model = Model()
    for matrix in (*model.transitions(sides), model.saying(sides, taken=False), model.saying(sides, taken=True)):
        assert matrix.sum(axis=1) == pytest.approx(1)
        assert (matrix >= 0).all()
    assert model.bluff(sides, 0).sum() == pytest.approx(1)
    assert model.bluff(sides, None) == pytest.approx(1 / (sides + 1))
    assert model.initial(sides) @ model.transitions(sides)[0] == pytest.approx(model.initial(sides))
    assert model.initial(sides).sum() == pytest.approx(1)
    assert np.diag(model.transitions(sides)[0])[:-1] == pytest.approx(0.992)


def test_every_kind_of_source_has_a_reliability() -> None:
    assert set(RELIABILITY) == set(SOURCE_KINDS)


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"stay": [0.9, 0.9]}, "stay is .* expected three numbers from 0 to 1"),
        ({"cover_part": 2}, "cover_part is 2; expected a number from 0 to 1"),
        ({"rounds": 0}, "rounds is 0; expected a whole number from 1"),
        ({"coverpart": 1}, "unknown parameter 'coverpart'; did you mean 'cover_part'"),
        ({"reliability": {"pres": [0.5, 1]}}, "unknown kind 'pres'; did you mean 'press'"),
        ({"reliability": {"press": [1.5, 1]}}, "reliability of press"),
        ({"right_takes": 0.99, "wrong_takes": 0.9}, "right_takes and wrong_takes sum to more than 1"),
        ({"stay": [0.9, 0.9, 0.9], "to_other": [0.05, 0.05, 0.5]}, "sum to more than 1 on turning days"),
        ({"bluff_own": 0.9}, "bluff_own and bluff_contested leave no chance"),
    ],
)
def test_a_parameter_out_of_range_is_told(settings: dict[str, object], what: str) -> None:
    with pytest.raises(ModelError, match=what):
        Model.from_settings(settings)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(ModelError, match="the model has 2 problems"):
        Model(cover_part=-1, rounds=0)
