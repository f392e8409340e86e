"""Every kernel equals its plain twin on random inputs, the chains equal hmmlearn and brute force, the generator its published answers."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import twins
from numpy.typing import NDArray
from twins import Chains, Floats, Shares, Statements, Wholes, random_chains

from qsim.belief.kernels import chain, drawing, voices
from qsim.belief.kernels.philox import philox4x32, uniform
from qsim.record.settings import Model

SEEDS = range(8)


def arrays(of: object) -> tuple[NDArray[np.generic], ...]:
    """Return the fields of a twin's input in the kernel's order."""
    return tuple(getattr(of, name) for name in type(of).__annotations__)


def steps(chains: Chains) -> Floats:
    """Return what moves each knot from the knot before, by the kernel."""
    powers = np.array([[np.linalg.matrix_power(matrix, g) for g in range(chains.days + 1)] for matrix in chains.table])
    out = np.empty((len(chains.day), *chains.table.shape[1:]))
    chain.steps(chains.day, chains.start, *chains.turns, powers, out)
    return out


def smoothed(chains: Chains) -> tuple[Floats, Floats]:
    """Return (filtered, smoothed) belief at the knots by the kernel."""
    likely, alpha, gamma = (np.zeros_like(chains.evidence) for _ in range(3))
    most, moving = chain.smooth(chains.start, steps(chains), chains.evidence, chains.initial, 0.5, likely, alpha, gamma)
    assert most == gamma.max(initial=0.0)
    assert moving == (gamma.max(axis=1, initial=0.0) >= 0.5).sum()
    return alpha, gamma


def unrolled(
    chains: Chains, begin: int = 0, after: int | None = None, first: int = 0, last: int | None = None
) -> tuple[Floats, Floats, NDArray[np.int8]]:
    """Return (filtered, smoothed, most likely history) of the days `begin..after` by the kernel, shapes (days, places, ...)."""
    shape = ((chains.days if after is None else after) - begin, *chains.initial.shape)
    gamma, filtered, path = np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape[:2], -9, dtype=np.int8)
    alpha, _ = smoothed(chains)
    days = first, chains.days - 1 if last is None else last, begin
    statuses = (0,) * shape[2]
    given = chains.day, chains.start, chains.codes, chains.table, chains.evidence, alpha, chains.initial
    chain.unroll(statuses, *given, *days, gamma, filtered, path)
    return filtered, gamma, path


@pytest.mark.parametrize("seed", SEEDS)
def test_knots_and_gaps_equal_forward_backward_over_every_day(seed: int) -> None:
    chains = random_chains(seed, days=40, sides=2 + seed % 3, every=(0.05, 0.3, 1.0)[seed % 3])
    at_knots, whole, cut = smoothed(chains), unrolled(chains), unrolled(chains, 7, 31)
    for place in range(len(chains.start) - 1):
        for i, expected in enumerate(twins.dense(chains, place)):
            knots = list(chains.knots(place))
            assert at_knots[i][knots] == pytest.approx(expected[chains.day[knots]], abs=1e-12)
            assert whole[i][:, place] == pytest.approx(expected, abs=1e-12)
            assert cut[i][:, place] == pytest.approx(expected[7:31], abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_chains_equal_hmmlearn_where_every_day_is_alike(seed: int) -> None:
    """Silence is a reading that every status utters alike, so that hmmlearn bridges the gaps too."""
    random, days = np.random.default_rng(seed), 60
    moving = random_chains(seed).table[0]
    initial = np.array([0.0, 0.0, 1.0]) if seed % 2 else random.dirichlet(np.ones(3))
    says = np.hstack([np.full((3, 1), 0.5), 0.5 * Model().saying(2, taken=False)])
    heard = np.where(random.random(days) < 0.3, random.integers(1, 4, days), 0)
    heard[0] = 1
    other = pytest.importorskip("hmmlearn.hmm").CategoricalHMM(n_components=3, n_features=4)
    other.startprob_, other.transmat_, other.emissionprob_ = initial @ moving, moving, says
    knots = np.flatnonzero(heard)
    codes, start = np.zeros((days, 1), np.int16), np.array([0, len(knots)])
    chains = Chains(codes, moving[None], initial[None], knots, start, np.log(says[:, heard[knots]]).T.copy())
    _, gamma, path = unrolled(chains)
    assert gamma[:, 0] == pytest.approx(other.predict_proba(heard[:, None]), abs=1e-9)
    if seed % 2:  # hmmlearn's path starts on the first day, ours the day before: the same where that day is certain
        assert path[:, 0].tolist() == other.decode(heard[:, None])[1].tolist()


@pytest.mark.parametrize("seed", SEEDS)
def test_viterbi_equals_brute_force(seed: int) -> None:
    chains = random_chains(seed, places=2, days=6, sides=2 + seed % 2, every=0.6)
    statuses = range(chains.initial.shape[1])
    for place, path in enumerate(unrolled(chains)[2].T):
        evidence, codes = chains.every_day(place), chains.codes[:, place]

        def worth(history: tuple[int, ...], evidence: Floats = evidence, codes: NDArray[np.int16] = codes, place: int = place) -> float:
            moves = [np.log(chains.table[codes[d], history[d], history[d + 1]]) + evidence[d, history[d + 1]] for d in range(6)]
            return float(np.log(chains.initial[place, history[0]]) + sum(moves))

        assert tuple(path.tolist()) == max(product(statuses, repeat=7), key=worth)[1:]


def test_viterbi_stands_still_before_and_after_its_days() -> None:
    chains, first, last = random_chains(2, places=3, days=12, every=0.6), 3, 8
    path = unrolled(chains, first=first, last=last)[2]
    assert (path[:first] == path[first]).all()
    assert (path[last:] == path[last]).all()
    assert np.array_equal(path[5:10], unrolled(chains, 5, 10, first, last)[2])


def test_of_equally_likely_histories_the_most_likely_has_more_of_the_daily_belief() -> None:
    """Statuses 0 and 1 are alike but for their order; that of the first day is known, and the day of the change is not."""
    table = np.array([[[0.9, 0.1], [0.1, 0.9]]])
    evidence = np.array([[3.0, 0.0], [0.0, 2.0], [0.0, 3.0]])
    chains = Chains(np.zeros((12, 1), np.int16), table, np.array([[0.5, 0.5]]), np.array([0, 7, 11]), np.array([0, 3]), evidence)
    mirror = replace(chains, evidence=evidence[:, ::-1].copy())
    path, other = unrolled(chains)[2][:, 0], unrolled(mirror)[2][:, 0]
    assert path.tolist() == (1 - other).tolist()
    assert (path == unrolled(chains)[1][:, 0].argmax(axis=-1)).all()


@pytest.mark.parametrize("bound", [0, 1, 2])
def test_the_likelihood_of_a_share_equals_its_twin(bound: int) -> None:
    for row in np.random.default_rng(bound).random((200, 4)):
        value, sd, f, variance = row * (1, 0.1, 1, 0.05) + (0, 0.02, 0, 0)
        assert chain.share_likelihood(value, bound, sd, f, variance, 9) == pytest.approx(
            twins.share_likelihood(value, bound, sd, f, variance, 9)
        )


def record(seed: int, knots: int, n: int) -> tuple[Statements, Wholes, Shares, Floats]:
    """Return random statements of several mentions, claims about groups and shares, and belief at the knots."""
    random, count = np.random.default_rng(seed), 12
    mentions = np.concatenate([[0], np.cumsum(random.integers(1, 4, count))])
    at = random.integers(0, knots, mentions[-1])
    statements = Statements(
        random.integers(0, 5, count),
        mentions,
        at,
        np.where(random.random(len(at)) < 0.5, -1, random.integers(0, knots, len(at))),
        random.choice([1.0, 0.5], count),
        random.integers(1, 9, len(at)).astype(float),
        random.random((5, n)) + 0.1,
        random.random((5, n)) + 0.1,
    )
    start = np.arange(5) * 6
    members = np.concatenate([random.permutation(knots)[:6] for _ in range(4)])
    told, weight = random.random((4, n)) + 0.05, random.choice([1.0, 0.5], 4)
    wholes = Wholes(start, members, told / told.mean(axis=1, keepdims=True), weight, random.random(4), np.array([1.0, 3.0, 1.0, 3.0]))
    sd, bound = np.array([0.05, 0.05, 0.05, 0.08]), np.array([0, 1, 2, 0])
    shares = Shares(start, members, random.random(4), bound, sd, random.integers(0, n - 1, 4), random.random(4), weight, random.random(4))
    return statements, wholes, shares, random.dirichlet(np.ones(n), knots)


@pytest.mark.parametrize("seed", SEEDS)
def test_weighing_claims_equals_its_twin(seed: int) -> None:
    statements, wholes, shares, gamma = record(seed, 30, 3 + seed % 2)
    said, before = np.empty((2, len(statements.at), gamma.shape[1]))
    chain.weigh(*(*arrays(statements), np.log(statements.like), np.log(statements.kept), gamma, said, before))
    messages = np.random.default_rng(seed).normal(size=(len(shares.members), gamma.shape[1]))
    of_wholes, of_shares = (messages.copy(), np.empty(4)), (messages.copy(), np.empty(4))
    chain.weigh_wholes(*(*arrays(wholes), gamma, of_wholes[0], 0.3, of_wholes[1]))
    chain.weigh_shares(*(*arrays(shares), gamma, of_shares[0], 0.3, of_shares[1]))
    expected = (
        *twins.weigh(statements, gamma),
        *twins.weigh_wholes(wholes, gamma, messages, 0.3),
        *twins.weigh_shares(shares, gamma, messages, 0.3),
    )
    for made, twin in zip((said, before, *of_wholes, *of_shares), expected, strict=True):
        assert made == pytest.approx(twin, abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_gathering_adds_up(seed: int) -> None:
    random = np.random.default_rng(seed)
    at, said, expected, made = random.integers(-1, 5, 40), random.random((40, 3)), np.zeros((5, 3)), np.zeros((5, 3))
    np.add.at(expected, at[at >= 0], said[at >= 0])
    chain.gather(at, said, made)
    assert made == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ],
)
def test_philox_gives_the_answers_of_random123(counter: str, key: str, words: str) -> None:
    given = [int(word, 16) for word in (counter + " " + key).split()]
    assert " ".join(f"{int(word):08x}" for word in philox4x32(*given)) == words
    assert " ".join(f"{word:08x}" for word in twins.philox4x32(tuple(given[:4]), tuple(given[4:]))) == words
    assert uniform(*given) == int(words[:8], 16) / 2**32


def test_philox_equals_its_twin_and_is_even() -> None:
    given = np.random.default_rng(0).integers(0, 2**32, (500, 6)).tolist()
    assert all(tuple(map(int, philox4x32(*row))) == twins.philox4x32(tuple(row[:4]), tuple(row[4:])) for row in given)
    numbers = np.array([uniform(run, 15000, 3, 0, 7, 0) for run in range(20_000)])
    assert np.histogram(numbers, 20, (0, 1))[0] == pytest.approx(1000, abs=5 * np.sqrt(950))


def drawn(chains: Chains, runs: int, seed: int = 7, begin: int = 0) -> NDArray[np.int8]:
    """Return histories (runs, days, places) by the kernel."""
    filtered, gamma, _ = unrolled(chains)
    names, out = np.arange(10, 10 + chains.codes.shape[1]), np.empty((runs, *chains.codes.shape), dtype=np.int8)
    drawing.draw(
        filtered, gamma[-1], chains.codes, chains.table, names, begin + np.arange(runs), np.array([15000, 0]), np.uint64(seed), out
    )
    return out


def test_a_draw_equals_its_twin() -> None:
    chains, seed = random_chains(3, sides=3), 2**40 + 5
    (filtered, gamma, _), histories = unrolled(chains), drawn(chains, 4, seed)
    for run, place in product(range(4), range(4)):
        counters = [(run, 15000 + d, 10 + place, 0) for d in range(chains.days)]
        one = twins.draw_one(filtered[:, place], gamma[-1, place], chains.codes[:, place], chains.table, counters, seed)
        assert histories[run, :, place].tolist() == one


def test_the_same_seed_draws_the_same_bytes_in_any_number_of_pieces() -> None:
    chains = random_chains(1)
    many = drawn(chains, 200)
    assert np.array_equal(many[:100], drawn(chains, 100))
    assert np.array_equal(many, np.concatenate([drawn(chains, 70), drawn(chains, 130, begin=70)]))
    assert not np.array_equal(many, drawn(chains, 200, seed=8))


def test_many_draws_are_distributed_as_the_belief_on_each_day_and_on_each_pair_of_days() -> None:
    chains, runs = random_chains(5), 40_000
    histories = drawn(chains, runs)
    for place in range(4):
        alpha, gamma = twins.dense(chains, place)
        for d in range(chains.days):
            often = np.bincount(histories[:, d, place], minlength=3) / runs
            assert often == pytest.approx(gamma[d], abs=5 * 0.5 / np.sqrt(runs))
            if d:
                step = alpha[d - 1][:, None] * chains.table[chains.codes[d, place]]
                both = step / step.sum(axis=0) * gamma[d]
                pairs = np.bincount(histories[:, d - 1, place] * 3 + histories[:, d, place], minlength=9).reshape(3, 3) / runs
                assert pairs == pytest.approx(both, abs=5 * 0.5 / np.sqrt(runs))


@pytest.mark.parametrize("seed", SEEDS)
def test_judging_voices_side_by_side_equals_judging_one_after_another(seed: int) -> None:
    """As many voices at a place as fill more than one row of lanes; some say several things on one day, some speak of a group too."""
    chains, random, n = random_chains(seed, places=3, days=30, sides=2 + seed % 2), np.random.default_rng(seed), 3 + seed % 2
    spoken = [(p, v) for p in range(3) for v in range(voices.LANES + 3) for _ in range(random.integers(1, 4))]
    statements = [(p, v, random.choice(chains.knots(p)), random.choice([-1, *chains.knots(p)])) for p, v in spoken]
    sent = [(p, v, random.choice(chains.knots(p))) for p in range(3) for v in range(voices.LANES + 3) if random.random() < 0.3]
    said, before, messages = (random.normal(size=(len(each), n)) for each in (statements, statements, sent))
    row, weight, length = random.integers(0, 5, len(spoken)), random.random(len(spoken)), np.ones(len(spoken))
    trust, told, reading = random.random(5), random.random((5, n)) + 0.1, random.integers(-1, n, 5)
    place, voice, at, eve = (np.array(column, dtype=np.int64) for column in zip(*statements, strict=True))
    of, who, knots = (np.array(column, dtype=np.int64) for column in zip(*sent, strict=True))
    pairs = np.array([
        (p, v, *np.searchsorted(place * 99 + voice, [p * 99 + v, p * 99 + v + 1]), *np.searchsorted(of * 99 + who, [p * 99 + v, p * 99 + v + 1]))
        for p, v in dict.fromkeys(zip(place.tolist(), voice.tolist(), strict=True))
    ])  # fmt: skip
    likely = np.empty_like(chains.evidence)
    chain.likelihoods(chains.evidence, likely)
    informed, counts = trust[row], np.zeros((voices.LANES + 3, n, n))
    moves = chains.start, steps(chains), chains.initial
    columns = row, np.arange(len(spoken) + 1), at, eve, weight, length, said, before, messages
    order = np.arange(len(spoken)), (knots, np.arange(len(sent)))
    voices.overhear((0,) * n, moves, pairs, *order, columns, trust, told, reading, chains.evidence, likely, informed, counts)
    expected = np.zeros_like(counts)
    for p, v in {(p, v) for p, v, _, _ in statements}:
        own = np.flatnonzero((place == p) & (voice == v))
        without = chains.evidence.copy()
        np.subtract.at(without, at[own], said[own])
        np.subtract.at(without, eve[own][eve[own] >= 0], before[own][eve[own] >= 0])
        sends = np.flatnonzero((of == p) & (who == v))
        np.subtract.at(without, knots[sends], messages[sends])
        gamma = twins.dense(replace(chains, evidence=without), p)[1]
        for i in own:
            fits = gamma[chains.day[at[i]]] * told[row[i]]
            z = trust[row[i]] * fits.sum() / (trust[row[i]] * fits.sum() + 1 - trust[row[i]])
            assert informed[i] == pytest.approx(z, abs=1e-10)
            if reading[row[i]] >= 0:
                expected[v, :, reading[row[i]]] += weight[i] * z * fits / fits.sum()
    assert counts == pytest.approx(expected, abs=1e-9)
