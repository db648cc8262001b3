"""Decisions: pure functions and values. No call of AWS, no clock, no environment."""
