"""Column profiles of an upload, gathered as it streams by: bounded memory, the standard library alone. Pure.

Rows come some thousands at a time, and each distinct text of a column is looked at once per such block.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from app.decide.uploads import readings
from app.decide.uploads.number_formats import NumberFormat

LEVELS = 1_000  # distinct texts of a column that are counted by name


class Kind(NamedTuple):
    """Kind of a column, by the model file."""

    number: bool
    missing: frozenset[str]  # marks besides the blank
    writing: NumberFormat | None = None  # of numbers; None: as 1234.5


class NotNumber(ValueError):
    """A text in a column of numbers; ``line`` says where."""

    def __init__(self, column: str, text: str, line: int) -> None:
        super().__init__(column, text, line)
        self.column, self.text, self.line = column, text, line


@dataclass
class Column:
    """Profile of one column."""

    rows: int = 0
    missing: int = 0
    low: tuple[float, int] | None = None  # smallest number and its line
    high: tuple[float, int] | None = None
    counts: list[int] | None = None  # rows per bin of the baseline's edges; None of levels
    levels: Counter[str] = field(default_factory=Counter)


class Profiler:
    """Gathers columns; ``edges`` are the baseline's, by column of numbers."""

    def __init__(self, header: list[str], kinds: Mapping[str, Kind], edges: Mapping[str, list[float]]) -> None:
        self._indices = [(name, header.index(name), kind) for name, kind in kinds.items() if name in header]
        self._edges = edges
        self.columns = {name: Column() for name, _, _ in self._indices}

    def add(self, lines: Sequence[int], columns: Sequence[Sequence[str]]) -> None:
        """Add some rows, given column by column, with the line that each begins on.

        Raises:
            NotNumber: a column of numbers holds something else.
        """
        for name, index, kind in self._indices:
            column, texts = self.columns[name], columns[index]
            column.rows += len(texts)
            if kind.number:
                _numbers(name, column, texts, lines, kind, self._edges.get(name, []))
            else:
                _levels(column, texts, kind.missing)

    def check(self, lines: Sequence[int], columns: Sequence[Sequence[str]]) -> None:
        """Read the numbers of rows that may not count.

        Raises:
            NotNumber: a column of numbers holds something else.
        """
        for name, index, kind in self._indices:
            for raw in dict.fromkeys(columns[index]) if kind.number else ():
                _number(name, raw, columns[index], lines, kind)


def _levels(column: Column, texts: Iterable[str], missing: frozenset[str]) -> None:
    for raw, rows in Counter(texts).items():
        text = raw.strip()
        if not text or text in missing:
            column.missing += rows
        elif text in column.levels or len(column.levels) < LEVELS:
            column.levels[text] += rows


def _numbers(
    name: str,
    column: Column,
    texts: Sequence[str],
    lines: Sequence[int],
    kind: Kind,
    edges: list[float],
) -> None:
    counts = column.counts = column.counts or [0] * (len(edges) + 1)
    low, high = column.low, column.high
    for raw, rows in Counter(texts).items():
        value = _number(name, raw, texts, lines, kind)
        if not readings.finite(value):
            column.missing += rows
            continue
        counts[bisect_left(edges, value)] += rows
        if low is None or value < low[0]:
            low = value, lines[texts.index(raw)]
        if high is None or value > high[0]:
            high = value, lines[texts.index(raw)]
    column.low, column.high = low, high


def _number(name: str, raw: str, texts: Sequence[str], lines: Sequence[int], kind: Kind) -> float:
    try:
        return readings.number(raw, kind.missing, kind.writing)
    except ValueError:
        raise NotNumber(name, raw.strip(), lines[texts.index(raw)]) from None
