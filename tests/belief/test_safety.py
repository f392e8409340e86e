"""Histories may be drawn in forked and spawned children, in several threads at once, and after each other, with the same bytes."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
import multiprocessing, sys, threading, zlib
import qsim
from toys import claim, grid, replayed

def drawn(timeline):
    return zlib.crc32(timeline.sample(300, seed=7).status.tobytes())

def tell(pipe, timeline):
    pipe.send(drawn(timeline))

if __name__ == "__main__":
    timeline = replayed(grid(), claim("t", "holds", "red", "2001-01-01"), claim("b2", "takes", "blue", "2001-01-03"), policy="hmm")
    here, found = drawn(timeline), []
    how = sys.argv[1]
    if how == "threads":
        workers = [threading.Thread(target=lambda: found.append(drawn(timeline))) for _ in range(4)]
        [each.start() for each in workers]
        [each.join() for each in workers]
    else:
        context = multiprocessing.get_context(how)
        mine, theirs = context.Pipe()
        child = context.Process(target=tell, args=(theirs, timeline))
        child.start()
        child.join()
        assert child.exitcode == 0, child.exitcode
        found.append(mine.recv())
    assert set(found) == {here}, (here, found)
    print("the same bytes", len(found))
"""


@pytest.mark.parametrize("how", ["fork", "spawn", "threads"])
def test_histories_are_drawn_alike_in_children_and_in_threads(how: str, tmp_path: object) -> None:
    if how == "fork" and not hasattr(os, "fork"):
        pytest.skip("this system cannot fork")
    script = f"{tmp_path}/draw.py"
    with open(script, "w", encoding="utf-8") as file:
        file.write(SCRIPT)
    paths = [path for path in sys.path if path]
    settings = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "NUMBA_THREADING_LAYER": "workqueue"}
    told = subprocess.run([sys.executable, "-W", "ignore", script, how], env=settings, capture_output=True, text=True, timeout=600)
    assert told.stdout.startswith("the same bytes"), told.stderr
