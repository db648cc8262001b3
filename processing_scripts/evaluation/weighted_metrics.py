"""Metrics of weighted rows: what resampling and slices measure with. Pure numbers in and out.

With all weights 1 they equal those of ``metrics``; a test holds them together. Not defined is NaN.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BETTER_LOW = frozenset({"rmse", "mae", "mse"})
NAMES = {
    "binary_classification": ("accuracy", "precision", "recall", "f1", "roc_auc"),
    "regression": ("rmse", "mae", "mse", "r2"),
}


@dataclass(frozen=True)
class Rows:
    """Held-out rows with one model's answers, each ``(rows,)``: a yes is 1.0; of regression all are in the target's
    unit, and ``score`` is ``predicted``.
    """

    truth: Floats
    predicted: Floats
    score: Floats

    def at(self, which: NDArray[np.intp] | NDArray[np.bool_]) -> "Rows":
        """Some of the rows."""
        return Rows(self.truth[which], self.predicted[which], self.score[which])

    def __len__(self) -> int:
        return len(self.truth)


Measure = Callable[[Floats], dict[str, float]]
"""Weights ``(rows,)`` to metrics."""


def measure(task: str, rows: Rows) -> Measure:
    """Prepare the metrics of a task, so that many weightings of the same rows are cheap."""
    return _binary(rows) if task == "binary_classification" else _regression(rows)


def plain(task: str, rows: Rows) -> dict[str, float]:
    """The metrics of all rows alike."""
    return measure(task, rows)(np.ones(len(rows)))


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else math.nan


def _dot(some: Floats, other: Floats) -> float:
    """Without BLAS: its threads wait for each other longer than so few numbers take."""
    return float((some * other).sum())


def _binary(rows: Rows) -> Measure:
    both, said, right = rows.truth * rows.predicted, rows.predicted, (rows.truth == rows.predicted).astype(float)
    distinct, group = np.unique(rows.score, return_inverse=True)

    def weigh(weights: Floats) -> dict[str, float]:
        hits, calls, truths = _dot(weights, both), _dot(weights, said), _dot(weights, rows.truth)
        positive = np.bincount(group, weights * rows.truth, len(distinct))
        negative = np.bincount(group, weights * (1 - rows.truth), len(distinct))
        above = _dot(positive.astype(float), np.cumsum(negative) - negative / 2)
        return {
            "accuracy": _ratio(_dot(weights, right), float(weights.sum())),
            "precision": _ratio(hits, calls),
            "recall": _ratio(hits, truths),
            "f1": _ratio(2 * hits, calls + truths),
            "roc_auc": _ratio(above, float(positive.sum() * negative.sum())),
        }

    return weigh


def _regression(rows: Rows) -> Measure:
    error = rows.predicted - rows.truth
    squared, absolute = error**2, np.abs(error)
    centred = rows.truth - rows.truth.mean() if len(rows) else rows.truth

    def weigh(weights: Floats) -> dict[str, float]:
        total = float(weights.sum())
        mse = _ratio(_dot(weights, squared), total)
        spread = _dot(weights, centred**2) - _ratio(_dot(weights, centred) ** 2, total)
        return {
            "rmse": math.sqrt(mse), "mae": _ratio(_dot(weights, absolute), total), "mse": mse,
            "r2": 1 - _ratio(mse * total, spread) if spread > 0 else math.nan,
        }  # fmt: skip

    return weigh
