"""What people leave out, or write by name: ids, sides, defaults, relative dates and open ends are filled in, and each is told."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.record.claims import several_in
from qsim.record.columnar import Columnar
from qsim.record.contents import PALETTE, Contents
from qsim.record.dates import Window
from qsim.record.days import fill_days
from qsim.record.geometry import suggest_links
from qsim.record.names import Fresh, Index, slug
from qsim.record.packed import Coded
from qsim.record.places import BARRIERS
from qsim.record.problems import Table
from qsim.record.words import SOURCE_ALIASES

_MARGIN = 0.08  # of the map's width and height, around its places, where no frame is given
_PRECISION_KM = {"sourced": 0.5, "estimated": 2.0}


def fill(contents: Contents) -> None:
    """Fill in what is left out; names become ids where they fit one thing, and stay as they are where not."""
    _fill_settings(contents)
    _fill_places(contents)
    _fill_groups_and_sources(contents)
    _fill_sides(contents)
    _fill_frame(contents)
    if not any(feature.kind in BARRIERS for feature in contents.backdrop):
        contents.tables["backdrop"].default(
            "no border, river, lake or shore is given, so areas and suggested links run across all of them; "
            f"they are drawn as features of backdrop.geojson, of kind {', '.join(BARRIERS[:-1])} or {BARRIERS[-1]}"
        )
    contents.settled |= {"places", "place_index"}
    _fill_links(contents)
    contents.settled |= {"subjects", "sources"}
    _name_by_id(contents)
    _fill_claims(contents)
    fill_days(contents)


def _given_ids(table: Table, name: str = "name") -> None:
    """Give an id made of its name to every row that has none."""
    fresh = Fresh(cells["id"] for _, cells in table.rows)
    for row, cells in table.rows:
        if cells["id"] is None and cells[name] and not table.spoilt(row, "id"):
            cells["id"] = fresh.made(slug(cells[name]) or "unnamed")
            table.default("id is made of the name", row, "id")


def _default(table: Table, row: int, cells: dict[str, Any], name: str, value: Any, how: str = "") -> None:
    """Take a value for a field that is blank and of which nothing was said."""
    if cells[name] in (None, "") and not table.spoilt(row, name):
        cells[name] = value
        table.default(f"{name} is taken to be {value}{how}", row, name)


def _fill_settings(contents: Contents) -> None:
    settings, table = contents.settings, contents.tables["scenario"]
    for name, value in (("format", 1), ("name", slug(contents.path.resolve().stem) or "scenario")):
        if settings[name] is None and not table.spoilt(0, name):
            settings[name] = value
    settings["title"] = settings["title"] or str(settings["name"] or contents.path.stem)
    for documents in settings["documents"]:
        if documents["id"] is None and documents["file"]:
            documents["id"] = documents["file"].rpartition("/")[2].partition(".")[0]
    for n, side in enumerate(settings["sides"]):
        side["id"] = side["id"] or slug(side["name"] or "") or None
        side["name"] = side["name"] or side["id"] or ""
        used = {other["colour"] for other in settings["sides"]}
        if side["colour"] is None:
            side["colour"] = next((c for c in PALETTE if c not in used), PALETTE[n % len(PALETTE)])
            table.default(f"colour of {side['id']!r} is taken to be {side['colour']}", column="sides[].colour")
        for actor in side["actors"]:
            actor["id"] = actor["id"] or slug(actor["name"] or "") or None


def _fill_places(contents: Contents) -> None:
    table = contents.tables["places"]
    for _, cells in table.rows:
        cells["name"] = cells["name"] or cells["id"] or ""
    _given_ids(table)
    index = contents.place_index()
    for row, cells in table.rows:
        for column in ("parent", "within"):
            cells[column] = _id_of(index, cells[column])
        cells["gateway"] = bool(cells["gateway"] or cells["kind"].casefold() == "gateway")
        part = "square" if cells["parent"] and cells.get("polygon") is not None else "building" if cells["within"] else "village"
        _default(table, row, cells, "kind", "gateway" if cells["gateway"] else part)
        _default(table, row, cells, "basis", "sourced" if cells["source"] else "estimated")
        _default(table, row, cells, "precision_km", _PRECISION_KM.get(cells["basis"], 2.0), " km")
        _default(table, row, cells, "licence", "not stated")


def _fill_groups_and_sources(contents: Contents) -> None:
    for name in ("groups", "sources"):
        table = contents.tables[name]
        for _, cells in table.rows:
            cells["name"] = cells["name"] or cells["id"] or ""
        _given_ids(table)
    for row, cells in contents.rows("groups"):
        _default(contents.tables["groups"], row, cells, "basis", "estimated")
    table = contents.tables["sources"]
    if "sources" in contents.missing:
        fresh = Fresh()
        for name in filter(None, contents.claim_rows.columns["source"].counts()):
            made = {
                "id": fresh.made(slug(name) or "source"),
                "name": name,
                "kind": "",
                "side": None,
                "origin": None,
                "variants": (),
                "note": "",
            }
            table.rows.append((0, made))
            table.default(f"{name!r} is taken for a source, since a claim names it and there is no list of sources")
    for row, cells in table.rows:
        kind = slug(cells["kind"])
        cells["kind"] = SOURCE_ALIASES.get(kind, kind)
        _default(table, row, cells, "kind", "unspecified")


def _fill_sides(contents: Contents) -> None:
    """Where no sides are listed, take those that the claims name."""
    table = contents.tables["scenario"]
    if contents.settings["sides"] or table.spoilt(0, "sides"):
        return
    named: dict[str, str] = {}
    for side in (*contents.claim_rows.columns["side"].counts(), *(cells["side"] for _, cells in contents.rows("sources"))):
        if side:
            named.setdefault(slug(side), side)
    index = Index((id, (name,)) for id, name in named.items())
    alone = [
        name for id, name in named.items() if not (";" in name or several_in(name, index))
    ]  # two sides in one cell are told of as such
    for n, name in enumerate(alone):
        side = {"id": slug(name), "name": name, "colour": PALETTE[n % len(PALETTE)], "note": "", "actors": [], "bases": []}
        contents.settings["sides"].append(side)
        table.default(f"{name!r} is taken for a side, since a claim names it and no sides are listed", column="sides")


def _fill_frame(contents: Contents) -> None:
    """Where no frame is given, take all places with a margin; let longitudes run on across the 180th meridian where the frame does."""
    import shapely

    table, frame = contents.tables["scenario"], contents.settings["frame"]
    points = [(c["lon"], c["lat"]) for _, c in contents.rows("places") if c["lon"] is not None and not c["gateway"]]
    if frame is None and points and not table.spoilt(0, "frame"):
        lons = [lon for lon, _ in points]
        if max(lons) - min(lons) > 180:
            lons = [lon + 360 if lon < 0 else lon for lon in lons]
        lats = [lat for _, lat in points]
        frame = _around(lons, lats)
        contents.settings["frame"] = frame
        table.default(f"frame is taken to be {list(frame)}, all places with a margin", column="frame")
    if frame is None or frame[2] <= 180:
        return
    for _, cells in contents.rows("places"):
        if cells["lon"] is not None and cells["lon"] + 180 < (frame[0] + frame[2]) / 2:
            cells["lon"] += 360
            if cells["polygon"] is not None:
                cells["polygon"] = shapely.transform(cells["polygon"], lambda xy: xy + np.array([360, 0]))


def _around(lons: list[float], lats: list[float]) -> tuple[float, float, float, float]:
    """Return a frame around points, in degrees: with a margin, and neither side less than two thirds of the other on the ground."""
    squeeze = float(np.cos(np.radians((min(lats) + max(lats)) / 2)))
    wide, high = (max(v) - min(v) + 2 * max(_MARGIN * (max(v) - min(v)), 0.02) for v in (lons, lats))
    wide, high = max(wide, high * 2 / 3 / squeeze), max(high, wide * 2 / 3 * squeeze)
    lon, lat = ((min(v) + max(v)) / 2 for v in (lons, lats))
    edges = lon - wide / 2, max(lat - high / 2, -88.0), lon + wide / 2, min(lat + high / 2, 88.0)
    west, south, east, north = (round(edge, 4) for edge in edges)
    past = 360 if west < -180 else 0  # the margin reaches across the 180th meridian
    return west + past, south, east + past, north


def _fill_links(contents: Contents) -> None:
    table, places = contents.tables["links"], {p.id: p for _, p in contents.places()}
    index = contents.place_index()
    parents = {p.parent for p in places.values() if p.parent and p.within is None}
    if "links" in contents.missing and contents.settings["frame"] and not contents.tables["places"].problems:
        barriers = [f.geometry for f in contents.backdrop if f.kind in BARRIERS]
        for a, b in suggest_links(list(places.values()), contents.settings["frame"], barriers):
            cells = {"id": None, "name": "", "a": a, "b": b, "kind": None, "length_km": None, "basis": "estimated", "cites": (), "note": "suggested: neighbours on the map"}  # fmt: skip
            table.rows.append((0, cells))
        table.default(f"{len(table.rows)} links between neighbours are suggested, since there is no list of links")
    links = [link for _, link in table.rows]
    fresh = Fresh(link["id"] for link in links)
    for row, link in table.rows:
        for end in ("a", "b"):
            if link[end] not in index.ids:
                link[end] = _id_of(index, link[end])
        a, b = link["a"], link["b"]
        if link["id"] is None and a and b and not table.spoilt(row, "id"):
            link["id"] = fresh.made(f"{slug(a)}-{slug(b)}")
        if not link["name"] and a in places and b in places:
            link["name"] = f"{places[a].name} - {places[b].name}"
    contents.settled.add("straight_lines")
    straight = [None if isnan(km) else max(round(km, 2), 0.01) for km in contents.straight_lines().tolist()]
    _default_of_rows(table, "length_km", straight, lambda n: f", the straight line from {links[n]['a']} to {links[n]['b']}")
    squares = {id: place.parent for id, place in places.items() if place.parent is not None and id not in parents}
    beside = [link["a"] in squares and link["b"] in places and squares[link["a"]] == places[link["b"]].parent for link in links]
    _default_of_rows(table, "kind", ["adjacency" if each else "road" for each in beside])
    _default_of_rows(table, "basis", ["documented" if link["cites"] else "estimated" for link in links])


def _default_of_rows(table: Table, name: str, values: Sequence[Any], how: Callable[[int], str] = lambda n: "") -> None:
    """Take for each row its value of a field, where there is one and it is blank and nothing was said of it."""
    blank = [n for n, (row, cells) in enumerate(table.rows) if cells[name] in (None, "") and values[n] is not None]
    if spoilt := set(table.spoilt_rows(name)):
        blank = [n for n in blank if table.rows[n][0] not in spoilt]
    for n in blank:
        table.rows[n][1][name] = values[n]
    rows = np.array([table.rows[n][0] for n in blank], dtype=np.int64)
    table.defaults(lambda n: f"{name} is taken to be {values[blank[n]]}{how(blank[n])}", rows, name)


def _id_of(index: Index | None, name: Any) -> Any:
    """Return the one id that bears a name, or the name as it is."""
    found = index.find(name) if name and index is not None else ()
    return found[0] if len(found) == 1 else name


def _name_by_id(contents: Contents) -> None:
    """Put ids in the place of names, wherever one table names something of another."""
    known = contents.vocabulary()
    places = contents.place_index()
    for side in contents.settings["sides"]:
        for base in side["bases"]:
            base["place"] = _id_of(places, base["place"])
    for _, cells in contents.rows("groups"):
        cells["members"] = tuple(dict.fromkeys(_id_of(known.subjects, member) for member in cells["members"]))
    for _, cells in contents.rows("sources"):
        cells["side"], cells["origin"] = _id_of(known.sides, cells["side"]), _id_of(known.sources, cells["origin"])
    for column, index in (("place", known.subjects), ("side", known.sides), ("source", known.sources)):
        contents.claim_rows.change(column, partial(_id_of, index))
    contents.claim_rows.change("actor", lambda actors: tuple(_id_of(known.actors, actor) for actor in actors))


def _fill_claims(contents: Contents) -> None:
    table, rows = contents.tables["claims"], contents.claim_rows
    _default_of_claims(table, rows, "confidence", "stated", rows.where("confidence", lambda word: word in (None, "")))
    shares = rows.where("kind", lambda kind: kind == "share")
    _default_of_claims(table, rows, "bound", "approx", shares & rows.where("bound", lambda word: word in (None, "")))
    unnamed = rows.blank("id") & ~np.isin(rows.numbers, table.spoilt_rows("id"))
    if unnamed.any():
        ids = list(rows.columns["id"])
        fresh = Fresh(ids)
        for n in np.flatnonzero(unnamed).tolist():
            ids[n] = fresh.made(claim_id(rows[n][1]))
        rows.columns["id"] = Coded.of(ids)
        table.defaults("id is made of day, place, kind and source", rows.numbers[unnamed], "id")


def _default_of_claims(table: Table, rows: Columnar, name: str, value: str, blank: NDArray[np.bool_]) -> None:
    """Take a value for a field of claims where it is blank and nothing was said of it."""
    blank = blank & ~np.isin(rows.numbers, table.spoilt_rows(name))
    if blank.any():
        rows.put(name, value, blank)
        table.defaults(f"{name} is taken to be {value}", rows.numbers[blank], name)


def claim_id(cells: Mapping[str, Any]) -> str:
    """Return the id of a claim that has none: its day, place, kind and source."""
    day = cells["start"].start.isoformat().replace("-", "") if isinstance(cells["start"], Window) else ""
    return "-".join(slug(str(part)) for part in (day, cells["place"], cells["kind"], cells["source"]) if part) or "claim"
