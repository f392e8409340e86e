"""Spans of status as features on a map: GeoJSON, JSON-FG, Linked Places and KML, with times, how sure, and citations."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from qsim.belief.timeline import UNDECIDED, UNKNOWN, Timeline
from qsim.exchange.extras import ExportError, need
from qsim.exchange.spans import Span, licences, spans
from qsim.record.theatre import Place

GEOMETRIES = ("cells", "points")
_GREY = "#9a9a9a"  # what no side holds
_BASE = "https://qsim.example/"  # ids in Linked Data are addresses; this one is reserved and leads nowhere (RFC 2606, section 3)


def geojson(timeline: Timeline, *, places: Sequence[str] | None = None, geometry: str = "cells") -> dict[str, Any]:
    """
    Return a FeatureCollection (RFC 7946): a feature a place and span of status.

    `start` and `end` are days, both included; `end_exclusive` is the day after, for tools that want half-open spans; `times` are
    these two as a list. Licences stand in the member `licence`.
    """
    features = [_feature(timeline, each, geometry) for each in spans(timeline, places)]
    return {"type": "FeatureCollection", "title": timeline.theatre.title, **_about(timeline), "features": features}


def json_fg(timeline: Timeline, *, places: Sequence[str] | None = None, geometry: str = "cells") -> dict[str, Any]:
    """Return a JSON-FG FeatureCollection (OGC 21-045r1): as `geojson`, with each span as `time.interval`, whose ends are included."""
    made = geojson(timeline, places=places, geometry=geometry)
    for feature in made["features"]:
        told = feature["properties"]
        feature |= {"featureType": "status", "time": {"interval": [told["start"], told["end"]]}, "place": None}
        del told["times"]
    return {"conformsTo": ["http://www.opengis.net/spec/json-fg-1/1.0/conf/core"], "featureType": "status"} | made


def linked_places(timeline: Timeline, *, places: Sequence[str] | None = None) -> dict[str, Any]:
    """
    Return a Linked Places FeatureCollection (v1.3): a feature a place, each span of status as a relation with `when` and `certainty`.

    Certain is a belief of .9 and more, less certain one above a half, uncertain any other.
    """
    features: dict[str, dict[str, Any]] = {}
    for each in spans(timeline, places):
        features.setdefault(each.place.id, _linked_place(timeline, each.place))["relations"].append(_relation(timeline, each))
    context = "https://raw.githubusercontent.com/LinkedPasts/linked-places/master/linkedplaces-context-v1.1.jsonld"
    citation = {"label": f"{timeline.theatre.title}. {_about(timeline)['method']}", "license": licences(timeline)}
    return {"type": "FeatureCollection", "@context": context, "citation": citation, "features": list(features.values())}


def kml(timeline: Timeline, *, places: Sequence[str] | None = None, geometry: str = "cells") -> Iterator[str]:
    """Give the lines of a KML 2.2 document (OGC 07-147r2): a folder a place, a placemark with a TimeSpan a span of status."""
    theatre = timeline.theatre
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    yield f"<name>{escape(theatre.title)}</name>"
    yield f"<description>{escape(_about(timeline)['method'] + ' ' + licences(timeline))}</description>"
    colours = {side.id: side.colour for side in theatre.sides} | {"contested": "#777777", UNDECIDED: _GREY, UNKNOWN: _GREY}
    for status, colour in colours.items():
        red, green, blue = colour[1:3], colour[3:5], colour[5:7]
        yield (
            f"<Style id={quoteattr(status)}><LineStyle><width>1</width></LineStyle>"
            f"<PolyStyle><color>99{blue}{green}{red}</color></PolyStyle></Style>"
        )
    open_folder: str | None = None
    for each in spans(timeline, places):
        if each.place.id != open_folder:
            yield ("</Folder>" if open_folder else "") + f"<Folder><name>{escape(each.place.name)}</name>"
            open_folder = each.place.id
        yield _placemark(timeline, each, geometry)
    yield ("</Folder>" if open_folder else "") + "</Document></kml>"


def _about(timeline: Timeline) -> dict[str, str]:
    """Return how the belief was made, and under which licences its places stand."""
    claims = "no ledger" if timeline.ledger is None else f"{len(timeline.ledger)} claims"
    method = f"Belief by the policy {timeline.policy!r} from {claims}, {timeline.start} to {timeline.days[-1]}."
    return {"method": method, "licence": licences(timeline)}


def _shape(place: Place, geometry: str) -> Any:
    """Return the cell of a place, or its point where it has none or points are asked for."""
    if geometry not in GEOMETRIES:
        raise ExportError(f"unknown geometry {geometry!r}; expected one of {', '.join(GEOMETRIES)}")
    shapely = need("shapely", "a map file")
    return place.polygon if geometry == "cells" and place.polygon is not None else shapely.Point(place.lon, place.lat)


def _feature(timeline: Timeline, each: Span, geometry: str) -> dict[str, Any]:
    shapely = need("shapely", "a map file")
    colours = {side.id: side.colour for side in timeline.theatre.sides}
    after = str(each.end + timedelta(days=1))
    return {
        "type": "Feature",
        "id": f"{each.place.id}-{each.start}",
        "geometry": shapely.geometry.mapping(_shape(each.place, geometry)),
        "properties": {
            "place": each.place.id, "name": each.place.name, "kind": each.place.kind,
            "start": str(each.start), "end": str(each.end), "end_exclusive": after, "times": [str(each.start), after],
            "status": each.status, "label": each.label, "colour": colours.get(each.status, _GREY),
            "probability": round(each.probability, 6), "lowest": round(each.lowest, 6),
            "claims": [claim.id for claim in each.claims], "sources": list(each.sources), "citations": list(each.cites),
        },
    }  # fmt: skip


def _linked_place(timeline: Timeline, place: Place) -> dict[str, Any]:
    names: list[dict[str, Any]] = [{"toponym": place.name, "lang": "en"}]
    names += [{"toponym": place.name_ar, "lang": "ar"}] if place.name_ar else []
    names += [{"toponym": each, "lang": "und"} for each in place.variants]
    geometry = {"type": "Point", "coordinates": [place.lon, place.lat], "certainty": "certain" if place.basis == "sourced" else "uncertain"}
    return {
        "@id": f"{_BASE}{timeline.theatre.name}/{place.id}",
        "type": "Feature",
        "properties": {"title": place.name, "ccodes": []},
        "when": {"timespans": [{"start": {"in": str(timeline.start)}, "end": {"in": str(timeline.days[-1])}}]},
        "names": names,
        "types": [{"identifier": "", "label": place.kind}],
        "geometry": {"type": "GeometryCollection", "geometries": [geometry]},
        "links": [],
        "relations": [],
        "descriptions": [{"value": place.note, "lang": "en"}] if place.note else [],
    }


def _relation(timeline: Timeline, each: Span) -> dict[str, Any]:
    sure = "certain" if each.probability >= 0.9 else "less-certain" if each.probability > 0.5 else "uncertain"
    held = each.status not in ("contested", UNDECIDED, UNKNOWN)
    sources = timeline.ledger.sources if timeline.ledger is not None else {}
    return {
        "relationType": f"{_BASE}relation/{'held-by' if held else 'status'}",
        "relationTo": f"{_BASE}{timeline.theatre.name}/{'sides' if held else 'statuses'}/{each.status}",
        "label": f"held by {each.label}" if held else each.label,
        "when": {"timespans": [{"start": {"in": str(each.start)}, "end": {"in": str(each.end)}}]},
        "certainty": sure,
        "probability": round(each.probability, 6),
        "citations": [
            {
                "label": f"{sources[claim.source].name}: {', '.join(map(str, claim.cites))}",
                "@id": f"{_BASE}{timeline.theatre.name}/claims/{claim.id}",
            }
            for claim in each.claims
        ],
    }


def _placemark(timeline: Timeline, each: Span, geometry: str) -> str:
    shape = _shape(each.place, geometry)
    told = {
        "status": each.status,
        "probability": f"{each.probability:.6f}",
        "lowest": f"{each.lowest:.6f}",
        "citations": "; ".join(each.cites),
    }
    data = "".join(f"<Data name={quoteattr(name)}><value>{escape(value)}</value></Data>" for name, value in told.items())
    return (
        f"<Placemark id={quoteattr(f'{each.place.id}-{each.start}')}><name>{escape(each.place.name)}: {escape(each.label)}</name>"
        f"<TimeSpan><begin>{each.start}</begin><end>{each.end}</end></TimeSpan><styleUrl>#{escape(each.status)}</styleUrl>"
        f"<ExtendedData>{data}</ExtendedData>{_kml_shape(shape)}</Placemark>"
    )


def _kml_shape(shape: Any) -> str:
    if shape.geom_type == "Point":
        return f"<Point><coordinates>{shape.x:.6f},{shape.y:.6f}</coordinates></Point>"
    if shape.geom_type == "MultiPolygon":
        return f"<MultiGeometry>{''.join(map(_kml_shape, shape.geoms))}</MultiGeometry>"
    inner = "".join(f"<innerBoundaryIs>{_kml_ring(ring)}</innerBoundaryIs>" for ring in shape.interiors)
    return f"<Polygon><outerBoundaryIs>{_kml_ring(shape.exterior)}</outerBoundaryIs>{inner}</Polygon>"


def _kml_ring(ring: Any) -> str:
    return f"<LinearRing><coordinates>{' '.join(f'{x:.6f},{y:.6f}' for x, y, *_ in ring.coords)}</coordinates></LinearRing>"
