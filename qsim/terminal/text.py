"""The replay as text: a map for the terminal, what changed, and who says so."""

import os
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from qsim.belief.events import Event, events
from qsim.belief.replay import Replay
from qsim.belief.timeline import UNDECIDED, UNKNOWN
from qsim.belief.why import Testimony, Why
from qsim.record.citations import Citation
from qsim.record.dates import long_day
from qsim.record.signs import visible
from qsim.terminal.colours import colours, columns, tame, writable
from qsim.terminal.map import WIDTH, text_map

_EVENT_ROWS = 5  # one row of so many is for what changed
_WORTH_TELLING = 0.01  # of belief, moved by one claim
_LATER = 2  # claims of later days that are told: the next ones
_ON, _OFF = "\x0e", "\x0f"  # around words that are emphasised, until a terminal shows them bold: characters that no document holds


def replay_text(replay: Replay, *, colour: str | None = None, width: int = WIDTH, height: int | None = None, figures: str = "") -> str:
    """
    Return the map as text, the day, what changed on it with who says so, and a line of `figures` where there is one.

    It is at most `width` columns wide and, where a `height` is given, at most so many rows high: the map shrinks, to one size for
    all days, and of what changed as much is told as a fifth of the rows hold.
    """
    snapshot, timeline = replay.snapshot, replay.timeline
    told = events(timeline, snapshot.day)
    moment = f"{long_day(snapshot.day)} ({snapshot.day})"
    title = f"{timeline.theatre.title}  ·  {moment}"
    heading = [title] if columns(title) <= width else [moment, timeline.theatre.title]  # the day first: it must not be cut
    changed = changed_lines(told, width=width) or ["No change reported today."]
    room = None
    if height is not None:
        most = max(1, (height - 3) // _EVENT_ROWS)
        changed = (
            changed if len(changed) <= most else [*changed[: most - 1], shorten(f"{changed[most - 1]} ... ({len(told)} in all)", width)]
        )
        room = height - most - len(heading) - bool(figures)
    lines = [shorten(visible(line), width) for line in heading]
    lines += [text_map(snapshot, colour=colour, mark=[each for event in told for each in event.places], width=width, height=room)]
    lines += [shorten(visible(figures), width)] if figures else [""] if height is None else []
    text = "\n".join([*lines, *map(visible, changed)])
    return writable(text) if colour is None else tame(text, colour)


def changed_lines(told: Sequence[Event], *, most: int = 6, width: int = WIDTH) -> list[str]:
    """Return what changed as wrapped lines, each event with its source and citation."""
    lines = [line for event in told[:most] for line in textwrap.wrap(f"- {event}", width, subsequent_indent="  ")]
    return lines + ([f"- and {len(told) - most} more"] if len(told) > most else [])


def why_text(why: Why, *, most: int = 6, colour: str | None = None) -> str:
    """
    Return the claims for and against as a historian's note, wrapped to 80 columns; the newest `most` of each kind.

    What is quoted is what the document says; where there are colours, numbers and names in it are bold.
    """
    bold = colours(colour) != "none"
    lines = [f"{why.name} on {long_day(why.day)}: {_held(why)}", *_wrap(" ".join(_summary(why)))]
    if any(told.informed is not None for told in why.supporting + why.opposing):
        lines += _wrap(
            "A claim's weight is the chance that its source knew, in the light of all other claims; what remains counts for nothing."
        )
    headings = (
        (f"For {why.named.get(why.status, why.status)}", why.supporting, most, "older"),
        ("Said of it" if why.status in (UNKNOWN, UNDECIDED) else "Against", why.opposing, most, "older"),
        ("Otherwise, before it last changed", why.earlier, most // 2, "older"),
        ("Of later days, heard too", why.later, _LATER, "later"),
        ("Beside: rings, roads, parts, losses", why.beside, most // 2, "older"),
    )
    for heading, told, shown, rest in headings:
        if told:
            lines += ["", f"{heading} ({len(told)})"]
            for each in told[:shown]:
                lines += _testimony_lines(each, why, emphasised=bold)
            if len(told) > shown:
                lines.append(f"  ... and {len(told) - shown} {rest}")
    lines += _rests_on(why, most)
    for id, where in why.elsewhere.items():
        lines += ["", *_wrap(f"{id}: {where}")]
    text = "\n".join(lines)
    text = (
        "".join({_ON: "\x1b[1m", _OFF: "\x1b[22m"}.get(part, visible(part)) for part in re.split(f"([{_ON}{_OFF}])", text))
        if bold
        else text
    )
    return writable(text) if colour is None else tame(text, colour)


def emphasise(text: str, words: Iterable[str]) -> str:
    """
    Return `text` with every number and every one of the words between two marks, which a terminal shows as bold.

    Examples
    --------
    >>> emphasise("It fell on 29 May, said two voices at Abil.", ["Abil"])
    'It fell on \\x0e29\\x0f May, said two voices at \\x0eAbil\\x0f.'
    """
    known = sorted({word for word in words if len(word) > 2}, key=len, reverse=True)
    pattern = "|".join([rf"(?<!\w){re.escape(word)}(?!\w)" for word in known] + [r"(?<!\w)\d+(?:[,.]\d+)*(?:\s?%| percent\b)?(?!\w)"])
    return re.sub(pattern, rf"{_ON}\g<0>{_OFF}", text, flags=re.IGNORECASE)


@contextmanager
def progress(title: str, steps: int = 0) -> Iterator[Callable[[str], None]]:
    """
    Show a line of progress on a terminal's standard error while something long runs; the function given takes what is being done.

    Where it is so many `steps`, the function takes each when it is done, and a bar shows the time that is left.
    """
    forced = {"FORCE_COLOR", "TTY_COMPATIBLE"} & {*os.environ}  # by which a terminal is told of that does not look like one
    if not forced and not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console
    from rich.markup import escape

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda step: None
        return
    if steps:
        from rich.progress import Progress

        with Progress(console=console, transient=True) as bar:
            task = bar.add_task(escape(visible(title)), total=steps)
            yield lambda step: bar.update(task, advance=1, description=escape(visible(f"{title}: {step}")))
        return
    with console.status(escape(visible(title))) as status:
        yield lambda step: status.update(escape(visible(f"{title}: {step}")))


def shorten(text: str, width: int) -> str:
    """Return `text`, cut at a word and ended with `...` where it is longer than `width`."""
    return text if len(text) <= width else textwrap.shorten(text, width, placeholder=" ...")


def _rests_on(why: Why, most: int) -> list[str]:
    """Return what would be believed without each of the claims that move the belief most."""
    if not why.rests_on:
        return []
    heard = {told.claim.id: told for told in (*why.supporting, *why.opposing, *why.earlier, *why.later, *why.beside)}
    weighty = [each for each in why.rests_on if each.moved >= _WORTH_TELLING and each.claim.id in heard][:most]
    if not weighty:
        return ["", *_wrap(f"It rests on no single claim: leaving out any one moves the belief by less than {_WORTH_TELLING:.0%}.")]
    lines = ["", "What it rests on most: without this one claim it would be"]
    for each in weighty:
        rest = ", ".join(
            f"{why.named.get(status, status)} {p:.0%}" for status, p in sorted(each.without.items(), key=lambda item: -item[1])
        )
        told = heard[each.claim.id]
        lines += _wrap(f"{each.claim.window}  {told.source}: {told.said.rstrip('.')}. Without it: {rest}.", "  ", "      ")
    return lines


def _held(why: Why) -> str:
    """Return what a place is, in words: who holds it, contested, undecided or unknown."""
    name = why.named.get(why.status, why.status)
    return name if name == why.status else f"held by {name}"


def _summary(why: Why) -> list[str]:
    """Return how sure it is, how old the last report is, and whether anybody says otherwise, in sentences."""
    sure = ", ".join(f"{why.named.get(status, status)} {p:.0%}" for status, p in sorted(why.belief.items(), key=lambda each: -each[1]))
    age = f"Last reported {why.silent_days} day{'s' if why.silent_days != 1 else ''} before."
    by_then = "Nothing had been reported by then of who holds it" + (": what is believed comes from later claims." if why.later else ".")
    said = [f"Belief: {sure}.", {None: by_then, 0: "Reported on this day."}.get(why.silent_days, age)]
    if why.status == UNDECIDED:
        said.append("None is more likely than not.")
    elif why.status != UNKNOWN:
        said += _said_so(why)
    return said


def _said_so(why: Why) -> list[str]:
    """Return whether anybody says what is believed by then, and whether anybody says otherwise, in sentences."""
    otherwise = f"{len(why.opposing)} claim{'s say' if len(why.opposing) > 1 else ' says'} otherwise."
    if why.supporting:
        return [otherwise if why.opposing else f"No claim {'since it last changed' if why.earlier else 'up to this day'} contradicts it."]
    if why.silent_days is None or not (why.opposing or why.earlier):
        return [otherwise] if why.opposing else []
    later = any(told.says == why.status for told in why.later)
    leans = ": what is believed comes from claims of later days, since places seldom change hands untold" if later else ""
    return [f"No claim up to this day says so{leans}.", *([otherwise] if why.opposing else [])]


def _testimony_lines(told: Testimony, why: Why, *, emphasised: bool) -> list[str]:
    """Return one claim as lines: who, when, how, what in our words, and the cited words, perhaps with marks in them."""
    claim = told.claim
    when = f"{claim.window}" + (f", reported {claim.reported}" if claim.reported else "")
    interest = ", against the speaker's own side" if told.against_interest else ""
    side = why.named.get(told.source_side, told.source_side) if told.source_side else "neutral"
    voice = f"{told.source} ({side}), {claim.confidence}{interest}{_weighed(told)}"
    lines = _wrap(f"{when}  {voice}: {told.said}", "  ", "      ")
    for citation, words in told.cited[:1]:
        quoted = f" “{emphasise(words, why.names) if emphasised else words}”" if words else ""
        lines += _wrap(Citation.parse(citation).shown + quoted, "      ", "      ")
    if len(told.cited) > 1:
        lines += _wrap("also " + ", ".join(Citation.parse(citation).shown for citation, _ in told.cited[1:]), "      ", "      ")
    return lines


def _weighed(told: Testimony) -> str:
    """Return the weight of a claim in words: the chance that it was informed, and for a weak one why."""
    if told.informed is None:
        return ""
    if told.informed >= 0.5:
        return f", weight {told.informed:.0%}"
    reasons = ["not confirmed"] if told.claim.confidence == "unconfirmed" else []
    if told.source_side and not told.against_interest:
        reasons.append("a word for the speaker's own side")
    if told.reliability is not None and told.reliability < 0.7:
        reasons.append(f"a source that is right {told.reliability * 100:.0f} times in 100")
    others = (
        f"{told.contradicted} other{'s' if told.contradicted > 1 else ''} of those days contradict{'' if told.contradicted > 1 else 's'} it"
    )
    reasons.append(others if told.contradicted else "though nobody of those days contradicts it: what else is believed does")
    return f", weight only {told.informed:.0%} ({'; '.join(reasons)})"


def wrapped(text: str, *, indent: int = 12) -> str:
    """Return one paragraph in lines of at most 80 columns, those after the first indented: a day and what is told of it, in two columns."""
    return "\n".join(_wrap(visible(text), rest=" " * indent))


def _wrap(text: str, first: str = "", rest: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False)
