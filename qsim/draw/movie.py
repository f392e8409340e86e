"""Timelines as files: an animation, one picture, or a folder of frames, chosen by the suffix; never half written."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from numpy.typing import NDArray
from PIL import Image

from qsim import replay
from qsim.dates import Day
from qsim.draw import Scene
from qsim.draw.files import PICTURE_SUFFIXES, beside
from qsim.draw.ground import FILL
from qsim.draw.look import is_certain
from qsim.draw.trend import Trend
from qsim.replay import Event
from qsim.ring import Exits, exits, whose
from qsim.timeline import Timeline

if TYPE_CHECKING:
    from datetime import date

MOVIE_SUFFIXES = (".gif",)
HOLD_MS = 3000
_EXACT_COLOURS, _COLOURS = 128, 255
_SAMPLED_FRAMES = 12


class RenderError(ValueError):
    """A picture that cannot be made: a suffix that is not known, or a speed that is none."""


def render(
    timeline: Timeline,
    path: str | Path,
    *,
    day: Day | None = None,
    fps: float = 3,
    progress: bool = False,
    place: str | None = None,
    side: str | None = None,
) -> Path:
    """
    Write a timeline to `path` and return it: `.gif` is a frame a day, `.png`, `.svg` and `.pdf` one day, no suffix a folder of frames.

    Frames of a folder are named `0001_2013-04-04.png` and so on. Each file is written beside its place and then renamed into it, so
    that an older one is replaced whole or not at all; folders that are missing are made. The same timeline gives the same bytes.

    Parameters
    ----------
    timeline
        What to draw.
    path
        Where to write; its suffix says what.
    day
        The day of a picture, by default the last. A movie and a folder of frames show every day.
    fps
        Days a second, in a movie; the last day is held three seconds.
    progress
        Whether to show a bar on the standard error while frames are drawn.
    place, side
        Whose ways out are shown: by default those of the first place that has parts, for the side that holds most of it on the first
        day, among the sides that have bases.

    Raises
    ------
    RenderError
        When the suffix is none of these, or `fps` is not above zero.
    TimelineError
        When `day` lies outside the timeline.
    TheatreError
        When `place` or `side` is not of the theatre, or the side has no bases.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in ("", *MOVIE_SUFFIXES, *PICTURE_SUFFIXES):
        known = ", ".join((*MOVIE_SUFFIXES, *PICTURE_SUFFIXES))
        raise RenderError(f"{path.name!r}: unknown suffix {suffix!r}; expected one of {known}, or none for a folder of frames")
    if not fps > 0:
        raise RenderError(f"fps={fps!r}: expected days a second, above zero")
    place, side = whose(timeline, place, side)
    if suffix in PICTURE_SUFFIXES:
        position = len(timeline) - 1 if day is None else timeline.position(day)
        _write_picture(timeline, path, position, place, side)
    elif suffix in MOVIE_SUFFIXES:
        _write_gif(timeline, path, fps, _tracked(timeline, progress), place, side)
    else:
        _write_frames(timeline, path, _tracked(timeline, progress), place, side)
    return path


def frames(timeline: Timeline, positions: Iterable[int], *, place: str | None = None, side: str | None = None) -> Iterator[Image.Image]:
    """Draw the days at `positions` of a timeline, one after the other, as images of 1280 x 800 pixels; see `render`."""
    scene = scene_of(timeline, place, side)
    film: Film | None = None
    ways, told = _ways_out(timeline, place, side), _told(timeline)
    for i in positions:
        snapshot = timeline._snapshot(i)
        scene.show(snapshot, events=told.get(snapshot.day, []), exits=ways[i])
        film = film or Film(scene)
        yield Image.fromarray(film.frame())


def scene_of(timeline: Timeline, place: str | None = None, side: str | None = None) -> Scene:
    """Return the picture of a timeline before any day is shown: with the small chart of its city's share, where it has a city of parts."""
    theatre = timeline.theatre
    shown = place if place in theatre.parts else None
    certain = is_certain(theatre, timeline.belief, timeline.history)
    return Scene(theatre, place=place, side=side, trend=Trend.of(timeline, shown), certain=certain)


class Film:
    """A scene taken apart: a background, what moves, and what lies over it, each still piece rendered once."""

    def __init__(self, scene: Scene) -> None:
        self._canvas = canvas = FigureCanvasAgg(scene.figure)
        sheets, moving = [scene.sheet, scene.ax, scene.city_ax], set(scene.moving)
        self._layers: list[Artist | NDArray[np.uint8]] = []
        animated: list[Artist] = []
        for axes in sheets:
            still: list[Artist] = []
            for artist in sorted(axes.get_children() if axes else [], key=lambda artist: artist.get_zorder()):
                if artist in moving:
                    self._lay(still)
                    still = []
                    self._layers.append(artist)
                    animated.append(artist)
                elif artist.get_zorder() > FILL and axes is not sheets[0]:
                    still.append(artist)
                    animated.append(artist)
            self._lay(still)
        for artist in animated:
            artist.set_animated(True)
        canvas.draw()  # type: ignore[no-untyped-call]
        self._background = canvas.copy_from_bbox(canvas.figure.bbox)  # type: ignore[no-untyped-call]

    def _lay(self, still: Sequence[Artist]) -> None:
        """Render artists that do not change on a clear layer."""
        if still:
            renderer = RendererAgg(*self._canvas.get_width_height(), self._canvas.figure.dpi)  # type: ignore[no-untyped-call]
            for artist in still:
                artist.draw(renderer)
            self._layers.append(np.asarray(renderer.buffer_rgba()).copy())  # type: ignore[no-untyped-call]

    def frame(self) -> NDArray[np.uint8]:
        """Return what the scene shows now, shape (height, width, 3), uint8; only what moves is drawn anew."""
        renderer = self._canvas.get_renderer()  # type: ignore[no-untyped-call]
        self._canvas.restore_region(self._background)  # type: ignore[no-untyped-call]
        for layer in self._layers:
            if isinstance(layer, Artist):
                layer.draw(renderer)
            else:
                renderer.draw_image(renderer.new_gc(), 0, 0, layer[::-1])
        return np.asarray(renderer.buffer_rgba())[..., :3].copy()


def _write_picture(timeline: Timeline, path: Path, i: int, place: str | None, side: str | None) -> None:
    snapshot = timeline._snapshot(i)
    scene = scene_of(timeline, place, side)
    scene.show(snapshot, events=replay.events(timeline, snapshot.day), exits=_ways_out(timeline, place, side)[i])
    with beside(path) as temporary:
        if path.suffix.lower() == ".svg":
            temporary.write_text(scene.svg(), encoding="utf-8", newline="\n")
        elif path.suffix.lower() == ".pdf":
            scene.figure.savefig(temporary, format="pdf", metadata={"CreationDate": None})
        else:
            scene.figure.savefig(temporary, format="png", metadata={"Software": None})


def _write_frames(timeline: Timeline, folder: Path, positions: Iterable[int], place: str | None, side: str | None) -> None:
    days = timeline.days
    for i, image in enumerate(frames(timeline, positions, place=place, side=side)):
        with beside(folder / f"{i + 1:04d}_{days[i]}.png") as temporary:
            image.save(temporary, format="PNG")


def _write_gif(timeline: Timeline, path: Path, fps: float, positions: Iterable[int], place: str | None, side: str | None) -> None:
    """Write a frame a day with one palette for all, so that what stands still stays still."""
    sampled = np.unique(np.linspace(0, len(timeline) - 1, _SAMPLED_FRAMES).round().astype(int)).tolist()
    images = frames(timeline, itertools.chain(sampled, positions), place=place, side=side)
    palette = _palette(list(itertools.islice(images, len(sampled))))
    drawn = _indexed(images, palette)
    durations = [max(20, round(100 / fps) * 10)] * (len(timeline) - 1) + [HOLD_MS]
    with beside(path) as temporary, temporary.open("wb") as file:  # Pillow leaves a file that it opened open when it is interrupted
        next(drawn).save(
            file,
            format="GIF",
            save_all=True,
            append_images=drawn,
            duration=durations,
            loop=0,
            optimize=False,
            disposal=1,
            transparency=_COLOURS,
        )


def _indexed(images: Iterable[Image.Image], palette: NDArray[np.uint8]) -> Iterator[Image.Image]:
    """Yield frames in the palette's colours, the nearest to each; a pixel that stays as it was is transparent, which makes a movie small."""
    position = np.full(1 << 24, -1, dtype=np.int16)
    before: NDArray[np.uint8] | None = None
    for image in images:
        codes = _codes(image)
        unseen = np.unique(codes[position[codes] < 0])
        for some in np.array_split(unseen, len(unseen) // 4096 + 1):
            apart = _colours(some).astype(np.int32)[:, None] - palette.astype(np.int32)
            position[some] = (apart**2).sum(axis=2).argmin(axis=1)
        now = position[codes].astype(np.uint8)
        shown = now if before is None else np.where(now == before, np.uint8(_COLOURS), now)
        before = now
        frame = Image.frombytes("P", image.size, shown.tobytes())
        frame.putpalette([*palette.ravel().tolist(), *[0] * (3 * (_COLOURS + 1) - palette.size)])
        yield frame


def _palette(samples: list[Image.Image]) -> NDArray[np.uint8]:
    """Return one palette for all frames, shape (colours, 3): the commonest colours exactly, the rest by median cut."""
    codes, counts = np.unique(np.concatenate([_codes(image).ravel() for image in samples]), return_counts=True)
    common = codes[np.argsort(-counts, kind="stable")][:_EXACT_COLOURS]
    rest = codes[~np.isin(codes, common)]
    exact = _colours(common)
    if not len(rest):
        return exact
    cut = Image.fromarray(_colours(rest)[None]).quantize(_COLOURS - len(exact), method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    others = np.array(cut.getpalette(), dtype=np.uint8).reshape(-1, 3)[: _COLOURS - len(exact)]
    return np.concatenate([exact, others])


def _codes(image: Image.Image) -> NDArray[np.uint32]:
    """Return each pixel as one number, shape (height, width)."""
    return np.asarray(np.asarray(image).astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], dtype=np.uint32))


def _colours(codes: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Return the red, green and blue of such numbers, shape (codes, 3)."""
    return np.stack([codes >> 16, codes >> 8 & 255, codes & 255], axis=1).astype(np.uint8)


def _ways_out(timeline: Timeline, place: str | None, side: str | None) -> list[Exits] | list[None]:
    """Return the ways out on each day of the most likely history; none where nobody's are asked for."""
    if place is None or side is None:
        return [None] * len(timeline)
    return exits(timeline.most_likely(), place, side)


def _told(timeline: Timeline) -> "dict[date, list[Event]]":
    """Return what changed, by day."""
    told: dict[date, list[Event]] = {}
    for event in replay.events(timeline):
        told.setdefault(event.day, []).append(event)
    return told


def _tracked(timeline: Timeline, progress: bool) -> Iterable[int]:
    """Return the positions of the days, with a bar on the standard error that follows them where `progress` is wished."""
    if not progress:
        return range(len(timeline))
    from rich.console import Console
    from rich.progress import track

    return track(range(len(timeline)), description="drawing days", console=Console(stderr=True), transient=True)
