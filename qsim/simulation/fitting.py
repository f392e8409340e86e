"""
Estimate the rules of the simulation from a reconstructed record, by maximum likelihood on histories drawn from the belief.

Given a whole history, each place and day is one observation of the equations in `qsim.simulation.model`, so the likelihood is a product that
needs no simulation. The record is not one history but a belief: the logarithm of the likelihood is averaged over histories drawn from it,
and standard errors add what the histories differ by to what each leaves open (Rubin, Multiple imputation for nonresponse in surveys, 1987).
Priors, normal on the logarithm (or log odds) of each parameter, keep what the record is silent on near `PRIORS`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qsim.belief.timeline import Ensemble, Timeline
from qsim.geography.reachability import network, shut_links
from qsim.record.dates import Day
from qsim.record.theatre import Theatre
from qsim.record.threads import in_threads
from qsim.record.values import by_fields, equal
from qsim.simulation.model import last_holders
from qsim.simulation.rules import CROSSINGS, DEFENDED, Rules, RulesError, Terrain, terrain

Floats = NDArray[np.float64]
KINDS = ("", "hill", "airbase", "square")  # of defence

# Of each parameter: its median before any record, and the standard deviation of its logarithm (log odds for a probability).
PRIORS = {
    "tempo": (0.02, 1.5),
    "resolve": (0.15, 1.0),
    "storm": (0.3, 1.5),
    "foothold": (0.5, 1.0),
    "starved": (0.5, 1.0),
    "yielding": (1.5, 0.7),
    "crossing": (0.5, 0.7),
    "defence": (0.5, 0.7),
    "spill": (0.005, 1.5),
    "unprovoked": (0.001, 1.5),
}
ODDS = ("storm", "starved")
SURRENDERS_SEEN, POCKET_DAYS_SEEN = 1.0, 50.0  # the prior of `surrender`: as if one pocket had yielded in so many days


@dataclass(frozen=True, eq=False, slots=True)
class Observed:
    """
    What histories show, alike observations together: a place on a day, and on the next.

    `now`, `next`, `kind` (of defence), `last`, the side that held it last (-1 unknown), and `fed` (sides), whether each side would be
    supplied there, are (rows,) and (rows, sides);
    `near` (rows, sides, 2, 2) counts the neighbours of each side by supplied and crossing, `fighting` (rows, 2) contested ones by
    crossing; `weights` (rows, histories) how often each history shows the row. `yields` and `pocket_days` are (histories,).
    """

    now: NDArray[np.int8]
    next: NDArray[np.int8]
    kind: NDArray[np.int8]
    last: NDArray[np.int8]
    fed: NDArray[np.int8]
    near: Floats
    fighting: Floats
    weights: Floats
    yields: Floats
    pocket_days: Floats


@dataclass(frozen=True, eq=False, slots=True)
class Fitted:
    """
    What was found of the parameters `names`: on the line on which each is estimated (its logarithm, or log odds), the most likely point
    `theta` and the `covariance` of what is left open; `surrender` has the rate and its standard error.
    """

    names: tuple[str, ...]
    theta: Floats
    covariance: Floats
    surrender: tuple[float, float]

    __eq__ = equal
    __reduce__ = by_fields

    @property
    def rules(self) -> Rules:
        """The most likely rules, with standard errors."""
        lines = zip(self.names, self.theta, np.sqrt(np.diag(self.covariance)), strict=True)
        errors = {name: float(e) * _stretching(name, _relax(name, t)) for name, t, e in lines} | {"surrender": self.surrender[1]}
        return _rules(self.names, self.theta, errors=errors, surrender=self.surrender[0])

    def draw(self, count: int, *, seed: int) -> tuple[Rules, ...]:
        """
        Return rules drawn from what the record leaves open, normal on the line of each parameter, and gamma for `surrender`.

        `simulate` takes them in turn: its histories then differ by luck and by the rules (a posterior predictive distribution; Gelman et
        al., Bayesian data analysis, 2013).
        """
        if count < 1:
            raise RulesError([f"count is {count!r}; expected a whole number from 1"])
        draws = np.random.default_rng(seed)
        low, high = (np.array([_bounds(name)[k] for name in self.names]) for k in (0, 1))
        points = np.clip(draws.multivariate_normal(self.theta, self.covariance, size=count, method="eigh"), low, high)
        rate, error = self.surrender
        rates = draws.gamma((rate / error) ** 2, error**2 / rate, size=count)
        return tuple(_rules(self.names, point, surrender=float(each)) for point, each in zip(points, rates, strict=True))


def fit(timeline: Timeline, *, start: Day | None = None, end: Day | None = None, histories: int = 50, seed: int = 7) -> Rules:
    """
    Return the rules that fit the days from `start` to `end`, both included, of a reconstruction best, with standard errors; `print(rules.table())` shows them.

    Parameters
    ----------
    timeline
        A reconstruction; where its policy draws no histories, the one history that it has. For a forecast: of `ledger.known_by(day)`,
        up to that day.
    start, end
        The phase to learn from; the whole timeline by default. The tempo found is that phase's.
    histories, seed
        How many histories are drawn from the belief, and the seed of the draws.

    Raises
    ------
    RulesError
        When there are fewer than two days, or no place of which anything is known.
    TimelineError
        When the days lie outside.
    """
    return fitted(timeline, start=start, end=end, histories=histories, seed=seed).rules


def fitted(timeline: Timeline, *, start: Day | None = None, end: Day | None = None, histories: int = 50, seed: int = 7) -> Fitted:
    """Return what `fit` finds with all it leaves open, from which rules can be drawn; parameters and errors are those of `fit`."""
    if not isinstance(timeline, Timeline):
        raise RulesError(
            [f"{type(timeline).__name__} given; expected a Timeline, from which histories are drawn (`fit_histories` takes them)"]
        )
    span = timeline if start is None and end is None else timeline[start:end]
    return _fitted(span.most_likely() if span.chains is None else span.sample(histories, seed), independent=False)


def fit_histories(histories: Ensemble) -> Rules:
    """
    Return the rules that fit many histories best, each taken as a record of its own: their likelihoods multiply.

    For histories that were simulated; errors are those of `fit`.
    """
    return _fitted(histories, independent=True).rules


def observe(histories: Ensemble, rules: Rules) -> Observed:
    """Return what the histories show of places that may change; `rules` says only after how many days a pocket is long cut off."""
    status, theatre = histories.status, histories.theatre
    known = (status != -1).any(axis=(0, 1))
    if status.shape[1] < 2 or not known.any():
        raise RulesError([f"{histories!r} shows nothing to fit; expected at least two days, and a place of which something is known"])
    ground = terrain(theatre, rules, known)
    shut = np.stack([shut_links(histories, side.id) for side in theatre.sides], axis=1)
    fed = _fed(ground, shut, status, len(theatre.sides))
    yielded, yields, pocket_days = _surrenders(histories, ground, shut, fed, rules.patience_days)
    near, fighting = _neighbours(theatre, ground, shut, status, fed)
    kinds = np.array([KINDS.index(DEFENDED.get(place.kind, "")) for place in theatre.places], dtype=np.int8)
    kept = ground.free & (status[:, :-1] != -1) & (status[:, 1:] != -1) & ~yielded
    run, d, p = np.nonzero(kept)
    last = last_holders(status, len(theatre.sides))[run, d, p]
    alike = (status[run, d, p], status[run, d + 1, p], kinds[p], last, fed[:, run, d, p].T, near[run, d, p], fighting[run, d, p])
    table: NDArray[np.int8] = np.column_stack(alike)
    _blank(table, len(theatre.sides))
    packed, which = np.unique(np.ascontiguousarray(table).view(np.dtype((np.void, table.shape[1]))).ravel(), return_inverse=True)
    rows: NDArray[np.int8] = packed.view(np.int8).reshape(len(packed), -1)
    weights = np.bincount(which * len(status) + run, minlength=len(rows) * len(status)).reshape(len(rows), -1).astype(float)
    sides = len(theatre.sides)
    neighbours = rows[:, 4 + sides : -2].reshape(-1, sides, 2, 2).astype(float)
    return Observed(
        rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3], rows[:, 4 : 4 + sides], neighbours,
        rows[:, -2:].astype(float), weights, yields, pocket_days,
    )  # fmt: skip


def log_likelihood(seen: Observed, rules: Rules, sides: Sequence[str]) -> Floats:
    """Return the logarithm of the probability of each row under the rules, shape (rows,)."""
    tempo = np.array([rules.tempo.get(side, rules.pace) for side in sides])
    factors = np.outer([rules.starved, 1.0], [1.0, rules.crossing])
    pressure = (seen.near * factors).sum(axis=(2, 3))
    worth = np.where(seen.fed == 1, 1.0, rules.starved)
    contested, rows = seen.now == len(sides), np.arange(len(seen.now))
    own = np.where(contested, 0, seen.now)
    shield = np.array([rules.defence.get(kind, 1.0) for kind in KINDS])[seen.kind]
    weak = shield * np.where(seen.fed[rows, own] == 1, 1.0, rules.yielding)
    attack = weak[:, None] * tempo * pressure + rules.unprovoked / max(1, len(sides) - 1)
    attack[rows, own] = 0.0
    spilt = weak * rules.spill * (seen.fighting @ [1.0, rules.crossing])
    hazard = attack.sum(axis=1) + spilt
    target = np.minimum(seen.next, len(sides) - 1)
    taken = np.where(seen.next == len(sides), (1 - rules.storm) * attack.sum(axis=1) + spilt, rules.storm * attack[rows, target])
    with np.errstate(divide="ignore", invalid="ignore"):
        held = np.where(seen.next == seen.now, -hazard, np.log(-np.expm1(-hazard)) + np.log(taken) - np.log(hazard))
        there = (seen.last[:, None] == np.arange(len(sides))) | (seen.last < 0)[:, None] | (pressure > 0)
        weight = tempo * worth * (rules.foothold * there + pressure) + rules.unprovoked
        settled = np.log(-np.expm1(-rules.resolve)) + np.log(weight[rows, target]) - np.log(weight.sum(axis=1))
    return np.where(contested, np.where(seen.next == seen.now, -rules.resolve, settled), held)


def _fitted(histories: Ensemble, *, independent: bool) -> Fitted:
    """Maximise the likelihood with the priors, and tell how sure the result is."""
    from scipy.optimize import minimize

    seen = observe(histories, Rules())
    sides = [side.id for side in histories.theatre.sides]
    names = _names(sides)
    middle, spread = np.array([_stretch(name, PRIORS[name.split()[0]][0]) for name in names]), _spreads(names)
    weights = seen.weights.sum(axis=1) if independent else seen.weights.mean(axis=1)

    def loss(theta: Floats) -> float:
        return float(-weights @ log_likelihood(seen, _rules(names, theta), sides) + (((theta - middle) / spread) ** 2).sum() / 2)

    theta = np.asarray(minimize(loss, middle, method="L-BFGS-B", bounds=[_bounds(name) for name in names]).x)
    slope = _slopes(seen, names, theta, sides)
    covariance = np.linalg.inv(slope.T @ (weights[:, None] * slope) + np.diag(spread**-2.0))
    count = seen.weights.shape[1]
    if not independent and count > 1:  # what the histories differ by, on top of what each leaves open
        scores = seen.weights.T @ slope
        covariance = covariance + (1 + 1 / count) * covariance @ np.cov(scores.T) @ covariance
    pooled = np.sum if independent else np.mean
    yields, days = SURRENDERS_SEEN + pooled(seen.yields), POCKET_DAYS_SEEN + pooled(seen.pocket_days)
    between = 0.0 if independent else float(np.var(seen.yields)) * (1 + 1 / count)
    return Fitted(tuple(names), theta, covariance, (float(yields / days), float(np.sqrt(yields + between) / days)))


def _rules(names: Sequence[str], theta: Floats, *, errors: Mapping[str, float] | None = None, **rest: float) -> Rules:
    """Return the rules of a point on the line of each parameter, and what is not estimated there as it is given."""
    values = {name: _relax(name, t) for name, t in zip(names, theta, strict=True)}
    single = {name: value for name, value in values.items() if " " not in name}
    grouped: dict[str, dict[str, float]] = {"tempo": {}, "defence": {}}
    for name, value in values.items():
        if " " in name:
            grouped[name.split()[0]][name.split()[1]] = value
    return Rules(**single, **rest, **grouped, errors=errors or {})  # type: ignore[arg-type]


def _names(sides: Sequence[str]) -> list[str]:
    single = [name for name in PRIORS if name not in ("tempo", "defence")]
    return [*(f"tempo {side}" for side in sides), *single, *(f"defence {kind}" for kind in KINDS[1:])]


def _spreads(names: Sequence[str]) -> Floats:
    return np.array([PRIORS[name.split()[0]][1] for name in names])


def _bounds(name: str) -> tuple[float, float]:
    """Return how far from its prior a parameter may lie, on its line: six standard deviations."""
    median, spread = PRIORS[name.split()[0]]
    return _stretch(name, median) - 6 * spread, _stretch(name, median) + 6 * spread


def _stretch(name: str, value: float) -> float:
    """Return a parameter on the line on which it is estimated: its logarithm, or log odds."""
    return float(np.log(value / (1 - value)) if name in ODDS else np.log(value))


def _relax(name: str, theta: float) -> float:
    return float(1 / (1 + np.exp(-theta)) if name in ODDS else np.exp(theta))


def _stretching(name: str, value: float) -> float:
    """Return the slope of a parameter along that line, which carries a standard error back (the delta method)."""
    return value * (1 - value) if name in ODDS else value


def _slopes(seen: Observed, names: Sequence[str], theta: Floats, sides: Sequence[str]) -> Floats:
    """Return the slope of each row's log-likelihood in each parameter, shape (rows, parameters), by central differences."""
    columns = []
    for k in range(len(theta)):
        step = np.zeros(len(theta))
        step[k] = 1e-4
        up, down = (log_likelihood(seen, _rules(names, theta + sign * step), sides) for sign in (1, -1))
        columns.append((up - down) / 2e-4)
    return np.column_stack(columns)


def _fed(ground: Terrain, shut: NDArray[np.bool_], status: NDArray[np.int8], sides: int) -> NDArray[np.bool_]:
    """Return whether each side would be supplied at each place, shape (sides, runs, days, places)."""
    from qsim.simulation.kernels.spread import Ground
    from qsim.simulation.kernels.supply import supplied

    laid, (runs, days, places) = Ground(*(getattr(ground, name) for name in Ground._fields)), status.shape
    found = np.zeros((runs, sides, days, places), dtype=bool)
    in_threads(lambda first, after: supplied(laid, shut, status[first:after], found[first:after]), runs)
    return found.swapaxes(0, 1)


def _neighbours(
    theatre: Theatre, ground: Terrain, shut: NDArray[np.bool_], status: NDArray[np.int8], fed: NDArray[np.bool_]
) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Return the neighbours of each place by side, supplied and crossing, (runs, days, places, sides * 4), and the contested by crossing."""
    roads, sides = network(theatre), len(theatre.sides)
    near, fighting = np.zeros((*status.shape, sides, 2, 2), dtype=np.int8), np.zeros((*status.shape, 2), dtype=np.int8)
    holder = np.where(ground.owner >= 0, ground.owner, status)
    crossing = [int(link.kind in CROSSINGS) for link in theatre.links]
    for place in np.flatnonzero(ground.free):
        for e in range(roads.start[place], roads.start[place + 1]):
            there, link = roads.heads[e], roads.link[e]
            fighting[:, :, place, crossing[link]] += holder[..., there] == sides
            for r in range(sides):
                held = (holder[..., there] == r) & ~shut[:, r, link]
                near[:, :, place, r, 1, crossing[link]] += held & fed[r, ..., there]
                near[:, :, place, r, 0, crossing[link]] += held & ~fed[r, ..., there]
    return near.reshape(*status.shape, -1), fighting


def _blank(table: NDArray[np.int8], sides: int) -> None:
    """Blank, in place, what has no bearing on a row, so that more rows are alike: a held place's own side presses on nobody."""
    for s in range(sides):
        held = table[:, 0] == s
        for r in range(sides):
            column = 4 + sides + 4 * r
            if r == s:
                table[held, column : column + 4] = 0
            else:
                table[held, 4 + r] = 0
    table[table[:, 0] != sides, 3] = -1
    table[np.ix_(table[:, 0] == sides, [2, -2, -1])] = 0


def _surrenders(
    histories: Ensemble, ground: Terrain, shut: NDArray[np.bool_], fed: NDArray[np.bool_], patience: int
) -> tuple[NDArray[np.bool_], Floats, Floats]:
    """
    Return which places yielded with their pocket, (runs, days - 1, places), and of each history how many pockets did, and pocket-days.
    """
    from qsim.geography.kernels.graph import components

    status, roads = histories.status, network(histories.theatre)
    runs, days, places = status.shape
    sides = len(histories.theatre.sides)
    yielded, yields, pocket_days = np.zeros((runs, days - 1, places), dtype=bool), np.zeros(runs), np.zeros(runs)
    for s in range(sides):
        stranded = ground.free & (status == s) & ~fed[s]
        age = np.zeros((runs, places), dtype=int)
        alive = ((status == s) | (status == sides))[..., ground.follow] & ~fed[s]
        labels = np.empty(status.shape, dtype=np.int32)
        components(*roads.rows, np.ascontiguousarray(shut[None, :, s]), alive, labels)
        for d in range(days - 1):
            age = np.where(stranded[:, d], age + 1, 0)
            for run in np.flatnonzero((age >= patience).any(axis=1)):
                for part in np.unique(labels[run, d][age[run] >= patience]):
                    held = np.flatnonzero((labels[run, d] == part) & (status[run, d] == s))
                    if len(held) < 2:
                        continue
                    pocket_days[run] += 1
                    after = status[run, d + 1, held]
                    if (after == after[0]).all() and after[0] not in (s, sides):
                        yields[run] += 1
                        yielded[run, d, (labels[run, d] == part) & (status[run, d + 1] == after[0])] = True
    return yielded, yields, pocket_days
