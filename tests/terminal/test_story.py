"""What stories have in common: their days, events, claims, chapters and toll; and that the scripts repeat nothing of it."""

from collections import Counter
from itertools import pairwise

import pytest
from toys import claim, ledger, line, replayed

import qsim
from qsim.record.scenario import scripts
from qsim.terminal.story import chapters, days, events_told, quick, told, toll_told

TAKEN = claim("a", "takes", "red", "2001-01-03", note="Red has A.", cites=("x:1#1", "x:2#1"))


def test_a_script_that_is_tried_plays_fewer_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QSIM_QUICK", raising=False)
    assert (quick(), days("2001-01-01", "2001-02-01", tried=("2001-01-03", "2001-01-05"))) == (False, ("2001-01-01", "2001-02-01"))
    monkeypatch.setenv("QSIM_QUICK", "1")
    assert (quick(), days("2001-01-01", "2001-02-01", tried=("2001-01-03", "2001-01-05"))) == (True, ("2001-01-03", "2001-01-05"))


def test_a_claim_is_told_with_its_day_its_voice_and_where_it_stands() -> None:
    assert told(ledger(TAKEN), TAKEN) == f"2001-01-03  {ledger(TAKEN).source(TAKEN.source)}: Red has A. (x:1#1)"
    assert told(ledger(TAKEN), TAKEN, cites=2).endswith("(x:1#1, x:2#1)")


def test_events_are_told_by_day_and_of_a_city_alone_where_one_is_named() -> None:
    assert events_told(replayed(line(), TAKEN)).startswith("2001-01-03  A: unknown → Red")
    timeline = qsim.reconstruct(*qsim.load("example"), policy="last_claim")
    every, city = events_told(timeline), events_told(timeline, "Tarnby")
    assert 0 < len(city) < len(every)
    assert all(part in every for part in city.split("\n2091"))
    assert "Thornmere" in every
    assert "Thornmere" not in city


def test_chapters_are_those_of_the_days_that_are_played() -> None:
    timeline = replayed(line(), TAKEN)
    assert chapters(timeline, {"2000-12-31": "before", "2001-01-01": "first", "2001-01-10": "last", "2001-01-11": "after"}) == {
        "2001-01-01": "first",
        "2001-01-10": "last",
    }


def test_the_toll_is_of_civilians_and_people_of_no_side() -> None:
    theatre, record = qsim.load("example")
    text = toll_told(qsim.reconstruct(theatre, record, policy="last_claim"))
    assert "`qsim casualties example`" in text
    assert "civilians" in text
    assert not any(f"\n{side.name}\n" in text for side in theatre.sides)


def test_scripts_are_short_and_share_no_boilerplate() -> None:
    """Of two lines that follow each other in one script, no other has the same two, but for what every script begins with."""
    written = {name: path.read_text(encoding="utf-8").splitlines() for name, path in scripts().items()}
    assert {name: len(lines) for name, lines in written.items() if len(lines) > 60} == {}
    pairs = Counter(
        pair
        for lines in written.values()
        for pair in {(a.strip(), b.strip()) for a, b in pairwise(lines) if a.strip() and b.strip()}
        if not pair[0].startswith(("import ", "from ", "theatre, ledger"))
    )
    assert [pair for pair, times in pairs.items() if times > 1] == []
