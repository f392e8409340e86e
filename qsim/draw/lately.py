"""What changed on earlier days, in the column that an enlarged city and a chart leave free where a map has neither."""

from collections.abc import Iterable
from datetime import date

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

from qsim.draw.figure import left_to_right, text_width, write
from qsim.draw.style import BASE_DPI, Look, wrapped
from qsim.record.dates import long_day

_LINE, _HEAD = 16.5, 22.0


class Lately:
    """The latest changes before a day, the newest first, as many as a box of the sheet holds whole; `show` puts a day on it."""

    def __init__(self, sheet: Axes, box: Bbox, look: Look) -> None:
        self._look, self._box = look, box
        self._title = write(sheet, look, box.x0, box.y1, "", look.text_pt, weight="bold")
        self._text = write(sheet, look, box.x0, box.y1 - _HEAD, "", look.text_pt)
        self.moving: list[Artist] = [self._title, self._text]

    def show(self, earlier: Iterable[tuple[date, str]]) -> None:
        """Tell changes, the newest first, each with its day."""
        room, look = int((self._box.height - _HEAD) // _LINE), self._look
        measure = text_width(look.dpi, look.text_pt, family=look.family)
        lines: list[str] = []
        for day, text in earlier:
            told = wrapped(f"{long_day(day)}: {text}", self._box.width * look.dpi / BASE_DPI, measure)
            if len(lines) + len(told) > room:
                break
            lines += told
        self._title.set_text("What changed before" if lines else "")
        self._text.set_text(left_to_right("\n".join(lines)))
