"""Approval by several people: whose yes counts, how many are needed, and what they have said so far. Pure."""
