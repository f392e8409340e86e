"""What makes a scenario sound: one function a question, each noting all that it finds in the tables it read."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.record.claims import Vocabulary, may_be_wrong, unknown, window_of, wrong_citation, wrong_with
from qsim.record.columnar import perhaps_alike
from qsim.record.contents import Contents, claim_from
from qsim.record.dates import MOST_DAYS
from qsim.record.names import Index
from qsim.record.packed import day_number, firsts, joint
from qsim.record.schema import FORMAT
from qsim.record.settings import Model, ModelError
from qsim.record.shapes import check_for_colours, check_for_frame, check_for_outlines, check_for_ways
from qsim.record.spellings import with_year
from qsim.record.words import SOURCE_ALIASES, SOURCE_KINDS

# All that a claim says, but for its id, its note, and how firmly it is said.
_SAID = (
    "place", "kind", "side", "actor", "quantifier", "value", "bound", "low", "best", "high", "of", "start", "end", "reported", "source",
    "denies", "cites",
)  # fmt: skip

_NO_DATE = re.compile(r"(bad date: ['\"](.*)['\"] is not an EDTF date); expected .*")


def check_all(contents: Contents) -> None:
    """Run every check; each notes its problems in the tables of `contents`, and one that fails is a problem itself."""
    for table, check in CHECKS:
        try:
            check(contents)
        except Exception as problem:  # a check that fails must not hide what the others find
            contents.tables[table].problem(failed(problem))


def failed(problem: Exception) -> str:
    """Return what is said of an error inside qsim itself."""
    return f"it could not be checked, which is a fault of qsim ({type(problem).__name__}: {str(problem)[:200]}); please report it"


def check_for_settings(contents: Contents) -> None:
    """The format is known; the days are in order; sides are two or more, each once, with bases that are places."""
    table, settings = contents.tables["scenario"], contents.settings
    if settings["format"] not in (FORMAT, None):
        table.problem(f"unknown format {settings['format']!r}; this version reads format = {FORMAT}", column="format")
    first, last = settings["start"], settings["end"]
    if first and last and first > last:
        table.problem(f"end {last} lies before start {first}", column="end")
    elif first and last and (last - first).days > MOST_DAYS:
        table.problem(f"start {first} and end {last} lie {last.year - first.year} years apart; is a year mistyped?", column="start")
    for name in ("start", "end"):
        if settings[name] is None and not table.spoilt(0, name):
            if not _unread(contents, "start"):
                table.problem(f"{name} is not given, and no claim has a day", column=name)
        elif settings[name] and settings[name].year in (1, 9999):
            table.problem(f"{name} {settings[name]} lies at the end of the calendar, which runs from year 1 to 9999", column=name)
    _check_sides(contents)


def _unread(contents: Contents, column: str) -> bool:
    """Return whether the claims, or a column of them, could not be read: what is taken from them is then not called missing as well."""
    table = contents.tables["claims"]
    return bool(table.spoilt_rows("") or table.spoilt_rows(column)) or (bool(table.problems) and not len(contents.claim_rows))


def _check_sides(contents: Contents) -> None:
    table, sides = contents.tables["scenario"], contents.settings["sides"]
    if len(sides) < 2 and not table.spoilt(0, "sides") and (sides or not _unread(contents, "side")):
        table.problem("fewer than two sides; expected a [[sides]] table for each", column="sides")
    places, known = contents.place_index(), contents.vocabulary()
    for side in sides:
        if not side["id"]:
            table.problem("a side has neither id nor name", column="sides")
        for base in side["bases"]:
            if wrong := unknown(places, base["place"], "place"):
                table.problem(f"base of {side['id']!r}: {wrong}", column="bases")
    for id, count in Counter(side["id"] for side in sides if side["id"]).items():
        if count > 1 or id in ("contested", "neutral", "unknown"):
            table.problem(f"the side id {id!r} {'stands twice' if count > 1 else 'has another meaning'}", column="sides")
    for id, count in Counter(actor["id"] for side in sides for actor in side["actors"]).items():
        if count > 1:
            table.problem(f"the actor {id!r} stands twice", column="actors")
    _tell_idle_sides(contents)
    city = contents.settings["city"]
    if city and (wrong := unknown(places, city, "place")) and not known.subjects.find(city):
        table.problem(wrong, column="city")


def _tell_idle_sides(contents: Contents) -> None:
    """Tell a side that has no base and of which no claim says that it does anything: likely whom a source belongs to, and no belligerent."""
    rows = contents.claim_rows
    doing = rows.where("kind", lambda kind: kind not in ("casualties", "strength", "other", "denies"))
    active = set(rows.columns["side"].take(doing).counts())
    if _unread(contents, "side") or _unread(contents, "kind"):
        return
    for side in contents.settings["sides"]:
        if side["id"] and side["id"] not in active and not side["bases"]:
            contents.tables["scenario"].notice(
                f"the side {side['id']!r} has no base, and no claim says that it holds, takes or fights for anything; if it is only whom a"
                " source belongs to, take it out of the sides: every side listed has a part of what is not known",
                column="sides",
            )


def check_for_model(contents: Contents) -> None:
    """The parameters of the belief model that a scenario sets exist and lie in their ranges."""
    table, given = contents.tables["scenario"], contents.settings["model"]
    if not given:
        return
    try:
        Model.from_settings(given)
    except ModelError as problems:
        for line in str(problems).splitlines()[1:]:
            table.problem(line.strip(), column="model")
    except (ValueError, TypeError) as problem:
        table.problem(str(problem), column="model")


def check_for_duplicate_ids(contents: Contents) -> None:
    """No id stands twice in a file, nor for a place, a group and a link at once."""
    seen: dict[str, tuple[str, int]] = {}
    for name in ("places", "links", "groups"):
        table = contents.tables[name]
        for row, cells in table.rows:
            id = cells["id"]
            if id and id in seen:
                file, other = seen[id]
                table.problem(f"the id {id!r} is taken by row {other} of {file}", row, "id")
            elif id:
                seen[id] = (table.file, row)
    for name in ("sources", "claims"):
        rows: dict[str, int] = {}
        for row, id in _ids(contents, name):
            if id and rows.setdefault(id, row) != row:
                contents.tables[name].problem(f"the id {id!r} is taken by row {rows[id]}", row, "id")


def _ids(contents: Contents, name: str) -> Iterable[tuple[int, str | None]]:
    """Return the rows of a table with their ids; of claims those alone whose id stands in several."""
    if name != "claims":
        return [(row, cells["id"]) for row, cells in contents.rows(name)]
    rows, ids = contents.claim_rows.numbers, contents.claim_rows.columns["id"]
    twice = np.flatnonzero(np.bincount(ids.codes, minlength=len(ids.values))[ids.codes] > 1)
    return zip(rows[twice].tolist(), ids.take(twice), strict=True)


def check_for_places(contents: Contents) -> None:
    """Parents and parts exist and do not run in circles."""
    table = contents.tables["places"]
    index = contents.place_index()
    places = {place.id: place for _, place in contents.places()}
    circles = in_circles({id: place.parent for id, place in places.items()})
    for row, place in contents.places():
        for column, other in (("parent", place.parent), ("within", place.within)):
            if wrong := unknown(index, other, "place"):
                table.problem(wrong, row, column)
        if place.id in circles:
            table.problem(f"the parents of {place.id!r} run in a circle", row, "parent")
        elif place.parent in places and places[place.parent].parent is not None and place.within is None:
            table.problem(f"{place.id!r} is a part of {place.parent!r}, which is a part itself; parts have no parts", row, "parent")
        if place.within in places and places[place.within].polygon is None:
            table.problem(f"{place.id!r} is within {place.within!r}, which has no polygon", row, "within")
        if place.within and place.parent is None:
            table.problem(f"{place.id!r} is within {place.within!r}, but names no parent", row, "parent")
        if place.gateway and (place.parent or place.polygon is not None):
            table.problem(f"{place.id!r} is a gateway, and has {'a parent' if place.parent else 'an area'}", row, "gateway")
    _check_parts_without_area(contents)
    if not table.rows and not table.problems:
        table.problem("there is no place in it")


def _check_parts_without_area(contents: Contents) -> None:
    """Tell places with a parent that are neither parts of it, since they have no polygon, nor buildings: city by city, with the remedy."""
    bare = [(row, each) for row, each in contents.places() if each.parent and each.within is None and each.polygon is None]
    for city in dict.fromkeys(each.parent for _, each in bare):
        names = [repr(each.id) for _, each in bare if each.parent == city]
        few = ", ".join(names[:5]) + (f" and {len(names) - 5:,} more" if len(names) > 5 else "")
        what = f"{few} {'have' if len(names) > 1 else 'has'} a parent, but neither a polygon (a part) nor `within` (a building)"
        cut = f"; parts known by a point: move their rows to a table of their own and call qsim sectors FOLDER {city} --around TABLE"
        for row in [row for row, each in bare if each.parent == city]:
            contents.tables["places"].problem(what + cut, row, "parent")


def check_for_names(contents: Contents) -> None:
    """A name that several places bear is allowed, and told: what names it must give the id."""
    bearers: dict[str, dict[str, tuple[str, int]]] = {}
    for row, place in contents.places():
        bearers.setdefault(place.name.casefold(), {})[place.id] = ("places", row)
    for row, cells in contents.rows("groups"):
        if cells["id"]:
            bearers.setdefault(cells["name"].casefold(), {})[cells["id"]] = ("groups", row)
    for name, ids in bearers.items():
        if len(ids) > 1:
            table, row = list(ids.values())[-1]
            contents.tables[table].notice(f"the name {name!r} is borne by {', '.join(ids)}; claims tell them apart by id", row, "name")


def check_for_groups(contents: Contents) -> None:
    """Members exist and are all places or all links."""
    table = contents.tables["groups"]
    places = {place.id for _, place in contents.places()}
    links = {cells["id"]: None for _, cells in contents.rows("links") if cells["id"]}.keys()
    known = contents.place_index().ids.keys() | links
    named = ((c["id"], (c["name"], *c["variants"])) for _, c in contents.rows("places") if c["id"])
    index = None if all(known.issuperset(group["members"]) for _, group in table.rows) else Index([*named, *((id, ()) for id in links)])
    for row, group in table.rows:
        for member in group["members"]:
            if wrong := unknown(index, member, "member"):
                table.problem(wrong, row, "members")
        if not group["members"] and not table.spoilt(row, "members"):
            table.problem("members is blank; expected places, or links, never mixed", row, "members")
        if places & set(group["members"]) and links & set(group["members"]):
            table.problem("members mix places and links", row, "members")


def check_for_sources(contents: Contents) -> None:
    """Kinds, sides and origins of sources are known; no origins run in circles."""
    table, known = contents.tables["sources"], contents.vocabulary()
    model = contents.settings["model"] or {}
    stated = model.get("reliability") if isinstance(model, Mapping) else None
    stated = set(stated) if isinstance(stated, Mapping) else set()
    circles = in_circles({cells["id"]: cells["origin"] for _, cells in table.rows if cells["id"]})
    kinds = Index((kind, [alias for alias, of in SOURCE_ALIASES.items() if of == kind]) for kind in SOURCE_KINDS)
    for row, cells in table.rows:
        for column, index in (("side", known.sides), ("origin", known.sources)):
            if wrong := unknown(index, cells[column], column):
                table.problem(wrong, row, column)
        if cells["id"] in circles:
            table.problem(f"the origins of {cells['id']!r} run in a circle", row, "origin")
        if cells["kind"] and cells["kind"] not in kinds and cells["kind"] not in stated:
            how = f"or state how far to trust it in scenario.toml: [model.reliability] {cells['kind']} = [0.6, 10]"
            hint = kinds.hint(cells["kind"]) or f"; expected one of {', '.join(SOURCE_KINDS)}"
            table.problem(f"unknown kind {cells['kind']!r}{hint} {how}", row, "kind")


def check_for_years(contents: Contents) -> None:
    """A date without a year is told with that of the scenario."""
    first, last = contents.settings["start"], contents.settings["end"]
    table = contents.tables["claims"]

    def worded(what: str) -> str:
        found = _NO_DATE.fullmatch(what)
        hint = with_year(found[2], first, last) if found else ""
        return f"{found[1]}{hint}" if found and hint else what

    for column in ("start", "end", "reported") if first and last and table.problems else ():
        table.reword(column, worded)


def check_for_none(contents: Contents) -> None:
    """A map may be made before anything is said of it: a ledger without claims is told, and no problem."""
    table = contents.tables["claims"]
    if not len(contents.claim_rows) and not table.problems and contents.rows("places"):
        there = "there is no such file yet" if "claims" in contents.missing and contents.path.is_dir() else "there is no claim in it yet"
        table.notice(f"{there}; the map stands without claims, and of who holds what nothing is known")


def check_for_claims(contents: Contents) -> None:
    """Claims name known places, sides, actors, sources and claims, and have what their kind needs."""
    table, known, rows = contents.tables["claims"], contents.vocabulary(), contents.claim_rows
    denials = [cells for _, cells in rows.named("id", "denies").take(rows.where("denies", bool))]
    ids = Index((id, ()) for id in (rows.columns["id"].values if denials else ()) if id)
    circles = in_circles({cells["id"]: cells["denies"] for cells in denials if cells["id"]})
    for row, cells in rows.take(_suspect(contents, known) | rows.where("denies", bool)):
        backwards = window_of(cells["start"], cells["end"])
        if backwards:
            table.problem(backwards, row, "end")
        claim: Any = claim_from(cells, row) if cells["start"] else SimpleNamespace(**cells, window=None, actors=cells["actor"])
        for column, what in wrong_with(claim, known):
            if not table.spoilt(row, column) and not (column == "reported" and backwards):
                table.problem(what, row, column)
        if wrong := unknown(ids, cells["denies"], "claim"):
            table.problem(wrong, row, "denies")
        if cells["id"] in circles:
            table.problem(f"the denials of {cells['id']!r} run in a circle", row, "denies")
    if uncited := int(rows.where("cites", lambda cites: not cites).sum()):
        table.notice(f"{uncited:,} claim{'s cite' if uncited > 1 else ' cites'} nothing; a reader cannot look up who says so")


def _suspect(contents: Contents, known: Vocabulary) -> NDArray[np.bool_]:
    """Return the rows of claims of which something may be wrong, (rows,); each is then asked for itself."""
    rows = contents.claim_rows
    dated = rows.where("start", bool)
    suspect = ~dated
    suspect[dated] = may_be_wrong(contents.claims(), known)
    ends = rows.where("end", bool)
    start = rows.columns["start"].each(lambda window: day_number(window.start) if window else 0, np.int64)
    end = rows.columns["end"].each(lambda window: day_number(window.end) if window else 0, np.int64)
    return suspect | (ends & dated & (end < start))


def check_for_shares(contents: Contents) -> None:
    """One source does not bound one share of one side and window so that nothing fits."""
    table = contents.tables["claims"]
    told: dict[tuple[Any, ...], list[tuple[int, float, str]]] = {}
    rows = contents.claim_rows
    for row, claim in rows.take(rows.where("kind", lambda kind: kind == "share")):
        if claim["value"] is not None and claim["start"] and claim["bound"]:
            key = claim["source"], claim["place"], claim["side"], claim["start"], claim["end"]
            told.setdefault(key, []).append((row, claim["value"], claim["bound"]))
    for bounds in told.values():
        least = max(((value, row) for row, value, bound in bounds if bound in ("at_least", "exact")), default=(0.0, 0))
        most = min(((value, row) for row, value, bound in bounds if bound in ("at_most", "exact")), default=(1.0, 0))
        if least[0] > most[0]:
            what = f"the share of at least {least[0]:g} (row {least[1]}) and at most {most[0]:g} (row {most[1]}) leave nothing between"
            table.problem(f"{what}; one source, place, side and window", max(least[1], most[1]), "value")


def check_for_copies(contents: Contents) -> None:
    """
    A claim that is there twice is allowed, since it changes nothing, and told: all but its id, its note and how firmly it is said are alike.

    Rows of which a cell could not be read may be alike or not.
    """
    table, rows = contents.tables["claims"], contents.claim_rows
    if table.problems and len(rows):
        unread = [np.isin(rows.numbers, at) & rows.blank(name) for name in _SAID if (at := table.spoilt_rows(name))]
        rows = rows.take(~np.logical_or.reduce(unread)) if unread else rows
    if not len(rows):
        return
    key, size = joint([rows.columns[name].coded for name in _SAID])
    some = perhaps_alike(key)
    first, of = firsts(key[some], size)
    numbers, earlier_ones = rows.numbers[some], rows.numbers[some[first[of]]]
    again = (numbers != earlier_ones) & (numbers != 0)
    for row, earlier in zip(numbers[again].tolist(), earlier_ones[again].tolist(), strict=True):
        table.notice(f"says what row {earlier} says, of the same place, days, source and citations; is it there twice?", row)


def check_for_citations(contents: Contents) -> None:
    """Every citation of links, groups and bases points at something; those of claims are checked with them. What has no text is told."""
    sources = contents.vocabulary().sources
    documents = contents.vocabulary().documents
    cited = [("scenario", 0, base["cites"]) for side in contents.settings["sides"] for base in side["bases"]]
    cited += [(name, row, cells["cites"]) for name in ("links", "groups") for row, cells in contents.rows(name)]
    cites = [(text, 1) for _, _, texts in cited for text in texts]
    for table, row, texts in cited:
        for citation in texts:
            if wrong := wrong_citation(citation, documents, sources):
                contents.tables[table].problem(wrong, row, "cites")
    cites += [(text, count) for texts, count in contents.claim_rows.columns["cites"].counts().items() for text in texts]
    for id, document in contents.documents.items():
        if not document.lines and (count := sum(times for text, times in cites if text.startswith(f"{id}:"))):
            what = f"document {id!r} has no file: {count:,} citation{'s' if count > 1 else ''} of it not looked up"
            contents.tables["scenario"].notice(f"{what}; give the text that you have: --text {id}=FILE")


CHECKS: tuple[tuple[str, Callable[[Contents], None]], ...] = (
    ("scenario", check_for_settings),
    ("scenario", check_for_model),
    ("scenario", check_for_frame),
    ("scenario", check_for_colours),
    ("places", check_for_duplicate_ids),
    ("places", check_for_places),
    ("places", check_for_outlines),
    ("places", check_for_names),
    ("links", check_for_ways),
    ("groups", check_for_groups),
    ("sources", check_for_sources),
    ("claims", check_for_years),
    ("claims", check_for_none),
    ("claims", check_for_claims),
    ("claims", check_for_shares),
    ("claims", check_for_copies),
    ("claims", check_for_citations),
)


def in_circles(above: Mapping[str, str | None]) -> set[str]:
    """Return the ids from which going up comes back to themselves; each id is visited once."""
    done: set[str] = set()
    found: set[str] = set()
    for start in above:
        path: dict[str, int] = {}
        here: str | None = start
        while here is not None and here in above and here not in done and here not in path:
            path[here] = len(path)
            here = above[here]
        if here in path:
            found |= {id for id, n in path.items() if n >= path[here]}
        done |= set(path)
    return found
