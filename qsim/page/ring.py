"""The ring of the pictures, day by day, as paths for a page: the line by how likely it is closed, the roads, their odds in words."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from qsim.belief.draws import Draws
from qsim.belief.timeline import Timeline
from qsim.draw.kept import kept_perimeter
from qsim.draw.ring import LEAST_OPEN, STEPS, RingLine, odds, route_line
from qsim.geography.perimeter import Perimeter
from qsim.page.ground import Plane, map_axes
from qsim.record.geometry import frame_box
from qsim.record.theatre import Theatre

_WIDTH_PX = 640  # of the map for which the line is smoothed and the words are placed
_LOSS = 0.4  # how far a simplified line may stray, units of the plane


def ring_drawn(timeline: Timeline, place: str, side: str, theatre: Theatre, histories: Draws | None = None) -> dict[str, Any]:
    """
    Return the ring around `place`, on the cells of a theatre, as the pictures have it: `drawn`, each ring that there is, and `days`, which of them a day has.

    Of each: `line`, pairs of tenths of certainty that it is closed and the path there; `own` and `broken`, the roads through the side's own
    ground and through other; `words`, what is said of a road, with a point of that road. `histories` are those given the ring, where they are at hand.
    """
    plane = Plane(theatre)
    figure, ax = map_axes(theatre, _WIDTH_PX, _WIDTH_PX * plane.height / 1000)
    around = kept_perimeter(timeline, place, side, histories=histories)
    line = RingLine.on(ax, theatre, around)
    drawn: list[dict[str, Any]] = []
    alike: dict[tuple[Any, ...], int] = {}
    days = []
    for position, day in enumerate(timeline.days):
        looks = _looks(around, position, timeline.status[position])
        if looks not in alike:
            line.show(position, timeline.at(day))
            found = _day(line, plane, position)
            if found not in drawn:
                drawn.append(found)
            alike[looks] = drawn.index(found)
        days.append(alike[looks])
    figure.clear()
    return {"drawn": drawn, "days": days}


def _looks(around: Perimeter, position: int, status: NDArray[np.int8]) -> tuple[Any, ...]:
    """Return all that the drawing of a day rests on, in the grades that it shows: days alike are drawn once."""
    ways = tuple((way.route, odds(way), way.open >= LEAST_OPEN, way.estimated) for way in around.ways[position])
    solid = np.round(STEPS * (1 - around.passable[position])).astype(np.int8)
    return around.ground[position].tobytes(), solid.tobytes(), status.tobytes(), ways


def _day(line: RingLine, plane: Plane, position: int) -> dict[str, Any]:
    by_grade: dict[int, list[NDArray[np.float64]]] = {}
    for closed, piece in line.pieces(position):
        by_grade.setdefault(round(10 * closed), []).append(piece)
    told = [text for text in line.words if text.get_text()]
    return {
        "line": [[grade, _path(plane, pieces)] for grade, pieces in sorted(by_grade.items())],
        "own": _path(plane, line.own.get_segments()),
        "broken": _path(plane, line.broken.get_segments()),
        "words": [[text.get_text().replace("\n", " "), *plane.point(*_middle(line, text, position))] for text in told],
    }


def _path(plane: Plane, pieces: Sequence[Any]) -> str:
    lines = [shapely.LineString(plane.points(np.asarray(piece, dtype=float))).simplify(_LOSS) for piece in pieces if len(piece) > 1]
    return "".join("M" + " ".join(f"{x:.1f},{y:.1f}" for x, y in line.coords) for line in lines)


def _middle(line: RingLine, text: Any, position: int) -> tuple[float, float]:
    """Return a point of the road that a text tells of, two thirds of the way to where it leaves the map."""
    told = text.get_text()
    names = {way: line.theatre.place(way.base).name.split(" (")[0] for way in line.perimeter.ways[position]}
    way = next(way for way, name in names.items() if told.endswith(odds(way)) and name in told)
    road = shapely.LineString(route_line(line.theatre, line.perimeter.place, way.route))
    inside = shapely.intersection(road, frame_box(line.theatre.frame))
    point = (
        inside.interpolate(2 / 3, normalized=True)
        if inside.geom_type == "LineString" and not inside.is_empty
        else shapely.Point(road.coords[-1])
    )
    return point.x, point.y
