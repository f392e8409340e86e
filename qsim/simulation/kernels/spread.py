"""
The loops of the simulation: control spreading over a network, 256 runs at a time.

A tile is 256 runs side by side (lanes), who holds what kept as bits, 64 lanes to a word, and as int8 [place, lane]. Every draw is a Philox
word of (seed, run, step, place, purpose): no result depends on the number of threads or the order of tiles. What is drawn is compared with
an integer threshold, floor(p 2^32). The ten highest bits of the draws of a place are made for all lanes at once and compared in bits; the
others are drawn for the one lane in 1024 that these do not decide.

Where what a place does hangs on a count alone (links of one weight, nobody reinforced, one kind of neighbour that presses, supply out of
play, one possible outcome), the comparison is exact and all lanes change at once. Elsewhere it is made with a bound (1 - exp(-h) <= h, each
link at its worst) and picks the lanes at which `_consider` looks one by one, exactly. Both give the same bytes.
The equations are in `qsim.simulation.model`; `tests/test_spread_kernel.py` has them once more, a run at a time, and both must agree.
"""

from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numba import get_num_threads, njit, prange
from numba.cpython.unsafe.numbers import trailing_zeros

from qsim.belief.kernels.compiled import inlined, inside
from qsim.belief.kernels.philox import CALLS, PLANES, philox4x32, planes
from qsim.simulation.kernels.lanes import WORDS, anywhere, load, nowhere, store
from qsim.simulation.kernels.odds import (
    BELOW,
    COUNTS,
    DRAWS,
    DROPPED,
    EQUAL,
    LESS,
    MOST,
    REST,
    TIED,
    add_class,
    add_counts,
    compare,
    count_neighbours,
    empty_classes,
    threshold,
)
from qsim.simulation.kernels.pockets import age, pockets
from qsim.simulation.kernels.survey import NOBODY, SEVERAL, attacked, empty_odds, find_kinds, survey
from qsim.simulation.kernels.ties import FINE, break_ties, empty_ties
from qsim.simulation.kernels.tiles import (
    ALL,
    LANES,
    NONE,
    ONE,
    bit,
    change,
    empty_tile,
    fill,
    follow,
    look,
    refresh,
    show,
    supply,
    turn,
    write,
)

START, CHANGE, OUTCOME = 0, 1, 2  # purposes of a draw; 3 is in `pockets`, 4 in `ties`
_SCALE = 2.0**32

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


def spread(ground: Any, hazard: Any, plan: Any, first: int, seed: Any, out: Any, *, counted: bool = True) -> None:
    """
    Fill the days after the first of `out` (runs, days, places); day 0 is the start. `first` is the number of the first run, of a whole tile.

    Tiles are shared among as many threads as numba may use: compiled, they hold no lock, and numba's own parallel loop would take twice
    as long to compile. Where not `counted`, every lane is looked at one by one, wherever a count would do: for tests, the bytes are the same.
    """
    if not out.flags.c_contiguous:
        raise ValueError("the histories are not in one piece of memory; expected a C array (runs, days, places)")

    def fill_tile(at: int) -> None:
        _run_tile(ground, hazard, plan, (first + at) // LANES, seed, out, at, counted)

    tiles, threads = range(0, len(out), LANES), get_num_threads()
    if threads == 1 or len(tiles) == 1:
        for at in tiles:
            fill_tile(at)
    else:
        with ThreadPoolExecutor(threads) as pool:
            for _ in pool.map(fill_tile, tiles):
                pass


@njit(cache=True, nogil=True, parallel=True)
def supplied(ground, shut, status, out):  # type: ignore[no-untyped-def]
    """Fill `out` (sides, runs, days, places) with whether a side's hold on a place would be joined to its bases; `shut` (days, sides, links)."""
    runs, days, places = status.shape
    for tile in prange((runs + LANES - 1) // LANES):
        here = empty_tile(out.shape[0], places)
        lanes = min(LANES, runs - tile * LANES)
        for d in range(days):
            fill(ground.owner, here, status[tile * LANES : tile * LANES + lanes, d])
            supply(ground, shut[d], here)
            for s in range(out.shape[0]):
                for lane in range(lanes):
                    for p in range(places):
                        out[s, tile * LANES + lane, d, p] = bit(here.supplied[s, p], lane)


@njit(cache=True, nogil=True)
def _run_tile(ground, hazard, plan, tile, seed, out, from_run, counted):  # type: ignore[no-untyped-def]
    lanes, days, places = min(LANES, out.shape[0] - from_run), out.shape[1], out.shape[2]
    sides = len(hazard.tempo)
    here, classes, ties = empty_tile(sides, places), empty_classes(sides), empty_ties(places)
    found = np.empty(((sides + 2) * places * LANES, 3), dtype=np.int32)
    touched, block = np.empty(places, dtype=np.int64), np.empty((LANES, 8), dtype=np.uint64)
    feeding = hazard.starved != 1.0 or hazard.yielding != 1.0 or hazard.surrender > 0.0
    odds = empty_odds(ground, hazard, counted and not feeding)
    if not feeding:
        here.supplied[:] = ALL
    fill(ground.owner, here, out[from_run : from_run + lanes, 0])
    for d in range(1, days):
        shut, strength, forced = plan.shut[d], plan.strength[d], plan.forced[d]
        if counted and not feeding and (d == 1 or (shut != plan.shut[d - 1]).any() or (strength != plan.strength[d - 1]).any()):
            survey(ground, hazard, shut, strength, odds, here)
        look(here)
        for part in range(hazard.steps):
            step = (d - 1) * hazard.steps + part
            if feeding:
                supply(ground, shut, here)
            flips, count = _sweep(ground, hazard, shut, strength, forced, odds, tile, step, seed, here, classes, ties, touched, found)
            if part == 0 and hazard.surrender > 0.0:
                age(ground, here, sides, lanes)
                count = pockets(ground, hazard, shut, tile, step, lanes, seed, here, found, count)
            follow(here, ground.units_start, ground.units, touched, flips)
            here = turn(here)
            for n in range(count):
                if forced[found[n, 0]] < 0:
                    change(here, ground.units_start, ground.units, np.int64(found[n, 0]), np.int64(found[n, 1]), np.int64(found[n, 2]))
            _force(ground, forced, lanes, here)
        write(here, block, out, from_run, lanes, d)


@inside
def _force(ground, forced, lanes, here):  # type: ignore[no-untyped-def]
    """Set the forced places of all lanes."""
    for p in range(len(forced)):
        if forced[p] >= 0:
            for lane in range(lanes):
                change(here, ground.units_start, ground.units, p, lane, np.int64(forced[p]))


@inside
def _sweep(ground, hazard, shut, strength, forced, odds, tile, step, seed, here, classes, ties, touched, found):  # type: ignore[no-untyped-def]
    """
    Fill `here.after` with the bits after this step but for changes still to be made, which are noted in `found` (place, lane, status).

    `touched` are the places where lanes changed in `here.after`. Return how many there are of both.
    """
    sides, places, flips, count, news = len(hazard.tempo), len(ground.free), np.int64(0), np.int64(0), False
    k0, k1 = np.uint32(seed & np.uint64(0xFFFFFFFF)), np.uint32(seed >> np.uint64(32))
    free, start, heads, bits, after, shown = ground.free, ground.start, ground.heads, here.bits, here.after, here.shown
    bench, flat, limit, becomes, tied = classes.bench, classes.flat, classes.limit, classes.becomes, ties.lanes
    kinds, limits, resolve, lowest = odds.kind, odds.limit, odds.resolve, np.int64(hazard.unprovoked == 0.0)
    if here.news[0]:
        find_kinds(ground, hazard, odds, here)
    for p in range(places):
        if not free[p]:
            continue
        n = np.int64(0)  # a plain 0 would be a type of its own, and everything be compiled twice
        if forced[p] < 0:
            for s in range(sides):
                kind = kinds[s, p]
                becomes[s] = sides if kind >= 0 else NOBODY
                if kind >= 0:
                    a, b = start[p], start[p + 1]
                    count_neighbours(bits, kind * places, heads, a, b, bench)
                    base = ((p * sides + s) * (sides + 1) + kind) * odds.counts
                    n = add_counts(bench, limit, limits, base, n, load(bits, s * places + p), lowest, b - a)
                elif kind == SEVERAL:
                    n = _bounded(ground, hazard, shut, strength, here, classes, n, s, p)
            becomes[sides] = odds.winner
            if shown[sides, p] and resolve > 0:
                n = add_class(bench, limit, n, load(bits, sides * places + p), resolve)
        if n == 0:
            for s in range(sides + 1):
                store(after, s * places + p, load(bits, s * places + p))
            continue
        planes(np.uint32(step), np.uint32(tile * CALLS), np.uint32(p), np.uint32(CHANGE), k0, k1, flat)
        compare(bench, limit, n)
        sure, open_ = _become(bits, after, bench, becomes, places, p)
        if open_:
            count = _consider(ground, hazard, shut, strength, tile, step, k0, k1, here, odds.chance, classes, p, found, count)
        if sure:
            store(tied, flips, load(bench, TIED))
            touched[flips] = p
            flips += 1
            for s in range(sides + 1):
                to = becomes[s]
                if to >= 0 and not shown[to, p]:
                    news |= show(shown, to, p, load(after, to * places + p))
    here.news[0] |= news | break_ties(ground, odds, ties, bits, after, shown.reshape(-1), touched, flips, tile, step, k0, k1)
    return flips, count


@inside
def _bounded(ground, hazard, shut, strength, here, classes, n, side, place):  # type: ignore[no-untyped-def]
    """Add classes by how many neighbours press on what a side holds, each threshold an upper bound; return how many classes there are."""
    sides, places, heads, tempo = len(hazard.tempo), len(ground.free), ground.heads, hazard.tempo
    bits, press, near, whole, pressing = here.bits, classes.press, classes.near, 0.0, 0
    c0, c1, c2, c3, c4 = nowhere(), nowhere(), nowhere(), nowhere(), nowhere()
    for e in range(ground.start[place], ground.start[place + 1]):
        there, link, worst, lanes = heads[e], ground.link[e], 0.0, nowhere()
        for r in range(sides + 1):
            each = hazard.spill
            if r < sides:
                each = 0.0 if r == side or shut[r, link] else tempo[r] * strength[r, there]
            if each > 0.0 and here.shown[r, there]:
                worst, lanes = max(worst, each * ground.weight[link]), lanes | load(bits, r * places + there)
        whole += worst
        if worst <= 0.0 or pressing == MOST:
            continue
        c0, lanes = c0 ^ lanes, c0 & lanes
        c1, lanes = c1 ^ lanes, c1 & lanes
        c2, lanes = c2 ^ lanes, c2 & lanes
        c3, lanes = c3 ^ lanes, c3 & lanes
        c4 = c4 ^ lanes
        k = pressing
        while k > 0 and press[k - 1] < worst:
            press[k] = press[k - 1]
            k -= 1
        press[k] = worst
        pressing += 1
    weak, total, held = ground.shield[place] / strength[side, place] * max(1.0, hazard.yielding), 0.0, load(bits, side * places + place)
    if pressing == MOST:
        limit = _bound(weak * whole + hazard.unprovoked, hazard.steps)
        return add_class(classes.bench, classes.limit, n, held, limit)
    for k in range(pressing + 1):
        near[k] = _bound(weak * total + hazard.unprovoked, hazard.steps)
        total += press[k] if k < pressing else 0.0
    store(classes.bench, COUNTS + 0, c0)
    store(classes.bench, COUNTS + 1, c1)
    store(classes.bench, COUNTS + 2, c2)
    store(classes.bench, COUNTS + 3, c3)
    store(classes.bench, COUNTS + 4, c4)
    return add_counts(classes.bench, classes.limit, near, np.int64(0), n, held, np.int64(hazard.unprovoked == 0.0), np.int64(pressing))


@inside
def _bound(rate, steps):  # type: ignore[no-untyped-def]
    """Return a threshold that none of this hazard exceeds, however it was rounded."""
    return np.uint32(min(rate / steps * (1.0 + 1e-6) * _SCALE + 16.0, _SCALE - 1.0))


@inlined
def _become(bits, after, bench, becomes, places, place):  # type: ignore[no-untyped-def]
    """Change the lanes that are sure in `after`, and put those that are equal in the bench; return whether any is sure, and any not."""
    less, equal, sure = load(bench, LESS), load(bench, EQUAL), nowhere()
    for s in range(len(becomes)):
        store(after, s * places + place, load(bits, s * places + place))
    for s in range(len(becomes)):
        to = becomes[s]
        if to >= 0:
            held = load(bits, s * places + place)
            changed = less & held
            sure = sure | held
            store(after, s * places + place, load(after, s * places + place) ^ changed)
            store(after, to * places + place, load(after, to * places + place) ^ changed)
    store(bench, TIED, equal & sure)
    return anywhere((less | equal) & sure), anywhere((less | equal) & ~sure)


@inside
def _consider(ground, hazard, shut, strength, tile, step, k0, k1, here, chance, classes, place, found, count):  # type: ignore[no-untyped-def]
    """Look one by one, exactly, at the lanes of a place that the bound has picked, and note what changes; return how many changes."""
    a, b = ground.start[place], ground.start[place + 1]
    heads, link, weight, owner, tempo = ground.heads[a:b], ground.link[a:b], ground.weight, ground.owner, hazard.tempo
    state, fed, sides, shield = here.state, here.supplied, len(hazard.tempo), ground.shield[place]
    starved, yielding, spill, unprovoked = hazard.starved, hazard.yielding, hazard.spill, hazard.unprovoked
    foothold, resolve, steps, storms = hazard.foothold, hazard.resolve, hazard.steps, np.uint64(hazard.storm * _SCALE)
    becomes, bench = classes.becomes, classes.bench
    refresh(here, place)
    for e in range(len(heads)):
        refresh(here, np.int64(heads[e]))
    for w in range(WORDS):
        m = bench[LESS, w] | bench[EQUAL, w]
        while m != NONE:
            shift = np.uint64(trailing_zeros(m))  # type: ignore[call-arg]
            m &= m - ONE
            lane = 64 * w + np.int64(shift)
            now = np.int64(state[place, lane])
            if becomes[now] >= 0:
                continue
            chance[:] = 0.0
            for e in range(len(heads)):
                there = heads[e]
                holder = state[there, lane] if owner[there] < 0 else owner[there]
                if holder == sides:
                    chance[sides] += weight[link[e]] * spill
                elif holder >= 0 and not shut[holder, link[e]]:
                    worth = 1.0 if (fed[holder, there, w] >> shift) & ONE else starved
                    chance[holder] += weight[link[e]] * strength[holder, there] * worth
            if now == sides:  # each side's weight
                chance[sides], total, rate = 0.0, 0.0, resolve
                for r in range(sides):
                    worth = 1.0 if (fed[r, place, w] >> shift) & ONE else starved
                    chance[r] = tempo[r] * strength[r, place] * worth * (foothold + chance[r])
                    total += chance[r]
            else:  # the hazard by each attacker, and by fighting next door
                weak = shield / strength[now, place] * (1.0 if (fed[now, place, w] >> shift) & ONE else yielding)
                total = rate = attacked(chance, now, weak, tempo, unprovoked)
            if total > 0.0 and _falls(bench, w, shift, threshold(rate, steps), tile * LANES + lane, step, place, k0, k1):
                found[count, 0], found[count, 1] = place, lane
                found[count, 2] = _outcome(chance, total, now, tile * LANES + lane, step, place, storms, k0, k1)
                count += 1
    return count


@inside
def _falls(bench, w, shift, limit, run, step, place, k0, k1):  # type: ignore[no-untyped-def]
    """Return whether the draw of one lane is less than a threshold; its further bits are drawn where the first ten are equal."""
    top = np.uint32(0)
    for b in range(PLANES):
        top = top << np.uint32(1) | np.uint32((bench[DRAWS + b, w] >> shift) & ONE)
    if top != limit >> REST:
        return top < limit >> REST
    drawn = philox4x32(np.uint32(run), np.uint32(step), np.uint32(place), np.uint32(FINE), k0, k1)[0]
    return drawn >> DROPPED < limit & BELOW


@inside
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
