"""Metrics for dashboard and alarms, in CloudWatch's embedded metric format: one JSON line on standard output.

CloudWatch Logs makes metrics of such lines: no call, no permission, nothing to import, and no log level that hides it.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import sys
import time
from collections.abc import Mapping
from typing import Any

NAMESPACE = "Retrain"


def embedded(stack: str, values: Mapping[str, float], facts: Mapping[str, str], at_ms: int) -> dict[str, Any]:
    """The document of ``values`` as metrics: by stack, and by stack and each of ``facts`` (dimension -> value)."""
    sets = [["Stack"], *(["Stack", name] for name in facts)]
    metrics = [{"Name": name, "Unit": "Count"} for name in values]
    directive = {"Namespace": NAMESPACE, "Dimensions": sets, "Metrics": metrics}
    return {"_aws": {"Timestamp": at_ms, "CloudWatchMetrics": [directive]}, "Stack": stack, **facts, **values}


def emit(stack: str, values: Mapping[str, float], **facts: str) -> None:
    """Emit ``values`` as metrics, now."""
    sys.stdout.write(json.dumps(embedded(stack, values, facts, int(time.time() * 1000))) + "\n")
