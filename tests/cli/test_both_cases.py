"""Both cases by every verb, on a few days: what works on the battle that qsim was begun with works on the one that it was not."""

import os
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qsim.cli.app import VERBS, app
from qsim.record.scenario import DOCUMENTS, data_root

DAYS = {"qusayr": ("--from", "2013-05-28", "--to", "2013-05-30"), "kobani": ("--from", "2014-10-05", "--to", "2014-10-07")}
PLACE = {"qusayr": "dabaa_airbase", "kobani": "mistanour_hill"}
DAY = {"qusayr": "2013-05-29", "kobani": "2014-10-06"}
WITHOUT_A_CASE = {
    "list": "names the cases",
    "new": "makes one",
    "places": "asks a gazetteer",
    "warm": "compiles",
    "edit": "serves until it is stopped: tests/editing",
    "run": "takes a script: tests/cli/test_second_case.py, tests/record/test_example.py",
}


def asked(case: str) -> dict[str, tuple[list[str], str]]:
    """Return what each verb is asked of a case, `{copy}` standing for a copy of it, and words of its answer."""
    days, place, day = DAYS[case], PLACE[case], DAY[case]
    side = {"qusayr": "government", "kobani": "isil"}[case]
    return {
        "check": ([case], f"{case} is sound"),
        "show": ([case, "sides"], side),
        "replay": ([case, *days], f"qsim {days[1]}> q"),
        "why": ([case, place, day], {"qusayr": "003:186#4", "kobani": "siege:30#1"}[case]),
        "score": ([case, "--folds", "2"], "hmm"),
        "sensitivity": ([case, *days, "--only", "not_before"], "move no belief by a tenth"),
        "conflicts": ([case], "contradictions, by subject and then by day"),
        "casualties": ([case], "civilians"),
        "agree": ([case, "{copy}"], "found by both: 100%"),
        "metrics": ([case, *days, "--runs", "20"], day),
        "enclosure": ([case, *days, "--runs", "20"], "both"),
        "whatif": ([case, f"hold {place} {side} {day}/..", *days, "--runs", "20"], day),
        "simulate": ([case, day, "--days", "2", "--runs", "20"], "runs from what was known on"),
        "render": ([case, "day.png", "--day", day], f"wrote day.png: {day}"),
        "grid": ([case, place, "--rows", "2", "--columns", "2", "-o", "grid.geojson"], "grid.geojson"),
        "sectors": ([case, place, "--around", "points.csv", "-o", "sectors.geojson"], "sectors.geojson"),
        "import": (["claims", "claims.csv", "--into", "{copy}"], "1 claim added"),
        "export": ([case, "belief.csv", *days, "--policy", "last_claim"], "belief.csv"),
        "diff": ([case, "{copy}", *days, "--policy", "last_claim"], "0 "),
        "report": ([case, "--fill", "page.md"], "filled counts, toll of page.md"),
    }


@pytest.fixture
def copy(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of a case in a folder of its own, beside what the verbs read."""
    case = request.node.callspec.params["case"]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(DOCUMENTS, str(data_root() / "seeds"))
    os.symlink(data_root() / "seeds", tmp_path / "seeds")
    (tmp_path / "points.csv").write_text("name,lon,lat\nEast,{0},{1}\nWest,{2},{1}\n".format(*AROUND[case]), encoding="utf-8")
    marks = "".join(f"<!-- report: {name} -->\n<!-- end -->\n" for name in ("counts", "toll"))
    (tmp_path / "page.md").write_text(marks, encoding="utf-8")
    row = f"{PLACE[case]},contests,{DAY[case]},{NARRATION[case]},Fighting.\n"
    (tmp_path / "claims.csv").write_text(f"place,kind,start,source,note\n{row}", encoding="utf-8")
    return Path(shutil.copytree(data_root() / "scenarios" / case, tmp_path / "scenarios" / case))


AROUND = {"qusayr": (36.61, 34.56, 36.59), "kobani": (38.37, 36.87, 38.35)}
NARRATION = {"qusayr": "narration_2013", "kobani": "narration"}


def test_every_verb_is_asked_of_both_cases() -> None:
    assert {case: set(asked(case)) | set(WITHOUT_A_CASE) for case in DAYS} == {case: set(VERBS) for case in DAYS}


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb not in WITHOUT_A_CASE])
@pytest.mark.parametrize("case", DAYS)
def test_a_verb_answers(case: str, verb: str, copy: Path) -> None:
    words, expected = asked(case)[verb]
    done = CliRunner().invoke(app, [verb, *(word.format(copy=copy) for word in words)], input="q\n")
    assert done.exit_code == 0, done.output
    assert expected in done.output
