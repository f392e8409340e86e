"""What was prepared before, kept on disk by all that it rests on: the same is not worked out twice."""

import dataclasses
import hashlib
import os
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.record.files import beside
from qsim.record.theatre import Theatre

_PLAIN = (str, int, float, bool, type(None))
KEPT = 16  # files of each kind, the last that were used
FOLDER = "QSIM_CACHE"  # the environment variable that names another folder; empty keeps nothing
_PREFIX = "qsim-"


def cached(name: str, make: Callable[[], dict[str, NDArray[Any]]], needed: Sequence[str]) -> dict[str, NDArray[Any]]:
    """
    Return arrays by name, those that `make` returns, from disk where they were kept before under this `name`, a kind and a digest.

    A file without all that are `needed` is made anew. Of each kind the last that were used are kept.
    """
    folder = _folder()
    if folder is None:
        return make()
    path = folder / f"{_PREFIX}{name}.npz"
    try:
        found = _read(path)
        if not {*needed} <= {*found}:
            raise KeyError(path)
    except (OSError, ValueError, KeyError, EOFError, zlib.error, zipfile.BadZipFile):
        found = make()
        _keep(found, path)
    else:
        with suppress(OSError):  # a folder that can only be read
            path.touch()
    return found


def digest(*things: object) -> str:
    """Return a name for the content of dataclasses, arrays, geometries, mappings, sequences and plain values: equal for equal ones."""
    sum = hashlib.sha256()
    for thing in things:
        _feed(sum.update, _of_map(thing) if isinstance(thing, Theatre) else thing)
    return sum.hexdigest()[:32]


@lru_cache(maxsize=8)
def _of_map(theatre: Theatre) -> str:
    """Return a name for the content of a theatre, on which most things rest that are kept."""
    sum = hashlib.sha256()
    _feed(sum.update, theatre)
    return f"map {sum.hexdigest()}"


def _feed(write: Callable[[bytes], object], thing: object) -> None:
    """Write a thing as bytes that no other thing has."""
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        values = [getattr(thing, field.name) for field in dataclasses.fields(thing)]
        plain = [value if isinstance(value, _PLAIN) else None for value in values]
        _feed(write, f"{type(thing).__name__}{plain!r}")
        for value in values:
            if not isinstance(value, _PLAIN):
                _feed(write, value)
    elif isinstance(thing, np.ndarray):
        write(f"[{thing.dtype}{thing.shape}".encode() + np.ascontiguousarray(thing).tobytes())
    elif _is_shape(type(thing)):
        write(b"g" + thing.wkb)  # type: ignore[attr-defined]
    elif isinstance(thing, Mapping):
        _feed(write, tuple(thing.items()))
    elif isinstance(thing, tuple | list):
        write(b"(" + struct.pack("<q", len(thing)))
        if len({type(each) for each in thing}) == 1 and dataclasses.is_dataclass(thing[0]):
            # Many of a kind go field by field, which is much faster than one by one.
            _feed(write, type(thing[0]).__name__)
            for field in dataclasses.fields(thing[0]):
                _feed_column(write, [getattr(each, field.name) for each in thing])
        else:
            for each in thing:
                _feed(write, each)
    else:
        written = f"{type(thing).__name__}:{thing!r}".encode()
        write(struct.pack("<q", len(written)) + written)


def _is_shape(kind: type) -> bool:
    return kind.__module__.startswith("shapely.")


def _feed_column(write: Callable[[bytes], object], values: list[Any]) -> None:
    """Write the values of one field: all at once where all are plain, or all shapes."""
    kinds = {type(value) for value in values}
    if kinds <= set(_PLAIN):
        _feed(write, repr(values))
    elif all(_is_shape(kind) or kind is type(None) for kind in kinds):
        import shapely

        shapes = shapely.to_wkb(np.array(values, dtype=object))
        _feed(write, repr([None if shape is None else len(shape) for shape in shapes]))
        write(b"".join(shape for shape in shapes if shape is not None))
    else:
        for value in values:
            _feed(write, value)


def code_of(*rooms: str) -> str:
    """Return a name for the code of some rooms, or files of this package: what other code made is another thing."""
    return digest(*(_code(room) for room in rooms))


@cache
def _code(room: str) -> str:
    """Return a name for the code of a room, or of a file."""
    path = Path(__file__).parents[1] / room
    return digest(*(each.read_bytes() for each in ([path] if path.suffix else sorted(path.rglob("*.py")))))


def _folder() -> Path | None:
    """Return where things are kept: what the environment variable says, by default the user's own folder for such files."""
    chosen = os.environ.get(FOLDER)
    if chosen is not None:
        return Path(chosen).expanduser() if chosen else None
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "qsim"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "qsim"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "qsim"


def _keep(arrays: dict[str, NDArray[Any]], path: Path) -> None:
    """Write arrays, and forget the oldest of their kind; a folder that cannot be written is none of the reader's trouble."""
    kind = path.name.removeprefix(_PREFIX).partition("-")[0]
    try:
        with (
            beside(path) as temporary,
            zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file,
        ):
            for name, array in arrays.items():
                with file.open(f"{name}.npy", "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, array, allow_pickle=False)
        for old in sorted(path.parent.glob(f"{_PREFIX}{kind}-*.npz"), key=lambda each: -each.stat().st_mtime)[KEPT:]:
            old.unlink(missing_ok=True)
    except OSError:
        return


def _read(path: Path) -> dict[str, NDArray[Any]]:
    with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}
