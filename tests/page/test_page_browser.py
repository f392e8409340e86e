"""The player in a real browser: every control, the keys, the address, a place's claims, the switch, fingers and the wheel."""

import io
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from chromium import PHONE, Watched
from PIL import Image

import qsim
from qsim import page
from qsim.belief.timeline import Timeline
from qsim.draw.charts.series import SEED
from qsim.draw.palette import grounds, tint_steps
from qsim.draw.ring import odds
from qsim.geography.perimeter import perimeter
from qsim.page.ground import Plane
from qsim.page.pack import RUNS
from qsim.record.picture import Picture

INJECTED = '<img src="x" onerror="document.title=1">'


def test_it_opens_at_the_moment_of_the_address(shown: Watched) -> None:
    assert shown.day() == "2013-05-29"
    assert "Dab'a Air Base" in shown.tab.inner_text("#caption")
    assert "003:186#4" in shown.tab.inner_text("#caption")
    assert shown.tab.get_attribute("#range", "aria-valuetext").startswith("29 May 2013, day 13 of 23, 1 event")


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
    shown.tab.click("#strip", position={"x": 2, "y": 20})
    assert shown.day() == "2013-05-17"
    shown.tab.click("#chapters button >> nth=1")
    assert shown.day() == "2013-05-29"


def test_a_hand_drags_through_the_days(shown: Watched) -> None:
    box = shown.tab.locator("#range").bounding_box()
    middle = box["y"] + box["height"] / 2
    shown.tab.mouse.move(box["x"] + box["width"] * 12.5 / 23, middle)
    shown.tab.mouse.down()
    shown.tab.mouse.move(box["x"] + box["width"] * 0.3, middle, steps=5)
    shown.tab.mouse.move(box["x"] + 1, middle, steps=5)
    shown.tab.wait_for_selector("#iso:text-is('2013-05-17')")
    shown.tab.mouse.up()
    shown.until("location.hash", lambda address: "day=2013-05-17" in address)


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
    assert "confirmed the capture of the air base the next day." in shown.tab.inner_text("#about blockquote >> nth=0")
    assert shown.tab.locator("#about .belief th").all_inner_texts() == ["Government and allies", "Opposition", "Contested"]
    assert "place=dabaa_airbase" in shown.tab.url
    why = qsim.Replay(tellings["whole record"], "2013-05-29").why("dabaa_airbase")
    assert f"For Government and allies ({len(why.supporting)})" in about
    assert f"Earlier, before the place last changed ({len(why.earlier)})" in about
    assert "Against" not in about
    assert not why.opposing
    assert f"parts, losses ({len(why.beside)})" in about
    assert shown.tab.input_value("#place") == "Al-Dab'a Air Base"
    shown.tab.click("#about .chart", position={"x": 2, "y": 20})
    assert shown.day() == "2013-05-17", "its history is a way through the days"
    assert "For Opposition" in shown.tab.inner_text("#about")
    shown.tab.keyboard.press("Escape")
    assert not shown.tab.is_visible("#about")
    shown.tab.keyboard.press("n")
    shown.tab.click("#caption button >> nth=0")
    assert shown.tab.is_visible("#about")


def test_the_panel_tells_share_ways_and_ring_and_leaves_out_what_cannot_be_told(shown: Watched, tellings: dict[str, Timeline]) -> None:
    timeline, at = tellings["whole record"], tellings["whole record"].position("2013-05-29")
    ring = qsim.ring(timeline, "qusayr", "opposition", runs=RUNS, seed=SEED)
    figures = " ".join(shown.tab.inner_text(".figures").split())
    both, by_map, by_words = (f"{p[at]:.0%}" for p in (ring.both, ring.by_map, ring.by_words))
    for words in (f"Cut off, Opposition {both}", f"By the map alone {by_map}", f"By the words alone {by_words}"):
        assert words.replace("%", " %") in figures
    assert re.search(r"Held by Government and allies \d+ % \(\d+–\d+ %\)", figures)
    shown.tab.check("#tellings input >> nth=2")
    known = " ".join(shown.tab.inner_text(".figures").split())
    assert re.search(r"Ways out, Opposition (cut off|\d ways? out) by what was known$", known)
    assert "alone" not in known
    assert not re.search(r"\(\d+–\d+ %\)", known)


def test_ground_has_the_colours_and_stripes_of_pictures(shown: Watched, tellings: dict[str, Timeline]) -> None:
    snapshot = tellings["whole record"].at("2013-05-29")
    theatre = snapshot.theatre
    fill = "cell => getComputedStyle(cell).fill"
    steps = tint_steps(snapshot.belief, snapshot.status).tolist()
    seen = set()
    for place, step in zip(theatre.places, steps, strict=True):
        cell = shown.tab.locator(f".map .cells [data-place='{theatre.index[place.id]}']")
        status = snapshot.status_of(place.id)
        if (status, step) in seen or not cell.count():
            continue
        seen.add((status, step))
        drawn = cell.evaluate(fill)
        if status in [side.id for side in theatre.sides]:
            (colour,) = grounds(theatre, status, step, figure="opposition")
            assert bytes_of(drawn) == pytest.approx([int(colour[i : i + 2], 16) for i in (1, 3, 5)], abs=1), (place.id, status)
        else:
            striped = {"contested": f'url("#stripes-map-{step}")', "undecided": 'url("#undecided-map")', "unknown": 'url("#unknown-map")'}
            assert drawn == striped[status]
    assert {"government", "opposition"} <= {status for status, _ in seen}
    assert shown.tab.locator("pattern#stripes-map-0 rect").count() == len(theatre.sides)
    assert shown.tab.locator("#strip .bars").count() == 1


def bytes_of(colour: str) -> list[float]:
    """Return a colour as the browser computes it, rgb(...) or color(srgb ...), as three bytes."""
    numbers = [float(each) for each in re.findall(r"[\d.]+", colour)[:3]]
    return [255 * each for each in numbers] if colour.startswith("color(srgb") else numbers


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


# How many times the whole the map is enlarged.
ZOOM = "document.querySelector('.neatline').width.baseVal.value / document.querySelector('svg.map').viewBox.baseVal.width"


def test_labels_stay_with_their_places_however_near(shown: Watched, tellings: dict[str, Timeline]) -> None:
    theatre = tellings["whole record"].theatre
    points = {place.name: Plane(theatre).point(place.lon, place.lat) for place in theatre.places if place.id not in theatre.parts}
    labels = """() => [...document.querySelectorAll(".labels text.minor, .labels text.major")].map((each) =>
      [each.textContent, Number(each.getAttribute("x")), Number(each.getAttribute("y"))])"""
    pixels = "() => document.querySelector('svg.map').clientWidth / document.querySelector('svg.map').viewBox.baseVal.width"
    for _ in range(5):
        shown.tab.click("#zoom-in")
    found, scale = shown.tab.evaluate(labels), shown.tab.evaluate(pixels)
    apart = {name: scale * math.dist(points[name], (x, y)) for name, x, y in found if name in points}
    assert len(apart) > 40
    assert max(apart.values()) < 130


@pytest.mark.parametrize("way", [(1, 0), (0, 1), (1, 1)], ids=["level", "upright", "slanting"])
def test_two_fingers_zoom(browser: Any, written: Path, way: tuple[int, int]) -> None:
    watched = Watched(browser, written.as_uri() + "#day=2013-05-29", **PHONE)
    box = watched.tab.locator("svg.map").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    hand = watched.context.new_cdp_session(watched.tab)
    before = watched.tab.evaluate(ZOOM)

    def touch(kind: str, *apart: float) -> None:
        points = [{"x": x + side * d * way[0], "y": y + side * d * way[1], "id": id} for d in apart for id, side in enumerate((-1, 1))]
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 20)
    for apart in range(24, 61, 4):
        touch("touchMove", apart)
    touch("touchEnd")
    # The fingers end three times as far apart as they began; a browser may keep the first moves to itself.
    assert watched.until(ZOOM, lambda found: found > 2 * before) < 3.1 * before
    assert watched.tab.evaluate("visualViewport.scale") == 1, "the map zooms, not the page"
    assert not watched.tab.is_visible("#about"), "a pinch is no click"
    watched.closed()


def test_the_wheel_zooms_and_comes_back(shown: Watched) -> None:
    whole = shown.tab.evaluate(ZOOM)
    shown.tab.hover("svg.map")
    shown.tab.mouse.wheel(0, 600)
    shown.tab.mouse.wheel(0, -600)
    shown.until(ZOOM, lambda found: found > whole * 2)
    shown.tab.mouse.wheel(0, 5000)
    shown.until(ZOOM, lambda found: found == pytest.approx(whole))


LAYERS = {"front": ".front .line", "ring": ".ring .closed", "changes": ".rings circle", "names": ".labels .major", "ground": ".roads path"}


def test_each_layer_can_be_left_out_by_keys_and_comes_back(shown: Watched) -> None:
    seen = "(selector) => document.querySelector(selector).getClientRects().length > 0"
    shown.tab.focus("#view summary")
    shown.tab.keyboard.press("Enter")
    assert shown.tab.locator("#layers input").evaluate_all("(boxes) => boxes.map((box) => box.value)") == list(LAYERS)
    for layer, selector in LAYERS.items():
        shown.tab.keyboard.press("Tab")
        assert shown.tab.evaluate(seen, selector), layer
        shown.tab.keyboard.press("Space")
        assert not shown.tab.evaluate(seen, selector), layer
    assert shown.tab.locator(".labels .odds").first.is_hidden()
    assert shown.tab.locator(".cells path").first.is_visible()
    for box in shown.tab.locator("#layers input").all():
        box.check()
    assert all(shown.tab.evaluate(seen, selector) for selector in LAYERS.values())
    shown.tab.keyboard.press("Escape")
    assert not shown.tab.is_visible("#layers input >> nth=0")
    assert shown.tab.evaluate("document.activeElement.matches('#view summary')")


def test_focus_stays_in_the_claims_while_the_days_go_by(shown: Watched) -> None:
    shown.tab.fill("#place", "Dab'a Air")
    shown.tab.press("#place", "Enter")
    shown.tab.focus("#about .beside summary")
    shown.tab.keyboard.press("Enter")
    shown.tab.keyboard.press("ArrowRight")
    assert shown.day() == "2013-05-30"
    assert shown.tab.evaluate("document.activeElement.closest('#about') !== null")
    assert shown.tab.evaluate("document.querySelector('#about .beside details').open")


def test_the_ring_is_that_of_the_pictures(shown: Watched, tellings: dict[str, Timeline]) -> None:
    timeline = tellings["whole record"]
    around = perimeter(timeline, "qusayr", "opposition")
    at = timeline.position("2013-05-29")
    told = shown.tab.evaluate("[...document.querySelectorAll('.labels .odds')].map((each) => each.textContent)")
    ways = [way for way in around.ways[at] if way.open >= 0.05]
    assert told
    assert {words.split(": ")[1] for words in told} <= {odds(way) for way in ways}
    wide = "[...document.querySelectorAll('.ring .closed')].map((each) => Number(each.getAttribute('stroke-width')))"
    assert len(set(shown.tab.evaluate(wide))) > 1, "it is not as likely closed everywhere"
    drawn = "[...document.querySelectorAll('.ring .closed')].map((each) => each.getAttribute('d')).join()"
    before = shown.tab.evaluate(drawn)
    shown.tab.keyboard.press("Home")
    assert shown.tab.evaluate(drawn) != before
    heads = "[...document.querySelectorAll('.routes path')].filter((each) => each.getAttribute('d')).length"
    assert shown.tab.evaluate(heads) == 0, "no arrows beside it"


def test_ways_out_are_those_of_the_place_that_is_asked(browser: Any, tellings: dict[str, Timeline], tmp_path: Path) -> None:
    timeline = tellings["told by the government"]
    path = qsim.render(timeline, tmp_path / "base.html", place="dabaa_airbase", side="government")
    watched = Watched(browser, path.as_uri() + "#day=2013-06-08")
    assert "Ways out of Al-Dab'a Air Base, Government and allies" in watched.tab.inner_text("#city")
    base = timeline.theatre.place("dabaa_airbase")
    x, y = Plane(timeline.theatre).point(base.lon, base.lat)
    box = watched.tab.evaluate("(({ x, y, width, height }) => [x, y, x + width, y + height])(document.querySelector('.ring').getBBox())")
    assert box[0] < x < box[2], "the ring lies around the base"
    assert box[1] < y < box[3]
    watched.closed()


def test_a_name_that_is_markup_is_text(browser: Any, tmp_path: Path, line_timeline: Timeline) -> None:
    places = tuple(replace(place, name=INJECTED) for place in line_timeline.theatre.places)
    evil = replace(line_timeline, theatre=replace(line_timeline.theatre, places=places))
    watched = Watched(browser, page.write(evil, tmp_path / "evil.html", title=INJECTED).as_uri() + "#day=2001-01-05&place=b")
    assert watched.tab.locator("img").count() == 0
    assert INJECTED in watched.tab.inner_text("#about")
    assert watched.tab.title() == INJECTED
    watched.closed()


def test_very_many_places_are_painted(browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qsim.page.ground.MOST_CELLS", 50)
    theatre, ledger = qsim.load("qusayr")
    timeline = qsim.reconstruct(theatre, ledger, start="2013-05-28", end="2013-05-30", policy="last_claim")
    watched = Watched(browser, page.write(timeline, tmp_path / "many.html").as_uri() + "#day=2013-05-29", ready="#map canvas")
    box = watched.tab.locator("svg.map").bounding_box()
    watched.tab.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.8)
    assert watched.tab.is_visible("#about")
    painted = "document.querySelector('canvas').getContext('2d').getImageData(450, 600, 1, 1).data.join()"
    (colour,) = grounds(theatre, "government", 0, figure="opposition")
    assert bytes_of(watched.tab.evaluate(painted).replace(",", " ")) == pytest.approx(
        [int(colour[i : i + 2], 16) for i in (1, 3, 5)], abs=1
    )
    watched.closed()


def test_its_policy_refuses_what_comes_from_outside(browser: Any, written: Path) -> None:
    watched = Watched(browser, written.as_uri())
    ask = """new Promise((refused) => {
      document.addEventListener("securitypolicyviolation", (event) => refused(event.violatedDirective));
      document.body.append(Object.assign(new Image(), { src: "https://example.org/seen.png" }));
    })"""
    assert watched.tab.evaluate(ask) == "img-src"
    watched.context.close()


def test_it_can_be_embedded_at_a_moment(browser: Any, written: Path, tmp_path: Path) -> None:
    (tmp_path / "article.html").write_text(f'<iframe src="{written.as_uri()}#day=2013-05-19&place=qusayr"></iframe>', encoding="utf-8")
    context = browser.new_context()
    tab = context.new_page()
    tab.goto((tmp_path / "article.html").as_uri())
    frame = tab.frame_locator("iframe")
    assert frame.locator("#iso").inner_text() == "2013-05-19"
    assert "Al-Qusayr" in frame.locator("#about-name").inner_text()
    context.close()


def test_it_runs_inside_a_notebook(browser: Any, tmp_path: Path, line_timeline: Timeline) -> None:
    (tmp_path / "notebook.html").write_text(page.notebook(line_timeline, day="2001-01-05"), encoding="utf-8")
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


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_picture_of_the_ground_lies_where_its_bounds_say_and_can_be_left_out(
    browser: Any, tmp_path: Path, line_timeline: Timeline, theme: str
) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4), (90, 140, 90)).save(buffer, "PNG")
    frame = (-0.1, -0.1, 0.5, 0.1)
    theatre = replace(line_timeline.theatre, frame=frame, picture=Picture(buffer.getvalue(), "png", (0.1, -0.2, 0.3, 0.0), "Nobody, CC0"))
    path = page.write(replace(line_timeline, theatre=theatre), tmp_path / "picture.html")
    watched = Watched(browser, path.as_uri(), ready=".picture image", color_scheme=theme)
    left, top, right, bottom = watched.tab.locator(".picture image").evaluate(
        "(each) => { const { x, y, width, height } = each.getBBox(); return [x, y, x + width, y + height]; }"
    )
    plane = Plane(theatre)
    assert [left, top, right, bottom] == pytest.approx([*plane.point(0.1, 0.0), *plane.point(0.3, -0.2)], abs=0.2)
    assert "Picture of the ground: Nobody, CC0." in watched.tab.text_content("#notes")
    watched.tab.click("#view summary")
    watched.tab.uncheck("#layers [value=picture]")
    assert watched.tab.locator(".picture image").evaluate("(each) => each.getClientRects().length") == 0
    watched.closed()
