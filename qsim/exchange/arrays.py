"""Beliefs and histories as labelled arrays: xarray, NetCDF and Zarr, with CF time; and a timeline kept in one file and read back."""

import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qsim import __version__
from qsim.belief.timeline import Ensemble, Timeline
from qsim.exchange.extras import ExportError, need
from qsim.exchange.spans import licences
from qsim.exchange.workbook import sheets
from qsim.record.ledger import Ledger
from qsim.record.progress import tracked
from qsim.record.scenario import ScenarioError, load
from qsim.record.sheets import KEPT_SHEETS
from qsim.record.theatre import Theatre

if TYPE_CHECKING:
    import xarray

SAVED = 2  # the version of a saved timeline; later versions of qsim read all earlier ones
_CHUNK = 2048  # places a chunk: a place's whole course is read at once


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
    theatre = timeline.theatre
    last = np.where(np.isnat(timeline.last_report), -1, (timeline.last_report - timeline.days[0]).astype(np.int64))
    data = {
        "belief": (
            ("day", "place", "status"),
            np.asarray(timeline.belief, dtype=np.float32),
            {"units": "1", "long_name": "probability of the status"},
        ),
        "most_likely": (("day", "place"), timeline.status, _flags(theatre)),
        "last_report": (
            ("day", "place"),
            last.astype(np.int32),
            {"long_name": "last report, as days after the first day; below it, before", "none": -1},
        ),
    }
    about = {"policy": timeline.policy, "claims": 0 if timeline.ledger is None else len(timeline.ledger)}
    return _dataset(theatre, timeline.days, data, about | {"license": licences(timeline)}, status=list(timeline.statuses))


def histories_to_xarray(ensemble: Ensemble) -> "xarray.Dataset":
    """Return histories as a Dataset: `status` (run, day, place) int8, a position in `flag_meanings`, -1 where nothing is known."""
    data = {"status": (("run", "day", "place"), ensemble.status, _flags(ensemble.theatre))}
    return _dataset(ensemble.theatre, ensemble.days, data, {}, run=np.arange(len(ensemble)))


def write_arrays(timeline: Timeline, path: Path, suffix: str, *, progress: bool = False) -> None:
    """Write the Dataset of a belief as NetCDF-4 (`.nc`) or as a Zarr store (`.zarr`), chunked by place; Zarr block of places by block."""
    made = to_xarray(timeline)
    chunks = {"day": len(timeline), "place": min(_CHUNK, len(timeline.theatre.places)), "status": len(timeline.statuses)}
    shape = tuple(chunks[axis] for axis in ("day", "place", "status"))
    if suffix == ".nc":
        need("h5netcdf", "a NetCDF file")
        made.to_netcdf(path, engine="h5netcdf", encoding={"belief": {"zlib": True, "chunksizes": shape}})
        return
    need("zarr", "a Zarr store")
    over_time = {name: {"chunks": shape[:2]} for name in ("most_likely", "last_report")}
    for first in tracked(range(0, made.sizes["place"], _CHUNK), "writing places", shown=progress):
        block = made.isel(place=slice(first, first + _CHUNK))
        how = {"append_dim": "place"} if first else {"mode": "w", "encoding": {"belief": {"chunks": shape}, **over_time}}
        block.to_zarr(path, zarr_format=2, consolidated=True, **how)


def save(timeline: Timeline, path: Path) -> None:
    """
    Write a timeline into one file: its arrays, and the days, places and statuses they belong to, as a zip of `.npy` and JSON.

    The file holds no code and is never unpickled. The scenario is in it where the timeline has a ledger, as the sheets of a workbook.
    """
    arrays = {
        "belief": timeline.belief,
        "history": timeline.history,
        "last_report": timeline.last_report.astype("datetime64[D]").astype(np.int64),
    }
    head = {
        "qsim_timeline": SAVED, "theatre": timeline.theatre.name, "policy": timeline.policy, "start": str(timeline.days[0]),
        "days": len(timeline), "places": list(timeline.theatre.index), "statuses": list(timeline.statuses),
    }  # fmt: skip
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(_member("timeline.json"), json.dumps(head, ensure_ascii=False, indent=1))
        if timeline.ledger is not None:
            file.writestr(_member(KEPT_SHEETS), json.dumps(sheets(timeline.theatre, timeline.ledger), ensure_ascii=False))
        for name, array in arrays.items():
            with file.open(_member(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.ascontiguousarray(array), allow_pickle=False)


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
    days = np.datetime64(head["start"], "D") + np.arange(head["days"])
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
