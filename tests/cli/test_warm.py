"""What is compiled: ahead by `qsim warm`, kept where it can be, and done without where numba is missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import qsim
from qsim.record.kernels import compiled

ROOT = Path(qsim.__file__).parent
HIDDEN = "import sys; sys.modules['numba'] = None\n"
WARMED = """
from typer.testing import CliRunner
from qsim.cli.app import app
from qsim.record.kernels.compiled import KERNELS

def ran(*words):
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    return {(kernel.__module__, kernel.__name__, each) for kernel in KERNELS for each in kernel.signatures}

before = ran("warm")
days = ("qusayr", "--from", "2013-05-17", "--to", "2013-05-24")
for words in (("metrics", *days), ("enclosure", *days), ("simulate", "qusayr", "2013-05-18", "--days", "3", "--runs", "300"),
              ("why", "qusayr", "dabaa_airbase", "2013-05-29"), ("render", *days[:1], "map.gif", *days[1:]), ("render", *days[:1], "map.html", *days[1:])):
    assert ran(*words) == before, words
print("nothing more was compiled")
"""


def python(script: str, folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), **settings}
    return subprocess.run([sys.executable, "-c", script], cwd=folder, env=env, capture_output=True, text=True, timeout=900)


def test_after_warming_nothing_is_compiled_when_it_is_first_used(tmp_path: Path) -> None:
    done = python(WARMED, tmp_path)
    assert done.stdout.endswith("nothing more was compiled\n"), done.stderr[-2000:]


def test_without_numba_records_are_read_believed_and_drawn_and_the_policy_hmm_says_what_to_install(tmp_path: Path) -> None:
    script = """
import qsim
theatre, ledger = qsim.load("example")
for policy in ("last_claim", "vote"):
    timeline = qsim.reconstruct(theatre, ledger, policy=policy, start="2091-03-01", end="2091-03-02")
    print(policy, timeline.at(timeline.end), qsim.encirclement(timeline.most_likely(), "tarnby", "league").sum())
for name in ("map.png", "page.html", "film.gif"):
    qsim.render(timeline, name, **({} if name == "page.html" else {"size": (640, 400)}))
for refused in (lambda: qsim.reconstruct(theatre, ledger), lambda: qsim.simulate(timeline.at(timeline.end), qsim.Rules(), days=1, runs=1, seed=1)):
    try:
        refused()
    except ValueError as problem:
        print(problem)
"""
    told = {hidden: python(f"{HIDDEN if hidden else ''}{script}", tmp_path) for hidden in (True, False)}
    assert told[True].stdout, told[True].stderr
    *same, hmm, simulated = told[True].stdout.splitlines()
    assert same == told[False].stdout.splitlines()
    assert "the policy hmm needs numba" in hmm
    assert "pip install numba; the policies last_claim and vote do without" in hmm
    assert "a simulation needs numba" in simulated
    assert {path.name for path in tmp_path.iterdir()} == {"map.png", "page.html", "film.gif"}


USED = """
import warnings
warnings.simplefilter("always")
import numpy as np
from qsim.belief.kernels.philox import uniform
from qsim.draw.film.paint import over
over(np.full((1, 1, 4), 255, dtype=np.uint8), colour := np.zeros((1, 3), dtype=np.float32))
print(colour.tolist())
"""


@pytest.mark.parametrize("how", ["nowhere to keep it", "a full disk"])
def test_where_nothing_can_be_kept_it_is_said_once_and_all_works(how: str, tmp_path: Path) -> None:
    folder = {"NUMBA_CACHE_DIR": str(tmp_path), "NUMBA_CACHE_LOCATOR_CLASSES": "UserProvidedCacheLocator"}
    full = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (8, 8))\n"
    if how == "a full disk":
        pytest.importorskip("resource")
        done = python(full + USED, tmp_path, **folder)
    else:
        done = python(USED, tmp_path, **folder | {"NUMBA_CACHE_DIR": "/proc/nowhere"})
    assert done.stdout == "[[255.0, 255.0, 255.0]]\n", done.stderr
    assert done.stderr.count("cannot be kept") == 1, done.stderr
    assert compiled.FOLDER in done.stderr
    assert not list(tmp_path.rglob("*.nb?"))


def test_what_is_kept_and_spoilt_is_compiled_anew(tmp_path: Path) -> None:
    assert python(USED, tmp_path, NUMBA_CACHE_DIR=str(tmp_path)).stderr == ""
    kept = list(tmp_path.rglob("*.nb?"))
    assert kept
    for path in kept:
        path.write_bytes(path.read_bytes()[:20])
    assert python(USED, tmp_path, NUMBA_CACHE_DIR=str(tmp_path)).stdout == "[[255.0, 255.0, 255.0]]\n"


def test_all_loops_are_compiled_in_this_one_way() -> None:
    naming = [
        path.name for path in ROOT.rglob("*.py") if "import numba" in (text := path.read_text(encoding="utf-8")) or "from numba" in text
    ]
    assert naming == ["compiled.py"]


def test_what_was_asked_before_needs_no_compiled_code(tmp_path: Path) -> None:
    asked = (["why", "example", "tarnby_ne", "2091-03-11"], ["render", "example", "day.png", "--day", "2091-03-11"])
    for words in asked:
        script = (
            f"import sys; sys.argv = ['qsim', *{words!r}]\nfrom qsim.cli.app import app\ntry: app()\nfinally: print('numba' in sys.modules)"
        )
        first, again = (python(script, tmp_path, QSIM_CACHE=str(tmp_path / "kept")) for _ in range(2))
        assert first.stdout.endswith("True\n"), first.stderr
        assert again.stdout.endswith("False\n"), again.stderr
        assert again.stdout.partition("\n")[0] == first.stdout.partition("\n")[0]
