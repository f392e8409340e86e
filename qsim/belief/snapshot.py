"""One day of a timeline: who is believed to hold what, and since when nothing was said."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.record.dates import Days
from qsim.record.theatre import CONTESTED, Theatre, TheatreError
from qsim.record.values import by_fields, equal, keep

UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False, repr=False)
class Snapshot(Mapping[str, dict[str, float]]):
    """
    One day of a timeline: `belief` (places, statuses), and what each place is by it.

    A mapping of each place's id to the belief in each status, by status id. A place may be asked for by any of its names, and a group
    of places like a place: its belief is that of its members, weighed by area.
    """

    day: date
    theatre: Theatre
    belief: NDArray[np.float64]
    status: NDArray[np.int8]
    last_report: Days

    __eq__ = equal
    __reduce__ = by_fields

    def __post_init__(self) -> None:
        keep(self, "belief", "status", "last_report")

    def __hash__(self) -> int:
        return hash((self.day, self.theatre))

    def __getitem__(self, place: str) -> dict[str, float]:
        """Return the belief in each status of a place or group, by status id; raise `TheatreError` when none bears the name."""
        places = self._positions(place)
        row = self.belief[places[0]] if len(places) == 1 else self.theatre.weights(places) @ self.belief[places]
        return {status: float(p) for status, p in zip(self.theatre.statuses, row, strict=True)}

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

    def most_likely(self, place: str) -> str:
        """Return the status in the most likely history, or `"unknown"`; of a group that of all its members, else contested."""
        codes = set(self.status[self._positions(place)].tolist())
        return self.name_of(codes.pop()) if len(codes) == 1 else CONTESTED

    def name_of(self, code: int) -> str:
        """Return the status id of a code of `status`; -1 is `"unknown"`."""
        return UNKNOWN if code < 0 else self.theatre.statuses[code]

    def silent_days(self, place: str) -> int | None:
        """Return the number of days since anything was last reported of who held the place; None when nothing ever was."""
        reported = self.last_report[self._positions(place)]
        heard = reported[~np.isnat(reported)]
        return int((np.datetime64(self.day) - heard.max()).astype(int)) if heard.size else None

    def counts(self) -> dict[str, int]:
        """Return how many places with a cell are of each status, unknown included."""
        cells = self.status[[place.polygon is not None for place in self.theatre.places]]
        names = (*self.theatre.statuses, UNKNOWN)
        return {name: int((cells == (i if name != UNKNOWN else -1)).sum()) for i, name in enumerate(names)}

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
