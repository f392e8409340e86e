"""Timelines as files: an animation, a video, one picture, or a folder of frames, chosen by the suffix; never half written."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from importlib.util import find_spec
from inspect import signature
from io import TextIOBase
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import numpy as np
from matplotlib import rc_context, style
from PIL import Image

from qsim.belief.timeline import Timeline
from qsim.draw.drawn import Drawn
from qsim.draw.files import PDF_STYLE, PICTURE_SUFFIXES, UNDATED
from qsim.draw.film.cache import kept
from qsim.draw.film.frames import Film
from qsim.draw.film.gif import write_gif
from qsim.draw.film.pace import FPS, Pace, steady, timed
from qsim.draw.film.raster import stills
from qsim.draw.film.video import MISSING, VIDEO_SUFFIXES, write_video
from qsim.draw.fonts import families, told_once
from qsim.draw.labels import MOST_DOTS
from qsim.draw.multiples import Telling, Tellings, texts
from qsim.draw.scene import svg
from qsim.draw.style import Look, LookError, look
from qsim.geography.encirclement import whose
from qsim.record.dates import Day
from qsim.record.dates import day as as_date
from qsim.record.files import beside
from qsim.record.names import nearest
from qsim.record.progress import Moved, moving, tracked

SIZE, SIZE_ABREAST = (1280, 800), (1000, 625)
PACES = ("reading", "even")
SUFFIXES = (".gif", *VIDEO_SUFFIXES, *PICTURE_SUFFIXES, ".html")
# What has no effect on each kind of file, and is refused where it is asked for.
_IDLE = {
    "movie": ("day",),
    "folder": ("day", "fps", "pace", "loop"),
    "picture": ("fps", "pace", "loop"),
    "page": (
        "day",
        "fps",
        "pace",
        "every",
        "loop",
        "size",
        "scale",
        "theme",
        "names",
        "language",
        "font",
        "focus",
        "precision",
        "map_alone",
    ),
}
_KINDS = {
    "movie": "an animation",
    "folder": "a folder of frames",
    "picture": "one day's picture",
    "page": "the player, which has its own",
}
LEAST_FPS, MOST_FPS = 0.1, 50
_SAMPLED_FRAMES = 8
_FRAME = re.compile(r"\d{4}_\d{4}-\d{2}-\d{2}\.png")


class RenderError(ValueError):
    """A picture that cannot be made: every option that is wrong, with what is expected."""


@style.context("default")
def render(
    timeline: Timeline | Mapping[str, Timeline],
    path: str | Path | BinaryIO,
    *,
    format: str | None = None,
    day: Day | None = None,
    fps: float | None = None,
    pace: str | None = None,
    every: int = 1,
    loop: bool = True,
    size: tuple[int, int] | None = None,
    scale: float = 1.0,
    theme: str = "light",
    names: str = "latin",
    language: str | None = None,
    font: str | None = None,
    focus: str | None = None,
    precision: bool = False,
    map_alone: bool = False,
    title: str | None = None,
    place: str | None = None,
    side: str | None = None,
    chapters: Any = None,
    progress: bool = False,
) -> Drawn:
    """
    Write a timeline to `path` and return it, which a notebook shows; what is written, the suffix says. Several, `{"name": timeline, ...}`, stand side by side.

    `.gif`, `.mp4` and `.webm` are a frame a day (video needs the extra `video`); `.png`, `.svg` and `.pdf` one day; no suffix is a
    folder of frames, named `0001_2013-04-04.png` and so on; `.html` is the player, one file that opens anywhere, with a switch between
    several. Each file is written beside its place and then renamed into it, so that an older one is replaced whole or not at all;
    folders that are missing are made. The same timeline gives the same bytes, whatever style matplotlib is set to.

    Parameters
    ----------
    timeline
        What to draw; several must share theatre and days.
    path
        Where to write; or a file that is open for writing bytes.
    format
        For an open file whose name has no suffix: the suffix that says what is written, such as ".png".
    day
        The day of a picture, by default the last.
    fps
        Days a second of a movie at an even pace, from 0.1 to 50, by default 3; chapters and the last day are held three seconds.
    pace
        "reading", the default without `fps`: a day on which something changed is held as long as its words take to read, at 3.5 a second
        and at least 1.2 s, any other 0.12 s, and colours pass over from day to day; or "even".
    every
        A frame every so many days, from the first on, and the last; what changed between them is told with the next.
    loop
        Whether a GIF begins again when it ends.
    size
        Width and height of the sheet, pixels, by default 1280 x 800; of each part, 1000 x 625, where several stand side by side.
    scale
        How many times finer to draw than `size` says, in each direction.
    theme
        "light" or "dark".
    names
        "latin", "ar" (Arabic names, where places have one) or "both".
    language
        The code of the language whose names places bear, such as "ku" for the property `name_ku` of `places.geojson`; with `names="both"`
        below the Latin ones.
    font
        The name or file of a font to write with; letters that it lacks are taken from others of the machine.
    focus
        A place with parts, such as "qusayr", that fills the map, with its buildings by name; the panel shows where it lies.
    precision
        Whether to draw around each estimated place the circle within which it is trusted to lie.
    map_alone
        Whether the map has the sheet to itself: without title, words of the day, legend, small maps, and sources, which are to be named beside it.
    title
        A title in place of the theatre's.
    place, side
        Whose ways out are shown: by default those of the first place that has parts, for the side that is said to be besieged there.
    chapters
        Headlines by day, `{day: headline}` or `{day: (headline, sentence)}`, written above the map; a movie holds on them. Without, the
        headline is the day's strongest event. The player takes `title`, `place`, `side` and these alone: see `qsim.page.write`. An option
        that has no effect on what is written is refused.
    progress
        Whether to show a bar on the standard error while frames are drawn.

    Raises
    ------
    RenderError
        When the suffix or an option is wrong (all are told at once), several timelines do not share theatre and days, or the extra
        `video` is needed and missing.
    PageError
        When a page cannot be made of the timelines.
    TimelineError
        When `day` lies outside the timeline.
    TheatreError
        When `place`, `side` or `focus` is not of the theatre, the side has no bases, or what is in focus no parts.
    FontError
        When there is no such font.

    Warns
    -----
    FontWarning
        Once, when there are letters that no font of the machine has.
    FlashWarning
        When days stand longer than asked for, since a large part of the picture would flash.
    """
    drawn: dict[str, Any] = {"size": size, "scale": scale, "theme": theme, "names": names, "language": language}
    drawn |= {"font": font, "focus": focus, "precision": precision, "map_alone": map_alone}
    shown: dict[str, Any] = {"title": title, "place": place, "side": side, "chapters": chapters}
    given = {"day": day, "fps": fps, "pace": pace, "every": every, "loop": loop, **drawn, **shown}
    if not isinstance(path, str | Path):
        return _into_file(timeline, path, format, **given, progress=progress)
    path, wrong = Path(path), []
    if format is not None:
        wrong.append(f"format={format!r}: expected only for an open file; the suffix of {str(path)!r} says what is written")
    wrong += _idle(path, given)
    if path.suffix.lower() == ".html":
        _raise(wrong)
        from qsim import page

        return Drawn(page.write(timeline, path, **shown, progress=progress))
    alone = isinstance(timeline, Timeline)
    timelines = {"": timeline} if isinstance(timeline, Timeline) else dict(timeline)
    sheet = {"theme": theme, "size": size or (SIZE if alone else SIZE_ABREAST), "scale": scale, "names": names, "language": language}
    chosen = _checked(path, timelines, fps=fps, pace=pace, every=every, loop=loop, wrong=wrong, **sheet)
    some = next(iter(timelines.values()))
    written = texts(timelines.values(), chosen.language, [title or "", *timelines, *(str(told) for told in (chapters or {}).values())])
    chosen = replace(chosen, family=families(written, font))
    position = len(some) - 1 if day is None else some.position(day)
    place, side = whose(some, place, side)
    options: dict[str, Any] = {"place": place, "side": side, "every": every, "title": title, "precision": precision, "map_alone": map_alone}
    options |= {"chapters": headlines(some, chapters), "focus": None if focus is None else some.theatre.place(focus).id}
    one_day = path.suffix.lower() in PICTURE_SUFFIXES
    options["at"] = position if one_day else None
    with told_once(written), moving("drawing", shown=progress and one_day and len(some.theatre.places) > MOST_DOTS) as moved:
        picture = Telling(some, chosen, **options) if alone else Tellings(timelines, chosen, **options)
        moved(0.5)
        if one_day:
            _write_picture(picture, path, position, chosen, moved)
        else:
            positions = sorted({*range(0, len(some), every), len(some) - 1})
            film = filmed(picture, positions)
            if path.suffix:
                speed = fps or FPS if fps is not None or pace == "even" else None
                _write_movie(film, picture, path, positions, Pace(speed), loop, progress)
            else:
                _write_frames(film, path, some, _tracked(positions, progress))
    return Drawn(path)


def _into_file(timeline: Timeline | Mapping[str, Timeline], file: BinaryIO, format: str | None, **options: Any) -> Drawn:
    """Draw into a file of its own, and write its bytes into an open one."""
    if isinstance(file, TextIOBase) or not hasattr(file, "write"):
        raise RenderError(f"{file!r}: expected a path, or a file that is open for writing bytes")
    name = str(getattr(file, "name", ""))
    suffix = Path(name).suffix.lower() or f".{(format or '').removeprefix('.').lower()}"
    if suffix not in SUFFIXES or (format and suffix != f".{format.removeprefix('.').lower()}"):
        raise RenderError(
            f"format={format!r} for the open file {name!r}: expected one of {', '.join(SUFFIXES)}, as the name says where it does"
        )
    with TemporaryDirectory() as folder:
        content = render(timeline, Path(folder) / f"drawn{suffix}", **options).read_bytes()
    file.write(content)
    return Drawn.into_file(name or f"drawn{suffix}", suffix, content)


def _idle(path: Path, given: Mapping[str, Any]) -> list[str]:
    """Return every option that differs from its default and has no effect on what the suffix asks for."""
    suffix = path.suffix.lower()
    if suffix and suffix not in SUFFIXES:
        return []
    kind = "movie" if suffix in (".gif", *VIDEO_SUFFIXES) else "picture" if suffix in PICTURE_SUFFIXES else "page" if suffix else "folder"
    default = {name: each.default for name, each in signature(render).parameters.items()}
    return [f"{name}={given[name]!r}: has no effect on {_KINDS[kind]}" for name in _IDLE[kind] if given[name] != default[name]]


def size_of(text: str | None) -> tuple[int, int] | None:
    """
    Return the width and height that a text such as `1920x1080` names; None for None.

    Raises
    ------
    RenderError
        When it names none.
    """
    if text is None:
        return None
    found = re.fullmatch(r"\s*(\d{1,5})\s*[x×]\s*(\d{1,5})\s*", text)
    if not found:
        raise RenderError(f"size={text!r}: expected width and height in pixels, such as 1280x800")
    return int(found[1]), int(found[2])


def filmed(picture: Telling | Tellings, positions: Iterable[int]) -> Film:
    """Return a film of a picture, whose palette fits the days at these positions; what stands still is rendered once, and kept."""
    shown = np.array(list(positions))
    sampled = shown[np.unique(np.linspace(0, len(shown) - 1, _SAMPLED_FRAMES).round().astype(int))].tolist()
    return Film(picture, kept(picture.content, lambda: stills(picture)), sampled)


def headlines(timeline: Timeline, chapters: Mapping[Day, str | tuple[str, str]] | None) -> dict[date, tuple[str, str]]:
    """
    Return the headline and the sentence of each chapter by day.

    Raises
    ------
    TimelineError
        When a day lies outside the timeline.
    """
    found = {}
    for moment, told in (chapters or {}).items():
        timeline.position(moment)
        found[as_date(moment)] = (told, "") if isinstance(told, str) else (told[0], told[1])
    return found


def _checked(
    path: Path,
    timelines: Mapping[str, Timeline],
    *,
    fps: float | None,
    pace: str | None,
    every: int,
    loop: bool,
    wrong: list[str],
    **options: Any,
) -> Look:
    """Return the look that is asked for; raise with everything that is wrong at once."""
    suffix = path.suffix.lower()
    if suffix and suffix not in SUFFIXES:
        wrong.append(f"{path.name!r}: unknown suffix {suffix!r}; expected one of {', '.join(SUFFIXES)}, or none for a folder of frames")
    if path.is_dir() if suffix else path.is_file():
        wrong.append(
            f"{path.name!r} is a {'folder' if suffix else 'file'}; expected a {'file' if suffix else 'folder'}, or a name that is free"
        )
    if suffix in VIDEO_SUFFIXES and find_spec("av") is None:
        wrong.append(f"{path.name!r}: {MISSING}")
    if fps is not None and not LEAST_FPS <= fps <= MOST_FPS:
        wrong.append(f"fps={fps!r}: expected days a second, from {LEAST_FPS} to {MOST_FPS}")
    if every < 1:
        wrong.append(f"every={every!r}: expected a number of days, at least 1")
    if pace == "reading" and fps is not None:
        wrong.append(f"fps={fps!r}: has no effect at the pace of reading")
    if pace is not None and pace not in PACES:
        wrong.append(f"pace={pace!r}{nearest(pace, PACES)}; expected one of {', '.join(PACES)}")
    if not timelines:
        wrong.append("no timeline to draw; expected at least one by name")
    some = next(iter(timelines.values()), None)
    for name, other in timelines.items():
        if some is not None and not some.same_days_and_places(other):
            wrong.append(f"{name!r} does not have the days and places of the others: {other!r}")
    language = options["language"]
    known = sorted({code for place in (some.theatre if some else ()) for code in ("ar", *place.local_names) if place.name_in(code)})
    if language is not None and language not in known:
        wrong.append(f"language={language!r}: no place has a name in it; expected one of {', '.join(known) or 'none'}")
    try:
        chosen = look(**options)
    except LookError as error:
        wrong += error.problems
    if suffix in VIDEO_SUFFIXES and not loop:
        wrong.append("loop=False: has no effect on a video, which players repeat or not")
    _raise(wrong)
    return chosen


def _raise(wrong: list[str]) -> None:
    """Raise with everything that is wrong, if anything is."""
    if wrong:
        raise RenderError("; ".join(wrong) if len(wrong) == 1 else "\n  ".join([f"{len(wrong)} problems", *wrong]))


def _write_picture(picture: Telling | Tellings, path: Path, position: int, look: Look, moved: Moved) -> None:
    """Write one day, drawn in full."""
    picture.show(position)
    moved(0.8)
    with beside(path) as temporary:
        if path.suffix.lower() == ".svg":
            temporary.write_text(svg(picture.figure, look, *picture.described(position)), encoding="utf-8", newline="\n")
        else:
            with rc_context(PDF_STYLE):
                picture.figure.savefig(temporary, format=path.suffix.lower()[1:], metadata=UNDATED[path.suffix.lower()])


def _write_frames(film: Film, folder: Path, timeline: Timeline, positions: Iterable[int]) -> None:
    """Write a file a day; frames that an earlier run left there go, and whatever else lies there stays."""
    written = set()
    for i, position in enumerate(positions):
        image = Image.fromarray(film.frame(position))
        image.putpalette(film.palette.tobytes())
        path = folder / f"{i + 1:04d}_{timeline.days[position]}.png"
        with beside(path) as temporary:
            image.save(temporary, format="PNG")
        written.add(path.name)
    for old in folder.iterdir():
        if _FRAME.fullmatch(old.name) and old.name not in written:
            old.unlink()


def _write_movie(
    film: Film, picture: Telling | Tellings, path: Path, positions: Sequence[int], pace: Pace, loop: bool, progress: bool
) -> None:
    """Write an animation or a video, of which only one frame is held at a time."""
    frames = steady(timed(film, picture, _tracked(positions, progress), positions[-1], pace), film.palette)
    with beside(path) as temporary:
        if path.suffix.lower() in VIDEO_SUFFIXES:
            write_video(temporary, path.suffix.lower(), frames, film.palette)
        else:
            with temporary.open("wb") as file:
                write_gif(file, frames, film.palette, loop=loop)


def _tracked(positions: Iterable[int], progress: bool) -> Iterable[int]:
    """Return the positions, with a bar on the standard error that follows them where `progress` is wished."""
    return tracked(list(positions), "drawing days", shown=progress)
