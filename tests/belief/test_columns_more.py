"""Delays, what a Dawid-Skene hears and the claims that differ are in columns what they are claim by claim."""

from collections import defaultdict
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from random_ledgers import LEDGERS, country

from qsim.belief.baselines import _heard
from qsim.belief.delays import delays
from qsim.belief.diff import claims_between
from qsim.belief.evidence import meant
from qsim.belief.statements import distinct
from qsim.belief.vote import ballot
from qsim.record.ledger import Ledger
from qsim.record.scope import reach

THEATRE = country()
FIRST = np.datetime64("2000-12-25")
EVENTS = ("takes", "loses", "repulses")


def delays_one_by_one(ledger: Ledger) -> dict[str, int]:
    changes, told = defaultdict(list), defaultdict(list)
    for each in distinct(ledger):
        members, who = THEATRE.members(each.place), ledger.origin(each)
        if len(members) == 1 and each.quantifier is None and each.kind in ("takes", "loses"):
            changes[members[0], meant(THEATRE, each)].append((each.window.end.toordinal(), who))
        elif len(members) == 1 and each.quantifier is None and each.kind in ("holds", "contests"):
            told[who, members[0]].append((each.window.start.toordinal(), meant(THEATRE, each)))
    for (who, place), states in told.items():
        for (_, before), (day, now) in pairwise(sorted(states)):
            if before != now:
                changes[place, now].append((day, who))
    behind = defaultdict(list)
    for one in map(sorted, changes.values()):
        groups = [[one[0]]]
        for change in one[1:]:
            groups.append([change]) if change[0] - groups[-1][-1][0] > 14 else groups[-1].append(change)
        for group in groups:
            for day, who in group if len({who for _, who in group}) > 1 else ():
                behind[who].append(day - group[0][0])
    eventful = {ledger.origin(each) for each in ledger if each.kind in EVENTS}
    found = {who: round(sum(days) / (len(days) + 5)) for who, days in behind.items() if len(days) >= 5 and who not in eventful}
    return {who: days for who, days in found.items() if days > 0}


@given(LEDGERS)
def test_delays(ledger: Ledger) -> None:
    assert delays(THEATRE, ledger, distinct(ledger)) == delays_one_by_one(ledger)
    quiet = Ledger(ledger.sources, [each for each in ledger if each.kind not in EVENTS or each.source == min(ledger.sources)])
    assert delays(THEATRE, quiet, distinct(quiet)) == delays_one_by_one(quiet)


@given(LEDGERS, st.integers(1, 30), st.integers(1, 12))
def test_what_is_heard_of_each_window(ledger: Ledger, windows: int, window_days: int) -> None:
    origins, expected = sorted({ledger.origin(each) for each in ledger}), []
    for each in distinct(ledger):
        said = ballot(THEATRE, each) if each.of_control else None
        if said is not None and said.sum() > 0:
            begins, ends = (int((np.datetime64(day) - FIRST).astype(int)) // window_days for day in (each.window.start, each.window.end))
            for window in range(begins, min(ends, windows - 1) + 1):
                for place in reach(THEATRE, each):
                    expected.append(
                        (window * len(THEATRE.places) + place, origins.index(ledger.origin(each)), (said / said.sum()).tolist())
                    )
    item, origin, votes = _heard(THEATRE, ledger, FIRST, windows, window_days)
    assert [*zip(item.tolist(), origin.tolist(), votes.tolist(), strict=True)] == expected


@given(LEDGERS, LEDGERS)
def test_claims_between(before: Ledger, after: Ledger) -> None:
    old, new = ({each.id: each for each in ledger} for ledger in (before, after))
    added, removed, changed = claims_between(before, after)
    assert (set(added), set(removed)) == (set(new) - set(old), set(old) - set(new))
    assert {id for id, _ in changed} == {id for id in set(old) & set(new) if old[id] != new[id]}
    assert all(names for _, names in changed)
