"""Claims added to a scenario folder, changed and taken out, places and sources added: checked first, whole or not at all, and never over what somebody else has changed."""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qsim.record.cells import parse
from qsim.record.changes import places_file, put_all, said_with, with_sources
from qsim.record.contents import Contents
from qsim.record.filling import claim_id
from qsim.record.names import Fresh, Index, slug
from qsim.record.problems import Problem, Table, problems_text
from qsim.record.rows import EditError, Row, rows_of, with_features, with_rows
from qsim.record.scenario import load, read, read_and_built
from qsim.record.schema import columns
from qsim.record.sectors import links_moved
from qsim.record.theatre import Place

Outline = Sequence[tuple[float, float]]
Texts = Mapping[str, Path]


class ChangedError(EditError):
    """A file that is no longer the one that was read: it was not written."""


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, by which a change is noticed; blank where there is no file."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def add_claim(folder: Path, row: Row, seen: str, texts: Texts | None = None) -> str:
    """
    Add a claim to claims.csv, by ids, and return what `check` finds worth a look in it; `seen` is the digest of the file as it was read.

    `texts` are those of documents that the folder has no file of. A name that is typed becomes the id that it stands for, where the
    folder has ids; the claim gets one where the others have one.

    Raises
    ------
    ChangedError
        When the file has changed since.
    EditError
        When the claim is wrong, in the words of `check`; nothing is written then.
    """
    return _put_claim(folder, None, row, seen, texts)


def change_claim(folder: Path, at: int, row: Row, seen: str, texts: Texts | None = None) -> str:
    """
    Change the claim at a position of claims.csv, all of its fields; every other row keeps its bytes.

    Returns and raises what `add_claim` does.
    """
    return _put_claim(folder, at, row, seen, texts)


def delete_claim(folder: Path, at: int, seen: str, texts: Texts | None = None) -> str:
    """Take the claim at a position out of claims.csv; every other row keeps its bytes. Returns and raises what `add_claim` does."""
    path = folder / "claims.csv"
    return _put(folder, {path: with_rows(_seen(path, seen), "claims", [], without=[at])}, {path: seen}, texts)


def put_back(folder: Path, before: bytes, seen: str) -> None:
    """Give claims.csv the bytes that it had before an edit, when it is still as the edit left it, of the digest `seen`; raise `ChangedError`."""
    path = folder / "claims.csv"
    _seen(path, seen)
    put_all({path: before}, lambda: _seen(path, seen))


def try_claim(folder: Path, row: Row, at: int | None = None, texts: Texts | None = None) -> str:
    """Return what `check` finds worth a look in a claim that is not written; raise `EditError` with what is wrong with it."""
    path, before = folder / "claims.csv", read_and_built(folder, texts)[0]
    return _tried(folder, {path: _with_claim(before, _bytes(path), row, at)}, texts, before)


def by_ids(contents: Contents, row: Row, data: bytes) -> dict[str, str]:
    """
    Return the fields of a claim as the folder would have them: ids where its tables have ids, the known words, a fraction for a share.

    What is not understood stays as it is typed, for `check` to tell. An id of its own is made where `data`, the file, has a column of ids.
    """
    known, heard = contents.vocabulary(), Table("claims.csv")
    given = {name: text.strip() for name, text in row.items() if text.strip()}
    indexes = {"place": (known.subjects, "places"), "side": (known.sides, "scenario"), "source": (known.sources, "sources")}
    indexes["actor"] = known.actors, "scenario"
    for name, text in given.items():
        if name in indexes and _has_ids(contents, indexes[name][1]):
            given[name] = ";".join(_id_of(indexes[name][0], each.strip()) for each in (text.split(";") if name == "actor" else [text]))
    cells = {column.name: parse(column, given.get(column.name, ""), heard, 0) for column in columns("claims")}
    for column in columns("claims"):
        if column.name in given and cells[column.name] is not None and column.type in ("choice", "fraction"):
            value = cells[column.name]
            given[column.name] = f"{value:g}" if column.type == "fraction" else str(value)
    has_column = not data.strip() or any("id" in each for each in rows_of(data, "claims")[:1])
    if "id" not in given and has_column and not heard.problems:
        taken = Fresh(each["id"] for _, each in contents.rows("claims"))
        given = {"id": taken.made(claim_id(cells)), **given}
    return given


def _id_of(index: Index | None, name: str) -> str:
    found = index.find(name) if index is not None else ()
    return found[0] if len(found) == 1 else name


def _has_ids(contents: Contents, table: str) -> bool:
    """Return whether a table has ids of its own, and not merely those that are made of names."""
    if table == "scenario":
        return not any(each.column == "sides" for each in contents.tables[table].said)
    return table not in contents.missing and not any(
        each.column == "id" and each.level == "default" for each in contents.tables[table].said
    )


def _put_claim(folder: Path, at: int | None, row: Row, seen: str, texts: Texts | None) -> str:
    path, before = folder / "claims.csv", read_and_built(folder, texts)[0]
    return _put(folder, {path: _with_claim(before, _seen(path, seen), row, at)}, {path: seen}, texts, before)


def _with_claim(contents: Contents, data: bytes, row: Row, at: int | None) -> bytes:
    """Return the bytes of claims.csv with a claim more, or with the one at a position changed, which keeps its id."""
    made = by_ids(contents, row, data)
    if at is None:
        return with_rows(data, "claims", [made])
    there = rows_of(data, "claims")
    if not 0 <= at < len(there):
        raise EditError("there is no such claim any more")
    blank = {column.name: "" for column in columns("claims")}
    wanted = blank | made | {"id": row.get("id", "") or there[at].get("id", "")}
    changed = {name: text for name, text in wanted.items() if text != there[at].get(name, "").strip()}
    return with_rows(data, "claims", [], {at: changed} if changed else {})


def add_source(folder: Path, row: Mapping[str, str], seen: str) -> str:
    """Add who says something to sources.csv, by name; its id is made of the name. Returns and raises what `add_claim` does."""
    path = folder / "sources.csv"
    contents = read(folder)
    fresh = Fresh(cells["id"] for _, cells in contents.rows("sources"))
    return _put(folder, {path: with_sources(contents, _seen(path, seen), [_with_id(fresh, row)])}, {path: seen})


def add_place(folder: Path, row: Mapping[str, str], seen: str) -> str:
    """
    Add a place to the folder's places, at `lon` and `lat` of its row; its id is made of its name where none is given.

    Returns and raises what `add_claim` does.
    """
    path = places_file(folder)
    return _put(folder, {path: _with_place(path.suffix, _seen(path, seen), _with_id(_taken(folder), row), ())}, {path: seen})


def add_sectors(folder: Path, city: str, parts: Sequence[tuple[str, Outline]], seen: Mapping[str, str]) -> str:
    """
    Add named outlines, of three points (lon, lat) or more, as parts of a city; `seen` has the digests of `places` and of `links`.

    A city of parts carries no links: those that it has go to its part nearest to their other end, and parts that share a border are
    joined. A city that has parts keeps its links as they are. Returns and raises what `add_claim` does, and `ScenarioError` when the
    scenario is not sound.
    """
    theatre, _ = load(folder)
    if wrong := [
        f"{name or 'a sector'}: an outline needs a name and three points or more" for name, at in parts if not name or len(at) < 3
    ]:
        raise EditError("; ".join(wrong))
    place, path, links = theatre.place(city), places_file(folder), folder / "links.csv"
    fresh, data, made = _taken(folder), _seen(path, seen["places"]), []
    for name, outline in parts:
        row = _with_id(fresh, {"id": "", "name": name, "kind": "sector", "parent": place.id, "basis": "estimated"}, place.id)
        data = _with_place(path.suffix, data, row, outline)
        made.append(_part(row, outline))
    changes, digests, done = {path: data}, {path: seen["places"], links: seen["links"]}, [""]
    if place.id not in theatre.parts:
        moved, done = links_moved(folder, theatre, place, made)
        changes |= {links: moved} if moved else {}
    return "\n".join(filter(None, [_put(folder, changes, digests), *done]))


def _taken(folder: Path) -> Fresh:
    """Return the ids that a place may not have."""
    contents = read(folder)
    return Fresh(cells["id"] for table in ("places", "groups", "links") for _, cells in contents.rows(table))


def _with_id(fresh: Fresh, row: Mapping[str, str], before: str = "") -> dict[str, str]:
    """Return the fields that are filled, with an id where there is none and a name to make it of."""
    given = {name: text.strip() for name, text in row.items() if text.strip()}
    made = "_".join(filter(None, (before, slug(given.get("name", "")))))
    return given if "id" in given or not made else {"id": fresh.made(made), **given}


def _with_place(suffix: str, data: bytes, row: Mapping[str, str], outline: Outline) -> bytes:
    if suffix == ".csv":
        return with_rows(data, "places", [{**row, "outline": _wkt(outline)} if outline else row])
    return with_features(data, [_feature(row, outline)])


def _part(row: Mapping[str, str], outline: Outline) -> Place:
    """Return the part that a row and its outline make, for the links that end there."""
    import shapely

    polygon = shapely.Polygon(outline)
    return Place(row["id"], row["name"], polygon.centroid.x, polygon.centroid.y, parent=row["parent"], polygon=polygon)


def _put(
    folder: Path, made: Mapping[Path, bytes], seen: Mapping[Path, str], texts: Texts | None = None, before: Contents | None = None
) -> str:
    """Write files when nothing is wrong with them and they are still those that were seen; return the notices of `check`."""
    told = _tried(folder, made, texts, before)
    put_all(made, lambda: [_seen(path, seen[path]) for path in made])
    return told


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _seen(path: Path, seen: str) -> bytes:
    """Return the bytes of a file, when they are those that were seen."""
    data = _bytes(path)
    if (hashlib.sha256(data).hexdigest() if path.is_file() else "") != seen:
        raise ChangedError(
            f"{path.name} was changed by another program since this page read it, and is not overwritten; look at it, then save again"
        )
    return data


def _tried(folder: Path, made: Mapping[Path, bytes], texts: Texts | None = None, before: Contents | None = None) -> str:
    """Return the notices that a folder has with these files and has not without, as it is `before`; raise with the problems that they bring."""
    said = (before or read_and_built(folder, texts)[0]).said
    there, left = {(each.file, each.row, each.column, each.what) for each in said}, Counter(map(_alike, said))
    new = []
    for each in said_with(folder, made, texts):
        if (each.file, each.row, each.column, each.what) in there:
            left[_alike(each)] -= 1
        else:
            new.append(each)
    brought = []
    for each in new:  # what was said before of a row that now has another number is not new
        left[_alike(each)] -= 1
        if left[_alike(each)] < 0:
            brought.append(each)
    if wrong := [each for each in brought if each.level == "problem"]:
        raise EditError(problems_text(wrong))
    return problems_text(each for each in brought if each.level == "notice")


def _alike(said: Problem) -> tuple[str, str, str]:
    """Return what is said but for the numbers of rows, and what else is counted."""
    return said.file, said.column, re.sub(r"\d[\d,]*", "", said.what)


def _feature(row: Mapping[str, str], outline: Outline) -> dict[str, Any]:
    """Return a place as a GeoJSON feature; numbers are numbers."""
    types = {column.name: column.type for column in columns("places")}
    if wrong := row.keys() - types.keys():
        raise EditError(f"{', '.join(sorted(wrong))}: no field of places; expected some of {', '.join(types)}")
    about = {name: _typed(text, types[name]) for name, text in row.items() if name not in ("lon", "lat", "outline")}
    if outline:
        ring = [[round(lon, 6), round(lat, 6)] for lon, lat in (*outline, outline[0])]
        return {"type": "Feature", "properties": about, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    try:
        point = [round(float(row["lon"]), 6), round(float(row["lat"]), 6)]
    except (KeyError, ValueError):
        raise EditError("the place has no point; expected lon and lat in degrees") from None
    return {"type": "Feature", "properties": about, "geometry": {"type": "Point", "coordinates": point}}


def _typed(text: str, type: str) -> str | float | int:
    try:
        number = float(text) if type in ("number", "distance", "whole") else None
    except ValueError:
        return text  # `check` tells what is wrong with it
    return text if number is None else int(number) if number.is_integer() else number


def _wkt(outline: Outline) -> str:
    return f"POLYGON (({', '.join(f'{lon:.6f} {lat:.6f}' for lon, lat in (*outline, outline[0]))}))"
