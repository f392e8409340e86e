"""A scenario is data: it reads no file but its own, runs nothing, and writes nothing to a terminal but words."""

from pathlib import Path

import pytest

import qsim
from qsim.record.scenario import DOCUMENTS, check


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return qsim.new(tmp_path / "scenarios" / "mine")


def told(folder: Path) -> str:
    return "\n".join(map(str, check(folder)))


def with_document(folder: Path, file: str) -> str:
    settings = folder / "scenario.toml"
    settings.write_text(settings.read_text().replace('file = "documents/report.txt"', f'file = "{file}"'))
    return told(folder)


def test_a_document_lies_below_its_folder_or_in_a_declared_root(mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = (mine / "documents" / "report.txt").read_text()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "report.txt").write_text(report)
    assert "lies outside the scenario's folder" in with_document(mine, "../../elsewhere/report.txt")
    monkeypatch.setenv(DOCUMENTS, str(tmp_path / "elsewhere"))
    assert told(mine) == ""


def test_the_seeds_beside_the_scenarios_are_read(mine: Path, tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "report.txt").write_text((mine / "documents" / "report.txt").read_text())
    assert with_document(mine, "../../seeds/report.txt") == ""


@pytest.mark.parametrize("file", ["/etc/passwd", "../../../../../../etc/passwd", "/dev/zero"])
def test_no_path_leads_out(mine: Path, file: str) -> None:
    assert "lies outside the scenario's folder" in with_document(mine, file)


def test_a_link_out_of_the_folder_is_no_way_round(mine: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    link = mine / "documents" / "report.txt"
    link.unlink()
    try:
        link.symlink_to(tmp_path / "secret.txt")
    except OSError:
        pytest.skip("no links on this system")
    assert "lies outside the scenario's folder" in told(mine)


@pytest.mark.parametrize("sign", ["\x1b", "\x07", "\x9b", "\u202e", "\u2066"])
def test_signs_that_move_a_terminal_or_hide_words_are_refused_by_name(mine: Path, sign: str) -> None:
    claims = mine / "claims.csv"
    claims.write_text(
        claims.read_text().replace("The South has the valley floor", f"The South{sign} has the valley floor"), encoding="utf-8"
    )
    assert f"U+{ord(sign):04X}" in told(mine)
    assert sign not in told(mine)


@pytest.mark.parametrize("sign", ["\u200b", "\ufeff", "\u2060"])
def test_signs_without_width_are_dropped(mine: Path, sign: str) -> None:
    claims = mine / "claims.csv"
    claims.write_text(
        claims.read_text().replace("The South has the valley floor", f"The South{sign} has the valley floor"), encoding="utf-8"
    )
    assert told(mine) == ""
    assert not any(sign in claim.note for claim in qsim.load(mine)[1])


def test_names_may_be_joined_as_their_script_joins_them(mine: Path) -> None:
    claims = mine / "claims.csv"
    claims.write_text(claims.read_text().replace("The South has", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 has"), encoding="utf-8")
    assert told(mine) == ""
