"""`qsim simulate`: what is wrong is told at once, and the answer is that of whole histories."""

import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import qsim
from qsim.cli import play
from qsim.cli.app import app
from qsim.geography.metrics import shares
from qsim.record import cluster
from qsim.simulation.differences import difference
from qsim.simulation.interventions import Hold, Intervention
from qsim.simulation.model import BATCH, simulate
from qsim.simulation.rules import RulesError

WHAT_IF = "hold dabaa_airbase opposition 2013-05-19/2013-05-21"


def test_everything_wrong_is_told_before_any_work() -> None:
    with pytest.raises(RulesError) as told:
        play.ask(
            "qusayr", "2013-05-18", place="kusayr_", since="2013-06-01", days=0, runs=0,
            what_if=["hold dabaa_airbse opposition", "reinforce opposition qusayr -2", "cut nothing", "flee qusayr"],
        )  # fmt: skip
    assert "8 problems" in str(told.value)
    for words in (
        "unknown place 'kusayr_'",
        "days is 0; expected a whole number from 1",
        "runs is 0; expected a whole number from 2",
        "--since is 2013-06-01; expected a day before 2013-05-18",
        "unknown place 'dabaa_airbse'; did you mean 'dabaa_airbase'?",
        "the factor is -2.0; expected a positive number",
        "unknown link 'nothing'",
        "'flee qusayr' is no intervention; expected hold PLACE SIDE",
    ):
        assert words in str(told.value)


@pytest.mark.parametrize(
    ("day", "more", "words"),
    [
        (
            "1999-05-18",
            {},
            "1999-05-18 cannot be played on from; expected a day after 2011-11-01, the first of the record, and up to 2013-06-08",
        ),
        ("2011-11-01", {}, "2011-11-01 cannot be played on from"),
        ("2013-05-18", {"what_if": ["hold arjoun opposition 2014-01-01"]}, "its days hold none of 2013-05-18 - 2013-06-08"),
        ("18 May", {}, "'18 May' is not a day"),
    ],
)
def test_days_that_lie_outside_are_told(day: str, more: dict[str, list[str]], words: str) -> None:
    with pytest.raises(RulesError, match=re.escape(words)):
        play.ask("qusayr", day, **more)  # type: ignore[arg-type]


def test_the_sums_are_those_of_whole_histories() -> None:
    asked = play.ask("qusayr", "2013-05-18", days=3, runs=BATCH + 300, what_if=[WHAT_IF])
    found, imposed = play.play(asked), [Hold("dabaa_airbase", "opposition", "2013-05-19", "2013-05-21")]
    branches: list[list[Intervention]] = [[*asked.cuts], [*asked.cuts, *imposed]]
    one, other = (simulate(asked.start, asked.rules, days=3, runs=asked.runs, seed=7, interventions=each) for each in branches)
    assert play.mean(asked, found).belief == pytest.approx(other.mean().belief, abs=1e-12)
    text = play.answer_text(asked, found)
    held = shares(one, "qusayr")[:, -1, 0]
    apart = difference(one, other, lambda h: shares(h, "qusayr")[:, -1, 0])
    low, high = (100 * float(end) for end in apart.interval())
    words = " ".join(text.split())
    assert re.search(
        rf"Government and allies: what is imposed changes it by .*?; without it (not known: .*\(mean )?{held.mean():.1%}", words
    )
    assert words.startswith("Such runs are no forecast of a battle: read the difference")
    assert f"what is imposed changes it by {100 * apart.mean:+.1f} points ({low:+.1f} to {high:+.1f})" in words
    assert max(map(len, text.splitlines())) <= 100
    assert "Reported cut by 2013-05-18" in text
    assert "road_west_bank_1" in text


def test_the_shares_sum_to_the_whole_and_a_side_that_was_never_there_has_none() -> None:
    asked = play.ask("example", "2091-03-12", days=5, runs=BATCH)
    text = " ".join(play.answer_text(asked, play.play(asked)).split())
    told = [float(found) for found in re.findall(r"(?:: |\(mean )(\d+\.\d)%", text)]
    assert len(told) >= len(asked.theatre.sides)
    assert sum(told) == pytest.approx(100, abs=0.3)
    assert sum(asked.recorded) == pytest.approx(1)


def test_what_one_side_told_and_another_policy_are_played_on_as_well() -> None:
    whole, one = (play.ask("qusayr", "2013-05-18", days=2, runs=300, policy="last_claim", told_by=side) for side in (None, "opposition"))
    assert not np.array_equal(whole.start.belief, one.start.belief)
    assert set(np.unique(whole.start.belief)) <= {0.0, 1.0, 1 / 3}


def test_the_verb_answers_and_draws(tmp_path: Path) -> None:
    words = ["simulate", "qusayr", "2013-05-18", "--days", "2", "--runs", "300", "--out", str(tmp_path / "mean.svg")]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "300 runs from what was known on 2013-05-18; shares of Al-Qusayr after 2 days:" in done.output
    assert "imposed" not in done.output
    assert "fitting the rules to what was known on 2013-05-18 ..." in done.stderr
    assert "playing on 300 times ..." in done.stderr
    assert "playing on" not in done.stdout
    assert "parameter" not in done.output
    assert "2013-05-20" in (tmp_path / "mean.svg").read_text(encoding="utf-8")


def test_the_record_stands_beside_where_it_reaches_and_the_rules_where_asked() -> None:
    theatre, ledger = qsim.load("qusayr")
    record = qsim.reconstruct(theatre, ledger, start="2013-05-18", end="2013-06-08")
    of = record.at("2013-06-08").belief[list(theatre.members("qusayr"))].mean(axis=0)  # the squares are of one size
    asked = play.ask("qusayr", "2013-05-18", days=21, runs=BATCH)
    text = play.answer_text(asked, play.play(asked), rules=True)
    assert f"The whole record has on 2013-06-08: Government and allies {of[0]:.0%}" in " ".join(text.split())
    assert asked.recorded == pytest.approx([*of, 0.0], abs=1e-6)
    assert "README.md" in text
    assert text.endswith(asked.rules.table())
    late = play.ask("qusayr", "2013-05-18", days=22, runs=BATCH)
    assert (late.recorded, "The record ends before 2013-06-09" in play.beside_the_record(theatre, "2013-06-09", (), None)) == ((), True)


def test_the_help_is_enough_to_run_one_s_own() -> None:
    told = CliRunner().invoke(app, ["simulate", "--help"], terminal_width=80).output
    for words in (
        "--what-if",
        "--cluster",
        "--since",
        "--place",
        "--rules",
        "hold PLACE SIDE",
        "2013-05-19/2013-06-01",
        "Ctrl-C",
        "qsim simulate qusayr 2013-05-18",
    ):
        assert words in told
    assert max(map(len, told.splitlines())) <= 80


def test_shares_are_told_from_what_was_counted() -> None:
    counted = np.bincount([0, 2_500, 5_000, 10_000], minlength=play.GRAIN + 1)
    mean, error, low, high = play._moments(counted, 0)
    assert (mean, low, high) == (0.4375, 0.0, 1.0)
    assert error == pytest.approx(np.std([0, 0.25, 0.5, 1], ddof=1) / 2)


def test_a_cluster_that_is_not_there_is_told_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "find_spec", lambda name: None)
    done = CliRunner().invoke(app, ["simulate", "qusayr", "2013-05-18", "--cluster", "local"])
    assert done.exit_code == 1
    assert "ClusterError: a cluster needs dask.distributed, which is not installed; pip install distributed" in done.output


def test_what_is_to_be_cut_and_is_cut_already_is_told() -> None:
    asked = play.ask("qusayr", "2013-05-18", days=1, runs=300, policy="last_claim", what_if=["cut road_west_bank_1"])
    name = asked.theatre.named("road_west_bank_1")
    words = " ".join(play.answer_text(asked, play.play(asked)).split())
    assert f"Imposed, but reported cut already, so that little or nothing changes by it: {name}" in words
    free = next(link for link in asked.theatre.links if link.id not in {cut.link for cut in asked.cuts})
    other = play.ask("qusayr", "2013-05-18", days=1, runs=300, policy="last_claim", what_if=[f"cut {free.id}"])
    assert "Imposed, but" not in play.answer_text(other, play.play(other))
