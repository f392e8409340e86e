"""A city cut into parts: an even grid, or the ground nearest to each of some named points; written into the scenario's own files."""

import csv
import io
import json
import string
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qsim.record.features import located
from qsim.record.files import beside
from qsim.record.geometry import Frame, distance_km, project, suggest_links, unproject
from qsim.record.names import Fresh, slug
from qsim.record.problems import Problem, Table
from qsim.record.reading import decoded, has_decimal_commas, read_json, read_table, separator_of
from qsim.record.scenario import ScenarioError, load, locate
from qsim.record.schema import columns
from qsim.record.theatre import Place, Theatre

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_MOST_KM, _MARGIN = 5.0, 0.5  # of an extent that nobody gave: across, and beyond the outer points of sectors in spacings


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
        _part(place, f"{string.ascii_lowercase[r]}{c + 1}", f"square {string.ascii_uppercase[r]}{c + 1}", box, "square", why)
        for r in range(rows)
        for c in range(columns)
        for box in [shapely.box(x[c], y[r + 1], x[c + 1], y[r])]
    ]


def sectors(theatre: Theatre, city: str, around: Sequence[tuple[str, float, float]], outline: "BaseGeometry | None" = None) -> list[Place]:
    """
    Return as parts of a city the ground nearest to each of some named points (name, lon, lat), within an outline; they tile it.

    Without an outline it is that of the points with a margin of half their spacing.

    Raises
    ------
    ScenarioError
        When the city has parts already, there are fewer than two points, or one lies outside the outline or on another.
    """
    import shapely

    place = _without_parts(theatre, city)
    if len(around) < 2:
        raise _wrong(theatre, f"{len(around)} named points; expected two or more, in a table with name, lon, lat")
    xy = project(np.array([(lon, lat) for _, lon, lat in around]), theatre.frame)
    gaps = np.sqrt(((xy[:, None] - xy) ** 2).sum(axis=2)) + np.where(np.eye(len(xy)), np.inf, 0)
    if gaps.min() < 1e-3:
        a, b = np.unravel_index(gaps.argmin(), gaps.shape)
        raise _wrong(theatre, f"{around[int(a)][0]!r} and {around[int(b)][0]!r} lie at one point")
    points: Any = shapely.multipoints(xy)
    if outline is None:
        area = points.convex_hull.buffer(_MARGIN * float(gaps.min(axis=1).mean()))
    else:
        area = shapely.transform(outline, lambda at: project(at, theatre.frame))
    if far := [name for (name, _, _), at in zip(around, shapely.get_parts(points), strict=True) if not area.covers(at)]:
        raise _wrong(theatre, f"{', '.join(far)} outside the outline")
    tiles = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=area, ordered=True))
    shapes = [shapely.transform(tile.intersection(area), lambda at: np.round(unproject(at, theatre.frame), 6)) for tile in tiles]
    fresh, why = Fresh(theatre.index), "estimated: the ground nearest to a named point"
    return [
        _part(place, fresh.made(f"{place.id}_{slug(name)}").removeprefix(f"{place.id}_"), name, shape, "sector", why)
        for (name, _, _), shape in zip(around, shapes, strict=True)
    ]


def read_points(path: Path) -> list[tuple[str, float, float]]:
    """Return the named points of a table with name, lon, lat, or of a GeoJSON file; raise `ScenarioError` with what is wrong."""
    if path.suffix.lower() in (".geojson", ".json"):
        table = Table(path.name)
        features = (read_json(path, table) or {}).get("features", [])
        found = [(f.get("properties") or {}, located(f.get("geometry"), table, n)) for n, f in enumerate(features, 1)]
        named = [(str(about.get("name") or ""), at["lon"], at["lat"]) for about, at in found]
    else:
        table = read_table(path, known=columns("places"))
        named = [(cells["name"], cells["lon"], cells["lat"]) for _, cells in table.rows]
    for n, (name, lon, lat) in enumerate(named, 1):
        if not name or lon is None or lat is None:
            table.problem("a point lacks a name, lon or lat", n)
    if table.problems:
        raise ScenarioError(table.problems, folder=str(path.parent))
    return named


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
        properties = {name: getattr(part, name) for name in names}
        found.append({"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(geometry))})
    return found


def add_parts(scenario: str | Path, city: str, parts: Sequence[Place]) -> list[str]:
    """
    Add the parts of a city to the files of a scenario folder, and return what was done, a line each.

    Links of the city go to its part nearest to their other end, since a city of parts carries none; parts that share a border are
    joined. Each file is written beside its place and renamed into it.

    Raises
    ------
    ScenarioError
        When it is a workbook.
    """
    folder = locate(scenario)
    path = next((folder / name for name in ("places.geojson", "places.csv") if (folder / name).is_file()), None)
    if path is None:
        raise ScenarioError(
            [Problem("", 0, "", "parts are added to the files of a folder; write them to a file with -o")], folder=str(folder)
        )
    theatre, _ = load(folder)
    links, done = links_moved(folder, theatre, theatre.place(city), parts)
    if links:
        with beside(folder / "links.csv") as made:
            made.write_text(links, encoding="utf-8", newline="\n")
    text = _with_features(path, parts) if path.suffix == ".geojson" else _with_rows(path, parts)
    with beside(path) as made:
        made.write_text(text, encoding="utf-8", newline="\n")
    return [f"{path}: {len(parts)} parts of {theatre.place(city).name} added", *done]


def _with_features(path: Path, parts: Sequence[Place]) -> str:
    """Return a GeoJSON file of places with more of them, a feature a line."""
    data = json.loads(path.read_text(encoding="utf-8-sig"))
    data["features"] += as_features(parts)
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in data["features"])
    head = json.dumps({key: value for key, value in data.items() if key != "features"}, ensure_ascii=False)[:-1]
    return f'{head}{", " if len(data) > 1 else ""}"features": [\n{lines}\n]}}\n'


def _with_rows(path: Path, parts: Sequence[Place]) -> str:
    """Return a table of places with more of them, their outlines as WKT in a column of their own."""
    import shapely

    separator, header, rows, comma = _table_of(path, "places")
    at = {slug(name): n for n, name in enumerate(header)}
    also = {alias: column.name for column in columns("places") for alias in column.aliases}
    known = {also.get(name, name): n for name, n in at.items()}
    for name in ("id", "name", "lon", "lat", "kind", "parent", "basis", "source", "licence", "outline"):
        if name not in known:
            known[name] = len(header)
            header.append(name)
    rows = [[*row, *[""] * (len(header) - len(row))] for row in rows]
    for part in parts:
        cells = {name: str(getattr(part, name)) for name in ("id", "name", "kind", "parent", "basis", "source", "licence")}
        cells |= {name: f"{getattr(part, name):.6f}".replace(".", "," if comma else ".") for name in ("lon", "lat")}
        cells["outline"] = str(shapely.to_wkt(part.polygon, rounding_precision=6))
        row = [""] * len(header)
        for name, cell in cells.items():
            row[known[name]] = cell
        rows.append(row)
    return _as_csv(separator, header, rows)


def _table_of(path: Path, table: str) -> tuple[str, list[str], list[list[str]], bool]:
    """Return a table as it stands: what parts its cells, its headings, its rows, and whether a comma is its decimal mark."""
    text = decoded(path.read_bytes(), Table(path.name)) or ""
    separator, text = separator_of(text, columns(table))
    header, *rows = (row for row in csv.reader(io.StringIO(text), delimiter=separator) if any(row))
    return separator, header, rows, separator != "," and has_decimal_commas(text, separator)


def _as_csv(separator: str, header: list[str], rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\n").writerows([header, *rows])
    return out.getvalue()


def links_moved(folder: Path, theatre: Theatre, city: Place, parts: Sequence[Place]) -> tuple[str, list[str]]:
    """
    Return the text of links.csv for a city that now has parts, and what was done, a line each.

    Both are empty where there is no such file: links are suggested anew when the folder is loaded.
    """
    path = folder / "links.csv"
    if not path.is_file():
        return "", []
    separator, header, rows, _ = _table_of(path, "links")
    at = {slug(name): n for n, name in enumerate(header)}
    moved = 0
    for row in rows:
        for here, there in (("a", "b"), ("b", "a")):
            if len(row) > max(at["a"], at["b"]) and row[at[here]] in theatre and theatre.place(row[at[here]]).id == city.id:
                other = theatre.place(row[at[there]])
                row[at[here]] = min(parts, key=lambda part: distance_km((part.lon, part.lat), (other.lon, other.lat))).id
                moved += 1
    pairs = suggest_links(parts, theatre.frame)
    for a, b in pairs:
        row = [""] * len(header)
        row[at["a"]], row[at["b"]] = a, b
        if "kind" in at:
            row[at["kind"]] = "adjacency"
        rows.append(row)
    done = f"{path}: {moved} links of {city.name} moved to its nearest part, {len(pairs)} between its parts added"
    return _as_csv(separator, header, rows), [done]


def _without_parts(theatre: Theatre, city: str) -> Place:
    place = theatre.place(city)
    if place.id in theatre.parts:
        raise _wrong(theatre, f"{place.name} has {len(theatre.parts[place.id])} parts already; take them out of places.geojson first")
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


def _part(city: Place, id: str, name: str, polygon: Any, kind: str, why: str) -> Place:
    middle = polygon.centroid
    return Place(
        f"{city.id}_{id}",
        f"{city.name}, {name}",
        middle.x,
        middle.y,
        kind=kind,
        parent=city.id,
        basis="estimated",
        source=why,
        licence="own estimate (CC0)",
        polygon=polygon,
    )


def _wrong(theatre: Theatre, what: str) -> ScenarioError:
    return ScenarioError([Problem("", 0, "", what)], folder=theatre.name)
