"""The map as text, colours of a terminal, the prompt."""
