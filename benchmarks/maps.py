"""
Belief against simpler ways on whole maps of who holds what: each map left out in turn, and foretold from the others.

    python benchmarks/maps.py FOLDER...

A folder is a scenario whose sources are maps, or lists, that show the state of places over time; `docs/maps.md` says where there are
public ones, and how they become a scenario. For each map the Brier score (0..2) of the belief in what it shows, on every seventh day
of each place, and by how much it exceeds that of the vote, with the interval that holds 90 % of a bootstrap over places. What is right
where a policy is sure (> 0.85 in a side) stands beside. Copies of a map (`origin`) are left out with it.

The look-up is no policy: it has seen the left-out map at nine tenths of the places and says how often it shows what where the others
show what they show. It tells how far any reading of the others can get.
"""

import argparse
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

import qsim
from qsim.belief.baselines import copy_one, dawid_skene, majority
from qsim.belief.foretelling import foretellable
from qsim.belief.reconstruct import Policy, last_claim
from qsim.belief.scores import Prediction, left_out_source
from qsim.record.dates import day_range
from qsim.record.ledger import Ledger
from qsim.record.theatre import Theatre

POLICIES: Mapping[str, str | Policy] = {
    "hmm": "hmm", "vote": "vote", "majority": majority, "Dawid-Skene": dawid_skene, "copy one": copy_one,
}  # fmt: skip
FOLDS, RESAMPLES, SURE, EVERY_DAYS, FEWEST = 10, 2000, 0.85, 7, 50
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Row:
    """One way to foretell one map: its Brier score, by how much it exceeds the vote's with a 90 % interval, what it says and gets right."""

    source: str
    policy: str
    asked: int
    brier: float
    over_vote: float
    interval: tuple[float, float]
    said: float
    right: float


def table(theatre: Theatre, ledger: Ledger, policies: Mapping[str, str | Policy] = POLICIES) -> list[Row]:
    """Return the rows of every map that shows enough: each policy, and the look-up."""
    rows = []
    for source in maps_of(theatre, ledger):
        found = {name: left_out_source(theatre, ledger, source, policy=policy, every_days=EVERY_DAYS) for name, policy in policies.items()}
        some = found["vote"]
        beliefs = {name: np.array([each.belief for each in told]) for name, told in found.items()}
        beliefs["look-up"] = look_up(theatre, ledger, source, some)
        said, place = np.array([each.said for each in some]), np.unique([each.claim.place for each in some], return_inverse=True)[1]
        scores = {name: brier(belief, said) for name, belief in beliefs.items()}
        for name, belief in beliefs.items():
            over = scores[name] - scores["vote"]
            rows.append(
                Row(source, name, len(some), float(scores[name].mean()), float(over.mean()), interval(over, place), *sure(belief, said))
            )
    return rows


def maps_of(theatre: Theatre, ledger: Ledger) -> list[str]:
    """Return the sources that say of enough places and weeks who holds them, and have somebody else to be foretold from."""
    weeks: dict[str, int] = defaultdict(int)
    for claim in foretellable(theatre, ledger):
        weeks[claim.source] += 1 + (claim.window.length - 1) // EVERY_DAYS
    several = len({ledger.origin(claim) for claim in ledger.claims}) > 1
    return [source for source, asked in sorted(weeks.items()) if asked >= FEWEST and several]


def look_up(theatre: Theatre, ledger: Ledger, source: str, asked: Sequence[Prediction]) -> Floats:
    """Return how often the map shows each status at other places where the other maps show what they show here, (asked, statuses)."""
    origin = ledger.origin(asked[0].claim)
    others = sorted({claim.source for claim in ledger.claims if ledger.origin(claim) != origin})
    days = day_range(min(each.claim.window.start for each in asked), max(each.claim.window.start for each in asked))
    shown = np.stack([last_claim(theatre, _alone(ledger, other), days).history for other in others], axis=-1)
    day = [int((np.datetime64(each.claim.window.start) - days[0]).astype(int)) for each in asked]
    place = [theatre.index.get(each.claim.place, -1) for each in asked]
    patterns = [shown[d, p].tobytes() for d, p in zip(day, place, strict=True)]
    part = np.random.default_rng(7).permutation(len(theatre.places))[place] % FOLDS
    said = np.array([each.said for each in asked])
    statuses = len(theatre.statuses)
    belief = np.empty((len(asked), statuses))
    for fold in range(FOLDS):
        seen: dict[bytes, Floats] = defaultdict(lambda: np.full(statuses, 1 / statuses))
        for pattern, status in ((patterns[i], said[i]) for i in np.flatnonzero(part != fold)):
            seen[pattern][status] += 1
        for i in np.flatnonzero(part == fold):
            belief[i] = seen[patterns[i]] / seen[patterns[i]].sum()
    return belief


def brier(belief: Floats, said: NDArray[np.int64]) -> Floats:
    """Return the Brier score of each belief, 0..2."""
    return np.asarray(((belief - np.eye(belief.shape[1])[said]) ** 2).sum(axis=1))


def interval(values: Floats, place: NDArray[np.int64]) -> tuple[float, float]:
    """Return the interval that holds 90 % of the means of resampled places."""
    places = int(place.max()) + 1
    sums, counts = np.bincount(place, values, minlength=places), np.bincount(place, minlength=places)
    weights = np.random.default_rng(7).multinomial(places, np.full(places, 1 / places), size=RESAMPLES)
    low, high = np.quantile((weights @ sums) / (weights @ counts), [0.05, 0.95])
    return float(low), float(high)


def sure(belief: Floats, said: NDArray[np.int64]) -> tuple[float, float]:
    """Return what is believed on average where a side is believed above 0.85, and how often the map shows that side."""
    side = belief[:, :-1].argmax(axis=1)
    p = belief[np.arange(len(belief)), side]
    kept = p > SURE
    return (float(p[kept].mean()), float((said == side)[kept].mean())) if kept.any() else (float("nan"), float("nan"))


def report(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = ["| left out | foretold by | Brier | over the vote | sure: says | right |", "|---|---|---|---|---|---|"]
    for row in rows:
        over = "" if row.policy == "vote" else f"{row.over_vote:+.3f} [{row.interval[0]:+.3f}, {row.interval[1]:+.3f}]"
        lines.append(f"| {row.source} ({row.asked}) | {row.policy} | {row.brier:.3f} | {over} | {row.said:.2f} | {row.right:.2f} |")
    return "\n".join(lines)


def _alone(ledger: Ledger, source: str) -> Ledger:
    return replace(ledger, claims=tuple(claim for claim in ledger.claims if claim.source == source))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", metavar="FOLDER", help="a scenario of maps")
    for folder in parser.parse_args().folders:
        theatre, ledger = qsim.load(folder)
        rows = table(theatre, ledger)
        print(f"{theatre.title}: {len(theatre.places)} places, {len(ledger)} claims\n")
        print(report(rows) if rows else "no source shows enough, or nobody else speaks")
        print()
