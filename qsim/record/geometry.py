"""Areas and distances: cells around places, a local equal-area projection, shared borders, and suggested links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    lat = np.degrees(np.arcsin(np.clip(xy[:, 1] * np.cos(middle) / EARTH_RADIUS_KM + np.sin(middle), -1, 1)))
    return np.column_stack([lon, lat])


def area_km2(geometry: BaseGeometry, frame: Frame) -> float:
    """Return the area of a geometry given in degrees, km²."""
    return float(areas_km2([geometry], frame)[0])


def areas_km2(geometries: Sequence[BaseGeometry], frame: Frame) -> NDArray[np.float64]:
    """Return the area of each of many geometries given in degrees, km²."""
    import shapely

    shapes = np.array(geometries, dtype=object)
    return np.asarray(shapely.area(shapely.transform(shapes, lambda points: project(points, frame))), dtype=np.float64)


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return the great-circle distance between two (lon, lat) points, km (haversine formula)."""
    return float(distances_km(np.array([a], dtype=float), np.array([b], dtype=float))[0])


def distances_km(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the great-circle distance between each two of (lon, lat) points, (n, 2) each, km (haversine formula)."""
    (lon_a, lat_a), (lon_b, lat_b) = np.radians(a).T, np.radians(b).T
    half = np.sin((lat_b - lat_a) / 2) ** 2 + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(half)))


def frame_box(frame: Frame) -> Polygon:
    """Return the frame as a polygon in degrees."""
    import shapely

    return shapely.box(*frame)


def cells(places: Sequence[Place], frame: Frame, water: BaseGeometry | None = None) -> dict[str, Polygon | MultiPolygon]:
    """
    Return the cell of every place that has one, in degrees: together they tile the frame without the water.

    Parts keep the polygon they were given. Every other place inside the frame gets the points nearer to it than to any other
    (its Voronoi cell, in the equal-area plane), less the parts and the water; places of one point share what is theirs. Buildings,
    gateways and places with parts get none.
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
        points = shapely.multipoints(_set_apart(project(np.array([(p.lon, p.lat) for p in seeds]), frame), [p.id for p in seeds]))
        plane_box = shapely.transform(box, lambda xy: project(xy, frame))
        tiles = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=plane_box.buffer(1.0), ordered=True))
        mine: Any = _within(_sound(shapely.transform(tiles, lambda xy: unproject(xy, frame))), box)
        held = shapely.intersects(mine, taken)
        mine[held] = shapely.difference(mine[held], taken)
        found |= {seed.id: tile for seed, tile in zip(seeds, mine, strict=True)}
    return {place.id: found[place.id] for place in places if place.id in found}


def _within(tiles: NDArray[Any], box: Polygon) -> NDArray[Any]:
    """Return what of each tile, a polygon without holes, lies in a box: of those that do not reach its edge all, their corners from the second on."""
    import shapely

    shapely.prepare(box)
    inner = shapely.contains_properly(box, tiles) & (shapely.get_type_id(tiles) == shapely.GeometryType.POLYGON)
    found = tiles.copy()
    found[~inner] = shapely.intersection(tiles[~inner], box)
    if not inner.any():
        return found
    kind, points, (rings, of) = shapely.to_ragged_array(tiles[inner])
    turned = np.arange(1, len(points) + 1)
    turned[rings[1:] - 1] = rings[:-1] + 1  # the last corner is the first again
    found[inner] = shapely.from_ragged_array(kind, points[turned], (rings, of))
    return found


def _sound(tiles: Any) -> Any:
    """Return tiles as valid polygons: where points are nearly in line, or a metre apart, Voronoi's come with crossed rings and stray lines."""
    import shapely

    found = np.array(tiles, dtype=object)
    for i in np.flatnonzero(~shapely.is_valid(found) | (shapely.get_type_id(found) != shapely.GeometryType.POLYGON)):
        parts = shapely.get_parts(shapely.get_parts(shapely.make_valid(found[i])))
        found[i] = shapely.union_all([part for part in parts if part.geom_type == "Polygon"])
    return found


def _set_apart(xy: NDArray[np.float64], ids: Sequence[str]) -> NDArray[np.float64]:
    """Return points (n, 2) in km with those that fall together set a metre apart, in the order of their ids, so that each has a cell."""
    at = np.round(xy, 4) + 0.0  # no zero is below another
    _, group, count = np.unique(at[:, 0] + 1j * at[:, 1], return_inverse=True, return_counts=True)
    moved = xy.copy()
    for each in np.flatnonzero(count > 1):
        members = sorted(np.flatnonzero(group == each).tolist(), key=lambda i: ids[i])
        turn = 2 * np.pi * np.arange(len(members)) / len(members)
        moved[members] = xy[members[0]] + 0.001 * np.column_stack([np.cos(turn), np.sin(turn)])
    return moved


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


def suggest_links(places: Sequence[Place], frame: Frame, barriers: Sequence[BaseGeometry] = ()) -> list[tuple[str, str]]:
    """
    Return pairs of places that an estimated map would call neighbours, none of them across a barrier (water, a border).

    Two places are neighbours when the circle on the line between them holds no third: the Gabriel graph (Gabriel and Sokal,
    Systematic Zoology 18, 1969), found among the edges of the Delaunay triangulation, in O(n log n). It hangs together unless barriers
    part it. Parts of one city are neighbours when they share a border. Cities of parts and buildings have no links.
    """
    import shapely

    with_parts = {place.parent for place in places if place.polygon is not None}
    ends = [place for place in places if place.within is None and place.id not in with_parts]
    xy = project(np.array([(p.lon, p.lat) for p in ends]).reshape(-1, 2), frame)
    _, first, group = np.unique(np.round(xy, 4), axis=0, return_index=True, return_inverse=True)
    pairs = [(int(first[a]), int(first[b])) for a, b in _gabriel(xy[first])]
    pairs += [(int(first[g]), i) for i, g in enumerate(group.ravel().tolist()) if first[g] != i]
    city = [place.parent if place.polygon is not None else None for place in ends]
    pairs = [(a, b) for a, b in pairs if city[a] is None or city[a] != city[b]]
    if barriers and pairs:
        ways: Any = shapely.linestrings([[(ends[i].lon, ends[i].lat) for i in pair] for pair in pairs])
        barred = set(shapely.STRtree(list(barriers)).query(ways, predicate="crosses")[0].tolist())
        pairs = [pair for n, pair in enumerate(pairs) if n not in barred]
    found = {tuple(sorted((ends[a].id, ends[b].id))) for a, b in pairs}
    for parent in dict.fromkeys(city):
        if parent is not None:
            found |= {tuple(sorted(pair)) for pair in shared_borders({p.id: p.polygon for p in ends if p.parent == parent and p.polygon})}
    order = {place.id: n for n, place in enumerate(ends)}
    return sorted((min(pair, key=order.__getitem__), max(pair, key=order.__getitem__)) for pair in found)


def _gabriel(xy: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Return the Gabriel graph of distinct points (n, 2), as pairs of positions; of points on one line, the neighbours along it."""
    from scipy.spatial import Delaunay, QhullError

    if len(xy) < 3:
        return [(0, 1)] if len(xy) == 2 else []
    try:
        triangles = Delaunay(xy).simplices
    except QhullError:
        order = np.lexsort(xy.T)
        return list(zip(order[:-1].tolist(), order[1:].tolist(), strict=True))
    corners = np.concatenate([triangles[:, [0, 1, 2]], triangles[:, [1, 2, 0]], triangles[:, [2, 0, 1]]])
    a, b, opposite = corners.T
    to_a, to_b = xy[a] - xy[opposite], xy[b] - xy[opposite]
    outside = (to_a * to_b).sum(axis=1) > 1e-9 * ((xy[a] - xy[b]) ** 2).sum(axis=1)
    edges, which = np.unique(np.sort(np.stack([a, b], axis=1), axis=1), axis=0, return_inverse=True)
    held = np.bincount(which.ravel(), weights=~outside, minlength=len(edges)) > 0
    return [(int(i), int(j)) for i, j in edges[~held]]


def _lines(geometry: BaseGeometry) -> BaseGeometry:
    """Return only the lines of a geometry, merged where they touch."""
    import shapely

    parts = [part for part in shapely.get_parts(geometry) if part.geom_type in ("LineString", "LinearRing") and not part.is_empty]
    return shapely.line_merge(shapely.MultiLineString(parts)) if parts else shapely.MultiLineString()
