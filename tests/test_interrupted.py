"""Ctrl-C while a country is read, believed, exported or made a page of: it ends there and then, nothing half is left, and it can be done again."""

import os
import subprocess
import sys
from pathlib import Path

import countries
import pytest

pytest.importorskip("pyarrow")
if os.name != "posix":
    pytest.skip("signals as POSIX has them", allow_module_level=True)

# A thread interrupts the main one as soon as something is there that a step writes, or, where a step writes only at its end, when it has come to a function.
CHILD = """
import gc, os, signal, sys, threading, time
from pathlib import Path
import qsim
from qsim import page
from qsim.exchange.export import export
from qsim.record import scenario

signal.signal(signal.SIGINT, signal.default_int_handler)
made, into = Path(sys.argv[1]), Path(sys.argv[2])

def interrupted(name, step):
    try:
        step()
    except KeyboardInterrupt:
        print(name, "interrupted", flush=True)
    else:
        print(name, "finished", flush=True)

def when_written(step):
    def watch():
        while not any(into.iterdir()):
            time.sleep(0.001)
        os.kill(os.getpid(), signal.SIGINT)
    def watched():
        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        step()
        thread.join()
        time.sleep(0.1)
    return watched

def when_called(module, name, step):
    real = getattr(module, name)
    def called(*given, **more):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(1)
        return real(*given, **more)
    def patched():
        setattr(module, name, called)
        try:
            step()
        finally:
            setattr(module, name, real)
    return patched

def left(name):
    print(name, "left", sorted(each.name for each in into.iterdir()), gc.isenabled(), flush=True)

interrupted("load", when_called(scenario, "check_all", lambda: qsim.load(made)))
left("load")
theatre, ledger = qsim.load(made)
interrupted("believe", when_written(lambda: qsim.reconstruct(theatre, ledger, store=into / "belief")))
left("believe")
timeline = qsim.reconstruct(theatre, ledger, policy="last_claim")
for file in ("belief.csv", "belief.parquet"):
    interrupted(file, when_written(lambda: export(timeline, into / file)))
    left(file)
interrupted("page", when_called(page, "squeezed", lambda: page.write(timeline, into / "page.html")))
left("page")
interrupted("page, written", when_called(Path, "write_text", lambda: page.write(timeline, into / "page.html")))
left("page, written")
page.write(timeline, into / "page.html")
left("again")
"""


def test_nothing_half_is_left_after_ctrl_c(tmp_path: Path) -> None:
    made = countries.write(countries.country(400, 400, 8000, seed=2), tmp_path / "made", parquet=True)
    into = tmp_path / "into"
    into.mkdir()
    ran = subprocess.run([sys.executable, "-c", CHILD, str(made), str(into)], capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    steps = ("load", "believe", "belief.csv", "belief.parquet", "page", "page, written")
    assert lines == [*(line for step in steps for line in (f"{step} interrupted", f"{step} left [] True")), "again left ['page.html'] True"]
