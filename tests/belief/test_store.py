"""A belief in a folder: the same to single precision, read from there by all who ask, whole or not there at all."""

import copy
import pickle
from pathlib import Path

import numpy as np
import pytest
from toys import claim, grid, ledger

import qsim
from qsim.belief import store as kept
from qsim.belief.store import NAMES, Store, StoreError

MADE = ledger(
    claim("a1", "holds", "red", "2001-01-02", id="one"),
    claim("north", "takes", "blue", "2001-01-05", id="two"),
    claim("c3", "holds", "blue", "2001-01-03", id="three"),
)


def believed(folder: Path | None, policy: str = "hmm") -> qsim.Timeline:
    return qsim.reconstruct(grid(), MADE, start="2001-01-01", end="2001-01-09", policy=policy, store=folder)


def in_files(array: np.ndarray) -> bool:
    """Return whether an array lies in a mapped file."""
    base: object = array
    while isinstance(base, np.ndarray) and not isinstance(base, np.memmap):
        base = base.base
    return isinstance(base, np.memmap)


@pytest.mark.parametrize("policy", ["hmm", "vote", "last_claim"])
def test_a_belief_in_a_folder_is_the_same(tmp_path: Path, policy: str) -> None:
    there, here = believed(tmp_path / "store", policy), believed(None, policy)
    assert there.belief.dtype == np.float32
    assert here.belief.dtype == np.float64
    assert there.belief == pytest.approx(here.belief, abs=1e-6)
    assert np.array_equal(there.history, here.history)
    assert np.array_equal(there.status, here.status)
    assert there.changes()[0].place == here.changes()[0].place
    assert sorted(each.stem for each in (tmp_path / "store").iterdir()) == sorted(NAMES if policy == "hmm" else NAMES[:2])
    assert np.array_equal(np.load(tmp_path / "store/belief.npy"), there.belief)


def test_nobody_who_reads_it_copies_it(tmp_path: Path) -> None:
    timeline = believed(tmp_path / "store")
    assert timeline.chains is not None
    part = timeline["2001-01-03":"2001-01-06"]
    assert part.chains is not None
    arrays = timeline.belief, timeline.history, timeline.chains.filtered, timeline.chains.activity, part.belief, part.chains.filtered
    assert all(in_files(each) for each in arrays)
    assert in_files(timeline.most_likely().status)
    assert in_files(timeline.at("2001-01-05").belief)
    with pytest.raises(ValueError, match="read-only"):
        timeline.belief[0, 0, 0] = 1


def test_histories_are_drawn_from_it_and_it_goes_to_other_processes(tmp_path: Path) -> None:
    there, here = believed(tmp_path / "store"), believed(None)
    assert there.sample(40, seed=3).status.shape == here.sample(40, seed=3).status.shape
    assert (there.sample(400, seed=3).mean().belief - here.belief).max() < 0.15
    for other in (pickle.loads(pickle.dumps(there)), copy.deepcopy(there)):
        assert other == there


def test_what_is_silent_there_is_flat(tmp_path: Path) -> None:
    alone = ledger(claim("a1", "holds", "red", "2001-01-02"))
    timeline = qsim.reconstruct(grid(), alone, start="2001-01-01", end="2001-01-09", store=tmp_path / "store")
    assert timeline.belief[:, grid().index["c3"]] == pytest.approx(1 / 3)
    assert (timeline.history[:, grid().index["c3"]] == -1).all()


def test_an_earlier_belief_is_replaced_and_anything_else_is_not(tmp_path: Path) -> None:
    first = believed(tmp_path / "store")
    before = first.belief.copy()
    believed(tmp_path / "store", "vote")
    assert np.array_equal(first.belief, before)
    (tmp_path / "store/notes.txt").write_text("mine")
    with pytest.raises(StoreError, match="it holds notes; expected a new folder, or one of an earlier belief"):
        believed(tmp_path / "store")
    with pytest.raises(StoreError, match="it is a file"):
        believed(tmp_path / "store/notes.txt")


def test_what_is_broken_off_leaves_nothing(tmp_path: Path) -> None:
    believed(tmp_path / "store")
    before = (tmp_path / "store/belief.npy").read_bytes()

    def broken_off() -> None:
        with Store(tmp_path / "store") as half:
            half.array("belief", (3, 3, 3), np.float32)[:] = 1
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert [each.name for each in tmp_path.iterdir()] == ["store"]
    assert (tmp_path / "store/belief.npy").read_bytes() == before


def test_a_large_belief_is_in_single_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    small = believed(None)
    monkeypatch.setattr(kept, "LARGE", 10)
    large = believed(None)
    assert large.belief.dtype == np.float32
    assert large.belief == pytest.approx(small.belief, abs=1e-6)
