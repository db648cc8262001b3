"""Several classes: their metrics, what is said of each, and what looks wrong."""
