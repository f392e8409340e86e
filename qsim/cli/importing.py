"""The verb about other people's data: `qsim import`."""

from pathlib import Path
from typing import Annotated

import typer

from qsim.cli.common import errors_told, fail, say
from qsim.exchange import any_table
from qsim.exchange.adding import add
from qsim.exchange.joining import join_claims
from qsim.exchange.reading import FORMATS, read
from qsim.exchange.writing import expect_free, summary, write
from qsim.record.files import beside
from qsim.terminal.text import progress

CLAIMS = "claims"  # rows as claims.csv has them: not other people's format
Days = Annotated[str, typer.Option("--dates", help="the day of each file, joined by commas, where files carry none", metavar="DAYS")]


def import_(
    format: Annotated[
        str, typer.Argument(help=f"{', '.join(FORMATS)}; or claims", metavar="FORMAT", autocompletion=lambda: [*FORMATS, CLAIMS])
    ],
    files: Annotated[list[Path], typer.Argument(help="the files, in the order of their days where that matters", metavar="FILE...")],
    out: Annotated[Path | None, typer.Option("-o", "--out", help="the scenario folder to make", metavar="FOLDER")] = None,
    into: Annotated[Path | None, typer.Option(help="a scenario folder to add to instead", metavar="FOLDER")] = None,
    sides: Annotated[Path | None, typer.Option(help="a TOML file of sides and the names that the files give them", metavar="FILE")] = None,
    legend: Annotated[
        Path | None, typer.Option(help="a TOML file of colours, icons or labels, and what they stood for when", metavar="FILE")
    ] = None,
    area: Annotated[
        str | None, typer.Option(help="west,south,east,north in degrees, or a GeoJSON file: nothing beyond it", metavar="AREA")
    ] = None,
    start: Annotated[str | None, typer.Option("--from", help="nothing before this day", metavar="DAY")] = None,
    end: Annotated[str | None, typer.Option("--to", help="nothing after this day", metavar="DAY")] = None,
    places: Annotated[
        Path | None, typer.Option(help="a list of places with points: a table, GeoJSON, GeoNames dump or scenario", metavar="FILE")
    ] = None,
    grid: Annotated[float | None, typer.Option(help="for maps: a mesh of points in place of a list", metavar="KM")] = None,
    dates: Days = "",
    label: Annotated[str, typer.Option(help="for maps: the property that the legend explains", metavar="NAME")] = "",
    columns: Annotated[
        str,
        typer.Option(
            help=f"for tables: place=Name,day=Date,status='Held by', ...; what may be named: {', '.join(any_table.TARGETS)}",
            metavar="COLUMNS",
        ),
    ] = "",
    mapping: Annotated[
        Path | None,
        typer.Option(
            help="for tables: a TOML file of columns and of words for kinds of claim; with --columns it is written, else read",
            metavar="FILE",
        ),
    ] = None,
    gap: Annotated[
        float | None, typer.Option(help="most days between two snapshots of one interval; by default 31", metavar="DAYS")
    ] = None,
    source: Annotated[str, typer.Option(help="who speaks, where the files do not say", metavar="NAME")] = "",
    licence: Annotated[str, typer.Option(help="the terms of the files, where the format does not tell them", metavar="LICENCE")] = "",
) -> None:
    """
    Make a scenario of other people's data: panels of control, lists, maps, events or any table; every record is accounted for.

    qsim import viina control_latest.csv -o ukraine
    """
    with errors_told():
        if (out is None) == (into is None):
            fail("say where to: -o FOLDER for a new scenario, or --into FOLDER to add to one")
        if format == CLAIMS:
            if into is not None:
                say(join_claims(files, into))
                return
            fail("claims in qsim's own columns join a scenario that has their places and sources: --into FOLDER")
        named = any_table.parse_columns(columns) if columns else any_table.read_mapping(mapping) if mapping else {}
        kinds = any_table.read_kinds(mapping) if mapping else {}
        if out is not None:
            expect_free(out)
        with progress("importing") as told:
            told(f"reading {', '.join(path.name for path in files[:3])}{' ...' if len(files) > 3 else ''}")
            found = read(
                format, *files, sides=sides, legend=legend, area=area, start=start, end=end, into=into, places=places, grid_km=grid,
                dates=tuple(day.strip() for day in dates.split(",") if day.strip()), label=label, columns=named, kinds=kinds,
                longest_gap_days=gap, source=source, licence=licence,
            )  # fmt: skip
            if columns and mapping:  # even where nothing can be taken over: then it is what is to be mended
                _write_mapping(mapping, any_table.mapping_toml(named, kinds, dict.fromkeys(found.unknown_kinds)))
            told(f"writing and checking {len(found.claims):,} claims")
            made = write(found, out, files=files) if out is not None else add(found, into, files=files) if into is not None else None
        if made is not None:
            say(summary(found, made))
        if columns and mapping:
            say(f"wrote {mapping}: qsim import table ... --mapping {mapping}")


def _write_mapping(path: Path, text: str) -> None:
    with beside(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
