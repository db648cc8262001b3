"""What evaluation found, worded as evaluation.json: metrics, gate and verdict of one model on held-out rows."""

from collections.abc import Mapping, Sequence
from typing import Any

from artifact.answers import BinaryAnswer
from features.features import Features

from evaluation import metrics, verdicts
from evaluation.metrics import Metric
from evaluation.weighted_metrics import Rows

SECTIONS = {"binary_classification": "binary_classification_metrics", "regression": "regression_metrics"}
PUBLISHED_AS = {"roc_auc": "auc"}


def evaluation(scored: Rows, features: Features, gate: Sequence[verdicts.Limit]) -> dict[str, Any]:
    """Word metrics and verdict as evaluation.json; a metric that is not defined is null.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-metrics.html
    """
    found, details = measured(scored, features)
    plain = {name: metric.value for name, metric in found.items()}
    return {
        "model": features.model,
        "task": features.answer.task,
        SECTIONS[features.answer.task]: {
            PUBLISHED_AS.get(name, name): {field: _or_null(value) for field, value in metric._asdict().items()}
            for name, metric in found.items()
        },
        "metrics": {name: _or_null(value) for name, value in plain.items()},
        **details,
        "gate": [_limit(limit, plain[limit.metric]) for limit in gate],
        "verdict": verdicts.judge(plain, gate).document(),
        "rows": dict(features.rows),
    }


def measured(scored: Rows, features: Features) -> tuple[Mapping[str, Metric], dict[str, Any]]:
    """The task's metrics, and what else is worth telling."""
    if not isinstance(features.answer, BinaryAnswer):
        return metrics.regression(scored.truth, scored.predicted), {}
    truth, predicted = scored.truth > 0, scored.predicted > 0
    counts = metrics.confusion(truth, predicted)._asdict()
    return metrics.binary_classification(truth, predicted, scored.score), {"confusion": counts}


def _limit(limit: verdicts.Limit, value: float) -> dict[str, Any]:
    bound = "at_least" if limit.at_least is not None else "at_most"
    return {
        "metric": limit.metric, bound: getattr(limit, bound), "value": _or_null(value),
        "passed": limit.broken_by(value) is None,
    }  # fmt: skip


def _or_null(value: float) -> float | None:
    return None if value != value else value
