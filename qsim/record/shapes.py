"""What makes the map of a scenario sound: points within the frame, outlines that do not overlap, ways that can be, colours apart."""

from itertools import combinations
from typing import Any

import numpy as np

from qsim.record.claims import unknown
from qsim.record.contents import Contents

_SPECK = 1e-3  # an overlap of less than this share of the smaller part is a rounding of its corners
_APART, _TOLD_APART = 1.0, 20.0  # differences of colours (CIE 1976 L*a*b*): none at all, and hard to tell


def check_for_frame(contents: Contents) -> None:
    """Every place lies in the frame, or is a gateway and lies beyond it."""
    frame, table = contents.settings["frame"], contents.tables["places"]
    if frame is None:
        if not contents.tables["scenario"].spoilt(0, "frame"):
            contents.tables["scenario"].problem("frame is not given, and there are no places to take it from", column="frame")
        return
    for row, place in contents.places():
        inside = _inside(place.lon, place.lat, frame)
        edges = f"lon {frame[0]:g}..{frame[2]:g}, lat {frame[1]:g}..{frame[3]:g}"
        if place.gateway and inside:
            table.problem(f"{place.id!r} is a gateway, but lies inside the frame; a gateway lies beyond it: {edges}", row, "gateway")
        elif not place.gateway and not inside:
            hint = "; latitude seems to stand before longitude" if _inside(place.lat, place.lon, frame) else ""
            table.problem(f"{place.id!r} lies outside the frame and is no gateway; expected {edges}{hint}", row)


def check_for_outlines(contents: Contents) -> None:
    """Outlines of one city do not overlap, lie in the frame, and belong to a parent; places of one point are told."""
    import shapely

    table, frame = contents.tables["places"], contents.settings["frame"]
    areas = [(row, place) for row, place in contents.places() if place.polygon is not None]
    for row, place in areas:
        if place.parent is None:
            table.problem(f"{place.id!r} has an outline, but no parent; a part names the city that it is a part of", row, "parent")
        elif frame is not None and place.polygon.difference(shapely.box(*frame)).area > _SPECK * place.polygon.area:  # type: ignore[union-attr]
            table.problem(f"the outline of {place.id!r} runs over the edge of the frame; widen the frame", row)
    shapes: Any = np.array([place.polygon for _, place in areas])
    near: Any = shapely.STRtree(shapes).query(shapes, predicate="intersects").T if len(areas) else []
    for a, b in near:
        if a < b and (over := shapes[a].intersection(shapes[b])).area > _SPECK * min(shapes[a].area, shapes[b].area):
            middle = over.representative_point()
            what = (
                f"the outlines of {areas[a][1].id!r} (row {areas[a][0]}) and {areas[b][1].id!r} overlap at {middle.x:.5g}, {middle.y:.5g}"
            )
            table.problem(what, areas[b][0])
    _tell_gaps(contents, areas)
    _tell_same_points(contents)


def _tell_gaps(contents: Contents, areas: list[tuple[int, Any]]) -> None:
    """Tell holes between the outlines of one city: ground that belongs to none of its parts."""
    import shapely

    for city in dict.fromkeys(place.parent for _, place in areas if place.parent):
        shapes = [place.polygon for _, place in areas if place.parent == city]
        least = _SPECK * min(shape.area for shape in shapes)
        whole = shapely.get_parts(shapely.union_all(shapes))
        holes = [shapely.Polygon(ring) for area in whole for ring in area.interiors if shapely.Polygon(ring).area > least]
        for hole in holes[:3]:
            middle = hole.representative_point()
            contents.tables["places"].notice(
                f"a gap between the outlines of {city!r} at {middle.x:.5g}, {middle.y:.5g}; it belongs to no part"
            )


def _tell_same_points(contents: Contents) -> None:
    seen: dict[tuple[float, float], Any] = {}
    for row, place in contents.places():
        if place.parent is None and not place.gateway:
            other = seen.setdefault((place.lon, place.lat), (row, place.id))
            if other[1] != place.id:
                what = f"{place.id!r} lies at the very point of {other[1]!r} (row {other[0]}); they share its ground"
                contents.tables["places"].notice(what, row)


def check_for_ways(contents: Contents) -> None:
    """Links join two known places that are not cities of parts or buildings, over a length that can be; what lies apart is told."""
    table = contents.tables["links"]
    if "links" in contents.missing and contents.tables["places"].problems:
        return  # they are suggested, and places that are mended have others
    places = {place.id: place for _, place in contents.places()}
    index = contents.place_index()
    parents = {place.parent for place in places.values() if place.parent and place.within is None}
    barred = {id for id, place in places.items() if place.within is not None or id in parents}
    straight = contents.straight_lines()
    given = np.array([link["length_km"] for _, link in table.rows], dtype=np.float64)
    odd = np.isnan(straight) | (given < 0.81 * straight) | (given > 19 * straight)  # all that `_check_length` tells are among them
    odd |= np.array([link["a"] in barred or link["b"] in barred or link["a"] == link["b"] for _, link in table.rows], dtype=bool)
    for n in np.flatnonzero(odd).tolist():
        row, link = table.rows[n]
        for column in ("a", "b"):
            end = link[column]
            if wrong := unknown(index, end, "place"):
                table.problem(wrong, row, column)
            elif end in places and (places[end].within is not None or end in parents):
                kind = "building" if places[end].within else "city of parts"
                table.problem(f"{end!r} is a {kind} and carries no links; link a part of it", row, column)
        if link["a"] is not None and link["a"] == link["b"]:
            table.problem(f"the link joins {link['a']!r} to itself", row)
        elif link["a"] in places and link["b"] in places:
            _check_length(contents, row, link, places, float(straight[n]))
    joined = [(link["a"], link["b"]) for _, link in table.rows if link["a"] in places and link["b"] in places and link["a"] != link["b"]]
    reached = {end for pair in joined for end in pair}
    lone = [id for id, place in places.items() if place.within is None and id not in parents and id not in reached]
    if table.problems or not places:
        return
    if lone:
        table.notice(
            f"no link reaches {', '.join(lone[:5])}{f' and {len(lone) - 5:,} more' if len(lone) > 5 else ''}; an island is allowed"
        )
    if joined and (pair := _apart(joined)):
        table.notice(f"the map falls apart: no way joins {pair[0]!r} and {pair[1]!r}; islands and enclaves are allowed")


def _check_length(contents: Contents, row: int, link: dict[str, Any], places: dict[str, Any], straight: float) -> None:
    """Tell a length that is less than the straight line, or many times more: a wrong unit, or a wrong place."""
    a, b, given = places[link["a"]], places[link["b"]], link["length_km"]
    loose = sum(place.precision_km or 0.0 for place in (a, b)) + 0.5
    if given is not None and given < 0.8 * straight - loose:
        what = f"length_km is {given:g}, but {a.id!r} and {b.id!r} lie {straight:.1f} km apart in a straight line; is the unit km?"
        contents.tables["links"].problem(what, row, "length_km")
    elif given is not None and given > 20 * straight + 10 * loose:
        what = f"length_km is {given:g}, and {a.id!r} and {b.id!r} lie {straight:.1f} km apart; is the unit km?"
        contents.tables["links"].notice(what, row, "length_km")


def _apart(pairs: list[tuple[str, str]]) -> tuple[str, str] | None:
    """Return two ids that no way joins, or None when all pairs hang together."""
    group = {id: id for pair in pairs for id in pair}

    def root(id: str) -> str:
        while (up := group[id]) != id:
            group[id] = id = group[up]
        return id

    for a, b in pairs:
        group[root(a)] = root(b)
    roots = sorted({root(id) for id in group})
    return (roots[0], roots[1]) if len(roots) > 1 else None


def check_for_colours(contents: Contents) -> None:
    """No two sides have one colour; colours that some eyes can hardly tell apart are told."""
    table = contents.tables["scenario"]
    sides = [side for side in contents.settings["sides"] if side["id"] and side["colour"]]
    for a, b in combinations(sides, 2):
        plain, weakest = (min(_difference(a["colour"], b["colour"], seen) for seen in eyes) for eyes in (_EYES[:1], _EYES))
        names = f"{a['id']!r} ({a['colour']}) and {b['id']!r} ({b['colour']})"
        if plain < _APART:
            table.problem(f"{names} have one colour; the map could not tell them apart", column="sides[].colour")
        elif weakest < _TOLD_APART:
            whose = "colour-blind eyes" if plain >= _TOLD_APART else "eyes"
            table.notice(f"{whose} can hardly tell the colours of {names} apart", column="sides[].colour")


# What is seen of linear red, green and blue: by most eyes, without red, and without green cones (Machado et al., IEEE TVCG 15, 2009).
_EYES = (
    np.eye(3),
    np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
)
_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])  # of linear sRGB


def _difference(one: str, other: str, eyes: Any) -> float:
    """Return how far apart two colours `#rrggbb` are seen, in CIE 1976 L*a*b*."""
    return float(np.linalg.norm(_lab(one, eyes) - _lab(other, eyes)))


def _lab(colour: str, eyes: Any) -> Any:
    rgb = np.array([int(colour[n : n + 2], 16) for n in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = _XYZ @ np.clip(eyes @ linear, 0, 1) / (_XYZ @ np.ones(3))
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def _inside(lon: float, lat: float, frame: tuple[float, float, float, float]) -> bool:
    return frame[0] <= lon <= frame[2] and frame[1] <= lat <= frame[3]
