"""The sheet around the map: title and day, the city enlarged, the small chart, the legend, and the lines of what changed."""

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import shapely
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.patheffects import Normal, Stroke
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from qsim.belief.timeline import UNDECIDED, UNKNOWN, Snapshot
from qsim.draw.annotations import Flash
from qsim.draw.cells import Patchwork
from qsim.draw.charts.trend import Trend, TrendChart
from qsim.draw.figure import fit, font, left_to_right, rings, shares, text_width, write
from qsim.draw.ground import POINTS, Ages, pixel, px_per_degree, set_frame
from qsim.draw.layout import Layout
from qsim.draw.legend import Legend
from qsim.draw.style import BASE_DPI, LOOK, Look, attribution, caption, wrapped
from qsim.record.dates import long_day
from qsim.record.theatre import Theatre

_LINE = 16.5
_COORDINATES = 3  # letters and digits of the name of a square
_SPILL = 4.0  # how far a name may stand out beyond its part, pixels
_HALO = 3.0  # how far the ground about a name keeps others away, pixels
_SMALL = 32.0  # a part of this size, pixels, has no room for its coordinates and a ring
_TOLD = 2  # events told in the caption of a day; of the others their number
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
    ) -> None:
        self.theatre, self.trend, self.look, self._places = theatre, trend, look, places
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
        foot = self._write_sources(sheet, attribution(theatre))
        self._cited = write(sheet, look, look.margin_px, foot, "", look.small_pt, colour=look.faint_ink)
        self.moving.append(self._cited)
        if places.legend is not None:
            legend.draw(sheet, places.legend)
        if trend is not None and places.chart is not None:
            self.chart = TrendChart(sheet, trend, places.chart, look=look)
            self.moving += self.chart.moving
        if place is not None and places.city is not None:
            self.city = CityInset(sheet, theatre, place, places.city, side=side, look=look)
            self.moving += self.city.moving

    def _write_sources(self, sheet: Axes, told: str) -> float:
        """Write where documents and points come from at the foot, on a small sheet in several lines; return how high they reach."""
        look, room = self.look, self.look.width_px - 2 * self.look.margin_px
        measure = text_width(look.dpi, look.small_pt)
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
    ) -> None:
        """
        Put a day on the panel: what was `told` to have changed, the ways out in words, and the ids of the places that changed.

        A `headline` and a sentence stand above the map, `count` and `method` beside the day.
        """
        look = self.look
        self._day.set_text(long_day(snapshot.day))
        fit(self._day, look, look.day_pt, self._places.status_px)
        self._count.set_text("  ·  ".join(text for text in (count, method) if text))
        fit(self._count, look, look.small_pt, self._places.status_px)
        self._headline.set_text(left_to_right(headline[0]))
        fit(self._headline, look, look.headline_pt, self._places.headline_px)
        self._sentence.set_text(left_to_right(headline[1]))
        fit(self._sentence, look, look.text_pt, self._places.headline_px)
        self._status.set_text(left_to_right(status))
        fit(self._status, look, look.status_pt, self._places.status_px)
        width = (look.width_px - 2 * look.margin_px) * look.dpi / BASE_DPI
        voices = [(text, said_by.partition(";")[0]) for text, said_by in told]
        lines = caption(voices, width, look.caption_lines, text_width(look.dpi, look.text_pt), events=_TOLD)
        cited = dict.fromkeys(cites for _, said_by in told[:_TOLD] if (cites := said_by.partition(";")[2].strip()))
        self._cited.set_text(f"Cited: {', '.join(cited)}" if cited else "")
        fit(self._cited, look, look.small_pt, look.width_px - 2 * look.margin_px)
        self._caption.set_text(left_to_right("\n".join(lines)))
        share = ""
        if self.trend is not None and self.chart is not None:
            position = self.trend.position(snapshot.day)
            self.chart.show(position)
            kind = "share by the map" if self.trend.course.low is None else "expected share"
            share = f"{kind},\n{self.trend.course.side}:\n{self.trend.course.told(position)}"
        if self.city is not None:
            self.city.show(snapshot, changed, share)


def has_city(theatre: Theatre, place: str | None) -> bool:
    """Return whether a place has parts that can be drawn enlarged."""
    return place is not None and any(theatre.place(part).polygon is not None for part in theatre.parts.get(place, ()))


class CityInset:
    """The parts of a city enlarged, each with its coordinates, in a box of the sheet; their count beside or below."""

    def __init__(self, sheet: Axes, theatre: Theatre, place: str, box: Bbox, *, side: str | None = None, look: Look = LOOK) -> None:
        self.theatre, self.look, parts = theatre, look, theatre.parts[place]
        self._shapes = {part: polygon for part in parts if (polygon := theatre.place(part).polygon) is not None}
        west, south, east, north = shapely.union_all(list(self._shapes.values())).bounds
        figure = sheet.get_figure(root=False)
        assert figure is not None
        south, north = south - 1e-4, north + 1e-4
        west, east = west - 1e-4, east + 1e-4
        latitude = theatre.place(place).lat
        long_px = (box.height - 22) * (east - west) * np.cos(np.radians(latitude)) / (north - south)
        self._beside = bool(box.width - min(long_px, box.width / 2) >= _COLUMN)
        long_px = min(long_px, box.width - _COLUMN) if self._beside else long_px
        self._roomy = box.height - 22 > 16 + _LINE * (len(theatre.statuses) + 7)
        bottom = box.y0 if self._beside else box.y0 + 38
        right = box.x0 + long_px if self._beside else box.x1
        self.ax = figure.add_axes(shares(look, Bbox.from_extents(box.x0, bottom, right, box.y1 - 22)), label="city")
        self.ax.set_anchor("NW")
        self.ax.set_facecolor(look.paper)
        for spine in self.ax.spines.values():
            spine.set(color=look.neatline, linewidth=0.8, zorder=POINTS)
        set_frame(self.ax, (west, south, east, north), latitude)
        self.cells = Patchwork(self.ax, theatre, parts, stripe_px=look.inset_stripe_px, look=look, figure=side)
        self._flash = Flash.on(self.ax, theatre, parts, look=look)
        part_px = min(float(np.sqrt(polygon.area * px_per_degree(self.ax).prod())) for polygon in self._shapes.values())
        self._small = part_px < _SMALL
        if self._small:
            self._flash.glow.set_linewidth(look.flash_pt * part_px / _SMALL)
        self._rings, self._ages = rings(self.ax, POINTS, look), Ages.on(self.ax, theatre, self._shapes, look=look)
        self._name(place)
        title = f"{theatre.place(place).name}, enlarged: {len(parts)} {theatre.parts_named(place)}"
        write(sheet, look, box.x0, box.y1, title, look.text_pt, colour=look.faint_ink)
        self._count = self._counts(sheet, box, Bbox.from_bounds(box.x0, bottom, long_px, box.y1 - 22 - bottom))
        self.moving: list[Artist] = [self._rings, self._ages.marks]
        self.moving += [*self._flash.artists, self._count]

    def _counts(self, sheet: Axes, box: Bbox, inset: Bbox) -> Text:
        """Return the text, empty yet, of how many parts each side holds and of the expected share: in a column beside, or below."""
        look, pt = self.look, self.look.text_pt
        if not self._beside:
            return write(sheet, look, box.x0, box.y0 + 34, "", pt)
        write(sheet, look, inset.x1 + 14, inset.y1, "by belief", look.small_pt, colour=look.faint_ink)
        return write(sheet, look, inset.x1 + 14, inset.y1 - 16, "", pt)

    def show(self, snapshot: Snapshot, changed: Sequence[str], told: str = "") -> None:
        """Put a day on the inset, with rings on the parts that changed, and what is `told` of its share."""
        self.cells.show(snapshot)
        self._ages.show(snapshot)
        self._flash.show(changed)
        new = [self.theatre.place(id) for id in self.cells.ids if id in changed and not self._small]
        self._rings.set_data([place.lon for place in new], [place.lat for place in new])
        statuses = [snapshot.status_of(id) for id in self.cells.ids]
        counts = [f"{n} {status}" for status in (*self.theatre.statuses, UNDECIDED, UNKNOWN) if (n := statuses.count(status))]
        if self._beside:
            self._count.set_text("\n".join([*counts, *([""] if self._roomy else []), told]))
        else:
            self._count.set_text("  ·  ".join(counts) + "\n" + told.replace("\n", " "))

    def _name(self, place: str) -> None:
        """Write the coordinates of the parts into their corners, or their names into their middles where there is room for them."""
        look = self.look
        named = {part: self.theatre.part_name(part) for part in self._shapes}
        if any(" " in name or len(name) > _COORDINATES for name in named.values()):
            self._name_in_words(named)
            return
        inset, pt = (2.5, look.small_pt) if self._beside else (5, look.text_pt)
        for part, polygon in self._shapes.items():
            x0, _, _, y1 = polygon.bounds
            text = self.ax.annotate(
                named[part], (x0, y1), (inset, -inset), textcoords="offset points", ha="left", va="top", fontproperties=font(pt, "bold")
            )
            badge = {"boxstyle": "round,pad=0.15", "fc": look.paper, "ec": "none"}
            text.set(parse_math=False, bbox=badge, color=look.ink, zorder=POINTS - 0.5)

    def _name_in_words(self, named: Mapping[str, str]) -> None:
        """Write each name in the middle of its part, in one line or in several, the largest parts first; without, where it does not fit."""
        look, renderer, taken = self.look, RendererAgg(1, 1, self.ax.figure.dpi), list[Bbox]()  # type: ignore[no-untyped-call]
        self.ax.apply_aspect()
        for part in sorted(named, key=lambda part: -self._shapes[part].area):
            polygon = self._shapes[part]
            middle = polygon.representative_point()
            room = self.ax.transData.transform_bbox(Bbox.from_extents(*polygon.bounds)).padded(_SPILL * pixel(self.ax))
            text = self.ax.text(middle.x, middle.y, "", ha="center", va="center", linespacing=0.9, zorder=POINTS - 0.5)
            text.set(
                parse_math=False, color=look.ink, gid=f"part-{part}", path_effects=[Stroke(linewidth=2, foreground=look.paper), Normal()]
            )
            for words, pt in product((named[part], named[part].replace(" ", "\n")), (look.small_pt, look.small_pt - 1, look.small_pt - 2)):
                text.set(text=words, fontproperties=font(pt, family=look.family))
                box = text.get_window_extent(renderer)
                inside = room.x0 <= box.x0 and box.x1 <= room.x1 and room.y0 <= box.y0 and box.y1 <= room.y1
                if inside and not any(box.overlaps(other) for other in taken):
                    taken.append(box.padded(_HALO * pixel(self.ax)))
                    break
            else:
                text.remove()
