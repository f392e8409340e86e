"""Video files, MP4 and WebM, by PyAV, which the extra `video` installs."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

VIDEO_SUFFIXES = (".mp4", ".webm")
MISSING = "video needs PyAV, which is not installed: pip install av (or write a .gif, which needs nothing more)"
# Frames that look ahead (bf) would make the length of a frame, which differs here, that of another.
_CODECS: dict[str, tuple[str, dict[str, str]]] = {
    ".mp4": ("libx264", {"preset": "veryfast", "tune": "animation", "crf": "20", "bf": "0"}),
    ".webm": ("libvpx-vp9", {"deadline": "realtime", "cpu-used": "7", "crf": "28", "b": "0", "row-mt": "1"}),
}
_BT709 = 1  # as the standards ITU-T H.264 and H.273 number it, for primaries, transfer and matrix alike
_LIMITED = 1


def write_video(
    path: Path, suffix: str, frames: Iterable[tuple[NDArray[np.uint8], int]], palette: NDArray[np.uint8], *, threads: int = 0
) -> None:
    """
    Write frames of codes (height, width), each with the milliseconds that it is shown, as a video of the kind that `suffix` names.

    Colours are those of ITU-R BT.709 in its limited range, and the file says so. Brightness and colour of a frame are looked up by
    the codes of the `palette`, with no detour by red, green and blue. A last row or column of an odd size is shown twice, since the
    format halves both. `threads` is how many the encoder uses; 0 leaves it to the encoder.
    """
    import av

    tables = _tables(palette)
    codec, options = _CODECS[suffix]
    with av.open(str(path), "w", format=suffix[1:], container_options={"fflags": "+bitexact"}) as container:
        stream: Any = None
        now, last = 0, None
        for codes, milliseconds in frames:
            last = _even(codes)
            stream = stream or _stream(container, codec, options, last.shape, threads)
            container.mux(stream.encode(_frame(av, last, tables, now, milliseconds)))
            now += milliseconds
        if stream is not None and last is not None:
            # Players end with the beginning of the last frame, which would otherwise be seen for no time.
            container.mux(stream.encode(_frame(av, last, tables, now, 1)))
            container.mux(stream.encode())


def _stream(container: Any, codec: str, options: dict[str, str], shape: tuple[int, ...], threads: int) -> Any:
    stream = container.add_stream(codec, rate=Fraction(1000, 1), options=options)
    stream.height, stream.width = shape
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    stream.time_base = context.time_base = Fraction(1, 1000)
    context.thread_count = threads
    context.color_primaries = context.color_trc = context.colorspace = _BT709
    context.color_range = _LIMITED
    return stream


def _tables(palette: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return brightness and the two colour differences of each colour, (3, colours): BT.709, limited range."""
    red, green, blue = (palette.astype(float) / 255).T
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    planes = np.stack([16 + 219 * luma, 128 + 224 * (blue - luma) / 1.8556, 128 + 224 * (red - luma) / 1.5748])
    return np.round(planes).astype(np.uint8)


def _even(codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return codes with even height and width."""
    odd = [(0, side % 2) for side in codes.shape]
    return np.pad(codes, odd, mode="edge") if any(side % 2 for side in codes.shape) else codes


def _frame(av: Any, codes: NDArray[np.uint8], tables: NDArray[np.uint8], start: int, lasting: int) -> Any:
    """Return a frame with its planes looked up, colour as the mean of four pixels; when it starts, and how long it lasts, in milliseconds."""
    height, width = codes.shape
    frame = av.VideoFrame(width, height, "yuv420p")
    fine = tables[0][codes]
    coarse = []
    for table in tables[1:]:
        of = table.astype(np.uint16)[codes]
        coarse.append(((of[::2, ::2] + of[1::2, ::2] + of[::2, 1::2] + of[1::2, 1::2] + 2) >> 2).astype(np.uint8))
    for plane, values in zip(frame.planes, (fine, *coarse), strict=True):
        padded = np.zeros((plane.height, plane.line_size), dtype=np.uint8)
        padded[:, : values.shape[1]] = values
        plane.update(padded)
    frame.pts, frame.duration, frame.time_base = start, lasting, Fraction(1, 1000)
    frame.colorspace, frame.color_range = _BT709, _LIMITED
    return frame
