"""Rows on their way to the stack and back: uploads, scored files, predictions."""
