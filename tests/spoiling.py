"""Whole scenario folders with something in them changed; those that are sound are asked what can be asked."""

import atexit
import csv
import io
import json
import shutil
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from asking import asked, drawn, written
from hypothesis import strategies as st

import qsim
from qsim.record.new import TEMPLATE
from qsim.record.problems import problems_text
from qsim.record.scenario import locate

CSV = ("links.csv", "groups.csv", "sources.csv", "claims.csv", "claims.csv")
WORDS = (
    "", "0", "-1", "1e308", "nan", "60", "60%", "1,5", "1,234", ";", ",", "..", "x" * 3000, "\u202eabc", "；", "=1+1", "[1", "{}", "true",
    "2900-01-01", "0001-01-01", "9999-12-31", "1090-05-01", "2090-05-03/..", "../2090-05-03", "2090-21", "[2090-05-03,2090-05-05]", "201X",
    "2090-05-02T05:30", "1 day after 0503-mossford-takes", "same day as 0503-mossford-denies", "0503-mossford-denies", "0503-mossford-takes",
    "north", "contested", "mossford", "west_gate", "mill_road", "valley_floor", "report:3#1", "https://x.org/a;b", "doi:10.1234/x",
    "record:reporter/5", "holds", "takes", "denies", "share", "casualties", "encircles", "cuts", "opens", "part", "at_least", "reporter",
)  # fmt: skip
ODD: tuple[Any, ...] = (
    None, 5, -1, 1e308, float("inf"), 10**400, True, {}, [], ["a"], [None, 5, {}], "\u0001", "\ud800", [0.1, 0.08], [0.1, None],
    [[0, 0], [1, 1]], [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]], *WORDS,
)  # fmt: skip


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to everything inside nested tables and lists."""
    if path:
        yield path
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from leaves(value[key], (*path, key))


def put(value: Any, path: tuple[Any, ...], odd: Any) -> None:
    for key in path[:-1]:
        value = value[key]
    value[path[-1]] = odd


def as_toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {as_toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value.encode("utf-8", "replace").decode())
    return "inf" if value == float("inf") else '""' if value is None else str(value).lower()[:40]


BASES = {"template": TEMPLATE, "example": locate("example")}


@st.composite
def spoilt(draw: st.DrawFn, base: str = "template") -> tuple[str, bytes]:
    """Draw one file of a sound scenario with one thing in it changed."""
    file = draw(st.sampled_from((*CSV, "places.geojson", "scenario.toml")))
    text = (BASES[base] / file).read_text(encoding="utf-8")
    if draw(st.integers(0, 5)) == 0:
        at, byte = draw(st.integers(0, len(text))), draw(st.sampled_from(b';,"\n\r\t\x00[]{}\xff#='))
        return file, text[:at].encode() + bytes([byte]) + text[at + draw(st.integers(0, 30)) :].encode()
    if file.endswith(".csv"):
        rows = list(csv.reader(io.StringIO(text)))
        row = draw(st.integers(0, len(rows) - 1))
        rows[row][draw(st.integers(0, len(rows[row]) - 1))] = draw(st.sampled_from(WORDS))
        rows += [rows[draw(st.integers(0, len(rows) - 1))]] * draw(st.integers(0, 1))
        out = io.StringIO()
        csv.writer(out, delimiter=draw(st.sampled_from(",;\t"))).writerows(rows)
        return file, out.getvalue().encode()
    value = json.loads(text) if file.endswith(".geojson") else tomllib.loads(text) | {"model": {"learn": True, "stay": [0.9, 0.9]}}
    put(value, draw(st.sampled_from(list(leaves(value)))), draw(st.sampled_from(ODD)))
    if file.endswith(".geojson"):
        return file, json.dumps(value).encode()
    return file, "\n".join(f"{json.dumps(key)} = {as_toml(each)}" for key, each in value.items()).encode()


@cache
def _copy_of(base: str) -> Path:
    """Return this process's own copy of a sound scenario; copying and removing one for every try takes longer than its check."""
    made = Path(tempfile.mkdtemp(prefix="qsim-spoilt-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return shutil.copytree(BASES[base], made / "valley")


@contextmanager
def folder_of(base: str, files: Iterable[tuple[str, bytes]]) -> Iterator[Path]:
    """Give a copy of a sound scenario these files in place of its own, for as long as it is needed."""
    folder, files = _copy_of(base), list(files)
    try:
        for file, data in files:
            (folder / file).write_bytes(data)
        yield folder
    finally:
        for file, _ in files:
            shutil.copyfile(BASES[base] / file, folder / file)


def judged(base: str, files: list[tuple[str, bytes]], *, further: str = "") -> bool:
    """
    Check a folder and ask of it what can be asked, where it is sound; return whether it is.

    `further` is "drawn" to draw a picture and a page of it, too, or "written" to draw and export it in every way there is.
    """
    with folder_of(base, files) as folder:
        return works(folder, further=further)


def works(folder: Path, *, further: str = "") -> bool:
    """Do the same for a folder as it is."""
    problems = qsim.check(folder)
    assert "fault of qsim" not in problems_text(problems)
    if not problems:
        timeline = asked(folder)
        if further:
            with tempfile.TemporaryDirectory() as made:
                {"drawn": drawn, "written": written}[further](timeline, Path(made))
    return not problems
