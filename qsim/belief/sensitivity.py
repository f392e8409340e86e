"""Where the answer depends on the policy: the places and days on which two ways from claims to belief differ."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from qsim.belief.reconstruct import POLICIES, reconstruct
from qsim.belief.statuses import status_names
from qsim.belief.timeline import NEITHER, NOBODY, UNDECIDED, UNKNOWN, Timeline, TimelineError
from qsim.record.dates import Day, Window, day
from qsim.record.ledger import Ledger
from qsim.record.signs import visible
from qsim.record.theatre import Theatre
from qsim.record.values import keep


@dataclass(frozen=True, slots=True)
class Disagreement:
    """
    A place and a span of days on which policies name different statuses, the same ones throughout.

    `status` is the status by policy. `distance` is how far the beliefs lie apart, 0..1: the total variation distance (half the sum of
    absolute differences over statuses), averaged over pairs of policies and over the days of the span.
    """

    place: str
    window: Window
    status: Mapping[str, str]
    distance: float

    def __post_init__(self) -> None:
        keep(self, "status")

    @property
    def days(self) -> int:
        """The number of days of the span."""
        return self.window.length

    def __str__(self) -> str:
        told = ", ".join(f"{policy} {status}" for policy, status in self.status.items())
        return f"{self.window}  {self.place}: {told} (distance {self.distance:.2f})"


def sensitivity(
    theatre: Theatre,
    ledger: Ledger,
    *,
    start: Day | None = None,
    end: Day | None = None,
    policies: Sequence[str] = tuple(POLICIES),
    progress: Callable[[str], None] = lambda policy: None,
) -> list[Disagreement]:
    """
    Return where the policies differ from `start` to `end`, both included, the most contested first: by distance, then the longest, then the earliest.
    `progress` is called with each policy that was asked.

    A city of parts is not listed, its parts are. Days on which a place is the same by all policies, as it is drawn, are left out,
    however far their beliefs lie apart.

    Raises
    ------
    TimelineError
        When a policy is unknown, or fewer than two are given.
    """
    if len(set(policies)) < 2:
        raise TimelineError(f"{len(set(policies))} policy to compare; expected at least two of {', '.join(POLICIES)}")
    told = {}
    for policy in policies:
        told[policy] = reconstruct(theatre, ledger, start=start, end=end, policy=policy)
        progress(policy)
    found = [each for place in theatre.index if place not in theatre.parts for each in _spans(told, place)]
    return sorted(found, key=lambda each: (-round(each.distance, 9), -each.days, each.window.start, each.place))


def disagreements_text(theatre: Theatre, found: Sequence[Disagreement], *, most: int = 12) -> str:
    """Return where policies differ in sentences, the most contested first."""
    names = status_names(theatre)
    if not found:
        return "All policies name the same status everywhere and always."
    lines = ["Where the policies differ, the most contested first:"]
    for each in found[:most]:
        said = "; ".join(f"{policy}: {names.get(status, status)}" for policy, status in each.status.items())
        lines.append(f"{each.window}  {theatre.place(each.place).name}: {said}")
    return visible("\n".join([*lines, *([f"... and {len(found) - most} more spans"] if len(found) > most else [])]))


def _spans(told: Mapping[str, Timeline], place: str) -> Iterator[Disagreement]:
    """Yield the disagreements about one place, in the order of days."""
    timelines = list(told.values())
    theatre, days = timelines[0].theatre, timelines[0].days
    p = theatre.index[place]
    status = np.stack([timeline.status[:, p] for timeline in timelines])
    pairs = [np.abs(a.belief[:, p] - b.belief[:, p]).sum(axis=-1) / 2 for a, b in combinations(timelines, 2)]
    distance = np.mean(pairs, axis=0)
    turns = np.flatnonzero((status[:, 1:] != status[:, :-1]).any(axis=0)) + 1
    for span in np.split(np.arange(len(days)), turns):
        codes = status[:, span[0]]
        if (codes != codes[0]).any():
            names = {
                policy: {NOBODY: UNKNOWN, NEITHER: UNDECIDED}.get(int(code)) or theatre.statuses[code]
                for policy, code in zip(told, codes, strict=True)
            }
            yield Disagreement(place, Window(day(days[span[0]]), day(days[span[-1]])), names, float(distance[span].mean()))
