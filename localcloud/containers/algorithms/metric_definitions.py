"""The metrics that AWS's built-in algorithms bring: what a tuning job may name, and how a log line tells it.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost-tuning.html,
https://docs.aws.amazon.com/sagemaker/latest/dg/kNN-tuning.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/linear-learner-tuning.html
"""

from __future__ import annotations

from typing import Any

Definitions = tuple[dict[str, str], ...]


def _quality(metric: str, logged: str, kind: str, sets: tuple[str, ...] = ("train", "validation", "test")) -> list[Any]:
    return [
        {"Name": f"{of}:{metric}", "Regex": rf"#quality_metric: host=\S+, {of} {logged} <{kind}>=(\S+)"} for of in sets
    ]


NUMBER = r"([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?).*"  # as DescribeTrainingJob answers it; nan is no value
XGBOOST: Definitions = tuple(
    {"Name": f"{data}:{metric}", "Regex": rf".*\[[0-9]+\].*#011{data}-{metric}:{NUMBER}"}
    for data in ("train", "validation")
    for metric in (
        "auc", "logloss", "error", "rmse", "mae", "mse", "accuracy", "f1", "r2", "aucpr", "merror", "mlogloss", "map",
        "ndcg", "cox-nloglik", "poisson-nloglik", "gamma-nloglik", "gamma-deviance",
    )
)  # fmt: skip
KNN: Definitions = (*_quality("mse", "mse", "loss", ("test",)), *_quality("accuracy", "accuracy", "score", ("test",)))
LINEAR_LEARNER: Definitions = (
    *(
        {
            "Name": f"{of}:objective_loss",
            "Regex": rf"#quality_metric: host=\S+, epoch=\S+, {of} \S+_objective <loss>=(\S+)",
        }
        for of in ("train", "validation")
    ),
    {"Name": "test:objective_loss", "Regex": r"#quality_metric: host=\S+, test \S+_objective <loss>=(\S+)"},
    *_quality("objective_loss:final", r"\S+_objective", "loss", ("train", "validation")),
    *_quality("mse", "mse", "loss"),
    *_quality("absolute_loss", "absolute_loss", "loss"),
    *_quality("binary_f_beta", r"binary_f_\S+", "score"),
    *_quality("macro_f_beta", r"macro_f_\S+", "score"),
    *_quality("multiclass_top_k_accuracy", r"multiclass_top_k_accuracy_\S+", "score"),
    *(
        definition
        for metric in ("binary_classification_accuracy", "precision", "recall", "roc_auc_score", "multiclass_accuracy",
                       "macro_precision", "macro_recall")
        for definition in _quality(metric, metric, "score")
    ),
    {"Name": "train:progress", "Regex": r"#progress_metric: host=\S+, completed (\S+) %"},
    {"Name": "train:throughput", "Regex": r"#throughput_metric: host=\S+, train throughput=(\S+) records/second"},
)  # fmt: skip
