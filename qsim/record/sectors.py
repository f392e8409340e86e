"""A city cut into parts: an even grid, or the ground nearest to each of some named points; written into the scenario's own files."""

import json
import string
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from qsim.record.changes import places_file, put_all, said_with
from qsim.record.features import located
from qsim.record.geometry import Frame, distance_km, project, suggest_links, unproject
from qsim.record.names import Fresh, folded, slug
from qsim.record.problems import Problem, Table
from qsim.record.reading import read_json, read_table
from qsim.record.rows import rows_of, with_features, with_rows
from qsim.record.scenario import ScenarioError, load, locate
from qsim.record.schema import columns
from qsim.record.theatre import Place, Theatre

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_MOST_KM, _MARGIN = 5.0, 0.5  # of an extent that nobody gave: across, and beyond the outer points of sectors in spacings


class Named(NamedTuple):
    """A named point of a city, in degrees; the part around it bears the name and the spellings, and the id where one is given."""

    name: str
    lon: float
    lat: float
    id: str = ""
    variants: tuple[str, ...] = ()


def grid(theatre: Theatre, city: str, rows: int, columns: int, extent: Frame | None = None) -> list[Place]:
    """
    Return the squares of an even grid over a city as its parts, `city_a1` in the north-west; `extent` is (west, south, east, north).

    Without an extent it is the square around the city's point that reaches half the way to the nearest place, at most five kilometres.

    Raises
    ------
    ScenarioError
        When the city has parts already, or the grid is none.
    """
    import shapely

    place = _without_parts(theatre, city)
    if not (1 <= rows <= 26 and 1 <= columns <= 99):
        raise _wrong(theatre, f"{rows} rows and {columns} columns; expected 1 to 26 rows and 1 to 99 columns")
    west, south, east, north = extent or _extent(theatre, place)
    if not (west < east and south < north):
        raise _wrong(theatre, f"the extent {west:g}, {south:g}, {east:g}, {north:g} is not west, south, east, north in degrees")
    x, y = np.round(np.linspace(west, east, columns + 1), 6), np.round(np.linspace(north, south, rows + 1), 6)
    why = f"estimated: an even grid of {rows} x {columns} over {west:g}, {south:g}, {east:g}, {north:g}"
    return [
        _part(place, f"{place.id}_{string.ascii_lowercase[r]}{c + 1}", f"square {string.ascii_uppercase[r]}{c + 1}", box, "square", why)
        for r in range(rows)
        for c in range(columns)
        for box in [shapely.box(x[c], y[r + 1], x[c + 1], y[r])]
    ]


def sectors(
    theatre: Theatre, city: str, around: Sequence[Named | tuple[str, float, float]], outline: "BaseGeometry | None" = None
) -> list[Place]:
    """
    Return as parts of a city the ground nearest to each of some named points (name, lon, lat), within an outline; they tile it.

    A part is called `City, Name`, and by the name alone: claims may go on to speak of it as the point was called. Without an outline it is that of the points with a margin of half their spacing.

    Raises
    ------
    ScenarioError
        When the city has parts already, there are fewer than two points, or one lies outside the outline or on another.
    """
    import shapely

    place = _without_parts(theatre, city)
    if len(around) < 2:
        raise _wrong(theatre, f"{len(around)} named points; expected two or more, in a table with name, lon, lat")
    points = [Named(*each) for each in around]
    xy = project(np.array([(each.lon, each.lat) for each in points]), theatre.frame)
    gaps = np.sqrt(((xy[:, None] - xy) ** 2).sum(axis=2)) + np.where(np.eye(len(xy)), np.inf, 0)
    if gaps.min() < 1e-3:
        a, b = np.unravel_index(gaps.argmin(), gaps.shape)
        raise _wrong(theatre, f"{points[int(a)].name!r} and {points[int(b)].name!r} lie at one point")
    dots: Any = shapely.multipoints(xy)
    if outline is None:
        area = dots.convex_hull.buffer(_MARGIN * float(gaps.min(axis=1).mean()))
    else:
        area = shapely.transform(outline, lambda at: project(at, theatre.frame))
    if far := [each.name for each, at in zip(points, shapely.get_parts(dots), strict=True) if not area.covers(at)]:
        raise _wrong(theatre, f"{', '.join(far)} outside the outline")
    tiles = shapely.get_parts(shapely.voronoi_polygons(dots, extend_to=area, ordered=True))
    shapes = [shapely.transform(tile.intersection(area), lambda at: np.round(unproject(at, theatre.frame), 6)) for tile in tiles]
    fresh, why = Fresh(theatre.index), "estimated: the ground nearest to a named point"

    def called(each: Named) -> list[str]:
        return [name for name in (each.name, *each.variants) if name not in theatre]  # one that another place bears would name two

    return [
        _part(
            place,
            fresh.made(each.id or f"{place.id}_{slug(each.name).removeprefix(f'{place.id}_')}"),
            each.name,
            shape,
            "sector",
            why,
            called(each),
        )
        for each, shape in zip(points, shapes, strict=True)
    ]


def read_points(path: Path) -> list[Named]:
    """Return the named points of a table with name, lon, lat (and perhaps id, variants), or of a GeoJSON file; raise `ScenarioError` with what is wrong."""
    if path.suffix.lower() in (".geojson", ".json"):
        table = Table(path.name)
        features = (read_json(path, table) or {}).get("features", [])
        found = [(f.get("properties") or {}, located(f.get("geometry"), table, n)) for n, f in enumerate(features, 1)]
        named = [Named(str(about.get("name") or ""), at["lon"], at["lat"], *_called(about)) for about, at in found]
    else:
        table = read_table(path, known=columns("places"))
        named = [Named(*(cells[name] for name in Named._fields)) for _, cells in table.rows]
    for n, each in enumerate(named, 1):
        if not each.name or each.lon is None or each.lat is None:
            table.problem("a point lacks a name, lon or lat", n)
    if table.problems:
        raise ScenarioError(table.problems, folder=str(path.parent))
    return named


def _called(about: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Return the id and the spellings that the properties of a feature give."""
    variants = about.get("variants") or ()
    return str(about.get("id") or ""), tuple(map(str, variants.split(";") if isinstance(variants, str) else variants))


def read_outline(path: Path) -> "BaseGeometry":
    """Return the area of a GeoJSON file: its polygons together; raise `ScenarioError` when there is none."""
    import shapely

    table = Table(path.name)
    features = (read_json(path, table) or {}).get("features", [])
    areas = [located(feature.get("geometry"), table, n)["polygon"] for n, feature in enumerate(features, 1)]
    if table.problems or not any(area is not None for area in areas):
        raise ScenarioError(
            table.problems or [Problem(path.name, 0, "", "there is no outline in it; expected a Polygon")], folder=str(path.parent)
        )
    return shapely.union_all([area for area in areas if area is not None])


def as_features(parts: Sequence[Place]) -> list[dict[str, Any]]:
    """Return places as GeoJSON features with the fields that are filled."""
    import shapely

    found = []
    for part in parts:
        names = ("id", "name", "kind", "parent", "basis", "source", "licence")
        geometry = part.polygon if part.polygon is not None else shapely.Point(part.lon, part.lat)
        properties = {name: text for name in names if (text := getattr(part, name))} | (
            {"variants": [*part.variants]} if part.variants else {}
        )
        found.append({"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(geometry))})
    return found


def add_parts(scenario: str | Path, city: str, parts: Sequence[Place]) -> list[str]:
    """
    Add the parts of a city to the files of a scenario folder, and return what was done, a line each.

    Links of the city go to its part nearest to their other end, since a city of parts carries none; parts that share a border are
    joined. What is there keeps its spelling; both files change, or none.

    Raises
    ------
    ScenarioError
        When it is a workbook, or would not be sound afterwards; nothing is written then.
    """
    folder = locate(scenario)
    path = places_file(folder)
    if not path.is_file():
        raise ScenarioError(
            [Problem("", 0, "", "parts are added to the files of a folder; write them to a file with -o")], folder=str(folder)
        )
    theatre, _ = load(folder)
    data = path.read_bytes()
    made = {path: with_features(data, as_features(parts)) if path.suffix == ".geojson" else with_rows(data, "places", _as_rows(parts))}
    links, done = links_moved(folder, theatre, theatre.place(city), parts)
    made |= {folder / "links.csv": links} if links else {}
    if wrong := [each for each in said_with(folder, made) if each.level == "problem"]:
        raise ScenarioError(wrong, folder=str(folder))
    put_all(made)
    return [f"{path}: {len(parts)} parts of {theatre.place(city).name} added", *done]


def _as_rows(parts: Sequence[Place]) -> list[dict[str, str]]:
    """Return places as rows of a table, their outlines as WKT."""
    import shapely

    return [
        {name: text for name in ("id", "name", "kind", "parent", "basis", "source", "licence") if (text := str(getattr(part, name)))}
        | ({"variants": ";".join(part.variants)} if part.variants else {})
        | {"lon": f"{part.lon:.6f}", "lat": f"{part.lat:.6f}"}
        | ({"outline": str(shapely.to_wkt(part.polygon, rounding_precision=6))} if part.polygon is not None else {})
        for part in parts
    ]


def links_moved(folder: Path, theatre: Theatre, city: Place, parts: Sequence[Place]) -> tuple[bytes, list[str]]:
    """
    Return the bytes of links.csv for a city that now has parts, and what was done, a line each.

    Both are empty where there is no such file: links are suggested anew when the folder is loaded.

    Raises
    ------
    EditError
        When the file is no table that can be changed.
    """
    path = folder / "links.csv"
    if not path.is_file():
        return b"", []
    data = path.read_bytes()
    moved: dict[int, dict[str, str]] = {}
    rows = rows_of(data, "links")
    for n, row in enumerate(rows):
        for here, there in (("a", "b"), ("b", "a")):
            if row.get(here, "") in theatre and theatre.place(row[here]).id == city.id:
                other = theatre.place(row[there])
                nearest = min(parts, key=lambda part: distance_km((part.lon, part.lat), (other.lon, other.lat)))
                moved.setdefault(n, {})[here] = nearest.id
    pairs = suggest_links(parts, theatre.frame)
    kind = {"kind": "adjacency"} if any("kind" in row for row in rows) else {}  # what it is between parts where it is blank
    added = [{"a": a, "b": b, **kind} for a, b in pairs]
    done = f"{path}: {len(moved)} links of {city.name} moved to its nearest part, {len(pairs)} between its parts added"
    return with_rows(data, "links", added, moved), [done]


def _without_parts(theatre: Theatre, city: str) -> Place:
    place = theatre.place(city)
    if place.id in theatre.parts:
        raise _wrong(theatre, f"{place.name} has {len(theatre.parts[place.id])} parts already; take them out of its file of places first")
    if place.parent or place.gateway:
        raise _wrong(theatre, f"{place.name} is {'a gateway' if place.gateway else 'a part itself'}, and cannot have parts")
    return place


def _extent(theatre: Theatre, place: Place) -> Frame:
    """Return the square around a place that reaches half the way to its nearest neighbour, five kilometres across at most."""
    others = [p for p in theatre.places if p.id != place.id and p.parent is None and not p.gateway]
    apart = min((distance_km((p.lon, p.lat), (place.lon, place.lat)) for p in others), default=2 * _MOST_KM)
    here = project(np.array([[place.lon, place.lat]]), theatre.frame)[0]
    half = min(apart / 2 / np.sqrt(2), _MOST_KM / 2)
    (west, south), (east, north) = unproject(np.array([here - half, here + half]), theatre.frame).tolist()
    frame = theatre.frame
    return max(west, frame[0]), max(south, frame[1]), min(east, frame[2]), min(north, frame[3])


def _part(city: Place, id: str, name: str, polygon: Any, kind: str, why: str, spellings: Sequence[str] = ()) -> Place:
    """Return a part, named after its city as well; its licence is for whoever makes the record to state."""
    middle = polygon.centroid
    whole = name if folded(name).startswith(f"{folded(city.name)}, ") else f"{city.name}, {name}"
    return Place(
        id,
        whole,
        middle.x,
        middle.y,
        kind=kind,
        parent=city.id,
        basis="estimated",
        source=why,
        variants=tuple(dict.fromkeys(each.strip() for each in spellings if each.strip() and each.strip() != whole)),
        polygon=polygon,
    )


def _wrong(theatre: Theatre, what: str) -> ScenarioError:
    return ScenarioError([Problem("", 0, "", what)], folder=theatre.name)
