"""Reading other people's files: tables and GeoJSON as they come, with the row of every record, and dates as people write them."""

import csv
import gzip
import io
import json
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from qsim.record import names
from qsim.record.sheets import WORKBOOKS, WorkbookError, read_sheets

Row = tuple[int, dict[str, str]]

DATA_SUFFIXES = (".csv", ".geojson", ".json", ".tsv", ".txt")
_MONTHS = {name: i for i, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)}


_UNSEEN = "\u200b\u200e\u200f\u2060\ufeff"
_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")


class ImportProblem(ValueError):
    """A file that cannot be imported: missing, of another layout, or without something that must be given as an option."""


def clean(text: str) -> str:
    """Return a text with composed letters, plain spaces, none at its ends, and no control characters; web pages are full of them."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    spaced = " ".join(unicodedata.normalize("NFC", text).split())
    return "".join(c for c in spaced if unicodedata.category(c) not in ("Cc", "Cs") and c not in _UNSEEN).strip()


def read_bytes(path: Path) -> bytes:
    """Return the contents of a file, unpacked where it is a .gz or a .zip that holds one file of data."""
    if not path.is_file():
        raise ImportProblem(f"{path}: there is no such file")
    try:
        if path.suffix == ".gz":
            return gzip.decompress(path.read_bytes())
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                held = [name for name in archive.namelist() if Path(name).suffix.lower() in DATA_SUFFIXES]
                if len(held) == 1:
                    return archive.read(held[0])
            raise ImportProblem(f"{path} holds {len(held)} files of data; expected one: unpack it and name the files")
    except (EOFError, OSError, zipfile.BadZipFile, zlib.error) as problem:
        raise ImportProblem(f"{path} cannot be unpacked: {problem}") from None
    return path.read_bytes()


def read_text(path: Path) -> str:
    """Return the text of a file: UTF-8 with or without byte order mark, UTF-16 with one, else Windows-1252."""
    data = read_bytes(path)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def read_rows(path: Path, *, needs: Sequence[str] = ()) -> Iterator[Row]:
    """
    Yield (line, column -> text) for every row of a table, text or workbook, that is not blank; cells beyond the header stand under `""`.

    Raises
    ------
    ImportProblem
        When the file is missing or lacks one of the columns that it `needs`.
    """
    lines = _sheet(path, needs) if path.suffix.lower() in WORKBOOKS else _lines(path)
    first, header = next(lines, (1, []))
    header = [clean(name) for name in header]
    lacking = [name for name in needs if name not in header]
    if lacking:
        some = f"{', '.join(header[:12])}{' ...' if len(header) > 12 else ''}"
        raise ImportProblem(f"{path}:{first}: no column {', '.join(lacking)}; found {some or 'nothing'}")
    for line, cells in lines:
        if any(cell.strip() for cell in cells):
            row = dict(zip(header, cells, strict=False))
            if len(cells) > len(header):
                row[""] = ";".join(cells[len(header) :])
            yield line, row


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, cells) of a text file; the separator is what its first line has most of."""
    csv.field_size_limit(10_000_000)
    text = read_text(path)
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as problem:
        raise ImportProblem(f"{path}:{line}: not a row of a table: {problem}") from None


def _sheet(path: Path, needs: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield (row, cells) of the first sheet of a workbook that has the columns needed, else of the first."""
    if not path.is_file():
        raise ImportProblem(f"{path}: there is no such file")
    try:
        sheets = [rows for rows in read_sheets(path).values() if rows]
    except WorkbookError as problem:
        raise ImportProblem(f"{path}: {problem}") from None
    fitting = (rows for rows in sheets if set(needs) <= {clean(cell) for cell in rows[0][1]})
    yield from next(fitting, sheets[0] if sheets else [])


def read_features(path: Path) -> list[dict[str, Any]]:
    """Return the features of a GeoJSON file (or the one feature, or bare geometry, that it is)."""
    try:
        data = json.loads(read_text(path))
    except json.JSONDecodeError as problem:
        raise ImportProblem(f"{path}:{problem.lineno}: not JSON: {problem.msg}") from None
    if isinstance(data, dict) and isinstance(data.get("map"), dict):
        data = data["map"]  # one layer of wrapping that map services put around their collection
    if isinstance(data, dict) and isinstance(data.get("features"), list):
        return [each for each in data["features"] if isinstance(each, dict)]
    if isinstance(data, dict) and data.get("type") == "Feature":
        return [data]
    if isinstance(data, dict) and "coordinates" in data:
        return [{"type": "Feature", "properties": {}, "geometry": data}]
    raise ImportProblem(f"{path}: not GeoJSON; expected a FeatureCollection")


def number(text: str) -> float | None:
    """Return the number that a cell spells, with a decimal point or comma; None where it spells none."""
    try:
        found = float(clean(text).replace(",", "."))
    except ValueError:
        return None
    return found if abs(found) < float("inf") else None


def whole(text: str) -> int | None:
    """Return the whole number of a cell, thousands separators and `7e+05` as R writes it included; None where it holds none."""
    text = clean(text).replace(" ", "")
    if re.fullmatch(r"\d{1,3}(,\d{3})+", text):
        text = text.replace(",", "")
    try:
        found = float(text)
    except ValueError:
        return None
    return int(found) if 0 <= found < 1e15 and found == int(found) else None


def point(lon: str, lat: str) -> tuple[float, float] | None:
    """Return (lon, lat) in degrees, or None where the cells hold no point of the earth (0, 0 counts as none)."""
    x, y = number(lon), number(lat)
    if x is None or y is None or not (-180 <= x <= 180 and -90 <= y <= 90) or (x == 0 and y == 0):
        return None
    return x, y


def read_day(text: str) -> date | None:
    """
    Return the day that a text spells in one of the ways that cannot be misread, or None.

    >>> [str(read_day(text)) for text in ("2022-03-26", "20220326", "26 March 2022 19h51 UTC", "Mar 26, 2022", "3/26/2022")]
    ['2022-03-26', '2022-03-26', '2022-03-26', '2022-03-26', 'None']
    """
    text = clean(text)
    if match := re.match(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)", text) or re.fullmatch(r"(\d{4})(\d\d)(\d\d)", text):
        parts = [int(part) for part in match.groups()]
    elif (match := _SLASHED.fullmatch(text)) and int(match[1]) == int(match[2]):
        parts = [int(match[3]), int(match[1]), int(match[2])]
    elif match := re.match(r"(\d{1,2})(?:st|nd|rd|th)? ([A-Za-z]{3})[a-z]*\.?,? (\d{4})\b", text):
        parts = [int(match[3]), _MONTHS.get(match[2].lower(), 0), int(match[1])]
    elif match := re.match(r"([A-Za-z]{3})[a-z]*\.? (\d{1,2})(?:st|nd|rd|th)?, (\d{4})\b", text):
        parts = [int(match[3]), _MONTHS.get(match[1].lower(), 0), int(match[2])]
    else:
        return None
    try:
        return date(*parts)
    except ValueError:
        return None


def slashed(texts: Iterable[str]) -> str:
    """
    Return how the dates of one file with slashes are meant: `mdy`, `dmy`, or nothing where none of them can be read one way only.

    >>> slashed(["3/4/1916", "3/26/1916"]), slashed(["3/4/1916"])
    ('mdy', '')
    """
    pairs = [(int(match[1]), int(match[2])) for text in texts if (match := _SLASHED.fullmatch(clean(text)))]
    days_first, months_first = any(a > 12 for a, _ in pairs), any(b > 12 for _, b in pairs)
    return "" if days_first == months_first else "dmy" if days_first else "mdy"


def read_instant(text: str, order: str = "") -> datetime | None:
    """Return the instant (UTC) that a text spells: a day, `20220227214017`, ISO 8601 with or without zone, or seconds since 1970; `3/26/1916` by `order`."""
    text = clean(text)
    if re.fullmatch(r"\d{14}", text):
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    if re.fullmatch(r"1\d{9}(\d{3})?", text):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    if re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", text):
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            return None
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    if (match := _SLASHED.fullmatch(text)) and (order or int(match[1]) == int(match[2])):
        text = f"{match[3]}-{int(match[1 if order == 'mdy' else 2]):02d}-{int(match[2 if order == 'mdy' else 1]):02d}"
    day = read_day(text)
    return datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None


def instant_in_name(path: Path) -> datetime | None:
    """Return the day or instant that a file's name carries, such as `map_2022-03-26.geojson` or `1758100000.json`; None without one."""
    name = path.name
    for pattern in (
        r"(?<!\d)(\d{14})(?!\d)",
        r"(?<!\d)(1\d{9})(?!\d)",
        r"(\d{4}-\d\d-\d\d)",
        r"(\d{4}_\d\d_\d\d)",
        r"(?<!\d)(\d{8})(?!\d)",
    ):
        for match in re.findall(pattern, name):
            if found := read_instant(match.replace("_", "-")):
                return found
    return None


def slug(text: str) -> str:
    """
    Return an id made of a name, as `qsim.record.names.slug`, but never blank.

    >>> slug("Dar'a al-Balad"), slug("***")
    ('dara_al_balad', 'unnamed')
    """
    return names.slug(clean(text)) or "unnamed"
