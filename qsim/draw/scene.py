"""One day as a map: on matplotlib axes, as an SVG, or frame by frame; what does not change is drawn once (`Scene`)."""

import io
import re
from collections.abc import Iterable, Sequence
from datetime import date
from html import escape
from typing import Any

import numpy as np
import shapely
from matplotlib import rc_context, style
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.patches import Polygon
from numpy.typing import NDArray

from qsim.belief.events import Event
from qsim.belief.timeline import UNKNOWN, Snapshot
from qsim.draw.annotations import Flash, PocketEdge, draw_precision
from qsim.draw.cells import Patchwork
from qsim.draw.charts.trend import Trend
from qsim.draw.countries import CREDIT
from qsim.draw.figure import new_figure, rings, shares, text_width, whole
from qsim.draw.files import SVG_STYLE
from qsim.draw.focus import focused, landmarks
from qsim.draw.ground import POINTS, Ages, Front, Routes, arrow_head, draw_backdrop, pixel, set_frame
from qsim.draw.labels import MOST_DOTS, Gateway, Halo, Labels, gateway_labels, gateways, place_labels, ways
from qsim.draw.layout import alone as alone_box
from qsim.draw.legend import Legend, layout_with
from qsim.draw.locator import draw_locator, draw_scale_bar
from qsim.draw.panel import Panel, has_city
from qsim.draw.parts import name_parts
from qsim.draw.ring import RingLine, lost_ground
from qsim.draw.shade import draw_shade
from qsim.draw.style import BASE_DPI, LOOK, Look, caption, is_certain
from qsim.geography.metrics import Exits
from qsim.geography.perimeter import Perimeter
from qsim.geography.pockets import Isolated
from qsim.record.places import WATERS
from qsim.record.signs import as_xml
from qsim.record.theatre import Theatre

_FEW_NAMES = 8  # of places that never change, on a map of a ring


def snapshot(
    snapshot: Snapshot,
    ax: Axes | None = None,
    *,
    events: Sequence[Event] = (),
    exits: Exits | None = None,
    place: str | None = None,
    side: str | None = None,
    look: Look = LOOK,
) -> Axes:
    """
    Draw one day and return the map's axes; `.figure` is the sheet that they are on.

    Parameters
    ----------
    snapshot
        The day to draw.
    ax
        Axes to draw the map on, with the day as their title and what changed below. Without any, a new sheet of the look's size is
        made, with the squares of the city enlarged, a legend, and where the data come from.
    events
        What changed on the day, for the caption: see `qsim.belief.events.events`.
    exits
        The ways out of `place` for `side` on the day: see `qsim.metrics.exits`. None draws and tells none.
    place, side
        Whose ways out these are: a place id, by default the first that has parts; a side id, by default none is named.
    look
        Theme, size and names, see `qsim.draw.style.look`.

    Examples
    --------
    >>> import qsim
    >>> theatre, ledger = qsim.load("qusayr")
    >>> timeline = qsim.reconstruct(theatre, ledger, start="2013-05-19", end="2013-05-20")
    >>> snapshot(timeline.at("2013-05-20")).get_label()
    'map'
    """
    certain = is_certain(snapshot.theatre, snapshot.belief, snapshot.status)
    scene = Scene(snapshot.theatre, ax, place=place, side=side, certain=certain, look=look, alone=True)
    scene.show(snapshot, events=events, exits=exits)
    return scene.ax


@style.context("default")
def snapshot_svg(
    snapshot: Snapshot,
    *,
    events: Sequence[Event] = (),
    exits: Exits | None = None,
    place: str | None = None,
    side: str | None = None,
    look: Look = LOOK,
) -> str:
    """
    Return one day as an SVG that carries its text as text, with a title and a description of the places by status.

    The same input gives the same bytes. Parameters are those of `snapshot`.
    """
    certain = is_certain(snapshot.theatre, snapshot.belief, snapshot.status)
    scene = Scene(snapshot.theatre, place=place, side=side, certain=certain, look=look, alone=True)
    scene.show(snapshot, events=events, exits=exits)
    return scene.svg()


def describe(snapshot: Snapshot) -> str:
    """Return the day and its places by status, as one paragraph for readers who do not see the picture."""
    names: dict[str, list[str]] = {}
    for each, code in zip(snapshot.theatre.places, snapshot.status.tolist(), strict=True):
        if each.polygon is not None:
            names.setdefault(snapshot.name_of(code), []).append(each.name)
    held = [f"{status}: {'; '.join(names[status])}." for status in (*snapshot.theatre.statuses, UNKNOWN) if status in names]
    return f"{snapshot.day}. {' '.join(held)}"


def svg(figure: Figure, look: Look, title: str, description: str) -> str:
    """Return a figure as an SVG with its text as text, and with a title and a description; the same figure gives the same bytes."""
    buffer, halos = io.StringIO(), figure.findobj(Halo)
    with rc_context(SVG_STYLE):
        for halo in halos:
            halo.set_visible(False)
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
        for halo in halos:
            halo.set_visible(True)
    rim = f"paint-order: stroke; stroke: {look.casing}; stroke-width: {look.halo_pt}; stroke-linejoin: round;"
    label = re.compile(r'<g id="label-\d+">.*?</g>', flags=re.DOTALL)
    haloed = label.sub(lambda found: found.group().replace('<text style="', f'<text style="{rim} '), buffer.getvalue())
    head, opening, rest = haloed.partition("<svg ")
    attributes, end, body = rest.partition(">")
    told = f"{head}{opening}{attributes}{end}\n <title>{escape(title)}</title>\n <desc>{escape(description)}</desc>{body}"
    return as_xml(told)


class Scene:
    """
    A theatre's picture, drawn once; `show` puts a day on it by changing only what changes.

    `figure` is the sheet and `ax` the axes of the map. With `ax` given, the map alone is drawn on it, without a panel. A `trend` is
    drawn into the panel. A `figure`, of the size of the look, may be a part of a larger one. With `precision`, circles show within
    what distance estimated places are trusted to lie. The legend says nothing of tints where all that will be shown is `certain`,
    nothing of other days where one stands `alone`, and else that `every` so many days are shown. A place in `focus` fills the map. With
    `map_alone` the map has the sheet to itself: no words of the day, legend, or small maps.
    """

    def __init__(
        self,
        theatre: Theatre,
        ax: Axes | None = None,
        *,
        place: str | None = None,
        side: str | None = None,
        trend: Trend | None = None,
        certain: bool = False,
        alone: bool = False,
        look: Look = LOOK,
        title: str | None = None,
        precision: bool = False,
        every: int = 1,
        figure: Figure | SubFigure | None = None,
        perimeter: Perimeter | None = None,
        since: date | None = None,
        named: Sequence[str] = (),
        focus: str | None = None,
        map_alone: bool = False,
    ) -> None:
        whole_theatre, theatre = theatre, focused(theatre, focus) if focus is not None else theatre
        self.theatre, self.look, self._certain, self._perimeter, self._focus = theatre, look, certain, perimeter, focus
        self._named, self._map_alone = tuple(named), map_alone
        self.title = theatre.title if title is None else title
        self.place = theatre.place(place).id if place is not None else theatre.in_question
        self.side = theatre.side_id(side) if side is not None else None
        self.sheet: Axes | None = None
        legend = Legend(
            look,
            theatre,
            place=self.place,
            side=self.side,
            certain=certain,
            alone=alone,
            precision=precision,
            every=every,
            figure=self.side,
            ring=perimeter is not None,
            since=since,
        )
        cities = (self.place, *whole_theatre.parts)  # enlarged is the place in question, or where it has no parts the first that has
        enlarged = next((city for city in cities if has_city(whole_theatre, city)), None)
        places = layout_with(legend, theatre, self.title, city=enlarged is not None, chart=trend is not None)
        if ax is None:
            figure = new_figure(look) if figure is None else figure
            self.sheet = None if map_alone else whole(figure, look)
            ax = figure.add_axes(shares(look, alone_box(look, theatre) if map_alone else places.map))
        figure_of_ax = ax.get_figure(root=True)
        assert figure_of_ax is not None
        self.ax, self.figure = ax, figure_of_ax
        self.moving: list[Artist] = []
        self._draw_map(with_locator=self.sheet is not None)
        if precision:
            draw_precision(ax, theatre, look=look)
        self.panel: Panel | None = None
        if self.sheet is not None:
            shown: dict[str, Any] = {"title": self.title, "trend": trend, "look": look, "credit": CREDIT if len(self.covered) > 1 else ""}
            shown["focus"] = theatre.frame if focus is not None else None
            legend.leave_out(*(("front", "before", "ring") if self._cells.dense else ()), *(() if self._ages.positions.size else ("age",)))
            self.panel = Panel(self.sheet, whole_theatre, places, legend, place=enlarged, side=self.side, **shown)
            self.moving += self.panel.moving
        city = self.panel.city if self.panel is not None else None
        self.patchworks = [self._cells, *([city.cells] if city is not None else [])]

    def show(
        self,
        snapshot: Snapshot,
        *,
        events: Sequence[Event] = (),
        exits: Exits | None = None,
        before: Snapshot | None = None,
        pocket: Isolated | None = None,
        position: int = 0,
        headline: tuple[str, str] = ("", ""),
        earlier: Iterable[tuple[date, str]] = (),
        **beside: str,
    ) -> None:
        """
        Put one day on the picture, with what changed and the ways out; a day leaves no trace of the one before.

        `before` is the day shown before, whose front line is shown thin. A `pocket`, see `qsim.geography.pockets`, is what is cut off: its edge gets
        teeth that point inwards, and where no way out is left, the last that there was is shown broken. What changed `earlier`, the newest first,
        is told where there is room; `beside` the day stand `count` and `method`.
        """
        self._snapshot = snapshot
        self._cells.show(snapshot)
        self._ages.show(snapshot)
        self._front.trace(snapshot, before)
        if self._ring is not None:
            self._ring.show(position, snapshot)
        else:
            pocket = pocket or Isolated()
            self._pocket.show(pocket.places, [self._way(pocket.last)] if pocket.last else [])
            self._routes.show([self._way(route) for route in exits.routes] if exits and self.place else [])
        told = [(event.text, event.said_by) for event in events]
        changed = list(dict.fromkeys(id for event in events for id in event.places))
        self._flash.show([] if self._cells.dense or self._ring is not None else changed)
        ringed = [] if self._cells.dense else [id for id in changed if self.theatre.place(id).parent is None]
        self._rings.set_data(*self._points(ringed))
        status = self._ring_told(snapshot, position) if self._perimeter is not None else self._ways_out(snapshot, exits)
        unsure = status and not self._certain and self._perimeter is None and (exits is None or exits.cut_off is None)
        status += ", most likely" if unsure else ""
        if self.panel is not None:
            self.panel.show(snapshot, told, status, changed, headline=headline, earlier=earlier, **beside)
        elif not self._map_alone:
            self._entitle(snapshot, told, status)

    def words(self) -> int:
        """Return how many words the day that is shown has to read."""
        return self.panel.words() if self.panel is not None else 0

    def svg(self) -> str:
        """Return what is shown as an SVG with its text as text; the same picture gives the same bytes."""
        return svg(self.figure, self.look, f"{self.title}: {self._snapshot.day}", describe(self._snapshot))

    def _entitle(self, snapshot: Snapshot, told: Sequence[tuple[str, str]], status: str) -> None:
        """Write the day above and what changed below a map on axes that were given."""
        look = self.look
        pad = (look.collar_px + 2) * 72 / BASE_DPI  # points, beyond the gateways
        title = f"{self.title}\n{snapshot.day}" + (f"  ·  {status}" if status else "")
        self.ax.set_title(title, fontsize=look.text_pt, pad=pad, color=look.ink, parse_math=False)
        measure = text_width(self.figure.dpi, look.small_pt, family=look.family)
        lines = caption(told, self.ax.bbox.width, 2 * look.caption_lines, measure) if told else []
        self.ax.set_xlabel("\n".join(lines), fontsize=look.small_pt, labelpad=pad, color=look.ink, parse_math=False)

    def _draw_map(self, *, with_locator: bool) -> None:
        """Draw what does not change on the map's axes, and hold on to what does."""
        ax, theatre, look = self.ax, self.theatre, self.look
        _, south, _, north = theatre.frame
        set_frame(ax, theatre.frame, (south + north) / 2)
        ax.set_facecolor(look.unknown)
        ax.set_label("map")
        for spine in ax.spines.values():
            spine.set(color=look.neatline, linewidth=1.0, zorder=POINTS)
        self._cells = Patchwork(ax, theatre, (place.id for place in theatre.places), look=look, figure=self.side)
        draw_shade(ax, theatre)
        draw_backdrop(ax, theatre, look=look)
        self._front = Front.on(ax, theatre, look=look, dense=self._cells.dense, figure=self.side if self._perimeter is not None else None)
        self._ring = RingLine.on(ax, theatre, self._perimeter, look=look) if self._perimeter is not None else None
        if self._perimeter is not None:
            lost_ground(theatre, self._perimeter, ax=ax, look=look)
        self._pocket = PocketEdge.on(ax, theatre, look=look)
        self._flash = Flash.on(ax, theatre, (place.id for place in theatre.places if place.parent is None), look=look)
        self._routes = Routes.on(ax, look=look)
        inside = [place for place in theatre.places if not place.gateway and place.parent is None and place.id not in theatre.parts]
        inside = inside if len(inside) <= MOST_DOTS else []
        ax.plot(*self._points(p.id for p in inside), "o", ms=2.4, mfc=look.ink, mec=look.casing, mew=0.5, zorder=POINTS)
        self._rings, self._ages = rings(ax, POINTS - 0.1, look), Ages.on(ax, theatre, (place.id for place in inside), look=look)
        self.moving += [*self._front.artists, *self._pocket.artists, *self._flash.artists]
        self.moving += self._ring.artists if self._ring is not None else []
        self.moving += [self._routes.casing, self._routes.lines, self._routes.heads, self._rings, self._ages.marks]
        self._draw_around(with_locator=with_locator)

    def _draw_around(self, *, with_locator: bool) -> None:
        """Draw what stands on the map and around it: scale bar, locator, gateways, names."""
        ax, theatre, look = self.ax, self.theatre, self.look
        self._anchors = {gateway.place.id: gateway for gateway in gateways(theatre, near_parts=self._focus is not None)}
        open_ways = ways(theatre, self._anchors.values())
        shapes = {
            part: polygon for part in theatre.parts.get(self._focus or "", ()) if (polygon := theatre.place(part).polygon) is not None
        }
        edges = [open_ways, *(shapely.segmentize(polygon, 1e-3).boundary for polygon in shapes.values())]
        bar = draw_scale_bar(ax, theatre, avoid=shapely.union_all(edges), look=look)
        lakes = [feature.geometry.boundary for feature in theatre.backdrop if feature.kind in WATERS]
        clear = shapely.union_all([open_ways, *lakes])
        locator = draw_locator(ax, theatre, [bar], clear, look=look) if with_locator and not look.compact and not self._focus else None
        self.gateway_labels = []
        for gateway, text in gateway_labels(ax, list(self._anchors.values()), look=look):
            self.gateway_labels.append(text)
            self._draw_arrow(gateway)
        self.covered = [bar, *([locator] if locator is not None else [])]
        others = _FEW_NAMES if self._perimeter is not None and self._named else None
        buildings = landmarks(theatre, self._focus) if self._focus is not None else []
        taken = list(self.covered)
        if self._focus is not None:
            taken += name_parts(ax, theatre, shapes, look, look.town_pt, 3).boxes
        self.labels: Labels = place_labels(
            ax, theatre, taken, look=look, first=self._named, others=others, landmarks=buildings, focus=self._focus
        )
        if self._ring is not None:
            self._ring.keep_clear_of(self.labels.taken)

    def _draw_arrow(self, gateway: Gateway) -> None:
        """Draw the arrow of a gateway, just outside the frame, in the colour of the side whose base it is."""
        look = self.look
        colours = [side.colour for side in self.theatre.sides for base in side.bases if base.place == gateway.place.id]
        scale = self.ax.transData.transform(gateway.edge)
        step = gateway.along / np.hypot(*gateway.along)
        tip = self.ax.transData.inverted().transform(scale + step * (look.arrow_px + 1) * pixel(self.ax))
        head = arrow_head(self.ax, tip, gateway.along, look.arrow_px)
        self.ax.add_patch(Polygon(head, fc=colours[0] if colours else look.faint_ink, ec=look.ink, lw=0.5, clip_on=False, zorder=-1))

    def _way(self, route: Sequence[str]) -> NDArray[np.float64]:
        """Return a route as points (n, 2) of degrees, from the place to its base, or to the frame where it leaves the map."""
        assert self.place is not None
        points = [self._point(self.place)]
        for id in route:
            if id in self._anchors:
                points.append(tuple(self._anchors[id].edge))
                break
            points.append(self._point(id))
        return np.array(points)

    def _point(self, id: str) -> tuple[float, float]:
        place = self.theatre.place(id)
        return place.lon, place.lat

    def _points(self, ids: Iterable[str]) -> tuple[list[float], list[float]]:
        """Return the longitudes and latitudes of places inside the frame, buildings aside."""
        places = [place for id in ids if not (place := self.theatre.place(id)).gateway and place.within is None]
        return [place.lon for place in places], [place.lat for place in places]

    def _ring_told(self, snapshot: Snapshot, position: int) -> str:
        """Tell how likely the place is cut off, in words, or that the side holds no part of it any more."""
        assert self._perimeter is not None
        assert self.place is not None
        name = self.theatre.place(self.place).name
        if not self._perimeter.known[position]:
            return f"{name}: not known"
        if self._holds_none(snapshot):
            return self._ways_out(snapshot, Exits(()))
        if self._perimeter.runs == 1:
            return f"{name}: {'cut off' if self._perimeter.closed[position] else 'a way out'}"
        return f"{name}: cut off in {100 * self._perimeter.closed[position]:.0f} of 100 histories"

    def _ways_out(self, snapshot: Snapshot, exits: Exits | None) -> str:
        """Tell the ways out in words."""
        if exits is None or self.place is None:
            return ""
        name = self.theatre.place(self.place).name
        if self.side is not None and not len(exits):
            held = snapshot.status[list(self.theatre.members(self.place))]
            if self._holds_none(snapshot):
                return f"{name}: ways out unknown" if (held < 0).any() else f"{name}: {self.theatre.side(self.side).name} holds no part"
        return f"{name}: {exits}"

    def _holds_none(self, snapshot: Snapshot) -> bool:
        """Return whether the side inside neither holds nor contests any part of the place."""
        if self.place is None or self.side is None:
            return False
        held = snapshot.status[list(self.theatre.members(self.place))]
        return not np.isin(held, [self.theatre.statuses.index(self.side), len(self.theatre.statuses) - 1]).any()
