"""What was said of ways into a place by their name: heard by the map on its days, told apart from the words on the ring."""

from dataclasses import replace

import pytest
from toys import claim, line, replayed

import qsim
from qsim.belief.enclosure import ring_claims
from qsim.geography import tables
from qsim.geography.encirclement import encirclement
from qsim.geography.ways_said import claims_on_ways_into, ways_text
from qsim.record.theatre import TheatreError


def test_a_way_by_its_name_is_heard_by_the_map_on_its_days_and_told_apart() -> None:
    held = [claim("a", "holds", "red", "2001-01-01"), claim("c", "holds", "red", "2001-01-01"), claim("b", "holds", "blue", "2001-01-01")]
    opened, cut = claim("b-c", "opens", "red", "2001-01-03/2001-01-04"), claim("b-c", "cuts", "blue", "2001-01-06")
    timeline = replayed(line(), *held, opened, cut, days=7)
    closed = encirclement(timeline.most_likely(), "c", "red")[0]
    assert closed.tolist() == [True, True, False, False, True, True, True]  # b is the other side's: it lets through on the days said alone
    assert timeline.ledger is not None
    assert ring_claims(timeline.theatre, timeline.ledger, "c") == []
    assert [(said.id, heard) for said, heard in claims_on_ways_into(timeline, "c")] == [(opened.id, 1.0), (cut.id, 1.0)]
    assert claims_on_ways_into(timeline, "a") == []
    assert ways_text(timeline, "a") == ""
    text = tables.enclosure_table(timeline, tables.witnesses(timeline, "c", "red"), "c", "red")
    assert "heard by the map and not as words on the ring" in " ".join(text.split())
    assert "2001-01-03/2001-01-04  1.00   b-c open for Red, The teller" in text


def test_part_of_a_way_is_heard_by_nobody_and_said_to_be() -> None:
    part = claim("b-c", "cuts", "blue", "2001-01-02", quantifier="part")
    timeline = replayed(line(), claim("c", "holds", "red", "2001-01-01"), part, days=3)
    assert claims_on_ways_into(timeline, "c") == [(part, None)]
    assert "2001-01-02             -      " in ways_text(timeline, "c")
    assert claims_on_ways_into(replace(timeline, ledger=None), "c") == []
    with pytest.raises(TheatreError, match="unknown place"):
        claims_on_ways_into(timeline, "nowhere")


def test_words_on_a_ring_and_on_a_way_are_never_the_same_claims() -> None:
    for name, place in (("qusayr", "qusayr"), ("kobani", "kobani"), ("example", "tarnby")):
        theatre, ledger = qsim.load(name)
        timeline = qsim.reconstruct(theatre, ledger, policy="last_claim")
        ways = {said.id for said, _ in claims_on_ways_into(timeline, place)}
        assert ways
        assert not ways & {said.id for said, _ in ring_claims(theatre, ledger, place)}
