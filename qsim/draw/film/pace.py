"""How long each frame of a film is shown: as long as its words take to read, and never so that a large part of it flashes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol
from warnings import warn

import numpy as np
from numpy.typing import NDArray

from qsim.draw.film.frames import Film
from qsim.draw.film.raster import Picture
from qsim.draw.palette import luminance

HOLD_MS = 3000
QUIET_MS, EVENT_MS, WORDS_A_SECOND = 120, 1200, 3.5  # a day without events; the least of one with; how fast captions are read
FPS = 3.0
_EASE_MS = (50, 50, 50)  # how long each step is shown in which colours pass over to those of the next day
_LEAST_MS = 20  # below which viewers of GIFs slow down
# A flash, as the Web Content Accessibility Guidelines (2.3.1) have it: relative luminance up and down again by a tenth, the darker of
# the two below 0.8, on more of the picture than a quarter of what the eye sees sharply, of a screen of 1024 x 768 some 2.8 %.
MOST_FLASHES, _WITHIN_MS = 3, 1000
_STEP, _BRIGHT, _LARGE = 0.1, 0.8, 0.025
_GRAIN_PX = 4  # one pixel in so many is looked at, each way

Frames = Iterable[tuple[NDArray[np.uint8], int]]


class FlashWarning(UserWarning):
    """Days that stand longer than asked for, since a large part of the picture would flash."""


class Told(Picture, Protocol):
    """A picture that knows what it says of a day."""

    def is_chapter(self, position: int) -> bool:
        """Return whether a day has a headline of its own."""

    def changes(self, position: int) -> bool:
        """Return whether anything changed since the day shown before."""

    def words(self) -> int:
        """Return how many words the day that is shown has to read."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long frames are shown: as long as their words take to read (`fps` none), or so many days a second."""

    fps: float | None = None

    def held_ms(self, picture: Told, position: int, is_last: bool) -> int:
        """Return how long the day that the picture shows is held, milliseconds."""
        if is_last or picture.is_chapter(position):
            return max(HOLD_MS, self._reading_ms(picture) if self.fps is None else 0)
        if self.fps is not None:
            return max(_LEAST_MS, round(1000 / self.fps))
        return self._reading_ms(picture) if picture.changes(position) else QUIET_MS

    @staticmethod
    def _reading_ms(picture: Told) -> int:
        return max(EVENT_MS, round(1000 * picture.words() / WORDS_A_SECOND))


def timed(film: Film, picture: Told, positions: Iterable[int], last: int, pace: Pace) -> Iterator[tuple[NDArray[np.uint8], int]]:
    """Give each frame with the milliseconds it is shown; at the pace of reading, colours pass over from one day to the next."""
    before: NDArray[np.uint8] | None = None
    for position in positions:
        frame = film.frame(position)
        held = pace.held_ms(picture, position, position == last)
        if before is not None and pace.fps is None and picture.changes(position):
            for step, lasting in enumerate(_EASE_MS, 1):
                yield film.between(before, frame, step / (len(_EASE_MS) + 1)), lasting
        yield frame, held
        before = frame


def steady(frames: Frames, palette: NDArray[np.uint8]) -> Iterator[tuple[NDArray[np.uint8], int]]:
    """
    Give frames of codes with the milliseconds they are shown, some of them longer: no large area flashes more than three times a second.

    A flash is two turns of the light. Before the seventh turn of any large area within a second the frame is held until that is over.

    Warns
    -----
    FlashWarning
        Once, where a frame is held longer than it says.
    """
    lights, now, warned = _Lights(luminance(palette)), 0, False
    waiting: tuple[NDArray[np.uint8], int] | None = None
    for frame, held in frames:
        if waiting is not None:
            early = lights.early(frame, now + waiting[1])
            if early and not warned:
                warned = True
                told = f"more than {MOST_FLASHES} times a second would flash a large part of the picture, which harms some who see it"
                warn(f"some days stand longer than asked for: {told}", FlashWarning, stacklevel=2)
            yield waiting[0], waiting[1] + early
            now += waiting[1] + early
        lights.see(frame, now)
        waiting = frame, held
    if waiting is not None:
        yield waiting


class _Lights:
    """How bright each point of a picture was since it last turned brighter or darker, and when it turned the last times."""

    def __init__(self, luminance: NDArray[np.float64]) -> None:
        self._luminance = luminance
        self._codes = np.zeros(0, dtype=np.uint8)  # of the frame that was seen last
        self._extreme, self._rising = np.zeros(0), np.zeros(0, dtype=np.int8)
        self._turns = np.zeros((2 * MOST_FLASHES, 0))

    def early(self, frame: NDArray[np.uint8], now: float) -> int:
        """Return by how many milliseconds a frame would come too early."""
        at, turned, _ = self._turned(frame)
        due = self._turns[0][at[turned != 0]] + _WITHIN_MS - now
        due = np.sort(due[due > 0])[::-1]
        most = int(_LARGE * self._turns.shape[1])
        return int(np.ceil(due[most])) if len(due) > most else 0

    def see(self, frame: NDArray[np.uint8], now: float) -> None:
        """Take a frame that is shown from now on."""
        at, turned, light = self._turned(frame)
        self._codes = frame[::_GRAIN_PX, ::_GRAIN_PX].ravel()
        new = turned != 0
        here = at[new]
        self._turns[:, here] = np.concatenate([self._turns[1:, here], np.full((1, len(here)), float(now))])
        further = (self._rising[at] * (light - self._extreme[at]) > 0) | new
        self._extreme[at[further]] = light[further]
        self._rising[here] = turned[new]

    def _turned(self, frame: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int8], NDArray[np.float64]]:
        """Return the points that have another colour, which of them turn brighter, 1, or darker, -1, and the light of each."""
        codes = frame[::_GRAIN_PX, ::_GRAIN_PX].ravel()
        if not len(self._codes):
            self._codes, self._extreme, self._rising = codes, self._luminance[codes], np.zeros(len(codes), dtype=np.int8)
            self._turns = np.full((2 * MOST_FLASHES, len(codes)), -np.inf)
        at = np.flatnonzero(codes != self._codes)
        light, extreme = self._luminance[codes[at]], self._extreme[at]
        step = light - extreme
        seen = (np.abs(step) >= _STEP) & (np.minimum(light, extreme) < _BRIGHT)
        way = np.sign(step).astype(np.int8)
        return at, np.where(seen & (way != self._rising[at]), way, 0).astype(np.int8), light
