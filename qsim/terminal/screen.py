"""The replay on a whole screen: redrawn in place, a key a command, as large as the window is."""

import shutil
import sys
from collections.abc import Callable, Sequence

from qsim.belief.replay import Replay
from qsim.belief.timeline import TimelineError
from qsim.record.dates import DateError
from qsim.record.signs import visible
from qsim.record.theatre import TheatreError
from qsim.terminal.colours import clusters, writable
from qsim.terminal.figures import Ahead
from qsim.terminal.keys import key, raw
from qsim.terminal.text import replay_text, why_text

KEYS = """\
n, right, Enter   next day            b, left    a day back
N, down           next change         B, up      change before
Home, End         first and last day  space      play, and stop
g                 go to a day         w          why: who says so of a place
/                 find a place        p          all places
h, ?              this help           q          quit

Ctrl-C stops playing, or drops what is being typed."""
PACE = 0.4  # seconds a day, while playing
GLANCE = 0.2  # seconds after which it is asked again whether more can be told


class Screen:
    """A replay on the terminal's screen; `read` gives the next key, within so many seconds where they are given."""

    def __init__(self, replay: Replay, read: Callable[[float | None], str] = key, *, places: Callable[[Replay], str]) -> None:
        self.replay, self._read, self._places = replay, read, places
        self._ahead = Ahead(replay.timeline)
        self._message = ""

    def run(self) -> None:
        """Show days and obey keys until the reader quits."""
        playing = False
        while True:
            self.draw(playing)
            pressed = self._pressed(playing)
            if pressed in ("q", "end of file"):
                return
            playing = self._obey(pressed, playing)

    def _pressed(self, playing: bool) -> str:
        """Return the next key; empty when a day is over while playing, and when there are figures to tell that were not there before."""
        while not playing and not self._ahead.whole:
            if not self._ahead.waiting:
                return ""
            if pressed := self._read(GLANCE):
                return pressed
        return self._read(PACE if playing else None)

    def draw(self, playing: bool = False) -> None:
        """Redraw the day, within the window as it is now."""
        replay, (wide, high) = self.replay, shutil.get_terminal_size()
        position = replay.timeline.position(replay.day)
        foot = self._message or f"day {position + 1} of {len(replay)}  ·  {'playing; space stops' if playing else 'h for help'}"
        text = replay_text(replay, width=wide, height=high - 1, figures=self._ahead.told(replay.day))
        lines = [*text.splitlines()[: high - 1]]
        over = "".join(f"\x1b[{row};1H{writable(line)}\x1b[K" for row, line in enumerate(lines, 1))
        sys.stdout.write(over + f"\x1b[J\x1b[{high};1H" + writable("".join(clusters(foot)[: wide - 1])))
        sys.stdout.flush()
        self._message = ""

    def _obey(self, pressed: str, playing: bool) -> bool:
        """Obey one key, and return whether days go on by themselves."""
        replay = self.replay
        if pressed == "" and playing:
            last = replay.timeline.position(replay.day) == len(replay) - 1
            if not last:
                replay.forward()
            return not last
        moves: dict[str, Callable[[], object]] = {
            **dict.fromkeys(("n", "right", "enter"), replay.forward),
            **dict.fromkeys(("b", "left"), replay.back),
            **dict.fromkeys(("N", "down"), replay.next_change),
            **dict.fromkeys(("B", "up"), replay.previous_change),
            "home": lambda: replay.goto(replay.timeline.days[0]),
            "end": lambda: replay.goto(replay.timeline.days[-1]),
            "g": lambda: self._ask("go to (year-month-day): ", replay.goto),
            "w": lambda: self._ask("why, place: ", lambda name: self.page(why_text(replay.why(name)))),
            "/": lambda: self._ask("find: ", self._find),
            "p": lambda: self.page(self._places(replay)),
            **dict.fromkeys(("h", "?"), lambda: self.page(KEYS)),
        }
        if pressed == " ":
            return not playing
        if pressed in moves:
            self._told(moves[pressed])
        elif pressed not in ("interrupt", "escape", ""):
            self._message = f"{pressed!r} is no command; h for help"
        return False

    def page(self, text: str) -> None:
        """Show a text that may be longer than the window: arrows and space move in it, any other key goes back to the map."""
        lines, top = text.splitlines(), 0
        while True:
            wide, high = shutil.get_terminal_size()
            rows = max(1, high - 2)
            top = max(0, min(top, len(lines) - rows))
            foot = (
                "any key: back"
                if len(lines) <= rows
                else f"{top + 1}-{min(len(lines), top + rows)} of {len(lines)}; arrows, space; q: back"
            )
            shown = "\n".join(lines[top : top + rows])
            sys.stdout.write("\x1b[H\x1b[J" + shown + f"\x1b[{high};1H" + foot[: wide - 1])
            sys.stdout.flush()
            step = {"down": 1, "up": -1, " ": rows, "pagedown": rows, "pageup": -rows, "enter": 1}.get(self._read(None))
            if step is None or len(lines) <= rows:
                return
            top += step

    def _ask(self, prompt: str, then: Callable[[str], object]) -> None:
        """Let a line be typed at the foot of the screen; Ctrl-C or Escape drops it."""
        typed = ""
        while True:
            wide, high = shutil.get_terminal_size()
            sys.stdout.write(f"\x1b[{high};1H\x1b[K" + (prompt + typed)[-(wide - 1) :] + "\x1b[?25h")
            sys.stdout.flush()
            pressed = self._read(None)
            if pressed in ("interrupt", "escape", "end of file"):
                break
            if pressed == "enter":
                sys.stdout.write("\x1b[?25l")
                if typed.strip():
                    then(typed.strip())
                return
            if pressed == "\t":
                typed = self._completed(typed)
            else:
                typed = typed[:-1] if pressed == "backspace" else typed + (pressed if len(pressed) == 1 and pressed.isprintable() else "")
        sys.stdout.write("\x1b[?25l")

    def _completed(self, typed: str) -> str:
        """Return what was typed, completed as far as all places that begin with it agree."""
        fits = [id for id in self.replay.timeline.theatre.index if id.startswith(typed.strip().casefold())]
        return _common(fits) or typed

    def _find(self, words: str) -> None:
        """Show the places whose name or spelling holds the words, with who holds them."""
        theatre, snapshot = self.replay.timeline.theatre, self.replay.snapshot
        wanted = words.casefold()
        rows = [
            f"{place.id:<28} {snapshot.status_of(place.id):<14} {place.name}"
            for place in theatre.places
            if not place.gateway and any(wanted in name.casefold() for name in place.names)
        ]
        self.page(visible("\n".join(rows)) or f"no place has {words!r} in its name")

    def _told(self, move: Callable[[], object]) -> None:
        """Do something; where it cannot be done, say why at the foot of the screen."""
        try:
            move()
        except (TimelineError, TheatreError, DateError) as problem:
            self._message = str(problem)


def watch(replay: Replay, places: Callable[[Replay], str]) -> None:
    """Show a replay on the terminal's screen until the reader quits."""
    screen = Screen(replay, places=places)
    with raw():
        screen.run()


def _common(words: Sequence[str]) -> str:
    """Return the longest beginning that all words share."""
    if not words:
        return ""
    low, high = min(words), max(words)
    same = next((i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))
    return low[:same]
