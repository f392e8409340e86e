"""What the colours mean, defined once for pictures and for the terminal: roles, steps of tint, and the words of the legend."""

from dataclasses import dataclass
from functools import lru_cache
from operator import ge, le

import numpy as np
from numpy.typing import NDArray

from qsim.belief.timeline import UNDECIDED, UNKNOWN
from qsim.record.places import BARRIERS
from qsim.record.theatre import CONTESTED, Theatre

PAPERS = ("#ffffff", "#14181d")  # of the light theme and of the dark one


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of the named roles, `#rrggbb`, whatever the sides; theirs come with the theatre."""

    paper: str = PAPERS[0]
    ink: str = "#1a1a1a"
    faint_ink: str = "#595959"
    unknown: str = "#e9e7e3"
    unknown_dot: str = "#c4c0b9"
    undecided: str = "#f4f2ee"
    undecided_line: str = "#d9d4cb"
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


LIGHT = Palette()
# Colours for up to four sides that readers with any kind of colour vision can tell apart, in every tint: blue and orange of Okabe and
# Ito, and a green and a mauve that lie farther from these two, in all three tints, than any other hue of theirs.
SIDE_COLOURS = ("#0072B2", "#E69F00", "#6CA854", "#B478A0")
SURE, LIKELY = 0.8, 0.6  # belief above which a colour is full, and above which it is of middle strength; below it is pale
TINTS = (1.0, 0.65, 0.38)  # the share of the colour in each of the three, the rest is paper
FIGURE_TINTS = (1.0, 0.84, 0.68)  # ... of the side that a map of a ring is about
GROUND_TINTS = (0.30, 0.23, 0.16)  # ... and of the others, which are the ground that it stands out from
# Contrast with the paper, in the light theme and in the dark one: the least of the figure's palest tint, and the most of the others' strongest.
FIGURE_LEAST, GROUND_MOST = (1.75, 2.2), (1.33, 1.65)
HOW_SURE = f"How sure, by tint: above {100 * SURE:.0f} %, {100 * LIKELY:.0f} to {100 * SURE:.0f} %, below {100 * LIKELY:.0f} %."
STALE_DAYS = 30  # without a report, after which a place carries an age mark
STALE = f"no report for {STALE_DAYS} days"
FRONT, CHANGED = "front line", "changed this day"
ESTIMATE = "Areas are nearest-place estimates."
ACROSS = "No border, river or shore is given: areas run across them."
NO_CHANGE = "No change reported."


def areas_told(theatre: Theatre) -> tuple[str, ...]:
    """Return what is said of areas: that they are estimates, and that they run across borders and water where the backdrop has neither."""
    return (ESTIMATE,) if any(feature.kind in BARRIERS for feature in theatre.backdrop) else (ESTIMATE, ACROSS)


def fill(theatre: Theatre, status: str, step: int = 0, *, palette: Palette = LIGHT) -> str:
    """
    Return the ground colour of a status: a side's own, the unknown grey; contested starts from the first side's, under the stripes.

    `step` is the step of tint, see `tint_steps`.
    """
    return grounds(theatre, status, step, palette=palette)[0]


def grounds(theatre: Theatre, status: str, step: int = 0, *, palette: Palette = LIGHT, figure: str | None = None) -> tuple[str, ...]:
    """
    Return the colours that a status is painted with: one, or for stripes one for each side, from the first.

    `figure` is the side that a map of a ring is about: it is saturated, and all others are pale; what it contests is striped with the
    paper, not with the colours of others, which would mix with its own to a third. The undecided is striped in greys.
    """
    if status == UNDECIDED:
        return tuple((palette.undecided, palette.undecided_line)[i % 2] for i in range(max(2, len(theatre.sides))))
    if status == UNKNOWN:
        return (palette.unknown,)
    sides = theatre.sides if status == CONTESTED else (theatre.side(status),)
    shares = bands if status == CONTESTED else strengths
    return tuple(tint(side.colour, step, palette=palette, strengths=shares(theatre, side.id, figure)) for side in sides)


def bands(theatre: Theatre, side: str, figure: str | None = None) -> tuple[float, ...]:
    """Return the share of a side's colour in each step of tint in the stripes of contested ground: that of its `strengths`, or none beside a figure."""
    return strengths(theatre, side, figure) if figure in (None, side) else (0.0,) * len(TINTS)


def strengths(theatre: Theatre, side: str, figure: str | None = None) -> tuple[float, ...]:
    """
    Return the share of a side's colour in each step of tint; `figure` is the side that a map of a ring is about.

    On such a map the figure's palest tint has a higher contrast with the paper than the strongest of any other side, whatever their
    colours are, in both themes: who is shut in can be seen without seeing colours.

    Examples
    --------
    >>> from qsim.record.scenario import load
    >>> theatre, _ = load("qusayr")
    >>> [[round(share, 2) for share in strengths(theatre, side, "opposition")] for side in ("opposition", "government")]
    [[1.0, 0.85, 0.69], [0.2, 0.15, 0.11]]
    """
    if figure is None:
        return TINTS
    return _bounded(theatre.side(side).colour, side == figure)


@lru_cache(maxsize=64)
def _bounded(colour: str, is_figure: bool) -> tuple[float, ...]:
    """Return the tints of the figure, or of a side that is ground, of this colour: stronger, or weaker, as far as contrast needs."""
    for k in np.linspace(1, 0, 51).tolist():
        shares = tuple(1 - k * (1 - share) for share in FIGURE_TINTS) if is_figure else tuple(k * share for share in GROUND_TINTS)
        seen = [contrast(mixed(colour, paper, shares[-1 if is_figure else 0]), paper) for paper in PAPERS]
        if all(map(ge, seen, FIGURE_LEAST) if is_figure else map(le, seen, GROUND_MOST)):
            return shares
    return shares


def tint(colour: str, step: int, *, palette: Palette = LIGHT, strengths: tuple[float, ...] = TINTS) -> str:
    """
    Return a colour `#rrggbb` in a step of tint: 0 the strongest, by default as it is, 1 and 2 ever nearer to the paper.

    Examples
    --------
    >>> [tint("#0072b2", step) for step in (0, 1, 2)]
    ['#0072b2', '#59a3cd', '#9ec9e2']
    """
    strength = strengths[step]
    return colour if strength == 1 else mixed(colour, palette.paper, strength)


def mixed(colour: str, paper: str, share: float) -> str:
    """Return a share of a colour `#rrggbb` on a paper."""
    parts = (share * int(colour[i : i + 2], 16) + (1 - share) * int(paper[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(part):02x}" for part in parts)


def luminance(colours: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return how light colours (..., 3), 0 to 255, are, 0 to 1: relative luminance as the guidelines for the web, WCAG 2, define it."""
    share = np.asarray(colours) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722]))


def contrast(one: str, other: str) -> float:
    """
    Return the contrast of two colours `#rrggbb`, 1 to 21, as WCAG 2 defines it.

    Examples
    --------
    >>> round(contrast("#000000", "#ffffff"), 1), contrast("#808080", "#808080")
    (21.0, 1.0)
    """
    dark, light = sorted(luminance(np.array([[int(each[i : i + 2], 16) for i in (1, 3, 5)] for each in (one, other)])).tolist())
    return float((light + 0.05) / (dark + 0.05))


def darker(colour: str, share: float = 0.55) -> str:
    """Return a colour `#rrggbb` with only a share of its light: for lines and words on pale ground."""
    return "#" + "".join(f"{round(share * int(colour[i : i + 2], 16)):02x}" for i in (1, 3, 5))


def tint_steps(belief: NDArray[np.float64], status: NDArray[np.int8]) -> NDArray[np.int_]:
    """
    Return the step of tint of each status by the belief in it: 0 above 0.8, 1 above 0.6, else 2.

    `belief` is (..., statuses) and `status` (...); the unknown, -1, has no belief to show and is 0.
    """
    held = np.take_along_axis(belief, np.maximum(status, 0)[..., None].astype(int), axis=-1)[..., 0]
    return np.where(status < 0, 0, (held <= SURE).astype(int) + (held <= LIKELY))
