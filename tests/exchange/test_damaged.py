"""Damaged files: whatever stands in a cell, the sum holds and what is written is sound, or the file is refused with a reason."""

import csv
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from layouts import CASES, DATA

from qsim import check, exchange
from qsim.exchange import ImportProblem

ODD = st.one_of(
    st.sampled_from(["", " ", "NA", "nan", "inf", "-1", "1e400", "7e+05", "0", "1/2/2031", "2031-13-40", "2031", ";", '"', "\u00a0", "é;", "None", "*", "'; x"]),
    st.text(max_size=12),
    st.integers(-(10**12), 10**12).map(str),
)  # fmt: skip
FEW = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def brought_in(case: str, files: dict[str, str]) -> None:
    """Import files given by name, and expect a sum that holds and a sound scenario, or a refusal."""
    format, _, wanted, _ = CASES[case]
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            (Path(folder) / name).write_text(text, encoding="utf-8", newline="")
        try:
            found = exchange.read(format, *(Path(folder) / name for name in files), **wanted)
        except ImportProblem:
            return
        assert found.report.holds, found.report.text()
        try:
            made = exchange.write(found, Path(folder) / "made")
        except ImportProblem:  # nothing left, or a place at the other end of the world
            return
        assert check(made) == []


@pytest.mark.parametrize("case", [case for case in CASES if CASES[case][1][0].endswith(".csv")])
@FEW
@given(data=st.data())
def test_tables_with_odd_cells(case: str, data: st.DataObject) -> None:
    files = {name: (DATA / name).read_text(encoding="utf-8-sig") for name in CASES[case][1]}
    first = CASES[case][1][0]
    separator = ";" if first == "holders.csv" else ","
    rows = list(csv.reader(io.StringIO(files[first]), delimiter=separator))
    for _ in range(data.draw(st.integers(1, 6))):
        row = data.draw(st.integers(1, len(rows) - 1))
        rows[row][data.draw(st.integers(0, len(rows[row]) - 1))] = data.draw(ODD)
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(rows)
    brought_in(case, files | {first: out.getvalue()})


@FEW
@given(data=st.data())
def test_modules_with_odd_marks(data: st.DataObject) -> None:
    files = {name: (DATA / name).read_text(encoding="utf-8") for name in CASES["wikimap"][1]}
    first = CASES["wikimap"][1][0]
    at = data.draw(st.integers(0, len(files[first])))
    brought_in("wikimap", files | {first: files[first][:at] + data.draw(ODD) + files[first][at + data.draw(st.integers(0, 9)) :]})


@FEW
@given(data=st.data())
def test_maps_with_odd_features(data: st.DataObject) -> None:
    files = {name: (DATA / name).read_text(encoding="utf-8") for name in CASES["polygons"][1]}
    first = CASES["polygons"][1][0]
    collection = json.loads(files[first])
    odd: st.SearchStrategy[Any] = st.one_of(ODD, st.none(), st.integers(-3, 3), st.lists(st.floats(-1, 1), max_size=3))
    feature = data.draw(st.sampled_from(collection["features"]))
    key = data.draw(st.sampled_from(["properties", "geometry", "fill", "coordinates", "ring"]))
    if key in ("properties", "geometry"):
        feature[key] = data.draw(st.one_of(st.none(), st.just({})))
    elif key == "fill":
        feature["properties"]["fill"] = data.draw(odd)
    elif key == "coordinates":
        feature["geometry"]["coordinates"] = data.draw(odd)
    else:
        points = st.lists(st.tuples(st.floats(0, 0.4), st.floats(0, 0.4)), min_size=3, max_size=7)
        feature["geometry"] = {"type": "Polygon", "coordinates": [data.draw(points)]}
    brought_in("polygons", files | {first: json.dumps(collection)})
