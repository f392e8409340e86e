"""The legend: a sign and its words for everything that a picture can show, in two columns."""

import textwrap
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle
from matplotlib.transforms import Bbox

from qsim.belief.timeline import UNDECIDED, UNKNOWN
from qsim.draw.annotations import DASHES, DOTS, teeth
from qsim.draw.cells import stripes
from qsim.draw.figure import fit, rings, shrunk, text_width, write
from qsim.draw.ground import age_mark, arrow_head, as_path
from qsim.draw.layout import Layout, layout
from qsim.draw.palette import CHANGED, FRONT, HOW_SURE, STALE, TINTS, areas_told, darker, grounds, tint
from qsim.draw.style import BASE_DPI, Look, wrapped
from qsim.record.theatre import CONTESTED, Theatre

_LINE = 16.5
_SHRINK = 1.15  # a line that is longer than this is wrapped instead of shrunk
_SHORT = 20  # letters
_TWO_COLUMNS = 360.0  # pixels of a small sheet, below which two columns would shrink their words


class Legend:
    """
    The entries of a legend, (words, key), and how it is drawn; without steps of tint where all that is shown is `certain`.

    `every` says how many days lie between the days that are shown; where one stands `alone`, nothing is said of others.
    """

    def __init__(
        self,
        look: Look,
        theatre: Theatre,
        *,
        place: str | None,
        side: str | None,
        certain: bool,
        alone: bool = False,
        precision: bool = False,
        every: int = 1,
        figure: str | None = None,
        ring: bool = False,
        since: date | None = None,
    ) -> None:
        self.look, self.theatre, self.certain, self.figure, self._short = look, theatre, certain, figure, False
        self.entries = [(each.name, each.id) for each in theatre.sides] + [
            ("contested", CONTESTED),
            ("undecided: none above half", UNDECIDED),
            ("unknown", UNKNOWN),
        ]
        before, changed = ("front the day before", CHANGED) if every == 1 else (f"front {every} days before", f"changed in {every} days")
        front = [(FRONT, "front"), *([] if alone else [(before, "before")])]
        around = [("ring: solid where closed", "closed"), ("road that may be open", "way")]
        around += [("front between the others", "before")] * (len(theatre.sides) > 2)
        around += [(f"held on {since.day} {since:%B} {since.year}", "lost")] if since is not None else []
        self.entries += [(STALE, "age"), *(around if ring else front), (changed, "ring")]
        self.entries += [("place lies within", "precision")] * precision
        if any(each.bases for each in theatre.sides) and not ring:
            way_out = f"way out, {_short(theatre, side)}" if side else "way out to a base"
            self.entries += [(way_out, "route")] * (place is not None)
            self.entries += [("cut off from its bases", "pocket"), ("last way out, closed", "last")] * (place is not None and not alone)
            self.entries += [("towards a side's base", "arrow")] * any(each.gateway for each in theatre.places)

    def leave_out(self, *keys: str) -> None:
        """Leave out signs that a map does not show."""
        self.entries = [(text, key) for text, key in self.entries if key not in keys]

    def shorten(self) -> None:
        """Leave what the colours stand for alone, without the lines below: for a small sheet that has no room for more."""
        self.entries, self._short = self.entries[: len(self.theatre.sides) + 3], True

    def rows(self, width: float) -> int:
        """Return the number of its rows: in two columns, or in one where it is narrow."""
        return (len(self.entries) + 1) // 2 if width >= _TWO_COLUMNS or not self.look.compact else len(self.entries)

    def height(self, width: float) -> float:
        """Return how high it is in a column of this width."""
        return 6 + self.rows(width) * self.look.legend_row_px + _LINE * len(self._notes(width))

    def draw(self, sheet: Axes, box: Bbox) -> None:
        """Draw it in a box that is as high as it is."""
        look, half, rows = self.look, box.width / 2, self.rows(box.width)
        steps = 1 if self.certain else len(TINTS)
        statuses = len(self.theatre.sides) + 3  # foremost; their swatches are wider in steps, in whichever column they stand
        starts = (48.0 if steps > 1 else 36.0, half + 14 + (48 if steps > 1 and statuses > rows else 36))
        rooms = (half + 6 - starts[0], box.width - starts[1]) if rows < len(self.entries) else (box.width - starts[0], box.width)
        words = [text for text, _ in self.entries]
        pt = look.text_pt * min(
            shrunk(look, part, look.text_pt, room) for part, room in zip((words[:rows], words[rows:]), rooms, strict=True) if part
        )
        for i, (text, key) in enumerate(self.entries):
            column, row = divmod(i, rows)
            y = box.y1 - (row + 1) * look.legend_row_px + 3
            _swatch(sheet, look, self.theatre, key, box.x0 + column * (half + 14), y, steps, self.figure)
            write(sheet, look, box.x0 + starts[column], y + 14, text, pt)
        note = "\n".join(self._notes(box.width))
        below = write(sheet, look, box.x0, box.y1 - rows * look.legend_row_px - 4, note, look.text_pt, colour=look.faint_ink)
        fit(below, look, look.text_pt, box.width)

    def _notes(self, width: float) -> list[str]:
        """Return the lines below: what the tints mean, whose are full, and what is said of areas; in more lines where they would shrink too much."""
        if self._short:
            return []
        measure, room = text_width(self.look.dpi, self.look.text_pt, family=self.look.family), width * self.look.dpi / BASE_DPI
        areas, *more = areas_told(self.theatre)
        if self.figure is not None:  # on a line that is there: a small sheet has no room for another
            whose = _short(self.theatre, self.figure)
            areas += f" Full colours: {whose}{'' if whose.endswith(('.', '…')) else '.'}"
        told = [*([] if self.certain else [HOW_SURE]), areas, *more]
        return [line for text in told for line in wrapped(text, max(room, 0 if measure(text) > _SHRINK * room else measure(text)), measure)]


def layout_with(legend: Legend, theatre: Theatre, title: str, *, city: bool, chart: bool) -> Layout:
    """Return the layout of a sheet with its legend, shortened where there is room for neither the whole of it nor the city."""
    places = layout(legend.look, theatre, title, legend.height, city=city, chart=chart)
    if places.legend is None and places.city is None:
        legend.shorten()
        places = layout(legend.look, theatre, title, legend.height, city=city, chart=chart)
    return places


def _short(theatre: Theatre, side: str) -> str:
    """Return a side's name, of a long one the first words."""
    return textwrap.shorten(theatre.side(side).name, _SHORT, placeholder="…")


def _swatch(sheet: Axes, look: Look, theatre: Theatre, key: str, x: float, y: float, steps: int, figure: str | None = None) -> None:
    """Draw the sign of one entry with its lower left corner at (x, y); a status in so many steps of tint."""
    right = np.array([1.0, 0.0])
    if key == "front":
        _line(sheet, x, 26, y, [(look.casing, look.front_pt + look.casing_pt), (look.front, look.front_pt)])
    elif key == "before":
        _line(sheet, x, 26, y, [(look.casing, look.before_pt + look.casing_pt / 2), (look.neutral, look.before_pt)])
    elif key == "closed":
        for left, share in ((0, 1.0), (9, 0.6), (18, 0.2)):
            width = 0.5 + (look.ring_line_pt - 0.5) * share
            sheet.add_line(Line2D([x + left, x + left + 8], [y + 8, y + 8], color=look.front, lw=width, alpha=0.25 + 0.75 * share))
    elif key == "way":
        sheet.add_line(Line2D([x, x + 26], [y + 8, y + 8], color=look.front, lw=look.way_pt, ls=(0, (3.0, 2.2))))
    elif key == "lost":
        colour = darker(theatre.side(figure).colour if figure else theatre.sides[0].colour)
        sheet.add_line(Line2D([x, x + 26], [y + 8, y + 8], color=colour, lw=1.0, ls=(0, (4, 2.5)), alpha=0.8))
    elif key == "last":
        _line(sheet, x, 28, y, [(look.casing, look.route_pt + look.casing_pt)])
        sheet.add_line(Line2D([x, x + 28], [y + 8, y + 8], color=look.front, lw=look.route_pt, ls=DASHES, dash_capstyle="butt"))
    elif key == "pocket":
        sheet.add_line(Line2D([x, x + 26], [y + 6, y + 6], color=look.front, lw=look.pocket_pt, path_effects=teeth()))
    elif key == "precision":
        sheet.add_line(Line2D([x + 13], [y + 8], marker="o", ms=12, mfc="none", mec=look.ink, mew=look.precision_pt, ls="none"))
    elif key == "route":
        _line(sheet, x, 16, y, [(look.route_casing, look.route_pt + look.route_casing_pt), (look.route, look.route_pt)])
        head = arrow_head(sheet, np.array([x + 28, y + 8]), right, 14)
        sheet.add_patch(Polygon(head, fc=look.route, ec=look.route_casing, lw=1.2, zorder=3))
    elif key == "arrow":
        for i, side in enumerate(theatre.sides[:3]):
            head = arrow_head(sheet, np.array([x + 9 + 10 * i, y + 8]), right, look.arrow_px)
            sheet.add_patch(Polygon(head, fc=side.colour, ec=look.ink, lw=0.5))
    elif key == "ring":
        box: dict[str, Any] = {"xy": (x + 2, y + 1), "width": 22, "height": 14}
        ground = tint(theatre.sides[0].colour, 1, palette=look)
        sheet.add_patch(Rectangle(**box, fc=ground, ec=look.flash, lw=look.flash_pt))
        sheet.add_patch(Rectangle(**box, fc="none", ec=look.flash_line, lw=look.flash_line_pt, ls=DOTS))
        rings(sheet, 1.5, look).set_data([x + 13], [y + 8])
    elif key == "age":
        sheet.add_line(age_mark(look)).set_data([x + 13], [y + 8])
    else:
        _status(sheet, look, theatre, key, (x, y, 26.0 if steps == 1 else 39.0, 16.0), steps, figure)


def _line(sheet: Axes, x: float, width: float, y: float, strokes: Sequence[tuple[str, float]]) -> None:
    for colour, stroke_pt in strokes:
        sheet.add_line(Line2D([x, x + width], [y + 8, y + 8], color=colour, lw=stroke_pt, solid_capstyle="butt"))


def _status(
    sheet: Axes, look: Look, theatre: Theatre, status: str, box: tuple[float, float, float, float], steps: int, figure: str | None
) -> None:
    """Draw a status in `box` (left, bottom, width, height), from the surest to the palest step."""
    x, y, width, height = box
    for step in range(steps):
        left = x + step * width / steps
        colours = grounds(theatre, status, step, palette=look, figure=figure)
        sheet.add_patch(Rectangle((left, y), width / steps, height, fc=colours[0], ec="none", zorder=1))
        if len(colours) > 1:
            cell = shapely.box(left, y, left + width / steps, y + height)
            for band, colour in zip(stripes(cell, (look.stripe_px * 1.41, look.stripe_px * 1.41), len(colours)), colours[1:], strict=True):
                for part in shapely.get_parts(band):
                    sheet.add_patch(Polygon(as_path(part).vertices, fc=colour, ec="none", zorder=1.2))
    if status == UNKNOWN:
        sheet.add_patch(Rectangle((x, y), width, height, fc="none", ec=look.unknown_dot, hatch="..", lw=0, zorder=1.1))
    sheet.add_patch(Rectangle((x, y), width, height, fc="none", ec=look.faint_ink, lw=0.6, zorder=1.3))
