"""Tables read by pyarrow (extra `tables`): Parquet files, with the same fields, checks and row numbers as of a CSV file, and long CSV files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from qsim.record.packed import Coded
from qsim.record.problems import Table
from qsim.record.schema import Column
from qsim.record.sheets import as_text
from qsim.record.tabulating import Sheet, tabulate


def read_parquet(path: Path, known: Sequence[Column]) -> Table:
    """
    Return the rows of a Parquet file with every cell parsed by the schema, as `read_table` does of a CSV file.

    Rows are counted as if a heading stood in row 1, so that a problem names the row that a CSV file of the same table has. Columns may be
    text, dictionaries, numbers, dates or lists of text.
    """
    table = Table(path.name)
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError:
        table.problem("a Parquet file needs pyarrow; install the extra: pip install 'qsim-history[tables]', or give the table as CSV")
        return table
    try:
        with ParquetFile(path) as file:
            tabulate(_sheet(file), known, table)
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
    try:
        held = csv.read_csv(
            pyarrow.BufferReader(rest.encode()),
            csv.ReadOptions(column_names=names),
            csv.ParseOptions(delimiter=separator, quote_char=False, ignore_empty_lines=False),
            csv.ConvertOptions(column_types=dict.fromkeys(names, pyarrow.string()), strings_can_be_null=False),
        )
    except pyarrow.ArrowInvalid:
        return None
    if held.num_rows != rest.count("\n") + (not rest.endswith("\n")):
        return None
    return Sheet(header, 1, np.arange(2, held.num_rows + 2), [_texts(column) for column in held.itercolumns()], []).stripped()


def _sheet(file: Any) -> Sheet:
    """Return what a Parquet file holds, as text."""
    held = file.read()
    columns = [_texts(column) for column in held.itercolumns()]
    return Sheet(list(held.column_names), 1, np.arange(2, held.num_rows + 2), columns, []).stripped()


def _texts(column: Any) -> Coded:
    """Return a column's cells as they would be typed: each different value is spelt once."""
    if column.type.num_fields and not hasattr(column.type, "index_type"):
        return Coded.of(";".join(map(as_text, each)) if isinstance(each, list) else as_text(each) for each in column.to_pylist())
    coded = column.unify_dictionaries() if hasattr(column.type, "index_type") else column.dictionary_encode()
    one = coded.combine_chunks()
    values, codes = one.dictionary.to_pylist(), one.indices.to_numpy(zero_copy_only=False)
    if not all(type(value) is str for value in values):
        values = list(map(as_text, values))
    if one.null_count:
        values.append("")
        codes = np.where(np.isnan(codes), len(values) - 1, codes)
    return Coded(values, codes.astype(np.int32))
