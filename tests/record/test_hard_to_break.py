"""Whatever stands in its files, a check tells; and what it calls sound loads, and answers what can be asked of a record."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

import qsim
from qsim.cli.app import app
from qsim.record.dates import parse_edtf
from qsim.record.ledger import Claim
from qsim.record.problems import problems_text


def test_a_fault_in_a_check_is_a_problem_and_the_others_are_told_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = qsim.new(tmp_path / "valley")
    (folder / "links.csv").write_text("a,b\nmossford,nowhere\n", encoding="utf-8")

    def failing(contents: object) -> None:
        raise KeyError("anything")

    monkeypatch.setattr("qsim.record.checks.CHECKS", (("places", failing), *qsim.record.checks.CHECKS))
    text = problems_text(qsim.check(folder))
    assert "which is a fault of qsim (KeyError: 'anything'); please report it" in text
    assert "unknown place 'nowhere'" in text


def test_a_claim_with_an_open_end_added_in_python_is_bounded_as_well(tmp_path: Path) -> None:
    theatre, ledger = qsim.load(qsim.new(tmp_path / "valley"))
    more = ledger.plus(Claim("a", "lowmead", "holds", parse_edtf("../2090-05-03"), "reporter", "south"))
    assert str(more.claims[-1].window.start) == "2090-05-01"
    qsim.reconstruct(theatre, more, policy="last_claim")


@pytest.mark.parametrize(
    "words",
    [
        ["why", "example", "tarnby", "2900-01-01"],
        ["why", "example", "tarnby", "9999-12-31"],
        ["casualties", "example", "--to", "9999-12-31"],
        ["conflicts", "example", "--from", "0001-01-01"],
        ["metrics", "example", "--to", "9013-05-01"],
        ["replay", "example", "--to", "9999-12-31"],
        ["simulate", "example", "9999-12-31"],
        ["simulate", "example", "2091-03-10", "--days", "4000000"],
    ],
)
def test_days_at_the_ends_of_the_calendar_are_refused_with_the_reason(words: list[str]) -> None:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)
    assert "DateError" in done.output or "RulesError" in done.output
