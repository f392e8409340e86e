"""Rooms whose modules are imported when they are first asked for, so that `import qsim` stays quick and nothing need be imported twice."""

from collections.abc import Callable, Iterable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any


def modules_of(package: str, path: Iterable[str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the `__getattr__` and the `__dir__` of a package whose public names are its modules, kernels left out."""

    def names() -> list[str]:
        return sorted(module.name for module in iter_modules(path) if module.name != "kernels" and not module.name.startswith("_"))

    def get(name: str) -> Any:
        if name.startswith("_") or name not in names():
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return import_module(f"{package}.{name}")

    return get, names
