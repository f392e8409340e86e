"""Which other Pythons the suite is tried with: where they are looked for, what is passed over, and what fails."""

import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import pythons


def lay(path: Path, answer: str) -> Path:
    """Write a command that answers whatever it is asked."""
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\n{answer}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_one_that_does_not_run_or_is_of_another_version_is_passed_by(tmp_path: Path) -> None:
    lay(tmp_path / "shims/python3.12", "exit 127")
    lay(tmp_path / "old/python3.12", "echo 3.11")
    kept = lay(tmp_path / "home/.pyenv/versions/3.12.1/bin/python", "echo 3.12")
    environment = {"PATH": f"{tmp_path}/shims:{tmp_path}/old:{tmp_path}/none", "HOME": f"{tmp_path}/home"}
    assert pythons.python("3.12", environment) == kept
    assert pythons.python("3.13", environment) is None


def test_the_path_comes_first_and_uv_last(tmp_path: Path) -> None:
    of_uv = lay(tmp_path / "home/.local/share/uv/python/cpython-3.13.2-linux/bin/python", "echo 3.13")
    environment = {"PATH": f"{tmp_path}/bin", "HOME": f"{tmp_path}/home", "PYENV_ROOT": f"{tmp_path}/elsewhere"}
    assert pythons.python("3.13", environment) == of_uv
    assert pythons.python("3.13", environment | {"PYENV_ROOT": ""}) == of_uv
    of_pyenv = lay(tmp_path / "elsewhere/versions/3.13.0/bin/python", "echo 3.13")
    assert pythons.python("3.13", environment) == of_pyenv
    of_path = lay(tmp_path / "bin/python3.13", "echo 3.13")
    assert pythons.python("3.13", environment) == of_path


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set the script down in a project without anything, with this Python as the only one there is."""
    for file in ("pyproject.toml", "constraints.txt"):
        (tmp_path / file).write_text("")
    monkeypatch.setattr(pythons, "ROOT", tmp_path)
    monkeypatch.setattr(pythons, "python", lambda version, environment: Path(sys.executable) if version == "3.11" else None)
    return tmp_path


def test_an_absent_python_is_told_and_passes(alone: Path) -> None:
    assert pythons.tried("3.12", ("a",), ("tests",), optional=False) == (True, "none on this machine: not tried")


@pytest.mark.parametrize("optional", [True, False])
def test_what_cannot_be_installed_is_told_and_fails_where_it_was_asked_for(
    alone: Path, optional: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pythons, "PIP", ("-c", "import sys; sys.exit('ERROR: No matching distribution found')"))
    well, told = pythons.tried("3.11", ("a",), ("tests",), optional=optional)
    assert well is optional
    assert told == "its environment could not be made, so that it is not tried: ERROR: No matching distribution found"


def test_an_install_that_takes_too_long_is_given_up(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*args: Any, timeout: float, **options: Any) -> None:
        raise subprocess.TimeoutExpired("pip", timeout)

    monkeypatch.setattr(subprocess, "run", slow)
    with pytest.raises(pythons.NotMadeError, match="more than 300 s"):
        pythons.environment_of("3.11", Path(sys.executable), ("a",))


def test_an_environment_is_made_once_for_the_same_requirements(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = alone / "build/py3.11-alone"
    asked: list[Any] = []

    def run(command: tuple[Any, ...], **options: Any) -> Any:
        asked.append(command[1:3])
        (made / "bin").mkdir(parents=True, exist_ok=True)
        (made / "bin/python").touch()
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    for _ in range(2):
        assert pythons.environment_of("3.11", Path(sys.executable), ("a",)) == made / "bin/python"
    assert asked == [("-m", "venv"), ("-m", "pip")]
    (alone / "constraints.txt").write_text("numpy==2.3.5")
    pythons.environment_of("3.11", Path(sys.executable), ("a",))
    assert len(asked) == 4


@pytest.mark.parametrize(("test", "well"), [("def test_a(): pass", True), ("def test_a(): assert 1 == 2", False)])
def test_a_test_that_fails_fails_always_and_is_shown(alone: Path, test: str, well: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pythons, "environment_of", lambda version, found, needs: found)
    (alone / "test_a.py").write_text(test)
    passed, told = pythons.tried("3.11", ("a",), ("test_a.py",), optional=True)
    assert passed is well
    assert ("1 passed" in told) if well else ("assert 1 == 2" in told)


def test_a_short_part_that_takes_too_long_is_stopped_and_told(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pythons, "environment_of", lambda version, found, needs: found)
    monkeypatch.setattr(pythons, "TESTS_S", 0.2)
    (alone / "test_a.py").write_text("import time\ndef test_a(): time.sleep(30)\n")
    assert pythons.tried("3.11", ("a",), ("test_a.py",), optional=True) == (
        True,
        "its tests took more than 0.2 s, and were stopped without a result",
    )
