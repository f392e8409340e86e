"""Signs that do something: those that nobody sees are shown as what they are, those that make a formula of a cell stand behind an apostrophe."""

import io
import re
from typing import IO, Any

# Controls of a terminal but line ends and tabs, marks that turn the words around them round, signs without width but those that join
# letters as their script does, and halves of letters.
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # what no XML may hold, escaped or not
# What a spreadsheet takes for a formula; a plain number is none, whatever its sign.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][+-]?\d+)?")


def visible(text: str) -> str:
    """
    Return a text in which signs that move a terminal, turn words round or hide between letters are written out.

    Examples
    --------
    >>> visible("Mossford\\x1b[2J\\u202e")
    'Mossford\\\\x1b[2J\\\\u202e'
    """
    return text if text.isascii() and text.isprintable() else _HIDDEN.sub(lambda sign: sign[0].encode("unicode_escape").decode(), text)


def as_xml(text: str) -> str:
    """Return a text with U+FFFD in place of what no XML may hold, escaped or not: most control characters, halves of letters."""
    return _NO_XML.sub("\ufffd", text)


class Shown(io.TextIOBase, IO[str]):
    """An open text, as a terminal is, that what is written to is made visible for."""

    def __init__(self, file: IO[str]) -> None:
        self.file = file

    def write(self, text: str) -> int:
        """Write a text, made visible."""
        return self.file.write(visible(text))


def inert(value: Any) -> Any:
    """
    Return a cell of a CSV file that no spreadsheet takes for a formula: such a text stands behind an apostrophe; other values are as they are.

    Examples
    --------
    >>> inert("=1+1"), inert("-0.5"), inert("'=1+1")
    ("'=1+1", '-0.5', "''=1+1")
    """
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value) else value


def spoken(text: str) -> str:
    """Return what `inert` was given, of what it returned; other texts are as they are."""
    return text[1:] if text[:1] == "'" and _FORMULA.match(text) else text
