"""Blocks of places: whatever is cut off from one another is believed as in one piece, in any number of threads, to the last bit."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from synthetic import war
from toys import claim, grid, ledger

import qsim
from qsim.belief import blocks, workers
from qsim.belief.blocks import blocks_of
from qsim.belief.foretelling import left_out
from qsim.belief.hmm import hmm
from qsim.belief.learning import Ahead, Learned
from qsim.belief.statements import observations
from qsim.record.dates import day_range
from qsim.record.settings import Model
from qsim.record.threads import in_threads

DAYS = day_range("2001-01-01", "2001-04-30")


def free() -> tuple[qsim.Theatre, qsim.Ledger]:
    """Return a made-up war of which no claim ties places to one another."""
    made = war(3)
    return made.theatre, replace(made.ledger, claims=tuple(each for each in made.ledger if len(made.theatre.members(each.place)) == 1))


def believed(places: int, monkeypatch: pytest.MonkeyPatch, threads: int | None = None) -> qsim.belief.estimate.Estimate:
    """Return what is believed of a made-up war in blocks of so many places."""
    monkeypatch.setattr(blocks, "PLACES", places)
    monkeypatch.setattr(workers, "in_threads", lambda work, count: in_threads(work, count, threads=threads))
    return hmm(*free(), DAYS)


def test_many_blocks_are_believed_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, parts = (believed(places, monkeypatch) for places in (1000, 3))
    assert parts.options["rounds"] == whole.options["rounds"]
    assert parts.belief == pytest.approx(whole.belief, abs=1e-9)
    assert np.array_equal(parts.history, whole.history)  # type: ignore[arg-type]
    assert parts.informed == pytest.approx(dict(whole.informed), abs=1e-9)
    assert [each.mean for each in parts.sources.values()] == pytest.approx([each.mean for each in whole.sources.values()], abs=1e-9)
    assert parts.chains is not None
    assert whole.chains is not None
    assert parts.chains.filtered == pytest.approx(whole.chains.filtered, abs=1e-9)
    assert (parts.chains.activity == whole.chains.activity).all()


def test_the_number_of_threads_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    one, many = (believed(3, monkeypatch, threads) for threads in (1, 5))
    assert one == many


def test_without_one_claim_is_the_same_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, parts = (believed(places, monkeypatch) for places in (1000, 3))
    theatre, told = free()
    for each in told.claims[:20]:
        place = theatre.index[each.place]
        assert whole.without is not None
        assert parts.without is not None
        assert parts.without(each.id, place) == pytest.approx(whole.without(each.id, place), abs=1e-9)


def test_the_blocks_of_that_war_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "PLACES", 3)
    theatre, told = free()
    said = observations(theatre, told, Model(), start=DAYS[0], end=DAYS[-1])
    assert len(blocks_of(said)) == -(-len(said.speaks_of()) // 3) > 5
    assert not said.tied()


def test_a_block_has_all_places_that_a_claim_ties_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "PLACES", 1)
    theatre = grid()
    said = observations(
        theatre,
        ledger(
            claim("a1", "holds", "red", "2001-01-02", id="one"),
            claim("north", "takes", "blue", "2001-01-03", id="group"),
            claim("c3", "holds", "blue", "2001-01-02", id="far"),
        ),
        Model(),
        start="2001-01-01",
        end="2001-01-09",
    )
    found = [{theatre.places[p].id for p in block.places} for block in blocks_of(said)]
    assert sum(map(len, found)) == len(set().union(*found))
    north = {theatre.places[p].id for p in theatre.members("north")}
    assert any(north <= each for each in found)
    assert {"c3"} in found
    assert sorted(n for block in blocks_of(said) for n in block.claims) == [0, 1, 2]


def test_mixing_rounds_comes_to_the_same_rest_in_fewer() -> None:
    """A linear map with a slow direction: by itself a hundredth is left after 90 rounds."""
    target, pull = np.array([0.5, -1.0, 2.0]), np.array([0.95, 0.5, 0.1])

    def learned(x: np.ndarray) -> Learned:
        return Learned(1 / (1 + np.exp(-x)), np.ones((3, 1, 1)))

    now, ahead = learned(np.zeros(3)), Ahead()
    for _ in range(8):
        x = np.log(now.theta / (1 - now.theta))
        now = ahead(now, learned(target + pull * (x - target)))
    assert np.log(now.theta / (1 - now.theta)) == pytest.approx(target, abs=1e-6)


def test_what_is_at_rest_is_where_going_on_stays() -> None:
    at_rest, longer = (hmm(*free(), DAYS, model=Model(tolerance=each)) for each in (1e-3, 1e-6))
    assert at_rest.options["converged"]
    assert longer.belief == pytest.approx(at_rest.belief, abs=0.02)


def deadly(step: Any, learned: Learned, keep: float, hear: bool, *, marks: Path) -> Any:
    """Go a round; but once twenty are gone, kill the worker that has the next, without a word, as a machine fails."""
    if len(list(marks.iterdir())) >= 20 and not (marks / "killed").exists():
        (marks / "killed").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    (marks / os.urandom(8).hex()).touch()
    return workers._gone(step, learned, keep, hear)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of a scheduler with two workers, processes of their own."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs="CRITICAL") as started:
        yield started.scheduler_address


def test_a_cluster_gives_the_same_bytes_also_when_a_worker_is_lost_in_mid_run(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "PLACES", 10)
    theatre, told = free()
    alone = qsim.reconstruct(theatre, told, start=DAYS[0], end=DAYS[-1])
    assert qsim.reconstruct(theatre, told, start=DAYS[0], end=DAYS[-1], cluster=address) == alone
    monkeypatch.setattr(workers, "_gone", partial(deadly, marks=tmp_path))
    assert qsim.reconstruct(theatre, told, start=DAYS[0], end=DAYS[-1], cluster=address) == alone
    assert (tmp_path / "killed").exists()


def test_what_is_foretold_with_a_cluster_is_the_same(address: str) -> None:
    theatre, told = free()
    few = replace(told, claims=told.claims[:150])
    alone, spread = (left_out(theatre, few, policy="hmm", by="source", folds=2, cluster=each) for each in (None, address))
    assert [each.p for each in alone] == [each.p for each in spread]


def test_a_policy_that_is_not_worked_out_in_blocks_refuses_a_cluster() -> None:
    with pytest.raises(qsim.TimelineError, match="policy 'vote' is worked out on this machine alone; a cluster is for 'hmm'"):
        qsim.reconstruct(*free(), start=DAYS[0], end=DAYS[-1], policy="vote", cluster="local")
