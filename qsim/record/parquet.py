"""Tables read by pyarrow (extra `tables`): Parquet files, with the same fields, checks and row numbers as of a CSV file, and long CSV files."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.record.packed import Coded
from qsim.record.problems import Table
from qsim.record.schema import Column
from qsim.record.sheets import as_text
from qsim.record.tabulating import Sheet, tabulate
from qsim.record.texts import Texts

_MANY = 65_536  # different texts of a column above which they are kept as one


def read_parquet(path: Path, known: Sequence[Column]) -> Table:
    """
    Return the rows of a Parquet file with every cell parsed by the schema, as `read_table` does of a CSV file.

    Rows are counted as if a heading stood in row 1, so that a problem names the row that a CSV file of the same table has. Columns may be
    text, dictionaries, numbers, dates or lists of text. The geometry of a GeoParquet file is read as lon and lat where all are points, else
    as the outline.
    """
    table = Table(path.name)
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile, read_schema
    except ImportError:
        table.problem("a Parquet file needs pyarrow: pip install pyarrow (it is of the extra 'tables'), or give the table as CSV")
        return table
    try:
        with ParquetFile(path, read_dictionary=_repeating(read_schema(path))) as file:
            tabulate(_sheet(file, table), known, table)
    except (ArrowException, OSError, ValueError) as problem:  # whatever the library meets in a damaged file
        table.rows.clear()
        table.columns = None
        table.problem(f"not a Parquet file that can be read ({type(problem).__name__}: {str(problem)[:100]})")
    return table


def sheet_of_long(text: str, separator: str) -> Sheet | None:
    """
    Return the sheet of a long CSV text, read by pyarrow; none where that is not installed, or the text is to be read row by row: it has
    quotes, blank lines, or rows that are not alike.
    """
    try:
        import pyarrow
        from pyarrow import csv
    except ImportError:
        return None
    first, _, rest = text.partition("\n")
    header = [cell.strip() for cell in first.split(separator)]
    if '"' in text or not any(header):
        return None
    names = [str(n) for n in range(len(header))]
    kinds = {
        name: pyarrow.string() if title == "id" else pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
        for name, title in zip(names, header, strict=True)
    }
    try:
        held = csv.read_csv(
            pyarrow.BufferReader(rest.encode()),
            csv.ReadOptions(column_names=names),
            csv.ParseOptions(delimiter=separator, quote_char=False, ignore_empty_lines=False),
            csv.ConvertOptions(column_types=kinds, strings_can_be_null=False),
        )
    except pyarrow.ArrowInvalid:
        return None
    if held.num_rows != rest.count("\n") + (not rest.endswith("\n")):
        return None
    return Sheet(header, 1, np.arange(2, held.num_rows + 2), [_texts(column) for column in held.itercolumns()], []).stripped()


def _repeating(schema: Any) -> list[str]:
    """Return the columns of text that are read as their different values and a code a row: all but ids, which do not come twice."""
    return [field.name for field in schema if str(field.type) in ("string", "large_string") and field.name != "id"]


def _sheet(file: Any, table: Table) -> Sheet:
    """Return what a Parquet file holds, as text."""
    held = file.read()
    about = json.loads((held.schema.metadata or {}).get(b"geo", b"{}"))
    shapes = about.get("primary_column", "")
    header: list[str] = []
    columns: list[Coded] = []
    for name, column in zip(held.column_names, held.itercolumns(), strict=True):
        is_shape = bool(shapes) and name == shapes
        found = _located(column, about["columns"][name], {*held.column_names}, table) if is_shape else {name: _texts(column)}
        header += found
        columns += found.values()
    return Sheet(header, 1, np.arange(2, held.num_rows + 2), columns, []).stripped()


def _located(column: Any, about: Mapping[str, Any], others: set[str], table: Table) -> dict[str, Coded]:
    """Return the geometry of a GeoParquet file as text: `lon` and `lat` where all are points and no others tell them, else `outline`."""
    import shapely

    crs = about.get("crs", "OGC:CRS84")
    id = crs.get("id", {}) if isinstance(crs, dict) else {}
    if about.get("encoding") != "WKB":
        table.problem(f"the geometry is encoded as {str(about.get('encoding'))[:40]!r}; expected WKB")
        return {}
    if crs != "OGC:CRS84" and (id.get("authority"), str(id.get("code"))) not in (("EPSG", "4326"), ("OGC", "CRS84")):
        name = f"{id['authority']}:{id['code']}" if id else "a system that is not told"
        table.problem(f"the coordinates are of {name}; expected longitude and latitude in degrees, WGS 84 (EPSG:4326)")
        return {}
    shapes: Any = shapely.from_wkb(np.array(column.to_pylist(), dtype=object))
    if not others & {"lon", "lat"} and bool((shapely.get_type_id(shapes) == shapely.GeometryType.POINT).all()):
        points = shapely.get_coordinates(shapes) if not shapely.is_empty(shapes).any() else np.empty((0, 2))
        if len(points) == len(shapes):
            return {name: Coded.of(map(repr, of.tolist())) for name, of in zip(("lon", "lat"), points.T, strict=True)}
    return {"outline": Coded.of(text or "" for text in shapely.to_wkt(shapes, rounding_precision=-1).tolist())}


def _texts(column: Any) -> Coded:
    """Return a column's cells as they would be typed: each different value is spelt once."""
    if column.type.num_fields and not hasattr(column.type, "index_type"):
        return Coded.of(";".join(map(as_text, each)) if isinstance(each, list) else as_text(each) for each in column.to_pylist())
    kept = _kept_whole(column)
    if kept is not None:
        return Coded(kept, np.arange(len(kept), dtype=np.int32))
    coded = column.unify_dictionaries() if hasattr(column.type, "index_type") else column.dictionary_encode()
    one = coded.combine_chunks()
    values: Sequence[str] = _table_of(one.dictionary) if len(one.dictionary) > _MANY else one.dictionary.to_pylist()
    if not isinstance(values, Texts) and not all(type(value) is str for value in values):
        values = list(map(as_text, values))
    if not one.null_count:
        return Coded(values, np.asarray(one.indices.to_numpy(), dtype=np.int32))
    codes = one.indices.cast("int64").fill_null(len(values)).to_numpy()
    return Coded([*values, ""], codes.astype(np.int32)).mapped(str)


def _kept_whole(column: Any) -> Texts | None:
    """Return a long column of text in which none comes twice, told by its rising; none where that cannot be told so."""
    if len(column) <= _MANY or column.null_count or str(column.type) not in ("string", "large_string"):
        return None
    import pyarrow.compute as compute

    one = column.combine_chunks()
    rising = compute.all(compute.less(one[:-1], one[1:])).as_py()
    found = _table_of(one) if rising else None
    return found if isinstance(found, Texts) else None


def _table_of(texts: Any) -> Sequence[str]:
    """Return an Arrow array of text as a table of texts over the same bytes; a list of what it holds where it is of another kind."""
    if str(texts.type) not in ("string", "large_string") or texts.null_count:
        found: list[str] = texts.to_pylist()
        return found
    _, begins, letters = texts.buffers()
    at: NDArray[Any] = np.frombuffer(begins, dtype=np.int32 if str(texts.type) == "string" else np.int64)
    return Texts(np.frombuffer(letters or b"", dtype=np.uint8), at[texts.offset : texts.offset + len(texts) + 1])
