"""The ring around a place over the days: what is held, the ways out, whether it is cut off by the map, by the words and by both."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from qsim.belief.enclosure import ring_claims
from qsim.belief.timeline import Timeline
from qsim.draw.charts.marks import LINE_IN, Note, column_lines, day_label, day_numbers, day_ticks, disc, draw_notes, in_columns, span_label
from qsim.draw.figure import text_width
from qsim.draw.files import write_chart
from qsim.draw.palette import tint
from qsim.draw.style import LOOK, attribution, wrapped
from qsim.geography.conditioning import draws_given
from qsim.geography.encirclement import Way, ways_out
from qsim.geography.metrics import first_day, roads
from qsim.geography.reachability import by_month
from qsim.geography.tables import RUNS, SEED, Row, metrics_by_day, witnesses, worth
from qsim.record.dates import long_day
from qsim.record.ledger import Claim, Source
from qsim.record.scope import in_order

MOST_CLAIMS = 14
_WIDTH_IN, _EDGE_IN, _LEFT_IN, _RIGHT_IN = 11.0, 0.1, 0.6, 1.55
_PLOT_IN, _WIDE_IN = _WIDTH_IN - _LEFT_IN - _RIGHT_IN, _WIDTH_IN - 2 * _EDGE_IN
_GAP_IN, _LANE_IN, _LANES, _DISC_IN = 0.42, 0.195, 6, 0.195
_ORDER = ("share", "exits", "said", "cut off")
_HEIGHTS_IN = {"share": 1.2, "exits": 1.15, "cut off": 1.9}
_MEASURE = text_width(100, 8.5)
_BOTH: dict[str, Any] = {"color": LOOK.ink, "linewidth": 2.4}
_WORDS: dict[str, Any] = {"color": LOOK.faint_ink, "linewidth": 1.6, "linestyle": (0, (3.5, 2))}
_MAP: dict[str, Any] = {"color": LOOK.neutral, "linewidth": 1.3, "linestyle": (0, (1.2, 1.2))}
_TEXT: dict[str, Any] = {"fontsize": 8.5, "parse_math": False}


@dataclass(frozen=True, slots=True)
class RingReport:
    """A claim on the ring of a place, as it is marked on the chart: on which `day`, whether it says `closed`, and by whom."""

    claim: Claim
    source: Source
    day: date
    closed: bool

    @property
    def text(self) -> str:
        """The claim in the list: when, what, who, and where it stands."""
        about = "about " if self.claim.window.approximate else ""
        what = self.claim.note.rstrip(".") or self.claim.kind
        cited = f" ({self.claim.cites[0]})" if self.claim.cites else ""
        return f"{about}{span_label(self.claim.window)}, {'closed' if self.closed else 'open'}: {what}. – {self.source.name}{cited}"


def ring_chart(
    timeline: Timeline, place: str, side: str, path: str | Path, *, runs: int = RUNS, seed: int = SEED, rows: Sequence[Row] = ()
) -> Path:
    """
    Draw the ring around `place`, in which `side` sits, day by day, to `path` (`.png`, `.svg` or `.pdf`) and return it.

    Three panels: the share of the place that the side holds, with the band of 90 % of `runs` histories; its ways out, on average; and
    the probability that it is cut off, by the map and what was said of the ring together, and by either alone, under the claims on the
    ring. Below stand the claims in words: of more than 14 the latest. `rows` are those of `qsim.geography.tables.metrics_by_day` for every day, where they are at hand.

    Raises
    ------
    ChartError
        When the suffix is none of these.
    TheatreError
        When `place` or `side` is not of the theatre, or the side has no bases.
    TimelineError
        When the policy draws no histories.
    """
    return write_chart(path, lambda: ring_figure(timeline, place, side, runs=runs, seed=seed, rows=rows))


def ring_figure(timeline: Timeline, place: str, side: str, *, runs: int = RUNS, seed: int = SEED, rows: Sequence[Row] = ()) -> Figure:
    """Return the chart of `ring_chart` as a matplotlib Figure; its axes are labelled `share`, `exits`, `said`, `cut off`."""
    rows = rows or metrics_by_day(timeline, witnesses(timeline, place, side, runs=runs, seed=seed), place, side)
    told = {key: np.array([float(row[key]) for row in rows]) for key in rows[0] if key != "day"}
    said, left_out = _said(timeline, place)
    spots = _spots(day_numbers(np.array([each.day for each in said], dtype="datetime64[D]")), timeline.days)
    likely = first_day(timeline.days, told["cut_off"])
    road = wrapped(_last_road(timeline, place, side, likely, runs, seed), _PLOT_IN * 100, _MEASURE)
    effective = float(told["effective"][0])
    foot = wrapped(_foot(timeline, left_out, runs, seed, effective), _WIDE_IN * 100, _MEASURE)
    columns = in_columns([Note(n, _colour(timeline, each), not each.closed, each.text) for n, each in enumerate(said, 1)], _WIDE_IN)
    lanes = max((lane + 1 for _, lane in spots), default=0)
    list_in, foot_in = LINE_IN * column_lines(columns), LINE_IN * len(foot)
    above_in = {"share": 0.45, "said": LINE_IN * len(road) + 0.12, "cut off": 0.24}
    drawn, panels = _panels(_HEIGHTS_IN | {"said": max(0.02, _LANE_IN * lanes)}, above_in, 0.75 + list_in + foot_in)
    _draw_share(panels["share"], timeline, place, side, told)
    _draw_exits(panels["exits"], timeline, side, told, road)
    _draw_said(panels["said"], timeline, said, spots)
    _draw_cut_off(panels["cut off"], timeline, told)
    _dress(drawn, panels, timeline, place, side)
    draw_notes(drawn, columns, left_in=_EDGE_IN, top_in=list_in + foot_in + 0.15, width_in=_WIDE_IN)
    for n, line in enumerate(foot):
        drawn.text(_EDGE_IN / _WIDTH_IN, (foot_in - n * LINE_IN) / drawn.get_figheight(), line, va="top", color=LOOK.faint_ink, **_TEXT)
    return drawn


def _said(timeline: Timeline, place: str) -> tuple[list[RingReport], int]:
    """Return the latest claims on the ring that reach into the days, in order of days, and how many more there are."""
    ledger = timeline.ledger
    if ledger is None:
        return [], 0
    told = dict(ring_claims(timeline.theatre, ledger, place))
    reaching = [claim for claim in in_order(told) if claim.window.meets(timeline.window)]
    shown = reaching[-MOST_CLAIMS:]
    found = [RingReport(claim, ledger.source(claim.source), max(claim.effective, timeline.start), told[claim]) for claim in shown]
    return found, len(reaching) - len(shown)


def _spots(x: NDArray[np.float64], days: NDArray[np.datetime64]) -> list[tuple[float, int]]:
    """Return where the discs of claims go that none covers another: (day, lane); in the lowest lane, beside their day only when all are full."""
    wide = _DISC_IN * len(days) / _PLOT_IN  # of a disc, in days
    first, last = day_numbers(days[[0, -1]])
    found: list[tuple[float, int]] = []
    for at in x:
        shifts = (at + shift * wide / 2 for shift in _outwards())
        tries = ((there, lane) for there in shifts if there == at or first <= there <= last for lane in range(_LANES))
        found.append(next(spot for spot in tries if all(spot[1] != lane or abs(spot[0] - other) >= wide for other, lane in found)))
    return found


def _outwards() -> Iterator[int]:
    """Yield 0, -1, 1, -2, 2 and so on."""
    yield 0
    for step in count(1):
        yield from (-step, step)


def _last_road(timeline: Timeline, place: str, side: str, closed: date | None, runs: int, seed: int) -> str:
    """Return in words the ways out on the eve of the day from which the ring is more likely closed than not, or on the last day."""
    d = len(timeline) - 1 if closed is None else timeline.position(closed) - 1
    if d < 0:
        return "From the first day on the ring is more likely closed than not."
    [[ways]] = by_month(draws_given(timeline, place, side, runs, seed), lambda _, day: ways_out(day, place, side), at=[d])
    when = f"On {long_day(timeline.days[d])}" + (
        ", the eve of the first day on which it is more likely cut off than not," if closed else ""
    )
    if not ways:
        return f"{when} no history has a way out."
    return f"{when} the ways out are " + "; ".join(_by(timeline, place, way) for way in ways[:2]) + "."


def _by(timeline: Timeline, place: str, way: Way) -> str:
    """Return a way out in words: by which places, on which roads, open in how many histories of a hundred."""
    theatre = timeline.theatre
    named = dict.fromkeys(link.name.split(": ")[0].replace(" - ", "–") for link in roads(theatre, place, way.route))
    on = f" (by {', '.join(named)})" if named else ""
    estimated = ", in part estimated" if way.estimated else ""
    return f"{' – '.join(theatre.named(each) for each in way.route)}{on}, open in {100 * way.open:.0f} of 100 histories{estimated}"


def _foot(timeline: Timeline, left_out: int, runs: int, seed: int, effective: float) -> str:
    """Return what stands below the list: what was left out of it, how the numbers were drawn, where the documents are from."""
    missing = f"{left_out} earlier claim{'s' if left_out > 1 else ''} on the ring left out. " if left_out else ""
    origins = attribution(timeline.theatre)
    reading = "Closed or open is our reading of the words. " if timeline.ledger else ""
    drawn = f"Averages and shares of {runs:,} histories drawn from the belief (seed {seed}), {worth(effective, runs)}."
    drawn += " Many of the ways are links that are estimated, not documented."
    return f"{missing}{reading}{drawn}{f' {origins}.' if origins else ''}"


def _colour(timeline: Timeline, said: RingReport) -> str:
    return timeline.theatre.side(said.source.side).colour if said.source.side else LOOK.neutral


def _panels(heights_in: Mapping[str, float], above_in: Mapping[str, float], below_in: float) -> tuple[Figure, dict[str, Axes]]:
    """Return a figure and its panels by name, from top to bottom, with room for their titles and what else stands `above_in`, inches."""
    high = sum(heights_in.values()) + sum(above_in.values()) + _GAP_IN * len(heights_in) + below_in
    drawn = Figure(figsize=(_WIDTH_IN, high), facecolor=LOOK.paper)
    panels: dict[str, Axes] = {}
    y = high
    for name in _ORDER:
        y -= above_in.get(name, 0.0) + _GAP_IN + heights_in[name]
        box = (_LEFT_IN / _WIDTH_IN, y / high, _PLOT_IN / _WIDTH_IN, heights_in[name] / high)
        panels[name] = drawn.add_axes(box, label=name)
    return drawn, panels


def _dress(drawn: Figure, panels: Mapping[str, Axes], timeline: Timeline, place: str, side: str) -> None:
    """Give the figure its title and all panels the same days."""
    days, top = day_numbers(timeline.days), drawn.get_figheight()
    ticks = day_ticks(timeline.days)
    for name, axes in panels.items():
        axes.set_xlim(days[0] - 0.5, days[-1] + 0.5)
        labels = [day_label(moment, i == 0) for i, moment in enumerate(ticks)] if name == _ORDER[-1] else [""] * len(ticks)
        axes.set_xticks(day_numbers(ticks), labels)
        axes.tick_params(length=0, labelsize=8.5, pad=5)
        axes.grid(axis="both" if name != "said" else "x", color=LOOK.rule, linewidth=0.6)
        axes.set_axisbelow(True)
        for edge in axes.spines:
            axes.spines[edge].set_visible(edge == "bottom" and name != "said")
    theatre, x = timeline.theatre, _EDGE_IN / _WIDTH_IN
    window = span_label(timeline.window)
    title = f"The ring around {theatre.named(place)}, {window}"
    drawn.text(x, 1 - 0.08 / top, title, fontsize=14, fontweight="bold", va="top", parse_math=False)
    under = f"{theatre.side(side).name}: the ways in and out, from who held what and what was said of the ring, and from either alone."
    drawn.text(x, 1 - 0.36 / top, under, fontsize=9.5, color=LOOK.faint_ink, va="top", parse_math=False)


def _head(axes: Axes, title: str, note: str, above_in: float = 0.1) -> None:
    """Write the title of a panel above it, and in the same line what it shows."""
    y = 1 + above_in / _high_in(axes)
    axes.text(0, y, title, transform=axes.transAxes, fontsize=10, fontweight="bold", va="baseline", parse_math=False)
    x = (text_width(100, 10, "bold")(title) + 9) / (_PLOT_IN * 100)
    axes.text(x, y, note, transform=axes.transAxes, color=LOOK.faint_ink, va="baseline", **_TEXT)


def _high_in(axes: Axes) -> float:
    """Return the height of a panel, inches."""
    return float(axes.bbox.height / axes.figure.dpi)


def _beside(axes: Axes, labels: Sequence[tuple[float, str, dict[str, Any]]]) -> None:
    """Name lines right of a panel, at the height of their last value (data) and none over another, with a piece of each line."""
    bottom, top = axes.get_ylim()
    high_in = _high_in(axes)
    floor = -0.05
    for value, text, style in sorted(labels, key=lambda label: label[0]):
        lines = wrapped(text, (_RIGHT_IN - 0.5) * 100, _MEASURE)
        y = max(floor + 0.075 * len(lines), high_in * (value - bottom) / (top - bottom))
        floor = y + 0.075 * len(lines) + 0.04
        axes.plot(
            [1 + 0.08 / _PLOT_IN, 1 + 0.3 / _PLOT_IN],
            [y / high_in] * 2,
            transform=axes.transAxes,
            clip_on=False,
            scalex=False,
            scaley=False,
            **style,
        )
        axes.text(1 + 0.37 / _PLOT_IN, y / high_in, "\n".join(lines), transform=axes.transAxes, va="center", color=LOOK.ink, **_TEXT)


def _draw_share(axes: Axes, timeline: Timeline, place: str, side: str, told: Mapping[str, NDArray[np.float64]]) -> None:
    """Draw the share that the side holds, with its band."""
    days, holder = day_numbers(timeline.days), timeline.theatre.side(side)
    line: dict[str, Any] = {"color": holder.colour, "linewidth": 2.2}
    axes.fill_between(days, told["share_low"], told["share_high"], color=tint(holder.colour, 2), linewidth=0, gid="band")
    axes.plot(days, told["share"], gid="share", **line)
    _percent(axes)
    _head(axes, f"Share of {timeline.theatre.named(place)} held by {holder.name}", "by area; the band holds 90 % of the histories")
    _beside(axes, [(told["share"][-1], "expected", line)])


def _draw_exits(axes: Axes, timeline: Timeline, side: str, told: Mapping[str, NDArray[np.float64]], road: Sequence[str]) -> None:
    """Draw the ways out on average, as steps; the last ones stand below in words."""
    days = day_numbers(timeline.days)
    edges = np.append(days - 0.5, days[-1] + 0.5)
    ways = told["ways_out"]
    axes.plot(edges, np.append(ways, ways[-1]), drawstyle="steps-post", gid="ways_out", clip_on=False, **_BOTH)
    axes.set_ylim(0, max(ways.max(), 1.0) * 1.08)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    _head(axes, "Ways out", f"to the bases of {timeline.theatre.side(side).name}: routes that share no place; at 0 it is cut off")
    _beside(axes, [(ways[-1], "average of the histories", _BOTH)])
    below = -0.09 / _HEIGHTS_IN["exits"]
    axes.text(0, below, "\n".join(road), transform=axes.transAxes, va="top", linespacing=1.35, color=LOOK.ink, gid="last road", **_TEXT)


def _draw_said(axes: Axes, timeline: Timeline, said: Sequence[RingReport], spots: Sequence[tuple[float, int]]) -> None:
    """Draw a numbered disc for each claim on the ring, above its day, in the colour of the speaker's side: filled says closed, open says open."""
    axes.set_ylim(-0.5, max((lane for _, lane in spots), default=0) + 0.5)
    axes.set_yticks([])
    _head(axes, "Said of the ring", "" if said else "nothing in these days")
    for number, (each, (x, lane)) in enumerate(zip(said, spots, strict=True), 1):
        style, ink = disc(_colour(timeline, each), not each.closed)
        at = float(day_numbers(np.datetime64(each.day)))
        axes.plot([at, at, x], [-0.5, -0.25, lane], color=LOOK.neutral, linewidth=0.6, zorder=2)
        axes.plot([x], [lane], clip_on=False, zorder=3, gid=f"said-{number}", **style)
        axes.text(
            x,
            lane,
            str(number),
            ha="center",
            va="center_baseline",
            fontsize=7.2 if number < 10 else 6.4,
            fontweight="bold",
            color=ink,
            zorder=4,
        )
    if said:
        _said_legend(axes, timeline, said)


def _said_legend(axes: Axes, timeline: Timeline, said: Sequence[RingReport]) -> None:
    """Tell what the discs mean, right of the strip's title."""
    dot: dict[str, Any] = {"ls": "none", "marker": "o", "ms": 7.5}
    spoke = {each.source.side for each in said}
    signs = [
        Line2D([], [], color=LOOK.ink, label="closed", **dot),
        Line2D([], [], mfc=LOOK.paper, mec=LOOK.ink, mew=1.5, label="open  ", **dot),
        *(Line2D([], [], color=side.colour, label=f"by {side.name}", **dot) for side in timeline.theatre.sides if side.id in spoke),
        *([Line2D([], [], color=LOOK.neutral, label="by neutral voices", **dot)] if None in spoke else []),
    ]
    at = ((text_width(100, 10, "bold")("Said of the ring") + 12) / (_PLOT_IN * 100), 1 + 0.07 / _high_in(axes))
    axes.legend(
        handles=signs, loc="lower left", bbox_to_anchor=at, ncols=len(signs), frameon=False, fontsize=8.5, borderpad=0, borderaxespad=0,
        handlelength=1.0, handletextpad=0.4, columnspacing=1.3,
    )  # fmt: skip


def _draw_cut_off(axes: Axes, timeline: Timeline, told: Mapping[str, NDArray[np.float64]]) -> None:
    """Draw the probability of being cut off, by map and words together and by either alone, and mark the first day of each above one half."""
    days = day_numbers(timeline.days)
    readings = np.array([told[key] for key in ("cut_off", "cut_off_open", "cut_off_closed")])
    axes.fill_between(days, readings.min(axis=0), readings.max(axis=0), color=LOOK.rule, linewidth=0, gid="spread")
    axes.axhline(0.5, color=LOOK.neutral, linewidth=1.0, zorder=1.5, gid="half")
    lines = [("both", told["cut_off"], "both together", _BOTH)]
    if not np.isnan(told["cut_off_words"]).all():
        lines += [("map", told["cut_off_map"], "the map alone", _MAP), ("words", told["cut_off_words"], "the words alone", _WORDS)]
    for name, values, _, style in lines:
        axes.plot(days, values, gid=name, clip_on=False, zorder=3, **style)
    _percent(axes)
    _head(
        axes,
        "Probability of being cut off",
        "by the map and what was said; the band spans three readings of places that no claim had named yet",
        0.35,
    )
    _beside(axes, [(values[-1], label, style) for _, values, label, style in lines])
    _mark_first(axes, timeline, {name: values for name, values, _, _ in lines})


def _mark_first(axes: Axes, timeline: Timeline, courses: Mapping[str, NDArray[np.float64]]) -> None:
    """Mark the first day on which each course lies above one half, and name them between the title and the plot, where nothing is drawn."""
    high_in = _high_in(axes)
    x, y = 0.0, 1 + 0.17 / high_in
    for text in ("First day above one half:", *courses):
        if text in courses:
            moment = first_day(timeline.days, courses[text])
            dot: dict[str, Any] = {
                "color": LOOK.ink,
                "mfc": LOOK.ink if text == "both" else LOOK.paper,
                "ms": 6,
                "mew": 1.4,
                "clip_on": False,
            }
            axes.plot([x + 0.05 / _PLOT_IN], [y], "o", transform=axes.transAxes, scalex=False, scaley=False, **dot)
            x += 0.15 / _PLOT_IN
            if moment is not None:
                at, p = float(day_numbers(np.datetime64(moment))), float(courses[text][timeline.position(moment)])
                axes.plot([at, at], [0, p], color=LOOK.neutral, linewidth=0.8, zorder=2)
                axes.plot([at], [p], "o", zorder=5, gid=f"first-{text}", **dot)
            text = f"{text}, {long_day(moment) if moment else 'none'}"
        axes.text(x, y, text, transform=axes.transAxes, va="center_baseline", color=LOOK.ink, **_TEXT)
        x += (_MEASURE(text) + 14) / (_PLOT_IN * 100)


def _percent(axes: Axes) -> None:
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_locator(FixedLocator([0, 0.5, 1]))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
