"""Land beyond a border: neutral where nobody speaks of it, and cells that end at the border."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from qsim.belief.timeline import Timeline
from qsim.record.geometry import EARTH_RADIUS_KM, frame_box
from qsim.record.theatre import Place, Theatre

_SLIVER, _SLICE = (
    1e-4,
    0.1,
)  # of the frame and of a cell: a piece beyond a border that is smaller stays, since no border is drawn so exactly


def bounded(timeline: Timeline) -> Theatre:
    """
    Return the theatre of a timeline with cells that end at the borders of the backdrop.

    Where a claim speaks of a place on the far side, the cells of such places take the ground there; land beyond a border of which no claim
    speaks has no cell. Parts of cities stay as they are, and so does everything where no border crosses the frame or there is no ledger.
    """
    theatre = timeline.theatre
    lands = _lands(theatre)
    if len(lands) < 2 or timeline.ledger is None or not spoken(timeline).any():
        return theatre
    heard = spoken(timeline)
    at = _corrected(theatre, lands, _under(theatre, lands))
    cells: dict[int, Any] = {
        i: place.polygon for i, place in enumerate(theatre.places) if place.polygon is not None and place.parent is None
    }
    held: dict[int, list[Any]] = {i: [] for i in cells}
    for code, land in enumerate(lands):
        own = [i for i in cells if at[i] == code]
        if any(heard[list(theatre.members(theatre.places[i].id))].any() for i in np.flatnonzero(at == code).tolist()):
            _share_out(theatre, land, cells, own, held)
    return replace(
        theatre,
        places=tuple(replace(place, polygon=_joined(held[i])) if i in cells else place for i, place in enumerate(theatre.places)),
    )


def spoken(timeline: Timeline) -> NDArray[np.bool_]:
    """Return of which places anybody speaks within the days of a timeline or before, shape (places,)."""
    if timeline.reported is not None:
        return np.asarray(~np.isnat(timeline.reported).all(axis=0))
    return np.asarray(~np.isnat(timeline.at(timeline.end).last_report))


def _lands(theatre: Theatre) -> list[Any]:
    """Return the pieces into which borders cut the frame."""
    box = frame_box(theatre.frame)
    lines = [shapely.intersection(feature.geometry, box) for feature in theatre.backdrop if feature.kind == "border"]
    if not lines:
        return []
    pieces = shapely.get_parts(shapely.polygonize([shapely.union_all([box.exterior, *lines])]))
    return [piece for piece in pieces if piece.area > _SLIVER * box.area]


def _under(theatre: Theatre, lands: Sequence[Any]) -> NDArray[np.int64]:
    """Return on which land each place lies, -1 for none."""
    found = np.full(len(theatre.places), -1)
    points = shapely.points([(place.lon, place.lat) for place in theatre.places])
    for code, land in enumerate(lands):
        found[shapely.intersects(land, points)] = code
    return found


def _corrected(theatre: Theatre, lands: Sequence[Any], at: NDArray[np.int64]) -> NDArray[np.int64]:
    """
    Return on which land each place is, where borders are drawn coarsely.

    A place no farther beyond a border than its point is trusted, of which most ways lead to places on another land, border crossings
    aside, is of that.
    """
    found = at.copy()
    near: dict[str, list[int]] = {place.id: [] for place in theatre.places}
    for link in (link for link in theatre.links if link.kind != "border_crossing"):
        near[link.a].append(int(at[theatre.index[link.b]]))
        near[link.b].append(int(at[theatre.index[link.a]]))
    for i in np.flatnonzero(at >= 0).tolist():
        place = theatre.places[i]
        beyond = [land for land in near[place.id] if land not in (-1, at[i])]
        if 2 * len(beyond) > len(near[place.id]) and _away_km(place, lands[beyond[0]]) <= (place.precision_km or 0.0):
            found[i] = beyond[0]
    return found


def _away_km(place: Place, land: Any) -> float:
    """Return how far a place lies from a land, km."""
    scale = np.array([np.cos(np.radians(place.lat)), 1.0]) * np.radians(1) * EARTH_RADIUS_KM
    flat = shapely.transform(land, lambda points: (points - (place.lon, place.lat)) * scale)
    return float(flat.distance(shapely.Point(0, 0)))


def _share_out(theatre: Theatre, land: Any, cells: dict[int, Any], own: Sequence[int], held: dict[int, list[Any]]) -> None:
    """Give the cells of places on a land what they have of it, and the rest, which cells from beyond cover, each to the nearest of them."""
    least = _SLIVER * frame_box(theatre.frame).area
    rest = []
    for i, cell in cells.items():
        piece = shapely.intersection(cell, land) if cell.intersects(land) else None
        if piece is not None and piece.area and (i in own or piece.area < min(least, _SLICE * cell.area) or not own):
            held[i].append(piece)
        elif piece is not None and piece.area:
            rest.append(piece)
    if rest:
        left, nearest = shapely.union_all(rest), _nearest(theatre, own, land)
        for i in own:
            if (piece := shapely.intersection(left, nearest[i])).area:
                held[i].append(piece)


def _nearest(theatre: Theatre, own: Sequence[int], land: Any) -> dict[int, Any]:
    """Return the ground that is nearer to each of these places than to the others."""
    points = [shapely.Point(theatre.places[i].lon, theatre.places[i].lat) for i in own]
    found = (
        shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=land.envelope))
        if len(own) > 1
        else [land.envelope]
    )
    return {i: next((each for each in found if each.contains(point)), shapely.Polygon()) for i, point in zip(own, points, strict=True)}


def _joined(pieces: Sequence[Any]) -> Any:
    """Return the pieces of a cell as one polygon, or several; none where there are none."""
    whole = shapely.union_all(pieces) if pieces else None  # not widened: what a cell shares with its neighbours stays shared
    return whole if whole is not None and whole.area else None
