"""Files of a scenario change all together or not at all, and never hide what stands in another form."""

import os
from pathlib import Path
from typing import Any

import pytest

import qsim
from qsim.record.changes import put_all, said_with
from qsim.record.rows import EditError


def everything(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("fails", [1, 2, 3])
def test_where_one_file_cannot_be_put_all_stand_as_they_were(fails: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "c").write_bytes(b"c")
    replace, done = os.replace, []

    def failing(*names: Any) -> None:
        done.append(names)
        if len(done) == fails:
            raise OSError(5, "Input/output error", str(names[1]))
        replace(*names)

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(OSError, match="Input/output error"):
        put_all({tmp_path / name: b"new" for name in "abc"})
    assert everything(tmp_path) == {"a": b"a", "c": b"c"}
    put_all({tmp_path / name: b"new" for name in "abc"})
    assert everything(tmp_path) == dict.fromkeys("abc", b"new")


def test_what_somebody_else_wrote_meanwhile_is_not_put_back(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")

    def meanwhile() -> None:
        (tmp_path / "a").write_bytes(b"theirs")
        raise EditError("changed")

    with pytest.raises(EditError):
        put_all({tmp_path / "a": b"ours", tmp_path / "b": b"ours"}, meanwhile)
    assert everything(tmp_path) == {"a": b"theirs"}


def test_a_file_never_stands_before_a_parquet_table(tmp_path: Path) -> None:
    folder = qsim.new(tmp_path / "valley")
    (folder / "sources.csv").rename(folder / "sources.parquet")
    with pytest.raises(EditError, match=r"sources\.parquet is a table that no row can be added to; write it as sources\.csv"):
        said_with(folder, {folder / "sources.csv": b"id,name\n"})
    assert [path.name for path in tmp_path.iterdir()] == ["valley"]
