"""`qsim export` and `qsim diff` on the command line."""

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import qsim
from qsim.cli.app import app
from qsim.exchange.workbook import write_workbook

pytest.importorskip("openpyxl")


def run(*words: str | Path, code: int = 0) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == code, done.output
    return done.output


def test_diff_compares_scenarios_and_saved_releases(tmp_path: Path) -> None:
    theatre, ledger = qsim.load("example")
    one = ledger.without(ledger[3].id)
    write_workbook(theatre, one, tmp_path / "one.xlsx")
    for name, book in (("one", one), ("two", ledger)):
        qsim.reconstruct(theatre, book, policy="last_claim").save(tmp_path / f"{name}.qsim")
    saved = run("diff", tmp_path / "one.qsim", tmp_path / "two.qsim")
    assert f"1 added, 0 removed, 0 changed\n  + {ledger[3].id}" in saved
    assert f"({ledger[3].id})" in saved
    assert run("diff", tmp_path / "one.xlsx", tmp_path / "two.qsim") == saved  # the scenario by the policy of the saved one
    assert run("diff", tmp_path / "one.xlsx", "example", "--policy", "last_claim") == saved
    part = run("diff", tmp_path / "one.qsim", tmp_path / "two.qsim", "--to", "2091-03-02")
    assert "belief, 2091-03-01 to 2091-03-02" in part
    assert "--policy has no effect" in run("diff", tmp_path / "one.qsim", tmp_path / "two.qsim", "--policy", "vote", code=1)


def test_a_scenario_is_exported_as_a_workbook_without_days_or_a_policy(tmp_path: Path) -> None:
    assert "19 places" in run("export", "example", tmp_path / "a.xlsx")
    assert qsim.load(tmp_path / "a.xlsx") == qsim.load("example")
    for option in (("--from", "2091-03-02"), ("--policy", "vote")):
        assert "have no effect on it" in run("export", "example", tmp_path / "b.xlsx", *option, code=1)
    run("export", "example", tmp_path / "c.xlsx", "--told-by", "neutral")
    assert qsim.check(tmp_path / "c.xlsx") == []


def test_what_is_written_is_told_and_a_stream_stays_clean(tmp_path: Path) -> None:
    window = ("--from", "2091-03-01", "--to", "2091-03-03", "--policy", "last_claim", "--place", "tarnby_mill")
    assert "3 days, 2091-03-01 to 2091-03-03" in run("export", "example", tmp_path / "a.csv", *window)
    assert run("export", "example", "-", "--format", "csv", *window) == (tmp_path / "a.csv").read_text(encoding="utf-8")
    assert run("export", "example", "/dev/null", "--format", "csv", *window) == ""
    assert "names no format" in run("export", "example", tmp_path / "a.docx", code=1)
    assert "is a folder" in run("export", "example", "-", "--format", "zarr", *window[:-2], code=1)


def test_a_missing_library_is_told_before_anything_is_worked_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_: object, **__: object) -> None:
        raise AssertionError("worked out in vain")

    monkeypatch.setattr("qsim.cli.export.replayed", late)
    monkeypatch.setattr("qsim.cli.export.loaded", late)
    for module, name in (("openpyxl", "a.xlsx"), ("pyarrow", "a.parquet"), ("zarr", "a.zarr")):
        monkeypatch.setitem(sys.modules, module, None)
        assert f"needs {module}" in run("export", "example", tmp_path / name, code=1)


@pytest.mark.parametrize("suffix", ["graphml", "graph.json"])
def test_of_a_graph_the_one_day_is_told_that_it_holds(suffix: str, tmp_path: Path) -> None:
    out = tmp_path / f"a.{suffix}"
    for asked, day in (((), "2091-03-04"), (("--day", "2091-03-02"), "2091-03-02")):
        told = run("export", "example", out, "--policy", "last_claim", "--to", "2091-03-04", *asked)
        assert told.strip() == f"wrote {out}: {day}"
        assert day in out.read_text(encoding="utf-8")
