"""Watching what serves: windows of how well it answers, and of how its data drifts. Pure."""
