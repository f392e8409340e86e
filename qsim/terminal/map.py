"""One day as a map of characters: half-block cells in the picture's colours, or a letter a cell where the terminal shows fewer."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qsim.belief.timeline import UNKNOWN, Snapshot
from qsim.draw.palette import CHANGED, ESTIMATE, HOW_SURE, LIGHT, STALE, STALE_DAYS, TINTS, fill, tint, tint_steps
from qsim.record.theatre import CONTESTED, Place, Theatre
from qsim.terminal.colours import AGE, DOT, HALF, POINT, RING, WAVE, Pen, ansi_numbers, clusters, colours, columns, painted, runs_rightwards

WIDTH = 80
_MAP, _SIDEBAR, _CITY = 58, 21, 16  # columns
_RANKS = {"city": 0, "airbase": 1, "town": 2, "crossing": 3, "hill_village": 3}
_BY_SIZE = 8  # places labelled for their size alone
_LONGEST = 26  # columns of a label
_SHORT = 3  # columns of the name of a part of a city
_STRIPE = 2  # columns
_WATER = "water"

Cell = tuple[str, str]  # what is written in one column, and its escape codes
Grid = NDArray[np.int_]


@dataclass(frozen=True, slots=True)
class Label:
    """A name on the map: where its place lies (`row`, `column`), and where the name is written (`line`, from `start`)."""

    place: Place
    row: int
    column: int
    line: int
    start: int
    letters: tuple[str, ...]


def text_map(snapshot: Snapshot, *, colour: str | None = None, mark: Iterable[str] = ()) -> str:
    """
    Return one day as a text map, at most 80 columns wide: the map with names, beside it the legend and the squares of the city.

    `colour` is "true", "256", "16" or "none", by default what the terminal shows. In true colour each cell shows two points of the
    map, in the colours and tints of the pictures. Otherwise it is a letter, on a ground of colour where there is any: each side
    shows by the first letter of its id, `x` is contested, `.` unknown, `~` water. Places in `mark` are named first, and ringed.

    Raises
    ------
    ColoursError
        When `colour` is none of these.
    """
    theatre, marked = snapshot.theatre, tuple(mark)
    pen = _pen(theatre, colours(colour))
    rows = _rows(theatre.frame, _MAP)
    labels = place_labels(theatre, rows, marked)
    if pen.depth == "true":
        canvas = Canvas.of(snapshot, pen, raster(theatre, None, theatre.frame, _MAP, 2 * rows))
        _signs(snapshot, canvas, labels, marked)
        map_cells, foot = canvas.cells, [HOW_SURE, ESTIMATE]
    else:
        map_cells = _letters(snapshot, pen, raster(theatre, None, theatre.frame, _MAP, rows), labels)
        foot = [HOW_SURE] if pen.depth == "256" else []
    beside = _sidebar(snapshot, pen, marked)
    blank: list[Cell] = [(" ", "")] * _MAP
    lines = []
    for r in range(max(len(map_cells), len(beside))):
        cells = map_cells[r] if r < len(map_cells) else blank
        lines.append(painted([*cells, (" ", ""), *beside[r]] if r < len(beside) else cells).rstrip())
    return "\n".join([*lines, *foot])


@lru_cache(maxsize=32)
def raster(
    theatre: Theatre, ids: tuple[str, ...] | None, frame: tuple[float, float, float, float], width: int, height: int
) -> NDArray[np.int_]:
    """
    Return the position of the place whose cell lies under the middle of each point of a grid, shape (height, width), -1 for none.

    Only places among `ids` count, where given; `frame` is (west, south, east, north) in degrees.
    """
    import shapely

    west, south, east, north = frame
    lon, lat = np.meshgrid(
        west + (np.arange(width) + 0.5) * (east - west) / width,
        north - (np.arange(height) + 0.5) * (north - south) / height,
    )
    polygons = {i: p.polygon for i, p in enumerate(theatre.places) if p.polygon is not None and (ids is None or p.id in ids)}
    grid = np.full(height * width, -1)
    if polygons:
        tree = shapely.STRtree(list(polygons.values()))
        points, cells = tree.query(shapely.points(lon.ravel(), lat.ravel()), predicate="intersects")
        grid[points] = np.array(list(polygons))[cells]
    return grid.reshape(height, width)


def place_labels(theatre: Theatre, rows: int, first: Sequence[str]) -> list[Label]:
    """Return the names to write on a map of so many rows, the wanted places first; none over another, over a place named, or cut off."""
    candidates = [p for p in theatre.places if not p.gateway and p.parent is None and (p.polygon is not None or p.id in theatre.parts)]
    order = {id: i for i, id in enumerate(first)}
    ranked = sorted(candidates, key=lambda p: (p.id not in theatre.parts, order.get(p.id, 99), _RANKS.get(p.kind, 9), -(p.population or 0)))
    taken = np.zeros((rows, _MAP), dtype=bool)
    found: list[Label] = []
    for place in ranked:
        if place.id not in order and _RANKS.get(place.kind, 9) > 3 and len(found) >= _BY_SIZE:
            continue
        r, c = _cell(theatre.frame, place, rows, _MAP)
        around = [_cell(theatre.frame, theatre.place(id), rows, _MAP)[1] for id in theatre.parts.get(place.id, ())] or [c]
        letters = tuple(clusters(_name(place)))
        over = c - len(letters) // 2
        for line, start in ((r, max(around) + 2), (r, min(around) - len(letters) - 1), (r - 1, over), (r + 1, over)):
            inside = 0 <= line < rows and start >= 1 and start + len(letters) < _MAP and len(letters) <= _LONGEST
            if inside and not taken[line, start - 1 : start + len(letters) + 1].any() and not taken[r, c]:
                taken[line, start - 1 : start + len(letters) + 1] = taken[r, c] = True
                found.append(Label(place, r, c, line, start, letters))
                break
    return found


def _name(place: Place) -> str:
    """Return the name to write: the first that runs rightwards, as the map does, without what stands in brackets."""
    name = next((name for name in (place.name, *place.variants, place.id) if runs_rightwards(name)), place.id)
    return re.sub(r" \([^)]*\)", "", name)


def _rows(frame: tuple[float, float, float, float], width: int) -> int:
    """Return how many rows of characters, twice as high as wide, keep a map of `width` columns true to scale."""
    west, south, east, north = frame
    broad = (east - west) * np.cos(np.radians((south + north) / 2))
    return max(4, round(float(width * (north - south) / broad / 2)))


def _cell(frame: tuple[float, float, float, float], place: Place, rows: int, width: int) -> tuple[int, int]:
    """Return the row and column in which a place lies, or the nearest to it."""
    west, south, east, north = frame
    r, c = (north - place.lat) / (north - south) * rows, (place.lon - west) / (east - west) * width
    return min(rows - 1, max(0, int(r))), min(width - 1, max(0, int(c)))


def _pen(theatre: Theatre, depth: str) -> Pen:
    """Return a pen that knows the sides' colours."""
    numbers = zip(theatre.sides, ansi_numbers([side.colour for side in theatre.sides]), strict=True)
    return Pen(colours(depth), {tint(side.colour, step): number for side, number in numbers for step in range(len(TINTS))})


def _grounds(snapshot: Snapshot) -> list[tuple[str, ...]]:
    """Return the colours of each place, several for the stripes of a contested one, and those of water last."""
    shown = list(zip(snapshot.status.tolist(), tint_steps(snapshot.belief, snapshot.status).tolist(), strict=True))
    known = {(code, step): _ground(snapshot.theatre, snapshot.name_of(code), step) for code, step in set(shown)}
    return [*(known[pair] for pair in shown), (LIGHT.water,)]


def _ground(theatre: Theatre, status: str, step: int) -> tuple[str, ...]:
    """Return the colours of a status in a step of tint, see `_grounds`."""
    if status == _WATER:
        return (LIGHT.water,)
    return tuple(tint(side.colour, step) for side in theatre.sides) if status == CONTESTED else (fill(theatre, status, step),)


def _striped(ground: tuple[str, ...], x: int, y: int) -> str:
    """Return the colour of a ground at one point; stripes run from the upper left to the lower right, as in the pictures."""
    return ground[(x - y) // _STRIPE % len(ground)]


@dataclass(frozen=True, slots=True)
class Canvas:
    """A map of two points a cell: the colour of each point, (points high) rows of columns, and what stands in the cells."""

    pen: Pen
    points: list[list[str]]
    cells: list[list[Cell]]

    @classmethod
    def of(cls, snapshot: Snapshot, pen: Pen, grid: Grid) -> "Canvas":
        """Paint the places of a raster, the unknown with dots and water with waves."""
        grounds = _grounds(snapshot)
        points = [[_striped(grounds[place], x, y) for x, place in enumerate(row)] for y, row in enumerate(grid.tolist())]
        dots, waves = pen.on(LIGHT.unknown, ink=LIGHT.unknown_dot), pen.on(LIGHT.water, ink=LIGHT.water_line)
        cells: list[list[Cell]] = []
        for y, (above, below) in enumerate(zip(points[::2], points[1::2], strict=True)):
            cells.append([])
            for x, pair in enumerate(zip(above, below, strict=True)):
                if pair == (LIGHT.unknown, LIGHT.unknown):
                    cells[y].append((DOT if (x + y) % 2 else " ", dots))
                elif pair == (LIGHT.water, LIGHT.water):
                    cells[y].append((WAVE, waves))
                else:
                    cells[y].append((HALF, pen.halves(*pair)))
        return cls(pen, points, cells)

    def write(self, row: int, column: int, letters: Sequence[str], *, bold: bool = False) -> None:
        """Write letters over the map, each on the ground that lies there, in black or white."""
        for x, letter in enumerate(letters, column):
            self.cells[row][x] = (letter, self.pen.on(self.points[2 * row + 1][x], bold=bold))


def _signs(snapshot: Snapshot, canvas: Canvas, labels: Sequence[Label], marked: Sequence[str]) -> None:
    """Write names and signs over the map: a ring where a place changed, a small circle where it is long silent, a point where it is named."""
    theatre, named = snapshot.theatre, {label.place.id for label in labels}
    for place in theatre.places:
        sign = _sign(snapshot, place.id, marked) or (POINT if place.id in named else "")
        if sign and place.parent is None and not place.gateway and (place.polygon is not None or place.id in theatre.parts):
            canvas.write(*_cell(theatre.frame, place, len(canvas.cells), _MAP), (sign,), bold=True)
    for label in labels:
        canvas.write(label.line, label.start, label.letters, bold=label.place.id in theatre.parts or _RANKS.get(label.place.kind, 9) < 3)


def _sign(snapshot: Snapshot, id: str, marked: Sequence[str]) -> str:
    """Return the ring of a place of which some part changed, the circle of one that is known of and long silent, or nothing."""
    if any(each in marked for each in (id, *snapshot.theatre.parts.get(id, ()))):
        return RING
    known = snapshot.status[snapshot.theatre.index[id]] >= 0
    return AGE if known and (snapshot.silent_days(id) or 0) >= STALE_DAYS else ""


def _letters(snapshot: Snapshot, pen: Pen, grid: Grid, labels: Sequence[Label]) -> list[list[Cell]]:
    """Return rows of cells of a letter each, with names written over them."""
    theatre, grounds = snapshot.theatre, _grounds(snapshot)
    letters = [*(letter_of(theatre, snapshot.name_of(int(code))) for code in snapshot.status), WAVE]
    places = grid.tolist()
    cells = [[(letters[p], pen.on(_striped(grounds[p], x, 2 * y))) for x, p in enumerate(row)] for y, row in enumerate(places)]
    for label in labels:
        written = dict(zip(range(label.start - 1, label.start + len(label.letters) + 1), (" ", *label.letters, " "), strict=True))
        for x, letter in written.items():
            ground = grounds[places[label.line][x]]
            cells[label.line][x] = (letter, pen.on(ground[0], bold=True))
        cells[label.row][label.column] = (
            "@" if label.place.id in theatre.parts else "+",
            pen.on(grounds[places[label.row][label.column]][0], bold=True),
        )
    return cells


def letter_of(theatre: Theatre, status: str) -> str:
    """Return the letter that a status shows by: for a side the first of its id that no side before it has taken, else a digit."""
    return _alphabet(theatre)[status]


@lru_cache(maxsize=8)
def _alphabet(theatre: Theatre) -> dict[str, str]:
    taken: dict[str, str] = {}
    for side in theatre.sides:
        letters = [letter for letter in side.id.upper() if letter.isalpha() and letter not in ("X", *taken.values())]
        taken[side.id] = letters[0] if letters else str(len(taken) + 1)
    return {**taken, CONTESTED: "x", UNKNOWN: ".", _WATER: WAVE}


def _sidebar(snapshot: Snapshot, pen: Pen, marked: Sequence[str]) -> list[list[Cell]]:
    """Return the day, the legend and the squares of each city, as rows of cells to stand right of the map."""
    theatre = snapshot.theatre
    rows = [_text(str(snapshot.day)), []]
    for status in (*theatre.statuses, UNKNOWN, _WATER):
        side = next((side for side in theatre.sides if side.id == status), None)
        name = (side.name if runs_rightwards(side.name) else side.id) if side else status
        rows += _beside(_swatch(theatre, pen, status), name)
    if pen.depth == "true":
        for sign, text in ((AGE, STALE), (RING, CHANGED)):
            rows += _beside(_text(f" {sign} "), text)
    for city, parts in theatre.parts.items():
        enlarged = pen.depth == "true"
        count = f"enlarged: {len(parts)} " if enlarged else ""
        rows += [[], *_beside([], f"{_name(theatre.place(city))}, {count}{theatre.parts_named(city)}")]
        rows += _enlarged(snapshot, pen, city, marked) if enlarged else _lettered(snapshot, pen, parts)
    return rows


def _text(text: str, most: int = WIDTH) -> list[Cell]:
    """Return a text as cells, at most so many, and no half of a wide letter."""
    letters = clusters(text)[:most]
    return [(letter if i + 1 < most or columns(letter) < 2 else " ", "") for i, letter in enumerate(letters)]


def _beside(sign: list[Cell], text: str) -> list[list[Cell]]:
    """Return rows with a sign and a text beside it, wrapped into the sidebar."""
    indent = len(sign) + bool(sign)
    lines = [""]
    for word in text.split():
        if lines[-1] and indent + columns(f"{lines[-1]} {word}") > _SIDEBAR:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    first, *rest = ([*_text(" " * bool(sign)), *_text(line, _SIDEBAR - indent)] for line in lines)
    return [[*sign, *first], *([*_text(" " * len(sign)), *cells] for cells in rest)]


def _swatch(theatre: Theatre, pen: Pen, status: str) -> list[Cell]:
    """Return the sign of a status: its letter, or in true colour its ground in each step of tint."""
    if pen.depth != "true":
        grounds = [_ground(theatre, status, x) for x in range(len(TINTS))]
        signs = (" ", letter_of(theatre, status), " ")
        return [(sign, pen.on(_striped(ground, x, 0))) for x, (sign, ground) in enumerate(zip(signs, grounds, strict=True))]
    if status in (UNKNOWN, _WATER):
        sign, ground, ink = (DOT, LIGHT.unknown, LIGHT.unknown_dot) if status == UNKNOWN else (WAVE, LIGHT.water, LIGHT.water_line)
        return [(sign if status == _WATER or x % 2 else " ", pen.on(ground, ink=ink)) for x in range(2 * len(TINTS))]
    grounds = [_ground(theatre, status, x // 2) for x in range(2 * len(TINTS))]
    return [(HALF, pen.halves(_striped(ground, x, 0), _striped(ground, x, 1))) for x, ground in enumerate(grounds)]


def _enlarged(snapshot: Snapshot, pen: Pen, city: str, marked: Sequence[str]) -> list[list[Cell]]:
    """Return a city's parts as a map of their own, each with its short name, and a ring or a circle where there is one to show."""
    theatre, parts = snapshot.theatre, snapshot.theatre.parts[city]
    bounds = np.array([polygon.bounds for id in parts if (polygon := theatre.place(id).polygon) is not None])
    if not len(bounds):
        return []
    frame = (*bounds[:, :2].min(axis=0).tolist(), *bounds[:, 2:].max(axis=0).tolist())
    grid = raster(theatre, parts, frame, _CITY, 2 * _rows(frame, _CITY))
    canvas = Canvas.of(snapshot, pen, grid)
    for id in parts:
        rows, across = np.nonzero(grid[::2] == theatre.index[id])
        if len(rows):
            name, top = clusters(theatre.part_name(id)), int(rows.min())
            if (sign := _sign(snapshot, id, marked)) and rows.max() > top:
                canvas.write((top + int(rows.max()) + 1) // 2, int(across.min() + across.max() + 1) // 2, (sign,), bold=True)
            if len(name) <= _SHORT:
                canvas.write(top, int(across[rows == top].min()), name)
    return canvas.cells


def _lettered(snapshot: Snapshot, pen: Pen, parts: Sequence[str]) -> list[list[Cell]]:
    """Return a city's parts as rows of letters, from the north-west."""
    theatre, long = snapshot.theatre, round(len(parts) ** 0.5)
    grounds = _grounds(snapshot)
    ordered = sorted(parts, key=lambda id: (-round(theatre.place(id).lat, 4), theatre.place(id).lon))
    rows: list[list[Cell]] = []
    for start in range(0, len(ordered), long):
        rows.append([])
        for i in (theatre.index[id] for id in ordered[start : start + long]):
            signs = (" ", letter_of(theatre, snapshot.name_of(int(snapshot.status[i]))), " ")
            rows[-1] += [(sign, pen.on(_striped(grounds[i], x, 0))) for x, sign in enumerate(signs)]
    return rows
