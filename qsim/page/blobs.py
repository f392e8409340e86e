"""The arrays of a page: set aside while its head is made, of what goes on from day to day the changes alone, and all of it squeezed."""

import json
import zlib
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qsim.belief.evidence import last_reports_by_places
from qsim.belief.timeline import Timeline
from qsim.record.progress import tracked

NEVER = -32768  # the day of the last report where there is none
_TYPES = {"u": np.uint8, "h": np.uint16, "s": np.int16, "i": np.int32}
_NUMBERS = 4_000_000  # of a belief, looked at at a time
_PIECE = 4_000_000  # bytes squeezed at a time
_LONG = 20_000_000  # bytes from which on the last hundredth of the size is not worth ten times the time


class Blobs:
    """Arrays set aside while the head is made; in it stands `{"blob": position}` for each."""

    def __init__(self) -> None:
        self.found: list[tuple[str, NDArray[Any]]] = []

    def add(self, type: str, values: Any) -> dict[str, int]:
        """Set an array aside, as bytes (u), 16 bits without (h) or with sign (s), or 32 bits (i); return what stands for it."""
        self.found.append((type, np.ascontiguousarray(values, dtype=_TYPES[type]).ravel()))
        return {"blob": len(self.found) - 1}

    def codes(self, values: NDArray[Any], count: int) -> dict[str, int]:
        """Set aside numbers from 0 to below `count` in as few bytes as they need; return what stands for them."""
        return self.add("u" if count <= 2**8 else "h" if count <= 2**16 else "i", values)


def squeezed(head: Mapping[str, Any], blobs: Blobs, *, progress: bool = False) -> str:
    """
    Return what is recorded as base64 of raw deflate; with `progress` a bar follows the bytes, where they are many.

    The block is the length of the head (four bytes, little-endian), the head (JSON, padded with spaces to a multiple of four), and
    the arrays, each padded to a multiple of four; the head says of each its type, where it begins behind the head, and its length.
    """
    at, places = 0, []
    for type, values in blobs.found:
        places.append([type, at, len(values)])
        at += -(-values.nbytes // 4) * 4
    text = json.dumps({**head, "blobs": places}, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    long = len(text) + at > _LONG
    deflate = zlib.compressobj(6 if long else 9, zlib.DEFLATED, -15)
    parts = [len(text).to_bytes(4, "little") + text]
    for _, values in blobs.found:
        step = _PIECE // values.itemsize
        parts += [values[first : first + step].tobytes() for first in range(0, len(values), step)] + [b"\0" * (-values.nbytes % 4)]
    pieces = [deflate.compress(part) for part in tracked(parts, "squeezing", shown=progress and long)]
    return b64encode(b"".join([*pieces, deflate.flush()])).decode()


def track(blocks: Iterable[NDArray[Any]], type: str, blobs: Blobs) -> dict[str, Any]:
    """
    Return arrays (days, places, numbers), a block of places after the other, as their changes only, place by place.

    `starts` (places + 1) says where each place's changes begin, `days` the day of each, `values` the numbers from that day on. Of days, and of each of the
    numbers in turn, only how much more they are than in the change before is set down, which takes half the room.
    """
    counts, days, values = [], [], []
    for block in blocks:
        changed = np.ones(block.shape[:2], dtype=bool)
        changed[1:] = (block[1:] != block[:-1]).any(axis=2)
        places, of_days = np.nonzero(changed.T)
        counts.append(changed.sum(axis=0))
        days.append(of_days.astype(np.uint16))
        values.append(block[of_days, places].T.astype(_TYPES[type]))
    starts = np.concatenate([[0], np.cumsum(np.concatenate(counts))])
    return {
        "starts": blobs.add("i", starts),
        "days": blobs.add("h", _steps(np.concatenate(days))),
        "values": blobs.add(type, _steps(np.concatenate(values, axis=1))),
    }


def _steps(numbers: NDArray[Any]) -> NDArray[Any]:
    """Return how much more each number is than the one before it in its row, which goes round at the end of its bits; the first is told as it is."""
    found = numbers.copy()
    found[..., 1:] -= numbers[..., :-1]
    return found


def states(timeline: Timeline, *, progress: bool = False) -> Iterator[NDArray[np.uint8]]:
    """Give belief to a byte beside the status by belief, shape (days, places, statuses + 1), by blocks of places; 255 is the unknown, 254 the undecided."""
    blocks = [*_blocks(timeline)]
    for some in tracked(blocks, "packing belief", shown=progress and len(blocks) > 1):
        belief = np.round(timeline.belief[:, some] * 255).astype(np.uint8)
        yield np.concatenate([belief, timeline.status[:, some, None].astype(np.uint8)], axis=2)


def heard(timeline: Timeline) -> Iterator[NDArray[np.int64]]:
    """Give the position of the day of which each place was last reported, shape (days, places, 1), by blocks of places."""
    for reports in _last_reports(timeline):
        since = (reports - timeline.days[0]).astype("timedelta64[D]").astype(np.int64)
        yield np.where(np.isnat(reports), NEVER, since.clip(NEVER + 1, 32767))[..., None]


def _last_reports(timeline: Timeline) -> Iterator[NDArray[Any]]:
    """Give `timeline.last_report` by blocks of places; only where it is at hand, or there is nothing to make it of, it is asked for whole."""
    if timeline.reported is not None or timeline.ledger is None:
        yield from (timeline.last_report[:, some] for some in _blocks(timeline))
    else:
        some = next(_blocks(timeline))
        as_known = bool(timeline.model.get("as_known"))
        yield from last_reports_by_places(timeline.theatre, timeline.ledger, timeline.days, some.stop, as_known=as_known)


def _blocks(timeline: Timeline) -> Iterator[slice]:
    """Yield spans of places, of some millions of numbers each."""
    days, places, statuses = timeline.belief.shape
    step = max(1, _NUMBERS // max(1, days * statuses))
    yield from (slice(first, first + step) for first in range(0, places, step))
