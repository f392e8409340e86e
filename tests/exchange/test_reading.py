"""Every format: nothing vanishes unsaid, a snapshot means an interval, and what cannot be known is not guessed."""

import csv
import gzip
import zipfile
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from layouts import CASES, DATA, ICONS, LEGEND, PLACES, SAMPLES, SIDES, read

import qsim
import qsim.exchange as exchange
from qsim.exchange import Imported, ImportProblem, eventreport, viina
from qsim.record.dates import parse_edtf


def claims(found: Imported, place: str) -> list[str]:
    """Return the claims of a place as `kind side start end`."""
    return [" ".join(c[k] for k in ("kind", "side", "start", "end") if c.get(k)) for c in found.claims if c["place"] == place]


@pytest.mark.parametrize("case", CASES)
def test_what_was_read_is_what_was_mapped_and_what_was_dropped(case: str) -> None:
    report = read(case).report
    assert {unit: (tally.read, tally.mapped) for unit, tally in report.tallies.items()} == CASES[case][3]
    assert report.holds
    told = report.text()
    assert all(each.reason in told and (each.row == 0 or str(each.row)) for each in report.quarantined)


@pytest.mark.parametrize("case", CASES)
def test_ids_are_one_each_and_claims_name_what_is_there(case: str) -> None:
    found = read(case)
    assert max(Counter(claim["id"] for claim in found.claims).values()) == 1
    assert {claim["place"] for claim in found.claims} <= {*found.places, *found.groups}
    assert {claim["source"] for claim in found.claims} <= set(found.sources)
    assert {claim["side"] for claim in found.claims if claim.get("side")} <= {side.id for side in found.vocabulary.sides}


@pytest.mark.parametrize("case", CASES)
def test_nothing_beyond_area_and_period_comes_in_and_the_sum_still_holds(case: str) -> None:
    near, early = read(case, area="0,0,0.15,0.15"), read(case, end="2031-02-28")
    assert near.report.holds
    assert early.report.holds
    assert all(place["lon"] <= 0.15 and place["lat"] <= 0.15 for place in near.places.values())
    assert all(claim["start"][:10] <= "2031-02-28" for claim in early.claims)


def test_a_row_that_is_one_too_many_breaks_the_sum() -> None:
    report = read("ucdp").report
    report.tally("row").read += 1
    assert not report.holds


def test_a_panel_becomes_runs_that_end_where_it_is_empty() -> None:
    found = read("wide")
    assert claims(found, "g700001") == [
        "holds ukraine 2031-02-27T21:40:17Z 2031-02-28T18:01:36Z",
        "contests 2031-03-01T07:22:54Z 2031-03-05T09:51:36Z",
        "holds russia 2031-03-08T19:04:01Z",
    ]
    assert claims(found, "g700002")[-1] == "holds russia 2031-02-28T18:01:36Z 2031-03-01T07:22:54Z"
    assert claims(found, "g700000") == ["holds russia 2031-02-27T21:40:17Z 2031-03-08T19:04:01Z"]  # 7e+05, as R writes it
    assert [found.places[id]["name"] for id in ("g700001", "g700002")] == ["Bucha", "Bucha"]


def test_lists_that_vote_are_sources_of_their_own_and_a_copy_names_its_origin() -> None:
    found = read("long")
    assert set(found.sources) == {"viina_wiki", "viina_boost", "viina_dsm", "viina_isw"}
    assert found.sources["viina_boost"]["origin"] == "viina_wiki"


def test_a_gap_in_the_list_ends_a_run() -> None:
    assert claims(read("wide", longest_gap_days=3), "g700000") == [
        "holds russia 2031-02-27T21:40:17Z 2031-03-01T07:22:54Z",
        "holds russia 2031-03-05T09:51:36Z",
        "holds russia 2031-03-08T19:04:01Z",
    ]


def test_a_run_ends_with_the_list_or_the_period_asked_for() -> None:
    assert claims(read("wide", end="2031-03-05"), "g700000") == ["holds russia 2031-02-27T21:40:17Z 2031-03-05T09:51:36Z"]
    assert claims(read("table", end="2031-03-26"), "alton") == ["holds north 2031-03-26"]


def test_homonyms_are_told_apart_by_their_points_and_never_guessed() -> None:
    found = read("wikilist")
    assert claims(found, "dorn") == ["holds north 2031-03-01"]
    assert claims(found, "dorn_2") == ["holds south 2031-03-01 2031-03-02"]
    assert claims(found, "blahodatne") == []  # two towns on one point, one of each side: which is which?
    assert [each.row for each in found.report.quarantined if "several sides" in each.reason] == [4, 5]


def test_a_list_begins_where_its_row_says_and_links_count_only_where_they_name_the_place() -> None:
    found = read("wikilist")
    assert claims(found, "alton") == ["holds north 2031-02-20 2031-03-02", "holds south 2031-03-03"]
    assert [claim["cites"] for claim in found.claims][:3] == [
        "record:wikipedia/2;https://example.org/alton-holds",
        "record:wikipedia/14",
        "record:wikipedia/3",
    ]


def test_an_icon_means_what_the_legend_says_of_its_day() -> None:
    assert claims(read("wikimap"), "alton") == [
        "holds government 2031-05-01 2031-05-09"
    ]  # `gov`, then grey, which is the government's by then
    found = exchange.read_wikimap(DATA / "examplia_2031-05-09.lua", dates=("2031-05-02",), **ICONS)
    assert claims(found, "alton") == ["holds opposition 2031-05-02"]


def test_points_lie_in_polygons_however_they_are_drawn() -> None:
    found = read("polygons")
    assert claims(found, "belmar") == ["holds south 2031-05-01 2031-05-02"]
    assert claims(found, "dorn_east") == ["holds south 2031-05-01", "contests 2031-05-02"]
    assert claims(found, "dorn_west") == ["holds north 2031-05-01 2031-05-02"]  # outside all polygons
    assert claims(found, "alton") == ["holds north 2031-05-02"]  # on 1 May in one that no legend knows


def test_what_a_map_claims_is_another_voice_than_what_it_assesses() -> None:
    files = [DATA / f"isw_{layer}_2031-05-01.geojson" for layer in ("Claimed", "Assessed")]
    found = exchange.read_polygons(*files, grid_km=8, source="ISW", **LEGEND)
    said = {claim["source"]: claim["confidence"] for claim in found.claims}
    assert said == {"isw_claimed": "claimed", "isw_assessed": "stated"}
    assert Counter(c["side"] for c in found.claims if c["source"] == "isw_claimed") == {"south": 36}
    assert Counter(c["side"] for c in found.claims if c["source"] == "isw_assessed") == {"south": 18, "north": 18}


def test_an_event_of_a_district_never_touches_a_village() -> None:
    for found, id in ((read("ucdp"), "ucdp-4-1"), (read("acled"), "XXX4-1")):
        claim = next(claim for claim in found.claims if claim["id"] == id)
        assert claim["kind"] == "contests"
        assert found.groups[claim["place"]]["members"] == "alton;belmar"


def test_precisions_become_edges_windows_and_context() -> None:
    by_id = {claim["id"]: claim for claim in read("ucdp").claims}
    assert (by_id["ucdp-2-1"]["quantifier"], by_id["ucdp-2-1"]["start"]) == ("part", "2031-02-02/2031-02-03")
    assert by_id["ucdp-5-1"]["kind"] == "other"  # on an unknown day of a month
    assert "quantifier" not in by_id["ucdp-1-1"]
    assert read("ucdp").places["belmar"]["precision_km"] == 25


def test_several_sources_of_one_row_stay_apart() -> None:
    assert [c["source"] for c in read("ucdp").claims if c["id"].startswith("ucdp-2-") and c["kind"] == "contests"] == [
        "s_herald",
        "s_radio",
    ]
    assert [c["source"] for c in read("acled").claims if c["kind"] == "takes"] == ["s_herald", "s_radio"]


def test_who_took_the_ground_follows_the_codes_of_the_actors() -> None:
    taken = {claim["id"]: claim["side"] for claim in read("acled").claims if claim["kind"] == "takes"}
    assert taken == {"XXX1-1": "south", "XXX1-2": "south"}  # the non-state actor, though it stands second


def test_tables_with_semicolons_decimal_commas_and_days_first_are_read() -> None:
    found = read("table")
    assert claims(found, "alton") == ["holds north 2031-03-26 2031-03-27"]
    assert claims(found, "belmar") == ["holds south 2031-03-26", "holds north 2031-03-27"]
    assert set(found.report.unmapped) == {"Moon"}


@pytest.mark.parametrize(
    ("day", "spoken"),
    [
        ("2031-05", "2031-05-01/2031-05-31"),
        ("2031-05-03/2031-05-06", "2031-05-03/2031-05-06"),
        ("2031-05-03~", "2031-05-03~"),
        ("2031-05-03/..", "2031-05-03/.."),
        ("3 May 2031", "2031-05-03"),
        ("2031-05-03T06:30:00Z", "2031-05-03"),
    ],
)
def test_a_table_has_its_days_as_the_format_has_them(day: str, spoken: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        f"place,day,kind,side,lon,lat\nAlton,2031-04-30,holds,North,1,1\nAlton,{day},takes,South,1,1\n", encoding="utf-8"
    )
    found = exchange.read("table", tmp_path / "t.csv", columns={name: name for name in ("place", "day", "kind", "side", "lon", "lat")})
    assert str(parse_edtf(found.claims[1]["start"])) == spoken
    assert found.last == (date(2031, 5, 31) if day == "2031-05" else date(2031, 5, 6) if "06" in day[-3:] else date(2031, 5, 3))
    assert qsim.check(exchange.write(found, tmp_path / "made")) == []


def test_a_panel_by_months_speaks_of_all_their_days(tmp_path: Path) -> None:
    rows = "Alton,2031-04,North,1,1\nAlton,2031-05,North,1,1\nAlton,2031-06,South,1,1\n"
    (tmp_path / "t.csv").write_text(f"place,day,status,lon,lat\n{rows}", encoding="utf-8")
    found = exchange.read("table", tmp_path / "t.csv", columns={name: name for name in ("place", "day", "status", "lon", "lat")})
    assert claims(found, "alton") == ["holds north 2031-04-01 2031-05-31", "holds south 2031-06-01 2031-06-30"]


def test_nearly_known_words_are_asked_about_and_never_taken(tmp_path: Path) -> None:
    rows = ("Alton,31.5,1.2,2031-05-01,captured,Red", "Alton,31.5,1.2,2031-05-02,captred,Red", "Belmar,31.6,1.2,2031-05-02,fought over,",
            "Belmar,31.6,1.2,2031-05-03,attacked,Blue", "Belmar,31.6,1.2,2031-05-04,Under control,Bleu")  # fmt: skip
    (tmp_path / "a.csv").write_text("\n".join(["Town,lon,lat,Day,State,Who", *rows]), encoding="utf-8")
    (tmp_path / "sides.toml").write_text('[[sides]]\nid = "red"\n[[sides]]\nid = "blue"\nname = "Blue"\n', encoding="utf-8")
    columns = {"place": "Town", "lon": "lon", "lat": "lat", "day": "Day", "kind": "State", "side": "Who"}
    found = exchange.read_table(tmp_path / "a.csv", columns=columns, sides=tmp_path / "sides.toml")
    assert [(claim["kind"], claim.get("side", "")) for claim in found.claims] == [("takes", "red"), ("contests", "")]
    asked = " ".join(found.report.notes)
    for question in ("did you mean 'captured', which is read as 'takes'?", "did you mean 'contests' or 'takes'?", "did you mean 'Blue'?"):
        assert question in asked
    assert set(found.report.unmapped) == {"captred", "attacked", "Bleu"}


def test_a_polygon_is_known_by_whichever_of_its_labels_the_legend_explains(tmp_path: Path) -> None:
    ring = "[[[0, 0], [0.4, 0], [0.4, 0.4], [0, 0.4], [0, 0]]]"
    feature = f'{{"type": "Feature", "properties": {{"name": "a name", "fill": "#A52714"}}, "geometry": {{"type": "Polygon", "coordinates": {ring}}}}}'
    path = tmp_path / "1758100000.geojson"  # seconds since 1970, as some maps name their files
    path.write_text(f'{{"id": 7, "map": {{"type": "FeatureCollection", "features": [{feature}]}}}}', encoding="utf-8")
    found = exchange.read_polygons(path, **LEGEND, **PLACES)
    assert claims(found, "alton") == ["holds south 2025-09-17T09:06:40Z"]


@pytest.mark.parametrize("kind", ["zip", "gz", "xlsx", "cr", "utf16"])
def test_a_file_may_be_packed_a_workbook_or_an_old_text(kind: str, tmp_path: Path) -> None:
    text = (DATA / "ged.csv").read_text(encoding="utf-8")
    path = tmp_path / f"ged.{kind if kind in ('zip', 'gz', 'xlsx') else 'csv'}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("ged.csv", text)
            archive.writestr("readme.pdf", "INVENTED")
    elif kind == "gz":
        path.write_bytes(gzip.compress(text.encode()))
    elif kind == "xlsx":
        book = pytest.importorskip("openpyxl").Workbook()
        book.active.append(["about", "INVENTED"])
        sheet = book.create_sheet("events")
        for row in csv.reader(text.splitlines()):
            sheet.append([float(cell) if cell.replace(".", "", 1).isdigit() else cell for cell in row])
        book.save(path)
    else:
        path.write_bytes(text.replace("\n", "\r").encode() if kind == "cr" else text.encode("utf-16"))
    found = exchange.read_ucdp(path, **SIDES)
    assert found.claims == read("ucdp").claims


def test_what_cannot_be_unpacked_is_told(tmp_path: Path) -> None:
    for name in ("ged.zip", "ged.gz", "ged.xlsx"):
        (tmp_path / name).write_bytes(b"no archive")
        with pytest.raises(ImportProblem, match=name):
            exchange.read_ucdp(tmp_path / name)


def test_a_table_may_say_of_what_kind_its_rows_are(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(
        "town,when,what,who,by,ref,x,y\n"
        "Alton,2031-05-01,captured,North,Herald,https://example.org/a;b,0.1,0.1\n"
        "Alton,2031-05-02,takes,,Herald,,0.1,0.1\n"
        "Alton,2031-05-03,sings,North,Herald,,0.1,0.1\n"
        "Belmar,2031-05-03,clashes,,Radio,7:12,0.1,0.3\n",
        encoding="utf-8",
    )
    columns = {"place": "town", "day": "when", "kind": "what", "side": "who", "source": "by", "cites": "ref", "lon": "x", "lat": "y"}
    found = exchange.read_table(path, columns=columns, **SIDES)
    assert [(c["kind"], c["source"], c["cites"]) for c in found.claims] == [
        ("takes", "herald", "record:herald/2;https://example.org/a;b"),
        ("contests", "radio", "record:radio/5"),  # 7:12 would be a line of a document that the scenario has not
    ]
    assert found.report.holds
    assert [each.row for each in found.report.quarantined] == [3, 4]


@pytest.mark.parametrize(
    ("format", "file", "wanted", "expected"),
    [
        ("vina", "control_wide.csv", {}, "did you mean 'viina'"),
        ("ucdp", "acled.csv", {}, "no column id"),
        ("viina", "cities.csv", {}, "no VIINA panel"),
        ("wikimap", "README.md", {}, "--dates"),
        ("polygons", "map_2031-05-01.geojson", {}, "--places"),
        ("table", "holders.csv", {}, "--columns"),
        ("ucdp", "ged.csv", {"area": "1,2"}, "west,south,east,north"),
        ("ucdp", "ged.csv", {"start": "soon"}, "is not a day"),
        ("ucdp", "nowhere.csv", {}, "there is no such file"),
    ],
)
def test_what_cannot_be_read_says_what_is_expected(format: str, file: str, wanted: dict[str, Any], expected: str) -> None:
    with pytest.raises(ImportProblem, match=expected):
        exchange.read(format, DATA / file, **wanted)


@pytest.mark.parametrize("rule", ["mode", "mode_tie_break", "most_precise", "least_precise"])
def test_reports_that_disagree_are_settled_by_rule(rule: str) -> None:
    def report(actor: str, precision: str, rank: str, certain: str) -> dict[str, str]:
        return {"actor1": actor, "actor1_precision": precision, "source_classification": rank, "certain": certain}

    reports = [report("a", "1", "2", "3"), report("b", "3", "2", "4"), report("b", "3", "1", "1"), report("a", "1", "2", "5")]
    assert eventreport.settle(reports, "actor1", rule) == {"mode": "Indeterminate", "mode_tie_break": "a"}.get(
        rule, "b" if rule == "most_precise" else "a"
    )


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="QSIM_SAMPLES names no folder of samples")
class TestSamples:
    """Real extracts, where they are at hand."""

    def test_viina(self) -> None:
        found = exchange.read_viina(SAMPLES / "viina_v1_control_sample.csv")
        cells = found.report.tally("cell")
        assert (cells.read, cells.mapped, len(found.places)) == (98_000, 96_725, 400)
        assert cells.by_reason() == {"empty: the list has no value": 1_275}
        held = Counter(claim.get("side", "contested") for claim in found.claims)
        assert held.total() + 53 == 1_719  # 53 runs of empties make no claim
        assert viina.ORIGINS[0].share_alike

    def test_ucdp(self) -> None:
        found = exchange.read_ucdp(SAMPLES / "ucdp_ged_sample.csv")
        rows = found.report.tally("row")
        assert (rows.read, rows.mapped) == (300, 295)
        assert [each.what.partition(":")[0] for each in found.report.quarantined] == ["243843", "251804", "252380", "255083", "281595"]
        assert len(found.report.mended["a source dated before the event: the day of its report is left out"]) == 33

    def test_wikipedia(self) -> None:
        listed = exchange.read_wikilist(SAMPLES / "wiki_city_control_sample.csv")
        assert listed.report.holds
        assert listed.report.tally("row").read == 3_530
        assert set(listed.report.unmapped) >= {"Truce", "3 Oct 2022", "Gray zone", "(blank)", "Ukraine?"}
        folder = SAMPLES / "more" / "wikimap"
        old = exchange.read_wikimap(folder / "syria_2017.lua", dates=("2017-07-01",)).report.tally("mark")
        new = exchange.read_wikimap(folder / "syria_2026.lua", dates=("2026-09-24",)).report.tally("mark")
        assert (old.read, old.holds, new.read, new.holds) == (116, True, 55, True)  # one of 2017 is commented out
        assert exchange.read_wikimap(folder / "syria_2017_markdown.md", dates=("2017-07-01",)).report.tally("mark").read == 20

    def test_acled_layout(self) -> None:
        report = exchange.read_acled(SAMPLES / "acled_layout.csv").report
        assert (report.tally("row").read, report.holds) == (3, True)

    def test_event_reports(self) -> None:
        path = SAMPLES / "eventreport_sample.csv"
        report = exchange.read_eventreport(path).report
        assert (report.tally("row").read, report.holds) == (1_487, True)
        reports = defaultdict(list)
        for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
            reports[row["event_id"]].append(row)
        for expected in csv.DictReader((SAMPLES / "eventreport_expected.csv").read_text(encoding="utf-8").splitlines()):
            event = reports[expected["event_id"]]
            for column in ("actor1", "city"):
                for rule in ("mode", "mode_tie_break", "most_precise", "least_precise"):
                    assert eventreport.settle(event, column, rule) == expected[f"{column}_{rule}"]
            for rule, choose in (("mode", None), ("min", min), ("max", max)):
                number = eventreport.settle_number(event, "deaths_best", choose)
                assert ("NA" if number is None else str(number)) == expected[f"deaths_best_{rule}"]
            assert str(eventreport.settle_day(event, "date_start")) == expected["date_start_mode"]
