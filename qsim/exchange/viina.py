"""
VIINA's panels of territorial control: who held each populated place, at each snapshot of the list.

Two layouts. *Wide* (version 1): a row a place, a column `ctr_YYYYMMDDhhmmss` an instant in UTC. *Long* (version 2): a row a place and
day, with `status` (the majority) beside a column for each list that votes, `status_wiki`, `status_boost`, `status_dsm`, `status_isw`;
names and points are then in a table or GeoJSON of their own, keyed by `geonameid`. A status stands from one snapshot to the next, so
each run of equal values becomes one claim; an empty cell ends a run and says nothing. Every cell is counted.

Zhukov, Yuri (2022), VIINA: Violent Incident Information from News Articles, University of Michigan, https://github.com/zhukovyuri/VIINA.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from qsim.exchange.files import ImportProblem, clean, point, read_features, read_instant, read_rows, whole
from qsim.exchange.imported import Imported, Options, Origin
from qsim.exchange.report import Report
from qsim.exchange.runs import runs
from qsim.exchange.vocabulary import CONTESTED, NOTHING, SideNames, vocabulary

SIDES = (SideNames("ukraine", "Ukraine", "#0072B2", ("UA",)), SideNames("russia", "Russia", "#E69F00", ("RU",)))
ORIGINS = (
    Origin(
        "VIINA: Violent Incident Information from News Articles on the 2022 Russian Invasion of Ukraine",
        "Zhukov, Yuri (2022), University of Michigan",
        "ODbL-1.0",
        "https://github.com/zhukovyuri/VIINA",
        share_alike=True,
    ),
    Origin("Names and points of places", "GeoNames", "CC-BY-4.0", "https://www.geonames.org"),
)
KINDS = {"PPLC": "city", "PPLA": "city", "PPLA2": "town", "PPLA3": "town"}
LISTS = {
    "status_wiki": ("viina_wiki", "VIINA: Wikipedia's list of cities", ""),
    "status_boost": ("viina_boost", "VIINA: Wikipedia's list, spread to the places around", "viina_wiki"),
    "status_dsm": ("viina_dsm", "VIINA: DeepStateMap", ""),
    "status_isw": ("viina_isw", "VIINA: maps of the Institute for the Study of War", ""),
}

Seen = dict[tuple[str, str], list[tuple[datetime, str, int]]]


def read(files: Sequence[Path], options: Options) -> Imported:
    """Return the claims of VIINA control panels, wide or long; places of long panels come from a further file with points."""
    found = Imported("viina", "Territorial control after VIINA", Report("viina"), ORIGINS)
    found.vocabulary, _ = vocabulary((), sides=options.sides or SIDES, legend=options.legend, contested=(CONTESTED,))
    panels = [path for path in files if path.suffix.lower() not in (".geojson", ".json") and _is_panel(path)]
    if not panels:
        raise ImportProblem(f"no VIINA panel among {', '.join(map(str, files))}; expected columns ctr_YYYYMMDDhhmmss, or date and status")
    points = {id: place for path in files if path not in panels for id, place in _points(path, found)}
    seen: Seen = {}
    snapshots: dict[str, set[datetime]] = {}
    for path in panels:
        (_read_wide if _is_wide(path) else _read_long)(path, found, options, points, seen, snapshots)
    instants = any(moment.time() != datetime.min.time() for moments in snapshots.values() for moment in moments)
    _add_claims(found, seen, {source: sorted(moments) for source, moments in snapshots.items()}, options, instants=instants)
    if instants:
        found.report.note("instants are UTC, as VIINA gives them; a day of the map is a day in UTC")
    return found


def _is_panel(path: Path) -> bool:
    return any(_is_instant(name) or name == "status" or name in LISTS for name in _header(path))


def _is_wide(path: Path) -> bool:
    return any(_is_instant(name) for name in _header(path))


def _is_instant(name: str) -> bool:
    return re.fullmatch(r"ctr_\d{14}", name) is not None


def _header(path: Path) -> Iterable[str]:
    return next(read_rows(path), (0, {}))[1]


def _place_id(cell: str, found: Imported, at: tuple[str, int]) -> str | None:
    """Return `g703448` for 703448 (`k...` where the panel is keyed by another register), told where R had shortened it to `7e+05`."""
    number = whole(cell)
    if number is None:
        return f"k{clean(cell)}" if re.fullmatch(r"UA\d+", clean(cell)) else None
    if not clean(cell).isdigit():
        found.report.mend(f"id {clean(cell)} read as {number}", at)
    return f"g{number}"


def _add_place(found: Imported, id: str, row: dict[str, str], at: tuple[float, float]) -> None:
    name = clean(row.get("name", "") or row.get("asciiname", ""))
    variants = [clean(each) for each in [row.get("asciiname", ""), *row.get("alternatenames", "").split(",")]]
    code = clean(row.get("feature_code", ""))
    found.place(
        id, name, *at, kind=KINDS.get(code, "village"), geonameid=id[1:] if id.startswith("g") else "",
        variants=[each for each in dict.fromkeys(variants) if each and each != name], source=f"GeoNames {id[1:]}", licence="CC-BY-4.0",
    )  # fmt: skip


def _read_wide(
    path: Path, found: Imported, options: Options, points: dict[str, Any], seen: Seen, snapshots: dict[str, set[datetime]]
) -> None:
    """Read a panel with a column an instant; its unit is the cell."""
    report, source = found.report, found.source("VIINA", id=options.source or "viina")
    cells = report.tally("cell")
    moments: dict[str, datetime] = {}
    rows_of: dict[str, int] = {}
    for line, row in read_rows(path, needs=("geonameid", "longitude", "latitude")):
        at = (path.name, line)
        moments = moments or {name: moment for name in row if _is_instant(name) and (moment := read_instant(name[4:]))}
        cells.read += len(moments)
        id, where = _place_id(row["geonameid"], found, at), point(row["longitude"], row["latitude"])
        if reason := _unusable(id, where, rows_of, options):
            report.drop("cell", reason[0], at, clean(row.get("name", "")), count=len(moments), quarantine=reason[1])
            continue
        assert id is not None
        assert where is not None
        rows_of[id] = line
        _add_place(found, id, row, where)
        for name, moment in moments.items():
            if (status := _status(found, row.get(name, ""), moment, at, "cell", options)) is not None:
                seen.setdefault((source, id), []).append((moment, status, line))
    timely = {moment for moment in moments.values() if not options.untimely(moment.date(), moment.date())}
    snapshots.setdefault(source, set()).update(timely)


def _unusable(id: str | None, where: tuple[float, float] | None, rows_of: dict[str, int], options: Options) -> tuple[str, bool] | None:
    """Return why no cell of a row can be used, and whether somebody should look at it."""
    if id is None:
        return "without a readable id of the place", True
    if id in rows_of:
        return "of a place that has stood in the file before", True
    if where is None:
        return "without a point on the earth", True
    return ("beyond the area asked for", False) if options.outside(*where) else None


def _status(found: Imported, cell: str, moment: datetime, at: tuple[str, int], unit: str, options: Options) -> str | None:
    """Return the status of a cell and count it; None where it says nothing that can be mapped."""
    if options.untimely(moment.date(), moment.date()):
        found.report.drop(unit, "beyond the period asked for", at, quarantine=False)
        return None
    term = clean(cell)
    if term in ("", "NA"):
        found.report.drop(unit, "empty: the list has no value", at, quarantine=False)
        return None
    sign = found.vocabulary.sign(term, moment.date())
    if sign is None:
        found.report.unknown(term, at)
        found.report.drop(unit, "with a status that no map of sides knows", at, term)
        return None
    if sign.status == NOTHING:
        found.report.drop(unit, "of which the legend says that they tell nothing of control", at, quarantine=False)
        return None
    found.report.tally(unit).mapped += 1
    return sign.status


def _points(path: Path, found: Imported) -> Iterable[tuple[str, tuple[dict[str, str], tuple[float, float]]]]:
    """Yield (id, (row, point)) of a table or GeoJSON that gives the points of a long panel's places."""
    if path.suffix.lower() in (".geojson", ".json"):
        from shapely.geometry import shape

        for feature in read_features(path):
            row = {name: str(value) for name, value in (feature.get("properties") or {}).items() if value is not None}
            centre = shape(feature["geometry"]).centroid
            where = point(row.get("longitude", str(centre.x)), row.get("latitude", str(centre.y)))
            if where and (id := _place_id(row.get("geonameid", row.get("kod", "")), found, (path.name, 0))):
                yield id, (row, where)
        return
    for line, row in read_rows(path, needs=("longitude", "latitude")):
        where, id = point(row["longitude"], row["latitude"]), _place_id(row.get("geonameid", row.get("kod", "")), found, (path.name, line))
        if where and id:
            yield id, (row, where)


def _read_long(
    path: Path, found: Imported, options: Options, points: dict[str, Any], seen: Seen, snapshots: dict[str, set[datetime]]
) -> None:
    """Read a panel with a row a place and day; its unit is the cell of each list that votes."""
    report, lists = found.report, list[str]()
    stood: set[tuple[str, datetime]] = set()
    for line, row in read_rows(path, needs=("date",)):
        at = (path.name, line)
        if not lists:
            lists = [name for name in row if re.fullmatch(r"status_\w+", name)] or ["status"]
            sources = {name: _list_source(found, name, options) for name in lists}
            if lists != ["status"]:
                report.note("the column status is the majority of the others and is not taken over as a voice of its own")
        report.tally("cell").read += len(lists)
        id, moment = _place_id(row.get("geonameid", row.get("kod", "")), found, at), read_instant(row["date"])
        if reason := _no_row(found, id, moment, points, stood, options):
            report.drop("cell", reason[0], at, clean(row.get("geonameid", "")), count=len(lists), quarantine=reason[1])
            continue
        assert id is not None
        assert moment is not None
        stood.add((id, moment))
        for name in lists:
            if not options.untimely(moment.date(), moment.date()):
                snapshots.setdefault(sources[name], set()).add(moment)
            if (status := _status(found, row.get(name, ""), moment, at, "cell", options)) is not None:
                seen.setdefault((sources[name], id), []).append((moment, status, line))


def _no_row(
    found: Imported, id: str | None, moment: datetime | None, points: dict[str, Any], stood: set[tuple[str, datetime]], options: Options
) -> tuple[str, bool] | None:
    """Return why no cell of a long panel's row can be used; the place is added where one can."""
    if moment is None:
        return "without a readable date", True
    if id is None:
        return "without a readable id of the place", True
    if (id, moment) in stood:
        return "of a place and day that have stood in the file before", True
    if id not in points:
        return "of a place without a point: name a table or GeoJSON of the places as a further file", True
    if options.outside(*points[id][1]):
        return "beyond the area asked for", False
    _add_place(found, id, *points[id])
    return None


def _list_source(found: Imported, column: str, options: Options) -> str:
    """Return the source that a column of a long panel stands for; a list made from another has it as its origin."""
    if column == "status":
        return found.source("VIINA", id=options.source or "viina")
    id, name, origin = LISTS.get(column, (column.replace("status_", "viina_"), f"VIINA: {column.removeprefix('status_')}", ""))
    if origin:
        found.source(LISTS["status_wiki"][1], id=origin)
    return found.source(name, id=id, origin=origin)


def _add_claims(found: Imported, seen: Seen, snapshots: dict[str, list[datetime]], options: Options, *, instants: bool) -> None:
    """Add one claim for each run of equal statuses of a place in a list; ids number the runs of a place in time."""
    several = len(snapshots) > 1
    for (source, place), statuses in seen.items():
        for number, run in enumerate(runs(statuses, snapshots[source], longest_gap=options.longest_gap), 1):
            id = f"{place}-{source}-{number:04d}" if several else f"{place}-{number:04d}"
            found.state(id, place, source, run, instants=instants, confidence="stated", cites=f"record:{source}/{place[1:]}")
