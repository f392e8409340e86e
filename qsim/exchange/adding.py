"""An import added to a scenario that is there: its places are recognised, its sides joined, and the folder changes whole or not at all."""

import csv
import io
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from qsim.exchange.files import ImportProblem, slug
from qsim.exchange.imported import SAME_PLACE_KM, Imported, free_id
from qsim.exchange.points import read_places
from qsim.exchange.vocabulary import SideNames, in_colours
from qsim.exchange.writing import QUARANTINE, REPORT, frame, geojson, quarantine_csv, report_md, sources_md, table
from qsim.record.geometry import distance_km
from qsim.record.scenario import ScenarioError, check, load
from qsim.record.theatre import Side, Theatre

MERGED = ("places.geojson", "groups.csv", "sources.csv", "claims.csv", "scenario.toml")


def add(found: Imported, folder: str | Path, *, files: Sequence[Path] = ()) -> Path:
    """
    Add an import to a scenario folder and return it.

    A place that is there already - by its id, its number in GeoNames, or one name within a kilometre - is not added again, and its claims
    speak of the one that is there. Sides are the scenario's, by id or name; new ones are added, the frame grows with the places, and the
    scenario's own days stay. Everything is written to a copy, which takes the folder's place when it is sound.

    Raises
    ------
    ImportProblem
        When there is nothing to add.
    ScenarioError
        When the folder is no sound scenario, or would not be one afterwards; it stays as it was.
    """
    folder = Path(folder)
    if not found.claims:
        raise ImportProblem(f"nothing to add: no record could be taken over\n{found.report.text(short=True)}")
    if not (folder / "places.geojson").is_file() or not (folder / "claims.csv").is_file():
        raise ImportProblem(
            f"{folder} has no places.geojson and claims.csv to add to; a workbook or other tables: import to a folder of its own"
        )
    theatre, ledger = load(folder)
    known = [{"id": p.id, "name": p.name, "lon": p.lon, "lat": p.lat, "names": p.names} for p in theatre.places]
    ids = _places(found, known) | _sides_of(found, {side.id: side.name for side in theatre.sides})
    ids |= _fresh("sources", found.sources, {id: source.name for id, source in ledger.sources.items()})
    ids |= _groups(found, ids, {group.id: set(group.members) for group in theatre.groups})
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        shutil.copytree(folder, temporary)
        _write(found, temporary, ids, theatre, {claim.id for claim in ledger.claims}, files)
        if problems := check(temporary):
            raise ScenarioError(problems, folder=str(folder))
        for name in (*MERGED, "SOURCES.md", REPORT, QUARANTINE):
            if (temporary / name).exists():
                os.replace(temporary / name, folder / name)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder


Ids = dict[tuple[str, str], str]


def _places(found: Imported, known: Sequence[Mapping[str, Any]]) -> Ids:
    """Return the id in the scenario of every imported place: that of the place it is, or a free one."""
    by_id = {place["id"]: place for place in known}
    by_name: dict[str, list[Mapping[str, Any]]] = {}
    for place in known:
        for name in {slug(name) for name in place["names"]}:
            by_name.setdefault(name, []).append(place)
    ids: Ids = {}
    taken = set(by_id)
    for id, place in found.places.items():
        at = place["lon"], place["lat"]
        near = [each for each in by_name.get(slug(place["name"]), ()) if distance_km(at, (each["lon"], each["lat"])) <= SAME_PLACE_KM]
        same = by_id.get(id)
        if same is not None and (slug(same["name"]) == slug(place["name"]) or distance_km(at, (same["lon"], same["lat"])) <= SAME_PLACE_KM):
            ids["places", id] = id
        elif len(near) == 1:
            ids["places", id] = near[0]["id"]
        else:
            if near:
                found.report.note(
                    f"{place['name']} fits several places of the scenario ({', '.join(each['id'] for each in near)}) and was added"
                )
            ids["places", id] = free_id(id, taken)
            taken.add(ids["places", id])
    return ids


def _sides_of(found: Imported, known: Mapping[str, str]) -> Ids:
    """Return the scenario's side for every imported one, by id or name; a new side keeps its own id."""
    names = {slug(name): id for id, name in known.items()} | {id: id for id in known}
    return {("sides", side.id): names.get(side.id) or names.get(slug(side.name)) or side.id for side in found.vocabulary.sides}


def _fresh(what: str, rows: Mapping[str, Mapping[str, str]], known: Mapping[str, str]) -> Ids:
    """Return ids of sources or groups: those that are there under the same name stay, others get a free one."""
    return {(what, id): id if known.get(id, row["name"]) == row["name"] else free_id(id, known) for id, row in rows.items()}


def _groups(found: Imported, ids: Ids, known: Mapping[str, set[str]]) -> Ids:
    """Return ids of groups: one that is there with the same members stays, others get a free one."""
    taken, fresh = set(known), Ids()
    for id, row in found.groups.items():
        members = {ids["places", member] for member in row["members"].split(";")}
        fresh["groups", id] = id if known.get(id, members) == members else free_id(id, taken)
        taken.add(fresh["groups", id])
    return fresh


def _write(found: Imported, folder: Path, ids: Ids, theatre: Theatre, claims: set[str], files: Sequence[Path]) -> None:
    """Change the files of a copy of the scenario."""
    there = {place.id for place in theatre.places}
    new = [place | {"id": ids["places", id]} for id, place in found.places.items() if ids["places", id] not in there]
    text = (folder / "places.geojson").read_text(encoding="utf-8-sig")
    if new:
        collection = json.loads(text)
        collection["features"] += json.loads(geojson(new))["features"]
        lines = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in collection["features"])
        head = json.dumps({key: value for key, value in collection.items() if key != "features"}, ensure_ascii=False)[:-1]
        _put(folder / "places.geojson", f'{head}, "features": [\n{lines}\n]}}\n')
    members = {id: ";".join(ids["places", m] for m in row["members"].split(";")) for id, row in found.groups.items()}
    _append(folder / "groups.csv", [row | {"id": ids["groups", id], "members": members[id]} for id, row in found.groups.items()])
    _append(folder / "sources.csv", [_source(row, ids) for row in found.sources.values()])
    _append(folder / "claims.csv", [_claim(cells, ids, claims) for cells in found.claims])
    _settings(found, folder, ids, theatre.sides)
    _put(folder / "SOURCES.md", _joined(folder / "SOURCES.md", sources_md(found, files)))
    _put(folder / REPORT, _joined(folder / REPORT, report_md(found)))
    head, _, rest = quarantine_csv(found).partition("\n")
    _put(
        folder / QUARANTINE,
        (folder / QUARANTINE).read_text(encoding="utf-8") + rest if (folder / QUARANTINE).exists() else f"{head}\n{rest}",
    )


def _source(row: Mapping[str, str], ids: Ids) -> dict[str, str]:
    origin = row["origin"]
    return {**row, "id": ids["sources", row["id"]], "origin": ids["sources", origin] if origin else ""}


def _claim(cells: Mapping[str, str], ids: Ids, taken: set[str]) -> dict[str, str]:
    """Return a claim with the scenario's ids; its own is changed where it is taken."""
    place = ids.get(("places", cells["place"])) or ids["groups", cells["place"]]
    id = free_id(cells["id"], taken)
    taken.add(id)
    side = cells.get("side", "")
    cites = re.sub(r"record:([^/;]+)/", lambda match: f"record:{ids.get(('sources', match[1]), match[1])}/", cells.get("cites", ""))
    return {
        **cells,
        "id": id,
        "place": place,
        "source": ids["sources", cells["source"]],
        "side": ids.get(("sides", side), side),
        "cites": cites,
    }


def _append(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Add rows to a CSV file; what is there keeps its bytes unless a column is missing."""
    text = path.read_text(encoding="utf-8-sig") if path.exists() else ""
    if not text.strip():
        _put(path, table(path.name, rows))
        return
    there = list(csv.DictReader(io.StringIO(text)))
    header = next(csv.reader(io.StringIO(text)))
    named = {row.get("id") for row in there}
    fresh = [row for row in rows if path.name == "claims.csv" or row["id"] not in named]
    wider = [*header, *dict.fromkeys(name for row in fresh for name, value in row.items() if value and name not in header)]
    out = io.StringIO()
    writer = csv.DictWriter(out, wider, extrasaction="ignore", restval="", lineterminator="\n")
    if wider != header:
        writer.writeheader()
        writer.writerows(there)
        text = ""
    writer.writerows(fresh)
    _put(path, text + ("" if text.endswith("\n") or not text else "\n") + out.getvalue())


def _settings(found: Imported, folder: Path, ids: Ids, sides: Sequence[Side]) -> None:
    """Add new sides, and widen the frame by the new places."""
    path = folder / "scenario.toml"
    text = path.read_text(encoding="utf-8-sig")
    there = {side.id for side in sides}
    known = [SideNames(side.id, side.name, side.colour) for side in sides]
    new = [side for side in found.vocabulary.sides if ids["sides", side.id] not in there]
    taken = {side.colour.casefold() for side in known}
    new = in_colours((replace(side, colour="") if side.colour.casefold() in taken else side for side in new), taken)
    if new and re.search(r"^sides\s*=", text, re.MULTILINE):
        names = ", ".join(side.name for side in new)
        raise ImportProblem(
            f"{path.name} lists its sides in one line, and {names} would be new: write [[sides]] tables, or map them with --sides"
        )
    if new and not re.search(r"^\[\[sides\]\]", text, re.MULTILINE):
        new = [*known, *new]  # those that the scenario took from its claims
    for side in new:
        quoted = (json.dumps(each, ensure_ascii=False) for each in (side.id, side.name))
        text += "\n[[sides]]\nid = {}\nname = {}\n".format(*quoted) + f'colour = "{side.colour}"\n'
    if match := re.search(r"^frame\s*=\s*\[([^\]]*)\]", text, re.MULTILINE):
        edges = [float(edge) for edge in match[1].split(",") if edge.strip()]
        around = frame(place for place in read_places(folder))
        outside = [p for p in read_places(folder) if not (edges[0] <= p["lon"] <= edges[2] and edges[1] <= p["lat"] <= edges[3])]
        if any(ids.get(("places", id)) == place["id"] for place in outside for id in found.places):
            wide = (min(edges[0], around[0]), min(edges[1], around[1]), max(edges[2], around[2]), max(edges[3], around[3]))
            text = text.replace(match[0], f"frame = [{', '.join(f'{edge:g}' for edge in wide)}]")
            found.report.note("the frame of the scenario was widened for the new places")
    _put(path, text)


def _joined(path: Path, text: str) -> str:
    return f"{path.read_text(encoding='utf-8').rstrip()}\n\n{text}" if path.exists() else text


def _put(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
