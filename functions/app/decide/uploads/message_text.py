"""Texts in messages about files. Pure."""


def shortened(names: list[str], shown: int = 6) -> str:
    """The first names and an ellipsis, for messages."""
    return ", ".join(names[:shown]) + (", …" if len(names) > shown else "")


def describe_columns(header: list[str]) -> str:
    """Describe the columns that a file has, for a message about one that is missing."""
    hint = ", so it may not be separated by commas" if len(header) == 1 else ""
    return f"(found {len(header)} column{'s' if len(header) != 1 else ''}: {clipped(shortened(header, 3))}){hint}"


def clipped(text: str, limit: int = 120) -> str:
    """The beginning of a text and an ellipsis, for messages."""
    return text if len(text) <= limit else text[:limit] + "…"
