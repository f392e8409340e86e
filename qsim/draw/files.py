"""Pictures as files: the suffixes, what makes the same picture the same bytes, one way to write a chart."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.style import context
from matplotlib.text import Text

from qsim.draw.fonts import families, told_once
from qsim.draw.style import LOOK
from qsim.record.files import beside

PICTURE_SUFFIXES = (".png", ".svg", ".pdf")
UNDATED: dict[str, dict[str, Any]] = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}, ".png": {"Software": None}}
SVG_STYLE: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": "qsim"}  # text as text, and the same ids each time
PDF_STYLE: dict[Any, Any] = {"pdf.fonttype": 42}  # text stays text, which editors can change
# Whatever style the caller has set matplotlib to, a chart looks as it was designed.
_CHART_STYLE: list[Any] = ["default", SVG_STYLE | PDF_STYLE | {"font.family": [*LOOK.family]}]


class ChartError(ValueError):
    """A chart that cannot be drawn: a suffix that is not known, or nothing to show."""


def write_chart(path: str | Path, draw: Callable[[], Figure]) -> Path:
    """
    Write the chart that `draw` draws to `path` and return it, cut to what is drawn, undated: the same chart gives the same bytes.

    Raises
    ------
    ChartError
        When the suffix is none of a picture's, before anything is drawn.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in PICTURE_SUFFIXES:
        raise ChartError(f"{path.name!r}: unknown suffix {path.suffix!r}; expected one of {', '.join(PICTURE_SUFFIXES)}")
    with context(_CHART_STYLE):
        drawn = draw()
        words = [text.get_text() for text in drawn.findobj(Text)]
        family = families(words)
        with told_once(words), beside(path) as temporary:
            for text in drawn.findobj(Text) if len(family) > 1 else ():
                text.set_fontfamily([*family])
            drawn.savefig(temporary, format=suffix[1:], dpi=110, bbox_inches="tight", pad_inches=0.25, metadata=UNDATED[suffix])
    return path
