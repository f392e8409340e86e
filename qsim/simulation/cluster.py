"""
Send the work of a simulation to other processes or machines through dask.distributed, the optional extra `cluster`.

What travels is the work (the map, the rules, what to count) and whole numbers back, which are added in the order of the runs: the answer
is the same to the last byte as on one machine. A piece whose worker is lost is done again by another (Rocklin, Dask: parallel computation
with blocked algorithms and task scheduling, 2015).
"""

import time
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from qsim.record.cluster import check_version, client, version

if TYPE_CHECKING:
    from distributed import Future


class Work(Protocol):
    """What is counted of `count` runs from the run `first` on, in so many threads."""

    def __call__(self, first: int, count: int, threads: int | None = None) -> NDArray[np.int64]: ...


PIECE_S = 2.0  # of work in a piece: what is sent to and fro weighs little beside it
AHEAD = 3  # pieces a worker has before it


def pieces(work: Work, runs: int, cluster: str, *, least: int) -> Iterator[tuple[NDArray[np.int64], int]]:
    """
    Yield what is counted of one piece of the runs after the other, in order, and how many runs it had.

    The first `least` runs are done here, and the next are, too, to see how long they take: pieces are so many times `least` as take
    `PIECE_S` seconds.

    Parameters
    ----------
    work
        Takes the first run and how many, and returns whole numbers to add up; it must be possible to send it.
    runs
        How many runs in all.
    cluster
        The address of a scheduler, or "local": a worker for every processor of this machine, as long as the work lasts.
    least
        The size of the smallest piece.

    Raises
    ------
    ClusterError
        When dask.distributed is not installed, the scheduler does not answer, it has no worker, or a worker runs another qsim.
    """
    with client(cluster) as workers:
        taken = 0.0
        for first in range(0, min(runs, 2 * least), least):
            begin, count = time.perf_counter(), min(least, runs - first)
            found = work(first, count)
            taken = time.perf_counter() - begin
            yield found, count
        size = least * max(1, int(np.ceil(PIECE_S / max(taken, 1e-6))))
        ahead: deque[tuple[Future[NDArray[np.int64]], int]] = deque()
        waiting = iter(range(2 * least, runs, size))
        while True:
            room = AHEAD * max(1, len(workers.nthreads())) - len(ahead)
            for first in islice(waiting, max(0, room)):
                count = min(size, runs - first)
                ahead.append((workers.submit(_alone, work, first, count, version(), pure=False), count))
            if not ahead:
                return
            future, count = ahead.popleft()
            yield future.result(), count


def _alone(work: Work, first: int, count: int, asked: str) -> NDArray[np.int64]:
    """Do a piece on a worker, with as many threads as the worker was given."""
    check_version(asked)
    from distributed import get_worker

    return work(first, count, threads=get_worker().state.nthreads)
