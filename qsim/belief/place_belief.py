"""The belief of one place over all days of a timeline: a mapping of each status to its course, that draws itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qsim.record.dates import Days, day
from qsim.record.names import nearest
from qsim.record.theatre import Theatre, TheatreError
from qsim.record.values import by_fields, equal, keep

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class PlaceBelief(Mapping[str, NDArray[np.float64]]):
    """
    The belief of a place or group (`place`, its id) over `days`: `belief` (days, statuses) sums to 1 over statuses.

    A mapping of each status, by its id, to the belief in it, shape (days,).
    """

    theatre: Theatre
    place: str
    days: Days
    belief: NDArray[np.float64]

    __eq__ = equal
    __reduce__ = by_fields

    def __post_init__(self) -> None:
        keep(self, "days", "belief")

    def __hash__(self) -> int:
        return hash((self.theatre, self.place, len(self.days)))

    def __getitem__(self, status: str) -> NDArray[np.float64]:
        """Return the belief in a status, shape (days,); raise `TheatreError` when it is none of the theatre's."""
        if status not in self.theatre.statuses:
            known = self.theatre.statuses
            raise TheatreError(f"unknown status {status!r}{nearest(str(status), known)}; expected one of {', '.join(known)}")
        column: NDArray[np.float64] = self.belief[:, self.theatre.statuses.index(status)]
        return column

    def __contains__(self, status: object) -> bool:
        return status in self.theatre.statuses

    def get(self, status: object, default: Any = None) -> Any:
        """Return the belief in a status, or the default when there is no such status."""
        return self[status] if isinstance(status, str) and status in self else default

    def __iter__(self) -> Iterator[str]:
        return iter(self.theatre.statuses)

    def __len__(self) -> int:
        return len(self.theatre.statuses)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)

    def __repr__(self) -> str:
        return f"PlaceBelief({self.place}: {len(self.days)} days {day(self.days[0])} - {day(self.days[-1])}, {', '.join(self)})"

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw how sure each status is believed, day by day, on `ax` or on axes of its own, and return them."""
        from qsim.draw.charts.place import draw_place

        return draw_place(self, ax)


def of_place(theatre: Theatre, days: Days, belief: NDArray[np.float64], place: str) -> PlaceBelief:
    """
    Return the belief of a place, or of a group as of its members weighed by area, out of that of all: `belief` (days, places, statuses).

    Raises
    ------
    TheatreError
        When no place or group bears the name.
    """
    id = theatre.id_of(place)
    if id in theatre.index:
        return PlaceBelief(theatre, id, days, belief[:, theatre.index[id]])
    members = list(theatre.members(id))
    return PlaceBelief(theatre, id, days, np.einsum("p,dps->ds", theatre.weights(members), belief[:, members]))
