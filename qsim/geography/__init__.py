"""What the map means: reachability, encirclement, pockets, and measures of histories."""
