"""A picture of the ground that a scenario brings along: a hillshade, a plan, an image from above, with the degrees that its edges lie on."""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qsim.record.problems import Table

MOST_BYTES = 8_000_000  # a page carries it along
_CELL = 32_000  # characters: a cell of a workbook holds few more
_KINDS = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg", b"RIFF": "webp"}


@dataclass(frozen=True, slots=True)
class Picture:
    """The bytes of a picture of a `kind` (png, jpeg, webp), its bounds (west, south, east, north) in degrees, and whose it is."""

    data: bytes
    kind: str
    bounds: tuple[float, float, float, float]
    credit: str = ""


def read_picture(folder: Path, settings: Mapping[str, Any], table: Table) -> Picture | None:
    """Return the picture that the settings of a scenario name, or none; what is wrong with it is noted in `table`."""
    file, bounds = settings["picture"], settings["picture_bounds"]
    if not file:
        if bounds is not None:
            table.problem("there are picture_bounds and no picture; expected picture = 'backdrop.png'", column="picture_bounds")
        return None
    path = folder / file
    wrong = _wrong(folder, path, file)
    if wrong is None and bounds is None and not table.spoilt(0, "picture_bounds"):
        wrong = f"picture {file!r} has no bounds; expected picture_bounds = [west, south, east, north], the degrees that its edges lie on"
    if wrong is not None:
        table.problem(wrong, column="picture")
    if wrong is not None or bounds is None:
        return None
    return _of(path.read_bytes(), settings, table)


def kept_picture(parts: Sequence[str], settings: Mapping[str, Any], table: Table) -> Picture | None:
    """Return the picture of a workbook, whose bytes stand in `parts` as base64, or none; what is wrong with it is noted in `table`."""
    if not parts or settings["picture_bounds"] is None:
        if parts or settings["picture"]:
            lacking = "picture_bounds" if parts else "a sheet 'picture', which holds it as base64"
            table.problem(f"picture {settings['picture']!r} has no {lacking}", column="picture")
        return None
    try:
        data = b64decode("".join(parts), validate=True)
    except ValueError:
        table.problem("the sheet 'picture' is not base64, as `qsim export` writes it", column="picture")
        return None
    return _of(data, settings, table)


def picture_parts(picture: Picture) -> list[str]:
    """Return the bytes of a picture as base64, in parts that the cells of a workbook hold."""
    text = b64encode(picture.data).decode()
    return [text[first : first + _CELL] for first in range(0, len(text), _CELL)]


def _of(data: bytes, settings: Mapping[str, Any], table: Table) -> Picture | None:
    """Return the picture of these bytes, or none where they are none, which is noted."""
    kind = next((kind for start, kind in _KINDS.items() if data.startswith(start)), "")
    if not kind or (kind == "webp" and data[8:12] != b"WEBP"):
        table.problem(f"picture {settings['picture']!r} is no PNG, JPEG or WebP", column="picture")
        return None
    return Picture(data, kind, settings["picture_bounds"], settings["picture_credit"])


def check_bounds(picture: Picture | None, frame: tuple[float, float, float, float] | None, table: Table) -> None:
    """Note where a picture shows nothing of the map."""
    if picture is None or frame is None:
        return
    west, south, east, north = picture.bounds
    if east <= frame[0] or frame[2] <= west or north <= frame[1] or frame[3] <= south:
        table.problem(
            f"picture_bounds {list(picture.bounds)} lie beside the frame {list(frame)}; expected [west, south, east, north] of the picture's edges",
            column="picture_bounds",
        )


def _wrong(folder: Path, path: Path, file: str) -> str | None:
    """Return what keeps a file from being read: it lies elsewhere, is not there, or is too large."""
    if "\0" in file or not path.resolve().is_relative_to(folder.resolve()):
        return f"picture {file!r} lies outside the scenario's folder; expected it below"
    if not path.is_file():
        return f"there is no picture {file!r}"
    if path.stat().st_size > MOST_BYTES:
        return f"picture {file!r} is larger than {MOST_BYTES // 1_000_000} MB; expected a smaller one, since every page carries it along"
    return None
