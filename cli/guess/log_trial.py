"""Whether a skewed target is better learnt as its logarithm: both are tried, on rows that are held out in turn."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from math import ceil, nan, sqrt
from typing import Any

from cli.guess.columns import LOOKED_AT, Column, number_of

MOST_ROWS, MOST_CELLS = 5_000, 400_000  # that are tried: a second or two
FEWEST_ROWS = 200  # fewer show nothing
FOLDS, ROUNDS = 5, 150
LEARNING = {"objective": "reg:squarederror", "max_depth": 4, "eta": 0.1, "seed": 7, "nthread": 1}
NAMES = 0.5  # of the rows: a column of so many different texts names them


@dataclass(frozen=True)
class LogTrial:
    """R² on rows that were held out, learnt as it is and as its logarithm, whose answers are brought back to means."""

    plain: float
    log: float
    wins: bool  # the logarithm, by more than folds differ


def log_trial(lines: Iterable[str], columns: Sequence[Column], goal: Column) -> LogTrial | None:
    """Try both on a sample of the file's ``lines``, taken evenly; None where there is too little to try on."""
    import numpy as np

    used = [place for place, column in enumerate(columns) if column is not goal and _tells(column)]
    most = min(MOST_ROWS, MOST_CELLS // max(1, len(used)))
    records = islice(filter(None, csv.reader(lines, strict=True)), 1, LOOKED_AT + 1, ceil(goal.rows / most))
    target = columns.index(goal)
    rows = [record for record in records if (number_of(record[target].strip()) or 0) > 0]
    if len(rows) < FEWEST_ROWS or not used:
        return None
    answers = np.array([number_of(row[target].strip()) for row in rows])
    matrix = np.column_stack([_numbers(columns[place], [row[place].strip() for row in rows]) for place in used])
    return _compared(answers, _held_out(matrix, answers), np.exp(_held_out(matrix, np.log(answers))))


def _tells(column: Column) -> bool:
    names = not column.numeric and not column.dated and column.distinct > NAMES * column.rows
    return bool(column.name and column.distinct > 1) and not (names or column.counts_rows or column.climbs)


def _numbers(column: Column, texts: Sequence[str]) -> list[float]:
    """A column's numbers; of anything else each text's place among all, sorted."""
    if column.numeric:
        return [nan if (number := number_of(text)) is None else number for text in texts]
    places = {text: float(place) for place, text in enumerate(sorted(set(texts) - {""}))}
    return [places.get(text, nan) for text in texts]


def _held_out(matrix: Any, answers: Any) -> Any:
    """What is predicted of each row by a model that has not learnt from its fold."""
    import numpy as np
    import xgboost

    fold, predicted = np.arange(len(answers)) % FOLDS, np.zeros(len(answers))
    for one in range(FOLDS):
        learnt = xgboost.DMatrix(matrix[fold != one], answers[fold != one])
        booster = xgboost.train(LEARNING, learnt, ROUNDS)
        predicted[fold == one] = booster.predict(xgboost.DMatrix(matrix[fold == one]))
    return predicted


def _compared(answers: Any, plain: Any, medians: Any) -> LogTrial:
    import numpy as np

    spread = np.mean((answers - answers.mean()) ** 2)
    means = medians * answers.mean() / medians.mean()  # by one factor, as a model's answers are
    better = ((answers - plain) ** 2 - (answers - means) ** 2) / spread
    by_fold = np.array([better[one::FOLDS].mean() for one in range(FOLDS)])
    of_plain, of_log = (float(1 - np.mean((answers - one) ** 2) / spread) for one in (plain, means))
    return LogTrial(of_plain, of_log, bool(by_fold.mean() > by_fold.std(ddof=1) / sqrt(FOLDS)))
