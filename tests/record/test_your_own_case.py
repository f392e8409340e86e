"""The page that leads from a blank sheet to a map: its files and commands are written and run as they stand there."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

import qsim
from qsim.cli.app import app
from qsim.record.schema import describe, describe_kinds
from qsim.record.words import OUTCOMES

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```(?P<kind>\w+)(?: (?P<file>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_page_works_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("lake").mkdir()
    for block in BLOCK.finditer((DOCS / "your-own-case.md").read_text(encoding="utf-8")):
        if block["file"]:
            Path(block["file"]).write_text(block["text"], encoding="utf-8")
            continue
        for line in block["text"].splitlines():
            if line.startswith("qsim edit"):  # a page for people: tests/editing opens it
                continue
            done = CliRunner().invoke(app, shlex.split(line)[1:])
            assert done.exit_code == 0, f"{line}\n{done.output}"
    theatre, ledger = qsim.load("lake")
    assert [side.name for side in theatre.sides] == ["Town league", "Hill men", "Expedition"]
    assert len(theatre.parts["altmark"]) == 12
    assert Path("lake.gif").stat().st_size > 0
    assert "The lake, spring 1798" in Path("lake.html").read_text(encoding="utf-8")
    last = qsim.reconstruct(theatre, ledger, policy="last_claim").at("1798-05-06")
    assert {last.most_likely(part) for part in theatre.parts["altmark"]} == {"expedition"}


def test_the_table_of_the_format_is_that_of_the_schema() -> None:
    assert describe() in (DOCS / "format.md").read_text(encoding="utf-8")


def test_the_meaning_of_every_kind_is_on_the_page() -> None:
    page = (DOCS / "format.md").read_text(encoding="utf-8")
    assert describe_kinds() in page
    assert all(outcome in page for outcome in OUTCOMES)
