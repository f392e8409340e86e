"""Files that are whole or not there at all: written beside their place, then renamed into it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from qsim.draw.look import LOOK

PICTURE_SUFFIXES = (".png", ".svg", ".pdf")
# Whatever style the caller has set matplotlib to, a chart looks as it was designed.
CHART_STYLE: list[Any] = ["default", {"svg.fonttype": "none", "svg.hashsalt": "qsim", "font.family": LOOK.family}]
_UNDATED: dict[str, dict[str, Any]] = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}


class ChartError(ValueError):
    """A chart that cannot be drawn: a suffix that is not known, or nothing to show."""


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """Give a temporary name in the same folder; rename it to `path` when all went well, and remove it when not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def picture_path(path: str | Path) -> Path:
    """Return `path` as a Path; raise `ChartError` when its suffix is none of a picture's."""
    path = Path(path)
    if path.suffix.lower() not in PICTURE_SUFFIXES:
        raise ChartError(f"{path.name!r}: unknown suffix {path.suffix!r}; expected one of {', '.join(PICTURE_SUFFIXES)}")
    return path


def save_chart(figure: Figure, path: Path) -> None:
    """Write a chart, cut to what is drawn, undated: the same chart gives the same bytes."""
    suffix = path.suffix.lower()
    with beside(path) as temporary:
        figure.savefig(
            temporary, format=suffix[1:], dpi=110, bbox_inches="tight", pad_inches=0.25, metadata=_UNDATED.get(suffix, {"Software": None})
        )
