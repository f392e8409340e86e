"""
A seeded made-up war, whose truth is known: a front that moves over a planar graph, and sources of known reliability that tell of it.

Honest to the model where the model makes a promise: a source is informed with its own probability, and then says what is so with the
errors of `Model.saying`; else it bluffs, mostly for its own side. Not of the model: the front moves from neighbour to
neighbour, most reports come from near it, words arrive late, some speak of a few days, and some voices only repeat another.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay
from toys import theatre

from qsim.belief.evidence import reading
from qsim.record.dates import Window, day
from qsim.record.ledger import Claim, Ledger, Source
from qsim.record.settings import Model
from qsim.record.theatre import Theatre

START = np.datetime64("2001-01-01")
PLAIN = Model()
MOVING = np.array(  # quiet, busy and turning days
    [
        [[0.992, 0.004, 0.004], [0.004, 0.992, 0.004], [0.05, 0.05, 0.90]],
        [[0.82, 0.05, 0.13], [0.05, 0.82, 0.13], [0.15, 0.15, 0.70]],
        [[0.55, 0.30, 0.15], [0.30, 0.55, 0.15], [0.30, 0.30, 0.40]],
    ]
)
KINDS = ("activist", "state_media", "military", "militia", "civilian")


@dataclass(frozen=True)
class War:
    """
    A theatre, what was said, and the truth: `status` and `activity` (0 quiet, 1 busy, 2 turning), shapes (days, places), and the
    probability that each source is informed.
    """

    theatre: Theatre
    ledger: Ledger
    status: NDArray[np.int8]
    activity: NDArray[np.int8]
    reliability: dict[str, float]

    @property
    def near_front(self) -> NDArray[np.bool_]:
        """Whether a place is contested or has a neighbour of another status, shape (days, places)."""
        return np.array([_near(_joined(self.theatre), now) for now in self.status])


def war(
    seed: int, *, claims: int = 1400, places: int = 40, days: int = 120, sources: int = 12, model: Model = PLAIN, neutral: bool = True
) -> War:
    """Return a war; the same seed gives the same one. `model` gives the errors of those who speak; without `neutral` all are partisans."""
    random = np.random.default_rng(seed)
    where = country(random, places)
    status, activity = history(random, where, days)
    kinds = [KINDS[k % len(KINDS)] for k in range(sources)]
    trust = [random.beta(mean * n, (1 - mean) * n) for mean, n in map(PLAIN.reliability.__getitem__, kinds)]
    reliability = {f"s{k:02d}": float(np.clip(p, 0.3, 0.95)) for k, p in enumerate(trust)}
    voices = {
        id: Source(id, id, kinds[k], ((None, "red", "blue")[k % 3] if neutral else ("red", "blue")[k % 2]))
        for k, id in enumerate(reliability)
    }
    silent = War(where, Ledger(voices, ()), status, activity, reliability)
    topics = _topics(random, silent)
    told = [_claim(random, silent, model, topics, f"c{n:04d}") for n in range(claims)]
    echoes = {f"e{k}": Source(f"e{k}", f"echo {k}", "activist", None, origin=f"s{3 * k:02d}") for k in range(3)}
    told += [
        _echo(random, claim, echo.id) for echo in echoes.values() for claim in told if claim.source == echo.origin and random.random() < 0.6
    ]
    return replace(silent, ledger=Ledger({**voices, **echoes}, tuple(told)))


def country(random: np.random.Generator, places: int) -> Theatre:
    """Return a planar country of red (west) against blue (east): random points, each joined to its neighbours."""
    points = random.random((places, 2))
    names = [f"p{n:02d}" for n in range(places)]
    pairs = {tuple(sorted((a, b))) for triangle in Delaunay(points).simplices for a, b in zip(triangle, np.roll(triangle, 1), strict=True)}
    return theatre(dict(zip(names, map(tuple, points.tolist()), strict=True)), [f"{names[a]}-{names[b]}" for a, b in sorted(pairs)])


def history(random: np.random.Generator, where: Theatre, days: int) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """
    Return who held what and what was going on, shapes (days, places).

    Only at the front do places change, by the model's matrices; red attacks first, then blue, and the one attacked has the busy days.
    """
    joined, moving = _joined(where), MOVING
    now = np.array([int(place.lon > 0.5) for place in where.places], dtype=np.int8)
    status, activity = np.empty((days, len(now)), dtype=np.int8), np.zeros((days, len(now)), dtype=np.int8)
    for d in range(days):
        red_attacks = 0.5 + 0.4 * np.sin(2 * np.pi * d / days)
        exposed = _near(joined, now) * np.array([1 - red_attacks, red_attacks, 0.5])[now]
        chance = random.random(len(now))
        activity[d] = np.where(chance < 0.03 * exposed, 2, np.where(chance < 0.10 * exposed, 1, 0))
        odds = moving[activity[d], now].cumsum(axis=1)
        now = np.where(exposed > 0, (random.random(len(now))[:, None] > odds).sum(axis=1), now).astype(np.int8)
        status[d] = now
    return status, activity


def _joined(where: Theatre) -> NDArray[np.bool_]:
    """Return which places have a link, shape (places, places)."""
    return np.asarray(nx.to_numpy_array(where.graph(), nodelist=list(where.index)) > 0)


def _near(joined: NDArray[np.bool_], now: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Return which places are contested or next to a place of another status, shape (places,)."""
    return np.asarray((joined & (now[:, None] != now[None, :])).any(axis=1) | (now == 2))


def _topics(random: np.random.Generator, war: War) -> Iterator[tuple[int, int]]:
    """Yield the days and places that voices turn to: half of them where something is going on, the others rather near the front."""
    busy = np.argwhere(war.activity > 0)
    weights = np.where(war.near_front, 3.0, 1.0) * (war.activity == 0)
    chances = (weights / weights.sum()).ravel()
    while True:
        calm = np.argwhere(weights >= 0)[random.choice(weights.size, 1000, p=chances)]
        for topic in np.stack([calm, busy[random.integers(len(busy), size=1000)]], axis=1).reshape(-1, 2).tolist():
            yield topic[0], topic[1]


def _claim(random: np.random.Generator, war: War, model: Model, topics: Iterator[tuple[int, int]], id: str) -> Claim:
    """
    Return what a voice says of a day and place, informed or not.

    The model's likelihoods are of what is said; silence is none of its evidence. So a voice that would call a quiet place contested,
    or informed of a capture by whoever held the place the day before, says nothing, and turns to another day and place.
    """
    source = war.ledger.sources[str(random.choice(sorted(war.reliability)))]
    own = None if source.side is None else war.theatre.statuses.index(source.side)
    informed = bool(random.random() < war.reliability[source.id])
    for d, p in topics:
        turning = war.activity[d, p] == 2
        odds = model.saying(2, taken=turning)[war.status[d, p]] if informed else _bluff(own)
        said = int(random.choice(3, p=odds))
        no_news = informed and turning and d > 0 and said == war.status[d - 1, p] and random.random() < model.not_before
        if not (no_news or (said == 2 and war.activity[d, p] == 0)):
            break
    kind = "contests" if said == 2 else ("holds", "repulses", "takes")[war.activity[d, p]]
    early, wide = (int(random.integers(0, 3)), 2) if random.random() < 0.2 else (0, 0)
    start = day(START + np.timedelta64(max(0, d - early), "D"))
    window = Window(start, start + timedelta(days=wide))
    late = window.end + timedelta(days=int(random.geometric(0.4)) - 1)
    side = None if said == 2 else war.theatre.statuses[said]
    return Claim(id, war.theatre.places[p].id, kind, window, source.id, side, reported=Window(late, late))


def _bluff(own: int | None) -> NDArray[np.float64]:
    """Return what an uninformed voice says, (readings,): anything, or mostly its own side."""
    said = np.full(3, 1 / 3 if own is None else 0.10)
    if own is not None:
        said[own], said[2] = 0.72, 0.18
    return said


def _echo(random: np.random.Generator, claim: Claim, source: str) -> Claim:
    """Return a claim repeated by a source some days later."""
    assert claim.reported is not None
    late = claim.reported.end + timedelta(days=int(random.integers(0, 4)))
    return replace(claim, id=f"{source}-{claim.id}", source=source, reported=Window(late, late))


def dawid_skene(war: War, *, window_days: int = 7, rounds: int = 30) -> NDArray[np.float64]:
    """
    Return belief (days, places, statuses) by Dawid and Skene (1979): each place and week an item, each source an annotator.

    A week without any claim is believed as the last one with some; before the first it is flat.
    """
    theatre, names = war.theatre, sorted(war.ledger.sources)
    days, places = war.status.shape
    weeks = -(-days // window_days)
    heard = np.zeros((weeks * places, len(names), 3))
    for claim in war.ledger.claims:
        week = min(weeks - 1, int((np.datetime64(claim.window.start) - START).astype(int)) // window_days)
        said = theatre.statuses.index(reading(theatre, claim) or "")
        heard[week * places + theatre.index[claim.place], names.index(claim.source), said] += 1
    any_heard = heard.any(axis=(1, 2))
    belief = np.full((len(heard), 3), 1 / 3)
    belief[any_heard] = heard.sum(axis=1)[any_heard] / heard.sum(axis=(1, 2))[any_heard, None]
    for _ in range(rounds):
        errors = np.einsum("is,ikr->ksr", belief[any_heard], heard[any_heard]) + 0.1
        errors /= errors.sum(axis=-1, keepdims=True)
        scores = np.log(belief[any_heard].mean(axis=0)) + np.einsum("ikr,ksr->is", heard[any_heard], np.log(errors))
        likely = np.exp(scores - scores.max(axis=1, keepdims=True))
        belief[any_heard] = likely / likely.sum(axis=1, keepdims=True)
    by_week, known = belief.reshape(weeks, places, 3), any_heard.reshape(weeks, places)
    for w in range(1, weeks):
        by_week[w] = np.where(known[w][:, None], by_week[w], by_week[w - 1])
    return np.asarray(np.repeat(by_week, window_days, axis=0)[:days])
