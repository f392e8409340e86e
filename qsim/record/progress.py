"""How far something long has come: a bar on a terminal's standard error, with the time that is left."""

from collections.abc import Iterable, Sized
from typing import TypeVar

T = TypeVar("T")


def tracked(items: Iterable[T], what: str, *, shown: bool, total: int | None = None) -> Iterable[T]:
    """Return the items, followed by a bar with the time left where it is to be `shown`; `total` is how many where they cannot be counted."""
    if not shown:
        return items
    from rich.console import Console
    from rich.progress import track

    count = len(items) if total is None and isinstance(items, Sized) else total
    return track(items, description=what, total=count, console=Console(stderr=True), transient=True)
