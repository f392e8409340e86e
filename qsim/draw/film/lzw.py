"""
The compression of GIF (Welch, A technique for high-performance data compression, 1984), quick where one code stands many times in a row.

Of a film most pixels stay as they were and have the same code. A run of it is not followed pixel by pixel: the strings of the dictionary that
are nothing but this code are known by their length, so that the longest that fits is taken at once.
"""

import numpy as np
from numpy.typing import NDArray

from qsim.record.kernels.compiled import njit

_CLEAR, _END, _FIRST, _FULL = 256, 257, 258, 4096
_SLOTS = 1 << 14  # of the table in which strings are looked for: few of them share one


def compressed(codes: NDArray[np.uint8], common: int) -> bytes:
    """Return codes (n,), at least one, as the blocks of an image of a GIF; `common` is the code that stands in long runs."""
    others = np.append(np.flatnonzero(codes != common), len(codes))
    room = np.empty(2 * len(codes) + 16, dtype=np.uint8)
    packed = room[: _pack(codes, others, common, room)]
    whole, rest = divmod(len(packed), 255)
    blocks = np.full((whole, 256), 255, dtype=np.uint8)
    blocks[:, 1:] = packed[: 255 * whole].reshape(whole, 255)
    last = bytes([rest]) + packed[255 * whole :].tobytes() if rest else b""
    return b"\x08" + blocks.tobytes() + last + b"\x00"


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _pack(codes: NDArray[np.uint8], others: NDArray[np.int64], common: int, room: NDArray[np.uint8]) -> int:
    """Write the strings of codes into `room`, bit by bit; return how many bytes they take. `others` are the positions of uncommon codes, and the end."""
    keys, values = np.full(_SLOTS, -1, dtype=np.int64), np.zeros(_SLOTS, dtype=np.int64)
    runs = np.zeros(_FULL, dtype=np.int64)  # the string of so many common codes
    runs[1], longest = common, 1
    following, width = _FIRST, 9
    bits, held, written = np.int64(_CLEAR), 9, 0
    other, at = 0, 0
    while at < len(codes):
        # the longest string that is known: first as many common codes as there are, then code by code
        while others[other] < at:
            other += 1
        string, at = np.int64(codes[at]), at + 1
        length = min(others[other] - at + 1, longest)
        if length > 1:
            string, at = runs[length], at + length - 1
        length, slot = max(length, 1), 0
        while at < len(codes):
            key = string << 8 | codes[at]
            slot = (key * 2654435761 >> 8) & (_SLOTS - 1)
            while keys[slot] != -1 and keys[slot] != key:
                slot = (slot + 1) & (_SLOTS - 1)
            if keys[slot] == -1:
                break
            string, at = values[slot], at + 1
        bits, held = bits | string << held, held + width
        while held >= 8:
            room[written], bits, held, written = bits & 255, bits >> 8, held - 8, written + 1
        if at == len(codes):
            break
        if following == _FULL:
            bits, held = bits | np.int64(_CLEAR) << held, held + width
            keys[:], longest, following, width = -1, 1, _FIRST, 9
            continue
        keys[slot], values[slot] = string << 8 | codes[at], following
        if codes[at] == common and string == runs[longest]:
            longest += 1
            runs[longest] = following
        if following == 1 << width:
            width += 1
        following += 1
    bits, held = bits | np.int64(_END) << held, held + width
    while held > 0:
        room[written], bits, held, written = bits & 255, bits >> 8, held - 8, written + 1
    return written
