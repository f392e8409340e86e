"""Who held what on each day, how sure, who says so: from claims to belief, and what is asked of it."""

from qsim.record.lazy import modules_of

__getattr__, __dir__ = modules_of(__name__, __path__)
