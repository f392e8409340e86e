"""Every event that the scripts tell, as it was read against its sentence: `history/events.csv`, one row an event, with a verdict."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import qsim
from qsim.belief.events import Event, events
from qsim.record.documents import quote

READ = Path(__file__).parent / "history" / "events.csv"
VERDICTS = {
    "borne out",  # the sentence says so
    "in part",  # it says so of something larger, or of no day or place: the note says what is ours
    "lapsed",  # nobody says so any more, and nothing is claimed
}
THEATRE, LEDGER = qsim.load("qusayr")
WINDOWS = {  # the scripts, and whether they tell only of the city
    "pincer_2013": ("2013-04-04", "2013-06-08", False),
    "grid_2013": ("2013-05-19", "2013-06-05", True),
    "first_battle_2012": ("2012-02-10", "2012-10-31", False),
    "campaign": ("2011-11-01", "2013-06-08", True),
}


def told() -> Iterator[tuple[str, Event]]:
    for script, (start, end, city) in WINDOWS.items():
        for event in events(qsim.reconstruct(THEATRE, LEDGER, start=start, end=end, policy="hmm")):
            if not city or any(THEATRE.place(place).parent == "qusayr" for place in event.places):
                yield script, event
    for side in ("government", "opposition", "neutral"):
        theatre, ledger = qsim.told_by(THEATRE, LEDGER, side)
        for event in events(qsim.reconstruct(theatre, ledger, start="2013-05-19", end="2013-05-31", policy="last_claim")):
            yield f"narratives_2013 {side}", event


def row(script: str, event: Event) -> dict[str, str]:
    """Return an event as the table has it: the script, the day, or the days between, the places, before, after, the sentence."""
    of_city = re.search(r"squares: (.*?)(?:, some day.*)?$", event.text)
    if of_city:
        counts = [(side, now, then or now) for side, now, then in re.findall(r"(\w+)[\w ]* (\d+)(?: \(was (\d+)\))?", of_city[1])]
        before, after = (" ".join(f"{side} {count[n]}" for side, *count in counts) for n in (1, 0))
        place = "qusayr"
    else:
        changed = re.search(r": (?:(.+) → |now )?(.+?)(?:, some day.*)?$", event.text)
        assert changed, event.text
        before, after, place = changed[1] or "", changed[2], " ".join(event.places)
    cited = event.claim.cites[0] if event.claim else ""
    return {"script": script, "date": str(event.window or event.day), "place": place, "from": before, "to": after, "citation": cited}


@pytest.fixture(scope="module")
def read() -> list[dict[str, str]]:
    return list(csv.DictReader(READ.read_text(encoding="utf-8").splitlines()))


def test_every_event_that_is_told_was_read_against_its_sentence(read: list[dict[str, str]]) -> None:
    known = [{key: each[key] for key in ("script", "date", "place", "from", "to", "citation")} for each in read]
    found = [row(script, event) for script, event in told()]
    assert [each for each in found if each not in known] == [], "not read yet"
    assert [each for each in known if each not in found] == [], "not told any more"


def test_no_event_is_wrong_and_what_is_ours_is_said(read: list[dict[str, str]]) -> None:
    assert {each["verdict"] for each in read} <= VERDICTS
    assert not [each for each in read if each["verdict"] == "in part" and not each["note"]]
    assert all(quote(THEATRE.documents, each["citation"]) for each in read if each["citation"])
    assert not [each for each in read if not each["citation"] and each["verdict"] != "lapsed"]


def test_the_city_falls_on_5_june_and_no_building_is_lost_that_nobody_reports(read: list[dict[str, str]]) -> None:
    fallen = [each for each in read if each["place"] == "qusayr" and each["to"].startswith("Government 16")]
    assert {each["date"] for each in fallen} == {"2013-06-05"}
    hall = [each for each in read if each["place"] == "qusayr_town_hall" and each["script"] == "pincer_2013"]
    assert [each["to"] for each in hall] == ["Government and allies"]
