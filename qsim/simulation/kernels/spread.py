"""
The loop of the simulation: control spreading over a network, day by day, by the equations in `qsim.simulation.model`.

A tile is 256 runs side by side (lanes): state[place, lane] is who holds what, and what is done to a place is done to all lanes in short
loops, which LLVM turns into vector instructions. Every draw is a word of a Philox counter (run, step, place, purpose) under the seed, so
that no result depends on the number of threads or the order of tiles. One uniform number decides whether a place changes, and where it
does, by its position below that bound, to what (inversion: Devroye, Non-uniform random variate generation, 1986, III.2).
`tests/simulation/test_spread_kernel.py` has the equations once more, a run at a time; both must agree.
"""

from collections import namedtuple

import numpy as np

from qsim.belief.kernels.philox import fill_words, philox4x32
from qsim.record.kernels.compiled import need_compiler, njit
from qsim.simulation.kernels.pockets import age, surrender
from qsim.simulation.kernels.supply import supply

need_compiler("a simulation")

LANES = 256  # runs of a tile
START, CHANGE = 0, 1  # purposes of a draw; 2 is in `pockets`

# Links as compressed rows with a weight each; of each place: whether it may change, whom it follows where nothing is known of it, whose
# base it is (sides, places), who holds it where it is an unknown base (-1: nobody), the hazard that its defence leaves, its buildings.
Ground = namedtuple("Ground", "start heads link weight free follow base owner shield units_start units")
# Parameters of `Rules`; tempo is an array (sides,). `steps` are the steps of a day.
Hazard = namedtuple("Hazard", "tempo resolve storm foothold starved yielding spill unprovoked surrender patience steps")
# What is imposed: forced (days, places) a status or -1, shut (days, sides, links), strength (days, sides, places).
Plan = namedtuple("Plan", "forced shut strength")


@njit(cache=True, nogil=True)
def draw_start(thresholds, first, seed, out):  # type: ignore[no-untyped-def]
    """
    Fill `out` (runs, places) with statuses drawn from a belief; `thresholds` (places, statuses) are cumulative, floor(p 2^32), -1 is left.

    A place whose last threshold is 0 is left alone. `first` is the number of the first run.
    """
    runs, places = out.shape
    k0, k1 = np.uint32(seed & np.uint64(0xFFFFFFFF)), np.uint32(seed >> np.uint64(32))
    for run in range(runs):
        for p in range(places):
            if thresholds[p, -1] == 0:
                continue
            drawn = philox4x32(np.uint32(first + run), np.uint32(0), np.uint32(p), np.uint32(START), k0, k1)[0]
            s = 0
            while s < thresholds.shape[1] - 1 and drawn >= thresholds[p, s]:
                s += 1
            out[run, p] = s


@njit(cache=True, nogil=True)
def run_tile(ground, hazard, plan, holders, first, seed, out):  # type: ignore[no-untyped-def]
    """
    Fill the days after the first of `out` (runs, days, places), at most 256 runs; day 0 is the start, `first` the first run's number.

    `holders` (histories, places) says which side last held each place before it was contested, -1 unknown; runs take the rows in turn.
    """
    runs, days, places = out.shape
    sides, feeding = len(hazard.tempo), hazard.starved != 1.0 or hazard.yielding != 1.0 or hazard.surrender > 0.0
    state, after, last = bytes_of(places), bytes_of(places), bytes_of(places)
    fed, cut = np.empty((sides, places, LANES), dtype=np.bool_), np.zeros((places, LANES), dtype=np.int16)
    push, rate, chance = np.empty((places, LANES)), np.empty(LANES), np.empty(sides + 2)
    words, picked = np.empty((4, LANES), dtype=np.uint32), np.empty(LANES, dtype=np.int64)
    fed.fill(True)
    closed = np.zeros(plan.shut.shape[2], dtype=np.bool_)
    for p in range(places):
        for lane in range(runs):
            state[p, lane] = ground.owner[p] if ground.owner[p] >= 0 else out[lane, 0, p]
            held = 0 <= state[p, lane] < sides
            last[p, lane] = state[p, lane] if held else holders[(first + lane) % len(holders), p]
    for d in range(1, days):
        shut, strength, forced = plan.shut[d], plan.strength[d], plan.forced[d]
        for n in range(len(closed)):
            closed[n] = False
            for s in range(sides):
                closed[n] |= shut[s, n]
        for step in range((d - 1) * hazard.steps, d * hazard.steps):
            if feeding:
                supply(ground, shut, state, fed)
            press(hazard, strength, state, fed, push, after)
            for p in range(places):
                if p % 4 == 0:  # a counter has four words: one for each of four places
                    fill_words(np.uint64(first), np.uint64(step), np.uint64(p // 4), np.uint64(CHANGE), seed, words)
                if ground.free[p] and forced[p] < 0:
                    hazards(ground, hazard, shut, closed, strength, state, fed, push, p, rate)
                    change(ground, hazard, shut, closed, strength, state, fed, push, p, rate, words[p % 4], last, picked, chance, after)
            if hazard.surrender > 0.0 and step % hazard.steps == 0:
                age(ground, state, fed, cut)
                surrender(ground, hazard, shut, step, first, seed, state, fed, cut, after)
            settle(ground, sides, forced, state, after, last, cut)
            state, after = after, state
        for lane in range(runs):
            for p in range(places):
                out[lane, d, p] = -1 if ground.owner[p] >= 0 else state[p, lane]


@njit(cache=True, nogil=True)
def bytes_of(places):  # type: ignore[no-untyped-def]
    """Return room for a status of each place and lane, unknown throughout."""
    out = np.empty((places, LANES), dtype=np.int8)
    out.fill(-1)
    return out


@njit(cache=True, nogil=True)
def press(hazard, strength, state, fed, push, after):  # type: ignore[no-untyped-def]
    """Fill `push` (places, lanes) with what each place presses on its neighbours with, tempo F u or spill; `after` begins as `state`."""
    sides = len(hazard.tempo)
    for p in range(len(state)):
        held, row, then = state[p], push[p], after[p]
        for lane in range(LANES):
            then[lane] = held[lane]
            row[lane] = hazard.spill if held[lane] == sides else 0.0
        for s in range(sides):
            whole, supplied = hazard.tempo[s] * strength[s, p], fed[s, p]
            part = whole * hazard.starved
            for lane in range(LANES):
                worth = whole if supplied[lane] else part
                row[lane] = worth if held[lane] == s else row[lane]


@njit(cache=True, nogil=True)
def hazards(ground, hazard, shut, closed, strength, state, fed, push, p, rate):  # type: ignore[no-untyped-def]
    """Fill `rate` (lanes) with the hazard per day that place p changes: h where it is held, `resolve` where contested, 0 where unknown."""
    sides, here, unprovoked, resolve = len(hazard.tempo), state[p], hazard.unprovoked, hazard.resolve
    rate.fill(0.0)
    for e in range(ground.start[p], ground.start[p + 1]):
        there, strong, n = state[ground.heads[e]], push[ground.heads[e]], ground.link[e]
        weight = ground.weight[n]
        if closed[n]:  # to some side
            for lane in range(LANES):
                s = there[lane]
                if s != here[lane] and not (0 <= s < sides and shut[s, n]):
                    rate[lane] += weight * strong[lane]
        else:
            for lane in range(LANES):
                rate[lane] += weight * strong[lane] * np.float64(there[lane] != here[lane])
    for s in range(sides):
        weak, supplied = ground.shield[p] / strength[s, p], fed[s, p]
        weaker = weak * hazard.yielding
        for lane in range(LANES):
            held = rate[lane] * (weak if supplied[lane] else weaker) + unprovoked
            rate[lane] = held if here[lane] == s else rate[lane]
    for lane in range(LANES):
        held = resolve if here[lane] == sides else rate[lane]
        rate[lane] = held if here[lane] >= 0 else 0.0


@njit(cache=True, nogil=True)
def change(ground, hazard, shut, closed, strength, state, fed, push, p, rate, word, last, picked, chance, after):  # type: ignore[no-untyped-def]
    """Change place p in the lanes whose draw says so; `picked` (lanes) and `chance` (statuses and unknown) are room to work in."""
    sides, tempo, storm, starved, foothold, dt = (
        len(hazard.tempo),
        hazard.tempo,
        hazard.storm,
        hazard.starved,
        hazard.foothold,
        1.0 / hazard.steps,
    )
    heads, link, weight, a, b = ground.heads, ground.link, ground.weight, ground.start[p], ground.start[p + 1]
    shield, yielding, unprovoked, here, then = ground.shield[p], hazard.yielding, hazard.unprovoked, state[p], after[p]
    count = 0
    for lane in range(LANES):  # 1 - exp(-h) <= h: the exponential is taken of few
        picked[count] = lane
        count += word[lane] * 2.0**-32 < rate[lane] * dt
    for k in range(count):
        lane = picked[k]
        now, drawn, bound = here[lane], word[lane] * 2.0**-32, 1.0 - np.exp(-rate[lane] * dt)
        if drawn >= bound:
            continue
        left = drawn / bound  # uniform again: which of the outcomes
        if now != sides:
            then[lane] = sides
            if left >= storm:
                continue
        chance.fill(0.0)
        for e in range(a, b):
            s = state[heads[e], lane]
            if closed[link[e]] and 0 <= s < sides and shut[s, link[e]]:
                continue
            chance[s] += weight[link[e]] * push[heads[e], lane]
        total, weak = rate[lane], 0.0
        if now == sides:
            total = 0.0
            for s in range(sides):
                there = tempo[s] * foothold if last[p, lane] == s or last[p, lane] < 0 or chance[s] > 0.0 else 0.0
                chance[s] = strength[s, p] * (1.0 if fed[s, p, lane] else starved) * (there + chance[s]) + unprovoked
                total += chance[s]
        else:
            weak = shield / strength[now, p] * (1.0 if fed[now, p, lane] else yielding)
            for s in range(sides):
                chance[s] = 0.0 if s == now else storm * (weak * chance[s] + unprovoked / (sides - 1))
        left *= total
        for s in range(sides):
            left -= chance[s]
            if left < 0.0:
                then[lane] = s
                break


@njit(cache=True, nogil=True)
def settle(ground, sides, forced, state, after, last, cut):  # type: ignore[no-untyped-def]
    """Impose what is forced; note who holds what; where a place changes, its buildings follow, and the days cut off begin anew."""
    for p in range(len(forced)):
        before, now, days, holder = state[p], after[p], cut[p], last[p]
        if forced[p] >= 0:
            now.fill(forced[p])
        for lane in range(LANES):
            days[lane] = days[lane] if now[lane] == before[lane] else 0
            holder[lane] = now[lane] if now[lane] != sides and now[lane] >= 0 else holder[lane]
        for k in range(ground.units_start[p], ground.units_start[p + 1]):
            unit = after[ground.units[k]]
            for lane in range(LANES):
                unit[lane] = unit[lane] if now[lane] == before[lane] else now[lane]
