"""What late labels say of answers: metrics with 95 % intervals in closed form, in plain Python. Pure.

Names and labels are those of ``processing_scripts/evaluation/metrics.py``, to which a test holds them; so are values.
"""

import math
from collections.abc import Callable, Sequence
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple

Z = 1.959963984540054  # of 95 %
Numbers = Sequence[float]


class Measured(NamedTuple):
    """A metric's value and its 95 % interval."""

    value: float
    low: float
    high: float


class Known(NamedTuple):
    """What is said of a metric beside its value."""

    label: str
    lower_is_better: bool = False


KNOWN = {
    "roc_auc": Known("ROC-AUC"), "accuracy": Known("accuracy"), "recall": Known("recall"),
    "precision": Known("precision"), "brier": Known("Brier score", lower_is_better=True),
    "rmse": Known("RMSE", lower_is_better=True), "mae": Known("MAE", lower_is_better=True),
    "mse": Known("MSE", lower_is_better=True), "r2": Known("R²"),
}  # fmt: skip


class Task(StrEnum):
    """What is answered."""

    BINARY = "one of two classes"
    CLASSES = "one of several classes"
    NUMBER = "a number"


OF_TASK = {  # the metrics of each, first the one that is taken where the gate's first is none of them
    Task.BINARY: ("roc_auc", "accuracy", "recall", "precision", "brier"),
    Task.CLASSES: ("accuracy",),
    Task.NUMBER: ("rmse", "mae", "mse", "r2"),
}


def of_binary(probabilities: Numbers, predicted: Sequence[bool], actual: Sequence[bool]) -> dict[str, Measured]:
    """Measure answers of two classes; a metric that is not defined on these rows is left out."""
    errors = [(probability - true) ** 2 for probability, true in zip(probabilities, actual, strict=True)]
    pairs = list(zip(predicted, actual, strict=True))
    found = {
        "roc_auc": roc_auc(probabilities, actual),
        "accuracy": share([said == true for said, true in pairs]),
        "recall": share([said for said, true in pairs if true]),
        "precision": share([true for said, true in pairs if said]),
        "brier": _clipped(mean(errors), 0, 1),
    }
    return {name: one for name, one in found.items() if one}


def of_classes(predicted: Sequence[str], actual: Sequence[str]) -> dict[str, Measured]:
    """Measure answers of several classes."""
    found = share([said == true for said, true in zip(predicted, actual, strict=True)])
    return {"accuracy": found} if found else {}


def of_numbers(predicted: Numbers, actual: Numbers) -> dict[str, Measured]:
    """Measure answers that are numbers; R² is left out where all true ones are the same."""
    misses = [said - true for said, true in zip(predicted, actual, strict=True)]
    squares = [miss * miss for miss in misses]
    found = {
        "rmse": _clipped(mean(squares), 0, math.inf, math.sqrt),
        "mae": _clipped(mean([abs(miss) for miss in misses]), 0, math.inf),
        "mse": _clipped(mean(squares), 0, math.inf),
        "r2": r2(squares, actual),
    }
    return {name: one for name, one in found.items() if one}


def roc_auc(scores: Numbers, actual: Sequence[bool]) -> Measured | None:
    """The area under the ROC curve by ranks, ties by half; None of one class alone.

    Source: https://doi.org/10.1148/radiology.143.1.7063747 (Hanley and McNeil 1982: its standard error)
    """
    positive = sum(actual)
    negative = len(actual) - positive
    if not positive or not negative:
        return None
    rank_sum, before = 0.0, 0
    for _, tied in groupby(sorted(zip(scores, actual, strict=True)), key=lambda pair: pair[0]):
        truths = [true for _, true in tied]
        rank_sum += sum(truths) * (before + (len(truths) + 1) / 2)
        before += len(truths)
    area = (rank_sum - positive * (positive + 1) / 2) / (positive * negative)
    both_positive, both_negative = area / (2 - area), 2 * area * area / (1 + area)
    variance = (
        area * (1 - area) + (positive - 1) * (both_positive - area**2) + (negative - 1) * (both_negative - area**2)
    )
    reach = Z * math.sqrt(max(variance, 0.0) / (positive * negative))
    return Measured(area, max(area - reach, 0.0), min(area + reach, 1.0))


def share(hits: Sequence[bool]) -> Measured | None:
    """A share with Wilson's interval; None of nothing.

    Source: https://doi.org/10.1080/01621459.1927.10502953 (Wilson 1927)
    """
    if not hits:
        return None
    count = len(hits)
    value = sum(hits) / count
    middle = (value + Z * Z / (2 * count)) / (1 + Z * Z / count)
    reach = Z / (1 + Z * Z / count) * math.sqrt(value * (1 - value) / count + Z * Z / (4 * count * count))
    return Measured(value, min(max(middle - reach, 0.0), value), max(min(middle + reach, 1.0), value))


def mean(values: Numbers) -> Measured:
    """A mean with the normal interval."""
    value = math.fsum(values) / len(values)
    reach = Z * _deviation(values, value) / math.sqrt(len(values))
    return Measured(value, value - reach, value + reach)


def r2(squares: Numbers, actual: Numbers) -> Measured | None:
    """The share of the variance that answers explain, with the interval of a ratio of means by the delta method.

    Source: https://doi.org/10.1002/9780470316481 (Serfling 1980, chapter 3.3: functions of means)
    """
    centre = math.fsum(actual) / len(actual)
    spread = [(true - centre) ** 2 for true in actual]
    total = math.fsum(spread)
    if not total:
        return None
    ratio = math.fsum(squares) / total
    influence = [square - ratio * part for square, part in zip(squares, spread, strict=True)]
    reach = Z * _deviation(influence, 0.0) / (total / len(actual)) / math.sqrt(len(actual))
    return Measured(1 - ratio, 1 - ratio - reach, min(1 - ratio + reach, 1.0))


def _deviation(values: Numbers, centre: float) -> float:
    return math.sqrt(math.fsum((value - centre) ** 2 for value in values) / max(len(values) - 1, 1))


def _clipped(found: Measured, low: float, high: float, of: Callable[[float], float] = float) -> Measured:
    """A metric within its range, or another ``of`` it."""
    return Measured(of(found.value), of(max(found.low, low)), of(min(found.high, high)))
