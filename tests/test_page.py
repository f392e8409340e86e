"""The player: what is packed comes back, nothing of the contents is markup, and every control works in a real browser."""

import json
import os
import re
import shutil
import subprocess
import zlib
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import toys

import qsim
from qsim import page
from qsim.evidence import bears_on
from qsim.page.pack import NEVER, state, touched, track, turning_points
from qsim.timeline import Timeline

HERE = Path(__file__).parent
INJECTED = '<img src="x" onerror="document.title=1">'
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"]


def line_timeline() -> Timeline:
    """Return ten days of a line on which b changes hands."""
    claims = [
        toys.claim("b", "holds", "red", "2001-01-02", source="press", note="Red sits in b."),
        toys.claim("b", "takes", "blue", "2001-01-05", reported="2001-01-06", note="Blue took b."),
        toys.claim("a", "holds", "red", "2001-01-01", source="red_voice"),
    ]
    return toys.replayed(toys.line(), *claims)


@pytest.fixture(scope="module")
def tellings() -> dict[str, Timeline]:
    theatre, ledger = qsim.load("qusayr")
    window: dict[str, Any] = {"start": "2013-05-17", "end": "2013-06-09"}
    mine, told = qsim.told_by(theatre, ledger, "government")
    return {
        "whole record": qsim.reconstruct(theatre, ledger, policy="hmm", **window),
        "told by the government": qsim.reconstruct(mine, told, policy="last_claim", **window),
        "as known on the day": qsim.as_known(theatre, ledger, policy="last_claim", **window),
    }


@pytest.fixture(scope="module")
def written(tellings: dict[str, Timeline], tmp_path_factory: pytest.TempPathFactory) -> Path:
    chapters = {"2013-05-19": "The assault", "2013-05-29": "The air base"}
    return page.write(tellings, tmp_path_factory.mktemp("page") / "player.html", chapters=chapters)


def head_of(text: str) -> dict[str, Any]:
    """Return the head of a page's packed record."""
    data = re.search(r'id="data">([^<]*)</script>', text)
    assert data is not None
    block = zlib.decompress(b64decode(data[1]), -15)
    head: dict[str, Any] = json.loads(block[4 : 4 + int.from_bytes(block[:4], "little")])
    return head


# What is packed


def test_a_track_holds_only_changes() -> None:
    from qsim.page.pack import Blobs

    blobs = Blobs()
    values = np.array([[[1], [5]], [[1], [6]], [[2], [6]]])
    track(values, "u", blobs)
    starts, days, numbers = (array.tolist() for _, array in blobs.found)
    assert (starts, days, numbers) == ([0, 2, 4], [0, 2, 0, 1], [1, 2, 5, 6])


def test_a_claim_bears_on_the_places_that_the_replay_says() -> None:
    theatre, ledger = qsim.load("qusayr")
    members = [set(theatre.members(place.id)) for place in theatre.places]
    for claim in ledger.claims[::7]:
        expected = {i for i, place in enumerate(theatre.places) if bears_on(theatre, claim, place.id)}
        assert touched(theatre, claim, members) == expected, claim


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


def test_the_same_timeline_gives_the_same_bytes(tmp_path: Path) -> None:
    once, again = (page.write(line_timeline(), tmp_path / name).read_bytes() for name in ("a.html", "b.html"))
    assert once == again
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.html", "b.html"]


def test_what_cannot_be_computed_is_left_out(written: Path) -> None:
    whole, government, known = head_of(written.read_text(encoding="utf-8"))["tellings"]
    assert {"low", "high", "exits", "encircled", "enclosed"} <= set(whole["city"])
    assert not {"low", "high", "encircled"} & set(government["city"])
    assert not {"low", "high", "encircled", "enclosed"} & set(known["city"])
    mean = head_of(page.document(toys.histories(toys.line(), "r..bb", "rr.bb").mean()))
    assert mean["tellings"][0]["claims"] is None
    assert mean["tellings"][0]["city"] is None


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
    assert "http" not in re.sub(r'id="data">[^<]*<|http://www.w3.org/2000/svg|http-equiv', "", text)


def test_names_are_escaped() -> None:
    timeline = line_timeline()
    places = tuple(replace(place, name=INJECTED) for place in timeline.theatre.places)
    text = page.document(replace(timeline, theatre=replace(timeline.theatre, places=places, title="</title><script>1</script>")))
    assert "<img" not in text
    assert "<script>1" not in text


def test_a_notebook_gets_a_frame_of_its_own() -> None:
    frame = page.notebook(line_timeline(), day="2001-01-05")
    assert frame.startswith("<iframe srcdoc=")
    assert "data-day=&quot;2001-01-05&quot;" in frame
    assert "<script" not in frame


def test_what_cannot_be_shown_is_refused() -> None:
    timeline = line_timeline()
    with pytest.raises(page.PageError, match="no timeline"):
        page.document({})
    with pytest.raises(page.PageError, match="'b' does not have the days"):
        page.document({"a": timeline, "b": timeline["2001-01-02":"2001-01-04"]})
    with pytest.raises(qsim.TimelineError, match="lies outside"):
        page.document(timeline, chapters={"2020-01-01": "Too late"})


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
def test_scripts_read_what_python_packed(tmp_path: Path) -> None:
    timeline = line_timeline()
    (tmp_path / "packed").write_text(page.pack.packed({"x": timeline}, title="x", chapters=[]), encoding="utf-8")
    days = timeline.last_report - timeline.days[0]
    silent = [
        [None if np.isnat(last) else d - int(last.astype(int)) for last in row] for d, row in enumerate(days.astype("timedelta64[D]"))
    ]
    (tmp_path / "expected").write_text(json.dumps({"state": state(timeline).tolist(), "silent": silent}), encoding="utf-8")
    given = {"QSIM_PACKED": str(tmp_path / "packed"), "QSIM_EXPECTED": str(tmp_path / "expected")}
    ran = subprocess.run(["node", "--test", *HERE.glob("page/*.test.mjs")], env=os.environ | given, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout
    assert -days.size > NEVER


# In a browser


def chromium_path() -> str | None:
    """Return a Chromium that is there, or Debian's where root may install it, or None."""
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None and hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], capture_output=True, check=False)
        found = shutil.which("chromium")
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    absent = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        absent("the page's tests in a browser need Playwright: pip install playwright")
    path = chromium_path()
    if path is None:
        absent("the page's tests in a browser need Chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


class Watched:
    """A page in the browser, with everything it complained of or asked the network for."""

    def __init__(self, browser: Any, url: str, *, many: bool = False, **options: Any) -> None:
        self.trouble: list[str] = []
        self.requests: list[str] = []
        self.context = browser.new_context(**({"viewport": {"width": 1280, "height": 860}} | options))
        self.tab = self.context.new_page()
        self.tab.on("console", lambda message: self.trouble.append(message.text))
        self.tab.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.tab.on("request", lambda request: self.requests.append(request.url))
        self.tab.goto(url)
        self.tab.wait_for_selector("#map canvas" if many else "#map svg.map .cells path", state="attached")

    def day(self) -> str:
        return str(self.tab.inner_text("#iso"))

    def closed(self) -> None:
        """Close it; nothing may have gone wrong, and nothing been asked for but itself."""
        self.context.close()
        assert self.trouble == []
        assert [url for url in self.requests if not url.startswith(("file:", "about:"))] == []


@pytest.fixture
def shown(browser: Any, written: Path) -> Iterator[Watched]:
    watched = Watched(browser, written.as_uri() + "#day=2013-05-29")
    yield watched
    watched.closed()


def test_it_opens_at_the_moment_of_the_address(shown: Watched) -> None:
    assert shown.day() == "2013-05-29"
    assert "Dab'a Air Base" in shown.tab.inner_text("#caption")
    assert "003:186#4" in shown.tab.inner_text("#caption")
    assert shown.tab.get_attribute("#range", "aria-valuetext").startswith("29 May 2013, day 13 of 23, 2 events")
    assert len([url for url in shown.requests if url.startswith("file:")]) == 1


def test_keys_walk_through_the_days(shown: Watched) -> None:
    walk = [
        ("ArrowRight", "2013-05-30"), ("ArrowLeft", "2013-05-29"), ("Shift+ArrowLeft", "2013-05-22"), ("Shift+ArrowRight", "2013-05-29"),
        ("Home", "2013-05-17"), ("End", "2013-06-08"), ("b", "2013-06-07"), ("n", "2013-06-08"), ("Home", "2013-05-17"), ("N", "2013-05-19"),
    ]  # fmt: skip
    for key, expected in walk:
        shown.tab.keyboard.press(key)
        assert shown.day() == expected, key
    assert "day=2013-05-19" in shown.tab.url
    shown.tab.keyboard.press("?")
    assert shown.tab.is_visible("#keys")
    shown.tab.keyboard.press("Escape")
    assert not shown.tab.is_visible("#keys")


def test_buttons_and_the_range_walk_too(shown: Watched) -> None:
    for button, expected in (("forward", "30"), ("back", "29"), ("next", "30"), ("previous", "29")):
        shown.tab.click(f"#{button}")
        assert shown.day() == f"2013-05-{expected}", button
    shown.tab.evaluate("const r = document.getElementById('range'); r.value = 2; r.dispatchEvent(new Event('input'))")
    assert shown.day() == "2013-05-19"
    shown.tab.click("#strip", position={"x": 2, "y": 20})
    assert shown.day() == "2013-05-17"
    shown.tab.click("#chapters button >> nth=1")
    assert shown.day() == "2013-05-29"


def test_it_plays_to_the_end_quietly_and_pauses(shown: Watched) -> None:
    shown.tab.select_option("#speed", "1")
    shown.tab.keyboard.press("Space")
    assert shown.tab.get_attribute("#play", "aria-label") == "Pause"
    assert shown.tab.get_attribute("#caption", "aria-live") == "off"
    shown.tab.select_option("#speed", "60")
    shown.tab.wait_for_selector("#play[aria-label=Play]")
    assert shown.day() == "2013-06-08"
    assert shown.tab.get_attribute("#caption", "aria-live") == "polite"
    assert "day=2013-06-08" in shown.tab.url
    shown.tab.select_option("#speed", "1")
    shown.tab.click("#play")
    assert shown.day() == "2013-05-17"
    shown.tab.click("#play")
    assert shown.tab.get_attribute("#play", "aria-label") == "Play"


def test_a_click_on_a_place_tells_who_says_so(shown: Watched, tellings: dict[str, Timeline]) -> None:
    at = tellings["whole record"].theatre.index["dabaa_airbase"]
    shown.tab.locator(f".map [data-place='{at}']").click()
    about = shown.tab.inner_text("#about")
    for words in ("Al-Dab'a Air Base", "Syrian Observatory", "of 2013-05-29, reported 2013-05-30", "Battle of al-Qusayr (2013), 003:186#4"):
        assert words in about
    assert "place=dabaa_airbase" in shown.tab.url
    why = qsim.Replay(tellings["whole record"], "2013-05-29").why("dabaa_airbase")
    assert f"For government and allies ({len(why.supporting)})" in about
    assert f"Earlier, before the place last changed ({len(why.earlier)})" in about
    assert "Against" not in about
    assert not why.opposing
    assert f"parts, losses ({len(why.beside)})" in about
    assert shown.tab.input_value("#place") == str(at)
    shown.tab.keyboard.press("Escape")
    assert not shown.tab.is_visible("#about")
    shown.tab.click("#caption button")
    assert shown.tab.is_visible("#about")


def test_the_switch_shows_another_telling(shown: Watched) -> None:
    before = shown.tab.inner_text("#caption")
    shown.tab.check("#tellings input >> nth=1")
    assert "told=told+by+the+government" in shown.tab.url
    assert shown.tab.inner_text("#caption") != before
    shown.tab.evaluate("location.hash = '#day=2013-05-19&told=whole+record&place=qusayr'")
    shown.tab.wait_for_selector("#iso:text-is('2013-05-19')")
    assert shown.tab.is_checked("#tellings input >> nth=0")
    assert "Contested" in shown.tab.inner_text("#about")


def test_the_map_zooms_and_moves(shown: Watched) -> None:
    whole = shown.tab.get_attribute("svg.map", "viewBox")
    box = shown.tab.locator("svg.map").bounding_box()
    shown.tab.mouse.move(box["x"] + 200, box["y"] + 200)
    shown.tab.mouse.wheel(0, -600)
    shown.tab.wait_for_selector(f"svg.map:not([viewBox='{whole}'])")
    near = shown.tab.get_attribute("svg.map", "viewBox")
    shown.tab.mouse.down()
    shown.tab.mouse.move(box["x"] + 260, box["y"] + 240, steps=4)
    shown.tab.mouse.up()
    moved = shown.tab.get_attribute("svg.map", "viewBox")
    assert moved != near
    assert moved.split()[2:] == near.split()[2:]
    assert not shown.tab.is_visible("#about"), "a drag is no click"
    shown.tab.click("#zoom-in")
    shown.tab.click("#zoom-out")
    shown.tab.click("#zoom-all")
    assert shown.tab.get_attribute("svg.map", "viewBox") == whole


def test_the_front_line_can_be_left_out(shown: Watched) -> None:
    assert shown.tab.get_attribute(".front .line", "d")
    shown.tab.uncheck("#front")
    assert not shown.tab.get_attribute(".front .line", "d")


def test_the_table_holds_the_day(shown: Watched, tellings: dict[str, Timeline]) -> None:
    shown.tab.click("#table summary")
    shown.tab.wait_for_selector("#table tbody tr")
    places = [place for place in tellings["whole record"].theatre.places if not place.gateway]
    assert shown.tab.locator("#table tbody tr").count() == len(places)
    assert "Contested" in shown.tab.locator("#table tr", has_text="Al-Dabaah").inner_text()


def test_a_name_that_is_markup_is_text(browser: Any, tmp_path: Path) -> None:
    timeline = line_timeline()
    places = tuple(replace(place, name=INJECTED) for place in timeline.theatre.places)
    evil = replace(timeline, theatre=replace(timeline.theatre, places=places))
    watched = Watched(browser, page.write(evil, tmp_path / "evil.html", title=INJECTED).as_uri() + "#day=2001-01-05&place=b")
    assert watched.tab.locator("img").count() == 0
    assert INJECTED in watched.tab.inner_text("#about")
    assert watched.tab.title() == INJECTED
    watched.closed()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_shows_it_without_scrolling_sideways(browser: Any, written: Path, theme: str) -> None:
    watched = Watched(browser, written.as_uri(), viewport={"width": 390, "height": 844}, color_scheme=theme, has_touch=True)
    assert watched.tab.evaluate("document.documentElement.scrollWidth") <= 390
    assert watched.tab.locator(".labels text").count() > 10
    watched.tab.tap("#play")
    watched.tab.tap("#play")
    watched.closed()


def test_very_many_places_are_painted(browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qsim.page.ground.MOST_CELLS", 50)
    theatre, ledger = qsim.load("qusayr")
    timeline = qsim.reconstruct(theatre, ledger, start="2013-05-28", end="2013-05-31", policy="last_claim")
    watched = Watched(browser, page.write(timeline, tmp_path / "many.html").as_uri() + "#day=2013-05-29", many=True)
    box = watched.tab.locator("svg.map").bounding_box()
    watched.tab.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.8)
    assert watched.tab.is_visible("#about")
    painted = "document.querySelector('canvas').getContext('2d').getImageData(450, 600, 1, 1).data.join()"
    assert watched.tab.evaluate(painted) == "0,114,178,255"
    watched.closed()


def test_print_leaves_the_controls_out(browser: Any, written: Path) -> None:
    watched = Watched(browser, written.as_uri() + "#day=2013-05-29", color_scheme="dark")
    watched.tab.emulate_media(media="print")
    assert not watched.tab.is_visible(".controls")
    assert watched.tab.is_visible("svg.map")
    assert watched.tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    watched.closed()


def test_reduced_motion_is_kept(browser: Any, written: Path) -> None:
    watched = Watched(browser, written.as_uri() + "#day=2013-05-29", reduced_motion="reduce")
    assert watched.tab.evaluate("getComputedStyle(document.querySelector('.rings circle')).animationName") == "none"
    watched.closed()


def test_it_runs_inside_a_notebook(browser: Any, tmp_path: Path) -> None:
    (tmp_path / "notebook.html").write_text(page.notebook(line_timeline(), day="2001-01-05"), encoding="utf-8")
    context = browser.new_context()
    tab = context.new_page()
    trouble: list[str] = []
    tab.on("pageerror", lambda error: trouble.append(str(error)))
    tab.goto((tmp_path / "notebook.html").as_uri())
    frame = tab.frame_locator("iframe")
    assert frame.locator("#iso").inner_text() == "2001-01-05"
    frame.locator("#forward").click()
    assert frame.locator("#iso").inner_text() == "2001-01-06"
    context.close()
    assert trouble == []
