"""Belief, claims and places as tables: CSV, Parquet, data frames; and a belief read back from such a table."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qsim import __version__
from qsim.belief.evidence import last_reports_by_block
from qsim.belief.timeline import UNDECIDED, UNKNOWN, Timeline, most_likely_status, status_of_belief
from qsim.exchange.extras import ExportError, need
from qsim.exchange.geojson import shape_of
from qsim.exchange.spans import licences, positions, spans
from qsim.record.contents import claim_from
from qsim.record.ledger import Claim, Ledger, LedgerError
from qsim.record.packed import Claims, Ints, Lists
from qsim.record.problems import Table
from qsim.record.progress import tracked
from qsim.record.schema import columns
from qsim.record.scope import reach
from qsim.record.signs import inert, spoken
from qsim.record.tabulating import Sheet, tabulate
from qsim.record.theatre import Theatre

if TYPE_CHECKING:
    import geopandas
    import pandas

COLUMNS = ("day", "place", "name", "status", "probability", "most_likely", "last_report", "claims")
ROWS = 250_000  # as many rows of a long table as are held at once
_TOGETHER = 20_000  # rows turned into Python's own values at once


@dataclass(frozen=True, slots=True)
class Words:
    """A column of texts of which most are the same: `values[codes]` spells it."""

    values: NDArray[np.str_]
    codes: NDArray[np.int32]

    def spelt(self) -> NDArray[np.str_]:
        """Return the column, a text a row."""
        return self.values[self.codes]


def days_a_block(timeline: Timeline, places: int) -> int:
    """Return of how many days a block of the long table is."""
    return max(1, ROWS // max(1, places * len(timeline.statuses)))


def blocks(timeline: Timeline, places: Sequence[str] | None = None, *, progress: bool = False) -> Iterator[dict[str, Any]]:
    """
    Give the long table of a belief in blocks of whole days, so that memory stays flat; the columns are `COLUMNS`, texts as `Words`.

    A row is a day, a place and a status: `probability` is the belief in the status, `most_likely` the status in which more than
    half of the belief lies, or undecided or unknown, `last_report` the last day that a claim of control spoke of it (NaT for none),
    `claims` how many speak of that day.
    """
    theatre, chosen = timeline.theatre, np.array(positions(timeline, places), dtype=np.int64)
    ids, names = (np.array([getattr(theatre.places[i], field) for i in chosen]) for field in ("id", "name"))
    statuses, told = np.array(timeline.statuses), np.array([*timeline.statuses, UNDECIDED, UNKNOWN])
    step = days_a_block(timeline, len(chosen))
    starts = range(0, len(timeline), step)
    together = zip(starts, reports_by_block(timeline, step), _claims_a_day(timeline, chosen, step), strict=True)
    for first, reports, heard in tracked(together, "writing days", shown=progress, total=len(starts)):
        days, belief = timeline.days[first : first + step], timeline.belief[first : first + step]
        shape = (len(days), len(chosen), len(statuses))
        status = status_of_belief(belief[:, chosen])
        yield {
            "day": _spread(days, (0,), shape),
            "place": Words(ids, _spread(np.arange(len(chosen), dtype=np.int32), (1,), shape)),
            "name": Words(names, _spread(np.arange(len(chosen), dtype=np.int32), (1,), shape)),
            "status": Words(statuses, _spread(np.arange(len(statuses), dtype=np.int32), (2,), shape)),
            "probability": np.asarray(belief[:, chosen], dtype=float).ravel(),
            "most_likely": Words(told, _spread(status.astype(np.int32) % np.int32(len(told)), (0, 1), shape)),
            "last_report": _spread(reports[:, chosen], (0, 1), shape),
            "claims": _spread(heard, (0, 1), shape),
        }


def _spread(array: NDArray[Any], axes: tuple[int, ...], shape: tuple[int, ...]) -> NDArray[Any]:
    """Return an array over some axes of a block as a column of the long table."""
    return np.broadcast_to(array.reshape([n if axis in axes else 1 for axis, n in enumerate(shape)]), shape).ravel()


def write_csv(timeline: Timeline, file: IO[str], places: Sequence[str] | None = None, *, progress: bool = False) -> None:
    """Write the long table of a belief as CSV into an open text file, block by block."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for block in blocks(timeline, places, progress=progress):
        block["probability"] = block["probability"].round(9)
        for first in range(0, len(block["day"]), _TOGETHER):
            some = slice(first, first + _TOGETHER)
            writer.writerows(zip(*(_plain(block[name], some) for name in COLUMNS), strict=True))


def _plain(column: Any, some: slice) -> list[Any]:
    """Return some rows of a column as Python's own values: days as text, none as a blank."""
    if isinstance(column, Words):
        return [inert(str(column.values[code])) for code in column.codes[some].tolist()]
    elif column.dtype.kind == "M":
        column, some = np.where(np.isnat(column[some]), "", column[some].astype(str)), slice(None)
    return list(column[some].tolist())


def write_parquet(timeline: Timeline, file: IO[bytes], places: Sequence[str] | None = None, *, progress: bool = False) -> None:
    """Write the long table of a belief as Parquet, a row group a block: texts as dictionaries, days as dates."""
    arrow, parquet = need("pyarrow", "a Parquet file"), need("pyarrow.parquet", "a Parquet file")
    writer = None
    try:
        for block in blocks(timeline, places, progress=progress):
            table = arrow.table({name: _arrow(arrow, block[name]) for name in COLUMNS})
            if writer is None:
                writer = parquet.ParquetWriter(file, table.schema.with_metadata(about(timeline)), compression="zstd")
            writer.write_table(table.replace_schema_metadata(writer.schema.metadata))
    finally:
        if writer is not None:
            writer.close()


def about(timeline: Timeline) -> dict[str, str]:
    """Return what a file of belief says of itself: title, how it was made, days, licences, version."""
    found = {"title": timeline.theatre.title, "policy": timeline.policy, "days": f"{timeline.start}/{timeline.end}"}
    return {f"qsim.{name}": text for name, text in {**found, "licence": licences(timeline), "version": __version__}.items()}


def to_dataframe(timeline: Timeline, *, places: Sequence[str] | None = None, wide: bool = False) -> "pandas.DataFrame":
    """
    Return a belief as a data frame: long (`COLUMNS`), or wide: a row a day, a column a place and status.

    Raises
    ------
    ExportError
        When pandas is not installed.
    """
    pandas = need("pandas", "a data frame")
    frame = pandas.concat([_frame(pandas, block) for block in blocks(timeline, places)], ignore_index=True)
    if not wide:
        return frame
    return frame.pivot(index="day", columns=["place", "status"], values="probability")[
        [(timeline.theatre.places[i].id, status) for i in positions(timeline, places) for status in timeline.statuses]
    ]


def _frame(pandas: Any, block: Mapping[str, Any]) -> "pandas.DataFrame":
    return pandas.DataFrame({name: column.spelt() if isinstance(column, Words) else column for name, column in block.items()})


def ledger_to_dataframe(ledger: Ledger) -> "pandas.DataFrame":
    """Return the claims as a data frame, a row a claim, with the columns of `claims.csv`, and the first and last day of each."""
    pandas = need("pandas", "a data frame")
    return pandas.DataFrame([claim_row(claim) for claim in ledger.claims])


def theatre_to_geodataframe(theatre: Theatre, *, points: bool = False) -> "geopandas.GeoDataFrame":
    """Return the places as a GeoDataFrame in WGS 84: cells where a place has one, else its point; points throughout on request."""
    geopandas, shapely = need("geopandas", "a GeoDataFrame"), need("shapely", "a GeoDataFrame")
    shapes = [
        place.polygon if place.polygon is not None and not points else shapely.Point(place.lon, place.lat) for place in theatre.places
    ]
    rows = [{name: value for name, value in place_row(place).items() if name != "geometry"} for place in theatre.places]
    return geopandas.GeoDataFrame(rows, geometry=shapes, crs="EPSG:4326")


def spans_to_geodataframe(
    timeline: Timeline, places: Sequence[str] | None = None, *, points: bool = False, progress: bool = False
) -> "geopandas.GeoDataFrame":
    """Return the spans of a timeline as a GeoDataFrame in WGS 84: see `qsim.exchange.spans`."""
    geopandas = need("geopandas", "a GeoDataFrame")
    found = list(spans(timeline, places, progress=progress))
    rows = [
        {
            "place": each.place.id, "name": each.place.name, "start": str(each.start), "end": str(each.end), "status": each.status,
            "label": each.label, "probability": each.probability, "lowest": each.lowest,
            "claims": ";".join(claim.id for claim in each.claims), "citations": ";".join(each.cites),
        }
        for each in found
    ]  # fmt: skip
    shapes = [shape_of(each.place, "points" if points else "cells") for each in found]
    return geopandas.GeoDataFrame(rows, geometry=shapes, crs="EPSG:4326")


def write_geoparquet(
    timeline: Timeline, path: Path, places: Sequence[str] | None = None, *, points: bool = False, progress: bool = False
) -> None:
    """Write the spans of a timeline as GeoParquet, by geopandas, with what the file says of itself among its metadata."""
    spans_to_geodataframe(timeline, places, points=points, progress=progress).to_parquet(path)
    parquet = need("pyarrow.parquet", "a GeoParquet file")
    table = parquet.read_table(path)
    parquet.write_table(table.replace_schema_metadata({**table.schema.metadata, **about(timeline)}), path, compression="zstd")


def read_belief(path: str | Path, theatre: Theatre, ledger: Ledger | None = None) -> Timeline:
    """
    Return the timeline of a long table, `.csv` or `.parquet`, as this module writes it; places that it leaves out are unknown.

    Raises
    ------
    ExportError
        When the file is no such table, or names places or statuses that the theatre has not.
    """
    columns = _columns_of(Path(path))
    missing = [name for name in ("day", "place", "status", "probability") if name not in columns]
    if missing:
        raise ExportError(f"{Path(path).name} is no table of belief: it has no column {', '.join(missing)}")
    days, at_day = np.unique(np.asarray(columns["day"], dtype="datetime64[D]"), return_inverse=True)
    at_place = _codes(columns["place"], tuple(theatre.index), f"{Path(path).name}: place")
    at_status = _codes(columns["status"], theatre.statuses, f"{Path(path).name}: status")
    shape = (len(days), len(theatre.places))
    belief = np.full((*shape, len(theatre.statuses)), 1 / len(theatre.statuses))
    belief[at_day, at_place, at_status] = np.asarray(columns["probability"], dtype=float)
    belief /= belief.sum(axis=-1, keepdims=True)
    history = most_likely_status(belief)
    last = np.full(shape, np.datetime64("NaT", "D"), dtype="datetime64[D]")
    if "last_report" in columns:
        reports = columns["last_report"]
        last[at_day, at_place] = np.array(["NaT" if each in ("", None) else str(each) for each in reports], dtype="datetime64[D]")
    return Timeline(theatre, ledger, days, belief, history, last, policy=f"read from {Path(path).name}")


def ledger_from_dataframe(frame: "pandas.DataFrame", like: Ledger) -> Ledger:
    """
    Return a ledger with the sources of another and the claims of a data frame, whose columns are those of `claims.csv`.

    Raises
    ------
    LedgerError
        When a cell cannot be read or a claim is wrong: all of it, row by row, the first row of claims being 2.
    """
    table = Table("claims")
    rows = [list(frame.columns), *frame.drop(columns=["first_day", "last_day"], errors="ignore").astype(object).values.tolist()]
    rows[0] = [name for name in rows[0] if name not in ("first_day", "last_day")]
    cells = [[_cell(value) for value in row] for row in rows]
    tabulate(Sheet.of(enumerate(cells, 1)), columns("claims.csv"), table)
    if table.problems:
        raise LedgerError("\n".join(f"row {each.row}: {each.column}: {each.what}" for each in table.problems))
    return replace(like, claims=()).plus(*(claim_from(found, row) for row, found in table.columns or ()))


def _cell(value: Any) -> str:
    """Return a value of a data frame as the text of a cell; a missing one is blank, a whole number has no decimals."""
    if value is None or value != value:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() and value not in (0.0, 1.0) else str(value)


def claim_row(claim: Claim) -> dict[str, Any]:
    """
    Return a claim as a row of plain values, in the columns of `claims.csv`; its window stands in `start` as EDTF.

    `first_day` and `last_day` are the ends of the window, for programs that want plain days.
    """
    return {
        "id": claim.id, "place": claim.place, "kind": claim.kind, "side": claim.side or "", "actor": ";".join(claim.actors),
        "quantifier": claim.quantifier or "", "value": claim.value, "bound": claim.bound or "", "low": claim.low, "best": claim.best,
        "high": claim.high, "of": claim.of, "start": str(claim.window), "first_day": str(claim.window.start), "last_day": str(claim.window.end),
        "reported": str(claim.reported) if claim.reported else "", "source": claim.source, "confidence": claim.confidence,
        "denies": claim.denies or "", "cites": ";".join(map(str, claim.cites)), "implied": ";".join(claim.implied), "note": claim.note,
    }  # fmt: skip


def place_row(place: Any) -> dict[str, Any]:
    """Return a place as a row of plain values; lists are joined by `;`, names by language too, as `ku: Kobanê`."""
    shown = {name: getattr(place, name) for name in type(place).__slots__ if name != "polygon"}
    shown["local_names"] = tuple(f"{code}: {name}" for code, name in place.local_names.items())
    return {name: ";".join(map(str, value)) if isinstance(value, tuple) else value for name, value in shown.items()}


def reports_by_block(timeline: Timeline, step: int) -> Iterator[NDArray[np.datetime64]]:
    """Give the last reports of every place in blocks of `step` days, without working out all of them at once."""
    if timeline.reported is None and timeline.ledger is not None:
        known = bool(timeline.model.get("as_known"))
        yield from last_reports_by_block(timeline.theatre, timeline.ledger, timeline.days, step, as_known=known)
    else:
        yield from (timeline.last_report[first : first + step] for first in range(0, len(timeline), step))


def _claims_a_day(timeline: Timeline, chosen: NDArray[np.int64], step: int) -> Iterator[NDArray[np.int32]]:
    """Give how many claims of control speak of each day and chosen place, in blocks of `step` days: shape (days, places)."""
    column, row, claims = _spoken_of(timeline, chosen)
    first = int(timeline.days[0].astype(np.int64))
    begins, ends = np.maximum(0, claims.start[row] - first), claims.end[row] - first + 1
    counts = np.zeros(len(chosen), dtype=np.int32)
    for day in range(0, len(timeline), step):
        changes = np.zeros((min(step, len(timeline) - day), len(chosen)), dtype=np.int32)
        for moments, by in ((begins, 1), (ends, -1)):
            now = (moments >= day) & (moments < day + len(changes)) & (ends > 0)
            np.add.at(changes, (moments[now] - day, column[now]), np.int32(by))
        changes[0] += counts
        found = changes.cumsum(axis=0, dtype=np.int32)
        counts = found[-1]
        yield found


def _spoken_of(timeline: Timeline, chosen: NDArray[np.int64]) -> tuple[Ints, Ints, Claims]:
    """Return the claims of control and, of each time that one speaks of a chosen place, the place's position among these and the claim's."""
    claims = Claims() if timeline.ledger is None else timeline.ledger.columns.take(timeline.ledger.columns.of_control)
    theatre, at = timeline.theatre, np.full(len(timeline.theatre.places), -1)
    at[chosen] = np.arange(len(chosen))
    cities = {theatre.index[part]: theatre.index[city] for city, parts in theatre.parts.items() for part in parts}
    few, of = claims.alike("place", "kind", "quantifier")
    spoken = (set(reach(theatre, claim)) for claim in few)
    place, row = Lists.of_each({at[i] for i in (*each, *(cities[i] for i in each if i in cities))} - {-1} for each in spoken).gathered(of)
    return place, row, claims


def _arrow(arrow: Any, column: Any) -> Any:
    """Return a column for Parquet: texts by dictionary, days as date32."""
    if isinstance(column, Words):
        return arrow.DictionaryArray.from_arrays(arrow.array(column.codes), arrow.array(column.values.tolist(), arrow.string()))
    return arrow.array(column)


def _columns_of(path: Path) -> Mapping[str, Any]:
    """Return the columns of a CSV or Parquet file."""
    if path.suffix.lower() == ".parquet":
        table = need("pyarrow.parquet", "a Parquet file").read_table(path)
        return {name: table.column(name).to_pylist() for name in table.column_names}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: [spoken(row[name] or "") for row in rows] for name in (rows[0] if rows else ())}


def _codes(values: Sequence[str], known: Sequence[str], what: str) -> NDArray[np.int64]:
    """Return the position of each value among those known."""
    names, codes = np.unique(np.asarray(values, dtype=str), return_inverse=True)
    strange = sorted(set(names.tolist()) - set(known))
    if strange:
        raise ExportError(f"{what} {', '.join(map(repr, strange[:5]))} is not of the theatre")
    at = {name: i for i, name in enumerate(known)}
    return np.array([at[name] for name in names.tolist()], dtype=np.int64)[codes]
