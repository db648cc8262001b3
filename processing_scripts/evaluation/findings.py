"""What evaluation found, worded as evaluation.json: metrics, gate and verdict of one model on the test rows."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from artifact.answers import BinaryAnswer, ClassesAnswer
from features.features import Features

from evaluation import metrics, verdicts
from evaluation.classes import quality
from evaluation.comparison import or_null
from evaluation.intervals import Resampling
from evaluation.rows import Rows


def evaluation(
    scored: Rows, features: Features, gate: Sequence[verdicts.Limit], resampling: Resampling
) -> dict[str, Any]:
    """Word metrics and verdict as evaluation.json; a metric that is not defined is null.

    ``metric_details`` carries what readers show beside a metric, so that none of them needs a list of metrics.
    ``binary_classification_metrics`` and its like of other tasks are what SageMaker shows.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-metrics.html
    """
    task = features.answer.task
    values, deviations = metrics.unweighted(task, scored), metrics.deviations(task, scored)
    known = metrics.of_task(task).values()
    return {
        "model": features.model,
        "task": task,
        metrics.SECTIONS[task]: {
            metric.published_as: _published(values[metric.name], deviations[metric.name])
            for metric in known
            if metric.published_as
        },
        "metrics": {name: or_null(value) for name, value in values.items()},
        "metric_details": {metric.name: _details(metric, deviations[metric.name], resampling) for metric in known},
        "interval": resampling.document(),
        **_confusion(scored, features),
        "gate": [_limit(limit, values[limit.metric]) for limit in gate],
        "verdict": verdicts.judge(values, gate).document(),
        "rows": dict(features.rows),
    }


def _published(value: float, deviation: float) -> dict[str, float | None]:
    return {"value": or_null(value), "standard_deviation": or_null(deviation)}


def _details(metric: metrics.Metric, deviation: float, resampling: Resampling) -> dict[str, Any]:
    low, high = resampling.interval(metric.name)
    return {
        "label": metric.label, "lower_is_better": metric.lower_is_better, "low": or_null(low), "high": or_null(high),
        "standard_deviation": or_null(deviation), "compact": metric.compact,
    }  # fmt: skip


def _confusion(scored: Rows, features: Features) -> dict[str, Any]:
    """Count the test rows by actual and predicted label, and name the labels; nothing of numbers."""
    if isinstance(features.answer, ClassesAnswer):
        return quality.document(scored, features.answer.classes)
    if not isinstance(features.answer, BinaryAnswer):
        return {}
    cases = {
        "true_positives": (1, 1), "false_positives": (0, 1), "false_negatives": (1, 0), "true_negatives": (0, 0),
    }  # fmt: skip
    counts = {
        name: int(np.sum((scored.actual == actual) & (scored.predicted == predicted)))
        for name, (actual, predicted) in cases.items()
    }
    labels = {"positive": features.answer.positive_label, "negative": features.answer.negative_label}
    return {"confusion": counts, "labels": labels}


def _limit(limit: verdicts.Limit, value: float) -> dict[str, Any]:
    bound = "at_least" if limit.at_least is not None else "at_most"
    loosened = {} if limit.loosened_from is None else {"loosened_from": limit.loosened_from}
    return {
        "metric": limit.metric, bound: getattr(limit, bound), **loosened, "value": or_null(value),
        "passed": limit.broken_by(value) is None,
    }  # fmt: skip
