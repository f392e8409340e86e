"""Other people's data: belief and records as files that other tools read, and their files read in."""

from functools import partial
from importlib import import_module
from typing import Any

from qsim.record.lazy import modules_of

# What is imported when it is first asked for: one format in needs no format out. `read_viina`, `read_ucdp`, ... are `read` of that format.
_LATER = {
    "FORMATS": "reading",
    "read": "reading",
    "write": "writing",
    "add": "adding",
    "Imported": "imported",
    "ImportProblem": "files",
}
_module, _modules = modules_of(__name__, __path__)


def __getattr__(name: str) -> Any:
    """Import a name, or a module, when it is first asked for."""
    if name in _LATER:
        return getattr(import_module(f"qsim.exchange.{_LATER[name]}"), name)
    if name.startswith("read_") and name.removeprefix("read_") in import_module("qsim.exchange.reading").FORMATS:
        return partial(import_module("qsim.exchange.reading").read, name.removeprefix("read_"))
    return _module(name)


def __dir__() -> list[str]:
    """Return everything public, and nothing else, for tab completion."""
    return sorted([*_LATER, *(f"read_{name}" for name in import_module("qsim.exchange.reading").FORMATS), *_modules()])
