"""Whether answers are right, and whether a change made them better or worse."""
