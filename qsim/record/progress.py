"""How far something long has come: a bar on a terminal's standard error, with the time that is left."""

from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from typing import TypeVar

MANY = 300_000  # claims, from which on what is asked of all of them takes seconds
T = TypeVar("T")
Moved = Callable[[float], object]  # takes how far something has come, 0..1


def tracked(items: Iterable[T], what: str, *, shown: bool, total: int | None = None) -> Iterable[T]:
    """Return the items, followed by a bar with the time left where it is to be `shown`; `total` is how many where they cannot be counted."""
    if not shown:
        return items
    from rich.console import Console
    from rich.progress import track

    count = len(items) if total is None and isinstance(items, Sized) else total
    return track(items, description=what, total=count, console=Console(stderr=True), transient=True)


def unmoved(share: float) -> None:
    """Show nothing of how far something has come."""


@contextmanager
def moving(what: str, *, shown: bool) -> Iterator[Moved]:
    """Give a function that takes how far something has come, 0..1; where it is to be `shown`, a bar stands so far, with the time left."""
    if not shown:
        yield unmoved
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=1.0)
        yield lambda share: bar.update(task, completed=share)
