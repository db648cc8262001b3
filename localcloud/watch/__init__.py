"""Logs, metrics and alarms."""
