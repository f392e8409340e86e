"""One look, defined once: the colours, sizes and words of every picture."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qsim.theatre import CONTESTED, Theatre
from qsim.timeline import UNKNOWN


@dataclass(frozen=True, slots=True)
class Look:
    """Named roles: colours `#rrggbb`; lengths of the sheet in pixels, type and strokes in points."""

    width_px: int = 1280
    height_px: int = 800
    dpi: int = 100
    margin_px: int = 16
    collar_px: int = 26
    caption_px: int = 82
    panel_px: int = 404
    stripe_px: float = 6.0
    inset_stripe_px: float = 9.0
    arrow_px: float = 9.0
    legend_row_px: float = 21.0
    trend_px: float = 158.0
    family: str = "DejaVu Sans"

    paper: str = "#ffffff"
    ink: str = "#1a1a1a"
    faint_ink: str = "#595959"
    unknown: str = "#e9e7e3"
    unknown_dot: str = "#c4c0b9"
    neutral: str = "#6e6e6e"
    rule: str = "#d9d9d9"
    water: str = "#e4f1f7"
    water_line: str = "#8fbedb"
    water_ink: str = "#1f5f8b"
    river: str = "#63a6cf"
    road: str = "#6b6258"
    road_casing: str = "#f7f4ee"
    runway: str = "#3a3a3a"
    border: str = "#333333"
    cell_edge: str = "#ffffff"
    front: str = "#111111"
    casing: str = "#ffffff"
    route: str = "#ffffff"
    route_casing: str = "#1a1a1a"
    neatline: str = "#333333"

    cell_edge_pt: float = 0.5
    road_pt: float = 0.9
    river_pt: float = 1.5
    border_pt: float = 1.3
    front_pt: float = 2.2
    age_pt: float = 4.0
    route_pt: float = 2.2
    route_casing_pt: float = 2.0
    casing_pt: float = 2.4
    halo_pt: float = 2.6
    ring_pt: float = 9.0
    ring_edge_pt: float = 1.5

    title_pt: float = 13.0
    day_pt: float = 30.0
    status_pt: float = 12.5
    text_pt: float = 9.5
    small_pt: float = 8.0
    city_pt: float = 12.5
    town_pt: float = 9.5
    village_pt: float = 8.3
    caption_lines: int = 4


LOOK = Look()
SURE, LIKELY = 0.8, 0.6  # belief above which a colour is full, and above which it is of middle strength; below it is pale
TINTS = (1.0, 0.65, 0.38)  # the share of the colour in each of the three, the rest is paper
HOW_SURE = f"How sure, by tint: above {100 * SURE:.0f} %, {100 * LIKELY:.0f} to {100 * SURE:.0f} %, below {100 * LIKELY:.0f} %."
STALE_DAYS = 30  # without a report, after which a place carries an age mark
ESTIMATE = "Areas are nearest-place estimates."
NO_CHANGE = "No change reported."
OWN = "own estimates"


def fill(theatre: Theatre, status: str, step: int = 0) -> str:
    """
    Return the ground colour of a status: a side's own, the unknown grey; contested starts from the first side's, under the stripes.

    `step` is the step of tint, see `tint_step`.
    """
    if status == UNKNOWN:
        return LOOK.unknown
    return tint(theatre.sides[0].colour if status == CONTESTED else theatre.side(status).colour, step)


def tint(colour: str, step: int) -> str:
    """Return a colour `#rrggbb` in a step of tint: 0 as it is, 1 and 2 ever nearer to the paper."""
    strength = TINTS[step]
    if strength == 1:
        return colour
    mixed = (strength * int(colour[i : i + 2], 16) + (1 - strength) * int(LOOK.paper[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(part):02x}" for part in mixed)


def tint_steps(belief: NDArray[np.float64], status: NDArray[np.int8]) -> NDArray[np.int_]:
    """
    Return the step of tint of each status by the belief in it: 0 above 0.8, 1 above 0.6, else 2.

    `belief` is (..., statuses) and `status` (...); the unknown, -1, has no belief to show and is 0.
    """
    held = np.take_along_axis(belief, np.maximum(status, 0)[..., None].astype(int), axis=-1)[..., 0]
    return np.where(status < 0, 0, (held <= SURE).astype(int) + (held <= LIKELY))


def is_certain(theatre: Theatre, belief: NDArray[np.float64], status: NDArray[np.int8]) -> bool:
    """Return whether every place with a cell is shown in full colour; `belief` is (..., places, statuses), `status` (..., places)."""
    cells = [i for i, place in enumerate(theatre.places) if place.polygon is not None]
    return not tint_steps(belief[..., cells, :], status[..., cells]).any()


def attribution(theatre: Theatre) -> str:
    """Return one line on where documents and points come from, as the theatre's data tell it; empty where they do not."""
    documents = theatre.documents.values()
    origins = _unique([re.split(r"[;,]", document.origin)[0].strip() for document in documents])
    licences = _unique([document.licence for document in documents])
    points = sorted(
        _unique([_root(source) for source in [*(p.source for p in theatre.places), *(f.source for f in theatre.backdrop)]]),
        key=lambda root: root == OWN,
    )
    parts = ["Documents: " + ", ".join([*origins, *licences])] if origins or licences else []
    parts += ["points: " + ", ".join(points) + " (see SOURCES.md)"] if points else []
    return "; ".join(parts)


def _unique(texts: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text))


def _root(source: str) -> str:
    """Return the first word of a source, which names the work; estimates are our own."""
    word = re.match(r"[\w-]*", source)
    return OWN if source.startswith(("estimated", "own")) else word.group() if word else ""


def wrapped(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Return `text` in lines no wider than `width`, by the width that `measure` gives a text (any unit)."""
    lines: list[str] = []
    for word in text.split():
        if lines and measure(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def clipped(text: str, width: float, measure: Callable[[str], float], end: str = "") -> str:
    """Return `text` and `end` as one line no wider than `width`: where they do not fit, the text loses words, and says so by "..."."""
    words = text.split()
    if measure(text + end) <= width:
        return text + end
    while len(words) > 1 and measure(" ".join(words) + " ..." + end) > width:
        words.pop()
    words = (" ".join(words) + " ..." + end).split()
    while len(words) > 2 and measure(" ".join(words)) > width:
        del words[-2]
    return " ".join(words)


def caption(told: Sequence[tuple[str, str]], width: float, most: int, measure: Callable[[str], float]) -> list[str]:
    """
    Return what changed, a line an event: its text with who said it in brackets; of more than `most`, the first and "and N more".

    `told` are pairs of text and source; events told in the same words are told once, with all of their sources.
    """
    merged: dict[str, list[str]] = {}
    for text, said_by in told:
        merged.setdefault(text, []).append(said_by)
    ends = [(text, f" ({'; '.join(sources)})" if (sources := _unique(said)) else "") for text, said in merged.items()]
    if not ends:
        return [NO_CHANGE]
    more = f"   and {len(ends) - most} more" if len(ends) > most else ""
    lines = [clipped(text, width, measure, end) for text, end in ends[:most]]
    if more and measure(lines[-1] + more) > width:
        text, end = ends[most - 1]
        lines[-1] = clipped(text, width, measure, end + more)
        return lines
    return [*lines[:-1], lines[-1] + more]
