"""What the map means: reachability, encirclement, pockets, and measures of histories."""

from qsim.record.lazy import modules_of

__getattr__, __dir__ = modules_of(__name__, __path__)
