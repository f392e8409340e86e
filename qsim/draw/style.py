"""One look, defined once: the colours, sizes and words of every picture; in light and in dark, and for sheets of every size."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.draw.fonts import FAMILY
from qsim.draw.palette import NO_CHANGE, PAPERS, Palette, tint_steps
from qsim.record.names import nearest
from qsim.record.theatre import Theatre

BASE_DPI = 100  # of a sheet of the usual size: a point is then 1.39 pixels
_USUAL = {False: (1280, 800), True: (1080, 1250)}  # the sheets that the lengths below are made for: with the panel beside, and below
_SMALL_POWER = 0.75  # a smaller sheet has smaller type, but not as much smaller as the sheet
LEAST = (320, 300)  # the least size of a picture, pixels: below some 870x550 it has the map and the words of the day alone
_COMPACT_UNIT = 0.8
_LEAST_UNIT = 0.75  # below which the smallest type would be less than 8 pixels high
_MOST_PX = 16_384  # the most that every format takes in each direction
_STACKED = 1.15  # a sheet that is narrower than so many times its height has its panel below the map


class LookError(ValueError):
    """A theme that is not known, or a sheet on which the text would not be readable; with every problem at once."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


@dataclass(frozen=True, slots=True)
class Look(Palette):
    """
    A palette with sizes: lengths of the sheet in its own pixels, type and strokes in points.

    `size` is the picture in pixels at scale 1, `scale` how many times finer it is drawn. A sheet's own pixels are those of the
    usual size: on a larger picture each takes `unit` pixels, so that type and lines grow with it. `names` says which names places
    bear on the map: "latin" (as `name` has them), those of a `language` ("ar" is Arabic) or "both". A `compact` sheet, as for a phone, has
    the map and the words of the day alone. `family` are the names of fonts, of which each letter takes the first that has it.
    """

    size: tuple[int, int] = (1280, 800)
    scale: float = 1.0
    unit: float = 1.0
    theme: str = "light"
    names: str = "latin"
    language: str = "ar"
    compact: bool = False
    margin_px: int = 16
    collar_px: int = 26
    caption_px: int = 82
    panel_px: int = 404
    stripe_px: float = 6.0
    inset_stripe_px: float = 9.0
    arrow_px: float = 9.0
    legend_row_px: float = 19.0
    trend_px: float = 168.0
    locator_px: float = 104.0
    family: tuple[str, ...] = (FAMILY,)

    cell_edge_pt: float = 0.5
    road_pt: float = 0.9
    river_pt: float = 1.5
    border_pt: float = 1.3
    front_pt: float = 2.2
    before_pt: float = 1.1
    pocket_pt: float = 1.6
    flash_pt: float = 5.0
    flash_line_pt: float = 1.2
    precision_pt: float = 0.8
    age_pt: float = 4.0
    route_pt: float = 2.2
    ring_line_pt: float = 4.2
    way_pt: float = 1.6
    route_casing_pt: float = 2.0
    casing_pt: float = 2.4
    halo_pt: float = 2.6
    ring_pt: float = 9.0
    ring_edge_pt: float = 1.5

    title_pt: float = 13.0
    day_pt: float = 24.0
    headline_pt: float = 15.0
    status_pt: float = 12.5
    text_pt: float = 9.5
    small_pt: float = 8.0
    city_pt: float = 12.5
    town_pt: float = 9.5
    village_pt: float = 8.3
    caption_lines: int = 4

    flash: str = "#ffffff"
    flash_line: str = "#111111"

    @property
    def dpi(self) -> float:
        """Pixels of the picture an inch: what a point of type or stroke is measured by."""
        return BASE_DPI * self.unit * self.scale

    @property
    def pixels(self) -> tuple[int, int]:
        """The width and height of the picture as it is drawn, pixels."""
        return round(self.size[0] * self.scale), round(self.size[1] * self.scale)

    @property
    def width_px(self) -> float:
        """The width of the sheet in its own pixels."""
        return self.size[0] / self.unit

    @property
    def height_px(self) -> float:
        """The height of the sheet in its own pixels."""
        return self.size[1] / self.unit

    @property
    def stacked(self) -> bool:
        """Whether the panel stands below the map instead of beside it."""
        return is_stacked(self.size)


LIGHT = Look()
DARK = Look(
    theme="dark",
    paper=PAPERS[1],
    ink="#f2f0eb",
    faint_ink="#a9b1b9",
    unknown="#2c3137",
    unknown_dot="#565e67",
    undecided="#242a30",
    undecided_line="#6a727b",
    neutral="#9aa1a9",
    rule="#39414a",
    water="#1b3145",
    water_line="#2f5b7c",
    water_ink="#93c8ee",
    river="#4287b8",
    road="#8d8478",
    road_casing="#1c2127",
    runway="#d6d6d6",
    border="#d8d8d8",
    cell_edge="#14181d",
    front="#ffffff",
    casing="#0b0e11",
    route="#0b0e11",
    route_casing="#ffffff",
    neatline="#8a929b",
    flash_line="#0b0e11",
)
LOOK = LIGHT
THEMES = {"light": LIGHT, "dark": DARK}
NAMES = ("latin", "ar", "both")
OWN = "own estimates"


def is_stacked(size: tuple[int, int]) -> bool:
    """Return whether a picture of this size (width, height) has its panel below the map."""
    return size[0] < _STACKED * size[1]


def least_size(size: tuple[int, int]) -> tuple[int, int]:
    """Return the least width and height of pictures shaped like `size`, panel beside or below, whose text can be read."""
    wide, high = _USUAL[is_stacked(size)]
    share = _LEAST_UNIT ** (1 / _SMALL_POWER)
    return math.ceil(wide * share), math.ceil(high * share)


def look(
    theme: str = "light",
    size: tuple[int, int] = (1280, 800),
    scale: float = 1.0,
    *,
    names: str = "latin",
    language: str | None = None,
    family: tuple[str, ...] = (FAMILY,),
) -> Look:
    """
    Return the look of pictures of this theme, "light" or "dark", and `size` (width, height), pixels, drawn `scale` times as fine.

    Places bear their Latin `names`, those of a `language` where they have one, or "both"; `names="ar"` is the language "ar".

    Raises
    ------
    LookError
        When the theme or the names are not known, the size is too small for the text or too large for a file, or the scale is not above zero.

    Examples
    --------
    >>> look("dark", (1920, 1080), 2).pixels
    (3840, 2160)
    """
    problems = [] if theme in THEMES else [f"theme {theme!r}; expected {' or '.join(map(repr, THEMES))}{nearest(theme, [*THEMES])}"]
    problems += [] if 0 < scale <= 8 else [f"scale {scale}; expected a number above 0, at most 8"]
    problems += [] if names in NAMES else [f"names {names!r}; expected one of {', '.join(NAMES)}"]
    problems += [f"names 'ar' and language {language!r}; expected one of them"] if names == "ar" and language not in (None, "ar") else []
    (width, height), (least_width, least_height) = size, least_size(size)
    compact = width < least_width or height < least_height
    if width < LEAST[0] or height < LEAST[1]:
        problems += [f"size {width}x{height} is too small for its text; a picture has at least {LEAST[0]}x{LEAST[1]}"]
    if max(width, height) * scale > _MOST_PX:
        problems += [f"size {width}x{height} at scale {scale:g} is too large; a picture has at most {_MOST_PX} pixels in each direction"]
    if problems:
        raise LookError(problems)
    share = min(given / usual for given, usual in zip(size, _USUAL[is_stacked(size)], strict=True))
    unit = _COMPACT_UNIT if compact else share if share > 1 else share**_SMALL_POWER
    shown: dict[str, Any] = {
        "names": "own" if names == "ar" or (language and names == "latin") else names,
        "language": language or "ar",
        "family": family,
    }
    return replace(THEMES[theme], size=size, scale=float(scale), unit=unit, compact=compact, **shown)


def is_certain(theatre: Theatre, belief: NDArray[np.float64], status: NDArray[np.int8]) -> bool:
    """Return whether every place with a cell is shown in full colour; `belief` is (places, statuses) or (days, places, statuses), `status` without statuses."""
    cells = [i for i, place in enumerate(theatre.places) if place.polygon is not None]
    days = zip(belief, status, strict=True) if belief.ndim > 2 else [(belief, status)]
    return not any(tint_steps(of_day[cells], drawn[cells]).any() for of_day, drawn in days)


def attribution(theatre: Theatre) -> str:
    """Return one line on where documents and points come from, as the theatre's data tell it; empty where they do not."""
    documents = theatre.documents.values()
    origins = _unique([re.split(r"[;,]", document.origin)[0].strip() for document in documents])
    licences = _unique([document.licence for document in documents])
    points = sorted(
        _unique([_root(source) for source in [*(p.source for p in theatre.places), *(f.source for f in theatre.backdrop)]]),
        key=lambda root: root == OWN,
    )
    parts = ["Documents: " + ", ".join([*origins, *licences])] if origins or licences else []
    parts += ["points: " + ", ".join(points)] if points else []
    parts += [f"picture of the ground: {theatre.picture.credit or 'source not stated'}"] if theatre.picture is not None else []
    return "; ".join(parts)


def _unique(texts: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text))


def _root(source: str) -> str:
    """Return the first word of a source, which names the work; estimates are our own."""
    word = re.match(r"[\w-]*", source)
    return OWN if source.startswith(("estimated", "own")) else word.group() if word else ""


def wrapped(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Return `text` in lines no wider than `width`, by the width that `measure` gives a text (any unit)."""
    lines: list[str] = []
    for word in text.split():
        if lines and measure(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def clipped(text: str, end: str, width: float, most: int, measure: Callable[[str], float]) -> list[str]:
    """
    Return `text` and `end` in at most so many lines no wider than `width`: where they do not fit, the text loses words, and says so by "...".

    The end is lost last: it says who said so, and where.
    """
    words = text.split()
    lines = wrapped(text + end, width, measure)
    while len(words) > 1 and len(lines) > most:
        words.pop()
        lines = wrapped(" ".join(words) + " ..." + end, width, measure)
    rest = (" ".join(words) + " ..." + end).split()
    while len(rest) > 2 and (len(lines) > most or any(measure(line) > width for line in lines)):
        del rest[-2]
        lines = wrapped(" ".join(rest), width, measure)
    return lines


def caption(
    told: Sequence[tuple[str, str]], width: float, most: int, measure: Callable[[str], float], *, events: int | None = None
) -> list[str]:
    """
    Return what changed in at most so many lines: each event's text with who said it in brackets; of those left out, "and N more".

    No more than so many `events` are told, where that is said. `told` are pairs of text and source; events told in the same words are told once, with all of their sources. Each event begins
    a line, and takes more where it needs them and there are any left.
    """
    merged: dict[str, list[str]] = {}
    for text, said_by in told:
        merged.setdefault(text, []).append(said_by)
    ends = [(text, f" ({'; '.join(sources)})" if (sources := _unique(said)) else "") for text, said in merged.items()]
    if not ends:
        return [NO_CHANGE]
    shown = ends[: most if events is None else min(most, events)]
    if len(ends) > len(shown):
        shown[-1] = (shown[-1][0], f"{shown[-1][1]} – and {len(ends) - len(shown)} more")
    spare, lines = most - len(shown), []
    for text, end in shown:
        own = clipped(text, end, width, 1 + spare, measure)
        spare -= len(own) - 1
        lines += own
    return lines
