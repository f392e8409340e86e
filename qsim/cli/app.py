"""The command line: `qsim VERB SCENARIO ...`."""

import runpy
import sys
import textwrap
from pathlib import Path
from typing import Annotated, Any

import typer

import qsim
from qsim.belief import scores
from qsim.belief.reconstruct import POLICIES
from qsim.cli import simulate as played
from qsim.cli.common import errors_told, fail, replayed, ring_asked, say_if_compiling, window, wrote
from qsim.geography import tables
from qsim.record import scenario
from qsim.record.casualties import casualties_text
from qsim.record.conflicts import conflicts_text
from qsim.record.files import beside
from qsim.record.scenario import ScenarioError
from qsim.record.theatre import nearest
from qsim.terminal.prompt import play
from qsim.terminal.text import progress, why_text

app = typer.Typer(
    name="qsim",
    help="Who held what on each day, how sure we are, who says so, and what could have gone otherwise.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Scenario = Annotated[str, typer.Argument(help="a scenario folder, or the name of a bundled scenario, such as qusayr")]
From = Annotated[str | None, typer.Option("--from", help="first day, such as 2013-05-19; by default the scenario's first", metavar="DAY")]
To = Annotated[str | None, typer.Option("--to", help="last day, included; by default the scenario's last", metavar="DAY")]
Place = Annotated[str | None, typer.Option(help="the place in question; by default the first city of parts", metavar="PLACE")]
SideOption = Annotated[str | None, typer.Option("--side", help="the side inside; by default the one said to be besieged", metavar="SIDE")]
Runs = Annotated[int, typer.Option(min=1, help="histories to draw")]
Seed = Annotated[int, typer.Option(help="the draw; the same seed gives the same figures")]
Policy = Annotated[str, typer.Option(help=f"way from claims to belief: {', '.join(POLICIES)}")]
ToldBy = Annotated[
    str | None,
    typer.Option("--told-by", help="only what the sources of one side said: the side's id, such as government, or neutral", metavar="SIDE"),
]


@app.command("list")
def list_() -> None:
    """List the bundled scenarios and scripts."""
    for name in scenario.bundled():
        theatre, ledger = scenario.load(name)
        typer.echo(_listed(name, f"{theatre.title}: {len(theatre.places)} places, {len(ledger)} claims"))
    for name, path in scenario.scripts().items():
        first = path.read_text(encoding="utf-8").lstrip().removeprefix('"""').partition("\n")[0].removesuffix('"""')
        typer.echo(_listed(name, f"{first} (qsim run {name})"))


@app.command()
def check(scenario: Scenario) -> None:
    """Check a scenario folder and tell every problem at once; exit 1 when there is one."""
    with errors_told():
        problems = qsim.check(scenario)
        if problems:
            raise ScenarioError(problems, folder=scenario)
        theatre, ledger = qsim.load(scenario)
        typer.echo(f"{scenario} is sound: {theatre!r}, {ledger!r}")


@app.command()
def run(script: Annotated[str, typer.Argument(help="the name of a bundled script, such as pincer_2013, or a path")]) -> None:
    """Run a scenario script; it writes to outputs/<name>/ below the folder you stand in."""
    path = Path(script) if script.endswith(".py") else scenario.scripts().get(script)
    if path is None or not path.is_file():
        fail(f"no script {script!r}; expected one of {', '.join(scenario.scripts())}{nearest(script, scenario.scripts())}")
        return
    with errors_told():
        say_if_compiling("belief.chain.infer")
        runpy.run_path(str(path), run_name="__main__")


@app.command()
def replay(scenario: Scenario, start: From = None, to: To = None, policy: Policy = "hmm", told_by: ToldBy = None) -> None:
    """Step through the days: next, back, goto, why PLACE, places, quit. Reads commands from a pipe as well."""
    with errors_told():
        play(replayed(scenario, start, to, policy, told_by=told_by, whole=True), start)


@app.command()
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
        typer.echo(why_text(qsim.why(timeline, place, moment), most=10_000 if all_claims else 6))


@app.command()
def score(
    scenario: Scenario,
    folds: Annotated[int, typer.Option(min=2, help="parts into which the claims are dealt; each is foretold from the others")] = 10,
    chart: Annotated[
        Path | None,
        typer.Option(help="where to draw the reliability diagram (.png, .svg, .pdf); by default outputs/SCENARIO/reliability.png"),
    ] = None,
) -> None:
    """Tell how well each policy foretells claims that it has not seen: log score, Brier score, calibration."""
    with errors_told():
        theatre, ledger = qsim.load(scenario)
        say_if_compiling("belief.chain.infer")
        with progress(f"{folds} folds for each policy") as told:
            found = {
                policy: scores.left_out(theatre, ledger, policy=policy, folds=folds, progress=told) for policy in scores.POLICIES_SCORED
            }
            sides = {policy: scores.left_out_sides(theatre, ledger, policy=policy) for policy in scores.POLICIES_SCORED}
        typer.echo(scores.report(found, sides))
        from qsim.draw.charts.plain import reliability_chart

        typer.echo(f"wrote {reliability_chart(theatre, found, chart or Path('outputs') / theatre.name / 'reliability.png')}")


@app.command()
def metrics(
    scenario: Scenario,
    place: Place = None,
    side: SideOption = None,
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


@app.command()
def enclosure(
    scenario: Scenario,
    place: Place = None,
    side: SideOption = None,
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


@app.command()
def whatif(
    scenario: Scenario,
    hold: Annotated[str, typer.Option(help="PLACE:STATUS:FIRST or PLACE:STATUS:FIRST:LAST, such as dabaa_airbase:opposition:2013-05-29")],
    place: Place = None,
    side: SideOption = None,
    start: From = None,
    to: To = None,
    runs: Runs = 1000,
    seed: Seed = 7,
) -> None:
    """Tell what would have stayed open on the map if a place had been held: exits and supply, day by day."""
    with ring_asked(scenario, start, to, place, side, runs) as (timeline, place, side):
        table = tables.whatif_table(timeline, hold, place=place, side=side, runs=runs, seed=seed)
    typer.echo(table)


@app.command()
def render(
    scenario: Scenario,
    out: Annotated[Path, typer.Argument(help="file.gif .mp4 .webm, file.html (the player), file.png .svg .pdf, or a folder for frames")],
    start: From = None,
    to: To = None,
    day: Annotated[str | None, typer.Option(help="the day of a single picture", metavar="DAY")] = None,
    policy: Policy = "hmm",
    told_by: ToldBy = None,
    fps: Annotated[float, typer.Option(min=0.1, max=50, help="days a second of an animation")] = 3,
    pace: Annotated[str, typer.Option(help="even, or events: days without a change are held shorter", metavar="PACE")] = "even",
    every: Annotated[int, typer.Option(min=1, help="a frame every so many days", metavar="DAYS")] = 1,
    size: Annotated[str | None, typer.Option(help="width and height in pixels, by default 1280x800", metavar="WxH")] = None,
    scale: Annotated[float, typer.Option(help="how many times finer to draw, such as 2")] = 1,
    theme: Annotated[str, typer.Option(help="light or dark", metavar="THEME")] = "light",
    names: Annotated[str, typer.Option(help="names of places: latin, ar or both", metavar="NAMES")] = "latin",
    precision: Annotated[bool, typer.Option("--precision", help="circle the places that are only estimated")] = False,
    title: Annotated[str | None, typer.Option(help="a title in place of the scenario's")] = None,
    place: Place = None,
    side: SideOption = None,
) -> None:
    """Draw a replay as an animation, a video, a web page, as frames, or one day as a picture; the suffix says which."""
    from qsim.draw.files import PICTURE_SUFFIXES
    from qsim.draw.render import size_of

    with errors_told():
        if day and out.suffix.lower() not in PICTURE_SUFFIXES:
            fail(f"--day is for {' '.join(PICTURE_SUFFIXES)}; {out} shows all days: --from and --to choose them")
        options: dict[str, Any] = {"day": day, "fps": fps, "pace": pace, "every": every, "size": size_of(size), "scale": scale}
        options |= {"theme": theme, "names": names, "precision": precision, "title": title, "place": place, "side": side}
        timeline = replayed(scenario, start, to, policy, told_by=told_by)
        qsim.render(timeline, out, **options, progress=sys.stderr.isatty())
        typer.echo(wrote(out, timeline, day, every=every))


@app.command()
def conflicts(
    scenario: Scenario,
    start: From = None,
    to: To = None,
    place: Annotated[str | None, typer.Option(help="only what bears on this place: id, name or spelling")] = None,
) -> None:
    """Show contradictory claims side by side, by subject and then by day: who held what, shares, rings, tolls, strength."""
    with errors_told():
        theatre, ledger = qsim.load(scenario)
        first, end = window(start, to)
        found = qsim.conflicts(theatre, ledger, start=first, end=end, place=place)
        typer.echo(conflicts_text(theatre, ledger, found))


@app.command()
def casualties(
    scenario: Scenario,
    start: From = None,
    to: To = None,
    chart: Annotated[Path | None, typer.Option(help="also draw the figures: file.png, file.svg or file.pdf", metavar="FILE")] = None,
) -> None:
    """Tell who was killed, wounded or driven out, as ranges, by who says so; no figure is added to another."""
    with errors_told():
        theatre, ledger = qsim.load(scenario)
        first, end = window(start, to)
        found = qsim.casualties(theatre, ledger, start=first, end=end)
        typer.echo(casualties_text(theatre, found))
        if chart:
            from qsim.draw.charts.plain import toll_chart

            typer.echo(f"wrote {toll_chart(theatre, found, chart)}")


@app.command()
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
    seed: Annotated[int, typer.Option(help="of the draws: the same seed, the same result")] = 7,
    what_if: Annotated[
        list[str] | None,
        typer.Option(
            help='what to impose, may be repeated: "hold PLACE SIDE", "take PLACE SIDE DAY", "cut LINK", "open LINK" or '
            '"reinforce SIDE GROUP FACTOR"; days may follow, both included: 2013-05-19/2013-06-01',
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
    Ctrl-C ends the work and tells what the runs done so far say.

    qsim simulate qusayr 2013-05-18 --what-if "hold dabaa_airbase opposition"
    """
    with errors_told():
        say_if_compiling("belief.chain.infer", "simulation.spread._run_tile")
        asked = played.ask(scenario, day, place=place, since=since, days=days, runs=runs, seed=seed, what_if=what_if or (), cluster=cluster)
        found = played.play(asked, progress=sys.stderr.isatty())
        typer.echo(played.told(asked, found, rules=rules))
        if out:
            mean = played.mean(asked, found)
            qsim.render(mean, out, progress=sys.stderr.isatty())
            typer.echo(wrote(out, mean))


@app.command()
def new(folder: Annotated[Path, typer.Argument(help="the folder to make; it must not exist yet")]) -> None:
    """Write a small, commented scenario of your own to start from: two sides, five places, a handful of claims and their document."""
    with errors_told():
        made = qsim.new(folder)
        typer.echo(f"wrote {made}\nnext: qsim check {made}; qsim replay {made}; its README.md says what to change")


def _listed(name: str, text: str) -> str:
    """Return a name and what it is in two columns, 80 wide."""
    return textwrap.fill(f"{name:<19} {text}", 80, subsequent_indent=" " * 20)


if __name__ == "__main__":
    app()
