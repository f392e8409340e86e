"""Other people's data: belief and records as files that other tools read, and their files read in."""

from functools import partial
from importlib import import_module
from typing import Any

# What is imported when it is first asked for: one format in needs no format out. `read_viina`, `read_ucdp`, ... are `read` of that format.
_LATER = {
    "FORMATS": "reading",
    "read": "reading",
    "write": "writing",
    "add": "adding",
    "Imported": "imported",
    "ImportProblem": "files",
}


def __getattr__(name: str) -> Any:
    """Import a name when it is first asked for."""
    if name in _LATER:
        return getattr(import_module(f"qsim.exchange.{_LATER[name]}"), name)
    reading = import_module("qsim.exchange.reading") if name.startswith("read_") else None
    if reading is None or name.removeprefix("read_") not in reading.FORMATS:
        raise AttributeError(f"module 'qsim.exchange' has no attribute {name!r}")
    return partial(reading.read, name.removeprefix("read_"))


def __dir__() -> list[str]:
    """Return everything public, and nothing else, for tab completion."""
    return sorted([*_LATER, *(f"read_{name}" for name in import_module("qsim.exchange.reading").FORMATS)])
