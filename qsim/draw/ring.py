"""The ring around a besieged place: one line around its ground, as solid as it is likely closed there, and the roads that may be open."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from qsim.belief.timeline import NEITHER, NOBODY, Snapshot
from qsim.draw.figure import font, text_width
from qsim.draw.glyphs import Rim
from qsim.draw.ground import FRONT, LABELS, ROUTE, line_strings, px_per_degree
from qsim.draw.palette import darker
from qsim.draw.style import BASE_DPI, LOOK, Look
from qsim.geography.encirclement import Way
from qsim.geography.metrics import borders
from qsim.geography.perimeter import Perimeter
from qsim.record.geometry import frame_box
from qsim.record.theatre import CONTESTED, Theatre

_SMOOTH_PX, _STEP_PX = 5.0, 6.0  # how far corners are rounded, and how long a piece of the line is
_OUT_PX = 7.0  # how far outside the line it is asked whose ground that is
LEAST_OPEN = 0.05  # a way that fewer histories have open is not drawn
_LINE_HEIGHT = 1.2  # of the words of a way, times that of their type
_SURE = 0.95  # from here a way is called open, without odds
_MOST_WAYS = 4
_NAMES_COUNT, _OUTSIDE_COUNTS = 4.0, 50.0  # how many times worse it is to cover a name than to cover the line, and to lie outside the frame
STEPS = 10  # grades of solidity: pieces of one grade are one line


@dataclass(slots=True)
class RingLine:
    """
    The ring and the ways out on a map's axes; `show` puts a day on it.

    The line runs along the edge of the ground, inside the frame. Its width and darkness are the probability that the side cannot get
    through there. A way out is a line along its places, solid through ground of the side's own, broken elsewhere, with its odds in words.
    """

    ax: Axes
    theatre: Theatre
    perimeter: Perimeter
    look: Look
    casing: LineCollection
    line: LineCollection
    own: LineCollection
    broken: LineCollection
    words: list[Text]
    _under: "_Under"
    _shapes: dict[bytes, BaseGeometry] = field(default_factory=dict)
    _edges: dict[bytes, list["_Pieces"]] = field(default_factory=dict)
    _outside: dict[tuple[bytes, tuple[str, ...]], list["_Pieces"]] = field(default_factory=dict)
    _lines: dict[tuple[str, ...], shapely.LineString] = field(default_factory=dict)
    _taken: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 4)))

    @classmethod
    def on(cls, ax: Axes, theatre: Theatre, perimeter: Perimeter, *, look: Look = LOOK) -> "RingLine":
        """Add no ring yet to axes."""
        casing = LineCollection([], colors=look.casing, capstyle="round", zorder=FRONT + 0.2)
        line = LineCollection([], colors=look.front, capstyle="round", zorder=FRONT + 0.3)
        rim = [withStroke(linewidth=look.way_pt + 2.2, foreground=look.casing)]
        own = LineCollection([], colors=look.front, linewidths=look.way_pt, zorder=ROUTE, path_effects=rim)
        broken = LineCollection([], colors=look.front, linewidths=look.way_pt, linestyles=[(0, (3.0, 2.2))], zorder=ROUTE, path_effects=rim)
        for collection in (casing, line, own, broken):
            collection.set_joinstyle("round")
            ax.add_collection(collection, autolim=False)
        halo = [Rim(look.halo_pt + 0.6, look.casing)]
        style = {"fontproperties": font(look.small_pt + 0.5, "bold", look.family), "color": look.ink, "va": "center", "path_effects": halo}
        style |= {"linespacing": _LINE_HEIGHT, "zorder": LABELS + 0.5, "clip_on": True, "parse_math": False}
        words = [ax.text(0, 0, "", **style) for _ in range(_MOST_WAYS)]  # type: ignore[arg-type]
        return cls(ax, theatre, perimeter, look, casing, line, own, broken, words, _Under(theatre))

    def keep_clear_of(self, boxes: NDArray[np.float64]) -> None:
        """Keep the words of ways off these boxes, (boxes, 4), pixels, as far as there is room."""
        self._taken = boxes

    @property
    def artists(self) -> list[Artist]:
        """What `show` changes."""
        return [self.casing, self.line, self.own, self.broken, *self.words]

    def show(self, position: int, snapshot: Snapshot) -> None:
        """Show the ring of the day at a position of the perimeter's timeline."""
        found = self.pieces(position)
        pieces = [piece for _, piece in found]
        solid = np.array([closed for closed, _ in found])
        self.line.set_segments(pieces)
        self.line.set_linewidth((0.5 + (self.look.ring_line_pt - 0.5) * solid).tolist() or [0.0])
        self.line.set_color([(*to_rgb(self.look.front), 0.25 + 0.75 * p) for p in solid] or self.look.front)
        self.casing.set_segments([piece for piece, p in zip(pieces, solid, strict=True) if p > 0.5])
        self.casing.set_linewidth(self.look.ring_line_pt + 2.0)
        self._show_ways(position, snapshot, pieces)

    def pieces(self, position: int) -> list[tuple[float, NDArray[np.float64]]]:
        """Return the line of a day in pieces: how likely it is closed there, 0..1 in tenths, and its points (n, 2), degrees; the likeliest last."""
        grades: dict[int, list[NDArray[np.float64]]] = {}
        for points, places in self._edge(self.perimeter.ground[position]):
            closed = np.where(places < 0, 1.0, 1 - self.perimeter.passable[position][np.maximum(places, 0)])  # water lets nobody through
            grade = np.round(STEPS * closed).astype(int)
            for first, after in _stretches(grade):
                grades.setdefault(int(grade[first]), []).append(points[first : after + 1])
        return [(grade / STEPS, piece) for grade in sorted(grades) for piece in grades[grade]]

    def _shape(self, ground: NDArray[np.bool_]) -> BaseGeometry:
        """Return the ground of a day in one piece or several, its corners rounded, and so much wider that the line lies around it and not on it."""
        key = ground.tobytes()
        if key not in self._shapes:
            cells = [self.theatre.places[i].polygon for i in np.flatnonzero(ground).tolist()]
            r = _SMOOTH_PX / px_per_degree(self.ax).mean()
            whole = shapely.union_all(shapely.buffer(cells, r / 20)) if cells else shapely.Polygon()
            around = self.look.ring_line_pt / 2 * BASE_DPI / 72 / px_per_degree(self.ax).mean()
            self._shapes[key] = whole.buffer(r).buffer(-2 * r).buffer(r + around)
        return self._shapes[key]

    def _edge(self, ground: NDArray[np.bool_]) -> list["_Pieces"]:
        """Return the edge of a day's ground inside the frame, with the place that lies outside each piece between two points."""
        key = ground.tobytes()
        if key not in self._edges:
            px, shape = px_per_degree(self.ax).mean(), self._shape(ground)
            box = frame_box(self.theatre.frame).buffer(-1.5 / px)
            rings = line_strings(shapely.intersection(shape.boundary, box))
            lines = [shapely.get_coordinates(shapely.segmentize(shapely.LineString(ring), _STEP_PX / px)) for ring in rings]
            self._edges[key] = [(points, self._beyond(points, shape, _OUT_PX / px)) for points in lines]
        return self._edges[key]

    def _beyond(self, points: NDArray[np.float64], shape: BaseGeometry, out: float) -> NDArray[np.int64]:
        """Return the position of the place that lies outside a shape, so far from its edge, at each piece between two points of that."""
        middle, along = (points[1:] + points[:-1]) / 2, points[1:] - points[:-1]
        across = np.stack([along[:, 1], -along[:, 0]], axis=1) / np.maximum(np.hypot(*along.T), 1e-12)[:, None]
        side = np.where(shapely.contains_xy(shape, *(middle + out * across).T), -1.0, 1.0)
        return self._under(middle + out * side[:, None] * across)

    def _show_ways(self, position: int, snapshot: Snapshot, ring: Sequence[NDArray[np.float64]]) -> None:
        """Draw the ways out that enough histories have open, from the edge of the ground on, and tell their odds."""
        own: list[NDArray[np.float64]] = []
        broken: list[NDArray[np.float64]] = []
        words: list[tuple[Sequence[NDArray[np.float64]], str]] = []
        most = 2 if self.look.compact else _MOST_WAYS
        for way in [way for way in self.perimeter.ways[position] if way.open >= LEAST_OPEN][:most]:
            outside = self._way(way.route, self.perimeter.ground[position])
            drawn = list(_by_ground(outside, snapshot, self.perimeter.side))
            drawn = drawn or [
                (points, False) for points, _ in outside
            ]  # odds without a road tell nothing: where all lies on others' ground
            for piece, is_own in drawn:
                (own if is_own else broken).append(piece)
            words.append(
                ([piece for piece, _ in drawn] or [np.array(self._line(way.route).coords[-1:])], f"road to {self._name(way)}:\n{odds(way)}")
            )
        self.own.set_segments(own)
        self.broken.set_segments(broken)
        self._write(words, ring)

    def _way(self, route: tuple[str, ...], ground: NDArray[np.bool_]) -> list["_Pieces"]:
        """Return a route from the edge of a day's ground on, inside the frame, with the place that lies under each piece between two points."""
        key = ground.tobytes(), route
        if key not in self._outside:
            line = shapely.difference(self._line(route), self._shape(ground))
            parts = line_strings(shapely.intersection(line, frame_box(self.theatre.frame)))
            step = np.ptp(self.theatre.frame[::2]) / 200
            lines = [shapely.get_coordinates(shapely.segmentize(shapely.LineString(part), step)) for part in parts]
            self._outside[key] = [(points, self._under((points[1:] + points[:-1]) / 2)) for points in lines]
        return self._outside[key]

    def _line(self, route: tuple[str, ...]) -> shapely.LineString:
        """Return a route as a line, worked out once."""
        if route not in self._lines:
            self._lines[route] = shapely.LineString(route_line(self.theatre, self.perimeter.place, route))
        return self._lines[route]

    def _name(self, way: Way) -> str:
        return re.sub(r" \([^)]*\)", "", self.theatre.place(way.base).name)

    def _write(self, words: Sequence[tuple[Sequence[NDArray[np.float64]], str]], ring: Sequence[NDArray[np.float64]]) -> None:
        """Write the odds of each way beside what is drawn of it, where they cover least of other words and of the ring."""
        half = self.look.ring_line_pt * self.look.dpi / 72
        at = self.ax.transData.transform(np.concatenate([*ring, np.zeros((0, 2))]))
        taken = np.concatenate([np.c_[at - half, at + half], self._taken])
        weight = np.where(np.arange(len(taken)) < len(at), 1.0, _NAMES_COUNT)
        to_degrees, frame = self.ax.transData.inverted(), np.asarray(self.ax.bbox.extents)
        for text, (lines, told) in zip(self.words, [*words, *[((), "")] * _MOST_WAYS], strict=False):
            text.set_text(told)
            if told:
                box = self._place(told, lines, taken, weight, frame)
                left, bottom, right, top = box.tolist()
                text.set(position=tuple(to_degrees.transform((left, (bottom + top) / 2))), ha="left")
                if left < frame[0] or right > frame[2] or bottom < frame[1] or top > frame[3]:
                    text.set_text("")  # no room: half a number would mislead
                else:
                    taken, weight = np.concatenate([taken, [box]]), np.append(weight, _NAMES_COUNT)

    def _place(
        self,
        words: str,
        lines: Sequence[NDArray[np.float64]],
        taken: NDArray[np.float64],
        weight: NDArray[np.float64],
        frame: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Return the box for words, (left, bottom, right, top), pixels: beside lines, or up to three lines above or below, where they cover least."""
        line = self.look.small_pt * _LINE_HEIGHT * 1.15 * self.look.dpi / 72
        width, height = self._measure(words), line * (1 + words.count("\n"))
        gap = 6 * self.look.dpi / BASE_DPI
        x, y = self.ax.transData.transform(_along(lines)).T
        left = x[:, None] + np.array([gap, -gap - width])  # (points, to the right and to the left)
        low = y - height / 2 + np.array([0, 1, -1, 2, -2, 3, -3])[:, None] * line  # (rises, points)
        rise, point, side = np.unravel_index(int(_covered(left, low, (width, height), taken, weight, frame).argmin()), (*low.shape, 2))
        x0, y0 = left[point, side], low[rise, point]
        return np.array([x0, y0, x0 + width, y0 + height])

    def _measure(self, words: str) -> float:
        width = text_width(self.look.dpi, self.look.small_pt + 0.5, "bold", family=self.look.family)
        return max(map(width, words.split("\n")))


def odds(way: Way) -> str:
    """Return how likely a way is open, in words."""
    return "open" if way.open >= _SURE else f"open in {100 * way.open:.0f} of 100"


def route_line(theatre: Theatre, place: str, route: Sequence[str]) -> NDArray[np.float64]:
    """
    Return a route out of a place as points (n, 2) of degrees: from place to place, and between two whose cells touch by the middle of their
    border, so that it runs on no third one's ground.
    """
    has_borders = sum(place.polygon is not None for place in theatre.places) > 1
    pairs, lines, _ = borders(theatre) if has_borders else (np.zeros((0, 2), dtype=int), np.zeros(0, dtype=object), np.zeros(0))
    between = {frozenset(pair): line for pair, line in zip(map(tuple, pairs.tolist()), lines, strict=True)}
    start = theatre.members(place)
    stops = [theatre.index[id] for id in route]
    here = min(start, key=lambda i: np.hypot(*(theatre.points[i] - theatre.points[stops[0]])))
    points = [(theatre.places[here].lon, theatre.places[here].lat)]
    for stop in stops:
        if border := between.get(frozenset((here, stop))):
            gate = border.interpolate(0.5, normalized=True)
            points.append((gate.x, gate.y))
        points.append((theatre.places[stop].lon, theatre.places[stop].lat))
        here = stop
    return np.array(points)


def lost_ground(theatre: Theatre, perimeter: Perimeter, *, ax: Axes, look: Look = LOOK) -> LineCollection:
    """Add the outline of the ground of the first day, faint and broken, and return it."""
    r = _SMOOTH_PX / px_per_degree(ax).mean()
    cells = [theatre.places[i].polygon for i in np.flatnonzero(perimeter.ground[0]).tolist()]
    whole = shapely.union_all(shapely.buffer(cells, r / 20)).buffer(r).buffer(-2 * r).buffer(r) if cells else shapely.Polygon()
    inside = shapely.intersection(whole.boundary, frame_box(theatre.frame).buffer(-r / 4))
    colour = theatre.side(perimeter.side).colour
    drawn = LineCollection(line_strings(inside), colors=darker(colour), linewidths=1.0, linestyles=[(0, (4, 2.5))], zorder=FRONT, alpha=0.8)
    ax.add_collection(drawn, autolim=False)
    return drawn


_Pieces = tuple[
    NDArray[np.float64], NDArray[np.int64]
]  # a line (n, 2), degrees, and the position of a place for each piece of it, -1 for none


class _Under:
    """The position of the place whose cell lies under each of some points (n, 2), degrees; -1 for none."""

    def __init__(self, theatre: Theatre) -> None:
        cells = {i: place.polygon for i, place in enumerate(theatre.places) if place.polygon is not None and place.id not in theatre.parts}
        self._tree, self._positions = shapely.STRtree(list(cells.values())), np.array(list(cells), dtype=np.int64)

    def __call__(self, points: NDArray[np.float64]) -> NDArray[np.int64]:
        at, cell = self._tree.query(shapely.points(points), predicate="intersects")
        found = np.full(len(points), -1)
        found[at] = self._positions[cell]
        return found


def _by_ground(line: Sequence[_Pieces], snapshot: Snapshot, side: str) -> Iterator[tuple[NDArray[np.float64], bool]]:
    """Give a line in pieces, each with whether it lies on ground that the side holds; what lies on another side's ground is left out."""
    statuses = snapshot.theatre.statuses
    own, other = statuses.index(side), statuses.index(CONTESTED)
    for points, places in line:
        status = np.where(places < 0, NOBODY, snapshot.status[np.maximum(places, 0)])
        kind = np.where(status == own, 1, np.where(np.isin(status, [other, NOBODY, NEITHER]), 0, -1))
        for first, after in _stretches(kind):
            if kind[first] >= 0:
                yield points[first : after + 1], bool(kind[first])


def _along(lines: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return points (n, 2) along lines, the nearest to the beginning of each first; of one that is a point, that."""
    shares = np.linspace(0.08, 0.92, 8)
    whole = [line for line in lines if len(line) > 1]
    if not whole:
        return lines[0]
    each = np.array([shapely.LineString(line) for line in whole], dtype=object)
    return np.asarray(shapely.get_coordinates(shapely.line_interpolate_point(each[:, None], shares, normalized=True)))


def _covered(
    left: NDArray[np.float64],
    low: NDArray[np.float64],
    size: tuple[float, float],
    taken: NDArray[np.float64],
    weight: NDArray[np.float64],
    frame: NDArray[np.float64],
) -> NDArray[np.float64]:
    """
    Return how much of boxes of one size others cover, by the weight of those, or lies outside the frame, which weighs most, square pixels.

    Of each point there are boxes that begin at `left` (points, sides) and at `low` (rises, points): the answer is (rises, points, sides).
    """
    width, height = size
    first, last = np.array([left.min(), low.min()]), np.array([left.max() + width, low.max() + height])
    near = ((taken[:, 2:] > first) & (taken[:, :2] < last)).all(axis=1)
    taken, weight = taken[near], weight[near]
    wide = _common(left[..., None], left[..., None] + width, taken[:, 0], taken[:, 2])  # (points, sides, others)
    high = _common(low[..., None], low[..., None] + height, taken[:, 1], taken[:, 3]) * weight  # (rises, points, others)
    over = np.matmul(high.transpose(1, 0, 2), wide.transpose(0, 2, 1)).transpose(1, 0, 2)
    area = (left + width - left) * (low + height - low)[..., None]  # exactly what lies inside, where all of it does
    inside = _common(left, left + width, frame[0], frame[2]) * _common(low, low + height, frame[1], frame[3])[..., None]
    return np.asarray(over + _OUTSIDE_COUNTS * (area - inside))


def _common(low: Any, high: Any, others_low: Any, others_high: Any) -> NDArray[np.float64]:
    """Return how much spans have in common with others."""
    found = np.minimum(high, others_high) - np.maximum(low, others_low)
    return np.asarray(np.maximum(found, 0, out=found))


def _stretches(values: NDArray[np.int_]) -> list[tuple[int, int]]:
    """Return the half-open stretches over which the values stay the same."""
    edges = [0, *(np.flatnonzero(values[1:] != values[:-1]) + 1).tolist(), len(values)]
    return [(first, after) for first, after in pairwise(edges) if after > first]
