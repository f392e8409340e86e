"""Verbs that hand belief on as data, and that compare two releases of a record."""

import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from qsim.belief.diff import MOVED, diff
from qsim.belief.reconstruct import reconstruct
from qsim.belief.reconstruct import told_by as by_one_side
from qsim.belief.timeline import Timeline, TimelineError
from qsim.cli.common import errors_told, loaded, replayed, say
from qsim.cli.options import From, Policy, Scenario, To, ToldBy
from qsim.exchange.export import FORMATS, GRAPHS, check_libraries, export, format_of
from qsim.exchange.extras import ExportError
from qsim.record.dates import day as day_of
from qsim.record.files import is_stream
from qsim.record.sheets import SAVED
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
        chosen = format_of(out, format)
        check_libraries(chosen)
        if chosen == "xlsx":
            _whole(scenario, out, asked, start or to or (policy if policy != "hmm" else None), told_by)
            return
        timeline = replayed(scenario, start, to, policy, told_by=told_by)
        made = export(timeline, out, **asked, progress=sys.stderr.isatty())
        if made is not None and not is_stream(made):
            one = day_of(day or timeline.days[-1]) if chosen in GRAPHS else None  # a graph holds one day
            say(f"wrote {made}: {one}" if one else f"wrote {made}: {len(timeline)} days, {timeline.start} to {timeline.days[-1]}")


def _whole(scenario: str, out: str, asked: Mapping[str, Any], window: str | None, told_by: str | None) -> None:
    """Write the scenario itself, which needs no reconstruction: neither days nor a policy have an effect on it."""
    if window:
        raise ExportError("a workbook is the whole scenario; --from, --to and --policy have no effect on it")
    theatre, ledger = loaded(scenario) if told_by is None else by_one_side(*loaded(scenario), told_by)
    timeline = reconstruct(theatre, ledger, policy="last_claim", progress=sys.stderr.isatty())
    if (made := export(timeline, out, **asked, progress=sys.stderr.isatty())) and not is_stream(made):
        say(f"wrote {made}: {len(theatre)} places, {len(ledger.sources)} sources, {len(ledger)} claims")


def diff_(
    before: Annotated[str, typer.Argument(help="a scenario or a saved timeline (.qsim): the earlier release")],
    after: Annotated[str, typer.Argument(help="the later release, likewise")],
    start: From = None,
    to: To = None,
    policy: Annotated[str | None, typer.Option(help="way from claims to belief; that of a saved release, else hmm", metavar="NAME")] = None,
    moved: Annotated[float, typer.Option(min=0, max=1, help="the least change of a belief that is told")] = MOVED,
) -> None:
    """Compare two releases of a record: claims that came, went or changed, and the days that are believed otherwise."""
    with errors_told():
        with progress("reading what was saved"):
            kept = {each: Timeline.load(each)[start:to] for each in (before, after) if each.endswith(SAVED)}
        if policy is not None and len(kept) == 2:
            raise TimelineError("--policy has no effect: both releases were saved with their belief")
        for like in kept.values():  # what is reconstructed beside a saved one is made over the same days and alike
            policy, start, to = policy or like.policy, start or str(like.start), to or str(like.end)
        old, new = (kept.get(each) or replayed(each, start, to, policy or "hmm") for each in (before, after))
        with progress("comparing"):
            found = diff(old, new, moved=moved)
    say(str(found))
