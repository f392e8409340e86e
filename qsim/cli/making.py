"""Verbs for a scenario in the making: a city cut into parts, and names put on the map."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from qsim.cli.common import errors_told, fail, loaded, say
from qsim.cli.options import Scenario
from qsim.record import gazetteer, sectors
from qsim.record.files import beside, standard_output
from qsim.record.theatre import Place

City = Annotated[str, typer.Argument(help="id, name or spelling of the city")]
Out = Annotated[
    Path | None, typer.Option("-o", "--out", help="write the parts to this GeoJSON file, and leave the scenario as it is", metavar="FILE")
]


def grid(
    scenario: Scenario,
    city: City,
    rows: Annotated[int, typer.Option(min=1, max=26, help="rows, from north to south: a, b, c, ...")] = 4,
    columns: Annotated[int, typer.Option(min=1, max=99, help="columns, from west to east: 1, 2, 3, ...")] = 4,
    extent: Annotated[
        str | None, typer.Option(help="west,south,east,north in degrees; by default around the point", metavar="W,S,E,N")
    ] = None,
    out: Out = None,
) -> None:
    """Cut a city into the squares of an even grid, and add them to the scenario as its parts."""
    with errors_told():
        theatre, _ = loaded(scenario)
        _put(scenario, city, sectors.grid(theatre, city, rows, columns, _extent(extent)), out)


def sectors_(
    scenario: Scenario,
    city: City,
    around: Annotated[Path, typer.Option(help="the named points: a table with name, lon, lat, or a GeoJSON file", metavar="FILE")],
    outline: Annotated[Path | None, typer.Option(help="a GeoJSON file with the outline of the city", metavar="FILE")] = None,
    out: Out = None,
) -> None:
    """Cut a city into the ground nearest to each of some named points, and add it to the scenario as its parts."""
    with errors_told():
        theatre, _ = loaded(scenario)
        area = sectors.read_outline(outline) if outline else None
        _put(scenario, city, sectors.sectors(theatre, city, sectors.read_points(around), area), out)


def places(
    names: Annotated[str, typer.Argument(help='names of places, parted by commas: "Homs, Al-Qusayr, Hermel"', metavar="NAMES")],
    country: Annotated[str, typer.Option(help="two letters of a country, such as SY", metavar="CC")] = "",
    file: Annotated[
        Path | None,
        typer.Option(
            "--gazetteer",
            help="a GeoNames dump (.txt, .zip), or any CSV or GeoJSON file of places; else the extra 'gazetteer'",
            metavar="FILE",
        ),
    ] = None,
    pick: Annotated[
        list[str] | None,
        typer.Option(
            help="which of several places of one name, by the number that it is listed with: NAME=NUMBER, may be repeated",
            metavar="NAME=NUMBER",
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="write them to this file, such as places.csv", metavar="FILE")] = None,
) -> None:
    """
    Look names up in a gazetteer and write the places with their points; ambiguous names are asked about, nothing is guessed.

    What is found is written, what is not is told, and then it exits with 1. To a file that is a table of places already the others are added at its end.
    """
    picks = dict(each.rpartition("=")[::2] for each in pick or ())
    with errors_told():
        if out and out.exists() and not gazetteer.is_table(out.read_bytes()):
            fail(f"{out} exists already, and is no table of places to add to; give a file that does not exist yet")
        found = gazetteer.look_up(names.split(","), file, country=country)
        if sys.stdin.isatty() and sys.stderr.isatty():
            picks |= {name: _asked(name, found.entries[name]) for name in found.ambiguous if name not in picks}
        one, wrong = gazetteer.sorted_out(found, picks)
        if one:
            _put_places(gazetteer.as_table(one, found.source), out, f"{len(one)} of {len(found.entries)} places from {found.source}")
        if wrong:
            fail("\n".join([f"not written, {len(found.entries) - len(one)} of {len(found.entries)}:", *wrong]))


def _put_places(table: str, out: Path | None, what: str) -> None:
    """Write a table of places to a file, after those that stand there, and say so, or to the standard output."""
    if out is None:
        with standard_output() as file:
            file.write(table)
        return
    data, there = gazetteer.added_to(out.read_bytes(), table) if out.exists() else (table.encode(), [])
    with beside(out) as made:
        made.write_bytes(data)
    left = f"; there already, and left as they stand: {', '.join(there)}" if there else ""
    say(f"wrote {out}: {what}{left}")


def _asked(name: str, entries: Sequence[gazetteer.Entry]) -> str:
    """Ask on the terminal which of several places is meant, and return its number."""
    for n, entry in enumerate(entries, 1):
        say(f"{n:3}  {entry}", err=True)
    asked = 0
    while not 1 <= asked <= len(entries):
        asked = int(typer.prompt(f"which {name}, 1 to {len(entries)}", type=int, err=True))
    return gazetteer.numbers(entries)[asked - 1]


def _extent(text: str | None) -> tuple[float, float, float, float] | None:
    if text is None:
        return None
    try:
        west, south, east, north = (float(edge) for edge in text.split(","))
    except ValueError:
        fail(f"--extent {text!r} is not west,south,east,north in degrees, such as 36.56,34.50,36.60,34.53")
        return None
    return west, south, east, north


def _put(scenario: str, city: str, parts: Sequence[Place], out: Path | None) -> None:
    """Write parts to a file of their own, or add them to the scenario; say what was done."""
    if out is None:
        for line in sectors.add_parts(scenario, city, parts):
            say(line)
        say(f"next: qsim check {quote(str(scenario))}")
        return
    with beside(out) as made:
        features = {"type": "FeatureCollection", "features": sectors.as_features(parts)}
        made.write_text(json.dumps(features, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
    say(f"wrote {out}: {len(parts)} parts")
