"""The simulation's kernel against a plain twin that runs one history at a time, and its promises on draws, tiles and threads."""

from dataclasses import replace
from math import exp

import numpy as np
import pytest
from numpy.typing import NDArray
from toys import grid, line, ring, theatre

from qsim.belief.kernels.philox import philox4x32
from qsim.belief.timeline import Ensemble
from qsim.record.dates import day_range
from qsim.record.theatre import Place, Theatre
from qsim.simulation.interventions import Cut, Hold, Intervention, Reinforce, Schedule, Take, schedule
from qsim.simulation.kernels import spread as kernel
from qsim.simulation.kernels.pockets import POCKET
from qsim.simulation.kernels.supply import supplied
from qsim.simulation.model import LANES, Simulation, last_holders, simulate
from qsim.simulation.rules import Rules, Terrain, terrain

DAYS, SEED = 12, 2**40 + 7
BRISK = Rules(
    tempo={"red": 0.4, "blue": 0.25}, resolve=0.4, storm=0.4, foothold=0.3, starved=0.3, yielding=2.0,
    defence={"hill": 0.5}, spill=0.1, unprovoked=0.02, surrender=0.4, patience_days=2,
)  # fmt: skip


def pocketed() -> Theatre:
    """Two red places in a ring of blue, a red base beyond, a hill, a building in a square, and a place of which nothing is known."""
    where = ring()
    extra = (Place("x", "X", 0.3, 0.3), Place("tower", "Tower", 0.1, 0.1, within="n"))
    return replace(where, places=(*[replace(p, kind="hill") if p.id == "e" else p for p in where.places], *extra))


STARTS = {
    "line": (line(), ["r", "r", "b", "b", "b"]),
    "grid": (grid(), ["?", "r", "b", "r", "r", "b", "x", "r", "b", "x", "b", "b"]),
    "pocket": (pocketed(), ["r", "r", "b", "b", "r", "b", "?", "b"]),
}
IMPOSED: dict[str, tuple[Intervention, ...]] = {
    "line": (Cut("b-c", start="2001-01-03", end="2001-01-07", by="blue"), Reinforce("red", "a", 3.0, start="2001-01-05")),
    "grid": (Hold("b2", "red", start="2001-01-04", end="2001-01-06"), Reinforce("blue", "north", 0.5)),
    "pocket": (Take("e", "blue", "2001-01-02"), Cut("s-r")),
}


def one_map(where: Theatre, letters: list[str]) -> Ensemble:
    code = {"r": 0, "b": 1, "x": 2, "?": -1}
    status = np.array([[[code[letter] for letter in letters]]], dtype=np.int8)
    return Ensemble(where, None, day_range("2001-01-01", "2001-01-01"), status)


class Twin:
    """One run, step by step, as the equations in `qsim.simulation.model` say."""

    def __init__(self, where: Theatre, rules: Rules, ground: Terrain, plan: Schedule, run: int, steps: int, seed: int = SEED) -> None:
        self.where, self.rules, self.ground, self.plan, self.run, self.steps, self.seed = where, rules, ground, plan, run, steps, seed
        self.tempo = [rules.tempo[side.id] for side in where.sides]
        self.sides = len(self.tempo)
        self.cut = [0] * len(where.places)
        self.last = [-1] * len(where.places)  # the side that held each place last
        pairs = [(where.index[link.a], where.index[link.b], i) for i, link in enumerate(where.links)]
        self.links = [(a, b, i) for a, b, i in pairs] + [(b, a, i) for a, b, i in pairs]
        self.weight = {link: float(w) for link, w in enumerate(ground.weight)}

    def word(self, run: int, step: int, place: int, purpose: int, n: int = 0) -> int:
        return int(philox4x32(run, step, place, purpose, self.seed & 0xFFFFFFFF, self.seed >> 32)[n])

    def holder(self, state: list[int], place: int) -> int:
        return int(self.ground.owner[place]) if self.ground.owner[place] >= 0 else state[place]

    def around(self, place: int) -> list[tuple[int, int]]:
        return [(b, i) for a, b, i in self.links if a == place]

    def fed(self, state: list[int], day: int, side: int) -> set[int]:
        found = set(np.flatnonzero(self.ground.base[side]).tolist())
        ahead = list(found)
        while ahead:
            for there, link in self.around(ahead.pop()):
                passable = self.holder(state, int(self.ground.follow[there])) in (side, self.sides)
                if passable and there not in found and not self.plan.shut[day, side, link]:
                    found.add(there)
                    ahead.append(there)
        return found

    def step(self, state: list[int], day: int, part: int) -> list[int]:
        step = (day - 1) * self.steps + part
        self.note(state)
        fed = [self.fed(state, day, side) for side in range(self.sides)]
        after = list(state)
        for place in np.flatnonzero(self.ground.free).tolist():
            if state[place] >= 0:
                after[place] = self.next_status(state, day, step, place, fed)
        if part == 0:
            self.surrender(state, day, step, fed, after)
        for place in np.flatnonzero(self.plan.forced[day] >= 0).tolist():
            after[place] = int(self.plan.forced[day, place])
        for place in range(len(state)):
            if after[place] != state[place]:
                self.cut[place] = 0
                for unit, each in enumerate(self.where.places):
                    if each.within == self.where.places[place].id:
                        after[unit] = after[place]
        return after

    def note(self, state: list[int]) -> None:
        for place, now in enumerate(state):
            if 0 <= now < self.sides:
                self.last[place] = now

    def next_status(self, state: list[int], day: int, step: int, place: int, fed: list[set[int]]) -> int:
        rules, now, plan = self.rules, state[place], self.plan
        pressure, fighting = [0.0] * self.sides, 0.0
        for there, link in self.around(place):
            side = self.holder(state, there)
            if side == self.sides:
                fighting += self.weight[link]
            elif side >= 0 and not plan.shut[day, side, link]:
                worth = 1.0 if there in fed[side] else rules.starved
                pressure[side] += self.weight[link] * plan.strength[day, side, there] * worth
        drawn = self.word(self.run, step, place // 4, kernel.CHANGE, place % 4) / 2**32
        if now == self.sides:
            mine = [1.0 if place in fed[r] else rules.starved for r in range(self.sides)]
            present = [self.last[place] in (r, -1) or self.tempo[r] * pressure[r] > 0 for r in range(self.sides)]
            chance = [
                self.tempo[r] * plan.strength[day, r, place] * mine[r] * (rules.foothold * present[r] + pressure[r]) + rules.unprovoked
                for r in range(self.sides)
            ]
            rate, total = rules.resolve, sum(chance)
        else:
            weak = self.ground.shield[place] / plan.strength[day, now, place] * (1.0 if place in fed[now] else rules.yielding)
            others = [r for r in range(self.sides) if r != now]
            attack = {r: weak * self.tempo[r] * pressure[r] + rules.unprovoked / len(others) for r in others}
            rate = total = sum(attack.values()) + weak * rules.spill * fighting
            chance = [rules.storm * attack.get(r, 0.0) for r in range(self.sides)]
        bound = 1 - exp(-rate / self.steps)
        if drawn >= bound:
            return now
        which = drawn / bound * total
        return next((r for r in range(self.sides) if which < sum(chance[: r + 1])), self.sides)

    def surrender(self, state: list[int], day: int, step: int, fed: list[set[int]], after: list[int]) -> None:
        held = [p for p in np.flatnonzero(self.ground.free).tolist() if 0 <= state[p] < self.sides]
        self.cut = [self.cut[p] + 1 if p in held and p not in fed[state[p]] else 0 for p in range(len(state))]
        done: set[tuple[int, int]] = set()
        for place in held:
            side = state[place]
            if self.cut[place] < self.rules.patience_days or (place, side) in done:
                continue
            part, ahead = {place}, [place]
            while ahead:
                for there, link in self.around(ahead.pop()):
                    passable = state[int(self.ground.follow[there])] in (side, self.sides)
                    if passable and there not in part | fed[side] and not self.plan.shut[day, side, link]:
                        part.add(there)
                        ahead.append(there)
            done |= {(p, side) for p in part}
            draw = self.word(self.run, step, min(part), POCKET)
            if sum(state[p] == side for p in part) < 2 or draw >= (1 - exp(-self.rules.surrender)) * 2**32:
                continue
            press = [0.0] * self.sides
            for p in part:
                for there, link in self.around(p):
                    other = self.holder(state, there)
                    if 0 <= other < self.sides and other != side:
                        press[other] += self.weight[link] * self.tempo[other]
            if max(press) > 0:
                for p in part:
                    if state[p] >= 0 and self.ground.free[p]:
                        after[p] = press.index(max(press))


def twin_run(start: Ensemble, rules: Rules, interventions: tuple[Intervention, ...], run: int, steps: int) -> NDArray[np.int8]:
    days = day_range("2001-01-01", np.datetime64("2001-01-01") + np.timedelta64(DAYS, "D"))
    plan = schedule(start.theatre, days, interventions)
    state = start.status[0, 0].tolist()
    ground = terrain(start.theatre, rules, (start.status[0, 0] != -1) | (plan.forced >= 0).any(axis=0))
    twin = Twin(start.theatre, rules, ground, plan, run, steps)
    told = [state]
    for d in range(1, DAYS + 1):
        for part in range(steps):
            state = twin.step(state, d, part)
        told.append(state)
    return np.array(told, dtype=np.int8)


@pytest.mark.parametrize("steps", [1, 3])
@pytest.mark.parametrize("name", STARTS)
def test_the_kernel_does_what_the_equations_say(name: str, steps: int) -> None:
    where, letters = STARTS[name]
    start = one_map(where, letters)
    runs = [*range(40), 63, 64, 255, 256, 300]
    found = simulate(start, BRISK, days=DAYS, runs=301, seed=SEED, steps=steps, interventions=IMPOSED[name])
    own = [i for i, place in enumerate(where.places) if place.id not in where.parts]
    for run in runs:
        assert np.array_equal(found.status[run][:, own], twin_run(start, BRISK, IMPOSED[name], run, steps)[:, own]), run
    assert len(np.unique(found.status, axis=0)) > 100


def test_pockets_do_yield_as_a_whole_in_what_the_twin_was_compared_on() -> None:
    start = one_map(*STARTS["pocket"])
    index = start.theatre.index
    found = simulate(
        start, BRISK.without("spill", "unprovoked", "pressure"), days=DAYS, runs=50, seed=SEED, interventions=IMPOSED["pocket"]
    )
    assert (found.status[:, -1, index["centre"]] == 0).all()  # nobody presses, nobody besieges
    calm = replace(BRISK, tempo={"red": 1e-9, "blue": 1e-9}, spill=0.0, unprovoked=0.0, surrender=50.0)
    imposed = (Take("n", "red", "2001-01-02"), Take("e", "blue", "2001-01-02"), Cut("n-r"), Cut("s-r"))
    found = simulate(start, calm, days=DAYS, runs=50, seed=SEED, interventions=imposed)
    pocket = found.status[:, :, [index["centre"], index["n"]]]
    assert (pocket[:, 1] == 0).all()
    assert (pocket[:, -1] == 1).all()
    assert (pocket[..., 0] == pocket[..., 1])[:, 1:].all()


def test_same_bytes_with_one_thread_or_two_and_the_first_n_of_2n() -> None:
    asked = Simulation(one_map(*STARTS["grid"]), BRISK, days=DAYS, runs=2000, seed=SEED)
    alone, together = (asked.batch(0, 2000, threads=threads).status for threads in (1, 2))
    assert alone.tobytes() == together.tobytes()
    first = simulate(asked.start, BRISK, days=DAYS, runs=1000, seed=SEED)
    assert first.status.tobytes() == together[:1000].tobytes()
    assert simulate(asked.start, BRISK, days=DAYS, runs=1000, seed=SEED + 1).status.tobytes() != first.status.tobytes()


def test_tiles_in_any_order_and_in_any_call_give_the_same_bytes() -> None:
    asked = Simulation(one_map(*STARTS["line"]), BRISK, days=DAYS, runs=1024, seed=SEED)
    whole = simulate(asked.start, BRISK, days=DAYS, runs=1024, seed=SEED).status
    for tile in (3, 0, 2):
        assert np.array_equal(asked.batch(tile * LANES, LANES).status, whole[tile * LANES : (tile + 1) * LANES])


def test_supply_of_whole_histories_is_that_of_each_day() -> None:
    start = one_map(*STARTS["pocket"])
    found = simulate(start, BRISK, days=DAYS, runs=300, seed=SEED)
    ground = terrain(start.theatre, BRISK, start.status[0, 0] != -1)
    plan = schedule(start.theatre, found.days, ())
    laid = kernel.Ground(*(getattr(ground, name) for name in kernel.Ground._fields))
    out = np.zeros((300, 2, DAYS + 1, len(start.theatre.places)), dtype=bool)
    supplied(laid, plan.shut, found.status, out)
    for run in (0, 70, 299):
        twin = Twin(start.theatre, BRISK, ground, plan, run, 1)
        for d in range(DAYS):
            for side in (0, 1):
                assert set(np.flatnonzero(out[run, side, d]).tolist()) == twin.fed(found.status[run, d].tolist(), d, side)


def test_starts_are_drawn_from_the_thresholds() -> None:
    thresholds = np.array([[2**31, 2**31, 2**32], [0, 0, 0], [0, 2**30, 2**32]], dtype=np.uint64)
    out = np.full((20_000, 3), -1, dtype=np.int8)
    kernel.draw_start(thresholds, 0, np.uint64(SEED), out)
    assert (out[:, 1] == -1).all()
    assert np.allclose([(out[:, 0] == s).mean() for s in range(3)], [0.5, 0, 0.5], atol=0.015)
    assert np.allclose([(out[:, 2] == s).mean() for s in range(3)], [0, 0.25, 0.75], atol=0.015)


def test_three_sides_contest_one_place() -> None:
    where = theatre({"a": (0.0, 0.0), "b": (0.1, 0.0), "c": (0.2, 0.0)}, ["a-b", "b-c"], red=("a",), blue=("c",), green=("b",))
    start = Ensemble(where, None, day_range("2001-01-01", "2001-01-01"), np.array([[[0, 2, 1]]], dtype=np.int8))
    rules = replace(BRISK, tempo={"red": 0.4, "blue": 0.25, "green": 0.1})
    found = simulate(start, rules, days=DAYS, runs=64, seed=SEED)
    for run in range(64):
        assert np.array_equal(found.status[run], twin_run(start, rules, (), run, 1)), run
    assert set(np.unique(found.status[:, -1])) == {0, 1, 2, 3}


BARE = {
    "spill": replace(BRISK, spill=0.3, unprovoked=0.0, tempo={"red": 1.0, "blue": 0.0}).without("supply", "pocket"),
    "no storm": replace(BRISK, spill=0.0).without("supply", "pocket", "storm"),
    "one winner": replace(BRISK, spill=0.1, tempo={"red": 2.5, "blue": 0.0}).without("supply", "pocket", "storm", "defence"),
    "nobody at the gates": replace(BRISK, unprovoked=0.3).without("supply", "pocket", "storm", "pressure", "spill"),
}


@pytest.mark.parametrize("rules", BARE)
def test_with_terms_switched_off_it_does_what_the_equations_say(rules: str) -> None:
    start = one_map(*STARTS["grid"])
    found = simulate(start, BARE[rules], days=DAYS, runs=301, seed=SEED, steps=3)
    own = [i for i, place in enumerate(start.theatre.places) if place.id not in start.theatre.parts]
    for run in (*range(20), 63, 64, 255, 256, 300):
        assert np.array_equal(found.status[run][:, own], twin_run(start, BARE[rules], (), run, 3)[:, own]), run


def test_runs_of_one_tile_that_differ_in_what_is_known_do_not_mix() -> None:
    start = one_map(*STARTS["line"])
    blank = replace(start, status=np.concatenate([start.status, np.where(np.arange(5) == 2, -1, start.status).astype(np.int8)]))
    rules = BARE["no storm"]
    found = simulate(blank, rules, days=DAYS, runs=300, seed=SEED).status
    assert (found[1::2, :, 2] == -1).all()
    assert (found[0::2, -1, 2] != -1).all()


def test_who_held_a_place_last_is_read_off_a_history() -> None:
    status = np.array([[[-1], [2], [0], [2], [2], [1], [-1]]], dtype=np.int8)
    assert last_holders(status, 2)[0, :, 0].tolist() == [-1, -1, 0, 0, 0, 1, 1]


def test_nobody_wins_what_nobody_reaches() -> None:
    """A contested place between red and blue, and green far off: green never has it."""
    where = theatre(
        {"a": (0.0, 0.0), "b": (0.1, 0.0), "c": (0.2, 0.0), "g": (0.9, 0.0)}, ["a-b", "b-c"], red=("a",), blue=("c",), green=("g",)
    )
    days = day_range("2001-01-01", "2001-01-02")
    start = Ensemble(where, None, days, np.array([[[0, 1, 1, 2], [0, 3, 1, 2]]], dtype=np.int8))
    rules = replace(BRISK, tempo={"red": 0.4, "blue": 0.25, "green": 0.4}, unprovoked=0.0, spill=0.0)
    ends = simulate(start, rules, days=30, runs=2000, seed=SEED).status[:, -1, 1]
    assert set(np.unique(ends)) >= {0, 1}
    assert (ends != 2).all()


def test_a_change_is_drawn_to_the_last_of_its_32_bits() -> None:
    start, rules = one_map(*STARTS["line"]), BARE["no storm"]
    found = simulate(start, rules, days=2, runs=3000, seed=SEED).status
    ground, plan = terrain(start.theatre, rules, np.ones(5, dtype=bool)), schedule(start.theatre, day_range("2001-01-01", "2001-01-02"), ())
    bound = 1 - exp(-(0.4 + 0.02))  # red presses on b from a, and what nothing explains
    drawn = np.array([Twin(start.theatre, rules, ground, plan, run, 1).word(run, 0, 0, kernel.CHANGE, 2) for run in range(3000)])
    assert np.array_equal(found[:, 1, 2] == 2, drawn < bound * 2**32)
