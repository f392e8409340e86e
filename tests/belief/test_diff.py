"""What differs between two releases: the claims, and the days that moved, with the claim that moved them."""

from dataclasses import replace

import numpy as np
import pytest
import toys

from qsim.belief.diff import MOVED, diff
from qsim.belief.timeline import TimelineError

FIRST = toys.claim("b", "holds", "red", "2001-01-02", source="press", note="Red sits in b.")
LATER = toys.claim("b", "takes", "blue", "2001-01-05", note="Blue took b.")


def test_one_more_claim_lists_exactly_the_days_that_moved_with_it_as_cause() -> None:
    before, after = toys.replayed(toys.line(), FIRST), toys.replayed(toys.line(), FIRST, LATER)
    found = diff(before, after)
    assert (found.added, found.removed, found.changed) == ((LATER.id,), (), ())
    moved = np.abs(after.belief - before.belief).max(axis=-1) > MOVED
    told = sum((each.end - each.start).days + 1 for each in found.moved)
    assert told == moved.sum() > 0
    assert {each.causes for each in found.moved} == {(LATER.id,)}
    assert {each.towards for each in found.moved} == {"blue"}


def test_a_changed_field_is_named() -> None:
    before, after = toys.replayed(toys.line(), FIRST), toys.replayed(toys.line(), replace(FIRST, note="Otherwise."))
    assert diff(before, after).changed == ((FIRST.id, ("note",)),)
    assert diff(before, after).moved == ()
    assert "1 changed" in str(diff(before, after))


def test_other_days_cannot_be_compared() -> None:
    whole = toys.replayed(toys.line(), FIRST)
    with pytest.raises(TimelineError, match="differ in their days"):
        diff(whole, whole["2001-01-03":"2001-01-05"])
