"""The model file: read, checked, explained."""
