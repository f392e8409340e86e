"""The verb that plays on from a day."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

import qsim
from qsim.cli import play
from qsim.cli.common import errors_told, say, say_if_compiling, wrote
from qsim.cli.options import Policy, Scenario, ToldBy


def simulate(
    scenario: Scenario,
    day: Annotated[
        str, typer.Argument(help="the day to start from, such as 2013-05-18; only what was known by then is used", metavar="DAY")
    ],
    place: Annotated[str, typer.Option(help="place or group whose shares are told; by default the first city", metavar="PLACE")] = "",
    since: Annotated[
        str | None, typer.Option(help="first day of the phase whose tempo is learned; by default 45 days before", metavar="DAY")
    ] = None,
    days: Annotated[int, typer.Option(help="days to simulate")] = 21,
    runs: Annotated[int, typer.Option(help="histories to draw; a million take no more memory than ten thousand")] = 10_000,
    policy: Policy = "hmm",
    told_by: ToldBy = None,
    seed: Annotated[int, typer.Option(help="of the draws: the same seed, the same result")] = 7,
    what_if: Annotated[
        list[str] | None,
        typer.Option(
            help='what to impose, may be repeated: "hold PLACE SIDE", "take PLACE SIDE DAY", "cut LINK", "open LINK" or '
            '"reinforce SIDE GROUP FACTOR"; days may follow, both included: 2013-05-19/2013-06-01, or 2013-05-19/..; names that leave doubt in quotation marks: '
            "'hold \"Old Town\" opposition'",
            metavar="WORDS",
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(help='where to work: the address of a dask scheduler, or "local" for all processors here', metavar="ADDRESS"),
    ] = None,
    rules: Annotated[bool, typer.Option("--rules", help="also tell the parameters of the rules, with their standard errors")] = False,
    out: Annotated[Path | None, typer.Option(help="also draw the mean: file.gif, file.html, ... as `qsim render`", metavar="FILE")] = None,
) -> None:
    """
    Play on from a day many times, and tell who holds how much of a place.

    The rules are fitted to what was known on that day; links reported cut by then stay so. With --what-if everything is played
    twice with the same draws, once as it is and once with what is imposed, and the difference is told with its interval.
    A level between 0 and 100 % in nine of ten runs is not known, whatever its mean: read the difference.
    Ctrl-C ends the work and tells what the runs done so far say.

    qsim simulate qusayr 2013-05-18 --what-if "hold dabaa_airbase opposition"
    """
    with errors_told():
        say(f"reading {scenario}; fitting the rules to what was known on {day} ...", err=True)
        say_if_compiling("belief.voices.overhear", "simulation.spread.run_tile")
        more: dict[str, Any] = {"what_if": what_if or (), "policy": policy, "told_by": told_by, "cluster": cluster}
        asked = play.ask(scenario, day, place=place, since=since, days=days, runs=runs, seed=seed, **more)
        say(f"playing on {asked.runs} times{', each time with and without what is imposed' * bool(asked.imposed)} ...", err=True)
        found = play.play(asked, progress=sys.stderr.isatty())
        say(play.answer_text(asked, found, rules=rules))
        if out:
            mean = play.mean(asked, found)
            qsim.render(mean, out, progress=sys.stderr.isatty())
            say(wrote(out, mean))
