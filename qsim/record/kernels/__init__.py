"""How loops are compiled, in whatever room they are."""
