"""Verbs about the ring around a place: by day, by claim, and what if."""

from pathlib import Path
from typing import Annotated

import typer

from qsim.belief.timeline import Timeline
from qsim.cli.common import ring_asked, say
from qsim.cli.options import From, Inside, Place, Policy, Runs, Scenario, Seed, To, ToldBy
from qsim.geography import tables
from qsim.record.dates import day as day_of
from qsim.record.files import beside
from qsim.simulation.interventions import Hold, read_intervention, with_ids
from qsim.simulation.rules import RulesError


def metrics(
    scenario: Scenario,
    place: Place = None,
    side: Inside = None,
    start: From = None,
    to: To = None,
    policy: Policy = "hmm",
    told_by: ToldBy = None,
    runs: Runs = 1000,
    seed: Seed = 7,
    by: Annotated[
        str | None,
        typer.Option(
            help=f"a row by day, week or change; by week where there are more than {tables.MOST_ROWS} days",
            metavar="ROWS",
            autocompletion=lambda: list(tables.BY),
        ),
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="also write the table, every day of it, to this CSV file")] = None,
    chart: Annotated[Path | None, typer.Option(help="also draw every day to this file (.png, .svg, .pdf)")] = None,
) -> None:
    """Tell by day how the ring around a place stood: its share, ways out, probability to be cut off, closure, supply."""
    with ring_asked(scenario, start, to, place, side, (runs, seed), policy, told_by) as (timeline, place, side):
        heard, by = (
            tables.witnesses(timeline, place, side, runs=runs, seed=seed),
            by or ("day" if len(timeline) <= tables.MOST_ROWS else "week"),
        )
        every = tables.metrics_by_day(timeline, heard, place, side, by="day" if csv or chart else by)
        told_days = {str(timeline.days[d]) for d in tables.days_by(timeline, by)}
        told = [tables.metrics_table(timeline, heard, place, side, rows=[row for row in every if row["day"] in told_days])]
        if csv:
            with beside(csv) as temporary:
                temporary.write_text(tables.metrics_csv(every), encoding="utf-8")
            told.append(f"wrote {csv}")
        if chart:
            from qsim.draw.charts.plain import ring_chart

            told.append(f"wrote {ring_chart(timeline, place, side, chart, runs=runs, seed=seed, rows=every)}")
    say("\n".join(told))


def enclosure(
    scenario: Scenario,
    place: Place = None,
    side: Inside = None,
    start: From = None,
    to: To = None,
    policy: Policy = "hmm",
    told_by: ToldBy = None,
    runs: Runs = 1000,
    seed: Seed = 7,
    day: Annotated[str | None, typer.Option(help="also tell on what the computed ring of this day leans", metavar="DAY")] = None,
) -> None:
    """List every claim on the ring around a place, beside the probabilities reported and computed for its day, and every one on a way into it by its name."""
    with ring_asked(scenario, start, to, place, side, (runs, seed), policy, told_by) as (timeline, place, side):
        heard = tables.witnesses(timeline, place, side, runs=runs, seed=seed)
        table = tables.enclosure_table(timeline, heard, place, side)
        if day:
            table += "\n\n" + tables.sensitivity_table(timeline, heard, place, side, day)
    say(table)


def whatif(
    scenario: Scenario,
    words: Annotated[
        list[str],
        typer.Argument(
            help='"hold PLACE SIDE", then days: 2013-05-19/2013-06-01, both included, or 2013-05-19/..; names that leave doubt in quotation marks: '
            "'hold \"Old Town\" opposition'",
            metavar="WORDS...",
        ),
    ],
    place: Place = None,
    side: Inside = None,
    start: From = None,
    to: To = None,
    policy: Policy = "hmm",
    told_by: ToldBy = None,
    runs: Runs = 1000,
    seed: Seed = 7,
) -> None:
    """
    Tell what would have stayed open on the map if places had been held: exits and supply, day by day.

    The words are those of `qsim simulate --what-if`, which plays on from a day; here everything else stays as it was.

    qsim whatif qusayr "hold dabaa_airbase opposition 2013-05-29/.." "hold arjoun opposition 2013-05-29/.."
    """
    with ring_asked(scenario, start, to, place, side, (runs, seed), policy, told_by) as (timeline, place, side):
        holds = [_hold(timeline, each) for each in words]
        supposed = timeline
        for each in holds:
            supposed = supposed.with_status(each.place, each.side, start=each.start, end=each.end)
        since = min(day_of(each.start) if each.start else timeline.start for each in holds)
        table = tables.whatif_table(timeline, supposed, place, side, since=since, runs=runs, seed=seed)
    say(f"If {' and '.join(_in_words(timeline, each) for each in holds)}:\n{table}\n{tables.WHATIF_COLUMNS}")


def _hold(timeline: Timeline, words: str) -> Hold:
    """Read what is to be supposed of the record."""
    found = with_ids(timeline.theatre, read_intervention(words, timeline.theatre))
    if not isinstance(found, Hold):
        raise RulesError([f"{words!r} cannot be supposed of what was; expected hold PLACE SIDE DAY; qsim simulate --what-if plays it on"])
    return found


def _in_words(timeline: Timeline, each: Hold) -> str:
    """Tell what is supposed."""
    last = f" to {day_of(each.end)}" if each.end else ""
    return f"{timeline.theatre.named(each.place)} had been held by {timeline.theatre.side(each.side).name} from {day_of(each.start) if each.start else timeline.start}{last}"
