"""Known answers, read from the documents: who held a place, and whether the city was closed in, on a day."""

import csv
from functools import cache
from pathlib import Path

import pytest

import qsim
from qsim.belief.timeline import Timeline
from qsim.record.dates import day
from qsim.record.documents import quote
from qsim.record.scope import attestation

THEATRE, LEDGER = qsim.load("qusayr")
FILES = sorted((Path(__file__).parent / "history").glob("*.csv"))
ANSWERS = [row for file in FILES for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines())]
HELD = [row for row in ANSWERS if row["policy"] != "claims"]
ENCLOSED = [row for row in ANSWERS if row["policy"] == "claims"]


def name(answer: dict[str, str]) -> str:
    return f"{answer['date']}-{answer['place']}"


@cache
def timeline(policy: str) -> Timeline:
    return qsim.reconstruct(THEATRE, LEDGER, start="2011-11-01", end="2013-06-08", policy=policy)


@pytest.mark.parametrize("answer", HELD, ids=name)
def test_the_reconstruction_knows_who_held_it(answer: dict[str, str]) -> None:
    quote(THEATRE.documents, answer["citation"])
    assert timeline(answer["policy"]).at(answer["date"]).most_likely(answer["place"]) == answer["status"]


@pytest.mark.parametrize("answer", ENCLOSED, ids=name)
def test_the_best_attested_claims_of_the_day_say_whether_it_was_closed_in(answer: dict[str, str]) -> None:
    quote(THEATRE.documents, answer["citation"])
    spoken = [
        claim
        for claim in LEDGER.claims
        if claim.place == answer["place"] and claim.kind in ("encircles", "opens") and day(answer["date"]) in claim.window
    ]
    best = max(attestation(claim) for claim in spoken)
    said = {
        "closed" if claim.kind == "encircles" and claim.quantifier != "part" else "open" for claim in spoken if attestation(claim) == best
    }
    assert said == {answer["status"]}


def test_the_government_holds_the_whole_region_on_8_june() -> None:
    region = THEATRE.members("qusayr_region")
    last = timeline("last_claim").at("2013-06-08")
    assert {last.most_likely(THEATRE.places[i].id) for i in region} == {"government"}


def test_thirteen_of_sixteen_squares_are_the_governments_on_29_may() -> None:
    squares = [THEATRE.places[i].id for i in THEATRE.members("qusayr")]
    held = [timeline("last_claim").at("2013-05-29").most_likely(square) for square in squares]
    assert (held.count("government"), len(held)) == (13, 16)


def test_every_answer_rests_on_a_claim_of_the_record() -> None:
    cited = {citation for claim in LEDGER.claims for citation in claim.cites}
    assert len(ANSWERS) >= 60
    assert {answer["citation"] for answer in ANSWERS} <= cited
