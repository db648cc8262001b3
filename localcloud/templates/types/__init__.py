"""The resource types, by noun."""
