"""The sheet around a map, in its own pixels from its lower left corner: type, rings, and the scale bar."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure, SubFigure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from qsim.draw.glyphs import is_simple, line_width
from qsim.draw.style import BASE_DPI, LOOK, Look

_MARK = "\u200e"
_ARABIC, _LATIN = re.compile(r"[\u0600-\u08ff]+(?:\s+[\u0600-\u08ff]+)*"), re.compile(r"[A-Za-z]")


@lru_cache(maxsize=256)
def text_width(dpi: float, pt: float, weight: str = "normal", family: tuple[str, ...] = LOOK.family) -> Callable[[str], float]:
    """Return a function that gives the width of a text in pixels."""
    renderer, properties = RendererAgg(1, 1, dpi), font(pt, weight, family)  # type: ignore[no-untyped-call]

    def width(text: str) -> float:
        if is_simple(text):
            return line_width(text, properties, dpi)
        return float(renderer.get_text_width_height_descent(text, properties, False)[0])  # type: ignore[no-untyped-call]

    return width


def new_figure(look: Look) -> Figure:
    """Return an empty sheet."""
    wide, high = look.pixels
    # A hair more than whole pixels, so that rounding never takes one away.
    figure = Figure(figsize=((wide + 1e-4) / look.dpi, (high + 1e-4) / look.dpi), dpi=look.dpi, facecolor=look.paper)
    FigureCanvasAgg(figure)
    return figure


def shares(look: Look, box: Bbox) -> tuple[float, float, float, float]:
    """Return a box of the sheet (left, bottom, width, height) as shares of it."""
    return box.x0 / look.width_px, box.y0 / look.height_px, box.width / look.width_px, box.height / look.height_px


def whole(figure: Figure | SubFigure, look: Look) -> Axes:
    """Return axes that cover the sheet, in its own pixels from its lower left corner."""
    sheet = figure.add_axes((0, 0, 1, 1))
    sheet.set(xlim=(0, look.width_px), ylim=(0, look.height_px), zorder=-1, label="sheet")
    sheet.axis("off")
    return sheet


def rings(ax: Axes, order: float, look: Look) -> Line2D:
    """Return rings around what changed, none yet."""
    ring = Line2D([], [], ls="none", marker="o", ms=look.ring_pt, mfc="none", mec=look.ink, mew=look.ring_edge_pt, zorder=order)
    ring.set_path_effects([withStroke(linewidth=look.ring_edge_pt + 1.6, foreground=look.casing)])
    ax.add_line(ring)
    return ring


def font(pt: float, weight: str = "normal", family: tuple[str, ...] = LOOK.family) -> FontProperties:
    """Return the type of all pictures in this size."""
    return FontProperties(family=[*family], size=pt, weight=weight)


def left_to_right(text: str) -> str:
    """
    Return a text whose lines run from left to right also where Arabic names stand among Latin letters and figures.

    In such a line each Arabic name is set apart by the marks that Unicode has for it; a line that is all Arabic runs from right to left.
    """
    return "\n".join(_ARABIC.sub(rf"{_MARK}\g<0>{_MARK}", line) if _LATIN.search(line) else line for line in text.split("\n"))


def write(
    sheet: Axes, look: Look, x: float, y: float, text: str, pt: float, *, colour: str = "", weight: str = "normal", ha: str = "left"
) -> Text:
    """Write on the sheet, with the upper corner of the text at (x, y); `ha` says which, and the ink is the look's unless another is said."""
    style: dict[str, Any] = {"fontproperties": font(pt, weight, look.family), "color": colour or look.ink, "ha": ha, "va": "top"}
    return sheet.text(x, y, left_to_right(text), linespacing=1.25, parse_math=False, **style)


def fit(text: Text, look: Look, pt: float, width: float) -> None:
    """Give a text on the sheet the size `pt`, or a smaller one in which it is no wider than `width`, the sheet's pixels."""
    text.set_fontsize(pt * shrunk(look, text.get_text().split("\n"), pt, width, str(text.get_fontproperties().get_weight())))


def shrunk(look: Look, lines: Sequence[str], pt: float, width: float, weight: str = "normal") -> float:
    """Return by how much the size `pt` must shrink, at most 1, for none of these lines to be wider than `width`, the sheet's pixels."""
    share, room = 1.0, width * look.dpi / BASE_DPI
    for _ in range(4):  # letters are fitted to pixels, so that half the size is not exactly half the width
        measure = text_width(look.dpi, pt * share, weight, look.family)
        wide = max((measure(line) for line in lines), default=0.0)
        if wide <= room:
            return share
        share *= 0.995 * room / wide
    return share
