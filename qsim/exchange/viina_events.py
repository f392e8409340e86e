"""
VIINA's event reports: news items, placed on the map and classified by machine, a row a report and location.

A report that territory came under control becomes `takes`, by the one side that its labels name, unconfirmed; combat becomes `contests`;
shelling and air strikes `bombards`; other military matters `other`. Reports that are not of military operations are left aside, and so
are further reports of the same medium, place, day and kind. The labels may stand in a file of their own (version 2), joined by event_id.
`GEO_PRECISION` of a province or district is told of a group.

Zhukov, Yuri (2022), VIINA: Violent Incident Information from News Articles, University of Michigan, https://github.com/zhukovyuri/VIINA.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from qsim.exchange.events import Areas, row_id
from qsim.exchange.files import clean, number, point, read_day, read_rows, slug
from qsim.exchange.imported import Imported, Options, Origin, cited
from qsim.exchange.report import Report
from qsim.exchange.viina import ORIGINS, SIDES
from qsim.exchange.vocabulary import vocabulary

COMBAT = ("t_firefight", "t_armor", "t_raid")
REMOTE = ("t_artillery", "t_airstrike", "t_ied", "t_uav")
CONTROL = ("t_control", "t_occupy")
# Radius of trust of each precision, km; those without one are an area of the depth given.
PRECISE_KM = {"STREET": 0.5, "HOUSE": 0.1, "EXACT": 0.1, "NUMBER": 0.1, "RANGE": 0.5, "NEAR": 0.5, "OTHER": 5.0, "ADM3": 5.0, "CITY": 5.0}
AREAS = {"ADM2": 3, "DISTRICT": 3, "ADM1": 2, "PROVINCE": 2, "ADM0": 1, "COUNTRY": 1}
KINDS = {"24tvua": "press", "liveuamap": "monitor", "ria": "government_media"}


@dataclass(frozen=True, slots=True)
class Event:
    """One usable report: where it stands, its cells, point, day and precision."""

    at: tuple[str, int]
    cells: dict[str, str]
    where: tuple[float, float]
    day: date
    precision: str

    def is_about(self, *labels: str) -> bool:
        """Return whether the machine gave the report any of these labels."""
        return any(number(self.cells.get(f"{label}_b", "")) == 1 for label in labels)

    @property
    def id(self) -> str:
        """The id that VIINA gives the report."""
        return row_id(self.cells["event_id"], self.at)

    @property
    def area(self) -> list[str]:
        """Country, province and district."""
        names = [clean(self.cells.get(name, "")) for name in ("ADM1_NAME", "ADM2_NAME")]
        return ["Ukraine", *names][: AREAS.get(self.precision, 3)]

    @property
    def name(self) -> str:
        """The name of the place: the first part of its address."""
        return clean(self.cells.get("asciiname", "") or self.cells.get("address", "").partition(",")[0])


def read(files: Sequence[Path], options: Options) -> Imported:
    """Return the claims of VIINA event files; files of labels join those of reports by `event_id`."""
    report, areas = Report("events"), Areas()
    found = Imported(
        "events",
        "Events after VIINA",
        report,
        (Origin(ORIGINS[0].title, ORIGINS[0].attribution, "ODbL-1.0", ORIGINS[0].address, share_alike=True),),
    )
    found.vocabulary, _ = vocabulary((), sides=options.sides or SIDES)
    tables = [(path, list(read_rows(path, needs=("event_id",)))) for path in files]
    labels = {row["event_id"]: row for _, rows in tables for _, row in rows if "longitude" not in row}
    events = [
        event
        for path, rows in tables
        for line, row in rows
        if "longitude" in row and (event := _event((path.name, line), row | labels.get(row["event_id"], {}), report, options))
    ]
    if labels:
        report.note(f"{len(labels):,} rows of labels were joined to the reports by event_id")
    found.source("VIINA", id="viina")
    places = {}
    for event in events:
        if event.precision in PRECISE_KM:
            km = PRECISE_KM[event.precision]
            places[event.at] = found.place_named(event.name, *event.where, within_km=max(1.0, km), source="VIINA", precision_km=km)
            areas.add(places[event.at], event.area)
    told: set[tuple[str, str, date, str]] = set()
    for event in events:
        _claim(found, event, places, areas, told)
    report.note("the labels are a machine's; the day is that of the report, local time")
    return found


def _event(at: tuple[str, int], row: dict[str, str], report: Report, options: Options) -> Event | None:
    """Return a row that can be used, counted as read; or None, with the reason reported."""
    report.tally("row").read += 1
    where, day = point(row["longitude"], row.get("latitude", "")), read_day(row.get("date", ""))
    precision = clean(row.get("GEO_PRECISION", "")).upper() or "OTHER"
    name = clean(row.get("address", ""))
    if where is None:
        report.drop("row", "without a point on the earth", at, name)
    elif day is None:
        report.drop("row", "without a readable day", at, row.get("date", ""))
    elif precision not in PRECISE_KM and precision not in AREAS:
        report.unknown(f"GEO_PRECISION {precision}", at)
        report.drop("row", "with a precision that the codebook does not know", at, f"{name}: {precision}")
    elif options.outside(*where) or options.untimely(day, day):
        report.drop("row", "beyond the area or period asked for", at, name, quarantine=False)
    elif "t_mil_b" not in row:
        report.drop("row", "without labels: name the file of labels as well", at, row["event_id"])
    elif number(row["t_mil_b"]) != 1:
        report.drop("row", "not about military operations, says the machine", at, quarantine=False)
    else:
        return Event(at, row, where, day, precision)
    return None


def _claim(found: Imported, event: Event, places: dict[tuple[str, int], str], areas: Areas, told: set[tuple[str, str, date, str]]) -> None:
    """Add the claim of one report, unless its medium has said the same before."""
    report, medium = found.report, clean(event.cells.get("source", "")) or "unnamed medium"
    place = places.get(event.at) or areas.group(found, event)
    if place is None:
        return
    kind, side = _kind(event)
    if kind == "takes" and event.at not in places:
        report.mend("control changed somewhere in an area: told as fighting there", event.at)
        kind, side = "contests", ""
    source = found.source(medium, id=f"s_{slug(medium)}", kind=KINDS.get(medium, "press"))
    if (key := (source, place, event.day, f"{kind} {side}")) in told:
        report.drop("row", "that repeat a report of the same medium, place, day and kind", event.at, quarantine=False)
        return
    told.add(key)
    report.tally("row").mapped += 1
    cites = cited(f"record:viina/{event.id}", clean(event.cells.get("url", "")), report, event.at)
    found.claim(f"viina-{event.id}-{event.at[1]}", place, kind, source, str(event.day), side=side,
                confidence="unconfirmed" if kind == "takes" else "stated", cites=cites)  # fmt: skip


def _kind(event: Event) -> tuple[str, str]:
    """Return what kind of claim a report makes, and of which side; control only where one side alone is named."""
    actors = [side for label, side in (("a_ukr", "ukraine"), ("a_rus", "russia")) if event.is_about(label)]
    side = actors[0] if len(actors) == 1 else ""
    if event.is_about(*CONTROL) and side:
        return "takes", side
    if event.is_about(*COMBAT, *CONTROL):
        return "contests", ""
    if event.is_about(*REMOTE):
        return "bombards", side
    return "other", ""
