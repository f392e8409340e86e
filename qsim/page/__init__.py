"""The player: timelines as one HTML file that opens anywhere, without a network."""

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from qsim.belief.timeline import Timeline
from qsim.page.pack import events_shown, packed, turning_points
from qsim.record import dates
from qsim.record.dates import Day, long_day
from qsim.record.files import beside

__all__ = ["PageError", "document", "notebook", "turning_points", "write"]

SCRIPTS = (
    "record.js",
    "words.js",
    "dom.js",
    "chart.js",
    "raster.js",
    "labels.js",
    "map.js",
    "panel.js",
    "search.js",
    "picture.js",
    "toll.js",
    "tools.js",
    "controls.js",
    "page.js",
)
STYLES = ("page.css", "tools.css")
_FOLDER = Path(__file__).parent
_MODULE_LINES = re.compile(r"^import [^;]*;\n|^export (?=async |function |const |class )", re.MULTILINE)


class PageError(ValueError):
    """A page that cannot be made: no timeline, or several that do not share theatre and days."""


def write(
    timeline: Timeline | Mapping[str, Timeline],
    path: str | Path,
    *,
    title: str | None = None,
    chapters: Mapping[Any, str] | Iterable[tuple[Day, str]] | None = None,
    place: str | None = None,
    side: str | None = None,
) -> Path:
    """
    Write a timeline, or several `{"name": timeline, ...}` with a switch between them, to `path` as one HTML file; return the path.

    The file needs no network and nothing beside it. It is written beside its place and then renamed into it; the same timelines give
    the same bytes.

    Parameters
    ----------
    timeline
        What to show; several must share theatre and days.
    path
        Where to write; folders that are missing are made.
    title
        The page's title, by default the theatre's.
    chapters
        Days and their titles, `{"2013-05-19": "The assault", ...}`; by default the days on which most ground changed.
    place, side
        Whose ways out and ring are shown: by default those of the first place that has parts, for the side that is said to be besieged.

    Raises
    ------
    PageError
        When there is no timeline, or several do not share theatre and days.
    TimelineError
        When a chapter lies outside the timeline.
    TheatreError
        When `place` or `side` is not of the theatre, or the side has no bases.
    """
    path, text = Path(path), document(timeline, title=title, chapters=chapters, place=place, side=side)
    with beside(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    return path


def document(
    timeline: Timeline | Mapping[str, Timeline],
    *,
    title: str | None = None,
    chapters: Mapping[Any, str] | Iterable[tuple[Day, str]] | None = None,
    place: str | None = None,
    side: str | None = None,
) -> str:
    """Return the page as text; parameters and errors are those of `write`."""
    tellings = {timeline.theatre.title: timeline} if isinstance(timeline, Timeline) else dict(timeline)
    some = _checked(tellings)
    named = title if title is not None else some.theatre.title
    pairs = chapters.items() if isinstance(chapters, Mapping) else chapters
    marked = turning_points(some) if pairs is None else sorted((dates.day(when), text) for when, text in pairs)
    for when, _ in marked:
        some.position(when)
    script = "".join(_MODULE_LINES.sub("", _read(name)) for name in SCRIPTS)
    style = "".join(_read(name) for name in STYLES)
    parts = {
        "title": escape(named),
        "description": escape(some.theatre.summary),
        "policy": f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:; base-uri 'none'; form-action 'none'",
        "style": style,
        "record": _record(some),
        "data": packed(tellings, title=named, chapters=marked, place=place, side=side),
        "script": script,
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match[1]], _read("page.html"))


def notebook(timeline: Timeline | Mapping[str, Timeline], *, height_px: int = 900, day: Day | None = None) -> str:
    """Return the page in a frame for a notebook, sealed off from it, on `day` where one is given; errors are those of `write`."""
    page = document(timeline)
    if day is not None:
        page = page.replace("<html ", f'<html data-day="{dates.day(day)}" ', 1)
    inside = escape(page, quote=True)
    return f'<iframe srcdoc="{inside}" title="qsim player" sandbox="allow-scripts allow-downloads" width="100%" height="{height_px}" style="border:0"></iframe>'


def _checked(tellings: Mapping[str, Timeline]) -> Timeline:
    """Return the first timeline; raise where there is none, or they cannot be switched between."""
    if not tellings:
        raise PageError("no timeline to show; expected at least one by name")
    first = next(iter(tellings.values()))
    for name, other in tellings.items():
        if not first.same_days_and_places(other):
            raise PageError(f"{name!r} does not have the days and places of the others: {other!r}")
    return first


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """Return what a Content-Security-Policy calls an inline script or style by."""
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()


def _record(timeline: Timeline) -> str:
    """Return what changed, day by day with who says so, as a list for readers without scripts, and for search."""
    items = [f"<li><time>{escape(str(e.day))}</time> ({escape(long_day(e.day))}) {escape(str(e))}</li>" for e in events_shown(timeline)]
    return "\n".join(items)
