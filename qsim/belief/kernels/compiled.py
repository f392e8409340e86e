"""How the parts of a kernel are compiled: kept for the next start, and without the ways in from Python, which take long to compile."""

from typing import Any

from qsim.record.kernels.compiled import njit

_INSIDE: Any = {"cache": True, "nogil": True, "error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
inside: Any = njit(**_INSIDE)  # called by compiled code alone
inlined: Any = njit(**_INSIDE, forceinline=True)  # and made a part of what calls it
