"""How long some work takes."""

import time
from collections.abc import Callable
from typing import Any


def best(work: Callable[[], Any], times: int = 3) -> tuple[float, Any]:
    """Return the least seconds that some work took, and its last answer; compiled code is called once before."""
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        answer = work()
        taken.append(time.perf_counter() - begin)
    return min(taken), answer
