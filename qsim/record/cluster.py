"""
A cluster of other processes or machines through dask.distributed, the optional extra `cluster`: how it is reached, and left again.

A piece of work whose worker is lost is done again by another (Rocklin, Dask: parallel computation with blocked algorithms and task
scheduling, 2015).
"""

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from signal import SIG_IGN, SIGINT, signal
from types import FrameType
from typing import TYPE_CHECKING

from qsim.record.threads import processors

if TYPE_CHECKING:
    from distributed import Client

PATIENCE_S = 10  # until a scheduler that does not answer is given up


class ClusterError(ValueError):
    """A cluster that cannot be used."""


def check_installed() -> None:
    """Raise `ClusterError` when dask.distributed is not installed."""
    if find_spec("distributed") is None:
        raise ClusterError("a cluster needs dask.distributed, which is not installed; pip install distributed")


def dask_setup(worker: object) -> None:
    """Leave Ctrl-C to whoever asked for the work: dask calls this in each worker of our own as it starts."""
    signal(SIGINT, SIG_IGN)


@contextmanager
def client(address: str) -> Iterator["Client"]:
    """Connect to the scheduler, or to one of our own with a worker for every processor, and leave it at the end."""
    check_installed()
    from distributed import Client, LocalCluster

    if address == "local":
        if not _guarded():
            raise ClusterError(
                "each worker of a cluster of your own reads the script again, and would start one in its turn; "
                'put what the script does below a line `if __name__ == "__main__":`'
            )
        workers = LocalCluster(
            n_workers=processors(), threads_per_worker=1, preload="qsim.record.cluster", dashboard_address=":0", silence_logs="ERROR"
        )
        with workers, Client(workers) as found:
            yield found
        return
    expected = "expected the address of a scheduler, such as tcp://127.0.0.1:8786, or local"
    try:
        found = Client(address, timeout=PATIENCE_S)
    except (OSError, ValueError) as problem:  # a time-out is an OSError
        raise ClusterError(f"no scheduler answers at {address!r} ({problem}); {expected}") from None
    with found:
        try:
            found.wait_for_workers(1, timeout=PATIENCE_S)
        except TimeoutError:
            raise ClusterError(f"the scheduler at {address!r} has no worker; start one with `dask worker {address}`") from None
        yield found


def version() -> str:
    """Return the version of qsim, which must be the same on all workers."""
    from qsim import __version__

    return __version__


def check_version(asked: str) -> None:
    """Raise `ClusterError` on a worker that runs another qsim than the one that asks."""
    if asked != version():
        raise ClusterError(f"a worker runs qsim {version()}, and this is {asked}; expected the same")


def _guarded() -> bool:
    """Return whether what runs stands below `if __name__ == "__main__":`, or is no script at all, but a notebook or a prompt."""
    frame: FrameType | None = sys._getframe()
    while frame and not (frame.f_code.co_name == "<module>" and frame.f_globals.get("__name__") == "__main__"):
        frame = frame.f_back
    path = Path(frame.f_code.co_filename) if frame else None
    if frame is None or path is None or not path.is_file():
        return True
    guards = (each for each in ast.parse(path.read_bytes()).body if isinstance(each, ast.If) and "__name__" in ast.unparse(each.test))
    return any(each.lineno <= frame.f_lineno <= (each.end_lineno or 0) for each in guards)
