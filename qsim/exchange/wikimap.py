"""
Detailed maps of Wikipedia, modules in Lua that list marks: `{ lat = 36.76, long = 38.26, mark = m.gov, label = "[[Zarwik]]" }`.

The icon is the status, and nothing in the file is dated: each file is a snapshot whose day is in its name or given. An icon is a
variable (`m.gov_hill`: the side and what stands there) or the name of a picture (`Map-dot-grey-68a.svg`: its colour). What a colour
stood for changes with the years, so a legend has dates. Copies that a converter pressed into Markdown are read as well.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from qsim.exchange.files import ImportProblem, clean, instant_in_name, point, read_instant, read_text, slug
from qsim.exchange.imported import Imported, Options, Origin
from qsim.exchange.report import Report
from qsim.exchange.runs import agreed, runs
from qsim.exchange.vocabulary import NOTHING, vocabulary

ORIGINS = (Origin("Detailed map module", "Wikipedia contributors", "CC-BY-SA-4.0", "https://en.wikipedia.org", share_alike=True),)
COLOURS = (
    "grey",
    "gray",
    "yellow",
    "red",
    "blue",
    "green",
    "lime",
    "black",
    "white",
    "orange",
    "purple",
    "brown",
    "pink",
    "teal",
    "violet",
)
THINGS = {"hill": "hill", "peak": "hill", "base": "base", "industry": "industry", "air": "airbase", "jet": "airbase", "heli": "airbase",
          "oil": "oil field", "abm": "base", "trk": "base", "pass": "crossing", "str": "station"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark of a map: where it stands, the moment of the copy, its point, icon and name."""

    at: tuple[str, int]
    moment: datetime
    lon: str
    lat: str
    icon: str
    name: str

    @property
    def term(self) -> str:
        """
        The side or colour that the icon carries: `gov` of `m.gov_hill`, `grey` of `Map-dot-grey-68a.svg`; else the whole icon.

        >>> Mark(("", 0), datetime(2017, 7, 1), "", "", "m.gov_hill", "").term
        'gov'
        """
        words = re.split(r"[\W_]+", self.icon.removeprefix("m."))
        if self.icon.startswith("m."):
            return words[0] if len(words) == 1 or (len(words) == 2 and words[1] in THINGS) else self.icon
        return next((word for word in words if word.lower() in COLOURS), self.icon)

    @property
    def kind(self) -> str:
        """What stands there, as far as the icon shows it."""
        return next((THINGS[word] for word in re.split(r"[\W_]+|\d+", self.icon.lower()) if word in THINGS), "village")


def read(files: Sequence[Path], options: Options) -> Imported:
    """Return the claims of copies of a detailed map, one file a day."""
    report = Report("wikimap")
    found = Imported("wikimap", "Control after a detailed map of Wikipedia", report, ORIGINS)
    marks = [mark for i, path in enumerate(files) for mark in _marks(path, report, day_of(path, i, options))]
    found.vocabulary, told = vocabulary(
        Counter(mark.term for mark in marks if mark.kind != "crossing"), sides=options.sides, legend=options.legend
    )
    if told:
        found.drafted = options.sides is None and options.legend is None
        report.note(told)
    if not options.legend:
        report.note("no legend was given: an icon means the same in all copies, which is not so over the years")
    source = found.source(
        options.source or "Wikipedia's detailed map", id=slug(options.source) if options.source else "wikipedia", kind="press"
    )
    seen: dict[str, dict[datetime, list[tuple[str, Mark]]]] = {}
    for mark in marks:
        _enter(mark, found, seen, options)
    snapshots = sorted({mark.moment for mark in marks})
    for place, shown in ((place, agreed(all_shown, report, "mark")) for place, all_shown in seen.items()):
        ordered = [(moment, status, mark.at[1]) for moment, (status, mark) in shown.items()]
        for number, run in enumerate(runs(ordered, snapshots, longest_gap=options.longest_gap), 1):
            cites = f"record:{source}/{shown[run.start][1].at[0]}-{run.row}"
            found.state(f"{place}-{number:04d}", place, source, run, instants=False, confidence="stated", cites=cites)
    return found


def day_of(path: Path, i: int, options: Options) -> datetime:
    """Return the moment of a snapshot: the i-th of those given, else that in the name of its file."""
    text = options.dates[i] if i < len(options.dates) else ""
    moment = read_instant(text) if text else instant_in_name(path)
    if moment is None:
        raise ImportProblem(f"{path}: no day in its name; give one for each file with --dates, such as 2017-07-01")
    return moment


def _marks(path: Path, report: Report, moment: datetime) -> Iterator[Mark]:
    """Yield the marks of one file that are not commented out; those without a point or an icon are dropped."""
    marks = report.tally("mark")
    for line, text in enumerate(read_text(path).splitlines(), 1):
        text = _plain(text)
        for found in re.finditer(r"(--[^{]*)?\{((?:[^{}\"]|\"[^\"]*\")*\blat\s*=(?:[^{}\"]|\"[^\"]*\")*)\}", text):
            marks.read += 1
            at = (path.name, line)
            fields = _fields(found[2])
            label = _label(fields.get("label", ""))
            if found[1] and not text[: found.start()].strip():
                report.drop("mark", "commented out in the module", at, label, quarantine=False)
            elif not fields.get("mark"):
                report.drop("mark", "without an icon", at, label)
            else:
                yield Mark(
                    at,
                    moment,
                    fields.get("long", ""),
                    fields.get("lat", ""),
                    fields["mark"].replace("_", " ") if "." in fields["mark"][2:] else fields["mark"],
                    label,
                )


def _plain(text: str) -> str:
    """Return a line as the module has it: a converter's backticks, links and hard spaces taken out."""
    if "`" in text:
        text = re.sub(r"\[(`[^\]]*`)\]\(\S+ \"wikilink\"\)", r"[[\1]]", text).replace("`", "")
    return clean(text)


def _fields(text: str) -> dict[str, str]:
    """Return the fields of a mark, quoted or not."""
    return {key: (quoted or bare).strip() for key, quoted, bare in re.findall(r"(\w+)\s*=\s*(?:\"([^\"]*)\"|([^,{}\"]+))", text)}


def _label(text: str) -> str:
    """
    Return the name that a label shows.

    >>> _label("[[Tal Malik|Tell&nbsp;Malik]] <small>(hill)</small>")
    'Tell Malik (hill)'
    """
    text = re.sub(r"\[\[(?:[^\]|]*\|)?([^\]]*)\]\]", r"\1", text.replace("&nbsp;", " "))
    return clean(re.sub(r"<[^>]+>", "", text))


def _enter(mark: Mark, found: Imported, seen: dict[str, dict[datetime, list[tuple[str, Mark]]]], options: Options) -> None:
    """Enter one mark at its place, or drop it for a reason."""
    report, day = found.report, mark.moment.date()
    where = point(mark.lon, mark.lat)
    if where is None:
        report.drop("mark", "without a point on the earth", mark.at, f"{mark.name}: {mark.lon}, {mark.lat}")
        return
    if options.outside(*where) or options.untimely(day, day):
        report.drop("mark", "beyond the area or period asked for", mark.at, mark.name, quarantine=False)
        return
    sign = found.vocabulary.sign(mark.icon, day) or found.vocabulary.sign(mark.term, day)
    if sign is None and mark.kind == "crossing":
        report.drop("mark", "a crossing, of no side", mark.at, mark.name, quarantine=False)
        return
    if sign is None:
        report.unknown(mark.icon, mark.at)
        report.drop("mark", "with an icon that no legend knows", mark.at, f"{mark.name}: {mark.icon}")
        return
    if sign.status == NOTHING:
        report.drop("mark", "of which the legend says that they tell nothing of control", mark.at, mark.name, quarantine=False)
        return
    if not mark.name:
        report.mend("no name: called by its point", mark.at)
    name = mark.name or f"{mark.kind.capitalize()} at {where[1]:.3f}, {where[0]:.3f}"
    place = found.place_named(name, *where, kind=mark.kind, source="Wikipedia's detailed map")
    seen.setdefault(place, {}).setdefault(mark.moment, []).append((sign.status, mark))
