"""The sheet around the map: title and day, the city enlarged, the small chart, the legend, and the lines of what changed."""

from collections.abc import Sequence

import numpy as np
import shapely
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from qsim.draw.ground import EDGES, POINTS, Ages, Patchwork, set_frame
from qsim.draw.look import LOOK, attribution, caption, wrapped
from qsim.draw.sheet import draw_legend, fit, font, rings, text_width, write
from qsim.draw.trend import Trend, TrendChart
from qsim.theatre import Theatre
from qsim.timeline import UNKNOWN, Snapshot

_GAP = 14.0
_SHORT = 12  # letters
_COLUMN = 160.0  # the width, pixels, that the counts beside the city need


class Panel:
    """What stands beside and below the map, drawn once; `show` puts a day on it. `moving` are the artists that it changes."""

    def __init__(
        self, sheet: Axes, theatre: Theatre, *, place: str | None, side: str | None, trend: Trend | None = None, certain: bool = False
    ) -> None:
        self.theatre, self.trend = theatre, trend
        self.city: CityInset | None = None
        self.chart: TrendChart | None = None
        left, top = LOOK.width_px - LOOK.margin_px - LOOK.panel_px, LOOK.height_px - 12.0
        for line in wrapped(theatre.title, LOOK.panel_px, text_width(LOOK.dpi, LOOK.title_pt, "bold")):
            write(sheet, left, top, line, LOOK.title_pt, weight="bold")
            top -= 21
        self._day = write(sheet, left, top - 4, "", LOOK.day_pt, weight="bold")
        self._status = write(sheet, left, top - 54, "", LOOK.status_pt, weight="bold")
        self._caption = write(sheet, LOOK.margin_px, LOOK.caption_px + 28, "", LOOK.text_pt)
        self.moving: list[Artist] = [self._day, self._status, self._caption]
        write(sheet, LOOK.margin_px, 21, attribution(theatre), LOOK.small_pt, colour=LOOK.faint_ink)
        way_out = "" if place is None else f"way out, {_short(theatre, side)}" if side else "way out to a base"
        bottom = draw_legend(sheet, theatre, left, LOOK.caption_px + (50 if certain else 66), way_out, certain=certain) + 16
        if trend is not None:
            self.chart = TrendChart(sheet, trend, Bbox.from_bounds(left, bottom, LOOK.panel_px, LOOK.trend_px))
            self.moving += self.chart.moving
            bottom += LOOK.trend_px + _GAP
        if place is not None and any(theatre.place(part).polygon is not None for part in theatre.parts.get(place, ())):
            self.city = CityInset(sheet, theatre, place, Bbox.from_extents(left, bottom, left + LOOK.panel_px, top - 88))
            self.moving += self.city.moving

    def show(self, snapshot: Snapshot, told: Sequence[tuple[str, str]], status: str, changed: Sequence[str]) -> None:
        """Put a day on the panel: what was `told` to have changed, the ways out in words, and the ids of the places that changed."""
        self._day.set_text(str(snapshot.day))
        self._status.set_text(status)
        fit(self._status, LOOK.status_pt, LOOK.panel_px)
        width = LOOK.width_px - 2 * LOOK.margin_px
        self._caption.set_text("\n".join(caption(told, width, LOOK.caption_lines, text_width(LOOK.dpi, LOOK.text_pt))))
        share = ""
        if self.trend is not None and self.chart is not None:
            position = self.trend.position(snapshot.day)
            self.chart.show(position)
            kind = "share by the map" if self.trend.course.low is None else "expected share"
            share = f"{kind},\n{self.trend.course.side}:\n{self.trend.course.told(position)}"
        if self.city is not None:
            self.city.show(snapshot, changed, share)


def _short(theatre: Theatre, side: str) -> str:
    """Return a side's name, or its id where the name is long."""
    name = theatre.side(side).name
    return name if len(name) <= _SHORT else side


class CityInset:
    """The parts of a city enlarged, each with its coordinates, in a box of the sheet; their count beside or below."""

    def __init__(self, sheet: Axes, theatre: Theatre, place: str, box: Bbox) -> None:
        self.theatre, parts = theatre, theatre.parts[place]
        self._shapes = {part: polygon for part in parts if (polygon := theatre.place(part).polygon) is not None}
        west, south, east, north = shapely.union_all(list(self._shapes.values())).bounds
        figure = sheet.get_figure(root=True)
        assert figure is not None
        south, north = south - 1e-4, north + 1e-4
        west, east = west - 1e-4, east + 1e-4
        latitude = theatre.place(place).lat
        long_px = (box.height - 22) * (east - west) * np.cos(np.radians(latitude)) / (north - south)
        self._beside = bool(box.width - long_px >= _COLUMN)
        bottom = box.y0 if self._beside else box.y0 + 22
        inner = (box.x0 / LOOK.width_px, bottom / LOOK.height_px, box.width / LOOK.width_px, (box.y1 - 22 - bottom) / LOOK.height_px)
        self.ax = figure.add_axes(inner, label="city")
        self.ax.set_anchor("W")
        for spine in self.ax.spines.values():
            spine.set(color=LOOK.neatline, linewidth=0.8, zorder=POINTS)
        set_frame(self.ax, (west, south, east, north), latitude)
        self._cells = Patchwork.on(self.ax, theatre, parts, stripe_px=LOOK.inset_stripe_px)
        self._rings, self._ages = rings(self.ax, POINTS), Ages.on(self.ax, theatre, self._shapes)
        self._name(place)
        title = f"{theatre.place(place).name}, enlarged: {len(parts)} {theatre.place(parts[0]).kind}s"
        write(sheet, box.x0, box.y1, title, LOOK.text_pt, colour=LOOK.faint_ink)
        self._count, self._told = self._counts(sheet, box, Bbox.from_bounds(box.x0, bottom, long_px, box.y1 - 22 - bottom))
        self.moving: list[Artist] = [self._cells.cells, self._cells.dotted, self._cells.striped, self._rings, self._ages.marks]
        self.moving += [self._count, self._told]

    def _counts(self, sheet: Axes, box: Bbox, inset: Bbox) -> tuple[Text, Text]:
        """Return the texts, empty yet, of how many parts each side holds and of the expected share: in a column beside, or below."""
        if not self._beside:
            return write(sheet, box.x0, box.y0 + 16, "", LOOK.text_pt), write(sheet, box.x1, box.y0 + 16, "", LOOK.text_pt, ha="right")
        x, lines = inset.x1 + 14, len(self.theatre.statuses) + 1
        write(sheet, x, inset.y1, "most likely history", LOOK.small_pt, colour=LOOK.faint_ink)
        below = inset.y1 - 28 - 17 * lines
        return write(sheet, x, inset.y1 - 16, "", LOOK.text_pt), write(sheet, x, below, "", LOOK.text_pt)

    def show(self, snapshot: Snapshot, changed: Sequence[str], told: str = "") -> None:
        """Put a day on the inset, with rings on the parts that changed, and what is `told` of its share."""
        self._cells.paint(snapshot)
        self._ages.show(snapshot)
        new = [self.theatre.place(id) for id in self._cells.ids if id in changed]
        self._rings.set_data([place.lon for place in new], [place.lat for place in new])
        statuses = [snapshot.most_likely(id) for id in self._cells.ids]
        counts = [f"{n} {status}" for status in (*self.theatre.statuses, UNKNOWN) if (n := statuses.count(status))]
        self._count.set_text(("\n" if self._beside else "  ·  ").join(counts))
        self._told.set_text(told)

    def _name(self, place: str) -> None:
        """Write the coordinates of the parts into their corners."""
        inset, pt = (2.5, LOOK.small_pt) if self._beside else (5, LOOK.text_pt)
        for part, polygon in self._shapes.items():
            x0, _, _, y1 = polygon.bounds
            name = part.removeprefix(f"{place}_")
            text = self.ax.annotate(
                name, (x0, y1), (inset, -inset), textcoords="offset points", ha="left", va="top", fontproperties=font(pt, "bold")
            )
            text.set(parse_math=False, bbox={"boxstyle": "round,pad=0.15", "fc": LOOK.paper, "ec": "none", "alpha": 0.85}, zorder=EDGES + 1)
