"""A scenario to start from: `qsim new` copies the small, commented template that lies beside this module."""

import os
import shutil
from pathlib import Path

from qsim.record.problems import Problem
from qsim.record.scenario import ScenarioError
from qsim.record.sheets import WorkbookError
from qsim.record.workbook import write_workbook

TEMPLATE = Path(__file__).resolve().parent / "template"


def new(folder: str | Path) -> Path:
    """
    Write a small scenario into `folder`, which must not exist yet, and return it; it passes `check` and can be rendered.

    A name that ends in .xlsx makes a workbook instead: a sheet a table, with drop-downs and comments (extra `xlsx`).

    Two sides, five invented places, a handful of claims and the short document that they cite; README.md in it says what to change.
    The folder is written beside its place and then renamed into it, so that it is there whole or not at all.

    Raises
    ------
    ScenarioError
        When anything of that name exists already, or the folder cannot be made.
    """
    folder = Path(folder)
    workbook = folder.suffix.lower() == ".xlsx"
    if folder.exists() or folder.is_symlink():
        raise ScenarioError([Problem("", 0, "", "it exists already; give a folder that does not exist yet")], folder=str(folder))
    if workbook:
        return _new_workbook(folder)
    beside = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(TEMPLATE, beside, copy_function=shutil.copyfile)
        settings = beside / "scenario.toml"
        name = folder.resolve().name.replace("\\", "_").replace('"', "_")
        settings.write_text(
            settings.read_text(encoding="utf-8").replace('name = "template"', f'name = "{name}"'), encoding="utf-8", newline="\n"
        )
        beside.rename(folder)
    except OSError as problem:
        raise ScenarioError([Problem("", 0, "", f"cannot be written: {problem.strerror}")], folder=str(folder)) from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return folder


def _new_workbook(path: Path) -> Path:
    try:
        write_workbook(path, TEMPLATE)
    except WorkbookError as problem:
        raise ScenarioError([Problem("", 0, "", str(problem))], folder=str(path)) from None
    except OSError as problem:
        raise ScenarioError([Problem("", 0, "", f"cannot be written: {problem.strerror}")], folder=str(path)) from None
    return path
