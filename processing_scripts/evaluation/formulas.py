"""The formulas of metrics: each measures weighted rows, and says by how much chance moves the result.

Pure numbers in and out; NaN is a metric that is not defined on the rows. The standard deviations say how far a metric
would move on another test set of this size: closed forms, so a million rows cost no more than a sort.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from evaluation.rows import Floats, Rows

ROUNDING = 1e-12  # a spread below this share of the squares is what sums of floats leave of nothing
Weighted = Callable[[Floats], float]
"""Weights ``(rows,)`` to the metric of the rows so weighted."""


class Formula(Protocol):
    """How a metric is computed."""

    def prepare(self, rows: Rows) -> Weighted:
        """Do once what all weightings of the same rows share: resampling asks for hundreds of them."""

    def deviation(self, rows: Rows) -> float:
        """Compute the metric's standard deviation, all rows weighing the same."""


PerRow = Callable[[Rows], NDArray[Any]]
"""Rows to a number for each, ``(rows,)``."""


def every_row(rows: Rows) -> Floats:
    """Count each row."""
    return np.ones(len(rows))


@dataclass(frozen=True)
class Mean:
    """The mean of ``value`` over those rows of which ``among`` is 1: shares (0/1 values) and mean errors alike."""

    value: PerRow
    among: PerRow = every_row
    share: bool = False  # its values are 0 or 1

    def counted(self, rows: Rows) -> int:
        """Count the rows that it is a mean of."""
        return int((self.among(rows) > 0).sum())

    def prepare(self, rows: Rows) -> Weighted:
        """Compute values and their rows once."""
        value, among = self.value(rows) * self.among(rows), self.among(rows)
        return lambda weights: _ratio(_dot(weights, value), _dot(weights, among))

    def deviation(self, rows: Rows) -> float:
        """Divide the values' own deviation by the root of their number; of a share it is the binomial's.

        A share of 0 or 1 has one as well: two rows of either kind more are what it might have been.

        Source: Agresti and Coull (1998), Approximate is Better than "Exact", https://doi.org/10.2307/2685469
        """
        values = self.value(rows)[self.among(rows) > 0]
        if not len(values):
            return math.nan
        if self.share and values.min() == values.max():
            values = np.concatenate([values, [0, 0, 1, 1]])
        return float(values.std()) / math.sqrt(len(values))


@dataclass(frozen=True)
class RootMean:
    """The square root of a mean."""

    mean: Mean

    def prepare(self, rows: Rows) -> Weighted:
        """Prepare the mean."""
        of_mean = self.mean.prepare(rows)
        return lambda weights: math.sqrt(of_mean(weights))

    def deviation(self, rows: Rows) -> float:
        """Divide the mean's deviation by twice its root (delta method)."""
        root = self.prepare(rows)(np.ones(len(rows)))
        return self.mean.deviation(rows) / (2 * root) if root else 0.0


class F1:
    """The harmonic mean of precision and recall."""

    def prepare(self, rows: Rows) -> Weighted:
        """Count true positives, and positives of either kind."""
        hits, either = rows.actual * rows.predicted, rows.actual + rows.predicted
        return lambda weights: _ratio(2 * _dot(weights, hits), _dot(weights, either))

    def deviation(self, rows: Rows) -> float:
        """Apply the delta method to the multinomial of true positives, errors and the rest."""
        hit = _share(rows.actual * rows.predicted)
        error = _share(np.abs(rows.actual - rows.predicted))
        denominator = 2 * hit + error
        if not denominator > 0:
            return math.nan
        by_hit, by_error = 2 * error / denominator**2, -2 * hit / denominator**2
        variance = by_hit**2 * hit + by_error**2 * error - (by_hit * hit + by_error * error) ** 2
        return math.sqrt(max(variance, 0.0) / len(rows))


class RocAuc:
    """The area under the ROC curve, ties counted half."""

    def prepare(self, rows: Rows) -> Weighted:
        """Group the rows by score, in ascending order."""
        distinct, group = np.unique(rows.score, return_inverse=True)

        def area(weights: Floats) -> float:
            positive = np.bincount(group, weights * rows.actual, len(distinct))
            negative = np.bincount(group, weights * (1 - rows.actual), len(distinct))
            above = _dot(positive.astype(float), np.cumsum(negative) - negative / 2)
            return _ratio(above, float(positive.sum() * negative.sum()))

        return area

    def deviation(self, rows: Rows) -> float:
        """Compute DeLong's.

        Source: Sun and Xu (2014), Fast Implementation of DeLong's Algorithm, https://doi.org/10.1109/LSP.2014.2337313
        """
        positive, negative = rows.score[rows.actual > 0], rows.score[~(rows.actual > 0)]
        if len(positive) < 2 or len(negative) < 2:
            return math.nan
        ranks = midranks(rows.score)
        above = (ranks[rows.actual > 0] - midranks(positive)) / len(negative)  # share of negatives below each positive
        below = 1 - (ranks[~(rows.actual > 0)] - midranks(negative)) / len(positive)
        return math.sqrt(above.var(ddof=1) / len(positive) + below.var(ddof=1) / len(negative))


class R2:
    """The share of the target's variance that the predictions explain."""

    def prepare(self, rows: Rows) -> Weighted:
        """Centre the targets, so that large ones leave digits to their spread."""
        squared = squared_error(rows)
        centred = rows.actual - rows.actual.mean() if len(rows) else rows.actual

        def share(weights: Floats) -> float:
            squares = _dot(weights, centred**2)
            spread = squares - _ratio(_dot(weights, centred) ** 2, float(weights.sum()))
            return 1 - _dot(weights, squared) / spread if spread > ROUNDING * squares else math.nan

        return share

    def deviation(self, rows: Rows) -> float:
        """Apply the delta method to squared errors and squared distances from the mean."""
        value = self.prepare(rows)(np.ones(len(rows)))
        if math.isnan(value):
            return math.nan
        squared, spread = squared_error(rows), (rows.actual - rows.actual.mean()) ** 2
        influence = (squared - (1 - value) * spread) / spread.mean()
        return float(influence.std()) / math.sqrt(len(rows))


class MeanRatio:
    """The mean prediction beside the mean of what is true: the smaller of the two divided by the greater."""

    def prepare(self, rows: Rows) -> Weighted:
        """Add up both."""
        return lambda weights: _smaller_to_greater(_dot(weights, rows.score), _dot(weights, rows.actual))

    def deviation(self, rows: Rows) -> float:
        """Apply the delta method to the ratio of two means of the same rows."""
        ends = sorted((rows.score, rows.actual), key=lambda values: float(values.sum()))
        ratio = _smaller_to_greater(*(float(values.sum()) for values in ends))
        if math.isnan(ratio):
            return math.nan
        influence = (ends[0] - ratio * ends[1]) / ends[1].mean()
        return float(influence.std()) / math.sqrt(len(rows))


def _smaller_to_greater(first: float, second: float) -> float:
    low, high = sorted((first, second))
    return _ratio(low, high)


def correct(rows: Rows) -> NDArray[np.bool_]:
    """Compare labels."""
    return np.equal(rows.actual, rows.predicted)


def actual(rows: Rows) -> Floats:
    """Mark what is positive."""
    return rows.actual


def negative(rows: Rows) -> Floats:
    """Mark what is negative."""
    return 1 - rows.actual


def predicted(rows: Rows) -> Floats:
    """Mark what is predicted to be positive."""
    return rows.predicted


def error(rows: Rows) -> Floats:
    """Measure how far each prediction is above what is true; below, it is negative."""
    return rows.predicted - rows.actual


def probability_error(rows: Rows) -> Floats:
    """Square the distance of the predicted probability from what came true, 0 or 1."""
    return np.square(rows.score - rows.actual)


def absolute_error(rows: Rows) -> Floats:
    """Measure how far off each prediction is."""
    return np.abs(rows.predicted - rows.actual)


def squared_error(rows: Rows) -> Floats:
    """Square how far off each prediction is."""
    return np.square(rows.predicted - rows.actual)


def midranks(values: Floats) -> Floats:
    """Rank from 1; equal values share the mean of their ranks."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Floats = (last - (counts - 1) / 2)[group]
    return ranks


def _share(marks: Floats) -> float:
    return float(marks.mean()) if len(marks) else math.nan


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else math.nan


def _dot(left: NDArray[Any], right: NDArray[Any]) -> float:
    """Multiply and add without BLAS, whose threads wait for each other longer than so few numbers take."""
    return float((left * right).sum())
