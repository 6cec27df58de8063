"""Real processes: what starts, what stops, and that nothing is ever left."""
