"""
What was said, as columns: of single places, of whole groups, of shares. The rows of every table are in the order of the claims' ids; statements of
a block, of many, place after place.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Statements:
    """
    What is said of single places, as columns: `claim`, `place`, `form` (positions) and `weight`, shapes (statements,); the mentions of
    statement i are the days `day[start[i]:start[i + 1]]`, one of which it speaks of, each with its `eve`, -1 where nothing is said of that.
    """

    claim: Ints
    place: Ints
    form: Ints
    weight: Floats
    start: Ints
    day: Ints
    eve: Ints


@dataclass(frozen=True, eq=False, slots=True)
class Forms:
    """
    The forms of what is said, as columns: `told` (forms, statuses), how likely an informed source says it; `meant` (forms, statuses);
    and `reading` (forms,), the status it names where each source's own readings are learned, else -1.
    """

    told: Floats
    meant: NDArray[np.bool_]
    reading: Ints


@dataclass(frozen=True, eq=False, slots=True)
class Wholes:
    """
    What is said of whole groups, as columns: `claim`, `day`, `weight`, shapes (wholes,), `told` (wholes, statuses) of each part; the
    parts of row i are the places `members[start[i]:start[i + 1]]`.
    """

    claim: Ints
    day: Ints
    weight: Floats
    told: Floats
    start: Ints
    members: Ints


@dataclass(frozen=True, eq=False, slots=True)
class Shares:
    """
    Figures for the share that a side (a position) holds of some places on one day, as columns, shapes (shares,); `bound` 0 a figure, 1
    at least, 2 at most; `bluff` how likely an uninformed voice says it; the parts of row i are `members[start[i]:start[i + 1]]`.
    """

    claim: Ints
    day: Ints
    weight: Floats
    value: Floats
    bound: Ints
    sd: Floats
    side: Ints
    bluff: Floats
    start: Ints
    members: Ints


def as_run(positions: Ints) -> Ints | slice:
    """Return ascending positions as a slice, where they are one run: read and written many times as fast."""
    whole = len(positions) > 0 and positions[-1] - positions[0] + 1 == len(positions)
    return slice(int(positions[0]), int(positions[-1]) + 1) if whole else positions
