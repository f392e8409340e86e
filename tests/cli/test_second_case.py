"""The second case by the same verbs and a script that reads as history: three sides, a ring against a border, a document that is elsewhere."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qsim.cli.app import app
from qsim.record.scenario import scripts

WEEK = ("--from", "2014-10-05", "--to", "2014-10-08")
VERBS = {
    "check": ([], "kobani is sound"),
    "show": (["sides"], "Turkey"),
    "why": (["mistanour_hill", "2014-10-06"], "siege:30#1"),
    "conflicts": ([], "together more than the whole"),
    "casualties": ([], "civilians"),
    "metrics": ([*WEEK, "--runs", "20"], "2014-10-08"),
    "enclosure": ([*WEEK, "--runs", "20"], "siege:129#1"),
    "whatif": (["hold border_gate isil 2014-10-06/..", *WEEK, "--runs", "20"], "2014-10-08"),
    "simulate": (["2014-10-08", "--days", "3", "--runs", "20"], "Kurds and allies"),
    "render": (["day.png", "--day", "2014-10-08"], "wrote day.png"),
}


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_works_on_it(verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    options, expected = VERBS[verb]
    done = CliRunner().invoke(app, [verb, "kobani", *options])
    assert done.exit_code == 0, done.output
    assert expected in done.output


def test_its_story_is_told_from_the_villages_to_the_toll(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QSIM_QUICK", "1")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["run", "kobani_2014"])
    assert done.exit_code == 0, done.output
    for day, words in (("2014-10-05", "Mistanour hill"), ("2014-10-09", "at least 33 %"), ("2014-10-04", "civilians; Kobanî")):
        assert re.search(rf"{day}[^\n]*{words}|{words}[^\n]*{day}", done.output), (day, words)
    for name in ("kobani.gif", "player.html", "ring.png"):
        assert (tmp_path / "outputs" / "kobani_2014" / name).stat().st_size > 10_000


def test_its_script_is_short() -> None:
    assert len(scripts()["kobani_2014"].read_text(encoding="utf-8").splitlines()) <= 60
