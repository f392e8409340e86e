"""GeoJSON as map programs write it: places with their points and outlines, and the backdrop."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qsim.record.cells import none_of, parse
from qsim.record.names import nearest
from qsim.record.problems import Table
from qsim.record.reading import read_json
from qsim.record.schema import LOCAL_NAME, Column, columns
from qsim.record.tabulating import is_plain
from qsim.record.theatre import Feature
from qsim.record.values import FrozenDict

_FIELDS = frozenset(column.name for column in columns("places"))
# What map programs add to every feature: passed over like any unknown property.
_ADDED = {"fid", "ogc_fid", "objectid", "OBJECTID", "FID", "Shape_Area", "Shape_Leng", "layer", "path"}


def read_features(path: Path, table: Table) -> list[tuple[int, dict[str, Any]]]:
    """Return the features of a GeoJSON file and their numbers in it, with what is wrong noted."""
    data = read_json(path, table)
    if data is None:
        return []
    features = data.get("features") if isinstance(data, dict) else None
    if not isinstance(features, list):
        table.problem("not a GeoJSON FeatureCollection; expected a list named 'features'")
        return []
    found = []
    for row, feature in enumerate(features, 1):
        properties = feature.get("properties") if isinstance(feature, dict) else 0
        if properties is None or isinstance(properties, dict):
            found.append((row, feature))
        else:
            table.problem("not a feature with properties and a geometry", row)
    return found


def read_places(path: Path) -> Table:
    """Return the places of a GeoJSON file, each with `lon`, `lat` and `polygon`; the row of a place is its number in the file."""
    table = Table(path.name)
    known = {column.name: column for column in columns("places")}
    blank = {name: none_of(column) for name, column in known.items()}
    required = [name for name, column in known.items() if column.required]
    strangers: dict[str, None] = {}
    features = read_features(path, table)
    plain = _plain_fields([feature.get("properties") or {} for _, feature in features], known)
    for row, feature in features:
        properties = dict(feature.get("properties") or {})
        if "id" not in properties and isinstance(feature.get("id"), str):
            properties["id"] = feature["id"]
        odd = [name for name in properties if name not in known]
        local = {found[1]: properties.pop(name) for name in odd if (found := LOCAL_NAME.fullmatch(name))}
        strangers |= dict.fromkeys(name for name in odd if name in properties)
        cells = blank | {name: value for name, value in properties.items() if name in plain}
        for name in {**properties, **dict.fromkeys(required)}:
            if name in known and name not in plain and (name in required or properties[name] is not None):
                cells[name] = parse(known[name], properties.get(name), table, row)
        cells["local_names"] = FrozenDict({code: name for code, name in local.items() if isinstance(name, str) and name.strip()})
        table.rows.append((row, {**cells, **located(feature.get("geometry"), table, row)}))
    slips = {name: close for name in strangers if name not in _ADDED and len(name) > 3 and (close := nearest(name, known))}
    for name, close in slips.items():
        table.problem(f"unknown property {name!r}{close}", column=name)
    if over := [name for name in strangers if name not in slips]:
        table.notice(f"not read: the propert{'ies' if len(over) > 1 else 'y'} {', '.join(over)}")
    return table


def _plain_fields(properties: list[dict[str, Any]], known: Mapping[str, Column]) -> set[str]:
    """Return the fields that all of many features have, as texts that mean themselves: these need not be read one by one."""
    shared = (
        [name for name in properties[0] if name in known and all(type(each.get(name)) is str for each in properties)] if properties else []
    )
    return {name for name in shared if is_plain(known[name], [each[name] for each in properties])}


def read_backdrop(path: Path) -> tuple[Table, list[Feature]]:
    """Return the backdrop of a scenario; it may do without one."""
    table = Table(path.name)
    return table, backdrop_of(read_features(path, table), table) if path.exists() else []


def backdrop_of(features: list[tuple[int, dict[str, Any]]], table: Table) -> list[Feature]:
    """Return what features of GeoJSON are of a backdrop; what is wrong is noted in `table`."""
    found = []
    for row, feature in features:
        properties = feature.get("properties") or {}
        texts = {name: properties.get(name) for name in ("id", "name", "kind", "basis", "source", "licence")}
        geometry = _geometry(feature.get("geometry"), table, row)
        wrong = [name for name, value in texts.items() if not isinstance(value, str | None)]
        if wrong or not texts["id"] or not texts["kind"]:
            table.problem(f"{wrong[0]} is not a text" if wrong else "not a feature with an id, a kind and a geometry", row)
        elif geometry is not None and not geometry.is_valid:
            table.problem(f"the outline is not an area: {_invalid(geometry)}", row)
        elif geometry is not None:
            given = {name: value for name, value in texts.items() if value is not None}
            found.append(Feature(**{"name": "", "geometry": geometry, **given}))
    return found


def place_rows(table: Table) -> None:
    """Give the rows of a table of places their `polygon`, from its outline, and their point where only the outline is given."""
    for row, cells in table.rows:
        at = {"lon": cells["lon"], "lat": cells["lat"], "polygon": None}
        if cells["outline"] is not None:
            area = located(cells["outline"], table, row)
            at = {**area, **{name: cells[name] for name in ("lon", "lat") if cells[name] is not None}}
        elif (cells["lon"] is None or cells["lat"] is None) and not (table.spoilt(row, "lon") or table.spoilt(row, "lat")):
            table.problem("the place has no point; expected lon and lat in degrees", row)
            at["lon"] = None
        elif cells["lon"] is not None and cells["lat"] is not None and (abs(cells["lon"]) > 540 or abs(cells["lat"]) > 90):
            hint = "; lon and lat seem to be swapped" if abs(cells["lat"]) <= 180 and abs(cells["lon"]) <= 90 else ""
            table.problem(f"lon {cells['lon']:g}, lat {cells['lat']:g} is no point of the earth{hint}", row)
            at["lon"] = None
        cells |= at if at["lat"] is not None else {**at, "lon": None}
        local = {found[1]: cells.pop(name) for name in [*cells] if name not in _FIELDS and (found := LOCAL_NAME.fullmatch(name))}
        cells["local_names"] = FrozenDict({code: name for code, name in local.items() if name})


def located(geometry: Any, table: Table, row: int) -> dict[str, Any]:
    """Return where a feature lies: `lon`, `lat`, and its `polygon` where it is an area; nones where it cannot be read."""
    import shapely

    if at := _plain_point(geometry):
        return {"lon": at[0], "lat": at[1], "polygon": None}
    nowhere: dict[str, Any] = {"lon": None, "lat": None, "polygon": None}
    if geometry is None:
        table.problem("the feature has no geometry; expected a Point, or a Polygon for a part", row)
        return nowhere
    shape: Any = geometry if isinstance(geometry, shapely.Geometry) else _geometry(geometry, table, row)
    if shape is None:
        return nowhere
    parts = shapely.get_parts(shape)
    if shape.geom_type in ("MultiPoint", "GeometryCollection", "MultiPolygon") and len(parts) == 1:
        shape = parts[0]
    if shape.geom_type not in ("Point", "Polygon", "MultiPolygon"):
        table.problem(f"the geometry is a {shape.geom_type}; expected a Point, or a Polygon for a part", row)
        return nowhere
    if shape.geom_type == "Point":
        return {"lon": shape.x, "lat": shape.y, "polygon": None}
    if not shape.is_valid:
        table.problem(f"the outline is not an area: {_invalid(shape)}", row)
        return nowhere
    inside = shape.centroid if shape.contains(shape.centroid) else shape.representative_point()
    return {"lon": inside.x, "lat": inside.y, "polygon": shape}


def _plain_point(geometry: Any) -> tuple[float, float] | None:
    """Return where a point of GeoJSON lies that is as it should be; none for anything else, which is looked at closely."""
    at = geometry.get("coordinates") if type(geometry) is dict and len(geometry) == 2 and geometry.get("type") == "Point" else None
    if type(at) is not list or len(at) != 2 or type(at[0]) is not float or type(at[1]) is not float:
        return None
    return (at[0], at[1]) if abs(at[0]) <= 540 and abs(at[1]) <= 90 else None


def _invalid(shape: Any) -> str:
    """Return why an outline is no area, and where: `Self-intersection at 0.095, 0.08`."""
    import shapely

    why, _, where = shapely.is_valid_reason(shape).partition("[")
    numbers = [f"{float(number):.6g}" for number in where.rstrip("]").split()]
    return f"{why.replace('Self-intersection', 'it crosses itself').strip()} at {', '.join(numbers)}" if numbers else why


def _geometry(geometry: Any, table: Table, row: int) -> Any:
    """Return the shape of a GeoJSON geometry in two dimensions, or None with the reason noted."""
    import shapely
    from shapely.geometry import shape

    if not isinstance(geometry, dict) or not isinstance(geometry.get("type"), str):
        table.problem("the geometry is not an object with type and coordinates", row)
        return None
    numbers = list(_numbers(geometry.get("coordinates", [1.0]) if "geometries" not in geometry else [1.0]))
    if not numbers or None in numbers:
        table.problem("the point has no coordinates" if geometry["type"] == "Point" else "the geometry has no coordinates", row)
        return None
    if not all(isinstance(n, int | float) and not isinstance(n, bool) and abs(n) < 1e9 and math.isfinite(n) for n in numbers):
        table.problem("the coordinates are not numbers in degrees", row)
        return None
    try:
        found = shapely.force_2d(shape(geometry))
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError, shapely.errors.ShapelyError):
        table.problem(f"not a geometry of GeoJSON: a {geometry['type'][:40]} of these coordinates", row)
        return None
    if found.is_empty:
        table.problem("the geometry is empty", row)
        return None
    west, south, east, north = found.bounds
    if max(abs(west), abs(east)) > 540 or max(abs(south), abs(north)) > 90:
        swap = "; latitude seems to stand first: GeoJSON has longitude, latitude" if max(abs(west), abs(east)) <= 90 else ""
        table.problem(f"the coordinates {west:g}, {south:g} are not degrees of longitude and latitude{swap}", row)
        return None
    return found


def _numbers(value: Any) -> Any:
    """Yield everything that is no list in nested lists, without calling itself."""
    ahead = [value]
    while ahead:
        here = ahead.pop()
        if isinstance(here, list):
            ahead.extend(here)
        else:
            yield here
