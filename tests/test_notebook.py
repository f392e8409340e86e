"""Notebooks, executed by a real kernel: what shows itself as a player or a picture, and those of the documentation."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).parent.parent / "docs"
TOUR = DOCS / "tour.ipynb"
# In a process of its own: a kernel's client runs a loop, and so does the browser of other tests.
EXECUTE = """
import sys
import nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[2])
"""
CELLS = (
    "import qsim\ntheatre, ledger = qsim.load('qusayr')\n"
    "timeline = qsim.reconstruct(theatre, ledger, start='2013-05-28', end='2013-05-30', policy='last_claim')\ntimeline",
    "qsim.Replay(timeline, '2013-05-29')",
    "timeline.at('2013-05-29')",
)


def executed(notebook: Path, folder: Path) -> list[dict[str, Any]]:
    """Return the code cells of a notebook after a kernel has executed them all, each with its outputs."""
    if os.environ.get("CI") != "true":
        pytest.importorskip("ipykernel", reason="executing notebooks needs nbclient and ipykernel")
    kept = {"IPYTHONDIR": str(folder), "JUPYTER_RUNTIME_DIR": str(folder), "JUPYTER_CONFIG_DIR": str(folder), "QSIM_QUICK": "1"}
    done = folder / "executed.ipynb"
    ran = subprocess.run([sys.executable, "-c", EXECUTE, notebook, done], env=os.environ | kept, cwd=folder, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    cells: list[dict[str, Any]] = json.loads(done.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def shown(cell: dict[str, Any], kind: str) -> str:
    """Return what a cell's last line shows itself as, in one kind of output."""
    found = [output["data"] for output in cell["outputs"] if output["output_type"] == "execute_result"]
    return "".join(found[-1].get(kind, "")) if found else ""


def printed(cells: list[dict[str, Any]]) -> str:
    """Return everything that cells print."""
    return "".join("".join(output["text"]) for cell in cells for output in cell["outputs"] if output["output_type"] == "stream")


def test_timelines_and_replays_are_players_and_days_are_pictures(tmp_path: Path) -> None:
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "id": f"c{i}", "metadata": {}, "source": text, "outputs": [], "execution_count": None}
        for i, text in enumerate(CELLS)
    ]
    notebook = tmp_path / "given.ipynb"
    notebook.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
    timeline, replay, day = executed(notebook, tmp_path)
    for cell in (timeline, replay):
        assert shown(cell, "text/html").startswith("<iframe srcdoc=")
        frame = shown(cell, "text/html")
        assert 'sandbox="allow-scripts' in frame
        assert "allow-same-origin" not in frame.split("sandbox=")[-1][:60]
    assert "data-day=&quot;2013-05-29&quot;" in shown(replay, "text/html")
    assert "<svg" in shown(day, "image/svg+xml")
    assert shown(timeline, "text/plain").startswith("Timeline(")


def test_the_tour_runs(tmp_path: Path) -> None:
    cells = executed(TOUR, tmp_path)
    kinds = [kind for cell in cells for kind in ("text/html", "image/svg+xml") if shown(cell, kind)]
    assert kinds == ["text/html", "image/svg+xml", "text/html"]
    words = printed(cells)
    for expected in (
        "claims by",
        "For Government and allies",
        "by the map alone",
        "no side is given, some of them civilians",
        "had the air base held",
    ):
        assert expected in words


def test_belief_as_data_answers_three_questions(tmp_path: Path) -> None:
    for library in ("pandas", "geopandas", "xarray"):
        if os.environ.get("CI") != "true":
            pytest.importorskip(library, reason="the extras tables, geo and arrays")
    cells = executed(DOCS / "data.ipynb", tmp_path)
    assert sum(bool(shown(cell, "text/html") or shown(cell, "text/plain")) for cell in cells) >= 6
    words = printed(cells)
    doubted = re.search(r"(\d+) of (\d+) places were never in doubt", words)
    ground = re.search(r"(\d+) km2, of which (\d+) are known", words)
    held = re.search(r"held (\d+) to (\d+) km2 on the last day", words)
    assert doubted
    assert 0 < int(doubted[1]) < int(doubted[2])
    assert ground
    assert held
    assert 0 < int(held[1]) <= int(held[2]) <= int(ground[1])


@pytest.mark.parametrize("notebook", sorted(DOCS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_notebooks_are_kept_without_outputs(notebook: Path) -> None:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert len(cells) - len(code) > 6
    assert [cell["outputs"] for cell in code] == [[]] * len(code)
    assert {cell["execution_count"] for cell in code} == {None}
