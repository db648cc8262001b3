"""Commands about runs: start one, look at it."""
