"""What a terminal can show: how many colours, how many columns a text takes, and colours as escape codes."""

import colorsys
import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from typing import Literal

from qsim.draw.palette import contrast
from qsim.record.signs import visible

Colours = Literal["none", "16", "256", "true"]
_DEPTHS: tuple[Colours, ...] = ("none", "16", "256", "true")
HALF, DOT, WAVE, POINT, AGE, RING = "▀·~•○◎"  # the upper half of a cell, and the signs written on cells
_RESET = "\x1b[0m"
_COLOURING = re.compile("(\x1b\\[[0-9;]*m)")  # the only signs of a terminal's that a text keeps
_ANSI_HUES = {1: 0, 2: 100, 3: 49, 4: 214, 5: 292, 6: 181}  # as terminals of today show red, green, yellow, blue, magenta and cyan
_PLAIN = str.maketrans({"→": "->", "·": "-", "“": '"', "”": '"', "’": "'", "–": "-"})
_CUBE = (0, 95, 135, 175, 215, 255)


class ColoursError(ValueError):
    """A depth of colour that no terminal has."""


def colours(wanted: str | None = None) -> Colours:
    """
    Return what is `wanted`, or, where that is left open, how many colours standard output shows.

    None but on a terminal, with `NO_COLOR` set, on a dumb one, or where its encoding lacks the half block. Terminals tell by
    `COLORTERM` (or a `TERM` that ends in `-direct`) that they know 24 bits, and by `TERM` that they know 256.

    Raises
    ------
    ColoursError
        When `wanted` is neither None nor one of the depths.
    """
    for depth in _DEPTHS:
        if wanted == depth:
            return depth
    if wanted is not None:
        raise ColoursError(f"unknown colours {wanted!r}; expected one of {', '.join(_DEPTHS)}, or None to ask the terminal")
    term = os.environ.get("TERM", "")
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or term == "dumb" or not _writes(HALF + DOT + POINT + AGE + RING):
        return "none"
    if os.environ.get("COLORTERM") in ("truecolor", "24bit") or term.endswith("-direct") or os.environ.get("WT_SESSION"):
        return "true"
    return "none" if not term else "256" if "256" in term else "16"


def tame(text: str, colour: str | None = None) -> str:
    """Return a text in which no sign moves the terminal or hides; where it has colours, those that colour words are left."""
    if colours(colour) == "none":
        return visible(text)
    return "".join(part if n % 2 else visible(part) for n, part in enumerate(_COLOURING.split(text)))


def writable(text: str) -> str:
    """Return a text as standard output can encode it: tame, with plain arrows, dots and quotes, and `?` for any other letter it lacks."""
    text = tame(text)
    if _writes(text):
        return text
    plain = text.translate(_PLAIN)
    return plain if _writes(plain) else "".join(letter if _writes(letter) else "?" for letter in plain)


def _writes(text: str) -> bool:
    """Return whether standard output can encode these characters."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def clusters(text: str) -> list[str]:
    """
    Return a text as the columns it takes: a letter with its marks is one, a wide letter two, itself and an empty one.

    Characters that take no column of their own and no letter before them (controls, direction marks) are left out.

    Examples
    --------
    >>> clusters("e\\u0301 村")
    ['é', ' ', '村', '']
    """
    found: list[str] = []
    for letter in unicodedata.normalize("NFC", text):
        kind = unicodedata.category(letter)
        if kind in ("Mn", "Me"):
            if found:
                at = -1 if found[-1] else -2
                found[at] += letter
        elif not kind.startswith("C"):
            found += [letter, ""] if unicodedata.east_asian_width(letter) in "WF" else [letter]
    return found


def columns(text: str) -> int:
    """Return how many columns a text takes."""
    return len(clusters(text))


def runs_rightwards(text: str) -> bool:
    """Return whether a text holds no letter of a script that is written leftwards, which a terminal may turn round with its neighbours."""
    return not any(unicodedata.bidirectional(letter) in ("R", "AL", "AN") for letter in text)


@dataclass(frozen=True, slots=True)
class Pen:
    """Turns colours `#rrggbb` into the codes of a depth; with sixteen only the `sides`' colours have one, each its own while there are any."""

    depth: Colours
    sixteen: Mapping[str, int] = field(default_factory=dict)

    def on(self, ground: str, *, ink: str = "", bold: bool = False) -> str:
        """Return the codes for letters on a ground, by default in black or white, whichever is the easier to read."""
        dark = self.depth == "16" and self.sixteen.get(ground, 0) in (2, 3, 6)  # bold black comes out grey on many terminals
        codes = ["1"] if bold and self.depth != "none" and not dark else []
        if self.depth == "16" and ground in self.sixteen:
            codes += ["30" if dark else "97", str(40 + self.sixteen[ground])]
        elif self.depth in ("256", "true"):
            codes += [_code(ink or readable_on(ground), 38, self.depth), _code(ground, 48, self.depth)]
        return ";".join(codes)

    def halves(self, upper: str, lower: str) -> str:
        """Return the codes with which the half block shows two colours."""
        return f"{_code(upper, 38, self.depth)};{_code(lower, 48, self.depth)}"


def ansi_numbers(wanted: Sequence[str]) -> list[int]:
    """
    Return, for each colour, the one of the six hues of a plain terminal that is nearest to it and not yet taken.

    Examples
    --------
    >>> ansi_numbers(["#0072B2", "#E69F00", "#009E73"])
    [4, 3, 6]
    """
    found: list[int] = []
    for colour in wanted:
        hue = 360 * colorsys.rgb_to_hsv(*_rgb(colour))[0]
        free = [number for number in _ANSI_HUES if number not in found] or list(_ANSI_HUES)
        found.append(min(free, key=lambda number: abs((hue - _ANSI_HUES[number] + 180) % 360 - 180)))
    return found


@lru_cache(maxsize=512)
def readable_on(ground: str) -> str:
    """Return black or white, whichever has the higher contrast with a ground (WCAG 2: relative luminance)."""
    return "#000000" if contrast(ground, "#000000") > contrast(ground, "#ffffff") else "#ffffff"


def painted(cells: Iterable[tuple[str, str]]) -> str:
    """Return cells, each a text and its codes, as one line that ends with the terminal's own colours."""
    found = ""
    for codes, run in groupby(cells, key=lambda cell: cell[1]):
        text = "".join(each for each, _ in run)
        found += f"\x1b[{codes}m{text}{_RESET}" if codes else text
    return found


@lru_cache(maxsize=512)
def _code(colour: str, place: int, depth: Colours) -> str:
    """Return the code of a colour for the letter (38) or its ground (48); of 256 colours the nearest."""
    rgb = _rgb(colour)
    if depth == "true":
        return f"{place};2;{rgb[0]};{rgb[1]};{rgb[2]}"
    hue, strength, _ = colorsys.rgb_to_hsv(*rgb)

    def off(number: int) -> float:
        """Return how far a colour is from that of a number, where a change of hue weighs more than one of lightness."""
        shown = _shown(number)
        turn = abs((colorsys.rgb_to_hsv(*shown)[0] - hue + 0.5) % 1 - 0.5) * 360
        return sum((a - b) ** 2 for a, b in zip(shown, rgb, strict=True)) + (3 * turn * strength) ** 2

    return f"{place};5;{min(range(16, 256), key=off)}"


def _shown(number: int) -> tuple[int, int, int]:
    """Return the colour that a terminal shows for a number of 256: from 16 a cube of colours, from 232 greys."""
    if number >= 232:
        return (8 + 10 * (number - 232),) * 3
    return _CUBE[(number - 16) // 36], _CUBE[(number - 16) // 6 % 6], _CUBE[(number - 16) % 6]


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
