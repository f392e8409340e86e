"""The verb that puts a record on one page."""

from pathlib import Path
from typing import Annotated

import typer

from qsim.cli.common import errors_told, fail, loaded, say, say_if_compiling
from qsim.cli.options import Runs, Scenario, Seed
from qsim.terminal.text import progress


def report(
    scenario: Scenario,
    out: Annotated[Path | None, typer.Argument(help="file.html or file.md; by default outputs/SCENARIO/report.html")] = None,
    fill: Annotated[
        Path | None,
        typer.Option(
            help="instead write anew what stands between <!-- report: counts --> (or ring, toll, ...) and <!-- end --> there",
            metavar="FILE.md",
        ),
    ] = None,
    folds: Annotated[int, typer.Option(min=2, help="parts into which the claims are dealt for the scores")] = 10,
    runs: Runs = 1000,
    seed: Seed = 7,
) -> None:
    """Put a record on one page: its numbers, contradictions, shares, ring, scores, toll, sources and licences."""
    from qsim.page import report as page

    with errors_told():
        if out and fill:
            fail("say either where to write a page or which one to fill, not both")
        theatre, ledger = loaded(scenario)
        say_if_compiling("belief.voices.overhear", "geography.graph.cut_off")
        with progress(theatre.title) as told:
            if fill:
                names = page.fill(page.Asked(theatre, ledger, runs, seed, folds), fill, told=told)
            else:
                written = page.report(
                    theatre, ledger, out or Path("outputs") / theatre.name / "report.html", runs=runs, seed=seed, folds=folds, told=told
                )
        say(f"filled {', '.join(names)} of {fill}" if fill else f"wrote {written}")
