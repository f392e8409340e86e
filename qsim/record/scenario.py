"""Scenarios: finding them, reading them into a Theatre and a Ledger, and telling every problem at once."""

import gc
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from operator import attrgetter
from pathlib import Path
from typing import Any

from qsim.record import geometry
from qsim.record.checks import check_all, failed
from qsim.record.contents import TABLES, Contents
from qsim.record.documents import Document, read_document
from qsim.record.features import place_rows, read_backdrop, read_places
from qsim.record.filling import fill
from qsim.record.ledger import Ledger, LedgerError, Source
from qsim.record.names import closest, nearest
from qsim.record.options import read_settings
from qsim.record.parquet import read_parquet
from qsim.record.picture import check_bounds, read_picture
from qsim.record.places import WATERS
from qsim.record.problems import Problem, Table, problems_text
from qsim.record.progress import Moved, moving, unmoved
from qsim.record.reading import read_table, read_text
from qsim.record.schema import columns
from qsim.record.sheets import SAVED, WORKBOOKS
from qsim.record.theatre import Base, Group, Link, Place, Side, Theatre
from qsim.record.workbook import read_workbook

_LARGE = 4_000_000  # bytes
_AS_TABLES = (".csv", ".tsv", ".txt", ".parquet", *WORKBOOKS)  # how a table may end that is meant for claims
_PACKAGE = Path(__file__).resolve().parent.parent

DOCUMENTS = "QSIM_DOCUMENTS"  # the environment variable that names one more folder from which documents are read


class ScenarioError(ValueError):
    """A scenario that cannot be found or read; the message lists every problem, file by file and row by row."""

    def __init__(self, problems: Iterable[Problem], *, folder: str = "") -> None:
        self.problems = tuple(problems)
        super().__init__(problems_text(self.problems, folder))


class RecordError(ScenarioError, LedgerError):
    """A scenario whose sources or claims have problems: the same `LedgerError` that `Ledger.plus` raises for one claim."""


def load(scenario: str | Path, *, progress: bool = False) -> tuple[Theatre, Ledger]:
    """
    Return the theatre and the ledger of a scenario: a folder, a workbook (.xlsx, .ods), a saved timeline, or a bundled name such as `"qusayr"`.

    With `progress` a large one shows on a terminal how far it has come.

    Raises
    ------
    ScenarioError
        When there is no such scenario, or its files have problems; the message lists all of them. Where sources or claims have some,
        it is a `LedgerError` as well.
    """
    contents, built = read_and_built(scenario, progress=progress)
    if built is None:
        raise _error(contents)
    return built


def check(scenario: str | Path) -> list[Problem]:
    """Return every problem of a scenario; an empty list when it is sound, and then it loads."""
    return read_and_built(scenario)[0].problems


def explain(scenario: str | Path) -> list[Problem]:
    """Return what `check` says besides problems: notices, worth a look, and what was taken for what is left blank."""
    return [each for each in read_and_built(scenario)[0].said if each.level != "problem"]


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
    """Return the folder or workbook of a scenario given by path or bundled name; raise `ScenarioError` when there is none."""
    path = Path(scenario)
    if any((path / name).exists() for name in ("scenario.toml", "claims.csv", "claims.parquet")) or (
        path.suffix.lower() in (*WORKBOOKS, SAVED) and path.is_file()
    ):
        return path
    if path.name == str(scenario) and path.name in bundled():
        return data_root() / "scenarios" / path.name
    if path.is_dir():
        meant = f"; is {near} the table of claims? rename it" if (near := _nearly_claims(path)) else ""
        what = f"the file is missing, and claims.csv as well; every scenario folder has one of them{meant}"
        raise ScenarioError([Problem("scenario.toml", 0, "", what)], folder=str(path))
    what = f"no scenario {str(scenario)!r}: no folder or workbook, nor one of {', '.join(bundled())}{nearest(str(scenario), bundled())}"
    raise ScenarioError([Problem("", 0, "", what)], folder=str(scenario))


def read(scenario: str | Path, texts: Mapping[str, Path] | None = None, moved: Moved = unmoved) -> Contents:
    """
    Return the contents of a scenario, sound or not, with everything that is said of its files.

    `texts` are files, by the id of a document, of which the reader has the text and the scenario has not. `moved` is told how far it has come.
    """
    contents = Contents(locate(scenario))
    try:
        read_workbook(contents) if contents.path.is_file() else _read_folder(contents, moved)
        _read_texts(contents, texts or {})
        fill(contents)
        moved(0.5)
        contents.filled = True
        check_bounds(contents.picture, contents.settings["frame"], contents.tables["scenario"])
        check_all(contents)
        moved(0.8)
    except Exception as problem:  # whatever a file holds, the answer is a problem of it and never a trace
        contents.tables["scenario"].problem(failed(problem))
    return contents


def read_and_built(
    scenario: str | Path, texts: Mapping[str, Path] | None = None, *, progress: bool = False
) -> tuple[Contents, tuple[Theatre, Ledger] | None]:
    """Return the contents of a scenario and, when they are sound, what they make: what cannot be made is a problem as well."""
    with _nothing_collected(), moving("reading the scenario", shown=progress and _is_large(locate(scenario))) as moved:
        contents = read(scenario, texts, moved)
        if not contents.problems:
            try:
                return contents, (_theatre(contents), _ledger(contents))
            except Exception as problem:
                contents.tables["places"].problem(failed(problem))
        return contents, None


def _is_large(path: Path) -> bool:
    """Return whether the files of a scenario are so large that reading them takes seconds."""
    return sum(each.stat().st_size for each in (path.glob("*") if path.is_dir() else [path])) > _LARGE


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Let Python not look for garbage in circles meanwhile: facts are none, and among millions of them the search is a fifth of all the time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running and not gc.get_freeze_count():
            gc.freeze()  # else all that was made would be searched at once; what is frozen and let go counts as old
            gc.unfreeze()
        if running:
            gc.enable()


def _error(contents: Contents) -> ScenarioError:
    """Return the error that lists the problems of a scenario."""
    record = {contents.tables[name].file for name in ("sources", "claims")}
    kind = RecordError if any(problem.file in record for problem in contents.problems) else ScenarioError
    return kind(contents.problems, folder=_shown(contents.path))


def _read_folder(contents: Contents, moved: Moved) -> None:
    """Read the files of a scenario folder; places may lie in a table with lon and lat instead of a map file."""
    folder, tables = contents.path, contents.tables
    table = tables["scenario"] = Table("scenario.toml")
    given = read_text(folder / table.file, table) if (folder / table.file).exists() else None
    contents.settings = read_settings(given, table)
    contents.documents = read_documents(folder, contents.settings["documents"], table)
    contents.picture = read_picture(folder, contents.settings, table)
    path = _table_file(folder, "places")
    if path.exists() and not (folder / "places.geojson").exists():
        tables["places"] = read_parquet(path, columns("places")) if path.suffix == ".parquet" else read_table(path)
        place_rows(tables["places"])
    else:
        tables["places"] = read_places(folder / "places.geojson")
    for n, name in enumerate(("links", "groups", "sources", "claims")):
        moved(0.1 + n / 30)
        path = _table_file(folder, name)
        tables[name] = (
            read_parquet(path, columns(name)) if path.suffix == ".parquet" else read_table(path, optional=True, blank=name == "claims")
        )
        if not path.exists():
            contents.missing.add(name)
    if "claims" in contents.missing and (meant := _nearly_claims(folder)):
        tables["claims"].problem(f"the file is missing, and {meant} is not read; is that the table of claims? rename it")
    tables["backdrop"], contents.backdrop = read_backdrop(folder / "backdrop.geojson")
    _tell_strangers(contents)


def _table_file(folder: Path, name: str) -> Path:
    """Return the file of a table: CSV, which people edit, goes before Parquet."""
    text, binary = folder / f"{name}.csv", folder / f"{name}.parquet"
    return binary if binary.is_file() and not text.exists() else text


def _nearly_claims(folder: Path) -> str:
    """Return the name of a file that is nearly that of the table of claims, or of that table in another form; blank where there is none."""
    stems = {
        path.stem: path.name
        for path in sorted(folder.glob("*"), reverse=True)
        if path.suffix.lower() in _AS_TABLES and path.stem not in TABLES[:-2]
    }
    return stems.get(closest("claims", [stem for stem in stems if not stem.startswith(".")], 0.75), "")


def _tell_strangers(contents: Contents) -> None:
    """Tell tables of the folder that are not read: places told twice, and a name that is nearly that of a table that is not there."""
    table, missing = contents.tables["scenario"], [f"{name}.csv" for name in contents.missing if name != "claims"]
    for path in sorted(contents.path.glob("*.csv")):
        if path.name == "places.csv" and contents.tables["places"].file != path.name:
            table.notice("places.csv is not read, since there is a places.geojson; keep one of them")
        elif path.stem not in (*contents.tables, "coverage") and (close := nearest(path.name, missing)):
            table.notice(f"{path.name} is not read{close}")
    for path in sorted(contents.path.glob("*.parquet")):
        if path.stem in contents.tables and contents.tables[path.stem].file != path.name:
            table.notice(f"{path.name} is not read, since there is a {contents.tables[path.stem].file}; keep one of them")


def _may_be_read(folder: Path, path: Path) -> bool:
    """Return whether a document lies where those of a scenario may, links followed: a scenario of a stranger reads no other file."""
    home = folder.resolve()
    roots = [home, home.parent.parent / "seeds", *([Path(os.environ[DOCUMENTS]).resolve()] if os.environ.get(DOCUMENTS) else [])]
    return any(Path(os.path.realpath(path)).is_relative_to(root) for root in roots)


def read_documents(folder: Path, listed: Iterable[Mapping[str, Any]], table: Table) -> dict[str, Document]:
    """Return the documents that a scenario lists, by id; what cannot be read is noted in `table`."""
    found: dict[str, Document] = {}
    for entry in listed:
        id, file = entry["id"], entry["file"]
        path, about = folder / (file or ""), {name: entry[name] for name in ("title", "language", "origin", "licence", "url", "accessed")}
        if id in found:
            table.problem(f"the document id {id!r} stands twice", column="documents")
        elif not file and not (id and re.match(r"https?://\S+$", about["url"])):
            table.problem(
                f"document {id!r} has neither a file nor an id and the url, http or https, where it can be read", column="documents"
            )
        elif not file:
            found[id] = Document(id=id, lines=(), **about)
        elif not id:
            continue
        elif "\0" in file or not _may_be_read(folder, path):
            table.problem(
                f"document {id!r}: {file!r} lies outside the scenario's folder; expected it below, in a folder `seeds` beside the folder of"
                f" the scenarios, or below the folder that {DOCUMENTS} names",
                column="documents",
            )
        elif not os.path.exists(path):  # unlike a path's own, it answers for a name too long or a circle of links
            table.problem(f"document {id!r}: there is no file {file!r}", column="documents")
        elif not os.path.isfile(path):
            table.problem(f"document {id!r}: {file!r} is not a regular file", column="documents")
        else:
            try:
                found[id] = read_document(path, id=id, **about)
            except UnicodeDecodeError:
                table.problem(f"document {id!r}: the file {file!r} is not UTF-8", column="documents")
            except (OSError, ValueError) as problem:
                table.problem(f"document {id!r}: {file!r} cannot be read: {problem}", column="documents")
    return found


def _read_texts(contents: Contents, texts: Mapping[str, Path]) -> None:
    """Put texts that the reader has in the place of documents without one."""
    table = contents.tables["scenario"]
    for id, path in texts.items():
        if id not in contents.documents:
            expected = nearest(id, contents.documents) or f"; expected one of {', '.join(contents.documents) or 'none'}"
            table.problem(f"a text is given of document {id!r}, which is not listed{expected}", column="documents")
            continue
        try:
            read = read_document(path, id=id)
        except (OSError, ValueError) as problem:
            table.problem(f"document {id!r}: {str(path)!r} cannot be read: {problem}", column="documents")
        else:
            contents.documents[id] = replace(contents.documents[id], lines=read.lines)


def _theatre(contents: Contents) -> Theatre:
    """Build the theatre from sound contents: places get their cells and areas, sides their bases."""
    import shapely

    settings = contents.settings
    frame = settings["frame"]
    water = [feature.geometry for feature in contents.backdrop if feature.kind in WATERS]
    places = [place for _, place in contents.places()]
    told: Any = attrgetter(*(field.name for field in fields(Place)[:-2]))  # all but the cell and its area
    ids = {place.id for place in places}
    polygons = geometry.cells(places, frame, shapely.union_all(water) if water else None)
    areas = dict(zip(polygons, geometry.areas_km2(list(polygons.values()), frame).tolist(), strict=True))
    return Theatre(
        name=settings["name"],
        title=settings["title"],
        summary=settings["summary"],
        places=tuple(Place(*(*told(p), polygons.get(p.id), areas.get(p.id, 0.0))) for p in places),
        links=tuple(Link(**cells) for _, cells in contents.rows("links")),
        groups=tuple(_group(cells, ids) for _, cells in contents.rows("groups")),
        sides=tuple(_side(entry) for entry in settings["sides"]),
        frame=frame,
        backdrop=tuple(contents.backdrop),
        picture=contents.picture,
        documents=contents.documents,
        model=settings["model"] or {},
        start=settings["start"],
        end=settings["end"],
        licence=settings["licence"],
        attribution=settings["attribution"],
        city=next(iter(contents.place_index().find(settings["city"])), settings["city"]) if settings["city"] else settings["city"],
    )


def _group(cells: Mapping[str, Any], places: set[str]) -> Group:
    return Group(**cells, of="places" if cells["members"][0] in places else "links")


def _side(entry: Mapping[str, Any]) -> Side:
    bases = tuple(Base(base["place"], base["cites"], base["note"]) for base in entry["bases"])
    return Side(entry["id"], entry["name"], entry["colour"], {actor["id"]: actor["name"] for actor in entry["actors"]}, bases)


def _ledger(contents: Contents) -> Ledger:
    """Build the ledger from sound contents; it knows what its claims may name."""
    sources = [Source(**cells) for _, cells in contents.rows("sources")]
    return Ledger({source.id: source for source in sources}, contents.claims(), contents.vocabulary())


def _shown(folder: Path) -> str:
    """Return the folder as a user would write it: relative to where they stand, when it lies below."""
    try:
        return str(folder.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(folder)
