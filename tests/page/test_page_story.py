"""The story of the chapters: it says what is believed, names a source a side, is there without scripts, and scrolls beside the map with them."""

import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import toys
from chromium import PHONE, Watched

import qsim
from qsim import page
from qsim.belief.statuses import UNDECIDED, UNKNOWN, status_names
from qsim.belief.timeline import Timeline
from qsim.page.story import FEW, believed, chapters_told, events_shown, ring_told, strongest, turned, turning_points, voices
from qsim.record.dates import day_range

STORY = "[...document.querySelectorAll('#story article')]"
INJECTED = '"><img src=x onerror="document.title=1"><script>document.title=2</script>'


def believing(*rows: dict[str, tuple[float, float, float]]) -> Timeline:
    """Return a line on which each day's belief in red, blue and contested is given by place, and even elsewhere; nobody says so."""
    theatre = toys.line()
    belief = np.full((len(rows), len(theatre.places), 3), 1 / 3)
    for d, row in enumerate(rows):
        for id, shares in row.items():
            belief[d, theatre.index[id]] = shares
    history = belief.argmax(axis=2).astype(np.int8)
    heard = np.full(history.shape, np.datetime64("NaT", "D"), dtype="datetime64[D]")
    return Timeline(
        theatre,
        None,
        day_range("2001-01-01", np.datetime64("2001-01-01") + np.timedelta64(len(rows) - 1, "D")),
        belief,
        history,
        heard,
        "given",
    )


# What is said


def test_what_a_place_was_is_what_was_believed_and_not_what_was_sure() -> None:
    timeline = believing({"a": (0.04, 0.52, 0.44)}, {"a": (0.9, 0.05, 0.05)})
    assert turned(timeline, ["a"], timeline.end) == "A: Blue → Red", "52 % is no unknown"
    assert believed(timeline, ["a"], timeline.end) == (
        "On 2 January 2001 A was most likely held by Red (belief 90 %); the day before it was most likely held by Blue."
    )


@pytest.mark.parametrize(
    ("before", "word"), [((0.45, 0.45, 0.1), "undecided"), ((1 / 3, 1 / 3, 1 / 3), "unknown"), ((0.1, 0.1, 0.8), "contested")]
)
def test_undecided_unknown_and_contested_are_told_apart(before: tuple[float, float, float], word: str) -> None:
    timeline = believing({"a": before}, {"a": (0.97, 0.02, 0.01)})
    assert turned(timeline, ["a"], timeline.end) == f"A: {word} → Red"
    assert f"the day before it was {word}." in believed(timeline, ["a"], timeline.end)


def test_what_did_not_turn_is_not_said_to_have_turned() -> None:
    timeline = believing({"a": (0.55, 0.4, 0.05)}, {"a": (0.9, 0.05, 0.05)})
    assert turned(timeline, ["a"], timeline.end) == "A: Red"
    assert believed(timeline, ["a"], timeline.end).endswith("held by Red (belief 90 %), as the day before.")


def test_more_places_than_a_few_are_counted() -> None:
    ids = ["r", "a", "b", "c"]
    timeline = believing(dict.fromkeys(ids, (0.9, 0.1, 0.0)), {**dict.fromkeys(ids[:3], (0.1, 0.9, 0.0)), "c": (0.9, 0.1, 0.0)})
    assert len(ids) > FEW
    assert turned(timeline, ids, timeline.end) == "4 places: Red 1 (was 4), Blue 3 (was 0)"
    told = believed(timeline, ids, timeline.end)
    assert told == (
        "On 2 January 2001, of 4 places, 1 was most likely held by Red (4 the day before) and 3 most likely held by Blue (none the day before)."
    )


def test_places_that_are_all_of_one_side_are_told_as_all() -> None:
    ids = ["r", "a", "b", "c"]
    timeline = believing(dict.fromkeys(ids, (0.9, 0.1, 0.0)), dict.fromkeys(ids, (0.1, 0.9, 0.0)))
    assert believed(timeline, ids, timeline.end) == "On 2 January 2001, all 4 places were most likely held by Blue (none the day before)."


def test_of_several_places_too_a_side_is_heard(tellings: dict[str, Timeline]) -> None:
    timeline = tellings["whole record"]
    day = timeline.days[timeline.position("2013-05-29")].item()
    alone, among = (voices(timeline, places, day) for places in (["dabaa_airbase"], ["akum", "dabaa_airbase"]))
    assert [voice.source for voice in among] == [voice.source for voice in alone]


@pytest.mark.parametrize("name", ["qusayr", "example", "kobani"])
def test_every_chapter_agrees_with_the_belief_of_its_days(name: str) -> None:
    theatre, ledger = qsim.load(name)
    window: dict[str, Any] = {"start": "2013-04-04", "end": "2013-06-08"} if name == "qusayr" else {}
    timeline = qsim.reconstruct(theatre, ledger, policy="last_claim", **window)
    names = {name: status for status, name in status_names(theatre).items()}
    turns = 0
    for event in events_shown(timeline):
        match = re.fullmatch(r"(.+): (?:([^→]+) → )?([^→]+)", turned(timeline, event.places, event.day))
        assert match, event
        if match[3] not in names:
            assert sum(map(int, re.findall(r"(\d+) \(was", match[3]))) == sum(map(int, re.findall(r"was (\d+)", match[3])))
            continue
        city = next((theatre.place(id).parent for id in event.places if len(event.places) > 1), None)
        for id in theatre.parts[city] if city else event.places:
            d = timeline.position(event.day)
            for at, word in ((max(0, d - 1), match[2] or match[3]), (d, match[3])):
                belief = timeline.belief[at, theatre.index[id]]
                if names[word] not in (UNKNOWN, UNDECIDED) and id not in theatre.parts:
                    assert theatre.statuses[belief.argmax()] == names[word], event
                    assert belief.max() > 0.5
                elif id not in theatre.parts:
                    assert belief.max() <= 0.5, event
        turns += 1
    assert turns > 3
    told = dict(turning_points(timeline))
    assert told[timeline.start] == "The first day"


def test_the_ring_is_told_with_the_numbers_of_the_page(tellings: dict[str, Timeline]) -> None:
    timeline = tellings["whole record"]
    at = timeline.position("2013-05-29")
    route = [timeline.theatre.index[id] for id in ("shamsin",)]
    ring: dict[str, Any] = {
        "place": timeline.theatre.index["qusayr"],
        "side": 1,
        "cut_off": [None] * len(timeline),
        "open": [[]] * len(timeline),
        "exits": [[]] * len(timeline),
    }
    assert ring_told(timeline, timeline.start, ring) == ""
    assert ring_told(timeline, timeline.start, None) == ""
    ring["cut_off"][at], ring["open"][at], ring["exits"][at] = 44, [12, 88], [[0], route]
    assert ring_told(timeline, timeline.days[at].item(), ring) == (
        "In 44 of 100 courses that events may have taken, Opposition in Al-Qusayr was cut off; the likeliest way out, to Shamsin, was open in 88."
    )


def test_each_side_has_one_named_source_or_is_said_to_have_none(tellings: dict[str, Timeline]) -> None:
    timeline = tellings["whole record"]
    assert timeline.ledger is not None
    day = timeline.days[timeline.position("2013-05-29")].item()
    heard = voices(timeline, ["dabaa_airbase"], day)
    assert [voice.side for voice in heard] == ["Government and allies", "Opposition", "Neutral"]
    sides = {source.name: source.side for source in timeline.ledger.sources.values()}
    assert [sides[voice.source] for voice in heard if voice.source] == ["government", "opposition", None]
    assert all(voice.cite for voice in heard if voice.source)
    silent = voices(timeline, ["akum"], timeline.start)
    assert len(silent) == 3
    assert voices(timeline, [], day) == ()
    assert voices(believing({}, {}), ["a"], timeline.start) == ()


def test_a_claim_without_a_note_is_told_in_words_and_not_by_ids() -> None:
    theatre = toys.line()
    theatre = replace(theatre, places=tuple(replace(place, name=f"Upper {place.name}") for place in theatre.places))
    timeline = toys.replayed(theatre, toys.claim("b", "takes", "blue", "2001-01-02", source="press"))
    said = [voice.note for voice in voices(timeline, ["b"], timeline.end) if voice.note]
    assert said == ["Upper B taken by Blue"]


def test_a_sentence_of_the_author_comes_first_and_the_belief_after() -> None:
    timeline = believing({"a": (0.1, 0.9, 0.0)}, {"a": (0.9, 0.1, 0.0)})
    told = events_shown(timeline)
    (own,) = chapters_told(timeline, [(timeline.end, "The hill", "Mine.")], told, None)
    assert own.headline == "The hill"
    assert own.sentences == ("Mine.", believed(timeline, strongest(told), timeline.end))


# Without scripts


@pytest.fixture
def bare(browser: Any, written: Path) -> Any:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(written.as_uri())
    yield tab
    context.close()


def test_without_scripts_it_is_text_and_pictures(bare: Any, tellings: dict[str, Timeline]) -> None:
    timeline = tellings["whole record"]
    articles = bare.locator("#story article")
    assert articles.count() == 2
    for article, (day, headline) in zip(articles.all(), (("2013-05-19", "The assault"), ("2013-05-29", "The air base")), strict=True):
        assert article.is_visible()
        words = article.inner_text()
        assert headline in words
        assert article.locator("time").get_attribute("datetime") == day
        assert len(article.locator("> p").all()) == 3, "the day and two sentences"
        assert (
            believed(
                timeline, strongest([e for e in events_shown(timeline) if str(e.day) == day]), timeline.days[timeline.position(day)].item()
            )
            in words
        )
        assert article.locator(".voices li").count() == len(timeline.theatre.sides) + 1
        box = article.locator("figure > svg").bounding_box()
        assert box["width"] > 300
        assert box["height"] > 200
    assert "Without scripts" in bare.inner_text("noscript")


def test_the_small_maps_have_the_colours_of_the_belief(written: Path, tellings: dict[str, Timeline]) -> None:
    timeline = tellings["whole record"]
    text = written.read_text(encoding="utf-8")
    for article in re.findall(r"<article data-day=\"(\d+)\">(.*?)</article>", text, flags=re.DOTALL):
        snapshot = timeline.at(timeline.days[int(article[0])])
        filled = {
            int(i): fill
            for fill, cells in re.findall(r'<g fill="([^"]+)">(.*?)</g>', article[1])
            for i in re.findall(r"#cell-(\d+)", cells)
        }
        by_fill: dict[str, set[str]] = {}
        for i, fill in filled.items():
            by_fill.setdefault(fill, set()).add(snapshot.status_of(timeline.theatre.places[i].id))
        assert len(filled) == sum(place.polygon is not None for place in timeline.theatre.places)
        assert all(len(statuses) == 1 for statuses in by_fill.values()), by_fill


def test_names_in_a_story_are_never_markup(browser: Any, tmp_path: Path, line_timeline: Timeline) -> None:
    places = tuple(replace(place, name=INJECTED) for place in line_timeline.theatre.places)
    sides = tuple(replace(side, name=INJECTED) for side in line_timeline.theatre.sides)
    ledger = line_timeline.ledger
    assert ledger is not None
    sources = {id: replace(source, name=INJECTED) for id, source in ledger.sources.items()}
    claims = tuple(replace(claim, note=INJECTED) for claim in ledger.claims)
    evil = replace(
        line_timeline,
        theatre=replace(line_timeline.theatre, places=places, sides=sides),
        ledger=replace(ledger, sources=sources, claims=claims),
    )
    text = page.document(evil, chapters={"2001-01-05": (INJECTED, INJECTED)}, title=INJECTED)
    assert "<img" not in text
    assert unescape(text).count(INJECTED) > 6
    (tmp_path / "evil.html").write_text(text, encoding="utf-8")
    watched = Watched(browser, (tmp_path / "evil.html").as_uri() + "#story=on&day=2001-01-05")
    assert watched.tab.locator("img").count() == 0
    assert watched.tab.title() == INJECTED
    watched.closed()


# With them


def test_the_map_shows_the_day_of_the_chapter_that_is_read(browser: Any, written: Path) -> None:
    watched = Watched(browser, written.as_uri() + "#day=2013-05-19")
    assert not watched.tab.is_visible("#story")
    watched.tab.click("#tell")
    assert watched.tab.is_visible("#story")
    assert not watched.tab.is_visible(".panel")
    assert watched.day() == "2013-05-19"
    watched.tab.evaluate(f"{STORY}[1].scrollIntoView({{ block: 'center', behavior: 'instant' }})")
    watched.tab.wait_for_selector("#iso:text-is('2013-05-29')")
    watched.until("location.hash", lambda address: "day=2013-05-29" in address and "story=on" in address)
    assert watched.tab.evaluate(f"{STORY}.map((each) => each.hasAttribute('aria-current'))") == [False, True]
    box = watched.tab.locator("svg.map").bounding_box()
    assert 0 <= box["y"] < box["y"] + box["height"] <= 860, "the view is held"
    watched.tab.go_back()
    watched.tab.wait_for_selector("#story", state="hidden")
    assert watched.day() == "2013-05-19"
    watched.tab.go_forward()
    watched.tab.wait_for_selector("#iso:text-is('2013-05-29')")
    assert watched.tab.is_visible("#story")
    watched.closed()


@pytest.mark.parametrize(
    "options", [{}, PHONE, {"viewport": {"width": 844, "height": 390}, "has_touch": True}], ids=["desk", "phone", "side"]
)
def test_keys_walk_the_chapters_and_leave(browser: Any, written: Path, options: dict[str, Any]) -> None:
    watched = Watched(browser, written.as_uri() + "#day=2013-05-19&story=on", reduced_motion="reduce", **options)
    tab = watched.tab
    assert tab.evaluate("document.documentElement.scrollWidth") <= tab.viewport_size["width"]
    for key, day in (("n", "2013-05-29"), ("ArrowRight", "2013-05-29"), ("b", "2013-05-19")):
        tab.keyboard.press(key)
        tab.wait_for_selector(f"#iso:text-is('{day}')")
    boxes = [tab.locator(selector).bounding_box() for selector in ("svg.map", "#story")]
    assert boxes[0]["height"] > 0.3 * tab.viewport_size["height"]
    assert boxes[0]["y"] + boxes[0]["height"] <= tab.viewport_size["height"] + 1
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"] + 1 or boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"] + 1
    tab.keyboard.press("Escape")
    assert not tab.is_visible("#story")
    assert tab.is_visible(".controls")
    watched.closed()
