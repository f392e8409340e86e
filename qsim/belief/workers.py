"""Where the rounds of blocks are gone: in threads of this process, or on the machines of a cluster; the answers are the same to the last bit."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from qsim.belief.blocks import Block
from qsim.belief.learning import Heard, Learned
from qsim.belief.rounds import Rest, Run
from qsim.belief.statements import Observations
from qsim.record.cluster import check_version, client, version
from qsim.record.memory import give_back
from qsim.record.progress import tracked
from qsim.record.settings import Model
from qsim.record.threads import in_threads, processors

if TYPE_CHECKING:
    from distributed import Client, Future

Precision = type[np.floating[Any]]
Take = Callable[[int, Rest], None]
_TOGETHER = 4  # blocks of each thread between two steps of a bar
AHEAD = 2  # blocks that are sent back at once, for every worker


class Workers(Protocol):
    """Those who go the rounds of all blocks."""

    def round(self, learned: Learned, *, keep: float, hear: bool) -> Heard:
        """Go round once in all blocks, and return what is heard of sources in all of them, added in their order."""
        ...

    def rest(self, learned: Learned, begin: int, days: int, precision: Precision, take: Take, *, progress: bool) -> None:
        """Hand over what is believed in each block on the `days` days from the position `begin`, in a precision, and forget the block."""
        ...


@contextmanager
def workers_of(model: Model, blocks: Sequence[Block], learned: Learned, cluster: str | None) -> Iterator[Workers]:
    """Give those who work on the blocks: this process, or the cluster at an address, as long as they are needed."""
    if cluster is None:
        yield Here(model, blocks, learned)
        return
    with client(cluster) as connected:
        yield Away(connected, model, blocks, learned)


class Here:
    """The blocks in threads of this process, as many as there are processors."""

    def __init__(self, model: Model, blocks: Sequence[Block], learned: Learned) -> None:
        self._runs: list[Run | None] = [None] * len(blocks)
        if len(blocks) > 1:
            give_back()  # what putting millions of claims in columns took: threads would take as much again

        def begin(n: int) -> None:
            self._runs[n] = Run(model, blocks[n].said, learned)

        _each(begin, range(len(blocks)))

    def round(self, learned: Learned, *, keep: float, hear: bool) -> Heard:
        """See `Workers.round`."""
        heard: dict[int, Heard] = {}

        def go(n: int) -> None:
            heard[n] = self.run(n).round(learned, keep=keep, hear=hear)

        _each(go, range(len(self._runs)))
        return summed([heard[n] for n in range(len(self._runs))])

    def rest(self, learned: Learned, begin: int, days: int, precision: Precision, take: Take, *, progress: bool) -> None:
        """See `Workers.rest`."""

        def go(n: int) -> None:
            take(n, self.run(n).rest(learned, begin, days, precision))
            self._runs[n] = None

        count, most = len(self._runs), _TOGETHER * processors()
        for first in tracked(range(0, count, most), "days of all places", shown=progress):
            _each(go, range(first, min(count, first + most)))

    def run(self, n: int) -> Run:
        """Return the rounds of a block."""
        run = self._runs[n]
        assert run is not None
        return run


class Away:
    """
    The blocks on the machines of a cluster: they stay there from round to round, and sums come back.

    What is lost with a worker is made again by the others, round by round from the beginning, of what the scheduler knows.
    """

    def __init__(self, connected: "Client", model: Model, blocks: Sequence[Block], learned: Learned) -> None:
        self._client = connected
        self._steps: list[Future[Any]] = [connected.submit(_begun, model, each.said, learned, version(), pure=False) for each in blocks]

    def round(self, learned: Learned, *, keep: float, hear: bool) -> Heard:
        """See `Workers.round`."""
        self._steps = [self._client.submit(_gone, step, learned, keep, hear, pure=False) for step in self._steps]
        heard = [self._client.submit(_heard, step, pure=False) for step in self._steps]
        return summed(self._client.gather(heard))

    def rest(self, learned: Learned, begin: int, days: int, precision: Precision, take: Take, *, progress: bool) -> None:
        """See `Workers.rest`."""
        waiting = iter([(n, step) for n, step in enumerate(self._steps)])
        most = AHEAD * max(1, len(self._client.nthreads()))
        coming: list[tuple[int, Future[Rest]]] = []
        for _ in tracked(range(len(self._steps)), "days of all places", shown=progress):
            for n, step in islice(waiting, most - len(coming)):
                coming.append((n, self._client.submit(_at_rest, step, learned, begin, days, precision, pure=False)))
            n, future = coming.pop(0)
            take(n, future.result())


def _each(work: Callable[[int], None], numbers: range) -> None:
    """Do some work for each of the numbers, in threads: each takes the next one that is left, for some blocks are more work than others."""
    left = iter(numbers)

    def some(_first: int, _after: int) -> None:
        for n in left:
            work(n)

    in_threads(some, len(numbers))


def _begun(model: Model, said: Observations, learned: Learned, asked: str) -> tuple[Run, Heard | None]:
    check_version(asked)
    return Run(model, said, learned), None


def _gone(step: tuple[Run, Heard | None], learned: Learned, keep: float, hear: bool) -> tuple[Run, Heard | None]:
    run = step[0].copied()  # the round before may be asked for again
    return run, run.round(learned, keep=keep, hear=hear)


def _heard(step: tuple[Run, Heard | None]) -> Heard | None:
    return step[1]


def _at_rest(step: tuple[Run, Heard | None], learned: Learned, begin: int, days: int, precision: Precision) -> Rest:
    return step[0].copied().rest(learned, begin, days, precision)


def summed(heard: Sequence[Heard]) -> Heard:
    """Return what was heard in all blocks, added in their order."""
    total = heard[0]
    for each in heard[1:]:
        total = total.plus(each)
    return total
