"""Memory that is free again is given back to the system."""

import ctypes
import sys
from pathlib import Path

import pytest

from qsim.record.memory import give_back


def held_mb() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def test_what_lies_free_between_what_is_in_use_is_given_back() -> None:
    """Of 120 MB in pieces too small to be mapped by themselves all but the last are let go."""
    if sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_trim"):
        pytest.skip("this C library cannot be asked")
    pieces = [b"x" * 60_000 for _ in range(2000)]
    last, full = pieces[-1], held_mb()
    del pieces
    give_back()
    assert held_mb() < full - 60
    assert len(last) == 60_000
