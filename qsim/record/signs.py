"""Signs that nobody sees and that do something: they are shown as what they are, and then do nothing."""

import re

# Controls of a terminal but line ends and tabs, marks that turn the words around them round, signs without width but those that join
# letters as their script does, and halves of letters.
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]")


def visible(text: str) -> str:
    """
    Return a text in which signs that move a terminal, turn words round or hide between letters are written out.

    Examples
    --------
    >>> visible("Mossford\\x1b[2J\\u202e")
    'Mossford\\\\x1b[2J\\\\u202e'
    """
    return text if text.isascii() and text.isprintable() else _HIDDEN.sub(lambda sign: sign[0].encode("unicode_escape").decode(), text)
