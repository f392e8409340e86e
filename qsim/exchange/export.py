"""Belief as data, in the formats that other tools read: one function, and a table of the formats."""

import io
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from qsim import __version__
from qsim.belief.timeline import Timeline
from qsim.exchange.arrays import save, write_arrays
from qsim.exchange.datapackage import write_package
from qsim.exchange.extras import ExportError, need
from qsim.exchange.geojson import GEOMETRIES, geojson, json_fg, kml, write_collection
from qsim.exchange.graphs import day_graph, graphml
from qsim.exchange.linked_places import linked_places
from qsim.exchange.provenance import provenance
from qsim.exchange.spans import licences
from qsim.exchange.tables import write_csv, write_geoparquet, write_parquet
from qsim.exchange.workbook import write_workbook
from qsim.record.dates import Day
from qsim.record.files import beside, beside_folder, is_stream, standard_output, whole_letters
from qsim.record.names import nearest
from qsim.record.signs import as_xml

# Each format: the suffix that stands for it, and what it holds.
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
    "xlsx": (".xlsx", "the scenario itself as a workbook, to be read back by qsim (extra `xlsx`)"),
    "timeline": (".qsim", "the timeline itself and its scenario, to be read back by qsim"),
}
_NEEDS = {  # libraries that a format needs, which not everybody has
    "parquet": ("pyarrow",), "geoparquet": ("geopandas", "pyarrow"), "netcdf": ("xarray", "h5netcdf"), "zarr": ("xarray", "zarr"), "xlsx": ("openpyxl",),
}  # fmt: skip
GRAPHS = ("graphml", "node-link")  # they hold one day
_FOLDERS = ("zarr", "datapackage")
_STREAMED = ("csv", "parquet", "geojson", "json-fg", "linked-places", "kml", "graphml", "node-link", "prov")  # bit by bit, into a pipe too


@dataclass(frozen=True, slots=True)
class Asked:
    """What is exported: which places (all where None), cells or points, which day where a format holds one only; with a bar or not."""

    places: Sequence[str] | None = None
    geometry: str = "cells"
    day: Day | None = None
    progress: bool = False


def export(
    timeline: Timeline,
    path: str | Path,
    *,
    format: str | None = None,
    places: Sequence[str] | None = None,
    geometry: str | None = None,
    day: Day | None = None,
    progress: bool = False,
) -> Path | None:
    """
    Write a belief as data, in the format that the suffix or `format` names (see `FORMATS`), and return the path.

    Parameters
    ----------
    timeline
        The belief to export.
    path
        Where to; `"-"` is the standard output, which needs a `format`. A pipe or a device is written into, bit by bit where the format
        can be; anything else is written beside its place and renamed into it.
    format
        A key of `FORMATS`; by default the suffix of `path` tells.
    places
        Ids, names or groups; all places where None.
    geometry
        `"cells"` (the default) or `"points"`, for the formats of maps.
    day
        For graphs, which hold one day: the last by default.
    progress
        Whether a bar on the standard error shows how far it has come, and how long it will take.

    Raises
    ------
    ExportError
        When the format is unknown, an option has no effect on it, or a library it needs is missing: the message names the extra.
    TheatreError, TimelineError
        When a place or the day is not of the timeline.
    TextError
        When a text, as one made in Python can, holds half of a letter.
    """
    chosen = format_of(str(path), format)
    _refuse(chosen, places, geometry, day)
    asked = Asked(places, geometry or "cells", day, progress)
    if str(path) == "-":
        with whole_letters():
            _to_output(chosen, timeline, asked)
        return None
    path = Path(path)
    if chosen in _FOLDERS:
        with beside_folder(path, ".zgroup" if chosen == "zarr" else "datapackage.json") as made:
            _write_folder(chosen, timeline, made, asked)
    elif chosen in _STREAMED and is_stream(path):
        with path.open("ab") as into, whole_letters():
            _write_into(chosen, timeline, into, asked)
    else:
        with beside(path) as made:
            _write(chosen, timeline, made, asked)
    return path


def check_libraries(chosen: str) -> None:
    """Raise `ExportError` where a library that a format needs is missing: before anything long is worked out."""
    for module in _NEEDS.get(chosen, ()):
        need(module, f"the format {chosen}")


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
            raise ExportError(f"unknown format {format!r}{nearest(format, FORMATS)}; expected one of {', '.join(FORMATS)}")
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
    if day is not None and chosen not in GRAPHS:
        wrong.append(f"a day is for graphs; {chosen} holds all days")
    if geometry is not None and chosen not in ("geojson", "json-fg", "geoparquet", "kml"):
        wrong.append(f"geometry is for maps; {chosen} has none to choose")
    if geometry is not None and geometry not in GEOMETRIES:
        wrong.append(f"unknown geometry {geometry!r}; expected one of {', '.join(GEOMETRIES)}")
    if places is not None and chosen in ("graphml", "node-link", "netcdf", "zarr", "prov", "timeline", "xlsx"):
        wrong.append(f"{chosen} holds all places")
    if wrong:
        raise ExportError("; ".join(wrong))


def _to_output(chosen: str, timeline: Timeline, asked: Asked) -> None:
    """Write to the standard output, bit by bit where the format can be."""
    if chosen in _FOLDERS:
        raise ExportError(f"{chosen} is a folder and cannot be written to the standard output; name one")
    binary = getattr(sys.stdout, "buffer", None)
    if chosen in _STREAMED and chosen != "parquet":
        with standard_output() as file:
            _write_text(chosen, timeline, file, asked)
    elif binary is None or sys.stdout.isatty():
        raise ExportError(f"{chosen} is not text; name a file, or send it on with | or >")
    elif chosen == "parquet":
        write_parquet(timeline, binary, asked.places, progress=asked.progress)
    else:
        with tempfile.TemporaryDirectory() as folder:
            _write(chosen, timeline, Path(folder) / "made", asked)
            with (Path(folder) / "made").open("rb") as made:
                shutil.copyfileobj(made, binary)


def _write_folder(chosen: str, timeline: Timeline, folder: Path, asked: Asked) -> None:
    """Write one of the formats that are folders."""
    if chosen == "zarr":
        write_arrays(timeline, folder, ".zarr", progress=asked.progress)
    else:
        write_package(timeline, folder, asked.places, progress=asked.progress)


def _write(chosen: str, timeline: Timeline, path: Path, asked: Asked) -> None:
    """Write one format into a file."""
    if chosen == "geoparquet":
        write_geoparquet(timeline, path, asked.places, points=asked.geometry == "points", progress=asked.progress)
    elif chosen == "netcdf":
        write_arrays(timeline, path, ".nc", progress=asked.progress)
    elif chosen == "timeline":
        save(timeline, path, progress=asked.progress)
    elif chosen == "xlsx":
        if timeline.ledger is None:
            raise ExportError("a timeline without a ledger has no claims to write into a workbook")
        write_workbook(timeline.theatre, timeline.ledger, path, progress=asked.progress)
    else:
        with path.open("wb") as file:
            _write_into(chosen, timeline, file, asked)


def _write_into(chosen: str, timeline: Timeline, file: IO[bytes], asked: Asked) -> None:
    """Write one format that needs no way back into an open file."""
    if chosen == "parquet":
        write_parquet(timeline, file, asked.places, progress=asked.progress)
        return
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    _write_text(chosen, timeline, text, asked)
    text.flush()
    text.detach()


def _write_text(chosen: str, timeline: Timeline, file: IO[str], asked: Asked) -> None:
    """Write one format that is text into an open file."""
    where: dict[str, Any] = {"places": asked.places, "progress": asked.progress}
    if chosen == "csv":
        write_csv(timeline, file, asked.places, progress=asked.progress)
    elif chosen == "geojson":
        write_collection(geojson(timeline, geometry=asked.geometry, **where), file)
    elif chosen == "json-fg":
        write_collection(json_fg(timeline, geometry=asked.geometry, **where), file)
    elif chosen == "linked-places":
        write_collection(linked_places(timeline, **where), file)
    elif chosen == "kml":
        file.writelines(f"{as_xml(line)}\n" for line in kml(timeline, geometry=asked.geometry, **where))
    elif chosen == "prov":
        _dump(provenance(timeline, __version__, progress=asked.progress), file)
    else:
        _write_graph(chosen, timeline, file, asked)


def _write_graph(chosen: str, timeline: Timeline, file: IO[str], asked: Asked) -> None:
    import networkx

    graph = day_graph(timeline.at(asked.day or timeline.days[-1]), licences(timeline), progress=asked.progress)
    if chosen == "graphml":
        file.writelines(f"{as_xml(line)}\n" for line in graphml(graph, progress=asked.progress))
    else:
        _dump(networkx.node_link_data(graph, edges="links"), file)


def _dump(found: dict[str, Any], file: IO[str]) -> None:
    json.dump(found, file, ensure_ascii=False, indent=1)
    file.write("\n")
