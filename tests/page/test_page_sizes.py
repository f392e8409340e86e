"""The player in windows from a phone to a wall: nothing beyond the edge, one row of controls, claims in view, targets for fingers."""

from pathlib import Path
from typing import Any

import pytest
from chromium import Watched

BASE = "#day=2013-05-29&place=dabaa_airbase"
SMALL = [(320, 568), (320, 256), (390, 844), (844, 390)]
FINGER_PX = 44
# What a finger aims at, and its width and height, pixels; of a choice that is drawn as its label, the label.
TARGETS = """() => [...document.querySelectorAll("button, input, select, summary")].filter((each) => each.checkVisibility()).map((each) => {
  const { width, height } = (each.matches("[type=radio], [type=checkbox]") ? each.closest("label") : each).getBoundingClientRect();
  return [each.id || each.textContent.slice(0, 30), Math.round(width), Math.round(height)];
})"""
BOX = "(selector) => { const { left, top, right, bottom } = document.querySelector(selector).getBoundingClientRect(); return [left, top, right, bottom]; }"


def opened(browser: Any, written: Path, size: tuple[int, int], address: str = BASE) -> Watched:
    """Return the page in a window of a size, in pixels; small ones are touched."""
    width, height = size
    return Watched(browser, written.as_uri() + address, viewport={"width": width, "height": height}, has_touch=size in SMALL)


@pytest.mark.parametrize("size", [*SMALL, (1280, 720), (2560, 1440)], ids=str)
def test_nothing_lies_beyond_the_edge(browser: Any, written: Path, size: tuple[int, int]) -> None:
    watched = opened(browser, written, size)
    assert watched.tab.evaluate("document.documentElement.scrollWidth") <= size[0]
    for button in ("previous", "play", "next", "speed", "help"):
        left, _, right, _ = watched.tab.evaluate(BOX, f"#{button}")
        assert 0 <= left < right <= size[0], button
    watched.closed()


@pytest.mark.parametrize("size", SMALL, ids=str)
def test_the_controls_are_one_row_of_targets_for_fingers(browser: Any, written: Path, size: tuple[int, int]) -> None:
    watched = opened(browser, written, size)
    assert len({watched.tab.evaluate(BOX, f"#{button}")[3] for button in ("previous", "play", "next", "speed", "help")}) == 1
    assert [each for each in watched.tab.evaluate(TARGETS) if min(each[1:]) < FINGER_PX] == []
    watched.closed()


@pytest.mark.parametrize("size", [(320, 568), (390, 844), (844, 390)], ids=str)
def test_claims_come_up_in_view_and_the_controls_stay(browser: Any, written: Path, size: tuple[int, int]) -> None:
    watched = opened(browser, written, size)
    _, top, _, bottom = watched.tab.evaluate(BOX, "#about")
    _, play, _, foot = watched.tab.evaluate(BOX, "#play")
    assert 0 <= top < bottom <= play < foot <= size[1]
    watched.tab.tap("#about .close")
    assert not watched.tab.is_visible("#about")
    watched.closed()


@pytest.mark.parametrize("size", [(390, 844), (844, 390), (1280, 720)], ids=str)
def test_map_and_controls_are_seen_together(browser: Any, written: Path, size: tuple[int, int]) -> None:
    watched = opened(browser, written, size, "#day=2013-05-29")
    _, top, _, bottom = watched.tab.evaluate(BOX, "svg.map")
    assert 0 <= top < bottom <= size[1]
    assert bottom - top > 0.35 * size[1]
    assert watched.tab.evaluate(BOX, "#play")[3] <= size[1]
    watched.closed()


def test_a_wall_is_used(browser: Any, written: Path) -> None:
    watched = opened(browser, written, (2560, 1440))
    left, top, right, bottom = watched.tab.evaluate(BOX, "#map")
    assert (right - left) * (bottom - top) > 0.4 * 2560 * 1440
    assert watched.tab.evaluate(BOX, "#legend")[2] > 2400
    watched.closed()


@pytest.mark.parametrize("size", [(320, 568), (390, 844), (844, 390)], ids=str)
def test_on_a_small_window_how_likely_the_ring_is_closed_is_seen_with_map_and_controls(
    browser: Any, written: Path, size: tuple[int, int]
) -> None:
    watched = opened(browser, written, size, "#day=2013-05-29")
    _, top, _, bottom = watched.tab.evaluate(BOX, "#odds")
    _, controls, _, foot = watched.tab.evaluate(BOX, ".controls")
    assert 0 <= top < bottom <= size[1]
    assert bottom <= controls or top >= foot
    (figure,) = watched.tab.evaluate(
        "[...document.querySelectorAll('#city dt')].filter((each) => each.textContent.startsWith('Cut off')).map((each) => each.nextSibling.firstChild.textContent)"
    )
    assert watched.tab.inner_text("#odds") == f"Cut off: {figure}"
    watched.closed()


def test_where_the_figures_are_in_view_they_are_not_told_twice(browser: Any, written: Path) -> None:
    watched = opened(browser, written, (1280, 720), "#day=2013-05-29")
    assert not watched.tab.is_visible("#odds")
    watched.closed()
