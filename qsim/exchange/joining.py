"""Claims in qsim's own columns, written elsewhere, joined to a scenario that is there: as they stand, checked, all or none."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from qsim.exchange.files import ImportProblem, read_bytes, read_rows
from qsim.record.changes import put_all, said_with
from qsim.record.names import Fresh
from qsim.record.problems import Problem
from qsim.record.rows import lines_of, rows_of, with_rows
from qsim.record.scenario import ScenarioError, read
from qsim.record.schema import columns

_FILE = "claims.csv"


def join_claims(files: Sequence[Path], folder: str | Path) -> str:
    """
    Add the rows of tables with the headings of claims.csv to a folder's own, and return how many, in words.

    Places, groups, sides, actors and sources are the folder's, by id, name or spelling. A row without an id gets none; one whose id is
    taken gets the next that is free, in what denies it as well. A row that stands there already, cell by cell but for its id, is left out.

    Raises
    ------
    ImportProblem
        When there is no folder to add to, or no row that is not there already.
    ScenarioError
        When a claim is wrong, in the words of `check`, by the row of the file that it stands in; nothing is written then.
    EditError
        When a file is no table of claims.
    """
    folder, path = Path(folder), Path(folder) / _FILE
    if not folder.is_dir():
        raise ImportProblem(f"{folder} is no folder; claims join a scenario folder: --into FOLDER")
    there_now = path.read_bytes() if path.is_file() else b""  # a map may stand before its first claim
    fresh = Fresh(cells["id"] for _, cells in read(folder).rows("claims"))
    there = {_cells(row) for row in rows_of(there_now, "claims")}
    rows, stood, known = [], [], 0
    for file in files:
        data = read_bytes(file)
        own = rows_of(data, "claims")
        _expect_columns(file, own)
        renamed = {row["id"]: fresh.made(row["id"]) for row in own if row.get("id")}
        for row, line in zip(own, lines_of(data, "claims"), strict=True):
            if _cells(row) in there:
                known += 1
                continue
            rows.append(row | {name: renamed.get(row[name], row[name]) for name in ("id", "denies") if row.get(name)})
            stood.append((str(file), line))
    if known and not rows:
        raise ImportProblem(f"nothing to add: all {known:,} rows stand in {path} already")
    if not rows:
        raise ImportProblem(f"no row in {', '.join(file.name for file in files)}")
    data = with_rows(there_now, "claims", rows)
    at = dict(zip(lines_of(data, "claims")[-len(rows) :], stood, strict=True))
    if wrong := [each for each in said_with(folder, {path: data}) if each.level == "problem"]:
        raise ScenarioError(by_row(wrong, at, folder))
    put_all({path: data})
    left = f"; {known:,} that stand there already were left out" if known else ""
    return f"wrote {path}: {len(rows):,} claim{'s' if len(rows) > 1 else ''} added at its end{left}"


def _cells(row: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    """Return what a row says, its id aside."""
    return frozenset((name, text.strip()) for name, text in row.items() if name != "id" and text.strip())


def _expect_columns(file: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Raise `ImportProblem` where a table has no column of a name that every claim must have, rather than call each of its rows blank."""
    lacking = [column for column in columns("claims") if column.required and not any(column.name in row for row in rows)]
    if rows and lacking:
        wanted = ", ".join(f"{column.name} ({column.description})" for column in lacking)
        found = ", ".join(next(read_rows(file))[1])
        raise ImportProblem(f"{file}: no column for {wanted}; found {found}: rename them, or use qsim import table --columns")


def by_claim(problems: Sequence[Problem], lines: Sequence[int], known: Sequence[bool]) -> dict[int, str]:
    """
    Return what is wrong with claims by their positions, where all that is wrong is of claims of which the row is known; nothing otherwise.

    `lines` are the lines of claims.csv in which the claims stand, `known` says of which claims the row is known.
    """
    at = {line: n for n, line in enumerate(lines)}
    found: dict[int, str] = {}
    for each in problems:
        n = at.get(each.row, -1) if each.file == _FILE else -1
        if n < 0 or not known[n]:
            return {}
        found[n] = "; ".join(filter(None, (found.get(n, ""), f"{each.column}: {each.what}" if each.column else each.what)))
    return found


def by_row(problems: Iterable[Problem], at: Mapping[int, tuple[str, int]], folder: Path) -> list[Problem]:
    """Return problems by the files and rows that the user knows: those of claims by `at`, the file and row of each line of claims.csv that is new."""
    found = []
    for each in problems:
        file, row = at.get(each.row, (str(folder / each.file), each.row)) if each.file == _FILE else (str(folder / each.file), each.row)
        found.append(replace(each, file=file, row=row))
    return found
