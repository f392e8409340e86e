"""The map as text, colours of a terminal, the prompt."""

from qsim.record.lazy import modules_of

__getattr__, __dir__ = modules_of(__name__, __path__)
