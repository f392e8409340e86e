"""What a reader takes away from the player: the view as a picture of its own, words to embed it; and the toll, by who says so."""

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from chromium import Watched
from PIL import Image

import qsim
from qsim.belief.timeline import Timeline
from qsim.record.casualties import heading_of

DAY = "#day=2013-05-29"
SVG = "{http://www.w3.org/2000/svg}"


def saved(watched: Watched, button: str, folder: Path) -> Path:
    """Return the file that a button gives."""
    with watched.tab.expect_download() as download:
        watched.tab.click(button)
    path = folder / str(download.value.suggested_filename)
    download.value.save_as(path)
    return path


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_view_is_an_svg_that_needs_no_page(browser: Any, written: Path, tmp_path: Path, theme: str) -> None:
    watched = Watched(browser, written.as_uri() + DAY, color_scheme=theme)
    path = saved(watched, "#save-svg", tmp_path)
    words = watched.tab.locator(".labels text").all_text_contents()
    watched.context.close()
    assert watched.trouble == []
    text = path.read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    told = [each.text or "" for each in root.iter(f"{SVG}text")]
    assert {"29 May 2013; told by: whole record", "Government and allies", "Opposition", "Undecided", *words} <= set(told)
    assert any("belief from" in each.lower() for each in told)
    assert not re.search(r"var\(|color-mix| class=| style=", text), "nothing in it needs the page's style"
    ids = {each.get("id") for each in root.iter()}
    assert set(re.findall(r"url\(#([\w-]+)\)", text)) <= ids, "what it fills with lies in it"
    assert path.name == "2013-05-29.svg"


def test_the_view_is_a_png_in_the_colours_of_the_page(browser: Any, written: Path, tmp_path: Path) -> None:
    watched = Watched(browser, written.as_uri() + DAY)
    fills = {
        watched.tab.locator(f"#legend li:has-text('{name}') rect >> nth=0").evaluate("each => getComputedStyle(each).fill")
        for name in ("Opposition",)
    }
    path = saved(watched, "#save-png", tmp_path)
    watched.context.close()
    assert watched.trouble == []
    with Image.open(path) as image:
        colours = {pixel for _, pixel in image.convert("RGB").getcolors(1 << 24) or []}
    assert image.width > 1000
    for fill in fills:
        assert tuple(int(each) for each in re.findall(r"\d+", fill)[:3]) in colours


def test_a_layer_that_is_left_out_is_not_in_the_picture(browser: Any, written: Path, tmp_path: Path) -> None:
    watched = Watched(browser, written.as_uri() + DAY + "&off=names")
    path = saved(watched, "#save-svg", tmp_path)
    watched.context.close()
    assert watched.trouble == []
    assert "Al-Dab'a Air Base" not in path.read_text(encoding="utf-8")


def test_the_words_to_embed_it_open_at_the_moment(browser: Any, written: Path, tmp_path: Path) -> None:
    watched = Watched(browser, written.as_uri() + DAY + "&place=qusayr")
    watched.tab.click("#embed")
    code = watched.tab.input_value("#embedding textarea")
    watched.closed()
    (tmp_path / written.name).write_bytes(written.read_bytes())
    (tmp_path / "article.html").write_text(code, encoding="utf-8")
    context = browser.new_context()
    tab = context.new_page()
    tab.goto((tmp_path / "article.html").as_uri())
    frame = tab.frame_locator("iframe")
    assert frame.locator("#iso").inner_text() == "2013-05-29"
    assert "Al-Qusayr" in frame.locator("#about-name").inner_text()
    context.close()


def test_the_toll_is_that_of_the_record_up_to_the_day(shown: Watched, tellings: dict[str, Timeline]) -> None:
    timeline = tellings["whole record"]
    assert timeline.ledger is not None
    every = qsim.casualties(timeline.theatre, timeline.ledger, start=timeline.start, end=timeline.end)
    until = [toll for toll in every if str(toll.claim.window.end) <= "2013-05-29"]
    assert 0 < len(until) < len(every)
    shown.tab.click("#toll summary")
    shown.tab.wait_for_selector("#toll li")
    rows = shown.tab.locator("#toll li").all_inner_texts()
    assert len(rows) == len(until)
    assert shown.tab.locator("#toll h3").all_inner_texts() == list(dict.fromkeys(heading_of(timeline.theatre, toll) for toll in until))
    for toll in until:
        assert any(row.startswith(f"{toll.claim.figure} {toll.people} {toll.outcome}") and toll.source.name in row for row in rows), toll
    shown.tab.keyboard.press("End")
    assert shown.tab.locator("#toll li").count() == len(every)
    shown.tab.keyboard.press("Home")
    assert shown.tab.locator("#toll li").count() < len(until)
