"""
Any table of who held what: a row a statement, its columns named by the user (`place=Name,day=Date,status=Held by`).

Needed are `place`, `day` and `status` (or `kind` with `side`); points come from `lon` and `lat`, or a list of places. Without a `kind` the
rows are states: the same status in one list after another is one claim from the first to the last. With a `kind` they are claims as they
stand. A mapping can be kept in a TOML file and used again.
"""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from qsim.exchange.events import parted
from qsim.exchange.files import ImportProblem, clean, point, read_instant, read_rows, slashed, slug, whole
from qsim.exchange.imported import Imported, Options, Origin, cited
from qsim.exchange.points import places_of, read_places
from qsim.exchange.report import Report
from qsim.exchange.runs import agreed, runs
from qsim.exchange.vocabulary import CONTESTED, NOTHING, SideNames, vocabulary
from qsim.record import scenario
from qsim.record.cells import likely
from qsim.record.contents import Contents
from qsim.record.dates import DateError, parse_edtf
from qsim.record.names import nearest
from qsim.record.schema import columns
from qsim.record.words import KIND_SYNONYMS, KINDS, SOURCE_ALIASES, SOURCE_KINDS

Known = dict[str, list[dict[str, Any]]]
KIND = next(column for column in columns("claims") if column.name == "kind")

UNNAMED = "Imported table"  # a source that nobody names
TARGETS = {
    "place": "the name of the place", "id": "an id of the place (not of the event or row)", "lon": "longitude", "lat": "latitude",
    "day": "the day spoken of", "end": "the last day, for what lasted", "status": "who holds it, or contested",
    "kind": "what the row says, such as takes", "side": "the side it says it of", "source": "who says so",
    "source_kind": "what kind of voice that is, such as press", "source_side": "the side it belongs to",
    "reported": "when it was said", "quantifier": "all, most or part of it", "value": "its share, 0 to 1", "bound": "exact, approx, ...",
    "confidence": "how firmly", "low": "lowest number", "best": "number", "high": "highest number", "of": "what is counted",
    "cites": "an address or reference", "note": "in words",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class When:
    """What a cell says of time: its first and last moment (of an open end the first), and how claims.csv spells it."""

    first: datetime
    last: datetime
    spelt: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One usable row: where it stands, its cells by target, the days that it speaks of and, for what lasted, the last of these."""

    at: tuple[str, int]
    cells: dict[str, str]
    when: "When"
    end: "When | None"

    @property
    def moment(self) -> datetime:
        """The first moment that the row speaks of."""
        return self.when.first

    @property
    def name(self) -> str:
        """The name of the place."""
        return self.cells["place"]

    @property
    def term(self) -> str:
        """What the row calls the status or the side."""
        return self.cells.get("status") or self.cells.get("side", "")


def parse_columns(text: str) -> dict[str, str]:
    """
    Return the columns that a user names, target by target.

    >>> parse_columns("place=Name,day=Date,status=Held by")
    {'place': 'Name', 'day': 'Date', 'status': 'Held by'}

    Raises
    ------
    ImportProblem
        When a part is not TARGET=COLUMN, or the target is none.
    """
    found, wrong = {}, []
    for part in text.split(","):
        target, sign, column = (each.strip() for each in part.partition("="))
        if not sign or not column or target not in TARGETS:
            wrong.append(f"{part.strip()!r} is not TARGET=COLUMN; targets are {', '.join(TARGETS)}")
        found[target] = column.strip("'\"")
    if wrong:
        raise ImportProblem("\n".join(wrong))
    return found


def read_mapping(path: Path) -> dict[str, str]:
    """Return the columns that a mapping file keeps: TOML, a table `[columns]` of target = column."""
    try:
        columns = tomllib.loads(path.read_text(encoding="utf-8-sig"))["columns"]
        return {str(target): str(column) for target, column in columns.items()}
    except OSError:
        raise ImportProblem(f"{path}: there is no such file") from None
    except (tomllib.TOMLDecodeError, KeyError, AttributeError):
        raise ImportProblem(f"{path}: not a mapping; expected TOML with a table [columns] of target = column") from None


def read_kinds(path: Path) -> dict[str, str]:
    """
    Return the kinds of claim that a mapping file gives for the words of a column: TOML, a table `[kinds]` of word = kind; none where it has none.

    Raises
    ------
    ImportProblem
        When it is no TOML file, or a kind is none.
    """
    try:
        kinds = tomllib.loads(path.read_text(encoding="utf-8-sig")).get("kinds", {})
        found = {clean(str(word)): KIND_SYNONYMS.get(slug(str(kind)), slug(str(kind))) for word, kind in kinds.items()}
    except OSError:
        return {}
    except (tomllib.TOMLDecodeError, AttributeError):
        raise ImportProblem(
            f"{path}: not a mapping; expected TOML with a table [kinds] of word = kind, such as 'Armed clash' = 'contests'"
        ) from None
    if wrong := [f"{path}: {word!r} = {kind!r}: unknown kind{nearest(kind, KINDS)}; expected one of {', '.join(KINDS)}" for word, kind in found.items()
                 if kind not in KINDS]:  # fmt: skip
        raise ImportProblem("\n".join(wrong))
    return found


def mapping_toml(columns: Mapping[str, str], kinds: Mapping[str, str] = MappingProxyType({}), unknown: Iterable[str] = ()) -> str:
    """Return a mapping file for these columns and the kinds of claim that words stand for; words that are not known yet are left to be filled in."""
    lines = [f"{target} = {_quoted(column)}  # {TARGETS[target]}" for target, column in columns.items()]
    told = [f"{_quoted(word)} = {_quoted(kind)}" for word, kind in kinds.items()]
    told += [f'# {_quoted(word)} = ""  # not known yet: one of {", ".join(KINDS)}' for word in unknown if word not in kinds]
    more = ["", "# What the words of the column `kind` say", "[kinds]", *told] if told else []
    return "\n".join(["# The columns of a table, for qsim import table --mapping", "[columns]", *lines, *more]) + "\n"


def read(files: Sequence[Path], options: Options) -> Imported:
    """Return the claims of tables whose columns the options name."""
    lacking = [target for target in ("place", "day") if target not in options.columns]
    if lacking or not {"status", "kind"} & set(options.columns):
        raise ImportProblem("a table needs --columns for place, day, and status or kind, such as place=Name,day=Date,status='Held by'")
    report = Report("table")
    found = Imported(
        "table", "Imported table", report, (Origin("Imported table", "not stated: name its makers", options.licence or "not stated"),)
    )
    entries = [entry for path in files for entry in _entries(path, report, options)]
    there = scenario.read(options.into) if options.into else None
    sides = [SideNames(side["id"], side["name"], side["colour"]) for side in there.settings["sides"]] if there else []
    terms = Counter(entry.term for entry in entries)
    found.vocabulary, told = vocabulary(terms, sides=options.sides, legend=options.legend, known=sides)
    if told:
        found.drafted = options.sides is None and options.legend is None
        report.note(told)
    known = (_named(read_places(options.places)) if options.places else {}) | (_of_folder(there) if there else {})
    placed = [(entry, place) for entry in entries if (place := _place(found, entry, known, options))]
    if "kind" in options.columns:
        for entry, place in placed:
            _claim(found, entry, place, options)
    else:
        _states(found, placed, options)
    if told := _ids_of_rows(entries, options.columns):
        report.note(told)
    report.note("days are taken as the table has them; instants without a zone as UTC")
    return found


def _ids_of_rows(entries: Sequence[Entry], columns: Mapping[str, str]) -> str:
    """Return that what is taken for an id of the place is another in every row though names return, and so probably is the row's; blank else."""
    ids, names = ({entry.cells.get(target, "") for entry in entries} for target in ("id", "place"))
    if "id" not in columns or not len(names) < len(ids) == len(entries):
        return ""
    return (
        f"the column {columns['id']!r}, taken for the id of the place, has as many values as there are rows, {len(ids):,}, and made as many places "
        f"of {len(names):,} names; if it is the event's id, leave it out of --columns"
    )


def _entries(path: Path, report: Report, options: Options) -> list[Entry]:
    """Return the rows of one file that have a name and a day in the period asked for."""
    kept, rows = [], list(read_rows(path, needs=tuple(dict.fromkeys(options.columns.values()))))
    order = slashed(row.get(options.columns[target], "") for _, row in rows for target in ("day", "end") if target in options.columns)
    for line, row in rows:
        report.tally("row").read += 1
        at, cells = (path.name, line), {target: clean(row.get(column, "")) for target, column in options.columns.items()}
        when, end = _when(cells["day"], order), _when(cells.get("end", ""), order)
        if not cells["place"]:
            report.drop("row", "without a name", at)
        elif when is None:
            report.drop(
                "row",
                "without a day that can be read one way only, such as 2022-03-26, 2022-03 or 2022-03-26/2022-03-28",
                at,
                f"{cells['place']}: {cells['day']}",
            )
        elif end is not None and end.last < when.first:
            report.drop("row", "that end before they start", at, cells["place"])
        elif options.untimely(when.first.date(), (end or when).last.date()):
            report.drop("row", "beyond the period asked for", at, cells["place"], quarantine=False)
        else:
            kept.append(Entry(at, cells, when, end))
    return kept


def _when(text: str, order: str = "") -> When | None:
    """Return what a cell says of time, in the ways of the format (a month, a window, `~`) or as people write days; None where it says nothing."""
    try:
        window = parse_edtf(text)
    except DateError:
        window = None
    if window is None or window.time or window.open_start:
        moment = read_instant(text, order)
        return When(moment, moment, f"{moment:%Y-%m-%d}") if moment else None
    first, last = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (window.start, window.end))
    return When(first, first if window.open_end else last, text)


def _named(places: Iterable[dict[str, Any]]) -> Known:
    """Return places, or groups of them, by every id, name and spelling that they bear."""
    known: Known = {}
    for one in places:
        for name in dict.fromkeys(slug(name) for name in (one["id"], one["name"], *one["variants"])):
            known.setdefault(name, []).append(one)
    return known


def _of_folder(there: Contents) -> Known:
    """Return the places of the scenario that is added to, and its groups of places, whose `members` are such places, by their names."""
    places = {one["id"]: one for one in places_of(there)}
    groups = [
        cells | {"variants": list(cells["variants"]), "members": [places[id] for id in cells["members"]]}
        for _, cells in there.rows("groups")
        if all(id in places for id in cells["members"])
    ]
    return _named(groups) | _named(places.values())


def _place(found: Imported, entry: Entry, known: Known, options: Options) -> str | None:
    """Return the place of a row, added when new; None, with the reason reported, where it has none."""
    cells, report = entry.cells, found.report
    where = point(cells.get("lon", ""), cells.get("lat", ""))
    if where is not None:
        if options.outside(*where):
            report.drop("row", "beyond the area asked for", entry.at, entry.name, quarantine=False)
            return None
        return found.place(cells["id"], entry.name, *where) if cells.get("id") else found.place_named(entry.name, *where)
    bearers = known.get(slug(cells.get("id") or entry.name), [])
    if len(bearers) != 1:
        what = "several" if bearers else "none"
        report.drop("row", f"without a point, of a name of which the list of places has {what}", entry.at, entry.name)
        return None
    one = bearers[0]
    places = one.get("members", [one])
    if any(options.outside(each["lon"], each["lat"]) for each in places):
        report.drop("row", "beyond the area asked for", entry.at, entry.name, quarantine=False)
        return None
    ids = [found.place(each["id"], each["name"], each["lon"], each["lat"], variants=each["variants"]) for each in places]
    return found.group(one["id"], one["name"], ids, "") if "members" in one else ids[0]


def _sources(found: Imported, entry: Entry, options: Options) -> list[str]:
    """Return the sources of a row, several where its cell names several, parted by `;`."""
    return [_source(found, entry, name) for name in parted(entry.cells.get("source") or options.source or UNNAMED)]


def _source(found: Imported, entry: Entry, name: str) -> str:
    id = found.source(name, id=slug(name), kind="monitor")
    row, kind = found.sources[id], slug(entry.cells.get("source_kind", "") or "monitor")
    kind = SOURCE_ALIASES.get(kind, kind)
    if kind not in SOURCE_KINDS:
        found.report.mend(f"a kind of source that qsim does not know, {entry.cells['source_kind']}: left out", entry.at)
    elif row["kind"] == "monitor":
        row["kind"] = kind
    if whose := entry.cells.get("source_side", ""):
        row["side"] = row["side"] or found.vocabulary.side(whose) or ""
        if found.vocabulary.side(whose) is None:
            found.report.mend(f"a side of a source that no map of sides knows, {whose}: left out", entry.at)
    return id


def _status(found: Imported, entry: Entry) -> str | None:
    """Return the status that a row gives, or None, with the reason reported."""
    sign = found.vocabulary.sign(entry.term, entry.moment.date())
    if sign is None:
        found.report.unknown(entry.term or "(blank)", entry.at)
        found.report.drop("row", "with a status that no map of sides knows", entry.at, f"{entry.name}: {entry.term}")
        return None
    if sign.status == NOTHING:
        found.report.drop("row", "of which the legend says that they tell nothing of control", entry.at, entry.name, quarantine=False)
        return None
    return sign.status


def _states(found: Imported, placed: Sequence[tuple[Entry, str]], options: Options) -> None:
    """Add one claim for each run of equal statuses of a place by one source."""
    seen: dict[tuple[str, str], dict[datetime, list[tuple[str, Entry]]]] = {}
    snapshots: dict[str, set[datetime]] = {}
    for entry, place in placed:
        source = _source(
            found, entry, entry.cells.get("source") or options.source or UNNAMED
        )  # of a panel a row is one snapshot's, by one voice
        snapshots.setdefault(source, set()).add(entry.moment)
        if (status := _status(found, entry)) is not None:
            seen.setdefault((source, place), {}).setdefault(entry.moment, []).append((status, entry))
    ordered = {source: sorted(moments) for source, moments in snapshots.items()}
    instants = any(moment.time() != datetime.min.time() for moments in ordered.values() for moment in moments)
    for (source, place), all_shown in seen.items():
        shown = agreed(all_shown, found.report, "row")
        stood = [(moment, status, entry.at[1]) for moment, (status, entry) in shown.items()]
        for number, run in enumerate(runs(stood, ordered[source], longest_gap=options.longest_gap), 1):
            entry, run = shown[run.start][1], replace(run, end=max(run.end, shown[run.end][1].when.last))
            found.state(f"{place}-{source}-{number:04d}", place, source, run, instants=instants, confidence="stated",
                        cites=cited(f"record:{source}/{run.row}", entry.cells.get("cites", ""), found.report, entry.at), note=entry.cells.get("note", ""))  # fmt: skip


def _claim(found: Imported, entry: Entry, place: str, options: Options) -> None:
    """Add the claim of a row that says of what kind it is."""
    cells, report = entry.cells, found.report
    kind = options.kinds.get(cells["kind"]) or KIND_SYNONYMS.get(slug(cells["kind"]), slug(cells["kind"]))
    if kind not in KINDS:
        report.unknown(cells["kind"] or "(blank)", entry.at)
        found.unknown_kinds += [cells["kind"]] if cells["kind"] else []
        if meant := likely(cells["kind"], KIND):
            report.note(f"{cells['kind']!r} is no kind of claim that is known, and its rows were left out{meant}")
        report.drop("row", "with a kind that qsim does not know", entry.at, f"{entry.name}: {cells['kind']}")
        return
    side = _status(found, entry) if entry.term else ""
    if side is None:
        return
    if side in ("", CONTESTED) and kind in ("holds", "takes", "loses"):
        report.drop("row", "that say who holds, takes or loses a place, and name no side", entry.at, entry.name)
        return
    report.tally("row").mapped += 1
    numbers = {name: str(count) for name in ("low", "best", "high") if (count := whole(cells.get(name, ""))) is not None}
    reported = _when(cells.get("reported", ""))
    for source in _sources(found, entry, options):
        found.claim(
            f"{source}-{slug(entry.at[0])}-{entry.at[1]}", place, kind, source, entry.when.spelt,
            end=entry.end.spelt if entry.end else "", side="" if side == CONTESTED else side, **numbers, of=cells.get("of", ""),
            reported=reported.spelt if reported and reported.last >= entry.moment else "", confidence=cells.get("confidence", "") or "stated",
            cites=cited(f"record:{source}/{entry.at[1]}", cells.get("cites", ""), report, entry.at), note=cells.get("note", ""), **{name: cells.get(name, "") for name in ("quantifier", "value", "bound")},
        )  # fmt: skip
        found.stood[found.claims[-1]["id"]] = entry.at


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
