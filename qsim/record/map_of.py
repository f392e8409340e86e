"""The map of another scenario without its claims: what a second coder starts from."""

import csv
import json
import os
import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qsim.record.scenario import DOCUMENTS, ScenarioError, read_and_built
from qsim.record.schema import columns
from qsim.record.signs import inert

_MAP = ("places", "links", "groups", "sources", "backdrop")


def copy_map(other: Path, made: Path) -> None:
    """
    Write what the claims of another folder speak of, and no claim, into a folder that is not there yet.

    Raises
    ------
    ScenarioError
        When the other folder is not sound, or the new one would not be.
    """
    contents, built = read_and_built(other)
    if built is None:
        raise ScenarioError(contents.problems, folder=str(other))
    made.mkdir()
    for path in (*(other / f"{name}{end}" for name in _MAP for end in (".csv", ".geojson", ".parquet")), other / "SOURCES.md"):
        if path.is_file():
            shutil.copyfile(path, made / path.name)
    if "sources" in contents.missing:
        _write_table(made, "sources", [{"id": cells["id"], "name": cells["name"]} for _, cells in contents.rows("sources")])
    _write_table(made, "claims", [])
    path = other / "scenario.toml"
    text = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
    for document in contents.settings["documents"]:
        text = _with_document(text, other, document["file"], made)
    (made / "scenario.toml").write_text(_with_days_and_sides(text, contents.settings), encoding="utf-8", newline="\n")
    found, sound = read_and_built(made)
    if sound is None:
        raise ScenarioError(found.problems, folder=str(other))


def _write_table(folder: Path, name: str, rows: list[Mapping[str, str]]) -> None:
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [column.name for column in columns(name)], restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: inert(value) for name, value in row.items()} for row in rows)


def _with_document(text: str, folder: Path, file: str, made: Path) -> str:
    """Return the settings with a document's place in the new folder, and put it there; one that is kept apart stays where it is."""
    if not file:
        return text
    path, apart = (folder / file).resolve(), os.environ.get(DOCUMENTS)
    if apart and path.is_relative_to(Path(apart).resolve()):
        named = str(path)
    else:
        named = file if path.is_relative_to(folder.resolve()) else f"documents/{path.name}"
        (made / named).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, made / named)
    for quote in "\"'":
        text = text.replace(f"{quote}{file}{quote}", json.dumps(named, ensure_ascii=False))
    return text


def _with_days_and_sides(text: str, settings: Mapping[str, Any]) -> str:
    """Return the text of settings with the days and sides that were taken from claims which are not there any more."""
    given = tomllib.loads(text)
    days = "".join(f'{name} = "{settings[name]}"\n' for name in ("start", "end") if name not in given)
    sides = "" if "sides" in given else "".join(
        "\n[[sides]]\n" + "".join(f"{name} = {json.dumps(side[name], ensure_ascii=False)}\n" for name in ("id", "name", "colour"))
        for side in settings["sides"]
    )  # fmt: skip
    return days + text + (f"\n{sides}" if sides else "")
