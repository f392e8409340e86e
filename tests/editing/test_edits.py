"""Claims and places added to a folder: every other row stays, what is wrong is told in check's words, what changed meanwhile stays."""

import csv
import json
import shutil
from pathlib import Path

import pytest

import qsim
from qsim.editing.edits import (
    ChangedError,
    add_claim,
    add_place,
    add_sectors,
    add_source,
    change_claim,
    delete_claim,
    digest,
    put_back,
    try_claim,
)
from qsim.record.changes import places_file
from qsim.record.rows import EditError, rows_of
from qsim.record.scenario import data_root

CLAIM = {
    "place": "Lowmead",
    "kind": "captured",
    "side": "south",
    "start": "2090-05-06",
    "source": "reporter",
    "cites": "report:7#2",
    "note": 'So, it says; "it fell".',
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return qsim.record.new.new(tmp_path / "valley")


def everything(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.parent.rglob("*")) if path.is_file()}


def test_a_claim_is_added_and_all_else_keeps_its_bytes(folder: Path) -> None:
    before = everything(folder)
    assert add_claim(folder, CLAIM, digest(folder / "claims.csv")) == ""
    after = everything(folder)
    assert after.pop("claims.csv").startswith(before.pop("claims.csv"))
    assert after == before
    claim = qsim.load(folder)[1].claims[-1]
    assert (claim.place, claim.kind, claim.side, claim.cites, claim.note) == ("lowmead", "takes", "south", ("report:7#2",), CLAIM["note"])


def test_a_claim_is_written_by_ids_and_gets_one(folder: Path) -> None:
    typed = {
        "place": "LOWMEAD",
        "kind": "captured",
        "side": "The South",
        "start": "2090-05-06",
        "source": "Reporter",
        "cites": "report:7#2",
    }
    named = {"side": next(side.name for side in qsim.load(folder)[0].sides if side.id == "south")}
    typed |= named | {"source": qsim.load(folder)[1].sources["reporter"].name}
    add_claim(folder, typed, digest(folder / "claims.csv"))
    add_claim(folder, typed | {"kind": "share", "value": "40 %", "bound": "about"}, digest(folder / "claims.csv"))
    first, second = rows_of((folder / "claims.csv").read_bytes(), "claims")[-2:]
    assert [first[name] for name in ("id", "place", "kind", "side", "source")] == [
        "20900506-lowmead-takes-reporter", "lowmead", "takes", "south", "reporter",
    ]  # fmt: skip
    assert (second["kind"], second["value"], second["bound"]) == ("share", "0.4", "approx")
    add_claim(folder, typed | {"note": "again"}, digest(folder / "claims.csv"))
    assert rows_of((folder / "claims.csv").read_bytes(), "claims")[-1]["id"] == "20900506-lowmead-takes-reporter_2"


def test_names_stay_names_where_nothing_else_tells_them(tmp_path: Path) -> None:
    folder = tmp_path / "lake"
    folder.mkdir()
    (folder / "places.csv").write_text("name,lat,lon\nAbel,46.5,8.25\nBrunn,46.25,8.5\n", encoding="utf-8")
    claims = b"place,what,who,day,source\nAbel,holds,Town league,1798-05-01,Chronicle\nBrunn,holds,South,1798-05-09,Chronicle\n"
    (folder / "claims.csv").write_bytes(claims)
    row = {"place": "Abel", "kind": "takes", "side": "South", "start": "1798-05-04", "source": "Letter of a miller"}
    add_claim(folder, row, digest(folder / "claims.csv"))
    assert (folder / "claims.csv").read_bytes() == claims + b"Abel,takes,South,1798-05-04,Letter of a miller\n"


def test_a_claim_is_changed_and_all_other_rows_keep_their_bytes(folder: Path) -> None:
    path = folder / "claims.csv"
    before = path.read_bytes().splitlines(keepends=True)
    there = rows_of(path.read_bytes(), "claims")[2]
    wanted = {name: text for name, text in there.items() if name not in ("id", "cites")} | {"note": "Changed."}
    change_claim(folder, 2, wanted, digest(path))
    after = path.read_bytes().splitlines(keepends=True)
    assert [n for n, (old, new) in enumerate(zip(before, after, strict=True)) if old != new] == [3]
    assert rows_of(path.read_bytes(), "claims")[2] == there | {"note": "Changed.", "cites": ""}
    assert change_claim(folder, 2, wanted, digest(path)) == ""
    assert path.read_bytes().splitlines(keepends=True) == after
    with pytest.raises(EditError, match="unknown place 'nowhere'"):
        change_claim(folder, 2, wanted | {"place": "nowhere"}, digest(path))
    with pytest.raises(EditError, match="no such claim"):
        change_claim(folder, 99, wanted, digest(path))
    with pytest.raises(ChangedError):
        change_claim(folder, 2, wanted, "0")


def test_a_claim_is_taken_out_and_put_back(folder: Path) -> None:
    path = folder / "claims.csv"
    before = path.read_bytes()
    lines = before.splitlines(keepends=True)
    delete_claim(folder, 1, digest(path))
    assert path.read_bytes() == b"".join([*lines[:2], *lines[3:]])
    put_back(folder, before, digest(path))
    assert path.read_bytes() == before
    with pytest.raises(ChangedError):
        put_back(folder, before, "0")


def test_a_claim_that_others_lean_on_stays(folder: Path) -> None:
    path = folder / "claims.csv"
    rows = rows_of(path.read_bytes(), "claims")
    denied = next(row["denies"] for row in rows if row["denies"])
    with pytest.raises(EditError, match=f"unknown claim '{denied}'"):
        delete_claim(folder, [row["id"] for row in rows].index(denied), digest(path))


def test_what_was_wrong_before_does_not_forbid_to_take_a_claim_out(folder: Path) -> None:
    path = folder / "claims.csv"
    path.write_bytes(path.read_bytes() + b"late,nowhere,holds,north,,,,,,,,,2090-05-06,,,reporter,,,,,\n")
    rows = rows_of(path.read_bytes(), "claims")
    leant_on = {row["denies"] for row in rows}
    free = next(n for n, row in enumerate(rows) if row["id"] not in leant_on)
    assert delete_claim(folder, free, digest(path)) == ""
    delete_claim(folder, len(rows) - 2, digest(path))
    assert qsim.check(folder) == []


def test_a_claim_that_is_there_already_is_told_and_saved(folder: Path) -> None:
    add_claim(folder, CLAIM, digest(folder / "claims.csv"))
    for told in (try_claim(folder, CLAIM | {"note": "Else."}), add_claim(folder, CLAIM | {"note": "Else."}, digest(folder / "claims.csv"))):
        assert "says what row 10 says" in told
    last = len(rows_of((folder / "claims.csv").read_bytes(), "claims")) - 1
    assert try_claim(folder, CLAIM | {"note": "Else."}, last - 1) == ""  # it is its own row that is changed


def test_citations_are_looked_up_in_a_text_that_is_given(folder: Path, tmp_path: Path) -> None:
    text = (folder / "documents" / "report.txt").rename(tmp_path / "mine.txt")
    settings = folder / "scenario.toml"
    there = settings.read_text(encoding="utf-8")
    settings.write_text(there.replace('file = "documents/report.txt"', 'url = "https://example.org/report"'), encoding="utf-8")
    assert try_claim(folder, CLAIM | {"cites": "report:99#9"}) == ""
    with pytest.raises(EditError, match="points past the end of document report"):
        try_claim(folder, CLAIM | {"cites": "report:99#9"}, None, {"report": text})
    add_claim(folder, CLAIM, digest(folder / "claims.csv"), {"report": text})
    assert text.is_file()
    assert list(folder.rglob("mine.txt")) == []


def test_a_file_that_changed_meanwhile_is_left_alone(folder: Path) -> None:
    seen = digest(folder / "claims.csv")
    with (folder / "claims.csv").open("a", encoding="utf-8") as file:
        file.write("late,mossford,holds,north,,,,,,,,,2090-05-06,,,reporter,,,,,\n")
    before = everything(folder)
    with pytest.raises(ChangedError, match=r"claims\.csv was changed by another program"):
        add_claim(folder, CLAIM, seen)
    with pytest.raises(ChangedError, match=r"places\.geojson was changed"):
        add_place(folder, {"name": "Thorpe", "lon": "0.12", "lat": "0.06"}, "")
    assert everything(folder) == before


def test_a_file_that_changes_while_the_claim_is_checked_is_left_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, path = digest(folder / "claims.csv"), folder / "claims.csv"
    monkeypatch.setattr("qsim.editing.edits._tried", lambda *_: path.write_bytes(path.read_bytes() + b"\n") and "")
    with pytest.raises(ChangedError):
        add_claim(folder, CLAIM, seen)
    assert b"Lowmead" not in path.read_bytes()
    assert [each.name for each in folder.glob(".qsim-*")] == []


def test_a_source_is_added_and_may_then_be_named(folder: Path) -> None:
    before = (folder / "sources.csv").read_bytes()
    with pytest.raises(EditError, match="unknown side 'nobody'"):
        add_source(folder, {"name": "A miller", "side": "nobody"}, digest(folder / "sources.csv"))
    add_source(folder, {"name": "A miller, by letter", "kind": "civilian"}, digest(folder / "sources.csv"))
    assert (folder / "sources.csv").read_bytes().startswith(before)
    add_claim(folder, CLAIM | {"source": "A miller, by letter"}, digest(folder / "claims.csv"))
    assert qsim.load(folder)[1].claims[-1].source == "a_miller_by_letter"


def test_the_first_source_of_a_folder_without_a_list_joins_those_that_claims_name(folder: Path) -> None:
    (folder / "sources.csv").unlink()
    voices = set(qsim.load(folder)[1].sources)
    add_source(folder, {"name": "A miller, by letter", "kind": "civilian"}, "")
    add_claim(folder, CLAIM | {"source": "A miller, by letter"}, digest(folder / "claims.csv"))
    assert set(qsim.load(folder)[1].sources) == {*voices, "a_miller_by_letter"}
    add_source(folder, {"name": "A baker"}, digest(folder / "sources.csv"))
    assert len(qsim.load(folder)[1].sources) == len(voices) + 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"place": "Lowmed"}, "row 10, place: unknown place 'Lowmed'; did you mean 'lowmead'?"),
        ({"side": ""}, "a claim that says 'takes' needs a side"),
        ({"cites": "report:7#9"}, "report:7#9 points past the end of line 7"),
        ({"start": "20/10/2090"}, "2090-10-20"),
        ({"note": "a\x00b"}, "control character"),
    ],
)
def test_what_is_wrong_is_told_in_the_words_of_check_and_not_written(folder: Path, change: dict[str, str], words: str) -> None:
    before = everything(folder)
    with pytest.raises(EditError) as told:
        add_claim(folder, CLAIM | change, digest(folder / "claims.csv"))
    assert words in str(told.value)
    with pytest.raises(EditError) as told:
        try_claim(folder, CLAIM | change)
    assert words in str(told.value)
    assert everything(folder) == before


def test_a_scenario_that_is_unsound_still_takes_what_is_right(folder: Path) -> None:
    """... and a claim is not blamed for what was wrong before."""
    sources = (folder / "sources.csv").read_text(encoding="utf-8")
    (folder / "sources.csv").write_text(sources + "x,X,press,nobody,,,\n", encoding="utf-8")
    add_claim(folder, CLAIM, digest(folder / "claims.csv"))
    with pytest.raises(EditError, match=r"claims\.csv has 1 problem\n  row 11, place"):
        add_claim(folder, CLAIM | {"place": "nowhere"}, digest(folder / "claims.csv"))


def seen(folder: Path) -> dict[str, str]:
    return {"places": digest(places_file(folder)), "links": digest(folder / "links.csv")}


def test_places_are_added_to_a_map_file(folder: Path) -> None:
    path = places_file(folder)
    before = path.read_text(encoding="utf-8")
    add_place(folder, {"name": "Thorpe", "lon": "0.12", "lat": "0.0611", "population": "40"}, digest(path))
    told = add_place(folder, {"name": "Thorpe", "kind": "wood", "lon": "0.05", "lat": "0.03"}, digest(path))
    assert "the name 'thorpe' is borne by thorpe, thorpe_2" in told
    theatre, _ = qsim.load(folder)
    assert (theatre.place("thorpe").lat, theatre.place("thorpe").population) == (0.0611, 40)
    assert theatre.place("thorpe_2").lon == pytest.approx(0.05)
    kept = json.loads(path.read_text(encoding="utf-8"))["features"][:-2]
    assert kept == json.loads(before)["features"]
    assert path.read_text(encoding="utf-8").startswith(before.rstrip().removesuffix("]}").rstrip())
    with pytest.raises(EditError, match="no point"):
        add_place(folder, {"name": "Moor", "lon": "east"}, digest(path))


def test_sectors_take_over_the_links_of_their_city(folder: Path) -> None:
    west, east = [(0.08, 0.07), (0.10, 0.07), (0.10, 0.09), (0.08, 0.09)], [(0.10, 0.07), (0.12, 0.07), (0.12, 0.09), (0.10, 0.09)]
    before = places_file(folder).read_bytes().rstrip().removesuffix(b"]}").rstrip()
    rows = (folder / "links.csv").read_text(encoding="utf-8").splitlines()
    told = add_sectors(folder, "Mossford", [("Quay", west), ("Mill", east)], seen(folder))
    assert "2 links of Mossford moved to its nearest part, 1 between its parts added" in told
    theatre, _ = qsim.load(folder)
    assert theatre.parts["mossford"] == ("mossford_quay", "mossford_mill")
    ends = [{link.a, link.b} for link in theatre.links]
    assert {"alder_hill", "mossford_quay"} in ends
    assert {"mossford_quay", "mossford_mill"} in ends
    assert places_file(folder).read_bytes().startswith(before)
    assert len((folder / "links.csv").read_text(encoding="utf-8").splitlines()) == len(rows) + 1
    add_sectors(folder, "mossford", [("South", [(0.08, 0.05), (0.12, 0.05), (0.12, 0.07), (0.08, 0.07)])], seen(folder))
    assert len(qsim.load(folder)[0].links) == len(theatre.links)


def test_sectors_that_are_wrong_change_no_file(folder: Path) -> None:
    before = everything(folder)
    square = [(0.08, 0.07), (0.10, 0.07), (0.10, 0.09), (0.08, 0.09)]
    for parts, words in (
        ([("Quay", square), ("Moor", [square[n] for n in (0, 2, 1, 3)])], "it crosses itself"),
        ([("Quay", square[:2])], "three points or more"),
        ([("", square)], "needs a name"),
        ([("Quay", square), ("Mill", square)], "overlap"),
    ):
        with pytest.raises(EditError, match=words):
            add_sectors(folder, "mossford", parts, seen(folder))
    for stale in ("places", "links"):
        with pytest.raises(ChangedError, match=f"{stale}.* was changed"):
            add_sectors(folder, "mossford", [("Quay", square)], seen(folder) | {stale: "0"})
    assert everything(folder) == before


def test_a_table_of_places_and_a_blank_folder_do_as_well(tmp_path: Path) -> None:
    folder = tmp_path / "lake"
    folder.mkdir()
    (folder / "claims.csv").write_bytes(b"place;who;what;day;source\r\n")
    (folder / "places.csv").write_bytes(b"Ort;name;lat;lon\r\n;Abel;46,5;8,25\r\n")
    add_place(folder, {"name": "Brunn", "lon": "8.5", "lat": "46.25"}, digest(folder / "places.csv"))
    with (folder / "places.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    assert rows == [["Ort", "name", "lat", "lon", "id"], ["", "Abel", "46,5", "8,25", ""], ["", "Brunn", "46,25", "8,5", "brunn"]]
    for place, side in (("Abel", "North"), ("Brunn", "South")):
        claim = {"place": place, "kind": "holds", "side": side, "start": "1798-05-01", "source": "Chronicle"}
        add_claim(folder, claim, digest(folder / "claims.csv"))
    add_sectors(folder, "Abel", [("Moor", [(8.24, 46.49), (8.26, 46.49), (8.26, 46.51), (8.24, 46.51)])], seen(folder))
    theatre, ledger = qsim.load(folder)
    assert [place.id for place in theatre.places] == ["abel", "brunn", "abel_moor"]
    assert [claim.side for claim in ledger.claims] == ["north", "south"]


def test_documents_beside_the_scenarios_are_found_while_it_is_tried(tmp_path: Path) -> None:
    shutil.copytree(data_root() / "seeds", tmp_path / "seeds")
    folder = tmp_path / "scenarios" / "qusayr"
    shutil.copytree(data_root() / "scenarios" / "qusayr", folder)
    claim = {"place": "abil", "kind": "holds", "side": "government", "start": "2013-06-07", "source": "article", "cites": "003:192#4"}
    source = qsim.load(folder)[1].claims[0].source
    assert try_claim(folder, claim | {"source": source}) == ""
    with pytest.raises(EditError, match="003:99999 points past the end"):
        try_claim(folder, claim | {"source": source, "cites": "003:99999"})
    assert sorted(path.name for path in folder.parent.iterdir()) == ["qusayr"]
