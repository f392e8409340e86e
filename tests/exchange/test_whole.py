"""What is exported or imported is there whole or not at all: on a full disk, killed in the middle, and written by two at once."""

import errno
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from layouts import read

import qsim
from qsim import exchange
from qsim.belief.timeline import Timeline
from qsim.exchange.export import export

NAMES = ("a.csv", "a.geojson", "a.kml")
FULL = """
import resource, signal, sys
import qsim
from qsim.exchange.export import export
timeline = qsim.reconstruct(*qsim.load("example"), policy="last_claim")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
for path in sys.argv[1:]:
    try:
        export(timeline, path)
    except (OSError, ValueError) as problem:
        print("refused")
"""
KILLED = """
import os, signal, sys
import qsim
from qsim.exchange.export import export
timeline = qsim.reconstruct(*qsim.load("example"), policy="last_claim")

os.replace = lambda *names: os.kill(os.getpid(), signal.SIGKILL)
export(timeline, sys.argv[1])
"""


@pytest.fixture(scope="module")
def timeline() -> Timeline:
    return qsim.reconstruct(*qsim.load("example"), policy="last_claim")


def in_a_child(script: str, *paths: Path) -> subprocess.CompletedProcess[str]:
    asked = [sys.executable, "-c", script, *map(str, paths)]
    return subprocess.run(asked, capture_output=True, text=True, check=False)


@pytest.mark.skipif(os.name != "posix", reason="limits of file sizes as POSIX has them")
def test_a_full_disk_leaves_the_earlier_file(tmp_path: Path) -> None:
    for name in NAMES:
        (tmp_path / name).write_text("earlier")
    done = in_a_child(FULL, *(tmp_path / name for name in NAMES))
    assert done.stdout.split() == ["refused"] * len(NAMES), done.stderr
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == dict.fromkeys(NAMES, "earlier")


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_a_kill_before_the_end_leaves_the_earlier_file_and_the_next_clears_up(tmp_path: Path, timeline: Timeline) -> None:
    path = tmp_path / "a.geojson"
    path.write_text("earlier")
    assert in_a_child(KILLED, path).returncode == -9
    assert path.read_text() == "earlier"
    export(timeline, path)
    assert [each.name for each in tmp_path.iterdir()] == ["a.geojson"]


def test_two_at_once_write_the_same(tmp_path: Path, timeline: Timeline) -> None:
    alone, both = tmp_path / "alone.geojson", tmp_path / "both.geojson"
    export(timeline, alone)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda path: export(timeline, path), [both, both]))
    assert both.read_bytes() == alone.read_bytes()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["alone.geojson", "both.geojson"]


def full(self: Path, *words: Any, **named: Any) -> int:
    raise OSError(errno.ENOSPC, "No space left on device", str(self))


def test_an_import_on_a_full_disk_leaves_nothing_and_an_addition_the_folder_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = exchange.write(read("wikilist"), tmp_path / "made")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    monkeypatch.setattr(Path, "write_text", full)
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        exchange.write(read("ucdp"), tmp_path / "other")
    with pytest.raises(OSError, match="No space left"):
        exchange.add(read("ucdp"), folder)
    assert [path.name for path in tmp_path.iterdir()] == ["made"]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
