"""Single keys of a terminal: read one at a time, with the arrows by name; and the other screen, which leaves the first as it was."""

import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_NAMES = {
    "\x1b[A": "up", "\x1b[B": "down", "\x1b[C": "right", "\x1b[D": "left", "\x1b[5~": "pageup", "\x1b[6~": "pagedown",
    "\x1b[H": "home", "\x1b[F": "end", "\x1bOA": "up", "\x1bOB": "down", "\x1bOC": "right", "\x1bOD": "left",
    "\r": "enter", "\n": "enter", "\x7f": "backspace", "\b": "backspace", "\x1b": "escape", "\x03": "interrupt", "\x04": "end of file",
}  # fmt: skip


def has_keys() -> bool:
    """Return whether single keys can be read and a screen be redrawn: both streams on a terminal that is not dumb, on a POSIX system."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM", "dumb") == "dumb":
        return False
    try:
        import termios  # noqa: F401
    except ImportError:
        return False
    return True


@contextmanager
def raw() -> Iterator[None]:
    """Read keys as they are pressed, on the terminal's other screen; whatever happens, the terminal is left as it was found."""
    import termios
    import tty

    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    sys.stdout.write("\x1b[?1049h\x1b[?25l")
    try:
        tty.setraw(terminal)
        after = termios.tcgetattr(terminal)
        after[1] |= termios.OPOST  # line ends are still turned into returns
        termios.tcsetattr(terminal, termios.TCSADRAIN, after)
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
        sys.stdout.write("\x1b[?25h\x1b[?1049l")
        sys.stdout.flush()


def key(seconds: float | None = None) -> str:
    """Return the next key pressed, by name where it has one; empty when none is within so many seconds."""
    terminal = sys.stdin.fileno()
    if not select.select([terminal], [], [], seconds)[0]:
        return ""
    read = os.read(terminal, 1)
    if not read:
        return "end of file"
    if read == b"\x1b":
        while select.select([terminal], [], [], 0.02)[0] and len(read) < 8:
            read += os.read(terminal, 1)
            if (read[-1:].isalpha() and read not in (b"\x1bO",)) or read.endswith(b"~"):
                break
    while read[:1] >= b"\xc0" and not _whole(read):
        read += os.read(terminal, 1)
    text = read.decode("utf-8", "replace")
    return _NAMES.get(text, text)


def _whole(read: bytes) -> bool:
    """Return whether these bytes are a whole letter of UTF-8."""
    try:
        read.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
