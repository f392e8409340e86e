"""The player: timelines as one HTML file that opens anywhere, without a network."""

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

from qsim.belief.events import Event
from qsim.belief.timeline import Timeline
from qsim.page.bidi import all_set_apart, set_apart, short
from qsim.page.blobs import squeezed
from qsim.page.pack import recorded
from qsim.page.story import chapters_told, events_shown, turning_points
from qsim.page.vignette import story_html
from qsim.record import dates
from qsim.record.dates import Day, long_day
from qsim.record.files import beside

__all__ = ["PageError", "document", "notebook", "turning_points", "write"]

SCRIPTS = (
    "record.js",
    "words.js",
    "dom.js",
    "fills.js",
    "chart.js",
    "raster.js",
    "labels.js",
    "map.js",
    "walk.js",
    "compare.js",
    "inset.js",
    "panel.js",
    "search.js",
    "picture.js",
    "toll.js",
    "story.js",
    "span.js",
    "tools.js",
    "controls.js",
    "page.js",
)
STYLES = ("page.css", "tools.css", "story.css")
_FOLDER = Path(__file__).parent
_MODULE_LINES = re.compile(r"^import [^;]*;\n|^export (?=async |function |const |class )", re.MULTILINE)


# Days with a headline, or a headline and a sentence.
Chapters = Mapping[Any, str | tuple[str, str]] | Iterable[tuple[Day, str | tuple[str, str]]]


class PageError(ValueError):
    """A page that cannot be made: no timeline, or several that do not share theatre and days."""


def write(
    timeline: Timeline | Mapping[str, Timeline],
    path: str | Path,
    *,
    title: str | None = None,
    chapters: Chapters | None = None,
    place: str | None = None,
    side: str | None = None,
    progress: bool = False,
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
        Days and their headlines, `{"2013-05-19": "The assault", ...}`, or `(headline, sentence)`; by default the days on which most ground
        changed. They are a story as well: of each day what is believed and who says so, which can be read without scripts too.
    place, side
        Whose ways out and ring are shown: by default those of the first place that has parts, for the side that is said to be besieged.
    progress
        Show on a terminal how far a large page has come.

    Raises
    ------
    PageError
        When there is no timeline, or several do not share theatre and days.
    TimelineError
        When a chapter lies outside the timeline.
    TheatreError
        When `place` or `side` is not of the theatre, or the side has no bases.
    """
    path, text = Path(path), document(timeline, title=title, chapters=chapters, place=place, side=side, progress=progress)
    with beside(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    return path


def document(
    timeline: Timeline | Mapping[str, Timeline],
    *,
    title: str | None = None,
    chapters: Chapters | None = None,
    place: str | None = None,
    side: str | None = None,
    progress: bool = False,
) -> str:
    """Return the page as text; parameters and errors are those of `write`."""
    tellings = {timeline.theatre.title: timeline} if isinstance(timeline, Timeline) else dict(timeline)
    some = _checked(tellings)
    named = title if title is not None else some.theatre.title
    events = events_shown(some, progress=progress)
    marked = _marked(some, chapters, events)
    marked = [(day, short(headline), sentence) for day, headline, sentence in marked]
    told = [(day, headline) for day, headline, _ in marked]
    head, blobs = recorded(tellings, title=named, chapters=told, events=events, place=place, side=side, progress=progress)
    story = chapters_told(some, marked, events, head["tellings"][0]["ring"])
    script = "".join(_MODULE_LINES.sub("", _read(name)) for name in SCRIPTS)
    style = "".join(_read(name) for name in STYLES)
    parts = {
        "title": escape(set_apart(short(named, some.theatre.name))),
        "description": escape(set_apart(some.theatre.summary)),
        "policy": f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:; base-uri 'none'; form-action 'none'",
        "style": style,
        "story": story_html(some, story, head),
        "record": _record(events),
        "data": squeezed(all_set_apart(head), blobs, progress=progress),
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


def _marked(timeline: Timeline, chapters: Chapters | None, events: Sequence[Event]) -> list[tuple[date, str, str]]:
    """Return the day, the headline and the sentence, which may be blank, of each chapter, in order; raise where a day lies outside."""
    pairs = turning_points(timeline, events=events) if chapters is None else chapters.items() if isinstance(chapters, Mapping) else chapters
    told = [(dates.day(when), *((text, "") if isinstance(text, str) else (text[0], text[1]))) for when, text in pairs]
    for when, _, _ in told:
        timeline.position(when)
    return sorted(told)


def _record(events: Iterable[Event]) -> str:
    """Return what changed, day by day with who says so, as a list for readers without scripts, and for search."""
    items = [f"<li><time>{escape(str(e.day))}</time> ({escape(long_day(e.day))}) {escape(set_apart(str(e)))}</li>" for e in events]
    return "\n".join(items)
