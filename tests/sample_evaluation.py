"""An evaluation.json with everything in it that a report shows."""

from typing import Any

import numpy as np
from evaluation import curves
from evaluation.rows import Rows

RNG = np.random.default_rng(1)
TRUTH = (RNG.random(300) < 0.4).astype(float)
SCORE = np.clip(TRUTH * 0.3 + RNG.random(300) * 0.7, 0, 1)
DIFFERENCE = {
    "champion": 0.81,
    "challenger": 0.83,
    "difference": 0.02,
    "low": 0.01,
    "high": 0.03,
    "better": "challenger",
}


WARNING = {"column": "<tenure>", "expected": "PSI up to 0.25", "found": "PSI 0.41 in 2000 rows"}
CANDIDATES = [
    {"algorithm": "sklearn", "metrics": {"roc_auc": 0.84, "accuracy": 0.8}, "passed": True},
    {"algorithm": "xgboost", "metrics": {"roc_auc": 0.83, "accuracy": None}, "passed": False},
]


def document(**changes: Any) -> dict[str, Any]:
    """The evaluation, with these changes."""
    rows = Rows(TRUTH, (SCORE > 0.5).astype(float), SCORE)
    return {
        "model": "churn", "title": "Customer <churn>", "task": "binary_classification", "algorithm": "xgboost",
        "metrics": {"accuracy": 0.81234, "roc_auc": 0.83, "f1": None},
        "metric_details": {"accuracy": {"low": 0.7651, "high": 0.8567}, "roc_auc": {"low": 0.7912, "high": 0.8688},
                           "f1": {"low": None, "high": None}},
        "interval": {"level": 0.95, "resamples": 500, "rows": 300, "of": 300, "seed": 7},
        "labels": {"positive": "<leaves>", "negative": "stays"},
        "confusion": {"true_positives": 40, "false_positives": 5, "false_negatives": 9, "true_negatives": 246},
        "gate": [{"metric": "accuracy", "at_least": 0.75, "value": 0.81234, "passed": True},
                 {"metric": "roc_auc", "not_worse_than_champion": 0.01, "value": 0.02, "passed": True}],
        "verdict": {"outcome": "Passed", "passed": True, "reasons": []},
        "rows": {"train": 1400, "validation": 300, "test": 300},
        "champion": {"status": "scored", "version": 3, "differences": {"roc_auc": DIFFERENCE},
                     "interval": {"level": 0.95, "resamples": 500, "rows": 300, "of": 300, "seed": 7}},
        "slices": [{"column": "plan", "slice": "<b>gold</b>", "rows": 20, "small": True, "positives": 4,
                    "metrics": {"accuracy": 0.7, "recall": None, "roc_auc": 0.6},
                    "champion": {"accuracy": 0.69, "recall": 0.5, "roc_auc": None}}],
        "drift": [{"column": "plan", "psi": 0.4, "drifted": True, "limit": 0.25, "chance": 0.1, "missing": 0.02,
                   "missing_before": 0.0}],
        "curves": curves.of_task("binary_classification", rows),
        "importance": [{"column": "plan", "contribution": 0.31}], "importance_rows": 300,
        "importance_by": "SHAP",
        "lineage": {"code_sha256": "c" * 64, "sources": [{"name": "may.csv", "rows": 2000, "warnings": [WARNING]}]},
        "hyperparameters": {"eta": 0.1, "max_depth": 5}, "model_file_hyperparameters": {"eta": 0.1, "max_depth": 4},
    } | changes  # fmt: skip
