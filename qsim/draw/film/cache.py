"""The still layers of a map, kept on disk by all that they rest on: the same map is not rendered twice."""

from collections.abc import Callable
from typing import Any

import matplotlib
from numpy.typing import NDArray

from qsim import __version__
from qsim.draw.film.raster import Stills
from qsim.record.kept import cached, code_of, digest

_FIELDS = ("paper", "ranks", "pixel", "cell", "pattern")


def kept(content: object, make: Callable[[], Stills]) -> Stills:
    """
    Return the stills that `make` returns for this content, from disk where they were made before.

    They lie in the folder that the environment variable `QSIM_CACHE` names, by default in the user's own folder for such files,
    and nothing is kept where it is empty or cannot be written. A file that cannot be read is made anew; others in that folder are
    left alone.
    """

    def arrays() -> dict[str, NDArray[Any]]:
        found = make()
        return {field: getattr(found, field) for field in _FIELDS} | {f"layer{i}": layer for i, layer in enumerate(found.layers)}

    name = digest(content, __version__, matplotlib.__version__, code_of("draw", "record/geometry.py"))
    found = cached(f"map-{name}", arrays, _FIELDS)
    layers = tuple(found[name] for name in sorted(found) if name.startswith("layer"))
    return Stills(layers=layers, **{field: found[field] for field in _FIELDS})
