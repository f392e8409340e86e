"""A table of a scenario as a Parquet file, read by pyarrow (extra `tables`): the same fields, checks and row numbers as of its CSV file."""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from qsim.record.problems import Table
from qsim.record.reading import tabulate
from qsim.record.schema import Column
from qsim.record.sheets import as_text

_TOGETHER = 65_536  # rows turned to text at a time


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
            body = _rows(file)
            tabulate(chain([(1, list(file.schema_arrow.names))], body), known, table)
    except (ArrowException, OSError, ValueError) as problem:  # whatever the library meets in a damaged file
        table.rows.clear()
        table.problem(f"not a Parquet file that can be read ({type(problem).__name__}: {str(problem)[:100]})")
    return table


def _rows(file: Any) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Return each row's number and its cells as text."""
    batches = file.iter_batches(batch_size=_TOGETHER)
    rows = chain.from_iterable(zip(*map(_texts, batch.columns), strict=True) for batch in batches)
    return enumerate(rows, 2)


def _texts(column: Any) -> list[str]:
    """Return a column's cells as they would be typed: each different value is spelt once."""
    coded = column if hasattr(column, "indices") else column.dictionary_encode() if not _nested(column) else None
    if coded is None:
        return [";".join(map(as_text, each)) if isinstance(each, list) else as_text(each) for each in column.to_pylist()]
    spelt = [as_text(value) for value in coded.dictionary.to_pylist()]
    return ["" if code is None else spelt[code] for code in coded.indices.to_pylist()]


def _nested(column: Any) -> bool:
    return bool(column.type.num_fields) and not hasattr(column, "indices")
