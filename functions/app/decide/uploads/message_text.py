"""Texts in messages about files. Pure."""

from collections import Counter
from collections.abc import Sequence

from app.decide.names.shown_text import ELLIPSIS, shown

CELL, NAME = 120, 80  # characters of a cell, and of a column's name, that a message quotes


def shortened(names: list[str], most: int = 6) -> str:
    """The first names and an ellipsis, for messages."""
    listed = ", ".join(shown(name, NAME) for name in names[:most])
    return listed + (f", {ELLIPSIS}" if len(names) > most else "")


def named(labels: Sequence[str], most: int = 6, last: str = "and") -> str:
    """Name labels, the first ones of many, for messages."""
    texts = [f"'{label}'" for label in labels]
    if len(texts) > most:
        return f"{', '.join(texts[:most])} {last} {len(texts) - most} others"
    return f" {last} ".join(filter(None, [", ".join(texts[:-1]), *texts[-1:]]))


def describe_columns(header: list[str], *, sensitive: bool) -> str:
    """Describe the columns that a file has, for a message about one that is missing: what stands in its first line may
    be no names but a person's row.
    """
    hint = ", so it may not be separated by commas" if len(header) == 1 else ""
    names = "" if sensitive else f": {shown(shortened(header, 3), CELL)}"
    return f"(found {len(header)} column{'s' if len(header) != 1 else ''}{names}){hint}"


def twice_in(header: list[str], *, sensitive: bool) -> str:
    """Say which name stands more than once in a header, or where; "" where none does."""
    twice = [name for name, count in Counter(header).items() if count > 1]
    first, second, *_ = [place for place, name in enumerate(header, 1) if name in twice[:1]] or (0, 0)
    if twice and not twice[0]:
        return f"columns {first} and {second} have no name, as a header has that ends in commas"
    if twice and sensitive:
        return f"columns {first} and {second} have the same name"
    return f"column '{shortened(twice)}' is there more than once" if twice else ""


def quoted(cell: str) -> str:
    """What a cell says, for messages: as much of it as helps, between quotes."""
    return f"'{shown(cell, CELL)}'"


def says(cell: str, *, sensitive: bool) -> str:
    """That a cell says something, and what, unless that is nobody's to read."""
    return "has a text" if sensitive else f"says {quoted(cell)}"
