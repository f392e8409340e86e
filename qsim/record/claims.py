"""The one check of a claim: what it may name, and what its kind needs; `check`, `load` and `Ledger.plus` all ask here."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.record.citations import Citation, CitationError
from qsim.record.dates import MOST_DAYS, Window
from qsim.record.documents import Document
from qsim.record.names import Index, nearest
from qsim.record.packed import Claims, day_number
from qsim.record.words import BOUNDS, CONFIDENCES, KIND_SYNONYMS, KINDS, OUTCOMES, QUANTIFIERS

ONE_SIDE = "a claim names one: leave it blank where they fight each other for the place, else write a row for each"
_JOINED = re.compile(r"\s*(?:(?:[;,/&+|]|\band\b|\bvs\b\.?|\bversus\b|\bagainst\b)\s*)+", re.IGNORECASE)
_LONGEST = 300  # letters of a cell that may name several sides
_OF_WAYS = ("cuts", "opens", "other", "bombards")
_FOREVER = 10**9  # a day after all others
FAR_YEARS = 20  # a claim that lies further outside the scenario's days has a mistyped year


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """
    What the claims of a scenario may name: places, groups and ways (`subjects`), sides, actors, sources, documents; and its days.

    What could not be read is None: what names it is then not called unknown as well.
    """

    subjects: Index
    ways: frozenset[str]
    sides: Index | None
    actors: Index | None
    sources: Index
    documents: Mapping[str, Document] | None = field(default_factory=dict)
    first: date | None = None
    last: date | None = None
    actor_sides: Mapping[str, frozenset[str]] = field(default_factory=dict)


def wrong_with(claim: Any, known: Vocabulary | None = None) -> Iterator[tuple[str, str]]:
    """
    Yield (field, what is wrong) for everything in a claim that is not so; without a vocabulary, only what needs none.

    `claim` is a `Claim`, or what a row has in its place while it has no window. A field that is None is one of which something was said already, or that may be blank.
    """
    if known is not None:
        yield from _names(claim, known)
        yield from _citations(claim, known)
        yield from _far(claim, known)
    yield from _words(claim)
    yield from _numbers(claim)
    yield from _needs(claim)
    if known is not None and claim.place in known.ways and claim.kind not in _OF_WAYS:
        yield "place", f"{claim.place!r} is a way; only cuts and opens speak of ways"
    if claim.reported and claim.window and claim.reported.end < claim.window.start:
        yield "reported", f"reported {claim.reported}, before the day it speaks of, {claim.window}"


def may_be_wrong(claims: Claims, known: Vocabulary) -> NDArray[np.bool_]:
    """
    Return of which claims something may be wrong, (claims,): all of which `wrong_with` yields something are among them.

    What depends on few fields is asked once for each set of their values.
    """
    found = np.zeros(len(claims), dtype=bool)
    for asked, names in _DEPENDS:
        if asked is _names and len(names) == 1 and _all_are_ids(claims, names[0], known):
            continue
        if any(any(True for _ in asked(claim, known)) for claim in claims.examples(*names)):
            few, of = claims.alike(*names)
            found |= np.array([any(True for _ in asked(claim, known)) for claim in few], dtype=bool)[of]
    kind, ways = claims.column("kind"), claims.column("place").each(known.ways.__contains__, bool)
    found |= ways & ~kind.each(_OF_WAYS.__contains__, bool)
    found |= kind.each(lambda each: each == "denies", bool) & claims.column("denies").each(lambda each: each is None, bool)
    reported = claims.column("reported").each(lambda window: day_number(window.end) if window else _FOREVER, np.int64)
    return np.asarray(found | (reported < claims.start))


def _all_are_ids(claims: Claims, name: str, known: Vocabulary) -> bool:
    """Return whether all that claims name in a field are ids of what they may name there."""
    index = {"place": known.subjects, "side": known.sides, "source": known.sources}[name]
    column = claims.column(name)
    used = map(column.values.__getitem__, np.flatnonzero(column.used()).tolist())
    return index is None or all(value is None or value in index.ids for value in used)


def unknown(index: Index | None, name: str | None, noun: str) -> str:
    """Return why a name is no id of an index: nothing bears it, or several do; nothing where it is one, or is blank."""
    if name is None or index is None or name in index:
        return ""
    found = index.find(name)
    if noun == "side" and not found and (several := several_in(name, index)):
        return f"{name!r} names {len(several)} sides, {' and '.join(several)}; {ONE_SIDE}"
    if len(found) > 1:
        return f"the name {name!r} fits several: {', '.join(found)}; give one of these ids"
    return f"unknown {noun} {name!r}" + (f"; did you mean {found[0]!r}?" if found else index.hint(name))


def several_in(name: str, sides: Index) -> tuple[str, ...]:
    """
    Return the ids of the sides that one cell names together, `Red and Blue`; none where a part of it is no side, or it is one name.

    Examples
    --------
    >>> several_in("Red, Blue and Green", Index([("red", ("Red",)), ("blue_and_green", ("Blue and Green",))]))
    ('red', 'blue_and_green')
    >>> several_in("Red / Blue", Index([("red", ("Red",)), ("blue", ("Blue",)), ("both", ("Red and Blue",))]))
    ('red', 'blue')
    """
    return tuple(dict.fromkeys(_parted(name.strip(" ;,/&+|"), sides, several=True) or ()))


def _parted(name: str, sides: Index, *, several: bool = False) -> list[str] | None:
    """
    Return the ids of the sides that a text joins, the longest name first where one holds a word that joins; None where a part is no side.

    With `several` the whole text is not one name.
    """
    joints = list(_JOINED.finditer(name)) if len(name) < _LONGEST else []
    whole = [] if several else [(len(name), len(name))]
    for end, then in [*whole, *((each.start(), each.end()) for each in reversed(joints))]:
        if first := sides.find(name[:end].strip()) if name[:end].strip() else ():
            if end == len(name):
                return [first[0]]
            if rest := _parted(name[then:], sides):
                return [first[0], *rest]
    return None


def wrong_citation(text: str, documents: Mapping[str, Document] | None, sources: Index) -> str:
    """Return what is wrong with a citation: it is malformed, or points at nothing."""
    try:
        cited = Citation.parse(text)
        if cited.kind == "record":
            return unknown(sources, cited.document, "source")
        if cited.kind != "sentence" or documents is None:
            return ""
        if cited.document not in documents:
            return f"{text} names document {cited.document!r}; expected one of {', '.join(sorted(documents)) or 'none'}"
        documents[cited.document].quote(cited)
    except CitationError as problem:
        return str(problem)
    return ""


def _names(claim: Any, known: Vocabulary) -> Iterator[tuple[str, str]]:
    noun = "place" if claim.kind not in ("cuts", "opens") else "place, group or link"
    named: list[tuple[str, str | None, Index | None, str]] = [("place", claim.place, known.subjects, noun)]
    named += [("side", claim.side, known.sides, "side")]
    named += [("actor", actor, known.actors, "actor") for actor in claim.actors]
    for column, name, index, what in [*named, ("source", claim.source, known.sources, "source")]:
        if wrong := unknown(index, name, what):
            yield column, wrong
    for actor in claim.actors if claim.kind != "contests" else ():  # who fights for a place may be named with whom
        sides = known.actor_sides.get(actor, frozenset())
        if sides and claim.side is not None and claim.side not in sides:
            yield (
                "actor",
                f"actor {actor!r} is of {' and '.join(sorted(sides))}, and the claim of {claim.side!r}; one of the two is mistaken",
            )


def _citations(claim: Any, known: Vocabulary) -> Iterator[tuple[str, str]]:
    for text in claim.cites:
        if wrong := wrong_citation(text, known.documents, known.sources):
            yield "cites", wrong


def _far(claim: Any, known: Vocabulary) -> Iterator[tuple[str, str]]:
    """Yield a window that cannot be meant: years outside the scenario, or centuries long."""
    for column, window in (("start", claim.window), ("reported", claim.reported)):
        if window is None or known.first is None or known.last is None:
            continue
        years = max((known.first - window.end).days, (window.start - known.last).days) / 365.25
        if years > FAR_YEARS:
            yield column, f"{window} lies {years:.0f} years outside the scenario, {known.first} to {known.last}; is the year mistyped?"
        elif window.length > MOST_DAYS and not (window.open_start or window.open_end):
            yield column, f"{window} spans {window.length / 365.25:.0f} years; is a year mistyped?"


def _words(claim: Any) -> Iterator[tuple[str, str]]:
    for column, value, choices in (
        ("kind", claim.kind, KINDS),
        ("quantifier", claim.quantifier, QUANTIFIERS),
        ("bound", claim.bound, BOUNDS),
        ("confidence", claim.confidence, CONFIDENCES),
    ):
        if value is not None and value not in choices:
            also = (
                f"; did you mean {KIND_SYNONYMS[value]!r}?" if column == "kind" and value in KIND_SYNONYMS else nearest(str(value), choices)
            )
            yield column, f"unknown {column} {value!r}{also}; expected one of {', '.join(choices)}"


def _numbers(claim: Any) -> Iterator[tuple[str, str]]:
    if claim.value is not None and not (isinstance(claim.value, int | float) and 0 <= claim.value <= 1):
        yield "value", f"{claim.value:g} lies outside 0..1; a share is a fraction, so 60 % is 0.6"
    given = [n for n in (claim.low, claim.best, claim.high) if n is not None]
    if wrong := [n for n in given if isinstance(n, bool) or not isinstance(n, int) or n < 0]:
        yield "best", f"{wrong[0]!r} is not a whole number from 0"
    elif given != sorted(given):
        yield "low", f"low, best and high are out of order: {', '.join(map(str, given))}"
    if given and claim.kind not in ("casualties", "strength"):
        yield "best", "only casualties and strength have numbers"


def _needs(claim: Any) -> Iterator[tuple[str, str]]:
    """Yield what a claim lacks, or has too much of, for its kind."""
    kind = claim.kind
    if kind in ("holds", "takes", "loses", "share", "denies", "repulses") and claim.side is None:
        yield "side", f"a claim that says {kind!r} needs a side"
    if (kind == "share") != (claim.value is not None):
        yield "value", "a share needs a value, and only a share has one"
    if (kind == "share") != (claim.bound is not None) and (kind, claim.bound) != ("holds", "at_most"):
        yield (
            "bound",
            "a share needs a bound, and only a share has one; `holds` may have at_most, where a side is said to hold no more than this",
        )
    if kind == "denies" and claim.denies is None:
        yield "denies", "a denial names the claim that it denies"
    if kind == "casualties" and claim.of.rpartition(" ")[2] not in OUTCOMES:
        yield "of", f"{claim.of!r} does not end in an outcome; expected one of {', '.join(OUTCOMES)}"


def window_of(start: Window | None, end: Window | None) -> str:
    """Return what is wrong with the start and end of a claim: nothing, or that the end lies before."""
    return f"the end {end} lies before the start {start}" if start and end and end.end < start.start else ""


_DEPENDS: tuple[tuple[Callable[[Any, Vocabulary], Iterable[object]], tuple[str, ...]], ...] = (
    *((_names, names) for names in (("place",), ("side",), ("actors", "side", "kind"), ("source",))),
    (_citations, ("cites",)),
    *((_far, (name,)) for name in ("window", "reported")),
    *((lambda claim, _: _words(claim), (name,)) for name in ("kind", "quantifier", "bound", "confidence")),
    (lambda claim, _: _numbers(claim), ("kind", "value", "low", "best", "high")),
    (lambda claim, _: _needs(claim), ("kind", "side", "value", "bound", "of")),
)
