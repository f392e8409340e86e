"""Charts to print: the toll by who says so, how far probabilities can be trusted, a share as reported and believed, the ring."""

import itertools
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import StrMethodFormatter

from qsim.belief.scores import Prediction, calibration_error, reliability
from qsim.draw.charts.marks import draw_diagonal, span_label
from qsim.draw.charts.ring import ring_chart, ring_figure
from qsim.draw.charts.series import share_table
from qsim.draw.charts.share import share_chart, share_figure
from qsim.draw.files import ChartError, write_chart
from qsim.draw.style import LOOK
from qsim.record.casualties import Toll, heading_of
from qsim.record.theatre import Theatre

__all__ = [
    "ChartError",
    "reliability_chart",
    "reliability_figure",
    "ring_chart",
    "ring_figure",
    "share_chart",
    "share_figure",
    "share_table",
    "toll_chart",
    "toll_figure",
]
NEUTRAL_GREY = LOOK.neutral
_INK, _FAINT = LOOK.ink, LOOK.rule
_ROW_IN = 0.23
_INFINITE = float("inf")
_POLICY_STYLES = (("#1a1a1a", "o"), ("#CC79A7", "s"), ("#56B4E9", "^"), ("#009E73", "D"), ("#D55E00", "v"))


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
    return write_chart(path, lambda: toll_figure(theatre, found))


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
    return f"{people}, {theatre.named(toll.claim.place)}, {span_label(toll.claim.window)} · {toll.source.name}"


def reliability_chart(theatre: Theatre, predictions: Mapping[str, Sequence[Prediction]], path: str | Path) -> Path:
    """
    Draw how often what each policy foretold of left-out claims came true to `path` (`.png`, `.svg` or `.pdf`) and return it.

    A mark is a tenth of the probabilities said, its area the number of readings; on the diagonal as many came true as were said to.
    `predictions` are those of `qsim.scores.left_out` by the name of their policy.

    Raises
    ------
    ChartError
        When the suffix is none of these, or there is nothing to draw.
    """
    return write_chart(path, lambda: reliability_figure(theatre, predictions))


def reliability_figure(theatre: Theatre, predictions: Mapping[str, Sequence[Prediction]]) -> Figure:
    """Return the chart of `reliability_chart` as a matplotlib Figure; raise `ChartError` when there is no prediction."""
    diagrams = {policy: reliability(found) for policy, found in predictions.items() if found}
    if not diagrams:
        raise ChartError("no prediction of any policy to draw")
    drawn = Figure(figsize=(7.6, 7.8), facecolor=LOOK.paper)
    axes = drawn.add_axes((0.1, 0.1, 0.86, 0.79))
    draw_diagonal(axes, labelsize=9)
    axes.text(0.955, 0.93, "true as said", rotation=45, ha="right", va="top", rotation_mode="anchor", fontsize=9, color=LOOK.faint_ink)
    most = max(float(rows[:, 2].max()) for rows in diagrams.values())
    for (policy, rows), (colour, marker) in zip(diagrams.items(), itertools.cycle(_POLICY_STYLES), strict=False):
        said, true, number = rows[rows[:, 2] > 0].T
        label = f"{policy}: off by {calibration_error(rows):.3f} on average"
        axes.plot(said, true, color=colour, linewidth=1.4, zorder=2)
        axes.scatter(said, true, s=18 + 260 * number / most, color=colour, marker=marker, alpha=0.85, linewidths=0, label=label, zorder=3)
    _dress_reliability(axes, theatre, len(next(iter(predictions.values()))), most)
    return drawn


def _dress_reliability(axes: Axes, theatre: Theatre, claims: int, most: float) -> None:
    """Give the reliability diagram its title, axes and legend."""
    axes.set_xlabel("said: the probability given to a reading of the claim", fontsize=10)
    axes.set_ylabel("true: how often the claim did say so", fontsize=10)
    axes.text(0, 1.075, f"How far to trust the map: {claims} left-out claims", transform=axes.transAxes, fontsize=13, fontweight="bold")
    text = f"{theatre.title}. Each claim was foretold without it; the largest mark stands for {most:,.0f} readings."
    axes.text(0, 1.035, text, transform=axes.transAxes, fontsize=8.5, color=LOOK.faint_ink)
    legend = axes.legend(loc="upper left", frameon=True, framealpha=1, edgecolor="none", fontsize=9, labelspacing=0.9)
    for handle in legend.legend_handles:
        if isinstance(handle, PathCollection):
            handle.set_sizes(np.array([60.0]))
