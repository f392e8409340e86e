"""Sheets written as a workbook that helps to fill it in: comments on the headings and drop-downs in the cells, made of the format."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qsim.record.progress import tracked
from qsim.record.schema import Column, columns
from qsim.record.sheets import WorkbookError, letter, openpyxl_for
from qsim.record.signs import as_xml
from qsim.record.words import SOURCE_KINDS

Rows = Sequence[Sequence[Any]]

_LAST_ROW = 2000  # of the drop-downs at least
LONGEST = 32_767  # characters that a cell holds (Excel specifications and limits)
_MOST_ROWS = 1_048_576
# Where a cell names something of another sheet: that sheet, whose first column is offered.
_NAMED = {
    "place": "places", "a": "places", "b": "places", "parent": "places", "within": "places", "side": "sides", "source": "sources",
    "origin": "sources", "document": "documents",
}  # fmt: skip
_PREFIX = {"sides": "sides[].", "actors": "sides[].actors[].", "bases": "sides[].bases[].", "documents": "documents[]."}
_WIDE = ("name", "note", "cites", "value", "summary", "title", "text")


def ordered(table: str, first: Sequence[str]) -> list[str]:
    """Return the names of all columns of a table as a sheet has them, some of them first."""
    known = [column.name for column in columns(table) if column.name != "outline"]
    return [*first, *(name for name in known if name not in first)]


def write_sheets(path: Path, sheets: Mapping[str, Rows], *, progress: bool = False) -> None:
    """
    Write a workbook, a sheet for each list of rows, of which the first are headings; with `progress` a bar follows the rows of each.

    Raises
    ------
    WorkbookError
        When openpyxl is missing, or a text or a table is longer than a workbook can hold.
    """
    book = openpyxl_for("writing a workbook").Workbook(write_only=True)
    try:
        for name in sheets:
            _write(book.create_sheet(name), name, sheets, progress)
        book.save(path)
    finally:
        for sheet in book.worksheets:  # where something went wrong, some are open
            if not sheet.closed:
                sheet.close()


def _write(sheet: Any, name: str, sheets: Mapping[str, Rows], progress: bool) -> None:
    """Write the rows of a sheet below their headings, which stay in sight."""
    header, *rows = sheets[name]
    if len(rows) >= _MOST_ROWS:
        raise WorkbookError(f"sheet {name} would have {len(rows) + 1:,} rows; a workbook holds {_MOST_ROWS:,}")
    sheet.freeze_panes = "A2"
    for n, heading in enumerate(header):
        sheet.column_dimensions[letter(n)].width = 24 if heading in _WIDE else 14
    sheet.append(_headings(sheet, header, name))
    for n, row in enumerate(tracked(rows, f"writing {name}", shown=progress), 2):
        sheet.append([_cell(sheet, value, f"sheet {name}, row {n}, {heading}") for value, heading in zip(row, header, strict=True)])
    _offer(sheet, header, name, sheets)


def _cell(sheet: Any, value: Any, where: str) -> Any:
    """Return a value as a cell takes it: a text stays a text, though it begin with `=`, a number keeps all its digits."""
    if isinstance(value, float) and float(f"{value:.16g}") != value:  # openpyxl writes sixteen
        return _typed(sheet, repr(value), "n")
    if not isinstance(value, str):
        return str(value).lower() if isinstance(value, bool) else value
    if len(value) > LONGEST:
        raise WorkbookError(f"{where} has {len(value):,} characters; a cell holds {LONGEST:,}")
    if value.isprintable() and not value.startswith("="):
        return value or None
    if as_xml(value) != value:
        raise WorkbookError(f"{where} holds a control character, which a workbook cannot: {value[:60]!r}")
    return _typed(sheet, value, "s")


def _typed(sheet: Any, text: str, data_type: str) -> Any:
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, text)
    cell.data_type = data_type
    return cell


def _known(name: str) -> dict[str, Column]:
    """Return the fields of a sheet that the format knows, by heading."""
    prefix = _PREFIX.get(name, "")
    return {column.name.removeprefix(prefix): column for column in columns("scenario" if prefix or name == "scenario" else name)}


def _headings(sheet: Any, header: Sequence[str], name: str) -> list[Any]:
    """Return the cells of the headings, each with a comment that says what the column means; bold is what must be filled."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.comments import Comment
    from openpyxl.styles import Font

    known, cells = _known(name), []
    for heading in header:
        cell, column = WriteOnlyCell(sheet, heading), known.get(heading)
        if column is not None:
            cell.font = Font(bold=column.required)
            blank = f" Blank: {column.default}." if column.default else " Must be filled." if column.required else ""
            told = f"{column.description}{f' ({column.unit})' if column.unit else ''}.{blank}"
            cell.comment = Comment(told, "qsim", height=120, width=260)
        cells.append(cell)
    return cells


def _offer(sheet: Any, header: Sequence[str], name: str, sheets: Mapping[str, Rows]) -> None:
    """Give each column of choices, or of what another sheet lists, a drop-down."""
    from openpyxl.worksheet.datavalidation import DataValidation

    known = _known(name)
    for n, heading in enumerate(header):
        choices = SOURCE_KINDS if (name, heading) == ("sources", "kind") else known[heading].choices if heading in known else ()
        listed = _NAMED.get(heading, "")
        if choices or listed in sheets:
            offered = f'"{",".join(choices)}"' if choices else f"={listed}!$A$2:$A${_last(sheets[listed])}"
            rule = DataValidation(type="list", formula1=offered, allow_blank=True, showErrorMessage=False)
            rule.add(f"{letter(n)}2:{letter(n)}{_last(sheets[name])}")
            sheet.data_validations.append(rule)


def _last(rows: Rows) -> int:
    """Return how far down a drop-down reaches: below all rows, with room for more."""
    return max(_LAST_ROW, len(rows) + 1000)
