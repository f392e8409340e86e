"""What `qsim.` offers when a tab is pressed: what most work begins with, the rooms with the rest, and nothing else."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import qsim

ROOMS = ("record", "belief", "geography", "simulation")


def test_the_names_are_few_sorted_and_all_there() -> None:
    assert len(qsim.__all__) <= 45
    assert qsim.__all__ == sorted(set(qsim.__all__))
    assert all(getattr(qsim, name).__doc__ for name in qsim.__all__)
    assert dir(qsim) == sorted([*qsim.__all__, "__version__"])


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_offers_its_modules(room: str) -> None:
    files = {path.stem for path in (Path(qsim.__file__).parent / room).glob("*.py")}
    offered = getattr(qsim, room)
    assert dir(offered) == sorted(files - {"__init__"})
    assert all(getattr(offered, name) is import_module(f"qsim.{room}.{name}") for name in dir(offered))
    with pytest.raises(AttributeError, match=f"module 'qsim.{room}' has no attribute 'kernel'"):
        offered.kernel  # noqa: B018


@pytest.mark.parametrize("room", ["draw", "exchange"])
def test_a_room_offers_what_is_there(room: str) -> None:
    offered = getattr(qsim, room)
    assert all(getattr(offered, name) is not None for name in dir(offered))


def test_nothing_is_imported_before_it_is_asked_for() -> None:
    script = "import sys, qsim; print([n for n in sys.modules if n.startswith('qsim.')], 'numpy' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert told.stdout.strip() == "[] False"


def test_a_slip_of_the_pen_is_told() -> None:
    with pytest.raises(AttributeError, match="module 'qsim' has no attribute 'reconstuct'"):
        qsim.reconstuct  # noqa: B018
