"""What is installed from a wheel is whole: scenarios, scripts and documents come along, and work in an empty folder."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with the tools that are installed, from a copy of what git would hand out."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("*.whl"))


def test_the_wheel_carries_scenarios_scripts_and_documents(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for wanted in (
        "scenarios/qusayr/claims.csv",
        "scenarios/pincer_2013.py",
        "scenarios/example/scenario.toml",
        "scenarios/kobani/claims.csv",
        "scenarios/kobani_2014.py",
        "seeds/004_1c3851fee6ae9130.txt",
    ):
        assert f"qsim/_data/{wanted}" in names
    assert "qsim/py.typed" in names
    assert not any("__pycache__" in name or name.startswith(("tests/", "outputs/")) for name in names)


@pytest.mark.slow
def test_it_works_installed_in_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    python = tmp_path / "env" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "env")], check=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--constraint", str(ROOT / "constraints.txt"), str(wheel)]
    subprocess.run(pip, check=True, capture_output=True)
    empty = tmp_path / "empty"
    empty.mkdir()
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {"QSIM_QUICK": "1"}

    def run(*words: str) -> str:
        return subprocess.run(words, cwd=empty, env=env, check=True, capture_output=True, text=True).stdout

    assert "Theatre('qusayr'" in run(str(python), "-c", "import qsim; print(qsim.load('qusayr')[0])")
    qsim = str(python.parent / "qsim")
    assert "Syrian state media" in run(qsim, "why", "qusayr", "dabaa_airbase", "2013-05-29")
    assert "The animation lies in outputs/pincer_2013/pincer.gif" in run(qsim, "run", "pincer_2013")
    assert (empty / "outputs" / "pincer_2013" / "pincer.gif").stat().st_size > 10_000
    assert {path.name for path in empty.iterdir()} == {"outputs"}
