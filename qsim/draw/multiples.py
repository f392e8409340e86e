"""A timeline as a picture that can be shown day by day; several stand side by side."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure, SubFigure

from qsim.belief.events import Event, events
from qsim.belief.statuses import status_names
from qsim.belief.timeline import Timeline
from qsim.draw.borders import bounded
from qsim.draw.cells import Patchwork
from qsim.draw.charts.trend import Trend
from qsim.draw.figure import new_figure, text_width, whole, write
from qsim.draw.kept import kept_perimeter
from qsim.draw.labels import MOST_DOTS
from qsim.draw.scene import Scene, describe
from qsim.draw.style import Look, is_certain
from qsim.record.dates import long_day
from qsim.record.theatre import Theatre

_FEW_DAYS = 8
_OF_A_DAY = 3  # changes of an earlier day that are told
_BAND_PX, _NOTE_SHARE = 34.0, 0.55
_ALL_KEPT = 200_000  # days times places up to which the ring of all days is worked out for one, and kept for the next that is asked
_EDGE_PX, _NAME_PX, _MOST_PX, _ROW_PX = 40.0, 260.0, 320.0, 18.5


class Telling:
    """
    One timeline on a sheet; `show` puts a day on it, with what changed since the day shown `every` days before.

    Parameters
    ----------
    timeline
        What to show.
    look
        Colours, size, and how fine.
    place, side
        Whose ways out are shown, see `qsim.geography.encirclement.whose`; none where they are None.
    every
        How many days lie between the days that are shown.
    figure
        Where to draw; by default a sheet of its own.
    at
        The position of the only day that is shown, where it is one.
    chapters
        Headline and sentence of some days; of others the strongest event is the headline.
    options
        Those of `Scene`: `title`, ...
    """

    def __init__(
        self,
        timeline: Timeline,
        look: Look,
        *,
        place: str | None,
        side: str | None,
        every: int = 1,
        at: int | None = None,
        figure: Figure | SubFigure | None = None,
        chapters: Mapping[date, tuple[str, str]] | None = None,
        **options: Any,
    ) -> None:
        self._chapters = dict(chapters or {})
        theatre = bounded(timeline)
        trend = None if options.get("map_alone") else Trend.of(timeline, place if place in theatre.parts else None)
        certain = is_certain(theatre, timeline.belief, timeline.status)
        alone = None if at is None or timeline.history.size <= _ALL_KEPT else (at,)
        around = kept_perimeter(timeline, place, side, at=alone) if place is not None and side is not None else None
        shown: dict[str, Any] = {"trend": trend, "certain": certain, "every": every, "perimeter": around, "since": timeline.start}
        self.timeline, self.every = timeline, every
        self._told: dict[date, list[Event]] = {}
        self._all_told = self._tells_earlier = len(theatre.places) <= MOST_DOTS
        if self._all_told:
            self._tell_all()
        shown |= {"named": self._names()} | options
        self.scene = Scene(theatre, place=place, side=side, look=look, figure=figure, **shown)
        self.figure: Figure = self.scene.figure
        self.moving: list[Artist] = self.scene.moving
        self.patchworks: list[Patchwork] = self.scene.patchworks
        self.content = (theatre, look, place, side, shown)

    def _tell_all(self) -> None:
        """Find what changed on every day."""
        self._told, self._all_told = {}, True
        for event in events(self.timeline):
            self._told.setdefault(event.day, []).append(event)

    def _names(self) -> tuple[str, ...]:
        """Return the places (ids) that events name, those that most name first; none where places are so many that only the days shown are looked at."""
        counts = Counter(id for told in self._told.values() for event in told for id in event.places)
        return tuple(id for id, _ in counts.most_common())

    def show(self, position: int) -> None:
        """Put a day on the picture."""
        events = strongest_first(self.timeline.theatre, self._events(position), self.scene.place)
        before = self.timeline._snapshot(self._first(position) - 1) if position >= self.every else None
        told = self._chapters.get(self.timeline.days[position].item()) or ((events[0].text, "") if events else ("", ""))
        count = f"day {position + 1} of {len(self.timeline)}"
        shown: dict[str, Any] = {"headline": told, "count": count, "method": method(self.timeline)}
        shown["earlier"] = self._earlier(self.timeline.days[self._first(position)].item())
        self.scene.show(self.timeline._snapshot(position), events=events, before=before, position=position, **shown)

    def _earlier(self, day: date) -> Iterator[tuple[date, str]]:
        """Give what changed before a day, the newest first, of each day the strongest and how many more, as far as it is asked for; nothing on maps of very many places."""
        for each in sorted((each for each in self._told if each < day), reverse=True) if self._tells_earlier else ():
            told = strongest_first(self.timeline.theatre, self._told[each], self.scene.place)
            more = len(told) - _OF_A_DAY
            for n, event in enumerate(told[:_OF_A_DAY], 1):
                yield each, event.text + (f" – and {more} more" if n == _OF_A_DAY and more > 0 else "")

    def _first(self, position: int) -> int:
        """Return the position of the first day after the day shown before."""
        return (position - 1) // self.every * self.every + 1 if position else 0

    def _events(self, position: int) -> list[Event]:
        """Return what changed since the day shown before."""
        days = self.timeline.days[self._first(position) : position + 1]
        return [event for moment in days for event in self._on(moment.item())]

    def _on(self, moment: date) -> list[Event]:
        """Return what changed on a day: of very many places that is found for a few days by themselves, and then for all."""
        if not self._all_told and moment not in self._told:
            if len(self._told) < _FEW_DAYS:
                self._told[moment] = events(self.timeline, moment)
            else:
                self._tell_all()
        return self._told.get(moment, [])

    def is_chapter(self, position: int) -> bool:
        """Return whether a day has a headline of its own."""
        return self.timeline.days[position].item() in self._chapters

    def words(self) -> int:
        """Return how many words the day that is shown has to read."""
        return self.scene.words()

    def changes(self, position: int) -> bool:
        """Return whether anything changed since the day shown before."""
        return bool(self._events(position))

    def described(self, position: int) -> tuple[str, str]:
        """Return the title of a day's picture, and its places by status in words."""
        snapshot = self.timeline._snapshot(position)
        return f"{self.scene.title}: {snapshot.day}", describe(snapshot)


class Tellings:
    """
    Several timelines of the same days and places side by side, each under its name, two abreast, and where they differ.

    The parameters are those of `Telling`; the look is that of each one's part.
    """

    def __init__(self, timelines: Mapping[str, Timeline], look: Look, **options: Any) -> None:
        self.timelines = dict(timelines)
        columns = 1 if len(timelines) == 1 else 2
        odd = bool(len(timelines) % columns)
        rows = math.ceil(len(timelines) / columns)
        wide, high = look.size
        band = round(_BAND_PX * look.unit)
        # The empty quarter of an odd number of parts holds the list of differences; an even number gets a row for it.
        heights = [band, high] * rows + [0 if odd else round(_NOTE_SHARE * high)]
        self.figure = new_figure(replace(look, size=(columns * wide, sum(heights))))
        grid = self.figure.add_gridspec(len(heights), columns, height_ratios=[max(each, 1e-9) for each in heights])
        tellings = []
        for i, (name, timeline) in enumerate(self.timelines.items()):
            row, column = divmod(i, columns)
            self._entitle(name, self.figure.add_subfigure(grid[2 * row, column]), replace(look, size=(wide, band)))
            part = self.figure.add_subfigure(grid[2 * row + 1, column])
            tellings.append(Telling(timeline, look, figure=part, **options))
        room = grid[-3:-1, 1] if odd else grid[-1, :]
        size = (wide, high + band) if odd else (columns * wide, heights[-1])
        self._note = _Differences(self.figure.add_subfigure(room), replace(look, size=size), self.timelines)
        self._tellings = tellings
        self.moving = [artist for telling in tellings for artist in telling.moving] + self._note.moving
        self.patchworks = [patchwork for telling in tellings for patchwork in telling.patchworks]
        self.content = (tuple(self.timelines), tuple(telling.content for telling in tellings))

    @staticmethod
    def _entitle(name: str, band: SubFigure, look: Look) -> None:
        """Write a name on a band across its part."""
        band.set_facecolor(look.rule)
        room = (look.width_px - 2 * look.margin_px) * look.unit * look.scale
        short = _shortened(name, room, text_width(look.dpi, look.title_pt, "bold", family=look.family))
        write(whole(band, look), look, look.margin_px, _BAND_PX - 7, short, look.title_pt, weight="bold")

    def show(self, position: int) -> None:
        """Put a day on the picture."""
        for telling in self._tellings:
            telling.show(position)
        self._note.show(position)

    def changes(self, position: int) -> bool:
        """Return whether anything changed in any of them since the day shown before."""
        return any(telling.changes(position) for telling in self._tellings)

    def is_chapter(self, position: int) -> bool:
        """Return whether a day has a headline of its own."""
        return any(telling.is_chapter(position) for telling in self._tellings)

    def words(self) -> int:
        """Return how many words the day that is shown has to read, in the part that has most."""
        return max(telling.words() for telling in self._tellings)

    def described(self, position: int) -> tuple[str, str]:
        """Return the title of a day's picture, and the places by status in words, telling by telling."""
        told = {name: telling.described(position) for name, telling in zip(self.timelines, self._tellings, strict=True)}
        title = next(iter(told.values()))[0]
        return title, " ".join(f"{name}: {text}" for name, (_, text) in told.items())


class _Differences:
    """The list of places of which the tellings say different things, in columns: the place, then what each says."""

    def __init__(self, figure: SubFigure, look: Look, timelines: Mapping[str, Timeline]) -> None:
        self._timelines, sheet = timelines, whole(figure, look)
        step = min((look.width_px - 2 * _EDGE_PX - _NAME_PX) / len(timelines), _MOST_PX)
        self._columns = [_EDGE_PX, *(_EDGE_PX + _NAME_PX + i * step for i in range(len(timelines)))]
        top = look.height_px - _EDGE_PX
        self._most = int((top - 150 - _EDGE_PX) // _ROW_PX)
        self._day = write(sheet, look, _EDGE_PX, top, "", look.day_pt, weight="bold")
        self._count = write(sheet, look, _EDGE_PX, top - 62, "", look.title_pt)
        self._measure = text_width(look.dpi, look.text_pt, family=look.family)
        scale = look.unit * look.scale
        self._room = [(_NAME_PX - 12) * scale, *[(step - 12) * scale] * len(timelines)]
        for x, name, room in zip(self._columns[1:], timelines, self._room[1:], strict=True):
            heading = _shortened(name, room, text_width(look.dpi, look.text_pt, "bold", family=look.family))
            write(sheet, look, x, top - 100, heading, look.text_pt, weight="bold")
        self._lists = [write(sheet, look, x, top - 124, "", look.text_pt) for x in self._columns]
        for text in self._lists:
            text.set_linespacing(1.4)
        self.moving: list[Artist] = [self._day, self._count, *self._lists]

    def show(self, position: int) -> None:
        """List the differences of a day."""
        timelines = list(self._timelines.values())
        some, apart = timelines[0], differing(self._timelines, position)
        self._day.set_text(long_day(some.days[position]))
        self._count.set_text(f"They differ on {len(apart)} places and parts of cities." if apart else "They do not differ.")
        shown = apart if len(apart) <= self._most else apart[: self._most - 1]
        told = [timeline._snapshot(position) for timeline in timelines]
        names = [some.theatre.place(place).name for place in shown]
        names += [f"and {len(apart) - len(shown)} more"] * (len(shown) < len(apart))
        called = status_names(some.theatre)
        columns = [names, *([called[snapshot.status_of(place)] for place in shown] for snapshot in told)]
        for text, lines, room in zip(self._lists, columns, self._room, strict=True):
            text.set_text("\n".join(_shortened(line, room, self._measure) for line in lines))


def texts(timelines: Iterable[Timeline], language: str, others: Iterable[str] = ()) -> list[str]:
    """Return what pictures of these timelines have to write: titles, and the names of places, sides, waters and sources."""
    found = [*others]
    for timeline in timelines:
        theatre = timeline.theatre
        found += [theatre.title, *(side.name for side in theatre.sides), *(feature.name for feature in theatre.backdrop)]
        found += [name for place in theatre.places for name in (place.name, place.name_in(language))]
        found += [document.origin for document in theatre.documents.values()]
        found += [source.name for source in timeline.ledger.sources.values()] if timeline.ledger is not None else []
    return found


def strongest_first(theatre: Theatre, told: Sequence[Event], place: str | None) -> list[Event]:
    """Return events by how much they matter: what befalls the place that the map is about, then what most places are of, then as told."""
    own = {place, *theatre.parts.get(place or "", ())}
    return sorted(told, key=lambda event: (not own & set(event.places), -len(event.places)))


def method(timeline: Timeline) -> str:
    """Return how the belief was made, in words that fit a picture."""
    if timeline.ledger is None:
        return timeline.policy
    how = {"hmm": "belief from", "last_claim": "the last claim stands, of", "vote": "a vote of"}.get(
        timeline.policy, f"{timeline.policy} from"
    )
    return f"{how} {len(timeline.ledger):,} claims"


def differing(tellings: Mapping[str, Timeline], position: int) -> list[str]:
    """Return the ids of places on which two tellings name different statuses that day, squares last; silence differs from nobody."""
    timelines = list(tellings.values())
    theatre = timelines[0].theatre
    told = np.stack([timeline.status[position] for timeline in timelines])
    known = np.where(told < 0, np.int8(127), told)
    apart = (told.max(axis=0) >= 0) & (known.min(axis=0) != told.max(axis=0))
    found = [place for place, differs in zip(theatre.places, apart, strict=True) if differs and place.id not in theatre.parts]
    return [place.id for place in sorted(found, key=lambda place: place.parent is not None)]


def _shortened(text: str, room: float, measure: Callable[[str], float]) -> str:
    """Return a text no wider than `room`, cut off with an ellipsis where it is longer."""
    short = text
    while short and measure(short) > room:
        short = short.removesuffix("…")[:-1].rstrip() + "…"
    return short
