"""Read CSV with the standard library, with cells of any length: Python's own limit is 131,072 characters.

Knows nothing of files; an upload's cells are bounded when it arrives.
"""

import csv
from collections.abc import Iterable, Iterator
from typing import Protocol

LONGEST = 2**31 - 1  # characters


class Reader(Protocol):
    """What ``csv.reader`` makes."""

    @property
    def line_num(self) -> int:
        """Count the lines read so far."""

    def __iter__(self) -> Iterator[list[str]]: ...

    def __next__(self) -> list[str]: ...


def reader(lines: Iterable[str], *, strict: bool = False) -> Reader:
    """Make a ``csv.reader``; ``strict`` refuses what RFC 4180 does not allow.

    Source: https://docs.python.org/3/library/csv.html#csv.field_size_limit
    """
    csv.field_size_limit(LONGEST)
    return csv.reader(lines, strict=strict)
