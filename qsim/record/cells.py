"""One cell's text, or one value of TOML or JSON, read by the type of its field; whatever it is, the answer is a value or a reason."""

import json
import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from qsim.record.citations import Citation, CitationError, split
from qsim.record.dates import DateError, Relative, Window, day, parse_edtf, parse_when
from qsim.record.names import closest, folded, slug
from qsim.record.problems import Table
from qsim.record.schema import Column

MANY = ("texts", "citations")
_YES, _NO = {"true", "yes", "y", "t", "1", "x", "wahr", "vrai"}, {"false", "no", "n", "f", "0", "falsch", "faux"}
_LITTLE = frozenset(
    "a again are at been being by for from fully had have in is it now of on out reportedly the to was were".split()  # noqa: SIM905
)
_ALIKE = 0.7  # of the letters of two words, so that one is asked about for the other
_FURTHEST_KM = 20038.0  # half the way round the earth


def parse(column: Column, value: Any, table: Table, row: int, name: str = "") -> Any:
    """Return the value of one field by its type, or what stands for none, with any problem noted in `table` under `name`."""
    text = _stripped(value) if isinstance(value, str) else value
    if text is None or text == "" or (isinstance(text, list) and not text):
        if column.required and not column.default:
            table.problem(f"{column.name} is blank; expected {column.description}", row, name or column.name)
        return none_of(column)
    try:
        return PARSERS[column.type](text, column, table)
    except (ValueError, TypeError, OverflowError, RecursionError) as problem:
        table.problem(str(problem), row, name or column.name)
        return none_of(column)


def none_of(column: Column) -> Any:
    """Return what stands for a blank field: no entries, an empty text, or none (for a name of something else, a number, a choice)."""
    return () if column.type in MANY else "" if column.type == "text" else None


def _stripped(text: str) -> str:
    return text.strip().strip("\ufeff\u200b\u200e\u200f\u2060").strip()


def _shown(value: Any) -> str:
    """Return a value as a message shows it: quoted, and cut where it is long."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):
        return "a number of thousands of digits"
    return text if len(text) <= 60 else f"{text[:50]}..."


_WIDTHLESS = dict.fromkeys(map(ord, "\u200b\u2060\ufeff"))  # nobody sees them, and names differ by them
_NONE = "\ufffe\uffff"  # no characters, which no XML may hold
_TURNING = (
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # turn the words around them round, so that others are read than are written
)


def _text(value: Any, column: Column, table: Table) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{_shown(value)} is not a text; write it in quotes")
    text: str = value if value.isprintable() else value.translate(_WIDTHLESS)
    for c in () if text.isprintable() else text:
        if (unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t") or c in _TURNING or c in _NONE:
            raise ValueError(f"{_shown(text)} holds the control character U+{ord(c):04X}; delete it")
    return text


def _id(value: Any, column: Column, table: Table) -> str:
    text = _text(value, column, table)
    if not re.fullmatch(r"[\w.+-]+", text):
        raise ValueError(f"{_shown(text)} is not an id; expected letters, digits, _ and -, such as {slug(text) or 'mossford'}")
    return text


def _word(value: Any, column: Column, table: Table) -> str:
    text = _text(value, column, table)
    if not re.fullmatch(r"\w[\w.-]*", text) or len(text) > 100:
        raise ValueError(f"{_shown(text)} is not a name of letters, digits, _, - and ., such as {slug(text)[:30] or 'valley'}")
    return text


def _code(value: Any, column: Column, table: Table) -> str:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else _text(value, column, table)
    if not re.fullmatch(r"Q?\d{1,15}(?:\.0)?", text):
        raise ValueError(f"{_shown(text)} is not a number of a gazetteer, such as 170063 or Q12345")
    return text.removesuffix(".0")


def _number(value: Any, column: Column, table: Table) -> float:
    unit = f" in {column.unit}" if column.unit else ""
    if isinstance(value, bool):
        raise ValueError(f"{_shown(value)} is not a number{unit}")
    if isinstance(value, str):
        value = _decimal(value, table)
    try:
        number = float(value)
    except (ValueError, TypeError, OverflowError):
        number = float("nan")
    if not abs(number) < float("inf"):
        raise ValueError(f"{_shown(value)} is not a number{unit}")
    return number


def _decimal(text: str, table: Table) -> str:
    """Return the number with a decimal point: a comma is one where no other reading is left, and asked about where there is."""
    text = re.sub(r"(?<=\d)[\s\u00a0\u202f'’](?=\d{3}\b)", "", text).replace("−", "-")
    if "," not in text:
        return text
    if "." in text:
        return text.replace(",", "") if text.rindex(".") > text.rindex(",") else text.replace(".", "").replace(",", ".")
    if re.fullmatch(r"[+-]?\d{1,3}(?:,\d{3}){2,}", text):
        return text.replace(",", "")
    if re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", text) and table.comma is not True:
        raise ValueError(f"{text!r} can be {text.replace(',', '')} or {text.replace(',', '.')}; write it without the comma")
    return text.replace(",", ".")


def _distance(value: Any, column: Column, table: Table) -> float:
    number = _number(re.sub(r"\s*km$", "", value) if isinstance(value, str) else value, column, table)
    if not 0 < number <= _FURTHEST_KM:
        raise ValueError(f"{column.name} is {number:g}; expected more than 0" + (" and less than half the earth" if number > 0 else ""))
    return number


def _whole(value: Any, column: Column, table: Table) -> int:
    if isinstance(value, str) and re.fullmatch(r"\d{1,3}(?:[,.]\d{3})+", value):
        value = re.sub("[,.]", "", value)
    try:
        number = _number(value, column, table)
    except ValueError:
        number = -1.0
    if number < 0 or number != int(number) or number > 1e12:
        raise ValueError(f"{_shown(value)} is not a whole number from 0")
    return int(number)


def _fraction(value: Any, column: Column, table: Table) -> float:
    if isinstance(value, str) and value.endswith("%"):
        number = _number(value[:-1].strip(), column, table) / 100
    else:
        number = _number(value, column, table)
    wrong = not_a_share(number)
    if wrong:
        raise ValueError(wrong)
    return number


def not_a_share(number: float) -> str:
    """Return what is wrong with a share, or nothing."""
    if 0 <= number <= 1:
        return ""
    return f"{number:g} lies outside 0..1; a share is a fraction, so 60 % is 0.6"


def _choice(value: Any, column: Column, table: Table) -> str:
    word = slug(_text(value, column, table))
    if value in column.choices or word in column.choices:
        return value if value in column.choices else word
    if word in column.synonyms:
        return column.synonyms[word]
    raise ValueError(not_a_choice(value, column))


def not_a_choice(value: str, column: Column) -> str:
    """Return what is wrong with a word that is none of a field's choices: the choices, and a question that it is likely the answer to."""
    return f"unknown {column.name} {_shown(value)}{likely(value, column)}; expected one of {', '.join(column.choices)}"


def likely(value: str, column: Column) -> str:
    """Return `; did you mean ...?` with what a word may stand for among a field's choices; nothing that is asked is ever taken for it."""
    known = (*column.choices, *column.synonyms, *column.doubtful)
    word = slug(value)
    bare = "_".join(part for part in word.split("_") if part not in _LITTLE)
    meant = next((each for each in (word, bare) if each in known), "")
    meant = meant or closest(value, column.choices, _ALIKE) or closest(word, [*column.synonyms, *column.doubtful], _ALIKE)
    if meant in column.choices:
        return f"; did you mean {meant!r}?"
    kinds = " or ".join(repr(kind) for kind in column.doubtful.get(meant, ()))
    if meant == word and kinds:
        return f"; did you mean {kinds}?"
    if kinds:
        return f"; did you mean {meant!r}, which may be {kinds}?"
    return f"; did you mean {meant!r}, which is read as {column.synonyms[meant]!r}?" if meant else ""


def _flag(value: Any, column: Column, table: Table) -> bool:
    if isinstance(value, bool):
        return value
    word = folded(value) if isinstance(value, str) else str(value).removesuffix(".0")
    if word not in _YES | _NO:
        raise ValueError(f"{_shown(value)} is not true or false")
    return word in _YES


def _texts(value: Any, column: Column, table: Table) -> tuple[str, ...]:
    if isinstance(value, list):
        wrong = [each for each in value if not isinstance(each, str)]
        if wrong:
            raise ValueError(f"{_shown(wrong[0])} in the list is not a text")
        return tuple(dict.fromkeys(s for each in value if (s := _stripped(_text(each, column, table)))))
    text = _text(value, column, table)
    if text.startswith("[") and text.endswith("]"):
        try:
            return _texts(json.loads(text), column, table)
        except json.JSONDecodeError:
            text = text[1:-1].replace('"', "")
    listed = re.fullmatch(r"\(\d+:(.*)\)", text)  # a list as GDAL writes it where the format has none
    commas = listed is not None or (";" not in text and column.file == "places.geojson")
    parts = (listed[1] if listed else text).split("," if commas else ";")
    return tuple(dict.fromkeys(s for part in parts if (s := _stripped(part))))


def _citations(value: Any, column: Column, table: Table) -> tuple[str, ...]:
    found = _texts(value, column, table) if isinstance(value, list) else split(_text(value, column, table))
    wrong = []
    for each in found:
        try:
            Citation.parse(each)
        except CitationError as problem:
            wrong.append(str(problem))
    if wrong:
        raise ValueError("; ".join(wrong))
    return found


def _edtf(value: Any, column: Column, table: Table) -> Window:
    try:
        return parse_edtf(_dated(value))
    except DateError as problem:
        raise ValueError(f"bad date: {problem}") from None


def _when(value: Any, column: Column, table: Table) -> Window | Relative | str:
    text = _dated(value)
    if text == ".." and column.name == "end":
        return ".."
    try:
        return parse_when(text)
    except DateError as problem:
        raise ValueError(f"bad date: {problem}") from None


def _day(value: Any, column: Column, table: Table) -> date:
    return day(_dated(value))


def _dated(value: Any) -> str:
    """Return a date of TOML or of a workbook as text."""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time().isoformat() == "00:00:00" else value.strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str):
        raise ValueError(f"{_shown(value)} is not a date; expected 2013-05-19")
    return value


def _colour(value: Any, column: Column, table: Table) -> str:
    if not (isinstance(value, str) and re.fullmatch(r"#[0-9a-fA-F]{6}", value)):
        raise ValueError(f"colour {_shown(value)} is not #rrggbb")
    return value


def _frame(value: Any, column: Column, table: Table) -> tuple[float, float, float, float]:
    edges = [part for part in re.split(r"[,;\s]+", value.strip("[] ")) if part] if isinstance(value, str) else value
    wrong = f"{column.name} {_shown(value)} is not [west, south, east, north] in degrees, west < east and south < north"
    if not (isinstance(edges, list) and len(edges) == 4):
        raise ValueError(wrong)
    west, south, east, north = (_number(edge, column, table) for edge in edges)
    if east < west and west <= 180 and east >= -180:
        if (east + 360) - west >= 180:
            raise ValueError(f"{wrong}; a map that crosses the 180th meridian has its west in the east, such as [177, -20, -178, -16]")
        east += 360  # across the 180th meridian longitudes run on, so that the map is one piece
    if not (-180 <= west < east <= 540 and east - west <= 360 and west <= 180 and -90 < south < north < 90):
        raise ValueError(wrong)
    if east - west > 180 or north - south > 120 or max(abs(south), abs(north)) > 88:
        raise ValueError(
            f"{column.name} {_shown(value)} is half the world or reaches a pole; no plane map of it keeps areas: take a smaller one"
        )
    if east - west < 1e-4 or north - south < 1e-4:
        raise ValueError(f"{column.name} {_shown(value)} is smaller than ten metres")
    return west, south, east, north


def _settings(value: Any, column: Column, table: Table) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{_shown(value)} is not a table; expected [{column.name}]")
    return value


def _outline(value: Any, column: Column, table: Table) -> Any:
    import shapely

    try:
        return shapely.from_wkt(_text(value, column, table))
    except shapely.errors.ShapelyError:
        raise ValueError(f"{_shown(value)} is not WKT, such as POLYGON ((36.5 34.5, 36.6 34.5, 36.6 34.6, 36.5 34.5))") from None


PARSERS: dict[str, Callable[[Any, Column, Table], Any]] = {
    "id": _id, "word": _word, "code": _code, "text": _text, "name": _text, "texts": _texts, "citations": _citations, "number": _number,
    "distance": _distance, "whole": _whole, "fraction": _fraction, "choice": _choice, "flag": _flag, "edtf": _edtf, "when": _when,
    "day": _day, "colour": _colour, "frame": _frame, "settings": _settings, "outline": _outline,
}  # fmt: skip
