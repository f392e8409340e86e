"""Charts of the ring, of shares, of tolls and of how well a belief foretells."""
