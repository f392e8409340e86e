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

CASES = {name: qsim.load(name) for name in ("qusayr", "kobani")}
THEATRE, LEDGER = CASES["qusayr"]
FILES = {
    file: file.stem if file.stem in CASES else "qusayr"
    for file in sorted((Path(__file__).parent / "history").glob("*.csv"))
    if file.stem != "events"
}
ANSWERS = [{"case": name, **row} for file, name in FILES.items() for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines())]
HELD = [row for row in ANSWERS if row["policy"] == "last_claim" or (row["policy"] == "hmm" and row["case"] == "qusayr")]
FAR_FROM_HOME = [row for row in ANSWERS if row["policy"] == "hmm" and row["case"] == "kobani"]
ENCLOSED = [row for row in ANSWERS if row["policy"] == "claims"]
# Three quarters of the canton leave 13 of the map's 53 villages to the Kurds, and the same sentence names Shera and 15 others as theirs.
MISSED = {("2014-09-25", "shera")}


def name(answer: dict[str, str]) -> str:
    return f"{answer['date']}-{answer['place']}"


@cache
def timeline(policy: str, case: str = "qusayr") -> Timeline:
    theatre, ledger = CASES[case]
    return qsim.reconstruct(theatre, ledger, policy=policy)


def believed(answer: dict[str, str]) -> str:
    quote(CASES[answer["case"]][0].documents, answer["citation"])
    return timeline(answer["policy"], answer["case"]).at(answer["date"]).most_likely(answer["place"])


@pytest.mark.parametrize("answer", HELD, ids=name)
def test_the_reconstruction_knows_who_held_it(answer: dict[str, str]) -> None:
    assert (believed(answer) == answer["status"]) != ((answer["date"], answer["place"]) in MISSED)


def test_a_case_that_never_chose_a_parameter_is_mostly_known() -> None:
    """The siege of Kobani was coded after the model was fixed: at least four in five of its firm answers, whatever they are, must come out."""
    right = [believed(answer) == answer["status"] for answer in FAR_FROM_HOME]
    assert len(right) >= 19
    assert sum(right) >= 0.8 * len(right)


@pytest.mark.parametrize("answer", ENCLOSED, ids=name)
def test_the_best_attested_claims_of_the_day_say_whether_it_was_closed_in(answer: dict[str, str]) -> None:
    theatre, ledger = CASES[answer["case"]]
    quote(theatre.documents, answer["citation"])
    spoken = [
        claim
        for claim in ledger.claims
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


@pytest.mark.parametrize("case", CASES)
def test_every_answer_rests_on_a_claim_of_the_record(case: str) -> None:
    cited = {citation for claim in CASES[case][1].claims for citation in claim.cites}
    mine = [answer for answer in ANSWERS if answer["case"] == case]
    assert len(mine) >= 60
    assert {answer["citation"] for answer in mine} <= cited
