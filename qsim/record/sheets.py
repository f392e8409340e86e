"""The sheets of a workbook as rows of text: .xlsx by openpyxl (extra `xlsx`), .ods as the zipped XML that it is, those kept in a .qsim."""

import json
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

Rows = list[tuple[int, list[str]]]

WORKBOOKS = (".xlsx", ".xlsm", ".ods")
SAVED = ".qsim"  # a saved timeline, which keeps the sheets of its scenario
KEPT_SHEETS = "scenario.json"
_MOST_BYTES, _MOST_CELLS = 500_000_000, 500
_OFFICE, _TABLE, _TEXT = (f"{{urn:oasis:names:tc:opendocument:xmlns:{part}:1.0}}" for part in ("office", "table", "text"))


class WorkbookError(ValueError):
    """A workbook that cannot be read: it is none, or the library for it is not there."""


def read_sheets(path: Path) -> dict[str, Rows]:
    """
    Return the rows of every sheet of a workbook, by the sheet's name: row number and cells as text, blank rows left out.

    Raises
    ------
    WorkbookError
        When it is no workbook, or openpyxl is missing.
    """
    try:
        if path.suffix.lower() == ".ods":
            return dict(_ods(path))
        if path.suffix.lower() == SAVED:
            return _kept(path)
        return dict(_xlsx(path))
    except WorkbookError:
        raise
    except Exception as problem:  # whatever the library meets in a damaged file
        raise WorkbookError(f"not a workbook that can be read ({type(problem).__name__}: {str(problem)[:100]})") from None


def openpyxl_for(what: str) -> Any:
    """Return openpyxl; raise `WorkbookError` with the extra to install where it is missing."""
    try:
        import openpyxl
    except ImportError:
        raise WorkbookError(f"{what} needs openpyxl: pip install openpyxl (it is of the extra 'xlsx')") from None
    return openpyxl


def letter(n: int) -> str:
    """Return how a spreadsheet calls its column `n`, counted from 0: A, ..., Z, AA, ..."""
    return (letter(n // 26 - 1) if n >= 26 else "") + chr(ord("A") + n % 26)


def as_text(value: Any) -> str:
    """Return a cell's value as a person would have typed it, spaces around it kept: whole numbers without a point, days as 2013-05-19."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.strftime("%Y-%m-%dT%H:%M")
    return value.isoformat() if isinstance(value, date) else str(value)


def _kept(path: Path) -> dict[str, Rows]:
    with zipfile.ZipFile(path) as packed:
        if KEPT_SHEETS not in packed.namelist():
            raise WorkbookError("a saved timeline that keeps no scenario: it has no ledger, or an earlier version saved it")
        sheets = json.loads(packed.read(KEPT_SHEETS))
    return {name: [(n, [as_text(value) for value in cells]) for n, cells in enumerate(rows, 1)] for name, rows in sheets.items()}


def _xlsx(path: Path) -> Iterator[tuple[str, Rows]]:
    book = openpyxl_for("a workbook").load_workbook(path, read_only=True, data_only=True)
    try:
        for sheet in book.worksheets:
            rows = ((n, [as_text(value) for value in cells[:_MOST_CELLS]]) for n, cells in enumerate(sheet.iter_rows(values_only=True), 1))
            yield sheet.title, [(n, cells) for n, cells in rows if any(cell.strip() for cell in cells)]
    finally:
        book.close()


def _ods(path: Path) -> Iterator[tuple[str, Rows]]:
    with zipfile.ZipFile(path) as packed:
        if packed.getinfo("content.xml").file_size > _MOST_BYTES:
            raise WorkbookError("the workbook is larger than 500 MB")
        content = ElementTree.fromstring(packed.read("content.xml"))
    for sheet in content.iter(f"{_TABLE}table"):
        rows: Rows = []
        number = 1
        for row in sheet.iter(f"{_TABLE}table-row"):
            cells = _ods_cells(row)
            repeated = int(row.get(f"{_TABLE}number-rows-repeated", 1))
            if any(cells):
                rows += [(number + n, cells) for n in range(min(repeated, 100_000))]
            number += repeated
        yield sheet.get(f"{_TABLE}name", ""), rows


def _ods_cells(row: ElementTree.Element) -> list[str]:
    cells: list[str] = []
    for cell in row:
        if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            continue
        kind = cell.get(f"{_OFFICE}value-type")
        text = "\n".join("".join(part.itertext()) for part in cell.iter(f"{_TEXT}p"))
        if kind in ("float", "percentage", "currency"):
            text = as_text(float(cell.get(f"{_OFFICE}value", "nan")))
        elif kind == "date":
            text = as_text(datetime.fromisoformat(cell.get(f"{_OFFICE}date-value", "")))
        elif kind == "boolean":
            text = cell.get(f"{_OFFICE}boolean-value", "")
        repeated = int(cell.get(f"{_TABLE}number-columns-repeated", 1))
        cells += [text.strip()] * min(repeated, _MOST_CELLS - len(cells))
    return cells
