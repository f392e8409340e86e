"""One day of a timeline: who is believed to hold what, and since when nothing was said."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.belief.statuses import NEITHER, NOBODY, UNDECIDED, UNKNOWN, status_of_belief
from qsim.record.dates import Days
from qsim.record.theatre import CONTESTED, Theatre, TheatreError
from qsim.record.values import by_fields, equal, keep, sealed


@dataclass(frozen=True, slots=True)
class Change:
    """A place whose most likely history changes status on `day`; `p` is the belief in `after` on that day."""

    day: date
    place: str
    before: str
    after: str
    p: float

    def __str__(self) -> str:
        return f"{self.day} {self.place}: {self.before} -> {self.after}"


@dataclass(frozen=True, eq=False, repr=False)
class Snapshot(Mapping[str, dict[str, float]]):
    """
    One day of a timeline: `belief` (places, statuses), and `status` (places), what each place is by it.

    `history` (places) is what it is in the most likely history as a whole, which can differ.

    A mapping of each place's id to the belief in each status, by status id. A place may be asked for by any of its names, and a group
    of places like a place: its belief is that of its members, weighed by area.
    """

    day: date
    theatre: Theatre
    belief: NDArray[np.float64]
    history: NDArray[np.int8]
    last_report: Days

    __eq__ = equal
    __reduce__ = by_fields

    def __post_init__(self) -> None:
        keep(self, "belief", "history", "last_report")

    @cached_property
    def status(self) -> NDArray[np.int8]:
        """What each place is by the day's belief, shape (places,): see `status_of_belief`."""
        return sealed(status_of_belief(self.belief))

    def __hash__(self) -> int:
        return hash((self.day, self.theatre))

    def __getitem__(self, place: str) -> dict[str, float]:
        """Return the belief in each status of a place or group, by status id; raise `TheatreError` when none bears the name."""
        return {status: float(p) for status, p in zip(self.theatre.statuses, self._belief_of(place), strict=True)}

    def __contains__(self, place: object) -> bool:
        """Return whether a place or group of places has this id, name or spelling."""
        try:
            return isinstance(place, str) and bool(self._positions(place))
        except TheatreError:
            return False

    def get(self, place: object, default: Any = None) -> Any:
        """Return the belief in each status of a place or group, or the default when none bears the name."""
        return self[place] if isinstance(place, str) and place in self else default

    def __len__(self) -> int:
        return len(self.theatre.places)

    def __iter__(self) -> Iterator[str]:
        return iter(self.theatre.index)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.theatre.index)

    def status_of(self, place: str) -> str:
        """
        Return the status in which more than half of the belief lies, else `"undecided"`, or `"unknown"` where nothing is known; the
        belief of a group is that of its members, weighed by area.
        """
        return self.name_of(int(status_of_belief(self._belief_of(place))))

    def most_likely(self, place: str) -> str:
        """Return the status in the most likely history, or `"unknown"`; of a group that of all its members, else contested."""
        found = set(self.history[self._positions(place)].tolist())
        return self.name_of(found.pop()) if len(found) == 1 else CONTESTED

    def name_of(self, code: int) -> str:
        """Return the status id of a code of `status`; -1 is `"unknown"`, -2 `"undecided"`."""
        return {NOBODY: UNKNOWN, NEITHER: UNDECIDED}.get(code) or self.theatre.statuses[code]

    def silent_days(self, place: str) -> int | None:
        """Return the number of days since anything was last reported of who held the place; None when nothing ever was."""
        reported = self.last_report[self._positions(place)]
        heard = reported[~np.isnat(reported)]
        return int((np.datetime64(self.day) - heard.max()).astype(int)) if heard.size else None

    def counts(self) -> dict[str, int]:
        """Return how many places with a cell are of each status, undecided and unknown included."""
        cells = self.status[[place.polygon is not None for place in self.theatre.places]]
        codes = {name: code for code, name in enumerate(self.theatre.statuses)} | {UNDECIDED: NEITHER, UNKNOWN: NOBODY}
        return {name: int((cells == code).sum()) for name, code in codes.items()}

    def _belief_of(self, place: str) -> NDArray[np.float64]:
        places = self._positions(place)
        return self.belief[places[0]] if len(places) == 1 else np.asarray(self.theatre.weights(places) @ self.belief[places])

    def _positions(self, place: str) -> list[int]:
        """Return the position of a place, or those of a group's members."""
        id = self.theatre.id_of(place)
        return [self.theatre.index[id]] if id in self.theatre.index else list(self.theatre.members(id))

    def __repr__(self) -> str:
        held = ", ".join(f"{count} {name}" for name, count in self.counts().items() if count)
        return f"Snapshot({self.day}, {self.theatre.name}: {held})"

    def __str__(self) -> str:
        from qsim.terminal.map import text_map

        return text_map(self)

    def _repr_svg_(self) -> str:
        from qsim.draw import snapshot_svg

        return snapshot_svg(self)
