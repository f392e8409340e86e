"""Beliefs and histories as labelled arrays: xarray, NetCDF and Zarr, with CF time; and a timeline kept in one file and read back."""

import json
import zipfile
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qsim import __version__
from qsim.belief.evidence import last_reports_by_places
from qsim.belief.timeline import Ensemble, Timeline, status_of_belief
from qsim.exchange.extras import ExportError, need
from qsim.exchange.spans import licences
from qsim.exchange.tables import reports_by_block
from qsim.exchange.workbook import sheets
from qsim.record.ledger import Ledger
from qsim.record.progress import tracked
from qsim.record.scenario import ScenarioError, load
from qsim.record.sheets import KEPT_SHEETS
from qsim.record.theatre import Theatre

if TYPE_CHECKING:
    import xarray

SAVED = 2  # the version of a saved timeline; later versions of qsim read all earlier ones
_PLACES, _NUMBERS = 2048, 1_000_000  # of an array a chunk, or what is held at once, has no more places, and no more numbers


def to_xarray(timeline: Timeline) -> "xarray.Dataset":
    """
    Return a belief as a Dataset: `belief` (day, place, status), `most_likely` and `last_report` (day, place).

    Coordinates of a place are its name, `lon` and `lat`; attributes tell the sides, how the belief was made, licences and the version
    (CF-1.11, with `license` and `summary` of ACDD-1.3: `standard_name`, `units`, `flag_values` and `flag_meanings`).

    Raises
    ------
    ExportError
        When xarray is not installed.
    """
    return _axes(timeline).assign(_variables(timeline, timeline.belief, timeline.status, timeline.last_report))


def _axes(timeline: Timeline) -> "xarray.Dataset":
    """Return the Dataset of a belief without its variables: coordinates and attributes."""
    about = {"policy": timeline.policy, "claims": 0 if timeline.ledger is None else len(timeline.ledger), "license": licences(timeline)}
    return _dataset(timeline.theatre, timeline.days, {}, about, status=list(timeline.statuses))


def _variables(timeline: Timeline, belief: Any, status: Any, reports: Any) -> dict[str, Any]:
    """Return the variables of some places, of all days: dimensions, values and CF attributes by name."""
    last = np.where(np.isnat(reports), -1, (reports - timeline.days[0]).astype(np.int64))
    return {
        "belief": (
            ("day", "place", "status"),
            np.asarray(belief, dtype=np.float32),
            {"units": "1", "long_name": "probability of the status"},
        ),
        "most_likely": (("day", "place"), status, _flags(timeline.theatre)),
        "last_report": (
            ("day", "place"),
            last.astype(np.int32),
            {"long_name": "last report, as days after the first day; below it, before", "none": -1},
        ),
    }


def _by_places(timeline: Timeline, step: int, *, progress: bool) -> Iterator[tuple[int, dict[str, Any]]]:
    """Give the variables of `step` places at a time, and the position of the first of them."""
    starts = range(0, len(timeline.theatre.places), step)
    together = zip(starts, _reports_by_places(timeline, step), strict=True)
    for first, reports in tracked(together, "writing places", shown=progress, total=len(starts)):
        belief = np.asarray(timeline.belief[:, first : first + step])
        yield first, _variables(timeline, belief, status_of_belief(belief), reports)


def _reports_by_places(timeline: Timeline, step: int) -> Iterator[Any]:
    """Give the last reports of `step` places at a time, without working out all of them at once."""
    if timeline.reported is None and timeline.ledger is not None:
        known = bool(timeline.model.get("as_known"))
        yield from last_reports_by_places(timeline.theatre, timeline.ledger, timeline.days, step, as_known=known)
    else:
        yield from (timeline.last_report[:, first : first + step] for first in range(0, len(timeline.theatre.places), step))


def histories_to_xarray(ensemble: Ensemble) -> "xarray.Dataset":
    """Return histories as a Dataset: `status` (run, day, place) int8, a position in `flag_meanings`, -1 where nothing is known."""
    data = {"status": (("run", "day", "place"), ensemble.status, _flags(ensemble.theatre))}
    return _dataset(ensemble.theatre, ensemble.days, data, {}, run=np.arange(len(ensemble)))


def write_arrays(timeline: Timeline, path: Path, suffix: str, *, progress: bool = False) -> None:
    """
    Write the Dataset of a belief as NetCDF-4 (`.nc`) or as a Zarr store (`.zarr`), chunked by place: each chunk is the whole course of some places.

    What is held at once is one chunk, however many the places and the days.
    """
    need(*(("h5netcdf", "a NetCDF file") if suffix == ".nc" else ("zarr", "a Zarr store")))
    axes, a_day = _axes(timeline), len(timeline) * len(timeline.statuses)
    step = max(1, min(_PLACES, _NUMBERS // max(1, a_day), len(timeline.theatre.places)))
    blocks = _by_places(timeline, step, progress=progress)
    if suffix == ".nc":
        _write_netcdf(axes, blocks, path, step)
    else:
        _write_zarr(axes, blocks, path, step)


def _write_zarr(axes: "xarray.Dataset", blocks: Iterable[tuple[int, dict[str, Any]]], path: Path, step: int) -> None:
    """Write blocks of places as a Zarr store, each appended to those before."""
    for first, variables in blocks:
        made = axes.isel(place=slice(first, first + step)).assign(variables)
        chunks = {name: {"chunks": made[name].shape} for name in variables}
        how = {"append_dim": "place"} if first else {"mode": "w", "encoding": chunks}
        made.to_zarr(path, zarr_format=2, consolidated=True, **how)


def _write_netcdf(axes: "xarray.Dataset", blocks: Iterable[tuple[int, dict[str, Any]]], path: Path, step: int) -> None:
    """Write blocks of places as NetCDF-4: axes and attributes by xarray, then the variables, of which HDF5 takes a chunk at a time."""
    axes.to_netcdf(path, engine="h5netcdf")
    with need("h5netcdf", "a NetCDF file").File(path, "a") as file:
        alongside = {"coordinates": file.attrs.pop("coordinates")}  # CF has them told by each variable
        for first, variables in blocks:
            for name, (dimensions, values, about) in variables.items():
                if not first:
                    chunks = (values.shape[0], step, *values.shape[2:])
                    made = file.create_variable(name, dimensions, values.dtype, chunks=chunks, compression="gzip", shuffle=True)
                    made.attrs.update(about | alongside)
                file.variables[name][:, first : first + step] = values


def save(timeline: Timeline, path: Path, *, progress: bool = False) -> None:
    """
    Write a timeline into one file: its arrays, and the days, places and statuses they belong to, as a zip of `.npy` and JSON.

    The file holds no code and is never unpickled. The scenario is in it where the timeline has a ledger, as the sheets of a workbook.
    """
    head = {
        "qsim_timeline": SAVED, "theatre": timeline.theatre.name, "policy": timeline.policy, "start": str(timeline.days[0]),
        "days": len(timeline), "places": list(timeline.theatre.index), "statuses": list(timeline.statuses),
    }  # fmt: skip
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(_member("timeline.json"), json.dumps(head, ensure_ascii=False, indent=1))
        if timeline.ledger is not None:
            file.writestr(
                _member(KEPT_SHEETS), json.dumps(sheets(timeline.theatre, timeline.ledger, progress=progress), ensure_ascii=False)
            )
        for name, blocks in groupby(_by_days(timeline, progress=progress), key=itemgetter(0)):
            with file.open(_member(f"{name}.npy"), "w", force_zip64=True) as member:
                for n, (_, block) in enumerate(blocks):
                    if n == 0:
                        whole = {"descr": np.lib.format.dtype_to_descr(block.dtype), "fortran_order": False}
                        np.lib.format.write_array_header_1_0(member, {**whole, "shape": (len(timeline), *block.shape[1:])})
                    member.write(np.ascontiguousarray(block).tobytes())


def _by_days(timeline: Timeline, *, progress: bool) -> Iterable[tuple[str, Any]]:
    """Give the arrays of a timeline, one after another, by name and some days at a time."""
    step = max(1, _NUMBERS // max(1, timeline.belief[:1].size))
    starts = range(0, len(timeline), step)
    reports = (each.astype("datetime64[D]").astype(np.int64) for each in reports_by_block(timeline, step))
    arrays: dict[str, Iterable[Any]] = {
        "belief": (timeline.belief[first : first + step] for first in starts),
        "history": (timeline.history[first : first + step] for first in starts),
        "last_report": reports,
    }
    named = ((name, block) for name, blocks in arrays.items() for block in blocks)
    return tracked(named, "writing days", shown=progress, total=len(arrays) * len(starts))


def _member(name: str) -> zipfile.ZipInfo:
    """Return a member of a zip that is packed, and bears no time of writing: the same timeline, the same bytes."""
    member = zipfile.ZipInfo(name)
    member.compress_type = zipfile.ZIP_DEFLATED
    return member


def read_saved(path: str | Path, theatre: Theatre | None = None, ledger: Ledger | None = None) -> Timeline:
    """
    Return a saved timeline, over the theatre and the ledger that it keeps, or over those given.

    Raises
    ------
    ExportError
        When the file is no saved timeline, of a later version than this one reads, of another theatre's places or sides, or keeps no
        scenario and none is given.
    """
    name = Path(path).name
    try:
        with zipfile.ZipFile(path) as file:
            head = json.loads(file.read("timeline.json"))
            arrays = {}
            for each in ("belief", "history", "last_report"):
                with file.open(f"{each}.npy") as member:
                    arrays[each] = np.lib.format.read_array(member, allow_pickle=False)
    except (zipfile.BadZipFile, KeyError, ValueError) as problem:
        raise ExportError(f"{name} is no saved timeline: {problem}") from None
    if not 1 <= head.get("qsim_timeline", 0) <= SAVED:
        raise ExportError(f"{name} was saved in version {head.get('qsim_timeline')}; this qsim reads versions up to {SAVED}")
    if theatre is None:
        theatre, ledger = _kept_scenario(Path(path))
    if head["places"] != list(theatre.index) or head["statuses"] != list(theatre.statuses):
        raise ExportError(f"{name} is of the theatre {head['theatre']!r}, whose places or sides differ from those of {theatre.name!r}")
    days = np.datetime64(head["start"], "D") + np.arange(head["days"]).astype("timedelta64[D]")
    reports = arrays["last_report"].astype("datetime64[D]")
    return Timeline(theatre, ledger, days, arrays["belief"], arrays["history"], reports, policy=head["policy"])


def _kept_scenario(path: Path) -> tuple[Theatre, Ledger]:
    try:
        return load(path)
    except ScenarioError as problem:
        raise ExportError(f"{problem}\ngive the theatre (and the ledger) that the timeline was made from") from None


def _flags(theatre: Theatre) -> dict[str, Any]:
    """Return the CF attributes of a status code."""
    meanings = ["undecided", "unknown", *theatre.statuses]
    return {"flag_values": np.arange(-2, len(meanings) - 2, dtype=np.int8), "flag_meanings": " ".join(meanings)}


def _dataset(theatre: Theatre, days: Any, data: dict[str, Any], about: dict[str, Any], **axes: Any) -> "xarray.Dataset":
    library = need("xarray", "an array with names")
    places = theatre.places
    coords = {
        "day": ("day", days.astype("datetime64[ns]"), {"standard_name": "time"}),
        "place": ("place", [place.id for place in places]),
        "name": ("place", [place.name for place in places]),
        "lon": ("place", [place.lon for place in places], {"standard_name": "longitude", "units": "degrees_east"}),
        "lat": ("place", [place.lat for place in places], {"standard_name": "latitude", "units": "degrees_north"}),
    } | {axis: (axis, values) for axis, values in axes.items()}
    sides = {f"side_{side.id}": side.name for side in theatre.sides}
    about = {"source": f"qsim {__version__}", "summary": theatre.summary, **about}
    made: xarray.Dataset = library.Dataset(data, coords, {"Conventions": "CF-1.11", "title": theatre.title, **about, **sides})
    return made
