"""Belief as data, in the formats that other tools read: one function, and a table of the formats."""

import io
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from qsim.belief.timeline import Timeline
from qsim.exchange.arrays import save, write_arrays
from qsim.exchange.datapackage import write_package
from qsim.exchange.extras import ExportError
from qsim.exchange.geojson import GEOMETRIES, geojson, json_fg, kml, linked_places
from qsim.exchange.graphs import day_graph
from qsim.exchange.provenance import provenance
from qsim.exchange.tables import spans_to_geodataframe, write_csv, write_parquet
from qsim.record.dates import Day
from qsim.record.files import beside, beside_folder
from qsim.record.names import nearest

# Each format: the suffix that stands for it, what it holds, and whether it can be written into a pipe.
FORMATS: Mapping[str, tuple[str, str]] = {
    "csv": (".csv", "belief, a row a day, place and status"),
    "parquet": (".parquet", "the same, for data frames and databases (extra `tables`)"),
    "geojson": (".geojson", "a feature a place and span of status, for QGIS, kepler.gl, folium"),
    "json-fg": (".fg.json", "the same with OGC's `time`"),
    "linked-places": (".lpf.json", "places with dated status, for gazetteers of history (World Historical Gazetteer)"),
    "geoparquet": (".geoparquet", "the spans for geopandas and DuckDB (extra `geo`)"),
    "kml": (".kml", "the spans with TimeSpan, for Google Earth"),
    "netcdf": (".nc", "belief as arrays (extra `arrays`)"),
    "zarr": (".zarr", "the same, chunked by place (extra `arrays`)"),
    "graphml": (".graphml", "places and links with one day's status, for Gephi and igraph"),
    "node-link": (".graph.json", "the same as JSON, for D3 and networkx"),
    "datapackage": (".datapackage", "a folder of CSV files with a datapackage.json that explains them"),
    "prov": (".prov.json", "where the belief comes from, as W3C PROV-JSON"),
    "timeline": (".qsim", "the timeline itself, to be read back by qsim"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is exported: which places (all where None), cells or points, and which day where a format holds one only."""

    places: Sequence[str] | None = None
    geometry: str = "cells"
    day: Day | None = None


def export(
    timeline: Timeline,
    path: str | Path,
    *,
    format: str | None = None,
    places: Sequence[str] | None = None,
    geometry: str | None = None,
    day: Day | None = None,
    version: str = "",
) -> Path | None:
    """
    Write a belief as data, in the format that the suffix or `format` names (see `FORMATS`), and return the path.

    Parameters
    ----------
    timeline
        The belief to export.
    path
        Where to; `"-"` is the standard output, which needs a `format`. A pipe or a device is written into.
    format
        A key of `FORMATS`; by default the suffix of `path` tells.
    places
        Ids, names or groups; all places where None.
    geometry
        `"cells"` (the default) or `"points"`, for the formats of maps.
    day
        For graphs, which hold one day: the last by default.
    version
        The version of qsim that provenance names.

    Raises
    ------
    ExportError
        When the format is unknown, an option has no effect on it, or a library it needs is missing: the message names the extra.
    TheatreError, TimelineError
        When a place or the day is not of the timeline.
    """
    chosen = format_of(str(path), format)
    _refuse(chosen, places, geometry, day)
    asked = Asked(places, geometry or "cells", day)
    if str(path) == "-":
        _stream(chosen, timeline, asked, version)
        return None
    path = Path(path)
    if chosen == "zarr":
        with beside_folder(path, ".zgroup") as made:
            write_arrays(timeline, made, ".zarr")
    elif chosen == "datapackage":
        with beside_folder(path, "datapackage.json") as made:
            write_package(timeline, made, places)
    else:
        with beside(path) as made:
            _write(chosen, timeline, made, asked, version)
    return path


def format_of(path: str, format: str | None) -> str:
    """
    Return the key of the format that is meant.

    Raises
    ------
    ExportError
        When there is no such format, or the suffix names none.
    """
    if format is not None:
        if format not in FORMATS:
            raise ExportError(f"unknown format {format!r}; expected one of {', '.join(FORMATS)}{nearest(format, FORMATS)}")
        return format
    name = os.path.basename(path).lower()
    fits = [key for key, (suffix, _) in FORMATS.items() if name.endswith(suffix)]
    if name == "datapackage.json":
        raise ExportError("a data package is a folder; name one that ends in .datapackage")
    if not fits:
        suffixes = ", ".join(suffix for suffix, _ in FORMATS.values())
        raise ExportError(f"{name!r}: the suffix names no format; expected one of {suffixes}, or --format")
    return max(fits, key=lambda key: len(FORMATS[key][0]))


def _refuse(chosen: str, places: Sequence[str] | None, geometry: str | None, day: Day | None) -> None:
    """Raise for every option that has no effect on what is asked for."""
    wrong = []
    if day is not None and chosen not in ("graphml", "node-link"):
        wrong.append(f"a day is for graphs; {chosen} holds all days")
    if geometry is not None and chosen not in ("geojson", "json-fg", "geoparquet", "kml"):
        wrong.append(f"geometry is for maps; {chosen} has none to choose")
    if geometry is not None and geometry not in GEOMETRIES:
        wrong.append(f"unknown geometry {geometry!r}; expected one of {', '.join(GEOMETRIES)}")
    if places is not None and chosen in ("graphml", "node-link", "netcdf", "zarr", "prov", "timeline"):
        wrong.append(f"{chosen} holds all places")
    if wrong:
        raise ExportError("; ".join(wrong))


def _stream(chosen: str, timeline: Timeline, asked: Asked, version: str) -> None:
    """Write to the standard output what is text."""
    if chosen in ("zarr", "datapackage", "parquet", "geoparquet", "netcdf", "timeline"):
        raise ExportError(f"{chosen} cannot be written to the standard output; name a file")
    _write_text(chosen, timeline, sys.stdout, asked, version)


def _write(chosen: str, timeline: Timeline, path: Path, asked: Asked, version: str) -> None:
    """Write one format into a file."""
    if chosen == "parquet":
        write_parquet(timeline, path, asked.places)
    elif chosen == "geoparquet":
        spans_to_geodataframe(timeline, asked.places, points=asked.geometry == "points").to_parquet(path)
    elif chosen == "netcdf":
        write_arrays(timeline, path, ".nc")
    elif chosen == "timeline":
        save(timeline, path)
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            _write_text(chosen, timeline, file, asked, version)


def _write_text(chosen: str, timeline: Timeline, file: IO[str], asked: Asked, version: str) -> None:
    """Write one format that is text into an open file."""
    if chosen == "csv":
        write_csv(timeline, file, asked.places)
    elif chosen == "kml":
        file.writelines(f"{line}\n" for line in kml(timeline, places=asked.places, geometry=asked.geometry))
    elif chosen == "graphml":
        import networkx

        made = io.BytesIO()
        networkx.write_graphml(day_graph(timeline.at(asked.day or timeline.days[-1])), made)
        file.write(made.getvalue().decode("utf-8"))
    else:
        json.dump(_json(chosen, timeline, asked, version), file, ensure_ascii=False, indent=1)
        file.write("\n")


def _json(chosen: str, timeline: Timeline, asked: Asked, version: str) -> dict[str, Any]:
    """Return what the formats that are JSON hold."""
    if chosen == "geojson":
        return geojson(timeline, places=asked.places, geometry=asked.geometry)
    if chosen == "json-fg":
        return json_fg(timeline, places=asked.places, geometry=asked.geometry)
    if chosen == "linked-places":
        return linked_places(timeline, places=asked.places)
    if chosen == "prov":
        return provenance(timeline, version)
    import networkx

    found: dict[str, Any] = networkx.node_link_data(day_graph(timeline.at(asked.day or timeline.days[-1])), edges="links")
    return found
