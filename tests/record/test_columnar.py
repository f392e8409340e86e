"""Tables read as columns: each different text once, the same problems of the same rows, the same claims."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_ledgers import claims

import qsim
from qsim.record.claims import may_be_wrong, wrong_with
from qsim.record.columnar import Columnar
from qsim.record.contents import claim_from, claims_from
from qsim.record.ledger import Claim
from qsim.record.packed import FIELDS, Claims, Coded
from qsim.record.problems import Table
from qsim.record.reading import read_table
from qsim.record.scenario import read
from qsim.record.schema import columns
from qsim.record.tabulating import Sheet, tabulate

EXAMPLE = read("example")
CELLS = {
    "id": ["one", "two", "", "a b"],
    "place": ["tarnby", "Esk Hollow", " nowhere", ""],
    "kind": ["holds", "Takes", "share", "flies"],
    "side": ["company", ""],
    "value": ["", "0.5", "60 %", "7"],
    "start": ["2091-03-09", "2091-03", "2091-13", "2 days after one", ""],
    "end": ["", "..", "2091-03-12", "2091-03-01"],
    "cites": ["", "chronicle:13#1;chronicle:2", "https://"],
    "note": ["", "said", "ends  "],
}
ROWS = st.lists(st.tuples(*(st.sampled_from(cells) for cells in CELLS.values())), min_size=1, max_size=20)


def tabulated(rows: list[tuple[str, ...]], known: Any = columns("claims")) -> Table:
    table = Table("claims.csv")
    tabulate(Sheet.of(enumerate([tuple(CELLS), *rows], 1)), known, table)
    return table


@given(ROWS)
def test_a_table_is_that_of_its_rows_one_by_one(rows: list[tuple[str, ...]]) -> None:
    table, said, read_ = tabulated(rows), [], []
    for n, row in enumerate(rows, 2):
        alone = tabulated([row])
        said += [replace(each, row=n) for each in alone.said if each.row > 1]
        read_ += [(n, cells) for _, cells in alone.columns or ()]
    assert list(table.columns or ()) == read_
    assert [each for each in table.said if each.row > 1] == said


@given(ROWS, st.integers(1, 5))
def test_rows_are_put_into_columns_some_at_a_time(rows: list[tuple[str, ...]], together: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("qsim.record.tabulating._TOGETHER", together)
        few = tabulated(rows)
    assert list(few.columns or ()) == list(tabulated(rows).columns or ())
    assert few.said == tabulated(rows).said


@given(ROWS, st.sampled_from([",", ";"]), st.sampled_from(["", "\n\n", ",,,,,,,,,more\n", '"a"', " \n"]))
def test_a_long_table_is_read_as_row_by_row(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]], separator: str, odd: str
) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path_factory.mktemp("long") / "claims.csv"
    lines = [separator.join(cell.replace(";", " and ") for cell in row) for row in (tuple(CELLS), *rows)]
    path.write_text("\n".join(lines) + "\n" + odd, encoding="utf-8")
    found = []
    for long in (0, 10**9):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("qsim.record.reading._LONG", long)
            found.append(read_table(path))
    assert list(found[0].columns or ()) == list(found[1].columns or ())
    assert found[0].said == found[1].said


def test_a_long_row_and_one_of_blanks_are_told_by_their_number() -> None:
    rows = [("one", "tarnby"), (" ",) * 3, ("two", "tarnby", "holds", *[""] * 6, "more"), ("three",)]
    table = tabulated(rows)
    assert [(each.row, each.what) for each in table.said if each.column == ""] == [(4, "the row has 10 cells; expected 9")]
    assert [(row, cells["id"]) for row, cells in table.columns or ()] == [(2, "one"), (4, "two"), (5, "three")]
    assert table.columns is not None
    assert table.columns[1:] == [table.columns[1], table.columns[2]]


@given(ROWS)
def test_claims_of_columns_are_those_of_rows(rows: list[tuple[str, ...]]) -> None:
    table = tabulated([row for row in rows if "after" not in row[5] and row[6] != ".."])
    assert table.columns is not None or not rows
    dated = [claim_from(cells, row) for row, cells in table.columns or () if cells["start"]]
    found = claims_from(table.columns) if table.columns is not None else ()
    assert [[getattr(each, name) for name in FIELDS] for each in found] == [[getattr(each, name) for name in FIELDS] for each in dated]


@st.composite
def doubtful(draw: st.DrawFn) -> Claim:
    """Return a claim of which something may be wrong."""
    spoilt: dict[str, list[Any]] = {
        "place": ["tarnby", "tarnbyy"], "side": ["company", "nobody", None], "source": ["gazette", "gazete"], "kind": ["holds", "flies", "share", "cuts"],
        "actors": [(), ("rangers",)], "cites": [("chronicle:2",), ("chronicle:999",), ()], "value": [None, 0.5, 3], "bound": [None, "about"],
        "low": [None, 7], "best": [None, 3], "confidence": ["stated", "sure"], "denies": [None, "x"], "quantifier": [None, "much"],
        "window": [qsim.record.dates.parse_edtf(text) for text in ("2091-03-09", "1091-03-09", "2091/3091")],
    }  # fmt: skip
    names = draw(st.sets(st.sampled_from(sorted(spoilt)), max_size=6))
    changed = {"place": "tarnby", "source": "gazette", "side": "company", "cites": ()}
    return replace(draw(claims()), **(changed | {name: draw(st.sampled_from(spoilt[name])) for name in sorted(names)}))


@given(st.lists(doubtful(), min_size=1, max_size=8))
def test_whatever_is_wrong_with_a_claim_is_suspected_among_many(made: list[Claim]) -> None:
    known = EXAMPLE.vocabulary()
    wrong = np.array([any(True for _ in wrong_with(each, known)) for each in made])
    assert (may_be_wrong(Claims(made), known) >= wrong).all()


def test_a_sound_record_is_not_suspected() -> None:
    for name in ("example", "kobani"):
        contents = read(name)
        assert not may_be_wrong(contents.claims(), contents.vocabulary()).any()


def test_a_table_of_columns_is_its_rows_and_can_be_filled_in() -> None:
    rows = Columnar(np.array([2, 4, 5]), {"id": Coded.of(["a", None, "b"]), "n": Coded.of([1, 2, 1])})
    assert list(rows) == [(2, {"id": "a", "n": 1}), (4, {"id": None, "n": 2}), (5, {"id": "b", "n": 1})]
    assert [rows[n] for n in range(len(rows))] == list(rows) == rows[:]
    assert rows[-1:] == [rows[2]]
    assert rows.blank("id").tolist() == [False, True, False]
    assert rows.blank("n").tolist() == [False] * 3
    assert rows.where("n", lambda n: n == 1).tolist() == [True, False, True]
    assert list(rows.named("n")) == [(2, {"n": 1}), (4, {"n": 2}), (5, {"n": 1})]
    some = rows.take(np.array([False, True, True]))
    assert list(some) == [(4, {"id": None, "n": 2}), (5, {"id": "b", "n": 1})]
    some.put("id", "c", some.blank("id"))
    some.change("n", lambda n: n * 10)
    assert list(some) == [(4, {"id": "c", "n": 20}), (5, {"id": "b", "n": 10})]
    assert rows.blank("id").any()
