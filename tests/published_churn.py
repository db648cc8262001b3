"""What ``retrain publish`` keeps of a model, as the app reads it: churn, with one column."""

from typing import Any

MODEL: dict[str, Any] = {
    "name": "churn",
    "title": "Customer churn",
    "data": {
        "target": "Churn",
        "positive_label": "Yes",
        "negative_label": "No",
        "id": "customerID",
        "mode": "append",
        "columns": {"tenure": "number"},
    },
    "gate": [{"metric": "accuracy", "at_least": 0.75, "parameter": "AccuracyThreshold"}],
    "approval": {"mode": "manual", "deadline_s": 3600},
    "deployment": {"mode": "realtime", "instance_type": "ml.m5.large", "instance_count": 1},
}
ASKABLE: list[dict[str, Any]] = [
    {"Name": "AccuracyThreshold", "Type": "Float"},
    {"Name": "max_depth", "Type": "Integer"},
    {"Name": "eta", "Type": "Float"},
    {"Name": "ProcessingInstanceType", "Type": "String", "EnumValues": ["ml.m5.xlarge", "ml.r5.xlarge"]},
]
PUBLISHED: dict[str, Any] = {
    "model": MODEL,
    "model_sha256": "m",
    "code_sha256": "c",
    "pipeline": {
        "name": "retrain--churn",
        "arn": "arn:p",
        "version_id": 4,
        "definition_sha256": "d",
        "askable": ASKABLE,
    },
    "package_group": "retrain--churn",
    "parameters": {"AccuracyThreshold": "0.8"},
    "serving_role_arn": "arn:role",
    "published_at": "2026-03-14T10:00:00Z",
}
