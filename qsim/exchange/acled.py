"""
The layout of ACLED (Armed Conflict Location & Event Data): events of violence, some of which tell who took a place.

Battles in which territory changed hands, and transfers without violence, become `takes`; other battles `contests`; shelling and air
strikes `bombards`; what is left `other`; fatalities above zero a `casualties` claim. A claim is made by each source that the row names.
`time_precision` 1, 2, 3 is the day, the week, the month; `geo_precision` 1 the place, 2 near it, 3 the province or district, told of a
group. ACLED's terms do not allow its data to be passed on: the folder is for its user's own work.

Codebook: https://acleddata.com/knowledge-base/codebook/.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from qsim.exchange.events import Areas, around, fighting, once, parted, row_id, some_day
from qsim.exchange.files import clean, point, read_day, read_instant, read_rows, slug, whole
from qsim.exchange.imported import Imported, Options, Origin
from qsim.exchange.report import Report
from qsim.exchange.vocabulary import vocabulary

ORIGINS = (
    Origin(
        "Armed Conflict Location & Event Data (ACLED)",
        "ACLED, www.acleddata.com",
        "ACLED terms of use: registration needed, not to be passed on",
        "https://acleddata.com/terms-and-conditions",
    ),
)
NEEDS = (
    "event_id_cnty",
    "event_date",
    "event_type",
    "sub_event_type",
    "actor1",
    "location",
    "latitude",
    "longitude",
    "source",
    "fatalities",
)
TAKES = ("non-state actor overtakes territory", "government regains territory", "non-violent transfer of territory")
STATE = ("1", "8", "state forces", "external/other forces")


@dataclass(frozen=True, slots=True)
class Event:
    """One usable row: where it stands, its cells, point, the span its day may lie in, and the precision of its place."""

    at: tuple[str, int]
    cells: dict[str, str]
    where: tuple[float, float]
    span: tuple[date, date]
    precision: int

    @property
    def id(self) -> str:
        """The id that ACLED gives the event."""
        return row_id(self.cells["event_id_cnty"], self.at)

    @property
    def area(self) -> list[str]:
        """The country, province and district, as far as given."""
        return [name for each in ("country", "admin1", "admin2") if (name := clean(self.cells.get(each, "")))]


def read(files: Sequence[Path], options: Options) -> Imported:
    """Return the claims of tables in ACLED's layout."""
    report, areas = Report("acled"), Areas()
    found = Imported("acled", "Events after ACLED", report, ORIGINS)
    events = once(
        (
            event
            for path in files
            for line, row in read_rows(path, needs=NEEDS)
            if (event := _event((path.name, line), row, report, options))
        ),
        report,
    )
    names = Counter(clean(event.cells.get(each, "")) for event in events for each in ("actor1", "actor2"))
    found.vocabulary, told = vocabulary({name: n for name, n in names.items() if not name.startswith("Civilians")}, sides=options.sides)
    if told:
        found.drafted = options.sides is None and options.legend is None
        report.note(told)
    found.source("ACLED", id="acled")
    places = {}
    for event in events:
        if event.precision <= 2:
            places[event.at] = found.place_named(event.cells["location"], *event.where, kind="village", source="ACLED",
                                                 precision_km={1: 2, 2: 20}[event.precision])  # fmt: skip
            areas.add(places[event.at], event.area)
    for event in events:
        place = places.get(event.at) or areas.group(found, event)
        if place:
            report.tally("row").mapped += 1
            _claims(found, event, place)
    report.note("days are those of the dataset, local time; `timestamp` is when ACLED last wrote the row, in UTC, and counts as reported")
    return found


def _event(at: tuple[str, int], row: dict[str, str], report: Report, options: Options) -> Event | None:
    """Return a row that can be used, counted as read; or None, with the reason reported."""
    report.tally("row").read += 1
    id, where, day = clean(row["event_id_cnty"]), point(row["longitude"], row["latitude"]), read_day(row["event_date"])
    time_precision, precision = (whole(row.get(name, "1") or "1") or 0 for name in ("time_precision", "geo_precision"))
    if where is None:
        report.drop("row", "without a point on the earth", at, id)
    elif day is None:
        report.drop("row", "without a readable day", at, f"{id}: {row['event_date']}")
    elif time_precision not in (1, 2, 3) or precision not in (1, 2, 3):
        report.unknown(f"time_precision {row.get('time_precision')}, geo_precision {row.get('geo_precision')}", at)
        report.drop("row", "with a precision that the codebook does not know", at, id)
    elif options.outside(*where) or options.untimely(*around(day, time_precision)):
        report.drop("row", "beyond the area or period asked for", at, id, quarantine=False)
    else:
        return Event(at, row, where, around(day, time_precision), precision)
    return None


def _claims(found: Imported, event: Event, place: str) -> None:
    """Add what one event says, by each of its sources."""
    cells, id = event.cells, event.id
    kind, actor = _kind(found, event)
    side = found.vocabulary.side(actor) if actor else None
    if actor and side is None:
        found.report.unknown(actor, event.at)
    if kind == "takes" and (side is None or event.precision == 3):
        why = "its taker is no known side" if side is None else "where is known to the area only"
        by_force = clean(cells["event_type"]).casefold() == "battles"
        found.report.mend(f"territory changed hands, but {why}: told as {'fighting' if by_force else 'context'}", event.at)
        kind, side = "contests" if by_force else "other", None
    if kind == "contests":
        kind = fighting(found, *event.span, event.at)
    days, reported = some_day(*event.span), _reported(found, event)
    part = "part" if event.precision == 2 and kind in ("takes", "contests") else ""
    about = clean(f"{cells['sub_event_type']}: {cells['actor1']}{' and ' + cells['actor2'] if cells.get('actor2') else ''}")
    sources = [found.source(name, id=f"s_{slug(name)}", kind="press") for name in parted(cells["source"])] or [
        found.source("ACLED", id="acled")
    ]
    fatalities = whole(cells["fatalities"])
    for number, source in enumerate(sources, 1):
        found.claim(f"{id}-{number}", place, kind, source, days, side=(side or "") if kind in ("takes", "bombards") else "", quantifier=part,
                    reported=reported, confidence="stated", cites=f"record:acled/{id}", note=about)  # fmt: skip
    if fatalities:
        # ACLED's own count of all sources together, not what any one of them said.
        found.claim(f"{id}-killed", place, "casualties", "acled", days, best=str(fatalities), of="people killed",
                    reported=reported, confidence="stated", cites=f"record:acled/{id}", note=about)  # fmt: skip
    elif fatalities is None:
        found.report.mend("fatalities are no whole number: left out", event.at)


def _kind(found: Imported, event: Event) -> tuple[str, str]:
    """Return what kind of claim an event makes, and whose act it is."""
    cells = event.cells
    kind, sub, actor = clean(cells["event_type"]).casefold(), clean(cells["sub_event_type"]).casefold(), clean(cells["actor1"])
    if sub in TAKES:
        return "takes", _taker(found, event, sub)
    if kind == "battles":
        return "contests", ""
    if kind.startswith("explosions"):
        return "bombards", actor
    return "other", ""


def _taker(found: Imported, event: Event, sub: str) -> str:
    """Return who took the ground: the state's forces, the other party, or the first actor where the codes do not decide."""
    cells = event.cells
    actors = [(clean(cells.get(f"actor{i}", "")), clean(cells.get(f"inter{i}", "")).casefold() in STATE) for i in (1, 2)]
    if sub == TAKES[2]:
        return actors[0][0]
    wanted = [name for name, of_state in actors if name and of_state == (sub == TAKES[1])]
    if len(wanted) != 1:
        found.report.mend("who took the ground is not clear from the codes of the actors: taken for the first", event.at)
        return actors[0][0]
    return wanted[0]


def _reported(found: Imported, event: Event) -> str:
    """Return the day that ACLED wrote the row, where it is readable and not before the event."""
    moment = read_instant(event.cells.get("timestamp", ""))
    if moment is None or moment.date() < event.span[0]:
        found.report.mend("no timestamp, or one before the event: taken as known on its own day", event.at)
        return ""
    return "" if moment.date() <= event.span[1] else str(moment.date())
