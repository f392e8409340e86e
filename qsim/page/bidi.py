"""Names in scripts that run from right to left, set apart within sentences; and text without marks that would turn the text around it."""

import re
from typing import Any

# Marks by which a text turns what stands beside it, up to its own end or beyond: no name and no sentence of a record needs them.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
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
    return _RUN.sub(rf"{_APART}\g<0>{_END}", plain(text))


def plain(text: str) -> str:
    """Return a text without marks that turn the direction of what stands beside it."""
    return _TURNING.sub("", text)


def all_set_apart(item: Any, *, exact: bool = False) -> Any:
    """Return what is made of dicts, lists and texts with every text `set_apart`; what is looked up by its letters is only made `plain`."""
    if isinstance(item, str):
        return plain(item) if exact else set_apart(item)
    if isinstance(item, dict):
        return {key: all_set_apart(value, exact=exact or key in _EXACT) for key, value in item.items()}
    if isinstance(item, list | tuple):
        return [all_set_apart(value, exact=exact) for value in item]
    return item
