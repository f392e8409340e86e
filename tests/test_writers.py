"""Whatever is written is whole or not there: on a full disk, killed in the middle, written by two threads at once, and in forked children."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

if os.name != "posix":
    pytest.skip("limits, forks and kills as POSIX has them", allow_module_level=True)

HEAD = """
import os, signal, sys, threading
from pathlib import Path
import matplotlib
matplotlib.use("agg")
import qsim
from qsim.draw.charts.plain import toll_chart

timeline = qsim.reconstruct(*qsim.load("example"), policy="last_claim", start="2091-03-03", end="2091-03-05")
SMALL = {"size": (640, 400)}
WRITERS = {
    "map.png": lambda path: qsim.render(timeline, path, **SMALL),
    "map.svg": lambda path: qsim.render(timeline, path, **SMALL),
    "map.pdf": lambda path: qsim.render(timeline, path, **SMALL),
    "film.gif": lambda path: qsim.render(timeline, path, **SMALL),
    "page.html": lambda path: qsim.render(timeline, path),
    "belief.qsim": lambda path: timeline.save(path),
    "chart.png": lambda path: toll_chart(timeline.theatre, qsim.casualties(timeline.theatre, timeline.ledger), path),
}

def in_a_fork(work):
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException as problem:
            print(type(problem).__name__, problem, file=sys.stderr)
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
"""
FULL = """
import resource
for name, write in WRITERS.items():
    Path(name).write_text("earlier")
    def filled(name=name, write=write):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))
        write(Path(name))
    assert in_a_fork(filled) == 1, name
    assert Path(name).read_text() == "earlier", name
assert {path.name for path in Path().iterdir()} == set(WRITERS), list(Path().iterdir())
"""
KILLED = """
for name, write in WRITERS.items():
    Path(name).write_text("earlier")
    def killed(name=name, write=write):
        os.replace = lambda *names: os.kill(os.getpid(), signal.SIGKILL)
        write(Path(name))
    assert in_a_fork(killed) == -signal.SIGKILL, name
    assert Path(name).read_text() == "earlier", name
    assert any(path.suffix == ".part" for path in Path().iterdir()), name
    write(Path(name))
    assert not any(path.suffix == ".part" for path in Path().iterdir()), name
"""
TOGETHER = """
for name, write in WRITERS.items():
    alone, forked, both = (Path(folder) / name for folder in ("alone", "forked", "both"))
    write(alone)
    assert in_a_fork(lambda: write(forked)) == 0, name
    threads = [threading.Thread(target=write, args=(both,)) for _ in range(2)] if TWICE(name) else []
    [each.start() for each in threads], [each.join() for each in threads]
    assert forked.read_bytes() == alone.read_bytes(), name
    assert not threads or both.read_bytes() == alone.read_bytes(), name
"""


def ran(script: str, folder: Path) -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "QSIM_CACHE": ""}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", HEAD + script], cwd=folder, env=env, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    ran(FULL, tmp_path)


def test_a_kill_leaves_what_was_there_and_the_next_run_clears_up(tmp_path: Path) -> None:
    ran(KILLED, tmp_path)


def test_a_fork_and_two_threads_write_the_same_bytes(tmp_path: Path) -> None:
    """Pictures by matplotlib, which is not safe in threads, are written by one thread at a time."""
    ran('TWICE = lambda name: name in ("film.gif", "page.html", "belief.qsim")\n' + TOGETHER, tmp_path)
