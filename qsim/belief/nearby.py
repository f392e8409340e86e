"""
How much more is going on around a place, week by week, than in the theatre on average: where changes are to be looked for.

A week of a place is *astir* where something is reported to go on there then, or in the week before or after. Of a place and its n - 1
neighbours k are astir in a week; of all weeks of all places the share q. The rate of the place that week is (s q + k) / (s + n), beside q on
average: the posterior mean of a Gamma prior that is worth s places (Clayton and Kaldor, Empirical Bayes estimates of age-standardized
relative risks for use in disease mapping, 1987), the neighbours taken together with it (Marshall, Mapping disease and mortality rates using
empirical Bayes estimators, 1991). Wars are small beside their countries: a front is where its neighbours are fought over.
"""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from qsim.belief.going import Going
from qsim.record.packed import Ints, day_number
from qsim.record.theatre import Theatre

WEEK_DAYS = 7
Floats = NDArray[np.float64]


def times_average(theatre: Theatre, going: Going, spoken: Ints, strength: float, *, first: date, days: int) -> tuple[Floats, Ints]:
    """
    Return by how much more is going on at each place and its neighbours in each week than on average, (weeks, places), and the week of each
    of the `days` days from `first`, (days,); 1 at places that are not `spoken` of (positions), and where nothing goes on at all.
    """
    from scipy.sparse import coo_array

    monday = (day_number(first) + np.arange(days)) // WEEK_DAYS  # weeks of the calendar, whenever the ledger begins
    week = monday - monday[0]
    astir = _astir(going, week, len(theatre.places))[:, spoken]
    found = np.ones((len(astir), len(theatre.places)))
    share = astir.mean() if len(spoken) else 0.0
    if share > 0:
        at = np.full(len(theatre.places), -1)
        at[spoken] = np.arange(len(spoken))
        ends = np.array([(at[theatre.index[link.a]], at[theatre.index[link.b]]) for link in theatre.links], dtype=np.int64).reshape(-1, 2)
        a, b = ends[(ends >= 0).all(axis=1) & (ends[:, 0] != ends[:, 1])].T
        here = np.arange(len(spoken))
        both = np.concatenate([a, b, here]), np.concatenate([b, a, here])
        joined = coo_array((np.ones(len(both[0])), both), (len(spoken), len(spoken))).tocsr()
        joined.data[:] = 1.0
        found[:, spoken] = ((strength * share + joined @ astir.T.astype(float)) / (strength + joined.sum(axis=1))[:, None]).T / share
    return found, week


def _astir(going: Going, week: Ints, places: int) -> NDArray[np.bool_]:
    """Return which places are astir in which weeks, (weeks, places)."""
    number, last = int(week[-1]) + 1, len(week) - 1
    row = np.repeat(np.arange(len(going.claim)), going.places.sizes)
    begin, end = (week[np.clip(each[row], 0, last)] for each in (going.first, going.last))
    steps = np.zeros((number + 1, places), dtype=np.int32)
    np.add.at(steps, (np.maximum(0, begin - 1), going.places.values), 1)
    np.add.at(steps, (np.minimum(number, end + 2), going.places.values), -1)
    return np.asarray(steps.cumsum(axis=0)[:-1] > 0)
