"""Columns that tell the answer by themselves: known too well to have been known before it. Pure."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from math import sqrt

from cli.guess.columns import LOOKED_AT, Column, number_of

FEW_ROWS = 10  # of an answer; a column tells fewer apart by chance
MOST_ANSWERS = 20
ROWS_A_TEXT = 3  # on average; texts that hardly repeat tell everything apart
ALL_BUT_EQUAL = 0.9999  # of a correlation


@dataclass
class _Told:
    """What a column holds beside each answer."""

    texts: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # text -> answers
    lowest: dict[str, float] = field(default_factory=dict)  # answer -> number
    highest: dict[str, float] = field(default_factory=dict)

    def add(self, text: str, answer: str) -> None:
        """One more row."""
        self.texts[text].add(answer)
        if (number := number_of(text)) is not None:
            self.lowest[answer] = min(number, self.lowest.get(answer, number))
            self.highest[answer] = max(number, self.highest.get(answer, number))


def reasons(lines: Iterable[str], columns: Sequence[Column], goal: Column, cases: int | None = None) -> dict[str, str]:
    """Column -> why it tells the answer, of those that do; ``lines`` are the file's once more. Rows of one of the
    ``cases``, where they are known, are alike, and show as little as one row.
    """
    others = [(at, column) for at, column in enumerate(columns) if column is not goal and column.name]
    records = islice(filter(None, csv.reader(lines, strict=True)), 1, LOOKED_AT + 1)
    target = columns.index(goal)
    if len(goal.numbers) == goal.distinct > MOST_ANSWERS:
        return _moving_together(records, [(at, column) for at, column in others if column.numeric], target)
    if goal.distinct > MOST_ANSWERS or min(goal.texts.values(), default=0) < FEW_ROWS:
        return {}
    told = {column.name: _Told() for _, column in others}
    for record in records:
        if answer := record[target].strip():
            for at, column in others:
                told[column.name].add(record[at].strip(), answer)
    return {
        column.name: why for _, column in others if (why := _why(column, told[column.name], goal, cases or column.rows))
    }


def _why(column: Column, told: _Told, goal: Column, cases: int) -> str:
    if column.blanks and column.distinct and goal.distinct == 2:
        blank = told.texts[""]
        filled = set[str]().union(*(answers for text, answers in told.texts.items() if text))
        if len(blank) == len(filled) == 1 and blank != filled:
            return f"blank exactly where '{goal.name}' is '{next(iter(blank))}': it was filled in after the answer"
    repeated = len(told.texts) > 1 and cases >= ROWS_A_TEXT * len(told.texts) and not column.many
    if repeated and all(len(answers) == 1 for answers in told.texts.values()):
        return f"each of its {len(told.texts)} texts goes with one answer: it tells '{goal.name}' by itself"
    ranges = sorted((told.lowest[answer], told.highest[answer], answer) for answer in told.lowest)
    apart = all(before[1] < after[0] for before, after in pairwise(ranges))
    if column.numeric and not column.blanks and len(ranges) == goal.distinct and apart:
        return f"from {ranges[1][0]:g} on, '{goal.name}' is never '{ranges[0][2]}': it tells the answer by itself"
    return ""


def _moving_together(
    records: Iterable[list[str]], numeric: Sequence[tuple[int, Column]], target: int
) -> dict[str, str]:
    """Columns of numbers that are the target in another unit: their correlation with it is all but 1."""
    sums: dict[str, list[float]] = {column.name: [0.0] * 6 for _, column in numeric}
    for record in records:
        if (y := number_of(record[target].strip())) is None:
            continue
        for at, column in numeric:
            if (x := number_of(record[at].strip())) is not None:
                for place, value in enumerate((1.0, x, y, x * x, y * y, x * y)):
                    sums[column.name][place] += value
    why = "it moves with the target as if it were the target in another unit (correlation {0:.5f})"
    found = {name: _correlation(*six) for name, six in sums.items() if six[0] >= FEW_ROWS}
    return {name: why.format(r) for name, r in found.items() if abs(r) > ALL_BUT_EQUAL}


def _correlation(n: float, x: float, y: float, xx: float, yy: float, xy: float) -> float:
    spread = (n * xx - x * x) * (n * yy - y * y)
    return (n * xy - x * y) / sqrt(spread) if spread > 0 else 0.0
