"""The small chart in the panel: a side's share of the city over the days, and the claims of control a day, with a cursor."""

from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from qsim.dates import Day, day, long_day
from qsim.draw.look import LOOK, tint
from qsim.draw.shares import SEED, Course, claims_a_day, course
from qsim.draw.sheet import fit, write
from qsim.theatre import Theatre
from qsim.timeline import Timeline

RUNS = 400
_GUTTER, _TITLE, _PLOT, _STRIP = 42.0, 34.0, 70.0, 20.0


@dataclass(frozen=True, eq=False, slots=True)
class Trend:
    """What the small chart shows: a course over `days`, and the `claims` of control that count from each."""

    theatre: Theatre
    days: NDArray[np.datetime64]
    course: Course
    claims: NDArray[np.int64]

    @classmethod
    def of(cls, timeline: Timeline, place: str | None = None) -> "Trend | None":
        """Return the chart of the first side's share of `place`, by default the first place with parts; None where it has none."""
        theatre = timeline.theatre
        city = place if place is not None else next(iter(theatre.parts), None)
        if city is None or city not in theatre.parts:
            return None
        shares = course(timeline, city, theatre.sides[0].id, runs=RUNS, seed=SEED)
        return cls(theatre, timeline.days, shares, claims_a_day(timeline))

    @property
    def title(self) -> str:
        """What is drawn."""
        return f"Share of {self.theatre.place(self.course.place).name}: {self.theatre.side(self.course.side).name}"

    def position(self, moment: Day) -> int:
        """Return the position of a day on the chart."""
        return int((np.datetime64(day(moment)) - self.days[0]).astype(int))


class TrendChart:
    """A `Trend` drawn on a sheet once, in a box of pixels; `show` moves the cursor."""

    def __init__(self, sheet: Axes, trend: Trend, box: Bbox) -> None:
        self.trend = trend
        self._plot = Bbox.from_extents(box.x0, box.y1 - _TITLE - _PLOT, box.x1 - _GUTTER, box.y1 - _TITLE)
        self._x = (
            np.linspace(self._plot.x0 + 2, self._plot.x1 - 2, len(trend.days)) if len(trend.days) > 1 else np.array([self._plot.x0 + 2])
        )
        self._colour = trend.theatre.side(trend.course.side).colour
        fit(write(sheet, box.x0, box.y1, trend.title, LOOK.text_pt, weight="bold"), LOOK.text_pt, box.width)
        note = "expected share, and the band that holds 90 % of histories" if trend.course.low is not None else "share by the map"
        write(sheet, box.x0, box.y1 - 15, note, LOOK.small_pt, colour=LOOK.faint_ink)
        self._draw_share(sheet)
        floor = self._plot.y0 - 16 - _STRIP
        self._draw_claims(sheet, floor)
        for x, moment, ha in ((self._plot.x0, trend.days[0], "left"), (self._plot.x1, trend.days[-1], "right")):
            write(sheet, x, floor - 3, long_day(moment), LOOK.small_pt, ha=ha)
        self._line = sheet.add_line(Line2D([], [], color=LOOK.ink, lw=1.1, zorder=6))
        self._dot = sheet.add_line(Line2D([], [], color=LOOK.ink, marker="o", ms=4.5, mec=LOOK.paper, mew=0.8, zorder=7))
        self._span = (floor, self._plot.y1)
        self.moving: list[Artist] = [self._line, self._dot]

    def show(self, position: int) -> None:
        """Put the cursor on a day."""
        x = self._x[position]
        self._line.set_data([x, x], self._span)
        self._dot.set_data([x], self._y(self.trend.course.expected[[position]]))

    def _y(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(self._plot.y0 + shares * self._plot.height)

    def _draw_share(self, sheet: Axes) -> None:
        plot, shares = self._plot, self.trend.course
        for share in (0.0, 0.5, 1.0):
            y = float(self._y(np.array(share)))
            sheet.add_line(Line2D([plot.x0, plot.x1], [y, y], color=LOOK.rule, lw=0.8, zorder=1))
            write(sheet, plot.x1 + 6, y + 6, f"{share:.0%}".replace("%", " %"), LOOK.small_pt, colour=LOOK.faint_ink)
        if shares.low is not None and shares.high is not None:
            rim = np.concatenate([np.c_[self._x, self._y(shares.low)], np.c_[self._x, self._y(shares.high)][::-1]])
            sheet.add_collection(PolyCollection([rim], facecolors=tint(self._colour, 2), linewidths=0, zorder=2), autolim=False)
        sheet.add_line(Line2D(self._x, self._y(shares.expected), color=self._colour, lw=1.8, zorder=3, label="expected"))

    def _draw_claims(self, sheet: Axes, floor: float) -> None:
        """Draw a bar a day with claims; a day without has none."""
        plot, claims = self._plot, self.trend.claims
        most = int(claims.max(initial=0))
        write(sheet, plot.x0, floor + _STRIP + 13, "claims of control a day", LOOK.small_pt, colour=LOOK.faint_ink)
        sheet.add_line(Line2D([plot.x0, plot.x1], [floor, floor], color=LOOK.faint_ink, lw=0.8, zorder=1))
        if not most:
            return
        wide = max(1.0, (plot.width - 4) / max(1, len(claims)) * 0.7)
        bars = [
            [
                (x - wide / 2, floor),
                (x - wide / 2, floor + _STRIP * n / most),
                (x + wide / 2, floor + _STRIP * n / most),
                (x + wide / 2, floor),
            ]
            for x, n in zip(self._x, claims.tolist(), strict=True)
            if n
        ]
        sheet.add_collection(PolyCollection(bars, facecolors=LOOK.faint_ink, linewidths=0, zorder=2, gid="claims"), autolim=False)
        write(sheet, plot.x1 + 6, floor + _STRIP + 5, f"{most}", LOOK.small_pt, colour=LOOK.faint_ink)
