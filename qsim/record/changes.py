"""Changes to the files of a scenario folder: tried in a copy first, then made to all of them or to none."""

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from qsim.record.contents import Contents
from qsim.record.files import beside
from qsim.record.problems import Problem
from qsim.record.rows import EditError, with_rows
from qsim.record.scenario import read, read_and_built


def places_file(folder: Path) -> Path:
    """Return the file that the places of a folder stand in, or would."""
    table = folder / "places.csv"
    return table if table.is_file() and not (folder / "places.geojson").is_file() else folder / "places.geojson"


def with_sources(contents: Contents, data: bytes, rows: Sequence[Mapping[str, str]]) -> bytes:
    """
    Return the bytes of sources.csv with more sources.

    Where there is no such file the voices that claims name are the sources; they are written with the first that is added.
    """
    named = [{"id": cells["id"], "name": cells["name"]} for _, cells in contents.rows("sources")] if "sources" in contents.missing else []
    return with_rows(data, "sources", [*named, *rows] if rows else [])


def said_with(folder: Path, made: Mapping[Path, bytes], texts: Mapping[str, Path] | None = None) -> list[Problem]:
    """
    Return everything that is said of a folder in which some files are others; it is tried in a copy beside it, `texts` as `read` takes them.

    Raises
    ------
    EditError
        When a file would stand before a Parquet table, which then would not be read.
    """
    if hidden := [each for path in made if not path.is_file() and (each := path.with_suffix(".parquet")).is_file()]:
        raise EditError(f"{hidden[0].name} is a table that no row can be added to; write it as {hidden[0].stem}.csv first")
    folder = folder.resolve()
    trial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent))
    try:
        listed = [folder / (entry["file"] or "") for entry in read(folder).settings["documents"]]
        below = [each for each in listed if each.is_file() and each.resolve().is_relative_to(folder)]
        tables = [each for each in folder.iterdir() if each.suffix in (".csv", ".geojson", ".toml", ".parquet") and each.is_file()]
        for each in dict.fromkeys([*tables, *below]):
            copy = trial / each.relative_to(folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(each, copy)
        for path, data in made.items():
            (trial / path.name).write_bytes(data)
        return read_and_built(trial, texts)[0].said
    finally:
        shutil.rmtree(trial, ignore_errors=True)


def put_all(made: Mapping[Path, bytes], ready: Callable[[], Any] = lambda: None) -> None:
    """
    Write files, all of them or none: all are written beside their places, `ready` may still refuse, and then they are renamed.

    Where one cannot be renamed those that were stand again as they did.
    """
    kept: dict[Path, Path | None] = {}
    with ExitStack() as copies:
        try:
            with ExitStack() as renaming:
                for path, data in made.items():
                    renaming.enter_context(beside(path)).write_bytes(data)
                    kept[path] = _copy(path, copies)
                ready()
        except BaseException:
            for path, copy in kept.items():
                _put_back(path, copy, made[path])
            raise


def _copy(path: Path, copies: ExitStack) -> Path | None:
    """Return a copy of a file that is there, kept until the end."""
    if not path.is_file():
        return None
    number, name = tempfile.mkstemp(prefix=".qsim-", suffix=".part", dir=path.parent)
    os.close(number)
    copies.callback(Path(name).unlink, missing_ok=True)
    return Path(shutil.copy2(path, name))


def _put_back(path: Path, copy: Path | None, ours: bytes) -> None:
    """Put a file back as it was where ours stands already."""
    if not path.is_file() or path.read_bytes() != ours:
        return
    if copy is None:
        path.unlink()
    else:
        os.replace(copy, os.path.realpath(path))
