"""Bars with the time left: they stand on the standard error alone, and what is made is the same with and without."""

from pathlib import Path

import pytest

import qsim
from qsim import page
from qsim.belief.events import events
from qsim.record import scenario
from qsim.record.progress import moving


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
    for module in ("belief.vote", "belief.last_claim", "belief.events"):
        monkeypatch.setattr(f"qsim.{module}.MANY", 0)
    monkeypatch.setattr("qsim.page.blobs._LONG", 0)
    monkeypatch.setattr("qsim.draw.render.MOST_DOTS", 0)
    assert qsim.load("example", progress=True) == (theatre, ledger)
    for policy, timeline in quiet.items():
        assert qsim.reconstruct(theatre, ledger, policy=policy, progress=True) == timeline
    timeline = quiet["last_claim"]
    assert events(timeline, progress=True) == events(timeline)
    assert page.document(timeline, progress=True) == page.document(timeline)
    files = [qsim.render(timeline, tmp_path / f"{shown}.png", progress=shown, size=(640, 400)) for shown in (True, False)]
    assert len({file.read_bytes() for file in files}) == 1
    assert capsys.readouterr().out == ""
