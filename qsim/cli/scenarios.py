"""Verbs about scenarios: what is there, whether it is sound, what is in it, a new one, and the scripts that ask of it."""

import runpy
import sys
import textwrap
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

import qsim
from qsim.cli.common import errors_told, fail, loaded, say, say_if_compiling, texts_of
from qsim.cli.options import Scenario, Texts
from qsim.record import scenario
from qsim.record.geometry import frame_box
from qsim.record.names import nearest
from qsim.record.problems import problems_text
from qsim.record.scenario import ScenarioError, read_and_built
from qsim.record.theatre import Theatre
from qsim.terminal.listing import LISTS, list_text


def list_() -> None:
    """List the bundled scenarios and scripts."""
    for name in scenario.bundled():
        theatre, ledger = scenario.load(name)
        say(_listed(name, f"{theatre.title}: {len(theatre.places)} places, {len(ledger)} claims"))
    for name, path in scenario.scripts().items():
        first = path.read_text(encoding="utf-8").lstrip().removeprefix('"""').partition("\n")[0].removesuffix('"""')
        say(_listed(name, f"{first} (qsim run {name})"))


def check(
    scenario: Scenario,
    explain: Annotated[bool, typer.Option("--explain", help="also tell what was taken for everything that is left blank")] = False,
    text: Texts = None,
) -> None:
    """Check a scenario and tell every problem at once, and what is worth a look; exit 1 when there is a problem."""
    with errors_told():
        found, built = read_and_built(scenario, texts_of(text), progress=sys.stderr.isatty())
        for several in (found.notices, [each for each in found.said if each.level == "default"] if explain else []):
            if said := problems_text(several, scenario):
                say(said)
        if built is None:
            raise ScenarioError(found.problems, folder=scenario)
        if explain and (said := _borders_unused(built[0])):
            say(said)
        say(f"{scenario} is sound: {built[0]!r}, {built[1]!r}")


def show(
    scenario: Scenario,
    what: Annotated[
        str, typer.Argument(help="places, sides, sources, links or groups", metavar="WHAT", autocompletion=lambda: list(LISTS))
    ],
) -> None:
    """List the places, sides, sources, links or groups of a scenario."""
    with errors_told():
        theatre, ledger = loaded(scenario)
        say(list_text(theatre, ledger, what))


def run(script: Annotated[str, typer.Argument(help="the name of a bundled script, such as pincer_2013, or a path")]) -> None:
    """Run a scenario script; it writes to outputs/<name>/ below the folder you stand in."""
    path = Path(script) if script.endswith(".py") else scenario.scripts().get(script)
    if path is None or not path.is_file():
        fail(f"no script {script!r}{nearest(script, scenario.scripts())}; expected one of {', '.join(scenario.scripts())}")
        return
    with errors_told():
        say_if_compiling("belief.voices.overhear")
        runpy.run_path(str(path), run_name="__main__")


def new(
    folder: Annotated[Path, typer.Argument(help="the folder to make; it must not exist yet")],
    map_of: Annotated[
        str | None,
        typer.Option(
            "--map-of",
            help="take the days, sides, places, links, groups, sources and documents of this scenario, and no claim: for a second coder",
            metavar="SCENARIO",
        ),
    ] = None,
) -> None:
    """Write a small, commented scenario of your own to start from: two sides, five places, a handful of claims and their document."""
    with errors_told():
        made = qsim.new(folder, map_of=map_of)
        typed = quote(str(made))
        if map_of is not None:
            say(f"wrote {made}: the map of {map_of}, without claims\nnext: qsim edit {typed}, then qsim agree {quote(str(map_of))} {typed}")
            return
        say(f"wrote {made}\nnext: qsim check {typed}; qsim replay {typed}; its README.md says what to change")


def _borders_unused(theatre: Theatre) -> str:
    """Return which countries lie in the frame of a theatre that brings no border of its own, and why areas do not end there; blank where there is one."""
    from qsim.draw.countries import seen

    names = [country.name for country in seen(frame_box(theatre.frame))]
    if len(names) < 2 or any(feature.kind == "border" for feature in theatre.backdrop):
        return ""
    told = (
        f"The frame lies in {', '.join(names[:-1])} and {names[-1]}, and no border is given: areas run across it. The borders that come with "
        "qsim are for the small map alone: they may be kilometres off, too coarse to say who holds which bank. Give your own as a line of "
        'kind "border" in backdrop.geojson, and areas end at it.'
    )
    return textwrap.fill(told, 100)


def _listed(name: str, text: str) -> str:
    """Return a name and what it is in two columns, 80 wide."""
    return textwrap.fill(f"{name:<19} {text}", 80, subsequent_indent=" " * 20)
