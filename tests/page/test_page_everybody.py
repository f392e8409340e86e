"""Every state of the player by axe-core and by sums: nothing is found, and no text is left whose contrast nobody decided."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from chromium import DESK, PHONE, Watched
from contrast import TEXT_RATIO, WORDS, too_faint

DAY = "#day=2013-05-29"
# Of each state its address, and what a reader does then.
STATES: dict[str, tuple[str, str]] = {
    "a day": (DAY, ""),
    "a place, all unfolded": (
        f"{DAY}&place=dabaa_airbase",
        "for (const each of document.querySelectorAll('.panel details')) each.open = true",
    ),
    "the story": (f"{DAY}&story=on", ""),
    "a comparison, its menu open": (f"{DAY}&with=2013-06-05", "document.getElementById('view').open = true"),
    "a span of days": (f"{DAY}&span=2013-05-20/2013-06-05", ""),
    "the map in words": (DAY, "document.getElementById('walk').focus()"),
    "the list of places": (DAY, "document.getElementById('place').click()"),
    "help": (DAY, "document.getElementById('help').click()"),
    "how it was made": (DAY, "document.getElementById('how').click()"),
    "code to embed it": (DAY, "document.getElementById('embed').click()"),
}
# What axe leaves undecided because of what lies over or under a text: the sums decide it. Anything else is to be decided by axe.
BY_SUMS = {"elmPartiallyObscured", "elmPartiallyObscuring", "bgOverlap"}


@pytest.mark.parametrize(("theme", "size"), [("light", DESK), ("dark", PHONE)], ids=["light desk", "dark phone"])
def test_every_state_is_clean_and_its_contrast_decided(browser: Any, written: Path, theme: str, size: dict[str, Any]) -> None:
    axe = import_module("axe_playwright_python.sync_playwright").Axe()
    for state, (address, act) in STATES.items():
        watched = Watched(browser, written.as_uri() + address, color_scheme=theme, **size)
        if act:
            watched.tab.evaluate(
                f"() => {{ {act}; return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))); }}"
            )
        found = axe.run(watched.tab).response
        assert [(each["id"], [node["html"][:90] for node in each["nodes"]]) for each in found["violations"]] == [], state
        undecided = [
            (node["html"][:90], check["data"].get("messageKey"))
            for each in found["incomplete"]
            if each["id"] == "color-contrast"
            for node in each["nodes"]
            for check in node["any"]
            if check["data"]
        ]
        assert {why for _, why in undecided} <= BY_SUMS, (state, undecided)
        words = watched.tab.evaluate(WORDS)
        assert len(words) > 10, state
        assert too_faint(words, TEXT_RATIO) == [], state
        watched.closed()
