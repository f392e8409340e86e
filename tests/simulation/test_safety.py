"""A simulation and a fit give the same in forked and spawned children and in several threads at once."""

import copy
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest
from toys import histories, line

import qsim.simulation.kernels
from qsim.simulation.interventions import Cut, Hold
from qsim.simulation.model import Simulation
from qsim.simulation.rules import Rules, RulesError

SCRIPT = """
import multiprocessing, sys, threading, zlib
from toys import histories, line
from qsim.simulation.fitting import fit_histories
from qsim.simulation.model import simulate
from qsim.simulation.rules import Rules

def told():
    found = simulate(histories(line(), "rrbbb"), Rules(tempo={"red": 0.2, "blue": 0.1}, surrender=0.1), days=9, runs=700, seed=7)
    return zlib.crc32(found.status.tobytes()), round(fit_histories(found).resolve, 6)

def tell(pipe):
    pipe.send(told())

if __name__ == "__main__":
    here, found, how = told(), [], sys.argv[1]
    if how == "threads":
        workers = [threading.Thread(target=lambda: found.append(told())) for _ in range(4)]
        [each.start() for each in workers]
        [each.join() for each in workers]
    else:
        context = multiprocessing.get_context(how)
        mine, theirs = context.Pipe()
        child = context.Process(target=tell, args=(theirs,))
        child.start()
        child.join()
        assert child.exitcode == 0, child.exitcode
        found.append(mine.recv())
    assert set(found) == {here}, (here, found)
    print("the same", len(found))
"""


@pytest.mark.parametrize("how", ["fork", "spawn", "threads"])
def test_it_is_the_same_in_children_and_in_threads(how: str, tmp_path: Path) -> None:
    if how == "fork" and not hasattr(os, "fork"):
        pytest.skip("this system cannot fork")
    (tmp_path / "play.py").write_text(SCRIPT, encoding="utf-8")
    settings = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "NUMBA_THREADING_LAYER": "workqueue"}
    words = [sys.executable, "-W", "ignore", str(tmp_path / "play.py"), how]
    told = subprocess.run(words, env=settings, capture_output=True, text=True, timeout=600)
    assert told.stdout.startswith("the same"), told.stderr


def test_the_kernels_are_plain_loops_and_few() -> None:
    files = sorted(Path(qsim.simulation.kernels.__path__[0]).glob("*.py"))
    text = "".join(file.read_text(encoding="utf-8") for file in files)
    assert len(text.splitlines()) <= 350
    assert not re.search(r"parallel=True|prange|llvmlite|numba\.(core|extending|cpython)|intrinsic|overload", text)


def test_a_simulation_is_a_plain_object() -> None:
    asked = Simulation(histories(line(), "rrbbb"), Rules(), days=3, runs=5, seed=1, interventions=[Cut("a-b")])
    before = asked.batch(0, 5).status
    assert asked.interventions == (Cut("a-b"),)
    for other in (pickle.loads(pickle.dumps(asked)), copy.deepcopy(asked)):
        assert other == asked
        assert other.batch(0, 5).status.tobytes() == before.tobytes()
    with pytest.raises(RulesError, match="2 problems"):
        Simulation(histories(line(), "rrbbb"), Rules(), days=0, runs=5, seed=1, interventions=[Hold("z", "red")])
