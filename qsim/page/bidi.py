"""Names and sentences of a record as a page can show them: those in scripts from right to left set apart, what hides written out, names not too long."""

import re
from typing import Any

from qsim.record.signs import visible

# Marks that only say how the letters beside them run, which the page says anew.
_GENTLE = re.compile("[\u200e\u200f\u061c]")
_LETTERS = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_RUN = re.compile(rf"[{_LETTERS}]+(?:[\s\-'’]+[{_LETTERS}]+)*")
_APART, _END = "\u2067", "\u2069"
# What is looked up by the letters that it has, and shown by itself if at all.
_EXACT = frozenset(
    {"id", "says", "source", "kind", "cites", "colour", "statuses", "when", "start", "licence", "cell", "ar", "also", "data"}
)


def set_apart(text: str) -> str:
    """
    Return a text in which each name in a script from right to left keeps to itself, so that the order of the rest is as it was written.

    Examples
    --------
    >>> ascii(set_apart("القصير: A → B"))
    "'\\\\u2067\\\\u0627\\\\u0644\\\\u0642\\\\u0635\\\\u064a\\\\u0631\\\\u2069: A \\\\u2192 B'"
    """
    return visible(text) if text.isascii() else _RUN.sub(rf"{_APART}\g<0>{_END}", plain(text))


def plain(text: str) -> str:
    """Return a text in which what turns the words around it, or hides, is written out."""
    return visible(_GENTLE.sub("", text))


def short(name: str, instead: str = "", *, most: int = 120) -> str:
    """Return a name that leaves room for others: the head of one of more letters than `most`, and of a blank one what stands for it."""
    return name[: most - 1] + "…" if len(name) > most else name if name.strip() else instead


def all_set_apart(item: Any, *, exact: bool = False) -> Any:
    """Return what is made of dicts, lists and texts with every text `set_apart`; what is looked up by its letters is only made `plain`."""
    if isinstance(item, str):
        return plain(item) if exact else set_apart(item)
    if isinstance(item, dict):
        return {key: all_set_apart(value, exact=exact or key in _EXACT) for key, value in item.items()}
    if isinstance(item, list | tuple) and not (item and isinstance(item[0], int) and isinstance(item[-1], int)):
        return [all_set_apart(value, exact=exact) for value in item]
    return item
