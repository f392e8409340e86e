"""What scores come to: tables, and a warning where the default is not worth its trouble. It must work on any ledger."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from toys import SOURCES, claim, ledger, line, theatre

from qsim.belief.baselines import flat
from qsim.belief.timeline import TimelineError
from qsim.belief.verdict import conclusions, report, verdict
from qsim.record.ledger import Claim, Ledger, Source

PLACES = [f"p{n}" for n in range(12)]
FEW: dict[str, Any] = {"hmm": "hmm", "last_claim": "last_claim", "flat guess": flat}


def country() -> Any:
    return theatre({id: (0.1 * n, 0.0) for n, id in enumerate(PLACES)}, [f"{a}-{b}" for a, b in pairwise(PLACES)])


def agreed() -> list[Claim]:
    """Return what two voices say of twelve places, twice each and alike."""
    return [
        claim(place, "holds", "red" if n < 6 else "blue", f"2001-01-{day:02}", source=source)
        for n, place in enumerate(PLACES)
        for day in (2, 9)
        for source in ("teller", "press")
    ]


def test_the_default_is_named_where_it_beats_what_knows_nothing_and_warned_of_where_it_does_not() -> None:
    told = verdict(country(), ledger(*agreed()), policies={"hmm": "hmm", "flat guess": flat}, folds=3)
    assert "flat guess" not in " ".join(told.warnings()[:1]) or "quiet" in told.warnings()[0]
    turned = verdict(country(), ledger(*agreed()), policies={"flat guess": flat, "last_claim": "last_claim"}, folds=3)
    assert turned.best() == "last_claim"
    assert "On claims, flat guess foretells worse than last_claim." in turned.warnings()
    assert any("last_claim foretells best on this ledger" in each for each in conclusions(turned))
    alike = verdict(country(), ledger(*agreed()), policies={"vote": "vote", "again": "vote"}, folds=3)
    assert "On claims, vote is not shown to foretell better than again." in alike.warnings()


def test_the_report_has_every_question_with_intervals_and_levels() -> None:
    text = report(verdict(country(), ledger(*agreed()), policies=FEW, folds=3))
    assert "Left out: claims (48, about 12 places)" in text
    assert "Left out: claims of quiet days (48, about 12 places)" in text
    assert "Left out: whole sources (48, about 12 places)" in text
    assert "> 0.85" in text
    assert text.count("| hmm |") == 5
    rows = [line.count("|") for line in text.splitlines() if line.startswith("|")]
    assert set(rows) == {6, 7}


def test_a_ledger_of_one_source_is_scored_and_says_what_cannot_be_asked() -> None:
    text = report(verdict(line(), ledger(claim("a", "holds", "red", "2001-01-01"), claim("a", "holds", "red", "2001-01-04")), policies=FEW))
    assert "One source says everything" in text
    assert "There are no claims of days of change to foretell." in text
    assert "nan" not in text
    neutral = [claim("a", "holds", "red", "2001-01-01"), claim("b", "holds", "red", "2001-01-04", source="press")]
    assert "All voices belong to one side, or to none" in report(verdict(line(), ledger(*neutral), policies=FEW))


def test_three_sides_are_scored() -> None:
    where = theatre({"a": (0.0, 0.0), "b": (0.1, 0.0), "c": (0.2, 0.0)}, ["a-b", "b-c"], green=())
    sources = {**SOURCES, "green_voice": Source("green_voice", "A green voice", "militia", side="green")}
    made = [
        replace(claim(place, "takes", side, f"2001-01-{day:02}"), source=f"{side}_voice", id=f"{place}{day}")
        for day, (place, side) in enumerate((("a", "red"), ("b", "blue"), ("c", "green"), ("a", "green"), ("b", "red"), ("c", "blue")), 1)
    ]
    text = report(verdict(where, Ledger(sources, tuple(made)), policies=FEW, folds=2))
    assert "a whole side, or all neutral voices (6, about 3 places)" in text


def test_nothing_to_foretell_and_no_policy_are_told() -> None:
    for made in ([], [claim("a", "bombards", "red", "2001-01-01")], [claim("all", "contests", None, "2001-01-01")]):
        with pytest.raises(TimelineError, match="no claim to predict: none says of one place"):
            verdict(line(), ledger(*made), policies=FEW)
    with pytest.raises(TimelineError, match="no policy to score"):
        verdict(line(), ledger(*agreed()[:1]), policies={})
