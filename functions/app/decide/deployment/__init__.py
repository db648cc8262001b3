"""Decisions on the way of an approved version to its endpoint."""
