"""A span of days: brushed by hand, given by its ends, in the address; the slider, the keys and playing stay within it."""

from pathlib import Path
from typing import Any

import pytest
from chromium import PHONE, Watched

ADDRESS = "location.hash"
SPAN = "span=2013-05-27%2F2013-06-02"


def brushed(watched: Watched, first: float, last: float) -> None:
    """Drag over the strip from one share of its width to another."""
    box = watched.tab.locator("#strip").bounding_box()
    middle = box["y"] + box["height"] / 2
    watched.tab.mouse.move(box["x"] + first * box["width"], middle)
    watched.tab.mouse.down()
    watched.tab.mouse.move(box["x"] + (first + last) / 2 * box["width"], middle)
    assert watched.tab.locator("#strip .brush").get_attribute("d")
    watched.tab.mouse.move(box["x"] + last * box["width"], middle)
    watched.tab.mouse.up()


def test_a_span_is_brushed_and_left(shown: Watched) -> None:
    brushed(shown, 10.5 / 23, 16.5 / 23)
    shown.until(ADDRESS, lambda address: "span=2013-05-27/2013-06-02" in address)
    assert shown.day() == "2013-05-29"
    assert shown.tab.inner_text("#span-all") == "27 May 2013 – 2 June 2013: show all days"
    assert [shown.tab.get_attribute("#range", name) for name in ("min", "max")] == ["10", "16"]
    assert shown.tab.inner_text("#axis").split("\n")[0] == "27 May 2013"
    assert shown.tab.locator("#strip .brush").count() == 0
    for key, day in (("Home", "2013-05-27"), ("ArrowLeft", "2013-05-27"), ("End", "2013-06-02"), ("ArrowRight", "2013-06-02")):
        shown.tab.keyboard.press(key)
        assert shown.day() == day, key
    shown.tab.click("#span-all")
    assert "span=" not in shown.tab.evaluate(ADDRESS)
    shown.tab.keyboard.press("End")
    assert shown.day() == "2013-06-08"
    shown.tab.go_back()
    shown.tab.wait_for_selector("#span-all")


def test_a_click_on_the_strip_is_still_a_day_within_the_span(browser: Any, written: Path) -> None:
    watched = Watched(browser, f"{written.as_uri()}#day=2013-05-29&{SPAN}")
    box = watched.tab.locator("#strip").bounding_box()
    for share, day in ((0.5 / 7, "2013-05-27"), (6.5 / 7, "2013-06-02"), (3.5 / 7, "2013-05-30")):
        watched.tab.mouse.click(box["x"] + share * box["width"], box["y"] + 20)
        assert watched.day() == day
    watched.closed()


def test_playing_stays_within_the_span(browser: Any, written: Path) -> None:
    watched = Watched(browser, f"{written.as_uri()}#day=2013-06-02&{SPAN}")
    watched.tab.select_option("#speed", "1")
    watched.tab.click("#play")
    assert watched.day() == "2013-05-27", "from its first day where its last is reached"
    watched.tab.select_option("#speed", "60")
    watched.tab.wait_for_selector("#play[aria-label=Play]")
    assert watched.day() == "2013-06-02"
    watched.closed()


def test_a_span_is_given_by_its_ends_and_a_chapter_beyond_it_ends_it(browser: Any, written: Path) -> None:
    watched = Watched(browser, written.as_uri() + "#day=2013-05-29")
    watched.tab.click("#view summary")
    watched.tab.fill("#span-from", "2013-05-27")
    watched.tab.fill("#span-to", "2013-06-02")
    watched.until(ADDRESS, lambda address: "span=2013-05-27/2013-06-02" in address)
    watched.tab.keyboard.press("Escape")
    watched.tab.click("#chapters button >> nth=0")
    assert watched.day() == "2013-05-19"
    assert not watched.tab.is_visible("#span-all")
    watched.closed()


@pytest.mark.parametrize("wrong", ["2013-06-02/2013-05-27", "2013-05-27", "x/y", "2013-05-17/2013-06-08"])
def test_a_wrong_span_is_none(browser: Any, written: Path, wrong: str) -> None:
    watched = Watched(browser, f"{written.as_uri()}#day=2013-05-29&span={wrong}", **PHONE)
    assert watched.day() == "2013-05-29"
    assert not watched.tab.is_visible("#span-all")
    watched.closed()
