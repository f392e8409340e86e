"""The command line, `qsim VERB SCENARIO ...`: every verb is a function in a module of this room, and stands in the list below."""

from collections.abc import Callable
from typing import Annotated

import typer

import qsim
from qsim.cli import belief, draw, export, importing, making, record, report, ring, scenarios, simulate

VERBS: tuple[Callable[..., None], ...] = (
    scenarios.list_,
    scenarios.check,
    scenarios.show,
    scenarios.run,
    scenarios.new,
    belief.replay,
    belief.why,
    belief.score,
    belief.sensitivity,
    record.conflicts,
    record.casualties,
    ring.metrics,
    ring.enclosure,
    ring.whatif,
    draw.render,
    simulate.simulate,
    making.grid,
    making.sectors_,
    making.places,
    importing.import_,
    export.export_,
    export.diff_,
    report.report,
)

app = typer.Typer(
    name="qsim",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(f"qsim {qsim.__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[bool, typer.Option("--version", help="say which qsim this is", callback=_tell_version, is_eager=True)] = False,
) -> None:
    """Who held what on each day, how sure we are, who says so, and what could have gone otherwise."""


for verb in VERBS:
    summary = (verb.__doc__ or "").strip().partition("\n")[0]
    app.command(verb.__name__.rstrip("_"), short_help=summary)(verb)

if __name__ == "__main__":
    app()
