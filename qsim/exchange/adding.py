"""An import added to a scenario that is there: its places are recognised, its sides joined, and the folder changes whole or not at all."""

import json
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from qsim.exchange.files import ImportProblem, number, slug, whole
from qsim.exchange.imported import SAME_PLACE_KM, Imported, free_id
from qsim.exchange.joining import by_claim, by_row
from qsim.exchange.vocabulary import SideNames, in_colours
from qsim.exchange.writing import QUARANTINE, REPORT, features, frame, quarantine_csv, report_md, sources_md
from qsim.record.changes import places_file, put_all, said_with, with_sources
from qsim.record.citations import split
from qsim.record.claim import Claim
from qsim.record.contents import Contents, joined
from qsim.record.dates import DateError, parse_edtf
from qsim.record.geometry import distance_km
from qsim.record.ledger import Ledger
from qsim.record.names import Fresh
from qsim.record.problems import Problem
from qsim.record.rows import as_bytes, joined_text, lines_of, text_of, with_features, with_rows
from qsim.record.scenario import ScenarioError, load, read
from qsim.record.schema import columns
from qsim.record.theatre import Place, Theatre

Ids = dict[tuple[str, str], str]


def add(found: Imported, folder: str | Path, *, files: Sequence[Path] = ()) -> Path:
    """
    Add an import to a scenario folder and return it.

    A place that is there already - by its id, its number in GeoNames, or one name within a kilometre - is not added again, and its claims
    speak of the one that is there. Sides are the scenario's, by id or name; new ones are added, the frame grows with the places, and the
    scenario's own days stay. A statement that stands there already - by the same source, of the same kind, place, side, days and figures - is
    not added again; where one is no claim of control, its record must not be another's. Tables keep their own spelling, and what is there its bytes. It is tried in a copy; when that is sound all
    files are changed, or none.

    Raises
    ------
    ImportProblem
        When there is nothing to add, or all of it stands there, or the tables are of a kind that no rows can be added to.
    ScenarioError
        When the folder is no sound scenario, or would not be one afterwards; it stays as it was.
    EditError
        When a file is no table that rows can be added to.
    """
    folder = Path(folder)
    if not found.claims:
        raise ImportProblem(f"nothing to add: no record could be taken over\n{found.report.text(short=True)}")
    if not places_file(folder).is_file() or ((folder / "claims.parquet").is_file() and not (folder / "claims.csv").is_file()):
        raise ImportProblem(
            f"{folder} has no places.geojson or places.csv to add to, or its claims are no CSV file; a workbook or other tables: import to a folder of its own"
        )
    theatre, ledger = load(folder)
    taken = Fresh([*theatre.index, *(group.id for group in theatre.groups), *(link.id for link in theatre.links)])
    ids = _places(found, theatre.places, taken) | _sides_of(found, {side.id: side.name for side in theatre.sides})
    ids |= _sources(found, {id: source.name for id, source in ledger.sources.items()})
    ids |= _groups(found, ids, {group.id: set(group.members) for group in theatre.groups}, taken)
    _leave_out_what_is_there(found, ledger, ids, folder)
    known = {claim.id for claim in ledger.claims}
    made = _made(found, folder, ids, theatre, set(known), files)
    wrong = _problems(folder, made)
    lines = lines_of(made.get(folder / "claims.csv", b""), "claims")[-len(found.claims) :]
    if aside := by_claim(wrong, lines, [cells["id"] in found.stood for cells in found.claims]):
        found.put_aside(aside)
        if not found.claims:
            raise ImportProblem(f"nothing to add: no record could be taken over\n{found.report.text(short=True)}")
        made = _made(found, folder, ids, theatre, set(known), files)
        wrong = _problems(folder, made)
    if wrong:
        raise ScenarioError(by_row(wrong, _stood(found, made.get(folder / "claims.csv", b"")), folder))
    put_all(made)
    there = {*theatre.index, *ledger.sources}
    found.added = {"place": _new(found.places, "places", ids, there), "source": _new(found.sources, "sources", ids, there)}
    return folder


def _problems(folder: Path, made: Mapping[Path, bytes]) -> list[Problem]:
    return [each for each in said_with(folder, made) if each.level == "problem"]


def _new(rows: Iterable[str], table: str, ids: Ids, there: Container[str]) -> int:
    """Return how many rows of a table the scenario did not have."""
    return len({ids[table, id] for id in rows if ids[table, id] not in there})


def _stood(found: Imported, data: bytes) -> dict[int, tuple[str, int]]:
    """Return the file and row of each new line of claims.csv, where a row of a file made it alone."""
    lines = lines_of(data, "claims")[-len(found.claims) :]
    return {line: found.stood[cells["id"]] for line, cells in zip(lines, found.claims, strict=True) if cells["id"] in found.stood}


def _leave_out_what_is_there(found: Imported, ledger: Ledger, ids: Ids, folder: Path) -> None:
    """Take from an import the claims that the folder has, and note in the report how many; raise `ImportProblem` where none is left."""
    sources = {new for (table, _), new in ids.items() if table == "sources"}
    theirs = ledger.columns.take(ledger.columns.column("source").each(sources.__contains__, bool))
    there: dict[tuple[object, ...], list[set[str]]] = {}
    for claim in theirs:
        there.setdefault(_said(claim), []).append(_records(claim))
    new, number_read = [], len(found.claims)
    for cells in found.claims:
        told = _as_claim(_claim(cells, ids, set()))
        known = there.get(_said(told), []) if told else []
        if not told or not known or not (told.of_control or any(not records or records == _records(told) for records in known)):
            new.append(cells)
    if not new:
        raise ImportProblem(f"nothing to add: all {number_read:,} statements stand in {folder} already")
    if len(new) < number_read:
        found.report.note(f"{number_read - len(new):,} statements stand in the scenario already, and were not added again")
    found.claims = new


def _said(claim: Claim) -> tuple[object, ...]:
    """Return what makes a claim the same statement as another: who says what of which place and days."""
    bound = claim.bound or ("approx" if claim.kind == "share" else None)
    more = claim.quantifier, claim.value, bound, claim.low, claim.best, claim.high, claim.of
    return claim.source, claim.place, claim.kind, claim.side, str(claim.window), *more


def _records(claim: Claim) -> set[str]:
    return {cite for cite in claim.cites if cite.startswith("record:")}


def _as_claim(cells: Mapping[str, str]) -> Claim | None:
    """Return the claim of a row that is to be added, or None where its days are none, which the check will say."""
    try:
        window = joined(parse_edtf(cells["start"]), parse_edtf(cells["end"]) if cells.get("end") else None)
    except DateError:
        return None
    told = {name: cells.get(name, "") for name in ("side", "quantifier", "value", "bound", "low", "best", "high", "of", "cites")}
    return Claim(
        cells["id"], cells["place"], cells["kind"], window, cells["source"], side=told["side"] or None,
        quantifier=told["quantifier"] or None, bound=told["bound"] or None, value=number(told["value"]), low=whole(told["low"]),
        best=whole(told["best"]), high=whole(told["high"]), of=told["of"], cites=tuple(split(told["cites"])),
    )  # fmt: skip


def _places(found: Imported, known: Sequence[Place], taken: Fresh) -> Ids:
    """Return the id in the scenario of every imported place: that of the place it is, or a free one."""
    by_id = {place.id: place for place in known}
    by_name: dict[str, list[Place]] = {}
    for place in known:
        for name in {slug(name) for name in place.names}:
            by_name.setdefault(name, []).append(place)
    ids: Ids = {}
    for id, row in found.places.items():
        near = [each for each in by_name.get(slug(row["name"]), ()) if _apart(row, each) <= SAME_PLACE_KM]
        same = by_id.get(id)
        if same is not None and (slug(same.name) == slug(row["name"]) or _apart(row, same) <= SAME_PLACE_KM):
            ids["places", id] = id
        elif len(near) == 1:
            ids["places", id] = near[0].id
        else:
            if near:
                found.report.note(f"{row['name']} fits several places of the scenario ({', '.join(p.id for p in near)}) and was added")
            ids["places", id] = taken.made(id)
    return ids


def _apart(row: Mapping[str, Any], place: Place) -> float:
    return distance_km((row["lon"], row["lat"]), (place.lon, place.lat))


def _sides_of(found: Imported, known: Mapping[str, str]) -> Ids:
    """Return the scenario's side for every imported one, by id or name; a new side keeps its own id."""
    names = {slug(name): id for id, name in known.items()} | {id: id for id in known}
    return {("sides", side.id): names.get(side.id) or names.get(slug(side.name)) or side.id for side in found.vocabulary.sides}


def _sources(found: Imported, known: Mapping[str, str]) -> Ids:
    """Return ids of sources: one that is there under the same name stays, others get a free one."""
    taken = Fresh(known)
    return {("sources", id): id if id in known and known[id] == row["name"] else taken.made(id) for id, row in found.sources.items()}


def _groups(found: Imported, ids: Ids, known: Mapping[str, set[str]], taken: Fresh) -> Ids:
    """Return ids of groups: one that is there with the same members stays, others get a free one."""
    fresh: Ids = {}
    for id, row in found.groups.items():
        members = {ids["places", member] for member in row["members"].split(";")}
        fresh["groups", id] = id if known.get(id) == members else taken.made(id)
    return fresh


def _made(found: Imported, folder: Path, ids: Ids, theatre: Theatre, claims: set[str], files: Sequence[Path]) -> dict[Path, bytes]:
    """Return the bytes of the files that change."""
    contents = read(folder)
    groups_there, known = {group.id for group in theatre.groups}, {cells["id"] for _, cells in contents.rows("sources")}
    places = [row | {"id": ids["places", id]} for id, row in found.places.items() if ids["places", id] not in theatre.index]
    groups = [
        row | {"id": ids["groups", id], "members": ";".join(ids["places", m] for m in row["members"].split(";"))}
        for id, row in found.groups.items()
        if ids["groups", id] not in groups_there
    ]
    sources = [_source(row, ids) for id, row in found.sources.items() if ids["sources", id] not in known]
    path = places_file(folder)
    names = (path.name, "groups.csv", "sources.csv", "claims.csv", "scenario.toml", "SOURCES.md", REPORT, QUARANTINE)
    now = {name: (folder / name).read_bytes() if (folder / name).is_file() else b"" for name in names}
    made = {
        path.name: _with_places(path, now[path.name], places),
        "groups.csv": with_rows(now["groups.csv"], "groups", groups),
        "sources.csv": with_sources(contents, now["sources.csv"], sources),
        "claims.csv": with_rows(now["claims.csv"], "claims", [_claim(cells, ids, claims) for cells in found.claims]),
        "scenario.toml": _settings(found, contents, now["scenario.toml"], ids, theatre, places),
        "SOURCES.md": joined_text(now["SOURCES.md"], sources_md(found, files)),
        REPORT: joined_text(now[REPORT], report_md(found)),
        QUARANTINE: _with_quarantine(now[QUARANTINE], quarantine_csv(found)),
    }
    return {folder / name: data for name, data in made.items() if data != now[name]}


def _source(row: Mapping[str, str], ids: Ids) -> dict[str, str]:
    origin, side = row["origin"], row["side"]
    more = {"origin": ids["sources", origin] if origin else "", "side": ids.get(("sides", side), side)}
    return {**row, "id": ids["sources", row["id"]], **more}


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


def _with_places(path: Path, data: bytes, places: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the bytes of a file of places, a map file or a table, with more of them."""
    if path.suffix == ".geojson":
        return with_features(data, features(places))
    fields = {column.name for column in columns("places")}
    return with_rows(data, "places", [{name: _cell(value) for name, value in place.items() if name in fields} for place in places])


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _settings(found: Imported, contents: Contents, data: bytes, ids: Ids, theatre: Theatre, places: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the bytes of scenario.toml with new sides, and a frame that holds the new places."""
    text, encoding = text_of(data)
    known = [SideNames(side.id, side.name, side.colour) for side in theatre.sides]
    new = [side for side in found.vocabulary.sides if ids["sides", side.id] not in {side.id for side in known}]
    taken = {side.colour.casefold() for side in known}
    new = in_colours((replace(side, colour="") if side.colour.casefold() in taken else side for side in new), taken)
    if new and re.search(r"^sides\s*=", text, re.MULTILINE):
        names = ", ".join(side.name for side in new)
        raise ImportProblem(
            f"scenario.toml lists its sides in one line, and {names} would be new: write [[sides]] tables, or map them with --sides"
        )
    if new and not re.search(r"^\[\[sides\]\]", text, re.MULTILINE):
        new = [*known, *new]  # those that the scenario took from its claims
    told = ((json.dumps(side.id, ensure_ascii=False), json.dumps(side.name, ensure_ascii=False), side.colour) for side in new)
    more = "\n".join(f'[[sides]]\nid = {id}\nname = {name}\ncolour = "{colour}"\n' for id, name, colour in told)
    given, edges = contents.settings["frame"], re.search(r"^frame\s*=\s*\[[^\]]*\]", text, re.MULTILINE)
    outside = [p for p in places if not (given[0] <= p["lon"] <= given[2] and given[1] <= p["lat"] <= given[3])]
    if edges and outside:
        around = frame(outside)
        wide = (*map(min, given[:2], around[:2]), *map(max, given[2:], around[2:]))
        text = text.replace(edges[0], f"frame = [{', '.join(f'{edge:g}' for edge in wide)}]")
        found.report.note("the frame of the scenario was widened for the new places")
    return joined_text(as_bytes(text, encoding), more) if more else as_bytes(text, encoding)


def _with_quarantine(data: bytes, made: str) -> bytes:
    """Return the bytes of the table of what was put aside with more rows, under the headings that are there."""
    return joined_text(data, made.partition("\n")[2], "\n") if data.strip() else made.encode()
