"""Memory that is free again."""

import ctypes
import sys


def give_back() -> None:
    """
    Let the C library give what was freed back to the system, where it can: glibc keeps it for the thread that asked for it, so that others
    take anew what lies idle there.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
