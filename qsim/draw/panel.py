"""The sheet around the map: title and day, the city enlarged, the small chart, the legend, and the lines of what changed."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np
import shapely
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from qsim.belief.timeline import UNDECIDED, UNKNOWN, Snapshot
from qsim.draw.annotations import Flash
from qsim.draw.cells import Patchwork
from qsim.draw.charts.trend import Trend, TrendChart
from qsim.draw.figure import fit, left_to_right, rings, shares, text_width, write
from qsim.draw.ground import POINTS, Ages, draw_backdrop, px_per_degree, set_frame
from qsim.draw.lately import Lately
from qsim.draw.layout import Layout
from qsim.draw.legend import Legend
from qsim.draw.parts import name_parts
from qsim.draw.style import BASE_DPI, LOOK, Look, attribution, caption, wrapped
from qsim.record.dates import long_day
from qsim.record.places import WATERS
from qsim.record.theatre import Theatre

_LINE = 16.5
_SMALL = 32.0  # a part of this size, pixels, has no room for its coordinates and a ring
_TWO_LINES = 0.9  # of its size, where a headline has two lines
_TOLD = 2  # events told in the caption of a day; of the others their number
_LEAST = 0.75  # of its size, where the counts beside the city have little room
_COLUMN = 172.0  # the width, pixels, that the counts beside the city need


class Panel:
    """What stands beside or below the map, drawn once; `show` puts a day on it. `moving` are the artists that it changes."""

    def __init__(
        self,
        sheet: Axes,
        theatre: Theatre,
        places: Layout,
        legend: Legend,
        *,
        place: str | None,
        side: str | None = None,
        trend: Trend | None = None,
        look: Look = LOOK,
        focus: tuple[float, float, float, float] | None = None,
        title: str = "",
        credit: str = "",
    ) -> None:
        self.theatre, self.trend, self.look, self._places, self._title = theatre, trend, look, places, title
        self.city: CityInset | None = None
        self.chart: TrendChart | None = None
        x, y = places.title
        for line in places.title_lines:
            write(sheet, look, x, y, line, look.title_pt, weight="bold")
            y -= 21
        self._day = write(sheet, look, *places.day, "", look.day_pt, weight="bold")
        self._count = write(sheet, look, *places.count, "", look.small_pt, colour=look.faint_ink)
        self._headline = write(sheet, look, *places.headline, "", look.headline_pt, weight="bold")
        x, y = places.headline
        self._sentence = write(sheet, look, x, y - 24, "", look.text_pt, colour=look.faint_ink)
        self._status = write(sheet, look, *places.status, "", look.status_pt, weight="bold")
        self._caption = write(sheet, look, *places.caption, "", look.text_pt)
        self.moving: list[Artist] = [self._day, self._count, self._headline, self._sentence, self._status, self._caption]
        foot = self._write_sources(sheet, "; ".join(part for part in (attribution(theatre), credit) if part))
        self._cited = write(sheet, look, look.margin_px, foot, "", look.small_pt, colour=look.faint_ink)
        self.moving.append(self._cited)
        if places.legend is not None:
            legend.draw(sheet, places.legend)
        self.lately = Lately(sheet, places.free, look) if places.free is not None else None
        self.moving += self.lately.moving if self.lately is not None else []
        if trend is not None and places.chart is not None:
            self.chart = TrendChart(sheet, trend, places.chart, look=look)
            self.moving += self.chart.moving
        if place is not None and places.city is not None:
            self.city = CityInset(sheet, theatre, place, places.city, side=side, look=look, focus=focus)
            self.moving += self.city.moving

    def _write_sources(self, sheet: Axes, told: str) -> float:
        """Write where documents and points come from at the foot, on a small sheet in several lines; return how high they reach."""
        look, room = self.look, self.look.width_px - 2 * self.look.margin_px
        measure = text_width(look.dpi, look.small_pt, family=look.family)
        lines = wrapped(told, room * look.dpi / BASE_DPI, measure) if look.compact else [told]
        top = 8 + 13.0 * len(lines)
        sources = write(sheet, look, look.margin_px, top, "\n".join(lines), look.small_pt, colour=look.faint_ink)
        fit(sources, look, look.small_pt, room)
        return top + 13

    def words(self) -> int:
        """Return how many words of the day are to read: headline, sentence and caption."""
        return sum(len(text.get_text().split()) for text in (self._headline, self._sentence, self._caption))

    def show(
        self,
        snapshot: Snapshot,
        told: Sequence[tuple[str, str]],
        status: str,
        changed: Sequence[str],
        *,
        headline: tuple[str, str] = ("", ""),
        count: str = "",
        method: str = "",
        earlier: Iterable[tuple[date, str]] = (),
    ) -> None:
        """
        Put a day on the panel: what was `told` to have changed, the ways out in words, and the ids of the places that changed.

        A `headline` and a sentence stand above the map, `count` and `method` beside the day; what changed `earlier`, the newest first, where there is room.
        """
        if self.lately is not None:
            self.lately.show(earlier)
        look = self.look
        headline = headline if headline[0] or self._places.title_lines else (self._title, "")  # a small sheet has no other place for it
        self._day.set_text(long_day(snapshot.day))
        fit(self._day, look, look.day_pt, self._places.day_px)
        self._count.set_text("  ·  ".join(text for text in (count, method) if text))
        fit(self._count, look, look.small_pt, self._places.day_px)
        measure = text_width(look.dpi, look.headline_pt, "bold", family=look.family)
        lines = wrapped(headline[0], self._places.headline_px * look.dpi / BASE_DPI, measure)
        two = len(lines) > 1 and not headline[1]  # a long headline takes the line of the sentence, where there is none
        self._headline.set_text(left_to_right("\n".join([lines[0], " ".join(lines[1:])]) if two else headline[0]))
        fit(self._headline, look, look.headline_pt * (_TWO_LINES if two else 1), self._places.headline_px)
        self._sentence.set_text(left_to_right(headline[1]))
        fit(self._sentence, look, look.text_pt, self._places.headline_px)
        self._status.set_text(left_to_right(status))
        fit(self._status, look, look.status_pt, self._places.status_px)
        width = (look.width_px - 2 * look.margin_px) * look.dpi / BASE_DPI
        voices = [(text, said_by.partition(";")[0]) for text, said_by in told]
        if voices and {text for text, _ in voices} == {headline[0]}:  # it stands above the map: only who says so is left to tell
            voices = [(f"Told by {said_by}" if said_by else "", "") for _, said_by in voices]
        lines = caption(voices, width, look.caption_lines, text_width(look.dpi, look.text_pt, family=look.family), events=_TOLD)
        cited = dict.fromkeys(cites for _, said_by in told[:_TOLD] if (cites := said_by.partition(";")[2].strip()))
        self._cited.set_text(f"Cited: {', '.join(cited)}" if cited else "")
        fit(self._cited, look, look.small_pt, look.width_px - 2 * look.margin_px)
        self._caption.set_text(left_to_right("\n".join(lines)))
        share = ""
        if self.trend is not None and self.chart is not None:
            position = self.trend.position(snapshot.day)
            self.chart.show(position)
            kind = "share by the map" if self.trend.course.low is None else "expected share"
            share = f"{kind},\n{self.theatre.side(self.trend.course.side).name}:\n{self.trend.course.told(position)}"
        if self.city is not None:
            self.city.show(snapshot, changed, share)


def has_city(theatre: Theatre, place: str | None) -> bool:
    """Return whether a place has parts that can be drawn enlarged."""
    return place is not None and any(theatre.place(part).polygon is not None for part in theatre.parts.get(place, ()))


class CityInset:
    """
    The parts of a city enlarged, each with its coordinates, in a box of the sheet; their count beside or below.

    With a `focus` (west, south, east, north), which the map shows, the inset shows the whole theatre, and where that lies.
    """

    def __init__(
        self,
        sheet: Axes,
        theatre: Theatre,
        place: str,
        box: Bbox,
        *,
        side: str | None = None,
        look: Look = LOOK,
        focus: tuple[float, float, float, float] | None = None,
    ) -> None:
        self.theatre, self.look, self._list, parts = theatre, look, "", theatre.parts[place]
        shown = parts if focus is None else tuple(each.id for each in theatre.places)
        self._parts, self._focus = parts, focus
        self._shapes = {part: polygon for part in shown if (polygon := theatre.place(part).polygon) is not None}
        west, south, east, north = theatre.frame if focus else shapely.union_all(list(self._shapes.values())).bounds
        figure = sheet.get_figure(root=False)
        assert figure is not None
        south, north = south - 1e-4, north + 1e-4
        west, east = west - 1e-4, east + 1e-4
        latitude = theatre.place(place).lat
        long_px = (box.height - 22) * (east - west) * np.cos(np.radians(latitude)) / (north - south)
        self._beside = bool(box.width - min(long_px, box.width / 2) >= _COLUMN) and box.height < box.width
        long_px = min(long_px, box.width - _COLUMN) if self._beside else long_px
        self._roomy = box.height - 22 > 16 + _LINE * (len(theatre.statuses) + 7)
        bottom = box.y0 if self._beside else box.y0 + 38
        right = box.x0 + long_px if self._beside else box.x1
        self.ax = figure.add_axes(shares(look, Bbox.from_extents(box.x0, bottom, right, box.y1 - 22)), label="city")
        self.ax.set_anchor("NW")
        self.ax.set_facecolor(look.unknown if focus else look.paper)
        for spine in self.ax.spines.values():
            spine.set(color=look.neatline, linewidth=0.8, zorder=POINTS)
        set_frame(self.ax, (west, south, east, north), latitude)
        if focus is not None:
            draw_backdrop(self.ax, theatre, kinds=WATERS, look=look)
        self.cells = Patchwork(self.ax, theatre, shown, stripe_px=look.inset_stripe_px, look=look, figure=side)
        self._flash = Flash.on(self.ax, theatre, parts, look=look)
        part_px = min(float(np.sqrt(polygon.area * px_per_degree(self.ax).prod())) for polygon in self._shapes.values())
        self._small = part_px < _SMALL
        if self._small:
            self._flash.glow.set_linewidth(look.flash_pt * part_px / _SMALL)
        self._rings, self._ages = rings(self.ax, POINTS, look), Ages.on(self.ax, theatre, self._shapes, look=look)
        title = f"{theatre.place(place).name}, enlarged: {len(parts)} {theatre.parts_named(place)}"
        if focus is None:
            inset_pt, pt = (2.5, look.small_pt) if self._beside else (5, look.text_pt)
            numbered = name_parts(self.ax, theatre, self._shapes, look, pt, inset_pt).numbered
            self._list = "".join(f"\n{n} {name}" for n, name in enumerate(numbered, 1))
        else:
            title = f"Where {theatre.place(place).name} lies"
            (x0, y0), (x1, y1) = focus[:2], focus[2:]
            style: dict[str, Any] = {"fc": "none", "ec": look.ink, "lw": 1.4, "zorder": POINTS}
            self.ax.add_patch(Rectangle((x0, y0), x1 - x0, y1 - y0, gid="focus", **style))
        write(sheet, look, box.x0, box.y1, title, look.text_pt, colour=look.faint_ink)
        self._count = self._counts(sheet, box, Bbox.from_bounds(box.x0, bottom, long_px, box.y1 - 22 - bottom))
        self.moving: list[Artist] = [self._rings, self._ages.marks]
        self.moving += [*self._flash.artists, self._count]

    def _counts(self, sheet: Axes, box: Bbox, inset: Bbox) -> Text:
        """Return the text, empty yet, of how many parts each side holds and of the expected share: in a column beside, or below."""
        look, pt = self.look, self.look.text_pt
        if not self._beside:
            self._count_px, self._room_px = box.width, box.height
            below = float(self.ax.get_position().y0) * look.height_px - 4  # of the inset as it is, which may leave some of its box
            return write(sheet, look, box.x0, below, "", pt)
        self._count_px, self._room_px = box.x1 - inset.x1 - 14, inset.height - 16
        write(sheet, look, inset.x1 + 14, inset.y1, "by belief", look.small_pt, colour=look.faint_ink)
        return write(sheet, look, inset.x1 + 14, inset.y1 - 16, "", pt)

    def show(self, snapshot: Snapshot, changed: Sequence[str], told: str = "") -> None:
        """Put a day on the inset, with rings on the parts that changed, and what is `told` of its share."""
        self.cells.show(snapshot)
        self._ages.show(snapshot)
        self._flash.show([] if self._focus else changed)
        new = [self.theatre.place(id) for id in self.cells.ids if id in changed and not self._small and not self._focus]
        self._rings.set_data([place.lon for place in new], [place.lat for place in new])
        statuses = [snapshot.status_of(id) for id in self._parts]
        called = {side.id: side.name for side in self.theatre.sides}
        all_of_them = (*self.theatre.statuses, UNDECIDED, UNKNOWN)
        counts = [f"{n} {called.get(status, status)}" for status in all_of_them if (n := statuses.count(status))]
        pt = self.look.text_pt
        if self._beside:
            lines = [*counts, *([""] if self._roomy else []), *(told + self._list).split("\n")]
            if told and len(lines) * _LINE > self._room_px:  # the chart below says whose share it is
                lines = [*counts, f"share {told.splitlines()[-1]}", *self._list.split("\n")[1:]]
            self._count.set_text("\n".join(lines))
            pt *= min(1.0, max(_LEAST, self._room_px / (len(lines) * _LINE)))
        else:
            self._count.set_text("  ·  ".join(counts) + "\n" + told.replace("\n", " ") + self._list.replace("\n", "  ·  "))
        fit(self._count, self.look, pt, self._count_px)
