"""A scenario of one's own: written whole or not at all, sound, and ready to be drawn."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

import qsim
from qsim.cli.app import app
from qsim.record.scenario import ScenarioError


def test_a_new_scenario_is_sound_and_takes_its_folders_name(tmp_path: Path) -> None:
    folder = qsim.new(tmp_path / "deep" / "valley")
    assert qsim.check(folder) == []
    theatre, ledger = qsim.load(folder)
    assert (theatre.name, len(theatre.places), len(theatre.sides)) == ("valley", 5, 2)
    assert 5 <= len(ledger) <= 10
    assert [path.name for path in folder.parent.iterdir()] == ["valley"]


def test_it_can_be_replayed_and_drawn(tmp_path: Path) -> None:
    theatre, ledger = qsim.load(qsim.new(tmp_path / "valley"))
    timeline = qsim.reconstruct(theatre, ledger, policy="last_claim")
    assert timeline.at("2090-05-02").most_likely("mossford") == "south"
    assert timeline.at(theatre.end or "").most_likely("mossford") == "north"
    assert qsim.render(timeline, tmp_path / "map.png").stat().st_size > 0


def test_it_shows_a_denial_and_a_copy(tmp_path: Path) -> None:
    theatre, ledger = qsim.load(qsim.new(tmp_path / "valley"))
    assert "denied" in qsim.conflicts(theatre, ledger)[0].reason
    assert any(source.origin for source in ledger.sources.values())


def test_every_file_is_explained(tmp_path: Path) -> None:
    folder = qsim.new(tmp_path / "valley")
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert all(path.name in readme for path in folder.iterdir() if path.name not in ("README.md", "documents"))
    assert (folder / "scenario.toml").read_text(encoding="utf-8").count("#") > 5


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_nothing_is_overwritten(tmp_path: Path, kind: str) -> None:
    taken = tmp_path / "taken"
    if kind == "link":
        taken.symlink_to(tmp_path / "gone")
    else:
        (taken.touch if kind == "file" else taken.mkdir)()
    with pytest.raises(ScenarioError, match="exists already"):
        qsim.new(taken)
    assert list(tmp_path.iterdir()) == [taken]


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(ScenarioError, match="cannot be written"):
        qsim.new(tmp_path / "file" / "valley")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_command_says_what_next_and_refuses_the_second_time(tmp_path: Path) -> None:
    run = CliRunner().invoke
    first = run(app, ["new", str(tmp_path / "valley")])
    assert first.exit_code == 0
    assert "next: qsim check" in first.output
    assert run(app, ["check", str(tmp_path / "valley")]).exit_code == 0
    again = run(app, ["new", str(tmp_path / "valley")])
    assert again.exit_code == 1
    assert "exists already" in again.output
