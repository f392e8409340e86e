"""The share of a place as it was reported, day by day and voice by voice, over the share that is believed."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from qsim.belief.timeline import Timeline
from qsim.draw.charts.marks import LINE_IN, Note, column_lines, day_label, day_numbers, day_ticks, disc, draw_notes, in_columns
from qsim.draw.charts.series import SEED, Course, Report, course, reported
from qsim.draw.files import write_chart
from qsim.draw.palette import tint
from qsim.draw.style import LOOK
from qsim.record.dates import long_day
from qsim.record.theatre import Theatre

_WIDTH_IN, _PLOT_IN, _ABOVE_IN, _BELOW_IN = 11.0, 4.2, 1.1, 0.6
_LEFT, _RIGHT = 0.055, 0.985
_DISC_PX, _CARET_PX = 18.5, 12.0


def share_chart(timeline: Timeline, place: str, side: str, path: str | Path, *, runs: int = 1000, seed: int = SEED) -> Path:
    """
    Draw the share of `place` that `side` holds, believed and reported, to `path` (`.png`, `.svg` or `.pdf`) and return it.

    The line is the expected share, the band holds 90 % of `runs` histories (no band where the policy draws none). A numbered disc is a
    reported share on the day it speaks of, filled where it is exact, open where it is about, with a caret where it is a bound, in
    the colour of the speaker's side; the list below says whose word it is and where it stands. What is said of the other side
    stands as what it leaves to this one. Ticks on the axis are days on which the most likely history changes there.

    Raises
    ------
    ChartError
        When the suffix is none of these.
    TheatreError
        When `place` or `side` is not of the theatre.
    """
    return write_chart(path, lambda: share_figure(timeline, place, side, runs=runs, seed=seed))


def share_figure(timeline: Timeline, place: str, side: str, *, runs: int = 1000, seed: int = SEED) -> Figure:
    """Return the chart of `share_chart` as a matplotlib Figure."""
    shares, reports = course(timeline, place, side, runs=runs, seed=seed), reported(timeline, place, side)
    width = (_RIGHT - _LEFT) * _WIDTH_IN
    columns = in_columns(_notes(timeline.theatre, reports), width)
    key_in = LINE_IN * column_lines(columns)
    height = _ABOVE_IN + _PLOT_IN + _BELOW_IN + key_in
    drawn = Figure(figsize=(_WIDTH_IN, height), facecolor=LOOK.paper)
    axes = drawn.add_axes((_LEFT, (_BELOW_IN + key_in) / height, _RIGHT - _LEFT, _PLOT_IN / height), label="share")
    days = day_numbers(timeline.days)
    _draw_course(axes, timeline.theatre, days, shares)
    _dress(axes, timeline.theatre, shares, bool(reports))
    changes = _changing_days(timeline, place)
    axes.plot(day_numbers(changes), np.zeros(len(changes)), "|", color=LOOK.ink, ms=9, mew=1.2, clip_on=False, zorder=4, gid="changes")
    spots = np.array([(float(day_numbers(np.datetime64(each.day))), each.value) for each in reports]).reshape(-1, 2)
    for number, (report, at, shown) in enumerate(zip(reports, spots, _spread(axes, reports, spots), strict=True), 1):
        _draw_report(axes, timeline.theatre, number, report, at, shown)
    draw_notes(drawn, columns, left_in=_LEFT * _WIDTH_IN, top_in=key_in + 0.05, width_in=width)
    return drawn


def _changing_days(timeline: Timeline, place: str) -> NDArray[np.datetime64]:
    """Return the days on which the most likely history of the place, or of a part or member of it, changes."""
    ids = {timeline.theatre.places[i].id for i in timeline.theatre.members(place)} | {place}
    return np.array(sorted({change.day for change in timeline.changes() if change.place in ids}), dtype="datetime64[D]")


def _draw_course(axes: Axes, theatre: Theatre, days: NDArray[np.float64], shares: Course) -> None:
    colour = theatre.side(shares.side).colour
    if shares.low is not None and shares.high is not None:
        axes.fill_between(days, shares.low, shares.high, color=tint(colour, 2), linewidth=0, zorder=1, gid="band")
    axes.plot(days, shares.expected, color=colour, linewidth=2.2, zorder=3, gid="expected")
    axes.set_xlim(days[0] - 0.5, days[-1] + 0.5)
    axes.set_ylim(0, 1)


def _dress(axes: Axes, theatre: Theatre, shares: Course, reports: bool) -> None:
    """Give the chart its title, legend and axes."""
    side, name = theatre.side(shares.side), theatre.named(shares.place)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    ticks = day_ticks(np.arange(np.ceil(axes.get_xlim()[0]), np.floor(axes.get_xlim()[1]) + 1).astype("datetime64[D]"))
    axes.set_xticks(day_numbers(ticks), [day_label(moment, i == 0) for i, moment in enumerate(ticks)])
    axes.tick_params(length=0, labelsize=9, pad=7)
    axes.grid(axis="y", color=LOOK.rule, linewidth=0.7, zorder=0)
    for edge in ("top", "right", "left"):
        axes.spines[edge].set_visible(False)
    top = 1 + (_ABOVE_IN - 0.12) / _PLOT_IN
    title = f"Share of {name} held by {side.name}: believed, and as it was reported"
    axes.text(0, top, title, transform=axes.transAxes, fontsize=13, fontweight="bold", va="top", parse_math=False)
    note = "Numbered discs are shares that were reported, on the day they speak of" if reports else "No share was reported in these days"
    note += "; a share said of the other side stands as what it leaves to this one." if reports and len(theatre.sides) == 2 else "."
    axes.text(0, top - 0.062, note, transform=axes.transAxes, fontsize=9, color=LOOK.faint_ink, va="top")
    axes.legend(
        handles=_legend(theatre, side.colour, shares.low is not None, reports),
        loc="lower left",
        bbox_to_anchor=(-0.008, 1.01),
        ncols=5,
        frameon=False,
        fontsize=8.5,
        handlelength=1.6,
        columnspacing=1.6,
    )


def _legend(theatre: Theatre, colour: str, band: bool, reports: bool) -> list[Artist]:
    """Return the signs of the legend."""
    signs: list[Artist] = [Line2D([], [], color=colour, linewidth=2.2, label="expected share")]
    signs += [Patch(color=tint(colour, 2), linewidth=0, label="holds 90 % of histories")] * band
    if reports:
        disc: dict[str, Any] = {"ls": "none", "marker": "o", "ms": 8.5}
        signs += [Line2D([], [], color=side.colour, label=f"said by: {side.name}", **disc) for side in theatre.sides]
        signs += [
            Line2D([], [], color=LOOK.neutral, label="said by: neutral voices", **disc),
            Line2D([], [], mfc=LOOK.paper, mec=LOOK.neutral, mew=1.6, label='"about"', **disc),
            Line2D([], [], color=LOOK.neutral, marker="^", ls="none", ms=6, label='caret up "at least", down "at most"'),
        ]
    return [*signs, Line2D([], [], color=LOOK.ink, marker="|", ls="none", ms=9, mew=1.2, label="most likely history changes")]


def _spread(axes: Axes, reports: Sequence[Report], spots: NDArray[np.float64]) -> Iterator[tuple[float, float]]:
    """Yield where the disc of each report goes, in data: on its spot, or as near to it as it covers no other disc."""
    taken: list[tuple[NDArray[np.float64], float]] = []
    frame, to_px = axes.bbox, axes.transData
    for report, target in zip(reports, to_px.transform(spots) if len(spots) else [], strict=True):
        caret = {"at_least": 1, "at_most": -1}.get(report.bound, 0) * np.array([0.0, _CARET_PX])
        for shift in _shifts():
            at = np.clip(target + shift, np.array(frame.min) + _DISC_PX / 2, np.array(frame.max) - _DISC_PX / 2)
            marks = [(at, _DISC_PX / 2)] + ([(at + caret, 4.0)] if caret.any() else [])
            if all(np.hypot(*(mark - other)) >= size + room for mark, size in marks for other, room in taken):
                break
        taken += marks
        x, y = to_px.inverted().transform(at)
        yield float(x), float(y)


def _shifts() -> Iterator[NDArray[np.float64]]:
    """Yield shifts in pixels, ever farther, around."""
    yield np.zeros(2)
    for ring in range(1, 40):
        for turn in range(12):
            angle = turn * np.pi / 6
            yield ring * 7.0 * np.array([np.cos(angle), np.sin(angle)])


def _colour(theatre: Theatre, report: Report) -> str:
    return theatre.side(report.source.side).colour if report.source.side else LOOK.neutral


def _draw_report(axes: Axes, theatre: Theatre, number: int, report: Report, at: NDArray[np.float64], shown: tuple[float, float]) -> None:
    """Draw one reported share: its disc at `shown`, led back to `at` where it could not stand there."""
    colour = _colour(theatre, report)
    style, ink = disc(colour, report.bound == "approx")
    if np.hypot(*(axes.transData.transform(at) - axes.transData.transform(shown))) > 2:
        axes.plot([at[0], shown[0]], [at[1], shown[1]], color=LOOK.ink, linewidth=0.7, zorder=4)
        axes.plot([at[0]], [at[1]], "o", color=colour, ms=3.6, mec=LOOK.ink, mew=0.6, zorder=5)
    if report.bound in ("at_least", "at_most"):
        step = _CARET_PX if report.bound == "at_least" else -_CARET_PX
        x, y = axes.transData.transform(shown)
        head = axes.transData.inverted().transform((x, y + step))
        marker = "^" if step > 0 else "v"
        axes.plot([head[0]], [head[1]], marker, color=colour, ms=7, mec=LOOK.paper, mew=0.6, zorder=5.5, clip_on=False)
    axes.plot([shown[0]], [shown[1]], zorder=6, gid=f"report-{number}", clip_on=False, **style)
    axes.text(*shown, str(number), ha="center", va="center_baseline", fontsize=7.5, fontweight="bold", color=ink, zorder=7)


def _notes(theatre: Theatre, reports: Sequence[Report]) -> list[Note]:
    """Return the list of reports below the chart."""
    return [
        Note(n, _colour(theatre, each), each.bound == "approx", f"{long_day(each.day)}, {each.told}: {each.source.name} ({each.citation})")
        for n, each in enumerate(reports, 1)
    ]
