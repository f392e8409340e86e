"""Work shared among threads: for kernels that let go of the interpreter, and that may be started again in a forked child."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_threads(work: Callable[[int, int], None], count: int, *, threads: int | None = None) -> None:
    """
    Call `work(first, after)` on pieces of `range(count)`, at once in as many threads as there are processors.

    The threads end with the call, so that a process can be forked after it; numba's own parallel loops keep theirs, and a child that
    is forked from a process that has any is killed when it starts one of its own.
    """
    threads = max(1, min(count, threads or processors()))
    edges = [count * n // threads for n in range(threads + 1)]
    if threads == 1:
        work(0, count)
        return
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, edges[:-1], edges[1:]):
            pass
