"""
The Georeferenced Event Dataset of the Uppsala Conflict Data Program (GED): events of violence with a place, a time and a toll.

An event tells of fighting, not of who holds a place. It becomes a `contests` claim by each source that its row names (state-based and
non-state violence; not one-sided violence), and `casualties` claims by UCDP, who made the estimate. `where_prec` 1 is the place itself,
2 near it (fighting at its edge); 3 to 6 are the district, the province, a stretch or the country, and never touch a single village:
such an event is told of a group. The event lies on some day from `date_start` to `date_end`. Rows whose low, best and high estimates
are out of order are put aside.

Sundberg and Melander (2013), Journal of Peace Research 50(4); codebook: https://ucdp.uu.se/downloads/.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from qsim.exchange.events import Areas, fighting, named_place, once, ordered, row_id, some_day
from qsim.exchange.files import clean, point, read_day, read_rows, slug, whole
from qsim.exchange.imported import Imported, Options, Origin
from qsim.exchange.report import Report
from qsim.exchange.vocabulary import vocabulary

ORIGINS = (
    Origin(
        "UCDP Georeferenced Event Dataset (GED)",
        "Uppsala Conflict Data Program; Sundberg and Melander (2013), Högbladh (2019)",
        "CC-BY-4.0",
        "https://ucdp.uu.se/downloads/",
    ),
)
KINDS = ("village", "town", "city", "neighbourhood", "neighborhood", "suburb", "airport", "airbase", "hill", "mountain", "crossing", "camp")
VIOLENCE = {1: "state-based violence", 2: "non-state violence", 3: "one-sided violence"}
NEAR_KM = {1: 1, 2: 25}
NEEDS = (
    "id", "type_of_violence", "side_a", "side_b", "where_prec", "where_coordinates", "latitude", "longitude",
    "date_prec", "date_start", "date_end", "best", "high", "low",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """One usable row: where it stands, its cells, point, days, precisions, and estimates (low, best, high)."""

    at: tuple[str, int]
    cells: dict[str, str]
    where: tuple[float, float]
    first: date
    last: date
    precision: int
    toll: tuple[int, int, int]

    @property
    def id(self) -> str:
        """The id that UCDP gives the event."""
        return row_id(self.cells["id"], self.at)

    @property
    def area(self) -> list[str]:
        """The country, province and district of the event, as far as its precision reaches."""
        names = [clean(self.cells.get(name, "")) for name in ("country", "adm_1", "adm_2")]
        names = names[: {4: 2, 6: 1}.get(self.precision, 3)]
        while len(names) > 1 and not names[-1]:
            names.pop()
        return names


def read(files: Sequence[Path], options: Options) -> Imported:
    """Return the claims of GED files."""
    report, areas = Report("ucdp"), Areas()
    found = Imported("ucdp", "Events after the Uppsala Conflict Data Program", report, ORIGINS)
    events = once(
        (
            event
            for path in files
            for line, row in read_rows(path, needs=NEEDS)
            if (event := _event((path.name, line), row, report, options))
        ),
        report,
    )
    names = Counter(
        clean(event.cells[side]) for event in events for side in ("side_a", "side_b") if clean(event.cells[side]) != "Civilians"
    )
    found.vocabulary, told = vocabulary(names, sides=options.sides)
    if told:
        found.drafted = options.sides is None and options.legend is None
        report.note(told)
    found.source("Uppsala Conflict Data Program", id="ucdp")
    places = {event.id: _place(found, event, areas) for event in events if event.precision <= 2}
    for event in events:
        _claims(found, event, areas, places)
    report.note("an event tells of fighting, not of control: these claims alone say nowhere who holds a place")
    report.note("days are those of the dataset, local time")
    return found


def _event(at: tuple[str, int], row: dict[str, str], report: Report, options: Options) -> Event | None:
    """Return a row that can be used, counted as read; or None, with the reason reported."""
    rows = report.tally("row")
    rows.read += 1
    where, first, last = point(row["longitude"], row["latitude"]), read_day(row["date_start"]), read_day(row["date_end"])
    precision, days_precision = whole(row["where_prec"]), whole(row["date_prec"])
    low, best, high = (whole(row[name]) for name in ("low", "best", "high"))
    id = clean(row["id"])
    if where is None:
        report.drop("row", "without a point on the earth", at, id)
    elif first is None or last is None or last < first:
        report.drop("row", "without readable days, the first before the last", at, f"{id}: {row['date_start']} to {row['date_end']}")
    elif precision is None or not 1 <= precision <= 7:
        report.unknown(f"where_prec {row['where_prec']}", at)
        report.drop("row", "with a precision of the place that the codebook does not know", at, f"{id}: where_prec {row['where_prec']}")
    elif low is None or best is None or high is None or not ordered(low, best, high):
        report.drop(
            "row", "with estimates out of order: low <= best <= high is expected", at, f"{id}: {row['low']}, {row['best']}, {row['high']}"
        )
    elif options.outside(*where) or options.untimely(first, last):
        report.drop("row", "beyond the area or period asked for", at, id, quarantine=False)
    else:
        if days_precision == 1 and first != last:
            report.mend("date_prec says one day, the days are several: the days count", at)
        return Event(at, row, where, first, last, precision, (low, best, high))
    return None


def _place(found: Imported, event: Event, areas: Areas) -> str:
    """Return the place of an event that is known to it or near it; the best precision of its events counts."""
    name, kind = named_place(event.cells["where_coordinates"], KINDS)
    area = [clean(event.cells.get(each, "")) for each in ("country", "adm_1", "adm_2")]
    id = found.place_named(name, *event.where, kind=kind, source="UCDP GED", precision_km=NEAR_KM[event.precision])
    found.places[id]["precision_km"] = min(found.places[id]["precision_km"], NEAR_KM[event.precision])
    areas.add(id, area)
    return id


def _claims(found: Imported, event: Event, areas: Areas, places: dict[str, str]) -> None:
    """Add what one event says: fighting by each source, the toll by UCDP."""
    report, cells, id = found.report, event.cells, event.id
    place = places[event.id] if event.precision <= 2 else areas.group(found, event)
    if place is None:
        return
    report.tally("row").mapped += 1
    violence = whole(cells["type_of_violence"]) or 0
    about = f"{VIOLENCE.get(violence, 'violence')}: {clean(cells['side_a'])} and {clean(cells['side_b'])}"
    days, part = some_day(event.first, event.last), "part" if event.precision == 2 else ""
    if violence in (1, 2):
        kind = fighting(found, event.first, event.last, event.at)
        for number, (source, reported) in enumerate(_sources(found, event), 1):
            found.claim(
                f"ucdp-{id}-{number}", place, kind, source, days,
                quantifier=part if kind == "contests" else "", reported=reported, confidence="claimed" if clean(cells.get("event_clarity", "")) == "2" else "stated",
                cites=f"record:ucdp/{id}", note=about,
            )  # fmt: skip
    elif violence != 3:
        report.unknown(f"type_of_violence {cells['type_of_violence']}", event.at)
    _toll(found, event, place, days, about)


def _sources(found: Imported, event: Event) -> list[tuple[str, str]]:
    """Return (source, day of its report or blank) for each source that a row names; UCDP itself where it names none."""
    offices = [clean(each) for each in event.cells.get("source_office", "").split(";")]
    dates = [clean(each) for each in event.cells.get("source_date", "").split(";")]
    told: dict[str, str] = {}
    for i, office in enumerate(offices):
        day = read_day(dates[i]) if len(dates) == len(offices) else None
        if day and day < event.first:
            found.report.mend("a source dated before the event: the day of its report is left out", event.at)
            day = None
        if office and slug(office) not in told:
            told[found.source(office, id=f"s_{slug(office)}", kind="press")] = str(day) if day and day > event.last else ""
    if len(dates) != len(offices):
        found.report.mend("sources and their dates differ in number: the days of the reports are left out", event.at)
    return list(told.items()) or [("ucdp", "")]


def _toll(found: Imported, event: Event, place: str, days: str, about: str) -> None:
    """Add the estimate of all killed, and the figures by group where the row has them."""
    cells, id = event.cells, event.id
    low, best, high = event.toll
    cites = f"record:ucdp/{id}"
    found.claim(f"ucdp-{id}-killed", place, "casualties", "ucdp", days, low=str(low), best=str(best), high=str(high),
                of="people killed", confidence="stated", cites=cites, note=about)  # fmt: skip
    one_sided = whole(cells["type_of_violence"]) == 3
    groups = (
        ("deaths_a", found.vocabulary.side(cells["side_a"]), f"fighters of {clean(cells['side_a'])} killed"),
        ("deaths_b", None if one_sided else found.vocabulary.side(cells["side_b"]), f"fighters of {clean(cells['side_b'])} killed"),
        ("deaths_civilians", None, "civilians killed"),
        ("deaths_unknown", None, "people of unknown group killed"),
    )
    for column, side, of in groups:
        if number := whole(cells.get(column, "")):
            name = column.removeprefix("deaths_")
            found.claim(f"ucdp-{id}-killed-{name}", place, "casualties", "ucdp", days, side=side or "", best=str(number),
                        low=str(number), high=str(number), of=of, confidence="stated", cites=cites, note=about)  # fmt: skip
