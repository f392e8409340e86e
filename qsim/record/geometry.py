"""Areas and distances: cells around places, a local equal-area projection, shared borders, and suggested links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qsim.record.theatre import Place

if TYPE_CHECKING:
    from shapely import MultiPolygon, Polygon
    from shapely.geometry.base import BaseGeometry

EARTH_RADIUS_KM = 6371.0088

Frame = tuple[float, float, float, float]


def project(lon_lat: NDArray[np.float64], frame: Frame) -> NDArray[np.float64]:
    """
    Return points (n, 2) of (lon, lat) degrees as (x, y) km in an equal-area projection true to scale at the frame's middle.

    This is Lambert's cylindrical equal-area projection with the frame's mean latitude as standard parallel
    (Snyder, Map Projections: A Working Manual, 1987, p. 76-85), on a sphere.
    """
    west, south, east, north = frame
    middle = np.radians((south + north) / 2)
    x = EARTH_RADIUS_KM * np.cos(middle) * np.radians(lon_lat[:, 0] - (west + east) / 2)
    y = EARTH_RADIUS_KM * (np.sin(np.radians(lon_lat[:, 1])) - np.sin(middle)) / np.cos(middle)
    return np.column_stack([x, y])


def unproject(xy: NDArray[np.float64], frame: Frame) -> NDArray[np.float64]:
    """Return points (n, 2) of (x, y) km as (lon, lat) degrees: the inverse of `project`."""
    west, south, east, north = frame
    middle = np.radians((south + north) / 2)
    lon = np.degrees(xy[:, 0] / (EARTH_RADIUS_KM * np.cos(middle))) + (west + east) / 2
    lat = np.degrees(np.arcsin(xy[:, 1] * np.cos(middle) / EARTH_RADIUS_KM + np.sin(middle)))
    return np.column_stack([lon, lat])


def area_km2(geometry: BaseGeometry, frame: Frame) -> float:
    """Return the area of a geometry given in degrees, km²."""
    import shapely

    return float(shapely.transform(geometry, lambda points: project(points, frame)).area)


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return the great-circle distance between two (lon, lat) points, km (haversine formula)."""
    (lon_a, lat_a), (lon_b, lat_b) = np.radians(a), np.radians(b)
    half = np.sin((lat_b - lat_a) / 2) ** 2 + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
    return float(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(half)))


def frame_box(frame: Frame) -> Polygon:
    """Return the frame as a polygon in degrees."""
    import shapely

    return shapely.box(*frame)


def cells(places: Sequence[Place], frame: Frame, water: BaseGeometry | None = None) -> dict[str, Polygon | MultiPolygon]:
    """
    Return the cell of every place that has one, in degrees: together they tile the frame without the water.

    Parts keep the polygon they were given. Every other place inside the frame gets the points nearer to it than to any other
    (its Voronoi cell, in the equal-area plane), less the parts and the water. Buildings, gateways and places with parts get none.
    """
    import shapely

    parts = {place.id: place.polygon for place in places if place.polygon is not None}
    with_parts = {place.parent for place in places if place.id in parts}
    seeds = [p for p in places if p.parent is None and not p.gateway and p.id not in with_parts and p.id not in parts]
    taken = shapely.union_all([*parts.values(), *([water] if water is not None else [])])
    box = frame_box(frame)
    found: dict[str, Any] = dict(parts)
    if len(seeds) == 1:
        found[seeds[0].id] = box.difference(taken)
    elif seeds:
        points = shapely.multipoints(project(np.array([(p.lon, p.lat) for p in seeds]), frame))
        plane_box = shapely.transform(box, lambda xy: project(xy, frame))
        tiles = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=plane_box.buffer(1.0), ordered=True))
        for seed, tile in zip(seeds, tiles, strict=True):
            degrees = shapely.transform(tile, lambda xy: unproject(xy, frame))
            found[seed.id] = degrees.intersection(box).difference(taken)
    return {place.id: found[place.id] for place in places if place.id in found}


def shared_borders(polygons: Mapping[str, BaseGeometry], *, tolerance: float = 1e-9) -> dict[tuple[str, str], BaseGeometry]:
    """Return the line that each pair of neighbouring polygons shares, by pair of ids in the order given."""
    import shapely

    ids = list(polygons)
    shapes = np.array([polygons[i] for i in ids])
    borders, ragged = _matching_borders(shapes, tolerance)
    # A corner of one may lie within an edge of another: only polygons with edges that no other has need the slower way.
    tree = shapely.STRtree(shapes[ragged])
    near = ragged[tree.query(shapes[ragged], predicate="dwithin", distance=tolerance)]
    for a, b in near.T[near[0] < near[1]].tolist():
        line = _lines(shapely.intersection(shapes[a].boundary, shapely.snap(shapes[b], shapes[a], tolerance).boundary))
        if line.length > tolerance:
            borders[a, b] = line
    return {(ids[a], ids[b]): borders[a, b] for a, b in sorted(borders)}


def _matching_borders(shapes: NDArray[Any], tolerance: float) -> tuple[dict[tuple[int, int], BaseGeometry], NDArray[np.int64]]:
    """Return the borders of polygons that have edges in common, by pair of positions; and which have edges of their own."""
    import shapely

    parts, whole = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    corner = np.unique(np.round(points / tolerance).astype(np.int64), axis=0, return_inverse=True)[1].ravel()
    starts = np.flatnonzero((ring[:-1] == ring[1:]) & (corner[:-1] != corner[1:]))
    ends = np.sort(np.stack([corner[starts], corner[starts + 1]]), axis=0)
    edge = ends[0] * len(points) + ends[1]
    order = np.argsort(edge, kind="stable")
    first, second = order[:-1], order[1:]
    twice = edge[first] == edge[second]
    alone = np.ones(len(edge), dtype=bool)
    alone[first[twice]] = alone[second[twice]] = False
    of = whole[part[ring[starts]]]
    pairs = np.stack([of[first[twice]], of[second[twice]]], axis=1)
    pairs.sort(axis=1)
    both, group = np.unique(pairs, axis=0, return_inverse=True)
    group = group.ravel()
    ordered = np.argsort(group, kind="stable")
    at = starts[first[twice]][ordered]
    lines: Any = shapely.linestrings(np.stack([points[at], points[at + 1]], axis=1))
    merged: Any = shapely.line_merge(shapely.multilinestrings(lines, indices=group[ordered])) if len(at) else np.array([])
    found = {(int(a), int(b)): line for (a, b), line in zip(both.tolist(), merged, strict=True) if a != b}
    return found, np.unique(of[alone])


def suggest_links(places: Sequence[Place], frame: Frame, barrier: BaseGeometry | None = None) -> list[tuple[str, str]]:
    """
    Return pairs of places that an estimated map would call neighbours: the Gabriel graph, less pairs that a barrier parts.

    Two places are Gabriel neighbours when the circle on the line between them holds no third (Gabriel and Sokal,
    Systematic Zoology 18, 1969). It is connected unless the barrier cuts it.
    """
    import shapely

    xy = project(np.array([(p.lon, p.lat) for p in places]), frame)
    pairs = []
    for a, b in combinations(range(len(places)), 2):
        centre, radius2 = (xy[a] + xy[b]) / 2, ((xy[a] - xy[b]) ** 2).sum() / 4
        distance2 = ((xy - centre) ** 2).sum(axis=1)
        distance2[[a, b]] = np.inf
        if (distance2 >= radius2).all():
            way = shapely.LineString([(places[a].lon, places[a].lat), (places[b].lon, places[b].lat)])
            if barrier is None or not way.crosses(barrier):
                pairs.append((places[a].id, places[b].id))
    return pairs


def _lines(geometry: BaseGeometry) -> BaseGeometry:
    """Return only the lines of a geometry, merged where they touch."""
    import shapely

    parts = [part for part in shapely.get_parts(geometry) if part.geom_type in ("LineString", "LinearRing")]
    return shapely.line_merge(shapely.MultiLineString(parts)) if parts else shapely.MultiLineString()
