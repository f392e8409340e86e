"""
Reports of events that disagree (the layout of the R package eventreport): a row a report, several reports an event.

A report becomes a `casualties` claim of its source where it gives a figure, else `other`; all reports of one event carry its id. The data
have names of cities and no points, so a list of places is needed. `certain` (criteria met, 0-6) is the confidence: 5 or more stated,
2 or more claimed, else unconfirmed. `settle` gives one value an event by the package's rules: the commonest, with or without tie-breaks,
the most or the least precise.

van Baalen and Höglund (2026), R package eventreport; the MAVERICK event reports.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from qsim.exchange.events import ordered, row_id, some_day
from qsim.exchange.files import clean, point, read_day, read_rows, slug, whole
from qsim.exchange.imported import Imported, Options, Origin
from qsim.exchange.points import read_places
from qsim.exchange.report import Report
from qsim.exchange.vocabulary import vocabulary

ORIGINS = (Origin("MAVERICK event reports", "van Baalen and Höglund (2026), R package eventreport", "CC-BY-4.0"),)
NEEDS = ("event_id", "date_start", "date_end", "city", "geo_precision", "source")
KINDS = {
    "international news agency": "press", "international news media": "press", "national news media": "press",
    "international civil society organization": "humanitarian", "national civil society organization": "humanitarian",
    "national government agency": "official", "international organization": "monitor",
}  # fmt: skip
MISSING = "NA"
UNDECIDED = "Indeterminate"


def read(files: Sequence[Path], options: Options) -> Imported:
    """Return the claims of event reports; the places come from the list of the options, or from columns latitude and longitude."""
    report = Report("eventreport")
    found = Imported("eventreport", "Event reports", report, ORIGINS)
    known: dict[str, list[dict[str, Any]]] = {}
    for place in read_places(options.places) if options.places else ():
        for name in dict.fromkeys(slug(name) for name in (place["name"], *place["variants"])):
            known.setdefault(name, []).append(place)
    rows = [((path.name, line), row) for path in files for line, row in read_rows(path, needs=NEEDS)]
    actors = Counter(clean(row.get("actor1", "")) for _, row in rows if row.get("actor1") not in ("", MISSING, None))
    found.vocabulary, told = vocabulary(actors, sides=options.sides)
    if told:
        found.drafted = options.sides is None and options.legend is None
        report.note(told)
    found.source("Event reports, as collected", id="eventreport")
    for at, row in rows:
        report.tally("row").read += 1
        if (place_id := _place(found, at, row, known, options)) is not None:
            _claim(found, at, row, place_id)
    report.note("reports of one event carry its id in their notes; days are those of the reports, local time")
    return found


def _place(
    found: Imported, at: tuple[str, int], row: dict[str, str], known: dict[str, list[dict[str, Any]]], options: Options
) -> str | None:
    """Return the place of a report, added when new; None, with the reason reported, where the row cannot be used."""
    report, city, precision = found.report, clean(row["city"]), whole(row["geo_precision"])
    first, last = read_day(row["date_start"]), read_day(row["date_end"])
    if first is None or last is None or last < first:
        report.drop("row", "without readable days, the first before the last", at, f"{row['date_start']} to {row['date_end']}")
    elif city in ("", MISSING) or precision is None or precision <= 2:
        report.drop("row", "known to the province or country only", at, city)
    elif not ordered(*(whole(row.get(name, "")) for name in ("deaths_low", "deaths_best", "deaths_high"))):
        report.drop("row", "with figures out of order: low <= best <= high is expected", at, city)
    elif options.untimely(first, last):
        report.drop("row", "beyond the area or period asked for", at, city, quarantine=False)
    elif where := point(row.get("longitude", ""), row.get("latitude", "")):
        return found.place_named(city, *where, kind="city")
    else:
        bearers = known.get(slug(city), [])
        if len(bearers) == 1:
            one = bearers[0]
            if not options.outside(one["lon"], one["lat"]):
                return found.place(one["id"], one["name"], one["lon"], one["lat"], kind="city", variants=one["variants"])
            report.drop("row", "beyond the area or period asked for", at, city, quarantine=False)
        else:
            report.drop("row", "of a city of which the list of places has " + ("several" if bearers else "none"), at, city)
    return None


def _claim(found: Imported, at: tuple[str, int], row: dict[str, str], place: str) -> None:
    """Add the claim of one report."""
    found.report.tally("row").mapped += 1
    first, last = read_day(row["date_start"]), read_day(row["date_end"])
    assert first is not None
    assert last is not None
    figures = {name: str(count) for name in ("low", "best", "high") if (count := whole(row.get(f"deaths_{name}", ""))) is not None}
    source = clean(row["source"])
    id = row_id(row.get("report", ""), at)
    actor = clean(row.get("actor1", ""))
    certain = whole(row.get("certain", "")) or 0
    found.claim(
        id, place, "casualties" if figures else "other",
        found.source(source, id=f"s_{slug(source)}", kind=KINDS.get(clean(row.get("source_type", "")).casefold(), "press")),
        some_day(first, last), **figures, of="people killed" if figures else "",
        confidence="stated" if certain >= 5 else "claimed" if certain >= 2 else "unconfirmed",
        cites=f"record:eventreport/{id}",
        note=f"Event {clean(row['event_id'])}" + (f", by {actor}" if actor not in ("", MISSING) else ""),
    )  # fmt: skip


def settle(reports: Sequence[dict[str, str]], column: str, rule: str = "mode") -> str:
    """
    Return the one value that the reports of an event give of a column, `Indeterminate` where the rule cannot decide.

    Parameters
    ----------
    reports
        The rows of one event.
    column
        The column to settle; `NA` and the empty text are values like others.
    rule
        `mode`: the commonest value. `mode_tie_break`: of several commonest, what the reports with the highest
        `source_classification` hold, then those with the highest `certain`. `most_precise`, `least_precise`: the reports of the highest
        or lowest precision (`COLUMN_precision`, for a city `geo_precision`), then the mode with both tie-breaks; the first leaves out
        reports whose value is `NA` and is `NA` where no precision is known; in the second a report without a precision counts as `NA`.

    Examples
    --------
    >>> settle([{"city": "A"}, {"city": "B"}, {"city": "A"}], "city")
    'A'
    """
    if rule == "mode":
        tied = _commonest(reports, column)
        return tied[0] if len(tied) == 1 else UNDECIDED
    if rule == "mode_tie_break":
        return _with_tie_breaks(reports, column)
    precision = "geo_precision" if column == "city" else f"{column}_precision"
    known = [count for row in reports if (count := whole(row[precision])) is not None]
    if not known:
        return MISSING if rule == "most_precise" else _with_tie_breaks(reports, column)
    if rule == "most_precise":
        kept = [row for row in reports if whole(row[precision]) == max(known) and row[column] != MISSING]
        return _with_tie_breaks(kept, column) if kept else MISSING
    # A report without a precision stays in as one of which nothing is known, its ranks included: so does the package.
    nothing = dict.fromkeys(reports[0], MISSING)
    least = [(row, whole(row[precision])) for row in reports]
    kept = [nothing if found is None else row for row, found in least if found in (None, min(known))]
    return _with_tie_breaks(kept, column)


def settle_number(reports: Sequence[dict[str, str]], column: str, choose: Callable[[Sequence[int]], int] | None = None) -> int | None:
    """Return the smallest of the commonest numbers, or what `choose` (min, max) picks of all; None where no report gives one."""
    given = [count for row in reports if (count := whole(row[column])) is not None]
    if not given:
        return None
    counts = Counter(given)
    return choose(given) if choose else min(value for value, times in counts.items() if times == max(counts.values()))


def settle_day(reports: Sequence[dict[str, str]], column: str) -> date | None:
    """Return the mean of the commonest days, rounded down."""
    counts = Counter(day for row in reports if (day := read_day(row[column])) is not None)
    if not counts:
        return None
    common = sorted(day for day, times in counts.items() if times == max(counts.values()))
    return common[0] + timedelta(days=sum((day - common[0]).days for day in common) // len(common))


def _commonest(reports: Sequence[dict[str, str]], column: str) -> list[str]:
    counts = Counter(row[column] for row in reports)
    return [value for value, times in counts.items() if times == max(counts.values())]


def _with_tie_breaks(reports: Sequence[dict[str, str]], column: str) -> str:
    tied = _commonest(reports, column)
    for rank in ("source_classification", "certain"):
        if len(tied) == 1:
            break
        holding = [row for row in reports if row[column] in tied]
        ranks = [whole(row[rank]) for row in holding]
        best = max((each for each in ranks if each is not None), default=None)
        tied = list(dict.fromkeys(row[column] for row, each in zip(holding, ranks, strict=True) if each in (None, best)))
    return tied[0] if len(tied) == 1 else UNDECIDED
