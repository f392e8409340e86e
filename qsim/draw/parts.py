"""The names of the parts of a city on a map: the coordinates of a grid in their corners, names in their middles, numbers where those do not fit."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.patheffects import Normal, Stroke
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from shapely.geometry.base import BaseGeometry

from qsim.draw.figure import font, left_to_right
from qsim.draw.ground import POINTS, pixel
from qsim.draw.labels import shown_name
from qsim.draw.style import Look
from qsim.record.theatre import COORDINATES, Theatre

_SPILL = 4.0  # how far a name may stand out beyond its part, pixels
_HALO = 3.0  # how far the ground about a name keeps others away, pixels
_LEAST_PT = 6.5


@dataclass(frozen=True, slots=True)
class Named:
    """What was written: the boxes that it covers, pixels, and the names of the parts that bear a number, from 1."""

    boxes: tuple[Bbox, ...]
    numbered: tuple[str, ...] = ()


def name_parts(ax: Axes, theatre: Theatre, shapes: Mapping[str, BaseGeometry], look: Look, pt: float, inset_pt: float) -> Named:
    """Write the names of parts (their shapes by id) on a map; a part whose name fits nowhere gets a number, that of its name in a list."""
    named = {part: _called(theatre, part, look) for part in shapes}
    if any(" " in name or len(name) > COORDINATES for name in named.values()):
        return _in_words(ax, named, shapes, look, pt)
    renderer, boxes = _renderer(ax), []
    for part, polygon in shapes.items():
        x0, _, _, y1 = polygon.bounds
        text = ax.annotate(named[part], (x0, y1), (inset_pt, -inset_pt), textcoords="offset points", ha="left", va="top")
        badge = {"boxstyle": "round,pad=0.15", "fc": look.paper, "ec": "none"}
        text.set(fontproperties=font(pt, "bold", look.family), parse_math=False, bbox=badge, color=look.ink, zorder=POINTS - 0.5)
        boxes.append(text.get_window_extent(renderer))
    return Named(tuple(boxes))


def _called(theatre: Theatre, part: str, look: Look) -> str:
    place = theatre.place(part)
    name = theatre.part_name(part)
    return name if len(name) <= COORDINATES else shown_name(place, look).split("\n")[0] if place.name_in(look.language) else name


def _in_words(ax: Axes, named: Mapping[str, str], shapes: Mapping[str, BaseGeometry], look: Look, pt: float) -> Named:
    """Write each name in the middle of its part, in one line or in several, the largest parts first, or its number."""
    ax.apply_aspect()
    taken: list[Bbox] = []
    numbered: list[str] = []
    for part in sorted(named, key=lambda part: -shapes[part].area):
        text = ax.text(0, 0, "", ha="center", va="center", linespacing=0.9, zorder=POINTS - 0.5, gid=f"part-{part}")
        text.set(parse_math=False, color=look.ink, path_effects=[Stroke(linewidth=2, foreground=look.paper), Normal()])
        if not _placed(ax, text, named[part], shapes[part], taken, look, pt):
            numbered.append(named[part])
            _number(text, len(numbered), shapes[part], look, pt)
            taken.append(text.get_window_extent(_renderer(ax)))
    return Named(tuple(taken), tuple(numbered))


def _placed(ax: Axes, text: Text, name: str, polygon: BaseGeometry, taken: list[Bbox], look: Look, pt: float) -> bool:
    """Give a text the name, the size and the spot within a polygon at which it covers nothing else; return whether there is one."""
    renderer, spill = _renderer(ax), _SPILL * pixel(ax)
    room = ax.transData.transform_bbox(Bbox.from_extents(*polygon.bounds)).padded(spill)
    room = Bbox.intersection(room, ax.bbox) or room
    sizes = [size for size in (pt, pt - 1, pt - 2) if size >= _LEAST_PT] or [pt]
    for size, words, spot in product(sizes, dict.fromkeys((name, *_broken(name))), _spots(polygon)):
        text.set(text=left_to_right(words), fontproperties=font(size, family=look.family), position=spot)
        box = text.get_window_extent(renderer)
        inside = room.x0 <= box.x0 and box.x1 <= room.x1 and room.y0 <= box.y0 and box.y1 <= room.y1
        if inside and not any(box.overlaps(other) for other in taken):
            taken.append(box.padded(_HALO * pixel(ax)))
            return True
    return False


def _number(text: Text, number: int, polygon: BaseGeometry, look: Look, pt: float) -> None:
    """Write a number in the middle of a polygon, on a disc."""
    middle = polygon.representative_point()
    disc = {"boxstyle": "circle,pad=0.2", "fc": look.paper, "ec": look.faint_ink, "lw": 0.6}
    text.set(text=str(number), fontproperties=font(max(pt - 1, _LEAST_PT), "bold", look.family), position=(middle.x, middle.y))
    text.set(bbox=disc, path_effects=[])


def _broken(name: str) -> list[str]:
    """Return a name in two lines, as even as can be, and in a line a word."""
    words = name.replace("-", "- ").split()
    cuts = sorted(range(1, len(words)), key=lambda cut: abs(len(" ".join(words[:cut])) - len(" ".join(words[cut:]))))
    lines = [" ".join(words[:cut]) + "\n" + " ".join(words[cut:]) for cut in cuts[:1]]
    return [line.replace("- ", "-") for line in [*lines, "\n".join(words)]]


def _spots(polygon: BaseGeometry) -> list[tuple[float, float]]:
    """Return points within a polygon where a name may stand: its middle, and a little above and below."""
    middle = polygon.representative_point() if not polygon.contains(polygon.centroid) else polygon.centroid
    _, south, _, north = polygon.bounds
    return [(middle.x, middle.y + share * (north - south)) for share in (0.0, 0.12, -0.12)]


def _renderer(ax: Axes) -> RendererAgg:
    return RendererAgg(1, 1, ax.figure.dpi)  # type: ignore[no-untyped-call]
