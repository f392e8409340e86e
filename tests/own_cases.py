"""Small cases as people bring them: a table of places, a table of what was said, anywhere on earth, in any script, of any years."""

import csv
import io
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

NAMES = (
    "Altmark", "Ñandubay", "Красный Яр", "عين الزرقاء", "村", "O'Hara & <Sons>", "=Bergen", "$x$", "a,b", "𐍈", "e\u0301", "x" * 90, "1917", "Hill; South",
    "ก็", "\N{GREEK SMALL LETTER ALPHA}_{2}", "[bold]", "%s", "{}", "\\n",
)  # fmt: skip
WHAT = ("holds", "takes", "loses", "contests", "denies", "share", "repulses", "encircles", "bombards", "reinforces", "captured", "clashes")
SOURCES = ("Chronicle", "газета", "Army bulletin", "وكالة")
SOUTH_WEST = ((8.0, 46.0), (-179.99, -16.0), (179.5, 65.0), (-70.0, -50.0), (36.5, 34.5), (0.0, 0.0))


def table(header: tuple[str, ...], rows: list[list[Any]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *rows])
    return out.getvalue().encode()


@st.composite
def places(draw: st.DrawFn) -> list[list[Any]]:
    """Draw rows of places: few, near to each other or far apart, some without people."""
    west, south = draw(st.sampled_from(SOUTH_WEST))
    apart = draw(st.sampled_from((0.0005, 0.05, 1.0, 3.0)))
    names = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=6, unique=True))
    spots = draw(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=len(names), max_size=len(names), unique=True))
    return [
        [name, round(west + x * apart, 6), round(south + y * apart, 6), draw(st.sampled_from(("", 0, 1200)))]
        for name, (x, y) in zip(names, spots, strict=True)
    ]


@st.composite
def own_case(draw: st.DrawFn) -> dict[str, bytes]:
    """Draw the files of a small case; most are sound, some are asked about."""
    where = draw(places())
    year = draw(st.sampled_from((476, 1798, 1944, 2031)))
    sides = draw(st.lists(st.sampled_from(("Town league", "Горцы", "الجيش", "=1 & co")), min_size=2, max_size=4, unique=True))
    days = draw(st.lists(st.integers(1, 28), min_size=1, max_size=8))
    rows = []
    for n, day in enumerate(days):
        what = draw(st.sampled_from(("holds", "takes", *WHAT)))
        told = f"{year:04d}-05-{day:02d}" + draw(st.sampled_from(("", "", "", "~", "/..")))
        denied = f"c{draw(st.integers(0, n))}" if what == "denies" else ""
        value = draw(st.sampled_from((0.0, 0.4, 1.0))) if what == "share" else ""
        spoken = draw(st.sampled_from([row[0] for row in where]))
        rows.append([f"c{n}", spoken, what, draw(st.sampled_from(sides)), told, draw(st.sampled_from(SOURCES)), value, denied])
    bases = [json.dumps(where[i % len(where)][0], ensure_ascii=False) for i in range(len(sides))]
    settings = "sides = [" + ", ".join(f'{{ name = "{side}", bases = [{base}] }}' for side, base in zip(sides, bases, strict=True)) + "]\n"
    return {
        "places.csv": table(("name", "lon", "lat", "population"), where),
        "claims.csv": table(("id", "place", "what", "side", "day", "source", "value", "denies"), rows),
        "scenario.toml": ('title = "A case of one\'s own"\n' + settings).encode(),
    }


@contextmanager
def as_folder(files: Mapping[str, bytes]) -> Iterator[Path]:
    """Give a folder with these files, for as long as it is needed."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "own"
        folder.mkdir()
        for name, data in files.items():
            (folder / name).write_bytes(data)
        yield folder
