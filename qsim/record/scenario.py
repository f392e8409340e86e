"""Scenario folders: finding them, reading them into a Theatre and a Ledger, and telling every problem at once."""

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from qsim.record import checks, geometry
from qsim.record.contents import Contents
from qsim.record.dates import Window, day
from qsim.record.documents import read_document
from qsim.record.ledger import Claim, Ledger, Source
from qsim.record.schema import FORMAT, Problem, Table, columns, parse, read_table, read_text
from qsim.record.theatre import Base, Feature, Group, Link, Place, Side, Theatre, nearest

_PACKAGE = Path(__file__).resolve().parent.parent


class ScenarioError(ValueError):
    """A scenario that cannot be found or read; the message lists every problem, file by file and row by row."""

    def __init__(self, problems: Iterable[Problem], *, folder: str = "") -> None:
        self.problems = tuple(problems)
        lines = []
        for file in dict.fromkeys(problem.file for problem in self.problems):
            mine = [problem for problem in self.problems if problem.file == file]
            shown = f"{folder}/{file}" if folder and file else file or folder
            lines.append(f"{shown} has {len(mine)} problem{'s' if len(mine) > 1 else ''}")
            lines += [f"  {problem}" for problem in mine]
        super().__init__("\n".join(lines))


def load(scenario: str | Path) -> tuple[Theatre, Ledger]:
    """
    Return the theatre and the ledger of a scenario: a folder, or the name of a bundled scenario such as `"qusayr"`.

    Raises
    ------
    ScenarioError
        When there is no such scenario, or its files have problems; the message lists all of them.
    """
    contents = read(scenario)
    if contents.problems:
        raise ScenarioError(contents.problems, folder=_shown(contents.folder))
    return _theatre(contents), _ledger(contents)


def check(scenario: str | Path) -> list[Problem]:
    """Return every problem of a scenario folder; an empty list when it is sound."""
    return read(scenario).problems


def data_root() -> Path:
    """Return the folder that holds `scenarios/` and `seeds/`: inside the installed package, or the checkout."""
    packed = _PACKAGE / "_data"
    return packed if packed.is_dir() else _PACKAGE.parent


def bundled() -> tuple[str, ...]:
    """Return the names of the scenarios that come with qsim."""
    return tuple(sorted(path.parent.name for path in data_root().glob("scenarios/*/scenario.toml")))


def scripts() -> dict[str, Path]:
    """Return the bundled scripts, by name."""
    return {path.stem: path for path in sorted(data_root().glob("scenarios/*.py"))}


def locate(scenario: str | Path) -> Path:
    """Return the folder of a scenario given by path or by bundled name; raise `ScenarioError` when there is none."""
    folder = Path(scenario)
    if (folder / "scenario.toml").is_file():
        return folder
    if folder.name == str(scenario) and folder.name in bundled():
        return data_root() / "scenarios" / folder.name
    if folder.is_dir():
        raise ScenarioError([Problem("scenario.toml", 0, "", "the file is missing; every scenario folder has one")], folder=str(folder))
    what = f"no scenario {str(scenario)!r}: neither a folder nor one of {', '.join(bundled())}{nearest(str(scenario), bundled())}"
    raise ScenarioError([Problem("", 0, "", what)], folder=str(scenario))


def read(scenario: str | Path) -> Contents:
    """Return the contents of a scenario folder, sound or not, with every problem that its files have."""
    folder = locate(scenario)
    contents = Contents(folder)
    _read_settings(contents)
    _read_places(contents)
    _read_backdrop(contents)
    for file in ("links.csv", "groups.csv", "sources.csv", "claims.csv"):
        contents.tables[file] = read_table(folder / file, file)
    checks.check_all(contents)
    return contents


def _read_settings(contents: Contents) -> None:
    """Read scenario.toml and the documents it lists."""
    table = contents.tables["scenario.toml"] = Table("scenario.toml")
    text = read_text(contents.folder / "scenario.toml", table)
    try:
        contents.settings = tomllib.loads(text or "")
    except tomllib.TOMLDecodeError as problem:
        table.problem(f"not TOML: {problem}")
        return
    if text is not None and contents.settings.get("format") != FORMAT:
        table.problem(f"unknown format {contents.settings.get('format')!r}; this version reads format = {FORMAT}", column="format")
    for entry in contents.settings.get("documents", []):
        try:
            contents.documents[entry["id"]] = read_document(
                contents.folder / entry["file"],
                id=entry["id"],
                title=entry.get("title", ""),
                language=entry.get("language", ""),
                origin=entry.get("origin", ""),
                licence=entry.get("licence", ""),
            )
        except KeyError as missing:
            table.problem(f"a document lacks {missing}; expected id and file", column="documents")
        except OSError:
            table.problem(f"document {entry['id']!r}: there is no file {entry['file']!r}", column="documents")
        except UnicodeDecodeError:
            table.problem(f"document {entry['id']!r}: the file {entry['file']!r} is not UTF-8", column="documents")


def _read_geojson(contents: Contents, file: str) -> list[dict[str, Any]]:
    """Return the features of a GeoJSON file, with what is wrong noted."""
    table = contents.tables[file] = Table(file)
    text = read_text(contents.folder / file, table)
    if text is None:
        return []
    try:
        features = json.loads(text)["features"]
        assert isinstance(features, list)
    except json.JSONDecodeError as problem:
        table.problem(f"not JSON: {problem.msg}", problem.lineno)
        return []
    except (KeyError, TypeError, AssertionError):
        table.problem("not a GeoJSON FeatureCollection; expected a list named 'features'")
        return []
    return features


def _read_places(contents: Contents) -> None:
    """Read places.geojson; the row of a place is its number in the file."""
    import shapely
    from shapely.geometry import shape

    features = _read_geojson(contents, "places.geojson")
    table = contents.tables["places.geojson"]
    known = {column.name: column for column in columns("places.geojson")}
    for row, feature in enumerate(features, 1):
        try:
            properties = feature.get("properties") or {}
            geometry = shape(feature["geometry"])
        except (AttributeError, KeyError, TypeError, ValueError, shapely.errors.ShapelyError):
            table.problem("not a feature with a geometry", row)
            continue
        if geometry.is_empty or geometry.geom_type not in ("Point", "Polygon"):
            table.problem(f"the geometry is a {geometry.geom_type}; expected a Point, or a Polygon for a part", row)
            continue
        for name in properties:
            if name not in known:
                table.problem(f"unknown property {name!r}{nearest(name, known)}", row, name)
        cells = {name: parse(column, properties.get(name), table, row) for name, column in known.items()}
        if cells["id"] is None or not cells["name"]:
            continue
        cells["gateway"] = bool(cells["gateway"])
        cells["basis"] = cells["basis"] or "estimated"
        polygon = geometry if isinstance(geometry, shapely.Polygon) else None
        contents.places.append((row, Place(lon=geometry.centroid.x, lat=geometry.centroid.y, polygon=polygon, **cells)))


def _read_backdrop(contents: Contents) -> None:
    """Read backdrop.geojson; a scenario may do without one."""
    from shapely.geometry import shape

    if not (contents.folder / "backdrop.geojson").exists():
        return
    for row, feature in enumerate(_read_geojson(contents, "backdrop.geojson"), 1):
        try:
            properties = feature["properties"]
            contents.backdrop.append(
                Feature(
                    str(properties["id"]),
                    str(properties.get("name", "")),
                    str(properties["kind"]),
                    shape(feature["geometry"]),
                    str(properties.get("basis", "estimated")),
                    str(properties.get("source", "")),
                    str(properties.get("licence", "")),
                )
            )
        except (KeyError, TypeError, ValueError):
            contents.tables["backdrop.geojson"].problem("not a feature with an id, a kind and a geometry", row)


def _theatre(contents: Contents) -> Theatre:
    """Build the theatre from sound contents: places get their cells and areas, sides their bases."""
    import shapely

    settings = contents.settings
    frame = tuple(float(edge) for edge in settings["frame"])
    assert len(frame) == 4
    water = [feature.geometry for feature in contents.backdrop if feature.kind == "lake"]
    places = [place for _, place in contents.places]
    polygons = geometry.cells(places, frame, shapely.union_all(water) if water else None)
    areas = {id: geometry.area_km2(polygon, frame) for id, polygon in polygons.items()}
    return Theatre(
        name=str(settings.get("name", contents.folder.name)),
        title=str(settings.get("title", contents.folder.name)),
        summary=str(settings.get("summary", "")),
        places=tuple(replace(p, polygon=polygons.get(p.id), area_km2=areas.get(p.id, 0.0)) for p in places),
        links=tuple(Link(**cells) for _, cells in contents.tables["links.csv"].rows),
        groups=tuple(_group(cells, {p.id for p in places}) for _, cells in contents.tables["groups.csv"].rows),
        sides=tuple(_side(entry) for entry in settings["sides"]),
        frame=frame,
        backdrop=tuple(contents.backdrop),
        documents=contents.documents,
        model=settings.get("model", {}),
        start=day(str(settings["start"])),
        end=day(str(settings["end"])),
    )


def _group(cells: Mapping[str, Any], places: set[str]) -> Group:
    of = "places" if cells["members"][0] in places else "links"
    return Group(**{**cells, "basis": cells["basis"] or "estimated"}, of=of)


def _side(entry: Mapping[str, Any]) -> Side:
    bases = tuple(Base(base["place"], tuple(base.get("cites", ())), base.get("note", "")) for base in entry.get("bases", ()))
    actors = {actor["id"]: actor["name"] for actor in entry.get("actors", ())}
    return Side(entry["id"], entry["name"], entry["colour"], actors, bases)


def _ledger(contents: Contents) -> Ledger:
    """Build the ledger from sound contents."""
    sources = [Source(**cells) for _, cells in contents.tables["sources.csv"].rows]
    claims = tuple(claim_from(cells, row) for row, cells in contents.tables["claims.csv"].rows)
    return Ledger({source.id: source for source in sources}, claims)


def claim_from(cells: Mapping[str, Any], row: int = 0) -> Claim:
    """Return the claim that one parsed row of claims.csv spells: its start and end become one window."""
    start, end = cells["start"], cells["end"]
    window = Window(start.start, end.end, start.approximate or end.approximate) if end else start
    rest = {name: value for name, value in cells.items() if name not in ("start", "end", "actor")}
    return Claim(**rest, window=window, actors=cells["actor"], row=row)


def _shown(folder: Path) -> str:
    """Return the folder as a user would write it: relative to where they stand, when it lies below."""
    try:
        return str(folder.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(folder)
