"""Places with dated status as Linked Places, the format of gazetteers of history: names, kinds, when, how certain, and who says so."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from qsim.belief.timeline import UNDECIDED, UNKNOWN, Timeline
from qsim.exchange.geojson import Collection, about
from qsim.exchange.spans import Span, spans
from qsim.record.names import slug
from qsim.record.theatre import Place

_BASE = "https://qsim.example/"  # ids in Linked Data are addresses; this one is reserved and leads nowhere (RFC 2606, section 3)
_CONTEXT = "https://raw.githubusercontent.com/LinkedPasts/linked-places/master/linkedplaces-context-v1.1.jsonld"
# Kinds by a word in them: the class of GeoNames that v1.3 requires, and the Getty's number of the type (Art and Architecture Thesaurus).
_KINDS = {
    "city": ("P", "300008389"), "town": ("P", "300008375"), "village": ("P", "300008372"), "hill": ("T", "300008777"),
    "mountain": ("T", "300008795"), "island": ("T", "300008791"), "airbase": ("S", "300000455"), "base": ("S", "300000455"),
    "airport": ("S", "300000681"), "building": ("S", "300004790"), "bridge": ("S", ""), "crossing": ("S", ""), "entrance": ("S", ""),
    "infrastructure": ("S", ""), "gateway": ("P", ""), "road": ("R", "300008217"), "street": ("R", ""), "river": ("H", ""),
    "lake": ("H", ""), "region": ("L", "300182722"), "area": ("L", ""), "border": ("L", ""), "port": ("P", "300120599"),
    "quarter": ("P", "300000705"), "district": ("P", "300000705"),
}  # fmt: skip


def linked_places(timeline: Timeline, *, places: Sequence[str] | None = None, progress: bool = False) -> Collection:
    """
    Return a Linked Places FeatureCollection (v1.3 of 24 June 2024) and its features, one a place: each span of status is a relation with
    `when` and `certainty`.

    Certain is a belief of .9 and more, less certain one above a half, uncertain any other.
    """
    told = spans(timeline, places, progress=progress)
    by_place = (list(some) for _, some in groupby(told, lambda each: each.place.id))
    features = (_place(timeline, some[0].place, [_relation(timeline, each) for each in some]) for some in by_place)
    made = about(timeline)
    head = {"type": "FeatureCollection", "@context": _CONTEXT, "title": timeline.theatre.title, "description": made["method"]}
    return {**head, "license": made["licence"]}, features


def _place(timeline: Timeline, place: Place, relations: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a place as a feature; one of its names has a citation, as v1.3 asks, and what it is part of is a relation as well."""
    theatre = timeline.theatre
    fclass, aat = _kind(place)
    at = _point(place)
    part = {
        "relationType": "gvp:broaderPartitive",
        "relationTo": f"{_BASE}{theatre.name}/{place.parent}",
        "label": f"part of {place.parent}",
    }
    return {
        "@id": f"{_BASE}{theatre.name}/{place.id}",
        "type": "Feature",
        "properties": {"title": place.name, "fclasses": [fclass]},
        "when": {"timespans": [{"start": {"in": str(timeline.start)}, "end": {"in": str(timeline.end)}}]},
        "names": _names(place, theatre.title),
        "types": [{"label": place.kind, **({"identifier": f"aat:{aat}"} if aat else {})}],
        "geometry": {"type": "GeometryCollection", "geometries": [at]},
        "links": _links(place),
        "relations": [*([part] if place.parent else []), *relations],
        "descriptions": [{"value": place.note, "lang": "en"}] if place.note else [],
    }


def _names(place: Place, title: str) -> list[dict[str, Any]]:
    own = [{"toponym": place.name_ar, "lang": "ar" if "\u0600" <= place.name_ar[0] <= "\u06ff" else "und"}] if place.name_ar else []
    own += [{"toponym": each, "lang": code} for code, each in place.local_names.items()]
    first = {"toponym": place.name, "lang": "en", "citations": [{"label": place.source or title}]}
    return [first, *own, *({"toponym": each, "lang": "und"} for each in place.variants)]


def _kind(place: Place) -> tuple[str, str]:
    """Return the class and the number of a place's kind: those of the last word that is known, else a populated place."""
    known = [_KINDS[word] for word in slug(place.kind).split("_") if word in _KINDS]
    return known[-1] if known else ("P", "")


def _links(place: Place) -> list[dict[str, str]]:
    found = [f"http://www.geonames.org/{place.geonameid}"] if place.geonameid else []
    found += [f"http://www.wikidata.org/entity/{place.wikidata}"] if place.wikidata else []
    return [{"type": "exactMatch", "identifier": each} for each in found]


def _point(place: Place) -> dict[str, Any]:
    """Return where a place lies as a Point with its certainty; longitudes run from -180 to 180."""
    lon = (place.lon + 180) % 360 - 180 if not -180 <= place.lon <= 180 else place.lon
    sure = "certain" if place.basis == "sourced" else "uncertain"
    return {"type": "Point", "coordinates": [lon, place.lat], "certainty": sure}


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
