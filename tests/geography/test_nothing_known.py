"""Where nothing is known, no figure is told: neither a share, nor a way out, nor that a place is cut off."""

from pathlib import Path

import numpy as np
import pytest

import qsim
from qsim.belief.timeline import Timeline
from qsim.geography import tables
from qsim.geography.conditioning import exits_told
from qsim.geography.encirclement import exits
from qsim.record.ledger import Ledger
from qsim.terminal.figures import figures


@pytest.fixture(scope="module", params=["last_claim", "vote", "hmm"])
def silent(request: pytest.FixtureRequest) -> Timeline:
    theatre, ledger = qsim.load("example")
    return qsim.reconstruct(theatre, Ledger(ledger.sources, ()), policy=request.param)


def test_no_row_of_the_tables_tells_a_figure(silent: Timeline) -> None:
    heard = tables.witnesses(silent, "tarnby", "league", runs=20)
    rows = tables.metrics_by_day(silent, heard, "tarnby", "league", by="week")
    figures_told = {name for row in rows for name, value in row.items() if name not in ("day", "effective") and not np.isnan(value)}
    assert figures_told == set()
    text = tables.metrics_table(silent, heard, "tarnby", "league", rows=rows)
    assert "nan" not in text
    assert "-: not known." in " ".join(text.split())
    assert "more likely closed than not: map and words together never" in " ".join(text.split())


def test_ways_out_are_not_known(silent: Timeline) -> None:
    for told in (exits(silent.most_likely(), "tarnby", "league"), exits_told(silent, "tarnby", "league", runs=10)):
        assert {str(day) for day in told} == {"ways out not known"}


def test_belief_is_flat_and_the_figures_say_so(silent: Timeline) -> None:
    assert np.allclose(silent.belief, 1 / len(silent.statuses))
    assert (silent.history == -1).all()
    assert silent.changes() == []
    assert figures(silent, silent.end, "tarnby", "league") == "Tarnby: not known"


def test_a_share_is_even_and_no_simulation_starts_from_nothing(silent: Timeline) -> None:
    assert np.allclose(qsim.metrics.share(silent.most_likely(), "tarnby", "league"), 1 / len(silent.theatre.sides))
    run = qsim.simulate(silent.at(silent.start), qsim.Rules(), days=5, runs=50, seed=1)
    known = {place.id for i, place in enumerate(silent.theatre.places) if (run.status[:, :, i] != -1).any()}
    assert known <= {base.place for side in silent.theatre.sides for base in side.bases}


def test_the_terminal_and_the_player_say_that_nothing_is_known(silent: Timeline, tmp_path: Path) -> None:
    assert "not known" in figures(silent, silent.start, "tarnby", "league")
    assert "No change reported today." in str(qsim.Replay(silent))
    page = qsim.render(silent, tmp_path / "player.html")
    assert page is not None
    text = (tmp_path / "player.html").read_text(encoding="utf-8")
    assert "nan" not in text.lower().split("<script")[0]
