"""What is worked out in columns is, to the last bit, what follows claim by claim from the definitions."""

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from random_ledgers import LEDGERS, country
from toys import SOURCES, claim

from qsim.belief import last_claim as replay
from qsim.belief.book import Book, _is_told_of, is_event, supports
from qsim.belief.evidence import last_reports, last_reports_of_day, reported, reports
from qsim.belief.last_claim import LEANING_HALF_LIFE_DAYS, last_claim
from qsim.belief.reconstruct import reconstruct
from qsim.belief.statements import distinct
from qsim.belief.statuses import NEITHER, NOBODY, most_likely_status, status_of_belief
from qsim.belief.timeline import FLAT
from qsim.belief.vote import ballot, vote
from qsim.belief.why import _by_claims
from qsim.record.dates import Days, day_range
from qsim.record.ledger import Claim, Ledger
from qsim.record.scope import bearing, in_order, reach

THEATRE = country()
DAYS = day_range("2001-01-02", "2001-01-12")


def distinct_one_by_one(ledger: Ledger) -> list[Claim]:
    kept: dict[tuple[object, ...], Claim] = {}
    for each in sorted(ledger.claims, key=lambda c: (ledger.sources[c.source].origin is not None, c.id)):
        key = (ledger.origin(each), each.place, each.kind, each.side, each.quantifier, each.value, each.bound, each.window)
        kept.setdefault(key, each)
    return sorted(kept.values(), key=lambda c: (c.window.start, c.place, c.kind, c.source, c.window.end, c.quantifier or "", c.id))


def last_claim_one_by_one(ledger: Ledger, days: Days) -> NDArray[np.int8]:
    history = np.full((len(days), len(THEATRE.places)), -1, dtype=np.int8)
    map_now, leaning = history[0].copy(), np.zeros((2, len(THEATRE.places)))
    told = groupby(in_order(each for each in distinct(ledger) if each.of_control), key=lambda each: each.effective)
    news = [(moment, list(each)) for moment, each in told]
    yesterday = news[0][0] if news else None
    for d, moment in enumerate(days):
        while news and np.datetime64(news[0][0]) <= moment:
            today, claims = news.pop(0)
            assert yesterday is not None
            leaning *= 0.5 ** ((today - yesterday).days / LEANING_HALF_LIFE_DAYS)
            yesterday = today
            claims.sort(key=lambda each: each.kind == "share")
            for each in claims:
                replay._lean(THEATRE, each, leaning)
            for each in claims:
                replay._apply(THEATRE, each, map_now, leaning)
        history[d] = map_now
    return history


def vote_one_by_one(ledger: Ledger, days: Days, half_life_days: float) -> NDArray[np.float64]:
    pending = in_order(each for each in ledger.claims if each.of_control)
    origins = sorted({ledger.origin(each) for each in pending}) or ["nobody"]
    ballots = np.zeros((len(origins), len(THEATRE.places), 3))
    last = np.zeros(ballots.shape[:2], dtype="datetime64[D]")
    found = []
    for moment in days:
        while pending and np.datetime64(pending[0].effective) <= moment:
            each = pending.pop(0)
            votes, of = ballot(THEATRE, each), origins.index(ledger.origin(each))
            if votes is not None:
                where = list(reach(THEATRE, each))
                ballots[of, where], last[of, where] = votes, np.datetime64(each.window.end)
        found.append(counted(ballots, np.maximum(0, (moment - last).astype(int)) / half_life_days))
    return np.array(found)


def counted(ballots: NDArray[np.float64], half_lives: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the parts of the votes, (places, statuses), of `ballots` (origins, places, statuses): the plain twin of `kernels.votes`."""
    cast = ballots.any(axis=-1)
    newest = np.where(cast, half_lives, np.inf).min(axis=0)
    weights = np.where(cast, 0.5 ** np.minimum(1000.0, half_lives - np.where(np.isinf(newest), 0, newest)), 0.0)
    votes = np.einsum("ops,op->ps", ballots, weights)
    total = votes.sum(axis=-1, keepdims=True)
    parts = np.divide(votes, total, out=np.full_like(votes, 1 / votes.shape[-1]), where=total > 0)
    ranked = np.sort(parts, axis=-1)
    return np.asarray(np.where((ranked[:, -1] - ranked[:, -2] < FLAT)[:, None], 1 / votes.shape[-1], parts))


@given(LEDGERS)
def test_distinct_claims_are_those_one_by_one(ledger: Ledger) -> None:
    assert list(distinct(ledger)) == distinct_one_by_one(ledger)


@given(LEDGERS)
def test_the_scripted_replay_is_that_of_claims_one_by_one(ledger: Ledger) -> None:
    history = last_claim(THEATRE, ledger, DAYS).history
    assert history is not None
    assert np.array_equal(history, last_claim_one_by_one(ledger, DAYS))


@given(LEDGERS, st.sampled_from([7.0, 3.3, 30.0]))
def test_votes_are_counted_as_one_by_one(ledger: Ledger, half_life_days: float) -> None:
    estimate = vote(THEATRE, ledger, DAYS, half_life_days=half_life_days)
    expected = vote_one_by_one(ledger, DAYS, half_life_days)
    assert estimate.history is not None
    assert np.array_equal(estimate.belief, expected)
    assert np.array_equal(estimate.history, most_likely_status(expected))


def test_very_old_votes_are_weighed_as_younger_ones() -> None:
    """Beyond the table of weights the same rule is worked out: to rounding, the same parts."""
    old = claim("a", "holds", "red", "1980-01-01"), claim("a", "holds", "blue", "1980-06-01", source="press")
    days = day_range("1985-01-01", "2001-01-12")[-3:]
    estimate = vote(THEATRE, Ledger(SOURCES, old), days, half_life_days=200.0)
    assert estimate.belief[:, 0] == pytest.approx(vote_one_by_one(Ledger(SOURCES, old), days, 200.0)[:, 0], abs=1e-12)


@given(LEDGERS, st.booleans())
def test_last_reports_are_those_of_claims_one_by_one(ledger: Ledger, as_known: bool) -> None:
    expected = np.full((len(DAYS), len(THEATRE.places)), np.datetime64("NaT", "D"), dtype="datetime64[D]")
    for d, moment in enumerate(DAYS):
        for each in ledger.claims:
            first = np.datetime64(max(each.window.start, each.known) if as_known else each.window.start)
            if first <= moment:
                day = min(moment, np.datetime64(each.window.end))
                for place in reported(THEATRE, each):
                    expected[d, place] = np.fmax(expected[d, place], day)
    assert np.array_equal(last_reports(THEATRE, ledger, DAYS, as_known=as_known), expected, equal_nan=True)
    told = reports(THEATRE, ledger, as_known=as_known)
    by_day = np.array([last_reports_of_day(told, moment, len(THEATRE.places)) for moment in DAYS])
    assert np.array_equal(by_day, expected, equal_nan=True)


@given(LEDGERS, st.sampled_from([place.id for place in THEATRE.places]), st.integers(0, len(DAYS) - 1))
def test_a_day_by_the_claims_on_one_place_is_that_day_of_this_place(ledger: Ledger, place: str, d: int) -> None:
    timeline = reconstruct(THEATRE, ledger, start=DAYS[0].item(), end=DAYS[-1].item(), policy="last_claim")
    whole, few = timeline.at(DAYS[d].item()), _by_claims(timeline, DAYS[d].item(), bearing(THEATRE, ledger.columns, place))
    assert (whole.status_of(place), whole[place], whole.silent_days(place)) == (few.status_of(place), few[place], few.silent_days(place))


@given(
    arrays(np.float64, st.tuples(st.integers(1, 9), st.integers(2, 5)), elements=st.sampled_from([0.0, 0.2, 1 / 3, 0.5, 0.5 + 2e-9, 0.6]))
)
def test_what_a_place_is_follows_from_the_likeliest_status(belief: NDArray[np.float64]) -> None:
    top = belief.max(axis=-1)
    expected = [
        int(row.argmax()) if t > 0.5 + FLAT else NEITHER if t > 1 / belief.shape[-1] + 0.02 else NOBODY
        for row, t in zip(belief, top.tolist(), strict=True)
    ]
    assert status_of_belief(belief).tolist() == expected


@given(LEDGERS, st.integers(0, len(THEATRE.places) - 1), st.integers(0, 2), st.integers(0, len(DAYS) - 1), st.integers(0, len(DAYS) - 1))
def test_a_book_gives_what_is_said_of_a_place_claim_by_claim(ledger: Ledger, place: int, code: int, since: int, last: int) -> None:
    book = Book(reconstruct(THEATRE, ledger, start=DAYS[0].item(), end=DAYS[-1].item(), policy="last_claim"))
    early, late = DAYS[since].item(), DAYS[last].item()
    said = [
        each for each in ledger if code in supports(THEATRE, each) and place in reach(THEATRE, each) and _is_told_of(THEATRE, each, place)
    ]
    after = [each for each in said if (each.window.end >= early if is_event(each) else each.window.start > early)]
    expected = {each.id for each in after if each.window.start <= late}
    assert {book.claim(each.row).id for each in book.saying(place, code, early, late)} == expected
    alone = [each for each in ledger if THEATRE.members(each.place) == (place,) and each.quantifier != "part"]
    others = [each.window.start for each in alone if supports(THEATRE, each) and code not in supports(THEATRE, each)]
    assert book.overtaken(place, code, late) == max((start for start in others if start < late), default=None)
