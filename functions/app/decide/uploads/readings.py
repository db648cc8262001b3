"""How the text of a cell is read: missing, a number, a target. Pure.

One rule for every check at the door, and the jobs' own: a property test feeds odd tables to both.
"""

from collections.abc import Collection
from math import nan

from app.decide.uploads.number_formats import NumberFormat

LARGEST = 3.4028234663852886e38  # that algorithms read, in 32 bits; beyond it a number is infinite to them


def finite(value: float) -> bool:
    """Whether a number is one that can be learnt from: neither nan nor infinite, in 32 bits either."""
    return -LARGEST <= value <= LARGEST


def is_missing(text: str, marks: Collection[str]) -> bool:
    """Whether a cell says nothing: it is blank, or one of the ``marks``."""
    return not text.strip() or text.strip() in marks


def number(text: str, marks: Collection[str] = (), writing: NumberFormat | None = None) -> float:
    """The number that a cell says; nan where it is missing. It may be infinite.

    Raises:
        ValueError: it says something else.
    """
    text = text.strip()
    if not text or text in marks:
        return nan
    plain = writing.plain(text) if writing else text
    return float(plain.replace("_", "?"))  # Python would take 1_000 for a number, nobody else does


def target(text: str, labels: Collection[str], marks: Collection[str], *, log: bool) -> str | float | None:
    """What a target says: one of ``labels``, or, where there are none, a finite number, above 0 where its logarithm is
    learnt; None for anything else.
    """
    if labels:
        return text.strip() if text.strip() in labels and not is_missing(text, marks) else None
    try:
        value = number(text, marks)
    except ValueError:
        return None
    return value if finite(value) and not (log and value <= 0) else None
