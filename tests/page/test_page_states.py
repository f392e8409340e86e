"""The player's states: Back and forward walk what was chosen, the address holds all that is seen; what a reader takes away."""

import csv
import operator
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from chromium import Watched

import qsim
from qsim.belief.timeline import Timeline

ADDRESS = "location.hash"
VIEW = "document.querySelector('svg.map').getAttribute('viewBox')"


def _holds(words: tuple[str, ...], address: str) -> bool:
    return all(each in address for each in words)


def test_back_and_forward_walk_what_was_chosen(shown: Watched) -> None:
    tab = shown.tab
    tab.click("#chapters button >> nth=0")
    tab.fill("#place", "qus")
    tab.press("#place", "Enter")
    tab.keyboard.press("Escape")
    tab.check("#tellings input >> nth=1")
    seen = [
        ("2013-05-19", "told=told", False),
        ("2013-05-19", "told=whole", False),
        ("2013-05-19", "place=qusayr", True),
        ("2013-05-19", "told=whole", False),
    ]
    for day, words, about in [*seen[1:], ("2013-05-29", "told=whole", False)]:
        tab.go_back()
        shown.until(ADDRESS, partial(_holds, (day, words)))
        shown.until("document.querySelector('#about').checkVisibility()", partial(operator.eq, about))
        assert shown.day() == day
    tab.go_forward()
    shown.until("document.querySelector('#iso').innerText", lambda day: day == "2013-05-19")


def test_what_goes_by_is_no_state(shown: Watched) -> None:
    before = shown.tab.evaluate("history.length")
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowLeft", "Home", "End"):
        shown.tab.keyboard.press(key)
    shown.tab.select_option("#speed", "60")
    shown.tab.click("#play")
    shown.tab.wait_for_selector("#play[aria-label=Play]")
    assert shown.tab.evaluate("history.length") == before
    shown.tab.keyboard.press("b")
    assert shown.tab.evaluate("history.length") == before + 1


def test_the_address_holds_day_place_telling_view_and_layers(shown: Watched) -> None:
    shown.tab.click("#zoom-in")
    shown.tab.click("#zoom-in")
    shown.tab.click("#view summary")
    shown.tab.uncheck("#layers [value=front]")
    shown.tab.uncheck("#layers [value=names]")
    shown.tab.fill("#place", "arj")
    shown.tab.press("#place", "Enter")
    address = shown.until(
        ADDRESS, lambda found: all(each in found for each in ("day=", "place=arjoun", "told=", "view=", "off=front,names"))
    )
    view = shown.tab.evaluate(VIEW)
    shown.tab.click("#zoom-all")
    shown.tab.click("#view summary")
    shown.tab.check("#layers [value=front]")
    shown.tab.check("#layers [value=names]")
    shown.until(ADDRESS, lambda found: "view=" not in found and "off=" not in found)
    shown.tab.evaluate("(address) => { location.hash = address; }", address)
    shown.tab.wait_for_selector("svg.map.no-front.no-names", state="attached")
    assert not shown.tab.is_checked("#layers [value=names]")
    assert [float(each) for each in shown.tab.evaluate(VIEW).split()] == pytest.approx([float(each) for each in view.split()], abs=1)
    assert shown.tab.evaluate(ADDRESS) == address


def test_a_wrong_view_shows_the_whole(shown: Watched) -> None:
    whole = shown.tab.evaluate(VIEW)
    shown.tab.evaluate("location.hash = '#day=2013-05-30&view=1,2,x'")
    shown.tab.wait_for_selector("#iso:text-is('2013-05-30')")
    assert shown.tab.evaluate(VIEW) == whole


def test_the_link_is_copied_or_shown(shown: Watched) -> None:
    shown.tab.click("#link")
    assert shown.until("document.getElementById('said').textContent", bool).startswith("The link to this moment")


def test_the_table_of_the_day_is_saved(browser: Any, written: Path, tellings: dict[str, Timeline], tmp_path: Path) -> None:
    watched = Watched(browser, written.as_uri() + "#day=2013-05-29")
    with watched.tab.expect_download() as download:
        watched.tab.click("#save")
    assert download.value.suggested_filename == "2013-05-29.csv"
    download.value.save_as(tmp_path / "day.csv")
    with (tmp_path / "day.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["place"]: row for row in csv.DictReader(file)}
    timeline = tellings["whole record"]
    snapshot = timeline.at("2013-05-29")
    for place in timeline.theatre.places:
        if place.gateway:
            assert place.id not in rows
            continue
        row = rows[place.id]
        assert (row["day"], row["name"], row["status"]) == ("2013-05-29", place.name, snapshot.status_of(place.id))
        if row["status"] != "unknown":
            shares = [float(row[status]) for status in timeline.theatre.statuses]
            assert shares == pytest.approx(list(snapshot.belief[timeline.theatre.index[place.id]]), abs=0.003)
    watched.context.close()
    assert watched.trouble == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_how_it_was_made_is_told(browser: Any, written: Path, theme: str) -> None:
    watched = Watched(browser, written.as_uri(), color_scheme=theme)
    watched.tab.click("#how")
    told = watched.tab.inner_text("#made")
    for words in (
        "whole record: belief from",
        "told by the government: the last claim stands",
        "in 5 documents",
        "CC BY-SA",
        f"qsim {qsim.__version__}",
        "MIT",
    ):
        assert words in told
    found = import_module("axe_playwright_python.sync_playwright").Axe().run(watched.tab).response["violations"]
    assert [each["id"] for each in found if each["impact"] in {"serious", "critical"}] == []
    watched.tab.keyboard.press("Escape")
    assert not watched.tab.is_visible("#made")
    watched.closed()


def test_nothing_is_printed_that_has_nothing_under_it(browser: Any, written: Path) -> None:
    watched = Watched(browser, written.as_uri() + "#day=2013-05-29&place=dabaa_airbase")
    watched.tab.emulate_media(media="print")
    assert not watched.tab.is_visible(".claims .earlier h3")
    assert watched.tab.is_visible(".claims .for h3")
    assert not watched.tab.is_visible("#view")
    assert not watched.tab.is_visible(".tools")
    watched.closed()
