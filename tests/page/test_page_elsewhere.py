"""The player of somebody else's battle: names in any script stay as they are written and can be read, in any window; land beyond a border is nobody's."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import elsewhere
import pytest
from chromium import DESK, PHONE, Watched
from contrast import TEXT_RATIO, WORDS, too_faint

from qsim import page
from qsim.page.bidi import set_apart

ARABIC_EVENT = "القصير: القصير → القصير"
# The boxes of texts that may not stand over each other or beyond what holds them: [words, left, top, right, bottom].
BOXES = """(selector) => [...document.querySelectorAll(selector)].filter((each) => each.textContent.trim()).map((each) => {
  const { left, top, right, bottom } = each.getBoundingClientRect();
  return [each.textContent, left, top, right, bottom];
})"""


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return page.write(elsewhere.timeline(), tmp_path_factory.mktemp("elsewhere") / "rio.html")


@pytest.fixture
def rio(browser: Any, far: Path) -> Iterator[Watched]:
    watched = Watched(browser, far.as_uri() + "#day=2034-10-01")
    yield watched
    watched.closed()


def bare(text: str) -> str:
    """Return a text without the marks that set names apart."""
    return re.sub("[\u2067\u2069]", "", text)


def overlapping(boxes: list[tuple[str, float, float, float, float]]) -> list[tuple[str, str]]:
    """Return the texts that stand over each other by more than a pixel."""
    return [
        (a[0], b[0])
        for n, a in enumerate(boxes)
        for b in boxes[:n]
        if a[1] + 1 < b[3] and b[1] + 1 < a[3] and a[2] + 1 < b[4] and b[2] + 1 < a[4]
    ]


def test_sides_are_named_as_they_are_written(rio: Watched) -> None:
    counts, figures = rio.tab.inner_text(".counts"), rio.tab.inner_text(".figures")
    for side in elsewhere.SIDES:
        assert side.name in bare(counts)
        assert side.id not in counts
    assert "Held by Северный союз" in figures
    rio.tab.click("#how")
    rio.tab.click("#made summary")
    rio.until("document.querySelector('#made').innerText", lambda told: "A red voice" in told)
    assert "A red voice (Северный союз)" in rio.tab.inner_text("#made")
    assert "(red" not in rio.tab.inner_text("#made")
    rio.tab.keyboard.press("Escape")


@pytest.mark.parametrize("wide", [320, 390, 844, 1280])
def test_the_days_below_the_strip_can_be_read(browser: Any, far: Path, wide: int) -> None:
    watched = Watched(browser, far.as_uri(), viewport={"width": wide, "height": 800})
    boxes = watched.until(f"({BOXES})('#axis span')", lambda found: len(found) > 1)
    assert overlapping(boxes) == []
    assert boxes[-1][3] <= wide
    years = [re.findall(r"20\d\d", words) for words, *_ in boxes]
    assert [year for found in years for year in found] == sorted({year for found in years for year in found}), "each year is named once"
    assert len({year for found in years for year in found}) >= 2
    watched.closed()


@pytest.mark.parametrize("wide", [390, 1280, 2560])
def test_names_of_sectors_are_read_or_numbered_and_told_below(browser: Any, far: Path, wide: int) -> None:
    watched = Watched(browser, far.as_uri(), viewport={"width": wide, "height": 900})
    boxes = watched.until(f"({BOXES})('.inset .names text')", lambda found: len(found) == len(elsewhere.SECTORS))
    assert overlapping(boxes) == []
    sizes = watched.tab.evaluate(
        "[...document.querySelectorAll('.inset .names text')].map((each) => Number(each.getAttribute('font-size')) * each.getScreenCTM().a)"
    )
    assert min(sizes) > 9.5
    numbered = dict(re.findall(r"(\d+) ([^\d]+)", watched.tab.inner_text(".numbered")))
    told = {numbered.get(words, words) for words, *_ in boxes}
    assert {re.sub(r"\s", "", bare(name)) for name in told} == {re.sub(r"\s", "", name) for name in elsewhere.SECTORS}
    watched.closed()


def test_land_beyond_a_border_of_which_nobody_speaks_is_nobodys(rio: Watched) -> None:
    beyond = [place.id for place in elsewhere.theatre().places].index("v5")
    assert rio.tab.locator(f".map path[data-place='{beyond}']").count() == 0
    rio.tab.evaluate("location.hash = '#day=2034-10-01&place=v5'")
    rio.tab.wait_for_selector("#about:has-text('Nothing had been reported by then')")
    assert rio.tab.locator(".front .line").get_attribute("d"), "cells that end at a border keep the front between them"


def test_a_colour_in_the_legend_is_the_colour_of_the_bars(rio: Watched) -> None:
    rio.tab.evaluate("location.hash = '#day=2034-10-01&place=sector_00'")
    rio.tab.wait_for_selector("#about .belief")
    fill = "(each) => getComputedStyle(each).fill + getComputedStyle(each.ownerSVGElement.querySelector('.edged')).stroke"
    bars, swatches = (
        [each.evaluate(fill) for each in rio.tab.locator(where).all()[:3]]
        for where in (".belief rect", "#legend .swatch > rect:first-child")
    )
    assert bars == swatches


@pytest.mark.parametrize("wide", [320, 1280])
def test_the_table_of_the_day_breaks_no_word(browser: Any, far: Path, wide: int) -> None:
    watched = Watched(browser, far.as_uri() + "#day=2034-10-01", viewport={"width": wide, "height": 800})
    watched.tab.evaluate("document.getElementById('table').open = true")
    watched.tab.wait_for_selector("#table th[scope=col]")
    rows = watched.tab.evaluate(
        "[...document.querySelectorAll('#table tr')].map((row) => [[...row.cells].map((cell) => cell.textContent), row.getBoundingClientRect().height])"
    )
    most_lines = [max(len(words.split()) for words in cells) for cells, _ in rows]
    assert [cells for (cells, high), lines in zip(rows, most_lines, strict=True) if high > 24 * lines + 12] == []
    assert watched.tab.evaluate("document.documentElement.scrollWidth") <= wide
    watched.closed()


def test_a_place_is_found_in_every_script_it_has(rio: Watched) -> None:
    for sought in ("san roque", "سان", "сан-роке", "САН РОКЕ"):
        rio.tab.fill("#place", sought)
        assert "San Roque" in rio.tab.inner_text("#found li >> nth=0"), sought
    rio.tab.fill("#place", "تل السكر")
    assert bare(rio.tab.inner_text("#found li >> nth=0")) == "تلّ السُّكَّر"
    rio.tab.keyboard.press("Escape")


def test_names_from_right_to_left_do_not_turn_what_became_of_a_place_around() -> None:
    apart = set_apart(ARABIC_EVENT)
    assert bare(apart) == ARABIC_EVENT
    assert re.sub("\u2067[^\u2067\u2069]+\u2069", "x", apart) == "x: x → x"
    assert set_apart("Tarnby: A → B") == "Tarnby: A → B"


def test_a_mark_that_turns_text_around_is_written_out() -> None:
    assert set_apart("a\u202eb\u2069c") == "a\\u202eb\\u2069c"
    assert set_apart("a\u200eb") == "ab", "what only says how its neighbours run goes"


def test_an_arrow_on_the_page_points_from_what_was_to_what_is(browser: Any, tmp_path: Path) -> None:
    shown = tmp_path / "event.html"
    shown.write_text(f"<!doctype html><meta charset=utf-8><p id=map>{set_apart('عين: قديم → جديد')}", encoding="utf-8")
    watched = Watched(browser, shown.as_uri(), ready="#map")
    at = """(word) => { const text = document.getElementById("map").firstChild, range = new Range(), from = text.data.indexOf(word);
      range.setStart(text, from); range.setEnd(text, from + word.length); return range.getBoundingClientRect().left; }"""
    was, arrow, now = (watched.tab.evaluate(at, word) for word in ("قديم", "→", "جديد"))
    assert was < arrow < now
    watched.closed()


@pytest.mark.parametrize(("theme", "size"), [("light", PHONE), ("dark", DESK)], ids=["light phone", "dark desk"])
def test_it_is_clean_by_axe_and_every_word_can_be_read(browser: Any, far: Path, theme: str, size: dict[str, Any]) -> None:
    axe = import_module("axe_playwright_python.sync_playwright").Axe()
    for state in ("place=sector_07", "story=on", "with=2033-01-01"):
        watched = Watched(browser, f"{far.as_uri()}#day=2034-10-01&{state}", color_scheme=theme, **size)
        found = axe.run(watched.tab).response["violations"]
        assert [(each["id"], [node["html"][:90] for node in each["nodes"]]) for each in found] == [], state
        assert too_faint(watched.tab.evaluate(WORDS), TEXT_RATIO) == [], state
        watched.closed()


def test_two_players_on_one_page_do_not_move_each_other(browser: Any, far: Path, tmp_path: Path) -> None:
    frames = "".join(f'<iframe src="{far.as_uri()}#day={day}" width=600 height=500></iframe>' for day in ("2031-02-01", "2033-02-01"))
    (tmp_path / "article.html").write_text(f"<!doctype html><p id=map>Two.</p>{frames}", encoding="utf-8")
    watched = Watched(browser, (tmp_path / "article.html").as_uri(), ready="#map")
    one, other = (watched.tab.frame_locator(f"iframe >> nth={n}") for n in (0, 1))
    one.locator("#forward").click()
    one.locator("#iso:text-is('2031-02-02')").wait_for(state="attached")
    other.locator("#iso:text-is('2033-02-01')").wait_for(state="attached")
    watched.context.close()
    assert watched.trouble == []
