"""A record on one page: its numbers, where it contradicts itself, shares, scores, the ring, the toll, and whose words and points it uses."""

import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

from qsim.belief.foretelling import can_be_predicted
from qsim.belief.reconstruct import reconstruct
from qsim.belief.timeline import Timeline
from qsim.belief.verdict import report as verdict_text
from qsim.belief.verdict import verdict
from qsim.draw.charts.plain import reliability_chart, ring_chart, share_chart, share_table
from qsim.draw.charts.series import reported
from qsim.geography.encirclement import whose
from qsim.geography.tables import enclosure_table, metrics_by_day, ring_table, witnesses
from qsim.page.markdown import fenced, html, table
from qsim.record.casualties import Toll, casualties, heading_of
from qsim.record.conflicts import SUBJECTS, conflicts
from qsim.record.conflicts_text import claim_text
from qsim.record.files import beside
from qsim.record.ledger import CONTEXT, CONTROL, ENCLOSURE, Ledger
from qsim.record.theatre import Theatre

SUFFIXES = (".html", ".md")
_FAMILIES = {"control": CONTROL, "enclosure": ENCLOSURE, "context": CONTEXT}
_MARKED = r"(<!-- report: {} -->\n)(.*?)(\n?<!-- end -->)"


class ReportError(ValueError):
    """A page that cannot be written: a suffix that is not known, or marks of no section."""


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page: a name for marks, a title, Markdown, and its charts as SVG text by file name."""

    name: str
    title: str
    text: str
    figures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Asked:
    """What the sections ask of: a scenario, how many histories and folds, and what is worked out once for all of them."""

    theatre: Theatre
    ledger: Ledger
    runs: int = 1000
    seed: int = 7
    folds: int = 10

    @cached_property
    def timeline(self) -> Timeline:
        """The belief over the scenario's own days, by the default policy."""
        return reconstruct(self.theatre, self.ledger)

    @cached_property
    def ring(self) -> tuple[str | None, str | None]:
        """The place that the ring is asked of, and the side inside; none where the theatre has no city of parts."""
        return whose(self.timeline)


def sections(asked: Asked, *, names: Iterable[str] | None = None, told: Callable[[str], None] | None = None) -> Iterator[Section]:
    """
    Yield the sections of the page, all or those named, that have something to say of this record; `told` hears the title of each.

    Raises
    ------
    ReportError
        When a name is that of no section.
    """
    wanted = list(SECTIONS) if names is None else list(names)
    if unknown := [name for name in wanted if name not in SECTIONS]:
        raise ReportError(f"no section {unknown[0]!r}; expected one of {', '.join(SECTIONS)}")
    for name in wanted:
        title, make = SECTIONS[name]
        if told:
            told(title.lower())
        text, figures = make(asked)
        if text:
            yield Section(name, title, text, figures)


def report(
    theatre: Theatre,
    ledger: Ledger,
    path: str | Path,
    *,
    runs: int = 1000,
    seed: int = 7,
    folds: int = 10,
    told: Callable[[str], None] | None = None,
) -> Path:
    """
    Write a page on the record to `path`, `.html` in one file or `.md` with its charts in a folder beside, and return it.

    Raises
    ------
    ReportError
        When the suffix is neither, before anything is worked out.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise ReportError(f"{path.name!r}: unknown suffix {path.suffix!r}; expected one of {', '.join(SUFFIXES)}")
    made = list(sections(Asked(theatre, ledger, runs, seed, folds), told=told))
    figures = {name: svg for section in made for name, svg in section.figures.items()}
    folder = f"{path.stem}_figures"
    lines = [f"# {theatre.title}", theatre.summary, *(f"## {each.title}\n\n{_body(each, folder)}" for each in made)]
    page = "\n\n".join(line for line in lines if line) + "\n"
    if path.suffix.lower() == ".html":
        page = html(page, title=theatre.title, pictures={f"{folder}/{name}": svg for name, svg in figures.items()})
    else:
        _write_figures(path.parent / folder, figures)
    with beside(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return path


def fill(asked: Asked, path: str | Path, *, told: Callable[[str], None] | None = None) -> tuple[str, ...]:
    """
    Write anew what stands between `<!-- report: name -->` and `<!-- end -->` in a Markdown file, for every section's name found there, and its
    charts into `figures/` beside; return these names. The rest of the file stays as it is.

    Raises
    ------
    ReportError
        When the file has none of these marks.
    """
    path = Path(path)
    page = path.read_text(encoding="utf-8")
    names = [name for name in SECTIONS if re.search(_MARKED.format(name), page, re.DOTALL)]
    if not names:
        raise ReportError(
            f"{path} has no marks to fill; expected lines <!-- report: NAME --> and <!-- end -->, NAME one of {', '.join(SECTIONS)}"
        )
    for section in sections(asked, names=names, told=told):
        page = filled(page, section)
        _write_figures(path.parent / "figures", section.figures)
    with beside(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return tuple(names)


def filled(page: str, section: Section) -> str:
    """Return a page with the text between a section's marks written anew."""
    body = _body(section, "figures")
    return re.sub(_MARKED.format(section.name), lambda match: match[1] + body + "\n<!-- end -->", page, flags=re.DOTALL)


def _body(section: Section, folder: str) -> str:
    pictures = [f"![{section.title}]({folder}/{name})" for name in section.figures]
    return "\n\n".join([section.text, *pictures])


def _write_figures(folder: Path, figures: Mapping[str, str]) -> None:
    for name, svg in figures.items():
        folder.mkdir(parents=True, exist_ok=True)
        with beside(folder / name) as temporary:
            temporary.write_text(svg, encoding="utf-8")


Made = tuple[str, dict[str, str]]


def _counts(asked: Asked) -> Made:
    theatre, ledger = asked.theatre, asked.ledger
    found = ledger.counts()
    rows = [[family, f"`{kind}`", f"{found[kind]:,}"] for family, kinds in _FAMILIES.items() for kind in kinds if found[kind]]
    sides: Counter[str | None] = Counter()
    for source, count in ledger.columns.column("source").counts().items():
        sides[ledger.source(source).side] += count
    by = [f"{sides[side.id]:,} by voices of {side.name}" for side in theatre.sides if sides[side.id]]
    days = f"{theatre.start} to {theatre.end}"
    about = f"{_many(len(theatre.places), 'place')}, {_many(len(theatre.links), 'link')} and {_many(len(theatre.groups), 'group')}"
    text = f"{_many(len(ledger.claims), 'claim')} by {_many(len(ledger.sources), 'source')} on {about}; {days}."
    text += f" Of the claims {', '.join([*by, f'{sides[None]:,} by voices of no side'])}."
    return text + "\n\n" + table(["family", "kind", "claims"], rows), {}


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _sources(asked: Asked) -> Made:
    claims = Counter(asked.ledger.columns.column("source").counts())
    names = {side.id: side.name for side in asked.theatre.sides}
    rows = []
    for source in sorted(asked.ledger.sources.values(), key=lambda source: (-claims[source.id], source.id)):
        origin = f"repeats {asked.ledger.source(source.origin).name}. " if source.origin else ""
        rows.append(
            [source.name, source.kind, names[source.side] if source.side else "neutral", f"{claims[source.id]:,}", origin + source.note]
        )
    return table(["source", "kind", "side", "claims", "note"], rows), {}


def _contradictions(asked: Asked) -> Made:
    theatre, ledger = asked.theatre, asked.ledger
    found = conflicts(theatre, ledger)
    if not found:
        return "", {}
    lines = [f"{len(found)} found by rule: claims that cannot all be true. `qsim conflicts` tells them with what stands beside."]
    for subject, heading in SUBJECTS.items():
        mine = [conflict for conflict in found if conflict.subject == subject]
        rows = []
        for each in mine:
            told = [f"{claim_text(theatre, ledger, claim)} ({ledger.source(claim.source).name})" for claim in each.claims]
            rows.append([str(each.window), theatre.named(each.place), each.reason, " / ".join(told)])
        if rows:
            lines += [f"### {heading} ({len(rows)})", table(["days", "place", "why", "who says what"], rows)]
    return "\n\n".join(lines), {}


def _shares(asked: Asked) -> Made:
    place, _ = asked.ring
    told = [side for side in asked.theatre.sides if place and _reported(asked, place, side.id)]
    if place is None or not told:
        return "", {}
    lines = [
        f"What the record as a whole makes likely of {asked.theatre.place(place).name}, with the interval that holds 90 % of the histories, "
        "beside every share that somebody reported."
    ]
    lines += [share_table(asked.timeline, place, side.id, runs=asked.runs, seed=asked.seed) for side in told]
    return "\n\n".join(lines), {
        f"share_{side.id}.svg": _svg(partial(share_chart, asked.timeline, place, side.id, runs=asked.runs, seed=asked.seed))
        for side in told
    }


def _reported(asked: Asked, place: str, side: str) -> bool:
    """Return whether anybody gave a share of this side; with two sides those of the first stand for both."""
    first = asked.theatre.sides[0].id
    return bool(reported(asked.timeline, place, side)) and (len(asked.theatre.sides) > 2 or side == first)


def _scores(asked: Asked) -> Made:
    if not any(can_be_predicted(asked.theatre, claim) for claim in asked.ledger.claims):
        return "", {}
    told = verdict(asked.theatre, asked.ledger, folds=asked.folds)
    return verdict_text(told), {"reliability.svg": _svg(partial(reliability_chart, asked.theatre, told.charted))}


def _ring(asked: Asked) -> Made:
    place, side = asked.ring
    if place is None or side is None or not asked.theatre.side(side).bases:
        return "", {}
    text = (
        f"Whether {asked.theatre.side(side).name} in {asked.theatre.place(place).name} were cut off from their bases: every claim on it, "
        "with the probability by the map, by the words, and by both, and every claim on a way into the place by its name."
    )
    heard = witnesses(asked.timeline, place, side, runs=asked.runs, seed=asked.seed)
    rows = metrics_by_day(asked.timeline, heard, place, side)
    chart = _svg(partial(ring_chart, asked.timeline, place, side, runs=asked.runs, seed=asked.seed, rows=rows))
    parts = [
        text,
        ring_table(asked.timeline, place, side, runs=asked.runs, seed=asked.seed),
        fenced(enclosure_table(asked.timeline, heard, place, side)),
    ]
    return "\n\n".join(parts), {"ring.svg": chart}


def _toll(asked: Asked) -> Made:
    found = casualties(asked.theatre, asked.ledger)
    lines: list[str] = []
    for heading in dict.fromkeys(heading_of(asked.theatre, toll) for toll in found):
        rows = [_toll_row(asked.theatre, toll) for toll in found if heading_of(asked.theatre, toll) == heading]
        lines += [f"### {heading}", table(["number", "who", "where", "days", "by", "citation"], rows)]
    note = "Every figure stands alone: sources overlap and contradict each other, and no two of them are added."
    return "\n\n".join([*lines, note] if lines else []), {}


def _toll_row(theatre: Theatre, toll: Toll) -> list[str]:
    claim = toll.claim
    where, cited = theatre.named(claim.place), ", ".join(map(str, claim.cites[:1]))
    return [claim.figure, f"{toll.people} {toll.outcome}", where, str(claim.window), toll.source.name, cited]


def _origins(asked: Asked) -> Made:
    theatre = asked.theatre
    documents = [[doc.id, doc.title, doc.language, doc.origin, doc.licence] for doc in theatre.documents.values()]
    points = Counter((place.source, place.licence, "places") for place in theatre.places)
    points += Counter((feature.source, feature.licence, "lines") for feature in theatre.backdrop)
    rows = [
        [source, licence, f"{count:,} {what}"]
        for (source, licence, what), count in sorted(points.items(), key=lambda each: (-each[1], each[0]))
    ]
    parts = [table(["document", "title", "language", "origin", "licence"], documents)] if documents else []
    return "\n\n".join([*parts, table(["map data from", "licence", "used for"], rows)]), {}


SECTIONS: Mapping[str, tuple[str, Callable[[Asked], Made]]] = {
    "counts": ("The record in numbers", _counts),
    "contradictions": ("Where it contradicts itself", _contradictions),
    "shares": ("Reported shares", _shares),
    "ring": ("The ring", _ring),
    "scores": ("How well left-out claims are foretold", _scores),
    "toll": ("The toll", _toll),
    "sources": ("Who speaks", _sources),
    "origins": ("Documents, map data and licences", _origins),
}


def _svg(draw: Callable[..., object]) -> str:
    """Return a chart as SVG text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chart.svg"
        draw(path=path)
        return path.read_text(encoding="utf-8")
