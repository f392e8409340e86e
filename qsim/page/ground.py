"""The map of a page: places, cells, waters, borders and labels as paths in a plane 1,000 units wide, north at its top."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from qsim.draw.ground import scale_km, set_frame
from qsim.draw.labels import gateways, place_labels, ranked
from qsim.draw.style import LOOK
from qsim.page.countries import KIND, countries_fixed
from qsim.record.geometry import EARTH_RADIUS_KM, frame_box, shared_borders
from qsim.record.theatre import Theatre

WIDTH = 1000.0
COLLAR_PX = 24  # around the frame where labels are placed
_MARGIN_PX = 31  # and what the page leaves for names beyond it
LEVELS_PX = (320, 400, 480, 560, 640, 740, 860, 1100, 1700)  # widths of the map for which labels are placed
MOST_CELLS = 400  # with more, the page paints an index map instead of shapes
_RASTER_PX = 900
_MOST_NAMED = 90  # places among which labels are chosen, where there are very many
_CELLS_OF_POINTS = 11.0  # radius, units, where a theatre has points alone
_INKS = {LOOK.water_ink: "water", LOOK.faint_ink: KIND}


class Plane:
    """From (lon, lat) in degrees to the page's plane, and shapes there as SVG path data."""

    def __init__(self, theatre: Theatre) -> None:
        self.west, self.south, self.east, self.north = theatre.frame
        self.middle = float(np.radians((self.south + self.north) / 2))
        self.height = WIDTH * (self.north - self.south) / ((self.east - self.west) * np.cos(self.middle))
        self.km = float(EARTH_RADIUS_KM * np.cos(self.middle) * np.radians(self.east - self.west) / WIDTH)

    def points(self, lon_lat: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return points (n, 2) of degrees as (n, 2) of the plane."""
        x = (lon_lat[:, 0] - self.west) / (self.east - self.west) * WIDTH
        return np.column_stack([x, (self.north - lon_lat[:, 1]) / (self.north - self.south) * self.height])

    def point(self, lon: float, lat: float) -> list[float]:
        """Return one point of the plane, to a tenth."""
        return [round(float(v), 1) + 0.0 for v in self.points(np.array([[lon, lat]]))[0]]

    def path(self, shape: BaseGeometry) -> str:
        """Return a geometry as SVG path data: rings closed, lines open, points left out."""
        found = []
        for part in shapely.get_parts(shape):
            rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part] if "Line" in part.geom_type else []
            for ring in rings:
                points = self.points(np.asarray(ring.coords)[:, :2])
                closed = part.geom_type == "Polygon"
                drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in (points[:-1] if closed else points))
                found.append(f"M{drawn}" + ("Z" if closed else ""))
        return "".join(found).replace(".0,", ",").replace(".0 ", " ")


def ground(theatre: Theatre) -> dict[str, Any]:
    """Return everything of a theatre's map that does not change, ready for JSON; `raster` holds an array where cells are many."""
    plane = Plane(theatre)
    polygons = {place.id: place.polygon for place in theatre.places if place.polygon is not None and not place.polygon.is_empty}
    many = len(polygons) > MOST_CELLS
    box = frame_box(theatre.frame)
    return {
        "width": WIDTH,
        "height": round(plane.height, 1),
        "km": plane.km,
        "bar_km": scale_km(plane.km * WIDTH),
        "collar": _MARGIN_PX,
        "places": _places(theatre, plane, {} if many else polygons),
        "borders": [] if many else _borders(theatre, plane, polygons),
        "picture": _picture(theatre, plane),
        "backdrop": [[f.kind, f.name, plane.path(shapely.intersection(f.geometry, box))] for f in theatre.backdrop],
        "levels": _levels(theatre, plane),
        "gateways": [_gateway(theatre, plane, each.place.id, each.edge, each.along) for each in gateways(theatre)],
        "raster": raster(theatre, polygons) if many else None,
        "cities": [_city(theatre, plane, city) for city in theatre.parts],
    }


def _picture(theatre: Theatre, plane: Plane) -> dict[str, Any] | None:
    """Return the scenario's picture of the ground, with the box that it fills: left, top, width, height."""
    picture = theatre.picture
    if picture is None:
        return None
    west, south, east, north = picture.bounds
    (left, top), (right, bottom) = plane.point(west, north), plane.point(east, south)
    data = f"data:image/{picture.kind};base64,{b64encode(picture.data).decode()}"
    return {"data": data, "box": [left, top, round(right - left, 1), round(bottom - top, 1)]}


def raster(theatre: Theatre, polygons: Mapping[str, BaseGeometry], width: int = _RASTER_PX) -> NDArray[np.int32]:
    """Return the position of the place whose cell lies under the middle of each pixel, shape (rows, columns), -1 for none."""
    west, south, east, north = theatre.frame
    rows = max(1, round(width * Plane(theatre).height / WIDTH))
    lon = west + (np.arange(width) + 0.5) * (east - west) / width
    found = np.full((rows, width), -1, dtype=np.int32)
    tree = shapely.STRtree(list(polygons.values()))
    index = np.array([theatre.index[id] for id in polygons], dtype=np.int32)
    for row in range(rows):
        lat = np.full(width, north - (row + 0.5) * (north - south) / rows)
        pixels, cells = tree.query(shapely.points(lon, lat), predicate="intersects")
        found[row, pixels] = index[cells]
    return found


def _places(theatre: Theatre, plane: Plane, polygons: Mapping[str, BaseGeometry]) -> list[dict[str, Any]]:
    points_alone = not any(place.polygon is not None for place in theatre.places)
    dots = {place.id for place in ranked(theatre)} - set(theatre.parts) if len(theatre.places) <= 2 * MOST_CELLS else set()
    west, south, east, north = theatre.frame
    found = []
    for place in theatre.places:
        x, y = plane.point(place.lon, place.lat)
        each: dict[str, Any] = {"id": place.id, "name": place.name, "kind": place.kind, "x": x, "y": y}
        inside = west <= place.lon <= east and south <= place.lat <= north and not place.gateway
        if place.id in polygons:
            each["cell"] = plane.path(polygons[place.id])
        elif points_alone and inside and place.id not in theatre.parts:
            r = _CELLS_OF_POINTS
            each["cell"] = f"M{x - r},{y}a{r},{r} 0 1,0 {2 * r},0a{r},{r} 0 1,0 {-2 * r},0Z"
        each |= {"dot": 1} if inside and place.id in dots and not points_alone else {}
        each |= {"ar": place.name_ar} if place.name_ar else {}
        also = [each for each in dict.fromkeys([*place.variants, *place.local_names.values()]) if each not in (place.name, place.name_ar)]
        each |= {"also": also} if also else {}
        each |= {"parent": theatre.index[place.parent]} if place.parent else {}
        each |= {"within": theatre.index[place.within]} if place.within else {}
        each |= {"gateway": 1} if place.gateway else {}
        each |= {"estimated": place.precision_km or 1} if place.basis == "estimated" else {}
        found.append(each)
    return found


def _borders(theatre: Theatre, plane: Plane, polygons: Mapping[str, BaseGeometry]) -> list[list[Any]]:
    """Return the line that each pair of neighbours shares: [position, position, path]."""
    shared = shared_borders(polygons) if polygons else {}
    return [[theatre.index[a], theatre.index[b], plane.path(line)] for (a, b), line in shared.items()]


def _levels(theatre: Theatre, plane: Plane) -> list[dict[str, Any]]:
    """Return, for several widths of the map in pixels, where labels stand: [text, x, y, size in pixels, turn in degrees, kind]."""
    found = []
    theatre = _named(theatre)
    for width in LEVELS_PX:
        figure, ax = map_axes(theatre, width, width * plane.height / WIDTH)
        bar = Bbox.from_bounds(COLLAR_PX, COLLAR_PX, 0.28 * width + 24, 42)
        buttons = Bbox.from_bounds(COLLAR_PX + width - 44, COLLAR_PX, 44, 118)
        labels = place_labels(ax, theatre, [bar, buttons], led=False)
        found.append({"px": width, "labels": [_label(plane, text) for text in labels.texts]})
        figure.clear()
    countries_fixed(theatre, plane, found)
    return found


def _named(theatre: Theatre) -> Theatre:
    """Return the theatre; of one with very many places, the most important alone, since no more could be labelled."""
    if len(theatre.places) <= 2 * MOST_CELLS:
        return theatre
    beyond = tuple(place for place in theatre.places if place.gateway)
    return replace(theatre, places=(*ranked(theatre)[:_MOST_NAMED], *beyond), groups=())


def map_axes(theatre: Theatre, width: float, height: float) -> tuple[Figure, Any]:
    """Return a figure with a map's axes of that many pixels, and a collar around."""
    w, h = width + 2 * COLLAR_PX, height + 2 * COLLAR_PX
    figure = Figure(figsize=(w / LOOK.dpi, h / LOOK.dpi), dpi=LOOK.dpi)
    FigureCanvasAgg(figure)
    ax = figure.add_axes((COLLAR_PX / w, COLLAR_PX / h, width / w, height / h))
    _, south, _, north = theatre.frame
    set_frame(ax, theatre.frame, (south + north) / 2)
    return figure, ax


def _label(plane: Plane, text: Text) -> list[Any]:
    colour, bold = str(text.get_color()), text.get_fontweight() == "bold"
    kind = _INKS.get(colour, "major" if bold else "minor")
    lon, lat = text.get_position()
    size = float(text.get_fontsize()) * LOOK.dpi / 72
    return [text.get_text(), *plane.point(float(lon), float(lat)), round(size, 1), round(-float(text.get_rotation()), 1), kind]


def _gateway(theatre: Theatre, plane: Plane, id: str, edge: NDArray[np.float64], along: NDArray[np.float64]) -> dict[str, Any]:
    """Return where a way leaves the map, the angle it has there (degrees, clockwise from east), and whose base lies beyond."""
    tip, tail = plane.points(np.array([edge, edge - along]))
    angle = float(np.degrees(np.arctan2(*(tip - tail)[::-1])))
    side = next((i for i, side in enumerate(theatre.sides) for base in side.bases if base.place == id), -1)
    return {"place": theatre.index[id], "x": round(float(tip[0]), 1), "y": round(float(tip[1]), 1), "angle": round(angle), "side": side}


def _city(theatre: Theatre, plane: Plane, city: str) -> dict[str, Any]:
    """Return the parts of a city, their short names, and the box around them."""
    parts = theatre.parts[city]
    shapes = [polygon for part in parts if (polygon := theatre.place(part).polygon) is not None]
    corners = plane.points(np.array(shapely.union_all(shapes).bounds).reshape(2, 2)) if shapes else np.zeros((2, 2))
    return {
        "place": theatre.index[city],
        "parts": [theatre.index[part] for part in parts],
        "short": [theatre.part_name(part) for part in parts],
        "kind": theatre.place(parts[0]).kind,
        "box": [round(float(v), 1) for v in (corners[0, 0], corners[1, 1], corners[1, 0], corners[0, 1])],
    }
