"""Files that are whole or not there at all: written beside their place, then renamed into it; devices and pipes are written into."""

import io
import os
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import IO

from qsim.record.signs import Shown, visible

_COUNT = count()  # two threads that write one file have temporary files of their own
_OPENED = re.compile(r"/dev/(stdout|stderr|fd/\d+)|/proc/[^/]+/fd/\d+")
_LEFT = re.compile(r"\.qsim-(\d+)-\d+\.part")


class TextError(ValueError):
    """A text that no file can hold, as one made in Python can be; what is read from files is checked."""


@contextmanager
def whole_letters() -> Iterator[None]:
    """Say of half a letter that is to be written where it stands, in words."""
    try:
        yield
    except UnicodeEncodeError as error:
        around = visible(error.object[max(0, error.start - 40) : error.end + 20])
        raise TextError(f"{around!r} holds half of a letter (U+D800 to U+DFFF), which no file can hold; mend the text") from None


@contextmanager
def standard_output() -> Iterator[IO[str]]:
    """Give the standard output for data: a pipe or a file gets them as they are, in UTF-8; a terminal is shown the signs that nobody sees."""
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None or sys.stdout.isatty():
        yield Shown(sys.stdout)
        return
    sys.stdout.flush()
    text = io.TextIOWrapper(binary, encoding="utf-8", newline="")
    try:
        with whole_letters():
            yield text
    finally:
        text.detach()


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """
    Give a temporary name in the folder of `path`; rename it to `path` when all went well, and remove it when not.

    A link is followed, and the mode of a file that is replaced is kept. What is no file of its own, a device or a named pipe, is never
    renamed over: what was written is copied into it. What a run that was killed left behind is removed.

    Raises
    ------
    OSError
        When `path` is a folder or a socket, or cannot be written; it names `path`, never the temporary file.
    TextError
        When half of a letter was to be written.
    """
    path = Path(path)
    target, streamed = Path(os.path.realpath(path)), is_stream(path)
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        mode = 0
    if stat.S_ISDIR(mode) or stat.S_ISSOCK(mode):
        raise OSError(0, f"{'a folder' if stat.S_ISDIR(mode) else 'a socket'} stands there; expected a file", str(path))
    folder = Path(tempfile.gettempdir()) if streamed else target.parent
    temporary = folder / f".qsim-{os.getpid()}-{next(_COUNT)}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _clean(folder)
        with whole_letters():
            yield temporary
        if streamed:
            with temporary.open("rb") as made, path.open("ab") as into:
                shutil.copyfileobj(made, into)
        else:
            if mode:
                os.chmod(temporary, stat.S_IMODE(mode))
            os.replace(temporary, target)
    except OSError as problem:
        if problem.filename is not None and Path(os.fsdecode(problem.filename)) in (temporary, folder):
            raise type(problem)(problem.errno, problem.strerror, str(path)) from None
        raise
    finally:
        temporary.unlink(missing_ok=True)


def is_stream(path: Path) -> bool:
    """
    Return whether a path leads to a device, a pipe or a file that a shell has opened (`/dev/stdout`, `/dev/fd/63`): it is written into,
    never renamed over.
    """
    try:
        mode = os.stat(path).st_mode  # a pipe that a shell opened has no path of its own to be resolved to
    except OSError:
        return False
    opened = _OPENED.fullmatch(os.path.abspath(path)) is not None
    return opened or not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISSOCK(mode))


def _clean(folder: Path) -> None:
    """Remove the temporary files and folders of runs that are no more; those of a run that lives, or of another system's, stay."""
    for left in folder.glob(".qsim-*.part"):
        found = _LEFT.fullmatch(left.name)
        if found and os.name == "posix" and not Path(f"/proc/{found[1]}").exists() and not _lives(int(found[1])):
            shutil.rmtree(left, ignore_errors=True) if left.is_dir() and not left.is_symlink() else left.unlink(missing_ok=True)


def _lives(process: int) -> bool:
    """Return whether a process of that number runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


@contextmanager
def beside_folder(path: Path, mark: str) -> Iterator[Path]:
    """
    Give a temporary folder beside `path`; when all went well it takes the place of `path`, which may be missing, empty, or an earlier
    one of its kind, as it has a file named `mark`.

    Raises
    ------
    OSError
        When something else stands there: what a user has put into a folder is not removed.
    TextError
        When half of a letter was to be written.
    """
    path = Path(path)
    if path.exists() and not path.is_dir():
        raise OSError(0, "a file stands there; expected a folder, or nothing", str(path))
    if path.is_dir() and any(path.iterdir()) and not (path / mark).exists():
        raise OSError(0, f"the folder holds other files (no {mark} among them); choose another, or empty it", str(path))
    temporary = path.parent / f".qsim-{os.getpid()}-{next(_COUNT)}.part"
    earlier = temporary.with_suffix(".old")
    try:  # whoever interrupts may do so at any step
        temporary.mkdir(parents=True)
        _clean(path.parent)
        with whole_letters():
            yield temporary
        if path.exists():
            os.replace(path, earlier)
        os.replace(temporary, path)
    finally:
        if earlier.exists() and not path.exists():
            os.replace(earlier, path)
        for each in (temporary, earlier):
            shutil.rmtree(each, ignore_errors=True)
