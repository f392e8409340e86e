"""What a policy expects of what it has not been told: claims, whole sources and sides left out, and foretold from the rest."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from qsim.belief.evidence import reading
from qsim.belief.foretold import Foretold
from qsim.belief.reconstruct import Policy, believe, named
from qsim.belief.statements import coverage, distinct
from qsim.belief.timeline import Timeline, TimelineError
from qsim.record.dates import Window, day_range
from qsim.record.ledger import Claim, Ledger
from qsim.record.packed import Claims, Ints, Lists, day_number, day_of_number, firsts, joint
from qsim.record.scope import reached
from qsim.record.settings import Model
from qsim.record.theatre import CONTESTED, Theatre

By = Literal["claim", "source", "side"]
Floats = NDArray[np.float64]

UNIFORM = 0.03  # mixed into every prediction, so that one-hot beliefs can be compared
TURNING_DAYS = 3  # a claim is of a day of change where a change of its place is reported within so many days
QUIET_DAYS = 14  # and of a quiet day where neither change nor fighting is reported there within so many
SEED = 7
_CHANGES, _NEWS = ("takes", "loses"), ("takes", "loses", "repulses", "contests")
_ROW = "record:"  # cites a row of an imported table, which may hold the whole history of a place: no sentence


def left_out(
    theatre: Theatre,
    ledger: Ledger,
    *,
    policy: str | Policy,
    by: By = "claim",
    folds: int = 10,
    seed: int = SEED,
    progress: Callable[[str], None] | None = None,
    cluster: str | None = None,
) -> Foretold:
    """
    Return a prediction for every control claim on places, each by a reconstruction that has not seen it.

    Parameters
    ----------
    theatre, ledger
        A scenario.
    policy
        A name, or a function as for `qsim.reconstruct`.
    by
        What is left out together. `"claim"`: claims are dealt into `folds` parts; those of one origin about one place and window, and
        those about one place that cite one sentence, into the same: a copy must not foretell its original. `"source"`: whole sources,
        with all that repeat them, are dealt into `folds` parts. `"side"`: all voices of one side at a time, and the neutral ones.
    folds, seed
        The number of parts, and what they are dealt by.
    progress
        Called with what was just done.
    cluster
        Where `"hmm"` is worked out, as for `qsim.reconstruct`.

    Returns
    -------
    predictions
        In the order of the claims' ids. Shares, fighting in groups, and parts of groups are not predicted; they stay in as evidence.

    Raises
    ------
    TimelineError
        When there are fewer than two folds, or nothing to predict.
    """
    if folds < 2:
        raise TimelineError(f"{folds} folds; expected at least two")
    wanted = foretellable(theatre, ledger)
    if not len(wanted):
        raise TimelineError("the ledger has no claim to predict: none says of one place, or of all of a group, who holds it")
    ids = list(ledger.columns.column("id"))
    parts = _parts(ledger, ids, by, folds, seed)
    row = {id: n for n, id in enumerate(ids)}
    part = parts[[row[id] for id in wanted.column("id")]]
    days = day_range(day_of_number(int(wanted.start.min())), day_of_number(int(wanted.end.max())))
    asked = _Asked.of(theatre, ledger, wanted)
    found = np.full((3, len(wanted), len(theatre.statuses)), np.nan)
    for number in np.unique(part).tolist():
        rest = replace(ledger, claims=ledger.columns.take(parts != number))
        timeline = believe(theatre, rest, days, policy=policy, cluster=cluster)
        mine = part == number
        found[:, mine] = asked.take(mine).expected(timeline)
        if progress:
            progress(f"{named(policy)}: {by} part {number + 1}")
    return asked.foretold(found)


def left_out_source(
    theatre: Theatre, ledger: Ledger, source: str, *, policy: str | Policy, every_days: int = 7, cluster: str | None = None
) -> Foretold:
    """
    Return predictions of all that one source says, from what the others say: of a map of who holds what, each of its states.

    All that goes back to the same origin is left out with it. A state (`holds`, `contests`) is foretold on every `every_days`-th day that it
    is said to last, so that a map which shows it for months is asked as often as it can be checked; anything else once, as in `left_out`.
    Where a policy found that those who describe states are some days behind events, a state is foretold as late as they are on average.
    `cluster` is that of `left_out`.

    Raises
    ------
    LedgerError
        When there is no such source.
    TimelineError
        When it says nothing that can be foretold.
    """
    ledger.source(source)
    mine = foretellable(theatre, ledger)
    mine = mine.take(mine.column("source").each(source.__eq__, bool))
    if not len(mine):
        raise TimelineError(f"source {source!r} says of no place who holds it; nothing can be foretold")
    origin = ledger.origin(mine[0])
    rest = replace(
        ledger, claims=ledger.columns.take(ledger.columns.column("source").each(lambda id: ledger.origin_of(id) != origin, bool))
    )
    days = day_range(day_of_number(int(mine.start.min())), day_of_number(int(mine.end.max())))
    timeline = believe(theatre, rest, days, policy=policy, cluster=cluster)
    asked = _Asked.of(theatre, ledger, Claims(each for claim in mine for each in _by_days(claim, every_days)), end=int(mine.end.max()))
    return asked.foretold(asked.expected(timeline, _usual_delay(timeline)))


def _usual_delay(timeline: Timeline) -> int:
    """Return by how many days the sources of a ledger are behind on average, as far as its policy says so."""
    delays, ledger = timeline.model.get("delays"), timeline.ledger
    if not isinstance(delays, Mapping) or ledger is None:
        return 0
    origins = {ledger.origin_of(source) for source in ledger.columns.column("source").counts()}
    return round(sum(delays.values()) / max(1, len(origins)))


def predicted(timeline: Timeline, claim: Claim, model: Model, window: Window | None = None) -> tuple[Floats, Floats]:
    """
    Return what a claim is expected to say, shape (statuses,), and the belief where it speaks of: the mean over its places and days.

    The prediction is the belief seen through the reading errors of an informed source (`Model.saying`) and the claim's coverage,
    mixed with 3 % of a uniform guess. `window` are the days asked of, by default those that the claim speaks of.
    """
    theatre, span = timeline.theatre, window or claim.window
    first, last = (timeline.position(moment) for moment in (span.start, span.end))
    belief = timeline.belief[first : last + 1, list(theatre.members(claim.place))].mean(axis=(0, 1))
    statuses = len(theatre.statuses)
    said = belief @ _spoken(theatre, model, claim, statuses)
    return (1 - UNIFORM) * said + UNIFORM / statuses, belief


def _spoken(theatre: Theatre, model: Model, claim: Claim, statuses: int) -> Floats:
    """Return how likely each reading of a claim is by the true status, (statuses, statuses)."""
    cover = coverage(theatre, model, claim)
    return np.asarray(cover * model.saying(statuses - 1, taken=claim.kind in _CHANGES) + (1 - cover) / statuses)


def can_be_predicted(theatre: Theatre, claim: Claim) -> bool:
    """Return whether a claim says one status of some places: no share, no fighting somewhere in a group, no part of one."""
    said, members = reading(theatre, claim), theatre.members(claim.place)
    if said is None or not members or claim.kind == "share":
        return False
    return len(members) == 1 or (said != CONTESTED and claim.quantifier in (None, "all"))


def foretellable(theatre: Theatre, ledger: Ledger) -> Claims:
    """Return the claims that can be predicted, each statement once, in the order of their days, places, kinds and sources."""
    claims = distinct(ledger)
    size = claims.column("place").each(lambda name: min(2, len(theatre.members(name))), np.int64)
    few, of = claims.alike("kind", "side", "quantifier", by=(size, 3))
    return claims.take(np.array([can_be_predicted(theatre, claim) for claim in few], dtype=bool)[of])


@dataclass(frozen=True, eq=False, slots=True)
class _Asked:
    """
    Claims that are to be foretold: the positions of the `places` that they speak of, and what else is said of these about that time. `said`,
    `turning`, `quiet`, `last` (whether it is the last word on its places) are (claims,); `end` is the last day, in days since 1970.
    """

    theatre: Theatre
    claims: Claims
    places: Lists
    said: Ints
    turning: NDArray[np.bool_]
    quiet: NDArray[np.bool_]
    last: NDArray[np.bool_]
    end: int

    @classmethod
    def of(cls, theatre: Theatre, ledger: Ledger, claims: Claims, end: int | None = None) -> "_Asked":
        """Return what is asked of some claims of a ledger; `end` is by default the last day that one of them speaks of."""
        places = _members(theatre, claims)
        place, row = places.gathered(np.arange(len(claims)))
        told = ledger.columns
        about, by = reached(theatre, told, told.of_control)
        latest = np.full(len(theatre.places), np.iinfo(np.int64).min)
        no_share = ~told.of_kind("share")[by]
        np.maximum.at(latest, about[no_share], told.end[by[no_share]])

        def beside(kinds: tuple[str, ...], days: int) -> NDArray[np.bool_]:
            """Return of which claims something of these kinds is told within so many days of theirs, at one of their places."""
            is_news = told.of_kind(*kinds)[by]
            found = np.zeros(len(claims), dtype=bool)
            found[row[_meet(place, claims.start[row] - days, claims.end[row] + days, about[is_news], told.take(by[is_news]))]] = True
            return found

        later = np.zeros(len(claims), dtype=bool)
        later[row[latest[place] > claims.end[row]]] = True
        few, of = claims.alike("kind", "side")
        said = np.array([theatre.statuses.index(reading(theatre, each) or "") for each in few], dtype=np.int64)[of]
        turning = claims.of_kind(*_CHANGES) | beside(_CHANGES, TURNING_DAYS)
        quiet = claims.of_kind("holds", "denies") & ~beside(_NEWS, QUIET_DAYS)
        return cls(theatre, claims, places, said, turning, quiet, ~later, int(claims.end.max()) if end is None else end)

    def take(self, rows: NDArray[np.bool_]) -> "_Asked":
        """Return some of what is asked."""
        claims = self.claims.take(rows)
        places, said, beside = _members(self.theatre, claims), self.said[rows], (self.turning[rows], self.quiet[rows])
        return _Asked(self.theatre, claims, places, said, *beside, self.last[rows], self.end)

    def expected(self, timeline: Timeline, behind: int = 0) -> Floats:
        """
        Return what a timeline that has not heard the claims expects of them, a state as it was some days before: by reading, the belief,
        and by reading on the last day where it is the last word, (3, claims, statuses).
        """
        origin = day_number(timeline.start)
        late = np.where(self.claims.of_kind("holds", "contests"), behind, 0)
        first, last = (np.maximum(0, each - origin - late) for each in (self.claims.start, self.claims.end))
        belief = self._believed(timeline, first, last)
        end = self.take(self.last)
        on = np.full(len(end.claims), self.end - origin)
        found = np.full((3, *belief.shape), np.nan)
        found[0], found[1] = self._foretold_by(belief), belief
        found[2, self.last] = end._foretold_by(end._believed(timeline, on, on))
        return found

    def _believed(self, timeline: Timeline, first: Ints, last: Ints) -> NDArray[np.floating[Any]]:
        """Return the mean belief over the places and days (positions) of each claim, (claims, statuses), in the precision of the timeline."""
        belief = timeline.belief
        found = np.zeros((len(self.claims), belief.shape[2]), dtype=belief.dtype)
        one = (self.places.sizes == 1) & (first == last)
        found[one] = belief[first[one], self.places.values[self.places.start[:-1][one]]]
        for n in np.flatnonzero(~one).tolist():
            members = self.places.values[self.places.start[n] : self.places.start[n + 1]]
            found[n] = belief[first[n] : last[n] + 1, members].mean(axis=(0, 1))
        return found

    def _foretold_by(self, belief: NDArray[np.floating[Any]]) -> Floats:
        """Return what claims are expected to say by a belief of each, (claims, statuses), as `predicted` has it."""
        model, statuses = Model.from_settings(self.theatre.model), belief.shape[1]
        said = np.zeros(belief.shape)
        few, of = self.claims.alike("kind", "quantifier", by=(np.minimum(self.places.sizes, 2), 3))
        for n, claim in enumerate(few):
            mine = of == n
            one_by_one = belief[mine, None] @ _spoken(self.theatre, model, claim, statuses)  # to the bits of `predicted`
            said[mine] = one_by_one[:, 0]
        return np.asarray((1 - UNIFORM) * said + UNIFORM / statuses)

    def foretold(self, found: Floats) -> Foretold:
        """Return predictions of what was found by `expected`."""
        return Foretold(self.claims, self.said, found[0], found[1], self.turning, self.quiet, found[2])


def _members(theatre: Theatre, claims: Claims) -> Lists:
    """Return the positions of the places that each claim speaks of."""
    names = claims.column("place")
    values, of = Lists.of_each(theatre.members(name) for name in names.values).gathered(names.codes.astype(np.int64))
    return Lists(values, np.concatenate([[0], np.cumsum(np.bincount(of, minlength=len(claims)))]).astype(np.int64))


def _meet(place: Ints, first: Ints, last: Ints, about: Ints, told: Claims) -> NDArray[np.bool_]:
    """Return at which places, from a first to a last day each, (spans,), one of the claims told `about` places speaks of one of these days."""
    if not len(about) or not len(place):
        return np.zeros(len(place), dtype=bool)
    begin = min(int(first.min()), int(told.start.min()))
    days = max(int(last.max()), int(told.end.max())) - begin + 1
    starts, ends = (np.sort(about * days + each - begin) for each in (told.start, told.end))
    begun = np.searchsorted(starts, place * days + last - begin, "right")
    over = np.searchsorted(ends, place * days + first - begin, "left")
    return np.asarray(begun > over)


def _by_days(claim: Claim, every_days: int) -> Iterator[Claim]:
    """Yield a claim of a state once for each day on which it is asked, any other as it is."""
    if claim.kind not in ("holds", "contests"):
        yield claim
        return
    for days in range(0, claim.window.length, every_days):
        moment = claim.window.start + timedelta(days=days)
        yield replace(claim, window=Window(moment, moment))


def _parts(ledger: Ledger, ids: Sequence[str], by: By, folds: int, seed: int) -> Ints:
    """Return the part that each claim is left out with, (claims,)."""
    voices = ledger.columns.column("source")
    if by == "side":
        return voices.ranks(lambda id: ledger.sources[ledger.origin_of(id)].side or "")[0]
    return _dealt(_together(ledger) if by == "claim" else voices.ranks(ledger.origin_of)[0], ids, folds, seed)


def _together(ledger: Ledger) -> Ints:
    """Return a number of each claim, the same for those that must be left out together: of one origin, place and window, or of one sentence and place."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    claims = ledger.columns
    first, group = firsts(
        *joint([claims.column("source").ranks(ledger.origin_of), claims.column("place").coded, claims.column("window").coded])
    )
    sentence = claims.column("cites").mapped(lambda cites: cites[0] if cites and not cites[0].startswith(_ROW) else None)
    cited = np.flatnonzero(sentence.each(lambda each: each is not None, bool))
    if not len(cited):
        return group
    some, of = firsts(*joint([sentence.take(cited).coded, claims.column("place").take(cited).coded]))
    size = len(first) + len(some)
    ties = coo_array((np.ones(len(cited), dtype=bool), (group[cited], len(first) + of)), shape=(size, size))
    return np.asarray(connected_components(ties, directed=False)[1][group], dtype=np.int64)


def _dealt(group: Ints, ids: Sequence[str], folds: int, seed: int) -> Ints:
    """Return a part for each claim, the same for all of a group, whatever the order of claims: groups are dealt by their first ids."""
    order = np.array(sorted(range(len(ids)), key=ids.__getitem__), dtype=np.int64)
    first, of = firsts(group[order], int(group.max(initial=0)) + 1)
    place = np.empty(len(first), dtype=np.int64)
    place[np.argsort(first)] = np.arange(len(first))
    part = np.empty(len(ids), dtype=np.int64)
    part[order] = np.random.default_rng(seed).permutation(len(first))[place[of]] % folds
    return part
