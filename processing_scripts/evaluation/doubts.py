"""What looks too good to be true, in words: perfect metrics, columns that give the answer away, a label never said.

A column that is filled in after the fact (a reason for leaving, a closing date, a row number of a sorted file) makes
every figure perfect and the model worthless. It is looked for on the held-out rows, of which a sample is enough.
"""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from artifact.answers import ClassesAnswer
from data.column_rules import ColumnRule
from data.holdouts import HeldOut
from features.features import Features
from numpy.typing import NDArray

from evaluation import formulas, metrics
from evaluation.classes.doubts import of_classes
from evaluation.rows import Rows

SAMPLE = 50_000  # rows
FEWEST = 50  # rows, below which chance alone separates answers
CLEAN = 0.999  # of the area under the curve, of rows, or of a correlation
REPEATS = 5  # rows that each level has on average at least, for levels to say more than an id does
END = 1e-9

Doubt = dict[str, str]
"""``column`` (or the metric), ``expected`` and ``found``, as the warnings of uploads have them."""


def of_model(
    measured: Mapping[str, float | None], rows: Rows, features: Features, test: HeldOut,
    rules: Mapping[str, ColumnRule], used: Mapping[str, Any], profile: Mapping[str, Any] | None = None,
) -> list[Doubt]:  # fmt: skip
    """List every doubt; ``rules`` are the raw columns that the model takes, ``used`` its hyperparameters, ``profile``
    that of all its data.
    """
    doubts = list(_of_metrics(features.answer.task, measured))
    doubts += _of_columns(rows, test, {name: rules[name] for name in features.names if name in rules})
    if isinstance(features.answer, ClassesAnswer):
        return doubts + list(of_classes(rows, features.answer.classes, profile or {}, features.target))
    return doubts + list(_of_labels(rows, used) if features.answer.task == metrics.BINARY else _of_mean(rows))


def _of_metrics(task: str, measured: Mapping[str, float | None]) -> Iterator[Doubt]:
    known = metrics.of_task(task).values()
    perfect = [metric for metric in known if metric.of_rows and _at_end(metric, measured.get(metric.name))]
    if len(perfect) > 1:  # one alone is easily had: who always says yes recalls all
        yield {
            "column": perfect[0].label, "expected": "errors, as every model of real data makes some",
            "found": f"{', '.join(f'{metric.label} {measured[metric.name]:.4f}' for metric in perfect)}: look for a "
            "column that gives the answer away, or rows that stand twice",
        }  # fmt: skip


def _at_end(metric: metrics.Metric, value: float | None) -> bool:
    best = metric.low if metric.lower_is_better else metric.high
    return value is not None and abs(value - best) < END


def _of_columns(rows: Rows, test: HeldOut, rules: Mapping[str, ColumnRule]) -> Iterator[Doubt]:
    stride = max(1, len(rows) // SAMPLE)
    actual = rows.actual[::stride]
    if len(actual) < FEWEST or actual.min() == actual.max():
        return
    sample = list(itertools.islice(test.rows(), 0, None, stride))
    for name, rule in rules.items():
        place = test.header.index(name)
        texts = ["" if (text := row[place].strip()) in rule.missing else text for row in sample]
        reason = _gives_away([_plain(text, rule) for text in texts], actual, rule.kind)
        if reason:
            yield {"column": name, "expected": "a column that is known before the answer is", "found": reason}


def _plain(text: str, rule: ColumnRule) -> str:
    """Write a number of a column's own format as 1234.5; any other text stays."""
    try:
        return rule.writing.plain(text) if rule.writing and text else text
    except ValueError:
        return text


def _gives_away(texts: Sequence[str], actual: NDArray[np.float64], kind: str) -> str:
    """Say how a column alone knows the answers; "" where it does not."""
    labels = set(np.unique(actual).tolist()) <= {0.0, 1.0}
    blank = np.array([not text for text in texts])
    if labels and blank.any() and max(np.mean(blank == (actual > 0)), np.mean(blank != (actual > 0))) >= CLEAN:
        return "blank exactly where the answer is one of the two: is it filled in after the answer is known?"
    if kind == "number" and _orders(texts, actual, labels):
        return "alone it tells the answers apart: is it a number of rows, or known only afterwards?"
    distinct, level = np.unique(np.array(texts, dtype=object).astype(str), return_inverse=True)
    if kind == "category" and 1 < len(distinct) * REPEATS <= len(texts) and _pure(level, actual):
        return "each of its levels has one answer: is it the answer in other words?"
    return ""


def _orders(texts: Sequence[str], actual: NDArray[np.float64], labels: bool) -> bool:
    numbers = np.array([_number(text) for text in texts])
    known = np.isfinite(numbers)
    numbers, actual = numbers[known], actual[known]
    if len(numbers) < FEWEST or numbers.min() == numbers.max() or actual.min() == actual.max():
        return False
    if labels:
        area = formulas.RocAuc().prepare(Rows(actual, actual, numbers))(np.ones(len(numbers)))
        return bool(max(area, 1 - area) >= CLEAN)
    return bool(abs(np.corrcoef(numbers, actual)[0, 1]) >= 1 - (1 - CLEAN) ** 2)


def _pure(level: NDArray[np.intp], actual: NDArray[np.float64]) -> bool:
    """Say whether the answers differ between levels and hardly within them."""
    rows = np.bincount(level)
    means = np.bincount(level, actual) / rows
    within = float(np.sum((actual - means[level]) ** 2))
    return within <= (1 - CLEAN) * float(np.sum((actual - actual.mean()) ** 2))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _of_labels(rows: Rows, used: Mapping[str, Any]) -> Iterator[Doubt]:
    """Doubt a model that never says one of two labels, and probabilities that a weight has moved."""
    predicted, true = float(rows.predicted.mean()), float(rows.actual.mean())
    if predicted in (0.0, 1.0) and 0 < true < 1:
        label = "positive" if predicted == 0 else "negative"
        share = true if predicted == 0 else 1 - true
        yield {
            "column": "predicted label", "expected": f"{share:.1%} of the rows {label}, as they are",
            "found": f"not one {label} in {len(rows):,} test rows: have the threshold chosen, under decision",
        }  # fmt: skip
    spread = math.sqrt(max(true * (1 - true), END) / len(rows))
    mean = float(rows.score.mean())
    if abs(mean - true) > max(4 * spread, 0.1 * true):
        weight = used.get("scale_pos_weight")
        why = f"; scale_pos_weight: {weight} moves them" if weight not in (None, 1, "1") else ""
        yield {
            "column": "probability", "expected": f"a mean near {true:.3f}, the share that is positive",
            "found": f"a mean of {mean:.3f}{why}: its probabilities are no probabilities, whatever their order",
        }  # fmt: skip


def _of_mean(rows: Rows) -> Iterator[Doubt]:
    """Doubt numbers of which a sum would come out wrong."""
    error = rows.predicted - rows.actual
    mean, noise = float(error.mean()), float(error.std()) / math.sqrt(len(rows))
    if abs(mean) > max(4 * noise, 0.1 * abs(float(rows.actual.mean()))):
        yield {
            "column": "predicted value", "expected": f"a mean near {float(rows.actual.mean()):.4g}, as the true values "
            "have", "found": f"a mean of {float(rows.predicted.mean()):.4g}: sums of such answers are wrong",
        }  # fmt: skip
