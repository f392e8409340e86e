"""
The command line, `qsim VERB SCENARIO ...`: every verb is a function in a module of this room, and stands in the table below.

A verb's module is imported when the verb is called, and its summary, the first line of its docstring, is read off the source: so
`qsim --help` is quick, and no verb waits for what another needs.
"""

import ast
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import qsim

# The function of each verb, by its module.
VERBS = {
    "list": "scenarios.list_",
    "check": "scenarios.check",
    "show": "scenarios.show",
    "run": "scenarios.run",
    "new": "scenarios.new",
    "replay": "belief.replay",
    "why": "belief.why",
    "score": "belief.score",
    "sensitivity": "belief.sensitivity",
    "conflicts": "record.conflicts",
    "casualties": "record.casualties",
    "agree": "record.agree",
    "metrics": "ring.metrics",
    "enclosure": "ring.enclosure",
    "whatif": "ring.whatif",
    "render": "draw.render",
    "simulate": "simulate.simulate",
    "grid": "making.grid",
    "sectors": "making.sectors_",
    "places": "making.places",
    "import": "importing.import_",
    "export": "export.export_",
    "diff": "export.diff_",
    "edit": "editing.edit",
    "report": "report.report",
    "warm": "warm.warm",
}
_SETTINGS: dict[str, Any] = {
    "pretty_exceptions_enable": False,
    "rich_markup_mode": None,
    "context_settings": {"help_option_names": ["-h", "--help"]},
}


class Verbs(TyperGroup):
    """The verbs, each imported when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the verbs."""
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command of a verb; where there is none, say which is near."""
        if cmd_name in VERBS:
            return command(cmd_name)
        near = get_close_matches(cmd_name, VERBS)
        if not ctx.resilient_parsing and not cmd_name.startswith("-"):
            ctx.fail(f"no verb {cmd_name!r}{f'; did you mean {near[0]!r}?' if near else ''}")
        return None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the verbs with their summaries, uncut."""
        with formatter.section("Commands"):
            formatter.write_dl([(verb, summary(verb)) for verb in VERBS])


def command(verb: str) -> Any:
    """Return the command of a verb, made from its function."""
    module, function = VERBS[verb].split(".")
    alone = typer.Typer(add_completion=False, **_SETTINGS)
    alone.command(verb, short_help=summary(verb))(getattr(import_module(f"qsim.cli.{module}"), function))
    return typer.main.get_command(alone)


def summary(verb: str) -> str:
    """Return the first line of a verb's docstring."""
    module, function = VERBS[verb].split(".")
    return _docstrings(module)[function].strip().partition("\n")[0]


@cache
def _docstrings(module: str) -> dict[str, str]:
    """Return the docstring of every function of a module of this room, without importing it."""
    tree = ast.parse(Path(__file__).with_name(f"{module}.py").read_text(encoding="utf-8"))
    return {node.name: ast.get_docstring(node) or "" for node in tree.body if isinstance(node, ast.FunctionDef)}


app = typer.Typer(name="qsim", cls=Verbs, no_args_is_help=True, **_SETTINGS)


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(f"qsim {qsim.__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[bool, typer.Option("--version", help="say which qsim this is", callback=_tell_version, is_eager=True)] = False,
) -> None:
    """Who held what on each day, how sure we are, who says so, and what could have gone otherwise."""


if __name__ == "__main__":
    app()
