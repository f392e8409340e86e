"""Claims in qsim's own columns join a folder as they stand: checked by the row that the user knows, all or none."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

import qsim
from qsim import exchange
from qsim.cli.app import app
from qsim.exchange.files import ImportProblem
from qsim.exchange.joining import join_claims

MORE = """day;who;what;where;who_says;citation;note;id
2090-05-06;The South;captured;Lowmead;reporter;report:7#2;"Taken,
they say.";a

2090-05-07;;fought over;valley_floor;reporter;report:7#1;A group of the folder.;
2090-05-08;south;denies;mossford;reporter;;;0503-mossford-takes
"""


@pytest.fixture
def valley(tmp_path: Path) -> Path:
    return qsim.new(tmp_path / "valley")


def written(folder: Path, text: str) -> Path:
    (folder.parent / "more.csv").write_text(text, encoding="utf-8")
    return folder.parent / "more.csv"


def test_rows_in_our_columns_join_places_groups_and_sources_of_the_folder(valley: Path) -> None:
    before, known = (valley / "claims.csv").read_bytes(), len(qsim.load(valley)[1])
    assert "2 claims added" in join_claims([written(valley, MORE.rpartition("2090-05-08")[0])], valley)
    assert (valley / "claims.csv").read_bytes().startswith(before)
    *_, a, b = qsim.load(valley)[1].claims
    assert len(qsim.load(valley)[1]) == known + 2
    assert (a.id, a.place, a.kind, a.side, a.cites, a.note) == ("a", "lowmead", "takes", "south", ("report:7#2",), "Taken,\nthey say.")
    assert (b.place, b.kind, b.side) == ("valley_floor", "contests", None)


def test_what_is_wrong_is_told_by_the_row_of_the_file_and_nothing_is_written(valley: Path) -> None:
    before = (valley / "claims.csv").read_bytes()
    with pytest.raises(qsim.ScenarioError, match=r"more\.csv has 1 problem\n  row 6, denies: a denial names the claim that it denies"):
        join_claims([written(valley, MORE)], valley)
    assert (valley / "claims.csv").read_bytes() == before
    assert sorted(path.name for path in valley.parent.iterdir()) == ["more.csv", "valley"]


def test_an_id_that_is_taken_gets_the_next_in_what_denies_it_too(valley: Path) -> None:
    rows = "id,place,kind,side,start,source,denies\n0503-mossford-takes,lowmead,takes,south,2090-05-06,reporter,\nd,lowmead,denies,south,2090-05-06,reporter,0503-mossford-takes\n"
    join_claims([written(valley, rows)], valley)
    *_, first, second = qsim.load(valley)[1].claims
    assert (first.id, second.denies) == ("0503-mossford-takes_2", "0503-mossford-takes_2")


def test_a_heading_that_is_not_there_is_told_as_that_and_rows_by_the_file_as_it_was_named(valley: Path) -> None:
    more = written(valley, "day;place;What happened;who;source\n2090-05-06;Lowmead;captured;south;reporter\n")
    with pytest.raises(
        ImportProblem, match=r"more\.csv: no column for kind \(what the claim says.*\); found day, place, What happened, who, source"
    ):
        join_claims([more], valley)
    more = written(valley, "day;place;kind;who;source\n2090-05-06;Lowmeadow;captured;south;reporter\n")
    with pytest.raises(qsim.ScenarioError) as told:
        join_claims([more], valley)
    assert str(told.value).startswith(f"{more} has 1 problem\n  row 2, place: unknown place")


def test_what_is_wrong_with_a_table_is_told_by_its_own_rows(valley: Path) -> None:
    more = written(valley, "day,place,kind,who,lon,lat,value\n2090-05-06,Lowmead,takes,south,1,1,\n2090-05-07,Lowmead,share,south,1,1,\n")
    columns = {"day": "day", "place": "place", "kind": "kind", "side": "who", "value": "value", "lon": "lon", "lat": "lat"}
    for put, where in ((exchange.write, valley.parent / "new"), (exchange.add, valley)):
        put(found := exchange.read("table", more, columns=columns), where)
        (aside,) = found.report.quarantined
        assert (aside.file, aside.row) == ("more.csv", 3)
        assert aside.reason == "of which no claim can be made: value: a share needs a value, and only a share has one"
        assert found.report.holds


def test_rows_that_stand_there_already_are_left_out_and_told(valley: Path) -> None:
    more = written(valley, MORE.rpartition("2090-05-08")[0])
    join_claims([more], valley)
    before = (valley / "claims.csv").read_bytes()
    with pytest.raises(ImportProblem, match="all 2 rows stand in"):
        join_claims([more], valley)
    assert (valley / "claims.csv").read_bytes() == before
    longer = MORE.rpartition("2090-05-08")[0] + "2090-05-09;The South;holds;Lowmead;reporter;;;\n"
    assert "1 claim added at its end; 2 that stand there already were left out" in join_claims([written(valley, longer)], valley)


def test_without_rows_or_a_folder_it_says_what_is_wanted(valley: Path) -> None:
    with pytest.raises(ImportProblem, match="no row in more.csv"):
        join_claims([written(valley, "place,kind\n")], valley)
    told = CliRunner().invoke(app, ["import", "claims", str(written(valley, MORE)), "-o", "x"])
    assert told.exit_code == 1
    assert "--into FOLDER" in told.output
    done = CliRunner().invoke(app, ["import", "claims", str(written(valley, MORE.rpartition("2090-05-08")[0])), "--into", str(valley)])
    assert done.exit_code == 0, done.output
