"""Two codings compared: the same agree wholly, a changed field is named, and nothing of either is lost when both are merged."""

from dataclasses import replace
from pathlib import Path

import pytest

import qsim
from qsim.exchange.agreement import FIELDS, agree, merge, sentences_read
from qsim.record.ledger import Ledger
from qsim.record.scenario import check


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return qsim.load("example")[1]


def test_a_coding_agrees_with_itself(ledger: Ledger) -> None:
    found = agree(ledger, ledger)
    assert (found.found, found.only_first, found.only_second, found.differences) == (1.0, (), (), [])
    assert all(field.equal == 1 and field.kappa in (None, 1.0) for field in found.fields)
    assert {field.name for field in found.fields} == set(FIELDS)


def test_a_field_that_one_coder_reads_otherwise_is_named(ledger: Ledger) -> None:
    first = ledger.claims[0]
    other = "company" if first.side != "company" else "league"
    changed = replace(ledger, claims=(replace(first, side=other), *ledger.claims[1:]))
    found = agree(ledger, changed)
    assert [(a.id, name) for a, _, name, _, _ in found.differences] == [(first.id, "side")]
    side = next(field for field in found.fields if field.name == "side")
    assert side.equal == pytest.approx(1 - 1 / len(found.pairs))
    assert side.kappa is not None
    assert side.kappa < side.equal


def test_kappa_is_that_of_a_table_worked_out_by_hand(ledger: Ledger) -> None:
    """Of 4 statements both say `holds` of two, `takes` of one, and differ on one: agreement 3/4, by chance (3x2 + 1x2)/16 = 1/2."""
    made = [replace(ledger.claims[0], id=f"c{n}", cites=(f"chronicle:{n + 5}",)) for n in range(4)]
    first = replace(
        ledger, claims=tuple(replace(each, kind=kind) for each, kind in zip(made, ("holds", "holds", "holds", "takes"), strict=True))
    )
    second = replace(
        ledger, claims=tuple(replace(each, kind=kind) for each, kind in zip(made, ("holds", "holds", "takes", "takes"), strict=True))
    )
    kind = next(field for field in agree(first, second).fields if field.name == "kind")
    assert kind.equal == 0.75
    assert kind.kappa == pytest.approx(0.5)


def test_a_sample_coded_again_is_set_beside_what_it_has_read(ledger: Ledger) -> None:
    """Of the first ten statements the second coder has nine, and has read nothing else."""
    sample = replace(ledger, claims=ledger.claims[1:10])
    read = {str(claim.cites[0]) for claim in ledger.claims[:10]}
    found = agree(ledger, sample, second_read=read)
    beyond = [claim for claim in ledger.claims if str(claim.cites[0]) not in read]
    assert len(found.pairs) == 9
    assert ledger.claims[0] in found.only_first
    assert not set(beyond) & set(found.only_first)
    assert found.unread == (len(beyond), 0)
    assert f"left out, of sentences that the other has not read: {len(beyond)} of the first" in str(found)
    assert len(agree(ledger, sample).only_first) == len(ledger) - 9


def test_of_several_statements_of_one_sentence_those_of_one_subject_are_paired(ledger: Ledger) -> None:
    """... though another has more fields alike: dead with dead, and evacuated with evacuated."""
    one = replace(ledger.claims[0], kind="casualties", value=None, bound=None, of="civilians killed", best=3, side="league")
    dead, moved = replace(one, id="dead"), replace(one, id="moved", of="civilians evacuated", side=None)
    others = replace(dead, id="d", side=None, best=4, confidence="claimed"), replace(moved, id="m", side="league", confidence="claimed")
    found = agree(replace(ledger, claims=(moved, dead)), replace(ledger, claims=others))
    assert [(a.id, b.id) for a, b in found.pairs] == [("moved", "m"), ("dead", "d")]


def test_what_coders_have_read_is_what_coverage_lists(tmp_path: Path) -> None:
    folder = qsim.new(tmp_path / "mine")
    assert sentences_read(folder) is None
    (folder / "coverage.csv").write_text("citation,use\nreport:3#1,cited\nreport:3#2,opinion\n")
    assert sentences_read(folder) == frozenset({"report:3#1", "report:3#2"})


def test_a_merge_holds_every_statement_of_both_and_lists_what_differs(tmp_path: Path) -> None:
    mine, theirs = qsim.new(tmp_path / "mine"), qsim.new(tmp_path / "theirs")
    rows = (mine / "claims.csv").read_text().splitlines()
    (mine / "claims.csv").write_text("\n".join(rows[:-1]) + "\n")
    found = merge(mine, theirs, tmp_path / "both")
    assert len(found.only_second) == 1
    assert not check(tmp_path / "both")
    assert len(qsim.load(tmp_path / "both")[1]) == len(qsim.load(theirs)[1])
    assert (tmp_path / "both" / "differences.csv").is_file()
