"""Frames, fast: what stands still, what changes, and the files they are written to."""
