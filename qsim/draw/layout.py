"""Where things go on a sheet of any size, in its own pixels from the lower left corner: the panel beside the map, or below it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.transforms import Bbox

from qsim.draw.figure import text_width
from qsim.draw.style import BASE_DPI, Look, wrapped
from qsim.record.theatre import Theatre

_TOP, _GAP = 12.0, 14.0
_FOOT = 70.0  # what sources and citations take at the foot of a small sheet
_TITLE_ROW, _DAY_ROW, _STATUS_ROW = 21.0, 56.0, 34.0
_HEADLINE = 44.0  # the height of the headline and its sentence above the map
_LONGEST_DAY = "30 September 2000"
_CAPTION_ROWS = 34.0  # what the source line below the caption and the space above it take
_PANEL_GROWS = 116.0  # pixels that the panel may take from a map that does not need them
_LEAST_FREE = 80.0  # nor is it to tell what changed before
_LEAST_CITY = 150.0  # less is not worth it on a small sheet
_TALLEST = 280.0  # more than this is not good for a chart
_COUNTS = 62.0  # what the words above and below the enlarged city take
_WIDE, _WORDS = 1.2, 0.42  # a small sheet so much wider than high has its words beside the map, in such a part of it
_TALL = 400.0  # from this height of the panel below the map, two columns are better than three


@dataclass(frozen=True, eq=False, slots=True)
class Layout:
    """Boxes for the map, the city, the small chart and the legend; points (left, top) for title, day, the ways out (with their width) and the caption."""

    map: Bbox
    title: tuple[float, float]
    headline: tuple[float, float]
    headline_px: float
    day: tuple[float, float]
    day_px: float
    count: tuple[float, float]
    status: tuple[float, float]
    status_px: float
    title_lines: tuple[str, ...]
    caption: tuple[float, float]
    legend: Bbox | None
    city: Bbox | None = None
    chart: Bbox | None = None
    free: Bbox | None = None  # what nothing of these takes, below the legend


def layout(look: Look, theatre: Theatre, title: str, legend_px: Callable[[float], float], *, city: bool, chart: bool) -> Layout:
    """
    Return where things go on the sheet of this look.

    `legend_px` gives the height of the legend in a column of some width; `city` and `chart` say whether these are shown.
    """
    if look.compact:
        return _compact(look, theatre, legend_px, city)
    return (_below if look.stacked else _beside)(look, theatre, title, legend_px, city, chart)


def alone(look: Look, theatre: Theatre) -> Bbox:
    """Return the box of a map that has the sheet to itself, with a collar for the names of what lies beyond its frame."""
    collar = float(look.collar_px)
    width = min(look.width_px - 2 * collar, (look.height_px - 2 * collar) * aspect(theatre))
    height = width / aspect(theatre)
    return Bbox.from_bounds((look.width_px - width) / 2, (look.height_px - height) / 2, width, height)


def _compact(look: Look, theatre: Theatre, legend_px: Callable[[float], float], city: bool) -> Layout:
    """Return the layout of a small sheet, as for a phone: the words of the day above the map, what changed below, legend and city if there is room."""
    margin, collar, top = 10.0, float(look.collar_px), look.height_px - 8
    inner, day, foot = look.width_px - 2 * margin, top - _HEADLINE, look.caption_px + collar
    wide = look.width_px > _WIDE * look.height_px  # the words stand left of the map
    words = _WORDS * inner if wide else inner
    under_words = day - _DAY_ROW - _STATUS_ROW
    upper = (day if wide else under_words) - collar
    room = inner - (words if wide else 0.0) - 2 * collar, max(upper - foot, 40.0)
    width = min(room[0], room[1] * aspect(theatre))
    height = width / aspect(theatre)
    left = look.width_px - margin - collar - (width + room[0]) / 2 if wide else (look.width_px - width) / 2
    box = Bbox.from_bounds(left, upper - height, width, height)
    if wide:
        legend = Bbox.from_bounds(margin, under_words - legend_px(words), words, legend_px(words))
        fits = legend.y0 > foot
        spare = Bbox.from_extents(margin, look.caption_px + _GAP, margin + words, (legend.y0 if fits else under_words) - _GAP)
    else:
        legend = Bbox.from_bounds(margin, _FOOT, inner, legend_px(inner))
        fits = legend.y1 + look.caption_px < box.y0 - collar
        spare = Bbox.from_extents(margin, legend.y1 + _GAP, margin + inner, box.y0 - collar - look.caption_px - _GAP)
    return Layout(
        map=box,
        title=(margin, top),
        headline=(margin, top),
        headline_px=inner,
        day=(margin, day),
        day_px=words,
        count=(margin, day - 37),
        status=(margin, day - _DAY_ROW),
        status_px=words,
        title_lines=(),
        caption=(margin, min(box.y0 - collar, look.caption_px) if wide else box.y0 - collar - 4),
        legend=legend if fits else None,
        city=spare if city and spare.height > _LEAST_CITY else None,
    )


def aspect(theatre: Theatre) -> float:
    """Return how many times wider than high the map is."""
    west, south, east, north = theatre.frame
    return float((east - west) * np.cos(np.radians((south + north) / 2)) / (north - south))


def _lines(look: Look, title: str, width: float) -> tuple[str, ...]:
    return tuple(wrapped(title, width * look.dpi / 100, text_width(look.dpi, look.title_pt, "bold", family=look.family)))


def _beside(look: Look, theatre: Theatre, title: str, legend_px: Callable[[float], float], city: bool, chart: bool) -> Layout:
    """Return the layout of a wide sheet: the panel stands right of the map, the legend at its foot, or below its words where there is no more in it."""
    margin, collar = look.margin_px, look.collar_px
    west, south = margin + collar, look.caption_px + _CAPTION_ROWS + collar
    room_y = look.height_px - 8 - _HEADLINE - collar - south
    spare = look.width_px - look.panel_px - 2 * margin - collar - west - 8 - room_y * aspect(theatre)
    panel = look.panel_px + min(max(spare, 0.0), _PANEL_GROWS)
    room_x = look.width_px - panel - 2 * margin - collar - west - 8
    width = min(room_x, room_y * aspect(theatre))
    height = width / aspect(theatre)
    left, top = look.width_px - margin - panel, look.height_px - _TOP
    lines = _lines(look, title, panel)
    day = top - _TITLE_ROW * len(lines) - 4
    bottom = look.caption_px + _CAPTION_ROWS
    legend = Bbox.from_bounds(left, bottom, panel, legend_px(panel))
    bottom = legend.y1 + 16
    plot = Bbox.from_bounds(left, bottom, panel, look.trend_px) if chart else None
    bottom = plot.y1 + _GAP if plot else bottom
    under_status = day - _DAY_ROW - _STATUS_ROW
    if not city and not chart:  # nothing stands between: the legend belongs to the words above it, not to the far end of a blank
        legend = legend.translated(0, max(under_status - legend.y1, 0.0))
    free = Bbox.from_extents(left, look.caption_px + _CAPTION_ROWS, left + panel, legend.y0 - 2 * _GAP)
    return Layout(
        Bbox.from_bounds(west + (room_x - width) / 2, south + (room_y - height) / 2, width, height),
        (left, top),
        (margin, top),
        look.width_px - panel - 3 * margin,
        (left, day),
        panel,
        (left, day - 37),
        (left, day - _DAY_ROW),
        panel,
        lines,
        (margin, look.caption_px + 28),
        legend,
        Bbox.from_extents(left, bottom, left + panel, under_status) if city else None,
        plot,
        None if city or chart or free.height < _LEAST_FREE else free,
    )


def _below(look: Look, theatre: Theatre, title: str, legend_px: Callable[[float], float], city: bool, chart: bool) -> Layout:
    """Return the layout of an upright or square sheet: day and title above the map, the panel below it in columns."""
    margin, collar = look.margin_px, look.collar_px
    inner, bottom = look.width_px - 2 * margin, look.caption_px + _CAPTION_ROWS
    wide = text_width(look.dpi, look.day_pt, "bold", family=look.family)(_LONGEST_DAY) * BASE_DPI / look.dpi
    day_px = min(wide, inner / 2)
    beside = inner - day_px - _GAP
    lines = _lines(look, title, beside)
    head = _TOP + max(_TITLE_ROW * len(lines) + _STATUS_ROW, _DAY_ROW) + _HEADLINE
    columns = 1 + city + chart
    column = (inner - (columns - 1) * 1.5 * _GAP) / max(columns, 2)
    least = max(legend_px(column), look.trend_px if chart else 0.0, look.trend_px if city else 0.0)
    room = look.height_px - head - 2 * collar - _GAP - bottom
    height = min((inner - 2 * collar) / aspect(theatre), room - least)
    panel = room - height
    top = look.height_px - _TOP
    end, legend, city_box, plot = _columns(Bbox.from_bounds(margin, bottom, inner, panel), column, legend_px, city, chart)
    width, slack = height * aspect(theatre), end - bottom  # what a tall sheet has left goes between its parts
    legend = legend.translated(0, -0.6 * slack)
    end, city_box, plot = end - 0.6 * slack, _lowered(city_box, 0.6 * slack), _lowered(plot, 0.6 * slack)
    return Layout(
        Bbox.from_bounds((look.width_px - width) / 2, bottom + panel + _GAP + collar - 0.25 * slack, width, height),
        (margin + day_px + _GAP, top),
        (margin, top - head + _TOP + _HEADLINE),
        inner,
        (margin, top),
        day_px,
        (margin, top - 37),
        (margin + day_px + _GAP, top - _TITLE_ROW * len(lines) - 3),
        beside,
        lines,
        (margin, end - 10),
        legend,
        city_box,
        plot,
    )


def _lowered(box: Bbox | None, by: float) -> Bbox | None:
    return box.translated(0, -by) if box is not None else None


def _columns(
    panel: Bbox, column: float, legend_px: Callable[[float], float], city: bool, chart: bool
) -> tuple[float, Bbox, Bbox | None, Bbox | None]:
    """Return where a panel below the map ends, and its boxes of legend, city and chart: in a row, or the city left of the others."""
    half = (panel.width - 2 * _GAP) / 2
    if city and chart and panel.height >= _TALL:
        bottom = panel.y1 - min(panel.height, max(half + _COUNTS, legend_px(half) + _TALLEST))
        right = panel.x1 - half
        legend = Bbox.from_bounds(right, bottom, half, legend_px(half))
        plot = Bbox.from_extents(right, legend.y1 + 16, panel.x1, panel.y1)
        return bottom, legend, Bbox.from_extents(panel.x0, bottom, panel.x0 + half, panel.y1), plot
    bottom = panel.y1 - min(panel.height, max(legend_px(column), (city or chart) * _TALLEST))
    left, step = panel.x0, column + 1.5 * _GAP
    found: list[Bbox | None] = []
    for shown in (city, chart):
        found.append(Bbox.from_extents(left, bottom, left + column, panel.y1) if shown else None)
        left += step * shown
    return bottom, Bbox.from_bounds(left, panel.y1 - legend_px(column), column, legend_px(column)), found[0], found[1]
