"""Every way in which a scenario folder can be wrong is told, all at once, with its place and remedy."""

import csv
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import qsim
from qsim.exchange.joining import join_claims
from qsim.record.new import new
from qsim.record.scenario import ScenarioError, data_root, explain, read
from qsim.record.schema import SCHEMA, describe
from qsim.record.words import CONTROL, KIND_MEANINGS, KINDS

Mend = Callable[[Path], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the bundled record that a test may spoil."""
    shutil.copytree(data_root() / "seeds", tmp_path / "seeds")
    shutil.copytree(data_root() / "scenarios" / "qusayr", tmp_path / "scenarios" / "qusayr")
    return tmp_path / "scenarios" / "qusayr"


def edit(file: str, old: str, new: str) -> Mend:
    def spoil(folder: Path) -> None:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8", newline="")

    return spoil


def cell(file: str, row: int, column: str, value: str) -> Mend:
    def spoil(folder: Path) -> None:
        with (folder / file).open(encoding="utf-8", newline="") as opened:
            rows = list(csv.reader(opened))
        rows[row - 1][rows[0].index(column)] = value
        with (folder / file).open("w", encoding="utf-8", newline="") as opened:
            csv.writer(opened, lineterminator="\n").writerows(rows)

    return spoil


def encoded(file: str, change: Callable[[bytes], bytes]) -> Mend:
    def spoil(folder: Path) -> None:
        (folder / file).write_bytes(change((folder / file).read_bytes()))

    return spoil


def feature(id: str, **properties: object) -> Mend:
    def spoil(folder: Path) -> None:
        data = json.loads((folder / "places.geojson").read_text(encoding="utf-8"))
        found = next(f for f in data["features"] if f["properties"]["id"] == id)
        found["geometry"] = properties.pop("geometry", found["geometry"])
        found["properties"].update(properties)
        (folder / "places.geojson").write_text(json.dumps(data), encoding="utf-8")

    return spoil


def appended(file: str, line: str) -> Mend:
    return encoded(file, lambda data: data + line.encode() + b"\n")


BROKEN: dict[str, tuple[Mend, str]] = {
    "unknown place": (cell("claims.csv", 20, "place", "dabaa_airbse"), r"row 20, place: unknown place 'dabaa_airbse'; did you mean 'dabaa_airbase'\?"),
    "unknown source": (cell("claims.csv", 20, "source", "shor"), r"row 20, source: unknown source 'shor'; did you mean 'sohr'\?"),
    "unknown side": (cell("claims.csv", 20, "side", "goverment"), r"row 20, side: unknown side 'goverment'; did you mean 'government'\?"),
    "unknown group": (cell("claims.csv", 20, "place", "qusayr_nort"), r"did you mean 'qusayr_north'\?"),
    "unknown kind": (cell("claims.csv", 20, "kind", "captred"), r"row 20, kind: unknown kind 'captred'; did you mean 'captured', which is read as 'takes'\?; expected one of"),
    "unknown actor": (cell("claims.csv", 20, "actor", "armi"), r"unknown actor 'armi'; did you mean 'army'\?"),
    "bad date": (cell("claims.csv", 20, "start", "31/12/2012"), r"row 20, start: bad date: '31/12/2012' is not an EDTF date; write 2012-12-31"),
    "end before start": (cell("claims.csv", 20, "end", "1999-01-01"), r"row 20, end: the end 1999-01-01 lies before the start"),
    "reported before": (cell("claims.csv", 20, "reported", "1999-01-01"), r"row 20, reported: reported 1999-01-01, before"),
    "share outside": (cell("claims.csv", 20, "value", "60"), r"row 20, value: 60 lies outside 0\.\.1; a share is a fraction, so 60 % is 0\.6"),
    "missing column": (edit("claims.csv", ",source,", ",quelle,"), r"row 1, source: the column is missing"),
    "misspelt column": (edit("claims.csv", ",confidence,", ",confidance,"), r"row 1, confidance: unknown column 'confidance'; did you mean 'confidence'"),
    "wrong encoding": (encoded("sources.csv", lambda data: data + "\nx,é".encode("latin-1")), r"is not UTF-8; save the file as UTF-8"),
    "empty file": (encoded("groups.csv", lambda data: b""), r"groups.csv has 1 problem\s+the file is empty"),
    "mistyped file": (
        lambda folder: shutil.move(folder / "claims.csv", folder / "claim.csv"),
        r"claims.csv has 1 problem\s+the file is missing, and claim.csv is not read; is that the table of claims\? rename it",
    ),
    "not JSON": (encoded("places.geojson", lambda data: data[:-20]), r"places.geojson has 1 problem\s+row \d+: not JSON"),
    "cyclic parents": (feature("qusayr", parent="qusayr"), r"the parents of 'qusayr' run in a circle"),
    "self-link": (cell("links.csv", 3, "b", "shinshar"), r"row 3: the link joins 'shinshar' to itself"),
    "link to nowhere": (cell("links.csv", 3, "b", "shamsinx"), r"row 3, b: unknown place 'shamsinx'; did you mean 'shamsin'\?"),
    "impossible length": (cell("links.csv", 3, "length_km", "0.01"), r"row 3, length_km: length_km is 0.01, but 'shinshar' and 'shamsin' lie [\d.]+ km apart"),
    "link to a city": (cell("links.csv", 3, "b", "qusayr"), r"'qusayr' is a city of parts and carries no links"),
    "outside the frame": (feature("abil", geometry={"type": "Point", "coordinates": [30, 30]}), r"'abil' lies outside the frame and is no gateway"),
    "citation to nowhere": (cell("claims.csv", 20, "cites", "004:999"), r"row 20, cites: 004:999 points past the end of document 004"),
    "citation malformed": (cell("claims.csv", 20, "cites", "page 4"), r"row 20, cites: 'page 4' is not a citation; expected document:line"),
    "unknown format": (edit("scenario.toml", "format = 1", "format = 7"), r"format: unknown format 7; this version reads format = 1"),
    "not TOML": (edit("scenario.toml", "format = 1", "format = = 1"), r"scenario.toml has \d+ problems?\s+not TOML"),
    "unknown parameter": (appended("scenario.toml", "[model]\nlearned = true\ncover_building = 3"), r"model: unknown parameter 'learned'; did you mean 'learn'"),
    "parameter out of range": (appended("scenario.toml", "[model]\ncover_building = 3"), r"model: cover_building is 3; expected a number from 0 to 1"),
    "bad frame": (edit("scenario.toml", "frame = [36.36", "frame = [38.36"), r"is not \[west, south, east, north\] in degrees"),
    "document nowhere": (
        edit("scenario.toml", 'file = "../../seeds/002', 'url = "../../seeds/002'),
        r"document '002' has neither a file nor an id and the url",
    ),
    "missing document": (edit("scenario.toml", "002_fc", "002_xx"), r"document '002': there is no file"),
    "unknown base": (edit("scenario.toml", 'place = "hermel"', 'place = "hermell"'), r"base of 'government': unknown place 'hermell'; did you mean 'hermel'"),
    "mixed group": (cell("groups.csv", 2, "members", "abil;road_m5_1"), r"row 2, members: members mix places and links"),
    "no CSV": (appended("links.csv", '"x'), r"not a CSV row"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_is_told_with_place_and_remedy(name: str, folder: Path) -> None:
    spoil, what = BROKEN[name]
    spoil(folder)
    with pytest.raises(ScenarioError, match=what) as caught:
        qsim.load(folder)
    assert str(caught.value) == str(ScenarioError(qsim.check(folder), folder=str(folder)))


def test_duplicate_ids_name_the_row_that_has_them(folder: Path) -> None:
    for row in (20, 21):
        cell("claims.csv", row, "id", "same")(folder)
    with pytest.raises(ScenarioError, match="row 21, id: the id 'same' is taken by row 20"):
        qsim.load(folder)


def test_bounds_of_one_voice_that_leave_nothing_between_are_told(folder: Path) -> None:
    with (folder / "claims.csv").open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    base = next(row for row in rows if row["kind"] == "share")
    with (folder / "claims.csv").open("a", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, base, lineterminator="\n")
        writer.writerows(
            {**base, "id": f"more-{bound}", "value": value, "bound": bound} for bound, value in (("at_least", "0.9"), ("at_most", "0.2"))
        )
    with pytest.raises(ScenarioError, match=r"the share of at least 0\.9 \(row \d+\) and at most 0\.2 \(row \d+\) leave nothing between"):
        qsim.load(folder)


def test_origins_must_not_run_in_a_circle(folder: Path) -> None:
    with (folder / "sources.csv").open(encoding="utf-8", newline="") as opened:
        first, second = list(csv.DictReader(opened))[:2]
    cell("sources.csv", 2, "origin", second["id"])(folder)
    cell("sources.csv", 3, "origin", first["id"])(folder)
    with pytest.raises(ScenarioError, match=f"the origins of {first['id']!r} run in a circle"):
        qsim.load(folder)


def test_islands_and_enclaves_are_allowed_and_told(folder: Path) -> None:
    with (folder / "links.csv").open("a", encoding="utf-8", newline="") as opened:
        opened.write("far,Far,atlantis,lemuria,road,9,estimated,,\n")
    places = json.loads((folder / "places.geojson").read_text(encoding="utf-8"))
    for id in ("atlantis", "lemuria", "mu"):
        made = json.loads(json.dumps(places["features"][-1]))
        made["properties"] |= {"id": id, "name": id.title(), "name_ar": "", "variants": [], "gateway": True, "parent": None, "within": None}
        made["geometry"] = {"type": "Point", "coordinates": [37.0, 34.0]}
        places["features"].append(made)
    (folder / "places.geojson").write_text(json.dumps(places), encoding="utf-8")
    qsim.load(folder)
    said = "\n".join(map(str, explain(folder)))
    assert "no link reaches mu; an island is allowed" in said
    assert re.search("the map falls apart: no way joins '.*' and '.*'", said)


def test_all_problems_are_told_at_once_in_the_order_of_the_files(folder: Path) -> None:
    cell("claims.csv", 20, "source", "shor")(folder)
    cell("claims.csv", 9, "start", "soon")(folder)
    cell("links.csv", 3, "b", "shamsinx")(folder)
    edit("scenario.toml", "format = 1", "format = 7")(folder)
    problems = qsim.check(folder)
    assert [(p.file, p.row) for p in problems] == [("scenario.toml", 0), ("links.csv", 3), ("claims.csv", 9), ("claims.csv", 20)]
    assert f"{folder}/claims.csv has 2 problems" in str(ScenarioError(problems, folder=str(folder)))


def test_the_bundled_record_is_sound() -> None:
    assert qsim.check("qusayr") == []


def test_an_unknown_scenario_tells_the_bundled_ones() -> None:
    with pytest.raises(ScenarioError, match="no scenario 'quseir'.*did you mean 'qusayr'"):
        qsim.load("quseir")


def test_a_folder_without_a_scenario_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="every scenario folder has one of them"):
        qsim.load(tmp_path)


def test_every_kind_of_claim_is_explained() -> None:
    assert tuple(KIND_MEANINGS) == KINDS
    assert {kind for kind, meaning in KIND_MEANINGS.items() if meaning.control.startswith("yes")} == set(CONTROL)
    assert all(meaning.says and meaning.side for meaning in KIND_MEANINGS.values())


def test_the_schema_documents_every_column() -> None:
    text = describe()
    assert all(f"| {column.file} | `{column.name}` |" in text for column in SCHEMA)
    assert all(column.description for column in SCHEMA)


def test_names_by_language_are_read_from_geojson_and_are_spellings(tmp_path: Path) -> None:
    new(tmp_path / "mine")
    file = tmp_path / "mine" / "places.geojson"
    data = json.loads(file.read_text(encoding="utf-8"))
    data["features"][0]["properties"] |= {"name_ku": "Moşford", "name_uk": "Моссфорд", "name_tr": None}
    file.write_text(json.dumps(data), encoding="utf-8")
    theatre, _ = qsim.load(tmp_path / "mine")
    assert theatre.places[0].local_names == {"ku": "Moşford", "uk": "Моссфорд"}
    assert theatre.places[0].name_in("ku") == "Moşford"
    assert theatre["Моссфорд"] is theatre.places[0]


def test_a_claim_that_is_there_twice_is_told_and_allowed(tmp_path: Path) -> None:
    folder = qsim.new(tmp_path / "valley")
    path = folder / "claims.csv"
    with path.open(encoding="utf-8", newline="") as file:
        first = next(csv.DictReader(file))
    rows = [first | {"id": "again", "note": "In other words."}, first | {"id": "more", "quantifier": "part"}]
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, list(first), lineterminator="\n").writerows(rows)
    told = [(each.row, each.what) for each in explain(folder) if each.level == "notice"]
    last = len(path.read_text(encoding="utf-8").splitlines())
    assert told == [(last - 1, "says what row 2 says, of the same place, days, source and citations; is it there twice?")]
    assert qsim.check(folder) == []


def test_citations_of_a_document_without_a_file_are_told_and_looked_up_in_a_text_that_is_given(tmp_path: Path) -> None:
    folder = qsim.new(tmp_path / "valley")
    text = (folder / "documents" / "report.txt").rename(tmp_path / "mine.txt")
    settings = folder / "scenario.toml"
    there = settings.read_text(encoding="utf-8")
    settings.write_text(there.replace('file = "documents/report.txt"', 'url = "https://example.org/report"'), encoding="utf-8")
    told = [each.what for each in explain(folder) if each.level == "notice"]
    assert len(told) == 1
    assert re.fullmatch(r"document 'report' has no file: \d+ citations of it not looked up; .* --text report=FILE", told[0])
    assert not [each for each in read(folder, {"report": text}).said if each.level != "default"]
    text.write_text("Nothing.\n", encoding="utf-8")
    assert any("points past the end of document report" in each.what for each in read(folder, {"report": text}).problems)
    for texts, what in (({"reprt": text}, "did you mean 'report'?"), ({"report": tmp_path / "gone"}, "cannot be read")):
        assert what in "".join(each.what for each in read(folder, texts).problems)


WITHOUT: dict[str, tuple[Mend, str]] = {
    "no file": (lambda folder: (folder / "claims.csv").unlink(), "there is no such file yet; the map stands without claims"),
    "an empty file": (encoded("claims.csv", lambda data: b"\xef\xbb\xbf\n"), "there is no claim in it yet; the map stands without claims"),
    "headings alone": (
        encoded("claims.csv", lambda data: data.partition(b"\n")[0]),
        "there is no claim in it yet; the map stands without claims",
    ),
}


@pytest.mark.parametrize("name", WITHOUT)
def test_a_map_may_be_made_before_anything_is_said_of_it(name: str, tmp_path: Path) -> None:
    """... nobody is known to hold anything then, on any day, and the first claim joins it as it joins any other."""
    folder = qsim.new(tmp_path / "valley")
    first = (folder / "claims.csv").read_bytes()
    spoil, what = WITHOUT[name]
    spoil(folder)
    assert [each.what for each in explain(folder) if what in each.what and each.file == "claims.csv" and each.level == "notice"]
    theatre, ledger = qsim.load(folder)
    assert len(ledger) == 0
    belief = qsim.reconstruct(theatre, ledger).belief
    assert (belief == belief[:1, :1]).all()
    (tmp_path / "more.csv").write_bytes(first)
    join_claims([tmp_path / "more.csv"], folder)
    assert len(qsim.load(folder)[1]) == first.decode().strip().count("\n")


@pytest.mark.parametrize("other", ["claim.csv", "Claims.CSV", "claims.tsv", "claims_2.csv", "claims.xlsx"])
def test_what_is_nearly_the_table_of_claims_is_asked_about(other: str, tmp_path: Path) -> None:
    folder = qsim.new(tmp_path / "valley")
    (folder / "claims.csv").rename(folder / other)
    with pytest.raises(ScenarioError, match=f"the file is missing, and {re.escape(other)} is not read"):
        qsim.load(folder)
    (folder / "scenario.toml").unlink()
    with pytest.raises(ScenarioError, match=f"every scenario folder has one of them; is {re.escape(other)} the table of claims"):
        qsim.load(folder)


@pytest.mark.parametrize("other", ["sides.csv", "names.csv", "quarters.csv", "gazetteer.txt", "coverage.csv"])
def test_other_tables_beside_a_map_are_not_taken_for_claims(other: str, tmp_path: Path) -> None:
    folder = qsim.new(tmp_path / "valley")
    (folder / "claims.csv").rename(folder / other)
    assert len(qsim.load(folder)[1]) == 0
