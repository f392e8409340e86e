"""Belief: who held what on each day and how sure we are (`Timeline`), and many whole histories (`Ensemble`)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from qsim.belief.drawing import days_drawn
from qsim.belief.estimate import Chains, Reliability
from qsim.belief.evidence import last_reports, last_reports_of_day, reports
from qsim.belief.place_belief import PlaceBelief, of_place
from qsim.belief.snapshot import Change, Snapshot
from qsim.belief.statuses import (
    FLAT,
    NEITHER,
    NOBODY,
    UNDECIDED,
    UNKNOWN,
    fill_cities,
    fill_city_status,
    most_likely_status,
    status_of_belief,
)
from qsim.belief.with_status import held
from qsim.record.dates import DateError, Day, Days, Window, day
from qsim.record.ledger import Ledger
from qsim.record.packed import Ints
from qsim.record.theatre import CONTESTED, Theatre, TheatreError
from qsim.record.values import FrozenDict, by_fields, equal, keep, sealed

__all__ = [
    "FLAT", "NEITHER", "NOBODY", "UNDECIDED", "UNKNOWN", "Change", "Ensemble", "Snapshot", "Timeline", "TimelineError", "fill_cities",
    "fill_city_status", "most_likely_status", "status_of_belief",
]  # fmt: skip


_NUMBERS = 4_000_000  # as many as are looked at at a time


class TimelineError(ValueError):
    """A day outside a timeline, or a question that this timeline cannot answer."""


@dataclass(frozen=True, eq=False, repr=False)
class Timeline:
    """
    Belief over all days of a window, with the theatre and the ledger it came from.

    `days` is datetime64[D], shape (days,); `belief` has shape (days, places, statuses) and sums to 1 over statuses, whose ids are
    `statuses`; in single precision where it is large or lies in the folder of a `store`. A belief that is the same for every status means that nothing is known. `history` (days, places) is the most likely
    history, -1 unknown. `reported` is `last_report` where it is known from elsewhere than the ledger. What a policy learned besides:
    `sources`, the reliability of each, and `informed`, the probability that each claim was so.
    """

    theatre: Theatre
    ledger: Ledger | None
    days: Days
    belief: NDArray[np.float64]
    history: NDArray[np.int8]
    reported: Days | None
    policy: str
    model: Mapping[str, Any] = FrozenDict()
    chains: Chains | None = None
    sources: Mapping[str, Reliability] = FrozenDict()
    informed: Mapping[str, float] = FrozenDict()

    __eq__ = equal
    __reduce__ = by_fields

    def __post_init__(self) -> None:
        keep(self, "days", "belief", "history", "reported", "model", "sources", "informed")

    def __hash__(self) -> int:
        return hash((self.theatre, self.policy, self.start, len(self)))

    @cached_property
    def last_report(self) -> Days:
        """The last day up to each day that a control claim spoke of each place, shape (days, places), NaT for none."""
        if self.reported is not None:
            return self.reported
        if self.ledger is None:
            return sealed(np.full(self.history.shape, np.datetime64("NaT", "D"), dtype="datetime64[D]"))
        return sealed(last_reports(self.theatre, self.ledger, self.days, as_known=bool(self.model.get("as_known"))))

    @property
    def statuses(self) -> tuple[str, ...]:
        """The ids of the sides, then `contested`: the last axis of `belief`."""
        return self.theatre.statuses

    @cached_property
    def status(self) -> NDArray[np.int8]:
        """What each place is by the belief of each day, shape (days, places): what is drawn and told; see `status_of_belief`."""
        step = max(1, _NUMBERS // max(1, self.belief[0].size))
        return sealed(np.concatenate([status_of_belief(self.belief[first : first + step]) for first in range(0, len(self), step)]))

    @cached_property
    def start(self) -> date:
        """The first day."""
        return day(self.days[0])

    @cached_property
    def end(self) -> date:
        """The last day."""
        return day(self.days[-1])

    @property
    def window(self) -> Window:
        """The days from the first to the last."""
        return Window(self.start, self.end)

    def __len__(self) -> int:
        return len(self.days)

    def __contains__(self, moment: object) -> bool:
        try:
            return day(moment) in self.window  # type: ignore[arg-type]
        except DateError:
            return False

    def same_days_and_places(self, other: "Timeline") -> bool:
        """Return whether another timeline has the same days and places, so that the two can be set side by side."""
        return np.array_equal(self.days, other.days) and self.theatre.index == other.theatre.index

    def __iter__(self) -> Iterator[Snapshot]:
        return (self._snapshot(i) for i in range(len(self)))

    def __repr__(self) -> str:
        claims = "no ledger" if self.ledger is None else f"{len(self.ledger)} claims"
        if self.ledger is not None and not self.ledger.columns.of_control.any():
            claims += ", none of control: nothing is known"
        return (
            f"Timeline({self.theatre.name}, {self.policy}: {len(self)} days {self.start} - {self.end}, "
            f"{len(self.theatre.places)} places, {claims}, {np.count_nonzero(self.history[1:] != self.history[:-1])} changes)"
        )

    def _repr_html_(self) -> str:
        from qsim.page import notebook

        return notebook(self)

    def position(self, moment: Day) -> int:
        """Return the position of a day on the days axis; raise `TimelineError` when it lies outside."""
        i = int((np.datetime64(day(moment)) - self.days[0]).astype(int))
        if not 0 <= i < len(self):
            raise TimelineError(f"{day(moment)} lies outside this timeline, which runs from {self.start} to {self.end}")
        return i

    def at(self, moment: Day) -> Snapshot:
        """Return one day; raise `TimelineError` when it lies outside the window."""
        return self._snapshot(self.position(moment))

    def _span(self, start: Day | None, end: Day | None) -> tuple[int, int]:
        """Return the positions, half-open, of the days from `start` to `end`; raise `TimelineError` when one lies outside."""
        first = 0 if start is None else self.position(start)
        last = len(self) - 1 if end is None else self.position(end)
        if last < first:
            raise TimelineError(f"the span from {start} to {end} ends before it starts")
        return first, last + 1

    @overload
    def __getitem__(self, days: slice) -> "Timeline": ...

    @overload
    def __getitem__(self, days: str) -> PlaceBelief: ...

    def __getitem__(self, days: slice | str) -> "Timeline | PlaceBelief":
        """Return a span of days, both ends included, `timeline["2013-05-19":"2013-06-05"]`; or the belief of a place, by any name, on all days."""
        if isinstance(days, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", days):
            return of_place(self.theatre, self.days, self.belief, days)
        if not isinstance(days, slice) or days.step is not None:
            raise TimelineError("a timeline is sliced by days, [start:end]; `at(day)` gives a single one")
        span = slice(*self._span(days.start, days.stop))
        return replace(
            self,
            days=self.days[span],
            belief=self.belief[span],
            history=self.history[span],
            reported=None if self.reported is None else self.reported[span],
        )

    def with_status(self, place: str, status: str, *, start: Day | None = None, end: Day | None = None) -> "Timeline":
        """
        Return the timeline in which a place, or every place of a group, is of that status for certain from `start` to `end`, both included: what if it had been?

        The belief of all other days and places stays, and histories drawn from both with one seed agree on all other places. Raise
        `TheatreError` when the place or status is unknown, `TimelineError` when a day lies outside or no claim names the place.
        """
        first, after = self._span(start, end)
        theatre, statuses = self.theatre, self.statuses
        if status not in statuses:
            raise TheatreError(f"unknown status {status!r}; expected one of {', '.join(statuses)}")
        members, code = list(theatre.members(theatre.id_of(place))), statuses.index(status)
        belief, history, chains = self.belief.copy(), self.history.copy(), self.chains
        belief[first:after, members], history[first:after, members] = np.eye(len(statuses))[code], code
        fill_cities(theatre, belief)
        fill_city_status(theatre, history)
        if chains is not None:
            columns = np.flatnonzero(np.isin(chains.places, members))
            if len(columns) < len(members):
                unnamed = [theatre.places[i].id for i in members if i not in chains.places]
                raise TimelineError(f"no claim names {', '.join(map(repr, unnamed))}, so no history of it can be drawn")
            before = int(chains.rows(self.days[:1])[0])  # days of the chains before this timeline's
            chains = held(chains, before + first, before + after, columns, code)
        return replace(self, belief=sealed(belief), history=sealed(history), chains=chains)

    def share(self, place: str, side: str) -> NDArray[np.float64]:
        """
        Return the expected share of `place` that `side` holds, by area over its parts, shape (days,).

        `place` may be a group; a part that is contested counts for every side alike, half with two. A place without a cell counts as one.
        """
        self.theatre.side(side)
        members, contested = list(self.theatre.members(self.theatre.id_of(place))), self.statuses.index(CONTESTED)
        belief = self.belief[:, members]
        held = belief[..., self.statuses.index(side)] + belief[..., contested] / len(self.theatre.sides)
        return np.asarray(held @ self.theatre.weights(members))

    def to_dataframe(self, *, places: Sequence[str] | None = None, wide: bool = False) -> Any:
        """Return the belief as a pandas data frame, a row a day, place and status, or wide: see `qsim.exchange.tables.to_dataframe`."""
        from qsim.exchange.tables import to_dataframe

        return to_dataframe(self, places=places, wide=wide)

    def to_xarray(self) -> Any:
        """Return the belief as an xarray Dataset over day, place and status: see `qsim.exchange.arrays.to_xarray`."""
        from qsim.exchange.arrays import to_xarray

        return to_xarray(self)

    def save(self, path: str | Path) -> Path:
        """Write the timeline into one file, which `Timeline.load` reads back: see `qsim.exchange.arrays.save`."""
        from qsim.exchange.export import export

        return Path(str(export(self, path, format="timeline")))

    @staticmethod
    def load(path: str | Path, theatre: Theatre | None = None, ledger: Ledger | None = None) -> "Timeline":
        """Return a saved timeline, over the theatre and the ledger that it keeps or those given: see `qsim.exchange.arrays.read_saved`."""
        from qsim.exchange.arrays import read_saved

        return read_saved(path, theatre, ledger)

    def most_likely(self) -> "Ensemble":
        """Return the most likely history as an Ensemble of one run; changes are counted on it."""
        return Ensemble(self.theatre, self.ledger, self.days, self.history[None])

    def sample(self, runs: int, seed: int | None = None, *, given: str | None = None) -> "Ensemble":
        """
        Return `runs` whole histories drawn from the belief, forward-filtered and sampled backwards place by place.

        With `given="ring"` they are weighted by what was said of the ring, see `qsim.geography.conditioning.sample_given_ring`.

        Draws are keyed by (seed, run, day, place): the same bytes whatever the number of threads, and the first N of 2N runs are
        the N runs. Places that no claim speaks of are -1. (Carter and Kohn, On Gibbs sampling for state space models, 1994.)

        Raises
        ------
        TimelineError
            When the policy's estimate has no chains to draw histories from, `runs` is not positive, `given` is neither None nor "ring", or
            no whole number is given as seed.
        """
        if not isinstance(seed, int | np.integer):
            raise TimelineError(f"seed is {seed!r}; expected a whole number, as in sample(1000, seed=7): one seed, the same histories")
        if not isinstance(runs, int | np.integer) or runs < 1:
            raise TimelineError(f"{runs!r} runs; expected a whole number from 1")
        if given not in (None, "ring"):
            raise TimelineError(f"histories given {given!r}; expected 'ring', or None for the map alone")
        if given == "ring":
            from qsim.geography.conditioning import sample_given_ring

            return sample_given_ring(self, int(runs), int(seed))
        return self.drawn(np.arange(runs), int(seed))

    def drawn(self, numbers: NDArray[np.int_], seed: int) -> "Ensemble":
        """Return the histories of these numbers, shape (runs,), among those that `sample` draws with the seed; errors are the same."""
        chains = self.drawable()
        first = int(chains.rows(self.days[:1])[0])
        drawn = days_drawn(chains, first, first + len(self), self.belief[-1, chains.places], numbers, seed)
        return self.ensemble(drawn, numbers, self.days)

    def drawable(self) -> Chains:
        """Return the chains that histories are drawn from; raise `TimelineError` where there are none."""
        if self.chains is not None:
            return self.chains
        if self.model.get("as_known"):
            raise TimelineError("this timeline is put together from several beliefs, and no one history can be drawn from it")
        raise TimelineError(f"policy {self.policy!r} draws no histories: its estimate has no chains; that of hmm has")

    def ensemble(self, drawn: NDArray[np.int8], numbers: NDArray[np.int_], days: Days) -> "Ensemble":
        """Return histories of these numbers and days that are drawn of the places with a chain, (runs, days, chains), as an ensemble; -1 of others."""
        status = np.full((*drawn.shape[:2], len(self.theatre.places)), -1, dtype=np.int8)
        status[..., self.drawable().places] = drawn
        fill_city_status(self.theatre, status)
        return Ensemble(self.theatre, self.ledger, days, sealed(status), numbers, self.sources)

    def changes(self) -> list[Change]:
        """Return every change of the most likely history, by day and place; a first report out of the unknown is one, a city's are its parts'."""
        return list(self._changes)

    @cached_property
    def _changes(self) -> tuple[Change, ...]:
        names = [*self.statuses, UNKNOWN]
        changed = self.history[1:] != self.history[:-1]
        changed[:, [self.theatre.index[city] for city in self.theatre.parts]] = False
        days, places = np.nonzero(changed)
        return tuple(
            Change(
                day(self.days[d + 1]),
                self.theatre.places[p].id,
                names[self.history[d, p]],
                names[self.history[d + 1, p]],
                float(self.belief[d + 1, p, self.history[d + 1, p]]) if self.history[d + 1, p] >= 0 else 0.0,
            )
            for d, p in zip(days.tolist(), places.tolist(), strict=True)
        )

    def _snapshot(self, i: int) -> Snapshot:
        return Snapshot(day(self.days[i]), self.theatre, self.belief[i], self.history[i], self._last_report_of(i))

    def _last_report_of(self, i: int) -> Days:
        """Return the row of one day of `last_report`: of a large timeline by itself, unless all are there already."""
        if self.history.size < _NUMBERS or self.reported is not None or self.ledger is None or "last_report" in self.__dict__:
            return sealed(self.last_report[i])
        return sealed(last_reports_of_day(self._reports, self.days[i], len(self.theatre.places)))

    @cached_property
    def _reports(self) -> Ints:
        return reports(self.theatre, self.ledger, as_known=bool(self.model.get("as_known")))  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False, repr=False)
class Ensemble:
    """
    Whole histories: `status` (runs, days, places) int8 is a position in the theatre's statuses, -1 where nothing is known. A container
    of runs: `histories[3]` is an ensemble of one, `histories[:100]` of the first hundred.

    `ledger` is the record that the histories came from, and tells which links were reported cut; none for a simulation without.
    Histories drawn from a belief know their `numbers` (runs,), by which they keep their luck on what the belief leaves open - whether
    contested ground lets through, whether a cut that a source reports is so -, and the reliability of their `sources`. `effective` is
    how many independent ones they are worth where they were weighted by what was said of the ring.
    """

    theatre: Theatre
    ledger: Ledger | None
    days: Days
    status: NDArray[np.int8]
    numbers: NDArray[np.int_] | None = None
    sources: Mapping[str, Reliability] = FrozenDict()
    effective: float | None = None

    __eq__ = equal
    __reduce__ = by_fields

    def __post_init__(self) -> None:
        keep(self, "days", "status", "sources", "numbers")

    def __hash__(self) -> int:
        return hash((self.theatre, self.status.shape))

    def __len__(self) -> int:
        return len(self.status)

    def __iter__(self) -> Iterator["Ensemble"]:
        return (self[run] for run in range(len(self)))

    def __getitem__(self, runs: int | slice) -> "Ensemble":
        """Return one run, or a slice of them, as an ensemble."""
        some = runs if isinstance(runs, slice) else [runs]
        return replace(self, status=self.status[some], numbers=None if self.numbers is None else self.numbers[some])

    def __repr__(self) -> str:
        runs, days, places = self.status.shape
        first = f" from {day(self.days[0])}" if len(self.days) else ""
        return f"Ensemble({self.theatre.name}: {runs} run{'s' if runs != 1 else ''} of {days} days{first}, {places} places)"

    def to_xarray(self) -> Any:
        """Return the histories as an xarray Dataset over run, day and place: see `qsim.exchange.arrays.histories_to_xarray`."""
        from qsim.exchange.arrays import histories_to_xarray

        return histories_to_xarray(self)

    def mean(self) -> Timeline:
        """
        Return the timeline whose belief is the share of runs with each status; unknown counts for all statuses alike.

        The timeline has no ledger to ask `why`: a mean of histories is no report.
        """
        statuses = np.arange(len(self.theatre.statuses), dtype=np.int8)
        belief = (self.status[..., None] == statuses).mean(axis=0) + (self.status == -1).mean(axis=0)[..., None] / len(statuses)
        fill_cities(self.theatre, belief)
        history = np.where((self.status == -1).all(axis=0), np.int8(-1), most_likely_status(belief))
        fill_city_status(self.theatre, history)
        return Timeline(self.theatre, None, self.days, sealed(belief), sealed(history), None, policy="mean of histories")
