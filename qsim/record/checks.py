"""What makes a scenario sound: one function a question, each noting all that it finds in the tables it read."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from qsim.record.contents import Contents
from qsim.record.dates import DateError, day
from qsim.record.documents import CitationError, quote
from qsim.record.ledger import OUTCOMES
from qsim.record.settings import Model, ModelError
from qsim.record.theatre import nearest


def check_all(contents: Contents) -> None:
    """Run every check; each notes its problems in the tables of `contents`."""
    for check in CHECKS:
        check(contents)


def check_for_settings(contents: Contents) -> None:
    """Sides, frame and bases are there and make sense."""
    table = contents.tables["scenario.toml"]
    if not contents.settings:
        return
    frame = contents.settings.get("frame")
    if not _is_frame(frame):
        table.problem(f"frame {frame!r} is not [west, south, east, north] in degrees, west < east and south < north", column="frame")
    for key in ("start", "end"):
        try:
            day(str(contents.settings.get(key)))
        except DateError as problem:
            table.problem(str(problem), column=key)
    begin, end = (contents.settings.get(key) for key in ("start", "end"))
    if str(begin) > str(end):
        table.problem(f"end {end} lies before start {begin}", column="end")
    sides = contents.settings.get("sides", [])
    if len(sides) < 2:
        table.problem("fewer than two sides; expected a [[sides]] table for each", column="sides")
    places = _place_ids(contents)
    for side in sides:
        missing = [key for key in ("id", "name", "colour") if key not in side]
        if missing:
            table.problem(f"a side lacks {', '.join(missing)}", column="sides")
        if "colour" in side and not re.fullmatch(r"#[0-9a-fA-F]{6}", str(side["colour"])):
            table.problem(f"colour {side['colour']!r} of {side.get('id')!r} is not #rrggbb", column="sides")
        for actor in side.get("actors", ()):
            if not (isinstance(actor, dict) and {"id", "name"} <= set(actor)):
                table.problem(f"actor {actor!r} of {side.get('id')!r} is not a table {{id, name}}", column="actors")
        for base in side.get("bases", ()):
            if not isinstance(base, dict):
                table.problem(f"base {base!r} of {side.get('id')!r} is not a table {{place, cites, note}}", column="bases")
                continue
            if base.get("place") not in places:
                table.problem(
                    f"base of {side.get('id')!r}: unknown place {base.get('place')!r}{nearest(str(base.get('place')), sorted(places))}",
                    column="bases",
                )
            _check_citations(contents, table.file, 0, base.get("cites", ()))
    for id, count in Counter(side.get("id") for side in sides).items():
        if count > 1 or id == "contested":
            table.problem(f"the side id {id!r} {'stands twice' if count > 1 else 'is the name of a status'}", column="sides")


def check_for_model(contents: Contents) -> None:
    """The parameters of the belief model that a scenario sets exist and lie in their ranges."""
    if "model" not in contents.settings:
        return
    try:
        Model.from_settings(contents.settings.get("model", {}))
    except ModelError as problems:
        for line in str(problems).splitlines()[1:]:
            contents.tables["scenario.toml"].problem(line.strip(), column="model")


def check_for_duplicate_ids(contents: Contents) -> None:
    """No id stands twice in a file, nor for a place, a group and a link at once."""
    seen: dict[str, tuple[str, int]] = {}
    for file in ("places.geojson", "links.csv", "groups.csv"):
        for row, id in _ids(contents, file):
            if id in seen:
                contents.tables[file].problem(f"the id {id!r} is taken by row {seen[id][1]} of {seen[id][0]}", row, "id")
            seen.setdefault(id, (file, row))
    for file in ("sources.csv", "claims.csv"):
        rows: dict[str, int] = {}
        for row, id in _ids(contents, file):
            if id in rows:
                contents.tables[file].problem(f"the id {id!r} is taken by row {rows[id]}", row, "id")
            rows.setdefault(id, row)


def check_for_places(contents: Contents) -> None:
    """Parents and parts exist and do not run in circles; every place lies in the frame or is a gateway."""
    table = contents.tables["places.geojson"]
    places = {place.id: place for _, place in contents.places}
    frame: Any = contents.settings.get("frame")
    for row, place in contents.places:
        for column, other in (("parent", place.parent), ("within", place.within)):
            if other is not None and other not in places:
                table.problem(f"unknown place {other!r}{nearest(other, places)}", row, column)
        if _in_circle(place.id, {id: each.parent for id, each in places.items()}):
            table.problem(f"the parents of {place.id!r} run in a circle", row, "parent")
        if place.within in places and places[place.within].polygon is None:
            table.problem(f"{place.id!r} is within {place.within!r}, which has no polygon", row, "within")
        if place.parent and place.within is None and place.polygon is None:
            table.problem(f"{place.id!r} has a parent, but neither a polygon (a part) nor `within` (a building)", row, "parent")
        if _is_frame(frame) and not place.gateway and not _inside(place.lon, place.lat, frame):
            table.problem(
                f"{place.id!r} lies outside the frame and is no gateway; expected lon {frame[0]}..{frame[2]}, lat {frame[1]}..{frame[3]}",
                row,
            )


def check_for_aliases(contents: Contents) -> None:
    """No name fits two places or groups."""
    bearers: dict[str, dict[str, tuple[str, int]]] = {}
    for row, place in contents.places:
        for name in place.names:
            bearers.setdefault(name.casefold(), {})[place.id] = ("places.geojson", row)
    for row, cells in contents.tables["groups.csv"].rows:
        for name in (cells["id"], cells["name"], *cells["variants"]):
            if name:
                bearers.setdefault(name.casefold(), {})[cells["id"]] = ("groups.csv", row)
    for name, ids in bearers.items():
        if len(ids) > 1:
            file, row = list(ids.values())[-1]
            contents.tables[file].problem(f"the name {name!r} fits {' and '.join(ids)}; drop it from all but one", row, "variants")


def check_for_links(contents: Contents) -> None:
    """Links join two known places that are not cities of parts or buildings, once each, and leave nothing apart."""
    table = contents.tables["links.csv"]
    places = {place.id: place for _, place in contents.places}
    parents = {place.parent for place in places.values() if place.parent and place.within is None}
    seen: dict[frozenset[str], int] = {}
    for row, link in table.rows:
        ends = [link["a"], link["b"]]
        for column, end in zip("ab", ends, strict=True):
            if end is None:
                continue
            if end not in places:
                table.problem(f"unknown place {end!r}{nearest(end, places)}", row, column)
            elif places[end].within is not None or end in parents:
                table.problem(
                    f"{end!r} is a {'building' if places[end].within else 'city of parts'} and carries no links; link a part of it",
                    row,
                    column,
                )
        if ends[0] is not None and ends[0] == ends[1]:
            table.problem(f"the link joins {ends[0]!r} to itself", row)
        elif None not in ends and seen.setdefault(frozenset(ends), row) != row:
            table.problem(f"a second link between {ends[0]!r} and {ends[1]!r}; the first is row {seen[frozenset(ends)]}", row)
        if link["length_km"] is not None and link["length_km"] <= 0:
            table.problem(f"length_km is {link['length_km']}; expected more than 0", row, "length_km")
    joined = {end for pair in seen for end in pair}
    lone = [id for id, place in places.items() if id not in joined and place.within is None and id not in parents]
    if table.rows and lone:
        table.problem(f"no link reaches {', '.join(lone)}")
    elif table.rows and not table.problems and (apart := _apart([tuple(pair) for pair in seen])):
        table.problem(f"the map falls apart: no way joins {apart[0]!r} and {apart[1]!r}")


def check_for_groups(contents: Contents) -> None:
    """Members exist and are all places or all links."""
    table = contents.tables["groups.csv"]
    places, links = _place_ids(contents), set(_column(contents, "links.csv", "id"))
    for row, group in table.rows:
        for member in group["members"]:
            if member not in places | links:
                table.problem(f"unknown member {member!r}{nearest(member, sorted(places | links))}", row, "members")
        if places & set(group["members"]) and links & set(group["members"]):
            table.problem("members mix places and links", row, "members")


def check_for_sources(contents: Contents) -> None:
    """Sides and origins of sources exist; no origins run in circles."""
    table = contents.tables["sources.csv"]
    sides = _sides(contents)
    origins = {cells["id"]: cells["origin"] for _, cells in table.rows}
    for row, cells in table.rows:
        _expect(contents, "sources.csv", row, "side", cells["side"], sides)
        _expect(contents, "sources.csv", row, "origin", cells["origin"], origins)
        if _in_circle(cells["id"], origins):
            table.problem(f"the origins of {cells['id']!r} run in a circle", row, "origin")


def check_for_claims(contents: Contents) -> None:
    """Claims name known places, sides, actors, sources and claims, and have what their kind needs."""
    links = set(_column(contents, "links.csv", "id"))
    groups = {cells["id"]: cells for _, cells in contents.tables["groups.csv"].rows}
    subjects = _place_ids(contents) | links | set(groups)
    sides, sources = _sides(contents), set(_column(contents, "sources.csv", "id"))
    actors = {
        str(actor.get("id")) for side in contents.settings.get("sides", []) for actor in side.get("actors", ()) if isinstance(actor, dict)
    }
    ids = set(_column(contents, "claims.csv", "id"))
    for row, claim in contents.tables["claims.csv"].rows:
        kind = "place" if claim["kind"] not in ("cuts", "opens") else "place, group or link"
        _expect(contents, "claims.csv", row, "place", claim["place"], subjects, kind)
        _expect(contents, "claims.csv", row, "side", claim["side"], sides)
        _expect(contents, "claims.csv", row, "source", claim["source"], sources)
        _expect(contents, "claims.csv", row, "denies", claim["denies"], ids, "claim")
        for actor in claim["actor"]:
            _expect(contents, "claims.csv", row, "actor", actor, actors)
        for what in _wrong_with(claim, links | {id for id, group in groups.items() if set(group["members"]) & links}):
            contents.tables["claims.csv"].problem(what[1], row, what[0])


def check_for_shares(contents: Contents) -> None:
    """One source does not bound one share of one side and window so that nothing fits."""
    table = contents.tables["claims.csv"]
    told: dict[tuple[Any, ...], list[tuple[int, float, str]]] = {}
    for row, claim in table.rows:
        if claim["kind"] == "share" and claim["value"] is not None and claim["start"] and claim["bound"]:
            key = claim["source"], claim["place"], claim["side"], claim["start"], claim["end"]
            told.setdefault(key, []).append((row, claim["value"], claim["bound"]))
    for bounds in told.values():
        least = max(((value, row) for row, value, bound in bounds if bound in ("at_least", "exact")), default=(0.0, 0))
        most = min(((value, row) for row, value, bound in bounds if bound in ("at_most", "exact")), default=(1.0, 0))
        if least[0] > most[0]:
            what = f"the share of at least {least[0]:g} (row {least[1]}) and at most {most[0]:g} (row {most[1]}) leave nothing between"
            table.problem(f"{what}; one source, place, side and window", max(least[1], most[1]), "value")


def check_for_citations(contents: Contents) -> None:
    """Every citation points at a sentence that exists."""
    for file in ("links.csv", "groups.csv", "claims.csv"):
        for row, cells in contents.tables[file].rows:
            _check_citations(contents, file, row, cells["cites"])


CHECKS: tuple[Callable[[Contents], None], ...] = (
    check_for_settings,
    check_for_model,
    check_for_duplicate_ids,
    check_for_places,
    check_for_aliases,
    check_for_links,
    check_for_groups,
    check_for_sources,
    check_for_claims,
    check_for_shares,
    check_for_citations,
)


def _wrong_with(claim: dict[str, Any], ways: set[str]) -> Iterable[tuple[str, str]]:
    """Yield (column, what) for each way in which a claim lacks, or has too much of, what its kind needs."""
    kind, start, end = claim["kind"], claim["start"], claim["end"]
    if start and end and end.end < start.start:
        yield "end", f"the end {end} lies before the start {start}"
    elif start and claim["reported"] and claim["reported"].end < start.start:
        yield "reported", f"reported {claim['reported']}, before the day it speaks of, {start}"
    if kind in ("holds", "takes", "loses", "share", "denies", "repulses") and claim["side"] is None:
        yield "side", f"a claim that says {kind!r} needs a side"
    if (kind == "share") != (claim["value"] is not None):
        yield "value", "a share needs a value, and only a share has one"
    if (kind == "share") != (claim["bound"] is not None):
        yield "bound", "a share needs a bound, and only a share has one"
    if kind == "denies" and claim["denies"] is None:
        yield "denies", "a denial names the claim that it denies"
    if claim["place"] in ways and kind not in ("cuts", "opens", "other", "bombards"):
        yield "place", f"{claim['place']!r} is a way; only cuts and opens speak of ways"
    numbers = [claim[name] for name in ("low", "best", "high") if claim[name] is not None]
    if numbers and kind not in ("casualties", "strength"):
        yield "best", "only casualties and strength have numbers"
    if numbers != sorted(numbers):
        yield "low", f"low, best and high are out of order: {', '.join(map(str, numbers))}"
    if kind == "casualties" and claim["of"].rpartition(" ")[2] not in OUTCOMES:
        yield "of", f"{claim['of']!r} does not end in an outcome; expected one of {', '.join(OUTCOMES)}"


def _check_citations(contents: Contents, file: str, row: int, cites: Iterable[str]) -> None:
    for citation in cites:
        try:
            quote(contents.documents, citation)
        except CitationError as problem:
            contents.tables[file].problem(str(problem), row, "cites")


def _expect(contents: Contents, file: str, row: int, column: str, value: str | None, known: Iterable[str], noun: str = "") -> None:
    """Note a value that is not among the known ones, with the nearest match."""
    known = sorted(str(each) for each in known)
    if value is not None and value not in known:
        hint = nearest(value, known) or (f"; expected one of {', '.join(known)}" if 0 < len(known) < 9 else "")
        contents.tables[file].problem(f"unknown {noun or column} {value!r}{hint}", row, column)


def _ids(contents: Contents, file: str) -> list[tuple[int, str]]:
    if file == "places.geojson":
        return [(row, place.id) for row, place in contents.places]
    return [(row, cells["id"]) for row, cells in contents.tables[file].rows if cells["id"]]


def _column(contents: Contents, file: str, name: str) -> list[str]:
    return [cells[name] for _, cells in contents.tables[file].rows if cells[name]]


def _place_ids(contents: Contents) -> set[str]:
    return {place.id for _, place in contents.places}


def _sides(contents: Contents) -> list[str]:
    return [side["id"] for side in contents.settings.get("sides", []) if "id" in side]


def _is_frame(frame: Any) -> bool:
    if not (isinstance(frame, list) and len(frame) == 4 and all(isinstance(edge, int | float) for edge in frame)):
        return False
    west, south, east, north = frame
    return bool(-180 <= west < east <= 180 and -90 < south < north < 90)


def _inside(lon: float, lat: float, frame: list[float]) -> bool:
    return frame[0] <= lon <= frame[2] and frame[1] <= lat <= frame[3]


def _in_circle(start: str, above: dict[str, str | None]) -> bool:
    """Return whether going up from `start` comes back to it."""
    seen, here = set(), above.get(start)
    while here is not None and here not in seen:
        if here == start:
            return True
        seen.add(here)
        here = above.get(here)
    return False


def _apart(pairs: list[tuple[str, ...]]) -> tuple[str, str] | None:
    """Return two ids that no way joins, or None when all pairs hang together."""
    group: dict[str, str] = {}

    def root(id: str) -> str:
        while group.setdefault(id, id) != id:
            id = group[id]
        return id

    for a, b in pairs:
        group[root(a)] = root(b)
    roots = sorted({root(id) for id in group})
    return (roots[0], roots[1]) if len(roots) > 1 else None
