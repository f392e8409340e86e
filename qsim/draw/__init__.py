"""Drawing: one look, defined once, for stills, animations and charts."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qsim.draw.scene import Scene, describe, snapshot, snapshot_svg

__all__ = ["Scene", "describe", "snapshot", "snapshot_svg"]


def __getattr__(name: str) -> Any:
    """Import what draws when it is first asked for: colours and words alone need no matplotlib."""
    if name not in __all__:
        raise AttributeError(f"module 'qsim.draw' has no attribute {name!r}")
    from qsim.draw import scene

    return getattr(scene, name)


def __dir__() -> list[str]:
    """Return everything public, and nothing else, for tab completion."""
    return __all__
