"""What differs between two releases: the claims, and the days that moved, with the claim that moved them."""

from dataclasses import replace

import numpy as np
import pytest
import toys

import qsim
from qsim.belief.diff import MOVED, claims_between, diff
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


def test_days_that_only_one_has_are_left_out() -> None:
    before, after = toys.replayed(toys.line(), FIRST), toys.replayed(toys.line(), FIRST, LATER)
    found = diff(before["2001-01-03":"2001-01-06"], after["2001-01-05":])
    assert (str(found.window.start), str(found.window.end)) == ("2001-01-05", "2001-01-06")
    assert [(each.place, str(each.start), str(each.end)) for each in found.moved] == [("b", "2001-01-05", "2001-01-06")]
    with pytest.raises(TimelineError, match="no day is of both"):
        diff(before[:"2001-01-03"], after["2001-01-05":])


def test_other_sides_cannot_be_compared() -> None:
    two, three = toys.line(), toys.theatre({"b": (0.0, 0.0)}, [], green=())
    with pytest.raises(TimelineError, match="differ in their sides.*red, blue, contested and red, blue, green, contested"):
        diff(toys.replayed(two, FIRST), toys.replayed(three, FIRST))


def test_the_least_change_asked_for_is_the_one_that_is_told() -> None:
    before, after = toys.replayed(toys.line(), FIRST), toys.replayed(toys.line(), FIRST, LATER)
    most = float(np.abs(after.belief - before.belief).max())
    assert diff(before, after, moved=most + 1e-9).moved == ()
    assert "moved by more than 0.2" in str(diff(before, after, moved=0.2))


@pytest.mark.parametrize("name", ["example", "kobani"])
def test_one_more_claim_of_a_record_is_the_cause_of_every_day_that_moved(name: str) -> None:
    """Elsewhere too: a source that is believed more or less moves what else it said."""
    theatre, ledger = qsim.load(name)
    before = qsim.reconstruct(theatre, ledger)
    held = next(i for i, code in enumerate(before.status[len(before) // 2]) if code == 0 and theatre.places[i].id not in theatre.parts)
    more = qsim.Claim(
        "one-more", theatre.places[held].id, "takes", before.days[len(before) // 2].astype(object), ledger[0].source, theatre.sides[1].id
    )
    after = qsim.reconstruct(theatre, ledger.plus(more))
    found = diff(before, after)
    moved = np.abs(after.belief - before.belief).max(axis=-1) > MOVED
    told = {
        (theatre.index[each.place], d) for each in found.moved for d in range(before.position(each.start), before.position(each.end) + 1)
    }
    assert told == {(int(i), int(d)) for d, i in zip(*np.nonzero(moved), strict=True)} != set()
    assert {each.causes for each in found.moved} == {("one-more",)}
    assert found.added == ("one-more",)


def test_ledgers_are_compared_without_a_belief() -> None:
    _, ledger = qsim.load("example")
    first, second = ledger[0], ledger[1]
    other = ledger.without(first.id).replace(second.id, note="Otherwise.")
    assert claims_between(ledger, other) == ((), (first.id,), ((second.id, ("note",)),))


def test_what_moved_is_told_by_names_and_not_by_ids() -> None:
    named = {"a": "Alpha", "b": "Beta", "c": "Gamma"}
    theatre = toys.line()
    theatre = replace(
        theatre,
        places=tuple(replace(place, name=named.get(place.id, place.name)) for place in theatre.places),
        sides=tuple(replace(side, name=f"The {side.id} league") for side in theatre.sides),
    )
    found = diff(toys.replayed(theatre, FIRST), toys.replayed(theatre, FIRST, LATER))
    lines = [line for line in str(found).splitlines() if "up to" in line]
    assert lines
    assert all(line.startswith("  Beta, ") and " The blue league (" in line for line in lines)
    assert {(each.place, each.towards) for each in found.moved} == {("b", "blue")}
