"""What text maps are painted with: which place lies under each point, the colours of the statuses, and cells of two points each."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qsim.belief.timeline import UNDECIDED, UNKNOWN, Snapshot
from qsim.draw.palette import LIGHT, STALE_DAYS, TINTS, tint, tint_steps
from qsim.draw.palette import grounds as grounds_of
from qsim.record.theatre import CONTESTED, Place, Theatre
from qsim.terminal.colours import AGE, DOT, HALF, RING, WAVE, Pen, ansi_numbers, colours, runs_rightwards

WATER = "water"
_STRIPE = 2  # columns

Cell = tuple[str, str]  # what is written in one column, and its escape codes
Grid = NDArray[np.int_]


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


def written_name(place: Place) -> str:
    """Return the name to write: the first that runs rightwards, as the map does, without what stands in brackets."""
    name = next((name for name in (place.name, *place.variants, place.id) if runs_rightwards(name)), place.id)
    return re.sub(r" \([^)]*\)", "", name)


def map_rows(frame: tuple[float, float, float, float], width: int) -> int:
    """Return how many rows of characters, twice as high as wide, keep a map of `width` columns true to scale."""
    west, south, east, north = frame
    broad = (east - west) * np.cos(np.radians((south + north) / 2))
    return max(4, round(float(width * (north - south) / broad / 2)))


def cell_of(frame: tuple[float, float, float, float], place: Place, rows: int, width: int) -> tuple[int, int]:
    """Return the row and column in which a place lies, or the nearest to it."""
    west, south, east, north = frame
    r, c = (north - place.lat) / (north - south) * rows, (place.lon - west) / (east - west) * width
    return min(rows - 1, max(0, int(r))), min(width - 1, max(0, int(c)))


def pen_of(theatre: Theatre, depth: str) -> Pen:
    """Return a pen that knows the sides' colours."""
    numbers = zip(theatre.sides, ansi_numbers([side.colour for side in theatre.sides]), strict=True)
    return Pen(colours(depth), {tint(side.colour, step): number for side, number in numbers for step in range(len(TINTS))})


def grounds(snapshot: Snapshot) -> list[tuple[str, ...]]:
    """Return the colours of each place, several for the stripes of a contested one, and those of water last."""
    shown = list(zip(snapshot.status.tolist(), tint_steps(snapshot.belief, snapshot.status).tolist(), strict=True))
    known = {(code, step): ground_of(snapshot.theatre, snapshot.name_of(code), step) for code, step in set(shown)}
    return [*(known[pair] for pair in shown), (LIGHT.water,)]


def ground_of(theatre: Theatre, status: str, step: int) -> tuple[str, ...]:
    """Return the colours of a status in a step of tint, see `_grounds`."""
    if status == WATER:
        return (LIGHT.water,)
    return grounds_of(theatre, status, step)


def striped(ground: tuple[str, ...], x: int, y: int) -> str:
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
        shown = grounds(snapshot)
        points = [[striped(shown[place], x, y) for x, place in enumerate(row)] for y, row in enumerate(grid.tolist())]
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


def sign_of(snapshot: Snapshot, id: str, marked: Sequence[str]) -> str:
    """Return the ring of a place of which some part changed, the circle of one that is known of and long silent, or nothing."""
    if any(each in marked for each in (id, *snapshot.theatre.parts.get(id, ()))):
        return RING
    known = snapshot.status[snapshot.theatre.index[id]] >= 0
    return AGE if known and (snapshot.silent_days(id) or 0) >= STALE_DAYS else ""


def letter_of(theatre: Theatre, status: str) -> str:
    """Return the letter that a status shows by: for a side the first of its id that no side before it has taken, else a digit."""
    return _alphabet(theatre)[status]


@lru_cache(maxsize=8)
def _alphabet(theatre: Theatre) -> dict[str, str]:
    taken: dict[str, str] = {}
    for side in theatre.sides:
        letters = [letter for letter in side.id.upper() if letter.isalpha() and letter not in ("X", *taken.values())]
        taken[side.id] = letters[0] if letters else str(len(taken) + 1)
    return {**taken, CONTESTED: "x", UNDECIDED: "?", UNKNOWN: ".", WATER: WAVE}
