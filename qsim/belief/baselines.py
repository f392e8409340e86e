"""
Simple policies to measure others by: who knows nothing, who expects no change, majorities, Dawid and Skene, and one source alone.

Each is a policy as `qsim.reconstruct` takes them: a function of a theatre, a ledger and days that returns an `Estimate`.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qsim.belief.estimate import Estimate
from qsim.belief.last_claim import certain, last_claim
from qsim.belief.statements import distinct
from qsim.belief.vote import ballot, sizes, vote
from qsim.record.dates import Days
from qsim.record.ledger import Ledger
from qsim.record.packed import Lists
from qsim.record.scope import reach
from qsim.record.theatre import Theatre

_SMOOTHING = 0.1  # of a source's table of errors: what was said once more or less does not make it certain


def flat(theatre: Theatre, ledger: Ledger, days: Days) -> Estimate:
    """Return that nothing is known: every status alike, everywhere and always."""
    return Estimate(np.full((len(days), len(theatre.places), len(theatre.statuses)), 1 / len(theatre.statuses)))


def persistence(theatre: Theatre, ledger: Ledger, days: Days) -> Estimate:
    """Return each place as it was last said to be by the day before: no news, no change."""
    return last_claim(theatre, ledger, days - np.timedelta64(1, "D"))


def majority(theatre: Theatre, ledger: Ledger, days: Days) -> Estimate:
    """Return what most votes say (see `qsim.belief.vote`), for certain; flat where nobody leads."""
    history = vote(theatre, ledger, days).history
    assert history is not None
    return Estimate(certain(history, len(theatre.statuses)), history)


def copy_one(theatre: Theatre, ledger: Ledger, days: Days) -> Estimate:
    """Return the word of one source alone, of the one that agrees most often with what the others say of the same places and days."""
    heard = ledger.columns.take(ledger.columns.of_control).column("source").counts()
    sources = sorted(id for id in heard if ledger.sources[id].origin is None)
    told = [last_claim(theatre, _alone(ledger, {source}), days) for source in sources]
    if not told:
        return flat(theatre, ledger, days)
    status = np.stack([estimate.history for estimate in told if estimate.history is not None])
    return told[int(np.argmax([_agreement(status, i) for i in range(len(status))]))]


def dawid_skene(theatre: Theatre, ledger: Ledger, days: Days, *, window_days: int = 7, rounds: int = 30) -> Estimate:
    """
    Return belief by Dawid and Skene (1979): each place and window of days an item, each origin an annotator with errors of its own.

    Nothing ties one window to the next: one in which nobody speaks of a place is believed as the last in which somebody did; before
    the first the belief is flat. What a claim says of a place is its vote (`qsim.belief.vote.ballot`). (Maximum likelihood estimation
    of observer error-rates using the EM algorithm.)
    """
    statuses, places = len(theatre.statuses), len(theatre.places)
    spoken = ledger.columns.start[ledger.columns.of_control]
    first = min(days[0], np.datetime64(int(spoken.min(initial=days[0].astype(np.int64))), "D"))
    windows = int((days[-1] - first).astype(int)) // window_days + 1
    item, origin, votes = _heard(theatre, ledger, first, windows, window_days)
    belief = np.full((windows * places, statuses), 1 / statuses)
    if len(item):
        heard = np.unique(item)
        belief[heard] = _expected(np.searchsorted(heard, item), origin, votes, rounds)
    known = np.zeros(windows * places, dtype=bool)
    known[item] = True
    latest = np.where(known.reshape(windows, places), np.arange(windows)[:, None], -1)
    latest = np.maximum.accumulate(latest, axis=0)
    standing = np.where(latest[..., None] >= 0, belief.reshape(windows, places, -1)[np.maximum(latest, 0), np.arange(places)], 1 / statuses)
    return Estimate(standing[(days - first).astype(int) // window_days])


def _heard(
    theatre: Theatre, ledger: Ledger, first: np.datetime64, windows: int, window_days: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return the item, the origin and the votes (statuses,) of everything said of a place within a window of days."""
    origins = {id: i for i, id in enumerate(sorted({ledger.origin_of(id) for id in ledger.columns.column("source").counts()}))}
    claims = distinct(ledger)
    claims = claims.take(claims.of_control)
    few, of = claims.alike("kind", "side", "quantifier", "value", "bound", by=sizes(theatre, claims))
    ballots = [ballot(theatre, claim) for claim in few]
    shares = np.array([np.zeros(len(theatre.statuses)) if said is None or said.sum() <= 0 else said / said.sum() for said in ballots])
    shares = shares.reshape(-1, len(theatre.statuses))
    rows = np.flatnonzero((shares.sum(axis=1) > 0)[of])
    subjects, about = claims.alike("place", "kind", "quantifier")
    reaching = Lists.of_each(reach(theatre, claim) for claim in subjects)
    begins, ends = ((days - first.astype(np.int64)) // window_days for days in (claims.start[rows], claims.end[rows]))
    lasting = np.maximum(0, np.minimum(ends, windows - 1) + 1 - begins)
    row, window = np.repeat(rows, lasting), np.repeat(begins - (np.cumsum(lasting) - lasting), lasting) + np.arange(lasting.sum())
    place, which = reaching.gathered(about[row])
    voice = claims.column("source").each(lambda id: origins[ledger.origin_of(id)], np.int64)
    return window[which] * len(theatre.places) + place, voice[row[which]], shares[of[row[which]]]


def _expected(item: NDArray[np.int64], origin: NDArray[np.int64], votes: NDArray[np.float64], rounds: int) -> NDArray[np.float64]:
    """Return the belief in each item (items, statuses) after `rounds` of EM over items and the origins' tables of errors."""
    items, origins, statuses = int(item.max()) + 1, int(origin.max()) + 1, votes.shape[1]
    belief = np.zeros((items, statuses))
    np.add.at(belief, item, votes)
    belief /= belief.sum(axis=1, keepdims=True)
    for _ in range(rounds):
        errors = np.full((origins, statuses, statuses), _SMOOTHING)
        np.add.at(errors, origin, belief[item][:, :, None] * votes[:, None, :])
        errors /= errors.sum(axis=-1, keepdims=True)
        likely = np.tile(np.log(belief.mean(axis=0) + 1e-300), (items, 1))
        np.add.at(likely, item, np.einsum("cr,csr->cs", votes, np.log(errors[origin])))
        belief = np.exp(likely - likely.max(axis=1, keepdims=True))
        belief /= belief.sum(axis=1, keepdims=True)
    return belief


def _agreement(status: NDArray[np.int8], i: int) -> float:
    """Return how often the source `i` says what another says of the same place and day; `status` is (sources, days, places), -1 silent."""
    others = np.delete(status, i, axis=0)
    both = (others >= 0) & (status[i] >= 0)
    return float((both & (others == status[i])).sum() / both.sum()) if both.any() else 0.0


def _alone(ledger: Ledger, sources: Iterable[str]) -> Ledger:
    wanted = set(sources)
    return replace(ledger, claims=ledger.columns.take(ledger.columns.column("source").each(wanted.__contains__, bool)))
