"""What an importer hands over: the rows of a scenario's tables, where they come from, and the report of what became of every record."""

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qsim.exchange.files import ImportProblem, clean, read_day, slug
from qsim.exchange.points import read_area
from qsim.exchange.report import Report
from qsim.exchange.runs import LONGEST_GAP, Run
from qsim.exchange.vocabulary import CONTESTED, Vocabulary
from qsim.record.citations import Citation, CitationError, split
from qsim.record.dates import DateError, parse_edtf
from qsim.record.geometry import distance_km

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

Cells = dict[str, str]
SAME_PLACE_KM = 1.0


@dataclass(frozen=True, slots=True)
class Options:
    """
    What a user may say of an import; every format takes what concerns it.

    `sides` and `legend` are TOML files; `area` a polygon in degrees beyond which nothing is taken over; `start` and `end` the days
    beyond which nothing is, both included; `into` the scenario that it is added to, whose places and sides a table may name; `places` a table, GeoJSON or scenario of points; `grid_km` the mesh of a grid in their
    stead; `dates` the days of files that do not carry one; `label` the property that a legend explains; `columns` the columns of a
    table, and `kinds` the kinds of claim that words of it stand for; `longest_gap` what may lie between two snapshots of one run; `source` and `licence` who speaks, and on what terms.
    """

    sides: Path | None = None
    legend: Path | None = None
    area: "BaseGeometry | None" = None
    start: date | None = None
    end: date | None = None
    into: Path | None = None
    places: Path | None = None
    grid_km: float | None = None
    dates: tuple[str, ...] = ()
    label: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    longest_gap: timedelta = LONGEST_GAP
    source: str = ""
    licence: str = ""

    def outside(self, lon: float, lat: float) -> bool:
        """Return whether a point lies beyond the area asked for."""
        if self.area is None:
            return False
        import shapely

        return not shapely.intersects_xy(self.area, lon, lat)

    def untimely(self, first: date, last: date) -> bool:
        """Return whether the days `first` to `last` lie wholly beyond the period asked for."""
        return (self.start is not None and last < self.start) or (self.end is not None and first > self.end)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where imported rows come from: what to cite, on what terms; `share_alike` when what is made of it must keep them."""

    title: str
    attribution: str
    licence: str
    address: str = ""
    share_alike: bool = False


@dataclass(slots=True)
class Imported:
    """
    The outcome of reading files of one format; `write` in `qsim.exchange.writing` makes a scenario folder of it.

    `places`, `groups` and `sources` go by id, `claims` in the order read; cells are spelt as the scenario's files spell them. `first` and
    `last` are the days that claims speak of; `drafted` is whether the sides were made of the terms met, for want of a map of sides;
    `stood` the file and row of a claim by its id, where a row made it alone; `unknown_kinds` the words for kinds of claim that nothing explains; `added` how many
    places and sources a scenario that it was added to did not have.
    """

    format: str
    title: str
    report: Report
    origins: tuple[Origin, ...]
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    places: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: dict[str, Cells] = field(default_factory=dict)
    sources: dict[str, Cells] = field(default_factory=dict)
    claims: list[Cells] = field(default_factory=list)
    first: date = date.max
    last: date = date.min
    drafted: bool = False
    stood: dict[str, tuple[str, int]] = field(default_factory=dict)
    unknown_kinds: list[str] = field(default_factory=list)
    added: dict[str, int] | None = None
    _named: dict[str, list[str]] = field(default_factory=dict)
    _claim_ids: set[str] = field(default_factory=set)

    def __repr__(self) -> str:
        return f"Imported({self.format}: {len(self.places)} places, {len(self.sources)} sources, {len(self.claims)} claims)"

    def place(self, id: str, name: str, lon: float, lat: float, **more: Any) -> str:
        """Add a place, unless one of this id is there, and return the id; `more` are further properties of places.geojson."""
        if id not in self.places:
            self.places[id] = {"id": id, "name": clean(name) or id, "lon": lon, "lat": lat, **{k: v for k, v in more.items() if v}}
            self._named.setdefault(clean(name).casefold(), []).append(id)
        return id

    def place_named(self, name: str, lon: float, lat: float, *, prefix: str = "", within_km: float = SAME_PLACE_KM, **more: Any) -> str:
        """Return the id of the place of this name at this point, added when new: the same name further away is another place."""
        for id in self._named.get(clean(name).casefold(), ()):
            known = self.places[id]
            if distance_km((lon, lat), (known["lon"], known["lat"])) <= within_km:
                return id
        return self.place(free_id(prefix + slug(name), self.places), name, lon, lat, **more)

    def places_called(self, name: str) -> list[str]:
        """Return the ids of all places of a name."""
        return self._named.get(clean(name).casefold(), [])

    def source(self, name: str, *, id: str = "", kind: str = "monitor", origin: str = "", note: str = "") -> str:
        """Add a source, unless it is there, and return its id."""
        name = clean(name) or "unnamed source"
        id = id or slug(name)
        self.sources.setdefault(id, {"id": id, "name": name, "kind": kind, "side": "", "origin": origin, "note": note})
        return id

    def claim(self, id: str, place: str, kind: str, source: str, start: str, **more: str) -> None:
        """Add a claim; `more` are further columns of claims.csv."""
        id = free_id(re.sub(r"[^\w-]+", "_", id), self._claim_ids)
        self._claim_ids.add(id)
        cells = {"id": id, "place": place, "kind": kind, "source": source, "start": start}
        self.claims.append(cells | {name: value for name, value in more.items() if value})
        for text in filter(None, (start, more.get("end", ""))):
            self._spoken_of(text)

    def state(self, id: str, place: str, source: str, run: Run, *, instants: bool, **more: str) -> None:
        """
        Add the claim that a run makes: `holds` by a side, or `contests`.

        Its window is the snapshots that show it, the list's last one included: of later days the list says nothing. It is known from the
        first of them, so that who looks back at a day within it finds the place as the list had it, not as unknown.
        """
        kind, side = ("contests", "") if run.status == CONTESTED else ("holds", run.status)
        start, end = (spelt(moment, instants=instants) for moment in (run.start, run.end))
        more.setdefault("reported", f"{run.start:%Y-%m-%d}" if run.end > run.start else "")
        self.claim(id, place, kind, source, start, side=side, end=end if end != start else "", **more)

    def put_aside(self, wrong: Mapping[int, str]) -> None:
        """Take claims out by their positions, with what is wrong with each; a row that made no other is put aside in the report."""
        gone = {self.stood[self.claims[n]["id"]]: (what, self.claims[n]) for n, what in wrong.items()}
        self.claims = [cells for n, cells in enumerate(self.claims) if n not in wrong]
        left = {self.stood.get(cells["id"]) for cells in self.claims}
        for at, (what, cells) in gone.items():
            if at in left:
                self.report.mend(f"by one of its sources {what}: left out", at)
                continue
            self.report.tally("row").mapped -= 1
            self.report.drop("row", f"of which no claim can be made: {what}", at, f"{cells['place']}: {cells['kind']}")

    def tell_shared_points(self) -> None:
        """Note in the report which places lie on one point: they may be one place twice, or two with one wrong point."""
        bearers: dict[tuple[float, float], list[str]] = {}
        for place in self.places.values():
            bearers.setdefault((place["lon"], place["lat"]), []).append(place["name"])
        shared = [
            f"{' and '.join(names[:3])}{f' and {len(names) - 3:,} more' if len(names) > 3 else ''}"
            for names in bearers.values()
            if len(names) > 1
        ]
        if shared:
            rest = f", and {len(shared) - 10} more" if len(shared) > 10 else ""
            self.report.note(f"{len(shared):,} points bear more than one place: {'; '.join(shared[:10])}{rest}")

    def ask_about_terms(self) -> None:
        """Note for each term that nobody knows, and that is nearly one that is known, whether that was meant; nothing is taken for it."""
        for term in self.report.unmapped:
            if meant := self.vocabulary.meant(term):
                self.report.note(f"{term!r} is not known and was left out; did you mean {meant!r}? a map of sides may name it")

    def _spoken_of(self, text: str) -> None:
        """Widen the days that claims speak of by those of a date; one that is none is said by the check."""
        try:
            window = parse_edtf(text)
        except DateError:
            return
        for day in [window.start] * (not window.open_start) + [window.end] * (not window.open_end):
            self.first, self.last = min(self.first, day), max(self.last, day)

    def group(self, id: str, name: str, members: Iterable[str], note: str) -> str:
        """Add a group of places, and return its id."""
        cells = {"id": id, "name": clean(name), "members": ";".join(sorted(set(members))), "basis": "estimated", "note": note}
        self.groups[id] = cells
        return id


def cited(record: str, text: str, report: Report, at: tuple[str, int]) -> str:
    """
    Return what a claim rests on: its record, and the references beside it, where they are addresses or name a work.

    What else a table holds for a reference - a footnote's number, a word - points at nothing in a scenario, and is left out.
    """
    kept = []
    for each in split(text):
        try:
            if Citation.parse(each).kind in ("sentence", "record"):
                raise CitationError(each)
            kept.append(each)
        except CitationError:
            report.mend("a reference that is neither an address nor a work: left out", at)
    return ";".join([record, *kept])


def spelt(moment: datetime, *, instants: bool) -> str:
    """Return a moment as claims.csv spells it: the day, or the instant in UTC."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if instants else f"{moment:%Y-%m-%d}"


def options(
    *,
    sides: str | Path | None = None,
    legend: str | Path | None = None,
    area: str | None = None,
    start: str | date | None = None,
    end: str | date | None = None,
    places: str | Path | None = None,
    into: str | Path | None = None,
    longest_gap_days: float | None = None,
    **more: Any,
) -> Options:
    """
    Return options from what a user writes: paths and days as text, an area as `west,south,east,north` or a GeoJSON file.

    Raises
    ------
    ImportProblem
        When a day or an area cannot be read.
    """
    days = []
    for text in (start, end):
        day = read_day(str(text)) if text is not None else None
        if text is not None and day is None:
            raise ImportProblem(f"{text!r} is not a day; expected one such as 2022-03-26")
        days.append(day)
    paths = [Path(each) if each is not None else None for each in (sides, legend, places, into)]
    if longest_gap_days is not None:
        more["longest_gap"] = timedelta(days=longest_gap_days)
    return Options(sides=paths[0], legend=paths[1], places=paths[2], into=paths[3], area=_area(area), start=days[0], end=days[1], **more)


def _area(text: str | None) -> "BaseGeometry | None":
    if text is None:
        return None
    import shapely

    try:
        edges = [float(edge) for edge in text.split(",")]
    except ValueError:
        return read_area(Path(text))
    if len(edges) != 4 or not (edges[0] < edges[2] and edges[1] < edges[3]):
        raise ImportProblem(f"the area {text!r} is not west,south,east,north in degrees, nor a GeoJSON file")
    west, south, east, north = edges
    return shapely.box(west, south, east, north)


def free_id(id: str, taken: Container[str]) -> str:
    """Return the id, or the first of id_2, id_3, ... that nobody has."""
    number, free = 1, id
    while free in taken:
        number += 1
        free = f"{id}_{number}"
    return free
