"""Verbs about the record itself: where it contradicts itself, and whom it cost."""

import sys
from pathlib import Path
from typing import Annotated

import typer

import qsim
from qsim.cli.common import errors_told, loaded, say, window
from qsim.cli.options import From, Scenario, To
from qsim.exchange.agreement import agree as compare
from qsim.exchange.agreement import merge, sentences_read
from qsim.record.casualties import casualties_text
from qsim.record.conflicts_text import conflicts_text
from qsim.terminal.text import progress


def conflicts(
    scenario: Scenario,
    start: From = None,
    to: To = None,
    place: Annotated[str | None, typer.Option(help="only what bears on this place: id, name or spelling")] = None,
) -> None:
    """Show contradictory claims side by side, by subject and then by day: who held what, shares, rings, tolls, strength."""
    with errors_told():
        theatre, ledger = loaded(scenario)
        first, end = window(start, to)
        found = qsim.conflicts(theatre, ledger, start=first, end=end, place=place, progress=sys.stderr.isatty())
        say(conflicts_text(theatre, ledger, found, progress=sys.stderr.isatty()))


def casualties(
    scenario: Scenario,
    start: From = None,
    to: To = None,
    chart: Annotated[Path | None, typer.Option(help="also draw the figures: file.png, file.svg or file.pdf", metavar="FILE")] = None,
) -> None:
    """Tell who was killed, wounded or driven out, as ranges, by who says so; no figure is added to another."""
    with errors_told():
        theatre, ledger = loaded(scenario)
        first, end = window(start, to)
        found = qsim.casualties(theatre, ledger, start=first, end=end)
        say(casualties_text(theatre, found))
        if chart:
            from qsim.draw.charts.plain import toll_chart

            say(f"wrote {toll_chart(theatre, found, chart)}")


def agree(
    first: Annotated[str, typer.Argument(help="a scenario as one person coded it")],
    second: Annotated[str, typer.Argument(help="the same documents as another coded them")],
    out: Annotated[
        Path | None, typer.Option("--merge", help="also write both as one scenario, and what differs as differences.csv", metavar="FOLDER")
    ] = None,
) -> None:
    """Compare two codings of the same documents: agreement by field, with kappa, and every difference."""
    with errors_told():
        if out is not None:
            say(str(merge(first, second, out)))
            say(f"wrote {out}")
        else:
            read = {"first_read": sentences_read(first), "second_read": sentences_read(second)}
            one, other = loaded(first)[1], loaded(second)[1]
            with progress("comparing"):
                compared = compare(one, other, **read)
            say(str(compared))
