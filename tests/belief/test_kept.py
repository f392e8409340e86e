"""A belief that was made before is read from disk, and is the same; another claim, window or code is another belief."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import qsim
from qsim.belief import kept
from qsim.belief.influence import influence
from qsim.belief.kept import kept_belief, kept_influence
from qsim.record.dates import day_range


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QSIM_CACHE", str(tmp_path / "kept"))
    return tmp_path / "kept"


def refuse() -> qsim.Timeline:
    raise AssertionError("made again")


def test_what_is_read_equals_what_was_made_in_everything(cache: Path) -> None:
    theatre, ledger = qsim.load("example")
    made = qsim.reconstruct(theatre, ledger)
    assert kept_belief(theatre, ledger, made.days, "hmm", lambda: made) is made
    again = kept_belief(*qsim.load("example"), made.days, "hmm", refuse)
    assert again == made
    assert again is not made
    assert not again.belief.flags.writeable
    assert np.array_equal(again.sample(20, seed=3).status, made.sample(20, seed=3).status)


def test_another_claim_window_or_policy_is_made_anew(cache: Path) -> None:
    theatre, ledger = qsim.load("example")
    made = qsim.reconstruct(theatre, ledger)
    kept_belief(theatre, ledger, made.days, "hmm", lambda: made)
    moved = replace(theatre, places=(replace(theatre.places[0], lon=theatre.places[0].lon + 1e-9), *theatre.places[1:]))
    asked = [
        (theatre, ledger.without(ledger[0].id), made.days, "hmm"),
        (moved, ledger, made.days, "hmm"),
        (theatre, ledger, made.days[1:], "hmm"),
        (theatre, ledger, made.days, "vote"),
    ]
    for each in asked:
        with pytest.raises(AssertionError, match="made again"):
            kept_belief(*each, refuse)


def test_a_belief_without_histories_and_a_spoilt_file(cache: Path) -> None:
    theatre, ledger = qsim.load("example")
    vote = qsim.reconstruct(theatre, ledger, policy="vote")
    kept_belief(theatre, ledger, vote.days, "vote", lambda: vote)
    assert kept_belief(theatre, ledger, vote.days, "vote", refuse) == vote
    (file,) = cache.iterdir()
    file.write_bytes(file.read_bytes()[:200])
    assert kept_belief(theatre, ledger, vote.days, "vote", lambda: vote) is vote


def test_a_large_belief_is_not_kept(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qsim.belief.kept._MOST", 10)
    theatre, ledger = qsim.load("example")
    made = qsim.reconstruct(theatre, ledger, policy="vote")
    kept_belief(theatre, ledger, day_range(made.start, made.end), "vote", lambda: made)
    assert not cache.exists()


def test_what_a_belief_rests_on_is_asked_once(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theatre, ledger = qsim.load("example")
    found = kept_influence(theatre, ledger, "tarnby_ne", "2091-03-11", policy="hmm")
    assert found == influence(theatre, ledger, "tarnby_ne", "2091-03-11")
    monkeypatch.setattr(kept, "influence", lambda *asked, **options: refuse())
    assert kept_influence(theatre, ledger, "tarnby_ne", "2091-03-11", policy="hmm") == found
    for other in (("tarnby_ne", "2091-03-12", "hmm"), ("tarnby_nw", "2091-03-11", "hmm"), ("tarnby_ne", "2091-03-11", "vote")):
        with pytest.raises(AssertionError, match="made again"):
            kept_influence(theatre, ledger, *other[:2], policy=other[2])
    with pytest.raises(AssertionError, match="made again"):
        kept_influence(theatre, ledger.without(found[0].claim.id), "tarnby_ne", "2091-03-11", policy="hmm")
