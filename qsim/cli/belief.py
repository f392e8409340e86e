"""Verbs about belief: step through it, ask why, and see how well it foretells."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

import qsim
from qsim.belief.defaults import defaults, effects_text, tries
from qsim.belief.kept import kept_influence
from qsim.belief.reconstruct import POLICIES
from qsim.belief.sensitivity import disagreements_text
from qsim.belief.sensitivity import sensitivity as policies_apart
from qsim.belief.verdict import report, steps, verdict
from qsim.cli.common import errors_told, loaded, replayed, say, say_if_compiling, window
from qsim.cli.options import From, Policy, Scenario, To, ToldBy
from qsim.record.progress import moving
from qsim.terminal.prompt import play
from qsim.terminal.text import progress, why_text


def replay(scenario: Scenario, start: From = None, to: To = None, policy: Policy = "hmm", told_by: ToldBy = None) -> None:
    """
    Step through the days: next, back, goto, why PLACE, places, quit. Reads commands from a pipe as well.

    --from and --to bound the days; what was said before them counts all the same.
    """
    with errors_told():
        play(replayed(scenario, start, to, policy, told_by=told_by))


def why(
    scenario: Scenario,
    place: Annotated[str, typer.Argument(help="id, name or spelling of a place")],
    day: Annotated[str, typer.Argument(help="a day, such as 2013-05-29")],
    policy: Policy = "hmm",
    told_by: ToldBy = None,
    all_claims: Annotated[bool, typer.Option("--all", help="show every claim, not only the newest")] = False,
) -> None:
    """Tell the claims for and against what is believed of a place on a day, with the cited words."""
    with errors_told():
        moment = qsim.record.dates.day(day)
        timeline = replayed(scenario, None, day, policy, told_by=told_by, until="the day asked of,")
        told = qsim.why(timeline, place, moment)
        with moving("leaving out claims, one at a time, to see what it rests on", shown=sys.stderr.isatty()) as moved:
            rests_on = (
                kept_influence(timeline.theatre, timeline.ledger, place, moment, policy=policy, moved=moved) if timeline.ledger else []
            )
        typer.echo(why_text(replace(told, rests_on=tuple(rests_on)), most=10_000 if all_claims else 6))


def score(
    scenario: Scenario,
    folds: Annotated[int, typer.Option(min=2, help="parts into which the claims are dealt; each is foretold from the others")] = 10,
    chart: Annotated[
        Path | None,
        typer.Option(help="where to draw the reliability diagram (.png, .svg, .pdf); by default outputs/SCENARIO/reliability.png"),
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(help="the address of a dask.distributed scheduler, or local, for policy hmm", metavar="ADDRESS")
    ] = None,
) -> None:
    """Tell how well each policy foretells claims that it has not seen: log score, Brier score, calibration."""
    with errors_told():
        theatre, ledger = loaded(scenario)
        say_if_compiling("belief.voices.overhear")
        with progress(f"{folds} folds for each policy", steps(ledger, folds=folds)) as told:
            found = verdict(theatre, ledger, folds=folds, progress=told, cluster=cluster)
        say(report(found))
        from qsim.draw.charts.plain import reliability_chart

        say(f"wrote {reliability_chart(theatre, found.charted, chart or Path('outputs') / theatre.name / 'reliability.png')}")


def sensitivity(
    scenario: Scenario,
    start: From = None,
    to: To = None,
    only: Annotated[
        list[str] | None, typer.Option(help="a parameter of the model, such as not_before; may be repeated; by default all", metavar="NAME")
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="how many changes, and how many disagreements of policies, to tell")] = 12,
) -> None:
    """Tell what leans on the model's defaults, each halved and doubled, and on the policy: what would be believed otherwise."""
    with errors_told():
        theatre, ledger = loaded(scenario)
        begin, end = window(start, to)
        say_if_compiling("belief.voices.overhear")
        with progress("each default halved and doubled", tries(theatre, only or ())) as told:
            found = defaults(theatre, ledger, start=begin, end=end, only=only or (), progress=told)
        say(effects_text(theatre, found, most=most))
        with progress("comparing policies", len(POLICIES)) as told:
            apart = policies_apart(theatre, ledger, start=begin, end=end, progress=told)
        say("\n" + disagreements_text(theatre, apart, most=most))
