"""Verbs that hand belief on as data, and that compare two releases of a record."""

import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from qsim.belief.diff import MOVED, diff
from qsim.belief.reconstruct import reconstruct
from qsim.belief.reconstruct import told_by as by_one_side
from qsim.cli.common import errors_told, replayed
from qsim.cli.options import From, Policy, Scenario, To, ToldBy
from qsim.exchange.export import FORMATS, export, format_of
from qsim.exchange.extras import ExportError
from qsim.record.files import is_stream
from qsim.record.scenario import load
from qsim.terminal.text import progress

_HELP = "; ".join(f"{suffix}: {told}" for suffix, told in FORMATS.values())


def export_(
    scenario: Scenario,
    out: Annotated[str, typer.Argument(help=f"where to, by suffix ({_HELP}); - is the standard output")],
    start: From = None,
    to: To = None,
    format: Annotated[str | None, typer.Option(help=f"whatever the suffix: {', '.join(FORMATS)}", metavar="NAME")] = None,
    place: Annotated[list[str] | None, typer.Option(help="only this place or group; may be repeated")] = None,
    geometry: Annotated[str | None, typer.Option(help="for maps: cells (the default) or points")] = None,
    day: Annotated[str | None, typer.Option(help="for graphs, which hold one day; by default the last", metavar="DAY")] = None,
    policy: Policy = "hmm",
    told_by: ToldBy = None,
) -> None:
    """Hand belief on as data: tables, maps, arrays, graphs, a data package, provenance."""
    with errors_told():
        asked: dict[str, Any] = {"format": format, "places": place or None, "geometry": geometry, "day": day}
        if format_of(out, format) == "xlsx":
            _whole(scenario, out, asked, start or to or (policy if policy != "hmm" else None), told_by)
            return
        with progress("reconstructing"):
            timeline = replayed(scenario, start, to, policy, told_by=told_by)
        made = export(timeline, out, **asked, progress=sys.stderr.isatty())
        if made is not None and not is_stream(made):
            typer.echo(f"wrote {made}: {len(timeline)} days, {timeline.start} to {timeline.days[-1]}")


def _whole(scenario: str, out: str, asked: Mapping[str, Any], window: str | None, told_by: str | None) -> None:
    """Write the scenario itself, which needs no reconstruction: neither days nor a policy have an effect on it."""
    if window:
        raise ExportError("a workbook is the whole scenario; --from, --to and --policy have no effect on it")
    theatre, ledger = load(scenario) if told_by is None else by_one_side(*load(scenario), told_by)
    timeline = reconstruct(theatre, ledger, policy="last_claim")
    if (made := export(timeline, out, **asked, progress=sys.stderr.isatty())) and not is_stream(made):
        typer.echo(f"wrote {made}: {len(theatre)} places, {len(ledger.sources)} sources, {len(ledger)} claims")


def diff_(
    before: Annotated[str, typer.Argument(help="a scenario: the earlier release")],
    after: Annotated[str, typer.Argument(help="a scenario: the later release")],
    start: From = None,
    to: To = None,
    policy: Policy = "hmm",
    moved: Annotated[float, typer.Option(min=0, max=1, help="the least change of a belief that is told")] = MOVED,
) -> None:
    """Compare two releases of a record: claims that came, went or changed, and the days that are believed otherwise."""
    with errors_told():
        old, new = (replayed(each, start, to, policy) for each in (before, after))
        typer.echo(str(diff(old, new, moved=moved)))
