"""How long some work takes."""

import time
from collections.abc import Callable
from typing import Any


def best(work: Callable[[], Any], times: int = 3, clock: Callable[[], float] = time.perf_counter) -> tuple[float, Any]:
    """
    Return the least seconds that some work took, and its last answer; compiled code is called once before.

    By `time.process_time` as the clock, other work on the machine counts for little.
    """
    taken = []
    for _ in range(times):
        begin = clock()
        answer = work()
        taken.append(clock() - begin)
    return min(taken), answer
