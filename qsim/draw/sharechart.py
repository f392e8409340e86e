"""The share of a place as it was reported, day by day and voice by voice, over the share that is believed."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from qsim.dates import day, long_day
from qsim.draw.files import CHART_STYLE, picture_path, save_chart
from qsim.draw.look import LOOK, tint, wrapped
from qsim.draw.shares import SEED, Course, Report, course, reported
from qsim.draw.sheet import text_width
from qsim.theatre import Theatre
from qsim.timeline import Timeline

_WIDTH_IN, _PLOT_IN, _ABOVE_IN, _BELOW_IN, _LINE_IN = 11.0, 4.2, 1.1, 0.6, 0.17
_LEFT, _RIGHT = 0.055, 0.985
_DISC_PT, _DISC_PX, _CARET_PX = 12.5, 18.5, 12.0


def share_chart(timeline: Timeline, place: str, side: str, path: str | Path, *, runs: int = 1000, seed: int = SEED) -> Path:
    """
    Draw the share of `place` that `side` holds, believed and reported, to `path` (`.png`, `.svg` or `.pdf`) and return it.

    The line is the expected share, the band holds 90 % of `runs` histories (no band where the policy draws none). A numbered disc is a
    reported share on the day it speaks of, filled where it is exact, open where it is about, with a caret where it is a bound, in
    the colour of the speaker's side; the list below says whose word it is and where it stands. What is said of the other side is
    turned round. Ticks on the axis are days on which the most likely history changes there.

    Raises
    ------
    ChartError
        When the suffix is none of these.
    TheatreError
        When `place` or `side` is not of the theatre.
    """
    path = picture_path(path)
    with rc_context(CHART_STYLE):
        save_chart(share_figure(timeline, place, side, runs=runs, seed=seed), path)
    return path


def share_figure(timeline: Timeline, place: str, side: str, *, runs: int = 1000, seed: int = SEED) -> Figure:
    """Return the chart of `share_chart` as a matplotlib Figure."""
    shares, reports = course(timeline, place, side, runs=runs, seed=seed), reported(timeline, place, side)
    rows = _key_rows(reports)
    columns = [rows[: (len(rows) + 1) // 2], rows[(len(rows) + 1) // 2 :]]
    key_in = _LINE_IN * max((sum(len(lines) for _, lines in column) for column in columns), default=0)
    height = _ABOVE_IN + _PLOT_IN + _BELOW_IN + key_in
    drawn = Figure(figsize=(_WIDTH_IN, height), facecolor=LOOK.paper)
    axes = drawn.add_axes((_LEFT, (_BELOW_IN + key_in) / height, _RIGHT - _LEFT, _PLOT_IN / height), label="share")
    days = _numbers(timeline.days)
    _draw_course(axes, timeline.theatre, days, shares)
    _dress(axes, timeline.theatre, shares, bool(reports))
    changes = _changing_days(timeline, place)
    axes.plot(_numbers(changes), np.zeros(len(changes)), "|", color=LOOK.ink, ms=9, mew=1.2, clip_on=False, zorder=4, gid="changes")
    spots = np.array([(float(_numbers(np.datetime64(each.day))), each.value) for each in reports]).reshape(-1, 2)
    for number, (report, at, shown) in enumerate(zip(reports, spots, _spread(axes, reports, spots), strict=True), 1):
        _draw_report(axes, timeline.theatre, number, report, at, shown)
    _draw_key(drawn, timeline.theatre, columns, (key_in + 0.05) / height, height)
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
    ticks = _ticks(np.arange(np.ceil(axes.get_xlim()[0]), np.floor(axes.get_xlim()[1]) + 1).astype("datetime64[D]"))
    axes.set_xticks(_numbers(ticks), [_date_label(moment, i == 0) for i, moment in enumerate(ticks)])
    axes.tick_params(length=0, labelsize=9, pad=7)
    axes.grid(axis="y", color=LOOK.rule, linewidth=0.7, zorder=0)
    for edge in ("top", "right", "left"):
        axes.spines[edge].set_visible(False)
    top = 1 + (_ABOVE_IN - 0.12) / _PLOT_IN
    title = f"Share of {name} held by {side.name}: believed, and as it was reported"
    axes.text(0, top, title, transform=axes.transAxes, fontsize=13, fontweight="bold", va="top", parse_math=False)
    note = "Numbered discs are shares that were reported, on the day they speak of" if reports else "No share was reported in these days"
    note += "; what was said of the other side is turned round." if reports and len(theatre.sides) == 2 else "."
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


def _numbers(days: NDArray[np.datetime64] | np.datetime64) -> NDArray[np.float64]:
    """Return days as numbers for the axis: days since 1970."""
    return np.asarray(days, dtype="datetime64[D]").astype(float)


def _ticks(days: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    """Return the days that are named on the axis: every other, every week, or the first (and middle) of a month, of a quarter."""
    if len(days) <= 45:
        return days[:: 2 if len(days) <= 16 else 7]
    months, in_month = days.astype("datetime64[M]").astype(int), (days - days.astype("datetime64[M]")).astype(int)
    if len(days) <= 150:
        return np.asarray(days[(in_month == 0) | (in_month == 14)])
    return np.asarray(days[(in_month == 0) & (months % (1 if len(days) <= 400 else 3) == 0)])


def _date_label(moment: np.datetime64, with_year: bool) -> str:
    """Return a tick of the axis: `19 May`, with the year on the first of January and where it is wished."""
    then = day(moment)
    return f"{then.day} {then:%b}" + (f"\n{then.year}" if with_year or (then.month == 1 and then.day == 1) else "")


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


def _disc(theatre: Theatre, report: Report) -> tuple[dict[str, Any], str]:
    """Return the style of a report's disc, and the colour in which its number can be read on it."""
    colour = _colour(theatre, report)
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    light = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 > 0.3
    hollow = report.bound == "approx"
    style: dict[str, Any] = {
        "marker": "o",
        "ms": _DISC_PT,
        "mfc": LOOK.paper if hollow else colour,
        "mec": colour if hollow else LOOK.paper,
    }
    return style | {"mew": 1.8 if hollow else 0.8, "ls": "none"}, LOOK.ink if hollow or light else LOOK.paper


def _draw_report(axes: Axes, theatre: Theatre, number: int, report: Report, at: NDArray[np.float64], shown: tuple[float, float]) -> None:
    """Draw one reported share: its disc at `shown`, led back to `at` where it could not stand there."""
    style, ink = _disc(theatre, report)
    colour = _colour(theatre, report)
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


def _key_rows(reports: Sequence[Report]) -> list[tuple[tuple[int, Report], list[str]]]:
    """Return each report with its number and its lines in the list below the chart."""
    measure, width = text_width(100, 8.5), (_RIGHT - _LEFT) * _WIDTH_IN * 50 - 40
    texts = [f"{long_day(each.day)}, {each.told}: {each.source.name} ({each.citation})" for each in reports]
    return [((number, each), wrapped(text, width, measure)) for number, (each, text) in enumerate(zip(reports, texts, strict=True), 1)]


def _draw_key(
    drawn: Figure, theatre: Theatre, columns: Sequence[Sequence[tuple[tuple[int, Report], list[str]]]], top: float, height: float
) -> None:
    """Write the list of reports below the chart, in two columns."""
    for column, rows in enumerate(columns):
        x, y = _LEFT + column * (_RIGHT - _LEFT) / 2, top
        for (number, report), lines in rows:
            style, ink = _disc(theatre, report)
            drawn.add_artist(Line2D([x + 0.008], [y - _LINE_IN / 2 / height], **(style | {"ms": 10.5})))
            middle: dict[str, Any] = {
                "ha": "center",
                "va": "center_baseline",
                "fontsize": 6.8 if number < 10 else 5.8,
                "fontweight": "bold",
            }
            drawn.text(x + 0.008, y - _LINE_IN / 2 / height, str(number), color=ink, **middle)
            for line in lines:
                where = y - _LINE_IN / 2 / height
                drawn.text(x + 0.021, where, line, ha="left", va="center_baseline", fontsize=8.5, color=LOOK.ink, parse_math=False)
                y -= _LINE_IN / height
