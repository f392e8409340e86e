"""Whatever stands in its files, a check tells; and what it calls sound loads, and answers what can be asked of a record."""

import csv
import io
import json
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import qsim
from qsim.cli.app import app
from qsim.record.conflicts import conflicts_text
from qsim.record.dates import parse_edtf
from qsim.record.ledger import Claim
from qsim.record.new import TEMPLATE
from qsim.record.problems import problems_text

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


def spoilt(draw: st.DrawFn) -> tuple[str, bytes]:
    """Draw one file of the template with one thing in it changed."""
    file = draw(st.sampled_from((*CSV, "places.geojson", "scenario.toml")))
    text = (TEMPLATE / file).read_text(encoding="utf-8")
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


def asked(folder: Path) -> None:
    """Ask of a sound scenario what can be asked of any."""
    theatre, ledger = qsim.load(folder)
    for policy in ("last_claim", "vote"):
        timeline = qsim.reconstruct(theatre, ledger, policy=policy)
        str(timeline.at(timeline.end))
        str(qsim.why(timeline, theatre.places[0].id, timeline.end))
    conflicts_text(theatre, ledger, qsim.conflicts(theatre, ledger))
    qsim.casualties(theatre, ledger)
    theatre.graph()


@settings(max_examples=120)
@given(st.lists(st.composite(spoilt)(), min_size=1, max_size=2))
@example([("groups.csv", b"id,name,members\nvalley_floor,The valley floor,;\n")])
@example([("places.geojson", b'{"type": "FeatureCollection", "features": [' + b"[" * 100_000)])
@example([("scenario.toml", b"sides = 5\ndocuments = ['a']\nframe = []\nmodel = 3")])
def test_a_check_tells_and_what_it_calls_sound_works(files: list[tuple[str, bytes]]) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "valley"
        shutil.copytree(TEMPLATE, folder)
        for file, data in files:
            (folder / file).write_bytes(data)
        problems = qsim.check(folder)
        assert "fault of qsim" not in problems_text(problems)
        if not problems:
            asked(folder)


def test_a_fault_in_a_check_is_a_problem_and_the_others_are_told_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = qsim.new(tmp_path / "valley")
    (folder / "links.csv").write_text("a,b\nmossford,nowhere\n", encoding="utf-8")

    def failing(contents: object) -> None:
        raise KeyError("anything")

    monkeypatch.setattr("qsim.record.checks.CHECKS", (("places", failing), *qsim.record.checks.CHECKS))
    text = problems_text(qsim.check(folder))
    assert "which is a fault of qsim (KeyError: 'anything'); please report it" in text
    assert "unknown place 'nowhere'" in text


def test_a_claim_with_an_open_end_added_in_python_is_bounded_as_well(tmp_path: Path) -> None:
    theatre, ledger = qsim.load(qsim.new(tmp_path / "valley"))
    more = ledger.plus(Claim("a", "lowmead", "holds", parse_edtf("../2090-05-03"), "reporter", "south"))
    assert str(more.claims[-1].window.start) == "2090-05-01"
    qsim.reconstruct(theatre, more, policy="last_claim")


@pytest.mark.parametrize(
    "words",
    [
        ["why", "example", "tarnby", "2900-01-01"],
        ["why", "example", "tarnby", "9999-12-31"],
        ["casualties", "example", "--to", "9999-12-31"],
        ["conflicts", "example", "--from", "0001-01-01"],
        ["metrics", "example", "--to", "9013-05-01"],
        ["replay", "example", "--to", "9999-12-31"],
        ["simulate", "example", "9999-12-31"],
        ["simulate", "example", "2091-03-10", "--days", "4000000"],
    ],
)
def test_days_at_the_ends_of_the_calendar_are_refused_with_the_reason(words: list[str]) -> None:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)
    assert "DateError" in done.output or "RulesError" in done.output
