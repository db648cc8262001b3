"""Lineage of jobs and versions, as it can be read."""
