"""The same bytes with a cluster as without, also when a worker is lost in mid-run; plain words where there is none."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from toys import histories, line

import qsim
from qsim.belief.timeline import Ensemble
from qsim.record import cluster as reached
from qsim.record.cluster import ClusterError
from qsim.simulation import cluster
from qsim.simulation.model import BATCH, Simulation, expected, statuses_counted, summed
from qsim.simulation.rules import Rules

RULES, RUNS = Rules(tempo={"red": 0.2, "blue": 0.1}), 12 * BATCH + 77


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of a scheduler with two workers, processes of their own."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs="CRITICAL") as workers:
        yield workers.scheduler_address


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every batch is a piece, so that a few thousand runs keep two workers busy."""
    monkeypatch.setattr(cluster, "PIECE_S", 0.0)


def deadly(found: Ensemble, *, marks: Path) -> NDArray[np.int64]:
    """Count; but once five batches are counted, two of them here, kill the worker that has the next: without a word, as a machine fails."""
    if len(list(marks.iterdir())) >= 5 and not (marks / "killed").exists():
        (marks / "killed").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    (marks / os.urandom(8).hex()).touch()
    return statuses_counted(found)


def test_a_cluster_gives_the_same_bytes(address: str) -> None:
    alone, spread = (
        expected(Simulation(histories(line(), "rrbbb"), RULES, days=5, runs=RUNS, seed=3), cluster=each) for each in (None, address)
    )
    assert spread.belief.tobytes() == alone.belief.tobytes()
    assert spread.model["runs"] == RUNS


def test_a_worker_lost_in_mid_run_changes_nothing(address: str, tmp_path: Path) -> None:
    start = histories(line(), "rrbbb")
    spread = summed(Simulation(start, RULES, days=5, runs=RUNS, seed=3), partial(deadly, marks=tmp_path), cluster=address)
    alone = summed(Simulation(start, RULES, days=5, runs=RUNS, seed=3), statuses_counted)
    assert (tmp_path / "killed").exists()
    assert spread.runs == RUNS
    assert spread.counts.tobytes() == alone.counts.tobytes()


def test_ctrl_c_leaves_a_cluster_with_what_is_done(
    address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pieces = cluster.pieces

    def pressed(*words: object, **more: int) -> Iterator[object]:
        for n, piece in enumerate(pieces(*words, **more)):  # type: ignore[arg-type]
            if n == 4:
                raise KeyboardInterrupt
            yield piece

    monkeypatch.setattr("qsim.simulation.model.pieces", pressed)
    found = summed(Simulation(histories(line(), "rrbbb"), RULES, days=5, runs=RUNS, seed=3), statuses_counted, cluster=address)
    assert found.runs == 4 * BATCH
    assert f"stopped: {4 * BATCH} of {RUNS}" in capsys.readouterr().err
    alone = summed(Simulation(histories(line(), "rrbbb"), RULES, days=5, runs=4 * BATCH, seed=3), statuses_counted)
    assert np.array_equal(found.counts, alone.counts)


def test_a_cluster_of_our_own_is_made_when_none_is_given() -> None:
    pytest.importorskip("distributed")
    found = expected(Simulation(histories(line(), "rrbbb"), RULES, days=2, runs=4 * BATCH, seed=3), cluster="local")
    assert (
        found.belief.tobytes() == expected(Simulation(histories(line(), "rrbbb"), RULES, days=2, runs=4 * BATCH, seed=3)).belief.tobytes()
    )


def test_another_qsim_on_a_worker_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qsim, "__version__", "0.0.0")
    with pytest.raises(ClusterError, match="a worker runs qsim .*, and this is 0.0.0"):
        expected(Simulation(histories(line(), "rrbbb"), RULES, days=2, runs=4 * BATCH, seed=3), cluster=address)


@pytest.mark.parametrize("wrong", ["tcp://127.0.0.1:1", "nowhere at all"])
def test_a_scheduler_that_does_not_answer_is_told(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(reached, "PATIENCE_S", 1)
    with pytest.raises(ClusterError, match="no scheduler answers at .*expected the address of a scheduler, such as tcp://127.0.0.1:8786"):
        expected(Simulation(histories(line(), "rrbbb"), RULES, days=2, runs=2, seed=3), cluster=wrong)


def test_without_the_extra_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reached, "find_spec", lambda name: None)
    with pytest.raises(ClusterError, match="pip install distributed"):
        expected(Simulation(histories(line(), "rrbbb"), RULES, days=2, runs=2, seed=3), cluster="local")


SCRIPT = """
import qsim
from qsim.simulation.model import Simulation, expected
from toys import histories, line

def work():
    print(expected(Simulation(histories(line(), "rrbbb"), qsim.Rules(), days=2, runs=512, seed=3), cluster="local"))

{call}
"""


@pytest.mark.parametrize(("call", "runs"), [("work()", False), ('if __name__ == "__main__":\n    work()', True)])
def test_a_script_without_a_main_guard_is_told_in_one_sentence(call: str, runs: bool, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    (tmp_path / "story.py").write_text(SCRIPT.format(call=call), encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run([sys.executable, "-W", "ignore", "story.py"], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=300)
    if runs:
        assert "Timeline" in done.stdout, done.stderr
    else:
        assert done.stderr.count("ClusterError: ") == 1
        assert 'if __name__ == "__main__":' in done.stderr.splitlines()[-1]
