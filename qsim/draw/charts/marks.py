"""What charts over days share: days on an axis and in words, numbered discs, and the numbered list below a chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from qsim.draw.figure import text_width
from qsim.draw.palette import contrast
from qsim.draw.style import LOOK, wrapped
from qsim.record.dates import Window, day

DISC_PT = 12.5
_LIGHT = 7.0  # contrast with black above which a number on a disc is dark
LINE_IN = 0.17
_LIST_DISC_PT = 10.5
_TEXT_PT = 8.5
_INDENT_IN, _MIDDLE_IN = 0.231, 0.088


@dataclass(frozen=True, slots=True)
class Note:
    """A row of the list below a chart: the number on its disc, the disc's colour and whether it is `hollow`, and what it says."""

    number: int
    colour: str
    hollow: bool
    text: str


def day_numbers(days: NDArray[np.datetime64] | np.datetime64) -> NDArray[np.float64]:
    """Return days as numbers for the axis: days since 1970."""
    return np.asarray(days, dtype="datetime64[D]").astype(float)


def day_ticks(days: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    """Return the days that are named on the axis: every other, every week, or the first (and middle) of a month, of a quarter."""
    if len(days) <= 45:
        return days[:: 2 if len(days) <= 16 else 7]
    months, in_month = days.astype("datetime64[M]").astype(int), (days - days.astype("datetime64[M]")).astype(int)
    if len(days) <= 150:
        return np.asarray(days[(in_month == 0) | (in_month == 14)])
    return np.asarray(days[(in_month == 0) & (months % (1 if len(days) <= 400 else 3) == 0)])


def day_label(moment: np.datetime64, with_year: bool) -> str:
    """Return a tick of the axis: `19 May`, with the year on the first of January and where it is wished."""
    then = day(moment)
    return f"{then.day} {then:%b}" + (f"\n{then.year}" if with_year or (then.month == 1 and then.day == 1) else "")


def span_label(window: Window) -> str:
    """Return a window as a reader writes it: `19 May – 5 Jun 2013`, without what repeats."""
    first, last = window.start, window.end
    if first == last:
        return f"{first.day} {first:%b %Y}"
    opening = (
        f"{first.day}"
        + (f" {first:%b}" if (first.year, first.month) != (last.year, last.month) else "")
        + (f" {first.year}" if first.year != last.year else "")
    )
    return f"{opening} – {last.day} {last:%b %Y}"


def disc(colour: str, hollow: bool) -> tuple[dict[str, Any], str]:
    """Return the style of a disc of this colour, filled or open, and the colour in which a number can be read on it."""
    light = contrast(colour, "#000000") > _LIGHT
    style: dict[str, Any] = {
        "marker": "o",
        "ms": DISC_PT,
        "mfc": LOOK.paper if hollow else colour,
        "mec": colour if hollow else LOOK.paper,
    }
    return style | {"mew": 1.8 if hollow else 0.8, "ls": "none"}, LOOK.ink if hollow or light else LOOK.paper


def draw_diagonal(axes: Axes, *, labelsize: float) -> None:
    """Give a reliability diagram its square, in percent, and the diagonal on which as much came true as was said."""
    axes.plot([0, 1], [0, 1], color=LOOK.neutral, linewidth=1, linestyle=(0, (5, 4)), zorder=1, gid="diagonal")
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
        axis.set_tick_params(length=0, labelsize=labelsize)
    axes.grid(color=LOOK.rule, linewidth=0.7, zorder=0)
    for edge in axes.spines.values():
        edge.set_visible(False)


def in_columns(notes: Sequence[Note], width_in: float) -> list[list[tuple[Note, list[str]]]]:
    """Return the notes with their lines in two columns that are as even as can be, each half of the width."""
    measure = text_width(100, _TEXT_PT)
    rows = [(note, wrapped(note.text, width_in * 50 - 40, measure)) for note in notes]
    lengths = [0, *np.cumsum([len(lines) for _, lines in rows]).tolist()]
    half = min(range(len(lengths)), key=lambda i: (max(lengths[i], lengths[-1] - lengths[i]), -i))
    return [rows[:half], rows[half:]]


def column_lines(columns: Sequence[Sequence[tuple[Note, list[str]]]]) -> int:
    """Return the number of lines of the longest column."""
    return max((sum(len(lines) for _, lines in column) for column in columns), default=0)


def draw_notes(
    drawn: Figure, columns: Sequence[Sequence[tuple[Note, list[str]]]], *, left_in: float, top_in: float, width_in: float
) -> None:
    """Write a list in its columns; `top_in` is how far above the lower edge of the figure it starts, inches."""
    wide, high = drawn.get_size_inches()
    for column, rows in enumerate(columns):
        x, y = left_in + column * width_in / 2, top_in - LINE_IN / 2
        for note, lines in rows:
            style, ink = disc(note.colour, note.hollow)
            at = ((x + _MIDDLE_IN) / wide, y / high)
            drawn.add_artist(Line2D([at[0]], [at[1]], **(style | {"ms": _LIST_DISC_PT})))
            middle: dict[str, Any] = {"ha": "center", "va": "center_baseline", "fontweight": "bold"}
            drawn.text(*at, str(note.number), color=ink, fontsize=6.8 if note.number < 10 else 5.8, **middle)
            for line in lines:
                where = (x + _INDENT_IN) / wide, y / high
                drawn.text(*where, line, ha="left", va="center_baseline", fontsize=_TEXT_PT, color=LOOK.ink, parse_math=False)
                y -= LINE_IN
