"""A scenario to start from: `qsim new` copies the small, commented template that lies beside this module."""

import csv
import json
import os
import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qsim.record.drop_downs import ordered, write_sheets
from qsim.record.files import beside
from qsim.record.map_of import copy_map
from qsim.record.names import scenario_name
from qsim.record.problems import Problem
from qsim.record.scenario import ScenarioError, locate
from qsim.record.schema import columns
from qsim.record.sheets import WorkbookError
from qsim.record.workbook import TABLES

TEMPLATE = Path(__file__).resolve().parent / "template"
# What stands first on a sheet: what must be filled, names before all.
_FIRST = {
    "places": ("name", "lon", "lat", "kind"),
    "claims": ("place", "kind", "side", "start", "source"),
    "sources": ("name", "kind", "side"),
    "links": ("a", "b"),
    "groups": ("name", "members"),
}


def new(folder: str | Path, *, map_of: str | Path | None = None) -> Path:
    """
    Write a small scenario into `folder`, which must not exist yet, and return it; it passes `check` and can be rendered.

    A name that ends in .xlsx makes a workbook instead: a sheet a table, with drop-downs and comments (extra `xlsx`).

    Two sides, five invented places, a handful of claims and the short document that they cite; README.md in it says what to change.
    With `map_of`, the folder or name of another scenario, it has the days, sides, places, links, groups, sources and documents of that
    one and no claims: for a second coder, who codes the same documents anew. The folder is written beside its place and then renamed
    into it, so that it is there whole or not at all.

    Raises
    ------
    ScenarioError
        When anything of that name exists already, the folder cannot be made, or `map_of` is a workbook or not sound.
    """
    folder = Path(folder)
    workbook = folder.suffix.lower() == ".xlsx"
    if folder.exists() or folder.is_symlink():
        raise ScenarioError([Problem("", 0, "", "it exists already; give a folder that does not exist yet")], folder=str(folder))
    if map_of is not None and (workbook or locate(map_of).is_file()):
        raise ScenarioError([Problem("", 0, "", "a map is taken of a folder, and into one; not of a workbook")], folder=str(folder))
    if workbook:
        return _new_workbook(folder)
    beside = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _copy_template(beside, folder) if map_of is None else copy_map(locate(map_of), beside)
        beside.rename(folder)
    except OSError as problem:
        raise ScenarioError([Problem("", 0, "", f"cannot be written: {problem.strerror}")], folder=str(folder)) from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return folder


def _copy_template(beside: Path, folder: Path) -> None:
    shutil.copytree(TEMPLATE, beside, copy_function=shutil.copyfile)
    settings = beside / "scenario.toml"
    text = settings.read_text(encoding="utf-8").replace('name = "template"', f'name = "{scenario_name(folder.resolve().name)}"')
    settings.write_text(text, encoding="utf-8", newline="\n")


def _new_workbook(path: Path) -> Path:
    try:
        with beside(path) as made:
            write_sheets(made, _example(TEMPLATE))
    except WorkbookError as problem:
        raise ScenarioError([Problem("", 0, "", str(problem))], folder=str(path)) from None
    except OSError as problem:
        raise ScenarioError([Problem("", 0, "", f"cannot be written: {problem.strerror}")], folder=str(path)) from None
    return path


def _example(folder: Path) -> dict[str, list[list[Any]]]:
    """Return the rows of each sheet of the example, headings first, with names in the place of ids; documents are cited in words."""
    settings = tomllib.loads((folder / "scenario.toml").read_text(encoding="utf-8"))
    features = json.loads((folder / "places.geojson").read_text(encoding="utf-8"))["features"]
    places = [{**f["properties"], **dict(zip(("lon", "lat"), f["geometry"]["coordinates"], strict=True))} for f in features]
    tables: dict[str, list[dict[str, Any]]] = {"places": places}
    for name in ("claims", "sources", "links", "groups"):
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            tables[name] = [
                {**row, "cites": "The report of the valley, p. 1"} if row.get("cites") else dict(row) for row in csv.DictReader(file)
            ]
    named = {row["id"]: row["name"] for name in ("places", "links", "groups", "sources") for row in tables[name]}
    named |= {side["id"]: side["name"] for side in settings["sides"]}
    named |= {actor["id"]: actor["name"] for side in settings["sides"] for actor in side.get("actors", ())}
    sheets = {name: _table(name, tables[name], named) for name in TABLES}
    sides = [["name", "colour", "actors", "bases"]]
    for side in settings["sides"]:
        actors = ";".join(actor["name"] for actor in side.get("actors", ()))
        bases = ";".join(named[base["place"]] for base in side.get("bases", ()))
        sides.append([side["name"], side["colour"], actors, bases])
    keys = [[key, settings[key]] for key in ("title", "summary", "start", "end")]
    frame = ["frame", ", ".join(str(edge) for edge in settings["frame"])]
    return {**sheets, "sides": sides, "scenario": [["key", "value"], *keys, frame]}


def _table(name: str, rows: list[dict[str, Any]], named: Mapping[str, str]) -> list[list[Any]]:
    """Return the rows of a table with all the columns of the format, those that must be filled first; ids of other tables as names."""
    order = ordered(name, _FIRST.get(name, ()))
    names = {column.name for column in columns(name) if column.type == "name" and column.name != "denies"} | {"actor", "members"}
    made = []
    for row in rows:
        cells = {column: _cell(row.get(column)) for column in order}
        for column in names & set(order):
            cells[column] = ";".join(named.get(part, part) for part in str(cells[column]).split(";"))
        made.append([cells[column] for column in order])
    return [order, *made]


def _cell(value: Any) -> Any:
    return ";".join(value) if isinstance(value, list) else "" if value is None or value is False else value
