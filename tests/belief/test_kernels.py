"""Every kernel equals its plain twin on random inputs, the chains equal hmmlearn and brute force, the generator its published answers."""

from itertools import product

import numpy as np
import pytest
import twins
from hmmlearn.hmm import CategoricalHMM  # type: ignore[import-untyped]
from numpy.typing import NDArray
from twins import Chains, Floats, Shares, Statements, random_chains

from qsim.belief.kernels import chain
from qsim.belief.kernels.philox import philox4x32, uniform
from qsim.record.settings import Model

SEEDS = range(8)
NOT_BEFORE = 0.8


def arrays(of: object) -> tuple[NDArray[np.generic], ...]:
    """Return the fields of a twin's input in the kernel's order."""
    return tuple(getattr(of, name) for name in type(of).__annotations__)


def smoothed(chains: Chains) -> tuple[Floats, Floats]:
    """Return (filtered, smoothed) belief at the knots by the kernel."""
    alpha, gamma = np.empty_like(chains.evidence), np.empty_like(chains.evidence)
    chain.smooth(chains.day, chains.start, chains.activity, chains.evidence, chains.quiet, chains.moving, chains.initial, alpha, gamma)
    return alpha, gamma


def filled(chains: Chains, first: int, after: int) -> tuple[Floats, Floats]:
    """Return (filtered, smoothed) belief of the days `first..after` by the kernel, shapes (days, places, statuses)."""
    gamma, filtered = (np.full((after - first, len(chains.start) - 1, len(chains.initial)), np.nan) for _ in range(2))
    alpha, _ = smoothed(chains)
    knots = chains.day, chains.start, chains.activity, chains.evidence, alpha
    chain.fill(chains.days, *knots, chains.quiet, chains.moving, chains.initial, first, gamma, filtered)
    return filtered, gamma


def most_likely(chains: Chains, first: int = 0, last: int | None = None) -> NDArray[np.int8]:
    """Return the most likely histories (days, places) by the kernel."""
    path = np.empty((chains.days, len(chains.start) - 1), dtype=np.int8)
    said = chains.day, chains.start, chains.activity, chains.evidence
    chain.viterbi(*(chains.days, first, chains.days - 1 if last is None else last, *said, chains.moving, chains.initial, path))
    return path


@pytest.mark.parametrize("seed", SEEDS)
def test_smooth_equals_its_twin(seed: int) -> None:
    chains = random_chains(seed, sides=2 + seed % 3)
    for kernel, twin in zip(smoothed(chains), twins.smooth(chains), strict=True):
        assert kernel == pytest.approx(twin, abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_knots_and_gaps_equal_forward_backward_over_every_day(seed: int) -> None:
    chains = random_chains(seed, days=40, every=(0.05, 0.3, 1.0)[seed % 3])
    at_knots, whole, cut = smoothed(chains), filled(chains, 0, 40), filled(chains, 7, 31)
    for place in range(len(chains.start) - 1):
        for i, expected in enumerate(twins.dense(chains, place)):
            knots = list(chains.knots(place))
            assert at_knots[i][knots] == pytest.approx(expected[chains.day[knots]], abs=1e-12)
            assert whole[i][:, place] == pytest.approx(expected, abs=1e-12)
            assert cut[i][:, place] == pytest.approx(expected[7:31], abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_chains_equal_hmmlearn_where_no_day_is_busy(seed: int) -> None:
    """Silence is a reading that every status utters alike, so that hmmlearn bridges the gaps too."""
    model, random = Model(), np.random.default_rng(seed)
    moving, initial, days = model.transitions(2), np.array([0, 0, 1]) if seed % 2 else model.initial(2), 60
    says = np.hstack([np.full((3, 1), 0.5), 0.5 * model.saying(2, taken=False)])
    heard = np.where(random.random(days) < 0.3, random.integers(1, 4, days), 0)
    heard[10] = 1
    other = CategoricalHMM(n_components=3, n_features=4)
    other.startprob_, other.transmat_, other.emissionprob_ = initial @ moving[0], moving[0], says
    knots = np.flatnonzero(heard)
    quiet_days = np.zeros(len(knots), dtype=np.int8)
    chains = Chains(days, knots, np.array([0, len(knots)]), quiet_days, np.log(says[:, heard[knots]]).T, moving, 1.0 * initial)
    assert filled(chains, 0, days)[1][:, 0] == pytest.approx(other.predict_proba(heard[:, None]), abs=1e-9)
    if seed % 2:  # hmmlearn's path starts on the first day, ours the day before: the same where that day is certain
        assert most_likely(chains)[:, 0].tolist() == other.decode(heard[:, None])[1].tolist()


@pytest.mark.parametrize("seed", SEEDS)
def test_viterbi_equals_brute_force(seed: int) -> None:
    chains = random_chains(seed, places=2, days=6, sides=2 + seed % 2, every=0.6)
    statuses = range(len(chains.initial))
    for place, path in enumerate(most_likely(chains).T):
        activity, evidence = chains.every_day(place)

        def worth(history: tuple[int, ...], activity: NDArray[np.int8] = activity, evidence: Floats = evidence) -> float:
            moves = [np.log(chains.moving[activity[d], history[d], history[d + 1]]) + evidence[d, history[d + 1]] for d in range(6)]
            return float(np.log(chains.initial[history[0]]) + sum(moves))

        assert tuple(path.tolist()) == max(product(statuses, repeat=7), key=worth)[1:]


def test_viterbi_stands_still_before_and_after_its_days_and_skips_what_was_said_of_others() -> None:
    chains = random_chains(2, places=3, days=12, every=0.6)
    path, (first, last) = most_likely(chains, 3, 8), (3, 8)
    assert (path[:first] == path[first]).all()
    assert (path[last:] == path[last]).all()
    for place in range(3):
        knots = [k for k in chains.knots(place) if first <= chains.day[k] <= last]
        start = np.array([0, len(knots)])
        cut = Chains(6, chains.day[knots] - first, start, chains.activity[knots], chains.evidence[knots], chains.moving, chains.initial)
        assert path[first : last + 1, place].tolist() == most_likely(cut)[:, 0].tolist()


def test_viterbi_breaks_ties_to_the_earlier_status() -> None:
    chains = Chains(5, np.array([2]), np.array([0, 1]), np.zeros(1, np.int8), np.zeros((1, 3)), Model().transitions(2), Model().initial(2))
    assert most_likely(chains)[:, 0].tolist() == [0] * 5


@pytest.mark.parametrize("bound", [0, 1, 2])
def test_the_likelihood_of_a_share_equals_its_twin(bound: int) -> None:
    for row in np.random.default_rng(bound).random((200, 4)):
        value, sd, f, variance = row * (1, 0.1, 1, 0.05) + (0, 0.02, 0, 0)
        assert chain.share_likelihood(value, bound, sd, f, variance, 9) == pytest.approx(
            twins.share_likelihood(value, bound, sd, f, variance, 9)
        )


def record(seed: int, chains: Chains) -> tuple[Statements, Shares, Floats, Floats, Floats]:
    """Return random statements and shares on chains whose every day is a knot, the sources of five claims, their doubt and priors."""
    random, days, claims = np.random.default_rng(seed), chains.days, 5
    count, sides, places = 12, len(chains.initial) - 1, len(chains.start) - 1
    first, length = random.integers(1, days - 3, count), random.integers(1, 4, count)
    statements = Statements(
        random.integers(0, claims, count),
        first + days * random.integers(0, places, count),
        length,
        random.random((count, sides + 1)),
        random.random(count),
        random.choice([1.0, 0.5], count),
        random.integers(-1, sides, count),
    )
    shares = Shares(
        random.integers(0, claims, 4),
        np.arange(5) * places,
        np.concatenate([d + days * np.arange(places) for d in random.integers(0, days, 4)]),
        random.random(4),
        np.array([0, 1, 2, 0]),
        np.array([0.05, 0.05, 0.05, 0.08]),
        random.integers(0, sides, 4),
        random.random(4),
        random.choice([1.0, 0.5], 4),
    )
    return statements, shares, random.integers(0, 2, claims).astype(float), random.choice([1.0, 0.4], claims), np.array([0.9, 0.6])


@pytest.mark.parametrize("seed", SEEDS)
def test_weighing_claims_equals_its_twin(seed: int) -> None:
    chains = random_chains(seed, sides=2 + seed % 2, every=1.0)
    statements, shares, source, doubt, theta = record(seed, chains)
    _, gamma = smoothed(chains)
    who, trust = source.astype(np.int64), theta[source.astype(np.int64)] * doubt
    of_statements = np.zeros_like(gamma), np.zeros(5), np.zeros(5)
    messages = np.random.default_rng(seed).normal(size=(len(shares.members), gamma.shape[1]))
    of_shares = messages.copy(), np.zeros(5), np.zeros(5)
    chain.weigh(*(theta, NOT_BEFORE, *arrays(statements), doubt, who, gamma, *of_statements))
    chain.weigh_shares(*(theta, *arrays(shares), doubt, who, gamma, of_shares[0], 0.3, *of_shares[1:]))
    expected = twins.weigh(statements, trust, gamma, NOT_BEFORE), twins.weigh_shares(shares, trust, gamma, messages, 0.3)
    for added, twin in zip((*of_statements, *of_shares), (*expected[0], *expected[1]), strict=True):
        assert added == pytest.approx(twin, abs=1e-12)


@pytest.mark.parametrize("rounds", [1, 2, 5])
@pytest.mark.parametrize("learn", [True, False])
def test_inference_is_rounds_of_weighing_and_smoothing(rounds: int, learn: bool) -> None:
    chains = random_chains(rounds, every=1.0)
    statements, shares, source, doubt, mean = record(rounds, chains)
    who, strength = source.astype(np.int64), np.array([10.0, 20.0])
    bare = chains.day, chains.start, chains.activity, chains.quiet, chains.moving, chains.initial
    result = chain.infer(bare, arrays(statements), arrays(shares), (who, doubt, mean, strength), NOT_BEFORE, learn, rounds, 0.0)
    gamma, theta = twins.smooth(Chains(**{**vars(chains), "evidence": np.zeros_like(chains.evidence)}))[1], mean
    before, messages = np.zeros_like(gamma), np.zeros((len(shares.members), gamma.shape[1]))
    for turn in range(rounds):
        damping = 0.5 if turn else 0.0
        said, *of_statements = twins.weigh(statements, theta[who] * doubt, gamma, NOT_BEFORE)
        messages, *of_shares = twins.weigh_shares(shares, theta[who] * doubt, gamma, messages, damping)
        informed, counted = (a + b for a, b in zip(of_statements, of_shares, strict=True))
        before = (1 - damping) * said + damping * before
        evidence = before.copy()
        np.add.at(evidence, shares.members, messages)
        alpha, gamma = twins.smooth(Chains(**{**vars(chains), "evidence": evidence}))
        heard = counted > 0
        informed = np.where(heard, informed / np.where(heard, counted, 1), np.nan)
        if learn:
            passed_on = (1 - informed) * theta[who] * (1 - doubt) / (1 - theta[who] * doubt)
            trusted = strength * mean + [np.nansum((informed + passed_on)[who == k]) for k in range(2)]
            theta = trusted / (strength + [heard[who == k].sum() for k in range(2)])
    for mine, expected in zip(result, (gamma, alpha, evidence, theta, informed, rounds), strict=True):
        assert mine == pytest.approx(expected, abs=1e-10, nan_ok=True)


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
    filtered, gamma = filled(chains, 0, chains.days)
    activity = np.array([chains.every_day(p)[0] for p in range(len(chains.start) - 1)]).T.copy()
    names, out = np.arange(10, 10 + activity.shape[1]), np.empty((runs, *activity.shape), dtype=np.int8)
    chain.draw(filtered, gamma[-1], activity, chains.moving, names, np.array([15000, 0]), np.uint64(seed), begin, out)
    return out


def test_a_draw_equals_its_twin() -> None:
    chains, seed = random_chains(3, sides=3), 2**40 + 5
    (filtered, gamma), histories = filled(chains, 0, chains.days), drawn(chains, 4, seed)
    for run, place in product(range(4), range(4)):
        counters = [(run, 15000 + d, 10 + place, 0) for d in range(chains.days)]
        one = twins.draw_one(filtered[:, place], gamma[-1, place], chains.every_day(place)[0], chains.moving, counters, seed)
        assert histories[run, :, place].tolist() == one


def test_the_same_seed_draws_the_same_bytes_however_the_runs_are_shared_out() -> None:
    chains = random_chains(1)
    many = drawn(chains, 200)
    assert not np.array_equal(many, drawn(chains, 200, seed=8))
    for first in (1, 77, 199):
        assert np.array_equal(many, np.concatenate([drawn(chains, first), drawn(chains, 200 - first, begin=first)]))


def test_many_draws_are_distributed_as_the_belief_on_each_day_and_on_each_pair_of_days() -> None:
    chains, runs = random_chains(5), 40_000
    histories = drawn(chains, runs)
    for place in range(4):
        alpha, gamma = twins.dense(chains, place)
        activity = chains.every_day(place)[0]
        for d in range(chains.days):
            often = np.bincount(histories[:, d, place], minlength=3) / runs
            assert often == pytest.approx(gamma[d], abs=5 * 0.5 / np.sqrt(runs))
            if d:
                step = alpha[d - 1][:, None] * chains.moving[activity[d]]
                both = step / step.sum(axis=0) * gamma[d]
                pairs = np.bincount(histories[:, d - 1, place] * 3 + histories[:, d, place], minlength=9).reshape(3, 3) / runs
                assert pairs == pytest.approx(both, abs=5 * 0.5 / np.sqrt(runs))
