"""Texts kept as one are the same texts: whatever is asked of a list of them is answered alike."""

import pickle
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import qsim
from qsim.record import parquet, texts
from qsim.record.scenario import locate
from qsim.record.texts import Texts

SOME = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), max_size=12)


@given(SOME, st.text(max_size=2))
def test_they_answer_as_a_list_does(each: list[str], asked: str) -> None:
    kept = Texts.of(each)
    assert list(kept) == each == [kept[n] for n in range(len(kept))] == [kept[n - len(each)] for n in range(len(each))]
    assert len(kept) == len(each)
    assert kept[1:3] == each[1:3]
    assert [kept.find(text) for text in each] == [each.index(text) for text in each]
    find = kept.finder()
    assert [find(text) for text in (*each, "nothing of it", "\0" + "".join(each[:1]))] == [
        kept.find(text) for text in (*each, "nothing of it", "\0" + "".join(each[:1]))
    ]
    assert (asked in kept) == (asked in each)
    assert kept.are_plain == all(text and all(c.isascii() and (c.isalnum() or c in "_.+-") for c in text) for text in each)
    assert list(pickle.loads(pickle.dumps(kept))) == each


def test_many_are_gone_through_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_TOGETHER", 3)
    each = ["a", "", "Ösk", "bb", "ccc", "d", "é"]
    assert list(Texts.of(each)) == each


def test_what_is_not_there_is_an_error() -> None:
    kept = Texts.of(["a"])
    with pytest.raises(IndexError):
        kept[1]
    with pytest.raises(IndexError):
        kept[-2]
    with pytest.raises(ValueError, match="not in list"):
        kept.index("b")


@pytest.mark.parametrize("shuffled", [False, True])
def test_a_ledger_with_its_ids_kept_so_is_the_same(shuffled: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pandas = pytest.importorskip("pandas")
    folder = tmp_path / "example"
    shutil.copytree(locate("example"), folder)
    frame = pandas.read_csv(folder / "claims.csv", dtype=str, keep_default_na=False).sort_values("id")
    frame = frame.sample(frac=1, random_state=1) if shuffled else frame
    frame.to_csv(folder / "claims.csv", index=False)
    _, told = qsim.load(folder)
    frame.to_parquet(folder / "claims.parquet", index=False)
    (folder / "claims.csv").unlink()
    monkeypatch.setattr(parquet, "_MANY", 3)
    _, ledger = qsim.load(folder)
    assert isinstance(ledger.columns.column("id").values, Texts)
    assert ledger == told
    assert [claim.row for claim in ledger] == [claim.row for claim in told]
    some = [claim.id for claim in told][::7]
    assert ledger.without(*some) == told.without(*some)
    assert [ledger[id] for id in some] == [told[id] for id in some]
    assert "nobody" not in ledger
    assert ledger.plus(replace(told[0], id="one_more")).columns.column("id")[len(told)] == "one_more"
    frame.loc[frame.index[3], "id"] = frame.iloc[0]["id"]
    frame.to_parquet(folder / "claims.parquet", index=False)
    assert [str(each) for each in qsim.check(folder)] == [f"row 5, id: the id {frame.iloc[0]['id']!r} is taken by row 2"]
