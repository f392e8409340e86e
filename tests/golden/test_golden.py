"""Folders of format 1, frozen: a later version reads them, and reads the same in them."""

from pathlib import Path

import pytest

import qsim
from qsim.belief.reconstruct import POLICIES

HERE = Path(__file__).parent
SIZES = {"valley": (5, 4, 2, 1, 3, 8), "full": (19, 23, 3, 3, 8, 35)}  # places, links, sides, groups, sources, claims


@pytest.mark.parametrize("case", SIZES)
def test_every_version_reads_them(case: str) -> None:
    assert qsim.check(HERE / case) == []
    theatre, ledger = qsim.load(HERE / case)
    found = tuple(map(len, (theatre.places, theatre.links, theatre.sides, theatre.groups, ledger.sources, ledger.claims)))
    assert found == SIZES[case]
    for policy in POLICIES:
        assert qsim.reconstruct(theatre, ledger, policy=policy).window == theatre.window()


@pytest.mark.parametrize(
    ("case", "last"),
    [
        ("valley", {"mossford": "north", "alder_hill": "north", "lowmead": "south", "west_gate": "unknown"}),
        (
            "full",
            {"tarnby_mill": "league", "quillon": "wardens", "thornmere": "company", "brackwater": "contested", "north_pass": "unknown"},
        ),
    ],
)
def test_they_say_what_they_said(case: str, last: dict[str, str]) -> None:
    timeline = qsim.reconstruct(*qsim.load(HERE / case), policy="last_claim")
    at_the_end = timeline.at(timeline.end)
    assert {place: at_the_end.status_of(place) for place in last} == last


def test_every_column_of_a_claim_is_read() -> None:
    _, ledger = qsim.load(HERE / "full")
    denial, share = ledger.claim("0309-mill-denies"), ledger.claim("0311-tarnby-share-gazette")
    assert (denial.denies, denial.confidence, denial.implied) == ("0309-mill-takes", "claimed", ("date",))
    assert (share.value, share.bound, share.side, share.cites) == (0.5, "approx", "company", ("chronicle:13#1",))
