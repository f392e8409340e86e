"""Bars with the time left: they stand on the standard error alone, and what is made is the same with and without."""

from pathlib import Path

import pytest

import qsim
from qsim import page
from qsim.belief.defaults import defaults, tries
from qsim.belief.events import events
from qsim.belief.influence import influence
from qsim.belief.sensitivity import sensitivity
from qsim.belief.verdict import steps, verdict
from qsim.record import scenario
from qsim.record.conflicts_text import conflicts_text
from qsim.record.progress import moving
from qsim.terminal.text import progress


def test_what_has_come_so_far_is_told_on_the_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    for shown in (True, False):
        with moving("reading", shown=shown) as moved:
            moved(0.5)
            moved(1.0)
    assert capsys.readouterr().out == ""


def test_what_is_made_is_the_same_with_a_bar(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    theatre, ledger = qsim.load("example")
    quiet = {policy: qsim.reconstruct(theatre, ledger, policy=policy) for policy in ("vote", "last_claim", "hmm")}
    monkeypatch.setattr(scenario, "_LARGE", 0)
    for module in ("belief.vote", "belief.last_claim", "belief.events", "page.claims", "record.conflicts"):
        monkeypatch.setattr(f"qsim.{module}.MANY", 0)
    monkeypatch.setattr("qsim.page.blobs._LONG", 0)
    monkeypatch.setattr("qsim.draw.render.MOST_DOTS", 0)
    monkeypatch.setattr("qsim.record.conflicts_text._MANY", 0)
    assert qsim.load("example", progress=True) == (theatre, ledger)
    for policy, timeline in quiet.items():
        assert qsim.reconstruct(theatre, ledger, policy=policy, progress=True) == timeline
    found = qsim.conflicts(theatre, ledger)
    assert qsim.conflicts(theatre, ledger, progress=True) == found
    assert conflicts_text(theatre, ledger, found, progress=True) == conflicts_text(theatre, ledger, found)
    timeline = quiet["last_claim"]
    assert events(timeline, progress=True) == events(timeline)
    assert page.document(timeline, progress=True) == page.document(timeline)
    files = [qsim.render(timeline, tmp_path / f"{shown}.png", progress=shown, size=(640, 400)) for shown in (True, False)]
    assert len({file.read_bytes() for file in files}) == 1
    assert capsys.readouterr().out == ""


def test_steps_are_counted_before_they_are_taken() -> None:
    theatre, ledger = qsim.load("example")
    told: list[str] = []
    policies = {"vote": "vote", "last_claim": "last_claim"}
    verdict(theatre, ledger, policies=policies, folds=3, progress=told.append)
    assert len(told) == steps(ledger, policies=2, folds=3)
    told.clear()
    defaults(theatre, ledger, only=["not_before", "learn"], progress=told.append)
    assert len(told) == tries(theatre, ["not_before", "learn", "no parameter"]) > 0
    told.clear()
    sensitivity(theatre, ledger, policies=["vote", "last_claim"], progress=told.append)
    assert told == ["vote", "last_claim"]
    shares: list[float] = []
    influence(theatre, ledger, "tarnby_ne", "2091-03-11", policy="vote", moved=shares.append)
    assert shares == sorted(shares)
    assert 0 < shares[0] < shares[-1] < 1


def test_steps_stand_as_a_bar_on_a_terminal_alone(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for on_terminal in (False, True):
        if on_terminal:
            monkeypatch.setenv("TTY_COMPATIBLE", "1")
            monkeypatch.setenv("TERM", "xterm")
        with progress("asking", 2) as told:
            told("the first")
            told("the second")
        shown = capsys.readouterr()
        assert shown.out == ""
        assert ("asking: the second" in shown.err) == on_terminal
