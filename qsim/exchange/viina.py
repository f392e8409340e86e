"""
VIINA's panels of territorial control: who held each populated place, at each snapshot of the list.

Two layouts. *Wide* (version 1): a row a place, a column `ctr_YYYYMMDDhhmmss` an instant in UTC. *Long* (version 2): a row a place and
day, with `status` (the majority) beside a column for each list that votes, `status_wiki`, `status_boost`, `status_dsm`, `status_isw`;
names and points are then in a table or GeoJSON of their own, keyed by `geonameid`. A status stands from one snapshot to the next, so
each run of equal values becomes one claim; an empty cell ends a run and says nothing. Every cell is counted.

Zhukov, Yuri (2022), VIINA: Violent Incident Information from News Articles, University of Michigan, https://github.com/zhukovyuri/VIINA.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from qsim.exchange.files import ImportProblem, clean, point, read_features, read_instant, read_rows, whole
from qsim.exchange.imported import Imported, Options, Origin
from qsim.exchange.report import Report
from qsim.exchange.runs import Stretch, extend, joined
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


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a cell says: a status, or why it says none, and whether somebody should look at it."""

    status: str | None
    reason: str = ""
    quarantine: bool = False


@dataclass(slots=True)
class Panel:
    """What is gathered while panels are read: the instants of each list, and by list and place the stretches of one status."""

    found: Imported
    options: Options
    snapshots: dict[str, list[datetime]] = field(default_factory=dict)
    places: dict[str, tuple[dict[str, str], tuple[float, float]]] = field(default_factory=dict)
    stretches: dict[tuple[str, str], list[Stretch]] = field(default_factory=dict)
    _meanings: dict[tuple[str, date | None], Meaning] = field(default_factory=dict)

    def meaning(self, cell: str, day: date) -> Meaning:
        """Return what a cell says on a day; the same cell is looked up once, or once a day where a legend has dates."""
        key = cell, day if self.found.vocabulary.signs else None
        if key not in self._meanings:
            self._meanings[key] = self._look_up(clean(cell), day)
        return self._meanings[key]

    def _look_up(self, term: str, day: date) -> Meaning:
        if term in ("", "NA"):
            return Meaning(None, "empty: the list has no value")
        sign = self.found.vocabulary.sign(term, day)
        if sign is None:
            return Meaning(None, "with a status that no map of sides knows", quarantine=True)
        if sign.status == NOTHING:
            return Meaning(None, "of which the legend says that they tell nothing of control")
        return Meaning(sign.status)

    def enter(self, source: str, place: str, cells: Iterable[tuple[int, str, Meaning]], at: tuple[str, int]) -> None:
        """Count neighbouring cells of one place in one list, given as (position among the snapshots, cell, what it says)."""
        report, stretches = self.found.report, self.stretches.setdefault((source, place), [])
        for meaning, group in groupby(cells, key=itemgetter(2)):
            same = list(group)
            if meaning.status is not None:
                report.tally("cell").mapped += len(same)
                for first, last in _spans([position for position, _, _ in same]):
                    extend(stretches, first, last, meaning.status, at[1])
                continue
            term = clean(same[0][1])
            report.drop("cell", meaning.reason, at, term, count=len(same), quarantine=meaning.quarantine)
            if meaning.quarantine:
                report.unknown(term, at)


def read(files: Sequence[Path], options: Options) -> Imported:
    """Return the claims of VIINA control panels, wide or long; places of long panels come from a further file with points."""
    found = Imported("viina", "Territorial control after VIINA", Report("viina"), ORIGINS)
    found.vocabulary, _ = vocabulary((), sides=options.sides or SIDES, legend=options.legend, contested=(CONTESTED,))
    headers = {path: _header(path) for path in files if path.suffix.lower() not in (".geojson", ".json")}
    panels = [path for path, header in headers.items() if any(_is_instant(name) or name == "status" or name in LISTS for name in header)]
    if not panels:
        raise ImportProblem(f"no VIINA panel among {', '.join(map(str, files))}; expected columns ctr_YYYYMMDDhhmmss, or date and status")
    panel = Panel(found, options)
    panel.places = {id: place for path in files if path not in panels for id, place in _points(path, found)}
    wide = [path for path in panels if any(_is_instant(name) for name in headers[path])]
    moments = {path: _instants_of(path, headers[path], options) for path in panels}
    for path in panels:
        for source in [_wide_source(found, options)] if path in wide else _lists(found, headers[path], options).values():
            panel.snapshots[source] = sorted({*panel.snapshots.get(source, ()), *moments[path]})
    for path in panels:
        (_read_wide if path in wide else _read_long)(path, panel)
    _add_claims(panel)
    return found


def _header(path: Path) -> list[str]:
    return list(next(read_rows(path), (0, {}))[1])


def _is_instant(name: str) -> bool:
    return re.fullmatch(r"ctr_\d{14}", name) is not None


def _instants_of(path: Path, header: Sequence[str], options: Options) -> set[datetime]:
    """Return the instants of a panel within the period asked for: those of its columns, or of its dates."""
    texts = {name[4:] for name in header if _is_instant(name)} or {row.get("date", "") for _, row in read_rows(path, needs=("date",))}
    read = {moment for text in texts if (moment := read_instant(text)) is not None}
    return {moment for moment in read if not options.untimely(moment.date(), moment.date())}


def _place_id(cell: str, found: Imported, at: tuple[str, int]) -> str | None:
    """Return `g703448` for 703448 (`k...` where the panel is keyed by another register), told where R had shortened it to `7e+05`."""
    number = whole(cell)
    if number is None:
        return f"k{clean(cell)}" if re.fullmatch(r"UA\d+", clean(cell)) else None
    if not clean(cell).isdecimal():
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


def _wide_source(found: Imported, options: Options) -> str:
    return found.source("VIINA", id=options.source or "viina")


def _read_wide(path: Path, panel: Panel) -> None:
    """Read a panel with a column an instant; its unit is the cell."""
    found, options = panel.found, panel.options
    source = _wide_source(found, options)
    position = {moment: i for i, moment in enumerate(panel.snapshots[source])}
    instants = [(name, moment) for name in _header(path) if _is_instant(name) and (moment := read_instant(name[4:])) is not None]
    columns = [(name, position[moment], moment.date()) for name, moment in instants if moment in position]
    late = len(instants) - len(columns)
    rows_of: dict[str, int] = {}
    for line, row in read_rows(path, needs=("geonameid", "longitude", "latitude")):
        at = (path.name, line)
        found.report.tally("cell").read += len(instants)
        id, where = _place_id(row["geonameid"], found, at), point(row["longitude"], row["latitude"])
        if reason := _unusable(id, where, rows_of, options):
            found.report.drop("cell", reason[0], at, clean(row.get("name", "")), count=len(instants), quarantine=reason[1])
            continue
        assert id is not None
        assert where is not None
        rows_of[id] = line
        _add_place(found, id, row, where)
        if late:
            found.report.drop("cell", "beyond the period asked for", at, count=late, quarantine=False)
        cells = ((place, cell := row.get(name, ""), panel.meaning(cell, day)) for name, place, day in columns)
        panel.enter(source, id, cells, at)


def _unusable(id: str | None, where: tuple[float, float] | None, rows_of: dict[str, int], options: Options) -> tuple[str, bool] | None:
    """Return why no cell of a row can be used, and whether somebody should look at it."""
    if id is None:
        return "without a readable id of the place", True
    if id in rows_of:
        return "of a place that has stood in the file before", True
    if where is None:
        return "without a point on the earth", True
    return ("beyond the area asked for", False) if options.outside(*where) else None


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


def _read_long(path: Path, panel: Panel) -> None:
    """Read a panel with a row a place and day; its unit is the cell of each list that votes."""
    found, options = panel.found, panel.options
    lists = _lists(found, _header(path), options)
    if list(lists) != ["status"]:
        found.report.note("the column status is the majority of the others and is not taken over as a voice of its own")
    position = {source: {moment: i for i, moment in enumerate(panel.snapshots[source])} for source in lists.values()}
    stood: dict[str, bytearray] = {}
    cells = found.report.tally("cell")
    moments: dict[str, datetime | None] = {}
    ids: dict[str, str | None] = {}
    for line, row in read_rows(path, needs=("date",)):
        at, text, key = (path.name, line), row["date"], row.get("geonameid", row.get("kod", ""))
        cells.read += len(lists)
        if text not in moments:
            moments[text] = read_instant(text)
        if key not in ids:
            ids[key] = _place_id(key, found, at)
        id, moment = ids[key], moments[text]
        if reason := _no_row(panel, id, moment, position, stood):
            found.report.drop("cell", reason[0], at, clean(row.get("geonameid", "")), count=len(lists), quarantine=reason[1])
            continue
        assert id is not None
        assert moment is not None
        day = moment.date()
        for name, source in lists.items():
            meaning = panel.meaning(cell := row.get(name, ""), day)
            if meaning.status is None:
                panel.enter(source, id, [(0, cell, meaning)], at)
                continue
            cells.mapped += 1
            of_place = source, id
            extend(panel.stretches.setdefault(of_place, []), position[source][moment], position[source][moment], meaning.status, line)


def _no_row(
    panel: Panel, id: str | None, moment: datetime | None, position: dict[str, dict[datetime, int]], stood: dict[str, bytearray]
) -> tuple[str, bool] | None:
    """Return why no cell of a long panel's row can be used; where one can, the place is added and the row noted as seen."""
    if moment is None:
        return "without a readable date", True
    if id is None:
        return "without a readable id of the place", True
    if id not in panel.places:
        return "of a place without a point: name a table or GeoJSON of the places as a further file", True
    row, where = panel.places[id]
    if panel.options.outside(*where):
        return "beyond the area asked for", False
    positions = next(iter(position.values()))
    if moment not in positions:
        return "beyond the period asked for", False
    seen = stood.setdefault(id, bytearray(len(positions)))
    if seen[positions[moment]]:
        return "of a place and day that have stood in the file before", True
    seen[positions[moment]] = 1
    if id not in panel.found.places:
        _add_place(panel.found, id, row, where)
    return None


def _lists(found: Imported, header: Sequence[str], options: Options) -> dict[str, str]:
    """Return the source of each column of a long panel that votes, or of the majority where it stands alone."""
    names = [name for name in header if re.fullmatch(r"status_\w+", name)] or ["status"]
    return {name: _list_source(found, name, options) for name in names}


def _list_source(found: Imported, column: str, options: Options) -> str:
    """Return the source that a column of a long panel stands for; a list made from another has it as its origin."""
    if column == "status":
        return found.source("VIINA", id=options.source or "viina")
    id, name, origin = LISTS.get(column, (column.replace("status_", "viina_"), f"VIINA: {column.removeprefix('status_')}", ""))
    if origin:
        found.source(LISTS["status_wiki"][1], id=origin)
    return found.source(name, id=id, origin=origin)


def _add_claims(panel: Panel) -> None:
    """Add one claim for each run of equal statuses of a place in a list; ids number the runs of a place in time."""
    found, several = panel.found, len(panel.snapshots) > 1
    instants = any(moment.time() != datetime.min.time() for moments in panel.snapshots.values() for moment in moments)
    for (source, place), stretches in panel.stretches.items():
        for number, run in enumerate(joined(stretches, panel.snapshots[source], longest_gap=panel.options.longest_gap), 1):
            id = f"{place}-{source}-{number:04d}" if several else f"{place}-{number:04d}"
            found.state(id, place, source, run, instants=instants, confidence="stated", cites=f"record:{source}/{place[1:]}")
    if instants:
        found.report.note("instants are UTC, as VIINA gives them; a day of the map is a day in UTC")


def _spans(positions: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of each row of neighbouring positions."""
    first = 0
    for i in range(1, len(positions) + 1):
        if i == len(positions) or positions[i] != positions[i - 1] + 1:
            yield positions[first], positions[i - 1]
            first = i
