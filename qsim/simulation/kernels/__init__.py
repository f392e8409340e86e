"""The loops of the simulation over arrays."""
