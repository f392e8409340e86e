"""
A cluster of other processes or machines through dask.distributed, the optional extra `cluster`: how it is reached, and left again.

A piece of work whose worker is lost is done again by another (Rocklin, Dask: parallel computation with blocked algorithms and task
scheduling, 2015).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from signal import SIG_IGN, SIGINT, signal
from typing import TYPE_CHECKING

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
        workers = LocalCluster(
            n_workers=os.cpu_count(), threads_per_worker=1, preload="qsim.record.cluster", dashboard_address=":0", silence_logs="ERROR"
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
