"""Calls of AWS, one file per resource; the only room that makes them besides the ledger."""
