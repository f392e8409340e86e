"""Drawing: one look, defined once, for stills, animations and charts."""

from qsim.draw.scene import Scene, describe, snapshot, snapshot_svg

__all__ = ["Scene", "describe", "snapshot", "snapshot_svg"]
