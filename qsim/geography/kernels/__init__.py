"""The loops of geography over arrays."""
