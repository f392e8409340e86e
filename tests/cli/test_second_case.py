"""The second case by a script that reads as history: three sides, a ring against a border, a document that is elsewhere."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qsim.cli.app import app


def test_its_story_is_told_from_the_villages_to_the_toll(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QSIM_QUICK", "1")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["run", "kobani_2014"])
    assert done.exit_code == 0, done.output
    for day, words in (("2014-10-05", "Mistanour hill"), ("2014-10-09", "at least 33 %"), ("2014-10-04", "civilians; Kobanî")):
        assert re.search(rf"{day}[^\n]*{words}|{words}[^\n]*{day}", done.output), (day, words)
    for name in ("kobani.gif", "player.html", "ring.png"):
        assert (tmp_path / "outputs" / "kobani_2014" / name).stat().st_size > 10_000
