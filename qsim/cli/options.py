"""The arguments and options that several verbs share, with their help."""

from typing import Annotated

import typer

from qsim.belief.reconstruct import POLICIES
from qsim.record import scenario


def bundled(typed: str) -> list[str]:
    """Return the bundled scenarios that begin with what was typed, for the shell to complete."""
    return [name for name in scenario.bundled() if name.startswith(typed)]


def policies(typed: str) -> list[str]:
    """Return the policies that begin with what was typed."""
    return [name for name in POLICIES if name.startswith(typed)]


Scenario = Annotated[
    str,
    typer.Argument(help="a scenario folder, or the name of a bundled scenario, such as qusayr", autocompletion=bundled),
]
From = Annotated[str | None, typer.Option("--from", help="first day, such as 2013-05-19; by default the scenario's first", metavar="DAY")]
To = Annotated[str | None, typer.Option("--to", help="last day, included; by default the scenario's last", metavar="DAY")]
Place = Annotated[str | None, typer.Option(help="the place in question; by default the first city of parts", metavar="PLACE")]
Inside = Annotated[
    str | None, typer.Option("--side", help="the side inside, by id or name; by default the one said to be besieged", metavar="SIDE")
]
Runs = Annotated[int, typer.Option(min=1, help="histories to draw")]
Seed = Annotated[int, typer.Option(help="the draw; the same seed gives the same figures")]
Policy = Annotated[str, typer.Option(help=f"way from claims to belief: {', '.join(POLICIES)}", autocompletion=policies, metavar="NAME")]
ToldBy = Annotated[
    str | None,
    typer.Option(
        "--told-by", help="only what the sources of one side said: its id or name, such as government, or neutral", metavar="SIDE"
    ),
]
Texts = Annotated[
    list[str] | None,
    typer.Option(
        "--text",
        help="the text of a document that the scenario has no file of, such as one that may not be copied: ID=FILE; may be repeated",
        metavar="ID=FILE",
    ),
]
