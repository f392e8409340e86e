"""Where names go: ranked places, greedy without overlaps and whole within the frame, once for all days; gateways along the edge."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties
from matplotlib.patheffects import Stroke
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from qsim.draw.ground import HALO, LABELS, POINTS, line_strings, pixel
from qsim.draw.style import LOOK, Look
from qsim.record.geometry import frame_box
from qsim.record.places import WATERS
from qsim.record.theatre import Feature, Place, Theatre

_TIERS = {"city": 0, "town": 1, "airbase": 1, "crossing": 2, "hill_village": 2, "village": 2}
_TRIED = 3
_APART_PX = 14.0  # between the names of two gateways, which must not read as one
_LED_PX, _MOST_LED = (14, 24, 36, 50), 40  # from a mark to a name that a line leads to, and on maps of how many places there are such
MOST_DOTS = 4000  # places on a map beyond which dots are not drawn, and names may cover where they would be
_SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))


@dataclass(frozen=True, slots=True)
class Gateway:
    """A place beyond the frame: the point on the frame's edge where its direction leaves the map, degrees, and that direction."""

    place: Place
    edge: NDArray[np.float64]
    along: NDArray[np.float64]


def ranked(theatre: Theatre) -> list[Place]:
    """Return the places inside the frame that deserve a name on the map, the most important first."""
    ways: dict[str, int] = {}
    for link in theatre.links:
        for end in (link.a, link.b):
            ways[end] = ways.get(end, 0) + (link.kind != "adjacency") + (link.basis == "documented")
    for group in theatre.groups:
        for member in group.members:
            ways[member] = ways.get(member, 0) + 1
    bases = {base.place for side in theatre.sides for base in side.bases}
    named = [p for p in theatre.places if not p.gateway and p.parent is None]
    return sorted(named, key=lambda p: (tier(theatre, p), p.id not in bases, -ways.get(p.id, 0) - 2 * (p.population is not None), p.id))


def tier(theatre: Theatre, place: Place) -> int:
    """Return 0 for a city, 1 for a town or an air base, 2 for a village, 3 for any other place."""
    return 0 if place.id in theatre.parts else _TIERS.get(place.kind, 3)


def shown_name(place: Place, look: Look) -> str:
    """Return the name that a place bears on the map: Latin, that of the look's language where it has one, or both, one below the other."""
    own = place.name_in(look.language)
    if look.names == "both" and own:
        return f"{place.name}\n{own}"
    return own or place.name if look.names == "own" else place.name


class Halo(Text):
    """The light rim of a label: on pixels the text grown all around, which fits its hinted letters; elsewhere their outline."""

    def __init__(self, *args: Any, halo_pt: float, **style: Any) -> None:
        super().__init__(*args, **style)
        self._halo_pt = halo_pt

    def draw(self, renderer: RendererBase) -> None:
        """Draw the rim."""
        if not isinstance(renderer, RendererAgg):
            self.set_path_effects([Stroke(linewidth=self._halo_pt, foreground=self.get_color(), joinstyle="round")])
            super().draw(renderer)
            return
        radius = self._halo_pt / 2 * renderer.dpi / 72
        renderer.start_filter()  # type: ignore[no-untyped-call]
        super().draw(renderer)
        renderer.stop_filter(lambda image, _: _grown(image, radius))  # type: ignore[no-untyped-call]


def _grown(image: NDArray[np.float64], radius: float) -> tuple[NDArray[np.float64], int, int]:
    """Return a picture (height, width, 4) of one colour, 0..1, grown by a radius, pixels, all around, and how far its corner moves."""
    wide = int(np.ceil(radius))
    cover = np.pad(image[..., 3], wide)
    grown = np.zeros_like(cover)
    for angle in np.arange(8) * np.pi / 4:
        shift = round(radius * np.sin(angle)), round(radius * np.cos(angle))
        grown = np.maximum(grown, np.roll(cover, shift, axis=(0, 1)))
    colour = image[np.unravel_index(image[..., 3].argmax(), image.shape[:2])][:3]
    return np.concatenate([np.broadcast_to(colour, (*grown.shape, 3)), grown[..., None]], axis=-1), -wide, -wide


class Labels:
    """Texts on a map's axes that overlap neither each other nor what is `taken` (boxes in pixels), and stay inside the frame."""

    def __init__(self, ax: Axes, taken: Iterable[Bbox] = (), *, look: Look = LOOK) -> None:
        self.ax, self.look, self._px = ax, look, pixel(ax)
        self.texts: list[Text] = []
        self._taken = np.empty((0, 4))
        self.take(*taken)
        self._renderer = RendererAgg(1, 1, ax.figure.dpi)  # type: ignore[no-untyped-call]
        self._inside = Bbox(ax.bbox.padded(-3 * self._px).get_points())

    def add(
        self,
        spots: Iterable[tuple[float, float]],
        text: str,
        pt: float,
        *,
        colour: str = "",
        rotations: Sequence[float] = (0.0,),
        avoid: BaseGeometry | None = None,
        **style: Any,
    ) -> bool:
        """Write `text` centred at the first of `spots` (pixels) that is free, and off `avoid`; return whether there was one."""
        properties = FontProperties(family=[*self.look.family], size=pt, **style)
        label = Text(0, 0, text, color=colour or self.look.ink, fontproperties=properties, ha="center", va="center")
        label.set(rotation_mode="anchor", parse_math=False)
        label.set_figure(self.ax.figure)
        extents: dict[float, Bbox] = {}
        for rotation, (x, y) in zip([*rotations] * 999, spots, strict=False):
            label.set(rotation=rotation, position=(0, 0))
            if rotation not in extents:
                extents[rotation] = label.get_window_extent(self._renderer).padded(2 * self._px)
            box = extents[rotation].translated(x, y)
            label.set_position((x, y))
            if self.is_free(box) and not (avoid is not None and shapely.box(*box.extents).intersects(avoid)):
                self._write(label, box)
                return True
        return False

    def around(
        self, point: NDArray[np.float64], half: tuple[float, float], text: str, pt: float, *, gaps: Sequence[float] = (2, 5), **style: Any
    ) -> bool:
        """Write `text` beside, above or below a mark at `point` of `half` its width and height (pixels), wherever there is room, so far from it at most."""
        width, height = self.size(text, pt, **style)
        spots = [
            (
                point[0] + sx * (half[0] + gap * self._px + width / 2) * (1 if sy == 0 else 0.8),
                point[1] + sy * (half[1] + gap * self._px + height / 2),
            )
            for gap, (sx, sy) in product(gaps, _SIDES)
        ]
        return self.add(spots, text, pt, **style)

    def led_to(self, point: NDArray[np.float64], half: tuple[float, float], text: str, pt: float, **style: Any) -> bool:
        """Write `text` somewhat farther from a mark, and lead a thin line to it, so that it is read of no other."""
        if not self.around(point, half, text, pt, gaps=_LED_PX, **style):
            return False
        west, south, east, north = self._taken[-1]
        end = np.clip(point, (west + 2 * self._px, south + 2 * self._px), (east - 2 * self._px, north - 2 * self._px))
        ends = self.ax.transData.inverted().transform([point, end])
        self.ax.plot(*ends.T, "-", color=self.look.ink, lw=0.6, zorder=HALO - 0.1, gid=f"leader-{len(self.texts) - 1}")
        return True

    def size(self, text: str, pt: float, **style: Any) -> tuple[float, float]:
        """Return the width and height of a text of one or more lines, pixels."""
        label = Text(0, 0, text, fontproperties=FontProperties(family=[*self.look.family], size=pt, **style), parse_math=False)
        label.set_figure(self.ax.figure)
        box = label.get_window_extent(self._renderer)
        return float(box.width), float(box.height)

    def take(self, *boxes: Bbox) -> None:
        """Keep these boxes, pixels, free of labels."""
        self._taken = np.concatenate([self._taken, np.array([box.extents for box in boxes]).reshape(-1, 4)])

    @property
    def taken(self) -> NDArray[np.float64]:
        """The boxes that are taken, shape (boxes, 4): left, bottom, right, top, pixels."""
        return self._taken

    def is_free(self, box: Bbox) -> bool:
        """Return whether nothing stands in a box, pixels, that lies inside the frame."""
        inside = self._inside.x0 <= box.x0 and box.x1 <= self._inside.x1 and self._inside.y0 <= box.y0 and box.y1 <= self._inside.y1
        west, south, east, north = self._taken.T
        return bool(inside and not ((west <= box.x1) & (east >= box.x0) & (south <= box.y1) & (north >= box.y0)).any())

    def _write(self, label: Text, box: Bbox) -> None:
        """Add the text and its halo, as two artists, so that a vector file keeps the text as text."""
        self.take(box)
        x, y = self.ax.transData.inverted().transform(label.get_position())
        same: dict[str, Any] = {"fontproperties": label.get_fontproperties(), "rotation": label.get_rotation(), "rotation_mode": "anchor"}
        same |= {"ha": "center", "va": "center", "parse_math": False}
        rim: dict[str, Any] = {"color": self.look.casing, "halo_pt": self.look.halo_pt, "transform": self.ax.transData, "gid": "halo"}
        self.ax.add_artist(Halo(x, y, label.get_text(), zorder=HALO, **rim, **same))
        gid = f"label-{len(self.texts)}"
        self.texts.append(self.ax.text(x, y, label.get_text(), color=label.get_color(), zorder=LABELS, gid=gid, **same))


def place_labels(
    ax: Axes,
    theatre: Theatre,
    taken: Iterable[Bbox],
    most: int = 64,
    *,
    look: Look = LOOK,
    first: Sequence[str] = (),
    others: int | None = None,
    landmarks: Sequence[Place] = (),
    focus: str | None = None,
    led: bool = True,
) -> Labels:
    """
    Write the names of countries, the city, waters, towns and villages on a map, in that order; `taken` boxes stay free.

    Villages among `first` (ids) come before all others, of which so many are named, where that is said; `landmarks` come after towns.
    The city in `focus` fills the map and is not named on it. Without `led` no line leads to a name that has no room by its place.
    """
    labels, px = Labels(ax, taken, look=look), pixel(ax)
    order = {id: i for i, id in enumerate(first)}
    places = sorted(ranked(theatre), key=lambda place: (tier(theatre, place) >= 2, order.get(place.id, len(order))))
    places = [place for place in places if place.id != focus]
    if others is not None:
        rest = [place for place in places if tier(theatre, place) >= 2 and place.id not in order]
        places = [place for place in places if place not in rest[others:]]
    to_px = ax.transData.transform
    labels.take(*(_mark(ax, theatre, place, look) for place in places if place.id in theatre.parts and not landmarks))
    for feature in theatre.backdrop:
        if feature.kind == "border":
            _label_border(labels, theatre, feature)
    _label_places(labels, [p for p in places if tier(theatre, p) == 0], theatre, look.city_pt, most, weight="bold")
    for feature in theatre.backdrop:
        inside = shapely.intersection(feature.geometry, frame_box(theatre.frame))
        if feature.kind in WATERS and not inside.is_empty:
            spot = tuple(to_px(inside.point_on_surface().coords[0]))
            labels.add([spot], feature.name, look.village_pt, colour=look.water_ink, style="italic")
    dots = to_px(np.array([(p.lon, p.lat) for p in places[:MOST_DOTS]]).reshape(-1, 2))
    labels.take(*(Bbox.from_extents(x - 2 * px, y - 2 * px, x + 2 * px, y + 2 * px) for x, y in dots))
    _label_places(labels, [p for p in places if tier(theatre, p) == 1], theatre, look.town_pt, most, weight="bold")
    _label_landmarks(labels, landmarks)
    for feature in theatre.backdrop:
        if feature.kind == "river":
            spots, angles = _along(ax, theatre, feature)
            labels.add(spots, feature.name, look.small_pt, colour=look.water_ink, rotations=angles, style="italic")
    led = led and len(places) <= _MOST_LED
    _label_places(labels, [p for p in places if tier(theatre, p) >= 2], theatre, look.village_pt, most, led=led)
    return labels


def _label_places(
    labels: Labels, places: Sequence[Place], theatre: Theatre, pt: float, most: int, *, led: bool = False, **style: Any
) -> None:
    """
    Name the places that there is room for; of very many, the foremost few times as many as may be named are tried.

    When all that have room beside them are named, lines may have `led` to the names of the others.
    """
    left = []
    for place in places[: _TRIED * most]:
        if len(labels.texts) < most:
            box = _mark(labels.ax, theatre, place, labels.look)
            centre, half = np.array([(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2]), (box.width / 2, box.height / 2)
            name = shown_name(place, labels.look)
            names = dict.fromkeys((name, name.split("\n")[0]))  # where there is no room for two lines, there may be for one
            if not any(labels.around(centre, half, each, pt, **style) for each in names):
                left.append((centre, half, name.split("\n")[0]))
    for centre, half, name in left if led else ():
        labels.led_to(centre, half, name, pt, **style)


def _label_landmarks(labels: Labels, places: Sequence[Place]) -> None:
    """Mark and name the buildings that there is room for; one without its name would tell nothing."""
    ax, look, half = labels.ax, labels.look, 3 * pixel(labels.ax)
    for place in places:
        x, y = ax.transData.transform((place.lon, place.lat))
        mark = Bbox.from_extents(x - half, y - half, x + half, y + half)
        name = re.sub(r" \([^)]*\)", "", shown_name(place, look).split("\n")[0]).split(" / ")[0]
        if labels.is_free(mark) and labels.around(np.array([x, y]), (half, half), name, look.small_pt):
            labels.take(mark)
            ax.plot(place.lon, place.lat, "s", ms=3.2, mfc=look.ink, mec=look.casing, mew=0.6, zorder=POINTS, gid=f"landmark-{place.id}")


def _mark(ax: Axes, theatre: Theatre, place: Place, look: Look) -> Bbox:
    """Return the box, in pixels, of what stands for a place: the squares of a city, or a dot."""
    shapes = [polygon for part in theatre.parts.get(place.id, ()) if (polygon := theatre.place(part).polygon) is not None]
    if shapes:
        west, south, east, north = shapely.union_all(shapes).bounds
        return Bbox(ax.transData.transform([(west, south), (east, north)])).padded(4 * pixel(ax))  # a ring may run along their edge
    x, y = ax.transData.transform((place.lon, place.lat))
    half = look.ring_pt / 2 * ax.figure.dpi / 72 - pixel(ax)
    return Bbox.from_extents(x - half, y - half, x + half, y + half)


def _along(ax: Axes, theatre: Theatre, feature: Feature, offset_px: float = 0.0) -> tuple[list[tuple[float, float]], list[float]]:
    """Return spots along a line, in pixels, the middle first, and the angle of the line at each, degrees; `offset_px` to its left."""
    lines, px = line_strings(shapely.intersection(feature.geometry, frame_box(theatre.frame))), pixel(ax)
    spots, angles = [], []
    for line in sorted((shapely.LineString(ax.transData.transform(line)) for line in lines), key=lambda line: -line.length):
        for share in sorted(np.linspace(0.06, 0.94, 23), key=lambda share: abs(share - 0.5)):
            at = share * line.length
            ahead, behind, middle = (np.array(line.interpolate(max(a, 0.0)).coords[0]) for a in (at + 30 * px, at - 30 * px, at))
            dx, dy = (ahead - behind) / (np.hypot(*(ahead - behind)) or 1.0)
            spots.append((float(middle[0] - dy * offset_px * px), float(middle[1] + dx * offset_px * px)))
            angle = float(np.degrees(np.arctan2(dy, dx)))
            angles.append(angle - 180 if angle > 90 else angle + 180 if angle < -90 else angle)
    return spots, angles


def _label_border(labels: Labels, theatre: Theatre, feature: Feature) -> None:
    """Write the two countries of an "A-B border" on their sides of it; a border of another name gets that name."""
    countries = feature.name.removesuffix("border").strip().split("-")
    if len(countries) != 2:
        spots, angles = _along(labels.ax, theatre, feature, 12)
        labels.add(spots, feature.name, labels.look.small_pt, colour=labels.look.faint_ink, rotations=angles)
        return
    left, right = countries if _is_left(theatre, feature, *countries) else countries[::-1]
    line = shapely.transform(feature.geometry, labels.ax.transData.transform)
    for name, sign in ((left, 1), (right, -1)):
        spots = [spot for offset in (16, 24, 36, 50) for spot in _along(labels.ax, theatre, feature, sign * offset)[0]]
        labels.add(spots, name.upper(), labels.look.town_pt, colour=labels.look.faint_ink, avoid=line, weight="bold")


def _is_left(theatre: Theatre, feature: Feature, name: str, other: str) -> bool:
    """Return whether the country `name` lies left of its border, by where the places are whose name, note or source speak of each."""
    line = np.vstack(line_strings(feature.geometry))
    votes = 0
    for place in theatre.places:
        nearest = int(np.argmin(np.hypot(*(line[:-1] - (place.lon, place.lat)).T)))
        (ax, ay), (bx, by) = line[nearest], line[nearest + 1]
        side = 1 if (bx - ax) * (place.lat - ay) - (by - ay) * (place.lon - ax) > 0 else -1
        words = f"{place.name} {place.note} {place.source}"
        votes += side * ((name in words) - (other in words))
    return votes > 0


def gateways(theatre: Theatre, *, near_parts: bool = False) -> list[Gateway]:
    """
    Return the bases beyond the frame, and other places there that a link joins to one inside, with where the way to each leaves it.

    With `near_parts` those alone that a link joins to a place or a part inside. The way is the straight link from a place inside, where there is one; else the direction from the frame's middle.
    """
    bases = {base.place for side in theatre.sides for base in side.bases}
    inside = {p.id: p for p in theatre.places if not p.gateway}
    linked: dict[str, str] = {}
    for link in theatre.links:
        for near, far in ((link.a, link.b), (link.b, link.a)):
            if near in inside and (near_parts or inside[near].parent is None):
                linked.setdefault(far, near)
    found = []
    west, south, east, north = theatre.frame
    beyond = [p for p in theatre.places if p.gateway and (p.id in linked or (p.id in bases and not near_parts))]
    for place in sorted(beyond, key=lambda p: (p.id not in bases, p.id not in linked, -(p.population or 0))):
        origin = inside[linked[place.id]] if place.id in linked else None
        start = np.array([origin.lon, origin.lat] if origin else [(west + east) / 2, (south + north) / 2])
        along = np.array([place.lon, place.lat]) - start
        limits = np.where(along > 0, [east, north], [west, south]) - start
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = float(np.nanmin(np.where(along == 0, np.inf, limits / along)))
        found.append(Gateway(place, start + along * min(reach, 1.0), along))
    return found


def ways(theatre: Theatre, shown: Iterable[Gateway]) -> BaseGeometry:
    """Return the straight lines, degrees, along which a way may be drawn: between places inside, and to where it leaves the frame."""
    ends = {place.id: (place.lon, place.lat) for place in theatre.places if not place.gateway}
    ends |= {gateway.place.id: (float(gateway.edge[0]), float(gateway.edge[1])) for gateway in shown}
    pairs = [(ends[link.a], ends[link.b]) for link in theatre.links if link.a in ends and link.b in ends]
    return shapely.MultiLineString([pair for pair in pairs if pair[0] != pair[1]])


def gateway_labels(ax: Axes, shown: Sequence[Gateway], most: int = 12, *, look: Look = LOOK) -> Iterator[tuple[Gateway, Text]]:
    """Write gateways' names in the collar around the frame, each as near as there is room to where its way leaves; drop the rest."""
    renderer, frame = RendererAgg(1, 1, ax.figure.dpi), ax.bbox  # type: ignore[no-untyped-call]
    taken: list[Bbox] = []
    px = pixel(ax)
    for gateway in shown[:most]:
        x, y = ax.transData.transform(gateway.edge)
        sideways = min(abs(x - frame.x0), abs(x - frame.x1)) < min(abs(y - frame.y0), abs(y - frame.y1))
        out = np.sign(x - (frame.x0 + frame.x1) / 2) if sideways else np.sign(y - (frame.y0 + frame.y1) / 2)
        name = shown_name(gateway.place, look).replace("\n", " · ")
        text = ax.text(0, 0, name, color=look.ink, clip_on=False, zorder=0)
        text.set(
            fontproperties=FontProperties(family=[*look.family], size=look.small_pt),
            rotation=90 if sideways else 0,
            ha="center",
            va="center",
            parse_math=False,
        )
        reach = int(max(text.get_window_extent(renderer).size) / 2 + _APART_PX * px)  # the arrow stays beside its name
        for shift in sorted(range(-reach, reach + 1, max(1, round(3 * px))), key=abs):
            spot = (x + out * 18 * px, y + shift) if sideways else (x + shift, y + out * 18 * px)
            text.set_position(tuple(ax.transData.inverted().transform(spot)))
            box = text.get_window_extent(renderer)
            collar = frame.padded(look.collar_px * px)
            fits = box.x0 >= collar.x0 and box.x1 <= collar.x1 and box.y0 >= collar.y0 and box.y1 <= collar.y1
            if fits and not any(box.padded(_APART_PX * px).overlaps(other) for other in taken):
                taken.append(box)
                yield gateway, text
                break
        else:
            text.remove()
