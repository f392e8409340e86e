"""Names on the player's map: none cut, none covered, and those of the moment's places first, in windows of common sizes."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
from chromium import PHONE, Watched
from shapely.ops import split

import qsim
from qsim.page.ground import Plane, ground
from qsim.record.geometry import frame_box

AIR_BASE = "#day=2013-05-29&place=dabaa_airbase"
# The boxes of what a selector finds: [words, left, top, right, bottom], pixels.
BOXES = """(selector) => [...document.querySelectorAll(selector)].map((each) => {
  const { left, top, right, bottom } = each.getBoundingClientRect();
  return [each.textContent, left, top, right, bottom];
})"""
NAMES = "[...document.querySelectorAll('.labels text')].map((each) => each.textContent)"
Box = tuple[str, float, float, float, float]


@pytest.fixture(params=[(1280, 800), (1366, 768), (1440, 900), (390, 844)], ids=str)
def seen(request: pytest.FixtureRequest, browser: Any, written: Path) -> Iterator[Watched]:
    """The page in a window of a common size, on a day of two events, with one of their places chosen."""
    width, height = request.param
    options: dict[str, Any] = {"viewport": {"width": width, "height": height}, "has_touch": width < 400}
    watched = Watched(browser, written.as_uri() + AIR_BASE, **options)
    yield watched
    watched.closed()


def crossing(boxes: list[Box]) -> list[tuple[str, str]]:
    """Return the pairs of boxes that cover each other by more than the white around letters."""
    inner = [(words, left + 3, top + 5, right - 3, bottom - 5) for words, left, top, right, bottom in boxes]
    pairs = itertools.combinations(inner, 2)
    return [(a[0], b[0]) for a, b in pairs if a[1] < b[3] and b[1] < a[3] and a[2] < b[4] and b[2] < a[4]]


def test_names_beyond_the_frame_are_whole(seen: Watched) -> None:
    names = seen.tab.evaluate(BOXES, ".outside text")
    ((_, west, north, east, south),) = seen.tab.evaluate(BOXES, "#map")
    ((_, *frame),) = seen.tab.evaluate(BOXES, ".neatline")
    assert {"Homs", "Hermel", "Al-Rastan", "M5 south of Hisyah"} <= {words for words, *_ in names}
    assert [each for each in names if not (west <= each[1] and north <= each[2] and each[3] <= east and each[4] <= south)] == []
    assert crossing([*names, ("the frame", *frame)]) == []


def test_on_a_desk_the_whole_map_is_seen_with_every_base_beyond_it(seen: Watched) -> None:
    if seen.tab.viewport_size["width"] > 400:
        assert seen.tab.evaluate("(({ scrollHeight, clientHeight }) => scrollHeight <= clientHeight)(document.querySelector('.stage'))")
        assert {"Arsal", "Baba Amr"} <= {words for words, *_ in seen.tab.evaluate(BOXES, ".outside text")}


def test_the_moments_places_have_their_names_and_none_is_covered(seen: Watched) -> None:
    assert {"Al-Dab'a Air Base", "Al-Qusayr"} <= set(seen.tab.evaluate(NAMES))
    assert crossing(seen.tab.evaluate(BOXES, ".labels text:not([transform]), .bar rect, .zoom button")) == []


def test_what_is_said_of_roads_is_never_wider_than_half_the_map(seen: Watched) -> None:
    ((_, west, _, east, _),) = seen.tab.evaluate(BOXES, ".neatline")
    words = seen.tab.evaluate(BOXES, ".labels .odds")
    assert words
    assert [each[0] for each in words if each[3] - each[1] > (east - west) / 2 + 8] == []
    assert all("open" in each[0] for each in words)
    narrow = {each[0].startswith("road to") for each in words} == {False}
    assert narrow == (seen.tab.viewport_size["width"] < 400)


def test_a_place_without_a_name_has_it_while_it_is_chosen(browser: Any, written: Path) -> None:
    watched = Watched(browser, written.as_uri(), **PHONE)
    before = watched.tab.evaluate(NAMES)
    assert "Arjoun" not in before
    watched.tab.fill("#place", "Arjoun")
    watched.tab.press("#place", "Enter")
    during = watched.tab.evaluate(NAMES)
    assert "Arjoun" in during
    assert crossing(watched.tab.evaluate(BOXES, ".labels text:not([transform]), .bar rect, .zoom button")) == []
    watched.tab.fill("#place", "")
    assert watched.tab.evaluate(NAMES) == before
    watched.closed()


def test_names_stay_whole_while_the_map_is_near(browser: Any, written: Path) -> None:
    watched = Watched(browser, written.as_uri() + AIR_BASE)
    for _ in range(2):
        watched.tab.click("#zoom-in")
    assert "Al-Dab'a Air Base" in watched.tab.evaluate(NAMES)
    assert watched.tab.locator(".outside text").count() == 0
    assert crossing(watched.tab.evaluate(BOXES, ".labels text:not([transform])")) == []
    watched.closed()


def test_countries_keep_their_side_of_the_border_at_every_width() -> None:
    theatre, _ = qsim.load("qusayr")
    plane = Plane(theatre)
    levels = ground(theatre)["levels"]
    spots = {
        name: {tuple(label[1:3]) for level in levels for label in level["labels"] if label[0] == name} for name in ("SYRIA", "LEBANON")
    }
    assert {name: len(found) for name, found in spots.items()} == {"SYRIA": 1, "LEBANON": 1}
    (border,) = (feature.geometry for feature in theatre.backdrop if feature.kind == "border")
    pieces = [shapely.transform(piece, plane.points) for piece in split(frame_box(theatre.frame), border).geoms]
    of = {"SYRIA": "qusayr", "LEBANON": "al_qasr_lb"}
    for name, ((spot,)) in spots.items():
        land = next(piece for piece in pieces if piece.contains(shapely.Point(spot)))
        assert land.contains(shapely.Point(plane.point(theatre.place(of[name]).lon, theatre.place(of[name]).lat))), name
