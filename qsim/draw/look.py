"""One look, defined once: the colours, sizes and words of every picture."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
    family: str = "DejaVu Sans"

    paper: str = "#ffffff"
    ink: str = "#1a1a1a"
    faint_ink: str = "#595959"
    unknown: str = "#e9e7e3"
    unknown_dot: str = "#c4c0b9"
    water: str = "#bcd9ea"
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
ESTIMATE = "Areas are nearest-place estimates."
NO_CHANGE = "No change reported."
OWN = "own estimates"


def fill(theatre: Theatre, status: str) -> str:
    """Return the ground colour of a status: a side's own, the unknown grey; contested starts from the first side's, under the stripes."""
    if status == UNKNOWN:
        return LOOK.unknown
    return theatre.sides[0].colour if status == CONTESTED else theatre.side(status).colour


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


def caption(told: Sequence[tuple[str, str]], width: float, most: int, measure: Callable[[str], float]) -> list[str]:
    """
    Return what changed, as at most `most` lines: each event's text with who said it in brackets, and "and N more" where they end.

    `told` are pairs of text and source; events told in the same words are told once, with all of their sources.
    """
    merged: dict[str, list[str]] = {}
    for text, said_by in told:
        merged.setdefault(text, []).append(said_by)
    texts = [f"{text} ({'; '.join(sources)})" if (sources := _unique(said)) else text for text, said in merged.items()]
    for shown in range(len(texts), 0, -1):
        more = [f"and {len(texts) - shown} more"] if shown < len(texts) else []
        lines = [line for text in texts[:shown] for line in wrapped(text, width, measure)]
        if more and measure(f"{lines[-1]}  {more[0]}") <= width:
            lines[-1] += f"  {more.pop()}"
        if len(lines) + len(more) <= most:
            return lines + more
    return [*lines[: most - 1], lines[most - 1] + " ..."] if texts else [NO_CHANGE]
