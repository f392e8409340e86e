"""GIF files written frame by frame: of each only the rectangle that changed, and in it only the pixels that did."""

import struct
from collections.abc import Iterable
from typing import IO

import numpy as np
from numpy.typing import NDArray

AS_BEFORE = 255  # the code of a pixel that stays as it was
_REPEAT = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"


def write_gif(file: IO[bytes], frames: Iterable[tuple[NDArray[np.uint8], int]], palette: NDArray[np.uint8], *, loop: bool = True) -> None:
    """
    Write a GIF, endless where it is to `loop`, from frames of codes (height, width), all of one size, each with the milliseconds that it is shown.

    `palette` (at most 255, 3) are the colours of the codes. Only one frame is held at a time. Decoded, the frames are exactly
    those given; a frame like the one before it lengthens that one. Hundredths of a second are all that the format knows.
    """
    before: NDArray[np.uint8] | None = None
    held, shown = b"", 0
    for frame, milliseconds in frames:
        if before is None:
            file.write(_head(frame.shape, palette, loop))
        changed = _changed(before, frame)
        if changed is not None:
            file.write(_timed(held, shown))
            held, shown = _block(before, frame, changed), 0
        shown += milliseconds
        before = frame
    file.write(_timed(held, shown) + b";")


def _head(shape: tuple[int, ...], palette: NDArray[np.uint8], loop: bool) -> bytes:
    """Return what a file begins with: its size, the palette for all frames, and whether it repeats for ever."""
    colours = np.zeros((256, 3), dtype=np.uint8)
    colours[: len(palette)] = palette
    return b"GIF89a" + struct.pack("<HHBBB", shape[1], shape[0], 0xF7, 0, 0) + colours.tobytes() + (_REPEAT if loop else b"")


def _changed(before: NDArray[np.uint8] | None, frame: NDArray[np.uint8]) -> tuple[slice, slice] | None:
    """Return the smallest rectangle that holds all that changed; None where nothing did."""
    if before is None:
        return slice(0, frame.shape[0]), slice(0, frame.shape[1])
    differs = before != frame
    rows = np.flatnonzero(differs.any(axis=1))
    if not len(rows):
        return None
    columns = np.flatnonzero(differs[rows[0] : rows[-1] + 1].any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _block(before: NDArray[np.uint8] | None, frame: NDArray[np.uint8], changed: tuple[slice, slice]) -> bytes:
    """Return the image block of a frame's changed rectangle, compressed."""
    from qsim.draw.film.lzw import compressed

    shown = frame[changed]
    if before is not None:
        shown = np.where(shown == before[changed], np.uint8(AS_BEFORE), shown)
    head = b"\x2c" + struct.pack("<HHHHB", changed[1].start, changed[0].start, shown.shape[1], shown.shape[0], 0)
    return head + compressed(np.ascontiguousarray(shown).ravel(), AS_BEFORE)


def _timed(block: bytes, milliseconds: int) -> bytes:
    """Return an image block with how long it is shown; nothing for none."""
    return b"\x21\xf9\x04" + struct.pack("<BHBB", 1 << 2 | 1, round(milliseconds / 10), AS_BEFORE, 0) + block if block else b""
