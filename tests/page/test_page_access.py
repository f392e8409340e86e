"""The player for everybody: nothing serious by axe-core, contrast decided by sums, focus, a live caption, a table, print, phones."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from chromium import DESK, PHONE, Watched
from contrast import PAINTED, PART_RATIO, TEXT_RATIO, WORDS, ratio, too_faint

from qsim.belief.timeline import Timeline

GRAVE = {"serious", "critical"}
SIZES = {"desk": DESK, "phone": PHONE}

# Every role of text on the map, with its halo on every ground that there is: [words, its colour, halo on a ground].
LABELS = """() => {%s
  const grounds = [...document.querySelectorAll("#legend .swatch rect, .map pattern rect")].map((each) => style(each).fill)
    .filter((fill) => !fill.startsWith("url")).concat(["--unknown", "--unknown-dot", "--water", "--river", "--paper"].map(role));
  const texts = [...document.querySelectorAll(".map .labels text, .map .bar text, .inset .names text")];
  const roles = new Map(texts.map((text) => [`${text.parentNode.getAttribute("class")} ${text.getAttribute("class")}`, text]));
  const beyond = document.querySelector(".map .outside text");
  return [...roles.values()].flatMap((text) => grounds.map((ground) => [text.textContent, painted(style(text).fill), painted(ground, style(text).stroke)]))
    .concat([[beyond.textContent, painted(style(beyond).fill), painted(role("--paper"))]]);
}""".replace("%s", PAINTED)
# Parts of controls and drawings: [what, its colour, what it stands on].
PARTS = """() => {%s
  const paper = role("--paper");
  const on = (what, colour, ...grounds) => grounds.map((ground) => [what, painted(paper, colour), painted(ground)]);
  return [
    ...on("the edge of a button", style(document.querySelector("#back")).borderTopColor, paper),
    ...on("the edge of a choice", style(document.querySelector("#place")).borderTopColor, paper),
    ...on("the ring of the focus", role("--accent"), paper, role("--raised")),
    ...on("the slider", style(document.querySelector("#range")).accentColor, paper),
    ...on("the bars of reports", style(document.querySelector("#strip .bars")).fill, paper),
    ...on("the casing of the front line", role("--casing"), role("--front")),
    ...on("a way out", role("--way-casing"), role("--way")),
    ...on("the line of the share", role("--side-0"), paper),
  ];
}""".replace("%s", PAINTED)


@pytest.fixture(params=["light desk", "light phone", "dark desk", "dark phone"])
def opened(request: pytest.FixtureRequest, browser: Any, written: Path) -> Iterator[Watched]:
    """The page on a day of two events, the claims and the table open, in each theme and size."""
    theme, size = request.param.split()
    watched = Watched(browser, written.as_uri() + "#day=2013-05-29&place=dabaa_airbase", color_scheme=theme, **SIZES[size])
    watched.tab.focus("#table summary")
    watched.tab.keyboard.press("Enter")
    watched.tab.wait_for_selector("#table tbody tr")
    yield watched
    watched.closed()


def grave(watched: Watched) -> list[tuple[str, str, list[str]]]:
    """Return what axe-core finds serious or critical: its rule, why, and where."""
    found = import_module("axe_playwright_python.sync_playwright").Axe().run(watched.tab).response["violations"]
    return [(each["id"], each["help"], [node["html"][:90] for node in each["nodes"]]) for each in found if each["impact"] in GRAVE]


def test_contrast_is_counted_as_the_guidelines_do() -> None:
    assert ratio([0, 0, 0], [255, 255, 255]) == pytest.approx(21)
    assert ratio([119, 119, 119], [255, 255, 255]) == pytest.approx(4.48, abs=0.005)
    assert too_faint([("grey", [119, 119, 119], [255, 255, 255])], TEXT_RATIO) == [("grey", 4.48)]


def test_axe_finds_nothing_grave(opened: Watched) -> None:
    assert grave(opened) == []
    opened.tab.click("#help")
    assert opened.tab.is_visible("#keys")
    assert grave(opened) == []


def test_axe_would_find_what_is_grave(shown: Watched) -> None:
    shown.tab.evaluate("document.getElementById('play').removeAttribute('aria-label'); document.getElementById('play').title = ''")
    assert [rule for rule, _, _ in grave(shown)] == ["button-name"]


def test_every_text_has_contrast(opened: Watched) -> None:
    opened.tab.click("#help")
    found = opened.tab.evaluate(WORDS)
    assert {"29 May 2013", "Keys", "airbase", "Legend", "Opposition"} <= {words for words, _, _ in found}
    assert too_faint(found, TEXT_RATIO) == []


def test_every_label_has_contrast_on_every_ground(opened: Watched) -> None:
    found = opened.tab.evaluate(LABELS)
    assert len({tuple(ground) for _, _, ground in found}) > 6
    assert too_faint(found, TEXT_RATIO) == []


def test_parts_of_controls_and_lines_have_contrast(opened: Watched) -> None:
    assert too_faint(opened.tab.evaluate(PARTS), PART_RATIO) == []


def test_the_focus_reaches_every_control_and_is_seen(shown: Watched) -> None:
    outline = """() => {
      const here = document.activeElement, seen = here.matches("#tellings input") ? here.nextElementSibling : here;
      const { outlineStyle, outlineWidth } = getComputedStyle(seen);
      return [here.id || here.className || here.parentNode.className || here.tagName, outlineStyle === "solid" && parseFloat(outlineWidth) >= 2];
    }"""
    reached: dict[str, bool] = {}
    for _ in range(120):
        shown.tab.keyboard.press("Tab")
        name, seen = shown.tab.evaluate(outline)
        if name == "BODY":
            break
        reached[name] = seen
    assert {"zoom-in", "place", "range", "previous", "back", "play", "forward", "next", "speed", "help"} <= set(reached)
    assert [name for name, seen in reached.items() if not seen] == []


def test_controls_are_real_ones(shown: Watched) -> None:
    kinds = shown.tab.evaluate(
        "[...document.querySelectorAll('.buttons button, .zoom button')].map((each) => [each.type, each.getAttribute('aria-label')])"
    )
    assert [kind for kind, _ in kinds] == ["button"] * 9
    assert all(label for _, label in kinds)
    assert shown.tab.get_attribute("#range", "type") == "range"
    shown.tab.keyboard.press("ArrowRight")
    assert shown.tab.get_attribute("#range", "aria-valuetext").startswith("30 May 2013, day 14 of 23, ")


def test_the_caption_is_live_at_rest_and_quiet_while_playing(shown: Watched) -> None:
    live = "document.getElementById('caption').ariaLive"
    assert shown.tab.get_attribute("#caption", "role") == "status"
    shown.tab.select_option("#speed", "1")
    said = [shown.tab.evaluate(live)]
    for _ in range(2):
        shown.tab.click("#play")
        said.append(shown.tab.evaluate(live))
    assert said == ["polite", "off", "polite"]


def test_the_table_holds_the_day(shown: Watched, tellings: dict[str, Timeline]) -> None:
    timeline = tellings["whole record"]
    shown.tab.click("#table summary")
    shown.tab.wait_for_selector("#table tbody tr")
    places = [place for place in timeline.theatre.places if not place.gateway]
    assert shown.tab.locator("#table tbody tr").count() == len(places)
    assert "Undecided" in shown.tab.locator("#table tr", has_text="Al-Dabaah").inner_text()
    before = shown.tab.locator("#table tr", has_text="Al-Dab'a Air Base").inner_text()
    shown.tab.keyboard.press("Home")
    assert shown.tab.locator("#table tr", has_text="Al-Dab'a Air Base").inner_text() != before


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_shows_it_without_scrolling_sideways(browser: Any, written: Path, theme: str) -> None:
    watched = Watched(browser, written.as_uri(), color_scheme=theme, **PHONE)
    assert watched.tab.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]
    assert watched.tab.locator(".labels text").count() > 10
    watched.tab.tap("#play")
    watched.tab.tap("#play")
    watched.closed()


def test_print_leaves_the_controls_out(browser: Any, written: Path) -> None:
    watched = Watched(browser, written.as_uri() + "#day=2013-05-29", color_scheme="dark")
    watched.tab.emulate_media(media="print")
    assert not watched.tab.is_visible(".controls")
    assert watched.tab.is_visible("svg.map")
    assert watched.tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert watched.tab.pdf().startswith(b"%PDF")
    watched.closed()


@pytest.mark.parametrize(("wish", "name"), [("reduce", "none"), ("no-preference", "arrive")])
def test_reduced_motion_is_kept(browser: Any, written: Path, wish: str, name: str) -> None:
    watched = Watched(browser, written.as_uri() + "#day=2013-05-29", reduced_motion=wish)
    assert watched.tab.evaluate("getComputedStyle(document.querySelector('.rings circle')).animationName") == name
    watched.closed()
