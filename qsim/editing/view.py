"""What the page that edits a scenario shows of it: its map, its documents by the sentence, what `check` says, and who held what on a day."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from qsim.belief.timeline import Timeline
from qsim.editing.edits import digest
from qsim.record.cells import parse
from qsim.record.changes import places_file
from qsim.record.citations import Citation
from qsim.record.contents import Contents
from qsim.record.dates import Window
from qsim.record.documents import Document, sentences
from qsim.record.problems import Table, problems_text
from qsim.record.rows import EditError, rows_of
from qsim.record.scenario import read, read_and_built
from qsim.record.schema import columns
from qsim.record.theatre import Theatre
from qsim.record.words import KIND_MEANINGS

_WORLD = (-180.0, -60.0, 180.0, 75.0)  # the map where nothing is on it yet
_LAST = 1000  # claims that are listed
Texts = Mapping[str, Path]


def seen(folder: Path) -> dict[str, str]:
    """Return the digests of the files that the page writes to."""
    return {**{name: digest(folder / f"{name}.csv") for name in ("claims", "sources", "links")}, "places": digest(places_file(folder))}


def state(folder: Path, texts: Texts | None = None) -> dict[str, Any]:
    """Return what stands in a folder, sound or not; the digests are those of files no younger than what is shown."""
    digests = seen(folder)
    contents, built = read_and_built(folder, texts)
    settings = contents.settings
    said = problems_text(each for each in contents.said if each.level != "default")
    return {
        "seen": digests,
        "title": settings["title"] or folder.resolve().name,
        "sound": built is not None,
        "said": said,
        "frame": settings["frame"] or _WORLD,
        "city": built[0].id_of(settings["city"]) if built and settings["city"] else None,
        "days": [str(settings["start"] or ""), str(settings["end"] or "")],
        "sides": [{name: side[name] for name in ("id", "name", "colour")} for side in settings["sides"]],
        "places": _places(contents, built[0] if built else None),
        "backdrop": [{"kind": feature.kind, "shape": feature.geometry.__geo_interface__} for feature in contents.backdrop],
        "claims": _claims(contents),
        "cited": sorted({text for _, cells in contents.rows("claims") for text in cells["cites"]}),
        "fields": [
            {"name": c.name, "about": c.description, "choices": c.choices, "required": c.required}
            for c in columns("claims")
            if c.name != "id"
        ],
        "meanings": {
            kind: f"{kind}: {each.says}. Side: {each.side}. Evidence of control: {each.control}.".replace("`", "")
            for kind, each in KIND_MEANINGS.items()
        },
        "names": _names(contents),
    }


def marked(documents: Iterable[Document]) -> list[dict[str, Any]]:
    """Return documents as lines of (citation, sentence): what is marked in the page is cited as `check` reads it."""
    return [
        {
            "id": each.id,
            "title": each.title,
            "elsewhere": each.elsewhere,
            "lines": [
                [(str(Citation.of(each.id, number, n)), text) for n, text in enumerate(sentences(line.strip()), 1)]
                for number, line in enumerate(each.lines, 1)
            ],
        }
        for each in documents
    ]


def documents(folder: Path, texts: Texts | None = None) -> list[dict[str, Any]]:
    """Return the documents of a folder, as `marked` gives them, with the `texts` of those that it has no file of."""
    return marked(read(folder, texts).documents.values())


def day_of(row: Mapping[str, str]) -> str:
    """Return the first day that a claim as typed speaks of; blank where it tells none."""
    column = next(column for column in columns("claims") if column.name == "start")
    return _first_day(parse(column, row.get("start", ""), Table(""), 0))


def _first_day(when: Any) -> str:
    return str(when.start) if isinstance(when, Window) else ""


def held(timeline: Timeline, day: str) -> dict[str, Any]:
    """Return the status of every place on a day and the belief in it, and the day in words; raise `TimelineError` beyond the days."""
    snapshot = timeline.at(day)
    names = {id: snapshot.name_of(code) for id, code in zip(snapshot, snapshot.status.tolist(), strict=True)}
    return {"day": str(snapshot.day), "held": {id: [name, round(snapshot[id].get(name, 0.0), 3)] for id, name in names.items()}}


def _places(contents: Contents, theatre: Theatre | None) -> list[dict[str, Any]]:
    """Return the places with their points, and their cells where the scenario is sound, else their outlines."""
    cells = {place.id: place.polygon for place in theatre.places} if theatre else {}
    found = []
    for _, place in contents.places():
        shape = cells.get(place.id, place.polygon)
        about = {name: getattr(place, name) for name in ("id", "name", "kind", "parent", "lon", "lat")}
        found.append({**about, "shape": shape.__geo_interface__ if shape is not None else None})
    return found


def _claims(contents: Contents) -> list[dict[str, Any]]:
    """Return the claims, the last first, in words; with their fields as they stand in the file, and where, so that they can be changed."""
    rows, path = contents.rows("claims"), contents.path / "claims.csv"
    try:
        spelt = rows_of(path.read_bytes(), "claims") if path.is_file() else []
    except EditError:
        spelt = []
    there = len(spelt) == len(rows)
    found = [
        {
            "at": at,
            "row": row,
            "said": _said(cells),
            "note": cells["note"],
            "day": _first_day(cells["start"]),
            "fields": _fields(spelt[at], cells) if there else None,
        }
        for at, (row, cells) in enumerate(rows)
    ]
    return found[: -_LAST - 1 : -1]


def _fields(spelt: Mapping[str, str], cells: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields of a claim as they are spelt; of choices the word that is meant, since the page has no other."""
    meant = {column.name: cells[column.name] for column in columns("claims") if column.choices}
    return {name: str(meant.get(name) or text) if text.strip() else "" for name, text in spelt.items()}


def _said(cells: Mapping[str, Any]) -> str:
    """Return a claim in a line: day, place, what, how much, who says so, by what."""
    share = [cells["bound"] or "", f"{cells['value']:g}"] if cells["value"] is not None else []
    number = [str(cells[name]) for name in ("low", "best", "high") if cells[name] is not None]
    counted = ["-".join(number), cells["of"]]
    said = [cells["start"], cells["place"], cells["kind"], cells["side"], cells["quantifier"], *share, *counted]
    return f"{' '.join(str(each) for each in said if each)} ({', '.join(filter(None, (cells['source'], '; '.join(cells['cites']))))})"


def _names(contents: Contents) -> dict[str, list[tuple[str, str]]]:
    """Return (id, name) of what a field of a claim may name."""
    named = {
        table: [(c["id"], c["name"]) for _, c in contents.rows(table) if c["id"]] for table in ("places", "groups", "links", "sources")
    }
    sides = contents.settings["sides"]
    return {
        "place": [*named["places"], *named["groups"], *named["links"]],
        "source": named["sources"],
        "side": [(side["id"], side["name"]) for side in sides],
        "actor": [(actor["id"], actor["name"]) for side in sides for actor in side["actors"]],
        "denies": [(c["id"], f"{c['kind']} {c['place']}") for _, c in contents.rows("claims") if c["id"]],
    }
