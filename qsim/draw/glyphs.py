"""Type that is set fast: each letter is rendered once in a size, and then only pasted."""

from functools import lru_cache

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg, get_hinting_flag
from matplotlib.colors import to_rgb
from matplotlib.font_manager import FontProperties, fontManager, get_font
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from numpy.typing import NDArray

_SIMPLE = 0x0300  # letters below stand each by itself; those above may join, turn or combine, and are left to a text engine
_ALSO_SIMPLE = frozenset("–—‘’“”…→·−×±")


class Rim(withStroke):
    """A rim of a colour around letters, so wide in points, that is also known to `paste_rimmed`."""

    def __init__(self, width_pt: float, colour: str) -> None:
        super().__init__(linewidth=width_pt, foreground=colour)
        self.width_pt, self.colour = width_pt, colour


@lru_cache(maxsize=4096)
def is_simple(text: str) -> bool:
    """
    Return whether each letter of `text` stands by itself, from left to right; Arabic does not, nor do combining accents.

    Examples
    --------
    >>> is_simple("Al-Qusayr: 2 ways out → Homs"), is_simple("القصير")
    (True, False)
    """
    return all(ord(letter) < _SIMPLE or letter in _ALSO_SIMPLE for letter in text)


def line_width(line: str, properties: FontProperties, dpi: float) -> float:
    """Return how far the pen moves along a line of simple text, pixels; pairs of letters are not drawn together."""
    letters = _alphabet(properties, dpi)
    return sum(letters[each] for each in line)


def paste(sheet: NDArray[np.uint8], text: Text, dpi: float) -> slice:
    """
    Write an upright text on `sheet`, (height, width, 4) straight RGBA from the upper left, where nothing else stands; return the rows it is on.

    The text hangs from its position (`va="top"`); its lines stand where matplotlib puts lines of middling height, so that they do
    not move by a pixel with the letters of the day.
    """
    x, y = text.get_transform().transform(text.get_position())
    properties = text.get_fontproperties()
    letters = _alphabet(properties, dpi)
    above, apart = _spacing(properties, dpi, float(text._linespacing))  # type: ignore[attr-defined]
    share = {"left": 0.0, "center": 0.5, "right": 1.0}[text.get_horizontalalignment()]
    colour = np.round(np.array(to_rgb(text.get_color())) * 255).astype(np.uint8)
    lines = text.get_text().split("\n")
    baselines = [round(sheet.shape[0] - y + above + i * apart) for i in range(len(lines))]
    for line, baseline in zip(lines, baselines, strict=True):
        letters.put(sheet, line, x - share * line_width(line, properties, dpi), baseline, colour)
    return slice(max(0, baselines[0] + letters.highest), max(0, baselines[-1] + letters.lowest))


def paste_rimmed(sheet: NDArray[np.uint8], text: Text, rim: Rim, dpi: float) -> slice:
    """
    Write lines of words with a rim on `sheet`, (height, width, 4) straight RGBA, over what stands there; return the rows it is on.

    The lines begin at its position, which is the middle of their height (`ha="left"`, `va="center"`).
    """
    from qsim.draw.film.paint import lay, spread

    x, y = text.get_transform().transform(text.get_position())
    properties, lines = text.get_fontproperties(), text.get_text().split("\n")
    letters, (above, apart) = _alphabet(properties, dpi), _spacing(properties, dpi, 1.0)
    further = [round(i * apart * float(text._linespacing)) if i else 0 for i in range(len(lines))]  # type: ignore[attr-defined]
    radius = rim.width_pt / 2 * dpi / 72
    pad, high = int(np.ceil(radius)) + 1, int(np.ceil(2 * apart)) + further[-1]
    wide = max(int(line_width(line, properties, dpi)) for line in lines)
    inked = np.zeros((high + 2 * pad, wide + 2 * (pad + high - further[-1]), 4), dtype=np.uint8)
    baseline = pad + round(1.5 * above)
    for line, down in zip(lines, further, strict=True):
        letters.put(inked, line, float(pad), baseline + down, np.zeros(3, dtype=np.uint8))
    cover = np.ascontiguousarray(inked[..., 3])
    left, top = round(x) - pad, round(sheet.shape[0] - y + above - (apart + further[-1]) / 2) - baseline
    lay(sheet, spread(cover, radius), left, top, _of_255(rim.colour))
    lay(sheet, cover, left, top, _of_255(str(text.get_color())))
    return slice(max(0, top), max(0, top + cover.shape[0]))


def _of_255(colour: str) -> NDArray[np.float32]:
    """Return red, green and blue of a colour, 0 to 255."""
    return np.array(to_rgb(colour), dtype=np.float32) * np.float32(255)


class _Alphabet(dict[str, float]):
    """
    The letters of one type in one size: how far the pen moves with each; each rendered when it is first put, as matplotlib draws it.

    Those that were reach from `highest` to `lowest`, rows from the line that they stand on.
    """

    def __init__(self, properties: FontProperties, dpi: float) -> None:
        super().__init__()
        self._properties, self._dpi = properties, dpi
        self._pad = int(properties.get_size_in_points() * dpi / 72) + 2
        self.highest, self.lowest = 0, 0
        # What the letters cover, 0 to 255, one after the other; where each begins there, its height and width; and where it lies from the pen.
        self._numbers: dict[str, int] = {}
        self._covers = np.zeros(0, dtype=np.uint8)
        self._letters, self._corners = np.zeros((0, 3), dtype=np.int64), np.zeros((0, 2), dtype=np.int64)

    def __missing__(self, letter: str) -> float:
        renderer = RendererAgg(1, 1, self._dpi)  # type: ignore[no-untyped-call]
        font = renderer._prepare_font(self._properties)  # type: ignore[no-untyped-call]
        try:
            self[letter] = font.load_char(ord(letter), flags=get_hinting_flag()).horiAdvance / 64  # type: ignore[no-untyped-call]
        except RuntimeError:  # the first font of several has no such letter
            self[letter] = float(renderer.get_text_width_height_descent(letter, self._properties, False)[0])  # type: ignore[no-untyped-call]
        return self[letter]

    def put(self, sheet: NDArray[np.uint8], line: str, pen: float, baseline: int, colour: NDArray[np.uint8]) -> None:
        """Put a line on a sheet, (height, width, 4) straight RGBA, as far as it lies on it; where two letters touch, the darker pixel stays."""
        from qsim.draw.film.paint import put

        numbers = [self._numbers[each] if each in self._numbers else self._rendered(each) for each in line]
        pens = np.cumsum([pen, *(self[each] for each in line)])[:-1]
        right, down = self._corners[numbers].T
        put(sheet, self._covers, self._letters[numbers], np.rint(pens).astype(np.int64) + right, baseline + down, colour)

    def _rendered(self, letter: str) -> int:
        """Render a letter, and return its number."""
        pad = self._pad
        renderer = RendererAgg(3 * pad, 3 * pad, self._dpi)  # type: ignore[no-untyped-call]
        renderer.draw_text(renderer.new_gc(), pad, 2 * pad, letter, self._properties, 0)  # type: ignore[no-untyped-call]
        cover = np.asarray(renderer.buffer_rgba())[..., 3]  # type: ignore[no-untyped-call]
        rows, columns = np.flatnonzero(cover.any(axis=1)), np.flatnonzero(cover.any(axis=0))
        if not len(rows):
            rows = columns = np.array([pad, pad - 1])
        inked, down = cover[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], int(rows[0]) - 2 * pad
        if inked.size:
            self.highest, self.lowest = min(self.highest, down), max(self.lowest, down + len(inked))
        self._letters = np.concatenate([self._letters, [[len(self._covers), *inked.shape]]])
        self._corners = np.concatenate([self._corners, [[int(columns[0]) - pad, down]]])
        self._covers = np.concatenate([self._covers, inked.ravel()])
        self._numbers[letter] = len(self._numbers)
        return self._numbers[letter]


@lru_cache(maxsize=256)
def _alphabet(properties: FontProperties, dpi: float) -> _Alphabet:
    """Return the letters of one type."""
    return _Alphabet(properties.copy(), dpi)


@lru_cache(maxsize=256)
def _spacing(properties: FontProperties, dpi: float, spacing: float) -> tuple[float, float]:
    """Return how far below its upper edge the first line of a text stands, and how far the lines stand apart, pixels."""
    font = get_font(fontManager.findfont(properties))
    head, metrics = font.get_sfnt_table("head"), font.get_sfnt_table("OS/2")
    assert head is not None
    assert metrics is not None
    scale = properties.get_size_in_points() * dpi / 72 / head["unitsPerEm"]
    apart = spacing * scale * (metrics["sTypoAscender"] - metrics["sTypoDescender"])
    _, height, below = RendererAgg(1, 1, dpi).get_text_width_height_descent("lp", properties, False)  # type: ignore[no-untyped-call]
    return (apart + height - 2 * below) / 2, apart
