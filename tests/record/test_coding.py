"""The rules of coding that the ledger's page states, held to the ledger itself."""

import re

import qsim
from qsim.belief.enclosure import ring_claims
from qsim.record.documents import quote
from qsim.record.ledger import Claim

THEATRE, LEDGER = qsim.load("qusayr")
EVIDENCE = ("holds", "takes", "loses", "contests", "repulses", "denies", "share", "encircles", "cuts", "opens")
CLOSED = r"surround|encirc|complet|all entrances|closing in"
ACTORS = {  # the words by which the documents name who acted
    "army": r"army|armée|military|soldier|soldat|troops|tank",
    "hezbollah": r"hezbollah|hizbullah",
    "fsa": r"fsa|free syrian army|asl\b|armée syrienne libre|insurgés",
    "popular_committees": r"committee|SPC",
}


def words(claim: Claim, *, document: str = "") -> str:
    return " ".join(quote(THEATRE.documents, cite) for cite in claim.cites if cite.startswith(document))


def test_besieged_without_more_is_no_closed_ring() -> None:
    closed = [claim for claim in LEDGER.claims if claim.kind == "encircles" and claim.quantifier in (None, "all")]
    loose = [c.id for c in closed if re.search(r"sieg|assiég", words(c), re.I) and not re.search(CLOSED, words(c), re.I)]
    assert loose == ["20120912-ghassaniyah-encircles"]  # besieged for eight months, and nobody came in or out
    assert any(claim.kind == "encircles" and claim.quantifier == "part" for claim in LEDGER.claims)


def test_an_advance_is_part_of_a_place() -> None:
    towards = r"advanc\w+ (?:on|from|toward)|moving towards|getting closer to"
    advances = [claim for claim in LEDGER.claims if claim.kind == "contests" and re.search(towards, words(claim))]
    assert len(advances) >= 4
    assert {claim.quantifier for claim in advances} == {"part"}


def test_where_no_one_is_named_the_narration_speaks() -> None:
    """A claim of a named voice cites no document in which that voice is not named."""
    found = []
    for claim in LEDGER.claims:
        source = LEDGER.source(claim.source)
        if source.kind == "narration" or claim.kind not in EVIDENCE or "source" in claim.implied:
            continue
        for document in sorted({cite[:3] for cite in claim.cites}):
            if not any(
                re.search(rf"\b{re.escape(name)}", words(claim, document=document), re.I) for name in (source.name, *source.variants)
            ):
                found.append((claim.id, document))
    assert not found


def test_one_statement_on_the_ring_is_one_row() -> None:
    said = [(claim.source, claim.window, claim.cites[0], closed) for claim, closed in ring_claims(THEATRE, LEDGER, "qusayr")]
    assert len(said) > 12
    assert len(set(said)) == len(said)


def test_what_was_told_afterwards_without_a_day_was_not_known_on_the_day() -> None:
    afterwards = [claim for claim in LEDGER.claims if {"003:139#1", "003:139#2", "003:141#1", "003:141#2"} & set(claim.cites)]
    assert {claim.source for claim in afterwards} == {"ap", "hezbollah_fighter_19may"}
    assert {claim.known.isoformat() for claim in afterwards} == {"2013-06-05"}


def test_the_city_falls_on_5_june_by_every_voice() -> None:
    fallen = [
        c for c in LEDGER.claims if c.place == "qusayr" and c.kind in ("takes", "loses") and c.window.start.isoformat() >= "2013-06-01"
    ]
    assert len({claim.source for claim in fallen}) == 4
    assert {str(claim.window) for claim in fallen} == {"2013-06-05"}


def test_al_tal_is_not_the_hill_that_fell_in_april() -> None:
    assert {claim.place for claim in LEDGER.claims if {"003:137#5", "003:137#6"} & set(claim.cites)} == {"al_tal"}
    hill = [claim for claim in LEDGER.claims if claim.place == "tell_nabi_mando" and claim.window.start.isoformat() > "2013-05-01"]
    assert not hill


def test_an_actor_is_one_that_the_sentence_names() -> None:
    acting = [claim for claim in LEDGER.claims if claim.kind in EVIDENCE and claim.actors]
    unnamed = {c.id: a for c in acting for a in c.actors if a in ACTORS and not re.search(ACTORS[a], words(c), re.I)}
    assert len(acting) > 100
    assert not unnamed


def test_an_enemy_said_to_be_confined_is_no_admission() -> None:
    boasts = ("20130524-rebel_triangle-holds-officer", "20130524-qusayr_north-holds-officer", "20130528-qusayr-share-rebel-spokesman")
    assert not [id for id in (*boasts, "20130528-qusayr_security_east-holds") if LEDGER.against_interest(LEDGER.claim(id))]
    assert LEDGER.against_interest(LEDGER.claim("20130522-qusayr_north-holds-commanders"))  # "where rebels were entrenched"
    assert not LEDGER.against_interest(LEDGER.claim("20130522-qusayr-share-official"))  # "up to 80 percent"
