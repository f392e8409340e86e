"""An import as a scenario: sound, quick to load, true to what was read; on the command line and in the manual."""

import csv
import re
import shlex
import shutil
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from layouts import CASES, DATA, SAMPLES, read
from typer.testing import CliRunner

import qsim
from qsim import exchange
from qsim.belief.events import UNCONFIRMED, events
from qsim.cli.app import app
from qsim.exchange import ImportProblem
from qsim.exchange.any_table import TARGETS, read_kinds
from qsim.exchange.points import read_places
from qsim.exchange.writing import QUARANTINE, REPORT

MANUAL = Path(__file__).parents[2] / "docs" / "import.md"
# The files that the manual speaks of, and those of the tests that stand for them.
NAMED = {
    "control.csv": "control_wide.csv",
    "control_2022.csv": "control_long.csv",
    "gazetteer.csv": "control_places.csv",
    "map_2031-05-01.lua": "examplia_2031-05-01.lua",
    "map_2031-05-09.lua": "examplia_2031-05-09.lua",
    "2031-05-01.geojson": "map_2031-05-01.geojson",
    "2031-05-02.geojson": "map_2031-05-02.geojson",
    "claimed_2031-05-01.geojson": "isw_Claimed_2031-05-01.geojson",
    "assessed_2031-05-01.geojson": "isw_Assessed_2031-05-01.geojson",
}


@pytest.mark.parametrize("case", CASES)
def test_every_import_is_a_sound_scenario(case: str, tmp_path: Path) -> None:
    found = read(case)
    folder = exchange.write(found, tmp_path / "made", files=[DATA / file for file in CASES[case][1]])
    assert qsim.check(folder) == []
    theatre, ledger = qsim.load(folder)
    assert (len(theatre.places), len(ledger.sources), len(ledger)) == (len(found.places), len(found.sources), len(found.claims))
    assert "Licence" in (folder / "SOURCES.md").read_text(encoding="utf-8")
    assert str(found.report.tallies[next(iter(found.report.tallies))]) in (folder / REPORT).read_text(encoding="utf-8")
    put_aside = list(csv.DictReader((folder / QUARANTINE).read_text(encoding="utf-8").splitlines()))
    assert len(put_aside) == len(found.report.quarantined)


def test_a_folder_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "claims.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(ImportProblem, match="exists already"):
        exchange.write(read("ucdp"), tmp_path / "mine")
    assert (tmp_path / "mine" / "claims.csv").read_text(encoding="utf-8") == "mine"


def test_nothing_is_written_where_nothing_could_be_taken_over(tmp_path: Path) -> None:
    with pytest.raises(ImportProblem, match="no record could be taken over"):
        exchange.write(exchange.read_eventreport(DATA / "reports.csv"), tmp_path / "none")
    assert not list(tmp_path.iterdir())


def test_share_alike_is_told(tmp_path: Path) -> None:
    folder = exchange.write(read("wide"), tmp_path / "made")
    assert "must stay under ODbL-1.0" in (folder / "SOURCES.md").read_text(encoding="utf-8")


def test_a_daily_panel_is_a_report_of_every_day_to_its_last(tmp_path: Path) -> None:
    days = [date(2031, 5, 1) + timedelta(days=n) for n in range(60)]
    rows = "".join(f"Alton,{day},{'North' if n < 20 else 'South'},1,1\n" for n, day in enumerate(days))
    (tmp_path / "panel.csv").write_text("place,day,status,lon,lat\n" + rows, encoding="utf-8")
    found = exchange.read("table", tmp_path / "panel.csv", columns={name: name for name in ("place", "day", "status", "lon", "lat")})
    assert [(claim["start"], claim["end"]) for claim in found.claims] == [("2031-05-01", "2031-05-20"), ("2031-05-21", "2031-06-29")]
    timeline = qsim.reconstruct(*qsim.load(exchange.write(found, tmp_path / "made")))
    assert np.array_equal(timeline.last_report[:, 0], timeline.days)
    assert timeline.at("2031-06-29").silent_days("alton") == 0
    assert timeline.at("2031-06-29").status_of("alton") == "south"
    assert all(UNCONFIRMED not in str(each) for each in events(timeline))


def test_a_second_import_finds_the_places_that_are_there(tmp_path: Path) -> None:
    folder = exchange.write(read("wikilist"), tmp_path / "made")
    theatre, ledger = qsim.load(folder)
    found = read("ucdp")
    exchange.add(found, folder)
    after, more = qsim.load(folder)
    assert qsim.check(folder) == []
    assert {place.id for place in after.places} - {place.id for place in theatre.places} == {"corin"}
    assert len(more) == len(ledger) + len(found.claims)
    assert [side.id for side in after.sides] == ["north", "south"]
    assert set(found.sources) < set(more.sources)


@pytest.mark.parametrize("case", CASES)
def test_what_stands_there_already_is_not_added_again(case: str, tmp_path: Path) -> None:
    folder = exchange.write(read(case), tmp_path / "made")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(ImportProblem, match=f"all {len(read(case).claims)} statements stand in .*made already"):
        exchange.add(read(case), folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_of_what_is_added_only_the_new_is_and_how_much_was_there_is_told(tmp_path: Path) -> None:
    found = read("ucdp")
    gone = found.claims.pop()
    folder = exchange.write(found, tmp_path / "made")
    exchange.add(again := read("ucdp"), folder)
    theatre, ledger = qsim.load(folder)
    assert len(ledger) == len(read("ucdp").claims)
    assert ledger.claims[-1].id == gone["id"]
    assert f"{len(found.claims)} statements stand in the scenario already" in again.report.text()
    assert len(theatre.places) == len(read("ucdp").places)
    assert len(theatre.groups) == len(read("ucdp").groups)
    assert (folder / REPORT).read_text(encoding="utf-8").count("# Import: ucdp") == 2


def test_two_deaths_of_one_day_are_two_by_their_records(tmp_path: Path) -> None:
    folder = exchange.write(read("ucdp"), tmp_path / "made")
    found = read("ucdp")
    found.claims = [next(claim for claim in found.claims if claim["kind"] == "casualties") | {"id": "x", "cites": "record:ucdp/999"}]
    exchange.add(found, folder)
    assert len(qsim.load(folder)[1]) == len(read("ucdp").claims) + 1


def test_a_table_names_the_places_groups_and_sides_of_the_scenario_that_it_is_added_to(tmp_path: Path) -> None:
    folder = qsim.new(tmp_path / "valley")
    rows = "Lowmead,2090-05-06,The South,takes\nvalley_floor,2090-05-06,north,holds\nLowmead,2090-05-07,Riders,takes\nNowhere,2090-05-07,north,takes\n"
    (tmp_path / "more.csv").write_text(f"place,day,side,kind\n{rows}", encoding="utf-8")
    before = len(qsim.load(folder)[1])
    words = ["import", "table", str(tmp_path / "more.csv"), "--columns", "place=place,day=day,side=side,kind=kind", "--into", str(folder)]
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 0, told.output
    assert "the sides are those of the scenario, by id or name" in told.output
    assert "not among them, and one new side each: Riders" in told.output
    theatre, ledger = qsim.load(folder)
    added = [(claim.place, claim.side) for claim in ledger.claims[before:]]
    assert added == [("lowmead", "south"), ("valley_floor", "north"), ("lowmead", "riders")]
    assert "riders" in {side.id for side in theatre.sides}
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 1
    assert "all 3 statements stand in" in told.output
    assert len(qsim.load(folder)[1]) == len(ledger)


def test_a_list_of_places_may_be_a_scenario_whose_places_are_a_table(least: Path) -> None:
    assert [(each["id"], each["lon"]) for each in read_places(least)] == [("northport", 31.5), ("far", 31.6)]


def test_new_sides_join_those_that_a_scenario_took_from_its_claims(tmp_path: Path) -> None:
    folder = exchange.write(read("ucdp"), tmp_path / "made")
    settings = folder / "scenario.toml"
    settings.write_text('sides = ["North", "South"]\n', encoding="utf-8")
    with pytest.raises(ImportProblem, match="write \\[\\[sides\\]\\] tables"):
        exchange.add(read("wide"), folder)
    settings.write_text('title = "Mine"\n', encoding="utf-8")
    before = {side.id for side in qsim.load(folder)[0].sides}
    exchange.add(read("wide"), folder)
    assert {side.id for side in qsim.load(folder)[0].sides} == before | {"ukraine", "russia"}


LEAST = {
    "places.csv": "town;lon;lat\r\nNorthport;31,5;1,25\r\nFar;31,6;1,3\r\n",
    "claims.csv": '"where";"what";"who";"day";"who_says"\r\n"Far";"has";"Red";"2031-05-01";"A letter"\r\n"Far";"lost";"Blue";"2031-05-01";"A letter"\r\n',
}  # fmt: skip


@pytest.fixture
def least(tmp_path: Path) -> Path:
    """Return a folder with no more than what must be written, as a spreadsheet writes it."""
    folder = tmp_path / "least"
    folder.mkdir()
    for name, text in LEAST.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    assert qsim.check(folder) == []
    return folder


@pytest.mark.parametrize("case", ["ucdp", "wikilist"])
def test_the_least_that_is_written_can_be_added_to_and_keeps_its_spelling(case: str, least: Path) -> None:
    found = read(case)
    exchange.add(found, least)
    assert qsim.check(least) == []
    theatre, ledger = qsim.load(least)
    assert len(ledger) == 2 + len(found.claims)
    assert set(ledger.sources) == {"a_letter", *found.sources}
    assert {"red", "blue"} < {side.id for side in theatre.sides}
    for name, text in LEAST.items():
        after = (least / name).read_bytes().decode()
        assert after.count("\n") == after.count("\r\n")
        assert all(line.startswith(start) for line, start in zip(after.splitlines(), text.splitlines(), strict=False))
        for line in csv.reader(after.splitlines(), delimiter=";"):
            assert len(line) == len(after.partition("\r\n")[0].split(";"))
    assert re.search('"(holds|contests)"', (least / "claims.csv").read_text(encoding="utf-8"))


def test_headings_alone_can_be_added_to(least: Path) -> None:
    for name, text in (("sources.csv", "id,name\r\na_letter,A letter\r\n"), ("groups.csv", "id,name,members\n"), ("links.csv", "a,b\n")):
        (least / name).write_text(text, encoding="utf-8", newline="")
    assert qsim.check(least) == []
    exchange.add(read("ucdp"), least)
    assert qsim.check(least) == []
    assert (least / "groups.csv").read_text(encoding="utf-8").startswith("id,name,members,basis,note\narea_")


def test_sources_and_places_never_take_an_id_that_is_taken(tmp_path: Path) -> None:
    folder = exchange.write(read("ucdp"), tmp_path / "made")
    theatre, ledger = qsim.load(folder)
    found, group = read("ucdp"), theatre.groups[0].id
    found.sources = {id: row | {"name": row["name"] + " of the other side"} for id, row in found.sources.items()}
    first = next(iter(found.places))
    found.places = {group: found.places[first] | {"id": group, "name": "Elsewhere", "lon": found.places[first]["lon"] + 0.2}}
    found.groups, found.claims = {}, [dict(found.claims[0], place=group, id="new", cites="")]
    exchange.add(found, folder)
    after, more = qsim.load(folder)
    assert f"{group}_2" in after
    assert len(more.sources) == len(ledger.sources) + len(found.sources)


def test_why_tells_a_claim_that_has_no_words(tmp_path: Path) -> None:
    theatre, ledger = qsim.load(exchange.write(read("wide"), tmp_path / "made"))
    why = qsim.why(qsim.reconstruct(theatre, ledger, policy="last_claim"), "g700001", "2031-03-08")
    told = " ".join(str(why).split())
    assert "held by Russia" in told
    assert "record:viina/700001" in told
    assert "“”" not in told


def test_an_addition_that_would_not_be_sound_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    folder = exchange.write(read("wikilist"), tmp_path / "made")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    found = read("ucdp")
    found.claims[0]["start"] = "someday"
    with pytest.raises(ValueError, match="someday"):
        exchange.add(found, folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


def test_every_command_of_the_manual_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in DATA.iterdir():
        shutil.copyfile(path, tmp_path / path.name)
    for named, standing in NAMED.items():
        shutil.copyfile(DATA / standing, tmp_path / named)
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"^qsim (import .*)$", MANUAL.read_text(encoding="utf-8"), re.MULTILINE)
    assert {shlex.split(command)[1] for command in commands} == set(exchange.FORMATS)
    for command in commands:
        # The small panel of 2031 lies elsewhere than the area that the manual asks for.
        told = CliRunner().invoke(
            app, [word.replace("30,46,40,52", "0,0,1,1").replace("2022-03-01", "2031-03-02") for word in shlex.split(command)]
        )
        assert told.exit_code == 0, f"{command}\n{told.output}"
        assert "read =" in told.output
        assert "wrote" in told.output


def test_the_command_line_says_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for words, expected in (
        (["ucdp", str(DATA / "ged.csv")], "say where to"),
        (["ucdp", str(DATA / "cities.csv"), "-o", "x"], "no column id"),
        (["polygons", str(DATA / "map_2031-05-01.geojson"), "-o", "x"], "--places"),
        (["table", str(DATA / "holders.csv"), "-o", "x", "--columns", "town=Name"], "targets are"),
    ):
        told = CliRunner().invoke(app, ["import", *words])
        assert told.exit_code == 1
        assert expected in told.output
    assert not list(tmp_path.iterdir())


def test_twenty_thousand_claims_load(tmp_path: Path) -> None:
    found = read("wide")
    one = next(claim for claim in found.claims if claim["place"] == "g700000")
    found.claims = [one | {"id": f"c{i}", "start": "2031-03-01", "end": "", "reported": ""} for i in range(20_000)]
    _, ledger = qsim.load(exchange.write(found, tmp_path / "made"))
    assert len(ledger) == 20_000


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="QSIM_SAMPLES names no folder of samples")
def test_the_panel_comes_back_from_the_scenario(tmp_path: Path) -> None:
    path = SAMPLES / "viina_v1_control_sample.csv"
    folder = exchange.write(exchange.read_viina(path), tmp_path / "made")
    theatre, ledger = qsim.load(folder)
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    names = [name for name in rows[0] if name.startswith("ctr_")]
    said = {"ukraine": "UA", "russia": "RU", "contested": "CONTESTED"}

    last = {f"{name[4:8]}-{name[8:10]}-{name[10:12]}": name for name in names}  # the last snapshot of each day
    timeline = qsim.reconstruct(theatre, ledger, policy="last_claim")
    days = [str(day) for day in timeline.days]
    for row in rows:
        place = theatre.index[f"g{row['geonameid']}"]
        for day, name in last.items():
            d = days.index(day)
            spoken = timeline.last_report[d, place] == timeline.days[d]
            status = said[theatre.statuses[int(np.argmax(timeline.belief[d, place]))]]
            assert row[name] in ("", status)
            assert spoken or row[name] == ""

    claims = list(csv.DictReader((folder / "claims.csv").read_text(encoding="utf-8").splitlines()))
    cells = {(claim["place"], name): said[claim["side"] or "contested"] for claim in claims for name in names if _covers(claim, name[4:])}
    assert all(cells.get((f"g{row['geonameid']}", name), "") == row[name] for row in rows for name in names)
    assert len(rows) * len(names) == 98_000


def _covers(claim: dict[str, str], instant: str) -> bool:
    start, end = (re.sub(r"\D", "", claim[key]) for key in ("start", "end"))
    return start <= instant <= (end or (start if claim["end"] == "" else "9"))


def test_columns_give_kind_and_side_of_a_source_and_what_none_gives_is_told(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "place,lon,lat,day,side,kind,by,what,whose\nAlton,1,1,2031-05-01,North,takes,Post,newspaper,\nAlton,1,1,2031-05-02,South,takes,Staff,army,South\n"
        "Alton,1,1,2031-05-02,North,holds,Watch,,\nAlton,1,1,2031-05-03,North,holds,Watch,oracle,East\n",
        encoding="utf-8",
    )
    plain = "place=place,lon=lon,lat=lat,day=day,side=side,kind=kind,source=by"
    words = ["import", "table", str(tmp_path / "t.csv"), "--columns"]
    told = CliRunner().invoke(app, [*words, plain, "-o", str(tmp_path / "plain")])
    assert "sources: 3, all taken for monitors of no side; set kind and side in sources.csv" in told.output
    told = CliRunner().invoke(app, [*words, f"{plain},source_kind=what,source_side=whose", "-o", str(tmp_path / "more")])
    assert "sources: 3, 1 taken for monitors of no side" in told.output
    assert "oracle: left out" in told.output
    assert "East: left out" in told.output
    sources = qsim.load(tmp_path / "more")[1].sources
    assert [(each.kind, each.side) for each in sources.values()] == [("press", None), ("military", "south"), ("monitor", None)]


def test_an_id_of_the_event_taken_for_that_of_the_place_is_told(tmp_path: Path) -> None:
    rows = "".join(f"E{n},Alton,1,1,2031-05-0{n},North\n" for n in range(1, 6))
    (tmp_path / "t.csv").write_text("event,place,lon,lat,day,status\n" + rows, encoding="utf-8")
    columns = {name: name for name in ("place", "day", "status", "lon", "lat")}
    found = exchange.read("table", tmp_path / "t.csv", columns=columns | {"id": "event"})
    assert "as many values as there are rows, 5" in found.report.text()
    assert "Alton and Alton and Alton and 2 more" in found.report.text()
    assert "as many values" not in exchange.read("table", tmp_path / "t.csv", columns=columns).report.text()


def test_every_column_that_can_be_named_is_in_the_manual_and_the_help() -> None:
    help = " ".join(CliRunner().invoke(app, ["import", "--help"], env={"COLUMNS": "300"}).output.split())
    for target, meaning in TARGETS.items():
        assert f"| `{target}` | {meaning} |" in MANUAL.read_text(encoding="utf-8")
        assert target in help.partition("what may be named")[2]


def test_where_no_ways_are_known_they_are_suggested(tmp_path: Path) -> None:
    folder = exchange.write(read("wide"), tmp_path / "made")
    assert not (folder / "links.csv").exists()
    assert len(qsim.load(folder)[0].links) > 0


def _events(tmp_path: Path, *rows: str) -> list[str]:
    head = "place,day,what,who,source,lon,lat,best,of"
    (tmp_path / "events.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    targets = {
        "place": "place",
        "day": "day",
        "kind": "what",
        "side": "who",
        "source": "source",
        "lon": "lon",
        "lat": "lat",
        "best": "best",
        "of": "of",
    }
    return ["import", "table", str(tmp_path / "events.csv"), "--columns", ",".join(f"{a}={b}" for a, b in targets.items())]


def test_rows_of_which_no_claim_can_be_made_are_put_aside_and_all_others_taken_over(tmp_path: Path) -> None:
    """... into a folder of its own and into one that is there, of which what is new is told; every row is accounted for."""
    good = [
        "Alton,09/09/1991,takes,North,Wire; Post,1,1,,",
        "Bram,1991-09-10,takes,South,Post,1.1,1,,",
        "Bram,1991-09-12,casualties,,Post,1.1,1,5,people killed",
    ]
    bad = ["Alton,1991-09-11,takes,North,Wire,1,1,7,", "Bram,1991-09-11,casualties,,Wire,1.1,1,7,buildings"]
    asked = _events(tmp_path, *good, *bad)
    done = CliRunner().invoke(app, [*asked, "-o", str(tmp_path / "made")])
    assert done.exit_code == 0, done.output
    assert "5 rows read = 3 mapped + 2 dropped" in done.output
    ledger = qsim.load(tmp_path / "made")[1]
    assert sorted((claim.source, claim.place, str(claim.window)) for claim in ledger.claims if claim.kind == "takes") == [
        ("post", "alton", "1991-09-09"), ("post", "bram", "1991-09-10"), ("wire", "alton", "1991-09-09"),
    ]  # fmt: skip
    aside = list(csv.DictReader((tmp_path / "made" / QUARANTINE).read_text(encoding="utf-8").splitlines()))
    assert [(each["row"], each["reason"].partition(":")[0]) for each in aside] == [
        (row, "of which no claim can be made") for row in ("5", "6")
    ]
    more = _events(tmp_path, *good, "Bram,1991-09-20,takes,North,Gazette,1.1,1,,", "Corin,1991-09-21,takes,North,Post,1.3,1,,", *bad)
    done = CliRunner().invoke(app, [*more, "--into", str(tmp_path / "made")])
    assert done.exit_code == 0, done.output
    assert f"wrote {tmp_path / 'made'}: 1 place, 1 source, 2 claims added" in done.output
    assert qsim.check(tmp_path / "made") == []


def test_words_for_what_happened_are_translated_by_the_mapping_file(tmp_path: Path) -> None:
    """... which is written with the words that are not known, where nothing can be taken over as well, and read with what they stand for."""
    asked = _events(tmp_path, "Alton,1991-09-09,Overrun by troops,North,Post,1,1,,", "Bram,1991-09-10,Handed over,South,Post,1.1,1,,")
    mapping, into = tmp_path / "map.toml", ["-o", str(tmp_path / "made"), "--mapping", str(tmp_path / "map.toml")]
    first = CliRunner().invoke(app, [*asked, *into])
    assert (first.exit_code, "no record could be taken over" in first.output) == (1, True)
    text = mapping.read_text(encoding="utf-8")
    assert all(f'# "{word}" = ""' in text for word in ("Overrun by troops", "Handed over"))
    mapping.write_text(re.sub(r'# ("Overrun by troops" = )""', r'\1"captured"', text), encoding="utf-8")
    assert read_kinds(mapping) == {"Overrun by troops": "takes"}
    done = CliRunner().invoke(app, [*asked, *into])
    assert done.exit_code == 0, done.output
    assert '"Overrun by troops" = "takes"' in mapping.read_text(encoding="utf-8")  # what was filled in is kept
    assert [claim.kind for claim in qsim.load(tmp_path / "made")[1].claims] == ["takes"]
    mapping.write_text(mapping.read_text(encoding="utf-8").replace('"takes"', '"takez"'), encoding="utf-8")
    with pytest.raises(ImportProblem, match="'Overrun by troops' = 'takez': unknown kind; did you mean 'takes'"):
        read_kinds(mapping)
