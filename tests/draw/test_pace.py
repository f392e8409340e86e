"""How long frames stand: no large part of a film turns light and dark again more than three times a second."""

import warnings
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from qsim.draw.film.pace import FlashWarning, steady

BLACK, WHITE, GREY, DIM = range(4)
COLOURS = np.array([[0, 0, 0], [255, 255, 255], [128, 128, 128], [120, 120, 120]], dtype=np.uint8)


def sheet(colour: int, *, share: float = 1.0) -> NDArray[np.uint8]:
    """A picture of 400 x 400 pixels, of which a share, from the top, has a colour, the rest is black."""
    made = np.zeros((400, 400), dtype=np.uint8)
    made[: round(400 * share)] = colour
    return made


def shown(colours: list[int], held: int, **options: float) -> list[int]:
    """Return how long each frame stands."""
    return [ms for _, ms in steady([(sheet(colour, **options), held) for colour in colours], COLOURS)]


def turns(frames: Iterator[tuple[NDArray[np.uint8], int]]) -> list[int]:
    """Return the times at which the whole picture turns from black to white or back."""
    now, found = 0, []
    for (before, held), (after, _) in pairwise(frames):
        now += held
        if before[0, 0] != after[0, 0]:
            found.append(now)
    return found


def test_black_and_white_in_turns_ten_times_a_second_is_slowed_and_told() -> None:
    with pytest.warns(FlashWarning, match="longer than asked for"):
        held = shown([BLACK, WHITE] * 10, 100)
    assert sum(held) > 20 * 100
    assert min(held) == 100


@given(st.lists(st.tuples(st.sampled_from([BLACK, WHITE]), st.integers(20, 400)), min_size=1, max_size=40))
@settings(max_examples=60, deadline=None)
def test_no_second_has_more_than_six_turns_and_none_stands_shorter(told: list[tuple[int, int]]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FlashWarning)
        made = list(steady([(sheet(colour), held) for colour, held in told], COLOURS))
    assert all(held >= asked for (_, held), (_, asked) in zip(made, told, strict=True))
    at = turns(iter(made))
    assert all(later - earlier >= 1000 for earlier, later in zip(at, at[6:], strict=False))


@pytest.mark.parametrize(
    ("colours", "share"),
    [([BLACK, WHITE] * 3, 1.0), ([GREY, DIM] * 10, 1.0), ([BLACK, WHITE] * 10, 0.02), ([BLACK, GREY, WHITE, WHITE], 1.0)],
    ids=["three flashes", "hardly brighter", "a small part", "one way"],
)
def test_what_does_not_flash_is_as_fast_as_asked(colours: list[int], share: float) -> None:
    assert shown(colours, 50, share=share) == [50] * len(colours)
