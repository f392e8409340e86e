"""The replay at the terminal: single keys and short commands, completion of names and days, and pipes."""

import re
import sys
import textwrap
from collections.abc import Callable

from qsim.belief.replay import Replay
from qsim.belief.statuses import status_names
from qsim.belief.timeline import UNKNOWN, Timeline, TimelineError
from qsim.record.dates import DateError, Day
from qsim.record.signs import visible
from qsim.record.theatre import TheatreError
from qsim.terminal.keys import has_keys
from qsim.terminal.screen import watch
from qsim.terminal.text import replay_text, why_text

HELP = """\
n, Enter [DAYS]  next day          b [DAYS]    a day back
N                next change       B           change before
g DAY            go to a day       w PLACE     why: who says so of a place
p                places            h           this help
q                quit
Whole words do as well: next, back, goto, why, places, help, quit."""

_WORDS = {"next": "n", "back": "b", "goto": "g", "why": "w", "places": "p", "help": "h", "quit": "q", "exit": "q", "change": "N", "?": "h"}


def play(timeline: Timeline, start: Day | None = None) -> None:
    """
    Let the user step through the timeline: by single keys on a terminal, see `qsim.terminal.screen`; else by commands, one a line.
    """
    replay = Replay(timeline, start)
    if has_keys():
        return watch(replay, _places)
    typed = sys.stdin.isatty()
    if typed:
        _complete(timeline)
    print(replay_text(replay))
    print(f"\n{len(timeline)} days; h for help")
    while True:
        try:
            line = input(f"qsim {replay.day}> " if typed else "")
        except KeyboardInterrupt:  # as a shell does: what was typed is dropped, and the reader asked anew
            print()
            if not typed:
                return None
            continue
        except EOFError:
            print()
            return None
        if not typed:
            print(f"qsim {replay.day}> {line}")
        answer = obey(replay, line)
        if answer is None:
            return None
        print(answer)


def obey(replay: Replay, line: str) -> str | None:
    """Carry out one command and return what to print; None to quit. What cannot be done is told, and changes nothing."""
    word, _, rest = line.strip().partition(" ")
    key = _WORDS.get(word.lower(), word) if word not in ("N", "B") else word
    rest = rest.strip()
    if key == "q":
        return None
    if key == "h":
        return HELP
    if re.match(r"\d{4}", key):
        key, rest = "g", word
    moves: dict[str, Callable[[], Replay]] = {
        "": replay.forward,
        "n": lambda: replay.forward(_count(rest)),
        "b": lambda: replay.back(_count(rest)),
        "N": replay.next_change,
        "B": replay.previous_change,
        "g": lambda: replay.goto(rest),
    }
    try:
        if key == "p":
            return _places(replay)
        if key == "w" and not rest:
            return "w PLACE: name a place, such as " + next(iter(replay.timeline.theatre.index))
        if key == "w":
            return why_text(replay.why(rest))
        if key in moves:
            return replay_text(moves[key]())
    except (TimelineError, TheatreError, DateError) as problem:
        return visible(str(problem))
    return f"unknown command {word!r}; h for help"


def _count(text: str) -> int:
    if not text:
        return 1
    if not re.fullmatch("0*[1-9][0-9]{0,4}", text):
        raise TimelineError(f"{text[:20]!r} is not a number of days; expected one from 1 to 99999")
    return int(text)


def _places(replay: Replay) -> str:
    """Return every place with its status and the age of its last report; a status that nobody ever reported is inferred."""
    snapshot = replay.snapshot
    places = [place for place in snapshot.theatre.places if not place.gateway]
    wide = max(len(place.id) for place in places)
    names = status_names(snapshot.theatre)
    column = max(map(len, names.values()))
    rows = []
    for place in places:
        status = snapshot.status_of(place.id)
        row = f"{place.id:<{wide}} {names[status]:<{column}} {_age(snapshot.silent_days(place.id), status):<25} "
        rows += textwrap.wrap(visible(row + place.name), 100, subsequent_indent=" " * len(row))
    return "\n".join(rows)


def _age(silent_days: int | None, status: str) -> str:
    """Return how long ago a place was last spoken of, in words."""
    if silent_days is None:
        return "never reported" + ("" if status == UNKNOWN else " (inferred)")
    return "reported today" if silent_days == 0 else f"silent for {silent_days} day{'s' if silent_days != 1 else ''}"


def _complete(timeline: Timeline) -> None:
    """Complete commands, place names and days with the tab key, where the system has readline."""
    try:
        import readline
    except ImportError:
        return
    words = [*_WORDS, *timeline.theatre.index, *map(str, timeline.days)]
    readline.set_completer_delims(" ")
    readline.set_completer(lambda text, state: ([w for w in words if w.startswith(text)] + [None])[state])
    readline.parse_and_bind("tab: complete")
