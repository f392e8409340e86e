"""The player's file: what is packed comes back, nothing of the contents is markup, nothing comes from outside."""

import ast
import json
import os
import re
import shutil
import subprocess
import zlib
from base64 import b64decode
from dataclasses import replace
from inspect import signature
from pathlib import Path
from typing import Any

import chromium
import numpy as np
import pytest
import toys

import qsim
from qsim import page
from qsim.belief import why as who
from qsim.belief.timeline import Timeline
from qsim.cli import ring
from qsim.draw.charts.series import SEED, course
from qsim.draw.charts.share import share_chart
from qsim.geography.perimeter import perimeter
from qsim.page.bidi import short
from qsim.page.blobs import NEVER, Blobs, heard, squeezed, states, track
from qsim.page.claims import holding, told_by, touched
from qsim.page.pack import RUNS, recorded
from qsim.page.story import turning_points
from qsim.record.scope import bears_on, in_order, reach

HERE = Path(__file__).parents[1]
SCRIPTS = HERE.parent / "qsim" / "page"
INJECTED = '<img src="x" onerror="document.title=1">'
DEBIAN = 'PRETTY_NAME="Debian GNU/Linux"\nID=debian\n'


def head_of(text: str) -> dict[str, Any]:
    """Return the head of a page's packed record, with its claims one by one."""
    data = re.search(r'id="data">([^<]*)</script>', text)
    assert data is not None
    block = zlib.decompress(b64decode(data[1]), -15)
    size = 4 + int.from_bytes(block[:4], "little")
    head: dict[str, Any] = json.loads(block[4:size])
    types = {"u": np.uint8, "h": np.uint16, "s": np.int16, "i": np.int32}
    arrays = [np.frombuffer(block, types[type], length, size + at) for type, at, length in head["blobs"]]
    return head | {"claims": claims_of(head["claims"], arrays)}


def claims_of(packed: dict[str, Any], arrays: list[Any]) -> list[dict[str, Any]]:
    """Return the claims of a page, each with the fields that say something of it."""
    ends = np.cumsum(arrays[packed["lengths"]["blob"]])
    letters = arrays[packed["letters"]["blob"]].tobytes()
    found: list[dict[str, Any]] = [{"id": letters[a:b].decode()} for a, b in zip([0, *ends], ends, strict=False)]
    for column in packed["columns"]:
        for claim, code in zip(found, arrays[column["codes"]["blob"]].tolist(), strict=True):
            claim |= {name: values[code] for name, values in column["fields"].items() if values[code] is not None}
    return found


# What is packed


def test_a_track_holds_only_changes_and_how_much_they_are() -> None:
    blobs = Blobs()
    values = np.array([[[1, 9], [5, 9]], [[1, 9], [6, 8]], [[2, 9], [6, 8]]])
    track([values[:, :1], values[:, 1:]], "u", blobs)
    starts, days, numbers = (array.astype(np.int8).tolist() for _, array in blobs.found)
    assert starts == [0, 2, 4]
    assert np.cumsum(days).tolist() == [0, 2, 0, 1]
    assert np.cumsum(np.reshape(numbers, (2, 4)), axis=1).tolist() == [[1, 2, 5, 6], [9, 9, 9, 8]]


@pytest.mark.parametrize("numbers", [1, 200])
def test_blocks_of_places_are_all_places(monkeypatch: pytest.MonkeyPatch, tellings: dict[str, Timeline], numbers: int) -> None:
    for timeline in tellings.values():
        whole = [np.concatenate([*each(timeline)], axis=1) for each in (states, heard)]
        monkeypatch.setattr("qsim.page.blobs._NUMBERS", numbers * len(timeline))
        some = [np.concatenate([*each(timeline)], axis=1) for each in (states, heard)]
        monkeypatch.undo()
        assert all(np.array_equal(a, b) for a, b in zip(whole, some, strict=True))
        assert np.array_equal(whole[0][..., :-1], np.round(timeline.belief * 255))
        assert np.array_equal(whole[1][..., 0] == NEVER, np.isnat(timeline.last_report))


def test_every_claim_is_told_with_all_that_is_said_of_it(written: Path, tellings: dict[str, Timeline]) -> None:
    """One by one, of every telling: those of a ledger of its own too."""
    packed = head_of(written.read_text(encoding="utf-8"))["claims"]
    timeline = tellings["whole record"]
    theatre, ledger = timeline.theatre, timeline.ledger
    assert ledger is not None
    expected = in_order(claim for claim in ledger.claims if claim.window.start <= timeline.end)
    assert [each["id"] for each in packed] == [claim.id for claim in expected]
    holders = holding(theatre)
    for each, claim in zip(packed, expected, strict=True):
        said = who.testimony(timeline, ledger, claim)
        reach_of_it = {*reach(theatre, claim), *([theatre.index[claim.place]] if claim.place in theatre.index else [])}
        on = set() if said.says is None else reach_of_it
        assert (set(each.get("on", [])), set(each.get("by", []))) == (on, touched(theatre, claim, holders) - on)
        assert (each.get("says"), each.get("against", False)) == (said.says, said.against_interest)
        days = [(day - timeline.start).days for day in (claim.window.start, claim.known, claim.until)]
        assert [each["from"], each["known"], each["until"]] == days
        assert (each["when"], each.get("reported", "")) == (str(claim.window), str(claim.reported or ""))
        assert (each["kind"], each["source"], each["confidence"]) == (claim.kind, claim.source, claim.confidence)
        assert (each.get("cites", []), each["about"]) == ([*claim.cites], short(theatre.named(claim.place)))


def test_tellings_by_other_ledgers_share_the_claims_that_they_share(line_timeline: Timeline) -> None:
    ledger = line_timeline.ledger
    assert ledger is not None
    fewer = replace(line_timeline, ledger=ledger.without(ledger.claims[0].id))
    told = told_by({"all": line_timeline, "fewer": fewer, "mean": replace(line_timeline, ledger=None)})
    assert set(told.claims) == set(ledger.claims)
    assert [told.claims[row].id for row in told.of["fewer"]] == [claim.id for claim in told.claims if claim.id != ledger.claims[0].id]
    assert list(told.of) == ["all", "fewer"]
    assert told.teller.tolist() == [0] * len(ledger)


def test_a_claim_bears_on_the_places_that_the_replay_says() -> None:
    theatre, ledger = qsim.load("qusayr")
    holders = holding(theatre)
    for claim in ledger.claims[::7]:
        expected = {i for i, place in enumerate(theatre.places) if bears_on(theatre, claim, place.id)}
        assert touched(theatre, claim, holders) == expected, claim


def test_claims_for_and_against_are_those_of_why(written: Path, tellings: dict[str, Timeline]) -> None:
    timeline, head = tellings["whole record"], head_of(written.read_text(encoding="utf-8"))
    at = timeline.theatre.index["dabaa_airbase"]
    why = qsim.Replay(timeline, "2013-06-08").why("dabaa_airbase")
    direct = {claim["id"] for claim in head["claims"] if at in claim.get("on", [])}
    beside = {claim["id"] for claim in head["claims"] if at in claim.get("by", [])}
    assert direct == {told.claim.id for told in (*why.supporting, *why.opposing, *why.earlier)}
    assert beside == {told.claim.id for told in why.beside}


def test_five_tellings_take_less_than_500_kb(tellings: dict[str, Timeline]) -> None:
    five = {**tellings, "fourth": tellings["whole record"], "fifth": tellings["told by the government"]}
    assert len(page.document(five).encode()) < 500_000


def test_the_same_timeline_gives_the_same_bytes(tmp_path: Path, line_timeline: Timeline) -> None:
    once, again = (page.write(line_timeline, tmp_path / name).read_bytes() for name in ("a.html", "b.html"))
    assert once == again
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.html", "b.html"]


def test_what_cannot_be_computed_is_left_out(written: Path) -> None:
    whole, government, known = head_of(written.read_text(encoding="utf-8"))["tellings"]
    assert {"low", "high"} <= set(whole["city"])
    assert {"exits", "open", "cut_off", "by_map", "by_words"} <= set(whole["ring"])
    assert not {"low", "high"} & set(government["city"])
    assert not {"cut_off", "by_map"} & set(government["ring"])
    assert not {"cut_off", "by_map", "by_words"} & set(known["ring"])
    mean = head_of(page.document(toys.histories(toys.line(), "r..bb", "rr.bb").mean()))["tellings"][0]
    assert [mean[key] for key in ("claims", "reports", "city", "ring")] == [None] * 4


def test_the_ring_is_drawn_from_as_many_histories_as_the_table_of_the_metrics() -> None:
    of_table = signature(ring.metrics).parameters
    assert (of_table["runs"].default, of_table["seed"].default) == (RUNS, SEED)


def test_the_page_gives_the_numbers_of_the_pictures(written: Path, tellings: dict[str, Timeline]) -> None:
    timeline = tellings["whole record"]
    told = head_of(written.read_text(encoding="utf-8"))["tellings"][0]
    drawn = perimeter(timeline, "qusayr", "opposition")
    assert told["ring"]["cut_off"] == [round(100 * closed) for closed in drawn.closed.tolist()]
    low, high = (np.array(each) for each in told["ring"]["cut_off_if"])
    assert (low <= high).all()
    assert (low[-1], high[-1]) == (told["ring"]["cut_off"][-1],) * 2  # by the last day somebody has spoken of every place on the ways
    shares = course(timeline, "qusayr", "government", runs=signature(share_chart).parameters["runs"].default, seed=SEED)
    assert told["city"]["share"] == [round(100 * share) for share in shares.expected.tolist()]
    assert shares.low is not None
    assert told["city"]["low"] == [round(100 * share) for share in shares.low.tolist()]


def test_place_and_side_pick_the_ways_out(tellings: dict[str, Timeline]) -> None:
    timeline = tellings["told by the government"]
    theatre = timeline.theatre
    ring = head_of(page.document(timeline, place="dabaa_airbase", side="government"))["tellings"][0]["ring"]
    ways = qsim.metrics.exits(timeline.most_likely(), "dabaa_airbase", "government")
    assert (ring["place"], ring["side"]) == (theatre.index["dabaa_airbase"], 0)
    assert ring["exits"] == [[[theatre.index[id] for id in route] for route in each.routes] for each in ways]
    assert head_of(page.document(timeline))["tellings"][0]["ring"]["place"] == theatre.index["qusayr"]
    with pytest.raises(qsim.TheatreError, match="dabaa_airbse"):
        page.document(timeline, place="dabaa_airbse")


def test_chapters_are_the_turning_points_or_the_authors_own(tellings: dict[str, Timeline], written: Path) -> None:
    timeline = tellings["told by the government"]
    own = head_of(written.read_text(encoding="utf-8"))
    found = head_of(page.document(timeline))
    assert own["chapters"] == [[2, "The assault"], [12, "The air base"]]
    assert found["chapters"] == [[timeline.position(when), text] for when, text in turning_points(timeline)]


def test_the_chapters_of_the_scenario_script_are_days_of_which_something_was_said() -> None:
    lines = (HERE.parent / "scenarios" / "pincer_2013.py").read_text(encoding="utf-8")
    (chapters,) = (
        ast.literal_eval(each.value)
        for each in ast.parse(lines).body
        if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "CHAPTERS"
    )
    _, ledger = qsim.load("qusayr")
    told = {str(claim.effective) for claim in ledger.claims}
    assert len(chapters) == 9
    assert set(chapters) <= told
    assert "chapters=" in lines


def test_a_page_carries_days_names_and_citations_as_text(written: Path) -> None:
    text = written.read_text(encoding="utf-8")
    assert "2013-05-29" in text
    assert "29 May 2013" in text
    assert "Dab&#x27;a" in text
    assert "003:186#4" in text


def test_nothing_comes_from_outside(written: Path) -> None:
    text = written.read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert not re.search(r"""(src|href)\s*=\s*["']|url\(\s*["']?(?!#)|@import""", re.sub(r'id="data">[^<]*<', "", text))
    tested = r"/\^https\?:/"  # what an address of a citation must begin with to be a link
    assert "http" not in re.sub(rf'id="data">[^<]*<|http://www.w3.org/2000/svg|http-equiv|{tested}', "", text)


def test_scripts_make_text_and_never_markup_or_requests() -> None:
    scripts = "".join(path.read_text(encoding="utf-8") for path in SCRIPTS.glob("*.js"))
    assert sorted(path.name for path in SCRIPTS.glob("*.js")) == sorted(page.SCRIPTS)
    assert not re.search(
        r"(inner|outer)HTML|insertAdjacent|document\.write|eval\(|Function\(|fetch\(|XMLHttp|import\(|Storage|cookie", scripts
    )


def test_scripts_share_one_scope_without_a_name_twice() -> None:
    lines = "".join((SCRIPTS / name).read_text(encoding="utf-8") for name in page.SCRIPTS)
    names = re.findall(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", lines, re.MULTILINE)
    assert len(names) > 100
    assert [name for name in set(names) if names.count(name) > 1] == []


def test_names_are_escaped(line_timeline: Timeline) -> None:
    places = tuple(replace(place, name=INJECTED) for place in line_timeline.theatre.places)
    text = page.document(replace(line_timeline, theatre=replace(line_timeline.theatre, places=places, title="</title><script>1</script>")))
    assert "<img" not in text
    assert "<script>1" not in text


def test_a_notebook_gets_a_frame_of_its_own(line_timeline: Timeline) -> None:
    frame = page.notebook(line_timeline, day="2001-01-05")
    assert frame.startswith("<iframe srcdoc=")
    assert "data-day=&quot;2001-01-05&quot;" in frame
    assert "<script" not in frame


def test_what_cannot_be_shown_is_refused(line_timeline: Timeline) -> None:
    with pytest.raises(page.PageError, match="no timeline"):
        page.document({})
    with pytest.raises(page.PageError, match="'b' does not have the days"):
        page.document({"a": line_timeline, "b": line_timeline["2001-01-02":"2001-01-03"]})
    with pytest.raises(qsim.TimelineError, match="lies outside"):
        page.document(line_timeline, chapters={"2020-01-01": "Too late"})


def test_turning_points_begin_and_end_with_the_days(tellings: dict[str, Timeline]) -> None:
    points = turning_points(tellings["whole record"])
    assert [str(when) for when, _ in (points[0], points[-1])] == ["2013-05-17", "2013-06-08"]
    assert len(points) <= 8


def test_many_places_become_an_index_image() -> None:
    from qsim.page.ground import raster

    theatre, _ = qsim.load("qusayr")
    polygons = {place.id: place.polygon for place in theatre.places if place.polygon is not None}
    found = raster(theatre, polygons, width=60)
    row, column = found.shape[0] // 2, 10
    assert found.shape[1] == 60
    assert theatre.places[found[row, column]].polygon is not None


# Under Node


@pytest.mark.skipif(shutil.which("node") is None and not os.environ.get("CI"), reason="there is no Node here")
def test_scripts_read_what_python_packed(tmp_path: Path, line_timeline: Timeline) -> None:
    (tmp_path / "packed").write_text(squeezed(*recorded({"x": line_timeline}, title="x", chapters=[])), encoding="utf-8")
    days = line_timeline.last_report - line_timeline.days[0]
    silent = [
        [None if np.isnat(last) else d - int(last.astype(int)) for last in row] for d, row in enumerate(days.astype("timedelta64[D]"))
    ]
    (tmp_path / "expected").write_text(
        json.dumps({"state": np.concatenate([*states(line_timeline)], axis=1).tolist(), "silent": silent}), encoding="utf-8"
    )
    given = {"QSIM_PACKED": str(tmp_path / "packed"), "QSIM_EXPECTED": str(tmp_path / "expected")}
    ran = subprocess.run(["node", "--test", *HERE.glob("page/*.test.mjs")], env=os.environ | given, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout
    assert -days.size > NEVER


# Where a browser comes from


def which(*there: str) -> chromium.Which:
    """Return a search that finds only these programs."""
    return lambda name: f"/usr/bin/{name}" if name in there else None


def never() -> None:
    raise AssertionError("nothing is installed where a browser is there, or may not be installed")


def test_a_browser_that_is_there_is_used() -> None:
    assert chromium.chromium(which("google-chrome", "chromium-browser"), never, debian_root=True) == "/usr/bin/chromium-browser"
    assert chromium.chromium(which("chromium"), never, debian_root=False) == "/usr/bin/chromium"


def test_debians_is_installed_only_for_root_on_debian() -> None:
    there: list[str] = []
    assert chromium.chromium(lambda name: which(*there)(name), lambda: there.append("chromium"), debian_root=True) == "/usr/bin/chromium"
    assert chromium.chromium(which(), lambda: None, debian_root=True) is None
    assert chromium.chromium(which(), never, debian_root=False) is None


def test_who_is_root_on_debian() -> None:
    assert chromium.is_debian_root(0, DEBIAN, which("apt-get"))
    assert not chromium.is_debian_root(1000, DEBIAN, which("apt-get"))
    assert not chromium.is_debian_root(None, DEBIAN, which("apt-get"))
    assert not chromium.is_debian_root(0, DEBIAN, which())
    assert not chromium.is_debian_root(0, "ID=ubuntu\nID_LIKE=debian\n", which("apt-get"))


def test_no_browser_skips_with_a_reason_and_fails_in_ci() -> None:
    with pytest.raises(pytest.skip.Exception, match="need Chromium"):
        chromium.absent("need Chromium", {})
    with pytest.raises(pytest.fail.Exception, match="need Chromium"):
        chromium.absent("need Chromium", {"CI": "true"})


def test_what_a_document_elsewhere_is_cited_for_links_to_it_and_has_no_words() -> None:
    theatre, ledger = qsim.load("kobani")
    timeline = qsim.reconstruct(theatre, ledger, start="2014-10-05", end="2014-10-06", policy="last_claim")
    head = head_of(page.document(timeline))
    assert head["quotes"] == {}
    assert set(head["addresses"].values()) == {"https://en.wikipedia.org/wiki/Siege_of_Kobanî"}
    assert "siege:30#1" in head["addresses"]
