"""How good a model is on held-out rows, each number with its standard deviation.

Pure numbers in and out. The standard deviations say how far the number would move on another test set of this size; all
are closed forms, so a million rows cost no more than a sort.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Metric(NamedTuple):
    """A value and its standard deviation; NaN where it is not defined."""

    value: float
    standard_deviation: float


UNDEFINED = Metric(math.nan, math.nan)


class Confusion(NamedTuple):
    """Counts of held-out rows by truth and prediction."""

    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int


def confusion(truth: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> Confusion:
    """Count the four cases; both arrays are ``(rows,)``."""
    return Confusion(
        int((truth & predicted).sum()), int((~truth & predicted).sum()),
        int((truth & ~predicted).sum()), int((~truth & ~predicted).sum()),
    )  # fmt: skip


def binary_classification(
    truth: NDArray[np.bool_], predicted: NDArray[np.bool_], score: NDArray[np.float64]
) -> dict[str, Metric]:
    """Accuracy, precision, recall, F1 and ROC-AUC of ``predicted`` (labels) and ``score`` (probabilities)."""
    counts = confusion(truth, predicted)
    tp, fp, fn, tn = counts
    return {
        "accuracy": proportion(tp + tn, len(truth)),
        "precision": proportion(tp, tp + fp),
        "recall": proportion(tp, tp + fn),
        "f1": f1(counts),
        "roc_auc": roc_auc(truth, score),
    }


def regression(truth: NDArray[np.float64], predicted: NDArray[np.float64]) -> dict[str, Metric]:
    """RMSE, MAE, MSE and R² of ``predicted``; the deviations by the delta method over the squared errors."""
    error, spread = predicted - truth, (truth - truth.mean()) ** 2
    squared, root = error**2, math.sqrt(len(truth))
    mse, total = float(squared.mean()), float(spread.mean())
    rmse, of_mse = math.sqrt(mse), float(squared.std()) / root
    r2 = UNDEFINED
    if total:
        influence = (squared - mse / total * spread) / total
        r2 = Metric(1 - mse / total, float(influence.std()) / root)
    return {
        "rmse": Metric(rmse, of_mse / (2 * rmse) if rmse else 0.0),
        "mae": Metric(float(np.abs(error).mean()), float(np.abs(error).std()) / root),
        "mse": Metric(mse, of_mse),
        "r2": r2,
    }


def proportion(hits: int, trials: int) -> Metric:
    """A binomial proportion."""
    if not trials:
        return UNDEFINED
    value = hits / trials
    return Metric(value, math.sqrt(value * (1 - value) / trials))


def f1(counts: Confusion) -> Metric:
    """F1, with the delta method over the multinomial of true positives, errors and the rest."""
    rows = sum(counts)
    hit, error = counts.true_positives / rows, (counts.false_positives + counts.false_negatives) / rows
    denominator = 2 * hit + error
    if not denominator:
        return UNDEFINED
    by_hit, by_error = 2 * error / denominator**2, -2 * hit / denominator**2
    variance = by_hit**2 * hit + by_error**2 * error - (by_hit * hit + by_error * error) ** 2
    return Metric(2 * hit / denominator, math.sqrt(max(variance, 0.0) / rows))


def roc_auc(truth: NDArray[np.bool_], score: NDArray[np.float64]) -> Metric:
    """Area under the ROC curve, ties counted half, with DeLong's standard deviation.

    Source: Sun and Xu (2014), Fast Implementation of DeLong's Algorithm, https://doi.org/10.1109/LSP.2014.2337313
    """
    positive, negative = score[truth], score[~truth]
    if not len(positive) or not len(negative):
        return UNDEFINED
    ranks = midranks(score)
    above = (ranks[truth] - midranks(positive)) / len(negative)  # share of negatives below each positive
    below = 1 - (ranks[~truth] - midranks(negative)) / len(positive)
    value = float(above.mean())
    if len(positive) < 2 or len(negative) < 2:
        return Metric(value, math.nan)
    variance = above.var(ddof=1) / len(positive) + below.var(ddof=1) / len(negative)
    return Metric(value, math.sqrt(variance))


def midranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 1, equal values sharing the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: NDArray[np.float64] = (last - (counts - 1) / 2)[place]
    return ranks
