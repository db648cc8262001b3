"""What the linear learner measures, in its own names, and the threshold that it chooses for two classes.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/linear-learner-tuning.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from sklearn import metrics as scores

from localcloud.containers.algorithms.training_job import log, log_metric

CANDIDATES = 512
OBJECTIVES = {
    "regressor": "mse_objective",
    "binary_classifier": "binary_classification_cross_entropy_objective",
    "multiclass_classifier": "multiclass_cross_entropy_objective",
}
SMALL = 1e-15


def log_metrics(settings: Mapping[str, Any], line: Any, sets: Mapping[str, tuple[Any, Any]], unit: float) -> None:
    """Log every set's metrics; the objective is in units of ``unit``, as it is while training."""
    name = OBJECTIVES[settings["predictor_type"]]
    losses = {of: objective(settings, y, line.score(x), unit) for of, (x, y) in sets.items()}
    for of in ("train", "validation"):
        if of in losses:
            log_metric(f"epoch=0, {of} {name}", losses[of])
    log.info("#progress_metric: host=algo-1, completed 100.0 % of epochs")
    for of, (features, labels) in sets.items():
        log_metric(f"{of} {name}", losses[of])
        for metric, value, is_score in measures(settings, labels, line.score(features), line.threshold):
            log_metric(f"{of} {metric}", value, score=is_score)


def objective(settings: Mapping[str, Any], labels: Any, found: Any, unit: float) -> float:
    """The mean loss that training minimises (squared error and cross entropy stand for their kind)."""
    if settings["predictor_type"] == "regressor":
        return float(np.mean(((labels - found) / unit) ** 2))
    if settings["loss"] == "hinge_loss":
        return float(np.mean(np.maximum(0, 1 - (2 * labels - 1) * found)))
    chances = found if found.ndim == 2 else np.column_stack([1 - found, found])
    return float(-np.mean(np.log(np.clip(chances[np.arange(len(labels)), labels.astype(int)], SMALL, 1))))


def measures(
    settings: Mapping[str, Any], labels: Any, found: Any, threshold: float
) -> Iterator[tuple[str, float, bool]]:
    """Metric, value, and whether more is better."""
    kind, beta = settings["predictor_type"], settings["f_beta"]
    if kind == "regressor":
        yield "mse", float(np.mean((labels - found) ** 2)), False
        yield "absolute_loss", float(np.mean(np.abs(labels - found))), False
    elif kind == "binary_classifier":
        said = (found >= threshold).astype(int)
        yield "binary_classification_accuracy", scores.accuracy_score(labels, said), True
        yield f"binary_f_{beta:.3f}", scores.fbeta_score(labels, said, beta=beta, zero_division=0), True
        yield "precision", scores.precision_score(labels, said, zero_division=0), True
        yield "recall", scores.recall_score(labels, said, zero_division=0), True
        if len(np.unique(labels)) == 2:
            yield "roc_auc_score", scores.roc_auc_score(labels, found), True
    else:
        said, many = found.argmax(axis=1), {"average": "macro", "zero_division": 0}
        top = np.argsort(-found, axis=1)[:, : settings["accuracy_top_k"]]
        yield "multiclass_accuracy", scores.accuracy_score(labels, said), True
        yield (
            f"multiclass_top_k_accuracy_{settings['accuracy_top_k']}",
            float((top == labels[:, None]).any(axis=1).mean()),
            True,
        )
        yield "macro_recall", scores.recall_score(labels, said, **many), True
        yield "macro_precision", scores.precision_score(labels, said, **many), True
        yield f"macro_f_{beta:.3f}", scores.fbeta_score(labels, said, beta=beta, **many), True


def threshold(settings: Mapping[str, Any], labels: Any, found: Any) -> float:
    """Where a score becomes a yes, by binary_classifier_model_selection_criteria."""
    criterion = settings["binary_classifier_model_selection_criteria"]
    if criterion == "loss_function":
        return 0.0 if settings["loss"] == "hinge_loss" else 0.5
    candidates = np.unique(np.quantile(found, np.linspace(0, 1, CANDIDATES)))
    positive, negative = np.sort(found[labels == 1]), np.sort(found[labels == 0])
    hits = len(positive) - np.searchsorted(positive, candidates)
    false_alarms = len(negative) - np.searchsorted(negative, candidates)
    precision = hits / np.maximum(hits + false_alarms, 1)
    recall = hits / max(len(positive), 1)
    beta = settings["f_beta"] ** 2
    ranked = {
        "accuracy": hits + len(negative) - false_alarms,
        "f_beta": (1 + beta) * precision * recall / np.maximum(beta * precision + recall, SMALL),
        "precision_at_target_recall": np.where(recall >= settings["target_recall"], precision, recall - 1),
        "recall_at_target_precision": np.where(precision >= settings["target_precision"], recall, precision - 1),
    }[criterion]
    return float(candidates[int(np.argmax(ranked))])
