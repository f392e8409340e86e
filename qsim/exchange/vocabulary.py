"""What the words, colours and icons of a file stand for: sides with the names that files give them, and a legend with dates."""

import colorsys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fnmatch import fnmatchcase
from itertools import chain, count
from pathlib import Path
from typing import Any

from qsim.exchange.files import ImportProblem, clean, read_day, slug
from qsim.record.claims import several_in
from qsim.record.names import Index, closest
from qsim.record.words import KIND_SYNONYMS, KINDS

CONTESTED = "contested"
NOTHING = "none"
COLOURS = ("#0072B2", "#E69F00", "#6CA854", "#CC79A7", "#56B4E9", "#D55E00", "#8C6D31", "#7F7F7F")
MOST_SIDES = len(COLOURS)
RAREST = 0.01
ALIKE = 0.75  # of the letters of two names, so that it is asked whether they are one


@dataclass(frozen=True, slots=True)
class SideNames:
    """A side, and what the files call it; a blank colour is one that it is yet to get."""

    id: str
    name: str
    colour: str = ""
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sign:
    """
    One line of a legend: a term (a colour, an icon, a label; `*` stands for anything) and the status that it stood for then.

    `status` is a side's id, `contested`, or `none` for what says nothing of control; `source` and `confidence` where a layer of its
    own is meant, such as what one side claims.
    """

    term: str
    status: str
    first: date = date.min
    last: date = date.max
    source: str = ""
    confidence: str = ""

    def fits(self, term: str, day: date) -> bool:
        """Return whether this line explains a term on a day."""
        return self.first <= day <= self.last and fnmatchcase(_key(term), _key(self.term))


@dataclass(slots=True)
class Vocabulary:
    """The sides of an import and what each term stands for; `outside` is the status of what no polygon covers, if a legend says so."""

    sides: list[SideNames] = field(default_factory=list)
    signs: list[Sign] = field(default_factory=list)
    contested: tuple[str, ...] = (CONTESTED,)
    outside: str | None = None
    _known: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for side in self.sides:
            self._known |= {_key(term): side.id for term in (side.id, side.name, *side.terms)}
        self._known |= {_key(term): CONTESTED for term in self.contested}

    def sign(self, term: str, day: date) -> Sign | None:
        """Return what a term stands for on a day: by the legend, else by the sides' names; None where neither knows it."""
        for sign in self.signs:
            if sign.fits(term, day):
                return sign
        status = self._known.get(_key(term))
        return Sign(term, status) if status else None

    def meant(self, term: str) -> str:
        """Return the known term that is most like one that is not known, to be asked about; blank where none is."""
        return closest(term, [each for side in self.sides for each in (side.name, *side.terms)] + list(self.contested), ALIKE)

    def side(self, name: str) -> str | None:
        """Return the id of the side that bears a name, or None."""
        found = self._known.get(_key(name))
        return found if found != CONTESTED else None


def in_colours(sides: Iterable[SideNames], taken: Iterable[str] = ()) -> list[SideNames]:
    """Return sides with the colours that they lack: the next of eight that colour-blind eyes can tell apart, then other hues."""
    sides, used = list(sides), {each.casefold() for each in taken}
    used |= {side.colour.casefold() for side in sides}
    hues = (colorsys.hsv_to_rgb(0.618 * i % 1, 0.6, 0.7) for i in count(1))
    more = (f"#{round(255 * r):02x}{round(255 * g):02x}{round(255 * b):02x}" for r, g, b in hues)
    free = (each for each in chain(COLOURS, more) if each.casefold() not in used)
    return [side if side.colour else replace(side, colour=next(free)) for side in sides]


def read_sides(path: Path) -> list[SideNames]:
    """Return the sides of a TOML file: `[[sides]]` with id, name, colour and `terms`, the names that files give them."""
    entries = _toml(path).get("sides", [])
    problems = [f"{path}: side {i} lacks an id" for i, entry in enumerate(entries, 1) if "id" not in entry]
    if not entries:
        problems = [f"{path}: no [[sides]]; expected one for each side, with id, name and terms"]
    if problems:
        raise ImportProblem("\n".join(problems))
    return in_colours(
        SideNames(str(e["id"]), str(e.get("name", e["id"])), str(e.get("colour", "")), tuple(map(str, e.get("terms", ())))) for e in entries
    )


def read_legend(path: Path, sides: Sequence[SideNames]) -> tuple[list[Sign], str | None]:
    """
    Return the lines of a legend file, and the status of what no polygon covers.

    The file is TOML: `[[legend]]` with `term` and `status`, and perhaps `from`, `to` (both included), `source`, `confidence`; `outside`
    above them. The first line that fits a term on a day counts.

    Raises
    ------
    ImportProblem
        When a line lacks a term or a status, a status is unknown, or a date is none; all of them at once.
    """
    settings, problems, signs = _toml(path), [], []
    known = {side.id for side in sides} | {CONTESTED, NOTHING}
    for i, entry in enumerate(settings.get("legend", []), 1):
        status, term = str(entry.get("status", "")), str(entry.get("term", ""))
        dates = [read_day(str(entry[key])) if key in entry else default for key, default in (("from", date.min), ("to", date.max))]
        if not term or not status:
            problems.append(f"line {i}: expected a term and a status")
        elif sides and status not in known:
            problems.append(f"line {i}: unknown status {status!r}; expected one of {', '.join(sorted(known))}")
        elif dates[0] is None or dates[1] is None:
            problems.append(f"line {i}: from and to are days such as 2024-12-08")
        else:
            signs.append(Sign(term, status, dates[0], dates[1], str(entry.get("source", "")), str(entry.get("confidence", ""))))
    if problems:
        raise ImportProblem("\n".join(f"{path}: {problem}" for problem in problems))
    outside = settings.get("outside")
    return signs, str(outside) if outside else None


def vocabulary(
    terms: Mapping[str, int] | Iterable[str],
    *,
    sides: Path | Sequence[SideNames] | None = None,
    legend: Path | None = None,
    contested: Sequence[str] = (CONTESTED,),
    known: Sequence[SideNames] = (),
) -> tuple[Vocabulary, str]:
    """
    Return the vocabulary of an import, and a sentence on where its sides come from (empty where the user named them).

    Without named sides, the statuses of the legend are the sides; without a legend every term that at least one record in a hundred
    bears is one, the commonest eight: a draft to correct. `known` sides are those of the scenario that is added to: terms that are their
    ids or names stand for them, and only others are drafted.
    """
    named = read_sides(sides) if isinstance(sides, Path) else list(sides or ())
    signs, outside = read_legend(legend, named) if legend else ([], None)
    told = ""
    if not named and signs:
        ids = dict.fromkeys(sign.status for sign in signs if sign.status not in (CONTESTED, NOTHING))
        ids |= {outside: None} if outside else {}
        named = in_colours(SideNames(id, id.replace("_", " ").capitalize()) for id in ids)
        told = "the sides are the statuses of the legend"
    elif not named:
        known = [
            replace(side, terms=(*side.terms, *(term for term in terms if slug(term) in (side.id, slug(side.name))))) for side in known
        ]
        there = Vocabulary(list(known), contested=tuple(contested))
        new = _drafted(Counter(terms), {_key(term) for term in contested}, there)
        named = in_colours([*known, *new])
        told = _told_drafted(known, new)
        told = "; ".join([told, *_questions(named, len(known))])
    return Vocabulary(named, signs, tuple(contested), outside), told


def sides_toml(sides: Iterable[SideNames], unmapped: Iterable[str] = ()) -> str:
    """Return a draft of the file for `--sides`, with the terms that nobody has mapped yet as a comment."""
    lines = ["# Sides, and the names that the files give them: correct it, then import again with --sides."]
    for side in sides:
        lines += ["", "[[sides]]", f"id = {_quoted(side.id)}", f"name = {_quoted(side.name)}", f"colour = {_quoted(side.colour)}"]
        lines += [f"terms = [{', '.join(_quoted(term) for term in side.terms)}]"] if side.terms else []
    rest = sorted(unmapped)
    lines += ["", "# Not mapped to any side:", *(f"#   {term}" for term in rest)] if rest else []
    return "\n".join(lines) + "\n"


def _told_drafted(known: Sequence[SideNames], new: Sequence[SideNames]) -> str:
    """Return where sides come from that no map names."""
    names = ", ".join(side.name for side in new)
    if not known:
        return f"no map of sides was given: {names} became one side each; a folder of its own (-o) gets a draft, sides.toml, to correct and give with --sides"
    there = f"the sides are those of the scenario, by id or name: {', '.join(side.name for side in known)}"
    return f"{there}; not among them, and one new side each: {names}" if new else there


def _drafted(terms: Counter[str], contested: set[str], there: Vocabulary) -> list[SideNames]:
    """Return a side for each common term that is none which is `there`; spellings that give one id are one side, but a name with a question mark is another matter."""
    total = sum(terms.values())
    spelt: dict[str, Counter[str]] = {}
    for term, times in terms.items():
        if clean(term) and _key(term) not in contested and not there.side(term):
            spelt.setdefault(slug(term) + ("_in_doubt" if "?" in term else ""), Counter())[clean(term)] += times
    common = sorted((c for c in spelt if spelt[c].total() >= RAREST * total), key=lambda c: (-spelt[c].total(), c))
    return [SideNames(id, spelt[id].most_common(1)[0][0], terms=tuple(spelt[id])) for id in common[:MOST_SIDES]]


def _questions(sides: Sequence[SideNames], known: int) -> Iterator[str]:
    """Yield what to look at in a draft, after the first sides that are `known`: sides of nearly one name, words for what happened, two sides in one."""
    index = Index((side.id, (side.name, *side.terms)) for side in sides)
    for n, side in enumerate(sides):
        if n < known:
            continue
        if twin := closest(side.name, [each.name for each in sides[:n]], ALIKE):
            yield f"are {twin!r} and {side.name!r} one side?"
        if (kind := KIND_SYNONYMS.get(slug(side.name), "")) or slug(side.name) in KINDS:
            yield f"{side.name!r} is a word for what is said ({kind or slug(side.name)}), is it the name of a side?"
        if several := several_in(side.name, index):
            yield f"{side.name!r} names {' and '.join(several)}, is it a side of its own?"


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError:
        raise ImportProblem(f"{path}: there is no such file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ImportProblem(f"{path}: not TOML: {problem}") from None


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _key(term: str) -> str:
    return clean(term).replace("_", " ").casefold()
