"""More rows: whatever program wrote the file, every byte that was there is there afterwards."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qsim.record.rows import EditError, rows_of, with_features, with_rows

ROW = {"place": "Brunn", "kind": "holds", "start": "1798-05-02", "note": 'He said: "no";\nand left, then.'}


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("last", ["", "\n", "\n\n"])
def test_the_bytes_that_are_there_stay(ending: str, separator: str, encoding: str, last: str) -> None:
    text = '"place","what",day,Bemerkung,note\nAbel,takes,1798-05-01,"  x ","a\nb"\n"Ab""el",holds,,,'.replace(",", separator)
    before = (text + last).replace("\n", ending).encode(encoding)
    after = with_rows(before, "claims", [ROW])
    assert after.startswith(before)
    rows = list(csv.DictReader(io.StringIO(after.decode(encoding), newline=""), delimiter=separator))
    assert [row["place"] for row in rows if any(row.values())] == ["Abel", 'Ab"el', "Brunn"]
    assert (rows[-1]["what"], rows[-1]["day"], rows[-1]["note"]) == ("holds", "1798-05-02", ROW["note"])


def test_a_field_without_a_column_gets_the_last_one() -> None:
    before = b'sep=;\r\nplace;day;;\r\n"A;b";1798-05-01\r\nC;1798-05-02;;\r\n'
    after = with_rows(before, "claims", [{"place": "D", "kind": "holds", "value": "0.5"}])
    assert after == b'sep=;\r\nplace;day;;;kind;value\r\n"A;b";1798-05-01;;;;\r\nC;1798-05-02;;;;\r\nD;;;;holds;0,5\r\n'


def test_an_empty_file_gets_headings() -> None:
    assert with_rows(b"", "claims", [{"kind": "holds", "place": "D", "note": " "}]) == b"place,kind\nD,holds\n"


@pytest.mark.parametrize(
    ("data", "row", "what"),
    [
        (b"place,day\n", {"plaice": "D"}, "plaice: no field of claims"),
        (b'place,day\n"open,1798\n', {"place": "D"}, "not a CSV row"),
        (b"foo,bar\n1,2\n", {"place": "D"}, "no column is known"),
        (b"place,day\n\xe9,1798\n", {"place": "D"}, "row 2: byte 0xe9 is not UTF-8"),
        (b"place,day\n", {"place": "\ud800"}, "no character that a file can hold"),
    ],
)
def test_what_cannot_be_added_to_is_told(data: bytes, row: dict[str, str], what: str) -> None:
    with pytest.raises(EditError, match=what):
        with_rows(data, "claims", [row])


def test_new_rows_are_quoted_as_the_headings_are() -> None:
    before = b'"place";"value"\r\n"Abel";"0,5"\r\n'
    after = with_rows(before, "claims", [{"place": "Brunn", "value": "0.25"}, {"place": "C", "kind": "holds"}])
    assert after == b'"place";"value";"kind"\r\n"Abel";"0,5";""\r\n"Brunn";"0,25";""\r\n"C";"";"holds"\r\n'


def test_a_cell_is_changed_in_its_place_and_other_rows_keep_their_bytes() -> None:
    before = b'from,to,Anmerkung\r\nabel,"b\r\nc",  x\r\n"abel",brunn\r\nd,e,f'
    assert [(row["a"], row["b"]) for row in rows_of(before, "links")] == [("abel", "b\r\nc"), ("abel", "brunn"), ("d", "e")]
    after = with_rows(before, "links", [{"a": "x", "b": "y"}], {1: {"a": "abel_2"}, 2: {"kind": "track"}})
    assert after == b'from,to,Anmerkung,kind\r\nabel,"b\r\nc",  x,\r\nabel_2,brunn,,\r\nd,e,f,track\r\nx,y,,\r\n'
    assert with_rows(before, "links", [], {0: {"b": "z"}}) == before.replace(b'"b\r\nc"', b"z")


def test_a_row_is_left_out_and_other_rows_keep_their_bytes() -> None:
    before = b'from,to,Anmerkung\r\nabel,"b\r\nc",  x\r\n\r\n"abel",brunn\r\nd,e,f'
    assert with_rows(before, "links", [], without=[0]) == b'from,to,Anmerkung\r\n\r\n"abel",brunn\r\nd,e,f'
    assert with_rows(before, "links", [{"a": "x", "b": "y"}], {1: {"b": "z"}}, without=[2]) == (
        b'from,to,Anmerkung\r\nabel,"b\r\nc",  x\r\n\r\nabel,z,\r\nx,y,\r\n'
    )
    with pytest.raises(EditError, match="no row at position 3"):
        with_rows(before, "links", [], without=[3])


def test_a_field_that_is_blank_in_a_change_is_emptied() -> None:
    before = b"place,what,note\nabel,takes,so\nbrunn,holds,no\n"
    after = with_rows(before, "claims", [], {0: {"kind": "holds", "note": " ", "cites": ""}})
    assert after == b"place,what,note\nabel,holds,\nbrunn,holds,no\n"


def test_nothing_more_is_no_change() -> None:
    assert with_rows(b"place;day\r", "claims", []) == b"place;day\r"
    assert with_features(b"{", []) == b"{"


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=2, max_size=2), max_size=5))
def test_any_rows_are_kept(rows: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([["place", "note"], *rows])
    after = with_rows(out.getvalue().encode(), "claims", [{"place": "Brunn", "kind": "holds"}]).decode()
    found = [row for row in csv.reader(io.StringIO(after, newline="")) if any(row)]
    assert found == [["place", "note", "kind"], *([*row, ""] for row in rows if any(row)), ["Brunn", "", "holds"]]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_features_keep_their_bytes(ending: str, encoding: str) -> None:
    text = '{ "type":"FeatureCollection", "x": {"features": []},\n"features" : [\n {"a": 1.50, "n": "\\u00e9]}"} \n ] ,\n"name":"p"}\n'
    before = text.replace("\n", ending).encode(encoding)
    after = with_features(before, [{"b": "é"}]).decode(encoding)
    head, _, tail = before.decode(encoding).partition(f" {ending} ] ,")
    assert after == f'{head},{ending}{{"b": "é"}} {ending} ] ,{tail}'
    assert with_features(b'{"features": []}', [{"b": 2}]) == b'{"features": [\n{"b": 2}]}'
    assert json.loads(with_features(b"", [{"b": 2}]))["features"] == [{"b": 2}]


@pytest.mark.parametrize("data", [b"[]", b'{"features": 3}', b'{"features": [1', b'{"a": }', b"\xff"])
def test_what_is_no_collection_is_told(data: bytes) -> None:
    with pytest.raises(EditError, match=r"not JSON|not a GeoJSON|is not UTF-8"):
        with_features(data, [{}])
