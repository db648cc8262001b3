"""The types of steps: one file for each kind, and the registry that names them all."""
