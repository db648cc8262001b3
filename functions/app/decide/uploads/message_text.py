"""Texts in messages about files. Pure."""

from app.decide.names.shown_text import ELLIPSIS, shown

CELL, NAME = 120, 80  # characters of a cell, and of a column's name, that a message quotes


def shortened(names: list[str], most: int = 6) -> str:
    """The first names and an ellipsis, for messages."""
    listed = ", ".join(shown(name, NAME) for name in names[:most])
    return listed + (f", {ELLIPSIS}" if len(names) > most else "")


def describe_columns(header: list[str]) -> str:
    """Describe the columns that a file has, for a message about one that is missing."""
    hint = ", so it may not be separated by commas" if len(header) == 1 else ""
    return f"(found {len(header)} column{'s' if len(header) != 1 else ''}: {shown(shortened(header, 3), CELL)}){hint}"


def quoted(cell: str) -> str:
    """What a cell says, for messages: as much of it as helps, between quotes."""
    return f"'{shown(cell, CELL)}'"
