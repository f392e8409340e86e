"""What the verbs of the command line share: the days asked for, what was written, and every error as one message."""

import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import typer

from qsim.belief.kept import kept_belief
from qsim.belief.reconstruct import reconstruct
from qsim.belief.reconstruct import told_by as by_one_side
from qsim.belief.timeline import Timeline, TimelineError
from qsim.geography.encirclement import whose
from qsim.geography.tables import RUNS, SEED
from qsim.record.dates import DateError, day, day_range
from qsim.record.ledger import Ledger
from qsim.record.scenario import load
from qsim.record.signs import visible
from qsim.record.theatre import Theatre, TheatreError
from qsim.terminal.text import progress


def window(
    start: str | None, to: str | None, *, first: date | None = None, last: date | None = None, until: str = "--to"
) -> tuple[date | None, date | None]:
    """
    Return the days of `--from` and `--to`, both included, by default `first` and `last`; `until` names what `to` was asked by.

    Raises
    ------
    DateError
        When one is no day, or the last lies before the first.
    """
    begin, final = day(start) if start else first, day(to) if to else last
    if begin and final and final < begin:
        raise DateError(
            f"{until if to else 'the last day of the scenario,'} {final} lies before "
            f"{'--from' if start else 'the first day of the scenario,'} {begin}"
        )
    return begin, final


def loaded(scenario: str) -> tuple[Theatre, Ledger]:
    """Read a scenario; of a large one a terminal shows how far it has come."""
    return load(scenario, progress=sys.stderr.isatty())


def replayed(
    scenario: str,
    start: str | None,
    to: str | None,
    policy: str,
    *,
    told_by: str | None = None,
    until: str = "--to",
    kernels: tuple[str, ...] = ("belief.voices.overhear",),
) -> Timeline:
    """
    Reconstruct a scenario over the days asked for, both included, as one side tells it.

    `until` names what `to` was asked by, and of `kernels` it is said if they are not compiled.
    """
    theatre, ledger = loaded(scenario)
    if told_by is not None:
        theatre, ledger = by_one_side(theatre, ledger, told_by)
    begin, end = window(start, to, first=theatre.start, last=theatre.end, until=until)

    def made() -> Timeline:
        if policy == "hmm":
            say_if_compiling(*kernels)
        return reconstruct(theatre, ledger, start=begin, end=end, policy=policy, progress=sys.stderr.isatty())

    days = theatre.window(begin, end)
    return kept_belief(theatre, ledger, day_range(days.start, days.end), policy, made) if policy == "hmm" else made()


def texts_of(given: Sequence[str] | None) -> dict[str, Path]:
    """Return the files of `--text ID=FILE`, by the id of the document; fail where one is not of that form."""
    for each in given or ():
        if not all(each.partition("=")[::2]):
            fail(f"--text {each!r} is not of the form ID=FILE, such as siege=siege.txt")
    return {id: Path(file) for id, _, file in (each.partition("=") for each in given or ())}


@contextmanager
def ring_asked(
    scenario: str,
    start: str | None,
    to: str | None,
    place: str | None,
    side: str | None,
    draws: tuple[int, int],
    policy: str,
    told_by: str | None,
) -> Iterator[tuple[Timeline, str, str]]:
    """
    Reconstruct a scenario, say of which place and side a ring is asked, and show that something is being asked of its histories.

    `draws` are how many and the seed; other than the usual ones are refused where the policy draws no histories.
    """
    with errors_told():
        if policy != "hmm":
            say_if_compiling("geography.graph.cut_off")
        timeline = replayed(scenario, start, to, policy, told_by=told_by, kernels=("belief.voices.overhear", "geography.graph.cut_off"))
        with progress(f"asking {draws[0]} histories" if policy == "hmm" else "asking"):
            if timeline.chains is None and draws != (RUNS, SEED):
                raise TimelineError(f"--runs and --seed have no effect: the policy {policy!r} has one history and draws none")
            place, side = whose(timeline, place, side)
            if place is None or side is None:
                raise TheatreError("the scenario has no city of parts; say --place and --side")
            yield timeline, place, side


def wrote(out: Path, timeline: Timeline, moment: str | None = None, *, every: int = 1) -> str:
    """Say what a file that was drawn shows: its one day, or how many days."""
    from qsim.draw.files import PICTURE_SUFFIXES

    if out.suffix.lower() in PICTURE_SUFFIXES:
        return f"wrote {out}: {day(moment or timeline.days[-1])}"
    days = f"{len(timeline)} day{'s' if len(timeline) != 1 else ''}"
    return f"wrote {out}: {days}{f', one in {every} drawn' if every > 1 and out.suffix.lower() != '.html' else ''}"


def say_if_compiling(*names: str) -> None:
    """
    Say on a terminal that kernels, named `room.module.function`, have yet to be compiled for this machine, which is silent and slow.

    Numba keeps what it compiled in a cache beside the code or in the user's folder. To read its index is no part of its interface: where
    that fails, nothing is said.
    """
    if sys.stderr.isatty():
        try:
            for name in names:
                room, module, function = name.split(".")
                kernel = getattr(import_module(f"qsim.{room}.kernels.{module}"), function)
                if not kernel._cache._cache_file._load_index():
                    say("compiling for this machine, once: about half a minute", err=True)
                    return
        except (AttributeError, EOFError, OSError):
            return


@contextmanager
def errors_told() -> Iterator[None]:
    """Turn the errors that qsim means to raise into a message and exit 1, its warnings into a line; let all others show their trace."""
    shown = warnings.showwarning
    try:
        warnings.showwarning = _told(shown)
        yield
    except ValueError as problem:
        if not type(problem).__module__.startswith("qsim."):
            raise
        where = "\n`qsim show SCENARIO places` lists all places" if "unknown place" in str(problem) else ""
        fail(f"{type(problem).__name__}: {problem}{where}")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as problem:
        fail(f"{problem.strerror}: {problem.filename}")
    finally:
        warnings.showwarning = shown


def _told(shown: Callable[..., None]) -> Callable[..., None]:
    """Return how warnings are shown: those that qsim means to give as a line, others as they were `shown`."""

    def show(message: Warning, category: type[Warning], *rest: Any, **more: Any) -> None:
        if category.__module__.startswith("qsim."):
            say(f"note: {message}", err=True)
        else:
            shown(message, category, *rest, **more)

    return show


def say(message: object, *, err: bool = False, nl: bool = True) -> None:
    """Print a message, on standard error where `err`; what moves a terminal in it - in a name of a file, a row of a stranger's - is written out."""
    typer.echo(visible(str(message)), err=err, nl=nl)


def fail(message: str) -> None:
    """Print a message on standard error, and exit with 1."""
    say(message, err=True)
    raise typer.Exit(1)
