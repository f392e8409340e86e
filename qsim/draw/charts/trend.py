"""The small chart in the panel: a side's share of the city over the days, the changes, and the claims of control a day, with a cursor."""

from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from qsim.belief.timeline import Timeline
from qsim.draw.charts.series import SEED, Course, claims_a_day
from qsim.draw.figure import fit, shrunk, write
from qsim.draw.kept import kept_course
from qsim.draw.palette import STALE_DAYS, tint
from qsim.draw.style import LOOK, Look
from qsim.geography.perimeter import RUNS
from qsim.record.dates import Day, day, long_day
from qsim.record.theatre import Theatre

_GUTTER, _TITLE, _STRIP, _TICK, _DAYS = 42.0, 34.0, 20.0, 6.0, 18.0


@dataclass(frozen=True, eq=False, slots=True)
class Trend:
    """What the small chart shows: a course over `days`, whether anything `changes` on each, and the `claims` of control from each."""

    theatre: Theatre
    days: NDArray[np.datetime64]
    course: Course
    claims: NDArray[np.int64]
    changes: NDArray[np.bool_]

    @classmethod
    def of(cls, timeline: Timeline, place: str | None = None) -> "Trend | None":
        """Return the chart of the first side's share of `place`, by default the place in question; None where it has no parts."""
        theatre = timeline.theatre
        city = place if place is not None else theatre.in_question
        if city is None or city not in theatre.parts:
            return None
        shares = kept_course(timeline, city, theatre.sides[0].id, runs=RUNS, seed=SEED)
        changes = np.isin(timeline.days, np.array([change.day for change in timeline.changes()], dtype="datetime64[D]"))
        return cls(theatre, timeline.days, shares, claims_a_day(timeline), changes)

    @property
    def title(self) -> str:
        """What is drawn."""
        return f"Share of {self.theatre.place(self.course.place).name}: {self.theatre.side(self.course.side).name}"

    @property
    def reported(self) -> list[tuple[int, int]]:
        """The stretches of days (first, last) in which claims follow each other within thirty days; between them are the gaps."""
        spoken = np.flatnonzero(self.claims)
        breaks = np.flatnonzero(np.diff(spoken) >= STALE_DAYS)
        firsts, lasts = np.concatenate([[0], breaks + 1]), np.concatenate([breaks, [len(spoken) - 1]])
        return [(int(spoken[a]), int(spoken[b])) for a, b in zip(firsts, lasts, strict=True)] if len(spoken) else []

    def position(self, moment: Day) -> int:
        """Return the position of a day on the chart."""
        return int((np.datetime64(day(moment)) - self.days[0]).astype(int))


class TrendChart:
    """A `Trend` drawn on a sheet once, in a box of pixels; `show` moves the cursor."""

    def __init__(self, sheet: Axes, trend: Trend, box: Bbox, *, look: Look = LOOK) -> None:
        self.trend, self.look = trend, look
        self._plot = Bbox.from_extents(box.x0, box.y0 + _DAYS + _STRIP + _TICK + 22, box.x1 - _GUTTER, box.y1 - _TITLE)
        self._x = (
            np.linspace(self._plot.x0 + 2, self._plot.x1 - 2, len(trend.days)) if len(trend.days) > 1 else np.array([self._plot.x0 + 2])
        )
        self._colour = trend.theatre.side(trend.course.side).colour
        fit(write(sheet, look, box.x0, box.y1, trend.title, look.text_pt, weight="bold"), look, look.text_pt, box.width)
        note = "expected share, and the band that holds 90 % of histories" if trend.course.low is not None else "share by the map"
        fit(write(sheet, look, box.x0, box.y1 - 15, note, look.small_pt, colour=look.faint_ink), look, look.small_pt, box.width)
        self._draw_share(sheet)
        floor = self._plot.y0 - 22 - _TICK - _STRIP
        self._draw_claims(sheet, floor)
        for x, moment, ha in ((self._plot.x0, trend.days[0], "left"), (self._plot.x1, trend.days[-1], "right")):
            write(sheet, look, x, floor - 3, long_day(moment), look.small_pt, ha=ha)
        self._line = sheet.add_line(Line2D([], [], color=look.ink, lw=1.1, zorder=6))
        self._dot = sheet.add_line(Line2D([], [], color=look.ink, marker="o", ms=4.5, mec=look.paper, mew=0.8, zorder=7))
        words = (floor + _STRIP + _TICK, self._plot.y0 - 4)  # the line is broken at the words between plot and strip
        self._span = np.array([floor, words[0], np.nan, words[1], self._plot.y1])
        self.moving: list[Artist] = [self._line, self._dot]

    def show(self, position: int) -> None:
        """Put the cursor on a day."""
        x = self._x[position]
        self._line.set_data(np.full(len(self._span), x), self._span)
        self._dot.set_data([x], self._y(self.trend.course.expected[[position]]))

    def _y(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(self._plot.y0 + shares * self._plot.height)

    def _draw_share(self, sheet: Axes) -> None:
        plot, shares = self._plot, self.trend.course
        for share in (0.0, 0.5, 1.0):
            y = float(self._y(np.array(share)))
            sheet.add_line(Line2D([plot.x0, plot.x1], [y, y], color=self.look.rule, lw=0.8, zorder=1))
            write(sheet, self.look, plot.x1 + 6, y + 6, f"{share:.0%}".replace("%", " %"), self.look.small_pt, colour=self.look.faint_ink)
        if shares.low is not None and shares.high is not None:
            rim = np.concatenate([np.c_[self._x, self._y(shares.low)], np.c_[self._x, self._y(shares.high)][::-1]])
            sheet.add_collection(
                PolyCollection([rim], facecolors=tint(self._colour, 2, palette=self.look), linewidths=0, zorder=2), autolim=False
            )
        sheet.add_line(Line2D(self._x, self._y(shares.expected), color=self._colour, lw=1.8, zorder=3, label="expected"))

    def _draw_claims(self, sheet: Axes, floor: float) -> None:
        """Draw a tick a day with changes, a bar a day with claims, and under them a line that breaks where there were none for long."""
        look, plot, trend = self.look, self._plot, self.trend
        top = floor + _STRIP + _TICK
        signs = ["ticks: changes"] * bool(trend.changes.any()) + [f"gaps: none for {STALE_DAYS} days"] * (len(trend.reported) > 1)
        words = ("claims of control a day", "; ".join(signs))
        pt = look.small_pt * shrunk(look, ["   ".join(words)], look.small_pt, plot.width + _GUTTER)
        for x, text, ha in zip((plot.x0, plot.x1 + _GUTTER), words, ("left", "right"), strict=True):
            write(sheet, look, x, top + 14, text, pt, colour=look.faint_ink, ha=ha)
        ticks = [[(x, top), (x, top - _TICK + 1)] for x in self._x[trend.changes]]
        sheet.add_collection(LineCollection(ticks, colors=look.ink, linewidths=0.8, zorder=2, gid="changes"), autolim=False)
        lines = [[(self._x[first] - 2, floor), (self._x[last] + 2, floor)] for first, last in trend.reported]
        sheet.add_collection(LineCollection(lines, colors=look.faint_ink, linewidths=1.0, zorder=1, gid="reported"), autolim=False)
        most = int(trend.claims.max(initial=0))
        if not most:
            return
        half = max(1.0, (plot.width - 4) / max(1, len(trend.claims)) * 0.7) / 2
        bars = [
            [(left, floor), (left, floor + high), (right, floor + high), (right, floor)]
            for left, right, high in zip(
                np.maximum(self._x - half, plot.x0).tolist(),
                np.minimum(self._x + half, plot.x1).tolist(),
                (_STRIP * trend.claims / most).tolist(),
                strict=True,
            )
            if high
        ]
        sheet.add_collection(PolyCollection(bars, facecolors=look.faint_ink, linewidths=0, zorder=2, gid="claims"), autolim=False)
        write(sheet, look, plot.x1 + 6, floor + _STRIP + 5, f"{most}", look.small_pt, colour=look.faint_ink)
