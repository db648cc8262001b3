"""A compiled definition brought to a stack."""
