"""256 lanes as one value, the adders and comparisons made of them, and the tile that keeps them, against plain NumPy."""

import numpy as np
import twins
from numba import njit

from qsim.belief.kernels.philox import CALLS, PLANES, planes, words
from qsim.simulation.kernels import lanes, odds, tiles

RANDOM = np.random.default_rng(1).integers(0, 2**64, (12, 4), dtype=np.uint64)


def unpacked(rows: np.ndarray) -> np.ndarray:
    """Return (rows, 256) of 0 and 1."""
    return (rows[..., None] >> np.arange(64, dtype=np.uint64) & np.uint64(1)).reshape(len(rows), 256).astype(int)


@njit
def gates(given, out):  # type: ignore[no-untyped-def]
    a, b, one = lanes.load(given, 0), lanes.load(given, 1), lanes.alike(np.uint64(1))
    lanes.store(out, 0, a & ~b)
    lanes.store(out, 1, (a | b) ^ b)
    lanes.store(out, 2, lanes.nowhere())
    lanes.store(out, 3, (a << one) >> one)
    lanes.store(out, 4, lanes.highest(a))
    return lanes.anywhere(a & ~a), lanes.anywhere(a), lanes.word(given, 5)


def test_gates_work_on_all_lanes() -> None:
    out = np.ones((5, 4), dtype=np.uint64)
    a, b = RANDOM[:2]
    assert gates(RANDOM, out) == (False, True, RANDOM[1, 1])
    high = np.where(a.view(np.int32) < 0, np.uint32(2**32 - 1), np.uint32(0)).view(np.uint64)
    assert np.array_equal(out, [a & ~b, a & ~b, np.zeros(4), a << np.uint64(1) >> np.uint64(1), high])


@njit
def compared(bits, bench, limit, near, heads):  # type: ignore[no-untyped-def]
    odds.count_neighbours(bits, 1, heads, 0, len(heads), bench)
    n = odds.add_counts(bench, limit, near, 0, 0, lanes.load(bits, 0), 1, len(heads))
    odds.compare(bench, limit, n)
    return n


def test_neighbours_are_counted_and_thresholds_compared_as_numbers() -> None:
    for degree, most in ((3, 2**28), (10, 2**32)):
        bench, limit = np.zeros((odds.MASKS + 40, 4), dtype=np.uint64), np.zeros(40, dtype=np.uint32)
        bench[odds.DRAWS : odds.DRAWS + PLANES] = np.random.default_rng(2).integers(0, 2**64, (PLANES, 4), dtype=np.uint64)
        near = np.sort(np.random.default_rng(3).integers(0, most, degree + 1)).astype(np.uint32)
        assert compared(RANDOM, bench, limit, near, np.arange(degree)) == degree
        held, counts = unpacked(RANDOM)[0] == 1, unpacked(RANDOM[1 : degree + 1]).sum(axis=0)
        drawn = 2 ** np.arange(PLANES)[::-1] @ unpacked(bench[odds.DRAWS : odds.DRAWS + PLANES])
        top, any_near = near[counts] >> (32 - PLANES), held & (counts > 0)
        assert np.array_equal(unpacked(bench[odds.LESS : odds.LESS + 1])[0] == 1, any_near & (drawn < top))
        assert np.array_equal(unpacked(bench[odds.EQUAL : odds.EQUAL + 1])[0] == 1, any_near & (drawn == top))


@njit
def drawn(tile, out):  # type: ignore[no-untyped-def]
    planes(np.uint32(3), np.uint32(tile * CALLS), np.uint32(5), np.uint32(1), np.uint32(7), np.uint32(9), out)


def test_planes_are_words_of_counters_with_seven_rounds_and_lanes_put_by_draw_their_own() -> None:
    out = np.zeros(4 * PLANES, dtype=np.uint64)
    drawn(2, out)
    for i in range(CALLS):
        a, b, c, d = twins.philox4x32((3, 40 + i, 5, 1), (7, 9), rounds=7)
        assert (int(out[i]), int(out[CALLS + i])) == (a | b << 32, c | d << 32)
    runs, places, told = np.arange(9, dtype=np.uint32), np.arange(9, dtype=np.uint32)[::-1].copy(), np.zeros(9, dtype=np.uint32)
    words(runs, np.uint32(3), places, np.uint32(4), np.uint32(7), np.uint32(9), 8, told)
    assert told.tolist() == [*(twins.philox4x32((n, 3, 8 - n, 4), (7, 9))[0] for n in range(8)), 0]


def test_seven_rounds_are_those_of_random123() -> None:
    assert [f"{word:08x}" for word in twins.philox4x32((0, 0, 0, 0), (0, 0), rounds=7)] == ["5f6fb709", "0d893f64", "4f121f81", "4f730a48"]


def test_a_tile_gives_back_what_was_put_in_whatever_the_number_of_places_and_lanes() -> None:
    for places, runs in ((1, 3), (70, 256), (64, 77), (130, 200)):
        status = np.random.default_rng(places).integers(-1, 4, (runs, places)).astype(np.int8)
        here = tiles.empty_tile(3, places)
        tiles.fill(np.full(places, np.int8(-1)), here, status)
        assert np.array_equal(here.state[:places, :runs].T, status)
        here.state[:places], here.stale[:] = 9, True
        out = np.full((runs + 2, 3, places), 7, dtype=np.int8)
        tiles.write(here, np.zeros((256, 8), dtype=np.uint64), out, 1, runs, 2)
        assert np.array_equal(out[1:-1, 2], status)
        assert (out[[0, -1]] == 7).all()
        assert (out[:, :2] == 7).all()
