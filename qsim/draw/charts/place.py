"""The belief of one place day by day, as bands of the statuses that fill the height: what `timeline["a place"].plot()` draws."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from qsim.belief.place_belief import PlaceBelief
from qsim.belief.statuses import FLAT, status_names
from qsim.draw.charts.marks import day_label, day_numbers, day_ticks
from qsim.draw.style import LOOK
from qsim.record.theatre import CONTESTED

_SIZE_IN = (9.0, 3.2)


def draw_place(course: PlaceBelief, ax: Axes | None = None) -> Axes:
    """
    Draw on `ax` (on axes of their own, as a notebook shows them, where None) how sure each status is believed, and return the axes.

    A day is a step as wide as the day; the bands of a day fill the height, from the first side to the last, contested between the
    first side and the others. Days of which nothing is known stay grey.
    """
    if ax is None:
        from matplotlib import pyplot

        ax = pyplot.subplots(figsize=_SIZE_IN, layout="constrained")[1]
    theatre = course.theatre
    first, *others = (side.id for side in theatre.sides)
    order = [first, CONTESTED, *others]
    known = np.ptp(course.belief, axis=1) > FLAT
    edges, colours = _edges(course.days), {side.id: side.colour for side in theatre.sides}
    below: NDArray[np.float64] = np.zeros(len(course.days))
    for status in order:
        above = below + np.where(known, course[status], 0)
        look: dict[str, Any] = (
            {"hatch": "////", "facecolor": LOOK.paper, "edgecolor": LOOK.neutral} if status == CONTESTED else {"color": colours[status]}
        )
        ax.fill_between(
            edges, np.repeat(below, 2), np.repeat(above, 2), linewidth=0, label=status_names(theatre)[status], gid=status, **look
        )
        below = above
    if not known.all():
        ax.fill_between(edges, 1, where=np.repeat(~known, 2), color=LOOK.unknown, linewidth=0, label="nothing known", gid="unknown")
    _dress(ax, course)
    return ax


def _edges(days: NDArray[np.datetime64]) -> NDArray[np.float64]:
    """Return where each day begins and ends on the axis, shape (2 * days,)."""
    numbers = day_numbers(days)
    return np.stack([numbers - 0.5, numbers + 0.5], axis=1).ravel()


def _dress(ax: Axes, course: PlaceBelief) -> None:
    """Give the axes their title, days and legend."""
    edges, ticks = _edges(course.days), day_ticks(course.days)
    ax.set_xlim(edges[0], edges[-1])
    ax.set_ylim(0, 1)
    ax.set_xticks(day_numbers(ticks), [day_label(moment, i == 0) for i, moment in enumerate(ticks)])
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    ax.set_ylabel("belief")
    ax.set_title(f"{course.theatre.named(course.place)}: who is believed to hold it", loc="left", parse_math=False)
    for edge in ("top", "right"):
        ax.spines[edge].set_visible(False)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, reverse=True)
