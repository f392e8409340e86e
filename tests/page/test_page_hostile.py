"""The player of what nobody foresaw: names that are markup, that turn text around or never end; nobody, nothing, one day, no ways, no claims."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import toys
from chromium import Watched

from qsim import page
from qsim.belief.timeline import Timeline
from qsim.record.ledger import Ledger, Source
from qsim.record.theatre import Place, Side, Theatre

MARKUP, TURNED, ENDLESS = "</script><img src=x onerror=document.title=1>", "abc\u202edcba\u2069\x00\x1b[2J", "Lorem ipsum " * 900
SIDES = (Side("red", "Red", "#0072B2"), Side("blue", "Blue", "#E69F00"))


def alone(days: int, *claims: Any) -> Timeline:
    """Return one place without ways."""
    where = Theatre("one", "One place", (Place("a", "Alone", 10.0, 50.0),), (), SIDES, frame=(9.9, 49.9, 10.1, 50.1))
    return toys.replayed(where, *claims, days=days)


def hostile() -> Timeline:
    """Return a line whose names and notes are hostile."""
    names = (MARKUP, TURNED, ENDLESS, "", "Last")
    line = toys.line()
    places = tuple(replace(place, name=name, variants=(MARKUP,)) for place, name in zip(line.places, names, strict=True))
    sides = tuple(replace(side, name=name) for side, name in zip(line.sides, (MARKUP + TURNED, ENDLESS), strict=True))
    theatre = replace(line, places=places, sides=sides, title=ENDLESS, summary=MARKUP, frame=(-0.1, -0.1, 0.5, 0.1))
    sources = {**toys.SOURCES, "teller": Source("teller", MARKUP + TURNED, "narration")}
    claims = [
        toys.claim("a", "holds", "red", "2001-01-02", note=ENDLESS),
        toys.claim("b", "takes", "blue", "2001-01-03", note=TURNED + MARKUP),
    ]
    return replace(toys.replayed(theatre, *claims), ledger=Ledger(sources, claims))


SPARE: dict[str, Callable[[], Timeline]] = {
    "no claims": lambda: toys.replayed(toys.line()),
    "no claims, chains": lambda: toys.replayed(toys.line(), policy="hmm"),
    "one day": lambda: toys.replayed(toys.line(), toys.claim("a", "holds", "red", "2001-01-01"), days=1),
    "one place": lambda: alone(10, toys.claim("a", "holds", "red", "2001-01-03")),
    "one place, one day, no claims": lambda: alone(1),
}


@pytest.mark.parametrize("case", SPARE)
def test_little_is_shown_as_little(browser: Any, tmp_path: Path, case: str) -> None:
    watched = Watched(browser, page.write(SPARE[case](), tmp_path / "page.html").as_uri() + "#place=a", ready="#iso:text-matches('^2001')")
    tab = watched.tab
    assert tab.is_visible("#about .is")
    if "no claims" in case:
        assert "Unknown" in tab.inner_text("#about .is")
        assert "Nobody has spoken of this place yet." in tab.inner_text("#about")
    for key in ("n", "b", "Home", "End", "ArrowRight", "ArrowLeft", "Space", "Space"):
        tab.keyboard.press(key)
    tab.focus("#walk")
    tab.keyboard.press("ArrowRight")
    assert tab.inner_text("#walk-said")
    for folded in ("table", "toll"):
        tab.evaluate("(id) => { document.getElementById(id).open = true; }", folded)
    tab.evaluate("document.getElementById('how').click()")
    words = tab.inner_text("body").split()
    assert not {"null", "undefined", "NaN"} & {word.strip(".,;:()%") for word in words}
    watched.closed()


@pytest.mark.parametrize("wide", [320, 1280])
def test_no_name_breaks_the_page(browser: Any, tmp_path: Path, wide: int) -> None:
    timeline = hostile()
    path = page.write({MARKUP: timeline, TURNED: timeline}, tmp_path / "page.html", chapters={"2001-01-03": (MARKUP, ENDLESS)})
    watched = Watched(browser, path.as_uri() + "#day=2001-01-03&place=a", viewport={"width": wide, "height": 800}, ready="#about .is")
    assert watched.tab.title() != "1"
    assert watched.tab.locator("img").count() == 0
    assert watched.tab.evaluate("document.documentElement.scrollWidth") <= wide
    top = watched.tab.evaluate("document.getElementById('map').getBoundingClientRect().top")
    assert top < 300, "the map is not pushed away"
    assert not set("\u202e\u2069\x00\x1b") & set(watched.tab.inner_text("body"))
    watched.tab.evaluate("location.hash = '#day=2001-01-03&place=b'")
    watched.tab.wait_for_selector("#about .claims")
    assert MARKUP in watched.tab.inner_text("#about .claims"), "what a source says is told as it says it"
    watched.closed()


def test_a_long_note_unfolds(browser: Any, tmp_path: Path) -> None:
    watched = Watched(browser, page.write(hostile(), tmp_path / "page.html").as_uri() + "#day=2001-01-03&place=a", ready="#about .note")
    assert len(watched.tab.inner_text("#about .note")) < 1200
    watched.tab.click("#about .note summary")
    watched.until("document.querySelector('#about .note').innerText.length", lambda letters: letters > 10_000)
    assert len(" ".join(watched.tab.inner_text("#about .note").split())) > 10_000
    watched.closed()
