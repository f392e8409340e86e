"""Where places lie: distances, the area of an import, and lists or grids of points for data that come without any."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qsim.exchange.files import ImportProblem, clean, point, read_features, read_rows, slug
from qsim.record.contents import Contents
from qsim.record.scenario import read

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

NAMES = ("name", "asciiname", "title", "place", "city", "location")
LONGITUDES, LATITUDES = ("lon", "longitude", "lng", "long", "x"), ("lat", "latitude", "y")
KM_PER_DEGREE = 111.195


def read_area(path: Path) -> "BaseGeometry":
    """Return the union of the polygons of a GeoJSON file, mended where they cross themselves."""
    import shapely

    parts = [part for feature in read_features(path) if (part := areas(feature.get("geometry"))[0]) is not None]
    if not parts:
        raise ImportProblem(f"{path}: no polygon in it; an area is west,south,east,north or a GeoJSON file with a polygon")
    return shapely.union_all(parts)


def areas(geometry: Any) -> tuple["BaseGeometry | None", str]:
    """
    Return what of a GeoJSON geometry is area, as one valid (multi)polygon, and what had to be done to get it.

    Collections give their polygons, rings that cross themselves are mended (`shapely.make_valid`), heights are left out; None where
    there is no area at all.
    """
    import shapely
    from shapely.geometry import shape

    try:
        found: Any = shapely.force_2d(shape(geometry))
    except (AttributeError, KeyError, TypeError, ValueError, IndexError, shapely.errors.ShapelyError):
        return None, "not a geometry"
    if found.is_empty:
        return None, "an empty geometry"
    said = []
    if found.geom_type == "GeometryCollection":
        said.append("a collection of geometries, of which the polygons count")
    if not found.is_valid:
        said.append("rings that cross themselves, mended")
        found = shapely.make_valid(found)
    polygons = _polygons(found)
    if not polygons:
        return None, f"no area, but a {found.geom_type}"
    return shapely.union_all(polygons), "; ".join(said)


def _polygons(geometry: Any) -> list[Any]:
    if geometry.geom_type == "Polygon":
        return [] if geometry.is_empty else [geometry]
    return [each for part in getattr(geometry, "geoms", ()) for each in _polygons(part)]


def read_places(path: Path) -> list[dict[str, Any]]:
    """
    Return the places of a list: id, name, lon, lat of each, and `variants` where given.

    The list is a scenario folder, a GeoJSON file of points, a GeoNames dump (`.txt`, no header) or a table with columns for a name,
    longitude and latitude.

    Raises
    ------
    ImportProblem
        When the file is none of these.
    """
    if path.is_dir() and not (path / "places.geojson").is_file():
        return places_of(read(path))
    if path.is_dir():
        path = path / "places.geojson"
    if path.suffix.lower() in (".geojson", ".json"):
        return [place for feature in read_features(path) if (place := _from_feature(feature)) is not None]
    if path.suffix.lower() == ".txt":
        return _from_geonames(path)
    return _from_table(path)


def places_of(contents: Contents) -> list[dict[str, Any]]:
    """Return the places of a scenario, as `read_places` returns those of a list."""
    rows = [cells for _, cells in contents.rows("places") if cells["lon"] is not None and cells["lat"] is not None]
    return [{name: cells[name] for name in ("id", "name", "lon", "lat")} | {"variants": list(cells["variants"])} for cells in rows]


def _from_feature(feature: dict[str, Any]) -> dict[str, Any] | None:
    from shapely.geometry import shape

    properties = feature.get("properties") or {}
    name = next((str(properties[key]) for key in NAMES if properties.get(key)), "")
    try:
        centre = shape(feature["geometry"]).centroid
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    if centre.is_empty or not name:
        return None
    id = str(properties.get("id") or (f"g{properties['geonameid']}" if properties.get("geonameid") else slug(name)))
    variants = properties.get("variants") or []
    return {"id": id, "name": clean(name), "lon": centre.x, "lat": centre.y, "variants": variants if isinstance(variants, list) else []}


def _from_table(path: Path) -> list[dict[str, Any]]:
    found = []
    for _, row in read_rows(path):
        lower = {name.casefold(): value for name, value in row.items()}
        name, lon, lat = (next((lower[key] for key in keys if key in lower), None) for keys in (NAMES, LONGITUDES, LATITUDES))
        if name is None or lon is None or lat is None:
            raise ImportProblem(f"{path}:1: no columns for name, longitude and latitude; found {', '.join(row)}")
        if clean(name) and (at := point(lon, lat)):
            id = lower.get("id") or (f"g{lower['geonameid']}" if lower.get("geonameid") else slug(name))
            found.append({"id": clean(id), "name": clean(name), "lon": at[0], "lat": at[1], "variants": _split(lower.get("variants", ""))})
    return found


def _from_geonames(path: Path) -> list[dict[str, Any]]:
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        cells = line.split("\t")
        if len(cells) < 8:
            raise ImportProblem(f"{path}: not a GeoNames dump; expected 19 columns parted by tabs")
        if cells[6] == "P":
            names = list(
                dict.fromkeys(clean(name) for name in [cells[2], *cells[3].split(",")] if clean(name) and clean(name) != clean(cells[1]))
            )
            found.append({"id": f"g{cells[0]}", "name": clean(cells[1]), "lon": float(cells[5]), "lat": float(cells[4]), "variants": names})
    return found


def grid(area: "BaseGeometry", mesh_km: float) -> list[dict[str, Any]]:
    """Return the points of a square mesh within an area, row by row from the north-west: `cell_1_1` and so on."""
    import shapely

    west, south, east, north = area.bounds
    if not mesh_km > 0:
        raise ImportProblem(f"a grid of {mesh_km} km; expected more than 0")
    tall = mesh_km / KM_PER_DEGREE
    wide = tall / np.cos(np.radians((south + north) / 2))
    xs, ys = np.arange(west + wide / 2, east, wide), np.arange(north - tall / 2, south, -tall)
    lon, lat = np.meshgrid(xs, ys)
    inside = shapely.intersects_xy(area, lon, lat)
    return [
        {"id": f"cell_{r + 1}_{c + 1}", "name": f"Cell {r + 1}, {c + 1}", "lon": float(lon[r, c]), "lat": float(lat[r, c]), "kind": "cell"}
        for r, c in zip(*np.nonzero(inside), strict=True)
    ]


def _split(text: str) -> list[str]:
    if text.startswith("["):
        try:
            return [str(each) for each in json.loads(text)]
        except json.JSONDecodeError:
            return []
    return [part.strip() for part in text.split(";") if part.strip()]
