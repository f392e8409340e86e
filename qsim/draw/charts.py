"""The toll as a picture: a range a figure, grouped by the people counted, coloured by the side of whoever gives it."""

import os
import textwrap
from collections.abc import Sequence
from pathlib import Path

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import StrMethodFormatter

from qsim.casualties import Toll, heading_of
from qsim.dates import Window
from qsim.theatre import Theatre

SUFFIXES = (".png", ".svg", ".pdf")
NEUTRAL_GREY = "#6e6e6e"
_INK, _FAINT = "#1a1a1a", "#d9d9d9"
_ROW_IN = 0.23
_INFINITE = float("inf")


class ChartError(ValueError):
    """A chart that cannot be drawn: a suffix that is not known, or no figure to show."""


def toll_chart(theatre: Theatre, found: Sequence[Toll], path: str | Path) -> Path:
    """
    Draw the figures of `qsim.casualties` to `path` (`.png`, `.svg` or `.pdf`) and return it.

    A row is one claim: a bar from its lowest to its highest number, a dot for a single one, an arrow where it is open above; the axis is
    logarithmic. Rows stand under the people counted, civilians first; colours are those of the speaker's side, grey for neutral voices.
    Claims without a figure are left out, and the foot says how many.

    Raises
    ------
    ChartError
        When the suffix is none of these, or no claim has a figure.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise ChartError(f"{path.name!r}: unknown suffix {path.suffix!r}; expected one of {', '.join(SUFFIXES)}")
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "qsim", "font.family": "DejaVu Sans"}):
        drawn = toll_figure(theatre, found)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            dates = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(path.suffix.lower(), {})
            drawn.savefig(beside, format=path.suffix.lower()[1:], dpi=110, bbox_inches="tight", pad_inches=0.25, metadata=dates)
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)
    return path


def toll_figure(theatre: Theatre, found: Sequence[Toll]) -> Figure:
    """Return the chart of `toll_chart` as a matplotlib Figure; raise `ChartError` when no claim has a figure."""
    shown = [toll for toll in found if toll.numbers is not None]
    if not shown:
        raise ChartError("no claim of these days gives a figure to draw")
    rows = _rows(theatre, shown)
    drawn = Figure(figsize=(11, 1.2 + _ROW_IN * len(rows)), facecolor="white")
    axes = drawn.add_axes((0.5, 0.6 / drawn.get_figheight(), 0.45, 1 - 1.2 / drawn.get_figheight()))
    for y, row in enumerate(rows):
        if isinstance(row, Toll):
            _draw(axes, theatre, y, row)
    _dress(axes, theatre, rows, len(found) - len(shown))
    return drawn


def _rows(theatre: Theatre, shown: Sequence[Toll]) -> list[Toll | str]:
    """Return the rows from top to bottom: a heading for each side and outcome, blank lines, and the figures."""
    rows: list[Toll | str] = []
    before = ""
    for toll in shown:
        heading = f"{heading_of(theatre, toll)}: {toll.outcome}"
        rows += ([""] if rows else []) + [heading] if heading != before else []
        before = heading
        rows.append(toll)
    return rows


def _draw(axes: Axes, theatre: Theatre, y: int, toll: Toll) -> None:
    """Draw one figure: dot, bar, or bar with an open end, and its number."""
    assert toll.numbers is not None
    low, high = toll.numbers
    colour = theatre.side(toll.source.side).colour if toll.source.side else NEUTRAL_GREY
    start, open_above = max(low, 0.8), high == _INFINITE
    end = start * 1.5 if open_above else max(high, 0.8)
    axes.plot([0.8, start], [y, y], color=_FAINT, linewidth=0.7, zorder=1)
    if high == low:
        axes.plot([start], [y], marker="o", color=colour, markersize=6, zorder=3)
    else:
        axes.plot([start, end], [y, y], color=colour, linewidth=6, solid_capstyle="butt", zorder=2)
    if open_above:
        axes.plot([end], [y], marker=">", color=colour, markersize=9, markeredgewidth=0, zorder=3)
    doubt = " (unconfirmed)" if toll.claim.confidence == "unconfirmed" else ""
    axes.annotate(toll.claim.figure + doubt, (end, y), (8, 0), textcoords="offset points", va="center", fontsize=8, color=_INK)


def _dress(axes: Axes, theatre: Theatre, rows: Sequence[Toll | str], left_out: int) -> None:
    """Give the chart its labels, axis, legend and foot."""
    labels = [row if isinstance(row, str) else _label(theatre, row) for row in rows]
    axes.set_yticks(range(len(rows)), labels, fontsize=8)
    for tick, row in zip(axes.get_yticklabels(), rows, strict=True):
        if isinstance(row, str):
            tick.set_fontweight("bold")
            tick.set_fontsize(9)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    highest = max(
        high if high != _INFINITE else low * 1.5 for low, high in (row.numbers for row in rows if isinstance(row, Toll) and row.numbers)
    )
    axes.set_xscale("log")
    axes.set_xlim(0.8, max(highest, 1) * 6)
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.tick_params(axis="x", which="both", labelsize=8, top=False)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=_FAINT, linewidth=0.7, zorder=0)
    for edge in ("top", "right", "left"):
        axes.spines[edge].set_visible(False)
    axes.set_title(f"{theatre.title}: the toll, by who says so", loc="right", fontsize=12, fontweight="bold", pad=34)
    voices = [*((side.name, side.colour) for side in theatre.sides), ("neutral", NEUTRAL_GREY)]
    keys = [Line2D([], [], color=colour, linewidth=5, label=f"said by: {name}") for name, colour in voices]
    axes.legend(handles=keys, loc="lower right", bbox_to_anchor=(1, 1), ncols=len(keys), frameon=False, fontsize=8, borderaxespad=0.3)
    missing = f" {left_out} claim{'s' if left_out != 1 else ''} without a figure not shown." if left_out else ""
    foot = f"People, on a logarithmic scale. Every figure stands alone: they overlap and contradict each other, and are not to be added.{missing}"
    axes.set_xlabel(textwrap.fill(foot, 80), fontsize=8, loc="right")


def _label(theatre: Theatre, toll: Toll) -> str:
    """Return whom a figure counts, where, when, and who says so; never cut, the page grows with the longest."""
    people = toll.people[:1].upper() + toll.people[1:]
    return f"{people}, {theatre.named(toll.claim.place)}, {_days(toll.claim.window)} · {toll.source.name}"


def _days(window: Window) -> str:
    """Return a window as a reader writes it: `19 May - 5 June 2013`, without what repeats."""
    first, last = window.start, window.last
    if first == last:
        return f"{first.day} {first:%b %Y}"
    opening = (
        f"{first.day}"
        + (f" {first:%b}" if (first.year, first.month) != (last.year, last.month) else "")
        + (f" {first.year}" if first.year != last.year else "")
    )
    return f"{opening} – {last.day} {last:%b %Y}"
