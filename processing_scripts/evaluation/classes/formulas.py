"""The formulas of several classes' metrics: what two labels have, for each class against the rest, and its mean.

A class that no row has and that is never predicted has no F1, and one that all or no rows have no area under the curve:
means are over the others, as scikit-learn has them.

Source: https://scikit-learn.org/stable/modules/generated/sklearn.metrics.f1_score.html (macro, weighted) and
https://scikit-learn.org/stable/modules/generated/sklearn.metrics.roc_auc_score.html (one against the rest)
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from evaluation import formulas
from evaluation.formulas import Weighted
from evaluation.rows import Floats, Rows

LEAST = 1e-15  # a probability below counts as this one in the log loss


def counts(rows: Rows) -> Callable[[Floats], Floats]:
    """Prepare the weighted counts of rows by actual and predicted class, ``(classes, classes)``."""
    size = rows.score.shape[1]
    cells = (rows.actual * size + rows.predicted).astype(np.intp)
    return lambda weights: np.bincount(cells, weights, size * size).reshape(size, size).astype(np.float64)


def against_rest(rows: Rows, number: int) -> Rows:
    """Make one class the positive label, and all others the negative one."""
    actual, predicted = ((labels == number).astype(np.float64) for labels in (rows.actual, rows.predicted))
    return Rows(actual, predicted, rows.score[:, number])


def log_loss(rows: Rows) -> Floats:
    """Take the negative logarithm of the probability of what came true; NaN where there are no probabilities."""
    of_actual = rows.score[np.arange(len(rows)), rows.actual.astype(np.intp)]
    return -np.log(np.maximum(of_actual, LEAST))


class _Shares(NamedTuple):
    """Of counts: the share of rows that each class has, its F1, and that share plus the share it is predicted in."""

    actual: Floats
    f1: Floats
    either: Floats


def _shares(cells: Floats) -> _Shares:
    total = max(float(cells.sum()), LEAST)
    actual, either = cells.sum(axis=1) / total, (cells.sum(axis=1) + cells.sum(axis=0)) / total
    with np.errstate(invalid="ignore", divide="ignore"):
        return _Shares(actual, 2 * np.diag(cells) / total / either, either)


def _deviation(cells: Floats, influence: Floats) -> float:
    """Apply the delta method to the multinomial of the cells; ``influence`` is what one row more of a cell moves."""
    share = cells / cells.sum()
    known = share > 0
    mean = float((share[known] * influence[known]).sum())
    return math.sqrt(float((share[known] * (influence[known] - mean) ** 2).sum()) / float(cells.sum()))


def _pull(shares: _Shares, weight: Floats) -> Floats:
    """Say how far one row of each cell moves the sum of the classes' F1, each times its ``weight``."""
    with np.errstate(invalid="ignore", divide="ignore"):
        error, hit = weight * shares.f1 / shares.either, weight * 2 / shares.either
    moved: Floats = -error[:, None] - error[None, :] + np.diag(hit)
    return moved


class MacroF1:
    """The mean of the classes' F1, each class weighing the same."""

    def prepare(self, rows: Rows) -> Weighted:
        """Prepare the counts."""
        of_rows = counts(rows)

        def mean(weights: Floats) -> float:
            f1 = _shares(of_rows(weights)).f1
            known = f1[np.isfinite(f1)]
            return float(known.mean()) if len(known) else math.nan

        return mean

    def deviation(self, rows: Rows) -> float:
        """Apply the delta method to the counts."""
        cells = counts(rows)(np.ones(len(rows)))
        shares = _shares(cells)
        classes = max(int(np.isfinite(shares.f1).sum()), 1)
        return _deviation(cells, _pull(shares, np.full(len(shares.f1), 1 / classes)))


class WeightedF1:
    """The mean of the classes' F1, each class weighing as many rows as it has."""

    def prepare(self, rows: Rows) -> Weighted:
        """Prepare the counts."""
        of_rows = counts(rows)

        def mean(weights: Floats) -> float:
            shares = _shares(of_rows(weights))
            known = shares.actual > 0
            return float((shares.actual[known] * shares.f1[known]).sum()) if known.any() else math.nan

        return mean

    def deviation(self, rows: Rows) -> float:
        """Apply the delta method to the counts, of which the weights are made too."""
        cells = counts(rows)(np.ones(len(rows)))
        shares = _shares(cells)
        return _deviation(cells, shares.f1[:, None] + _pull(shares, shares.actual))


class RocAucOverRest:
    """The mean of the areas under the classes' ROC curves, each class against the rest, each weighing the same."""

    def prepare(self, rows: Rows) -> Weighted:
        """Prepare each class's area."""
        if np.isnan(rows.score).any():
            return lambda _: math.nan
        area = formulas.RocAuc()
        prepared = [area.prepare(against_rest(rows, number)) for number in range(rows.score.shape[1])]

        def mean(weights: Floats) -> float:
            known = [value for weighted in prepared if math.isfinite(value := weighted(weights))]
            return sum(known) / len(known) if known else math.nan

        return mean

    def deviation(self, rows: Rows) -> float:
        """Add what each row moves each class's area by (DeLong's structural components), and take their deviation."""
        if np.isnan(rows.score).any():
            return math.nan
        moved, classes = np.zeros(len(rows)), 0
        for number in range(rows.score.shape[1]):
            of_class = against_rest(rows, number)
            positives = int(of_class.actual.sum())
            if 1 < positives < len(rows) - 1:
                moved, classes = moved + _moved(of_class, positives), classes + 1
        return float(moved.std()) / classes / math.sqrt(len(rows)) if classes else math.nan


def _moved(rows: Rows, positives: int) -> Floats:
    """Say how far each row moves the area, times the number of rows."""
    positive, negatives = rows.actual > 0, len(rows) - positives
    ranks, influence = formulas.midranks(rows.score), np.empty(len(rows))
    above = (ranks[positive] - formulas.midranks(rows.score[positive])) / negatives
    below = 1 - (ranks[~positive] - formulas.midranks(rows.score[~positive])) / positives
    influence[positive] = (above - above.mean()) * len(rows) / positives
    influence[~positive] = (below - below.mean()) * len(rows) / negatives
    return influence
