"""Claims and places added to a scenario folder: checked first, whole or not at all, and never over what somebody else has changed."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qsim.record.changes import places_file, put_all, said_with, with_sources
from qsim.record.names import Fresh, slug
from qsim.record.problems import problems_text
from qsim.record.rows import EditError, with_features, with_rows
from qsim.record.scenario import load, read, read_and_built
from qsim.record.schema import columns
from qsim.record.sectors import links_moved
from qsim.record.theatre import Place

Outline = Sequence[tuple[float, float]]


class ChangedError(EditError):
    """A file that is no longer the one that was read: it was not written."""


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, by which a change is noticed; blank where there is no file."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def add_claim(folder: Path, row: Mapping[str, str], seen: str) -> str:
    """
    Add a claim to claims.csv and return what `check` finds worth a look in it; `seen` is the digest of the file as it was read.

    Raises
    ------
    ChangedError
        When the file has changed since.
    EditError
        When the claim is wrong, in the words of `check`; nothing is written then.
    """
    path = folder / "claims.csv"
    return _put(folder, {path: with_rows(_seen(path, seen), "claims", [row])}, {path: seen})


def try_claim(folder: Path, row: Mapping[str, str]) -> str:
    """Return what `check` finds worth a look in a claim that is not written; raise `EditError` with what is wrong with it."""
    path = folder / "claims.csv"
    return _tried(folder, {path: with_rows(_bytes(path), "claims", [row])})


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


def _put(folder: Path, made: Mapping[Path, bytes], seen: Mapping[Path, str]) -> str:
    """Write files when nothing is wrong with them and they are still those that were seen; return the notices of `check`."""
    told = _tried(folder, made)
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


def _tried(folder: Path, made: Mapping[Path, bytes]) -> str:
    """Return the notices that a folder has with these files and has not without; raise with the problems that they bring."""
    there = {(each.file, each.row, each.column, each.what) for each in read_and_built(folder)[0].said}
    new = [each for each in said_with(folder, made) if (each.file, each.row, each.column, each.what) not in there]
    if wrong := [each for each in new if each.level == "problem"]:
        raise EditError(problems_text(wrong))
    return problems_text(each for each in new if each.level == "notice")


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
