"""The page in a real browser: a sentence marked is the citation, a claim saved is in the file, a place clicked is on the map."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

import qsim
from qsim.editing.server import Editor


class Opened:
    """The page of a new scenario, with what it complained of and asked for."""

    def __init__(self, browser: Any, editor: Editor) -> None:
        self.folder = editor.folder
        self.trouble: list[str] = []
        self.requests: list[str] = []
        self.context = browser.new_context(viewport={"width": 1400, "height": 900})
        self.tab = self.context.new_page()
        self.tab.on("console", lambda message: self.trouble.append(message.text))
        self.tab.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.tab.goto(editor.address)
        self.tab.wait_for_selector(".sentence")
        self.tab.wait_for_selector("#claims li")

    def type(self, **fields: str) -> None:
        for name, text in fields.items():
            box = self.tab.locator(f"#claim-form [name={name}]")
            box.select_option(text) if name == "kind" else box.fill(text)

    def told(self, words: str, where: str = "#told") -> None:
        self.tab.wait_for_function("([where, words]) => document.querySelector(where).textContent.includes(words)", arg=[where, words])


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Opened]:
    with Editor(qsim.record.new.new(tmp_path / "valley"), policy="last_claim") as editor:
        thread = Thread(target=editor.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        page = Opened(browser, editor)
        yield page
        page.context.close()
        editor.shutdown()
        thread.join()
        assert all(url.startswith(editor.address.removesuffix("editing/")) for url in page.requests)


def test_a_sentence_marked_and_a_claim_typed_are_in_the_record(opened: Opened) -> None:
    opened.tab.click('[data-cite="report:7#2"]')
    opened.tab.locator('[data-cite="report:7#3"]').press("Enter")
    opened.tab.click('[data-cite="report:7#3"]')
    assert opened.tab.input_value("[name=cites]") == "report:7#2"
    opened.tab.click("text=A new source")
    opened.tab.fill("#source-form [name=name]", "A miller")
    opened.tab.click("text=Save the source")
    opened.told("Saved: A miller")
    opened.tab.click('circle[data-id="lowmead"]')
    opened.type(kind="takes", side="north", start="2090-05-06", source="A miller", note='Said, "so"; it is.')
    opened.tab.click("text=Save the claim")
    opened.told("Saved: lowmead takes, 2090-05-06")
    claim = qsim.load(opened.folder)[1].claims[-1]
    assert (claim.place, claim.source, claim.cites, claim.note) == ("lowmead", "a_miller", ("report:7#2",), 'Said, "so"; it is.')
    opened.told("(100 %)", ".cell[data-id=lowmead] title")
    opened.told("lowmead takes north", "#claims li")
    assert opened.trouble == []


def test_several_sentences_are_marked_by_a_drag(opened: Opened) -> None:
    first, last = (opened.tab.locator(f'[data-cite="report:{cite}"]').bounding_box() for cite in ("5#1", "7#1"))
    opened.tab.mouse.move(first["x"] + 3, first["y"] + 5)
    opened.tab.mouse.down()
    opened.tab.mouse.move(last["x"] + 30, last["y"] + 5, steps=5)
    opened.tab.mouse.up()
    assert opened.tab.input_value("[name=cites]") == "report:5#1;report:5#2;report:7#1"


def test_a_claim_that_is_wrong_is_told_while_it_is_typed_and_not_written(opened: Opened) -> None:
    before = (opened.folder / "claims.csv").read_bytes()
    opened.type(place="lowmed", kind="takes", side="north", start="2090-05-06", source="reporter")
    opened.told("did you mean 'lowmead'?", "#claim-wrong")
    opened.tab.click("text=Save the claim")
    opened.told("Not saved")
    assert opened.tab.input_value("[name=place]") == "lowmed"
    assert (opened.folder / "claims.csv").read_bytes() == before


def test_what_another_program_wrote_is_shown_and_not_overwritten(opened: Opened) -> None:
    opened.context.route("**/editing/seen", lambda route: route.abort())  # ... before the page looks by itself
    opened.type(place="lowmead", kind="takes", side="north", start="2090-05-06", source="reporter")
    path = opened.folder / "claims.csv"
    path.write_text(path.read_text(encoding="utf-8") + "late,mossford,holds,north,,,,,,,,,2090-05-06,,,reporter,,,,,\n", encoding="utf-8")
    opened.tab.click("text=Save the claim")
    opened.told("claims.csv was changed by another program", "#claim-wrong")
    assert path.read_text(encoding="utf-8").splitlines()[-1].startswith("late,")
    opened.told("mossford holds north", "#claims li")
    opened.tab.click("text=Save the claim")
    opened.told("Saved: lowmead takes")
    assert [claim.place for claim in qsim.load(opened.folder)[1].claims[-2:]] == ["mossford", "lowmead"]


def test_places_are_put_on_the_map_by_clicks(opened: Opened) -> None:
    box = opened.tab.locator("#map svg").bounding_box()
    opened.tab.check("text=Put a place")
    opened.tab.mouse.click(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.8)
    lon = float(opened.tab.input_value("[name=lon]"))
    opened.tab.fill("#place-form [name=name]", "Thorpe <b>")
    opened.tab.click("text=Save the place")
    opened.told("Saved: Thorpe <b>")
    opened.tab.check("text=Draw sectors")
    opened.tab.fill("[name=city]", "alder_hill")
    for name, left in (("West", 0.1), ("East", 0.2)):
        for x, y in ((left, 0.1), (left + 0.1, 0.1), (left + 0.1, 0.3), (left, 0.3), (0.9, 0.9)):
            opened.tab.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
        opened.tab.click("text=Take the last corner back")
        opened.tab.fill("#sectors-form [name=name]", name)
        opened.tab.click("text=Keep this sector")
    opened.tab.click("text=Save the sectors")
    opened.told("Saved: 2 sectors of alder_hill")
    theatre, _ = qsim.load(opened.folder)
    assert theatre.place("thorpe_b").lon == lon
    assert theatre.parts["alder_hill"] == ("alder_hill_west", "alder_hill_east")
    west, east = (polygon.bounds for side in ("west", "east") if (polygon := theatre.place(f"alder_hill_{side}").polygon))
    assert theatre.frame[0] < west[0] < west[2] == pytest.approx(east[0], abs=1e-4)
    assert opened.trouble == []
