"""One day as a map of characters: half-block cells in the picture's colours, or a letter a cell where the terminal shows fewer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from qsim.belief.timeline import Snapshot
from qsim.draw.palette import HOW_SURE, areas_told
from qsim.record.theatre import Place, Theatre
from qsim.terminal.canvas import Canvas, Cell, Grid, cell_of, grounds, letter_of, map_rows, pen_of, raster, sign_of, striped, written_name
from qsim.terminal.colours import POINT, WAVE, Pen, clusters, colours, painted
from qsim.terminal.sidebar import SIDEBAR, legend_lines, sidebar

WIDTH = 80
_NARROW = 60  # columns, below which nothing stands beside the map
_RANKS = {"city": 0, "airbase": 1, "town": 2, "crossing": 3, "hill_village": 3}
_BY_SIZE = 8  # places labelled for their size alone
_LONGEST = 26  # columns of a label


@dataclass(frozen=True, slots=True)
class Label:
    """A name on the map: where its place lies (`row`, `column`), and where the name is written (`line`, from `start`)."""

    place: Place
    row: int
    column: int
    line: int
    start: int
    letters: tuple[str, ...]


def text_map(
    snapshot: Snapshot, *, colour: str | None = None, mark: Iterable[str] = (), width: int = WIDTH, height: int | None = None
) -> str:
    """
    Return one day as a text map, at most `width` columns wide: the map with names, beside it the legend and the parts of the city.

    In less than 60 columns the legend stands below, in one line or two. With a `height` the map is drawn smaller where it must, to take
    no more rows than that, and what does not fit beside it is left out.

    `colour` is "true", "256", "16" or "none", by default what the terminal shows. In true colour each cell shows two points of the
    map, in the colours and tints of the pictures. Otherwise it is a letter, on a ground of colour where there is any: each side
    shows by the first letter of its id, `x` is contested, `.` unknown, `~` water. Places in `mark` are named first, and ringed.

    Raises
    ------
    ColoursError
        When `colour` is none of these.
    """
    theatre, marked = snapshot.theatre, tuple(mark)
    pen = pen_of(theatre, colours(colour))
    below = [] if width >= _NARROW else legend_lines(snapshot, pen, width)
    long, rows = _size(theatre.frame, width - (SIDEBAR + 1 if not below else 0), None if height is None else height - len(below))
    labels = place_labels(theatre, rows, marked, long)
    if pen.depth == "true":
        canvas = Canvas.of(snapshot, pen, raster(theatre, None, theatre.frame, long, 2 * rows))
        _signs(snapshot, canvas, labels, marked)
        map_cells, foot = canvas.cells, [HOW_SURE, *areas_told(theatre)]
    else:
        map_cells = _letters(snapshot, pen, raster(theatre, None, theatre.frame, long, rows), labels)
        foot = [HOW_SURE] if pen.depth == "256" else []
    if below:
        return "\n".join([*(painted(row).rstrip() for row in map_cells), *below])
    beside = sidebar(snapshot, pen, marked, height)
    blank: list[Cell] = [(" ", "")] * long
    lines = []
    for r in range(max(len(map_cells), len(beside))):
        cells = map_cells[r] if r < len(map_cells) else blank
        lines.append(painted([*cells, (" ", ""), *beside[r]] if r < len(beside) else cells).rstrip())
    return "\n".join([*lines, *(foot if height is None else [])])


def _size(frame: tuple[float, float, float, float], width: int, height: int | None) -> tuple[int, int]:
    """Return how many columns and rows keep a map true to scale within so many."""
    rows = map_rows(frame, width)
    if height is None or rows <= height:
        return width, rows
    height = max(4, height)
    return max(8, min(width, round(width * height / rows))), height


def place_labels(theatre: Theatre, rows: int, first: Sequence[str], long: int = WIDTH - SIDEBAR - 1) -> list[Label]:
    """Return the names to write on a map of so many rows and columns (`long`), the wanted places first; none over another, over a place named, or cut off."""
    candidates = [p for p in theatre.places if not p.gateway and p.parent is None and (p.polygon is not None or p.id in theatre.parts)]
    order = {id: i for i, id in enumerate(first)}
    ranked = sorted(candidates, key=lambda p: (p.id not in theatre.parts, order.get(p.id, 99), _RANKS.get(p.kind, 9), -(p.population or 0)))
    taken = np.zeros((rows, long), dtype=bool)
    found: list[Label] = []
    for place in ranked:
        if place.id not in order and _RANKS.get(place.kind, 9) > 3 and len(found) >= _BY_SIZE:
            continue
        r, c = cell_of(theatre.frame, place, rows, long)
        around = [cell_of(theatre.frame, theatre.place(id), rows, long)[1] for id in theatre.parts.get(place.id, ())] or [c]
        letters = tuple(clusters(written_name(place)))
        over = c - len(letters) // 2
        for line, start in ((r, max(around) + 2), (r, min(around) - len(letters) - 1), (r - 1, over), (r + 1, over)):
            inside = 0 <= line < rows and start >= 1 and start + len(letters) < long and len(letters) <= _LONGEST
            if inside and not taken[line, start - 1 : start + len(letters) + 1].any() and not taken[r, c]:
                taken[line, start - 1 : start + len(letters) + 1] = taken[r, c] = True
                found.append(Label(place, r, c, line, start, letters))
                break
    return found


def _signs(snapshot: Snapshot, canvas: Canvas, labels: Sequence[Label], marked: Sequence[str]) -> None:
    """Write names and signs over the map: a ring where a place changed, a small circle where it is long silent, a point where it is named."""
    theatre, named = snapshot.theatre, {label.place.id for label in labels}
    for place in theatre.places:
        sign = sign_of(snapshot, place.id, marked) or (POINT if place.id in named else "")
        if sign and place.parent is None and not place.gateway and (place.polygon is not None or place.id in theatre.parts):
            canvas.write(*cell_of(theatre.frame, place, len(canvas.cells), len(canvas.cells[0])), (sign,), bold=True)
    for label in labels:
        canvas.write(label.line, label.start, label.letters, bold=label.place.id in theatre.parts or _RANKS.get(label.place.kind, 9) < 3)


def _letters(snapshot: Snapshot, pen: Pen, grid: Grid, labels: Sequence[Label]) -> list[list[Cell]]:
    """Return rows of cells of a letter each, with names written over them."""
    theatre, shown = snapshot.theatre, grounds(snapshot)
    letters = [*(letter_of(theatre, snapshot.name_of(int(code))) for code in snapshot.status), WAVE]
    places = grid.tolist()
    cells = [[(letters[p], pen.on(striped(shown[p], x, 2 * y))) for x, p in enumerate(row)] for y, row in enumerate(places)]
    for label in labels:
        written = dict(zip(range(label.start - 1, label.start + len(label.letters) + 1), (" ", *label.letters, " "), strict=True))
        for x, letter in written.items():
            ground = shown[places[label.line][x]]
            cells[label.line][x] = (letter, pen.on(ground[0], bold=True))
        cells[label.row][label.column] = (
            "@" if label.place.id in theatre.parts else "+",
            pen.on(shown[places[label.row][label.column]][0], bold=True),
        )
    return cells
