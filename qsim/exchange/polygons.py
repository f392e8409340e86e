"""
Dated maps of areas, a GeoJSON file a day: who is drawn as holding the ground on which each place of a list stands.

The status of a polygon is a property (a label, a layer, a fill colour) that a legend explains; the day is a property, a column of the
collection, the name of the file, or given. Points come from a list of places or a grid. A point in no polygon is nobody's by this map,
unless the legend has an `outside`; of polygons that overlap the one drawn last counts, and it is told. Polygons with `start` and `end`
are intervals. What a layer calls assessed and what it calls claimed are two voices. Lines, points and empty geometries hold nothing.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qsim.exchange.files import ImportProblem, clean, instant_in_name, read_features, read_instant, slashed, slug
from qsim.exchange.imported import Imported, Options, Origin
from qsim.exchange.points import areas, grid, read_places
from qsim.exchange.report import Report
from qsim.exchange.runs import Run, runs
from qsim.exchange.vocabulary import NOTHING, Sign, Vocabulary, vocabulary

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

LABELS = ("status", "control", "label", "layer", "type", "category", "name", "fill", "fillcolor", "color", "colour")
DAYS = ("date", "day", "datetime", "updated", "timestamp")
MOST_POINTS = 200_000


@dataclass(frozen=True, slots=True)
class Area:
    """One polygon of a map: where it stands (by its number in the file), its days, what may label it, and its geometry in degrees."""

    at: tuple[str, int]
    first: datetime
    last: datetime | None
    terms: tuple[str, ...]
    geometry: "BaseGeometry" = field(repr=False)

    def sign(self, known: Vocabulary) -> Sign | None:
        """Return what the polygon stands for: by the first of its labels that the legend, or a side's name, explains."""
        return next((sign for term in self.terms if (sign := known.sign(term, self.first.date())) is not None), None)


@dataclass(slots=True)
class Layer:
    """What one voice says: by snapshot and place the status, and the row that says so last."""

    shown: dict[datetime, dict[str, tuple[str, int]]] = field(default_factory=dict)


def read(files: Sequence[Path], options: Options) -> Imported:
    """Return the claims that a series of maps of areas makes about the places of a list, or the points of a grid."""
    report = Report("polygons")
    found = Imported(
        "polygons",
        "Control after dated maps",
        report,
        (Origin("Dated maps of areas", "not stated: name the makers of the map", options.licence or "not stated"),),
    )
    drawn = [area for i, path in enumerate(files) for area in _areas(path, i, report, options)]
    found.vocabulary, told = vocabulary(Counter(area.terms[0] for area in drawn), sides=options.sides, legend=options.legend)
    if told:
        found.drafted = options.sides is None and options.legend is None
        report.note(told)
    points = _points(drawn, options)
    layers: dict[str, Layer] = {}
    at = np.array([(each["lon"], each["lat"]) for each in points])
    for area in drawn:
        _draw(found, area, points, at, layers, options)
    for source, layer in layers.items():
        _add_claims(found, source, layer, points, options)
    report.note("days are those of the maps, in UTC")
    if found.vocabulary.outside is None:
        report.note("points outside all polygons are nobody's by these maps: an `outside` in the legend would say whose they are")
    return found


def _areas(path: Path, i: int, report: Report, options: Options) -> list[Area]:
    """Return the polygons of one file, in the order drawn; what is no area, has no day or no label is dropped."""
    given = read_instant(options.dates[i]) if i < len(options.dates) else None
    in_name, polygons = instant_in_name(path), report.tally("polygon")
    kept, features = [], read_features(path)
    order = slashed(str(v) for feature in features for v in (feature.get("properties") or {}).values() if isinstance(v, str))
    for row, feature in enumerate(features, 1):
        polygons.read += 1
        at, properties = (path.name, row), {str(k).casefold(): v for k, v in (feature.get("properties") or {}).items()}
        geometry, said = areas(feature.get("geometry"))
        terms = _terms(properties, options.label)
        term = terms[0] if terms else ""
        first, last = _days(properties, order)
        first = given or first or in_name
        if geometry is None:
            report.drop("polygon", f"{said}: nothing that holds ground", at, term, quarantine=False)
        elif first is None:
            report.drop("polygon", "without a day: give --dates, a property date, or a day in the file's name", at, term)
        elif not term:
            report.drop("polygon", "without a label: name the property with --label", at, ", ".join(properties))
        elif options.untimely(first.date(), (last or first).date()):
            report.drop("polygon", "beyond the period asked for", at, term, quarantine=False)
        else:
            if said:
                report.mend(said, at)
            kept.append(Area(at, first, last, terms, geometry))
    return kept


def _terms(properties: dict[str, Any], label: str) -> tuple[str, ...]:
    """Return what a legend may explain of a polygon: the property named, else those that are known to carry it."""
    keys = (label.casefold(),) if label else LABELS
    return tuple(clean(str(properties[key])) for key in keys if properties.get(key) not in (None, ""))


def _days(properties: dict[str, Any], order: str) -> tuple[datetime | None, datetime | None]:
    """Return the first and the last moment that a polygon is drawn for, as far as its properties say."""
    texts = {key: str(value) for key, value in properties.items() if value is not None}
    if "start" in texts:
        return read_instant(texts["start"], order), read_instant(texts.get("end", texts["start"]), order)
    return next((moment for key in DAYS if key in texts and (moment := read_instant(texts[key], order))), None), None


def _points(drawn: Sequence[Area], options: Options) -> list[dict[str, Any]]:
    """Return the points to ask the maps about: those of the list, or of a grid over the area asked for or all that is drawn."""
    import shapely

    if options.places is not None:
        points = read_places(options.places)
    elif options.grid_km is not None:
        area = options.area or shapely.box(*shapely.total_bounds([each.geometry for each in drawn]).tolist())
        points = grid(area, options.grid_km)
    else:
        raise ImportProblem("maps of areas know no places: give a list with --places, or a mesh with --grid KM")
    kept = [each for each in points if not options.outside(each["lon"], each["lat"])]
    if not 0 < len(kept) <= MOST_POINTS:
        raise ImportProblem(f"{len(kept):,} points to ask about; expected 1 to {MOST_POINTS:,}: change --places, --grid or --area")
    return kept


def _inside(geometry: "BaseGeometry", at: NDArray[np.float64]) -> list[int]:
    """Return which points (n, 2), longitude and latitude, lie within a geometry or on its edge; only those within its bounds are asked."""
    import shapely

    west, south, east, north = geometry.bounds
    near = np.flatnonzero((at[:, 0] >= west) & (at[:, 0] <= east) & (at[:, 1] >= south) & (at[:, 1] <= north))
    shapely.prepare(geometry)
    found: list[int] = near[shapely.intersects_xy(geometry, at[near, 0], at[near, 1])].tolist()
    return found


def _draw(
    found: Imported, area: Area, points: Sequence[dict[str, Any]], at: NDArray[np.float64], layers: dict[str, Layer], options: Options
) -> None:
    """
    Note which points a polygon covers, for the voice whose layer it is; intervals become claims at once.

    A polygon that no legend knows, or that tells nothing of control, covers its points too: they are not outside all polygons.
    """
    report = found.report
    sign = area.sign(found.vocabulary)
    term = sign.term if sign and "*" not in sign.term else area.terms[0]
    if sign is None:
        report.unknown(term, area.at)
        report.drop("polygon", "with a label that no legend knows", area.at, term)
        sign = Sign(term, NOTHING)
    elif sign.status == NOTHING:
        report.drop("polygon", "of which the legend says that they tell nothing of control", area.at, term, quarantine=False)
    else:
        report.tally("polygon").mapped += 1
    covered = [points[i] for i in _inside(area.geometry, at)]
    source = _source(found, area, sign, options)
    if area.last is not None and sign.status != NOTHING:
        run = Run(sign.status, area.first, area.last, 1, area.at[1])
        for point in covered:
            _state(found, point, source, run, f"{point['id']}-{source}-{slug(area.at[0])}-{area.at[1]:04d}", sign)
        return
    if area.last is not None:
        return
    shown = layers.setdefault(source, Layer()).shown.setdefault(area.first, {})
    if any(shown.get(point["id"], (sign.status, 0))[0] != sign.status for point in covered):
        report.mend("overlaps another polygon of the day at some point: the later one counts", area.at)
    shown |= {point["id"]: (sign.status, area.at[1]) for point in covered}


def _source(found: Imported, area: Area, sign: Sign, options: Options) -> str:
    """Return the voice of a polygon: the legend's, else the map's, apart for what is only claimed on it."""
    name = sign.source or options.source or "Map"
    if not sign.source:
        words = " ".join((*area.terms, area.at[0])).casefold()
        name += next((f", {word}" for word in ("claimed", "assessed") if word in words), "")
    return found.source(name, id=slug(name))


def _add_claims(found: Imported, source: str, layer: Layer, points: Sequence[dict[str, Any]], options: Options) -> None:
    """Add one claim for each run of equal statuses of a point on the maps of one voice, and count point by snapshot."""
    snapshots, tally, outside = sorted(layer.shown), found.report.tally("look-up"), found.vocabulary.outside
    instants = any(moment.time() != datetime.min.time() for moment in snapshots)
    claimed, unsaid = source.endswith("_claimed"), Counter[tuple[datetime, str]]()
    for point in points:
        seen = []
        for moment in snapshots:
            tally.read += 1
            status, row = layer.shown[moment].get(point["id"], (outside, 0))
            if status in (None, NOTHING):
                unsaid[moment, "in no polygon" if status is None else "in a polygon that tells nothing of control"] += 1
            else:
                tally.mapped += 1
                seen.append((moment, status, row))
        for number, run in enumerate(runs(seen, snapshots, longest_gap=options.longest_gap), 1):
            _state(found, point, source, run, f"{point['id']}-{source}-{number:04d}", None, claimed=claimed, instants=instants)
    for (moment, why), count in sorted(unsaid.items()):
        found.report.drop("look-up", why, (f"{moment:%Y-%m-%d}", 0), count=count, quarantine=False)


def _state(
    found: Imported,
    point: dict[str, Any],
    source: str,
    run: Run,
    id: str,
    sign: Sign | None,
    *,
    claimed: bool = False,
    instants: bool = False,
) -> None:
    more = {key: value for key, value in point.items() if key not in ("id", "name", "lon", "lat")}
    place = found.place(point["id"], point["name"], point["lon"], point["lat"], **more)
    confidence = (sign.confidence if sign else "") or ("claimed" if claimed else "stated")
    found.state(id, place, source, run, instants=instants, confidence=confidence, cites=f"record:{source}/{run.start:%Y-%m-%d}-{run.row}")
