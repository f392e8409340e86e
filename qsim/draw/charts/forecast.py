"""How far forecasts can be trusted: a reliability diagram for each day of forecast."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from qsim.belief.scores import calibration_error
from qsim.draw.charts.marks import draw_diagonal
from qsim.draw.files import ChartError, write_chart
from qsim.draw.style import LOOK
from qsim.record.dates import long_day
from qsim.record.theatre import Theatre

Diagrams = Mapping[date, Mapping[str, NDArray[np.float64]]]
_STYLES = (("#1a1a1a", "o", "-"), ("#CC79A7", "s", (0, (4, 2))), ("#56B4E9", "^", (0, (1.2, 1.2))))
_COLUMNS = 2


def forecast_chart(theatre: Theatre, diagrams: Diagrams, path: str | Path) -> Path:
    """
    Draw how much of what was foretold came true to `path` (`.png`, `.svg` or `.pdf`) and return it: a panel for each day of forecast.

    `diagrams` has, by day and by way of foretelling, an array of `qsim.simulation.forecasts.reliability`. A mark is a tenth of the probabilities
    said, its area their number; on the diagonal as much came true as was said.

    Raises
    ------
    ChartError
        When the suffix is none of these, or there is nothing to draw.
    """
    return write_chart(path, lambda: forecast_figure(theatre, diagrams))


def forecast_figure(theatre: Theatre, diagrams: Diagrams) -> Figure:
    """Return the chart of `forecast_chart` as a matplotlib Figure; raise `ChartError` when there is nothing to draw."""
    if not diagrams:
        raise ChartError("no forecast to draw")
    rows = -(-len(diagrams) // _COLUMNS)
    drawn = Figure(figsize=(9.2, 0.9 + 4.5 * rows), facecolor=LOOK.paper)
    below = 4.5 * rows / (0.9 + 4.5 * rows)
    drawn.text(0.09, 1 - 0.3 * (1 - below), "How far to trust a forecast", fontsize=13, fontweight="bold", va="center")
    text = f"{theatre.title}. Each forecast saw what was known on its day, and is measured by the reconstruction from the whole record."
    drawn.text(0.09, 1 - 0.68 * (1 - below), text, fontsize=8.5, color=LOOK.faint_ink, va="center")
    grid = drawn.add_gridspec(rows, _COLUMNS, left=0.09, right=0.98, top=below - 0.03, bottom=0.07, wspace=0.16, hspace=0.26)
    for n, (day, ways) in enumerate(diagrams.items()):
        axes = drawn.add_subplot(grid[n // _COLUMNS, n % _COLUMNS])
        _panel(axes, ways)
        axes.set_title(f"known by {long_day(day)}", fontsize=10, loc="left")
        if n % _COLUMNS == 0:
            axes.set_ylabel("true: how much of it came about", fontsize=9.5)
        if n >= len(diagrams) - _COLUMNS:
            axes.set_xlabel("said: the probability given to a status", fontsize=9.5)
    return drawn


def _panel(axes: Axes, ways: Mapping[str, NDArray[np.float64]]) -> None:
    """Draw one forecast: a line and marks for each way of foretelling, and how far it is off."""
    draw_diagonal(axes, labelsize=8.5)
    most = max(float(rows[:, 2].max()) for rows in ways.values())
    for (way, rows), (colour, marker, dashes) in zip(ways.items(), _STYLES, strict=False):
        said, true, number = rows[rows[:, 2] > 0].T
        label = f"{way}: off by {calibration_error(rows):.3f}"
        axes.plot(said, true, color=colour, linewidth=1.3, linestyle=dashes, zorder=2)
        axes.scatter(said, true, s=10 + 130 * number / most, color=colour, marker=marker, alpha=0.8, linewidths=0, zorder=3)
        axes.plot([], [], color=colour, linewidth=1.3, linestyle=dashes, marker=marker, markersize=5, markeredgewidth=0, label=label)
    axes.legend(loc="upper left", frameon=True, framealpha=1, edgecolor="none", fontsize=8, borderpad=0.2)
