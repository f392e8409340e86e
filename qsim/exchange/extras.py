"""Libraries that only some formats need: imported when they are, with a plain word where they are missing."""

from importlib import import_module
from typing import Any


class ExportError(ValueError):
    """What cannot be exported: an unknown format, a missing library, a timeline that does not hold what is asked."""


EXTRAS = {
    "pandas": "tables",
    "pyarrow": "tables",
    "geopandas": "geo",
    "xarray": "arrays",
    "zarr": "arrays",
    "h5netcdf": "arrays",
    "openpyxl": "xlsx",
}


def need(module: str, what: str) -> Any:
    """
    Return the library; `what` says what it is needed for.

    Raises
    ------
    ExportError
        When it is not installed; the message says how it is, and of which extra of qsim it is.
    """
    try:
        return import_module(module)
    except ImportError:
        extra = EXTRAS[module]
        raise ExportError(f"{what} needs {module}: pip install {module} (it is of the extra {extra!r})") from None
