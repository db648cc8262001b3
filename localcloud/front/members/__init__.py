"""Members of requests that nobody here plays: they are refused by name when they are set."""
