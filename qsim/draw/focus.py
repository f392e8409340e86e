"""A city that fills the map: the same theatre in a smaller frame, and its buildings as landmarks."""

from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from qsim.record.geometry import frame_box
from qsim.record.theatre import Place, Theatre, TheatreError

_AROUND = 0.16  # of the city's longer side, on each side: what lies next to it is seen
_ASPECT = (1.0, 1.3)  # width over height, at least and at most


def focused(theatre: Theatre, place: str) -> Theatre:
    """
    Return the theatre with a frame around the parts of a place: what lies beyond is drawn at the edge, as gateways are.

    Places keep their positions, so that beliefs and histories of the theatre can be shown on it.

    Raises
    ------
    TheatreError
        When there is no such place, or it has no parts with an area.
    """
    city = theatre.place(place)
    shapes = [polygon for part in theatre.parts.get(city.id, ()) if (polygon := theatre.place(part).polygon) is not None]
    if not shapes:
        raise TheatreError(f"focus={place!r}: {city.name} has no parts with an area; expected one of {', '.join(theatre.parts) or 'none'}")
    frame = _frame(np.array(shapely.union_all(shapes).bounds))
    box = frame_box(frame)
    return replace(theatre, frame=frame, places=tuple(_seen(each, box) for each in theatre.places))


def landmarks(theatre: Theatre, place: str) -> list[Place]:
    """Return the buildings of a place, those first whose point is trusted most."""
    parts = theatre.parts.get(place, ())
    return sorted((each for each in theatre.places if each.within in parts), key=lambda each: (each.precision_km or 0.0, each.id))


def _frame(bounds: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """Return the frame (west, south, east, north) around bounds, neither too slim nor too flat."""
    middle = (bounds[:2] + bounds[2:]) / 2
    squeeze = np.array([np.cos(np.radians(middle[1])), 1.0])
    wide, high = (bounds[2:] - bounds[:2]) * squeeze
    edge = _AROUND * max(wide, high)
    wide, high = wide + 2 * edge, high + 2 * edge
    wide, high = max(wide, _ASPECT[0] * high), max(high, wide / _ASPECT[1])
    half = np.array([wide, high]) / squeeze / 2
    (west, south), (east, north) = (middle - half).tolist(), (middle + half).tolist()
    return west, south, east, north


def _seen(place: Place, box: shapely.Polygon) -> Place:
    """Return a place as it is seen in a frame: its cell as far as it lies within, its point at the edge where it lies beyond."""
    cell: Any = None if place.polygon is None else shapely.intersection(place.polygon, box)
    cell = None if cell is None or cell.is_empty or not cell.area else cell
    beyond = place.parent is None and not box.contains(shapely.Point(place.lon, place.lat))
    return replace(place, polygon=cell, gateway=place.gateway or beyond)
