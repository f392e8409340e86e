"""The map in words (W3C technique G227): by keyboard alone a reader walks from place to place, and hears who holds the ground around."""

import math
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from chromium import PHONE, Watched

from qsim.belief.timeline import Snapshot, Timeline
from qsim.page.ground import Plane

SAID = "document.getElementById('walk-said').textContent"
COMPASS = ["East", "South-east", "South", "South-west", "West", "North-west", "North", "North-east"]


def walking(watched: Watched) -> None:
    """Come to the map in words by the Tab key alone."""
    for _ in range(40):
        watched.tab.keyboard.press("Tab")
        if watched.tab.evaluate("document.activeElement.id") == "walk":
            return
    raise AssertionError("the Tab key never reaches the map in words")


def around(snapshot: Snapshot, id: str) -> dict[str, tuple[float, str]]:
    """Return the nearest village or city in each eighth of the compass, with its distance in km, worked out on the ground."""
    theatre = snapshot.theatre
    plane, here = Plane(theatre), theatre.place(id)
    x, y = plane.point(here.lon, here.lat)
    found: dict[str, tuple[float, str]] = {}
    for place in theatre.places:
        if place.id == id or place.gateway or place.parent is not None or place.within is not None:
            continue
        px, py = plane.point(place.lon, place.lat)
        way = COMPASS[round(math.atan2(py - y, px - x) / (math.pi / 4)) % 8]
        away = math.hypot(px - x, py - y) * plane.km
        found[way] = min(found.get(way, (math.inf, "")), (away, place.id))
    return found


def words(snapshot: Snapshot, id: str) -> str:
    """Return the status of a place as the page's readers know it."""
    names = {side.id: f"held by {side.name}" for side in snapshot.theatre.sides}
    return names.get(snapshot.status_of(id), snapshot.status_of(id))


def test_who_holds_the_ground_east_of_a_place_is_answered_by_keys_alone(shown: Watched, tellings: dict[str, Timeline]) -> None:
    snapshot = tellings["whole record"].at("2013-05-29")
    walking(shown)
    said = shown.until(SAID, lambda text: text.startswith("Al-Qusayr, city"))
    assert "Of its 16 squares:" in said
    for way, (km, id) in around(snapshot, "qusayr").items():
        assert f"{way}, {km:.1f} km: {snapshot.theatre.place(id).name}, {words(snapshot, id)}" in said
    (_, east) = around(snapshot, "qusayr")["East"]
    shown.tab.keyboard.press("ArrowRight")
    said = shown.until(SAID, lambda text: "Al-Qusayr, city" not in text)
    assert f"of Al-Qusayr, {around(snapshot, 'qusayr')['East'][0]:.1f} km: {snapshot.theatre.place(east).name}, " in said
    assert words(snapshot, east) in said
    assert shown.day() == "2013-05-29", "the arrows are the map's while it has the focus"


def test_the_walk_follows_the_days_and_opens_the_claims(shown: Watched) -> None:
    walking(shown)
    before = shown.tab.evaluate(SAID)
    shown.tab.keyboard.press("Home")
    shown.until(SAID, lambda text: text != before and text.startswith("Al-Qusayr"))
    shown.tab.keyboard.press("Enter")
    assert "Al-Qusayr" in shown.tab.inner_text("#about-name")
    shown.tab.keyboard.press("PageDown")
    shown.until(SAID, lambda text: text.startswith("Al-Qusayr a1") or "square" in text.split(":")[0])
    shown.tab.keyboard.press("PageUp")
    shown.until(SAID, lambda text: text.startswith("Al-Qusayr, city"))
    shown.tab.keyboard.press("Tab")
    assert shown.tab.evaluate(SAID) == ""


def test_from_the_edge_it_says_that_nothing_lies_farther(shown: Watched) -> None:
    walking(shown)
    for _ in range(40):
        shown.tab.keyboard.press("ArrowUp")
        if shown.tab.evaluate(SAID).startswith("Nothing lies farther north"):
            return
    raise AssertionError("the walk never ends")


def test_what_lies_around_a_place_stands_with_its_claims(shown: Watched, tellings: dict[str, Timeline]) -> None:
    snapshot = tellings["whole record"].at("2013-05-29")
    shown.tab.fill("#place", "Arjoun")
    shown.tab.press("#place", "Enter")
    shown.tab.focus("#about details[data-key=around] summary")
    shown.tab.keyboard.press("Enter")
    shown.tab.wait_for_selector("#about .around li")
    rows = shown.tab.locator("#about .around li").all_inner_texts()
    found = around(snapshot, "arjoun")
    assert len(rows) == len(found)
    for way, (km, id) in found.items():
        (row,) = [row for row in rows if row.startswith(f"{way}, ")]
        assert row.startswith(f"{way}, {km:.1f} km: {snapshot.theatre.place(id).name} {words(snapshot, id)}")
    shown.tab.click("#about .around button >> nth=0")
    assert shown.tab.inner_text("#about-name").startswith(snapshot.theatre.place(found["East"][1]).name)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [{}, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing_while_walking(browser: Any, written: Path, theme: str, size: dict[str, Any]) -> None:
    watched = Watched(browser, written.as_uri() + "#day=2013-05-29", color_scheme=theme, **size)
    watched.tab.focus("#walk")
    watched.tab.keyboard.press("ArrowDown")
    found = import_module("axe_playwright_python.sync_playwright").Axe().run(watched.tab).response["violations"]
    assert [(each["id"], [node["html"][:90] for node in each["nodes"]]) for each in found] == []
    box, map_ = (watched.tab.locator(selector).bounding_box() for selector in ("#walk", "#map"))
    assert map_["y"] - 1 <= box["y"] < box["y"] + box["height"] <= map_["y"] + map_["height"] + 1
    watched.closed()
