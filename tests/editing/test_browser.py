"""The page in a real browser: a sentence marked is the citation, a claim saved is in the file, a place clicked is on the map."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

import qsim
from qsim.editing.server import Editor
from qsim.record.rows import rows_of
from qsim.record.words import KIND_MEANINGS

CLAIM = {"place": "lowmead", "kind": "takes", "side": "north", "start": "2090-05-06", "source": "reporter"}


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
            box.select_option(text) if name in ("kind", "quantifier", "confidence") else box.fill(text)

    def held(self, name: str) -> list[Any]:
        """Hold back what the page asks for by this name; return the requests, to be let go on."""
        asked: list[Any] = []
        self.context.route(f"**/editing/{name}", lambda route: asked.append(route))
        return asked

    def until(self, done: Callable[[], bool]) -> None:
        for _ in range(1500):
            if done():
                return
            self.tab.wait_for_timeout(20)
        raise AssertionError("it does not become so")

    def value(self, name: str) -> str:
        return str(self.tab.input_value(f"#claim-form [name={name}]"))

    @property
    def claims(self) -> list[dict[str, str]]:
        return rows_of((self.folder / "claims.csv").read_bytes(), "claims")

    def told(self, words: str, where: str = "#told") -> None:
        self.tab.wait_for_function("([where, words]) => document.querySelector(where).textContent.includes(words)", arg=[where, words])


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Opened]:
    with Editor(qsim.record.new.new(tmp_path / "valley"), policy="last_claim") as editor:
        thread = Thread(target=editor.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        page = Opened(browser, editor)
        yield page
        page.context.unroute_all(behavior="ignoreErrors")
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


def test_what_is_folded_away_is_told_and_not_carried_over(opened: Opened) -> None:
    opened.tab.click("#more-fields summary")
    opened.type(**CLAIM, quantifier="part", end="2090-05-07", implied="date", confidence="claimed")
    opened.tab.click("#more-fields summary")
    opened.told("More fields: 4 filled", "#more-told")
    opened.tab.click("text=Save the claim")
    opened.told("Saved: lowmead takes")
    assert opened.tab.inner_text("#more-told") == "More fields"
    opened.type(place="mossford", note="Another.")
    opened.tab.click("text=Save the claim")
    opened.told("Saved: mossford takes")
    first, second = opened.claims[-2:]
    assert [first[name] for name in ("quantifier", "end", "implied", "confidence")] == ["part", "2090-05-07", "date", "claimed"]
    assert [second[name] for name in ("quantifier", "end", "implied", "confidence")] == [""] * 4


def test_the_form_works_while_belief_is_worked_out_and_looks_dead_before(opened: Opened) -> None:
    states = opened.held("state")
    opened.held("held*")  # never answered
    opened.tab.reload()
    opened.until(lambda: bool(states))
    assert opened.tab.evaluate("document.querySelector('main').inert")
    states[0].continue_()
    opened.context.unroute("**/editing/state")
    opened.tab.click('[data-cite="report:7#2"]')
    opened.type(**CLAIM)
    opened.tab.click("text=Save the claim")
    opened.told("Saved: lowmead takes")
    assert opened.claims[-1]["cites"] == "report:7#2"


def test_what_is_typed_and_marked_while_a_save_is_under_way_is_the_next_claim(opened: Opened) -> None:
    asked = opened.held("claim")
    opened.tab.click('[data-cite="report:7#2"]')
    opened.type(**CLAIM, note="The first.")
    opened.tab.click("text=Save the claim")
    assert (opened.value("cites"), opened.value("note"), opened.value("place")) == ("", "", "lowmead")
    opened.tab.click("text=Save the claim")  # a double click is no second claim
    opened.tab.click('[data-cite="report:7#3"]')
    opened.type(place="mossford", note="The second.")
    opened.tab.click("text=Save the claim")
    opened.tab.click('[data-cite="report:5#1"]')
    opened.type(note="The third, while two are being saved.")
    for n in range(2):
        opened.until(lambda n=n: len(asked) > n)  # type: ignore[misc]
        asked[n].continue_()
    opened.told("Saved: mossford takes")
    said = [(row["place"], row["cites"], row["note"]) for row in opened.claims[-2:]]
    assert said == [("lowmead", "report:7#2", "The first."), ("mossford", "report:7#3", "The second.")]
    assert (opened.value("cites"), opened.value("note")) == ("report:5#1", "The third, while two are being saved.")


def test_a_claim_that_is_refused_while_the_next_is_typed_is_kept_beside_it(opened: Opened) -> None:
    asked = opened.held("claim")
    opened.type(**CLAIM | {"place": "lowmed"}, note="Wrong.")
    opened.tab.click("text=Save the claim")
    opened.type(place="mossford", note="Next.")
    opened.until(lambda: bool(asked))
    asked[0].continue_()
    opened.told("did you mean 'lowmead'?", "#refused-told")
    assert (opened.value("place"), opened.value("note")) == ("mossford", "Next.")
    opened.tab.click("text=Put it back into the form")
    assert (opened.value("place"), opened.value("note")) == ("lowmed", "Wrong.")
    opened.tab.click("text=Put it back into the form")
    assert (opened.value("place"), opened.value("note")) == ("mossford", "Next.")


def test_a_save_of_ones_own_is_no_news(opened: Opened) -> None:
    """... where the page looks for changes while it is not answered yet."""
    seen, claim = opened.held("seen"), opened.held("claim")
    opened.until(lambda: bool(seen))
    opened.type(**CLAIM)
    opened.tab.click("text=Save the claim")
    opened.until(lambda: bool(claim))
    answer = claim[0].fetch()
    assert opened.claims[-1]["place"] == "lowmead"
    with opened.tab.expect_response("**/editing/seen"):
        seen[0].continue_()
    claim[0].fulfill(response=answer)
    opened.told("Saved: lowmead takes")
    opened.until(lambda: len(seen) > 1)
    with opened.tab.expect_response("**/editing/seen"):
        seen[1].continue_()
    assert opened.tab.inner_text("#told").startswith("Saved: lowmead takes")
    assert sum(url.endswith("/state") for url in opened.requests) == 2


def test_a_claim_is_loaded_changed_deleted_and_taken_back(opened: Opened) -> None:
    before = opened.claims
    assert opened.tab.is_hidden("#delete")
    opened.tab.fill("#find", "who was there")
    opened.tab.click("#claims button")
    opened.told("The claim of row 5, to be changed", "#claim-title")
    assert (opened.value("kind"), opened.value("denies"), opened.tab.is_visible("[name=denies]")) == ("denies", "0503-mossford-takes", True)
    opened.type(note="Changed.")
    opened.tab.click("text=Save the change")
    opened.told("Saved: mossford denies")
    assert opened.claims == [*before[:3], before[3] | {"note": "Changed."}, *before[4:]]
    opened.tab.fill("#find", "changed")
    opened.tab.click("#claims button")
    opened.tab.click("text=Delete the claim")
    opened.told("Deleted: row 5")
    assert opened.claims == [*before[:3], *before[4:]]
    opened.tab.click("text=Take the last change of a claim back")
    opened.told("Taken back: the last change of a claim")
    assert opened.claims[3]["note"] == "Changed."
    assert opened.tab.is_hidden("#take-back")
    assert opened.trouble == []


def test_a_claim_that_is_left_is_not_changed_and_one_that_is_typed_not_lost(opened: Opened) -> None:
    before = opened.claims
    opened.type(**CLAIM, note="Mine.")
    opened.tab.click("#claims button >> nth=0")
    opened.tab.click("text=Leave it as it is")
    assert opened.tab.inner_text("#claim-title") == "A claim"
    opened.tab.click("text=Put it back into the form")
    assert (opened.value("place"), opened.value("note")) == ("lowmead", "Mine.")
    assert opened.claims == before


def test_a_claim_that_is_there_already_is_told_while_it_is_typed(opened: Opened) -> None:
    there = opened.claims[0]
    opened.type(**{name: there[name] for name in CLAIM}, cites=there["cites"], note="In other words.")
    opened.told("says what row 2 says", "#claim-wrong")


def test_the_map_goes_to_the_day_of_the_claim_and_zooms_around_its_place(opened: Opened) -> None:
    opened.tab.click('circle[data-id="lowmead"]')
    for _ in range(3):
        opened.tab.click("#in")
    x, y, wide, high = map(float, opened.tab.get_attribute("#map svg", "viewBox").split())
    at = opened.tab.locator('circle[data-id="lowmead"]')
    assert x < float(at.get_attribute("cx")) < x + wide
    assert y < float(at.get_attribute("cy")) < y + high
    opened.type(**CLAIM | {"start": "2090-05-04"})
    opened.tab.click("text=Save the claim")
    opened.told("Saved: lowmead takes, 2090-05-04")
    assert opened.tab.input_value("#day") == "2090-05-04"
    opened.told("(100 %)", ".cell[data-id=lowmead] title")


def test_what_is_unknown_leads_to_where_it_is_entered_and_a_kind_says_what_it_means(opened: Opened) -> None:
    opened.type(**CLAIM | {"source": "A miller's wife"})
    opened.told(KIND_MEANINGS["takes"].says.replace("`", ""), "#meaning")
    opened.told("unknown source", "#claim-wrong")
    opened.tab.click("#name-source")
    assert opened.tab.input_value("#source-form [name=name]") == "A miller's wife"
    opened.tab.click("text=Save the source")
    opened.told("Saved: A miller's wife")
    opened.tab.wait_for_function("() => !document.querySelector('#claim-wrong').textContent.includes('unknown')")
    assert opened.tab.is_hidden("#name-source")
    opened.tab.fill("#line", "6")
    opened.tab.press("#line", "Enter")
    assert opened.tab.get_attribute("p.sought", "data-line") == "7"
