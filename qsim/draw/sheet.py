"""The sheet around a map, in pixels from its lower left corner: where things go, type, legend and scale bar."""

from collections.abc import Callable

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from qsim.draw.ground import POINTS, age_mark, arrow_head, as_path, scale_km, stripes
from qsim.draw.look import ESTIMATE, HOW_SURE, LOOK, STALE_DAYS, TINTS, fill, tint
from qsim.geometry import distance_km
from qsim.theatre import CONTESTED, Theatre
from qsim.timeline import UNKNOWN


def text_width(dpi: float, pt: float, weight: str = "normal") -> Callable[[str], float]:
    """Return a function that gives the width of a text in pixels."""
    renderer, properties = RendererAgg(1, 1, dpi), font(pt, weight)  # type: ignore[no-untyped-call]
    return lambda text: float(renderer.get_text_width_height_descent(text, properties, False)[0])  # type: ignore[no-untyped-call]


def map_box(theatre: Theatre) -> tuple[float, float, float, float]:
    """Return where on the sheet the map goes (left, bottom, width, height), as shares; the frame keeps its shape."""
    west, south, east, north = theatre.frame
    aspect = (east - west) * np.cos(np.radians((south + north) / 2)) / (north - south)
    left, bottom = LOOK.margin_px + LOOK.collar_px, LOOK.caption_px + 34 + LOOK.collar_px
    room_x = LOOK.width_px - LOOK.panel_px - 2 * LOOK.margin_px - LOOK.collar_px - left - 8
    room_y = LOOK.height_px - 8 - LOOK.collar_px - bottom
    width = min(room_x, room_y * aspect)
    height = width / aspect
    box = (left + (room_x - width) / 2, bottom + (room_y - height) / 2, width, height)
    return box[0] / LOOK.width_px, box[1] / LOOK.height_px, box[2] / LOOK.width_px, box[3] / LOOK.height_px


def whole(figure: Figure) -> Axes:
    """Return axes that cover the sheet, in pixels from its lower left corner."""
    sheet = figure.add_axes((0, 0, 1, 1))
    sheet.set(xlim=(0, LOOK.width_px), ylim=(0, LOOK.height_px), zorder=-1, label="sheet")
    sheet.axis("off")
    return sheet


def rings(ax: Axes, order: float) -> Line2D:
    """Return rings around what changed, none yet."""
    ring = Line2D([], [], ls="none", marker="o", ms=LOOK.ring_pt, mfc="none", mec=LOOK.ink, mew=LOOK.ring_edge_pt, zorder=order)
    ring.set_path_effects([withStroke(linewidth=LOOK.ring_edge_pt + 1.6, foreground=LOOK.casing)])
    ax.add_line(ring)
    return ring


def font(pt: float, weight: str = "normal") -> FontProperties:
    """Return the type of all pictures in this size."""
    return FontProperties(family=LOOK.family, size=pt, weight=weight)


def write(
    sheet: Axes, x: float, y: float, text: str, pt: float, *, colour: str = LOOK.ink, weight: str = "normal", ha: str = "left"
) -> Text:
    """Write on the sheet, with the upper corner of the text at (x, y), pixels; `ha` says which."""
    return sheet.text(x, y, text, fontproperties=font(pt, weight), color=colour, ha=ha, va="top", linespacing=1.25, parse_math=False)


def fit(text: Text, pt: float, width: float) -> None:
    """Give a text on the sheet the size `pt`, or a smaller one in which it is no wider than `width`, pixels."""
    weight = str(text.get_fontproperties().get_weight())
    long_px = max(text_width(LOOK.dpi, pt, weight)(line) for line in text.get_text().split("\n"))
    text.set_fontsize(pt * min(1.0, width / max(long_px, 1.0)))


def draw_legend(sheet: Axes, theatre: Theatre, left: float, bottom: float, way_out: str, *, certain: bool) -> float:
    """
    Draw the legend in two columns from its lower left corner; return where it ends above, pixels.

    `way_out` names the ways out, if any; where all is `certain`, the colours come without their steps of tint.
    """
    entries = [(side.name, side.id) for side in theatre.sides] + [("contested", CONTESTED), ("unknown", UNKNOWN)]
    entries += [(f"no report for {STALE_DAYS} days", "age"), ("front line", "front"), ("changed this day", "ring")]
    if any(side.bases for side in theatre.sides):
        entries += [(way_out, "route")] * bool(way_out)
        entries += [("towards a side's base", "arrow")] * any(place.gateway for place in theatre.places)
    rows = (len(entries) + 1) // 2
    write(sheet, left, bottom, ESTIMATE if certain else f"{HOW_SURE}\n{ESTIMATE}", LOOK.text_pt, colour=LOOK.faint_ink)
    for i, (text, key) in enumerate(entries):
        x, y = left + i // rows * (LOOK.panel_px / 2 + 16), bottom + 8 + (rows - 1 - i % rows) * LOOK.legend_row_px
        _swatch(sheet, theatre, key, x, y, 1 if certain else len(TINTS))
        start = x + (36 if certain or i >= rows else 48)
        room = (left + LOOK.panel_px / 2 + 12 if i < rows else left + LOOK.panel_px) - start
        fit(write(sheet, start, y + 14, text, LOOK.text_pt), LOOK.text_pt, room)
    return bottom + 8 + rows * LOOK.legend_row_px


def draw_scale_bar(ax: Axes, theatre: Theatre) -> Bbox:
    """Draw a scale bar in the corner with the fewest places and return the box that it takes, pixels."""
    west, south, east, north = theatre.frame
    middle = (south + north) / 2
    width_km = distance_km((west, middle), (east, middle))
    length = scale_km(width_km)
    long_px = ax.bbox.width * length / width_km
    points = ax.transAxes.inverted().transform(ax.transData.transform([(p.lon, p.lat) for p in theatre.places]))
    corners = [(x, y) for y in (0, 1) for x in (0, 1)]
    x, y = min(corners, key=lambda corner: int((np.abs(points - corner) < (0.3, 0.12)).all(axis=1).sum()))
    left = ax.bbox.x0 + 12 if x == 0 else ax.bbox.x1 - 12 - long_px
    bottom = ax.bbox.y0 + 12 if y == 0 else ax.bbox.y1 - 36
    box = Bbox.from_bounds(left - 8, bottom - 7, long_px + 16, 34)
    to_data = ax.transData.inverted()
    frame = Bbox(to_data.transform(box.get_points()))
    ax.add_patch(Rectangle(frame.p0, frame.width, frame.height, fc=LOOK.paper, alpha=0.85, ec="none", zorder=POINTS))
    ends = to_data.transform([(left, bottom + 6), (left, bottom), (left + long_px, bottom), (left + long_px, bottom + 6)])
    ax.plot(*ends.T, "-", color=LOOK.ink, lw=1.4, zorder=POINTS, solid_joinstyle="miter")
    x, y = to_data.transform((left + long_px / 2, bottom + 9))
    ax.text(x, y, f"{length} km", fontproperties=font(LOOK.small_pt), ha="center", va="bottom", color=LOOK.ink, zorder=POINTS)
    return box


def _swatch(sheet: Axes, theatre: Theatre, key: str, x: float, y: float, steps: int) -> None:
    """Draw the sign of one legend entry with its lower left corner at (x, y), pixels; a status in so many steps of tint."""
    right = np.array([1.0, 0.0])
    if key == "front":
        sheet.add_line(Line2D([x, x + 26], [y + 8, y + 8], color=LOOK.front, lw=LOOK.front_pt))
    elif key == "route":
        for colour, width in ((LOOK.route_casing, LOOK.route_pt + LOOK.route_casing_pt), (LOOK.route, LOOK.route_pt)):
            sheet.add_line(Line2D([x, x + 16], [y + 8, y + 8], color=colour, lw=width))
        head = arrow_head(sheet, np.array([x + 28, y + 8]), right, 14)
        sheet.add_patch(Polygon(head, fc=LOOK.route, ec=LOOK.route_casing, lw=1.2, zorder=3))
    elif key == "arrow":
        for i, side in enumerate(theatre.sides[:3]):
            head = arrow_head(sheet, np.array([x + 9 + 10 * i, y + 8]), right, LOOK.arrow_px)
            sheet.add_patch(Polygon(head, fc=side.colour, ec=LOOK.ink, lw=0.5))
    elif key in ("ring", "age"):
        sign = rings(sheet, 1) if key == "ring" else sheet.add_line(age_mark())
        sign.set_data([x + 13], [y + 8])
    else:
        _status_swatch(sheet, theatre, key, (x, y, 26.0 if steps == 1 else 39.0, 16.0), steps)


def _status_swatch(sheet: Axes, theatre: Theatre, status: str, box: tuple[float, float, float, float], steps: int) -> None:
    """Draw a status in `box` (left, bottom, width, height; pixels), from the surest to the palest step."""
    x, y, width, height = box
    for step in range(steps):
        left = x + step * width / steps
        sheet.add_patch(Rectangle((left, y), width / steps, height, fc=fill(theatre, status, step), ec="none", zorder=1))
        if status == CONTESTED:
            cell = shapely.box(left, y, left + width / steps, y + height)
            bands = stripes(cell, (LOOK.stripe_px * 1.41, LOOK.stripe_px * 1.41), len(theatre.sides))
            for band, side in zip(bands, theatre.sides[1:], strict=True):
                for part in shapely.get_parts(band):
                    sheet.add_patch(Polygon(as_path(part).vertices, fc=tint(side.colour, step), ec="none", zorder=1.2))
    if status == UNKNOWN:
        sheet.add_patch(Rectangle((x, y), width, height, fc="none", ec=LOOK.unknown_dot, hatch="..", lw=0, zorder=1.1))
    sheet.add_patch(Rectangle((x, y), width, height, fc="none", ec=LOOK.faint_ink, lw=0.6, zorder=1.3))
