"""A workbook is a scenario as good as a folder: the same record, problems by sheet, row and column, help in its cells."""

import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import qsim
from qsim.record.problems import problems_text
from qsim.record.scenario import ScenarioError, explain

openpyxl = pytest.importorskip("openpyxl")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return qsim.new(tmp_path / "valley.xlsx")


def edited(path: Path, sheet: str, cell: str, value: Any) -> None:
    book = openpyxl.load_workbook(path)
    book[sheet][cell] = value
    book.save(path)


def test_a_new_workbook_is_sound_and_tells_what_the_folder_tells(book: Path, tmp_path: Path) -> None:
    assert qsim.check(book) == []
    theatre, ledger = qsim.load(book)
    plain, record = qsim.load(qsim.new(tmp_path / "valley"))
    assert [(p.id, p.lon, p.lat, p.gateway) for p in theatre.places] == [(p.id, p.lon, p.lat, p.gateway) for p in plain.places]
    assert [(c.id, c.place, c.kind, c.window) for c in ledger.claims] == [(c.id, c.place, c.kind, c.window) for c in record.claims]
    timeline = qsim.reconstruct(theatre, ledger, policy="last_claim")
    assert timeline.at("2090-05-10").most_likely("mossford") == "the_north"


def test_headings_say_what_they_mean_and_cells_offer_what_fits(book: Path) -> None:
    made = openpyxl.load_workbook(book)
    claims = made["claims"]
    assert "what the claim says" in claims["B1"].comment.text
    offered = {str(rule.sqref): rule.formula1 for rule in claims.data_validations.dataValidation}
    assert offered["B2:B2000"].startswith('"holds,takes,loses')
    assert offered["A2:A2000"] == "=places!$A$2:$A$2000"


def test_problems_name_sheet_row_and_column(book: Path) -> None:
    edited(book, "claims", "A3", "Alder Hil")
    edited(book, "places", "B4", None)
    with pytest.raises(ScenarioError) as caught:
        qsim.load(book)
    text = str(caught.value)
    assert f"{book}, sheet claims has 1 problem\n  row 3, column A (place): unknown place 'Alder Hil'; did you mean 'alder_hill'?" in text
    assert f"{book}, sheet places has 1 problem\n  row 4: the place has no point; expected lon and lat in degrees" in text


def test_real_dates_and_numbers_of_a_spreadsheet_are_read(book: Path) -> None:
    for cell, value in {
        "A11": "Lowmead",
        "B11": "captured",
        "C11": "The North",
        "D11": datetime(2090, 5, 9, 6, 30),
        "E11": "Evening paper",
    }.items():
        edited(book, "claims", cell, value)
    edited(book, "places", "F2", 1999.0)
    _, ledger = qsim.load(book)
    assert (ledger.claims[-1].kind, str(ledger.claims[-1].window)) == ("takes", "2090-05-09T06:30")


def test_places_and_claims_are_enough(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Places"
    for row in (["Name", "Latitude", "Longitude"], ["Altdorf", 46.88, 8.64], ["Brunnen", 46.99, 8.6], ["Schwyz", 47.02, 8.65]):
        book["Places"].append(row)
    claims = book.create_sheet("Claims")
    for line in (["Where", "What", "Who", "Day", "Source"], ["Altdorf", "holds", "Uri", datetime(1798, 5, 1), "a letter"]):
        claims.append(line)
    claims.append(["Schwyz", "clashes", "Schwyz men", datetime(1798, 5, 2), "a letter"])
    book.create_sheet("Scratch").append(["anything"])
    book.save(tmp_path / "uri.xlsx")
    theatre, ledger = qsim.load(tmp_path / "uri.xlsx")
    assert (theatre.name, str(theatre.start), str(theatre.end), len(theatre.links)) == ("uri", "1798-05-01", "1798-05-02", 2)
    assert [claim.kind for claim in ledger.claims] == ["holds", "contests"]
    assert "not read: the sheet 'Scratch'" in problems_text(explain(tmp_path / "uri.xlsx"))


ODS = """<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet>{}</office:spreadsheet></office:body></office:document-content>"""


def as_ods(name: str, rows: list[list[Any]]) -> str:
    def cell(value: Any) -> str:
        if isinstance(value, float):
            return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>shown</text:p></table:table-cell>'
        if isinstance(value, datetime):
            return f'<table:table-cell office:value-type="date" office:date-value="{value:%Y-%m-%d}"><text:p>1/5/98</text:p></table:table-cell>'
        return (
            f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>' if value else "<table:table-cell/>"
        )

    empty = '<table:table-cell table:number-columns-repeated="16000"/>'
    lines = "".join(f"<table:table-row>{''.join(map(cell, row))}{empty}</table:table-row>" for row in rows)
    blank = f'<table:table-row table:number-rows-repeated="1048000">{empty}</table:table-row>'
    return f'<table:table table:name="{name}">{lines}{blank}</table:table>'


def test_a_workbook_of_libreoffice_is_one_as_well(tmp_path: Path) -> None:
    places = as_ods("places", [["name", "lon", "lat"], ["Altdorf", 8.64, 46.88], ["Schwyz", 8.65, 47.02], ["Brunnen", 8.6, 46.99]])
    said: list[list[Any]] = [["place", "what", "who", "day", "source"], ["Altdorf", "holds", "Uri", datetime(1798, 5, 1), "a letter"]]
    claims = as_ods("claims", [*said, ["Schwyz", "holds", "Schwyz men", datetime(1798, 5, 2), "a letter"]])
    with zipfile.ZipFile(tmp_path / "uri.ods", "w") as packed:
        packed.writestr("content.xml", ODS.format(places + claims))
    theatre, ledger = qsim.load(tmp_path / "uri.ods")
    assert [place.lon for place in theatre.places] == [8.64, 8.65, 8.6]
    assert [str(claim.window) for claim in ledger.claims] == ["1798-05-01", "1798-05-02"]


@pytest.mark.parametrize("name", ["a.xlsx", "a.ods"])
def test_what_is_no_workbook_is_told(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"PK\x03\x04 nothing more")
    with pytest.raises(ScenarioError, match="not a workbook that can be read"):
        qsim.load(tmp_path / name)


def test_a_workbook_overwrites_nothing(book: Path) -> None:
    with pytest.raises(ScenarioError, match="exists already"):
        qsim.new(book)


def test_a_workbook_may_have_its_map_before_its_claims(book: Path) -> None:
    """... unless a sheet of nearly that name is there, which is asked about."""
    sheets = openpyxl.load_workbook(book)
    sheets["claims"].title = "clams"
    sheets.save(book)
    assert [each.what for each in qsim.check(book)] == [
        "the sheet is missing, and 'clams' is not read; is that the table of claims? rename it"
    ]
    del sheets["clams"]
    sheets.save(book)
    assert len(qsim.load(book)[1]) == 0
