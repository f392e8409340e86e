"""The search box of the player: a combobox for hands and keys, by stem, spelling and script."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from chromium import PHONE, Watched

from qsim.belief.timeline import Timeline

OPTIONS = "[...document.querySelectorAll('#found [role=option] span:first-child')].map((each) => each.textContent.trim())"


@pytest.mark.parametrize(
    ("typed", "name"), [("dab", "Al-Dab'a Air Base"), ("qus", "Al-Qusayr"), ("Kusair", "Al-Qusayr"), ("القصير", "Al-Qusayr")]
)
def test_a_stem_a_spelling_and_another_script_find_a_place(shown: Watched, typed: str, name: str) -> None:
    shown.tab.fill("#place", typed)
    assert name in shown.tab.evaluate(OPTIONS)[:3]
    assert shown.tab.inner_text("#found-count").endswith(("place", "places"))


def test_keys_alone_find_and_leave_a_place(shown: Watched) -> None:
    keys = shown.tab.keyboard
    keys.press("/")
    keys.type("nb")
    keys.press("Escape")
    assert shown.day() == "2013-05-29", "letters are the box's own"
    keys.type("qus")
    assert shown.tab.get_attribute("#place", "aria-expanded") == "true"
    assert (
        shown.tab.evaluate("document.getElementById(document.activeElement.getAttribute('aria-activedescendant')).ariaSelected") == "true"
    )
    keys.press("ArrowDown")
    second = shown.tab.evaluate(OPTIONS)[1]
    keys.press("Enter")
    assert shown.tab.get_attribute("#place", "aria-expanded") == "false"
    assert shown.tab.input_value("#place") == second
    assert second in shown.tab.inner_text("#about")
    keys.press("Escape")
    assert not shown.tab.is_visible("#about")
    keys.press("ArrowUp")
    assert shown.tab.get_attribute("#place", "aria-activedescendant") is not None


def test_a_click_in_the_list_takes_the_place(browser: Any, written: Path, tellings: dict[str, Timeline]) -> None:
    watched = Watched(browser, written.as_uri(), **PHONE)
    watched.tab.tap("#place")
    assert len(watched.tab.evaluate(OPTIONS)) == 60
    watched.tab.fill("#place", "arj")
    watched.tab.tap("#found [role=option]")
    assert watched.tab.input_value("#place") == "Arjoun"
    assert "place=arjoun" in watched.tab.url
    watched.tab.fill("#place", "zzz")
    assert watched.tab.inner_text("#found-count") == "No places"
    watched.tab.evaluate("document.activeElement.blur()")
    assert watched.tab.input_value("#place") == "Arjoun", "what fits nothing changes nothing"
    watched.closed()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_open_list(browser: Any, written: Path, theme: str) -> None:
    watched = Watched(browser, written.as_uri(), color_scheme=theme)
    watched.tab.fill("#place", "a")
    found = import_module("axe_playwright_python.sync_playwright").Axe().run(watched.tab).response["violations"]
    assert [
        (each["id"], [node["html"][:90] for node in each["nodes"]]) for each in found if each["impact"] in {"serious", "critical"}
    ] == []
    watched.closed()
