"""What the simulation promises: nothing out of nothing, symmetry, terms that can be switched off, sums in flat memory; every error at once."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from toys import claim, grid, histories, islands, line, replayed

from qsim.belief.timeline import Ensemble
from qsim.simulation.interventions import Cut, Hold, Intervention, Open, Reinforce, Take
from qsim.simulation.model import BATCH, LANES, Simulation, expected, simulate, statuses_counted, summed
from qsim.simulation.rules import TERMS, Rules, RulesError

RULES = Rules(tempo={"red": 0.1, "blue": 0.1}, surrender=0.1)


def test_no_hostile_neighbour_no_change() -> None:
    start = histories(islands(), "rrbb")
    found = simulate(start, RULES, days=50, runs=300, seed=1)
    assert (found.status == start.status).all()
    assert found.ledger is None
    assert found.status.shape == (300, 51, 4)
    assert str(found.days[0]) == "2001-01-01"


def test_a_shut_link_keeps_neighbours_apart_and_an_open_one_joins_them_again() -> None:
    start = histories(line(), "rrbbb")
    cut = simulate(start, RULES, days=50, runs=50, seed=1, interventions=[Cut("a-b")])
    assert (cut.status == start.status).all()
    opened = simulate(start, RULES, days=50, runs=50, seed=1, interventions=[Cut("a-b"), Open("a-b", start="2001-01-20")])
    assert (opened.status[:, :19] == start.status).all()
    assert (opened.status[:, 40] != start.status[:, 0]).any()


def test_unknown_places_stay_unknown_and_gateways_as_they_are() -> None:
    where = line()
    where = replace(where, places=tuple(replace(p, gateway=p.id == "r") for p in where.places))
    found = simulate(histories(where, "r.bbb"), Rules(pace=1.0, unprovoked=0.2), days=30, runs=50, seed=1)
    assert (found.status[:, :, where.index["a"]] == -1).all()
    assert (found.status[:, :, where.index["r"]] == 0).all()
    assert (found.status[:, -1, where.index["c"]] != 1).any()


def test_an_unknown_base_presses_for_its_side() -> None:
    found = simulate(histories(line(), ".bbb."), RULES, days=60, runs=200, seed=1)
    assert (found.status[:, -1, 1] == 0).mean() > 0.3
    assert (found.status[:, :, [0, 4]] == -1).all()


def test_symmetric_rules_on_a_symmetric_map_give_symmetric_results() -> None:
    rules = replace(RULES, unprovoked=0.001, spill=0.01)
    found = expected(Simulation(histories(grid(), ".rbrrrxxxbbb"), rules, days=25, runs=20_000, seed=3))
    index = found.theatre.index
    north, south = [index[f"a{c}"] for c in (1, 2, 3)], [index[f"c{c}"] for c in (1, 2, 3)]
    assert found.belief[:, north, 0] == pytest.approx(found.belief[:, south, 1], abs=0.02)
    assert found.belief[:, index["b1"], 0] == pytest.approx(found.belief[:, index["b1"], 1], abs=0.02)
    swapped = expected(Simulation(histories(grid(), ".brbbbxxxrrr"), rules, days=25, runs=20_000, seed=4))
    assert swapped.belief[:, :, 0] != pytest.approx(found.belief[:, :, 0], abs=0.02)  # the bases are where they were: not a mere renaming


def test_a_contested_place_is_resolved_as_fast_as_the_rules_say_and_for_whom() -> None:
    start = histories(line(), "rrxbb")
    rules = Rules(tempo={"red": 0.3, "blue": 0.1}, resolve=0.2, foothold=0.5).without("supply")
    held = [Hold("a", "red"), Hold("c", "blue")]
    first = simulate(start, rules, days=1, runs=40_000, seed=5, interventions=held).status[:, 1, 2]
    gone = 1 - np.exp(-0.2)
    assert [(first == s).mean() for s in range(3)] == pytest.approx([gone * 0.75, gone * 0.25, 1 - gone], abs=0.01)


def test_supply_defence_and_reinforcement_do_what_they_say() -> None:
    start = histories(line(), "rrbbb")
    still = Rules(tempo={"red": 0.1, "blue": 0.0}, storm=1.0, yielding=3.0, starved=0.5)

    def falls(rules: Rules, *imposed: Any) -> float:
        found = simulate(start, rules, days=1, runs=40_000, seed=5, interventions=imposed)
        return float((found.status[:, 1, 2] == 0).mean())

    assert falls(still) == pytest.approx(1 - np.exp(-0.1), abs=0.005)
    assert falls(still, Cut("b-c")) == pytest.approx(1 - np.exp(-0.3), abs=0.008)  # cut off: yields sooner
    assert falls(still, Cut("r-a")) == pytest.approx(1 - np.exp(-0.05), abs=0.005)  # the attacker cut off: presses less
    assert falls(still, Reinforce("red", "a", 4.0)) == pytest.approx(1 - np.exp(-0.4), abs=0.01)
    assert falls(still, Reinforce("blue", "b", 4.0)) == pytest.approx(1 - np.exp(-0.025), abs=0.005)
    hills = replace(line(), places=tuple(replace(p, kind="hill") for p in line().places))
    found = simulate(histories(hills, "rrbbb"), replace(still, defence={"hill": 0.5}), days=1, runs=40_000, seed=5)
    assert (found.status[:, 1, 2] == 0).mean() == pytest.approx(1 - np.exp(-0.05), abs=0.005)


def test_interventions_hold_and_take() -> None:
    start = histories(line(), "rrbbb")
    imposed: list[Intervention] = [Hold("b", "blue", start="2001-01-05", end="2001-01-10"), Take("c", "red", "2001-01-03")]
    found = simulate(start, Rules(pace=0.5), days=20, runs=200, seed=2, interventions=imposed).status
    assert (found[:, 4:10, 2] == 1).all()
    assert (found[:, 2, 3] == 0).all()
    assert (found[:, 1, 3] == 1).all()
    assert (found[:, 15, 2] != 1).any()


def test_a_start_is_drawn_from_belief_or_repeated_from_histories() -> None:
    claims = [
        claim("a", "holds", "red", "2001-01-02"),
        claim("c", "holds", "blue", "2001-01-02"),
        claim("b", "contests", None, "2001-01-04"),
    ]
    timeline = replayed(line(), *claims, policy="hmm")
    start = timeline.at("2001-01-05")
    found = simulate(start, RULES.without("pressure"), days=2, runs=20_000, seed=2)
    for place in ("a", "b", "c"):
        p = [(found.status[:, 0, found.theatre.index[place]] == s).mean() for s in range(3)]
        assert p == pytest.approx(list(start[place].values()), abs=0.015)
    assert (found.status[:, :, 0] == -1).all()
    histories = timeline.sample(5, seed=1)
    found = simulate(histories, RULES, days=2, runs=12, seed=2)
    assert np.array_equal(found.status[:, 0], histories.status[np.arange(12) % 5, -1])
    assert found.days[0] == timeline.days[-1]


def test_the_streamed_mean_is_the_mean_of_the_histories() -> None:
    start = histories(grid(), ".rbrrrxxxbbb")
    whole = simulate(start, RULES, days=9, runs=5000, seed=2).mean()
    streamed = expected(Simulation(start, RULES, days=9, runs=5000, seed=2))
    assert streamed.belief == pytest.approx(whole.belief, abs=1e-12)
    assert np.array_equal(streamed.history, whole.history)
    assert streamed.model["runs"] == 5000
    assert streamed.belief.sum(axis=-1) == pytest.approx(1)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"runs": 0}, "runs is 0; expected a whole number from 1"),
        ({"days": -1}, "days is -1"),
        ({"days": 1.5}, "days is 1.5"),
        ({"steps": 0}, "steps is 0"),
        ({"rules": Rules(tempo={"green": 0.1})}, "tempo to unknown side 'green'; expected one of red, blue"),
        ({"rules": []}, "expected Rules, or several"),
        ({"start": "rrbbb"}, "start is str; expected one day of a timeline"),
        ({"interventions": [Hold("z", "red")]}, "unknown place 'z'"),
    ],
)
def test_bad_input_is_an_error_at_once(wrong: dict[str, Any], words: str) -> None:
    given: dict[str, Any] = {"start": histories(line(), "rrbbb"), "rules": RULES, "days": 2, "runs": 2, "seed": 1} | wrong
    with pytest.raises(RulesError, match=words):
        simulate(given.pop("start"), given.pop("rules"), **given)


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(RulesError) as told:
        simulate(
            histories(line(), "rrbbb"),
            Rules(tempo={"gren": 1.0}),
            days=0,
            runs=0,
            seed=1,
            interventions=[Hold("z", "red"), Reinforce("red", "all", -1.0)],
        )
    for words in (
        "5 problems",
        "days is 0",
        "runs is 0",
        "unknown side 'gren'",
        "unknown place 'z'",
        "the factor is -1.0; expected a positive number",
    ):
        assert words in str(told.value)


@pytest.mark.parametrize("term", TERMS)
def test_each_term_can_be_switched_off(term: str) -> None:
    whole = Rules(
        tempo={"red": 0.2, "blue": 0.05},
        storm=0.5,
        starved=0.2,
        yielding=3.0,
        crossing=0.2,
        spill=0.2,
        unprovoked=0.05,
        surrender=0.5,
        patience_days=2,
    )
    bridge = line().links[2]
    where = replace(line(), links=(*line().links[:2], replace(bridge, kind="river_crossing"), line().links[3]))
    where = replace(where, places=tuple(replace(p, kind="hill" if p.id == "b" else "village") for p in where.places))
    start, imposed = histories(where, "rrbbb"), [Cut("c-l")]
    one, other = (
        expected(Simulation(start, rules, days=12, runs=4000, seed=3, interventions=imposed)).belief
        for rules in (whole, whole.without(term))
    )
    assert np.abs(one - other).max() > 0.02
    nothing = simulate(start, whole.without("pressure", "pocket", "spill", "unprovoked"), days=12, runs=300, seed=3, interventions=imposed)
    assert (nothing.status == start.status).all()


def test_several_rules_are_taken_in_turn_tile_by_tile() -> None:
    start, fast, slow = histories(line(), "rrbbb"), Rules(pace=0.5), Rules(pace=0.01)
    mixed = simulate(start, [fast, slow], days=5, runs=3 * LANES, seed=2).status
    alone = {rules.pace: simulate(start, rules, days=5, runs=3 * LANES, seed=2).status for rules in (fast, slow)}
    for tile, pace in enumerate((0.5, 0.01, 0.5)):
        of = slice(tile * LANES, (tile + 1) * LANES)
        assert np.array_equal(mixed[of], alone[pace][of])


def test_branches_are_counted_side_by_side_on_the_same_draws() -> None:
    start = histories(line(), "rrbbb")

    def apart(a: Ensemble, b: Ensemble) -> NDArray[np.int64]:
        return np.array([(a.status[:, :5] != b.status[:, :5]).sum(), (a.status != b.status).sum()])

    found = summed(Simulation(start, RULES, days=9, runs=BATCH + 100, seed=1), apart, branches=[(), [Cut("a-b", start="2001-01-06")]])
    assert found.counts[0] == 0
    assert found.counts[1] > 0
    assert found.runs == BATCH + 100


def test_ctrl_c_keeps_the_runs_that_are_done(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    batch = Simulation.batch

    def pressed(self: Simulation, first: int, count: int, *, threads: int | None = None) -> Ensemble:
        if first >= 2 * BATCH:
            raise KeyboardInterrupt
        return batch(self, first, count, threads=threads)

    start = histories(line(), "rrbbb")
    whole = simulate(start, RULES, days=1, runs=2 * BATCH, seed=1)
    monkeypatch.setattr(Simulation, "batch", pressed)
    assert np.array_equal(simulate(start, RULES, days=1, runs=3 * BATCH, seed=1).status, whole.status)
    assert f"stopped: {2 * BATCH} of {3 * BATCH} runs are done and kept" in capsys.readouterr().err
    found = expected(Simulation(start, RULES, days=1, runs=3 * BATCH, seed=1), progress=True)
    assert found.model["runs"] == 2 * BATCH
    assert found.belief == pytest.approx(whole.mean().belief, abs=1e-12)


ENDLESS = """
import json, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # also where the tests run in the background, which ignores Ctrl-C
from toys import histories, line
from qsim.simulation.rules import Rules
from qsim.simulation.model import Simulation, statuses_counted, summed
def tally(h):
    print("counting", flush=True)
    return statuses_counted(h)
found = summed(Simulation(histories(line(), "rrbbb"), Rules(pace=0.1), days=3, runs=10**9, seed=1), tally)
print(json.dumps([found.runs, found.counts.tolist()]))
"""


def test_ctrl_c_ends_a_simulation_that_would_take_for_ever() -> None:
    import json

    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    with subprocess.Popen([sys.executable, "-c", ENDLESS], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env) as running:
        assert running.stdout
        for _ in range(3):
            running.stdout.readline()
        running.send_signal(signal.SIGINT)
        told, warned = running.communicate(timeout=300)
    runs, counts = json.loads(told.splitlines()[-1])
    assert f"stopped: {runs} of 1000000000 runs are done and kept" in warned
    assert runs % BATCH == 0
    assert 2 * BATCH <= runs < 10**9
    whole = simulate(histories(line(), "rrbbb"), Rules(pace=0.1), days=3, runs=runs, seed=1)
    assert statuses_counted(whole).tolist() == counts
