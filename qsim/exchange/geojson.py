"""Spans of status as features on a map: GeoJSON, JSON-FG and KML, with times, how sure, and citations."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import IO, Any
from xml.sax.saxutils import escape, quoteattr

from qsim.belief.timeline import UNDECIDED, UNKNOWN, Timeline
from qsim.exchange.extras import ExportError
from qsim.exchange.spans import Span, licences, spans
from qsim.record.theatre import Place

Collection = tuple[dict[str, Any], Iterator[dict[str, Any]]]  # the members of a FeatureCollection, and its features one by one

GEOMETRIES = ("cells", "points")
_GREY = "#9a9a9a"  # what no side holds
_JSON_FG = "http://www.opengis.net/spec/json-fg-1/1.0/conf"


def geojson(timeline: Timeline, *, places: Sequence[str] | None = None, geometry: str = "cells", progress: bool = False) -> Collection:
    """
    Return a FeatureCollection (RFC 7946) and its features, one a place and span of status.

    `start` and `end` are days, both included; `end_exclusive` is the day after, for tools that want half-open spans; `times` are
    these two as a list. Licences stand in the member `licence`.
    """
    head = {"type": "FeatureCollection", "title": timeline.theatre.title, **about(timeline)}
    return head, (_feature(timeline, each, geometry) for each in spans(timeline, places, progress=progress))


def json_fg(timeline: Timeline, *, places: Sequence[str] | None = None, geometry: str = "cells", progress: bool = False) -> Collection:
    """
    Return a JSON-FG FeatureCollection (OGC 21-045r1) and its features: as `geojson`, with each span as `time.interval`, whose ends are
    included.

    The shapes are WGS 84, so they stand in `geometry` and `place` is null; all features are of one `featureType`, told once.
    """
    head, features = geojson(timeline, places=places, geometry=geometry, progress=progress)

    def timed(feature: dict[str, Any]) -> dict[str, Any]:
        told = {name: value for name, value in feature["properties"].items() if name != "times"}
        return {**feature, "time": {"interval": [told["start"], told["end"]]}, "place": None, "properties": told}

    return {"conformsTo": [f"{_JSON_FG}/core", f"{_JSON_FG}/types-schemas"], "featureType": "status", **head}, map(timed, features)


def write_collection(made: Collection, file: IO[str]) -> None:
    """Write a collection as JSON, a feature a line, so that no more than one is held."""
    head, features = made
    file.write(f'{json.dumps(head, ensure_ascii=False)[:-1]}, "features": [')
    for n, feature in enumerate(features):
        file.write((",\n" if n else "\n") + json.dumps(feature, ensure_ascii=False))
    file.write("\n]}\n")


def kml(timeline: Timeline, *, places: Sequence[str] | None = None, geometry: str = "cells", progress: bool = False) -> Iterator[str]:
    """Give the lines of a KML 2.2 document (OGC 07-147r2): a placemark with a TimeSpan a span of status, all in one layer."""
    theatre = timeline.theatre
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    yield f"<name>{escape(theatre.title)}</name>"
    yield f"<description>{escape(about(timeline)['method'] + ' ' + licences(timeline))}</description>"
    colours = {side.id: side.colour for side in theatre.sides} | {"contested": "#777777", UNDECIDED: _GREY, UNKNOWN: _GREY}
    for status, colour in colours.items():
        red, green, blue = colour[1:3], colour[3:5], colour[5:7]
        yield (
            f'<Style id="{_id("status", status)}"><IconStyle><color>ff{blue}{green}{red}</color></IconStyle>'
            f"<LineStyle><width>1</width></LineStyle><PolyStyle><color>99{blue}{green}{red}</color></PolyStyle></Style>"
        )
    for each in spans(timeline, places, progress=progress):
        yield _placemark(timeline, each, geometry)
    yield "</Document></kml>"


def about(timeline: Timeline) -> dict[str, str]:
    """Return how the belief was made, and under which licences its places stand."""
    claims = "no ledger" if timeline.ledger is None else f"{len(timeline.ledger)} claims"
    method = f"Belief by the policy {timeline.policy!r} from {claims}, {timeline.start} to {timeline.days[-1]}."
    return {"method": method, "licence": licences(timeline)}


def shape_of(place: Place, geometry: str) -> Any:
    """Return the cell of a place, or its point where it has none or points are asked for."""
    if geometry not in GEOMETRIES:
        raise ExportError(f"unknown geometry {geometry!r}; expected one of {', '.join(GEOMETRIES)}")
    import shapely

    return within_180(place.polygon if geometry == "cells" and place.polygon is not None else shapely.Point(place.lon, place.lat))


def within_180(shape: Any) -> Any:
    """Return a shape with longitudes from -180 to 180; one that crosses the 180th meridian is cut there (RFC 7946, 3.1.9)."""
    import shapely
    from shapely.affinity import translate

    west, _, east, _ = shape.bounds
    if west >= -180 and east <= 180:
        return shape
    turns = [translate(shape, by) for by in (-360, 0, 360)]
    box = shapely.box(-180, -90, 180, 90)
    parts = [part for each in turns for part in shapely.get_parts(each.intersection(box)) if part.area or shape.geom_type == "Point"]
    return parts[0] if len(parts) == 1 else shapely.union_all(parts)


def _feature(timeline: Timeline, each: Span, geometry: str) -> dict[str, Any]:
    import shapely

    colours = {side.id: side.colour for side in timeline.theatre.sides}
    after = str(each.end + timedelta(days=1))
    return {
        "type": "Feature",
        "id": f"{each.place.id}-{each.start}",
        "geometry": shapely.geometry.mapping(shape_of(each.place, geometry)),
        "properties": {
            "place": each.place.id, "name": each.place.name, "kind": each.place.kind,
            "start": str(each.start), "end": str(each.end), "end_exclusive": after, "times": [str(each.start), after],
            "status": each.status, "label": each.label, "colour": colours.get(each.status, _GREY),
            "probability": round(each.probability, 6), "lowest": round(each.lowest, 6),
            "claims": [claim.id for claim in each.claims], "sources": list(each.sources), "citations": list(each.cites),
        },
    }  # fmt: skip


def _placemark(timeline: Timeline, each: Span, geometry: str) -> str:
    shape = shape_of(each.place, geometry)
    told = {
        "status": each.status,
        "probability": f"{each.probability:.6f}",
        "lowest": f"{each.lowest:.6f}",
        "citations": "; ".join(each.cites),
    }
    data = "".join(f"<Data name={quoteattr(name)}><value>{escape(value)}</value></Data>" for name, value in told.items())
    return (
        f'<Placemark id="{_id("span", f"{each.place.id}-{each.start}")}">'
        f"<name>{escape(each.place.name)}: {escape(each.label)}</name>"
        f"<TimeSpan><begin>{each.start}</begin><end>{each.end}</end></TimeSpan><styleUrl>#{_id('status', each.status)}</styleUrl>"
        f"<ExtendedData>{data}</ExtendedData>{_kml_shape(shape)}</Placemark>"
    )


def _id(what: str, name: str) -> str:
    """Return a name as XML takes it for an id: it begins with a letter and has no `+` (Namespaces in XML, NCName)."""
    return f"{what}-{name.replace('+', '_')}"


def _kml_shape(shape: Any) -> str:
    if shape.geom_type == "Point":
        return f"<Point><coordinates>{shape.x:.6f},{shape.y:.6f}</coordinates></Point>"
    if shape.geom_type == "MultiPolygon":
        return f"<MultiGeometry>{''.join(map(_kml_shape, shape.geoms))}</MultiGeometry>"
    inner = "".join(f"<innerBoundaryIs>{_kml_ring(ring)}</innerBoundaryIs>" for ring in shape.interiors)
    return f"<Polygon><outerBoundaryIs>{_kml_ring(shape.exterior)}</outerBoundaryIs>{inner}</Polygon>"


def _kml_ring(ring: Any) -> str:
    return f"<LinearRing><coordinates>{' '.join(f'{x:.6f},{y:.6f}' for x, y, *_ in ring.coords)}</coordinates></LinearRing>"
