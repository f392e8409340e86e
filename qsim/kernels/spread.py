"""
The loops of the simulation: control spreading over a network, 256 runs at a time.

A tile is 256 runs side by side (lanes): `state` is int8 [place, lane], and who holds what is kept besides as bits, 64 lanes to a word, so
that one sweep over the links finds the supply of all lanes. Every draw is a Philox word of (seed, run, step, place, purpose): no result
depends on the number of threads or the order of tiles. What is drawn is compared with an integer threshold, floor(p 2^32).
The equations are in `qsim.simulation`; `tests/test_spread_kernel.py` has them once more, a run at a time, and both must agree.
"""

from collections import namedtuple

import numpy as np
from numba import njit, prange

from qsim.kernels.philox import philox4x32
from qsim.kernels.tiles import ALL, LANES, ONE, WORDS, bit, empty_tile, fill, force, settle, some, supply

GROUP = 64
START, CHANGE, OUTCOME, POCKET = 0, 1, 2, 3  # purposes of a draw
_SCALE = 2.0**32

# Links as compressed rows with a weight each; of each place: whether it may change, whom it follows where nothing is known of it, whose
# base it is (sides, places), who holds it where it is an unknown base (-1: nobody), the hazard that its defence leaves, its buildings.
Ground = namedtuple("Ground", "start heads link weight free follow base owner shield units_start units")
# Parameters of `Rules`; tempo is an array (sides,). `steps` are the steps of a day.
Hazard = namedtuple("Hazard", "tempo resolve storm foothold starved yielding spill unprovoked surrender patience steps")
# What is imposed: forced (days, places) a status or -1, shut (days, sides, links), strength (days, sides, places).
Plan = namedtuple("Plan", "forced shut strength")
# Floats [side, place, lane]: how hard a place presses, how weak it is (0 where another holds it); contested [place, lane]; and the bits
# and strength they were made from.
Planes = namedtuple("Planes", "press weak contested bits supplied strength")

_philox = njit(inline="always")(philox4x32.py_func)


@njit(cache=True, nogil=True, parallel=True)
def draw_start(thresholds, first, seed, out):  # type: ignore[no-untyped-def]
    """
    Fill `out` (runs, places) with statuses drawn from a belief; `thresholds` (places, statuses) are cumulative, floor(p 2^32), -1 is left.

    A place whose last threshold is 0 is left alone. `first` is the number of the first run.
    """
    runs, places = out.shape
    k0, k1 = np.uint32(seed & np.uint64(0xFFFFFFFF)), np.uint32(seed >> np.uint64(32))
    for run in prange(runs):
        for p in range(places):
            if thresholds[p, -1] == 0:
                continue
            word = philox4x32(np.uint32(first + run), np.uint32(0), np.uint32(p), np.uint32(START), k0, k1)[0]
            s = 0
            while s < thresholds.shape[1] - 1 and word >= thresholds[p, s]:
                s += 1
            out[run, p] = s


@njit(cache=True, nogil=True, parallel=True)
def spread(ground, hazard, plan, first, seed, out):  # type: ignore[no-untyped-def]
    """
    Fill the days after the first of `out` (runs, days, places); day 0 is the start. `first` is the number of the first run, of a whole tile.
    """
    for tile in prange((out.shape[0] + LANES - 1) // LANES):
        _run_tile(ground, hazard, plan, first // LANES + tile, seed, out[tile * LANES : (tile + 1) * LANES])


@njit(cache=True, nogil=True, parallel=True)
def supplied(ground, shut, status, out):  # type: ignore[no-untyped-def]
    """Fill `out` (sides, runs, days, places) with whether each side's hold on a place would be joined to its bases; `shut` (days, sides, links)."""
    runs, days, places = status.shape
    for tile in prange((runs + LANES - 1) // LANES):
        here = empty_tile(ground, out.shape[0], places)
        lanes = min(LANES, runs - tile * LANES)
        for d in range(days):
            fill(ground, here, status[tile * LANES : tile * LANES + lanes, d])
            supply(ground, shut[d], here)
            for s in range(out.shape[0]):
                for lane in range(lanes):
                    for p in range(places):
                        out[s, tile * LANES + lane, d, p] = bit(here.supplied[s, p], lane)


@njit(cache=True, nogil=True)
def _run_tile(ground, hazard, plan, tile, seed, out):  # type: ignore[no-untyped-def]
    lanes, days, places = out.shape
    sides = len(hazard.tempo)
    here, planes = empty_tile(ground, sides, places), _empty_planes(sides, places)
    found = np.empty(((sides + 2) * places * LANES, 3), dtype=np.int32)
    draws, bound, room = np.empty(LANES, dtype=np.uint32), np.empty(LANES, dtype=np.float32), np.empty(LANES, dtype=np.float32)
    chance = np.empty(sides + 1)
    supply_matters = hazard.starved != 1.0 or hazard.yielding != 1.0 or hazard.surrender > 0.0
    if not supply_matters:
        here.supplied[:] = ALL
    fill(ground, here, out[:, 0])
    for d in range(1, days):
        for part in range(hazard.steps):
            step = (d - 1) * hazard.steps + part
            if supply_matters:
                supply(ground, plan.shut[d], here)
            _refresh(ground, hazard, plan.strength[d], here, planes)
            count = _changes(ground, hazard, plan.shut[d], plan.strength[d], tile, step, lanes, seed, here, planes,
                             draws, bound, room, chance, found)  # fmt: skip
            if part == 0 and hazard.surrender > 0.0:
                _age(ground, here, sides, lanes)
                count = _pockets(ground, hazard, plan.shut[d], tile, step, lanes, seed, here, found, count)
            settle(ground, here, plan.forced[d], found, count)
            force(ground, plan.forced[d], lanes, here)
        out[:, d] = here.state[:, :lanes].T


@njit(cache=True, nogil=True)
def _empty_planes(sides, places):  # type: ignore[no-untyped-def]
    return Planes(
        np.zeros((sides, places, LANES), dtype=np.float32),
        np.zeros((sides, places, LANES), dtype=np.float32),
        np.zeros((places, LANES), dtype=np.float32),
        np.zeros((sides + 1, places, WORDS), dtype=np.uint64),
        np.zeros((sides, places, WORDS), dtype=np.uint64),
        np.ones((sides, places)),
    )


@njit(cache=True, nogil=True)
def _refresh(ground, hazard, strength, here, planes):  # type: ignore[no-untyped-def]
    """Bring the floats up to date where a bit or a strength has changed."""
    sides, places = strength.shape
    for p in range(places):
        for s in range(sides):
            anew = planes.strength[s, p] != strength[s, p]
            planes.strength[s, p] = strength[s, p]
            press, weak = np.float32(hazard.tempo[s] * strength[s, p]), np.float32(ground.shield[p] / strength[s, p])
            starved, yielding = np.float32(press * hazard.starved), np.float32(weak * hazard.yielding)
            for w in range(WORDS):
                held, fed = here.bits[s, p, w], here.supplied[s, p, w]
                if anew or planes.bits[s, p, w] != held or planes.supplied[s, p, w] != fed:
                    planes.bits[s, p, w], planes.supplied[s, p, w] = held, fed
                    _unpack(held, fed, press, starved, planes.press[s, p, 64 * w : 64 * w + 64])
                    _unpack(held, fed, weak, yielding, planes.weak[s, p, 64 * w : 64 * w + 64])
        for w in range(WORDS):
            held = here.bits[sides, p, w]
            if planes.bits[sides, p, w] != held:
                planes.bits[sides, p, w] = held
                _unpack(held, held, np.float32(1), np.float32(0), planes.contested[p, 64 * w : 64 * w + 64])


@njit(cache=True, nogil=True)
def _unpack(held, fed, whole, less, out):  # type: ignore[no-untyped-def]
    """Fill `out` (64,) with `whole` where both bits are set, `less` where only the first is, and 0 elsewhere."""
    for k in range(64):
        h, f = np.int32((held >> np.uint64(k)) & ONE), np.int32((fed >> np.uint64(k)) & ONE)
        out[k] = np.float32(h * f) * whole + np.float32(h * (1 - f)) * less


@njit(cache=True, nogil=True)
def _changes(ground, hazard, shut, strength, tile, step, lanes, seed, here, planes, draws, bound, room, chance, found):  # type: ignore[no-untyped-def]
    """
    Note in `found` (place, lane, status) what changes in this step, and return how many.

    The hazard bounds the chance from above (1 - exp(-h) <= h), and is quick to add up for all lanes; only those whose draw lies below
    it are looked at exactly.
    """
    sides = len(hazard.tempo)
    scale = np.float32(2.0**31 / hazard.steps * (1 + 1e-5))
    count = 0
    for p in range(len(ground.free)):
        if not ground.free[p]:
            continue
        bound[:] = np.float32(hazard.unprovoked)
        at_risk = hazard.unprovoked > 0.0
        for s in range(sides):
            if some(here.bits[s, p]) and _exposure(ground, hazard, shut, here, planes, p, s, room):
                at_risk = True
                weak = planes.weak[s, p]
                for lane in range(LANES):
                    bound[lane] += weak[lane] * room[lane]
        if hazard.resolve > 0.0 and some(here.bits[sides, p]):
            at_risk = True
            contested, rate = planes.contested[p], np.float32(hazard.resolve)
            for lane in range(LANES):
                bound[lane] += contested[lane] * rate
        if not at_risk:
            continue
        _draw(tile, step, p, seed, draws)
        for lane in range(LANES):
            bound[lane] = bound[lane] * scale + np.float32(64) - np.float32(np.int32(draws[lane] >> np.uint32(1)))
        for w in range(WORDS):
            hits = 0
            for lane in range(64 * w, 64 * w + 64):
                hits += 1 if bound[lane] > np.float32(0) else 0
            if hits == 0:
                continue
            last = min(lanes, 64 * w + 64)
            count = _look(ground, hazard, shut, strength, tile, step, seed, here, p, 64 * w, last, draws, bound, chance, found, count)
    return count


@njit(cache=True, nogil=True)
def _look(ground, hazard, shut, strength, tile, step, seed, here, place, first, last, draws, bound, chance, found, count):  # type: ignore[no-untyped-def]
    """Note what changes among some lanes of one place, exactly; arrays are taken out of their tuples here, once, which is half the time."""
    a, b = ground.start[place], ground.start[place + 1]
    heads, link, weight, owner, tempo = ground.heads[a:b], ground.link[a:b], ground.weight, ground.owner, hazard.tempo
    state, fed, sides, shield = here.state, here.supplied, len(hazard.tempo), ground.shield[place]
    k0, k1 = np.uint32(seed & np.uint64(0xFFFFFFFF)), np.uint32(seed >> np.uint64(32))
    starved, yielding, spill, unprovoked = hazard.starved, hazard.yielding, hazard.spill, hazard.unprovoked
    foothold, resolve, steps, storms = hazard.foothold, hazard.resolve, hazard.steps, np.uint64(hazard.storm * _SCALE)
    for lane in range(first, last):
        now = state[place, lane]
        if bound[lane] <= np.float32(0) or now < 0:
            continue
        word, shift = lane >> 6, np.uint64(lane & 63)
        chance[:] = 0.0
        for e in range(len(heads)):
            there = heads[e]
            holder = state[there, lane] if owner[there] < 0 else owner[there]
            if holder == sides:
                chance[sides] += weight[link[e]] * spill
            elif holder >= 0 and not shut[holder, link[e]]:
                worth = 1.0 if (fed[holder, there, word] >> shift) & ONE else starved
                chance[holder] += weight[link[e]] * strength[holder, there] * worth
        if now == sides:  # each side's weight
            chance[sides] = 0.0
            for r in range(sides):
                worth = 1.0 if (fed[r, place, word] >> shift) & ONE else starved
                chance[r] = tempo[r] * strength[r, place] * worth * (foothold + chance[r])
        else:  # the hazard by each attacker, and by fighting next door
            weak = shield / strength[now, place] * (1.0 if (fed[now, place, word] >> shift) & ONE else yielding)
            for r in range(sides):
                chance[r] = 0.0 if r == now else weak * tempo[r] * chance[r] + unprovoked / (sides - 1)
            chance[sides] *= weak
        total = 0.0
        for r in range(sides + 1):
            total += chance[r]
        rate = resolve if now == sides else total
        if total > 0.0 and draws[lane] < np.uint64(-np.expm1(-rate / steps) * _SCALE):
            found[count] = place, lane, _outcome(chance, total, now, tile * LANES + lane, step, place, storms, k0, k1)
            count += 1
    return count


@njit(cache=True, nogil=True)
def _exposure(ground, hazard, shut, here, planes, place, side, room):  # type: ignore[no-untyped-def]
    """Fill `room` (lanes,) with what presses on a place that `side` holds; return whether anything does."""
    sides = len(hazard.tempo)
    room[:] = np.float32(0)
    pressed = False
    for e in range(ground.start[place], ground.start[place + 1]):
        there, link = ground.heads[e], ground.link[e]
        weight = np.float32(ground.weight[link])
        for r in range(sides):
            if r != side and not shut[r, link] and some(here.bits[r, there]):
                pressed = True
                press = planes.press[r, there]
                for lane in range(LANES):
                    room[lane] += weight * press[lane]
        if hazard.spill > 0.0 and some(here.bits[sides, there]):
            pressed = True
            spill, contested = weight * np.float32(hazard.spill), planes.contested[there]
            for lane in range(LANES):
                room[lane] += spill * contested[lane]
    return pressed


@njit(cache=True, nogil=True)
def _draw(tile, step, place, seed, draws):  # type: ignore[no-untyped-def]
    """Fill `draws` (lanes,) with a word each: four runs, 64 apart, share one call."""
    k0, k1 = np.uint32(seed & np.uint64(0xFFFFFFFF)), np.uint32(seed >> np.uint64(32))
    for g in range(GROUP):
        a, b, c, d = _philox(np.uint32(tile * GROUP + g), np.uint32(step), np.uint32(place), np.uint32(CHANGE), k0, k1)
        draws[g], draws[GROUP + g], draws[2 * GROUP + g], draws[3 * GROUP + g] = a, b, c, d


@njit(cache=True, nogil=True)
def _outcome(chance, total, now, run, step, place, storms, k0, k1):  # type: ignore[no-untyped-def]
    """Return the status that a place changes to, by the weights or hazards in `chance` (sides + 1,)."""
    sides = len(chance) - 1
    for r in range(sides + 1):
        if chance[r] == total and (r == sides or now == sides):  # nothing else can happen
            return r
    which, storm, _, _ = philox4x32(np.uint32(run), np.uint32(step), np.uint32(place), np.uint32(OUTCOME), k0, k1)
    left = which / _SCALE * total
    for r in range(sides):
        left -= chance[r]
        if left < 0.0 and chance[r] > 0.0:
            return r if now == sides or storm < storms else sides
    return sides


@njit(cache=True, nogil=True)
def _age(ground, here, sides, lanes):  # type: ignore[no-untyped-def]
    """Count the days that each held place has been cut off from its side's bases."""
    free, state, supplied, age = ground.free, here.state, here.supplied, here.cut
    for p in range(len(free)):
        if free[p]:
            for lane in range(lanes):
                s = state[p, lane]
                cut = 0 <= s < sides and not (supplied[s, p, lane >> 6] >> np.uint64(lane & 63)) & ONE
                age[p, lane] = age[p, lane] + 1 if cut else 0


@njit(cache=True, nogil=True)
def _pockets(ground, hazard, shut, tile, step, lanes, seed, here, found, count):  # type: ignore[no-untyped-def]
    """Note the pockets that yield in this step: two or more places, joined to each other and not to a base, one of them long cut off."""
    places, sides, state, age = len(ground.free), len(hazard.tempo), here.state, here.cut
    k0, k1 = np.uint32(seed & np.uint64(0xFFFFFFFF)), np.uint32(seed >> np.uint64(32))
    limit = np.uint64(-np.expm1(-hazard.surrender) * _SCALE)
    seen, members, press = np.zeros(places, dtype=np.int64), np.empty(places, dtype=np.int64), np.empty(sides)
    for lane in range(lanes):
        for p in range(places):
            s = state[p, lane]
            if age[p, lane] < hazard.patience or s < 0 or s >= sides or seen[p] == lane * sides + s + 1:
                continue
            size, held, lowest = _part(ground, shut, here, p, lane, s, lane * sides + s + 1, seen, members)
            if held < 2:
                continue
            word = philox4x32(np.uint32(tile * LANES + lane), np.uint32(step), np.uint32(lowest), np.uint32(POCKET), k0, k1)[0]
            if word < limit:
                taker = _besieger(ground, hazard, here, members[:size], lane, s, press)
                for n in range(size):
                    if ground.free[members[n]] and taker >= 0 and here.state[members[n], lane] >= 0:
                        found[count] = members[n], lane, taker
                        count += 1
    return count


@njit(cache=True, nogil=True)
def _part(ground, shut, here, place, lane, side, stamp, seen, members):  # type: ignore[no-untyped-def]
    """List in `members` what hangs together with a place that is cut off; return how many, how many of them the side holds, and the lowest."""
    sides = here.supplied.shape[0]
    size, held, lowest, n = 1, 0, place, 0
    members[0], seen[place] = place, stamp
    while n < size:
        p = members[n]
        n += 1
        held += here.state[p, lane] == side
        lowest = min(lowest, p)
        for e in range(ground.start[p], ground.start[p + 1]):
            q = ground.heads[e]
            known = ground.follow[q]
            passable = here.state[known, lane] == side or here.state[known, lane] == sides
            if seen[q] != stamp and passable and not shut[side, ground.link[e]] and not bit(here.supplied[side, q], lane):
                members[size], seen[q] = q, stamp
                size += 1
    return size, held, lowest


@njit(cache=True, nogil=True)
def _besieger(ground, hazard, here, members, lane, side, press):  # type: ignore[no-untyped-def]
    """Return the other side that presses most on a pocket, the earlier of equals, -1 where none does."""
    press[:] = 0.0
    for p in members:
        for e in range(ground.start[p], ground.start[p + 1]):
            there = ground.heads[e]
            holder = here.state[there, lane] if ground.owner[there] < 0 else ground.owner[there]
            if 0 <= holder < len(press) and holder != side:
                press[holder] += ground.weight[ground.link[e]] * hazard.tempo[holder]
    best = -1
    for r in range(len(press)):
        if press[r] > 0.0 and (best < 0 or press[r] > press[best]):
            best = r
    return best
