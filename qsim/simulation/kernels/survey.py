"""What of a day's plan and of the tile decides how a place is dealt with: whether a count of neighbours does, and its thresholds."""

from collections import namedtuple

import numpy as np

from qsim.belief.kernels.compiled import inside
from qsim.simulation.kernels.odds import MOST, threshold

NOBODY, SEVERAL = -1, -2
# Of a day: whether a count can decide at a place; of which kind of neighbour [side, place]; the thresholds by place, side, kind of neighbour
# and count, in one row, and how many counts there are; that of resolve; who alone can win what is contested (-1: several); room for the
# chances of one lane.
Odds = namedtuple("Odds", "plain kind limit counts resolve winner chance")


@inside
def empty_odds(ground, hazard, counted):  # type: ignore[no-untyped-def]
    """Return odds without thresholds: no place is plain yet."""
    sides, places, most, pressing, winner = len(hazard.tempo), len(ground.free), 0, 0, NOBODY
    for p in range(places):
        most = max(most, min(ground.start[p + 1] - ground.start[p], MOST))
    for r in range(sides):
        if hazard.tempo[r] > 0.0:
            pressing, winner = pressing + 1, r
    if not counted or pressing != 1 or hazard.foothold <= 0.0:
        winner = NOBODY
    limit = np.zeros((places if counted else 0) * sides * (sides + 1) * (most + 1), dtype=np.uint32)
    kind = np.full((sides, places), np.int64(NOBODY))
    return Odds(
        np.zeros(places, dtype=np.bool_), kind, limit, most + 1, threshold(hazard.resolve, hazard.steps), winner, np.zeros(sides + 1)
    )


@inside
def survey(ground, hazard, shut, strength, odds, here):  # type: ignore[no-untyped-def]
    """Find where a count decides, and the thresholds there: links of one weight, open to all, and nobody reinforced beyond them."""
    sides, start, link, chance, here.news[0] = len(hazard.tempo), ground.start, ground.link, odds.chance, True
    for p in range(len(ground.free)):
        a, b = start[p], start[p + 1]
        weight = ground.weight[link[a]] if b > a else 1.0
        plain = ground.free[p] and b - a <= MOST
        for e in range(a, b):
            plain &= ground.weight[link[e]] == weight
            for r in range(sides):
                plain &= strength[r, ground.heads[e]] == 1.0 and not shut[r, link[e]]
        odds.plain[p] = plain
        for s in range(sides if plain else 0):
            for kind in range(sides + 1):
                press = 0.0
                for n in range(b - a + 1 if kind != s else 0):
                    chance[:] = 0.0
                    chance[kind] = press
                    total = attacked(chance, np.int64(s), ground.shield[p] / strength[s, p], hazard.tempo, hazard.unprovoked)
                    odds.limit[((p * sides + s) * (sides + 1) + kind) * odds.counts + n] = threshold(total, hazard.steps)
                    press += weight * hazard.spill if kind == sides else weight


@inside
def attacked(chance, now, weak, tempo, unprovoked):  # type: ignore[no-untyped-def]
    """Turn the pressure of each side and of fighting next door (sides + 1,) into hazards; return their sum."""
    sides, total = len(tempo), 0.0
    for r in range(sides):
        chance[r] = 0.0 if r == now else weak * tempo[r] * chance[r] + unprovoked / (sides - 1)
        total += chance[r]
    chance[sides] *= weak
    return total + chance[sides]


@inside
def find_kinds(ground, hazard, odds, here):  # type: ignore[no-untyped-def]
    """Note of every place and side which one kind of neighbour presses, so that a count decides, or `NOBODY`, or `SEVERAL`: look closer."""
    sides, here.news[0] = len(hazard.tempo), False
    for s in range(sides):
        for p in range(len(ground.free)):
            kind, kinds = sides, 0
            for r in range(sides + 1):
                found = False
                if r != s and (hazard.spill if r == sides else hazard.tempo[r]) > 0.0:
                    for e in range(ground.start[p], ground.start[p + 1]):
                        found |= here.shown[r, ground.heads[e]]
                if found:
                    kind, kinds = r, kinds + 1
            sure = hazard.storm == 0.0 or (hazard.unprovoked == 0.0 and kind == sides)
            if not here.shown[s, p] or (kinds == 0 and hazard.unprovoked == 0.0):
                odds.kind[s, p] = NOBODY
            else:
                odds.kind[s, p] = kind if odds.plain[p] and kinds <= 1 and sure else SEVERAL
