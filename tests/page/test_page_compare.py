"""A second day or telling beside the first: swiped on the map, outlined where it differs, said in words, and in the address."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from chromium import PHONE, Watched

import qsim
from qsim import page
from qsim.belief.timeline import Timeline

ADDRESS = "location.hash"
FIRST, SECOND = "2013-05-19", "2013-06-05"
FILL = "(cell) => getComputedStyle(cell).fill"
CLIP = "(selector) => { const { x, width } = document.querySelector(selector).getBBox(); return [x, x + width]; }"


def differing(one: Timeline, day: str, other: Timeline, second: str) -> dict[str, tuple[str, str]]:
    """Return the places of which two moments say another status, cities by their parts."""
    here, there = one.at(day), other.at(second)
    pairs = {
        p.name: (here.status_of(p.id), there.status_of(p.id)) for p in one.theatre.places if not p.gateway and p.id not in one.theatre.parts
    }
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def test_what_differs_is_said_in_words(browser: Any, written: Path, tellings: dict[str, Timeline]) -> None:
    whole = tellings["whole record"]
    found = differing(whole, FIRST, whole, SECOND)
    watched = Watched(browser, f"{written.as_uri()}#day={FIRST}&with={SECOND}")
    told = watched.tab.inner_text("#caption")
    assert told.startswith(f"{len(found)} places differ between 19 May 2013 (left) and 5 June 2013 (right).")
    names = {side.id: side.name for side in whole.theatre.sides}
    rows = [" ".join(row.split()) for row in watched.tab.locator("#caption .compared li").all_inner_texts()]
    for name, pair in found.items():
        left, right = (names.get(status, status.capitalize()) for status in pair)
        assert f"{name} {left} | {right}" in rows
    watched.tab.click("#caption .compared button >> nth=0")
    assert watched.tab.is_visible("#about")
    watched.closed()


def test_the_map_is_parted_where_the_slider_stands(browser: Any, written: Path, tellings: dict[str, Timeline]) -> None:
    theatre = tellings["whole record"].theatre
    at = theatre.index["dabaa_airbase"]
    watched = Watched(browser, f"{written.as_uri()}#day={FIRST}&with={SECOND}")
    tab = watched.tab
    fills = [tab.locator(f"svg.map .cells{which} [data-place='{at}']").evaluate(FILL) for which in (":not(.other)", ".other")]
    assert fills[0] != fills[1]
    tab.evaluate(f"location.hash = '#day={SECOND}'")
    tab.wait_for_selector(f"#iso:text-is('{SECOND}')")
    assert tab.locator(f"svg.map .cells:not(.other) [data-place='{at}']").evaluate(FILL) == fills[1]
    assert not tab.is_visible("#swiped")
    tab.evaluate(f"location.hash = '#day={FIRST}&with={SECOND}'")
    tab.wait_for_selector("#swiped")
    for key, share in (("Home", 0), ("End", 1), ("PageDown", 0.9)):
        tab.focus("#swipe")
        tab.keyboard.press(key)
        (_, left), (right, _) = tab.evaluate(CLIP, "#swipe-left rect"), tab.evaluate(CLIP, "#swipe-right rect")
        assert left == pytest.approx(right) == pytest.approx(1000 * share, abs=1)
    watched.closed()


def test_another_telling_goes_by_with_the_days(browser: Any, written: Path, tellings: dict[str, Timeline]) -> None:
    whole, government = tellings["whole record"], tellings["told by the government"]
    watched = Watched(browser, f"{written.as_uri()}#day={FIRST}")
    tab = watched.tab
    tab.click("#view summary")
    tab.select_option("#with-told", label="the government")
    watched.until(ADDRESS, lambda address: "with=told+by+the+government" in address)
    for day in (FIRST, "2013-05-20"):
        count = len(differing(whole, day, government, day))
        assert tab.inner_text("#caption").startswith(f"{count} places differ between whole record (left) and the government (right).")
        tab.keyboard.press("Escape")
        tab.keyboard.press("ArrowRight")
    watched.closed()


def test_a_comparison_is_in_the_address_and_back_ends_it(browser: Any, written: Path) -> None:
    watched = Watched(browser, f"{written.as_uri()}#day={FIRST}")
    tab = watched.tab
    before = tab.inner_text("#caption")
    tab.click("#view summary")
    tab.fill("#with-day", SECOND)
    tab.press("#with-day", "Tab")
    watched.until(ADDRESS, lambda address: f"with={SECOND}" in address)
    assert tab.is_visible("#swiped")
    tab.go_back()
    tab.wait_for_selector("#swiped", state="hidden")
    assert tab.inner_text("#caption") == before
    tab.go_forward()
    tab.wait_for_selector("#swiped")
    assert tab.input_value("#with-day") == SECOND
    tab.evaluate(f"location.hash = '#day={FIRST}&with=2099-01-01'")
    tab.wait_for_selector("#swiped", state="hidden")
    watched.closed()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "size",
    [{}, PHONE, {"viewport": {"width": 320, "height": 568}, "has_touch": True}, {"viewport": {"width": 844, "height": 390}}],
    ids=str,
)
def test_axe_finds_nothing_and_nothing_lies_beyond_the_edge(browser: Any, written: Path, theme: str, size: dict[str, Any]) -> None:
    watched = Watched(browser, f"{written.as_uri()}#day={FIRST}&with={SECOND},told+by+the+government", color_scheme=theme, **size)
    watched.tab.click("#view summary")
    wide = watched.tab.evaluate("innerWidth")
    assert watched.tab.evaluate("document.documentElement.scrollWidth") <= wide
    for selector in ("#view > div", "#swiped", "#swipe"):
        box = watched.tab.locator(selector).bounding_box()
        assert 0 <= box["x"] < box["x"] + box["width"] <= wide, selector
    found = import_module("axe_playwright_python.sync_playwright").Axe().run(watched.tab).response["violations"]
    assert [(each["id"], [node["html"][:90] for node in each["nodes"]]) for each in found] == []
    watched.closed()


def test_very_many_places_are_compared_as_well(browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qsim.page.ground.MOST_CELLS", 50)
    theatre, ledger = qsim.load("qusayr")
    timeline = qsim.reconstruct(theatre, ledger, start=FIRST, end="2013-06-06", policy="last_claim")
    path = page.write(timeline, tmp_path / "many.html", chapters=[])
    watched = Watched(browser, f"{path.as_uri()}#day={FIRST}&with={SECOND}", ready="#map canvas >> nth=1")
    assert watched.tab.locator("#map canvas").count() == 2
    clips = watched.tab.locator("#map canvas").evaluate_all("(all) => all.map((each) => each.style.clipPath)")
    assert clips[0] == ""
    assert "50%" in clips[1]
    assert "places differ between 19 May 2013 (left) and 5 June 2013 (right)." in watched.tab.inner_text("#caption")
    watched.tab.evaluate(f"location.hash = '#day={FIRST}'")
    watched.tab.wait_for_selector("#swiped", state="hidden")
    assert watched.tab.locator("#map canvas >> nth=1").evaluate("(each) => each.style.clipPath") == "inset(100%)"
    watched.closed()
