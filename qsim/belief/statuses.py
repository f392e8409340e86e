"""What a place is by a belief: a status by its position, or one of two codes below zero, unknown and undecided."""

import numpy as np
from numpy.typing import NDArray

from qsim.record.theatre import CONTESTED, Theatre

UNKNOWN, UNDECIDED = "unknown", "undecided"
NOBODY, NEITHER = -1, -2  # the codes of these two; a status has its position
FLAT = 1e-9
_NEARLY_FLAT = 0.02  # how far the likeliest status must lead a flat belief for anything to be known


def status_names(theatre: Theatre) -> dict[str, str]:
    """Return every status in words: the names of sides, and the words that are names already."""
    return {**{side.id: side.name for side in theatre.sides}, **{word: word for word in (CONTESTED, UNDECIDED, UNKNOWN)}}


def status_of_belief(belief: NDArray[np.float64]) -> NDArray[np.int8]:
    """
    Return what each place is by the belief of its day alone, for belief (..., places, statuses): shape (..., places).

    It is the status in which more than half of the belief lies; where none passes one half it is undecided (-2), and unknown (-1) where
    the likeliest leads a flat belief by two hundredths or less. The belief of a place with parts, or of a group, is the mean of theirs: a
    city that two sides share is undecided, and contested only where fighting is what is believed of most of it.
    """
    top, code = likeliest(belief)
    known = np.where(top > 1 / belief.shape[-1] + _NEARLY_FLAT, np.int8(NEITHER), np.int8(NOBODY))
    return np.where(top > 0.5 + FLAT, code, known)


def likeliest(belief: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """Return the largest belief along the last axis, and the position of the first status that has it, as `max` and `argmax` do."""
    top, code = np.array(belief[..., 0]), np.zeros(belief.shape[:-1], dtype=np.int8)
    for k in range(1, belief.shape[-1]):  # statuses are few: one after the other is several times as quick as along them
        code[belief[..., k] > top] = k
        np.maximum(top, belief[..., k], out=top)
    return top, code


def most_likely_status(belief: NDArray[np.float64]) -> NDArray[np.int8]:
    """Return the position of the largest belief along the last axis, or -1 where the belief is flat."""
    flat = np.ptp(belief, axis=-1) < FLAT
    return np.where(flat, -1, belief.argmax(axis=-1)).astype(np.int8)


def fill_cities(theatre: Theatre, belief: NDArray[np.float64]) -> None:
    """Set, in place, the belief of every place that has parts to the area-weighted mean of theirs; `belief` is (..., places, statuses)."""
    for city, parts in theatre.parts.items():
        columns = [theatre.index[part] for part in parts]
        belief[..., theatre.index[city], :] = np.einsum("...ps,p->...s", belief[..., columns, :], theatre.weights(columns))


def fill_city_status(theatre: Theatre, status: NDArray[np.int8]) -> None:
    """
    Set, in place, the status of every place that has parts: theirs where all agree, else contested; `status` is (..., places).
    """
    for city, parts in theatre.parts.items():
        of_parts = status[..., [theatre.index[part] for part in parts]]
        agree = (of_parts == of_parts[..., :1]).all(axis=-1)
        status[..., theatre.index[city]] = np.where(agree, of_parts[..., 0], len(theatre.statuses) - 1)
