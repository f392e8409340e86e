"""A file is whole or not there; links, modes, pipes and other people's files are respected."""

import os
import stat
from pathlib import Path

import pytest

from qsim.record.files import beside, beside_folder


def put(path: Path, text: str) -> None:
    with beside(path) as made:
        made.write_text(text)


def test_a_failure_leaves_the_earlier_file_and_nothing_else(tmp_path: Path) -> None:
    put(tmp_path / "a.txt", "first")

    def fail() -> None:
        with beside(tmp_path / "a.txt") as made:
            made.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert (tmp_path / "a.txt").read_text() == "first"
    assert [each.name for each in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.skipif(os.name != "posix", reason="links, modes and pipes as POSIX has them")
def test_links_are_followed_and_modes_kept(tmp_path: Path) -> None:
    real = tmp_path / "real.txt"
    real.write_text("old")
    real.chmod(0o640)
    (tmp_path / "link.txt").symlink_to(real)
    put(tmp_path / "link.txt", "new")
    assert (tmp_path / "link.txt").is_symlink()
    assert real.read_text() == "new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


@pytest.mark.skipif(os.name != "posix", reason="devices as POSIX has them")
def test_a_device_is_written_into_and_stays_one() -> None:
    put(Path("/dev/null"), "gone")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_folder_in_the_way_is_told_by_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(OSError, match="a folder stands there") as problem:
        put(tmp_path / "there", "x")
    assert problem.value.filename == str(tmp_path / "there")


def test_long_names_work(tmp_path: Path) -> None:
    put(tmp_path / ("n" * 250 + ".txt"), "x")
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.skipif(os.name != "posix", reason="process numbers as POSIX has them")
def test_leftovers_of_a_killed_run_are_removed_and_others_stay(tmp_path: Path) -> None:
    (tmp_path / ".qsim-999999999-0.part").write_text("left")
    (tmp_path / ".qsim-999999999-1.part").mkdir()
    (tmp_path / ".qsim-999999999-1.part" / "belief.npy").write_text("a folder left")
    (tmp_path / f".qsim-{os.getpid()}-999999999.part").write_text("being written")
    (tmp_path / ".other.part").write_text("not ours")
    put(tmp_path / "a.txt", "x")
    assert {each.name for each in tmp_path.iterdir()} == {"a.txt", f".qsim-{os.getpid()}-999999999.part", ".other.part"}


def test_a_folder_replaces_an_earlier_one_of_its_kind_only(tmp_path: Path) -> None:
    target = tmp_path / "made"
    for text in ("one", "two"):
        with beside_folder(target, "mark") as made:
            (made / "mark").write_text(text)
    assert (target / "mark").read_text() == "two"
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")

    def overwrite() -> None:
        with beside_folder(tmp_path / "mine", "mark"):
            pass

    with pytest.raises(OSError, match="holds other files"):
        overwrite()
    assert (tmp_path / "mine" / "thesis.txt").exists()
    assert {each.name for each in tmp_path.iterdir()} == {"made", "mine"}


def test_an_earlier_folder_stands_again_where_its_replacement_is_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    earlier, real, calls = tmp_path / "kept", os.replace, []
    earlier.mkdir()
    (earlier / "mark").write_text("old", encoding="utf-8")

    def replaced(a: Path, b: Path) -> None:
        calls.append(a)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(a, b)

    monkeypatch.setattr(os, "replace", replaced)
    with pytest.raises(KeyboardInterrupt), beside_folder(earlier, "mark") as made:
        (made / "mark").write_text("new", encoding="utf-8")
    assert [each.name for each in tmp_path.iterdir()] == ["kept"]
    assert (earlier / "mark").read_text(encoding="utf-8") == "old"
