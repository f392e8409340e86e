from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from toys import claim, ledger, line, replayed, ring

import qsim
from qsim.belief.enclosure import ring_claims
from qsim.belief.evidence import reading_of_ring
from qsim.belief.timeline import TimelineError
from qsim.record.theatre import Group, TheatreError


def closed(*claims: qsim.Claim) -> list[float]:
    """Return the probability that the centre of the ring was closed in, by day."""
    made = replayed(ring(), *claims, policy="hmm")
    return [float(p) for p in qsim.belief.enclosure.enclosure(made, "centre")]


def test_before_anything_is_said_it_is_an_even_chance() -> None:
    assert closed() == pytest.approx([0.5] * 10)


def test_said_to_be_encircled_it_is_closed_and_doubt_returns_with_time() -> None:
    p = closed(claim("centre", "encircles", "blue", "2001-01-03"))
    assert p[2] > 0.85
    assert all(later < earlier for earlier, later in pairwise(p[2:]))
    assert p[-1] > 0.5


@pytest.mark.parametrize(
    ("kind", "quantifier", "says"),
    [
        ("encircles", None, True),
        ("encircles", "all", True),
        ("encircles", "part", False),
        ("cuts", "most", False),
        ("cuts", None, True),
        ("opens", None, False),
    ],
)
def test_a_partial_siege_and_a_gap_say_that_it_is_open(kind: str, quantifier: str | None, says: bool) -> None:
    said = claim("centre", kind, "blue", "2001-01-03", quantifier=quantifier)
    assert ring_claims(ring(), ledger(said), "centre") == [(said, says)]
    assert (closed(said)[2] > 0.5) == says


def test_a_besieger_who_says_so_counts_less_than_the_besieged() -> None:
    boast = closed(claim("centre", "encircles", "blue", "2001-01-03", source="blue_voice"))[2]
    admission = closed(claim("centre", "encircles", "blue", "2001-01-03", source="red_voice"))[2]
    assert 0.5 < boast < admission


def test_a_claim_on_one_road_says_nothing_of_the_ring_and_one_on_all_of_them_does() -> None:
    from dataclasses import replace

    ways = Group("ways", "all ways in", ("centre-n", "centre-e", "centre-s"), of="links")
    where = replace(ring(), groups=(ways,))
    one, many = claim("centre-n", "cuts", "blue", "2001-01-03"), claim("ways", "cuts", "blue", "2001-01-03")
    assert ring_claims(where, ledger(one), "centre") == []
    assert ring_claims(where, ledger(many), "centre") == [(many, True)]


def test_copies_count_once() -> None:
    told = claim("centre", "encircles", "blue", "2001-01-03")
    assert closed(told) == closed(told, claim("centre", "encircles", "blue", "2001-01-03", source="copyist"))


def test_the_window_asked_for_does_not_matter() -> None:
    theatre, book = qsim.load("qusayr")
    long, short = (qsim.reconstruct(theatre, book, start=start, end="2013-06-08") for start in ("2013-04-04", "2013-05-19"))
    assert np.allclose(qsim.belief.enclosure.enclosure(long, "qusayr")[45:], qsim.belief.enclosure.enclosure(short, "qusayr"))


def test_al_qusayr_was_not_closed_in_before_27_may_and_likeliest_on_31_may() -> None:
    theatre, book = qsim.load("qusayr")
    timeline = qsim.reconstruct(theatre, book, start="2013-04-04", end="2013-06-08")
    p = qsim.belief.enclosure.enclosure(timeline, "qusayr")
    assert p[timeline.position("2013-05-05") : timeline.position("2013-05-27")].max() < 0.5
    assert p.argmax() == timeline.position("2013-05-31")
    assert p[timeline.position("2013-06-04")] < p[timeline.position("2013-06-03")]  # a way out by agreement


def test_bad_questions_are_refused() -> None:
    timeline = replayed(line(), policy="hmm")
    with pytest.raises(TheatreError, match="unknown place"):
        qsim.belief.enclosure.enclosure(timeline, "atlantis")
    with pytest.raises(TimelineError, match="no ledger"):
        qsim.belief.enclosure.enclosure(timeline.most_likely().mean(), "a")


def test_some_of_the_ways_cut_by_name_are_no_closed_ring() -> None:
    theatre, record = qsim.load("kobani")
    closed_by = {each.id for each, is_closed in ring_claims(theatre, record, "kobani") if is_closed}
    assert closed_by == {"20140918-kobani-encircles"}
    cut = {each.place for each in record.claims if each.kind == "cuts" and each.quantifier is None}
    assert {"roads_south_east", "roads_syrian", "isil_supply_roads"} <= cut
    everything = [link.id for link in theatre.links if (link.a in theatre.parts["kobani"]) != (link.b in theatre.parts["kobani"])]
    ringed = replace(theatre, groups=(*theatre.groups, Group("all_ways", "All ways", tuple(everything), "links")))
    named = next(each for each in record.claims if each.place == "roads_syrian")
    assert reading_of_ring(ringed, replace(named, place="all_ways"), "kobani")
