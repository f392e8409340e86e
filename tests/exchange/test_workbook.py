"""A whole scenario as a workbook, and in a saved timeline: read back, it is the theatre and the ledger that it was made of."""

from dataclasses import replace
from pathlib import Path

import pytest
import toys

import qsim
from qsim.belief.timeline import Timeline
from qsim.exchange.export import export
from qsim.exchange.extras import ExportError
from qsim.exchange.workbook import write_workbook
from qsim.record.dates import parse_edtf

openpyxl = pytest.importorskip("openpyxl")
GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.mark.parametrize("name", ["qusayr", "example", "kobani", GOLDEN / "full", GOLDEN / "valley"], ids=str)
def test_a_workbook_is_read_back_equal(name: str | Path, tmp_path: Path) -> None:
    theatre, ledger = qsim.load(name)
    write_workbook(theatre, ledger, tmp_path / "a.xlsx")
    assert qsim.check(tmp_path / "a.xlsx") == []
    again, record = qsim.load(tmp_path / "a.xlsx")
    assert again == theatre
    assert again.city == theatre.city
    assert record == ledger
    write_workbook(again, record, tmp_path / "b.xlsx")
    sheets = [{s.title: list(s.values) for s in openpyxl.load_workbook(tmp_path / f"{each}.xlsx").worksheets} for each in "ab"]
    assert sheets[0] == sheets[1]


@pytest.mark.parametrize("name", ["qusayr", "example"])
def test_a_saved_timeline_keeps_its_scenario(name: str, tmp_path: Path) -> None:
    theatre, ledger = qsim.load(name)
    timeline = qsim.reconstruct(theatre, ledger, policy="last_claim")
    path = timeline.save(tmp_path / "a.qsim")
    back = Timeline.load(path)
    assert (back.theatre, back.ledger) == (theatre, ledger) == qsim.load(path)
    assert back.theatre.city == back.theatre.in_question != ""
    assert back.belief.tobytes() == timeline.belief.tobytes()
    assert back.save(tmp_path / "b.qsim").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("version", [1, 2])
def test_timelines_saved_by_earlier_versions_are_read(version: int) -> None:
    theatre, ledger = qsim.load(GOLDEN / "valley")
    path = GOLDEN / f"valley-{version}.qsim"
    given = Timeline.load(path, theatre, ledger)
    assert given.policy == "last_claim"
    assert given.at("2090-05-10").most_likely("mossford") == "north"
    if version == 1:
        with pytest.raises(ExportError, match="keeps no scenario"):
            Timeline.load(path)
    else:
        assert Timeline.load(path) == given


def test_what_a_cell_could_take_otherwise_comes_back_as_it_was(tmp_path: Path) -> None:
    """Formulas, spaces at the ends, lists whose parts hold what parts lists, numbers of seventeen digits, dates of every kind."""
    theatre, ledger = qsim.load(GOLDEN / "valley")
    first, *rest = theatre.places
    odd = replace(
        first,
        local_names={"ku": "Mosê", "de": "Moosfurt"},
        variants=("Ford, the old", "a;b", "=SUM(A1)"),
        note='=1+1 "quoted"\nand a second line',
        lon=first.lon + 1e-15,
    )
    document = replace(next(iter(theatre.documents.values())), lines=("  indented", "", "=line", "2013", "trailing "), id="more")
    links = tuple(replace(link, cites=("A survey, p. 4", "report:1#1")) for link in theatre.links)
    model = {"reliability": {"press": (0.8, 4), "civilian": (0.5, 2.5)}, "cover_building": 0.5}
    theatre = replace(
        theatre,
        places=(odd, *rest),
        links=links,
        documents={**theatre.documents, "more": document},
        model=model,
        licence="CC0",
        attribution="Nobody",
    )
    some = ["2090-05-04", "2090-05", "2090-05-03/2090-05-06", "2090-05-08~", "2090-05-04T06:30", "2090-05-07/..", "../2090-05-05"]
    claims = [replace(ledger[0], id=f"more-{n}", window=parse_edtf(when), cites=(), implied=("a; b", "c")) for n, when in enumerate(some)]
    write_workbook(theatre, replace(ledger, claims=(*ledger.claims, *claims)), tmp_path / "a.xlsx")
    again, record = qsim.load(tmp_path / "a.xlsx")
    assert again.documents == theatre.documents
    assert again.model == theatre.model
    assert again.links == theatre.links
    assert replace(again.places[0], polygon=odd.polygon, area_km2=odd.area_km2) == odd
    assert (again.licence, again.attribution) == ("CC0", "Nobody")
    assert record[-1].implied == ("a; b", "c")
    assert [str(claim.window) for claim in record][-len(some) :] == [str(claim.window) for claim in claims]


def test_cells_offer_the_sides_kinds_places_and_sources(tmp_path: Path) -> None:
    theatre, ledger = qsim.load("example")
    write_workbook(theatre, ledger, tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    claims = book["claims"]
    heads = {cell.value: cell.column_letter for cell in claims[1]}
    offered = {str(rule.sqref).partition("2:")[0]: rule.formula1 for rule in claims.data_validations.dataValidation}
    for name, sheet in (("place", "places"), ("side", "sides"), ("source", "sources")):
        assert offered[heads[name]] == f"={sheet}!$A$2:$A$2000"
        assert book[sheet]["A1"].value == "id"
    assert offered[heads["kind"]].startswith('"holds,takes,loses')
    assert all(len(rule.formula1) <= 257 for sheet in book for rule in sheet.data_validations.dataValidation)  # what Excel takes
    assert "what the claim says" in claims[f"{heads['kind']}1"].comment.text


def test_a_line_more_in_the_workbook_is_a_claim_more(tmp_path: Path) -> None:
    theatre, ledger = qsim.load("example")
    write_workbook(theatre, ledger, tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    heads = [cell.value for cell in book["claims"][1]]
    told = {"place": theatre.places[0].name, "kind": "holds", "side": theatre.sides[0].name, "start": "2091-03-09", "source": "gazette"}
    book["claims"].append([told.get(name) for name in heads])
    book.save(tmp_path / "a.xlsx")
    _, more = qsim.load(tmp_path / "a.xlsx")
    assert len(more) == len(ledger) + 1
    assert (more[-1].place, more[-1].side) == (theatre.places[0].id, theatre.sides[0].id)


def test_what_a_workbook_cannot_hold_is_told(tmp_path: Path) -> None:
    theatre, ledger = qsim.load(GOLDEN / "valley")
    long = replace(theatre, places=(replace(theatre.places[0], note="x" * 40_000), *theatre.places[1:]))
    with pytest.raises(ExportError, match="sheet places, row 2, note has 40,000 characters; a cell holds 32,767"):
        write_workbook(long, ledger, tmp_path / "a.xlsx")
    silent = toys.replayed(toys.line()).most_likely().mean()
    with pytest.raises(ExportError, match="no ledger has no claims|without a ledger"):
        export(silent, tmp_path / "b.xlsx")
    assert not list(tmp_path.glob("b.*"))


def test_problems_of_its_sheets_are_told(tmp_path: Path) -> None:
    theatre, ledger = qsim.load("example")
    write_workbook(theatre, ledger, tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    book["actors"]["A2"], book["lines"]["B2"], book["backdrop"]["G2"] = "nobody", "first", "LINE (0 0)"
    book.save(tmp_path / "a.xlsx")
    told = "\n".join(problem.what for problem in qsim.check(tmp_path / "a.xlsx"))
    for expected in ("'nobody' is no side of the sheet 'sides'", "'first' is no number of a line", "the outline is not WKT"):
        assert expected in told
