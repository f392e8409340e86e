"""An import as a scenario folder: written beside its place and checked before it is renamed into it, or added to a folder that is there."""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from qsim.exchange.files import ImportProblem, read_bytes
from qsim.exchange.imported import Imported
from qsim.exchange.joining import by_claim, by_row
from qsim.exchange.vocabulary import SideNames, in_colours, sides_toml
from qsim.record.files import beside_folder
from qsim.record.names import scenario_name
from qsim.record.rows import lines_of
from qsim.record.scenario import ScenarioError, check
from qsim.record.schema import FORMAT, SCHEMA
from qsim.record.signs import inert

MARGIN = 0.03
LEAST_MARGIN_DEGREES = 0.05
WIDEST_DEGREES, NORTHERNMOST = 160, 85  # no plane map of more keeps areas
REPORT, QUARANTINE, SIDES = "import.md", "quarantine.csv", "sides.toml"


def write(found: Imported, folder: str | Path, *, files: Sequence[Path] = ()) -> Path:
    """
    Write an import as a new scenario folder and return it; `files` are what it was read from, named in SOURCES.md.

    Rows of which no sound claim can be made are put aside. Beside the scenario's own files lie the report (import.md), what was put aside (quarantine.csv) and, where no map of sides was
    given, a draft of one (sides.toml).

    Raises
    ------
    ImportProblem
        When nothing could be taken over, or the folder exists already, or the places lie all over the world.
    ScenarioError
        When the scenario is not sound; nothing is written then.
    """
    folder = Path(folder)
    expect_free(folder)
    with beside_folder(folder, "scenario.toml") as made:
        _put(found, folder, made, files)
        problems = check(made)
        lines = lines_of((made / "claims.csv").read_bytes(), "claims")
        if wrong := by_claim(problems, lines, [cells["id"] in found.stood for cells in found.claims]):
            found.put_aside(wrong)
            _put(found, folder, made, files)
            problems = check(made)
        if problems:
            at = dict(
                enumerate((found.stood.get(cells["id"], (str(folder / "claims.csv"), n)) for n, cells in enumerate(found.claims, 2)), 2)
            )
            raise ScenarioError(by_row(problems, at, folder))
    return folder


def _put(found: Imported, folder: Path, made: Path, files: Sequence[Path]) -> None:
    """Write the files of an import into a folder that is being `made`; raise `ImportProblem` where it has no claim."""
    if not found.claims:
        raise ImportProblem(f"nothing to write: no record could be taken over\n{found.report.text(short=True)}")
    for name, text in texts(found, folder.name, files).items():
        (made / name).write_text(text, encoding="utf-8", newline="\n")


def expect_free(folder: Path) -> None:
    """Raise `ImportProblem` where something stands already in the place of a new folder; it costs nothing to ask before reading."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ImportProblem(f"{folder} exists already; give a folder that does not exist yet, or --into to add to a scenario")


def texts(found: Imported, name: str, files: Sequence[Path] = ()) -> dict[str, str]:
    """Return the text of every file of the scenario, by name."""
    made = {
        "scenario.toml": _settings(found, name),
        "places.geojson": geojson(found.places.values()),
        "groups.csv": table("groups.csv", list(found.groups.values())),
        "sources.csv": table("sources.csv", list(found.sources.values())),
        "claims.csv": table("claims.csv", found.claims),
        "SOURCES.md": sources_md(found, files),
        REPORT: report_md(found),
        QUARANTINE: quarantine_csv(found),
    }
    if found.drafted:
        made[SIDES] = sides_toml(found.vocabulary.sides, found.report.unmapped)
    return made


def summary(found: Imported, folder: Path) -> str:
    """Return what the terminal says of an import: the sums, what to look at, the terms of use, and where it lies."""
    lines = [found.report.text(short=True), ""]
    if found.report.quarantined:
        lines.append(f"{len(found.report.quarantined):,} rows were put aside to be looked at: {folder / QUARANTINE}")
    lines += [f"{each.title}: {each.licence}, {each.attribution}" for each in found.origins]
    lines += [_share_alike(found)] if _share_alike(found) else []
    lines += [_voices(found)] if _voices(found) else []
    counts = {"place": len(found.places), "source": len(found.sources), **(found.added or {}), "claim": len(found.claims)}
    made = ", ".join(f"{count:,} {noun}{'s' if count != 1 else ''}" for noun, count in counts.items())
    made += "" if found.added is None else " added"
    return "\n".join([*lines, f"wrote {folder}: {made}, {found.first} to {found.last}; the whole report is {folder / REPORT}"])


def table(file: str, rows: Sequence[Mapping[str, str]]) -> str:
    """Return a CSV file of the scenario with the columns that its rows use, in the schema's order, and those that it must have."""
    used = {name for row in rows for name, value in row.items() if value}
    names = [column.name for column in SCHEMA if column.file == file and (column.required or column.name in used)]
    out = io.StringIO()
    writer = csv.DictWriter(out, names, extrasaction="ignore", restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: inert(text) for name, text in row.items()} for row in rows)
    return out.getvalue()


def features(places: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return places as GeoJSON features."""
    return [
        {
            "type": "Feature",
            "properties": {key: value for key, value in place.items() if key not in ("lon", "lat")}
            | {"kind": place.get("kind", "village")},
            "geometry": {"type": "Point", "coordinates": [round(place["lon"], 6), round(place["lat"], 6)]},
        }
        for place in places
    ]


def geojson(places: Iterable[Mapping[str, Any]]) -> str:
    """Return places as a GeoJSON collection, one feature a line."""
    lines = (json.dumps(feature, ensure_ascii=False) for feature in features(places))
    return '{"type": "FeatureCollection", "features": [\n' + ",\n".join(lines) + "\n]}\n"


def sources_md(found: Imported, files: Sequence[Path]) -> str:
    """Return SOURCES.md: whose data these are, on what terms, and which files were read."""
    lines = [f"# Sources of {found.title}", ""]
    for each in found.origins:
        lines.append(f"- **{each.title}**: {each.attribution}. Licence: {each.licence}.{f' {each.address}' if each.address else ''}")
    lines += ["", _share_alike(found)] if _share_alike(found) else []
    lines += [
        "",
        f"Imported by `qsim import {found.format}`; the claims are the data's, made by machine from its rows. {REPORT} says what became of every record.",
        "",
    ]
    lines += [f"- {path.name}, sha256 {hashlib.sha256(read_bytes(path)).hexdigest()}" for path in files if path.is_file()]
    return "\n".join(lines) + "\n"


def report_md(found: Imported) -> str:
    """Return the whole report as Markdown."""
    return f"# Import: {found.format}\n\n{found.report.text()}\n"


def quarantine_csv(found: Imported) -> str:
    """Return the records that were put aside, as a table of format, file, row, reason and what stood there."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["format", "file", "row", "records", "reason", "what"])
    rows = ([found.format, each.file, each.row, each.count, each.reason, each.what] for each in found.report.quarantined)
    writer.writerows(map(inert, row) for row in rows)
    return out.getvalue()


def frame(places: Iterable[Mapping[str, Any]]) -> tuple[float, float, float, float]:
    """Return west, south, east, north around all places, with a margin; raise `ImportProblem` where no map could show them."""
    lons, lats = zip(*((place["lon"], place["lat"]) for place in places), strict=True)
    wide, tall = (max(LEAST_MARGIN_DEGREES, MARGIN * (max(each) - min(each))) for each in (lons, lats))
    if max(lons) - min(lons) > WIDEST_DEGREES or max(map(abs, lats)) > NORTHERNMOST:
        where = f"{min(lons):g} to {max(lons):g} east, {min(lats):g} to {max(lats):g} north"
        raise ImportProblem(
            f"the places lie from {where}: more than one map can show; say which are meant with --area west,south,east,north"
        )
    edges = (max(-180.0, min(lons) - wide), max(-89.9, min(lats) - tall), min(180.0, max(lons) + wide), min(90.0, max(lats) + tall))
    return tuple(round(edge, 4) for edge in edges)


def two_sides(sides: Sequence[SideNames]) -> list[SideNames]:
    """Return the sides, and `others` beside one that stands alone: a contested area has two."""
    others = [SideNames("others", "Others"), SideNames("others_2", "Others")]
    return in_colours([*sides, *others[: max(0, 2 - len(sides))]])


def _voices(found: Imported) -> str:
    """Return that, and how many, sources are taken for monitors of no side, as all are of which a file does not say more."""
    neutral = sum(row["kind"] == "monitor" and not row["side"] for row in found.sources.values())
    which = "all" if neutral == len(found.sources) else f"{neutral:,}"
    return f"sources: {len(found.sources):,}, {which} taken for monitors of no side; set kind and side in sources.csv" if neutral else ""


def _share_alike(found: Imported) -> str:
    bound = ", ".join(dict.fromkeys(each.licence for each in found.origins if each.share_alike))
    return f"Share alike: what you make of these data and pass on must stay under {bound}." if bound else ""


def _settings(found: Imported, name: str) -> str:
    quoted = json.dumps
    west_to_north = ", ".join(f"{edge:g}" for edge in frame(found.places.values()))
    lines = [f"# Made by `qsim import {found.format}`; change what you like.", f"format = {FORMAT}"]
    lines += [f"name = {quoted(scenario_name(name))}", f"title = {quoted(found.title, ensure_ascii=False)}"]
    lines += [f'start = "{found.first}"', f'end = "{found.last}"', f"frame = [{west_to_north}]"]
    for key, value in (
        ("licence", {each.licence: 0 for each in found.origins}),
        ("attribution", {each.attribution: 0 for each in found.origins}),
    ):
        lines.append(f"{key} = {quoted('; '.join(value), ensure_ascii=False)}")
    for side in two_sides(found.vocabulary.sides):
        lines += [
            "",
            "[[sides]]",
            f"id = {quoted(side.id, ensure_ascii=False)}",
            f"name = {quoted(side.name, ensure_ascii=False)}",
            f'colour = "{side.colour}"',
        ]
    return "\n".join(lines) + "\n"
