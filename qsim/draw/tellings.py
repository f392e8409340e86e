"""Several timelines in one picture: what each side told, day by day, side by side."""

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from qsim.dates import Day, long_day
from qsim.draw import movie
from qsim.draw.files import beside
from qsim.draw.look import LOOK
from qsim.draw.movie import HOLD_MS, RenderError
from qsim.ring import whose
from qsim.text import shorten
from qsim.timeline import Timeline

SUFFIXES = (".gif", ".png")
_PANEL_PX = 1000
_BAND_PX, _HEAD_PX = 34, 22
_LISTED = 18


def render(
    timeline: Timeline | Mapping[str, Timeline],
    path: str | Path,
    *,
    day: Day | None = None,
    fps: float = 3,
    progress: bool = False,
    place: str | None = None,
    side: str | None = None,
    title: str | None = None,
    chapters: Any = None,
) -> Path:
    """
    Write a timeline to `path`, as `qsim.draw.movie.render` does; several, `{"name": timeline, ...}`, are put side by side under their names.

    `.html` is the player, one file that opens anywhere, with a switch between several (`qsim.page.write`, which takes `title` and
    `chapters`). For several, `.gif` is a frame a day, `.png` one day, no suffix a folder of frames; `place` and `side` pick the ways out shown in all.

    Raises
    ------
    RenderError
        When the suffix is not known, `fps` is not above zero, or several timelines do not share theatre and days.
    PageError
        When a page cannot be made of the timelines.
    TimelineError
        When `day` lies outside the timeline.
    TheatreError
        When `place` or `side` is not of the theatre.
    """
    if Path(path).suffix.lower() == ".html":
        from qsim import page

        return page.write(timeline, path, title=title, chapters=chapters)
    if isinstance(timeline, Timeline):
        return movie.render(timeline, path, day=day, fps=fps, progress=progress, place=place, side=side)
    path, tellings = Path(path), dict(timeline)
    _check(tellings, path, fps)
    some = next(iter(tellings.values()))
    place, side = whose(some, place, side)
    if path.suffix.lower() == ".png":
        position = len(some) - 1 if day is None else some.position(day)
        _write(next(_sheets(tellings, [position], place, side)), path, format="PNG", optimize=True)
        return path
    drawn = _sheets(tellings, _counted(len(some), progress), place, side)
    if path.suffix:
        _write_gif(drawn, len(some), path, fps)
    else:
        for i, image in enumerate(drawn):
            _write(image, path / f"{i + 1:04d}_{some.days[i]}.png", format="PNG")
    return path


def differing(tellings: Mapping[str, Timeline], position: int) -> list[str]:
    """Return the ids of places on which two tellings name different statuses that day, squares last; silence differs from nobody."""
    timelines = list(tellings.values())
    theatre = timelines[0].theatre
    told = np.stack([timeline.history[position] for timeline in timelines])
    known = np.where(told < 0, np.int8(127), told)
    apart = (told.max(axis=0) >= 0) & (known.min(axis=0) != told.max(axis=0))
    found = [place for place, differs in zip(theatre.places, apart, strict=True) if differs and place.id not in theatre.parts]
    return [place.id for place in sorted(found, key=lambda place: place.parent is not None)]


def _check(tellings: Mapping[str, Timeline], path: Path, fps: float) -> None:
    """Raise where the timelines cannot stand side by side, or the file cannot be written."""
    if path.suffix.lower() not in ("", *SUFFIXES):
        known = ", ".join(SUFFIXES)
        raise RenderError(f"{path.name!r}: several timelines make {known}, or a folder of frames without a suffix; not {path.suffix!r}")
    if not fps > 0:
        raise RenderError(f"fps={fps!r}: expected days a second, above zero")
    if not tellings:
        raise RenderError("no timeline to draw; expected at least one by name")
    first = next(iter(tellings.values()))
    for name, other in tellings.items():
        if not np.array_equal(first.days, other.days) or first.theatre.index != other.theatre.index:
            raise RenderError(f"{name!r} does not have the days and places of the others: {other!r}")


def _sheets(tellings: Mapping[str, Timeline], positions: Iterable[int], place: str | None, side: str | None) -> Iterator[Image.Image]:
    """Draw the days at `positions`, every telling a panel under its name, two panels abreast, and where they differ."""
    positions, copies = itertools.tee(positions)
    streams = [
        movie.frames(each, days, place=place, side=side)
        for each, days in zip(tellings.values(), itertools.tee(copies, len(tellings)), strict=True)
    ]
    # The empty quarter of an odd number of panels holds the list; an even number gets a row for it.
    columns = 1 if len(tellings) == 1 else 2
    for position, panels in zip(positions, zip(*streams, strict=True), strict=False):
        width, height = _PANEL_PX, round(_PANEL_PX * panels[0].height / panels[0].width)
        cells = [_panel(name, panel, width, height) for name, panel in zip(tellings, panels, strict=True)]
        cells.append(_note(tellings, position, width, height + _BAND_PX))
        rows = math.ceil(len(cells) / columns)
        sheet = Image.new("RGB", (columns * width, rows * (height + _BAND_PX)), LOOK.paper)
        for i, cell in enumerate(cells):
            sheet.paste(cell, (i % columns * width, i // columns * (height + _BAND_PX)))
        yield sheet


def _panel(name: str, drawn: Image.Image, width: int, height: int) -> Image.Image:
    """Return one telling under its name."""
    panel = Image.new("RGB", (width, height + _BAND_PX), LOOK.ink)
    panel.paste(drawn.resize((width, height), Image.Resampling.LANCZOS), (0, _BAND_PX))
    ImageDraw.Draw(panel).text((12, 5), f"Told by: {name}", font=_font(_HEAD_PX, bold=True), fill=LOOK.paper)
    return panel


def _note(tellings: Mapping[str, Timeline], position: int, width: int, height: int) -> Image.Image:
    """Return a panel that lists where the tellings differ on a day, and what each says."""
    note = Image.new("RGB", (width, height), LOOK.paper)
    draw = ImageDraw.Draw(note)
    some = next(iter(tellings.values()))
    apart = differing(tellings, position)
    draw.text((40, 40), long_day(some.days[position]), font=_font(40, bold=True), fill=LOOK.ink)
    draw.text((40, 96), f"The tellings differ on {len(apart)} places and parts of cities.", font=_font(_HEAD_PX), fill=LOOK.ink)
    columns = [40, *(300 + i * (width - 320) // len(tellings) for i in range(len(tellings)))]
    for x, name in zip(columns[1:], tellings, strict=True):
        draw.text((x, 136), name, font=_font(17, bold=True), fill=LOOK.ink)
    for row, place in enumerate(apart[:_LISTED]):
        told = [timeline._snapshot(position).most_likely(place) for timeline in tellings.values()]
        for x, text in zip(columns, (some.theatre.place(place).name, *told), strict=True):
            draw.text((x, 162 + row * 24), shorten(text, 26), font=_font(16), fill=LOOK.faint_ink if text == "unknown" else LOOK.ink)
    if len(apart) > _LISTED:
        draw.text((40, 166 + _LISTED * 24), f"and {len(apart) - _LISTED} more", font=_font(16), fill=LOOK.faint_ink)
    return note


def _write_gif(drawn: Iterator[Image.Image], days: int, path: Path, fps: float) -> None:
    """Write a frame a day, all with the palette of the first: its legends show every status."""
    first = next(drawn)
    palette = first.quantize(255, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    frames = (image.quantize(palette=palette, dither=Image.Dither.NONE) for image in drawn)
    durations = [max(20, round(100 / fps) * 10)] * (days - 1) + [HOLD_MS]
    _write(palette, path, format="GIF", save_all=True, append_images=frames, duration=durations, loop=0, optimize=False)


def _write(image: Image.Image, path: Path, **options: Any) -> None:
    """Save an image whole or not at all."""
    with beside(path) as temporary:
        image.save(temporary, **options)


def _counted(days: int, progress: bool) -> Iterable[int]:
    """Return the positions of the days, with a bar on the standard error where `progress` is wished."""
    if not progress:
        return range(days)
    from rich.console import Console
    from rich.progress import track

    return track(range(days), description="drawing days", console=Console(stderr=True), transient=True)


def _font(size_px: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Return the type of all pictures, which comes with matplotlib."""
    return ImageFont.truetype(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"DejaVuSans{'-Bold' if bold else ''}.ttf", size_px)
