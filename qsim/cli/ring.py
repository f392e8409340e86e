"""Verbs about the ring around a place: by day, by claim, and what if."""

from pathlib import Path
from typing import Annotated

import typer

from qsim.cli.common import ring_asked
from qsim.cli.options import From, Inside, Place, Runs, Scenario, Seed, To
from qsim.geography import tables
from qsim.record.files import beside


def metrics(
    scenario: Scenario,
    place: Place = None,
    side: Inside = None,
    start: From = None,
    to: To = None,
    runs: Runs = 1000,
    seed: Seed = 7,
    csv: Annotated[Path | None, typer.Option(help="also write the table to this CSV file")] = None,
    chart: Annotated[Path | None, typer.Option(help="also draw it to this file (.png, .svg, .pdf)")] = None,
) -> None:
    """Tell by day how the ring around a place stood: its share, ways out, probability to be cut off, closure, supply."""
    with ring_asked(scenario, start, to, place, side, runs) as (timeline, place, side):
        rows = tables.metrics_by_day(timeline, place, side, runs=runs, seed=seed)
        told = [tables.metrics_table(timeline, place, side, runs=runs, seed=seed, rows=rows)]
        if csv:
            with beside(csv) as temporary:
                temporary.write_text(tables.metrics_csv(timeline, place, side, rows=rows), encoding="utf-8")
            told.append(f"wrote {csv}")
        if chart:
            from qsim.draw.charts.plain import ring_chart

            told.append(f"wrote {ring_chart(timeline, place, side, chart, runs=runs, seed=seed)}")
    typer.echo("\n".join(told))


def enclosure(
    scenario: Scenario,
    place: Place = None,
    side: Inside = None,
    start: From = None,
    to: To = None,
    runs: Runs = 1000,
    seed: Seed = 7,
    day: Annotated[str | None, typer.Option(help="also tell on what the computed ring of this day leans", metavar="DAY")] = None,
) -> None:
    """List every claim on the ring around a place, beside the probabilities reported and computed for its day."""
    with ring_asked(scenario, start, to, place, side, runs) as (timeline, place, side):
        table = tables.enclosure_table(timeline, place, side, runs=runs, seed=seed)
        if day:
            table += "\n\n" + tables.sensitivity_table(timeline, place, side, day, runs=runs, seed=seed)
    typer.echo(table)


def whatif(
    scenario: Scenario,
    hold: Annotated[str, typer.Option(help="PLACE:STATUS:FIRST or PLACE:STATUS:FIRST:LAST, such as dabaa_airbase:opposition:2013-05-29")],
    place: Place = None,
    side: Inside = None,
    start: From = None,
    to: To = None,
    runs: Runs = 1000,
    seed: Seed = 7,
) -> None:
    """Tell what would have stayed open on the map if a place had been held: exits and supply, day by day."""
    with ring_asked(scenario, start, to, place, side, runs) as (timeline, place, side):
        table = tables.whatif_table(timeline, hold, place=place, side=side, runs=runs, seed=seed)
    typer.echo(table)
