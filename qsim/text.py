"""The replay as text: a map for the terminal, what changed, and who says so."""

import os
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qsim.dates import long_day
from qsim.replay import Replay, Testimony, Why, events
from qsim.theatre import CONTESTED, Theatre
from qsim.timeline import UNKNOWN, Snapshot, Timeline

WIDTH = 80
_MAP_COLUMNS, _SIDEBAR = 58, 20
_RANKS = {"city": 0, "airbase": 1, "town": 2, "crossing": 3, "hill_village": 3}
_RESET = "\x1b[0m"
_LABELS = 8  # places labelled for their size alone
_GREY, _WATER = "#dddddd", "#a9c9dd"


def wants_colour() -> bool:
    """Return whether to write colour: to a terminal, unless NO_COLOR is set or the terminal is dumb."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def text_map(snapshot: Snapshot, *, colour: bool | None = None, mark: Iterable[str] = ()) -> str:
    """
    Return one day as a text map, at most 80 columns wide: a letter a cell, labels, the squares of the city, and a legend.

    Each side shows by the first letter of its id in capitals, `x` is contested, `.` unknown, `~` water. Places in `mark` are labelled first.
    With `colour` (by default when writing to a terminal) cells carry the sides' colours.
    """
    colour = wants_colour() if colour is None else colour
    theatre = snapshot.theatre
    grid = _raster(theatre, _MAP_COLUMNS)
    codes = np.where(grid >= 0, snapshot.status[grid], -2)
    letters = [[_letter(theatre, int(code)) for code in row] for row in codes]
    bold = _write_labels(theatre, grid, letters, tuple(mark))
    sidebar = _sidebar(snapshot, colour)
    lines = []
    for r, row in enumerate(letters):
        cells = [_paint(theatre, letter, int(codes[r, c]), colour, bold[r][c]) for c, letter in enumerate(row)]
        beside = sidebar[r] if r < len(sidebar) else ""
        lines.append("".join(cells) + (f" {beside}" if beside else ""))
    return "\n".join(line.rstrip() for line in lines)


def replay_text(replay: Replay, *, colour: bool | None = None) -> str:
    """Return the map as text, the day, and what changed on it with who says so."""
    snapshot, timeline = replay.snapshot, replay.timeline
    told = events(timeline, snapshot.day)
    title = f"{timeline.theatre.title}  ·  {long_day(snapshot.day)} ({snapshot.day})"
    lines = [shorten(title, WIDTH), text_map(snapshot, colour=colour, mark=[place for event in told for place in event.places])]
    lines += ["", *(changed_lines(timeline, snapshot.day) or ["No change reported today."])]
    return "\n".join(lines)


def changed_lines(timeline: Timeline, moment: object, *, most: int = 6) -> list[str]:
    """Return what changed on a day as wrapped lines, each event with its source and citation."""
    told = events(timeline, moment)  # type: ignore[arg-type]
    lines = [line for event in told[:most] for line in textwrap.wrap(f"- {event}", WIDTH, subsequent_indent="  ")]
    return lines + ([f"- and {len(told) - most} more"] if len(told) > most else [])


def why_text(why: Why, *, most: int = 6, colour: bool | None = None) -> str:
    """Return the claims for and against as a historian's note, wrapped to 80 columns; the newest `most` of each kind."""
    colour = wants_colour() if colour is None else colour
    sure = ", ".join(f"{status} {p:.2f}" for status, p in why.belief.items())
    age = f"Last reported {why.silent_days} day{'s' if why.silent_days != 1 else ''} before."
    since = {None: "Nothing was ever reported of who holds it.", 0: "Reported on this day."}.get(why.silent_days, age)
    lines = [f"{why.name} on {long_day(why.day)}: {why.status}", *_wrap(f"Belief: {sure}. {since}")]
    if why.in_history != why.status:
        lines += _wrap(f"In the most likely history as a whole it is {why.in_history} on this day.")
    if any(told.informed is not None for told in why.supporting + why.opposing):
        lines += _wrap(
            "A claim judged informed 0.90 was so with that probability, in the light of all the others; else it was made up or mistaken."
        )
    headings = (
        (f"For {why.status}", why.supporting),
        ("Said of it" if why.status == UNKNOWN else "Against", why.opposing),
        ("Otherwise, before it last changed", why.earlier),
        ("Beside: rings, roads, parts, losses", why.beside),
    )
    for heading, told in headings:
        if told:
            lines += ["", f"{heading} ({len(told)})"]
            shown = most // 2 if told in (why.beside, why.earlier) else most
            for each in told[:shown]:
                lines += _testimony_lines(each, why)
            if len(told) > shown:
                lines.append(f"  ... and {len(told) - shown} older")
    text = "\n".join(lines)
    return re.sub(r"\*([^*]+)\*", "\x1b[1m\\1\x1b[22m", text) if colour else text


def emphasise(text: str, words: Iterable[str]) -> str:
    """
    Return `text` with every number and every one of the words between asterisks.

    Examples
    --------
    >>> emphasise("It fell on 29 May, said two voices at Abil.", ["Abil"])
    'It fell on *29* May, said two voices at *Abil*.'
    """
    known = sorted({word for word in words if len(word) > 2}, key=len, reverse=True)
    pattern = "|".join([rf"(?<!\w){re.escape(word)}(?!\w)" for word in known] + [r"(?<!\w)\d+(?:[,.]\d+)*(?:\s?%| percent\b)?(?!\w)"])
    return re.sub(pattern, r"*\g<0>*", text, flags=re.IGNORECASE)


@contextmanager
def progress(title: str) -> Iterator[Callable[[str], None]]:
    """Show a line of progress on a terminal's standard error while something long runs; the function given takes what is being done."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda step: None
        return
    with console.status(title) as status:
        yield lambda step: status.update(f"{title}: {step}")


def shorten(text: str, width: int) -> str:
    """Return `text`, cut at a word and ended with `...` where it is longer than `width`."""
    return text if len(text) <= width else textwrap.shorten(text, width, placeholder=" ...")


def _testimony_lines(told: Testimony, why: Why) -> list[str]:
    """Return one claim as lines: who, when, how, what in our words, and the cited words."""
    claim = told.claim
    when = f"{claim.window}" + (f", reported {claim.reported}" if claim.reported else "")
    interest = ", against its own side's interest" if told.against_interest else ""
    voice = f"{told.source} ({told.source_side or 'neutral'}), {claim.confidence}{interest}{_weighed(told)}"
    lines = _wrap(f"{when}  {voice}: {claim.note}", "  ", "      ")
    for citation, words in told.cited[:1]:
        lines += _wrap(f"{citation} “{emphasise(words, why.names)}”", "      ", "      ")
    if len(told.cited) > 1:
        lines += _wrap("also " + ", ".join(citation for citation, _ in told.cited[1:]), "      ", "      ")
    return lines


def _weighed(told: Testimony) -> str:
    """Return how a claim was weighed, in words: the probability that it was informed, and for a weak one why."""
    if told.informed is None:
        return ""
    if told.informed >= 0.5:
        return f", judged informed {told.informed:.2f}"
    reasons = ["not confirmed"] if told.claim.confidence == "unconfirmed" else []
    if told.source_side and not told.against_interest:
        reasons.append("speaks for its own side")
    if told.reliability is not None and told.reliability < 0.7:
        reasons.append(f"a voice held {told.reliability:.2f} reliable")
    return f", weighed down to {told.informed:.2f} ({'; '.join([*reasons, 'others contradict it'])})"


def _wrap(text: str, first: str = "", rest: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False)


@lru_cache(maxsize=8)
def _raster(theatre: Theatre, columns: int) -> NDArray[np.int_]:
    """Return the position of the place whose cell lies under each character, shape (rows, columns), -1 for none."""
    import shapely

    west, south, east, north = theatre.frame
    width = (east - west) * np.cos(np.radians((south + north) / 2))
    rows = max(4, round(columns * (north - south) / width / 2))
    lon, lat = np.meshgrid(
        west + (np.arange(columns) + 0.5) * (east - west) / columns,
        north - (np.arange(rows) + 0.5) * (north - south) / rows,
    )
    polygons = {i: place.polygon for i, place in enumerate(theatre.places) if place.polygon is not None}
    tree = shapely.STRtree(list(polygons.values()))
    grid = np.full(rows * columns, -1)
    points, cells = tree.query(shapely.points(lon.ravel(), lat.ravel()), predicate="intersects")
    grid[points] = np.array(list(polygons))[cells]
    return grid.reshape(rows, columns)


def _letter(theatre: Theatre, code: int) -> str:
    if code == -2:
        return "~"
    if code == -1:
        return "."
    status = theatre.statuses[code]
    return "x" if status == CONTESTED else _initials(theatre)[status]


@lru_cache(maxsize=8)
def _initials(theatre: Theatre) -> dict[str, str]:
    """Return a letter for each side: the first of its id that no side before it has taken, else a digit."""
    taken: dict[str, str] = {}
    for side in theatre.sides:
        letters = [letter for letter in side.id.upper() if letter.isalpha() and letter not in ("X", *taken.values())]
        taken[side.id] = letters[0] if letters else str(len(taken) + 1)
    return taken


def _write_labels(theatre: Theatre, grid: NDArray[np.int_], letters: list[list[str]], first: Sequence[str]) -> list[list[bool]]:
    """Write names over the map, the wanted ones first and none over another; return which characters are label."""
    rows, columns = grid.shape
    west, south, east, north = theatre.frame
    taken = [[False] * columns for _ in range(rows)]
    candidates = [p for p in theatre.places if not p.gateway and p.parent is None and (p.polygon is not None or p.id in theatre.parts)]
    order = {id: i for i, id in enumerate(first)}
    written = 0
    ranked = sorted(candidates, key=lambda p: (p.id not in theatre.parts, order.get(p.id, 99), _RANKS.get(p.kind, 9), -(p.population or 0)))
    for place in ranked:
        if place.id not in order and _RANKS.get(place.kind, 9) > 3 and written >= _LABELS:
            continue
        r = min(rows - 1, max(0, int((north - place.lat) / (north - south) * rows)))
        c = min(columns - 1, max(0, int((place.lon - west) / (east - west) * columns)))
        name = place.name[:20]
        for start in (c + 2, c - len(name) - 1, c - len(name) // 2):
            span = range(start - 1, start + len(name) + 1)
            near = [r + dr for dr in (0,) if 0 <= r + dr < rows]
            if start >= 1 and start + len(name) < columns and not any(taken[y][x] for y in near for x in span):
                for x, letter in zip(range(start, start + len(name)), name, strict=True):
                    letters[r][x], taken[r][x] = letter, True
                for x in (start - 1, start + len(name)):
                    letters[r][x], taken[r][x] = " ", True
                if c not in span[1:-1]:
                    letters[r][c], taken[r][c] = "@" if place.id in theatre.parts else "+", True
                written += 1
                break
    return taken


def _sidebar(snapshot: Snapshot, colour: bool) -> list[str]:
    """Return the legend and the squares of each city, as lines to stand right of the map."""
    theatre = snapshot.theatre
    lines = [str(snapshot.day), ""]
    for code, status in [*enumerate(theatre.statuses), (-1, UNKNOWN)]:
        letter = _letter(theatre, code)
        name = theatre.side(status).name if status not in (CONTESTED, UNKNOWN) else status
        lines.append(f"{_paint(theatre, f' {letter} ', code, colour, False)} {textwrap.shorten(name, _SIDEBAR - 4, placeholder='')}")
    lines += [f"{_paint(theatre, ' ~ ', -2, colour, False)} water", ""]
    for city, parts in theatre.parts.items():
        side = round(len(parts) ** 0.5)
        lines += [f"{theatre.place(city).name}, {theatre.parts_named(city)}"]
        ordered = sorted(parts, key=lambda id: (-round(theatre.place(id).lat, 4), theatre.place(id).lon))
        for start in range(0, len(ordered), side):
            row = [int(snapshot.status[theatre.index[id]]) for id in ordered[start : start + side]]
            lines.append("".join(_paint(theatre, f" {_letter(theatre, code)} ", code, colour, False) for code in row))
    return lines


def _paint(theatre: Theatre, text: str, code: int, colour: bool, label: bool) -> str:
    """Return text on the colour of a status, or as it is without colour."""
    if not colour:
        return text
    status = UNKNOWN if code < 0 else theatre.statuses[code]
    shade = _WATER if code == -2 else _GREY if status == UNKNOWN else "#ffffff" if status == CONTESTED else theatre.side(status).colour
    red, green, blue = (int(shade[i : i + 2], 16) for i in (1, 3, 5))
    dark = red * 0.299 + green * 0.587 + blue * 0.114 < 140
    ink = "97" if dark else "30"
    return f"\x1b[48;2;{red};{green};{blue}m\x1b[{'1;' if label else ''}{ink}m{text}{_RESET}"
