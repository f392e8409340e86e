"""A ring that was asked before is read from disk, and is the same; another belief is another ring."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import qsim
from qsim.draw import kept
from qsim.draw.kept import kept_perimeter


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QSIM_CACHE", str(tmp_path / "kept"))
    return tmp_path / "kept"


@pytest.fixture(scope="module")
def timeline() -> qsim.Timeline:
    return qsim.reconstruct(*qsim.load("example"))


def refuse(*args: Any, **options: Any) -> None:
    raise AssertionError("asked again")


def test_a_ring_is_asked_once(timeline: qsim.Timeline, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = kept_perimeter(timeline, "tarnby", "league")
    monkeypatch.setattr(kept, "perimeter", refuse)
    again = kept_perimeter(timeline, "tarnby", "league")
    for field in fields(first):
        assert np.array_equal(getattr(first, field.name), getattr(again, field.name)), field.name


def test_another_belief_side_or_spoilt_file_is_asked_anew(timeline: qsim.Timeline, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept_perimeter(timeline, "tarnby", "league")
    (file,) = cache.glob("qsim-ring-*.npz")
    file.write_bytes(b"spoilt")
    kept_perimeter(timeline, "tarnby", "league")
    assert file.stat().st_size > 100
    monkeypatch.setattr(kept, "perimeter", refuse)
    other = replace(timeline, belief=timeline.belief[:, :, ::-1].copy())
    for asked in ((other, "tarnby", "league"), (timeline, "tarnby", "company")):
        with pytest.raises(AssertionError, match="asked again"):
            kept_perimeter(*asked)
