"""A scenario of one's own: written whole or not at all, sound, and ready to be drawn."""

import shlex
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


@pytest.mark.parametrize(
    "name", ["my valley (2)", ".hidden", "--", 'a "b"', "a\\b", "v\x1b[8m", "دوما", "x" * 150, "a'b;c=#d", "it.is-so_"]
)
def test_whatever_its_folder_is_called_a_new_scenario_is_sound(name: str, tmp_path: Path) -> None:
    assert qsim.check(qsim.new(tmp_path / name)) == []
    assert qsim.check(qsim.new(tmp_path / f"{name}2", map_of=tmp_path / name)) == []


def test_what_to_do_next_can_be_typed_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["new", "my valley"])
    assert "next: qsim check 'my valley'; qsim replay 'my valley';" in done.output
    assert CliRunner().invoke(app, ["check", *shlex.split("'my valley'")]).exit_code == 0


def test_so_it_is_of_tables_alone(tmp_path: Path) -> None:
    folder = qsim.new(tmp_path / "my valley (2)")
    for path in (folder / "scenario.toml", folder / "links.csv", folder / "groups.csv"):
        path.unlink()
    claims = folder / "claims.csv"
    claims.write_text(claims.read_text(encoding="utf-8").replace("report:", "The report, p. "), encoding="utf-8")
    assert [problem for problem in qsim.check(folder) if "name" in problem.what.split()] == []


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


@pytest.mark.parametrize("name", ["example", "qusayr", "kobani"])
def test_the_map_of_another_is_sound_without_its_claims(tmp_path: Path, name: str) -> None:
    folder = qsim.new(tmp_path / "second", map_of=name)
    (theatre, ledger), (map_, first) = qsim.load(folder), qsim.load(name)
    assert len(ledger) == 0
    assert ledger.sources == first.sources
    for what in ("places", "links", "groups", "sides", "start", "end", "frame", "documents"):
        assert getattr(theatre, what) == getattr(map_, what), what
    assert not {"coverage.csv", "README.md"} & {path.name for path in folder.iterdir()}
    assert [path.name for path in tmp_path.iterdir()] == ["second"]


def test_what_the_claims_alone_told_is_written_down(tmp_path: Path) -> None:
    """Days, sides and sources that were taken from claims are there when the claims are not."""
    lake = tmp_path / "lake"
    lake.mkdir()
    (lake / "places.csv").write_text("name,lat,lon\nAbel,46.5,8.25\nBrunn,46.25,8.5\n", encoding="utf-8")
    claims = 'place,what,who,day,source\nAbel,holds,North,1798-05-01,"Keller, a clerk"\nBrunn,holds,South,1798-05-09,Chronicle\n'
    (lake / "claims.csv").write_text(claims, encoding="utf-8")
    theatre, ledger = qsim.load(qsim.new(tmp_path / "second", map_of=lake))
    assert ([side.name for side in theatre.sides], str(theatre.start), str(theatre.end)) == (["North", "South"], "1798-05-01", "1798-05-09")
    assert [source.name for source in ledger.sources.values()] == ["Keller, a clerk", "Chronicle"]


def test_a_text_that_is_kept_apart_is_named_and_not_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, apart = qsim.new(tmp_path / "valley"), tmp_path / "apart"
    apart.mkdir()
    (folder / "documents" / "report.txt").rename(apart / "report.txt")
    settings = folder / "scenario.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("documents/report.txt", "../apart/report.txt"), encoding="utf-8")
    monkeypatch.setenv("QSIM_DOCUMENTS", str(apart))
    second = qsim.new(tmp_path / "second", map_of=folder)
    assert list(second.rglob("report.txt")) == []
    assert qsim.load(second)[0].documents == qsim.load(folder)[0].documents


def test_a_map_is_taken_of_a_sound_folder(tmp_path: Path) -> None:
    folder = qsim.new(tmp_path / "valley")
    (folder / "links.csv").write_text("a,b\nmossford,nowhere\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="unknown place 'nowhere'"):
        qsim.new(tmp_path / "second", map_of=folder)
    with pytest.raises(ScenarioError, match="not of a workbook"):
        qsim.new(tmp_path / "second.xlsx", map_of=folder)
    assert [path.name for path in tmp_path.iterdir()] == ["valley"]


def test_the_verb_says_what_comes_next(tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["new", str(tmp_path / "second"), "--map-of", "example"])
    assert (told.exit_code, "qsim agree example" in told.output) == (0, True)
