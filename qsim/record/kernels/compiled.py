"""
Loops that numba compiles for this machine: kept for the next start where a folder can be written, and compiled anew where none can.

Where numba is missing they run as the plain Python that they are, to the same answers: slowly, so that what would take hours says what to install.
"""

import pickle
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

try:
    import numba
except ImportError as problem:  # not installed, or it refuses the numpy that is
    numba, _MISSING = None, str(problem)  # type: ignore[assignment]

FOLDER = "NUMBA_CACHE_DIR"  # the variable that names a folder for what is compiled
KERNELS: list[Any] = []  # all that were made, for `qsim warm`
_UNREADABLE = (OSError, EOFError, pickle.UnpicklingError)
_SAID: list[str] = []  # what was said already


class CompileError(ValueError):
    """What cannot be done in time without a compiler."""


class CacheWarning(UserWarning):
    """What is compiled cannot be kept."""


def need_compiler(what: str, instead: str = "") -> None:
    """
    Refuse `what` where numba is missing; `instead` says what works without.

    Raises
    ------
    CompileError
        When it cannot be imported; the message says why, and how to install it.
    """
    if numba is None:
        raise CompileError(f"{what} needs numba ({_MISSING}): pip install numba{f'; {instead}' if instead else ''}")


def njit(*signature: Any, **options: Any) -> Any:
    """Compile a function when it is first called, as `numba.njit` does; return the function itself where numba is missing."""

    def compiled(function: Callable[..., Any]) -> Any:
        if numba is None:
            return function
        try:
            kernel = numba.njit(*signature, **options)(function)
        except (RuntimeError, *_UNREADABLE) as problem:
            if isinstance(problem, RuntimeError) and "cannot cache" not in str(problem):
                raise
            _say_uncached(problem)
            kernel = numba.njit(*signature, **options | {"cache": False})(function)
        _guard(kernel)
        KERNELS.append(kernel)
        return kernel

    return compiled


def kept_in() -> list[Path]:
    """Return the folders in which the kernels made so far are kept; none where they cannot be."""
    return sorted({Path(kernel.stats.cache_path) for kernel in KERNELS if kernel.stats.cache_path})


def _guard(kernel: Any) -> None:
    """Let a kernel be compiled anew where its cache cannot be read, and be used where it cannot be written: on a full disk, say."""
    cache = getattr(kernel, "_cache", None)
    for name in ("load_overload", "save_overload"):
        if hasattr(cache, name):
            setattr(cache, name, _guarded(getattr(cache, name)))


def _guarded(work: Callable[..., Any]) -> Callable[..., Any]:
    def attempt(*given: Any) -> Any:
        try:
            return work(*given)
        except _UNREADABLE as problem:
            _say_uncached(problem)
            return None

    return attempt


def _say_uncached(problem: Exception) -> None:
    """Say once in a process that what is compiled is not kept, and what to do."""
    if _SAID:
        return
    _SAID.append(
        "what is compiled cannot be kept, so that every start takes half a minute longer; "
        f"name a folder that can be written in the variable {FOLDER}"
    )
    warnings.warn(f"{_SAID[0]} ({problem})", CacheWarning, stacklevel=4)
