"""What stands beside a text map: the day, the legend, and the parts of each city, each with its status."""

from collections.abc import Sequence

import numpy as np

from qsim.belief.timeline import UNDECIDED, UNKNOWN, Snapshot
from qsim.draw.palette import CHANGED, LIGHT, STALE, TINTS
from qsim.record.theatre import Theatre
from qsim.terminal.canvas import WATER, Canvas, Cell, ground_of, grounds, letter_of, map_rows, raster, sign_of, striped, written_name
from qsim.terminal.colours import AGE, DOT, HALF, RING, WAVE, Pen, clusters, columns, painted, runs_rightwards

SIDEBAR, _CITY = 21, 16  # columns
_SHORT = 3  # columns of the name of a part of a city


def sidebar(snapshot: Snapshot, pen: Pen, marked: Sequence[str], height: int | None = None) -> list[list[Cell]]:
    """
    Return the day, the legend and the parts of each city, as rows of cells to stand right of the map.

    Where they are more than `height`, the blank rows go first, then the signs, then the cities, the last first.
    """
    theatre = snapshot.theatre
    blocks = [[_text(str(snapshot.day))], _legend(snapshot, pen)]
    signs = [row for sign, text in ((AGE, STALE), (RING, CHANGED)) for row in _beside(_text(f" {sign} "), text)]
    cities = [_city(snapshot, pen, city, marked) for city in theatre.parts]
    blocks += [signs] if pen.depth == "true" else []
    blocks += cities
    spaced: list[list[Cell]] = []
    for n, block in enumerate(blocks):
        spaced += [[], *block] if n == 1 or block in cities else block
    if height is None or len(spaced) <= height:
        return spaced
    while sum(map(len, blocks)) > height and len(blocks) > 2:
        blocks.remove(signs if signs in blocks else blocks[-1])
    return [row for block in blocks for row in block][:height]


def legend_lines(snapshot: Snapshot, pen: Pen, width: int) -> list[str]:
    """Return the day and the legend in as few lines as they take, for a map with no room beside it."""
    lines: list[list[Cell]] = [_text(str(snapshot.day))]
    for sign, name in _legend_entries(snapshot, pen):
        entry = [*sign, *_text(f" {name}")][:width]
        if len(lines[-1]) + 2 + len(entry) > width:
            lines.append(entry)
        else:
            lines[-1] += [*_text("  "), *entry]
    return [painted(line).rstrip() for line in lines]


def _legend(snapshot: Snapshot, pen: Pen) -> list[list[Cell]]:
    """Return the legend as rows."""
    return [row for sign, name in _legend_entries(snapshot, pen) for row in _beside(sign, name)]


def _legend_entries(snapshot: Snapshot, pen: Pen) -> list[tuple[list[Cell], str]]:
    """Return the sign and the name of each status, and of water where the map has any."""
    theatre, found = snapshot.theatre, []
    for status in (*theatre.statuses, UNDECIDED, UNKNOWN, WATER):
        side = next((side for side in theatre.sides if side.id == status), None)
        found.append((_swatch(theatre, pen, status), (side.name if runs_rightwards(side.name) else side.id) if side else status))
    return found


def _city(snapshot: Snapshot, pen: Pen, city: str, marked: Sequence[str]) -> list[list[Cell]]:
    """Return a city's name and its parts: enlarged in true colour, else as letters."""
    theatre, parts = snapshot.theatre, snapshot.theatre.parts[city]
    enlarged = pen.depth == "true"
    count = f"enlarged: {len(parts)} " if enlarged else ""
    rows = _beside([], f"{written_name(theatre.place(city))}, {count}{theatre.parts_named(city)}")
    return rows + (_enlarged(snapshot, pen, city, marked) if enlarged else _lettered(snapshot, pen, city))


def _text(text: str, most: int = 80) -> list[Cell]:
    """Return a text as cells, at most so many, and no half of a wide letter."""
    letters = clusters(text)[:most]
    return [(letter if i + 1 < most or columns(letter) < 2 else " ", "") for i, letter in enumerate(letters)]


def _beside(sign: list[Cell], text: str) -> list[list[Cell]]:
    """Return rows with a sign and a text beside it, wrapped into the sidebar."""
    indent = len(sign) + bool(sign)
    lines = [""]
    for word in text.split():
        if lines[-1] and indent + columns(f"{lines[-1]} {word}") > SIDEBAR:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    first, *rest = ([*_text(" " * bool(sign)), *_text(line, SIDEBAR - indent)] for line in lines)
    return [[*sign, *first], *([*_text(" " * len(sign)), *cells] for cells in rest)]


def _swatch(theatre: Theatre, pen: Pen, status: str) -> list[Cell]:
    """Return the sign of a status: its letter, or in true colour its ground in each step of tint."""
    if pen.depth != "true":
        grounds = [ground_of(theatre, status, x) for x in range(len(TINTS))]
        signs = (" ", letter_of(theatre, status), " ")
        return [(sign, pen.on(striped(ground, x, 0))) for x, (sign, ground) in enumerate(zip(signs, grounds, strict=True))]
    if status in (UNKNOWN, WATER):
        sign, ground, ink = (DOT, LIGHT.unknown, LIGHT.unknown_dot) if status == UNKNOWN else (WAVE, LIGHT.water, LIGHT.water_line)
        return [(sign if status == WATER or x % 2 else " ", pen.on(ground, ink=ink)) for x in range(2 * len(TINTS))]
    grounds = [ground_of(theatre, status, x // 2) for x in range(2 * len(TINTS))]
    return [(HALF, pen.halves(striped(ground, x, 0), striped(ground, x, 1))) for x, ground in enumerate(grounds)]


def _enlarged(snapshot: Snapshot, pen: Pen, city: str, marked: Sequence[str]) -> list[list[Cell]]:
    """Return a city's parts as a map of their own, each with its short name, and a ring or a circle where there is one to show."""
    theatre, parts = snapshot.theatre, snapshot.theatre.parts[city]
    bounds = np.array([polygon.bounds for id in parts if (polygon := theatre.place(id).polygon) is not None])
    if not len(bounds):
        return []
    frame = (*bounds[:, :2].min(axis=0).tolist(), *bounds[:, 2:].max(axis=0).tolist())
    grid = raster(theatre, parts, frame, _CITY, 2 * map_rows(frame, _CITY))
    canvas = Canvas.of(snapshot, pen, grid)
    for id in parts:
        rows, across = np.nonzero(grid[::2] == theatre.index[id])
        if len(rows):
            name, top = clusters(theatre.part_name(id)), int(rows.min())
            if (sign := sign_of(snapshot, id, marked)) and rows.max() > top:
                canvas.write((top + int(rows.max()) + 1) // 2, int(across.min() + across.max() + 1) // 2, (sign,), bold=True)
            if len(name) <= _SHORT:
                canvas.write(top, int(across[rows == top].min()), name)
    return canvas.cells


def _lettered(snapshot: Snapshot, pen: Pen, city: str) -> list[list[Cell]]:
    """Return a city's parts from the north-west, each by its short name and the letter of its status; a grid keeps its rows."""
    theatre, shown = snapshot.theatre, grounds(snapshot)
    rows: list[list[Cell]] = []
    for line in part_rows(theatre, city):
        rows.append([])
        for id in line:
            i = theatre.index[id]
            letter = letter_of(theatre, snapshot.name_of(int(snapshot.status[i])))
            name = _text(id.removeprefix(f"{city}_"), SIDEBAR - 2)  # beside its letter, which is what is asked for
            entry = [*name, *_text(" "), (letter, pen.on(striped(shown[i], 1, 0))), *_text(" ")]
            if rows[-1] and len(rows[-1]) + len(entry) > SIDEBAR:
                rows.append([])
            rows[-1] += entry
    return [row[:SIDEBAR] for row in rows]


def part_rows(theatre: Theatre, city: str) -> list[list[str]]:
    """
    Return the parts of a city (ids) in rows from the north, each from the west.

    Parts are of one row where their middles lie less than half the height of a part apart: latitudes of one row need not be equal.
    """
    places = sorted((theatre.place(id) for id in theatre.parts[city]), key=lambda place: -place.lat)
    heights = [bounds[3] - bounds[1] for place in places if place.polygon is not None for bounds in [place.polygon.bounds]]
    apart = float(np.median(heights)) / 2 if heights else 0.0
    rows: list[list[str]] = []
    for n, place in enumerate(places):
        if not rows or places[n - 1].lat - place.lat >= apart > 0:
            rows.append([])
        rows[-1].append(place.id)
    return [sorted(row, key=lambda id: theatre.place(id).lon) for row in rows]
