"""
Lists of cities and who holds them, as Wikipedia keeps them, copied once a day: a row a city and copy.

Columns: `Name`, `Held by`, `Lat`, `Lon`, and perhaps `As of`, `More information`, `sourceLink`; the day of the copy is a column
`snapshot`, the list's own `update`, or stands in the name of the file. A status that stays from one copy to the next is one claim, from
the day that the row itself gives (`As of`), or else the first copy, to the last copy that shows it. Towns of one name are told apart by
their points. The links are not taken over as citations where they do not name the place: collectors join footnotes by number, often wrongly.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from qsim.exchange.files import ImportProblem, clean, instant_in_name, point, read_day, read_instant, read_rows, slug
from qsim.exchange.imported import Imported, Options, Origin, cited
from qsim.exchange.report import Report
from qsim.exchange.runs import Run, agreed, runs
from qsim.exchange.vocabulary import CONTESTED, NOTHING, vocabulary

ORIGINS = (
    Origin("List of cities and who controls them", "Wikipedia contributors", "CC-BY-SA-4.0", "https://en.wikipedia.org", share_alike=True),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of one copy: where it stands, the moment of the copy, the cells, cleaned, and the point if it has one."""

    at: tuple[str, int]
    moment: datetime
    cells: dict[str, str]
    where: tuple[float, float] | None

    @property
    def name(self) -> str:
        """The name of the city."""
        return self.cells.get("Name", "")

    @property
    def term(self) -> str:
        """The status as written."""
        return self.cells.get("Held by", "")


def read(files: Sequence[Path], options: Options) -> Imported:
    """Return the claims of daily copies of a list of cities."""
    report = Report("wikilist")
    found = Imported("wikilist", "Control of cities after Wikipedia", report, ORIGINS)
    entries = [entry for i, path in enumerate(files) for entry in _entries(path, report, _given(options, i))]
    found.vocabulary, told = vocabulary(
        Counter(entry.term for entry in entries), sides=options.sides, legend=options.legend, contested=(CONTESTED,)
    )
    if told:
        found.drafted = options.sides is None and options.legend is None
        report.note(told)
    source = found.source(options.source or "Wikipedia's list", id=slug(options.source) if options.source else "wikipedia", kind="press")
    seen = _seen(entries, found, options)
    snapshots = sorted({entry.moment for entry in entries if not options.untimely(entry.moment.date(), entry.moment.date())})
    for place, shown in seen.items():
        ordered = [(moment, status, entry.at[1]) for moment, (status, entry) in shown.items()]
        for number, run in enumerate(runs(ordered, snapshots, longest_gap=options.longest_gap), 1):
            _add(
                found, place, source, number, run, [entry for moment, (_, entry) in sorted(shown.items()) if run.start <= moment <= run.end]
            )
    report.note("days are those of the copies, in UTC")
    return found


def _given(options: Options, i: int) -> datetime | None:
    """Return the day that the user gave for the i-th file."""
    if not options.dates:
        return None
    text = options.dates[i] if i < len(options.dates) else ""
    if (moment := read_instant(text)) is None:
        raise ImportProblem(f"file {i + 1} has no readable day in --dates; expected one for each file, such as 2022-03-26")
    return moment


def _entries(path: Path, report: Report, given: datetime | None) -> Iterator[Entry]:
    """Yield the rows of one file; one without the moment of its copy is dropped."""
    rows = report.tally("row")
    in_name = instant_in_name(path)
    for line, row in read_rows(path, needs=("Name", "Held by")):
        rows.read += 1
        cells = {name: clean(cell) for name, cell in row.items()}
        moment = given or read_instant(cells.get("snapshot", "")) or in_name or read_instant(cells.get("update", ""))
        if moment is None:
            report.drop("row", "without the day of the copy: give --dates, or a column snapshot", (path.name, line), cells["Name"])
            continue
        yield Entry((path.name, line), moment, cells, point(row.get("Lon", ""), row.get("Lat", "")))


def _seen(entries: Sequence[Entry], found: Imported, options: Options) -> dict[str, dict[datetime, tuple[str, Entry]]]:
    """Return the status and row of each place in each copy; rows with a point come first, so that names without one can be told."""
    report = found.report
    seen: dict[str, dict[datetime, list[tuple[str, Entry]]]] = {}
    for entry in sorted(entries, key=lambda entry: entry.where is None):
        name, day = entry.name, entry.moment.date()
        reason = _unusable(entry, found, options)
        if reason:
            report.drop("row", reason[0], entry.at, f"{name}: {entry.term}", quarantine=reason[1])
            continue
        sign = found.vocabulary.sign(entry.term, day)
        if sign is None:
            report.unknown(entry.term or "(blank)", entry.at)
            report.drop("row", "with a status that no map of sides knows", entry.at, f"{name}: {entry.term}")
        elif sign.status == NOTHING:
            report.drop("row", "of which the legend says that they tell nothing of control", entry.at, name, quarantine=False)
        else:
            seen.setdefault(_place(found, entry), {}).setdefault(entry.moment, []).append((sign.status, entry))
    return {place: agreed(shown, report, "row") for place, shown in seen.items()}


def _unusable(entry: Entry, found: Imported, options: Options) -> tuple[str, bool] | None:
    name = entry.name
    if not name:
        return "without a name", True
    if options.untimely(entry.moment.date(), entry.moment.date()):
        return "beyond the period asked for", False
    if entry.where is None:
        bearers = len(found.places_called(name))
        if bearers != 1:
            return (
                "without a point, of a name that no other row has" if not bearers else "without a point, of a name that several places have"
            ), True
        found.report.mend("no point: taken for the one place of this name", entry.at)
        return None
    return ("beyond the area asked for", False) if options.outside(*entry.where) else None


def _place(found: Imported, entry: Entry) -> str:
    name = entry.name
    if entry.where is None:
        return found.places_called(name)[0]
    people = entry.cells.get("Population", "").replace(",", "")
    return found.place_named(
        name, *entry.where, kind="town", population=int(people) if people.isdecimal() else None, source="Wikipedia's list"
    )


def _add(found: Imported, place: str, source: str, number: int, run: Run, entries: Sequence[Entry]) -> None:
    """Add the claim of one run: it begins on the day that its rows give, where that is readable and not after the copy."""
    report, days = found.report, list[date]()
    for entry in entries:
        text = entry.cells.get("As of", "")
        day = read_day(text)
        if text and day is None:
            report.mend("'As of' is no day: left out", entry.at)
        elif day and day > entry.moment.date():
            report.mend("'As of' lies after the copy: left out", entry.at)
        elif day:
            days.append(day)
    start = datetime.combine(min(days), datetime.min.time(), run.start.tzinfo) if days else run.start
    begun = Run(run.status, min(start, run.start), run.end, run.seen, run.row)
    links = dict.fromkeys(link for entry in entries if (link := _link(entry, report)))
    cites = cited(f"record:{source}/{entries[0].at[1]}", ";".join(links), report, entries[0].at)
    quote = next((entry.cells["More information"] for entry in entries if entry.cells.get("More information")), "")
    found.state(
        f"{place}-{number:04d}", place, source, begun, instants=False, confidence="stated",
        reported=f"{run.start:%Y-%m-%d}", cites=cites, note=f"The list says: {quote}" if quote else "",
    )  # fmt: skip


def _link(entry: Entry, report: Report) -> str:
    """Return the address that a row cites, where it is one and names the place."""
    link = entry.cells.get("sourceLink", "")
    if link and slug(entry.name)[:5] not in slug(link):
        report.mend("the link does not name the place: not taken over as a citation", entry.at)
    elif link and not link.startswith(("http://", "https://")):
        report.mend("the link is no address: not taken over as a citation", entry.at)
    else:
        return link
    return ""
